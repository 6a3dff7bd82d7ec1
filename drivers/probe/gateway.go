package probe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// proven is how old an ARP or ND answer may be and still count where the
// neighbour could not be asked anew. The kernel of itself asks a neighbour in
// use again after at most 45 s, and takes up to 8 s over it; an entry that was
// never confirmed is born 60 s old.
const proven = 55 * time.Second

// Gateway passes when the gateway answers ARP (ND for IPv6) or a ping; many
// gateways drop ping. With CAP_NET_ADMIN the neighbour is asked anew each
// time; without it the answer may be up to 55 s old.
func Gateway(addr netip.Addr, b Binding) Check {
	return check(func(ctx context.Context) Result {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		pinged, asked := make(chan Result, 1), make(chan Result, 1)
		go func() { pinged <- b.ping(ctx, addr) }()
		go func() { asked <- b.neighbour(ctx, addr) }()
		var ping, arp Result
		select {
		case ping = <-pinged:
			stopIf(ping.OK, cancel)
			arp = <-asked
		case arp = <-asked:
			stopIf(arp.OK, cancel)
			ping = <-pinged
		}
		return either(addr, arp, ping)
	})
}

func stopIf(decided bool, cancel func()) {
	if decided {
		cancel()
	}
}

// either prefers a pass, then the failure that says more about the gateway
// than about this box.
func either(addr netip.Addr, arp, ping Result) Result {
	switch {
	case arp.OK, ping.Fault == Local && arp.Fault != Local:
		return arp
	case ping.OK, arp.Fault == Local && ping.Fault != Local:
		return ping
	}
	if arp.Fault == Silence && ping.Fault == Silence {
		arp.Seen = "no answer to " + neighbour{addr: addr}.protocol() + " or ping" // a text has no room for more
		return arp
	}
	arp.Seen += "; ping: " + ping.Seen
	return arp
}

// known are the states of an entry that has a link address. None of them is
// proof by itself: a REACHABLE entry may be 45 s old, a STALE one a day.
const known = netlink.NUD_REACHABLE | netlink.NUD_STALE | netlink.NUD_DELAY | netlink.NUD_PROBE

// neighbour asks for the gateway's link address and waits for the answer. A
// known address is put into PROBE, which makes the kernel ask that neighbour
// at once; an unknown one is looked for when a datagram needs it.
func (b Binding) neighbour(ctx context.Context, addr netip.Addr) Result {
	began := time.Now()
	index, err := b.onLink(addr)
	if err != nil {
		return b.judge(ctx, err, began)
	}
	n := neighbour{index: index, addr: addr}
	if mute(index) {
		return Result{Fault: Local, Seen: "this kind of interface has no " + n.protocol()}
	}
	before := n.entry()
	if before.State&(netlink.NUD_PERMANENT|netlink.NUD_NOARP) != 0 {
		return Result{Fault: Local, Seen: "the neighbour entry is static and proves nothing"}
	}
	fresh := before.State&known == 0 || n.ask() == nil
	if err := b.provoke(ctx, addr); err != nil {
		return b.judge(ctx, err, began)
	}
	return b.await(ctx, n, fresh, began)
}

// await looks at the entry until it proves the gateway, or fails. With fresh,
// the entry was not REACHABLE when this check began, so REACHABLE is proof;
// else the age of the last proof decides.
func (b Binding) await(ctx context.Context, n neighbour, fresh bool, began time.Time) Result {
	pause := time.NewTimer(time.Millisecond)
	defer pause.Stop()
	for wait := time.Millisecond; ; wait = min(2*wait, 100*time.Millisecond) {
		switch e := n.entry(); {
		case e.State == netlink.NUD_REACHABLE && fresh:
			return passed(began, n.protocol()+" answer")
		case e.State&known != 0 && !fresh && age(e) < proven:
			return passed(began, fmt.Sprintf("%s answer %s ago", n.protocol(), length(age(e))))
		case e.State == netlink.NUD_FAILED:
			return Result{Fault: Silence, Seen: "no " + n.protocol() + " answer"}
		}
		pause.Reset(wait)
		select {
		case <-ctx.Done():
			r := b.judge(ctx, ctx.Err(), began)
			r.Seen = strings.Replace(r.Seen, "no answer", "no "+n.protocol()+" answer", 1)
			return r
		case <-pause.C:
		}
	}
}

// onLink is the index of the interface on whose wire the gateway is.
func (b Binding) onLink(addr netip.Addr) (int, error) {
	if name := cmp.Or(b.Interface, addr.Zone()); name != "" {
		link, err := net.InterfaceByName(name)
		if err != nil {
			return 0, err
		}
		return link.Index, nil
	}
	routes, err := netlink.RouteGet(addr.AsSlice())
	if err != nil || len(routes) == 0 || routes[0].Gw != nil {
		return 0, &net.AddrError{Err: "no wire of this box leads to it", Addr: addr.String()}
	}
	return routes[0].LinkIndex, nil
}

// mute says whether the kernel resolves no neighbours on an interface: a
// tunnel, PPP, a modem, the loopback.
func mute(index int) bool {
	link, err := netlink.LinkByIndex(index)
	return err == nil && link.Attrs().RawFlags&(unix.IFF_NOARP|unix.IFF_LOOPBACK) != 0
}

// provoke makes the kernel need the gateway's link address, by a datagram to
// its discard port. What the gateway answers to that does not matter.
func (b Binding) provoke(ctx context.Context, addr netip.Addr) error {
	c, err := b.dialer("udp").DialContext(ctx, "udp", netip.AddrPortFrom(b.scoped(addr), 9).String())
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Write([]byte("?"))
	if errors.Is(err, syscall.ECONNREFUSED) {
		return nil
	}
	return err
}

// neighbour is an address on one wire.
type neighbour struct {
	index int
	addr  netip.Addr
}

func (n neighbour) protocol() string {
	if n.addr.Is4() {
		return "ARP"
	}
	return "ND"
}

func (n neighbour) family() int {
	if n.addr.Is4() {
		return netlink.FAMILY_V4
	}
	return netlink.FAMILY_V6
}

// entry is what the kernel holds for the neighbour; its State is zero if
// there is none.
func (n neighbour) entry() netlink.Neigh {
	all, _ := netlink.NeighList(n.index, n.family()) // an interrupted dump is read again soon
	for _, e := range all {
		if e.IP.Equal(n.addr.AsSlice()) {
			return e
		}
	}
	return netlink.Neigh{}
}

// ask makes the kernel verify a known neighbour now. It needs CAP_NET_ADMIN.
func (n neighbour) ask() error {
	return netlink.NeighSet(&netlink.Neigh{LinkIndex: n.index, Family: n.family(), IP: n.addr.AsSlice(), State: netlink.NUD_PROBE})
}

// age is how long ago the neighbour was last proven, from the kernel's count
// in hundredths of a second (USER_HZ).
func age(e netlink.Neigh) time.Duration { return time.Duration(e.Confirmed) * 10 * time.Millisecond }
