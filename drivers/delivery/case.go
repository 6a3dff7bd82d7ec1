package delivery

import "time"

// Case is an incident as the channels show it that have pages, threads and
// components instead of texts. Times are UTC; zero means not known.
type Case struct {
	Key     string `json:"key"`     // such as "waw-12/7": the same at every telling, for whoever looks whether a telling arrived
	Telling int    `json:"telling"` // rises with every telling of this incident; a later one replaces an earlier one
	Site    string `json:"site"`
	Number  int    `json:"number"`
	Kind    string `json:"kind"` // of the notice: "down", "update", "all-clear" …
	Phase   Phase  `json:"phase"`
	Impact  Impact `json:"impact"`
	Title   string `json:"title"` // one line, the same through the incident's life: "transit-a: no connection"
	Text    string `json:"text"`  // what is new, a paragraph

	Opened   time.Time `json:"opened,omitzero"`
	Resolved time.Time `json:"resolved,omitzero"`
	From     time.Time `json:"from,omitzero"` // planned work: its window
	Until    time.Time `json:"until,omitzero"`
	ETR      time.Time `json:"etr,omitzero"`
	Now      time.Time `json:"now,omitzero"` // when it was told

	Scope    []Touched `json:"scope"`              // what is hit, in the configuration's words
	By       string    `json:"by,omitempty"`       // who has it
	Drill    bool      `json:"drill,omitempty"`    // nothing of it is real
	Timeline []Line    `json:"timeline,omitempty"` // what may be shown outside, oldest first
	Work     *Work     `json:"work,omitempty"`     // of planned work
}

// Work is planned work in the words of MAINTNOTE
// (draft-gunter-calext-maintenance-notifications).
type Work struct {
	Revision int    `json:"revision"` // rises with every change
	Status   string `json:"status"`   // CONFIRMED, IN-PROCESS, COMPLETED or CANCELLED
	Impact   string `json:"impact"`   // NO-IMPACT, REDUCED-REDUNDANCY, DEGRADED or OUTAGE
	Account  string `json:"account,omitempty"`
}

// Phase is how far an incident is, in the words that status pages use.
type Phase string

// The phases of an incident and of planned work.
const (
	Identified Phase = "identified"
	Monitoring Phase = "monitoring"
	Resolved   Phase = "resolved"
	Scheduled  Phase = "scheduled"
	InProgress Phase = "in_progress"
	Completed  Phase = "completed"
)

// Over tells whether nothing more will come.
func (p Phase) Over() bool { return p == Resolved || p == Completed }

// Impact is how bad it is, in the words that status pages use.
type Impact string

// The impacts of an incident.
const (
	NoImpact Impact = "none"
	Minor    Impact = "minor"
	Major    Impact = "major"
	Critical Impact = "critical"
	ByWork   Impact = "maintenance" // it was planned
)

// Touched is an uplink, service or region that an incident hits.
type Touched struct {
	Name  string `json:"name"`
	State string `json:"state"` // operational, degraded_performance, partial_outage, major_outage, under_maintenance
}

// Line is one line of what was told before.
type Line struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}
