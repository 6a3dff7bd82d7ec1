package reach

import (
	"math/bits"
	"slices"
	"time"

	"heliograph/firmware/event"
)

// window is the rounds of the last Over. It is never changed, only replaced:
// older memories may still point at it.
type window struct {
	probes []string // names of the counted probes, in the order of the bits
	rounds []round
}

// round is one round in the window. Bits stand for probes; those past the 64th
// count towards the quorum but not towards loss.
type round struct {
	at      int64 // box time, nanoseconds
	lost    uint64
	counted uint64
	rtt     time.Duration
}

// add is the window with one more round and without what is older than over.
// Other probes than before make a new window: their counts do not mix.
func (w window) add(s survey, at time.Time, over time.Duration) window {
	if !w.same(s.counted) {
		w = window{probes: labels(s.counted)}
	}
	w = w.from(at.Add(-over))
	next := make([]round, 0, len(w.rounds)+1)
	w.rounds = append(append(next, w.rounds...), mark(s, at))
	return w
}

// from is the window without what is older than t.
func (w window) from(t time.Time) window {
	i := 0
	for i < len(w.rounds) && w.rounds[i].at < t.UnixNano() {
		i++
	}
	w.rounds = w.rounds[i:]
	return w
}

func (w window) same(results []event.Result) bool {
	return slices.EqualFunc(w.probes, results, func(name string, x event.Result) bool { return name == x.Probe })
}

func labels(results []event.Result) []string {
	list := make([]string, len(results))
	for i, x := range results {
		list[i] = x.Probe
	}
	return list
}

// mark notes a round. When names alone fail, the lookups do not count: that is
// a verdict of its own, and no loss on the path.
func mark(s survey, at time.Time) round {
	n := round{at: at.UnixNano(), rtt: s.rtt}
	for i, x := range s.counted {
		if i == 64 {
			break
		}
		if s.names && x.Kind == event.DNS {
			continue
		}
		n.counted |= 1 << i
		if !x.OK {
			n.lost |= 1 << i
		}
	}
	return n
}

// loss over the window, 0 to 1. A single target that loses more than twice
// what all the others together lose is at fault itself and does not count,
// unless there is no other.
func (w window) loss() float64 {
	var lost, of [64]int
	allLost, allOf := 0, 0
	for _, n := range w.rounds {
		for m := n.counted; m != 0; m &= m - 1 {
			of[bits.TrailingZeros64(m)]++
		}
		for m := n.lost; m != 0; m &= m - 1 {
			lost[bits.TrailingZeros64(m)]++
		}
		allLost += bits.OnesCount64(n.lost)
		allOf += bits.OnesCount64(n.counted)
	}
	worst := 0
	for i := range of {
		if share(lost[i], of[i]) > share(lost[worst], of[worst]) {
			worst = i
		}
	}
	rest := share(allLost-lost[worst], allOf-of[worst])
	if allOf > of[worst] && share(lost[worst], of[worst]) > 2*rest {
		return rest
	}
	return share(allLost, allOf)
}

func share(part, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}

// latency is the median over the window of each round's median answer.
func (w window) latency() time.Duration {
	answers := make([]time.Duration, 0, len(w.rounds))
	for _, n := range w.rounds {
		if n.rtt > 0 {
			answers = append(answers, n.rtt)
		}
	}
	return middle(answers)
}

// half says that the window holds enough to speak of shares: half of its time,
// and half of the rounds that belong into it.
func (w window) half(r Rule, at time.Time) bool {
	if len(w.rounds) == 0 {
		return false
	}
	over := r.Degraded.Over
	span := time.Duration(at.UnixNano() - w.rounds[0].at)
	return 2*span >= over && time.Duration(2*len(w.rounds))*r.Every >= over
}

// moved is the window in a box time that was set forward.
func (w window) moved(by time.Duration) window {
	w.rounds = slices.Clone(w.rounds)
	for i := range w.rounds {
		w.rounds[i].at += int64(by)
	}
	return w
}
