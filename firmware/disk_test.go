package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/firmware/event"
	"heliograph/firmware/rehearsal"
	"heliograph/firmware/rehearsal/story"
	"heliograph/storage"
	"heliograph/storage/kv"
	"heliograph/storage/outbox"
	"heliograph/storage/storagetest"
)

// TestADiskThatFillsUpInTheNight lives through a night on a disk of 8 MB.
func TestADiskThatFillsUpInTheNight(t *testing.T) {
	storagetest.SmallDisk(t, func(dir string) {
		night := readStory(t, "testdata/cut/disk.story")
		synctest.Test(t, func(t *testing.T) {
			d := diskNight{newTheatre(t, night, dir, &saboteur{})}
			d.live()
			if t.Failed() {
				t.Log("what happened:\n" + strings.Join(d.log, "\n"))
			}
		})
	})
}

// diskNight is a night on a disk that somebody else fills.
type diskNight struct{ *theatre }

func (d diskNight) filler() string { return filepath.Join(d.dir, "filler") }

// fill writes until nothing fits any more.
func (d diskNight) fill() {
	f, err := os.OpenFile(d.filler(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{1 << 16, 1 << 12, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			d.t.Fatal(err)
		}
	}
}

func (d diskNight) makeRoom() {
	if err := os.Remove(d.filler()); err != nil {
		d.t.Fatal(err)
	}
	d.note("somebody makes room")
}

// pass lets time go by.
func (d diskNight) pass(x time.Duration) { d.until(d.now() + x) }

// chatter gives the box something to remember, until it says something: the
// store uses its own free pages up before it asks the disk for more.
func (d diskNight) chatter(until string) {
	d.t.Helper()
	for n := 0; !d.logged(until); n++ {
		if n == 2000 {
			d.t.Fatalf("the box never said %q", until)
		}
		d.engine.Put(event.WorkerChanged{Worker: "lte1", Channel: "sms", State: fmt.Sprint("state ", n), Why: strings.Repeat("x", 2000)})
		d.pass(time.Second)
	}
}

func (d diskNight) logged(text string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Contains(strings.Join(d.log, "\n"), text)
}

// heard counts the texts that a person got with all these words.
func (d diskNight) heard(who string, words ...string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, x := range d.taken {
		all := x.to == d.people[who]
		for _, w := range words {
			all = all && strings.Contains(x.text, w)
		}
		if all {
			n++
		}
	}
	return n
}

func (d diskNight) expect(n int, who string, words ...string) {
	d.t.Helper()
	if got := d.heard(who, words...); got != n {
		d.t.Errorf("%s: %s has %d texts with %q, want %d", story.Stamp(d.now()), who, got, words, n)
	}
}

func (d diskNight) live() {
	d.power()
	d.pass(10 * time.Second)
	d.fill()
	d.chatter("the ballast is dropped")
	d.pass(10 * time.Second)
	d.expect(1, "ada", "Disk full: its reserve is in use.")
	if _, err := os.Stat(filepath.Join(d.dir, "ballast")); err == nil {
		d.t.Error("the ballast is still there")
	}
	d.fill()
	d.chatter("nothing can be remembered")
	d.outage()
	d.lull()
	d.secondOutage()
	d.remembered()
}

// remembered: what was told unremembered is in the store as if it had been
// written first, nothing is left to say, and nothing was said twice.
func (d diskNight) remembered() {
	rows := d.rows()
	for _, r := range rows {
		if !r.Final() {
			d.t.Errorf("delivery %d (%s to %s) is %s at the end", r.ID, r.Kind, r.Recipient, r.Status)
		}
	}
	d.nothingTwice()
	for _, want := range []struct {
		incident int
		kind     event.Kind
		who      string
	}{{1, event.Down, "ada"}, {1, event.Down, "bob"}, {1, event.AllClear, "ada"}, {1, event.AllClear, "bob"}, {2, event.Down, "ada"}, {2, event.AllClear, "ada"}} {
		n := 0
		for _, r := range rows {
			if r.Incident == want.incident && r.Kind == string(want.kind) && r.Recipient == want.who && r.Status == outbox.Sent {
				n++
			}
		}
		if n != 1 {
			d.t.Errorf("the store knows of %d %s texts sent to %s about #%d, want 1", n, want.kind, want.who, want.incident)
		}
	}
}

// outage: the uplink fails while nothing can be remembered, somebody makes
// room, and the uplink comes back.
func (d diskNight) outage() {
	d.world.break_("transit-a", []string{"fails"})
	d.pass(time.Minute)
	d.expect(1, "ada", "#1 DOWN transit-a", "(unsaved)")
	d.expect(0, "bob", "#1")
	d.pass(5 * time.Minute)
	d.expect(1, "bob", "#1 DOWN transit-a", "(unsaved)")
	d.arrive(event.Received{Worker: "lte0", Hash: "ada's ack", From: d.people["ada"], Text: "ack 1", Sent: time.Now()})
	d.pass(time.Minute)
	d.expect(0, "ada", "yours")
	d.mu.Lock()
	kept := len(d.modem)
	d.mu.Unlock()
	if kept != 1 {
		d.t.Errorf("the modem keeps %d texts, want the one that the box cannot remember", kept)
	}
	d.makeRoom()
	d.pass(time.Minute)
	d.expect(1, "ada", "#1", "yours")
	d.expect(1, "bob", "#1", "ada has it")
	d.world.break_("transit-a", []string{"passes"})
	d.pass(3 * time.Minute)
	for _, who := range []string{"ada", "bob"} {
		d.expect(1, who, "#1 DOWN transit-a")
		d.expect(1, who, "#1 ALL CLEAR transit-a")
	}
}

// lull: there is room, and the ballast is back.
func (d diskNight) lull() {
	d.pass(2 * time.Hour)
	if _, err := os.Stat(filepath.Join(d.dir, "ballast")); err != nil {
		d.t.Errorf("there is room again, and no ballast: %v", err)
	}
	d.expect(1, "ada", "Disk full: over")
	d.mu.Lock()
	d.log = nil
	d.mu.Unlock()
}

// secondOutage begins and ends while nothing can be remembered: those who were
// told unremembered are cleared when there is room.
func (d diskNight) secondOutage() {
	d.fill()
	d.chatter("the ballast is dropped")
	d.fill()
	d.chatter("nothing can be remembered")
	d.world.break_("transit-a", []string{"fails"})
	d.pass(time.Minute)
	d.expect(1, "ada", "#2 DOWN transit-a", "(unsaved)")
	d.world.break_("transit-a", []string{"passes"})
	d.pass(3 * time.Minute)
	d.expect(0, "ada", "#2 ALL CLEAR")
	d.makeRoom()
	d.pass(2 * time.Minute)
	d.expect(1, "ada", "#2 DOWN transit-a")
	d.expect(1, "ada", "#2 ALL CLEAR transit-a")
	d.expect(0, "bob", "#2")
	if n := len(d.engine.State().Incidents); n != 0 {
		d.t.Errorf("%d incidents are still open", n)
	}
	d.pass(2 * time.Hour)
	d.reserve()
	d.stop()
	d.all.Wait()
}

// reserve: room is made before the reserve is used up. It is laid down again
// within the hour.
func (d diskNight) reserve() {
	d.mu.Lock()
	d.log = nil
	d.mu.Unlock()
	over := d.heard("ada", "Disk full: over")
	d.fill()
	d.chatter("the ballast is dropped")
	d.makeRoom()
	d.pass(time.Hour + time.Minute)
	d.expect(over+1, "ada", "Disk full: over")
	if _, err := os.Stat(filepath.Join(d.dir, "ballast")); err != nil {
		d.t.Errorf("there was room for an hour, and there is no ballast: %v", err)
	}
}

// TestAStoreThatBreaksUnderTheAppliance breaks the file of the real binary in
// two ways, and waits until ada is told.
func TestAStoreThatBreaksUnderTheAppliance(t *testing.T) {
	if _, err := os.Stat("/dev/ptmx"); err != nil {
		t.Skipf("needs pseudo terminals: %v", err)
	}
	t.Parallel()
	n := standing(t)
	defer n.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(n.Start())
	must(n.Watching(ctx))

	// The file loses its end under the running box.
	file := filepath.Join(n.Data(), "heliograph.db")
	must(os.Truncate(file, int64(2*os.Getpagesize())))
	n.Client().Order(ctx, "OPEN platform the order that meets the fault")
	must(n.Text(ctx, rehearsal.AdaNumber, "memory was broken"))
	must(n.Watching(ctx))
	aside(t, n, 1)

	// A state that makes no sense is no passing trouble either: at the third
	// time the file goes aside.
	n.Halt()
	s, err := storage.Open(storage.Options{Dir: n.Data()})
	must(err)
	must(errors.Join(s.Update(func(tx *bbolt.Tx) error { return kv.Put(tx, "state", []byte(`{"next_inc`)) }), s.Close()))
	must(n.Start())
	must(n.Until(ctx, "ada was not told of the second file", func() bool { return n.Has(rehearsal.AdaNumber, "memory was broken") == 2 }))
	must(n.Watching(ctx))
	aside(t, n, 2)
	log, err := n.Journal()
	must(err)
	if got := bytes.Count(log, []byte("it is opened anew")); got != 4 {
		t.Errorf("the store was opened anew %d times, want once for the first fault and three times for the second:\n%s", got, log)
	}

	// And it works: an order is obeyed and remembered.
	if a, err := n.Client().Order(ctx, "OPEN platform after it all"); err != nil || !a.OK {
		t.Errorf("an order after the faults: %+v, %v", a, err)
	}
	must(n.Text(ctx, rehearsal.AdaNumber, "after it all"))
	n.Halt()
	if err := n.Sound(); err != nil {
		t.Errorf("the fresh store is not sound: %v", err)
	}
}

// standing is the standard rehearsal, with this very program as its appliance.
func standing(t *testing.T) *rehearsal.World {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := rehearsal.Standard(self, 20, t.TempDir())
	o.Submit = 0
	w, err := rehearsal.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func aside(t *testing.T, n *rehearsal.World, want int) {
	t.Helper()
	kept, err := filepath.Glob(filepath.Join(n.Data(), "heliograph.db.broken-*"))
	if err != nil || len(kept) != want {
		t.Errorf("%d files are set aside (%v), want %d", len(kept), err, want)
	}
}
