package emulator

import (
	"errors"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// dialling is a modem whose carrier answers; its ends come from the channel.
func dialling() (Options, chan *host) {
	calls := make(chan *host, 9)
	return Options{Carrier: func() (io.ReadWriteCloser, error) {
		ours, theirs := net.Pipe()
		calls <- attachHost(nil, theirs)
		return ours, nil
	}}, calls
}

// pick is the carrier's end of the call that was just made.
func (b *bench) pick(calls chan *host) *host {
	c := <-calls
	c.t = b.t
	b.t.Cleanup(func() { c.port.Close(); <-c.ended })
	return c
}

func TestACallForDataUntilTheCarrierHangsUp(t *testing.T) {
	o, calls := dialling()
	story(t, o, func(b *bench) {
		b.ok(`AT+CGDCONT=1,"IP","internet"`)
		for range 3 { // the third time is as the first
			b.says("ATD*99***1#", "\r\nCONNECT 150000000\r\n")
			if _, _, up := b.modem.Context(1); !up {
				t.Error("the context is not up")
			}
			c := b.pick(calls)
			b.write("AT\r~\xff\x1a+++")
			c.hears("AT\r~\xff\x1a+++")
			b.modem.Unsolicited("+CREG: 1") // would spoil a packet
			c.write("~\x00~")
			b.hears("~\x00~")
			c.port.Close()
			b.hears("\r\nNO CARRIER\r\n\r\n+CREG: 1\r\n")
			b.asks("AT+CGACT?", "+CGACT: 1,0")
		}
	})
}

func TestACallForDataThatNobodyAnswers(t *testing.T) {
	open, _ := dialling()
	for why, o := range map[string]Options{
		"no data is to be had": {},
		"no line is free":      {Carrier: func() (io.ReadWriteCloser, error) { return nil, errors.New("no line is free") }},
	} {
		t.Run(why, func(t *testing.T) {
			story(t, o, func(b *bench) { b.says("ATD*99#", "\r\nNO CARRIER\r\n") })
		})
	}
	t.Run("the network refuses", func(t *testing.T) {
		story(t, open, func(b *bench) {
			b.says("ATD+48600100201", "\r\nNO CARRIER\r\n") // a person, called for data
			b.modem.RefuseData("Missing or unknown APN")
			b.says("ATD*99***1#", "\r\nNO CARRIER\r\n")
			b.asks("AT+CEER", `+CEER: "SM","Missing or unknown APN"`)
		})
	})
}

func TestTheEscapeFromData(t *testing.T) {
	o, calls := dialling()
	story(t, o, func(b *bench) {
		b.says("ATD*99#", "\r\nCONNECT 150000000\r\n")
		c := b.pick(calls)
		b.write("+++") // no second of silence before it
		c.hears("+++")
		b.after(2*time.Second, "")
		b.write("+++")
		b.after(time.Second/2, "")
		b.write("x") // nor after it
		c.hears("+++x")
		b.after(2*time.Second, "")
		b.write("+++")
		c.hears("")
		b.after(time.Second, "\r\nOK\r\n")
		b.ok("AT")
		b.says("ATD*99#", "\r\nNO CARRIER\r\n") // one call at a time
		b.says("ATO", "\r\nCONNECT 150000000\r\n")
		c.write("~")
		b.hears("~")
		b.after(2*time.Second, "")
		b.write("+++")
		b.after(time.Second, "\r\nOK\r\n")
		b.ok("ATH")
		<-c.ended // the carrier hears of it
		b.says("ATO", "\r\nNO CARRIER\r\n")
	})
}

func TestADataCallEndsWithItsHostItsModemAndItsNetwork(t *testing.T) {
	for how, end := range map[string]func(b *bench){
		"the host closes the port":  func(b *bench) { b.port.Close() },
		"the modem starts anew":     func(b *bench) { b.modem.Reset() },
		"the stick is pulled":       func(b *bench) { b.modem.Vanish() },
		"the network takes it":      func(b *bench) { b.modem.DropData() },
		"the modem is switched off": func(b *bench) { b.modem.Close() },
	} {
		o, calls := dialling()
		t.Run(how, func(t *testing.T) {
			story(t, o, func(b *bench) {
				b.says("ATD*99#", "\r\nCONNECT 150000000\r\n")
				c := b.pick(calls)
				end(b)
				<-c.ended
				if _, _, up := b.modem.Context(1); up {
					t.Error("the context is still up")
				}
			})
		})
	}
}

func TestTheSecondPortAsATTY(t *testing.T) {
	t.Parallel()
	o, calls := dialling()
	n := NewNetwork()
	o.Network, o.Number, o.NoEcho = n, ours, true
	m, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close(); n.Close() })
	dir := t.TempDir()
	first, err := m.ServePTYAt(filepath.Join(dir, "at"))
	if err != nil {
		t.Skipf("needs a pseudo terminal: %v", err)
	}
	second, err := m.ServeSecondPTYAt(filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	at, data := openTTY(t, first), openTTY(t, second)
	data.say("ATD*99#\r")
	data.until("CONNECT 150000000")
	c := <-calls
	at.say("AT\r")
	at.until("OK") // beside the call
	if _, err := io.WriteString(c.port, "packets\r\n"); err != nil {
		t.Fatal(err)
	}
	data.until("packets")
	data.f.Close()
	<-c.ended // DTR fell
	m.Vanish()
	at.ended()
	if err := m.Return(); err != nil {
		t.Fatal(err)
	}
	again := openTTY(t, second)
	again.say("AT\r")
	again.until("OK")
	again.f.Close()
}
