package probe

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Link looks at the state of a port of this box: it exists, is switched on,
// has carrier and a usable address. Every failure is Local.
func Link(name string) Check {
	return check(func(context.Context) Result {
		began := time.Now()
		up, why := port(name)
		if !up {
			return Result{Fault: Local, Seen: why}
		}
		return passed(began, why)
	})
}

// port reads a port's state from the kernel and says why it is up or down, in
// words that follow its name.
func port(name string) (up bool, why string) {
	link, err := netlink.LinkByName(name)
	if gone := (netlink.LinkNotFoundError{}); errors.As(err, &gone) {
		return false, "does not exist"
	}
	if err != nil {
		return false, err.Error()
	}
	a := link.Attrs()
	switch {
	case a.RawFlags&unix.IFF_UP == 0:
		return false, "switched off"
	case a.RawFlags&unix.IFF_LOWER_UP == 0:
		return false, "no carrier"
	case a.OperState != netlink.OperUp && a.OperState != netlink.OperUnknown:
		return false, "is " + a.OperState.String()
	}
	own := addresses(link)
	if len(own) == 0 {
		return false, "no address"
	}
	return true, "ok, " + strings.Join(own, " ")
}

// addresses are those that a probe could use: no link-local one, and none
// whose duplicate check is still running or has failed.
func addresses(link netlink.Link) []string {
	all, err := netlink.AddrList(link, netlink.FAMILY_ALL)
	if err != nil {
		return nil
	}
	var own []string
	for _, a := range all {
		if a.Flags&(unix.IFA_F_TENTATIVE|unix.IFA_F_DADFAILED) == 0 && !unroutable(a.IP) {
			own = append(own, a.IPNet.String())
		}
	}
	return own
}

func unroutable(ip net.IP) bool { return ip.IsLinkLocalUnicast() || ip.IsMulticast() }
