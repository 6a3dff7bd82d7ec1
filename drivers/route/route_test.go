package route_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"heliograph/drivers/probe"
	"heliograph/drivers/probe/probetest"
	"heliograph/drivers/route"
)

// world is a box with two carriers. Each carrier leads to the same target,
// 203.0.113.9 and 2001:db8:f::9, and answers there itself.
type world struct{ a, b probetest.Place }

var targets = map[string]string{"203.0.113.9/32": "203.0.113.9:80", "2001:db8:f::9/128": "[2001:db8:f::9]:80"}

// twoPorts: carrier a on eth0, carrier b on eth1.
func twoPorts(t *testing.T) world {
	t.Helper()
	w := world{a: probetest.New(t), b: probetest.New(t)}
	w.a.Wire("eth0")
	w.b.Wire("eth1")
	w.address(t, "eth0", "eth1", "eth0", "eth1")
	return w
}

// onePort: both carriers on eth0.
func onePort(t *testing.T) world {
	t.Helper()
	street := probetest.New(t)
	street.Wire("eth0")
	w := world{a: probetest.New(t), b: probetest.New(t)}
	w.a.Share(street, "eth0", "wan")
	w.b.Share(street, "eth0", "wan")
	w.address(t, "eth0", "eth0", "wan", "wan")
	return w
}

func (w world) address(t *testing.T, boxA, boxB, portA, portB string) {
	t.Helper()
	carry := func(port, v4, v6 string) func() {
		return func() {
			probetest.Sysctl(t, "net/ipv4/conf/all/arp_ignore", "1") // no answer on the wire for the target itself
			probetest.Address(t, port, v4)
			probetest.Address(t, port, v6)
			for target, at := range targets {
				probetest.Address(t, "lo", target)
				probetest.Listen(t, at, "hello")
			}
		}
	}
	probetest.Address(t, boxA, "192.0.2.2/24")
	probetest.Address(t, boxA, "2001:db8:a::2/64")
	probetest.Address(t, boxB, "198.51.100.2/24")
	probetest.Address(t, boxB, "2001:db8:b::2/64")
	w.a.Do(carry(portA, "192.0.2.1/24", "2001:db8:a::1/64"))
	w.b.Do(carry(portB, "198.51.100.1/24", "2001:db8:b::1/64"))
}

// lose takes the world beyond a carrier away; its gateway stays.
func lose(t *testing.T, p probetest.Place) {
	t.Helper()
	p.Do(func() {
		for target := range targets {
			probetest.Forget(t, "lo", target)
		}
	})
}

func plan(t *testing.T, uplinks ...route.Uplink) route.Plan {
	t.Helper()
	p, err := route.For(uplinks)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func apply(t *testing.T, p route.Plan) {
	t.Helper()
	if err := route.Apply(p); err != nil {
		t.Fatal(err)
	}
}

func passes(t *testing.T, what string, c probe.Check) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
	defer cancel()
	if r := c.Run(ctx); !r.OK {
		t.Errorf("%s: %s (%s), wanted a pass", what, r.Seen, r.Fault)
	}
}

// brief is for checks that are meant to run out of time.
func brief(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func fails(t *testing.T, what string, c probe.Check) {
	t.Helper()
	if r := c.Run(brief(t)); r.OK {
		t.Errorf("%s passed: %s", what, r.Seen)
	}
}

var (
	transitA = route.Uplink{Name: "transit-a", Interface: "eth0", Gateway: addr("192.0.2.1")}
	transitB = route.Uplink{Name: "transit-b", Interface: "eth1", Gateway: addr("198.51.100.1")}
)

const web = "203.0.113.9:80"

func TestProbesStayOnTheirUplinkAfterTheMainDefaultHasMoved(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	w := twoPorts(t)
	a, b := probe.Binding{Interface: "eth0"}, probe.Binding{Interface: "eth1"}
	probetest.Default(t, "192.0.2.1", "eth0")
	passes(t, "a with the main default", probe.TCP(web, a))
	fails(t, "b without a table of its own", probe.TCP(web, b))

	apply(t, plan(t, transitA, transitB))
	passes(t, "b by its own table", probe.TCP(web, b))

	probetest.Default(t, "198.51.100.1", "eth1")
	passes(t, "a after the default moved to b", probe.TCP(web, a))
	passes(t, "a by ping", probe.ICMP("203.0.113.9", a))

	lose(t, w.a)
	fails(t, "a after a has lost the world", probe.TCP(web, a))
	fails(t, "a by ping after a has lost the world", probe.ICMP("203.0.113.9", a))
	passes(t, "b meanwhile", probe.TCP(web, b))
	passes(t, "the main table meanwhile", probe.TCP(web, probe.Binding{}))
	passes(t, "a's gateway meanwhile", probe.Gateway(addr("192.0.2.1"), a))
}

func TestTheSameInIPv6(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	w := twoPorts(t)
	a, b := probe.Binding{Interface: "eth0"}, probe.Binding{Interface: "eth1", Source: addr("2001:db8:b::2")}
	probetest.Default(t, "2001:db8:b::1", "eth1")
	fails(t, "a without a table of its own", probe.TCP("[2001:db8:f::9]:80", a))
	apply(t, plan(t,
		route.Uplink{Name: "a", Interface: "eth0", Gateway: addr("2001:db8:a::1")},
		route.Uplink{Name: "b", Interface: "eth1", Gateway: addr("2001:db8:b::1"), Source: addr("2001:db8:b::2")}))
	probetest.Default(t, "2001:db8:a::1", "eth0")
	for name, b := range map[string]probe.Binding{"a": a, "b": b} {
		passes(t, name+" by tcp", probe.TCP("[2001:db8:f::9]:80", b))
		passes(t, name+" by ping", probe.ICMP("2001:db8:f::9", b))
	}
	lose(t, w.b)
	fails(t, "b after b has lost the world", probe.TCP("[2001:db8:f::9]:80", b))
	fails(t, "b by ping after b has lost the world", probe.ICMP("2001:db8:f::9", b))
	passes(t, "a meanwhile", probe.ICMP("2001:db8:f::9", a))
}

func TestAGatewayKnownByItsLinkLocalAddress(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	w := twoPorts(t)
	w.a.Do(func() { probetest.Address(t, "eth0", "fe80::1/64") })
	probetest.Default(t, "2001:db8:b::1", "eth1")
	apply(t, plan(t, route.Uplink{Name: "a", Interface: "eth0", Gateway: addr("fe80::1")}))
	a := probe.Binding{Interface: "eth0"}
	passes(t, "the gateway", probe.Gateway(addr("fe80::1"), a))
	passes(t, "the gateway by ping", probe.ICMP("fe80::1", a))
	passes(t, "beyond it", probe.TCP("[2001:db8:f::9]:80", a))
}

func TestTwoCarriersBehindOnePort(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	w := onePort(t)
	probetest.Default(t, "192.0.2.1", "eth0")
	apply(t, plan(t,
		transitA,
		route.Uplink{Name: "by-source", Interface: "eth0", Gateway: addr("198.51.100.1"), Source: addr("198.51.100.2")},
		route.Uplink{Name: "by-mark", Interface: "eth0", Gateway: addr("198.51.100.1"), Mark: 0x10}))
	a := probe.Binding{Interface: "eth0"}
	bySource := probe.Binding{Interface: "eth0", Source: addr("198.51.100.2")}
	byMark := probe.Binding{Interface: "eth0", Mark: 0x10}
	for name, b := range map[string]probe.Binding{"a": a, "by source": bySource, "by mark": byMark} {
		passes(t, name, probe.TCP(web, b))
		passes(t, name+" by ping", probe.ICMP("203.0.113.9", b))
	}
	lose(t, w.b)
	for name, b := range map[string]probe.Binding{"by source": bySource, "by mark": byMark} {
		fails(t, name+" after b has lost the world", probe.TCP(web, b))
		fails(t, name+" by ping after b has lost the world", probe.ICMP("203.0.113.9", b))
	}
	passes(t, "a meanwhile", probe.TCP(web, a))
	passes(t, "a by ping meanwhile", probe.ICMP("203.0.113.9", a))
}

func TestTablesComeBackAfterTheLinkHasFlapped(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	twoPorts(t)
	probetest.Default(t, "198.51.100.1", "eth1")
	ctx, cancel := context.WithCancel(t.Context())
	kept := make(chan error, 1)
	go func() {
		kept <- route.Keep(ctx, plan(t, transitA, transitB), func(err error) { t.Errorf("told: %v", err) })
	}()
	a := probe.TCP(web, probe.Binding{Interface: "eth0"})
	reached := func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		return a.Run(ctx).OK
	}
	probetest.Until(t, "a is reached by its own table", reached)

	probetest.Down(t, "eth0")
	if r := a.Run(t.Context()); r.OK || r.Fault != probe.Local {
		t.Errorf("with the port off: %+v, wanted a local fault", r)
	}
	probetest.Up(t, "eth0")
	probetest.Until(t, "a is reached again after the flap", reached)

	for _, r := range ours(t) {
		if err := netlink.RuleDel(&r); err != nil {
			t.Fatal(err)
		}
	}
	probetest.Until(t, "a is reached again after somebody flushed the rules", reached)

	cancel()
	if err := <-kept; err != nil {
		t.Errorf("Keep ended with %v", err)
	}
	passes(t, "a after Keep has ended for a reload", a)
}

// ours are the kernel's IPv4 rules of this program.
func ours(t *testing.T) (own []netlink.Rule) {
	t.Helper()
	all, err := netlink.RuleList(netlink.FAMILY_V4)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.Table >= route.FirstTable && r.Table <= route.LastTable {
			own = append(own, r)
		}
	}
	return own
}

// state is all IPv4 rules and routes but those of the local table, in words.
func state(t *testing.T) string {
	t.Helper()
	rules, err := netlink.RuleList(netlink.FAMILY_V4)
	if err != nil {
		t.Fatal(err)
	}
	routes, err := netlink.RouteListFiltered(netlink.FAMILY_V4, &netlink.Route{}, netlink.RT_FILTER_TABLE)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range rules {
		fmt.Fprintln(&b, r.Priority, r.Src, r.OifName, r.Mark, r.Table)
	}
	for _, r := range routes {
		if r.Table != 255 {
			fmt.Fprintln(&b, r.Table, r.Dst, r.Gw, r.LinkIndex)
		}
	}
	return b.String()
}

func TestReloadRemovesOnlyWhatIsOursAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	twoPorts(t)
	probetest.Default(t, "192.0.2.1", "eth0")
	stranger := netlink.NewRule()
	stranger.Priority, stranger.Table, stranger.Family = 4801, 100, netlink.FAMILY_V4
	stranger.Src = &net.IPNet{IP: net.IPv4(10, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}
	if err := netlink.RuleAdd(stranger); err != nil {
		t.Fatal(err)
	}
	before := state(t)

	apply(t, plan(t, transitA, transitB))
	both := state(t)
	apply(t, plan(t, transitA, transitB))
	if again := state(t); again != both {
		t.Errorf("applied twice, it changed from\n%sto\n%s", both, again)
	}
	apply(t, plan(t, transitA))
	if one := state(t); strings.Contains(one, "4801 0.0.0.0/0 198.51.100.1") || !strings.Contains(one, "4800 0.0.0.0/0 192.0.2.1") {
		t.Errorf("after a reload without transit-b:\n%s", one)
	}
	if left := len(ours(t)); left != 1 {
		t.Errorf("%d rules after a reload without transit-b, wanted 1", left)
	}
	if err := route.Remove(); err != nil {
		t.Fatal(err)
	}
	if after := state(t); after != before {
		t.Errorf("left behind:\n%swanted\n%s", after, before)
	}
}

func TestASourceRuleLeavesTheBoxesOwnWiresAlone(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	w := twoPorts(t)
	w.a.Do(func() { probetest.Listen(t, "192.0.2.1:22", "a") })
	apply(t, plan(t, route.Uplink{Name: "b", Interface: "eth1", Gateway: addr("198.51.100.1"), Source: addr("192.0.2.2")}))
	passes(t, "a neighbour on the other port", probe.TCP("192.0.2.1:22", probe.Binding{Source: addr("192.0.2.2")}))
}

func TestUnderAStrictReversePathCheckASourceIsNeeded(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	twoPorts(t)
	probetest.Default(t, "198.51.100.1", "eth1")
	if route.Strict("eth0") {
		t.Error("eth0 is called strict before it is")
	}
	probetest.Sysctl(t, "net/ipv4/conf/eth0/rp_filter", "1")
	if !route.Strict("eth0") {
		t.Error("eth0 is not called strict")
	}
	apply(t, plan(t, transitA, transitB))
	fails(t, "a by device alone", probe.TCP(web, probe.Binding{Interface: "eth0"}))

	sourced := transitA
	sourced.Source = addr("192.0.2.2")
	apply(t, plan(t, sourced, transitB))
	passes(t, "a by its source", probe.TCP(web, probe.Binding{Interface: "eth0", Source: sourced.Source}))
}

func TestAMissingInterfaceIsWaitedFor(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	apply(t, plan(t, transitA))
	w := world{a: probetest.New(t), b: probetest.New(t)}
	w.b.Wire("eth1")
	w.a.Wire("eth0")
	w.address(t, "eth0", "eth1", "eth0", "eth1")
	apply(t, plan(t, transitA))
	passes(t, "a once its port has come", probe.TCP(web, probe.Binding{Interface: "eth0"}))
}

func TestWithoutTheCapabilityItSaysSo(t *testing.T) {
	t.Parallel()
	if !probetest.EnterPowerless(t) {
		return
	}
	if route.Allowed() {
		t.Error("Allowed, in a user namespace that does not own the network")
	}
	if err := route.Apply(plan(t, transitA)); !errors.Is(err, route.ErrNotPermitted) {
		t.Errorf("Apply: %v, wanted ErrNotPermitted", err)
	}
	err := route.Keep(t.Context(), plan(t, transitA), func(error) {})
	if !errors.Is(err, route.ErrNotPermitted) {
		t.Errorf("Keep: %v, wanted ErrNotPermitted", err)
	}
}

func TestWithTheCapabilityItMay(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	if !route.Allowed() {
		t.Error("not allowed in a network of its own")
	}
}
