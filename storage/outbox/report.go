package outbox

import (
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// How long references and reports that match nothing are kept. The network
// gives up on a text within a week; a report may overtake its reference by
// seconds only.
const refsKept, reportsKept = 8 * 24 * time.Hour, 10 * time.Minute

// Report is what the network said about one part.
type Report struct {
	Worker    string    `json:"-"`
	Ref       int       `json:"-"` // as in the part; 8 bits, reused
	Address   string    `json:"a"` // the recipient, as the network writes it
	At        time.Time `json:"t"` // box time of its coming
	Outcome   Status    `json:"o"` // Delivered or Failed (for good); others only say that the network still tries
	Code      string    `json:"c,omitempty"`
	Advice    string    `json:"v,omitempty"`
	Delivered time.Time `json:"d,omitzero"` // when, as the network says; for the timeline
}

// Match is the delivery and part that a report belongs to.
type Match struct {
	Delivery uint64
	Part     int
}

func refKey(id uint64, p Part) []byte {
	return key(p.Worker, p.Ref, p.At, id, p.Number)
}

// enterRef makes a part findable by its reference.
func enterRef(tx *bbolt.Tx, id uint64, p Part) error {
	k := refKey(id, p)
	if err := put(tx, bRefs, k, []byte{}); err != nil {
		return err
	}
	return later(tx, p.At.Add(refsKept), bRefs, k)
}

// MatchReport finds the newest part that this worker's network took under the
// report's reference, whose address equals the report's, not longer than window
// before it came. References are reused, so the number and the time decide.
func MatchReport(tx *bbolt.Tx, r Report, window time.Duration, equal func(a, b string) bool) (Match, bool, error) {
	ks := keys(tx, bRefs, key(r.Worker, r.Ref), key(r.Worker, r.Ref, r.At.Add(-window)), 1<<16)
	for _, k := range slices.Backward(ks) {
		m := Match{Delivery: number(k[len(k)-16:]), Part: int(last8(k))}
		d, err := Row(tx, m.Delivery)
		if err != nil {
			return Match{}, false, fmt.Errorf("match a report: %w", err)
		}
		if equal(d.Address, r.Address) {
			return m, true, nil
		}
	}
	return Match{}, false, nil
}

// lateAnswer is how long after a worker gave a text up the network may still
// have taken it.
const lateAnswer = 5 * time.Minute

// MatchUnsure finds the delivery of this worker to the report's address that
// got no answer, and so has no reference, within the window: a report from
// that address settles it. Where there are several, the time at which the
// network took the text tells them apart; taken is that time by the box's
// clock, zero if it is not known. When they cannot be told apart, nobody knows
// which one the report is about, and there is no match.
func MatchUnsure(tx *bbolt.Tx, r Report, taken time.Time, window time.Duration, equal func(a, b string) bool) (uint64, bool, error) {
	var all, then []uint64
	for _, k := range keys(tx, bDoubt, key(r.Worker), nil, 1<<16) {
		d, err := Row(tx, last8(k))
		if err != nil {
			return 0, false, fmt.Errorf("match a report: %w", err)
		}
		if !equal(d.Address, r.Address) || d.Changed.Before(r.At.Add(-window)) {
			continue
		}
		all = append(all, d.ID)
		if !taken.Before(d.Claimed.Add(-clocksDiffer)) && taken.Before(d.Changed.Add(lateAnswer)) {
			then = append(then, d.ID)
		}
	}
	switch {
	case len(all) == 1:
		return all[0], true, nil
	case len(then) == 1 && !taken.IsZero():
		return then[0], true, nil
	}
	return 0, false, nil
}

// clocksDiffer is how far the clocks of box and network may lie apart.
const clocksDiffer = 5 * time.Second

// ApplyReport enters a report into the part it matched. The delivery becomes
// delivered when all its parts are, and failed when one is refused for good; a
// delivery that is still being sent gets its status when it is closed. The row
// is returned as it is then; a second report on the same part changes nothing.
func ApplyReport(tx *bbolt.Tx, m Match, r Report, now time.Time) (Delivery, error) {
	d, err := Row(tx, m.Delivery)
	if err != nil {
		return Delivery{}, err
	}
	i := slices.IndexFunc(d.Parts, func(p Part) bool { return p.Number == m.Part })
	if i < 0 {
		return Delivery{}, fmt.Errorf("delivery %d has no part %d", d.ID, m.Part)
	}
	if r.Outcome != Delivered && r.Outcome != Failed || d.Parts[i].Report != "" {
		return d, nil
	}
	d.Parts[i].Report = r.Outcome
	if r.Outcome == Failed {
		d.Code, d.Advice = r.Code, r.Advice
	}
	to := settled(d, d.Status)
	if to == d.Status || d.Status != Sent && d.Status != Unsure {
		return d, saveRow(tx, d)
	}
	if err := finish(tx, d, to, now); err != nil {
		return Delivery{}, err
	}
	return Row(tx, d.ID)
}

// settled is what the reports on a row's parts make of its status.
func settled(d Delivery, otherwise Status) Status {
	arrived := 0
	for _, p := range d.Parts {
		switch p.Report {
		case Failed:
			return Failed
		case Delivered:
			arrived++
		}
	}
	if arrived > 0 && arrived >= d.Parts[0].Of {
		return Delivered
	}
	return otherwise
}

// KeepReport keeps a report that matched nothing for ten minutes: it may have
// come before its reference.
func KeepReport(tx *bbolt.Tx, r Report) error {
	r.At = utc(r.At)
	k := key(r.Worker, r.Ref, r.At)
	if err := putJSON(tx, bReports, k, r); err != nil {
		return err
	}
	return later(tx, r.At.Add(reportsKept), bReports, k)
}

// EarlyReports applies the kept reports that came before the references of a
// delivery's parts. The engine calls it after Close or PartTaken gave the row
// its parts; it returns the row as it is then.
func EarlyReports(tx *bbolt.Tx, id uint64, equal func(a, b string) bool, now time.Time) (Delivery, error) {
	d, err := Row(tx, id)
	if err != nil {
		return Delivery{}, err
	}
	for _, p := range d.Parts {
		if p.Report != "" || p.Ref < 0 {
			continue
		}
		if d, err = earlyReport(tx, d, p, equal, now); err != nil {
			return Delivery{}, err
		}
	}
	return d, nil
}

func earlyReport(tx *bbolt.Tx, d Delivery, p Part, equal func(a, b string) bool, now time.Time) (Delivery, error) {
	for _, k := range keys(tx, bReports, key(p.Worker, p.Ref), key(p.Worker, p.Ref, now.Add(-reportsKept)), 1<<10) {
		r := Report{Worker: p.Worker, Ref: p.Ref}
		if _, err := getJSON(tx, bReports, k, &r); err != nil {
			return Delivery{}, err
		}
		if !equal(d.Address, r.Address) {
			continue
		}
		if err := del(tx, bReports, k); err != nil {
			return Delivery{}, err
		}
		return ApplyReport(tx, Match{Delivery: d.ID, Part: p.Number}, r, now)
	}
	return d, nil
}
