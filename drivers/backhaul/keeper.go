package backhaul

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// Options of a keeper.
type Options struct {
	Link  Link
	Idle  time.Duration // how long the link stays up after the last user has gone; zero is 2 min, below zero none
	Limit time.Duration // how long one try may take; zero is 90 s
	// Changed hears of every change, in order, on the keeper's own goroutine;
	// it must be quick. Required.
	Changed func(Status)
	Chance  func() float64 // from 0 to 1, to spread tries; nil is random
}

func (o Options) check() error {
	switch {
	case o.Link == nil:
		return errors.New("a keeper needs a link")
	case o.Changed == nil:
		return errors.New("a keeper needs somebody to tell")
	}
	return nil
}

// Status is how a kept link is, and why.
type Status struct {
	State      State
	Kind       Kind          // of the trouble; empty if there is none
	Cause      string        // of the last failure, until the link is up or rests; empty if there is none
	Advice     string        // what a person can do; empty if nothing
	Connection Connection    // while State is Up
	Took       time.Duration // of the last try or hang-up
	Tries      int           // failed in a row
	Again      time.Time     // when the next try is, while State is Waiting
}

// Keeper keeps one link. Its Run is the one goroutine that calls the link.
type Keeper struct {
	o     Options
	wants chan bool

	// Run's own.
	phase   phase
	status  Status
	results chan result
	lost    <-chan error
	stop    context.CancelFunc // of the try that is under way
	busy    bool               // Up or Down is running
}

// result is what Up or Down returned.
type result struct {
	down       bool
	connection Connection
	err        error
	took       time.Duration
}

const downLimit = 20 * time.Second // LCP's farewell, DTR and the modem's own time

// New makes a keeper; nothing happens before Run.
func New(o Options) (*Keeper, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	switch {
	case o.Idle == 0:
		o.Idle = 2 * time.Minute
	case o.Idle < 0:
		o.Idle = 0
	}
	if o.Limit == 0 {
		o.Limit = 90 * time.Second
	}
	if o.Chance == nil {
		o.Chance = rand.Float64
	}
	return &Keeper{o: o, wants: make(chan bool, 1), results: make(chan result, 1), phase: phase{state: Resting, idle: o.Idle}, status: Status{State: Resting}}, nil
}

// Want says whether anybody needs the link; only the last word counts. It may
// be called from any goroutine, before Run too, and does not wait.
func (k *Keeper) Want(on bool) {
	for {
		select {
		case k.wants <- on:
			return
		default:
		}
		select {
		case <-k.wants:
		default:
		}
	}
}

// Run keeps the link until ctx ends, and hangs up then.
func (k *Keeper) Run(ctx context.Context) error {
	alarm := time.NewTimer(time.Hour)
	defer alarm.Stop()
	for {
		alarm.Stop()
		if at := k.phase.wake(); !at.IsZero() {
			alarm.Reset(time.Until(at))
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), k.close(ctx))
		case on := <-k.wants:
			k.take(ctx)(k.phase.want(time.Now(), on))
		case <-alarm.C:
			k.take(ctx)(k.phase.settle(time.Now()))
		case err, told := <-k.lost:
			k.lost = nil
			if told {
				t := k.note(err, Lost)
				k.take(ctx)(k.phase.lost(time.Now(), t.Kind, k.o.Chance()))
			}
		case r := <-k.results:
			k.busy = false
			k.heard(ctx, r)
		}
	}
}

// heard takes in what Up or Down returned.
func (k *Keeper) heard(ctx context.Context, r result) {
	k.status.Took = r.took
	switch now := time.Now(); {
	case r.down:
		k.take(ctx)(k.phase.ended(now))
	case r.err != nil && k.phase.state == Ending:
		k.take(ctx)(k.phase.failed(now, "", 0))
	case r.err != nil:
		t := k.note(r.err, "")
		k.take(ctx)(k.phase.failed(now, t.Kind, k.o.Chance()))
	default:
		k.lost = r.connection.Lost
		k.status.Connection = r.connection
		k.status.Kind, k.status.Cause, k.status.Advice = "", "", ""
		if r.connection.Took == 0 {
			k.status.Connection.Took = r.took
		}
		k.take(ctx)(k.phase.connected(now))
	}
}

// note keeps the cause of a trouble for Status.
func (k *Keeper) note(err error, kind Kind) *Trouble {
	t := trouble(err)
	if t == nil {
		t = &Trouble{Kind: kind, Cause: "the connection ended"}
	}
	k.status.Kind, k.status.Cause, k.status.Advice = t.Kind, t.Error(), t.Advice
	return t
}

// take returns what moves to a phase: it acts, and tells if the state is another.
func (k *Keeper) take(ctx context.Context) func(phase, act) {
	return func(p phase, a act) {
		before := k.phase
		k.phase = p
		switch a {
		case dial:
			k.dial(ctx)
		case cancel:
			k.stop()
		case hangUp:
			k.hangUp(ctx)
		}
		if p.state != before.state {
			k.tell()
		}
	}
}

func (k *Keeper) tell() {
	s := k.status
	s.State, s.Tries, s.Again = k.phase.state, k.phase.fails, time.Time{}
	if s.State != Up {
		s.Connection = Connection{}
	}
	if s.State == Waiting {
		s.Again = k.phase.again
	}
	if s.State == Resting {
		k.status = Status{}
	}
	k.o.Changed(s)
}

func (k *Keeper) dial(ctx context.Context) {
	ctx, k.stop = context.WithTimeout(ctx, k.o.Limit)
	stop := k.stop
	k.busy = true
	go func() {
		defer stop()
		began := time.Now()
		c, err := k.o.Link.Up(ctx)
		k.results <- result{connection: c, err: err, took: time.Since(began)}
	}()
}

func (k *Keeper) hangUp(ctx context.Context) {
	k.lost = nil
	k.busy = true
	go func() {
		ctx, done := context.WithTimeout(context.WithoutCancel(ctx), downLimit)
		defer done()
		began := time.Now()
		err := k.o.Link.Down(ctx)
		k.results <- result{down: true, err: err, took: time.Since(began)}
	}()
}

// close ends what is under way and hangs up.
func (k *Keeper) close(ctx context.Context) error {
	if k.busy {
		<-k.results // Up ends with ctx, Down within its limit
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), downLimit)
	defer done()
	return k.o.Link.Down(ctx)
}
