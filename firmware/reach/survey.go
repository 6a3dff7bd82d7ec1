package reach

import (
	"slices"
	"time"

	"heliograph/firmware/event"
)

// survey is what one round says.
type survey struct {
	event.Evidence
	counted       []event.Result // those beyond the gateway, in their order
	link, gateway seen
	allLocal      bool // every failure was on this box
	names         bool // every name lookup failed and everything else passed
	alone         int  // index of the one that failed alone, or -1
	rtt           time.Duration
}

type seen int

const (
	notLooked seen = iota
	works
	fails
)

// listed bounds Evidence.Failing.
const listed = 8

func (r Rule) survey(results []event.Result) survey {
	s := survey{alone: -1, allLocal: true, counted: beyond(results)}
	s.Of = len(s.counted)
	lookups, lookupsLost := 0, 0
	for i, x := range s.counted {
		if x.Kind == event.DNS {
			lookups++
		}
		if x.OK {
			continue
		}
		s.Lost++
		s.alone = i
		s.allLocal = s.allLocal && x.Local
		if x.Kind == event.DNS {
			lookupsLost++
		}
		if len(s.Failing) < listed {
			s.Failing = append(s.Failing, x.Probe+": "+x.Seen)
		}
	}
	s.names = lookups > 0 && lookups < s.Of && lookupsLost == lookups && s.Lost == lookups
	if s.Lost != 1 || s.Of == 1 || s.names {
		s.alone = -1
	}
	s.rtt = median(s.counted)
	return r.near(s, results)
}

// near reads the link and the gateway. A passing probe proves its gateway:
// many gateways drop ping.
func (r Rule) near(s survey, results []event.Result) survey {
	for _, x := range results {
		switch x.Kind {
		case event.Link:
			s.link, s.Link = look(x.OK), words(r.Interface, x)
		case event.Gateway:
			x.OK = x.OK || s.Lost < s.Of
			if !x.OK && x.Local {
				s.Gateway = "gw unknown" // this box could not ask: that places nothing
				continue
			}
			s.gateway, s.Gateway = look(x.OK), words("gw", x)
			s.allLocal = s.allLocal && (x.OK || x.Local)
		}
	}
	return s
}

func look(ok bool) seen {
	if ok {
		return works
	}
	return fails
}

func words(name string, x event.Result) string {
	if name == "" {
		name = x.Probe
	}
	if x.OK {
		return name + " ok"
	}
	return name + " " + x.Seen
}

// beyond is the results that count. They are last or first in practice, so
// that a round is rarely copied.
func beyond(results []event.Result) []event.Result {
	near := func(x event.Result) bool { return x.Kind == event.Link || x.Kind == event.Gateway }
	for len(results) > 0 && near(results[0]) {
		results = results[1:]
	}
	for len(results) > 0 && near(results[len(results)-1]) {
		results = results[:len(results)-1]
	}
	if !slices.ContainsFunc(results, near) {
		return results
	}
	return slices.DeleteFunc(slices.Clone(results), near)
}

// median of the answers of one round; zero without any.
func median(results []event.Result) time.Duration {
	var room [16]time.Duration
	answers := room[:0]
	for _, x := range results {
		if x.OK && x.RTT > 0 {
			answers = append(answers, x.RTT)
		}
	}
	return middle(answers)
}

// middle sorts what it is given.
func middle(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return (d[(len(d)-1)/2] + d[len(d)/2]) / 2
}

// where the fault of a bad round lies. From far to near: something that passed
// proves the gateway and the port; a port without carrier explains all that is
// behind it; failures that are all this box's own say nothing about a path;
// a dead gateway explains everything beyond.
func (r Rule) where(s survey) event.Place {
	switch {
	case s.names:
		return event.PlaceNames
	case s.alone >= 0:
		return event.PlaceTarget
	case s.Lost < s.Of:
		return r.far()
	case s.link == fails:
		return event.PlacePort
	case s.allLocal:
		return event.PlaceBox
	case s.gateway == fails:
		return event.PlaceGateway
	}
	return r.far()
}

// far is upstream of an uplink; a service is on no path that the box knows.
func (r Rule) far() event.Place {
	if r.Service {
		return event.PlaceNone
	}
	return event.PlaceUpstream
}
