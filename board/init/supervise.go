package main

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// supervisor keeps one program running. Its loop owns all that is in it.
type supervisor struct {
	argv, env []string

	pid     int
	started time.Time
	pause   time.Duration // before the next start
	stop    int           // what comes after the end: a reboot command; 0 while there is none
}

const (
	shortest = time.Second
	longest  = 30 * time.Second
	patience = 20 * time.Second // of a stop: a text that is on its way is finished first
)

// died says that a process ended, and how.
type died struct {
	pid int
	how unix.WaitStatus
}

// run starts the program and returns, when an order came and the program has
// ended, what to do with the box.
func (s *supervisor) run(orders <-chan os.Signal) int {
	dead, child := make(chan died), make(chan os.Signal, 1)
	listen(child)
	go reap(child, dead)
	s.pause = shortest
	s.start()
	var again, late <-chan time.Time
	for {
		select {
		case o := <-orders:
			if s.stop != 0 {
				continue
			}
			s.stop = command(o)
			say("%v: stopping", o)
			if s.pid == 0 {
				return s.stop
			}
			unix.Kill(s.pid, unix.SIGTERM)
			late = time.After(patience)
		case <-late:
			say("the appliance does not stop: it is killed")
			unix.Kill(s.pid, unix.SIGKILL)
		case d := <-dead:
			if d.pid != s.pid {
				continue // an orphan, or a pppd whose parent died
			}
			s.pid = 0
			if s.stop != 0 {
				return s.stop
			}
			again = time.After(s.next(d))
		case <-again:
			s.start()
		}
	}
}

// command is what an order asks of the kernel in the end.
func command(o os.Signal) int {
	if o == unix.SIGINT {
		return unix.LINUX_REBOOT_CMD_RESTART
	}
	return unix.LINUX_REBOOT_CMD_POWER_OFF
}

// next is how long to wait before the next start: longer each time, until a
// run has lasted a while.
func (s *supervisor) next(d died) time.Duration {
	if time.Since(s.started) > longest {
		s.pause = shortest
	}
	wait := s.pause
	say("the appliance ended (exit %d, signal %d); it is started again in %s", d.how.ExitStatus(), d.how.Signal(), wait)
	s.pause = min(2*s.pause, longest)
	return wait
}

func (s *supervisor) start() {
	s.started = time.Now()
	pid, err := syscall.ForkExec(s.argv[0], s.argv, &syscall.ProcAttr{
		Dir: "/", Env: s.env, Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		say("%s cannot be started: %v", s.argv[0], err)
		return
	}
	s.pid = pid
	say("the appliance is started, at %s of uptime", uptime())
}

// reap collects every process that ends: the first process is the parent of
// all whose own is gone.
func reap(child <-chan os.Signal, dead chan<- died) {
	for range child {
		for {
			var how unix.WaitStatus
			pid, err := unix.Wait4(-1, &how, unix.WNOHANG, nil)
			if err == unix.EINTR {
				continue
			}
			if err != nil || pid <= 0 {
				break
			}
			dead <- died{pid, how}
		}
	}
}
