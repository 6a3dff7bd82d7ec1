package storage_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"

	"heliograph/storage"
	"heliograph/storage/kv"
	"heliograph/storage/storagetest"
)

// inNamespace names the folder on which the re-executed test mounts its disk.
const inNamespace = "HELIOGRAPH_TEST_SMALL_DISK"

// TestADiskThatFillsUp runs itself again in a user and mount namespace, where
// it may mount a disk of 8 MB.
func TestADiskThatFillsUp(t *testing.T) {
	if dir := os.Getenv(inNamespace); dir != "" {
		fillDisk(t, dir)
		return
	}
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.run=^TestADiskThatFillsUp$", "-test.v")
	cmd.Env = append(os.Environ(), inNamespace+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	switch {
	case err != nil && len(out) == 0:
		t.Skipf("needs user and mount namespaces: %v", err)
	case strings.Contains(string(out), "--- SKIP"):
		t.Skipf("needs a disk of its own:\n%s", out)
	case err != nil:
		t.Fatalf("on the small disk: %v\n%s", err, out)
	case !strings.Contains(string(out), "--- PASS: TestADiskThatFillsUp"):
		t.Fatalf("the test did not run on the small disk:\n%s", out)
	}
}

func fillDisk(t *testing.T, dir string) {
	if err := syscall.Mount("small", dir, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("needs to mount a tmpfs: %v", err)
	}
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
