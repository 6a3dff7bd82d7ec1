// Package emulator is a modem after 3GPP TS 27.005 and 27.007 with an SMSC and
// phones behind it, for rehearsals, for trying things out and for tests.
//
// A Network holds the SMSC and the phones. A Modem is attached to a Network
// with a SIM and a number. Its host end is either an in-memory pipe, which
// works inside testing/synctest bubbles, or a real tty made by a pseudo
// terminal.
//
//	net := emulator.NewNetwork()
//	m, err := emulator.New(emulator.Options{Network: net, Number: "+48600100200"})
//	port, err := m.Open()             // or m.ServePTY()
//	ada := net.Phone("+48501200777")
//	ada.Send("+48600100200", "ack 1") // arrives as +CMTI, +CMT or silently, as CNMI says
//	<-ada.Arrived()                   // what the host sent with AT+CMGS
//
// How it is made: every Network and every Modem has one goroutine, its loop,
// that owns its state; they talk to each other only by posting functions. A
// command line becomes commands, and each command is looked up by name in the
// persona's table and then in the common one. Faults are values that wait in a
// queue for the next command they match; noise is bytes put on the line beside
// everything else.
package emulator
