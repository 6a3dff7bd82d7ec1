package path

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// origin marks our routes and rules in the kernel (rtm_protocol, FRA_PROTOCOL).
const origin = 73

// The nearer a packet is described, the earlier its rule.
const (
	markPriority   = 4711
	devicePriority = 4712
	sourcePriority = 4713

	lastMetric = 9999 // of the unreachable default: marked packets never fall into the main table
)

var families = []int{netlink.FAMILY_V4, netlink.FAMILY_V6}

// entry is one rule, comparable.
type entry struct {
	priority int
	mark     uint32
	device   string
	source   netip.Addr
}

// way is one route, comparable.
type way struct {
	to      netip.Prefix
	index   int // of the device; zero is unreachable
	gateway netip.Addr
	mtu     int
}

// route makes the kernel's table and rules those of the link, changing only
// what differs. Routes come before rules: no packet meets an empty table.
func route(table int, mark uint32, l Link) error {
	device, err := net.InterfaceByName(l.Interface)
	if err != nil {
		return err
	}
	var faults []error
	for _, family := range families {
		if family == netlink.FAMILY_V6 && !kernelHas6() {
			continue
		}
		faults = append(faults, applyRoutes(table, family, l.ways(family, device.Index)), applyRules(table, family, l.entries(family, mark)))
	}
	return errors.Join(faults...)
}

// unroute empties the table. It is complete even where the interface is gone.
func unroute(table int) error {
	var faults []error
	for _, family := range families {
		faults = append(faults, applyRules(table, family, nil), applyRoutes(table, family, nil))
	}
	return errors.Join(faults...)
}

// kernelHas6 is false for a kernel without IPv6 and for one that was told to
// leave it off: nothing can leak there, and nothing be laid.
func kernelHas6() bool {
	off, err := os.ReadFile("/proc/sys/net/ipv6/conf/all/disable_ipv6")
	return err == nil && strings.TrimSpace(string(off)) == "0"
}

func (l Link) entries(family int, mark uint32) map[entry]bool {
	want := map[entry]bool{
		{priority: markPriority, mark: mark}:            true,
		{priority: devicePriority, device: l.Interface}: true,
	}
	for _, a := range l.Addresses {
		from := a.Addr().Unmap()
		if from.Is6() == (family == netlink.FAMILY_V6) && !from.IsLinkLocalUnicast() {
			want[entry{priority: sourcePriority, source: from}] = true
		}
	}
	return want
}

func (l Link) ways(family, index int) map[way]bool {
	six := family == netlink.FAMILY_V6
	all := netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	if six {
		all = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
	}
	want := map[way]bool{{to: all}: true}
	if six && !l.has6() || !six && !l.has4() {
		return want
	}
	mtu := l.mtu()
	if six {
		mtu = max(mtu, leastMTU6)
	}
	gateway := l.gateway(six)
	if six && !gateway.IsValid() {
		gateway = router(index)
	}
	want[way{to: all, index: index, gateway: gateway.WithZone(""), mtu: mtu}] = true
	for _, a := range l.Addresses {
		near := netip.PrefixFrom(a.Addr().Unmap(), a.Bits()).Masked()
		if near.Addr().Is6() == six && !near.IsSingleIP() && near.Bits() > 0 && !near.Addr().IsLinkLocalUnicast() {
			want[way{to: near, index: index, mtu: mtu}] = true
		}
	}
	return want
}

// router is the neighbour that advertised itself as one (RFC 4861 §7.2.5), or
// is invalid, as on a point-to-point interface. Its advertised default is not
// taken into the main table, so the neighbours are where it is known.
func router(index int) netip.Addr {
	near, err := netlink.NeighList(index, netlink.FAMILY_V6)
	if err != nil {
		return netip.Addr{}
	}
	for _, n := range near {
		if a, ok := netip.AddrFromSlice(n.IP); ok && n.Flags&netlink.NTF_ROUTER != 0 && a.IsLinkLocalUnicast() {
			return a
		}
	}
	return netip.Addr{}
}

func applyRules(table, family int, want map[entry]bool) error {
	have, err := ownRules(table, family)
	if err != nil {
		return fmt.Errorf("reading the rules: %w", err)
	}
	var faults []error
	for e := range want {
		if _, there := have[e]; !there {
			faults = append(faults, unless(netlink.RuleAdd(e.kernel(table, family)), "adding a rule", syscall.EEXIST))
		}
	}
	for e, twin := range have {
		if !want[e] {
			faults = append(faults, unless(netlink.RuleDel(&twin), "removing a rule", syscall.ENOENT, syscall.ESRCH))
		}
	}
	return errors.Join(faults...)
}

// unless drops errors that mean that it is so already.
func unless(err error, doing string, fine ...syscall.Errno) error {
	for _, f := range fine {
		if errors.Is(err, f) {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

func without6(err error) bool {
	return errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EOPNOTSUPP)
}

func ownRules(table, family int) (map[entry]netlink.Rule, error) {
	all, err := netlink.RuleList(family)
	if without6(err) {
		return nil, nil
	}
	own := map[entry]netlink.Rule{}
	for _, k := range all {
		if k.Table != table || k.Priority < markPriority || k.Priority > sourcePriority {
			continue
		}
		e := entry{priority: k.Priority, mark: k.Mark, device: k.OifName}
		if k.Src != nil {
			from, _ := netip.AddrFromSlice(k.Src.IP)
			e.source = from.Unmap()
		}
		k.Family = family
		own[e] = k
	}
	return own, err
}

func (e entry) kernel(table, family int) *netlink.Rule {
	k := netlink.NewRule()
	k.Family, k.Table, k.Protocol = family, table, origin
	k.Priority, k.Mark, k.OifName = e.priority, e.mark, e.device
	if e.source.IsValid() {
		k.Src = network(netip.PrefixFrom(e.source, e.source.BitLen()))
	}
	return k
}

func network(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

func applyRoutes(table, family int, want map[way]bool) error {
	have, err := ownRoutes(table, family)
	if err != nil {
		return fmt.Errorf("reading the routes: %w", err)
	}
	var faults []error
	for w, twin := range have {
		if !want[w] {
			faults = append(faults, unless(netlink.RouteDel(&twin), "removing a route", syscall.ENOENT, syscall.ESRCH))
		}
	}
	for w := range want {
		if _, there := have[w]; !there {
			faults = append(faults, unless(netlink.RouteAdd(w.kernel(table, family)), "adding a route", syscall.EEXIST))
		}
	}
	return errors.Join(faults...)
}

func (w way) kernel(table, family int) *netlink.Route {
	r := &netlink.Route{Family: family, Table: table, Protocol: origin, Dst: network(w.to)}
	if w.index == 0 {
		r.Type, r.Priority = unix.RTN_UNREACHABLE, lastMetric
		return r
	}
	r.LinkIndex, r.MTU, r.Priority = w.index, w.mtu, 1
	if w.gateway.IsValid() {
		r.Gw, r.Flags = w.gateway.AsSlice(), int(netlink.FLAG_ONLINK)
	} else if family == netlink.FAMILY_V4 {
		r.Scope = netlink.SCOPE_LINK
	}
	return r
}

// ownRoutes are the routes of a table. The kernel filters them, because the
// main table of a router may hold a million.
func ownRoutes(table, family int) (map[way]netlink.Route, error) {
	h, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	_ = h.SetStrictCheck(true) // kernels before 4.20 send all, and the library filters
	all, err := h.RouteListFiltered(family, &netlink.Route{Table: table}, netlink.RT_FILTER_TABLE)
	if without6(err) || errors.Is(err, syscall.ENOENT) {
		return nil, nil
	}
	own := map[way]netlink.Route{}
	for _, k := range all {
		if k.Dst == nil {
			continue
		}
		k.Family = family
		own[wayOf(k)] = k
	}
	return own, err
}

func wayOf(k netlink.Route) way {
	to, _ := netip.AddrFromSlice(k.Dst.IP)
	bits, _ := k.Dst.Mask.Size()
	gateway, _ := netip.AddrFromSlice(k.Gw)
	w := way{to: netip.PrefixFrom(to.Unmap(), bits), index: k.LinkIndex, gateway: gateway.Unmap(), mtu: k.MTU}
	if k.Type == unix.RTN_UNREACHABLE {
		w.index = 0 // IPv6 says lo
	}
	return w
}
