package isp_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"heliograph/drivers/probe"
	"heliograph/firmware/rehearsal/isp"
)

func layLoopback(t *testing.T, p isp.Plan) *isp.Network {
	t.Helper()
	n, err := isp.LayLoopback(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

func TestLoopbackAnswersEveryProbe(t *testing.T) {
	t.Parallel()
	n := layLoopback(t, two())
	if n.Places() {
		t.Error("loopback says it has places")
	}
	for i, u := range n.Plan().Uplinks {
		if u.Name != two().Uplinks[i].Name || u.Interface != "" || u.Gateway.IsValid() || u.Source.IsValid() || len(u.Targets) != 4 {
			t.Errorf("the plan has %+v", u)
		}
		for j, kind := range []string{"tcp", "tcp", "dns", "http"} {
			if got := u.Targets[j]; got.Kind != kind || !got.Addr.Addr().IsLoopback() {
				t.Errorf("target %d is %+v", j, got)
			}
		}
		wantFailing(t, "calm", u)
	}
	r := probe.DNS("nobody.example", n.Plan().Uplinks[0].Targets[2].Addr.String(), probe.Binding{}).Run(t.Context())
	if r.OK || r.Seen != "NXDOMAIN" {
		t.Errorf("a name that nobody has: %+v", r)
	}
}

func TestLoopbackFaultsHitTheirOwnLineOnlyAndAreMended(t *testing.T) {
	t.Parallel()
	n := layLoopback(t, two())
	a, b := n.Plan().Uplinks[0], n.Plan().Uplinks[1]
	for _, c := range []struct {
		fault isp.Fault
		hits  []string
		seen  string // by the tcp probe
	}{
		{isp.Cut, []string{"beyond"}, "refused"},
		{isp.BlackHole, []string{"beyond"}, "no answer in"},
		{isp.Slow, []string{a.Targets[2].String(), a.Targets[3].String()}, ""},
	} {
		turn(t, n.Break, a, c.fault)
		saw := wantFailing(t, string(c.fault), a, c.hits...)
		if seen := saw[a.Targets[1].String()]; !strings.Contains(seen, c.seen) {
			t.Errorf("%s: tcp sees %q, want %q", c.fault, seen, c.seen)
		}
		wantFailing(t, string(c.fault)+" of a", b)
		turn(t, n.Mend, a, c.fault)
		wantFailing(t, string(c.fault)+" mended", a)
	}
	for round := range 10 {
		turn(t, n.Break, a, isp.Cut)
		turn(t, n.Mend, a, isp.Cut)
		wantFailing(t, fmt.Sprintf("cut and mended, round %d", round), a)
	}
}

// A child that is being started holds copies of all files of this process
// until it runs its own program. They are made by hand here, to last.
func TestLoopbackIsCutAndMendedWhileAChildHoldsItsSockets(t *testing.T) {
	t.Parallel()
	n := layLoopback(t, two())
	a := n.Plan().Uplinks[0]
	if copies := hold(t, a.Targets); copies == 0 {
		t.Fatal("found no socket of the line")
	}
	turn(t, n.Break, a, isp.Cut)
	for range 20 {
		r := probe.TCP(a.Targets[1].Addr.String(), probe.Binding{}).Run(t.Context())
		if r.OK || !strings.Contains(r.Seen, "refused") {
			t.Fatalf("the line is cut, and a call sees %q", r.Seen)
		}
	}
	turn(t, n.Mend, a, isp.Cut)
	for round := 0; round < 20 && !t.Failed(); round++ {
		wantFailing(t, fmt.Sprintf("mended, round %d", round), a)
	}
}

// hold copies the TCP sockets of some targets and says how many there were.
func hold(t *testing.T, targets []isp.Target) (copies int) {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		fd := number(t, file.Name())
		if !answersFor(fd, targets) {
			continue
		}
		held, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(held) })
		copies++
	}
	return copies
}

func answersFor(fd int, targets []isp.Target) bool {
	if kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE); err != nil || kind != unix.SOCK_STREAM {
		return false
	}
	name, _ := unix.Getsockname(fd)
	at, ok := name.(*unix.SockaddrInet4)
	return ok && slices.ContainsFunc(targets, func(t isp.Target) bool { return int(t.Addr.Port()) == at.Port })
}

func TestLoopbackOneTargetAlone(t *testing.T) {
	t.Parallel()
	n := layLoopback(t, two())
	a, b := n.Plan().Uplinks[0], n.Plan().Uplinks[1]
	for i, target := range a.Targets {
		if err := n.Target(target.String(), false); err != nil {
			t.Fatal(err)
		}
		wantFailing(t, "one silent", a, target.String())
		wantFailing(t, "one of a silent", b)
		if err := n.Target(two().Uplinks[0].Targets[i].String(), true); err != nil { // by its name in the plan
			t.Fatal(err)
		}
		wantFailing(t, "it answers again", a)
	}
	if err := n.Target("tcp 1.1.1.1:443", false); err != nil { // that of both uplinks
		t.Fatal(err)
	}
	wantFailing(t, "silent for both", b, b.Targets[1].String())
	if err := n.MendAll(); err != nil {
		t.Fatal(err)
	}
	wantFailing(t, "all mended", b)
}

func TestLoopbackLosesFourOfTen(t *testing.T) {
	t.Parallel()
	n := layLoopback(t, two())
	a := n.Plan().Uplinks[0]
	turn(t, n.Break, a, isp.Loss)
	atOnce(a.Targets[1:3], func(target isp.Target) {
		wantLoss(t, a, func() bool { return call(t, a.Name, target) })
	})
	turn(t, n.Mend, a, isp.Loss)
	wantFailing(t, "no longer lossy", a)
}

// call asks a target once, from a port that the kernel chooses.
func call(t *testing.T, name string, target isp.Target) bool {
	if target.Kind == "dns" {
		return question(t, name, target)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	return probe.TCP(target.Addr.String(), probe.Binding{}).Run(ctx).OK
}

// question asks by UDP and fails the test if the answer is not what its port
// says it must be.
func question(t *testing.T, name string, target isp.Target) bool {
	c, err := net.Dial("udp", target.Addr.String())
	if err != nil {
		t.Error(err)
		return false
	}
	defer c.Close()
	from := c.LocalAddr().(*net.UDPAddr).Port
	lost, given := isp.LostFrom(name, uint16(from)), patience
	if lost {
		given = brief
	}
	_ = c.SetDeadline(time.Now().Add(given))
	ask := "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03com\x00\x00\x01\x00\x01"
	if _, err := c.Write([]byte(ask)); err != nil {
		t.Error(err)
	}
	n, err := c.Read(make([]byte, 512))
	heard := err == nil && n > len(ask)
	if heard == lost {
		t.Errorf("%s from port %d: heard=%v, lost=%v", target, from, heard, lost)
	}
	return heard
}

func TestLoopbackSaysWhatItCannotDo(t *testing.T) {
	t.Parallel()
	p := two()
	p.Uplinks[1].Targets = p.Uplinks[1].Targets[:2] // nothing that answers in words
	n := layLoopback(t, p)
	for _, c := range []struct {
		uplink string
		fault  isp.Fault
		want   string
	}{
		{"transit-a", isp.Gateway, `"gateway" needs network namespaces: over loopback no fault has a place; use "cut" or "black hole"`},
		{"transit-a", isp.OwnPort, `"own port" needs network namespaces: over loopback no fault has a place; use "cut" or "black hole"`},
		{"transit-b", isp.Slow, `"slow" needs network namespaces: over loopback only http and dns answers can be late, and this line has none; use "loss"`},
		{"transit-c", isp.Cut, `there is no uplink "transit-c"`},
		{"transit-a", "flood", `there is no fault "flood"`},
	} {
		if err := n.Break(c.uplink, c.fault); err == nil || err.Error() != c.want {
			t.Errorf("breaking %s by %s: %v\nwant %s", c.uplink, c.fault, err, c.want)
		}
	}
	if got := n.Broken("transit-a"); len(got) > 0 {
		t.Errorf("broken by %v", got)
	}
	if err := n.Mount(t.TempDir(), 1<<20); err == nil || !strings.Contains(err.Error(), "needs network namespaces") {
		t.Errorf("mounting: %v", err)
	}
}

func TestLoopbackCloseKillsTheChildrenAndFreesThePorts(t *testing.T) {
	t.Parallel()
	n, err := isp.LayLoopback(two())
	if err != nil {
		t.Fatal(err)
	}
	target := n.Plan().Uplinks[0].Targets[3].Addr.String()
	page, err := http.Get("http://" + target + "/")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, page.Body)
	page.Body.Close()
	wantChildGone(t, n)
	l, err := net.Listen("tcp", target)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}
