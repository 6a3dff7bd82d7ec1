package outbox

import (
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

func toldKey(d Delivery) []byte { return key(d.Incident, d.Channel, d.Address) }

// toldOf reads the ledger row of a delivery's address; ok tells whether there
// is one.
func toldOf(tx *bbolt.Tx, d Delivery) (t Told, ok bool, err error) {
	ok, err = getJSON(tx, bLedger, toldKey(d), &t)
	t.Incident, t.Channel, t.Address = d.Incident, d.Channel, d.Address
	return t, ok, err
}

func saveTold(tx *bbolt.Tx, t Told) error {
	return putJSON(tx, bLedger, key(t.Incident, t.Channel, t.Address), t)
}

// Ledger lists the rows of an incident in key order: channel, then address.
func Ledger(tx *bbolt.Tx, incident int) ([]Told, error) {
	rows, _, err := ledgerFrom(tx, incident, nil, 1<<30)
	return rows, err
}

// Knows tells whether an address was told of an incident, or waits to be.
func Knows(tx *bbolt.Tx, incident int, channel, address string) bool {
	t := Told{}
	is, err := getJSON(tx, bLedger, key(incident, channel, address), &t)
	return err == nil && is && (t.IsTold() || t.Cleared || t.Waiting != 0)
}

// ToldElsewhere remembers of an address whose every try has failed that its owner
// is told another way, so that it does not count as one who could not be told.
func ToldElsewhere(tx *bbolt.Tx, d Delivery) error {
	t, ok, err := toldOf(tx, d)
	if err != nil || !ok {
		return err
	}
	t.Elsewhere = true
	return saveTold(tx, t)
}

// ledgerFrom reads at most max rows after a key, and the key of the last one.
func ledgerFrom(tx *bbolt.Tx, incident int, after []byte, max int) ([]Told, []byte, error) {
	from := after
	if len(after) > 0 {
		from = append(slices.Clone(after), 0)
	}
	ks := keys(tx, bLedger, key(incident), from, max)
	rows := make([]Told, 0, len(ks))
	for _, k := range ks {
		t := Told{Incident: incident}
		if _, err := getJSON(tx, bLedger, k, &t); err != nil {
			return nil, nil, fmt.Errorf("ledger of incident %d: %w", incident, err)
		}
		var rest []byte
		t.Channel, rest = upTo(k[8:])
		t.Address, _ = upTo(rest)
		rows = append(rows, t)
	}
	if len(ks) > 0 {
		after = ks[len(ks)-1]
	}
	return rows, after, nil
}

// ToldTo is the ledger row of a delivery's address; an empty one if there is
// none.
func ToldTo(tx *bbolt.Tx, d Delivery) (Told, error) {
	t, _, err := toldOf(tx, d)
	return t, err
}

// Tally counts an incident's ledger, for the audiences that are asked for: the
// addresses told, those of them that were cleared, and those for which every
// try failed. What was overtaken before it was sent is none of these.
func Tally(tx *bbolt.Tx, incident int, of func(audience string) bool) (told, cleared, failed int, err error) {
	const some = 1000 // of a mass notice's rows at a time
	var after []byte
	for {
		rows, last, err := ledgerFrom(tx, incident, after, some)
		if err != nil {
			return told, cleared, failed, err
		}
		for _, t := range rows {
			switch {
			case !of(t.Audience):
			case t.IsTold():
				told++
				if t.Cleared {
					cleared++
				}
			case t.Waiting == 0 && !t.Elsewhere:
				failed++
			}
		}
		if len(rows) < some {
			return told, cleared, failed, nil
		}
		after = last
	}
}

// expect enters a delivery that should tell into the ledger, whose row may be
// known already.
func expect(tx *bbolt.Tx, d Delivery, known *Told) error {
	if known == nil {
		t, _, err := toldOf(tx, d)
		if err != nil {
			return err
		}
		known = &t
	}
	t := *known
	t.Recipient, t.Language, t.Audience = d.Recipient, d.Language, d.Audience
	t.Waiting = max(t.Waiting, d.ID)
	return saveTold(tx, t)
}

// remember brings the ledger in line with a delivery's change of status.
func remember(tx *bbolt.Tx, was Status, d Delivery) error {
	if d.Effect == Neither || d.Incident == 0 || was == d.Status {
		return nil
	}
	t, ok, err := toldOf(tx, d)
	if err != nil || !ok {
		return err
	}
	if d.Effect == Tells {
		t.tell(was, d)
	} else {
		t.clear(was, d)
	}
	return saveTold(tx, t)
}

// tell enters what a telling delivery's new status means. A delivery that is
// claimed counts as told at once: we may die before its outcome is known.
func (t *Told) tell(was Status, d Delivery) {
	switch {
	case d.Status.Told() && !was.Told():
		if t.Cleared {
			t.Cleared, t.Before, t.Telling = false, append(t.Before, t.Telling...), nil
		}
		t.Telling = append(t.Telling, d.ID)
		t.Notice, t.Variant, t.In = d.Notice, d.Variant, d.Language
	case was.Told() && !d.Status.Told():
		not := func(id uint64) bool { return id == d.ID }
		t.Telling, t.Before = slices.DeleteFunc(t.Telling, not), slices.DeleteFunc(t.Before, not)
		// Told anew after an all-clear, and the new telling did not arrive: what
		// this address knows is still the all-clear.
		t.Cleared = t.Cleared || len(t.Telling) == 0 && t.ClearedBy != 0
	}
	switch {
	case d.Status == Pending, d.Status == Superseded && was == Sending:
		t.Waiting = max(t.Waiting, d.ID)
	case t.Waiting == d.ID && d.Status != Superseded:
		t.Waiting = 0
	}
}

// clear enters what an all-clear's new status means. One that is only being
// sent has not cleared; one that failed after it was taken has not either.
func (t *Told) clear(was Status, d Delivery) {
	switch {
	case was == Sending && d.Status.Told():
		t.Cleared, t.ClearedBy = true, d.ID
		if t.Waiting < d.ID {
			t.Waiting = 0
		}
	case d.Status == Failed && t.ClearedBy == d.ID:
		t.Cleared, t.ClearedBy = false, 0
		t.Telling, t.Before = append(t.Before, t.Telling...), nil
	}
}

// Past is what an address was told before.
type Past struct {
	At   time.Time // when it was claimed, box time
	Text string
}

// Earlier lists what the address of a delivery was told of the same incident
// before it, the oldest first.
func Earlier(tx *bbolt.Tx, d Delivery) ([]Past, error) {
	if d.Incident == 0 {
		return nil, nil
	}
	t, ok, err := toldOf(tx, d)
	if err != nil || !ok {
		return nil, err
	}
	ids := slices.Concat(t.Before, t.Telling)
	if t.ClearedBy != 0 {
		ids = append(ids, t.ClearedBy)
	}
	slices.Sort(ids)
	var all []Past
	for _, id := range slices.Compact(ids) {
		if id >= d.ID {
			continue
		}
		before, err := Row(tx, id)
		if err != nil {
			return nil, err
		}
		text, err := textOf(tx, before)
		if err != nil {
			return nil, err
		}
		all = append(all, Past{At: before.Claimed, Text: text})
	}
	return all, nil
}
