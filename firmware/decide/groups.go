package decide

import (
	"fmt"
	"slices"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// Place is what the rules know of a subject besides its probes.
type Place struct {
	Serves  []string // regions, boxes or tags
	Carrier notice.Carrier
	Peers   notice.Peers
}

// inform tells the groups whose time has come that there is trouble. Those
// outside are asked for first when they are many.
func (st *step) inform(c Case) {
	var outside []audience.Group
	for _, g := range st.groupsFor(c) {
		if !st.waits(g, c) || !due(st.groupFrom(g, c), st.at.Box) {
			continue
		}
		if audience.IsMass(g.Name) {
			outside = append(outside, g)
		} else {
			st.tellGroup(c.Number, g, "")
		}
	}
	if len(outside) > 0 {
		st.propose(c, outside)
	}
	if c, ok := st.s.Case(c.Number); ok {
		st.count(c)
	}
}

// groupFrom is when a group is to hear of a case.
func (st *step) groupFrom(g audience.Group, c Case) time.Time {
	if audience.IsOutside(g.Name) {
		return st.outsideFrom(c, g.After)
	}
	return c.Opened.Box.Add(g.After)
}

// waits says that a group is still to hear of a case.
func (st *step) waits(g audience.Group, c Case) bool {
	heard := slices.Contains(c.Groups, g.Name) || slices.Contains(c.Denied, g.Name) || st.s.inPlan(c.Number, g.Name)
	return !heard && st.hears(g, c) && !st.toldByWork(c, g.Name) && !(c.Hold && audience.IsOutside(g.Name))
}

// tellGroup gives a group the first word of a case, over one channel only if
// that was all that was approved.
func (st *step) tellGroup(number int, g audience.Group, only string) {
	c, ok := st.s.Case(number)
	if !ok || !c.Live() {
		return
	}
	c.Groups = append(c.Groups[:len(c.Groups):len(c.Groups)], g.Name)
	to := slices.DeleteFunc(slices.Clone(g.To), func(r event.Recipient) bool { return only != "" && r.Channel != only })
	if len(to) > 0 {
		st.group(&c, st.facts(&c), event.Notice{Audience: g.Name, Kind: c.Kind, Mark: event.Tells, To: to}, nil)
		st.note(c.Number, "telling", "%s to %s", c.Kind, names(to))
		st.drillGiven(c.Number, to)
	}
	st.s.put(c)
}

// nextGroup is when the next group is to hear of a case; zero: none is.
func (st *step) nextGroup(c Case) time.Time {
	var next time.Time
	for _, g := range st.groupsFor(c) {
		if st.waits(g, c) {
			next = earliest(next, st.groupFrom(g, c))
		}
	}
	return earliest(next, st.nextCount(c))
}

// hears says whether an incident is for a group.
func (st *step) hears(g audience.Group, c Case) bool {
	if g.Name == audience.Map && c.tagged() || len(g.To) == 0 || !g.Begins(c.Kind, c.Verdict.Place) || audience.Reader(g.Name) == "carrier" && !st.carries(g, c) {
		return false
	}
	return g.Kin(slices.Concat(st.regions(c), c.Scope))
}

// carries says whether a carrier's desk has to do with an incident: its name
// stands in the group's.
func (st *step) carries(g audience.Group, c Case) bool {
	by := st.rules.Places[c.Subject].Carrier.Name
	return by != "" && g.Name == audience.Carrier+by
}

// regions are what the scope of an incident serves, unless an operator has
// said whom it concerns.
func (st *step) regions(c Case) []string {
	if len(c.Regions) > 0 {
		return c.Regions
	}
	var all []string
	for _, name := range c.Scope {
		for _, region := range st.rules.Places[name].Serves {
			if !slices.Contains(all, region) {
				all = append(all, region)
			}
		}
	}
	return all
}

// follow tells each group that knows of an incident what is new, each in its
// own words.
func (st *step) follow(c *Case, f notice.Facts, mark event.LedgerMark, kind event.Kind, variants map[event.Variant]event.Kind, only ...string) {
	for _, name := range c.Groups {
		if len(only) > 0 && !slices.Contains(only, audience.Reader(name)) {
			continue
		}
		st.group(c, f, event.Notice{Audience: name, Only: name, Kind: kind, Mark: mark, Ledger: true}, variants)
	}
	st.s.put(*c)
}

// group publishes a notice to one group: letters for the channels that carry
// them, and texts for its telephones.
func (st *step) group(c *Case, f notice.Facts, n event.Notice, variants map[event.Variant]event.Kind) {
	if audience.Reader(n.Audience) == audience.Subscribers && c.Relieved != nil && n.Mark == event.Tells {
		return // it is over for them
	}
	if st.sleeps(c, f, n, variants) {
		return
	}
	if n.Audience == audience.Subscribers && st.morning {
		n.But = st.wakeful() // who has heard it in the night
	}
	c.Tellings++
	n.Incident, n.Class = c.Number, audience.ClassOf(n.Audience)
	if n.Mark == event.Clears {
		n.Class = min(n.Class, event.AllClears)
	}
	f.Unasked, f.Telling = true, c.Tellings
	f.Work.Account = n.Audience
	f = c.guarded(f, n.Audience)
	g, known := st.rules.Audience.Group(n.Audience)
	spoken := notice.Languages()
	if known {
		spoken = slices.Compact(slices.Sorted(slices.Values(languages(st.spoken(g.To)))))
	}
	n.To = st.spoken(n.To)
	n.Texts = map[event.Variant]map[string]string{}
	if len(n.To) > 0 {
		variants = map[event.Variant]event.Kind{event.Direct: n.Kind}
	}
	if variants = st.rationed(c, n, variants); len(variants) == 0 {
		return
	}
	for variant, kind := range variants {
		f.Kind = kind
		n.Texts[variant] = st.letters(n.Audience, f, spoken)
	}
	n.Standing = event.Open
	if c.Hold && audience.IsOutside(n.Audience) && n.Mark != event.Clears {
		n.Standing = event.Held
	}
	id := st.send(n)
	if audience.IsOutside(n.Audience) && n.Mark != event.Clears {
		c.Outside = append(slices.Clone(c.Outside[max(0, len(c.Outside)-holdable):]), id)
	}
}

// holdable is how many notices to those outside HOLD can still stop; older
// ones are withdrawn or sent by then.
const holdable = 20

// letters words a notice for a group's channels, and for its telephones if it
// may have any.
func (st *step) letters(group string, f notice.Facts, languages []string) map[string]string {
	if audience.Reader(group) == audience.Subscribers {
		return st.outerWords(f, f.Kind)
	}
	all := map[string]string{}
	reader := audience.Reader(group)
	if reader == "partner" {
		for _, lang := range languages {
			all[lang], _ = st.rules.Wording.Short(notice.Partner, lang, outward(f))
		}
	}
	for _, lang := range languages {
		letter := st.rules.Wording.Letter(readerOf(reader), lang, f)
		for _, channel := range audience.Channels(group) {
			all[channel+":"+lang] = letter
		}
	}
	return all
}

// readerOf is for whom a letter is worded: a map is a machine.
func readerOf(reader string) notice.Reader {
	if reader == audience.Map {
		return notice.Machine
	}
	return notice.Reader(reader)
}

// outward takes out of the facts what a text to somebody outside must not
// tell: what else is down, and what was seen at this site's own ports.
func outward(f notice.Facts) notice.Facts {
	f.Others = nil
	f.Verdict.Evidence, f.Was.Evidence = event.Evidence{}, event.Evidence{}
	return f
}

// key names an incident to systems outside. It holds the time as well, because
// a box whose memory was lost counts from 1 again.
func (r Rules) key(c Case) string {
	return fmt.Sprintf("%s/%d/%s", r.Site, c.Number, c.Opened.Wall.UTC().Format("20060102T150405Z"))
}
