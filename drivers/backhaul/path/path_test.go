package path_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/nftables"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"heliograph/drivers/backhaul/path"
	"heliograph/drivers/probe/probetest"
)

func TestADeadPrimaryAndAWayOut(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	lan := probetest.New(t)
	lan.Wire("eth0")
	probetest.Address(t, "eth0", "192.0.2.2/24")
	probetest.Default(t, "192.0.2.1", "eth0")
	l := w.link(box4, box6)
	before := ground(t)
	p := open(t, w.options())
	if _, err := p.Dial(t.Context(), "tcp", "example.org:7"); !errors.Is(err, path.ErrDown) {
		t.Errorf("before it is up: %v", err)
	}
	up(t, p, l)
	wantEcho(t, p, "example.org:7")
	wantEcho(t, p, site4+":7")
	wantEcho(t, p, "["+site6+"]:7")
	main := func(all string) (own []string) {
		for line := range strings.Lines(all) {
			if strings.HasPrefix(line, "route 2 254") || strings.HasPrefix(line, "route 10 254") {
				own = append(own, line)
			}
		}
		return own
	}
	if was, is := main(before), main(ground(t)); strings.Join(was, "") != strings.Join(is, "") {
		t.Errorf("the main table was\n%vand is\n%v", was, is)
	}
	if f := p.Flows(); len(f) != 3 || f[0].In != 5 || f[0].Out != 5 || f[0].Dials != 1 {
		t.Errorf("flows: %+v", f)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if after := ground(t); after != before {
		t.Errorf("left behind:\n%s\nwanted\n%s", after, before)
	}
	if _, err := p.Dial(t.Context(), "tcp", "example.org:7"); !errors.Is(err, path.ErrDown) {
		t.Errorf("after it was closed: %v", err)
	}
}

func TestMarkedTrafficNeverFallsIntoTheMainTable(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	l := w.link(box4)
	lan := probetest.New(t) // the main table knows a way that the link does not have
	lan.Wire("eth0")
	probetest.Address(t, "eth0", "2001:db8:2::2/64")
	probetest.Default(t, "2001:db8:2::1", "eth0")
	lan.Do(func() {
		probetest.Address(t, "eth0", "2001:db8:2::1/64")
		probetest.Address(t, "lo", site6+"/128")
		echo(t, "["+site6+"]:7")
	})
	unmarked, err := net.Dial("tcp", "["+site6+"]:7")
	if err != nil {
		t.Fatal(err)
	}
	unmarked.Close()
	p := open(t, w.options())
	up(t, p, l)
	if _, err := p.Dial(t.Context(), "tcp6", "["+site6+"]:7"); err == nil {
		t.Error("IPv6 went out by a link that has none")
	}
	marked := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error { // and not bound
		return c.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_MARK, 0x48470001) })
	}}
	if c, err := marked.DialContext(t.Context(), "tcp", "["+site6+"]:7"); !errors.Is(err, syscall.EHOSTUNREACH) && !errors.Is(err, syscall.ENETUNREACH) {
		t.Errorf("IPv6 with the mark: %v, %v", c, err)
	}
	if c, err := marked.DialContext(t.Context(), "tcp", site4+":7"); err != nil {
		t.Errorf("IPv4 with the mark: %v", err)
	} else {
		c.Close()
	}
	wantEcho(t, p, "example.org:7")
}

func TestEveryThirdPacketIsLost(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	w.lose()
	p := open(t, w.options())
	up(t, p, w.link(box4))
	wantEcho(t, p, "example.org:7")
}

func TestALinkWithoutAGateway(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	w.carrier.Do(func() { // an interface without neighbours: whoever is asked for answers
		probetest.Sysctl(t, "net/ipv4/conf/wwan0/proxy_arp", "1")
		probetest.Sysctl(t, "net/ipv4/neigh/wwan0/proxy_delay", "0")
	})
	l := w.link("10.64.0.2/32")
	l.Gateways = nil
	p := open(t, w.options())
	up(t, p, l)
	wantEcho(t, p, "example.org:7")
}

func TestTenOutagesLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	l := w.link(box4, box6)
	o := w.options()
	o.Memory = &memory{}
	before := ground(t)
	p := open(t, o)
	outage := func() {
		up(t, p, l)
		c, err := p.Dial(t.Context(), "tcp", "example.org:7")
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Down(); err != nil {
			t.Error(err)
		}
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("a connection lives on after failback")
		}
	}
	outage()
	goroutines, files, laid := runtime.NumGoroutine(), descriptors(t), ground(t)
	for range 10 {
		outage()
	}
	probetest.Until(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= goroutines })
	probetest.Until(t, "no descriptor is left", func() bool { return descriptors(t) <= files })
	if now := ground(t); now != laid {
		t.Errorf("after ten outages\n%s\nwas\n%s", now, laid)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if after := ground(t); after != before {
		t.Errorf("left behind:\n%s\nwanted\n%s", after, before)
	}
	if m := o.Memory.(*memory); m.stores != 1 {
		t.Errorf("eleven outages with one address cost %d writes, wanted 1", m.stores)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestTheStickIsPulledInMidCall(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	before := ground(t)
	w := newWorld(t)
	p := open(t, w.options())
	l := w.link(box4, box6)
	up(t, p, l)
	wantEcho(t, p, "example.org:7")
	link, err := netlink.LinkByName("wwan0")
	if err == nil {
		err = netlink.LinkDel(link)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Dial(t.Context(), "tcp", site4+":7"); err == nil {
		t.Error("connected through an interface that is gone")
	}
	if err := p.Down(); err != nil {
		t.Errorf("Down after the interface went: %v", err)
	}
	if err := p.Up(l); err == nil {
		t.Error("Up without the interface")
	}
	again := newWorld(t)
	up(t, p, again.link(box4, box6))
	wantEcho(t, p, "example.org:7")
	if err := p.Down(); err != nil {
		t.Error(err)
	}
	link, err = netlink.LinkByName("wwan0")
	if err == nil {
		err = netlink.LinkDel(link)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Errorf("Close after the interface went: %v", err)
	}
	if after := ground(t); after != before {
		t.Errorf("left behind:\n%s\nwanted\n%s", after, before)
	}
}

func TestAfterACrashTheNextRunClearsUp(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	l := w.link(box4, box6)
	before := ground(t)
	crashed := w.options()
	crashed.Name, crashed.Number = "renamed", 7
	for _, o := range []path.Options{w.options(), crashed} {
		p, err := path.New(o)
		if err == nil {
			err = p.Up(l)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Close() }) // only so that its goroutine ends
	}
	p := open(t, w.options())
	if now := ground(t); strings.Contains(now, " 4901\n") || strings.Contains(now, "cell_1") {
		t.Errorf("New left of the crash:\n%s", now)
	}
	if err := path.Sweep(); err != nil {
		t.Error(err)
	}
	if now := ground(t); strings.Contains(now, "4907") || strings.Contains(now, "heliograph") {
		t.Errorf("Sweep left:\n%s\nbefore it was\n%s", now, before)
	}
	up(t, p, l)
	wantEcho(t, p, "example.org:7")
}

func TestSomebodyFlushesRulesAndFilters(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	o := w.options()
	o.Every = 10 * time.Millisecond
	o.Tell = func(err error) {
		if err != nil {
			t.Errorf("told %v", err)
		}
	}
	p := open(t, o)
	up(t, p, w.link(box4, box6))
	laid := ground(t)
	c, err := nftables.New()
	if err != nil {
		t.Fatal(err)
	}
	c.FlushRuleset()
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	rules, err := netlink.RuleList(netlink.FAMILY_V4)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if r.Table == 4901 {
			if err := netlink.RuleDel(&r); err != nil {
				t.Fatal(err)
			}
		}
	}
	probetest.Until(t, "all is laid again", func() bool { return ground(t) == laid })
	wantEcho(t, p, "example.org:7")
}

func TestBytesAreCountedByTheInterface(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	var in, out atomic.Uint64
	o := w.options()
	o.Used = func(i, u uint64) { in.Add(i); out.Add(u) }
	p := open(t, o)
	up(t, p, w.link(box4))
	c, err := p.Dial(t.Context(), "tcp", "example.org:7")
	if err != nil {
		t.Fatal(err)
	}
	const much = 100_000
	written := make(chan error, 1)
	go func() {
		_, err := c.Write(make([]byte, much))
		written <- err
	}()
	if _, err := io.ReadFull(c, make([]byte, much)); err != nil {
		t.Fatal(err)
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if f := p.Flows(); len(f) != 1 || f[0] != (path.Flow{Host: "example.org", Dials: 1, In: much, Out: much}) {
		t.Errorf("flows while open: %+v", f)
	}
	if n := p.CloseAll(); n != 1 {
		t.Errorf("%d connections were open, wanted 1", n)
	}
	if err := p.Down(); err != nil {
		t.Error(err)
	}
	for way, n := range map[string]uint64{"in": in.Load(), "out": out.Load()} {
		if n < much || n > 2*much {
			t.Errorf("%d bytes %s for %d of payload", n, way, much)
		}
	}
	if f := p.Flows(); len(f) != 1 || f[0].In != much {
		t.Errorf("flows afterwards: %+v", f)
	}
}

func TestAddressesAreRememberedForTheDayNamesDie(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	o := w.options()
	m := &memory{}
	o.Memory = m
	p := open(t, o)
	l := w.link(box4)
	up(t, p, l)
	for range 3 {
		wantEcho(t, p, "example.org:7")
	}
	if m.stores != 1 {
		t.Errorf("three calls cost %d writes, wanted 1", m.stores)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	w.names.set(func() { w.names.silent = true })
	p = open(t, o) // the box has started again
	up(t, p, l)
	wantEcho(t, p, "example.org:7")
	if _, err := says(t.Context(), p, "four.example:7", "hello"); err == nil {
		t.Error("a name that was never reached was reached without names")
	}
}

func TestAPortalThatAnswersForEverybodyIsNotRemembered(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	o := w.options()
	m := &memory{}
	o.Memory = m
	p := open(t, o)
	up(t, p, w.link(box4))
	w.pages.Store(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, "top up") }))
	wantProof(t, p, path.Portal, false)
	if m.stores != 0 {
		t.Errorf("the portal's address was stored: %s", m.kept)
	}
	wantEcho(t, p, "example.org:7")
	w.names.set(func() { w.names.known["example.org."] = []string{ns4} }) // where nobody takes calls at 7, but at 8
	w.internet.Do(func() { echo(t, ns4+":8") })
	wantEcho(t, p, "example.org:8")
	w.names.set(func() { w.names.silent = true })
	wantEcho(t, p, "example.org:7") // its first address is not forgotten
}

// In the hardened appliance /proc/sys is read-only.
func TestSettingsThatCannotBeMadeAreSaidAndDoNoHarm(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	l := w.link(box4, box6)
	probetest.Sysctl(t, "net/ipv4/conf/all/rp_filter", "1")
	probetest.Sysctl(t, "net/ipv4/conf/wwan0/rp_filter", "1")
	if err := errors.Join(unix.Mount("/proc/sys", "/proc/sys", "", unix.MS_BIND, ""),
		unix.Mount("", "/proc/sys", "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")); err != nil {
		t.Skipf("needs to mount /proc/sys read-only: %v", err)
	}
	p := open(t, w.options())
	up(t, p, l)
	if notes := strings.Join(p.Notes(), "\n"); !strings.Contains(notes, "net.ipv4.conf.wwan0.rp_filter could not be set to 2") ||
		!strings.Contains(notes, "net.ipv6.conf.wwan0.accept_ra_defrtr could not be set to 0") {
		t.Errorf("notes: %s", notes)
	}
	wantEcho(t, p, site4+":7")
	wantEcho(t, p, "["+site6+"]:7")
}

func TestARouterIsFoundAmongTheNeighbours(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	l := w.link(box6)
	var far netlink.Link
	w.carrier.Do(func() {
		probetest.Address(t, "wwan0", "fe80::1/64")
		var err error
		if far, err = netlink.LinkByName("wwan0"); err != nil {
			t.Fatal(err)
		}
	})
	near, err := netlink.LinkByName("wwan0")
	if err == nil { // as a router advertisement would leave it
		err = netlink.NeighSet(&netlink.Neigh{LinkIndex: near.Attrs().Index, Family: netlink.FAMILY_V6, State: netlink.NUD_PERMANENT,
			Flags: netlink.NTF_ROUTER, IP: net.ParseIP("fe80::1"), HardwareAddr: far.Attrs().HardwareAddr})
	}
	if err != nil {
		t.Fatal(err)
	}
	l.Gateways = nil
	p := open(t, w.options())
	up(t, p, l)
	wantEcho(t, p, "["+site6+"]:7")
}

func TestACarrierWithIPv6Only(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	w.names.set(func() { w.names.known["ipv4only.arpa."] = []string{"64:ff9b::c000:aa", "64:ff9b::c000:ab"} })
	p := open(t, w.options())
	l := w.link(box6)
	up(t, p, l)
	wantEcho(t, p, "example.org:7")
	wantEcho(t, p, site4+":7")
	wantEcho(t, p, "four.example:7") // without DNS64 for it
	w.names.set(func() {
		n := 0
		for _, a := range w.names.asked {
			if a == "ipv4only.arpa." {
				n++
			}
		}
		if n != 1 {
			t.Errorf("the translator was asked for %d times, wanted once", n)
		}
	})
	if proof := p.Verify(t.Context()); proof.State != path.Works || !strings.Contains(proof.Words, "translator") {
		t.Errorf("%+v", proof)
	}
}

func TestWithoutTheCapabilityItSaysSo(t *testing.T) {
	t.Parallel()
	if !probetest.EnterPowerless(t) {
		return
	}
	if _, err := path.New(path.Options{Name: "cell", Interface: "lo"}); !errors.Is(err, path.ErrNotPermitted) {
		t.Errorf("New: %v, wanted ErrNotPermitted", err)
	}
}

func TestOptionsAndLinksThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for _, o := range []path.Options{{}, {Name: "Cell"}, {Name: "cell", Number: 16}, {Name: "cell", Interface: "../eth0"}, {Name: "cell", Interface: ".."},
		{Name: "cell", Pages: []string{"example.org/generate_204"}}, {Name: "cell", Hosts: []string{"smtp.example.org"}}} {
		if _, err := path.New(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	if !enter(t) {
		return
	}
	p := open(t, path.Options{Name: "cell"})
	for _, l := range []path.Link{{}, {Interface: "lo"}, {Interface: "lo", Addresses: w6("fe80::1/64")}, {Interface: "lo", Addresses: w6("192.0.2.1/24"), MTU: 68}} {
		if err := p.Up(l); err == nil {
			t.Errorf("%+v was taken", l)
		}
	}
}

func TestDownEndsADialThatHangs(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	w.carrier.Do(func() { probetest.Sysctl(t, "net/ipv4/ip_forward", "0") })
	p := open(t, w.options())
	up(t, p, w.link(box4))
	ended := make(chan error, 1)
	go func() {
		_, err := p.Dial(context.Background(), "tcp", site4+":7")
		ended <- err
	}()
	probetest.Until(t, "the call is out", func() bool {
		c, err := p.Counters()
		return err == nil && c.Out.Packets > 0
	})
	if err := p.Down(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, path.ErrDown) {
		t.Errorf("ended with %v", err)
	}
}
