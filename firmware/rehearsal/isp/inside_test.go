package isp_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"heliograph/drivers/probe"
	"heliograph/drivers/route"
	"heliograph/firmware/rehearsal/isp"
)

// entered names the test whose inner side an outer process enters for. Such a
// process is the test binary too, and is no test.
const entered = "HELIOGRAPH_TEST_ENTERED"

func TestMain(m *testing.M) {
	os.Setenv("GORACE", "atexit_sleep_ms=50")
	name := os.Getenv(entered)
	if name == "" || isp.Inside() {
		os.Exit(m.Run())
	}
	code, err := isp.Enter(context.Background(), "-test.run=^"+name+"$", "-test.count=1", "-test.timeout=80s")
	fmt.Printf("code %d, %v\n", code, err)
	if err != nil {
		code = 1
	}
	os.Exit(code)
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

// A check that should fail is given no longer than brief, which no machine is
// too fast for; one that should pass has patience with a loaded machine.
const (
	brief    = 400 * time.Millisecond
	patience = 8 * time.Second
)

// wantFailing fails the test unless exactly those checks of an uplink fail
// whose names match one of some words; "beyond" is all but link and gateway.
func wantFailing(t *testing.T, when string, u isp.Uplink, want ...string) map[string]string {
	t.Helper()
	return wantWithin(t, patience, when, u, want...)
}

// wantWithin makes all checks of an uplink at once and returns what they saw.
func wantWithin(t *testing.T, limit time.Duration, when string, u isp.Uplink, want ...string) map[string]string {
	t.Helper()
	type answer struct {
		name string
		r    probe.Result
	}
	list, saw := checks(u), map[string]string{}
	answers := make(chan answer, len(list))
	for name, c := range list {
		go func() {
			given := limit
			if should(name, want) {
				given = brief
			}
			ctx, cancel := context.WithTimeout(t.Context(), given)
			defer cancel()
			answers <- answer{name, c.Run(ctx)}
		}()
	}
	for range list {
		a := <-answers
		saw[a.name] = a.r.Seen
		if a.r.OK == should(a.name, want) {
			t.Errorf("%s: %s of %s: passed=%v (%s)", when, a.name, u.Name, a.r.OK, a.r.Seen)
		}
	}
	return saw
}

// should says whether a check should fail.
func should(name string, want []string) bool {
	return slices.ContainsFunc(want, func(w string) bool {
		return w == name || w == "all" || w == "beyond" && name != "link" && name != "gateway"
	})
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

// hits are the checks of an uplink that a fault makes fail.
var hits = []struct {
	fault isp.Fault
	hits  []string
}{
	{isp.Cut, []string{"beyond"}},
	{isp.BlackHole, []string{"beyond"}},
	{isp.Slow, []string{"beyond"}},
	{isp.Gateway, []string{"beyond", "gateway"}},
	{isp.OwnPort, []string{"all"}},
}

func TestAFaultHitsItsOwnLineOnly(t *testing.T) {
	t.Parallel()
	if !inside(t) {
		return
	}
	n := lay(t, two())
	a, b := n.Plan().Uplinks[0], n.Plan().Uplinks[1]
	for _, c := range hits {
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

func TestAMendedLineIsOfUseAtOnceTenTimesInARow(t *testing.T) {
	t.Parallel()
	if !inside(t) {
		return
	}
	n := lay(t, two())
	for round := range 10 {
		for _, c := range hits {
			breakAndMend(t, n, n.Plan().Uplinks[0], c.fault, round)
		}
	}
}

// A port that is switched on has its IPv6 addresses a moment later only: no
// such moment may be seen.
func TestAMendedGatewayIsOfUseAtOnceOverIPv6(t *testing.T) {
	t.Parallel()
	if !inside(t) {
		return
	}
	n := lay(t, isp.Plan{Uplinks: []isp.Uplink{{Name: "six", Gateway: addr("2001:db8::1"), Targets: []isp.Target{
		{Kind: "icmp", Addr: netip.AddrPortFrom(addr("2620:fe::fe"), 0)},
		{Kind: "dns", Addr: port("[2001:db8::53]:53"), Name: "example.com"}, // the gateway's own network
	}}}})
	for round := range 30 {
		breakAndMend(t, n, n.Plan().Uplinks[0], isp.Gateway, round)
	}
}

func breakAndMend(t *testing.T, n *isp.Network, u isp.Uplink, f isp.Fault, round int) {
	t.Helper()
	turn(t, n.Break, u, f)
	if ping(t, u, 20*time.Millisecond) {
		t.Errorf("round %d: %s does not stop a ping", round, f)
	}
	turn(t, n.Mend, u, f)
	wantWithin(t, time.Second, fmt.Sprintf("round %d, %s mended", round, f), u)
}

// ping asks the first target of an uplink once.
func ping(t *testing.T, u isp.Uplink, patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return check(u.Targets[0], probe.Binding{Interface: u.Interface, Source: u.Source}).Run(ctx).OK
}

func TestFaultsAddUpAndAreTakenAwayOneByOne(t *testing.T) {
	t.Parallel()
	if !inside(t) {
		return
	}
	n := lay(t, two())
	a := n.Plan().Uplinks[0]
	for _, f := range []isp.Fault{isp.Cut, isp.Gateway, isp.BlackHole} {
		turn(t, n.Break, a, f)
		turn(t, n.Break, a, f) // twice is once
	}
	if got := fmt.Sprint(n.Broken(a.Name)); got != "[black hole cut gateway]" {
		t.Errorf("broken: %s", got)
	}
	turn(t, n.Mend, a, isp.Gateway)
	wantFailing(t, "power is back, the fibre is dark", a, "beyond")
	turn(t, n.Mend, a, isp.Cut)
	wantFailing(t, "the fibre is back, upstream swallows", a, "beyond")
	if err := n.Target("tcp 1.1.1.1:443", false); err != nil {
		t.Fatal(err)
	}
	if err := n.MendAll(); err != nil {
		t.Fatal(err)
	}
	wantFailing(t, "all mended", a)
}

func TestALossyLineLosesFourOfTenPings(t *testing.T) {
	t.Parallel()
	if !inside(t) {
		return
	}
	n := lay(t, two())
	for _, u := range n.Plan().Uplinks {
		turn(t, n.Break, u, isp.Loss)
	}
	atOnce(n.Plan().Uplinks, func(u isp.Uplink) {
		wantLoss(t, u, func() bool { return ping(t, u, time.Second) })
	})
	for _, u := range n.Plan().Uplinks {
		turn(t, n.Mend, u, isp.Loss)
		wantFailing(t, "no longer lossy", u)
	}
}

// atOnce does the same with each of some things, and waits for all.
func atOnce[T any](things []T, do func(T)) {
	var all sync.WaitGroup
	for _, thing := range things {
		all.Go(func() { do(thing) })
	}
	all.Wait()
}

// wantLoss asks 200 times, 100 at a time, and wants 25 to 55 % lost.
func wantLoss(t *testing.T, u isp.Uplink, ask func() bool) {
	t.Helper()
	const asked = 200
	answers, free := make(chan bool, asked), make(chan struct{}, 100)
	for range asked {
		free <- struct{}{}
		go func() { answers <- ask(); <-free }()
	}
	lost := 0
	for range asked {
		if !<-answers {
			lost++
		}
	}
	if lost < asked*25/100 || lost > asked*55/100 {
		t.Errorf("%s lost %d of %d", u.Name, lost, asked)
	}
}

func TestASlowLineAnswersLate(t *testing.T) {
	t.Parallel()
	if !inside(t) {
		return
	}
	n := lay(t, two())
	a := n.Plan().Uplinks[0]
	turn(t, n.Break, a, isp.Slow)
	r := probe.ICMP("9.9.9.9", probe.Binding{Interface: "eth0"}).Run(t.Context())
	if !r.OK || r.RTT < 1200*time.Millisecond {
		t.Errorf("a slow line answers %+v; want 1.2 s or more", r)
	}
}

func TestOneTargetAlone(t *testing.T) {
	t.Parallel()
	if !inside(t) {
		return
	}
	p := two()
	more := isp.Target{Kind: "icmp", Addr: netip.AddrPortFrom(addr("8.8.8.8"), 0)} // beside the dns one
	for i := range p.Uplinks {
		p.Uplinks[i].Targets = append(p.Uplinks[i].Targets, more)
	}
	n := lay(t, p)
	for _, target := range n.Plan().Uplinks[0].Targets {
		if err := n.Target(target.String(), false); err != nil {
			t.Fatal(err)
		}
		atOnce(n.Plan().Uplinks, func(u isp.Uplink) { wantFailing(t, target.String()+" silent", u, target.String()) })
		if err := n.Target(target.String(), true); err != nil {
			t.Fatal(err)
		}
		wantFailing(t, target.String()+" answers again", n.Plan().Uplinks[1])
	}
	if err := n.Target("tcp 7.7.7.7:7", false); err == nil {
		t.Error("a target that is not there can be silenced")
	}
}

func TestTwoCarriersBehindOnePort(t *testing.T) {
	t.Parallel()
	if !inside(t) {
		return
	}
	n := lay(t, isp.Plan{Uplinks: []isp.Uplink{
		{Name: "a", Gateway: addr("192.0.2.1"), Source: addr("192.0.2.10"), Targets: world()},
		{Name: "b", Gateway: addr("192.0.2.254"), Source: addr("192.0.2.11"), Targets: world()},
	}})
	a, b := n.Plan().Uplinks[0], n.Plan().Uplinks[1]
	for _, f := range []isp.Fault{isp.Cut, isp.BlackHole, isp.Gateway} {
		turn(t, n.Break, a, f)
		if ping(t, a, 50*time.Millisecond) {
			t.Errorf("%s of a does not stop a ping", f)
		}
		wantFailing(t, string(f)+" of a", b)
		turn(t, n.Mend, a, f)
		wantFailing(t, string(f)+" of a mended", a)
	}
	turn(t, n.Break, b, isp.OwnPort)
	wantFailing(t, "their port is dark", a, "all")
	if got := fmt.Sprint(n.Broken("a")); got != "[own port]" {
		t.Errorf("a is broken by %s", got)
	}
}

// An IPv6 carrier known by its link-local gateway, one that gives no
// addresses at all, and targets in the gateways' own networks.
func TestAddressesOfEveryKind(t *testing.T) {
	t.Parallel()
	if !inside(t) {
		return
	}
	n := lay(t, isp.Plan{Uplinks: []isp.Uplink{
		{Name: "six", Interface: "eth0", Gateway: addr("2001:db8::1"), Targets: []isp.Target{
			{Kind: "icmp", Addr: netip.AddrPortFrom(addr("2620:fe::fe"), 0)},
			{Kind: "tcp", Addr: port("[2606:4700::1111]:443")},
			{Kind: "dns", Addr: port("[2001:db8::53]:53"), Name: "example.com"}, // the gateway's own network
		}},
		{Name: "local", Interface: "eth1", Gateway: addr("fe80::1"), Targets: []isp.Target{
			{Kind: "http", Addr: port("[2606:4700::80]:80")},
		}},
		{Name: "none", Interface: "wwan0", Targets: []isp.Target{
			{Kind: "icmp", Addr: netip.AddrPortFrom(addr("9.9.9.9"), 0)},
		}},
		{Name: "cpe", Interface: "eth3", Gateway: addr("192.168.1.1"), Targets: []isp.Target{
			{Kind: "icmp", Addr: netip.AddrPortFrom(addr("192.168.1.1"), 0)},
			{Kind: "tcp", Addr: port("192.168.1.9:80")},
		}},
		{Name: "cpe2", Interface: "eth4", Gateway: addr("192.168.1.1"), Targets: []isp.Target{
			{Kind: "icmp", Addr: netip.AddrPortFrom(addr("9.9.9.9"), 0)},
		}},
	}})
	for _, f := range []isp.Fault{isp.Cut, isp.Gateway, isp.OwnPort} {
		for _, u := range n.Plan().Uplinks {
			wantFailing(t, "calm", u)
			turn(t, n.Break, u, f)
			turn(t, n.Mend, u, f)
			wantFailing(t, string(f)+" mended", u)
		}
	}
}
