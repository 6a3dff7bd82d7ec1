package statuspage

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"heliograph/drivers/delivery"
)

// Limits of the API, in characters.
const longestName, longestBody = 255, 25_000

// incident is what the API is told, and the part of its answers that is read.
type incident struct {
	ID       string `json:"id,omitempty"`
	Link     string `json:"shortlink,omitempty"`
	Name     string `json:"name,omitempty"`
	Status   string `json:"status,omitempty"`
	Impact   string `json:"impact_override,omitempty"`
	Body     string `json:"body,omitempty"`
	For      string `json:"scheduled_for,omitempty"`
	Until    string `json:"scheduled_until,omitempty"`
	Remind   bool   `json:"scheduled_remind_prior,omitempty"`
	Begins   bool   `json:"scheduled_auto_in_progress,omitempty"`
	ToWork   bool   `json:"auto_transition_to_maintenance_state,omitempty"`
	Metadata struct {
		OOB oob `json:"oob,omitzero"`
	} `json:"metadata,omitzero"`
	IDs        []string          `json:"component_ids,omitempty"`
	Components map[string]string `json:"components,omitempty"`
}

// oob is how an incident of ours is known again. Says is what it alone says of
// its components, for they show the worst of all incidents.
type oob struct {
	Incident string            `json:"incident"`
	Telling  int               `json:"telling"`
	Says     map[string]string `json:"says,omitempty"`
}

// wrapped is the request's outer shape.
type wrapped struct {
	Incident incident `json:"incident"`
}

// found is an incident as the page lists it.
type found struct {
	ID       string `json:"id"`
	Link     string `json:"shortlink"`
	Status   string `json:"status"`
	For      string `json:"scheduled_for"`
	Metadata struct {
		OOB oob `json:"oob"`
	} `json:"metadata"`
	Components []struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	} `json:"components"`
}

func (f found) over() bool { return f.Status == "resolved" || f.Status == "completed" }

func (f found) entry() *entry {
	ours := f.Metadata.OOB
	e := &entry{Key: ours.Incident, ID: f.ID, Link: f.Link, Telling: ours.Telling, Components: ours.Says, Planned: f.For != "", Over: f.over()}
	for _, c := range f.Components {
		if e.Components == nil {
			e.Components = map[string]string{}
		}
		if e.Components[c.ID] == "" {
			e.Components[c.ID] = c.Status
		}
	}
	return e
}

// words are the API's statuses of incidents and of planned work.
var words = map[delivery.Phase][2]string{
	delivery.Identified: {"identified", "in_progress"},
	delivery.Monitoring: {"monitoring", "verifying"},
	delivery.Resolved:   {"resolved", "completed"},
	delivery.Scheduled:  {"identified", "scheduled"},
	delivery.InProgress: {"identified", "in_progress"},
	delivery.Completed:  {"resolved", "completed"},
}

func status(p delivery.Phase, planned bool) string {
	w := words[p]
	if planned {
		return w[1]
	}
	return cmp.Or(w[0], "identified")
}

func planned(c *delivery.Case) bool {
	return c.Phase == delivery.Scheduled || c.Phase == delivery.InProgress || c.Phase == delivery.Completed || !c.From.IsZero()
}

// fill words a telling for the API. The page's own words for what happens at
// the window's end are left out: only a person or a probe knows that work is over.
func fill(c *delivery.Case, text string, isPlanned bool, mine, shown map[string]string) incident {
	i := incident{Status: status(c.Phase, isPlanned), Body: cut(cmp.Or(c.Text, text, c.Title), longestBody)}
	i.Metadata.OOB = oob{c.Key, c.Telling, mine}
	if !c.Phase.Over() {
		i.Name = cut(cmp.Or(c.Title, c.Key), longestName)
	}
	if isPlanned && !c.From.IsZero() && !c.Phase.Over() {
		i.For, i.Until = stamp(c.From), stamp(c.Until)
	}
	if !isPlanned && !c.Phase.Over() {
		i.Impact = string(c.Impact)
	}
	if len(shown) > 0 {
		i.IDs = slices.Sorted(maps.Keys(shown))
	}
	if c.Phase == delivery.Scheduled {
		i.Remind, i.Begins, i.ToWork = true, true, true
	} else {
		i.Components = shown
	}
	return i
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// cut shortens to so many characters.
func cut(s string, longest int) string {
	if r := []rune(s); len(r) > longest {
		return string(r[:longest-1]) + "…"
	}
	return s
}
