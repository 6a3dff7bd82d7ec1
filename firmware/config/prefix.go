package config

import (
	"fmt"
	"net/netip"
	"strings"
)

// The widest prefixes that can be an operator's own: the registries give out
// nothing wider, and one bit less may be a slip that would swallow everything.
const (
	widest4 = 8
	widest6 = 16
)

// prefixes reads the prefixes of the operator's own network.
func (r *reader) prefixes(v value) []netip.Prefix {
	var all []netip.Prefix
	r.list(v, func(v value) {
		p := r.prefix(v)
		if !p.IsValid() {
			return
		}
		for _, other := range all {
			if other.Overlaps(p) {
				r.fault(v, fmt.Sprintf("%s overlaps %s in this list", p, other), "keep the wider one")
				return
			}
		}
		all = append(all, p)
	})
	return all
}

func (r *reader) prefix(v value) netip.Prefix {
	const want = "write a prefix, as in 192.0.2.0/24 or 2001:db8::/32"
	s, ok := r.scalar(v, want)
	if !ok {
		return netip.Prefix{}
	}
	if a, err := netip.ParseAddr(s); err == nil {
		r.fault(v, clip(s)+" has no length", "write it as in "+example(a))
		return netip.Prefix{}
	}
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil || strings.Contains(s, "%") || p.Addr().Is4In6():
		r.fault(v, clip(s)+" is not a prefix", want)
	case p != p.Masked():
		r.fault(v, s+" has bits behind its length", "write "+p.Masked().String())
	case p.Addr().Is4() && p.Bits() < widest4 || p.Addr().Is6() && p.Bits() < widest6:
		r.fault(v, s+" is wider than what one network has", fmt.Sprintf("write the prefixes that you announce; none is wider than /%d, or /%d in IPv6", widest4, widest6))
	default:
		return p
	}
	return netip.Prefix{}
}

// example shows what a prefix around an address would look like.
func example(a netip.Addr) string {
	bits := 24
	if a.Is6() {
		bits = 32
	}
	p, err := a.Unmap().WithZone("").Prefix(bits)
	if err != nil {
		return "192.0.2.0/24"
	}
	return p.String()
}

// own says what of the network is the operator's own.
func (p *plan) own(c Config) {
	if len(c.Prefixes) == 0 {
		return
	}
	var words []string
	for _, own := range c.Prefixes {
		words = append(words, own.String())
	}
	p.line("Your own prefixes are %s: what the box needs in an outage must lie outside of them.", listed(words))
}
