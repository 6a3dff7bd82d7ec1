package isp

import (
	"fmt"
	"net"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// What is asked of the kernel's networking in a place. The library's handle has
// all that there is as methods, and a type that is seen through an interface
// keeps all of its methods: the binary was half a megabyte larger for them.

// in asks inside a place, and answers.
func in[T any](p *place, ask func() (T, error)) (answer T, err error) {
	err = p.do(func() (err error) {
		answer, err = ask()
		return err
	})
	return answer, err
}

func (p *place) linkByName(name string) (netlink.Link, error) {
	return in(p, func() (netlink.Link, error) { return netlink.LinkByName(name) })
}

func (p *place) linkSetUp(l netlink.Link) error {
	return p.do(func() error { return netlink.LinkSetUp(l) })
}
func (p *place) linkSetDown(l netlink.Link) error {
	return p.do(func() error { return netlink.LinkSetDown(l) })
}
func (p *place) linkSetMaster(l, b netlink.Link) error {
	return p.do(func() error { return netlink.LinkSetMaster(l, b) })
}

func (p *place) addrList(l netlink.Link, family int) ([]netlink.Addr, error) {
	return in(p, func() ([]netlink.Addr, error) { return netlink.AddrList(l, family) })
}

func (p *place) addrReplace(l netlink.Link, a *netlink.Addr) error {
	return p.do(func() error { return netlink.AddrReplace(l, a) })
}

func (p *place) routeGet(to net.IP) ([]netlink.Route, error) {
	return in(p, func() ([]netlink.Route, error) { return netlink.RouteGet(to) })
}

func (p *place) routeReplace(r *netlink.Route) error {
	return p.do(func() error { return netlink.RouteReplace(r) })
}
func (p *place) routeDel(r *netlink.Route) error {
	return p.do(func() error { return netlink.RouteDel(r) })
}
func (p *place) ruleAdd(r *netlink.Rule) error {
	return p.do(func() error { return netlink.RuleAdd(r) })
}
func (p *place) ruleDel(r *netlink.Rule) error {
	return p.do(func() error { return netlink.RuleDel(r) })
}

func (p *place) neighList(index, family int) ([]netlink.Neigh, error) {
	return in(p, func() ([]netlink.Neigh, error) { return netlink.NeighList(index, family) })
}

func (p *place) neighDel(n *netlink.Neigh) error {
	return p.do(func() error { return netlink.NeighDel(n) })
}

// mtu is that of all wires here.
const mtu = 1500

// cable lays a wire between a port of p and one of q, without light yet.
func (p *place) cable(name string, q *place, far string) error {
	err := p.link(name, "veth", func(data *nl.RtAttr) {
		peer := data.AddRtAttr(nl.VETH_INFO_PEER, nil)
		nl.NewIfInfomsgChild(peer, unix.AF_UNSPEC)
		peer.AddRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(far))
		peer.AddRtAttr(unix.IFLA_MTU, nl.Uint32Attr(mtu))
		peer.AddRtAttr(unix.IFLA_NET_NS_FD, nl.Uint32Attr(uint32(q.ns)))
	})
	if err != nil {
		return fmt.Errorf("laying a wire from %s to %s: %w", name, far, err)
	}
	return nil
}

// link asks the kernel for a new link (rtnetlink(7), RTM_NEWLINK).
func (p *place) link(name, kind string, fill func(data *nl.RtAttr)) error {
	return p.do(func() error {
		req := nl.NewNetlinkRequest(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_ACK)
		req.AddData(nl.NewIfInfomsg(unix.AF_UNSPEC))
		req.AddData(nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(name)))
		req.AddData(nl.NewRtAttr(unix.IFLA_MTU, nl.Uint32Attr(mtu)))
		info := nl.NewRtAttr(unix.IFLA_LINKINFO, nil)
		info.AddRtAttr(nl.IFLA_INFO_KIND, nl.NonZeroTerminated(kind))
		fill(info.AddRtAttr(nl.IFLA_INFO_DATA, nil))
		req.AddData(info)
		_, err := req.Execute(unix.NETLINK_ROUTE, 0)
		return err
	})
}

func (p *place) linkDel(l netlink.Link) error {
	return p.do(func() error { return netlink.LinkDel(l) })
}
