package isp

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// most is how many lines the addresses between the places are enough for.
const most = 200

// surveyed is a plan with all its addresses, before anything is laid.
type surveyed struct {
	plan  Plan
	wires []wireSurvey
	lines []lineSurvey
	boxes []boxAddress
	v6    bool // whether the plan needs IPv6 anywhere
}

type wireSurvey struct {
	name   string // the box's port
	number int
}

func (w wireSurvey) bridge() string { return fmt.Sprintf("br%d", w.number) }
func (w wireSurvey) far() string    { return fmt.Sprintf("box%d", w.number) }

// lineSurvey is one gateway and what hangs on it. Its first address is the
// one that the plan names; there is one of each family in use.
type lineSurvey struct {
	number  int
	wire    int // its place in the list
	uplinks []string
	gateway []netip.Prefix
	targets []Target // of all uplinks: the world is the same behind each line
}

// boxAddress is an address of the box on a wire.
type boxAddress struct {
	wire int
	at   netip.Prefix
}

// near says whether an address is in the gateway's own network.
func (l lineSurvey) near(a netip.Addr) bool {
	return slices.ContainsFunc(l.gateway, func(p netip.Prefix) bool { return p.Contains(a) })
}

// between is an address of the line's own: 1 and 2 are the fibre's ends, 5
// and 6 those of the wire from upstream to the world.
func (l lineSurvey) between(n byte, v6 bool) netip.Prefix {
	if !v6 { // 198.18.0.0/15 is for laboratories (RFC 2544)
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 18, byte(l.number), n}), 30)
	}
	a := [16]byte{0: 0xfd, 1: 0x68, 2: 0x65, 3: 0x6c, 5: byte(l.number), 7: n&4 + 1, 15: n}
	return netip.PrefixFrom(netip.AddrFrom16(a), 64)
}

// spare is a network for a wire to which the plan gives none. Those of one
// series differ by number.
func spare(number int, series byte, v6 bool) netip.Prefix {
	if !v6 { // shared address space (RFC 6598)
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64 + series, byte(number), 0}), 24)
	}
	return netip.PrefixFrom(netip.AddrFrom16([16]byte{0: 0xfd, 1: 0x68, 2: 0x65, 3: 0x6c, 5: byte(number), 6: 0xf0 + series}), 64)
}

// survey checks a plan and fills in what it leaves open.
func survey(p Plan) (surveyed, error) {
	s := surveyed{plan: p}
	s.plan.Uplinks = slices.Clone(p.Uplinks)
	if err := check(s.plan); err != nil {
		return s, err
	}
	used := s.addresses()
	for i := range s.plan.Uplinks {
		if err := s.add(i, used); err != nil {
			return s, fmt.Errorf("uplink %s: %w", s.plan.Uplinks[i].Name, err)
		}
	}
	for i := range s.lines {
		s.second(i, used)
		s.lines[i].targets = s.world()
	}
	_, err := services(s.world())
	return s, err
}

func check(p Plan) error {
	names := map[string]bool{}
	for _, u := range p.Uplinks {
		if err := u.check(); err != nil {
			return fmt.Errorf("uplink %s: %w", u.Name, err)
		}
		if names[u.Name] {
			return fmt.Errorf("there are two uplinks %s", u.Name)
		}
		names[u.Name] = true
	}
	if len(p.Uplinks) == 0 || len(p.Uplinks) > most {
		return fmt.Errorf("it has %d uplinks; give it 1 to %d", len(p.Uplinks), most)
	}
	return nil
}

func (u Uplink) check() error {
	switch {
	case u.Interface == "lo" || len(u.Interface) > 15 || strings.ContainsAny(u.Interface, "/: \t\n"):
		return fmt.Errorf("%q cannot be the name of a port", u.Interface)
	case u.Gateway.IsValid() && u.Source.IsValid() && u.Gateway.Unmap().Is4() != u.Source.Unmap().Is4():
		return fmt.Errorf("source %s and gateway %s are not of one family", u.Source, u.Gateway)
	case u.Gateway.IsValid() && u.Gateway == u.Source:
		return errors.New("source and gateway are the same address")
	}
	for _, a := range []netip.Addr{u.Gateway, u.Source} {
		if a.IsValid() && !ordinary(a) {
			return fmt.Errorf("%s is no address of a gateway or a box", a)
		}
	}
	for _, t := range u.Targets {
		if err := t.check(); err != nil {
			return fmt.Errorf("target %s: %w", t, err)
		}
	}
	return nil
}

func (t Target) check() error {
	switch {
	case !slices.Contains([]string{"icmp", "tcp", "dns", "http"}, t.Kind):
		return errors.New("its kind is none of icmp, tcp, dns, http")
	case !ordinary(t.Addr.Addr()) || t.Addr.Addr().IsLinkLocalUnicast():
		return errors.New("its address is none beyond a gateway")
	case (t.Kind == "icmp") != (t.Addr.Port() == 0):
		return errors.New("icmp has no port, all others have one")
	}
	return nil
}

func ordinary(a netip.Addr) bool {
	return a.IsValid() && !a.IsLoopback() && !a.IsMulticast() && !a.IsUnspecified() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// addresses are those that the plan has given away.
func (s *surveyed) addresses() map[netip.Addr]bool {
	used := map[netip.Addr]bool{}
	for i := range s.plan.Uplinks {
		u := &s.plan.Uplinks[i]
		u.Gateway, u.Source = u.Gateway.Unmap().WithZone(""), u.Source.Unmap().WithZone("")
		u.Targets = slices.Clone(u.Targets)
		if u.Interface == "" {
			u.Interface = "eth0"
		}
		for j, t := range u.Targets {
			u.Targets[j].Addr = netip.AddrPortFrom(t.Addr.Addr().Unmap(), t.Addr.Port())
			s.v6 = s.v6 || u.Targets[j].Addr.Addr().Is6()
			used[u.Targets[j].Addr.Addr()] = true
		}
		s.v6 = s.v6 || u.Gateway.Is6() || u.Source.Is6()
		used[u.Gateway], used[u.Source] = true, true
	}
	return used
}

// add gives an uplink its addresses and a line, which may be there already.
func (s *surveyed) add(i int, used map[netip.Addr]bool) error {
	u := &s.plan.Uplinks[i]
	wire := s.wire(u.Interface)
	net := s.around(*u, i)
	if !u.Gateway.IsValid() {
		u.Gateway = free(net, used)
	}
	on := net
	if u.Gateway.IsLinkLocalUnicast() && (!u.Source.IsValid() || !u.Source.IsLinkLocalUnicast()) {
		on = spare(i+1, 0, true)
		if u.Source.IsValid() {
			on = netip.PrefixFrom(u.Source, 64).Masked()
		}
	}
	if !u.Source.IsValid() {
		u.Source = free(on, used)
	}
	bits := on.Bits()
	if !on.Contains(u.Source) {
		bits = u.Source.BitLen()
	}
	if !slices.ContainsFunc(s.boxes, func(b boxAddress) bool { return b.wire == wire && b.at.Addr() == u.Source }) {
		s.boxes = append(s.boxes, boxAddress{wire, netip.PrefixFrom(u.Source, bits)})
	}
	for j, l := range s.lines {
		if l.wire == wire && l.gateway[0].Addr() == u.Gateway {
			s.lines[j].uplinks = append(l.uplinks, u.Name)
			return nil
		}
	}
	s.lines = append(s.lines, lineSurvey{
		number: len(s.lines) + 1, wire: wire, uplinks: []string{u.Name},
		gateway: []netip.Prefix{netip.PrefixFrom(u.Gateway, net.Bits())},
	})
	return nil
}

func (s *surveyed) wire(name string) int {
	i := slices.IndexFunc(s.wires, func(w wireSurvey) bool { return w.name == name })
	if i < 0 {
		i = len(s.wires)
		s.wires = append(s.wires, wireSurvey{name: name, number: i})
	}
	return i
}

// around is the network on an uplink's wire: a /24 (/64), or the larger one
// that holds both gateway and source if that is still a plausible one.
func (s *surveyed) around(u Uplink, i int) netip.Prefix {
	a := u.Gateway
	if !a.IsValid() {
		a = u.Source
	}
	if !a.IsValid() {
		return spare(i+1, 0, false)
	}
	usual, least := 24, 8
	if a.Is6() {
		usual, least = 64, 32
	}
	for bits := usual; bits >= least; bits-- {
		if p := netip.PrefixFrom(a, bits).Masked(); !u.Source.IsValid() || p.Contains(u.Source) {
			return p
		}
	}
	return netip.PrefixFrom(a, usual).Masked()
}

// free takes the first address of a network that nobody has.
func free(net netip.Prefix, used map[netip.Addr]bool) netip.Addr {
	a := net.Addr().Next()
	for used[a] {
		a = a.Next()
	}
	used[a] = true
	return a
}

// second gives a line addresses of the other family, for targets of that
// family and for a gateway known by its link-local address only.
func (s *surveyed) second(i int, used map[netip.Addr]bool) {
	l := &s.lines[i]
	first := l.gateway[0].Addr()
	for _, v6 := range []bool{false, true} {
		if v6 && !s.v6 || v6 == first.Is6() && !first.IsLinkLocalUnicast() {
			continue
		}
		net := spare(l.number, 1, v6)
		l.gateway = append(l.gateway, netip.PrefixFrom(free(net, used), net.Bits()))
		s.boxes = append(s.boxes, boxAddress{l.wire, netip.PrefixFrom(free(net, used), net.Bits())})
	}
}

// world is every target of the plan once, and what the rehearsal brings.
func (s *surveyed) world() []Target {
	var all []Target
	for _, u := range s.plan.Uplinks {
		for _, t := range u.Targets {
			if !slices.Contains(all, t) {
				all = append(all, t)
			}
		}
	}
	for _, srv := range s.plan.Servers {
		all = append(all, Target{Kind: "tcp", Addr: srv.Addr})
	}
	for _, at := range s.plan.Resolvers {
		for name := range s.plan.Names {
			all = append(all, Target{Kind: "dns", Addr: netip.AddrPortFrom(at, 53), Name: name})
		}
	}
	return all
}
