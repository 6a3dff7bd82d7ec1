package modem_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/modem"
	"heliograph/drivers/modem/emulator"
)

func TestATextReachesAPhoneAndItsReportComesBack(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		r, err := b.send(ada, "waw-12 #7 DOWN transit-a")
		if err != nil || len(r.Parts) != 1 {
			b.t.Fatalf("got %+v, %v", r, err)
		}
		b.pass(time.Second)
		b.want("ada's phone", b.net.Phone(ada).Texts()[0].Body, "waw-12 #7 DOWN transit-a")
		b.want("inbox", b.in.told(), "report 1 +48501200777 delivered")
		b.want("log", b.log.text(), "")
		s := b.net.Submitted()[0]
		if !s.Report || s.Validity != 4*time.Hour || s.Reference != r.Parts[0].Reference {
			b.t.Errorf("the centre took %+v", s)
		}
		if left := b.emu.State().Stored; len(left) != 0 {
			b.t.Errorf("still stored: %v", left)
		}
	})
}

func TestALongTextGoesInPartsUnderANewReferenceEachTime(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		text := strings.Repeat("the quick brown fox jumps over ", 12)
		if n := modem.Parts(text); n != 3 {
			b.t.Fatalf("it has %d parts, expected 3", n)
		}
		first, err := b.send(ada, text)
		if err != nil {
			b.t.Fatal(err)
		}
		b.restart()
		b.ready()
		second, err := b.send(ada, text+"!")
		if err != nil {
			b.t.Fatal(err)
		}
		if len(first.Parts) != 3 || first.Parts[0].Chain == second.Parts[0].Chain {
			b.t.Errorf("receipts %+v and %+v", first, second)
		}
		b.pass(time.Second)
		texts := b.net.Phone(ada).Texts()
		if len(texts) != 2 || texts[0].Body != text || texts[1].Body != text+"!" {
			b.t.Errorf("ada's phone shows %+v", texts)
		}
	})
}

func TestOnlyTheMissingPartOfALongTextGoesAgain(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CMGS", Skip: 2, Answer: "+CMS ERROR: 38"})
		text := strings.Repeat("the quick brown fox jumps over ", 12)
		var took []delivery.Part
		j := delivery.Job{ID: 1, To: ada, Text: text, Took: func(p delivery.Part) error { took = append(took, p); return nil }}
		r, err := b.job(j)
		if err == nil || err.Fate != delivery.Retry || err.Code != "CMS 38" || len(r.Parts) != 2 || len(took) != 2 {
			b.t.Fatalf("got %+v, %v, took %v; want two parts and a retry", r, err, took)
		}
		j.Taken = took
		r, err = b.job(j)
		if err != nil || len(r.Parts) != 3 || r.Parts[2].Number != 3 || r.Parts[2].Chain != took[0].Chain {
			b.t.Fatalf("got %+v, %v; want the third part under the same reference", r, err)
		}
		b.pass(time.Second)
		if n := len(b.net.Submitted()); n != 3 || b.net.Phone(ada).Duplicates() != 0 {
			b.t.Errorf("the centre took %d parts, the phone saw %d twice", n, b.net.Phone(ada).Duplicates())
		}
		b.want("ada's phone", b.net.Phone(ada).Texts()[0].Body, text)
	})
}

func TestAPartThatCannotBeRememberedStopsTheText(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		full := errors.New("disk full")
		_, err := b.job(delivery.Job{To: ada, Text: strings.Repeat("x", 400), Took: func(delivery.Part) error { return full }})
		if err == nil || err.Fate != delivery.Unsure || !errors.Is(err, full) {
			b.t.Errorf("got %v, want unsure: disk full", err)
		}
		if n := len(b.net.Submitted()); n != 1 {
			b.t.Errorf("the centre took %d parts, want 1", n)
		}
	})
}

func TestASlowAnswerIsWaitedForAndNotSentTwice(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.net.SubmitDelay(175 * time.Second)
		start := time.Now()
		_, err := b.send(ada, "slow")
		if err != nil || time.Since(start) != 175*time.Second {
			b.t.Errorf("got %v after %v", err, time.Since(start))
		}
		if n := len(b.net.Submitted()); n != 1 {
			b.t.Errorf("the centre took it %d times", n)
		}
	})
}

func TestNoAnswerIsUnsureAndALateOneIsHeard(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.net.SubmitDelay(0)
		b.fault(emulator.Fault{On: "+CMGS", Late: true, Delay: 210 * time.Second})
		start := time.Now()
		_, err := b.job(delivery.Job{ID: 41, To: ada, Text: "did it go?"})
		if err == nil || err.Fate != delivery.Unsure || time.Since(start) != 180*time.Second {
			b.t.Fatalf("got %v after %v, want unsure after 180 s", err, time.Since(start))
		}
		got := <-b.lates
		if got.job != 41 || got.part.Number != 1 || got.part.Of != 1 || got.part.Reference != b.net.Submitted()[0].Reference {
			b.t.Errorf("late: %+v", got)
		}
		if after := time.Since(start); after != 210*time.Second {
			b.t.Errorf("it was heard after %v", after)
		}
		if _, err := b.send(bob, "next"); err != nil {
			b.t.Errorf("the next text: %v", err)
		}
	})
}

func TestEveryRefusalHasItsFate(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		for _, c := range []struct {
			answer string
			fate   delivery.Fate
			after  time.Duration
			worker bool
			code   string
			advice string // part of it
		}{
			{"+CMS ERROR: 38", delivery.Retry, time.Minute, false, "CMS 38", ""},
			{"+CMS ERROR:38", delivery.Retry, time.Minute, false, "CMS 38", ""},
			{"+CMS ERROR: 41", delivery.Retry, 15 * time.Second, false, "CMS 41", ""},
			{"+CMS ERROR: 42", delivery.Retry, 30 * time.Second, false, "CMS 42", ""},
			{"+CMS ERROR: 1", delivery.Never, 0, false, "CMS 1", "check the number"},
			{"+CMS ERROR: 21", delivery.Never, 0, false, "CMS 21", "blocking"},
			{"+CMS ERROR: 8", delivery.Retry, 10 * time.Minute, true, "CMS 8", "barring"},
			{"+CMS ERROR: 50", delivery.Retry, 10 * time.Minute, true, "CMS 50", "credit"},
			{"+CMS ERROR: 69", delivery.Retry, 10 * time.Minute, true, "CMS 69", "IMS"},
			{"+CMS ERROR: 330", delivery.Retry, 10 * time.Minute, true, "CMS 330", "smsc"},
			{"+CMS ERROR: 331", delivery.Retry, 15 * time.Second, true, "CMS 331", ""},
			{"+CMS ERROR: 332", delivery.Unsure, 0, false, "CMS 332", ""},
			{"+CMS ERROR: 350", delivery.Unsure, 0, false, "CMS 350", "IMS"},
			{"+CMS ERROR: 500", delivery.Unsure, 0, false, "CMS 500", ""},
			{"+CMS ERROR: 512", delivery.Retry, 10 * time.Second, true, "CMS 512", ""},
			{"+CMS ERROR: 513", delivery.Never, 0, false, "CMS 513", ""},
			{"+CMS ERROR: Network timeout", delivery.Unsure, 0, false, "CMS Network timeout", ""},
			{"+CMS ERROR: SIM busy", delivery.Retry, 10 * time.Second, true, "CMS SIM busy", ""},
			{"+CME ERROR: 14", delivery.Retry, 10 * time.Second, true, "CME 14", ""},
			{"+CMS ERROR: 77", delivery.Retry, 2 * time.Minute, false, "CMS 77", ""},
		} {
			b.fault(emulator.Fault{On: "+CMGS", Answer: c.answer})
			_, err := b.send(ada, "x")
			if err == nil || err.Fate != c.fate || err.After != c.after || err.Worker != c.worker || err.Code != c.code || !strings.Contains(err.Advice, c.advice) || (c.advice == "") != (err.Advice == "") && c.advice != "" {
				b.t.Errorf("%s: got %#v", c.answer, err)
			}
			if _, err := b.send(bob, "in between"); err != nil {
				b.t.Errorf("after %s: %v", c.answer, err)
			}
		}
	})
}

func TestAVendorsCodeMeansWhatThatVendorSays(t *testing.T) {
	for maker, want := range map[string]delivery.Fate{"Telit": delivery.Unsure, "Cinterion": delivery.Retry, "Quectel": delivery.Never} {
		t.Run(maker, func(t *testing.T) {
			p := emulator.Quectel()
			p.Manufacturer = maker
			story(t, emulator.Options{Persona: p}, nil, func(b *bench) {
				b.ready()
				b.fault(emulator.Fault{On: "+CMGS", Answer: "+CMS ERROR: 513"})
				if _, err := b.send(ada, "x"); err == nil || err.Fate != want {
					b.t.Errorf("513 from %s: got %v, want %v", maker, err, want)
				}
			})
		})
	}
}

func TestAPlainErrorIsLookedInto(t *testing.T) {
	for _, c := range []struct {
		what   string
		cause  func(*bench)
		worker bool
		advice string
	}{
		{"nothing is wrong", func(*bench) {}, false, ""},
		{"the registration is gone", func(b *bench) {
			for range 2 {
				b.fault(emulator.Fault{On: "+CREG?", Lines: []string{"+CREG: 2,2"}})
			}
			b.fault(emulator.Fault{On: "+CGREG?", Lines: []string{"+CGREG: 2,2"}})
			b.fault(emulator.Fault{On: "+CEREG?", Lines: []string{"+CEREG: 2,2"}})
		}, true, ""},
		{"the SIM is gone", func(b *bench) { b.fault(emulator.Fault{On: "+CPIN?", Answer: "+CME ERROR: 10"}) }, true, ""},
		{"the service centre is gone", func(b *bench) { b.fault(emulator.Fault{On: "+CSCA?", Lines: []string{`+CSCA: "",129`}}) }, true, "smsc"},
	} {
		t.Run(c.what, func(t *testing.T) {
			story(t, emulator.Options{}, nil, func(b *bench) {
				b.ready()
				b.fault(emulator.Fault{On: "+CMGS", Answer: "ERROR"})
				c.cause(b)
				_, err := b.send(ada, "x")
				if err == nil || err.Fate != delivery.Retry || err.Worker != c.worker || !strings.Contains(err.Advice, c.advice) {
					b.t.Errorf("got %#v", err)
				}
			})
		})
	}
}

func TestThreeNumbersRefusedAlikeAreTheSIMsFault(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		for i, want := range []bool{false, false, true, true} {
			b.fault(emulator.Fault{On: "+CMGS", Answer: "+CMS ERROR: 21"})
			_, err := b.send(fmt.Sprintf("+4850120000%d", i), "x")
			if err == nil || err.Worker != want || (err.Fate == delivery.Never) == want {
				b.t.Errorf("number %d: got %#v", i+1, err)
			}
		}
		if _, err := b.send(ada, "credit is back"); err != nil {
			b.t.Error(err)
		}
		b.fault(emulator.Fault{On: "+CMGS", Answer: "+CMS ERROR: 21"})
		if _, err := b.send(bob, "x"); err == nil || err.Fate != delivery.Never {
			b.t.Errorf("after a success: got %#v", err)
		}
	})
}

func TestARefusedValidityIsLeftOutAndAGarbledTextRepeated(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CMGS", Answer: "+CMS ERROR: 199"})
		if _, err := b.send(ada, "without validity"); err != nil {
			b.t.Error(err)
		}
		b.fault(emulator.Fault{On: "+CMGS", Answer: "+CMS ERROR: 304"})
		if _, err := b.send(ada, "garbled once"); err != nil {
			b.t.Error(err)
		}
		if s := b.net.Submitted(); len(s) != 2 || s[0].Validity != 0 || s[1].Validity != 4*time.Hour {
			b.t.Errorf("the centre took %+v", s)
		}
		for range 2 {
			b.fault(emulator.Fault{On: "+CMGS", Answer: "+CMS ERROR: 304"})
		}
		if _, err := b.send(ada, "garbled twice"); err == nil || err.Fate != delivery.Never {
			b.t.Errorf("garbled twice: got %v", err)
		}
	})
}

func TestAPortThatGoesBeforeTheTextIsTheWorkersFault(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CMGS", Drop: emulator.DropAtOnce, DropFor: 12 * time.Second})
		_, err := b.send(ada, "x")
		if err == nil || err.Fate != delivery.Retry || !err.Worker {
			b.t.Errorf("got %#v, want a retry by another worker", err)
		}
		if _, err := b.send(ada, "x"); err == nil || !err.Worker || err.Fate != delivery.Retry {
			b.t.Errorf("without a port: got %#v", err)
		}
		b.ready()
		if _, err := b.send(ada, "x"); err != nil {
			b.t.Errorf("with the port back: %v", err)
		}
	})
}

func TestAPortThatGoesAfterTheTextLeavesItUnsure(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		for what, f := range map[string]emulator.Fault{
			"half-way":            {On: "+CMGS", Drop: emulator.DropMidPDU, DropFor: 12 * time.Second},
			"after Ctrl-Z":        {On: "+CMGS", Drop: emulator.DropAfterPDU, DropFor: 12 * time.Second},
			"taken, and not told": {On: "+CMGS", CommitThenDrop: true, DropFor: 12 * time.Second},
		} {
			b.fault(f)
			if _, err := b.send(ada, "x"); err == nil || err.Fate != delivery.Unsure {
				b.t.Errorf("%s: got %#v, want unsure", what, err)
			}
			b.pass(time.Second)
			b.ready()
		}
	})
}

func TestTheRestOfTheQueueIsAnsweredWhenThePortGoes(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CMGS", Drop: emulator.DropAfterPDU})
		errs := make(chan *delivery.Error, 5)
		for i := range 5 {
			go func() {
				_, err := b.send(fmt.Sprintf("+4850120000%d", i), "x")
				errs <- err
			}()
		}
		unsure := 0
		for range 5 {
			err := <-errs
			if err == nil {
				b.t.Fatal("a text went out without a port")
			}
			if err.Fate == delivery.Unsure {
				unsure++
			} else if !err.Worker {
				b.t.Errorf("got %#v", err)
			}
		}
		if unsure != 1 {
			b.t.Errorf("%d texts are unsure, want the one on the wire", unsure)
		}
	})
}

func TestACallerWhoGivesUpKnowsWhetherTheTextWasOut(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.net.SubmitDelay(20 * time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		waits := make(chan error, 1)
		go func() {
			time.Sleep(time.Second)
			_, err := b.m.Send(ctx, delivery.Job{To: bob, Text: "behind"})
			waits <- err
		}()
		_, err := b.m.Send(ctx, delivery.Job{To: ada, Text: "out"})
		var e *delivery.Error
		if !errors.As(err, &e) || e.Fate != delivery.Unsure {
			b.t.Errorf("the one on the wire: %v", err)
		}
		if err := <-waits; !errors.As(err, &e) || e.Fate != delivery.Retry || !e.Worker {
			b.t.Errorf("the one behind it: %v", err)
		}
	})
}

func TestAModemThatRestartsDuringATextIsNotWaitedFor(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.net.SubmitDelay(100 * time.Second)
		time.AfterFunc(10*time.Second, b.emu.Reboot)
		start := time.Now()
		_, err := b.send(ada, "x")
		if err == nil || err.Fate != delivery.Unsure || time.Since(start) > 15*time.Second {
			b.t.Errorf("got %v after %v", err, time.Since(start))
		}
		b.pass(30 * time.Second)
		b.ready()
		if s := b.emu.State(); s.Echo || s.CMGF != 0 || s.CNMI != [5]int{2, 1, 0, 2, 0} {
			b.t.Errorf("the modem was not brought up again: %+v", s)
		}
		b.net.SubmitDelay(0)
		if _, err := b.send(ada, "y"); err != nil {
			b.t.Error(err)
		}
	})
}

func TestNumbersStayAsTheyAreWritten(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		for _, to := range []string{"+48 501-200-777", "501200777", "12345"} {
			if _, err := b.send(to, "x"); err != nil {
				b.t.Errorf("%s: %v", to, err)
			}
		}
		var got []string
		for _, s := range b.net.Submitted() {
			got = append(got, s.To)
		}
		b.want("the centre's list", strings.Join(got, " "), "+48501200777 501200777 12345")
		for _, to := range []string{"", "ada", "+", "+4850120077712345678901", "+48501\r200"} {
			if _, err := b.send(to, "x"); err == nil || err.Fate != delivery.Never {
				b.t.Errorf("%q: got %v, want never", to, err)
			}
		}
		if _, err := b.send(ada, ""); err == nil || err.Fate != delivery.Never {
			b.t.Errorf("an empty text: got %v, want never", err)
		}
	})
}

func TestWithoutANetworkNothingIsTried(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.emu.Register(2)
		b.pass(time.Second)
		if h := b.m.Health(); h.Fit || h.State != modem.Registering {
			b.t.Errorf("health %+v", h)
		}
		if _, err := b.send(ada, "x"); err == nil || err.Fate != delivery.Retry || !err.Worker {
			b.t.Errorf("got %#v", err)
		}
		b.emu.Register(3)
		b.pass(time.Second)
		if h := b.m.Health(); h.State != modem.Denied || !strings.Contains(h.Advice, "SIM is active") {
			b.t.Errorf("health %+v", h)
		}
		b.emu.Register(5)
		b.pass(time.Second)
		if _, err := b.send(ada, "x"); err != nil {
			b.t.Error(err)
		}
	})
}

func TestAReportMayComeBeforeItsReference(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CMGS", ReportFirst: true})
		r, err := b.send(ada, "x")
		if err != nil {
			b.t.Fatal(err)
		}
		b.pass(time.Second)
		b.want("inbox", b.in.told(), fmt.Sprintf("report %d %s delivered", r.Parts[0].Reference, ada))
	})
}

func TestALongQueueHidesNeitherTextsNorTheModem(t *testing.T) {
	story(t, emulator.Options{Latency: 50 * time.Millisecond}, nil, func(b *bench) {
		b.ready()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		for i := range 20 {
			go func() {
				for ctx.Err() == nil {
					b.m.Send(ctx, delivery.Job{To: fmt.Sprintf("+485012%05d", i), Text: "mass"})
				}
			}()
		}
		b.pass(10 * time.Second)
		b.net.Phone(ada).Send(ours, "STOP")
		b.pass(time.Second)
		if !strings.HasPrefix(b.in.told(), `text +48501200777 "STOP"`) {
			b.t.Errorf("the text was not read within a second: %s", b.in.told())
		}
		b.emu.Signal(5)
		b.pass(90 * time.Second)
		if h := b.m.Health(); h.Signal > -100 {
			b.t.Errorf("the signal is still told as %d dBm", h.Signal)
		}
		cancel()
		b.pass(5 * time.Second)
	})
}

func TestAnAnswerThatComesAfterThePortWasOpenedAnewIsStillHeard(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CMGS", Delay: 240 * time.Second}) // and nothing else is answered meanwhile
		start := time.Now()
		_, err := b.job(delivery.Job{ID: 42, To: ada, Text: "did it go?"})
		if err == nil || err.Fate != delivery.Unsure {
			b.t.Fatalf("got %v, want unsure", err)
		}
		got := <-b.lates
		if got.job != 42 || got.part.Reference != b.net.Submitted()[0].Reference || b.opens.Load() < 2 {
			b.t.Errorf("late: %+v, with the port opened %d times", got, b.opens.Load())
		}
		if after := time.Since(start); after > 245*time.Second {
			b.t.Errorf("it was heard after %v", after)
		}
		b.ready()
		if h := b.m.Health(); h.IMEI != "867698041234567" || h.Model != "EG25" {
			b.t.Errorf("answers were mixed up: %+v", h)
		}
		if _, err := b.send(bob, "next"); err != nil {
			b.t.Errorf("the next text: %v", err)
		}
	})
}

func TestAFullDiskKeepsNoTextFromGoing(t *testing.T) {
	story(t, emulator.Options{}, func(b *bench) {
		b.mem.broken = errors.New("disk full")
		b.opt.SMSC = "+48601000310" // not the SIM's
	}, func(b *bench) {
		b.ready()
		if n := b.trace.count("> AT+CSCA="); n != 0 {
			b.t.Errorf("the SIM was written %d times and nobody will remember", n)
		}
		first, err := b.send(ada, strings.Repeat("long ", 60))
		if err != nil {
			b.t.Fatal(err)
		}
		second, err := b.send(ada, strings.Repeat("long ", 60))
		if err != nil || first.Parts[0].Chain == second.Parts[0].Chain {
			b.t.Errorf("got %+v and %+v, %v", first, second, err)
		}
		if !strings.Contains(b.log.text(), "disk full") {
			b.t.Errorf("the log does not tell: %s", b.log.text())
		}
	})
}

func TestAnAnswerPrintedTwiceProvesNothingAboutAnotherText(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		b.fault(emulator.Fault{On: "+CMGS", Swallow: true})
		if _, err := b.job(delivery.Job{ID: 41, To: ada, Text: "lost"}); err == nil || err.Fate != delivery.Unsure {
			b.t.Fatalf("got %v, want unsure", err)
		}
		r, err := b.job(delivery.Job{ID: 42, To: bob, Text: "taken"})
		if err != nil {
			b.t.Fatal(err)
		}
		b.emu.Noise(fmt.Appendf(nil, "\r\n+CMGS: %d\r\n\r\nOK\r\n", r.Parts[0].Reference))
		b.pass(time.Minute)
		select {
		case l := <-b.lates:
			b.t.Errorf("text %d was taken for accepted", l.job)
		default:
		}
	})
}
