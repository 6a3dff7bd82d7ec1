package decide

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"heliograph/firmware/event"
)

// proof is the test of the spare paths while it lasts: one backhaul after the
// other is dialled, and every channel proves itself over it.
type proof struct {
	left  []string  // backhauls still to be tested, the one under test first
	asked bool      // the channels are being tested
	until time.Time // box time at which the one under test has failed
}

const (
	dialFor  = 3 * time.Minute // a dial, with a modem's reset in between
	proveFor = 8 * time.Minute // all channels, each with a limit of a minute
)

// Tested is what the last test of a backhaul has shown.
type Tested struct {
	At event.Stamp `json:"at"`
	event.Proved
}

// Failed says in short words what failed; empty: nothing did.
func (t Tested) Failed() string {
	if t.Why != "" {
		return t.Why
	}
	var bad []string
	for _, c := range t.Channels {
		if c.Why != "" {
			bad = append(bad, c.Name+": "+c.Why)
		}
	}
	return strings.Join(bad, "; ")
}

// prove begins the test of spare paths and gives the names of those that are
// tested: none that may not be dialled now, and not those of a test that is
// under way for somebody else.
func (st *step) prove(names []string) []string {
	if len(names) == 0 {
		return nil
	}
	if st.s.Backhaul == linkOff {
		st.note(0, "selftest", "the spare paths are not tested: LTE OFF")
		return nil
	}
	if left := st.s.Net.proof.left; len(left) > 0 {
		return slices.DeleteFunc(slices.Clone(left), func(name string) bool { return !slices.Contains(names, name) })
	}
	left := slices.DeleteFunc(slices.Clone(st.rules.ready(st.s, event.Operators)), func(name string) bool { return !slices.Contains(names, name) })
	if len(left) == 0 {
		return nil
	}
	st.s.Net.proof = proof{left: left, until: st.at.Box.Add(dialFor)}
	st.proveNow()
	return left
}

// proveNow asks for the channels' proof once the backhaul under test is up.
func (st *step) proveNow() {
	p := &st.s.Net.proof
	if len(p.left) == 0 || p.asked || !st.s.Net.links[p.left[0]].Up {
		return
	}
	p.asked, p.until = true, st.at.Box.Add(proveFor)
	st.emit(event.Prove{Backhaul: p.left[0]})
}

// unproved ends the test of a backhaul that does not come up. One that was not
// dialled, because another is in use or none may be, has not failed.
func (st *step) unproved() {
	p := st.s.Net.proof
	if len(p.left) == 0 || !due(p.until, st.at.Box) {
		return
	}
	name := p.left[0]
	if !p.asked && st.s.Net.wanted != name {
		st.s.Net.proof = proof{left: slices.Clone(p.left[1:]), until: st.at.Box.Add(dialFor)}
		st.note(0, "selftest", "spare path %s: not tested, it was not to be dialled", name)
		st.came(partPath + " " + name)
		st.proveNow()
		return
	}
	l := st.s.Net.links[name]
	why := "did not connect in " + fmt.Sprint(int(dialFor.Minutes())) + " min" + led(": ", or(l.Why, l.State)) + led("; ", l.Advice)
	if p.asked {
		why = "its test did not end"
	}
	st.proved(event.Proved{Backhaul: name, Why: why})
}

// proved takes in what a test has shown, and goes on with the next.
func (st *step) proved(f event.Proved) {
	p := st.s.Net.proof
	if len(p.left) == 0 || p.left[0] != f.Backhaul {
		return
	}
	was := st.s.Tested[f.Backhaul].Failed()
	t := Tested{At: plainly(st.at), Proved: f}
	st.s.Tested = cloned(st.s.Tested)
	st.s.Tested[f.Backhaul] = t
	st.s.Net.proof = proof{left: slices.Clone(p.left[1:]), until: st.at.Box.Add(dialFor)}
	st.note(0, "selftest", "spare path %s: %s", f.Backhaul, t.Words())
	switch bad := t.Failed(); {
	case st.testAwaits(partPath + " " + f.Backhaul):
		// The text of the self-test tells it.
	case bad != "":
		st.smallNews(fmt.Sprintf("the spare path %s failed its test: %s", f.Backhaul, bad))
	case was != "":
		st.smallNews(fmt.Sprintf("the spare path %s works again.", f.Backhaul))
	}
	st.proveNow()
	bad := t.Failed()
	st.came(partPath+" "+f.Backhaul, event.Finding{Part: partPath, Of: f.Backhaul, OK: bad == "", Value: f.Took.Seconds(), Why: bad})
}

// Words tell a test with its figures.
func (t Tested) Words() string {
	if t.Why != "" {
		return t.Why
	}
	list := []string{fmt.Sprintf("up after %.1f s, %d ms, %d kB", t.Took.Seconds(), t.RTT.Milliseconds(), (t.Bytes+999)/1000)}
	for _, c := range t.Channels {
		if c.Why != "" {
			list = append(list, c.Name+" failed: "+c.Why)
		} else {
			list = append(list, fmt.Sprintf("%s ok %.1f s", c.Name, c.Took.Seconds()))
		}
	}
	return strings.Join(list, ", ")
}

// unprovedPaths are the spare paths whose last test failed, for STATUS.
func (r Rules) unprovedPaths(s State) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(s.Tested)) {
		if bad := s.Tested[name].Failed(); bad != "" && slices.ContainsFunc(r.Backhauls, func(b Backhaul) bool { return b.Name == name }) {
			list = append(list, fmt.Sprintf("%s failed its test: %s", name, bad))
		}
	}
	return list
}
