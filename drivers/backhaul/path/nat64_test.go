package path_test

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"

	"heliograph/drivers/backhaul/path"
)

func addr(s string) netip.Addr     { return netip.MustParseAddr(s) }
func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

// The table of RFC 6052 §2.4.
func TestVectorsOfRFC6052(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{
		"2001:db8::/32":           "2001:db8:c000:221::",
		"2001:db8:100::/40":       "2001:db8:1c0:2:21::",
		"2001:db8:122::/48":       "2001:db8:122:c000:2:2100::",
		"2001:db8:122:300::/56":   "2001:db8:122:3c0:0:221::",
		"2001:db8:122:344::/64":   "2001:db8:122:344:c0:2:2100::",
		"2001:db8:122:344::/96":   "2001:db8:122:344::192.0.2.33",
		"64:ff9b::/96":            "64:ff9b::192.0.2.33",
		"2001:db8:122:344:1::/96": "2001:db8:122:344:1::192.0.2.33",
	} {
		got, err := path.Synthesise(prefix(at), addr("192.0.2.33"))
		if err != nil || got != addr(want) {
			t.Errorf("%s: %s, %v; wanted %s", at, got, err, want)
		}
	}
	for _, bad := range []string{"2001:db8::/33", "2001:db8::/128", "192.0.2.0/24", "2001:db8:0:0:100::/96"} {
		if got, err := path.Synthesise(prefix(bad), addr("192.0.2.33")); err == nil {
			t.Errorf("%s gave %s", bad, got)
		}
	}
	if got, err := path.Synthesise(prefix("64:ff9b::/96"), addr("2001:db8::1")); err == nil {
		t.Errorf("an IPv6 address gave %s", got)
	}
}

func TestPrefixesInTheAnswersForIpv4only(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answers, want []string
	}{
		{[]string{"64:ff9b::c000:aa", "64:ff9b::c000:ab"}, []string{"64:ff9b::/96"}},
		{[]string{"2001:db8:122:344:c0:0:aa00::"}, []string{"2001:db8:122:344::/64"}},
		{[]string{"2001:db8:c000:aa::", "64:ff9b::c000:ab"}, []string{"2001:db8::/32", "64:ff9b::/96"}},
		{[]string{"2001:db8:c000:aa::c000:ab"}, nil}, // two places: RFC 7050 §3
		{[]string{"2001:db8::1"}, nil},
		{[]string{"192.0.0.170"}, nil},
		{nil, nil},
	} {
		var answers []netip.Addr
		for _, a := range c.answers {
			answers = append(answers, addr(a))
		}
		got := path.Prefixes(answers)
		same := len(got) == len(c.want)
		for i := range got {
			same = same && got[i] == prefix(c.want[i])
		}
		if !same {
			t.Errorf("%v: %v, wanted %v", c.answers, got, c.want)
		}
	}
}

func TestEveryLengthIsFoundAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var raw [16]byte
		copy(raw[:], rapid.SliceOfN(rapid.ByteRange(1, 100), 12, 12).Draw(t, "prefix"))
		raw[8] = 0
		bits := rapid.SampledFrom([]int{32, 40, 48, 56, 64, 96}).Draw(t, "bits")
		p := netip.PrefixFrom(netip.AddrFrom16(raw), bits).Masked()
		a, err := path.Synthesise(p, addr("192.0.0.171"))
		if err != nil {
			t.Fatal(err)
		}
		if got := path.Prefixes([]netip.Addr{a}); len(got) != 1 || got[0] != p {
			t.Fatalf("%s became %s, of which %v was read", p, a, got)
		}
	})
}

func w6(list ...string) (all []netip.Prefix) {
	for _, s := range list {
		all = append(all, prefix(s))
	}
	return all
}
