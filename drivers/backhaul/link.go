package backhaul

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"
)

// Link is one way to connect. Its methods are called one at a time.
type Link interface {
	// Up connects, and returns when there is an address or ctx has ended. Its
	// error is a *Trouble wherever the cause is known; after an error nothing
	// is left up.
	Up(ctx context.Context) (Connection, error)
	// Down hangs up and takes back what Up changed. It must be called after
	// the connection was lost too, and may be called at any time. When it
	// returns, Up may be called again.
	Down(ctx context.Context) error
}

// Connection is what a link that is up has been given.
type Connection struct {
	Interface string         // such as "ppp-cell"
	Addresses []netip.Prefix // of the interface, global ones; IPv4 first

	// Gateways has at most one of each family, none on a link that is point to
	// point. IPv6's is link-local as a rule, and neither needs to be in the
	// range of an address: a route by it is "onlink".
	Gateways []netip.Addr

	DNS  []netip.Addr // servers, as the other side named them; may be none
	MTU  int          // octets; 0 if nobody said
	Took time.Duration

	// Lost gives one error when the connection is gone by itself, and is
	// closed then. Down closes it without an error.
	Lost <-chan error
}

// Commander carries one AT command to the modem beside the data, such as
// "+CEER" (without AT), and returns the lines of its answer, without OK. An
// error is a refusal or silence.
type Commander interface {
	Command(ctx context.Context, cmd string) ([]string, error)
}

// Kind of trouble: what decides when the next try makes sense.
type Kind string

// Kinds.
const (
	Gone      Kind = "gone"      // the port or interface is not there; looking for it costs nothing
	Silent    Kind = "silent"    // the port is there and nothing answers
	Refused   Kind = "refused"   // the network said no, or nothing
	Congested Kind = "congested" // the network has no room: not at once again
	Denied    Kind = "denied"    // SIM, subscription, access point or password: no try helps
	Lost      Kind = "lost"      // was up
	Broken    Kind = "broken"    // of this box: something is not installed or not allowed
)

// Trouble is why a link is not up, for people.
type Trouble struct {
	Kind   Kind
	Cause  string // without a full stop, such as "the network refused the call: NO CARRIER"
	Advice string // what a person can do; empty if nothing
	Err    error  // beneath; may be nil
}

func (t *Trouble) Error() string {
	if t.Err == nil {
		return t.Cause
	}
	return t.Cause + ": " + t.Err.Error()
}

func (t *Trouble) Unwrap() error { return t.Err }

// trouble makes one of any error.
func trouble(err error) *Trouble {
	var t *Trouble
	switch {
	case err == nil:
		return nil
	case errors.As(err, &t):
		return t
	case errors.Is(err, context.DeadlineExceeded):
		return &Trouble{Kind: Refused, Cause: "no connection in time", Err: err}
	}
	return &Trouble{Kind: Refused, Cause: "no connection", Err: err}
}

// ask asks the modem for something that is good to know; silence is no harm.
func ask(ctx context.Context, c Commander, cmd string) string {
	if c == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	lines, err := c.Command(ctx, cmd)
	if err != nil {
		return ""
	}
	return strings.Join(lines, " ")
}
