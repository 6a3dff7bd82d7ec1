package modem_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/modem"
	"heliograph/drivers/modem/emulator"
)

// dataOnly is a cell that gives packets and no circuits.
func dataOnly(ims int) emulator.Cell {
	c := emulator.HomeCell()
	c.CREG, c.IMS = emulator.Idle, ims
	return c
}

func TestTextsWithoutAWayOnLTEAreToldAndNotTriedForEver(t *testing.T) {
	story(t, emulator.Options{Persona: emulator.EC25()}, func(b *bench) { b.emu.Camp(dataOnly(0)) }, func(b *bench) {
		b.ready()
		h := b.m.Health()
		if !strings.Contains(h.Why, "registered for data only") || !strings.Contains(h.Why, "CEREG 1 (home), CREG 0 (not searching), IMS not registered, QCFG ims 0,0") {
			b.t.Errorf("doubted: %+v", h)
		}
		for want, rest := range map[string]string{"AT+CGSMS=2": h.Advice, `AT+QCFG="ims",1 then AT+CFUN=1,1`: h.Advice, "ask the operator": h.Advice} {
			if !strings.Contains(rest, want) {
				b.t.Errorf("no %s in %s", want, rest)
			}
		}
		d, err := b.m.Describe(b.t.Context())
		if err != nil || !strings.Contains(d.Texts, "CREG 0") || len(d.Levers) < 4 || d.Levers[len(d.Levers)-1][:7] != "ask the" {
			b.t.Errorf("described: %s, %q, %v", d.Texts, d.Levers, err)
		}
		_, e := b.send(ada, "x")
		if e == nil || e.Code != "CMS 350" || e.Fate != delivery.Unsure {
			b.t.Fatalf("the text: %v", e)
		}
		if h := b.m.Health(); h.Fit || h.State != modem.NoTexts || !strings.Contains(h.Why, "a text failed") {
			b.t.Errorf("after it failed: %+v", h)
		}
		if _, e := b.send(ada, "y"); e == nil || !e.Worker || e.Fate != delivery.Retry {
			b.t.Errorf("the next: %v", e)
		}
		for _, c := range b.emu.State().Commands {
			if strings.Contains(c, "CGSMS=") || strings.Contains(c, `"ims",`) || strings.Contains(c, "CFUN=") {
				b.t.Errorf("it changed a setting by itself: %s", c)
			}
		}
		b.pass(31 * time.Minute)
		if !b.m.Health().Fit {
			b.t.Errorf("half an hour later none may try: %+v", b.m.Health())
		}
		b.emu.Camp(dataOnly(1)) // the operator has switched IMS on
		b.pass(2 * time.Minute)
		if h := b.m.Health(); !h.Fit || h.Why != "" {
			b.t.Errorf("with IMS: %+v", h)
		}
		if _, e := b.send(ada, "z"); e != nil {
			b.t.Error(e)
		}
	})
}

func TestARegistrationThatFlapsIsNotTold(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.pass(time.Minute)
		before := len(b.in.healthTold())
		if err := emulator.Stage(b.emu, 29, "flap"); err != nil {
			b.t.Fatal(err)
		}
		b.pass(6 * time.Second)
		if b.m.Health().Fit {
			b.t.Error("a text would be tried without a network")
		}
		b.pass(5 * time.Minute)
		for _, h := range b.in.healthTold()[before:] {
			if !h.Fit {
				b.t.Errorf("told: %+v", h)
			}
		}
		before = len(b.in.healthTold())
		b.emu.Register(emulator.Searching)
		b.pass(59 * time.Second)
		if n := len(b.in.healthTold()) - before; n != 0 {
			b.t.Errorf("%d changes told in the first minute", n)
		}
		b.pass(2 * time.Second)
		if n := len(b.in.healthTold()); n != before+1 || b.in.healthTold()[n-1].State != modem.Registering {
			b.t.Errorf("after a minute: %+v", b.in.healthTold()[before:])
		}
	})
}

func TestADeniedRegistrationSaysWhy(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		if err := emulator.Stage(b.emu, 29, "denied"); err != nil {
			b.t.Fatal(err)
		}
		b.pass(2 * time.Minute)
		if h := b.m.Health(); h.State != modem.Denied || !strings.Contains(h.Why, "cause 15: no suitable cells") || !strings.Contains(h.Advice, "antenna") {
			b.t.Errorf("health %+v", h)
		}
	})
}

// radioTouched lists the commands that cycle the radio or restart the modem.
func (b *bench) radioTouched() (out []string) {
	for _, c := range b.emu.State().Commands {
		if strings.HasPrefix(c, "AT+CFUN=") || strings.HasPrefix(c, "AT+COPS=0") {
			out = append(out, c)
		}
	}
	return out
}

func TestNetworkCausesAreNoReasonToRestartAnything(t *testing.T) {
	for what, trouble := range map[string]func(*bench){
		"denied":       func(b *bench) { b.emu.Register(emulator.Denied) },
		"no coverage":  func(b *bench) { b.emu.Register(emulator.Searching); b.emu.Signal(99) },
		"barred":       func(b *bench) { emulator.Stage(b.emu, 48, "8") },
		"no credit":    func(b *bench) { b.net.Congested(50) },
		"congested":    func(b *bench) { b.net.Congested(42) },
		"out of order": func(b *bench) { b.net.Congested(38) },
	} {
		t.Run(what, func(t *testing.T) {
			story(t, emulator.Options{}, nil, func(b *bench) {
				b.ready()
				trouble(b)
				for range 8 {
					b.pass(15 * time.Minute)
					b.send(ada, "x")
				}
				if got := b.radioTouched(); len(got) != 0 {
					b.t.Errorf("for a cause of the network: %q", got)
				}
			})
		})
	}
}

// ladder lists the steps of recovery that were logged.
func (b *bench) ladder() string {
	var out []string
	for _, l := range strings.Split(b.log.text(), "\n") {
		if _, rest, ok := strings.Cut(l, ": recovery: "); ok {
			step, _, _ := strings.Cut(rest, ", because")
			out = append(out, step)
		}
	}
	return strings.Join(out, "; ")
}

// press sends texts until so much time has gone.
func (b *bench) press(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		b.send(ada, "x")
		b.pass(time.Minute)
	}
}

func TestASickModemIsHealedStepByStep(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CMGS", Times: -1, Answer: "+CMS ERROR: 300"})
		b.press(14 * time.Minute)
		const round = "bringing it up again; the radio off and on; a restart of the modem"
		b.want("the steps", b.ladder(), round)
		b.want("on the wire", strings.Join(b.radioTouched(), " "), "AT+COPS=0 AT+CFUN=4 AT+CFUN=1 AT+CFUN=1,1")
		if !strings.Contains(b.log.text(), "because texts are refused with CMS 300") {
			b.t.Errorf("no evidence: %s", b.log.text())
		}
		b.restart() // a crash does not begin at the bottom
		b.press(10 * time.Minute)
		b.want("after a restart", b.ladder(), round)
		b.press(75 * time.Minute)
		if n := strings.Count(b.ladder(), "a restart of the modem"); n < 2 || n > 3 {
			b.t.Errorf("%d restarts in a hundred minutes: %s", n, b.ladder())
		}
	})
}

func TestAResetThatNeverEndsIsLeftToThePower(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) {
		b.opt.Power = func(context.Context) error { b.emu.Return(); b.emu.Reboot(); return nil }
	}, func(b *bench) {
		b.ready()
		b.emu.ResetAs(emulator.ResetForm{Answer: "ERROR"})
		b.fault(emulator.Fault{On: "+CMGS", Times: 18, Answer: "+CMS ERROR: 300"})
		b.press(20 * time.Minute)
		if !strings.HasPrefix(b.ladder(), "bringing it up again; the radio off and on; a restart of the modem; its power off and on") {
			b.t.Errorf("the steps: %s", b.ladder())
		}
		b.ready()
		if b.emu.State().Boots == 0 {
			b.t.Error("the power was not cut")
		}
	})
}

// mute is a port on which nobody answers.
type mute struct{ closed chan struct{} }

func (m mute) Read([]byte) (int, error)    { <-m.closed; return 0, io.EOF }
func (m mute) Write(p []byte) (int, error) { return len(p), nil }
func (m mute) Close() error                { close(m.closed); return nil }

func TestASilentModemIsTriedOnItsOtherPort(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) {
		b.opt.Other = b.opt.Open
		b.opt.Open = func() (io.ReadWriteCloser, error) { return mute{make(chan struct{})}, nil }
	}, func(b *bench) {
		b.pass(2 * time.Minute)
		b.ready()
		b.want("the steps", b.ladder(), "the other port")
	})
}

func TestASilentModemIsLeftAloneBeforeItIsReset(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) {
		b.opt.Open = func() (io.ReadWriteCloser, error) { return mute{make(chan struct{})}, nil }
		b.opt.Power = func(context.Context) error { return errors.New("no relay") }
	}, func(b *bench) {
		b.pass(4 * time.Minute)
		b.want("in the first minutes", b.ladder(), "")
		b.pass(20 * time.Minute)
		if got := b.ladder(); !strings.HasPrefix(got, "a restart of the modem; its power off and on") || !strings.Contains(b.log.text(), "no relay") {
			b.t.Errorf("later: %s", got)
		}
	})
}

func TestModemsThatStayInTextModeAreToldApart(t *testing.T) {
	for _, persona := range []emulator.Persona{emulator.TextOnly(), emulator.TextLiar()} {
		t.Run(persona.Name, func(t *testing.T) {
			story(t, emulator.Options{Persona: persona}, nil, func(b *bench) {
				h := b.state(modem.TextMode)
				if h.Fit || !strings.Contains(h.Why, "stays in text mode") || !strings.Contains(h.Advice, "another modem") {
					b.t.Errorf("health %+v", h)
				}
				d, err := b.m.Describe(b.t.Context())
				if err != nil || !strings.Contains(strings.Join(d.Warnings, "\n"), "text mode") || !d.Persona.TextMode {
					b.t.Errorf("described: %q, %v", d.Warnings, err)
				}
				b.send(ada, "x")
				if n := len(b.net.Submitted()); n != 0 {
					b.t.Errorf("%d texts went to somebody", n)
				}
			})
		})
	}
}

// warned waits for a warning of the description that holds this.
func (b *bench) warned(part string) {
	b.t.Helper()
	d, err := b.m.Describe(b.t.Context())
	if err != nil || !strings.Contains(strings.Join(d.Warnings, "\n"), part) {
		b.t.Errorf("no %q in the warnings %q, %v", part, d.Warnings, err)
	}
}

func TestErrorsInWordsAreTold(t *testing.T) {
	persona := emulator.Quectel()
	persona.WordyErrors = true
	story(t, emulator.Options{Persona: persona}, nil, func(b *bench) {
		b.ready()
		b.net.Phone(ada).Refused(38)
		b.fault(emulator.Fault{On: "+CMGS", Answer: "+CMS ERROR: Network timeout"})
		b.send(ada, "x")
		b.warned("errors in words")
	})
}

func TestNoticesThatGoElsewhereAreTold(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.emu.URCPorts(false, true)
		b.pass(12 * time.Hour)
		b.net.Phone(ada).Send(ours, "ACK")
		b.pass(time.Minute + time.Second)
		b.want("inbox", b.in.told(), `text +48501200777 "ACK"`)
		b.pass(13 * time.Hour)
		b.warned("they go to another port")
	})
}

func TestNoticesThatAreForgottenAreSetAgainAndTold(t *testing.T) {
	persona := emulator.Quectel()
	persona.ForgetsNotices = 10 * time.Minute
	story(t, emulator.Options{Persona: persona}, nil, func(b *bench) {
		b.ready()
		b.pass(16 * time.Minute)
		if s := b.emu.State(); s.CNMI != [5]int{2, 1, 0, 2, 0} {
			b.t.Errorf("CNMI is %v", s.CNMI)
		}
		b.warned("settings were found changed (+CNMI")
	})
}

func TestEchoThatReturnsIsTold(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		if err := emulator.Stage(b.emu, 8, "cut"); err != nil {
			b.t.Fatal(err)
		}
		b.pass(2 * time.Minute)
		b.ready()
		b.warned("echo came back")
	})
}

func TestAClockThatShowsUniversalTimeAsLocalIsCaught(t *testing.T) {
	persona := emulator.EC25()
	story(t, emulator.Options{Persona: persona}, func(b *bench) {
		b.net.Zone(time.FixedZone("CET", 3600))
		b.fault(emulator.Fault{On: "+CTZU=3", Times: -1, Answer: "ERROR"})
	}, func(b *bench) {
		b.ready()
		b.pass(time.Hour)
		b.warned("universal time beside a local zone")
		for _, got := range b.in.timesTold() {
			_, stamp, _ := strings.Cut(got, " ")
			if at, err := time.Parse(time.RFC3339, stamp); err != nil || time.Until(at) > time.Minute || time.Since(at) > 2*time.Hour {
				b.t.Errorf("told: %s", got)
			}
		}
		if !strings.Contains(strings.Join(b.in.timesTold(), " "), "CCLK 2026-11-21T04:") {
			b.t.Errorf("times: %q", b.in.timesTold())
		}
	})
	if testing.Short() {
		return
	}
	t.Run("without a reference", func(t *testing.T) {
		story(t, emulator.Options{Persona: persona}, func(b *bench) {
			b.net.Zone(time.FixedZone("CET", 3600))
			b.fault(emulator.Fault{On: "+CTZU=3", Times: -1, Answer: "ERROR"})
			b.fault(emulator.Fault{On: "+QLTS", Times: -1, Answer: "ERROR"})
			b.fault(emulator.Fault{On: "+CTZR", Times: -1, Answer: "ERROR"})
		}, func(b *bench) {
			b.ready()
			b.pass(time.Hour)
			if len(b.in.timesTold()) != 0 {
				b.t.Errorf("a time that may be an hour off was told: %q", b.in.timesTold())
			}
		})
	})
}

func TestNoTimeBeforeTheBuildIsBelieved(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) { b.opt.Built = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC) }, func(b *bench) {
		b.ready()
		b.emu.NITZ()
		b.pass(time.Hour)
		if len(b.in.timesTold()) != 0 {
			b.t.Errorf("told: %q", b.in.timesTold())
		}
	})
}

func TestAStoreThatFillsIsCleanedAndSaid(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.in.set(errors.New("disk full"))
		for i := range 15 {
			b.net.Phone(ada).Send(ours, fmt.Sprint(i))
		}
		b.pass(2 * time.Minute)
		if h := b.m.Health(); !h.Fit || !strings.Contains(h.Why, "nearly full: 15 of 20") || h.Advice == "" {
			b.t.Errorf("full: %+v", h)
		}
		b.in.set(nil)
		b.pass(3 * time.Minute)
		if h := b.m.Health(); h.Why != "" || h.Used != 0 || b.in.texts() != 15 {
			b.t.Errorf("cleaned: %d texts, %+v", b.in.texts(), h)
		}
		if !strings.Contains(b.log.text(), "its store is nearly full, 15 of 20") {
			b.t.Errorf("log: %s", b.log.text())
		}
	})
}

func TestReportsInAMemoryOfTheirOwnAreRead(t *testing.T) {
	for _, told := range []bool{true, false} {
		t.Run(fmt.Sprint("told ", told), func(t *testing.T) {
			story(t, emulator.Options{Persona: emulator.EM7455()}, nil, func(b *bench) {
				b.ready()
				if !told {
					b.emu.URCPorts(false, true)
				}
				if _, err := b.send(ada, "x"); err != nil {
					b.t.Error(err)
				}
				b.pass(6 * time.Minute)
				b.want("inbox", b.in.told(), "report 1 +48501200777 delivered")
			})
		})
	}
}

func TestNoDutyToAcknowledgeIsTakenOn(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) {
		if err := emulator.Stage(b.emu, 12, "left"); err != nil {
			b.t.Fatal(err)
		}
	}, func(b *bench) {
		b.ready()
		b.pass(90 * time.Second)
		if s := b.emu.State(); s.CSMS != 0 || s.CNMI[1] != 1 {
			b.t.Errorf("CSMS %d, CNMI %v", s.CSMS, s.CNMI)
		}
		b.net.Phone(ada).Send(ours, "ACK")
		b.pass(time.Second)
		if !strings.Contains(b.in.told(), `"ACK"`) {
			b.t.Errorf("inbox: %s", b.in.told())
		}
	})
}

func TestARadioThatWasLeftOffIsSwitchedOn(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) {
		if err := emulator.Stage(b.emu, 43, "53"); err != nil {
			b.t.Fatal(err)
		}
	}, func(b *bench) {
		b.ready()
		if _, err := b.send(ada, "x"); err != nil {
			b.t.Error(err)
		}
		b.want("the radio", strings.Join(b.radioTouched(), " "), "AT+CFUN=1")
	})
}
