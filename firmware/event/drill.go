package event

import "time"

// Kinds of a rehearsal.
const (
	BrokenOff Kind = "broken-off" // a real incident has begun: the drill is over
	Rehearsed Kind = "drill"      // how a drill went, with its times
)

// DrillDue says that the schedule asks for a drill. One that was missed is not
// made up for.
type DrillDue struct {
	Scheduled time.Time // the wall time it was due at
}

func (DrillDue) fact() {}
