package screen

import (
	"context"
	"time"
)

// World is the rehearsal that the screen shows and plays on. Its methods may
// be called from any goroutine.
type World interface {
	// Look tells how everything is now. It does not block, and nobody changes
	// afterwards what it returned.
	Look() View

	// Do carries one act out and returns when it is done. What it returns is
	// said to the player: an error tells what to do instead.
	Do(ctx context.Context, a Act) (said string, err error)
}

// View is one moment of the rehearsal. Instants are since it began.
type View struct {
	Site    string
	Elapsed time.Duration
	Scale   float64 // configured durations are divided by it
	Places  bool    // the network is made of namespaces; on loopback a fault has no place

	Box       Box
	Uplinks   []Uplink   // in the order of the configuration
	Incidents []Incident // open ones first, then those that ended, the newest first
	Air       *Air       // the cellular connection; nil: there is none
	Outside   *Outside   // nil: there is nobody
	Queue     []Count    // the outbox by status, in the order of a delivery's life; all of them, also with none
	Modem     Modem
	Phones    []Phone // ada, bob, a subscriber
	Log       []Line  // what was done and seen, the newest last
}

// Box is the appliance.
type Box struct {
	Power    bool // false: the plug is pulled
	Running  bool // the process lives
	Watching bool // it answers on its socket
	Starts   int
	Disk     string // "", or "full"
}

// Uplink is one way out: box, gateway, fibre, upstream router, targets.
type Uplink struct {
	Name, Interface, Gateway string
	Condition                string   // up, degraded, down, unknown; as the box judges
	Place                    string   // where the box says that the fault lies: own port, gateway, upstream …
	Evidence                 string   // "3/3 lost beyond gw …"
	Faults                   []string // what the player broke, in the words of the acts
	Targets                  []Target
}

// Air is the box's own cellular connection.
type Air struct {
	Name, Interface string
	Up              bool
	State, Why      string
	RTT             float64 // milliseconds; 0: not known
	Bytes           uint64  // on the air so far, both ways
	Foreign         int     // conversations that were not the box's own
	Faults          []string
}

// Outside is what is told over the Internet, as those see it who are told.
type Outside struct {
	Mail  []Mailbox
	Page  []Entry // incidents on the status page, the newest last
	Room  []Entry // threads in the war room, the newest last
	Clear bool    // nothing on the page is unresolved
}

// Mailbox is somebody's, with what came last.
type Mailbox struct {
	Name           string
	Count          int
	Subject, First string // First: the first line
}

// Entry is an incident on the page, or a thread in the war room.
type Entry struct {
	Title, Phase string
	Told         int
	Over, Pinned bool
}

// Target is what the probes of an uplink ask.
type Target struct {
	Name string // "icmp 9.9.9.9"
	OK   bool   // as the last probe saw it; as the player left it while the box is dead
}

// Incident is one outage with its timeline.
type Incident struct {
	Number   int
	Subject  string
	Phase    string // open, acknowledged, resolved, closed
	Owner    string // who acknowledged
	Since    time.Duration
	Timeline []Line
}

// Line is a thing that happened.
type Line struct {
	At   time.Duration
	Who  string
	What string
}

// Count is how many deliveries have a status.
type Count struct {
	Status string
	N      int
}

// Modem is the box's modem as it is, and what the box believes of it.
type Modem struct {
	Name, Make string
	Fit        bool
	State, Why string
	Bars       int    // 0 to 5
	Line       string // the newest line on its wire, masked, with its direction: "> AT+CMGS=24"
	Fault      string // what the player did to it, "" if nothing
}

// Phone is somebody's telephone.
type Phone struct {
	Name, Number string
	Texts        []Text // the newest last
}

// Text is one text on a phone.
type Text struct {
	At   time.Duration
	Mine bool // the person wrote it to the box
	Body string
}

// Verb is what a player can do.
type Verb string

// The verbs. Those of the network and the modem undo themselves when they are
// done again.
const (
	Cut       Verb = "cut"        // the fibre of Uplink
	BlackHole Verb = "black hole" // a router upstream of Uplink swallows everything
	Loss      Verb = "loss"       // four packets in ten get lost on the fibre of Uplink
	OneTarget Verb = "one target" // one target of Uplink answers no more
	Flap      Verb = "flap"       // the fibre of Uplink goes and comes a few times by itself
	Gateway   Verb = "gateway"    // the gateway of Uplink loses its power
	OwnPort   Verb = "own port"   // the cable of the box's port towards Uplink is pulled
	Mend      Verb = "mend"       // everything in the network is made whole

	NoCarrier Verb = "no carrier"     // the cellular port has no signal
	Portal    Verb = "captive portal" // the carrier answers in place of everybody

	Hang   Verb = "hang"   // the modem answers nothing any more
	Unplug Verb = "unplug" // its USB cable is pulled
	Fill   Verb = "fill"   // the SIM has no room for texts
	Refuse Verb = "refuse" // the network refuses texts with CMS 38

	Kill     Verb = "kill"      // kill -9; the supervisor starts the appliance again
	Plug     Verb = "plug"      // the box's power plug is pulled, or put back
	FullDisk Verb = "full disk" // nothing can be written any more

	Say   Verb = "say"   // a text from Phone to the box
	Spoof Verb = "spoof" // a text to the box from somebody who only has Phone's number
	Ring  Verb = "ring"  // Phone calls the box and hangs up
	Speed Verb = "speed" // the next of a few scales; the appliance is stopped and started for it
)

// Act is one thing that the player does.
type Act struct {
	Verb   Verb
	Uplink string // of a verb that breaks the network
	Phone  string // a name of View.Phones, or a number: a stranger
	Text   string // what is said
}
