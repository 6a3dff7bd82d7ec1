package modem

import (
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/at"
)

// ringing follows a call: it rings every few seconds, and one call is one call.
type ringing struct {
	last  time.Time // of the latest ring or number
	told  bool      // the inbox knows of this call
	rings int
}

// A call that has not rung for this long is over.
const callGap = 10 * time.Second

// heard takes what the wire said unasked. It runs on the wire's consumer and
// must not use the wire.
func (s *session) heard(u at.URC) {
	name, _, _ := strings.Cut(u.Line, ":")
	switch name {
	case "+CMTI", "+CDSI":
		s.announced(u.Line, name)
	case "+CMT", "+CDS":
		s.direct(u)
	case "RING", "+CRING", "+CLIP":
		s.ring(name, u.Line)
	case "NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE":
		if !s.m.called(name) && name == "NO CARRIER" {
			s.ring(name, u.Line)
		}
	case "+CUSD":
		s.m.answeredCode(u.Line)
	case "+CME ERROR":
		if !s.m.answeredCode(u.Line) {
			s.m.called(u.Line)
		}
	case "+CMS ERROR":
		s.m.astray(u.Line)
	case "+CREG", "+CGREG", "+CEREG", fiveG:
		s.moved(u.Line)
	case "+CTZE", "+CTZEU":
		s.nitz(u.Line)
	case "+CPIN":
		s.simChanged(at.Fields(u.Line, "+CPIN"))
	case "+CMGS":
		s.m.orphan(u.Line)
	case "RDY", "*ATREADY", "^SYSSTART":
		s.rebooted(u.Line)
	case "+QSIMSTAT", "#QSS", "^SIMST":
		s.cardMoved(name, at.Fields(u.Line, name))
	case "+CFUN", "+QUSIM", "SMS DONE", "PB DONE", "Call Ready", "SMS Ready":
		s.hinted()
	case "+QIND":
		s.indicated(u.Line)
	case "^SMMEMFULL", "^SMGO":
		s.m.note(func(f *facts) { f.sweep = true })
	case "POWERED DOWN", "NORMAL POWER DOWN", "UNDER-VOLTAGE POWER DOWN", "OVER-VOLTAGE POWER DOWN", "UNDER-VOLTAGE WARNNING", "OVER-VOLTAGE WARNNING":
		s.m.opts.Log("modem " + s.m.opts.Name + " says: " + strings.ToLower(u.Line))
	}
}

// announced notes where a text or report was stored: `+CMTI: "ME",4`.
func (s *session) announced(line, name string) {
	f := at.Fields(line, name)
	index := -1
	if len(f) >= 2 {
		if n, err := strconv.Atoi(f[1]); err == nil {
			index = n
		}
	}
	s.m.suspect(func(c *suspicions) { c.noticed++ })
	s.m.note(func(facts *facts) {
		if index < 0 || len(facts.slots) >= 256 {
			facts.sweep = true
			return
		}
		facts.slots = append(facts.slots, place{f[0], index, name == "+CDSI"})
	})
}

// direct takes a text or report that the modem passes on without storing it.
// There is no copy: what the inbox cannot take now is kept and offered again.
func (s *session) direct(u at.URC) {
	if u.PDU == "" {
		s.m.note(func(f *facts) { f.sweep = true })
		return
	}
	octets := 0
	_, rest, _ := strings.Cut(u.Line, ":")
	if n, err := strconv.Atoi(strings.TrimSpace(rest[strings.LastIndex(rest, ",")+1:])); err == nil {
		octets = n
	}
	l := decode(u.PDU, octets, s.m.opts.Country)
	if err := s.handOver(l); err != nil {
		s.m.mu.Lock()
		s.held = append(s.held, l)
		s.m.mu.Unlock()
	}
}

// ring tells of a call once. The number comes after the first ring; a second
// ring without one means that the caller withholds it.
func (s *session) ring(name, line string) {
	c := &s.calls
	if name == "NO CARRIER" || time.Since(c.last) > callGap {
		*c = ringing{}
	}
	if name == "NO CARRIER" {
		return
	}
	c.last = time.Now()
	number := ""
	switch name {
	case "+CLIP":
		number = caller(line, s.m.opts.Country)
	default:
		if c.rings++; c.rings < 2 {
			return
		}
	}
	if c.told {
		return
	}
	c.told = true
	if err := s.m.opts.Inbox.Call(s.ctx, number); err != nil {
		c.told = false // the next ring tries again
		return
	}
	s.m.note(func(f *facts) { f.hangup = true })
}

// caller reads `+CLIP: "+48501200777",145,…` (27.007 §7.6); "" if withheld.
func caller(line string, country int) string {
	f := at.Fields(line, "+CLIP")
	if len(f) == 0 || f[0] == "" {
		return ""
	}
	number := f[0]
	switch {
	case strings.HasPrefix(number, "+"):
	case len(f) > 1 && f[1] == "145":
		number = "+" + number
	case len(f) > 1 && f[1] == "161" && country > 0:
		number = "+" + strconv.Itoa(country) + strings.TrimPrefix(number, "0")
	}
	return number
}

// moved notes a change of registration.
func (s *session) moved(line string) {
	domain, r, ok := parseRegistration(line)
	if !ok {
		return
	}
	s.m.mu.Lock()
	switch domain {
	case "+CREG":
		s.m.facts.cs = r
	case "+CGREG":
		s.m.facts.ps = r
	case "+CEREG":
		s.m.facts.eps = r
	case fiveG:
		s.m.facts.five = r
	}
	s.m.mu.Unlock()
	s.judge()
}

// simChanged looks at what the modem says about its SIM.
func (s *session) simChanged(f []string) {
	if len(f) > 0 && f[0] == "READY" {
		s.hinted()
		return
	}
	if len(f) > 0 && gone[plain(f[0])] {
		s.cardGone(f[0])
	}
	s.stirred()
}

// gone are the words for a slot without a card.
var gone = map[string]bool{"notinserted": true, "simremoved": true, "notready": true}

// cardMoved reads the makers' own notices: Quectel's +QSIMSTAT: 1,0 (enabled,
// inserted), Telit's #QSS: 0, Huawei's ^SIMST:255.
func (s *session) cardMoved(name string, f []string) {
	if len(f) == 0 {
		return
	}
	last := f[len(f)-1]
	if last == "0" && name != "^SIMST" || last == "255" {
		s.cardGone(name + " " + last)
	}
	s.stirred()
}

// cardGone tells at once: no text goes without a card.
func (s *session) cardGone(said string) {
	s.m.change(func(h *Health) {
		h.Fit, h.State, h.Why, h.Advice = false, NoSIM, "the SIM was taken out ("+said+")", slot
	})
}

// rebooted gives up what is on the wire: the modem has forgotten it.
func (s *session) rebooted(line string) {
	s.m.opts.Log("modem " + s.m.opts.Name + " restarted by itself (" + line + ")")
	s.m.mu.Lock()
	abort := s.abort
	s.m.mu.Unlock()
	if abort != nil {
		abort(errRestarted)
	}
	s.stirred()
}

// stirred says that the modem or its SIM started anew: it is brought up again
// when it has been quiet for a while.
func (s *session) stirred() {
	s.m.note(func(f *facts) { f.restart, f.settle = true, time.Now() })
}

// hinted says that something got ready: a modem that waits for it is brought
// up, one that is up shows whether it has forgotten its settings.
func (s *session) hinted() {
	s.m.note(func(f *facts) { f.check, f.settle = true, time.Now() })
}

// indicated reads Quectel's `+QIND: SMS DONE`, `+QIND: "smsfull","ME"`.
func (s *session) indicated(line string) {
	if strings.Contains(line, "DONE") {
		s.hinted()
		return
	}
	if strings.Contains(line, "smsfull") {
		s.m.note(func(f *facts) { f.sweep = true })
	}
}
