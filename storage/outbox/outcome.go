package outbox

import (
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// lawful lists where a delivery may go from each status by Close.
var lawful = map[Status][]Status{
	Pending: {Failed, Superseded},
	Sending: {Sent, Delivered, Unsure, Failed},
	Unsure:  {Unsure, Sent, Delivered, Failed},
	Sent:    {Delivered, Failed},
}

// Close ends a delivery, or tells what became of it afterwards: from sending to
// sent, delivered, unsure or failed; from pending to failed or superseded; from
// unsure (its repeat is dropped) and sent as a report says. Parts taken that
// the row does not have yet are added. A delivery whose parts were all reported
// while it was being sent comes back as delivered or failed; EarlyReports looks
// for reports that came before their reference. Any other change is an error
// that names both statuses.
func Close(tx *bbolt.Tx, id uint64, to Status, now time.Time, code, advice string, parts []Part) (Delivery, error) {
	d, err := Row(tx, id)
	if err != nil {
		return Delivery{}, err
	}
	if !slices.Contains(lawful[d.Status], to) {
		return Delivery{}, fmt.Errorf("delivery %d is %s and cannot become %s", id, d.Status, to)
	}
	for _, p := range parts {
		if err := addPart(tx, &d, p); err != nil {
			return Delivery{}, err
		}
	}
	d.Code, d.Advice = code, advice
	if to == Sent || to == Unsure {
		to = settled(d, to)
	}
	if err := finish(tx, d, to, now); err != nil {
		return Delivery{}, err
	}
	return Row(tx, id)
}

// Retry puts a delivery that is being sent back into the queue. With again,
// the last sending may have arrived: the row is unsure and its next sending is
// a marked repeat. Once a row is marked it stays so. With uncount the worker
// was at fault: neither a try nor the limits' parts are counted. News that was
// withdrawn meanwhile is not queued: the row becomes superseded, or unsure
// without a repeat.
func Retry(tx *bbolt.Tx, id uint64, due time.Time, again, uncount bool, code, advice string, now time.Time) (Delivery, error) {
	was, err := Row(tx, id)
	if err != nil {
		return Delivery{}, err
	}
	if was.Status != Sending {
		return Delivery{}, fmt.Errorf("delivery %d is %s and cannot become %s again", id, was.Status, Pending)
	}
	d := was
	d.Status, d.Due, d.Changed, d.Code, d.Advice = Pending, utc(due), utc(now), code, advice
	if d.Again = d.Again || again; d.Again {
		d.Status = Unsure
	}
	if uncount {
		d.Tries--
		if err := giveBack(tx, d.Spent); err != nil {
			return Delivery{}, err
		}
	}
	if err := land(tx, &d); err != nil {
		return Delivery{}, err
	}
	s, err := standingOf(tx, d.Notice)
	if err != nil {
		return Delivery{}, err
	}
	switch {
	case s.Is != Withdrawn:
		err = enqueue(tx, &d)
	case d.Again:
		d.Again = false
	default:
		d.Status = Superseded
	}
	if err != nil {
		return Delivery{}, err
	}
	if err := change(tx, was, d); err != nil {
		return Delivery{}, err
	}
	if err := setHead(tx, d.Notice, d.Channel); err != nil {
		return Delivery{}, err
	}
	return d, release(tx, d)
}

// Reschedule changes when a delivery in the queue is due, as after the clock
// was set.
func Reschedule(tx *bbolt.Tx, id uint64, due time.Time) error {
	d, err := Row(tx, id)
	if err != nil {
		return err
	}
	if !d.Queue {
		return fmt.Errorf("delivery %d is %s and does not wait to be sent", id, d.Status)
	}
	return requeue(tx, d, due, blocker{ID: d.Blocker, Notice: d.BlockedBy})
}

// Via remembers the path by which a delivery goes.
func Via(tx *bbolt.Tx, id uint64, path string) error {
	d, err := Row(tx, id)
	if err != nil || d.Path == path {
		return err
	}
	d.Path = path
	return saveRow(tx, d)
}

// PartTaken remembers a part of a multipart text that the network took, before
// the next part is sent. A part already known is left as it is.
func PartTaken(tx *bbolt.Tx, id uint64, p Part) error {
	d, err := Row(tx, id)
	if err != nil {
		return err
	}
	if d.Status != Sending {
		return fmt.Errorf("delivery %d is %s: it takes no parts", id, d.Status)
	}
	if err := addPart(tx, &d, p); err != nil {
		return err
	}
	return saveRow(tx, d)
}

// addPart adds a part to a row and enters its reference for the reports.
func addPart(tx *bbolt.Tx, d *Delivery, p Part) error {
	if p.Number < 1 || p.Of < p.Number {
		return fmt.Errorf("delivery %d: there is no part %d of %d", d.ID, p.Number, p.Of)
	}
	if slices.ContainsFunc(d.Parts, func(q Part) bool { return q.Number == p.Number }) {
		return nil
	}
	p.At, p.Worker = utc(p.At), d.Worker
	d.Parts = append(d.Parts, p)
	if p.Ref < 0 {
		return nil
	}
	return enterRef(tx, d.ID, p)
}

// finish gives a row a status after which nothing more is sent, and frees all
// that it held: its place in the queue or its worker, and those it blocked.
func finish(tx *bbolt.Tx, d Delivery, to Status, now time.Time) error {
	was, err := Row(tx, d.ID)
	if err != nil {
		return err
	}
	queued := d.Queue
	if queued {
		if err := dequeue(tx, &d); err != nil {
			return err
		}
	}
	if err := land(tx, &d); err != nil {
		return err
	}
	d.Status, d.Again, d.Changed = to, false, utc(now)
	if err := change(tx, was, d); err != nil {
		return err
	}
	if queued {
		if err := setHead(tx, d.Notice, d.Channel); err != nil {
			return err
		}
	}
	return release(tx, d)
}

// land frees the worker and the address of a row that is no longer being sent.
func land(tx *bbolt.Tx, d *Delivery) error {
	d.Spent = nil
	if v := get(tx, bBusy, key(d.Channel, d.Address)); v == nil || number(v) != d.ID {
		return nil
	}
	if err := del(tx, bFlight, key(d.Worker)); err != nil {
		return err
	}
	return del(tx, bBusy, key(d.Channel, d.Address))
}

// change saves a row with a new status and keeps the counters, the lists by
// status and the ledger in line.
func change(tx *bbolt.Tx, was, d Delivery) error {
	if err := moved(tx, was, d); err != nil {
		return err
	}
	if err := list(tx, bFailed, key(d.ID), d.Status == Failed, []byte{}); err != nil {
		return err
	}
	if err := doubt(tx, was, d); err != nil {
		return err
	}
	if err := remember(tx, was.Status, d); err != nil {
		return err
	}
	return saveRow(tx, d)
}

// list enters a key into a list or takes it out.
func list(tx *bbolt.Tx, bucket string, k []byte, in bool, v []byte) error {
	if in {
		return put(tx, bucket, k, v)
	}
	if !has(tx, bucket, k) {
		return nil
	}
	return del(tx, bucket, k)
}

// doubt keeps the list of unsure rows by the worker that sent them, as long as
// a report may come.
func doubt(tx *bbolt.Tx, was, d Delivery) error {
	if was.Status == Unsure {
		if err := list(tx, bDoubt, key(was.Worker, d.ID), false, nil); err != nil {
			return err
		}
	}
	if d.Status != Unsure {
		return nil
	}
	k := key(d.Worker, d.ID)
	if err := later(tx, d.Changed.Add(refsKept), bDoubt, k); err != nil {
		return err
	}
	return put(tx, bDoubt, k, []byte{})
}
