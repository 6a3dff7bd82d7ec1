package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	probing "github.com/prometheus-community/pro-bing"
)

// ICMP sends one echo request to a literal address or a name and waits for
// its answer. Without the right to ping, the fault is Local and Seen says
// what to grant.
func ICMP(target string, b Binding) Check {
	return check(func(ctx context.Context) Result {
		began := time.Now()
		addr, err := b.lookup(ctx, target)
		if err != nil {
			return b.judge(ctx, err, began)
		}
		return b.ping(ctx, addr)
	})
}

// ping tries the two kinds of socket. The unprivileged one comes first, save
// for IPv6 on a given interface: kernels before 5.18 ignore the interface
// there, and a ping through another uplink would prove the wrong one.
func (b Binding) ping(ctx context.Context, addr netip.Addr) Result {
	if b.Source.IsValid() && b.Source.Is4() != addr.Is4() {
		return Result{Fault: Local, Seen: fmt.Sprintf("%s cannot be reached from %s: not of one family", addr, b.Source)}
	}
	raw := addr.Is6() && b.Interface != ""
	for range 2 {
		r, denied := b.echo(ctx, addr, raw)
		if !denied {
			return r
		}
		raw = !raw
	}
	return Result{Fault: Local, Seen: "ping is not permitted: let net.ipv4.ping_group_range include this process's group, or grant CAP_NET_RAW"}
}

// echo sends one request by one kind of socket; denied means that this kind
// could not be opened for lack of permission.
func (b Binding) echo(ctx context.Context, addr netip.Addr, raw bool) (_ Result, denied bool) {
	began := time.Now()
	p, stuck := b.pinger(addr, raw)
	err := p.RunWithContext(ctx)
	stats := p.Statistics()
	if stats.PacketsRecv > 0 {
		return Result{OK: true, RTT: stats.MinRtt, Seen: "echo reply"}, false
	}
	if stuck.Load() {
		return Result{Fault: Local, Seen: b.refused(nil)}, false
	}
	if err == nil {
		err = context.DeadlineExceeded
	}
	if call := (*os.SyscallError)(nil); errors.As(err, &call) && call.Syscall == "socket" && errors.Is(err, os.ErrPermission) {
		return Result{}, true
	}
	return b.unsent(ctx, err, addr, began), false
}

// unsent judges a failed echo. The pinger's errors do not name the target,
// and its error about a mark is bare text.
func (b Binding) unsent(ctx context.Context, err error, addr netip.Addr, began time.Time) Result {
	if usable := b.usable(); usable != nil {
		return b.judge(ctx, usable, began)
	}
	if code := syscall.Errno(0); errors.As(err, &code) && !b.routed(addr) {
		return Result{Fault: Local, Seen: "no route to " + addr.String() + b.through()}
	}
	return b.judge(ctx, err, began)
}

func (b Binding) pinger(addr netip.Addr, raw bool) (*probing.Pinger, *atomic.Bool) {
	addr = b.scoped(addr)
	p := probing.New(addr.String())
	p.SetIPAddr(&net.IPAddr{IP: addr.AsSlice(), Zone: addr.Zone()})
	p.SetPrivileged(raw)
	p.Count = 1
	p.Interval = 2 * Patience // one request only
	p.InterfaceName = b.Interface
	if b.Source.IsValid() && !b.Source.IsLinkLocalUnicast() { // link-local is what the interface has one of
		p.Source = b.Source.String()
	}
	p.SetMark(uint(b.Mark))
	stuck := new(atomic.Bool)
	p.SetLogger(leave{stuck: stuck})
	return p, stuck
}

// leave is the pinger's logger. After a send refused with EACCES (a prohibit
// route) the pinger takes the target for a broadcast address and sends again,
// for ever and without looking at its context; it tells its logger each time.
// Ending its goroutine from there is the only way out.
type leave struct {
	probing.NoopLogger
	stuck *atomic.Bool
}

func (l leave) Infof(string, ...any) {
	l.stuck.Store(true)
	runtime.Goexit()
}
