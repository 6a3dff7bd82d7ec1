package outbox

import (
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// Record enters a sending that could not be remembered when it was made, for
// want of room on the disk: the pending delivery becomes what the sending made
// of it, as if a claim had been there first. Limits did not count it.
func Record(tx *bbolt.Tx, id uint64, worker string, to Status, now time.Time, code, advice string, parts []Part) error {
	d, err := Row(tx, id)
	if err != nil {
		return err
	}
	if d.Status != Pending || !d.Queue {
		return fmt.Errorf("delivery %d is %s: only one that is pending can have been sent unremembered", id, d.Status)
	}
	was := d
	if err := dequeue(tx, &d); err != nil {
		return err
	}
	if err := setHead(tx, d.Notice, d.Channel); err != nil {
		return err
	}
	d.Status, d.Worker, d.Changed = Sending, worker, utc(now)
	d.Tries++
	d.Attempt++
	if err := change(tx, was, d); err != nil {
		return err
	}
	_, err = Close(tx, id, to, now, code, advice, parts)
	return err
}
