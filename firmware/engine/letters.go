package engine

import (
	"context"
	"errors"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/firmware/decide"
	"heliograph/firmware/event"
	"heliograph/storage/kv"
)

// reload and trust are orders to the loop itself; they travel in the inbox so
// that they take their turn.
type reload struct {
	event.Reloaded
	rules   decide.Rules
	workers []Worker
}

type trust struct {
	event.ClockSet
	is bool
}

// Pulse is an empty fact: Take returns when the loop has had its turn, which
// shows that it turns.
type Pulse struct{ event.Ticked }

// remember keeps a driver's small value in the next commit.
type remember struct {
	event.Ticked
	name  string
	value []byte
}

// Remember keeps a value for a driver and returns after the commit; nil
// forgets it.
func (e *Engine) Remember(ctx context.Context, name string, value []byte) error {
	return e.Take(ctx, remember{name: name, value: value})
}

// Recall gives back what Remember kept; nil if there is nothing.
func (e *Engine) Recall(name string) (value []byte, err error) {
	err = e.opt.Store.View(func(tx *bbolt.Tx) error {
		value = kv.Get(tx, memoryPrefix+name)
		return nil
	})
	return value, err
}

const memoryPrefix = "driver/"

// Reload puts new rules in force, whole, between two decisions.
func (e *Engine) Reload(ctx context.Context, rules decide.Rules, workers []Worker) error {
	return e.Take(ctx, reload{rules: rules, workers: workers})
}

// Trust says whether the wall clock may be believed from now on, and why.
func (e *Engine) Trust(is bool, why string) {
	e.Put(trust{ClockSet: event.ClockSet{Why: why}, is: is})
}

// Order gives a command in an operator's words and returns its answer.
func (e *Engine) Order(ctx context.Context, by, text string) (event.Answer, error) {
	answer := make(chan event.Answer, 1)
	if err := e.Take(ctx, order{Ordered: event.Ordered{By: by, Text: text}, answer: answer}); err != nil {
		return event.Answer{}, err
	}
	select {
	case a := <-answer:
		return a, nil
	default:
		return event.Answer{}, errors.New("the order was taken and gave no answer")
	}
}

// rest stops the claims.
type rest struct{ event.Ticked }

// Rest gives out nothing more and returns when nothing is being sent, or
// after patience.
func (e *Engine) Rest(patience time.Duration) {
	e.Put(rest{})
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-e.rested:
	case <-e.stopped:
	case <-timer.C:
	}
}

type order struct {
	event.Ordered
	answer chan<- event.Answer
}
