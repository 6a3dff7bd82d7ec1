package reach

import "heliograph/firmware/event"

// Begin marks the start of watching, so that probes which never answer at all
// are noticed too. Call it at boot and for a subject that is new.
func (r Rule) Begin(m Memory, at event.Stamp) Memory {
	m = m.afresh()
	m.started, m.last = at.Box, at
	return m
}

// Weigh takes in one round: all of the subject's results of one time. Results
// of the link alone (its carrier changed) are evidence but no round.
//
// parentDown says that the subject's declared parent fails (see Failing): what
// would be down is then excused, because one cut must not raise two alarms. A
// subject that was down before its parent stays down.
func (r Rule) Weigh(m Memory, at event.Stamp, results []event.Result, parentDown bool) (Memory, []Change) {
	s := r.survey(results)
	if s.link != notLooked {
		m.unplugged = s.link == fails
	}
	if s.Of == 0 {
		m.latest.Link, m.latest.Gateway = either(s.Link, m.latest.Link), either(s.Gateway, m.latest.Gateway)
		return m, nil
	}
	m = r.count(m, at, s, parentDown)
	m, changes := r.judge(m, at, s, parentDown)
	if len(changes) > 0 {
		return m, changes
	}
	return r.settle(m, at)
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// count adds a round to the runs and the window.
func (r Rule) count(m Memory, at event.Stamp, s survey, parentDown bool) Memory {
	if !m.last.Box.IsZero() && at.Box.Sub(m.last.Box) >= r.Silence() {
		m = m.afresh()
	}
	if m.started.IsZero() {
		m.started = at.Box
	}
	m.last = at
	if m.pardoned && !parentDown {
		m.bad, m.pardoned = run{}, false
	}
	bad := s.Of-s.Lost < min(r.Quorum, s.Of)
	m.bad, m.good = m.bad.more(bad, at), m.good.more(!bad, at)
	m.names = m.names.more(s.names && !bad, at)
	if s.alone != m.alone {
		m.lone = run{}
	}
	m.lone, m.alone = m.lone.more(s.alone >= 0, at), s.alone
	m = r.point(m, s, bad)
	if !bad || !parentDown {
		// What the parent lost says nothing about this subject's own quality.
		m.window = m.window.add(s, at.Box, r.Degraded.Over)
	}
	s.Loss, s.Latency = m.window.loss(), m.window.latency()
	m.latest = s.Evidence
	m.clean = m.clean.more(!bad && !s.names && r.calm(m, at), at)
	return m
}

// point follows where bad rounds put the fault.
func (r Rule) point(m Memory, s survey, bad bool) Memory {
	if !bad {
		m.place, m.placed = event.PlaceNone, 0
		return m
	}
	if p := r.where(s); p != m.place {
		m.place, m.placed = p, 0
	}
	m.placed++
	return m
}

// steady is how many rounds must agree before a fault is said to have moved.
const steady = 3

func (r Rule) judge(m Memory, at event.Stamp, s survey, parentDown bool) (Memory, []Change) {
	switch {
	case m.down() && r.lasted(m.good, r.UpAfter, r.Hold, at):
		return r.rise(m)
	case m.down():
		return r.follow(m)
	case r.lasted(m.bad, r.DownAfter, 0, at) && parentDown:
		return r.pardon(m)
	case r.lasted(m.bad, r.DownAfter, 0, at):
		return r.turn(m, Down, verdict(event.IsDown, m.place, m.bad.since))
	case m.bad.rounds > 0:
		// Neither degraded nor better while it may be about to go down: that
		// would be two texts for one cut.
		return m, nil
	case m.unknown():
		return r.awake(m, at)
	}
	return r.quality(m, at, s)
}

func verdict(c event.Condition, p event.Place, since event.Stamp) event.Verdict {
	return event.Verdict{Condition: c, Place: p, Since: since.Box, SinceWall: since.Wall, Trusted: since.Trusted}
}

// rise ends an outage. The window begins again with the calm: the outage's
// losses would call it degraded at once.
func (r Rule) rise(m Memory) (Memory, []Change) {
	m.window = m.window.from(m.good.since.Box)
	m.latest.Loss, m.latest.Latency = m.window.loss(), m.window.latency()
	return r.turn(m, Up, verdict(event.IsUp, event.PlaceNone, m.good.since))
}

// follow notices that the fault of an outage lies elsewhere now.
func (r Rule) follow(m Memory) (Memory, []Change) {
	if m.placed < steady || m.place == m.Verdict.Place {
		return m, nil
	}
	v := m.Verdict
	v.Place = m.place
	return r.turn(m, Moved, v)
}

// pardon makes what would be down unknown, once.
func (r Rule) pardon(m Memory) (Memory, []Change) {
	m.pardoned = true
	if m.excused() {
		return m, nil
	}
	m, changes := r.turn(m, Excused, verdict(event.IsUnknown, event.PlaceNone, m.bad.since))
	m.Verdict.Evidence = r.excuse(m.Verdict.Evidence)
	changes[0].To = m.Verdict
	return m, changes
}

func (r Rule) excuse(e event.Evidence) event.Evidence {
	by := "excused: every uplink is down"
	if r.Parent != "" {
		by = "excused by " + r.Parent
	}
	list := append([]string{by}, e.Failing...)
	e.Failing = list[:min(len(list), listed)]
	return e
}

// awake judges a good round of a subject whose state is not known. One round
// is enough at a start: nobody was told anything, so nobody is told, and
// STATUS is of use at once. What was down before must show that it is over as
// any outage must; what was excused, that it is more than one lucky round.
func (r Rule) awake(m Memory, at event.Stamp) (Memory, []Change) {
	if m.Before == event.IsDown && !r.lasted(m.good, r.UpAfter, r.Hold, at) ||
		m.excused() && !r.lasted(m.good, r.UpAfter, 0, at) {
		return m, nil
	}
	return r.turn(m, Up, verdict(event.IsUp, event.PlaceNone, m.good.since))
}

// quality judges a subject that works.
func (r Rule) quality(m Memory, at event.Stamp, s survey) (Memory, []Change) {
	if m.Verdict.Condition == event.IsDegraded {
		if !r.lasted(m.clean, r.UpAfter, r.Hold, at) {
			return m, nil
		}
		return r.turn(m, Better, verdict(event.IsUp, event.PlaceNone, m.clean.since))
	}
	if r.lasted(m.names, r.DownAfter, 0, at) {
		return r.turn(m, Degraded, verdict(event.IsDegraded, event.PlaceNames, m.names.since))
	}
	d := r.Degraded
	lossy := d.Loss > 0 && m.latest.Loss >= d.Loss
	slow := d.Latency > 0 && m.latest.Latency >= d.Latency
	if !lossy && !slow || !m.window.half(r, at.Box) {
		return m, nil
	}
	place := event.PlaceNone // a gateway that cannot be asked may be the slow one
	if s.gateway == works {
		place = r.far()
	}
	return r.turn(m, Degraded, verdict(event.IsDegraded, place, at))
}

// calm says that the window is below the limits at which degraded is left.
func (r Rule) calm(m Memory, at event.Stamp) bool {
	d := r.Degraded
	return m.window.half(r, at.Box) &&
		(d.Loss == 0 || m.latest.Loss <= d.LeaveLoss) &&
		(d.Latency == 0 || m.latest.Latency <= d.LeaveLatency)
}

// turn gives the subject its new verdict, and counts the change if it is one
// between down and not down.
func (r Rule) turn(m Memory, what What, v event.Verdict) (Memory, []Change) {
	from := m.Verdict
	v.Evidence = m.latest
	if v.Condition == event.IsUnknown {
		if !m.unknown() {
			m.Before = from.Condition
		}
		m.Flips = nil // judged afresh afterwards
	} else {
		m.Before = ""
		m, v, what = r.damp(m, v, what)
	}
	m.Verdict = v
	return m, []Change{{From: from, To: v, What: what}}
}
