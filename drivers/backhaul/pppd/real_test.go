package pppd

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"heliograph/drivers/probe/probetest"
)

// carrier is the other end of a call: Debian's pppd in a place of its own,
// joined to the modem when that answers CONNECT.
type carrier struct {
	probetest.Place
	*bench
	calls chan talk // each as it begins
}

// talk is one call as the carrier has it.
type talk struct {
	pppd *os.Process
	over chan struct{} // closed when its pppd has ended
}

// newCarrier needs the real thing: root, a kernel with PPP, and pppd. A
// compiled test with only /usr/sbin/pppd beside it is enough.
func newCarrier(t *testing.T) carrier {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root: pppd does")
	}
	if _, err := os.Stat("/usr/sbin/pppd"); err != nil {
		t.Skipf("needs Debian's ppp: %v", err)
	}
	f, err := os.OpenFile("/dev/ppp", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("needs a kernel with PPP: %v", err)
	}
	f.Close()
	c := carrier{Place: probetest.New(t), bench: newBench(t), calls: make(chan talk, 9)}
	c.connects = c.answer
	c.Do(func() { probetest.Listen(t, "0.0.0.0:7", "hello") })
	return c
}

// answer says CONNECT and is the network until the call is over.
func (c carrier) answer() {
	fmt.Fprint(c.master, "\r\nCONNECT 150000000\r\n")
	cmd := exec.Command("/usr/sbin/pppd", "notty", "nodetach", "noauth", "local", "nodefaultroute", "+ipv6", "novj", "noccp", "ifname", "carrier0",
		"10.64.64.64:10.64.3.7", "ms-dns", "192.0.2.53", "ms-dns", "192.0.2.54", "logfile", filepath.Join(c.dir, "carrier.log"))
	cmd.Stdin, cmd.Stdout = c.master, c.master
	c.Do(func() {
		if err := cmd.Start(); err != nil {
			c.t.Error(err)
			return
		}
		over := make(chan struct{})
		c.calls <- talk{cmd.Process, over}
		_ = cmd.Wait() // in place, as the modem has nothing else to do
		close(over)
	})
}

func (c carrier) dial(v4only bool) Event {
	c.t.Helper()
	var said bytes.Buffer
	c.callWith(c.t.Context(), Options{Device: c.device, APN: "internet", Interface: "ppp-test", IPv4Only: v4only, Log: func(line string) { said.WriteString(line + "\n") }})
	c.t.Cleanup(func() {
		if c.t.Failed() {
			log, _ := os.ReadFile(filepath.Join(c.dir, "carrier.log"))
			c.t.Logf("ours:\n%s\nthe carrier's:\n%s", said.String(), log)
		}
	})
	c.next("dialling")
	return c.next("up")
}

// passes fetches a word through the link.
func (c carrier) passes() {
	c.t.Helper()
	conn, err := net.DialTimeout("tcp", "10.64.64.64:7", 20*time.Second)
	if err != nil {
		c.t.Error(err)
		return
	}
	defer conn.Close()
	if word, err := io.ReadAll(conn); err != nil || string(word) != "hello" {
		c.t.Errorf("through the link came %q, %v", word, err)
	}
}

func defaults(t *testing.T) string {
	t.Helper()
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	if err != nil {
		t.Fatal(err)
	}
	var some []string
	for _, r := range routes {
		if r.Dst == nil || strings.HasPrefix(r.Dst.String(), "0.0.0.0/0") {
			some = append(some, r.String())
		}
	}
	return strings.Join(some, "\n")
}

func TestTwoRealPppds(t *testing.T) {
	c := newCarrier(t)
	routes, resolv := defaults(t), readOr("/etc/resolv.conf")
	for range 3 {
		up := c.dial(true)
		if got := fmt.Sprintf("%v %s %v %s %d", up.Addresses, up.Peer, up.DNS, up.Interface, up.MTU); got != "[10.64.3.7/32] 10.64.64.64 [192.0.2.53 192.0.2.54] ppp-test 1400" {
			t.Errorf("up: %s", got)
		}
		t.Logf("CONNECT after %.3f s, up after %.3f s", up.Dialled, up.Took)
		c.passes()
		theirs := <-c.calls
		c.conn.Close()
		if err := <-c.ended; err != nil {
			t.Errorf("Serve ended with %v", err)
		}
		<-theirs.over // by LCP's farewell: nothing else tells it
		if _, err := netlink.LinkByName("ppp-test"); err == nil {
			t.Error("the interface is still there")
		}
	}
	if now := defaults(t); now != routes {
		t.Errorf("the default routes were\n%s\nand are\n%s", routes, now)
	}
	if now := readOr("/etc/resolv.conf"); now != resolv {
		t.Errorf("resolv.conf is\n%s", now)
	}
}

func TestARealCarrierThatHangsUp(t *testing.T) {
	c := newCarrier(t)
	c.dial(false) // both families are asked for, and no router answers
	theirs := <-c.calls
	if err := theirs.pppd.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if down := c.next("down"); down.Kind != Lost || down.Cause == "" {
		t.Errorf("down: %+v", down)
	}
	<-c.ended
	<-theirs.over
	c.dial(false) // and again
	<-c.calls
	c.conn.Close()
	<-c.ended
}

func readOr(name string) string {
	b, err := os.ReadFile(name)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
