// Package attest plays a modem from a script, for tests of what speaks AT.
//
// A script is a list of steps that are taken in order. The test fails when the
// host writes what the script does not expect, when the script is not played
// to its end, and when the host writes after it. It works inside
// testing/synctest bubbles.
package attest

import (
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// Step is one line of a script.
type Step func(*Modem)

// Host waits for the host to write exactly these bytes.
func Host(want string) Step {
	return func(m *Modem) {
		if got := m.expect(len(want)); got != want {
			m.t.Errorf("step %d: the host wrote %q, expected %q", m.step, got, want)
		}
	}
}

// Says prints these bytes at once.
func Says(s string) Step { return func(m *Modem) { m.print([]byte(s)) } }

// Line prints lines as modems frame them, each between CR LF.
func Line(lines ...string) Step {
	return Says("\r\n" + strings.Join(lines, "\r\n\r\n") + "\r\n")
}

// After lets time pass.
func After(d time.Duration) Step {
	return func(m *Modem) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-m.gone:
		}
	}
}

// Hangup ends the port: the host reads the error, and writes fail.
func Hangup(err error) Step { return func(m *Modem) { m.hangup(err) } }

// Deaf makes the port take no more bytes: writes block until it is closed.
func Deaf() Step {
	return func(m *Modem) {
		m.mu.Lock()
		m.deaf = true
		m.mu.Unlock()
	}
}

// Do runs something between two steps.
func Do(f func()) Step { return func(*Modem) { f() } }

// Talk is the commonest pair: the host writes a command line, the modem
// answers with these lines.
func Talk(command string, answer ...string) Step {
	return func(m *Modem) {
		Host(command + "\r")(m)
		Line(answer...)(m)
	}
}

// Modem is the scripted end of a port. It is the host's io.ReadWriteCloser.
type Modem struct {
	t    testing.TB
	step int

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at every change
	toHost  []byte
	toModem []byte
	err     error // what the host reads when toHost is empty
	closed  bool  // by the host
	deaf    bool
	gone    chan struct{} // closed when either side is
	played  chan struct{}
}

// Play starts a script and returns the host's end of the port.
func Play(t testing.TB, steps ...Step) *Modem {
	m := &Modem{t: t, changed: make(chan struct{}), gone: make(chan struct{}), played: make(chan struct{})}
	go m.play(steps)
	t.Cleanup(m.finish)
	return m
}

func (m *Modem) play(steps []Step) {
	defer close(m.played)
	for i, s := range steps {
		m.step = i + 1
		s(m)
	}
	m.step = len(steps) + 1
}

// Played is closed when the script has come to its end.
func (m *Modem) Played() <-chan struct{} { return m.played }

// finish checks the silence after the script. The host must have closed the port.
func (m *Modem) finish() {
	m.hangup(io.EOF)
	<-m.played
	m.mu.Lock()
	defer m.mu.Unlock()
	if rest := string(m.toModem); rest != "" {
		m.t.Errorf("after the script: the host wrote %q, expected nothing", rest)
	}
}

// expect takes n bytes from the host, fewer if the port goes first.
func (m *Modem) expect(n int) string {
	for {
		m.mu.Lock()
		if len(m.toModem) >= n || m.err != nil || m.closed {
			n = min(n, len(m.toModem))
			got := string(m.toModem[:n])
			m.toModem = m.toModem[n:]
			m.mu.Unlock()
			return got
		}
		changed := m.changed
		m.mu.Unlock()
		<-changed
	}
}

func (m *Modem) print(b []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.toHost = append(m.toHost, b...)
	m.tell()
}

// tell wakes whoever waits; the lock is held.
func (m *Modem) tell() {
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *Modem) hangup(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err == nil && !m.closed {
		close(m.gone)
	}
	if m.err == nil {
		m.err = err
	}
	m.tell()
}

// Read is the host's.
func (m *Modem) Read(p []byte) (int, error) {
	for {
		m.mu.Lock()
		switch {
		case m.closed:
			m.mu.Unlock()
			return 0, io.ErrClosedPipe
		case len(m.toHost) > 0:
			n := copy(p, m.toHost)
			m.toHost = m.toHost[n:]
			m.mu.Unlock()
			return n, nil
		case m.err != nil:
			defer m.mu.Unlock()
			return 0, m.err
		}
		changed := m.changed
		m.mu.Unlock()
		<-changed
	}
}

// Write is the host's. It blocks only on a deaf port.
func (m *Modem) Write(p []byte) (int, error) {
	for {
		m.mu.Lock()
		switch {
		case m.closed || m.err != nil:
			m.mu.Unlock()
			return 0, io.ErrClosedPipe
		case !m.deaf:
			m.toModem = append(m.toModem, p...)
			m.tell()
			m.mu.Unlock()
			return len(p), nil
		}
		changed := m.changed
		m.mu.Unlock()
		<-changed
	}
}

// Close is the host's. It wakes a Read or Write that waits.
func (m *Modem) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.closed && m.err == nil {
		close(m.gone)
	}
	m.closed = true
	m.tell()
	return nil
}
