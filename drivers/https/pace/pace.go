// Package pace is how a service is asked for many things in a row: no faster
// than it likes, and once more, a little later, when it had no time or the
// path broke.
package pace

import (
	"context"
	"errors"
	"time"

	"heliograph/drivers/delivery"
)

// Options say how fast and how patient.
type Options struct {
	Rate  float64       // requests a second
	Tries int           // how often a request is made that comes to nothing; at least once
	Pause time.Duration // before the second try, and twice as long before each further one
	Wait  time.Duration // the longest wait that is made; who asks for a longer one is asked no more
}

// ErrLate is a request that was not made: its time would have come after its
// caller's end.
var ErrLate = errors.New("the service takes so many requests a second, and there is no time for all of them")

// Pace is kept by one goroutine at a time.
type Pace struct {
	o    Options
	next time.Time // no request before this
}

// New begins at once.
func New(o Options) *Pace { return &Pace{o: o} }

// Keep makes a request, again and again while it is refused for now. A refusal
// with advice waits for a human, and one of another fate for nobody: they are
// handed on as they are.
func (p *Pace) Keep(ctx context.Context, request func() *delivery.Error) *delivery.Error {
	for try, pause := 1, p.o.Pause; ; try, pause = try+1, 2*pause {
		if no := p.await(ctx); no != nil {
			return no
		}
		no := request()
		switch {
		case no == nil || no.Fate != delivery.Retry || no.Advice != "":
			return no
		case try >= p.o.Tries || ctx.Err() != nil:
			return no
		}
		wait := max(no.After, pause)
		if end, ok := ctx.Deadline(); wait > p.o.Wait || ok && time.Until(end) < wait {
			return no
		}
		p.next = time.Now().Add(wait)
	}
}

// await waits for the next request's time, unless ctx ends before.
func (p *Pace) await(ctx context.Context) *delivery.Error {
	wait := time.Until(p.next)
	if end, ok := ctx.Deadline(); ok && time.Until(end) < wait {
		return &delivery.Error{Fate: delivery.Retry, After: wait, Err: ErrLate}
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return &delivery.Error{Fate: delivery.Retry, Worker: true, Err: ctx.Err()}
	}
	p.next = time.Now().Add(time.Duration(float64(time.Second) / p.o.Rate))
	return nil
}
