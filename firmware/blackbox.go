package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/drivers/modem"
	"heliograph/firmware/blackbox"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/firmware/incident"
	"heliograph/storage/outbox"
)

// freezer freezes the black box when an incident opens, opens again, resolves
// and closes. It works beside the engine, which never waits for it.
type freezer struct {
	recorder *blackbox.Recorder
	engine   *engine.Engine
	log      *slog.Logger
	lost     []int // open incidents without a black box: the box stopped before there was one

	mu    sync.Mutex
	asked []moment
	since map[int]time.Time // when each incident was last frozen in this run
	woken chan struct{}

	waiting []boxed // belongs to run: what the disk had no room for
}

// moment is a change of an incident's phase.
type moment struct {
	incident int
	is       incident.Phase
}

// boxed is a black box for the disk.
type boxed struct {
	incident int
	box      []byte
}

// Bounds of a full disk: how many black boxes wait in memory, the oldest going
// first, and how long from try to try.
const (
	boxesWaiting = 8
	boxAgain     = 30 * time.Second
)

func newFreezer(r *blackbox.Recorder, log *slog.Logger) *freezer {
	return &freezer{recorder: r, log: log, since: map[int]time.Time{}, woken: make(chan struct{}, 1)}
}

// marked hears of a change from the engine and does not keep it waiting.
func (f *freezer) marked(number int, is incident.Phase) {
	f.mu.Lock()
	f.asked = append(f.asked, moment{number, is})
	f.mu.Unlock()
	select {
	case f.woken <- struct{}{}:
	default:
	}
}

// missing finds the open incidents that have no black box.
func (f *freezer) missing(view func(func(*bbolt.Tx) error) error) error {
	return view(func(tx *bbolt.Tx) error {
		for _, c := range f.engine.State().Incidents {
			if !outbox.HasBlackBox(tx, c.Number) {
				f.lost = append(f.lost, c.Number)
			}
		}
		return nil
	})
}

// run freezes until ctx ends and what was asked before is done.
func (f *freezer) run(ctx context.Context) {
	for _, number := range f.lost {
		f.freeze(number, blackbox.Empty("opened", "the box stopped before it was frozen: nothing is kept of what came before"))
	}
	again := time.NewTicker(boxAgain)
	defer again.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-f.woken:
			f.answer()
		case <-again.C:
			f.store()
		}
	}
	f.answer()
}

// answer freezes what was asked for.
func (f *freezer) answer() {
	f.mu.Lock()
	asked := f.asked
	f.asked = nil
	f.mu.Unlock()
	for _, m := range asked {
		rec := f.recorder.Freeze(f.name(m), f.last(m.incident))
		f.mu.Lock()
		if f.since[m.incident] = time.Now(); m.is == incident.Closed {
			delete(f.since, m.incident)
		}
		f.mu.Unlock()
		f.freeze(m.incident, rec)
	}
}

// name says why it is frozen.
func (f *freezer) name(m moment) string {
	if m.is != incident.Open {
		return string(m.is)
	}
	if c, ok := f.engine.State().Case(m.incident); ok && c.Reopened > 0 {
		return "reopened"
	}
	return "opened"
}

// last is when an incident was last frozen; zero if not in this run.
func (f *freezer) last(number int) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.since[number]
}

// now is what came since, for those who ask before it is frozen.
func (f *freezer) now(number int) blackbox.Record {
	r := f.recorder.Freeze("now", f.last(number))
	r.Trusted = f.engine.Now().Trusted
	return r
}

func (f *freezer) freeze(number int, r blackbox.Record) {
	r.Trusted = f.engine.Now().Trusted
	box, err := r.Pack()
	if err != nil {
		f.log.Error("a black box is lost", "incident", number, "why", err)
		return
	}
	f.waiting = append(f.waiting, boxed{number, box})
	f.store()
}

// store keeps what waits, as far as there is room.
func (f *freezer) store() {
	for len(f.waiting) > 0 {
		b := f.waiting[0]
		err := f.engine.KeepBlackBox(context.Background(), b.incident, b.box) // the engine's end ends it
		if errors.Is(err, engine.ErrDiskFull) {
			f.bound()
			return
		}
		if err != nil {
			f.log.Error("a black box is lost", "incident", b.incident, "why", err)
		}
		f.waiting = f.waiting[1:]
	}
}

func (f *freezer) bound() {
	for len(f.waiting) > boxesWaiting {
		f.log.Warn("a black box is lost", "incident", f.waiting[0].incident, "why", engine.ErrDiskFull)
		f.waiting = f.waiting[1:]
	}
}

// tapped is the engine's inbox with a recorder before it: what decided is in
// the black box before it is decided.
type tapped struct {
	*engine.Engine
	recorder *blackbox.Recorder
}

func (t tapped) Put(f event.Fact) {
	if p, ok := f.(event.Probed); ok {
		now := time.Now()
		for _, r := range p.Results {
			t.recorder.Probed(p.Subject, r, now)
		}
	}
	t.Engine.Put(f)
}

// dialogue reads the end of a modem's dialogue for the recorder.
func dialogue(m *modem.Modem) func() []blackbox.Line {
	return func() []blackbox.Line {
		var lines []blackbox.Line
		for _, l := range m.Traced() {
			lines = append(lines, blackbox.Line{At: l.At, Dir: l.Dir, Text: l.Line})
		}
		return lines
	}
}

// frozen reads the black boxes of an incident; one that cannot be read says so.
func frozen(tx *bbolt.Tx, number int) []blackbox.Record {
	var all []blackbox.Record
	for _, b := range outbox.BlackBoxes(tx, number) {
		r, err := blackbox.Unpack(b)
		if err != nil {
			r = blackbox.Empty("frozen", err.Error())
		}
		all = append(all, r)
	}
	return all
}
