package backhaul

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
)

// NetdevOptions of a modem that is a network card: ECM, NCM or RNDIS.
type NetdevOptions struct {
	Interface string    // such as "usb0"; required
	Commander Commander // of the modem's AT port; nil if it dials by itself and need not be asked
	Make      string    // one of MakeNames; empty asks the modem for its name

	APN            string // empty leaves the modem's own
	CID            int    // context; zero is 1
	User, Password string // of the access point

	IPv4Only bool // do not wait for IPv6
}

func (o NetdevOptions) check() error {
	if o.Interface == "" {
		return errors.New("a netdev link needs the name of its interface")
	}
	if _, ok := wayNamed(o.Make); o.Make != "" && !ok {
		return fmt.Errorf("no make is called %q: there are %s", o.Make, strings.Join(MakeNames(), ", "))
	}
	for name, text := range map[string]string{"apn": o.APN, "user": o.User, "password": o.Password} {
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == '"' || r == 0x7F }) {
			return fmt.Errorf("the %s holds a character that no AT command can carry", name)
		}
	}
	return nil
}

func (o NetdevOptions) cid() string { return strconv.Itoa(max(o.CID, 1)) }

// Netdev is a link over the modem's own network card, with an address by DHCP
// and, where the carrier has it, IPv6 by the kernel's router discovery. The
// address is put on the interface without a route of its own: the main table
// does not change.
type Netdev struct {
	o    NetdevOptions
	way  way
	held netip.Prefix       // that we put on the interface; zero is none
	stop context.CancelFunc // of what keeps it up; nil while there is none
	over chan struct{}      // closed when that has ended
}

// NewNetdev makes the link; nothing happens before Up.
func NewNetdev(o NetdevOptions) (*Netdev, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return &Netdev{o: o}, nil
}

const (
	activation = 60 * time.Second // for the network to give a context
	again      = time.Second      // between questions whether it has
	carrier    = 15 * time.Second // for the card to say that it has one
	lookAfter  = 30 * time.Second // between questions whether it still has
)

// Up tells the modem to connect, and asks for an address.
func (n *Netdev) Up(ctx context.Context) (Connection, error) {
	began := time.Now()
	c, err := n.connect(ctx)
	if err != nil {
		return Connection{}, errors.Join(err, n.Down(context.WithoutCancel(ctx)))
	}
	c.Took = time.Since(began)
	return c, nil
}

func (n *Netdev) connect(ctx context.Context) (Connection, error) {
	link, err := netlink.LinkByName(n.o.Interface)
	if err != nil {
		return Connection{}, missing(n.o.Interface)
	}
	if err := n.activate(ctx); err != nil {
		return Connection{}, err
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return Connection{}, &Trouble{Kind: Broken, Cause: "may not switch " + n.o.Interface + " on", Advice: "grant CAP_NET_ADMIN", Err: err}
	}
	now, err := within(ctx, carrier, n.o.Interface, func(c card) bool { return !c.there || c.running })
	switch {
	case err != nil:
		return Connection{}, err
	case !now.there:
		return Connection{}, missing(n.o.Interface)
	case !now.running:
		return Connection{}, &Trouble{Kind: Refused, Cause: n.o.Interface + " has no carrier: the modem gives no data", Advice: n.setup()}
	}
	return n.address(ctx)
}

// setup is advice for a modem that was not prepared.
func (n *Netdev) setup() string {
	if n.way.setup == "" {
		return ""
	}
	return "was it prepared once? " + n.way.setup
}

// address gets what both families give.
func (n *Netdev) address(ctx context.Context) (Connection, error) {
	l, now, err := n.families(ctx)
	if ctx.Err() != nil {
		return Connection{}, ctx.Err()
	}
	if l != nil {
		err = n.hold(l)
	}
	six := now.has(true) && now.router.IsValid() && !n.o.IPv4Only
	if err != nil && !six {
		var known *Trouble
		if errors.As(err, &known) {
			return Connection{}, err
		}
		return Connection{}, &Trouble{Kind: Silent, Cause: "the modem gives no address by DHCP on " + n.o.Interface, Advice: n.setup(), Err: err}
	}
	c := Connection{Interface: n.o.Interface}
	if err == nil {
		c.Addresses, c.Gateways, c.DNS, c.MTU = []netip.Prefix{l.address}, l.gateways, l.dns, l.mtu
	}
	for _, p := range now.addresses {
		if p.Addr().Is6() && six {
			c.Addresses = append(c.Addresses, p)
		}
	}
	if six {
		c.Gateways = append(c.Gateways, now.router)
	}
	c.Lost = n.keep(ctx, l, c.Addresses)
	return c, nil
}

// families asks for IPv4 and waits for IPv6 at the same time. When one is
// there the other has a little time left: most carriers give one only.
func (n *Netdev) families(ctx context.Context) (l *lease4, now card, err error) {
	ctx, done := context.WithTimeout(ctx, patience)
	defer done()
	four, six := make(chan error, 1), make(chan error, 1)
	go func() {
		var failed error
		l, failed = ask4(ctx, n.o.Interface)
		four <- failed
	}()
	go func() {
		var failed error
		if !n.o.IPv4Only {
			now, failed = await(ctx, n.o.Interface, func(c card) bool { return !c.there || c.has(true) && c.router.IsValid() })
		}
		six <- failed
	}()
	enough := time.AfterFunc(patience, done)
	defer enough.Stop()
	for range 2 {
		select {
		case err = <-four:
			if err == nil {
				enough.Reset(linger)
			}
		case failed := <-six:
			if failed == nil && !n.o.IPv4Only {
				enough.Reset(linger)
			}
		}
	}
	return l, now, err
}

// hold puts the address of a lease on the interface. Its range gets no route:
// that would be in the main table.
func (n *Netdev) hold(l *lease4) error {
	link, err := netlink.LinkByName(n.o.Interface)
	if err != nil {
		return missing(n.o.Interface)
	}
	n.held = l.address
	if err := netlink.AddrReplace(link, l.netlink()); err != nil {
		return &Trouble{Kind: Broken, Cause: "may not give " + n.o.Interface + " its address", Advice: "grant CAP_NET_ADMIN", Err: err}
	}
	return nil
}

// activate makes the modem connect, if it has to be told.
func (n *Netdev) activate(ctx context.Context) error {
	n.way = way{name: "router"}
	if n.o.Commander == nil {
		return nil
	}
	n.way = n.choose(ctx)
	if err := n.define(ctx); err != nil {
		return err
	}
	for _, s := range []step{n.way.login, n.way.activate} {
		if err := n.do(ctx, s); err != nil {
			return explained(ctx, n.o.Commander, &Trouble{Kind: Refused, Cause: "the modem refused to connect", Advice: n.setup(), Err: err})
		}
	}
	return n.awaitData(ctx)
}

func (n *Netdev) choose(ctx context.Context) way {
	if w, ok := wayNamed(n.o.Make); ok {
		return w
	}
	return wayFor(ask(ctx, n.o.Commander, "+CGMM"))
}

// define writes the context, unless it is there: some modems leave the network
// at each change of the context that they are attached by.
func (n *Netdev) define(ctx context.Context) error {
	if n.o.APN == "" || n.way.name == "router" {
		return nil
	}
	want := regexpContext(n.o.cid(), n.o.APN)
	lines, err := n.o.Commander.Command(ctx, "+CGDCONT?")
	if err == nil && slices.ContainsFunc(lines, want.MatchString) {
		return nil
	}
	if err := n.do(ctx, define); err != nil {
		return &Trouble{Kind: Refused, Cause: "the modem refused the access point " + n.o.APN, Advice: checkAPN, Err: err}
	}
	return nil
}

// do tries the spellings of a step until one is taken. The error is that of
// the last; it never holds the command, which may hold a password.
func (n *Netdev) do(ctx context.Context, s step) error {
	var err error
	for _, spelling := range s {
		cmd, complete := n.o.filled(spelling)
		if !complete {
			continue
		}
		if _, err = n.o.Commander.Command(ctx, cmd); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// awaitData asks until the modem says that it is connected.
func (n *Netdev) awaitData(ctx context.Context) error {
	if n.way.query == "" {
		return nil
	}
	limit, done := context.WithTimeout(ctx, activation)
	defer done()
	for {
		if up, _ := n.connected(limit); up {
			return nil
		}
		select {
		case <-limit.Done():
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return explained(ctx, n.o.Commander, &Trouble{Kind: Refused, Cause: "the network gave no data connection", Advice: n.setup()})
		case <-time.After(again):
		}
	}
}

// connected asks the modem; an error is a modem that does not say.
func (n *Netdev) connected(ctx context.Context) (bool, error) {
	query, _ := n.o.filled(n.way.query)
	lines, err := n.o.Commander.Command(ctx, query)
	return err == nil && n.way.says(lines, n.o.cid()), err
}

// Down disconnects, takes our address away and switches the card off, so that
// nothing else of this box can use it.
func (n *Netdev) Down(ctx context.Context) error {
	if n.stop != nil {
		n.stop()
		<-n.over
		n.stop = nil
	}
	if n.o.Commander != nil && len(n.way.deactivate) > 0 {
		_ = n.do(ctx, n.way.deactivate) // many modems refuse to give their last context back; the card goes off all the same
	}
	link, err := netlink.LinkByName(n.o.Interface)
	if err != nil { // it was pulled, and its address with it
		n.held = netip.Prefix{}
		return nil
	}
	var errs []error
	if n.held.IsValid() {
		if err := netlink.AddrDel(link, address(n.held)); err != nil && !isGone(err) {
			errs = append(errs, fmt.Errorf("take the address off %s: %w", n.o.Interface, err))
		}
		n.held = netip.Prefix{}
	}
	if err := netlink.LinkSetDown(link); err != nil && !isGone(err) {
		errs = append(errs, fmt.Errorf("switch %s off: %w", n.o.Interface, err))
	}
	return errors.Join(errs...)
}
