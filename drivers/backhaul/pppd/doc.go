// Package pppd is the end of a call that runs as root. A connection to its
// socket is a call: Serve dials on the modem's data port, runs Debian's pppd
// on it, tells what happens in lines of JSON (Event), and hangs up when the
// caller closes the connection, or its own writing half of it.
//
// pppd wants more rights than the hardened appliance may have, so Answer takes
// calls in a unit of its own that systemd starts when one comes; on the image the
// first process starts it. One unit has one port and one call at a time.
//
// The order on the wire: AT until somebody answers (a modem that a dead run
// left in data mode is fetched back with +++), echo off, the context, ATD,
// CONNECT. Then pppd has the port. Serve keeps it open beside pppd, so that
// the modem sees no hang-up in between, and lowers DTR at the end.
package pppd
