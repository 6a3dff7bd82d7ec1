package kv_test

import (
	"slices"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/storage/kv"
	"heliograph/storage/storagetest"
)

func TestValuesAndInstantsOutliveARestart(t *testing.T) {
	t.Parallel()
	s := storagetest.Open(t)
	at := time.Date(2026, 3, 1, 4, 2, 0, 123456789, time.FixedZone("CET", 3600))
	s.Do(func(tx *bbolt.Tx) error {
		for _, name := range []string{"modem/lte0/ref", "modem/lte1/ref", "state"} {
			if err := kv.Put(tx, name, []byte(name+"!")); err != nil {
				return err
			}
		}
		return kv.PutTime(tx, "box", at)
	})
	s.Reopen()
	s.Do(func(tx *bbolt.Tx) error {
		if got := string(kv.Get(tx, "state")); got != "state!" {
			t.Errorf("state is %q", got)
		}
		if got := kv.Get(tx, "nothing"); got != nil {
			t.Errorf("nothing is %q", got)
		}
		if got, err := kv.GetTime(tx, "box"); err != nil || !got.Equal(at) || got.Location() != time.UTC {
			t.Errorf("box time is %v (%v)", got, err)
		}
		if got, err := kv.GetTime(tx, "never"); err != nil || !got.IsZero() {
			t.Errorf("an instant never kept is %v (%v)", got, err)
		}
		if _, err := kv.GetTime(tx, "state"); err == nil {
			t.Error("a value that is no instant was read as one")
		}
		if got, want := kv.Names(tx, "modem/"), []string{"modem/lte0/ref", "modem/lte1/ref"}; !slices.Equal(got, want) {
			t.Errorf("the modems' names are %v", got)
		}
		if err := kv.PutTime(tx, "box", time.Time{}); err != nil {
			return err
		}
		return kv.Delete(tx, "state")
	})
	s.Do(func(tx *bbolt.Tx) error {
		if got := kv.Names(tx, ""); len(got) != 2 {
			t.Errorf("left are %v", got)
		}
		return nil
	})
}

func TestAValueOutlivesItsTransaction(t *testing.T) {
	t.Parallel()
	s := storagetest.Open(t)
	s.Do(func(tx *bbolt.Tx) error { return kv.Put(tx, "state", []byte("first")) })
	var kept []byte
	s.Do(func(tx *bbolt.Tx) error {
		kept = kv.Get(tx, "state")
		return kv.Put(tx, "state", []byte("other"))
	})
	if string(kept) != "first" {
		t.Fatalf("what was read has become %q", kept)
	}
}
