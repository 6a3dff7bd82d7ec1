package storagetest

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// mounted names the folder on which the re-executed test mounts its disk.
const mounted = "HELIOGRAPH_TEST_SMALL_DISK"

// SmallDisk runs this very test again in a user and mount namespace, where it
// may mount a disk of 8 MB, and there gives its folder to fill.
func SmallDisk(t *testing.T, fill func(dir string)) {
	t.Helper()
	if dir := os.Getenv(mounted); dir != "" {
		if err := syscall.Mount("small", dir, "tmpfs", 0, "size=8m"); err != nil {
			t.Skipf("needs to mount a tmpfs: %v", err)
		}
		fill(dir)
		return
	}
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), mounted+"="+t.TempDir())
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
	case !strings.Contains(string(out), "--- PASS: "+t.Name()):
		t.Fatalf("the test did not run on the small disk:\n%s", out)
	}
}
