package fate

import (
	"fmt"
	"net/netip"
	"slices"
)

// place is where an address lies inside.
type place struct {
	kind    kind
	address netip.Addr
	prefix  netip.Prefix
	uplink  string // for beside and routed
}

type kind int

const (
	own     kind = iota // in a prefix of the operator's
	private             // in nobody's: no way leads there from outside
	beside              // on the wire of an uplink
	routed              // behind an uplink, by a route that no default replaces
)

// words are an address and where it lies; for private ones there is no more to
// say.
func (p place) words() string {
	if p.kind == private {
		return p.address.String()
	}
	return p.address.String() + ", " + p.where()
}

func (p place) where() string {
	switch p.kind {
	case beside:
		return fmt.Sprintf("on the network of %s, %s", p.uplink, p.prefix)
	case routed:
		return fmt.Sprintf("by the route to %s over %s only", p.prefix, p.uplink)
	}
	return "in your own prefix " + p.prefix.String()
}

// noWay are prefixes that lead nowhere outside (RFC 1918, 6598, 4193, and the
// box itself).
var noWay = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("::1/128"),
}

// whole says where a host lies of which every address is inside. Where it has
// IPv4 addresses only those count: there are backhauls without IPv6, and those
// without IPv4 translate.
func (w Network) whole(addresses []netip.Addr) (place, bool) {
	var four, six []netip.Addr
	for _, a := range addresses {
		if a = a.Unmap().WithZone(""); a.Is4() {
			four = append(four, a)
		} else {
			six = append(six, a)
		}
	}
	count := four
	if len(four) == 0 {
		count = six
	}
	var first place
	for i, a := range count {
		p, ok := w.of(a)
		if !ok {
			return place{}, false
		}
		if i == 0 {
			first = p
		}
	}
	return first, len(count) > 0
}

// of says where one address lies, and whether that is inside.
func (w Network) of(a netip.Addr) (place, bool) {
	for _, p := range w.Own {
		if p.Contains(a) {
			return place{kind: own, address: a, prefix: p}, true
		}
	}
	for _, p := range noWay {
		if p.Contains(a) {
			return place{kind: private, address: a, prefix: p}, true
		}
	}
	return w.by(a)
}

// by says over which uplink an address is reached, if the most specific routes
// to it leave by that one only.
func (w Network) by(a netip.Addr) (place, bool) {
	longest := -1
	var ways []Route
	for _, r := range w.Routes {
		switch {
		case !r.To.Contains(a) || r.To.Bits() == 0 || r.To.Bits() < longest:
		case r.To.Bits() > longest:
			longest, ways = r.To.Bits(), []Route{r}
		default:
			ways = append(ways, r)
		}
	}
	if len(ways) == 0 || slices.ContainsFunc(ways, func(r Route) bool { return r.Interface != ways[0].Interface }) {
		return place{}, false
	}
	uplink, watched := w.Uplinks[ways[0].Interface]
	kind := routed
	if ways[0].Direct {
		kind = beside
	}
	return place{kind: kind, address: a, prefix: ways[0].To, uplink: uplink}, watched
}
