package screen

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// TestRunOnATerminal starts the screen on a real one, cuts a fibre, quits, and
// finds the terminal as it was.
func TestRunOnATerminal(t *testing.T) {
	for _, end := range []string{"q", "ctrl+c", "context", "panic"} {
		t.Run(end, func(t *testing.T) { runOnATerminal(t, end) })
	}
}

func runOnATerminal(t *testing.T, end string) {
	far, near := terminal(t)
	before := stateOf(t, near)
	seen := newListener(far)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	forever := make(chan struct{})
	defer close(forever)
	w := &fakeWorld{view: severed(), do: func(a Act) (string, error) {
		if a.Verb == Kill {
			<-forever
		}
		return "done", nil
	}}
	var cast tape
	over := make(chan error, 1)
	go func() {
		over <- Run(ctx, w, near, near, Options{Cast: &cast, Title: "on a terminal"})
		close(over)
	}()
	defer func() { // a test that fails leaves no screen behind either
		cancel()
		for range over {
		}
	}()

	seen.wait(t, "\x1b[?1049h") // the alternate screen
	seen.wait(t, "transit-a")
	write(t, far, "c")
	seen.wait(t, "done")
	switch end {
	case "q": // while an act does not end
		write(t, far, "k")
		seen.wait(t, "…")
		seen.wait(t, "kill")
		write(t, far, "q")
	case "context":
		cancel()
	case "ctrl+c":
		write(t, far, "\x03")
	case "panic":
		cast.broken.Store(true)
		write(t, far, "?")
	}
	if err := <-over; (err != nil) != (end == "panic") || err != nil && !strings.HasPrefix(err.Error(), "the screen broke: the tape is torn") {
		t.Errorf("Run ended with %v", err)
	}
	seen.wait(t, "\x1b[?1049l")
	if after := stateOf(t, near); *before != *after {
		t.Errorf("the terminal was %+v and is %+v", before, after)
	}
	judge(t, w, &cast)
}

// judge looks at what was done and recorded.
func judge(t *testing.T, w *fakeWorld, cast *tape) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.acts) == 0 || w.acts[0].Verb != Cut {
		t.Errorf("the world was asked for %+v", w.acts)
	}
	if header, times, _, _ := replay(t, cast.Bytes()); header.Width != 80 || header.Height != 24 || len(times) < 2 {
		t.Errorf("the recording of %d events is headed %+v", len(times), header)
	}
}

// terminal is a real one of 80x24: where the person sits, and where the program is.
func terminal(t *testing.T) (far, near *os.File) {
	far, near, err := pty.Open()
	if err != nil {
		t.Skip("needs a pseudo-terminal: ", err)
	}
	t.Cleanup(func() {
		near.Close()
		far.Close()
	})
	if err := pty.Setsize(near, &pty.Winsize{Cols: 80, Rows: 24}); err != nil {
		t.Fatal(err)
	}
	return far, near
}

func stateOf(t *testing.T, tty *os.File) *term.State {
	t.Helper()
	state, err := term.GetState(tty.Fd())
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func write(t *testing.T, to *os.File, keys string) {
	t.Helper()
	if _, err := to.WriteString(keys); err != nil {
		t.Fatal(err)
	}
}

// tape is a recording that can be made to break the loop of the screen.
type tape struct {
	bytes.Buffer
	broken atomic.Bool
}

func (c *tape) Write(p []byte) (int, error) {
	if c.broken.Load() {
		panic("the tape is torn")
	}
	return c.Buffer.Write(p)
}

// listener is the person at the terminal.
type listener struct {
	chunks chan string
	heard  string
}

func newListener(from *os.File) *listener {
	l := &listener{chunks: make(chan string, 1024)}
	go func() {
		defer close(l.chunks)
		buf := make([]byte, 4096)
		for {
			n, err := from.Read(buf)
			if n > 0 {
				l.chunks <- string(buf[:n])
			}
			if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
				return
			}
		}
	}()
	return l
}

// wait reads on until words have come, and leaves what is behind them.
func (l *listener) wait(t *testing.T, words string) {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		if _, behind, found := strings.Cut(l.heard, words); found {
			l.heard = behind
			return
		}
		select {
		case chunk, open := <-l.chunks:
			if !open {
				t.Fatalf("the terminal closed before %q came", words)
			}
			l.heard += chunk
		case <-late:
			t.Fatalf("%q did not come; what did: %q", words, l.heard)
		}
	}
}
