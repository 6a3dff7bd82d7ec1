// Package notice words what is said: templates in English, Polish and Italian,
// fitted into one text message. It is pure; time is part of the facts.
package notice

import (
	"time"

	"heliograph/firmware/event"
)

// Facts are what a notice is about. Fields that a kind does not need stay
// zero; nothing in them needs to be transliterated or short.
type Facts struct {
	Site     string
	Incident int // zero: none
	Kind     event.Kind
	Scope    []string      // names of what is affected, the most telling first
	Verdict  event.Verdict // the newest
	Was      event.Verdict // what ended, for an all-clear; what it was, for an update
	Title    string        // an operator's words, or a sentence about the box
	Opened   event.Stamp   // when it began: for an outage the first failed round
	Now      event.Stamp
	By       string   // who acknowledged, opened, cancelled or said it
	Others   []string // also down, or for an all-clear: still down
	Unasked  bool     // the recipient is not asked to acknowledge (partners, or somebody has it)
	Board    Board    // for the self-test

	// What letters say besides.
	Key      string   // "waw-12/7": the incident's name outside
	Telling  int      // counts what is told of it outside
	Regions  []string // what the scope serves, in the configuration's words
	Critical bool     // every uplink is down
	Carrier  Carrier
	Peers    Peers
	OwnASN   uint32
	CallBack string    // telephone of the duty desk
	Brand    string    // who writes, as subscribers know them; empty: the site's name
	ETR      time.Time // when it is expected to end; zero: not known
	Drill    bool      // nothing of it is real
	Promised bool      // the news is when it is expected to end
	Plan     Plan      // of an Asking
	Duty     Duty      // of a Duty
	Work     Work      // planned work
	Overran  int       // the planned work that left it down; zero: none
	Trial    *Trial    // of a Selftest

	Rehearsal Rehearsal // of a Rehearsed
	Sum       event.Sum // of a Closed
	Digest    Digest    // of a Digest

	First   event.Kind     // of its first notice, from which its title is made: down, degraded, unwell or opened; empty: guessed
	Acked   string         // who has it; empty: nobody
	Zone    *time.Location // of the site, said beside UTC; nil: UTC only
	Private []string       // people, uplinks, interfaces, carriers: an operator's words that name one are not for the public
}

// Carrier is who sells an uplink.
type Carrier struct {
	Name             string
	ASN              uint32
	Circuit, Account string // as the carrier calls them
}

// Peers are the addresses at both ends of an uplink.
type Peers struct{ Ours, Theirs string }

// Board is what the box knows of itself: for STATUS and the self-test.
type Board struct {
	Subjects []Line // uplinks and services, as configured
	Open     []Item // open incidents, oldest first
	Modems   []Modem
	Queue    int       // deliveries that wait
	Dead     int       // deliveries given up since the last self-test
	LastSend time.Time // box time of the last text that the network took; zero: never
	Restart  Restart   // zero: it never ran before
	Faults   []string  // the box's own trouble: "disk full", "probes follow the main table"
	Remarks  []string  // orders in force that are no fault: "MUTED until 06:02Z by ada"
}

// Restart is when the box began to run, and why it did not before.
type Restart struct {
	At    event.Stamp
	Cause event.Cause
}

// Line is one uplink or service with its verdict.
type Line struct {
	Name    string
	Verdict event.Verdict
}

// Item is one open incident.
type Item struct {
	Number int
	Scope  []string
	By     string // who acknowledged it; empty: nobody

	// For whoever takes over.
	Told int       // addresses that were told
	ETR  time.Time // when it is expected to end; zero: nothing was promised
}

// Plan is a mass notice, or something else that needs a yes, before anybody
// hears of it.
type Plan struct {
	What         string // "tell", "say", "reboot", "open" or "widen"
	Mails, Texts int    // readers by mail and by text
	Parts        int    // of each text
	Takes        time.Duration
	Workers      []string
	Cost         string    // "8.24 EUR"; empty: no price is known
	Over         int       // so many texts are beyond the SIMs' limit
	Two          bool      // two people must say yes
	Text         string    // of "say"
	Code         string    // the recipient's own
	Where        []string  // whom of the subscribers
	Taken        time.Time // wall time of their list
	List         string    // its version
	Sends        time.Time // box time at which it goes out without an answer; zero: it does not
	brief        int       // so many of the less important words are left out
}

// Duty is a change of who is on call.
type Duty struct {
	Rota     string
	Who, Was []string
	Until    time.Time // wall time; zero: for good
	Open     []Item
}

// Called is a step of the escalation as WHO tells it.
type Called struct {
	Who   []string
	After time.Duration
}

// Modem is one worker's health, as event.WorkerChanged told it.
type Modem struct {
	Name                      string
	Fit                       bool
	State                     string // "ready", "port lost"
	Operator, Network, Signal string
}
