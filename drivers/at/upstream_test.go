package at_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	upstream "github.com/warthog618/modem/at"
	"github.com/warthog618/modem/trace"

	"heliograph/drivers/at"
	. "heliograph/drivers/at/attest"
)

// Why github.com/warthog618/modem v0.4.0 is not on the wire: each test plays
// one fault that real modems show to its at.AT and to our Wire. Where the
// library does well, or a later version does better, a test fails and this
// page is to be read again. Its info package is used (Fields).

// theirs runs a story with the library; it writes CR LF after a command, and
// CR after one with a prompt.
func theirs(t *testing.T, steps []Step, tell func(t *testing.T, m *upstream.AT)) {
	t.Helper()
	t.Run("theirs", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			port := Play(t, steps...)
			m := upstream.New(port)
			tell(t, m)
			port.Close()
			<-m.Closed()
		})
	})
}

// mine runs a story with the Wire.
func mine(t *testing.T, steps []Step, tell func(t *testing.T, w *at.Wire)) {
	t.Helper()
	t.Run("ours", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { tell(t, wire(t, at.Options{}, steps...)) })
	})
}

// A text takes 1 to 4 s on LTE. The library's time-out is 1 s unless told
// otherwise, so it calls a text failed that the network takes.
func TestUpstreamATextThatTakesThreeSeconds(t *testing.T) {
	answer := []Step{Says("\r\n> "), Host("00AB\x1a"), After(3 * second), Line("+CMGS: 12", "OK")}
	theirs(t, append(append([]Step{Host("AT+CMGS=23\r")}, answer...), Host("\x1b\r\n")), func(t *testing.T, m *upstream.AT) {
		if _, err := m.SMSCommand("+CMGS=23", "00AB"); !errors.Is(err, upstream.ErrDeadlineExceeded) {
			t.Errorf("got %v: the default has changed", err)
		}
		time.Sleep(5 * second)
	})
	mine(t, append([]Step{Host("AT+CMGS=23\r")}, answer...), func(t *testing.T, w *at.Wire) {
		equal(t, "answer", do(t, w, at.Command{Text: "+CMGS=23", Payload: "00AB"}).Lines, "+CMGS: 12")
	})
}

// The answer of a command that was given up ends the next one.
func TestUpstreamALateAnswer(t *testing.T) {
	theirs(t, []Step{Host("AT+CSQ\r\n"), Host("AT+CREG?\r\n"), Line("+CSQ: 20,99", "OK", "+CREG: 0,1", "OK")}, func(t *testing.T, m *upstream.AT) {
		m.Command("+CSQ")
		got, err := m.Command("+CREG?")
		if err != nil || strings.Join(got, " ") != "+CSQ: 20,99" {
			t.Errorf("got %q, %v: it has learnt to tell", got, err)
		}
	})
	mine(t, []Step{Host("AT+CSQ\r"), Host("AT\r"), Line("+CSQ: 20,99", "OK", "OK"), Talk("AT+CGSN", "861234567890123", "OK"), Talk("AT+CREG?", "+CREG: 0,1", "OK")},
		func(t *testing.T, w *at.Wire) {
			w.Do(t.Context(), at.Command{Text: "+CSQ"})
			equal(t, "answer", do(t, w, at.Command{Text: "+CREG?"}).Lines, "+CREG: 0,1")
		})
}

// A prompt that nobody asked for: the modem takes all that follows for text.
// The library sends ESC after texts only, so the modem stays stuck.
func TestUpstreamAPromptNobodyAskedFor(t *testing.T) {
	theirs(t, []Step{Host("AT+CSQ\r\n"), Says("\r\n> "), Host("AT+CSQ\r\nAT+CSQ\r\n")}, func(t *testing.T, m *upstream.AT) {
		for i := range 3 {
			if _, err := m.Command("+CSQ"); !errors.Is(err, upstream.ErrDeadlineExceeded) {
				t.Errorf("try %d: got %v: it has learnt to end a prompt", i+1, err)
			}
		}
	})
	mine(t, []Step{Host("AT+CSQ\r"), Says("\r\n> "), Host("\x1b\rAT\r"), Line("OK"), Talk("AT+CGSN", "861234567890123", "OK"), Talk("AT+CSQ", "+CSQ: 20,99", "OK")},
		func(t *testing.T, w *at.Wire) {
			w.Do(t.Context(), at.Command{Text: "+CSQ"})
			equal(t, "answer", do(t, w, at.Command{Text: "+CSQ"}).Lines, "+CSQ: 20,99")
		})
}

// 70,000 bytes without a line end, as a wrong speed or PPP on the port gives.
// The library's scanner stops at 64 KiB, and with it the AT for good.
func TestUpstreamABurstWithoutLineEnds(t *testing.T) {
	burst := Says(strings.Repeat("A", 70_000) + "\r\n")
	theirs(t, []Step{burst}, func(t *testing.T, m *upstream.AT) {
		<-m.Closed()
		if _, err := m.Command("+CSQ"); !errors.Is(err, upstream.ErrClosed) {
			t.Errorf("got %v: it survives now", err)
		}
	})
	mine(t, []Step{burst, Talk("AT+CSQ", "+CSQ: 20,99", "OK")}, func(t *testing.T, w *at.Wire) {
		synctest.Wait()
		equal(t, "answer", do(t, w, at.Command{Text: "+CSQ"}).Lines, "+CSQ: 20,99")
	})
}

// A port that takes nothing (a hung USB modem): the library waits in Write for
// ever, time-out or not.
func TestUpstreamAWriteThatBlocks(t *testing.T) {
	t.Run("theirs", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			port := Play(t, Deaf())
			m := upstream.New(port)
			synctest.Wait()
			answered := make(chan error, 1)
			go func() {
				_, err := m.Command("+CSQ", upstream.WithTimeout(second))
				answered <- err
			}()
			time.Sleep(time.Hour)
			select {
			case err := <-answered:
				t.Errorf("after an hour at most: %v: it has a limit now", err)
			default:
			}
			port.Close()
			<-answered
		})
	})
	mine(t, []Step{Deaf()}, func(t *testing.T, w *at.Wire) {
		synctest.Wait()
		start := time.Now()
		if _, err := w.Do(t.Context(), at.Command{Text: "+CSQ", Timeout: time.Minute}); !errors.Is(err, at.ErrWriteStuck) || time.Since(start) > 5*second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

// A notice that comes during a command is also given to the command.
func TestUpstreamANoticeDuringACommand(t *testing.T) {
	answer := Line(`+CMTI: "ME",4`, "+CSQ: 20,99", "OK")
	theirs(t, []Step{Host("AT+CSQ\r\n"), answer}, func(t *testing.T, m *upstream.AT) {
		m.AddIndication("+CMTI:", func([]string) {})
		got, _ := m.Command("+CSQ")
		if len(got) != 2 {
			t.Errorf("got %q: it keeps them apart now", got)
		}
	})
	mine(t, []Step{Host("AT+CSQ\r"), answer}, func(t *testing.T, w *at.Wire) {
		equal(t, "answer", do(t, w, at.Command{Text: "+CSQ"}).Lines, "+CSQ: 20,99")
	})
}

// Some modems print the prompt after a bare CR.
func TestUpstreamAPromptWithoutLineFeed(t *testing.T) {
	theirs(t, []Step{Host("AT+CMGS=23\r"), Says("\r> "), Host("\x1b\r\n")}, func(t *testing.T, m *upstream.AT) {
		if _, err := m.SMSCommand("+CMGS=23", "00AB", upstream.WithTimeout(10*second)); !errors.Is(err, upstream.ErrDeadlineExceeded) {
			t.Errorf("got %v: it sees it now", err)
		}
	})
	mine(t, []Step{Host("AT+CMGS=23\r"), Says("\r> "), Host("00AB\x1a"), Line("+CMGS: 12", "OK")}, func(t *testing.T, w *at.Wire) {
		do(t, w, at.Command{Text: "+CMGS=23", Payload: "00AB"})
	})
}

// Huawei's refusal is no final result to the library.
func TestUpstreamARefusalInOtherWords(t *testing.T) {
	theirs(t, []Step{Host("AT^NDISDUP?\r\n"), Line("COMMAND NOT SUPPORT")}, func(t *testing.T, m *upstream.AT) {
		if _, err := m.Command("^NDISDUP?"); !errors.Is(err, upstream.ErrDeadlineExceeded) {
			t.Errorf("got %v: it knows it now", err)
		}
	})
	mine(t, []Step{Talk("AT^NDISDUP?", "COMMAND NOT SUPPORT")}, func(t *testing.T, w *at.Wire) {
		var r *at.Refusal
		if _, err := w.Do(t.Context(), at.Command{Text: "^NDISDUP?"}); !errors.As(err, &r) {
			t.Errorf("got %v", err)
		}
	})
}

// A line end in a command is a second command.
func TestUpstreamALineEndInACommand(t *testing.T) {
	theirs(t, []Step{Host("AT+CSQ\rAT+CMGD=1,4\r\n"), Line("OK")}, func(t *testing.T, m *upstream.AT) {
		if _, err := m.Command("+CSQ\rAT+CMGD=1,4"); err != nil {
			t.Errorf("got %v: it refuses now", err)
		}
	})
	mine(t, nil, func(t *testing.T, w *at.Wire) {
		if _, err := w.Do(t.Context(), at.Command{Text: "+CSQ\rAT+CMGD=1,4"}); !errors.Is(err, at.ErrText) {
			t.Errorf("got %v", err)
		}
	})
}

// A port with a read time-out gives nothing and no error now and then; after
// a hundred of them the library is closed. This is why no time-out is set.
func TestUpstreamReadsThatGiveNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := upstream.New(nothing{Play(t)})
		<-m.Closed()
	})
}

// nothing reads nothing.
type nothing struct{ io.ReadWriter }

func (nothing) Read([]byte) (int, error) { return 0, nil }

// Their trace stands below the lines and shows what was read as it came: the
// PIN too, and in pieces that no mask can find. So the Wire has its own.
func TestUpstreamATraceOfAPIN(t *testing.T) {
	echo := Says("AT+CPIN=\"47")
	rest := func(m *Modem) { After(time.Millisecond)(m); Says("11\"\r\r\nOK\r\n")(m) }
	t.Run("theirs", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var seen bytes.Buffer
			port := Play(t, Host("AT+CPIN=\"4711\"\r\n"), echo, rest)
			m := upstream.New(trace.New(port, trace.WithLogger(log.New(&seen, "", 0))))
			if _, err := m.Command(`+CPIN="4711"`); err != nil {
				t.Fatal(err)
			}
			port.Close()
			<-m.Closed()
			if got := seen.String(); !strings.Contains(got, "4711") || !strings.Contains(got, "r: 11\"") {
				t.Errorf("it shows %q: it hides now", got)
			}
		})
	})
	t.Run("ours", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var seen strings.Builder
			w := wire(t, at.Options{Trace: func(d at.Direction, line string) { fmt.Fprintln(&seen, d, line) }}, Host("AT+CPIN=\"4711\"\r"), echo, rest)
			do(t, w, at.Command{Text: `+CPIN="4711"`, Secret: true})
			if got := seen.String(); strings.Contains(got, "47") || strings.Contains(got, "11") {
				t.Errorf("the trace shows %q", got)
			}
		})
	})
}
