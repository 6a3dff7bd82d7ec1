package modem_test

import (
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/modem"
	"heliograph/drivers/modem/emulator"
)

// fiveG is a modem that knows a 5G core.
func fiveG() emulator.Options {
	p := emulator.EC25()
	p.FiveG = true
	return emulator.Options{Persona: p}
}

func TestA5GCoreAloneIsARegistrationForData(t *testing.T) {
	story(t, fiveG(), func(b *bench) { b.emu.Camp(emulator.FiveGCell(1)) }, func(b *bench) {
		b.ready()
		if h := b.m.Health(); h.Access != "5G" || h.Registration != "home" || h.State != modem.Ready || h.Why != "" {
			b.t.Errorf("with IMS: %+v", h)
		}
		if _, err := b.send(ada, "x"); err != nil {
			b.t.Error(err)
		}
		b.pass(2 * time.Minute)
		b.restart()
		b.ready()
		if !strings.Contains(b.log.text(), "it is as it was left") {
			b.t.Errorf("a restart took the long way: %s", b.log.text())
		}
		b.emu.Camp(emulator.FiveGCell(0))
		b.pass(2 * time.Minute)
		if h := b.m.Health(); !h.Fit || !strings.Contains(h.Why, "registered for data only") || !strings.Contains(h.Why, "C5GREG 1 (home)") {
			b.t.Errorf("without IMS: %+v", h)
		}
		if _, err := b.send(ada, "y"); err == nil || err.Fate != delivery.Unsure {
			b.t.Errorf("without IMS: %v", err)
		}
		if h := b.m.Health(); h.Fit || h.State != modem.NoTexts || !strings.Contains(h.Why, "a text failed") {
			b.t.Errorf("after it failed: %+v", h)
		}
	})
}

func TestA5GCoreIsHeardOfAtOnce(t *testing.T) {
	story(t, fiveG(), nil, func(b *bench) {
		b.ready()
		b.want("access", b.m.Health().Access, "LTE")
		b.emu.Camp(emulator.FiveGCell(1))
		b.pass(time.Second)
		b.want("access", b.m.Health().Access, "5G")
		b.want("registration", b.m.Health().Registration, "home")
		cell := emulator.FiveGCell(0)
		cell.C5GREG, cell.Cause = emulator.Denied, 11
		b.emu.Camp(cell)
		b.pass(2 * time.Minute)
		if h := b.m.Health(); h.State != modem.Denied || !strings.Contains(h.Why, "cause 11: this network is not allowed") || h.Access != "" {
			b.t.Errorf("denied: %+v", h)
		}
		b.emu.Camp(emulator.HomeCell())
		b.pass(time.Second)
		b.want("access", b.m.Health().Access, "LTE")
	})
}

func TestA5GRegistrationIsReadWhereNoNoticeComes(t *testing.T) {
	story(t, fiveG(), nil, func(b *bench) {
		b.ready()
		b.emu.URCPorts(false, true)
		b.emu.Camp(emulator.FiveGCell(1))
		b.pass(2 * time.Minute)
		b.want("access", b.m.Health().Access, "5G")
	})
}

func TestAModemThatKnowsNo5GCoreIsNotAskedTwice(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.pass(10 * time.Minute)
		if n := b.commands("C5GREG"); n != 1 {
			b.t.Errorf("asked %d times", n)
		}
		d, err := b.m.Describe(b.t.Context())
		if err != nil || strings.Contains(strings.Join(d.Refused, " "), "C5GREG") || d.Persona.FiveG {
			b.t.Errorf("refused: %q, %v", d.Refused, err)
		}
	})
}
