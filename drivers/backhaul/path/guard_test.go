package path_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"heliograph/drivers/probe/probetest"
)

// tap writes down every packet on a port of a place, as the carrier would
// see it and bill it.
type tap struct {
	mu   sync.Mutex
	seen []string
}

// tapped begins to listen, by AF_PACKET, before it returns.
func tapped(t *testing.T, p probetest.Place, port string) *tap {
	t.Helper()
	var fd int
	p.Do(func() {
		dev, err := net.InterfaceByName(port)
		if err != nil {
			t.Fatal(err)
		}
		all := int(binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, unix.ETH_P_ALL)))
		if fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, all); err != nil {
			t.Skipf("needs a kernel with PACKET sockets: %v", err)
		}
		if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: uint16(all), Ifindex: dev.Index}); err != nil {
			t.Fatal(err)
		}
	})
	f := os.NewFile(uintptr(fd), "tap")
	t.Cleanup(func() { f.Close() })
	raw, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	c := &tap{}
	go func() {
		buffer := make([]byte, 2048)
		for raw.Read(func(fd uintptr) bool { return c.take(int(fd), buffer) }) == nil {
		}
	}()
	return c
}

// take reads one packet and says whether there was one.
func (c *tap) take(fd int, buffer []byte) bool {
	n, from, err := unix.Recvfrom(fd, buffer, 0)
	if err != nil {
		return !errors.Is(err, syscall.EAGAIN)
	}
	if ll, ok := from.(*unix.SockaddrLinklayer); ok && ll.Pkttype != unix.PACKET_OUTGOING {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.seen = append(c.seen, describe(buffer[:n]))
	}
	return true
}

// describe is a packet in words: protocol, destination, and the largest
// segment of a SYN.
func describe(b []byte) string {
	if len(b) < 28 {
		return ""
	}
	switch b[0] >> 4 {
	case 4:
		to, _ := netip.AddrFromSlice(b[16:20])
		return transport(b[9], to, b[4*int(b[0]&15):])
	case 6:
		if len(b) < 48 {
			return ""
		}
		to, _ := netip.AddrFromSlice(b[24:40])
		if b[6] == 0 && len(b) > 48 { // hop-by-hop: multicast listener reports
			return transport(b[40], to, b[48:])
		}
		return transport(b[6], to, b[40:])
	}
	return "arp"
}

func transport(proto byte, to netip.Addr, b []byte) string {
	switch {
	case proto == unix.IPPROTO_TCP && len(b) >= 24 && b[13]&2 != 0 && b[20] == 2:
		return fmt.Sprintf("syn %s %d mss %d", to, binary.BigEndian.Uint16(b[2:]), binary.BigEndian.Uint16(b[22:]))
	case proto == unix.IPPROTO_TCP:
		return fmt.Sprintf("tcp %s %d", to, binary.BigEndian.Uint16(b[2:]))
	case proto == unix.IPPROTO_UDP:
		return fmt.Sprintf("udp %s %d", to, binary.BigEndian.Uint16(b[2:]))
	case proto == unix.IPPROTO_ICMP:
		return fmt.Sprintf("icmp %s type %d", to, b[0])
	case proto == unix.IPPROTO_ICMPV6:
		return fmt.Sprintf("icmp6 %s type %d", to, b[0])
	}
	return fmt.Sprintf("proto %d %s", proto, to)
}

func (c *tap) saw(part string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.seen {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// others is what was seen that begins with none of some beginnings.
func (c *tap) others(ours ...string) (list []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
next:
	for _, s := range c.seen {
		for _, o := range ours {
			if strings.HasPrefix(s, o) {
				continue next
			}
		}
		list = append(list, s)
	}
	return list
}

// stray is traffic of other processes that insists on wwan0: curl --interface,
// ntpd, ping, in both families. Each waits not for an answer.
func stray(t *testing.T) {
	t.Helper()
	d := net.Dialer{Timeout: 50 * time.Millisecond, Control: func(_, _ string, c syscall.RawConn) error {
		var set error
		err := c.Control(func(fd uintptr) { set = unix.BindToDevice(int(fd), "wwan0") })
		return errors.Join(err, set)
	}}
	for _, at := range []string{"203.0.113.66:8080", "[2001:db8:f::66]:8080"} {
		if c, err := d.Dial("tcp", at); err == nil {
			c.Close()
		}
	}
	for _, at := range []string{"203.0.113.66:123", "[2001:db8:f::66]:123"} {
		if c, err := d.Dial("udp", at); err == nil {
			_, _ = c.Write([]byte("what time is it"))
			c.Close()
		}
	}
	for network, to := range map[string]string{"ip4:icmp": "203.0.113.66", "ip6:ipv6-icmp": "2001:db8:f::66"} {
		c, err := d.Dial(network, to)
		if err != nil {
			t.Fatal(err)
		}
		kind := map[string]byte{"ip4:icmp": 8, "ip6:ipv6-icmp": 128}[network]
		sum := ^(uint16(kind)<<8 + 1) // IPv4; the kernel does it for IPv6
		_, _ = c.Write([]byte{kind, 0, byte(sum >> 8), byte(sum), 0, 1, 0, 0})
		c.Close()
	}
}

var strayed = []string{"syn 203.0.113.66 8080", "syn 2001:db8:f::66 8080", "udp 203.0.113.66 123", "udp 2001:db8:f::66 123",
	"icmp 203.0.113.66 type 8", "icmp6 2001:db8:f::66 type 128"}

func TestNothingButOurOwnLeavesByIt(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	l := w.link(box4, box6)
	probetest.Default(t, "10.64.0.1", "wwan0") // somebody's DHCP client has been at the main table
	probetest.Default(t, "2001:db8:64::1", "wwan0")
	tap := tapped(t, w.carrier, "wwan0")
	for _, s := range strayed {
		probetest.Until(t, "without a guard the carrier sees "+s, func() bool { stray(t); return tap.saw(s) })
	}

	p := open(t, w.options())
	up(t, p, l)
	tap = tapped(t, w.carrier, "wwan0")
	stray(t)
	wantEcho(t, p, "example.org:7")
	wantEcho(t, p, "["+site6+"]:7")
	probetest.Until(t, "the carrier sees ours", func() bool { return tap.saw("tcp " + site6 + " 7") })
	if leaked := tap.others("tcp "+site4+" 7", "syn "+site4+" 7", "tcp "+site6+" 7", "syn "+site6+" 7",
		"udp "+ns4+" 53", "udp "+ns6+" 53", "arp", "icmp6 2001:db8:64::1 type 13", "icmp6 ff02::1:ff00:1 type 135", "icmp6 fe80:"); len(leaked) > 0 {
		t.Errorf("leaked: %q", leaked)
	}
	if c, err := p.Counters(); err != nil || c.RefusedOut.Packets < 6 || c.Out.Packets < 6 || c.In.Packets < 4 {
		t.Errorf("counters %+v, %v", c, err)
	}
}

// door is a service of the box on all its addresses.
type door struct {
	mu      sync.Mutex
	knocked map[string]bool
}

func (d *door) knock(who string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.knocked[who] = true
}

func (d *door) heard(who string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.knocked[who]
}

func doors(t *testing.T) *door {
	d := &door{knocked: map[string]bool{}}
	for _, at := range []string{"0.0.0.0:22", "[::]:23"} {
		l := listen(t, at)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				d.knock("tcp " + at)
				c.Close()
			}
		}()
		u, err := net.ListenPacket("udp", at)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { u.Close() })
		go func() {
			b := make([]byte, 64)
			for {
				if _, _, err := u.ReadFrom(b); err != nil {
					return
				}
				d.knock("udp " + at)
			}
		}()
	}
	return d
}

// scan knocks at the doors from the carrier's side.
func scan(t *testing.T, carrier probetest.Place) (answered []string) {
	t.Helper()
	for _, at := range []string{"10.64.0.2:22", "[2001:db8:64::2]:23", "10.64.0.2:99", "[2001:db8:64::2]:99"} {
		var err error
		carrier.Do(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			var d net.Dialer
			var c net.Conn
			if c, err = d.DialContext(ctx, "tcp", at); err == nil {
				c.Close()
			}
			if u, err := net.Dial("udp", at); err == nil {
				_, _ = u.Write([]byte("anybody there"))
				u.Close()
			}
		})
		if err == nil || errors.Is(err, syscall.ECONNREFUSED) {
			answered = append(answered, at) // a closed port that says so tells that there is a box
		}
	}
	return answered
}

func TestNobodyComesInByIt(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	l := w.link(box4, box6)
	open4 := doors(t)
	probetest.Until(t, "without a guard the scan finds all", func() bool { return len(scan(t, w.carrier)) == 4 })
	for _, who := range []string{"tcp 0.0.0.0:22", "udp 0.0.0.0:22", "tcp [::]:23", "udp [::]:23"} {
		probetest.Until(t, "without a guard there is a call at "+who, func() bool { return open4.heard(who) })
	}

	p := open(t, w.options())
	up(t, p, l)
	shut := doorsAgain(open4)
	if found := scan(t, w.carrier); len(found) > 0 {
		t.Errorf("the scan found %v", found)
	}
	c, err := p.Counters()
	if err != nil || c.RefusedIn.Packets < 8 { // four calls, four packets
		t.Errorf("counters %+v, %v", c, err)
	}
	if heard := shut.all(); len(heard) > 0 {
		t.Errorf("heard: %v", heard)
	}
	if err := p.Down(); err != nil {
		t.Error(err)
	}
	if found := scan(t, w.carrier); len(found) > 0 {
		t.Errorf("between two uses the scan found %v", found)
	}
}

// doorsAgain forgets who knocked.
func doorsAgain(d *door) *door {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.knocked)
	return d
}

func (d *door) all() (list []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for who := range d.knocked {
		list = append(list, who)
	}
	return list
}

func TestNobodyPassesThroughTheBox(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	lan := probetest.New(t)
	lan.Wire("eth0")
	probetest.Address(t, "eth0", "192.0.2.1/24")
	probetest.Sysctl(t, "net/ipv4/ip_forward", "1")
	lan.Do(func() { probetest.Address(t, "eth0", "192.0.2.9/24"); probetest.Default(t, "192.0.2.1", "eth0") })
	l := w.link(box4)
	probetest.Default(t, "10.64.0.1", "wwan0")
	tap := tapped(t, w.carrier, "wwan0")
	desk := func() {
		lan.Do(func() {
			c, err := net.Dial("udp", "203.0.113.77:5000")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = c.Write([]byte("video"))
			c.Close()
		})
	}
	probetest.Until(t, "without a guard a desk uses the backhaul", func() bool { desk(); return tap.saw("udp 203.0.113.77 5000") })
	p := open(t, w.options())
	up(t, p, l)
	tap = tapped(t, w.carrier, "wwan0")
	probetest.Until(t, "the guard refuses the desk", func() bool {
		desk()
		c, err := p.Counters()
		return err == nil && c.RefusedForward.Packets > 0
	})
	wantEcho(t, p, "example.org:7")
	if tap.saw("203.0.113.77") {
		t.Error("a desk came through")
	}
}

func TestSegmentsFitTheMTU(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	o := w.options()
	o.Interface = "wwan0"
	p := open(t, o)
	tap := tapped(t, w.carrier, "wwan0")
	l := w.link(box4, box6)
	l.MTU = 0
	probetest.Default(t, "10.64.0.1", "wwan0")
	probetest.Default(t, "2001:db8:64::1", "wwan0")
	marked := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error { // not by our table, which has the MTU too
		return c.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_MARK, 0x48470001) })
	}}
	for _, at := range []string{site4 + ":7", "[" + site6 + "]:7"} {
		c, err := marked.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := c.(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		var segment int
		if err := raw.Control(func(fd uintptr) { segment, _ = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_MAXSEG) }); err != nil {
			t.Fatal(err)
		}
		if segment > 1360 || segment < 1300 {
			t.Errorf("%s: the box sends segments of %d", at, segment)
		}
		c.Close()
	}
	for _, want := range []string{"syn " + site4 + " 7 mss 1360", "syn " + site6 + " 7 mss 1340"} {
		probetest.Until(t, "the carrier sees "+want, func() bool { return tap.saw(want) })
	}
	l.MTU = 1300
	up(t, p, l)
	wantEcho(t, p, site4+":7")
	probetest.Until(t, "the carrier sees segments for the link's MTU", func() bool { return tap.saw("syn " + site4 + " 7 mss 1260") })
}

// A carrier whose tunnel is narrower than it says: errors about our own
// conversations must come in.
func TestAPacketThatIsTooBigIsToldOf(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	w.carrier.Do(func() { mtu(t, "world", 1300) })
	p := open(t, w.options())
	l := w.link(box4, box6)
	l.MTU = 1500
	up(t, p, l)
	for _, at := range []string{site4 + ":7", "[" + site6 + "]:7"} {
		word := strings.Repeat("x", 50_000)
		got := make(chan error, 1)
		go func() {
			said, err := exchange(t.Context(), p, at, word)
			if err == nil && said != word {
				err = errors.New("something else came back")
			}
			got <- err
		}()
		if err := <-got; err != nil {
			t.Errorf("%s: %v", at, err)
		}
	}
}

func TestDHCPPassesOnlyWhereItIsSpoken(t *testing.T) {
	t.Parallel()
	if !enter(t) {
		return
	}
	w := newWorld(t)
	w.link(box4)
	for _, spoken := range []bool{false, true} {
		o := w.options()
		o.Interface, o.DHCP = "wwan0", spoken
		p := open(t, o)
		u, err := net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(10, 64, 0, 2), Port: 68}, &net.UDPAddr{IP: net.IPv4(10, 64, 0, 1), Port: 67})
		if err != nil {
			t.Fatal(err)
		}
		_, err = u.Write([]byte("renew"))
		if u.Close(); (err == nil) != spoken {
			t.Errorf("DHCP %v: %v", spoken, err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}
