package outbox

import (
	"fmt"
	"slices"

	"go.etcd.io/bbolt"
)

// Filter chooses deliveries. Its zero value chooses all.
type Filter struct {
	Status   []Status // any of these; empty means all
	Incident int      // 0 means any
	Notice   uint64   // 0 means any
	Channel  string   // empty means any
	Before   uint64   // only rows with a smaller number: the last one of the page before
	Limit    int      // at most so many, 100 if zero
}

func (f Filter) matches(d Delivery) bool {
	return (len(f.Status) == 0 || slices.Contains(f.Status, d.Status)) &&
		(f.Incident == 0 || f.Incident == d.Incident) &&
		(f.Notice == 0 || f.Notice == d.Notice) &&
		(f.Channel == "" || f.Channel == d.Channel) &&
		(f.Before == 0 || d.ID < f.Before)
}

// Rows lists deliveries, the newest first. The failed ones, those of a notice
// and those of an incident are found by their indexes; other filters read rows
// until the limit is reached.
func Rows(tx *bbolt.Tx, f Filter) ([]Delivery, error) {
	if f.Limit == 0 {
		f.Limit = 100
	}
	switch {
	case f.Notice != 0:
		return f.scan(tx, bByNotice, key(f.Notice))
	case f.Incident != 0:
		return f.ofIncident(tx)
	case len(f.Status) == 1 && f.Status[0] == Failed:
		return f.scan(tx, bFailed, nil)
	}
	return f.scan(tx, bRows, nil)
}

// scan reads the rows that an index names under a prefix, from the last.
func (f Filter) scan(tx *bbolt.Tx, bucket string, prefix []byte) ([]Delivery, error) {
	before := f.Before
	if before == 0 {
		before = 1<<64 - 1
	}
	var found []Delivery
	c := tx.Bucket([]byte(bucket)).Cursor()
	k, _ := c.Seek(key(prefix, before))
	if k == nil {
		k, _ = c.Last()
	}
	for ; k != nil && len(found) < f.Limit; k, _ = c.Prev() {
		if !hasPrefix(k, prefix) {
			if string(k) < string(prefix) {
				break
			}
			continue
		}
		d, err := Row(tx, last8(k))
		if err != nil {
			return nil, fmt.Errorf("list deliveries: %w", err)
		}
		if f.matches(d) {
			found = append(found, d)
		}
	}
	return found, nil
}

// ofIncident goes through an incident's notices, the newest first. Follow-ups
// have higher numbers than what they follow, so the order is nearly that of
// the rows; the result is sorted.
func (f Filter) ofIncident(tx *bbolt.Tx) ([]Delivery, error) {
	var found []Delivery
	for _, k := range keys(tx, bOf, key(f.Incident), nil, 1<<30) {
		rows, err := f.scan(tx, bByNotice, key(last8(k)))
		if err != nil {
			return nil, err
		}
		found = append(found, rows...)
		slices.SortFunc(found, func(a, b Delivery) int { return int(b.ID) - int(a.ID) })
		found = found[:min(len(found), f.Limit)]
	}
	return found, nil
}
