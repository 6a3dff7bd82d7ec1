package isp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// harbour is the ground of listeners on 127.0.0.1. Each uplink is a line of
// its own there.
type harbour struct{ ways map[*line][]*berth }

// berth is where one target of one uplink answers.
type berth struct {
	asked  string // the target's name in the plan as it was given
	shown  Target // the target as it is to be probed
	seed   string
	silent bool

	hold  int      // a socket that keeps the TCP port while nobody listens
	calls *service // on TCP; nil while callers are refused
	doors []*net.TCPListener
	mail  *service // on UDP, of a dns target
	slot  *net.UDPConn
}

func (h *harbour) cellular() *cell { return nil }

// doors is how many listeners share a TCP port. The kernel sends each caller
// to one of them by its address and port, also when the call is repeated.
const doors = 10

// LayLoopback builds what it can of the network from listeners on 127.0.0.1,
// where namespaces are refused. A cut line refuses connections and a black
// hole is silent; of a lossy line, 4 of 10 source ports are not heard.
func LayLoopback(p Plan) (*Network, error) {
	if err := check(p); err != nil {
		return nil, fmt.Errorf("laying a network over loopback: %w", err)
	}
	h := &harbour{ways: map[*line][]*berth{}}
	n := &Network{ground: h, lines: map[string]*line{}}
	for _, u := range p.Uplinks {
		l := &line{port: new(port), faults: map[Fault]bool{}}
		n.lines[u.Name] = l
		if err := h.moor(l, u); err != nil {
			return nil, errors.Join(fmt.Errorf("laying a network over loopback: uplink %s: %w", u.Name, err), h.close())
		}
		n.plan.Uplinks = append(n.plan.Uplinks, h.shown(l, u.Name))
	}
	n.spawn = newSpawner()
	return n, nil
}

func (h *harbour) moor(l *line, u Uplink) error {
	for _, t := range u.Targets {
		b := &berth{asked: t.String(), shown: t, seed: u.Name, hold: -1}
		if t.Kind == "icmp" {
			b.shown.Kind = "tcp"
		}
		h.ways[l] = append(h.ways[l], b)
		if err := b.reserve(); err != nil {
			return fmt.Errorf("a port for %s: %w", t, err)
		}
	}
	return h.settle(l)
}

func (h *harbour) shown(l *line, name string) Uplink {
	u := Uplink{Name: name}
	for _, b := range h.ways[l] {
		u.Targets = append(u.Targets, b.shown)
	}
	return u
}

// tries is how often a TCP port is looked for that is free for UDP too.
const tries = 50

func (b *berth) reserve() (err error) {
	for range tries {
		if b.hold, b.shown.Addr, err = keep(); err != nil || b.shown.Kind != "dns" {
			return err
		}
		if b.slot, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(b.shown.Addr)); err == nil {
			b.mail = &service{target: b.shown, names: b.names()}
			b.mail.serve(nil, b.slot)
			return nil
		}
		unix.Close(b.hold)
		b.hold = -1
	}
	return err
}

// names are those that the server knows; without one it knows all.
func (b *berth) names() []string {
	if b.shown.Name == "" {
		return nil
	}
	return []string{b.shown.Name}
}

// keep binds a free TCP port without listening on it: callers are refused,
// nobody else gets the port, and a listener of ours may share it, because
// both set SO_REUSEADDR as Go's listeners do.
func keep() (fd int, at netip.AddrPort, err error) {
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, at, err
	}
	local := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	err = errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1),
		unix.Bind(fd, &unix.SockaddrInet4{Addr: local.As4()}))
	bound, _ := unix.Getsockname(fd)
	if in, ok := bound.(*unix.SockaddrInet4); ok && err == nil {
		return fd, netip.AddrPortFrom(local, uint16(in.Port)), nil
	}
	unix.Close(fd)
	return -1, at, err
}

func (h *harbour) places() bool { return false }

func (h *harbour) able(l *line, f Fault) error {
	wordy := slices.ContainsFunc(h.ways[l], func(b *berth) bool { return b.shown.Kind != "tcp" })
	switch {
	case f == Gateway || f == OwnPort:
		return fmt.Errorf("%q %w: over loopback no fault has a place; use %q or %q", f, errPlaces, Cut, BlackHole)
	case f == Slow && !wordy:
		return fmt.Errorf("%q %w: over loopback only http and dns answers can be late, and this line has none; use %q", f, errPlaces, Loss)
	}
	return nil
}

func (h *harbour) settle(l *line) error {
	var faults []error
	for _, b := range h.ways[l] {
		if err := b.settle(l); err != nil {
			faults = append(faults, fmt.Errorf("%s at %s: %w", b.asked, b.shown.Addr, err))
		}
	}
	return errors.Join(faults...)
}

func (b *berth) settle(l *line) error {
	if err := b.open(!l.has(Cut)); err != nil {
		return err
	}
	lost := 0 // tenths
	switch {
	case l.has(Cut), l.has(BlackHole), b.silent:
		lost = 10
	case l.has(Loss):
		lost = 4
	}
	var faults []error
	if b.calls != nil {
		b.calls.late.Store(l.has(Slow))
		for i, door := range b.doors {
			faults = append(faults, deafen(door, i < lost))
		}
	}
	if b.mail != nil {
		b.mail.late.Store(l.has(Slow))
		faults = append(faults, filter(b.slot, program(lost, b.seed)))
	}
	return errors.Join(faults...)
}

// open lets callers in, or has them refused.
func (b *berth) open(on bool) error {
	switch {
	case on && b.calls == nil:
		b.calls = &service{target: b.shown, names: b.names()}
		for range doors {
			l, err := door(b.shown.Addr)
			if err != nil {
				return err
			}
			b.doors = append(b.doors, l)
			b.calls.serve(l, nil)
		}
	case !on && b.calls != nil:
		b.calls.close()
		b.calls, b.doors = nil, nil
	}
	return nil
}

// door opens one of the listeners that share a port. A multipath socket, which
// is Go's usual one, cannot be made deaf.
func door(at netip.AddrPort) (*net.TCPListener, error) {
	setup := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return option(c, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	}}
	setup.SetMultipathTCP(false)
	l, err := setup.Listen(context.Background(), "tcp", at.String())
	if err != nil {
		return nil, err
	}
	return l.(*net.TCPListener), nil
}

// deafen makes a listener drop calls as if the wire had lost them: it takes
// those only that have passed no router at all, which start with 255 hops to
// go (ip(7), IP_MINTTL), and this system's own start with fewer.
func deafen(l *net.TCPListener, deaf bool) error {
	raw, err := l.SyscallConn()
	if err != nil {
		return err
	}
	least := 0
	if deaf {
		least = 255
	}
	return option(raw, unix.SOL_IP, unix.IP_MINTTL, least)
}

func option(c syscall.RawConn, level, name, value int) error {
	var set error
	err := c.Control(func(fd uintptr) { set = unix.SetsockoptInt(int(fd), level, name, value) })
	return errors.Join(err, set)
}

func (h *harbour) silence(name string, silent bool) (bool, error) {
	found := false
	var faults []error
	for l, way := range h.ways {
		for _, b := range way {
			if b.asked == name || b.shown.String() == name {
				found, b.silent = true, silent
				faults = append(faults, b.settle(l))
			}
		}
	}
	return found, errors.Join(faults...)
}

func (h *harbour) mount(string, int64) error {
	return fmt.Errorf("a file system of its own %w: here a full disk would be yours", errPlaces)
}

func (h *harbour) cover(string, string) error { return errPlaces }

func (h *harbour) close() error {
	for _, way := range h.ways {
		for _, b := range way {
			b.close()
		}
	}
	return nil
}

func (b *berth) close() {
	_ = b.open(false)
	if b.mail != nil {
		b.mail.close()
	}
	if b.hold >= 0 {
		unix.Close(b.hold)
	}
}

const spread = 2654435761 // Knuth's multiplicative hash

// program is a socket filter that does not hear some tenths of all callers by
// UDP: by the source port, which is the first two bytes.
func program(tenths int, seed string) []unix.SockFilter {
	if tenths == 0 {
		return nil
	}
	return []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_H | unix.BPF_ABS, K: 0},
		{Code: unix.BPF_ALU | unix.BPF_ADD | unix.BPF_K, K: sown(seed)},
		{Code: unix.BPF_ALU | unix.BPF_MUL | unix.BPF_K, K: spread},
		{Code: unix.BPF_ALU | unix.BPF_RSH | unix.BPF_K, K: 16},
		{Code: unix.BPF_ALU | unix.BPF_MOD | unix.BPF_K, K: 10},
		{Code: unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K, K: uint32(tenths), Jt: 0, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: packet},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
	}
}

// filter sets what a socket hears; no program is everything.
func filter(c *net.UDPConn, program []unix.SockFilter) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var set error
	err = raw.Control(func(fd uintptr) {
		if program == nil {
			set = except(unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0), syscall.ENOENT)
			return
		}
		set = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]})
	})
	return errors.Join(err, set)
}
