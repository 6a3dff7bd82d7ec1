package decide

import (
	"slices"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
)

// When everything is down everybody is told, of the first uplink's incident.
// That incident lasts until its own uplink is mended; those who hang on all of
// them together have their Internet back with whichever comes first.

// toldAll says that an incident has told everybody, and concerns fewer now.
func (st *step) toldAll(c Case) bool {
	return slices.Contains(c.Reached, event.Everybody) && slices.Contains(c.Groups, audience.Subscribers) && !slices.Contains(st.reaches(c), event.Everybody)
}

// relieve tells everybody who was told that nothing works that it does again,
// by the verdict on an uplink that is up. What has not gone out does not go.
func (st *step) relieve(up event.Verdict) {
	for _, c := range st.s.live() {
		if !slices.Contains(st.reaches(c), event.Everybody) {
			st.dropPlansForAll(c)
		}
		if c.Relieved != nil || !st.toldAll(c) {
			continue
		}
		c.Relieved = &up
		st.emit(event.Withdraw{Notices: c.Lists})
		st.note(c.Number, "relieved", "not everything is down any more: subscribers hear that it is over")
		if st.relief(&c); !slices.Contains(c.Groups, audience.Subscribers) { // they slept, and never heard of it
			c.Relieved, c.Reached, c.Unasked, c.Crowd = nil, nil, max(0, c.Unasked-c.Crowd), 0
			st.s.put(c)
		}
	}
}

// relief is the all-clear to those who have not had it.
func (st *step) relief(c *Case) {
	if c.Relieved == nil {
		return
	}
	like := *c
	like.Was, like.Verdict = c.Verdict, *c.Relieved
	st.follow(c, st.facts(&like), event.Clears, event.AllClear, map[event.Variant]event.Kind{event.ToTold: event.AllClear}, audience.Subscribers)
}

func (st *step) dropPlansForAll(c Case) {
	for _, p := range slices.Clone(st.s.Plans) {
		if p.Incident == c.Number && p.Mass != nil && slices.Contains(p.Mass.Scope, event.Everybody) {
			st.dropPlan(p)
			st.note(c.Number, "plan", "not everything is down any more: nobody is to be told")
		}
	}
}

// relapse tells them once all is down again, by the verdict on the uplink that
// went last.
func (st *step) relapse(down event.Verdict) {
	for _, c := range st.s.live() {
		if c.Relieved == nil || !slices.Contains(st.reaches(c), event.Everybody) {
			continue
		}
		c.Relieved = nil
		like := c
		like.Verdict = down
		variants := map[event.Variant]event.Kind{event.ToTold: event.Update, event.ToCleared: event.Reopened, event.ToWaiting: c.Kind}
		st.follow(&c, st.facts(&like), event.Tells, event.Update, variants, audience.Subscribers)
		st.tellRest(c)
	}
}
