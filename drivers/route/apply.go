package route

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// origin marks our routes and rules in the kernel (rtm_protocol, FRA_PROTOCOL).
const origin = 72

// Allowed reports whether this process may change routes. It tries to delete
// a rule that does not exist.
func Allowed() bool {
	none := kernelRule(Rule{Priority: devicePriority, Table: LastTable, Interface: "heliograph-none"})
	return !refused(netlink.RuleDel(none))
}

// Apply makes the kernel's tables and rules those of the plan, touching only
// what differs. An interface that is missing or down is no error: its table
// stays without routes until Apply is called again. Without permission the
// error is ErrNotPermitted.
func Apply(p Plan) error {
	var faults []error
	for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		faults = append(faults, applyRules(p, family), applyRoutes(p, family))
	}
	err := errors.Join(faults...)
	if refused(err) {
		return ErrNotPermitted
	}
	return err
}

// Remove takes away all tables and rules that are this program's own.
func Remove() error { return Apply(Plan{}) }

func refused(err error) bool { return errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) }

func applyRules(p Plan, family int) error {
	have, err := ownRules(family)
	if err != nil {
		return fmt.Errorf("reading the rules: %w", err)
	}
	want := map[Rule]bool{}
	for _, r := range p.Rules {
		want[r] = r.V6 == (family == netlink.FAMILY_V6)
	}
	var faults []error
	for r, here := range want {
		if _, there := have[r]; here && !there {
			faults = append(faults, wrap("adding", r, netlink.RuleAdd(kernelRule(r))))
		}
	}
	for r, twin := range have {
		if !want[r] {
			faults = append(faults, wrap("removing", r, netlink.RuleDel(&twin)))
		}
	}
	return errors.Join(faults...)
}

func wrap(doing string, what fmt.Stringer, err error) error {
	if err == nil || doing == "adding" && errors.Is(err, syscall.EEXIST) || doing == "removing" && gone(err) {
		return nil
	}
	return fmt.Errorf("%s %s: %w", doing, what, err)
}

func gone(err error) bool { return errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ESRCH) }

// ownRules are the kernel's rules in our priorities that lead to our tables.
func ownRules(family int) (map[Rule]netlink.Rule, error) {
	all, err := netlink.RuleList(family)
	if errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EOPNOTSUPP) {
		return nil, nil // a kernel without IPv6
	}
	own := map[Rule]netlink.Rule{}
	for _, k := range all {
		if k.Priority < markPriority || k.Priority > devicePriority || k.Table < FirstTable || k.Table > LastTable {
			continue
		}
		own[ruleOf(k, family)] = k
	}
	return own, err
}

func ruleOf(k netlink.Rule, family int) Rule {
	r := Rule{Priority: k.Priority, Table: k.Table, V6: family == netlink.FAMILY_V6, Mark: k.Mark, Interface: k.OifName}
	if k.Src != nil {
		r.Source, _ = netip.AddrFromSlice(k.Src.IP)
	}
	return r
}

func kernelRule(r Rule) *netlink.Rule {
	k := netlink.NewRule()
	k.Priority, k.Table, k.Mark, k.OifName, k.Protocol = r.Priority, r.Table, r.Mark, r.Interface, origin
	k.Family = netlink.FAMILY_V4
	if r.V6 {
		k.Family = netlink.FAMILY_V6
	}
	if r.Source.IsValid() {
		k.Src = &net.IPNet{IP: r.Source.AsSlice(), Mask: net.CIDRMask(r.Source.BitLen(), r.Source.BitLen())}
	}
	return k
}

// way is one route in one of our tables.
type way struct {
	table   int
	to      netip.Prefix
	index   int        // of the device
	gateway netip.Addr // invalid for what is on the wire
}

func (w way) String() string {
	return fmt.Sprintf("route %s via %s in table %d", w.to, w.gateway, w.table)
}

func applyRoutes(p Plan, family int) error {
	have, err := ownRoutes(family)
	if err != nil {
		return fmt.Errorf("reading the routes: %w", err)
	}
	want, err := wanted(p, family)
	if err != nil {
		return err
	}
	var faults []error
	for w := range want { // first, so that no packet meets an empty table
		if _, there := have[w]; !there {
			faults = append(faults, wrap("adding", w, add(w)))
		}
	}
	for w, twin := range have {
		if !want[w] {
			faults = append(faults, wrap("removing", w, netlink.RouteDel(&twin)))
		}
	}
	return errors.Join(faults...)
}

// add treats a device that went down or away meanwhile as no error: the
// kernel says so by an event, and Keep comes again when it is back.
func add(w way) error {
	err := netlink.RouteReplace(w.kernel())
	if errors.Is(err, syscall.ENETDOWN) || errors.Is(err, syscall.ENODEV) {
		return nil
	}
	return err
}

// kernel marks a gateway as on the wire, so that no other route need lead to
// it: an uplink's gateway is where the configuration says.
func (w way) kernel() *netlink.Route {
	r := &netlink.Route{Table: w.table, LinkIndex: w.index, Protocol: origin, Scope: netlink.SCOPE_LINK,
		Dst: &net.IPNet{IP: w.to.Addr().AsSlice(), Mask: net.CIDRMask(w.to.Bits(), w.to.Addr().BitLen())}}
	if w.gateway.IsValid() {
		r.Scope, r.Gw, r.Flags = netlink.SCOPE_UNIVERSE, w.gateway.AsSlice(), int(netlink.FLAG_ONLINK)
	}
	return r
}

// ownRoutes are all routes of our origin. The kernel filters them, because
// the main table of a router may hold a million.
func ownRoutes(family int) (map[way]netlink.Route, error) {
	h, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	_ = h.SetStrictCheck(true) // kernels before 4.20 send all, and the library filters
	all, err := h.RouteListFiltered(family, &netlink.Route{Protocol: origin}, netlink.RT_FILTER_PROTOCOL|netlink.RT_FILTER_TABLE)
	if errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EOPNOTSUPP) || gone(err) {
		return nil, nil
	}
	own := map[way]netlink.Route{}
	for _, k := range all {
		if k.Table < FirstTable || k.Table > LastTable || k.Dst == nil {
			continue
		}
		own[wayOf(k)] = k
	}
	return own, err
}

func wayOf(k netlink.Route) way {
	w := way{table: k.Table, index: k.LinkIndex}
	to, _ := netip.AddrFromSlice(k.Dst.IP)
	bits, _ := k.Dst.Mask.Size()
	w.to = netip.PrefixFrom(to.Unmap(), bits) // the library writes 0.0.0.0 in sixteen bytes
	gw, _ := netip.AddrFromSlice(k.Gw)
	w.gateway = gw.Unmap()
	return w
}

// wanted are the routes of all tables of the plan in one family whose device
// is up: the default, and what is on this box's wires, so that a rule by
// source leaves the box's own neighbours where they are.
func wanted(p Plan, family int) (map[way]bool, error) {
	want := map[way]bool{}
	for _, t := range p.Tables {
		if t.Gateway.Is6() != (family == netlink.FAMILY_V6) {
			continue
		}
		link, err := net.InterfaceByName(t.Interface)
		if err != nil || link.Flags&net.FlagUp == 0 {
			continue
		}
		everywhere := netip.PrefixFrom(netip.IPv4Unspecified(), 0)
		if t.Gateway.Is6() {
			everywhere = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
		}
		want[way{table: t.Number, to: everywhere, index: link.Index, gateway: t.Gateway.WithZone("")}] = true
		near, err := wires(family, link.Index)
		if err != nil {
			return nil, fmt.Errorf("reading the addresses: %w", err)
		}
		for to, index := range near {
			want[way{table: t.Number, to: to, index: index}] = true
		}
	}
	return want, nil
}

// wires are the networks on this box's wires and the device of each; where
// two devices are on one network, the uplink's own wins.
func wires(family, own int) (map[netip.Prefix]int, error) {
	all, err := netlink.AddrList(nil, family)
	near := map[netip.Prefix]int{}
	for _, a := range all {
		ip, _ := netip.AddrFromSlice(a.IP)
		bits, _ := a.Mask.Size()
		to := netip.PrefixFrom(ip.Unmap(), bits).Masked()
		if ip.IsLoopback() || ip.IsLinkLocalUnicast() || bits == ip.Unmap().BitLen() || !up(a.LinkIndex) {
			continue
		}
		if _, taken := near[to]; !taken || a.LinkIndex == own {
			near[to] = a.LinkIndex
		}
	}
	return near, err
}

func up(index int) bool {
	link, err := net.InterfaceByIndex(index)
	return err == nil && link.Flags&net.FlagUp != 0
}
