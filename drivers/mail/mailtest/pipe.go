package mailtest

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// queue is where connections wait to be accepted.
type queue struct {
	waiting chan net.Conn
	over    chan struct{}
	once    sync.Once
}

func newQueue() *queue { return &queue{waiting: make(chan net.Conn), over: make(chan struct{})} }

func (q *queue) Close() error {
	q.once.Do(func() { close(q.over) })
	return nil
}

func (q *queue) give(c net.Conn) {
	select {
	case q.waiting <- c:
	case <-q.over:
		c.Close()
	}
}

func (q *queue) dial(ctx context.Context) (net.Conn, error) {
	here, there := pipe()
	select {
	case q.waiting <- there:
		return here, nil
	case <-q.over:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", os.ErrClosed)}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// listener hands out what waits in a queue, wrapped.
type listener struct {
	*queue
	wrap func(net.Conn) net.Conn
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		select {
		case c := <-l.waiting:
			if c = l.wrap(c); c != nil {
				return c, nil
			}
		case <-l.over:
			return nil, net.ErrClosed
		}
	}
}

func (l *listener) Addr() net.Addr { return end("mailtest") }

// end is one end of a pipe in memory: as a socket has, with a buffer, so that
// both ends may write at once, and with deadlines that a bubble's clock moves.
type end string

func (e end) Network() string { return "memory" }
func (e end) String() string  { return string(e) }

// half carries bytes one way.
type half struct {
	mu     sync.Mutex
	news   *sync.Cond
	buf    []byte
	closed bool
	late   bool
	timer  *time.Timer
}

func newHalf() *half {
	h := &half{}
	h.news = sync.NewCond(&h.mu)
	return h
}

func (h *half) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.late:
			return 0, os.ErrDeadlineExceeded
		case len(h.buf) > 0:
			n := copy(p, h.buf)
			h.buf = h.buf[n:]
			return n, nil
		case h.closed:
			return 0, io.EOF
		}
		h.news.Wait()
	}
}

func (h *half) write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return 0, io.ErrClosedPipe
	}
	h.buf = append(h.buf, p...)
	h.news.Broadcast()
	return len(p), nil
}

func (h *half) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.timer != nil {
		h.timer.Stop()
	}
	h.closed = true
	h.news.Broadcast()
}

func (h *half) deadline(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.timer != nil {
		h.timer.Stop()
	}
	h.late = false
	if at.IsZero() || h.closed {
		return
	}
	h.timer = time.AfterFunc(time.Until(at), func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if !time.Now().Before(at) { // else a later deadline took its place
			h.late = true
			h.news.Broadcast()
		}
	})
}

type memory struct{ in, out *half }

func pipe() (net.Conn, net.Conn) {
	a, b := newHalf(), newHalf()
	return memory{a, b}, memory{b, a}
}

func (m memory) Read(p []byte) (int, error)  { return m.in.read(p) }
func (m memory) Write(p []byte) (int, error) { return m.out.write(p) }
func (m memory) Close() error {
	m.out.close()
	m.in.close()
	return nil
}
func (m memory) LocalAddr() net.Addr                { return end("here") }
func (m memory) RemoteAddr() net.Addr               { return end("there") }
func (m memory) SetReadDeadline(at time.Time) error { m.in.deadline(at); return nil }
func (m memory) SetWriteDeadline(time.Time) error   { return nil } // a write never waits
func (m memory) SetDeadline(at time.Time) error     { return m.SetReadDeadline(at) }
