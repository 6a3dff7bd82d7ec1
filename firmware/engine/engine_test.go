package engine_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/firmware/reach"
	"heliograph/storage/outbox"
)

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

// The repeat of the first text is on its way when a report overtakes its
// answer: it must not settle the second text, which never got there.
func TestAReportThatOvertakesARepeatDoesNotSettleAnotherText(t *testing.T) {
	inBox(t, func(b *box) {
		b.fit()
		var unsure []event.Claim
		for n, order := range []string{"OPEN platform one", "OPEN billing two"} {
			b.order(order)
			unsure = append(unsure, b.handed(2*n+1))
			b.ends(unsure[n], event.Ending{Fate: event.Unsure})
			b.ends(b.handed(2*n+2), took(n)) // to bob
		}
		time.Sleep(3 * time.Minute)
		first := b.handed(5)
		b.tell(event.Reported{Worker: "lte0", Hash: "r5", Reference: 5, To: ada, Delivered: true})
		b.is(unsure[1], outbox.Unsure)
		b.ends(first, took(5))
		b.is(unsure[0], outbox.Delivered)
		b.ends(b.handed(6), took(6))
		b.is(unsure[1], outbox.Sent)
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

func TestALongTextOfWhichAPartNeverComes(t *testing.T) {
	inBox(t, func(b *box) {
		b.fit()
		b.order("OPEN platform x")
		b.ends(b.handed(1), took(1))
		b.tell(event.Received{Worker: "lte0", Hash: "h", From: ada, Text: "ack 1 ", Chain: "7/false", Number: 1, Of: 2})
		b.pass(23 * time.Hour)
		for _, c := range b.said() {
			if strings.Contains(c.Text, "yours") {
				t.Fatalf("half a text was obeyed while the rest may still come: %q", c.Text)
			}
		}
		b.ends(b.handed(2), took(2)) // bob heard after twelve hours
		b.pass(3 * time.Hour)
		if c := b.said(); !strings.Contains(c[len(c)-1].Text, "#1 yours") {
			t.Errorf("after a day what is there is read as it is; the last word is %q", c[len(c)-1].Text)
		}
	})
}

func TestOldIncidentsGoAndTheFileIsMadeSmaller(t *testing.T) {
	inBoxWith(t, func(o *engine.Options) { o.Keep = 24 * time.Hour }, func(b *box) {
		b.fit()
		b.order("OPEN platform x")
		b.ends(b.handed(1), took(1))
		b.remember(1, 50_000) // a long incident
		b.order("CLEAR 1")
		b.ends(b.handed(2), took(2))
		large := b.size()
		b.pass(20 * time.Hour)
		if now := b.size(); now < large {
			t.Fatalf("the file had %d bytes and has %d before its incident is old", large, now)
		}
		b.pass(10 * time.Hour)
		if now := b.size(); now > large/2 {
			t.Errorf("the file had %d bytes and still has %d", large, now)
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
			for _, part := range []string{event.Signal, event.Disk, event.Clock, event.Heat} {
				b.Put(event.Inspected{Part: part}) // there is nothing to be looked at
			}
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
