package resolve_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"

	"github.com/vishvananda/netlink"

	"heliograph/drivers/probe/probetest"
	"heliograph/drivers/resolve"
	"heliograph/drivers/resolve/resolvetest"
)

const world = `
	example.org. NS ns1.example.org.
	example.org. NS ns.example.net.
	example.org. MX 20 mx2.example.net.
	example.org. MX 10 MX1.example.org.
	smtp.example.org. A 192.0.2.25
	smtp.example.org. AAAA 2001:db8::25
	status.example.org. CNAME pages.example.net.
	pages.example.net. A 198.51.100.80
	silent.example. MX 0 .
	empty.example.org. TXT "no address"
	dangling.example.org. CNAME gone.example.net.
`

func resolver(t *testing.T, s *resolvetest.Server) *resolve.Resolver {
	t.Helper()
	r, err := resolve.New(resolve.Options{Dial: s.Dial})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhereNamesLead(t *testing.T) {
	t.Parallel()
	r := resolver(t, resolvetest.New(t, world))
	for name, want := range map[string]string{
		"smtp.example.org":     "[192.0.2.25 2001:db8::25] ",
		"SMTP.example.org.":    "[192.0.2.25 2001:db8::25] ",
		"status.example.org":   "[198.51.100.80] pages.example.net",
		"empty.example.org":    "[] ",
		"dangling.example.org": "[] ",
		"nobody.example.org":   "[] ",
	} {
		addresses, alias, err := r.Host(t.Context(), name)
		if got := fmt.Sprintf("%v %s", addresses, alias); got != want || err != nil {
			t.Errorf("%s leads to %q, %v; want %q", name, got, err, want)
		}
	}
	for name, want := range map[string]string{
		"smtp.example.org": "example.org [ns.example.net ns1.example.org]", "a.b.c.example.org": "example.org [ns.example.net ns1.example.org]",
		"www.elsewhere.example": " []", "example": " []",
	} {
		zone, servers, err := r.Zone(t.Context(), name)
		if got := fmt.Sprintf("%s %v", zone, servers); got != want || err != nil {
			t.Errorf("%s is in %q, %v; want %q", name, got, err, want)
		}
	}
	for domain, want := range map[string]string{
		"example.org": "[mx1.example.org mx2.example.net]", "smtp.example.org": "[smtp.example.org]", "silent.example": "[]",
	} {
		hosts, err := r.Mail(t.Context(), domain)
		if got := fmt.Sprint(hosts); got != want || err != nil {
			t.Errorf("mail of %s goes to %s, %v; want %s", domain, got, err, want)
		}
	}
}

// TestNoAnswerIsNotANo: a server that fails, or that nobody reaches, must not
// look like one that says there is nothing.
func TestNoAnswerIsNotANo(t *testing.T) {
	t.Parallel()
	s := resolvetest.New(t, world)
	s.Refuse(true)
	cut, err := resolve.New(resolve.Options{Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, fmt.Errorf("the cable is cut: %w", os.ErrDeadlineExceeded)
	}})
	if err != nil {
		t.Fatal(err)
	}
	for what, r := range map[string]*resolve.Resolver{"it fails": resolver(t, s), "it cannot be reached": cut} {
		if a, _, err := r.Host(t.Context(), "smtp.example.org"); err == nil {
			t.Errorf("%s: addresses %v", what, a)
		}
		if z, _, err := r.Zone(t.Context(), "smtp.example.org"); err == nil {
			t.Errorf("%s: zone %q", what, z)
		}
		if m, err := r.Mail(t.Context(), "example.org"); err == nil {
			t.Errorf("%s: mail hosts %v", what, m)
		}
	}
}

func TestRoutesThatSomebodyGaveThisBox(t *testing.T) {
	if !probetest.Enter(t) {
		return
	}
	carrier := probetest.New(t)
	carrier.Wire("eth0")
	carrier.Wire("eth1")
	probetest.Address(t, "eth0", "192.0.2.2/30")
	probetest.Address(t, "eth1", "198.51.100.2/30")
	add := func(to string, protocol int, hops ...string) {
		r := &netlink.Route{Protocol: netlink.RouteProtocol(protocol)}
		if to != "" {
			_, r.Dst, _ = net.ParseCIDR(to)
		}
		for _, hop := range hops {
			r.MultiPath = append(r.MultiPath, &netlink.NexthopInfo{Gw: netip.MustParseAddr(hop).AsSlice(), LinkIndex: index(t, hop)})
		}
		if len(hops) == 1 {
			r.LinkIndex, r.Gw, r.MultiPath = r.MultiPath[0].LinkIndex, r.MultiPath[0].Gw, nil
		}
		if err := netlink.RouteAdd(r); err != nil {
			t.Fatalf("route to %s: %v", to, err)
		}
	}
	const static, bgp = 4, 186
	add("", static, "192.0.2.1")
	add("203.0.113.0/25", static, "192.0.2.1")
	add("203.0.113.128/25", static, "192.0.2.1", "198.51.100.1")
	add("8.8.8.0/24", bgp, "192.0.2.1")

	all, err := resolve.Routes()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range all {
		got = append(got, fmt.Sprintf("%s %s %t", r.To, r.Interface, r.Direct))
	}
	slices.Sort(got)
	want := []string{
		"0.0.0.0/0 eth0 false", "192.0.2.0/30 eth0 true", "198.51.100.0/30 eth1 true",
		"203.0.113.0/25 eth0 false", "203.0.113.128/25 eth0 false", "203.0.113.128/25 eth1 false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the routes are\n%q\nwant\n%q", got, want)
	}
}

func index(t *testing.T, hop string) int {
	t.Helper()
	name := "eth0"
	if netip.MustParsePrefix("198.51.100.0/30").Contains(netip.MustParseAddr(hop)) {
		name = "eth1"
	}
	l, err := netlink.LinkByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return l.Attrs().Index
}
