// Package incident is the life of an outage or of planned work: opened by a verdict or by hand,
// acknowledged, updated, resolved, opened again, closed. It is pure: every
// change returns a new Incident and leaves the old one as it was.
package incident

import (
	"slices"
	"time"

	"heliograph/firmware/event"
)

// Phase is where an incident stands in its life.
type Phase string

// Phases. A resolved incident waits until its last all-clear has an outcome;
// until then the same trouble opens it again under the same number.
const (
	Open     Phase = "open"
	Resolved Phase = "resolved"
	Closed   Phase = "closed"
)

// When is an instant on both clocks.
type When struct {
	Box     time.Time `json:"box"`
	Wall    time.Time `json:"wall"`
	Trusted bool      `json:"trusted"`
}

// At takes the instant out of an event's stamp.
func At(s event.Stamp) When { return When{Box: s.Box, Wall: s.Wall, Trusted: s.Trusted} }

// Ack says who took the incident on.
type Ack struct {
	By string `json:"by"`
	At When   `json:"at"`
}

// Incident is one outage from detection, or an operator's order, to closure.
type Incident struct {
	Number   int           `json:"number"`
	Subject  string        `json:"subject"` // the uplink or service; the scope as given when opened by hand
	Kind     event.Kind    `json:"kind"`    // down, degraded, unwell, opened or maintenance: what was said first
	Scope    []string      `json:"scope"`   // the subject, and children that went down with it
	Title    string        `json:"title,omitempty"`
	By       string        `json:"by,omitempty"` // who opened it by hand; empty: a verdict did
	Phase    Phase         `json:"phase"`
	Opened   When          `json:"opened"`
	Began    When          `json:"began"` // when the trouble began, by the probes
	Verdict  event.Verdict `json:"verdict"`
	Was      event.Verdict `json:"was,omitzero"` // the verdict before the newest
	Ack      *Ack          `json:"ack,omitempty"`
	Resolved *When         `json:"resolved,omitempty"`
	How      event.Kind    `json:"how,omitempty"` // all-clear, cancelled or unwatched
	Reopened int           `json:"reopened,omitempty"`
	Closed   *When         `json:"closed,omitempty"`
	Work     *Work         `json:"work,omitempty"`  // of planned work
	Drill    bool          `json:"drill,omitempty"` // nothing of it is real
}

// ByHand says that an operator opened it: no verdict will resolve it.
func (i Incident) ByHand() bool { return i.By != "" }

// Live says that the trouble lasts, as far as the incident knows.
func (i Incident) Live() bool { return i.Phase == Open }

// Watched opens an incident for a verdict.
func Watched(number int, subject string, kind event.Kind, v event.Verdict, at event.Stamp) Incident {
	return Incident{
		Number: number, Subject: subject, Kind: kind, Scope: []string{subject}, Phase: Open,
		Opened: At(at), Began: When{Box: v.Since, Wall: v.SinceWall, Trusted: v.Trusted}, Verdict: v,
	}
}

// Ordered opens an incident by hand.
func Ordered(number int, scope, title, by string, at event.Stamp) Incident {
	now := At(at)
	return Incident{
		Number: number, Subject: scope, Kind: event.Opened, Scope: []string{scope}, Title: title, By: by,
		Phase: Open, Opened: now, Began: now,
	}
}

// Acknowledge gives the incident to a person. An incident that somebody has
// already, or that is over, stays as it is.
func (i Incident) Acknowledge(by string, at event.Stamp) (Incident, bool) {
	if i.Ack != nil || !i.Live() {
		return i, false
	}
	i.Ack = &Ack{By: by, At: At(at)}
	return i, true
}

// Judge takes a newer verdict in, and says whether the kind of trouble or its
// place changed: that is news.
func (i Incident) Judge(v event.Verdict) (_ Incident, news bool) {
	news = v.Condition != i.Verdict.Condition || v.Place != i.Verdict.Place
	i.Was, i.Verdict = i.Verdict, v
	return i, news
}

// Widen adds a child that went down with the subject.
func (i Incident) Widen(child string) (_ Incident, news bool) {
	if slices.Contains(i.Scope, child) {
		return i, false
	}
	i.Scope = append(slices.Clone(i.Scope), child)
	return i, true
}

// Resolve ends the trouble; how is the kind of its last notice.
func (i Incident) Resolve(how event.Kind, at event.Stamp) Incident {
	now := At(at)
	i.Phase, i.Resolved, i.How = Resolved, &now, how
	return i
}

// Reopen takes the trouble up again under the same number. The acknowledgement
// was for what is over; it is asked for again.
func (i Incident) Reopen(v event.Verdict) Incident {
	i.Phase, i.Resolved, i.How, i.Ack = Open, nil, "", nil
	i.Was, i.Verdict = i.Verdict, v
	i.Reopened++
	return i
}

// Close ends the incident's life.
func (i Incident) Close(at event.Stamp) Incident {
	now := At(at)
	i.Phase, i.Closed = Closed, &now
	return i
}
