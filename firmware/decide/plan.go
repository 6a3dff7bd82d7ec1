package decide

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/command"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// Approve is when a mass notice needs a person's yes.
type Approve struct {
	Asks bool          // somebody's yes is asked at all
	Over int           // for more recipients than this
	Two  int           // more than this need two people; zero: never
	Wait time.Duration // for so long
	Send bool          // and then it goes out without an answer
}

func (a Approve) needs(recipients int) bool { return a.Asks && recipients > a.Over }

// Plan is what waits for a yes. Nothing of it is worded yet: what goes out
// after ten minutes says what is true then.
type Plan struct {
	ID       int               `json:"id"`
	What     Planned           `json:"what"`
	Incident int               `json:"incident,omitempty"`
	Groups   []string          `json:"groups,omitempty"` // PlanTell: the audiences to be told
	Mass     *Crowd            `json:"mass,omitempty"`   // PlanTell: the subscribers to be told
	Saying   Saying            `json:"saying,omitzero"`  // PlanSay
	By       string            `json:"by,omitempty"`     // who wants it
	Two      bool              `json:"two,omitempty"`    // two people must say yes
	Yes      []string          `json:"yes,omitempty"`    // who has
	Only     string            `json:"only,omitempty"`   // "mail" or "sms": a yes to that alone
	Codes    map[string]string `json:"codes,omitempty"`  // per person, the digest of that person's code
	Asked    []uint64          `json:"asked,omitempty"`  // the texts that ask
	Until    time.Time         `json:"until,omitzero"`   // box time at which the wait ends; zero: it does not
	Send     bool              `json:"send,omitempty"`   // it goes out then
	Reminded bool              `json:"reminded,omitempty"`
}

// Planned is what a plan is for.
type Planned string

// What needs a yes.
const (
	PlanTell   Planned = "tell"   // the first word of an incident to many outside
	PlanSay    Planned = "say"    // an operator's words to them
	PlanReboot Planned = "reboot" // the board
	PlanOpen   Planned = "open"   // an incident that somebody else's map shows
)

// Saying is an operator's words.
type Saying struct {
	Text string `json:"text,omitempty"`
	By   string `json:"by,omitempty"`
	ETR  bool   `json:"etr,omitempty"`  // the words are when it is expected to end
	Late bool   `json:"late,omitempty"` // and that is later than was promised
}

// rebootWaits is how long the second yes to a reboot is waited for.
const rebootWaits = 15 * time.Minute

// perText is what a text costs a modem in time: 3 to 4 s on LTE.
const perText = 3200 * time.Millisecond

// propose tells groups outside that are due, or asks first when they are many.
func (st *step) propose(c Case, groups []audience.Group) {
	n, due := 0, []string(nil)
	for _, g := range groups {
		n += g.Count()
		due = append(due, g.Name)
	}
	if st.unasked(c.Number, n) {
		for _, g := range groups {
			st.tellGroup(c.Number, g, "")
		}
		return
	}
	st.ask(c, Plan{What: PlanTell, Groups: due})
}

// unasked says that so many more outside may hear of a case without a yes, and
// counts them. Those who were told before without one count with them: groups
// whose time comes one after the other are as many as if it came at once.
func (st *step) unasked(number, more int) bool {
	c, ok := st.s.Case(number)
	if !ok || st.rules.Approve.needs(c.Unasked+more) {
		return false
	}
	c.Unasked += more
	st.s.put(c)
	return true
}

// ask puts a plan before those who may say yes.
func (st *step) ask(c Case, p Plan) {
	st.s.NextPlan++
	p.ID, p.Incident = st.s.NextPlan, c.Number
	for _, old := range st.s.Plans {
		if p.replaces(old) {
			st.dropPlan(old)
			st.note(old.Incident, "plan", "a newer one takes its place")
		}
	}
	size := st.size(p, c)
	p.Two = p.What == PlanReboot || st.rules.Approve.Two > 0 && size.Mails+size.Texts > st.rules.Approve.Two
	size.Two = p.Two
	if p.What == PlanReboot {
		p.Until = st.at.Box.Add(rebootWaits)
	} else if st.rules.Approve.Wait > 0 {
		p.Until, p.Send = st.at.Box.Add(st.rules.Approve.Wait), st.rules.Approve.Send && !p.Two && p.What != PlanOpen
	}
	if p.Send {
		size.Sends = p.Until
	}
	st.askAll(&p, c, size)
	st.s.Plans = append(slices.Clone(st.s.Plans), p)
	if len(p.Codes) == 0 {
		st.boxNews("a plan waits for a yes and nobody may give it: give people the role approver, or use `heliograph approve` on the box.")
	}
}

// replaces says that an older plan would say or do the same thing once more.
func (p Plan) replaces(old Plan) bool {
	same := p.What == PlanReboot || p.What == PlanOpen || p.What == PlanSay && p.Saying.ETR && old.Saying.ETR
	return same && p.What == old.What && p.Incident == old.Incident
}

// askAll texts each approver a code of their own: who lent somebody a phone
// cannot be two people.
func (st *step) askAll(p *Plan, c Case, size notice.Plan) {
	p.Codes = map[string]string{}
	f := st.facts(&c)
	if p.Incident == 0 {
		f = st.facts(nil)
	}
	f.Plan, f.By = size, p.By
	for _, who := range st.rules.Audience.People {
		if !roleOf(who).May(command.Approver) || who.SMS == "" || p.What == PlanReboot && who.Name == p.By {
			continue
		}
		code := st.planCode(who.Name)
		p.Codes[who.Name] = digest(who.Name, code)
		f.Plan.Code = code
		id := st.publish(event.Notice{Incident: p.Incident, Audience: audience.OnCall, Kind: event.Asking, Class: event.Operators, To: st.rules.Audience.Named([]string{who.Name})}, f, nil)
		p.Asked = append(p.Asked, id)
	}
	st.note(p.Incident, "plan", "%s waits for a yes: %s", p.What, size.Words())
}

// planCode is one that this person has for no other plan.
func (st *step) planCode(person string) string {
	for {
		code := fmt.Sprintf("%03X", st.draw()%4096)
		if !slices.ContainsFunc(st.s.Plans, func(p Plan) bool { return p.Codes[person] == digest(person, code) }) {
			return code
		}
	}
}

// size counts what a plan would send, how long that takes and what it costs.
func (st *step) size(p Plan, c Case) notice.Plan {
	x := notice.Plan{What: string(p.What), Two: p.Two, Parts: 1}
	if p.What == PlanOpen {
		return st.sizeOfTagged(x)
	}
	for _, name := range st.planned(p, c) {
		g, _ := st.rules.Audience.Group(name)
		mails, texts := g.Split()
		if x.Mails, x.Texts = x.Mails+mails, x.Texts+texts; name == audience.Subscribers && p.What == PlanSay {
			x.Texts += c.Crowd
		}
	}
	if p.Mass != nil {
		who := *p.Mass
		who.Only = p.Only
		texts, mails := who.addresses()
		x.Texts, x.Mails = x.Texts+texts, x.Mails+mails
		x.Where, x.Taken, x.List = p.Mass.Scope, p.Mass.List.Taken, p.Mass.List.Version
		if len(c.Hit) > 0 {
			x.Where = append(slices.Clone(c.Regions), fmt.Sprintf("%d named", c.HitBy))
		}
	}
	x.Text = p.Saying.Text
	return st.rules.Costs(x)
}

// Costs says which modems carry the texts of a plan, how long that takes, what
// it costs and how many are beyond the SIMs' limits.
func (r Rules) Costs(x notice.Plan) notice.Plan {
	for _, w := range r.Carriers {
		if w.Channel == event.SMS && !w.Fallback {
			x.Workers = append(x.Workers, w.Name)
		}
	}
	if x.Texts > 0 && len(x.Workers) > 0 {
		x.Takes = time.Duration(math.Ceil(float64(x.Texts*x.Parts)/float64(len(x.Workers)))) * perText
		x.Cost = r.Price.Words(x.Texts * x.Parts)
		x.Over = max(0, x.Texts*x.Parts-r.Quota)
	}
	return x
}

// planned are the audiences of a plan.
func (st *step) planned(p Plan, c Case) []string {
	if p.What == PlanTell {
		return p.Groups
	}
	capped := st.cappedOf(c)
	return slices.DeleteFunc(outsideOf(c.Groups), func(name string) bool { return !p.Saying.Late && slices.Contains(capped, name) })
}

// outsideOf picks the audiences that a mass notice is for.
func outsideOf(groups []string) []string {
	return slices.DeleteFunc(slices.Clone(groups), func(name string) bool { return !audience.IsMass(name) })
}

// outsiders counts those outside who were told of a case, but for some.
func (st *step) outsiders(c Case, but ...string) (n int) {
	for _, name := range outsideOf(c.Groups) {
		if slices.Contains(but, name) {
			continue
		}
		g, _ := st.rules.Audience.Group(name)
		if n += g.Count(); name == audience.Subscribers {
			n += c.Crowd
		}
	}
	return n
}

// approve is APPROVE: a yes to a plan, or to a part of it.
func (st *step) approve(who asker, c command.Command) {
	i, ok := st.findPlan(who, c.Code)
	if !ok {
		return
	}
	p := st.s.Plans[i]
	p.Yes = st.stillMay(p.Yes)
	if slices.Contains(p.Yes, who.voice()) || p.What == PlanReboot && p.By == who.voice() {
		st.answer(who, false, notice.NeedsSecond, notice.Reply{})
		return
	}
	if c.Word != "" && p.Only != "" && c.Word != p.Only {
		p.Yes = nil // who wanted the one channel has not said yes to the other
	}
	p.Yes = append(p.Yes, who.voice())
	if c.Word != "" {
		p.Only = c.Word
	}
	st.proof = st.proofOf(who, p)
	st.heardFrom(who)
	if p.Two && len(p.Yes) < 2 && p.What != PlanReboot {
		st.s.Plans = slices.Clone(st.s.Plans)
		st.s.Plans[i] = p
		st.note(p.Incident, "plan", "%s says yes; a second person must", who.name)
		st.answer(who, true, notice.NeedsSecond, notice.Reply{})
		return
	}
	st.dropPlan(p)
	st.note(p.Incident, "approved", "%s; proof: %s", joined(p.Yes), st.proof)
	st.execute(p)
	st.answer(who, true, notice.Approved, notice.Reply{Number: p.Incident})
}

// atSocket is the voice of whoever sits at the socket.
const atSocket = "the socket"

// voice is whose yes it is. Who sits at the socket may speak in anybody's
// name, and is one person all the same.
func (who asker) voice() string {
	if who.source == command.Local {
		return atSocket
	}
	return who.name
}

// stillMay leaves out whom a reload took the right to say yes. It is a list of
// its own.
func (st *step) stillMay(yes []string) []string {
	return slices.DeleteFunc(slices.Clone(yes), func(name string) bool {
		p, ok := st.rules.Audience.Person(name)
		return name != atSocket && !(ok && roleOf(p).May(command.Approver))
	})
}

// proofOf names how a yes was proved.
func (st *step) proofOf(who asker, p Plan) string {
	yes := p.Yes
	if p.What == PlanReboot {
		yes = append([]string{p.By}, yes...)
	}
	switch {
	case p.Two && len(yes) > 1:
		return "two people: " + joined(yes)
	case who.source == command.Local:
		return proofSocket
	case who.totp:
		return proofTOTP
	}
	return "the plan's code"
}

func joined(names []string) string { return strings.Join(names, ", ") }

// findPlan finds the plan that an approver's code is for. On the box itself,
// and with a TOTP, the only plan needs none.
func (st *step) findPlan(who asker, code string) (int, bool) {
	key := who.talkKey()
	t := st.s.talkOf(key)
	proven := who.source == command.Local || who.totp
	switch {
	case len(st.s.Plans) == 0:
		st.vain(who, func() { st.answer(who, false, notice.NoPlan, notice.Reply{}) })
		return 0, false
	case code == "" && proven && len(st.s.Plans) == 1:
		return 0, true
	case code != "" && !t.wrongs(st.at.Box) && !proven:
		st.answer(who, false, notice.Locked, notice.Reply{Word: string(command.Approve), Until: st.clockAt(who, t.locked(st.at.Box))})
		return 0, false
	}
	i := slices.IndexFunc(st.s.Plans, func(p Plan) bool {
		return code != "" && (p.Codes[who.name] == digest(who.name, code) || who.source == command.Local && fmt.Sprint(p.Incident) == code)
	})
	if i >= 0 {
		return i, true
	}
	if code != "" && !proven {
		st.wrongCode(who, t)
		return 0, false
	}
	if code == "" {
		st.answer(who, false, notice.WhichPlan, notice.Reply{})
		return 0, false
	}
	st.vain(who, func() { st.answer(who, false, notice.NoPlan, notice.Reply{}) })
	return 0, false
}

// deny is DENY: nothing is sent. It needs no proof, because it only keeps the
// box silent towards those outside, and GO asks anew.
func (st *step) deny(who asker, code string) {
	var gone []Plan
	for _, p := range st.s.Plans {
		mine := who.source == command.Local && fmt.Sprint(p.Incident) == code
		if code == "" || mine || slices.ContainsFunc(st.rules.Audience.People, func(x audience.Person) bool { return p.Codes[x.Name] == digest(x.Name, code) }) {
			gone = append(gone, p)
		}
	}
	if len(gone) == 0 {
		st.vain(who, func() { st.answer(who, false, notice.NoPlan, notice.Reply{}) })
		return
	}
	for _, p := range gone {
		st.dropPlan(p)
		st.note(p.Incident, "denied", "%s: nothing of it is sent", who.name)
		if c, ok := st.s.Case(p.Incident); ok {
			c.Denied = append(slices.Clone(c.Denied), p.Groups...)
			st.s.put(c)
		}
	}
	said := notice.DeniedOnce
	switch gone[0].What {
	case PlanTell:
		said = notice.Denied
	case PlanSay:
		said = notice.DeniedSay
	}
	st.answer(who, true, said, notice.Reply{Number: gone[0].Incident})
}

// dropPlan takes a plan away, and what still asks for it.
func (st *step) dropPlan(p Plan) {
	st.s.Plans = slices.DeleteFunc(slices.Clone(st.s.Plans), func(x Plan) bool { return x.ID == p.ID })
	if len(p.Asked) > 0 {
		st.emit(event.Withdraw{Notices: p.Asked})
	}
}

// execute does what was planned.
func (st *step) execute(p Plan) {
	if p.What == PlanReboot {
		st.note(0, "reboot", "by order of %s", joined(append([]string{p.By}, p.Yes...)))
		st.emit(event.Reboot{By: p.By})
		return
	}
	if p.What == PlanOpen {
		st.openTagged()
		return
	}
	c, ok := st.s.Case(p.Incident)
	if !ok || !c.Live() {
		return
	}
	if p.What == PlanTell {
		for _, name := range p.Groups {
			if g, ok := st.rules.Audience.Group(name); ok {
				st.tellGroup(p.Incident, g, p.Only)
			}
		}
		if p.Mass != nil {
			st.tellCrowd(p.Incident, *p.Mass, p.Only)
		}
		// A yes is no GO.
		if c, _ := st.s.Case(p.Incident); c.Hold {
			st.emit(event.Stand{Notices: c.Outside, Standing: event.Held})
		}
		return
	}
	f := st.facts(&c)
	f.Title, f.By, f.Promised = p.Saying.Text, p.Saying.By, p.Saying.ETR
	st.late = p.Saying.Late
	st.outside(&c, f, p.Only)
}

// plansDue ends the waits: a plan goes out, is asked for once more, or is let
// go with its incident.
func (st *step) plansDue() {
	for _, p := range slices.Clone(st.s.Plans) {
		c, ok := st.s.Case(p.Incident)
		switch {
		case p.What != PlanReboot && p.What != PlanOpen && (!ok || !c.Live()):
			st.dropPlan(p)
			st.note(p.Incident, "plan", "it is over: the plan is dropped")
		case p.Reminded || c.Hold || !due(st.answerBy(p), st.at.Box):
		case p.What == PlanReboot:
			st.dropPlan(p)
			st.note(0, "plan", "nobody else said yes: no reboot")
		case p.Send:
			st.dropPlan(p)
			st.note(p.Incident, "approved", "nobody said no within %s", st.rules.Approve.Wait)
			st.execute(p)
		default:
			st.remindPlan(p, c)
		}
	}
}

// remindPlan asks once more, with new codes: the first may have gone astray.
func (st *step) remindPlan(p Plan, c Case) {
	st.emit(event.Withdraw{Notices: p.Asked})
	p.Asked, p.Reminded = nil, true
	st.askAll(&p, c, st.size(p, c))
	i := slices.IndexFunc(st.s.Plans, func(x Plan) bool { return x.ID == p.ID })
	st.s.Plans = slices.Clone(st.s.Plans)
	st.s.Plans[i] = p
}

func (st *step) nextPlan() time.Time {
	var next time.Time
	for _, p := range st.s.Plans {
		if c, _ := st.s.Case(p.Incident); !p.Reminded && !c.Hold {
			next = earliest(next, st.answerBy(p))
		}
	}
	return next
}

// answerBy is when the wait for a plan's answer is over; zero: not while
// things stand as they do. While the box was dark nobody could say no, and
// what was asked while it is muted nobody has read.
func (st *step) answerBy(p Plan) time.Time {
	switch {
	case p.Until.IsZero() || p.What == PlanReboot:
		return p.Until
	case st.s.Muted != nil:
		return time.Time{}
	}
	return later(p.Until, st.s.Booted.Box.Add(st.rules.Approve.Wait))
}

// waitAnew begins the waits anew: only now those who may say no are asked.
func (st *step) waitAnew() {
	st.s.Plans = slices.Clone(st.s.Plans)
	for i, p := range st.s.Plans {
		if p.What != PlanReboot && !p.Until.IsZero() {
			st.s.Plans[i].Until = later(p.Until, st.at.Box.Add(st.rules.Approve.Wait))
		}
	}
}

// inPlan says that a group waits in a plan already.
func (s State) inPlan(number int, group string) bool {
	return slices.ContainsFunc(s.Plans, func(p Plan) bool { return p.Incident == number && slices.Contains(p.Groups, group) })
}

// reboot is REBOOT: the first of two people has asked for it.
func (st *step) reboot(who asker) {
	others := 0
	for _, p := range st.rules.Audience.People {
		if p.Name != who.voice() && p.SMS != "" && roleOf(p).May(command.Approver) {
			others++
		}
	}
	if others == 0 {
		st.answer(who, false, notice.NobodyElse, notice.Reply{})
		return
	}
	st.ask(Case{}, Plan{What: PlanReboot, By: who.voice()})
	st.answer(who, true, notice.AsksOthers, notice.Reply{})
}

// Price is what one part of a text costs.
type Price struct {
	Each     float64
	Currency string
}

// Words is the price of so many parts; empty where it is not known.
func (p Price) Words(parts int) string {
	if p.Each == 0 {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("%.2f %s", p.Each*float64(parts), p.Currency))
}
