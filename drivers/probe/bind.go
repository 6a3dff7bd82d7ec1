package probe

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// dialer opens sockets that are bound as b says; network is tcp or udp.
func (b Binding) dialer(network string) *net.Dialer {
	d := &net.Dialer{Control: b.control, KeepAlive: -1, Resolver: b.resolver()}
	if !b.Source.IsValid() {
		return d
	}
	from := netip.AddrPortFrom(b.Source, 0)
	if network == "udp" {
		d.LocalAddr = net.UDPAddrFromAddrPort(from)
	} else {
		d.LocalAddr = net.TCPAddrFromAddrPort(from)
	}
	return d
}

// Dial connects as b says; network is tcp or udp.
func (b Binding) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return b.dialer(network).DialContext(ctx, network, address)
}

// control sets the device and the mark before a socket connects.
func (b Binding) control(_, _ string, c syscall.RawConn) error {
	var set error
	err := c.Control(func(fd uintptr) { set = b.tie(int(fd)) })
	return errors.Join(err, set)
}

func (b Binding) tie(fd int) error {
	if b.Interface != "" {
		if err := unix.BindToDevice(fd, b.Interface); err != nil {
			return os.NewSyscallError("SO_BINDTODEVICE", err)
		}
	}
	if b.Mark == 0 {
		return nil
	}
	return os.NewSyscallError("SO_MARK", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_MARK, int(b.Mark)))
}

// usable says whether a socket can be bound as b says at all.
func (b Binding) usable() error {
	from := ""
	if b.Source.IsValid() {
		from = netip.AddrPortFrom(b.Source, 0).String()
	}
	c, err := (&net.ListenConfig{Control: b.control}).ListenPacket(context.Background(), "udp", from)
	if err != nil {
		return err
	}
	return c.Close()
}

// resolver asks the servers of /etc/resolv.conf through the same uplink. A
// server on this box's own loopback is asked unbound, because no other
// interface leads there.
func (b Binding) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, server string) (net.Conn, error) {
		at, err := netip.ParseAddrPort(server)
		if err != nil || at.Addr().IsLoopback() {
			return (&net.Dialer{}).DialContext(ctx, network, server)
		}
		d := b.dialer(network[:3])
		if b.Source.IsValid() && b.Source.Is4() != at.Addr().Unmap().Is4() {
			d.LocalAddr = nil // a server of the other family cannot be asked from this address
		}
		return d.DialContext(ctx, network, server)
	}}
}

// lookup turns a literal or a name into one address, of the family of the
// source where there is one, else IPv4 before IPv6.
func (b Binding) lookup(ctx context.Context, host string) (netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Unmap(), nil
	}
	families := []string{"ip4", "ip6"}
	if b.Source.IsValid() {
		families = []string{"ip4"}
		if b.Source.Is6() {
			families = []string{"ip6"}
		}
	}
	var last error
	for _, family := range families {
		found, err := b.resolver().LookupNetIP(ctx, family, host)
		if err == nil {
			return found[0].Unmap(), nil
		}
		last = err
	}
	return netip.Addr{}, last
}

// scoped gives a link-local address the zone without which it cannot be sent to.
func (b Binding) scoped(addr netip.Addr) netip.Addr {
	if addr.Is6() && addr.IsLinkLocalUnicast() && addr.Zone() == "" {
		return addr.WithZone(b.Interface)
	}
	return addr
}
