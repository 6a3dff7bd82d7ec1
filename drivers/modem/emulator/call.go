package emulator

import (
	"fmt"
	"strings"
	"time"
)

// Call is one attempt to reach somebody by voice.
type Call struct {
	At        time.Time     `json:"at"`
	Direction string        `json:"direction"` // "in" to a modem, "out" from one
	From      string        `json:"from"`      // empty when withheld
	To        string        `json:"to"`
	Rings     int           `json:"rings"`          // how often it rang
	Rang      time.Duration `json:"rang,omitempty"` // "out": how long the phone rang
	// Ended is empty while it goes on, then "gave up", "rejected", "answered",
	// "busy", "unreachable", or, of a call out, "hung up" and "no answer".
	Ended string `json:"ended"`

	ringing  time.Time // "out": since when the phone rings; zero if it did not
	answered bool      // "out": somebody picked up
}

// Call rings a modem so many times, then the caller gives up.
func (p *Phone) Call(to string, rings int) { p.net.dial(p.number, to, rings) }

// CallHidden is Call with the number withheld.
func (p *Phone) CallHidden(to string, rings int) { p.net.dial("", to, rings) }

// Calls lists all calls in order, as they stand.
func (n *Network) Calls() []Call {
	var all []Call
	n.loop.do(func() {
		for _, c := range n.calls {
			all = append(all, *c)
		}
	})
	return all
}

func (n *Network) dial(from, to string, rings int) {
	n.loop.do(func() {
		c := &Call{At: n.now(), Direction: "in", From: from, To: to, Ended: "unreachable"}
		n.calls = append(n.calls, c)
		m := n.modems[to]
		if m == nil {
			n.tell(Event{Kind: "call", Call: c.copied()})
			return
		}
		c.Ended = ""
		m.ring(c, rings, n.knobs.ring)
	})
}

func (c *Call) copied() *Call {
	d := *c
	return &d
}

// ended notes the end of a call, from a modem's loop.
func (n *Network) ended(c *Call, rings int, how string) {
	n.loop.post(func() {
		c.Rings, c.Ended = rings, how
		n.tell(Event{Kind: "call", Call: c.copied()})
	})
}

// ring starts a call at the modem, from the Network's loop.
func (m *Modem) ring(c *Call, rings int, every time.Duration) {
	from := c.From
	m.loop.post(func() {
		switch {
		case !m.up || !m.shown.served():
			m.net.ended(c, 0, "unreachable")
		case m.call != nil || m.out != nil:
			m.net.ended(c, 0, "busy")
		default:
			m.call = c
			m.rung = 0
			m.ringOn(c, from, rings, every)
		}
	})
}

func (m *Modem) ringOn(c *Call, from string, rings int, every time.Duration) {
	if m.call != c || m.answered {
		return
	}
	if m.rung == rings {
		m.hangUp("gave up")
		m.urc("NO CARRIER")
		return
	}
	m.rung++
	m.urc(m.ringLine())
	if m.set.clip == 1 {
		m.urc(clipLine(from))
	}
	m.after(every, func() { m.ringOn(c, from, rings, every) })
}

func (m *Modem) ringLine() string {
	if m.set.crc == 1 {
		return "+CRING: VOICE"
	}
	return "RING"
}

// clipLine tells who calls (27.007 §7.6); validity 1 says withheld.
func clipLine(from string) string {
	switch {
	case from == "":
		return `+CLIP: "",128,"",,"",1`
	case strings.HasPrefix(from, "+"):
		return fmt.Sprintf(`+CLIP: %q,145,"",,"",0`, from)
	}
	return fmt.Sprintf(`+CLIP: %q,129,"",,"",0`, from)
}

func (m *Modem) hangUp(how string) {
	if m.call != nil {
		m.net.ended(m.call, m.rung, how)
		m.call, m.answered = nil, false
	}
}

func callCommands() map[string]verb {
	hangUp := func(m *Modem) answer {
		m.hangUpData()
		m.hangUpOut()
		if m.call == nil {
			return ok()
		}
		if m.answered {
			m.hangUp("answered")
			return ok()
		}
		m.hangUp("rejected")
		m.after(0, func() { m.urc("NO CARRIER") })
		return ok()
	}
	return map[string]verb{
		"+CLIP": {
			read: func(m *Modem) answer { return ok(fmt.Sprintf("+CLIP: %d,1", m.set.clip)) },
			test: func(*Modem) answer { return ok("+CLIP: (0,1)") },
			set:  choice("+CLIP", 0, 1, func(m *Modem) *int { return &m.set.clip }).set,
		},
		"+CRC":  choice("+CRC", 0, 1, func(m *Modem) *int { return &m.set.crc }),
		"+CHUP": {run: hangUp},
		"H":     {set: func(m *Modem, _ args) answer { return hangUp(m) }},
		"A":     {set: (*Modem).pickUp},
		"D":     {set: (*Modem).dial},
		"O":     {set: (*Modem).resume},
		"+CLCC": {run: (*Modem).listCalls},
		"+CHLD": {set: (*Modem).holdCalls, test: func(*Modem) answer { return ok("+CHLD: (0,1)") }},
		"+CUSD": {
			read: func(m *Modem) answer { return ok(fmt.Sprintf("+CUSD: %d", m.set.cusd)) },
			test: func(*Modem) answer { return ok("+CUSD: (0-2)") },
			set:  (*Modem).ussd,
		},
	}
}

// pickUp answers a call; the caller, who wanted to be rejected, hangs up after a second.
func (m *Modem) pickUp(args) answer {
	if m.call == nil {
		return answer{final: "NO CARRIER"}
	}
	m.answered = true
	c := m.call
	m.after(time.Second, func() {
		if m.call == c {
			m.hangUp("answered")
			m.urc("NO CARRIER")
		}
	})
	return ok()
}
