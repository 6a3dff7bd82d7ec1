package modem_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/modem"
	"heliograph/drivers/modem/emulator"
)

// refusedForCentre sends a text that is refused for want of a centre.
func (b *bench) refusedForCentre() {
	b.t.Helper()
	b.ready()
	_, err := b.send(ada, "x")
	if err == nil || err.Fate != delivery.Retry || !err.Worker || !strings.Contains(err.Advice, "smsc") {
		b.t.Fatalf("the text: %#v", err)
	}
	if h := b.m.Health(); h.Fit || h.State != modem.NoCentre || h.Why != "the SIM names no service centre, and a text was refused for it" {
		b.t.Fatalf("after it: %+v", h)
	}
}

// stores writes the centre to the SIM from the modem's other port.
func (b *bench) stores(centre string) {
	b.t.Helper()
	port, err := b.emu.OpenSecond()
	if err != nil {
		b.t.Fatal(err)
	}
	io.WriteString(port, fmt.Sprintf("AT+CSCA=\"%s\",145\r", centre))
	b.pass(time.Second)
	port.Close()
	b.want("the SIM", b.emu.State().SMSC, centre)
}

func (b *bench) commands(name string) (n int) {
	for _, c := range b.emu.State().Commands {
		if strings.Contains(c, name) {
			n++
		}
	}
	return n
}

func TestASIMWithoutACentreIsUnfitUntilThereIsOne(t *testing.T) {
	story(t, emulator.Options{SMSC: "none"}, nil, func(b *bench) {
		b.refusedForCentre()
		if h := b.m.Health(); !strings.Contains(h.Advice, "set smsc: in the configuration, or store the number on the SIM") {
			b.t.Errorf("advice: %s", h.Advice)
		}
		if told := b.in.healthTold(); told[len(told)-1].State != modem.NoCentre {
			b.t.Errorf("told: %+v", told[len(told)-1])
		}
		b.pass(time.Hour)
		if _, err := b.send(ada, "y"); err == nil || !err.Worker || err.Fate != delivery.Retry || !strings.Contains(err.Advice, "smsc") {
			b.t.Errorf("an hour later: %#v", err)
		}
		b.emu.Vanish()
		b.pass(time.Second)
		if err := b.emu.Return(); err != nil {
			b.t.Fatal(err)
		}
		b.pass(time.Minute)
		if h := b.m.Health(); h.State != modem.NoCentre {
			b.t.Errorf("the port went and came: %+v", h)
		}
		if n := b.commands("+CMGS"); n != 1 {
			b.t.Errorf("%d texts were tried, want the first alone", n)
		}
		b.stores(ada)
		b.pass(time.Minute)
		if h := b.m.Health(); !h.Fit || h.State != modem.Ready || h.Why != "" || h.SMSC != ada {
			b.t.Errorf("with a centre: %+v", h)
		}
		if _, err := b.send(ada, "z"); err != nil {
			b.t.Error(err)
		}
	})
}

func TestAConfiguredCentreEndsTheTrouble(t *testing.T) {
	story(t, emulator.Options{SMSC: "none"}, nil, func(b *bench) {
		b.refusedForCentre()
		b.opt.SMSC = "+48601000310"
		b.restart()
		b.ready()
		if _, err := b.send(ada, "z"); err != nil || b.m.Health().Why != "" {
			b.t.Errorf("got %v, health %+v", err, b.m.Health())
		}
	})
}

func TestACentreThatTheSIMDoesNotKeepIsSaid(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) {
		b.opt.SMSC = "+48601000310"
		if err := emulator.Stage(b.emu, 46, "locked"); err != nil {
			b.t.Fatal(err)
		}
	}, func(b *bench) {
		b.refusedForCentre()
		if h := b.m.Health(); !strings.Contains(h.Advice, "the SIM did not keep smsc: +48601000310") {
			b.t.Errorf("advice: %s", h.Advice)
		}
	})
}

func TestAnotherSIMWithACentreEndsTheTrouble(t *testing.T) {
	story(t, emulator.Options{SMSC: "none"}, nil, func(b *bench) {
		b.refusedForCentre()
		if err := b.emu.InsertSIM(emulator.SIM{ICCID: "8948010000077777777", SMSC: ada}); err != nil {
			b.t.Fatal(err)
		}
		b.pass(30 * time.Second)
		b.ready()
		if _, err := b.send(ada, "z"); err != nil {
			b.t.Error(err)
		}
	})
}

func TestARefusalBesideACentreIsThatTextsAlone(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CMGS", Answer: "+CMS ERROR: 330"})
		if _, err := b.send(ada, "x"); err == nil || err.Code != "CMS 330" || err.Fate != delivery.Retry || err.After != 10*time.Minute || !err.Worker {
			b.t.Errorf("got %#v", err)
		}
		if h := b.m.Health(); !h.Fit || h.State != modem.Ready || h.Why != "" {
			b.t.Errorf("health %+v", h)
		}
		b.fault(emulator.Fault{On: "+CMGS", Answer: "+CMS ERROR: 330"})
		b.fault(emulator.Fault{On: "+CSCA?", Answer: "+CME ERROR: 14"}) // the SIM is busy: that says nothing
		b.send(ada, "x")
		if h := b.m.Health(); !h.Fit || h.SMSC != ada {
			b.t.Errorf("health %+v", h)
		}
	})
}

func TestAPlainErrorWithoutACentreIsTheSame(t *testing.T) {
	story(t, emulator.Options{SMSC: "none"}, func(b *bench) {
		b.fault(emulator.Fault{On: "+CMGS", Answer: "ERROR"})
	}, func(b *bench) { b.refusedForCentre() })
}
