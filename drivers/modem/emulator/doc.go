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
//	ada.WhenCalled(emulator.Answers, 5*time.Second) // ATD+48501200777;
//	net.USSD("*101#", "Konto: {credit} PLN")         // AT+CUSD, with net.Credit(1240, 20)
//
// What goes wrong with real modems is staged by number, as the project's field
// guide counts it: Stage(m, 13) lets the next report come before its +CMGS,
// Stage(m, 26, "locked") puts another SIM in, and Cases lists everything with
// its variants. Oddities are messages that break careless receivers. Personas
// are the makes: m.Become(emulator.E3372()), or Options.Persona from the start.
//
// # Scripts
//
// A script is played by Modem.Play, by the order `script FILE`, or from the
// start by ProgramOptions.Script. It hears what the host writes on the first
// port; it runs beside the modem, or takes over and answers in its place.
//
//	# The first text is refused; the port goes while the second is on its way.
//	do fault +CMGS answer="+CMS ERROR: 42"
//	# A pattern in what the host writes: everything up to its end is used up.
//	expect /AT\+CMGS=\d+\r/
//	# Or bytes, and not later than this.
//	expect "\x1a" within 60s
//	expect /AT\+CMGS=\d+\r/
//	# From here on the script answers, here in two reads (split 3: reads of three bytes).
//	take over
//	send "\r\n> " cut 3 pause 300ms
//	expect "\x1a"
//	# The same as: wait 2s, and: send "\r\n+CMGS: 12\r\n"
//	[2s]
//	<< +CMGS: 12
//	# Or: drop eof, drop zero, drop silent; then it stays away until: return
//	drop for 12s
//	hand back
//	# The same as: expect "AT\r"
//	>> AT
//	# Seed 7, fifty lines, so far apart.
//	random 7 50 100ms..2s "^RSSI: 20" "^RSSI: 9"
//	# Or so far ahead: clock +2h
//	clock 1980-01-06T00:00:12Z
//	repeat 3
//	urc "RING" "second line"
//	[4s]
//	end
//
// A comment has a line of its own. do takes every order of `heliograph emulate`;
// help lists them. An expect that is never met is told, with its line and what
// came instead, by Playing.Stop. When a script ends the modem answers again.
//
// How it is made: every Network and every Modem has one goroutine, its loop,
// that owns its state; they talk to each other only by posting functions. A
// command line becomes commands, and each command is looked up by name in the
// persona's table and then in the common one. Faults are values that wait in a
// queue for the next command they match; noise is bytes put on the line beside
// everything else. A modem has two AT ports; while a command runs, the port it
// came from is the modem's current one. A call for data (Options.Carrier) takes
// its port for itself, from CONNECT to NO CARRIER.
package emulator
