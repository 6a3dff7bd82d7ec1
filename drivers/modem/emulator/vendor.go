package emulator

import (
	"fmt"
	"time"
)

// counterCommands are the makers' own questions for the tries left; their
// forms are those that ModemManager's plugins read.
func counterCommands(p Persona) map[string]verb {
	says := func(form func(m *Modem) string) func(m *Modem) answer {
		return func(m *Modem) answer {
			if !m.sim.present {
				return m.cme(cmeNoSIM)
			}
			return ok(form(m))
		}
	}
	var v verb
	switch p.Counter {
	case "":
		return nil
	case "+QPINC":
		tell := says(func(m *Modem) string { return fmt.Sprintf(`+QPINC: "SC",%d,%d`, m.sim.tries, m.sim.pukTries) })
		v = verb{read: tell, set: func(m *Modem, a args) answer {
			if a.text(0) != "SC" {
				return m.cme(cmeBadParameters)
			}
			return tell(m)
		}}
	case "^CPIN":
		v.read = says(func(m *Modem) string {
			now := m.sim.tries
			if m.sim.state() == "SIM PUK" {
				now = m.sim.pukTries
			}
			return fmt.Sprintf("^CPIN: %s,%d,%d,%d,10,3", m.sim.state(), now, m.sim.pukTries, m.sim.tries)
		})
	case "+CPINC":
		v.read = says(func(m *Modem) string { return fmt.Sprintf("+CPINC: %d,3,%d,10", m.sim.tries, m.sim.pukTries) })
	case "+UPINCNT":
		v.run = says(func(m *Modem) string { return fmt.Sprintf("+UPINCNT: %d,3,%d,10", m.sim.tries, m.sim.pukTries) })
	case "+SPIC":
		v.run = says(func(m *Modem) string { return fmt.Sprintf("+SPIC: %d,%d,3,10", m.sim.tries, m.sim.pukTries) })
	case "#PCT":
		v.run = says(func(m *Modem) string {
			if m.sim.state() == "SIM PUK" {
				return fmt.Sprintf("#PCT: %d", m.sim.pukTries)
			}
			return fmt.Sprintf("#PCT: %d", m.sim.tries)
		})
	}
	return map[string]verb{p.Counter: v}
}

func quectelCommands() map[string]verb {
	return map[string]verb{
		"+QCFG":     {set: (*Modem).configure, test: func(*Modem) answer { return ok(`+QCFG: "ims",(0-2)`) }},
		"+QLTS":     {run: func(m *Modem) answer { return m.latest(0) }, set: func(m *Modem, a args) answer { return m.latest(a.number(0, 0)) }},
		"+QSIMSTAT": {read: func(m *Modem) answer { return ok(fmt.Sprintf("+QSIMSTAT: 1,%d", bit(m.sim.present))) }, set: accept().set},
		"+QSIMDET":  accept(),
		"+QURCCFG":  accept(),
		"+QINDCFG": {set: func(m *Modem, a args) answer {
			if a.text(0) == "smsfull" {
				m.told.name = a.number(1, 0) == 1
			}
			return ok()
		}},
		"+QPOWD": {run: (*Modem).powerDown, set: func(m *Modem, _ args) answer { return m.powerDown() }},
	}
}

// configure is +QCFG, of which "ims" matters, the setting and whether it is registered, and "usbnet".
func (m *Modem) configure(a args) answer {
	switch a.text(0) {
	case "usbnet":
		return m.usbnet(a)
	case "ims":
	default:
		return ok()
	}
	if len(a) == 1 {
		return ok(fmt.Sprintf(`+QCFG: "ims",%d,%d`, m.ims, bit(registered(m.shown.CEREG) && m.shown.IMS == 1)))
	}
	n := a.number(1, -1)
	if n < 0 || n > 2 {
		return m.cme(cmeBadParameters)
	}
	m.ims = n // it works from the next start on
	return ok()
}

// latest is +QLTS: the network's time, 1 in UTC and 2 local, and an empty
// string before the first NITZ.
func (m *Modem) latest(mode int) answer {
	if m.shift != 0 {
		return ok(`+QLTS: ""`)
	}
	t := m.clock()
	shown := t
	if mode != 2 {
		shown = t.UTC()
	}
	return ok(fmt.Sprintf("+QLTS: %q", shown.Format("2006/01/02,15:04:05")+quarters(t)+",0"))
}

// powerDown is the orderly way out: the port goes and only a power key brings it back.
func (m *Modem) powerDown() answer {
	m.after(time.Second, func() {
		m.urc("POWERED DOWN")
		m.after(time.Second, m.vanish)
	})
	return ok()
}

func simcomCommands() map[string]verb {
	return map[string]verb{
		"+CPOF":         {run: (*Modem).powerDown},
		"+CNMP":         accept(),
		"+UIMHOTSWAPON": accept(),
	}
}

func sierraCommands() map[string]verb {
	return map[string]verb{
		"!TIME": {read: func(m *Modem) answer {
			return ok("!TIME: ", m.clock().Format("2006/01/02"), m.clock().UTC().Format("15:04:05")+" (UTC)", m.clock().Format("15:04:05")+" (local)")
		}},
		"!ENTERCND": accept(), "!SELRAT": accept(), "!UIMS": accept(),
	}
}

func telitCommands() map[string]verb {
	return map[string]verb{
		"#QSS": {
			read: func(m *Modem) answer {
				state := 0
				switch {
				case m.sim.stack:
					state = 3
				case m.sim.usable():
					state = 2
				case m.sim.present:
					state = 1
				}
				return ok(fmt.Sprintf("#QSS: 2,%d", state))
			},
			set: accept().set,
		},
		"+WS46": accept(),
	}
}

func huaweiCommands() map[string]verb {
	return map[string]verb{
		"^CURC": {
			read: func(m *Modem) answer { return ok(fmt.Sprintf("^CURC: %d", bit(!m.hushed))) },
			set: func(m *Modem, a args) answer {
				m.hushed = a.number(0, 0) == 0
				return ok()
			},
		},
		"^NWTIME": {read: func(m *Modem) answer {
			t := m.clock()
			return ok("^NWTIME: " + t.UTC().Format("06/01/02,15:04:05") + quarters(t) + ",00")
		}},
		"^SYSCFGEX": accept(), "^PORTSEL": accept(),
	}
}

// fullness is who wants to hear that a memory is full.
type fullness struct {
	name      bool // Quectel: +QIND: "smsfull","ME"
	indicator bool // +CMER: +CIEV: 7,1 (27.007 §8.10; the seventh of +CIND=?)
}

// tellFull tells that a text was refused for want of room, to those who asked.
func (m *Modem) tellFull(memory string) {
	if m.told.indicator {
		m.urc("+CIEV: 7,1")
	}
	if m.told.name {
		m.urc(fmt.Sprintf(`+QIND: "smsfull",%q`, memory))
	}
}
