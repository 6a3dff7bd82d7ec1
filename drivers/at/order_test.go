package at_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/drivers/at"
	. "heliograph/drivers/at/attest"
)

const second = time.Second

// resynced is the dialogue that makes a dirty wire clean.
func resynced(first string) Step {
	return func(m *Modem) {
		Host(first + "AT\r")(m)
		Line("OK")(m)
		Talk("AT+CGSN", "861234567890123", "OK")(m)
	}
}

func TestNoticesInTheMiddleOfAnAnswerGoTheirOwnWay(t *testing.T) {
	for _, c := range []struct {
		what, command string
		said          string // what the modem says after the command
		answer, urcs  []string
	}{
		{"between the answer and its OK", "+CSQ", "\r\n+CSQ: 20,99\r\n\r\n+CMTI: \"ME\",4\r\n\r\nOK\r\n", []string{"+CSQ: 20,99"}, []string{`+CMTI: "ME",4`}},
		{"two in a row", "+CSQ", "\r\n+CMTI: \"ME\",4\r\n\r\n+CMTI: \"ME\",5\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n", []string{"+CSQ: 20,99"}, []string{`+CMTI: "ME",4`, `+CMTI: "ME",5`}},
		{"with the command's own name, one field", "+CREG?", "\r\n+CREG: 2\r\n\r\n+CREG: 2,1\r\n\r\nOK\r\n", []string{"+CREG: 2,1"}, []string{"+CREG: 2"}},
		{"with the command's own name, an area", "+CREG?", "\r\n+CREG: 1,\"00C3\",\"01A2\",7\r\n\r\n+CREG: 2,5,\"00C3\",\"01A2\",7\r\n\r\nOK\r\n", []string{`+CREG: 2,5,"00C3","01A2",7`}, []string{`+CREG: 1,"00C3","01A2",7`}},
		{"with the command's own name, a bare area", "+CEREG?", "\r\n+CEREG: 1,00C3,01A2\r\n\r\n+CEREG: 0,001\r\n\r\n+CEREG: 0,1\r\n\r\nOK\r\n", []string{"+CEREG: 0,1"}, []string{"+CEREG: 1,00C3,01A2", "+CEREG: 0,001"}},
		{"the SIM gets ready while its clock is set", "+CLIP=1", "\r\n+CPIN: READY\r\n\r\nOK\r\n", nil, []string{"+CPIN: READY"}},
		{"a call while caller numbers are switched on", "+CLIP=1", "\r\nRING\r\n\r\n+CLIP: \"+48501200777\",145\r\n\r\nOK\r\n", nil, []string{"RING", `+CLIP: "+48501200777",145`}},
		{"the state of caller numbers", "+CLIP?", "\r\n+CLIP: \"+48501200777\",145\r\n\r\n+CLIP: 1,1\r\n\r\nOK\r\n", []string{"+CLIP: 1,1"}, []string{`+CLIP: "+48501200777",145`}},
		{"a report with its PDU", "+CSQ", "\r\n+CDS: 25\r\n00060C0B91\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n", []string{"+CSQ: 20,99"}, []string{"+CDS: 25 00060C0B91"}},
		{"a text with a blank line before its PDU", "+CSQ", "\r\n+CMT: ,24\r\n\r\n00040b91\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n", []string{"+CSQ: 20,99"}, []string{"+CMT: ,24 00040b91"}},
		{"a report whose PDU never came", "+CSQ", "\r\n+CDS: 25\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n", []string{"+CSQ: 20,99"}, []string{"+CDS: 25"}},
		{"a balance over two lines", "+CSQ", "\r\n+CUSD: 0,\"Stan: 0,00\r\nWazne\",15\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n", []string{"+CSQ: 20,99"}, []string{"+CUSD: 0,\"Stan: 0,00\nWazne\",15"}},
		{"a balance whose quotes are never closed", "+CSQ", "\r\n+CUSD: 0,\"Stan: 0,00\r\nWazne\r\n+CSQ: 20,99\r\n\r\nOK\r\n", []string{"+CSQ: 20,99"}, []string{"+CUSD: 0,\"Stan: 0,00\nWazne"}},
		{"an echo that a notice cut in two", "+CSQ", "AT+CS\r\n+CMTI: \"ME\",4\r\nQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n", []string{"+CSQ: 20,99"}, []string{`+CMTI: "ME",4`}},
		{"no carrier, which ends no such command", "+CSQ", "\r\nNO CARRIER\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n", []string{"+CSQ: 20,99"}, []string{"NO CARRIER"}},
		{"noise of zeros", "+CSQ", "\x00\x00\r\n\x00+CSQ: 20,99\r\r\n\r\nO\x00K\r\n", []string{"+CSQ: 20,99"}, nil},
		{"70,000 bytes without an end", "+CSQ", strings.Repeat("A", 70_000) + "\r\n+CSQ: 20,99\r\n\r\nOK\r\n", []string{"+CSQ: 20,99"}, nil},
	} {
		t.Run(c.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var urcs []string
				w := wire(t, at.Options{Heard: heard(&urcs)}, Host("AT"+c.command+"\r"), Says(c.said))
				a := do(t, w, at.Command{Text: c.command})
				synctest.Wait()
				equal(t, "answer", a.Lines, c.answer...)
				equal(t, "notices", urcs, c.urcs...)
			})
		})
	}
}

func TestAnAnswerCutAtEveryByteIsTheSame(t *testing.T) {
	said := "AT+CMGS=23\r\r\n> "
	rest := "\r\n+CDS: 25\r\n00060C0B91\r\n\r\n+CMGS: 12\r\n\r\nOK\r\n"
	for cut := 1; cut < len(said)+len(rest); cut++ {
		synctest.Test(t, func(t *testing.T) {
			var urcs []string
			halves := func(s string, at int) Step {
				at = min(max(at, 0), len(s))
				return func(m *Modem) { Says(s[:at])(m); After(time.Millisecond)(m); Says(s[at:])(m) }
			}
			w := wire(t, at.Options{Heard: heard(&urcs)},
				Host("AT+CMGS=23\r"), halves(said, cut), Host("00AB\x1a"), halves(rest, cut-len(said)))
			a := do(t, w, at.Command{Text: "+CMGS=23", Payload: "00AB"})
			synctest.Wait()
			equal(t, fmt.Sprint("answer cut at ", cut), a.Lines, "+CMGS: 12")
			equal(t, fmt.Sprint("notices cut at ", cut), urcs, "+CDS: 25 00060C0B91")
		})
	}
}

func TestRefusalsInAllTheirSpellings(t *testing.T) {
	for said, want := range map[string]at.Refusal{
		"+CMS ERROR: 38":              {Kind: "CMS", Code: 38},
		"+CMS ERROR:38":               {Kind: "CMS", Code: 38},
		"+CMS ERROR: Network timeout": {Kind: "CMS", Code: -1},
		"+CME ERROR: 10":              {Kind: "CME", Code: 10},
		"ERROR":                       {Code: -1},
		"COMMAND NOT SUPPORT":         {Code: -1},
		"TOO MANY PARAMETERS":         {Code: -1},
		"NA":                          {Code: -1},
		"MODEM ERROR: 7":              {Code: -1},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := wire(t, at.Options{}, Talk("AT+CMGF=0", said))
			_, err := w.Do(t.Context(), at.Command{Text: "+CMGF=0"})
			var r *at.Refusal
			if !errors.As(err, &r) || r.Kind != want.Kind || r.Code != want.Code || r.Text != said {
				t.Errorf("%s: got %#v", said, err)
			}
		})
	}
}

func TestALateAnswerIsNotTheNextCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wire(t, at.Options{},
			Host("AT+CSQ\r"), After(5*second), Host(""), After(400*time.Millisecond), // given up after 5 s
			Host("AT\r"), Line("+CSQ: 1,99", "OK"), Line("OK"),
			Talk("AT+CGSN", "861234567890123", "OK"),
			Talk("AT+CSQ", "+CSQ: 20,99", "OK"))
		if _, err := w.Do(t.Context(), at.Command{Text: "+CSQ"}); !errors.Is(err, at.ErrTimeout) {
			t.Errorf("got %v, want a time-out", err)
		}
		equal(t, "the next", do(t, w, at.Command{Text: "+CSQ"}).Lines, "+CSQ: 20,99")
	})
}

func TestALateReferenceIsHeardDuringAnotherCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lates []string
		w := wire(t, at.Options{},
			Host("AT+CMGS=23\r"), Says("\r\n> "), Host("00AB\x1a"),
			resynced("\x1b\r"), // after 180 s
			Host("AT+CSQ\r"), Line("+CMGS: 77", "OK", "+CSQ: 20,99", "OK"))
		a, err := w.Do(t.Context(), at.Command{Text: "+CMGS=23", Payload: "00AB", Timeout: 180 * second,
			Late: func(line string) { lates = append(lates, line) }})
		if !errors.Is(err, at.ErrTimeout) || !a.Sent {
			t.Errorf("got %v, sent %v; want a time-out with the text out", err, a.Sent)
		}
		time.Sleep(30 * second)
		equal(t, "the other", do(t, w, at.Command{Text: "+CSQ"}).Lines, "+CSQ: 20,99")
		synctest.Wait()
		equal(t, "late", lates, "+CMGS: 77")
	})
}

func TestALateReferenceIsHeardWhileTheWireIsMadeClean(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lates []string
		w := wire(t, at.Options{},
			Host("AT+CMGS=23\r"), Says("\r\n> "), Host("00AB\x1a"), After(180*second),
			Host("\x1b\rAT\r"), Line("+CMGS: 13", "OK", "OK"), Talk("AT+CGSN", "861234567890123", "OK"))
		w.Do(t.Context(), at.Command{Text: "+CMGS=23", Payload: "00AB", Timeout: 180 * second,
			Late: func(line string) { lates = append(lates, line) }})
		time.Sleep(30 * second)
		synctest.Wait()
		equal(t, "late", lates, "+CMGS: 13")
	})
}

func TestSilenceAfterTwoResyncsClosesTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wire(t, at.Options{}, Host("AT+CSQ\r"), Host("AT\rAT+CGSN\r\x1b\rAT\rAT+CGSN\r"))
		w.Do(t.Context(), at.Command{Text: "+CSQ"})
		_, err := w.Do(t.Context(), at.Command{Text: "+CSQ"})
		if !errors.Is(err, at.ErrUnresponsive) || !errors.Is(err, at.ErrClosed) {
			t.Errorf("got %v, want an unresponsive modem", err)
		}
	})
}

func TestSomebodyElsesOKIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wire(t, at.Options{}, Host("AT+CSQ\r"), Line("+CPIN: READY", "OK", "+CSQ: 20,99", "OK"),
			resynced(""), Talk("AT+CSQ", "+CSQ: 21,99", "OK"))
		_, err := w.Do(t.Context(), at.Command{Text: "+CSQ", Need: true})
		if !errors.Is(err, at.ErrForeign) {
			t.Errorf("got %v, want a foreign answer", err)
		}
		equal(t, "the next", do(t, w, at.Command{Text: "+CSQ", Need: true}).Lines, "+CSQ: 21,99")
	})
}

func TestAPortThatTakesNothingIsClosedAfterFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wire(t, at.Options{}, Deaf())
		time.Sleep(time.Millisecond)
		start := time.Now()
		behind := make(chan error, 1)
		go func() {
			_, err := w.Do(t.Context(), at.Command{Text: "+CREG?", Priority: at.Polling})
			behind <- err
		}()
		// It is given up before the write is, and must leave the owner asleep.
		if _, err := w.Do(t.Context(), at.Command{Knock: true, Timeout: 2 * second}); !errors.Is(err, at.ErrTimeout) {
			t.Errorf("got %v", err)
		}
		if err := <-behind; !errors.Is(err, at.ErrWriteStuck) || time.Since(start) != 5*second {
			t.Errorf("the one behind it got %v after %v", err, time.Since(start))
		}
	})
}

func TestACallerWhoGoesLeavesTheWireUsable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wire(t, at.Options{}, Host("AT+COPS=?\r"), resynced(""), Talk("AT+CSQ", "+CSQ: 20,99", "OK"))
		ctx, cancel := context.WithTimeout(t.Context(), 2*second)
		defer cancel()
		start := time.Now()
		if _, err := w.Do(ctx, at.Command{Text: "+COPS=?", Timeout: 180 * second}); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 2*second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		do(t, w, at.Command{Text: "+CSQ"})
	})
}

func TestTheUrgentGoesFirstAndAGapIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wire(t, at.Options{}, Host("AT+COPS?\r"), After(second), Line("OK"),
			Talk("AT+CHUP", "OK"), Talk("AT+CMGD=1", "OK"), Talk("AT+CSQ", "OK"))
		done := make(chan string, 4)
		run := func(text string, p at.Priority) {
			w.Do(t.Context(), at.Command{Text: text, Priority: p})
			done <- text
		}
		go run("+COPS?", at.Polling)
		synctest.Wait()
		go run("+CSQ", at.Polling)
		synctest.Wait()
		go run("+CMGD=1", at.Message)
		synctest.Wait()
		start := time.Now()
		go run("+CHUP", at.Urgent)
		for range 4 {
			<-done
		}
		if got := time.Since(start); got != second+3*20*time.Millisecond {
			t.Errorf("three commands after a second took %v, want a gap of 20 ms before each", got)
		}
	})
}

func TestACommandCannotSmuggleASecondOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wire(t, at.Options{})
		for _, c := range []at.Command{{Text: "+CSQ\rAT+CMGD=1,4"}, {Text: "+CSQ\n"}, {Text: "+CMGS=1\x1b"}, {Text: "+CMGS=1", Payload: "00\x1aAT"}} {
			if _, err := w.Do(t.Context(), c); !errors.Is(err, at.ErrText) {
				t.Errorf("%q, %q: got %v", c.Text, c.Payload, err)
			}
		}
	})
}

func TestAPromptNobodyAskedForIsEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wire(t, at.Options{}, Host("AT\r"), Says("\r\n> "), Host("\x1b\r"), Line("OK"), Talk("AT", "OK"))
		if _, err := w.Do(t.Context(), at.Command{Knock: true, Timeout: second}); !errors.Is(err, at.ErrTimeout) {
			t.Errorf("got %v", err)
		}
		time.Sleep(100 * time.Millisecond)
		do(t, w, at.Command{Knock: true, Timeout: second})
	})
}

func TestBareDigitsCountWhereTheyAreExpected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wire(t, at.Options{}, Host("AT\r"), Says("AT\r0\r"), Host("ATE0V1\r"), Says("4\r"))
		if a := do(t, w, at.Command{Numeric: true}); !a.Echoed {
			t.Error("the echo went unseen")
		}
		var r *at.Refusal
		if _, err := w.Do(t.Context(), at.Command{Text: "E0V1", Numeric: true}); !errors.As(err, &r) {
			t.Errorf("got %v, want a refusal", err)
		}
	})
}

func TestATraceNeverShowsAPIN(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var trace strings.Builder
		w := wire(t, at.Options{Trace: func(d at.Direction, line string) { fmt.Fprintln(&trace, d, line) }},
			Host("AT+CPIN=\"4711\"\r"), Says("AT+CPIN=\"47\r\n+CREG: 2\r\n11\"\r\r\nOK\r\n"),
			Host("AT+CPIN=\"4711\"\r"), Says("AT+CPIN=\"4711\"\r\r\nOK\r\n"),
			Host("AT+CLCK=\"SC\",0,\"4711\"\r"), Line("OK"),
			Host("AT+CPIN?\r"), Line("+CPIN: READY", "OK"))
		do(t, w, at.Command{Text: `+CPIN="4711"`, Secret: true})
		do(t, w, at.Command{Text: `+CPIN="4711"`})
		do(t, w, at.Command{Text: `+CLCK="SC",0,"4711"`})
		do(t, w, at.Command{Text: "+CPIN?"})
		for _, piece := range []string{"4711", "\"47", "11\""} {
			if strings.Contains(trace.String(), piece) {
				t.Errorf("the trace shows %s:\n%s", piece, trace.String())
			}
		}
		for _, line := range []string{"> AT+CPIN=****", "< +CREG: 2", "< +CPIN: READY"} {
			if !strings.Contains(trace.String(), line) {
				t.Errorf("the trace lacks %s:\n%s", line, trace.String())
			}
		}
	})
}

func TestCloseWakesAReaderAndAnswersTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := at.New(Play(t, Host("AT+CSQ\r")), at.Options{})
		errs := make(chan error, 1)
		go func() {
			_, err := w.Do(context.Background(), at.Command{Text: "+CSQ"})
			errs <- err
		}()
		synctest.Wait()
		w.Close()
		if err := <-errs; !errors.Is(err, at.ErrClosed) {
			t.Errorf("got %v", err)
		}
		if _, err := w.Do(t.Context(), at.Command{Text: "+CSQ"}); !errors.Is(err, at.ErrClosed) || w.Err() == nil {
			t.Errorf("a closed wire answered %v", err)
		}
	})
}

func TestAReadErrorSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wire(t, at.Options{}, Hangup(io.ErrUnexpectedEOF))
		<-w.Closed()
		if !errors.Is(w.Err(), io.ErrUnexpectedEOF) {
			t.Errorf("got %v", w.Err())
		}
	})
}
