package audience

import (
	"slices"
	"strings"
	"time"

	"heliograph/firmware/event"
)

// Group is an audience beside the people who are called: it hears once of an
// incident, then what changes, then that it is over.
type Group struct {
	Name   string // its audience in the ledger: "staff", "partner:wholesale"
	Class  event.Class
	To     []event.Recipient
	Hears  []string      // uplinks, services or regions; empty: all
	After  time.Duration // so long after an incident has opened
	Cap    int           // updates an hour of one incident; zero: all
	Only   []event.Kind  // the kinds of trouble it hears of; empty: all
	Beyond bool          // only of faults that lie beyond this site
}

// The audiences that are groups. Those with a colon are followed by a name.
const (
	Staff   = "staff"    // people of the house, by mail
	Room    = "room"     // the war room
	Machine = "machine"  // whatever else listens
	Pocket  = "push"     // telephones of the house, by push services
	Page    = "public"   // everybody: the status page
	Map     = "ozmap"    // the map that chatbots ask who is hit
	Partner = "partner:" // a partner group
	Carrier = "carrier:" // the desk of who sells an uplink

	Subscribers = "subscribers"       // those who hang on what is hit, from the list
	Awake       = "subscribers:awake" // those of them for whom there are no quiet hours
)

// Reader is whom a group's letters are worded for: its name without what
// follows the colon.
func Reader(group string) string {
	reader, _, _ := strings.Cut(group, ":")
	return reader
}

// ClassOf is how urgent what a group hears is. It follows from the name alone,
// because a group that a reload took away is still owed its all-clear.
func ClassOf(group string) event.Class {
	switch Reader(group) {
	case Staff, Room, "carrier":
		return event.Operators
	case Subscribers:
		return event.Subscriber
	}
	return event.Partners
}

// IsOutside says that a group is not of the house: HOLD keeps words from it.
func IsOutside(group string) bool {
	switch Reader(group) {
	case "partner", "carrier", Page, Map, Subscribers:
		return true
	}
	return false
}

// Outside are the readers that IsOutside is true for.
func Outside() []string { return []string{"partner", "carrier", Page, Subscribers} }

// IsMass says that a group may be many people, of whom approval is asked.
func IsMass(group string) bool { return Reader(group) == "partner" || Reader(group) == Subscribers }

// Split counts a group's addresses by mail and by text. A mail to several
// addresses is one delivery; here each reader counts.
func (g Group) Split() (mails, texts int) {
	for _, r := range g.To {
		switch r.Channel {
		case event.Mail:
			mails += 1 + strings.Count(r.Address, ",")
		case event.SMS:
			texts++
		}
	}
	return mails, texts
}

// Count is how many read what a group is told.
func (g Group) Count() int {
	mails, texts := g.Split()
	return mails + texts
}

// Kin says whether a group hears of what happens to any of these: a subject,
// what hangs on it and whom they serve.
func (g Group) Kin(scope []string) bool {
	return len(g.Hears) == 0 || slices.ContainsFunc(g.Hears, func(h string) bool { return slices.Contains(scope, h) })
}

// Begins says whether trouble of a kind and place is for this group.
func (g Group) Begins(kind event.Kind, place event.Place) bool {
	beyond := place == event.PlaceUpstream || place == event.PlaceGateway
	return (len(g.Only) == 0 || slices.Contains(g.Only, kind)) && (!g.Beyond || beyond)
}

// Group finds a group by name.
func (r Rules) Group(name string) (Group, bool) {
	i := slices.IndexFunc(r.Groups, func(g Group) bool { return g.Name == name })
	if i < 0 {
		return Group{}, false
	}
	return r.Groups[i], true
}

// Channels over which a group of a reader may be reached, those that need a
// path to the Internet.
func Channels(group string) []string {
	switch Reader(group) {
	case Staff, "partner", "carrier":
		return []string{event.Mail}
	case Room:
		return []string{event.Slack}
	case Machine:
		return []string{event.Webhook}
	case Pocket:
		return []string{event.Push}
	case Page:
		return []string{event.Statuspage, event.Site}
	case Map:
		return []string{event.OZmap}
	}
	return nil
}
