package board

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/beevik/ntp"
	"golang.org/x/sys/unix"
)

// askFor is how long a time server may take.
const askFor = 3 * time.Second

// AskTime asks a time server (RFC 5905) how far it is ahead of this machine's
// clock. dial opens the way it goes. The answer of a server that is not
// itself synchronised, or that came too late to mean anything, is an error.
func AskTime(ctx context.Context, server netip.AddrPort, dial func(ctx context.Context, network, address string) (net.Conn, error)) (ahead time.Duration, err error) {
	r, err := ntp.QueryWithOptions(server.String(), ntp.QueryOptions{
		Timeout: askFor,
		Dialer:  func(_, remote string) (net.Conn, error) { return dial(ctx, "udp", remote) },
	})
	if err == nil {
		err = r.Validate()
	}
	if err != nil {
		return 0, fmt.Errorf("ask %s for the time: %w", server, err)
	}
	return r.ClockOffset, nil
}

// SetClock sets this machine's clock.
func SetClock(to time.Time) error {
	tv := unix.NsecToTimeval(to.UnixNano())
	if err := unix.Settimeofday(&tv); err != nil {
		return fmt.Errorf("set the clock: %w; it needs CAP_SYS_TIME, or leave clock.set off and let a time service do it", err)
	}
	return nil
}
