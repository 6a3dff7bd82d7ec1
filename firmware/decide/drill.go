package decide

import (
	"maps"
	"slices"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/command"
	"heliograph/firmware/event"
	"heliograph/firmware/incident"
	"heliograph/firmware/notice"
)

// Drill is how the box rehearses, as the configuration describes it.
type Drill struct {
	Tell     []string         // people and rotas; empty: whom an escalation calls
	For      time.Duration    // it ends by itself after so long; zero: drillFor
	Backhaul bool             // it goes by the cellular connection, as if no uplink worked
	Groups   []audience.Group // the test targets: a war room, a page
	Regions  []string         // what the test page shows as hit
}

// drills is what the state holds of rehearsals.
type drills struct {
	Last time.Time `json:"last,omitzero"` // wall time the latest of the schedule was due at
	At   time.Time `json:"at,omitzero"`   // box time at which one that waits for the morning begins
	Now  *drill    `json:"now,omitempty"` // the one that is on, or still to be reported
}

// drill is one rehearsal. All times are box time, all lengths are from its
// start.
type drill struct {
	Number  int                      `json:"number"`
	To      []string                 `json:"to"`               // the drill list
	Called  []string                 `json:"called,omitempty"` // those of it who were called
	Start   time.Time                `json:"start"`
	Until   time.Time                `json:"until"`
	Ended   time.Time                `json:"ended,omitzero"` // zero: it is on
	Acks    []acked                  `json:"acks,omitempty"`
	First   map[string]time.Duration `json:"first,omitempty"`   // per channel: when the first of it was taken
	Awaited []string                 `json:"awaited,omitempty"` // channels that something was given to
	Link    time.Duration            `json:"link,omitempty"`    // when the cellular connection was up
	Clear   time.Duration            `json:"clear,omitempty"`   // when the first all-clear was taken
}

// acked is one person's ACK.
type acked struct {
	By    string        `json:"by"`
	After time.Duration `json:"after"`
}

const (
	drillFor    = 10 * time.Minute
	drillCalm   = time.Minute     // a drill goes on so long after the last ACK
	drillReport = 2 * time.Minute // the report waits so long for the last all-clear
	drillName   = "drill"         // what a drill is about
)

// on says that a drill is going on.
func (d *drill) on() bool { return d != nil && d.Ended.IsZero() }

// ends is when a drill is over by itself: its time is up, or everybody who was
// called has sent ACK and a minute has passed.
func (d *drill) ends() time.Time {
	if len(d.Called) == 0 {
		return d.Until
	}
	var last time.Duration
	for _, name := range d.Called {
		i := slices.IndexFunc(d.Acks, func(a acked) bool { return a.By == name })
		if i < 0 {
			return d.Until
		}
		last = max(last, d.Acks[i].After)
	}
	return earliest(d.Until, d.Start.Add(last+drillCalm))
}

// real lists the incidents whose trouble lasts, without drills.
func (s State) real() []Case {
	return slices.DeleteFunc(s.live(), func(c Case) bool { return c.Drill })
}

// Open counts the incidents whose trouble lasts; a drill is none.
func (s State) Open() int { return len(s.real()) }

// earnest says that something is wrong, or was until just now: a drill that
// leaves the cellular connection alone is not in earnest.
func (st *step) earnest() bool {
	return st.rules.rehearses(st.s) || slices.ContainsFunc(st.s.Incidents, func(c Case) bool { return !c.Drill && (c.Work == nil || c.Work.Begun) })
}

// rehearses says that a drill has everything go by the cellular connection.
func (r Rules) rehearses(s State) bool {
	return r.Drill.Backhaul && len(r.Backhauls) > 0 && s.Backhaul != linkOff && s.Drills.Now.on()
}

// drillCame takes in that the schedule asks for a drill. Whoever sleeps is
// let sleep: it begins when the last of the list is awake.
func (st *step) drillCame(f event.DrillDue) {
	if f.Scheduled.Equal(st.s.Drills.Last) {
		return // the clock was set back over its minute
	}
	st.s.Drills.Last, st.s.Drills.At = f.Scheduled, st.at.Box
	for _, name := range st.drillList() {
		if morning := st.waitsUntil(name); morning.After(st.s.Drills.At) {
			st.s.Drills.At = morning
		}
	}
	if st.s.Drills.At.After(st.at.Box) {
		st.note(0, drillName, "it is due in quiet hours and waits for their end")
	}
}

// drill is DRILL and DRILL END.
func (st *step) drill(who asker, c command.Command) {
	if c.Word == "end" {
		st.stopDrill(who)
		return
	}
	if no, r := st.noDrill(); no != "" {
		st.answer(who, false, no, r)
		return
	}
	d := st.beginDrill(who.name)
	st.answer(who, true, notice.DrillBegun, notice.Reply{Number: d.Number, List: d.To, Until: notice.Length(st.lang(who), d.Until.Sub(d.Start))})
}

// noDrill says why there can be no drill now; empty: there can.
func (st *step) noDrill() (notice.Answer, notice.Reply) {
	switch open := st.s.real(); {
	case len(open) > 0:
		return notice.NoDrillNow, notice.Reply{Items: items(open)}
	case st.s.Drills.Now.on():
		return notice.DrillOn, notice.Reply{Number: st.s.Drills.Now.Number}
	case st.s.Muted != nil:
		return notice.NoDrillMuted, notice.Reply{}
	case len(st.drillList()) == 0:
		return notice.NoDrillList, notice.Reply{}
	}
	return "", notice.Reply{}
}

// drillList is who takes part, by name.
func (st *step) drillList() []string {
	now := st.oncall()
	list := st.rules.Drill.Tell
	if len(list) == 0 {
		for _, s := range now.Steps {
			list = append(list, s.Who...)
		}
	}
	var names []string
	for _, to := range now.Named(list) {
		if !slices.Contains(names, to.Name) {
			names = append(names, to.Name)
		}
	}
	return names
}

// beginDrill opens the incident that is none.
func (st *step) beginDrill(by string) *drill {
	if st.s.Drills.Now != nil {
		st.reportDrill() // the last one has waited for its all-clear long enough
	}
	length := st.rules.Drill.For
	if length == 0 {
		length = drillFor
	}
	d := &drill{Number: st.number(), To: st.drillList(), Start: st.at.Box, Until: st.at.Box.Add(length)}
	st.s.Drills.Now = d
	i := incident.Ordered(d.Number, drillName, "", by, st.at)
	i.Drill = true
	st.open(i)
	if c, ok := st.s.Case(d.Number); ok {
		c.Regions = st.rules.Drill.Regions
		st.s.put(c)
	}
	return d
}

// callsFor is the escalation of an incident. That of a drill has the timetable
// of any other, and nobody in it but the drill list; who stands in no step of
// it comes first.
func (st *step) callsFor(c Case) audience.Rules {
	all := st.oncall()
	if !c.Drill || st.s.Drills.Now == nil {
		return all
	}
	left := slices.Clone(st.s.Drills.Now.To)
	steps := slices.Clone(all.Steps)
	for i, s := range steps {
		who := all.Expand(s.Who, st.at.Wall, st.at.Trusted, st.s.Swaps)
		steps[i].Who = slices.DeleteFunc(slices.Clone(who), func(name string) bool { return !slices.Contains(st.s.Drills.Now.To, name) })
		if s.Every == 0 {
			left = slices.DeleteFunc(left, func(name string) bool { return slices.Contains(who, name) })
		}
	}
	first := slices.IndexFunc(steps, func(s audience.Step) bool { return s.Every == 0 })
	switch {
	case len(left) == 0:
	case first < 0:
		steps = append(steps, audience.Step{Who: left})
	default:
		steps[first].Who = append(left, steps[first].Who...)
	}
	all.Steps = steps
	return all
}

// groupsFor are the audiences that may hear of an incident. Of a drill that is
// mail to those of the drill list, and the test targets.
func (st *step) groupsFor(c Case) []audience.Group {
	if !c.Drill {
		return st.rules.Audience.Groups
	}
	groups := slices.Clone(st.rules.Drill.Groups)
	if staff, ok := st.rules.Audience.Group(audience.Staff); ok && st.s.Drills.Now != nil {
		staff.To = slices.DeleteFunc(slices.Clone(staff.To), func(r event.Recipient) bool { return !slices.Contains(st.s.Drills.Now.To, r.Name) })
		groups = append(groups, staff)
	}
	return slices.DeleteFunc(groups, func(g audience.Group) bool { return len(g.To) == 0 })
}

// drilling changes the drill that a case belongs to, if it does.
func (st *step) drilling(number int, change func(d *drill)) {
	if st.s.Drills.Now == nil || st.s.Drills.Now.Number != number {
		return
	}
	d := *st.s.Drills.Now
	d.Called, d.Acks, d.Awaited, d.First = slices.Clone(d.Called), slices.Clone(d.Acks), slices.Clone(d.Awaited), maps.Clone(d.First)
	change(&d)
	st.s.Drills.Now = &d
}

// drillGiven keeps whom something was given for, and over which channel.
func (st *step) drillGiven(number int, to []event.Recipient) {
	st.drilling(number, func(d *drill) {
		for _, r := range to {
			if r.Channel == event.SMS && !slices.Contains(d.Called, r.Name) {
				d.Called = append(d.Called, r.Name)
			}
			if !slices.Contains(d.Awaited, r.Channel) {
				d.Awaited = append(d.Awaited, r.Channel)
			}
		}
	})
}

// drillAcked keeps a person's first ACK.
func (st *step) drillAcked(number int, by string) {
	st.drilling(number, func(d *drill) {
		if !slices.ContainsFunc(d.Acks, func(a acked) bool { return a.By == by }) {
			d.Acks = append(d.Acks, acked{by, st.at.Box.Sub(d.Start)})
		}
	})
}

// drillTook keeps when the first word went out over each channel, and the
// first all-clear.
func (st *step) drillTook(f event.Outcome) {
	if f.Fate != event.Taken || f.Incident == 0 {
		return
	}
	st.drilling(f.Incident, func(d *drill) {
		took := st.at.Box.Sub(d.Start)
		if ends(f.Kind) {
			if d.Clear == 0 {
				d.Clear = took
			}
			return
		}
		if _, known := d.First[f.Recipient.Channel]; !known {
			d.First = cloned(d.First)
			d.First[f.Recipient.Channel] = took
		}
	})
}

// drillLinked keeps when the cellular connection was up.
func (st *step) drillLinked(f event.Linked) {
	if !f.Up || !st.rules.rehearses(st.s) || st.s.Drills.Now.Link != 0 {
		return
	}
	st.drilling(st.s.Drills.Now.Number, func(d *drill) { d.Link = st.at.Box.Sub(d.Start) })
}

// drillsDue begins the drill of the schedule, ends the one that is on and
// reports it. Something real ends it at once; its alarm has gone before.
func (st *step) drillsDue() {
	if due(st.s.Drills.At, st.at.Box) {
		st.s.Drills.At = time.Time{}
		if no, _ := st.noDrill(); no == "" {
			st.beginDrill(st.rules.Site)
		} else {
			st.note(0, drillName, "the one of the schedule is left out: %s", no)
		}
	}
	d := st.s.Drills.Now
	switch {
	case d == nil:
	case d.on() && len(st.s.real()) > 0:
		st.breakOff()
	case d.on() && due(d.ends(), st.at.Box):
		st.endDrill(event.AllClear, "everybody has sent ACK, or its time is up")
	case !d.on() && due(d.Ended.Add(drillReport), st.at.Box):
		st.reportDrill()
	}
}

func (st *step) nextDrill() time.Time {
	next, d := st.s.Drills.At, st.s.Drills.Now
	switch {
	case d == nil:
		return next
	case d.on():
		return earliest(next, d.ends())
	}
	return earliest(next, d.Ended.Add(drillReport))
}

// stopDrill is DRILL END.
func (st *step) stopDrill(who asker) {
	if !st.s.Drills.Now.on() {
		st.answer(who, false, notice.NoDrill, notice.Reply{})
		return
	}
	number := st.s.Drills.Now.Number
	st.endDrill(event.AllClear, "ended by "+who.name)
	st.answer(who, true, notice.DrillEnds, notice.Reply{Number: number})
}

// endDrill tells those who take part that it is over.
func (st *step) endDrill(how event.Kind, why string) {
	number := st.s.Drills.Now.Number
	st.drilling(number, func(d *drill) { d.Ended = st.at.Box })
	if c, ok := st.s.Case(number); ok && c.Live() {
		st.resolve(c, how, why)
	}
}

// breakOff ends a drill for something real: nobody has time for its figures,
// so they go into the timeline only.
func (st *step) breakOff() {
	st.endDrill(event.BrokenOff, "a real incident has begun")
	d := *st.s.Drills.Now
	st.note(d.Number, drillName, "%s", st.howItWent(d).Words())
	st.s.Drills.Now = nil
}

// reportDrill tells how it went: to those who took part, and for good in the
// timeline.
func (st *step) reportDrill() {
	d := *st.s.Drills.Now
	st.s.Drills.Now = nil
	f := st.facts(nil)
	f.Incident, f.Drill, f.Unasked, f.Rehearsal = d.Number, true, true, st.howItWent(d)
	st.note(d.Number, drillName, "%s", f.Rehearsal.Words())
	st.publish(event.Notice{Audience: audience.OnCall, Kind: event.Rehearsed, Class: event.Operators, To: st.rules.Audience.Named(d.To)}, f, nil)
}

// howItWent are a drill's figures. Who was called and whose network took no
// text was not reached.
func (st *step) howItWent(d drill) notice.Rehearsal {
	r := notice.Rehearsal{Text: d.First[event.SMS], Link: d.Link, Clear: d.Clear}
	for _, a := range d.Acks {
		r.Acks = append(r.Acks, notice.Acked{By: a.By, After: a.After})
	}
	for _, channel := range []string{event.Mail, event.Statuspage, event.Slack} {
		if slices.Contains(d.Awaited, channel) {
			r.Channels = append(r.Channels, notice.Took{Channel: channel, After: d.First[channel]})
		}
	}
	c, _ := st.s.Case(d.Number)
	for _, name := range d.Called {
		p, _ := st.rules.Audience.Person(name)
		switch {
		case slices.ContainsFunc(d.Acks, func(a acked) bool { return a.By == name }):
		case slices.Contains(c.Heard, p.SMS) || p.Also != "" && slices.Contains(c.Heard, p.Also):
			r.Silent = append(r.Silent, name)
		default:
			r.Unreached = append(r.Unreached, name)
		}
	}
	return r
}

// drillCleared reports a drill whose last all-clear has its outcome.
func (st *step) drillCleared(number int) {
	if d := st.s.Drills.Now; d != nil && d.Number == number && !d.on() {
		st.reportDrill()
	}
}

// isDrill says whether a number is that of a drill.
func (st *step) isDrill(number int) bool {
	c, ok := st.s.Case(number)
	return ok && c.Drill
}
