package isp

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// wiring is how long a loaded kernel may take to notice what it was told.
const wiring = 30 * time.Second

// settle says what each part of a line should be by its faults, and makes it
// so. A gateway without power is one whose wire to the rack is dark: were its
// own port switched off, the kernel would take its IPv6 addresses away, and a
// worker would bring them back at a time of its own choice. Routes go when
// their port is switched off, as the fibre's is, so they are always laid anew.
func (c *country) settle(l *line) error {
	w := c.ways[l]
	own := c.wires[w.survey.wire].survey
	powered, lit := !l.has(Gateway), !l.has(Gateway) && !l.has(Cut)
	err := errors.Join(
		c.rack.turn(own.far(), !l.has(OwnPort)),
		c.rack.turn(w.rackPort(), powered),
		w.gateway.turn(glass, lit),
		w.addresses(),
		w.upstream.swallow(l.has(BlackHole), c.everywhere()),
	)
	w.fibre.slow.Store(l.has(Slow))
	w.lose(l.has(Loss))
	return errors.Join(err, c.routes(w, lit), c.ready(w, own, powered && !l.has(OwnPort)))
}

// lose begins the sequence of losses again each time the fault begins.
func (w *way) lose(on bool) {
	if had := w.fibre.lossy.Load() != nil; had == on {
		return
	}
	if !on {
		w.fibre.lossy.Store(nil)
		return
	}
	w.fibre.lossy.Store(newLosses(w.survey.uplinks[0]))
}

func (c *country) everywhere() []netip.Prefix {
	all := []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 0)}
	if c.v6 {
		all = append(all, netip.PrefixFrom(netip.IPv6Unspecified(), 0))
	}
	return all
}

// addresses are all of a line; a port that goes down may lose some.
func (w *way) addresses() error {
	var faults []error
	for _, a := range w.survey.gateway {
		faults = append(faults, w.gateway.address(lan, a))
	}
	for _, t := range w.survey.targets {
		a := t.Addr.Addr()
		if w.survey.near(a) && !slices.ContainsFunc(w.survey.gateway, func(p netip.Prefix) bool { return p.Addr() == a }) {
			faults = append(faults, w.gateway.address(lan, host(a)))
		}
	}
	for _, v6 := range w.families() {
		faults = append(faults,
			w.gateway.address(glass, w.survey.between(1, v6)),
			w.upstream.address(glass, w.survey.between(2, v6)),
			w.upstream.address(world, w.survey.between(5, v6)),
			w.world.address(back, w.survey.between(6, v6)))
	}
	return errors.Join(faults...)
}

func (w *way) families() []bool {
	if slices.ContainsFunc(w.survey.gateway, func(p netip.Prefix) bool { return p.Addr().Is6() }) {
		return []bool{false, true}
	}
	return []bool{false}
}

// routes lead from the box to the world and back to every address of the box,
// also to one on another wire: a packet may leave by one line with the source
// of another.
func (c *country) routes(w *way, lit bool) error {
	var faults []error
	add := func(p *place, r route) { faults = append(faults, p.route(r)) }
	for i, all := range c.everywhere() {
		v6 := i == 1
		if lit {
			add(w.gateway, route{all, w.survey.between(2, v6).Addr(), glass, 100})
		}
		add(w.upstream, route{all, w.survey.between(6, v6).Addr(), world, 100})
		faults = append(faults, c.leave(w, all, v6, lit))
	}
	for _, b := range c.boxes {
		a, v6 := b.at.Addr(), b.at.Addr().Is6()
		if b.wire == w.survey.wire {
			add(w.gateway, route{host(a), netip.Addr{}, lan, 10})
		} else {
			add(w.gateway, route{host(a), c.beside(w.survey.wire, v6), lan, 10})
		}
		add(w.upstream, route{host(a), w.survey.between(1, v6).Addr(), glass, 10})
		add(w.world, route{host(a), w.survey.between(5, v6).Addr(), back, 10})
	}
	for _, g := range w.survey.gateway {
		if v6 := g.Addr().Is6(); !g.Addr().IsLinkLocalUnicast() {
			add(w.upstream, route{g, w.survey.between(1, v6).Addr(), glass, 20})
			add(w.world, route{g, w.survey.between(5, v6).Addr(), back, 20})
		}
	}
	return errors.Join(faults...)
}

// leave is the box's default route by a line. With a failover that of a dark
// line comes after all others.
func (c *country) leave(w *way, all netip.Prefix, v6, lit bool) error {
	r := route{all, w.survey.by(v6).Addr(), c.wires[w.survey.wire].survey.name, 100 + w.survey.number}
	if !c.plan.Failover {
		return c.box.route(r)
	}
	other := r
	if r.metric += 1000; lit {
		r, other = other, r
	}
	return errors.Join(c.box.route(r), c.box.unroute(other))
}

// by is the gateway's address of one family, by which the box leaves.
func (l lineSurvey) by(v6 bool) netip.Prefix {
	i := slices.IndexFunc(l.gateway, func(p netip.Prefix) bool { return p.Addr().Is6() == v6 })
	return l.gateway[i]
}

// beside is an address of the box on a wire.
func (c *country) beside(wire int, v6 bool) netip.Addr {
	i := slices.IndexFunc(c.boxes, func(b boxAddress) bool { return b.wire == wire && b.at.Addr().Is6() == v6 })
	return c.boxes[i].at.Addr()
}

// ready waits until the wire between box and gateway carries frames, if it
// should, and lets both forget each other.
func (c *country) ready(w *way, own wireSurvey, lit bool) error {
	if lit {
		if err := errors.Join(c.box.lit(own.name), c.rack.lit(own.far()), c.rack.lit(w.rackPort()), w.gateway.lit(lan)); err != nil {
			return err
		}
	}
	return errors.Join(c.box.forget(own.name, w.survey.gateway), w.gateway.forget(lan, nil))
}

// lit waits until the kernel says that a port is up: its notice of light comes
// a moment after the light, and a bridge floods nothing before it.
func (p *place) lit(name string) error {
	return await("port "+name+" has no light", func() (bool, error) {
		link, err := p.linkByName(name)
		return err == nil && link.Attrs().OperState == netlink.OperUp, err
	})
}

// unlit waits until the kernel says that a port is not up.
func (p *place) unlit(name string) error {
	return await("port "+name+" keeps its light", func() (bool, error) {
		link, err := p.linkByName(name)
		return err == nil && link.Attrs().OperState != netlink.OperUp, err
	})
}

// known waits until a place takes the IPv6 addresses of a port for its own.
// Also without a search for duplicates that is left to a worker of the kernel
// (addrconf_dad_work in net/ipv6/addrconf.c): until it has run, the place
// answers nobody who asks for the address, and passes on what is sent to it.
func (c *country) known(p *place, name string) error {
	if !c.v6 {
		return nil
	}
	link, err := p.linkByName(name)
	if err != nil {
		return err
	}
	list, err := p.addrList(link, netlink.FAMILY_V6)
	if err != nil && !errors.Is(err, netlink.ErrDumpInterrupted) {
		return err
	}
	for _, a := range list {
		err := await(fmt.Sprintf("address %s is of no use on %s", a.IP, name), func() (bool, error) {
			way, _ := p.routeGet(a.IP) // none is one of the things that pass
			return len(way) > 0 && way[0].Type == unix.RTN_LOCAL, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// await asks until the kernel has done what it does a moment after it was told.
func await(complaint string, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(context.Background(), wiring)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s after %s", complaint, wiring)
		case <-tick.C:
		}
	}
}

// silence hides a target from one kind of question where it lives, behind
// every line.
func (c *country) silence(name string, silent bool) (bool, error) {
	found := false
	var faults []error
	for _, w := range c.ways {
		for _, t := range w.survey.targets {
			if t.String() != name {
				continue
			}
			found = true
			for _, protocol := range t.protocols() {
				faults = append(faults, w.where(t).mute(t, protocol, silent))
			}
		}
	}
	return found, errors.Join(faults...)
}

func (t Target) protocols() []int {
	switch {
	case t.Kind == "dns":
		return []int{unix.IPPROTO_UDP, unix.IPPROTO_TCP}
	case t.Kind != "icmp":
		return []int{unix.IPPROTO_TCP}
	case t.Addr.Addr().Is6():
		return []int{unix.IPPROTO_ICMPV6}
	}
	return []int{unix.IPPROTO_ICMP}
}

// mute drops one protocol to one address by a rule, which is silent in a
// place that forwards (ip_error in the kernel's net/ipv4/route.c).
func (p *place) mute(t Target, protocol int, silent bool) error {
	r := netlink.NewRule()
	r.Priority, r.Type, r.IPProto = 10, unix.RTN_BLACKHOLE, protocol
	r.Dst, r.Family = network(host(t.Addr.Addr())), family(t.Addr.Addr().Is6())
	if n := t.Addr.Port(); n != 0 {
		r.Dport = netlink.NewRulePortRange(n, n)
	}
	if silent {
		return except(p.ruleAdd(r), syscall.EEXIST)
	}
	return except(p.ruleDel(r), syscall.ENOENT)
}

// localLast moves the rule for the place's own addresses, which comes before
// all others, so that mute can come before it.
func (p *place) localLast() error {
	for _, v6 := range []bool{false, true} {
		r := netlink.NewRule()
		r.Family, r.Table, r.Priority = family(v6), unix.RT_TABLE_LOCAL, 1000
		err := p.ruleAdd(r)
		if v6 && (errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EOPNOTSUPP)) {
			return nil // a kernel without IPv6
		}
		r.Priority = 0
		if err := errors.Join(except(err, syscall.EEXIST), p.ruleDel(r)); err != nil {
			return err
		}
	}
	return nil
}

func family(v6 bool) int {
	if v6 {
		return netlink.FAMILY_V6
	}
	return netlink.FAMILY_V4
}

func except(err, harmless error) error {
	if errors.Is(err, harmless) {
		return nil
	}
	return err
}

// bridge makes a bridge of the rack, which floods multicast as a simple switch
// does, with its first port.
func (p *place) bridge(name, port string) error {
	flood := func(data *nl.RtAttr) { data.AddRtAttr(nl.IFLA_BR_MCAST_SNOOPING, nl.Uint8Attr(0)) }
	if err := p.link(name, "bridge", flood); err != nil {
		return fmt.Errorf("making the bridge %s: %w", name, err)
	}
	return errors.Join(p.up(name), p.join(name, port))
}

// join puts a port into a bridge and switches it on.
func (p *place) join(bridge, port string) error {
	b, err := p.linkByName(bridge)
	if err != nil {
		return err
	}
	link, err := p.linkByName(port)
	if err != nil {
		return err
	}
	return errors.Join(p.linkSetMaster(link, b), p.linkSetUp(link))
}
