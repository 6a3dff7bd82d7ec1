package isp

import (
	"fmt"
	"math"
	"net/netip"
	"strings"
	"syscall"
	"testing"
)

func TestLossesAreTheSameEachTimeAndFourOfEveryTen(t *testing.T) {
	t.Parallel()
	one, same, other := newLosses("transit-a"), newLosses("transit-a"), newLosses("transit-b")
	alike, fours := 0, 0
	for range 100 {
		lost := 0
		for range 10 {
			a := one.loses()
			if a != same.loses() {
				t.Fatal("the same seed loses other packets")
			}
			if a == other.loses() {
				alike++
			}
			if a {
				lost++
			}
		}
		if lost == 4 {
			fours++
		}
	}
	if fours != 100 || alike == 1000 {
		t.Errorf("%d of 100 tens lost four; two seeds agree %d times of 1000", fours, alike)
	}
}

func TestFourOfTenSourcePortsAreLost(t *testing.T) {
	t.Parallel()
	for _, seed := range []string{"transit-a", "transit-b", ""} {
		lost := 0
		for p := range math.MaxUint16 {
			if LostFrom(seed, uint16(p)) {
				lost++
			}
		}
		if share := float64(lost) / math.MaxUint16; share < 0.39 || share > 0.41 {
			t.Errorf("%q loses %.3f of all ports", seed, share)
		}
	}
}

func TestAdviceNamesTheSettingThatForbids(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, value string
		code        syscall.Errno
		want        string
	}{
		{"kernel/apparmor_restrict_unprivileged_userns", "1", syscall.EPERM,
			"AppArmor gives user namespaces no power here; as root: sysctl kernel.apparmor_restrict_unprivileged_userns=0"},
		{"kernel/unprivileged_userns_clone", "0", syscall.EPERM,
			"this system keeps user namespaces for root; as root: sysctl kernel.unprivileged_userns_clone=1"},
		{"user/max_user_namespaces", "0", syscall.ENOSPC,
			"this system allows no user namespaces; as root: sysctl user.max_user_namespaces=1000"},
		{"", "", syscall.ENOSPC, "all namespaces that this system allows are in use; raise user.max_user_namespaces and user.max_net_namespaces"},
		{"", "", syscall.EPERM, "a container or a security module forbids it; start it outside of the container"},
	} {
		got := advice(c.code, func(name string) string {
			if name == c.name {
				return c.value
			}
			return ""
		})
		if got != c.want {
			t.Errorf("%s=%s: %s\nwant %s", c.name, c.value, got, c.want)
		}
	}
}

func TestWhatAPlanLeavesOpenIsFilledIn(t *testing.T) {
	t.Parallel()
	a := netip.MustParseAddr
	for _, c := range []struct {
		name string
		u    Uplink
		want string
	}{
		{"nothing given", Uplink{}, "eth0 100.64.1.1 100.64.1.2 on 100.64.1.1/24"},
		{"a gateway", Uplink{Interface: "wan", Gateway: a("192.0.2.1")}, "wan 192.0.2.1 192.0.2.2 on 192.0.2.1/24"},
		{"a gateway at the end", Uplink{Gateway: a("192.0.2.254")}, "eth0 192.0.2.254 192.0.2.1 on 192.0.2.254/24"},
		{"a source", Uplink{Source: a("192.0.2.1")}, "eth0 192.0.2.2 192.0.2.1 on 192.0.2.2/24"},
		{"a large network", Uplink{Gateway: a("10.0.0.1"), Source: a("10.0.5.9")}, "eth0 10.0.0.1 10.0.5.9 on 10.0.0.1/21"},
		{"a source from elsewhere", Uplink{Gateway: a("10.0.0.1"), Source: a("192.0.2.9")}, "eth0 10.0.0.1 192.0.2.9 on 10.0.0.1/24"},
		{"IPv6", Uplink{Gateway: a("2001:db8::1")}, "eth0 2001:db8::1 2001:db8::2 on 2001:db8::1/64"},
		{"link-local", Uplink{Gateway: a("fe80::1%eth0")}, "eth0 fe80::1 fd68:656c:1:f000::1 on fe80::1/64"},
		{"a target's address is not taken", Uplink{Gateway: a("192.0.2.1"),
			Targets: []Target{{Kind: "icmp", Addr: netip.AddrPortFrom(a("192.0.2.2"), 0)}}}, "eth0 192.0.2.1 192.0.2.3 on 192.0.2.1/24"},
	} {
		c.u.Name = "a"
		s, err := survey(Plan{Uplinks: []Uplink{c.u}})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		u := s.plan.Uplinks[0]
		if got := fmt.Sprintf("%s %s %s on %s", u.Interface, u.Gateway, u.Source, s.lines[0].gateway[0]); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestAPlanThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	a := netip.MustParseAddr
	at := netip.MustParseAddrPort
	probing := func(t ...Target) Plan { return Plan{Uplinks: []Uplink{{Name: "a", Targets: t}}} }
	for _, c := range []struct {
		plan Plan
		want string
	}{
		{Plan{}, "it has 0 uplinks"},
		{Plan{Uplinks: []Uplink{{Name: "a"}, {Name: "a"}}}, "there are two uplinks a"},
		{Plan{Uplinks: []Uplink{{Name: "a", Interface: "lo"}}}, `uplink a: "lo" cannot be the name of a port`},
		{Plan{Uplinks: []Uplink{{Name: "a", Gateway: a("192.0.2.1"), Source: a("2001:db8::1")}}}, "are not of one family"},
		{Plan{Uplinks: []Uplink{{Name: "a", Gateway: a("192.0.2.1"), Source: a("192.0.2.1")}}}, "the same address"},
		{Plan{Uplinks: []Uplink{{Name: "a", Gateway: a("127.0.0.1")}}}, "127.0.0.1 is no address of a gateway or a box"},
		{probing(Target{Kind: "bgp", Addr: at("192.0.2.1:179")}), "its kind is none of icmp, tcp, dns, http"},
		{probing(Target{Kind: "tcp", Addr: at("127.0.0.1:80")}), "target tcp 127.0.0.1:80: its address is none beyond a gateway"},
		{probing(Target{Kind: "tcp", Addr: at("192.0.2.1:0")}), "icmp has no port, all others have one"},
		{probing(Target{Kind: "dns", Addr: at("9.9.9.9:53")}, Target{Kind: "http", Addr: at("9.9.9.9:53")}), "one address cannot speak both"},
	} {
		if _, err := survey(c.plan); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %s", c.plan, err, c.want)
		}
	}
}
