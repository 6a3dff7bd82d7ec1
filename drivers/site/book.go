package site

import (
	"slices"
	"time"

	"heliograph/drivers/delivery"
)

const (
	mostKept  = 50 // closed incidents
	mostLines = 40 // of one incident's timeline
	mostText  = 1000
)

// book is what is remembered: the newest telling of each incident, and what
// the host has.
type book struct {
	Cases []delivery.Case   `json:"cases"`
	There map[string]string `json:"there,omitempty"` // sums by file name
	Tried bool              `json:"tried,omitempty"` // a put began and was not confirmed
}

// add takes a telling in, and lets go of what closed more than days ago, by
// the newest time that was told.
func (b *book) add(c delivery.Case, days int) {
	i := slices.IndexFunc(b.Cases, func(old delivery.Case) bool { return old.Key == c.Key })
	switch {
	case i < 0:
		b.Cases = append(b.Cases, bounded(c))
	case b.Cases[i].Telling <= c.Telling:
		b.Cases[i] = bounded(after(b.Cases[i], c))
	}
	slices.SortStableFunc(b.Cases, func(a, b delivery.Case) int { return since(b).Compare(since(a)) })
	oldest, closed := asOf(b.Cases).AddDate(0, 0, -days), 0
	b.Cases = slices.DeleteFunc(b.Cases, func(c delivery.Case) bool {
		if c.Phase.Over() {
			closed++
		}
		return c.Phase.Over() && (closed > mostKept || until(c).Before(oldest))
	})
}

// after is a telling with what was told before it, if it does not bring that
// itself.
func after(old, c delivery.Case) delivery.Case {
	if len(c.Timeline) == 0 && old.Telling < c.Telling {
		c.Timeline = append(slices.Clone(old.Timeline), delivery.Line{At: old.Now, Text: old.Text})
	}
	if c.Opened.IsZero() {
		c.Opened = old.Opened
	}
	if len(c.Scope) == 0 {
		c.Scope = old.Scope
	}
	return c
}

func bounded(c delivery.Case) delivery.Case {
	c.Text = cut(c.Text, mostText)
	c.Timeline = slices.Clone(c.Timeline[max(0, len(c.Timeline)-mostLines):])
	for i := range c.Timeline {
		c.Timeline[i].Text = cut(c.Timeline[i].Text, mostText)
	}
	return c
}

// asOf is the newest time that was told.
func asOf(cases []delivery.Case) time.Time {
	var newest time.Time
	for _, c := range cases {
		if c.Now.After(newest) {
			newest = c.Now
		}
	}
	return newest
}

func since(c delivery.Case) time.Time {
	for _, t := range []time.Time{c.From, c.Opened, c.Now} {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

func until(c delivery.Case) time.Time {
	if !c.Resolved.IsZero() {
		return c.Resolved
	}
	return c.Now
}

// hits tells whether an incident is about a part.
func hits(c delivery.Case, part string) bool {
	return slices.ContainsFunc(c.Scope, func(t delivery.Touched) bool { return t.Name == part })
}

// bad orders the states of a part.
var bad = map[string]int{"operational": 1, "under_maintenance": 2, "degraded_performance": 3, "partial_outage": 4, "major_outage": 5}

// stateOf is the worst that an open incident says of a part. Planned work
// counts while it lasts.
func stateOf(part string, cases []delivery.Case) string {
	worst := "operational"
	for _, c := range cases {
		for _, t := range c.Scope {
			state := t.State
			switch {
			case t.Name != part, c.Phase.Over(), c.Phase == delivery.Scheduled:
				continue
			case c.Phase == delivery.InProgress && bad[state] <= 1:
				state = "under_maintenance"
			}
			if bad[state] > bad[worst] {
				worst = state
			}
		}
	}
	return worst
}

var bigger = map[delivery.Impact]int{delivery.NoImpact: 0, delivery.Minor: 1, delivery.Major: 2, delivery.Critical: 3}

// overall is the worst impact of what is open.
func overall(cases []delivery.Case) delivery.Impact {
	worst := delivery.NoImpact
	for _, c := range cases {
		if !c.Phase.Over() && c.Phase != delivery.Scheduled && c.Phase != delivery.InProgress && bigger[c.Impact] > bigger[worst] {
			worst = c.Impact
		}
	}
	return worst
}
