package main

import (
	"slices"
	"testing"

	"github.com/google/nftables"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"heliograph/drivers/probe/probetest"
)

// A reload that renames backhauls, and changes their order, while one of them
// is up: who leaves a place in the list must not sweep it under who takes it.
func TestBackhaulsChangePlacesWhileOneIsUp(t *testing.T) {
	if !probetest.Enter(t) {
		return
	}
	for _, port := range []string{"wwan0", "wwan1"} {
		place := probetest.New(t)
		place.Wire(port)
	}
	probetest.Address(t, "wwan0", "10.64.0.2/24")
	probetest.Address(t, "wwan1", "10.65.0.2/24")
	if _, err := (&nftables.Conn{}).ListTables(); err != nil {
		t.Skipf("needs a kernel with nftables: %v", err)
	}
	r := newRigHere(t)
	with := func(list string) {
		r.write("selftest: off\n", "selftest: off\nbackhaul:\n"+list)
	}
	const a = "  - {name: cell, via: interface, interface: wwan0, gateway: 10.64.0.1, check: \"http://10.64.0.1/\", idle: 5s}\n"
	const b = "  - {name: stick, via: interface, interface: wwan1, gateway: 10.65.0.1, check: \"http://10.65.0.1/\", idle: 5s}\n"
	const c = "  - {name: dongle, via: interface, interface: wwan0, gateway: 10.64.0.1, check: \"http://10.64.0.1/\", idle: 5s}\n"
	with(a + b)
	r.start()
	if ans, err := r.client.Order(t.Context(), "lte on"); err != nil || !ans.OK {
		t.Fatalf("%+v %v", ans, err)
	}
	routed, guards := func(port string) bool { return routedBy(t, port) }, func() int { return guardsOf(t) }
	r.until("cell has its routes", func() bool { return routed("wwan0") && guards() == 2 })
	with(b + c)
	r.hangup(inForce)
	r.until("one of the new ones has its routes, and both have guards", func() bool { return (routed("wwan0") || routed("wwan1")) && guards() == 2 })
	with(c)
	r.hangup(inForce)
	r.until("dongle has its routes, and stick is forgotten", func() bool { return routed("wwan0") && !routed("wwan1") && guards() == 1 })
	with(a)
	r.hangup(inForce)
	r.until("cell has its routes again", func() bool { return routed("wwan0") && guards() == 1 })
	if ans, err := r.client.Order(t.Context(), "lte off"); err != nil || !ans.OK {
		t.Fatalf("%+v %v", ans, err)
	}
	r.until("nothing is routed", func() bool { return !routed("wwan0") })
	r.stop()
	if guards() != 0 {
		t.Error("a guard was left behind")
	}
}

// routedBy says whether a table of the backhauls' own leads over a port.
func routedBy(t *testing.T, port string) bool {
	t.Helper()
	link, err := netlink.LinkByName(port)
	if err != nil {
		t.Fatal(err)
	}
	routes, err := netlink.RouteListFiltered(netlink.FAMILY_V4, &netlink.Route{Table: unix.RT_TABLE_UNSPEC, LinkIndex: link.Attrs().Index}, netlink.RT_FILTER_TABLE|netlink.RT_FILTER_OIF)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(routes, func(x netlink.Route) bool { return x.Table >= 4900 && x.Table < 4916 })
}

func guardsOf(t *testing.T) int {
	t.Helper()
	tables, err := (&nftables.Conn{}).ListTables()
	if err != nil {
		t.Fatal(err)
	}
	return len(tables)
}
