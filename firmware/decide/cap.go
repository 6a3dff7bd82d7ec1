package decide

import (
	"maps"
	"slices"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
)

// capOver is the window over which updates to an audience are counted.
const capOver = time.Hour

// capOf is how many updates an hour an audience reads of one incident; zero:
// all.
func (st *step) capOf(name string) int {
	if audience.Reader(name) == audience.Subscribers {
		if st.rules.Subscribers == nil {
			return 0
		}
		return st.rules.Subscribers.Cap
	}
	g, _ := st.rules.Audience.Group(name)
	return g.Cap
}

// capped says that an audience has read enough of an incident for now. That it
// is over it always hears, and that it takes longer than it was promised.
func (st *step) capped(c Case, name string) bool {
	most := st.capOf(name)
	return most > 0 && !st.late && (name == audience.Awake || slices.Contains(c.Groups, name)) && len(st.recent(c, name)) >= most
}

// cappedOf are those who would not hear an update now.
func (st *step) cappedOf(c Case) (names []string) {
	for _, name := range outsideOf(c.Groups) {
		if st.capped(c, name) {
			names = append(names, name)
		}
	}
	return names
}

// recent are the updates that an audience had in the last hour.
func (st *step) recent(c Case, name string) []time.Time {
	return slices.DeleteFunc(slices.Clone(c.Updates[name]), func(at time.Time) bool { return !st.at.Box.Before(at.Add(capOver)) })
}

// rationed takes what is one update too many out of a notice to an audience,
// and counts one that goes. Whoever waits for the first word still gets it.
func (st *step) rationed(c *Case, n event.Notice, variants map[event.Variant]event.Kind) map[event.Variant]event.Kind {
	if st.capOf(n.Audience) == 0 || n.Mark != event.Tells || !n.Ledger || variants[event.ToTold] != event.Update {
		return variants
	}
	if !st.capped(*c, n.Audience) {
		c.Updates = cloned(c.Updates)
		c.Updates[n.Audience] = append(st.recent(*c, n.Audience), st.at.Box)
		return variants
	}
	st.note(c.Number, "held back", "%s had %d updates within an hour: this one is not for them", n.Audience, st.capOf(n.Audience))
	variants = maps.Clone(variants)
	maps.DeleteFunc(variants, func(_ event.Variant, kind event.Kind) bool { return kind == event.Update })
	return variants
}

// uncapped is when the next update may go to all of them, in box time.
func (st *step) uncapped(c Case, names []string) time.Time {
	var at time.Time
	for _, name := range names {
		news := st.recent(c, name)
		at = later(at, news[len(news)-st.capOf(name)].Add(capOver))
	}
	return at
}
