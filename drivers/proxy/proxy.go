// Package proxy lets the duty desk's browsers reach a few named hosts over the
// backhaul while an incident is open: HTTP CONNECT over TLS on one address of
// the LAN, for users with a password, to hosts on a list, port 443, up to so
// many bytes for each user. While it is closed nothing listens.
//
// It looks names up itself and connects to what it found only if that is an
// address of the Internet: nobody gets at the box or its LAN through it.
package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Options say where it listens, for whom, and where to.
type Options struct {
	Address     netip.AddrPort  // on the LAN side; one address, never all
	Certificate tls.Certificate // shown to browsers
	Users       string          // lines NAME:BCRYPT, as `htpasswd -nB NAME` prints them
	Hosts       []string        // names that may be reached; *.example.org is all below one
	Limit       int64           // bytes for each user and opening, both ways together; zero is 100 MB
	Wait        time.Duration   // how long Lookup may take, which may have to dial first; zero is 10 s
	Idle        time.Duration   // a tunnel in which nothing moves for so long is closed; zero is 5 min

	// Lookup finds the addresses of a name, and Dial connects to one of them
	// ("198.51.100.7:443"); both over the path that is to be used.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	Dial   func(ctx context.Context, network, address string) (net.Conn, error)

	// Log is told what happens, one sentence each, from any goroutine.
	Log func(line string)
}

const (
	usualLimit  = 100_000_000
	usualIdle   = 5 * time.Minute
	toConnect   = 10 * time.Second
	mostTunnels = 64 // of one user at one time
	onlyPort    = "443"
)

func (o *Options) check() error {
	if o.Limit == 0 {
		o.Limit = usualLimit
	}
	if o.Idle == 0 {
		o.Idle = usualIdle
	}
	if o.Wait == 0 {
		o.Wait = toConnect
	}
	if o.Log == nil {
		o.Log = func(string) {}
	}
	switch {
	case !o.Address.IsValid() || o.Address.Addr().IsUnspecified() || o.Address.Addr().IsMulticast():
		return errors.New("proxy: address: give one address of the LAN with a port, as in 10.0.0.2:3128")
	case len(o.Certificate.Certificate) == 0 || o.Certificate.PrivateKey == nil:
		return errors.New("proxy: it needs a certificate and its key: passwords never go in the clear")
	case len(o.Hosts) == 0:
		return errors.New("proxy: hosts: name at least one, as in mail.example.org or *.example.org")
	case o.Limit < 0 || o.Idle < 0 || o.Wait < 0:
		return errors.New("proxy: limit, idle and wait must not be negative")
	case o.Lookup == nil || o.Dial == nil:
		return errors.New("proxy: it needs a Lookup and a Dial")
	}
	for i, host := range o.Hosts {
		name := strings.TrimPrefix(host, "*.")
		if _, err := netip.ParseAddr(name); err == nil || name == "" || !strings.Contains(name, ".") || strings.ContainsAny(name, "*:/ \t") {
			return fmt.Errorf("proxy: hosts: %q: give names such as mail.example.org or *.example.org, without port or address", host)
		}
		o.Hosts[i] = strings.ToLower(host)
	}
	return nil
}

// Proxy is open or closed. It may be used by several goroutines.
type Proxy struct {
	o     Options
	users *users

	turn sync.Mutex // held by Open and Close from beginning to end

	mu     sync.Mutex
	server *http.Server                  // nil while it is closed
	cut    context.CancelFunc            // ends all tunnels of this opening
	over   context.Context               // of this opening
	used   map[string]int64              // bytes by user
	open   map[string]map[*tunnel]string // running tunnels by user, with their hosts
	work   sync.WaitGroup
}

// New checks the options; nothing listens yet.
func New(o Options) (*Proxy, error) {
	o.Hosts = append([]string(nil), o.Hosts...)
	if err := o.check(); err != nil {
		return nil, err
	}
	u, err := readUsers(o.Users)
	if err != nil {
		return nil, fmt.Errorf("proxy: users: %w", err)
	}
	return &Proxy{o: o, users: u, used: map[string]int64{}, open: map[string]map[*tunnel]string{}}, nil
}

// Open begins to listen, with all counts at zero; open already, it does
// nothing.
func (p *Proxy) Open(reason string) error {
	p.turn.Lock()
	defer p.turn.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server != nil {
		return nil
	}
	l, err := net.Listen("tcp", p.o.Address.String())
	if err != nil {
		return fmt.Errorf("proxy: listening at %v: %w", p.o.Address, err)
	}
	only1 := new(http.Protocols)
	only1.SetHTTP1(true) // a tunnel takes over its connection, which HTTP/2 cannot give
	p.over, p.cut = context.WithCancel(context.Background())
	p.used = map[string]int64{}
	p.server = &http.Server{
		Handler: http.HandlerFunc(p.serve), Protocols: only1, ReadHeaderTimeout: toConnect, IdleTimeout: toConnect, MaxHeaderBytes: 16 << 10,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{p.o.Certificate}, MinVersion: tls.VersionTLS12},
		ErrorLog:  log.New(logger(p.o.Log), "", 0),
	}
	server := p.server
	p.work.Go(func() {
		if err := server.ServeTLS(l, "", ""); !errors.Is(err, http.ErrServerClosed) {
			p.o.Log("proxy: it listens no more: " + err.Error())
		}
	})
	p.o.Log("proxy: open at " + l.Addr().String() + ": " + reason)
	p.o.Address = netip.MustParseAddrPort(l.Addr().String())
	return nil
}

type logger func(string)

func (l logger) Write(b []byte) (int, error) {
	l("proxy: " + strings.TrimSpace(string(b)))
	return len(b), nil
}

// Close stops to listen, cuts what runs, and returns when all has ended.
func (p *Proxy) Close() error {
	p.turn.Lock()
	defer p.turn.Unlock()
	p.mu.Lock()
	server := p.server
	p.server = nil
	if server == nil {
		p.mu.Unlock()
		return nil
	}
	p.cut()
	p.mu.Unlock()
	err := server.Close()
	p.work.Wait()
	p.o.Log("proxy: closed")
	return err
}

// Used is how many bytes each user moved, both ways together, in this opening
// or the last one.
func (p *Proxy) Used() map[string]int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[string]int64{}
	for user, n := range p.used {
		all[user] = n
	}
	return all
}

// Address is where it listens, or listened last.
func (p *Proxy) Address() netip.AddrPort {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.o.Address
}

// serve answers one request.
func (p *Proxy) serve(w http.ResponseWriter, r *http.Request) {
	user, ok := p.users.who(r.Header.Get("Proxy-Authorization"))
	if !ok {
		w.Header().Set("Proxy-Authenticate", `Basic realm="Heliograph", charset="UTF-8"`)
		if user != "" {
			p.o.Log(fmt.Sprintf("proxy: %s from %s: wrong name or password", shown(user), r.RemoteAddr))
		}
		http.Error(w, "Say who you are: a user of the duty desk's proxy.", http.StatusProxyAuthRequired)
		return
	}
	host, err := p.allowed(r)
	var to []netip.Addr
	if err == nil {
		to, err = p.find(r.Context(), host)
	}
	if err == nil && !p.room(user) {
		err = &refusal{http.StatusTooManyRequests, "your bytes for this incident are used up, or you have too many connections: ask the operator on duty"}
	}
	if err == nil {
		err = p.tunnel(w, r, user, host, to)
	}
	if err == nil {
		return
	}
	p.o.Log(fmt.Sprintf("proxy: %s: %s: %v", user, shown(r.Host), err))
	code := http.StatusBadGateway
	var no *refusal
	if errors.As(err, &no) {
		code = no.code
	}
	http.Error(w, "Heliograph: "+err.Error(), code)
}

// refusal is why a request goes no further.
type refusal struct {
	code int
	why  string
}

func (r *refusal) Error() string { return r.why }

// shown bounds what a stranger wrote for a log.
func shown(s string) string {
	return fmt.Sprintf("%.80q", s)
}
