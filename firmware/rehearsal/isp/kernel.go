package isp

import (
	"fmt"
	"os"

	"github.com/google/nftables"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// Kernel counts what a process's network keeps in its kernel.
type Kernel struct {
	Rules  int // of routing, both families
	Routes int // in all tables, both families
	Guards int // tables of nftables
	Fences int // rules in them
}

// KernelOf looks at the network of a process.
func KernelOf(pid int) (k Kernel, err error) {
	place, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return k, err
	}
	defer place.Close()
	h, err := netlink.NewHandleAt(netns.NsHandle(place.Fd()))
	if err != nil {
		return k, fmt.Errorf("look at the box's routes: %w", err)
	}
	defer h.Close()
	rules, err := h.RuleList(netlink.FAMILY_ALL)
	if err != nil {
		return k, fmt.Errorf("list the box's routing rules: %w", err)
	}
	routes, err := h.RouteListFiltered(netlink.FAMILY_ALL, &netlink.Route{Table: unix.RT_TABLE_UNSPEC}, netlink.RT_FILTER_TABLE)
	if err != nil {
		return k, fmt.Errorf("list the box's routes: %w", err)
	}
	k.Rules, k.Routes = len(rules), len(routes)
	c, err := nftables.New(nftables.WithNetNSFd(int(place.Fd())))
	if err != nil {
		return k, fmt.Errorf("look at the box's guards: %w", err)
	}
	tables, err := c.ListTables()
	if err != nil {
		return k, fmt.Errorf("list the box's guards: %w", err)
	}
	k.Guards = len(tables)
	chains, err := c.ListChains()
	if err != nil {
		return k, fmt.Errorf("list the box's guards: %w", err)
	}
	for _, chain := range chains {
		all, err := c.GetRules(chain.Table, chain)
		if err != nil {
			return k, fmt.Errorf("list the box's guards: %w", err)
		}
		k.Fences += len(all)
	}
	return k, nil
}
