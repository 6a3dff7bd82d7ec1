package emulator

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// faulty queues a fault that must be well made.
func (b *bench) faulty(f Fault) {
	b.t.Helper()
	if err := b.modem.Fault(f); err != nil {
		b.t.Fatal(err)
	}
}

// taken is how many parts the SMSC took.
func (b *bench) taken(want int) {
	b.t.Helper()
	if got := len(b.net.Submitted()); got != want {
		b.t.Errorf("the SMSC took %d, want %d", got, want)
	}
}

func TestFaultsStrikeTheCommandsTheyName(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.faulty(Fault{On: "AT+CSQ", Answer: "ERROR", Skip: 1, Times: 2})
		b.faulty(Fault{On: "AT", Answer: "NO CARRIER"})
		b.faulty(Fault{On: "/^.CG[MS]/", Lines: []string{"changed"}, Before: []string{"^BOOT:1"}})
		b.asks("AT+CSQ", "+CSQ: 20,99")
		b.says("AT", "\r\nNO CARRIER\r\n")
		b.says("AT+CSQ", "\r\nERROR\r\n")
		b.says("AT+CSQ", "\r\nERROR\r\n")
		b.asks("AT+CSQ", "+CSQ: 20,99")
		b.ok("AT")
		b.says("AT+CGSN", "\r\n^BOOT:1\r\n\r\nchanged\r\n\r\nOK\r\n")
		if n := b.modem.FaultsLeft(); n != 0 {
			t.Errorf("%d faults are left", n)
		}
		if err := b.modem.Fault(Fault{On: "/(/"}); err == nil {
			t.Error("a pattern that cannot be read was taken")
		}
		if err := b.modem.Fault(Fault{}); err == nil {
			t.Error("a fault for no command was taken")
		}
	})
}

// Field guide §7, cases 2 and 4.
func TestALateAnswerToASend(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.faulty(Fault{On: "+CMGS", Delay: 175 * time.Second})
		b.faulty(Fault{On: "+CMGS", Delay: 135 * time.Second, Answer: "+CMS ERROR: 350"})
		if got := b.send(31, alertPDU); got != "" {
			t.Errorf("heard %q too early", got)
		}
		b.taken(1)
		b.after(175*time.Second, "\r\n+CMGS: 1\r\n\r\nOK\r\n")
		b.send(31, alertPDU)
		b.after(135*time.Second, "\r\n+CMS ERROR: 350\r\n")
		b.taken(1)
	})
}

// Cases 3 and T7: the prompt was given, the result comes when the host has given up.
func TestAResultAfterTheHostGaveUp(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.faulty(Fault{On: "+CMGS", Delay: 200 * time.Second})
		b.send(31, alertPDU)
		time.Sleep(195 * time.Second)
		b.write("\x1bAT\r")
		b.after(5*time.Second, "\r\n+CMGS: 1\r\n\r\nOK\r\n\r\nOK\r\n")

		b.faulty(Fault{On: "+CMGS", Delay: 210 * time.Second, Late: true})
		b.send(31, alertPDU)
		b.asks("AT+CSQ", "+CSQ: 20,99")
		b.after(210*time.Second, "\r\n+CMGS: 2\r\n\r\nOK\r\n")
		b.taken(2)

		b.faulty(Fault{On: "+CMGS", Swallow: true, Commit: true})
		b.faulty(Fault{On: "+CMGS", Swallow: true})
		b.send(31, alertPDU)
		b.after(time.Hour, "")
		b.taken(3)
		b.send(31, alertPDU)
		b.ok("AT")
		b.taken(3)
	})
}

// Case 5.
func TestPromptsOfEveryForm(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		for _, f := range []Fault{{PromptForm: "\r\n>\r\n"}, {PromptForm: "\r> "}} {
			f.On = "+CMGS"
			b.faulty(f)
			b.says("AT+CMGS=31", f.PromptForm)
			b.write(alertPDU + "\x1a")
			if got := b.take(); !strings.Contains(got, "+CMGS: ") {
				t.Errorf("after the prompt %q: %q", f.PromptForm, got)
			}
		}
		b.faulty(Fault{On: "+CMGS", PromptPause: 300 * time.Millisecond})
		b.says("AT+CMGS=31", "\r\n>")
		b.after(300*time.Millisecond, " ")
		b.write("\x1b")
		b.hears("\r\nOK\r\n")
	})
}

// Cases 6 and 7.
func TestAPromptThatIsMissingOrLate(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.faulty(Fault{On: "+CMGS", NoPrompt: true})
		b.says("AT+CMGS=31", "")
		b.write("\x1b")
		b.hears("\r\nOK\r\n")

		b.faulty(Fault{On: "+CMGS", LatePrompt: 15 * time.Second})
		b.write("AT+CMGS=31\r")
		b.after(10*time.Second, "")
		b.write("AT\r")
		b.after(5*time.Second, "\r\n> ") // what was typed is now the beginning of a PDU
		b.write("\x1a")
		b.hears("\r\n+CMS ERROR: 304\r\n")
		b.ok("AT")
	})
}

// T8: the port is reopened while the prompt is still open.
func TestAStuckPromptOutlivesThePort(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.says("AT+CMGS=31", "\r\n> ")
		b.port.Close()
		<-b.ended
		h := attachHost(t, b.modem.Pipe())
		h.says("AT", "")
		if !b.modem.State().Prompt {
			t.Error("the prompt closed by itself")
		}
		h.write("\x1b")
		h.hears("\r\nOK\r\n")
		h.ok("AT")
	})
}

// Case 13.
func TestAReportBeforeItsReference(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.ok("AT+CNMI=2,1,0,1,0")
		b.net.ReportDelay(time.Second)
		b.faulty(Fault{On: "+CMGS", ReportFirst: true, Times: 2})
		b.send(31, alertPDU)
		time.Sleep(time.Second)
		got := b.take()
		if cds, cmgs := strings.Index(got, "+CDS: 25"), strings.Index(got, "+CMGS: 1"); cds < 0 || cmgs < cds {
			t.Errorf("heard %q", got)
		}
		b.send(31, strings.Replace(alertPDU, "0031", "0011", 1))
		b.after(10*time.Second, "\r\n+CMGS: 2\r\n\r\nOK\r\n") // nobody asked for a report
	})
}

func TestRINGInTheMiddleOfASend(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.faulty(Fault{On: "+CMGS", Interject: []string{"RING"}, Before: []string{`+CMTI: "ME",2`}})
		b.says("AT+CMGS=31", "\r\n> \r\nRING\r\n")
		b.write(alertPDU + "\x1a")
		b.hears("\r\n+CMTI: \"ME\",2\r\n\r\n+CMGS: 1\r\n\r\nOK\r\n")
	})
}

// Case 22: the port goes at every moment of a send, and the SMSC takes the
// text exactly when the modem had it.
func TestThePortGoesInTheMiddleOfASend(t *testing.T) {
	for name, c := range map[string]struct {
		fault Fault
		taken int
	}{
		"before the prompt":             {Fault{Drop: DropAtOnce}, 0},
		"in the middle of the PDU":      {Fault{Drop: DropMidPDU}, 0},
		"after Ctrl-Z":                  {Fault{Drop: DropAfterPDU}, 0},
		"after the SMSC took it":        {Fault{CommitThenDrop: true}, 1},
		"while the SMSC takes its time": {Fault{}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, Options{}, func(b *bench) {
				b.net.SubmitDelay(2 * time.Second)
				c.fault.On, c.fault.DropFor = "+CMGS", 12*time.Second
				b.faulty(c.fault)
				b.write("AT+CMGS=31\r")
				b.take()
				b.port.Write([]byte(alertPDU[:20])) // the port may go at any of these
				synctest.Wait()
				b.port.Write([]byte(alertPDU[20:] + "\x1a"))
				time.Sleep(time.Second)
				if name == "while the SMSC takes its time" {
					b.modem.Vanish()
				}
				time.Sleep(time.Second)
				<-b.ended
				if got := b.take(); strings.Contains(got, "+CMGS:") {
					t.Errorf("heard %q", got)
				}
				time.Sleep(12 * time.Second)
				b.modem.Return()
				h := attachHost(t, b.modem.Pipe())
				h.ok("AT")
				b.taken(c.taken)
				if got := len(b.net.Phone(ada).Texts()); got != c.taken {
					t.Errorf("the phone shows %d texts, want %d", got, c.taken)
				}
			})
		})
	}
}

// Case 19 and T20: an answer in the middle of the next command, and a foreign one.
func TestLateAndForeignAnswers(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.faulty(Fault{On: "+CSQ", Delay: 6 * time.Second, Late: true})
		b.says("AT+CSQ", "")
		b.faulty(Fault{On: "+CGSN", Delay: 2 * time.Second})
		time.Sleep(5 * time.Second)
		b.write("AT+CGSN\r")
		b.after(time.Second, "\r\n+CSQ: 20,99\r\n\r\nOK\r\n")
		b.after(time.Second, "\r\n867698041234567\r\n\r\nOK\r\n")
		b.faulty(Fault{On: "+CSQ", Raw: []byte("\r\n+CPIN: READY\r\n\r\nOK\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n")})
		b.says("AT+CSQ", "\r\n+CPIN: READY\r\n\r\nOK\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n")
		b.modem.Noise([]byte("\x00\x00\xff\xfe\r\nO"))
		b.hears("\x00\x00\xff\xfe\r\nO")
		b.faulty(Fault{On: "+CSQ", SplitEvery: 3})
		b.asks("AT+CSQ", "+CSQ: 20,99")
		b.mu.Lock()
		if slices.Max(b.reads[len(b.reads)-6:]) > 3 {
			t.Errorf("the answer came in reads of %v", b.reads)
		}
		b.mu.Unlock()
	})
}

func TestADeleteThatIsDoneAndNotAnswered(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.net.Inject(ours, vectorACK)
		synctest.Wait()
		b.faulty(Fault{On: "+CMGD", CommitThenDrop: true})
		b.write("AT+CMGD=0\r")
		<-b.ended
		if n := len(b.modem.State().Stored); n != 0 {
			t.Errorf("%d texts are stored", n)
		}
	})
}

// Case 12: the text that was not acknowledged is not lost, even when the port goes meanwhile.
func TestAnUnacknowledgedTextComesAgain(t *testing.T) {
	story(t, Options{}, func(b *bench) {
		b.write("AT+CSMS=1;+CNMI=2,2\r")
		b.net.Inject(ours, vectorACK)
		if got := b.take(); !strings.Contains(got, "+CMT: ,26") {
			t.Fatalf("heard %q", got)
		}
		b.modem.Vanish()
		<-b.ended
		b.modem.Return()
		h := attachHost(t, b.modem.Pipe())
		h.after(5*time.Minute, "\r\n+CMT: ,26\r\n07918405210077F7"+vectorACK[2:]+"\r\n")
		h.ok("AT+CNMA")
		h.after(time.Hour, "")
	})
}

func TestOtherMakesDiffer(t *testing.T) {
	make := Quectel()
	make.Name, make.IndexBase, make.NoAckService, make.NoMore, make.Unknown = "other", 1, true, true, 0
	make.ICCID, make.ReportMemory, make.CNMI[4] = []string{"^ICCID"}, "SR", []int{1}
	story(t, Options{Persona: make, Storage: 1}, func(b *bench) {
		b.says("AT+CSMS=1", "\r\n+CMS ERROR: 303\r\n")
		b.asks("AT+CSMS=?", "+CSMS: (0)")
		b.says("AT+CMMS=2", "\r\n+CMS ERROR: 303\r\n")
		b.says("AT+QCCID", "\r\nERROR\r\n")
		b.asks("AT^ICCID?", "^ICCID: 8948010000012345678")
		b.says("AT+CNMI=2,1,0,2,0", "\r\n+CMS ERROR: 303\r\n")
		b.ok("AT+CNMI=2,1,0,2,1")
		b.net.Inject(ours, vectorReport)
		b.hears("\r\n+CDSI: \"SR\",1\r\n")
		b.ok("AT+CMGD=1")
		if err := b.net.Inject(ours, "0791"); err == nil {
			t.Error("half a PDU was injected")
		}
		if err := b.net.Inject(ours, "xyz"); err == nil {
			t.Error("words were injected")
		}
		b.net.Inject(ours, vectorBank)
		b.hears("\r\n+CMTI: \"SM\",1\r\n")
		b.asks("AT+CMGR=1", "+CMGR: 0,,28", "07918405210077F7"+vectorBank[2:])
	})
}
