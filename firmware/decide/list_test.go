package decide

import (
	"slices"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/event"
)

// listFacts are what may be told of lists.
var listFacts = []event.Fact{
	event.ListDue{}, event.ListRead{List: event.List{Version: "aaaaaaaaaaaa", Taken: start, Subscribers: 2}}, event.ListRead{Now: 1, Before: 3},
	event.Overtaken{Incident: 1, Mass: event.Mass{Version: "aaaaaaaaaaaa", Scope: []string{"waw"}}},
}

// lister steps through facts at instants of one night.
type lister struct {
	t     *testing.T
	rules Rules
	state State
}

func newLister(t *testing.T) *lister {
	d := &lister{t: t, rules: rules(0)}
	d.rules.Manual, d.rules.Audience.Steps = []string{"billing"}, d.rules.Audience.Steps[:1]
	d.rules.Subscribers = &Subscribers{After: 5 * time.Minute, Cap: 2, Every: time.Hour}
	d.at(0, event.Booted{})
	return d
}

// at gives what followed from a fact: what was said, and what others are to do.
func (d *lister) at(after time.Duration, f event.Fact) (said []string, asked int) {
	d.t.Helper()
	at := start.Add(after)
	var effects []event.Effect
	d.state, effects = d.rules.Step(d.state, event.Event{Stamp: event.Stamp{Box: at, Wall: at, Trusted: true}, Fact: f})
	for _, e := range effects {
		switch e := e.(type) {
		case event.Publish:
			said = append(said, e.Notice.Texts[event.Direct]["en"])
		case event.Sync:
			asked++
		case event.Note:
			d.t.Log(after, e.What, e.Text)
		}
	}
	return said, asked
}

func (d *lister) quiet(after time.Duration, f event.Fact) {
	d.t.Helper()
	if said, asked := d.at(after, f); len(said) > 0 || asked > 0 {
		d.t.Errorf("at %s: said %q, asked for the list %d times", after, said, asked)
	}
}

func TestTheListIsReadWhenNothingIsOpen(t *testing.T) {
	t.Parallel()
	d := newLister(t)
	if _, asked := d.at(time.Hour, event.ListDue{}); asked != 1 {
		t.Errorf("the list was asked for %d times", asked)
	}
	d.at(90*time.Minute, event.Ordered{Ask: 1, By: "root", Text: "open billing work"})
	d.quiet(2*time.Hour, event.ListDue{})
	d.quiet(3*time.Hour, event.ListDue{})
	if _, asked := d.at(3*time.Hour+time.Minute, event.Ordered{Ask: 1, By: "root", Text: "clear 1"}); asked != 1 {
		t.Errorf("after the all-clear the list was asked for %d times", asked)
	}
}

func TestAListThatShrankIsSaidOnce(t *testing.T) {
	t.Parallel()
	d := newLister(t)
	whole := event.List{Version: "aaaaaaaaaaaa", Taken: start, Subscribers: 4812}
	shrunk := event.ListRead{List: whole, Now: 12, Before: 4812}
	d.quiet(0, event.ListRead{List: whole})
	said, _ := d.at(time.Hour, shrunk)
	const want = "a new list of subscribers has only 12 of 4812: not taken. If it is right: heliograph directory import --force"
	if len(said) != 1 || !strings.HasSuffix(said[0], want) {
		t.Errorf("a list that shrank is told as %q", said)
	}
	d.quiet(2*time.Hour, shrunk)
	renamed := event.ListRead{List: whole, Now: 0, Before: 4122, With: "with a number"}
	if said, _ := d.at(2*time.Hour, renamed); len(said) != 1 || !strings.Contains(said[0], "a new list of subscribers has only 0 of 4122 with a number: not taken.") {
		t.Errorf("a list without numbers is told as %q", said)
	}
	d.quiet(3*time.Hour, event.ListRead{List: event.List{Version: "bbbbbbbbbbbb", Taken: start.Add(3 * time.Hour), Subscribers: 12}})
	if said, _ := d.at(4*time.Hour, event.ListRead{List: whole, Now: 1, Before: 12}); len(said) != 1 {
		t.Errorf("the next that shrank is told as %q", said)
	}
}

func TestAnOldListIsSaidInStatus(t *testing.T) {
	t.Parallel()
	d := newLister(t)
	status := func(after time.Duration) []string {
		st := &step{rules: d.rules, s: d.state, at: event.Stamp{Box: start.Add(after), Wall: start.Add(after), Trusted: true}}
		return st.remarks()
	}
	if got := status(0); !slices.Contains(got, "no list of subscribers") {
		t.Errorf("without a list: %q", got)
	}
	d.quiet(0, event.ListRead{List: event.List{Version: "aaaaaaaaaaaa", Taken: start, Subscribers: 4812}})
	if got := status(3 * time.Hour); len(got) > 0 {
		t.Errorf("after three hours: %q", got)
	}
	if got := status(3*time.Hour + time.Minute); !slices.Contains(got, "list of 21 Nov") {
		t.Errorf("after more: %q", got)
	}
	// That the source is gone is noted; the list stays.
	d.quiet(4*time.Hour, event.ListRead{List: event.List{Version: "aaaaaaaaaaaa", Taken: start, Subscribers: 4812}, Why: "no answer"})
	if d.state.List.Version != "aaaaaaaaaaaa" {
		t.Error("the list is gone with its source")
	}
}
