package emulator

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const dialAda = "ATD+48501200777;"

// clcc is the call out as +CLCC lists it.
func clcc(stat int) string { return fmt.Sprintf(`+CLCC: 1,0,%d,0,0,"+48501200777",145`, stat) }

func TestAPhoneThatIsCalledRingsUntilTheModemHangsUp(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.ok(dialAda)
		b.asks("AT+CLCC", clcc(2))
		time.Sleep(2 * time.Second)
		synctest.Wait()
		b.asks("AT+CLCC", clcc(3))
		b.says(dialAda, "\r\n+CME ERROR: 3\r\n")
		b.after(10*time.Second, "")
		b.ok("AT+CHUP")
		b.ok("AT+CLCC")
		calls := b.net.Phone(ada).Calls()
		if len(calls) != 1 || calls[0].Direction != "out" || calls[0].From != ours || calls[0].Rang != 10*time.Second || calls[0].Rings != 3 || calls[0].Ended != "hung up" {
			t.Errorf("calls: %+v", calls)
		}
	})
}

func TestWhatAPhoneDoesWhenItIsCalled(t *testing.T) {
	for _, c := range []struct {
		how    Pickup
		want   string // what the modem says
		within time.Duration
		ended  string
		cause  string
	}{
		{RingsOut, "\r\nNO ANSWER\r\n", 62 * time.Second, "no answer", "no answer from the user"},
		{Rejects, "\r\nNO CARRIER\r\n", 8 * time.Second, "rejected", "call rejected"},
		{Engaged, "\r\nBUSY\r\n", 2 * time.Second, "busy", "user busy"},
	} {
		t.Run(string(c.how), func(t *testing.T) {
			story(t, Options{}, func(b *bench) {
				b.net.Phone(ada).WhenCalled(c.how, 0)
				b.ok(dialAda)
				b.after(c.within-time.Second, "")
				b.after(time.Second, c.want)
				b.asks("AT+CEER", fmt.Sprintf("+CEER: \"CC\",%q", c.cause))
				if got := b.net.Calls(); len(got) != 1 || got[0].Ended != c.ended {
					t.Errorf("calls: %+v", got)
				}
				b.ok("ATH")
			})
		})
	}
	t.Run("answers", func(t *testing.T) {
		story(t, Options{}, func(b *bench) {
			b.net.Phone(ada).WhenCalled(Answers, 5*time.Second)
			b.ok(dialAda)
			b.after(7*time.Second, "")
			b.asks("AT+CLCC", clcc(0))
			b.after(20*time.Second, "")
			b.ok("ATH")
			if got := b.net.Calls(); len(got) != 1 || got[0].Ended != "answered" || got[0].Rang != 5*time.Second {
				t.Errorf("calls: %+v", got)
			}
		})
	})
}

func TestCallsThatDoNotGetThrough(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.net.Phone(ada).Off()
		b.ok(dialAda)
		b.after(2*time.Second, "\r\nNO CARRIER\r\n")
		b.net.Phone(ada).On()
		b.net.Phone(ada).Dead(0x49)
		b.ok(dialAda)
		b.after(2*time.Second, "\r\nNO CARRIER\r\n")
		b.asks("AT+CEER", `+CEER: "CC","unassigned number"`)
		b.ok("ATD" + ours + ";")
		b.after(2*time.Second, "\r\nBUSY\r\n")
		b.says("ATDhello;", "\r\nERROR\r\n")
		b.says("ATD+48501200777", "\r\nNO CARRIER\r\n") // without a semicolon it is a call for data
		lte := HomeCell()
		lte.CREG = Idle
		b.modem.Camp(lte)
		b.ok(dialAda)
		b.after(2*time.Second, "\r\nNO CARRIER\r\n")
		b.ok(`AT+CUSD=1,"*101#",15`)
		b.after(5*time.Second, "\r\n+CME ERROR: 132\r\n")
		lte.IMS = 1
		b.modem.Camp(lte)
		b.ok(dialAda)
		b.asks("AT+CLCC", clcc(2))
		b.modem.Register(Searching)
		b.hears("\r\nNO CARRIER\r\n")
		b.says(dialAda, "\r\n+CME ERROR: 30\r\n")
	})
}

func TestOneCallAtATime(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.net.Phone(bob).Call(ours, 5)
		b.hears("\r\nRING\r\n")
		b.says(dialAda, "\r\n+CME ERROR: 3\r\n")
		b.asks("AT+CLCC", `+CLCC: 1,1,4,0,0,"+48501200888",145`)
		b.says("AT+CHLD=0", "\r\nOK\r\n")
		b.ok(dialAda)
		b.net.Phone(bob).Call(ours, 5)
		b.after(5*time.Second, "")
		b.says("AT+CHLD=7", "\r\n+CME ERROR: 50\r\n")
		b.ok("AT+CHLD=1")
		b.ok("AT+CLCC")
		calls := b.net.Calls()
		if len(calls) != 3 || calls[0].Ended != "rejected" || calls[1].Ended != "hung up" || calls[2].Ended != "busy" {
			t.Errorf("calls: %+v", calls)
		}
	})
}

// A text from the modem to its own number goes through the SMSC like any
// other, and so does its report.
func TestATextToItsOwnNumberComesBackWithItsReport(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.net.SubmitDelay(time.Second)
		b.net.DeliverDelay(3 * time.Second)
		b.net.ReportDelay(time.Second)
		b.ok("AT+CNMI=2,1,0,2,0")
		b.says("AT+CMGS=31", "\r\n> ")
		b.write(strings.Replace(alertPDU, "0B918405210077F7", "0B918406100002F0", 1) + "\x1a")
		b.after(time.Second, "\r\n+CMGS: 1\r\n\r\nOK\r\n")
		b.after(3*time.Second, "\r\n+CMTI: \"SM\",0\r\n")
		b.after(time.Second, "\r\n+CDSI: \"SM\",1\r\n")
		if got := b.take(); got != "" {
			t.Errorf("and then %q", got)
		}
		b.write("AT+CMGR=0\r")
		b.has("+CMGR: 0,,", "BB1B")
		b.write("AT+CMGR=1\r")
		b.has("+CMGR: 0,,25", "06010B918406100002F0")
	})
}
