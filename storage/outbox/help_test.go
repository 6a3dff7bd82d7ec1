package outbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/storage/outbox"
	"heliograph/storage/storagetest"
)

// t0 is the box time at which the stories begin.
var t0 = time.Date(2026, 3, 1, 4, 2, 0, 0, time.UTC)

// desk is an outbox with a clock and the few words that the stories use.
type desk struct {
	*storagetest.Store
	t      *testing.T
	now    time.Time
	limits []outbox.Limit
	parts  func(outbox.Delivery, string) int
	ended  []outbox.Delivery
	next   time.Time
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	t.Parallel()
	return &desk{Store: storagetest.Open(t), t: t, now: t0}
}

func (k *desk) pass(d time.Duration) { k.now = k.now.Add(d) }

// notice puts an open notice of incident 7 unless the story says otherwise.
func (k *desk) notice(n outbox.Notice) {
	k.t.Helper()
	if n.Incident == 0 {
		n.Incident = 7
	}
	if n.Texts == nil {
		n.Texts = outbox.Texts{}
		for _, v := range []string{outbox.Direct, outbox.ToTold, outbox.ToCleared, outbox.ToWaiting} {
			n.Texts[v] = map[string]string{"en": strings.TrimSpace(n.Kind + " " + v)}
		}
	}
	n.Queued = k.now
	k.Do(func(tx *bbolt.Tx) error { return outbox.PutNotice(tx, n) })
}

// sms is a person with a number.
func sms(name string) outbox.Recipient {
	return outbox.Recipient{Name: "person:" + name, Channel: "sms", Address: "+48" + name, Language: "en"}
}

func (k *desk) address(notice uint64, names ...string) {
	k.t.Helper()
	k.addressAt(k.now, notice, names...)
}

func (k *desk) addressAt(due time.Time, notice uint64, names ...string) {
	k.t.Helper()
	var to []outbox.Recipient
	for _, name := range names {
		to = append(to, sms(name))
	}
	k.Do(func(tx *bbolt.Tx) error {
		_, err := outbox.Address(tx, notice, to, due)
		return err
	})
}

func (k *desk) expand(notice uint64) int {
	k.t.Helper()
	total := 0
	for done := false; !done; {
		k.Do(func(tx *bbolt.Tx) (err error) {
			n := 0
			done, n, err = outbox.ExpandLedger(tx, notice, 2, nil)
			total += n
			return err
		})
	}
	return total
}

// claim lets a worker claim and returns the row as "ada: down", or "" if
// nothing is ready.
func (k *desk) claim(worker string) string {
	k.t.Helper()
	var c outbox.Claimed
	k.Do(func(tx *bbolt.Tx) (err error) {
		c, err = outbox.Claim(tx, outbox.Worker{Name: worker, Channel: "sms", Parts: k.parts}, k.now, k.limits)
		return err
	})
	k.ended, k.next = append(k.ended, c.Ended...), c.Next
	if c.Delivery == nil {
		return ""
	}
	return strings.TrimPrefix(c.Delivery.Recipient, "person:") + ": " + c.Text
}

func (k *desk) expect(worker, want string) {
	k.t.Helper()
	if got := k.claim(worker); got != want {
		k.t.Fatalf("%s claims %q, want %q", worker, got, want)
	}
}

// held is the delivery that a worker has in flight.
func (k *desk) held(worker string) outbox.Delivery {
	k.t.Helper()
	var found outbox.Delivery
	k.look(func(tx *bbolt.Tx) error {
		all, err := outbox.InFlight(tx)
		for _, d := range all {
			if d.Worker == worker {
				found = d
			}
		}
		return err
	})
	if found.ID == 0 {
		k.t.Fatalf("%s has nothing in flight", worker)
	}
	return found
}

func (k *desk) look(f func(tx *bbolt.Tx) error) {
	k.t.Helper()
	if err := k.View(f); err != nil {
		k.t.Fatal(err)
	}
}

// outcome closes what a worker has in flight.
func (k *desk) outcome(worker string, to outbox.Status, parts ...outbox.Part) outbox.Delivery {
	k.t.Helper()
	return k.close(k.held(worker).ID, to, parts...)
}

func (k *desk) close(id uint64, to outbox.Status, parts ...outbox.Part) (d outbox.Delivery) {
	k.t.Helper()
	k.Do(func(tx *bbolt.Tx) (err error) {
		d, err = outbox.Close(tx, id, to, k.now, "", "", parts)
		return err
	})
	return d
}

func (k *desk) retry(worker string, after time.Duration, again bool) outbox.Delivery {
	k.t.Helper()
	d := k.held(worker)
	k.Do(func(tx *bbolt.Tx) (err error) {
		d, err = outbox.Retry(tx, d.ID, k.now.Add(after), again, false, "CMS 38", "", k.now)
		return err
	})
	return d
}

func (k *desk) withdraw(upTo uint64) {
	k.t.Helper()
	k.Do(func(tx *bbolt.Tx) error { return outbox.Withdraw(tx, 7, upTo) })
}

func (k *desk) row(id uint64) (d outbox.Delivery) {
	k.t.Helper()
	k.look(func(tx *bbolt.Tx) (err error) {
		d, err = outbox.Row(tx, id)
		return err
	})
	return d
}

func (k *desk) tidy() {
	k.t.Helper()
	for n := 1; n > 0; {
		k.Do(func(tx *bbolt.Tx) (err error) {
			n, err = outbox.Tidy(tx, k.now, 100)
			return err
		})
	}
}

// ledger reads as "ada told, bob cleared, eve waiting".
func (k *desk) ledger() string {
	k.t.Helper()
	var words []string
	k.look(func(tx *bbolt.Tx) error {
		rows, err := outbox.Ledger(tx, 7)
		for _, r := range rows {
			words = append(words, strings.TrimPrefix(r.Recipient, "person:")+" "+knows(r))
		}
		return err
	})
	return strings.Join(words, ", ")
}

func knows(r outbox.Told) string {
	switch {
	case r.Cleared:
		return "cleared"
	case r.IsTold():
		return "told"
	case r.Waiting != 0:
		return "waiting"
	}
	return "missed"
}

func (k *desk) expectLedger(want string) {
	k.t.Helper()
	if got := k.ledger(); got != want {
		k.t.Fatalf("the ledger says %q, want %q", got, want)
	}
}

// counts reads as "pending 2, sent 1".
func (k *desk) counts() string {
	k.t.Helper()
	by := map[outbox.Status]int{}
	k.look(func(tx *bbolt.Tx) error {
		for _, c := range outbox.Counts(tx) {
			by[c.Status] += c.N
		}
		return nil
	})
	var words []string
	for _, s := range outbox.Statuses {
		if by[s] > 0 {
			words = append(words, fmt.Sprintf("%s %d", s, by[s]))
		}
	}
	return strings.Join(words, ", ")
}

func (k *desk) expectCounts(want string) {
	k.t.Helper()
	if got := k.counts(); got != want {
		k.t.Fatalf("the counters say %q, want %q", got, want)
	}
}
