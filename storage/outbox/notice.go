package outbox

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// PutNotice writes a new notice; it has no deliveries yet. Incidents are
// numbered from 1.
func PutNotice(tx *bbolt.Tx, n Notice) error {
	if n.ID == 0 || n.Incident < 0 {
		return fmt.Errorf("put notice %d of incident %d: a notice has a number from 1, an incident from 0", n.ID, n.Incident)
	}
	if has(tx, bNotices, key(n.ID)) {
		return fmt.Errorf("put notice %d: there is one with this number", n.ID)
	}
	if n.Standing == "" {
		n.Standing = Open
	}
	if n.Standing != Open && n.Standing != Held && n.Standing != Withdrawn {
		return fmt.Errorf("put notice %d: there is no standing %q", n.ID, n.Standing)
	}
	if n.Effect != Tells && n.Effect != Clears && n.Effect != Neither {
		return fmt.Errorf("put notice %d: there is no effect %q", n.ID, n.Effect)
	}
	n.Queued, n.Due, n.Expires = utc(n.Queued), utc(n.Due), utc(n.Expires)
	if err := put(tx, bOf, key(n.Incident, n.ID), []byte{}); err != nil {
		return err
	}
	return saveNotice(tx, n)
}

func saveNotice(tx *bbolt.Tx, n Notice) error {
	s := standing{Class: n.Class, Is: n.Standing, Incident: n.Incident}
	if err := put(tx, bStandings, key(n.ID), s.bytes()); err != nil {
		return err
	}
	return putJSON(tx, bNotices, key(n.ID), n)
}

// NoticeOf reads a notice. One that its incident's mark withdrew says so.
func NoticeOf(tx *bbolt.Tx, id uint64) (Notice, error) {
	var n Notice
	ok, err := getJSON(tx, bNotices, key(id), &n)
	if err != nil {
		return Notice{}, fmt.Errorf("notice %d: %w", id, err)
	}
	if !ok {
		return Notice{}, fmt.Errorf("there is no notice %d", id)
	}
	n.ID = id
	if n.Incident > 0 && id <= mark(tx, n.Incident) {
		n.Standing = Withdrawn
	}
	return n, nil
}

// Notices lists the notices of an incident by number.
func Notices(tx *bbolt.Tx, incident int) ([]Notice, error) {
	var all []Notice
	for _, k := range keys(tx, bOf, key(incident), nil, 1<<30) {
		n, err := NoticeOf(tx, last8(k))
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}

// Progress remembers how far a mass notice is expanded from a directory.
func Progress(tx *bbolt.Tx, id uint64, cursor []byte, expanded bool) error {
	n, err := NoticeOf(tx, id)
	if err != nil {
		return err
	}
	n.Cursor, n.Expanded = cursor, expanded
	return saveNotice(tx, n)
}

// Rewind has the expansion of a mass notice begin again for the rest, once those
// who go before others have had their turn.
func Rewind(tx *bbolt.Tx, id uint64) error {
	n, err := NoticeOf(tx, id)
	if err != nil {
		return err
	}
	n.Cursor, n.Rest = nil, true
	return saveNotice(tx, n)
}

// SetStanding opens, holds or withdraws one notice. It moves none of its
// deliveries: a notice that is not open has no entry among the heads, which
// are all that a claim looks at. A withdrawn one stays so.
func SetStanding(tx *bbolt.Tx, id uint64, to Standing) error {
	n, err := NoticeOf(tx, id)
	if err != nil {
		return err
	}
	if n.Standing == to {
		return nil
	}
	if n.Standing == Withdrawn || (to != Open && to != Held && to != Withdrawn) {
		return fmt.Errorf("notice %d is %s: it cannot become %q", id, n.Standing, to)
	}
	n.Standing = to
	if err := saveNotice(tx, n); err != nil {
		return err
	}
	if to != Open {
		if err := put(tx, bWork, key(workNotice, id), []byte{}); err != nil {
			return err
		}
	}
	return eachChannel(tx, id, func(channel string) error { return setHead(tx, id, channel) })
}

// Withdraw withdraws every notice of an incident whose number is up to and
// including the given one. Claims obey from this commit on; the rows
// themselves become superseded when they are met, or by Tidy. What is being
// sent or was sent keeps its status.
func Withdraw(tx *bbolt.Tx, incident int, upTo uint64) error {
	if incident < 1 {
		return fmt.Errorf("withdraw the notices of incident %d: incidents are numbered from 1", incident)
	}
	if upTo <= mark(tx, incident) {
		return nil
	}
	if err := put(tx, bMarks, key(incident), key(upTo)); err != nil {
		return err
	}
	return put(tx, bWork, key(workMark, incident), []byte{})
}

// mark is the highest notice of an incident that is withdrawn, 0 if none is.
func mark(tx *bbolt.Tx, incident int) uint64 {
	if v := get(tx, bMarks, key(incident)); v != nil {
		return number(v)
	}
	return 0
}

// standing is what claims ask of a notice, in a row small enough to read for
// each delivery that is met.
type standing struct {
	Class    uint8
	Is       Standing
	Incident int
}

func (s standing) bytes() []byte {
	return append([]byte{s.Class, s.Is[0]}, key(s.Incident)...)
}

// standingOf reads a notice's standing; the incident's mark overrides the
// notice's own.
func standingOf(tx *bbolt.Tx, id uint64) (standing, error) {
	v := get(tx, bStandings, key(id))
	if len(v) != 10 {
		return standing{}, fmt.Errorf("there is no standing of notice %d", id)
	}
	s := standing{Class: v[0], Incident: int(number(v[2:]))}
	switch v[1] {
	case Open[0]:
		s.Is = Open
	case Held[0]:
		s.Is = Held
	default:
		s.Is = Withdrawn
	}
	if s.Incident > 0 && id <= mark(tx, s.Incident) {
		s.Is = Withdrawn
	}
	return s, nil
}
