package modem_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/modem"
	"heliograph/drivers/modem/emulator"
)

func TestADialogueThatComesByteByByteIsTheSame(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) { b.emu.Split(1) }, func(b *bench) {
		b.ready()
		if _, err := b.send(ada, "x"); err != nil {
			b.t.Error(err)
		}
		b.net.Phone(ada).Send(ours, "ACK")
		b.pass(time.Second)
		b.want("inbox", b.in.told(), "text +48501200777 \"ACK\"\nreport 1 +48501200777 delivered")
	})
}

func TestChatterNeverDrownsATextOrAnOrder(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		stop := make(chan struct{})
		go func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond):
					b.emu.Unsolicited([]string{"^RSSI: 20", "^HCSQ: \"LTE\",40", "^BOOT:1", "+CIEV: 2,3", "$GPGGA,1"}[i%5])
				}
			}
		}()
		b.net.SubmitDelay(2 * time.Second)
		if _, err := b.send(ada, "x"); err != nil {
			b.t.Error(err)
		}
		b.net.Phone(ada).Send(ours, "ACK")
		b.pass(time.Second)
		close(stop)
		b.pass(time.Second)
		if !strings.Contains(b.in.told(), `text +48501200777 "ACK"`) {
			b.t.Errorf("inbox: %s", b.in.told())
		}
		if b.opens.Load() != 1 {
			b.t.Errorf("the port was opened %d times", b.opens.Load())
		}
	})
}

func TestForeignBytesDoNoHarm(t *testing.T) {
	for what, noise := range map[string][]byte{
		"zeros and ones":     {0, 0, 0xFF, 0xFF, 0xFE},
		"PPP":                {0x7E, 0xFF, 0x7D, 0x23, 0xC0, 0x21, 0x7D, 0x21, 0x7E},
		"half a character":   {0xC5},
		"70,000 bytes":       []byte(strings.Repeat("A", 70_000)),
		"an open quotation":  []byte("\r\n+CUSD: 0,\"never closed\r\n"),
		"a text cut in two":  []byte("\r\n+CMT: ,26\r\n"),
		"somebody else's OK": []byte("\r\nOK\r\n"),
		"an error":           []byte("\r\n+CME ERROR: 132\r\n"),
	} {
		t.Run(what, func(t *testing.T) {
			story(t, emulator.Options{}, nil, func(b *bench) {
				b.ready()
				b.emu.Noise(noise)
				b.pass(time.Second)
				sent := false
				for range 3 { // one text may pay for the noise with a retry
					if _, err := b.send(ada, "x"); err == nil {
						sent = true
						break
					}
					b.pass(10 * time.Second)
				}
				if !sent || len(b.net.Submitted()) != 1 {
					b.t.Errorf("sent %v, the centre took it %d times", sent, len(b.net.Submitted()))
				}
			})
		})
	}
}

func TestASIMThatGoesAndAnotherThatComes(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CPIN?", Times: 8, Answer: "+CME ERROR: 10"})
		b.emu.Unsolicited("+QSIMSTAT: 1,0")
		h := b.state(modem.NoSIM)
		if h.Fit {
			b.t.Errorf("health %+v", h)
		}
		b.fault(emulator.Fault{On: "/CCID/", Times: -1, Lines: []string{"+CCID: 89480100000999999991"}})
		b.emu.Unsolicited("+QSIMSTAT: 1,1")
		b.pass(5 * time.Second)
		b.ready()
		if h := b.m.Health(); h.ICCID != "89480100000999999991" {
			b.t.Errorf("health %+v", h)
		}
		if !strings.Contains(b.log.text(), "another SIM") {
			b.t.Errorf("the log does not tell: %s", b.log.text())
		}
	})
}

func TestAPUKThatAppearsAtRunTimeStopsEverything(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CPIN?", Times: -1, Lines: []string{"+CPIN: SIM PUK"}})
		b.emu.Unsolicited("+CPIN: SIM PUK")
		h := b.state(modem.PUKNeeded)
		if h.Fit || h.Advice == "" {
			b.t.Errorf("health %+v", h)
		}
		if _, err := b.send(ada, "x"); err == nil || !err.Worker {
			b.t.Errorf("a text: %v", err)
		}
	})
}

func TestABootStormIsAnsweredByOneBringUp(t *testing.T) {
	for i, order := range [][]string{
		{"RDY", "+CFUN: 1", "+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE"},
		{"+CPIN: READY", "RDY", "+QIND: PB DONE", "+CFUN: 1", "+QIND: SMS DONE", "+QUSIM: 1"},
		{"*ATREADY: 1", "+CPIN: READY", "SMS DONE", "PB DONE"},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			story(t, emulator.Options{}, nil, func(b *bench) {
				b.ready()
				for _, line := range order {
					b.emu.Unsolicited(line)
					b.pass(time.Second)
				}
				b.pass(20 * time.Second)
				b.ready()
				if n := b.trace.count("> AT+CPMS=?"); n != 2 {
					b.t.Errorf("it was brought up %d times, want 2", n)
				}
			})
		})
	}
}
