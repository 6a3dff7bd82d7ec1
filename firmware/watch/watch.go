// Package watch keeps the probe timetable: a round of each subject's probes at
// its pace, faster while the verdict is in doubt, at once when a link changes.
// It judges nothing; every round becomes one event.Probed.
package watch

import (
	"context"
	"fmt"
	"sync"
	"time"

	"heliograph/firmware/event"
)

// Probe makes one check before ctx ends.
type Probe struct {
	Name string
	Kind event.ProbeKind
	Try  func(ctx context.Context) event.Result
}

// Subject is an uplink or service with its probes and pace.
type Subject struct {
	Name      string
	Interface string        // a change of this link starts a round at once; may be empty
	Every     time.Duration // from round to round
	Doubt     time.Duration // likewise while in doubt; at most Every
	Timeout   time.Duration // how long a probe may take; the round waits for the slowest
	Probes    []Probe
}

// Inbox is where rounds go.
type Inbox interface {
	Put(event.Fact)
	InDoubt(subject string) bool
}

// Watch runs the timetable.
type Watch struct {
	inbox    Inbox
	subjects []Subject
	kick     map[string]chan struct{}
}

// New makes a timetable; Run starts it.
func New(inbox Inbox, subjects []Subject) *Watch {
	w := &Watch{inbox: inbox, subjects: subjects, kick: map[string]chan struct{}{}}
	for _, s := range subjects {
		w.kick[s.Name] = make(chan struct{}, 1)
	}
	return w
}

// LinkChanged starts a round of everything that hangs on an interface.
func (w *Watch) LinkChanged(name string) {
	for _, s := range w.subjects {
		if s.Interface != name {
			continue
		}
		select {
		case w.kick[s.Name] <- struct{}{}:
		default: // a round is asked for already
		}
	}
}

// Run probes until ctx ends.
func (w *Watch) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, s := range w.subjects {
		all.Go(func() { w.follow(ctx, s) })
	}
	all.Wait()
}

// follow makes one subject's rounds. A round is due one pace after the last
// one began, so that slow answers do not stretch the timetable.
func (w *Watch) follow(ctx context.Context, s Subject) {
	var kicked time.Time // when a link that changed last began a round
	for ctx.Err() == nil {
		began := time.Now()
		results := s.round(ctx)
		if ctx.Err() != nil {
			return // the end cut the probes short: their failing means nothing
		}
		w.inbox.Put(event.Probed{Subject: s.Name, Results: results})
		if !w.rest(ctx, s, began.Add(s.Doubt)) {
			// The first change is looked at at once; in a storm of them the
			// rounds come no faster than in doubt.
			if time.Since(kicked) < s.Every {
				pause(ctx, began.Add(s.Doubt))
			}
			kicked = time.Now()
			continue
		}
		// By now the round is judged: in doubt, the next one is due already.
		if s.Doubt < s.Every && !w.inbox.InDoubt(s.Name) && !w.rest(ctx, s, began.Add(s.Every)) {
			kicked = time.Now()
		}
	}
}

// pause waits for an instant, or the end.
func pause(ctx context.Context, until time.Time) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Until(until)):
	}
}

// rest waits for an instant. It says false when it was cut short: by the end,
// or by a link that changed.
func (w *Watch) rest(ctx context.Context, s Subject, until time.Time) bool {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-w.kick[s.Name]:
		return false
	case <-timer.C:
		return true
	}
}

// round tries all probes of a subject side by side.
func (s Subject) round(ctx context.Context) []event.Result {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	results := make([]event.Result, len(s.Probes))
	var all sync.WaitGroup
	for i, p := range s.Probes {
		all.Go(func() { results[i] = p.try(ctx) })
	}
	all.Wait()
	return results
}

// try makes one check; a probe that panics has failed on this box, and the
// others go on.
func (p Probe) try(ctx context.Context) (r event.Result) {
	defer func() {
		if fault := recover(); fault != nil {
			r = event.Result{Local: true, Seen: fmt.Sprint("the probe crashed: ", fault)}
		}
		r.Probe, r.Kind = p.Name, p.Kind
	}()
	return p.Try(ctx)
}
