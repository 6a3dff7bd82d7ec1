package decide

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"heliograph/firmware/event"
	"heliograph/firmware/notice"
	"heliograph/firmware/reach"
)

// Backhaul is a cellular connection as the configuration describes it.
type Backhaul struct {
	Name    string
	Modem   string // that carries it; empty if none of ours does
	Roaming bool   // data may go by a foreign network
}

// network is how the box reaches the Internet, as far as decisions go.
type network struct {
	waits  event.OnlineWaits
	shaky  time.Time               // box time: a connect over the primary path failed in an incident; zero: nothing known against it
	by     string                  // the worker whose attempt showed that
	poor   map[string]bool         // workers that no path helps: their account or server ails
	links  map[string]event.Linked // per backhaul
	spent  map[string]event.Spent
	wanted string      // the backhaul that is leased
	since  time.Time   // box time since when it is that one
	stuck  event.Stamp // since when something waits though a backhaul is wanted; zero: it does not
	told   bool        // people know that it is stuck
	proof  proof       // the test of the spare paths, while it lasts
	needs  []string    // who needs the Internet besides: the proxy's users
}

const (
	// shakyFor is how long the primary path is left alone after it failed to
	// carry in an incident, unless an uplink comes back before.
	shakyFor = 10 * time.Minute

	// turnAfter is how long a backhaul that fails is dialled before one that
	// has failed as well is tried again: each has its own pauses between calls.
	turnAfter = 3 * time.Minute

	// stuckFor is how long what waits for the backhaul may wait before people
	// hear that it does not come up: a dial takes up to a minute, a modem's
	// reset two.
	stuckFor = 5 * time.Minute
)

// Orders about the backhaul.
const (
	linkAuto = ""
	linkOn   = "on"
	linkOff  = "off"
)

// Path is how a delivery of a class goes out: event.Primary, a backhaul's
// name, or empty while there is no way.
func (r Rules) Path(s State, class event.Class) string {
	if len(r.Backhauls) == 0 || r.primaryFit(s) {
		return event.Primary
	}
	may := r.ready(s, class)
	for _, name := range may {
		if s.Net.links[name].Up {
			return name
		}
	}
	if r.uplinkWorks(s) && !slices.ContainsFunc(may, func(name string) bool { return !s.Net.links[name].Failed }) {
		return event.Primary // what once did not carry is better than what does not connect
	}
	return ""
}

// allows says whether a backhaul's budget lets a class through (promise 9).
func (n network) allows(backhaul string, class event.Class) bool {
	spent := n.spent[backhaul]
	return !spent.Out && (!spent.Kept || class <= event.AllClears)
}

// roams says that a backhaul would go by a foreign network and may not.
func (r Rules) roams(s State, backhaul string) bool {
	i := slices.IndexFunc(r.Backhauls, func(b Backhaul) bool { return b.Name == backhaul })
	return i >= 0 && !r.Backhauls[i].Roaming && strings.Contains(s.Workers[r.Backhauls[i].Modem].Network, "roaming")
}

// ready names the backhauls that may carry a class, the preferred first.
func (r Rules) ready(s State, class event.Class) []string {
	var names []string
	for _, b := range r.Backhauls {
		if s.Net.allows(b.Name, class) && !r.roams(s, b.Name) {
			names = append(names, b.Name)
		}
	}
	return names
}

// primaryFit says whether the main routing table leads somewhere: an uplink
// works, the last connect over it did, and no drill does as if it had not.
func (r Rules) primaryFit(s State) bool {
	return s.Net.shaky.IsZero() && r.uplinkWorks(s) && !r.rehearses(s)
}

// uplinkWorks says that an uplink is up and not about to be down, or was not
// judged yet and has not failed so far. What was up when its last third began
// costs a connect its ten seconds.
func (r Rules) uplinkWorks(s State) bool {
	return slices.ContainsFunc(r.Subjects, func(rule reach.Rule) bool {
		if rule.Service {
			return false
		}
		m := s.Subjects[rule.Name]
		switch m.Verdict.Condition {
		case event.IsUp, event.IsDegraded:
			return !m.Near(rule)
		case event.IsDown:
			return false
		}
		return !m.Failing()
	})
}

// linked takes in how a backhaul stands.
func (st *step) linked(f event.Linked) {
	was := st.s.Net.links[f.Backhaul]
	st.s.Net.links = cloned(st.s.Net.links)
	st.s.Net.links[f.Backhaul] = f
	if was.State == f.State && was.Up == f.Up {
		return
	}
	text := fmt.Sprintf("backhaul %s: %s%s%s", f.Backhaul, f.State, led(": ", f.Why), led("; ", f.Advice))
	if f.Up {
		text = fmt.Sprintf("backhaul %s up after %.1f s, answers in %d ms", f.Backhaul, f.Took.Seconds(), f.RTT.Milliseconds())
	}
	st.note(0, "backhaul", "%s", text)
	for _, c := range st.s.live() {
		st.note(c.Number, "backhaul", "%s", text)
	}
	st.proveNow()
	st.drillLinked(f)
	if f.Up && st.s.Net.told {
		st.boxNews(fmt.Sprintf("%s is connected; what waited for it goes out now.", f.Backhaul))
		st.s.Net.told = false
	}
}

// budget takes in how much of a budget is used up, and tells people.
func (st *step) budget(f event.Spent) {
	was := st.s.Net.spent[f.Backhaul]
	st.s.Net.spent = cloned(st.s.Net.spent)
	st.s.Net.spent[f.Backhaul] = f
	text := fmt.Sprintf("%s has used %d %% of its %s", f.Backhaul, f.Percent, megabytes(f.Limit))
	switch {
	case f.Percent == 0 && (was.Kept && !f.Kept || was.Out && !f.Out):
		st.note(0, "budget", "%s: a new period has begun, %s are free", f.Backhaul, megabytes(f.Limit-f.Used))
		return
	case f.Percent == 0:
		return // how it stands, of which people know
	case f.Out:
		text += ": all used up. Mail and pages wait for the next period, or set backhaul budget higher"
	case f.Kept:
		text += ": the rest is for you and all-clears, other mail and pages wait"
	}
	st.note(0, "budget", "%s", text)
	if f.Kept || f.Out {
		st.boxNews(text + ".")
	} else {
		st.smallNews(text + ".")
	}
}

func megabytes(bytes int64) string {
	if bytes < 1e6 {
		return fmt.Sprintf("%d kB", bytes/1000)
	}
	return fmt.Sprintf("%d MB", bytes/1_000_000)
}

// reached keeps what an attempt showed of the paths. A channel that fails over
// a backhaul as it failed over the primary path has trouble of its own: that is
// no reason to keep everything off the uplinks.
func (st *step) reached(f event.Outcome) {
	if f.Path == "" || len(st.rules.Backhauls) == 0 {
		return
	}
	n := &st.s.Net
	failed := f.Fate == event.RetryLater && f.Device || f.Fate == event.Unsure && !f.Cut
	switch {
	case f.Fate == event.Taken && n.poor[f.Worker]:
		n.poor = cloned(n.poor)
		delete(n.poor, f.Worker)
	case !failed || n.poor[f.Worker] || !st.earnest():
	case f.Path == event.Primary:
		n.shaky, n.by = st.at.Box, f.Worker
		st.note(f.Incident, "path", "the primary path does not carry %s: %s", f.Recipient.Channel, or(f.Code, "no answer"))
	case f.Worker == n.by && !n.shaky.IsZero() && n.links[f.Path].Up:
		n.poor = cloned(n.poor)
		n.poor[f.Worker] = true
		st.mended(fmt.Sprintf("%s fails over %s as well: %s", f.Recipient.Channel, f.Path, or(f.Code, "no answer")))
	}
}

// mended forgets what was held against the primary path.
func (st *step) mended(why string) {
	if st.s.Net.shaky.IsZero() {
		return
	}
	st.s.Net.shaky = time.Time{}
	st.note(0, "path", "the primary path is tried again: %s", why)
}

// lease asks for the backhaul that is needed, or gives it back.
func (st *step) lease() {
	if due(st.shakyUntil(), st.at.Box) {
		st.mended("it was left alone for " + notice.Length("en", shakyFor))
	}
	name, why := st.wants()
	if name == "" {
		name, why = st.finishes()
	}
	st.stuck(name)
	if name == st.s.Net.wanted {
		return
	}
	st.s.Net.wanted, st.s.Net.since = name, st.at.Box
	st.emit(event.Lease{Backhaul: name, Why: why})
}

func (st *step) shakyUntil() time.Time {
	if st.s.Net.shaky.IsZero() {
		return time.Time{}
	}
	return st.s.Net.shaky.Add(shakyFor)
}

// wants names the backhaul that is needed now, and for what.
func (st *step) wants() (name, why string) {
	n := st.s.Net
	switch {
	case len(st.rules.Backhauls) == 0 || st.s.Backhaul == linkOff:
		return "", ""
	case st.s.Backhaul == linkOn:
		return st.choose(event.Operators), "it was ordered"
	case n.waits.Is && !st.rules.primaryFit(st.s):
		return st.choose(n.waits.Class), "something waits for it"
	case !n.shaky.IsZero() && st.earnest():
		return st.choose(event.Operators), "the primary path does not carry"
	case len(n.needs) > 0 && !st.rules.primaryFit(st.s):
		return st.choose(event.Operators), n.needs[0] + " needs it"
	case len(n.proof.left) > 0 && slices.Contains(st.rules.ready(st.s, event.Operators), n.proof.left[0]):
		return n.proof.left[0], "its test"
	case st.rules.rehearses(st.s):
		return st.choose(event.Operators), "a drill"
	case st.rules.online() && st.failing():
		return st.choose(event.Operators), "every uplink is about to be down"
	}
	return "", ""
}

// finishes keeps a backhaul for what is on its way over it: a mail that is cut
// off may have arrived, and goes to partners once only. An attempt has its end.
func (st *step) finishes() (name, why string) {
	over := st.s.Net.waits.Over
	if over == "" || over != st.s.Net.wanted || st.s.Backhaul == linkOff || !slices.Contains(st.rules.ready(st.s, event.Operators), over) {
		return "", ""
	}
	return over, "something is on its way over it"
}

// failing says that every uplink is two thirds of the way to down, and not yet
// all of them there: a dial takes seconds, which the verdict's last third
// gives.
func (st *step) failing() bool {
	all, down := 0, 0
	for _, rule := range st.rules.Subjects {
		if rule.Service {
			continue
		}
		m := st.s.Subjects[rule.Name]
		if !m.Near(rule) {
			return false
		}
		if all++; m.Verdict.Condition == event.IsDown {
			down++
		}
	}
	return down < all
}

// online says whether any worker needs the Internet.
func (r Rules) online() bool {
	return slices.ContainsFunc(r.Carriers, func(c Carrier) bool { return c.Online })
}

// choose takes the backhaul that is leased as long as it does its work, else
// the first that may and has not failed. Where all have, each has its turn.
func (st *step) choose(class event.Class) string {
	n, may := st.s.Net, st.rules.ready(st.s, class)
	at := slices.Index(may, n.wanted)
	if at >= 0 && !n.links[n.wanted].Failed {
		return n.wanted
	}
	for _, name := range may {
		if !n.links[name].Failed {
			return name
		}
	}
	switch {
	case len(may) == 0:
		return ""
	case at < 0:
		return may[0]
	case due(n.since.Add(turnAfter), st.at.Box):
		return may[(at+1)%len(may)]
	}
	return n.wanted
}

// turnAt is when another backhaul may have its turn though nothing happens.
func (r Rules) turnAt(n network) time.Time {
	if n.wanted == "" || len(r.Backhauls) < 2 || !n.links[n.wanted].Failed {
		return time.Time{}
	}
	return n.since.Add(turnAfter)
}

// unlinked forgets backhauls that a reload took away.
func (st *step) unlinked() {
	gone := func(name string) bool {
		return !slices.ContainsFunc(st.rules.Backhauls, func(b Backhaul) bool { return b.Name == name })
	}
	n := &st.s.Net
	n.links, n.spent, st.s.Tested = maps.Clone(n.links), maps.Clone(n.spent), maps.Clone(st.s.Tested)
	maps.DeleteFunc(n.links, func(name string, _ event.Linked) bool { return gone(name) })
	maps.DeleteFunc(n.spent, func(name string, _ event.Spent) bool { return gone(name) })
	maps.DeleteFunc(st.s.Tested, func(name string, _ Tested) bool { return gone(name) })
	if left := n.proof.left; slices.ContainsFunc(left, gone) {
		first := left[0]
		left = slices.DeleteFunc(slices.Clone(left), gone)
		if len(left) == 0 || left[0] != first {
			n.proof = proof{until: st.at.Box.Add(dialFor)}
		}
		n.proof.left = left
	}
}

// order is LTE: a person says whether the backhaul is up, down, or as needed.
func (st *step) order(who asker, how string) {
	if len(st.rules.Backhauls) == 0 {
		st.answer(who, false, notice.NoBackhaul, notice.Reply{})
		return
	}
	st.s.Backhaul = map[string]string{"on": linkOn, "off": linkOff, "auto": linkAuto}[how]
	st.note(0, "ordered", "%s: LTE %s", who.name, how)
	st.answer(who, true, map[string]notice.Answer{"on": notice.LinkOn, "off": notice.LinkOff, "auto": notice.LinkAuto}[how], notice.Reply{})
}

// admit is PROXY: a person says whether the duty desk's proxy is open.
func (st *step) admit(who asker, how string) {
	if !st.rules.Proxy {
		st.answer(who, false, notice.NoProxy, notice.Reply{})
		return
	}
	st.s.Proxy = map[string]string{"on": linkOn, "off": linkOff, "auto": linkAuto}[how]
	st.note(0, "ordered", "%s: PROXY %s", who.name, how)
	st.answer(who, true, map[string]notice.Answer{"on": notice.ProxyOn, "off": notice.ProxyOff, "auto": notice.ProxyAuto}[how], notice.Reply{})
}

// needed takes in who needs the Internet.
func (st *step) needed(f event.Needs) {
	list := slices.DeleteFunc(slices.Clone(st.s.Net.needs), func(who string) bool { return who == f.Who })
	if f.Is {
		list = append(list, f.Who)
	}
	st.s.Net.needs = list
}

// stuck tells people once that a wanted backhaul does not come up.
func (st *step) stuck(wanted string) {
	n := &st.s.Net
	switch {
	case wanted == "" || !n.waits.Is && n.shaky.IsZero():
		n.stuck, n.told = event.Stamp{}, false // the next outage is another matter
	case n.links[wanted].Up:
		n.stuck = event.Stamp{}
	case n.stuck.Box.IsZero():
		n.stuck = plainly(st.at)
	case !n.told && due(n.stuck.Box.Add(stuckFor), st.at.Box):
		n.told = true
		l := n.links[wanted]
		text := fmt.Sprintf("%s does not connect: %s%s. Mail and pages wait, texts go on", wanted, or(l.Why, or(l.State, "no answer")), led("; ", l.Advice))
		st.note(0, "backhaul", "%s", text)
		st.boxNews(text + ".")
	}
}

// stuckAt is when stuck has something to say.
func (n network) stuckAt() time.Time {
	if n.stuck.Box.IsZero() || n.told {
		return time.Time{}
	}
	return n.stuck.Box.Add(stuckFor)
}

// ProxyFor says for what reason the duty desk's proxy is open; empty: it is
// not.
func (s State) ProxyFor() string {
	switch live := s.real(); {
	case s.Proxy == linkOn:
		return "it was ordered"
	case s.Proxy == linkOff || len(live) == 0:
		return ""
	default:
		return fmt.Sprintf("incident #%d is open", live[0].Number)
	}
}

// Link is how a backhaul stands, and what of its budget is used, as far as was
// told.
func (s State) Link(backhaul string) (event.Linked, event.Spent) {
	return s.Net.links[backhaul], s.Net.spent[backhaul]
}

// Waits is what the state knows to wait for a path.
func (s State) Waits() event.OnlineWaits { return s.Net.waits }

// Online says whether a worker needs a path to the Internet.
func (r Rules) Online(worker string) bool {
	c, _ := r.carrier(worker)
	return c.Online
}
