package board

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// stick makes a sysfs with one modem on port 2 of the hub on port 1, as the
// kernel lays it out, and its tty under /dev.
func stick(t *testing.T, tty string) (sys Sysfs, dev, port string) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(root, "sys/devices/pci0000:00/0000:00:14.0/usb1/1-1")
	port = filepath.Join(at, "1-1.2")
	inside := filepath.Join(port, "1-1.2:1.2", tty)
	for _, dir := range []string{inside, filepath.Join(root, "sys/class/tty", tty), filepath.Join(root, "dev/serial/by-id")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		at + "/idVendor": "05e3\n", at + "/authorized": "1\n",
		port + "/idVendor": "2c7c\n", port + "/authorized": "1\n",
		port + "/1-1.2:1.2/authorized": "1\n", root + "/dev/" + tty: "",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	dev = filepath.Join(root, "dev/serial/by-id/usb-Quectel-if02")
	if err := errors.Join(os.Symlink(inside, filepath.Join(root, "sys/class/tty", tty, "device")), os.Symlink("../../"+tty, dev)); err != nil {
		t.Fatal(err)
	}
	return Sysfs(filepath.Join(root, "sys")), dev, port
}

func TestTheSocketThatATtyHangsOnIsFound(t *testing.T) {
	t.Parallel()
	sys, dev, port := stick(t, "ttyUSB2")
	if got, err := sys.Port(dev); err != nil || got != port {
		t.Errorf("found %s, %v; want %s", got, err, port)
	}
	// A UART has a device, and no maker above it.
	uart := filepath.Join(string(sys), "devices/platform/serial0")
	class := filepath.Join(string(sys), "class/tty/ttyS0")
	if err := errors.Join(os.MkdirAll(uart, 0o755), os.MkdirAll(class, 0o755), os.Symlink(uart, class+"/device"), os.WriteFile(filepath.Dir(string(sys))+"/dev/ttyS0", nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	if _, err := sys.Port(filepath.Dir(string(sys)) + "/dev/ttyS0"); err == nil || !strings.Contains(err.Error(), "ttyS0 does not hang on USB") {
		t.Errorf("a UART: %v", err)
	}
	if _, err := sys.Port("/dev/none"); err == nil {
		t.Error("a port that is not there was found")
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

func TestAModemIsTakenOffTheBusAndGivenBack(t *testing.T) {
	t.Parallel()
	_, _, port := stick(t, "ttyUSB2")
	synctest.Test(t, func(t *testing.T) {
		done := make(chan error, 1)
		began := time.Now()
		go func() { done <- Reauthorise(t.Context(), port) }()
		synctest.Wait()
		if got := read(t, port+"/authorized")[:1]; got != "0" {
			t.Errorf("at first it is %s", got)
		}
		if err := <-done; err != nil || time.Since(began) != unplugged {
			t.Errorf("it took %s: %v", time.Since(began), err)
		}
		if got := read(t, port+"/authorized")[:1]; got != "1" {
			t.Errorf("at last it is %s", got)
		}
		// An appliance that stops in between does not leave it off.
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if err := Reauthorise(ctx, port); err != nil || read(t, port+"/authorized")[:1] != "1" {
			t.Errorf("stopped in the middle: %v", err)
		}
	})
	if got := read(t, filepath.Dir(port)+"/authorized"); got != "1" {
		t.Errorf("the hub was switched: %s", got)
	}
}

func TestAModemLeftOffIsGivenBack(t *testing.T) {
	t.Parallel()
	_, _, port := stick(t, "ttyACM0")
	if err := os.WriteFile(port+"/authorized", []byte("0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Authorised(port); err != nil || read(t, port+"/authorized")[:1] != "1" {
		t.Errorf("left off: %v", err)
	}
	if err := os.RemoveAll(port); err != nil {
		t.Fatal(err)
	}
	if err := Reauthorise(t.Context(), port); err == nil || !strings.Contains(err.Error(), "only its power can help") {
		t.Errorf("off the bus: %v", err)
	}
}

func TestTheBoxIsRestartedSeldomAndEverLessOften(t *testing.T) {
	t.Parallel()
	night := time.Date(2026, 11, 21, 4, 2, 0, 0, time.UTC)
	var r Restarts
	for _, c := range []struct {
		after time.Duration
		may   bool
		next  time.Duration
	}{
		{0, true, 6 * time.Hour},
		{5*time.Hour + 59*time.Minute, false, 6 * time.Hour},
		{6 * time.Hour, true, 18 * time.Hour},
		{17 * time.Hour, false, 18 * time.Hour},
		{18 * time.Hour, true, 42 * time.Hour},
		{42 * time.Hour, true, 66 * time.Hour},
		{65 * time.Hour, false, 66 * time.Hour},
		{42*time.Hour + 49*time.Hour, true, 42*time.Hour + 55*time.Hour}, // two days later it is a trouble of its own
	} {
		now, err := r.Take(night.Add(c.after))
		if (err == nil) != c.may {
			t.Errorf("after %s: %v", c.after, err)
		}
		r = now
		if got := r.Next().Sub(night); got != c.next {
			t.Errorf("after %s the next may be at %s, want %s", c.after, got, c.next)
		}
	}
	_, err := r.Take(r.Last.Add(90 * time.Minute))
	if want := "the box was restarted 1h30m0s ago and that did not mend it; the next try is in 4h30m0s at the earliest"; err == nil || err.Error() != want {
		t.Errorf("refused with %v", err)
	}
}
