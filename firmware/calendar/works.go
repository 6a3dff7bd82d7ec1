package calendar

import (
	"slices"
	"strings"
	"time"
)

// Work is an event as planned work. Carriers write it by MAINTNOTE
// (draft-gunter-calext-maintenance-notifications), whose properties begin with
// X-MAINTNOTE; of other events only summary and window are known.
type Work struct {
	Name      string // the same for each state of one event
	From, To  time.Time
	Summary   string
	Objects   []string // X-MAINTNOTE-OBJECT-ID, and the words of summary, location and categories
	Impact    string   // X-MAINTNOTE-IMPACT; empty: not said
	Over      bool     // X-MAINTNOTE-STATUS:COMPLETED
	Tentative bool     // it is not settled that it takes place
}

// maintnote is what an event says of maintenance.
type maintnote struct {
	objects         []string
	impact          string
	over, tentative bool
}

func maintnoteOf(p props) maintnote {
	var m maintnote
	for _, o := range p.all("X-MAINTNOTE-OBJECT-ID") {
		m.objects = append(m.objects, strings.TrimSpace(o.Value))
	}
	for _, name := range []string{"SUMMARY", "LOCATION", "CATEGORIES"} {
		for _, one := range p.all(name) {
			m.objects = append(m.objects, strings.FieldsFunc(one.Value, func(r rune) bool { return strings.ContainsRune(" ,;:()/\t\n\\", r) })...)
		}
	}
	m.impact = strings.ToUpper(p.text("X-MAINTNOTE-IMPACT"))
	status := strings.ToUpper(p.text("X-MAINTNOTE-STATUS"))
	m.over = status == "COMPLETED"
	m.tentative = status == "TENTATIVE" || status == "" && strings.EqualFold(p.text("STATUS"), "TENTATIVE")
	return m
}

// cancelled says that the work will not take place.
func cancelled(p props) bool {
	return strings.EqualFold(p.text("STATUS"), "CANCELLED") || strings.EqualFold(p.text("X-MAINTNOTE-STATUS"), "CANCELLED")
}

// Works are the events that touch a time, as planned work, by their
// beginnings. What was cancelled is not among them.
func (c Calendar) Works(from, to time.Time) []Work {
	var all []Work
	for _, e := range c.events {
		for _, span := range e.spans(from, to) {
			name := e.uid
			if name == "" {
				name = e.summary
			}
			if e.rule != nil || len(e.also) > 0 || !e.instead.IsZero() {
				first := span[0]
				if !e.instead.IsZero() {
					first = e.instead
				}
				name += " " + first.UTC().Format("20060102T150405Z")
			}
			all = append(all, Work{
				Name: name, From: span[0].UTC(), To: span[1].UTC(), Summary: e.summary, Objects: e.note.objects, Impact: e.note.impact,
				Over: e.note.over, Tentative: e.note.tentative,
			})
		}
	}
	slices.SortStableFunc(all, func(a, b Work) int { return a.From.Compare(b.From) })
	return all
}
