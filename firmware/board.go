package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"heliograph/drivers/board"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
)

// life is what one run leaves for the next, which then knows why it ended.
type life struct {
	Boot string      `json:"boot"`           // the kernel's number of its own start
	Left event.Cause `json:"left,omitempty"` // why it stopped, if it stopped in order
}

const (
	lifeName  = "box/life"
	stuckName = "stuck" // the file in the data folder that is there while the engine stands still
)

// causeOf tells why the run before ended. bit says that the watchdog calls the
// last reset its own; stuck is what was written down when the engine stood
// still. A kernel that fell over looks like a power cut.
func causeOf(was life, boot string, bit bool, stuck string) event.Cause {
	switch {
	case was.Boot == "":
		return "" // it never ran before
	case was.Left != "":
		return was.Left
	case stuck != "" || bit && boot != was.Boot:
		return event.ByWatchdog
	case boot == was.Boot:
		return event.ByCrash
	}
	return event.ByPower
}

// bootID is the kernel's number of its own start; it differs after each.
func bootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(b))
}

// recall reads a value that was remembered for the board.
func (a *appliance) recall(name string, into any) error {
	b, err := a.engine.Recall(name)
	if err != nil || len(b) == 0 {
		return err
	}
	return json.Unmarshal(b, into)
}

// remember keeps a value for the board and returns after the commit.
func (a *appliance) remember(name string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return a.engine.Remember(ctx, name, b)
}

// keeper holds the watchdog of one run, and remembers how the run ended.
type keeper struct {
	*appliance
	dog   board.Dog // nil: none
	begun sync.WaitGroup
}

// guarded arms the watchdog, feeds it until ctx ends, and finds out why the box
// was not running before. The engine must be running.
func (a *appliance) guarded(ctx context.Context, all *sync.WaitGroup) *keeper {
	k, bit := &keeper{appliance: a}, false
	if dog := a.openDog(); dog != nil {
		k.dog, bit = dog, dog.Bit()
		all.Go(func() { a.guard(ctx, dog) })
	}
	k.begun.Go(func() { a.beginLife(bit) })
	return k
}

// end remembers that this run ends in order, if it does.
func (k *keeper) end(ordered bool) {
	k.begun.Wait()
	if !ordered {
		return
	}
	k.mu.Lock()
	why := k.leaving
	k.mu.Unlock()
	k.endLife(cmp.Or(why, event.ByOrder))
}

// leaveFor says for what the next stop is, if it is not an order of people.
func (a *appliance) leaveFor(why event.Cause) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.leaving = why
}

// release lets go of the watchdog; only after an orderly stop does it rest.
func (k *keeper) release(disarm bool) error {
	if k.dog == nil {
		return nil
	}
	return k.dog.Close(disarm)
}

// beginLife finds out why the box was not running, tells the engine, and
// forgets it for the next time. The engine must be running.
func (a *appliance) beginLife(bit bool) {
	var was life
	if err := a.recall(lifeName, &was); err != nil {
		a.log.Warn("why the last run ended cannot be told", "why", err)
	}
	stuck, _ := os.ReadFile(a.stuckFile()) // it is there only after a standstill
	boot := bootID()
	if cause := causeOf(was, boot, bit, string(stuck)); cause != "" {
		a.engine.Put(event.Restarted{Cause: cause, Detail: strings.TrimSpace(string(stuck))})
	}
	if err := a.remember(lifeName, life{Boot: boot}); err != nil {
		a.log.Warn("the next start will not know why this one ended", "why", err)
		return
	}
	a.moving()
}

// endLife remembers that this run ended in order.
func (a *appliance) endLife(why event.Cause) {
	if err := a.remember(lifeName, life{Boot: bootID(), Left: why}); err != nil {
		a.log.Warn("the next start will take this stop for a crash", "why", err)
	}
}

func (a *appliance) stuckFile() string { return filepath.Join(a.data, stuckName) }

// stuck writes down, beside the store that may be what hangs, that the engine
// stands still: the next start then knows whose reset it was.
func (a *appliance) stuck(standing time.Duration) {
	text := fmt.Sprintf("the engine stood still for %s", standing.Round(time.Second))
	a.log.Error(text + ": the watchdog is fed no more")
	f, err := os.OpenFile(a.stuckFile(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err == nil {
		_, err = f.WriteString(text + "\n")
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err != nil {
		a.log.Error("that cannot be written down", "why", err)
	}
}

// moving takes that back.
func (a *appliance) moving() {
	if err := os.Remove(a.stuckFile()); err == nil {
		a.log.Info("the engine goes on")
	}
}

// unfed is how long the hardware watchdog waits where it lets itself be set.
const unfed = time.Minute

// openDog arms the watchdog of the configuration; nil if there is none.
func (a *appliance) openDog() *board.Watchdog {
	path := a.config.Board.Watchdog
	if path == "" {
		return nil
	}
	dog, err := board.OpenWatchdog(path, unfed)
	if err != nil {
		a.warn("watchdog", err.Error())
		return nil
	}
	a.log.Info("the watchdog is armed", "device", path, "waits", dog.Timeout())
	return dog
}

// guard feeds a watchdog while the engine takes its turns.
func (a *appliance) guard(ctx context.Context, dog board.Dog) {
	board.Guard{
		Dog: dog, Turn: func(ctx context.Context) error { return a.engine.Take(ctx, engine.Pulse{}) },
		Stuck: a.stuck, Moving: a.moving, Fault: func(err error) { a.warn("watchdog", err.Error()) },
	}.Run(ctx)
}

// superior is a supervisor's watchdog: systemd with WatchdogSec=.
type superior time.Duration

func (superior) Feed() error {
	_, err := daemon.SdNotify(false, daemon.SdNotifyWatchdog)
	return err
}

func (s superior) Timeout() time.Duration { return time.Duration(s) }
func (superior) Close(bool) error         { return nil }

// notifySystemd tells a supervisor that the box is ready, and feeds its
// watchdog.
func (a *appliance) notifySystemd(ctx context.Context) {
	if ok, err := daemon.SdNotify(false, daemon.SdNotifyReady); !ok || err != nil {
		return
	}
	if every, err := daemon.SdWatchdogEnabled(false); err == nil && every > 0 {
		a.guard(ctx, superior(every))
	}
}
