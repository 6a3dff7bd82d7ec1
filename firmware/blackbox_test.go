package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/firmware/blackbox"
	"heliograph/firmware/control"
	"heliograph/firmware/decide"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/firmware/incident"
	"heliograph/storage/storagetest"
)

const (
	secretPIN  = "86420975"
	adasNumber = "+48600100201"
)

// newSecretRig has PINs on its SIMs and looks every 100 ms.
func newSecretRig(t *testing.T, changes ...string) *rig {
	t.Helper()
	r := newLockedRig(t, secretPIN)
	pin := filepath.Join(r.dir, "pin")
	if err := os.WriteFile(pin, []byte(secretPIN+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.write(append([]string{
		`number: "+48600100210"}`, `number: "+48600100210", pin: {file: ` + pin + `}}`,
		`number: "+48600100211"}`, `number: "+48600100211", pin: {file: ` + pin + `}}`,
		`every: 2s, `, `every: 100ms, down: {after: 3}, up: {after: 3, hold: 1s}, `,
	}, changes...)...)
	return r
}

func (r *rig) export(n int) (x control.Export, boxes []blackbox.Record) {
	if _, err := r.client.Get(r.t.Context(), fmt.Sprintf("/v1/incidents/%d", n), &x); err != nil {
		return x, nil
	}
	boxes, err := boxesOf(x)
	if err != nil {
		r.t.Fatal(err)
	}
	return x, boxes
}

// moments are why the boxes were frozen.
func moments(boxes []blackbox.Record) string {
	var words []string
	for _, b := range boxes {
		words = append(words, b.Moment)
	}
	return strings.Join(words, " ")
}

func printed(boxes []blackbox.Record) string {
	var b bytes.Buffer
	blackbox.Print(&b, boxes, plain)
	return b.String()
}

// got waits for a text with these words on a phone.
func (r *rig) got(number, words string) {
	r.t.Helper()
	r.until(number+" has a text with "+words, func() bool {
		for _, text := range r.net.Phone(number).Texts() {
			if strings.Contains(text.Body, words) {
				return true
			}
		}
		return false
	})
}

// night cuts the target, lets people write secrets to each other, and mends
// it; it returns when the incident is archived.
func (r *rig) night() {
	r.t.Helper()
	r.until("the target answers", func() bool {
		s := r.status()
		return len(s.Subjects) == 1 && s.Subjects[0].Condition == "up"
	})
	r.target.cut()
	r.got(adasNumber, "DOWN transit-a")
	r.until("the opening is frozen", func() bool {
		_, boxes := r.export(1)
		return strings.HasPrefix(moments(boxes), "opened ")
	})
	if err := r.net.Phone(adasNumber).Send("+48600100210", "the door code was 5550199"); err != nil {
		r.t.Fatal(err)
	}
	r.until("ada has an answer", func() bool { return len(r.net.Phone(adasNumber).Texts()) > 1 })
	if a, err := r.client.Order(r.t.Context(), "SAY 1 the door code is 7391526"); err != nil || !a.OK {
		r.t.Fatalf("say: %+v, %v", a, err)
	}
	r.got(adasNumber, "7391526")
	if err := r.target.open(); err != nil {
		r.t.Fatal(err)
	}
	r.got(adasNumber, "ALL CLEAR")
	r.until("the closing is frozen", func() bool {
		_, boxes := r.export(1)
		return moments(boxes) == "opened resolved closed"
	})
}

// TestTheBlackBoxOfANight: it shows what the box knew and did, in the order of
// time, and nothing that nobody may read.
func TestTheBlackBoxOfANight(t *testing.T) {
	r := newSecretRig(t)
	r.start()
	r.night()
	_, boxes := r.export(1)
	text := printed(boxes)

	failed := strings.Index(text, "FAILS tcp "+r.target.at)
	opened := strings.Index(text, "-- opened: ")
	sent := strings.Index(text[max(0, opened):], "> AT+CMGS=")
	resolved := strings.Index(text, "-- resolved: ")
	if failed < 0 || opened < failed || sent < 0 || resolved < opened {
		t.Errorf("failure at %d, opening at %d, a text %d after it, the end at %d", failed, opened, sent, resolved)
	}
	for _, want := range []string{"ok    tcp " + r.target.at, "lte0       > AT+CPIN=****", "<pdu ", "…201 #", "-- closed: "} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q", want)
		}
	}
	last := time.Time{}
	for _, b := range boxes {
		for _, s := range b.Samples {
			if s.At.Before(last) || s.At.After(b.Frozen) {
				t.Fatalf("a sample of %s in the box %s of %s, after one of %s", s.At, b.Moment, b.Frozen, last)
			}
			last = s.At
		}
	}
	if t.Failed() {
		t.Log(text)
	}

	socket := filepath.Join(r.dir, "control.sock")
	if out, errs, code := typed(t, "export", "1", "--blackbox", "--socket", socket); code != 0 || out != text {
		t.Errorf("--blackbox: status %d, %s%s", code, out, errs)
	}
	out, _, _ := typed(t, "export", "1", "--socket", socket)
	if want := "Black box: " + blackbox.Summary(boxes) + ".\n`heliograph export 1 --blackbox` prints it.\n"; !strings.HasSuffix(out, want) {
		t.Errorf("export ends with\n%s\nwant\n%s", out, want)
	}
	var machine struct {
		BlackBox []struct{ Lines []struct{ Text string } } `json:"black_box"`
	}
	if out, _, _ := typed(t, "export", "1", "--json", "--socket", socket); json.Unmarshal([]byte(out), &machine) != nil || len(machine.BlackBox) != 3 || len(machine.BlackBox[0].Lines) == 0 {
		t.Errorf("--json gives %s", out)
	}
	r.stop()
	r.nothingSecret()
}

// nothingSecret reads the store as it lies on the disk.
func (r *rig) nothingSecret() {
	r.t.Helper()
	path := filepath.Join(r.dir, "data", "heliograph.db")
	whole, err := os.ReadFile(path)
	if err != nil {
		r.t.Fatal(err)
	}
	if bytes.Contains(whole, []byte(secretPIN)) {
		r.t.Error("the PIN is in the store")
	}
	if !bytes.Contains(whole, []byte("7391526")) {
		r.t.Error("what was said is nowhere in the store: this test looks in the wrong place")
	}
	for i, text := range r.boxesOnDisk(path) {
		for _, secret := range []string{
			secretPIN, "7391526", "5550199", "door code", "DOWN transit-a", "ALL CLEAR", strings.TrimPrefix(adasNumber, "+"), "84060110", // as a TPDU spells it
			"48600100202", "48600100210", "48600100211",
		} {
			if strings.Contains(text, secret) {
				r.t.Errorf("the black box %d shows %q:\n%s", i, secret, text)
			}
		}
	}
}

// boxesOnDisk are the JSON texts of all black boxes of a store.
func (r *rig) boxesOnDisk(path string) []string {
	r.t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	var all []string
	err = db.View(func(tx *bbolt.Tx) error {
		for _, b := range frozen(tx, 1) {
			raw, err := json.Marshal(b)
			if err != nil {
				return err
			}
			all = append(all, string(raw))
		}
		return nil
	})
	if err != nil || len(all) != 3 {
		r.t.Fatalf("%d black boxes: %v", len(all), err)
	}
	return all
}

// TestNumbersIfTheOperatorAsks: and still no PIN and no words.
func TestNumbersIfTheOperatorAsks(t *testing.T) {
	r := newSecretRig(t, "selftest: off", "selftest: off\nblackbox: {numbers: true}")
	r.start()
	r.hears(adasNumber, "billing")
	r.until("the sending is in the memory", func() bool {
		_, boxes := r.export(1)
		return strings.Contains(printed(boxes), "to "+adasNumber+">")
	})
	_, boxes := r.export(1)
	if text := printed(boxes); strings.Contains(text, secretPIN) || strings.Contains(text, "billing") {
		t.Errorf("it shows more than numbers:\n%s", text)
	}
}

// TestAReloadKeepsTheDialogue: a modem that is restarted begins a new tape; the
// old one is still what happened.
func TestAReloadKeepsTheDialogue(t *testing.T) {
	r := newRig(t)
	r.write()
	r.start()
	r.hears(adasNumber, "billing")
	_, before := r.export(1)
	first := r.brought(0)
	r.write(`number: "+48600100210"}`, `number: "+48600100210", min_tries: 3}`)
	r.hangup(inForce)
	r.until("lte0 is brought up anew", func() bool { return r.brought(0) > first && r.state("lte0") == "fit" })
	_, after := r.export(1)
	lines := func(boxes []blackbox.Record) (n int) {
		for _, b := range boxes {
			for _, l := range b.Lines {
				if l.Modem == "lte0" {
					n++
				}
			}
		}
		return n
	}
	if b, a := lines(before), lines(after); b == 0 || a <= b {
		t.Errorf("%d lines of lte0 before, %d after", b, a)
	}
}

// shelf is an engine with a freezer that runs only when it is told to.
type shelf struct {
	t     *testing.T
	store *storagetest.Store
	disk  *disk
	*freezer
	log *logBook
	end func()
}

// disk is a store whose disk may be full.
type disk struct {
	*storagetest.Store
	full atomic.Bool
}

func (d *disk) Update(f func(*bbolt.Tx) error) error {
	if d.full.Load() {
		return fmt.Errorf("write: %w", syscall.ENOSPC)
	}
	return d.Store.Update(f)
}

func (d *disk) HasBallast() bool { return false }

// deaf hands have nobody to tell.
type deaf struct{}

func (deaf) Hand(event.Claim) {}

func (s *shelf) start() {
	s.t.Helper()
	s.log = &logBook{}
	s.freezer = newFreezer(blackbox.New(), slog.New(slog.NewTextHandler(s.log, nil)))
	e, err := engine.New(engine.Options{
		Store: s.disk, Rules: decide.Rules{Site: "waw-12", Manual: []string{"billing"}, Number: func(n string) string { return n }}, Version: "test",
		Parts: func(string) int { return 1 }, Same: func(a, b string) bool { return a == b }, Log: func(string, string) {}, Keep: time.Hour,
		Marked: s.marked,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.engine = e
	if err := s.missing(s.store.View); err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- e.Run(ctx, deaf{}) }()
	s.end = func() {
		cancel()
		if err := <-stopped; err != nil {
			s.t.Errorf("the engine ended: %v", err)
		}
	}
}

func newShelf(t *testing.T) *shelf {
	s := storagetest.Open(t)
	sh := &shelf{t: t, store: s, disk: &disk{Store: s}}
	sh.start()
	return sh
}

func (s *shelf) order(words string) {
	s.t.Helper()
	if a, err := s.engine.Order(context.Background(), "root", words); err != nil || !a.OK {
		s.t.Fatalf("%s: %+v, %v", words, a, err)
	}
}

// kept are the moments on disk of an incident, with their notes.
func (s *shelf) kept(incident int) string {
	s.t.Helper()
	var words []string
	if err := s.store.View(func(tx *bbolt.Tx) error {
		for _, r := range frozen(tx, incident) {
			words = append(words, strings.TrimSpace(r.Moment+" "+r.Note))
		}
		return nil
	}); err != nil {
		s.t.Fatal(err)
	}
	return strings.Join(words, ", ")
}

// TestKilledBeforeItWasFrozen: the next start says that nothing is there, and
// says it once.
func TestKilledBeforeItWasFrozen(t *testing.T) {
	t.Parallel()
	s := newShelf(t) // its freezer never runs: the box dies too soon
	s.order("OPEN billing card payments fail")
	s.end()
	s.store.Reopen()
	s.start()
	ended, cancel := context.WithCancel(context.Background())
	cancel() // it has nothing to wait for
	s.run(ended)
	s.end()
	const want = "opened the box stopped before it was frozen: nothing is kept of what came before"
	if got := s.kept(1); got != want {
		t.Errorf("the black box is %q", got)
	}
	s.store.Reopen()
	s.start()
	s.run(ended)
	s.end()
	if got := s.kept(1); got != want {
		t.Errorf("after another start the black box is %q", got)
	}
}

// TestAFullDiskBlocksNothing: incidents open all the same, their black boxes
// wait in memory, and what was seen is still that of the opening.
func TestAFullDiskBlocksNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(t)
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.run(ctx)
		}()
		s.recorder.Probed("billing", event.Result{Probe: "http billing", Seen: "connection refused"}, time.Now())
		s.disk.full.Store(true)
		s.order("OPEN billing card payments fail")
		synctest.Wait()
		if n := len(s.engine.State().Incidents); n != 1 || s.kept(1) != "" {
			t.Fatalf("%d incidents, the black box is %q", n, s.kept(1))
		}
		for n := range 20 {
			s.marked(100+n, incident.Resolved)
		}
		time.Sleep(2 * time.Hour) // with upkeep overdue
		s.order("STATUS")
		if lost := s.log.count("a black box is lost"); lost != 21-boxesWaiting {
			t.Errorf("%d black boxes of 21 are lost", lost)
		}
		s.disk.full.Store(false)
		time.Sleep(time.Minute)
		for n := 12; n < 20; n++ {
			if got := s.kept(100 + n); got != "resolved" {
				t.Errorf("of incident %d there is %q", 100+n, got)
			}
		}
		cancel()
		<-done
		s.end()
	})
}

// TestRoomComesBack: the black box that waited shows what there was when the
// incident opened.
func TestRoomComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(t)
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.run(ctx)
		}()
		s.recorder.Probed("billing", event.Result{Probe: "http billing", Seen: "connection refused"}, time.Now())
		time.Sleep(time.Second)
		s.disk.full.Store(true)
		s.order("OPEN billing card payments fail")
		time.Sleep(11 * time.Minute)
		s.disk.full.Store(false)
		time.Sleep(time.Minute)
		if got := s.kept(1); got != "opened" {
			t.Errorf("the black box is %q", got)
		}
		if r := s.now(1); len(r.Samples) != 0 {
			t.Errorf("the memory still has %+v", r.Samples)
		}
		s.store.View(func(tx *bbolt.Tx) error {
			if text := printed(frozen(tx, 1)); !strings.Contains(text, "FAILS http billing: connection refused") {
				t.Errorf("it shows\n%s", text)
			}
			return nil
		})
		s.order("CLEAR 1")
		time.Sleep(time.Minute)
		if got := s.kept(1); got != "opened, closed" { // nobody was told: it ends in one decision
			t.Errorf("at the end the black boxes are %q", got)
		}
		cancel()
		<-done
		s.end()
	})
}
