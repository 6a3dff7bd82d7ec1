package main

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// children are the processes that this one started. The first process is also
// the parent of all whose own is gone, so it collects whatever ends, and tells
// those who wait.
type children struct {
	mu    sync.Mutex
	waits map[int]chan unix.WaitStatus
}

func newChildren() *children {
	c := &children{waits: map[int]chan unix.WaitStatus{}}
	ends := make(chan os.Signal, 1)
	signal.Notify(ends, unix.SIGCHLD)
	go c.reap(ends)
	return c
}

// start starts a program. How it ended comes from the channel.
func (c *children) start(argv []string, how *syscall.ProcAttr) (int, <-chan unix.WaitStatus, error) {
	c.mu.Lock() // it must not be collected before it is known
	defer c.mu.Unlock()
	pid, err := syscall.ForkExec(argv[0], argv, how)
	if err != nil {
		return 0, nil, err
	}
	ended := make(chan unix.WaitStatus, 1)
	c.waits[pid] = ended
	return pid, ended, nil
}

// reap collects every process that ends.
func (c *children) reap(ends <-chan os.Signal) {
	for range ends {
		for {
			var how unix.WaitStatus
			pid, err := unix.Wait4(-1, &how, unix.WNOHANG, nil)
			if err == unix.EINTR {
				continue
			}
			if err != nil || pid <= 0 {
				break
			}
			c.mu.Lock()
			if ended, ok := c.waits[pid]; ok { // else an orphan, such as a pppd whose parent died
				ended <- how
				delete(c.waits, pid)
			}
			c.mu.Unlock()
		}
	}
}

const (
	mostSaid = 64 << 10 // of what a program says
	// slowest bounds a program that is waited for: a check of a large disk, or
	// an update that is copied.
	slowest = 15 * time.Minute
)

// output runs a program to its end, in another root if one is named, and
// returns what it said and its exit status.
func (c *children) output(root string, argv ...string) (string, int, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", 0, err
	}
	defer r.Close()
	pid, ended, err := c.start(argv, &syscall.ProcAttr{
		Dir: "/", Env: environment, Files: []uintptr{0, w.Fd(), w.Fd()}, Sys: &syscall.SysProcAttr{Setsid: true, Chroot: root},
	})
	w.Close()
	if err != nil {
		return "", 0, err
	}
	late := time.AfterFunc(slowest, func() { unix.Kill(pid, unix.SIGKILL) })
	defer late.Stop()
	said, err := io.ReadAll(io.LimitReader(r, mostSaid))
	io.Copy(io.Discard, r)
	how := <-ended
	if how.Signaled() {
		err = errors.Join(err, errors.New(how.Signal().String()))
	}
	return string(said), how.ExitStatus(), err
}
