package decide

import (
	"slices"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// What can wait until the morning for whoever has quiet hours: self-test texts
// of the schedule, small news of the box, duty without an open incident, and
// drills of the schedule. Alarms and what follows from them, answers, warnings,
// power, a full disk and a modem that cannot send never wait.

// waitsUntil is the morning, in box time, until which what can wait lets
// somebody sleep; zero: it does not wait. With a clock that cannot be believed
// nothing does.
func (st *step) waitsUntil(name string) time.Time {
	p, ok := st.rules.Audience.Person(name)
	if !ok || !st.at.Trusted {
		return time.Time{}
	}
	ends := p.Quiet.Ends(st.at.Wall, st.zone())
	if ends.IsZero() {
		return ends
	}
	return st.boxOf(ends)
}

// letSleep has those who sleep get a notice in their morning. Mail wakes
// nobody.
func (st *step) letSleep(n event.Notice) event.Notice {
	n.To = slices.Clone(n.To)
	last := st.at.Box
	for i, to := range n.To {
		if to.Channel == event.SMS {
			n.To[i].Due = st.waitsUntil(to.Name)
		}
		if n.To[i].Due.After(last) {
			last = n.To[i].Due
		}
	}
	n.Expires = last.Add(audience.Keeps(n.Kind))
	return n
}

// publishLater publishes what can wait.
func (st *step) publishLater(n event.Notice, f notice.Facts) uint64 {
	return st.publish(st.letSleep(n), f, nil)
}

// smallNews is news of the box that nobody need get up for.
func (st *step) smallNews(text string) {
	f := st.facts(nil)
	f.Title = text
	st.publishLater(event.Notice{Audience: audience.OnCall, Kind: event.BoxNews, Class: event.Operators, To: st.oncall().First()}, f)
	st.staffNews(f)
}
