package decide

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/event"
)

// bench is a box under its self-test: what it did since it was asked last, in
// the order of time.
type bench struct {
	t     *testing.T
	rules Rules
	s     State
	now   time.Time
	did   []string
	looks bool // whoever is asked to look finds all well, at once
	loop  event.Notice
}

func newBench(t *testing.T) *bench {
	r := rules(0)
	r.Carriers = []Carrier{{Name: "lte0", Channel: event.SMS}, {Name: event.Mail, Channel: event.Mail, Online: true}}
	r.Audience.Groups = online(r).Audience.Groups
	r.Selftest = Selftest{
		Tell:    []string{"ada"},
		Numbers: []Own{{"lte0", "+48600100200"}},
		Credits: []Credit{{Modem: "lte0", To: "8080", Say: "SALDO", Low: 5, Read: func(s string) (event.Finding, bool) {
			var x event.Finding
			n, _ := fmt.Sscanf(s, "Stan konta %f zl", &x.Value)
			x.Unit = "zl"
			return x, n == 1
		}}},
	}
	b := &bench{t: t, rules: r, now: start, looks: true}
	b.take(event.Booted{Version: "test"})
	b.take(event.WorkerChanged{Worker: "lte0", Channel: event.SMS, Fit: true, State: "ready"})
	b.did = nil
	return b
}

func (b *bench) take(f event.Fact) {
	before, _ := json.Marshal(b.s)
	was := b.s
	s, effects := b.rules.Step(b.s, event.Event{Stamp: event.Stamp{Box: b.now, Wall: b.now, Trusted: true, Nonce: 7}, Audit: "3fa91c02", Fact: f})
	if after, _ := json.Marshal(was); string(after) != string(before) {
		b.t.Errorf("%T changed the state it was given", f)
	}
	b.s = s
	var look []string
	for _, eff := range effects {
		switch e := eff.(type) {
		case event.Publish:
			n := e.Notice
			switch {
			case n.Kind == event.Loop:
				if n.To[0].Only != "lte0" || n.Class != event.Proof {
					b.t.Errorf("a text to a machine goes by %q as class %d", n.To[0].Only, n.Class)
				}
				if n.To[0].Address == "+48600100200" {
					b.loop = n
				}
				b.did = append(b.did, n.To[0].Address)
			case n.To[0].Channel == event.Mail:
				b.did = append(b.did, "mail "+n.To[0].Name)
			default:
				b.did = append(b.did, n.To[0].Name+": "+n.Texts[event.Direct]["en"])
			}
		case event.Inspect:
			look = e.Parts
		}
	}
	for _, part := range look {
		if b.looks {
			b.take(event.Inspected{Part: part, Findings: []event.Finding{{Part: part, OK: true, Value: 1}}})
		}
	}
}

func (b *bench) after(d time.Duration) {
	for end := b.now.Add(d); ; {
		wake := b.s.Wake()
		if wake.IsZero() || wake.After(end) {
			b.now = end
			return
		}
		if wake.After(b.now) {
			b.now = wake
		}
		if b.take(event.Ticked{}); b.s.Wake().Equal(wake) {
			b.t.Fatalf("at %s it is woken for nothing", b.now.Sub(start))
		}
	}
}

func (b *bench) taken() {
	b.take(event.Outcome{Row: event.Row{Notice: b.loop.ID, Kind: event.Loop, Worker: "lte0", Recipient: b.loop.To[0]}, Ending: event.Ending{Fate: event.Taken}})
}

func (b *bench) back() {
	b.take(event.Texted{Worker: "lte0", From: "+48600100200", Text: b.loop.Texts[event.Direct]["en"], Sent: b.now})
}

func (b *bench) only(want ...string) {
	b.t.Helper()
	if !slices.Equal(b.did, want) {
		b.t.Errorf("it did\n %s\nwant\n %s", strings.Join(b.did, "\n "), strings.Join(want, "\n "))
	}
	b.did = nil
}

// The round trip counts from when the network took the text.
func TestTheRoundTripIsMeasured(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.take(event.Ordered{By: "root", Text: "test modem"})
	b.only("+48600100200", "8080")
	b.after(3 * time.Second) // it waited for the modem
	b.taken()
	b.after(6100 * time.Millisecond)
	b.back()
	b.only()
	b.take(event.Texted{Worker: "lte0", From: "8080", Text: "Stan konta 12.40 zl", Sent: b.now})
	b.only("ada: waw-12 selftest ok: loop 6.1 s, 1 dBm, credit 12.40, audit 3fa91c02.")
}

// Whatever comes from the box's own number, a peer's or the operator's when
// nobody asked it is not obeyed, not answered and changes nothing.
func TestWhatMachinesSayIsNoOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.rules.Selftest.Peers = []Peer{{Name: "lodz-3", Number: "+48600100400", Every: 8 * 24 * time.Hour}}
	b.take(event.Ordered{By: "root", Text: "open billing x"})
	b.take(event.Ordered{By: "root", Text: "test modem"})
	b.did = nil
	for _, from := range []string{"+48600100200", "+48600100400", "8080"} {
		for _, text := range []string{"ack 1", "ACK", "clear 1", "status", "reboot", "1234", "stop", "waw-12 loop 0000", "waw-12 selftest ok", ""} {
			before := b.s
			b.take(event.Texted{Worker: "lte0", From: from, Text: text, Sent: b.now})
			before.Peers = b.s.Peers
			if !reflect.DeepEqual(before, b.s) {
				t.Errorf("%q from %s changed the state", text, from)
			}
		}
	}
	b.only()
}

// An operator's answer counts while it is awaited, by the modem that asked.
func TestAnOperatorsAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	answer := event.Texted{Worker: "lte0", From: "8080", Text: "Stan konta 999.00 zl"}
	b.take(answer)
	b.take(event.Ordered{By: "root", Text: "balance"})
	b.only("8080")
	other := answer
	other.Worker = "lte1"
	b.take(other)
	b.take(event.Texted{Worker: "lte0", From: "8080", Text: "Kup wiecej gigabajtow!"})
	if len(b.s.Credit) != 0 {
		t.Errorf("it believes %+v", b.s.Credit)
	}
	answer.Text = "Stan konta 4.20 zl"
	b.take(answer)
	if x := b.s.Credit["lte0"]; x.Value != 4.20 || x.Why != "low" {
		t.Errorf("it believes %+v", x)
	}
	b.take(event.Ordered{By: "root", Text: "balance"}) // within the minute: from memory
	b.only()
	b.after(time.Minute)
	b.take(event.Ordered{By: "root", Text: "balance"})
	b.only("8080")
	b.after(2 * time.Minute)
	if b.s.Balance != nil {
		t.Error("it waits for the operator for ever")
	}
}

// A restart in the middle ends the test; the schedule's catch-up begins it
// anew, once.
func TestARestartBeginsTheTestAnew(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	due := b.now
	b.after(time.Second)
	b.take(event.SelftestDue{Scheduled: due.Add(time.Second)})
	b.only("+48600100200", "8080")
	b.take(event.SelftestDue{Scheduled: due.Add(time.Second)}) // the clock was set back over its second
	b.only()
	raw, err := json.Marshal(b.s)
	if err != nil {
		t.Fatal(err)
	}
	b.s = State{}
	if err := json.Unmarshal(raw, &b.s); err != nil {
		t.Fatal(err)
	}
	b.take(event.Booted{Version: "test"})
	b.back()
	b.after(time.Hour)
	b.only()
	b.take(event.WorkerChanged{Worker: "lte0", Channel: event.SMS, Fit: true, State: "ready"})
	b.take(event.SelftestDue{Scheduled: due.Add(time.Second), CatchUp: true})
	b.only("+48600100200", "8080")
	b.taken()
	b.back()
	b.take(event.Texted{Worker: "lte0", From: "8080", Text: "Stan konta 12 zl"})
	if len(b.did) != 1 || !strings.Contains(b.did[0], "selftest ok: loop 0.0 s") {
		t.Errorf("it did %q", b.did)
	}
	b.did = nil
	b.take(event.SelftestDue{Scheduled: due.Add(time.Second), CatchUp: true})
	b.only()
}

// With no modem that can send, the verdict goes by mail as well.
func TestTheVerdictTakesTheWayThatWorks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.take(event.WorkerChanged{Worker: "lte0", Channel: event.SMS, State: "port lost"})
	b.take(event.Ordered{By: "root", Text: "test"})
	b.did = nil
	b.after(10 * time.Minute)
	b.only("ada: waw-12 BOX 04:10Z: lte0 cannot send since 04:00Z: port lost", "mail ada",
		"ada: waw-12 selftest NOT OK: loop: not sent in 10 min; credit: no answer; lte0 port lost. 1 dBm, mail ok 1.0 s, queue 0, last send never, 100% free, audit 3fa91c02.", "mail ada")
}

// Looks that nobody answers end after ten minutes, are tried once more, and
// then hourly without a word.
func TestWhatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.rules.Selftest.Numbers, b.rules.Selftest.Credits, b.rules.Carriers = nil, nil, b.rules.Carriers[:1]
	b.looks = false
	b.after(time.Second)
	b.take(event.SelftestDue{Scheduled: b.now})
	b.after(29 * time.Minute)
	b.only()
	b.after(time.Minute)
	b.only("ada: waw-12 selftest NOT OK: signal: no answer; clock: no answer; disk: no answer; temperature: no answer. lte0, queue 0, last send never, audit 3fa91c02.")
	b.after(3 * time.Hour)
	b.only()
	if got := strings.Join(b.s.failing(), ", "); got != "clock: no answer, disk: no answer, signal: no answer, temperature: no answer" {
		t.Errorf("STATUS says %s", got)
	}
	b.looks = true
	b.after(time.Hour)
	if len(b.s.Failing) > 0 || len(b.did) == 0 || !strings.Contains(b.did[0], "clock, disk, signal, temperature: works again") {
		t.Errorf("it did %q, and knows %v", b.did, b.s.Failing)
	}
}

// Credit that ends soon is told, with its day, as long as the box knows the
// day.
func TestCreditThatEndsSoon(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	st := &step{rules: b.rules, s: b.s, at: event.Stamp{Box: b.now, Wall: b.now, Trusted: true}}
	x := event.Finding{Part: event.Credit, Of: "lte0", Value: 40, Until: b.now.Add(13 * 24 * time.Hour)}
	if got := st.creditTold(x); got.OK || got.Why != "ends soon" {
		t.Errorf("thirteen days before: %+v", got)
	}
	x.Until = b.now.Add(15 * 24 * time.Hour)
	if got := st.creditTold(x); !got.OK {
		t.Errorf("fifteen days before: %+v", got)
	}
	st.at.Trusted, x.Until = false, b.now
	if got := st.creditTold(x); !got.OK {
		t.Errorf("without a clock: %+v", got)
	}
}
