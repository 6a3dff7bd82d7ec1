// Package probetest makes small networks of kernel namespaces for tests: the
// box, and carriers beyond its ports. It needs no root; everything in it ends
// with the test.
package probetest

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

const inside = "HELIOGRAPH_TEST_NETWORK"

// Enter runs the calling test again in a process of its own with a new user
// and network namespace, and returns true there. Outside it returns false
// after that process has ended, and the test has nothing more to do. Where the
// system refuses such namespaces the test is skipped.
func Enter(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inside) == "" {
		rerun(t, syscall.CLONE_NEWUSER|syscall.CLONE_NEWNET|syscall.CLONE_NEWNS)
		return false
	}
	furnish(t)
	return true
}

// EnterPowerless is Enter without a network of its own: the new user
// namespace has no capability over the network it sees.
func EnterPowerless(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inside) == "" {
		rerun(t, syscall.CLONE_NEWUSER)
		return false
	}
	return true
}

func rerun(t *testing.T, flags uintptr) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^"+regexp.QuoteMeta(t.Name())+"$", "-test.v", "-test.count=1", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), inside+"=1", "GORACE=atexit_sleep_ms=50")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  flags,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Skipf("needs user and network namespaces: %v", err)
	}
	report(t, cmd.Wait(), out.String())
}

// report makes the inner test's end that of the outer one.
func report(t *testing.T, err error, out string) {
	t.Helper()
	switch {
	case err == nil && strings.Contains(out, "--- PASS: "+t.Name()+" "):
	case err == nil && strings.Contains(out, "--- SKIP: "+t.Name()+" "):
		t.Skip(out)
	default:
		t.Errorf("in its own network: %v\n%s", err, out)
	}
}

// furnish gives the new namespace what a box has at start.
func furnish(t *testing.T) {
	t.Helper()
	lo, err := netlink.LinkByName("lo")
	if err == nil {
		err = netlink.LinkSetUp(lo)
	}
	if err != nil {
		t.Skipf("needs a network namespace it may configure: %v", err)
	}
	settle(t)
}

// settle lets new ports use their link-local address at once: its duplicate
// check holds every neighbour solicitation back for a second or two.
func settle(t *testing.T) {
	t.Helper()
	Sysctl(t, "net/ipv6/conf/default/accept_dad", "0")
}

// Sysctl writes a kernel setting, such as "net/ipv4/ping_group_range".
func Sysctl(t *testing.T, name, value string) {
	t.Helper()
	if err := os.WriteFile("/proc/sys/"+name, []byte(value), 0); err != nil {
		t.Skipf("needs a writable /proc/sys: %v", err)
	}
}

// Resolver makes server the only one of /etc/resolv.conf in this process.
func Resolver(t *testing.T, server string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "resolv.conf")
	must(t, os.WriteFile(file, []byte("nameserver "+server+"\noptions timeout:1 attempts:1\n"), 0o600))
	if err := syscall.Mount(file, "/etc/resolv.conf", "", syscall.MS_BIND, ""); err != nil {
		t.Skipf("needs an /etc/resolv.conf to mount over: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount("/etc/resolv.conf", syscall.MNT_DETACH) })
}

// Without drops capabilities of this thread, to which f is tied, while f runs.
func Without(t *testing.T, f func(), capabilities ...int) {
	t.Helper()
	runtime.LockOSThread()
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var full [2]unix.CapUserData
	must(t, unix.Capget(&head, &full[0]))
	less := full
	for _, c := range capabilities {
		less[c/32].Effective &^= 1 << (c % 32)
	}
	must(t, unix.Capset(&head, &less[0]))
	defer func() {
		if unix.Capset(&head, &full[0]) == nil {
			runtime.UnlockOSThread()
		}
	}()
	f()
}

// Place is a network namespace: a carrier's gateway, say.
type Place struct {
	t      *testing.T
	handle netns.NsHandle
}

// New makes an empty place with its loopback up.
func New(t *testing.T) Place {
	t.Helper()
	here := func() netns.NsHandle {
		runtime.LockOSThread() // the thread is thrown away if it cannot go home
		home, err := netns.Get()
		if err != nil {
			t.Fatal(err)
		}
		defer home.Close()
		fresh, err := netns.New()
		if err != nil {
			t.Skipf("needs a second network namespace: %v", err)
		}
		if err := netns.Set(home); err != nil {
			t.Fatal(err)
		}
		runtime.UnlockOSThread()
		return fresh
	}()
	t.Cleanup(func() { here.Close() })
	p := Place{t: t, handle: here}
	p.Do(func() { Up(t, "lo"); settle(t) })
	return p
}

// Do runs f inside the place. Sockets that f opens stay there for good; it
// must not start goroutines that open more.
func (p Place) Do(f func()) {
	p.t.Helper()
	runtime.LockOSThread()
	home, err := netns.Get()
	if err != nil {
		p.t.Fatal(err)
	}
	defer home.Close()
	if err := netns.Set(p.handle); err != nil {
		p.t.Fatal(err)
	}
	defer func() {
		if netns.Set(home) == nil {
			runtime.UnlockOSThread()
		}
	}()
	f()
}

// Wire lays a cable from port name of the caller's namespace to port name of
// the place, and switches both ends on.
func (p Place) Wire(name string) {
	p.t.Helper()
	attrs := netlink.NewLinkAttrs()
	attrs.Name = name
	must(p.t, netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: name, PeerNamespace: netlink.NsFd(p.handle)}))
	Up(p.t, name)
	p.Do(func() { Up(p.t, name) })
}

// Share puts a second port on the wire behind port parent of from into the
// place: two carriers behind one port of the box.
func (p Place) Share(from Place, parent, name string) {
	p.t.Helper()
	from.Do(func() {
		up, err := netlink.LinkByName(parent)
		must(p.t, err)
		attrs := netlink.NewLinkAttrs()
		attrs.Name, attrs.ParentIndex, attrs.Namespace = name, up.Attrs().Index, netlink.NsFd(p.handle)
		must(p.t, netlink.LinkAdd(&netlink.Macvlan{LinkAttrs: attrs, Mode: netlink.MACVLAN_MODE_BRIDGE}))
	})
	p.Do(func() { Up(p.t, name) })
}

// Up switches a port of the caller's namespace on.
func Up(t *testing.T, name string) { set(t, name, netlink.LinkSetUp) }

// Down switches a port of the caller's namespace off.
func Down(t *testing.T, name string) { set(t, name, netlink.LinkSetDown) }

func set(t *testing.T, name string, how func(netlink.Link) error) {
	t.Helper()
	link, err := netlink.LinkByName(name)
	must(t, err)
	must(t, how(link))
}

// Address gives a port an address, such as "192.0.2.2/24".
func Address(t *testing.T, name, addr string) {
	t.Helper()
	link, err := netlink.LinkByName(name)
	must(t, err)
	must(t, netlink.AddrReplace(link, address(t, addr)))
}

// Forget takes an address away from a port.
func Forget(t *testing.T, name, addr string) {
	t.Helper()
	link, err := netlink.LinkByName(name)
	must(t, err)
	must(t, netlink.AddrDel(link, address(t, addr)))
}

func address(t *testing.T, addr string) *netlink.Addr {
	t.Helper()
	a, err := netlink.ParseAddr(addr)
	must(t, err)
	a.Flags = syscall.IFA_F_NODAD // usable at once
	return a
}

// Default moves the main default route to a gateway on a port.
func Default(t *testing.T, gateway, name string) {
	t.Helper()
	link, err := netlink.LinkByName(name)
	must(t, err)
	gw := netip.MustParseAddr(gateway)
	all := &net.IPNet{IP: make(net.IP, gw.BitLen()/8), Mask: make(net.IPMask, gw.BitLen()/8)}
	must(t, netlink.RouteReplace(&netlink.Route{LinkIndex: link.Attrs().Index, Dst: all, Gw: gw.AsSlice()}))
}

// Listen opens a TCP port in the caller's namespace that greets each caller
// with a word and hangs up.
func Listen(t *testing.T, at, word string) {
	t.Helper()
	l, err := net.Listen("tcp", at)
	must(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte(word))
			c.Close()
		}
	}()
}

// Until tries again and again until ok is true, and fails the test if that
// takes longer than 20 s. It is for what only the kernel's own clock moves.
func Until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("still not so: %s", what)
		case <-tick.C:
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if errors.Is(err, syscall.EOPNOTSUPP) {
		t.Skipf("needs a kernel with veth and macvlan: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
}
