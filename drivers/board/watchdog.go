package board

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Dog is a watchdog: once it is there, it must be fed within Timeout, or it
// resets what it guards.
type Dog interface {
	Feed() error
	Timeout() time.Duration
	// Close lets go of it. Disarmed it is at rest; otherwise it goes on
	// counting, so that whatever ended the feeding also ends in a reset.
	Close(disarm bool) error
}

// Watchdog is a device of the Linux watchdog API
// (Documentation/watchdog/watchdog-api.rst).
type Watchdog struct {
	file    *os.File
	timeout time.Duration
	bit     bool
}

// OpenWatchdog arms a watchdog device. want is how long it may stay unfed;
// what the hardware makes of that is Timeout.
func OpenWatchdog(path string, want time.Duration) (*Watchdog, error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("open the watchdog: %w%s", err, watchdogAdvice(err))
	}
	fd := int(f.Fd())
	// Not every driver lets itself be set; what it says afterwards counts.
	_ = unix.IoctlSetPointerInt(fd, unix.WDIOC_SETTIMEOUT, int(want/time.Second))
	seconds, err := unix.IoctlGetInt(fd, unix.WDIOC_GETTIMEOUT)
	if err == nil && seconds <= 0 {
		err = fmt.Errorf("%d s", seconds)
	}
	if err != nil {
		_, _ = f.Write(magicClose)
		return nil, errors.Join(fmt.Errorf("%s does not tell how long it waits: %w; is it a watchdog?", path, err), f.Close())
	}
	boot, err := unix.IoctlGetInt(fd, unix.WDIOC_GETBOOTSTATUS)
	return &Watchdog{file: f, timeout: time.Duration(seconds) * time.Second, bit: err == nil && boot&unix.WDIOF_CARDRESET != 0}, nil
}

// magicClose disarms at the close that follows, on drivers that have
// WDIOF_MAGICCLOSE and a kernel without nowayout.
var magicClose = []byte("V")

func watchdogAdvice(err error) string {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "; is its driver loaded? Without hardware, `modprobe softdog` gives one"
	case errors.Is(err, os.ErrPermission):
		return "; this user may not: give it the device by a udev rule, or leave the watchdog to systemd"
	case errors.Is(err, unix.EBUSY):
		return "; another program feeds it (RuntimeWatchdogSec= in /etc/systemd/system.conf is one): only one can"
	}
	return ""
}

// Feed puts the reset off by another Timeout.
func (w *Watchdog) Feed() error { return unix.IoctlWatchdogKeepalive(int(w.file.Fd())) }

// Timeout is how long it waits.
func (w *Watchdog) Timeout() time.Duration { return w.timeout }

// Bit says that the machine's last reset was this watchdog's. Not every
// device remembers: softdog forgets with the rest of the memory.
func (w *Watchdog) Bit() bool { return w.bit }

// Close lets go of the device.
func (w *Watchdog) Close(disarm bool) error {
	if disarm {
		if _, err := w.file.Write(magicClose); err != nil {
			return errors.Join(fmt.Errorf("disarm the watchdog: %w", err), w.file.Close())
		}
	}
	return w.file.Close()
}

// Guard feeds a watchdog as long as the loop that does the work takes its
// turns: only that loop may say that work is done.
type Guard struct {
	Dog  Dog
	Turn func(context.Context) error // returns nil after the loop had a turn, begun after the call

	// Stuck hears once that the loop stands still, half of the timeout before
	// the reset; Moving hears that it goes on after all. They must not wait
	// for the loop.
	Stuck  func(standing time.Duration)
	Moving func()
	Fault  func(error) // the dog takes no food
}

// Run feeds until ctx ends. It does not close the dog.
func (g Guard) Run(ctx context.Context) {
	every := g.Dog.Timeout() / 4
	tick := time.NewTicker(every)
	defer tick.Stop()
	fed, stuck := time.Now(), false
	for {
		turn, cancel := context.WithTimeout(ctx, every)
		err := g.Turn(turn)
		cancel()
		switch standing := time.Since(fed); {
		case ctx.Err() != nil:
			return
		case err == nil:
			if err := g.Dog.Feed(); err != nil {
				g.Fault(fmt.Errorf("feed the watchdog: %w", err))
			}
			if fed = time.Now(); stuck {
				stuck = false
				g.Moving()
			}
		case !stuck && standing >= g.Dog.Timeout()/2:
			stuck = true
			g.Stuck(standing)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
