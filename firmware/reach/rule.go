// Package reach turns rounds of probe results into verdicts: quorum, a run of
// bad rounds and the time it must last, hold, windowed loss and latency, flap
// damping, parents, and the place of the fault.
//
// It is pure. Time is an argument, nothing given to it is changed, and the
// durable part of a Memory changes only together with a Change (or by
// Reclocked), so whoever stores it knows when to.
package reach

import (
	"errors"
	"fmt"
	"time"
)

// Rule is how one uplink or service is judged. Fields left zero get their
// value from Filled; the other methods expect a filled rule.
type Rule struct {
	Name      string
	Service   bool          // not an uplink: a failure has no place on a path
	Parent    string        // the uplink whose outage excuses this one; empty: none
	Interface string        // "eth0", for the evidence; empty: the main table decides
	Gateway   string        // its address; empty: not known
	Every     time.Duration // between rounds
	Doubt     time.Duration // between rounds while in doubt
	Quorum    int           // so many probes beyond the gateway must pass
	DownAfter int           // consecutive bad rounds, and the time they take at Every
	UpAfter   int           // consecutive good rounds, likewise
	Hold      time.Duration // calm since the first good round before it is up again
	Degraded  Limits
	Flap      Flap
}

// Limits say when an uplink that works is degraded, over a sliding window.
// It is entered at Loss or Latency and left at LeaveLoss and LeaveLatency, so
// that a value on the edge is told once. Zero Loss or Latency: not watched.
type Limits struct {
	Loss, LeaveLoss       float64 // 0 to 1
	Latency, LeaveLatency time.Duration
	Over                  time.Duration // length of the window
}

// Flap says when an uplink is unstable: after so many changes between down and
// not down within Over, until none has come for Calm. Changes below zero: off.
type Flap struct {
	Changes    int
	Over, Calm time.Duration
}

// longest window in rounds: it is copied at every round.
const longest = 1000

// Filled is the rule with every value that was left out.
func (r Rule) Filled() Rule {
	r.Every = or(r.Every, 2*time.Second)
	r.Doubt = or(r.Doubt, max(r.Every/2, min(r.Every, 500*time.Millisecond)))
	r.Quorum, r.DownAfter, r.UpAfter = or(r.Quorum, 1), or(r.DownAfter, 10), or(r.UpAfter, 10)
	r.Hold = or(r.Hold, time.Minute)
	d := &r.Degraded
	d.Over = or(d.Over, max(time.Minute, 10*r.Every))
	d.LeaveLoss, d.LeaveLatency = or(d.LeaveLoss, d.Loss/2), or(d.LeaveLatency, d.Latency*3/4)
	f := &r.Flap
	f.Changes, f.Over = or(f.Changes, 6), or(f.Over, time.Hour)
	f.Calm = or(f.Calm, f.Over/2)
	return r
}

// or is v, or what stands in for it when it was left out.
func or[T int | float64 | time.Duration](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}

// Check names everything in a filled rule that cannot be judged by, joined by
// errors.Join: a sentence each, with the key as users write it.
func (r Rule) Check() error {
	var faults []error
	refuse := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf("%s: "+format, append([]any{r.Name}, args...)...))
		}
	}
	d, f := r.Degraded, r.Flap
	refuse(r.Name == "", "name: must not be empty")
	refuse(r.Parent != "" && r.Parent == r.Name, "parent: cannot be its own parent")
	refuse(r.Every < 0, "every: must be longer than zero")
	refuse(r.Doubt < 0 || r.Doubt > r.Every, "every: the interval in doubt must not be longer than %s", r.Every)
	refuse(r.Quorum < 0, "down.quorum: must be at least 1")
	refuse(r.DownAfter < 0, "down.after: must be at least 1")
	refuse(r.UpAfter < 0, "up.after: must be at least 1")
	refuse(r.Hold < 0, "up.hold: must not be negative")
	refuse(d.Loss < 0 || d.Loss > 1, "degraded.loss: must be between 0%% and 100%%")
	refuse(d.LeaveLoss < 0 || d.LeaveLoss > d.Loss, "degraded.loss: must be left at no more than it is entered at")
	refuse(d.Latency < 0, "degraded.latency: must not be negative")
	refuse(d.LeaveLatency < 0 || d.LeaveLatency > d.Latency, "degraded.latency: must be left at no more than it is entered at")
	refuse(d.Over < 4*r.Every, "degraded.over: must hold at least four rounds, %s", 4*r.Every)
	refuse(d.Over > longest*r.Every, "degraded.over: must hold no more than %d rounds, %s", longest, longest*r.Every)
	refuse(f.Changes > 0 && (f.Over <= 0 || f.Calm <= 0), "flap: over and calm must be longer than zero")
	return errors.Join(faults...)
}

// Silence is how long no round may come before the probes count as silent:
// long enough for a slow round or a busy box, short enough to matter.
func (r Rule) Silence() time.Duration { return max(5*r.Every, 30*time.Second) }
