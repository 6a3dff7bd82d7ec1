package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/firmware/audience"
	"heliograph/firmware/decide"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
	"heliograph/firmware/reach"
	"heliograph/storage"
	"heliograph/storage/outbox"
)

const ada, bob = "+48600100201", "+48600100202"

// disk is a store that counts its commits and can be full.
type disk struct {
	*storage.Store
	mu      sync.Mutex
	commits int
	full    int // so many commits find no room; -1: all
	held    chan struct{}
}

func (d *disk) Update(f func(*bbolt.Tx) error) error {
	d.mu.Lock()
	full := d.full != 0
	if d.full > 0 {
		d.full--
	}
	d.commits++
	held := d.held
	d.mu.Unlock()
	if held != nil {
		<-held
	}
	if !full {
		return d.Store.Update(f)
	}
	return d.Store.Update(func(tx *bbolt.Tx) error { return errors.Join(f(tx), syscall.ENOSPC) })
}

func (d *disk) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.commits
}

// hold keeps the next commits waiting until they are released.
func (d *disk) hold() (release func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	held := make(chan struct{})
	d.held = held
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.held = nil
		close(held)
	}
}

func (d *disk) fill(commits int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.full = commits
}

// box is an engine between a disk and hands, in a bubble.
type box struct {
	*engine.Engine
	t       *testing.T
	dir     string
	disk    *disk
	opt     engine.Options
	claims  []event.Claim // what was handed out, in order
	mu      sync.Mutex
	journal []string
	stop    context.CancelFunc
	ended   chan error
}

func (b *box) Hand(c event.Claim) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.claims = append(b.claims, c)
}

// inBox runs a test with a box whose two people are called at once and after
// five minutes.
func inBox(t *testing.T, f func(b *box)) { inBoxWith(t, func(*engine.Options) {}, f) }

func inBoxWith(t *testing.T, change func(*engine.Options), f func(b *box)) {
	t.Parallel()
	dir := folder(t)
	synctest.Test(t, func(t *testing.T) {
		b := &box{t: t, dir: dir, opt: engine.Options{
			Rules: rules(t), Workers: []engine.Worker{{Name: "lte0", Channel: "sms"}}, Version: "test", Keep: 90 * 24 * time.Hour,
			Parts: func(string) int { return 1 }, Same: func(a, b string) bool { return a == b }, Chance: func() uint64 { return 0 },
		}}
		b.opt.Log = func(what, text string) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.journal = append(b.journal, what+": "+text)
		}
		change(&b.opt)
		b.on()
		f(b)
		b.off()
		if err := storage.Check(filepath.Join(dir, "heliograph.db")); err != nil {
			t.Errorf("the store is not sound: %v", err)
		}
	})
}

func folder(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "heliograph-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func rules(t *testing.T) decide.Rules {
	wording, err := notice.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return decide.Rules{
		Site: "waw-12", Language: "en", Wording: wording, Selftest: []string{"ada"},
		Number: func(n string) string { return n },
		Audience: audience.Rules{
			People: []audience.Person{{Name: "ada", SMS: ada, Role: "operator"}, {Name: "bob", SMS: bob, Role: "operator"}},
			Steps:  []audience.Step{{Who: []string{"ada"}}, {Who: []string{"bob"}, After: 12 * time.Hour}},
		},
	}
}

func (b *box) on() {
	s, err := storage.Open(storage.Options{Dir: b.dir})
	if err != nil {
		b.t.Fatal(err)
	}
	b.disk = &disk{Store: s}
	b.opt.Store = b.disk
	e, err := engine.New(b.opt)
	if err != nil {
		b.t.Fatal(err)
	}
	b.Engine = e
	ctx, stop := context.WithCancel(context.Background())
	b.stop, b.ended = stop, make(chan error, 1)
	b.t.Cleanup(stop) // a test that fails half-way leaves nobody behind in its bubble
	go func() { b.ended <- e.Run(ctx, b) }()
	synctest.Wait()
}

func (b *box) off() {
	b.stop()
	if err := errors.Join(<-b.ended, b.disk.Close()); err != nil {
		b.t.Error(err)
	}
}

// fit makes the modem ready.
func (b *box) fit() {
	b.tell(event.WorkerChanged{Worker: "lte0", Channel: "sms", Fit: true, State: "ready"})
}

// tell gives facts to the engine and lets it decide.
func (b *box) tell(facts ...event.Fact) {
	for _, f := range facts {
		b.Put(f)
	}
	synctest.Wait()
}

func (b *box) order(text string) event.Answer {
	b.t.Helper()
	a, err := b.Order(context.Background(), "root", text)
	if err != nil {
		b.t.Fatal(err)
	}
	synctest.Wait()
	return a
}

// handed is the claim that was handed out last, and there must be n of them.
func (b *box) handed(n int) event.Claim {
	b.t.Helper()
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.claims) != n {
		b.t.Fatalf("%d deliveries were handed out, want %d: %v", len(b.claims), n, b.claims)
	}
	if n == 0 {
		return event.Claim{}
	}
	return b.claims[n-1]
}

// ends says how a claim ended.
func (b *box) ends(c event.Claim, end event.Ending) { b.tell(event.Outcome{Row: c.Row, Ending: end}) }

func took(reference int) event.Ending {
	return event.Ending{Fate: event.Taken, Ref: fmt.Sprint(reference), Parts: []event.Part{{Number: 1, Of: 1, Reference: reference}}}
}

func (b *box) row(c event.Claim) (d outbox.Delivery) {
	b.t.Helper()
	err := b.disk.View(func(tx *bbolt.Tx) error {
		var err error
		d, err = outbox.Row(tx, c.Row.Delivery)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

func (b *box) is(c event.Claim, want outbox.Status) {
	b.t.Helper()
	if d := b.row(c); d.Status != want {
		b.t.Errorf("the %s text to %s is %s, want %s", d.Kind, d.Recipient, d.Status, want)
	}
}

func (b *box) logged(text string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Count(strings.Join(b.journal, "\n"), text)
}

func TestAnIdleBoxCommitsOnceAnHour(t *testing.T) {
	watched := func(o *engine.Options) {
		for _, name := range []string{"transit-a", "transit-b", "lte"} {
			o.Rules.Subjects = append(o.Rules.Subjects, reach.Rule{Name: name}.Filled())
		}
	}
	inBoxWith(t, watched, func(b *box) {
		b.fit()
		b.Trust(true, "a test")
		round := func(n int) {
			for i, s := range []string{"transit-a", "transit-b", "lte"} {
				var results []event.Result
				for p := range 3 {
					rtt := time.Duration(10+(n*7+i*5+p*3)%20) * time.Millisecond
					results = append(results, event.Result{Probe: fmt.Sprint("icmp ", p), Kind: event.ICMP, OK: true, RTT: rtt})
				}
				b.Put(event.Probed{Subject: s, Results: results})
			}
			time.Sleep(2 * time.Second)
		}
		for n := range 60 {
			round(n)
		}
		before := b.disk.count()
		for n := range 3 * 3600 / 2 {
			round(n)
		}
		if got := b.disk.count() - before; got > 3 {
			t.Errorf("an idle box made %d commits in three hours, want at most 3", got)
		}
		if got := b.Now().Box.Sub(b.State().Booted.Box); got < 3*time.Hour {
			t.Errorf("box time went on by %s", got)
		}
		b.handed(0)
	})
}

func TestWhatWaitsSharesACommit(t *testing.T) {
	inBox(t, func(b *box) {
		before := b.disk.count()
		text := func(n int) event.Received {
			return event.Received{Worker: "lte0", Hash: fmt.Sprint(n), From: "+491701234567", Text: "buy"}
		}
		release := b.disk.hold()
		b.tell(text(0)) // its commit takes long, and meanwhile the others wait
		for n := range 999 {
			b.Put(text(n + 1))
		}
		release()
		synctest.Wait()
		if got := b.disk.count() - before; got != 1+4 {
			t.Errorf("1,000 texts took %d commits, want one for the first and four for the 999 that waited", got)
		}
		if got := b.logged("a text from an unknown sender"); got != 1000 {
			t.Errorf("%d of 1,000 texts were taken in", got)
		}
	})
}

func TestAPoisonousFactCostsItselfAlone(t *testing.T) {
	inBox(t, func(b *box) {
		b.fit()
		facts := []event.Fact{
			event.Ordered{By: "root", Text: "OPEN platform one"},
			event.LatePart{Delivery: 999, Part: event.Part{Number: 1, Of: 1}}, // there is no such delivery
			event.Ordered{By: "root", Text: "OPEN platform two"},
		}
		errs := make([]error, len(facts))
		var all sync.WaitGroup
		for i, f := range facts {
			all.Go(func() { errs[i] = b.Take(context.Background(), f) })
		}
		all.Wait()
		if errs[0] != nil || errs[1] == nil || errs[2] != nil {
			t.Errorf("the answers are %v, want an error for the second alone", errs)
		}
		if n := len(b.State().Incidents); n != 2 {
			t.Errorf("%d incidents are open, want 2", n)
		}
		if b.logged("rejected: event.LatePart could not be carried out") != 1 {
			t.Errorf("the journal does not say what was left out: %q", b.journal)
		}
		b.handed(1)
	})
}

func TestAPoisonousOutcomeIsTakenAsUnsure(t *testing.T) {
	inBox(t, func(b *box) {
		b.fit()
		b.order("OPEN platform x")
		c := b.handed(1)
		b.ends(c, event.Ending{Fate: event.Taken, Parts: []event.Part{{Number: 3, Of: 2}}})
		b.is(c, outbox.Unsure)
		if next := b.handed(2); next.Row.Recipient.Name != "bob" {
			t.Errorf("the modem goes on with a text to %s, want bob", next.Row.Recipient.Name)
		}
	})
}

func TestAReportBeforeItsReference(t *testing.T) {
	inBox(t, func(b *box) {
		b.fit()
		b.order("OPEN platform maintenance overran")
		c := b.handed(1)
		b.tell(event.Reported{Worker: "lte0", Hash: "r1", Reference: 7, To: ada, Delivered: true})
		b.is(c, outbox.Sending)
		b.ends(c, took(7))
		b.is(c, outbox.Delivered)
	})
}

func TestAReportSettlesATextOfUnknownFate(t *testing.T) {
	inBox(t, func(b *box) {
		b.fit()
		b.order("OPEN platform x")
		c := b.handed(1)
		b.ends(c, event.Ending{Fate: event.Unsure})
		bobs := b.handed(2) // an unsure text escalates at once
		if bobs.Row.Recipient.Name != "bob" {
			t.Errorf("the second text goes to %s, want bob", bobs.Row.Recipient.Name)
		}
		b.ends(bobs, took(8))
		b.tell(event.Reported{Worker: "lte0", Hash: "r1", Reference: 3, To: ada, Delivered: true})
		b.is(c, outbox.Delivered)
		time.Sleep(10 * time.Minute)
		b.handed(2) // no repeat
	})
}

// Ada's phone was off. The network took the first text, the second never got
// there, and the box knows neither: the report for the first must not settle
// the second.
func TestAReportDoesNotSettleTheWrongText(t *testing.T) {
	inBox(t, func(b *box) {
		b.fit()
		var unsure []event.Claim
		for n, order := range []string{"OPEN platform one", "OPEN billing two"} {
			b.order(order)
			c := b.handed(2*n + 1)
			unsure = append(unsure, c)
			b.ends(c, event.Ending{Fate: event.Unsure})
			b.ends(b.handed(2*n+2), took(n)) // to bob
		}
		b.tell(event.Reported{Worker: "lte0", Hash: "r1", Reference: 77, To: ada, Delivered: true})
		for _, c := range unsure {
			b.is(c, outbox.Unsure)
		}
		time.Sleep(3 * time.Minute)
		b.ends(b.handed(5), took(5))
		if c := b.handed(6); !strings.HasSuffix(c.Text, "(again)") {
			t.Errorf("the last text is %q", c.Text)
		}
	})
}

func TestATextOfUnknownFateGoesAgainMarked(t *testing.T) {
	inBox(t, func(b *box) {
		b.fit()
		b.order("OPEN platform x")
		c := b.handed(1)
		b.ends(c, event.Ending{Fate: event.Unsure})
		b.ends(b.handed(2), took(8))
		time.Sleep(119 * time.Second)
		b.handed(2)
		time.Sleep(2 * time.Second)
		again := b.handed(3)
		if again.Row.Delivery != c.Row.Delivery || again.Text != c.Text+" (again)" {
			t.Errorf("the repeat is %+v", again)
		}
		b.ends(again, event.Ending{Fate: event.Unsure})
		time.Sleep(time.Hour)
		b.handed(3) // once is enough
	})
}

func TestALateAnswerSettlesAText(t *testing.T) {
	inBox(t, func(b *box) {
		b.fit()
		b.order("OPEN platform x")
		c := b.handed(1)
		b.ends(c, event.Ending{Fate: event.Unsure})
		b.ends(b.handed(2), took(8))
		b.tell(event.LatePart{Delivery: c.Row.Delivery, Worker: "lte0", Part: event.Part{Number: 1, Of: 1, Reference: 9}})
		b.is(c, outbox.Sent)
		b.tell(event.Reported{Worker: "lte0", Hash: "r9", Reference: 9, To: ada, Delivered: true})
		b.is(c, outbox.Delivered)
		time.Sleep(10 * time.Minute)
		b.handed(2)
	})
}

func TestAnInboundTextIsObeyedOnce(t *testing.T) {
	inBox(t, func(b *box) {
		b.fit()
		b.order("OPEN platform x")
		b.ends(b.handed(1), took(1))
		ack := event.Received{Worker: "lte0", Hash: "h", From: ada, Text: "ack 1"}
		b.tell(ack)
		b.ends(b.handed(2), took(2))
		b.tell(ack, ack)
		b.off()
		b.on()
		b.fit()
		b.tell(ack) // the modem still has it
		b.handed(2)
	})
}

func TestALongTextWhosePartsComeInAnyOrder(t *testing.T) {
	inBox(t, func(b *box) {
		b.fit()
		b.order("OPEN platform x")
		b.ends(b.handed(1), took(1))
		part := func(n int, text string) event.Received {
			return event.Received{Worker: "lte0", Hash: fmt.Sprint("part ", n), From: ada, Text: text, Chain: "7/false", Number: n, Of: 2}
		}
		b.tell(part(2, " 1"))
		b.handed(1)
		b.off()
		b.on()
		b.fit()
		b.tell(part(2, " 1"), part(1, "ack"))
		if c := b.handed(2); !strings.Contains(c.Text, "#1 yours") {
			t.Errorf("the answer is %q", c.Text)
		}
	})
}

func TestReloadBetweenTwoDecisions(t *testing.T) {
	inBox(t, func(b *box) {
		b.fit()
		r := rules(t)
		r.Site, r.Audience.Steps = "krk-1", []audience.Step{{Who: []string{"bob"}}}
		b.Put(event.Ordered{By: "root", Text: "OPEN platform before"})
		if err := b.Reload(context.Background(), r, []engine.Worker{{Name: "lte0", Channel: "sms"}, {Name: "lte1", Channel: "sms"}}); err != nil {
			t.Fatal(err)
		}
		b.tell(event.WorkerChanged{Worker: "lte1", Channel: "sms", Fit: true, State: "ready"})
		if c := b.handed(1); c.Row.Recipient.Name != "ada" || !strings.HasPrefix(c.Text, "waw-12 ") {
			t.Errorf("what was decided before the reload is %+v", c)
		}
		b.order("OPEN platform after")
		c := b.handed(2)
		if c.Row.Recipient.Name != "bob" || !strings.HasPrefix(c.Text, "krk-1 ") || c.Row.Worker != "lte1" {
			t.Errorf("what was decided after the reload is %+v", c)
		}
	})
}

func TestAReloadThatCannotBeRememberedIsNotInForce(t *testing.T) {
	inBox(t, func(b *box) {
		if err := b.disk.DropBallast(); err != nil {
			t.Fatal(err)
		}
		b.disk.fill(-1)
		r := rules(t)
		r.Site = "krk-1"
		if err := b.Reload(context.Background(), r, nil); err == nil {
			t.Error("the reload was accepted, and is not remembered")
		}
		if site := b.Rules().Site; site != "waw-12" {
			t.Errorf("rules that were refused are in force: %s", site)
		}
		b.disk.fill(0)
		time.Sleep(time.Minute)
	})
}

func TestAnOrderGetsItsOwnAnswer(t *testing.T) {
	inBox(t, func(b *box) {
		if a := b.order("OPEN platform x"); !a.OK || !strings.Contains(a.Text, "#1 opened") {
			t.Errorf("the answer is %+v", a)
		}
		if a := b.order("ACK 9"); a.OK {
			t.Errorf("ACK of an incident that is not there: %+v", a)
		}
		if a := b.order("STATUS"); !a.OK || !strings.Contains(a.Text, "waw-12") {
			t.Errorf("STATUS: %+v", a)
		}
	})
}

func TestRestFinishesWhatIsBeingSaid(t *testing.T) {
	inBox(t, func(b *box) {
		b.fit()
		b.order("OPEN platform x")
		c := b.handed(1)
		began := time.Now()
		done := make(chan time.Duration, 1)
		go func() {
			b.Rest(time.Minute)
			done <- time.Since(began)
		}()
		synctest.Wait()
		b.tell(event.Ordered{By: "root", Text: "OPEN platform y"})
		time.Sleep(3 * time.Second)
		b.ends(c, took(1))
		if took := <-done; took != 3*time.Second {
			t.Errorf("the rest came after %s, want the 3 s that the text took", took)
		}
		b.handed(1)
		b.off()
		b.on()
		b.fit()
		b.handed(2) // after the stop it is said
	})
}

func TestATextThatExpiresEscalates(t *testing.T) {
	inBox(t, func(b *box) {
		b.order("OPEN platform x") // no modem is fit
		time.Sleep(4*time.Hour + time.Minute)
		b.fit()
		time.Sleep(time.Second)
		if c := b.handed(1); c.Row.Recipient.Name != "bob" {
			t.Errorf("the text goes to %s; ada's has expired, so it is bob's turn", c.Row.Recipient.Name)
		}
	})
}

func TestALimitDefersAndItsReserveHolds(t *testing.T) {
	limit := func(o *engine.Options) {
		o.Workers[0].Limits = []outbox.Limit{{Key: "recipient", Scope: outbox.PerRecipient, Max: 3, Window: 30 * time.Minute, Reserve: 1, ReserveClass: uint8(event.AllClears)}}
	}
	inBoxWith(t, limit, func(b *box) {
		b.fit()
		for n := range 3 {
			b.order("SELFTEST")
			if n < 2 {
				b.ends(b.handed(n+1), took(n))
			}
		}
		b.handed(2) // the third waits: the last one of the half-hour is kept
		b.order("OPEN platform x")
		alarm := b.handed(3)
		if alarm.Row.Kind != event.Opened {
			t.Errorf("the reserve went to %s", alarm.Row.Kind)
		}
		b.ends(alarm, took(9))
		time.Sleep(25 * time.Minute)
		b.handed(3)
		time.Sleep(10 * time.Minute)
		if c := b.handed(4); c.Row.Kind != event.Selftest {
			t.Errorf("after the half-hour comes %s", c.Row.Kind)
		}
	})
}

// The bubble's wall clock starts in the year 2000, before the day of the build.
func TestBoxTimeNeverGoesBack(t *testing.T) {
	floor := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	inBoxWith(t, func(o *engine.Options) { o.Floor = floor }, func(b *box) {
		if b.Now().Box.Before(floor) {
			t.Errorf("a fresh box begins at %s", b.Now().Box)
		}
		last := b.Now().Box
		for range 5 {
			b.order("OPEN platform x")
			time.Sleep(10 * time.Minute)
			b.off()
			time.Sleep(time.Hour) // dark, and no clock to be believed
			b.on()
			now := b.Now().Box
			if d := now.Sub(last); d < 10*time.Minute || d > 11*time.Minute {
				t.Errorf("box time went on by %s over a life of ten minutes and a dark hour", d)
			}
			last = now
		}
	})
}

func TestATrustedClockTellsHowLongTheBoxWasDark(t *testing.T) {
	inBox(t, func(b *box) {
		b.Trust(true, "a test")
		b.tell()
		before := b.Now().Box
		b.off()
		time.Sleep(10 * time.Hour)
		b.on()
		if d := b.Now().Box.Sub(before); d != 0 {
			t.Errorf("box time moved by %s before a clock was trusted", d)
		}
		b.disk.fill(1) // the first commit of it finds no room: it must not get lost
		b.Trust(true, "a test")
		b.tell()
		b.Trust(false, "a test")
		b.Trust(true, "a test")
		b.tell()
		if d := b.Now().Box.Sub(before); d != 10*time.Hour {
			t.Errorf("box time moved by %s, want ten hours", d)
		}
		if n := b.logged("the box was dark for 10h0m0s"); n != 1 {
			t.Errorf("the journal tells of the dark %d times", n)
		}
	})
}

func TestAFullDiskTellsPeopleAllTheSame(t *testing.T) {
	inBox(t, func(b *box) {
		b.fit()
		b.disk.fill(-1)
		if err := b.disk.DropBallast(); err != nil {
			t.Fatal(err)
		}
		b.order("OPEN platform x")
		c := b.handed(1)
		if !strings.HasSuffix(c.Text, " (unsaved)") || c.Row.Recipient.Name != "ada" {
			t.Errorf("unremembered goes %+v", c)
		}
		// No answer came: bob is told, and ada again after two minutes, marked.
		b.ends(c, event.Ending{Fate: event.Unsure})
		next := b.handed(2)
		if next.Row.Recipient.Name != "bob" {
			t.Errorf("an unsure text escalates to %s", next.Row.Recipient.Name)
		}
		b.ends(next, took(1))
		time.Sleep(119 * time.Second)
		b.handed(2)
		time.Sleep(2 * time.Second)
		again := b.handed(3)
		if !strings.HasSuffix(again.Text, " (again) (unsaved)") || again.Row.Recipient.Name != "ada" {
			t.Errorf("the repeat is %+v", again)
		}
		b.ends(again, took(2))
		err := b.Take(context.Background(), event.Received{Worker: "lte0", Hash: "h", From: ada, Text: "ack 1"})
		if err == nil {
			t.Error("an order was taken that cannot be remembered: the modem would delete it")
		}
		b.disk.fill(0)
		time.Sleep(time.Minute)
		b.order("CLEAR 1")
		names := map[string]bool{}
		for n := range 3 {
			c := b.handed(4 + n)
			if c.Row.Kind == event.AllClear {
				names[c.Row.Recipient.Name] = true
			}
			b.ends(c, took(3+n))
		}
		time.Sleep(time.Hour)
		b.handed(6) // two all-clears, and that the disk is well
		if !names["ada"] || !names["bob"] {
			t.Errorf("the all-clear goes to %v, want ada and bob", names)
		}
	})
}

func TestAnUnsureTextOfAFullDiskIsNotRepeatedUnmarked(t *testing.T) {
	inBox(t, func(b *box) {
		b.fit()
		b.disk.fill(-1)
		if err := b.disk.DropBallast(); err != nil {
			t.Fatal(err)
		}
		b.order("OPEN platform x")
		first := b.handed(1)
		b.ends(first, event.Ending{Fate: event.Unsure})
		b.ends(b.handed(2), took(1))
		b.disk.fill(0) // before the repeat is due
		time.Sleep(time.Hour)
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, c := range b.claims[2:] {
			if c.Row.Kind == event.Opened && !strings.Contains(c.Text, "(again)") {
				t.Errorf("it goes again unmarked: %+v", c)
			}
		}
	})
}

func TestAPoisonousOutcomeDoesNotKeepAFullDiskFull(t *testing.T) {
	inBox(t, func(b *box) {
		b.fit()
		b.order("OPEN platform x")
		c := b.handed(1)
		b.disk.fill(-1)
		if err := b.disk.DropBallast(); err != nil {
			t.Fatal(err)
		}
		b.order("OPEN billing y")
		poison := c
		poison.Row.Delivery = 999
		b.ends(poison, took(1)) // of a delivery that is not there
		unsaved := b.handed(2)
		b.ends(unsaved, took(2))
		b.ends(c, took(3))
		b.disk.fill(0)
		time.Sleep(time.Minute)
		b.is(c, outbox.Sent)
		if n := len(b.State().Incidents); n != 2 {
			t.Errorf("%d incidents are open, want 2", n)
		}
		if b.logged("event.Outcome could not be carried out: there is no delivery 999") == 0 {
			t.Errorf("the journal does not say what was left out: %q", b.journal)
		}
		b.order("STATUS") // it goes on
	})
}

func TestAnHourInPeaceForgetsTheFaultsOfTheStore(t *testing.T) {
	inBox(t, func(b *box) {
		b.off()
		faults := filepath.Join(b.dir, "heliograph.db.faults")
		if err := os.WriteFile(faults, []byte("2\na page was bad\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		b.on()
		time.Sleep(59 * time.Minute)
		if _, err := os.Stat(faults); err != nil {
			t.Errorf("the faults are forgotten too early: %v", err)
		}
		time.Sleep(2 * time.Minute)
		if _, err := os.Stat(faults); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("after an hour in peace the faults still count: %v", err)
		}
	})
}
