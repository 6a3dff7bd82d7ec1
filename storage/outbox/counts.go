package outbox

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// The kinds of counters kept in the file, so that a start counts nothing.
const countStatus, countOpen = uint8('s'), uint8('o')

// add changes a counter; one that comes to zero is deleted.
func add(tx *bbolt.Tx, k []byte, n int) error {
	have := 0
	if v := get(tx, bCounts, k); v != nil {
		have = int(number(v))
	}
	have += n
	if have < 0 {
		return fmt.Errorf("a counter of deliveries would become %d", have)
	}
	if have == 0 {
		return del(tx, bCounts, k)
	}
	return put(tx, bCounts, k, binary.BigEndian.AppendUint64(nil, uint64(have)))
}

func statusKey(s Status, class uint8) []byte { return key(countStatus, string(s), class) }

// moved counts a row that changes its status or leaves or enters the queue.
// An empty status is a row that does not exist yet, or no more.
func moved(tx *bbolt.Tx, was, is Delivery) error {
	if was.Status != is.Status || was.Class != is.Class {
		if was.Status != "" {
			if err := add(tx, statusKey(was.Status, was.Class), -1); err != nil {
				return err
			}
		}
		if is.Status != "" {
			if err := add(tx, statusKey(is.Status, is.Class), 1); err != nil {
				return err
			}
		}
	}
	open := func(d Delivery) int {
		if d.Status == "" || d.Final() {
			return 0
		}
		return 1
	}
	if n := open(is) - open(was); n != 0 {
		return add(tx, key(countOpen, max(is.Incident, was.Incident)), n)
	}
	return nil
}

// Count is how many deliveries of a class have a status.
type Count struct {
	Status Status
	Class  uint8
	N      int
}

// Counts reads the counters of all deliveries in the store.
func Counts(tx *bbolt.Tx) []Count {
	var all []Count
	for _, k := range keys(tx, bCounts, []byte{countStatus}, nil, 1<<30) {
		s, rest := upTo(k[1:])
		all = append(all, Count{Status: Status(s), Class: rest[0], N: int(number(get(tx, bCounts, k)))})
	}
	return all
}

// OpenOfIncident counts the deliveries of an incident that are not final:
// pending, being sent, or unsure with a repeat to come. A delivery that was
// sent and may still get a report is final here.
func OpenOfIncident(tx *bbolt.Tx, incident int) int {
	if v := get(tx, bCounts, key(countOpen, incident)); v != nil {
		return int(number(v))
	}
	return 0
}
