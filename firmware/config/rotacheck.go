package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// checkRotas sees that everybody in a rota is a person.
func (r *reader) checkRotas(c Config, people []string) {
	for i, x := range c.Rotas {
		layers := x.Layers
		if key := at("rota", i, "turns"); r.has(key) && len(layers) > 0 {
			r.exist(key, layers[0].Turns, people, "a person in people")
			layers = layers[1:]
		}
		for n, l := range layers {
			r.exist(at(at("rota", i, "layers"), n, "turns"), l.Turns, people, "a person in people")
		}
		for n, o := range x.Overrides {
			if key := at(at("rota", i, "overrides"), n, "who"); r.has(key) && o.Who != "" && !slices.Contains(people, o.Who) {
				r.faultAt(key, shown(o.Who)+" is not a person in people", among(o.Who, people))
			}
		}
	}
}

// rotas warns of duty that would wake nobody, or not whom it seems to.
func (w *warner) rotas() {
	for i, x := range w.c.Rotas {
		key := at("rota", i, "")
		w.unreached(key, x)
		for n, o := range x.Overrides {
			for m, first := range x.Overrides[:n] {
				if o.From.Before(first.To) && first.From.Before(o.To) {
					w.say(at(key+".overrides", n, ""), "overlaps with the override of %s in line %d: while both last, this one counts",
						first.Who, w.c.line(at(key+".overrides", m, "")))
				}
			}
		}
		if x.Calendar.Trouble != "" {
			w.say(key+".calendar.file", "%s %s; until it can be read, %s are told, whoever has duty", x.Calendar.File, x.Calendar.Trouble, listed(x.People()))
		}
		for _, problem := range x.Calendar.Events.Problems {
			w.say(key+".calendar.file", "%s: %s", x.Calendar.File, problem)
		}
		if !w.named(x.Name) {
			w.say(key+".name", "%s stands in no step of oncall: nobody is told because of it; write who: [%s] there", x.Name, x.Name)
		}
	}
}

func (w *warner) named(rota string) bool {
	return slices.Contains(w.c.Selftest.Tell, rota) ||
		slices.ContainsFunc(w.c.OnCall, func(s Step) bool { return slices.Contains(s.Who, rota) })
}

// unreached names those of a rota who cannot be texted.
func (w *warner) unreached(key string, x Rota) {
	for _, name := range x.People() {
		i := slices.IndexFunc(w.c.People, func(p Person) bool { return p.Name == name })
		if i >= 0 && w.c.People[i].SMS == "" {
			w.say(key, "%s has duty in %s and cannot be texted, so all of %s are told then; add sms: to %s in people", name, x.Name, x.Name, name)
		}
	}
}

// Whoever names people as a sentence does: a rota's name is whoever has it.
func (c Config) Whoever(names []string) []string {
	var words []string
	for _, name := range names {
		if _, ok := c.Rota(name); ok {
			name = "whoever has " + name
		}
		words = append(words, name)
	}
	return words
}

// rotas says the turns of each rota.
func (p *plan) rotas(c Config) {
	for _, x := range c.Rotas {
		begin := x.Name + ": "
		say := func(text string) {
			p.line("%s%s.", begin, text)
			begin = "  "
		}
		if x.Calendar.File != "" {
			say("as " + x.Calendar.File + " says, which names " + nobody(x.Calendar.Events.People()))
		}
		for _, l := range x.Layers {
			text := l.words()
			if when := l.holds(); when != "" {
				text = when + ": " + text
			}
			if begin == "  " {
				text = strings.ToUpper(text[:1]) + text[1:]
			}
			say(text)
		}
		for _, o := range x.Overrides {
			say(fmt.Sprintf("From %s to %s it is %s", moment(o.From, c.Timezone), moment(o.To, c.Timezone), o.Who))
		}
		if all := x.People(); len(all) > 1 {
			say(fmt.Sprintf("While nobody has %s, or the box does not know the time, %s are told", x.Name, listed(all)))
		}
	}
}

func nobody(names []string) string {
	if len(names) == 0 {
		return "nobody in people"
	}
	return listed(names)
}

func moment(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("Monday 2 January 2006 15:04")
}

func (l RotaLayer) windowed() bool { return len(l.Days) > 0 || l.Between[0] != l.Between[1] }

// words says who takes turns, and from when they are counted.
func (l RotaLayer) words() string {
	if !slices.ContainsFunc(l.Turns, func(name string) bool { return name != l.Turns[0] }) {
		return "always " + l.Turns[0]
	}
	text := strings.Join(l.Turns, ", then ") + ", handed over every "
	if l.Handover.Daily {
		text += "day"
	} else {
		text += l.Handover.Day.String()
	}
	text += " " + l.Handover.At.String() + ", counted "
	switch {
	case !l.From.IsZero():
		return text + "from " + l.From.Format("2 January 2006")
	case l.Handover.Daily:
		return text + "in days"
	}
	return text + "in ISO weeks"
}

// holds says when a layer covers those before it; empty: always.
func (l RotaLayer) holds() string {
	var words []string
	if l.Begins {
		words = append(words, "from "+l.From.Format("2 January 2006"))
	}
	var days []string
	for _, d := range l.Days {
		days = append(days, d.String())
	}
	if days != nil {
		words = append(words, "on "+listed(days))
	}
	switch a, b := l.Between[0], l.Between[1]; {
	case l.windowed() && a == b:
		words = append(words, fmt.Sprintf("for 24 h from %s", a))
	case l.windowed():
		words = append(words, fmt.Sprintf("from %s to %s", a, b))
	}
	return strings.Join(words, ", ")
}

// String is the time as a clock shows it.
func (c ClockTime) String() string { return fmt.Sprintf("%02d:%02d", c.Hour, c.Minute) }
