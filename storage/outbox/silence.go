package outbox

import (
	"time"

	"go.etcd.io/bbolt"
)

// Silence supersedes what still waits to tell an address, of classes from one on:
// whoever it belongs to wants to hear no more. What is being sent goes, and an
// all-clear for what was told before as well.
func Silence(tx *bbolt.Tx, channel, address string, class uint8, now time.Time) (int, error) {
	prefix := key(channel, address)
	var ids []uint64
	c := tx.Bucket([]byte(bTargets)).Cursor()
	for k, _ := c.Seek(prefix); hasPrefix(k, prefix); k, _ = c.Next() {
		ids = append(ids, number(k[len(k)-8:]))
	}
	n := 0
	for _, id := range ids {
		d, err := Row(tx, id)
		if err != nil {
			return n, err
		}
		if d.Address != address || d.Status != Pending || d.Class < class || d.Effect != Tells {
			continue
		}
		if _, err := Close(tx, id, Superseded, now, "stopped", "", nil); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
