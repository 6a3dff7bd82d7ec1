package decide

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
	"heliograph/firmware/incident"
	"heliograph/firmware/notice"
)

// call tells people of an incident and keeps the case.
func (st *step) call(c Case, calls []audience.Call, kind event.Kind) {
	for _, one := range calls {
		if len(one.To) == 0 {
			continue
		}
		n := event.Notice{Incident: c.Number, Audience: audience.OnCall, Kind: kind, Class: event.Operators, Mark: event.Tells, To: one.To}
		if one.Reminder && c.Called {
			n.Kind = event.Reminder
		} else {
			if n.Class = event.FirstWord; c.Drill {
				n.Class = event.Operators // what is real goes before it
			}
			if !c.Called {
				c.Called, c.CalledAt, c.Heard = true, st.at.Box, nil
			}
		}
		if n.Kind == event.Reminder {
			if n.To = st.remindable(c, one.To); len(n.To) == 0 {
				continue
			}
			one.To = n.To
		}
		if n.Kind == event.Reminder && c.Reminder != 0 {
			// Old news: after hours without a modem one reminder is enough.
			st.emit(event.Withdraw{Notices: []uint64{c.Reminder}})
			st.forget(c.Reminder)
			c.Calls = slices.DeleteFunc(slices.Clone(c.Calls), func(id uint64) bool { return id == c.Reminder })
		}
		id := st.publish(n, st.facts(&c), nil)
		if n.Kind == event.Reminder {
			c.Reminder = id
		}
		c.Calls = append(c.Calls[:len(c.Calls):len(c.Calls)], id)
		c.Calls = c.Calls[max(0, len(c.Calls)-callable):]
		st.note(c.Number, "calling", "%s to %s", n.Kind, names(one.To))
		st.drillGiven(c.Number, one.To)
		if rung := st.rules.Audience.Rung(one.To); len(rung) > 0 {
			id := st.send(event.Notice{Incident: c.Number, Audience: audience.OnCall, Kind: event.Rings, Class: n.Class, To: st.spoken(rung), Texts: wordless})
			c.Calls = append(c.Calls, id)
		}
	}
	st.s.put(c)
}

// callable is how many calls an ACK can still withdraw; older ones are said,
// or too old to be said.
const callable = 40

// wordless is what a call says.
var wordless = map[event.Variant]map[string]string{event.Direct: {"en": "ring"}}

// recall starts the calls anew, because the trouble is back or worse; who is
// on the ledger but not called now hears it as news.
func (st *step) recall(c Case, kind event.Kind) {
	st.emit(event.Withdraw{Incident: c.Number, UpTo: st.s.NextNotice - 1})
	var calls []audience.Call
	c.Progress, calls = st.oncall().Due(audience.Begin(st.at.Box), st.at.Box)
	c.Calls, c.Called, c.Reminder = nil, false, 0
	st.call(c, calls, kind)
	c, _ = st.s.Case(c.Number)
	if c.Relieved == nil && st.toldAll(c) {
		c.Relieved = &event.Verdict{Condition: event.IsUp, Since: st.at.Box, SinceWall: st.at.Wall, Trusted: st.at.Trusted}
	}
	n := event.Notice{Incident: c.Number, Kind: event.Update, Class: event.Operators, Mark: event.Tells, Except: addresses(calls)}
	variants := map[event.Variant]event.Kind{event.ToTold: event.Update, event.ToCleared: event.Reopened, event.ToWaiting: c.Kind}
	st.ledger(c, n, variants)
	st.follow(&c, st.facts(&c), event.Tells, event.Update, variants)
	st.relief(&c)
	st.tellRest(c)
}

func addresses(calls []audience.Call) []string {
	var list []string
	for _, one := range calls {
		for _, t := range one.To {
			list = append(list, t.Address)
		}
	}
	return list
}

// update replaces what is unsent by what is true now.
func (st *step) update(c Case, kind event.Kind) {
	st.emit(event.Withdraw{Incident: c.Number, UpTo: st.s.NextNotice - 1})
	n := event.Notice{Incident: c.Number, Kind: kind, Class: event.Operators, Mark: event.Tells, Except: st.spared(c)}
	// The repeat of an unsure alarm is withdrawn with the rest: who may not have
	// heard it needs the whole of it, not what changed.
	id := st.ledger(c, n, map[event.Variant]event.Kind{event.ToTold: kind, event.ToUnsure: c.Kind, event.ToWaiting: c.Kind})
	if c.Ack == nil {
		c.Calls = append(c.Calls[:len(c.Calls):len(c.Calls)], id)
	}
	st.follow(&c, st.facts(&c), event.Tells, kind, map[event.Variant]event.Kind{event.ToTold: kind, event.ToWaiting: c.Kind})
	st.relief(&c)
}

// resolve ends the trouble: what is unsent is withdrawn, and those who were
// told hear that it is over.
func (st *step) resolve(c Case, how event.Kind, why string) { st.resolveBy(c, how, "", why) }

// resolveBy likewise, and says whose word it is if that matters.
func (st *step) resolveBy(c Case, how event.Kind, by, why string) {
	c.Incident = c.Resolve(how, st.at)
	st.note(c.Number, "resolved", "%s: %s", how, why)
	st.emit(event.Withdraw{Incident: c.Number, UpTo: st.s.NextNotice - 1})
	f := st.facts(&c)
	f.By = or(by, f.By)
	n := event.Notice{Incident: c.Number, Kind: how, Class: event.Operators, Mark: event.Clears, Ledger: true, Only: audience.OnCall}
	st.publish(n, f, map[event.Variant]event.Kind{event.ToTold: how})
	st.follow(&c, f, event.Clears, how, map[event.Variant]event.Kind{event.ToTold: how})
}

// acknowledge gives a case to a person, withdraws the calls that are unsent
// and tells the others who were called.
func (st *step) acknowledge(c Case, by string) {
	c.Incident, _ = c.Acknowledge(by, st.at)
	st.note(c.Number, "acked", "%s has it", by)
	st.drillAcked(c.Number, by)
	if len(c.Calls) > 0 {
		st.emit(event.Withdraw{Notices: c.Calls})
	}
	c.Calls = nil
	st.s.put(c)
	n := event.Notice{Incident: c.Number, Kind: event.AckedBy, Class: event.Operators, Mark: event.Tells, Only: audience.OnCall}
	if p, ok := st.rules.Audience.Person(by); ok {
		n.Except = []string{p.SMS, p.Also} // the answer goes to the number that asked
	}
	f := st.facts(&c)
	f.By = by
	n.Ledger = true
	st.publish(n, f, map[event.Variant]event.Kind{event.ToTold: event.AckedBy})
	st.follow(&c, f, event.Tells, event.AckedBy, map[event.Variant]event.Kind{event.ToTold: event.AckedBy}, audience.Staff, audience.Room, audience.Machine)
	for _, part := range st.s.live() {
		if part.Linked == c.Number && part.Ack == nil {
			st.acknowledge(part, by)
		}
	}
}

// ledger publishes to an incident's ledger, a wording for each standing.
func (st *step) ledger(c Case, n event.Notice, variants map[event.Variant]event.Kind) uint64 {
	n.Ledger, n.Only = true, audience.OnCall
	return st.publish(n, st.facts(&c), variants)
}

// publish words a notice in the languages it needs and sends it on its way.
func (st *step) publish(n event.Notice, f notice.Facts, variants map[event.Variant]event.Kind) uint64 {
	n.Texts = map[event.Variant]map[string]string{}
	for variant, kind := range variants {
		f.Kind = kind
		n.Texts[variant] = st.words(f, notice.Languages())
	}
	if len(n.To) > 0 {
		f.Kind = n.Kind
		n.To = st.spoken(n.To)
		n.Texts[event.Direct] = st.words(f, languages(n.To))
	}
	return st.send(n)
}

// send gives a notice its number and its time.
func (st *step) send(n event.Notice) uint64 {
	n.ID = max(st.s.NextNotice, 1)
	st.s.NextNotice = n.ID + 1
	if n.Standing == "" {
		n.Standing = event.Open
	}
	if n.Expires.IsZero() {
		n.Expires = later(n.Due, st.at.Box).Add(audience.Keeps(n.Kind))
	}
	if st.muted(n) {
		m := *st.s.Muted
		m.Notices = append(slices.Clone(m.Notices), n.ID)
		st.s.Muted, n.Standing = &m, event.Held
	}
	st.emit(event.Publish{Notice: n})
	return n.ID
}

func (st *step) words(f notice.Facts, languages []string) map[string]string {
	texts := map[string]string{}
	for _, l := range languages {
		texts[l] = st.rules.Wording.Text(l, f)
	}
	return texts
}

// spoken fills in the language of those who chose none.
func (st *step) spoken(to []event.Recipient) []event.Recipient {
	to = slices.Clone(to)
	for i := range to {
		if to[i].Language == "" {
			to[i].Language = st.rules.Language
		}
	}
	return to
}

func languages(to []event.Recipient) []string {
	var list []string
	for _, r := range to {
		list = append(list, r.Language)
	}
	return list
}

// facts gathers what a wording may speak of.
func (st *step) facts(c *Case) notice.Facts {
	f := notice.Facts{Site: st.rules.Site, Now: st.at, Board: st.board(), Brand: st.rules.Brand, Zone: st.rules.Zone, CallBack: st.rules.CallBack}
	if c == nil {
		return f
	}
	f.Incident, f.Scope, f.Verdict, f.Was, f.Title, f.By = c.Number, c.Scope, c.Verdict, c.Was, c.Title, c.By
	f.Opened = event.Stamp{Box: c.Began.Box, Wall: c.Began.Wall, Trusted: c.Began.Trusted}
	place := st.rules.Places[c.Subject]
	f.Regions, f.Carrier, f.Peers = st.regions(*c), place.Carrier, place.Peers
	f.OwnASN, f.CallBack, f.Key = st.rules.OwnASN, st.rules.CallBack, st.rules.key(*c)
	f.Critical, f.First, f.Zone, f.Private = st.allUplinksDown(), c.First, st.rules.Zone, st.rules.Private
	if c.Ack != nil {
		f.Acked = c.Ack.By
	}
	if c.Ack != nil {
		f.By, f.Unasked = c.Ack.By, true
	}
	f.ETR, f.Drill = c.ETR, c.Drill
	f.Overran = c.Overran
	if c.Work != nil {
		f.Work = notice.Work{From: c.Work.From, To: c.Work.To, Text: c.Work.Text, Impact: c.Work.Impact, Revision: c.Work.Revision, Begun: c.Work.Begun}
	}
	for _, other := range st.s.live() {
		if other.Number != c.Number && other.Kind == event.Down {
			f.Others = append(f.Others, other.Subject)
		}
	}
	return f
}

// board is what the box knows of itself.
func (st *step) board() notice.Board {
	b := notice.Board{Restart: notice.Restart{At: st.s.Booted, Cause: st.s.Restarted}, Open: items(st.s.live()), Queue: st.queue.Waiting, Dead: st.queue.Failed, Faults: slices.Concat(st.s.Faults, st.rules.Ailments(st.s, st.at)), Remarks: st.remarks()}
	for _, rule := range st.rules.Subjects {
		b.Subjects = append(b.Subjects, notice.Line{Name: rule.Name, Verdict: st.s.Subjects[rule.Name].Current(rule)})
	}
	for _, w := range slices.SortedFunc(maps.Values(st.s.Workers), func(a, b event.WorkerChanged) int { return strings.Compare(a.Worker, b.Worker) }) {
		if w.Channel != event.SMS {
			continue
		}
		b.Modems = append(b.Modems, notice.Modem{Name: w.Worker, Fit: w.Fit, State: w.State, Operator: w.Operator, Network: w.Network, Signal: w.Signal})
	}
	for _, at := range st.s.LastSend {
		if at.After(b.LastSend) {
			b.LastSend = at
		}
	}
	return b
}

func (st *step) boxNews(text string) {
	f := st.facts(nil)
	f.Title = text
	st.publish(event.Notice{Audience: audience.OnCall, Kind: event.BoxNews, Class: event.Operators, To: st.oncall().First()}, f, nil)
	st.staffNews(f)
}

// Evidence is a verdict in words, for the timeline and STATUS tables.
func Evidence(v event.Verdict) string {
	s := string(v.Condition)
	if v.Place != event.PlaceNone {
		s += ", place: " + string(v.Place)
	}
	if len(v.Evidence.Failing) > 0 {
		s += " (" + strings.Join(v.Evidence.Failing, "; ") + ")"
	}
	return s
}

// record is an incident as it is kept and exported.
func record(i incident.Incident) []byte {
	b, err := json.Marshal(i)
	if err != nil {
		panic("an incident that cannot be written as JSON: " + err.Error()) // its fields are plain values
	}
	return b
}
