package main

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// supervisor keeps one program running. Its loop owns all that is in it.
type supervisor struct {
	what    string // the program, for people
	argv    []string
	kids    *children
	renewed func() // called when there is a new configuration; nil: it does not matter

	pid     int
	ended   <-chan unix.WaitStatus
	started time.Time
	pause   time.Duration // before the next start
	stop    int           // what comes after the end: a reboot command; 0 while there is none
}

const (
	shortest = time.Second
	longest  = 30 * time.Second
	patience = 20 * time.Second // of a stop: a text that is on its way is finished first
)

// run starts the program and returns, when an order came and the program has
// ended, what to do with the box. A hint that things are better now ends a
// pause before the next start.
func (s *supervisor) run(orders <-chan os.Signal, better <-chan struct{}) int {
	s.pause = shortest
	again := s.start()
	var late <-chan time.Time
	for {
		select {
		case o := <-orders:
			if s.stop != 0 {
				continue
			}
			s.stop = command(o)
			say("%v: stopping %s", o, s.what)
			if s.pid == 0 {
				return s.stop
			}
			unix.Kill(s.pid, unix.SIGTERM)
			late = time.After(patience)
		case <-late:
			say("%s does not stop: it is killed", s.what)
			unix.Kill(s.pid, unix.SIGKILL)
		case how := <-s.ended:
			s.pid, s.ended = 0, nil
			if s.stop != 0 {
				return s.stop
			}
			again = time.After(s.next(how))
		case <-better:
			if s.renewed != nil {
				s.renewed()
			}
			if s.pid == 0 && s.stop == 0 {
				again = s.start()
			}
		case <-again:
			again = s.start()
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
func (s *supervisor) next(how unix.WaitStatus) time.Duration {
	wait := s.wait()
	say("%s ended (exit %d, signal %d); it is started again in %s", s.what, how.ExitStatus(), how.Signal(), wait)
	return wait
}

func (s *supervisor) wait() time.Duration {
	if time.Since(s.started) > longest {
		s.pause = shortest
	}
	wait := s.pause
	s.pause = min(2*s.pause, longest)
	return wait
}

// start starts the program. It returns when to try again, if that failed.
func (s *supervisor) start() (again <-chan time.Time) {
	s.started = time.Now()
	var err error
	s.pid, s.ended, err = s.kids.start(s.argv, &syscall.ProcAttr{
		Dir: "/", Env: environment, Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		say("%s cannot be started: %v", s.argv[0], err)
		return time.After(s.wait())
	}
	say("%s is started, at %s of uptime", s.what, uptime())
	return nil
}
