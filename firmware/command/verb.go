package command

import "time"

// Verb is what a sender wants.
type Verb string

// Verbs. Code is a text that is nothing but a call-back code.
const (
	Ack     Verb = "ACK"
	Nack    Verb = "NACK"
	Status  Verb = "STATUS"
	Sig     Verb = "SIG"
	Queue   Verb = "QUEUE"
	Who     Verb = "WHO"
	Log     Verb = "LOG"
	Mute    Verb = "MUTE"
	Unmute  Verb = "UNMUTE"
	Maint   Verb = "MAINT"
	Open    Verb = "OPEN"
	Link    Verb = "LINK"
	Cancel  Verb = "CANCEL"
	Say     Verb = "SAY"
	ETR     Verb = "ETR"
	Scope   Verb = "SCOPE"
	Clear   Verb = "CLEAR"
	Hold    Verb = "HOLD"
	Go      Verb = "GO"
	Approve Verb = "APPROVE"
	Deny    Verb = "DENY"
	Resend  Verb = "RESEND"
	Test    Verb = "TEST"
	Drill   Verb = "DRILL"
	LTE     Verb = "LTE"
	Proxy   Verb = "PROXY"
	Balance Verb = "BALANCE"
	Swap    Verb = "SWAP"
	Take    Verb = "TAKE"
	Reboot  Verb = "REBOOT"
	Erase   Verb = "ERASE"
	Help    Verb = "HELP"
	Stop    Verb = "STOP"
	Start   Verb = "START"
	Code    Verb = "CODE"
)

// Command is an understood text. What a verb does not take is zero.
type Command struct {
	Verb   Verb
	Number int           // incident; zero when none was named
	Other  int           // LINK: the second incident; ACK 7 8: the 8
	Scope  []string      // OPEN: one; SCOPE, MAINT: what it is about, as written
	Text   string        // OPEN, SAY, MAINT: the rest, as written but on one line
	Word   string        // LTE, PROXY: on, off, auto. TEST: "", modem, mail, page, all. MAINT: start, end. APPROVE: "", mail, sms. DRILL: "", end. HELP: the verb asked about, or More
	For    time.Duration // MUTE, MAINT start; zero when not given
	At     Clock         // ETR
	Code   string        // APPROVE, DENY: the plan's code, upper case hex; Code: the digits
	ID     uint64        // RESEND: the delivery
	Person string        // SWAP: with whom, as written
	Phone  string        // ERASE: "+" and 8 to 15 digits

	// Order is the command in one canonical form, which parses to the same
	// command: to bind a code to it, for the log and the audit. The number of
	// ERASE is in full (the caller masks it); the digits of Code are left out,
	// for codes are never logged.
	Order string
}
