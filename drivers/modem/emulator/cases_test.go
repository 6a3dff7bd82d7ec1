package emulator

import (
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing/synctest"
	"time"
)

// caseStories show on the wire what each case says of itself.
var caseStories = map[int]func(b *bench){
	1: func(b *bench) { b.stage(1); b.sent(31, alertPDU, 1) },
	2: func(b *bench) {
		b.stage(2, "175s")
		b.send(31, alertPDU)
		b.taken(1)
		b.after(175*time.Second, "\r\n+CMGS: 1\r\n\r\nOK\r\n")
	},
	3: func(b *bench) {
		b.stage(3, "late")
		b.send(31, alertPDU)
		b.after(180*time.Second, "")
		b.ok("AT")
		b.after(30*time.Second, "\r\n+CMGS: 1\r\n\r\nOK\r\n")
		b.stage(3)
		b.send(31, alertPDU)
		b.after(time.Hour, "")
		b.taken(2)
	},
	4: func(b *bench) {
		b.stage(4)
		b.send(31, alertPDU)
		b.after(135*time.Second, "\r\n+CMS ERROR: 350\r\n")
	},
	5: func(b *bench) {
		b.stage(5)
		b.says("AT+CMGS=31", "\r\n>\r\n")
		b.write("\x1b")
		b.hears("\r\nOK\r\n")
		b.stage(5, "glued")
		b.says("AT+CMGS=31", "AT+CMGS=31\r\r\n> ")
	},
	6: func(b *bench) {
		b.stage(6)
		b.says("AT+CMGS=31", "")
		b.write("\x1b")
		b.hears("\r\nOK\r\n")
	},
	7: func(b *bench) {
		b.stage(7)
		b.says("AT+CMGS=31", "")
		b.after(15*time.Second, "\r\n> ")
		b.write("AT\r\x1a")
		b.hears("\r\n+CMS ERROR: 304\r\n")
	},
	8: func(b *bench) {
		b.stage(8, "cut")
		b.says("AT+CSQ", "AT+C\r\n+CMTI: \"SM\",19\r\nSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n")
		b.stage(8, "between")
		b.says("AT+CSQ", "AT+CSQ\r\r\n+CMTI: \"SM\",19\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n")
	},
	9: func(b *bench) {
		b.stage(9)
		b.says("AT+CSQ", "\r\n+CSQ: 20,99\r\n\r\n+CMTI: \"SM\",19\r\n\r\nOK\r\n")
		b.stage(9, "same")
		b.says("AT+CREG?", "\r\n+CREG: 2\r\n\r\n+CREG: 0,1\r\n\r\nOK\r\n")
	},
	10: func(b *bench) {
		b.ok("AT+CNMI=2,1,0,2,0")
		b.stage(10)
		b.hears("\r\n+CMTI: \"SM\",0\r\n\r\n+CMTI: \"SM\",1\r\n")
		b.stage(10, "empty")
		b.hears("\r\n+CMTI: \"SM\",19\r\n")
		b.says("AT+CMGR=19", "\r\n+CMS ERROR: 321\r\n")
		b.stage(10, "sr")
		b.hears("\r\n+CDSI: \"SR\",0\r\n")
		b.asks(`AT+CPMS="SR"`, "+CPMS: 1,20,2,20,2,20")
		b.stage(10, "mt")
		b.hears("\r\n+CMTI: \"MT\",2\r\n")
	},
	11: func(b *bench) {
		b.stage(11, "bare")
		b.asks("AT+CNMI=?", "+CNMI: (0,1,2),(0,2),(0),(0,1),(0,1)")
		b.ok("AT+CNMI=2,2")
		time.Sleep(30 * time.Second)
		b.has("\r\n+CMT: 25\r\n07918405210077F704")
	},
	12: func(b *bench) {
		b.stage(12)
		b.has("\r\n+CMT: ,25\r\n")
		b.after(13*time.Second, "")
		b.asks("AT+CNMI?", "+CNMI: 2,0,0,0,0")
		b.says("AT+CNMA", "\r\n+CMS ERROR: 340\r\n")
	},
	13: func(b *bench) {
		b.ok("AT+CNMI=2,1,0,1,0")
		b.stage(13)
		b.net.ReportDelay(time.Second)
		b.send(31, alertPDU)
		time.Sleep(time.Second)
		got := b.has("+CDS: 25", "+CMGS: 1")
		if strings.Index(got, "+CDS") > strings.Index(got, "+CMGS") {
			b.t.Errorf("heard %q", got)
		}
	},
	14: func(b *bench) {
		b.ok("AT+CNMI=2,1,0,1,0")
		b.stage(14)
		b.net.Inject(ours, vectorReport)
		first := b.take()
		time.Sleep(300 * time.Millisecond)
		if whole := first + b.take(); len(first) != 40 || whole != "\r\n+CDS: 25\r\n07918405210077F7"+vectorReport[2:]+"\r\n" {
			b.t.Errorf("heard %q, in all %q", first, whole)
		}
	},
	15: func(b *bench) {
		b.ok("AT+CNMI=2,1,0,1,0")
		b.stage(15)
		b.send(31, alertPDU)
		time.Sleep(3 * time.Second)
		b.has("+CDS: 25", "22\r\n")
		time.Sleep(2 * time.Hour)
		b.has("+CDS: 25", "00\r\n")
		b.stage(15, "reused")
		b.has("+CDS: 25", "77F70202")
	},
	16: func(b *bench) {
		b.stage(16)
		b.write("AT+CMGL=4\r")
		b.has("+CMGL: 0,0,,26", "+CMGL: 1,2,,31", "+CMGL: 2,3,,31", "+CMGL: 3,0,,25")
	},
	17: func(b *bench) {
		for v, want := range map[string]string{"38": "+CMS ERROR: 38", "nospace": "+CMS ERROR:38", "words": "+CMS ERROR: Network timeout", "error": "ERROR", "cme": "+CME ERROR: 30", "513": "+CMS ERROR: 513"} {
			b.stage(17, v)
			if got := b.send(31, alertPDU); got != "\r\n"+want+"\r\n" {
				b.t.Errorf("%s: %q", v, got)
			}
		}
		b.taken(0)
	},
	18: func(b *bench) {
		b.stage(18)
		b.says("AT+CSQ", "\r\nCOMMAND NOT SUPPORT\r\n")
		b.stage(18, "stray")
		b.hears("\r\nNO CARRIER\r\n")
	},
	19: func(b *bench) {
		b.stage(19)
		b.says("AT+CSQ", "")
		b.ok("AT")
		b.after(12*time.Second, "\r\n+CSQ: 20,99\r\n\r\nOK\r\n")
	},
	20: func(b *bench) {
		b.stage(20, "long")
		b.hears(strings.Repeat("A", 70_000))
		b.stage(20, "nmea")
		b.has("$GPGGA")
		b.ok("AT")
	},
	21: func(b *bench) {
		b.stage(21)
		b.says("AT", "0\r")
		b.says("AT+NONSENSE", "+CME ERROR: 4\r")
		b.stage(21, "q1")
		b.says("AT", "")
	},
	22: func(b *bench) {
		b.stage(22, "committed")
		b.write("AT+CMGS=31\r")
		b.take()
		b.write(alertPDU + "\x1a")
		<-b.ended
		b.taken(1)
		time.Sleep(12 * time.Second)
		synctest.Wait()
		h := b.again()
		h.ok("AT")
		b.stage(22, "silent")
		h.write("AT\r")
		h.hears("")
		if h.over() {
			b.t.Error("a silent port ended")
		}
	},
	23: func(b *bench) {
		b.stage(23)
		wrote := make(chan struct{})
		go func() { b.write("AT\r"); close(wrote) }()
		b.after(14*time.Second, "")
		time.Sleep(2 * time.Second)
		<-wrote
		b.hears("\r\nOK\r\n")
	},
	24: func(b *bench) {
		b.port.Close()
		<-b.ended
		b.stage(24)
		if _, err := b.modem.Open(); !errors.Is(err, syscall.EBUSY) {
			b.t.Errorf("opened: %v", err)
		}
		time.Sleep(31 * time.Second)
		b.again().ok("AT")
	},
	25: func(b *bench) {
		b.stage(25, "tries1")
		b.asks("AT+CPIN?", "+CPIN: SIM PIN")
		b.asks(`AT+CSIM=10,"0020000100"`, `+CSIM: 4,"63C1"`)
		b.says(`AT+CPIN="1234"`, "\r\nOK\r\n\r\n+CPIN: READY\r\n\r\n+QIND: SMS DONE\r\n")
		b.stage(25, "no-ok")
		b.says("AT+CPIN?", "\r\n+CPIN: READY\r\n")
	},
	26: func(b *bench) {
		b.modem.Become(EC25())
		b.ok("AT+CMEE=1")
		b.stage(26)
		b.hears("\r\n+QSIMSTAT: 1,0\r\n\r\n+CPIN: NOT READY\r\n")
		b.says("AT+CPIN?", "\r\n+CME ERROR: 10\r\n")
		b.after(10*time.Second, "\r\n+QSIMSTAT: 1,1\r\n\r\n+CPIN: READY\r\n")
		b.asks("AT+QCCID", "+QCCID: 8948010000099999999")
		b.after(2*time.Second, "\r\n+QIND: SMS DONE\r\n\r\n+QIND: PB DONE\r\n")
		b.asks("AT+CSCA?", `+CSCA: "+48790998250",145`)
	},
	27: func(b *bench) {
		b.stage(27, "in-command")
		b.says("AT+CSQ", "\r\nRDY\r\n")
		b.after(3*time.Second, "\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\n+QIND: SMS DONE\r\n")
		b.says("AT+CMGF?", "AT+CMGF?\r\r\n+CMGF: 1\r\n\r\nOK\r\n")
	},
	28: func(b *bench) {
		b.stage(28)
		b.says("AT", "")
		b.after(20*time.Second, "\r\nRDY\r\n")
		b.says("AT", "AT\r\r\nERROR\r\n")
		time.Sleep(10 * time.Second)
		b.take()
		b.says("ATE0", "ATE0\r\r\nOK\r\n")
		b.stage(28, "sms-later")
		b.hears("\r\n*ATREADY: 1\r\n\r\n+CPIN: READY\r\n")
		b.says("ATE0+CMGF=0", "ATE0+CMGF=0\r\r\nERROR\r\n")
		b.after(12*time.Second, "\r\nSMS DONE\r\n\r\nPB DONE\r\n")
		b.ok("AT+CMGF=0")
	},
	29: func(b *bench) {
		b.ok("AT+CEREG=3")
		b.stage(29, "denied")
		b.hears("\r\n+CEREG: 3,,,,0,15\r\n")
		b.stage(29, "rlos")
		b.hears("\r\n+CEREG: 11\r\n")
		b.ok("AT+CEREG=2")
		b.modem.Register(Home)
		b.take()
		for v, want := range map[string]string{
			"unquoted": `+CEREG: 1,00C3,01A2B3C5,7`, "padded": `+CEREG: 001,"00C3","01A2B3C5",7`, "rac": `+CEREG: 1,"00C3","01","01A2B3C5",7`, "read-form": `+CEREG: 2,1,"00C3","01A2B3C5",7`,
		} {
			b.stage(29, v)
			b.hears("\r\n" + want + "\r\n")
			b.modem.Camp(HomeCell())
			b.take()
		}
		b.stage(29, "eps-only")
		if got := b.send(31, alertPDU); got != "" {
			b.t.Errorf("heard %q", got)
		}
		b.after(135*time.Second, "\r\n+CMS ERROR: 350\r\n")
		b.stage(29)
		time.Sleep(6 * time.Minute)
		if n := strings.Count(b.take(), "CEREG: "); n != 60 {
			b.t.Errorf("it flapped %d times", n)
		}
	},
	30: func(b *bench) {
		b.ok("AT+CNMI=2,1")
		b.stage(30)
		b.asks("AT+CPMS?", `+CPMS: "SM",12,20,"SM",12,20,"SM",12,20`)
		b.after(time.Minute, "\r\n+CMTI: \"SM\",12\r\n")
		b.stage(30, "16bit")
		b.write("AT+CMGR=13\r")
		b.has("0608041234020")
	},
	31: func(b *bench) {
		b.ok("AT+CNMI=2,1")
		b.stage(31, "qind")
		b.hears("\r\n+QIND: \"smsfull\",\"SM\"\r\n")
		b.asks("AT+CPMS?", `+CPMS: "SM",20,20,"SM",20,20,"SM",20,20`)
		b.ok("AT+CMGD=7")
		b.after(time.Second, "\r\n+CMTI: \"SM\",7\r\n")
	},
	32: func(b *bench) {
		b.stage(32)
		b.write("AT+CMGL=4\r")
		time.Sleep(11 * time.Second)
		got := b.take()
		if strings.Contains(got, "OK") {
			b.t.Error("the list was over too early")
		}
		time.Sleep(time.Second)
		got += b.take()
		if n := strings.Count(got, "+CMGL:"); n != 256 || !strings.Contains(got, "\r\n+CMTI: \"SM\",255\r\n") || !strings.HasSuffix(got, "\r\nOK\r\n") {
			b.t.Errorf("%d texts in the list", n)
		}
		b.stage(32, "range")
		b.asks("AT+CMGD=?", "+CMGD: (1-4095),(0-4)")
	},
	33: func(b *bench) {
		b.stage(33, "needs-csms")
		b.says("AT+CNMI=2,2,0,0,0", "\r\n+CMS ERROR: 303\r\n")
		b.ok("AT+CNMI=2,1,0,2,0")
		b.stage(33, "forgets")
		b.ok("AT+CNMI=2,1,0,2,0")
		b.after(10*time.Minute, "")
		b.asks("AT+CNMI?", "+CNMI: 0,0,0,0,0")
		b.stage(33, "cinterion")
		b.asks("AT+CNMI=?", "+CNMI: (0,1,2),(0,1),(0,2),(0),(1)")
	},
	34: func(b *bench) {
		b.ok("AT+CNMI=2,2")
		b.stage(34, "class-2")
		b.hears("\r\n+CMTI: \"SM\",0\r\n")
		b.stage(34, "no-time")
		b.has("+CMT: ,26", "FFFFFFFFFFFFFF")
		b.stage(34)
		if n := strings.Count(b.take(), "+CM"); n != len(oddSenders()) {
			b.t.Errorf("%d messages, want %d", n, len(oddSenders()))
		}
	},
	35: func(b *bench) {
		b.ok("AT+CNMI=2,2")
		b.stage(35, "split-pair")
		if n := strings.Count(b.take(), "+CMT: ,"); n != 2 {
			b.t.Errorf("%d parts", n)
		}
		b.stage(35)
		if n := strings.Count(b.take(), "+CMT: ,"); n < len(oddAlphabets()) {
			b.t.Errorf("%d messages", n)
		}
	},
	36: func(b *bench) {
		code := `AT+CUSD=1,"*101#",15`
		for _, v := range []struct {
			variant string
			after   time.Duration
			want    string
		}{
			{"lines", 8 * time.Second, "\r\n+CUSD: 0,\"Stan konta: 12,40 PLN\r\nWazne do 2026-12-01\",15\r\n"},
			{"unsupported", 2 * time.Second, "\r\n+CUSD: 4\r\n"},
			{"ucs2", 2 * time.Second, "\r\n+CUSD: 0,\"004B006F006E0074006F00200037\",72\r\n"},
			{"packed", 2 * time.Second, "\r\n+CUSD: 0,\"CBB79BFE06D51A\",15\r\n"},
			{"cme132", 9 * time.Second, "\r\n+CME ERROR: 132\r\n"},
			{"open", 2 * time.Second, "\r\n+CUSD: 1,\"Konto 5\r\n1 Pakiety\r\n0 Koniec\",15\r\n"},
			{"ended", 2 * time.Second, "\r\n+CUSD: 2\r\n"},
			{"timed-out", 32 * time.Second, "\r\n+CUSD: 5\r\n"},
			{"silent", time.Hour, ""},
		} {
			b.net.USSD("*101#", map[string]string{"ucs2": "Konto 7", "packed": "Konto 5", "open": "Konto 5"}[v.variant])
			b.stage(36, v.variant)
			b.ok(code)
			b.after(v.after, v.want)
			if open := b.modem.State().USSD; open != (v.variant == "open") {
				b.t.Errorf("%s: open is %t", v.variant, open)
			}
			b.ok("AT+CUSD=2")
			if b.modem.State().USSD {
				b.t.Errorf("%s: it is open after AT+CUSD=2", v.variant)
			}
		}
	},
	37: func(b *bench) {
		b.ok("AT+CLIP=1")
		b.stage(37, "in-prompt")
		b.says("AT+CMGS=31", "\r\n> \r\nRING\r\n\r\n+CLIP: \"+48501200999\",145,\"\",,\"\",0\r\n")
		b.write(alertPDU + "\x1a")
		b.hears("\r\n+CMGS: 1\r\n\r\nOK\r\n")
		b.stage(37)
		time.Sleep(time.Minute)
		if got := b.take(); strings.Count(got, "RING") != 5 || !strings.HasSuffix(got, "\r\nNO CARRIER\r\n") {
			b.t.Errorf("heard %q", got)
		}
	},
	38: func(b *bench) {
		b.stage(38)
		b.asks("AT+CCLK?", `+CCLK: "80/01/06,00:00:12+00"`)
		b.stage(38, "west")
		b.asks("AT+CCLK?", `+CCLK: "99/12/31,19:00:00-20"`)
		b.stage(38, "bare")
		b.asks("AT+CCLK?", `+CCLK: 99/12/31,19:00:00-20`)
		b.stage(38, "inside")
		b.says("AT+CSQ", "\r\n+CSQ: 20,99\r\n\r\n+CTZE: \"+08\",0,\"2026/11/21,10:00:00\"\r\n\r\nOK\r\n")
		b.modem.Become(EC25())
		b.stage(38, "never")
		b.asks("AT+QLTS=1", `+QLTS: ""`)
	},
	42: func(b *bench) {
		b.stage(42, "ok-lost")
		b.says("AT+CFUN=1,1", "")
		time.Sleep(time.Millisecond)
		<-b.ended
		time.Sleep(12 * time.Second)
		synctest.Wait()
		h := b.again()
		time.Sleep(5 * time.Second)
		h.take()
		b.stage(42, "never")
		h.says("AT+CFUN=1,1", "AT+CFUN=1,1\r\r\nOK\r\n")
		time.Sleep(time.Hour)
		if !b.modem.State().Gone {
			b.t.Error("it came back")
		}
	},
	43: func(b *bench) {
		b.stage(43, "53")
		b.asks("AT+CFUN?", "+CFUN: 4")
		b.says("AT+CMGS=31", "\r\n+CME ERROR: 53\r\n")
		b.ok("AT+CFUN=1")
		b.sent(31, alertPDU, 1)
	},
	44: func(b *bench) {
		b.stage(44)
		b.after(2*time.Second, strings.Repeat("\r\n+CPIN: READY\r\n\r\nOK\r\n", 3))
		b.stage(44, "answer")
		b.says("AT+CSQ", "\r\n+CPIN: READY\r\n\r\nOK\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n")
	},
	45: func(b *bench) {
		b.stage(45)
		b.sent(31, alertPDU, 1)
		b.sent(31, alertPDU, 2)
		if got := b.send(31, alertPDU); got != "\r\n+CMS ERROR: 38\r\n" {
			b.t.Errorf("the third: %q", got)
		}
		b.sent(31, alertPDU, 3)
	},
	46: func(b *bench) {
		b.stage(46, "hex")
		b.asks("AT+CSCA?", `+CSCA: "002B00340038003500300031003200300030003700370037",145`)
		b.ok(`AT+CSCS="GSM"`)
		b.asks("AT+CSCA?", `+CSCA: "+48501200777",145`)
		b.stage(46, "locked")
		b.asks("AT+CSCA?", `+CSCA: "",129`)
		b.says(`AT+CSCA="+48501200777",145`, "\r\nERROR\r\n")
	},
	47: func(b *bench) {
		b.stage(47)
		if got := b.send(31, alertPDU); got != "\r\n+CMS ERROR: 50\r\n" {
			b.t.Errorf("heard %q", got)
		}
		b.ok(`AT+CUSD=1,"*101#",15`)
		b.after(2*time.Second, "\r\n+CUSD: 0,\"Stan konta: 0,00 PLN\",15\r\n")
	},
	48: func(b *bench) {
		b.stage(48)
		if got := b.send(31, alertPDU); got != "\r\n+CMS ERROR: 10\r\n" {
			b.t.Errorf("heard %q", got)
		}
		b.asks(`AT+CLCK="AO",2`, "+CLCK: 1")
	},
	49: func(b *bench) {
		b.stage(49, "528")
		b.ok("AT+CMMS=2")
		b.sent(31, alertPDU, 1)
		if got := b.send(31, alertPDU); got != "\r\n+CMS ERROR: 528\r\n" {
			b.t.Errorf("heard %q", got)
		}
		b.ok("AT+CMMS=0")
		b.sent(31, alertPDU, 2)
		b.stage(49)
		b.says("AT+CMMS=2", "\r\nERROR\r\n")
	},
	50: func(b *bench) {
		b.stage(50, "words")
		b.asks("AT+CSQ", "Signal quality", "+CSQ: 20,99")
		b.stage(50)
		b.asks("AT+CESQ", "+CESQ: 99,99,255,255,255,255")
	},
	51: func(b *bench) {
		b.stage(51)
		b.hears("\r\nUNDER-VOLTAGE WARNNING\r\n")
		b.after(5*time.Second, "\r\nPOWERED DOWN\r\n")
		b.after(2*time.Second, "\r\nRDY\r\n")
	},
	52: func(b *bench) {
		second, err := b.modem.OpenSecond()
		if err != nil {
			b.t.Fatal(err)
		}
		h := attachHost(b.t, second)
		b.t.Cleanup(func() { second.Close(); <-h.ended })
		h.says("ATE0", "ATE0\r\r\nOK\r\n")
		b.stage(52, "other")
		b.says("AT+CSQ", "")
		h.hears("\r\n+CSQ: 20,99\r\n\r\nOK\r\n")
		b.stage(52, "notices")
		b.modem.Unsolicited("RING")
		b.hears("")
		h.hears("\r\nRING\r\n")
		b.stage(52)
		b.says("AT+CSQ", strings.Repeat("\r\n+CSQ: 20,99\r\n\r\nOK\r\n", 2))
		h.write("AT+CMGS=31\r")
		h.hears("\r\n> ")
		b.ok("AT") // the other port has a prompt open, this one does not
		h.write(alertPDU + "\x1a")
		h.hears("\r\n+CMGS: 1\r\n\r\nOK\r\n")
	},
	53: func(b *bench) {
		b.stage(53, "3")
		b.asks("AT+CGSN", "867698041234567")
		if longest := slices.Max(b.reads[len(b.reads)-8:]); longest > 3 {
			b.t.Errorf("a read of %d bytes", longest)
		}
	},
	54: func(b *bench) {
		b.stage(54)
		time.Sleep(6 * time.Second)
		if n := strings.Count(b.take(), "^RSSI: 20"); n != 5000 {
			b.t.Errorf("%d notices, want 5000", n)
		}
	},
	55: func(b *bench) {
		b.stage(55, "written")
		b.send(31, alertPDU)
		b.taken(1)
		b.port.Close()
		<-b.ended
		h := b.again()
		h.after(time.Minute, "\r\n+CMGS: 1\r\n\r\nOK\r\n") // whoever comes next hears it
	},
}
