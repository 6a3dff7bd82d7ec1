// Package resolve looks where names lead, by the name servers of
// /etc/resolv.conf, and reads the routes that this box has besides its
// defaults. It changes nothing.
package resolve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Options say how name servers are asked.
type Options struct {
	// Each is how long one question may take, tries included; zero is 5 s.
	Each time.Duration
	// Dial connects to a name server, network is udp or tcp; nil: by the main
	// routing table.
	Dial func(ctx context.Context, network, server string) (net.Conn, error)
}

const usualEach = 5 * time.Second

func (o *Options) check() error {
	if o.Each == 0 {
		o.Each = usualEach
	}
	if o.Each < 0 {
		return errors.New("resolve: the time for a question is negative")
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{}).DialContext
	}
	return nil
}

// Resolver asks. It may be used by several goroutines.
type Resolver struct {
	each time.Duration
	net  *net.Resolver
}

// New checks the options; it asks nobody.
func New(o Options) (*Resolver, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return &Resolver{o.Each, &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, server string) (net.Conn, error) {
		c, err := o.Dial(ctx, network, server)
		if err == nil {
			context.AfterFunc(ctx, func() { c.Close() }) // the resolver itself would wait five seconds for an answer that nobody wants
		}
		return c, err
	}}}, nil
}

// Host is where a name leads: its addresses and, if it is another name of
// something, of what. Name servers that say there is nothing give neither; an
// error means that nobody answered.
func (r *Resolver) Host(ctx context.Context, name string) (addresses []netip.Addr, alias string, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.each)
	defer cancel()
	addresses, err = r.net.LookupNetIP(ctx, "ip", rooted(name))
	if err != nil || len(addresses) == 0 {
		return nil, "", unless(missing, err)
	}
	for i := range addresses {
		addresses[i] = addresses[i].Unmap()
	}
	slices.SortFunc(addresses, netip.Addr.Compare)
	if canonical, err := r.net.LookupCNAME(ctx, rooted(name)); err == nil && plain(canonical) != plain(name) {
		alias = plain(canonical)
	}
	return slices.Compact(addresses), alias, nil
}

// Zone is the zone that a name is in, and the names of its servers. A top-level
// domain is nobody's own: for a name in no zone below one there is neither.
func (r *Resolver) Zone(ctx context.Context, name string) (zone string, servers []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.each)
	defer cancel()
	for zone = plain(name); strings.Contains(zone, "."); {
		found, err := r.net.LookupNS(ctx, rooted(zone))
		if err != nil && !missing(err) {
			return "", nil, err
		}
		for _, ns := range found {
			servers = append(servers, plain(ns.Host))
		}
		if len(servers) > 0 {
			slices.Sort(servers)
			return zone, servers, nil
		}
		_, zone, _ = strings.Cut(zone, ".")
	}
	return "", nil, nil
}

// Mail is the hosts that take a domain's mail, the preferred ones first; the
// domain itself if it names none (RFC 5321 §5.1), and nothing if it takes no
// mail (RFC 7505).
func (r *Resolver) Mail(ctx context.Context, domain string) (hosts []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.each)
	defer cancel()
	found, err := r.net.LookupMX(ctx, rooted(domain))
	if err := unless(missing, err); err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return []string{plain(domain)}, nil
	}
	for _, mx := range found {
		if host := plain(mx.Host); host != "" {
			hosts = append(hosts, host)
		}
	}
	return hosts, nil
}

// rooted keeps the search list of /etc/resolv.conf out.
func rooted(name string) string { return plain(name) + "." }

func plain(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// missing says whether name servers answered that there is nothing.
func missing(err error) bool {
	var d *net.DNSError
	return errors.As(err, &d) && d.IsNotFound
}

func unless(is func(error) bool, err error) error {
	if is(err) {
		return nil
	}
	return err
}
