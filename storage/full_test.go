package storage_test

import (
	"fmt"
	"testing"

	"go.etcd.io/bbolt"

	"heliograph/storage"
	"heliograph/storage/kv"
	"heliograph/storage/storagetest"
)

func TestADiskThatFillsUp(t *testing.T) {
	storagetest.SmallDisk(t, func(dir string) { fillDisk(t, dir) })
}

func fillDisk(t *testing.T, dir string) {
	s := storagetest.OpenIn(t, dir)
	if !s.HasBallast() {
		t.Fatal("there is room, and no ballast was made")
	}
	full, kept := 0, 0
	write := func(n int) error {
		return s.Update(func(tx *bbolt.Tx) error { return kv.Put(tx, fmt.Sprintf("row-%04d", n), make([]byte, 50_000)) })
	}
	for ; full < 500; full++ {
		if err := write(full); err != nil {
			if !storage.IsFull(err) {
				t.Fatalf("row %d: %v", full, err)
			}
			break
		}
		kept++
	}
	if full == 500 {
		t.Fatal("25 MB went onto a disk of 8")
	}
	if err := s.RestoreBallast(); err != nil || !s.HasBallast() {
		t.Fatalf("the ballast is gone before it was dropped (%v)", err)
	}
	if err := s.DropBallast(); err != nil {
		t.Fatal(err)
	}
	for n := range 5 { // what the people on call must hear still fits
		if err := write(full + n); err != nil {
			t.Fatalf("after the ballast was dropped: %v", err)
		}
		kept++
	}
	if err := s.RestoreBallast(); err == nil {
		t.Fatal("a ballast was made on a full disk")
	}
	s.Reopen()
	s.Do(func(tx *bbolt.Tx) error {
		if n := len(kv.Names(tx, "row-")); n != kept {
			return fmt.Errorf("%d rows are there, %d were committed", n, kept)
		}
		return nil
	})
	if a, err := s.SetAside(); a != nil || err != nil {
		t.Fatalf("a full disk set the store aside: %+v (%v)", a, err)
	}
}
