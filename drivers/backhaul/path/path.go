// Package path makes an interface that is up usable by this box's own sockets
// and by nothing else. It keeps a routing table and rules of its own, a guard
// in nftables through which nothing but its own conversations leaves or
// enters, and a dialer whose sockets are marked and bound to the interface,
// with a resolver that asks over the same interface.
//
// The main routing table is never touched. Table 4900 to 4915, the rule
// priorities 4711 to 4713, the marks 0x48470000 to 0x4847000f and the nftables
// tables "inet heliograph_NAME" are this program's own: what it finds there
// and did not plan it removes.
//
// It needs CAP_NET_ADMIN, and a kernel with IP_MULTIPLE_TABLES,
// IPV6_MULTIPLE_TABLES, NF_TABLES_INET and NFT_CT. Raw packet sockets
// (AF_PACKET), which need CAP_NET_RAW, do not pass the guard: DHCP clients
// live on that.
package path

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"time"
)

// ErrNotPermitted means that this process may not change routes, rules or
// nftables.
var ErrNotPermitted = errors.New("no permission to keep a path of its own; grant CAP_NET_ADMIN")

// ErrDown is the answer to Dial when no link is up, or when it went while
// connecting.
var ErrDown = errors.New("the backhaul is down")

// Memory keeps small values between restarts. A missing key is nil, nil;
// Store returns after the commit.
type Memory interface {
	Load(key string) ([]byte, error)
	Store(key string, value []byte) error
}

// Options are what a path is made of.
type Options struct {
	// Name of the backhaul: small letters, digits, - and _, at most 30. The
	// guard is the nftables table inet heliograph_NAME, - written as _.
	Name string
	// Number tells the backhauls of one box apart, 0 to 15: table 4900+Number,
	// mark 0x48470000+Number.
	Number int
	// Interface is guarded from New on if its name is known before it is up;
	// empty: from the first Up on.
	Interface string
	// DHCP lets the kernel's UDP sockets speak DHCP on the interface.
	DHCP bool
	// Servers are asked for names after those of the link; default 1.1.1.1,
	// 9.9.9.9 and their IPv6 addresses.
	Servers []netip.AddrPort
	// Memory keeps the last good addresses of hosts, under the key
	// backhaul.NAME.addresses; nil: until the end of the process.
	Memory Memory
	// Pages are URLs that answer 204 and nothing else, for Verify; default
	// two of public providers, by plain HTTP so that a portal shows itself.
	Pages []string
	// Hosts are "name:port" of TLS servers that will be used; Verify tries
	// them where no page answers.
	Hosts []string
	// Literals are addresses that take TCP, for Verify to tell dead names
	// from a dead link; default the public resolvers' port 443.
	Literals []netip.AddrPort
	// TLS is for Hosts; nil: the system's roots.
	TLS *tls.Config
	// Every is how often bytes are counted and the guard, routes and rules
	// are looked after; default 15 s.
	Every time.Duration
	// Used is told the bytes in and out since it was told last, by the
	// interface's own statistics, from one goroutine or from Down.
	Used func(in, out uint64)
	// Tell is told trouble of looking after and of remembering, once for each,
	// and nil when it has ended. Neither Used nor Tell may call the path.
	Tell func(error)
}

const (
	firstTable = 4900
	firstMark  = 0x48470000
	numbers    = 16

	defaultMTU = 1400 // field guide: the value behind NATs in sticks and PPP
	leastMTU   = 576  // RFC 791: every host takes a datagram of this size
	leastMTU6  = 1280 // RFC 8200 §5
)

var (
	nameForm      = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,29}$`)
	interfaceForm = regexp.MustCompile(`^[^/\s:]{1,15}$`) // dev_valid_name
)

func (o Options) check() error {
	var faults []error
	if !nameForm.MatchString(o.Name) {
		faults = append(faults, fmt.Errorf("the name %q of a backhaul has other than small letters, digits, - and _", o.Name))
	}
	if o.Number < 0 || o.Number >= numbers {
		faults = append(faults, fmt.Errorf("backhaul %s has number %d: a box has at most %d", o.Name, o.Number, numbers))
	}
	if o.Interface != "" && !validInterface(o.Interface) {
		faults = append(faults, fmt.Errorf("%q is no name of an interface", o.Interface))
	}
	for _, at := range o.Pages {
		if u, err := url.Parse(at); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			faults = append(faults, fmt.Errorf("%q is no page that can be asked for: give http://HOST/PATH", at))
		}
	}
	for _, at := range o.Hosts {
		if _, _, err := net.SplitHostPort(at); err != nil {
			faults = append(faults, fmt.Errorf("%q is no HOST:PORT", at))
		}
	}
	return errors.Join(faults...)
}

func validInterface(name string) bool {
	return interfaceForm.MatchString(name) && name != "." && name != ".."
}

// Link is an interface that is up, as whoever brought it up found it.
type Link struct {
	Interface string
	Addresses []netip.Prefix // the link-local ones do not matter
	Gateways  []netip.Addr   // at most one of a family; none: point-to-point, or found among the neighbours
	DNS       []netip.Addr
	MTU       int // 0: 1400
}

func (l Link) check() error {
	if !validInterface(l.Interface) {
		return fmt.Errorf("%q is no name of an interface", l.Interface)
	}
	if !l.has4() && !l.has6() {
		return fmt.Errorf("%s has no address that leads anywhere", l.Interface)
	}
	if l.MTU != 0 && l.MTU < leastMTU {
		return fmt.Errorf("%s: an MTU of %d is below %d", l.Interface, l.MTU, leastMTU)
	}
	return nil
}

func (l Link) has4() bool {
	return slices.ContainsFunc(l.Addresses, func(p netip.Prefix) bool { return p.Addr().Unmap().Is4() })
}

func (l Link) has6() bool {
	return slices.ContainsFunc(l.Addresses, func(p netip.Prefix) bool { return global6(p.Addr()) })
}

func global6(a netip.Addr) bool { return a.Is6() && !a.Is4In6() && !a.IsLinkLocalUnicast() }

func (l Link) serves(a netip.Addr) bool {
	if a.Unmap().Is4() {
		return l.has4()
	}
	return l.has6()
}

func (l Link) mtu() int {
	if l.MTU == 0 {
		return defaultMTU
	}
	return l.MTU
}

func (l Link) gateway(six bool) netip.Addr {
	for _, g := range l.Gateways {
		if g.Unmap().Is6() == six {
			return g.Unmap()
		}
	}
	return netip.Addr{}
}

// Path is one backhaul's way out. Its methods may be called from any
// goroutine; Up, Down and Close wait for one another.
type Path struct {
	options Options
	guard   *guard
	book    *book // last good addresses
	shaping sync.Mutex

	settings settings // by shaping
	meter    Meter    // by shaping
	stop     func()   // ends looking after; by shaping

	mu    sync.Mutex
	link  *Link // nil is down
	life  context.Context
	end   context.CancelFunc
	nat64 nat64
	open  map[*conn]struct{}
	flows map[string]*Flow
	notes []string
}

// New takes away what an earlier run left of this backhaul and, where the
// interface is known, lays the guard.
func New(o Options) (*Path, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	p := &Path{options: o.complete(), open: map[*conn]struct{}{}, flows: map[string]*Flow{}, stop: func() {}}
	p.guard = newGuard(o.Name, p.mark())
	book, err := openBook(o.Memory, o.Name)
	if err != nil {
		return nil, fmt.Errorf("backhaul %s: reading the last good addresses: %w", o.Name, err)
	}
	p.book = book
	err = unroute(p.table())
	if err == nil {
		err = p.guard.remove()
	}
	if err == nil && o.Interface != "" {
		err = p.guard.lay(fence{device: o.Interface, mtu: defaultMTU, dhcp: o.DHCP})
	}
	if err != nil {
		return nil, p.fault("clearing the ground", err)
	}
	return p, nil
}

func (o Options) complete() Options {
	if o.Servers == nil {
		o.Servers = ports(53, "1.1.1.1", "9.9.9.9", "2606:4700:4700::1111", "2620:fe::fe")
	}
	if o.Literals == nil {
		o.Literals = ports(443, "1.1.1.1", "9.9.9.9", "2606:4700:4700::1111", "2620:fe::fe")
	}
	if o.Pages == nil {
		o.Pages = []string{"http://cp.cloudflare.com/generate_204", "http://connectivitycheck.gstatic.com/generate_204"}
	}
	if o.Every == 0 {
		o.Every = 15 * time.Second
	}
	if o.Used == nil {
		o.Used = func(uint64, uint64) {}
	}
	if o.Tell == nil {
		o.Tell = func(error) {}
	}
	return o
}

func ports(port uint16, addresses ...string) (list []netip.AddrPort) {
	for _, a := range addresses {
		list = append(list, netip.AddrPortFrom(netip.MustParseAddr(a), port))
	}
	return list
}

func (p *Path) table() int   { return firstTable + p.options.Number }
func (p *Path) mark() uint32 { return firstMark + uint32(p.options.Number) }

// fault says for which backhaul and in what something failed, and what to do
// where the kernel refuses it.
func (p *Path) fault(doing string, err error) error {
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		return fmt.Errorf("backhaul %s: %s: %w (%w)", p.options.Name, doing, ErrNotPermitted, err)
	}
	return fmt.Errorf("backhaul %s: %s: %w", p.options.Name, doing, err)
}

// Up makes a link usable. The guard comes first, then settings, routes and
// rules; if one fails, what was done is undone, the guard stays. A path that
// is up is taken down before.
func (p *Path) Up(l Link) error {
	if err := l.check(); err != nil {
		return fmt.Errorf("backhaul %s: %w", p.options.Name, err)
	}
	p.shaping.Lock()
	defer p.shaping.Unlock()
	if err := p.down(); err != nil {
		return err
	}
	device, err := net.InterfaceByName(l.Interface)
	if err != nil {
		return p.fault("finding "+l.Interface, err)
	}
	if err := p.guard.lay(fence{device: l.Interface, mtu: l.mtu(), dhcp: p.options.DHCP}); err != nil {
		return p.fault("laying the guard", err)
	}
	notes := p.settings.set(device, l)
	if err := route(p.table(), p.mark(), l); err != nil {
		return p.fault("laying routes", errors.Join(err, unroute(p.table()), p.settings.restore()))
	}
	p.begin(l, notes)
	return nil
}

// begin is the last step of Up.
func (p *Path) begin(l Link, notes []string) {
	p.mu.Lock()
	p.link, p.notes, p.nat64 = &l, notes, nat64{}
	p.life, p.end = context.WithCancel(context.Background())
	life := p.life
	p.mu.Unlock()
	p.count()
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.look(life)
	}()
	p.stop = func() { <-done }
}

// Down closes all connections and takes routes, rules and settings away. The
// guard stays until Close: an interface that stays up between two uses costs
// too. An interface that has gone is no error.
func (p *Path) Down() error {
	p.shaping.Lock()
	defer p.shaping.Unlock()
	return p.down()
}

func (p *Path) down() error {
	p.mu.Lock()
	if p.link == nil {
		p.mu.Unlock()
		return nil
	}
	p.end()
	p.mu.Unlock()
	p.stop()
	p.CloseAll()
	p.count()
	p.mu.Lock()
	p.link = nil
	p.mu.Unlock()
	if err := errors.Join(unroute(p.table()), p.settings.restore()); err != nil {
		return p.fault("taking routes away", err)
	}
	return nil
}

// Close is Down, and takes the guard away.
func (p *Path) Close() error {
	p.shaping.Lock()
	defer p.shaping.Unlock()
	err := p.down()
	if e := p.guard.remove(); e != nil {
		err = errors.Join(err, p.fault("taking the guard away", e))
	}
	return err
}

// Notes are sentences about what could not be set and does no harm at once.
func (p *Path) Notes() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.notes)
}

// look counts bytes and brings back what others flushed, until the link goes.
func (p *Path) look(life context.Context) {
	tick := time.NewTicker(p.options.Every)
	defer tick.Stop()
	for told := ""; ; {
		select {
		case <-life.Done():
			return
		case <-tick.C:
		}
		p.count()
		err := p.mend()
		if now := text(err); now != told {
			told = now
			p.options.Tell(err)
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// mend is called by look only, which Down waits for: the link does not change
// meanwhile.
func (p *Path) mend() error {
	p.mu.Lock()
	l := *p.link
	p.mu.Unlock()
	if _, err := net.InterfaceByName(l.Interface); err != nil {
		return nil // whoever keeps the link says so
	}
	if err := p.guard.keep(); err != nil {
		return p.fault("laying the guard again", err)
	}
	if err := route(p.table(), p.mark(), l); err != nil {
		return p.fault("laying routes again", err)
	}
	return nil
}

// Sweep takes away tables, rules and guards of every backhaul that an earlier
// run left behind, under whatever name. It is for the start, before New.
func Sweep() error {
	var faults []error
	for n := range numbers {
		faults = append(faults, unroute(firstTable+n))
	}
	return errors.Join(append(faults, sweepGuards())...)
}
