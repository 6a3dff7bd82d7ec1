package decide

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// Step decides. It never changes s or what s points to.
func (r Rules) Step(s State, e event.Event) (State, []event.Effect) {
	st := &step{rules: r, s: s, at: e.Stamp, queue: e.Queue, audit: e.Audit}
	switch f := e.Fact.(type) {
	case event.Booted:
		st.booted(f)
	case event.Reloaded:
		st.reloaded()
	case event.ClockSet:
		st.clockSet(f)
	case event.Probed:
		st.probed(f)
	case event.Texted:
		st.texted(f)
	case event.Rang:
		st.rang(f)
	case event.Ordered:
		st.ordered(f)
	case event.Outcome:
		st.outcome(f)
	case event.Cleared:
		st.cleared(f)
	case event.DrillDue:
		st.drillCame(f)
	case event.SelftestDue:
		st.selftestDue(f)
	case event.WorkerChanged:
		st.workerChanged(f)
	case event.Limited:
		st.limited(f)
	case event.Unwell:
		st.unwell(f)
	case event.Faults:
		st.s.Faults = f.List
	case event.Restarted:
		st.restarted(f)
	case event.Pressed:
		st.pressed(f)
	case event.SitePower:
		st.sitePower(f)
	case event.Acted:
		st.acted(f)
	case event.Fetched:
		st.fetched(f)
	case event.Alarmed:
		st.alarmed(f)
	default:
		st.ofPaths(f)
	}
	st.passTime() // which is all that Ticked is for
	st.lease()
	st.s.wake = st.nextWake()
	return st.s, st.out
}

// ofPaths takes in what concerns the ways to the outside and their proof.
func (st *step) ofPaths(f event.Fact) {
	switch f := f.(type) {
	case event.Linked:
		st.linked(f)
	case event.Spent:
		st.budget(f)
	case event.OnlineWaits:
		st.s.Net.waits = f
	case event.Proved:
		st.proved(f)
	case event.Inspected:
		st.inspected(f)
	case event.Needs:
		st.needed(f)
	default:
		st.factOfLists(f)
	}
}

// step is one decision in the making.
type step struct {
	rules   Rules
	s       State
	at      event.Stamp
	queue   event.Queue
	audit   string // head of the audit log
	out     []event.Effect
	drawn   uint64 // numbers drawn from the event's chance
	said    string // the last answer, for the audit log
	proof   string // of a yes to a plan, likewise
	morning bool   // what is told has waited for the morning
	late    bool   // what is told is that it takes longer than was promised
}

func (st *step) emit(e event.Effect) { st.out = append(st.out, e) }

func (st *step) note(incident int, what, format string, args ...any) {
	st.emit(event.Note{Incident: incident, What: what, Text: fmt.Sprintf(format, args...)})
}

// passTime does what is due by now: silence and calm of the probes, and the
// next calls of every escalation.
func (st *step) passTime() {
	for _, rule := range st.rules.Subjects {
		m, ok := st.s.Subjects[rule.Name]
		if !ok || !due(rule.Wake(m), st.at.Box) {
			continue
		}
		m, changes := rule.Tick(m, st.at)
		st.s.remember(rule.Name, m)
		for _, c := range changes {
			st.changed(rule, c)
		}
	}
	st.tellUnfit()
	st.powerBack()
	st.ease()
	for _, c := range st.s.live() {
		if c.Ack == nil && !st.waitsFor(c) && due(st.callsFor(c).Next(c.Progress), st.at.Box) {
			progress, calls := st.callsFor(c).Due(c.Progress, st.at.Box)
			c.Progress = progress
			st.call(c, calls, c.Kind)
		}
	}
	st.dutiesDue()
	st.owned()
	st.silencesDue()
	st.shutsDue()
	st.worksDue()
	st.plansDue()
	for _, c := range st.s.live() {
		st.inform(c)
	}
	st.sleepersDue()
	st.drillsDue()
	st.stormsDue()
	st.unproved()
	st.syncDue()
	st.trialsDue()
}

func due(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }

func (st *step) nextWake() time.Time {
	var next time.Time
	for _, rule := range st.rules.Subjects {
		if m, ok := st.s.Subjects[rule.Name]; ok {
			next = earliest(next, rule.Wake(m))
		}
	}
	for name, ill := range st.s.Unfit {
		if !ill.told && st.s.Workers[name].Channel != event.Ring {
			next = earliest(next, ill.since.Box.Add(unfitFor))
		}
	}
	for _, h := range st.s.Health {
		if h.step > 0 {
			next = earliest(next, h.calmAt())
		}
	}
	if st.s.Power != nil {
		next = earliest(next, st.s.Power.told(st.at.Trusted))
	}
	for _, c := range st.s.live() {
		if c.Ack == nil && !st.waitsFor(c) {
			next = earliest(next, st.callsFor(c).Next(c.Progress))
		}
		next = earliest(next, st.nextGroup(c))
	}
	for _, at := range []time.Time{st.nextDuty(), st.nextOwned(), st.nextSilence(), st.nextShut(), st.nextSleeper(), st.nextWork(), st.nextPlan(), st.nextDrill(), st.nextStorm(), st.nextTrial()} {
		next = earliest(next, at)
	}
	if p := st.s.Net.proof; len(p.left) > 0 {
		next = earliest(next, p.until)
	}
	if at := st.rules.turnAt(st.s.Net); st.at.Box.Before(at) {
		next = earliest(next, at)
	}
	return earliest(next, earliest(st.shakyUntil(), st.s.Net.stuckAt()))
}

func (st *step) booted(f event.Booted) {
	st.s.Booted, st.s.Version = st.at, f.Version
	st.s.Workers, st.s.Unfit, st.s.Health, st.s.Faults, st.s.Net = nil, nil, nil, nil, network{}
	st.s.Restarted, st.s.Pressed = "", time.Time{}
	st.s.Trial, st.s.Balance, st.s.creditAsked = nil, nil, time.Time{}
	st.untried()
	st.darkSince()
	st.s.NextNotice = max(st.s.NextNotice, 1)
	st.s.NextIncident = max(st.s.NextIncident, 1)
	if st.s.LastSelftest.IsZero() {
		st.s.LastSelftest = st.at.Wall // a box that is new has missed none
	}
	st.watchAll(true)
	st.readWorks()
	st.note(0, "started", "heliograph %s started", f.Version)
	if f.SetAside == "" {
		return
	}
	st.note(0, "set aside", "the store was broken (%s) and is kept as %s", f.Why, f.SetAside)
	st.boxNews("Its memory was broken: set aside, started fresh. Incidents and queue from before are unknown to it. Look at " + f.SetAside)
}

// watchAll begins the watch of every subject that has none yet, so that probes
// which never answer at all are noticed.
func (st *step) watchAll(afresh bool) {
	for _, rule := range st.rules.Subjects {
		if m, known := st.s.Subjects[rule.Name]; afresh || !known {
			st.s.remember(rule.Name, rule.Begin(m, st.at))
		}
	}
}

// clockSet moves what was measured in box time along with it: a dark box saw
// no silence.
func (st *step) clockSet(f event.ClockSet) {
	st.reclock(f)
	st.resetSleep()
	st.readWorks()
	for name, m := range maps.Clone(st.s.Subjects) {
		st.s.remember(name, m.Reclocked(f.Ahead, st.at))
	}
}

func (st *step) unwell(f event.Unwell) {
	if f.Over {
		st.note(0, "well", "%s: over", f.What)
		st.boxNews(f.What + ": over.")
		return
	}
	st.note(0, "unwell", "%s", f.What)
	st.boxNews(f.What)
}

func (st *step) workerChanged(f event.WorkerChanged) {
	if f.Gone {
		st.s.Workers, st.s.Unfit, st.s.Health = cloned(st.s.Workers), cloned(st.s.Unfit), cloned(st.s.Health)
		delete(st.s.Workers, f.Worker)
		delete(st.s.Health, f.Worker)
		delete(st.s.Unfit, f.Worker)
		return
	}
	was, known := st.s.Workers[f.Worker]
	st.s.Workers = cloned(st.s.Workers)
	st.s.Workers[f.Worker] = f
	if !known || was.State != f.State {
		st.note(0, "worker", "%s: %s%s%s", f.Worker, f.State, led(": ", f.Why), led("; ", f.Advice))
	}
	if h := st.s.Health[f.Worker]; f.Fit && !was.Fit && !h.rest.IsZero() {
		h.rest = time.Time{} // it has mended what it refused for
		st.s.heal(f.Worker, h)
	}
	_, ill := st.s.Unfit[f.Worker]
	switch {
	case f.Fit && ill:
		st.s.Unfit = cloned(st.s.Unfit)
		delete(st.s.Unfit, f.Worker)
	case !f.Fit && !ill:
		st.s.Unfit = cloned(st.s.Unfit)
		st.s.Unfit[f.Worker] = sick{since: st.at}
	}
}

// unfitFor is how long a worker may be unable to send before people hear of
// it: a modem that resets itself is back within two minutes, and what lasts
// longer is the silent decay of which such boxes die.
const unfitFor = 10 * time.Minute

// tellUnfit says once that a worker is out. Where another can send, the words
// go out now; the only modem's own words go when it is back, and tell that it
// was away.
func (st *step) tellUnfit() {
	for name, ill := range maps.Clone(st.s.Unfit) {
		if ill.told || st.s.Workers[name].Channel == event.Ring || !due(ill.since.Box.Add(unfitFor), st.at.Box) {
			continue
		}
		st.s.Unfit = cloned(st.s.Unfit)
		st.s.Unfit[name] = sick{since: ill.since, told: true}
		w := st.s.Workers[name]
		st.note(0, "unfit", "%s: %s for %s%s%s", name, w.State, unfitFor, led(": ", w.Why), led("; ", w.Advice))
		st.boxNews(fmt.Sprintf("%s cannot send since %s: %s%s", name, notice.Clock(st.rules.Language, ill.since, st.at), w.State, led("; ", w.Advice)))
	}
}

func led(by, s string) string {
	if s == "" {
		return ""
	}
	return by + s
}

// reloaded closes what is watched no more. Thresholds need nothing: they hold
// from the next round.
func (st *step) reloaded() {
	st.note(0, "reloaded", "configuration taken")
	st.watchAll(false)
	st.resetSleep()
	st.readWorks()
	st.unlinked()
	st.untried()
	for name := range maps.Clone(st.s.Subjects) {
		if _, ok := st.rules.subject(name); ok {
			continue
		}
		st.s.Subjects = cloned(st.s.Subjects)
		delete(st.s.Subjects, name)
		st.shutOver(name, false)
		if c, ok := st.s.about(name); ok && c.Live() {
			st.resolve(c, event.Unwatched, "no longer in the configuration")
		}
	}
}

// cleared archives an incident whose last all-clear has its outcome.
func (st *step) cleared(f event.Cleared) {
	c, ok := st.s.Case(f.Incident)
	if !ok || c.Live() || !c.Asleep.Until.IsZero() {
		return
	}
	st.drillCleared(f.Incident)
	st.closes(c)
}

func names(to []event.Recipient) string {
	var list []string
	for _, t := range to {
		n := t.Name
		if n == "" {
			n = hidden(t.Address) // what is noted is logged: no whole number
		}
		if t.Also {
			n += " (second number)"
		}
		list = append(list, n)
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), ", ")
}
