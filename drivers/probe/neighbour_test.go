package probe

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"heliograph/drivers/probe/probetest"
)

// Without CAP_NET_ADMIN the kernel cannot be made to ask a neighbour anew, so
// the age of its last answer decides. This test looks at the neighbour's half
// of Gateway alone, because a capability is dropped for one thread.
func TestWithoutTheCapabilityTheAgeOfAnAnswerDecides(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	gw := probetest.New(t)
	gw.Wire("eth0")
	probetest.Address(t, "eth0", "192.0.2.2/24")
	gw.Do(func() { probetest.Address(t, "eth0", "192.0.2.1/24") })
	here, err := net.InterfaceByName("eth0")
	if err != nil {
		t.Fatal(err)
	}
	set := func(ip net.IP, state int) {
		t.Helper()
		n := &netlink.Neigh{LinkIndex: here.Index, IP: ip, State: state, HardwareAddr: net.HardwareAddr{2, 0, 0, 0, 0, 9}}
		if err := netlink.NeighSet(n); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(target string) (r Result) {
		probetest.Without(t, func() {
			ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
			defer cancel()
			r = Binding{Interface: "eth0"}.neighbour(ctx, netip.MustParseAddr(target))
		}, unix.CAP_NET_ADMIN)
		return r
	}
	if r := ask("192.0.2.1"); !r.OK || r.Seen != "ARP answer" {
		t.Errorf("unknown so far: %+v", r)
	}
	if r := ask("192.0.2.1"); !r.OK || !strings.HasSuffix(r.Seen, " ago") {
		t.Errorf("answered just now: %+v", r)
	}
	set(net.IPv4(192, 0, 2, 9), netlink.NUD_STALE) // an address heard of, never confirmed
	if r := ask("192.0.2.9"); r.OK || r.Fault != Silence || !strings.HasPrefix(r.Seen, "no ARP answer in ") {
		t.Errorf("stale and never confirmed: %+v", r)
	}
}
