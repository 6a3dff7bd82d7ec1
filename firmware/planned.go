package main

import (
	"maps"
	"slices"
	"strings"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/calendar"
	"heliograph/firmware/config"
	"heliograph/firmware/decide"
	"heliograph/firmware/incident"
)

// planningOf takes planned work out of a configuration.
func planningOf(c config.Config) decide.Planning {
	m, q := c.Maintenance, c.Subscribers.Quiet
	p := decide.Planning{
		Tell: leadsOf(m.Tell), Reads: m.Calendar.File != "", Unread: m.Calendar.Trouble != "",
		Quiet: audience.Quiet{From: audience.Clock(q.From), To: audience.Clock(q.To)},
	}
	var fixed []decide.Listed
	for _, w := range m.Windows {
		fixed = append(fixed, decide.Listed{
			Name: w.Name, Subjects: slices.Concat(w.Uplinks, w.Services), Regions: w.Regions, Title: "", From: w.From, To: w.To,
			Text: w.Text, Impact: w.Impact, Tell: leadsOf(w.Tell),
		})
	}
	p.Listed = func(from, to time.Time) []decide.Listed {
		all := slices.DeleteFunc(slices.Clone(fixed), func(l decide.Listed) bool { return l.To.Before(from) || l.From.After(to) })
		for _, w := range m.Calendar.Events.Works(from, to) {
			if l, ok := listedOf(c, w); ok && !w.Tentative {
				all = append(all, l)
			}
		}
		return all
	}
	return p
}

func leadsOf(t config.Tell) incident.Leads {
	l := incident.Leads{"subscribers": t.Subscribers, "partners": t.Partners, "public": t.Public, "staff": t.Staff}
	maps.DeleteFunc(l, func(_ string, leads []time.Duration) bool { return len(leads) == 0 })
	return l
}

// listedOf finds what an event of a calendar is about: uplinks by name or
// circuit, services and regions by name.
func listedOf(c config.Config, w calendar.Work) (decide.Listed, bool) {
	names := func(is ...string) bool {
		return slices.ContainsFunc(is, func(s string) bool {
			return s != "" && slices.ContainsFunc(w.Objects, func(o string) bool { return strings.EqualFold(o, s) })
		})
	}
	l := decide.Listed{
		Name: w.Name, Title: w.Summary, From: w.From, To: w.To, Text: map[string]string{"": w.Summary}, Impact: w.Impact,
		Tell: leadsOf(c.Maintenance.Tell), Over: w.Over,
	}
	regions := func(serves []string) {
		for _, region := range serves {
			if names(region) && !slices.Contains(l.Regions, region) {
				l.Regions = append(l.Regions, region)
			}
		}
	}
	for _, u := range c.Uplinks {
		if names(u.Name, u.Carrier.Circuit) {
			l.Subjects = append(l.Subjects, u.Name)
		}
		regions(u.Serves)
	}
	for _, s := range c.Services {
		if names(s.Name) {
			l.Subjects = append(l.Subjects, s.Name)
		}
		regions(s.Serves)
	}
	return l, len(l.Subjects)+len(l.Regions) > 0
}
