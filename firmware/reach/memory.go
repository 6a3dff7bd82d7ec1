package reach

import (
	"time"

	"heliograph/firmware/event"
)

// Memory is what is remembered of one uplink or service. The exported fields
// are durable: they say what was judged and are written to disk as JSON. The
// others live only as long as the run; after a restart they begin anew, which
// delays a verdict but never invents one.
type Memory struct {
	// Verdict is the last one that changed, with the evidence of that moment.
	// Current has the newest evidence.
	Verdict event.Verdict `json:"verdict"`
	// Before is what it was before it became unknown. An outage that was cut
	// short by a restart or a silence must be seen to be over, not assumed.
	Before event.Condition `json:"before,omitempty"`
	// Flips are the box times of the last changes between down and not down.
	Flips []time.Time `json:"flips,omitempty"`

	started   time.Time      // box time of Begin, else of the first round
	last      event.Stamp    // of the newest round, else of Begin
	latest    event.Evidence // of the newest round
	unplugged bool           // the newest link result failed
	bad, good run            // rounds below the quorum, and others
	names     run            // rounds in which names alone failed
	clean     run            // rounds with nothing that degrades
	lone      run            // rounds in which the target at alone, and no other, failed
	alone     int
	place     event.Place // where the last bad rounds point
	placed    int         // how many of them in a row
	pardoned  bool        // the bad rounds so far were the parent's
	window    window
}

// run counts rounds of one sort in a row, and knows when they began.
type run struct {
	rounds int
	since  event.Stamp
}

// more is the run with one more round; a round of another sort ends it.
func (u run) more(is bool, at event.Stamp) run {
	if !is {
		return run{}
	}
	if u.rounds == 0 {
		u.since = at
	}
	u.rounds++
	return u
}

// lasted says that a run has enough rounds and took the time that so many
// rounds take at the usual pace: rounds taken faster while in doubt sharpen
// the evidence, but never bring a verdict forward, so that thresholds mean the
// time that `check` printed.
func (r Rule) lasted(u run, rounds int, hold time.Duration, at event.Stamp) bool {
	least := max(time.Duration(rounds-1)*r.Every, hold)
	return u.rounds >= max(rounds, 1) && at.Box.Sub(u.since.Box) >= least
}

// What is the sort of a change.
type What string

// What can change. Quiet must be remembered but need not be told: ups, downs
// and degradations while the subject is unstable.
const (
	Down     What = "down"
	Up       What = "up"       // also the first verdict after a start: From is unknown
	Degraded What = "degraded" // it works, but badly
	Better   What = "better"   // degraded no longer: up
	Moved    What = "place"    // still down, but the fault lies elsewhere
	Unstable What = "unstable" // said once, in place of the up or down that made it so
	Settled  What = "settled"  // To has the final condition and the count of changes
	Silent   What = "silent"   // no results: unknown, place this box
	Excused  What = "excused"  // would be down, but so is its parent: unknown
	Quiet    What = "quiet"
)

// Change is one step from a verdict to the next.
type Change struct {
	From, To event.Verdict
	What     What
}

// Current is the verdict with the evidence of the newest round. An uplink that
// is up shows here, and only here, that one target has failed for a while:
// that is the target's own fault and nobody's alarm.
func (m Memory) Current(r Rule) event.Verdict {
	v := m.Verdict
	if v.Condition == "" {
		v.Condition = event.IsUnknown
	}
	if m.latest.Of > 0 {
		v.Evidence = m.latest
	}
	if m.excused() {
		v.Evidence = r.excuse(v.Evidence)
	}
	if v.Condition == event.IsUp && r.lasted(m.lone, r.DownAfter, 0, m.last) {
		v.Place = event.PlaceTarget
	}
	return v
}

// InDoubt says that the next rounds decide something, so that probing faster
// pays: a run of bad rounds, a run of good ones in an outage, or a port that
// just lost its carrier. An outage that lasts, or that a parent explains, is
// no doubt.
func (m Memory) InDoubt(r Rule) bool {
	return m.wavering() && !m.excused() || m.unplugged && !m.down() && !m.excused()
}

// Near says that a subject is two thirds of the way to being down, or is: what
// takes long to get ready should begin.
func (m Memory) Near(r Rule) bool { return m.down() || 3*m.bad.rounds >= 2*r.DownAfter }

// Failing says that the subject is down or may be about to be. It is what a
// child should be excused by: both lose their targets in the same second, and
// whose round is weighed first is chance.
func (m Memory) Failing() bool { return m.down() || m.bad.rounds > 0 }

func (m Memory) wavering() bool {
	if m.down() {
		return m.good.rounds > 0
	}
	return m.bad.rounds > 0
}

func (m Memory) down() bool { return m.Verdict.Condition == event.IsDown }

func (m Memory) unknown() bool {
	return m.Verdict.Condition == event.IsUnknown || m.Verdict.Condition == ""
}

// excused is an unknown that has a beginning but no place; one that was never
// judged has neither, and silence has both.
func (m Memory) excused() bool {
	return m.unknown() && m.Verdict.Place == event.PlaceNone && !m.Verdict.Since.IsZero()
}

func (m Memory) silent() bool { return m.unknown() && m.Verdict.Place == event.PlaceBox }

// afresh forgets the live evidence: what went before a gap proves nothing about
// what comes after it.
func (m Memory) afresh() Memory {
	return Memory{Verdict: m.Verdict, Before: m.Before, Flips: m.Flips, started: m.started, last: m.last}
}
