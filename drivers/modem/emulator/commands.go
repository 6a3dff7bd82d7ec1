package emulator

import (
	"cmp"
	"fmt"
	"maps"
	"strings"
)

// verb is what a command does in each of its forms; a missing form is an error.
type verb struct {
	run, read, test func(m *Modem) answer
	set             func(m *Modem, a args) answer
	fault           func(m *Modem, a args, f *Fault) answer // set, for the one command whose faults strike it half-way
}

// table is what every modem can do, under what its persona does in its own way.
func table(p Persona) map[string]verb {
	return merge(basics(), general(), simCommands(), radioCommands(), fiveGCommands(p), clockCommands(), callCommands(), dataCommands(), smsCommands(), resetCommands(p), counterCommands(p), p.commands)
}

func merge[T any](tables ...map[string]T) map[string]T {
	all := map[string]T{}
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}

// carryOut looks a command up and does it.
func (m *Modem) carryOut(c command, f *Fault) answer {
	if m.failing {
		return failed()
	}
	v, known := m.table[c.name]
	if !known && m.namesICCID(c.name) {
		v, known = verb{run: iccid(c.name), read: iccid(c.name)}, true
	}
	if !known {
		return m.unknown(c)
	}
	switch {
	case c.form == test && v.test != nil:
		return v.test(m)
	case c.form == test && strings.HasPrefix(c.name, "+"):
		return ok()
	case c.form == read && v.read != nil:
		return v.read(m)
	case c.form == run && v.run != nil:
		return v.run(m)
	case c.form == set && v.fault != nil:
		return v.fault(m, c.args, f)
	case c.form == set && m.o.Persona.TooMany != "" && len(c.args) > most(c.name):
		return answer{final: m.o.Persona.TooMany}
	case (c.form == set || c.form == run) && v.set != nil:
		return v.set(m, c.args)
	}
	return m.unknown(c)
}

// most is how many parameters a command takes, for makes that count them.
func most(name string) int {
	switch name {
	case "+CNMI":
		return 5
	case "+CPMS", "+CTZR", "+CLCK", "+CSMP":
		return 4
	}
	if strings.HasPrefix(name, "+C") {
		return 3
	}
	return 16
}

// unknown is the answer to a command or form that does not exist. Basic
// commands always get ERROR; +CME codes are for extended ones (27.007 §9.1).
func (m *Modem) unknown(c command) answer {
	extended := c.name != "" && strings.Contains("+#^$!*%", c.name[:1])
	if extended && m.o.Persona.UnknownAnswer != "" {
		return answer{final: m.o.Persona.UnknownAnswer}
	}
	if !extended || m.o.Persona.Unknown == 0 {
		return failed()
	}
	return m.cme(m.o.Persona.Unknown)
}

// The +CME codes of 27.007 §9.2 that this modem gives.
const (
	cmeNotAllowed    = 3
	cmeNotSupported  = 4
	cmeNoSIM         = 10
	cmePINNeeded     = 11
	cmePUKNeeded     = 12
	cmeBusy          = 14
	cmeWrong         = 16
	cmeNotFound      = 22
	cmeNoNetwork     = 30
	cmeBadParameters = 50
)

// The +CMS codes of 27.005 §3.2.5 that this modem gives.
const (
	cmsBarred       = 10
	cmsNoCredit     = 50 // what a prepaid SIM meets when it is empty
	cmsNotSupported = 303
	cmsInvalidPDU   = 304
	cmsBadParameter = 305
	cmsNoSIM        = 310
	cmsPINNeeded    = 311
	cmsBusy         = 314
	cmsPUKNeeded    = 316
	cmsBadIndex     = 321
	cmsNoSMSC       = 330
	cmsNoService    = 331
	cmsNoAckDue     = 340
	cmsNoSMSOnLTE   = 350 // Quectel, after 135 s without combined attach
)

var cmeText = map[int]string{
	3: "operation not allowed", 4: "operation not supported", 10: "SIM not inserted", 11: "SIM PIN required",
	12: "SIM PUK required", 14: "SIM busy", 16: "incorrect password", 22: "not found", 30: "no network service",
	50: "incorrect parameters",
}

var cmsText = map[int]string{
	303: "operation not supported", 304: "invalid PDU mode parameter", 305: "invalid text mode parameter", 310: "SIM not inserted", 311: "SIM PIN required",
	314: "SIM busy", 316: "SIM PUK required", 321: "invalid memory index", 322: "memory full", 330: "SMSC address unknown",
	331: "no network service", 332: "network timeout", 340: "no +CNMA acknowledgement expected", 500: "unknown error",
}

func (m *Modem) cme(code int) answer { return m.coded("+CME ERROR: ", code, cmeText) }
func (m *Modem) cms(code int) answer { return m.coded("+CMS ERROR: ", code, cmsText) }

// coded follows +CMEE: 0 no code, 1 a number, 2 words where there are any.
func (m *Modem) coded(prefix string, code int, words map[int]string) answer {
	level := m.set.cmee
	if m.o.Persona.WordyErrors {
		level = 2
	}
	switch w := words[code]; {
	case level == 0:
		return failed()
	case level == 2 && w != "":
		return answer{final: prefix + w}
	}
	return answer{final: fmt.Sprintf("%s%d", prefix, code)}
}

// choice is a verb that stores one number from a range.
func choice(name string, low, high int, at func(m *Modem) *int) verb {
	return verb{
		read: func(m *Modem) answer { return ok(fmt.Sprintf("%s: %d", name, *at(m))) },
		test: func(*Modem) answer { return ok(fmt.Sprintf("%s: (%d-%d)", name, low, high)) },
		set: func(m *Modem, a args) answer {
			n := a.number(0, low)
			if n < low || n > high {
				return m.cme(cmeBadParameters)
			}
			*at(m) = n
			return ok()
		},
	}
}

func accept() verb {
	return verb{
		run:  func(*Modem) answer { return ok() },
		read: func(*Modem) answer { return ok() },
		set:  func(*Modem, args) answer { return ok() },
	}
}

// flag is a basic command that sets something to 0 or 1.
func flag(to func(m *Modem, on bool)) verb {
	return verb{run: nil, set: func(m *Modem, a args) answer {
		n := a.number(0, 0)
		if n != 0 && n != 1 {
			return failed()
		}
		to(m, n == 1)
		return ok()
	}}
}

func register(n int) verb {
	return verb{
		read: func(m *Modem) answer { return ok(fmt.Sprintf("%03d", m.wire.s[n])) },
		set: func(m *Modem, a args) answer {
			v := a.number(0, 0)
			if v < 0 || v > 127 {
				return failed()
			}
			m.wire.s[n] = v
			return ok()
		},
	}
}

func basics() map[string]verb {
	factorySettings := func(m *Modem) answer {
		keep := m.set.cfun
		m.set, m.wire.echo, m.wire.verbose, m.wire.quiet = m.factory(), true, true, false
		m.set.cfun = keep
		return ok()
	}
	return map[string]verb{
		"":   accept(),
		"E":  flag(func(m *Modem, on bool) { m.wire.echo = on }),
		"V":  flag(func(m *Modem, on bool) { m.wire.verbose = on }),
		"Q":  flag(func(m *Modem, on bool) { m.wire.quiet = on }),
		"X":  accept(),
		"&C": accept(), "&D": accept(), "&W": accept(), "&S": accept(), "&K": accept(), "L": accept(), "M": accept(),
		"Z":  {set: func(m *Modem, _ args) answer { return factorySettings(m) }},
		"&F": {set: func(m *Modem, _ args) answer { return factorySettings(m) }},
		"S0": register(0), "S3": register(3), "S4": register(4), "S5": register(5), "S7": register(7),
		"I": {set: func(m *Modem, _ args) answer { return ok(m.o.Persona.Info...) }},
	}
}

func general() map[string]verb {
	says := func(get func(m *Modem) string) verb {
		return verb{run: func(m *Modem) answer { return ok(get(m)) }}
	}
	return map[string]verb{
		"+CGMI": says(func(m *Modem) string { return m.o.Persona.Manufacturer }),
		"+CGMM": says(func(m *Modem) string { return m.o.Persona.Model }),
		"+CGMR": says(func(m *Modem) string { return m.o.Persona.Revision }),
		"+GMI":  says(func(m *Modem) string { return m.o.Persona.Manufacturer }),
		"+GMM":  says(func(m *Modem) string { return m.o.Persona.Model }),
		"+GMR":  says(func(m *Modem) string { return m.o.Persona.Revision }),
		"+CGSN": says(func(m *Modem) string { return m.o.IMEI }),
		"+GSN":  says(func(m *Modem) string { return m.o.IMEI }),
		"+GCAP": says(func(m *Modem) string { return cmp.Or(m.o.Persona.Capabilities, "+GCAP: +CGSM") }),
		"+CMEE": choice("+CMEE", 0, 2, func(m *Modem) *int { return &m.set.cmee }),
		"+CSCS": {
			read: func(m *Modem) answer { return ok(fmt.Sprintf("+CSCS: %q", m.set.cscs)) },
			test: func(*Modem) answer { return ok(`+CSCS: ("GSM","IRA","UCS2")`) },
			set: func(m *Modem, a args) answer {
				if s := a.text(0); s != "GSM" && s != "IRA" && s != "UCS2" {
					return m.cme(cmeBadParameters)
				}
				m.set.cscs = a.text(0)
				return ok()
			},
		},
		"+CMER": {set: func(m *Modem, a args) answer {
			m.told.indicator = a.number(3, 0) > 0
			return ok()
		}},
		"+CIND": {test: func(*Modem) answer {
			return ok(`+CIND: ("battchg",(0-5)),("signal",(0-5)),("service",(0,1)),("message",(0,1)),("call",(0,1)),("roam",(0,1)),("smsfull",(0,1))`)
		}},
		"+IPR": accept(), "+IFC": accept(),
		"+CGEREP": accept(),
	}
}

func (m *Modem) namesICCID(name string) bool {
	for _, n := range m.o.Persona.ICCID {
		if n == name {
			return true
		}
	}
	return false
}

// iccid answers with the SIM's serial number, which can be read before the PIN.
func iccid(name string) func(m *Modem) answer {
	return func(m *Modem) answer {
		if !m.sim.present {
			return m.cme(cmeNoSIM)
		}
		return ok(strings.Replace(name, "+CICCID", "+ICCID", 1) + ": " + m.sim.iccid) // SIMCom answers under another name
	}
}
