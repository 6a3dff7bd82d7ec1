package attest

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// listener is a test that only notes what went wrong.
type listener struct {
	testing.TB
	said  []string
	after []func()
}

func (l *listener) Errorf(f string, a ...any) { l.said = append(l.said, fmt.Sprintf(f, a...)) }
func (l *listener) Cleanup(f func())          { l.after = append(l.after, f) }

// play runs a script against a host and says what the test would say.
func play(host func(io.ReadWriteCloser), steps ...Step) string {
	l := &listener{}
	host(Play(l, steps...))
	for _, f := range l.after {
		f()
	}
	return strings.Join(l.said, "; ")
}

func TestAScriptChecksBothWordsAndSilence(t *testing.T) {
	write := func(s string) func(io.ReadWriteCloser) {
		return func(p io.ReadWriteCloser) { io.WriteString(p, s) }
	}
	for _, c := range []struct {
		what  string
		host  func(io.ReadWriteCloser)
		steps []Step
		want  string
	}{
		{"as expected", write("AT\r"), []Step{Talk("AT", "OK")}, ""},
		{"another command", write("AX\r"), []Step{Talk("AT", "OK")}, `step 1: the host wrote "AX\r", expected "AT\r"`},
		{"a script that is not played out", write("AT\r"), []Step{Talk("AT", "OK"), Talk("ATI", "OK")}, `step 2: the host wrote "", expected "ATI\r"`},
		{"a word too many", write("AT\rAT\r"), []Step{Talk("AT", "OK")}, `after the script: the host wrote "AT\r", expected nothing`},
	} {
		if got := play(c.host, c.steps...); got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, got, c.want)
		}
	}
}

func TestAHangUpComesAfterWhatWasSaid(t *testing.T) {
	said := play(func(p io.ReadWriteCloser) {
		got, err := io.ReadAll(p)
		if string(got) != "\r\nOK\r\n" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
		if _, err := io.WriteString(p, "AT\r"); err == nil {
			t.Error("a port that hung up took a command")
		}
	}, Line("OK"), Hangup(io.EOF))
	if said != "" {
		t.Error(said)
	}
}
