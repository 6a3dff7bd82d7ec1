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

// Planning is what the rules know of planned work.
type Planning struct {
	// Listed gives the work of the configuration and its calendars that touches
	// a time; nil: there is none.
	Listed func(from, to time.Time) []Listed
	Unread bool           // a calendar cannot be read now: what is not listed may stand in it
	Reads  bool           // a calendar is among it: what it lists changes with time
	Tell   incident.Leads // of work that is ordered
	Quiet  audience.Quiet // announcements wait for its end
}

// Listed is planned work as a source has it.
type Listed struct {
	Name     string   // its source's own, one for each window
	Subjects []string // uplinks and services
	Regions  []string // whom it concerns; empty: those whom the subjects serve
	Title    string   // for the house
	From, To time.Time
	Text     map[string]string // language -> what is done
	Impact   string            // in the words of MAINTNOTE: NO-IMPACT, REDUCED-REDUNDANCY, DEGRADED, OUTAGE
	Tell     incident.Leads
	Over     bool // its source says that it is done
}

// works is what State keeps of planned work besides the cases.
type works struct {
	Over map[string]time.Time `json:"over,omitempty"` // listed work that is done with, and its end as listed
}

const (
	worksAhead = 45 * 24 * time.Hour // how far ahead lists are read: no lead is longer than 30 days
	worksAnew  = 6 * time.Hour       // how often, if a calendar is among them
)

// Readers whose leads can be set.
const (
	tellSubscribers = "subscribers"
	tellPartners    = "partners"
	tellPublic      = "public"
	tellStaff       = "staff"
)

// leadsOf names the leads by which an audience hears of planned work; empty:
// it hears of none.
func leadsOf(group string) string {
	switch audience.Reader(group) {
	case audience.Subscribers:
		return tellSubscribers
	case "partner":
		return tellPartners
	case audience.Page:
		return tellPublic
	case audience.Staff, audience.Room, audience.Machine:
		return tellStaff
	}
	return ""
}

// works lists planned work that is not over, oldest first.
func (s State) works() []Case {
	return slices.DeleteFunc(slices.Clone(s.Incidents), func(c Case) bool { return c.Work == nil || !c.Live() })
}

// onWork says that a subject is being worked on: the work has begun, and its
// time is not up.
func (s State) onWork(subject string) (Case, bool) {
	for _, c := range s.works() {
		if c.Work.Begun && !c.Work.Late && slices.Contains(c.Scope, subject) {
			return c, true
		}
	}
	return Case{}, false
}

// overran finds the work that should be over and has left a subject down.
func (s State) overran(subject string) int {
	for _, c := range s.works() {
		if c.Work.Late && slices.Contains(c.Scope, subject) {
			return c.Number
		}
	}
	return 0
}

// toldByWork says that an audience hears of an outage as of work that takes
// longer: it is told once, not twice.
func (st *step) toldByWork(c Case, group string) bool {
	w, ok := st.s.Case(c.Overran)
	return c.Overran != 0 && ok && w.Live() && slices.Contains(w.Groups, group)
}

// reachedByWork are those subscribers, in the words of the list, who hear of
// an outage as of work that takes longer: whoever else it hits is told.
func (st *step) reachedByWork(c Case) []string {
	if !st.toldByWork(c, audience.Subscribers) {
		return nil
	}
	w, _ := st.s.Case(c.Overran)
	return w.Reached
}

// readWorks holds the open work against the lists. Without a clock nothing is
// known to be past or to come: all goes on as it is.
func (st *step) readWorks() {
	p := st.rules.Planning
	if !st.at.Trusted {
		return
	}
	st.s.WorksRead = st.at.Box
	var listed []Listed
	if p.Listed != nil {
		listed = p.Listed(st.at.Wall.Add(-worksAhead), st.at.Wall.Add(worksAhead))
	}
	named := func(name string) int {
		return slices.IndexFunc(listed, func(l Listed) bool { return l.Name == name })
	}
	for _, c := range st.s.works() {
		if c.Work.Name != "" && named(c.Work.Name) < 0 && !p.Unread {
			st.workOver(c, "it is no longer listed")
		}
	}
	over := maps.Clone(st.s.Works.Over)
	maps.DeleteFunc(over, func(name string, _ time.Time) bool { return named(name) < 0 && !p.Unread })
	if st.s.Works.Over = over; len(over) == 0 {
		st.s.Works.Over = nil
	}
	for _, l := range listed {
		st.readWork(l)
	}
}

// readWork takes in what a list says of one work.
func (st *step) readWork(l Listed) {
	i := slices.IndexFunc(st.s.Incidents, func(c Case) bool { return c.Work != nil && c.Live() && c.Work.Name == l.Name })
	if i < 0 {
		if end, known := st.s.Works.Over[l.Name]; !l.Over && l.To.After(st.at.Wall) && !(known && end.Equal(l.To)) {
			st.planWork(l, "configuration")
		}
		return
	}
	c := st.s.Incidents[i]
	if l.Over {
		st.workOver(c, "its source says that it is done")
		return
	}
	was := c.Work.Listed
	c.Incident = c.List(l.From, l.To, l.on(), l.Text, l.Impact, l.Tell)
	c.Title, c.Regions = l.Title, l.Regions
	st.s.put(c)
	if !was[0].Equal(l.From) || !was[1].Equal(l.To) {
		st.moveWork(c, l.From, l.To, asker{name: "configuration", silent: true})
	}
}

// on is what the work is on: where that is no uplink and no service, regions.
func (l Listed) on() []string {
	if len(l.Subjects) == 0 {
		return l.Regions
	}
	return l.Subjects
}

// planWork opens the case of planned work.
func (st *step) planWork(l Listed, by string) Case {
	w := incident.Work{Name: l.Name, From: l.From, To: l.To, Listed: [2]time.Time{l.From, l.To}, Text: l.Text, Impact: l.Impact, Tell: l.Tell}
	i := incident.Planned(st.number(), l.on(), l.Title, by, w, st.at)
	c := Case{Incident: i, First: event.Maintenance, Regions: l.Regions}
	st.note(c.Number, "planned", "%s: work on %s, %s%s", by, joined(l.on()), w.Words(), led(": ", l.Title))
	st.s.put(c)
	return c
}

// worksDue does what is due by the wall: announcements, beginnings and ends.
func (st *step) worksDue() {
	if st.rules.Planning.Reads && st.at.Trusted && !st.at.Box.Before(st.s.WorksRead.Add(worksAnew)) {
		st.readWorks()
	}
	for _, c := range st.s.works() {
		if w := c.Work; w.Late && len(st.downOf(c)) == 0 {
			st.workOver(c, "what it had left down is up")
			continue
		}
		if !st.at.Trusted {
			continue
		}
		if w := c.Work; !w.Begun && !st.at.Wall.Before(w.From) {
			c = st.beginWork(c)
		}
		st.announceWork(c)
		if w := c.Work; w.Begun && !w.Late && !st.at.Wall.Before(w.To) {
			st.endWork(c)
		}
	}
}

// nextWork is when the next of that is due, in box time.
func (st *step) nextWork() time.Time {
	if !st.at.Trusted {
		return time.Time{}
	}
	var next time.Time
	ahead := func(at time.Time) {
		if at.After(st.at.Wall) {
			next = earliest(next, st.boxOf(at))
		}
	}
	for _, c := range st.s.works() {
		ahead(c.Work.From)
		ahead(c.Work.To)
		for _, leads := range c.Work.Tell {
			for _, lead := range leads {
				ahead(st.awake(*c.Work)(c.Work.From.Add(-lead)))
			}
		}
	}
	if st.rules.Planning.Reads {
		next = earliest(next, st.s.WorksRead.Add(worksAnew))
	}
	return next
}

// awake moves an announcement out of the night: to its end, or before it if
// the work begins that same night.
func (st *step) awake(w incident.Work) func(time.Time) time.Time {
	return func(at time.Time) time.Time {
		if at.Equal(w.From) {
			return at // the beginning is told when it is
		}
		q := st.rules.Planning.Quiet
		end := q.Ends(at, st.zone())
		if end.IsZero() || end.Before(w.From) {
			return later(at, end)
		}
		return q.Began(at, st.zone()).Add(-time.Minute)
	}
}

// announceWork tells each audience whose next lead has passed: of several that
// have, once.
func (st *step) announceWork(c Case) {
	var many []audience.Group
	for _, g := range st.rules.Audience.Groups {
		c, _ = st.s.Case(c.Number)
		if leadsOf(g.Name) == "" || !g.Kin(append(st.regions(c), c.Scope...)) || !st.leadPassed(&c, g.Name) {
			continue
		}
		switch {
		case slices.Contains(c.Groups, g.Name):
			st.remindOfWork(c, g.Name)
		case st.keptFrom(c, g.Name):
		case audience.IsMass(g.Name):
			many = append(many, g)
		default:
			st.tellGroup(c.Number, g, "")
		}
	}
	if len(many) > 0 {
		st.propose(c, many)
	}
	c, _ = st.s.Case(c.Number)
	if st.rules.Subscribers == nil || !st.leadPassed(&c, audience.Subscribers) {
		return
	}
	if slices.Contains(c.Groups, audience.Subscribers) {
		st.remindOfWork(c, audience.Subscribers)
	} else if !st.keptFrom(c, audience.Subscribers) {
		st.emit(event.Fetch{What: event.FetchMass, Incident: c.Number, Scope: st.reaches(c)})
	}
}

// leadPassed says that an audience is to hear of work now, and keeps that.
func (st *step) leadPassed(c *Case, group string) bool {
	n := c.Work.Passed(leadsOf(group), st.at.Wall, st.awake(*c.Work))
	if n <= c.Work.Said[group] {
		return false
	}
	c.Incident = c.Announced(group, n)
	st.s.put(*c)
	return true
}

// keptFrom says that an audience must not be told, or is asked about already.
func (st *step) keptFrom(c Case, group string) bool {
	return c.Hold && audience.IsOutside(group) || slices.Contains(c.Denied, group) || st.s.inPlan(c.Number, group)
}

// remindOfWork says again to an audience what it was told. Subscribers who
// asked for the beginning hear that it is here.
func (st *step) remindOfWork(c Case, group string) {
	if c.Work.Begun && group != audience.Subscribers {
		return // they have just heard that it begins
	}
	st.tellOfWork(&c, newsOfWork(c), event.Tells, false, func(name string) bool { return name == group })
	st.note(c.Number, "telling", "%s to %s, once more", newsOfWork(c), group)
}

// newsOfWork is the kind by which work is spoken of as it stands.
func newsOfWork(c Case) event.Kind {
	if c.Work.Begun {
		return event.Begun
	}
	return event.Maintenance
}

// tellOfWork tells those who know of work what is new; waiting says that what
// they have not got yet is replaced.
func (st *step) tellOfWork(c *Case, kind event.Kind, mark event.LedgerMark, waiting bool, who func(string) bool) {
	variants := map[event.Variant]event.Kind{event.ToTold: kind}
	if waiting {
		variants[event.ToWaiting] = kind
	}
	for _, name := range c.Groups {
		if who(name) {
			st.group(c, st.facts(c), event.Notice{Audience: name, Only: name, Kind: kind, Mark: mark, Ledger: true}, variants)
		}
	}
	st.s.put(*c)
}

// beginWork begins work: from now on its probes page nobody.
func (st *step) beginWork(c Case) Case {
	c.Incident = c.Begin(st.at)
	c.Kind = event.Begun // who hears of it first now, hears that
	st.note(c.Number, "begun", "work on %s, until %s", joined(c.Scope), etrWords(c.Work.To))
	st.tellOfWork(&c, event.Begun, event.Tells, false, func(name string) bool { return name != audience.Subscribers })
	return c
}

// downOf are the subjects of work that are down.
func (st *step) downOf(c Case) []string {
	var down []string
	for _, name := range c.Scope {
		if rule, ok := st.rules.subject(name); ok && st.s.Subjects[name].Current(rule).Condition == event.IsDown {
			down = append(down, name)
		}
	}
	return down
}

// endWork ends work whose time is up. What is still down pages people from
// now on, and those who were told of the work hear that it takes longer.
func (st *step) endWork(c Case) {
	down := st.downOf(c)
	if len(down) == 0 {
		st.workOver(c, "its time is up")
		return
	}
	c.Incident = c.Overrun()
	st.note(c.Number, "overran", "its time is up and %s is down", joined(down))
	st.s.put(c)
	st.tellOfWork(&c, event.Overran, event.Tells, true, func(string) bool { return true })
	st.outageAfter(c.Scope)
}

// workOver ends work: it is done, or, before it has begun, called off. Exactly
// those who were told of it hear that.
func (st *step) workOver(c Case, why string) {
	how := event.Completed
	if !c.Work.Begun {
		how = event.CalledOff
	}
	if c.Work.Name != "" {
		st.s.Works.Over = cloned(st.s.Works.Over)
		st.s.Works.Over[c.Work.Name] = c.Work.Listed[1]
	}
	c.Incident = c.Changed()
	st.resolve(c, how, why)
	st.outageAfter(c.Scope)
}

// outageAfter judges what is not up once nothing keeps it from being told.
func (st *step) outageAfter(subjects []string) {
	for _, name := range subjects {
		rule, ok := st.rules.subject(name)
		if c, known := st.s.about(name); !ok || known && c.Live() || st.inWindow(name) {
			continue
		}
		switch v := st.s.Subjects[name].Current(rule); v.Condition {
		case event.IsDown:
			st.trouble(name, event.Down, v)
		case event.IsDegraded:
			st.trouble(name, event.Degraded, v)
		}
	}
}

// moveWork gives work another window, and says so to those who were told; to
// many only after a yes, as with any order of a person.
func (st *step) moveWork(c Case, from, to time.Time, who asker) {
	c.Incident = c.Move(from, to)
	for _, group := range append(slices.Clone(c.Groups), audience.Subscribers) {
		if slices.Contains(c.Groups, group) { // the new time is its announcement
			c.Incident = c.Announced(group, c.Work.Passed(leadsOf(group), st.at.Wall, st.awake(*c.Work)))
		}
	}
	c.Kind = newsOfWork(c)
	st.s.put(c)
	st.note(c.Number, "moved", "%s: %s", who.name, c.Work.Words())
	st.tellOfWork(&c, event.Moved, event.Tells, true, func(name string) bool { return !audience.IsOutside(name) })
	f := st.facts(&c)
	f.By, f.Promised = who.name, true
	st.announce(who, c, f, Saying{By: who.name, ETR: true})
}

// workOrder is ETR and MAINT EXTEND of planned work: another end.
func (st *step) workOrder(who asker, c Case, to time.Time) {
	if !to.After(c.Work.From) || !to.After(st.at.Wall) {
		st.answer(who, false, notice.WhenThen, notice.Reply{Number: c.Number})
		return
	}
	st.moveWork(c, c.Work.From, to.UTC(), who)
}

// extend is MAINT EXTEND: so much longer than it was to last, or from now on
// if that is past.
func (st *step) extend(who asker, c command.Command) {
	open, ok := st.find(who, c.Number)
	switch {
	case !ok:
	case open.Work == nil:
		st.answer(who, false, notice.NoMaint, notice.Reply{})
	case !st.at.Trusted:
		st.answer(who, false, notice.NoClock, notice.Reply{})
	default:
		st.workOrder(who, open, later(open.Work.To, st.at.Wall).Add(c.For))
	}
}

// schedule is MAINT PLAN: work that begins later.
func (st *step) schedule(who asker, c command.Command) {
	names, ok := st.regionsNamed(who, c.Scope)
	if !ok {
		return
	}
	from, ok := c.At.Resolve(st.at.Wall, st.zone())
	switch {
	case !st.at.Trusted:
		st.answer(who, false, notice.NoClock, notice.Reply{})
		return
	case !ok:
		st.answer(who, false, notice.WhenThen, notice.Reply{})
		return
	}
	l := Listed{From: from.UTC(), To: from.UTC().Add(c.For), Tell: st.rules.Planning.Tell}
	for _, name := range names {
		if _, watched := st.rules.subject(name); watched || slices.Contains(st.rules.Manual, name) {
			l.Subjects = append(l.Subjects, name)
		} else {
			l.Regions = append(l.Regions, name)
		}
	}
	if c.Text != "" {
		l.Text = map[string]string{st.lang(who): c.Text}
	}
	p := st.planWork(l, who.name)
	st.answer(who, true, notice.WorkPlanned, notice.Reply{Number: p.Number, Word: joined(names), Until: notice.Window(st.lang(who), l.From, l.To, st.at)})
}

// workRemarks are what STATUS says of planned work: what goes on, and what
// begins within a day.
func (st *step) workRemarks() []string {
	var list []string
	for _, c := range st.s.works() {
		w := c.Work
		head := "planned work " + joined(c.Scope)
		switch {
		case w.Late:
			list = append(list, head+" overran")
		case w.Begun && !st.at.Trusted:
			list = append(list, head+" goes on, no clock to end it by")
		case w.Begun:
			list = append(list, head+" "+untilWords(st.rules.Language, st.boxOf(w.To), st.at))
		case !st.at.Trusted:
			list = append(list, head+" waits for a clock")
		case w.From.Sub(st.at.Wall) < 24*time.Hour:
			list = append(list, head+" "+notice.Window(st.rules.Language, w.From, w.To, st.at))
		}
	}
	return list
}

// newsOf is the kind by which a person's news of a case are told.
func newsOf(c Case, f notice.Facts) event.Kind {
	switch {
	case c.Work == nil:
		return event.Update
	case f.Promised:
		return event.Moved
	}
	return newsOfWork(c)
}

func alsoWaiting(kind event.Kind) map[event.Variant]event.Kind {
	return map[event.Variant]event.Kind{event.ToTold: kind, event.ToWaiting: kind}
}
