package serialport

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// tty gives both ends of a pseudo terminal: the modem's and the name of ours.
func tty(t *testing.T) (*os.File, string) {
	t.Helper()
	modem, slave, err := pty.Open()
	if err != nil {
		t.Skipf("needs a pseudo terminal: %v", err)
	}
	name := slave.Name()
	t.Cleanup(func() { modem.Close(); slave.Close() })
	return modem, name
}

func TestBytesPassUnchangedBothWays(t *testing.T) {
	t.Parallel()
	modem, name := tty(t)
	port, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer port.Close()
	const said, answered = "AT+CMGS=3\r0011\x1a\x1b\x03\x04\x11\x13", "\r\n> \r\nOK\r\n\x00\xff"
	if _, err := port.Write([]byte(said)); err != nil {
		t.Fatal(err)
	}
	if got := read(t, modem, len(said)); got != said {
		t.Errorf("the modem got %q", got)
	}
	if _, err := modem.Write([]byte(answered)); err != nil {
		t.Fatal(err)
	}
	if got := read(t, port, len(answered)); got != answered {
		t.Errorf("we got %q", got)
	}
}

func read(t *testing.T, r interface{ Read([]byte) (int, error) }, n int) string {
	t.Helper()
	var got []byte
	for len(got) < n {
		b := make([]byte, n-len(got))
		k, err := r.Read(b)
		if err != nil {
			t.Fatalf("after %q: %v", got, err)
		}
		got = append(got, b[:k]...)
	}
	return string(got)
}

func TestClosingWakesAReader(t *testing.T) {
	t.Parallel()
	_, name := tty(t)
	port, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	woken := make(chan error, 1)
	go func() {
		_, err := port.Read(make([]byte, 16))
		woken <- err
	}()
	port.Close()
	if err := <-woken; err == nil {
		t.Error("the reader read nothing without an error")
	}
}

func TestAHangUpWakesAReader(t *testing.T) {
	t.Parallel()
	modem, slave, err := pty.Open()
	if err != nil {
		t.Skipf("needs a pseudo terminal: %v", err)
	}
	port, err := Open(slave.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer port.Close()
	woken := make(chan error, 1)
	go func() {
		_, err := port.Read(make([]byte, 16))
		woken <- err
	}()
	slave.Close()
	modem.Close()
	if err := <-woken; err == nil {
		t.Error("the reader read nothing without an error")
	}
}

func TestAPortThatCannotBeOpenedSaysWhatToDo(t *testing.T) {
	t.Parallel()
	_, err := Open("/dev/does-not-exist")
	if !errors.Is(err, syscall.ENOENT) || !strings.Contains(err.Error(), "plugged in") {
		t.Errorf("missing: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file); err == nil || !strings.Contains(err.Error(), "no serial port") {
		t.Errorf("a file: %v", err)
	}
}

func TestAForbiddenPortNamesTheGroup(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("needs an ordinary user: root may open everything")
	}
	file := filepath.Join(t.TempDir(), "ttyUSB2")
	if err := os.WriteFile(file, nil, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file); err == nil || !strings.Contains(err.Error(), "add it to the group") {
		t.Errorf("got %v", err)
	}
}

func TestABusyPortNamesWhatMayHoldIt(t *testing.T) {
	t.Parallel()
	modem, name := tty(t)
	first, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if os.Getuid() != 0 {
		if _, err := Open(name); err == nil || !strings.Contains(err.Error(), "another program has it") {
			t.Errorf("a second time: %v", err)
		}
	}
	err = fmt.Errorf("open: %w", syscall.EBUSY)
	if got := advice(modem.Name(), err); !strings.Contains(got, "ModemManager") {
		t.Errorf("advice: %s", got)
	}
	if got := advice(name, fmt.Errorf("open: %w", syscall.EACCES)); !strings.Contains(got, "add it to the group") {
		t.Errorf("advice: %s", got)
	}
}
