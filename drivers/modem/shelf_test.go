package modem_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/modem/emulator"
)

// sending sends one text after the other until told to stop, and says how
// long each took.
func (b *bench) sending() (stop func() []time.Duration) {
	end, took := make(chan bool), make(chan []time.Duration)
	go func() {
		var all []time.Duration
		for n := uint64(1); ; n++ {
			select {
			case <-end:
				took <- all
				return
			default:
			}
			began := time.Now()
			if _, err := b.m.Send(b.t.Context(), delivery.Job{ID: n, To: bob, Text: fmt.Sprint("text ", n)}); err != nil {
				b.t.Errorf("text %d: %v", n, err)
				took <- all
				return
			}
			all = append(all, time.Since(began))
		}
	}()
	return func() []time.Duration { close(end); return <-took }
}

// slow are those that took longer.
func slow(all []time.Duration, than time.Duration) (out []time.Duration) {
	for _, d := range all {
		if d > than {
			out = append(out, d)
		}
	}
	return out
}

// eachOnce checks that the inbox has so many texts, none of them twice, and
// that the modem has none left.
func (b *bench) eachOnce(n int) {
	b.t.Helper()
	b.in.mu.Lock()
	defer b.in.mu.Unlock()
	seen := map[string]int{}
	for _, m := range b.in.messages {
		seen[m.Text]++
	}
	if len(b.in.messages) != n || len(seen) != n {
		b.t.Errorf("%d texts came, %d of them different; want %d, each once", len(b.in.messages), len(seen), n)
	}
	b.empty()
}

// Every command takes 200 ms, a text 1 s more, the list 12 s. A text that has
// to go waits for one of them, and for a report of one before it: 255 in a row
// would be 51 s.
func TestALongListIsEmptiedBetweenTextsAndLosesNone(t *testing.T) {
	story(t, emulator.Options{Latency: 200 * time.Millisecond}, nil, func(b *bench) {
		b.ready()
		b.net.SubmitDelay(time.Second)
		if err := emulator.Stage(b.emu, 32, "255"); err != nil {
			b.t.Fatal(err)
		}
		stop := b.sending()
		b.pass(2 * time.Minute)
		b.net.Phone(ada).Send(ours, "ACK 7")
		b.pass(4 * time.Second)
		if n := b.in.texts(); n > 200 || !strings.Contains(b.in.told(), `"ACK 7"`) {
			b.t.Errorf("a text that came meanwhile waits behind the list, of which %d were kept", n)
		}
		b.pass(20 * time.Minute)
		all := stop()
		const oneText = 3 * time.Second
		if late := slow(all, oneText); len(all) < 400 || len(late) != 1 || late[0] > oneText+13*time.Second {
			b.t.Errorf("of %d texts these waited for more than one command: %v", len(all), late)
		}
		b.pass(time.Minute)
		b.eachOnce(257)
	})
}

func TestALongListAtTheStartHoldsNoTextUp(t *testing.T) {
	story(t, emulator.Options{Latency: 200 * time.Millisecond}, func(b *bench) {
		for _, name := range []string{"ME", "SM"} {
			if err := b.emu.Resize(name, 255); err != nil {
				b.t.Fatal(err)
			}
			if err := b.emu.Fill(name); err != nil {
				b.t.Fatal(err)
			}
		}
	}, func(b *bench) {
		b.ready()
		if n := len(b.emu.State().Stored); n < 500 {
			b.t.Errorf("it was not fit before %d texts were kept", 510-n)
		}
		b.pass(5 * time.Second)
		stop := b.sending()
		b.pass(10 * time.Minute)
		if late := slow(stop(), 3*time.Second); len(late) != 0 {
			b.t.Errorf("these waited: %v", late)
		}
		b.pass(10 * time.Minute)
		if n := b.in.texts(); n != 510 {
			b.t.Errorf("%d texts came, want 510", n)
		}
		b.empty()
		if s := b.emu.State(); s.Memories != [3]string{"ME", "ME", "ME"} {
			b.t.Errorf("the modem was left looking into %v", s.Memories)
		}
	})
}

func TestASlotThatWasListedAndTakenAnewLosesNothing(t *testing.T) {
	story(t, emulator.Options{Latency: 200 * time.Millisecond}, nil, func(b *bench) {
		b.ready()
		b.net.SubmitDelay(time.Second)
		if err := emulator.Stage(b.emu, 32, "255"); err != nil {
			b.t.Fatal(err)
		}
		stop := b.sending()
		// Notices for what is already listed empty slots ahead of the list, and
		// new texts move in there.
		b.pass(80 * time.Second)
		base := b.emu.State().IndexBase
		for i := range 40 {
			b.emu.Unsolicited(fmt.Sprintf(`+CMTI: "ME",%d`, base+100+i))
		}
		b.pass(time.Minute)
		for i := range 40 {
			b.net.Phone(ada).Send(ours, fmt.Sprint("new ", i))
		}
		b.pass(25 * time.Minute)
		stop()
		b.pass(2 * time.Minute)
		b.eachOnce(296)
	})
}
