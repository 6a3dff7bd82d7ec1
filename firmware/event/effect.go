package event

import "time"

// Effect is what follows from a fact. The engine carries effects out in their
// order, within the one commit that also keeps the new state. The set is
// sealed.
type Effect interface{ effect() }

// Publish puts a notice in the outbox.
type Publish struct{ Notice Notice }

// Withdraw makes notices void that are not sent yet; what is with a worker
// stays with it. Notices names them; with Incident set, all of that
// incident's notices with a number of UpTo or less are withdrawn instead.
type Withdraw struct {
	Incident int
	UpTo     uint64
	Notices  []uint64
}

// Stand opens, holds or withdraws notices. A withdrawn one stays so.
type Stand struct {
	Notices  []uint64
	Standing Standing
}

// Fetch asks for what only the store knows. Fetched is the answer, within the
// same commit.
type Fetch struct {
	What     Fetching
	Incident int      // FetchLog: whose timeline; zero: the box's own
	Delivery uint64   // FetchRow: which
	Scope    []string // FetchMass: whom
	Less     []string // FetchMass: without these, who were told before
	Number   string   // FetchLine: whose
	Text     string   // FetchLine: what they wrote
	For      Asker
}

// Fetching is what a Fetch asks for.
type Fetching string

// What can be fetched.
const (
	FetchLog  Fetching = "log"  // the last lines of a timeline
	FetchDead Fetching = "dead" // the newest deliveries that failed
	FetchTold Fetching = "told" // how many addresses each open incident's ledger holds as told
	FetchRow  Fetching = "row"  // one delivery and its text
	FetchMass Fetching = "mass" // how many subscribers a scope reaches
	FetchLine Fetching = "line" // the subscribers who have a number
)

// Asker is who waits for an answer: Step fills it in and gets it back.
type Asker struct {
	Name, Address, Language string
	Also                    bool   // the address is a person's second number
	Ask                     uint64 // of an order over the control socket
	Silent                  bool   // nobody hears the answer
}

// OptOut keeps that whoever has a number wants to be told nothing as a
// subscriber, or takes it back.
type OptOut struct {
	Number string // E.164
	Out    bool
}

// Reboot restarts the board, once what is being sent is finished.
type Reboot struct{ By string }

// Close gives a delivery its end.
type Close struct {
	Delivery uint64
	Status   Status
	Code     string
	Advice   string
}

// Retry puts a delivery back in the queue.
type Retry struct {
	Delivery uint64
	At       time.Time // box time
	Again    bool      // it may have arrived before: the next attempt is marked "(again)"
	Uncount  bool      // the attempt does not count as a try
	Code     string
	Advice   string
}

// Note adds a line to an incident's timeline; Incident zero is the box's own
// log book.
type Note struct {
	Incident int
	What     string // one word: opened, told, acked, verdict, resolved …
	Text     string // a sentence for people
}

// Lease says which backhaul is wanted, if any. It is not durable: a start
// decides anew.
type Lease struct {
	Backhaul string // empty: none
	Why      string
}

// Prove has every channel prove itself over a backhaul that is up; Proved is
// the answer.
type Prove struct{ Backhaul string }

// Answer goes back to whoever gave an order over the control socket.
type Answer struct {
	Ask      uint64
	Text     string
	OK       bool // false when the order was refused
	Incident int  // to an Alarmed: which incident it is
}

// Archive keeps an incident's record after it left the state.
type Archive struct {
	Incident int
	Record   []byte // JSON, as `incidents --json` prints it
}

// Audit adds an entry to the audit log, in the commit of what it tells of. No
// field holds a code or a whole number: the rules mask them, and the engine
// does so once more with From.
type Audit struct {
	By     string // the person's name, or "uid 1000" over the socket
	From   string // the number it came from; three digits of it are kept
	Way    string // "text", "call", "socket", "box"
	Order  string // the command as it was understood
	Proof  string // "none needed", "call-back code", "TOTP", "socket", "two people: ada, bob", "failed: …"
	Effect string // a sentence: what came of it
}

// Erase takes a person's number out of everything that the box keeps.
type Erase struct {
	Number string // as a configuration writes it: +48600100123
}

func (Publish) effect()  {}
func (Withdraw) effect() {}
func (Close) effect()    {}
func (Stand) effect()    {}
func (Fetch) effect()    {}
func (Reboot) effect()   {}
func (OptOut) effect()   {}
func (Retry) effect()    {}
func (Note) effect()     {}
func (Lease) effect()    {}
func (Prove) effect()    {}
func (Answer) effect()   {}
func (Archive) effect()  {}
func (Audit) effect()    {}
func (Erase) effect()    {}

// Status is a delivery's state, each a sentence of design §2.
type Status string

// Delivery states.
const (
	StatusPending    Status = "pending"
	StatusSending    Status = "sending"
	StatusUnsure     Status = "unsure"
	StatusSent       Status = "sent"
	StatusDelivered  Status = "delivered"
	StatusFailed     Status = "failed"
	StatusSuperseded Status = "superseded"
)

// Kind is what a notice is about; templates are named after it.
type Kind string

// Kinds of notices.
const (
	Down      Kind = "down"       // an outage, to somebody who was not told of it yet
	Degraded  Kind = "degraded"   // likewise for a degradation
	Unwelled  Kind = "unwell"     // likewise for trouble of the box itself
	Opened    Kind = "opened"     // likewise for an incident opened by hand
	Update    Kind = "update"     // news about it, to those told
	Unstable  Kind = "unstable"   // it flaps: said once
	Reminder  Kind = "reminder"   // it still lasts and nobody acknowledged
	Reopened  Kind = "reopened"   // down again after an all-clear
	AckedBy   Kind = "acked"      // somebody has it, to the others told
	AllClear  Kind = "all-clear"  // it is over
	Cancelled Kind = "cancelled"  // it was a false alarm
	Unwatched Kind = "unwatched"  // it is watched no longer, so no all-clear will come
	Dismissed Kind = "dismissed"  // an operator has closed it while it still fails: nobody says that it works
	Reply     Kind = "answer"     // an answer to an operator's text
	Selftest  Kind = "selftest"   // proof of life
	BoxNews   Kind = "box"        // something about the box that people must know
	PowerLost Kind = "power-lost" // the site is without power: this may be the last text
	PowerBack Kind = "power-back" // it has power again
	Asking    Kind = "approval"   // a plan that waits for a yes, to those who may give it
	Duty      Kind = "duty"       // who is on call from now on
	Nag       Kind = "nag"        // to whoever has an incident: a promised time has passed, or nothing was heard
	Rings     Kind = "ring"       // no words: the telephone of somebody on call rings, because a text does not wake
	Warned    Kind = "warned"     // somebody may be using a number that is not theirs
)

// Class is urgency: lower goes first.
type Class uint8

// Classes, most urgent first.
const (
	FirstWord  Class = 0 // the first word of an incident to each person on call
	Operators  Class = 1
	AllClears  Class = 2 // all-clears to others than operators: they may use the reserve
	Partners   Class = 3
	Subscriber Class = 4
	Proof      Class = 5 // self-tests
)

// Standing is whether a notice may go out.
type Standing string

// A notice's standing.
const (
	Open      Standing = "open"
	Held      Standing = "held" // waits for approval
	Withdrawn Standing = "withdrawn"
)

// Variant picks the wording by what the ledger knows of a recipient.
type Variant string

// Variants. Direct is for the recipients a notice names itself; the others
// are for notices that go to an incident's ledger.
const (
	Direct    Variant = ""
	ToTold    Variant = "to-told"    // was told and not cleared
	ToCleared Variant = "to-cleared" // was told and then cleared
	ToWaiting Variant = "to-waiting" // has a notice queued that was never sent
	ToUnsure  Variant = "to-unsure"  // may not have heard: nothing told was answered for; without it, ToTold
)

// LedgerMark is what a notice does to the ledger row of its recipient.
type LedgerMark string

// What being told this notice means for the ledger.
const (
	Tells    LedgerMark = "tells"
	Clears   LedgerMark = "clears"
	Unmarked LedgerMark = "" // answers, self-tests: no all-clear is owed
)

// Notice is what is said to an audience.
type Notice struct {
	ID       uint64 // rising; given by decide
	Incident int    // zero: none
	Audience string // "oncall", "selftest", "asker", later "partner:NAME", "subscribers"
	Kind     Kind
	Class    Class
	Mark     LedgerMark
	Standing Standing
	Texts    map[Variant]map[string]string // variant -> language -> text
	To       []Recipient                   // named recipients, few
	Ledger   bool                          // and everybody on the incident's ledger for whom a variant exists
	Only     string                        // with Ledger: only rows told for this audience
	But      string                        // with Ledger: without the rows of this part of it
	Except   []string                      // with Ledger: addresses left out
	Mass     *Mass                         // to subscribers, whom the engine takes from the list
	Due      time.Time                     // box time before which it does not go; zero: at once
	Expires  time.Time                     // box time; also handed to the network as validity
}

// Mass is who of the subscribers a notice is for. It is one row, whatever
// their number: the engine expands it little by little.
type Mass struct {
	Version string   // of the list
	Scope   []string // regions, boxes, uplinks, lines and tags; Everybody among them is all
	Only    string   // one channel alone; empty: the best that each of them can receive
	Part    string   // the part of the audience alone that goes by this name; empty: all of it
}

// Everybody is the scope of all subscribers.
const Everybody = "*"

// Recipient is one person's or machine's address on one channel.
type Recipient struct {
	Name     string // "ada"; empty for a bare number
	Channel  string // "sms"
	Address  string
	Language string
	Also     bool      // the person's second number
	Only     string    // the one worker that may carry it; empty: any of its channel
	Due      time.Time // box time before which it does not go; zero: as its notice
}
