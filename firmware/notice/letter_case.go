package notice

import (
	"fmt"
	"time"

	"heliograph/firmware/event"
)

// Case is the incident in a letter, for channels that show one. Its fields and
// its JSON are those of drivers/delivery's Case, which says what they mean.
type Case struct {
	Key     string `json:"key"`
	Telling int    `json:"telling"`
	Site    string `json:"site"`
	Number  int    `json:"number"`
	Kind    string `json:"kind"`
	Phase   Phase  `json:"phase"`
	Impact  Impact `json:"impact"`
	Title   string `json:"title"`
	Text    string `json:"text"`

	Opened   time.Time `json:"opened,omitzero"`
	Resolved time.Time `json:"resolved,omitzero"`
	From     time.Time `json:"from,omitzero"`
	Until    time.Time `json:"until,omitzero"`
	ETR      time.Time `json:"etr,omitzero"`
	Now      time.Time `json:"now,omitzero"`

	Scope    []Touched `json:"scope"`
	By       string    `json:"by,omitempty"`
	Drill    bool      `json:"drill,omitempty"`
	Timeline []Past    `json:"timeline,omitempty"`
	Work     *CaseWork `json:"work,omitempty"`
}

// Phase is how far an incident is, in the words of status pages.
type Phase string

const (
	identified Phase = "identified"
	monitoring Phase = "monitoring"
	resolved   Phase = "resolved"
	scheduled  Phase = "scheduled"
	inProgress Phase = "in_progress"
	completed  Phase = "completed"
)

// Impact is how bad it is, in the words of status pages.
type Impact string

const (
	noImpact Impact = "none"
	minor    Impact = "minor"
	major    Impact = "major"
	critical Impact = "critical"
	byWork   Impact = "maintenance"
)

// Touched is an uplink, service or region that an incident hits.
type Touched struct {
	Name  string `json:"name"`
	State string `json:"state"`
}

// Past is one line of what was told before.
type Past struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// caseOf is the incident as this reader may know it.
func (d draft) caseOf(text string) Case {
	f := d.f
	c := Case{
		Key: f.Key, Telling: f.Telling, Site: f.Site, Number: f.Incident, Kind: string(f.Kind),
		Phase: d.phase(), Impact: d.impact(), Title: d.title(), Text: text,
		Opened: wallOf(f.opened(), f.Now), Now: wallOf(f.Now, f.Now),
		Scope: d.touched(), Drill: f.Drill,
	}
	if f.Now.Trusted {
		c.ETR = utc(f.ETR)
	}
	if c.Key == "" {
		c.Key = fmt.Sprintf("%s/%d", f.Site, f.Incident)
	}
	if f.Drill && d.to == Public {
		c.Title = d.drill + ": " + c.Title // rooms have a mark of their own
	}
	if d.over() {
		c.Resolved = wallOf(f.over(), f.Now)
	}
	if !d.to.outside() {
		c.By = d.holder()
	}
	return d.planned(c)
}

// wallOf is an instant for programs; zero while the clock cannot be trusted.
func wallOf(st, now event.Stamp) time.Time {
	if !timed(st, now) {
		return time.Time{}
	}
	return utc(st.Wall)
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Second)
}

func (d draft) phase() Phase {
	switch {
	case d.f.Work.Given():
		return d.workPhase()
	case d.over():
		return resolved
	case d.f.Kind == event.Unstable:
		return monitoring
	}
	return identified
}

// impact is how bad it is, and of what is over, how bad it was.
func (d draft) impact() Impact {
	condition := d.f.Verdict.Condition
	if d.f.Kind == event.AllClear {
		condition = d.f.Was.Condition
	}
	switch {
	case d.f.Work.Given():
		return byWork
	case d.f.Kind == event.Cancelled:
		return noImpact
	case condition != event.IsDown && !(condition == "" && d.f.first() == event.Down):
		return minor
	case d.f.Critical && !d.over():
		return critical
	}
	return major
}

// touched is what is hit. The public knows regions only.
func (d draft) touched() []Touched {
	names := append(d.f.Scope[:len(d.f.Scope):len(d.f.Scope)], d.f.Regions...)
	switch d.to {
	case Public, Subscriber:
		names = d.f.Regions
	case Partner, CarrierNOC:
		names = []string{d.thing()}
	}
	list := []Touched{}
	known := map[string]bool{}
	for _, name := range names {
		if !known[name] {
			list = append(list, Touched{Name: name, State: d.state()})
		}
		known[name] = true
	}
	return list
}

func (d draft) state() string {
	switch {
	case d.f.Work.Given():
		return d.workState()
	case d.over() && (d.f.Kind != event.Dismissed || d.to == Public):
		return "operational" // of a page's mark, too, that nobody would take back later
	case d.impact() == minor || d.f.Verdict.Condition == event.IsUp:
		return "degraded_performance"
	}
	return "major_outage"
}

// holder is who has it. An opener, a canceller and a speaker are no holders.
func (d draft) holder() string {
	switch {
	case d.f.Acked != "":
		return d.f.Acked
	case d.f.Kind == event.AckedBy, d.f.Kind == event.AllClear && d.f.first() != event.Opened:
		return d.f.By
	}
	return ""
}
