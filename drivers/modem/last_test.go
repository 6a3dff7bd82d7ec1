package modem_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heliograph/drivers/modem"
	"heliograph/drivers/modem/emulator"
)

// list is written by the driver and read by the test.
type list struct {
	mu    sync.Mutex
	words []string
}

func (l *list) add(words string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.words = append(l.words, words)
}

func (l *list) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.words)
}

func (l *list) String() string { return strings.Join(l.all(), " ") }

// levers are the steps from outside the modem; pulled says which, and how long
// after the start.
func (b *bench) levers(pulled *list, refuse error) {
	began := time.Now()
	pull := func(name string) func(context.Context) error {
		return func(context.Context) error {
			pulled.add(fmt.Sprintf("%s %s", name, time.Since(began).Truncate(time.Minute)))
			return refuse
		}
	}
	b.opt.Replug, b.opt.Power, b.opt.Restart = pull("replug"), pull("power"), pull("box")
}

func TestTheLastStepsComeInTheirOrderAndAreTold(t *testing.T) {
	var pulled, told list
	story(t, emulator.Options{}, func(b *bench) {
		b.levers(&pulled, nil)
		b.opt.Acted = told.add
	}, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CMGS", Times: -1, Answer: "+CMS ERROR: 300"})
		b.press(25 * time.Minute)
		const order = "bringing it up again; the radio off and on; a restart of the modem; taking it off the USB bus and back; its power off and on; a restart of the box"
		b.want("the steps", b.ladder(), order)
		names := []string{}
		for _, p := range pulled.all() {
			names = append(names, strings.Fields(p)[0])
		}
		b.want("what was pulled", strings.Join(names, " "), "replug power box")
		if n := strings.Count(told.String(), "recovery: "); n != 6 || !strings.Contains(told.String(), "a restart of the box, because texts are refused with CMS 300") {
			b.t.Errorf("told %q", told.all())
		}
		kept := b.m.Traced()
		if !slices.ContainsFunc(kept, func(l modem.TraceLine) bool {
			return l.Dir == "!" && strings.HasPrefix(l.Line, "recovery: a restart of the box, because ")
		}) {
			b.t.Error("the dialogue that a black box keeps does not tell of the restart")
		}
		if got := b.radioTouched(); !slices.Contains(got, "AT+CFUN=0") {
			b.t.Errorf("before its power goes it is not told: %q", got)
		}
		// The box restarts, and the modem is as sick as before: the ladder does not begin anew.
		b.restart()
		b.press(10 * time.Minute)
		b.want("after the restart", b.ladder(), order)
	})
}

func TestAStepThatIsNotPossibleIsToldAndTheNextIsTaken(t *testing.T) {
	var pulled list
	story(t, emulator.Options{}, func(b *bench) { b.levers(&pulled, errors.New("not today")) }, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CMGS", Times: -1, Answer: "+CMS ERROR: 300"})
		b.press(25 * time.Minute)
		if len(pulled.all()) != 3 || strings.Count(b.log.text(), "was not possible: not today") != 3 {
			b.t.Errorf("pulled %q; the log:\n%s", pulled.all(), b.log.text())
		}
	})
}

// TestAPortThatStaysAwayIsFetchedBack: the stick has left the bus.
func TestAPortThatStaysAwayIsFetchedBack(t *testing.T) {
	var pulled list
	var away atomic.Bool
	story(t, emulator.Options{}, func(b *bench) {
		b.levers(&pulled, nil)
		open := b.opt.Open
		b.opt.Open = func() (io.ReadWriteCloser, error) {
			if away.Load() {
				return nil, fmt.Errorf("opening: %w", modem.ErrGone)
			}
			return open()
		}
		b.opt.Power = func(context.Context) error {
			pulled.add("power")
			away.Store(false)
			return nil
		}
	}, func(b *bench) {
		b.ready()
		away.Store(true)
		b.emu.Close()
		b.pass(4 * time.Minute)
		b.want("while a restart of it would take", pulled.String(), "")
		b.pass(2 * time.Minute)
		b.want("then", pulled.String(), "replug 5m0s")
		b.pass(6 * time.Minute)
		b.want("and later", pulled.String(), "replug 5m0s power")
	})
}

// TestAModemThatWasNeverThereDoesNotRestartTheBox for ever and ever.
func TestAModemThatWasNeverThereDoesNotRestartTheBox(t *testing.T) {
	var pulled list
	story(t, emulator.Options{}, func(b *bench) {
		b.levers(&pulled, nil)
		b.opt.Open = func() (io.ReadWriteCloser, error) { return nil, modem.ErrGone }
	}, func(b *bench) {
		b.pass(9 * time.Hour)
		if got := pulled.String(); strings.Contains(got, "box") || !strings.HasPrefix(got, "replug 5m0s power 10m0s replug ") {
			b.t.Errorf("in nine hours: %s", got)
		}
		if n := len(pulled.all()); n > 12 {
			b.t.Errorf("%d steps in nine hours: %s", n, &pulled)
		}
	})
}

// TestAPortThatIsTakenIsNotGone: another program has it, and no power helps.
func TestAPortThatIsTakenIsNotGone(t *testing.T) {
	var pulled list
	story(t, emulator.Options{}, func(b *bench) {
		b.levers(&pulled, nil)
		b.opt.Open = func() (io.ReadWriteCloser, error) { return nil, errors.New("another program has it") }
	}, func(b *bench) {
		b.pass(2 * time.Hour)
		b.want("pulled", pulled.String(), "")
	})
}

// TestCausesOfTheNetworkPullNoLever whatever levers there are.
func TestCausesOfTheNetworkPullNoLever(t *testing.T) {
	for _, answer := range []string{"+CMS ERROR: 38", "+CMS ERROR: 50", "+CMS ERROR: 41"} {
		t.Run(answer, func(t *testing.T) {
			var pulled list
			story(t, emulator.Options{}, func(b *bench) { b.levers(&pulled, nil) }, func(b *bench) {
				b.ready()
				b.fault(emulator.Fault{On: "+CMGS", Times: -1, Answer: answer})
				b.press(time.Hour)
				b.want("pulled", pulled.String()+b.ladder(), "")
			})
		})
	}
}
