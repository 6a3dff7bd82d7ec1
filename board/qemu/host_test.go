package qemu

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// host is everything at the other end of the box's network port: a gateway
// that answers for every address beyond it. It takes Ethernet frames from
// QEMU's stream, each after its length in four bytes, and answers ARP, ping,
// DHCP and the first step of TCP until it goes away.
type host struct {
	gone  atomic.Bool
	first chan struct{} // closed when a probe was answered
	once  sync.Once

	leases atomic.Int64 // how often an address was asked for and given
}

var hostMAC = [6]byte{2, 0, 0, 0, 0, 1}

func newHost() *host { return &host{first: make(chan struct{})} }

// serve answers one boot of the box, until its QEMU ends.
func (h *host) serve(c net.Conn) error {
	defer c.Close()
	length := make([]byte, 4)
	for {
		if _, err := io.ReadFull(c, length); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		frame := make([]byte, binary.BigEndian.Uint32(length))
		if _, err := io.ReadFull(c, frame); err != nil {
			return err
		}
		reply := h.answer(frame)
		if reply == nil || h.gone.Load() {
			continue
		}
		if _, err := c.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(reply))), reply...)); err != nil {
			return err
		}
	}
}

// answer turns a frame into its answer; nil if there is none.
func (h *host) answer(frame []byte) []byte {
	const ethernet, arp, ip = 14, 0x0806, 0x0800
	if len(frame) < ethernet+20 {
		return nil
	}
	var said []byte
	switch binary.BigEndian.Uint16(frame[12:]) {
	case arp:
		said = answerARP(frame[ethernet:])
	case ip:
		said = h.answerIP(frame[ethernet:])
	}
	if said == nil {
		return nil
	}
	reply := append(append([]byte{}, frame[6:12]...), hostMAC[:]...) // DHCP's answers too: the box hears them all
	return append(append(reply, frame[12:14]...), said...)
}

// answerARP says that every address is here, save when the box asks whether
// its own is taken (RFC 826, RFC 5227).
func answerARP(a []byte) []byte {
	if len(a) < 28 || binary.BigEndian.Uint16(a[6:]) != 1 || string(a[14:18]) == string(a[24:28]) || string(a[14:18]) == "\x00\x00\x00\x00" {
		return nil
	}
	r := append([]byte{}, a[:28]...)
	r[7] = 2
	copy(r[8:14], hostMAC[:])
	copy(r[14:18], a[24:28])
	copy(r[18:28], a[8:18])
	return r
}

func (h *host) answerIP(p []byte) []byte {
	head := int(p[0]&15) * 4
	total := int(binary.BigEndian.Uint16(p[2:]))
	if p[0]>>4 != 4 || total > len(p) || total < head+8 || binary.BigEndian.Uint16(p[6:])&0x3fff != 0 {
		return nil
	}
	var body []byte
	switch p[9] {
	case 1:
		body = answerPing(p[head:total])
	case 6:
		body = answerTCP(p[head:total], p[12:16], p[16:20])
	case 17:
		return h.answerDHCP(p[head:total])
	}
	if body == nil {
		return nil
	}
	if !h.gone.Load() {
		h.once.Do(func() { close(h.first) })
	}
	return packet(p[9], p[16:20], p[12:16], body)
}

// packet is an IP packet (RFC 791).
func packet(protocol byte, from, to, body []byte) []byte {
	r := make([]byte, 20, 20+len(body))
	r[0], r[8], r[9] = 0x45, 64, protocol
	binary.BigEndian.PutUint16(r[2:], uint16(20+len(body)))
	copy(r[12:], from)
	copy(r[16:], to)
	binary.BigEndian.PutUint16(r[10:], checksum(r))
	return append(r, body...)
}

// leaseTime is short, so that a test sees leases renewed.
const leaseTime = 20 * time.Second

// answerDHCP gives the box the address that it has in all tests.
func (h *host) answerDHCP(p []byte) []byte {
	if len(p) < 8 || binary.BigEndian.Uint16(p[2:]) != 67 {
		return nil
	}
	asked, err := dhcpv4.FromBytes(p[8:])
	if err != nil {
		return nil
	}
	kind := dhcpv4.MessageTypeOffer
	if asked.MessageType() == dhcpv4.MessageTypeRequest {
		kind = dhcpv4.MessageTypeAck
		h.leases.Add(1)
	}
	gateway := net.IPv4(192, 0, 2, 1).To4()
	said, err := dhcpv4.NewReplyFromRequest(asked, dhcpv4.WithMessageType(kind), dhcpv4.WithYourIP(net.IPv4(192, 0, 2, 2)), dhcpv4.WithNetmask(net.CIDRMask(24, 32)),
		dhcpv4.WithRouter(gateway), dhcpv4.WithDNS(net.IPv4(198, 51, 100, 53)), dhcpv4.WithServerIP(gateway),
		dhcpv4.WithOption(dhcpv4.OptServerIdentifier(gateway)), dhcpv4.WithLeaseTime(uint32(leaseTime/time.Second)))
	if err != nil {
		return nil
	}
	text := said.ToBytes()
	u := make([]byte, 8, 8+len(text)) // no checksum: RFC 768 allows that
	binary.BigEndian.PutUint16(u[0:], 67)
	binary.BigEndian.PutUint16(u[2:], 68)
	binary.BigEndian.PutUint16(u[4:], uint16(8+len(text)))
	return packet(17, gateway, []byte{255, 255, 255, 255}, append(u, text...))
}

// answerPing is RFC 792's echo reply.
func answerPing(p []byte) []byte {
	if p[0] != 8 {
		return nil
	}
	r := append([]byte{}, p...)
	r[0], r[2], r[3] = 0, 0, 0
	binary.BigEndian.PutUint16(r[2:], checksum(r))
	return r
}

// answerTCP opens every connection and resets it at its end (RFC 9293 §3.5).
func answerTCP(p, from, to []byte) []byte {
	const fin, syn, rst, ack = 1, 2, 4, 16
	if len(p) < 20 {
		return nil
	}
	r := make([]byte, 20)
	copy(r[0:], p[2:4])
	copy(r[2:], p[0:2])
	switch seq := binary.BigEndian.Uint32(p[4:]); {
	case p[13]&(syn|ack) == syn:
		r[13] = syn | ack
		binary.BigEndian.PutUint32(r[4:], 1)
		binary.BigEndian.PutUint32(r[8:], seq+1)
	case p[13]&fin != 0:
		r[13] = rst
		copy(r[4:], p[8:12])
	default:
		return nil
	}
	r[12] = 5 << 4
	binary.BigEndian.PutUint16(r[14:], 65535)
	pseudo := append(append(append([]byte{}, to...), from...), 0, 6, 0, 20)
	binary.BigEndian.PutUint16(r[16:], checksum(append(pseudo, r...)))
	return r
}

// checksum is the internet's (RFC 1071).
func checksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	if len(b)%2 == 1 {
		sum += uint32(b[len(b)-1]) << 8
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}
