package decide

import (
	"maps"
	"slices"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// Peer is another box, whose self-test texts come here.
type Peer struct {
	Name, Number string
	Every        time.Duration // so long none may come
	Told         bool          // our own goes there
}

// peered is what is known of a peer.
type peered struct {
	Last   event.Stamp `json:"last"`             // its latest text; before the first one, when it was first awaited
	Heard  bool        `json:"heard,omitempty"`  // it has sent one
	Missed bool        `json:"missed,omitempty"` // people were told that none comes
}

// settles is how long after a start a peer's text may still be with the
// service centre.
const settles = time.Hour

// fromPeer takes in a text of another box. It is never an order and never
// answered: two boxes must not talk to one another.
func (st *step) fromPeer(f event.Texted) bool {
	number := st.rules.Number(f.From)
	for _, p := range st.rules.Selftest.Peers {
		if number == "" || number != st.rules.Number(p.Number) {
			continue
		}
		was := st.s.Peers[p.Name]
		st.s.Peers = cloned(st.s.Peers)
		st.s.Peers[p.Name] = peered{Last: plainly(st.at), Heard: true}
		st.note(0, "peer", "%s: %s", p.Name, notice.Fit(f.Text, 160))
		if was.Missed {
			st.smallNews(p.Name + " is heard of again.")
		}
		return true
	}
	return false
}

// silentSince is when a peer's silence has lasted too long, in box time.
func (st *step) silentSince(p Peer) time.Time {
	at := st.s.Peers[p.Name].Last.Box.Add(p.Every)
	if after := st.s.Booted.Box.Add(settles); after.After(at) {
		return after
	}
	return at
}

// peersDue tells once of a peer that is not heard of.
func (st *step) peersDue() {
	for _, p := range st.rules.Selftest.Peers {
		was, known := st.s.Peers[p.Name]
		if !known {
			st.s.Peers = cloned(st.s.Peers)
			st.s.Peers[p.Name] = peered{Last: plainly(st.at)}
			continue
		}
		if was.Missed || !due(st.silentSince(p), st.at.Box) {
			continue
		}
		was.Missed = true
		st.s.Peers = cloned(st.s.Peers)
		st.s.Peers[p.Name] = was
		words := p.missing(was, st.rules.Language, st.at)
		st.note(0, "peer", "%s", words)
		st.smallNews(words)
	}
}

func (p Peer) missing(h peered, lang string, now event.Stamp) string {
	return "no self-test from " + p.Name + " " + notice.Since(lang, h.Last, now)
}

func (st *step) nextPeer() time.Time {
	var next time.Time
	for _, p := range st.rules.Selftest.Peers {
		if h, known := st.s.Peers[p.Name]; known && !h.Missed {
			next = earliest(next, st.silentSince(p))
		}
	}
	return next
}

// unpeered forgets boxes that are watched no more.
func (st *step) unpeered() {
	st.s.Peers = maps.Clone(st.s.Peers)
	maps.DeleteFunc(st.s.Peers, func(name string, _ peered) bool {
		return !slices.ContainsFunc(st.rules.Selftest.Peers, func(p Peer) bool { return p.Name == name })
	})
}

// missed are the peers that are not heard of, for STATUS.
func (r Rules) missed(s State, now event.Stamp) []string {
	var list []string
	for _, p := range r.Selftest.Peers {
		if h := s.Peers[p.Name]; h.Missed {
			list = append(list, p.missing(h, r.Language, now))
		}
	}
	return list
}

// peerNumbers are where our own text goes besides.
func (st *step) peerNumbers() []event.Recipient {
	var to []event.Recipient
	for _, p := range st.rules.Selftest.Peers {
		if p.Told {
			to = append(to, event.Recipient{Name: p.Name, Channel: event.SMS, Address: p.Number})
		}
	}
	return to
}

// staffNews is news of the box by mail.
func (st *step) staffNews(f notice.Facts) {
	staff, ok := st.rules.Audience.Group(audience.Staff)
	if !ok {
		return
	}
	n := event.Notice{Audience: audience.Staff, Kind: event.BoxNews, Class: event.Operators, To: st.spoken(staff.To)}
	f.Kind = event.BoxNews
	n.Texts = map[event.Variant]map[string]string{event.Direct: st.letters(audience.Staff, f, languages(n.To))}
	st.send(n)
}
