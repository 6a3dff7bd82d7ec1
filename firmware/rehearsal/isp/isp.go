// Package isp is a small internet provider for rehearsals: the rack's wires,
// a gateway for each uplink, the fibre behind it, a router upstream and the
// world beyond, with real servers at the addresses that a configuration
// probes. Its lines can be broken and mended while they are in use.
//
//	box ── rack (a bridge per port) ── gateway ══ fibre ══ upstream ── world
//	 └──── wwan0 ── a mobile carrier ── the same world, by another way
//
// [Lay] builds it from network namespaces, without root, in the process that
// [Enter] started; the box is that process's own namespace. [LayLoopback]
// makes do with listeners on 127.0.0.1 where the system refuses namespaces.
// Nothing of it outlives the process: namespaces are held by open files only,
// children die with their parent, and mounts live in a mount namespace.
package isp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"slices"
	"sync"
	"syscall"
)

// ErrRefused means that this system does not let this process make networks
// of namespaces. The text says why and what to do.
var ErrRefused = errors.New("network namespaces are refused")

// errPlaces is told to who asks of the loopback variant what only namespaces have.
var errPlaces = errors.New("needs network namespaces")

// Plan is the network that a configuration speaks of. All but the uplinks is
// for namespaces only.
type Plan struct {
	Uplinks []Uplink

	Cell      string                // the box's port towards a mobile carrier, such as wwan0; empty: there is none
	CellDHCP  bool                  // the carrier gives the box its address; else it has one
	Servers   []Server              // of the world, behind every line and behind the carrier
	Resolvers []netip.Addr          // name servers of the world
	Names     map[string]netip.Addr // that they know

	// Failover has the box's default route leave a line that is dark, as a
	// router beside it would have it.
	Failover bool
}

// Server is one that the rehearsal brings. Serve is called once for each place
// where the world is, and ends when its listener is closed.
type Server struct {
	Addr  netip.AddrPort
	Serve func(net.Listener)
}

// Uplink is one line to the outside. In namespaces, uplinks that share
// interface and gateway are one line: what breaks one breaks the other.
type Uplink struct {
	Name      string
	Interface string     // of the box, such as eth0, which it is if empty
	Gateway   netip.Addr // chosen if invalid
	Source    netip.Addr // the box's address on that wire; chosen if invalid
	Targets   []Target
}

// Target is what a probe asks, beyond the gateway.
type Target struct {
	Kind   string         // icmp, tcp, dns or http
	Addr   netip.AddrPort // its port is 0 for icmp
	Name   string         // dns: what is asked; it is answered with an A record
	Status int            // http: what it answers; 0 is 200
}

// String is the target's kind and address, such as "tcp 1.1.1.1:443" or
// "icmp 9.9.9.9".
func (t Target) String() string {
	if t.Kind == "icmp" {
		return "icmp " + t.Addr.Addr().String()
	}
	return t.Kind + " " + t.Addr.String()
}

// Fault is a way in which a line can be broken. Faults add up.
type Fault string

// The faults. A loopback network has no Gateway and OwnPort, and is slow only
// where a server answers in words (http, dns).
const (
	Cut       Fault = "cut"        // the fibre between gateway and upstream is dark
	BlackHole Fault = "black hole" // the router upstream swallows everything
	Loss      Fault = "loss"       // 4 of every 10 packets from the world are lost on the fibre
	Slow      Fault = "slow"       // the fibre takes 600 ms more each way
	Gateway   Fault = "gateway"    // the gateway has no power
	OwnPort   Fault = "own port"   // the box's port has no carrier
)

// Faults are all of them, the mildest first.
func Faults() []Fault { return []Fault{Slow, Loss, BlackHole, Cut, Gateway, OwnPort} }

// Network is a laid network. Its methods may be called from any goroutine.
type Network struct {
	plan   Plan
	ground ground
	spawn  *spawner

	mu     sync.Mutex
	lines  map[string]*line // by the name of an uplink; several may share one
	closed bool
}

// line is what an uplink hangs on, and what is wrong with it.
type line struct {
	port   *port
	faults map[Fault]bool
}

// port is the box's own end, which several lines may share.
type port struct{ dark bool }

func (l *line) has(f Fault) bool {
	if f == OwnPort {
		return l.port.dark
	}
	return l.faults[f]
}

func (l *line) set(f Fault, on bool) {
	if f == OwnPort {
		l.port.dark = on
	} else {
		l.faults[f] = on
	}
}

// ground is what a network is made of.
type ground interface {
	able(l *line, f Fault) error                 // whether it has such a fault
	settle(l *line) error                        // makes the line what its faults say
	silence(t string, silent bool) (bool, error) // false if there is no such target
	mount(dir string, size int64) error
	cover(file, with string) error
	places() bool
	cellular() *cell // nil if there is none
	close() error
}

// Plan is the network as it is to be probed. Of namespaces it is what was
// asked for, with missing addresses filled in; over loopback each target is a
// tcp, dns or http one on 127.0.0.1, with no interface, gateway or source.
func (n *Network) Plan() Plan {
	p := n.plan
	p.Uplinks = slices.Clone(p.Uplinks)
	for i, u := range p.Uplinks {
		p.Uplinks[i].Targets = slices.Clone(u.Targets)
	}
	return p
}

// Places says whether the network is one of namespaces, so that a fault has a
// place: own port, gateway or upstream.
func (n *Network) Places() bool { return n.ground.places() }

// Start starts c in the box's namespace. The child is killed when this
// process ends, however it ends, and when the network is closed.
func (n *Network) Start(c *exec.Cmd) error {
	if c.SysProcAttr == nil {
		c.SysProcAttr = new(syscall.SysProcAttr)
	}
	c.SysProcAttr.Pdeathsig = syscall.SIGKILL
	return n.spawn.start(c)
}

// Break breaks an uplink's line, Mend takes that fault away again. Both take
// effect at once and are harmless when repeated.
func (n *Network) Break(uplink string, f Fault) error { return n.turn(uplink, f, true) }

// Mend is Break undone.
func (n *Network) Mend(uplink string, f Fault) error { return n.turn(uplink, f, false) }

func (n *Network) turn(uplink string, f Fault, on bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	l, err := n.line(uplink, f)
	if err != nil {
		return err
	}
	if l.has(f) == on {
		return nil
	}
	l.set(f, on)
	if err := n.ground.settle(l); err != nil {
		return fmt.Errorf("%s of %s: %w", f, uplink, err)
	}
	return nil
}

func (n *Network) line(uplink string, f Fault) (*line, error) {
	l := n.lines[uplink]
	switch {
	case n.closed:
		return nil, errors.New("the network is closed")
	case l == nil:
		return nil, fmt.Errorf("there is no uplink %q", uplink)
	case !slices.Contains(Faults(), f):
		return nil, fmt.Errorf("there is no fault %q", f)
	}
	return l, n.ground.able(l, f)
}

// MendAll takes all faults away and lets all targets answer.
func (n *Network) MendAll() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil
	}
	var faults []error
	for _, u := range n.plan.Uplinks {
		l := n.lines[u.Name]
		clear(l.faults)
		l.port.dark = false
		faults = append(faults, n.ground.settle(l))
		for _, t := range u.Targets {
			_, err := n.ground.silence(t.String(), false)
			faults = append(faults, err)
		}
	}
	if c := n.ground.cellular(); c != nil {
		clear(c.faults)
		faults = append(faults, c.settle())
	}
	return errors.Join(faults...)
}

// Broken lists the faults of an uplink's line, the mildest first.
func (n *Network) Broken(uplink string) []Fault {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.lines[uplink]
	if l == nil {
		return nil
	}
	return slices.DeleteFunc(Faults(), func(f Fault) bool { return !l.has(f) })
}

// Target lets one target, named as by [Target.String], answer or be silent,
// whichever uplinks probe it.
func (n *Network) Target(name string, answers bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return errors.New("the network is closed")
	}
	found, err := n.ground.silence(name, !answers)
	if err == nil && !found {
		err = fmt.Errorf("there is no target %q", name)
	}
	return err
}

// Mount puts an empty file system of size bytes over a folder, for this
// process and its children only, so that a disk can be filled without harm.
func (n *Network) Mount(dir string, size int64) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.ground.mount(dir, size)
}

// Cover puts another file in the place of one, such as /etc/resolv.conf, for
// this process and its children only.
func (n *Network) Cover(file, with string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.ground.cover(file, with)
}

// Close kills what Start started and takes the network away.
func (n *Network) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil
	}
	n.closed = true
	n.spawn.stop()
	return n.ground.close()
}
