package isp_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/backhaul/path"
	"heliograph/firmware/rehearsal/isp"
)

// roaming is a box with two uplinks and a mobile carrier; a server of its own
// says a word on all of them.
func roaming() isp.Plan {
	p := two()
	p.Cell, p.Failover = "wwan0", true
	p.Resolvers = []netip.Addr{addr("1.1.1.1"), addr("9.9.9.9")}
	p.Names = map[string]netip.Addr{"word.example": addr("203.0.113.25"), "check.example": addr("203.0.113.80")}
	p.Servers = []isp.Server{{Addr: port("203.0.113.25:587"), Serve: func(l net.Listener) {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(c, "word")
			c.Close()
		}
	}}}
	return p
}

// TestACarrierLeadsToTheSameWorld reaches a server by name over an uplink,
// over the other one, and over the carrier when both are dark.
func TestACarrierLeadsToTheSameWorld(t *testing.T) {
	if !inside(t) {
		return
	}
	n := lay(t, roaming())
	resolv := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(resolv, []byte("nameserver 1.1.1.1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := n.Cover("/etc/resolv.conf", resolv); err != nil {
		t.Fatal(err)
	}
	resolver := &net.Resolver{PreferGo: true}
	primary := (&net.Dialer{Resolver: resolver, Timeout: 5 * time.Second}).DialContext
	word(t, "both up", primary)
	broken(t, n, "transit-a", isp.Cut)
	word(t, "a dark", primary)
	broken(t, n, "transit-b", isp.Cut)
	if c, err := primary(t.Context(), "tcp", "word.example:587"); err == nil {
		c.Close()
		t.Error("both dark, and the main table leads out")
	}
	if f := n.Flows(); len(f) != 0 {
		t.Errorf("before anybody uses it, the carrier hears %v", f)
	}
	w := wireless(t)
	word(t, "over the carrier", w.Dial)
	if p := w.Verify(t.Context()); p.State != path.Works {
		t.Errorf("it is found to be %+v", p)
	}
	taken, err := n.Stray()
	if err != nil || taken {
		t.Errorf("a call from the carrier's side was taken: %v (%v)", taken, err)
	}
	flows := n.Flows()
	if !slices.ContainsFunc(flows, func(f isp.Flow) bool {
		return f.Protocol == "tcp" && f.Remote == port("203.0.113.25:587") && f.Out > 100 && f.In > 100 && f.Packets > 4
	}) {
		t.Errorf("the carrier heard %v", flows)
	}
	for _, f := range flows {
		if f.Remote == isp.StrayAddr {
			t.Errorf("another program came out: %v", f)
		}
	}
}

// TestACarrierHasFaults shows each as the box finds it, and that it ends.
func TestACarrierHasFaults(t *testing.T) {
	if !inside(t) {
		return
	}
	n := lay(t, roaming())
	w := wireless(t)
	for range 2 {
		if err := n.BreakCell(isp.Portal); err != nil {
			t.Fatal(err)
		}
		if p := w.Verify(t.Context()); p.State != path.Portal || !strings.Contains(p.Words, "302 to portal.carrier.example") {
			t.Errorf("a portal is found to be %+v", p)
		}
		if _, err := w.Dial(t.Context(), "tcp", "203.0.113.25:587"); err == nil {
			t.Error("a portal lets others through")
		}
		if err := n.MendCell(isp.Portal); err != nil {
			t.Fatal(err)
		}
		word(t, "mended", w.Dial)
	}
	if err := n.BreakCell(isp.NoCarrier); err != nil {
		t.Fatal(err)
	}
	if running(t) {
		t.Error("without a carrier its port is running")
	}
	if f := n.CellBroken(); !slices.Equal(f, []isp.Fault{isp.NoCarrier}) {
		t.Errorf("broken: %v", f)
	}
	if err := n.MendAll(); err != nil {
		t.Fatal(err)
	}
	if !running(t) || len(n.CellBroken()) != 0 {
		t.Error("the carrier does not come back")
	}
	word(t, "mended", w.Dial)
	if err := n.BreakCell(isp.Cut); err == nil {
		t.Error("a carrier has no fibre that can be cut")
	}
}

// TestWithoutACarrier asks for one where there is none.
func TestWithoutACarrier(t *testing.T) {
	t.Parallel()
	n, err := isp.LayLoopback(isp.Plan{Uplinks: []isp.Uplink{{Name: "a"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	_, stray := n.Stray()
	if n.Cellular() || n.Flows() != nil || n.CellBroken() != nil || n.BreakCell(isp.Portal) == nil || stray == nil || n.Cover("/etc/hosts", "/dev/null") == nil {
		t.Error("over loopback there is a carrier")
	}
}

func broken(t *testing.T, n *isp.Network, uplink string, f isp.Fault) {
	t.Helper()
	if err := n.Break(uplink, f); err != nil {
		t.Fatal(err)
	}
}

// word hears what the server says.
func word(t *testing.T, when string, dial func(context.Context, string, string) (net.Conn, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := dial(ctx, "tcp", "word.example:587")
	if err != nil {
		t.Errorf("%s: %v", when, err)
		return
	}
	defer c.Close()
	if said, err := io.ReadAll(c); string(said) != "word" {
		t.Errorf("%s: it says %q (%v)", when, said, err)
	}
}

// wireless is the appliance's path over the carrier.
func wireless(t *testing.T) *path.Path {
	t.Helper()
	w, err := path.New(path.Options{Name: "cell", Interface: "wwan0", Pages: []string{"http://check.example/"}})
	if err == nil {
		err = w.Up(path.Link{Interface: "wwan0", Addresses: []netip.Prefix{netip.MustParsePrefix("100.127.0.2/24")}, Gateways: []netip.Addr{isp.CellGateway()}})
	}
	if err != nil {
		t.Skipf("needs nftables in a network namespace: %v", err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func running(t *testing.T) bool {
	t.Helper()
	i, err := net.InterfaceByName("wwan0")
	if err != nil {
		t.Fatal(err)
	}
	return i.Flags&net.FlagRunning != 0
}
