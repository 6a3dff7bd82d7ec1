package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/vishvananda/netlink"
)

// terms are what a lease says (RFC 2131, RFC 2132).
type terms struct {
	address net.IPNet
	gateway net.IP // nil: none
	servers []string
	length  time.Duration // of the lease
	renew   time.Duration // after that it is asked for again
}

const (
	usualLease  = time.Hour // where the server does not say
	shortestAsk = 5 * time.Second
	look        = 2 * time.Second // at the cable
)

// termsOf reads an answer of a server.
func termsOf(ack *dhcpv4.DHCPv4) (terms, error) {
	mask := ack.SubnetMask()
	if ack.YourIPAddr == nil || ack.YourIPAddr.IsUnspecified() || mask == nil {
		return terms{}, errors.New("the server gives no address, or no mask to it")
	}
	t := terms{address: net.IPNet{IP: ack.YourIPAddr, Mask: mask}, length: ack.IPAddressLeaseTime(usualLease)}
	if all := ack.Router(); len(all) > 0 {
		t.gateway = all[0]
	}
	for _, s := range ack.DNS() {
		t.servers = append(t.servers, s.String())
	}
	t.renew = ack.IPAddressRenewalTime(t.length / 2)
	if t.renew <= 0 || t.renew >= t.length {
		t.renew = t.length / 2
	}
	t.renew = max(t.renew, shortestAsk)
	return t, nil
}

// lease asks for a port's address, keeps it, and begins anew whenever it is
// lost, for as long as the box runs.
func (l *lan) lease(name string) {
	told := ""
	for {
		err := l.leased(name)
		if text := fmt.Sprintf("%s: no address: %v", name, err); text != told {
			say("%s; it is asked for again and again", text)
			told = text
		}
		time.Sleep(shortestAsk)
	}
}

// leased gets one lease and keeps it until it is lost; it returns why.
func (l *lan) leased(name string) error {
	link, err := netlink.LinkByName(name)
	if err == nil {
		err = netlink.LinkSetUp(link)
	}
	if err != nil {
		return err
	}
	client, err := nclient4.New(name, nclient4.WithTimeout(3*time.Second), nclient4.WithRetry(3))
	if err != nil {
		return err
	}
	defer client.Close()
	lease, err := client.Request(context.Background())
	if err != nil {
		return err
	}
	for {
		t, err := termsOf(lease.ACK)
		if err == nil {
			err = l.use(link, t)
		}
		if err != nil {
			return err
		}
		say("%s: %s via %v for %s", name, t.address.String(), t.gateway, t.length)
		if lease, err = keep(client, name, lease, t); err != nil {
			return errors.Join(err, l.lose(link, t))
		}
	}
}

// use gives the port its address. The kernel takes it away when the lease
// ends, whatever happens here.
func (l *lan) use(link netlink.Link, t terms) error {
	seconds := int(min(t.length, 1<<31*time.Second-time.Second) / time.Second)
	err := netlink.AddrReplace(link, &netlink.Addr{IPNet: &t.address, ValidLft: seconds, PreferedLft: seconds})
	if err == nil && t.gateway != nil {
		err = netlink.RouteReplace(&netlink.Route{LinkIndex: link.Attrs().Index, Gw: t.gateway})
	}
	return errors.Join(err, l.resolve(link.Attrs().Name, t.servers))
}

func (l *lan) lose(link netlink.Link, t terms) error {
	netlink.AddrDel(link, &netlink.Addr{IPNet: &t.address}) // it may be gone already
	return l.resolve(link.Attrs().Name, nil)
}

// keep waits until half of a lease is over, or the cable was out, and asks for
// it again until it is over.
func keep(client *nclient4.Client, name string, lease *nclient4.Lease, t terms) (*nclient4.Lease, error) {
	end := lease.CreationTime.Add(t.length)
	next := lease.CreationTime.Add(t.renew)
	for {
		waitFor(name, next)
		more, err := client.Renew(context.Background(), lease)
		var nak *nclient4.ErrNak
		if err == nil {
			return more, nil
		}
		if errors.As(err, &nak) || !time.Now().Before(end) {
			return nil, fmt.Errorf("the lease is over: %w", err)
		}
		// RFC 2131 §4.4.5: half of what is left, and not too often.
		next = time.Now().Add(min(max(time.Until(end)/2, shortestAsk), time.Minute))
	}
}

// waitFor waits until an instant, or until the cable is in again after it was
// out: it may lead elsewhere.
func waitFor(name string, until time.Time) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for was := carrier(name); time.Now().Before(until); <-tick.C {
		is := carrier(name)
		if is && !was {
			return
		}
		was = is
	}
}

func carrier(name string) bool {
	text, err := os.ReadFile("/sys/class/net/" + name + "/carrier")
	return err == nil && strings.TrimSpace(string(text)) == "1"
}
