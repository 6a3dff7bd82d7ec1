package event

import "time"

// Condition is an uplink's or service's judged state.
type Condition string

// Conditions.
const (
	IsUp       Condition = "up"
	IsDegraded Condition = "degraded"
	IsDown     Condition = "down"
	IsUnknown  Condition = "unknown" // not judged yet, excused by a parent, or the probes fell silent
)

// Place is where a fault lies, as far as the probes can tell.
type Place string

// Places of a fault, nearest first.
const (
	PlaceNone     Place = ""
	PlacePort     Place = "own port"          // no carrier, no address, interface gone
	PlaceGateway  Place = "gateway"           // the gateway and all beyond fail
	PlaceUpstream Place = "upstream"          // the gateway answers, all or too much beyond it fails
	PlaceNames    Place = "name service only" // only name lookups fail
	PlaceTarget   Place = "one target only"   // one target fails, the rest answers: its own fault
	PlaceBox      Place = "this box"          // the probes themselves cannot run
)

// Verdict is what the probes of one uplink or service amount to.
type Verdict struct {
	Condition Condition `json:"condition"`
	Place     Place     `json:"place,omitempty"`
	Since     time.Time `json:"since,omitzero"`      // box time at which this condition began: for down, the first failed round
	SinceWall time.Time `json:"since_wall,omitzero"` // the same instant by the wall clock
	Trusted   bool      `json:"trusted,omitempty"`   // whether SinceWall may be believed
	Evidence  Evidence  `json:"evidence,omitzero"`
	Changes   int       `json:"changes,omitempty"` // with Unstable: how often it went up and down
	Unstable  time.Time `json:"unstable,omitzero"` // box time since when it flaps; zero if it does not
}

// Evidence is what a verdict rests on, for texts and the timeline.
type Evidence struct {
	Lost    int           `json:"lost,omitempty"`    // probes beyond the gateway that failed in the last round
	Of      int           `json:"of,omitempty"`      // how many there are
	Failing []string      `json:"failing,omitempty"` // "icmp 9.9.9.9: no answer in 1.8 s", the failing ones, at most eight
	Link    string        `json:"link,omitempty"`    // "eth0 ok", "eth0 no carrier"; empty without an interface
	Gateway string        `json:"gateway,omitempty"` // "gw ok", "gw no answer"; empty without a gateway
	Loss    float64       `json:"loss,omitempty"`    // windowed loss, 0 to 1
	Latency time.Duration `json:"latency,omitempty"` // windowed median of the answers
}
