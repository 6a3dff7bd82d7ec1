package isp_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"heliograph/drivers/probe/probetest"
	"heliograph/firmware/rehearsal/isp"
)

func TestNoMoreUserNamespaces(t *testing.T) {
	t.Parallel()
	if !probetest.EnterPowerless(t) {
		return
	}
	if err := os.WriteFile("/proc/sys/user/max_user_namespaces", []byte("0"), 0); err != nil {
		t.Skipf("needs a writable /proc/sys/user: %v", err)
	}
	wantRefused(t, "this system allows no user namespaces; as root: sysctl user.max_user_namespaces=1000")
}

func TestNoMoreNetworkNamespaces(t *testing.T) {
	t.Parallel()
	if !probetest.EnterPowerless(t) {
		return
	}
	if err := os.WriteFile("/proc/sys/user/max_net_namespaces", []byte("0"), 0); err != nil {
		t.Skipf("needs a writable /proc/sys/user: %v", err)
	}
	wantRefused(t, "this system allows no network namespaces; as root: sysctl user.max_net_namespaces=1000")
}

// A security module lets the user namespace pass and denies everything in it;
// here a seccomp filter refuses what needs power.
func TestANamespaceWithoutPower(t *testing.T) {
	t.Parallel()
	if !probetest.EnterPowerless(t) {
		return
	}
	for _, call := range []uint32{unix.SYS_MOUNT, unix.SYS_UNSHARE} {
		forbid(t, call)
		wantRefused(t, "a container or a security module forbids it")
	}
}

// forbid makes a system call fail in this process and its children.
func forbid(t *testing.T, call uint32) {
	t.Helper()
	program := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // the number of the call
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: call, Jt: 0, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	_, _, code := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]})))
	if code != 0 {
		t.Skipf("needs a kernel with seccomp filters: %v", code)
	}
}

func wantRefused(t *testing.T, why string) {
	t.Helper()
	code, err := isp.Enter(t.Context(), "-test.list=^$")
	if !errors.Is(err, isp.ErrRefused) || !strings.Contains(err.Error(), why) || code != 0 {
		t.Errorf("Enter: code %d, %v; want it refused because %s", code, err, why)
	}
}

// The inner process finds out by itself that it may do nothing; the outer one
// is told.
func TestTheOuterProcessHearsThatLayWasRefused(t *testing.T) {
	t.Parallel()
	if isp.Inside() {
		probetest.Without(t, func() {
			_, err := isp.Lay(two())
			if !errors.Is(err, isp.ErrRefused) {
				t.Errorf("Lay without power: %v", err)
			}
		}, unix.CAP_NET_ADMIN, unix.CAP_SYS_ADMIN)
		return
	}
	needNamespaces(t)
	code, err := isp.Enter(t.Context(), "-test.run=^"+t.Name()+"$")
	if !errors.Is(err, isp.ErrRefused) || !strings.Contains(err.Error(), "operation not permitted") || code != 0 {
		t.Errorf("Enter: code %d, %v", code, err)
	}
}

func TestLayTouchesNoNetworkThatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	if isp.Inside() {
		t.Fatal("a test process is taken for an inner one")
	}
	if n, err := isp.Lay(two()); n != nil || err == nil || errors.Is(err, isp.ErrRefused) {
		t.Errorf("Lay outside: %v, %v", n, err)
	}
}

func TestAChildOfTheInnerProcessIsNotInside(t *testing.T) {
	t.Parallel()
	const child = "HELIOGRAPH_TEST_CHILD"
	if os.Getenv(child) != "" {
		if isp.Inside() {
			t.Error("the child takes itself for the inner process")
		}
		return
	}
	if !inside(t) {
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, "-test.run=^"+t.Name()+"$")
	c.Env = append(os.Environ(), child+"=1")
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
