package outbox

import "time"

// Status is where a delivery stands.
type Status string

// The statuses of a delivery, each a sentence.
const (
	Pending    Status = "pending"    // written, not tried, or to be tried again
	Sending    Status = "sending"    // claimed by a worker; unknown if we die now
	Unsure     Status = "unsure"     // no answer came; it may have arrived
	Sent       Status = "sent"       // the network took it
	Delivered  Status = "delivered"  // the handset or server confirmed it
	Failed     Status = "failed"     // refused for good, or out of tries or time
	Superseded Status = "superseded" // overtaken by newer truth before it was sent
)

// Statuses lists them all, in the order of a delivery's life.
var Statuses = []Status{Pending, Sending, Unsure, Sent, Delivered, Failed, Superseded}

// Told tells whether a person may have read a delivery with this status.
func (s Status) Told() bool {
	return s == Sending || s == Unsure || s == Sent || s == Delivered
}

// Standing is what may be done with a notice.
type Standing string

// The standings of a notice. Withdrawn is for good.
const (
	Open      Standing = "open"
	Held      Standing = "held"      // waits for an approval or a trusted clock; its deliveries are not claimed
	Withdrawn Standing = "withdrawn" // its pending deliveries are superseded
)

// Effect is what a notice does to the ledger of its incident.
type Effect string

// The effects of a notice.
const (
	Tells   Effect = "tells"  // who gets it has been told and must be cleared
	Clears  Effect = "clears" // the all-clear; it goes only to those told and not yet cleared
	Neither Effect = ""       // answers, self-tests: no ledger
)

// The variants of a notice's text. An incident's follow-up says different
// things to those who know, those who were cleared and those who still wait.
const (
	Direct    = ""           // to recipients named by Address
	ToTold    = "to-told"    // told and not cleared
	ToCleared = "to-cleared" // told, then cleared
	ToWaiting = "to-waiting" // chosen, but not told yet
	ToUnsure  = "to-unsure"  // told, but none of it was answered for: it may not have arrived; without such a text, as to-told
)

// Texts holds what is said: variant, then language, then the text.
type Texts map[string]map[string]string

// Notice is what is said to an audience.
type Notice struct {
	ID         uint64    `json:"-"` // given by the caller, increasing
	Incident   int       `json:"i,omitempty"`
	Kind       string    `json:"k,omitempty"`
	Audience   string    `json:"a,omitempty"` // with FromLedger: only the ledger rows of this audience or of a part of it, see IsOf; empty means all
	But        string    `json:"b,omitempty"` // with FromLedger: not this part of the audience
	Class      uint8     `json:"c"`           // lower is more urgent
	Effect     Effect    `json:"e,omitempty"`
	Texts      Texts     `json:"t,omitempty"`
	Standing   Standing  `json:"s,omitempty"` // Open if empty
	Queued     time.Time `json:"q,omitzero"`
	Due        time.Time `json:"d,omitzero"` // not before; Queued if zero
	Expires    time.Time `json:"x,omitzero"` // zero means never
	FromLedger bool      `json:"l,omitempty"`
	Except     []string  `json:"ex,omitempty"` // with FromLedger: addresses that are left out
	Cursor     []byte    `json:"u,omitempty"`  // how far it is expanded
	Expanded   bool      `json:"n,omitempty"`  // all its deliveries are written
	Directory  string    `json:"v,omitempty"`  // version of the directory that a mass notice is expanded from
	Scope      []string  `json:"sc,omitempty"` // whom of the directory it is for
	Only       string    `json:"on,omitempty"` // of a mass notice: over this channel alone
	Part       string    `json:"p,omitempty"`  // of a mass notice: for this part of the audience alone
	Rest       bool      `json:"r,omitempty"`  // of a mass notice: those who go before others have had their turn
}

// Recipient is one address of one person, subscriber or group.
type Recipient struct {
	Name     string // such as person:ada
	Channel  string // such as sms
	Address  string // in the channel's own form
	Language string
	Due      time.Time // not before; zero leaves it to the call
	Audience string    // whom it stands for in the ledger; empty: the notice's
	Only     string    // the one worker that may carry it; empty: any of its channel
}

// Part is one piece of a text that the network took.
type Part struct {
	Number int       `json:"n"` // from 1
	Of     int       `json:"o"`
	Chain  int       `json:"c,omitempty"` // concatenation reference
	Ref    int       `json:"r"`           // the network's reference, which a report repeats; -1 if it gave none
	At     time.Time `json:"a,omitzero"`  // box time
	Worker string    `json:"w,omitempty"` // filled in by the outbox
	Report Status    `json:"s,omitempty"` // Delivered, Failed, or empty while no report came
}

// Delivery is one notice to one recipient over one channel.
type Delivery struct {
	ID        uint64    `json:"-"`
	Notice    uint64    `json:"n"`
	Incident  int       `json:"i,omitempty"`
	Kind      string    `json:"k,omitempty"`
	Audience  string    `json:"au,omitempty"`
	Class     uint8     `json:"c"`
	Effect    Effect    `json:"e,omitempty"`
	Variant   string    `json:"v,omitempty"`
	Recipient string    `json:"r,omitempty"`
	Channel   string    `json:"ch"`
	Address   string    `json:"a"`
	Language  string    `json:"l,omitempty"`
	Status    Status    `json:"s"`
	Queued    time.Time `json:"q,omitzero"` // first
	Due       time.Time `json:"d,omitzero"`
	Expires   time.Time `json:"x,omitzero"`
	Changed   time.Time `json:"t,omitzero"`
	Claimed   time.Time `json:"cl,omitzero"`  // when its last sending began
	Tries     int       `json:"tr,omitempty"` // sendings that count
	Attempt   int       `json:"at,omitempty"` // sendings in all
	Worker    string    `json:"w,omitempty"`  // the last to send it
	Path      string    `json:"pa,omitempty"` // what its last sending went by, if it needs the Internet
	Pinned    string    `json:"pw,omitempty"` // the one worker that may carry it; empty: any of its channel
	Again     bool      `json:"g,omitempty"`  // its next sending is a repeat and says so
	Parts     []Part    `json:"p,omitempty"`  // taken by the network
	Code      string    `json:"lc,omitempty"` // the last answer's code and advice
	Advice    string    `json:"la,omitempty"`
	Blocker   uint64    `json:"b,omitempty"` // the delivery that it waits for, and that one's notice
	BlockedBy uint64    `json:"bn,omitempty"`
	Queue     bool      `json:"qu,omitempty"` // it waits to be sent: pending, or unsure with a repeat to come
	Spent     []Spent   `json:"sp,omitempty"` // what its sending counted, while it is sending
}

// Final tells whether nothing more will be sent. A final row may still get a
// report.
func (d Delivery) Final() bool { return !d.Queue && d.Status != Sending }

// Told is a row of the ledger: what one address of an incident knows.
type Told struct {
	Incident  int      `json:"-"`
	Channel   string   `json:"-"`
	Address   string   `json:"-"`
	Recipient string   `json:"r"`
	Language  string   `json:"l,omitempty"`
	Audience  string   `json:"au,omitempty"`
	Telling   []uint64 `json:"t,omitempty"`  // deliveries that told, since the last clear; those that failed are taken out
	Before    []uint64 `json:"tb,omitempty"` // those that told before it: they count again if the clear turns out not to have arrived
	Waiting   uint64   `json:"w,omitempty"`  // the newest delivery that should tell and did not yet, pending or overtaken; 0 for none
	Elsewhere bool     `json:"e,omitempty"`  // its owner is told at another address: no try succeeded here
	Cleared   bool     `json:"c,omitempty"`  // the all-clear has gone
	ClearedBy uint64   `json:"cb,omitempty"` // the delivery that last cleared
	Notice    uint64   `json:"n,omitempty"`  // as last told, with the next two
	Variant   string   `json:"v,omitempty"`
	In        string   `json:"in,omitempty"` // language of the text as told
}

// IsTold tells whether this address may have read that there is trouble.
func (t Told) IsTold() bool { return len(t.Telling) > 0 }

// variant chooses what a follow-up says to this address; false means nothing.
func (t Told) variant() (string, bool) {
	switch {
	case t.Cleared:
		return ToCleared, true
	case t.IsTold():
		return ToTold, true
	case t.Waiting != 0:
		return ToWaiting, true
	}
	return "", false
}
