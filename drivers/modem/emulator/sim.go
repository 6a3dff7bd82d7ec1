package emulator

import (
	"fmt"
	"strconv"
)

// sim is the card in the slot.
type sim struct {
	present  bool
	locked   bool // the PIN is asked for at power-on
	verified bool // no PIN is needed any more
	stack    bool // the SMS stack is up
	pin      string
	tries    int
	pukTries int
}

// state is the SIM as +CPIN tells it (27.007 §8.3).
func (s sim) state() string {
	switch {
	case !s.present:
		return "NOT INSERTED"
	case s.tries == 0 && !s.verified:
		return "SIM PUK"
	case s.locked && !s.verified:
		return "SIM PIN"
	}
	return "READY"
}

func (s sim) usable() bool { return s.state() == "READY" }

// simError is what a command that needs the SIM answers while it cannot be used; nil when it can.
func (m *Modem) simError() *answer {
	var a answer
	switch m.sim.state() {
	case "NOT INSERTED":
		a = m.cme(cmeNoSIM)
	case "SIM PIN":
		a = m.cme(cmePINNeeded)
	case "SIM PUK":
		a = m.cme(cmePUKNeeded)
	default:
		return nil
	}
	return &a
}

// smsError is the same for the commands of 27.005. While the stack comes up,
// modems say +CME ERROR: 14 even here.
func (m *Modem) smsError() *answer {
	var a answer
	switch m.sim.state() {
	case "NOT INSERTED":
		a = m.cms(cmsNoSIM)
	case "SIM PIN":
		a = m.cms(cmsPINNeeded)
	case "SIM PUK":
		a = m.cms(cmsPUKNeeded)
	default:
		if m.sim.stack {
			return nil
		}
		a = m.cme(cmeBusy)
	}
	return &a
}

func simCommands() map[string]verb {
	return map[string]verb{
		"+CPIN":  {read: (*Modem).askPIN, set: (*Modem).enterPIN},
		"+CPINR": {run: func(m *Modem) answer { return m.triesLeft("") }, set: func(m *Modem, a args) answer { return m.triesLeft(a.text(0)) }},
		"+CSIM":  {set: (*Modem).apdu},
		"+CLCK":  {set: (*Modem).lock},
		"+CIMI": {run: func(m *Modem) answer {
			if e := m.simError(); e != nil {
				return *e
			}
			return ok(m.o.IMSI)
		}},
	}
}

func (m *Modem) askPIN() answer {
	if !m.sim.present {
		return m.cme(cmeNoSIM)
	}
	return ok("+CPIN: " + m.sim.state())
}

// enterPIN takes the PIN, or the PUK and a new PIN.
func (m *Modem) enterPIN(a args) answer {
	switch m.sim.state() {
	case "SIM PIN":
		return m.verify(a.text(0))
	case "SIM PUK":
		if len(a) == 2 {
			return m.unblock(a[0], a[1])
		}
		return m.cme(cmePUKNeeded)
	case "READY":
		return m.cme(cmeNotAllowed)
	}
	return m.cme(cmeNoSIM)
}

func (m *Modem) verify(pin string) answer {
	if pin != m.sim.pin {
		m.sim.tries--
		if m.sim.tries == 0 {
			return m.cme(cmePUKNeeded)
		}
		return m.cme(cmeWrong)
	}
	m.sim.tries = 3
	m.ready()
	return ok()
}

func (m *Modem) unblock(puk, pin string) answer {
	if m.sim.pukTries == 0 {
		return m.cme(13) // SIM failure: the card is dead
	}
	if puk != m.o.PUK {
		m.sim.pukTries--
		return m.cme(cmeWrong)
	}
	m.sim.pin, m.sim.tries, m.sim.pukTries = pin, 3, 10
	m.ready()
	return ok()
}

// ready tells that the SIM can be used, after the answer to the PIN.
func (m *Modem) ready() {
	m.sim.verified = true
	m.after(0, func() {
		m.urc("+CPIN: READY")
		m.unlocked(true)
	})
}

// triesLeft answers +CPINR (27.007 §8.65).
func (m *Modem) triesLeft(code string) answer {
	if !m.sim.present {
		return m.cme(cmeNoSIM)
	}
	pin := fmt.Sprintf("+CPINR: SIM PIN,%d,3", m.sim.tries)
	puk := fmt.Sprintf("+CPINR: SIM PUK,%d,10", m.sim.pukTries)
	switch code {
	case "SIM PIN":
		return ok(pin)
	case "SIM PUK":
		return ok(puk)
	case "":
		return ok(pin, puk)
	}
	return m.cme(cmeBadParameters)
}

// apdu answers the empty VERIFY and UNBLOCK that ask for the tries left
// without using one up (ETSI TS 102 221 §11.1.9); nothing else.
func (m *Modem) apdu(a args) answer {
	if !m.sim.present {
		return m.cme(cmeNoSIM)
	}
	n, err := strconv.Atoi(a.text(0))
	if err != nil || n != len(a.text(1)) {
		return m.cme(cmeBadParameters)
	}
	sw := "6D00" // instruction not supported
	switch a.text(1) {
	case "0020000100":
		sw = counter(m.sim.tries)
		if !m.sim.locked {
			sw = "6984" // the PIN is switched off
		}
	case "002C000100":
		sw = counter(m.sim.pukTries)
	}
	return ok(fmt.Sprintf("+CSIM: 4,%q", sw))
}

func counter(tries int) string {
	if tries == 0 {
		return "6983"
	}
	return fmt.Sprintf("63C%X", tries)
}

// lock asks for, sets and removes the PIN lock (27.007 §7.4, facility SC).
func (m *Modem) lock(a args) answer {
	if a.text(0) != "SC" {
		return m.cme(cmeNotAllowed)
	}
	if e := m.simError(); e != nil {
		return *e
	}
	mode := a.number(1, -1)
	if mode == 2 {
		status := 0
		if m.sim.locked {
			status = 1
		}
		return ok(fmt.Sprintf("+CLCK: %d", status))
	}
	if mode < 0 || mode > 1 {
		return m.cme(cmeBadParameters)
	}
	if a.text(2) != m.sim.pin {
		m.sim.tries--
		m.sim.verified = m.sim.tries > 0
		return m.cme(cmeWrong)
	}
	m.sim.tries, m.sim.locked = 3, mode == 1
	return ok()
}
