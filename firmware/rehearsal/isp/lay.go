package isp

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// Ports inside the provider's places.
const (
	lan   = "lan"   // of the gateway, to the rack
	glass = "fibre" // of the gateway and of the upstream router
	world = "world" // of the upstream router, to the world
	back  = "back"  // of the world, to the upstream router
)

// router is what every place but the box is: it forwards, trusts no path more
// than another, keeps its addresses, and says each time what it cannot reach.
var router = map[string]string{
	"ipv4/ip_forward":                 "1",
	"ipv4/conf/all/rp_filter":         "0",
	"ipv4/conf/default/rp_filter":     "0",
	"ipv4/icmp_ratelimit":             "0",
	"ipv6/conf/all/forwarding":        "1",
	"ipv6/conf/default/accept_dad":    "0",
	"ipv6/conf/all/keep_addr_on_down": "1",
	"ipv6/icmp/ratelimit":             "0",
}

var boxSettings = map[string]string{
	"ipv4/conf/all/rp_filter":         "0",
	"ipv4/conf/default/rp_filter":     "0",
	"ipv4/ping_group_range":           "0 0",
	"ipv6/conf/default/accept_dad":    "0",
	"ipv6/conf/default/accept_ra":     "0",
	"ipv6/conf/all/keep_addr_on_down": "1",
}

// country is the ground of namespaces.
type country struct {
	box, rack *place
	wires     []*wire
	boxes     []boxAddress
	ways      map[*line]*way
	plan      Plan
	v6        bool
	cell      *cell // nil without one
	mounts    []string
}

// wire is one port of the box and the bridge behind it.
type wire struct {
	survey wireSurvey
	port   *port
}

// way is the places of one line and what runs in them.
type way struct {
	survey                   lineSurvey
	gateway, upstream, world *place
	fibre                    *fibre
	services                 []*service
}

// Lay builds the network from namespaces, around the namespace of this
// process, which is the box. Only the process that Enter started may. The
// error is ErrRefused, which Enter in the outer process returns too, if the
// system lacks a part; it is another one if the plan makes no sense.
func Lay(p Plan) (*Network, error) {
	if !Inside() {
		return nil, errors.New("laying a network of namespaces: this process has none of its own; start it by Enter")
	}
	unix.CloseOnExec(complaint)
	s, err := survey(p)
	if err != nil {
		return nil, fmt.Errorf("laying a network of namespaces: %w", err)
	}
	c := &country{ways: map[*line]*way{}, boxes: s.boxes, plan: s.plan, v6: s.v6}
	n := &Network{plan: s.plan, ground: c, lines: map[string]*line{}}
	if err := c.lay(s, n.lines); err != nil {
		return nil, complain(errors.Join(err, c.close()))
	}
	n.spawn = newSpawner()
	return n, nil
}

func (c *country) lay(s surveyed, lines map[string]*line) (err error) {
	if c.box, err = home(); err != nil {
		return err
	}
	if err := c.box.furnish(boxSettings); err != nil {
		return fmt.Errorf("making the box: %w", err)
	}
	if c.rack, err = found(); err != nil {
		return err
	}
	if err := c.rack.furnish(router); err != nil {
		return fmt.Errorf("making the rack: %w", err)
	}
	for _, w := range s.wires {
		if err := c.plug(w); err != nil {
			return fmt.Errorf("port %s: %w", w.name, err)
		}
	}
	for _, b := range s.boxes {
		if err := c.box.address(s.wires[b.wire].name, b.at); err != nil {
			return err
		}
	}
	for i, l := range s.lines {
		made := &line{port: c.wires[l.wire].port, faults: map[Fault]bool{}}
		if err := c.build(made, l); err != nil {
			return fmt.Errorf("line %d by gateway %s: %w", i+1, l.gateway[0], err)
		}
		for _, name := range l.uplinks {
			lines[name] = made
		}
	}
	for _, l := range lines {
		if err := c.settle(l); err != nil {
			return err
		}
	}
	if c.plan.Cell != "" {
		if c.cell, err = c.roam(s.world()); err != nil {
			return fmt.Errorf("the mobile carrier behind %s: %w", c.plan.Cell, err)
		}
	}
	return c.allKnown()
}

// allKnown waits for the addresses that no fault takes away.
func (c *country) allKnown() error {
	var faults []error
	for _, w := range c.wires {
		faults = append(faults, c.known(c.box, w.survey.name))
	}
	for _, w := range c.ways {
		faults = append(faults, c.known(w.gateway, lan), c.known(w.upstream, world), c.known(w.world, back), c.known(w.world, "lo"))
	}
	return errors.Join(faults...)
}

// plug lays the wire from a port of the box to a bridge of the rack.
func (c *country) plug(w wireSurvey) error {
	if err := c.box.cable(w.name, c.rack, w.far()); err != nil {
		return err
	}
	if err := c.rack.bridge(w.bridge(), w.far()); err != nil {
		return err
	}
	if err := c.box.up(w.name); err != nil {
		return err
	}
	c.wires = append(c.wires, &wire{survey: w, port: new(port)})
	return c.box.brisk(w.name)
}

// build makes the places of a line and the wires between them.
func (c *country) build(made *line, l lineSurvey) error {
	w := &way{survey: l}
	c.ways[made] = w
	for _, p := range []**place{&w.gateway, &w.upstream, &w.world} {
		var err error
		if *p, err = found(); err != nil {
			return err
		}
		if err := (*p).furnish(router); err != nil {
			return err
		}
	}
	if err := c.connect(w); err != nil {
		return err
	}
	if err := w.people(); err != nil {
		return err
	}
	return c.open(w)
}

// connect lays and lights the wires of a line, before any address is given: an
// IPv6 address is of use only a while after its port has got light.
func (c *country) connect(w *way) (err error) {
	if err := c.rack.cable(w.rackPort(), w.gateway, lan); err != nil {
		return err
	}
	if err := w.upstream.cable(world, w.world, back); err != nil {
		return err
	}
	if w.fibre, err = splice(glass, w.gateway, w.upstream, 0); err != nil {
		return err
	}
	err = errors.Join(
		c.rack.join(c.wires[w.survey.wire].survey.bridge(), w.rackPort()),
		w.gateway.brisk(lan), w.upstream.brisk(world), w.world.brisk(back),
		w.gateway.up(lan), w.gateway.up(glass), w.upstream.up(glass), w.upstream.up(world), w.world.up(back))
	if err != nil {
		return err
	}
	return errors.Join(w.gateway.lit(lan), w.upstream.lit(world), w.world.lit(back))
}

func (w *way) rackPort() string { return fmt.Sprintf("gw%d", w.survey.number) }

// people puts the addresses of targets where they live.
func (w *way) people() error {
	if err := errors.Join(w.world.localLast(), w.gateway.localLast()); err != nil {
		return fmt.Errorf("ordering the rules: %w", err)
	}
	for _, t := range w.survey.targets {
		if w.survey.near(t.Addr.Addr()) {
			continue // the gateway has it among its own addresses
		}
		if err := w.world.address("lo", host(t.Addr.Addr())); err != nil {
			return err
		}
	}
	return nil
}

// open starts the servers. Those in the gateway's own network wait for its
// addresses, so it gets them first.
func (c *country) open(w *way) (err error) {
	if err := w.addresses(); err != nil {
		return err
	}
	w.services, err = c.serve(w.survey.targets, w.where)
	return err
}

// serve starts the servers of targets, each where it belongs. What was started
// before an error is returned with it.
func (c *country) serve(targets []Target, where func(Target) *place) (started []*service, err error) {
	list, err := services(targets)
	if err != nil {
		return nil, err
	}
	for _, srv := range list {
		srv.known = c.plan.Names
		for _, own := range c.plan.Servers {
			if own.Addr == srv.target.Addr {
				srv.take = own.Serve
			}
		}
		err := where(srv.target).do(func() error {
			l, p, err := hear(srv.target.Kind, srv.target.Addr)
			if err == nil {
				srv.serve(l, p)
			}
			return err
		})
		if err != nil {
			return started, fmt.Errorf("serving %s: %w", srv.target, err)
		}
		started = append(started, srv)
	}
	return started, nil
}

func (w *way) where(t Target) *place {
	if w.survey.near(t.Addr.Addr()) {
		return w.gateway
	}
	return w.world
}

func (c *country) places() bool { return true }

func (c *country) cellular() *cell { return c.cell }

func (c *country) able(*line, Fault) error { return nil }

func (c *country) mount(dir string, size int64) error {
	err := unix.Mount("tmpfs", dir, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, fmt.Sprintf("size=%d,mode=0700", size))
	if err != nil {
		return fmt.Errorf("mounting a file system on %s: %w", dir, err)
	}
	c.mounts = append(c.mounts, dir)
	return nil
}

func (c *country) cover(file, with string) error {
	at, err := filepath.EvalSymlinks(file) // the mount would follow it, its end would not
	if err != nil {
		return err
	}
	if err := unix.Mount(with, at, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("covering %s: %w", file, err)
	}
	c.mounts = append(c.mounts, at)
	return nil
}

// close lets go of the places; the kernel takes away what was in them.
func (c *country) close() error {
	var faults []error
	for _, dir := range slices.Backward(c.mounts) {
		if err := unix.Unmount(dir, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW); err != nil {
			faults = append(faults, fmt.Errorf("unmounting %s: %w", dir, err))
		}
	}
	if c.cell != nil {
		faults = append(faults, c.cell.close())
	}
	for _, w := range c.ways {
		for _, s := range w.services {
			s.close()
		}
		if w.fibre != nil {
			w.fibre.close()
		}
		faults = append(faults, closeAll(w.gateway, w.upstream, w.world))
	}
	for _, w := range c.wires {
		if link, err := c.box.linkByName(w.survey.name); err == nil {
			faults = append(faults, except(c.box.linkDel(link), syscall.ENODEV)) // the kernel was faster
		}
	}
	return errors.Join(append(faults, closeAll(c.rack, c.box))...)
}

func closeAll(places ...*place) error {
	var faults []error
	for _, p := range places {
		if p != nil {
			faults = append(faults, p.close())
		}
	}
	return errors.Join(faults...)
}

func host(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }
