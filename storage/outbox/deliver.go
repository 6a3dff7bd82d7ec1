package outbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// Address writes the deliveries of a notice to recipients named by the caller,
// at most a thousand in one transaction, best sorted by channel and address.
// It enters them into the ledger if the notice tells. A recipient whose address
// already waits for this notice gets no second delivery, and a withdrawn notice
// none at all. It returns the new deliveries' numbers.
func Address(tx *bbolt.Tx, notice uint64, to []Recipient, due time.Time) ([]uint64, error) {
	n, err := NoticeOf(tx, notice)
	if err != nil || n.Standing == Withdrawn {
		return nil, err
	}
	w := writer{tx: tx, n: n, channels: map[string]bool{}}
	var ids []uint64
	for _, r := range to {
		id, err := w.address(r, Direct, due, nil)
		if err != nil {
			return nil, fmt.Errorf("address notice %d to %s: %w", notice, r.Name, err)
		}
		if id != 0 {
			ids = append(ids, id)
		}
	}
	return ids, w.close()
}

// writer writes the deliveries of one notice and sets its heads and counters
// once, at the end.
type writer struct {
	tx       *bbolt.Tx
	n        Notice
	channels map[string]bool
	wrote    int
	skip     func(Told) bool // who is left out of a follow-up; nil: nobody
}

// address writes one delivery, unless the address already waits for this
// notice; then the number is 0. known is its ledger row, nil if it is not read.
func (w *writer) address(r Recipient, variant string, due time.Time, known *Told) (uint64, error) {
	if r.Channel == "" || r.Address == "" || strings.ContainsRune(r.Channel+r.Address, 0) {
		return 0, errors.New("a recipient needs a channel and an address without zero bytes")
	}
	if !r.Due.IsZero() {
		due = r.Due
	}
	n := w.n
	d := Delivery{Notice: n.ID, Incident: n.Incident, Kind: n.Kind, Audience: n.Audience, Class: n.Class,
		Effect: n.Effect, Variant: variant, Recipient: r.Name, Channel: r.Channel, Address: r.Address,
		Language: r.Language, Pinned: r.Only, Status: Pending, Queued: n.Queued, Due: utc(due), Expires: n.Expires, Changed: n.Queued}
	if r.Audience != "" {
		d.Audience = r.Audience
	}
	if waits, err := w.waits(d); waits || err != nil {
		return 0, err
	}
	return w.write(d, known)
}

// waits tells whether the address already waits for this notice.
func (w *writer) waits(d Delivery) (bool, error) {
	prefix := key(d.Channel, d.Address, d.Incident)
	c := w.tx.Bucket([]byte(bTargets)).Cursor()
	for k, v := c.Seek(prefix); hasPrefix(k, prefix); k, v = c.Next() {
		if number(v) == d.Notice {
			return true, nil
		}
	}
	return false, nil
}

func (w *writer) write(d Delivery, known *Told) (uint64, error) {
	id, err := w.tx.Bucket([]byte(bRows)).NextSequence()
	if err != nil {
		return 0, err
	}
	d.ID = id
	if err := enqueue(w.tx, &d); err != nil {
		return 0, err
	}
	if err := put(w.tx, bByNotice, key(d.Notice, d.ID), []byte{}); err != nil {
		return 0, err
	}
	if d.Effect == Tells && d.Incident > 0 {
		if err := expect(w.tx, d, known); err != nil {
			return 0, err
		}
	}
	w.wrote++
	w.channels[d.Channel] = true
	return id, saveRow(w.tx, d)
}

func (w *writer) close() error {
	if w.wrote == 0 {
		return nil
	}
	if err := add(w.tx, statusKey(Pending, w.n.Class), w.wrote); err != nil {
		return err
	}
	if err := add(w.tx, key(countOpen, w.n.Incident), w.wrote); err != nil {
		return err
	}
	for channel := range w.channels {
		if err := setHead(w.tx, w.n.ID, channel); err != nil {
			return err
		}
	}
	return nil
}

// ExpandLedger writes the next deliveries of a notice to those its incident's
// ledger knows, in key order, reading no more than max rows, and remembers
// how far it came. Each row gets the variant for what it knows; a variant that
// the notice lacks is left out. Notice.Due is when they are due, unless due
// (which may be nil) answers another time. It is done when the ledger ends or
// the notice was withdrawn meanwhile; n counts the deliveries written.
func ExpandLedger(tx *bbolt.Tx, notice uint64, max int, due func(Told, string) time.Time) (done bool, n int, err error) {
	return ExpandLedgerTo(tx, notice, max, due, nil)
}

// ExpandLedgerTo does so but for those that skip is true for.
func ExpandLedgerTo(tx *bbolt.Tx, notice uint64, max int, due func(Told, string) time.Time, skip func(Told) bool) (done bool, n int, err error) {
	nt, err := NoticeOf(tx, notice)
	if err != nil {
		return false, 0, err
	}
	if nt.Expanded || nt.Standing == Withdrawn {
		return true, 0, nil
	}
	if !nt.FromLedger || nt.Incident == 0 || max < 1 {
		return false, 0, fmt.Errorf("notice %d is not to be expanded from a ledger", notice)
	}
	rows, last, ended, err := ledgerOf(tx, nt, max)
	if err != nil {
		return false, 0, err
	}
	w := writer{tx: tx, n: nt, channels: map[string]bool{}, skip: skip}
	for _, t := range rows {
		wrote, err := w.follow(t, due)
		if err != nil {
			return false, 0, fmt.Errorf("expand notice %d to %s: %w", notice, t.Recipient, err)
		}
		if wrote {
			n++
		}
	}
	nt.Cursor, nt.Expanded = last, ended
	if err := saveNotice(tx, nt); err != nil {
		return false, 0, err
	}
	return nt.Expanded, n, w.close()
}

// IsOf says that an audience is another one or a part of it, which is named
// after it: "subscribers:awake" is of "subscribers".
func IsOf(part, whole string) bool {
	rest, is := strings.CutPrefix(part, whole)
	return is && (rest == "" || rest[0] == ':')
}

func (n Notice) concernsAudience(name string) bool {
	return (n.Audience == "" || IsOf(name, n.Audience)) && (n.But == "" || !IsOf(name, n.But))
}

// follow writes the delivery that a ledger row calls for.
func (w *writer) follow(t Told, due func(Told, string) time.Time) (bool, error) {
	if !w.n.concernsAudience(t.Audience) || slices.Contains(w.n.Except, t.Address) || IsErased(t.Address) || w.skip != nil && w.skip(t) {
		return false, nil
	}
	variant, ok := t.variant()
	if variant == ToTold && w.n.Texts[ToUnsure] != nil {
		doubted, err := w.doubted(t)
		if err != nil {
			return false, err
		}
		if doubted {
			variant = ToUnsure
		}
	}
	if !ok || w.n.Texts[variant] == nil {
		return false, nil
	}
	at := w.n.Due
	if at.IsZero() {
		at = w.n.Queued
	}
	r := Recipient{Name: t.Recipient, Channel: t.Channel, Address: t.Address, Language: t.Language, Audience: t.Audience}
	if due != nil {
		r.Due = due(t, variant)
	}
	id, err := w.address(r, variant, at, &t)
	return id != 0, err
}

// doubted tells whether all that told an address got no answer.
func (w *writer) doubted(t Told) (bool, error) {
	for _, id := range t.Telling {
		d, err := Row(w.tx, id)
		if err != nil || d.Status != Unsure {
			return false, err
		}
	}
	return true, nil
}
