package decide

import (
	"maps"
	"slices"
	"strings"
	"time"

	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// Selftest is what the self-test has to go by.
type Selftest struct {
	Tell    []string // names of those whom its text goes to; none: the first who are called
	Numbers []Own    // of the modems that know theirs
	Credits []Credit // of the SIMs that can be asked
	Peers   []Peer
}

// Own is a modem's own number: a text to it comes back through the network.
type Own struct{ Modem, Number string }

// trial is a self-test while it lasts. It is not durable: after a restart the
// schedule's catch-up begins it anew.
type trial struct {
	scheduled time.Time // wall time it was due at; zero: somebody asked for it, or it looks again at what failed
	whole     bool      // it is the whole test: its text speaks of the box, too
	ordered   bool      // somebody waits for it: what fails is told at once
	quiet     bool      // it looks again at what failed before: only what is mended is told
	again     bool      // it is the second try of what failed
	asked     []event.Recipient
	from      time.Time // box time of the second try, until it begins
	until     time.Time // box time at which what has not come in has failed
	open      []string  // names of parts that have not come in
	in        []string  // and of those that have
	found     map[string]event.Finding
	loops     map[string]loop // by modem
}

// Result is what a part showed when it last worked; the next text tells the
// trend against it.
type Result struct {
	At event.Stamp `json:"at"`
	event.Finding
}

// Failure is a part that failed its test, until it passes.
type Failure struct {
	event.Finding
	Since event.Stamp `json:"since"`
	Next  time.Time   `json:"next"` // box time at which it is tried again
}

const (
	trialFor   = 10 * time.Minute // so long parts may take to come in
	trialAgain = 10 * time.Minute // what failed is tried again so long after
	failAgain  = time.Hour        // and after that so often, quietly
)

// Parts that decide looks at itself.
const (
	partLoop = "loop"
	partPath = "path"
)

// selftestDue is the schedule's self-test.
func (st *step) selftestDue(f event.SelftestDue) {
	done := f.Scheduled.Equal(st.s.LastSelftest) // the clock was set back over its minute
	runs := st.s.Trial != nil && st.s.Trial.scheduled.Equal(f.Scheduled)
	if done || runs || f.CatchUp && !f.Scheduled.After(st.s.LastSelftest) {
		return
	}
	st.note(0, "selftest", "the self-test begins")
	st.try(trial{scheduled: f.Scheduled, whole: true}, st.rules.parts("all"))
}

// test is TEST, and the button: its verdict goes out as soon as it is known.
func (st *step) test(what string, to ...event.Recipient) bool {
	parts := st.rules.parts(what)
	if len(parts) == 0 {
		return false
	}
	t := trial{ordered: true, whole: what == "" || what == "all", asked: to}
	if now := st.s.Trial; now != nil && !now.quiet {
		t.scheduled = now.scheduled // one text tells of both
		if now.from.IsZero() && (now.whole || !t.whole) {
			joined := *now
			joined.ordered, joined.asked = true, append(slices.Clone(now.asked), to...)
			st.s.Trial = &joined
			return true
		}
		t.whole = true
		parts = st.rules.parts("all")
	}
	st.note(0, "selftest", "a test begins: %s", strings.Join(parts, ", "))
	st.try(t, parts)
	return true
}

// parts are the names of what a test looks at.
func (r Rules) parts(what string) []string {
	var modem, page, rest []string
	for _, o := range r.Selftest.Numbers {
		modem = append(modem, partLoop+" "+o.Modem)
	}
	modem = append(append(modem, event.Signal), r.creditParts()...)
	mail := false
	for _, c := range r.Carriers {
		switch {
		case c.Channel == event.Mail:
			mail = true
		case c.Channel == event.Statuspage, c.Channel == event.Site:
			page = append(page, c.Name)
		case c.Online:
			rest = append(rest, c.Name)
		}
	}
	var letters []string
	if mail {
		letters = []string{event.Mail}
	}
	switch what {
	case "modem":
		return modem
	case "mail":
		return letters
	case "page":
		return page
	}
	all := slices.Concat(modem, letters, page, rest)
	for _, b := range r.Backhauls {
		all = append(all, partPath+" "+b.Name)
	}
	return append(all, event.Disk, event.Clock, event.Heat)
}

// try sets the parts of a trial going.
func (st *step) try(t trial, parts []string) {
	t.from, t.until, t.open = time.Time{}, st.at.Box.Add(trialFor), nil
	t.found, t.loops = cloned(t.found), map[string]loop{}
	var look, paths []string
	for _, name := range parts {
		part, of, _ := strings.Cut(name, " ")
		switch {
		case part == partPath:
			paths = append(paths, of)
		case part == partLoop:
			if l, ok := st.sendRound(of); ok {
				t.loops[of], t.open = l, append(t.open, name)
			}
		case part == event.Credit && of != "":
			if st.askByText(of) {
				t.open = append(t.open, name)
			}
		default:
			look, t.open = append(look, part), append(t.open, part)
		}
	}
	for _, name := range st.prove(paths) {
		t.open = append(t.open, partPath+" "+name)
	}
	st.s.Trial = &t
	if len(look) > 0 {
		st.emit(event.Inspect{Parts: look})
	}
	st.endTrial()
}

// inspected takes in what main has looked at.
func (st *step) inspected(f event.Inspected) {
	for i, x := range f.Findings {
		if x.Part == event.Credit {
			f.Findings = slices.Clone(f.Findings)
			f.Findings[i] = st.creditTold(x)
		}
	}
	st.came(f.Part, f.Findings...)
	if f.Part == event.Credit {
		st.balanced(event.Credit)
	}
}

// came takes a part in, and ends the trial with the last one.
func (st *step) came(name string, found ...event.Finding) {
	if t := st.s.Trial; t == nil || !slices.Contains(t.open, name) {
		return
	}
	t := *st.s.Trial
	t.open = slices.DeleteFunc(slices.Clone(t.open), func(o string) bool { return o == name })
	t.found, t.in = cloned(t.found), append(slices.Clone(t.in), name)
	for _, x := range found {
		t.found[x.Name()] = x
	}
	st.s.Trial = &t
	st.endTrial()
}

// endTrial is called with every change and at its time: with all parts in, or
// when it has lasted too long, the trial is judged.
func (st *step) endTrial() {
	t := st.s.Trial
	switch {
	case t == nil:
		return
	case !t.from.IsZero():
		if due(t.from, st.at.Box) {
			st.tryAgain()
		}
		return
	case len(t.open) > 0 && !due(t.until, st.at.Box):
		return
	}
	now := *t
	now.found = cloned(t.found)
	for _, name := range t.open {
		if x, failed := t.missing(name); failed {
			now.found[x.Name()] = x
		}
	}
	now.open = nil
	if !now.ordered && !now.quiet && !now.again && len(now.bad()) > 0 {
		now.from = st.at.Box.Add(trialAgain)
		st.s.Trial = &now
		st.note(0, "selftest", "%s failed, tried again in %s", strings.Join(now.bad(), ", "), notice.Length("en", trialAgain))
		return
	}
	st.s.Trial = nil
	st.judge(now)
}

// missing is a part that has not come in. The test of a spare path may take
// longer, and tells by itself.
func (t *trial) missing(name string) (event.Finding, bool) {
	part, of, _ := strings.Cut(name, " ")
	x := event.Finding{Part: part, Of: of, Why: notice.NoAnswer}
	if part == partLoop {
		x.Why = t.loops[of].words()
	}
	return x, part != partPath
}

// tryAgain is the second try, of what failed in the first.
func (st *step) tryAgain() {
	t := *st.s.Trial
	bad := t.bad()
	t.again, t.found = true, maps.Clone(t.found)
	var parts []string
	for _, name := range bad {
		parts = append(parts, st.rules.partOf(t.found[name]))
		delete(t.found, name)
	}
	slices.Sort(parts)
	st.try(t, slices.Compact(parts))
}

// partOf is the part that looks at what was found.
func (r Rules) partOf(x event.Finding) string {
	switch {
	case x.Part == partLoop, x.Part == partPath, x.Part == event.Credit && slices.Contains(r.creditParts(), x.Name()):
		return x.Name()
	}
	return x.Part
}

// bad are the names of what failed.
func (t *trial) bad() []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(t.found)) {
		if !t.found[name].OK {
			list = append(list, name)
		}
	}
	return list
}

// judge tells what a trial has shown, and remembers it.
func (st *step) judge(t trial) {
	was := st.s.Results
	var mended []event.Finding
	st.s.Failing, st.s.Results = cloned(st.s.Failing), cloned(st.s.Results)
	for _, name := range slices.Sorted(maps.Keys(t.found)) {
		x := t.found[name]
		before, stood := st.s.Failing[name]
		if x.OK {
			st.s.Results[name] = Result{At: plainly(st.at), Finding: x}
			if stood {
				mended = append(mended, x)
				delete(st.s.Failing, name)
			}
			continue
		}
		if !stood {
			before.Since = plainly(st.at)
		}
		st.s.Failing[name] = Failure{Finding: x, Since: before.Since, Next: st.at.Box.Add(failAgain)}
	}
	for _, name := range t.in {
		// What had not answered at all has, whatever was found.
		if x, stood := st.s.Failing[name]; stood && x.Of == "" && t.found[name].Part == "" {
			delete(st.s.Failing, name)
		}
	}
	if !t.scheduled.IsZero() {
		st.s.LastSelftest = t.scheduled
	}
	switch {
	case !t.quiet:
		st.report(t, was)
	case len(mended) > 0:
		st.worksAgain(mended)
	}
}

// report is the text with the verdict.
func (st *step) report(t trial, was map[string]Result) {
	f := st.facts(nil)
	f.Trial = st.verdict(t, was)
	if t.whole {
		f.Board.Faults = st.besides(t)
	} else {
		f.Board = notice.Board{}
	}
	to := append(st.tells(), t.asked...)
	if !t.scheduled.IsZero() {
		to = append(to, st.peerNumbers()...)
	}
	to = st.spoken(onceEach(to))
	st.note(0, "selftest", "%s, to %s", st.rules.Wording.Text("en", f.As(event.Selftest)), names(to))
	n := event.Notice{Audience: "selftest", Kind: event.Selftest, Class: event.Proof, To: to}
	if !t.ordered {
		n = st.letSleep(n)
	}
	st.publish(n, f, nil)
	if bad := t.bad(); len(bad) > 0 && !st.canText(t) {
		f.Title = st.rules.Wording.Verdict(st.rules.Language, f)
		st.staffNews(f)
	}
}

// verdict gathers what the text says.
func (st *step) verdict(t trial, was map[string]Result) *notice.Trial {
	v := &notice.Trial{Whole: t.whole, Audit: st.audit}
	for _, name := range slices.Sorted(maps.Keys(t.found)) {
		x := t.found[name]
		figure := notice.Figure{Finding: x}
		if before, known := was[name]; known {
			figure.Was, figure.Known = before.Value, true
		}
		v.Figures = append(v.Figures, figure)
	}
	return v
}

// besides is what ails the box and is not a part of the test.
func (st *step) besides(t trial) []string {
	faults := slices.Concat(st.s.Faults, st.rules.ails(st.s, st.at))
	for _, name := range slices.Sorted(maps.Keys(st.s.Failing)) {
		if _, looked := t.found[name]; !looked {
			faults = append(faults, notice.Trouble(st.s.Failing[name].Finding))
		}
	}
	return slices.DeleteFunc(faults, func(s string) bool {
		return slices.ContainsFunc(t.bad(), func(name string) bool { return strings.HasPrefix(s, name+": ") })
	})
}

// canText says that the text has a way out: some modem is fit, and not every
// one that was tried was refused by the network.
func (st *step) canText(t trial) bool {
	fit := slices.ContainsFunc(st.rules.Carriers, func(c Carrier) bool {
		_, tried := t.loops[c.Name]
		return c.Channel == event.SMS && st.s.Workers[c.Name].Fit && (!tried || !t.loops[c.Name].taken.IsZero())
	})
	return fit
}

// tells are those whom the self-test tells.
func (st *step) tells() []event.Recipient {
	if to := st.oncall().Named(st.rules.Selftest.Tell); len(to) > 0 {
		return to
	}
	return st.oncall().First()
}

// onceEach leaves out an address that is there already.
func onceEach(to []event.Recipient) []event.Recipient {
	var list []event.Recipient
	for _, r := range to {
		if !slices.ContainsFunc(list, func(o event.Recipient) bool { return o.Address == r.Address }) {
			list = append(list, r)
		}
	}
	return list
}

// worksAgain tells once of what works again.
func (st *step) worksAgain(list []event.Finding) {
	var words []string
	for _, x := range list {
		words = append(words, notice.PartName(x))
	}
	f := st.facts(nil)
	f.Title = strings.Join(words, ", ") + ": works again."
	st.note(0, "selftest", "%s", f.Title)
	st.publishLater(event.Notice{Audience: "selftest", Kind: event.BoxNews, Class: event.Proof, To: st.tells()}, f)
	st.staffNews(f)
}

// trialsDue goes on with what time alone brings: the end of a test, its second
// try, and the quiet look at what stands failed.
func (st *step) trialsDue() {
	st.endTrial()
	st.balanceDue()
	st.peersDue()
	if st.s.Trial != nil {
		return
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(st.s.Failing)) {
		if fail := st.s.Failing[name]; due(fail.Next, st.at.Box) {
			parts = append(parts, st.rules.partOf(fail.Finding))
			fail.Next = st.at.Box.Add(failAgain)
			st.s.Failing = cloned(st.s.Failing)
			st.s.Failing[name] = fail
		}
	}
	if parts = slices.Compact(parts); len(parts) > 0 {
		st.note(0, "selftest", "looked at again: %s", strings.Join(parts, ", "))
		st.try(trial{quiet: true}, parts)
	}
}

func (st *step) nextTrial() time.Time {
	next := earliest(st.nextBalance(), st.nextPeer())
	if t := st.s.Trial; t != nil {
		return earliest(next, either(t.from, t.until))
	}
	for _, fail := range st.s.Failing {
		next = earliest(next, fail.Next)
	}
	return next
}

// untried forgets what is not in the configuration any more.
func (st *step) untried() {
	parts := st.rules.parts("all")
	gone := func(x event.Finding) bool { return !slices.Contains(parts, st.rules.partOf(x)) || !st.rules.has(x) }
	st.s.Failing, st.s.Results = maps.Clone(st.s.Failing), maps.Clone(st.s.Results)
	maps.DeleteFunc(st.s.Failing, func(_ string, f Failure) bool { return gone(f.Finding) })
	maps.DeleteFunc(st.s.Results, func(_ string, r Result) bool { return gone(r.Finding) })
	st.unpeered()
	if st.s.Trial == nil {
		return
	}
	t := *st.s.Trial
	t.open = slices.DeleteFunc(slices.Clone(t.open), func(name string) bool { return !slices.Contains(parts, name) })
	t.found = maps.Clone(t.found)
	maps.DeleteFunc(t.found, func(_ string, x event.Finding) bool { return gone(x) })
	st.s.Trial = &t
	st.endTrial()
}

// has says that whatever a finding is of is configured.
func (r Rules) has(x event.Finding) bool {
	is := func(c Carrier) bool { return c.Name == x.Of }
	return x.Of == "" || x.Part == partPath || slices.ContainsFunc(r.Carriers, is)
}

// failing is what stands failed, in short words for STATUS.
func (s State) failing() []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(s.Failing)) {
		if x := s.Failing[name].Finding; x.Part != partPath { // these are told with their last test
			list = append(list, notice.Trouble(x))
		}
	}
	return list
}
