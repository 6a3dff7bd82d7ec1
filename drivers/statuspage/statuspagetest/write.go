package statuspagetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

var (
	live    = []string{"investigating", "identified", "monitoring", "resolved"}
	works   = []string{"scheduled", "in_progress", "verifying", "completed"}
	impacts = []string{"none", "maintenance", "minor", "major", "critical"}
	states  = []string{"operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage", ""}
)

// told is what a request may set; a nil is left as it is.
type told struct {
	Name       *string           `json:"name"`
	Status     *string           `json:"status"`
	Impact     *string           `json:"impact_override"`
	Body       *string           `json:"body"`
	For        *string           `json:"scheduled_for"`
	Until      *string           `json:"scheduled_until"`
	Remind     *bool             `json:"scheduled_remind_prior"`
	Begins     *bool             `json:"scheduled_auto_in_progress"`
	Ends       *bool             `json:"scheduled_auto_completed"`
	ToWork     *bool             `json:"auto_transition_to_maintenance_state"`
	ToWell     *bool             `json:"auto_transition_to_operational_state"`
	Deliver    *bool             `json:"deliver_notifications"`
	Metadata   map[string]any    `json:"metadata"`
	IDs        []string          `json:"component_ids"`
	Components map[string]string `json:"components"`
}

// read takes a request's body apart; what the API does not know is refused
// here, so that a misspelt key is noticed.
func read(r *http.Request) (told, error) {
	var body struct {
		Incident *told `json:"incident"`
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return told{}, fmt.Errorf("unknown content type %q", r.Header.Get("Content-Type"))
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil || body.Incident == nil {
		return told{}, fmt.Errorf("param is missing or the value is empty: incident (%v)", err)
	}
	return *body.Incident, nil
}

// faulty names what is wrong with a request; planned says which statuses go.
func (p *Page) faulty(t told, planned bool) string {
	known := live
	if planned {
		known = works
	}
	switch {
	case t.Status != nil && !slices.Contains(known, *t.Status):
		return "Status is not included in the list"
	case t.Impact != nil && !slices.Contains(impacts, *t.Impact):
		return "Impact override is not included in the list"
	case t.Name != nil && len([]rune(*t.Name)) > 255:
		return "Name is too long (maximum is 255 characters)"
	case t.Body != nil && len([]rune(*t.Body)) > 25_000:
		return "Body is too long (maximum is 25000 characters)"
	}
	for key, v := range t.Metadata {
		if _, ok := v.(map[string]any); !ok {
			return "Metadata " + key + " must be an object"
		}
	}
	for id, state := range t.Components {
		if p.component(id) == nil || !slices.Contains(states, state) {
			return fmt.Sprintf("Component %s with status %q is unknown", id, state)
		}
	}
	for _, id := range t.IDs {
		if p.component(id) == nil {
			return "Component " + id + " is unknown"
		}
	}
	return ""
}

func (p *Page) create(r *http.Request) answer {
	t, err := read(r)
	if err != nil {
		return wrong(400, "%v", err)
	}
	planned := t.For != nil
	if t.Name == nil || *t.Name == "" {
		return wrong(422, "Name can't be blank")
	}
	if no := p.faulty(t, planned); no != "" {
		return wrong(422, "%s", no)
	}
	p.last++
	i := &Incident{ID: fmt.Sprintf("inc%03d", p.last), PageID: p.ID, Status: live[0], Impact: "none", CreatedAt: p.stamp(),
		Shortlink: fmt.Sprintf("https://stspg.example/%d", p.last), Components: []Component{}, Metadata: map[string]any{}}
	if planned {
		i.Status, i.Impact = works[0], "maintenance"
	}
	p.apply(i, t)
	p.incidents = append([]*Incident{i}, p.incidents...)
	return answer{status: 201, value: p.show(i)}
}

func (p *Page) update(r *http.Request, i *Incident) answer {
	t, err := read(r)
	if err != nil {
		return wrong(400, "%v", err)
	}
	if no := p.faulty(t, i.ScheduledFor != nil); no != "" {
		return wrong(422, "%s", no)
	}
	p.apply(i, t)
	return answer{status: 200, value: p.show(i)}
}

func (p *Page) apply(i *Incident, t told) {
	now := p.stamp()
	i.UpdatedAt = now
	set(&i.Name, t.Name)
	set(&i.Status, t.Status)
	set(&i.Impact, t.Impact)
	for _, f := range []struct{ to, from **string }{{&i.ImpactOverride, &t.Impact}, {&i.ScheduledFor, &t.For}, {&i.ScheduledUntil, &t.Until}} {
		if *f.from != nil {
			*f.to = *f.from
		}
	}
	switch i.Status {
	case "monitoring":
		i.MonitoringAt = &now
	case "resolved", "completed":
		i.ResolvedAt = &now
	}
	if t.Metadata != nil {
		i.Metadata = t.Metadata
	}
	u := Update{ID: fmt.Sprintf("%su%d", i.ID, len(i.Updates)+1), Incident: i.ID, Status: i.Status, At: now, Created: now, Updated: now,
		Deliver: t.Deliver == nil || *t.Deliver, Affected: p.touch(i, t)}
	set(&u.Body, t.Body)
	if t.Body != nil || t.Status != nil {
		i.Updates = append([]Update{u}, i.Updates...)
	}
}

// touch sets components. Resolving alone leaves them as they are.
func (p *Page) touch(i *Incident, t told) []Affected {
	affected := []Affected{}
	hit := func(id string) *Component {
		c := p.component(id)
		if !slices.ContainsFunc(i.Components, func(c Component) bool { return c.ID == id }) {
			i.Components = append(i.Components, *c)
		}
		return c
	}
	for _, id := range t.IDs {
		hit(id)
	}
	for id, state := range t.Components {
		c := hit(id)
		affected = append(affected, Affected{Code: id, Name: c.Name, Old: c.Status, New: state})
		if state != "" {
			c.Status = state
		}
	}
	return affected
}

func set(to *string, from *string) {
	if from != nil {
		*to = *from
	}
}
