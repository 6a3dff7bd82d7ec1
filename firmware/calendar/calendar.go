// Package calendar reads who has duty when out of an iCalendar file (RFC
// 5545), as Google, Outlook, PagerDuty and their like export it. It is pure:
// bytes come in, shifts go out, and the time to look at is an argument, so
// that a box whose clock was wrong at its start is right afterwards.
package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// Person is somebody whom an event can name.
type Person struct {
	Name string // one word
	Mail string // may be empty
}

// Shift is somebody's event from an instant to another.
type Shift struct {
	Who      string
	From, To time.Time
}

// Calendar is a file that was read. It is a value.
type Calendar struct {
	// Problems are the events, or parts of them, that were not understood, a
	// sentence each, and what was made of them.
	Problems []string

	events []event
	people []string
}

// Heaviest is the most a file may hold, in bytes: ten years of a busy team.
const Heaviest = 4 << 20

// deepest is how far components may be nested; an alarm in an event in a
// calendar is three. The library recurses.
const deepest = 8

// Read reads a file. The zone is that of events which name none, and in which
// days begin; people are those whom events are compared with. An error means
// that it is no calendar at all, or a torn one; what else is odd is said in
// Problems.
func Read(data []byte, zone *time.Location, people []Person) (Calendar, error) {
	if len(data) > Heaviest {
		return Calendar{}, fmt.Errorf("it is larger than %d MB", Heaviest>>20)
	}
	if err := shape(data); err != nil {
		return Calendar{}, err
	}
	file, err := parse(data)
	if err != nil {
		return Calendar{}, fmt.Errorf("it cannot be read as iCalendar: %w", err)
	}
	r := reader{site: zone, people: people, zones: map[string]*time.Location{}}
	for _, z := range file.Timezones() {
		r.defined(z)
	}
	for _, e := range file.Events() {
		r.event(e)
	}
	c := Calendar{events: r.settled(), Problems: r.problems}
	for _, e := range c.events {
		for _, who := range e.who {
			if !slices.Contains(c.people, who) {
				c.people = append(c.people, who)
			}
		}
	}
	return c, nil
}

// shape sees that the bytes are a calendar from its first line to its last,
// and that its parts lie side by side.
func shape(data []byte) error {
	depth := 0
	for line := range bytes.Lines(data) {
		switch {
		case hasPrefixFold(line, "BEGIN:"):
			depth++
		case hasPrefixFold(line, "END:"):
			depth--
		}
		if depth > deepest {
			return errors.New("its parts are nested too deeply")
		}
	}
	switch text := bytes.TrimPrefix(data, []byte("\ufeff")); {
	case len(bytes.TrimSpace(data)) == 0:
		return errors.New("it is empty")
	case !hasPrefixFold(text, "BEGIN:VCALENDAR"):
		return errors.New("it does not begin with BEGIN:VCALENDAR: it is no iCalendar file")
	case !hasPrefixFold(lastLine(data), "END:VCALENDAR"):
		return errors.New("it does not end with END:VCALENDAR: a part is missing")
	}
	return nil
}

func hasPrefixFold(line []byte, prefix string) bool {
	return len(line) >= len(prefix) && strings.EqualFold(string(line[:len(prefix)]), prefix)
}

func lastLine(data []byte) []byte {
	data = bytes.TrimSpace(data)
	return data[bytes.LastIndexByte(data, '\n')+1:]
}

func parse(data []byte) (file *ics.Calendar, err error) {
	defer func() {
		// The library is not ours, and a file that makes it panic must not
		// take down a running box that reloads.
		if p := recover(); p != nil {
			file, err = nil, fmt.Errorf("reading gave up: %v", p)
		}
	}()
	return ics.ParseCalendarWithOptions(bytes.NewReader(data), ics.WithUnknownPropertyHandler(ics.AcceptUnknownPropertyHandler))
}

// People are those whom an event of the file names, in the order of the file.
func (c Calendar) People() []string { return slices.Clone(c.people) }

// Shifts are the shifts that touch the time from an instant to another, by
// their beginnings; those that begin together stand as in the file.
func (c Calendar) Shifts(from, to time.Time) []Shift {
	return c.touching(from, to, func(e event) []string { return e.who })
}

// Strangers are the events of that time that name nobody, with their
// summaries.
func (c Calendar) Strangers(from, to time.Time) []Shift {
	return c.touching(from, to, func(e event) []string {
		if len(e.who) > 0 {
			return nil
		}
		return []string{e.summary}
	})
}

func (c Calendar) touching(from, to time.Time, of func(event) []string) []Shift {
	var shifts []Shift
	for _, e := range c.events {
		who := of(e)
		if len(who) == 0 {
			continue
		}
		for _, span := range e.spans(from, to) {
			for _, name := range who {
				shifts = append(shifts, Shift{name, span[0], span[1]})
			}
		}
	}
	slices.SortStableFunc(shifts, func(a, b Shift) int { return a.From.Compare(b.From) })
	return shifts
}
