package decide

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"heliograph/firmware/event"
	"heliograph/firmware/notice"
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
	links  map[string]event.Linked // per backhaul
	spent  map[string]event.Spent
	wanted string      // the backhaul that is leased
	stuck  event.Stamp // since when something waits though a backhaul is wanted; zero: it does not
	told   bool        // people know that it is stuck
	proof  proof       // the test of the spare paths, while it lasts
	needs  []string    // who needs the Internet besides: the proxy's users
}

const (
	// shakyFor is how long the primary path is left alone after it failed to
	// carry in an incident, unless an uplink comes back before.
	shakyFor = 10 * time.Minute

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
	for _, name := range r.ready(s, class) {
		if s.Net.links[name].Up {
			return name
		}
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

// primaryFit says whether the main routing table leads somewhere: an uplink is
// up, or was not judged yet and has not failed so far, and the last connect
// over it worked.
func (r Rules) primaryFit(s State) bool {
	if !s.Net.shaky.IsZero() {
		return false
	}
	return slices.ContainsFunc(r.uplinks(), func(name string) bool {
		m := s.Subjects[name]
		switch m.Verdict.Condition {
		case event.IsUp, event.IsDegraded:
			return true
		case event.IsDown:
			return false
		}
		return !m.Failing()
	})
}

func (r Rules) uplinks() []string {
	var names []string
	for _, rule := range r.Subjects {
		if !rule.Service {
			names = append(names, rule.Name)
		}
	}
	return names
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
	if f.Up && st.s.Net.told {
		st.boxNews(fmt.Sprintf("%s is connected; what waited for it goes out now.", f.Backhaul))
		st.s.Net.told = false
	}
}

// spent takes in how much of a budget is used up, and tells people.
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
	st.boxNews(text + ".")
}

func megabytes(bytes int64) string {
	if bytes < 1e6 {
		return fmt.Sprintf("%d kB", bytes/1000)
	}
	return fmt.Sprintf("%d MB", bytes/1_000_000)
}

// reached keeps what an attempt showed of the primary path.
func (st *step) reached(f event.Outcome) {
	if f.Path != event.Primary || len(st.rules.Backhauls) == 0 || len(st.s.live()) == 0 {
		return
	}
	if f.Fate == event.RetryLater && f.Device || f.Fate == event.Unsure && !f.Cut {
		st.s.Net.shaky = st.at.Box
		st.note(f.Incident, "path", "the primary path does not carry %s: %s", f.Recipient.Channel, or(f.Code, "no answer"))
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
	st.stuck(name)
	if name == st.s.Net.wanted {
		return
	}
	st.s.Net.wanted = name
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
		return st.rules.choose(st.s, event.Operators), "it was ordered"
	case n.waits.Is && !st.rules.primaryFit(st.s):
		return st.rules.choose(st.s, n.waits.Class), "something waits for it"
	case len(n.needs) > 0 && !st.rules.primaryFit(st.s):
		return st.rules.choose(st.s, event.Operators), n.needs[0] + " needs it"
	case len(n.proof.left) > 0:
		return n.proof.left[0], "its test"
	case st.rules.online() && st.failing():
		return st.rules.choose(st.s, event.Operators), "every uplink is about to be down"
	}
	return "", ""
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

// choose takes the backhaul that is leased as long as it does its work, and
// else the first that may.
func (r Rules) choose(s State, class event.Class) string {
	may := r.ready(s, class)
	if slices.Contains(may, s.Net.wanted) && !s.Net.links[s.Net.wanted].Failed {
		return s.Net.wanted
	}
	for _, name := range may {
		if !s.Net.links[name].Failed {
			return name
		}
	}
	if len(may) == 0 {
		return ""
	}
	return may[0]
}

// order is LTE: a person says whether the backhaul is up, down, or as needed.
func (st *step) order(who asker, how string) {
	if len(st.rules.Backhauls) == 0 {
		st.say(who, false, "there is no backhaul in the configuration")
		return
	}
	st.s.Backhaul = map[string]string{"on": linkOn, "off": linkOff, "auto": linkAuto}[how]
	means := map[string]string{
		"on":   "the backhaul is dialled and stays up until LTE AUTO; it costs data",
		"off":  "the backhaul stays down until LTE AUTO; what needs it waits",
		"auto": "the backhaul is up while something needs it",
	}[how]
	st.note(0, "ordered", "%s: LTE %s", who.name, how)
	st.say(who, true, means)
}

// admit is PROXY: a person says whether the duty desk's proxy is open.
func (st *step) admit(who asker, how string) {
	if !st.rules.Proxy {
		st.say(who, false, "there is no proxy in the configuration")
		return
	}
	st.s.Proxy = map[string]string{"on": linkOn, "off": linkOff, "auto": linkAuto}[how]
	means := map[string]string{
		"on":   "the proxy is open until PROXY AUTO",
		"off":  "the proxy is closed until PROXY AUTO",
		"auto": "the proxy is open while an incident is",
	}[how]
	st.note(0, "ordered", "%s: PROXY %s", who.name, how)
	st.say(who, true, means)
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
	case wanted == "" || !n.waits.Is || n.links[wanted].Up:
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
	switch live := s.live(); {
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
