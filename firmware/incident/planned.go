package incident

import (
	"maps"
	"slices"
	"time"

	"heliograph/firmware/event"
)

// Work is what planned work has and an outage has not: a window on the wall.
type Work struct {
	Name     string            `json:"name,omitempty"` // as the configuration or a calendar calls it; empty: it was ordered
	From     time.Time         `json:"from"`
	To       time.Time         `json:"to"`
	Listed   [2]time.Time      `json:"listed,omitzero"` // the window as its source had it last
	Text     map[string]string `json:"text,omitempty"`  // language -> what is done; "" is for the house only
	Impact   string            `json:"impact,omitempty"`
	Begun    bool              `json:"begun,omitempty"`
	Late     bool              `json:"late,omitempty"`     // its time is up and something is still down
	Revision int               `json:"revision,omitempty"` // rises with every change that calendars must follow
	Tell     Leads             `json:"tell,omitempty"`
	Said     map[string]int    `json:"said,omitempty"` // audience -> how many of its leads have passed
}

// Leads are how long before its beginning planned work is announced, by
// readers, the longest first. Zero is its beginning.
type Leads map[string][]time.Duration

// Passed counts the leads of a reader that are over at an instant; moved says
// when a lead that falls on an instant is taken instead.
func (w Work) Passed(reader string, now time.Time, moved func(time.Time) time.Time) (n int) {
	for _, lead := range w.Tell[reader] {
		if at := moved(w.From.Add(-lead)); !now.Before(at) {
			n++
		}
	}
	return n
}

// Planned opens an incident for planned work.
func Planned(number int, subjects []string, title, by string, w Work, at event.Stamp) Incident {
	now := At(at)
	return Incident{
		Number: number, Subject: subjects[0], Kind: event.Maintenance, Scope: subjects, Title: title, By: by,
		Phase: Open, Opened: now, Began: now, Work: &w,
	}
}

// work changes a copy of the work.
func (i Incident) work(change func(*Work)) Incident {
	w := *i.Work
	w.Said = maps.Clone(w.Said)
	change(&w)
	i.Work = &w
	return i
}

// Begin begins the work.
func (i Incident) Begin(at event.Stamp) Incident {
	i.Began = At(at)
	return i.work(func(w *Work) { w.Begun = true; w.Revision++ })
}

// Overrun says that its time is up and it is not over.
func (i Incident) Overrun() Incident {
	return i.work(func(w *Work) { w.Late = true; w.Revision++ })
}

// Move gives it another window. What has begun and shall end later is no
// longer late.
func (i Incident) Move(from, to time.Time) Incident {
	return i.work(func(w *Work) {
		if !from.Equal(w.From) && !w.Begun {
			w.Said = nil // its reminders are those of the new window
		}
		w.From, w.To, w.Late = from, to, false
		w.Revision++
	})
}

// Announced notes how many leads have passed for an audience.
func (i Incident) Announced(audience string, leads int) Incident {
	return i.work(func(w *Work) {
		if w.Said == nil {
			w.Said = map[string]int{}
		}
		w.Said[audience] = leads
	})
}

// List keeps what the source of the work says of it.
func (i Incident) List(from, to time.Time, subjects []string, text map[string]string, impact string, tell Leads) Incident {
	i.Scope, i.Subject = slices.Clone(subjects), subjects[0]
	return i.work(func(w *Work) {
		w.Listed, w.Text, w.Impact, w.Tell = [2]time.Time{from, to}, text, impact, tell
	})
}

// Changed raises the revision.
func (i Incident) Changed() Incident { return i.work(func(w *Work) { w.Revision++ }) }

// Words are the window, for the timeline.
func (w Work) Words() string {
	const form = "2 Jan 15:04"
	if w.From.Format(time.DateOnly) == w.To.Format(time.DateOnly) {
		return w.From.Format(form) + "-" + w.To.Format("15:04") + "Z"
	}
	return w.From.Format(form) + " to " + w.To.Format(form) + "Z"
}
