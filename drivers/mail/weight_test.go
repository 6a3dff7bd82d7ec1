package mail_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"heliograph/drivers/mail"
	"heliograph/drivers/mail/mailtest"
)

// scale counts what a box sends and hears, TLS included, TCP and IP not.
type scale struct {
	net.Conn
	bytes, packets *atomic.Int64
}

func (s scale) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	s.bytes.Add(int64(n))
	s.packets.Add(1)
	return n, err
}

func (s scale) Write(p []byte) (int, error) {
	n, err := s.Conn.Write(p)
	s.bytes.Add(int64(n))
	s.packets.Add(1)
	return n, err
}

// A mail's weight on the air stays within what the budget of an outage allows;
// -v tells it. The certificate here is one of 500 bytes: a provider's chain
// adds some 4 kB to the first handshake, and none to one that is resumed.
func TestWeight(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("04:02Z transit-a down, 3/3 lost beyond the gateway. ", 20) // 1 kB
	var group []string
	for i := range 50 {
		group = append(group, fmt.Sprintf("noc%02d@partner%02d.example", i, i))
	}
	for _, c := range []struct {
		name   string
		server string
		auth   func(*mail.Options)
		to     string
		most   int64
	}{
		{"587, one", starttls, nil, "noc@partner.example", 7000},
		{"465, one", implicit, nil, "noc@partner.example", 7000},
		{"465, one, token", implicit, withToken, "noc@partner.example", 11000},
		{"465, group of 50", implicit, nil, strings.Join(group, ","), 15000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, mailtest.Options{})
			var bytes, packets atomic.Int64
			m := box(t, s, func(o *mail.Options) {
				if c.auth != nil {
					c.auth(o)
				}
				o.Server = c.server
				o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					conn, err := s.Dial(ctx, network, address)
					return scale{conn, &bytes, &packets}, err
				}
			})
			weigh := func(what string, more bool) int64 {
				j := job()
				j.To, j.Text, j.More = c.to, text, more
				before, calls := bytes.Load(), packets.Load()
				sent(t, m, j)
				weight := bytes.Load() - before
				t.Logf("%-9s %5d bytes in %d reads and writes", what, weight, packets.Load()-calls)
				return weight
			}
			first, resumed := weigh("first", false), weigh("resumed", true)
			kept := weigh("kept", false)
			if first > c.most || resumed > first-300 || kept > resumed-500 {
				t.Errorf("%d bytes, resumed %d, on a kept connection %d; at most %d", first, resumed, kept, c.most)
			}
		})
	}
}
