package isp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"syscall"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// place is a network namespace, held by an open file.
type place struct{ ns netns.NsHandle }

// home is the namespace of the calling thread: the box.
func home() (*place, error) {
	ns, err := netns.Get()
	if err != nil {
		return nil, err
	}
	return &place{ns}, nil
}

// found makes an empty place.
func found() (*place, error) {
	var ns netns.NsHandle
	err := elsewhere(func() (err error) { ns, err = netns.New(); return err })
	if err != nil {
		return nil, fmt.Errorf("making a network namespace: %w", err)
	}
	return &place{ns}, nil
}

func (p *place) close() error { return p.ns.Close() }

// do runs f inside the place. Sockets and files of /proc/sys/net that f opens
// belong to it; goroutines that f starts do not.
func (p *place) do(f func() error) error {
	return elsewhere(func() error {
		if err := netns.Set(p.ns); err != nil {
			return err
		}
		return f()
	})
}

// elsewhere runs f, which may change the thread's namespace, and comes home.
func elsewhere(f func() error) error {
	runtime.LockOSThread() // a thread that cannot go home is thrown away
	back, err := netns.Get()
	if err != nil {
		return err
	}
	defer back.Close()
	err = f()
	if lost := netns.Set(back); lost != nil {
		return errors.Join(err, lost)
	}
	runtime.UnlockOSThread()
	return err
}

// sysctl writes a kernel setting of the place. One that this kernel does not
// have is no error: IPv6 may be switched off.
func sysctl(name, value string) error {
	err := os.WriteFile("/proc/sys/net/"+name, []byte(value), 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// furnish switches the loopback on and sets what all later ports inherit.
func (p *place) furnish(settings map[string]string) error {
	if err := p.up("lo"); err != nil {
		return err
	}
	return p.do(func() error {
		for name, value := range settings {
			if err := sysctl(name, value); err != nil {
				return err
			}
		}
		return nil
	})
}

// brisk lets a port give a question about a neighbour up, or ask it again, as
// fast as a wire of this length allows.
func (p *place) brisk(name string) error {
	return p.do(func() error {
		return errors.Join(
			sysctl("ipv4/neigh/"+name+"/retrans_time_ms", "200"),
			sysctl("ipv6/neigh/"+name+"/retrans_time_ms", "200"))
	})
}

func (p *place) up(name string) error { return p.turn(name, true) }

func (p *place) turn(name string, on bool) error {
	link, err := p.linkByName(name)
	if err != nil {
		return fmt.Errorf("port %s: %w", name, err)
	}
	if on {
		return p.linkSetUp(link)
	}
	return p.linkSetDown(link)
}

// address gives a port an address that is usable at once.
func (p *place) address(name string, a netip.Prefix) error {
	link, err := p.linkByName(name)
	if err != nil {
		return err
	}
	err = p.addrReplace(link, &netlink.Addr{IPNet: network(a), Flags: unix.IFA_F_NODAD})
	if err != nil {
		return fmt.Errorf("address %s on %s: %w", a, name, err)
	}
	return nil
}

// route is a way in a place's main table: by a port, to a gateway if valid.
type route struct {
	to     netip.Prefix
	via    netip.Addr
	port   string
	metric int
}

func (p *place) route(r route) error {
	link, err := p.linkByName(r.port)
	if err != nil {
		return err
	}
	k := &netlink.Route{Dst: network(r.to.Masked()), LinkIndex: link.Attrs().Index, Priority: r.metric, Scope: netlink.SCOPE_LINK}
	if r.via.IsValid() {
		k.Scope, k.Gw, k.Flags = netlink.SCOPE_UNIVERSE, r.via.WithZone("").AsSlice(), int(netlink.FLAG_ONLINK)
	}
	if err := p.routeReplace(k); err != nil {
		return fmt.Errorf("route %s via %s on %s: %w", r.to, r.via, r.port, err)
	}
	return nil
}

// unroute takes a default route away, if it is there.
func (p *place) unroute(r route) error {
	k := &netlink.Route{Dst: network(r.to), Gw: r.via.WithZone("").AsSlice(), Priority: r.metric}
	return except(p.routeDel(k), syscall.ESRCH)
}

// swallow makes the place drop all that it would forward by a default route.
func (p *place) swallow(on bool, everywhere []netip.Prefix) error {
	var faults []error
	for _, all := range everywhere {
		k := &netlink.Route{Dst: network(all), Type: unix.RTN_BLACKHOLE, Priority: 1}
		if on {
			faults = append(faults, p.routeReplace(k))
		} else if err := p.routeDel(k); !errors.Is(err, syscall.ESRCH) {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// forget drops what a place knows of some of its neighbours behind a port, or
// of all of them, so that the next packet asks anew instead of waiting for an
// old question.
func (p *place) forget(name string, some []netip.Prefix) error {
	link, err := p.linkByName(name)
	if err != nil {
		return err
	}
	known, err := p.neighList(link.Attrs().Index, netlink.FAMILY_ALL)
	if err != nil && !errors.Is(err, netlink.ErrDumpInterrupted) {
		return err
	}
	for _, n := range known {
		of := func(s netip.Prefix) bool { return n.IP.Equal(s.Addr().AsSlice()) }
		if n.State&netlink.NUD_NOARP == 0 && (some == nil || slices.ContainsFunc(some, of)) {
			_ = p.neighDel(&n) // it may have gone by itself
		}
	}
	return nil
}

func network(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
