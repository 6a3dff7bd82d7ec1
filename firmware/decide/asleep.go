package decide

import (
	"maps"
	"slices"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// asleep is what subscribers are to hear of a case in the morning. Nothing of
// it is worded before: they read one text with what is true then, not the
// evening's news side by side, and nothing at all of what is over before they
// were told of it.
type asleep struct {
	Until  time.Time  `json:"until,omitzero"` // box time; zero: nothing waits
	Kind   event.Kind `json:"kind,omitempty"` // of what waits, for the quiet's exceptions
	News   *overnight `json:"news,omitempty"` // to those who were told; nil: none
	Crowds []Crowd    `json:"crowds,omitempty"`
	First  bool       `json:"first,omitempty"` // no subscriber was told yet: what waits is the first word
}

// overnight is the newest that those who were told are to hear.
type overnight struct {
	Kind     event.Kind                   `json:"kind"`
	Mark     event.LedgerMark             `json:"mark"`
	Variants map[event.Variant]event.Kind `json:"variants"`
	Title    string                       `json:"title,omitempty"`
	By       string                       `json:"by,omitempty"`
	Promised bool                         `json:"promised,omitempty"`
	Late     bool                         `json:"late,omitempty"`
	At       event.Stamp                  `json:"at"`
}

// sleeps keeps news of a case for the morning, in place of what waited before;
// false: they go out now.
func (st *step) sleeps(c *Case, f notice.Facts, n event.Notice, variants map[event.Variant]event.Kind) bool {
	if n.Audience != audience.Subscribers || !n.Ledger || st.morning {
		return false
	}
	was, until := c.Asleep, st.quietFor(*c, n.Kind)
	if part := st.wakeful(); part != "" && (was.First || !until.IsZero()) {
		now := n
		now.Audience, now.Only = part, part
		st.group(c, f, now, variants)
	}
	if was.First && n.Mark == event.Clears {
		c.Asleep = asleep{}
		if st.wakeful() != "" {
			c.Wider, c.Reached = true, nil // should it come back, the others are to be told
		} else {
			c.Groups = slices.DeleteFunc(slices.Clone(c.Groups), func(name string) bool { return name == audience.Subscribers })
		}
		st.note(c.Number, "asleep", "subscribers hear nothing of it: it was over before they were told")
		return true
	}
	if n.Mark == event.Clears {
		c.Asleep.Crowds = nil // who was not told hears no end of it
	}
	if until.IsZero() && !was.First {
		c.Asleep.News = nil
		c.Asleep = c.Asleep.tidied()
		return false
	}
	c.Asleep.News = &overnight{Kind: n.Kind, Mark: n.Mark, Variants: maps.Clone(variants), Title: f.Title, By: f.By, Promised: f.Promised, Late: st.late, At: st.at}
	if !was.First {
		c.Asleep.Until, c.Asleep.Kind = until, n.Kind
	}
	st.note(c.Number, "asleep", "%s to subscribers waits %s", n.Kind, untilWords("en", c.Asleep.Until, st.at))
	return true
}

// wakeful is the part of the subscribers for whom there are no quiet hours;
// empty: there is none. Its rows of the ledger bear its name, so that what waits
// for the morning is not said to it again.
func (st *step) wakeful() string {
	if s := st.rules.Subscribers; s != nil && len(s.Awake) > 0 {
		return audience.Awake
	}
	return ""
}

// tidied is zero once nothing waits.
func (a asleep) tidied() asleep {
	if a.News == nil && len(a.Crowds) == 0 {
		return asleep{}
	}
	return a
}

// crowdSleeps keeps the first word to a crowd for the morning.
func (st *step) crowdSleeps(c *Case, who Crowd) bool {
	until := st.quietFor(*c, c.Kind)
	if until.IsZero() || st.morning {
		return false
	}
	c.Asleep.First = len(c.Asleep.Crowds) == 0 && !slices.Contains(c.Groups, audience.Subscribers) || c.Asleep.First
	c.Asleep.Crowds = append(slices.Clone(c.Asleep.Crowds), who)
	c.Asleep.Until, c.Asleep.Kind = until, c.Kind
	st.note(c.Number, "asleep", "%s to %d subscribers waits %s", c.Kind, who.List.Subscribers, untilWords("en", until, st.at))
	return true
}

// sleepersDue tells subscribers in the morning what is true by then.
func (st *step) sleepersDue() {
	for _, c := range st.s.Incidents {
		if a := c.Asleep; (!c.Hold || !c.Live()) && due(a.Until, st.at.Box) {
			st.wake(c, a)
		}
	}
}

// wake says what has waited: the news to those who were told, before those who
// have heard nothing are on the ledger too.
func (st *step) wake(c Case, a asleep) {
	st.morning = true
	defer func() { st.morning, st.late = false, false }()
	c.Asleep = asleep{}
	st.s.put(c)
	f := st.facts(&c)
	if n := a.News; n != nil {
		f.Title, f.By, f.Promised = n.Title, n.By, n.Promised
		if st.late = n.Late; !a.First {
			at := f
			if ends(n.Kind) && n.Kind != event.AllClear {
				at.Now = n.At // it ended then, not now
			}
			st.follow(&c, at, n.Mark, n.Kind, n.Variants, audience.Subscribers)
		}
	}
	f.Title = or(f.Title, c.Title)
	for _, who := range a.Crowds {
		st.sayCrowd(c.Number, who, f)
	}
}

// resetSleep computes anew when the quiet ends: the clock was set, or the
// rules are others.
func (st *step) resetSleep() {
	for _, c := range st.s.Incidents {
		if c.Asleep.Until.IsZero() || !st.at.Trusted {
			continue // without a clock what waits goes on waiting for its length
		}
		c.Asleep.Until = later(st.quietFor(c, c.Asleep.Kind), st.at.Box)
		st.s.put(c)
	}
}

func (st *step) nextSleeper() time.Time {
	var next time.Time
	for _, c := range st.s.Incidents {
		if !c.Hold || !c.Live() {
			next = earliest(next, c.Asleep.Until)
		}
	}
	return next
}

// HoldsLists names the versions of the list from which somebody is still to be
// told.
func (s State) HoldsLists() (versions []string) {
	for _, p := range s.Plans {
		if p.Mass != nil {
			versions = append(versions, p.Mass.Version)
		}
	}
	for _, c := range s.Incidents {
		for _, who := range c.Asleep.Crowds {
			versions = append(versions, who.Version)
		}
		if c.Rest != nil {
			versions = append(versions, c.Rest.Version)
		}
	}
	return versions
}
