package isp

import (
	"errors"
	"os/exec"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// spawner starts children from one thread that lives as long as it does: the
// kernel kills a child when the thread that started it ends, not the process
// (prctl(2), PR_SET_PDEATHSIG).
type spawner struct {
	asked chan order
	done  chan struct{}
	once  sync.Once
}

type order struct {
	child  *exec.Cmd
	answer chan error
}

func newSpawner() *spawner {
	s := &spawner{asked: make(chan order), done: make(chan struct{})}
	go apart(s.run)
	return s
}

// apart runs f on a thread of its own that ends with f. The first thread of
// a process never ends, so it is left to another goroutine.
func apart(f func()) {
	runtime.LockOSThread()
	if unix.Gettid() != unix.Getpid() {
		f()
		return
	}
	begun := make(chan struct{})
	go apart(func() { close(begun); f() })
	<-begun
	runtime.UnlockOSThread()
}

func (s *spawner) run() {
	for {
		select {
		case o := <-s.asked:
			o.answer <- o.child.Start()
		case <-s.done:
			return
		}
	}
}

func (s *spawner) start(c *exec.Cmd) error {
	o := order{child: c, answer: make(chan error, 1)}
	select {
	case s.asked <- o:
		return <-o.answer
	case <-s.done:
		return errors.New("the network is closed")
	}
}

// stop ends the thread, by which the kernel kills the children.
func (s *spawner) stop() { s.once.Do(func() { close(s.done) }) }
