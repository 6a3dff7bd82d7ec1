package route_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"heliograph/drivers/route"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func words(p route.Plan) string {
	var b strings.Builder
	for _, t := range p.Tables {
		fmt.Fprintln(&b, t)
	}
	for _, r := range p.Rules {
		fmt.Fprintln(&b, r)
	}
	return b.String()
}

func TestEachUplinkWithAGatewayHasATable(t *testing.T) {
	p, err := route.For([]route.Uplink{
		{Name: "transit-a", Interface: "eth0", Gateway: addr("192.0.2.1")},
		{Name: "dongle", Interface: "wwan0"},
		{Name: "transit-b", Interface: "eth1", Gateway: addr("2001:db8::1")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `table 4800 (transit-a): default via 192.0.2.1 dev eth0
table 4802 (transit-b): default via 2001:db8::1 dev eth1
rule 4803: oif eth0 lookup 4800
rule 4803: oif eth1 lookup 4802
`
	if got := words(p); got != want {
		t.Errorf("planned\n%swanted\n%s", got, want)
	}
}

func TestCarriersBehindOnePortAreToldApartBySourceOrMark(t *testing.T) {
	p, err := route.For([]route.Uplink{
		{Name: "by-source", Interface: "eth0", Gateway: addr("198.51.100.1"), Source: addr("198.51.100.2")},
		{Name: "plain", Interface: "eth0", Gateway: addr("192.0.2.1")},
		{Name: "by-mark", Interface: "eth0", Gateway: addr("203.0.113.1"), Mark: 0x10},
		{Name: "other-family", Interface: "eth0", Gateway: addr("2001:db8::1"), Source: addr("2001:db8::2")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `table 4800 (by-source): default via 198.51.100.1 dev eth0
table 4801 (plain): default via 192.0.2.1 dev eth0
table 4802 (by-mark): default via 203.0.113.1 dev eth0
table 4803 (other-family): default via 2001:db8::1 dev eth0
rule 4802: from 198.51.100.2 lookup 4800
rule 4803: oif eth0 lookup 4801
rule 4801: fwmark 0x10 lookup 4802
rule 4802: from 2001:db8::2 lookup 4803
rule 4803: oif eth0 lookup 4803
`
	if got := words(p); got != want {
		t.Errorf("planned\n%swanted\n%s", got, want)
	}
}

func TestUplinksThatCannotBeToldApartAreNamed(t *testing.T) {
	_, err := route.For([]route.Uplink{
		{Name: "a", Interface: "eth0", Gateway: addr("192.0.2.1")},
		{Name: "b", Interface: "eth0", Gateway: addr("192.0.2.9")},
		{Name: "c", Interface: "eth1", Gateway: addr("192.0.2.1"), Source: addr("192.0.2.2"), Mark: 7},
		{Name: "d", Interface: "eth2", Gateway: addr("192.0.2.1"), Source: addr("192.0.2.2")},
		{Name: "e", Interface: "eth3", Gateway: addr("192.0.2.1"), Mark: 7},
		{Name: "f", Interface: "eth4", Gateway: addr("192.0.2.1"), Source: addr("2001:db8::2")},
	})
	want := `b: shares eth0 with a; give one of them a source: or a mark: of its own
d: source 192.0.2.2 is that of c too
e: mark 0x7 is that of c too
f: source 2001:db8::2 and gateway 192.0.2.1 are not of one family`
	if err == nil || err.Error() != want {
		t.Errorf("said\n%v\nwanted\n%s", err, want)
	}
}
