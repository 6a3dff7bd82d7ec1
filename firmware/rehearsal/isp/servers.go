package isp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"
)

// answer is the address that every name of the rehearsal has (RFC 5737).
const answer = "198.51.100.80"

// service is one server of the world: it speaks on a TCP listener and, for
// dns, on a UDP socket of the same address.
type service struct {
	target Target
	names  []string              // dns: that exist; none is all
	known  map[string]netip.Addr // dns: names with an address of their own
	take   func(net.Listener)    // tcp: who speaks there; nil: nobody says a word
	late   atomic.Bool           // answers in words come two times the fibre's extra late
	stop   []func() error
}

// serve starts answering. A dns target has one or both, all others a listener.
func (s *service) serve(l net.Listener, packets net.PacketConn) {
	switch s.target.Kind {
	case "http":
		web := &http.Server{Handler: http.HandlerFunc(s.page), ReadHeaderTimeout: time.Minute}
		s.stop = append(s.stop, func() error { return leave(l) }, web.Close) // web may not know the listener yet
		go func() { _ = web.Serve(l) }()
	case "dns":
		if l != nil {
			s.resolve(&dns.Server{Listener: l})
		}
		if packets != nil {
			s.resolve(&dns.Server{PacketConn: packets})
		}
	default:
		s.stop = append(s.stop, func() error { return leave(l) })
		if s.take == nil {
			s.take = greet
		}
		go s.take(l)
	}
}

// close also closes sockets that the servers were given.
func (s *service) close() {
	for _, stop := range s.stop {
		_ = stop()
	}
	s.stop = nil
}

// leave has a listener take no more calls. To close it is not enough: a child
// that this process has just begun to start has copies of all files until it
// runs its own program, and callers would be sent to such a copy.
func leave(l net.Listener) error {
	raw, err := l.(syscall.Conn).SyscallConn()
	if err != nil {
		return err
	}
	var shut error
	err = raw.Control(func(fd uintptr) { shut = unix.Shutdown(int(fd), unix.SHUT_RDWR) })
	return errors.Join(err, shut, l.Close())
}

func (s *service) page(w http.ResponseWriter, r *http.Request) {
	if !s.linger(r.Context()) {
		return
	}
	status := s.target.Status
	if status == 0 {
		status = http.StatusOK
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = fmt.Fprintln(w, http.StatusText(status))
	}
}

// linger waits as long as a slow fibre would, both ways.
func (s *service) linger(ctx context.Context) bool {
	if !s.late.Load() {
		return true
	}
	wait := time.NewTimer(2 * extra)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wait.C:
		return true
	}
}

// resolve answers names. The socket is closed rather than the server shut
// down, which waits for questions that are being answered.
func (s *service) resolve(server *dns.Server) {
	server.Handler = dns.HandlerFunc(s.name)
	if server.Listener != nil {
		s.stop = append(s.stop, func() error { return leave(server.Listener) })
	} else {
		s.stop = append(s.stop, server.PacketConn.Close)
	}
	go func() { _ = server.ActivateAndServe() }()
}

func (s *service) name(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	m.Authoritative = true
	for _, asked := range q.Question {
		switch {
		case !s.knows(asked.Name):
			m.Rcode = dns.RcodeNameError
		case asked.Qtype == dns.TypeA:
			m.Answer = append(m.Answer, &dns.A{
				Hdr: dns.RR_Header{Name: asked.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 1},
				A:   s.address(asked.Name),
			})
		}
	}
	if s.linger(context.Background()) {
		_ = w.WriteMsg(m)
	}
}

func (s *service) address(name string) net.IP {
	if own, ok := s.known[strings.TrimSuffix(strings.ToLower(name), ".")]; ok {
		return own.AsSlice()
	}
	return net.ParseIP(answer)
}

func (s *service) knows(name string) bool {
	for _, known := range s.names {
		if strings.EqualFold(dns.Fqdn(known), name) {
			return true
		}
	}
	return len(s.names) == 0
}

// greet takes every call and hangs up when the caller does.
func greet(l net.Listener) {
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // a caller that has gone
		}
		go func() {
			_ = c.SetDeadline(time.Now().Add(time.Minute))
			_, _ = io.Copy(io.Discard, c)
			c.Close()
		}()
	}
}

// hear opens what a target of this kind is served on.
func hear(kind string, at netip.AddrPort) (net.Listener, net.PacketConn, error) {
	var setup net.ListenConfig
	l, err := setup.Listen(context.Background(), "tcp", at.String())
	if err != nil || kind != "dns" {
		return l, nil, err
	}
	p, err := setup.ListenPacket(context.Background(), "udp", at.String())
	if err != nil {
		l.Close()
		return nil, nil, err
	}
	return l, p, nil
}

// services makes one server for each address among the targets; where several
// kinds want the same one, http speaks for tcp. ICMP is the kernel's.
func services(targets []Target) ([]*service, error) {
	at := map[netip.AddrPort]*service{}
	var list []*service
	for _, t := range targets {
		if t.Kind == "icmp" {
			continue
		}
		s := at[t.Addr]
		if s == nil {
			s = &service{target: t}
			at[t.Addr], list = s, append(list, s)
		}
		if s.target.Kind == "tcp" {
			s.target = t
		}
		if t.Kind != "tcp" && t.Kind != s.target.Kind {
			return nil, fmt.Errorf("%s and %s: one address cannot speak both", s.target, t)
		}
		if t.Name != "" {
			s.names = append(s.names, t.Name)
		}
	}
	return list, nil
}
