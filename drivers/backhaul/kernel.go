package backhaul

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// card is what the kernel tells of a network interface.
type card struct {
	index     int
	there     bool
	running   bool // switched on and with a carrier
	plain     bool // without a gateway: point to point, or without neighbours (raw IP)
	mtu       int
	addresses []netip.Prefix // global and usable; IPv4 first
	inner     bool           // has a link-local IPv6 address
	router    netip.Addr     // that advertises itself (RFC 4861 §4.2), link-local
}

// lookAt reads an interface. One that is missing is no error.
func lookAt(name string) (card, error) {
	link, err := netlink.LinkByName(name)
	var missing netlink.LinkNotFoundError
	switch {
	case errors.As(err, &missing):
		return card{}, nil
	case err != nil:
		return card{}, fmt.Errorf("look at %s: %w", name, err)
	}
	a := link.Attrs()
	c := card{index: a.Index, there: true, running: a.RawFlags&unix.IFF_RUNNING != 0 && a.RawFlags&unix.IFF_UP != 0, mtu: a.MTU}
	c.plain = a.RawFlags&(unix.IFF_POINTOPOINT|unix.IFF_NOARP) != 0
	addrs, err := netlink.AddrList(link, netlink.FAMILY_ALL)
	if err != nil {
		return card{}, fmt.Errorf("look at %s: %w", name, err)
	}
	for _, a := range addrs {
		c.take(a)
	}
	slices.SortStableFunc(c.addresses, func(a, b netip.Prefix) int { return a.Addr().BitLen() - b.Addr().BitLen() })
	return c, c.findRouter()
}

// take notes an address, unless it cannot be used yet or any more.
func (c *card) take(a netlink.Addr) {
	p, ok := prefix(a.IPNet)
	switch {
	case !ok || a.Flags&(unix.IFA_F_TENTATIVE|unix.IFA_F_DADFAILED|unix.IFA_F_DEPRECATED) != 0:
	case p.Addr().Is6() && p.Addr().IsLinkLocalUnicast():
		c.inner = true
	case p.Addr().IsGlobalUnicast():
		c.addresses = append(c.addresses, p)
	}
}

func prefix(n *net.IPNet) (netip.Prefix, bool) {
	if n == nil {
		return netip.Prefix{}, false
	}
	ip, ok := netip.AddrFromSlice(n.IP)
	ones, _ := n.Mask.Size()
	if n.IP.To4() != nil {
		ip = ip.Unmap()
	}
	return netip.PrefixFrom(ip, ones), ok
}

// findRouter looks for a neighbour that has said it is a router: the kernel
// remembers so even where it takes no default route from it.
func (c *card) findRouter() error {
	all, err := netlink.NeighList(c.index, netlink.FAMILY_V6)
	if err != nil && !errors.Is(err, netlink.ErrDumpInterrupted) {
		return fmt.Errorf("look for a router: %w", err)
	}
	for _, n := range all {
		if ip, ok := netip.AddrFromSlice(n.IP); ok && n.Flags&netlink.NTF_ROUTER != 0 {
			c.router = ip
		}
	}
	return nil
}

// has says whether the interface has an address of the family.
func (c card) has(v6 bool) bool {
	return slices.ContainsFunc(c.addresses, func(p netip.Prefix) bool { return p.Addr().Is6() == v6 })
}

// await reads the interface after every notice of the kernel until ok says so.
func await(ctx context.Context, name string, ok func(card) bool) (card, error) {
	s, err := nl.Subscribe(unix.NETLINK_ROUTE, unix.RTNLGRP_LINK, unix.RTNLGRP_IPV4_IFADDR, unix.RTNLGRP_IPV6_IFADDR,
		unix.RTNLGRP_IPV4_ROUTE, unix.RTNLGRP_IPV6_ROUTE, unix.RTNLGRP_NEIGH)
	if err != nil {
		return card{}, fmt.Errorf("listen to the kernel: %w", err)
	}
	defer s.Close()
	defer context.AfterFunc(ctx, s.Close)()
	for {
		c, err := lookAt(name)
		if err != nil || ok(c) {
			return c, err
		}
		_, _, err = s.Receive()
		switch {
		case ctx.Err() != nil:
			return c, ctx.Err()
		case err != nil && !errors.Is(err, unix.ENOBUFS): // an overrun costs one more reading
			return c, fmt.Errorf("listen to the kernel: %w", err)
		}
	}
}

// within is await that gives up after a time without an error.
func within(ctx context.Context, d time.Duration, name string, ok func(card) bool) (card, error) {
	brief, done := context.WithTimeout(ctx, d)
	defer done()
	c, err := await(brief, name, ok)
	if err != nil && ctx.Err() == nil && brief.Err() != nil {
		return lookAt(name)
	}
	return c, err
}
