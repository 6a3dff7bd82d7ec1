package decide

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
)

// online gives a box two backhauls, a mail account, a war room, and people who
// read both.
func online(r Rules) Rules {
	r.Backhauls = []Backhaul{{Name: "cell"}, {Name: "stick"}}
	r.Carriers = []Carrier{{Name: "lte0", Channel: event.SMS}, {Name: event.Mail, Channel: event.Mail, Online: true}, {Name: event.Slack, Channel: event.Slack, Online: true}}
	r.Audience.Groups = []audience.Group{
		{Name: audience.Staff, To: []event.Recipient{{Name: "ada", Channel: event.Mail, Address: "ada@noc.example"}}},
		{Name: audience.Partner + "wholesale", Only: []event.Kind{event.Down}, After: 15 * time.Minute, To: []event.Recipient{{Name: "wholesale", Channel: event.Mail, Address: "noc@partner.example"}}},
	}
	return r
}

// office is a box with one uplink, and what it did in the order of time.
type office struct {
	t     *testing.T
	rules Rules
	s     State
	now   time.Time
	ok    bool     // what the probes see
	did   []string // leases, and what is told of the box
}

func newOffice(t *testing.T) *office {
	o := &office{t: t, rules: online(rules(1)), now: start}
	o.take(event.Booted{Version: "test"})
	o.probes(true)
	return o
}

func (o *office) take(f event.Fact) {
	var effects []event.Effect
	var look []string
	o.s, effects = o.rules.Step(o.s, event.Event{Stamp: event.Stamp{Box: o.now, Wall: o.now, Trusted: true}, Fact: f})
	for _, eff := range effects {
		switch e := eff.(type) {
		case event.Lease:
			o.did = append(o.did, "lease "+e.Backhaul)
		case event.Prove:
			o.did = append(o.did, "prove "+e.Backhaul)
		case event.Publish:
			if e.Notice.Kind == event.Selftest || e.Notice.Kind == event.BoxNews && e.Notice.Audience == audience.OnCall {
				o.did = append(o.did, e.Notice.Texts[event.Direct]["en"])
			}
		case event.Inspect:
			look = e.Parts
		}
	}
	for _, part := range look { // all that main looks at is well
		o.take(event.Inspected{Part: part, Findings: []event.Finding{{Part: part, OK: true, Value: 40}}})
	}
}

// probes says what the uplink's probes see from now on, and lets them see it
// until it is judged.
func (o *office) probes(ok bool) {
	o.ok = ok
	o.after(10 * time.Second)
	o.did = nil
}

// after lets time pass: the probes go on, and the box wakes when it wants to.
func (o *office) after(d time.Duration) {
	for end := o.now.Add(d); o.now.Before(end); {
		o.now = o.now.Add(time.Second)
		if o.now.Unix()%2 == 0 {
			o.take(event.Probed{Subject: "uplink-0", Results: []event.Result{{Probe: "icmp 9.9.9.9", Kind: event.ICMP, OK: o.ok, Seen: "no answer"}, {Probe: "icmp 1.1.1.1", Kind: event.ICMP, OK: o.ok, Seen: "no answer"}}})
		}
		if due(o.s.Wake(), o.now) {
			was := o.s.Wake()
			if o.take(event.Ticked{}); o.s.Wake().Equal(was) {
				o.t.Fatalf("at %s it is woken for nothing", o.now.Sub(start))
			}
		}
	}
}

func (o *office) ends(worker, path string, end event.Ending) {
	o.take(event.Outcome{
		Row: event.Row{Delivery: 1, Incident: 1, Audience: audience.Staff, Kind: event.Update, Class: event.Operators, Worker: worker, Tries: 1, Path: path,
			Recipient: event.Recipient{Channel: worker, Address: "x"}, Expires: o.now.Add(time.Hour)},
		Ending: end,
	})
}

func (o *office) only(want ...string) {
	o.t.Helper()
	if got := strings.Join(o.did, "|"); got != strings.Join(want, "|") {
		o.t.Errorf("it did %q, want %q", got, strings.Join(want, "|"))
	}
	o.did = nil
}

func (o *office) path(want string) {
	o.t.Helper()
	if got := o.rules.Path(o.s, event.Operators); got != want {
		o.t.Errorf("operators' mail goes by %q, want %q", got, want)
	}
}

// A token that was revoked is refused on every path: that is no reason to keep
// what the uplink carries off it, and to pay for the rest of the incident.
func TestAnAccountThatAilsIsNotThePathsFault(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.take(event.Ordered{By: "root", Text: "open billing cards fail"})
	revoked := event.Ending{Fate: event.RetryLater, Device: true, Code: "token_revoked", Advice: "make a new token"}
	o.ends(event.Slack, event.Primary, revoked)
	o.path("")
	o.take(event.Linked{Backhaul: "cell", Up: true, State: "up"})
	o.path("cell")
	o.ends(event.Slack, "cell", revoked)
	o.path(event.Primary)
	for range 5 {
		o.ends(event.Slack, event.Primary, revoked)
	}
	o.path(event.Primary)
	o.only("lease cell", "lease ")
	// Mail has not ailed: what it shows counts.
	o.ends(event.Mail, event.Primary, event.Ending{Fate: event.RetryLater, Device: true, Code: "no connection in 10 s"})
	o.path("cell")
	o.only("lease cell")
	// Once the token is mended, so does what the war room shows.
	o.ends(event.Mail, "cell", event.Ending{Fate: event.Taken})
	o.ends(event.Slack, "cell", event.Ending{Fate: event.Taken})
	o.probes(true)
	o.after(shakyFor)
	o.path(event.Primary)
	o.ends(event.Slack, event.Primary, event.Ending{Fate: event.Unsure})
	o.path("cell")
}

// An all-clear that the primary path does not carry goes over the backhaul too.
func TestTheAllClearMayNeedTheBackhaul(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.take(event.Ordered{By: "root", Text: "open billing cards fail"})
	o.take(event.Ordered{By: "root", Text: "clear 1"})
	o.ends(event.Mail, event.Primary, event.Ending{Fate: event.RetryLater, Device: true, Code: "no connection in 10 s"})
	o.only("lease cell")
}

// When no backhaul connects, an uplink that looks well is tried all the same.
func TestWhatDoesNotCarryIsBetterThanWhatDoesNotConnect(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.take(event.Ordered{By: "root", Text: "open billing cards fail"})
	o.ends(event.Mail, event.Primary, event.Ending{Fate: event.RetryLater, Device: true, Code: "no connection in 10 s"})
	o.take(event.Linked{Backhaul: "cell", State: "waiting", Failed: true})
	o.path("")
	o.take(event.Linked{Backhaul: "stick", State: "waiting", Failed: true})
	o.path(event.Primary)
	o.only("lease cell", "lease stick")
}

// Of two backhauls that both failed once, the first must not be dialled for
// ever: each has its turn, and what people hear they hear once in an outage.
func TestTwoBackhaulsTakeTurns(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.probes(false)
	outage := func() {
		o.take(event.OnlineWaits{Is: true, Class: event.Operators})
		o.take(event.Linked{Backhaul: "cell", State: "waiting", Why: "no carrier", Failed: true})
		o.take(event.Linked{Backhaul: "stick", State: "up", Up: true})
		o.take(event.Linked{Backhaul: "stick", State: "hanging up", Why: "the connection ended", Failed: true})
	}
	outage()
	o.only("lease cell", "lease stick") // which is dialled again, and has its time
	o.after(turnAfter)
	o.only("lease cell")
	o.after(stuckFor - turnAfter)
	o.only("waw-12 BOX 04:05Z: cell does not connect: no carrier. Mail and pages wait, texts go on")
	o.after(turnAfter)
	o.only("lease stick")
	o.take(event.Linked{Backhaul: "stick", State: "up", Up: true})
	o.only("waw-12 BOX 04:08Z: stick is connected; what waited for it goes out now")
	o.after(time.Hour)
	o.take(event.OnlineWaits{})
	o.only("lease ")
	// In the next outage it is told again.
	o.take(event.OnlineWaits{Is: true, Class: event.Operators})
	o.take(event.Linked{Backhaul: "stick", State: "waiting", Why: "no carrier", Failed: true})
	o.did = nil
	o.after(stuckFor)
	if !strings.Contains(strings.Join(o.did, "|"), "does not connect: no carrier") {
		o.t.Errorf("in the second outage it did %q", o.did)
	}
}

// A failback waits for what is on its way: a partner's mail that is cut off
// may have arrived, and is not sent twice.
func TestWhatIsOnItsWayIsFinished(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.probes(false)
	o.take(event.OnlineWaits{Is: true, Class: event.Partners})
	o.take(event.Linked{Backhaul: "cell", State: "up", Up: true})
	o.take(event.OnlineWaits{Is: true, Class: event.Partners, Over: "cell"})
	o.only("lease cell")
	o.ok = true
	o.after(10 * time.Second)
	o.path(event.Primary)
	o.only()
	o.take(event.OnlineWaits{Is: true, Class: event.Operators})
	o.only("lease ")
	// A person's LTE OFF, and a budget that is used up, do not wait.
	o.probes(false)
	o.take(event.OnlineWaits{Is: true, Class: event.Partners, Over: "cell"})
	o.did = nil
	o.take(event.Ordered{By: "root", Text: "lte off"})
	o.only("lease ")
	o.take(event.Ordered{By: "root", Text: "lte auto"})
	o.take(event.Spent{Backhaul: "cell", Limit: 1e6, Used: 1e6, Percent: 100, Kept: true, Out: true})
	o.only("lease cell", "waw-12 BOX 04:00Z: cell has used 100 % of its 1 MB: all used up. Mail and pages wait for the next period, or set backhaul budget higher", "lease stick")
}

// A spare path that was not to be dialled has not failed its test.
func TestASparePathThatIsNotDialledHasNotFailed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.take(event.Ordered{By: "root", Text: "selftest"})
	o.only("lease cell")
	o.take(event.Ordered{By: "root", Text: "lte off"})
	o.after(time.Hour)
	o.only("lease ", "waw-12 selftest NOT OK: LTE is OFF by order. 40 dBm, mail ok 40.0 s, slack ok 40.0 s, queue 0, last send never, 4000% free, 40 C. Up: uplink-0.")
	if len(o.s.Tested) > 0 {
		t.Errorf("tested: %+v", o.s.Tested)
	}
	if faults := strings.Join(o.rules.Ailments(o.s, event.Stamp{Box: o.now}), "; "); faults != "LTE is OFF by order" {
		t.Errorf("STATUS and the self-test say %q", faults)
	}
	o.take(event.Ordered{By: "root", Text: "selftest"})
	o.take(event.Ordered{By: "root", Text: "lte auto"})
	o.only("waw-12 selftest NOT OK: LTE is OFF by order. 40 dBm (40), mail ok 40.0 s, slack ok 40.0 s, queue 0, last send never, 4000% free, 40 C. Up: uplink-0.")
	// One that a reload takes away is forgotten, its failure too.
	o.take(event.Ordered{By: "root", Text: "selftest"})
	o.take(event.Linked{Backhaul: "cell", State: "up", Up: true})
	o.take(event.Proved{Backhaul: "cell", Why: "it does not run"})
	o.only("lease cell", "prove cell", "lease stick")
	o.rules.Backhauls = []Backhaul{{Name: "stick2"}}
	o.take(event.Reloaded{})
	o.after(2 * time.Hour)
	o.only("waw-12 selftest ok: 40 dBm (40), mail ok 40.0 s, slack ok 40.0 s, queue 0, last send never, 4000% free, 40 C. Up: uplink-0.", "lease ")
	if len(o.s.Tested) > 0 || len(o.rules.Ailments(o.s, event.Stamp{Box: o.now})) > 0 {
		t.Errorf("of a backhaul that is gone it knows %+v", o.s.Tested)
	}
}

// A store that was written before there were groups: who has joined since
// hears of the incident that was open then, and that it is over.
func TestAnIncidentFromBeforeThereWereGroups(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.rules.Audience.Groups = nil
	o.probes(false)
	b, err := json.Marshal(o.s)
	if err != nil {
		t.Fatal(err)
	}
	for _, young := range []string{`,"first":"down"`, `"tested":`, `"proxy":`, `"backhaul":`, `"groups":`, `"tellings":`} {
		b = []byte(strings.ReplaceAll(string(b), young, ""))
	}
	o.s = State{}
	if err := json.Unmarshal(b, &o.s); err != nil || len(o.s.Incidents) != 1 || o.s.Incidents[0].First != "" {
		t.Fatalf("%v: %s", err, b)
	}
	o.rules = online(o.rules)
	var told []string
	step := func(f event.Fact) {
		var effects []event.Effect
		o.s, effects = o.rules.Step(o.s, event.Event{Stamp: event.Stamp{Box: o.now, Wall: o.now, Trusted: true}, Fact: f})
		for _, eff := range effects {
			if p, ok := eff.(event.Publish); ok && p.Notice.Audience != audience.OnCall && p.Notice.Audience != "" {
				letter := p.Notice.Texts[event.Direct]["mail:en"] + p.Notice.Texts[event.ToTold]["mail:en"]
				if !strings.Contains(letter, "[waw-12 #1] No connection: uplink-0") {
					t.Errorf("%s to %s reads %s", p.Notice.Kind, p.Notice.Audience, letter)
				}
				told = append(told, string(p.Notice.Kind)+" "+p.Notice.Audience)
			}
		}
	}
	o.now = o.now.Add(20 * time.Minute)
	step(event.Booted{Version: "test"})
	for range 2 { // those outside hear once the box has looked
		o.now = o.now.Add(15 * time.Second)
		step(event.Probed{Subject: "uplink-0", Results: []event.Result{{Probe: "icmp 9.9.9.9", Kind: event.ICMP}, {Probe: "icmp 1.1.1.1", Kind: event.ICMP}}})
	}
	for range 5 {
		o.now = o.now.Add(2 * time.Second)
		step(event.Probed{Subject: "uplink-0", Results: []event.Result{{Probe: "icmp 9.9.9.9", Kind: event.ICMP, OK: true}, {Probe: "icmp 1.1.1.1", Kind: event.ICMP, OK: true}}})
	}
	if got := strings.Join(told, ", "); got != "down staff, down partner:wholesale, all-clear staff, all-clear partner:wholesale" {
		t.Errorf("told: %s", got)
	}
}
