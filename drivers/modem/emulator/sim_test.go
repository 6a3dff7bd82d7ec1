package emulator

import (
	"testing"
	"testing/synctest"
	"time"
)

// Field guide T3 and T4: the PIN's way, with its counter.
func TestPINOpensTheSIMAndWrongOnesUseUpTries(t *testing.T) {
	story(t, Options{PIN: "1234", StackDelay: 10 * time.Second, NoEcho: true}, func(b *bench) {
		b.ok("AT+CMEE=1")
		b.asks("AT+CPIN?", "+CPIN: SIM PIN")
		b.asks(`AT+CSIM=10,"0020000100"`, `+CSIM: 4,"63C3"`)
		b.asks(`AT+CSIM=10,"0020000100"`, `+CSIM: 4,"63C3"`)
		b.says("AT+CMGS=31", "\r\n+CMS ERROR: 311\r\n")
		b.says("AT+CIMI", "\r\n+CME ERROR: 11\r\n")
		b.asks("AT+QCCID", "+QCCID: 8948010000012345678")
		b.asks("AT+CREG?", "+CREG: 0,0")
		b.says(`AT+CPIN="9999"`, "\r\n+CME ERROR: 16\r\n")
		b.asks(`AT+CPINR="SIM PIN"`, "+CPINR: SIM PIN,2,3")
		b.says(`AT+CPIN="1234"`, "\r\nOK\r\n\r\n+CPIN: READY\r\n")
		b.asks(`AT+CSIM=10,"0020000100"`, `+CSIM: 4,"63C3"`)
		b.says("AT+CSCA?", "\r\n+CME ERROR: 14\r\n")
		b.says(`AT+CPIN="1234"`, "\r\n+CME ERROR: 3\r\n")
		b.after(10*time.Second, "\r\n+QIND: SMS DONE\r\n")
		b.asks("AT+CSCA?", `+CSCA: "+48501200777",145`)
		b.asks("AT+CREG?", "+CREG: 0,1")
	})
}

func TestThreeWrongPINsNeedThePUK(t *testing.T) {
	story(t, Options{PIN: "1234", PINTries: 1, NoEcho: true}, func(b *bench) {
		b.ok("AT+CMEE=1")
		b.says(`AT+CPIN="0000"`, "\r\n+CME ERROR: 12\r\n")
		b.asks("AT+CPIN?", "+CPIN: SIM PUK")
		b.asks(`AT+CSIM=10,"0020000100"`, `+CSIM: 4,"6983"`)
		b.says(`AT+CPIN="1234"`, "\r\n+CME ERROR: 12\r\n")
		b.says("AT+CMGL=4", "\r\n+CMS ERROR: 316\r\n")
		b.says(`AT+CPIN="00000000","4321"`, "\r\n+CME ERROR: 16\r\n")
		b.asks(`AT+CSIM=10,"002C000100"`, `+CSIM: 4,"63C9"`)
		b.says(`AT+CPIN="12345678","4321"`, "\r\nOK\r\n\r\n+CPIN: READY\r\n\r\n+QIND: SMS DONE\r\n")
		if s := b.modem.State(); s.PINTries != 3 || s.PUKTries != 10 || s.SIM != "READY" {
			t.Errorf("after the PUK: %+v", s)
		}
	})
}

func TestThePINLockCanBeTakenOff(t *testing.T) {
	story(t, Options{PIN: "1234", NoEcho: true}, func(b *bench) {
		b.write("AT+CPIN=\"1234\"\r")
		b.take()
		b.asks(`AT+CLCK="SC",2`, "+CLCK: 1")
		b.ok(`AT+CLCK="SC",0,"1234"`)
		b.asks(`AT+CLCK="SC",2`, "+CLCK: 0")
		b.modem.Reboot()
		b.take()
		b.after(5*time.Second, "\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\n+QIND: SMS DONE\r\n")
	})
}

func TestAnEmptySlot(t *testing.T) {
	story(t, Options{NoSIM: true, NoEcho: true}, func(b *bench) {
		b.ok("AT+CMEE=1")
		b.says("AT+CPIN?", "\r\n+CME ERROR: 10\r\n")
		b.says("AT+CMGS=31", "\r\n+CMS ERROR: 310\r\n")
		b.asks("AT+CEREG?", "+CEREG: 0,0")
	})
}

// Field guide T1: a cold boot.
func TestBootStorm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Options{SlowBoot: 20 * time.Second, BootErrors: 10 * time.Second, StackDelay: 2 * time.Second})
		b.says("AT", "")
		b.after(20*time.Second, "\r\nRDY\r\n")
		b.says("AT", "AT\r\r\nERROR\r\n")
		b.after(3*time.Second, "\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n")
		b.after(2*time.Second, "\r\n+QIND: SMS DONE\r\n")
		b.after(5*time.Second, "")
		b.says("ATE0V1", "ATE0V1\r\r\nOK\r\n")
		b.asks("AT+CMGF?", "+CMGF: 1") // text mode until it is told otherwise
	})
}

// Field guide T19: a reset takes the port away and brings back a modem that
// has forgotten everything but its SIM and its texts.
func TestResetTakesThePortAway(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		if _, err := b.modem.Store("SM", 0, vectorACK); err != nil {
			t.Fatal(err)
		}
		b.ok("AT+CNMI=2,1,0,2,0")
		b.ok("AT+CFUN=1,1")
		time.Sleep(500 * time.Millisecond)
		<-b.ended
		time.Sleep(11 * time.Second)
		if _, err := b.modem.Open(); err == nil {
			t.Error("the port is back too early")
		}
		time.Sleep(time.Second)
		synctest.Wait()
		h := attachHost(t, b.modem.Pipe())
		h.after(3*time.Second, "\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\n+QIND: SMS DONE\r\n")
		h.says("AT+CNMI?;+CMGF=0", "AT+CNMI?;+CMGF=0\r\r\n+CNMI: 0,0,0,0,0\r\n\r\nOK\r\n")
		if s := b.modem.State(); len(s.Stored) != 1 || s.Boots != 1 || s.CMEE != 0 {
			t.Errorf("after the reset: %+v", s)
		}
	})
}

func TestRegistrationIsToldAsAsked(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.asks("AT+CEREG?", "+CEREG: 0,1")
		b.ok("AT+CREG=1;+CEREG=2")
		b.asks("AT+CEREG?", `+CEREG: 2,1,"00C3","01A2B3C4",7`)
		b.modem.Register(Searching)
		b.hears("\r\n+CREG: 2\r\n\r\n+CEREG: 2\r\n")
		b.asks("AT+COPS?", "+COPS: 0")
		b.modem.Register(Roaming)
		b.hears("\r\n+CREG: 5\r\n\r\n" + `+CEREG: 5,"00C3","01A2B3C4",7` + "\r\n")
		b.ok("AT+CREG=0;+CEREG=3")
		denied := Everywhere(Denied)
		denied.Cause = 15
		b.modem.Camp(denied)
		b.hears("\r\n+CEREG: 3,,,,0,15\r\n")
		b.modem.Camp(Cell{CEREG: 1, LAC: 0xC3, CI: 1, AcT: 7})
		b.hears("\r\n+CEREG: 1,\"00C3\",\"00000001\",7\r\n")
		b.asks("AT+CREG?", "+CREG: 0,0")
		b.says("AT+CREG=9", "\r\n+CME ERROR: 50\r\n")
		b.asks("AT+CREG=?", "+CREG: (0-3)")
	})
}

func TestOperatorSignalAndRadio(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.ok("AT+COPS=3,2")
		b.asks("AT+COPS?", `+COPS: 0,2,"26001",7`)
		b.modem.Signal(9)
		b.asks("AT+CSQ", "+CSQ: 9,99")
		b.asks("AT+CESQ", "+CESQ: 99,99,255,255,22,24")
		b.modem.Signal(99)
		b.asks("AT+CSQ", "+CSQ: 99,99")
		b.asks("AT+CESQ", "+CESQ: 99,99,255,255,255,255")
		b.ok("AT+CREG=1")
		b.says("AT+CFUN=4", "\r\nOK\r\n\r\n+CREG: 0\r\n")
		b.asks("AT+CFUN?", "+CFUN: 4")
		b.says("AT+CFUN=1", "\r\nOK\r\n\r\n+CREG: 1\r\n")
		b.says("AT+COPS=2", "\r\nOK\r\n\r\n+CREG: 0\r\n")
		b.says("AT+COPS=0", "\r\nOK\r\n\r\n+CREG: 1\r\n")
	})
}

// Field guide §4; a bubble's clock starts at midnight of 2000-01-01 UTC.
func TestNetworkTime(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.asks("AT+CCLK?", `+CCLK: "00/01/01,00:00:00+00"`)
		b.net.Zone(time.FixedZone("west", -5*3600))
		b.asks("AT+CCLK?", `+CCLK: "99/12/31,19:00:00-20"`)
		b.net.Zone(time.FixedZone("CET", 3600))
		b.ok("AT+CTZR=2")
		b.modem.NITZ()
		b.hears("\r\n" + `+CTZE: "+04",0,"2000/01/01,01:00:00"` + "\r\n")
		b.ok(`AT+CCLK="26/11/21,10:00:00+04"`)
		b.after(time.Second, "")
		b.asks("AT+CCLK?", `+CCLK: "26/11/21,10:00:01+04"`)
		b.ok("AT+CTZR=1")
		b.modem.NITZ()
		b.hears("\r\n" + `+CTZV: "+04"` + "\r\n")
		b.asks("AT+CCLK?", `+CCLK: "00/01/01,01:00:01+04"`)
	})
}

func TestACallRingsUntilTheCallerGivesUpOrIsRejected(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.ok("AT+CLIP=1")
		ring := "\r\nRING\r\n\r\n" + `+CLIP: "+48501200777",145,"",,"",0` + "\r\n"
		b.net.Phone(ada).Call(ours, 2)
		b.hears(ring)
		b.after(4*time.Second, ring)
		b.after(4*time.Second, "\r\nNO CARRIER\r\n")
		b.net.Phone(ada).Call(ours, 5)
		b.hears(ring)
		b.net.Phone(bob).Call(ours, 1)
		b.says("AT+CHUP", "\r\nOK\r\n\r\nNO CARRIER\r\n")
		b.after(time.Minute, "")
		b.ok("AT+CRC=1")
		b.net.Phone(ada).CallHidden(ours, 5)
		b.hears("\r\n+CRING: VOICE\r\n\r\n" + `+CLIP: "",128,"",,"",1` + "\r\n")
		b.ok("ATA")
		b.after(time.Second, "\r\nNO CARRIER\r\n")
		calls := b.net.Calls()
		want := []string{"gave up", "rejected", "busy", "answered"}
		for i, c := range calls {
			if c.Ended != want[i] {
				t.Errorf("call %d %s, want %s", i, c.Ended, want[i])
			}
		}
		if len(calls) != 4 || calls[0].Rings != 2 || calls[1].Rings != 1 {
			t.Errorf("calls: %+v", calls)
		}
	})
}

// Field guide §7, case 27: the modem restarts by itself in the middle of a send.
func TestAModemThatRestartsByItselfForgetsTheSend(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.net.SubmitDelay(2 * time.Second)
		b.ok("AT+CNMI=2,1,0,1,0")
		b.says("AT+CMGS=31", "\r\n> ")
		b.write(alertPDU + "\x1a")
		b.hears("")
		b.modem.Reboot()
		b.hears("\r\nRDY\r\n")
		b.after(5*time.Second, "\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\n+QIND: SMS DONE\r\n")
		b.says("AT+CNMI?", "AT+CNMI?\r\r\n+CNMI: 0,0,0,0,0\r\n\r\nOK\r\n")
		if n := len(b.net.Phone(ada).Texts()); n != 1 {
			t.Errorf("the SMSC had the text, and the phone shows %d", n)
		}
	})
}

func TestUSSDIsAnsweredAfterAWhile(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.ok("AT+CUSD=1")
		b.ok(`AT+CUSD=1,"*101#",15`)
		b.after(2*time.Second, "\r\n+CUSD: 4\r\n")
	})
}
