package modem_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/modem"
	"heliograph/drivers/modem/emulator"
)

// state waits for a state of health, a minute at most.
func (b *bench) state(want modem.State) modem.Health {
	b.t.Helper()
	for range 900 {
		if h := b.m.Health(); h.State == want {
			b.pass(0)
			return h
		}
		time.Sleep(100 * time.Millisecond)
	}
	h := b.m.Health()
	b.t.Fatalf("state is %s (%s), want %s\n%s", h.State, h.Why, want, b.trace.text())
	return h
}

// fitAfter is how long it takes from now until a text would go.
func (b *bench) fitAfter() time.Duration {
	b.t.Helper()
	began := time.Now()
	for !b.m.Health().Fit {
		if time.Since(began) > time.Minute {
			b.t.Fatalf("not fit after a minute: %+v", b.m.Health())
		}
		time.Sleep(time.Millisecond)
	}
	return time.Since(began)
}

func TestASlowModemIsWaitedFor(t *testing.T) {
	o := emulator.Options{SlowBoot: 20 * time.Second, BootErrors: 10 * time.Second, StackDelay: 15 * time.Second, RegisterDelay: 5 * time.Second}
	story(t, o, nil, func(b *bench) {
		b.ready()
		if _, err := b.send(ada, "x"); err != nil {
			b.t.Error(err)
		}
	})
}

func TestAPromptLeftOpenByWhoeverWasHereBeforeIsEnded(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) {
		port := b.emu.Pipe()
		io.WriteString(port, "AT+CMGF=0\rAT+CMGS=23\r")
		b.pass(time.Second)
		port.Close()
		if !b.emu.State().Prompt {
			b.t.Fatal("the prompt is not open")
		}
	}, func(b *bench) {
		b.ready()
		if _, err := b.send(ada, "x"); err != nil {
			b.t.Error(err)
		}
	})
}

func TestAModemLeftWithoutWordsIsMadeToSpeak(t *testing.T) {
	for _, left := range []string{"ATV0", "ATQ1", "ATQ1V0E1"} {
		t.Run(left, func(t *testing.T) {
			story(t, emulator.Options{}, func(b *bench) {
				port := b.emu.Pipe()
				io.WriteString(port, left+"\r")
				b.pass(time.Second)
				port.Close()
			}, func(b *bench) { b.ready() })
		})
	}
}

func TestARightPINIsSentOnceAndForgotten(t *testing.T) {
	marked := false
	story(t, emulator.Options{PIN: "4711", StackDelay: 3 * time.Second}, func(b *bench) {
		b.opt.PIN = "4711"
		b.mem.stored = func(name string) {
			if strings.HasPrefix(name, "pin/") && b.trace.count("AT+CPIN=") == 0 {
				marked = true
			}
		}
	}, func(b *bench) {
		b.ready()
		if !marked {
			b.t.Error("nothing was remembered before the PIN went out")
		}
		for _, name := range b.mem.names() {
			if strings.HasPrefix(name, "pin/") || strings.Contains(name, "4711") {
				b.t.Errorf("still remembered: %s", name)
			}
		}
		if strings.Contains(b.trace.text(), "4711") {
			b.t.Error("the trace shows the PIN")
		}
		if n := b.trace.count("> AT+CPIN=****"); n != 1 {
			b.t.Errorf("the PIN was sent %d times", n)
		}
	})
}

func TestAWrongPINIsNeverSentAgain(t *testing.T) {
	story(t, emulator.Options{PIN: "4711"}, func(b *bench) { b.opt.PIN = "9999" }, func(b *bench) {
		h := b.state(modem.PINWrong)
		if !strings.Contains(h.Advice, "right PIN") {
			b.t.Errorf("health %+v", h)
		}
		b.pass(time.Hour)
		b.restart()
		b.state(modem.PINWrong)
		b.pass(time.Hour)
		b.emu.Reboot()
		b.pass(time.Hour)
		if s := b.emu.State(); s.PINTries != 2 {
			b.t.Errorf("%d tries are left, want 2", s.PINTries)
		}
		if _, err := b.send(ada, "x"); err == nil || !err.Worker {
			b.t.Errorf("a text: %v", err)
		}
		b.opt.PIN = "4711" // somebody corrects it
		b.restart()
		b.ready()
	})
}

func TestAPINIsNotSentWhenItCouldBlockTheSIM(t *testing.T) {
	none := func(b *bench) {
		for _, q := range []string{"+CSIM", "+CPINR"} {
			b.fault(emulator.Fault{On: q, Times: -1, Answer: "ERROR"})
		}
	}
	for _, c := range []struct {
		what    string
		tries   int
		prepare func(*bench)
		state   modem.State
		why     string
		left    int
	}{
		{"one try left", 1, func(*bench) {}, modem.PINNeeded, "only 1 tries", 1},
		{"two, and the operator wants three", 2, func(b *bench) { b.opt.MinTries = 3 }, modem.PINNeeded, "only 2 tries", 2},
		{"none configured", 3, func(b *bench) { b.opt.PIN = "" }, modem.PINNeeded, "none is configured", 3},
		{"a count by the other command", 1, func(b *bench) { b.fault(emulator.Fault{On: "+CSIM", Times: -1, Answer: "ERROR"}) }, modem.PINNeeded, "only 1 tries", 1},
		{"a data folder that cannot be written", 3, func(b *bench) { b.mem.broken = errors.New("read-only") }, modem.PINNeeded, "read-only", 3},
		{"no count, and one attempt is spent", 3, none, modem.PINWrong, "", 2},
	} {
		t.Run(c.what, func(t *testing.T) {
			story(t, emulator.Options{PIN: "4711", PINTries: c.tries}, func(b *bench) {
				b.opt.PIN = "9999"
				c.prepare(b)
			}, func(b *bench) {
				h := b.state(c.state)
				b.pass(10 * time.Minute)
				b.restart()
				h2 := b.state(c.state)
				b.pass(10 * time.Minute)
				if !strings.Contains(h.Why, c.why) || h2.Advice == "" {
					b.t.Errorf("health %+v", h)
				}
				if s := b.emu.State(); s.PINTries != c.left {
					b.t.Errorf("%d tries are left, want %d", s.PINTries, c.left)
				}
			})
		})
	}
}

func TestAMarkFoundAtBootStopsAndTells(t *testing.T) {
	story(t, emulator.Options{PIN: "4711"}, func(b *bench) {
		b.opt.PIN = "4711"
		b.fault(emulator.Fault{On: "+CPIN=", Drop: emulator.DropAtOnce, DropFor: time.Second}) // the power fails half-way
	}, func(b *bench) {
		h := b.state(modem.PINWrong)
		if !strings.Contains(h.Why, "tried on this SIM before") {
			b.t.Errorf("health %+v", h)
		}
		if s := b.emu.State(); s.PINTries != 3 {
			b.t.Errorf("%d tries are left, want 3", s.PINTries)
		}
	})
}

func TestAPUKIsNeverSent(t *testing.T) {
	story(t, emulator.Options{PIN: "4711", PINTries: 1}, func(b *bench) {
		port := b.emu.Pipe()
		io.WriteString(port, "AT+CPIN=\"0000\"\r")
		b.pass(time.Second)
		port.Close()
		b.opt.PIN = "4711"
	}, func(b *bench) {
		h := b.state(modem.PUKNeeded)
		if !strings.Contains(h.Advice, "PUK") {
			b.t.Errorf("health %+v", h)
		}
		b.pass(time.Hour)
		if s := b.emu.State(); s.PUKTries != 10 || s.SIM != "SIM PUK" {
			b.t.Errorf("the SIM says %s with %d tries", s.SIM, s.PUKTries)
		}
	})
}

func TestTheSIMsStateIsReadInEveryForm(t *testing.T) {
	for what, f := range map[string]emulator.Fault{
		"quoted":     {On: "+CPIN?", Lines: []string{`+CPIN: "READY"`}},
		"no space":   {On: "+CPIN?", Lines: []string{"+CPIN:READY"}},
		"no OK":      {On: "+CPIN?", Raw: []byte("\r\n+CPIN: READY\r\n")},
		"busy first": {On: "+CPIN?", Times: 8, Answer: "+CME ERROR: 14"},
		"not ready":  {On: "+CPIN?", Times: 3, Lines: []string{"+CPIN: NOT READY"}},
	} {
		t.Run(what, func(t *testing.T) {
			story(t, emulator.Options{}, func(b *bench) { b.fault(f) }, func(b *bench) { b.ready() })
		})
	}
}

func TestAnEmptySlotIsToldAndWatched(t *testing.T) {
	story(t, emulator.Options{NoSIM: true}, nil, func(b *bench) {
		h := b.state(modem.NoSIM)
		if !strings.Contains(h.Advice, "slot") {
			b.t.Errorf("health %+v", h)
		}
	})
	t.Run("and one that comes back", func(t *testing.T) {
		story(t, emulator.Options{}, func(b *bench) { b.fault(emulator.Fault{On: "+CPIN?", Times: 12, Answer: "+CME ERROR: 10"}) }, func(b *bench) {
			b.state(modem.NoSIM)
			b.pass(30 * time.Second)
			b.ready()
		})
	})
}

func TestNoticesAreNegotiated(t *testing.T) {
	refusing := emulator.Quectel()
	refusing.CNMI[1] = []int{0}
	for _, c := range []struct {
		what    string
		persona emulator.Persona
		want    string
	}{
		{"the usual", emulator.Quectel(), "CNMI 2,1,0,2,0"},
		{"direct reports refused", emulator.Qualcomm(), "CNMI 2,1,0,2,0"},
		{"direct reports only, bfr 1 only", directOnly(), "CNMI 2,1,0,1,1"},
		{"nothing at all", refusing, "polling"},
	} {
		t.Run(c.what, func(t *testing.T) {
			story(t, emulator.Options{Persona: c.persona}, nil, func(b *bench) {
				b.ready()
				b.want("notices", b.m.Health().Notices, c.want)
				b.net.Phone(ada).Send(ours, "ACK")
				b.pass(61 * time.Second)
				b.want("inbox", b.in.told(), `text +48501200777 "ACK"`)
			})
		})
	}
}

func TestSettingsThatSomebodyChangedAreSetAgain(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CNMI?", Lines: []string{"+CNMI: 2,0,0,0,0"}})
		before := b.trace.count("> AT+CNMI=2,1,0,2,0")
		b.pass(6 * time.Minute)
		if n := b.trace.count("> AT+CNMI=2,1,0,2,0") - before; n != 1 {
			b.t.Errorf("the notices were set again %d times", n)
		}
		if !strings.Contains(b.log.text(), "2,0,0,0,0") {
			b.t.Errorf("the log does not tell: %s", b.log.text())
		}
		b.ready()
	})
}

func TestAModemThatRestartedByItselfIsBroughtUpAgain(t *testing.T) {
	story(t, emulator.Options{StackDelay: 4 * time.Second, RegisterDelay: 6 * time.Second}, nil, func(b *bench) {
		b.ready()
		b.emu.Reboot()
		b.pass(40 * time.Second)
		b.ready()
		if s := b.emu.State(); s.Echo || s.CMGF != 0 || s.CMEE != 1 {
			b.t.Errorf("settings %+v", s)
		}
		if b.opens.Load() != 1 {
			b.t.Errorf("the port was opened %d times", b.opens.Load())
		}
	})
}

func TestTheServiceCentreIsWrittenOncePerSIM(t *testing.T) {
	story(t, emulator.Options{SMSC: "none"}, func(b *bench) { b.opt.SMSC = "+48601000310" }, func(b *bench) {
		b.ready()
		b.want("centre", b.m.Health().SMSC, "+48601000310")
		b.fault(emulator.Fault{On: "+CSCA?", Times: -1, Lines: []string{`+CSCA: "",129`}})
		b.restart()
		b.ready()
		b.pass(time.Second) // the rest is looked at once texts may go
		if n := b.trace.count("> AT+CSCA="); n != 1 {
			b.t.Errorf("the SIM was written %d times", n)
		}
		if h := b.m.Health(); !strings.Contains(h.Advice, "smsc") {
			b.t.Errorf("health %+v", h)
		}
	})
}

func TestACentreThatComesAsUCS2IsRead(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) {
		b.fault(emulator.Fault{On: "+CSCA?", Times: -1, Lines: []string{`+CSCA: "002B00340038003500300031",145`}})
	}, func(b *bench) {
		b.ready()
		b.want("centre", b.m.Health().SMSC, "+48501")
	})
}

func TestRegistrationDecidesWhetherATextWouldGo(t *testing.T) {
	for _, c := range []struct {
		what string
		cell emulator.Cell
		fit  bool
		st   modem.State
		why  string
	}{
		{"home", emulator.Everywhere(1), true, modem.Ready, ""},
		{"roaming", emulator.Everywhere(5), true, modem.Ready, ""},
		{"texts only", emulator.Cell{CREG: 0, CGREG: 0, CEREG: 6}, true, modem.Ready, ""},
		{"data only", emulator.Cell{CREG: 0, CGREG: 1, CEREG: 1}, true, modem.Ready, "data only"},
		{"searching", emulator.Everywhere(2), false, modem.Registering, "looking"},
		{"denied", emulator.Everywhere(3), false, modem.Denied, "denies"},
		{"emergency calls", emulator.Everywhere(8), false, modem.NoService, "emergency"},
		{"restricted", emulator.Everywhere(11), false, modem.NoService, "emergency"},
	} {
		t.Run(c.what, func(t *testing.T) {
			story(t, emulator.Options{}, nil, func(b *bench) {
				b.ready()
				b.emu.Camp(c.cell)
				b.pass(time.Second)
				if h := b.m.Health(); h.Fit != c.fit || h.State != c.st || !strings.Contains(h.Why, c.why) || c.why == "" && h.Why != "" {
					b.t.Errorf("health %+v", h)
				}
			})
		})
	}
}

func TestAPortThatIsAwayIsLookedForFourTimesASecond(t *testing.T) {
	gone := errors.New("no such device")
	var at []time.Time
	story(t, emulator.Options{}, func(b *bench) {
		b.opt.Open = func() (io.ReadWriteCloser, error) { at = append(at, time.Now()); return nil, gone }
	}, func(b *bench) {
		b.pass(2 * time.Minute)
		h := b.m.Health()
		b.stop()
		<-b.ended
		var pauses []string
		for i := 1; i < len(at) && i < 7; i++ {
			pauses = append(pauses, at[i].Sub(at[i-1]).String())
		}
		b.want("pauses", strings.Join(pauses, " "), "250ms 250ms 250ms 250ms 250ms 250ms")
		if h.State != modem.PortLost || !strings.Contains(h.Why, "no such device") {
			b.t.Errorf("health %+v", h)
		}
	})
}

func TestASilentPortSaysSo(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) { b.fault(emulator.Fault{On: "/.*/", Times: -1, Swallow: true}) }, func(b *bench) {
		h := b.state(modem.Silent)
		if !strings.Contains(h.Advice, "AT port") {
			b.t.Errorf("health %+v", h)
		}
	})
}

func TestAModemThatStopsAnsweringIsOpenedAgain(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.emu.Stall(true)
		b.pass(2 * time.Minute)
		if b.m.Health().Fit || b.opens.Load() < 2 {
			b.t.Errorf("a hung modem is %+v after two minutes, opened %d times", b.m.Health(), b.opens.Load())
		}
		b.emu.Stall(false)
		b.pass(30 * time.Second)
		b.ready()
		if _, err := b.send(ada, "x"); err != nil {
			b.t.Error(err)
		}
	})
}

func TestDescribeTellsWhatTheModemIs(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		d, err := b.m.Describe(b.t.Context())
		if err != nil {
			b.t.Fatal(err)
		}
		if d.Model != "EG25" || d.Storage != "ME" || !strings.Contains(d.CanCNMI, "(0,1,2,3)") || !strings.Contains(d.Said["ATI"], "EG25") || len(d.Warnings) != 0 {
			b.t.Errorf("got %+v", d)
		}
		b.emu.Vanish()
		b.pass(time.Second)
		if _, err := b.m.Describe(b.t.Context()); err == nil {
			b.t.Error("a modem without a port was described")
		}
	})
}

func TestProbeLeavesEverythingInTheModem(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) {
		b.stored("ME", 0, ackPDU)
		d, err := modem.Probe(b.t.Context(), b.opt)
		if err != nil || d.State != modem.Ready || d.IMEI == "" || d.Used != 1 {
			b.t.Errorf("got %+v, %v", d, err)
		}
		if left := b.emu.State().Stored; len(left) != 1 {
			b.t.Errorf("left in the modem: %v", left)
		}
	}, func(b *bench) { b.ready() })
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	open := func() (io.ReadWriteCloser, error) { return nil, nil }
	for _, o := range []modem.Options{
		{Inbox: &inbox{}}, {Open: open},
		{Open: open, Inbox: &inbox{}, PIN: "12"}, {Open: open, Inbox: &inbox{}, PIN: "12345678901"}, {Open: open, Inbox: &inbox{}, PIN: "12a4"},
		{Open: open, Inbox: &inbox{}, SMSC: "home"},
	} {
		if _, err := modem.New(o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

func TestAModemThatEchoesWhateverItIsToldStillWorks(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) { b.fault(emulator.Fault{On: "E0", Times: -1, Answer: "OK"}) }, func(b *bench) {
		b.ready()
		b.pass(10 * time.Minute)
		b.ready()
		if n := b.trace.count("> AT+CPMS=?"); n != 1 {
			b.t.Errorf("it was brought up %d times", n)
		}
		if _, err := b.send(ada, "x"); err != nil {
			b.t.Error(err)
		}
	})
}

func TestEchoThatComesBackMeansThatSettingsAreGone(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CESQ", Raw: []byte("AT+CESQ\r\r\n+CESQ: 99,99,255,255,22,46\r\n\r\nOK\r\n")})
		b.pass(65 * time.Second)
		if n := b.trace.count("> AT+CPMS=?"); n != 2 {
			b.t.Errorf("it was brought up %d times, want 2", n)
		}
		b.ready()
	})
}

func TestAnotherProgramOnThePortIsNoticed(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CREG?", Raw: []byte("\r\n+CPIN: READY\r\n\r\nOK\r\n\r\n+CREG: 2,1\r\n\r\nOK\r\n")})
		b.pass(2 * time.Minute)
		if h := b.m.Health(); !h.Fit || !strings.Contains(h.Advice, "ModemManager") {
			b.t.Errorf("health %+v", h)
		}
		if _, err := b.send(ada, "x"); err != nil {
			b.t.Error(err)
		}
	})
}
