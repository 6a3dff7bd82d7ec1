package path

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// State is what Verify found.
type State string

// The states of a path that is up.
const (
	Works     State = "works"
	Portal    State = "captive portal" // something between answers in place of those who were asked
	Dead      State = "dead"           // an address, but nothing answers
	NamesDead State = "names dead"     // no name server answers, addresses do
	OnlyIPv6  State = "only IPv6"      // works, but hosts with IPv4 alone are out of reach
	NotUp     State = "not up"
)

const (
	verifyEach  = 8 * time.Second
	verifyTotal = 30 * time.Second
	longestPage = 4 << 10 // a page that answers 204 has no body; this much of another is looked at
)

// Proof is what a probe through the path has shown.
type Proof struct {
	State   State
	RTT     time.Duration // of one handshake with whoever answered; zero if nobody did
	Through string        // who answered
	Words   string        // for people
	Advice  string        // what to do next; empty if nothing
}

// Usable says whether deliveries may be tried: those whose names are
// remembered work without name servers.
func (p Proof) Usable() bool { return p.State == Works || p.State == OnlyIPv6 || p.State == NamesDead }

// Verify probes through the path before it is used: pages that answer 204, in
// turn, then TLS hosts, then bare addresses. It takes at most 30 s and, where
// all is well, about a kilobyte.
func (p *Path) Verify(ctx context.Context) Proof {
	p.mu.Lock()
	if p.link == nil {
		p.mu.Unlock()
		return Proof{State: NotUp, Words: "the backhaul is not up"}
	}
	l := *p.link
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, verifyTotal)
	defer cancel()
	var trouble []error
	for _, at := range p.options.Pages {
		proof, err := p.page(ctx, at)
		if err == nil {
			return p.family(ctx, l, proof)
		}
		trouble = append(trouble, err)
	}
	for _, at := range p.options.Hosts {
		proof, err := p.handshake(ctx, at)
		if err == nil {
			return p.family(ctx, l, proof)
		}
		trouble = append(trouble, err)
	}
	return p.bare(ctx, l, trouble)
}

// page asks for one page without following where it leads. An error means
// that nobody answered.
func (p *Path) page(ctx context.Context, at string) (Proof, error) {
	ctx, cancel := context.WithTimeout(ctx, verifyEach)
	defer cancel()
	var rtt time.Duration
	t := &http.Transport{DisableKeepAlives: true, TLSClientConfig: p.options.TLS,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := p.dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			rtt = c.took
			return c, nil
		}}
	defer t.CloseIdleConnections()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return Proof{}, err
	}
	answer, err := t.RoundTrip(r)
	if bad := forged(err); bad != nil {
		return portal(r.URL.Host, rtt, bad.Error()), nil
	}
	if err != nil {
		return Proof{}, err
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(answer.Body, longestPage))
	if answer.StatusCode == http.StatusNoContent && len(body) == 0 {
		return works(r.URL.Host, rtt), nil
	}
	return portal(r.URL.Host, rtt, instead(answer)), nil
}

// instead says what came in place of 204, without what may hold a person's
// data: of a redirect only the host.
func instead(answer *http.Response) string {
	if to, err := url.Parse(answer.Header.Get("Location")); err == nil && to.Host != "" {
		return fmt.Sprintf("%d to %s", answer.StatusCode, to.Host)
	}
	kind, _, _ := strings.Cut(answer.Header.Get("Content-Type"), ";")
	return fmt.Sprintf("%d %s", answer.StatusCode, cmp.Or(kind, "without a type"))
}

// forged is the fault of a certificate, if that is what err is.
func forged(err error) error {
	var bad *tls.CertificateVerificationError
	var other x509.HostnameError
	var clear tls.RecordHeaderError
	switch {
	case errors.As(err, &bad):
		return bad
	case errors.As(err, &other):
		return other
	case errors.As(err, &clear):
		return clear
	}
	return nil
}

func works(through string, rtt time.Duration) Proof {
	return Proof{State: Works, RTT: rtt, Through: through, Words: fmt.Sprintf("works, %s", brief(rtt))}
}

func brief(rtt time.Duration) string { return fmt.Sprintf("%d ms", max(1, rtt.Milliseconds())) }

func portal(through string, rtt time.Duration, what string) Proof {
	return Proof{State: Portal, RTT: rtt, Through: through,
		Words:  fmt.Sprintf("something between answered in place of %s: %s", through, what),
		Advice: "Check that the SIM is active, has data left and is allowed this APN; a portal of the carrier must be confirmed once from another device with this SIM."}
}

// handshake speaks TLS with a host that will be used, and nothing more.
func (p *Path) handshake(ctx context.Context, at string) (Proof, error) {
	ctx, cancel := context.WithTimeout(ctx, verifyEach)
	defer cancel()
	c, err := p.dial(ctx, "tcp", at)
	if err != nil {
		return Proof{}, err
	}
	defer c.Close()
	host, _, _ := net.SplitHostPort(at)
	setup := &tls.Config{}
	if p.options.TLS != nil {
		setup = p.options.TLS.Clone()
	}
	setup.ServerName = host
	err = tls.Client(c, setup).HandshakeContext(ctx)
	rtt := c.took
	if bad := forged(err); bad != nil {
		return portal(host, rtt, bad.Error()), nil
	}
	if err != nil {
		return Proof{}, fmt.Errorf("TLS with %s: %w", host, err)
	}
	return works(host, rtt), nil
}

// family looks whether IPv4 hosts are within reach of a path that works.
func (p *Path) family(ctx context.Context, l Link, proof Proof) Proof {
	if proof.State != Works || l.has4() {
		return proof
	}
	if found, err := p.prefixes(ctx, l); err == nil && len(found) > 0 {
		proof.Words += ", IPv4 through the carrier's translator"
		return proof
	}
	proof.State = OnlyIPv6
	proof.Words += ", but IPv6 only and without a translator"
	proof.Advice = "Ask the carrier for IPv4 on this APN, or set the APN's type to IPv4 and IPv6; hosts that have IPv4 alone are out of reach."
	return proof
}

// bare tells, after all names have failed, dead names from a dead link.
func (p *Path) bare(ctx context.Context, l Link, trouble []error) Proof {
	rtt, through, err := p.answers(ctx, l)
	if err == nil && nameless(trouble) {
		return Proof{State: NamesDead, RTT: rtt, Through: through,
			Words:  fmt.Sprintf("addresses answer (%s), but no name server does", brief(rtt)),
			Advice: "Hosts that were reached before are still tried by their last good addresses. Ask the carrier about its name servers, or name others in the configuration."}
	}
	if err == nil {
		return Proof{State: Works, RTT: rtt, Through: through,
			Words: fmt.Sprintf("addresses answer (%s), but none of the pages that were asked: %v", brief(rtt), last(trouble))}
	}
	return Proof{State: Dead,
		Words:  fmt.Sprintf("%s has %s, but nothing answers", l.Interface, list(l.Addresses)),
		Advice: "Check the APN, its user and password, and that the SIM has data left; some carriers give an address before they refuse the traffic."}
}

func (p *Path) answers(ctx context.Context, l Link) (time.Duration, string, error) {
	var able []netip.AddrPort
	for _, a := range p.options.Literals {
		if l.serves(a.Addr()) {
			able = append(able, a)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, verifyEach)
	defer cancel()
	at, took, err := race(ctx, addressDelay, able, func(ctx context.Context, a netip.AddrPort) (time.Duration, error) {
		c, err := p.dial(ctx, "tcp", a.String())
		if err != nil {
			return 0, err
		}
		defer c.Close()
		return c.took, nil
	}, func(time.Duration) {})
	if err == nil && len(able) == 0 {
		err = errors.New("no address to try")
	}
	return took, at.String(), err
}

// nameless says whether names were what failed each time.
func nameless(trouble []error) bool {
	var d *net.DNSError
	for _, err := range trouble {
		if !errors.As(err, &d) {
			return false
		}
	}
	return len(trouble) > 0
}

func last(trouble []error) error {
	if len(trouble) == 0 {
		return errors.New("none is configured")
	}
	return trouble[len(trouble)-1]
}

func list(addresses []netip.Prefix) string {
	var words []string
	for _, a := range addresses {
		words = append(words, a.Addr().String())
	}
	return strings.Join(words, " and ")
}
