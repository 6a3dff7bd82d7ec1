package modem

import (
	"sync"
	"time"
)

// History is how signal and registration were, hour by hour, oldest first: at
// most the last 7 days, fed by the looks that the driver takes every minute.
type History struct{ Hours []Hour }

// Hour is what one hour showed. Hours in which the modem was not looked at are
// left out.
type Hour struct {
	From           time.Time     // when it began
	Min, Max, Mean int           // dBm; 0 if the modem told none
	Watched        time.Duration // how much of it the modem was looked at
	Out            time.Duration // how much of that it was not registered
}

const (
	pastHours = 7 * 24
	// Longer between two looks, and nobody knows what was in between: the port
	// was gone.
	blink = 3 * time.Minute
)

// past is the ring behind History. Its zero value is empty.
type past struct {
	mu         sync.Mutex
	began      time.Time // of the first look; hours count from it, by the clock that is never set
	last       time.Time // the latest look
	registered bool      // what it showed
	hours      [pastHours]pastHour
}

// pastHour is one place of the ring.
type pastHour struct {
	number       int // counted from began; the place is free for another if it differs
	used         bool
	min, max     int
	sum, samples int
	watched, out time.Duration
}

// is notes whether the modem is registered, from now on.
func (p *past) is(registered bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pass()
	p.registered = registered
}

// heard notes a signal in dBm; 0 if there is none to tell.
func (p *past) heard(dbm int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.pass()
	if dbm == 0 {
		return
	}
	if h.samples == 0 || dbm < h.min {
		h.min = dbm
	}
	if h.samples == 0 || dbm > h.max {
		h.max = dbm
	}
	h.sum, h.samples = h.sum+dbm, h.samples+1
}

// pass puts the time since the last look down to what that showed, each piece
// to its hour, and gives the hour that is now.
func (p *past) pass() *pastHour {
	now := time.Now()
	if p.began.IsZero() {
		p.began, p.last = now, now
	}
	if now.Sub(p.last) > blink {
		p.last = now
	}
	for p.last.Before(now) {
		number := int(p.last.Sub(p.began) / time.Hour)
		till := p.began.Add(time.Duration(number+1) * time.Hour)
		if now.Before(till) {
			till = now
		}
		h := p.hour(number)
		h.watched += till.Sub(p.last)
		if !p.registered {
			h.out += till.Sub(p.last)
		}
		p.last = till
	}
	return p.hour(int(now.Sub(p.began) / time.Hour))
}

// hour is the place of an hour; the one of a week ago makes room.
func (p *past) hour(number int) *pastHour {
	h := &p.hours[number%pastHours]
	if !h.used || h.number != number {
		*h = pastHour{number: number, used: true}
	}
	return h
}

// History tells how the last 7 days were. It asks the modem nothing.
func (m *Modem) History() History {
	p := &m.past
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.began.IsZero() {
		return History{}
	}
	since := time.Since(p.began)
	started := time.Now().Add(-since).Round(0) // by the clock as it is now, which may have been set
	latest := int(since / time.Hour)
	var out History
	for number := max(0, latest-pastHours+1); number <= latest; number++ {
		if h := &p.hours[number%pastHours]; h.used && h.number == number {
			out.Hours = append(out.Hours, h.told(started))
		}
	}
	return out
}

func (h *pastHour) told(started time.Time) Hour {
	t := Hour{From: started.Add(time.Duration(h.number) * time.Hour), Watched: h.watched, Out: h.out}
	if h.samples > 0 {
		t.Min, t.Max, t.Mean = h.min, h.max, h.sum/h.samples
	}
	return t
}
