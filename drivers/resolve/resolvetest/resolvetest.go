// Package resolvetest is a name server on loopback that knows the records it
// is given and nothing else.
package resolvetest

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// Server answers for all names: those without records do not exist.
type Server struct {
	at string

	mu      sync.Mutex
	records []dns.RR
	refuses bool
	asked   map[string]int
}

// New serves records, one a line as in a zone file, until the test ends.
func New(t *testing.T, records string) *Server {
	t.Helper()
	s := &Server{asked: map[string]int{}}
	s.Know(t, records)
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.at = c.LocalAddr().String()
	up := make(chan struct{})
	server := &dns.Server{PacketConn: c, Handler: s, NotifyStartedFunc: func() { close(up) }}
	ended := make(chan error, 1)
	go func() { ended <- server.ActivateAndServe() }()
	<-up
	t.Cleanup(func() {
		server.Shutdown()
		if err := <-ended; err != nil {
			t.Errorf("the name server ended: %v", err)
		}
	})
	return s
}

// Know replaces the records.
func (s *Server) Know(t *testing.T, records string) {
	t.Helper()
	var all []dns.RR
	for line := range strings.Lines(records) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		rr, err := dns.NewRR(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, rr)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = all
}

// Refuse has it answer every question with SERVFAIL, or no longer.
func (s *Server) Refuse(is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuses = is
}

// Asked is how often it was asked for a name, of whatever type.
func (s *Server) Asked(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[dns.Fqdn(name)]
}

// Dial leads to it, whatever server is asked for.
func (s *Server) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "udp", s.at)
}

// ServeDNS answers one question.
func (s *Server) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	s.mu.Lock()
	a := s.answer(q)
	s.mu.Unlock()
	w.WriteMsg(a)
}

func (s *Server) answer(q *dns.Msg) *dns.Msg {
	a := new(dns.Msg).SetReply(q)
	a.RecursionAvailable = true
	name, kind := strings.ToLower(q.Question[0].Name), q.Question[0].Qtype
	s.asked[name]++
	if s.refuses {
		a.Rcode = dns.RcodeServerFailure
		return a
	}
	a.Rcode = dns.RcodeNameError
	for range 8 { // aliases of aliases
		next := ""
		for _, rr := range s.records {
			if strings.ToLower(rr.Header().Name) != name {
				continue
			}
			a.Rcode = dns.RcodeSuccess
			if alias, ok := rr.(*dns.CNAME); ok {
				next = strings.ToLower(alias.Target)
			}
			if rr.Header().Rrtype == kind || next != "" {
				a.Answer = append(a.Answer, rr)
			}
		}
		if next == "" {
			break
		}
		name = next
	}
	return a
}
