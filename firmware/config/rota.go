package config

import (
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"heliograph/firmware/calendar"
)

// Rota says who has duty when. Its name stands for whoever has it, wherever a
// person on call can be named.
type Rota struct {
	Name      string
	Layers    []RotaLayer // the rota's own turns first, if it has any; a later layer covers the earlier ones while it holds
	Overrides []RotaShift // in the order of the file; a later one covers an earlier one
	Calendar  RotaCalendar

	wall []rotaWall // of Overrides, until the timezone is known
}

// RotaLayer is people who take turns.
type RotaLayer struct {
	Turns    []string
	Handover Handover
	From     time.Time      // midnight UTC of the day on which the first turn begins; zero: turns are counted in ISO weeks, or days
	Begins   bool           // it does not hold before From
	Days     []time.Weekday // none: every day
	Between  [2]ClockTime   // equal: a day from then on, or always if there are no Days
}

// Handover is when one turn ends and the next begins.
type Handover struct {
	Daily bool
	Day   time.Weekday // if it is not daily
	At    ClockTime
}

// RotaShift is the duty of one person for a time.
type RotaShift struct {
	Who      string
	From, To time.Time
}

// RotaCalendar is a file of events that name people; File is empty if there
// is none.
type RotaCalendar struct {
	File    string
	Events  calendar.Calendar
	Trouble string   // why it could not be read; empty: it could
	People  []string // whom its events name; if it names nobody, all people who can be texted

	data []byte
}

// rotaWall is a time as a wall shows it, written as if it were by Greenwich.
type rotaWall struct{ from, to time.Time }

var (
	dates   = regexp.MustCompile(`^20[0-9]{2}-[0-9]{2}-[0-9]{2}$`)
	moments = regexp.MustCompile(`^20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}$`)
)

func (r *reader) rota(v value) Rota {
	var x Rota
	own := RotaLayer{Handover: defaults.Handover}
	if !r.mapping(v, fields{
		"name":     func(v value) { x.Name = r.name(v) },
		"handover": func(v value) { own.Handover = r.handover(v) },
		"turns":    func(v value) { own.Turns = r.turns(v) },
		"from":     func(v value) { own.From = r.date(v) },
		"layers": func(v value) {
			r.list(v, func(v value) { x.Layers = append(x.Layers, r.rotaLayer(v)) })
		},
		"overrides": func(v value) {
			r.list(v, func(v value) {
				shift, wall := r.rotaShift(v)
				x.Overrides, x.wall = append(x.Overrides, shift), append(x.wall, wall)
			})
		},
		"calendar": func(v value) {
			if r.mapping(v, fields{"file": func(v value) { x.Calendar.File, _ = r.text(v) }}) {
				r.required(v, "file")
			}
		},
	}) {
		return x
	}
	r.required(v, "name")
	r.settleRota(v, &x, own)
	return x
}

// settleRota works out what a rota's layers leave unsaid.
func (r *reader) settleRota(v value, x *Rota, own RotaLayer) {
	switch {
	case r.has(v.key+".turns") && r.has(v.key+".calendar"):
		r.faultAt(v.key+".calendar", "stands beside turns", "keep one of the two")
	case !r.has(v.key+".turns") && !r.has(v.key+".calendar") && !r.has(v.key+".layers"):
		r.fault(v, "has nobody in it", "add turns: [ada, bob], or calendar: {file: /etc/heliograph/oncall.ics}")
	}
	for i := range x.Layers {
		l, key := &x.Layers[i], at(v.key+".layers", i, "")
		if !r.has(key + ".handover") {
			l.Handover = own.Handover
		}
		if l.Days != nil && !r.has(key+".between") {
			l.Between = [2]ClockTime{l.Handover.At, l.Handover.At}
		}
		r.onHandover(key, *l)
	}
	if r.has(v.key + ".turns") {
		r.onHandover(v.key, own)
		x.Layers = append([]RotaLayer{own}, x.Layers...)
	}
	x.Calendar.load(r, v.key+".calendar.file")
}

// onHandover sees that turns begin on the weekday on which they are handed
// over.
func (r *reader) onHandover(key string, l RotaLayer) {
	if h := l.Handover; !l.From.IsZero() && !h.Daily && l.From.Weekday() != h.Day {
		before := l.From.AddDate(0, 0, -int(l.From.Weekday()-h.Day+7)%7)
		r.faultAt(key+".from", fmt.Sprintf("is a %s, and duty is handed over on a %s", l.From.Weekday(), h.Day),
			fmt.Sprintf("write %s or %s", before.Format(time.DateOnly), before.AddDate(0, 0, 7).Format(time.DateOnly)))
	}
}

func (r *reader) rotaLayer(v value) RotaLayer {
	var l RotaLayer
	if !r.mapping(v, fields{
		"turns":    func(v value) { l.Turns = r.turns(v) },
		"handover": func(v value) { l.Handover = r.handover(v) },
		"from":     func(v value) { l.From, l.Begins = r.date(v), true },
		"days":     func(v value) { l.Days = r.days(v) },
		"between":  func(v value) { l.Between = r.between(v) },
	}) {
		return l
	}
	r.required(v, "turns")
	return l
}

func (r *reader) rotaShift(v value) (shift RotaShift, wall rotaWall) {
	if !r.mapping(v, fields{
		"who":  func(v value) { shift.Who = r.name(v) },
		"from": func(v value) { wall.from = r.moment(v) },
		"to":   func(v value) { wall.to = r.moment(v) },
	}) {
		return shift, wall
	}
	for _, key := range []string{"who", "from", "to"} {
		if !r.has(join(v.key, key)) {
			r.fault(v, key+" is missing", `write it as in {who: bob, from: "2026-12-24 09:00", to: "2026-12-27 09:00"}`)
		}
	}
	if !wall.from.IsZero() && !wall.to.IsZero() && !wall.to.After(wall.from) {
		r.faultAt(v.key+".to", "is not after from", "write the time at which it ends")
	}
	return shift, wall
}

// turns reads names; one may stand there several times.
func (r *reader) turns(v value) []string {
	var names []string
	r.list(v, func(v value) {
		if s := r.name(v); s != "" {
			names = append(names, s)
		}
	})
	return names
}

func (r *reader) handover(v value) Handover {
	const want = `write it as in "Mon 09:00", or "09:00" for every day`
	unknown := Handover{Daily: true} // any day may be the first
	s, ok := r.text(v)
	if !ok {
		return unknown
	}
	var h Handover
	words := strings.Fields(s)
	if len(words) == 2 {
		h.Day = time.Weekday(slices.Index(weekdays, weekday(words[0])))
		words = words[1:]
	} else {
		h.Daily = true
	}
	if len(words) != 1 || h.Day < 0 {
		r.fault(v, shown(s)+" is not a time of the week", want)
		return unknown
	}
	m := clock.FindStringSubmatch(words[0])
	if m == nil {
		r.fault(v, shown(s)+" has no time of day like 09:00", want)
		return unknown
	}
	h.At = clockOf(m)
	return h
}

func (r *reader) days(v value) []time.Weekday {
	var days []time.Weekday
	r.list(v, func(v value) {
		s, ok := r.text(v)
		if !ok {
			return
		}
		day := time.Weekday(slices.Index(weekdays, weekday(s)))
		switch {
		case day < 0:
			r.fault(v, shown(s)+" is not a day of the week", "write it as in Mon or Monday")
		case slices.Contains(days, day):
			r.fault(v, shown(s)+" stands in this list twice", "delete one of the two")
		default:
			days = append(days, day)
		}
	})
	return days
}

func (r *reader) between(v value) [2]ClockTime {
	var times []ClockTime
	before := len(r.faults)
	r.list(v, func(v value) { times = append(times, r.clockTime(v)) })
	if len(times) != 2 {
		if len(r.faults) == before {
			r.fault(v, "has not two times of day", `write it as in ["17:00", "08:00"]`)
		}
		return [2]ClockTime{}
	}
	return [2]ClockTime(times)
}

// date reads a day, as midnight by Greenwich.
func (r *reader) date(v value) time.Time {
	return r.dated(v, dates, time.DateOnly, "a date", "2026-11-02")
}

// moment reads a time as the site's wall shows it, as if it were by Greenwich.
func (r *reader) moment(v value) time.Time {
	return r.dated(v, moments, "2006-01-02 15:04", "a date with a time", `"2026-12-24 09:00"`)
}

func (r *reader) dated(v value, like *regexp.Regexp, form, what, example string) time.Time {
	s, ok := r.text(v)
	if !ok {
		return time.Time{}
	}
	t, err := time.Parse(form, s)
	if err != nil || !like.MatchString(s) {
		r.fault(v, shown(s)+" is not "+what, "write it as in "+example)
		return time.Time{}
	}
	return t
}

func (x *RotaCalendar) load(r *reader, key string) {
	x.data, x.Trouble = r.events(x.File, key, "oncall.ics")
}

// events reads the bytes of a calendar, or says why they cannot be had: a box
// must start without it.
func (r *reader) events(file, key, like string) (data []byte, trouble string) {
	if file == "" {
		return nil, ""
	}
	if !strings.HasPrefix(file, "/") && !fs.ValidPath(r.inside(file)) || r.files == nil {
		r.faultAt(key, shown(file)+" is not a path to a file", "write the whole path, as in /etc/heliograph/"+like)
		return nil, ""
	}
	f, err := r.files.Open(r.inside(file))
	if err != nil {
		return nil, "cannot be read: " + reason(err)
	}
	defer f.Close()
	if data, err = io.ReadAll(io.LimitReader(f, calendar.Heaviest+1)); err != nil {
		return data, "cannot be read: " + reason(err)
	}
	return data, ""
}

// settleRotas reads what depends on the timezone and on the people.
func (r *reader) settleRotas(c *Config) {
	for i := range c.Rotas {
		x := &c.Rotas[i]
		for n, wall := range x.wall {
			x.Overrides[n].From, x.Overrides[n].To = inZone(wall.from, c.Timezone), inZone(wall.to, c.Timezone)
		}
		x.wall = nil
		if x.Calendar.File != "" {
			x.Calendar.settle(c)
		}
	}
}

// inZone is when the wall of a zone shows a time.
func inZone(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, zone)
}

func (x *RotaCalendar) settle(c *Config) {
	var people []calendar.Person
	for _, p := range c.People {
		people = append(people, calendar.Person{Name: p.Name, Mail: p.Mail})
	}
	if x.Trouble == "" {
		events, err := calendar.Read(x.data, c.Timezone, people)
		if err != nil {
			x.Trouble = err.Error()
		}
		x.Events, x.People = events, events.People()
	}
	x.data = nil
	if len(x.People) > 0 {
		return
	}
	for _, p := range c.People {
		if p.SMS != "" {
			x.People = append(x.People, p.Name)
		}
	}
}

// People are all who are in a rota, in order.
func (x Rota) People() []string {
	var all []string
	for _, l := range x.Layers {
		all = append(all, l.Turns...)
	}
	for _, o := range x.Overrides {
		all = append(all, o.Who)
	}
	var once []string
	for _, name := range append(all, x.Calendar.People...) {
		if !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	return once
}

// Rota finds a rota by name.
func (c Config) Rota(name string) (Rota, bool) {
	i := slices.IndexFunc(c.Rotas, func(x Rota) bool { return x.Name == name })
	if i < 0 {
		return Rota{}, false
	}
	return c.Rotas[i], true
}

// Callable are the people whom names may mean: those of a rota for its name.
func (c Config) Callable(names []string) []string {
	var people []string
	for _, name := range names {
		if x, ok := c.Rota(name); ok {
			people = append(people, x.People()...)
		} else {
			people = append(people, name)
		}
	}
	return people
}
