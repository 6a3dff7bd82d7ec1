package isp

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// The faults of a mobile carrier.
const (
	NoCarrier Fault = "no carrier"     // the port of the box has no signal
	Portal    Fault = "captive portal" // pages are answered by the carrier, all else that is no name is refused
)

// CellFaults are all faults of a carrier.
func CellFaults() []Fault { return []Fault{Portal, NoCarrier} }

// The addresses between box, carrier and world (RFC 6598, RFC 2544).
var (
	cellBox     = netip.MustParsePrefix("100.127.0.2/24")
	cellGateway = netip.MustParsePrefix("100.127.0.1/24")
	cellOut     = netip.MustParsePrefix("198.19.255.1/30")
	cellBack    = netip.MustParsePrefix("198.19.255.2/30")
)

// CellGateway is the carrier's address on the box's cellular port.
func CellGateway() netip.Addr { return cellGateway.Addr() }

// latency is what an LTE network takes each way.
const latency = 19 * time.Millisecond

const (
	air         = "air" // of the carrier, to the box
	portalTable = 77
)

// cell is a mobile carrier: a place that the box's cellular port leads to, and
// the world behind it.
type cell struct {
	port            string // of the box
	box             *place
	dhcp            bool // whoever keeps the port switches it on
	carrier, abroad *place
	core            *fibre
	services        []*service
	faults          map[Fault]bool
	tap             *tap
}

// roam builds the carrier. The box gets no route.
func (c *country) roam(world []Target) (*cell, error) {
	m := &cell{port: c.plan.Cell, box: c.box, dhcp: c.plan.CellDHCP, faults: map[Fault]bool{}}
	if err := m.build(c, world); err != nil {
		return nil, errors.Join(err, m.close())
	}
	return m, nil
}

func (m *cell) build(c *country, targets []Target) error {
	for _, p := range []**place{&m.carrier, &m.abroad} {
		var err error
		if *p, err = found(); err != nil {
			return err
		}
		if err := (*p).furnish(router); err != nil {
			return err
		}
	}
	var err error
	if err := c.box.cable(m.port, m.carrier, air); err != nil {
		return err
	}
	if m.core, err = splice(glass, m.carrier, m.abroad, latency); err != nil {
		return err
	}
	// What the kernel says by itself on a new port would be traffic on the air.
	err = errors.Join(c.box.silent6(m.port), m.carrier.silent6(air),
		m.carrier.address(air, cellGateway), m.carrier.address(glass, cellOut), m.carrier.up(glass),
		m.abroad.address(glass, cellBack), m.abroad.up(glass))
	for _, t := range targets {
		err = errors.Join(err, m.abroad.address("lo", host(t.Addr.Addr())))
	}
	if !m.dhcp {
		err = errors.Join(err, c.box.address(m.port, cellBox), c.box.up(m.port))
	}
	everywhere := netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	err = errors.Join(err,
		m.carrier.route(route{everywhere, cellBack.Addr(), glass, 10}),
		m.abroad.route(route{everywhere, cellOut.Addr(), glass, 10}),
		m.carrier.intercept())
	if err != nil {
		return err
	}
	if m.services, err = c.serve(targets, func(Target) *place { return m.abroad }); err != nil {
		return err
	}
	if err := m.answerPages(); err != nil {
		return err
	}
	if m.tap, err = listenIn(m.carrier, air); err != nil {
		return err
	}
	if err := m.settle(); err != nil || !m.dhcp {
		return err
	}
	return m.handOut(c.plan.Resolvers)
}

// silent6 takes IPv6 off a port.
func (p *place) silent6(port string) error {
	return p.do(func() error { return sysctl("ipv6/conf/"+port+"/disable_ipv6", "1") })
}

// intercept prepares the table by which a portal has all addresses for its own.
func (p *place) intercept() error {
	lo, err := p.linkByName("lo")
	if err != nil {
		return err
	}
	return p.routeReplace(&netlink.Route{
		Dst: network(netip.PrefixFrom(netip.IPv4Unspecified(), 0)), Type: unix.RTN_LOCAL, Scope: netlink.SCOPE_HOST,
		Table: portalTable, LinkIndex: lo.Attrs().Index,
	})
}

// answerPages is the portal's page, which is there for whoever is led to it.
func (m *cell) answerPages() error {
	var l net.Listener
	err := m.carrier.do(func() (err error) {
		l, err = transparent(":80")
		return err
	})
	if err != nil {
		return err
	}
	web := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://portal.carrier.example/top-up")
		w.WriteHeader(http.StatusFound)
		_, _ = io.WriteString(w, "Your data volume is used up.\n")
	})}
	go func() { _ = web.Serve(l) }()
	m.services = append(m.services, &service{stop: []func() error{func() error { return leave(l) }, web.Close}})
	return nil
}

// settle makes the carrier what its faults say.
func (m *cell) settle() error {
	faults := []error{m.carrier.turn(air, !m.faults[NoCarrier])}
	for _, r := range m.rules() {
		if m.faults[Portal] {
			faults = append(faults, except(m.carrier.ruleAdd(r), syscall.EEXIST))
		} else {
			faults = append(faults, except(m.carrier.ruleDel(r), syscall.ENOENT))
		}
	}
	switch {
	case m.dhcp:
		return errors.Join(faults...)
	case m.faults[NoCarrier]:
		return errors.Join(append(faults, m.box.unlit(m.port))...)
	}
	return errors.Join(append(faults, m.box.lit(m.port))...)
}

// rules lead pages to the portal, and refuse what is neither page nor name.
func (m *cell) rules() []*netlink.Rule {
	pages, rest := netlink.NewRule(), netlink.NewRule()
	for i, r := range []*netlink.Rule{pages, rest} {
		r.Family, r.IifName, r.IPProto, r.Priority = netlink.FAMILY_V4, air, unix.IPPROTO_TCP, 20+i
	}
	pages.Dport, pages.Table = netlink.NewRulePortRange(80, 80), portalTable
	rest.Type = unix.RTN_PROHIBIT
	return []*netlink.Rule{pages, rest}
}

func (m *cell) close() error {
	for _, s := range m.services {
		s.close()
	}
	if m.tap != nil {
		m.tap.close()
	}
	if m.core != nil {
		m.core.close()
	}
	var gone error
	if link, err := m.box.linkByName(m.port); err == nil {
		gone = except(m.box.linkDel(link), syscall.ENODEV)
	}
	return errors.Join(gone, closeAll(m.carrier, m.abroad))
}

// errNoCell is told to who asks for a carrier where the plan has none.
var errNoCell = errors.New("there is no mobile carrier in this network")

// Cellular says whether there is a mobile carrier.
func (n *Network) Cellular() bool { return n.ground.cellular() != nil }

// BreakCell breaks the carrier; MendCell takes the fault away again.
func (n *Network) BreakCell(f Fault) error { return n.turnCell(f, true) }

// MendCell is BreakCell undone.
func (n *Network) MendCell(f Fault) error { return n.turnCell(f, false) }

func (n *Network) turnCell(f Fault, on bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	m := n.ground.cellular()
	switch {
	case n.closed:
		return errors.New("the network is closed")
	case m == nil:
		return errNoCell
	case !slices.Contains(CellFaults(), f):
		return fmt.Errorf("a mobile carrier has no fault %q", f)
	}
	m.faults[f] = on
	return m.settle()
}

// CellBroken lists the carrier's faults.
func (n *Network) CellBroken() []Fault {
	n.mu.Lock()
	defer n.mu.Unlock()
	m := n.ground.cellular()
	if m == nil {
		return nil
	}
	return slices.DeleteFunc(CellFaults(), func(f Fault) bool { return !m.faults[f] })
}

// Flows are the conversations that the carrier has seen on the air, the
// largest first.
func (n *Network) Flows() []Flow {
	if m := n.ground.cellular(); m != nil {
		return m.tap.flows()
	}
	return nil
}

// Stray does what must not go by the cellular port: another program of the box
// sends something by it, and somebody at the carrier calls a program that
// listens on all of the box's addresses. It returns whether the call was taken;
// what was sent is among the Flows if it came through.
func (n *Network) Stray() (taken bool, err error) {
	m := n.ground.cellular()
	if m == nil {
		return false, errNoCell
	}
	var l net.Listener
	err = m.box.do(func() (err error) {
		bound := net.Dialer{Control: socket(unix.SOL_SOCKET, unix.SO_BINDTODEVICE, m.port)}
		if c, err := bound.Dial("udp", StrayAddr.String()); err == nil {
			_, _ = c.Write([]byte("what time is it?")) // refused, as it should be
			c.Close()
		}
		l, err = net.Listen("tcp", ":0")
		return err
	})
	if err != nil {
		return false, err
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).AddrPort().Port()
	_ = m.carrier.do(func() error {
		c, err := net.DialTimeout("tcp", netip.AddrPortFrom(cellBox.Addr(), port).String(), 300*time.Millisecond)
		if taken = err == nil; taken {
			c.Close()
		}
		return nil
	})
	return taken, nil
}

// StrayAddr is where Stray sends to.
var StrayAddr = netip.MustParseAddrPort("203.0.113.123:123")

// socket sets an option before a socket is connected.
func socket(level, option int, value any) func(string, string, syscall.RawConn) error {
	return func(_, _ string, raw syscall.RawConn) error {
		var failed error
		err := raw.Control(func(fd uintptr) {
			switch v := value.(type) {
			case string:
				failed = unix.SetsockoptString(int(fd), level, option, v)
			case int:
				failed = unix.SetsockoptInt(int(fd), level, option, v)
			}
		})
		return errors.Join(err, failed)
	}
}
