package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/storage/outbox"
)

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
		b.pass(time.Minute)
	})
}

func TestBoxTimeNeverGoesBack(t *testing.T) {
	floor := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	inBoxWith(t, func(o *engine.Options) { o.Floor = floor }, func(b *box) {
		if b.Now().Box.Before(floor) {
			t.Errorf("a fresh box begins at %s", b.Now().Box)
		}
		last := b.Now().Box
		for range 5 {
			b.order("OPEN platform x")
			b.pass(10 * time.Minute)
			b.off()
			b.pass(time.Hour) // dark, and no clock to be believed
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
		b.pass(10 * time.Hour)
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
		b.pass(119 * time.Second)
		b.handed(2)
		b.pass(2 * time.Second)
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
		b.pass(time.Minute)
		b.order("CLEAR 1")
		names := map[string]bool{}
		for n := range 3 {
			c := b.handed(4 + n)
			if c.Row.Kind == event.AllClear {
				names[c.Row.Recipient.Name] = true
			}
			b.ends(c, took(3+n))
		}
		b.pass(time.Hour)
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
		b.pass(time.Hour)
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
		b.pass(time.Minute)
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
		b.pass(59 * time.Minute)
		if _, err := os.Stat(faults); err != nil {
			t.Errorf("the faults are forgotten too early: %v", err)
		}
		b.pass(2 * time.Minute)
		if _, err := os.Stat(faults); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("after an hour in peace the faults still count: %v", err)
		}
	})
}
