// Package dispatch carries claimed deliveries to their drivers: one goroutine
// per worker, one delivery in flight each, an outcome for every one of them.
// It keeps nothing: what it holds when the box dies is on record as sending.
package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"heliograph/drivers/delivery"
	"heliograph/firmware/event"
)

// Inbox is where outcomes go.
type Inbox interface {
	Put(event.Fact)
	// Take returns after the fact is committed.
	Take(context.Context, event.Fact) error
}

// Desk hands claims to workers, which come and go with the configuration.
type Desk struct {
	inbox   Inbox
	mu      sync.Mutex
	workers map[string]chan event.Claim
}

// New makes a desk without workers.
func New(inbox Inbox) *Desk {
	return &Desk{inbox: inbox, workers: map[string]chan event.Claim{}}
}

// Hand gives a claim to its worker. It never blocks.
func (d *Desk) Hand(c event.Claim) {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case d.workers[c.Row.Worker] <- c:
	default: // no such worker: nothing was said, so nothing is lost
		d.inbox.Put(ended(c, event.Ending{Fate: event.RetryLater, Device: true, Code: "no such worker"}))
	}
}

// Work carries claims for one worker until ctx ends. Every claim gets its
// outcome, the one that the end cuts short as well.
func (d *Desk) Work(ctx context.Context, worker string, sender delivery.Sender) {
	// One claim is in flight per worker, so one place never blocks Hand.
	work := make(chan event.Claim, 1)
	d.mu.Lock()
	d.workers[worker] = work
	d.mu.Unlock()
	defer d.leave(worker, work)
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-work:
			if ctx.Err() != nil { // both were ready: nothing is begun after the end
				d.inbox.Put(ended(c, stopped))
				return
			}
			d.inbox.Put(ended(c, d.carry(ctx, sender, c)))
		}
	}
}

// stopped is the outcome of a claim that was never begun: it waits for another
// worker, or for this one to come back.
var stopped = event.Ending{Fate: event.RetryLater, Device: true, Code: "the worker was stopped"}

// leave hands back what was not begun.
func (d *Desk) leave(worker string, work chan event.Claim) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.workers[worker] == work {
		delete(d.workers, worker)
	}
	select {
	case c := <-work:
		d.inbox.Put(ended(c, stopped))
	default:
	}
}

// carry makes one attempt. A driver that panics must not take the box down:
// nobody knows what it did, so the outcome is unsure.
func (d *Desk) carry(ctx context.Context, sender delivery.Sender, c event.Claim) (end event.Ending) {
	defer func() {
		if p := recover(); p != nil {
			end = event.Ending{Fate: event.Unsure, Code: fmt.Sprint("driver fault: ", p)}
		}
	}()
	job, err := jobOf(c)
	if err != nil {
		return event.Ending{Fate: event.Never, Code: err.Error()}
	}
	job.Took = func(p delivery.Part) error {
		return d.inbox.Take(ctx, event.PartTaken{Delivery: c.Row.Delivery, Part: event.Part(p)})
	}
	receipt, err := sender.Send(ctx, job)
	if err != nil {
		return refused(err)
	}
	end = event.Ending{Fate: event.Taken, Ref: references(receipt), Parts: parts(receipt.Parts)}
	for _, r := range receipt.Refused {
		end.Advice = strings.TrimPrefix(end.Advice+"; "+r.To+" refused it: "+r.Code, "; ")
	}
	return end
}

// letter is how a claim's text is written for channels that carry more than a
// text.
type letter struct {
	Subject string         `json:"subject"`
	Text    string         `json:"text"`
	Case    *delivery.Case `json:"case"`
}

// jobOf is what a driver is given of a claim.
func jobOf(c event.Claim) (delivery.Job, error) {
	job := delivery.Job{
		ID: c.Row.Delivery, To: c.Row.Recipient.Address, Text: c.Text, Validity: c.Validity, Path: c.Row.Path,
		More: c.More, Taken: taken(c.Taken), Follows: c.Follows, Doubtful: c.Row.Again,
	}
	if c.Row.Path == "" { // a text
		return job, nil
	}
	var l letter
	if err := json.Unmarshal([]byte(c.Text), &l); err != nil {
		return job, fmt.Errorf("what is kept for this channel is not a letter: %w", err)
	}
	job.Subject, job.Text, job.Case = l.Subject, l.Text, l.Case
	if l.Case != nil {
		job.Thread = l.Case.Key + "/" + job.To
	}
	return job, nil
}

func refused(err error) event.Ending {
	var e *delivery.Error
	if !errors.As(err, &e) {
		return event.Ending{Fate: event.Unsure, Code: err.Error()}
	}
	code := e.Code
	if code == "" && e.Err != nil {
		code = e.Err.Error()
	}
	end := event.Ending{After: e.After, Code: code, Advice: e.Advice, Device: e.Worker, Congested: e.Congested}
	switch e.Fate {
	case delivery.Retry:
		end.Fate = event.RetryLater
	case delivery.Never:
		end.Fate = event.Never
	default:
		end.Fate = event.Unsure
	}
	return end
}

func ended(c event.Claim, end event.Ending) event.Outcome {
	return event.Outcome{Row: c.Row, Ending: end}
}

func taken(from []event.Part) []delivery.Part {
	var to []delivery.Part
	for _, p := range from {
		to = append(to, delivery.Part(p))
	}
	return to
}

func parts(from []delivery.Part) []event.Part {
	var to []event.Part
	for _, p := range from {
		to = append(to, event.Part(p))
	}
	return to
}

func references(r delivery.Receipt) string {
	if r.Reference != "" {
		return r.Reference
	}
	var refs []string
	for _, p := range r.Parts {
		refs = append(refs, strconv.Itoa(p.Reference))
	}
	return strings.Join(refs, "+")
}
