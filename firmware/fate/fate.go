// Package fate judges whether the spare path shares the fate of the primary
// one: whether what the box needs in an outage lies in the operator's own
// network, hangs on a watched uplink only, or is sold by the carrier that has
// just failed. It is pure: names are looked up and routes read by others.
package fate

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Use is what a host is needed for.
type Use string

// Uses of a host.
const (
	Relay Use = "relay" // takes our mail
	Page  Use = "page"  // where the public page is written
	Read  Use = "read"  // where the public reads it
	Chat  Use = "chat"  // the war room, push services
	Hook  Use = "hook"  // takes incidents as JSON
	Beat  Use = "beat"  // the dead man's switch
	Desk  Use = "desk"  // what the duty desk opens through the proxy
	Proof Use = "proof" // the page that shows that a backhaul works
	Clock Use = "clock" // a time server
	Asked Use = "asked" // the name server of a probe
)

// trait is what follows when a host of some use is lost with the network.
type trait struct {
	lost string // what happens then
	cure string
	note bool // it is worth a word, and no alert goes missing
}

var traits = map[Use]trait{
	Relay: {lost: "it fails with your network", cure: "use a relay outside"},
	Page:  {lost: "it fails with your network", cure: "use one that is hosted outside"},
	Read:  {lost: "nobody can read it in an outage", cure: "host it outside"},
	Chat:  {lost: "it fails with your network", cure: "use one that is hosted outside"},
	Hook:  {lost: "it hears of an outage afterwards", cure: "send it to one outside too"},
	Beat:  {lost: "it fails with your network, and nobody hears that the box is cut off", cure: "use a service outside"},
	Desk:  {lost: "the duty desk cannot open it in an outage", cure: "have a way to it that does not go through your network"},
	Proof: {lost: "a backhaul that works would not be believed", cure: "name a page outside, or leave check out"},
	Clock: {lost: "it gives no time in an outage", cure: "name one outside too", note: true},
	Asked: {lost: "it answers while the outside is gone", cure: "ask a server outside", note: true},
}

// Host is one that the box needs.
type Host struct {
	Name string // in small letters, without a dot at its end; or an address
	What string // as it is called: "mail relay", "webhook ticketing"
	Use  Use
}

// Inbox is where mail for people on call goes.
type Inbox struct {
	Domain string
	People []string
}

// Line is an uplink and who sells it.
type Line struct {
	Name    string
	Carrier string
	ASN     uint32
}

// SIM is a modem and the mobile network that it is in.
type SIM struct {
	Modem    string
	Operator string // empty: not known yet
	Backhaul string // the data connection that it carries; empty: texts only
}

// Needs are all that the box depends on.
type Needs struct {
	Hosts   []Host
	Inboxes []Inbox
	Lines   []Line
	SIMs    []SIM
}

// Network is what this box knows of where it stands.
type Network struct {
	Own     []netip.Prefix    // the operator's, as configured
	Routes  []Route           // of the main table, without defaults
	Uplinks map[string]string // interfaces that are watched, and the uplink on each
}

// Route is one way of the main table. Several may lead to one prefix.
type Route struct {
	To        netip.Prefix
	Interface string
	Direct    bool // the prefix is on the wire, behind no gateway
}

// Finding is something that the spare path shares with the primary one.
type Finding struct {
	Text  string // a sentence, with what to do
	Brief string // a few words, for a text to a phone
	Note  bool   // good to know; it is not said in texts
}

// Judge says what shares a fate, in the order of what is needed. What is not
// known is not judged.
func Judge(n Needs, known Answers, w Network) []Finding {
	j := judge{known: known, network: w}
	for _, h := range n.Hosts {
		j.host(h)
	}
	j.zones(n.Hosts)
	for _, i := range n.Inboxes {
		j.inbox(i)
	}
	j.carriers(n)
	return j.all
}

type judge struct {
	known   Answers
	network Network
	all     []Finding
}

func (j *judge) say(note bool, brief, format string, args ...any) {
	j.all = append(j.all, Finding{Text: fmt.Sprintf(format, args...), Brief: brief, Note: note})
}

// host judges where one host lies.
func (j *judge) host(h Host) {
	t := traits[h.Use]
	at, ok := j.known.at(h.Name)
	switch {
	case !ok:
		return
	case len(at.Addresses) == 0:
		j.say(t.note, h.What+" has no address", "%s %s does not resolve: there is no such name, or it has no address; mend its zone, or correct it here", h.What, h.Name)
		return
	}
	place, ok := j.network.whole(at.Addresses)
	switch {
	case !ok:
	case place.kind == private && t.note: // a clock on the LAN is a good one
	case place.kind == private:
		j.say(t.note, h.What+" has a private address", "%s is %s, and that is private: no backhaul leads there; %s", j.called(h, at), place.words(), t.cure)
	default:
		j.say(t.note, h.What+" in your network", "%s is %s: %s; %s", j.called(h, at), place.words(), t.lost, t.cure)
	}
}

// called names a host, with what it is another name of.
func (j *judge) called(h Host, at Answer) string {
	words := h.What
	if _, err := netip.ParseAddr(h.Name); err != nil {
		words += " " + h.Name
	}
	if at.Alias != "" {
		words += ", another name of " + at.Alias + ","
	}
	return words
}

// zones judges the name servers of the hosts' zones, each zone once.
func (j *judge) zones(hosts []Host) {
	var told []string
	for _, h := range hosts {
		for _, name := range []string{h.Name, j.known.Hosts[h.Name].Alias} {
			z, ok := j.known.Zones[name]
			if !ok || slices.Contains(told, z.Name) {
				continue
			}
			told = append(told, z.Name)
			if inside, ok := j.inside(z.Servers); ok {
				j.say(traits[h.Use].note, "names of "+z.Name+" in your network",
					"the name servers of %s (%s) are all in your network (%s): nobody finds %s when it is cut off; have one more outside",
					z.Name, listed(z.Servers), inside, h.Name)
			}
		}
	}
}

// inside says whether hosts are known, all of them, to lie inside, and where
// the first one does.
func (j *judge) inside(names []string) (string, bool) {
	where := ""
	for _, name := range names {
		at, known := j.known.at(name)
		place, inside := j.network.whole(at.Addresses)
		if !known || !inside || place.kind == private {
			return "", false
		}
		if where == "" {
			where = place.where()
		}
	}
	return where, where != ""
}

// inbox judges whether people could read their mail in an outage.
func (j *judge) inbox(i Inbox) {
	hosts := j.known.Mail[i.Domain]
	if inside, ok := j.inside(hosts); ok {
		j.say(true, "mail of "+listed(i.People)+" in your network",
			"mail for %s goes to %s, in your network (%s): they cannot read it over that network in an outage; texts reach them, an address outside would too",
			listed(i.People), listed(hosts), inside)
	}
}

func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// fits are so many findings as a self-test text has room for.
const fits = 2

// Brief is all findings that are no notes, in words short enough for a text to
// a phone; empty if there are none.
func Brief(all []Finding) string {
	var words []string
	for _, f := range all {
		if !f.Note && !slices.Contains(words, f.Brief) {
			words = append(words, f.Brief)
		}
	}
	switch n := len(words); {
	case n == 0:
		return ""
	case n > fits:
		return fmt.Sprintf("shared fate: %s and %d more", strings.Join(words[:fits], ", "), n-fits)
	}
	return "shared fate: " + strings.Join(words, ", ")
}
