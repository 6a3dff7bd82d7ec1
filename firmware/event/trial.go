package event

import "time"

// Loop is a text that the box sends to itself, or to the operator's machine:
// no person reads it.
const Loop Kind = "loop"

// Parts of a self-test that main looks at. A channel is a part under its own
// name: its account is tried over the primary path.
const (
	Signal = "signal"      // of each modem, over the last days
	Credit = "credit"      // of each SIM that tells it by a service code
	Disk   = "disk"        // of the data folder
	Clock  = "clock"       // whether it can be believed
	Heat   = "temperature" // of the hottest spot
)

// Inspect asks for a look at parts of the box. Each is answered by an
// Inspected of its own.
type Inspect struct{ Parts []string }

// Inspected is what a look at one part has shown.
type Inspected struct {
	Part     string
	Findings []Finding // one for each modem or SIM, or one; none: there is nothing to be looked at
}

// Finding is one thing that was looked at.
type Finding struct {
	Part  string    `json:"part"`           // "signal", or "loop" and "path", which decide looks at itself
	Of    string    `json:"of,omitempty"`   // the modem or backhaul; empty: the box
	OK    bool      `json:"ok,omitempty"`   // it is as it should be
	Value float64   `json:"value"`          // loop, channel and path: seconds; signal: mean dBm; credit: money; disk: share that is free; temperature: °C
	Unit  string    `json:"unit,omitempty"` // of credit, as the operator writes it
	Until time.Time `json:"until,omitzero"` // day on which credit ends; zero: not known
	Why   string    `json:"why,omitempty"`  // what is wrong, in short words with what to do
}

// Name tells a finding from the others of one test.
func (f Finding) Name() string {
	if f.Of == "" {
		return f.Part
	}
	return f.Part + " " + f.Of
}

func (Inspect) effect() {}
func (Inspected) fact() {}
