package emulator

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a host on a real tty. It speaks in lines and waits for answers;
// a reader goroutine makes every wait a wait for a channel.
type terminal struct {
	t     *testing.T
	f     *os.File
	lines chan string
}

func openTTY(t *testing.T, path string) *terminal {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	h := &terminal{t: t, f: f, lines: make(chan string, 64)}
	go h.listen()
	return h
}

func (h *terminal) listen() {
	defer close(h.lines)
	s := bufio.NewScanner(h.f)
	for s.Scan() {
		if line := strings.Trim(s.Text(), "\r"); line != "" {
			h.lines <- line
		}
	}
}

func (h *terminal) say(s string) {
	h.t.Helper()
	if _, err := io.WriteString(h.f, s); err != nil {
		h.t.Fatal(err)
	}
}

// until reads lines up to this one; the tty must not end before.
func (h *terminal) until(want string) {
	h.t.Helper()
	var heard []string
	for line := range h.lines {
		heard = append(heard, line)
		if line == want {
			return
		}
	}
	h.t.Fatalf("the tty ended before %q; heard %q", want, heard)
}

// ended waits for the hang-up.
func (h *terminal) ended() {
	for range h.lines {
	}
}

func onTTY(t *testing.T, link string) (*Network, *Modem, string) {
	t.Helper()
	t.Parallel()
	n := NewNetwork()
	m, err := New(Options{Network: n, Number: ours, NoEcho: true})
	if err != nil {
		t.Fatal(err)
	}
	path, err := m.ServePTYAt(link)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
			t.Skipf("needs pseudo terminals: %v", err)
		}
		t.Fatal(err)
	}
	t.Cleanup(func() {
		m.Close()
		n.Close()
	})
	return n, m, path
}

func TestATTYTakesATextAndGivesAnAnswer(t *testing.T) {
	n, _, path := onTTY(t, "")
	h := openTTY(t, path)
	h.say("AT+CMGF=0;+CNMI=2,1,0,1,0\r")
	h.until("OK")
	h.say("AT+CMGS=31\r" + alertPDU + "\x1a")
	h.until("> ") // the prompt and the answer share no line feed, so the line is the prompt's own
	h.until("+CMGS: 1")
	h.until("OK")
	if text := <-n.Phone(ada).Arrived(); text.Body != "ALERT core-sw1 down" {
		t.Errorf("the phone shows %q", text.Body)
	}
	n.Phone(ada).Send(ours, "ack 1")
	h.until(`+CMTI: "SM",0`)
	h.f.Close()
}

func TestATTYMayBeClosedAndOpenedAgain(t *testing.T) {
	n, m, path := onTTY(t, "")
	h := openTTY(t, path)
	h.say("AT+CMEE=1;+CNMI=2,1\r")
	h.until("OK")
	if err := unix.IoctlSetInt(int(h.f.Fd()), unix.TIOCEXCL, 0); err != nil {
		t.Fatal(err)
	}
	h.f.Close()
	n.Phone(ada).Send(ours, "while nobody listens")
	for { // a first open may meet the last claim; the tty lifts it when it sees the close
		f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
		if err == nil {
			f.Close()
			break
		}
		if !errors.Is(err, syscall.EBUSY) {
			t.Fatal(err)
		}
		m.State()
	}
	again := openTTY(t, path)
	again.say("AT+CMEE?\r")
	again.until("+CMEE: 1")
	again.until("OK")
	again.f.Close()
}

func TestAPulledPortHangsUpAndComesBackUnderItsLink(t *testing.T) {
	link := filepath.Join(t.TempDir(), "usb-modem-if02")
	_, m, _ := onTTY(t, link)
	h := openTTY(t, link)
	h.say("AT\r")
	h.until("OK")
	m.Vanish()
	h.ended()
	if _, err := os.Lstat(link); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the link is still there: %v", err)
	}
	if m.Path() != "" {
		t.Errorf("the port still has a path: %s", m.Path())
	}
	if err := m.Return(); err != nil {
		t.Fatal(err)
	}
	back := openTTY(t, link)
	back.say("AT+CGMM\r")
	back.until("EG25")
	back.until("OK")
	m.Close()
	back.ended()
	if _, err := os.Lstat(link); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the link outlives the modem: %v", err)
	}
}

func TestAHostThatDoesNotReadDoesNotHoldUpTheModem(t *testing.T) {
	n, m, path := onTTY(t, "")
	h, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if _, err := io.WriteString(h, "AT+CNMI=2,1\r"); err != nil {
		t.Fatal(err)
	}
	for len(m.State().Commands) == 0 { // until the host is heard, the modem speaks to nobody
	}
	events := n.Events()
	for range 5000 {
		m.Unsolicited("^RSSI: 20" + strings.Repeat(" ", 100))
	}
	if d := m.State().Dropped; d == 0 {
		t.Error("half a megabyte nobody read, and nothing was dropped")
	}
	n.RingEvery(time.Millisecond)
	n.Phone(bob).Call(ours, 1)
	for e := range events {
		if e.Kind == "call" {
			break
		}
	}
}
