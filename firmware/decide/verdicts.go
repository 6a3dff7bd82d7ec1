package decide

import (
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
	"heliograph/firmware/incident"
	"heliograph/firmware/reach"
)

func (st *step) probed(f event.Probed) {
	rule, ok := st.rules.subject(f.Subject)
	if !ok {
		return // the last round of an uplink that a reload removed
	}
	m, changes := rule.Weigh(st.s.Subjects[f.Subject], st.at, f.Results, st.parentDown(rule))
	st.s.remember(f.Subject, m)
	for _, c := range changes {
		st.changed(rule, c)
	}
}

// parentDown says that the declared parent's failure explains this subject's.
// A service has no parent of its own: it is excused while every uplink is
// failing, because then nothing beyond the box can be judged.
func (st *step) parentDown(rule reach.Rule) bool {
	if rule.Parent != "" {
		return st.s.Subjects[rule.Parent].Failing()
	}
	return rule.Service && st.allUplinksDown()
}

func (st *step) allUplinksDown() bool {
	uplinks := 0
	for _, r := range st.rules.Subjects {
		if r.Service {
			continue
		}
		if !st.s.Subjects[r.Name].Failing() {
			return false
		}
		uplinks++
	}
	return uplinks > 0
}

// changed turns a changed verdict into the life of an incident.
func (st *step) changed(rule reach.Rule, c reach.Change) {
	if !rule.Service && c.To.Condition == event.IsUp {
		st.mended(rule.Name + " is up")
	}
	switch c.What {
	case reach.Down:
		st.trouble(rule.Name, event.Down, c.To)
	case reach.Degraded:
		st.trouble(rule.Name, event.Degraded, c.To)
	case reach.Silent:
		st.trouble(rule.Name, event.Unwelled, c.To)
	case reach.Unstable:
		st.trouble(rule.Name, event.Unstable, c.To)
	case reach.Up, reach.Better:
		st.recovered(rule.Name, c.To)
	case reach.Moved:
		st.news(rule.Name, c.To, event.Update)
	case reach.Settled:
		st.settled(rule.Name, c.To)
	case reach.Excused:
		st.excused(rule)
	case reach.Quiet:
		st.quietly(rule.Name, c.To)
	}
	switch {
	case rule.Service:
	case st.allUplinksDown():
		st.relapse(c.To)
	case c.To.Condition == event.IsUp:
		st.relieve(c.To)
	}
}

// settled ends a time of flapping by the condition it came to rest in.
func (st *step) settled(subject string, v event.Verdict) {
	if v.Condition == event.IsUp {
		st.recovered(subject, v)
		return
	}
	st.news(subject, v, event.Update)
}

// quietly keeps a verdict that nobody need hear of.
func (st *step) quietly(subject string, v event.Verdict) {
	if c, ok := st.s.about(subject); ok && c.Live() {
		c.Verdict = v
		st.s.put(c)
	}
}

// trouble opens, re-opens, worsens or updates the subject's incident.
func (st *step) trouble(subject string, kind event.Kind, v event.Verdict) {
	c, ok := st.s.about(subject)
	switch {
	case (!ok || !c.Live()) && st.inWindow(subject):
		st.note(0, "maintenance", "%s is %s, within its time of maintenance: %s", subject, v.Condition, Evidence(v))
	case (!ok || !c.Live()) && st.staysShut(subject, v):
		st.note(0, "closed", "%s is %s: #%d was closed while it failed", subject, v.Condition, st.s.Shut[subject].Incident)
	case !ok:
		st.shutOver(subject, false)
		st.open(incident.Watched(st.number(), subject, kind, v, st.at))
	case !c.Live():
		st.shutOver(subject, false)
		c.Incident = c.Reopen(v)
		c.Kind, c.Overran = kind, st.s.overran(subject)
		st.note(c.Number, "reopened", "%s is %s again: %s", subject, v.Condition, Evidence(v))
		st.recall(c, event.Reopened)
	case kind == event.Down && c.Kind != event.Down:
		// Worse than what was acknowledged: people must hear it as an alarm.
		c.Kind, c.Was, c.Verdict, c.Ack = kind, c.Verdict, v, nil
		st.note(c.Number, "worse", "%s is now %s: %s", subject, v.Condition, Evidence(v))
		st.recall(c, event.Down)
	case kind == event.Unstable:
		st.news(subject, v, event.Unstable)
	default:
		st.news(subject, v, event.Update)
	}
}

// recovered resolves the subject's incident.
func (st *step) recovered(subject string, v event.Verdict) {
	st.shutOver(subject, true)
	c, ok := st.s.about(subject)
	if !ok || !c.Live() {
		return
	}
	c.Was, c.Verdict = c.Verdict, v
	c.Scope = []string{c.Subject} // what hung on it is judged by itself from here on
	st.resolve(c, event.AllClear, "the probes pass and stayed so")
}

// news tells those who were told what changed.
func (st *step) news(subject string, v event.Verdict, kind event.Kind) {
	c, ok := st.s.about(subject)
	if !ok || !c.Live() {
		return
	}
	var changed bool
	c.Incident, changed = c.Judge(v)
	if !changed && kind == event.Update {
		st.s.put(c)
		return
	}
	st.note(c.Number, string(kind), "%s: %s", subject, Evidence(v))
	st.update(c, kind)
}

// excused adds a child to the incident of its parent.
func (st *step) excused(rule reach.Rule) {
	c, ok := st.s.about(rule.Parent)
	if !ok || !c.Live() {
		return
	}
	var news bool
	if c.Incident, news = c.Widen(rule.Name); !news {
		return
	}
	st.widen(&c)
	st.note(c.Number, "scope", "%s is cut off as well", rule.Name)
	if st.at.Box.Sub(c.Opened.Box) < sameBreath {
		st.s.put(c) // who reads that the parent is down knows it
		return
	}
	st.update(c, event.Update)
}

// sameBreath is how soon after its parent a child's failure is the same news.
const sameBreath = 30 * time.Second

func (st *step) number() int {
	n := max(st.s.NextIncident, 1)
	st.s.NextIncident = n + 1
	return n
}

// open starts an incident's life and gives out the first word.
func (st *step) open(i incident.Incident) {
	c := Case{Incident: i, Progress: audience.Begin(st.at.Box), First: i.Kind, Hold: st.s.HeldBy != "", Overran: st.s.overran(i.Subject)}
	if c.ByHand() {
		st.note(c.Number, "opened", "opened by %s: %s %s", c.By, c.Subject, c.Title)
	} else {
		st.note(c.Number, "opened", "%s is %s: %s", c.Subject, c.Verdict.Condition, Evidence(c.Verdict))
	}
	var calls []audience.Call
	c.Progress, calls = st.callsFor(c).Due(c.Progress, st.at.Box)
	st.call(c, calls, c.Kind)
}
