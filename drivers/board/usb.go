package board

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Sysfs is where the kernel shows its devices, "/sys" but in tests.
type Sysfs string

// Port finds the USB device that a tty hangs on: its folder in sysfs, which
// stays the same as long as it stays in the same socket. dev is the tty or a
// link to it, such as one of /dev/serial/by-id.
func (s Sysfs) Port(dev string) (string, error) {
	tty, err := filepath.EvalSymlinks(dev)
	if err != nil {
		return "", fmt.Errorf("find the tty: %w", err)
	}
	at, err := filepath.EvalSymlinks(filepath.Join(string(s), "class/tty", filepath.Base(tty), "device"))
	if err != nil {
		return "", fmt.Errorf("find the device of %s: %w", filepath.Base(tty), err)
	}
	root, err := filepath.EvalSymlinks(string(s))
	if err != nil {
		return "", fmt.Errorf("find the devices: %w", err)
	}
	// Interfaces of a device have a switch of their own; only devices have a maker.
	for ; strings.HasPrefix(at, root+"/"); at = filepath.Dir(at) {
		if has(at, "idVendor") && has(at, "authorized") {
			return at, nil
		}
	}
	return "", fmt.Errorf("%s does not hang on USB", filepath.Base(tty))
}

func has(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

// unplugged is how long a device stays without its drivers.
const unplugged = 2 * time.Second

// Reauthorise takes a USB device's drivers from it and gives them back, as if
// it had been unplugged; its power stays on (Linux
// Documentation/usb/authorization.rst).
func Reauthorise(ctx context.Context, port string) error {
	if err := authorise(port, "0"); err != nil {
		return err
	}
	select {
	case <-time.After(unplugged):
	case <-ctx.Done(): // it must not stay unplugged
	}
	return authorise(port, "1")
}

// Authorised makes sure that a device is not left without drivers by a box
// that went off in the middle of Reauthorise.
func Authorised(port string) error {
	state, err := os.ReadFile(filepath.Join(port, "authorized"))
	if err != nil {
		return fmt.Errorf("see whether the USB device has its drivers: %w", err)
	}
	if strings.TrimSpace(string(state)) != "0" {
		return nil
	}
	return authorise(port, "1")
}

func authorise(port, value string) error {
	f, err := os.OpenFile(filepath.Join(port, "authorized"), os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(value)
		err = errors.Join(err, f.Close())
	}
	switch {
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("switch the USB device: %w; only root may, or who a udev rule allows to", err)
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("switch the USB device: %w; it has left the bus, only its power can help", err)
	case err != nil:
		return fmt.Errorf("switch the USB device: %w", err)
	}
	return nil
}
