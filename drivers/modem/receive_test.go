package modem_test

import (
	"testing"

	"heliograph/drivers/modem/emulator"
)

func TestAnAnswerComesInAndLeavesTheModem(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		if err := b.net.Phone(ada).Send(ours, "ACK 7"); err != nil {
			b.t.Fatal(err)
		}
		b.pass(1)
		b.want("inbox", b.in.told(), `text +48501200777 "ACK 7"`)
		if left := b.emu.State().Stored; len(left) != 0 {
			b.t.Errorf("still stored: %v", left)
		}
	})
}
