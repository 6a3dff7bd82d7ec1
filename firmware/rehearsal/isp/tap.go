package isp

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"

	"golang.org/x/sys/unix"
)

// Flow is a conversation of the box as the carrier sees it: all of its own
// ports with one port of the world.
type Flow struct {
	Protocol string // tcp, udp, icmp, arp, other
	Remote   netip.AddrPort
	Out, In  uint64 // bytes, from the IP header on; out is from the box
	Packets  uint64
}

// tap reads all packets of a port, as a capture would.
type tap struct {
	file *os.File
	done sync.WaitGroup
	mu   sync.Mutex
	seen map[Flow]*Flow // by protocol and remote
}

// listenIn begins to count what a port of a place carries.
func listenIn(p *place, port string) (*tap, error) {
	link, err := p.linkByName(port)
	if err != nil {
		return nil, err
	}
	t := &tap{seen: map[Flow]*Flow{}}
	err = p.do(func() error {
		all := int(binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, unix.ETH_P_ALL)))
		// Without the link's header: a veth's is of no interest.
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, all)
		if err != nil {
			return fmt.Errorf("capturing on %s: %w", port, err)
		}
		t.file = os.NewFile(uintptr(fd), "tap")
		return unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: uint16(all), Ifindex: link.Attrs().Index})
	})
	if err != nil {
		if t.file != nil {
			t.file.Close()
		}
		return nil, err
	}
	t.done.Go(t.listen)
	return t, nil
}

func (t *tap) listen() {
	raw, err := t.file.SyscallConn()
	if err != nil {
		return
	}
	buf := make([]byte, packet)
	for {
		var n int
		var from unix.Sockaddr
		var failed error
		err := raw.Read(func(fd uintptr) bool {
			n, from, failed = unix.Recvfrom(int(fd), buf, unix.MSG_TRUNC)
			return failed != unix.EAGAIN
		})
		if err != nil {
			return // the file is closed
		}
		if at, ok := from.(*unix.SockaddrLinklayer); ok && failed == nil {
			t.count(buf[:min(n, len(buf))], at)
		}
	}
}

func (t *tap) count(b []byte, at *unix.SockaddrLinklayer) {
	home := at.Pkttype == unix.PACKET_OUTGOING
	key := flowOf(b, binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, at.Protocol)), home)
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.seen[key]
	if f == nil {
		f = &key
		t.seen[Flow{Protocol: key.Protocol, Remote: key.Remote}] = f
	}
	f.Packets++
	if home {
		f.In += uint64(len(b))
	} else {
		f.Out += uint64(len(b))
	}
}

// flowOf reads with whom a packet is exchanged; home is towards the box.
func flowOf(b []byte, protocol uint16, home bool) Flow {
	switch {
	case protocol == unix.ETH_P_ARP && len(b) >= 28: // RFC 826: the sender's and the target's address
		a := netip.AddrFrom4([4]byte(b[24:28]))
		if home {
			a = netip.AddrFrom4([4]byte(b[14:18]))
		}
		return Flow{Protocol: "arp", Remote: netip.AddrPortFrom(a, 0)}
	case protocol != unix.ETH_P_IP || len(b) < 20:
		return Flow{Protocol: "other"}
	}
	remote, port := netip.AddrFrom4([4]byte(b[16:20])), 2
	if home {
		remote, port = netip.AddrFrom4([4]byte(b[12:16])), 0
	}
	f := Flow{Protocol: "other", Remote: netip.AddrPortFrom(remote, 0)}
	head := int(b[0]&0x0f) * 4
	switch b[9] {
	case unix.IPPROTO_ICMP:
		f.Protocol = "icmp"
	case unix.IPPROTO_TCP, unix.IPPROTO_UDP:
		f.Protocol = map[byte]string{unix.IPPROTO_TCP: "tcp", unix.IPPROTO_UDP: "udp"}[b[9]]
		if len(b) >= head+4 {
			f.Remote = netip.AddrPortFrom(remote, binary.BigEndian.Uint16(b[head+port:]))
		}
	}
	return f
}

// flows are copies, the largest first.
func (t *tap) flows() []Flow {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []Flow
	for _, f := range t.seen {
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b Flow) int { return int(b.Out+b.In) - int(a.Out+a.In) })
	return all
}

func (t *tap) close() {
	t.file.Close()
	t.done.Wait()
}

// transparent listens for calls to any address that is led here (tcp(7),
// IP_TRANSPARENT in ip(7)).
func transparent(at string) (net.Listener, error) {
	setup := net.ListenConfig{Control: socket(unix.SOL_IP, unix.IP_TRANSPARENT, 1)}
	return setup.Listen(context.Background(), "tcp4", at)
}
