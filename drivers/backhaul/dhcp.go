package backhaul

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// lease4 is what a DHCP server gave (RFC 2131).
type lease4 struct {
	raw      *nclient4.Lease
	address  netip.Prefix
	gateways []netip.Addr // one, or none
	dns      []netip.Addr
	mtu      int // option 26; 0 if the server names none
	got      time.Time
	length   time.Duration
}

const (
	offerWait = time.Second // before a message is sent again, then twice that: the server is the modem itself
	offerTry  = 4
	leastWait = time.Minute // between tries to renew (RFC 2131 §4.4.5)
)

func newClient(name string) (*nclient4.Client, error) {
	c, err := nclient4.New(name, nclient4.WithTimeout(offerWait), nclient4.WithRetry(offerTry))
	if err != nil {
		return nil, &Trouble{Kind: Broken, Cause: "may not speak DHCP on " + name, Advice: "systemctl edit heliograph: under [Service], RestrictAddressFamilies=AF_PACKET", Err: err}
	}
	return c, nil
}

// ask4 asks for a lease.
func ask4(ctx context.Context, name string) (*lease4, error) {
	c, err := newClient(name)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	raw, err := c.Request(ctx, wanted)
	if err != nil {
		return nil, err
	}
	return read4(raw)
}

// wanted are the options that are asked for.
var wanted = dhcpv4.WithRequestedOptions(dhcpv4.OptionSubnetMask, dhcpv4.OptionRouter, dhcpv4.OptionDomainNameServer, dhcpv4.OptionInterfaceMTU)

// renew4 asks for more time.
func renew4(ctx context.Context, name string, l *lease4) (*lease4, error) {
	c, err := newClient(name)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	raw, err := c.Renew(ctx, l.raw, wanted)
	if err != nil {
		return nil, err
	}
	return read4(raw)
}

// read4 takes what counts from an answer.
func read4(raw *nclient4.Lease) (*lease4, error) {
	l := &lease4{raw: raw, got: time.Now(), length: raw.ACK.IPAddressLeaseTime(time.Hour)}
	ip, ok := netip.AddrFromSlice(raw.ACK.YourIPAddr.To4())
	if !ok || !ip.IsGlobalUnicast() {
		return nil, fmt.Errorf("a DHCP server gave %v, which is no address", raw.ACK.YourIPAddr)
	}
	ones, bits := raw.ACK.SubnetMask().Size()
	if bits != 32 {
		ones = 32
	}
	l.address = netip.PrefixFrom(ip, ones)
	if all := addrs4(raw.ACK.Router()); len(all) > 0 {
		l.gateways = all[:1]
	}
	l.dns = addrs4(raw.ACK.DNS())
	if mtu, err := dhcpv4.GetUint16(dhcpv4.OptionInterfaceMTU, raw.ACK.Options); err == nil && mtu >= 576 {
		l.mtu = int(mtu)
	}
	return l, nil
}

func addrs4(ips []net.IP) []netip.Addr {
	var all []netip.Addr
	for _, ip := range ips {
		if a, ok := netip.AddrFromSlice(ip.To4()); ok && !a.IsUnspecified() {
			all = append(all, a)
		}
	}
	return all
}

// address is for the kernel, without a route for its range.
func address(p netip.Prefix) *netlink.Addr {
	bits := p.Addr().BitLen()
	return &netlink.Addr{IPNet: &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), bits)}, Flags: unix.IFA_F_NOPREFIXROUTE}
}

func (l *lease4) netlink() *netlink.Addr {
	a := address(l.address)
	if l.length < 365*24*time.Hour {
		a.ValidLft = int(l.length.Seconds())
		a.PreferedLft = a.ValidLft
	}
	return a
}

// due is when to renew: after half of the time (T1), or half of what is left,
// with a minute in between at least.
func (l *lease4) due(now time.Time) time.Duration {
	left := l.got.Add(l.length).Sub(now)
	if now.Sub(l.got) < l.length/2 {
		return l.got.Add(l.length / 2).Sub(now)
	}
	return min(max(left/2, leastWait), max(left, 0))
}

func isGone(err error) bool {
	return errors.Is(err, unix.EADDRNOTAVAIL) || errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ENOENT)
}

// regexpContext is a line of +CGDCONT? that has the access point already, for
// IPv4 or for both families.
func regexpContext(cid, apn string) *regexp.Regexp {
	return regexp.MustCompile(`^\+CGDCONT: *` + cid + `, *"(IPV4V6|IP)", *"` + regexp.QuoteMeta(apn) + `"`)
}
