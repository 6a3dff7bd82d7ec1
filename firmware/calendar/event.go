package calendar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/teambition/rrule-go"
)

// event is one VEVENT.
type event struct {
	uid      string
	sequence int
	summary  string
	who      []string
	note     maintnote
	start    time.Time
	end      time.Time
	allDay   bool
	off      bool           // it was cancelled
	instead  time.Time      // of an instance of its series, by its first beginning; zero: it is no exception
	rule     *rrule.ROption // nil: it comes once
	also     []time.Time    // RDATE
	never    []time.Time    // EXDATE, and instances that have an exception
	neverOn  []string       // dates on which no instance begins
}

// reader collects the events of one file.
type reader struct {
	site     *time.Location
	people   []Person
	zones    map[string]*time.Location // of VTIMEZONE and others met, by TZID; nil: unknown
	events   []event
	problems []string
}

// most is how many problems are told: nobody mends more in one go.
const most = 20

func (r *reader) say(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); len(r.problems) < most && !slices.Contains(r.problems, text) {
		r.problems = append(r.problems, text)
	}
}

func (r *reader) event(v *ics.VEvent) {
	p := props(v.Properties)
	e := event{uid: p.text("UID"), summary: clip(p.text("SUMMARY")), off: cancelled(p), note: maintnoteOf(p)}
	e.sequence, _ = strconv.Atoi(p.text("SEQUENCE"))
	begin, ok := p.one("DTSTART")
	if !ok {
		r.say("%s has no beginning (DTSTART): left out", e.title())
		return
	}
	var err error
	if e.start, e.allDay, err = r.time(begin); err != nil {
		r.say("%s: %v: left out", e.title(), err)
		return
	}
	if e.end, err = r.end(p, e); err != nil {
		r.say("%s: %v: left out", e.title(), err)
		return
	}
	if id, ok := p.one("RECURRENCE-ID"); ok {
		if e.instead, _, err = r.time(id); err != nil {
			r.say("%s: RECURRENCE-ID: %v: left out", e.title(), err)
			return
		}
		if param(id, "RANGE") != "" {
			r.say("%s changes all that follow (RANGE): only the one on %s is changed", e.title(), e.instead.Format("2 January 2006"))
		}
	}
	r.repeats(p, &e)
	e.who = whom(p, r.people)
	r.events = append(r.events, e)
}

// title is an event as its owner knows it.
func (e event) title() string {
	if e.summary == "" {
		return "an event without a summary"
	}
	return strconv.Quote(e.summary)
}

// end is when an event ends: DTEND, or DURATION, or the end of the day.
func (r *reader) end(p props, e event) (time.Time, error) {
	end := e.start
	if e.allDay {
		end = e.start.AddDate(0, 0, 1)
	}
	if d, ok := p.one("DTEND"); ok {
		t, _, err := r.time(d)
		if err != nil {
			return t, err
		}
		end = t
	} else if d, ok := p.one("DURATION"); ok {
		days, rest, err := duration(d.Value)
		if err != nil {
			return end, err
		}
		end = e.start.AddDate(0, 0, days).Add(rest)
	}
	if !end.After(e.start) || end.Sub(e.start) > 366*24*time.Hour {
		return end, fmt.Errorf("it lasts from %s to %s", e.start.Format("2 January 2006 15:04"), end.Format("2 January 2006 15:04"))
	}
	return end, nil
}

// repeats reads how an event comes again.
func (r *reader) repeats(p props, e *event) {
	if !e.instead.IsZero() {
		return
	}
	for _, d := range p.all("EXDATE") {
		for _, one := range strings.Split(d.Value, ",") {
			d.Value = one
			t, day, err := r.time(d)
			switch {
			case err != nil:
				r.say("%s: EXDATE: %v: left out", e.title(), err)
			case day && !e.allDay:
				e.neverOn = append(e.neverOn, t.Format(time.DateOnly))
			default:
				e.never = append(e.never, t)
			}
		}
	}
	for _, d := range p.all("RDATE") {
		for _, one := range strings.Split(d.Value, ",") {
			d.Value, _, _ = strings.Cut(one, "/") // of a period, its beginning
			t, _, err := r.time(d)
			if err != nil {
				r.say("%s: RDATE: %v: left out", e.title(), err)
				continue
			}
			e.also = append(e.also, t)
		}
	}
	rules := p.all("RRULE")
	if len(rules) == 0 {
		return
	}
	if len(rules) > 1 {
		r.say("%s has several rules (RRULE): only the first counts", e.title())
	}
	rule, err := rule(rules[0].Value, *e)
	if err != nil {
		r.say("%s repeats by a rule that is not understood (%s: %v): only the first one counts", e.title(), clip(rules[0].Value), err)
		return
	}
	e.rule = rule
}

// parts are those of a rule that duties are planned by. Others are refused:
// some never come true, and the library looks for that until the year 9999.
var parts = []string{"FREQ", "UNTIL", "COUNT", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}

func rule(text string, e event) (*rrule.ROption, error) {
	var kept []string
	for _, part := range strings.Split(strings.ToUpper(strings.Trim(strings.TrimSpace(text), ";")), ";") {
		key, value, _ := strings.Cut(part, "=")
		if !slices.Contains(parts, key) {
			return nil, fmt.Errorf("%s is unusual", clip(key))
		}
		if key == "UNTIL" && len(value) == len("20060102") && !e.allDay {
			value += "T235959" // the whole of the last day counts
		}
		if strings.Count(value, ",") > 31 {
			return nil, fmt.Errorf("%s is too long", key)
		}
		kept = append(kept, key+"="+value)
	}
	// The rule is followed on the wall, as if that were in Greenwich: how the
	// clocks change is no business of it.
	option, err := rrule.StrToROptionInLocation(strings.Join(kept, ";"), e.start.Location())
	switch {
	case err != nil:
		return nil, err
	case option.Freq > rrule.DAILY:
		return nil, fmt.Errorf("duty does not change every %s", map[rrule.Frequency]string{rrule.HOURLY: "hour", rrule.MINUTELY: "minute", rrule.SECONDLY: "second"}[option.Freq])
	case option.Interval > 1000 || option.Count > 100_000:
		return nil, fmt.Errorf("a number is too large")
	case option.Freq == rrule.DAILY && len(option.Bysetpos) > 0:
		return nil, fmt.Errorf("BYSETPOS is for months and years")
	}
	option.Dtstart = wall(e.start)
	if !option.Until.IsZero() {
		option.Until = wall(option.Until.In(e.start.Location()))
	}
	made, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, err
	}
	if _, ok := made.Iterator()(); !ok {
		return nil, fmt.Errorf("it never comes true")
	}
	return option, nil
}

// settled are the events that count: of several states of one event the
// newest, without what was cancelled, and each series without the instances
// that have an exception.
func (r *reader) settled() []event {
	newest, exceptions := map[string]int{}, map[string][]time.Time{}
	for i, e := range r.events {
		if old, ok := newest[e.key()]; !ok || e.sequence >= r.events[old].sequence {
			newest[e.key()] = i
		}
		if !e.instead.IsZero() {
			exceptions[e.uid] = append(exceptions[e.uid], e.instead)
		}
	}
	var kept []event
	for i, e := range r.events {
		if e.off || e.uid != "" && newest[e.key()] != i {
			continue
		}
		if e.instead.IsZero() && e.uid != "" {
			e.never = append(e.never, exceptions[e.uid]...)
		}
		kept = append(kept, e)
	}
	return kept
}

// key is the same for all states of one event, or of one instance of a series.
func (e event) key() string { return e.uid + "\n" + strconv.FormatInt(e.instead.Unix(), 10) }

// spans are when an event takes place in a time, each from and to.
func (e event) spans(from, to time.Time) [][2]time.Time {
	var spans [][2]time.Time
	add := func(start time.Time) {
		end := e.endOf(start)
		if start.Before(to) && end.After(from) && !e.excepted(start) {
			spans = append(spans, [2]time.Time{start, end})
		}
	}
	zone := e.start.Location()
	if e.rule == nil {
		add(e.start)
	} else if made, err := rrule.NewRRule(*e.rule); err == nil { // it was tried when it was read
		const slack = 25 * time.Hour // clocks are changed by less than a day
		for _, start := range made.Between(wall(from.In(zone)).Add(-e.length()-slack), wall(to.In(zone)).Add(slack), true) {
			add(onWall(start, zone))
		}
		// RFC 5545 §3.8.5.3: the event's own beginning counts, even where the
		// rule would leave it out.
		if first, ok := made.Iterator()(); !ok || !first.Equal(wall(e.start)) {
			add(e.start)
		}
	}
	for _, start := range e.also {
		add(start.In(zone))
	}
	return spans
}

func (e event) excepted(start time.Time) bool {
	return slices.ContainsFunc(e.never, start.Equal) || slices.Contains(e.neverOn, start.Format(time.DateOnly))
}

// endOf is when an instance ends: by the wall as long after its beginning as
// the first, so that a week from Monday 09:00 ends on Monday 09:00 when the
// clocks change in it.
func (e event) endOf(start time.Time) time.Time {
	if start.Equal(e.start) {
		return e.end
	}
	return onWall(wall(start).Add(e.length()), start.Location())
}

// length is how long it lasts by the wall.
func (e event) length() time.Duration {
	return wall(e.end.In(e.start.Location())).Sub(wall(e.start))
}

// wall is what a clock on the wall shows, written as if it were by Greenwich.
func wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// onWall is the instant at which a wall shows that: the first of two, and one
// that is left out by the offset before (RFC 5545 §3.3.5).
func onWall(shown time.Time, zone *time.Location) time.Time {
	by := func(near time.Time) (time.Time, bool) {
		_, east := near.In(zone).Zone()
		t := shown.Add(-time.Duration(east) * time.Second).In(zone)
		_, is := t.Zone()
		return t, is == east
	}
	before, ok := by(shown.Add(-24 * time.Hour))
	if ok {
		return before
	}
	if after, ok := by(shown.Add(24 * time.Hour)); ok {
		return after
	}
	return before
}

func clip(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	if runes := []rune(s); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return s
}
