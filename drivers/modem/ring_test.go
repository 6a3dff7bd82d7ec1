package modem_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/modem"
	"heliograph/drivers/modem/emulator"
)

// rang calls ada as a worker would, and gives what became of it.
func (b *bench) rang(d time.Duration) (string, *delivery.Error) {
	b.t.Helper()
	r, err := modem.Caller{Modem: b.m, For: d}.Send(context.Background(), delivery.Job{ID: 9, To: ada})
	var e *delivery.Error
	if err != nil && !errors.As(err, &e) {
		b.t.Fatalf("the error is no *delivery.Error: %v", err)
	}
	if e != nil && strings.Contains(e.Error(), "501200777") {
		b.t.Errorf("the number is in the error: %v", e)
	}
	return r.Reference, e
}

// lastCall is the last one that the network knows.
func (b *bench) lastCall() emulator.Call {
	b.t.Helper()
	all := b.net.Calls()
	if len(all) == 0 {
		b.t.Fatal("there was no call")
	}
	return all[len(all)-1]
}

// heardBy says how often the modem was told this.
func (b *bench) heardBy(command string) (n int) {
	for _, c := range b.emu.State().Commands {
		if c == command {
			n++
		}
	}
	return n
}

func TestACallRingsAndWakesSomebody(t *testing.T) {
	story(t, emulator.Options{Latency: 20 * time.Millisecond}, nil, func(b *bench) {
		b.ready()
		how, err := b.rang(0)
		c := b.lastCall()
		if err != nil || how != "rang 25s" || c.To != ada || c.Direction != "out" || c.Ended != "hung up" {
			b.t.Errorf("%q, %v; %+v", how, err, c)
		}
		if off := c.Rang - 25*time.Second; off < -1500*time.Millisecond || off > 1500*time.Millisecond {
			b.t.Errorf("it rang %s", c.Rang)
		}
		if strings.Contains(b.trace.text(), "501200777") {
			b.t.Errorf("the number is in the trace:\n%s", b.trace.text())
		}
		if err := b.m.Ring(b.t.Context(), ada, 5*time.Second); err != nil || b.lastCall().Rang > 7*time.Second {
			b.t.Errorf("five seconds: %v, %+v", err, b.lastCall())
		}
	})
}

func TestWhatSomebodyDoesWhenItRingsIsKnown(t *testing.T) {
	for _, c := range []struct {
		how   emulator.Pickup
		after time.Duration
		d     time.Duration
		want  string
		ended string
	}{
		{emulator.Answers, 8 * time.Second, 0, "answered", "answered"},
		{emulator.Rejects, 4800 * time.Millisecond, 0, "rang 4s, then ended by the other side", "rejected"},
		{emulator.Engaged, 0, 0, "busy", "busy"},
		{emulator.RingsOut, 0, 90 * time.Second, "no answer", "no answer"},
	} {
		t.Run(string(c.how), func(t *testing.T) {
			story(t, emulator.Options{}, nil, func(b *bench) {
				b.ready()
				b.net.CallSetup(2500*time.Millisecond, time.Minute) // between two looks
				b.net.Phone(ada).WhenCalled(c.how, c.after)
				began := time.Now()
				how, err := b.rang(c.d)
				if err != nil || how != c.want || b.lastCall().Ended != c.ended {
					b.t.Errorf("%q, %v; %+v", how, err, b.lastCall())
				}
				if took := time.Since(began); c.how == emulator.Answers && (took < 12*time.Second || took > 14*time.Second) {
					b.t.Errorf("it was held until %s: two seconds of set-up, eight of ringing, two of hold", took)
				}
				if b.heardBy("ATH") != 0 {
					b.t.Error("ATH was sent")
				}
			})
		})
	}
}

// Texts that wait are sent while the phone rings, and their answers come in.
func TestTextsGoWhileItRings(t *testing.T) {
	story(t, emulator.Options{Latency: 20 * time.Millisecond}, nil, func(b *bench) {
		b.ready()
		b.net.SubmitDelay(2 * time.Second)
		rung := make(chan error, 1)
		go func() { rung <- b.m.Ring(context.Background(), ada, 0) }()
		b.pass(3 * time.Second)
		began := time.Now()
		for i := range 4 {
			if _, err := b.send(bob, fmt.Sprint("text ", i)); err != nil {
				b.t.Fatal(err)
			}
		}
		if took := time.Since(began); took > 10*time.Second {
			b.t.Errorf("four texts took %s", took)
		}
		b.net.Phone(bob).Send(ours, "ACK 7")
		b.pass(3 * time.Second)
		if !strings.Contains(b.in.told(), `"ACK 7"`) {
			b.t.Errorf("inbox: %s", b.in.told())
		}
		select {
		case <-rung:
			b.t.Error("it does not ring any more")
		default:
		}
		if err := <-rung; err != nil || b.lastCall().Ended != "hung up" {
			b.t.Errorf("%v, %+v", err, b.lastCall())
		}
	})
}

func TestCallsThatFailSayWhoseFaultItIs(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*bench)
		fate    delivery.Fate
		worker  bool
		says    string
	}{
		"a phone that is off":    {func(b *bench) { b.net.Phone(ada).Off() }, delivery.Retry, false, "NO CARRIER (CC,destination out of order)"},
		"a number of nobody":     {func(b *bench) { b.net.Phone(ada).Dead(0x49) }, delivery.Never, false, "unassigned"},
		"barred":                 {func(b *bench) { b.emu.Bar(true) }, delivery.Retry, true, "operator determined barring"},
		"no network, at once":    {func(b *bench) { b.fault(emulator.Fault{On: "D", Answer: "+CME ERROR: 30"}) }, delivery.Retry, true, "CME 30"},
		"no calls in this modem": {func(b *bench) { b.fault(emulator.Fault{On: "D", Answer: "+CME ERROR: 4"}) }, delivery.Retry, true, "CME 4"},
		"a plain error":          {func(b *bench) { b.fault(emulator.Fault{On: "D", Answer: "ERROR"}) }, delivery.Retry, true, "ERROR"},
		"no dial tone":           {func(b *bench) { b.fault(emulator.Fault{On: "D", Answer: "NO DIALTONE"}) }, delivery.Retry, true, "NO DIALTONE"},
		"no carrier, at once":    {func(b *bench) { b.fault(emulator.Fault{On: "D", Answer: "NO CARRIER"}) }, delivery.Retry, false, "NO CARRIER"},
		"silence":                {func(b *bench) { b.fault(emulator.Fault{On: "D", Swallow: true}) }, delivery.Unsure, false, "may have rung"},
		"the port goes":          {func(b *bench) { b.fault(emulator.Fault{On: "D", Drop: emulator.DropAtOnce, DropFor: time.Minute}) }, delivery.Unsure, true, "the port was lost"},
		"an error late, unasked": {func(b *bench) { b.late("+CME ERROR: 30") }, delivery.Retry, true, "CME 30"},
		"an error like the list's": {func(b *bench) {
			b.fault(emulator.Fault{On: "D", Answer: "OK"})
			b.fault(emulator.Fault{On: "+CLCC", Answer: "+CME ERROR: 30"})
		}, delivery.Retry, true, "CME 30"},
		"no carrier without ring": {func(b *bench) { b.late("NO CARRIER") }, delivery.Retry, false, "NO CARRIER"},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, emulator.Options{}, nil, func(b *bench) {
				b.ready()
				c.prepare(b)
				how, err := b.rang(0)
				if err == nil || err.Fate != c.fate || err.Worker != c.worker || !strings.Contains(err.Error(), c.says) {
					b.t.Errorf("%q, %+v", how, err)
				}
				b.emu.Bar(false)
				b.pass(2 * time.Minute)
				b.ready()
				if _, err := b.send(bob, "afterwards"); err != nil {
					b.t.Error(err)
				}
			})
		})
	}
}

// late takes the call out of the modem's list a second after it was dialled,
// and says this.
func (b *bench) late(line string) {
	b.fault(emulator.Fault{On: "D", Answer: "OK"})
	time.AfterFunc(time.Second, func() { b.emu.Unsolicited(line) })
}

func TestACallIsRefusedWhereTheNetworkCarriesNone(t *testing.T) {
	story(t, emulator.Options{Persona: emulator.EC25()}, func(b *bench) { b.emu.Camp(dataOnly(0)) }, func(b *bench) {
		b.ready()
		b.pass(2 * time.Second)
		_, err := b.rang(0)
		if err == nil || err.Fate != delivery.Retry || !err.Worker || !strings.Contains(err.Advice, "VoLTE") || !strings.Contains(err.Error(), "CREG 0") || b.heardBy("ATD"+ada+";") != 0 {
			b.t.Errorf("%+v", err)
		}
		text, ask := b.m.Ask(b.t.Context(), "*101#")
		var e *delivery.Error
		if !errors.As(ask, &e) || !strings.Contains(e.Advice, "text keyword") || text != "" {
			b.t.Errorf("a service code: %q, %v", text, ask)
		}
		b.emu.Camp(dataOnly(1)) // the operator has switched IMS on
		b.pass(2 * time.Minute)
		if how, err := b.rang(0); err != nil || how != "rang 25s" {
			b.t.Errorf("over IMS: %q, %v", how, err)
		}
	})
}

func TestNumbersThatAreNotCalled(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		for _, number := range []string{"", "ada", "*21*48501200777#", "+48501200777;H", "**61*#", "+"} {
			err := b.m.Ring(b.t.Context(), number, 0)
			var e *delivery.Error
			if !errors.As(err, &e) || e.Fate != delivery.Never {
				b.t.Errorf("%q: %v", number, err)
			}
		}
		for _, c := range b.emu.State().Commands {
			if strings.HasPrefix(c, "ATD") {
				b.t.Errorf("dialled: %s", c)
			}
		}
	})
}

// Some makes answer ATD only when somebody picks up, and list no calls.
func TestModemsThatTellLittleOfACall(t *testing.T) {
	t.Run("no list", func(t *testing.T) {
		story(t, emulator.Options{}, nil, func(b *bench) {
			b.ready()
			b.fault(emulator.Fault{On: "+CLCC", Times: -1, Answer: "ERROR"})
			how, err := b.rang(20 * time.Second)
			if err != nil || how != "rang 25s" || b.lastCall().Ended != "hung up" {
				b.t.Errorf("%q, %v, %+v", how, err, b.lastCall())
			}
			b.net.Phone(ada).WhenCalled(emulator.Rejects, 3*time.Second)
			if how, err := b.rang(20 * time.Second); err == nil && how == "" || err != nil && err.Fate != delivery.Retry {
				b.t.Errorf("rejected: %q, %v", how, err)
			}
		})
	})
	t.Run("a late OK", func(t *testing.T) {
		story(t, emulator.Options{}, nil, func(b *bench) {
			b.ready()
			b.net.Phone(ada).WhenCalled(emulator.Answers, time.Second)
			b.fault(emulator.Fault{On: "D", Delay: 9 * time.Second})
			if how, err := b.rang(20 * time.Second); err != nil || how != "answered" {
				b.t.Errorf("%q, %v", how, err)
			}
		})
	})
	t.Run("no hanging up but ATH", func(t *testing.T) {
		story(t, emulator.Options{}, nil, func(b *bench) {
			b.ready()
			b.fault(emulator.Fault{On: "+CHUP", Times: -1, Answer: "ERROR"})
			if how, err := b.rang(0); err != nil || how != "rang 25s" || b.heardBy("ATH") != 1 || b.lastCall().Ended != "hung up" {
				b.t.Errorf("%q, %v, %+v", how, err, b.lastCall())
			}
		})
	})
	t.Run("an OK that does not hang up", func(t *testing.T) {
		story(t, emulator.Options{}, nil, func(b *bench) {
			b.ready()
			b.fault(emulator.Fault{On: "+CHUP", Times: -1, Answer: "OK"})
			if how, err := b.rang(0); err != nil || how != "rang 25s" || b.heardBy("ATH") != 1 || b.lastCall().Ended != "hung up" {
				b.t.Errorf("%q, %v, %+v", how, err, b.lastCall())
			}
		})
	})
}

func TestACallForDataIsLeftAlone(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CHUP", Times: -1, Answer: "ERROR"})
		b.fault(emulator.Fault{On: "+CLCC", Times: 26, Lines: []string{`+CLCC: 1,0,0,1,0,"",128`, `+CLCC: 2,0,3,0,0,"+48501200777",145`}})
		if how, err := b.rang(20 * time.Second); err != nil || how != "rang 20s" || b.heardBy("ATH") != 0 || b.heardBy("AT+CHLD=1") != 1 || b.lastCall().Ended != "hung up" {
			b.t.Errorf("%q, %v, %+v", how, err, b.lastCall())
		}
	})
}

// Two ring at once: one after the other. One of them is given up meanwhile.
func TestCallsGoOneAfterAnother(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		done := make(chan error, 3)
		ctx, cancel := context.WithCancel(b.t.Context())
		go func() { done <- b.m.Ring(ctx, ada, 10*time.Second) }()
		b.pass(5 * time.Second)
		go func() { done <- b.m.Ring(context.Background(), bob, 10*time.Second) }()
		waiting, giveUp := context.WithCancel(b.t.Context())
		go func() { done <- b.m.Ring(waiting, bob, 10*time.Second) }()
		b.pass(time.Second)
		giveUp()
		var e *delivery.Error
		if err := <-done; !errors.As(err, &e) || e.Fate != delivery.Retry || !e.Worker {
			b.t.Errorf("given up while it waits: %v", err)
		}
		cancel()
		if err := <-done; !errors.As(err, &e) || e.Fate != delivery.Unsure {
			b.t.Errorf("given up while it rings: %v", err)
		}
		if c := b.net.Calls()[0]; c.Ended != "hung up" || c.Rang > 5*time.Second {
			b.t.Errorf("given up: %+v", c)
		}
		if err := <-done; err != nil || b.lastCall().To != bob || b.lastCall().Rang < 9*time.Second {
			b.t.Errorf("%v, %+v", err, b.lastCall())
		}
		if n := len(b.net.Calls()); n != 2 {
			b.t.Errorf("%d calls", n)
		}
	})
}

// Whoever is called may call at that moment, or another may: theirs is told,
// and ours goes on.
func TestACallThatComesInMeanwhileDoesNotEndOurs(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		time.AfterFunc(8*time.Second, func() { b.emu.Unsolicited("RING"); b.emu.Unsolicited(`+CLIP: "+48501200888",145,"",,"",0`) })
		if how, err := b.rang(0); err != nil || how != "rang 25s" {
			b.t.Errorf("%q, %v", how, err)
		}
		b.want("inbox", b.in.told(), "call +48501200888")
	})
}

func TestAPhoneDoesNotRingForABoxThatIsStopped(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		done := make(chan error, 1)
		go func() { done <- b.m.Ring(context.Background(), ada, 0) }()
		b.pass(5 * time.Second)
		b.stop()
		<-b.ended
		if c := b.lastCall(); c.Ended != "hung up" {
			b.t.Errorf("%+v", c)
		}
		began := time.Now()
		if err := <-done; err != nil && time.Since(began) > 10*time.Second {
			b.t.Errorf("%v after %s", err, time.Since(began))
		}
		var e *delivery.Error
		if err := b.m.Ring(b.t.Context(), ada, 0); !errors.As(err, &e) || e.Fate != delivery.Retry || !e.Worker {
			b.t.Errorf("and then: %v", err)
		}
	})
}

func TestAModemThatRestartsWhileItRingsIsNotWaitedFor(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		time.AfterFunc(8*time.Second, b.emu.Reboot)
		how, err := b.rang(0)
		if err != nil || !strings.HasPrefix(how, "rang ") || b.lastCall().Ended != "hung up" {
			b.t.Errorf("%q, %v", how, err)
		}
		b.pass(10 * time.Second)
		b.ready()
		if _, err := b.send(bob, "x"); err != nil {
			b.t.Error(err)
		}
	})
}
