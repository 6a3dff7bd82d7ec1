package route_test

import (
	"net"
	"testing"

	"github.com/miekg/dns"

	"heliograph/drivers/probe"
	"heliograph/drivers/probe/probetest"
)

// names serves DNS at 203.0.113.9 in the caller's namespace.
func names(t *testing.T, answer dns.HandlerFunc) {
	t.Helper()
	p, err := net.ListenPacket("udp", "203.0.113.9:53")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	go (&dns.Server{PacketConn: p, Handler: answer}).ActivateAndServe()
}

func TestANameIsAskedForOverTheSameUplink(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	probetest.Resolver(t, "203.0.113.9")
	w := twoPorts(t)
	w.a.Do(func() {
		names(t, func(rw dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetReply(q)
			if q.Question[0].Qtype == dns.TypeA {
				m.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.IPv4(203, 0, 113, 9)}}
			}
			_ = rw.WriteMsg(m)
		})
	})
	w.b.Do(func() {
		names(t, func(rw dns.ResponseWriter, q *dns.Msg) { _ = rw.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeNameError)) })
	})
	apply(t, plan(t, transitA, transitB))
	probetest.Default(t, "198.51.100.1", "eth1") // which would lead to the wrong server
	a, b := probe.Binding{Interface: "eth0"}, probe.Binding{Interface: "eth1"}
	passes(t, "a by tcp", probe.TCP("gw.example:80", a))
	passes(t, "a by ping", probe.ICMP("gw.example", a))

	unnamed := func(what string, c probe.Check, seen string) {
		t.Helper()
		if r := c.Run(t.Context()); r.Fault != probe.Name || r.Seen != seen {
			t.Errorf("%s: %+v, wanted %q", what, r, seen)
		}
	}
	unnamed("b by tcp", probe.TCP("gw.example:80", b), "name gw.example does not exist")
	unnamed("b by ping", probe.ICMP("gw.example", b), "name gw.example does not exist")
	unnamed("b by http", probe.HTTP("http://gw.example/", 200, "", b), "name gw.example does not exist")

	r := probe.TCP("gw.example:80", probe.Binding{Interface: "eth9"}).Run(t.Context())
	if r.Fault != probe.Local || r.Seen != "interface eth9 does not exist" {
		t.Errorf("a port that is missing: %+v", r)
	}
	r = probe.TCP("gw.example:80", probe.Binding{Source: addr("203.0.113.77")}).Run(t.Context())
	if r.Fault != probe.Local || r.Seen != "address 203.0.113.77 is not on this box" {
		t.Errorf("a source that is missing: %+v", r)
	}
}

func TestANameServerThatIsSilentIsNotTheTargetsFault(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	probetest.Resolver(t, "203.0.113.9")
	twoPorts(t).a.Do(func() { names(t, func(dns.ResponseWriter, *dns.Msg) {}) })
	apply(t, plan(t, transitA))
	r := probe.TCP("gw.example:80", probe.Binding{Interface: "eth0"}).Run(brief(t))
	if r.Fault != probe.Name || r.OK {
		t.Errorf("%+v, wanted a name's fault", r)
	}
}
