package outbox_test

import (
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/storage/outbox"
)

// TestCheckFindsEveryLostRow loses one row of one bucket at a time.
func TestCheckFindsEveryLostRow(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Class: 1, Effect: outbox.Tells})
	k.notice(outbox.Notice{ID: 2, Kind: "update", Class: 1})
	k.address(1, "ada", "bob", "carl")
	k.address(2, "ada", "bob", "carl", "dora")
	k.sent(3)
	k.expect("lte0", "bob: down")
	k.outcome("lte0", outbox.Failed)
	k.expect("lte0", "carl: down")
	k.retry("lte0", time.Hour, false)
	k.expect("lte0", "ada: update")
	k.expect("lte1", "bob: update")
	k.outcome("lte1", outbox.Sent)
	k.expect("lte1", "dora: update") // carl's is behind his first
	k.retry("lte1", time.Hour, false)

	faults := func(spoil func(tx *bbolt.Tx) error) (found []error) {
		t.Helper()
		err := k.Update(func(tx *bbolt.Tx) error {
			if err := spoil(tx); err != nil {
				return err
			}
			found = outbox.Check(tx)
			return errSeen
		})
		if err != errSeen {
			t.Fatal(err)
		}
		return found
	}
	if got := faults(func(*bbolt.Tx) error { return nil }); got != nil {
		t.Fatalf("before anything is lost: %v", got)
	}
	for _, bucket := range []string{"notices", "standings", "incident", "deliveries", "bynotice", "queue", "heads", "headof",
		"blocked", "targets", "busy", "flight", "failed", "ledger", "counts"} {
		got := faults(func(tx *bbolt.Tx) error {
			c := tx.Bucket([]byte(bucket)).Cursor()
			if k, _ := c.First(); k == nil {
				t.Fatalf("the story leaves nothing in %s", bucket)
			}
			return c.Delete()
		})
		if len(got) == 0 {
			t.Errorf("a row of %s was lost, and nothing is said", bucket)
		}
	}
	got := faults(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte("flight"))
		return b.Put([]byte("lte7\x00"), b.Get([]byte("lte0\x00")))
	})
	if len(got) == 0 {
		t.Error("two workers carry one delivery, and nothing is said")
	}
}
