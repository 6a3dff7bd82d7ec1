package mailtest

import (
	"bytes"
	"crypto/tls"
	"net"
	"strings"
	"sync"
	"time"
)

// line is the server's end of a connection: it counts, listens, and is faulty.
type line struct {
	net.Conn
	s    *Server
	drip time.Duration
	gone chan struct{}
	once sync.Once
}

func (l *line) Close() error {
	l.once.Do(func() { close(l.gone) })
	return l.Conn.Close()
}

func (s *Server) listener(q *queue, config *tls.Config, implicit bool) net.Listener {
	return &listener{queue: q, wrap: func(c net.Conn) net.Conn { return s.answer(c, config, implicit) }}
}

// answer takes a call, or makes an end of it.
func (s *Server) answer(c net.Conn, config *tls.Config, implicit bool) net.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	switch {
	case s.f.Silent:
		return nil // whoever called keeps its end, and hears nothing
	case s.f.Banner != "":
		go hangUp(c, s.f.Banner, implicit)
		return nil
	}
	var l net.Conn = &line{Conn: c, s: s, drip: s.f.Drip, gone: make(chan struct{})}
	if implicit {
		l = &inside{Conn: tls.Server(l, config), s: s}
	}
	return l
}

// hangUp says one thing: a server in the clear first, one within TLS when it
// has heard something.
func hangUp(c net.Conn, said string, implicit bool) {
	if implicit {
		c.Read(make([]byte, 4096)) // whatever it is
	}
	c.Write([]byte(said + "\r\n"))
	c.Close()
}

func (l *line) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.s.in += int64(n)
	l.s.heard.Write(p[:n])
	return n, err
}

func (l *line) Write(p []byte) (int, error) {
	if l.drip > 0 {
		for i := range p {
			if _, err := l.Conn.Write(p[i : i+1]); err != nil {
				return i, err
			}
			select {
			case <-time.After(l.drip):
			case <-l.gone:
			}
		}
		return len(p), nil
	}
	n, err := l.Conn.Write(p)
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.s.out += int64(n)
	return n, err
}

// inside is what the server says within TLS.
type inside struct {
	net.Conn
	s *Server
}

// Write keeps back what is not offered, and hangs up where it is to.
func (l *inside) Write(p []byte) (int, error) {
	said := p
	if l.s.o.Single {
		said = bytes.Replace(p, []byte("250-PIPELINING\r\n"), nil, 1)
	}
	if _, err := l.Conn.Write(said); err != nil {
		return 0, err
	}
	if strings.Contains(string(p), "OK queued as") && l.s.counted(func(f *Faults) *int { return &f.HangUp }) {
		l.Conn.Close()
	}
	return len(p), nil
}
