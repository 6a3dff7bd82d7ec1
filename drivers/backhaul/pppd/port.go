package pppd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

var speeds = map[int]uint32{
	9600: unix.B9600, 19200: unix.B19200, 38400: unix.B38400, 57600: unix.B57600, 115200: unix.B115200, 230400: unix.B230400,
	460800: unix.B460800, 921600: unix.B921600, 3000000: unix.B3000000,
}

// port is the tty of the modem, raw. It is not taken for exclusive use: pppd
// opens it a second time.
type port struct {
	*os.File
	raw unix.Termios
}

// openPort opens a tty without waiting for the carrier's line.
func openPort(device string, speed int) (*port, error) {
	fd, err := unix.Open(device, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &end{Kind: kindOfOpen(err), Cause: "the modem's data port cannot be opened", Advice: adviceOfOpen(err), err: &fs.PathError{Op: "open", Path: device, Err: err}}
	}
	p := &port{File: os.NewFile(uintptr(fd), device)}
	baud := speeds[speed]
	p.raw = unix.Termios{Iflag: unix.IGNBRK | unix.IGNPAR, Cflag: unix.CS8 | unix.CREAD | unix.CLOCAL | unix.HUPCL | baud, Ispeed: baud, Ospeed: baud}
	p.raw.Cc[unix.VMIN] = 1
	if err := p.reset(); err != nil {
		p.Close()
		return nil, &end{Kind: Broken, Cause: device + " is no serial port", Advice: "check port: of the backhaul", err: err}
	}
	return p, nil
}

// reset makes the tty raw and forgets what it holds: what the modem printed
// for somebody else, or what a dead run has left unsent.
func (p *port) reset() error {
	err := p.control(func(fd int) error { return unix.IoctlSetTermios(fd, unix.TCSETS, &p.raw) })
	return errors.Join(err, p.control(func(fd int) error { return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIOFLUSH) }))
}

func kindOfOpen(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENODEV), errors.Is(err, unix.EIO):
		return Gone
	}
	return Broken
}

func adviceOfOpen(err error) string {
	switch {
	case kindOfOpen(err) == Gone:
		return "check that the modem is plugged in and that port: names its data port"
	case errors.Is(err, fs.ErrPermission):
		return "the unit heliograph-ppp@ has to run as root and may use ttys"
	case errors.Is(err, unix.EBUSY):
		return "another program has the port: stop ModemManager, or give the port to nobody else"
	}
	return ""
}

func (p *port) control(f func(fd int) error) error {
	c, err := p.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	return errors.Join(c.Control(func(fd uintptr) { inner = f(int(fd)) }), inner)
}

// until makes reads end with the context, or after a time. The result takes
// that back.
func (p *port) until(ctx context.Context, d time.Duration) func() {
	_ = p.SetDeadline(time.Now().Add(d))
	stop := context.AfterFunc(ctx, func() { _ = p.SetDeadline(time.Unix(1, 0)) })
	return func() {
		stop()
		_ = p.SetDeadline(time.Time{})
	}
}

// carrier says whether the port has a line for the carrier and it is up.
func (p *port) carrier() bool {
	var lines int
	err := p.control(func(fd int) (err error) { lines, err = unix.IoctlGetInt(fd, unix.TIOCMGET); return err })
	return err == nil && lines&unix.TIOCM_CAR != 0
}

// terminal raises or lowers DTR, and says whether the port has that line. A
// modem hangs up when it falls (V.250 §6.2.9, &D2).
func (p *port) terminal(ready bool) bool {
	request := uint(unix.TIOCMBIC)
	if ready {
		request = unix.TIOCMBIS
	}
	return p.control(func(fd int) error { return unix.IoctlSetPointerInt(fd, request, unix.TIOCM_DTR) }) == nil
}

// hangUp lowers DTR long enough to be noticed, and closes the port.
func (p *port) hangUp() error {
	if p.terminal(false) {
		time.Sleep(500 * time.Millisecond)
	}
	if err := p.Close(); err != nil {
		return fmt.Errorf("close the modem's data port: %w", err)
	}
	return nil
}
