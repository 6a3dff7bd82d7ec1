package backhaul

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
)

// InterfaceOptions of a link that somebody else keeps up: an LTE router on
// eth1, or the wwan0 of ModemManager.
type InterfaceOptions struct {
	Interface string
	Gateways  []netip.Addr // at most one of each family; empty: learnt
	DNS       []netip.Addr // empty: learnt from systemd-networkd, if that is who keeps it
}

// Interface is a link that comes and goes by somebody else's doing. Up waits
// for it; it changes nothing.
type Interface struct {
	o    InterfaceOptions
	stop context.CancelFunc // of the watch; nil while there is none
}

// NewInterface makes the link; nothing is looked at before Up.
func NewInterface(o InterfaceOptions) (*Interface, error) {
	if o.Interface == "" {
		return nil, errors.New("a link that somebody else keeps up needs the name of its interface")
	}
	return &Interface{o: o}, nil
}

const (
	patience = 20 * time.Second // for a carrier and an address of a link that is there
	linger   = 3 * time.Second  // for the second family, when the first is there
)

// Up waits until the interface has a carrier, an address and, where it needs
// one, a gateway.
func (i *Interface) Up(ctx context.Context) (Connection, error) {
	began := time.Now()
	first, err := lookAt(i.o.Interface)
	if err != nil {
		return Connection{}, err
	}
	if !first.there {
		return Connection{}, missing(i.o.Interface)
	}
	c, err := within(ctx, patience, i.o.Interface, func(c card) bool { return !c.there || i.ready(c) })
	if err != nil {
		return Connection{}, err
	}
	if !i.ready(c) {
		return Connection{}, i.unready(c)
	}
	conn := Connection{Interface: i.o.Interface, Addresses: c.addresses, Gateways: i.gateways(c), DNS: i.servers(c)}
	if c.mtu < 1500 {
		conn.MTU = c.mtu
	}
	watched, stop := context.WithCancel(context.WithoutCancel(ctx))
	lost := make(chan error, 1)
	i.stop, conn.Lost, conn.Took = stop, lost, time.Since(began)
	go watch(watched, i.o.Interface, c.addresses, lost)
	return conn, nil
}

// Down stops watching.
func (i *Interface) Down(context.Context) error {
	if i.stop != nil {
		i.stop()
	}
	i.stop = nil
	return nil
}

func (i *Interface) ready(c card) bool {
	return c.running && len(c.addresses) > 0 && (c.plain || len(i.gateways(c)) > 0)
}

// missing is an interface that is not there.
func missing(name string) *Trouble {
	return &Trouble{Kind: Gone, Cause: "there is no interface " + name, Advice: "check that the modem or router is plugged in, and interface: of the backhaul"}
}

// unready says what an interface lacks.
func (i *Interface) unready(c card) *Trouble {
	name := i.o.Interface
	switch {
	case !c.there:
		return missing(name)
	case !c.running:
		return &Trouble{Kind: Gone, Cause: name + " has no carrier", Advice: "check the cable to the router and that somebody switches the interface on"}
	case len(c.addresses) == 0:
		return &Trouble{Kind: Silent, Cause: name + " has no address", Advice: "whoever keeps the interface has to give it one: a static address, DHCP, or ModemManager"}
	}
	return &Trouble{Kind: Broken, Cause: "no gateway is known on " + name, Advice: "write gateway: beside interface:"}
}

// gateways are the configured ones, those of the interface's default routes in
// whatever table, networkd's, and a router that advertises itself.
func (i *Interface) gateways(c card) []netip.Addr {
	if len(i.o.Gateways) > 0 {
		return i.o.Gateways
	}
	known := append(routedBy(c.index), lease(c.index, "ROUTER")...)
	known = append(known, c.router)
	var some []netip.Addr
	for _, v6 := range []bool{false, true} {
		if k := slices.IndexFunc(known, func(a netip.Addr) bool { return a.IsValid() && a.Is6() == v6 }); k >= 0 && c.has(v6) {
			some = append(some, known[k])
		}
	}
	return some
}

func (i *Interface) servers(c card) []netip.Addr {
	if len(i.o.DNS) > 0 {
		return i.o.DNS
	}
	return lease(c.index, "DNS")
}

// routedBy are the gateways of an interface's default routes.
func routedBy(index int) []netip.Addr {
	var all []netip.Addr
	for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		routes, err := netlink.RouteListFiltered(family, &netlink.Route{LinkIndex: index, Table: 0}, netlink.RT_FILTER_OIF|netlink.RT_FILTER_TABLE)
		if err != nil {
			continue
		}
		for _, r := range routes {
			ip, ok := netip.AddrFromSlice(r.Gw)
			if ok && (r.Dst == nil || isDefault(r.Dst)) {
				all = append(all, ip.Unmap())
			}
		}
	}
	return all
}

func isDefault(n *net.IPNet) bool { ones, _ := n.Mask.Size(); return ones == 0 }

// lease reads addresses from the lease that systemd-networkd keeps of an
// interface (sd-network's file: KEY=a b c).
func lease(index int, key string) []netip.Addr {
	f, err := os.Open(filepath.Join("/run/systemd/netif/leases", strconv.Itoa(index)))
	if err != nil {
		return nil
	}
	defer f.Close()
	return readLease(f, key)
}

func readLease(r io.Reader, key string) []netip.Addr {
	var all []netip.Addr
	for lines := bufio.NewScanner(r); lines.Scan(); {
		words, ok := strings.CutPrefix(lines.Text(), key+"=")
		if !ok {
			continue
		}
		for _, w := range strings.Fields(words) {
			if a, err := netip.ParseAddr(w); err == nil {
				all = append(all, a)
			}
		}
	}
	return all
}

// watch tells when an interface loses its carrier or an address of a
// connection, and closes lost when it is stopped.
func watch(ctx context.Context, name string, addresses []netip.Prefix, lost chan<- error) {
	defer close(lost)
	for {
		c, err := await(ctx, name, func(c card) bool { return fault(name, c, addresses) != nil })
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			lost <- fault(name, settled(ctx, name, c), addresses)
			return
		}
		select { // the kernel cannot be asked just now
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// settles is how long the kernel takes at most from the first to the last of
// what it does to an interface that goes.
const settles = 300 * time.Millisecond

// settled is what has become of a faulty interface. One that is pulled loses
// its carrier and its addresses first, and people are to hear that it was pulled.
func settled(ctx context.Context, name string, c card) card {
	ctx, stop := context.WithTimeout(ctx, settles)
	defer stop()
	if gone, err := await(ctx, name, func(c card) bool { return !c.there }); err == nil {
		return gone
	}
	return c
}

// fault is what is wrong with an interface of a connection; nil if nothing. The
// loss of one family is none while the other is there.
func fault(name string, c card, addresses []netip.Prefix) error {
	held := slices.ContainsFunc(addresses, func(p netip.Prefix) bool { return slices.Contains(c.addresses, p) })
	switch {
	case !c.there:
		return &Trouble{Kind: Lost, Cause: name + " went away"}
	case !c.running:
		return &Trouble{Kind: Lost, Cause: name + " lost its carrier"}
	case !held:
		return &Trouble{Kind: Lost, Cause: fmt.Sprintf("%s lost its address", name)}
	}
	return nil
}
