// Package backhaul brings a cellular data connection up and keeps it up for
// as long as somebody wants it.
//
// A Link is one way to connect: PPP (Debian's pppd in a unit of its own, see
// drivers/backhaul/pppd), Netdev (the modem is a network card: ECM, NCM or
// RNDIS with DHCP) or Interface (somebody else keeps the link up). All three
// say what the other side gave, and change no route: that is the business of
// drivers/backhaul/path.
//
// A Keeper owns one link. It dials when it is wanted, dials again after a
// failure, no sooner than the network likes it (3GPP TS 24.301 §5.5.1.2,
// GSMA TS.34), hangs up after an idle time, and tells every change. What it
// does next is decided by a value, phase, that knows no clock and no link.
package backhaul
