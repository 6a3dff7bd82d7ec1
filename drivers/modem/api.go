package modem

import (
	"context"
	"errors"
	"io"
	"time"

	"heliograph/drivers/delivery"
)

// Options of one modem.
type Options struct {
	Name string                             // as the configuration calls it, such as "lte0"
	Open func() (io.ReadWriteCloser, error) // opens the AT port; called again after it was lost. ErrGone in its error: no such port is there

	// Other, if set, opens another AT port of the same modem; it is used when
	// the first stays silent.
	Other func() (io.ReadWriteCloser, error)

	// The last steps of recovery, in their order; nil where there is none.
	// Replug takes the modem off its bus and back, Power cuts its power and
	// returns when it is on again, Restart restarts the box. An error says why
	// a step was not taken; it is told, and the next one is taken in its time.
	Replug, Power, Restart func(context.Context) error

	// Acted, if set, hears of every step of recovery in a sentence.
	Acted func(string)

	PIN      string // SIM PIN, four to eight digits; empty sends none
	MinTries int    // send the PIN only with this many tries left; zero is 2
	SMSC     string // service centre, used only if the SIM names none or another; empty leaves the SIM's
	Country  int    // calling code that national senders are completed with, such as 48; zero leaves them

	Built  time.Time // no time before this is believed of a modem's clock; zero is the beginning of 2024
	Memory Memory    // what must survive a restart; nil forgets
	Inbox  Inbox     // who is told; required

	// Late, if set, hears of a part that the network took after all, when its
	// answer came after Send had ended as unsure. It may be called from any
	// goroutine and must not call the modem.
	Late func(job uint64, part delivery.Part)

	// Trace hears every line of the dialogue: PINs and passwords masked, texts
	// as `<pdu 31 octets to …777 #ab12cd>` with the number hashed and salted
	// per process, the digits of what the network says in words as #. It must
	// be quick; nil for none. Modem.Traced keeps the last of them.
	Trace        func(string)
	TraceNumbers bool         // show telephone numbers in full in the trace
	Log          func(string) // what an operator may want to know, one sentence; nil for none
}

// Memory keeps a few small values by name across restarts.
type Memory interface {
	Load(name string) ([]byte, error)      // nil if there is none
	Store(name string, value []byte) error // returns after the commit; nil removes
}

// Inbox is told what comes in. Message, Report and Call return after what
// they were told is committed: only then does the modem lose its copy. An
// error keeps the copy, and it is offered again within a minute. The same
// PDU may be offered twice (after a crash, or when the network repeats
// itself); Hash tells. Two goroutines may call at the same time. No method may
// call the modem's Send or Describe.
type Inbox interface {
	Message(context.Context, Message) error
	Report(context.Context, Report) error
	Call(ctx context.Context, number string) error // once per call, however long it rings; "" if withheld
	Health(Health)                                 // on every change
	NetworkTime(t time.Time, source string)        // source is "NITZ" or "CCLK"
}

// Message is one PDU that came in: a text, or one part of one.
type Message struct {
	From         string    // "+" and digits if international, else the digits or the name as sent
	Alphanumeric bool      // From is a name that nobody can answer
	At           time.Time // the service centre's time stamp (TP-SCTS); zero if it was unreadable
	Text         string    // decoded; empty for 8-bit data
	Data         []byte    // 8-bit data (DCS), such as a WAP push; never a command
	Class        int       // 0 flash, 1 to 3; -1 if none is given
	PID          byte      // TP-PID; 0x40 is a silent message

	// Of a part (3GPP TS 23.040 §9.2.3.24.1): the chain's reference, how many
	// parts there are, and which one this is, from 1. Total is 0 for a whole text.
	Reference, Total, Seq int
	Wide                  bool // the reference has 16 bits

	Centre string   // the service centre it came from, as a hint only
	Hash   [32]byte // of sender, time stamp, coding, header and data
	PDU    []byte   // as the modem gave it, service centre first
	Reason string   // why it could not be decoded; empty if it could
}

// Outcome is what a status report says.
type Outcome string

// Outcomes (3GPP TS 23.040 §9.2.3.15).
const (
	Delivered Outcome = "delivered" // the phone has it, or the centre passed it on
	Trying    Outcome = "trying"    // not yet; the centre goes on
	Failed    Outcome = "failed"    // it will not arrive
)

// Report is a status report. It may come before Send has returned the
// reference it names, so one that fits nothing must be kept for ten minutes.
type Report struct {
	Reference int       // what Part.Reference of the receipt says; wraps at 255
	To        string    // the recipient, in the form of Message.From
	At        time.Time // when the centre took the text (TP-SCTS)
	Discharge time.Time // when the phone got it, or the last try
	Status    byte      // TP-ST
	Outcome   Outcome
	Meaning   string // Status in words
	PDU       []byte
}

// State of the modem in one word or two.
type State string

// States, from nothing to ready.
const (
	Starting    State = "starting"
	PortLost    State = "port lost"
	Silent      State = "silent" // the port is open and nothing answers
	NoSIM       State = "no SIM"
	PINNeeded   State = "PIN needed" // none is configured, or too few tries are left
	PINWrong    State = "PIN wrong"  // refused, or tried once before with no proof that it was right
	PUKNeeded   State = "PUK needed"
	SIMTrouble  State = "SIM trouble"
	Registering State = "registering"
	Denied      State = "denied"
	NoService   State = "no service"        // emergency calls only
	NoCentre    State = "no service centre" // the SIM names none, and a text was refused for it
	NoTexts     State = "no texts"          // registered for data, and texts have no way
	TextMode    State = "text mode"         // it cannot be brought to PDU mode, whatever it says
	Ready       State = "ready"
)

// Health is how the modem is.
type Health struct {
	Fit    bool // a text given to Send now would go out
	State  State
	Why    string // one sentence; empty if Ready says it all
	Advice string // what the operator can do; empty if nothing

	Registration string // "home", "roaming", "searching", "denied" …
	Access       string // "2G", "3G", "LTE", "5G"; empty if unknown
	Operator     string
	Signal       int // dBm; 0 if unknown

	Maker, Model, Firmware, IMEI string
	ICCID, SMSC                  string
	Used, Total                  int    // texts stored in the modem, and room for them
	Notices                      string // how the modem tells of texts: "CNMI 2,1,0,2,0" or "polling"
}

// Description is what a modem can do and says, for the first minute with new hardware.
type Description struct {
	Health
	Tries    int               // PIN tries left; -1 if the modem does not tell
	Storage  string            // where texts are kept: "ME" or "SM"
	CanCNMI  string            // what it offers
	Clock    time.Time         // its own; zero if unknown
	Said     map[string]string // the raw answers, by command
	Persona  Persona           // what it was found to be and do
	Texts    string            // how texts could travel, where that is in doubt; empty if not
	Levers   []string          // what to try then, in order
	Refused  []string          // bring-up steps it refused
	Warnings []string          // what an operator should look at
}

// errs that end a bring-up or a session.
var (
	// ErrGone says that the modem's port is not there at all.
	ErrGone = errors.New("the port is gone")

	errClosed = errors.New("the modem has been stopped")
)
