package storage_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/storage"
	"heliograph/storage/kv"
	"heliograph/storage/storagetest"
)

const file = "heliograph.db"

var now = time.Date(2026, 3, 1, 4, 2, 0, 0, time.UTC)

func open(t *testing.T, dir string) *storage.Store {
	t.Helper()
	s, err := storage.Open(storage.Options{Dir: dir, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t *testing.T, s *storage.Store, name, value string) {
	t.Helper()
	if err := s.Update(func(tx *bbolt.Tx) error { return kv.Put(tx, name, []byte(value)) }); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, s *storage.Store, name string) (value string) {
	t.Helper()
	err := s.View(func(tx *bbolt.Tx) error {
		value = string(kv.Get(tx, name))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// asides lists what was set aside in a folder.
func asides(t *testing.T, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, file+".broken-*"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWhatIsCommittedIsThereAfterARestart(t *testing.T) {
	t.Parallel()
	s := storagetest.Open(t)
	put(t, s.Store, "state", "seven open")
	err := s.Update(func(tx *bbolt.Tx) error {
		kv.Put(tx, "state", []byte("half done"))
		return errors.New("changed my mind")
	})
	if err == nil || err.Error() != "changed my mind" {
		t.Fatal(err)
	}
	s.Reopen()
	if got := get(t, s.Store, "state"); got != "seven open" {
		t.Fatalf("the state is %q", got)
	}
	info, err := os.Stat(s.Path())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the file's mode is %v (%v)", info.Mode(), err)
	}
	if a, err := s.SetAside(); a != nil || err != nil {
		t.Fatalf("a good file was set aside: %+v %v", a, err)
	}
}

func TestASecondProcessIsToldWhoHoldsTheFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		open(t, dir)
		_, err := storage.Open(storage.Options{Dir: dir})
		held := (*storage.InUse)(nil)
		if !errors.As(err, &held) || !strings.Contains(err.Error(), fmt.Sprintf("process %d (", os.Getpid())) {
			t.Fatalf("the second open says %v", err)
		}
		if _, err := storage.Restore(dir, strings.NewReader(""), now); !errors.As(err, &held) {
			t.Fatalf("a restore beside it says %v", err)
		}
	})
}

func TestAStartWaitsForAPredecessorThatIsEnding(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		time.AfterFunc(time.Second, func() { s.Close() })
		begun := time.Now()
		open(t, dir)
		if waited := time.Since(begun); waited < time.Second || waited > 2*time.Second {
			t.Fatalf("waited %v", waited)
		}
	})
}

// spoil makes a store with a remembered value, closes it and changes its bytes.
func spoil(t *testing.T, change func(b []byte) []byte) (dir string) {
	t.Helper()
	dir = t.TempDir()
	s := open(t, dir)
	for i := range 2000 {
		if i%500 == 0 {
			put(t, s, fmt.Sprintf("key-%04d", i), strings.Repeat("v", 1000))
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, file)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(b), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// withoutLastPage cuts the last page that was ever written; beyond it the file
// holds zeros only.
func withoutLastPage(b []byte) []byte {
	used := len(bytes.TrimRight(b, "\x00"))
	return b[:(used-1)/os.Getpagesize()*os.Getpagesize()]
}

func TestABrokenFileIsKeptAsideAndAFreshOneBegun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(b []byte) []byte
		why    string
	}{
		{"garbage", func(b []byte) []byte { return bytes.Repeat([]byte("garbage "), 4096) }, "invalid database"},
		{"a few bytes", func(b []byte) []byte { return []byte("hello") }, "invalid database"},
		{"truncated in the middle", func(b []byte) []byte { return b[:len(b)/2] }, ""},
		{"truncated at its end", withoutLastPage, ""},
		{"truncated to its first pages", func(b []byte) []byte { return b[:2*os.Getpagesize()] }, ""},
		{"both meta pages lost", func(b []byte) []byte { clear(b[:2*os.Getpagesize()]); return b }, "invalid database"},
		{"all but the meta pages lost", func(b []byte) []byte { clear(b[2*os.Getpagesize():]); return b }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := spoil(t, c.change)
			before, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			s := storagetest.OpenIn(t, dir)
			a, err := s.SetAside()
			if err != nil || a == nil || !strings.Contains(a.Reason, c.why) || !a.At.Equal(now) {
				t.Fatalf("set aside: %+v (%v), want a reason with %q", a, err, c.why)
			}
			if want := filepath.Join(dir, file+".broken-20260301T040200Z"); a.Path != want {
				t.Errorf("it is kept as %s, want %s", a.Path, want)
			}
			if kept, err := os.ReadFile(a.Path); err != nil || !bytes.Equal(kept, before) {
				t.Errorf("what was set aside is not what was there (%v)", err)
			}
			s.Reopen() // the box may die before it has told anybody
			if a, err := s.SetAside(); a == nil || err != nil {
				t.Fatalf("after a restart the box no longer knows: %v", err)
			}
			s.Do(storage.ForgetAside)
			if a, err := s.SetAside(); a != nil || err != nil {
				t.Fatalf("told, and still %+v (%v)", a, err)
			}
		})
	}
}

// What was cut off may hold nothing but free pages. It would be missed only when
// they are used again, so the check of a start compares sizes.
func TestACutThatLosesOnlyFreePagesIsFound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	rows := func(do func(tx *bbolt.Tx, name string) error) {
		t.Helper()
		err := s.Update(func(tx *bbolt.Tx) error {
			for i := range 500 {
				if err := do(tx, fmt.Sprintf("key-%04d", i)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	rows(func(tx *bbolt.Tx, name string) error { return kv.Put(tx, name, make([]byte, 1000)) })
	rows(kv.Delete)
	for range 3 {
		put(t, s, "state", "in a low page")
	}
	s.Close()
	path := filepath.Join(dir, file)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()/4); err != nil {
		t.Fatal(err)
	}
	if a, err := storagetest.OpenIn(t, dir).SetAside(); err != nil || a == nil || !strings.Contains(a.Reason, "it is cut short") {
		t.Fatalf("set aside: %+v (%v)", a, err)
	}
}

func TestTwoBrokenFilesOfOneSecondAreBothKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for range 2 {
		if err := os.WriteFile(filepath.Join(dir, file), bytes.Repeat([]byte("x"), 5000), 0o600); err != nil {
			t.Fatal(err)
		}
		open(t, dir).Close()
	}
	if got := asides(t, dir); len(got) != 2 {
		t.Fatalf("kept are %v", got)
	}
}

func TestAnEmptyFileIsAFreshStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, file), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	storagetest.OpenIn(t, dir)
	if got := asides(t, dir); got != nil {
		t.Fatalf("set aside were %v", got)
	}
}

func TestAFileThatLostEveryByteIsNoFreshStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, dir).Close()
	if err := os.Truncate(filepath.Join(dir, file), 0); err != nil {
		t.Fatal(err)
	}
	storagetest.OpenIn(t, dir)
	if got := asides(t, dir); len(got) != 1 {
		t.Fatalf("set aside were %v", got)
	}
}

func TestAFileFromANewerVersionIsRefusedUntouched(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, dir).Close()
	db, err := bbolt.Open(filepath.Join(dir, file), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("schema"), []byte{0, 0, 0, 0, 0, 0, 0, 99})
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = storage.Open(storage.Options{Dir: dir})
	newer := (*storage.Newer)(nil)
	if !errors.As(err, &newer) || newer.Schema != 99 || !strings.Contains(err.Error(), "install the newer version again") {
		t.Fatalf("opening it says %v", err)
	}
	if got := asides(t, dir); got != nil {
		t.Fatalf("it was set aside as %v", got)
	}
}

func TestAFolderThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "plain file")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := storage.Open(storage.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "make the data folder") {
		t.Fatalf("opening it says %v", err)
	}
}

func TestTheBallastTakesRealRoom(t *testing.T) {
	t.Parallel()
	s := storagetest.Open(t)
	if !s.HasBallast() {
		t.Skip("needs 3 MB free on the disk of the temporary folder")
	}
	if err := s.DropBallast(); err != nil || s.HasBallast() {
		t.Fatalf("dropped: %v, there: %t", err, s.HasBallast())
	}
	if err := s.DropBallast(); err != nil {
		t.Fatalf("dropping it twice: %v", err)
	}
	if err := s.RestoreBallast(); err != nil || !s.HasBallast() {
		t.Fatalf("restored: %v, there: %t", err, s.HasBallast())
	}
}
