package probe

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/miekg/dns"
)

// DNS asks server ("8.8.8.8", "[2620:fe::fe]:53", port 53 unless given) for
// the addresses of name: A, and AAAA if there is no A. It passes on any
// address. The query goes by UDP, and by TCP when the answer was truncated.
func DNS(name, server string, b Binding) Check {
	return check(func(ctx context.Context) Result {
		began := time.Now()
		q := query{name: name, server: withPort(server, "53"), b: b}
		for _, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
			in, err := q.ask(ctx, kind)
			if err != nil {
				return b.judge(ctx, err, began)
			}
			if in.Rcode != dns.RcodeSuccess {
				return Result{Fault: Answer, Seen: dns.RcodeToString[in.Rcode]}
			}
			if len(in.Answer) > 0 {
				return passed(began, fmt.Sprintf("%d records", len(in.Answer)))
			}
		}
		return Result{Fault: Answer, Seen: "no address for " + name}
	})
}

type query struct {
	name, server string
	b            Binding
}

func (q query) ask(ctx context.Context, kind uint16) (*dns.Msg, error) {
	m := new(dns.Msg).SetQuestion(dns.Fqdn(q.name), kind)
	in, err := q.exchange(ctx, "udp", m)
	if err == nil && in.Truncated {
		return q.exchange(ctx, "tcp", m)
	}
	return in, err
}

func (q query) exchange(ctx context.Context, network string, m *dns.Msg) (*dns.Msg, error) {
	c, err := q.b.dialer(network).DialContext(ctx, network, q.server)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	client := dns.Client{Net: network, Timeout: 2 * Patience} // ctx is earlier
	in, _, err := client.ExchangeWithConnContext(ctx, m, &dns.Conn{Conn: c})
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return in, err
}

func withPort(server, port string) string {
	if _, err := netip.ParseAddr(server); err == nil {
		return net.JoinHostPort(server, port)
	}
	if _, _, err := net.SplitHostPort(server); err == nil {
		return server
	}
	return net.JoinHostPort(server, port)
}
