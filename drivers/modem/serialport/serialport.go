// Package serialport opens the tty of a modem.
package serialport

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"go.bug.st/serial"
)

// Open opens a tty raw, at 115200 baud with eight data bits, no parity, one
// stop bit, no flow control, DTR and RTS on. USB modems ignore the speed.
//
// Closing the port wakes a Read that waits; so does the loss of the device. A
// Write may block for as long as the modem takes nothing, and only closing
// the port ends it. The error of a port that cannot be opened says what to do.
func Open(path string) (io.ReadWriteCloser, error) {
	port, err := serial.Open(path, &serial.Mode{BaudRate: 115200, DataBits: 8, Parity: serial.NoParity, StopBits: serial.OneStopBit})
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w%s", path, err, advice(path, err))
	}
	// No read time-out is ever set: with one, a Read gives nothing and no error.
	for _, raise := range []func(bool) error{port.SetDTR, port.SetRTS} {
		if err := raise(true); err != nil && !noLines(err) {
			port.Close()
			return nil, fmt.Errorf("raising DTR and RTS of %s: %w", path, err)
		}
	}
	return port, nil
}

// noLines says that the tty has no modem lines: a pseudo terminal, and some
// USB converters.
func noLines(err error) bool {
	return errors.Is(err, syscall.ENOTTY) || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.EOPNOTSUPP)
}

// advice is what the operator can do, after a semicolon; empty if unknown.
func advice(path string, err error) string {
	var port *serial.PortError
	code := serial.PortErrorCode(-1)
	if errors.As(err, &port) {
		code = port.Code()
	}
	switch {
	case code == serial.PortBusy || errors.Is(err, syscall.EBUSY):
		return "; another program has it" + holder(path) + ": stop it, or keep ModemManager away with the udev property ID_MM_DEVICE_IGNORE=1"
	case code == serial.PermissionDenied || errors.Is(err, syscall.EACCES):
		return "; this user may not: add it to the group " + groupOf(path) + " and log in again"
	case code == serial.PortNotFound || errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ENXIO) || errors.Is(err, syscall.ENODEV):
		return "; there is no such device: is the modem plugged in and powered, and is this its name? (ls /dev/serial/by-id)"
	case code == serial.InvalidSerialPort || errors.Is(err, syscall.ENOTTY):
		return "; this is no serial port"
	}
	return ""
}

// groupOf names the group that may use the device; dialout is Debian's.
func groupOf(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return "dialout"
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Gid == 0 {
		return "dialout"
	}
	names, err := os.ReadFile("/etc/group")
	if err != nil {
		return "dialout"
	}
	for line := range strings.Lines(string(names)) {
		if f := strings.Split(line, ":"); len(f) > 2 && f[2] == fmt.Sprint(stat.Gid) {
			return f[0]
		}
	}
	return "dialout"
}

// holder names the program that has the device open, as far as this user can
// see: " (ModemManager, process 512)".
func holder(path string) string {
	real, err := os.Stat(path)
	if err != nil {
		return ""
	}
	files, _ := os.ReadDir("/proc")
	for _, f := range files {
		if strings.Trim(f.Name(), "0123456789") != "" || f.Name() == fmt.Sprint(os.Getpid()) {
			continue
		}
		if !has("/proc/"+f.Name()+"/fd", real) {
			continue
		}
		name, _ := os.ReadFile("/proc/" + f.Name() + "/comm")
		return fmt.Sprintf(" (%s, process %s)", strings.TrimSpace(string(name)), f.Name())
	}
	return ""
}

// has says whether one of the open files in a folder is this one.
func has(folder string, file os.FileInfo) bool {
	links, _ := os.ReadDir(folder)
	for _, l := range links {
		if open, err := os.Stat(folder + "/" + l.Name()); err == nil && os.SameFile(open, file) {
			return true
		}
	}
	return false
}
