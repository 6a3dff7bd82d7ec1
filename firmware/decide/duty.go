package decide

import (
	"slices"
	"strings"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/command"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// turn is who has a rota's duty, as people were told last.
type dutyTurn struct {
	Who   []string  `json:"who,omitempty"`
	Until time.Time `json:"until,omitzero"` // wall time
}

// oncall is the audience with whoever has duty now. While the clock cannot be
// believed that is everybody in a rota: nobody must be missed because the box
// does not know the day.
func (st *step) oncall() audience.Rules {
	return st.rules.Audience.OnDuty(st.at.Wall, st.at.Trusted, st.s.Swaps)
}

// roleOf is what a person may do; one whom no configuration gave a role is an
// operator.
func roleOf(p audience.Person) command.Role {
	return command.Role(or(p.Role, string(command.Operator)))
}

// dutiesDue tells of a change of duty, once per change: whoever comes hears
// what is open, whoever goes that it is no longer theirs.
func (st *step) dutiesDue() {
	if !st.at.Trusted {
		return
	}
	for _, rota := range st.rules.Audience.Rotas {
		who, until := rota.At(st.at.Wall, st.s.Swaps)
		was, known := st.s.Duty[rota.Name]
		if known && slices.Equal(was.Who, who) {
			if !was.Until.Equal(until) {
				st.keepDuty(rota.Name, dutyTurn{Who: who, Until: until})
			}
			continue
		}
		st.keepDuty(rota.Name, dutyTurn{Who: who, Until: until})
		if known {
			st.note(0, "duty", "%s: %s, was %s", rota.Name, or(joined(who), "nobody"), or(joined(was.Who), "nobody"))
			st.emit(event.Fetch{What: event.FetchTold, For: event.Asker{Name: rota.Name, Address: joined(was.Who)}})
		}
	}
	st.s.Swaps = audience.Ended(st.s.Swaps, st.at.Wall)
}

func (st *step) keepDuty(rota string, t dutyTurn) {
	st.s.Duty = cloned(st.s.Duty)
	st.s.Duty[rota] = t
}

// toldCounts is the answer to what dutiesDue has asked for: now the text of
// the change can be worded.
func (st *step) toldCounts(f event.Fetched) {
	rota := f.For.Name
	turn := st.s.Duty[rota]
	before := strings.Split(f.For.Address, ", ")
	facts := st.facts(nil)
	facts.Duty = notice.Duty{Rota: rota, Who: turn.Who, Was: slices.DeleteFunc(before, func(s string) bool { return s == "" }), Until: turn.Until}
	for _, c := range st.s.live() {
		i := notice.Item{Number: c.Number, Scope: c.Scope, Told: f.Told[c.Number], ETR: c.ETR}
		if c.Ack != nil {
			i.By = c.Ack.By
		}
		facts.Duty.Open = append(facts.Duty.Open, i)
	}
	to := append(slices.Clone(turn.Who), before...)
	slices.Sort(to)
	n := event.Notice{Audience: audience.OnCall, Kind: event.Duty, Class: event.Operators, To: st.rules.Audience.Named(slices.Compact(to))}
	switch {
	case len(n.To) == 0:
	case len(st.s.real()) > 0:
		st.publish(n, facts, nil)
	default:
		st.publishLater(n, facts)
	}
}

// nextDuty is when somebody else has duty; zero: never, or nobody knows.
func (st *step) nextDuty() time.Time {
	var next time.Time
	if !st.at.Trusted {
		return next
	}
	for _, rota := range st.rules.Audience.Rotas {
		if _, until := rota.At(st.at.Wall, st.s.Swaps); !until.IsZero() {
			next = earliest(next, st.boxOf(until))
		}
	}
	return next
}

// boxOf is an instant of wall time on the box's own clock.
func (st *step) boxOf(wall time.Time) time.Time { return st.at.Box.Add(wall.Sub(st.at.Wall)) }

// swap is SWAP: somebody else takes the sender's duty until it ends.
func (st *step) swap(who asker, person string) {
	other, ok := st.personNamed(who, person)
	switch {
	case !ok:
	case !roleOf(other).May(command.Operator): // nobody could take an alarm
		st.answer(who, false, notice.NotAllowed, notice.Reply{Word: string(command.Ack), Role: string(command.Operator)})
	default:
		st.give(who, who.name, other.Name)
	}
}

// take is TAKE: the sender takes the duty of whoever has it.
func (st *step) take(who asker) {
	for _, rota := range st.rules.Audience.Rotas {
		if now, _ := rota.At(st.at.Wall, st.s.Swaps); st.at.Trusted && len(now) > 0 && !slices.Contains(now, who.name) {
			st.give(who, now[0], who.name)
			return
		}
	}
	st.give(who, who.name, who.name)
}

func (st *step) give(who asker, from, to string) {
	if len(st.rules.Audience.Rotas) == 0 {
		st.answer(who, false, notice.NoRota, notice.Reply{})
		return
	}
	if !st.at.Trusted {
		st.answer(who, false, notice.NoClock, notice.Reply{})
		return
	}
	for _, rota := range st.rules.Audience.Rotas {
		now, until := rota.At(st.at.Wall, st.s.Swaps)
		if !slices.Contains(now, from) || from == to {
			continue
		}
		if until.IsZero() {
			until = st.at.Wall.Add(24 * time.Hour)
		}
		st.s.Swaps = append(slices.Clone(st.s.Swaps), audience.Swap{Rota: rota.Name, Who: to, For: from, From: st.at.Wall, To: until})
		st.note(0, "duty", "%s: %s has %s's duty of %s until %s", who.name, to, from, rota.Name, until.UTC().Format("2 Jan 15:04")+"Z")
		st.answer(who, true, notice.Swapped, notice.Reply{By: to, Until: untilWords(st.lang(who), st.boxOf(until), st.at)})
		return
	}
	st.answer(who, false, notice.NotOnDuty, notice.Reply{By: from})
}

// personNamed finds somebody who can be texted, by name in any case.
func (st *step) personNamed(who asker, name string) (audience.Person, bool) {
	for _, p := range st.rules.Audience.People {
		if strings.EqualFold(p.Name, name) && p.SMS != "" {
			return p, true
		}
	}
	st.answer(who, false, notice.NoPerson, notice.Reply{Word: name})
	return audience.Person{}, false
}

// whoIsOn is WHO: who is called, in which order.
func (st *step) whoIsOn(who asker) {
	var steps []notice.Called
	for _, s := range st.rules.Audience.Steps {
		if s.Every == 0 {
			steps = append(steps, notice.Called{Who: st.rules.Audience.Expand(s.Who, st.at.Wall, st.at.Trusted, st.s.Swaps), After: s.After})
		}
	}
	until := ""
	for _, rota := range st.rules.Audience.Rotas {
		if _, end := rota.At(st.at.Wall, st.s.Swaps); st.at.Trusted && !end.IsZero() {
			until = untilWords(st.lang(who), st.boxOf(end), st.at)
			break
		}
	}
	st.say(who, true, st.rules.Wording.Called(st.lang(who), st.rules.Site, steps, until))
}

// sig is SIG: how the modems hear the network.
func (st *step) sig(who asker) {
	st.say(who, true, st.rules.Wording.Signals(st.lang(who), st.rules.Site, st.board().Modems))
}

// nagFor is how long somebody who has an incident and was asked for news has
// to say something.
const nagFor = 10 * time.Minute

// owned asks whoever has an incident for news: when a time that was promised
// has passed, and after a long silence. Who stays silent is taken to be asleep
// or gone, and the calls begin anew.
func (st *step) owned() {
	for _, c := range st.s.live() {
		if c.Ack == nil || c.Drill {
			continue
		}
		switch silent := st.silentAt(c); {
		case st.promiseBroken(c):
			c.Nagged = true
			st.s.put(st.asked(c)) // one question is enough
			st.nag(c, notice.PromisePassed)
		case due(silent, st.at.Box) && !c.Asked:
			st.s.put(st.asked(c))
			st.nag(c, notice.StillYours)
		case c.Asked && due(silent.Add(nagFor), st.at.Box):
			st.note(c.Number, "silent", "nothing was heard from %s: the calls begin anew", c.Ack.By)
			c.Ack, c.Asked = nil, false
			c.Progress = audience.Begin(st.at.Box)
			var calls []audience.Call
			c.Progress, calls = st.oncall().Due(c.Progress, st.at.Box)
			for i := range calls {
				calls[i].Reminder = true
			}
			st.call(c, calls, event.Reminder)
		}
	}
}

// asked begins the time that whoever has an incident has for an answer, if the
// silence has lasted too long. It counts from the question, which may come
// late: the box may have been dark.
func (st *step) asked(c Case) Case {
	if due(st.silentAt(c), st.at.Box) {
		c.Asked, c.Word = true, st.at.Box.Add(-st.rules.Silence)
	}
	return c
}

// silentAt is when a silence has lasted too long; zero: never.
func (st *step) silentAt(c Case) time.Time {
	if c.Ack == nil || st.rules.Silence == 0 {
		return time.Time{}
	}
	last := c.Ack.At.Box
	if c.Word.After(last) {
		last = c.Word
	}
	return last.Add(st.rules.Silence)
}

func (st *step) promiseBroken(c Case) bool {
	return !c.ETR.IsZero() && !c.Nagged && st.at.Trusted && !st.at.Wall.Before(c.ETR)
}

func (st *step) nextOwned() time.Time {
	var next time.Time
	for _, c := range st.s.live() {
		if c.Ack == nil || c.Drill {
			continue
		}
		if silent := st.silentAt(c); !silent.IsZero() {
			if c.Asked {
				silent = silent.Add(nagFor)
			}
			next = earliest(next, silent)
		}
		if !c.ETR.IsZero() && !c.Nagged && st.at.Trusted {
			next = earliest(next, st.boxOf(c.ETR))
		}
	}
	return next
}

// nag asks whoever has an incident for news of it.
func (st *step) nag(c Case, what notice.Answer) {
	p, ok := st.rules.Audience.Person(c.Ack.By)
	to := st.rules.Audience.Named([]string{c.Ack.By})
	if !ok || len(to) == 0 {
		to, p = st.oncall().First(), audience.Person{}
	}
	lang := or(p.Language, st.rules.Language)
	r := notice.Reply{Site: st.rules.Site, Number: c.Number, By: c.Ack.By}
	if !c.ETR.IsZero() {
		r.Until = etrWords(c.ETR)
	}
	st.note(c.Number, "nagged", "%s is asked for news", names(to))
	st.send(event.Notice{
		Incident: c.Number, Audience: audience.OnCall, Kind: event.Nag, Class: event.Operators, To: st.spoken(to),
		Texts: map[event.Variant]map[string]string{event.Direct: {lang: st.rules.Wording.Answer(lang, what, r)}},
	})
}

// prove1 is TEST and BALANCE.
func (st *step) prove1(who asker, c command.Command) {
	switch c.Verb {
	case command.Balance:
		st.balance1(who)
	default:
		if !st.test(strings.ToLower(c.Word), st.alsoAsked(who)...) {
			st.answer(who, false, notice.NothingToTest, notice.Reply{Word: c.Word})
			return
		}
		st.answer(who, true, notice.TestBegun, notice.Reply{})
	}
}

// alsoAsked is whoever texted, to be told besides.
func (st *step) alsoAsked(who asker) []event.Recipient {
	if who.address == "" {
		return nil
	}
	return []event.Recipient{{Name: who.name, Channel: event.SMS, Address: who.address, Language: st.lang(who), Also: who.also}}
}
