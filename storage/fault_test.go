package storage_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"heliograph/storage"
	"heliograph/storage/kv"
	"heliograph/storage/storagetest"
)

// A page in the middle of a file passes the check of a start and fails when it
// is read.
func TestTheThirdFaultInARowSetsTheFileAside(t *testing.T) {
	t.Parallel()
	dir := spoilMiddle(t)
	read := func(s *storage.Store) error {
		return s.View(func(tx *bbolt.Tx) error {
			for i := range 2000 {
				kv.Get(tx, fmt.Sprintf("key-%04d", i))
			}
			return nil
		})
	}
	fault := func() {
		t.Helper()
		s := open(t, dir)
		broken := (*storage.Broken)(nil)
		if err := read(s); !errors.As(err, &broken) || broken.Stack == "" {
			t.Fatalf("reading the bad page says %v", err)
		}
		if err := s.Update(func(*bbolt.Tx) error { return nil }); !errors.As(err, &broken) {
			t.Fatalf("a damaged store was written to: %v", err)
		}
		s.Close()
	}
	fault()
	fault()
	s := open(t, dir)
	if err := s.Sound(); err != nil { // a quiet time between: the count starts anew
		t.Fatal(err)
	}
	s.Close()
	fault()
	fault()
	open(t, dir).Close() // ended without a fault, as by kill -9: counts nothing, clears nothing
	fault()
	if got := asides(t, dir); got != nil {
		t.Fatalf("set aside too soon: %v", got)
	}
	fresh := storagetest.OpenIn(t, dir)
	a, err := fresh.SetAside()
	if err != nil || a == nil || !strings.Contains(a.Reason, "3 times in a row") {
		t.Fatalf("after three faults: %+v (%v)", a, err)
	}
	if err := read(fresh.Store); err != nil {
		t.Fatal(err)
	}
}

// spoilMiddle makes a store of many pages and clears those that hold one key.
func spoilMiddle(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	s := open(t, dir)
	err := s.Update(func(tx *bbolt.Tx) error {
		for i := range 2000 {
			if err := kv.Put(tx, fmt.Sprintf("key-%04d", i), []byte("value")); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, file)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for page := range slices.Chunk(b, os.Getpagesize()) {
		if bytes.Contains(page, []byte("key-1000value")) {
			clear(page)
		}
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAFileCutShortWhileOpenFaultsWithoutEndingTheProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	err := s.Update(func(tx *bbolt.Tx) error {
		for i := range 2000 {
			if err := kv.Put(tx, fmt.Sprintf("key-%04d", i), []byte("value")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, file), int64(2*os.Getpagesize())); err != nil {
		t.Fatal(err)
	}
	err = s.Update(func(tx *bbolt.Tx) error { return kv.Put(tx, "key-1500", []byte("new")) })
	if b := (*storage.Broken)(nil); !errors.As(err, &b) {
		t.Fatalf("writing to it says %v", err)
	}
	s.Close() // does not hang on the library's own locks
	fresh := storagetest.OpenIn(t, dir)
	if a, err := fresh.SetAside(); err != nil || a == nil {
		t.Fatalf("the next start did not set it aside (%v)", err)
	}
}

func TestAPanicOfTheCallerIsCountedToo(t *testing.T) {
	t.Parallel()
	s := storagetest.Open(t)
	err := s.Update(func(*bbolt.Tx) error { panic("a row that nobody foresaw") })
	if b := (*storage.Broken)(nil); !errors.As(err, &b) || !strings.Contains(b.Reason, "nobody foresaw") {
		t.Fatalf("got %v", err)
	}
	s.Reopen()
	put(t, s.Store, "state", "goes on")
}
