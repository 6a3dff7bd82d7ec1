package pppd

import "net/netip"

// Event is one line of JSON to the caller. A call has one dialling, at most
// one up, and one down, which is the last.
type Event struct {
	Event string `json:"event"` // "dialling", "up" or "down"

	// Of up.
	Interface string         `json:"interface,omitempty"`
	Addresses []netip.Prefix `json:"addresses,omitempty"` // ours; IPv4 first
	Peer      string         `json:"peer,omitempty"`      // the other end's IPv4 address; empty if it named none
	DNS       []netip.Addr   `json:"dns,omitempty"`
	MTU       int            `json:"mtu,omitempty"`
	Dialled   float64        `json:"dialled,omitempty"` // seconds until CONNECT
	Took      float64        `json:"took,omitempty"`    // seconds until now

	// Of down.
	Kind   string `json:"kind,omitempty"` // one of the kinds below
	Cause  string `json:"cause,omitempty"`
	Advice string `json:"advice,omitempty"`
	Exit   int    `json:"exit,omitempty"` // of pppd; 0 too if it was not started
}

// Kinds of an end.
const (
	Asked   = "asked"   // the caller hung up
	Gone    = "gone"    // the port is not there
	Silent  = "silent"  // nothing answers on it
	Refused = "refused" // the modem or the network refused; AT+CEER may know more
	Denied  = "denied"  // user and password were refused
	Lost    = "lost"    // it was up
	Broken  = "broken"  // of this box
)
