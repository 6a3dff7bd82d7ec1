package decide

import (
	"time"

	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// hold keeps what is for outside from going out; the house hears everything.
func (st *step) hold(who asker, number int) {
	if number == 0 {
		st.holdAll(who)
		return
	}
	cases := st.chosen(who, number)
	for _, c := range cases {
		c.Hold = true
		st.s.put(c)
		st.emit(event.Stand{Notices: c.Outside, Standing: event.Held})
		st.note(c.Number, "held", "%s: nothing goes outside", who.name)
	}
	if len(cases) > 0 {
		st.answer(who, true, notice.HeldNow, notice.Reply{Number: cases[0].Number, Items: items(cases)})
	}
}

// holdAll is HOLD without a number: it is for what comes, too, until GO.
func (st *step) holdAll(who asker) {
	st.s.HeldBy = who.name
	for _, c := range st.s.live() {
		c.Hold = true
		st.s.put(c)
		st.emit(event.Stand{Notices: c.Outside, Standing: event.Held})
	}
	st.note(0, "held", "%s: nothing goes outside until GO", who.name)
	st.tellHouse(notice.HeldAll, notice.Reply{By: who.name}, time.Time{}, who)
	st.answer(who, true, notice.HeldAll, notice.Reply{By: who.name})
}

// goOn is GO: what was held goes out, and what was denied is asked anew.
func (st *step) goOn(who asker, number int) {
	if number == 0 && st.s.HeldBy != "" {
		st.goAll(who)
		return
	}
	cases := st.chosen(who, number)
	for _, c := range cases {
		st.letGo(who, c)
	}
	if len(cases) > 0 {
		st.answer(who, true, notice.GoesOn, notice.Reply{Number: cases[0].Number, Items: items(cases)})
	}
}

// goAll ends a HOLD of everything.
func (st *step) goAll(who asker) {
	st.s.HeldBy = ""
	for _, c := range st.s.live() {
		st.letGo(who, c)
	}
	st.note(0, "held", "%s: over", who.name)
	st.tellHouse(notice.GoesOnAll, notice.Reply{By: who.name}, time.Time{}, who)
	st.answer(who, true, notice.GoesOnAll, notice.Reply{By: who.name})
}

func (st *step) letGo(who asker, c Case) {
	c.Hold, c.Denied, c.Nobody = false, nil, false
	st.s.put(c)
	st.release(c.Outside)
	st.note(c.Number, "goes on", "%s: what is for outside goes out", who.name)
}

// chosen are the open incidents a command is about: the one it names, or all.
func (st *step) chosen(who asker, number int) []Case {
	if number != 0 {
		if c, ok := st.find(who, number); ok {
			return []Case{c}
		}
		return nil
	}
	all := st.s.live()
	if len(all) == 0 {
		st.answer(who, false, notice.NothingToAck, notice.Reply{})
	}
	return all
}
