package modem_test

import (
	"testing"
	"time"

	"heliograph/drivers/modem/emulator"
)

// The looks that are taken anyway are enough: the modem is asked nothing more.
func TestALossOfRegistrationIsInTheHistory(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.pass(10 * time.Minute)
		asked := len(b.emu.State().Commands)
		b.m.History()
		if n := len(b.emu.State().Commands); n != asked {
			b.t.Error("the modem was asked something for it")
		}
		b.emu.Register(emulator.Searching)
		b.pass(15 * time.Minute)
		b.emu.Signal(9)
		b.emu.Register(emulator.Home)
		b.pass(25 * time.Minute)
		h := b.m.History().Hours
		if len(h) != 1 || h[0].Out < 14*time.Minute || h[0].Out > 16*time.Minute || h[0].Watched < 49*time.Minute || h[0].Max <= h[0].Min || h[0].Mean >= h[0].Max || h[0].Mean <= h[0].Min {
			b.t.Errorf("history: %+v", h)
		}
		b.emu.RemoveSIM()
		b.pass(30 * time.Minute)
		out := time.Duration(0)
		for _, o := range b.m.History().Hours {
			out += o.Out
		}
		if out < 40*time.Minute {
			b.t.Errorf("without a SIM it is not registered: %s out of %+v", out, b.m.History().Hours)
		}
	})
}

// The loop of the self-test: out through the centre, and back in.
func TestATextToOurOwnNumberComesBackAndIsReported(t *testing.T) {
	story(t, emulator.Options{Latency: 20 * time.Millisecond}, nil, func(b *bench) {
		b.ready()
		b.net.SubmitDelay(2 * time.Second)
		b.net.DeliverDelay(3 * time.Second)
		if r, err := b.send(ours, "loop 1"); err != nil || len(r.Parts) != 1 {
			b.t.Fatal(err)
		}
		b.pass(10 * time.Second)
		b.want("inbox", b.in.told(), "text "+ours+" \"loop 1\"\nreport 1 "+ours+" delivered")
		b.empty()
	})
}
