package emulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Vectors of the field guide, §2.9: the length for AT+CMGS and the PDU.
const (
	vectorACK     = "00040B918405210077F700006211120100004008C1E11244BBC562"
	vectorBank    = "00040BD0CDBC30EC5E030000621112010000400AD3309BFC06C1583018"
	vectorPart2   = "00440B918405210077F70000621112010050400F0500037A0202E061391D44BFBF01"
	vectorReport  = "00060C0B918405210077F7621112010000406211120100404000"
	vectorShort   = "00310005812143F500002F05D32093F804"
	vectorLodz    = "0031000B918405210077F700082F18014100F30064017A003A0020006100770061007200690061"
	vectorDigits2 = "0071000B918405210077F700002F180500037A020266B49AED86CBC162B219AD66BBE172"
)

// send sends a PDU and gives the result.
func (b *bench) send(length int, pdu string) string {
	b.t.Helper()
	b.says(fmt.Sprintf("AT+CMGS=%d", length), "\r\n> ")
	b.write(pdu + "\x1a")
	return b.take()
}

// sent sends a PDU that must be taken under this reference.
func (b *bench) sent(length int, pdu string, reference int) {
	b.t.Helper()
	if got, want := b.send(length, pdu), fmt.Sprintf("\r\n+CMGS: %d\r\n\r\nOK\r\n", reference); got != want {
		b.t.Fatalf("heard %q, want %q", got, want)
	}
}

// bodies are what a phone shows.
func (b *bench) bodies(number string) []string {
	var all []string
	for _, t := range b.net.Phone(number).Texts() {
		all = append(all, t.Body)
	}
	return all
}

func TestTheVectorsReachTheirPhones(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.sent(31, alertPDU, 1)
		b.sent(16, vectorShort, 2)
		b.sent(38, vectorLodz, 3)
		b.sent(35, vectorDigits2, 4)
		if got, want := b.bodies(ada), []string{"ALERT core-sw1 down", "Łódź: awaria"}; !slices.Equal(got, want) {
			t.Errorf("ada's phone shows %q, want %q", got, want)
		}
		if got, want := b.bodies("12345"), []string{"SALDO"}; !slices.Equal(got, want) {
			t.Errorf("the short code got %q, want %q", got, want)
		}
		log := b.net.Submitted()
		if s := log[3]; s.Part != 2 || s.Of != 2 || s.Chain != 0x7A || b.net.Phone(ada).Unfinished() != 1 {
			t.Errorf("part 2 of 2: %+v", s)
		}
		if s := log[1]; s.To != "12345" || s.Number != 2 || s.PDU[:4] != "3102" {
			t.Errorf("the short code: %+v", s)
		}
	})
}

func TestTheModemGivesTheReferenceAndItWraps(t *testing.T) {
	story(t, Options{Reference: 254}, func(b *bench) {
		b.sent(31, alertPDU, 255)
		b.sent(31, alertPDU, 0)
		b.sent(31, strings.Replace(alertPDU, "0031000B", "0031770B", 1), 1)
		if d := b.net.Phone(ada).Duplicates(); d != 2 {
			t.Errorf("%d duplicates, want 2", d)
		}
	})
}

func TestAPromptCanBeCancelledAndWrongPDUsAreRefused(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.says("AT+CMGS=31", "\r\n> ")
		b.write("0031\x1b")
		b.hears("\r\nOK\r\n")
		for pdu, length := range map[string]int{
			alertPDU:                   30, // field guide T9
			"not hex":                  3,
			"":                         1,
			"00" + "0102":              2,
			vectorReport:               25,
			alertPDU[:len(alertPDU)-8]: 27,
		} {
			if got := b.send(length, pdu); got != "\r\n+CMS ERROR: 304\r\n" {
				t.Errorf("%s as %d octets: %q", pdu, length, got)
			}
		}
		b.says("AT+CMGS=0", "\r\n+CMS ERROR: 304\r\n")
		b.ok("AT+CMGF=1")
		b.says(`AT+CMGS="+48501200777"`, "\r\n+CMS ERROR: 303\r\n")
		if n := len(b.net.Submitted()); n != 0 {
			t.Errorf("the SMSC took %d", n)
		}
	})
}

func TestWhatKeepsATextFromGoing(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		refused := func(why, want string) {
			t.Helper()
			if got := b.send(31, alertPDU); got != want {
				t.Errorf("%s: %q, want %q", why, got, want)
			}
		}
		b.net.Congested(42)
		refused("congestion", "\r\n+CMS ERROR: 42\r\n")
		b.net.Congested(0)
		b.net.Phone(ada).Refused(1)
		refused("a number nobody has", "\r\n+CMS ERROR: 1\r\n")
		b.net.Phone(ada).On()
		b.modem.Register(Searching)
		refused("no network", "\r\n+CMS ERROR: 331\r\n")
		b.modem.Camp(Cell{CEREG: 1, AcT: 7})
		refused("data only, at first", "")
		b.after(135*time.Second, "\r\n+CMS ERROR: 350\r\n")
		b.modem.Register(Home)
		b.ok(`AT+CSCA="",129`)
		refused("no SMSC", "\r\n+CMS ERROR: 330\r\n")
		b.ok(`AT+CSCA="+48790998250",145`)
		b.ok("AT+CMEE=2")
		b.net.Congested(331)
		refused("in words", "\r\n+CMS ERROR: no network service\r\n")
		b.ok("AT+CMEE=0")
		refused("without a code", "\r\nERROR\r\n")
		if n := len(b.net.Submitted()); n != 0 {
			t.Errorf("the SMSC took %d", n)
		}
	})
}

func TestUnsolicitedLinesWaitWhileAPDUIsTyped(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.says("AT+CMGS=31", "\r\n> ")
		b.modem.Unsolicited("RING")
		b.hears("")
		b.net.SubmitDelay(time.Second)
		b.write(alertPDU + "\x1a")
		b.hears("\r\nRING\r\n")
		b.modem.Unsolicited("^RSSI: 20")
		b.hears("\r\n^RSSI: 20\r\n")
		b.after(time.Second, "\r\n+CMGS: 1\r\n\r\nOK\r\n")
	})
}

// Reports come as the host asked by CNMI: at once, by way of the memory, or not.
func TestReports(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.net.DeliverDelay(3 * time.Second)
		b.net.ReportDelay(2 * time.Second)
		b.ok("AT+CNMI=2,1,0,1,0")
		b.sent(31, alertPDU, 1)
		b.after(3*time.Second, "")
		b.after(2*time.Second, "\r\n+CDS: 25\r\n07918405210077F7"+"06010B918405210077F7"+"00101000000000"+"00101000003000"+"00"+"\r\n")
		b.ok("AT+CNMI=2,1,0,2,0")
		b.sent(31, alertPDU, 2)
		b.after(5*time.Second, "\r\n+CDSI: \"SM\",0\r\n")
		b.asks("AT+CMGR=0", "+CMGR: 0,,25", "07918405210077F7"+"06020B918405210077F7"+"00101000005000"+"00101000008000"+"00")
		b.ok("AT+CNMI=2,1,0,0,0")
		b.sent(31, alertPDU, 3)
		b.after(10*time.Second, "")
		b.sent(31, strings.Replace(alertPDU, "0031", "0011", 1), 4)
		b.ok("AT+CNMI=2,1,0,1,0")
		b.after(10*time.Second, "")
	})
}

func TestAPhoneThatIsOffGetsItsTextsLaterOrNever(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.ok("AT+CNMI=2,1,0,1,0")
		status := func(want byte) {
			t.Helper()
			lines := strings.Split(strings.TrimSpace(b.take()), "\r\n")
			last := lines[len(lines)-1]
			if len(lines) != 2 || !strings.HasSuffix(last, fmt.Sprintf("%02X", want)) {
				t.Errorf("reports %q, want status %02X", lines, want)
			}
		}
		b.net.Phone(ada).Off()
		b.says("AT+CMGS=31", "\r\n> ")
		b.write(alertPDU + "\x1a")
		if got := b.take(); !strings.Contains(got, "+CMGS: 1") || !strings.Contains(got, "22\r\n") {
			t.Errorf("the answer and the word that the SMSC is still trying: %q", got)
		}
		time.Sleep(2 * time.Hour)
		b.net.Phone(ada).On()
		status(0x00)
		if texts := b.net.Phone(ada).Texts(); len(texts) != 1 || !slices.Equal(texts[0].References, []int{1}) {
			t.Errorf("ada's phone shows %+v", texts)
		}

		b.net.Phone(ada).Off()
		b.send(31, alertPDU)
		b.after(4*time.Hour-time.Second, "")
		time.Sleep(time.Second) // its validity is over
		status(0x46)
		b.net.Phone(ada).On()
		b.after(time.Hour, "")
		b.net.Phone(ada).Dead(0x49)
		if got := b.send(31, alertPDU); !strings.Contains(got, "+CMGS: 3") || !strings.Contains(got, "49\r\n") {
			t.Errorf("to a number that does not exist: %q", got)
		}
		if log := b.net.Submitted(); log[0].Settled != 0 || log[1].Settled != 0x46 || log[2].Settled != 0x49 || !log[2].Done {
			t.Errorf("the SMSC's log: %+v", log)
		}
	})
}

func TestTextsComeByWayOfTheMemory(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.ok("AT+CNMI=2,1,0,2,0")
		b.net.Inject(ours, vectorACK)
		b.hears("\r\n+CMTI: \"SM\",0\r\n")
		b.net.Phone(bob).Send(ours, "status")
		b.hears("\r\n+CMTI: \"SM\",1\r\n")
		ack := "07918405210077F7" + vectorACK[2:]
		b.asks("AT+CMGR=0", "+CMGR: 0,,26", ack)
		b.asks("AT+CMGR=0", "+CMGR: 1,,26", ack)
		b.asks("AT+CMGL=1", "+CMGL: 0,1,,26", ack)
		b.asks("AT+CMGL", "+CMGL: 1,0,,25", "07918405210077F7"+"04"+"0B918405210088F8"+"0000"+"00101000000000"+"06"+"737A985E9F03")
		b.asks("AT+CPMS?", `+CPMS: "SM",2,20,"SM",2,20,"SM",2,20`)
		b.asks("AT+CMGD=?", "+CMGD: (0,1),(0-4)")
		b.ok("AT+CMGD=0")
		b.says("AT+CMGR=0", "\r\n+CMS ERROR: 321\r\n")
		b.says("AT+CMGD=20", "\r\n+CMS ERROR: 321\r\n")
		b.ok("AT+CMGD=0,1")
		b.ok("AT+CMGL=4")
	})
}

func TestEveryMemoryAndEveryDeleteFlag(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.ok("AT+CNMI=2,1")
		b.asks(`AT+CPMS="ME","ME","ME"`, "+CPMS: 0,20,0,20,0,20")
		b.says(`AT+CPMS="XX"`, "\r\n+CMS ERROR: 303\r\n")
		b.net.Inject(ours, vectorACK)
		b.hears("\r\n+CMTI: \"ME\",0\r\n")
		b.net.Inject(ours, strings.Replace(vectorACK, "F7000062", "F7001262", 1))
		b.hears("\r\n+CMTI: \"SM\",0\r\n") // class 2 belongs on the SIM
		for stat := range 4 {
			if _, err := b.modem.Store("ME", stat, vectorACK); err != nil {
				t.Fatal(err)
			}
		}
		left := func(want ...int) {
			t.Helper()
			var stats []int
			for _, s := range b.modem.State().Stored {
				if s.Memory == "ME" {
					stats = append(stats, s.Stat)
				}
			}
			if !slices.Equal(stats, want) {
				t.Errorf("left in ME: %v, want %v", stats, want)
			}
		}
		left(0, 0, 1, 2, 3)
		b.ok("AT+CMGD=0,1")
		left(0, 2, 3)
		b.ok("AT+CMGD=0,2")
		left(0, 2)
		b.ok("AT+CMGD=0,3")
		left(0)
		b.ok("AT+CMGD=0,4")
		left()
	})
}

// Field guide T13: with the memory full the SMSC keeps what comes, and sends
// it when there is room.
func TestAFullMemoryLosesNothing(t *testing.T) {
	story(t, Options{Storage: 2}, func(b *bench) {
		b.ok("AT+CNMI=2,1")
		for i := range 4 {
			b.net.Phone(ada).Send(ours, fmt.Sprint("text ", i))
		}
		b.hears("\r\n+CMTI: \"SM\",0\r\n\r\n+CMTI: \"SM\",1\r\n")
		b.ok("AT+CMGD=0")
		b.after(time.Second, "\r\n+CMTI: \"SM\",0\r\n")
		b.after(time.Hour, "")
		b.ok("AT+CMGD=0,4")
		b.after(time.Second, "\r\n+CMTI: \"SM\",0\r\n")
	})
}

// Field guide T14: direct mode obliges the host to acknowledge.
func TestAcknowledgement(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.asks("AT+CSMS=1", "+CSMS: 1,1,1")
		b.ok("AT+CNMI=2,2,0,1,0")
		b.net.Inject(ours, vectorACK)
		cmt := "\r\n+CMT: ,26\r\n07918405210077F7" + vectorACK[2:] + "\r\n"
		b.hears(cmt)
		b.net.Inject(ours, vectorACK)
		b.hears("") // the next one waits for the acknowledgement
		b.says("AT+CNMA", "\r\nOK\r\n"+cmt)
		b.ok("AT+CNMA=0")
		b.says("AT+CNMA", "\r\n+CMS ERROR: 340\r\n")

		b.net.Inject(ours, vectorACK)
		b.hears(cmt)
		b.after(12*time.Second, "")
		b.asks("AT+CNMI?", "+CNMI: 2,0,0,0,0")
		b.after(5*time.Minute, "") // the SMSC tries again, and now it is stored silently
		if s := b.modem.State(); len(s.Stored) != 1 || s.CNMI != [5]int{2, 0, 0, 0, 0} {
			t.Errorf("%+v", s)
		}
		b.asks("AT+CSMS=0", "+CSMS: 1,1,1")
		b.ok("AT+CNMI=2,2")
		b.net.Inject(ours, vectorACK)
		b.net.Inject(ours, vectorACK)
		b.hears(cmt + cmt) // without CSMS=1 the modem acknowledges by itself
	})
}

func TestCNMIIsNegotiated(t *testing.T) {
	story(t, Options{Persona: Qualcomm()}, func(b *bench) {
		b.asks("AT+CNMI=?", "+CNMI: (0,1,2,3),(0,1,2,3),(0,2),(0,1,2),(0,1)")
		b.says("AT+CNMI=2,1,0,1,0", "\r\n+CMS ERROR: 303\r\n")
		b.says("AT+CNMI=2,1,1,2,0", "\r\n+CMS ERROR: 303\r\n")
		b.ok("AT+CNMI=2,1,0,2,0")
		b.asks("AT+CNMI?", "+CNMI: 2,1,0,2,0")
		b.ok("AT+CNMI=0,1")
		b.net.Inject(ours, vectorACK)
		b.hears("")
		b.says("AT+CNMI=2", "\r\nOK\r\n\r\n+CMTI: \"SM\",0\r\n")
		b.ok("AT+CNMI=2,0,0,0,0")
		b.net.Inject(ours, vectorACK)
		b.hears("")
	})
}

func TestLongTextsBothWays(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.ok("AT+CNMI=2,1")
		long := strings.Repeat("transit-a is down. ", 20)
		if err := b.net.Phone(bob).Send(ours, long); err != nil {
			t.Fatal(err)
		}
		b.hears("\r\n+CMTI: \"SM\",0\r\n\r\n+CMTI: \"SM\",1\r\n\r\n+CMTI: \"SM\",2\r\n")
		more := ""
		for _, s := range b.modem.State().Stored {
			more += s.PDU[16:18] + " "
		}
		if more != "40 40 44 " { // TP-MMS is 0 while more are waiting
			t.Errorf("first octets %s", more)
		}
		if err := b.net.Phone(bob).Send(ada, long); err != nil {
			t.Fatal(err)
		}
		if got := <-b.net.Phone(ada).Arrived(); got.Body != long || got.Parts != 3 || got.From != bob {
			t.Errorf("bob's long text shows as %+v", got)
		}
	})
}

func TestPartsAreAssembledInAnyOrderAndDuplicatesAreCounted(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		first := strings.Replace(vectorDigits2, "7A0202", "7A0201", 1)
		b.sent(35, vectorDigits2, 1)
		b.sent(35, vectorDigits2, 2)
		if p := b.net.Phone(ada); p.Duplicates() != 1 || p.Unfinished() != 1 {
			t.Errorf("%d duplicates, %d unfinished", p.Duplicates(), p.Unfinished())
		}
		b.sent(35, first, 3)
		texts := b.net.Phone(ada).Texts()
		if len(texts) != 1 || texts[0].Parts != 2 || !slices.Equal(texts[0].References, []int{3, 1}) || texts[0].Reference != 0x7A {
			t.Errorf("%+v", texts)
		}
	})
}

func TestAModemCanTextItself(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.ok("AT+CNMI=2,1,0,1,0")
		b.says("AT+CMGS=31", "\r\n> ")
		b.write(strings.Replace(alertPDU, "8405210077F7", "8406100002F0", 1) + "\x1a")
		got := b.take()
		if !strings.Contains(got, "+CMTI: \"SM\",0") || !strings.Contains(got, "+CDS: 25") || !strings.Contains(got, "+CMGS: 1") {
			t.Errorf("heard %q", got)
		}
	})
}

func TestTheSMSCKeepsTextsForAModemThatIsAway(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.ok("AT+CNMI=2,1")
		b.modem.Register(Idle)
		b.net.Phone(ada).Send(ours, "one")
		b.hears("")
		b.modem.Register(Home)
		b.hears("\r\n+CMTI: \"SM\",0\r\n")
		b.modem.Vanish()
		b.net.Phone(ada).Send(ours, "two") // the port is gone, the modem is not
		synctest.Wait()
		if n := len(b.modem.State().Stored); n != 2 {
			t.Errorf("%d texts are stored", n)
		}
	})
}

func TestANumberKeepsItsTextsForTheNextModem(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.modem.Close()
		b.net.Phone(ada).Send(ours, "while you were away")
		synctest.Wait()
		next, err := New(Options{Network: b.net, Number: ours})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if s := next.State(); len(s.Stored) != 1 {
			t.Errorf("%+v", s.Stored)
		}
		next.Close()
	})
}
