package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/firmware/audience"
	"heliograph/firmware/decide"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/storage/directory"
	"heliograph/storage/kv"
	"heliograph/storage/outbox"
)

// shelf has one list.
type shelf struct {
	dir  string
	open map[string]*directory.Directory
}

func (s *shelf) Open(version string) (*directory.Directory, error) {
	if d := s.open[version]; d != nil {
		return d, nil
	}
	d, err := directory.Open(s.dir, version)
	if err == nil {
		s.open[version] = d
	}
	return d, err
}

func (s *shelf) Hold(...string) error { return nil }

// told is a box with so many subscribers in Vicenza, K-000000 and on, and as
// many in Catania, C-000000 and on.
func told(t *testing.T, n int, f func(b *box)) {
	s := &shelf{dir: folder(t), open: map[string]*directory.Directory{}}
	list, err := directory.Create(s.dir, "test")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 * n {
		x := directory.Subscriber{Code: fmt.Sprintf("K-%06d", i), Phones: []string{fmt.Sprintf("+39320%06d", i)}, Region: "Vicenza", Box: fmt.Sprint("OLT-", i%3), Line: fmt.Sprint("PPPOE-", i)}
		if i >= n {
			x.Code, x.Region = fmt.Sprintf("C-%06d", i-n), "Catania"
		}
		if err := list.Add(x); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := list.Finish(time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, d := range s.open {
			d.Close()
		}
	})
	inBoxWith(t, func(o *engine.Options) {
		o.Lists, o.Rules.Subscribers, o.Rules.Manual, o.Rules.Brand = s, &decide.Subscribers{}, []string{"billing"}, "Example Net"
	}, f)
}

func (b *box) alarm(a event.Alarmed) event.Answer {
	b.t.Helper()
	a.By, a.From = "adtran", "192.0.2.77"
	got, err := b.Alarm(context.Background(), a)
	if err != nil {
		b.t.Fatal(err)
	}
	b.pass(time.Millisecond)
	return got
}

// sends lets the modem take texts until n went to subscribers, or until
// nothing more comes.
func (b *box) sends(n int) (subscribers []string) {
	b.t.Helper()
	for from := 0; ; from++ {
		b.pass(0)
		all := b.said()
		if from == len(all) {
			return subscribers
		}
		c := all[from]
		if b.row(c).Status != outbox.Sending {
			continue
		}
		if c.Row.Audience == audience.Subscribers {
			if len(subscribers) == n {
				return subscribers
			}
			subscribers = append(subscribers, c.Row.Recipient.Name+": "+c.Text)
		}
		b.ends(c, took(from%200+1))
	}
}

func (b *box) counts() map[outbox.Status]int {
	b.t.Helper()
	n := map[outbox.Status]int{}
	if err := b.disk.View(func(tx *bbolt.Tx) error {
		for _, c := range outbox.Counts(tx) {
			n[c.Status] += c.N
		}
		return nil
	}); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func codes(from, to int) (all []string) {
	for i := from; i < to; i++ {
		all = append(all, fmt.Sprintf("code:K-%06d", i))
	}
	return all
}

// Another system names 4,812 whom a cut fibre hits. They are told and nobody
// else; after forty it is mended: the rest hear nothing, the forty that it is
// over, and the incident closes without anything else having to happen.
func TestMendedAfterForty(t *testing.T) {
	const hit = 4812
	told(t, 5000, func(b *box) {
		b.fit()
		a := b.alarm(event.Alarmed{ID: "pon-1", Subject: "Vicenza", Regions: []string{"Vicenza"}, Hit: codes(0, hit), Title: "PON 1/0/1 ticket 8812", Severity: "critical"})
		if !a.OK || a.Incident != 1 {
			t.Fatalf("the answer is %+v", a)
		}
		if c := b.handed(1); c.Text != "waw-12 #1 OPENED Vicenza now by webhook adtran: critical: PON 1/0/1 ticket 8812 (4812 named). Reply ACK 1" {
			t.Errorf("ada is told %q", c.Text)
		}
		if state, err := json.Marshal(b.State()); err != nil || len(state) > 4096 {
			t.Errorf("the state has %d bytes with %d hit; %v", len(state), hit, err)
		}
		texts := b.sends(40)
		if len(texts) != 40 || !strings.HasPrefix(texts[0], "K-000000: Example Net: ") || strings.Contains(strings.Join(texts, ""), "PON") {
			t.Fatalf("%d subscribers are told, the first %q", len(texts), texts[0])
		}
		if n := b.counts()[outbox.Pending]; n < hit-100 {
			t.Fatalf("%d wait", n)
		}
		a = b.alarm(event.Alarmed{ID: "pon-1", Over: true})
		if a.Incident != 1 || a.Text != "#1 is resolved; those who were told hear of it" {
			t.Errorf("the answer is %+v", a)
		}
		clears := b.sends(hit)
		if len(clears) != 42 { // the one that was with the modem, and 41 all-clears
			t.Fatalf("%d texts go to subscribers, want the last word to one and 41 all-clears", len(clears))
		}
		if n := b.counts(); n[outbox.Pending] != 0 || n[outbox.Superseded] != hit-41 {
			t.Errorf("%v, want none pending and %d superseded", n, hit-41)
		}
		if len(b.State().Incidents) != 0 {
			t.Error("the incident did not close")
		}
		if err := b.disk.View(func(tx *bbolt.Tx) error {
			if left := kv.Names(tx, "scope/"); len(left) > 0 {
				t.Errorf("lists of who was hit are left: %q", left)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
}

// More lines go down after the first were told: those are told, and the first
// hear nothing twice. The same report again does nothing. All are cleared.
func TestMoreAreHit(t *testing.T) {
	told(t, 100, func(b *box) {
		b.fit()
		report := event.Alarmed{ID: "x", Subject: "OLT-1", Hit: codes(0, 20), Title: "LOS"}
		b.alarm(report)
		if first := b.sends(1000); len(first) != 20 {
			t.Fatalf("%d are told, want 20", len(first))
		}
		before := b.disk.count()
		if a := b.alarm(report); a.Text != "#1 is as it was" || a.Incident != 1 {
			t.Errorf("a repeat is answered %+v", a)
		}
		if again := b.sends(1000); len(again) != 0 || b.disk.count() > before+2 {
			t.Errorf("a repeat tells %q", again)
		}
		report.Hit = codes(10, 35)
		if a := b.alarm(report); !strings.Contains(a.Text, "its scope is new") {
			t.Errorf("more are hit: %+v", a)
		}
		more := b.sends(1000)
		if len(more) != 15 || !strings.HasPrefix(more[0], "K-000020: ") {
			t.Fatalf("%d more are told, want 15: %q", len(more), more)
		}
		report.Over = true
		b.alarm(report)
		if clears := b.sends(1000); len(clears) != 35 {
			t.Errorf("%d are cleared, want 35", len(clears))
		}
	})
}

// A plan asks with the count; who asks for "?" and is named by code hears that
// the own line is hit.
func TestThePlanOfThoseWhoAreNamed(t *testing.T) {
	told(t, 100, func(b *box) {
		b.opt.Rules.Approve = decide.Approve{Asks: true, Over: 20}
		b.opt.Rules.Audience.People[0].Role = "approver"
		if err := b.Reload(context.Background(), b.opt.Rules, b.opt.Workers); err != nil {
			t.Fatal(err)
		}
		b.fit()
		b.alarm(event.Alarmed{ID: "x", Subject: "Vicenza", Regions: []string{"Vicenza"}, Hit: append(codes(0, 30), "code:nobody"), Title: "LOS"})
		if got := b.sends(1000); len(got) != 0 {
			t.Fatalf("told without a yes: %q", got)
		}
		all := b.said()
		if ask := all[len(all)-1].Text; !strings.Contains(ask, "30 ") || strings.Contains(ask, "set:") {
			t.Errorf("the plan says %q", ask)
		}
		for _, ask := range []struct{ code, want string }{{"+39320000003", "is hit by an outage"}, {"+39320000031", "no outage is known"}} {
			b.tell(event.Texted{Worker: "lte0", From: ask.code, Text: "?"})
			b.sends(1000)
			all := b.said()
			if got := all[len(all)-1].Text; !strings.Contains(got, ask.want) {
				t.Errorf("%s hears %q", ask.code, got)
			}
		}
	})
}

// What cannot be meant is refused with what would be right.
func TestAlarmsThatAreRefused(t *testing.T) {
	told(t, 10, func(b *box) {
		b.fit()
		for _, c := range []struct {
			report event.Alarmed
			want   string
			ok     bool
		}{
			{event.Alarmed{ID: "a"}, "nothing is named that is hit", false},
			{event.Alarmed{ID: "a", Subject: "mail", Scope: []string{"mail"}}, `"mail" is no uplink or service of this box: those are billing`, false},
			{event.Alarmed{ID: "a", Subject: "billing", Scope: []string{"billing"}, Say: "back at &^"}, `"&^" stands in say`, false},
			{event.Alarmed{ID: "a", Over: true}, "nothing is open under this id", true},
			{event.Alarmed{ID: "a", Subject: "billing", Scope: []string{"billing"}}, "opened as #1", true},
		} {
			if a := b.alarm(c.report); a.OK != c.ok || !strings.Contains(a.Text, c.want) {
				t.Errorf("%+v is answered %+v, want %q", c.report, a, c.want)
			}
		}
		for i := range 19 {
			b.alarm(event.Alarmed{ID: fmt.Sprint("many ", i), Subject: "billing", Scope: []string{"billing"}})
		}
		if a := b.alarm(event.Alarmed{ID: "one too many", Subject: "billing"}); a.OK || !strings.Contains(a.Text, "20 outages of adtran are open") {
			t.Errorf("the 21st is answered %+v", a)
		}
	})
}

// The configuration is taken anew while those go who are told before others,
// and names none any more: all the same everybody is told once.
func TestNobodyIsFirstAnyMore(t *testing.T) {
	const hit = 5000
	told(t, hit, func(b *box) {
		b.fit()
		r, ctx := b.opt.Rules, context.Background()
		r.Subscribers = &decide.Subscribers{First: []string{"hospital"}}
		if err := b.Reload(ctx, r, b.opt.Workers); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Alarm(ctx, event.Alarmed{ID: "pon-1", By: "adtran", Subject: "Vicenza", Regions: []string{"Vicenza"}, Hit: codes(0, hit)}); err != nil {
			t.Fatal(err)
		}
		if err := b.Reload(ctx, b.opt.Rules, b.opt.Workers); err != nil {
			t.Fatal(err)
		}
		b.pass(time.Millisecond)
		if n := b.counts()[outbox.Pending]; n != hit { // ada's text is with the modem
			t.Errorf("%d of %d are to be told", n, hit)
		}
	})
}
