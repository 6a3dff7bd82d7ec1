package storage_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"heliograph/storage"
	"heliograph/storage/kv"
)

// mapped is how many kB of files this process has in memory.
func mapped(t *testing.T) (kB int) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("needs /proc: ", err)
	}
	_, rest, ok := strings.Cut(string(text), "RssFile:")
	if _, err := fmt.Sscan(rest, &kB); !ok || err != nil {
		t.Skip("needs RssFile in /proc/self/status")
	}
	return kB
}

// The pages of a large file that were read go out of memory, and what stands
// on them is there all the same. It runs alone: it weighs the process.
func TestPagesAreGivenBack(t *testing.T) {
	s, err := storage.Open(storage.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	value := bytes.Repeat([]byte("x"), 1<<20)
	if err := s.Update(func(tx *bbolt.Tx) error {
		for n := range 24 {
			if err := kv.Put(tx, fmt.Sprint("n", n), value); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	read := func() {
		if err := s.View(func(tx *bbolt.Tx) error {
			for n := range 24 {
				if !bytes.Equal(kv.Get(tx, fmt.Sprint("n", n)), value) {
					t.Errorf("value %d is not what was written", n)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	read()
	full := mapped(t)
	if err := s.Relax(); err != nil {
		t.Fatal(err)
	}
	if now := mapped(t); full-now < 20<<10 {
		t.Errorf("%d kB of files were in memory, and %d are", full, now)
	}
	read()
}
