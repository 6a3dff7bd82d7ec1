// Package event is the vocabulary of the house: what can happen (Fact), when
// it happened (Stamp), and what follows from it (Effect). It has no behaviour.
//
// Facts come from the shells (watch, dispatch, schedule, control, the modem's
// inbox); the engine stamps them and hands them to decide.Rules.Step, whose
// Effects it commits before anything is said aloud.
package event

import "time"

// Event is one fact with its instant and its chance.
type Event struct {
	Stamp
	Queue Queue  // what the outbox held as the fact was taken in
	Audit string // the head of the audit log: its first eight hex digits; empty without entries
	Fact  Fact
}

// Queue is the outbox in three numbers.
type Queue struct {
	Waiting int // pending, or being sent
	Unsure  int // may have arrived
	Failed  int // dead letters not yet archived
}

// Stamp is when the engine took a fact in. Pure code knows no other time.
type Stamp struct {
	Box     time.Time // box time: last value on disk plus the monotonic clock, never back
	Wall    time.Time // what a clock on the wall says, UTC
	Trusted bool      // whether Wall may be believed
	Nonce   uint64    // chance, for jitter and codes
}

// Fact is what happened. The set is sealed.
type Fact interface{ fact() }

// Booted is the first fact of every run.
type Booted struct {
	Version  string
	SetAside string // where a broken store was put; empty if the store was sound
	Why      string // why it was set aside
	Fresh    bool   // the data folder was empty
}

// Reloaded says that the rules given to this Step are new. Step compares them
// with the state: what is watched no more closes.
type Reloaded struct{}

// Ticked says that State.Wake has come.
type Ticked struct{}

// ClockSet says that the wall clock stepped or gained or lost its trust.
type ClockSet struct {
	Why   string        // "network time", "kernel clock synchronised", "stepped by -2 h"
	Ahead time.Duration // how far box time was moved forward for the time the box was dark
}

// Probed is one round of an uplink's or service's probes.
type Probed struct {
	Subject string // name of the uplink or service
	Results []Result
}

// Result is what one probe saw.
type Result struct {
	Probe string        // as an operator would name it: "icmp 9.9.9.9", "gateway", "link"
	Kind  ProbeKind     // decides what a failure says about the place of the fault
	OK    bool          // the check passed
	RTT   time.Duration // how long the answer took; zero without one
	Seen  string        // short exact words: "no answer in 1.8 s", "connection refused"
	Local bool          // failed on this box (no route, no permission), not beyond it
}

// ProbeKind is the sort of a check.
type ProbeKind string

// The kinds of checks. Link and Gateway are implied by an uplink's interface
// and gateway; they place a fault, and never count towards the quorum.
const (
	Link    ProbeKind = "link"
	Gateway ProbeKind = "gateway"
	ICMP    ProbeKind = "icmp"
	TCP     ProbeKind = "tcp"
	DNS     ProbeKind = "dns"
	HTTP    ProbeKind = "http"
)

// Texted is an operator's or stranger's whole text, parts joined.
type Texted struct {
	Worker string // the modem it came in by
	From   string // as the network gave it
	Text   string
	Sent   time.Time // the SMSC's time stamp; zero if unreadable
}

// Rang is a call that nobody answered: the box hangs up.
type Rang struct {
	Worker string
	From   string // empty if withheld
}

// Ordered is a command given on the box itself, over the control socket.
type Ordered struct {
	Ask  uint64 // ties the Answer to the asker
	By   string // who, as the kernel told: "root", "uid 1000"
	Text string // the same vocabulary that operators text
}

// Outcome is what became of a delivery; it carries the row's facts, so that
// Step looks nothing up.
type Outcome struct {
	Row
	Ending
}

// Row is a delivery's facts as the outbox knows them.
type Row struct {
	Delivery  uint64
	Notice    uint64
	Incident  int
	Audience  string
	Kind      Kind
	Class     Class
	Recipient Recipient
	Worker    string
	Tries     int       // attempts so far, this one included
	Again     bool      // the attempt was a marked repeat
	Queued    time.Time // box time it was first queued
	Expires   time.Time // box time
	Parts     int       // parts the network has taken so far
	Path      string    // of a worker that needs the Internet: what it went by, Primary or a backhaul's name
}

// Primary is the path of the box's own main routing table.
const Primary = "primary"

// Ending is the end of one attempt, or a later report about it.
type Ending struct {
	Fate   Fate
	After  time.Duration // with Retry: not sooner than this
	Code   string        // the network's own code
	Advice string        // what an operator can do
	Device bool          // the worker's trouble, not the recipient's: no try is counted
	// Congested says that the network is overloaded: whoever can wait should.
	Congested bool
	Cut       bool   // with Unsure: the box itself stopped while sending
	Ref       string // the network's reference, for the timeline
	Parts     []Part // with Taken: what the network took
}

// Fate is how an attempt ended.
type Fate string

// Fates: the first four end an attempt; Delivered and Undelivered are later
// reports; Expired is a row whose time ran out before it was sent.
const (
	Taken       Fate = "taken"
	RetryLater  Fate = "retry"
	Never       Fate = "never"
	Unsure      Fate = "unsure"
	Delivered   Fate = "delivered"
	Undelivered Fate = "undelivered"
	Expired     Fate = "expired"
)

// Cleared says that an incident's last all-clear has its outcome.
type Cleared struct {
	Incident int
}

// SelftestDue says that the schedule asks for the periodic proof of life.
type SelftestDue struct {
	Scheduled time.Time // the wall time it was due at
	CatchUp   bool      // found overdue after a start or a step of the clock
}

// WorkerChanged is a modem's or account's health as its driver sees it.
type WorkerChanged struct {
	Worker   string
	Channel  string
	Fit      bool   // may carry deliveries now
	Gone     bool   // is in the configuration no longer: nobody misses it
	State    string // "ready", "registering", "wrong PIN", "port lost"
	Why      string
	Advice   string
	Operator string
	Signal   string // "-71 dBm"
	Network  string // "LTE home"
}

// Limited says that a worker has used up a limit of its own.
type Limited struct {
	Worker  string
	Max     int           // parts in the window
	Reserve int           // so many of them are kept for the most urgent
	Window  time.Duration // box time
	Class   Class         // the most urgent class that has to wait
	Free    time.Time     // box time at which the first of it can go
}

// Restarted says why the appliance was not running before.
type Restarted struct {
	Cause  Cause
	Detail string // what is known besides: "the engine stood still for 40 s"
}

// Cause is why the appliance stopped the last time.
type Cause string

// Causes of a restart.
const (
	ByPower    Cause = "power"    // the box was switched off without a word
	ByWatchdog Cause = "watchdog" // its engine stood still
	ByCrash    Cause = "crash"    // the program ended, the box ran on
	ByUpdate   Cause = "update"   // a new version took over
	ByOrder    Cause = "order"    // somebody, or the box itself, asked for it
)

// Pressed is the button on the box.
type Pressed struct {
	Held bool // for three seconds
}

// Fetched is what a Fetch has found.
type Fetched struct {
	Fetch
	Lines []Line       // FetchLog: the newest last
	Dead  []Dead       // FetchDead: the newest first
	Told  map[int]int  // FetchTold: by incident
	Sum   Sum          // FetchSum
	Row   *Row         // FetchRow; nil: there is no such delivery
	Text  string       // FetchRow: as it was to be said
	Is    Status       // FetchRow
	List  List         // FetchMass, FetchLine
	Of    []Subscribed // FetchLine
	Heard bool         // FetchLine: an open incident has told the number as a subscriber's
}

// List is the list of subscribers that was looked up.
type List struct {
	Version     string    // empty: there is none
	Taken       time.Time // wall time at which it was read at its source
	Subscribers int       // in the scope
	SMS, Mail   int       // different numbers and addresses that a notice would go to
	Alone       int       // of Mail, those of whoever gets no text
	Silent      int       // who can be told by neither
	Why         string    // why it cannot be read
}

// Subscribed is one line of whoever has a number.
type Subscribed struct {
	Code     string
	Names    []string // region, municipality, box, uplink, line and tags
	Language string
	Stopped  bool // wants to be told nothing
}

// Line is one line of a timeline.
type Line struct {
	Box, Wall  time.Time
	Trusted    bool
	What, Text string
}

// Dead is a delivery that was given up.
type Dead struct {
	ID        uint64
	Incident  int
	Kind      Kind
	Recipient string
	Code      string
}

// SitePower is what the power-fail input says.
type SitePower struct {
	Lost bool
}

// Acted says that the box did something to mend itself.
type Acted struct {
	Worker string // for which worker
	Text   string // a sentence
}

// Linked says how a backhaul stands: a cellular connection of the box's own.
type Linked struct {
	Backhaul string
	Up       bool   // it is connected and was seen to work
	State    string // "idle", "dialling", "up", "no carrier", "portal"
	Why      string // what is known besides
	Advice   string
	Took     time.Duration // from the order to the first byte through, with Up
	RTT      time.Duration // of the check, with Up
	Failed   bool          // an attempt has failed: another backhaul may be tried
}

// Spent says how much of a backhaul's budget is used up. It is told at each
// threshold, and when a new period begins.
type Spent struct {
	Backhaul    string
	Used, Limit int64 // bytes
	Percent     int   // the threshold that was passed: 50, 80, 100; zero: a new period has begun
	Kept        bool  // what is left is the reserve: only operators' channels and all-clears may use it
	Out         bool  // nothing is left
}

// Proved is what the test of a backhaul has shown.
type Proved struct {
	Backhaul string        `json:"backhaul"`
	Took     time.Duration `json:"took,omitempty"`  // from the order to the first byte through
	RTT      time.Duration `json:"rtt,omitempty"`   // of the check
	Bytes    int64         `json:"bytes,omitempty"` // both ways, of the whole test
	Channels []Checked     `json:"channels,omitempty"`
	Why      string        `json:"why,omitempty"` // why it could not be tested; empty: it was
}

// Checked is one channel's proof.
type Checked struct {
	Name string        `json:"name"`
	Took time.Duration `json:"took,omitempty"`
	Why  string        `json:"why,omitempty"` // why it failed, with what to do; empty: it works
}

// Needs says that somebody on the LAN needs the Internet, such as the proxy's
// users.
type Needs struct {
	Who string
	Is  bool
}

// OnlineWaits says whether something waits for a path to the Internet, and
// how urgent the most urgent of it is.
type OnlineWaits struct {
	Is    bool
	Class Class
	Over  string // the backhaul that something is being sent over; empty: none
}

// Faults are all that does not work on this box as it is configured, in short
// words for STATUS and the self-test. The newest list replaces the one before.
type Faults struct{ List []string }

// Unwell is trouble of the box itself that is not a probe's or a worker's.
type Unwell struct {
	What string // "disk full"
	Over bool   // the trouble has passed
}

func (Booted) fact()        {}
func (Reloaded) fact()      {}
func (Ticked) fact()        {}
func (ClockSet) fact()      {}
func (Probed) fact()        {}
func (Texted) fact()        {}
func (Rang) fact()          {}
func (Ordered) fact()       {}
func (Outcome) fact()       {}
func (Cleared) fact()       {}
func (SelftestDue) fact()   {}
func (WorkerChanged) fact() {}
func (Unwell) fact()        {}
func (Faults) fact()        {}
func (Restarted) fact()     {}
func (Pressed) fact()       {}
func (SitePower) fact()     {}
func (Fetched) fact()       {}
func (Acted) fact()         {}
func (Limited) fact()       {}
func (Linked) fact()        {}
func (Spent) fact()         {}
func (OnlineWaits) fact()   {}
func (Proved) fact()        {}
func (Needs) fact()         {}
