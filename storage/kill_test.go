package storage_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"go.etcd.io/bbolt"

	"heliograph/storage"
	"heliograph/storage/kv"
	"heliograph/storage/storagetest"
)

// toBeKilled names the folder in which the re-executed test counts until it is
// killed.
const toBeKilled = "HELIOGRAPH_TEST_COUNT_IN"

// TestAKillLosesNothingAndCountsAsNoFault kills a process that commits without
// pause, five times over.
func TestAKillLosesNothingAndCountsAsNoFault(t *testing.T) {
	if dir := os.Getenv(toBeKilled); dir != "" {
		countForEver(t, dir)
		return
	}
	t.Parallel()
	dir := t.TempDir()
	for range 5 {
		said := killAfter(t, dir, 20)
		s := storagetest.OpenIn(t, dir)
		if a, err := s.SetAside(); a != nil || err != nil {
			t.Fatalf("a kill set the store aside: %+v (%v)", a, err)
		}
		kept, err := strconv.Atoi(get(t, s.Store, "count"))
		if err != nil || kept < said {
			t.Fatalf("the process said %d, the store knows %d (%v)", said, kept, err)
		}
		s.Close()
		if _, err := os.Stat(filepath.Join(dir, file+".faults")); !os.IsNotExist(err) {
			t.Fatalf("a kill was counted as a fault (%v)", err)
		}
	}
}

// killAfter lets a process count on, kills it after so many lines and returns
// the last number it said.
func killAfter(t *testing.T, dir string, lines int) (said int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestAKillLosesNothingAndCountsAsNoFault$")
	cmd.Env = append(os.Environ(), toBeKilled+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(out)
	for range lines {
		if !in.Scan() {
			t.Fatal("the process ended by itself")
		}
		if said, err = strconv.Atoi(in.Text()); err != nil {
			t.Fatalf("the process said %q", in.Text())
		}
	}
	cmd.Process.Kill()
	cmd.Wait()
	return said
}

// countForEver says each number once it is committed.
func countForEver(t *testing.T, dir string) {
	s, err := storage.Open(storage.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for {
		n := 0
		err := s.Update(func(tx *bbolt.Tx) error {
			n, _ = strconv.Atoi(string(kv.Get(tx, "count")))
			n++
			return kv.Put(tx, "count", []byte(strconv.Itoa(n)))
		})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(n)
	}
}
