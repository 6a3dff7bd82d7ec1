package backhaul

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
)

// keep renews the lease, watches the card and asks the modem, until one of
// them says that it is over or Down stops it. L is nil without IPv4.
func (n *Netdev) keep(ctx context.Context, l *lease4, addresses []netip.Prefix) <-chan error {
	ctx, n.stop = context.WithCancel(context.WithoutCancel(ctx))
	lost, over, seen := make(chan error, 1), make(chan struct{}), make(chan error, 1)
	n.over = over
	go watch(ctx, n.o.Interface, addresses, seen)
	go func() {
		defer close(over)
		defer close(lost)
		if err := n.last(ctx, l, seen); ctx.Err() == nil {
			lost <- err
		}
	}()
	return lost
}

// last returns when the connection is over, with the reason.
func (n *Netdev) last(ctx context.Context, l *lease4, seen <-chan error) error {
	renew := time.NewTimer(time.Hour)
	defer renew.Stop()
	ask := time.NewTicker(lookAfter)
	defer ask.Stop()
	silent := 0
	for {
		renew.Stop()
		if l != nil {
			renew.Reset(l.due(time.Now()))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-seen:
			return err
		case <-renew.C:
			newer, err := n.renew(ctx, l)
			if err != nil {
				return err
			}
			l = newer
		case <-ask.C:
			if silent = n.denies(ctx, silent); silent > 1 { // once may be a garbled answer
				return explained(ctx, n.o.Commander, &Trouble{Kind: Lost, Cause: "the modem says that the data connection has ended"})
			}
		}
	}
}

// denies counts how often in a row the modem said that it is not connected. A
// modem that says nothing, as while it sends a text, is no witness.
func (n *Netdev) denies(ctx context.Context, before int) int {
	if n.o.Commander == nil || n.way.query == "" {
		return 0
	}
	up, err := n.connected(ctx)
	switch {
	case err != nil:
		return before
	case up:
		return 0
	}
	return before + 1
}

// renew gets more time for a lease. Until it has run out, silence is no
// trouble; another address is.
func (n *Netdev) renew(ctx context.Context, l *lease4) (*lease4, error) {
	newer, err := renew4(ctx, n.o.Interface, l)
	var nak *nclient4.ErrNak
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &nak):
		return nil, &Trouble{Kind: Lost, Cause: "the modem took the address back"}
	case err != nil && time.Since(l.got) >= l.length:
		return nil, &Trouble{Kind: Lost, Cause: "the lease of the address ran out and was not renewed", Err: err}
	case err != nil:
		return l, nil
	case newer.address != l.address:
		return nil, &Trouble{Kind: Lost, Cause: "the modem gave another address"}
	}
	return newer, n.hold(newer)
}
