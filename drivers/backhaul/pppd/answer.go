package pppd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"
)

// SocketPath is where the unit of the backhaul called name takes calls. It is
// not in the appliance's own /run/heliograph, which goes when the appliance stops.
func SocketPath(name string) string { return "/run/heliograph-ppp/" + name + ".sock" }

// Listener is the socket of this unit: the one that systemd passes
// (sd_listen_fds(3); passed is true then), or one made at SocketPath.
func Listener(name string) (l net.Listener, passed bool, err error) {
	if pid, _ := strconv.Atoi(os.Getenv("LISTEN_PID")); pid == os.Getpid() && os.Getenv("LISTEN_FDS") == "1" {
		f := os.NewFile(3, "socket of systemd")
		defer f.Close()
		l, err = net.FileListener(f)
		return l, true, err
	}
	path := SocketPath(name)
	if err := os.MkdirAll("/run/heliograph-ppp", 0o755); err != nil {
		return nil, false, fmt.Errorf("take calls: %w", err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) { // of a run that died
		return nil, false, fmt.Errorf("take calls: %w", err)
	}
	l, err = net.Listen("unix", path)
	if err == nil {
		err = os.Chmod(path, 0o660)
	}
	return l, false, err
}

// Answer takes calls, one at a time: the next waits until the modem is free.
// Options are asked for at each call, so that a changed configuration counts
// from the next one; if they cannot be had, the caller is told. It returns
// when ctx ends, or with nil when no call came for the idle time (zero: never),
// and closes l.
func Answer(ctx context.Context, l net.Listener, idle time.Duration, options func() (Options, error)) error {
	defer l.Close()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for {
		if d, ok := l.(interface{ SetDeadline(time.Time) error }); ok && idle > 0 {
			if err := d.SetDeadline(time.Now().Add(idle)); err != nil {
				return fmt.Errorf("take calls: %w", err)
			}
		}
		conn, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				conn.Close()
			}
			return ctx.Err()
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil
		case err != nil:
			return fmt.Errorf("take calls: %w", err)
		}
		o, err := options()
		if err != nil {
			refuse(conn, err)
			continue
		}
		_ = Serve(ctx, conn, o) // how it ended was told to the caller and logged
	}
}

// refuse tells a caller that there is nothing to dial with.
func refuse(conn net.Conn, err error) {
	defer conn.Close()
	e := end{Kind: Broken, Cause: "the unit that dials cannot use the configuration", Advice: "heliograph check says what is wrong", err: err}
	_ = conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
	_ = json.NewEncoder(conn).Encode(e.event())
}
