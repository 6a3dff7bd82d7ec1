package isp

import (
	"fmt"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// The library's own LinkAdd knows every kind of link that there is, and makes
// the binary half a megabyte larger; these two are all that is made here.

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
