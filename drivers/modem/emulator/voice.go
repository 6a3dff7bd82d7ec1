package emulator

import (
	"fmt"
	"strings"
	"time"
)

// Pickup is what a phone does when it rings.
type Pickup string

// The ways of a phone that is on.
const (
	RingsOut Pickup = "rings"   // nobody is there: it rings until the caller or the network gives up
	Answers  Pickup = "answers" // somebody picks up
	Rejects  Pickup = "rejects" // somebody presses the red button
	Engaged  Pickup = "busy"    // it is in another call
)

// WhenCalled sets what the phone does when a modem calls it, and how long it
// rings before somebody answers or rejects; zero is six seconds. At first it
// rings out.
func (p *Phone) WhenCalled(how Pickup, after time.Duration) {
	fillNumber(&after, 6*time.Second)
	p.net.loop.do(func() { p.pickup, p.picksAfter = how, after })
}

// Calls lists the calls from and to this phone, in order.
func (p *Phone) Calls() []Call {
	var own []Call
	for _, c := range p.net.Calls() {
		if c.From == p.number || c.To == p.number {
			own = append(own, c)
		}
	}
	return own
}

// CallSetup sets how long it takes from a modem's ATD to the phone's first
// ring (2 s), and how long the network lets it ring (60 s).
func (n *Network) CallSetup(setup, patience time.Duration) {
	n.loop.do(func() { n.knobs.setup, n.knobs.patience = setup, patience })
}

// The values of <stat> in +CLCC (27.007 §7.18).
const (
	statActive   = 0
	statDialling = 2
	statAlerting = 3
	statIncoming = 4
)

// outcall is a call by voice that the modem makes.
type outcall struct {
	number string
	stat   int
	call   *Call // the Network's, once it is placed
}

// voice tells whether calls go: over circuits, which includes falling back to
// them, or over IMS (23.272, 23.228).
func (c Cell) voice() bool {
	return in(c.CREG, 1, 5, 9, 10) || (registered(c.CEREG) || registered(c.C5GREG)) && c.IMS == 1
}

// call is ATD with a number and a semicolon (27.007 §6.2): the answer comes at
// once, and what becomes of the call later.
func (m *Modem) callOut(number string) answer {
	number = strings.NewReplacer("T", "", "P", "", ",", "").Replace(strings.ToUpper(number))
	switch {
	case number == "" || strings.Trim(number, "+0123456789*#") != "":
		return failed()
	case !m.shown.served():
		return m.cme(cmeNoNetwork)
	case m.out != nil || m.call != nil:
		return m.cme(cmeNotAllowed)
	}
	o := &outcall{number: number, stat: statDialling, call: &Call{Direction: "out", From: m.Number(), To: number}}
	m.out, m.released = o, ""
	if m.shown.voice() && !m.barred {
		m.net.place(m, o, o.call)
		return ok()
	}
	cause := "no service for calls on this network"
	if m.barred {
		cause = "operator determined barring"
	}
	m.after(2*time.Second, func() { m.outEnds(o, "NO CARRIER", cause) })
	return ok()
}

// place takes a modem's call to a phone.
func (n *Network) place(m *Modem, o *outcall, c *Call) {
	n.loop.post(func() {
		c.At = n.now()
		n.calls = append(n.calls, c)
		n.loop.after(n.knobs.setup, func() { n.reach(m, o, c) })
	})
}

// reach is the moment at which the phone rings, or does not.
func (n *Network) reach(m *Modem, o *outcall, c *Call) {
	p := n.phone(c.To)
	switch {
	case c.Ended != "": // the modem has given it up
	case p.dead != 0:
		n.endOut(m, o, c, "unreachable", "NO CARRIER", "unassigned number")
	case c.To == c.From || p.pickup == Engaged:
		n.endOut(m, o, c, "busy", "BUSY", "user busy")
	case !p.on:
		n.endOut(m, o, c, "unreachable", "NO CARRIER", "destination out of order")
	default:
		c.ringing = time.Now()
		m.loop.post(func() { o.stat = statAlerting })
		n.rings(p, m, o, c)
	}
}

// rings goes on until somebody does something about it.
func (n *Network) rings(p *Phone, m *Modem, o *outcall, c *Call) {
	after, then := n.knobs.patience, func() { n.endOut(m, o, c, "no answer", "NO ANSWER", "no answer from the user") }
	switch p.pickup {
	case Answers:
		after, then = p.picksAfter, func() {
			c.stopsRinging(n.knobs.ring)
			c.answered = true
			m.loop.post(func() { o.stat = statActive })
		}
	case Rejects:
		after, then = p.picksAfter, func() { n.endOut(m, o, c, "rejected", "NO CARRIER", "call rejected") }
	}
	n.loop.after(after, func() {
		if c.Ended == "" {
			then()
		}
	})
}

// stopsRinging notes how long the phone rang.
func (c *Call) stopsRinging(every time.Duration) {
	if !c.ringing.IsZero() && !c.answered {
		c.Rang = time.Since(c.ringing)
		c.Rings = 1 + int(c.Rang/every)
	}
}

// endOut ends a call from the network's side.
func (n *Network) endOut(m *Modem, o *outcall, c *Call, how, word, cause string) {
	c.stopsRinging(n.knobs.ring)
	c.Ended = how
	n.tell(Event{Kind: "call", Call: c.copied()})
	m.loop.post(func() { m.outEnds(o, word, cause) })
}

// outEnds tells the host of a call's end.
func (m *Modem) outEnds(o *outcall, word, cause string) {
	if m.out != o {
		return
	}
	m.out, m.released = nil, cause
	m.urc(word)
}

// hangUpOut ends a call from the modem's side, without a word.
func (m *Modem) hangUpOut() {
	o := m.out
	if o == nil {
		return
	}
	m.out, m.released = nil, "normal call clearing"
	n, c := m.net, o.call
	n.loop.post(func() {
		if c.Ended != "" || c.At.IsZero() {
			return
		}
		c.stopsRinging(n.knobs.ring)
		c.Ended = "hung up"
		if c.answered {
			c.Ended = "answered"
		}
		n.tell(Event{Kind: "call", Call: c.copied()})
	})
}

// listCalls is +CLCC: voice in both directions, and calls for data as mode 1.
func (m *Modem) listCalls() answer {
	var lines []string
	add := func(direction, stat, mode int, number string) {
		kind := 129
		if strings.HasPrefix(number, "+") {
			kind = 145
		}
		lines = append(lines, fmt.Sprintf("+CLCC: %d,%d,%d,%d,0,%q,%d", len(lines)+1, direction, stat, mode, number, kind))
	}
	for _, p := range m.ports {
		if p.wire.air != nil {
			add(0, statActive, 1, "")
		}
	}
	if c := m.call; c != nil {
		stat := statIncoming
		if m.answered {
			stat = statActive
		}
		add(1, stat, 0, c.From)
	}
	if o := m.out; o != nil {
		add(0, o.stat, 0, o.number)
	}
	return ok(lines...)
}

// release is AT+CHLD (27.007 §7.13): 0 refuses a call that waits, 1 ends those
// that are on.
func (m *Modem) holdCalls(a args) answer {
	switch a.number(0, -1) {
	case 0:
		m.hangUp("rejected")
	case 1:
		m.hangUpOut()
		m.hangUp("answered")
	default:
		return m.cme(cmeBadParameters)
	}
	return ok()
}
