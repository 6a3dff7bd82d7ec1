package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/calendar"
	"heliograph/firmware/config"
)

// rotasOf takes the rotas out of a configuration.
func rotasOf(c config.Config) []audience.Rota {
	var rotas []audience.Rota
	for _, x := range c.Rotas {
		r := audience.Rota{Name: x.Name, Zone: c.Timezone, Others: x.Calendar.People}
		for _, l := range x.Layers {
			r.Layers = append(r.Layers, audience.Layer{
				Turns: l.Turns, From: l.From, Begins: l.Begins, Days: l.Days,
				Handover: audience.Handover{Daily: l.Handover.Daily, Day: l.Handover.Day, Clock: audience.Clock(l.Handover.At)},
				Between:  [2]audience.Clock{audience.Clock(l.Between[0]), audience.Clock(l.Between[1])},
			})
		}
		for _, o := range x.Overrides {
			r.Overrides = append(r.Overrides, audience.Shift(o))
		}
		if x.Calendar.File != "" {
			r.Calendar = (&almanac{events: x.Calendar.Events}).shifts
		}
		rotas = append(rotas, r)
	}
	return rotas
}

// almanac keeps a year of a calendar at hand: who has duty is asked at every
// turn of the engine, and events that come again take a while to work out.
type almanac struct {
	events calendar.Calendar

	hold     sync.Mutex
	from, to time.Time // what kept spans
	kept     []audience.Shift
}

func (a *almanac) shifts(from, to time.Time) []audience.Shift {
	a.hold.Lock()
	defer a.hold.Unlock()
	if from.Before(a.from) || to.After(a.to) {
		a.from, a.to, a.kept = from.AddDate(0, 0, -1), to.AddDate(0, 0, 35), nil
		for _, s := range a.events.Shifts(a.from, a.to) {
			a.kept = append(a.kept, audience.Shift(s))
		}
	}
	var touching []audience.Shift
	for _, s := range a.kept {
		if s.From.Before(to) && s.To.After(from) {
			touching = append(touching, s)
		}
	}
	return touching
}

// onDuty says who has duty at an instant, and the next four hand-overs, a line
// for each rota.
func onDuty(c config.Config, now time.Time) []string {
	var lines []string
	for _, r := range rotasOf(c) {
		who, _ := r.At(now, nil)
		words := []string{r.Name + ": " + dutyOf(who) + " now"}
		for at := now; len(words) < 5; {
			if at, who = r.Next(at, nil); at.IsZero() {
				break
			}
			words = append(words, dutyOf(who)+" from "+at.In(c.Timezone).Format("Mon 2 Jan 2006 15:04"))
		}
		lines = append(lines, strings.Join(words, ", "))
	}
	return lines
}

func dutyOf(who []string) string {
	if len(who) == 0 {
		return "nobody"
	}
	return strings.Join(who, " and ")
}

// planned is how far ahead check looks for what is odd in a rota; few is how
// many of a sort it names.
const (
	planned = 8 * 7 * 24 * time.Hour
	few     = 3
)

// oddDuty names gaps, times when two have duty, and events that name nobody,
// in the eight weeks from an instant on.
func oddDuty(c config.Config, now time.Time) []string {
	var lines []string
	for i, r := range rotasOf(c) {
		where := c.Where(fmt.Sprintf("rota[%d]", i))
		span := func(from, to time.Time) string {
			return from.In(c.Timezone).Format("Mon 2 Jan 2006 15:04") + " to " + to.In(c.Timezone).Format("Mon 2 Jan 15:04")
		}
		var gaps, shared, strange []string
		for _, d := range r.Plan(now, now.Add(planned), nil) {
			end := d.To
			if end.IsZero() || end.Sub(now) > planned {
				end = now.Add(planned)
			}
			switch len(d.Who) {
			case 0:
				gaps = append(gaps, span(d.From, end))
			case 1:
			default:
				shared = append(shared, strings.Join(d.Who, " and ")+" from "+span(d.From, end))
			}
		}
		for _, s := range c.Rotas[i].Calendar.Events.Strangers(now, now.Add(planned)) {
			strange = append(strange, fmt.Sprintf("%q from %s", s.Who, span(s.From, s.To)))
		}
		say := func(all []string, before, after string) {
			if n := len(all); n > few {
				all = append(slices.Clone(all[:few]), fmt.Sprintf("and %d more times until %s", n-few, now.Add(planned).In(c.Timezone).Format("2 January")))
			}
			if len(all) > 0 {
				lines = append(lines, where+": "+before+strings.Join(all, "; ")+after)
			}
		}
		say(gaps, "nobody has "+r.Name+" from ", "; all of "+r.Name+" are told then")
		say(shared, "two share "+r.Name+": ", "; both are told")
		say(strange, "events of the calendar that name nobody in people: ", "")
	}
	return lines
}
