// Package delivery is what every channel driver and dispatch share: one job
// to carry, the receipt that comes back, and the three fates of a job that
// was not plainly taken.
package delivery

import (
	"context"
	"fmt"
	"time"
)

// Sender carries one delivery to the outside. A nil error means the network
// took it; any other is, by errors.As, an *Error that tells its fate.
type Sender interface {
	Send(ctx context.Context, j Job) (Receipt, error)
}

// Job is one notice to one address.
type Job struct {
	ID       uint64        // the outbox's number of this delivery
	To       string        // the address in the channel's own form; for sms a number as configured
	Text     string        // what is said, final
	Validity time.Duration // how long the network may keep trying; zero leaves it to the network

	// More says that another text for the same worker is likely to follow at
	// once, so that a link may be kept up between the two. It is a hint: a
	// channel that has nothing to gain from it ignores it.
	More bool

	// Taken holds the parts of a multipart text that the network took in an
	// earlier attempt. Only the missing ones go, chained by the same Chain.
	Taken []Part

	// Took, if set, remembers a part of a multipart text before the next one
	// is sent. It returns when the part is durable; an error ends the send as
	// unsure.
	Took func(Part) error

	// What a channel other than sms knows besides. Thread names the
	// conversation: it is the same for everything that is said of one incident
	// to one address, and Follows says that something was said there before.
	Subject string
	Thread  string
	Follows bool
	Path    string // what it goes by: "primary", or a backhaul's name
	Case    *Case  // the incident, for the channels that show one; nil: it is about none

	// Doubtful says that an earlier attempt may have arrived: a channel that
	// can look does so before it acts, and takes what it finds for its receipt.
	Doubtful bool
}

// Part is one piece of a text that the network took.
type Part struct {
	Number    int       // from 1
	Of        int       // how many there are
	Chain     int       // concatenation reference, the same for all parts (3GPP TS 23.040 §9.2.3.24.1)
	Reference int       // message reference the network gave, which a status report repeats
	At        time.Time // when it was taken, by the machine's clock
}

// Receipt is the network's yes. Parts has at least one entry for sms; a mail
// to a group has one for each address that was taken, numbered as they stand
// in Job.To.
type Receipt struct {
	Parts     []Part
	Reference string    // what the other side called it, for the timeline: "250 2.0.0 OK 1763697845", a thread's time stamp
	Refused   []Refusal // addresses of a group that were refused for good while others were taken
}

// Refusal is one address that was refused for good.
type Refusal struct {
	To, Code, Advice string
}

// Fate is what becomes of a job that was not plainly taken.
type Fate int

// The three fates of design §5.
const (
	Retry  Fate = iota + 1 // refused for now; try again, not before After
	Never                  // refused for good
	Unsure                 // no answer came: it may have arrived
)

func (f Fate) String() string {
	switch f {
	case Retry:
		return "retry"
	case Never:
		return "never"
	case Unsure:
		return "unsure"
	}
	return fmt.Sprintf("fate %d", int(f))
}

// Error is a send that was not plainly taken.
type Error struct {
	Fate   Fate
	After  time.Duration // with Retry: not before this long; zero leaves it to the sender's timetable
	Code   string        // the network's own code, such as "CMS 38"; empty if it gave none
	Advice string        // what the operator can do, one short sentence; empty if nothing
	Worker bool          // the trouble is this worker's own (port, SIM, network), not this recipient's: another worker may try at once, and no try is counted

	// Congested says that the network is overloaded (3GPP TS 24.011 Annex E
	// causes 22, 42 and 47, 23.040 §9.2.3.22 cause 192): every text that goes
	// now makes it worse, so whoever paces texts should spread them.
	Congested bool

	Err error
}

func (e *Error) Error() string {
	s := e.Fate.String()
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }
