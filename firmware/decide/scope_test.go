package decide

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/event"
)

// scopes are whom the notices to the list that may go were for.
func (d *desk) scopes() string {
	var list []string
	for id := uint64(1); id < d.s.NextNotice; id++ {
		if n := d.to[id]; n.Mass != nil && d.stand[id] == event.Open {
			list = append(list, fmt.Sprint(n.Mass.Scope))
		}
	}
	return strings.Join(list, ", ")
}

// A plan waits to tell waw and lodz, and an operator says that it is waw alone:
// the plan is asked anew, and the code for the old one tells nobody in lodz.
func TestTheScopeShrinksWhileAPlanWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Approve{Asks: true, Over: 10}).crowd()
	d.rules.Places = map[string]Place{"uplink-0": {Serves: []string{"waw", "lodz"}}}
	d.down()
	old := d.code("ada")
	d.order("scope 1 waw")
	d.text("+1", "approve "+old)
	if got := d.scopes(); got != "" {
		t.Fatalf("the code of the old plan tells %s", got)
	}
	d.text("+1", "approve "+d.code("ada"))
	if got := d.scopes(); got != "[waw]" {
		t.Errorf("told are %s, want waw alone", got)
	}
}

// A system on the LAN reports more and more while its plan waits: the code that
// was texted stays good, and who came in since is asked about next.
func TestTheScopeGrowsWhileAPlanWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Approve{Asks: true, Over: 10}).crowd()
	report := event.Alarmed{By: "adtran", ID: "x", Subject: "waw", Regions: []string{"waw"}}
	d.take(report)
	code := d.code("ada")
	report.Regions = []string{"lodz", "waw"}
	d.take(report)
	d.text("+1", "approve "+code)
	if got := d.scopes(); got != "[waw]" {
		t.Fatalf("the first yes tells %s", got)
	}
	d.text("+1", "approve "+d.code("ada"))
	if got := d.scopes(); got != "[waw], [lodz waw]" {
		t.Errorf("the second yes tells %s", got)
	}
	report.Regions = []string{"krakow"}
	d.take(report)
	code = d.code("ada")
	report.Regions = []string{"lodz"}
	d.take(report) // krakow was a mistake
	d.text("+1", "approve "+code)
	if got := d.scopes(); strings.Contains(got, "krakow") {
		t.Errorf("told are %s", got)
	}
}

// In a scope that was misspelt nobody is hit. Once it is right, or once the
// list that lacked them is replaced, they are told; after DENY they are not.
func TestAScopeInWhichNobodyWas(t *testing.T) {
	t.Parallel()
	nobody, all := event.List{Version: "v1", Taken: start}, event.List{Version: "v2", Taken: start, Subscribers: 4812, SMS: 4800}
	for name, c := range map[string]struct {
		mend func(d *desk)
		want string
	}{
		"an operator sets the scope": {func(d *desk) { d.order("scope 1 waw") }, "[waw]"},
		"somebody imports the list":  {func(d *desk) { d.take(event.ListRead{List: all}) }, "[billing]"},
		"time goes by":               {func(d *desk) {}, ""},
		"DENY, and then the scope": {func(d *desk) {
			d.s.Incidents = slices.Clone(d.s.Incidents)
			d.s.Incidents[0].Denied = []string{"subscribers"}
			d.order("scope 1 waw")
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, Approve{}).crowd()
			d.rules.Manual = []string{"billing"}
			d.list = nobody
			d.order("open billing x")
			d.list = all
			c.mend(d)
			d.wait(time.Minute)
			if got := d.scopes(); got != c.want {
				t.Errorf("told are %q, want %q", got, c.want)
			}
		})
	}
}

// Subscribers sleep, and an operator corrects whom it concerns: in the morning
// those are told who are hit, and not those who seemed to be.
func TestTheScopeChangesWhileTheySleep(t *testing.T) {
	t.Parallel()
	d := night(t)
	d.rules.Places = map[string]Place{"uplink-0": {Serves: []string{"waw", "lodz"}}}
	d.order("scope 1 lodz")
	d.wait(4 * time.Hour)
	if got := d.scopes(); got != "[lodz]" {
		t.Errorf("told are %s, want lodz alone", got)
	}
}

// Everything is down and a plan waits to tell everybody. One uplink is back
// before the yes: the plan is gone with the need for it.
func TestNotEverythingIsDownAnyMore(t *testing.T) {
	t.Parallel()
	d := newDesk(t, Approve{Asks: true, Over: 10, Wait: 10 * time.Minute, Send: true}).crowd()
	d.rules = twoUplinks(d.rules)
	d.rules.Audience.Groups = nil
	d.take(event.Reloaded{})
	rounds := func(n int, ups ...bool) {
		for range n {
			d.now = d.now.Add(2 * time.Second)
			for i, up := range ups {
				d.take(event.Probed{Subject: fmt.Sprint("uplink-", i), Results: []event.Result{{Probe: "icmp 9", Kind: event.ICMP, OK: up, Seen: "no answer"}}})
			}
		}
	}
	rounds(5, false, false)
	if len(d.s.Plans) != 1 || fmt.Sprint(d.s.Plans[0].Mass.Scope) != "[*]" {
		t.Fatalf("the plans are %+v", d.s.Plans)
	}
	d.list = event.List{Version: "v1", Taken: start} // nobody hangs on uplink-0 alone
	rounds(60, false, true)
	if len(d.s.Plans) != 0 {
		t.Errorf("with one uplink back there wait %+v", d.s.Plans)
	}
	rounds(400, false, true)
	if got := d.scopes(); got != "" {
		t.Errorf("told are %s", got)
	}
}

func twoUplinks(r Rules) Rules {
	second := r.Subjects[0]
	second.Name = "uplink-1"
	r.Subjects = append(slices.Clone(r.Subjects), second)
	r.Places = nil
	return r
}
