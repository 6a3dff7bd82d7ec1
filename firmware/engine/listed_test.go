package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/decide"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/storage/directory"
)

// listed is a box with these subscribers, a modem and an account for mails.
func listed(t *testing.T, subs []directory.Subscriber, f func(b *box, s *shelf)) {
	s := &shelf{dir: folder(t), open: map[string]*directory.Directory{}}
	s.put(t, subs)
	t.Cleanup(func() {
		for _, d := range s.open {
			d.Close()
		}
	})
	inBoxWith(t, func(o *engine.Options) {
		o.Lists, o.Rules.Subscribers, o.Rules.Manual, o.Rules.Brand = s, &decide.Subscribers{Mail: true}, []string{"billing"}, "Example Net"
		o.Workers = append(o.Workers, engine.Worker{Name: "mail", Channel: event.Mail})
	}, func(b *box) {
		b.fit()
		b.tell(event.WorkerChanged{Worker: "mail", Channel: event.Mail, Fit: true, State: "ready"})
		f(b, s)
	})
}

// put is an import.
func (s *shelf) put(t *testing.T, subs []directory.Subscriber) {
	t.Helper()
	list, err := directory.Create(s.dir, "test")
	if err != nil {
		t.Fatal(err)
	}
	list.Force()
	for _, x := range subs {
		if err := list.Add(x); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := list.Finish(time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	if d := s.open[""]; d != nil {
		d.Close()
	}
	delete(s.open, "")
}

func (b *box) texts(from, words string) {
	b.t.Helper()
	b.tell(event.Texted{Worker: "lte0", From: from, Text: words})
}

// out is to whom subscribers' notices went, in order.
func out(sent []string) string {
	var who []string
	for _, s := range sent {
		name, _, _ := strings.Cut(s, ":")
		who = append(who, name)
	}
	return strings.Join(who, " ")
}

var vicenza = event.Alarmed{ID: "x", Subject: "Vicenza", Regions: []string{"Vicenza"}, Title: "LOS"}

// It is mended while the list is still being written down, and down again at
// once: those whom the first notice had not got to stand on no ledger, and hear
// of it all the same; nobody hears of it twice as new, and all are cleared.
func TestThoseWhomANoticeHadNotGotTo(t *testing.T) {
	const n = 1200 // more than one commit writes
	told(t, n, func(b *box) {
		b.fit()
		again, over := vicenza, vicenza
		again.By, over.By, over.Over = "adtran", "adtran", true
		release := b.disk.hold()
		for _, a := range []event.Alarmed{again, over, again} {
			b.Put(a) // they share a commit
		}
		release()
		first := b.sends(10 * n)
		if len(first) != n {
			t.Fatalf("%d of %d are told: %v", len(first), n, b.counts())
		}
		seen := map[string]bool{}
		for _, s := range first {
			if seen[s] || !strings.HasPrefix(s, "K-") {
				t.Fatalf("%q goes out twice, or to somebody who is not hit", s)
			}
			seen[s] = true
		}
		b.alarm(over)
		if clears := b.sends(10 * n); len(clears) != n {
			t.Errorf("%d are cleared, want %d", len(clears), n)
		}
		if len(b.State().Incidents) != 0 {
			t.Error("the incident did not close")
		}
	})
}

// The same, and the power is cut before it is down again.
func TestThePowerGoesBeforeTheRestIsTold(t *testing.T) {
	const n = 1200
	told(t, n, func(b *box) {
		b.fit()
		again, over := vicenza, vicenza
		again.By, over.By, over.Over = "adtran", "adtran", true
		release := b.disk.hold()
		b.Put(again)
		b.Put(over)
		release()
		b.pass(0)
		b.off()
		b.on()
		b.fit()
		b.alarm(again)
		if first := b.sends(10 * n); len(first) != n {
			t.Errorf("%d of %d are told: %v", len(first), n, b.counts())
		}
	})
}

// Who was told and has left the list since still gets what follows, and so may
// still say STOP.
func TestStopOfSomebodyWhoLeftTheList(t *testing.T) {
	one := directory.Subscriber{Code: "K-1", Phones: []string{"+39320000001"}, Region: "Vicenza"}
	two := directory.Subscriber{Code: "K-2", Phones: []string{"+39320000002"}, Region: "Vicenza"}
	listed(t, []directory.Subscriber{one, two}, func(b *box, s *shelf) {
		b.alarm(vicenza)
		if got := out(b.sends(10)); got != "K-1 K-2" {
			t.Fatalf("told are %s", got)
		}
		s.put(t, []directory.Subscriber{two})
		b.texts("+39320000001", "STOP")
		b.sends(10)
		if all := b.said(); !strings.Contains(all[len(all)-1].Text, "no more texts") {
			t.Errorf("STOP is answered %q", all[len(all)-1].Text)
		}
		b.texts("+39320000003", "STOP") // a robot
		b.order("say 1 the cut is found")
		if got := out(b.sends(10)); got != "K-2" {
			t.Errorf("after STOP news go to %s", got)
		}
		s.put(t, []directory.Subscriber{one, two}) // back in the list
		over := vicenza
		over.Over = true
		b.alarm(over)
		if got := out(b.sends(10)); got != "K-1 K-2" {
			t.Errorf("cleared are %s", got)
		}
		next := vicenza
		next.ID = "y"
		b.alarm(next)
		if got := out(b.sends(10)); got != "K-2" {
			t.Errorf("of the next outage %s are told", got)
		}
	})
}

// STOP is for mails, too, also where the number that it came from is told by
// another line, or was never to be texted.
func TestStopIsForMailsToo(t *testing.T) {
	for name, subs := range map[string][]directory.Subscriber{
		"agreed to mails only":   {{Code: "K-1", Phones: []string{"+39320000001"}, Mails: []string{"k1@example.org"}, Channels: []string{"mail"}, Region: "Vicenza"}},
		"number with two lines":  {{Code: "K-0", Phones: []string{"+39320000001"}, Region: "Vicenza"}, {Code: "K-1", Phones: []string{"+39320000001"}, Mails: []string{"k1@example.org"}, Region: "Vicenza"}},
		"two lines under a code": {{Code: "K-1", Phones: []string{"+39320000001"}, Region: "Catania"}, {Code: "K-1", Mails: []string{"k1@example.org"}, Region: "Vicenza"}},
	} {
		t.Run(name, func(t *testing.T) {
			listed(t, subs, func(b *box, _ *shelf) {
				b.alarm(vicenza)
				if got := out(b.sends(10)); !strings.Contains(got, "K-1") {
					t.Fatalf("told are %s", got)
				}
				b.texts("+39320000001", "STOP")
				b.sends(10)
				b.order("say 1 the cut is found")
				if got := b.sends(10); len(got) > 0 {
					t.Errorf("after STOP news go out: %q", got)
				}
				next := vicenza
				next.ID = "y"
				b.alarm(next)
				if got := b.sends(10); len(got) > 0 {
					t.Errorf("the next outage is told: %q", got)
				}
			})
		})
	}
}

// Fourteen boxes are more than the state names: who hangs on one of them and
// asks hears what they were told.
func TestManyBoxesAndAQuestion(t *testing.T) {
	var subs []directory.Subscriber
	report := vicenza
	for i := range 14 {
		box := fmt.Sprint("Łódź ", i)
		report.Hit = append(report.Hit, fmt.Sprint("lodz-", i))
		subs = append(subs, directory.Subscriber{Code: fmt.Sprint("K-", i), Phones: []string{fmt.Sprintf("+3932000%04d", i)}, Region: "Vicenza", Box: box})
	}
	subs = append(subs, directory.Subscriber{Code: "K-99", Phones: []string{"+39320000099"}, Region: "Vicenza", Box: "Kutno 1"})
	listed(t, subs, func(b *box, _ *shelf) {
		b.alarm(report)
		if got := b.sends(100); len(got) != 14 {
			t.Fatalf("%d are told, want 14", len(got))
		}
		for number, want := range map[string]string{"+39320000003": "your line is hit", "+39320000099": "no outage is known"} {
			b.texts(number, "?")
			b.sends(10)
			if all := b.said(); !strings.Contains(all[len(all)-1].Text, want) {
				t.Errorf("%s hears %q", number, all[len(all)-1].Text)
			}
		}
	})
}

// Thirty have a number and a mail address, and two a mail address alone: that
// is what a plan counts, for nobody is told by both.
func TestAPlanCountsWhatGoesOut(t *testing.T) {
	var subs []directory.Subscriber
	for i := range 32 {
		s := directory.Subscriber{Code: fmt.Sprint("K-", i), Phones: []string{fmt.Sprintf("+3932000%04d", i)}, Mails: []string{fmt.Sprintf("k%d@example.org", i)}, Region: "Vicenza"}
		if i >= 30 {
			s.Phones = nil
		}
		subs = append(subs, s)
	}
	for over, wait := range map[int]bool{31: true, 32: false} {
		t.Run(fmt.Sprint("a yes for more than ", over), func(t *testing.T) {
			listed(t, subs, func(b *box, _ *shelf) {
				b.opt.Rules.Approve = decide.Approve{Asks: true, Over: over}
				b.opt.Rules.Audience.People[0].Role = "approver"
				if err := b.Reload(context.Background(), b.opt.Rules, b.opt.Workers); err != nil {
					t.Fatal(err)
				}
				b.alarm(vicenza)
				got := b.sends(100)
				if wait != (len(got) == 0) || !wait && len(got) != 32 {
					t.Errorf("%d are told", len(got))
				}
				all := b.said()
				if ask := all[len(all)-1].Text; wait && !strings.Contains(ask, "tell 2 by mail, 30 by SMS") {
					t.Errorf("the plan says %q", ask)
				}
			})
		})
	}
}
