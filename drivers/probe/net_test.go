package probe_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"heliograph/drivers/probe"
)

// try runs a check that is meant to get its answer.
func try(t *testing.T, c probe.Check) probe.Result {
	t.Helper()
	return c.Run(t.Context())
}

// briefly runs a check that is meant to run out of time.
func briefly(t *testing.T, c probe.Check) probe.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
	defer cancel()
	return c.Run(ctx)
}

func wantPass(t *testing.T, r probe.Result, seen string) {
	t.Helper()
	if !r.OK || r.Fault != 0 || r.RTT <= 0 || r.Seen != seen {
		t.Errorf("%+v, wanted a pass that saw %q", r, seen)
	}
}

func wantFault(t *testing.T, r probe.Result, f probe.Fault, seen string) {
	t.Helper()
	if r.OK || r.Fault != f || !strings.HasPrefix(r.Seen, seen) || r.RTT != 0 {
		t.Errorf("%+v, wanted the fault %s that saw %q", r, f, seen)
	}
}

var lo = probe.Binding{Interface: "lo"}

// closed is a loopback port on which nobody listens.
func closed(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestTCP(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	open := l.Addr().String()
	wantPass(t, try(t, probe.TCP(open, probe.Binding{})), "connected")
	wantPass(t, try(t, probe.TCP(open, lo)), "connected")
	wantPass(t, try(t, probe.TCP(open, probe.Binding{Source: netip.MustParseAddr("127.0.0.9")})), "connected")
	wantFault(t, try(t, probe.TCP(closed(t), lo)), probe.Answer, "connection refused")
	wantFault(t, try(t, probe.TCP(open, probe.Binding{Interface: "nosuch0"})), probe.Local, "interface nosuch0 does not exist")
	wantFault(t, try(t, probe.TCP(open, probe.Binding{Source: netip.MustParseAddr("203.0.113.77")})), probe.Local, "address 203.0.113.77 is not on this box")
	wantFault(t, try(t, probe.TCP(open, probe.Binding{Source: netip.MustParseAddr("::1")})), probe.Local, "")
}

func TestASourceIsReallyBoundTo(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	wantPass(t, try(t, probe.TCP(l.Addr().String(), probe.Binding{Source: netip.MustParseAddr("127.0.0.9")})), "connected")
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if from := c.RemoteAddr().(*net.TCPAddr).IP.String(); from != "127.0.0.9" {
		t.Errorf("came from %s", from)
	}
}

func TestAStoppedCheckIsNotTheTargetsFault(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, target := range []string{closed(t), "gw.invalid:80"} {
		wantFault(t, probe.TCP(target, lo).Run(ctx), probe.Local, "stopped")
	}
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	never := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "all systems go") })
	mux.HandleFunc("/ill", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) })
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok", http.StatusFound) })
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) { <-never })
	mux.HandleFunc("/cut", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	s := httptest.NewServer(mux)
	defer s.Close()
	defer close(never)

	wantPass(t, try(t, probe.HTTP(s.URL+"/ok", 0, "", lo)), "HTTP 200")
	wantPass(t, try(t, probe.HTTP(s.URL+"/ok", 200, "systems go", lo)), "HTTP 200")
	wantPass(t, try(t, probe.HTTP(s.URL+"/moved", 302, "", lo)), "HTTP 302")
	wantFault(t, try(t, probe.HTTP(s.URL+"/moved", 200, "", lo)), probe.Answer, "HTTP 302, wanted 200")
	wantFault(t, try(t, probe.HTTP(s.URL+"/ill", 200, "", lo)), probe.Answer, "HTTP 503, wanted 200")
	wantFault(t, try(t, probe.HTTP(s.URL+"/ok", 200, "maintenance", lo)), probe.Answer, `HTTP 200 without the text "maintenance"`)
	wantFault(t, briefly(t, probe.HTTP(s.URL+"/slow", 200, "", lo)), probe.Silence, "no answer in ")
	wantFault(t, try(t, probe.HTTP(s.URL+"/cut", 200, "", lo)), probe.Answer, "closed without an answer")
	wantFault(t, try(t, probe.HTTP("http://"+closed(t), 200, "", lo)), probe.Answer, "connection refused")
}

func TestACertificateThatNobodyVouchesForIsRefused(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = quiet
	s.StartTLS()
	defer s.Close()
	wantFault(t, try(t, probe.HTTP(s.URL, 200, "", lo)), probe.Answer, "certificate refused")
}

// nameServer answers on loopback, by UDP and TCP on one port.
func nameServer(t *testing.T, answer dns.HandlerFunc) string {
	t.Helper()
	for range 20 { // the UDP port is free; that of TCP may not be
		p, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp", p.LocalAddr().String())
		if err != nil {
			p.Close()
			continue
		}
		for _, s := range []*dns.Server{{PacketConn: p, Handler: answer}, {Listener: l, Handler: answer}} {
			go s.ActivateAndServe()
		}
		t.Cleanup(func() { p.Close(); l.Close() })
		return p.LocalAddr().String()
	}
	t.Fatal("found no port free for both UDP and TCP")
	return ""
}

func record(t *testing.T, text string) dns.RR {
	t.Helper()
	rr, err := dns.NewRR(text)
	if err != nil {
		t.Fatal(err)
	}
	return rr
}

func TestDNS(t *testing.T) {
	t.Parallel()
	server := nameServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		switch name := q.Question[0]; {
		case name.Name == "good.example." && name.Qtype == dns.TypeA:
			m.Answer = []dns.RR{record(t, "good.example. 60 IN A 192.0.2.80")}
		case name.Name == "six.example." && name.Qtype == dns.TypeAAAA:
			m.Answer = []dns.RR{record(t, "six.example. 60 IN AAAA 2001:db8::80")}
		case name.Name == "large.example." && w.RemoteAddr().Network() == "udp":
			m.Truncated = true
		case name.Name == "large.example.":
			m.Answer = []dns.RR{record(t, "large.example. 60 IN A 192.0.2.81"), record(t, "large.example. 60 IN A 192.0.2.82")}
		case name.Name == "ill.example.":
			m.Rcode = dns.RcodeServerFailure
		case name.Name == "gone.example.":
			m.Rcode = dns.RcodeNameError
		}
		_ = w.WriteMsg(m)
	})
	wantPass(t, try(t, probe.DNS("good.example", server, lo)), "1 records")
	wantPass(t, try(t, probe.DNS("six.example", server, lo)), "1 records")
	wantPass(t, try(t, probe.DNS("large.example", server, lo)), "2 records")
	wantFault(t, try(t, probe.DNS("gone.example", server, lo)), probe.Answer, "NXDOMAIN")
	wantFault(t, try(t, probe.DNS("ill.example", server, lo)), probe.Answer, "SERVFAIL")
	wantFault(t, try(t, probe.DNS("empty.example", server, lo)), probe.Answer, "no address for empty.example")
}

func TestANameServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	wantFault(t, briefly(t, probe.DNS("good.example", silent.LocalAddr().String(), lo)), probe.Silence, "no answer in ")
	silent.Close()
	wantFault(t, try(t, probe.DNS("good.example", silent.LocalAddr().String(), lo)), probe.Answer, "connection refused")
}
