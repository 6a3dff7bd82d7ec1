package emulator

import (
	"fmt"
	"strconv"
	"strings"
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
	card     int // counts the cards: what was under way for an earlier one is void

	iccid, imsi string
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
		if m.o.Persona.StackAnswer != "" {
			a = answer{final: m.o.Persona.StackAnswer}
		}
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
			return ok(m.sim.imsi)
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
	if m.o.Persona.NoRetries {
		return m.cme(cmeNotSupported)
	}
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
	if m.o.Persona.NoVerify {
		return m.cme(cmeNotSupported)
	}
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
	if a.text(0) == "AO" && a.text(1) == "2" {
		return ok(fmt.Sprintf("+CLCK: %d", bit(m.barred)))
	}
	if a.text(0) != "SC" {
		return m.cme(cmeNotAllowed)
	}
	if e := m.simError(); e != nil {
		return *e
	}
	mode := a.number(1, -1)
	if mode == 2 {
		return ok(fmt.Sprintf("+CLCK: %d", bit(m.sim.locked)))
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

func bit(on bool) int {
	if on {
		return 1
	}
	return 0
}

// SIM is a card that can be put into the slot.
type SIM struct {
	// Number is the subscriber's number; empty keeps the one of the card before.
	Number string
	// ICCID and IMSI are the card's; empty ones are as before.
	ICCID, IMSI string
	// PIN locks the card, with PINTries left (3); empty is a card without a lock.
	PIN      string
	PINTries int
	// SMSC is the service centre on the card; empty is a card without one.
	SMSC string
}

// RemoveSIM pulls the card while the modem runs.
func (m *Modem) RemoveSIM() { m.loop.do(m.removeSIM) }

func (m *Modem) removeSIM() {
	if !m.sim.present {
		return
	}
	m.sim.present, m.sim.verified, m.sim.stack = false, false, false
	m.sim.card++
	m.memories["SM"] = newMemory(m.memories["SM"].size)
	m.urcs(single(m.o.Persona.SIMOut))
	m.camp()
}

// InsertSIM puts a card into the slot, in place of the one that is there.
func (m *Modem) InsertSIM(s SIM) error {
	if s.PIN != "" && (len(s.PIN) < 4 || len(s.PIN) > 8 || strings.Trim(s.PIN, "0123456789") != "") {
		return fmt.Errorf("insert a SIM: the PIN %q must be 4 to 8 digits", s.PIN)
	}
	if s.Number != "" && s.Number != m.Number() {
		if err := m.net.move(m, s.Number); err != nil {
			return fmt.Errorf("insert a SIM: %w", err)
		}
	}
	m.loop.do(func() { m.insertSIM(s) })
	return nil
}

func (m *Modem) insertSIM(s SIM) {
	m.removeSIM()
	fillText(&s.ICCID, m.sim.iccid)
	fillText(&s.IMSI, m.sim.imsi)
	fillNumber(&s.PINTries, 3)
	card := m.sim.card + 1
	m.sim = sim{present: true, locked: s.PIN != "", pin: s.PIN, tries: s.PINTries, pukTries: 10, card: card, iccid: s.ICCID, imsi: s.IMSI}
	m.smsc = s.SMSC
	m.urcs(single(m.o.Persona.SIMIn))
	m.urc("+CPIN: " + m.sim.state())
	m.unlocked(!m.sim.locked)
}

// Lock makes the SIM ask for a PIN from now on, with so many tries left; with
// none it asks for its PUK.
func (m *Modem) Lock(pin string, tries int) {
	m.loop.do(func() { m.lockSIM(pin, tries) })
}

func (m *Modem) lockSIM(pin string, tries int) {
	m.sim.locked, m.sim.verified, m.sim.stack, m.sim.pin, m.sim.tries = true, false, false, pin, tries
	m.sim.card++
	m.camp()
}

// Number is the number of the SIM that is in the slot, or was last.
func (m *Modem) Number() string { return *m.number.Load() }
