package decide

import (
	"maps"
	"slices"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
)

// capOver is the window over which updates to subscribers are counted.
const capOver = time.Hour

// capped says that subscribers have read enough of an incident for now. That it
// is over they always hear, and that it takes longer than they were promised.
func (st *step) capped(c Case) bool {
	s := st.rules.Subscribers
	return s != nil && s.Cap > 0 && !st.late && slices.Contains(c.Groups, audience.Subscribers) && len(st.recent(c)) >= s.Cap
}

// recent are the updates of the last hour.
func (st *step) recent(c Case) []time.Time {
	return slices.DeleteFunc(slices.Clone(c.News), func(at time.Time) bool { return !st.at.Box.Before(at.Add(capOver)) })
}

// rationed takes what is one update too many out of a notice to subscribers,
// and counts one that goes. Whoever waits for the first word still gets it.
func (st *step) rationed(c *Case, n event.Notice, variants map[event.Variant]event.Kind) map[event.Variant]event.Kind {
	if n.Audience != audience.Subscribers || n.Mark != event.Tells || !n.Ledger || variants[event.ToTold] != event.Update {
		return variants
	}
	if !st.capped(*c) {
		c.News = append(st.recent(*c), st.at.Box)
		return variants
	}
	st.note(c.Number, "subscribers", "they had %d updates within an hour: this one is held back from them", st.rules.Subscribers.Cap)
	variants = maps.Clone(variants)
	maps.DeleteFunc(variants, func(_ event.Variant, kind event.Kind) bool { return kind == event.Update })
	return variants
}

// uncapped is when the next update may go, in box time.
func (st *step) uncapped(c Case) time.Time {
	news := st.recent(c)
	return news[len(news)-st.rules.Subscribers.Cap].Add(capOver)
}
