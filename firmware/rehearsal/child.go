package rehearsal

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"heliograph/firmware/control"
)

// child is the appliance as a process of its own.
type child struct {
	cmd   *exec.Cmd
	done  chan struct{} // closed when it has ended
	meant bool          // its end was asked for
}

// Start runs the appliance.
func (w *World) Start() error {
	cmd := w.command()
	out, err := os.OpenFile(w.journal(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	// The appliance must not outlive a rehearsal that is killed itself.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	c := &child{cmd: cmd, done: make(chan struct{})}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.child != nil {
		return fmt.Errorf("start the appliance: it runs")
	}
	if err := w.network.Start(cmd); err != nil {
		return fmt.Errorf("start the appliance: %w", err)
	}
	w.child, w.power = c, true
	w.starts++
	go func() {
		cmd.Wait()
		close(c.done)
	}()
	return nil
}

// Crash is kill -9; nobody starts the appliance again before Start.
func (w *World) Crash() { w.end(syscall.SIGKILL) }

// Halt is what a supervisor does to stop it.
func (w *World) Halt() { w.end(syscall.SIGTERM) }

// end makes the appliance end and waits for it.
func (w *World) end(how syscall.Signal) {
	w.mu.Lock()
	c := w.child
	w.child, w.power = nil, false
	if c != nil {
		c.meant = true
	}
	w.mu.Unlock()
	if c == nil {
		return
	}
	c.cmd.Process.Signal(how)
	select {
	case <-c.done:
	case <-time.After(10 * time.Second):
		c.cmd.Process.Kill()
		<-c.done
	}
}

// died says that the appliance ended by itself, and nobody will start it again.
func (w *World) died() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.o.Supervise || w.child == nil {
		return false
	}
	select {
	case <-w.child.done:
		return true
	default:
		return false
	}
}

// supervise starts an appliance that died by itself again, after a moment.
func (w *World) supervise(ctx context.Context) {
	for ctx.Err() == nil {
		w.mu.Lock()
		c := w.child
		w.mu.Unlock()
		if c == nil {
			if !pause(ctx, 50*time.Millisecond) {
				return
			}
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-c.done:
		}
		w.revive(ctx, c)
	}
}

// revive starts the appliance again unless its end was meant.
func (w *World) revive(ctx context.Context, dead *child) {
	w.mu.Lock()
	mine := w.child == dead && !dead.meant
	if mine {
		w.child = nil
	}
	w.mu.Unlock()
	if !mine || !pause(ctx, time.Second) {
		return
	}
	w.note("supervisor", "starts the appliance again")
	if err := w.Start(); err != nil {
		w.note("supervisor", "%v", err)
	}
}

// pause waits; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// Status asks the appliance.
func (w *World) Status(ctx context.Context) (control.Status, error) {
	var s control.Status
	_, err := w.client.Get(ctx, "/v1/status", &s)
	return s, err
}

// Fit waits until the appliance can send, whatever the uplinks do.
func (w *World) Fit(ctx context.Context) error {
	return w.Until(ctx, "the modem did not get ready", func() bool {
		s, err := w.Status(ctx)
		if err != nil || len(s.Workers) == 0 {
			return false
		}
		for _, m := range s.Workers {
			if !m.Fit && m.Channel == "sms" {
				return false
			}
		}
		return true
	})
}

// Watching waits until it can send and every uplink is judged up.
func (w *World) Watching(ctx context.Context) error {
	if err := w.Fit(ctx); err != nil {
		return err
	}
	return w.Until(ctx, "not every uplink was found up", func() bool {
		s, err := w.Status(ctx)
		for _, u := range s.Subjects {
			if u.Condition != "up" {
				return false
			}
		}
		return err == nil && len(s.Subjects) > 0
	})
}

// Quiet waits until nothing is being sent or waits to be.
func (w *World) Quiet(ctx context.Context) error {
	return w.Until(ctx, "the box did not finish what it was saying", func() bool {
		s, err := w.Status(ctx)
		return err == nil && s.Queue["sending"]+s.Queue["pending"] == 0
	})
}
