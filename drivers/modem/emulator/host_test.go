package emulator

import (
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// host is a terminal on the modem's port: what it hears is kept, and tests ask
// for it once everything has settled.
type host struct {
	t    *testing.T
	port io.ReadWriteCloser

	mu    sync.Mutex
	heard strings.Builder
	err   error
	reads []int // the size of each read
	ended chan struct{}
}

func attachHost(t *testing.T, port io.ReadWriteCloser) *host {
	h := &host{t: t, port: port, ended: make(chan struct{})}
	go h.listen()
	return h
}

func (h *host) listen() {
	defer close(h.ended)
	b := make([]byte, 4096)
	for {
		n, err := h.port.Read(b)
		h.mu.Lock()
		h.heard.Write(b[:n])
		h.reads = append(h.reads, n)
		h.err = err
		h.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// write sends bytes as they are.
func (h *host) write(s string) {
	h.t.Helper()
	if _, err := io.WriteString(h.port, s); err != nil {
		h.t.Fatalf("write %q: %v", s, err)
	}
}

// take gives what was heard since the last take, once nothing moves any more.
func (h *host) take() string {
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.heard.String()
	h.heard.Reset()
	return s
}

// says sends a line and wants exactly this answer at once.
func (h *host) says(line, want string) {
	h.t.Helper()
	h.write(line + "\r")
	h.hears(want)
}

// hears wants exactly this since the last look.
func (h *host) hears(want string) {
	h.t.Helper()
	if got := h.take(); got != want {
		h.t.Fatalf("heard %q, want %q", got, want)
	}
}

// ok sends a line and wants OK and nothing else.
func (h *host) ok(line string) {
	h.t.Helper()
	h.says(line, "\r\nOK\r\n")
}

// asks sends a line and wants these information lines and OK.
func (h *host) asks(line string, want ...string) {
	h.t.Helper()
	h.says(line, "\r\n"+strings.Join(want, "\r\n")+"\r\n\r\nOK\r\n")
}

// after lets time pass and then wants exactly this.
func (h *host) after(d time.Duration, want string) {
	h.t.Helper()
	time.Sleep(d)
	h.hears(want)
}

const (
	ours = "+48600100200"
	ada  = "+48501200777"
	bob  = "+48501200888"
)

// bench is a modem with a host on its port, in a bubble.
type bench struct {
	*host
	net   *Network
	modem *Modem
}

// story runs a test on a bench in a bubble. The modem is set up as a driver
// would (no echo, numeric errors, PDU mode), unless the SIM is not ready for it.
func story(t *testing.T, o Options, f func(b *bench)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, o)
		if o.PIN == "" && !o.NoSIM && o.SlowBoot == 0 {
			b.write("ATE0\r")
			b.hears("ATE0\r\r\nOK\r\n")
			b.ok("AT+CMEE=1")
			b.ok("AT+CMGF=0")
		}
		f(b)
	})
}

func newBench(t *testing.T, o Options) *bench {
	t.Helper()
	b := &bench{net: NewNetwork()}
	o.Network, o.Number = b.net, ours
	m, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	b.modem = m
	b.host = attachHost(t, m.Pipe())
	t.Cleanup(func() { // every goroutine must end, or the bubble fails the test
		m.Close()
		b.net.Close()
		<-b.ended
	})
	return b
}
