// Package probe tries one thing once and says what it saw: a ping, a TCP
// connection, a name query, a web page, a gateway, a port's own state. Each
// check is bound to an uplink's interface, source and mark, always has a
// deadline, and leaves no goroutine and no descriptor behind.
//
// What each check needs from the system:
//
//	ICMP     net.ipv4.ping_group_range that includes a group of the process
//	         (it holds for IPv6 too), else CAP_NET_RAW
//	TCP, DNS, HTTP   nothing
//	Gateway  CAP_NET_ADMIN to have the neighbour asked anew at each check;
//	         without it an ARP or ND answer counts for up to 55 s, and a ping
//	         answer, where permitted, counts as ever
//	Link, Watch      nothing
//
// A Binding with an Interface needs CAP_NET_RAW on kernels before 5.7 and
// nothing since; one with a Mark needs CAP_NET_ADMIN, or CAP_NET_RAW since
// 5.17. A bound socket still needs a route through its interface: package
// route keeps one for each uplink.
package probe

import (
	"context"
	"net/netip"
	"time"
)

// Patience is the longest that any check runs; an earlier deadline of its
// context wins.
const Patience = 10 * time.Second

// Binding ties a check to one uplink. The zero value follows the main table.
type Binding struct {
	Interface string     // device that carries the packets, such as eth0; empty leaves it to the routes
	Source    netip.Addr // own address to send from; invalid leaves it to the routes
	Mark      uint32     // fwmark on every packet; zero is none
}

// Check is one thing to try.
type Check interface {
	// Run tries once. It returns by the deadline of ctx, or after Patience; a
	// check that pings may take 0.1 s more.
	Run(ctx context.Context) Result
}

// Result is what a check saw.
type Result struct {
	OK    bool
	RTT   time.Duration // from the first packet to the answer that decided; zero unless OK
	Seen  string        // short and exact, for evidence: "no answer in 1.8 s", "HTTP 503, wanted 200"
	Fault Fault         // where a failure lies, as far as one check can know; zero if OK
}

// Fault tells failures apart by how far the check got.
type Fault int

// The faults, from the nearest to the farthest.
const (
	Local   Fault = iota + 1 // failed on this box: no route, no interface, no permission, or stopped
	Name                     // the name of the target did not resolve, so the target was not tried
	Silence                  // nothing came back
	Answer                   // something answered, but not as wanted: refused, a wrong status, NXDOMAIN. The path works
)

func (f Fault) String() string {
	switch f {
	case Local:
		return "local"
	case Name:
		return "name"
	case Silence:
		return "silence"
	case Answer:
		return "answer"
	}
	return "none"
}

// check gives every kind of check its deadline.
type check func(ctx context.Context) Result

func (c check) Run(ctx context.Context) Result {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	return c(ctx)
}

func passed(began time.Time, seen string) Result {
	return Result{OK: true, RTT: time.Since(began), Seen: seen}
}
