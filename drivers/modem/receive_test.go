package modem_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/modem"
	"heliograph/drivers/modem/emulator"
)

// stored PDUs: "ACK 4711" from ada; part 2 of 2 "part two"; a report for reference 12; a draft.
const (
	ackPDU    = "00040B918405210077F700006211120100004008C1E11244BBC562"
	partPDU   = "00440B918405210077F70000621112010050400F0500037A0202E061391D44BFBF01"
	reportPDU = "00060C0B918405210077F7621112010000406211120100404000"
	draftPDU  = "00310005812143F500002F05D32093F804"
)

func (b *bench) stored(memory string, stat int, pdu string) {
	b.t.Helper()
	if _, err := b.emu.Store(memory, stat, pdu); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) empty() {
	b.t.Helper()
	if left := b.emu.State().Stored; len(left) != 0 {
		b.t.Errorf("still in the modem: %+v", left)
	}
}

func TestAnAnswerComesInAndLeavesTheModem(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		if err := b.net.Phone(ada).Send(ours, "ACK 7"); err != nil {
			b.t.Fatal(err)
		}
		b.pass(time.Second)
		b.want("inbox", b.in.told(), `text +48501200777 "ACK 7"`)
		b.empty()
		m := b.in.messages[0]
		if m.At.IsZero() || time.Since(m.At) > 2*time.Second || m.Centre != ada || len(m.PDU) == 0 || m.Class != -1 {
			b.t.Errorf("message %+v", m)
		}
	})
}

func TestWhatCameBeforeTheBoxIsReadFromBothMemories(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) {
		b.stored("SM", 0, ackPDU)
		b.stored("ME", 1, partPDU)
		b.stored("ME", 0, reportPDU)
		b.stored("SM", 2, draftPDU)
	}, func(b *bench) {
		b.ready()
		b.want("inbox", b.in.told(), "text +48501200777 \"part two\" 2/2\ntext +48501200777 \"ACK 4711\"\nreport 12 +48501200777 delivered")
		b.empty()
	})
}

func TestACopyStaysUntilTheCommit(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.in.set(errors.New("disk full"))
		b.net.Phone(ada).Send(ours, "ACK 7")
		b.pass(time.Second)
		if left := b.emu.State().Stored; len(left) != 1 {
			b.t.Errorf("the only copy is gone: %v", left)
		}
		if !strings.Contains(b.log.text(), "disk full") {
			b.t.Errorf("the log does not say why: %s", b.log.text())
		}
		b.in.set(nil)
		b.pass(time.Minute)
		b.want("inbox", b.in.told(), `text +48501200777 "ACK 7"`)
		b.empty()
	})
}

func TestATextWithoutNoticeIsFoundWithinAMinute(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.stored("ME", 0, ackPDU)
		b.pass(time.Minute)
		b.want("inbox", b.in.told(), `text +48501200777 "ACK 4711"`)
		b.empty()
	})
}

func TestATextInTheOtherMemoryIsFoundToo(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.stored("SM", 0, ackPDU)
		b.emu.Unsolicited(`+CMTI: "SM",0`)
		b.pass(time.Second)
		b.want("inbox", b.in.told(), `text +48501200777 "ACK 4711"`)
		b.stored("SM", 0, partPDU)
		b.pass(6 * time.Minute)
		b.want("inbox", b.in.told(), "text +48501200777 \"ACK 4711\"\ntext +48501200777 \"part two\" 2/2")
		b.empty()
		if s := b.emu.State(); s.Memories != [3]string{"ME", "ME", "ME"} {
			b.t.Errorf("the modem was left looking into %v", s.Memories)
		}
	})
}

func TestATextNobodyCanReadIsHandedOverAndBlocksNothing(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) {
		b.stored("ME", 0, "00040B91840521")
		b.stored("ME", 0, ackPDU)
	}, func(b *bench) {
		b.ready()
		b.want("inbox", b.in.told(), "unreadable\ntext +48501200777 \"ACK 4711\"")
		if m := b.in.messages[0]; len(m.PDU) != 7 || m.Reason == "" {
			b.t.Errorf("got %+v", m)
		}
		b.empty()
	})
}

func TestADirectTextAndReportAreTakenWhereverTheyStand(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CMGS", Before: []string{"+CMT: ,26", ackPDU, "+CDS: 25", reportPDU}})
		if _, err := b.send(ada, "x"); err != nil {
			b.t.Error(err)
		}
		b.pass(time.Second)
		b.want("inbox", b.in.told(), "text +48501200777 \"ACK 4711\"\nreport 12 +48501200777 delivered\nreport 1 +48501200777 delivered")
	})
}

func TestADirectTextIsOfferedAgainWhenTheDiskIsFull(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.in.set(errors.New("disk full"))
		b.emu.Unsolicited("+CMT: ,26", ackPDU)
		b.pass(2 * time.Minute)
		b.in.set(nil)
		b.pass(time.Minute)
		b.want("inbox", b.in.told(), `text +48501200777 "ACK 4711"`)
	})
}

func TestANoticeForAnEmptySlotIsNothing(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.emu.Unsolicited(`+CMTI: "ME",7`)
		b.pass(time.Second)
		b.want("inbox", b.in.told(), "")
		b.want("log", b.log.text(), "")
	})
}

func TestAFullStoreIsEmptiedAndTheRestComes(t *testing.T) {
	story(t, emulator.Options{Storage: 3}, func(b *bench) {
		for range 3 {
			b.stored("ME", 2, draftPDU)
			b.stored("SM", 1, draftPDU)
		}
		b.net.Phone(ada).Send(ours, "STATUS")
	}, func(b *bench) {
		b.ready()
		b.pass(6 * time.Minute)
		b.want("inbox", b.in.told(), `text +48501200777 "STATUS"`)
		b.empty()
	})
}

func TestReportsTellTryingDeliveredAndFailed(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.net.Phone(ada).Off()
		b.net.Phone(bob).Dead(0x49)
		b.send(ada, "x")
		b.send(bob, "x")
		b.pass(time.Second)
		b.net.Phone(ada).On()
		b.pass(time.Second)
		told := strings.Split(b.in.told(), "\n")
		want := "report 1 +48501200777 trying\nreport 2 +48501200888 failed\nreport 1 +48501200777 delivered"
		b.want("inbox", strings.Join(told, "\n"), want)
		b.empty()
	})
}

func TestReportsComeFromAModemThatRefusesToPassThemOn(t *testing.T) {
	for name, p := range map[string]emulator.Persona{"stored": emulator.Qualcomm(), "direct": directOnly()} {
		t.Run(name, func(t *testing.T) {
			story(t, emulator.Options{Persona: p}, nil, func(b *bench) {
				b.ready()
				b.send(ada, "x")
				b.pass(time.Second)
				b.want("inbox", b.in.told(), "report 1 +48501200777 delivered")
			})
		})
	}
}

// directOnly offers reports by +CDS only, and only bfr 1.
func directOnly() emulator.Persona {
	p := emulator.Quectel()
	p.CNMI[3], p.CNMI[4] = []int{0, 1}, []int{1}
	return p
}

func TestACallIsToldOnceAndHungUp(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.net.Phone(ada).Call(ours, 8)
		b.pass(10 * time.Second)
		b.want("inbox", b.in.told(), "call +48501200777")
		b.net.Phone(bob).CallHidden(ours, 8)
		b.pass(20 * time.Second)
		b.want("inbox", b.in.told(), "call +48501200777\ncall ")
		b.net.Phone(ada).Call(ours, 1)
		b.pass(20 * time.Second)
		b.want("inbox", b.in.told(), "call +48501200777\ncall \ncall +48501200777")
		if n := b.trace.count("> AT+CHUP"); n != 3 {
			b.t.Errorf("hung up %d times", n)
		}
	})
}

func TestACallDuringATextHarmsNeither(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.net.SubmitDelay(20 * time.Second)
		time.AfterFunc(5*time.Second, func() { b.net.Phone(ada).Call(ours, 8) })
		if _, err := b.send(bob, "x"); err != nil {
			b.t.Error(err)
		}
		b.pass(5 * time.Second)
		if !strings.Contains(b.in.told(), "call +48501200777") || strings.Count(b.in.told(), "call") != 1 {
			b.t.Errorf("inbox: %s", b.in.told())
		}
	})
}

func TestTheNetworksTimeIsPassedOn(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.emu.NITZ()
		b.pass(time.Second)
		if got := strings.Join(b.in.timesTold(), " "); !strings.Contains(got, "NITZ 2026-11-21T04:0") {
			b.t.Errorf("times: %s", got)
		}
		b.in.forgetTimes()
		b.emu.SetClock(-46 * 365 * 24 * time.Hour)
		b.pass(2 * time.Hour)
		for _, got := range b.in.timesTold() {
			b.t.Errorf("a clock that was never set was passed on: %s", got)
		}
	})
}

func TestHealthIsToldOnChangeOnly(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.pass(time.Minute)
		before := len(b.in.healthTold())
		b.pass(10 * time.Minute)
		if n := len(b.in.healthTold()) - before; n != 0 {
			b.t.Errorf("%d changes were told though nothing changed", n)
		}
		h := b.m.Health()
		want := modem.Health{Fit: true, State: modem.Ready, Registration: "home", Access: "LTE", Operator: "Heliograph Mobile", Signal: -95,
			Maker: "Quectel", Model: "EG25", Firmware: "EG25GGBR07A08M2G", IMEI: "867698041234567", ICCID: "8948010000012345678",
			SMSC: ada, Total: 20, Notices: "CNMI 2,1,0,2,0"}
		if h != want {
			b.t.Errorf("health:\n got %+v\nwant %+v", h, want)
		}
	})
}

func TestATextThatCameCutShortIsReadAgain(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CMGR", Raw: []byte("\r\n+CMGR: 0,,26\r\n00040B918405210077F7000062111\r\n\r\nOK\r\n")})
		b.fault(emulator.Fault{On: "+CMGL", Raw: []byte("\r\n+CMGL: 0,1,,26\r\n\r\nOK\r\n")})
		b.stored("ME", 0, ackPDU)
		b.emu.Unsolicited(`+CMTI: "ME",0`)
		b.pass(3 * time.Minute)
		b.want("inbox", b.in.told(), `text +48501200777 "ACK 4711"`)
		b.empty()
	})
}

// A report is cut in its name, in its length, between its lines and in its
// PDU, and the next text is already on its way.
func TestAReportThatComesInTwoReadsIsOne(t *testing.T) {
	for _, cut := range []int{1, 4, 6, 8, 9, 10, 11, 12, 30, 40, 59} {
		t.Run(fmt.Sprint("after ", cut), func(t *testing.T) {
			story(t, emulator.Options{Persona: directOnly()}, nil, func(b *bench) {
				b.ready()
				b.pass(time.Minute)
				b.emu.Tear("+CDS:", cut, 300*time.Millisecond)
				if _, err := b.send(ada, "x"); err != nil {
					b.t.Fatal(err)
				}
				r, err := b.send(bob, "y")
				if err != nil || r.Parts[0].Reference != 2 {
					b.t.Errorf("the next text: %+v, %v", r, err)
				}
				b.pass(time.Second)
				b.want("inbox", b.in.told(), "report 1 +48501200777 delivered\nreport 2 +48501200888 delivered")
			})
		})
	}
}
