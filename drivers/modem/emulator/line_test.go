package emulator

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLineDiscipline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Options{})
		b.says("AT", "AT\r\r\nOK\r\n")
		b.says("ate0v0", "ate0v0\r0\r")
		b.says("AT+NONSENSE", "4\r")
		b.says("ATV1", "\r\nOK\r\n")
		b.says("garbage, and no command", "")
		b.says("\x00\xffnoise AT", "\r\nOK\r\n")
		b.write("A/")
		b.hears("\r\nOK\r\n")
		b.says("ATX7\b\b\bT", "\r\nOK\r\n") // three deleted and one typed again: AT
		b.says("AT\b\b\b", "")
		b.says("ATQ1", "")
		b.says("AT+CMEE=1", "")
		b.says("ATQ0", "\r\nOK\r\n")
		b.asks("AT+CMEE?;+CSQ;S3?", "+CMEE: 1\r\n\r\n+CSQ: 20,99\r\n\r\n013")
		b.says("AT+CSQ;+NONSENSE;+CSQ", "\r\n+CSQ: 20,99\r\n\r\n+CME ERROR: 4\r\n")
		b.ok("ATE0+CMEE=2")
		b.says("AT+NONSENSE", "\r\n+CME ERROR: operation not supported\r\n")
		b.ok("AT+CMEE=0")
		b.says("AT+NONSENSE", "\r\nERROR\r\n")
		b.says("AT+CMEE=7", "\r\nERROR\r\n")
		b.ok("AT&F;&C1;S0=0;X4")
		b.says("AT", "AT\r\r\nOK\r\n") // &F brought the echo back
	})
}

func TestLineIsTheSameByteByByte(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		whole := "AT+CGMI;+CSQ\rAT+CMGS=31\r" + alertPDU + "\x1aAT\r"
		for i := range len(whole) {
			b.write(whole[i : i+1])
			synctest.Wait()
		}
		b.hears("\r\nQuectel\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n\r\n> \r\n+CMGS: 1\r\n\r\nOK\r\n\r\nOK\r\n")
		if got := len(b.net.Phone(ada).Texts()); got != 1 {
			t.Errorf("the phone shows %d texts", got)
		}
	})
}

func TestAnswersCanComeInPieces(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.take()
		b.modem.Split(1)
		b.asks("AT+CGSN", "867698041234567")
		b.mu.Lock()
		for _, n := range b.reads[len(b.reads)-20:] {
			if n != 1 {
				t.Errorf("a read of %d bytes", n)
			}
		}
		b.mu.Unlock()
		b.modem.Split(0)
		b.ok("AT")
	})
}

func TestIdentity(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.asks("ATI", "Quectel", "EG25", "Revision: EG25GGBR07A08M2G")
		b.asks("AT+CGMI", "Quectel")
		b.asks("AT+CGMR", "EG25GGBR07A08M2G")
		b.asks("AT+CIMI", "260011234567890")
		b.asks("AT+QCCID", "+QCCID: 8948010000012345678")
		b.asks("AT+CCID", "+CCID: 8948010000012345678")
		b.says("AT^ICCID?", "\r\n+CME ERROR: 4\r\n")
	})
}

func TestLatencyHoldsEveryLineAndKeepsTheirOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Options{Latency: 50 * time.Millisecond, NoEcho: true})
		b.write("AT\rAT+CMEE?\r")
		b.hears("")
		b.after(50*time.Millisecond, "\r\nOK\r\n")
		b.after(50*time.Millisecond, "\r\n+CMEE: 0\r\n\r\nOK\r\n")
	})
}

func TestABurstNobodyReadsIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork()
		m, err := New(Options{Network: n, Number: ours})
		if err != nil {
			t.Fatal(err)
		}
		port := m.Pipe()
		for range 5000 {
			m.Unsolicited("^RSSI: 20" + strings.Repeat("x", 100))
		}
		if s := m.State(); s.Dropped == 0 {
			t.Error("half a megabyte waits for a host that does not read")
		}
		h := attachHost(t, port)
		if got := len(h.take()); got > outputLimit {
			t.Errorf("%d bytes were kept, the limit is %d", got, outputLimit)
		}
		h.write("AT\r")
		h.hears("AT\r\r\nOK\r\n")
		m.Close()
		n.Close()
		<-h.ended
	})
}

func TestWritesBlockWhileTheModemDoesNotRead(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.modem.Stall(true)
		written := make(chan struct{})
		go func() {
			b.write("AT\r")
			close(written)
		}()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		select {
		case <-written:
			t.Error("the write went through")
		default:
		}
		b.modem.Stall(false)
		<-written
		b.hears("\r\nOK\r\n")
	})
}

func TestThePortClosesVanishesAndComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Options{NoEcho: true})
		b.ok("AT+CMEE=1")
		if _, err := b.modem.Open(); err == nil {
			t.Error("the port opened twice")
		}
		b.port.Close()
		<-b.ended
		again := attachHost(t, b.modem.Pipe())
		again.asks("AT+CMEE?", "+CMEE: 1")
		b.modem.Vanish()
		<-again.ended
		if _, err := again.port.Write([]byte("AT\r")); err == nil {
			t.Error("a write to a vanished port went through")
		}
		if _, err := b.modem.Open(); err == nil {
			t.Error("a vanished port opened")
		}
		if _, err := b.modem.Pipe().Read(make([]byte, 1)); err == nil {
			t.Error("a vanished port was read")
		}
		b.modem.Return()
		third := attachHost(t, b.modem.Pipe())
		third.asks("AT+CMEE?", "+CMEE: 1")
		b.modem.Close()
		<-third.ended
	})
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	n := NewNetwork()
	defer n.Close()
	for want, o := range map[string]Options{
		"emulator: Options.Network is missing: make one with NewNetwork":            {Number: ours},
		`emulator: Options.Number "me" is not a number: write it like +48600100200`: {Network: n, Number: "me"},
		`emulator: Options.PIN "12" must be 4 to 8 digits`:                          {Network: n, Number: ours, PIN: "12"},
	} {
		if _, err := New(o); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	m, err := New(Options{Network: n, Number: ours})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if _, err := New(Options{Network: n, Number: ours}); err == nil || !strings.Contains(err.Error(), "already has a modem") {
		t.Errorf("a second modem under one number: %v", err)
	}
}
