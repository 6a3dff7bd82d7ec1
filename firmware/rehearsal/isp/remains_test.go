package isp_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"heliograph/drivers/probe/probetest"
	"heliograph/firmware/rehearsal/isp"
)

const folder = "HELIOGRAPH_TEST_FOLDER" // that an inner process writes to

// A terminal stays one, and its keys reach the inner process.
func TestATerminalKeepsWorking(t *testing.T) {
	t.Parallel()
	if isp.Inside() {
		keys := make(chan os.Signal, 2)
		signal.Notify(keys, os.Interrupt)
		if _, err := unix.IoctlGetTermios(0, unix.TCGETS); err != nil {
			t.Fatal(err)
		}
		fmt.Println("press a key")
		<-keys
		fmt.Println("a key was pressed")
		return
	}
	c := outer(t, t.TempDir())
	terminal, err := pty.Start(c)
	if err != nil {
		t.Skipf("needs a pseudo-terminal: %v", err)
	}
	defer terminal.Close()
	screen := bufio.NewScanner(terminal)
	for screen.Scan() {
		if strings.Contains(screen.Text(), "press a key") {
			if _, err := terminal.Write([]byte{3}); err != nil { // Ctrl-C
				t.Fatal(err)
			}
		}
		if strings.Contains(screen.Text(), "a key was pressed") {
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, terminal) }()
	if err := c.Wait(); err != nil || screen.Err() != nil {
		t.Errorf("the outer process: %v; the terminal: %v", err, screen.Err())
	}
}

func TestAChildSeesThePortsOfTheBoxOnly(t *testing.T) {
	t.Parallel()
	if !inside(t) {
		return
	}
	n := lay(t, two())
	c := exec.Command("cat", "/proc/net/dev")
	var out strings.Builder
	c.Stdout = &out
	if err := n.Start(c); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	var ports []string
	for _, m := range regexp.MustCompile(`(?m)^\s*(\S+):`).FindAllStringSubmatch(out.String(), -1) {
		ports = append(ports, m[1])
	}
	slices.Sort(ports)
	if got := strings.Join(ports, " "); got != "eth0 eth1 lo" {
		t.Errorf("the child sees %s", got)
	}
}

func TestCloseKillsTheChildrenAndTheBoxCanBeLaidAnew(t *testing.T) {
	t.Parallel()
	if !inside(t) {
		return
	}
	for range 2 {
		n, err := isp.Lay(two())
		if err != nil {
			t.Fatal(err)
		}
		wantChildGone(t, n)
		if err := n.Start(exec.Command("true")); err == nil {
			t.Error("a closed network starts a child")
		}
		if err := n.Break("transit-a", isp.Cut); err == nil {
			t.Error("a closed network can be broken")
		}
	}
}

// wantChildGone closes a network and waits for the end of a child.
func wantChildGone(t *testing.T, n *isp.Network) {
	t.Helper()
	c := exec.Command("sleep", "1000")
	if err := n.Start(c); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(n.Close(), n.Close()); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Errorf("the child ended with %v", err)
	}
}

func TestADiskThatCanBeFilledWithoutHarm(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	if !isp.Inside() {
		dir := t.TempDir()
		before := mounts(t)
		run := outer(t, dir)
		if out, err := run.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("outside the folder holds %v, %v", left, err)
		}
		if after := mounts(t); after != before {
			t.Errorf("mounts before:\n%s\nafter:\n%s", before, after)
		}
		return
	}
	n := lay(t, two())
	dir := os.Getenv(folder)
	if err := n.Mount(dir, size); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "full"))
	if err != nil {
		t.Fatal(err)
	}
	written, err := f.Write(make([]byte, 2*size))
	if !errors.Is(err, syscall.ENOSPC) || written < size/2 || written > size {
		t.Errorf("%d bytes were written, %v", written, err)
	}
}

// outer is this test in a process of its own, which enters namespaces.
func outer(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	needNamespaces(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), folder+"="+dir, entered+"="+t.Name())
	return c
}

func needNamespaces(t *testing.T) {
	t.Helper()
	if _, err := isp.Enter(t.Context(), "-test.list=^$"); err != nil {
		t.Skipf("needs network namespaces: %v", err)
	}
}

func mounts(t *testing.T) string {
	t.Helper()
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	return string(table)
}

func TestNothingRemains(t *testing.T) {
	t.Parallel()
	if isp.Inside() {
		stay(t)
		return
	}
	for _, c := range []struct {
		how  string
		kill func(outer, inner int) error
		want string
	}{
		{"kill -9 of the inner process", func(_, inner int) error { return syscall.Kill(inner, syscall.SIGKILL) }, "code 137, <nil>"},
		{"kill -9 of the outer process", func(outer, _ int) error { return syscall.Kill(outer, syscall.SIGKILL) }, ""},
		{"a polite end", func(outer, _ int) error { return syscall.Kill(outer, syscall.SIGTERM) }, "code 143, <nil>"},
	} {
		t.Run(c.how, func(t *testing.T) { remain(t, c.kill, c.want) })
	}
}

func remain(t *testing.T, kill func(outer, inner int) error, want string) {
	dir, before := t.TempDir(), mounts(t)
	run := outerOf(t, "TestNothingRemains", dir)
	var out strings.Builder
	run.Stdout, run.Stderr = &out, &out
	run.WaitDelay = 20 * time.Second
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	probetest.Until(t, "the inner process is ready", func() bool { return exists(filepath.Join(dir, "ready")) })
	said, err := os.ReadFile(filepath.Join(dir, "ready"))
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(said)) // inner, child, namespaces
	inner, child := number(t, words[0]), number(t, words[1])
	if held := holders(words[2:]); len(held) == 0 {
		t.Fatal("the search for namespaces does not find those in use")
	}
	if err := kill(run.Process.Pid, inner); err != nil {
		t.Fatal(err)
	}
	_ = run.Wait()
	if !strings.Contains(out.String(), want) {
		t.Errorf("the outer process says\n%s\nwant %s", out.String(), want)
	}
	probetest.Until(t, "both processes have ended", func() bool { return !lives(inner) && !lives(child) })
	probetest.Until(t, "nobody holds the namespaces", func() bool { return len(holders(words[2:])) == 0 })
	if after := mounts(t); after != before {
		t.Errorf("mounts before:\n%s\nafter:\n%s", before, after)
	}
	if left, _ := os.ReadDir(dir); len(left) != 2 {
		t.Errorf("the folder holds %v", left)
	}
}

func outerOf(t *testing.T, name, dir string) *exec.Cmd {
	c := outer(t, dir)
	c.Env = append(c.Env, entered+"="+name)
	return c
}

// stay lays a network with all that could remain of one, says so, and waits.
func stay(t *testing.T) {
	n := lay(t, two())
	dir := os.Getenv(folder)
	disk := filepath.Join(dir, "disk")
	if err := errors.Join(os.Mkdir(disk, 0o700), n.Mount(disk, 1<<20), n.Break("transit-a", isp.Slow)); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("sleep", "1000")
	if err := n.Start(c); err != nil {
		t.Fatal(err)
	}
	ready := fmt.Sprintln(os.Getpid(), c.Process.Pid, strings.Join(namespaces("/proc/self"), " "))
	file := filepath.Join(dir, "ready")
	if err := errors.Join(os.WriteFile(file+".part", []byte(ready), 0o600), os.Rename(file+".part", file)); err != nil {
		t.Fatal(err)
	}
	<-context.Background().Done() // until it is killed
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// lives says whether a process is there and no zombie.
func lives(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

// namespaces are those that a process is in or holds open, such as net:[4026532000].
func namespaces(proc string) []string {
	var list []string
	links, _ := filepath.Glob(proc + "/fd/*")
	for _, name := range []string{"net", "mnt", "user"} {
		links = append(links, proc+"/ns/"+name)
	}
	for _, link := range links {
		to, _ := os.Readlink(link)
		if regexp.MustCompile(`^(net|mnt|user):\[`).MatchString(to) && !slices.Contains(list, to) {
			list = append(list, to)
		}
	}
	return list
}

// holders are the living processes that are in one of some namespaces or hold it.
func holders(wanted []string) []string {
	var found []string
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, proc := range all {
		if pid, _ := strconv.Atoi(filepath.Base(proc)); lives(pid) && slices.ContainsFunc(namespaces(proc), func(n string) bool { return slices.Contains(wanted, n) }) {
			found = append(found, proc)
		}
	}
	return found
}
