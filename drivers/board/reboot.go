package board

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Restarts are the restarts of the box that it made for itself. All times are
// box time, which no clock moves back.
type Restarts struct {
	Last time.Time `json:"last"`
	Row  int       `json:"row"` // how many there were, each within forgotten of the one before
}

const (
	apart     = 6 * time.Hour
	mostApart = 24 * time.Hour
	forgotten = 48 * time.Hour
)

// Next is when another one may be made. What did not help is tried less and
// less often.
func (r Restarts) Next() time.Time {
	if r.Row == 0 {
		return time.Time{}
	}
	return r.Last.Add(min(apart<<min(r.Row-1, 4), mostApart))
}

// Take counts one, or says why it may not be.
func (r Restarts) Take(now time.Time) (Restarts, error) {
	if now.Before(r.Next()) {
		return r, fmt.Errorf("the box was restarted %s ago and that did not mend it; the next try is in %s at the earliest",
			now.Sub(r.Last).Round(time.Minute), r.Next().Sub(now).Round(time.Minute))
	}
	if now.Sub(r.Last) > forgotten {
		r.Row = 0
	}
	return Restarts{Last: now, Row: r.Row + 1}, nil
}

// patience is how long an orderly restart may take before the kernel is asked.
const patience = 90 * time.Second

// Restart asks PID 1 for a restart, as Ctrl-Alt-Del does: systemd, busybox and
// this project's own init all take SIGINT for it. Should the machine still run
// after a minute and a half, the kernel restarts it at once. It returns when
// ctx ends, which is how the restart arrives here, or with the reason why it
// cannot be.
func Restart(ctx context.Context) error {
	if err := unix.Kill(1, syscall.SIGINT); err != nil {
		return fmt.Errorf("ask PID 1 for a restart: %w; only root may", err)
	}
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(patience):
	}
	unix.Sync()
	return errors.Join(errors.New("PID 1 did not restart the box"), unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART))
}
