package modem_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/modem"
	"heliograph/drivers/modem/emulator"
)

// writes is another program that opens the port, writes and closes it.
func (b *bench) writes(line string) {
	port := b.emu.Pipe()
	io.WriteString(port, line)
	b.pass(time.Second)
	port.Close()
}

func TestARestartOfTheBoxIsFitWellWithinASecond(t *testing.T) {
	story(t, emulator.Options{Latency: 5 * time.Millisecond}, nil, func(b *bench) {
		long := b.fitAfter()
		b.pass(10 * time.Second)
		b.stop()
		<-b.ended
		b.net.Phone(ada).Send(ours, "while you were away")
		b.pass(time.Minute)
		b.start()
		short := b.fitAfter()
		if short > 700*time.Millisecond || short >= long {
			b.t.Errorf("fit after %v, and after %v the first time", short, long)
		}
		if _, err := b.send(ada, "x"); err != nil {
			b.t.Error(err)
		}
		b.pass(5 * time.Second)
		if !strings.Contains(b.in.told(), `"while you were away"`) {
			b.t.Errorf("inbox: %s", b.in.told())
		}
		if h := b.m.Health(); h.Operator != "Heliograph Mobile" || h.Signal != -95 || h.Total != 20 || h.Why != "" {
			b.t.Errorf("what was left out was not looked at: %+v", h)
		}
	})
}

func TestAModemThatIsNotAsItWasLeftTakesTheLongWay(t *testing.T) {
	for what, meddle := range map[string]func(*bench){
		"another modem": func(b *bench) {
			b.fault(emulator.Fault{On: "+CGSN", Times: -1, Lines: []string{"111111111111119"}})
		},
		"another SIM": func(b *bench) {
			if err := b.emu.InsertSIM(emulator.SIM{ICCID: "8948010000077777777", SMSC: ada}); err != nil {
				b.t.Fatal(err)
			}
		},
		"text mode":  func(b *bench) { b.writes("AT+CMGF=1\r") },
		"no notices": func(b *bench) { b.writes("AT+CNMI=2,0,0,0,0\r") },
		"a reboot":   func(b *bench) { b.emu.Reboot() },
	} {
		t.Run(what, func(t *testing.T) {
			story(t, emulator.Options{}, nil, func(b *bench) {
				b.ready()
				b.stop()
				<-b.ended
				meddle(b)
				b.pass(30 * time.Second)
				before := b.trace.count("> AT+CPMS=?")
				b.start()
				b.pass(30 * time.Second)
				b.ready()
				if b.trace.count("> AT+CPMS=?") != before+1 {
					b.t.Error("it was taken as it was")
				}
			})
		})
	}
}

func TestAnotherFirmwareIsTriedAnew(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		var p modem.Persona
		if err := json.Unmarshal(b.mem.values["persona"], &p); err != nil || p.Vendor != "quectel" || p.Notices != "2,1,0,2,0" || p.ICCID != "+CCID" || p.Reset != "+CFUN=1,1" || p.Errors != "quectel" || p.Registration != "quoted" || p.Store != "ME" {
			b.t.Errorf("kept: %+v, %v", p, err)
		}
		b.stop()
		<-b.ended
		b.fault(emulator.Fault{On: "+CGMR", Times: -1, Lines: []string{"EG25GGBR07A09M2G"}})
		b.start()
		b.ready()
		b.pass(10 * time.Second)
		b.ready()
		if err := json.Unmarshal(b.mem.values["persona"], &p); err != nil || p.Firmware != "EG25GGBR07A09M2G" {
			b.t.Errorf("kept: %+v, %v", p, err)
		}
		d, err := b.m.Describe(b.t.Context())
		if err != nil || d.Persona.Firmware != p.Firmware || d.Persona.Vendor != "quectel" {
			b.t.Errorf("described: %+v, %v", d.Persona, err)
		}
	})
}

func TestEveryMakeIsFoundOut(t *testing.T) {
	for _, c := range []struct{ make, vendor, iccid, reset, notices, registration string }{
		{"ec25", "quectel", "+CCID", "+CFUN=1,1", "2,1,0,2,0", "quoted"},
		{"sim7600", "simcom", "+CICCID", "+CRESET", "2,1,0,2,0", "quoted"},
		{"a7670", "simcom", "+CICCID", "+CRESET", "2,1,0,2,0", "quoted"},
		{"em7455", "sierra", "!ICCID?", "!RESET", "2,1,0,2,0", "quoted"},
		{"sara", "u-blox", "+CCID", "+CFUN=16", "2,1,0,2,0", "quoted"},
		{"le910", "telit", "+CCID", "#REBOOT", "2,1,0,2,0", "quoted and RAC"},
		{"e3372", "huawei", "^ICCID?", "^RESET", "2,1,0,2,0", "bare"},
	} {
		t.Run(c.make, func(t *testing.T) {
			persona, ok := emulator.PersonaByName(c.make)
			if !ok {
				t.Fatal("no such make")
			}
			story(t, emulator.Options{Persona: persona, PIN: "4711"}, func(b *bench) { b.opt.PIN = "4711" }, func(b *bench) {
				b.ready()
				d, err := b.m.Describe(b.t.Context())
				p := d.Persona
				if err != nil || p.Vendor != c.vendor || p.ICCID != c.iccid || p.Reset != c.reset || p.Notices != c.notices || p.Registration != c.registration || p.Counter == "" {
					b.t.Errorf("found %+v, %v", p, err)
				}
				if _, err := b.send(ada, "x"); err != nil {
					b.t.Error(err)
				}
				b.net.Phone(ada).Send(ours, "ACK")
				b.pass(2 * time.Minute)
				if got := b.in.told(); !strings.Contains(got, `"ACK"`) || !strings.Contains(got, "delivered") {
					b.t.Errorf("inbox: %s", got)
				}
			})
		})
	}
}

func TestABurstKeepsTheLinkUpAndAModemThatRefusesIsRemembered(t *testing.T) {
	burst := func(b *bench, n int) {
		for i := range n {
			if _, err := b.send(ada, fmt.Sprint(i)); err != nil {
				b.t.Error(err)
			}
		}
	}
	t.Run("single", func(t *testing.T) {
		story(t, emulator.Options{}, nil, func(b *bench) {
			b.ready()
			burst(b, 1)
			b.pass(time.Minute)
			burst(b, 1)
			b.want("single texts", fmt.Sprint(b.trace.count("CMMS")), "0")
			if _, err := b.job(delivery.Job{To: ada, Text: "of many", More: true}); err != nil {
				b.t.Error(err)
			}
			b.want("a text that others follow", fmt.Sprint(b.trace.count("> AT+CMMS=2")), "1")
		})
	})
	t.Run("burst", func(t *testing.T) {
		story(t, emulator.Options{}, nil, func(b *bench) {
			b.ready()
			burst(b, 10)
			b.want("in the burst", fmt.Sprint(b.trace.count("> AT+CMMS=2"), b.trace.count("> AT+CMMS=0")), "1 0")
			b.pass(3 * time.Minute)
			b.want("after it", fmt.Sprint(b.trace.count("> AT+CMMS=0")), "1")
		})
	})
	t.Run("refused", func(t *testing.T) {
		story(t, emulator.Options{}, func(b *bench) { b.fault(emulator.Fault{On: "+CMMS", Times: -1, Answer: "ERROR"}) }, func(b *bench) {
			b.ready()
			burst(b, 10)
			b.pass(time.Minute)
			b.restart()
			b.ready()
			burst(b, 10)
			b.want("asked for", fmt.Sprint(b.trace.count("> AT+CMMS")), "2")
		})
	})
	t.Run("refused with 2", func(t *testing.T) {
		story(t, emulator.Options{}, func(b *bench) { b.fault(emulator.Fault{On: "+CMMS=2", Times: -1, Answer: "ERROR"}) }, func(b *bench) {
			b.ready()
			burst(b, 3)
			b.want("asked for", fmt.Sprint(b.trace.count("> AT+CMMS=2"), b.trace.count("> AT+CMMS=1")), "1 1")
		})
	})
	t.Run("528", func(t *testing.T) {
		story(t, emulator.Options{}, func(b *bench) {
			if err := emulator.Stage(b.emu, 49, "528"); err != nil {
				b.t.Fatal(err)
			}
		}, func(b *bench) {
			b.ready()
			burst(b, 10)
			b.want("the link", fmt.Sprint(b.trace.count("> AT+CMMS=2"), b.trace.count("> AT+CMMS=0"), len(b.net.Submitted())), "1 1 10")
		})
	})
}

func TestACardThatIsPulledIsToldAtOnceAndAnotherIsRead(t *testing.T) {
	for _, make := range []string{"ec25", "sim7600", "le910", "e3372"} {
		t.Run(make, func(t *testing.T) {
			persona, _ := emulator.PersonaByName(make)
			story(t, emulator.Options{Persona: persona}, nil, func(b *bench) {
				b.ready()
				b.emu.RemoveSIM()
				b.pass(time.Millisecond)
				if h := b.m.Health(); h.Fit || h.State != modem.NoSIM || !strings.Contains(h.Why, "taken out") {
					b.t.Errorf("pulled: %+v", h)
				}
				b.pass(10 * time.Minute)
				if h := b.m.Health(); h.Fit || h.State != modem.NoSIM {
					b.t.Errorf("ten minutes later: %+v", h)
				}
				if err := b.emu.InsertSIM(emulator.SIM{ICCID: "8948010000077777777", SMSC: "+48790998250"}); err != nil {
					b.t.Fatal(err)
				}
				b.pass(20 * time.Second)
				b.ready()
				h := b.m.Health()
				if h.ICCID != "8948010000077777777" || h.SMSC != "+48790998250" || !strings.Contains(h.Why, "another SIM is in it since 21 Nov") || !strings.Contains(h.Advice, "credit") {
					b.t.Errorf("another: %+v", h)
				}
				if make != "ec25" {
					return // one make's day will do
				}
				b.pass(25 * time.Hour)
				if h := b.m.Health(); h.Why != "" {
					b.t.Errorf("a day later: %+v", h)
				}
			})
		})
	}
}

func TestAnotherSIMIsNoticedThoughTheBoxWasOff(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.stop()
		<-b.ended
		if err := b.emu.InsertSIM(emulator.SIM{ICCID: "8948010000077777777", SMSC: ada}); err != nil {
			b.t.Fatal(err)
		}
		b.start()
		b.ready()
		b.pass(2 * time.Second)
		if h := b.m.Health(); !strings.Contains(h.Why, "another SIM") || !h.Fit {
			b.t.Errorf("health %+v", h)
		}
	})
}

func TestAPortThatReturnsIsUsedWithinASecond(t *testing.T) {
	story(t, emulator.Options{Latency: 5 * time.Millisecond}, nil, func(b *bench) {
		b.ready()
		for _, away := range []time.Duration{3 * time.Second, 10 * time.Minute} {
			b.emu.Vanish()
			b.pass(away)
			if b.m.Health().Fit {
				b.t.Error("fit without a port")
			}
			if err := b.emu.Return(); err != nil {
				b.t.Fatal(err)
			}
			if after := b.fitAfter(); after > time.Second {
				b.t.Errorf("away for %v: fit %v after it was back", away, after)
			}
			if _, err := b.send(ada, "back"); err != nil {
				b.t.Error(err)
			}
		}
	})
}

func TestTheDriverAddsLittleToATextsOwnTime(t *testing.T) {
	for _, c := range []struct{ takes, most time.Duration }{{0, 2 * time.Millisecond}, {5 * time.Millisecond, 2 * time.Millisecond}, {50 * time.Millisecond, 2500 * time.Microsecond}} {
		t.Run(fmt.Sprint(c.takes), func(t *testing.T) {
			story(t, emulator.Options{}, func(b *bench) { b.net.SubmitDelay(c.takes); b.net.Reports(false) }, func(b *bench) {
				b.ready()
				b.pass(time.Second)
				began := time.Now()
				const n = 200
				for i := range n {
					if _, err := b.job(delivery.Job{To: fmt.Sprintf("+485012%05d", i), Text: "waw-12 #7 DOWN transit-a", More: true}); err != nil {
						b.t.Fatal(err)
					}
				}
				if added := time.Since(began)/n - c.takes; added > c.most {
					b.t.Errorf("%v is added to each text, at most %v may be", added, c.most)
				}
			})
		})
	}
}

func TestAnAnswerWaitsForOneTextAtMost(t *testing.T) {
	const takes = 3 * time.Second
	story(t, emulator.Options{}, func(b *bench) { b.net.SubmitDelay(takes); b.net.Reports(false) }, func(b *bench) {
		b.ready()
		for i := range 50 {
			go b.m.Send(b.t.Context(), delivery.Job{To: fmt.Sprintf("+485012%05d", i), Text: "mass"})
		}
		b.pass(10*takes + takes/10) // in the middle of a text
		b.net.Phone(ada).Send(ours, "STOP")
		b.pass(takes + 100*time.Millisecond)
		if !strings.Contains(b.in.told(), `"STOP"`) {
			b.t.Errorf("not read after one text: %s", b.in.told())
		}
	})
}

func TestAThousandNoticesASecondLeaveNothingBehind(t *testing.T) {
	for _, line := range []string{"^RSSI: 20", `+CMTI: "ME",19`, "+CREG: 1", "$GPGGA,1", strings.Repeat("x", 500)} {
		t.Run(line[:5], func(t *testing.T) {
			story(t, emulator.Options{}, nil, func(b *bench) {
				b.ready()
				b.pass(time.Second)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				b.emu.Flood(1000, 5*time.Second, line)
				b.net.Phone(ada).Send(ours, "in the flood")
				b.pass(500 * time.Millisecond)
				if _, err := b.send(bob, "x"); err != nil {
					b.t.Error(err)
				}
				b.pass(10 * time.Second)
				runtime.GC()
				runtime.ReadMemStats(&after)
				if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<20 {
					b.t.Errorf("%d MiB are kept", grown>>20)
				}
				if got := b.in.told(); strings.Count(got, `"in the flood"`) != 1 || strings.Count(got, "delivered") != 1 {
					b.t.Errorf("inbox: %s", got)
				}
				if b.opens.Load() != 1 || !b.m.Health().Fit || len(b.m.Traced()) > 2000 {
					b.t.Errorf("opened %d times, %+v", b.opens.Load(), b.m.Health())
				}
			})
		})
	}
}

func TestAFullDiskDoesNotKeepAModemFromBeingKnown(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) { b.mem.broken = errors.New("no room") }, func(b *bench) {
		b.ready()
		if _, err := b.send(ada, "x"); err != nil {
			b.t.Error(err)
		}
		if !strings.Contains(b.log.text(), "cannot be remembered") {
			b.t.Errorf("log: %s", b.log.text())
		}
	})
}
