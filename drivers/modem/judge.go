package modem

import (
	"fmt"
	"time"
)

// A loss of registration shorter than this is not told: modems change cells.
// Texts are held back all the same.
const flapping = time.Minute

// newCardFor is how long a change of SIM is told.
const newCardFor = 24 * time.Hour

// judge says from the registration, and from what else is known, whether a
// text would go out.
func (s *session) judge() {
	s.m.mu.Lock()
	f, shared, open := s.m.facts, s.foreign > 0, s.m.open
	s.m.mu.Unlock()
	if !open || f.restart {
		return // the bring-up says how far it is
	}
	v := combine(f.cs, f.ps, f.eps, f.five)
	s.m.past.is(!v.passing())
	if f.doubts(&v) {
		s.m.note(func(f *facts) { f.look = true })
	}
	if v.fit && f.noCentre {
		v.lacksCentre(s.m.opts.SMSC)
	}
	s.m.changeSoon(v.passing(), func(h *Health) {
		h.Fit, h.State, h.Why, h.Advice = v.fit, v.state, v.why, v.advice
		h.Registration, h.Access = v.words, v.access
		if !v.fit {
			return
		}
		for _, n := range []struct {
			when        bool
			why, advice string
		}{
			{h.SMSC == "", "the SIM names no service centre", "set smsc:"},
			{shared, "answers came that nobody asked for", "another program uses this port (ModemManager?): stop it"},
			{h.Why == "" && h.Total > 0 && h.Used*10 >= h.Total*7, fmt.Sprintf("its store is nearly full: %d of %d", h.Used, h.Total), "texts that were read are deleted; if it stays full, the data folder may be"},
			{h.Why == "" && !f.newCard.IsZero() && time.Since(f.newCard) < newCardFor, "another SIM is in it since " + f.newCard.UTC().Format("2 Jan 15:04Z"), "check its number, its credit and its PIN"},
		} {
			if n.when {
				h.Why, h.Advice = n.why, n.advice
			}
		}
	})
}

// doubts adds whether texts have a way where only packets are registered. It
// tells whether that has still to be asked.
func (f *facts) doubts(v *service) (ask bool) {
	a := f.ways
	switch {
	case !v.fit:
		return false
	case a.cs != f.cs || a.eps != f.eps || a.five != f.five: // not asked yet in this state, which may be gone in a second
		v.why, v.advice = "", ""
		return dataOnly(f.cs, f.eps, f.five)
	}
	failed := !f.failedSince.IsZero() && time.Since(f.failedSince) < tryAgainAfter
	switch a.weighs(failed) {
	case textsGo:
		if dataOnly(f.cs, f.eps, f.five) {
			v.why, v.advice = "", ""
		}
	case textsDoubted:
		v.why = "registered for data only, and nothing shows a way for texts: " + a.saw()
		v.advice = "send a test text; if it fails, try in this order: " + join(a.levers(f.vendor))
	case textsBarred:
		v.fit, v.state = false, NoTexts
		v.why = "registered for data only, and a text failed: " + a.saw()
		v.advice = "try in this order: " + join(a.levers(f.vendor))
	}
	return false
}

func join(list []string) string {
	out := ""
	for i, s := range list {
		if i > 0 {
			out += "; "
		}
		out += s
	}
	return out
}

// passing says whether this state may be a matter of seconds.
func (v service) passing() bool {
	return v.state == Registering || v.state == Denied || v.state == NoService
}

// changeSoon is change, but a loss of registration is told only when it has
// lasted: until then the health is what it is and nobody hears of it.
func (m *Modem) changeSoon(passing bool, f func(*Health)) {
	m.telling.Lock()
	defer m.telling.Unlock()
	m.mu.Lock()
	f(&m.health)
	now := m.health
	switch {
	case !passing:
		m.lostAt = time.Time{}
	case m.lostAt.IsZero() && m.told.State == Ready:
		m.lostAt = time.Now()
	}
	hold := passing && m.told.State == Ready && time.Since(m.lostAt) < flapping
	if !hold {
		m.lostAt = time.Time{}
	}
	m.mu.Unlock()
	if !hold {
		m.tell(now)
	}
}

// tell tells the health if it is news. The telling lock is held.
func (m *Modem) tell(now Health) {
	if now != m.told {
		m.told = now
		m.opts.Inbox.Health(now)
	}
}

// lasting tells a loss of registration that has lasted.
func (s *session) lasting() {
	s.m.mu.Lock()
	since := s.m.lostAt
	s.m.mu.Unlock()
	if !since.IsZero() && time.Since(since) >= flapping {
		s.judge()
	}
}
