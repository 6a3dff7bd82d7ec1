package reach

import (
	"slices"
	"time"

	"heliograph/firmware/event"
)

// damp counts a change between down and not down. When there were too many it
// says so once, and then keeps quiet until the subject has settled: seven texts
// in an hour teach people to mute the eighth.
func (r Rule) damp(m Memory, v event.Verdict, what What) (Memory, event.Verdict, What) {
	from := m.Verdict
	v.Changes, v.Unstable = 0, from.Unstable
	if !v.Unstable.IsZero() {
		v.Changes, what = from.Changes, Quiet
	}
	if r.Flap.Changes <= 0 || !flipped(from.Condition, v.Condition) {
		return m, v, what
	}
	m.Flips = append(slices.Clone(m.recent(v.Since, r.Flap.Over)), v.Since)
	switch {
	case !v.Unstable.IsZero():
		v.Changes++
		m.Flips = m.Flips[len(m.Flips)-1:]
	case len(m.Flips) >= r.Flap.Changes:
		v.Unstable, v.Changes, what = m.Flips[0], len(m.Flips), Unstable
	}
	return m, v, what
}

// flipped says that a change is one between down and not down. From unknown is
// none: nothing was said that it could contradict.
func flipped(from, to event.Condition) bool {
	working := func(c event.Condition) bool { return c == event.IsUp || c == event.IsDegraded }
	return working(from) && to == event.IsDown || from == event.IsDown && working(to)
}

func (m Memory) recent(now time.Time, over time.Duration) []time.Time {
	i := 0
	for i < len(m.Flips) && now.Sub(m.Flips[i]) > over {
		i++
	}
	return m.Flips[i:]
}

// settle ends instability once it has been calm for long enough. Not while the
// next rounds may contradict it.
func (r Rule) settle(m Memory, at event.Stamp) (Memory, []Change) {
	calm, unstable := r.settles(m)
	if !unstable || at.Box.Before(calm) {
		return m, nil
	}
	from := m.Verdict
	m.Verdict.Unstable, m.Flips = time.Time{}, nil
	if m.latest.Of > 0 {
		m.Verdict.Evidence = m.latest
	}
	return m, []Change{{From: from, To: m.Verdict, What: Settled}}
}

// settles is when the calm will have lasted, if there is something to settle
// and this run has seen a round: calm over a restart is only hoped for.
func (r Rule) settles(m Memory) (time.Time, bool) {
	if m.Verdict.Unstable.IsZero() || m.wavering() || m.latest.Of == 0 {
		return time.Time{}, false
	}
	if r.Flap.Changes <= 0 || len(m.Flips) == 0 {
		return time.Time{}, true // a reload turned damping off
	}
	return m.Flips[len(m.Flips)-1].Add(r.Flap.Calm), true
}
