// Package statuspagetest is a page at Atlassian Statuspage as far as its REST
// API v1 shows it, with the faults that a test orders.
package statuspagetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"heliograph/drivers/https/fault"
)

// Fault is what goes wrong with one request.
type Fault = fault.Fault

// Page is an http.Handler that serves /v1/pages/ID and the public
// /api/v2/summary.json. Set its fields before its first request.
type Page struct {
	ID, Token string
	Now       func() time.Time // nil: time.Now
	PerMinute int              // requests in any 60 s, then 420; zero: no limit

	fault.Menu // what goes wrong, by request: "PATCH", "POST /incidents"

	mu         sync.Mutex
	incidents  []*Incident // newest first
	components []*Component
	log        []string
	times      []time.Time
	last       int
}

// Component is a component as the API shows it.
type Component struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Status   string  `json:"status"`
	Position int     `json:"position"`
	Group    bool    `json:"group"`
	GroupID  *string `json:"group_id"`
}

// Incident is an incident as the API shows it.
type Incident struct {
	ID             string         `json:"id"`
	PageID         string         `json:"page_id"`
	Name           string         `json:"name"`
	Status         string         `json:"status"`
	Impact         string         `json:"impact"`
	ImpactOverride *string        `json:"impact_override"`
	Shortlink      string         `json:"shortlink"`
	CreatedAt      string         `json:"created_at"`
	UpdatedAt      string         `json:"updated_at"`
	MonitoringAt   *string        `json:"monitoring_at"`
	ResolvedAt     *string        `json:"resolved_at"`
	ScheduledFor   *string        `json:"scheduled_for"`
	ScheduledUntil *string        `json:"scheduled_until"`
	Metadata       map[string]any `json:"metadata"`
	Components     []Component    `json:"components"`
	Updates        []Update       `json:"incident_updates"` // newest first
	Reminders      *string        `json:"reminder_intervals"`
	Postmortem     *string        `json:"postmortem_body"`
}

// Update is one telling of an incident.
type Update struct {
	ID       string     `json:"id"`
	Incident string     `json:"incident_id"`
	Status   string     `json:"status"`
	Body     string     `json:"body"`
	At       string     `json:"display_at"`
	Created  string     `json:"created_at"`
	Updated  string     `json:"updated_at"`
	Deliver  bool       `json:"deliver_notifications"`
	Affected []Affected `json:"affected_components"`
	Twitter  bool       `json:"wants_twitter_update"`
}

// Affected is what an update did to a component.
type Affected struct {
	Code string `json:"code"`
	Name string `json:"name"`
	Old  string `json:"old_status"`
	New  string `json:"new_status"`
}

// AddComponent puts an operational component on the page.
func (p *Page) AddComponent(id, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.components = append(p.components, &Component{ID: id, Name: name, Status: "operational", Position: len(p.components) + 1})
}

// State is what a component shows.
func (p *Page) State(id string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.component(id); c != nil {
		return c.Status
	}
	return ""
}

// Incidents are copies of all incidents, the oldest first.
func (p *Page) Incidents() []Incident {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []Incident
	for _, i := range slices.Backward(p.incidents) {
		c := *i
		c.Updates = slices.Clone(i.Updates)
		all = append(all, c)
	}
	return all
}

// Delete takes an incident off the page, as somebody at the console would.
func (p *Page) Delete(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.incidents = slices.DeleteFunc(p.incidents, func(i *Incident) bool { return i.ID == id })
}

// Requests are the requests since the last call, such as "POST /incidents".
func (p *Page) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	log := p.log
	p.log = nil
	return log
}

func (p *Page) component(id string) *Component {
	if i := slices.IndexFunc(p.components, func(c *Component) bool { return c.ID == id }); i >= 0 {
		return p.components[i]
	}
	return nil
}

func (p *Page) now() time.Time {
	if p.Now != nil {
		return p.Now().UTC()
	}
	return time.Now().UTC()
}

func (p *Page) stamp() string { return p.now().Format("2006-01-02T15:04:05.000Z") }

// ServeHTTP answers as the page would, but for the faults that were ordered.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	short := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/v1/pages/"+p.ID)
	p.log = append(p.log, short)
	p.Serve(w, short, func(w http.ResponseWriter) {
		a := p.answer(r)
		a.write(w)
	})
}

// answer is what goes back: a status and a value to show as JSON.
type answer struct {
	status int
	header http.Header
	value  any
}

func (a *answer) text() []byte {
	text, err := json.Marshal(a.value)
	if err != nil {
		panic(err)
	}
	return text
}

func (a *answer) write(w http.ResponseWriter) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.status)
	w.Write(a.text())
}

func wrong(status int, format string, args ...any) answer {
	text := fmt.Sprintf(format, args...)
	if status == http.StatusUnprocessableEntity || status == http.StatusBadRequest {
		return answer{status: status, value: map[string]any{"error": []string{text}}}
	}
	return answer{status: status, value: map[string]any{"error": text}}
}

func (p *Page) answer(r *http.Request) answer {
	if r.URL.Path == "/api/v2/summary.json" && r.Method == http.MethodGet {
		return answer{status: 200, value: p.summary()}
	}
	if !p.within() {
		a := wrong(420, "Enhance your calm")
		a.header = http.Header{"Retry-After": {"30"}}
		return a
	}
	if r.Header.Get("Authorization") != "OAuth "+p.Token {
		return wrong(401, "Could not authenticate")
	}
	rest, ok := strings.CutPrefix(r.URL.Path, "/v1/pages/"+p.ID)
	switch {
	case !ok || rest != "" && rest[0] != '/':
		return wrong(404, "Not found")
	case rest == "" && r.Method == http.MethodGet:
		return answer{status: 200, value: map[string]any{"id": p.ID, "name": "Example", "time_zone": "UTC"}}
	case rest == "/components" && r.Method == http.MethodGet:
		return answer{status: 200, value: paged(r, p.components)}
	case rest == "/incidents" && r.Method == http.MethodPost:
		return p.create(r)
	}
	return p.one(r, strings.TrimPrefix(rest, "/incidents/"))
}

// within counts requests in a rolling minute.
func (p *Page) within() bool {
	now := p.now()
	p.times = slices.DeleteFunc(p.times, func(t time.Time) bool { return now.Sub(t) >= time.Minute })
	if p.PerMinute > 0 && len(p.times) >= p.PerMinute {
		return false
	}
	p.times = append(p.times, now)
	return true
}

func (p *Page) one(r *http.Request, last string) answer {
	lists := map[string][]string{
		"unresolved":         {"investigating", "identified", "monitoring"},
		"scheduled":          {"scheduled"},
		"upcoming":           {"scheduled"},
		"active_maintenance": {"in_progress", "verifying"},
	}
	if states, ok := lists[last]; ok && r.Method == http.MethodGet {
		list := []*Incident{}
		for _, i := range p.incidents {
			if slices.Contains(states, i.Status) {
				list = append(list, p.show(i))
			}
		}
		return answer{status: 200, value: paged(r, list)}
	}
	at := slices.IndexFunc(p.incidents, func(i *Incident) bool { return i.ID == last })
	switch {
	case at < 0:
		return wrong(404, "Not found")
	case r.Method == http.MethodGet:
		return answer{status: 200, value: p.show(p.incidents[at])}
	case r.Method == http.MethodPatch:
		return p.update(r, p.incidents[at])
	case r.Method == http.MethodDelete:
		i := p.incidents[at]
		p.incidents = slices.Delete(p.incidents, at, at+1)
		return answer{status: 200, value: i}
	}
	return wrong(405, "Method not allowed")
}

// show brings an incident's components up to date: it lists what they show now.
func (p *Page) show(i *Incident) *Incident {
	for n, c := range i.Components {
		if now := p.component(c.ID); now != nil {
			i.Components[n] = *now
		}
	}
	return i
}

func paged[T any](r *http.Request, all []T) []T {
	page, per := 1, 100
	fmt.Sscan(r.URL.Query().Get("page"), &page)
	fmt.Sscan(r.URL.Query().Get("per_page"), &per)
	from := min(max(page-1, 0)*per, len(all))
	return append([]T{}, all[from:min(from+per, len(all))]...)
}

func (p *Page) summary() any {
	var open, planned = []*Incident{}, []*Incident{}
	indicator, description := "none", "All Systems Operational"
	for _, i := range p.incidents {
		switch {
		case i.Status == "resolved" || i.Status == "completed":
		case i.ScheduledFor != nil:
			planned = append(planned, p.show(i))
		default:
			open = append(open, p.show(i))
			indicator, description = i.Impact, "Service Disruption"
		}
	}
	return map[string]any{
		"page":       map[string]any{"id": p.ID, "name": "Example", "url": "https://example.statuspage.io", "time_zone": "Etc/UTC", "updated_at": p.stamp()},
		"components": p.components, "incidents": open, "scheduled_maintenances": planned,
		"status": map[string]any{"indicator": indicator, "description": description},
	}
}
