package isp_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"testing"
	"time"

	"heliograph/drivers/probe"
	"heliograph/drivers/route"
	"heliograph/firmware/rehearsal/isp"
)

func TestMain(m *testing.M) {
	os.Setenv("GORACE", "atexit_sleep_ms=50")
	os.Exit(m.Run())
}

// inside runs the calling test again in namespaces and returns true there.
func inside(t *testing.T) bool {
	t.Helper()
	if isp.Inside() {
		return true
	}
	code, err := isp.Enter(t.Context(), "-test.run=^"+regexp.QuoteMeta(t.Name())+"$", "-test.count=1", "-test.timeout=90s")
	switch {
	case errors.Is(err, isp.ErrRefused):
		t.Skipf("needs network namespaces: %v", err)
	case err != nil || code != 0:
		t.Errorf("inside: code %d, %v", code, err)
	}
	return false
}

func addr(s string) netip.Addr     { return netip.MustParseAddr(s) }
func port(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// world is what all uplinks of the tests probe.
func world() []isp.Target {
	return []isp.Target{
		{Kind: "icmp", Addr: netip.AddrPortFrom(addr("9.9.9.9"), 0)},
		{Kind: "tcp", Addr: port("1.1.1.1:443")},
		{Kind: "dns", Addr: port("8.8.8.8:53"), Name: "example.com"},
		{Kind: "http", Addr: port("203.0.113.80:80"), Status: 204},
	}
}

// two is a box with two ports and a carrier behind each, both probed alike.
func two() isp.Plan {
	return isp.Plan{Uplinks: []isp.Uplink{
		{Name: "transit-a", Interface: "eth0", Gateway: addr("192.0.2.1"), Source: addr("192.0.2.2"), Targets: world()},
		{Name: "transit-b", Interface: "eth1", Gateway: addr("198.51.100.1"), Targets: world()},
	}}
}

// lay lays a plan and keeps the routing tables that the appliance would keep.
func lay(t *testing.T, p isp.Plan) *isp.Network {
	t.Helper()
	n, err := isp.Lay(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	tables(t, n)
	return n
}

func tables(t *testing.T, n *isp.Network) {
	t.Helper()
	var list []route.Uplink
	for _, u := range n.Plan().Uplinks {
		list = append(list, route.Uplink{Name: u.Name, Interface: u.Interface, Gateway: u.Gateway, Source: u.Source})
	}
	p, err := route.For(list)
	if err == nil {
		err = route.Apply(p)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// checks are the probes that the appliance makes of an uplink, by name.
func checks(u isp.Uplink) map[string]probe.Check {
	b := probe.Binding{Interface: u.Interface, Source: u.Source}
	all := map[string]probe.Check{}
	if u.Interface != "" {
		all["link"], all["gateway"] = probe.Link(u.Interface), probe.Gateway(u.Gateway, b)
	}
	for _, target := range u.Targets {
		all[target.String()] = check(target, b)
	}
	return all
}

func check(t isp.Target, b probe.Binding) probe.Check {
	switch t.Kind {
	case "icmp":
		return probe.ICMP(t.Addr.Addr().String(), b)
	case "tcp":
		return probe.TCP(t.Addr.String(), b)
	case "dns":
		return probe.DNS(t.Name, t.Addr.String(), b)
	}
	status := t.Status
	if status == 0 {
		status = 200
	}
	return probe.HTTP("http://"+t.Addr.String()+"/", status, "", b)
}

// failing makes all checks of an uplink at once, gives each 400 ms, and
// returns what failed with what it saw.
func failing(t *testing.T, u isp.Uplink) map[string]string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	type seen struct{ name, what string }
	list := checks(u)
	answers := make(chan seen, len(list))
	for name, c := range list {
		go func() {
			r := c.Run(ctx)
			if r.OK {
				answers <- seen{name, ""}
			} else {
				answers <- seen{name, fmt.Sprintf("%v: %s", r.Fault, r.Seen)}
			}
		}()
	}
	bad := map[string]string{}
	for range list {
		if s := <-answers; s.what != "" {
			bad[s.name] = s.what
		}
	}
	return bad
}

// wantFailing fails the test unless exactly those checks of an uplink fail
// whose names match one of some words; "beyond" is all but link and gateway.
func wantFailing(t *testing.T, when string, u isp.Uplink, want ...string) {
	t.Helper()
	bad := failing(t, u)
	for name := range checks(u) {
		should := false
		for _, w := range want {
			should = should || w == name || w == "all" || w == "beyond" && name != "link" && name != "gateway"
		}
		if what, did := bad[name]; did != should {
			t.Errorf("%s: %s of %s: failed=%v (%s), want %v", when, name, u.Name, did, what, should)
		}
	}
}

func TestEveryProbeOfTwoUplinksPasses(t *testing.T) {
	t.Parallel()
	if !inside(t) {
		return
	}
	n := lay(t, two())
	for _, u := range n.Plan().Uplinks {
		wantFailing(t, "calm", u)
	}
	if !n.Places() {
		t.Error("a network of namespaces says it has no places")
	}
}

func TestAFaultHitsItsOwnLineOnly(t *testing.T) {
	t.Parallel()
	if !inside(t) {
		return
	}
	n := lay(t, two())
	a, b := n.Plan().Uplinks[0], n.Plan().Uplinks[1]
	for _, c := range []struct {
		fault isp.Fault
		hits  []string
	}{
		{isp.Cut, []string{"beyond"}},
		{isp.BlackHole, []string{"beyond"}},
		{isp.Slow, []string{"beyond"}},
		{isp.Gateway, []string{"beyond", "gateway"}},
		{isp.OwnPort, []string{"all"}},
	} {
		turn(t, n.Break, a, c.fault)
		if got := fmt.Sprint(n.Broken("transit-a"), n.Broken("transit-b")); got != fmt.Sprintf("[%s] []", c.fault) {
			t.Errorf("broken by %q: %s", c.fault, got)
		}
		wantFailing(t, string(c.fault), a, c.hits...)
		wantFailing(t, string(c.fault), b)
		turn(t, n.Mend, a, c.fault)
		wantFailing(t, string(c.fault)+" mended", a)
		wantFailing(t, string(c.fault)+" mended", b)
	}
}

func turn(t *testing.T, how func(string, isp.Fault) error, u isp.Uplink, f isp.Fault) {
	t.Helper()
	if err := how(u.Name, f); err != nil {
		t.Fatal(err)
	}
}

