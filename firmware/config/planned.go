package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"heliograph/firmware/calendar"
)

// Maintenance is planned work.
type Maintenance struct {
	Windows  []Planned
	Calendar WorkCalendar
	Tell     Tell // who hears, and when, where a window does not say
}

// Planned is one window of planned work.
type Planned struct {
	Name     string
	Uplinks  []string
	Services []string
	Regions  []string
	From, To time.Time
	Text     map[string]string // language -> what is done, for those outside
	Impact   string            // in the words of MAINTNOTE: NO-IMPACT, REDUCED-REDUNDANCY, DEGRADED, OUTAGE
	Tell     Tell

	wall rotaWall // until the timezone is known
}

// Tell is how long before planned work each audience hears of it, the longest
// first; zero is its beginning, and none is not at all.
type Tell struct {
	Subscribers, Partners, Public, Staff []time.Duration
}

// WorkCalendar is an iCalendar file of planned work, as carriers and calendars
// write it; File is empty if there is none.
type WorkCalendar struct {
	File    string
	Events  calendar.Calendar
	Trouble string // why it could not be read; empty: it could

	data []byte
}

// farthest is the longest lead: what is announced earlier is forgotten.
const farthest = 30 * day

// maintenance is a list of windows, or a mapping with such a list.
func (r *reader) maintenance(v value) Maintenance {
	m := Maintenance{Tell: defaults.Tell}
	windows := func(v value) {
		r.list(v, func(v value) { m.Windows = append(m.Windows, r.planned(v)) })
	}
	if _, is := v.node.(*ast.SequenceNode); is {
		windows(v)
		return m
	}
	r.mapping(v, fields{
		"windows": windows,
		"tell":    func(v value) { m.Tell = r.tell(v, m.Tell) },
		"calendar": func(v value) {
			if r.mapping(v, fields{"file": func(v value) { m.Calendar.File, _ = r.text(v) }}) {
				r.required(v, "file")
			}
			m.Calendar.load(r, v.key+".file")
		},
	})
	return m
}

func (r *reader) planned(v value) Planned {
	p := Planned{Impact: "OUTAGE"}
	if !r.mapping(v, fields{
		"name":     func(v value) { p.Name = r.name(v) },
		"uplinks":  func(v value) { p.Uplinks = r.words(v, r.name) },
		"services": func(v value) { p.Services = r.words(v, r.name) },
		"regions":  func(v value) { p.Regions = r.words(v, r.name) },
		"from":     func(v value) { p.wall.from = r.moment(v) },
		"to":       func(v value) { p.wall.to = r.moment(v) },
		"text":     func(v value) { p.Text = r.sayings(v) },
		"impact": func(v value) {
			p.Impact = strings.ToUpper(r.oneOf(v, "outage", "degraded", "reduced-redundancy", "no-impact"))
		},
		"tell": func(v value) { p.Tell = r.tell(v, Tell{}) },
	}) {
		return p
	}
	r.required(v, "name", "from", "to")
	if !p.wall.from.IsZero() && !p.wall.to.IsZero() && !p.wall.to.After(p.wall.from) {
		r.faultAt(v.key+".to", "is not after from", "write the time at which the work ends")
	}
	if !r.has(v.key+".uplinks") && !r.has(v.key+".services") && !r.has(v.key+".regions") {
		r.fault(v, "says not what the work is on", "add uplinks: [transit-a], services or regions")
	}
	return p
}

// sayings reads what is done, in the languages of those who hear of it.
func (r *reader) sayings(v value) map[string]string {
	all := map[string]string{}
	f := fields{}
	for _, language := range languages {
		f[language] = func(v value) {
			s, ok := r.text(v)
			for _, mark := range []string{"{{", "}}", "&^", "???"} {
				if ok && strings.Contains(s, mark) {
					r.fault(v, fmt.Sprintf("has %q in it: something was left to be filled in", mark), "write what those outside shall read")
					return
				}
			}
			all[language] = strings.Join(strings.Fields(s), " ")
		}
	}
	r.mapping(v, f)
	return all
}

// tell reads leads; an audience that is not named keeps what it has.
func (r *reader) tell(v value, t Tell) Tell {
	leads := func(to *[]time.Duration) func(value) {
		return func(v value) {
			*to = []time.Duration{}
			if n, is := v.node.(*ast.SequenceNode); is && len(n.Values) == 0 {
				return // nobody of them
			}
			r.list(v, func(v value) { *to = append(*to, r.span(v, 0, farthest)) })
			slices.SortFunc(*to, func(a, b time.Duration) int { return int(b/time.Second - a/time.Second) })
			*to = slices.Compact(*to)
		}
	}
	r.mapping(v, fields{"subscribers": leads(&t.Subscribers), "partners": leads(&t.Partners), "public": leads(&t.Public), "staff": leads(&t.Staff)})
	return t
}

func (x *WorkCalendar) load(r *reader, key string) {
	x.data, x.Trouble = r.events(x.File, key, "maintenance.ics")
}

// settleMaintenance fills in what depends on the timezone, and who hears.
func (r *reader) settleMaintenance(c *Config) {
	m := &c.Maintenance
	for i := range m.Windows {
		p := &m.Windows[i]
		p.From, p.To = inZone(p.wall.from, c.Timezone).UTC(), inZone(p.wall.to, c.Timezone).UTC()
		p.wall = rotaWall{}
		p.Tell = p.Tell.or(m.Tell)
	}
	if x := &m.Calendar; x.File != "" && x.Trouble == "" {
		events, err := calendar.Read(x.data, c.Timezone, nil)
		if err != nil {
			x.Trouble = err.Error()
		}
		x.Events, x.data = events, nil
	}
}

// or fills in the audiences that are not named.
func (t Tell) or(other Tell) Tell {
	pick := func(a, b []time.Duration) []time.Duration {
		if a == nil {
			return b
		}
		return a
	}
	return Tell{pick(t.Subscribers, other.Subscribers), pick(t.Partners, other.Partners), pick(t.Public, other.Public), pick(t.Staff, other.Staff)}
}

// checkMaintenance sees that windows have names of their own and what they are
// on exists.
func (r *reader) checkMaintenance(c Config) {
	names := map[string]string{}
	var uplinks, services []string
	regions := []string{}
	for _, u := range c.Uplinks {
		uplinks, regions = append(uplinks, u.Name), append(regions, u.Serves...)
	}
	for _, s := range c.Services {
		services, regions = append(services, s.Name), append(regions, s.Serves...)
	}
	list := "maintenance"
	if r.has("maintenance.windows") {
		list = "maintenance.windows"
	}
	for i, p := range c.Maintenance.Windows {
		r.unique(names, at(list, i, "name"), p.Name, "other work")
		r.exist(at(list, i, "uplinks"), p.Uplinks, uplinks, "an uplink")
		r.exist(at(list, i, "services"), p.Services, services, "a service")
		if len(regions) > 0 && c.Subscribers.From.Kind == "" {
			r.exist(at(list, i, "regions"), p.Regions, regions, "a region that something serves")
		}
	}
}

// planned warns of a calendar that does not say what is planned.
func (w *warner) planned() {
	const key = "maintenance.calendar.file"
	x := w.c.Maintenance.Calendar
	if x.Trouble != "" {
		w.say(key, "%s %s: what stands in it alone is not announced, and its probes page people; mend it, then: systemctl reload heliograph", x.File, x.Trouble)
	}
	for _, problem := range x.Events.Problems {
		w.say(key, "%s: %s", x.File, problem)
	}
}

// maintenance says what is planned.
func (p *plan) maintenance(c Config) {
	m := c.Maintenance
	for _, w := range m.Windows {
		on := listed(slices.Concat(w.Uplinks, w.Services, w.Regions))
		p.line("Work on %s is planned from %s to %s (%s). Told: %s.", on, moment(w.From, c.Timezone), moment(w.To, c.Timezone), w.Name, w.Tell.words())
	}
	switch x := m.Calendar; {
	case x.Trouble != "":
		p.line("Planned work is read from %s, which %s.", x.File, x.Trouble)
	case x.File != "":
		p.line("Planned work is read from %s. Told: %s.", x.File, m.Tell.words())
	}
}

func (t Tell) words() string {
	var all []string
	for _, a := range []struct {
		who   string
		leads []time.Duration
	}{{"staff", t.Staff}, {"the public", t.Public}, {"partners", t.Partners}, {"subscribers", t.Subscribers}} {
		if len(a.leads) == 0 {
			continue
		}
		var when []string
		for _, lead := range a.leads {
			if lead == 0 {
				when = append(when, "as it begins")
				continue
			}
			when = append(when, length(lead)+" before")
		}
		all = append(all, fmt.Sprintf("%s: %s", a.who, listed(when)))
	}
	if all == nil {
		return "nobody"
	}
	return strings.Join(all, "; ")
}
