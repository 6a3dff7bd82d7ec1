// Package ppp is the world beside a box in a guest of QEMU, and its story: the
// carrier that a data call reaches, with Debian's pppd as on the box's side, and
// the Internet behind it. All of it is a test, which is built for the board and
// put beside the image's root: `make ppp-test`.
//
// The kernel starts the test first. It starts itself once more, and gives its
// place as the first process to the image's own.
package ppp

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	if os.Getpid() != 1 {
		os.Exit(m.Run())
	}
	story := exec.Command("/ppp.test", "-test.v", "-test.timeout", "55m")
	story.Stdin, story.Stdout, story.Stderr = os.Stdin, os.Stdout, os.Stderr // there is no /dev/null yet
	story.Env = append(os.Environ(), guest+"=1")
	if err := story.Start(); err != nil {
		fmt.Println("ppp: the story cannot be started:", err)
	}
	fmt.Println("ppp: the image's first process cannot be started:", syscall.Exec("/init", []string{"/init"}, os.Environ()))
	select {}
}

const guest = "HELIOGRAPH_PPP_GUEST"

// longest is how long any one step may take in a guest without hardware help;
// a mail whose answer was lost goes again after two minutes.
const longest = 5 * time.Minute

// until waits until something is so. It is for what only the box knows.
func until(t *testing.T, what string, yes func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(longest); !yes(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("this did not come within %s: %s", longest, what)
		}
	}
}

// next is the next from a channel.
func next[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case got := <-from:
		return got
	case <-time.After(longest):
		t.Fatalf("this did not come within %s: %s", longest, what)
	}
	panic("not reached")
}

// load loads a module that the image does not have, and the story needs.
func load(t *testing.T, file string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := unix.FinitModule(int(f.Fd()), "", 0); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// traces are what a call could leave behind on the box: ports, addresses,
// routes of all tables, rules, and programs other than the box's own.
func traces(t *testing.T) string {
	t.Helper()
	var all []string
	links, err := netlink.LinkList()
	must(t, err)
	for _, l := range links {
		all = append(all, "port "+l.Attrs().Name)
	}
	routes, err := netlink.RouteListFiltered(netlink.FAMILY_ALL, &netlink.Route{}, netlink.RT_FILTER_TABLE)
	must(t, err)
	for _, r := range routes {
		all = append(all, fmt.Sprintf("route %v via %v, table %d", r.Dst, r.Gw, r.Table))
	}
	rules, err := netlink.RuleList(netlink.FAMILY_ALL)
	must(t, err)
	for _, r := range rules {
		all = append(all, fmt.Sprintf("rule %d to table %d", r.Priority, r.Table))
	}
	for _, p := range programs(t) {
		all = append(all, "program "+p)
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// programs are the command lines of all processes; the kernel's own have none.
func programs(t *testing.T) (list []string) {
	t.Helper()
	found, err := filepath.Glob("/proc/[0-9]*/cmdline")
	must(t, err)
	for _, at := range found {
		if pid, _ := strconv.Atoi(strings.Split(at, "/")[2]); pid == os.Getpid() {
			continue
		}
		if text, _ := os.ReadFile(at); len(text) > 0 { // one that ends meanwhile has none
			list = append(list, strings.TrimRight(strings.ReplaceAll(string(text), "\x00", " "), " "))
		}
	}
	return list
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
