package storage_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"

	"heliograph/storage"
	"heliograph/storage/kv"
	"heliograph/storage/storagetest"
)

func TestBackupWhileInUseAndRestore(t *testing.T) {
	t.Parallel()
	s := storagetest.Open(t)
	put(t, s.Store, "state", "at noon")
	var backup bytes.Buffer
	n, err := s.Backup(&backup)
	if err != nil || n != int64(backup.Len()) {
		t.Fatalf("backed up %d of %d bytes: %v", n, backup.Len(), err)
	}
	put(t, s.Store, "state", "at night")
	s.Close()

	half := backup.Bytes()[:backup.Len()/2]
	if _, err := storage.Restore(s.Dir, bytes.NewReader(half), now); err == nil || !strings.Contains(err.Error(), "not whole, nothing was changed") {
		t.Fatalf("restoring half a backup says %v", err)
	}
	bad := bytes.Clone(backup.Bytes())
	clear(bad[3*os.Getpagesize() : 5*os.Getpagesize()])
	if _, err := storage.Restore(s.Dir, bytes.NewReader(bad), now); err == nil {
		t.Fatal("a backup with lost pages was restored")
	}
	s.Reopen()
	if got := get(t, s.Store, "state"); got != "at night" {
		t.Fatalf("a refused restore changed the state to %q", got)
	}
	s.Close()

	kept, err := storage.Restore(s.Dir, &backup, now)
	if err != nil || kept != s.Path()+".before-restore-20260301T040200Z" {
		t.Fatalf("kept as %s: %v", kept, err)
	}
	s.Reopen()
	if got := get(t, s.Store, "state"); got != "at noon" {
		t.Fatalf("restored is %q", got)
	}
	storagetest.CheckFile(t, kept)
}

func TestRestoreIntoAnEmptyFolder(t *testing.T) {
	t.Parallel()
	s := storagetest.Open(t)
	put(t, s.Store, "state", "moved house")
	var backup bytes.Buffer
	if _, err := s.Backup(&backup); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "new")
	if kept, err := storage.Restore(dir, &backup, now); err != nil || kept != "" {
		t.Fatalf("kept %q: %v", kept, err)
	}
	if got := get(t, storagetest.OpenIn(t, dir).Store, "state"); got != "moved house" {
		t.Fatalf("restored is %q", got)
	}
}

// TestWhatRootRestoresIsTheServices: the user that owns the folder can open the
// store, its lock included, as if it had restored it itself.
func TestWhatRootRestoresIsTheServices(t *testing.T) {
	t.Parallel()
	const service = 64999
	dir := t.TempDir()
	if err := os.Chown(dir, service, service); err != nil {
		t.Skipf("needs root: %v", err)
	}
	s := storagetest.Open(t)
	put(t, s.Store, "state", "restored by root")
	var backup bytes.Buffer
	if _, err := s.Backup(&backup); err != nil {
		t.Fatal(err)
	}
	for range 2 { // into the empty folder, and over a store
		if _, err := storage.Restore(dir, bytes.NewReader(backup.Bytes()), now); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 3 {
		t.Fatalf("the folder holds %v (%v), want the store, the one before it and the lock", files, err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if is := info.Sys().(*syscall.Stat_t); is.Uid != service || is.Gid != service {
			t.Errorf("%s is of %d:%d, want %d", f.Name(), is.Uid, is.Gid, service)
		}
	}
}

func TestCompactionGivesTheRoomBack(t *testing.T) {
	t.Parallel()
	s := storagetest.Open(t)
	put(t, s.Store, "state", "kept")
	s.Do(func(tx *bbolt.Tx) error {
		for i := range 5000 {
			if err := kv.Put(tx, fmt.Sprintf("key-%04d", i), bytes.Repeat([]byte("v"), 200)); err != nil {
				return err
			}
		}
		return nil
	})
	s.Do(func(tx *bbolt.Tx) error {
		for i := range 5000 {
			if err := kv.Delete(tx, fmt.Sprintf("key-%04d", i)); err != nil {
				return err
			}
		}
		return nil
	})
	free, size, err := s.Slack()
	if err != nil || free < size/2 {
		t.Fatalf("%d of %d bytes are free (%v)", free, size, err)
	}
	if err := s.Compact(); err != nil {
		t.Fatal(err)
	}
	_, after, err := s.Slack()
	if err != nil || after > size/4 {
		t.Fatalf("%d bytes before, %d after (%v)", size, after, err)
	}
	if got := get(t, s.Store, "state"); got != "kept" {
		t.Fatalf("the state is %q", got)
	}
	put(t, s.Store, "state", "goes on")
	s.Reopen()
	if got := get(t, s.Store, "state"); got != "goes on" {
		t.Fatalf("the state is %q", got)
	}
}
