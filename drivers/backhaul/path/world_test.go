package path_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/miekg/dns"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"heliograph/drivers/backhaul/path"
	"heliograph/drivers/probe/probetest"
)

// world is a box whose primary network is dead, a carrier on wwan0 that
// translates addresses, and the internet behind it.
//
//	box wwan0 10.64.0.2 -- 10.64.0.1 carrier, 198.51.100.1 -- 198.51.100.2 internet
//	    2001:db8:64::2     2001:db8:64::1, 2001:db8:1::1     2001:db8:1::2
type world struct {
	t                 *testing.T
	carrier, internet probetest.Place
	names             *names
	pages             *atomic.Value // http.HandlerFunc of 203.0.113.9:80 and [2001:db8:f::9]:80
	roots             *x509.CertPool
}

const (
	site4, site6 = "203.0.113.9", "2001:db8:f::9"
	ns4, ns6     = "198.51.100.53", "2001:db8:1::53"
	behind64     = "64:ff9b::cb00:7109" // 203.0.113.9 behind a translator
)

func enter(t *testing.T) bool {
	t.Helper()
	if !probetest.Enter(t) {
		return false
	}
	if _, err := netlink.RuleList(netlink.FAMILY_V4); err != nil {
		t.Skipf("needs a kernel with IP_MULTIPLE_TABLES: %v", err)
	}
	c, err := nftables.New()
	if err == nil {
		_, err = c.ListTables()
	}
	if err != nil {
		t.Skipf("needs a kernel with nftables (NF_TABLES_INET, NFT_CT): %v", err)
	}
	return true
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, carrier: probetest.New(t), internet: probetest.New(t), names: &names{}, pages: &atomic.Value{}}
	w.carrier.Wire("wwan0")
	w.carrier.Do(func() {
		w.internet.Wire("world")
		for _, s := range []string{"net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"} {
			probetest.Sysctl(t, s, "1")
		}
		probetest.Sysctl(t, "net/ipv4/icmp_ratelimit", "0")
		probetest.Sysctl(t, "net/ipv6/icmp/ratelimit", "0")
		for port, list := range map[string][]string{"wwan0": {"10.64.0.1/24", "2001:db8:64::1/64"}, "world": {"198.51.100.1/24", "2001:db8:1::1/64"}} {
			for _, a := range list {
				probetest.Address(t, port, a)
			}
		}
		probetest.Default(t, "198.51.100.2", "world")
		probetest.Default(t, "2001:db8:1::2", "world")
		translate(t)
	})
	w.internet.Do(func() {
		for _, a := range []string{"198.51.100.2/24", ns4 + "/24", "2001:db8:1::2/64", ns6 + "/64"} {
			probetest.Address(t, "world", a)
		}
		for _, a := range []string{site4 + "/32", site6 + "/128", behind64 + "/128"} {
			probetest.Address(t, "lo", a)
		}
		probetest.Default(t, "2001:db8:1::1", "world")
		w.serve()
	})
	return w
}

// link gives wwan0 addresses, as a DHCP client would.
func (w *world) link(addresses ...string) path.Link {
	w.t.Helper()
	l := path.Link{Interface: "wwan0", MTU: 1358}
	for _, a := range addresses {
		probetest.Address(w.t, "wwan0", a)
		p := netip.MustParsePrefix(a)
		l.Addresses = append(l.Addresses, p)
		if p.Addr().Is4() {
			l.Gateways, l.DNS = append(l.Gateways, addr("10.64.0.1")), append(l.DNS, addr(ns4))
		} else {
			l.Gateways, l.DNS = append(l.Gateways, addr("2001:db8:64::1")), append(l.DNS, addr(ns6))
		}
	}
	return l
}

const box4, box6 = "10.64.0.2/24", "2001:db8:64::2/64"

// translate is the carrier's NAT.
func translate(t *testing.T) {
	t.Helper()
	c, err := nftables.New()
	if err != nil {
		t.Fatal(err)
	}
	table := c.AddTable(&nftables.Table{Family: nftables.TableFamilyIPv4, Name: "carrier"})
	chain := c.AddChain(&nftables.Chain{Table: table, Name: "nat", Type: nftables.ChainTypeNAT, Hooknum: nftables.ChainHookPostrouting, Priority: nftables.ChainPriorityNATSource})
	c.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: []expr.Any{
		&expr.Meta{Key: expr.MetaKeyOIFNAME, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: append([]byte("world"), make([]byte, 11)...)},
		&expr.Masq{}}})
	if err := c.Flush(); err != nil {
		t.Skipf("needs a kernel with NFT_MASQ: %v", err)
	}
}

// lose drops every third packet that the carrier would forward. The kernel's
// netem is not on every machine; this is.
func (w *world) lose() {
	w.carrier.Do(func() {
		c, err := nftables.New()
		if err != nil {
			w.t.Fatal(err)
		}
		table := c.AddTable(&nftables.Table{Family: nftables.TableFamilyINet, Name: "loss"})
		chain := c.AddChain(&nftables.Chain{Table: table, Name: "forward", Type: nftables.ChainTypeFilter, Hooknum: nftables.ChainHookForward, Priority: nftables.ChainPriorityFilter})
		c.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: []expr.Any{
			&expr.Numgen{Register: 1, Modulus: 3, Type: unix.NFT_NG_INCREMENTAL},
			&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{0, 0, 0, 0}},
			&expr.Verdict{Kind: expr.VerdictDrop}}})
		if err := c.Flush(); err != nil {
			w.t.Skipf("needs a kernel with NFT_NUMGEN: %v", err)
		}
	})
}

// serve starts the internet: names, pages, a TLS host and an echo.
func (w *world) serve() {
	w.names.known = map[string][]string{"example.org.": {site4, site6}, "four.example.": {site4}, "secret.example.": {site4}}
	for _, at := range []string{ns4 + ":53", "[" + ns6 + "]:53"} {
		pc, err := net.ListenPacket("udp", at)
		if err != nil {
			w.t.Fatal(err)
		}
		server := &dns.Server{PacketConn: pc, Handler: w.names}
		go func() { _ = server.ActivateAndServe() }()
		w.t.Cleanup(func() { pc.Close() })
	}
	w.pages.Store(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) }))
	for _, at := range []string{site4 + ":80", "[" + site6 + "]:80", "[" + behind64 + "]:80"} {
		server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.pages.Load().(http.HandlerFunc)(rw, r) })}
		l := listen(w.t, at)
		go func() { _ = server.Serve(l) }()
		w.t.Cleanup(func() { server.Close() })
	}
	secret := httptest.NewUnstartedServer(http.NotFoundHandler())
	secret.Listener.Close()
	secret.Listener = listen(w.t, site4+":443")
	secret.Config.ErrorLog = nil
	secret.StartTLS()
	w.t.Cleanup(secret.Close)
	w.roots = x509.NewCertPool()
	w.roots.AddCert(secret.Certificate())
	for _, at := range []string{site4 + ":7", "[" + site6 + "]:7", "[" + behind64 + "]:7"} {
		echo(w.t, at)
	}
}

func listen(t *testing.T, at string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func echo(t *testing.T, at string) {
	t.Helper()
	l := listen(t, at)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(struct{ io.Writer }{c}, c) // else Go keeps pipes for splice(2) that look like ours
				c.Close()
			}()
		}
	}()
}

// names is a name server that can fall silent or lie.
type names struct {
	mu     sync.Mutex
	known  map[string][]string
	silent bool
	asked  []string
}

func (n *names) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	n.mu.Lock()
	defer n.mu.Unlock()
	name := q.Question[0].Name
	n.asked = append(n.asked, name)
	if n.silent {
		_ = w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeServerFailure))
		return
	}
	m := new(dns.Msg).SetReply(q)
	m.RecursionAvailable = true
	list, known := n.known[name]
	if !known {
		m.Rcode = dns.RcodeNameError
	}
	for _, a := range list {
		kind := "A"
		if strings.Contains(a, ":") {
			kind = "AAAA"
		}
		if dns.StringToType[kind] == q.Question[0].Qtype {
			rr, _ := dns.NewRR(fmt.Sprintf("%s 1 IN %s %s", name, kind, a))
			m.Answer = append(m.Answer, rr)
		}
	}
	_ = w.WriteMsg(m)
}

func (n *names) set(f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f()
}

// memory is what main gives a path.
type memory struct {
	mu     sync.Mutex
	kept   map[string][]byte
	stores int
}

func (m *memory) Load(key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.kept[key], nil
}

func (m *memory) Store(key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[string][]byte{}
	}
	m.kept[key], m.stores = slices.Clone(value), m.stores+1
	return nil
}

// options leave nothing to the real internet.
func (w *world) options() path.Options {
	return path.Options{Name: "cell-1", Number: 1, Servers: []netip.AddrPort{}, Pages: []string{"http://example.org/generate_204"},
		Literals: []netip.AddrPort{netip.MustParseAddrPort(site4 + ":80"), netip.MustParseAddrPort("[" + site6 + "]:80")},
		TLS:      &tls.Config{RootCAs: w.roots}}
}

func open(t *testing.T, o path.Options) *path.Path {
	t.Helper()
	p, err := path.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return p
}

func up(t *testing.T, p *path.Path, l path.Link) {
	t.Helper()
	if err := p.Up(l); err != nil {
		t.Fatal(err)
	}
	for _, n := range p.Notes() {
		t.Log(n)
	}
}

// says dials an echo and returns what it says.
func says(ctx context.Context, p *path.Path, address, word string) (string, error) {
	c, err := p.Dial(ctx, "tcp", address)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if _, err := io.WriteString(c, word); err != nil {
		return "", err
	}
	back := make([]byte, len(word))
	_, err = io.ReadFull(c, back)
	return string(back), err
}

func wantEcho(t *testing.T, p *path.Path, address string) {
	t.Helper()
	if got, err := says(t.Context(), p, address, "hello"); err != nil || got != "hello" {
		t.Errorf("%s: %q, %v", address, got, err)
	}
}

// ground is everything a path may leave behind, in words: rules, routes of
// all tables but local, nftables, settings of wwan0.
func ground(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		rules, err := netlink.RuleList(family)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rules {
			fmt.Fprintln(&b, "rule", family, r.Priority, r.Src, r.OifName, r.Mark, r.Table)
		}
		routes, err := netlink.RouteListFiltered(family, &netlink.Route{}, netlink.RT_FILTER_TABLE)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range routes {
			if r.Table != unix.RT_TABLE_LOCAL && (r.Dst == nil || !r.Dst.IP.IsLinkLocalUnicast() && !r.Dst.IP.IsMulticast()) {
				fmt.Fprintln(&b, "route", family, r.Table, r.Dst, r.Gw, r.LinkIndex, r.Type)
			}
		}
	}
	c, err := nftables.New()
	if err != nil {
		t.Fatal(err)
	}
	tables, err := c.ListTables()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range tables {
		fmt.Fprintln(&b, "nft", n.Family, n.Name)
	}
	for _, key := range []string{"ipv4/conf/wwan0/rp_filter", "ipv6/conf/wwan0/disable_ipv6", "ipv6/conf/wwan0/accept_ra_defrtr"} {
		v, _ := os.ReadFile("/proc/sys/net/" + key)
		fmt.Fprintln(&b, key, strings.TrimSpace(string(v)))
	}
	return b.String()
}

// exchange is says for much: it reads while it writes, and gives up in the end.
func exchange(ctx context.Context, p *path.Path, address, word string) (string, error) {
	c, err := p.Dial(ctx, "tcp", address)
	if err != nil {
		return "", err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	go func() { _, _ = io.WriteString(c, word) }()
	back := make([]byte, len(word))
	_, err = io.ReadFull(c, back)
	return string(back), err
}

func mtu(t *testing.T, port string, n int) {
	t.Helper()
	link, err := netlink.LinkByName(port)
	if err == nil {
		err = netlink.LinkSetMTU(link, n)
	}
	if err != nil {
		t.Fatal(err)
	}
}
