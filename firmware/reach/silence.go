package reach

import (
	"time"

	"heliograph/firmware/event"
)

// Late says that no round came for so long that the probes themselves must
// have stopped. That is an alarm: a watchman who sleeps looks like a quiet
// night. The verdict becomes unknown since the last round, place this box; an
// outage that was on is not over by it.
func (r Rule) Late(m Memory, at event.Stamp) (Memory, []Change) {
	if m.silent() {
		return m, nil
	}
	since := m.last
	if since.Box.IsZero() {
		since = at
	}
	m = m.afresh()
	m.latest = event.Evidence{Failing: []string{"no probe results for " + at.Box.Sub(since.Box).Round(time.Second).String()}}
	return r.turn(m, Silent, verdict(event.IsUnknown, event.PlaceBox, since))
}

// Wake is the next box time at which the passing of time alone matters: the
// probes will have been silent for too long, or an unstable subject calm for
// long enough. Zero means never. Whatever needs a round to be seen (hold
// included) happens at that round.
func (r Rule) Wake(m Memory) time.Time {
	var wake time.Time
	if !m.last.Box.IsZero() && !m.silent() {
		wake = m.last.Box.Add(r.Silence())
	}
	if calm, unstable := r.settles(m); unstable && (wake.IsZero() || calm.Before(wake)) {
		wake = calm
	}
	return wake
}

// Tick is the passing of time: it does what Wake announced, if its time has
// come. Before the first round or Begin of a run nothing is late.
func (r Rule) Tick(m Memory, at event.Stamp) (Memory, []Change) {
	if !m.last.Box.IsZero() && !m.silent() && at.Box.Sub(m.last.Box) >= r.Silence() {
		return r.Late(m, at)
	}
	return r.settle(m, at)
}

// Reclocked is the memory after the clock was set. Box time moved forward by
// so much (zero for most): what was seen since Begin moves along, so that the
// dark time before the boot neither looks like silence nor lengthens a run.
// With a trusted clock, what began in this run gets its wall time. It is the
// one change of the durable part without a Change.
func (m Memory) Reclocked(by time.Duration, at event.Stamp) Memory {
	began := m.started
	move := func(t time.Time) time.Time {
		if began.IsZero() || t.IsZero() || t.Before(began) {
			return t
		}
		return t.Add(by)
	}
	stamp := func(s event.Stamp) event.Stamp {
		s.Box = move(s.Box)
		if at.Trusted && !s.Trusted && !s.Box.IsZero() {
			s.Wall, s.Trusted = at.Wall.Add(s.Box.Sub(at.Box)), true
		}
		return s
	}
	v := &m.Verdict
	if !began.IsZero() && !v.Since.Before(began) {
		s := stamp(event.Stamp{Box: v.Since, Wall: v.SinceWall, Trusted: v.Trusted})
		v.Since, v.SinceWall, v.Trusted = s.Box, s.Wall, s.Trusted
	}
	v.Unstable = move(v.Unstable)
	flips := make([]time.Time, 0, len(m.Flips))
	for _, t := range m.Flips {
		flips = append(flips, move(t))
	}
	m.Flips = flips
	for _, u := range []*run{&m.bad, &m.good, &m.names, &m.clean, &m.lone} {
		u.since = stamp(u.since)
	}
	m.started, m.last = move(m.started), stamp(m.last)
	m.window = m.window.moved(by)
	return m
}
