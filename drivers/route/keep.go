package route

import (
	"context"
	"errors"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// again is how often Keep looks without being called, because it does not
// listen to route changes: a router has thousands a second.
const again = time.Minute

// Keep applies the plan, and applies it again whenever the links, addresses or
// rules of this box change and each minute, until ctx ends. The kernel drops
// a device's routes when it goes down, so this is what brings them back. All
// stays in place at the end, so that a reload can take over; Remove clears it.
// Keep tells when trouble starts, changes and ends (nil); without permission
// it returns ErrNotPermitted at once.
func Keep(ctx context.Context, p Plan, tell func(error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	changed, done := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(done)
		listen(ctx, changed)
	}()
	defer func() { cancel(); <-done }()
	tick := time.NewTicker(again)
	defer tick.Stop()
	for told := ""; ; {
		err := Apply(p)
		if errors.Is(err, ErrNotPermitted) {
			return err
		}
		if now := text(err); now != told {
			told = now
			tell(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-tick.C:
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// listen calls for another look at each notice of the kernel, at an overrun
// of the socket, and each time the socket is opened anew.
func listen(ctx context.Context, changed chan<- struct{}) {
	for ctx.Err() == nil {
		err := follow(ctx, changed)
		if errors.Is(err, unix.ENOBUFS) {
			continue
		}
		select { // broken, or could not be opened: the ticker of Keep goes on meanwhile
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func follow(ctx context.Context, changed chan<- struct{}) error {
	s, err := nl.Subscribe(unix.NETLINK_ROUTE, unix.RTNLGRP_LINK, unix.RTNLGRP_IPV4_IFADDR,
		unix.RTNLGRP_IPV6_IFADDR, unix.RTNLGRP_IPV4_RULE, unix.RTNLGRP_IPV6_RULE)
	if err != nil {
		return err
	}
	defer s.Close()
	defer context.AfterFunc(ctx, s.Close)()
	for err == nil {
		select {
		case changed <- struct{}{}:
		default:
		}
		_, _, err = s.Receive()
	}
	return err
}
