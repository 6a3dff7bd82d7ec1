package at_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/drivers/at"
	. "heliograph/drivers/at/attest"
)

// wire opens a wire on a script; it is closed with the test.
func wire(t *testing.T, o at.Options, steps ...Step) *at.Wire {
	t.Helper()
	w := at.New(Play(t, steps...), o)
	t.Cleanup(func() { w.Close() })
	return w
}

// heard collects what the consumer is told.
func heard(into *[]string) func(at.URC) {
	return func(u at.URC) { *into = append(*into, strings.TrimSpace(u.Line+" "+u.PDU)) }
}

func do(t *testing.T, w *at.Wire, c at.Command) at.Answer {
	t.Helper()
	a, err := w.Do(t.Context(), c)
	if err != nil {
		t.Fatalf("AT%s: %v", c.Text, err)
	}
	return a
}

func equal(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestACommandAndItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wire(t, at.Options{}, Talk("AT+CSQ", "+CSQ: 20,99", "OK"))
		equal(t, "+CSQ", do(t, w, at.Command{Text: "+CSQ"}).Lines, "+CSQ: 20,99")
	})
}

func TestATextGoesOutAfterThePromptWhateverItsShape(t *testing.T) {
	for name, prompt := range map[string]Step{
		"as the book says": Says("\r\n> "),
		"SIM7670G":         Says("\r\n>\r\n"),
		"a late space":     func(m *Modem) { Says("\r\n>")(m); After(300 * time.Millisecond)(m); Says(" ")(m) },
		"no line feed":     Says("\r> "),
		"glued to an echo": Says("AT+CMGS=23\r\r\n> "),
		"echo, bare CR":    Says("AT+CMGS=23\r> "),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := wire(t, at.Options{}, Host("AT+CMGS=23\r"), prompt, Host("00AB\x1a"), Line("+CMGS: 12", "OK"))
				a := do(t, w, at.Command{Text: "+CMGS=23", Payload: "00AB", Timeout: 180 * time.Second})
				equal(t, "answer", a.Lines, "+CMGS: 12")
				if !a.Sent {
					t.Error("the payload went out, but the answer does not say so")
				}
			})
		})
	}
}

func TestNothingIsWrittenWhenNoPromptComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wire(t, at.Options{}, Host("AT+CMGS=23\r"),
			Host("\x1b\rAT\r"), Line("OK"), Talk("AT+CGSN", "861234567890123", "OK"))
		start := time.Now()
		a, err := w.Do(t.Context(), at.Command{Text: "+CMGS=23", Payload: "00AB", Timeout: 180 * time.Second})
		if !errors.Is(err, at.ErrTimeout) || a.Sent || time.Since(start) != 10*time.Second {
			t.Errorf("got %v, sent %v, after %v; want a time-out after 10 s with nothing sent", err, a.Sent, time.Since(start))
		}
		time.Sleep(5 * time.Second)
	})
}

func TestALostPortAnswersEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wire(t, at.Options{}, Host("AT+CMGS=23\r"), Says("\r\n> "), Host("00AB\x1a"), Hangup(io.EOF))
		next := make(chan error, 1)
		go func() {
			time.Sleep(time.Millisecond)
			_, err := w.Do(context.Background(), at.Command{Text: "+CSQ"})
			next <- err
		}()
		a, err := w.Do(t.Context(), at.Command{Text: "+CMGS=23", Payload: "00AB"})
		if !errors.Is(err, at.ErrClosed) || !errors.Is(err, io.EOF) || !a.Sent {
			t.Errorf("got %v, sent %v; want a closed wire and the payload out", err, a.Sent)
		}
		if err := <-next; !errors.Is(err, at.ErrClosed) {
			t.Errorf("the one behind it got %v", err)
		}
	})
}
