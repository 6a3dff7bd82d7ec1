package pppd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// The test binary is its own stand-in for pppd. What it shall do is the user
// of its options, and the folder in which it leaves word is the password.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[2] == "file" {
		standIn()
	}
	os.Exit(m.Run())
}

func standIn() {
	options, err := os.ReadFile(os.Args[3])
	if err != nil {
		fmt.Println("Can't open options file:", err)
		os.Exit(2)
	}
	m := regexp.MustCompile(`user "(.*)" password "(.*)"`).FindStringSubmatch(string(options))
	if m == nil {
		os.Exit(2)
	}
	leave := func(name, text string) {
		if os.WriteFile(filepath.Join(m[2], name+"~"), []byte(text), 0o600) != nil || os.Rename(filepath.Join(m[2], name+"~"), filepath.Join(m[2], name)) != nil {
			os.Exit(99)
		}
	}
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM, syscall.SIGUSR1)
	leave("options", string(options))
	leave("arguments", strings.Join(os.Args[1:], " "))
	leave("pid", strconv.Itoa(os.Getpid()))
	if code, early := strings.CutPrefix(m[1], "exit "); early {
		fmt.Println("PAP authentication failed")
		n, _ := strconv.Atoi(code)
		os.Exit(n)
	}
	fmt.Print("Using interface ppp0\nFailed to create pid file /run/ppp0.pid: Read-only file system\nlocal  IP address 10.64.3.7\n" +
		"remote IP address 10.64.64.64\nprimary   DNS address 194.204.159.1\nsecondary DNS address 194.204.152.34\n")
	for s := range told {
		switch {
		case s == syscall.SIGUSR1:
			os.Exit(16)
		case m[1] != "deaf":
			leave("terminated", "")
			os.Exit(5)
		}
	}
}

// bench is a modem on a tty, whose answers are in a table, and a call to it.
type bench struct {
	t      *testing.T
	device string
	master *os.File
	dir    string
	conn   net.Conn
	events *json.Decoder
	ended  chan error

	mu      sync.Mutex
	answers map[string]string // by command; missing ones are OK
	heard   []string
	silent  bool          // in data mode: only +++ helps
	rang    chan struct{} // told when a number is dialled

	connects func() // answers a call in place of the table, and returns when it is over; nil does not
}

func newBench(t *testing.T) *bench {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("needs a pseudo terminal: %v", err)
	}
	b := &bench{t: t, device: slave.Name(), master: master, dir: t.TempDir(), rang: make(chan struct{}, 9), answers: map[string]string{"ATD*99***1#": "CONNECT 150000000"}}
	t.Cleanup(func() { master.Close(); slave.Close() })
	go b.modem()
	return b
}

func (b *bench) modem() {
	r := bufio.NewReader(b.master)
	var cmd string
	for {
		c, err := r.ReadByte()
		if err != nil {
			return
		}
		if cmd += string(c); cmd == "+++" {
			b.mu.Lock()
			b.silent = false
			b.mu.Unlock()
			fmt.Fprint(b.master, "\r\nNO CARRIER\r\n")
			cmd = ""
		}
		if c == '\r' {
			if b.connects != nil && strings.HasPrefix(cmd, "ATD") {
				b.connects()
			} else {
				b.obey(strings.TrimSuffix(cmd, "\r"))
			}
			cmd = ""
		}
	}
}

func (b *bench) obey(cmd string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.silent {
		return
	}
	b.heard = append(b.heard, cmd)
	if strings.HasPrefix(cmd, "ATD") {
		b.rang <- struct{}{}
	}
	answer, ok := b.answers[cmd]
	if !ok {
		answer = "OK"
	}
	fmt.Fprintf(b.master, "%s\r\r\n%s\r\n", cmd, answer) // with its echo
}

func (b *bench) commands() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.heard)
}

// call starts a call in which the stand-in behaves as told.
func (b *bench) call(behaviour string) {
	b.t.Helper()
	self, err := os.Executable()
	if err != nil {
		b.t.Fatal(err)
	}
	b.callWith(b.t.Context(), Options{Program: self, Device: b.device, APN: "internet", Interface: "ppp-test", User: behaviour, Password: b.dir, IPv4Only: true})
}

func (b *bench) callWith(ctx context.Context, o Options) {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer l.Close()
	if b.conn, err = net.Dial("unix", path); err != nil {
		b.t.Fatal(err)
	}
	theirs, err := l.Accept()
	if err != nil {
		b.t.Fatal(err)
	}
	ended := make(chan error, 1)
	b.events, b.ended = json.NewDecoder(b.conn), ended
	over, conn := make(chan struct{}), b.conn
	go func() {
		ended <- Serve(ctx, theirs, o)
		close(over)
	}()
	b.t.Cleanup(func() { conn.Close(); <-over })
}

// next is the next event, which has to be of a kind.
func (b *bench) next(kind string) Event {
	b.t.Helper()
	if err := b.conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		b.t.Fatal(err)
	}
	var e Event
	if err := b.events.Decode(&e); err != nil {
		b.t.Fatalf("waiting for %s: %v", kind, err)
	}
	if e.Event != kind {
		b.t.Fatalf("it told %+v, wanted %s", e, kind)
	}
	return e
}

func (b *bench) read(name string) string {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, name))
	if err != nil {
		b.t.Error(err)
	}
	return string(text)
}

// pid is the stand-in's, once it has said it.
func (b *bench) pid() int {
	b.t.Helper()
	n, err := strconv.Atoi(b.read("pid"))
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func TestACallFromOpenToClose(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for range 3 { // the third time is as the first
		b.call("works")
		b.next("dialling")
		up := b.next("up")
		if fmt.Sprintf("%v %s %v %s", up.Addresses, up.Peer, up.DNS, up.Interface) != "[10.64.3.7/32] 10.64.64.64 [194.204.159.1 194.204.152.34] ppp-test" || up.Took <= 0 || up.Took < up.Dialled {
			t.Errorf("up: %+v", up)
		}
		if err := b.conn.(*net.UnixConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if down := b.next("down"); down.Kind != Asked {
			t.Errorf("down: %+v", down)
		}
		if err := <-b.ended; err != nil {
			t.Errorf("Serve ended with %v", err)
		}
		b.read("terminated")
		if err := os.Remove(filepath.Join(b.dir, "terminated")); err != nil {
			t.Error(err)
		}
	}
	if got := b.commands()[:8]; !slices.Equal(got, []string{"AT", "ATE0", "ATV1", "AT&C1", "AT&D2", "AT+CGDCONT?", `AT+CGDCONT=1,"IP","internet"`, "ATD*99***1#"}) {
		t.Errorf("the modem heard %q", got)
	}
}

func TestThePasswordStandsInNoCommandLine(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.call("works")
	b.next("dialling")
	b.next("up")
	if got, want := b.read("arguments"), b.device+" file /proc/self/fd/3"; got != want {
		t.Errorf("pppd was started with %q, want %q", got, want)
	}
	for _, want := range []string{"nodefaultroute", "usepeerdns", "noauth", "mtu 1400", "ifname ppp-test", "lcp-echo-interval 10 lcp-echo-failure 3", "ip-up-script /nonexistent", "local\n", "noipv6"} {
		if !strings.Contains(b.read("options"), want) {
			t.Errorf("its options lack %q:\n%s", want, b.read("options"))
		}
	}
	b.conn.Close()
	if err := <-b.ended; err != nil {
		t.Errorf("a caller that is simply gone: %v", err)
	}
	b.read("terminated")
}

func TestACarrierThatIsLost(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.call("works")
	b.next("dialling")
	b.next("up")
	if err := syscall.Kill(b.pid(), syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	if down := b.next("down"); down.Kind != Lost || down.Cause != "the modem hung up" || down.Exit != 16 {
		t.Errorf("down: %+v", down)
	}
	if err := <-b.ended; err == nil {
		t.Error("Serve says that all is well")
	}
}

func TestAPasswordThatIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.call("exit 19")
	b.next("dialling")
	if down := b.next("down"); down.Kind != Denied || down.Cause != "the carrier refused user and password: PAP authentication failed" || down.Advice == "" {
		t.Errorf("down: %+v", down)
	}
}

func TestRefusedCalls(t *testing.T) {
	t.Parallel()
	for answer, cause := range map[string]string{
		"NO CARRIER": "the call was refused: NO CARRIER", "BUSY": "the call was refused: BUSY", "ERROR": "the call was refused: ERROR",
		"+CME ERROR: 148": "the call was refused: +CME ERROR: 148",
	} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.answers["ATD*99***1#"] = answer
			b.call("works")
			b.next("dialling")
			if down := b.next("down"); down.Kind != Refused || down.Cause != cause {
				t.Errorf("down: %+v", down)
			}
			if _, err := os.Stat(filepath.Join(b.dir, "pid")); err == nil {
				t.Error("pppd was started all the same")
			}
		})
	}
}

func TestAContextThatIsThereIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers["AT+CGDCONT?"] = "+CGDCONT: 1,\"IP\",\"internet\",\"0.0.0.0\",0,0,0,0\r\n+CGDCONT: 2,\"IPV4V6\",\"ims\",\"\",0,0\r\n\r\nOK"
	b.call("works")
	b.next("dialling")
	b.next("up")
	if heard := b.commands(); slices.ContainsFunc(heard, func(c string) bool { return strings.HasPrefix(c, "AT+CGDCONT=") }) {
		t.Errorf("the modem heard %q", heard)
	}
}

func TestAModemThatKnowsOneFamily(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers[`AT+CGDCONT=1,"IPV4V6","internet"`] = "ERROR"
	self, _ := os.Executable()
	b.callWith(t.Context(), Options{Program: self, Device: b.device, APN: "internet", Interface: "ppp-test", User: "works", Password: b.dir})
	b.next("dialling")
	b.next("up")
	if heard := b.commands(); !slices.Contains(heard, `AT+CGDCONT=1,"IP","internet"`) {
		t.Errorf("the modem heard %q", heard)
	}
	if o := b.read("options"); !strings.Contains(o, "+ipv6") {
		t.Errorf("pppd was not asked for IPv6:\n%s", o)
	}
}

func TestAModemThatADeadRunLeftInDataMode(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.silent = true
	b.call("works")
	b.next("dialling")
	b.next("up")
	if got := b.commands(); !slices.Equal(got[:2], []string{"ATH", "AT"}) {
		t.Errorf("the modem heard %q", got)
	}
}

func TestHangingUpInTheMiddleOfDialling(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers["ATD*99***1#"] = "" // no answer yet
	b.call("works")
	b.next("dialling")
	<-b.rang
	b.conn.Close()
	if err := <-b.ended; err != nil {
		t.Errorf("Serve ended with %v", err)
	}
}

func TestAPortThatIsNotThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.device = filepath.Join(b.dir, "ttyUSB3")
	b.call("works")
	b.next("dialling")
	if down := b.next("down"); down.Kind != Gone || down.Advice == "" {
		t.Errorf("down: %+v", down)
	}
	b.device = b.dir
	b.call("works")
	b.next("dialling")
	if down := b.next("down"); down.Kind != Broken {
		t.Errorf("a folder is no port: %+v", down)
	}
}

func TestABoxWithoutPppd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.callWith(t.Context(), Options{Program: "/nonexistent/pppd", Device: b.device, Interface: "ppp-test"})
	if down := b.next("down"); down.Kind != Broken || down.Advice != "apt install ppp" {
		t.Errorf("down: %+v", down)
	}
	if len(b.commands()) != 0 {
		t.Error("a call was dialled that could not be used")
	}
}

func TestAPppdThatDoesNotStopIsKilled(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.call("deaf")
	b.next("dialling")
	b.next("up")
	b.conn.Close()
	if err := <-b.ended; err != nil {
		t.Errorf("Serve ended with %v", err)
	}
	if err := syscall.Kill(b.pid(), 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("pppd is still there: %v", err)
	}
}

func TestTheEndOfTheUnitHangsUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	self, _ := os.Executable()
	ctx, stop := context.WithCancel(t.Context())
	b.callWith(ctx, Options{Program: self, Device: b.device, Interface: "ppp-test", User: "works", Password: b.dir})
	b.next("dialling")
	b.next("up")
	stop()
	if down := b.next("down"); down.Kind != Asked {
		t.Errorf("down: %+v", down)
	}
	b.read("terminated")
}
