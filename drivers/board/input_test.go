package board

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// wire is an input that a test pulls.
type wire struct {
	mu      sync.Mutex
	active  bool
	broken  error
	changed chan struct{}
}

func (w *wire) Active() (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.active, w.broken
}

func (w *wire) Changed() <-chan struct{} { return w.changed }
func (w *wire) Close() error             { return nil }

func (w *wire) pull(active bool) {
	w.quietly(active)
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// quietly is an edge that the kernel dropped.
func (w *wire) quietly(active bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.active = active
}

// watched runs a story about a line; said is what was told, and when.
func watched(t *testing.T, hold time.Duration, first bool, listener func(say func(string)) func(bool), story func(w *wire), want ...string) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{active: first, changed: make(chan struct{}, 1)}
		began := time.Now()
		var mu sync.Mutex
		var said []string
		told := listener(func(words string) {
			mu.Lock()
			defer mu.Unlock()
			said = append(said, fmt.Sprintf("%s %s", time.Since(began), words))
		})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- Watch(ctx, w, hold, told) }()
		synctest.Wait()
		story(w)
		synctest.Wait()
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if !slices.Equal(said, want) {
			t.Errorf("told\n %s\nwant\n %s", strings.Join(said, "\n "), strings.Join(want, "\n "))
		}
	})
}

func levels(say func(string)) func(bool) {
	return func(active bool) { say(fmt.Sprint(active)) }
}

func presses(say func(string)) func(bool) {
	b := &Button{Short: func() { say("short") }, Held: func() { say("held") }}
	return b.Level
}

func TestALevelCountsWhenItHasHeld(t *testing.T) {
	watched(t, 300*time.Millisecond, false, levels, func(w *wire) {
		time.Sleep(time.Second)
		w.pull(true)
		time.Sleep(200 * time.Millisecond)
		w.pull(false) // it only flickered
		time.Sleep(time.Second)
		w.pull(true)
		time.Sleep(time.Second)
		w.pull(false)
		time.Sleep(time.Second)
	}, "0s false", "2.5s true", "3.5s false")
}

func TestAnEdgeThatWasDroppedIsFoundAllTheSame(t *testing.T) {
	watched(t, 300*time.Millisecond, true, levels, func(w *wire) {
		time.Sleep(time.Second)
		w.quietly(false)
		time.Sleep(10 * time.Second)
	}, "0s true", "10.3s false")
}

func TestALineThatFailsIsTold(t *testing.T) {
	t.Parallel()
	w := &wire{broken: errors.New("unplugged"), changed: make(chan struct{}, 1)}
	if err := Watch(t.Context(), w, time.Second, func(bool) {}); err == nil || err.Error() != "unplugged" {
		t.Error(err)
	}
}

func TestALineThatFailsWhileNothingMovesIsToldAsWell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{changed: make(chan struct{}, 1)}
		done := make(chan error, 1)
		go func() { done <- Watch(t.Context(), w, time.Second, func(bool) {}) }()
		time.Sleep(time.Minute - time.Second)
		w.mu.Lock()
		w.broken = errors.New("unplugged")
		w.mu.Unlock()
		time.Sleep(2 * time.Second)
		select {
		case err := <-done:
			if err == nil || err.Error() != "unplugged" {
				t.Error(err)
			}
		default:
			t.Fatal("nobody noticed within ten seconds")
		}
	})
}

func TestAPressAndALongPress(t *testing.T) {
	watched(t, Bounce, false, presses, func(w *wire) {
		time.Sleep(time.Second)
		for range 5 { // the contact bounces
			w.pull(true)
			time.Sleep(3 * time.Millisecond)
			w.pull(false)
			time.Sleep(3 * time.Millisecond)
		}
		w.pull(true)
		time.Sleep(200 * time.Millisecond)
		w.pull(false)
		time.Sleep(970 * time.Millisecond)
		w.pull(true)
		time.Sleep(10 * time.Second) // held, and told once
		w.pull(false)
		time.Sleep(time.Second)
	}, "1.26s short", "5.23s held")
}

func TestAButtonThatIsStuckAtTheStartSaysNothing(t *testing.T) {
	watched(t, Bounce, true, presses, func(w *wire) {
		time.Sleep(time.Minute)
		w.pull(false)
		time.Sleep(time.Second)
		w.pull(true)
		time.Sleep(time.Second)
		w.pull(false)
		time.Sleep(time.Second)
	}, "1m2.03s short")
}

func TestLinesAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Line{"gpiochip0/17": {"gpiochip0", 17, false}, "gpiochip4/0 low": {"gpiochip4", 0, true}} {
		if got, err := ParseLine(text); err != nil || got != want || got.String() != text {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "17", "gpiochip0/", "/17", "gpiochip0/-1", "gpiochip0/17 high"} {
		if got, err := ParseLine(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
	if _, err := (Line{Chip: "gpiochip-none"}).Output(); err == nil || !strings.Contains(err.Error(), "take the line gpiochip-none/0") {
		t.Errorf("a chip that is not there: %v", err)
	}
}

// TestTheKernelsLines drives and reads lines of gpio-sim, the kernel's
// simulated chip (Documentation/admin-guide/gpio/gpio-sim.rst).
func TestTheKernelsLines(t *testing.T) {
	const configfs = "/sys/kernel/config/gpio-sim"
	if _, err := os.Stat(configfs); err != nil {
		t.Skip("needs the kernel's gpio-sim: modprobe gpio-sim, and root")
	}
	dev := filepath.Join(configfs, fmt.Sprintf("heliograph-%d", os.Getpid()))
	bank := filepath.Join(dev, "bank0")
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Mkdir(dev, 0o755), os.Mkdir(bank, 0o755)); err != nil {
		t.Skipf("needs root to make a gpio-sim chip: %v", err)
	}
	t.Cleanup(func() {
		os.WriteFile(dev+"/live", []byte("0"), 0o644)
		if err := errors.Join(os.Remove(bank), os.Remove(dev)); err != nil {
			t.Error(err)
		}
	})
	put(bank+"/num_lines", "8")
	put(dev+"/live", "1")
	chip := read(t, bank+"/chip_name")
	line := func(n int) string {
		return fmt.Sprintf("/sys/devices/platform/%s/%s/sim_gpio%d", read(t, dev+"/dev_name"), chip, n)
	}

	out, err := Line{Chip: chip, Offset: 3, Low: true}.Output()
	if err != nil {
		t.Fatal(err)
	}
	for active, want := range map[bool]string{true: "0", false: "1"} {
		if err := out.Set(active); err != nil || read(t, line(3)+"/value") != want {
			t.Errorf("active %t is %s, want %s: %v", active, read(t, line(3)+"/value"), want, err)
		}
	}
	in, err := Line{Chip: chip, Offset: 5}.Input()
	if err != nil {
		t.Fatal(err)
	}
	put(line(5)+"/pull", "pull-up")
	<-in.Changed()
	if active, err := in.Active(); err != nil || !active {
		t.Errorf("pulled up it reads %t, %v", active, err)
	}
	if err := errors.Join(in.Close(), out.Close()); err != nil {
		t.Error(err)
	}
}
