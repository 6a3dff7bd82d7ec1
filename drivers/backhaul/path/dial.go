package path

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	connectTotal = 10 * time.Second
	addressDelay = 250 * time.Millisecond // RFC 8305 §5
	keepFlows    = 64
)

// Flow is the payload exchanged with one host since New.
type Flow struct {
	Host    string
	Dials   int
	In, Out uint64
}

// Dial connects over the link and no other; network is tcp, tcp4, tcp6, udp,
// udp4 or udp6. It resolves names over the link too, and takes at most 10 s.
// IPv4 addresses are reached through the carrier's NAT64 where the link has
// IPv6 only.
func (p *Path) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := p.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if err := c.learn(); err != nil {
		p.options.Tell(err)
	}
	return c, nil
}

// Lookup finds the addresses of a host as Dial does: over the link, or the last
// good ones if no name server answers.
func (p *Path) Lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	p.mu.Lock()
	if p.link == nil || p.life.Err() != nil {
		p.mu.Unlock()
		return nil, fmt.Errorf("looking up %s: %w", host, ErrDown)
	}
	l, life := *p.link, p.life
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, connectTotal)
	defer cancel()
	defer context.AfterFunc(life, cancel)()
	return p.find(ctx, l, "tcp", host)
}

// dial is Dial without learning addresses: Verify may be talking to a portal.
func (p *Path) dial(ctx context.Context, network, address string) (*conn, error) {
	p.mu.Lock()
	if p.link == nil || p.life.Err() != nil {
		p.mu.Unlock()
		return nil, fmt.Errorf("connecting to %s: %w", address, ErrDown)
	}
	l, life := *p.link, p.life
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, connectTotal)
	defer cancel()
	defer context.AfterFunc(life, cancel)()
	c, err := p.connect(ctx, l, network, address)
	if err != nil && life.Err() != nil {
		err = ErrDown
	}
	if err != nil {
		return nil, fmt.Errorf("connecting to %s over %s: %w", address, l.Interface, err)
	}
	return p.follow(c, life, address)
}

// connected is a connection, how long it took, names not counted, and how to
// remember where it led.
type connected struct {
	net.Conn
	took  time.Duration
	learn func() error
}

func (p *Path) connect(ctx context.Context, l Link, network, address string) (connected, error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return connected{}, err
	}
	port, err := (&net.Resolver{PreferGo: true}).LookupPort(ctx, network[:min(3, len(network))], service)
	if err != nil {
		return connected{}, err
	}
	found, err := p.find(ctx, l, network, host)
	if err != nil {
		return connected{}, err
	}
	list, err := p.reachable(ctx, l, found)
	if err != nil {
		return connected{}, err
	}
	good, c, err := race(ctx, addressDelay, weave(list), func(ctx context.Context, a target) (connected, error) {
		start := time.Now()
		c, err := p.dialer(l).DialContext(ctx, network[:3], netip.AddrPortFrom(a.at, uint16(port)).String())
		return connected{Conn: c, took: time.Since(start)}, err
	}, func(c connected) { c.Close() })
	c.learn = func() error { return nil }
	if !literal(host) && strings.HasPrefix(network, "tcp") { // connecting UDP proves nothing
		c.learn = func() error { return p.book.worked(host, good.real, found) }
	}
	return c, err
}

func literal(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// target is an address and where on this link it is reached.
type target struct{ real, at netip.Addr }

func (p *Path) find(ctx context.Context, l Link, network, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	family := "ip"
	if last := network[len(network)-1]; last == '4' || last == '6' {
		family += string(last)
	}
	return p.resolve(ctx, l, family, host)
}

// reachable are the addresses of a family that the link has. Only if there is
// none the translator is asked for.
func (p *Path) reachable(ctx context.Context, l Link, found []netip.Addr) (list []target, err error) {
	for _, a := range found {
		if l.serves(a) {
			list = append(list, target{a, a})
		}
	}
	if len(list) > 0 {
		return list, nil
	}
	for _, a := range found {
		if !a.Is4() {
			return nil, fmt.Errorf("the link has no IPv6: %s cannot be reached", a)
		}
		through, err := p.translated(ctx, l, a)
		if err != nil {
			return nil, err
		}
		for _, t := range through {
			list = append(list, target{a, t})
		}
	}
	return list, nil
}

// weave takes from both families by turns, beginning with that of the first
// address (RFC 8305 §4).
func weave(list []target) (woven []target) {
	var first, other []target
	for _, t := range list {
		if t.at.Is6() == list[0].at.Is6() {
			first = append(first, t)
		} else {
			other = append(other, t)
		}
	}
	for i := range max(len(first), len(other)) {
		woven = append(woven, first[min(i, len(first)):min(i+1, len(first))]...)
		woven = append(woven, other[min(i, len(other)):min(i+1, len(other))]...)
	}
	return woven
}

// dialer opens sockets that are bound to the link and bear the mark.
func (p *Path) dialer(l Link) *net.Dialer {
	return &net.Dialer{KeepAlive: -1, Control: func(_, _ string, c syscall.RawConn) error {
		var set error
		err := c.Control(func(fd uintptr) {
			if set = os.NewSyscallError("SO_BINDTODEVICE", unix.BindToDevice(int(fd), l.Interface)); set == nil {
				set = os.NewSyscallError("SO_MARK", unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_MARK, int(p.mark())))
			}
		})
		if errors.Is(set, syscall.EPERM) {
			set = fmt.Errorf("%w (%w)", ErrNotPermitted, set)
		}
		return errors.Join(err, set)
	}}
}

// conn counts payload and is known until it is closed.
type conn struct {
	net.Conn
	path    *Path
	took    time.Duration
	learn   func() error
	host    string
	in, out atomic.Uint64
	once    sync.Once
	failed  error // of the first Close
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.in.Add(uint64(n))
	return n, err
}

func (c *conn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.out.Add(uint64(n))
	return n, err
}

// CloseWrite ends what is said and goes on listening, where the connection can.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

func (c *conn) Close() error {
	c.once.Do(func() {
		c.failed = c.Conn.Close()
		c.path.forget(c)
	})
	return c.failed
}

// follow registers a new connection, unless the link went meanwhile.
func (p *Path) follow(made connected, life context.Context, address string) (*conn, error) {
	host, _, _ := net.SplitHostPort(address)
	c := &conn{Conn: made.Conn, path: p, host: host, took: made.took, learn: made.learn}
	p.mu.Lock()
	defer p.mu.Unlock()
	if life.Err() != nil {
		made.Close()
		return nil, fmt.Errorf("connecting to %s: %w", address, ErrDown)
	}
	p.open[c] = struct{}{}
	p.flow(host).Dials++
	return c, nil
}

// flow is the account of a host; those beyond the bound share one.
func (p *Path) flow(host string) *Flow {
	if p.flows[host] == nil {
		if len(p.flows) >= keepFlows {
			host = "others"
		}
		if p.flows[host] == nil {
			p.flows[host] = &Flow{Host: host}
		}
	}
	return p.flows[host]
}

func (p *Path) forget(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, open := p.open[c]; !open {
		return
	}
	delete(p.open, c)
	f := p.flow(c.host)
	f.In, f.Out = f.In+c.in.Load(), f.Out+c.out.Load()
}

// CloseAll closes every open connection at once, without waiting for the
// other side, and says how many there were. It is for failback.
func (p *Path) CloseAll() int {
	p.mu.Lock()
	open := slices.Collect(maps.Keys(p.open))
	p.mu.Unlock()
	for _, c := range open {
		if t, ok := c.Conn.(*net.TCPConn); ok {
			_ = t.SetLinger(0) // nothing is sent again and again over a path that is not ours any more
		}
		c.Close()
	}
	return len(open)
}

// Flows are the accounts of all hosts, the largest first.
func (p *Path) Flows() []Flow {
	p.mu.Lock()
	defer p.mu.Unlock()
	sums := map[string]Flow{}
	for host, f := range p.flows {
		sums[host] = *f
	}
	for c := range p.open {
		host := p.flow(c.host).Host
		f := sums[host]
		f.Host, f.In, f.Out = host, f.In+c.in.Load(), f.Out+c.out.Load()
		sums[host] = f
	}
	return slices.SortedFunc(maps.Values(sums), func(a, b Flow) int {
		if x, y := a.In+a.Out, b.In+b.Out; x != y {
			return int(max(-1, min(1, int64(y)-int64(x))))
		}
		return strings.Compare(a.Host, b.Host)
	})
}
