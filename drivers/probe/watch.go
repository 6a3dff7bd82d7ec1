package probe

import (
	"context"
	"errors"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// LinkEvent is the state of a port after something about it has changed.
type LinkEvent struct {
	Interface string
	Up        bool
	Why       string // "no carrier", "ok, 192.0.2.2/24"
}

// Watch tells the state of each interface once, and again at once whenever
// its carrier, its state or its addresses change, until ctx ends. The
// interfaces may come and go. It tells from its own goroutine, one event at a
// time; a slow tell delays later events but loses no last state.
func Watch(ctx context.Context, interfaces []string, tell func(LinkEvent)) {
	w := watcher{interfaces: interfaces, tell: tell, last: map[string]LinkEvent{}}
	for ctx.Err() == nil {
		w.listen(ctx)
		select { // the socket could not be opened or broke: read the state each second until it can
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

type watcher struct {
	interfaces []string
	tell       func(LinkEvent)
	last       map[string]LinkEvent // as told
}

// listen reads the state after each notice of the kernel rather than trusting
// the notice, so an overrun of the socket costs nothing but one more reading.
func (w watcher) listen(ctx context.Context) {
	s, err := nl.Subscribe(unix.NETLINK_ROUTE, unix.RTNLGRP_LINK, unix.RTNLGRP_IPV4_IFADDR, unix.RTNLGRP_IPV6_IFADDR)
	if err != nil {
		w.look(ctx)
		return
	}
	defer s.Close()
	defer context.AfterFunc(ctx, s.Close)()
	for err == nil || errors.Is(err, unix.ENOBUFS) {
		w.look(ctx)
		_, _, err = s.Receive()
	}
}

func (w watcher) look(ctx context.Context) {
	for _, name := range w.interfaces {
		if ctx.Err() != nil {
			return
		}
		now := LinkEvent{Interface: name}
		now.Up, now.Why = port(name)
		if w.last[name] != now {
			w.last[name] = now
			w.tell(now)
		}
	}
}
