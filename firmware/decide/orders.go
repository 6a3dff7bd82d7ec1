package decide

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/command"
	"heliograph/firmware/event"
	"heliograph/firmware/incident"
	"heliograph/firmware/notice"
)

// do carries out what was authorised.
func (st *step) do(who asker, c command.Command) {
	switch c.Verb {
	case command.Ack:
		st.ackBoth(who, c)
	case command.Nack:
		st.nack(who, c.Number)
	case command.Open:
		st.begin(who, c)
	case command.Say:
		st.tell(who, c)
	case command.ETR:
		st.promise(who, c)
	case command.Scope:
		st.rescope(who, c)
	case command.Link:
		st.link(who, c)
	case command.Clear:
		st.end(who, c.Number, event.AllClear, "cleared by "+who.name)
	case command.Cancel:
		st.end(who, c.Number, event.Cancelled, "cancelled by "+who.name)
	case command.Hold:
		st.hold(who, c.Number)
	case command.Go:
		st.goOn(who, c.Number)
	case command.Approve:
		st.approve(who, c)
	case command.Deny:
		st.deny(who, c.Code)
	default:
		st.doOnBox(who, c)
	}
}

// doOnBox carries out what concerns no incident.
func (st *step) doOnBox(who asker, c command.Command) {
	switch c.Verb {
	case command.Status:
		st.say(who, true, st.rules.Wording.Status(st.lang(who), st.rules.Site, st.board(), st.at))
	case command.Sig:
		st.sig(who)
	case command.Who:
		st.whoIsOn(who)
	case command.Queue:
		st.emit(event.Fetch{What: event.FetchDead, For: st.waiter(who)})
	case command.Log:
		st.emit(event.Fetch{What: event.FetchLog, Incident: c.Number, For: st.waiter(who)})
	case command.Help:
		st.help(who, c)
	case command.Mute:
		st.mute(who, c.For)
	case command.Unmute:
		st.unmute(who)
	case command.Maint:
		st.maint(who, c)
	case command.Swap:
		st.swap(who, c.Person)
	case command.Take:
		st.take(who)
	case command.Resend:
		st.emit(event.Fetch{What: event.FetchRow, Delivery: c.ID, For: st.waiter(who)})
	case command.Proxy:
		st.admit(who, c.Word)
	case command.LTE:
		st.order(who, c.Word)
	case command.Test, command.Balance:
		st.prove1(who, c)
	case command.Drill:
		st.drill(who, c)
	case command.Reboot:
		st.reboot(who)
	case command.Erase:
		st.erase(who, c.Phone)
	case command.Stop, command.Start:
		st.answer(who, false, notice.ForSubscribers, notice.Reply{Word: string(c.Verb)})
	}
}

// waiter is an asker on the way through the store and back.
func (st *step) waiter(who asker) event.Asker {
	a := event.Asker{Name: who.name, Address: who.address, Language: st.lang(who), Ask: who.ask, Also: who.also}
	if who.silent {
		a.Silent = true
	}
	return a
}

func back(a event.Asker) asker {
	return asker{name: a.Name, address: a.Address, also: a.Also, lang: a.Language, ask: a.Ask, silent: a.Silent}
}

// heardFrom notes a sign of life from whoever has an incident.
func (st *step) heardFrom(who asker) {
	for _, c := range st.s.live() {
		if c.Ack != nil && c.Ack.By == who.name {
			c.Word, c.Asked = st.at.Box, false
			st.s.put(c)
		}
	}
}

func (st *step) unacked() []Case {
	return slices.DeleteFunc(st.s.live(), func(c Case) bool { return c.Ack != nil })
}

// ack takes ACK. Without a number it takes all that wait: at night three
// uplinks on one cable are one trouble, and one word must do.
func (st *step) ack(who asker, number int) {
	if number != 0 {
		st.ackOne(who, number)
		return
	}
	open := st.unacked()
	switch all := st.s.live(); {
	case len(open) == 1, len(open) == 0 && len(all) == 1:
		st.ackOne(who, append(open, all...)[0].Number)
	case len(all) == 0:
		st.answer(who, false, notice.NothingToAck, notice.Reply{})
	case len(open) == 0:
		st.answer(who, true, notice.TheirsBefore, notice.Reply{Number: all[0].Number, By: all[0].Ack.By})
	default:
		for _, c := range open {
			st.acknowledge(c, who.name)
		}
		st.answer(who, true, notice.YoursAll, notice.Reply{Items: items(open)})
	}
}

// ackBoth takes "ACK 7 8".
func (st *step) ackBoth(who asker, c command.Command) {
	first, ok := st.s.Case(c.Number)
	second, too := st.s.Case(c.Other)
	if c.Other == 0 || !ok || !too || !first.Live() || !second.Live() {
		st.ack(who, c.Number)
		return
	}
	for _, one := range []Case{first, second} {
		if one, _ = st.s.Case(one.Number); one.Ack == nil {
			st.acknowledge(one, who.name)
		}
	}
	st.answer(who, true, notice.YoursAll, notice.Reply{Items: items([]Case{first, second})})
}

func (st *step) ackOne(who asker, number int) {
	c, ok := st.s.Case(number)
	r := notice.Reply{Number: number, Items: items(st.s.live())}
	switch {
	case !ok && len(r.Items) == 0:
		st.answer(who, false, notice.NothingToAck, r)
	case !ok:
		st.answer(who, false, notice.NoSuch, r)
	case !c.Live():
		st.answer(who, false, notice.Over, r)
	case c.Ack != nil && c.Ack.By == who.name:
		st.answer(who, true, notice.YoursAlready, r)
	case c.Ack != nil:
		r.By = c.Ack.By
		st.note(number, "acked", "%s has seen it too", who.name)
		st.drillAcked(number, who.name)
		st.answer(who, true, notice.TheirsBefore, r)
	default:
		st.acknowledge(c, who.name)
		st.answer(who, true, notice.Yours, r)
	}
}

func items(cases []Case) []notice.Item {
	var list []notice.Item
	for _, c := range cases {
		i := notice.Item{Number: c.Number, Scope: c.Scope}
		if c.Ack != nil {
			i.By = c.Ack.By
		}
		list = append(list, i)
	}
	return list
}

// find gives an open case to a command that needs one, or says why not.
func (st *step) find(who asker, number int) (Case, bool) {
	c, ok := st.s.Case(number)
	if !ok || !c.Live() {
		st.answer(who, false, notice.NoSuch, notice.Reply{Number: number, Items: items(st.s.live())})
		return c, false
	}
	return c, true
}

// tell is SAY: an operator's words to those who were told. Those outside hear
// them at once if they are few, and else once somebody has said yes.
func (st *step) tell(who asker, c command.Command) {
	open, ok := st.find(who, c.Number)
	if !ok || st.leftover(who, c.Text) {
		return
	}
	st.note(c.Number, "said", "%s: %s", who.name, c.Text)
	f := st.facts(&open)
	f.Title, f.By = c.Text, who.name
	st.inside(&open, f)
	st.announce(who, open, f, Saying{Text: c.Text, By: who.name})
}

// inside tells the house what is new of an incident.
func (st *step) inside(c *Case, f notice.Facts) {
	kind := newsOf(*c, f)
	n := event.Notice{Incident: c.Number, Kind: kind, Class: event.Operators, Mark: event.Tells, Ledger: true, Only: audience.OnCall}
	st.publish(n, f, map[event.Variant]event.Kind{event.ToTold: kind})
	// What waits for a path says it too: by then it may be all that is new.
	st.follow(c, f, event.Tells, kind, alsoWaiting(kind), audience.Staff, audience.Room, audience.Machine, audience.Pocket)
}

// announce tells those outside who were told, or asks first.
func (st *step) announce(who asker, c Case, f notice.Facts, words Saying) {
	c, _ = st.s.Case(c.Number)
	st.late = words.Late
	capped := st.cappedOf(c)
	n := st.outsiders(c, capped...)
	barred, not := st.withheld(c, f, capped)
	r := notice.Reply{Number: c.Number, Count: n, Groups: barred, Word: not}
	if st.rules.Approve.needs(n) {
		st.ask(c, Plan{What: PlanSay, Saying: words, By: who.name})
		a := notice.WaitsForYes
		if not != "" {
			a = notice.WithoutYes
		}
		st.answer(who, true, a, r)
		return
	}
	st.outside(&c, f, "")
	switch {
	case not != "":
		st.note(c.Number, "withheld", "%s hear of it without the words: %q is not for them", joined(barred), not)
		st.answer(who, true, notice.Without, r)
	case len(capped) > 0:
		st.answer(who, true, notice.HeldBack, notice.Reply{Number: c.Number, Groups: capped, Until: st.clockAt(who, st.uncapped(c, capped))})
	case !c.Asleep.Until.IsZero():
		st.answer(who, true, notice.AfterQuiet, notice.Reply{Number: c.Number, Until: st.clockAt(who, c.Asleep.Until)})
	default:
		st.answer(who, true, notice.OnItsWay, r)
	}
}

// outside tells those outside who were told what is new, over one channel only
// if that was all that was approved.
func (st *step) outside(c *Case, f notice.Facts, only string) {
	for _, name := range c.Groups {
		if !audience.IsOutside(name) || name == audience.Map { // a map shows whom, not what
			continue
		}
		if only == event.Mail && name == audience.Subscribers {
			continue // they read by text; those few who read by mail hear the next news
		}
		kind := newsOf(*c, f)
		n := event.Notice{Audience: name, Only: name, Kind: kind, Mark: event.Tells, Ledger: true}
		if g, _ := st.rules.Audience.Group(name); only != "" && audience.IsMass(name) {
			for _, r := range g.To {
				if r.Channel != only {
					n.Except = append(n.Except, r.Address)
				}
			}
		}
		st.group(c, f, n, alsoWaiting(kind))
	}
	st.s.put(*c)
}

// promise is ETR: when it is expected to end. Wall time is what people outside
// are told in, so it needs a clock that can be believed.
func (st *step) promise(who asker, c command.Command) {
	if all := st.s.live(); c.Number == 0 && len(all) == 1 {
		c.Number = all[0].Number
	}
	open, ok := st.find(who, c.Number)
	if !ok {
		return
	}
	if !st.at.Trusted && !c.At.Unknown && c.At.In == 0 {
		st.answer(who, false, notice.NoClock, notice.Reply{})
		return
	}
	if open.Work != nil {
		at, _ := c.At.Resolve(st.at.Wall, st.zone())
		st.workOrder(who, open, at)
		return
	}
	promised := open.ETR
	open.ETR, open.Nagged = time.Time{}, false
	if !c.At.Unknown {
		at, ok := c.At.Resolve(st.at.Wall, st.zone())
		if !ok {
			st.answer(who, false, notice.WhenThen, notice.Reply{Number: c.Number})
			return
		}
		open.ETR = at.UTC()
	}
	st.s.put(open)
	st.note(c.Number, "etr", "%s expects it to end: %s", who.name, or(led("", etrWords(open.ETR)), "not known"))
	f := st.facts(&open)
	f.By, f.Title, f.Promised = who.name, "", true // the news is the time, not what was said at first
	st.inside(&open, f)
	late := !promised.IsZero() && (open.ETR.IsZero() || open.ETR.After(promised))
	st.announce(who, open, f, Saying{By: who.name, ETR: true, Late: late})
}

func etrWords(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format("2 Jan 15:04") + "Z"
}

func (st *step) zone() *time.Location {
	if st.rules.Zone == nil {
		return time.UTC
	}
	return st.rules.Zone
}

// rescope is SCOPE: whom an incident concerns, by an operator's word.
func (st *step) rescope(who asker, c command.Command) {
	open, ok := st.find(who, c.Number)
	if !ok {
		return
	}
	if open.Regions, ok = st.regionsNamed(who, c.Scope); !ok {
		return
	}
	open.Hit, open.HitBy = nil, 0
	st.rescoped(&open, true)
	st.s.put(open)
	words := strings.Join(open.Regions, ", ")
	st.note(c.Number, "scope", "%s: it concerns %s", who.name, words)
	st.follow(&open, st.facts(&open), event.Tells, event.Update, toldOnly, audience.Map)
	st.answer(who, true, notice.ScopeSet, notice.Reply{Number: c.Number, Word: words})
}

// regionsNamed finds what a scope names, in any case of the letters.
func (st *step) regionsNamed(who asker, names []string) (regions []string, ok bool) {
	known := st.rules.names()
	for _, name := range names {
		i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, name) })
		if i < 0 {
			st.answer(who, false, notice.NoRegion, notice.Reply{Word: name, List: known})
			return nil, false
		}
		regions = append(regions, known[i])
	}
	return regions, true
}

// names are all that a scope can be: regions, boxes or tags that something
// serves, and the subjects themselves.
func (r Rules) names() []string {
	var all []string
	for _, rule := range r.Subjects {
		all = append(all, rule.Name)
		all = append(all, r.Places[rule.Name].Serves...)
	}
	all = append(all, r.Manual...)
	slices.Sort(all)
	return slices.Compact(all)
}

// link is LINK n m: m is a part of n. Its calls end, and the ACK of n counts
// for it; its own all-clear still goes to those who were told of it.
func (st *step) link(who asker, c command.Command) {
	part, ok := st.find(who, c.Other)
	main, fine := st.s.Case(c.Number)
	switch {
	case !ok || !fine:
		return
	case st.partOf(main, part.Number): // it is the other way round, or would go in a circle
		st.answer(who, false, notice.Linked, notice.Reply{Number: main.Number, Other: main.Linked})
		return
	}
	part.Linked = main.Number
	st.emit(event.Withdraw{Notices: part.Calls})
	part.Calls = nil
	st.s.put(part)
	st.note(part.Number, "linked", "%s: it is part of #%d", who.name, main.Number)
	st.note(main.Number, "linked", "%s: #%d is part of it", who.name, part.Number)
	if main.Ack != nil && part.Ack == nil {
		st.acknowledge(part, main.Ack.By)
	}
	st.answer(who, true, notice.Linked, notice.Reply{Number: part.Number, Other: main.Number})
}

// partOf says that a case is another one, or belongs to it by whatever way:
// each that waits for the next would have nobody called at all.
func (st *step) partOf(c Case, number int) bool {
	for range len(st.s.Incidents) + 1 {
		if c.Number == number {
			return true
		}
		c, _ = st.s.Case(c.Linked)
	}
	return false
}

// waitsFor says that an incident's calls are those of the one it belongs to.
func (st *step) waitsFor(c Case) bool {
	main, ok := st.s.Case(c.Linked)
	return c.Linked != 0 && ok && main.Live()
}

// nack is NACK: not me, the next person now.
func (st *step) nack(who asker, number int) {
	all := st.s.live()
	if number == 0 && len(all) == 1 {
		number = all[0].Number
	}
	if number == 0 {
		st.answer(who, false, notice.WhichToAck, notice.Reply{Items: items(all)})
		return
	}
	c, ok := st.find(who, number)
	if !ok {
		return
	}
	if c.Ack != nil && c.Ack.By != who.name {
		st.answer(who, true, notice.TheirsBefore, notice.Reply{Number: number, By: c.Ack.By})
		return
	}
	var calls []audience.Call
	kind := c.Kind
	if given := c.Ack != nil; given {
		// The others were told that somebody has it: they must hear that it is not so.
		c.Ack, c.Asked, c.Progress, kind = nil, false, audience.Begin(st.at.Box), event.Reminder
	}
	for range st.callsFor(c).Steps {
		if c.Progress.Early = true; len(calls) == 0 {
			var due []audience.Call
			c.Progress, due = st.callsFor(c).Due(c.Progress, st.at.Box)
			calls = without(due, who.name)
		}
	}
	c.Progress.Early = false
	for i := range calls {
		calls[i].Reminder = calls[i].Reminder || kind == event.Reminder
	}
	st.note(number, "passed on", "%s: not me", who.name)
	st.call(c, calls, kind)
	if len(calls) == 0 {
		st.answer(who, true, notice.NobodyLeft, notice.Reply{Number: number})
		return
	}
	st.answer(who, true, notice.PassedOn, notice.Reply{Number: number, By: names(calls[0].To)})
}

// without takes a person out of calls.
func without(calls []audience.Call, name string) []audience.Call {
	var rest []audience.Call
	for _, c := range calls {
		if c.To = slices.DeleteFunc(slices.Clone(c.To), func(r event.Recipient) bool { return r.Name == name }); len(c.To) > 0 {
			rest = append(rest, c)
		}
	}
	return rest
}

// end is CLEAR and CANCEL.
func (st *step) end(who asker, number int, how event.Kind, why string) {
	c, ok := st.find(who, number)
	if !ok {
		return
	}
	a := notice.ClearOnItsWay
	if how == event.Cancelled {
		a = notice.CancelOnItsWay
	}
	switch {
	case c.Drill:
		st.endDrill(how, why)
	case c.Work != nil:
		if a = notice.WorkEnded; !c.Work.Begun {
			a = notice.WorkOff
		}
		st.workOver(c, why)
	case st.failsOn(c):
		if how == event.AllClear {
			a = notice.ClosedFailing
		}
		st.closeFailing(c, how, who.name, why)
	default:
		st.resolve(c, how, why)
	}
	st.answer(who, true, a, notice.Reply{Number: number, Word: c.Subject})
}

// begin is OPEN.
func (st *step) begin(who asker, c command.Command) {
	if st.leftover(who, c.Text) {
		return
	}
	scope := c.Scope[0]
	i := incident.Ordered(st.number(), scope, c.Text, who.name, st.at)
	st.open(i)
	st.answer(who, true, notice.OpenedNow, notice.Reply{Number: i.Number, Word: scope})
}

// erase takes a number out of all that is kept.
func (st *step) erase(who asker, number string) {
	if _, ok := st.listed(number); ok {
		st.answer(who, false, notice.StillListed, notice.Reply{Word: hidden(number)})
		return
	}
	st.emit(event.Erase{Number: number})
	st.note(0, "erased", "%s: the number %s is taken out of all that is kept", who.name, hidden(number))
	st.answer(who, true, notice.Erased, notice.Reply{Word: hidden(number)})
}

// fetched answers with what the store has found.
func (st *step) fetched(f event.Fetched) {
	who := back(f.For)
	switch f.What {
	case event.FetchLog:
		st.say(who, true, st.rules.Wording.Log(st.lang(who), st.rules.Site, f.Incident, f.Lines, st.at))
	case event.FetchDead:
		st.say(who, true, st.rules.Wording.Queue(st.lang(who), st.rules.Site, st.queue, f.Dead))
	case event.FetchRow:
		st.resend(who, f)
	case event.FetchMass:
		st.counted(f)
	case event.FetchLine:
		st.lineFound(f)
	case event.FetchSum:
		st.summed(f)
	case event.FetchTold:
		st.toldCounts(f)
	}
}

// resend says the same words to the same address again, as a notice of its
// own: what became of the first one stays on record.
func (st *step) resend(who asker, f event.Fetched) {
	number := strconv.FormatUint(f.Delivery, 10)
	if f.Row == nil || f.Is != event.StatusFailed && f.Is != event.StatusUnsure || !st.fresh(*f.Row) {
		st.answer(who, false, notice.NotResent, notice.Reply{Word: number})
		return
	}
	mark := event.Tells
	if f.Row.Incident == 0 || ends(f.Row.Kind) {
		mark = event.Unmarked
	}
	st.send(event.Notice{
		Incident: f.Row.Incident, Audience: f.Row.Audience, Kind: f.Row.Kind, Class: f.Row.Class, Mark: mark, To: []event.Recipient{f.Row.Recipient},
		Texts: map[event.Variant]map[string]string{event.Direct: {f.Row.Recipient.Language: f.Text}},
	})
	st.note(f.Row.Incident, "resent", "%s: delivery %s goes again to %s", who.name, number, names([]event.Recipient{f.Row.Recipient}))
	st.answer(who, true, notice.ResentNow, notice.Reply{Word: number})
}
