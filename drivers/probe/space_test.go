package probe_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"heliograph/drivers/probe"
	"heliograph/drivers/probe/probetest"
)

var quiet = log.New(io.Discard, "", 0)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// beyond lays a wire from the box's eth0 to a gateway of both families.
func beyond(t *testing.T) probetest.Place {
	t.Helper()
	p := probetest.New(t)
	p.Wire("eth0")
	probetest.Address(t, "eth0", "192.0.2.2/24")
	probetest.Address(t, "eth0", "2001:db8::2/64")
	p.Do(func() {
		probetest.Address(t, "eth0", "192.0.2.1/24")
		probetest.Address(t, "eth0", "2001:db8::1/64")
	})
	return p
}

var eth0 = probe.Binding{Interface: "eth0"}

func TestPingNeedsEitherOfTwoRights(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	pings := func(answer func(target string, r probe.Result)) {
		for _, target := range []string{"127.0.0.1", "::1"} {
			answer(target, try(t, probe.ICMP(target, lo)))
		}
	}
	reply := func(target string, r probe.Result) { wantPass(t, r, "echo reply") }
	pings(reply) // by raw socket
	probetest.Without(t, func() {
		pings(func(target string, r probe.Result) { wantFault(t, r, probe.Local, "ping is not permitted") })
	}, unix.CAP_NET_RAW)
	probetest.Sysctl(t, "net/ipv4/ping_group_range", "0 0")
	probetest.Without(t, func() { pings(reply) }, unix.CAP_NET_RAW)
}

func TestPingThatNobodyAnswers(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	beyond(t)
	wantPass(t, try(t, probe.ICMP("192.0.2.1", eth0)), "echo reply")
	wantPass(t, try(t, probe.ICMP("192.0.2.1", probe.Binding{Interface: "eth0", Source: addr("192.0.2.2"), Mark: 5})), "echo reply")
	wantPass(t, try(t, probe.ICMP("2001:db8::1", probe.Binding{Interface: "eth0", Source: addr("2001:db8::2"), Mark: 5})), "echo reply")
	wantFault(t, briefly(t, probe.ICMP("192.0.2.99", eth0)), probe.Silence, "no answer in ")
	wantFault(t, briefly(t, probe.ICMP("2001:db8::99", eth0)), probe.Silence, "no answer in ")
	wantFault(t, try(t, probe.ICMP("203.0.113.9", probe.Binding{})), probe.Local, "no route to 203.0.113.9")
	wantFault(t, try(t, probe.ICMP("2001:db8:f::9", eth0)), probe.Local, "no route to 2001:db8:f::9 through eth0")
	wantFault(t, try(t, probe.ICMP("192.0.2.1", probe.Binding{Interface: "eth7"})), probe.Local, "interface eth7 does not exist")
	wantFault(t, try(t, probe.ICMP("192.0.2.1", probe.Binding{Source: addr("192.0.2.77")})), probe.Local, "address 192.0.2.77 is not on this box")
	wantFault(t, try(t, probe.ICMP("192.0.2.1", probe.Binding{Source: addr("2001:db8::2")})), probe.Local, "192.0.2.1 cannot be reached from 2001:db8::2")
}

func TestAProhibitRouteDoesNotHoldAPingForEver(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	_, nowhere, _ := net.ParseCIDR("203.0.113.0/24")
	if err := netlink.RouteAdd(&netlink.Route{Dst: nowhere, Type: unix.RTN_PROHIBIT}); err != nil {
		t.Fatal(err)
	}
	wantFault(t, try(t, probe.ICMP("203.0.113.9", probe.Binding{})), probe.Local, "sending is refused by this box")
	wantFault(t, try(t, probe.TCP("203.0.113.9:80", probe.Binding{})), probe.Local, "sending is refused by this box")
}

func TestAMarkNeedsAPermission(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	probetest.Sysctl(t, "net/ipv4/ping_group_range", "0 0")
	marked := probe.Binding{Mark: 0x10}
	probetest.Without(t, func() {
		wantFault(t, try(t, probe.ICMP("127.0.0.1", marked)), probe.Local, "mark 0x10 is not permitted: needs CAP_NET_ADMIN")
		wantFault(t, try(t, probe.DNS("good.example", "127.0.0.1", marked)), probe.Local, "mark 0x10 is not permitted: needs CAP_NET_ADMIN")
	}, unix.CAP_NET_RAW, unix.CAP_NET_ADMIN)
}

func TestNobodyAtHomeOnTheWireIsNotALocalFault(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	beyond(t)
	probetest.Sysctl(t, "net/ipv4/neigh/eth0/retrans_time_ms", "20")
	wantFault(t, try(t, probe.TCP("192.0.2.99:80", eth0)), probe.Silence, "no route to host")
	wantFault(t, try(t, probe.TCP("[2001:db8:f::9]:80", eth0)), probe.Local, "no route to 2001:db8:f::9 through eth0")
}

// A router that has lost its own routes says "network unreachable". That is
// the same word as this box's own, and not the same fault.
func TestARouterThatHasLostTheWorldIsNotALocalFault(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	beyond(t).Do(func() { probetest.Sysctl(t, "net/ipv4/ip_forward", "1") })
	probetest.Default(t, "192.0.2.1", "eth0")
	wantFault(t, try(t, probe.TCP("203.0.113.9:80", eth0)), probe.Silence, "network is unreachable")
}

func TestARouterThatForbidsIsNotALocalFault(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	_, beyondIt, _ := net.ParseCIDR("2001:db8:f::/48")
	forbid := &netlink.Route{Dst: beyondIt, Type: unix.RTN_PROHIBIT}
	gw := beyond(t)
	gw.Do(func() {
		probetest.Sysctl(t, "net/ipv6/conf/all/forwarding", "1")
		if err := netlink.RouteAdd(forbid); err != nil {
			t.Fatal(err)
		}
	})
	probetest.Default(t, "2001:db8::1", "eth0")
	wantFault(t, try(t, probe.TCP("[2001:db8:f::9]:80", eth0)), probe.Silence, "refused by a router on the way")
	if err := netlink.RouteAdd(forbid); err != nil {
		t.Fatal(err)
	}
	wantFault(t, try(t, probe.TCP("[2001:db8:f::9]:80", probe.Binding{})), probe.Local, "sending is refused by this box")
}

func TestAGatewayThatDropsPingIsProvenByItsNeighbourEntry(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	gw := beyond(t)
	gw.Do(func() {
		probetest.Sysctl(t, "net/ipv4/icmp_echo_ignore_all", "1")
		probetest.Sysctl(t, "net/ipv6/icmp/echo_ignore_all", "1")
	})
	wantFault(t, briefly(t, probe.ICMP("192.0.2.1", eth0)), probe.Silence, "no answer")
	for range 2 { // unknown, then known
		wantPass(t, try(t, probe.Gateway(addr("192.0.2.1"), eth0)), "ARP answer")
		wantPass(t, try(t, probe.Gateway(addr("2001:db8::1"), eth0)), "ND answer")
	}
	wantPass(t, try(t, probe.Gateway(addr("192.0.2.1"), probe.Binding{})), "ARP answer")

	gw.Do(func() {
		probetest.Forget(t, "eth0", "192.0.2.1/24")
		probetest.Forget(t, "eth0", "2001:db8::1/64")
	})
	wantFault(t, briefly(t, probe.Gateway(addr("192.0.2.1"), eth0)), probe.Silence, "no answer to ARP or ping")
	wantFault(t, briefly(t, probe.Gateway(addr("2001:db8::1"), eth0)), probe.Silence, "no answer to ND or ping")
}

func TestAGatewayWithAStaticEntryIsProvenByPing(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	gw := beyond(t)
	here, err := net.InterfaceByName("eth0")
	if err != nil {
		t.Fatal(err)
	}
	var mac net.HardwareAddr
	gw.Do(func() {
		if there, err := net.InterfaceByName("eth0"); err == nil {
			mac = there.HardwareAddr
		}
	})
	static := &netlink.Neigh{LinkIndex: here.Index, IP: net.IPv4(192, 0, 2, 1), HardwareAddr: mac, State: netlink.NUD_PERMANENT}
	if err := netlink.NeighSet(static); err != nil {
		t.Fatal(err)
	}
	wantPass(t, try(t, probe.Gateway(addr("192.0.2.1"), eth0)), "echo reply")
	gw.Do(func() { probetest.Forget(t, "eth0", "192.0.2.1/24") })
	wantFault(t, briefly(t, probe.Gateway(addr("192.0.2.1"), eth0)), probe.Silence, "no answer in ")
}

func TestAGatewayWithoutNeighboursIsProvenByPingAlone(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	wantPass(t, try(t, probe.Gateway(addr("127.0.0.1"), lo)), "echo reply")
	probetest.Sysctl(t, "net/ipv4/icmp_echo_ignore_all", "1")
	wantFault(t, briefly(t, probe.Gateway(addr("127.0.0.1"), lo)), probe.Silence, "no answer in ")
}

func TestAGatewayOnAPortThatIsGone(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	wantFault(t, try(t, probe.Gateway(addr("192.0.2.1"), eth0)), probe.Local, "interface eth0 does not exist")
	beyond(t)
	probetest.Down(t, "eth0")
	wantFault(t, try(t, probe.Gateway(addr("192.0.2.1"), eth0)), probe.Local, "no route to 192.0.2.1")
	wantFault(t, try(t, probe.Gateway(addr("203.0.113.1"), probe.Binding{})), probe.Local, "address 203.0.113.1: no wire of this box leads to it")
}

func TestLinkSaysWhatAPortLacks(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	wantPass(t, try(t, probe.Link("lo")), "ok, 127.0.0.1/8 ::1/128")
	wantFault(t, try(t, probe.Link("eth0")), probe.Local, "does not exist")
	far := probetest.New(t)
	far.Wire("eth0")
	wantFault(t, try(t, probe.Link("eth0")), probe.Local, "no address")
	probetest.Address(t, "eth0", "192.0.2.2/24")
	wantPass(t, try(t, probe.Link("eth0")), "ok, 192.0.2.2/24")
	far.Do(func() { probetest.Down(t, "eth0") })
	wantFault(t, try(t, probe.Link("eth0")), probe.Local, "no carrier")
	probetest.Down(t, "eth0")
	wantFault(t, try(t, probe.Link("eth0")), probe.Local, "switched off")
}

// next reads events until one says why.
func next(t *testing.T, events <-chan probe.LinkEvent, up bool, why string) {
	t.Helper()
	for {
		select {
		case e := <-events:
			if e.Interface == "eth0" && e.Up == up && e.Why == why {
				return
			}
		case <-t.Context().Done():
			t.Fatalf("not told: %s", why)
		}
	}
}

func TestAChangeOfAPortIsToldAtOnce(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	ctx, cancel := context.WithCancel(t.Context())
	events, ended := make(chan probe.LinkEvent), make(chan struct{})
	go func() {
		defer close(ended)
		probe.Watch(ctx, []string{"eth0"}, func(e probe.LinkEvent) {
			select {
			case events <- e:
			case <-ctx.Done():
			}
		})
	}()
	next(t, events, false, "does not exist")
	for range 2 { // the second time it is another device of the same name
		far := probetest.New(t)
		far.Wire("eth0")
		next(t, events, false, "no address")
		probetest.Address(t, "eth0", "192.0.2.2/24")
		next(t, events, true, "ok, 192.0.2.2/24")
		far.Do(func() { probetest.Down(t, "eth0") })
		next(t, events, false, "no carrier")
		far.Do(func() { probetest.Up(t, "eth0") })
		next(t, events, true, "ok, 192.0.2.2/24")
		probetest.Address(t, "eth0", "198.51.100.2/24")
		next(t, events, true, "ok, 192.0.2.2/24 198.51.100.2/24")
		probetest.Down(t, "eth0")
		next(t, events, false, "switched off")
		link, err := netlink.LinkByName("eth0")
		if err != nil {
			t.Fatal(err)
		}
		if err := netlink.LinkDel(link); err != nil {
			t.Fatal(err)
		}
		next(t, events, false, "does not exist")
	}
	cancel()
	<-ended
}

// While nobody listens, more changes than the socket can hold.
func TestAnOverrunLosesNoLastState(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	beyond(t)
	ctx, cancel := context.WithCancel(t.Context())
	events, ended := make(chan probe.LinkEvent), make(chan struct{})
	go func() {
		defer close(ended)
		probe.Watch(ctx, []string{"eth0"}, func(e probe.LinkEvent) { events <- e })
	}()
	<-events
	probetest.Address(t, "eth0", "198.51.100.2/24")
	probetest.Until(t, "the socket has overrun", func() bool {
		for range 50 {
			probetest.Address(t, "lo", "203.0.113.9/32")
			probetest.Forget(t, "lo", "203.0.113.9/32")
		}
		return overrun(t)
	})
	probetest.Down(t, "eth0")
	next(t, events, false, "switched off")
	cancel()
	<-ended
}

// overrun says whether a netlink socket of this network has dropped messages.
func overrun(t *testing.T) bool {
	t.Helper()
	table, err := os.ReadFile("/proc/net/netlink")
	if err != nil {
		t.Skipf("needs /proc/net/netlink: %v", err)
	}
	for _, line := range strings.Split(string(table), "\n")[1:] {
		if f := strings.Fields(line); len(f) > 8 && f[8] != "0" {
			return true
		}
	}
	return false
}

func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	beyond(t).Do(func() { swallow(t, "203.0.113.0/24") })
	probetest.Resolver(t, "203.0.113.53")
	probetest.Default(t, "192.0.2.1", "eth0")
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	mute, err := net.Listen("tcp", "127.0.0.1:8443") // takes calls and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	checks := []probe.Check{
		probe.ICMP("192.0.2.1", eth0), probe.ICMP("192.0.2.99", eth0), probe.ICMP("203.0.113.9", eth0), probe.ICMP("203.0.113.9", probe.Binding{}),
		probe.TCP("203.0.113.9:80", eth0), probe.HTTP("http://203.0.113.9", 200, "", eth0), probe.DNS("good.example", "203.0.113.9", eth0),
		probe.TCP("gw.example:80", eth0), probe.ICMP("gw.example", eth0), probe.HTTP("http://gw.example", 200, "", eth0),
		probe.HTTP("https://203.0.113.9", 200, "", eth0), probe.HTTP("https://127.0.0.1:8443", 200, "", lo),
		probe.TCP(web.Listener.Addr().String(), lo), probe.TCP("127.0.0.1:1", lo), probe.TCP("192.0.2.99:80", eth0),
		probe.HTTP(web.URL, 404, "", lo), probe.HTTP("http://192.0.2.99", 200, "", eth0),
		probe.DNS("good.example", "192.0.2.99", eth0), probe.DNS("good.example", "192.0.2.1", eth0),
		probe.Gateway(addr("192.0.2.1"), eth0), probe.Gateway(addr("192.0.2.99"), eth0),
		probe.Link("eth0"), probe.Link("eth9"),
	}
	round := func() {
		for _, c := range checks {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
			c.Run(ctx)
			cancel()
			c.Run(ctx)
		}
	}
	round() // what the runtime keeps for itself is open after this
	files, routines := descriptors(t), runtime.NumGoroutine()
	for range 3 {
		round()
	}
	probetest.Until(t, "all descriptors and goroutines are back", func() bool {
		return descriptors(t) <= files && runtime.NumGoroutine() <= routines
	})
}

// swallow makes the caller's namespace take packets for a network and drop
// them without a word.
func swallow(t *testing.T, network string) {
	t.Helper()
	probetest.Sysctl(t, "net/ipv4/ip_forward", "1")
	_, dst, err := net.ParseCIDR(network)
	if err == nil {
		err = netlink.RouteAdd(&netlink.Route{Dst: dst, Type: unix.RTN_BLACKHOLE})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("needs /proc/self/fd: %v", err)
	}
	return len(open)
}
