package emulator

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// booted is a modem of this make from its power-on, with everything that it
// said meanwhile.
func booted(t *testing.T, name string, o Options, f func(b *bench, said string)) {
	t.Helper()
	p, known := PersonaByName(name)
	if !known {
		t.Fatalf("there is no %s", name)
	}
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			o.Persona, o.SlowBoot, o.NoEcho = p, time.Second, true
			b := newBench(t, o)
			time.Sleep(20 * time.Second)
			b.write("AT+CMEE=1\r")
			f(b, b.take())
		})
	})
}

func TestMakesAreKnownByName(t *testing.T) {
	t.Parallel()
	want := []string{"a7670", "e3372", "ec25", "em7455", "le910", "qualcomm", "quectel", "sara", "sim7600", "sim7670", "textliar", "textonly"}
	if got := Personas(); !slices.Equal(got, want) {
		t.Errorf("makes %q, want %q", got, want)
	}
	if _, known := PersonaByName("nokia"); known {
		t.Error("nokia is known")
	}
	if p, known := PersonaByName("SIM7600"); !known || p.Name != "sim7600" {
		t.Error("names depend on case")
	}
}

// Each make starts with its own lines, and a text goes and another comes on each.
func TestEveryMakeStartsAndTexts(t *testing.T) {
	t.Parallel()
	starts := map[string]string{
		"ec25":    "RDY|+CFUN: 1|+CPIN: READY|+QUSIM: 1|+QIND: SMS DONE|+QIND: PB DONE",
		"sim7600": "RDY|+CPIN: READY|SMS DONE|PB DONE",
		"a7670":   "*ATREADY: 1|+CPIN: READY|SMS DONE|PB DONE",
		"sim7670": "*ATREADY: 1|+CPIN: READY|SMS DONE|PB DONE",
		"em7455":  "+CPIN: READY",
		"sara":    "+CPIN: READY",
		"le910":   "+CPIN: READY|#QSS: 1|#QSS: 2|#QSS: 3",
		"e3372":   "^SIMST:255|+CPIN: READY|^SIMST:1",
	}
	for name, want := range starts {
		booted(t, name, Options{}, func(b *bench, said string) {
			lines := slices.DeleteFunc(strings.Split(said, "\r\n"), func(s string) bool {
				return s == "" || s == "OK" || strings.HasPrefix(s, "^BOOT") || strings.HasPrefix(s, "^RSSI") || strings.HasPrefix(s, "^HCSQ")
			})
			if got := strings.Join(lines, "|"); got != want {
				b.t.Errorf("it started with %s, want %s", got, want)
			}
			b.ok("AT+CMGF=0")
			b.ok("AT+CNMI=2,1,0,2,0")
			prompt := "\r\n> "
			if name == "sim7670" {
				prompt = "\r\n>\r\n"
			}
			b.says("AT+CMGS=31", prompt)
			b.write(strings.Replace(alertPDU, "0031", "0011", 1) + "\x1a")
			b.hears("\r\n+CMGS: 1\r\n\r\nOK\r\n")
			b.net.Inject(ours, vectorACK)
			b.has("+CMTI: ")
		})
	}
}

// The tries left are asked for in seven ways, the card's number in five.
func TestEveryMakeHasItsOwnCounterAndCardNumber(t *testing.T) {
	t.Parallel()
	asked := map[string][4]string{
		"ec25":    {`AT+QPINC="SC"`, `+QPINC: "SC",2,10`, "AT+QCCID", "+QCCID: 8948010000012345678"},
		"sim7600": {"AT+SPIC", "+SPIC: 2,10,3,10", "AT+CICCID", "+ICCID: 8948010000012345678"},
		"em7455":  {"AT+CPINC?", "+CPINC: 2,3,10,10", "AT!ICCID?", "!ICCID: 8948010000012345678"},
		"sara":    {"AT+UPINCNT", "+UPINCNT: 2,3,10,10", "AT+CCID", "+CCID: 8948010000012345678"},
		"le910":   {"AT#PCT", "#PCT: 2", "AT#CCID", "#CCID: 8948010000012345678"},
		"e3372":   {"AT^CPIN?", "^CPIN: SIM PIN,2,10,2,10,3", "AT^ICCID?", "^ICCID: 8948010000012345678"},
	}
	for name, a := range asked {
		booted(t, name, Options{PIN: "1234", PINTries: 2}, func(b *bench, said string) {
			if !strings.Contains(said, "+CPIN: SIM PIN") {
				b.t.Errorf("it started with %q", said)
			}
			b.asks(a[0], a[1])
			b.asks(a[2], a[3])
			if name == "em7455" {
				b.says(`AT+CSIM=10,"0020000100"`, "\r\n+CME ERROR: 4\r\n")
			}
		})
	}
}

func TestEveryMakeResetsInItsOwnWay(t *testing.T) {
	t.Parallel()
	for name, command := range map[string]string{"sim7600": "AT+CRESET", "em7455": "AT!RESET", "sara": "AT+CFUN=16", "le910": "AT#REBOOT", "e3372": "AT^RESET", "ec25": "AT+CFUN=1,1"} {
		booted(t, name, Options{}, func(b *bench, _ string) {
			p, _ := PersonaByName(name)
			b.ok(command)
			time.Sleep(500 * time.Millisecond)
			<-b.ended
			time.Sleep(p.ResetTime - time.Millisecond)
			if !b.modem.State().Gone {
				b.t.Error("the port is back too early")
			}
			time.Sleep(2 * time.Millisecond)
			if s := b.modem.State(); s.Gone || s.Boots != 2 {
				b.t.Errorf("after the reset: %+v", s)
			}
		})
	}
}

func TestHuaweiSpeaksItsOwnWords(t *testing.T) {
	t.Parallel()
	booted(t, "e3372", Options{}, func(b *bench, _ string) {
		time.Sleep(500 * time.Millisecond)
		b.after(time.Second, "\r\n^BOOT:12345678,0,0,0,75\r\n\r\n^RSSI:20\r\n\r\n^HCSQ:\"LTE\",46,40,106,22\r\n")
		b.ok("AT^CURC=0")
		b.after(time.Minute, "")
		b.says("AT+QCCID", "\r\nCOMMAND NOT SUPPORT\r\n")
		b.says("AT+CNMI=2,1,0,2,0,0", "\r\nTOO MANY PARAMETERS\r\n")
		b.says("AT+CMMS=2", "\r\n+CMS ERROR: 303\r\n")
		b.says("AT+CSMS=1", "\r\n+CMS ERROR: 303\r\n")
		b.asks("AT+CMGD=?", "+CMGD: (1-4095),(0-4)")
		b.ok("AT+CREG=2")
		b.asks("AT+CREG?", "+CREG: 2,1,00C3,01A2B3C4,7")
	})
}

// A modem that says OK to AT+CMGF=0 and stays in text mode takes the length of
// a PDU for a number, and texts the PDU to it.
func TestAModemThatLiesAboutItsMode(t *testing.T) {
	liar, _ := PersonaByName("textliar")
	story(t, Options{Persona: liar}, func(b *bench) {
		b.asks("AT+CMGF?", "+CMGF: 0")
		b.says("AT+NONSENSE", "\r\n+CME ERROR: operation not supported\r\n")
		b.ok("AT+CNMI=2,1")
		b.net.Inject(ours, vectorACK)
		b.hears("\r\n+CMTI: \"SM\",0\r\n")
		b.asks("AT+CMGR=0", `+CMGR: "REC UNREAD","+48501200777",,"26/11/21,10:00:00+04"`, "ACK 4711")
		b.says("AT+CMGL=4", "\r\n+CMS ERROR: operation not supported\r\n")
		b.asks(`AT+CMGL="ALL"`, `+CMGL: 0,"REC READ","+48501200777",,"26/11/21,10:00:00+04"`, "ACK 4711")
		b.sent(31, alertPDU, 1)
		if got := b.bodies("31"); len(got) != 1 || got[0] != alertPDU {
			b.t.Errorf("the number 31 got %q", got)
		}
	})
}

func TestTelitWantsTheAcknowledgement(t *testing.T) {
	p, _ := PersonaByName("le910")
	story(t, Options{Persona: p}, func(b *bench) {
		b.says("AT+CNMI=2,1,0,1,0", "\r\n+CMS ERROR: 303\r\n")
		b.asks("AT+CSMS=1", "+CSMS: 1,1,1")
		b.ok("AT+CNMI=2,1,0,1,0")
		b.ok("AT+CEREG=2")
		b.asks("AT+CEREG?", `+CEREG: 2,1,"00C3","01","01A2B3C4",7`)
	})
}

func TestClocksAndZones(t *testing.T) {
	p, _ := PersonaByName("ec25")
	story(t, Options{Persona: p}, func(b *bench) {
		b.net.Zone(time.FixedZone("CET", 3600))
		b.asks("AT+CCLK?", `+CCLK: "00/01/01,00:00:00+04"`) // UTC under a local zone
		b.ok("AT+CTZU=3")
		b.asks("AT+CCLK?", `+CCLK: "00/01/01,01:00:00+04"`)
		b.asks("AT+QLTS=2", `+QLTS: "2000/01/01,01:00:00+04,0"`)
		b.asks("AT+QLTS=1", `+QLTS: "2000/01/01,00:00:00+04,0"`)
		b.modem.Become(SIM7600())
		b.ok("AT+CTZR=1")
		b.modem.NITZ()
		b.hears("\r\n+CTZV: 00/01/01,01:00:00,+04\r\n")
	})
}

// Attached for data only; IMS is offered, and switched on by the setting and a reset.
func TestIMSIsSwitchedOn(t *testing.T) {
	p, _ := PersonaByName("ec25")
	story(t, Options{Persona: p}, func(b *bench) {
		b.stage(29, "ims-off")
		b.asks(`AT+QCFG="ims"`, `+QCFG: "ims",0,0`)
		b.asks("AT+CIREG?", "+CIREG: 0,0")
		b.ok(`AT+QCFG="ims",1`)
		b.ok("AT+CFUN=1,1")
		time.Sleep(500 * time.Millisecond)
		<-b.ended
		time.Sleep(40 * time.Second)
		h := b.again()
		h.says("ATE0;+CMGF=0", "ATE0;+CMGF=0\r\r\nOK\r\n")
		h.asks(`AT+QCFG="ims"`, `+QCFG: "ims",1,1`)
		h.asks("AT+CIREG?", "+CIREG: 0,1,4")
		h.says("AT+CMGS=31", "\r\n> ")
		h.write(alertPDU + "\x1a")
		h.hears("\r\n+CMGS: 1\r\n\r\nOK\r\n")
	})
}

func TestAnotherCardBringsAnotherNumber(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.ok("AT+CNMI=2,1")
		if err := b.modem.InsertSIM(SIM{Number: "+48600999999", ICCID: "8948010000099999999", SMSC: "+48790998250"}); err != nil {
			t.Fatal(err)
		}
		b.take()
		b.net.Phone(ada).Send("+48600999999", "hello")
		b.hears("\r\n+CMTI: \"SM\",0\r\n")
		b.sent(31, alertPDU, 1)
		if s := b.net.Submitted()[0]; s.From != "+48600999999" || s.ICCID != "8948010000099999999" {
			t.Errorf("%+v", s)
		}
		b.net.Phone(ada).Send(ours, "to the old card")
		b.hears("")
	})
}
