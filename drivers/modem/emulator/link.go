package emulator

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// link is the way to the host: a pipe or a tty.
type link interface {
	send(b []byte) (dropped int) // never blocks; what does not fit is dropped
	consumed(n int)              // the modem has looked at n bytes from the host
	stall(on bool)               // writes block at once
	drop(err error)              // the host's reads and writes fail from now on
}

// outputLimit bounds what waits for a host that does not read.
const outputLimit = 256 << 10

// Open opens the port over the in-memory pipe, as a driver opens a tty. It
// fails while the port has vanished, and while another end is open.
func (m *Modem) Open() (io.ReadWriteCloser, error) {
	var p *pipe
	var err error
	m.loop.do(func() { p, err = m.plugPipe() })
	if err != nil {
		return nil, fmt.Errorf("open the emulated port: %w", err)
	}
	return p, nil
}

// Pipe is Open for those who know that the port is there: if it is not, every
// Read and Write of what comes back fails.
func (m *Modem) Pipe() io.ReadWriteCloser {
	c, err := m.Open()
	if err != nil {
		p := newPipe(m)
		p.drop(err)
		return p
	}
	return c
}

// OpenSecond opens the modem's other AT port over the in-memory pipe. It has a
// line of its own and shares everything else; unsolicited result codes come on
// the first port, unless URCPorts says otherwise.
func (m *Modem) OpenSecond() (io.ReadWriteCloser, error) {
	var p *pipe
	var err error
	m.loop.do(func() { m.on(m.ports[1], func() { p, err = m.plugPipe() }) })
	if err != nil {
		return nil, fmt.Errorf("open the second emulated port: %w", err)
	}
	return p, nil
}

// URCPorts chooses the AT ports that hear unsolicited result codes.
func (m *Modem) URCPorts(first, second bool) {
	m.loop.do(func() { m.urcPorts = [2]bool{first, second} })
}

func (m *Modem) plugPipe() (*pipe, error) {
	if m.gone {
		return nil, os.ErrNotExist
	}
	if m.refusal != nil {
		return nil, m.refusal
	}
	if m.link != nil {
		return nil, syscall.EBUSY
	}
	p := newPipe(m)
	p.stalled = m.wire.stalled
	m.link = p
	return p, nil
}

// unplug ends the host's end.
func (m *Modem) unplug() {
	for _, p := range m.ports {
		if p.link != nil {
			p.link.drop(syscall.EIO)
			p.link = nil
		}
		p.wire.out = nil
	}
}

// Ends of a port that is gone without an error to tell.
var (
	errZero   = errors.New("emulated port: reads give nothing")
	errSilent = errors.New("emulated port: reads block")
)

// errClosed is what a closed end answers.
var errClosed = fmt.Errorf("emulated port: %w", os.ErrClosed)

// pipe is the host's end of the in-memory link. Every burst of the modem comes
// as a read of its own, and both directions are buffered, so that both sides
// may write at once.
type pipe struct {
	m *Modem

	mu      sync.Mutex
	cond    *sync.Cond
	out     [][]byte // bursts for the host
	size    int
	unread  int // bytes from the host that the modem has not looked at
	stalled bool
	err     error
}

func newPipe(m *Modem) *pipe {
	p := &pipe{m: m}
	p.cond = sync.NewCond(&p.mu)
	return p
}

// Read gives what the modem said, at most one burst at a time. After the port
// vanished it first gives nothing of what was left, as a tty does, but an error.
func (p *pipe) Read(b []byte) (int, error) {
	n, err := p.read(b)
	if err == errZero {
		time.Sleep(10 * time.Millisecond)
		return 0, nil
	}
	return n, err
}

func (p *pipe) read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.out) == 0 && (p.err == nil || p.err == errSilent) && len(b) > 0 {
		p.cond.Wait()
	}
	if p.err != nil || len(b) == 0 {
		return 0, p.err
	}
	n := copy(b, p.out[0])
	if p.out[0] = p.out[0][n:]; len(p.out[0]) == 0 {
		p.out = p.out[1:]
	}
	p.size -= n
	return n, nil
}

// Write hands bytes to the modem. It blocks while the modem's buffer is full.
func (p *pipe) Write(b []byte) (int, error) {
	written := 0
	for len(b) > 0 {
		n, err := p.room(len(b))
		if err != nil {
			return written, err
		}
		piece := append([]byte(nil), b[:n]...)
		p.m.loop.post(func() { p.m.receive(p, piece) })
		written, b = written+n, b[n:]
	}
	return written, nil
}

// room waits until some of n bytes fit and reserves them.
func (p *pipe) room(n int) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.err == nil && (p.stalled || p.unread >= inputLimit) {
		p.cond.Wait()
	}
	if p.err == errZero || p.err == errSilent {
		return n, nil // into the void
	}
	if p.err != nil {
		return 0, p.err
	}
	n = min(n, inputLimit-p.unread)
	p.unread += n
	return n, nil
}

// Close closes the host's end. The modem keeps its state, an open prompt included.
func (p *pipe) Close() error {
	p.drop(errClosed)
	p.m.loop.do(func() {
		p.m.terminalGone(p)
		for _, own := range p.m.ports {
			if own.link == link(p) {
				own.link = nil
			}
		}
	})
	return nil
}

func (p *pipe) send(b []byte) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil || p.size+len(b) > outputLimit {
		return len(b)
	}
	p.out = append(p.out, b)
	p.size += len(b)
	p.cond.Broadcast()
	return 0
}

func (p *pipe) consumed(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unread = max(0, p.unread-n) // some may have come from an earlier host
	p.cond.Broadcast()
}

func (p *pipe) stall(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stalled = on
	p.cond.Broadcast()
}

func (p *pipe) drop(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil || errors.Is(err, os.ErrClosed) {
		p.err, p.out, p.size = err, nil, 0
	}
	p.cond.Broadcast()
}
