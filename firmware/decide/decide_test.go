package decide

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
	"heliograph/firmware/incident"
	"heliograph/firmware/notice"
	"heliograph/firmware/reach"
)

var start = time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC)

// worked are rules with planned work that begins and ends soon.
func worked(r Rules) Rules {
	r.Planning.Listed = func(from, to time.Time) []Listed {
		return []Listed{{
			Name: "splice", Subjects: []string{"uplink-0"}, From: start.Add(30 * time.Second), To: start.Add(time.Minute), Text: map[string]string{"en": "new optics"},
			Tell: incident.Leads{tellPartners: {20 * time.Second, 0}, tellStaff: {10 * time.Second}, tellPublic: {15 * time.Second}, tellSubscribers: {5 * time.Second}},
		}}
	}
	return r
}

func rules(subjects int) Rules {
	r := Rules{Site: "waw-12", Language: "en", Number: func(n string) string { return n }, Wording: notice.Wording{}}
	for i := range subjects {
		s := reach.Rule{Name: fmt.Sprintf("uplink-%d", i), Every: 2 * time.Second, DownAfter: 3, UpAfter: 3, Hold: 4 * time.Second}
		if i == 1 {
			s.Parent = "uplink-0"
		}
		r.Subjects = append(r.Subjects, s.Filled())
	}
	r.Audience = audience.Rules{
		People: []audience.Person{{Name: "ada", SMS: "+1", Also: "+2"}, {Name: "bob", SMS: "+3", Language: "pl"}},
		Steps:  []audience.Step{{Who: []string{"ada"}}, {Who: []string{"bob"}, After: time.Minute}, {Who: []string{"ada", "bob"}, Every: 5 * time.Minute}},
	}
	return r
}

// anyFact draws whatever may happen to a box.
func anyFact(t *rapid.T, s State) event.Fact {
	subject := fmt.Sprintf("uplink-%d", rapid.IntRange(0, 2).Draw(t, "subject"))
	who := rapid.SampledFrom([]string{"+1", "+2", "+3", "+9", ""}).Draw(t, "who")
	backhaul := rapid.SampledFrom([]string{"cell", "stick", "gone"}).Draw(t, "backhaul")
	switch rapid.IntRange(0, 22).Draw(t, "fact") {
	case 19:
		part := rapid.SampledFrom([]string{event.Signal, event.Credit, event.Disk, event.Mail}).Draw(t, "part")
		return event.Inspected{Part: part, Findings: []event.Finding{{Part: part, Of: rapid.SampledFrom([]string{"", "lte0", "lte1"}).Draw(t, "of"), OK: rapid.Bool().Draw(t, "fine")}}}
	case 20:
		return event.SelftestDue{Scheduled: start.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "week")) * 7 * 24 * time.Hour), CatchUp: rapid.Bool().Draw(t, "catch up")}
	case 21:
		return event.Texted{Worker: "lte0", From: rapid.SampledFrom([]string{"+7", "+8", "8080"}).Draw(t, "machine"), Text: rapid.SampledFrom([]string{"waw-12 loop 0000", "ack", "1.20"}).Draw(t, "says")}
	case 22:
		return event.DrillDue{Scheduled: start.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "scheduled")) * time.Minute)}
	case 12:
		up := rapid.Bool().Draw(t, "up")
		return event.Linked{Backhaul: backhaul, Up: up, State: fmt.Sprint(up), Failed: !up && rapid.Bool().Draw(t, "failed")}
	case 13:
		kept := rapid.Bool().Draw(t, "kept")
		return event.Spent{Backhaul: backhaul, Limit: 1e6, Percent: rapid.SampledFrom([]int{0, 50, 100}).Draw(t, "percent"), Kept: kept, Out: kept && rapid.Bool().Draw(t, "out")}
	case 14:
		return event.OnlineWaits{Is: rapid.Bool().Draw(t, "waits"), Class: event.Partners, Over: backhaul}
	case 15:
		return event.Proved{Backhaul: backhaul, Why: rapid.SampledFrom([]string{"", "it does not run"}).Draw(t, "proved")}
	case 16:
		return rapid.SampledFrom(append(listFacts, event.Needs{Who: "the proxy", Is: rapid.Bool().Draw(t, "needs")})).Draw(t, "of others")
	case 17:
		return event.Ordered{Ask: 1, By: "root", Text: rapid.SampledFrom([]string{"lte off", "lte on", "lte auto", "selftest", "proxy on"}).Draw(t, "lte")}
	case 18:
		return event.Outcome{
			Row: event.Row{Delivery: 2, Incident: rapid.IntRange(0, 3).Draw(t, "of"), Audience: audience.Staff, Kind: event.Down, Worker: "mail", Tries: 1, Expires: start.Add(24 * time.Hour),
				Recipient: event.Recipient{Channel: event.Mail, Address: "ada@noc.example"}, Path: rapid.SampledFrom([]string{event.Primary, "cell"}).Draw(t, "path")},
			Ending: event.Ending{Fate: rapid.SampledFrom([]event.Fate{event.Taken, event.RetryLater, event.Unsure}).Draw(t, "end"), Device: rapid.Bool().Draw(t, "account")},
		}
	case 0:
		return event.Texted{Worker: "lte0", From: who, Text: rapid.SampledFrom([]string{"ack", "ack 1", "ack 2", "status", "help", "hm", ""}).Draw(t, "words")}
	case 1:
		words := rapid.SampledFrom([]string{"open billing x", "clear 1", "cancel 2", "say 1 hello", "ack", "selftest", "drill", "drill", "drill end"}).Draw(t, "order")
		return event.Ordered{Ask: 1, By: "root", Text: words}
	case 2:
		return event.Rang{Worker: "lte0", From: who}
	case 3:
		fate := rapid.SampledFrom([]event.Fate{event.Taken, event.RetryLater, event.Never, event.Unsure, event.Delivered, event.Undelivered, event.Expired}).Draw(t, "fate")
		return event.Outcome{
			Row: event.Row{Delivery: 1, Incident: rapid.IntRange(0, 3).Draw(t, "incident"), Audience: audience.OnCall, Kind: event.Down,
				Recipient: event.Recipient{Name: "ada", Channel: "sms", Address: "+1"}, Worker: "lte0", Tries: 1, Expires: start.Add(24 * time.Hour)},
			Ending: event.Ending{Fate: fate, Device: rapid.Bool().Draw(t, "device"), Congested: rapid.Bool().Draw(t, "congested")},
		}
	case 4:
		return event.Cleared{Incident: rapid.IntRange(1, 3).Draw(t, "cleared")}
	case 5:
		return event.WorkerChanged{Worker: "lte0", Channel: "sms", Fit: rapid.Bool().Draw(t, "fit"), State: "x"}
	case 6:
		return event.ClockSet{Ahead: time.Duration(rapid.IntRange(0, 100).Draw(t, "ahead")) * time.Second}
	case 7:
		return event.Reloaded{}
	}
	ok := rapid.Bool().Draw(t, "passes")
	return event.Probed{Subject: subject, Results: []event.Result{
		{Probe: "icmp 9.9.9.9", Kind: event.ICMP, OK: ok, Seen: "no answer"}, {Probe: "tcp 1.1.1.1:443", Kind: event.TCP, OK: ok, Seen: "no answer"},
	}}
}

// Whatever happens, in whatever order: Step leaves its argument alone, decides
// alike a second time, numbers notices upwards, writes texts that fit one
// segment, and never asks to be woken in the past.
func TestAnyNight(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, s, now, last := worked(online(rules(3))), State{}, start, uint64(0)
		r.Selftest = Selftest{
			Numbers: []Own{{"lte0", "+7"}}, Peers: []Peer{{Name: "lodz-3", Number: "+8", Every: time.Hour, Told: true}},
			Credits: []Credit{{Modem: "lte0", To: "8080", Say: "SALDO", Low: 5, Read: func(string) (event.Finding, bool) { return event.Finding{Value: 1.2}, true }}},
		}
		r.News = News{Most: 1, Per: time.Hour}
		s, _ = r.Step(s, event.Event{Stamp: event.Stamp{Box: now, Wall: now, Trusted: true}, Fact: event.Booted{Version: "test"}})
		for range rapid.IntRange(1, 60).Draw(t, "length") {
			now = now.Add(time.Duration(rapid.IntRange(1, 4000).Draw(t, "pause")) * time.Millisecond)
			e := event.Event{Stamp: event.Stamp{Box: now, Wall: now, Trusted: true}, Fact: anyFact(t, s)}
			before, frozen := s, thaw(s)
			next, effects := r.Step(s, e)
			if !reflect.DeepEqual(before, frozen) {
				t.Fatalf("%T changed the state it was given", e.Fact)
			}
			again, effectsAgain := r.Step(s, e)
			if !reflect.DeepEqual(next, again) || !reflect.DeepEqual(effects, effectsAgain) {
				t.Fatalf("%T decides differently the second time", e.Fact)
			}
			last = weigh(t, effects, last)
			if wake := next.Wake(); !wake.IsZero() && wake.Before(now) {
				t.Fatalf("after %T at %s it wants to be woken at %s, which is past", e.Fact, now, wake)
			}
			s = next
		}
	})
}

func weigh(t *rapid.T, effects []event.Effect, last uint64) uint64 {
	for _, eff := range effects {
		p, ok := eff.(event.Publish)
		if !ok {
			continue
		}
		if p.Notice.ID <= last {
			t.Fatalf("notice %d comes after %d", p.Notice.ID, last)
		}
		last = p.Notice.ID
		for _, texts := range p.Notice.Texts {
			for lang, text := range texts {
				if strings.Contains(lang, ":") {
					continue // a letter has room
				}
				if n, gsm := notice.Septets(text); n > 160 || !gsm || n == 0 {
					t.Fatalf("%s in %s does not fit a text: %q", p.Notice.Kind, lang, text)
				}
			}
		}
	}
	return last
}

// thaw copies a state so deeply that no change to the original shows in it.
func thaw(s State) State {
	return deep(reflect.ValueOf(s)).Interface().(State)
}

func deep(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() {
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(deep(v.Index(i)))
			}
		}
	case reflect.Map:
		if !v.IsNil() {
			out.Set(reflect.MakeMap(v.Type()))
			for _, k := range v.MapKeys() {
				out.SetMapIndex(k, deep(v.MapIndex(k)))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(deep(v.Field(i)))
			}
		}
	}
	return out
}

// Fifty open incidents fit in 64 kB, so that a commit stays small.
func TestFiftyIncidentsFit(t *testing.T) {
	t.Parallel()
	r, s, now := rules(50), State{}, start
	r.Subjects[1].Parent = ""
	step := func(f event.Fact) {
		s, _ = r.Step(s, event.Event{Stamp: event.Stamp{Box: now, Wall: now, Trusted: true}, Fact: f})
	}
	step(event.Booted{Version: "test"})
	for range 5 {
		now = now.Add(2 * time.Second)
		for _, rule := range r.Subjects {
			step(event.Probed{Subject: rule.Name, Results: []event.Result{
				{Probe: "icmp 9.9.9.9", Kind: event.ICMP, Seen: "no answer in 1.8 s"}, {Probe: "tcp 1.1.1.1:443", Kind: event.TCP, Seen: "no answer in 1.8 s"},
				{Probe: "dns example.com @8.8.8.8", Kind: event.DNS, Seen: "no answer in 1.8 s"}, {Probe: "gateway", Kind: event.Gateway, OK: true},
			}})
		}
	}
	if len(s.Incidents) != 50 {
		t.Fatalf("%d incidents are open, not 50", len(s.Incidents))
	}
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > 64<<10 {
		t.Fatalf("the state has %d bytes", len(b))
	}
	t.Logf("50 open incidents: %d bytes", len(b))
	var back State
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if again, _ := json.Marshal(back); string(again) != string(b) {
		t.Fatal("a state read back from disk is written differently")
	}
}
