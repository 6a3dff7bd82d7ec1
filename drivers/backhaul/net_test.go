package backhaul

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"heliograph/drivers/probe/probetest"
)

// stickAt is a modem as a network card: its end of the wire usb0, with a DHCP
// server and a router for IPv6 of its own.
type stickAt struct {
	probetest.Place
	t *testing.T
}

func newStick(t *testing.T) stickAt {
	t.Helper()
	if _, err := exec.LookPath("dnsmasq"); err != nil {
		t.Skip("needs dnsmasq: it is not installed")
	}
	s := stickAt{Place: probetest.New(t), t: t}
	s.Wire("usb0")
	probetest.Down(t, "usb0") // as a card is that nobody uses
	s.Do(func() {
		probetest.Address(t, "usb0", "192.168.225.1/24")
		probetest.Address(t, "usb0", "fe80::225:1/64")
		probetest.Listen(t, "192.168.225.1:80", "hello")
	})
	return s
}

// serve runs the server until the test, or the function that it returns, ends it.
func (s stickAt) serve(options ...string) (stop func()) {
	s.t.Helper()
	log := &said{until: map[string]chan struct{}{}}
	ready := log.hears("started")
	var cmd *exec.Cmd
	s.Do(func() {
		cmd = exec.Command("dnsmasq", append([]string{"--no-daemon", "--log-facility=-", "--conf-file=/dev/null", "--port=0", "--no-ping",
			"--interface=usb0", "--bind-interfaces", "--dhcp-authoritative", "--dhcp-leasefile=" + filepath.Join(s.t.TempDir(), "leases"), "--pid-file="}, options...)...)
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Start(); err != nil {
			s.t.Fatal(err)
		}
	})
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	s.t.Cleanup(stop)
	select {
	case <-ready:
	case <-time.After(20 * time.Second):
		s.t.Fatalf("dnsmasq does not start:\n%s", log.text())
	}
	return stop
}

var (
	v4    = []string{"--dhcp-range=192.168.225.20,192.168.225.60,255.255.255.0,2m", "--dhcp-option=3,192.168.225.1", "--dhcp-option=6,192.168.225.1,9.9.9.9", "--dhcp-option=26,1360"}
	other = []string{"--dhcp-range=192.168.225.100,192.168.225.120,255.255.255.0,2m"}
	v6    = []string{"--enable-ra", "--dhcp-range=2001:db8:225::,ra-only,64,2m"}
)

// said keeps what a program prints, and tells when a word was in it.
type said struct {
	mu    sync.Mutex
	all   bytes.Buffer
	until map[string]chan struct{}
}

func (s *said) hears(word string) <-chan struct{} {
	c := make(chan struct{})
	s.until[word] = c
	return c
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all.Write(b)
	for word, c := range s.until {
		if strings.Contains(s.all.String(), word) {
			close(c)
			delete(s.until, word)
		}
	}
	return len(b), nil
}

func (s *said) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}

// mainRoutes are the IPv4 routes of the main table, which nobody but the
// operator changes, and the IPv6 defaults.
func mainRoutes(t *testing.T) string {
	t.Helper()
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(routes)
}

func up(t *testing.T, l Link) Connection {
	t.Helper()
	c, err := l.Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func down(t *testing.T, l Link) {
	t.Helper()
	if err := l.Down(t.Context()); err != nil {
		t.Error(err)
	}
}

func netdev(t *testing.T, o NetdevOptions) *Netdev {
	t.Helper()
	o.Interface = "usb0"
	n, err := NewNetdev(o)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestACardWithDHCP(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	s := newStick(t)
	s.serve(v4...)
	before := mainRoutes(t)
	n := netdev(t, NetdevOptions{IPv4Only: true})
	for range 3 {
		c := up(t, n)
		if len(c.Addresses) != 1 || !netip.MustParsePrefix("192.168.225.0/24").Contains(c.Addresses[0].Addr()) || c.Addresses[0].Bits() != 24 ||
			fmt.Sprint(c.Gateways, c.DNS, c.MTU) != "[192.168.225.1] [192.168.225.1 9.9.9.9] 1360" || c.Took <= 0 {
			t.Errorf("connection: %+v", c)
		}
		if now, err := lookAt("usb0"); err != nil || !slices.Contains(now.addresses, c.Addresses[0]) {
			t.Errorf("usb0 has %v, %v", now.addresses, err)
		}
		if after := mainRoutes(t); after != before {
			t.Errorf("the main table was %s and is %s", before, after)
		}
		down(t, n)
		if err, told := <-c.Lost; told {
			t.Errorf("a connection that we ended was lost: %v", err)
		}
		if now, err := lookAt("usb0"); err != nil || now.running || len(now.addresses) > 0 {
			t.Errorf("after it usb0 is %+v, %v", now, err)
		}
	}
}

func TestACardWithBothFamilies(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	s := newStick(t)
	s.Do(func() { probetest.Address(t, "usb0", "2001:db8:225::1/64") })
	s.serve(append(v4, v6...)...)
	probetest.Sysctl(t, "net/ipv6/conf/usb0/accept_ra_defrtr", "0") // as backhaul/path has it
	n := netdev(t, NetdevOptions{})
	c := up(t, n)
	defer down(t, n)
	if len(c.Addresses) != 2 || !netip.MustParsePrefix("2001:db8:225::/64").Contains(c.Addresses[1].Addr()) || len(c.Gateways) != 2 || !c.Gateways[1].IsLinkLocalUnicast() {
		t.Errorf("connection: %+v", c)
	}
}

func TestACarrierOfIPv6Only(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	s := newStick(t)
	s.Do(func() { probetest.Address(t, "usb0", "2001:db8:225::1/64") })
	s.serve(v6...)
	n := netdev(t, NetdevOptions{})
	c := up(t, n)
	defer down(t, n)
	if len(c.Addresses) != 1 || !c.Addresses[0].Addr().Is6() || len(c.Gateways) != 1 || !c.Gateways[0].IsLinkLocalUnicast() {
		t.Errorf("connection: %+v", c)
	}
}

func TestALeaseIsRenewedAndTakenBack(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	s := newStick(t)
	stop := s.serve(v4...)
	n := netdev(t, NetdevOptions{IPv4Only: true})
	up(t, n)
	defer down(t, n)
	l, err := ask4(t.Context(), "usb0")
	if err != nil {
		t.Fatal(err)
	}
	newer, err := n.renew(t.Context(), l)
	if err != nil || newer == l || newer.address != l.address || newer.got.Before(l.got) {
		t.Errorf("renewed: %+v, %v", newer, err)
	}
	stop()
	s.serve(other...)
	var trouble *Trouble
	if _, err := n.renew(t.Context(), newer); !errors.As(err, &trouble) || trouble.Kind != Lost {
		t.Errorf("a server that knows another range: %v", err)
	}
}

func TestALeaseThatIsNotRenewedIsKeptToItsEnd(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	l := lease4{got: start, length: time.Hour}
	for after, want := range map[time.Duration]time.Duration{
		0: 30 * time.Minute, 10 * time.Minute: 20 * time.Minute, 30 * time.Minute: 15 * time.Minute, 58 * time.Minute: time.Minute,
		59*time.Minute + 30*time.Second: 30 * time.Second, 2 * time.Hour: 0,
	} {
		if got := l.due(start.Add(after)); got != want {
			t.Errorf("after %s it is due in %s, want %s", after, got, want)
		}
	}
}

func TestACardThatIsPulled(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	s := newStick(t)
	stop := s.serve(v4...)
	n := netdev(t, NetdevOptions{IPv4Only: true})
	c := up(t, n)
	link, err := netlink.LinkByName("usb0")
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.LinkDel(link); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-c.Lost; err == nil || err.Error() != "usb0 went away" {
		t.Errorf("lost: %v", err)
	}
	down(t, n)
	_, err = n.Up(t.Context())
	var trouble *Trouble
	if !errors.As(err, &trouble) || trouble.Kind != Gone {
		t.Errorf("without its card: %v", err)
	}
	back := newStick(t) // under the same name
	back.serve(v4...)
	up(t, n)
	down(t, n)
}

func TestACardThatLosesItsCarrier(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	s := newStick(t)
	s.serve(v4...)
	n := netdev(t, NetdevOptions{IPv4Only: true})
	c := up(t, n)
	s.Do(func() { probetest.Down(t, "usb0") })
	if err := <-c.Lost; err == nil || err.Error() != "usb0 lost its carrier" {
		t.Errorf("lost: %v", err)
	}
	down(t, n)
}

func TestALinkThatSomebodyElseKeepsUp(t *testing.T) {
	t.Parallel()
	if !probetest.Enter(t) {
		return
	}
	router := probetest.New(t)
	router.Wire("eth1")
	router.Do(func() { probetest.Address(t, "eth1", "192.168.8.1/24") })
	i, err := NewInterface(InterfaceOptions{Interface: "eth1", DNS: []netip.Addr{netip.MustParseAddr("192.168.8.1")}})
	if err != nil {
		t.Fatal(err)
	}
	type upped struct {
		c   Connection
		err error
	}
	done := make(chan upped, 1)
	go func() {
		c, err := i.Up(t.Context())
		done <- upped{c, err}
	}()
	probetest.Address(t, "eth1", "192.168.8.100/24") // while it waits
	probetest.Default(t, "192.168.8.1", "eth1")
	u := <-done
	if u.err != nil || fmt.Sprint(u.c.Addresses, u.c.Gateways, u.c.DNS, u.c.MTU) != "[192.168.8.100/24] [192.168.8.1] [192.168.8.1] 0" {
		t.Fatalf("connection: %+v, %v", u.c, u.err)
	}
	probetest.Forget(t, "eth1", "192.168.8.100/24")
	if err := <-u.c.Lost; err == nil || err.Error() != "eth1 lost its address" {
		t.Errorf("lost: %v", err)
	}
	down(t, i)
	probetest.Address(t, "eth1", "192.168.8.101/24")
	probetest.Default(t, "192.168.8.1", "eth1")
	if c := up(t, i); fmt.Sprint(c.Addresses) != "[192.168.8.101/24]" {
		t.Errorf("again: %+v", c)
	}
	down(t, i)
	if now, err := lookAt("eth1"); err != nil || !now.running || len(now.addresses) != 1 {
		t.Errorf("it touched what is not its own: %+v, %v", now, err)
	}
}

func TestALinkThatIsNotThere(t *testing.T) {
	t.Parallel()
	i, err := NewInterface(InterfaceOptions{Interface: "nosuch0", Gateways: []netip.Addr{netip.MustParseAddr("192.0.2.1")}})
	if err != nil {
		t.Fatal(err)
	}
	var trouble *Trouble
	if _, err := i.Up(t.Context()); !errors.As(err, &trouble) || trouble.Kind != Gone {
		t.Errorf("%v", err)
	}
}

func TestWhatALinkLacksIsSaid(t *testing.T) {
	t.Parallel()
	i := &Interface{o: InterfaceOptions{Interface: "eth1"}}
	some := []netip.Prefix{netip.MustParsePrefix("192.0.2.2/24")}
	for says, c := range map[string]card{
		"there is no interface eth1":  {},
		"eth1 has no carrier":         {there: true},
		"eth1 has no address":         {there: true, running: true},
		"no gateway is known on eth1": {there: true, running: true, addresses: some},
	} {
		if got := i.unready(c); got.Cause != says || got.Advice == "" {
			t.Errorf("%+v: %s (%s)", c, got.Cause, got.Advice)
		}
	}
	if !i.ready(card{there: true, running: true, plain: true, addresses: some}) {
		t.Error("a link that is point to point wants a gateway")
	}
}

// desk is an AT port that answers from a table; a command that is not in it is refused.
type desk struct {
	mu      sync.Mutex
	answers map[string][]string
	heard   []string
}

func (d *desk) Command(_ context.Context, cmd string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.heard = append(d.heard, cmd)
	lines, ok := d.answers[cmd]
	if !ok {
		return nil, errors.New("ERROR")
	}
	return lines, nil
}

func TestMakesAreToldToConnect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		model, query string
		answer       string
		heard        []string
	}{
		{"EC200A", "+CGPADDR=1", `+CGPADDR: 1,"10.64.3.7"`, []string{"+CGMM", "+CGDCONT?", `+CGDCONT=1,"IPV4V6","internet"`, `+CGDCONT=1,"IP","internet"`, "+QNETDEVCTL=1,1,1", "+CGPADDR=1"}},
		{"EG25", "+CGPADDR=1", `+CGPADDR: 1,10.64.3.7`, []string{"+CGMM", "+CGDCONT?", `+CGDCONT=1,"IPV4V6","internet"`, `+CGDCONT=1,"IP","internet"`, "+CGPADDR=1"}},
		{"SIMCOM_SIM7600E-H", "$QCRMCALL?", "$QCRMCALL: 1, V4", []string{"+CGMM", "+CGDCONT?", `+CGDCONT=1,"IPV4V6","internet"`, `+CGDCONT=1,"IP","internet"`, "$QCRMCALL=1,1", "$QCRMCALL?"}},
		{"LE910C1-EU", "#ECM?", "#ECM: 0,1", []string{"+CGMM", "+CGDCONT?", `+CGDCONT=1,"IPV4V6","internet"`, `+CGDCONT=1,"IP","internet"`, "#ECM=1,0", "#ECM?"}},
		{"ME909s-120", "^NDISSTATQRY?", `^NDISSTATQry:1`, []string{"+CGMM", "+CGDCONT?", `+CGDCONT=1,"IPV4V6","internet"`, `+CGDCONT=1,"IP","internet"`, `^NDISDUP=1,1,"internet"`, "^NDISSTATQRY?"}},
		{"Something", "+CGACT?", `+CGACT: 1,1`, []string{"+CGMM", "+CGDCONT?", `+CGDCONT=1,"IPV4V6","internet"`, `+CGDCONT=1,"IP","internet"`, "+CGACT=1,1", "+CGACT?"}},
	} {
		d := &desk{answers: map[string][]string{
			"+CGMM": {c.model}, c.query: {c.answer}, `+CGDCONT=1,"IP","internet"`: nil, "+CGDCONT?": {`+CGDCONT: 1,"IP","other","0.0.0.0",0,0`},
			"+QNETDEVCTL=1,1,1": nil, "$QCRMCALL=1,1": {"$QCRMCALL: 1, V4"}, "#ECM=1,0": nil, `^NDISDUP=1,1,"internet"`: nil, "+CGACT=1,1": nil,
		}}
		n := netdev(t, NetdevOptions{APN: "internet", Commander: d})
		if err := n.activate(t.Context()); err != nil || !slices.Equal(d.heard, c.heard) {
			t.Errorf("%s heard %q, %v", c.model, d.heard, err)
		}
	}
}

func TestAnswersThatSayNo(t *testing.T) {
	t.Parallel()
	for make, lines := range map[string][]string{
		"quectel": {`+CGPADDR: 1,"0.0.0.0"`, `+CGPADDR: 1`, `+CGPADDR: 2,"10.0.0.1"`, `+CGPADDR: 1,""`}, "simcom-qcrmcall": {"$QCRMCALL: 0, V4"},
		"standard": {"+CGACT: 1,0", "+CGACT: 2,1"}, "telit": {"#ECM: 0,0"}, "huawei": {`^NDISSTATQRY: 0,,,"IPV4"`}, "sierra": {"!SCACT: 1,0"},
	} {
		w, ok := wayNamed(make)
		if !ok || w.says(lines, "1") {
			t.Errorf("%s takes one of %q for a connection", make, lines)
		}
	}
	w, _ := wayNamed("quectel")
	for _, l := range []string{`+CGPADDR: 1,"10.0.0.1"`, `+CGPADDR: 1,"0.0.0.0","2001:db8::1"`, "+CGPADDR: 1,100.64.0.0"} {
		if !w.says([]string{l}, "1") {
			t.Errorf("%q is an address", l)
		}
	}
}

func TestEveryMakeHasASource(t *testing.T) {
	t.Parallel()
	for _, w := range ways {
		if w.source == "" || (w.query == "") != (w.up == nil) || (w.query == "" && w.name != "router") {
			t.Errorf("%s lacks something", w.name)
		}
	}
}

func TestAContextThatIsThereIsNotWrittenAgain(t *testing.T) {
	t.Parallel()
	d := &desk{answers: map[string][]string{"+CGDCONT?": {`+CGDCONT: 1,"IPV4V6","internet","0.0.0.0",0,0`}, "+CGPADDR=1": {`+CGPADDR: 1,"10.0.0.1"`}}}
	n := netdev(t, NetdevOptions{APN: "internet", Commander: d, Make: "quectel"})
	if err := n.activate(t.Context()); err != nil || !slices.Equal(d.heard, []string{"+CGDCONT?", "+CGPADDR=1"}) {
		t.Errorf("it heard %q, %v", d.heard, err)
	}
}

func TestPasswordsAreNotInErrors(t *testing.T) {
	t.Parallel()
	d := &desk{answers: map[string][]string{`+CGDCONT=1,"IPV4V6","internet"`: nil, "+CEER": {`+CEER: "User authentication failed"`}}}
	n := netdev(t, NetdevOptions{APN: "internet", User: "ada", Password: "hunter2", Commander: d, Make: "simcom-qcrmcall"})
	err := n.activate(t.Context())
	var trouble *Trouble
	if !errors.As(err, &trouble) || trouble.Kind != Denied || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}

func TestNetdevOptionsThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, o := range []NetdevOptions{{}, {Interface: "usb0", Make: "nokia"}, {Interface: "usb0", APN: `a"b`}, {Interface: "usb0", Password: "a\rAT+CFUN=0"}} {
		if _, err := NewNetdev(o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}

func TestLeasesOfNetworkd(t *testing.T) {
	t.Parallel()
	const file = "# This is private data. Do not parse.\nADDRESS=192.168.8.100\nROUTER=192.168.8.1\nDNS=192.168.8.1 9.9.9.9\n"
	read := func(key string) []netip.Addr { return readLease(strings.NewReader(file), key) }
	if got := fmt.Sprint(read("ROUTER"), read("DNS"), read("NTP")); got != "[192.168.8.1] [192.168.8.1 9.9.9.9] []" {
		t.Errorf("it read %s", got)
	}
}
