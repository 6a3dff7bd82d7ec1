package decide

import (
	"strings"
	"testing"
	"time"

	"heliograph/firmware/event"
)

// news counts the texts of the box to people that say so.
func (d *desk) news(words string) (n int) {
	for _, e := range d.out {
		if p, ok := e.(event.Publish); ok && p.Notice.Kind == event.BoxNews && strings.Contains(p.Notice.Texts[event.Direct]["en"], words) {
			n++
		}
	}
	return n
}

// TestWhatWasClosedWhileItFailsIsRememberedDaily: after an hour, then once a
// day, also by a box that was started anew, and nobody outside hears of it.
func TestWhatWasClosedWhileItFailsIsRememberedDaily(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Approve{})
	d.down()
	d.wait(5 * time.Minute)
	d.order("ada clear 1")
	d.take(event.Cleared{Incident: 1})
	outside := len(d.outside())
	for hour := range 50 {
		d.wait(59 * time.Minute)
		d.take(event.Booted{Version: "test"})
		d.wait(time.Minute)
		if got, want := d.news("still fails"), 1+hour/24; got != want {
			t.Fatalf("after %d h it was said %d times, want %d", hour+1, got, want)
		}
		if hour%10 == 0 {
			d.down() // the probes go on failing
		}
	}
	if live := d.s.live(); len(live) != 0 || len(d.outside()) != outside {
		t.Errorf("the same failure opened %+v; outside %q", live, d.outside())
	}
}

// TestAWorseFailureThanTheOneThatWasClosedIsCalled: who closed a poor line did
// not close a dead one.
func TestAWorseFailureThanTheOneThatWasClosedIsCalled(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Approve{})
	degraded := event.Verdict{Condition: event.IsDegraded, Since: start, SinceWall: start, Trusted: true}
	st := &step{rules: d.rules, s: d.s, at: event.Stamp{Box: d.now, Wall: d.now, Trusted: true}}
	st.trouble("uplink-0", event.Degraded, degraded)
	d.s = st.s
	d.order("ada clear 1")
	d.take(event.Cleared{Incident: 1})
	st = &step{rules: d.rules, s: d.s, at: event.Stamp{Box: d.now, Wall: d.now, Trusted: true}}
	st.trouble("uplink-0", event.Degraded, degraded)
	if live := st.s.live(); len(live) != 0 {
		t.Errorf("as it was closed: %+v", live)
	}
	d.s = st.s
	d.down()
	if live := d.s.live(); len(live) != 1 || live[0].Number != 2 || live[0].Kind != event.Down || len(d.s.Shut) != 0 {
		t.Errorf("worse: %+v, closed %+v", live, d.s.Shut)
	}
}

// TestAReloadForgetsWhatItNoLongerWatches: there is nothing to be reminded of.
func TestAReloadForgetsWhatItNoLongerWatches(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Approve{})
	d.down()
	d.order("ada clear 1")
	d.rules.Subjects = nil
	d.take(event.Reloaded{})
	d.wait(25 * time.Hour)
	if len(d.s.Shut) != 0 || d.news("still fails") != 0 {
		t.Errorf("%+v", d.s.Shut)
	}
}
