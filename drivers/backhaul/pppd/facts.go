package pppd

import (
	"net/netip"
	"regexp"
	"slices"
	"time"
)

// facts are what pppd's words and the kernel tell of a link.
type facts struct {
	local, peer netip.Addr
	dns         []netip.Addr
	inner       bool // IPv6 has its link-local address
	last        string
	first       time.Time // when the first of them came; zero while none has
	latest      time.Time // when the newest came
	named       bool      // the second name server was told, after which IPv4 has no more to say

	global []netip.Prefix // IPv6, from the kernel
	mtu    int
}

// words are pppd's own, the same in 2.4 and 2.5 (ipcp.c and ipv6cp.c).
var words = regexp.MustCompile(`^(local|remote|primary|secondary) +(IP|DNS|LL) address ([0-9a-fA-F.:]+)$`)

// complaints are lines that say why it will end.
var complaints = regexp.MustCompile(`(?i)(fail|refus|error|timeout|denied|not permitted|can't|cannot|couldn't|unrecognized|unknown option|no response|loopback|could not|invalid)`)

// trifles are complaints about files that a read-only system does not let it
// write, and that nobody reads.
var trifles = regexp.MustCompile(`pid file|resolv\.conf|database|/etc/ppp`)

// placeholders are what modems name while the network has not named a server yet.
var placeholders = []netip.Addr{netip.AddrFrom4([4]byte{10, 11, 12, 13}), netip.AddrFrom4([4]byte{10, 11, 12, 14})}

// hear takes in a line of pppd.
func (f *facts) hear(line string, now time.Time) {
	m := words.FindStringSubmatch(line)
	if m == nil {
		if complaints.MatchString(line) && !trifles.MatchString(line) {
			f.last = line
		}
		return
	}
	a, err := netip.ParseAddr(m[3])
	if err != nil && m[2] != "LL" {
		return
	}
	if f.first.IsZero() {
		f.first = now
	}
	f.latest = now
	f.named = f.named || m[1] == "secondary"
	switch m[1] + " " + m[2] {
	case "local IP":
		f.local = a
	case "remote IP":
		f.peer = a
	case "primary DNS", "secondary DNS":
		if !slices.Contains(f.dns, a) && !a.IsUnspecified() && !slices.Contains(placeholders, a) {
			f.dns = append(f.dns, a)
		}
	case "local LL":
		f.inner = true
	}
}

const (
	brief   = 500 * time.Millisecond // of silence: a protocol has said all its lines. On a slow box they were 200 ms apart
	routers = 2 * time.Second        // for a router to advertise a prefix
	other   = 3 * time.Second        // for IPv4 after IPv6
)

// up says whether the link is as complete as it will be: IPv4 with its
// servers, and a prefix for IPv6 if that came up too.
func (f *facts) up(now time.Time) bool {
	waited, said := now.Sub(f.first), f.named || now.Sub(f.latest) >= brief
	switch {
	case f.first.IsZero():
		return false
	case !f.local.IsValid():
		return len(f.global) > 0 && waited >= other
	case f.inner:
		return len(f.global) > 0 && said || waited >= routers
	}
	return said
}

// event tells of a link that is up.
func (f *facts) event(name string) Event {
	e := Event{Event: "up", Interface: name, DNS: f.dns, MTU: f.mtu}
	if f.local.IsValid() {
		e.Addresses = append(e.Addresses, netip.PrefixFrom(f.local, f.local.BitLen()))
	}
	e.Addresses = append(e.Addresses, f.global...)
	if f.peer.IsValid() {
		e.Peer = f.peer.String()
	}
	return e
}
