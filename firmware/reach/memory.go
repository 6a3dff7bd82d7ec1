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

	started, last time.Time      // box time of the first and the newest round (or Begin)
	latest        event.Evidence // of the newest round
	unplugged     bool           // the newest link result failed
	bad, good     run
	names, clean  int // rounds in a row with names failing alone, and without
	lone          int // rounds in a row in which one target alone failed
	place         event.Place
	placed        int // bad rounds in a row that point at place
	window        window
}

// run counts rounds of one sort in a row, and knows when they began.
type run struct {
	rounds int
	since  event.Stamp
}

// What is the sort of a change.
type What string

// What can change. Quiet must be remembered but need not be told: ups, downs
// and degradations while the subject is unstable.
const (
	WentDown  What = "down"
	WentUp    What = "up"       // also the first verdict after a start: From is unknown
	Worsened  What = "degraded" // it works, but badly
	Recovered What = "better"   // degraded no longer: up
	Moved     What = "place"    // still down, but the fault lies elsewhere
	Unsteady  What = "unstable" // said once; replaces the up or down that made it so
	Settled   What = "settled"  // To has the final condition, From the count of changes
	Silent    What = "silent"   // no results: unknown, place this box
	Excused   What = "excused"  // would be down, but so is its parent: unknown
	Quiet     What = "quiet"
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
	if v.Condition == event.IsUp && m.lone >= r.DownAfter {
		v.Place = event.PlaceTarget
	}
	return v
}

// InDoubt says that the next rounds decide something, so that probing faster
// pays: a run of bad rounds, a run of good ones in an outage, or a port that
// just lost its carrier.
func (m Memory) InDoubt(r Rule) bool {
	if m.down() {
		return m.good.rounds > 0
	}
	return m.bad.rounds > 0 && m.Verdict.Place != event.PlaceBox && !m.excused() || m.unplugged
}

// Failing says that the subject is down or may be about to be. It is what a
// child should be excused by: both lose their targets in the same second, and
// whose round is weighed first is chance.
func (m Memory) Failing() bool { return m.down() || m.bad.rounds > 0 }

func (m Memory) down() bool { return m.Verdict.Condition == event.IsDown }

// excused is an unknown that has evidence: before the first round and after a
// silence there is none.
func (m Memory) excused() bool {
	return m.Verdict.Condition == event.IsUnknown && m.Verdict.Place == event.PlaceNone && !m.Verdict.Since.IsZero()
}

// silent says that the probes were found silent and no round came since.
func (m Memory) silent() bool {
	return m.Verdict.Condition == event.IsUnknown && m.Verdict.Place == event.PlaceBox
}
