package path

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// nat64 is what is known of the link's translator.
type nat64 struct {
	asked    bool
	prefixes []netip.Prefix
}

// prefixLengths are those of RFC 6052 §2.2.
var prefixLengths = []int{32, 40, 48, 56, 64, 96}

// spots are where the four bytes of the IPv4 address go for each length;
// byte 8 stays zero (RFC 6052 §2.2).
var spots = map[int][4]int{
	32: {4, 5, 6, 7},
	40: {5, 6, 7, 9},
	48: {6, 7, 9, 10},
	56: {7, 9, 10, 11},
	64: {9, 10, 11, 12},
	96: {12, 13, 14, 15},
}

// Synthesise puts an IPv4 address behind a NAT64 prefix (RFC 6052 §2.2). The
// suffix is zero.
func Synthesise(prefix netip.Prefix, v4 netip.Addr) (netip.Addr, error) {
	at, known := spots[prefix.Bits()]
	if !known || !prefix.Addr().Is6() || prefix.Addr().As16()[8] != 0 {
		return netip.Addr{}, fmt.Errorf("%s is no prefix of a NAT64", prefix)
	}
	v4 = v4.Unmap()
	if !v4.Is4() {
		return netip.Addr{}, fmt.Errorf("%s is no IPv4 address", v4)
	}
	long, short := prefix.Masked().Addr().As16(), v4.As4()
	for i, to := range at {
		long[to] = short[i]
	}
	return netip.AddrFrom16(long), nil
}

// extract is the reverse of Synthesise; the suffix is not looked at.
func extract(a netip.Addr, bits int) netip.Addr {
	long := a.As16()
	var short [4]byte
	for i, from := range spots[bits] {
		short[i] = long[from]
	}
	return netip.AddrFrom4(short)
}

// known are the addresses of ipv4only.arpa (RFC 7050 §2.2).
var known = []netip.Addr{netip.AddrFrom4([4]byte{192, 0, 0, 170}), netip.AddrFrom4([4]byte{192, 0, 0, 171})}

// Prefixes reads the NAT64 prefixes out of the AAAA answers for ipv4only.arpa.
// An address in which the known one stands at two places tells nothing (RFC
// 7050 §3).
func Prefixes(answers []netip.Addr) (list []netip.Prefix) {
	for _, a := range answers {
		if !a.Is6() || a.Is4In6() {
			continue
		}
		var found []netip.Prefix
		for _, bits := range prefixLengths {
			if slices.Contains(known, extract(a, bits)) && a.As16()[8] == 0 {
				found = append(found, netip.PrefixFrom(a, bits).Masked())
			}
		}
		if len(found) == 1 && !slices.Contains(list, found[0]) {
			list = append(list, found[0])
		}
	}
	return list
}

// discoveryPatience is for all servers of the link together.
const discoveryPatience = 5 * time.Second

// translated is v4 behind the link's NAT64, once for each prefix.
func (p *Path) translated(ctx context.Context, l Link, v4 netip.Addr) ([]netip.Addr, error) {
	prefixes, err := p.prefixes(ctx, l)
	if err != nil {
		return nil, fmt.Errorf("the link has IPv6 only, and no translator is known to reach %s: %w", v4, err)
	}
	if len(prefixes) == 0 {
		return nil, fmt.Errorf("the link has IPv6 only and no translator: %s cannot be reached", v4)
	}
	var list []netip.Addr
	for _, prefix := range prefixes {
		if a, err := Synthesise(prefix, v4); err == nil {
			list = append(list, a)
		}
	}
	return list, nil
}

// prefixes asks the link's own servers (RFC 7050 §3), once per link if they
// answer.
func (p *Path) prefixes(ctx context.Context, l Link) ([]netip.Prefix, error) {
	p.mu.Lock()
	now := p.nat64
	p.mu.Unlock()
	if now.asked {
		return now.prefixes, nil
	}
	ctx, cancel := context.WithTimeout(ctx, discoveryPatience)
	defer cancel()
	answers, err := p.ask(ctx, l, own(l), "ip6", "ipv4only.arpa")
	if err != nil && !missing(err) {
		return nil, fmt.Errorf("asking for ipv4only.arpa: %w", err)
	}
	found := Prefixes(answers)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.nat64 = nat64{asked: true, prefixes: found}
	return found, nil
}
