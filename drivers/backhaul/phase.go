package backhaul

import "time"

// State of a link that is kept.
type State string

// States.
const (
	Resting  State = "down"       // nobody wants it
	Dialling State = "dialling"   //
	Up       State = "up"         //
	Waiting  State = "waiting"    // wanted; the next try is in its time
	Ending   State = "hanging up" //
)

// act is what the shell has to do.
type act int

const (
	nothing act = iota
	dial        // call Link.Up
	cancel      // end the context of Link.Up; its result still comes
	hangUp      // call Link.Down
)

// phase is all that decides. Its methods return the next phase and what to do.
type phase struct {
	idle time.Duration // how long the link stays up after the last user has gone

	state  State
	wanted bool
	leave  time.Time // when it is hung up; counts while not wanted
	fails  int       // in a row
	again  time.Time // no try before
	since  time.Time // when it came up
}

// rungs are the pauses between tries. The first are short: a cut fibre is
// when this link is needed, and many a call fails once. The later ones are
// what networks ask for (24.301 T3402 is 12 min; field practice 1 to 30 min).
var rungs = []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute}

const (
	look  = 2 * time.Second  // for a port that is gone: no radio is used
	local = 30 * time.Second // for something of this box that a person must mend
	sound = time.Minute      // a connection that held so long was a good one
	crowd = 2                // the first rung for a network without room
)

// pause is how long to wait after the fails-th failure in a row. Chance, from
// 0 to 1, spreads tries by a fifth, so that a thousand boxes do not dial at once.
func pause(k Kind, fails int, chance float64) time.Duration {
	rung := fails - 1
	switch k {
	case Gone:
		return look
	case Broken:
		return local
	case Denied:
		rung = len(rungs) - 1
	case Congested:
		rung += crowd
	}
	d := rungs[max(0, min(rung, len(rungs)-1))]
	return d + time.Duration((chance-0.5)*0.4*float64(d))
}

// want notes whether somebody wants the link.
func (p phase) want(now time.Time, on bool) (phase, act) {
	if p.wanted && !on {
		p.leave = now.Add(p.idle)
	}
	p.wanted = on
	return p.settle(now)
}

// connected is a call that succeeded.
func (p phase) connected(now time.Time) (phase, act) {
	if p.state == Ending { // the order to hang up was faster
		return p, hangUp
	}
	p.state, p.since = Up, now
	return p.settle(now)
}

// failed is a call that did not succeed; nothing is left up.
func (p phase) failed(now time.Time, k Kind, chance float64) (phase, act) {
	if p.state == Ending { // it was cancelled, which says nothing of the network
		p.state = Resting
		return p.settle(now)
	}
	if k == Gone || k == Broken { // not the network's doing: its ladder waits
		p.again = now.Add(pause(k, 1, chance))
	} else {
		p.fails++
		p.again = now.Add(pause(k, p.fails, chance))
	}
	p.state = Waiting
	return p.settle(now)
}

// lost is a connection that went by itself; what is left of it is cleared.
// One that had held is dialled again soon; one that had not is a failed try.
func (p phase) lost(now time.Time, k Kind, chance float64) (phase, act) {
	if p.state != Up {
		return p, nothing
	}
	if now.Sub(p.since) >= sound {
		p.fails, p.again = 0, now
	} else {
		p.fails++
		p.again = now.Add(pause(k, p.fails, chance))
	}
	p.state = Ending
	return p, hangUp
}

// ended is a hang-up that is done.
func (p phase) ended(now time.Time) (phase, act) {
	p.state = Resting
	return p.settle(now)
}

// settle moves on by the clock and by who wants what.
func (p phase) settle(now time.Time) (phase, act) {
	gone := !p.wanted && !now.Before(p.leave)
	switch p.state {
	case Resting, Waiting, "":
		switch {
		case !p.wanted:
			p.state = Resting
		case now.Before(p.again):
			p.state = Waiting
		default:
			p.state = Dialling
			return p, dial
		}
	case Dialling:
		if gone {
			p.state = Ending
			return p, cancel
		}
	case Up:
		if now.Sub(p.since) >= sound {
			p.fails = 0
		}
		if gone {
			p.state, p.fails, p.again = Ending, 0, time.Time{}
			return p, hangUp
		}
	}
	return p, nothing
}

// wake is when settle has to be called next; zero is never.
func (p phase) wake() time.Time {
	switch {
	case p.state == Waiting:
		return p.again
	case (p.state == Dialling || p.state == Up) && !p.wanted:
		return p.leave
	}
	return time.Time{}
}
