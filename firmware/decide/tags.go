package decide

import (
	"fmt"
	"slices"

	"heliograph/firmware/event"
	"heliograph/firmware/incident"
	"heliograph/firmware/notice"
)

// tags is what somebody else's map shows, and how far people were asked about
// it. The names themselves are looked at anew after a restart.
type tags struct {
	Asked string `json:"asked,omitempty"` // digest of the names that people were asked about last
	Gone  bool   `json:"gone,omitempty"`  // people were told that nothing carries the tag any more

	now  event.Tagged
	open []string // the names that the open incident is about; nil after a restart
}

// tagged says that a case was opened because a map shows it.
func (c Case) tagged() bool { return c.Alarm != nil && c.Alarm.By == byMap }

const byMap = "OZmap"

// tagsDue has it looked up what carries the tag, where a path leads there.
func (st *step) tagsDue() {
	if !st.allUplinksDown() {
		st.emit(event.Find{})
	}
}

// sighted takes in what carries the tag and did not get it from this box. What
// is new is asked about: a map is filled by many hands, and an incident texts
// people.
func (st *step) sighted(f event.Tagged) {
	if f.Why != "" {
		return // main says that it cannot be seen
	}
	t := st.s.Tags
	t.now = f
	c, open := st.sighting()
	names := f.All()
	key := digest(names...)
	switch {
	case len(names) == 0:
		st.s.Tags = st.unsighted(t, c, open)
		return
	case open && t.open == nil:
		t.open = names
	case key == t.Asked, open && !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(t.open, n) }):
	default:
		t.Asked, t.Gone = key, false
		st.s.Tags = t
		if !st.asksAboutTags() {
			st.ask(c, Plan{What: PlanOpen, By: byMap})
		}
		return
	}
	st.s.Tags = t
}

// sighting is the open incident that the map has told of.
func (st *step) sighting() (Case, bool) {
	for _, c := range st.s.live() {
		if c.tagged() {
			return c, true
		}
	}
	return Case{}, false
}

func (st *step) asksAboutTags() bool {
	return slices.ContainsFunc(st.s.Plans, func(p Plan) bool { return p.What == PlanOpen })
}

// unsighted: nothing carries the tag any more. Whether the outage is over, a
// person says.
func (st *step) unsighted(t tags, c Case, open bool) tags {
	t.Asked, t.open = "", nil
	for _, p := range slices.Clone(st.s.Plans) {
		if p.What == PlanOpen {
			st.dropPlan(p)
			st.note(p.Incident, "plan", "%s shows the tag no more: the plan is dropped", byMap)
		}
	}
	if open && !t.Gone {
		t.Gone = true
		st.note(c.Number, "tags", "%s shows the tag no more", byMap)
		st.boxNews(fmt.Sprintf("%s shows the tag of #%d no more. CLEAR %d ends it.", byMap, c.Number, c.Number))
	}
	return t
}

// sizeOfTagged tells what the map shows, for whoever is asked about it.
func (st *step) sizeOfTagged(x notice.Plan) notice.Plan {
	f := st.s.Tags.now
	x.Texts, x.Text, x.Where = len(f.All()), f.Tag, f.All()
	if _, open := st.sighting(); open {
		x.What = "widen"
	}
	return x
}

// openTagged opens the incident that the map shows, or widens it.
func (st *step) openTagged() {
	f := st.s.Tags.now
	if len(f.All()) == 0 {
		st.note(0, "tags", "%s shows nothing now: no incident is opened", byMap)
		return
	}
	c, open := st.sighting()
	if !open {
		subject := f.Tag
		if len(f.Names) == 1 {
			subject = f.Names[0]
		}
		i := incident.Ordered(st.number(), subject, tagWords(f), byMap, st.at)
		st.open(i)
		c, _ = st.s.Case(i.Number)
		c.Alarm = &Alarm{By: byMap, Key: digest(byMap, f.Tag)}
	}
	alarm := event.Alarmed{By: byMap, Hit: slices.Clone(f.Names)}
	for _, code := range f.Codes {
		alarm.Hit = append(alarm.Hit, "code:"+code)
	}
	alarm.Regions = st.rules.served(f.Names)
	if st.alarmScope(&c, alarm); open {
		st.s.put(c)
		news := st.facts(&c)
		news.Title = tagWords(f)
		st.inside(&c, news)
	}
	st.s.put(c)
	st.s.Tags.open = f.All()
}

// served are those of some names that the configuration has as a place which
// something serves. What else a map calls its boxes and areas is for the house:
// subscribers and the public page name only what somebody wrote down for them.
func (r Rules) served(names []string) []string {
	var places []string
	for _, p := range r.Places {
		places = append(places, p.Serves...)
	}
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !r.within([]string{n}, places) })
}

// tagWords are what the house reads of it.
func tagWords(f event.Tagged) string {
	return fmt.Sprintf("tagged in %s: %d", byMap, len(f.All()))
}

// toldOnly is for what concerns those alone who know of it.
var toldOnly = map[event.Variant]event.Kind{event.ToTold: event.Update}
