package board

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// bulldog is a watchdog that writes down when it bites.
type bulldog struct {
	mu     sync.Mutex
	timer  *time.Timer
	began  time.Time
	meals  int
	bitten []time.Duration
	sick   error
}

const bites = 60 * time.Second

func newBulldog() *bulldog {
	d := &bulldog{began: time.Now()}
	d.timer = time.AfterFunc(bites, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.bitten = append(d.bitten, time.Since(d.began))
	})
	return d
}

func (d *bulldog) Feed() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.meals++
	d.timer.Reset(bites)
	return d.sick
}

func (d *bulldog) Timeout() time.Duration { return bites }
func (d *bulldog) Close(bool) error       { d.timer.Stop(); return nil }

func (d *bulldog) bit() []time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.bitten
}

// loop is the work: it takes turns until it is stuck.
type loop struct {
	mu    sync.Mutex
	stuck chan struct{}
}

func (l *loop) turn(ctx context.Context) error {
	l.mu.Lock()
	stuck := l.stuck
	l.mu.Unlock()
	if stuck == nil {
		return nil
	}
	select {
	case <-stuck:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *loop) stick(stuck chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stuck = stuck
}

func guarded(t *testing.T, story func(d *bulldog, l *loop, said *[]string)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, l, said := newBulldog(), &loop{}, []string{}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			Guard{
				Dog: d, Turn: l.turn, Stuck: func(s time.Duration) { said = append(said, "stuck for "+s.String()) },
				Moving: func() { said = append(said, "moving") }, Fault: func(err error) { said = append(said, err.Error()) },
			}.Run(ctx)
		}()
		synctest.Wait()
		story(d, l, &said)
		stop()
		<-done
		d.Close(true)
	})
}

func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestALoopThatTurnsIsLetLive(t *testing.T) {
	guarded(t, func(d *bulldog, l *loop, said *[]string) {
		pass(24 * time.Hour)
		if len(d.bit()) > 0 || len(*said) > 0 {
			t.Errorf("it bit at %v and said %q", d.bit(), *said)
		}
		if want := 24*60*4 + 1; d.meals != want {
			t.Errorf("%d meals in a day, want %d", d.meals, want)
		}
	})
}

func TestAStuckLoopIsFedNoMore(t *testing.T) {
	guarded(t, func(d *bulldog, l *loop, said *[]string) {
		pass(10*time.Minute + time.Second)
		l.stick(make(chan struct{}))
		pass(58 * time.Second)
		if len(d.bit()) > 0 || strings.Join(*said, ", ") != "stuck for 30s" {
			t.Errorf("after 58 s it bit at %v and said %q", d.bit(), *said)
		}
		pass(10 * time.Minute)
		if b := d.bit(); len(b) != 1 || b[0] != 11*time.Minute {
			t.Errorf("it bit at %v, want once, 60 s after the last meal", b)
		}
	})
}

func TestALoopThatGoesOnInTimeIsFedAgain(t *testing.T) {
	guarded(t, func(d *bulldog, l *loop, said *[]string) {
		slow := make(chan struct{})
		pass(time.Second)
		l.stick(slow)
		pass(50 * time.Second)
		close(slow)
		pass(time.Hour)
		if len(d.bit()) > 0 || strings.Join(*said, ", ") != "stuck for 30s, moving" {
			t.Errorf("it bit at %v and said %q", d.bit(), *said)
		}
	})
}

func TestADogThatDoesNotEatIsTold(t *testing.T) {
	guarded(t, func(d *bulldog, l *loop, said *[]string) {
		d.mu.Lock()
		d.sick = errors.New("no appetite")
		d.mu.Unlock()
		pass(16 * time.Second)
		if strings.Join(*said, ", ") != "feed the watchdog: no appetite" {
			t.Errorf("said %q", *said)
		}
	})
}

func TestWhatIsNoWatchdogIsRefusedWithAdvice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := OpenWatchdog(filepath.Join(dir, "none"), time.Minute); err == nil || !strings.Contains(err.Error(), "modprobe softdog") {
		t.Errorf("a device that is not there: %v", err)
	}
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenWatchdog(plain, time.Minute); err == nil || !strings.Contains(err.Error(), "is it a watchdog?") {
		t.Errorf("a plain file: %v", err)
	}
}

// TestTheKernelsWatchdog arms a real one for a moment, where a variable says
// that this machine may be reset.
func TestTheKernelsWatchdog(t *testing.T) {
	path := os.Getenv("HELIOGRAPH_WATCHDOG")
	if path == "" {
		t.Skip("needs a watchdog that may reset this machine: HELIOGRAPH_WATCHDOG=/dev/watchdog")
	}
	w, err := OpenWatchdog(path, 30*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if w.Timeout() < time.Second || w.Timeout() > time.Hour {
		t.Errorf("it waits for %s", w.Timeout())
	}
	if err := errors.Join(w.Feed(), w.Close(true)); err != nil {
		t.Error(err)
	}
}
