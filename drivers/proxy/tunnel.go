package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// tunnel is one connection through the proxy.
type tunnel struct {
	p            *Proxy
	user         string
	near, far    net.Conn
	sent, loaded atomic.Int64 // bytes from and to the browser
	why          atomic.Value // string: what ended it, if not its ends
	forget       func() bool  // ends the wait for Close
}

func (t *tunnel) end(why string) {
	t.why.CompareAndSwap(nil, why)
	t.near.Close()
	t.far.Close()
}

// room tells whether a user may have one more connection.
func (p *Proxy) room(user string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.used[user] < p.o.Limit && len(p.open[user]) < mostTunnels
}

// tunnel connects and moves bytes until one end, the limit, or Close ends it.
func (p *Proxy) tunnel(w http.ResponseWriter, r *http.Request, user, host string, to []netip.Addr) error {
	far, err := p.dial(r.Context(), to)
	if err != nil {
		return fmt.Errorf("connecting to %s: %w", host, err)
	}
	near, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		far.Close()
		return fmt.Errorf("taking the connection over: %w", err)
	}
	t := &tunnel{p: p, user: user, near: near, far: far}
	if !p.enter(t, host) {
		t.end("the proxy was closed")
		return nil
	}
	defer p.leave(t, host)
	early := make([]byte, buffered.Reader.Buffered()) // what the browser sent before it was told to
	buffered.Reader.Read(early)
	near.SetDeadline(time.Time{})
	if _, err := near.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		return nil // the browser has gone
	}
	if len(early) > 0 && (!p.count(user, len(early)) || write(far, early) != nil) {
		return nil
	}
	t.sent.Add(int64(len(early)))
	var both sync.WaitGroup
	both.Go(func() { t.move(t.far, t.near, &t.sent) })
	both.Go(func() { t.move(t.near, t.far, &t.loaded) })
	both.Wait()
	return nil
}

func write(to net.Conn, b []byte) error {
	_, err := to.Write(b)
	return err
}

// dial tries the addresses in turn.
func (p *Proxy) dial(ctx context.Context, to []netip.Addr) (conn net.Conn, err error) {
	ctx, cancel := context.WithTimeout(ctx, toConnect)
	defer cancel()
	for _, a := range to {
		if conn, err = p.o.Dial(ctx, "tcp", net.JoinHostPort(a.String(), onlyPort)); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// enter counts a tunnel in; false: the proxy was closed meanwhile.
func (p *Proxy) enter(t *tunnel, host string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server == nil {
		return false
	}
	if p.open[t.user] == nil {
		p.open[t.user] = map[*tunnel]string{}
	}
	p.open[t.user][t] = host
	p.work.Add(1)
	t.forget = context.AfterFunc(p.over, func() { t.end("the proxy was closed") })
	return true
}

func (p *Proxy) leave(t *tunnel, host string) {
	t.end("")
	t.forget()
	p.mu.Lock()
	delete(p.open[t.user], t)
	p.mu.Unlock()
	line := fmt.Sprintf("proxy: %s: %s: %d bytes sent, %d loaded", t.user, host, t.sent.Load(), t.loaded.Load())
	if why, _ := t.why.Load().(string); why != "" {
		line += "; " + why
	}
	p.o.Log(line)
	p.work.Done()
}

// move copies one way. Bytes in either direction keep both alive.
func (t *tunnel) move(to, from net.Conn, n *atomic.Int64) {
	b := make([]byte, 16<<10)
	for {
		patience := time.Now().Add(t.p.o.Idle)
		t.near.SetReadDeadline(patience)
		t.far.SetReadDeadline(patience)
		k, err := from.Read(b)
		if k > 0 && !t.p.count(t.user, k) {
			t.p.cutUser(t.user)
			return
		}
		n.Add(int64(k))
		if k > 0 && write(to, b[:k]) != nil {
			t.end("")
			return
		}
		switch e, timed := err.(net.Error); {
		case err == nil:
		case timed && e.Timeout():
			t.end("nothing moved in it")
			return
		case errors.Is(err, io.EOF):
			half(to)
			return
		default:
			t.end("")
			return
		}
	}
}

// half ends one direction as its other end did: politely, if it can.
func half(to net.Conn) {
	if c, ok := to.(interface{ CloseWrite() error }); ok {
		c.CloseWrite()
		return
	}
	to.Close()
}

// count adds bytes to a user's; false: they are used up.
func (p *Proxy) count(user string, n int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.used[user]+int64(n) > p.o.Limit {
		p.used[user] = p.o.Limit
		return false
	}
	p.used[user] += int64(n)
	return true
}

func (p *Proxy) cutUser(user string) {
	p.mu.Lock()
	var all []*tunnel
	for t := range p.open[user] {
		all = append(all, t)
	}
	p.mu.Unlock()
	for _, t := range all {
		t.end("the user's bytes are used up")
	}
}
