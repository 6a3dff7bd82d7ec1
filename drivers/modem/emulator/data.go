package emulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// data is the packet side of a modem: its contexts (27.007 §10.1.1), which
// survive resets, and which of them have an address.
type data struct {
	contexts map[int]pdp
	active   map[int]bool
	refusal  string // what +CEER says of refused data; empty gives data
	why      string // of the last refusal
	usbnet   int    // QCFG "usbnet": 0 QMI, 1 ECM, 2 MBIM, 3 RNDIS
	dialmode int    // SIMCom +DIALMODE: 0 dials by itself
}

// pdp is one context.
type pdp struct{ kind, apn string }

// cmeData is +CME ERROR: 148, unspecified GPRS error (27.007 §9.2.2).
const cmeData = 148

// RefuseData lets the network refuse every context, with words that +CEER then
// repeats; "" lets it give them again. What is up stays up.
func (m *Modem) RefuseData(cause string) { m.loop.do(func() { m.data.refusal = cause }) }

// DropData takes every context away, as a network does.
func (m *Modem) DropData() {
	m.loop.do(func() {
		for _, p := range m.ports {
			if p.wire.air != nil {
				m.on(p, m.carrierLost)
			}
		}
		m.data.active = nil
	})
}

// Context tells of a context what it is for and whether it is up.
func (m *Modem) Context(cid int) (kind, apn string, active bool) {
	m.loop.do(func() {
		c := m.data.contexts[cid]
		kind, apn, active = c.kind, c.apn, m.online(cid)
	})
	return kind, apn, active
}

// online tells whether a context has an address: it was activated, or it is
// the first one of a modem that dials by itself.
func (m *Modem) online(cid int) bool {
	attached := registered(m.shown.CGREG) || registered(m.shown.CEREG) || registered(m.shown.C5GREG)
	return attached && (m.data.active[cid] || cid == 1 && m.dials() && m.data.refusal == "")
}

// dials tells whether the modem connects without being told: Quectel's EC2x
// with ECM, SIMCom's A76xx unless DIALMODE says no.
func (m *Modem) dials() bool {
	switch p := m.o.Persona; {
	case strings.HasPrefix(p.Model, "EC200"):
		return false
	case p.Name == "a7670" || p.Name == "sim7670":
		return m.data.dialmode == 0
	}
	return m.data.usbnet == 1
}

// activate asks the network for a context.
func (m *Modem) activate(cid int) bool {
	if m.data.refusal != "" || !(registered(m.shown.CGREG) || registered(m.shown.CEREG) || registered(m.shown.C5GREG)) {
		m.data.why, m.released = m.data.refusal, ""
		return false
	}
	if m.data.active == nil {
		m.data.active = map[int]bool{}
	}
	m.data.active[cid] = true
	return true
}

func dataCommands() map[string]verb {
	return map[string]verb{
		"+CGDCONT": {
			read: (*Modem).listContexts,
			test: func(*Modem) answer {
				return ok(`+CGDCONT: (1-15),"IP",,,(0-2),(0-4)`, `+CGDCONT: (1-15),"IPV6",,,(0-2),(0-4)`, `+CGDCONT: (1-15),"IPV4V6",,,(0-2),(0-4)`)
			},
			set: (*Modem).defineContext,
		},
		"+CGACT":   {read: (*Modem).listActive, set: (*Modem).setActive},
		"+CGPADDR": {run: func(m *Modem) answer { return m.addresses(m.cids()...) }, set: func(m *Modem, a args) answer { return m.addresses(a.number(0, 1)) }},
		"+CGAUTH":  accept(),
		"+CEER": {run: func(m *Modem) answer {
			if m.released != "" {
				return ok(fmt.Sprintf(`+CEER: "CC",%q`, m.released))
			}
			if m.data.why == "" {
				return ok("+CEER: No cause information available")
			}
			return ok(fmt.Sprintf(`+CEER: "SM",%q`, m.data.why))
		}},
	}
}

func (m *Modem) cids() []int { return slices.Sorted(maps.Keys(m.data.contexts)) }

func (m *Modem) listContexts() answer {
	var lines []string
	for _, cid := range m.cids() {
		c := m.data.contexts[cid]
		lines = append(lines, fmt.Sprintf(`+CGDCONT: %d,%q,%q,"0.0.0.0",0,0,0,0`, cid, c.kind, c.apn))
	}
	return ok(lines...)
}

func (m *Modem) defineContext(a args) answer {
	cid, kind := a.number(0, 1), a.text(1)
	switch {
	case cid < 1 || cid > 15, len(a) > 1 && !slices.Contains([]string{"IP", "IPV6", "IPV4V6"}, kind):
		return m.cme(cmeBadParameters)
	case len(a) == 1:
		delete(m.data.contexts, cid)
		return ok()
	}
	if m.data.contexts == nil {
		m.data.contexts = map[int]pdp{}
	}
	m.data.contexts[cid] = pdp{kind, a.text(2)}
	return ok()
}

func (m *Modem) listActive() answer {
	var lines []string
	for _, cid := range m.cids() {
		lines = append(lines, fmt.Sprintf("+CGACT: %d,%d", cid, bit(m.online(cid))))
	}
	return ok(lines...)
}

func (m *Modem) setActive(a args) answer {
	on, cid := a.number(0, 0), a.number(1, 1)
	switch _, known := m.data.contexts[cid]; {
	case on < 0 || on > 1 || !known:
		return m.cme(cmeBadParameters)
	case on == 0:
		delete(m.data.active, cid)
	case !m.activate(cid):
		return m.cme(cmeData)
	}
	return ok()
}

// addresses are what +CGPADDR tells; a context without one has 0.0.0.0, as Quectel writes.
func (m *Modem) addresses(cids ...int) answer {
	var lines []string
	for _, cid := range cids {
		address := "0.0.0.0"
		if m.online(cid) {
			address = fmt.Sprintf("10.64.3.%d", 6+cid)
		}
		lines = append(lines, fmt.Sprintf("+CGPADDR: %d,%q", cid, address))
	}
	return ok(lines...)
}

// quectelData is the network card of Quectel's modems.
func quectelData() map[string]verb {
	return map[string]verb{
		"+QICSGP": accept(),
		"+QNETDEVCTL": {
			read: func(m *Modem) answer {
				return ok(fmt.Sprintf("+QNETDEVCTL: %d,1,1,%d", bit(m.data.active[1]), bit(m.online(1))))
			},
			// The operation comes before the context, as EC200's firmware has it.
			set: func(m *Modem, a args) answer {
				op, cid := a.number(0, -1), a.number(1, 1)
				switch {
				case op < 0 || op > 3 || cid < 1 || cid > 15:
					return m.cme(cmeBadParameters)
				case op == 0:
					delete(m.data.active, cid)
				case !m.activate(cid):
					return m.cme(cmeData)
				}
				return ok()
			},
		},
	}
}

// usbnet is +QCFG="usbnet": it counts from the next start on.
func (m *Modem) usbnet(a args) answer {
	if len(a) == 1 {
		return ok(fmt.Sprintf(`+QCFG: "usbnet",%d`, m.data.usbnet))
	}
	n := a.number(1, -1)
	if n < 0 || n > 3 {
		return m.cme(cmeBadParameters)
	}
	m.data.usbnet = n
	return ok()
}

// simcomData is the network card of SIMCom's modems.
func simcomData() map[string]verb {
	state := func(m *Modem) string { return fmt.Sprintf("$QCRMCALL: %d, V4", bit(m.online(1))) }
	return map[string]verb{
		"+CUSBPIDSWITCH": accept(), "$MYCONFIG": accept(),
		"+DIALMODE": choice("+DIALMODE", 0, 1, func(m *Modem) *int { return &m.data.dialmode }),
		"$QCRMCALL": {
			read: func(m *Modem) answer { return ok(state(m)) },
			set: func(m *Modem, a args) answer {
				if a.number(0, 0) == 0 {
					delete(m.data.active, 1)
					return ok()
				}
				if !m.activate(1) {
					return answer{final: "NO CARRIER"}
				}
				return ok(state(m))
			},
		},
	}
}
