package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
)

// judge turns an error into what was seen and where the fault lies.
func (b Binding) judge(ctx context.Context, err error, began time.Time) Result {
	if _, missing := net.InterfaceByName(b.Interface); b.Interface != "" && missing != nil {
		return Result{Fault: Local, Seen: "interface " + b.Interface + " does not exist"}
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return Result{Fault: Local, Seen: "stopped before an answer came"}
	}
	if name := (*net.DNSError)(nil); errors.As(err, &name) {
		return b.unresolved(ctx, name, began)
	}
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return Result{Fault: Silence, Seen: "no answer in " + waited(ctx, began)}
	}
	if code := syscall.Errno(0); errors.As(err, &code) {
		return b.errno(code, err)
	}
	if unfit := (*net.AddrError)(nil); errors.As(err, &unfit) {
		return Result{Fault: Local, Seen: unfit.Error()}
	}
	if late := ctx.Err(); late != nil { // the deadline closed the connection under the reader
		return b.judge(ctx, late, began)
	}
	return Result{Fault: Answer, Seen: protocol(err)}
}

// unresolved is a name that led to no address. A box that cannot even make
// the socket has a local fault, not a name's.
func (b Binding) unresolved(ctx context.Context, name *net.DNSError, began time.Time) Result {
	if err := b.usable(); err != nil {
		return b.judge(ctx, err, began)
	}
	switch {
	case name.IsNotFound:
		return Result{Fault: Name, Seen: "name " + name.Name + " does not exist"}
	case name.IsTimeout:
		return Result{Fault: Name, Seen: fmt.Sprintf("name %s: no answer in %s", name.Name, waited(ctx, began))}
	}
	return Result{Fault: Name, Seen: fmt.Sprintf("name %s: %s", name.Name, name.Err)}
}

func (b Binding) errno(code syscall.Errno, err error) Result {
	switch code {
	case syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE:
		return Result{Fault: Answer, Seen: code.Error()}
	case syscall.EHOSTUNREACH, syscall.ENETUNREACH:
		return b.unreachable(code, err)
	case syscall.EADDRNOTAVAIL:
		return Result{Fault: Local, Seen: fmt.Sprintf("address %s is not on this box", b.Source)}
	case syscall.EACCES:
		if dst := target(err); dst.Is6() && b.routed(dst) { // ICMPv6 1/1, 1/5 and 1/6 read so
			return Result{Fault: Silence, Seen: "refused by a router on the way"}
		}
		return Result{Fault: Local, Seen: b.refused(err)}
	case syscall.EPERM:
		return Result{Fault: Local, Seen: b.refused(err)}
	}
	return Result{Fault: Local, Seen: code.Error()}
}

// unreachable is said by this box's own tables, by a router on the way, or
// after a neighbour did not answer. Only the first is a local fault, and only
// the tables know.
func (b Binding) unreachable(code syscall.Errno, err error) Result {
	if dst := target(err); dst.IsValid() && !b.routed(dst) {
		return Result{Fault: Local, Seen: "no route to " + dst.String() + b.through()}
	}
	return Result{Fault: Silence, Seen: code.Error()}
}

func (b Binding) through() string {
	if b.Interface == "" {
		return ""
	}
	return " through " + b.Interface
}

// refused names the missing right by the call that was refused.
func (b Binding) refused(err error) string {
	call := (*os.SyscallError)(nil)
	if errors.As(err, &call) {
		switch call.Syscall {
		case "SO_BINDTODEVICE":
			return "binding to " + b.Interface + " is not permitted: needs CAP_NET_RAW, or Linux 5.7"
		case "SO_MARK":
			return fmt.Sprintf("mark %#x is not permitted: needs CAP_NET_ADMIN", b.Mark)
		}
	}
	return "sending is refused by this box: see its firewall and its prohibit routes"
}

// routed says whether this box's tables lead to dst the way b goes.
func (b Binding) routed(dst netip.Addr) bool {
	how := netlink.RouteGetOptions{Oif: b.Interface, Mark: b.Mark}
	if b.Source.IsValid() {
		how.SrcAddr = b.Source.AsSlice()
	}
	_, err := netlink.RouteGetWithOptions(dst.AsSlice(), &how)
	return err == nil
}

// target is the address that a failed dial went to, if the error knows it.
func target(err error) netip.Addr {
	op := (*net.OpError)(nil)
	if !errors.As(err, &op) || op.Addr == nil {
		return netip.Addr{}
	}
	at, err := netip.ParseAddrPort(op.Addr.String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}

// protocol words an error of a peer that did answer.
func protocol(err error) string {
	if bad := (*tls.CertificateVerificationError)(nil); errors.As(err, &bad) {
		return "certificate refused: " + bad.Err.Error()
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "closed without an answer"
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// waited words how long a check that ran out of time has waited: to its
// deadline, though the ping library looks up only 0.1 s later.
func waited(ctx context.Context, began time.Time) string {
	end := time.Now()
	if limit, ok := ctx.Deadline(); ok && limit.Before(end) {
		end = limit
	}
	return length(end.Sub(began))
}

// length words how long something took, as a person would.
func length(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
