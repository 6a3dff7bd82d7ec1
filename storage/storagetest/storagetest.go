// Package storagetest opens stores for tests and checks each of them when its
// test ends.
package storagetest

import (
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/storage"
)

// Store is a store in a folder of its own.
type Store struct {
	*storage.Store
	Dir string
	t   testing.TB
}

// Open opens a store in a new folder. When the test ends it is closed and
// checked whole; any fault fails the test.
func Open(t testing.TB) *Store {
	t.Helper()
	return OpenIn(t, t.TempDir())
}

// OpenIn opens the store of a folder, with the same check at the end.
func OpenIn(t testing.TB, dir string) *Store {
	t.Helper()
	s := &Store{Dir: dir, t: t}
	s.open()
	t.Cleanup(func() {
		s.Close()
		CheckFile(t, s.Path())
	})
	return s
}

func (s *Store) open() {
	s.t.Helper()
	opened, err := storage.Open(storage.Options{
		Dir: s.Dir,
		Now: func() time.Time { return time.Date(2026, 3, 1, 4, 2, 0, 0, time.UTC) },
		Log: func(line string) { s.t.Log(line) },
	})
	if err != nil {
		s.t.Fatalf("open the store: %v", err)
	}
	s.Store = opened
}

// Path is the store's file.
func (s *Store) Path() string { return filepath.Join(s.Dir, "heliograph.db") }

// Reopen closes the store and opens it again, as a restart does.
func (s *Store) Reopen() {
	s.t.Helper()
	if err := s.Close(); err != nil {
		s.t.Fatalf("close the store: %v", err)
	}
	s.open()
}

// Do commits f and fails the test on an error.
func (s *Store) Do(f func(tx *bbolt.Tx) error) {
	s.t.Helper()
	if err := s.Update(f); err != nil {
		s.t.Fatal(err)
	}
}

// CheckFile checks a store's file that nothing has open.
func CheckFile(t testing.TB, path string) {
	t.Helper()
	if err := storage.Check(path); err != nil {
		t.Errorf("check %s: %v", path, err)
	}
}
