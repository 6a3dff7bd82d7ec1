package event

import "time"

// Alarmed is an outage as another system on the LAN reports it. What it says
// replaces what it said of the same outage before; a field left out stays.
type Alarmed struct {
	By       string   // the sender's name in the configuration
	From     string   // the address it came from
	ID       string   // the sender's own for this outage
	Over     bool     // it has ended
	Subject  string   // what people are told is hit: a service, an uplink, a place
	Scope    []string // uplinks and services of the configuration that are hit
	Regions  []string // places, as those who are told know them
	Hit      []string // whom it is about, in the words of the list: narrower than the places; empty: all of them
	Title    string   // for the house
	Severity string   // likewise
	Say      string   // for those who were told
	ETR      time.Time
}

// SetOf begins the name of a list that Scoped keeps.
const SetOf = "set:"

// Scoped keeps a list of names that is too long for the state. It goes when
// no incident, plan or notice refers to it any more.
type Scoped struct {
	Name string
	Of   []string
}

func (Alarmed) fact()  {}
func (Scoped) effect() {}
