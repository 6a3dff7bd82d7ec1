package engine

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/firmware/decide"
	"heliograph/firmware/event"
	"heliograph/storage"
	"heliograph/storage/kv"
	"heliograph/storage/outbox"
)

// take settles a fact against the outbox and lets Step decide what it amounts
// to.
func (t *turn) take(f event.Fact) error {
	switch f := f.(type) {
	case reload:
		t.reloaded, t.rules, t.workers = &f.rules, f.rules, f.workers
		return t.decide(f.Reloaded)
	case trust:
		return t.clockSet(f)
	case order:
		return t.decideFor(f, f.Ordered)
	case alarm:
		return t.decideFor(f, f.Alarmed)
	case remember:
		if f.value == nil {
			return kv.Delete(t.tx, memoryPrefix+f.name)
		}
		return kv.Put(t.tx, memoryPrefix+f.name, f.value)
	case event.Received:
		return t.received(f)
	case event.Reported:
		return t.reported(f)
	case event.LatePart:
		return t.late(f)
	case event.PartTaken:
		p := f.Part
		return outbox.PartTaken(t.tx, f.Delivery, outbox.Part{Number: p.Number, Of: p.Of, Chain: p.Chain, Ref: p.Reference, At: t.at.Box})
	case event.Booted:
		if err := storage.ForgetAside(t.tx); err != nil {
			return err
		}
		return t.decide(f)
	case event.Outcome:
		return t.outcome(f)
	case rest:
		t.resting = true
		return nil
	}
	return t.decide(f)
}

// outcome frees the worker. An outcome of a row that is not being sent is
// news of another life, and nobody's.
func (t *turn) outcome(f event.Outcome) error {
	t.freed = append(t.freed, f.Worker)
	delete(t.busy, f.Worker)
	if f.Delivery == 0 {
		return nil // said while the disk was full, and entered already
	}
	d, err := outbox.Row(t.tx, f.Delivery)
	if err != nil || d.Status != outbox.Sending {
		return err
	}
	return t.decide(f)
}

// late settles a text whose answer came after all. A part of a long text is
// left: the missing parts go again as they would have.
func (t *turn) late(f event.LatePart) error {
	d, err := outbox.Row(t.tx, f.Delivery)
	if err != nil || d.Status != outbox.Unsure || f.Part.Of != 1 {
		return err
	}
	return t.decide(event.Outcome{Row: rowOf(d), Ending: event.Ending{Fate: event.Taken, Ref: strconv.Itoa(f.Part.Reference), Parts: []event.Part{f.Part}}})
}

// clockSet takes a change of trust in.
func (t *turn) clockSet(f trust) error {
	f = t.trust(f)
	if f.Ahead > 0 {
		if err := t.note(event.Note{What: "clock", Text: fmt.Sprintf("%s: the box was dark for %s", f.Why, f.Ahead.Round(time.Second))}); err != nil {
			return err
		}
	}
	return t.decide(f.ClockSet)
}

// trust sets the turn's clock. The first trusted clock of a run tells how long
// the box was dark, and box time moves forward by that: alarms that expired in
// the dark are not sent afterwards.
func (t *turn) trust(f trust) trust {
	t.at.Trusted = f.is
	if !f.is || t.woken {
		return f
	}
	t.woken = true
	if f.Ahead = darkness(t.e.seen, t.at); f.Ahead > 0 {
		t.ahead += f.Ahead
		t.at.Box = t.at.Box.Add(f.Ahead)
	}
	return f
}

// close ends a delivery; a report that came before its reference settles it
// further at once.
func (t *turn) close(cause event.Fact, eff event.Close) error {
	if settledAlready(cause) {
		return t.otherwise(eff)
	}
	var parts []outbox.Part
	if o, ok := cause.(event.Outcome); ok {
		for _, p := range o.Ending.Parts {
			parts = append(parts, outbox.Part{Number: p.Number, Of: p.Of, Chain: p.Chain, Ref: p.Reference, At: t.at.Box})
		}
	}
	before, err := outbox.Close(t.tx, eff.Delivery, outbox.Status(eff.Status), t.at.Box, eff.Code, eff.Advice, parts)
	if err != nil || len(parts) == 0 {
		return errors.Join(err, t.otherwise(eff))
	}
	after, err := outbox.EarlyReports(t.tx, eff.Delivery, t.e.opt.Same, t.at.Box)
	if err != nil || after.Status == before.Status {
		return err
	}
	return t.decide(event.Outcome{Row: rowOf(after), Ending: endingOf(after)})
}

// settledAlready says that the outbox closed the row when it took the report
// in; Step was asked for what follows from that, not for the row.
func settledAlready(cause event.Fact) bool {
	o, ok := cause.(event.Outcome)
	return ok && (o.Fate == event.Delivered || o.Fate == event.Undelivered || o.Fate == event.Expired)
}

// received takes one message off the modem: once, however often it is read.
func (t *turn) received(f event.Received) error {
	seen, err := outbox.SeenInbound(t.tx, []byte(f.Hash), t.at.Box)
	if err != nil || seen {
		return err
	}
	if f.Fault != "" {
		return t.note(event.Note{What: "unreadable", Text: fmt.Sprintf("a message that came in by %s could not be read: %s: %s", f.Worker, f.Fault, f.Text)})
	}
	text := f.Text
	if f.Of > 1 && f.Number >= 1 && f.Number <= f.Of {
		key := fmt.Sprintf("%s|%s|%s|%d", f.Worker, f.From, f.Chain, f.Of)
		whole, complete, err := outbox.PutPart(t.tx, outbox.InPart{Key: key, Seq: f.Number, Total: f.Of, Text: f.Text, At: t.at.Box})
		if err != nil || !complete {
			return err
		}
		text = whole
	}
	return t.decide(event.Texted{Worker: f.Worker, From: f.From, Text: text, Sent: f.Sent})
}

// unfinished is a long text of which a part never came: what is there may hold
// an order, and the gap says so.
func unfinished(s outbox.Stale) event.Texted {
	worker, rest, _ := strings.Cut(s.Key, "|")
	from, _, _ := strings.Cut(rest, "|")
	return event.Texted{Worker: worker, From: from, Text: s.Text}
}

// reported takes a status report in. One that fits nothing is kept for ten
// minutes: it may have come before its reference.
func (t *turn) reported(f event.Reported) error {
	seen, err := outbox.SeenInbound(t.tx, []byte(f.Hash), t.at.Box)
	if err != nil || seen {
		return err
	}
	r := outbox.Report{Worker: f.Worker, Ref: f.Reference, Address: f.To, At: t.at.Box, Code: f.Code, Delivered: f.At}
	switch {
	case f.Delivered:
		r.Outcome = outbox.Delivered
	case f.Trying:
		r.Outcome = outbox.Sent
	default:
		r.Outcome = outbox.Failed
	}
	return t.settle(r)
}

// reportWindow is how long after sending a report may come: the longest
// validity the box asks for is a day.
const reportWindow = 25 * time.Hour

func (t *turn) settle(r outbox.Report) error {
	m, ok, err := outbox.MatchReport(t.tx, r, reportWindow, t.e.opt.Same)
	if err != nil {
		return err
	}
	if !ok {
		return t.settleUnsure(r)
	}
	before, err := outbox.Row(t.tx, m.Delivery)
	if err != nil {
		return err
	}
	after, err := outbox.ApplyReport(t.tx, m, r, t.at.Box)
	if err != nil || after.Status == before.Status {
		return err
	}
	return t.decide(event.Outcome{Row: rowOf(after), Ending: endingOf(after)})
}

// settleUnsure lets a report from a recipient settle a text to the same number
// that got no answer, and so has no reference (promise 2). Where there are
// several that cannot be told apart, settling the wrong one would lose it, so
// all of them go again, marked. One that is being sent may be meant as well: a
// report can overtake the answer that names its reference.
func (t *turn) settleUnsure(r outbox.Report) error {
	flies, err := t.flies(r)
	if err != nil {
		return err
	}
	var taken time.Time
	if t.at.Trusted && !r.Delivered.IsZero() {
		taken = r.Delivered.Add(t.at.Box.Sub(t.at.Wall))
	}
	id, ok, err := outbox.MatchUnsure(t.tx, r, taken, reportWindow, t.e.opt.Same)
	if err != nil {
		return err
	}
	if !ok || flies || r.Outcome == outbox.Sent {
		return outbox.KeepReport(t.tx, r)
	}
	row, err := outbox.Close(t.tx, id, r.Outcome, t.at.Box, r.Code, r.Advice, nil)
	if err != nil {
		return err
	}
	return t.decide(event.Outcome{Row: rowOf(row), Ending: endingOf(row)})
}

// flies says that the worker of a report is sending to the report's number.
func (t *turn) flies(r outbox.Report) (bool, error) {
	all, err := outbox.InFlight(t.tx)
	return slices.ContainsFunc(all, func(d outbox.Delivery) bool {
		return d.Worker == r.Worker && t.e.opt.Same(d.Address, r.Address)
	}), err
}

func endingOf(d outbox.Delivery) event.Ending {
	fate := event.Delivered
	if d.Status == outbox.Failed {
		fate = event.Undelivered
	}
	return event.Ending{Fate: fate, Code: d.Code, Advice: d.Advice}
}

// boot takes up what the run before left: what is not
// expanded yet, and the deliveries whose
// outcome nobody knows.
func (e *Engine) boot(hands Hands) error {
	batch := []letter{{fact: e.booted()}}
	var flying []outbox.Delivery
	err := e.opt.Store.View(func(tx *bbolt.Tx) error {
		var err error
		if flying, err = outbox.InFlight(tx); err != nil {
			return err
		}
		e.expanding, err = unexpanded(tx, e.State())
		return err
	})
	if err != nil {
		return fmt.Errorf("read what was being sent: %w", err)
	}
	for _, d := range flying {
		batch = append(batch, letter{fact: event.Outcome{Row: rowOf(d), Ending: event.Ending{Fate: event.Unsure, Cut: true, Code: "the box stopped while sending"}}})
	}
	return e.turn(batch, hands)
}

// unexpanded finds the notices that were cut short while their ledger was
// expanded. Only incidents that are not archived can have any.
func unexpanded(tx *bbolt.Tx, s decide.State) ([]uint64, error) {
	var ids []uint64
	for _, c := range s.Incidents {
		all, err := outbox.Notices(tx, c.Number)
		if err != nil {
			return nil, err
		}
		for _, n := range all {
			if !n.Expanded && (n.Directory != "" || n.FromLedger && n.Standing != outbox.Withdrawn) {
				ids = append(ids, n.ID)
			}
		}
	}
	return ids, nil
}

func (e *Engine) booted() event.Booted {
	b := event.Booted{Version: e.opt.Version, Fresh: len(bytes.TrimSpace(e.durable)) == 0}
	if aside, err := e.opt.Store.SetAside(); err == nil && aside != nil {
		b.SetAside, b.Why = aside.Path, aside.Reason
	}
	return b
}
