package reach

import (
	"time"

	"heliograph/firmware/event"
)

// Begin marks the start of watching, so that probes which never answer at all
// are noticed too. Call it at boot and for a subject that is new.
func (r Rule) Begin(m Memory, at event.Stamp) Memory { return m }

// Weigh takes in one round.
func (r Rule) Weigh(m Memory, at event.Stamp, results []event.Result, parentDown bool) (Memory, []Change) {
	return m, nil
}

// Late says that the probes fell silent.
func (r Rule) Late(m Memory, at event.Stamp) (Memory, []Change) { return m, nil }

// Wake is the next box time at which the passing of time alone matters; zero
// means never.
func (r Rule) Wake(m Memory) time.Time { return time.Time{} }

// Tick is the passing of time.
func (r Rule) Tick(m Memory, at event.Stamp) (Memory, []Change) { return m, nil }

// Reclocked is the memory after box time was moved forward.
func (m Memory) Reclocked(by time.Duration, at event.Stamp) Memory { return m }

type window struct{}
