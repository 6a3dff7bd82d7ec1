package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
	through engine.Hands  // who carries it; the box itself, which only keeps it, if nil
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

func (b *box) hands() engine.Hands {
	if b.through != nil {
		return b.through
	}
	return b
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
		Site: "waw-12", Language: "en", Wording: wording, Selftest: decide.Selftest{Tell: []string{"ada"}},
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
	go func() { b.ended <- e.Run(ctx, b.hands()) }()
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

// pass lets time go by.
func (b *box) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
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

// said is all that was handed out.
func (b *box) said() []event.Claim {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.claims)
}

// remember fills an incident's timeline.
func (b *box) remember(incident, lines int) {
	b.t.Helper()
	err := b.disk.Store.Update(func(tx *bbolt.Tx) error {
		for range lines {
			if err := outbox.Append(tx, incident, outbox.Entry{Box: time.Now(), What: "said", Text: strings.Repeat("x", 200)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) size() int64 {
	b.t.Helper()
	info, err := os.Stat(filepath.Join(b.dir, "heliograph.db"))
	if err != nil {
		b.t.Fatal(err)
	}
	return info.Size()
}
