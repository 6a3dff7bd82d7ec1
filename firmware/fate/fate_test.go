package fate

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"testing"
)

// here is a box in 192.0.2.0/24 with two uplinks: transit-a on eth0, and
// transit-b on eth1, behind which a partner's network is routed by hand.
func here() Network {
	return Network{
		Own: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")},
		Routes: []Route{
			{To: netip.MustParsePrefix("203.0.113.0/30"), Interface: "eth0", Direct: true},
			{To: netip.MustParsePrefix("198.51.100.0/25"), Interface: "eth1"},
			{To: netip.MustParsePrefix("198.51.100.128/25"), Interface: "eth1"},
			{To: netip.MustParsePrefix("198.51.100.128/25"), Interface: "eth0"},
			{To: netip.MustParsePrefix("203.0.113.192/26"), Interface: "lan0", Direct: true},
			{To: netip.MustParsePrefix("0.0.0.0/0"), Interface: "eth0"},
		},
		Uplinks: map[string]string{"eth0": "transit-a", "eth1": "transit-b"},
	}
}

func addresses(all ...string) Answer {
	var a Answer
	for _, one := range all {
		a.Addresses = append(a.Addresses, netip.MustParseAddr(one))
	}
	return a
}

func told(all []Finding) string {
	var lines []string
	for _, f := range all {
		line := f.Text
		if f.Note {
			line = "note: " + line
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestWhereAHostLies(t *testing.T) {
	t.Parallel()
	relay := Host{"smtp.example.org", "mail relay", Relay}
	for _, c := range []struct {
		name   string
		host   Host
		answer Answer
		want   string
	}{
		{"outside", relay, addresses("9.9.9.9"), ""},
		{"in the operator's prefix", relay, addresses("192.0.2.25"),
			"mail relay smtp.example.org is 192.0.2.25, in your own prefix 192.0.2.0/24: it fails with your network; use a relay outside"},
		{"one of two outside", relay, addresses("192.0.2.25", "9.9.9.9"), ""},
		{"only its IPv6 outside, which not every backhaul has", relay, addresses("2620:fe::9", "192.0.2.25"),
			"mail relay smtp.example.org is 192.0.2.25, in your own prefix 192.0.2.0/24: it fails with your network; use a relay outside"},
		{"its IPv4 outside", relay, addresses("9.9.9.9", "2001:db8::25"), ""},
		{"IPv6 only, inside", relay, addresses("2001:db8::25"),
			"mail relay smtp.example.org is 2001:db8::25, in your own prefix 2001:db8::/32: it fails with your network; use a relay outside"},
		{"IPv4 written as IPv6", relay, addresses("::ffff:192.0.2.25"),
			"mail relay smtp.example.org is 192.0.2.25, in your own prefix 192.0.2.0/24: it fails with your network; use a relay outside"},
		{"another name", Host{"status.example.org", "status page", Read}, Answer{Alias: "web.example.net", Addresses: addresses("192.0.2.80").Addresses},
			"status page status.example.org, another name of web.example.net, is 192.0.2.80, in your own prefix 192.0.2.0/24: nobody can read it in an outage; host it outside"},
		{"no such name", relay, Answer{}, "mail relay smtp.example.org does not resolve: there is no such name, or it has no address; mend its zone, or correct it here"},
		{"private", relay, addresses("10.1.2.3", "192.168.1.1"), "mail relay smtp.example.org is 10.1.2.3, and that is private: no backhaul leads there; use a relay outside"},
		{"the box itself", Host{"localhost", "mail relay", Relay}, addresses("127.0.0.1"), "mail relay localhost is 127.0.0.1, and that is private: no backhaul leads there; use a relay outside"},
		{"an address", Host{"192.0.2.7", "war room", Chat}, Answer{}, "war room is 192.0.2.7, in your own prefix 192.0.2.0/24: it fails with your network; use one that is hosted outside"},
		{"on the wire of an uplink", relay, addresses("203.0.113.1"),
			"mail relay smtp.example.org is 203.0.113.1, on the network of transit-a, 203.0.113.0/30: it fails with your network; use a relay outside"},
		{"behind an uplink by a route of its own", relay, addresses("198.51.100.25"),
			"mail relay smtp.example.org is 198.51.100.25, by the route to 198.51.100.0/25 over transit-b only: it fails with your network; use a relay outside"},
		{"behind two uplinks", relay, addresses("198.51.100.225"), ""},
		{"on a network that is no uplink's", relay, addresses("203.0.113.200"), ""},
		{"a clock in the operator's prefix", Host{"192.0.2.123", "time server", Clock}, Answer{},
			"note: time server is 192.0.2.123, in your own prefix 192.0.2.0/24: it gives no time in an outage; name one outside too"},
		{"a clock on the LAN", Host{"10.0.0.1", "time server", Clock}, Answer{}, ""},
		{"a heartbeat", Host{"hc.example.org", "heartbeat", Beat}, addresses("192.0.2.90"),
			"heartbeat hc.example.org is 192.0.2.90, in your own prefix 192.0.2.0/24: it fails with your network, and nobody hears that the box is cut off; use a service outside"},
	} {
		got := told(Judge(Needs{Hosts: []Host{c.host}}, Answers{Hosts: map[string]Answer{c.host.Name: c.answer}}, here()))
		if got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestEveryUseHasItsWords(t *testing.T) {
	t.Parallel()
	for _, use := range []Use{Relay, Page, Read, Chat, Hook, Beat, Desk, Proof, Clock, Asked} {
		if x := traits[use]; x.lost == "" || x.cure == "" {
			t.Errorf("%s: nothing is said of it", use)
		}
	}
	if len(traits) != 10 {
		t.Errorf("there are words for %d uses", len(traits))
	}
}

func TestWhatNobodyAnsweredForIsNotJudged(t *testing.T) {
	t.Parallel()
	n := Needs{Hosts: []Host{{"smtp.example.org", "mail relay", Relay}, {"192.0.2.1", "war room", Chat}}, Inboxes: []Inbox{{"example.org", []string{"ada"}}}}
	if got := told(Judge(n, Answers{}, Network{})); got != "" {
		t.Errorf("nothing is known, and it is said %q", got)
	}
	if left := (Answers{}).Unanswered(n.Hosts); !reflect.DeepEqual(left, n.Hosts[:1]) {
		t.Errorf("not known: %v", left)
	}
}

func TestNameServersThatAreAllInside(t *testing.T) {
	t.Parallel()
	n := Needs{Hosts: []Host{{"smtp.example.org", "mail relay", Relay}, {"hc.example.org", "heartbeat", Beat}}}
	known := func(servers ...string) Answers {
		return Answers{
			Hosts: map[string]Answer{"smtp.example.org": addresses("9.9.9.9"), "hc.example.org": addresses("9.9.9.10"),
				"ns1.example.org": addresses("192.0.2.53"), "ns2.example.org": addresses("203.0.113.1"), "ns.example.net": addresses("9.9.9.53"), "ns3.example.org": addresses("10.0.0.53")},
			Zones: map[string]Zone{"smtp.example.org": {"example.org", servers}, "hc.example.org": {"example.org", servers}},
		}
	}
	want := "the name servers of example.org (ns1.example.org and ns2.example.org) are all in your network (in your own prefix 192.0.2.0/24): nobody finds smtp.example.org when it is cut off; have one more outside"
	if got := told(Judge(n, known("ns1.example.org", "ns2.example.org"), here())); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, servers := range [][]string{
		{"ns1.example.org", "ns.example.net"}, // one is outside
		{"ns1.example.org", "unheard.example"},
		{"ns1.example.org", "ns3.example.org"}, // the world may see another address
		nil,
	} {
		if got := told(Judge(n, known(servers...), here())); got != "" {
			t.Errorf("%v: %q", servers, got)
		}
	}
}

func TestTheZoneOfAnAliasCountsToo(t *testing.T) {
	t.Parallel()
	known := Answers{
		Hosts: map[string]Answer{
			"status.example.org": {Alias: "pages.example.net", Addresses: addresses("9.9.9.9").Addresses}, "ns.example.net": addresses("192.0.2.53"),
		},
		Zones: map[string]Zone{"pages.example.net": {"example.net", []string{"ns.example.net"}}},
	}
	got := told(Judge(Needs{Hosts: []Host{{"status.example.org", "status page", Read}}}, known, here()))
	if want := "the name servers of example.net (ns.example.net) are all in your network (in your own prefix 192.0.2.0/24): nobody finds status.example.org when it is cut off; have one more outside"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestMailThatCannotBeReadInAnOutage(t *testing.T) {
	t.Parallel()
	known := Answers{
		Hosts: map[string]Answer{"mx1.example.org": addresses("192.0.2.26"), "mx2.example.net": addresses("9.9.9.9")},
		Mail:  map[string][]string{"example.org": {"mx1.example.org"}, "example.net": {"mx1.example.org", "mx2.example.net"}},
	}
	n := Needs{Inboxes: []Inbox{{"example.org", []string{"ada", "bob"}}, {"example.net", []string{"eve"}}}}
	all := Judge(n, known, here())
	want := "note: mail for ada and bob goes to mx1.example.org, in your network (in your own prefix 192.0.2.0/24): they cannot read it over that network in an outage; texts reach them, an address outside would too"
	if got := told(all); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if b := Brief(all); b != "" {
		t.Errorf("a note is texted: %q", b)
	}
}

func TestOneCarrierForBothPaths(t *testing.T) {
	t.Parallel()
	n := Needs{
		Lines: []Line{{"transit-a", "Orange Polska S.A.", 5617}, {"transit-b", "Example Transit", 64500}, {"transit-c", "Other Name", 64500}},
		SIMs:  []SIM{{Modem: "lte0", Operator: "Orange PL", Backhaul: "cell"}, {Modem: "lte1", Operator: "Orange"}, {Modem: "lte2", Operator: "", Backhaul: "x"}},
	}
	want := `lte0 is in the network of Orange PL, who carries transit-a too: one fault there takes both; use a SIM of another operator
lte1 is in the network of Orange, who carries transit-a too: one fault there takes both; use a SIM of another operator
note: lte0 and lte1 are both in the network of Orange: they fail together; use a SIM of another operator in one
note: transit-b and transit-c are of one carrier: they may fail together`
	if got := told(Judge(n, Answers{}, Network{})); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	n.SIMs[1].Backhaul = "spare"
	if got := told(Judge(n, Answers{}, Network{})); !strings.Contains(got, "\nlte0 and lte1 are both") {
		t.Errorf("two backhauls of one operator are only noted:\n%s", got)
	}
}

func TestNamesOfOneCompany(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Orange", "Orange PL", true},
		{"T-Mobile Polska S.A.", "T-Mobile.pl", false}, // not every spelling is known
		{"T-Mobile Polska S.A.", "T-Mobile PL", true},
		{"TIM S.p.A.", "I TIM", true},
		{"Telecom Italia", "TIM", false},
		{"Vodafone IT", "vodafone", true},
		{"O2", "O2 - CZ", true},
		{"A1", "A1 SK", true},
		{"O2", "A1", false},
		{"Example Transit", "Example Mobile", true}, // "Example" is all that a modem says
		{"Deutsche Telekom", "Deutsche Glasfaser", false},
		{"", "", false},
		{"PL", "PL", false},
		{"Orange", "", false},
	} {
		if Same(c.a, c.b) != c.same || Same(c.b, c.a) != c.same {
			t.Errorf("%q and %q: want %v", c.a, c.b, c.same)
		}
	}
}

func TestWhatATextSays(t *testing.T) {
	t.Parallel()
	n := Needs{Hosts: []Host{
		{"192.0.2.1", "mail relay", Relay}, {"192.0.2.2", "heartbeat", Beat}, {"10.0.0.3", "webhook ticketing", Hook}, {"192.0.2.4", "time server", Clock}, {"192.0.2.5", "war room", Chat},
	}}
	for count, want := range []string{
		"", "shared fate: mail relay in your network", "shared fate: mail relay in your network, heartbeat in your network",
		"shared fate: mail relay in your network, heartbeat in your network and 1 more",
		"shared fate: mail relay in your network, heartbeat in your network and 1 more", // a note is not counted
		"shared fate: mail relay in your network, heartbeat in your network and 2 more",
	} {
		if got := Brief(Judge(Needs{Hosts: n.Hosts[:count]}, Answers{}, here())); got != want {
			t.Errorf("%d: %q, want %q", count, got, want)
		}
	}
}

func TestWhatWasKnownEarlierIsKeptWhereNobodyAnswers(t *testing.T) {
	t.Parallel()
	earlier := Answers{Hosts: map[string]Answer{"a": addresses("192.0.2.1"), "b": addresses("192.0.2.2")}, Zones: map[string]Zone{"a": {"z", []string{"ns"}}}, Mail: map[string][]string{"m": {"mx"}}}
	now := Answers{Hosts: map[string]Answer{"b": addresses("9.9.9.9"), "c": {}}}
	got := now.Over(earlier)
	want := Answers{Hosts: map[string]Answer{"a": addresses("192.0.2.1"), "b": addresses("9.9.9.9"), "c": {}}, Zones: earlier.Zones, Mail: earlier.Mail}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if len(earlier.Hosts) != 2 || earlier.Hosts["b"].Addresses[0] != netip.MustParseAddr("192.0.2.2") {
		t.Error("what was known earlier was changed")
	}
	text, err := json.Marshal(got)
	var back Answers
	if err == nil {
		err = json.Unmarshal(text, &back)
	}
	if err != nil || !reflect.DeepEqual(back, got) {
		t.Errorf("%s is read as %+v, %v", text, back, err)
	}
	if !(Answers{Hosts: map[string]Answer{"c": {}}}).Empty() || now.Empty() {
		t.Error("whether anything led anywhere is not seen")
	}
}
