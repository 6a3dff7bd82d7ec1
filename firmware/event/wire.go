package event

import "time"

// Claim is a delivery that the outbox gave to a worker: the attempt is on
// record, so whatever happens now, it is known that it may have been sent.
type Claim struct {
	Row      Row
	Text     string
	Validity time.Duration // how long the network may keep trying
	Taken    []Part        // parts that an earlier attempt got through
	More     bool          // another is likely to follow at once
	Follows  bool          // this address was told something of the incident before
}

// Part is one piece of a long text that the network took.
type Part struct {
	Number    int
	Of        int
	Chain     int // concatenation reference, the same for all parts
	Reference int // the network's reference, which a status report repeats
	At        time.Time
}

// The facts below come from a worker's wire. The engine settles them against
// the outbox; Step sees what they amount to: Texted or Outcome.

// PartTaken says that the network took one part of a long text, so that only
// the missing ones go again.
type PartTaken struct {
	Delivery uint64
	Part     Part
}

// Received is one message off the modem, part or whole. It is deleted there
// only after this fact is committed; Hash makes a second reading harmless.
type Received struct {
	Worker string
	Hash   string // over sender, time stamp, header and data
	From   string
	Sent   time.Time
	Text   string
	Chain  string // what the parts of one long text have in common; empty: whole
	Number int    // of this part, from 1
	Of     int    // how many parts there are
	Fault  string // why it could not be read; then Text is its raw form
}

// Reported is a status report from the network.
type Reported struct {
	Worker    string
	Hash      string
	Reference int
	To        string
	Delivered bool // the handset has it
	Trying    bool // not yet, the network goes on trying
	Code      string
	At        time.Time // when the network took the text, as the report says; zero if unknown
}

// LatePart says that the network took a part after all, when its answer came
// after the attempt had ended as unsure.
type LatePart struct {
	Worker   string
	Delivery uint64
	Part     Part
}

func (PartTaken) fact() {}
func (LatePart) fact()  {}
func (Received) fact()  {}
func (Reported) fact()  {}
