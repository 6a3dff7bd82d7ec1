package outbox_test

import (
	"fmt"
	"testing"

	"go.etcd.io/bbolt"

	"heliograph/storage/outbox"
	"heliograph/storage/storagetest"
)

// Of 5,000 subscribers who wait for the first word, three were told; and one
// person on call stands behind them all. The all-clears find the four without
// reading each of the others.
func TestFewOfManyOnALedger(t *testing.T) {
	s := storagetest.Open(t)
	s.Do(func(tx *bbolt.Tx) error {
		var to []outbox.Recipient
		for i := range 5000 {
			to = append(to, outbox.Recipient{Name: fmt.Sprintf("K-%04d", i), Channel: "sms", Address: fmt.Sprintf("+48600%06d", i), Language: "en"})
		}
		for _, n := range []outbox.Notice{
			{ID: 1, Incident: 7, Audience: "subscribers", Class: 4, Effect: outbox.Tells, Queued: t0, Due: t0, Texts: outbox.Texts{outbox.Direct: {"en": "down"}}},
			{ID: 2, Incident: 7, Audience: "oncall", Class: 0, Effect: outbox.Tells, Queued: t0, Due: t0, Texts: outbox.Texts{outbox.Direct: {"en": "down"}}},
		} {
			if err := outbox.PutNotice(tx, n); err != nil {
				return err
			}
		}
		if _, err := outbox.Address(tx, 1, to, t0); err != nil {
			return err
		}
		_, err := outbox.Address(tx, 2, []outbox.Recipient{{Name: "ada", Channel: "sms", Address: "+499", Language: "en"}}, t0)
		return err
	})
	for range 4 {
		s.Do(func(tx *bbolt.Tx) error {
			c, err := outbox.Claim(tx, outbox.Worker{Name: "lte0", Channel: "sms"}, t0, nil)
			if err != nil || c.Delivery == nil {
				t.Fatal(c, err)
			}
			_, err = outbox.Close(tx, c.Delivery.ID, outbox.Sent, t0, "", "", nil)
			return err
		})
	}
	for id, c := range map[uint64]struct {
		audience string
		want     int
	}{10: {"oncall", 1}, 11: {"subscribers", 3}} {
		found, calls, done := 0, 0, false
		for ; !done && calls < 100; calls++ {
			s.Do(func(tx *bbolt.Tx) error {
				if calls == 0 {
					n := outbox.Notice{ID: id, Incident: 7, Audience: c.audience, Effect: outbox.Clears, Queued: t0, Due: t0, FromLedger: true, Texts: outbox.Texts{outbox.ToTold: {"en": "up"}}}
					if err := outbox.PutNotice(tx, n); err != nil {
						return err
					}
				}
				var n int
				var err error
				done, n, err = outbox.ExpandLedger(tx, id, 100, nil)
				found += n
				return err
			})
		}
		if found != c.want || calls > 4 {
			t.Errorf("the all-clear to %s finds %d in %d calls, want %d in three", c.audience, found, calls, c.want)
		}
	}
}
