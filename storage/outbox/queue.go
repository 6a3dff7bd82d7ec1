package outbox

import (
	"bytes"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// A row in the queue is in one of two lanes. Blocked rows come back to the
// ready lane when their blocker is done, so that no claim meets them twice.
const laneReady, laneBlocked = uint8(0), uint8(1)

// blocker is the delivery that another one waits for; zero is none.
type blocker struct{ ID, Notice uint64 }

func lane(d Delivery) uint8 {
	if d.Blocker != 0 {
		return laneBlocked
	}
	return laneReady
}

func queueKey(d Delivery) []byte { return key(d.Notice, lane(d), d.Channel, d.Due, d.ID) }

func blockedKey(d Delivery) []byte { return key(d.BlockedBy, d.Blocker, d.ID) }

func targetKey(d Delivery) []byte { return key(d.Channel, d.Address, d.Incident, d.ID) }

// enqueue enters a row into the queue's indexes. The caller sets the head and
// saves the row.
func enqueue(tx *bbolt.Tx, d *Delivery) error {
	d.Queue = true
	if err := put(tx, bQueue, queueKey(*d), []byte{}); err != nil {
		return err
	}
	if d.Blocker != 0 {
		if err := put(tx, bBlocked, blockedKey(*d), []byte{}); err != nil {
			return err
		}
	}
	return put(tx, bTargets, targetKey(*d), key(d.Notice))
}

// dequeue takes a row out of the queue's indexes. The caller sets the head and
// saves the row.
func dequeue(tx *bbolt.Tx, d *Delivery) error {
	if err := del(tx, bQueue, queueKey(*d)); err != nil {
		return err
	}
	if d.Blocker != 0 {
		if err := del(tx, bBlocked, blockedKey(*d)); err != nil {
			return err
		}
	}
	d.Queue, d.Blocker, d.BlockedBy = false, 0, 0
	return del(tx, bTargets, targetKey(*d))
}

// requeue moves a row within the queue: to another due time, or behind or from
// behind a blocker.
func requeue(tx *bbolt.Tx, d Delivery, due time.Time, by blocker) error {
	if err := dequeue(tx, &d); err != nil {
		return err
	}
	d.Due, d.Blocker, d.BlockedBy = utc(due), by.ID, by.Notice
	if err := enqueue(tx, &d); err != nil {
		return err
	}
	if err := saveRow(tx, d); err != nil {
		return err
	}
	return setHead(tx, d.Notice, d.Channel)
}

// release brings back the rows that waited for a delivery.
func release(tx *bbolt.Tx, d Delivery) error {
	for {
		n, err := releaseSome(tx, key(d.Notice, d.ID), 100)
		if err != nil || n == 0 {
			return err
		}
	}
}

// releaseSome brings back at most max rows that waited for the deliveries with
// a prefix: a notice's, or one.
func releaseSome(tx *bbolt.Tx, prefix []byte, max int) (int, error) {
	ks := keys(tx, bBlocked, prefix, nil, max)
	for _, k := range ks {
		d, err := Row(tx, last8(k))
		if err != nil {
			return 0, err
		}
		if err := requeue(tx, d, d.Due, blocker{}); err != nil {
			return 0, err
		}
	}
	return len(ks), nil
}

// setHead brings a notice's entry among the heads of a channel in line with
// its first ready row. A notice that is not open has no entry.
func setHead(tx *bbolt.Tx, notice uint64, channel string) error {
	s, err := standingOf(tx, notice)
	if err != nil {
		return err
	}
	var want []byte // due, delivery
	if s.Is == Open {
		prefix := key(notice, laneReady, channel)
		if k := first(tx, bQueue, prefix); k != nil {
			want = k[len(prefix):]
		}
	}
	at := key(notice, channel)
	have := get(tx, bHeadOf, at)
	if bytes.Equal(have, want) {
		return nil
	}
	if have != nil {
		if err := del(tx, bHeads, key(channel, s.Class, have)); err != nil {
			return err
		}
	}
	if want == nil {
		return del(tx, bHeadOf, at)
	}
	if err := put(tx, bHeads, key(channel, s.Class, want), key(notice)); err != nil {
		return err
	}
	return put(tx, bHeadOf, at, want)
}

// eachChannel visits the channels for which a notice has ready rows or a head.
func eachChannel(tx *bbolt.Tx, notice uint64, do func(channel string) error) error {
	from := key(notice, laneReady)
	for {
		k := keys(tx, bQueue, key(notice, laneReady), from, 1)
		if len(k) == 0 {
			return nil
		}
		channel, _ := upTo(k[0][9:])
		if err := do(channel); err != nil {
			return err
		}
		from = append(key(notice, laneReady), append([]byte(channel), 1)...)
	}
}

// Row reads a delivery.
func Row(tx *bbolt.Tx, id uint64) (Delivery, error) {
	var d Delivery
	ok, err := getJSON(tx, bRows, key(id), &d)
	if err != nil {
		return Delivery{}, fmt.Errorf("delivery %d: %w", id, err)
	}
	if !ok {
		return Delivery{}, fmt.Errorf("there is no delivery %d", id)
	}
	d.ID = id
	return d, nil
}

func saveRow(tx *bbolt.Tx, d Delivery) error {
	return putJSON(tx, bRows, key(d.ID), d)
}
