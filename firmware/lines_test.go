package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/drivers/board"
	"heliograph/firmware/config"
	"heliograph/firmware/event"
)

// bench is a box whose wires end on a table.
type bench struct {
	mu    sync.Mutex
	began time.Time
	said  []string
	taken map[string]bool
	ins   map[string]*pin
	fault error
}

func newBench() *bench {
	return &bench{began: time.Now(), taken: map[string]bool{}, ins: map[string]*pin{}}
}

func (b *bench) say(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.said = append(b.said, time.Since(b.began).String()+" "+fmt.Sprintf(format, args...))
}

func (b *bench) heard() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := strings.Join(b.said, "\n")
	b.said = nil
	return all
}

func (b *bench) broken(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = err
}

// lamp is an output.
type lamp struct {
	*bench
	line string
}

func (l lamp) Set(active bool) error {
	l.mu.Lock()
	fault := l.fault
	l.mu.Unlock()
	if fault == nil {
		l.say("%s %t", l.line, active)
	}
	return fault
}

func (l lamp) Close() error { l.say("%s let go", l.line); return nil }

// pin is an input.
type pin struct {
	mu      sync.Mutex
	active  bool
	changed chan struct{}
}

func (p *pin) Active() (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.active, nil
}
func (p *pin) Changed() <-chan struct{} { return p.changed }
func (*pin) Close() error               { return nil }

func (p *pin) set(active bool) {
	p.mu.Lock()
	p.active = active
	p.mu.Unlock()
	p.changed <- struct{}{}
}

func (b *bench) lines() lines {
	return lines{
		output: func(line string) (board.Output, error) { return lamp{b, line}, nil },
		input: func(line string) (board.Input, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.ins[line] = &pin{changed: make(chan struct{}, 1)}
			return b.ins[line], nil
		},
		restart: func(context.Context) error { b.say("restarted"); return nil },
	}
}

func onBench(t *testing.T, c config.Board, story func(a *appliance, b *bench)) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, _, stop := onDisk(t, dir)
		b := newBench()
		a.lines = b.lines()
		ctx, unplug := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { a.runLines(ctx, c) })
		synctest.Wait()
		story(a, b)
		unplug()
		running.Wait()
		stop()
	})
}

func TestTheLightsFollowTheStateAndGoOutAtTheEnd(t *testing.T) {
	lights := config.Board{LEDs: config.LEDs{Up: "up", Incident: "incident", Unacknowledged: "unacked", Modem: "modem"}, Relay: "relay"}
	var end *bench
	onBench(t, lights, func(a *appliance, b *bench) {
		end = b
		expect := func(want ...string) {
			t.Helper()
			synctest.Wait()
			if got := b.heard(); got != strings.Join(want, "\n") {
				t.Errorf("the lines\n%s\nwant\n%s", got, strings.Join(want, "\n"))
			}
		}
		expect("0s up false", "0s incident false", "0s unacked false", "0s modem false", "0s relay false")
		time.Sleep(time.Minute + 100*time.Millisecond) // between two looks
		a.engine.Put(event.Ordered{By: "root", Text: "OPEN platform x"})
		time.Sleep(250 * time.Millisecond)
		expect("1m0.25s incident true", "1m0.25s unacked true")
		// A line that fails is a warning, and is tried again later.
		b.broken(errors.New("unplugged"))
		a.engine.Put(event.Ordered{By: "root", Text: "ACK 1"})
		time.Sleep(time.Second)
		expect("1m0.5s unacked let go")
		if w := strings.Join(a.warned(), "; "); w != "board.leds.unacknowledged: unplugged" {
			t.Errorf("warned of %q", w)
		}
		b.broken(nil)
		time.Sleep(time.Minute)
		expect("1m30.5s unacked false")
		if w := a.warned(); len(w) > 0 {
			t.Errorf("still warned of %q", w)
		}
	})
	if got := end.heard(); strings.Count(got, "false") != 5 || strings.Count(got, "let go") != 5 {
		t.Errorf("at the end\n%s", got)
	}
}

// TestALineThatIsNoLongerConfiguredIsNoWarning: a reload that takes a faulty
// line out ends the complaint about it.
func TestALineThatIsNoLongerConfiguredIsNoWarning(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, _, stop := onDisk(t, dir)
		none := errors.New("no such line")
		a.lines = lines{
			output: func(string) (board.Output, error) { return nil, none },
			input:  func(string) (board.Input, error) { return nil, none },
		}
		ctx, reload := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { a.runLines(ctx, config.Board{Relay: "relay", Button: "button"}) })
		by := a.leversOf(config.Modem{Name: "lte0", Power: config.Power{GPIO: "gpiochip0/17"}}, false)
		synctest.Wait()
		if got := strings.Join(a.warned(), "; "); got != "board.button: no such line; board.relay: no such line; the power of lte0 cannot be cut: no such line" {
			t.Errorf("warned of %q", got)
		}
		reload()
		running.Wait()
		by.close()
		if w := a.warned(); len(w) > 0 {
			t.Errorf("still warned of %q", w)
		}
		stop()
	})
}

func TestTheInputsBecomeFacts(t *testing.T) {
	onBench(t, config.Board{Button: "button", PowerFail: "power"}, func(a *appliance, b *bench) {
		time.Sleep(time.Second)
		b.ins["button"].set(true)
		time.Sleep(200 * time.Millisecond)
		b.ins["button"].set(false)
		time.Sleep(time.Second)
		if a.engine.State().Pressed.IsZero() {
			t.Error("a press did not arrive")
		}
		b.ins["power"].set(true)
		time.Sleep(200 * time.Millisecond)
		b.ins["power"].set(false) // it flickered
		time.Sleep(time.Second)
		if a.engine.State().Power != nil {
			t.Error("a flicker counts as an outage")
		}
		b.ins["power"].set(true)
		time.Sleep(time.Second)
		if a.engine.State().Power == nil {
			t.Error("a loss of power did not arrive")
		}
	})
}

func TestPowerIsCutForTenSecondsAndGivenBackWhateverHappens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		if err := cutPower(t.Context(), lamp{b, "modem"}); err != nil || b.heard() != "0s modem true\n10s modem false" {
			t.Errorf("cut: %v", err)
		}
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if err := cutPower(ctx, lamp{b, "modem"}); err != nil || b.heard() != "10s modem true\n10s modem false" {
			t.Errorf("stopped in the middle: %v", err)
		}
	})
}

// TestTheBoxIsRestartedForItsOnlyModem, seldom, and remembers that over the
// restart.
func TestTheBoxIsRestartedForItsOnlyModem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, _, stop := onDisk(t, dir)
		b := newBench()
		a.lines = b.lines()
		a.engine.Put(event.WorkerChanged{Worker: "lte1", Channel: "sms", Fit: true, State: "ready"})
		synctest.Wait()
		if err := a.restartBox(t.Context(), "lte0"); err == nil || err.Error() != "lte1 can send: the box goes on with it" {
			t.Errorf("with a second modem: %v", err)
		}
		a.engine.Put(event.WorkerChanged{Worker: "lte1", Channel: "sms", State: "no SIM"})
		a.engine.Put(event.WorkerChanged{Worker: "mail", Channel: "mail", Fit: true, State: "ready"}) // it wakes nobody
		synctest.Wait()
		if err := a.restartBox(t.Context(), "lte0"); err != nil || b.heard() != "0s restarted" {
			t.Errorf("without: %v", err)
		}
		var left life
		if err := a.recall(lifeName, &left); err != nil || left.Left != event.ByOrder {
			t.Errorf("the next start is told %+v, %v", left, err)
		}
		stop()
		a, _, stop = onDisk(t, dir)
		a.lines = b.lines()
		time.Sleep(5 * time.Hour)
		if err := a.restartBox(t.Context(), "lte0"); err == nil || !strings.Contains(err.Error(), "that did not mend it; the next try is in 1h0m0s") {
			t.Errorf("after five hours: %v", err)
		}
		time.Sleep(time.Hour)
		if err := a.restartBox(t.Context(), "lte0"); err != nil || b.heard() != "6h0m0s restarted" {
			t.Errorf("after six hours: %v", err)
		}
		stop()
	})
}

// TestTheSocketOfAModemIsKnownWhenItsPortIsGone from when it was there.
func TestTheSocketOfAModemIsKnownWhenItsPortIsGone(t *testing.T) {
	t.Parallel()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(root, "devices/usb1/1-2")
	tty := filepath.Join(socket, "1-2:1.2/ttyUSB2")
	class := filepath.Join(root, "class/tty/ttyUSB2")
	port := filepath.Join(root, "ttyUSB2")
	err = errors.Join(os.MkdirAll(tty, 0o755), os.MkdirAll(class, 0o755), os.Symlink(tty, class+"/device"), os.WriteFile(port, nil, 0o600),
		os.WriteFile(socket+"/idVendor", []byte("2c7c"), 0o600), os.WriteFile(socket+"/authorized", []byte("0"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, _, stop := onDisk(t, dir)
		m := config.Modem{Name: "lte0", Port: port}
		a.findSocket(board.Sysfs(root), m)
		if b, err := os.ReadFile(socket + "/authorized"); err != nil || string(b) != "1" {
			t.Errorf("a modem that was left off is %s, %v", b, err)
		}
		if err := os.Remove(port); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := a.replug(t.Context(), board.Sysfs(root), m); err != nil || time.Since(began) != 2*time.Second {
			t.Errorf("with its port gone: %v after %s", err, time.Since(began))
		}
		if err := a.replug(t.Context(), board.Sysfs(root), config.Modem{Name: "lte1", Port: port}); err == nil {
			t.Error("a modem that was never seen was found")
		}
		stop()
	})
}
