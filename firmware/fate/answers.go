package fate

import (
	"maps"
	"net/netip"
)

// Answers are what name servers said. A name that is missing here was not
// answered for; that says nothing about it.
type Answers struct {
	Hosts map[string]Answer   `json:"hosts,omitempty"` // hosts, name servers and mail hosts, by name
	Zones map[string]Zone     `json:"zones,omitempty"` // by the name of the host in it
	Mail  map[string][]string `json:"mail,omitempty"`  // by domain: the hosts that take its mail
}

// Answer is what a name leads to. Without addresses there is no such host.
type Answer struct {
	Alias     string       `json:"alias,omitempty"` // what it is another name of
	Addresses []netip.Addr `json:"addresses,omitempty"`
}

// Zone is a zone and the names of its servers.
type Zone struct {
	Name    string   `json:"name"`
	Servers []string `json:"servers"`
}

// Empty says whether no name led anywhere: then nobody was there to be asked,
// or somebody who denies everything, as resolvers without a network do.
func (a Answers) Empty() bool {
	for _, h := range a.Hosts {
		if len(h.Addresses) > 0 {
			return false
		}
	}
	return true
}

// Over is a, and what was known earlier of those that nobody answered for.
func (a Answers) Over(earlier Answers) Answers {
	return Answers{Hosts: over(a.Hosts, earlier.Hosts), Zones: over(a.Zones, earlier.Zones), Mail: over(a.Mail, earlier.Mail)}
}

func over[T any](now, earlier map[string]T) map[string]T {
	all := maps.Clone(earlier)
	if all == nil {
		all = map[string]T{}
	}
	maps.Copy(all, now)
	return all
}

// Unanswered are those hosts of which nothing is known.
func (a Answers) Unanswered(hosts []Host) []Host {
	var all []Host
	for _, h := range hosts {
		if _, ok := a.at(h.Name); !ok {
			all = append(all, h)
		}
	}
	return all
}

// at is where a name leads; an address leads to itself.
func (a Answers) at(name string) (Answer, bool) {
	if literal, err := netip.ParseAddr(name); err == nil {
		return Answer{Addresses: []netip.Addr{literal}}, true
	}
	h, ok := a.Hosts[name]
	return h, ok
}

// Of is a without what n does not ask for.
func (a Answers) Of(n Needs) Answers {
	var left Answers
	left.Hosts, left.Zones, left.Mail = map[string]Answer{}, map[string]Zone{}, map[string][]string{}
	for _, h := range n.Hosts {
		for _, name := range []string{h.Name, a.Hosts[h.Name].Alias} {
			left.zone(a, name)
		}
		left.hosts(a, h.Name)
	}
	for _, i := range n.Inboxes {
		if servers, ok := a.Mail[i.Domain]; ok {
			left.Mail[i.Domain] = servers
			left.hosts(a, servers...)
		}
	}
	return left
}

func (a Answers) zone(from Answers, name string) {
	if z, ok := from.Zones[name]; ok {
		a.Zones[name] = z
		a.hosts(from, z.Servers...)
	}
}

func (a Answers) hosts(from Answers, names ...string) {
	for _, name := range names {
		if h, ok := from.Hosts[name]; ok {
			a.Hosts[name] = h
		}
	}
}
