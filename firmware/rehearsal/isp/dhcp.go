package isp

import (
	"io"
	"log"
	"net"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/server4"
)

// leaseFor is how long the carrier gives its address.
const leaseFor = time.Hour

// handOut answers DHCP on the carrier's port to the box: whoever asks there is
// the box, and gets the one address that there is.
func (m *cell) handOut(resolvers []netip.Addr) error {
	var names []net.IP
	for _, a := range resolvers {
		names = append(names, a.AsSlice())
	}
	answer := func(conn net.PacketConn, peer net.Addr, asked *dhcpv4.DHCPv4) {
		kind := dhcpv4.MessageTypeOffer
		if asked.MessageType() == dhcpv4.MessageTypeRequest {
			kind = dhcpv4.MessageTypeAck
		}
		given, err := dhcpv4.NewReplyFromRequest(asked,
			dhcpv4.WithMessageType(kind), dhcpv4.WithYourIP(cellBox.Addr().AsSlice()), dhcpv4.WithServerIP(cellGateway.Addr().AsSlice()),
			dhcpv4.WithOption(dhcpv4.OptServerIdentifier(cellGateway.Addr().AsSlice())), dhcpv4.WithRouter(cellGateway.Addr().AsSlice()),
			dhcpv4.WithNetmask(net.CIDRMask(cellBox.Bits(), 32)), dhcpv4.WithDNS(names...), dhcpv4.WithLeaseTime(uint32(leaseFor.Seconds())))
		if err == nil && (asked.MessageType() == dhcpv4.MessageTypeDiscover || kind == dhcpv4.MessageTypeAck) {
			_, _ = conn.WriteTo(given.ToBytes(), peer) // it asks again
		}
	}
	var s *server4.Server
	err := m.carrier.do(func() (err error) {
		quiet := server4.WithLogger(server4.ShortSummaryLogger{Printfer: log.New(io.Discard, "", 0)})
		s, err = server4.NewServer(air, &net.UDPAddr{Port: dhcpv4.ServerPort}, answer, quiet)
		return err
	})
	if err != nil {
		return err
	}
	go func() { _ = s.Serve() }()
	m.services = append(m.services, &service{stop: []func() error{s.Close}})
	return nil
}
