// Package at speaks AT command lines over any io.ReadWriteCloser: a serial
// port, a pseudo terminal, or a pipe to an emulated modem.
//
// A Wire has one goroutine that owns it. Callers hand it a Command and wait;
// the owner writes one command at a time, in order of priority, and sorts
// every line the modem prints into the answer of that command, an
// unsolicited result code (URC), an echo, or noise. URCs reach the owner of
// the wire in order, through a bounded queue that may forget a signal
// strength but never a text, a report or a ring.
//
// A command that is given up (its time is over, or its context ends) leaves
// the wire dirty: its answer may still come and must not be taken for the
// next one's. The wire then makes itself clean again by a probe whose answer
// can be recognised. If that fails twice the wire closes with
// ErrUnresponsive, and the owner opens the port anew. A closed wire stays
// closed.
//
// The clauses are those of 3GPP TS 27.005 and 27.007 and ITU-T V.250.
package at
