package decide

import (
	"fmt"
	"slices"
	"strings"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
	"heliograph/firmware/incident"
	"heliograph/firmware/notice"
)

// Alarm ties a case to the outage of another system that it stands for.
type Alarm struct {
	By   string `json:"by"`
	Key  string `json:"key"`            // digest of the sender and the sender's own id
	Said string `json:"said,omitempty"` // digest of the words for outside that came last: a repeat says nothing
	Ties bool   `json:"ties,omitempty"` // the probes opened the case, and they close it
}

const (
	alarmsMost = 20 // outages of one sender that are open: a system gone mad must not wake people for ever
	namedMost  = 12 // names of a scope that the state holds; longer lists stand beside it
)

// alarmed takes an outage that another system on the LAN reports. The same id
// opens an incident, changes it and ends it; a repeat does nothing.
func (st *step) alarmed(f event.Alarmed) {
	key := digest(f.By, f.ID)
	c, known := st.s.alarm(key)
	was := st.s.Incidents
	did, text, ok := "", "", true
	switch no := st.refused(f); {
	case f.Over && (!known || !c.Live()):
		text = "nothing is open under this id"
	case f.Over:
		did, text = st.alarmOver(c, f)
	case no != "":
		text, ok = no, false
	case !known && f.Subject == "":
		text, ok = "nothing is named that is hit: give service, uplinks, regions, boxes, lines or affected_subscribers", false
	case !known && st.alarmsOf(f.By) >= alarmsMost:
		text, ok = fmt.Sprintf("%d outages of %s are open, which is as many as are taken: report them under one id, or resolve some", alarmsMost, f.By), false
	case !known:
		c = st.alarmOpens(f, key)
		did, text = "opened", fmt.Sprintf("opened as #%d", c.Number)
	default:
		text = fmt.Sprintf("#%d is as it was", c.Number)
		if did = st.alarmChanges(c, f); did != "" {
			text = fmt.Sprintf("#%d: %s", c.Number, did)
		}
	}
	if did != "" || !ok || len(was) != len(st.s.Incidents) {
		st.emit(event.Audit{By: "webhook " + f.By, From: f.From, Way: "webhook", Order: fmt.Sprintf("id %s: %s", f.ID, or(did, "refused")), Proof: "token", Effect: text})
	}
	st.emit(event.Answer{Text: text, OK: ok, Incident: c.Number})
}

// refused says why an alarm cannot be taken, and what would be right.
func (st *step) refused(f event.Alarmed) string {
	known := st.rules.subjects()
	for _, name := range f.Scope {
		if !slices.Contains(known, name) {
			return fmt.Sprintf("%q is no uplink or service of this box: those are %s", name, strings.Join(known, ", "))
		}
	}
	if mark := notice.Leftover(f.Say); mark != "" {
		return fmt.Sprintf("%q stands in say: nothing goes outside; send it again without", mark)
	}
	if !f.ETR.IsZero() && !st.at.Trusted {
		return "the clock of this box is not set: send etr again later, or leave it out"
	}
	return ""
}

// subjects are the names of all uplinks and services.
func (r Rules) subjects() []string {
	all := slices.Clone(r.Manual)
	for _, rule := range r.Subjects {
		all = append(all, rule.Name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (s State) alarm(key string) (Case, bool) {
	i := slices.IndexFunc(s.Incidents, func(c Case) bool { return c.Alarm != nil && c.Alarm.Key == key })
	if i < 0 {
		return Case{}, false
	}
	return s.Incidents[i], true
}

func (st *step) alarmsOf(by string) (n int) {
	for _, c := range st.s.live() {
		if c.Alarm != nil && c.Alarm.By == by {
			n++
		}
	}
	return n
}

// alarmOpens opens an incident, or joins the one that the probes have opened
// about the same uplink or service.
func (st *step) alarmOpens(f event.Alarmed, key string) Case {
	c, joins := st.s.about(f.Subject)
	if joins = joins && c.Live() && c.Alarm == nil; joins {
		st.note(c.Number, "joined", "webhook %s reports it, too: %s", f.By, words(f))
	} else {
		i := incident.Ordered(st.number(), f.Subject, words(f), "webhook "+f.By, st.at)
		i.Scope = append([]string{f.Subject}, without1(f.Scope, f.Subject)...)
		st.open(i)
		c, _ = st.s.Case(i.Number)
	}
	c.Alarm = &Alarm{By: f.By, Key: key, Ties: joins}
	st.alarmScope(&c, f)
	st.s.put(c)
	st.alarmSays(c, f)
	c, _ = st.s.Case(c.Number)
	return c
}

func without1(list []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == name })
}

// alarmScope takes over whom an alarm is about, and says whether that is new.
func (st *step) alarmScope(c *Case, f event.Alarmed) (news bool) {
	regions, hit, count := c.Regions, c.Hit, c.HitBy
	if len(f.Regions) > 0 {
		regions = f.Regions
	}
	if len(f.Hit) > 0 {
		if hit, count = f.Hit, len(f.Hit); count > namedMost {
			name := fmt.Sprintf("%s%d-%s", event.SetOf, c.Number, digest(f.Hit...))
			st.emit(event.Scoped{Name: name, Of: f.Hit})
			hit = []string{name}
		}
	}
	if slices.Equal(regions, c.Regions) && slices.Equal(hit, c.Hit) {
		return false
	}
	c.Regions, c.Hit, c.HitBy = regions, hit, count
	st.note(c.Number, "scope", "webhook %s: it concerns %s", f.By, st.scopeWords(*c))
	st.rescoped(c, false)
	return true
}

// rescoped takes up that an incident concerns others. A plan that waits to tell
// some who are no longer hit is asked anew; by an operator's word any is. Lists
// of names stand elsewhere: of two of them the newer counts once the yes is
// there, so that a system which adds to its list does not take each code back.
func (st *step) rescoped(c *Case, anew bool) {
	c.Nobody = false
	reach := st.reaches(*c)
	isSet := func(name string) bool { return strings.HasPrefix(name, event.SetOf) }
	for _, p := range slices.Clone(st.s.Plans) {
		if p.Incident != c.Number || p.Mass == nil || c.Work != nil {
			continue
		}
		if anew || slices.ContainsFunc(p.Mass.Scope, func(name string) bool {
			return !slices.Contains(reach, name) && !(isSet(name) && slices.ContainsFunc(reach, isSet))
		}) {
			st.dropPlan(p)
			st.note(c.Number, "plan", "whom it concerns has changed: it is asked anew")
		}
	}
	if anew && c.Asleep.First {
		// Nobody was told yet: in the morning it is those who are hit by then.
		c.Unasked = max(0, c.Unasked-c.Crowd)
		c.Asleep, c.Reached, c.Crowd = asleep{}, nil, 0
		c.Groups = without1(c.Groups, audience.Subscribers)
		st.note(c.Number, "asleep", "whom it concerns has changed: they are counted anew")
	}
	st.widen(c)
}

// widen has those told who came into the scope of an incident after
// subscribers had been told of it.
func (st *step) widen(c *Case) {
	if len(c.Reached) == 0 || slices.Contains(c.Reached, event.Everybody) {
		c.Wider = false
		return
	}
	c.Wider = slices.ContainsFunc(st.reaches(*c), func(name string) bool { return !slices.Contains(c.Reached, name) })
}

// scopeWords are whom an incident concerns, for people.
func (st *step) scopeWords(c Case) string {
	words := strings.Join(st.placesOf(c), ", ")
	if c.HitBy > namedMost {
		words = strings.TrimSpace(fmt.Sprintf("%s (%d named)", words, c.HitBy))
	} else if len(c.Hit) > 0 {
		words = strings.TrimSpace(words + " (" + strings.Join(c.Hit, ", ") + ")")
	}
	return or(words, strings.Join(c.Scope, ", "))
}

// reachWords names a scope that was counted.
func (st *step) reachWords(c Case, scope []string) string {
	if slices.ContainsFunc(scope, func(name string) bool { return strings.HasPrefix(name, event.SetOf) }) {
		return st.scopeWords(c)
	}
	return strings.Join(scope, ", ")
}

// guarded keeps another system's title from those outside: it was written for
// the house, and no person has read it.
func (c Case) guarded(f notice.Facts, group string) notice.Facts {
	if c.Alarm != nil && f.Title == c.Title && audience.IsOutside(group) {
		f.Title = ""
	}
	return f
}

// words are what the people of the house read of an alarm.
func words(f event.Alarmed) string {
	title := strings.Join(strings.Fields(f.Title), " ")
	if f.Severity != "" {
		title = strings.TrimSuffix(f.Severity+": "+title, ": ")
	}
	if n := len(f.Hit); n > 0 {
		title = strings.TrimSpace(fmt.Sprintf("%s (%d named)", title, n))
	}
	return title
}

// alarmChanges tells what is new of an alarm that is known, in one sentence;
// empty: nothing is.
func (st *step) alarmChanges(c Case, f event.Alarmed) string {
	var did []string
	if !c.Live() {
		c.Incident = c.Reopen(c.Verdict)
		did = append(did, "opened again")
		st.note(c.Number, "reopened", "webhook %s reports it again", f.By)
	}
	scoped := st.alarmScope(&c, f)
	titled := f.Title != "" && !c.Alarm.Ties && c.Title != words(f)
	if titled {
		c.Title = words(f)
	}
	st.s.put(c)
	switch {
	case len(did) > 0:
		st.recall(c, event.Reopened)
	case titled, scoped:
		st.note(c.Number, "update", "webhook %s: %s", f.By, words(f))
		now := st.facts(&c)
		now.Title = words(f)
		st.inside(&c, now)
	}
	if scoped {
		did = append(did, "its scope is new")
	}
	if titled {
		did = append(did, "its title is new")
	}
	c, _ = st.s.Case(c.Number)
	return strings.Join(append(did, st.alarmSays(c, f)...), ", ")
}

// alarmSays takes the words for outside, and when it is expected to end.
func (st *step) alarmSays(c Case, f event.Alarmed) (did []string) {
	who := asker{name: "webhook " + f.By, silent: true}
	if !f.ETR.IsZero() && !f.ETR.Equal(c.ETR) {
		c.ETR, c.Nagged = f.ETR.UTC(), false
		st.s.put(c)
		st.note(c.Number, "etr", "%s expects it to end: %s", who.name, etrWords(c.ETR))
		now := st.facts(&c)
		now.By, now.Title, now.Promised = who.name, "", true
		st.inside(&c, now)
		st.announce(who, c, now, Saying{By: who.name, ETR: true})
		did = append(did, "its end is expected at "+etrWords(c.ETR))
	}
	c, _ = st.s.Case(c.Number)
	if said := digest(f.Say); f.Say != "" && c.Alarm.Said != said {
		tie := *c.Alarm
		tie.Said = said
		c.Alarm = &tie
		st.s.put(c)
		st.note(c.Number, "said", "%s: %s", who.name, f.Say)
		now := st.facts(&c)
		now.Title, now.By = f.Say, who.name
		st.inside(&c, now)
		st.announce(who, c, now, Saying{Text: f.Say, By: who.name})
		did = append(did, "said to those who were told")
	}
	return did
}

// alarmOver ends an incident by the word of whoever reported it. One that the
// probes opened is theirs to end.
func (st *step) alarmOver(c Case, f event.Alarmed) (did, text string) {
	if c.Alarm.Ties {
		c.Alarm = nil
		st.s.put(c)
		st.note(c.Number, "parted", "webhook %s says it is over; the probes do not yet", f.By)
		return "parted", fmt.Sprintf("#%d goes on until its own probes pass", c.Number)
	}
	st.resolve(c, event.AllClear, "webhook "+f.By+" says so")
	return "resolved", fmt.Sprintf("#%d is resolved; those who were told hear of it", c.Number)
}
