package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/storage"
	"heliograph/storage/kv"
)

func TestWhyTheLastRunEnded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what  string
		was   life
		boot  string
		bit   bool
		stuck string
		want  event.Cause
	}{
		{"the first start", life{}, "b1", false, "", ""},
		{"stopped by systemctl", life{Boot: "b1", Left: event.ByOrder}, "b1", false, "", event.ByOrder},
		{"shut down in order", life{Boot: "b1", Left: event.ByOrder}, "b2", true, "", event.ByOrder},
		{"a new version", life{Boot: "b1", Left: event.ByUpdate}, "b2", false, "", event.ByUpdate},
		{"killed", life{Boot: "b1"}, "b1", false, "", event.ByCrash},
		{"killed, long after a reset", life{Boot: "b1"}, "b1", true, "", event.ByCrash},
		{"stuck, killed by systemd", life{Boot: "b1"}, "b1", false, "stood still", event.ByWatchdog},
		{"stuck, reset by softdog", life{Boot: "b1"}, "b2", false, "stood still", event.ByWatchdog},
		{"reset by hardware", life{Boot: "b1"}, "b2", true, "", event.ByWatchdog},
		{"the plug", life{Boot: "b1"}, "b2", false, "", event.ByPower},
	} {
		if got := causeOf(c.was, c.boot, c.bit, c.stuck); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// TestAStopIsRememberedAndACrashTold on the real appliance.
func TestAStopIsRememberedAndACrashTold(t *testing.T) {
	r := newRig(t)
	r.write()
	r.start()
	if s := r.status(); s.Restart != "" {
		t.Errorf("a box that never ran was restarted by %q", s.Restart)
	}
	again := func(want string) {
		t.Helper()
		r.stop()
		r.start()
		r.until("status tells of "+want, func() bool { return r.status().Restart == want })
	}
	again("order")
	again("order")
	// What a killed process leaves: no word of its end.
	r.stop()
	forget(t, filepath.Join(r.dir, "data"))
	r.start()
	r.until("status tells of the crash", func() bool { return r.status().Restart == "crash" })
	r.stop()
	// And one whose engine stood still.
	forget(t, filepath.Join(r.dir, "data"))
	if err := os.WriteFile(filepath.Join(r.dir, "data", stuckName), []byte("the engine stood still for 40s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.until("status tells of the watchdog", func() bool { return r.status().Restart == "watchdog" })
	r.until("the log book tells more", func() bool { return r.log.count("watchdog; the engine stood still for 40s") == 1 })
	again("order")
}

// forget takes the word of an orderly end out of a store.
func forget(t *testing.T, dir string) {
	t.Helper()
	store, err := storage.Open(storage.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	err = store.Update(func(tx *bbolt.Tx) error {
		return kv.Put(tx, "driver/"+lifeName, []byte(`{"boot":"`+bootID()+`"}`))
	})
	if err != nil {
		t.Error(err)
	}
}

type nobody struct{}

func (nobody) Hand(event.Claim) {}

// hanging is a store whose commits wait for as long as hold says: a disk that
// answers no more.
type hanging struct {
	*storage.Store
	mu   sync.Mutex
	hold chan struct{}
}

func (h *hanging) Update(f func(*bbolt.Tx) error) error {
	h.mu.Lock()
	hold := h.hold
	h.mu.Unlock()
	if hold != nil {
		<-hold
	}
	return h.Store.Update(f)
}

// kennel is a watchdog that writes its meals down.
type kennel struct {
	mu    sync.Mutex
	meals []time.Duration
	began time.Time
}

func (k *kennel) Feed() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.meals = append(k.meals, time.Since(k.began))
	return nil
}

func (*kennel) Timeout() time.Duration { return time.Minute }
func (*kennel) Close(bool) error       { return nil }

func (k *kennel) last() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.meals[len(k.meals)-1]
}

// TestOnlyAnEngineThatDecidesFeedsTheWatchdog: the real engine on a disk that
// hangs in the middle of a commit.
func TestOnlyAnEngineThatDecidesFeedsTheWatchdog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, disk, stop := onDisk(t, dir)
		dog, e := &kennel{began: time.Now()}, a.engine
		ctx, unguard := context.WithCancel(t.Context())
		var guarding sync.WaitGroup
		guarding.Go(func() { a.guard(ctx, dog) })
		pass := func(d time.Duration) { time.Sleep(d); synctest.Wait() }

		pass(10 * time.Minute)
		if dog.last() < 10*time.Minute-15*time.Second {
			t.Errorf("an engine that works was last fed for at %s", dog.last())
		}
		hold := make(chan struct{})
		disk.mu.Lock()
		disk.hold = hold
		disk.mu.Unlock()
		e.Put(event.Unwell{What: "something to write"})
		pass(10 * time.Minute)
		if dog.last() > 10*time.Minute+15*time.Second {
			t.Errorf("an engine that stands still since 10m was fed for at %s", dog.last())
		}
		if text, err := os.ReadFile(a.stuckFile()); err != nil || string(text) != "the engine stood still for 30s\n" {
			t.Errorf("for the next start it wrote %q, %v", text, err)
		}
		disk.mu.Lock()
		disk.hold = nil
		disk.mu.Unlock()
		close(hold)
		pass(time.Minute)
		if dog.last() < 20*time.Minute {
			t.Errorf("an engine that goes on was last fed for at %s", dog.last())
		}
		if _, err := os.Stat(a.stuckFile()); !os.IsNotExist(err) {
			t.Errorf("what was written down for the next start is still there: %v", err)
		}
		unguard()
		guarding.Wait()
		stop()
	})
}

// onDisk is an appliance of which only the engine runs, on a disk that can hang.
func onDisk(t *testing.T, dir string) (*appliance, *hanging, func()) {
	t.Helper()
	store, err := openStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	disk := &hanging{Store: store}
	e, err := engine.New(engine.Options{Store: disk, Parts: func(string) int { return 1 }, Log: func(string, string) {}, Keep: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx, nobody{}) }()
	a := &appliance{engine: e, log: slog.New(slog.NewTextHandler(io.Discard, nil)), warnings: map[string]string{}}
	a.data = dir
	return a, disk, func() {
		stop()
		if err := errors.Join(<-ended, store.Close()); err != nil {
			t.Error(err)
		}
	}
}
