package outbox

import (
	"bytes"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// Incident is an incident as the engine keeps it.
type Incident struct {
	ID     int
	Closed time.Time // zero while it is open
	Blob   []byte    // the engine's own
}

// PutIncident writes an incident's row. One that is closed is pruned some day.
func PutIncident(tx *bbolt.Tx, in Incident) error {
	if in.ID < 1 {
		return fmt.Errorf("put incident %d: incidents are numbered from 1", in.ID)
	}
	old, known, err := IncidentOf(tx, in.ID)
	if err != nil {
		return err
	}
	if known && !old.Closed.IsZero() {
		if err := del(tx, bArchive, key(old.Closed, old.ID)); err != nil {
			return err
		}
	}
	if !in.Closed.IsZero() {
		if err := put(tx, bArchive, key(in.Closed, in.ID), []byte{}); err != nil {
			return err
		}
	}
	return put(tx, bIncidents, key(in.ID), key(in.Closed, in.Blob))
}

// IncidentOf reads an incident's row and tells whether there is one.
func IncidentOf(tx *bbolt.Tx, id int) (Incident, bool, error) {
	v := get(tx, bIncidents, key(id))
	if v == nil {
		return Incident{}, false, nil
	}
	if len(v) < 8 {
		return Incident{}, false, fmt.Errorf("read incident %d: its row is cut short", id)
	}
	in := Incident{ID: id, Blob: bytes.Clone(v[8:])}
	if number(v) != 0 {
		in.Closed = instant(v)
	}
	return in, true, nil
}

// Incidents lists incidents, the newest first: at most max whose number is
// below before, or from the last if before is 0.
func Incidents(tx *bbolt.Tx, before, max int) ([]Incident, error) {
	var all []Incident
	c := tx.Bucket([]byte(bIncidents)).Cursor()
	k, _ := c.Last()
	for before > 0 && k != nil && last8(k) >= uint64(before) {
		k, _ = c.Prev()
	}
	for ; k != nil && len(all) < max; k, _ = c.Prev() {
		in, _, err := IncidentOf(tx, int(last8(k)))
		if err != nil {
			return nil, err
		}
		all = append(all, in)
	}
	return all, nil
}

// Prune deletes incidents closed before an instant, with their notices,
// deliveries, ledger, timeline and black boxes, and notices of no incident that were queued
// before it and have nothing left to send. It deletes at most about max rows
// and tells how many; zero means that nothing is left to prune.
func Prune(tx *bbolt.Tx, before time.Time, max int) (int, error) {
	n, err := pruneLoose(tx, before, max)
	for n < max && err == nil {
		k := first(tx, bArchive, nil)
		if k == nil || !instant(k[:8]).Before(before) {
			break
		}
		var some int
		some, err = pruneIncident(tx, int(last8(k)), k, max-n)
		n += some
	}
	if err != nil {
		return n, fmt.Errorf("prune the archive: %w", err)
	}
	return n, nil
}

// pruneLoose deletes old notices of no incident. Their numbers grow with time,
// so it stops at the first that is young.
func pruneLoose(tx *bbolt.Tx, before time.Time, max int) (int, error) {
	n := 0
	for _, k := range keys(tx, bOf, key(0), nil, max) {
		nt, err := NoticeOf(tx, last8(k))
		if err != nil || !nt.Queued.Before(before) || n >= max {
			return n, err
		}
		if open, err := unfinished(tx, nt.ID); err != nil || open {
			if err != nil {
				return n, err
			}
			continue
		}
		some, err := pruneNotice(tx, nt, max-n)
		if n += some; err != nil {
			return n, err
		}
	}
	lines, err := pruneOwnTimeline(tx, before, max-n)
	return n + lines, err
}

// pruneOwnTimeline deletes the old lines of the appliance's own timeline.
func pruneOwnTimeline(tx *bbolt.Tx, before time.Time, max int) (n int, err error) {
	for _, k := range keys(tx, bTimeline, key(0), nil, max) {
		var e Entry
		if _, err := getJSON(tx, bTimeline, k, &e); err != nil || !e.Box.Before(before) {
			return n, err
		}
		if err := del(tx, bTimeline, k); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// unfinished tells whether a notice has a delivery to send or being sent.
func unfinished(tx *bbolt.Tx, notice uint64) (bool, error) {
	if first(tx, bQueue, key(notice)) != nil {
		return true, nil
	}
	flying, err := InFlight(tx)
	for _, d := range flying {
		if d.Notice == notice {
			return true, err
		}
	}
	return false, err
}

// pruneIncident deletes an incident from its deliveries up; its own row is the
// last, so that what is left is found the next time.
func pruneIncident(tx *bbolt.Tx, id int, archived []byte, max int) (int, error) {
	n := 0
	for n < max {
		k := first(tx, bOf, key(id))
		if k == nil {
			break
		}
		nt, err := NoticeOf(tx, last8(k))
		if err != nil {
			return n, err
		}
		some, err := pruneNotice(tx, nt, max-n)
		if n += some; err != nil {
			return n, err
		}
	}
	for _, bucket := range []string{bLedger, bTimeline, bMarks, bBoxes, bIncidents} {
		for _, k := range keys(tx, bucket, key(id), nil, max-n) {
			if err := del(tx, bucket, k); err != nil {
				return n, err
			}
			n++
		}
	}
	if n >= max {
		return n, nil
	}
	if err := list(tx, bWork, key(workMark, id), false, nil); err != nil {
		return n, err
	}
	return n + 1, del(tx, bArchive, archived)
}

// pruneNotice deletes deliveries of a notice, and the notice when none is left.
func pruneNotice(tx *bbolt.Tx, nt Notice, max int) (int, error) {
	ks := keys(tx, bByNotice, key(nt.ID), nil, max)
	for _, k := range ks {
		d, err := Row(tx, last8(k))
		if err != nil {
			return 0, err
		}
		if err := erase(tx, d); err != nil {
			return 0, err
		}
		if err := del(tx, bByNotice, k); err != nil {
			return 0, err
		}
	}
	if len(ks) >= max {
		return len(ks), nil
	}
	for _, bucket := range []string{bNotices, bStandings} {
		if err := del(tx, bucket, key(nt.ID)); err != nil {
			return 0, err
		}
	}
	if err := list(tx, bWork, key(workNotice, nt.ID), false, nil); err != nil {
		return 0, err
	}
	return len(ks) + 1, del(tx, bOf, key(nt.Incident, nt.ID))
}

// erase deletes a delivery and all that points to it.
func erase(tx *bbolt.Tx, d Delivery) error {
	if !d.Final() {
		if err := finish(tx, d, Superseded, d.Changed); err != nil {
			return err
		}
		var err error
		if d, err = Row(tx, d.ID); err != nil {
			return err
		}
	}
	for _, p := range d.Parts {
		if err := list(tx, bRefs, refKey(d.ID, p), false, nil); err != nil {
			return err
		}
	}
	if err := list(tx, bFailed, key(d.ID), false, nil); err != nil {
		return err
	}
	if err := list(tx, bDoubt, key(d.Worker, d.ID), false, nil); err != nil {
		return err
	}
	if err := moved(tx, d, Delivery{}); err != nil {
		return err
	}
	return del(tx, bRows, key(d.ID))
}
