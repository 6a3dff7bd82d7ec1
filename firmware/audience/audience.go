// Package audience knows who hears, over which channel, and when: the people
// on call and their escalation, the timetable of retries, and how long a word
// stays worth sending. It is pure: time is an argument.
package audience

import (
	"maps"
	"slices"
	"time"

	"heliograph/firmware/event"
)

// Person is somebody who may be on call and may text commands.
type Person struct {
	Name     string
	SMS      string // as configured, for sending
	Also     string // second number; empty if none
	Language string
	Role     string
	Ring     bool  // the box also calls
	Quiet    Quiet // when what can wait does

	// Code says whether digits are the person's TOTP at an instant of wall time,
	// and of which time step; nil if the person has none.
	Code func(digits string, wall time.Time) (step int64, ok bool)
}

// Step is one line of `oncall:`. With Every it is a reminder, which repeats
// until somebody acknowledges and comes first After the opening, or Every
// where After is zero; without Every, it calls once, After the opening.
type Step struct {
	Who   []string
	After time.Duration
	Every time.Duration
}

// Rules is the configured part of the audience.
type Rules struct {
	People []Person
	Steps  []Step // who of a step may be a person or a rota
	Groups []Group
	Rotas  []Rota

	instant instant // at which a rota's name is read: see OnDuty
}

// Progress is how far the escalation of one incident went. It is durable.
type Progress struct {
	Start    time.Time         `json:"start"`           // box time
	Done     []bool            `json:"done,omitempty"`  // per step: called
	Last     map[int]time.Time `json:"last,omitempty"`  // per reminder: its latest instant
	AlsoUsed []string          `json:"also,omitempty"`  // people whose second number was tried
	Early    bool              `json:"early,omitempty"` // a failure brought the next step forward
}

// Call is people to be told now.
type Call struct {
	To       []event.Recipient
	Reminder bool
}

// Begin starts an escalation.
func Begin(at time.Time) Progress { return Progress{Start: at} }

// Due says who is to be called by now, and the progress after that. Where
// several steps are due at once, as after hours without power, nobody is
// called twice.
func (r Rules) Due(p Progress, now time.Time) (Progress, []Call) {
	p = p.clone(len(r.Steps))
	var calls []Call
	call := func(s Step) {
		if to := uncalled(r.texts(s.Who), calls); len(to) > 0 {
			calls = append(calls, Call{To: to, Reminder: s.Every > 0})
		}
	}
	for n, s := range r.Steps {
		switch {
		case s.Every > 0:
			if next := p.reminder(n, s); !now.Before(next) {
				p.Last[n] = now
				call(s)
			}
		case !p.Done[n] && (p.Early || !now.Before(p.Start.Add(s.After))):
			p.Done[n], p.Early = true, false
			call(s)
		}
	}
	p.Early = false
	return p, calls
}

func uncalled(to []event.Recipient, calls []Call) []event.Recipient {
	return slices.DeleteFunc(to, func(who event.Recipient) bool {
		return slices.ContainsFunc(calls, func(c Call) bool { return slices.Contains(c.To, who) })
	})
}

// Next names the next instant at which somebody is to be called; zero: never.
func (r Rules) Next(p Progress) time.Time {
	var next time.Time
	for n, s := range r.Steps {
		var at time.Time
		switch {
		case s.Every > 0:
			at = p.reminder(n, s)
		case n >= len(p.Done) || !p.Done[n]:
			at = p.Start.Add(s.After)
		default:
			continue
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next
}

// Failed answers a text to a person that failed or may not have arrived: the
// person's second number first, and when that is spent the next step at once.
func (r Rules) Failed(p Progress, who event.Recipient, now time.Time) (Progress, []Call) {
	p = p.clone(len(r.Steps))
	if person, ok := r.Person(who.Name); ok && person.Also != "" && !slices.Contains(p.AlsoUsed, who.Name) {
		p.AlsoUsed = append(p.AlsoUsed, who.Name)
		return p, []Call{{To: []event.Recipient{person.also()}}}
	}
	p.Early = true
	return r.Due(p, now)
}

// Person finds a person by name.
func (r Rules) Person(name string) (Person, bool) {
	i := slices.IndexFunc(r.People, func(p Person) bool { return p.Name == name })
	if i < 0 {
		return Person{}, false
	}
	return r.People[i], true
}

// Rung are the people among those called whose telephone is to ring besides.
func (r Rules) Rung(to []event.Recipient) []event.Recipient {
	var list []event.Recipient
	for _, t := range to {
		if p, ok := r.Person(t.Name); ok && p.Ring {
			t.Channel = event.Ring
			list = append(list, t)
		}
	}
	return list
}

// Calls says whether somebody is called in an escalation, by name or by a rota.
func (r Rules) Calls(name string) bool {
	return slices.ContainsFunc(r.Steps, func(s Step) bool {
		return slices.Contains(s.Who, name) || slices.ContainsFunc(r.Rotas, func(x Rota) bool { return slices.Contains(s.Who, x.Name) && slices.Contains(x.Everyone(), name) })
	})
}

// First is who the first step calls: the people to tell about the box itself.
func (r Rules) First() []event.Recipient {
	for _, s := range r.Steps {
		if s.Every == 0 {
			return r.texts(s.Who)
		}
	}
	return nil
}

// Named gives the texting addresses of people by name; a rota's name is read
// as OnDuty says.
func (r Rules) Named(names []string) []event.Recipient { return r.texts(names) }

func (r Rules) texts(names []string) []event.Recipient {
	var to []event.Recipient
	for _, name := range r.Expand(names, r.instant.wall, r.instant.trusted, r.instant.swaps) {
		if p, ok := r.Person(name); ok && p.SMS != "" {
			to = append(to, p.text())
		}
	}
	return to
}

func (p Person) text() event.Recipient {
	return event.Recipient{Name: p.Name, Channel: "sms", Address: p.SMS, Language: p.Language}
}

func (p Person) also() event.Recipient {
	return event.Recipient{Name: p.Name, Channel: "sms", Address: p.Also, Language: p.Language, Also: true}
}

func (p Progress) reminder(n int, s Step) time.Time {
	if last, ok := p.Last[n]; ok {
		return last.Add(s.Every)
	}
	if s.After > 0 {
		return p.Start.Add(s.After)
	}
	return p.Start.Add(s.Every)
}

// clone makes a copy that may be changed, with room for the steps there are
// now. What a reload took away is remembered: it may come back with the next.
func (p Progress) clone(steps int) Progress {
	done := make([]bool, max(steps, len(p.Done)))
	copy(done, p.Done)
	last := maps.Clone(p.Last)
	if last == nil {
		last = map[int]time.Time{}
	}
	p.Done, p.Last, p.AlsoUsed = done, last, slices.Clone(p.AlsoUsed)
	return p
}
