package outbox_test

import (
	"fmt"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/storage/outbox"
)

func TestASIMsLimitKeepsAReserve(t *testing.T) {
	k := newDesk(t)
	k.limits = []outbox.Limit{{Key: "sim", Scope: outbox.PerWorker, Max: 3, Window: time.Hour, Reserve: 1, ReserveClass: 1}}
	k.notice(outbox.Notice{ID: 1, Kind: "mass", Class: 5})
	k.address(1, "a", "b", "c", "d")
	for _, name := range []string{"a", "b"} {
		k.expect("lte0", name+": mass")
		k.outcome("lte0", outbox.Sent)
	}
	k.expect("lte0", "") // the third is kept for the people on call
	free := k.next
	if free.Before(t0.Add(time.Hour)) || free.After(t0.Add(time.Hour+3*time.Minute)) {
		t.Fatalf("the limit frees at %v, an hour after %v and a step at most", free, t0)
	}
	k.notice(outbox.Notice{ID: 2, Kind: "down", Class: 1})
	k.address(2, "ada", "bob")
	k.expect("lte0", "ada: down")
	k.outcome("lte0", outbox.Sent)
	k.expect("lte0", "") // the reserve is used up too
	k.expect("lte1", "bob: down")
	k.outcome("lte1", outbox.Sent)
	k.Reopen()
	k.now = free.Add(-time.Nanosecond)
	k.expect("lte0", "")
	k.now = free
	k.expect("lte0", "c: mass")
}

func TestALimitedRecipientHoldsUpNobody(t *testing.T) {
	k := newDesk(t)
	k.limits = []outbox.Limit{{Key: "person", Scope: outbox.PerRecipient, Max: 1, Window: 24 * time.Hour}}
	k.notice(outbox.Notice{ID: 1, Kind: "down", Class: 1})
	k.notice(outbox.Notice{ID: 2, Kind: "update", Class: 1})
	k.address(1, "ada")
	k.address(2, "ada", "bob")
	k.expect("lte0", "ada: down")
	k.outcome("lte0", outbox.Sent)
	k.expect("lte0", "bob: update")
	k.outcome("lte0", outbox.Sent)
	k.expect("lte0", "")
	if d := k.row(2); !d.Due.Equal(k.next) || d.Due.Before(t0.Add(24*time.Hour)) {
		t.Fatalf("ada's update is due %v, the worker may claim at %v", d.Due, k.next)
	}
	k.now = k.next
	k.expect("lte0", "ada: update")
}

func TestPartsAreCountedNotTexts(t *testing.T) {
	k := newDesk(t)
	k.limits = []outbox.Limit{{Key: "sim", Scope: outbox.PerWorker, Max: 4, Window: time.Hour}}
	k.parts = func(_ outbox.Delivery, text string) int {
		return map[string]int{"three": 3, "two": 2, "one": 1, "five": 5}[text]
	}
	for i, kind := range []string{"five", "three", "two", "one"} {
		k.notice(outbox.Notice{ID: uint64(i + 1), Kind: kind})
		k.address(uint64(i+1), kind)
	}
	k.expect("lte0", "three: three")
	if len(k.ended) != 1 || k.ended[0].Code != outbox.CodeTooBig || k.ended[0].Status != outbox.Failed {
		t.Fatalf("the text that no window can take ended as %+v", k.ended)
	}
	k.outcome("lte0", outbox.Sent)
	k.expect("lte0", "one: one") // past the one that needs two
	k.outcome("lte0", outbox.Sent)
	k.expect("lte0", "")
	k.now = k.next
	k.expect("lte0", "two: two")
}

func TestATryThatTheWorkerSpoiltIsGivenBack(t *testing.T) {
	k := newDesk(t)
	k.limits = []outbox.Limit{{Key: "sim", Scope: outbox.PerWorker, Max: 1, Window: time.Hour}}
	k.notice(outbox.Notice{ID: 1, Kind: "down"})
	k.address(1, "ada")
	for range 3 {
		k.expect("lte0", "ada: down")
		k.Do(func(tx *bbolt.Tx) error {
			_, err := outbox.Retry(tx, 1, k.now, false, true, "port", "", k.now)
			return err
		})
	}
	if d := k.row(1); d.Tries != 0 || d.Attempt != 3 {
		t.Fatalf("tries %d of %d attempts, want 0 of 3", d.Tries, d.Attempt)
	}
}

func TestOldCountersAreForgotten(t *testing.T) {
	k := newDesk(t)
	k.limits = []outbox.Limit{{Key: "sim", Scope: outbox.PerWorker, Max: 10, Window: time.Hour}}
	k.notice(outbox.Notice{ID: 1, Kind: "down"})
	k.address(1, "a", "b", "c")
	for _, name := range []string{"a", "b", "c"} {
		k.expect("lte0", name+": down")
		k.outcome("lte0", outbox.Sent)
		k.pass(20 * time.Minute)
	}
	if n := k.size("used"); n != 3 {
		t.Fatalf("%d counters, want one for each step", n)
	}
	k.pass(2 * time.Hour)
	k.tidy()
	if n := k.size("used") + k.size("old"); n != 0 {
		t.Fatalf("%d rows are left of counters long past", n)
	}
}

// size counts the rows of a bucket.
func (k *desk) size(bucket string) (n int) {
	k.t.Helper()
	k.look(func(tx *bbolt.Tx) error {
		n = tx.Bucket([]byte(bucket)).Stats().KeyN
		return nil
	})
	return n
}

func TestAThousandLimitedRowsCostOneLook(t *testing.T) {
	k := newDesk(t)
	k.limits = []outbox.Limit{{Key: "sim", Scope: outbox.PerWorker, Max: 1, Window: time.Hour}}
	k.notice(outbox.Notice{ID: 1, Kind: "mass", Class: 5})
	var names []string
	for i := range 1000 {
		names = append(names, fmt.Sprintf("%04d", i))
	}
	k.address(1, names...)
	k.expect("lte0", "0000: mass")
	k.outcome("lte0", outbox.Sent)
	k.expect("lte0", "")
	if d := k.row(2); !d.Due.Equal(t0) {
		t.Fatalf("the claim moved the next row to %v: with 100,000 that would be repeated each hour", d.Due)
	}
}

func TestBlockedRowsAreMetOnce(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Class: 1})
	k.notice(outbox.Notice{ID: 2, Kind: "update", Class: 1})
	var names []string
	for i := range 600 {
		names = append(names, fmt.Sprintf("%04d", i))
	}
	k.addressAt(t0.Add(time.Hour), 1, names...)
	k.address(2, append(names, "zoe")...)
	claims := 0
	for got := ""; got == ""; claims++ {
		if claims == 4 {
			t.Fatal("zoe's text is still behind blocked ones after four claims")
		}
		got = k.claim("lte0")
		if got != "" && got != "zoe: update" {
			t.Fatalf("claimed %q", got)
		}
	}
	if claims != 3 {
		t.Fatalf("%d claims for 600 blocked rows, want three of 256 looks each", claims)
	}
	k.outcome("lte0", outbox.Sent)
	var c outbox.Claimed
	k.Do(func(tx *bbolt.Tx) (err error) {
		c, err = outbox.Claim(tx, outbox.Worker{Name: "lte0", Channel: "sms"}, k.now, nil)
		return err
	})
	if c.More || c.Delivery != nil || !c.Next.Equal(t0.Add(time.Hour)) {
		t.Fatalf("with all in their places a claim says %+v", c)
	}
}
