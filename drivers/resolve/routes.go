package resolve

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Route is one way of the main table to a prefix; where a route has several
// next hops it is one way for each.
type Route struct {
	To        netip.Prefix // of zero length: a default
	Interface string
	Direct    bool // the prefix is on the wire, behind no gateway
}

// byHand are the origins of routes that stay until somebody changes them.
// What a routing daemon has learned finds another way by itself, and may be a
// million routes.
var byHand = []netlink.RouteProtocol{unix.RTPROT_UNSPEC, unix.RTPROT_KERNEL, unix.RTPROT_BOOT, unix.RTPROT_STATIC, unix.RTPROT_RA, unix.RTPROT_DHCP}

// Routes are those of the main table that no routing daemon has learned,
// defaults included, link-local ones and multicast not.
func Routes() ([]Route, error) {
	names, err := interfaces()
	if err != nil {
		return nil, err
	}
	var all []Route
	for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		main := &netlink.Route{Table: unix.RT_TABLE_MAIN}
		err := netlink.RouteListFilteredIter(family, main, netlink.RT_FILTER_TABLE, func(r netlink.Route) bool {
			all = append(all, routesOf(r, family, names)...)
			return true
		})
		if err != nil && !errors.Is(err, syscall.EAFNOSUPPORT) && !errors.Is(err, syscall.EOPNOTSUPP) {
			return nil, fmt.Errorf("reading the routes: %w", err)
		}
	}
	return all, nil
}

func interfaces() (map[int]string, error) {
	links, err := netlink.LinkList()
	if err != nil {
		return nil, fmt.Errorf("reading the interfaces: %w", err)
	}
	names := map[int]string{}
	for _, l := range links {
		names[l.Attrs().Index] = l.Attrs().Name
	}
	return names, nil
}

func routesOf(r netlink.Route, family int, names map[int]string) []Route {
	if !slices.Contains(byHand, r.Protocol) || r.Type != unix.RTN_UNICAST {
		return nil
	}
	to := netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	if family == netlink.FAMILY_V6 {
		to = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
	}
	if r.Dst != nil {
		address, ok := netip.AddrFromSlice(r.Dst.IP)
		bits, _ := r.Dst.Mask.Size()
		if to = netip.PrefixFrom(address.Unmap(), bits); !ok || !to.IsValid() {
			return nil
		}
	}
	if to.Addr().IsLinkLocalUnicast() || to.Addr().IsMulticast() {
		return nil
	}
	if len(r.MultiPath) == 0 {
		return []Route{{To: to, Interface: names[r.LinkIndex], Direct: r.Gw == nil && r.Via == nil}}
	}
	var all []Route
	for _, hop := range r.MultiPath {
		all = append(all, Route{To: to, Interface: names[hop.LinkIndex], Direct: hop.Gw == nil && hop.Via == nil})
	}
	return all
}
