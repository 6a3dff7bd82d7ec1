package decide

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
)

// desk is a box with people of every role, partners and subscribers, and what
// it did in the order of time.
type desk struct {
	t     *testing.T
	rules Rules
	s     State
	now   time.Time
	ahead time.Duration // of box time, that the clock on the wall is
	dark  bool          // no clock can be trusted
	nonce uint64
	list  event.List // what a count finds
	out   []event.Effect
	stand map[uint64]event.Standing
	to    map[uint64]event.Notice
}

func newDesk(t *testing.T, approve Approve) *desk {
	d := &desk{t: t, rules: rules(1), now: start, list: event.List{Version: "v1", Taken: start, Subscribers: 4812, SMS: 4800}, stand: map[uint64]event.Standing{}, to: map[uint64]event.Notice{}}
	d.rules.Audience.People = []audience.Person{
		{Name: "ada", SMS: "+1", Role: "approver"}, {Name: "bob", SMS: "+2", Role: "approver"}, {Name: "eve", SMS: "+3", Role: "operator"},
	}
	d.rules.Audience.Steps = []audience.Step{{Who: []string{"ada"}}}
	d.rules.Audience.Groups = []audience.Group{{Name: audience.Partner + "wholesale", To: []event.Recipient{
		{Name: "wholesale", Channel: event.Mail, Address: "noc@partner.example"}, {Name: "wholesale", Channel: event.SMS, Address: "+49"}}}}
	d.rules.Places = map[string]Place{"uplink-0": {Serves: []string{"waw"}}}
	d.rules.Approve = approve
	d.rules.Quota = 1 << 30
	d.take(event.Booted{Version: "test"})
	return d
}

func (d *desk) crowd() *desk { d.rules.Subscribers = &Subscribers{}; return d }

func (d *desk) take(f event.Fact) {
	d.nonce += 77
	s, out := d.rules.Step(d.s, event.Event{Stamp: event.Stamp{Box: d.now, Wall: d.now.Add(d.ahead), Trusted: !d.dark, Nonce: d.nonce}, Fact: f})
	d.s = s
	d.out = append(d.out, out...)
	for _, e := range out {
		switch e := e.(type) {
		case event.Publish:
			d.to[e.Notice.ID], d.stand[e.Notice.ID] = e.Notice, e.Notice.Standing
		case event.Stand:
			for _, id := range e.Notices {
				if d.stand[id] != event.Withdrawn {
					d.stand[id] = e.Standing
				}
			}
		case event.Withdraw:
			for id, n := range d.to {
				if e.Incident > 0 && n.Incident == e.Incident && id <= e.UpTo || slices.Contains(e.Notices, id) {
					d.stand[id] = event.Withdrawn
				}
			}
		case event.Fetch:
			if e.What == event.FetchMass {
				d.take(event.Fetched{Fetch: e, List: d.list})
			}
		}
	}
}

func (d *desk) wait(w time.Duration) { d.now = d.now.Add(w); d.take(event.Ticked{}) }

func (d *desk) text(from, words string) string {
	last := len(d.out)
	d.take(event.Texted{Worker: "lte0", From: from, Text: words})
	return d.said(last)
}

func (d *desk) said(from int) string {
	var all []string
	for _, e := range d.out[from:] {
		switch e := e.(type) {
		case event.Publish:
			if e.Notice.Audience == "asker" {
				all = append(all, e.Notice.Texts[event.Direct]["en"])
			}
		case event.Answer:
			all = append(all, e.Text)
		}
	}
	return strings.Join(all, " | ")
}

func (d *desk) order(words string) string {
	last := len(d.out)
	d.take(event.Ordered{Ask: 1, By: "root", Text: words})
	return d.said(last)
}

// code finds the newest plan's code as a person was texted it.
func (d *desk) code(person string) string {
	code := ""
	for id := uint64(1); id < d.s.NextNotice; id++ {
		n := d.to[id]
		if n.Kind == event.Asking && n.To[0].Name == person {
			_, after, _ := strings.Cut(n.Texts[event.Direct]["en"], "APPROVE ")
			code, _, _ = strings.Cut(after, " ")
		}
	}
	return code
}

// outside are the notices to those outside that may go.
func (d *desk) outside() (list []string) {
	for id := uint64(1); id < d.s.NextNotice; id++ {
		if n := d.to[id]; audience.IsOutside(n.Audience) && d.stand[id] == event.Open {
			list = append(list, fmt.Sprintf("%s %s", n.Kind, n.Audience))
		}
	}
	return list
}

func (d *desk) down() {
	for range 5 {
		d.now = d.now.Add(2 * time.Second)
		d.take(event.Probed{Subject: "uplink-0", Results: []event.Result{{Probe: "icmp 9", Kind: event.ICMP, Seen: "no answer"}}})
	}
}

// callBack is the newest call-back code as it was texted.
func (d *desk) callBack() (code string) {
	for id := uint64(1); id < d.s.NextNotice; id++ {
		if n := d.to[id]; n.Audience == "asker" {
			for _, word := range strings.FieldsFunc(n.Texts[event.Direct]["en"], func(r rune) bool { return r < '0' || r > '9' }) {
				if len(word) == 4 {
					code = word
				}
			}
		}
	}
	return code
}

// crowds says which channels subscribers were told over: "" is all.
func (d *desk) crowds() (list []string) {
	for id := uint64(1); id < d.s.NextNotice; id++ {
		if n := d.to[id]; n.Mass != nil && d.stand[id] == event.Open {
			list = append(list, "by "+or(n.Mass.Only, "any way"))
		}
	}
	return list
}

func (d *desk) expect(want string, got []string) {
	d.t.Helper()
	if g := strings.Join(got, ", "); g != want {
		d.t.Errorf("got %q, want %q", g, want)
	}
}

// thousands is a box whose plans need a yes, with a plan that waits for one.
func thousands(t *testing.T, approve Approve) *desk {
	approve.Asks, approve.Over = true, 10
	d := newDesk(t, approve).crowd()
	d.down()
	if len(d.s.Plans) != 1 || len(d.crowds()) != 0 {
		t.Fatalf("%d plans wait, and %v went out", len(d.s.Plans), d.crowds())
	}
	return d
}

func TestAYesIsNoGo(t *testing.T) {
	d := thousands(t, Approve{})
	d.text("+1", "hold")
	d.text("+1", "approve "+d.code("ada"))
	d.expect("", d.outside())
	d.text("+1", "go")
	d.text("+1", d.callBack())
	d.expect("down partner:wholesale, down subscribers", d.outside())
}

func TestWhatIsMutedIsNotTakenForGranted(t *testing.T) {
	d := newDesk(t, Approve{Asks: true, Over: 10, Wait: 10 * time.Minute, Send: true}).crowd()
	d.order("mute 2h")
	d.down()
	d.wait(time.Hour)
	if at := d.s.Wake(); at.Before(d.now) {
		t.Errorf("it wants to be woken at %s, which is past", at)
	}
	d.order("unmute")
	d.wait(9 * time.Minute)
	d.expect("", d.crowds())
	d.wait(time.Minute)
	d.expect("by any way", d.crowds())
}

func TestTheDarkIsNoAnswer(t *testing.T) {
	d := thousands(t, Approve{Wait: 10 * time.Minute, Send: true})
	d.wait(time.Minute)
	d.take(event.Booted{Version: "test"})
	d.now = d.now.Add(10 * time.Hour)
	d.take(event.ClockSet{Ahead: 10 * time.Hour})
	d.expect("", d.crowds())
	d.wait(10 * time.Minute)
	d.expect("by any way", d.crowds())
}

func TestTwoPeopleWantTheSame(t *testing.T) {
	d := thousands(t, Approve{Two: 20})
	d.text("+1", "approve "+d.code("ada")+" mail only")
	d.text("+2", "approve "+d.code("bob")+" sms only")
	d.expect("", d.crowds())
	d.text("+1", "approve "+d.code("ada"))
	d.expect("by sms", d.crowds())
}

func TestOneAtTheSocketIsNotTwo(t *testing.T) {
	d := thousands(t, Approve{Two: 20})
	d.order("ada approve " + d.code("ada"))
	d.order("bob approve " + d.code("bob"))
	d.expect("", d.crowds())
	d.text("+2", "approve "+d.code("bob"))
	d.expect("by any way", d.crowds())

	d.out = nil
	d.order("ada reboot")
	d.order("bob approve " + d.code("bob"))
	for _, e := range d.out {
		if _, ok := e.(event.Reboot); ok {
			t.Error("one at the socket was two people")
		}
	}
}

func TestWhoHasLeftSaysNoYes(t *testing.T) {
	d := thousands(t, Approve{Two: 20})
	d.text("+2", "approve "+d.code("bob"))
	d.rules.Audience.People = slices.Delete(slices.Clone(d.rules.Audience.People), 1, 2)
	d.take(event.Reloaded{})
	d.text("+1", "approve "+d.code("ada"))
	d.expect("", d.crowds())
}

func TestAnOlderPromiseIsNotSaidTwice(t *testing.T) {
	d := newDesk(t, Approve{Wait: 10 * time.Minute, Send: true})
	d.down()
	d.rules.Approve.Asks = true
	d.order("etr 1 06:30")
	d.wait(time.Minute)
	d.order("etr 1 08:30")
	before := len(d.outside())
	d.wait(20 * time.Minute)
	d.expect("update partner:wholesale", d.outside()[before:])
}

func TestMuteStopsWhatIsOnItsWay(t *testing.T) {
	d := newDesk(t, Approve{}).crowd()
	d.down()
	d.expect("down partner:wholesale, down subscribers", d.outside())
	d.order("mute 2h")
	d.expect("", d.outside())
	d.order("unmute")
	d.expect("down partner:wholesale, down subscribers", d.outside())
}

func TestAFloodOfWrongCodesIsForgotten(t *testing.T) {
	d := newDesk(t, Approve{})
	d.rules.Audience.People[0].Code = func(string, time.Time) (int64, bool) { return 0, false }
	warned := 0
	for i := range 3000 {
		d.now = d.now.Add(3 * time.Second)
		d.text("+1", fmt.Sprintf("%04d", i))
		before := len(d.out)
		d.text("+1", fmt.Sprintf("clear 1 %06d", i))
		for _, e := range d.out[before:] {
			if p, ok := e.(event.Publish); ok && p.Notice.Kind == event.Warned {
				warned++
			}
		}
		if b, err := json.Marshal(d.s.Talks); err != nil || len(b) > 2000 {
			t.Fatalf("after %d texts what is remembered of them has %d bytes: %v", i+1, len(b), err)
		}
	}
	if warned > 3 {
		t.Errorf("the others were warned %d times in two and a half hours, want once an hour", warned)
	}
}

func TestTheCodeOfAPlanIsWrittenDownNowhere(t *testing.T) {
	d := thousands(t, Approve{Two: 20})
	code := d.code("ada")
	d.text("+3", "approve "+code)
	d.text("+1", "approve FFF mail only")
	d.text("+1", "approve "+code)
	var log []string
	for _, e := range d.out {
		switch e := e.(type) {
		case event.Audit:
			log = append(log, e.Order+": "+e.Proof)
			if s := fmt.Sprint(e); strings.Contains(s, code) {
				t.Errorf("the audit log has a code: %s", s)
			}
		case event.Note:
			if strings.Contains(e.Text, code) {
				t.Errorf("the timeline has a code: %s", e.Text)
			}
		}
	}
	want := []string{"APPROVE: failed: the role does not allow it", "a code: failed: the code is wrong, used up or too old", "APPROVE MAIL ONLY: failed: no yes came of it", "APPROVE: the plan's code"}
	if !slices.Equal(log, want) {
		t.Errorf("the audit log reads %q", log)
	}
}

func TestDutyGoesToSomebodyWhoMayTakeAnAlarm(t *testing.T) {
	d := newDesk(t, Approve{})
	d.rules.Audience.People = append(d.rules.Audience.People, audience.Person{Name: "vic", SMS: "+7", Role: "viewer"})
	d.rules.Audience.Rotas = []audience.Rota{{Name: "noc", Layers: []audience.Layer{{Turns: []string{"ada"}}}}}
	d.take(event.Reloaded{})
	if got := d.order("ada swap vic"); len(d.s.Swaps) > 0 || !strings.Contains(got, "ACK needs the role operator") {
		t.Errorf("%q, and the swaps are %v", got, d.s.Swaps)
	}
}

func TestALateQuestionLeavesTimeForAnAnswer(t *testing.T) {
	d := newDesk(t, Approve{})
	d.rules.Silence = time.Hour
	d.down()
	d.text("+1", "ack")
	d.order("etr 1 +2h")
	d.wait(8 * time.Hour) // dark, or nobody looked: both the promise and the silence are due
	if at := d.s.Wake(); at.Before(d.now) {
		t.Errorf("it wants to be woken at %s, which is past", at)
	}
	kinds := func() (list []string) {
		for _, e := range d.out {
			if p, ok := e.(event.Publish); ok && (p.Notice.Kind == event.Nag || p.Notice.Kind == event.Reminder) {
				list = append(list, string(p.Notice.Kind))
			}
		}
		return list
	}
	d.wait(9 * time.Minute)
	d.expect("nag", kinds())
	d.wait(time.Minute)
	d.expect("nag, reminder", kinds())
}

// A partner's number that texts STOP is told as agreed, and people hear of it.
func TestAPartnerTextsStop(t *testing.T) {
	d := newDesk(t, Approve{})
	d.rules.Number = func(n string) string { return n }
	news := func() (n int) {
		for _, x := range d.to {
			if text := x.Texts[event.Direct]["en"]; x.Kind == event.BoxNews && strings.Contains(text, "partner:wholesale texted STOP") {
				n++
			}
		}
		return n
	}
	for range 5 {
		d.text("+49", "STOP")
	}
	d.text("+50", "STOP")
	if got := news(); got != asksMost {
		t.Errorf("people hear of it %d times, want %d within the hour", got, asksMost)
	}
}
