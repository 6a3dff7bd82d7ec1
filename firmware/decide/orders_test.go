package decide

import (
	"strings"
	"testing"
	"time"

	"heliograph/firmware/event"
	"heliograph/firmware/reach"
)

// counter is a box at which orders are given, and what it answered last.
type counter struct {
	t     *testing.T
	rules Rules
	s     State
	now   time.Time
	said  string
	out   []event.Effect
}

func newCounter(t *testing.T, r Rules) *counter {
	t.Parallel()
	d := &counter{t: t, rules: r, now: start}
	d.put(event.Booted{Version: "test"})
	return d
}

func (d *counter) put(f event.Fact) {
	d.now = d.now.Add(time.Second)
	d.s, d.out = d.rules.Step(d.s, event.Event{Stamp: stamp(d.now, 0), Fact: f})
	for _, e := range d.out {
		if a, ok := e.(event.Answer); ok {
			d.said = a.Text
		}
	}
}

func (d *counter) order(text, want string) {
	d.t.Helper()
	d.put(event.Ordered{Ask: 1, By: "root", Text: text})
	if !strings.Contains(d.said, want) {
		d.t.Errorf("%s is answered %q, want %q", text, d.said, want)
	}
}

// A ring of three would have each wait for the next, and nobody called for any.
func TestNoRingOfLinks(t *testing.T) {
	d := newCounter(t, house())
	for range 3 {
		d.order("open billing it hurts", "opened")
	}
	d.order("link 2 1", "#1 is part of #2 now")
	d.order("link 3 2", "#2 is part of #3 now")
	d.order("link 1 3", "#1 is part of #2 now")
	if c, _ := d.s.Case(3); c.Linked != 0 {
		t.Errorf("#3 is part of #%d", c.Linked)
	}
	d.order("ada ack 3", "#3 yours")
	for _, number := range []int{1, 2} {
		if c, _ := d.s.Case(number); c.Ack == nil || c.Ack.By != "ada" {
			t.Errorf("#%d is not ada's, though the one that it is part of is", number)
		}
	}
}

// Nobody is an approver, so nobody has a code: the box itself must do.
func TestAPlanIsApprovedAtTheBox(t *testing.T) {
	r := house()
	for i := range r.Audience.People {
		r.Audience.People[i].Role = "operator"
	}
	d := newCounter(t, r)
	d.order("open billing it hurts", "opened")
	if len(d.s.Plans) != 1 {
		t.Fatalf("%d plans wait", len(d.s.Plans))
	}
	d.order("deny 1", "denied")
	d.order("go", "goes on")
	d.order("approve", "approved")
	if len(d.s.Plans) != 0 {
		t.Errorf("%d plans still wait", len(d.s.Plans))
	}
}

func watched(names ...string) Rules {
	r := house()
	for _, name := range names {
		r.Subjects = append(r.Subjects, reach.Rule{Name: name, Every: 2 * time.Second, DownAfter: 3, UpAfter: 3, Hold: 4 * time.Second}.Filled())
	}
	return r
}

// probe lets all targets of an uplink answer, or none, for so many rounds.
func (d *counter) probe(name string, ok bool, rounds int) {
	for range rounds {
		d.now = d.now.Add(time.Second)
		d.put(event.Probed{Subject: name, Results: []event.Result{{Probe: "icmp 9.9.9.9", Kind: event.ICMP, OK: ok, Seen: "no answer"}, {Probe: "tcp 1.1.1.1:443", Kind: event.TCP, OK: ok, Seen: "no answer"}}})
	}
}

// All that a window names is under maintenance, and MAINT END 1 ends that of
// incident 1 alone.
func TestAWindowIsForAllThatItNames(t *testing.T) {
	d := newCounter(t, watched("transit-a", "transit-b", "transit-c"))
	for _, name := range []string{"transit-a", "transit-b", "transit-c"} {
		d.probe(name, true, 5)
	}
	d.order("maint start transit-a,transit-b 2h", "transit-a, transit-b: maintenance")
	d.probe("transit-a", false, 5)
	d.probe("transit-b", false, 5)
	if len(d.s.Incidents) != 0 {
		t.Errorf("under maintenance, and %d incidents", len(d.s.Incidents))
	}
	d.probe("transit-c", false, 5)
	d.order("maint start transit-c 2h", "maintenance")
	d.order("maint end 1", "maintenance is over")
	if len(d.s.Windows) != 1 || len(d.s.Windows[0].Subjects) != 2 {
		t.Errorf("what is left: %+v", d.s.Windows)
	}
}

// An incident that is over and waits for its last all-clear must not hide what
// is down when a window ends.
func TestAWindowThatOverrunsAnOldIncident(t *testing.T) {
	d := newCounter(t, watched("transit-a"))
	d.probe("transit-a", true, 5)
	d.probe("transit-a", false, 5)
	d.probe("transit-a", true, 8)
	if c, ok := d.s.Case(1); !ok || c.Live() {
		t.Fatalf("#1 is not over: %v %+v", ok, c)
	}
	d.order("maint start transit-a 2h", "maintenance")
	d.probe("transit-a", false, 5)
	d.order("maint end", "maintenance is over")
	if c, _ := d.s.Case(1); !c.Live() {
		t.Error("it is down, the window is over, and nobody hears of it")
	}
}
