package path

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	serverDelay = 800 * time.Millisecond // to the next server, while the earlier may still answer
	familyDelay = 300 * time.Millisecond // for the other family, when one has answered
	nameTotal   = 8 * time.Second        // for a name nothing is remembered of
	nameBrief   = 3 * time.Second        // for a name with remembered addresses

	bookHosts = 64
	bookEach  = 8
)

// own are the link's servers.
func own(l Link) (list []netip.AddrPort) {
	for _, a := range l.DNS {
		if a.Is6() && a.IsLinkLocalUnicast() {
			a = a.WithZone(l.Interface)
		}
		list = append(list, netip.AddrPortFrom(a, 53))
	}
	return list
}

// rounds is how often each server is asked: packets get lost.
const rounds = 3

// servers are all to ask, in order.
func (p *Path) servers(l Link) []netip.AddrPort { return append(own(l), p.options.Servers...) }

// missing says whether servers answered that a name does not exist.
func missing(err error) bool {
	var d *net.DNSError
	return errors.As(err, &d) && d.IsNotFound
}

// resolve is the addresses of a host, those that answered last time first.
// Where no server answers they are all there is.
func (p *Path) resolve(ctx context.Context, l Link, family, host string) ([]netip.Addr, error) {
	remembered := filter(p.book.of(host), family)
	patience := nameTotal
	if len(remembered) > 0 {
		patience = nameBrief
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found, err := p.lookup(ctx, l, family, host)
	if err != nil && len(remembered) > 0 {
		return remembered, nil
	}
	if err != nil {
		return nil, err
	}
	if at := slices.IndexFunc(found, func(a netip.Addr) bool { return slices.Contains(remembered, a) }); at > 0 {
		good := found[at]
		found = slices.Insert(slices.Delete(found, at, at+1), 0, good)
	}
	return found, nil
}

func filter(list []netip.Addr, family string) []netip.Addr {
	return slices.DeleteFunc(slices.Clone(list), func(a netip.Addr) bool {
		return family == "ip4" && !a.Unmap().Is4() || family == "ip6" && a.Unmap().Is4()
	})
}

// lookup asks for what the link can use: on a link with IPv6 only, IPv4
// addresses are of use through a translator where there are no others.
func (p *Path) lookup(ctx context.Context, l Link, family, host string) ([]netip.Addr, error) {
	switch {
	case family != "ip":
		return p.ask(ctx, l, p.servers(l), family, host)
	case !l.has6():
		return p.ask(ctx, l, p.servers(l), "ip4", host)
	case l.has4():
		return p.both(ctx, l, host)
	}
	found, err := p.ask(ctx, l, p.servers(l), "ip6", host)
	if err != nil { // some servers fail on what they should just not have
		return p.ask(ctx, l, p.servers(l), "ip4", host)
	}
	return found, nil
}

// both asks for both families at once. IPv6 comes first (RFC 8305 §4).
func (p *Path) both(ctx context.Context, l Link, host string) ([]netip.Addr, error) {
	type answer struct {
		found []netip.Addr
		err   error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan answer, 2)
	for _, family := range []string{"ip6", "ip4"} {
		go func() {
			found, err := p.ask(ctx, l, p.servers(l), family, host)
			answers <- answer{found, err}
		}()
	}
	first := <-answers
	enough := make(<-chan time.Time)
	if first.err == nil {
		enough = time.After(familyDelay)
	}
	select {
	case second := <-answers:
		if first.err != nil && second.err != nil {
			return nil, errors.Join(first.err, second.err)
		}
		first.found = append(first.found, second.found...)
	case <-enough:
	}
	slices.SortStableFunc(first.found, func(a, b netip.Addr) int { return b.BitLen() - a.BitLen() })
	return first.found, nil
}

// ask races servers for a name; family is ip4 or ip6. A server that says
// there is no such name is believed only if no other knows better: a portal's
// may lie. Every error is a *net.DNSError.
func (p *Path) ask(ctx context.Context, l Link, servers []netip.AddrPort, family, host string) ([]netip.Addr, error) {
	servers = slices.DeleteFunc(slices.Clone(servers), func(s netip.AddrPort) bool { return !l.serves(s.Addr()) })
	if len(servers) == 0 {
		return nil, &net.DNSError{Err: "the link has no name server that it can reach", Name: host}
	}
	q := question{dialer: p.dialer(l), family: family, name: strings.TrimSuffix(host, ".") + ".", answered: map[netip.AddrPort]error{}}
	_, found, err := race(ctx, serverDelay, slices.Repeat(servers, rounds), q.put, func([]netip.Addr) {})
	var d *net.DNSError
	if err != nil && !errors.As(err, &d) {
		err = &net.DNSError{Err: "no name server answers", Name: host, IsTimeout: true, UnwrapErr: err}
	}
	return found, err
}

// question is one name and family; its name ends with a dot, so that no
// search list is used.
type question struct {
	dialer       *net.Dialer
	family, name string
	mu           sync.Mutex
	answered     map[netip.AddrPort]error // servers that had nothing to say are not asked again
}

func (q *question) put(ctx context.Context, s netip.AddrPort) ([]netip.Addr, error) {
	q.mu.Lock()
	before := q.answered[s]
	q.mu.Unlock()
	if before != nil {
		return nil, before
	}
	r := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		c, err := q.dialer.DialContext(ctx, network[:3], s.String())
		if err == nil {
			context.AfterFunc(ctx, func() { c.Close() }) // the resolver itself would wait five seconds for an answer that nobody wants
		}
		return c, err
	}}
	found, err := r.LookupNetIP(ctx, q.family, q.name)
	for i := range found {
		found[i] = found[i].Unmap()
	}
	var d *net.DNSError
	if errors.As(err, &d) {
		d.Server = s.String() // it thinks of one of resolv.conf
	}
	if d != nil && !d.IsTimeout {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.answered[s] = err
	}
	return found, err
}

// book holds the last good addresses of hosts, the last learned host first.
type book struct {
	memory Memory
	key    string
	mu     sync.Mutex
	pages  []page
}

type page struct {
	Host      string       `json:"host"`
	Addresses []netip.Addr `json:"addresses"`
}

func openBook(m Memory, name string) (*book, error) {
	b := &book{memory: m, key: "backhaul." + name + ".addresses"}
	if m == nil {
		return b, nil
	}
	raw, err := m.Load(b.key)
	if err != nil {
		return nil, err
	}
	if json.Unmarshal(raw, &b.pages) != nil {
		b.pages = nil // what cannot be read is learned again
	}
	return b, nil
}

func (b *book) of(host string) []netip.Addr {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.pages {
		if p.Host == host {
			return slices.Clone(p.Addresses)
		}
	}
	return nil
}

// worked puts an address that took a connection first, the others that were
// found behind it and what was known before last: a portal that answers for
// everybody displaces nothing. It stores only an address that is new: a name
// that keeps its addresses costs no write.
func (b *book) worked(host string, good netip.Addr, others []netip.Addr) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := []netip.Addr{good}
	if at := slices.IndexFunc(b.pages, func(p page) bool { return p.Host == host }); at >= 0 {
		before := b.pages[at].Addresses
		if slices.Contains(before, good) {
			return nil
		}
		others = append(slices.Clone(others[:min(len(others), bookEach/2)]), before...)
		b.pages = slices.Delete(b.pages, at, at+1)
	}
	for _, o := range others {
		if !slices.Contains(list, o) && len(list) < bookEach {
			list = append(list, o)
		}
	}
	b.pages = slices.Insert(b.pages, 0, page{Host: host, Addresses: list})
	b.pages = b.pages[:min(len(b.pages), bookHosts)]
	if b.memory == nil {
		return nil
	}
	raw, err := json.Marshal(b.pages)
	if err == nil {
		err = b.memory.Store(b.key, raw)
	}
	if err != nil {
		return fmt.Errorf("remembering the addresses of %s: %w", host, err)
	}
	return nil
}
