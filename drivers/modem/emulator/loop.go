package emulator

import (
	"container/heap"
	"sync"
	"time"
)

// loop runs functions one at a time in one goroutine: those that were posted,
// in order, and those that fall due, in order of time and then of asking. What
// its functions touch needs no other lock.
type loop struct {
	mu     sync.Mutex
	queue  []func()
	closed bool

	wake  chan struct{} // holds one token while the queue is not empty
	quit  chan struct{}
	ended chan struct{}
	late  sync.Mutex // stands in for the goroutine once it has ended

	due    alarms // touched only by the goroutine
	asked  uint64
	settle func() // runs after each function; nil for none
}

func newLoop(settle func()) *loop {
	l := &loop{
		wake:   make(chan struct{}, 1),
		quit:   make(chan struct{}),
		ended:  make(chan struct{}),
		settle: settle,
	}
	go l.run()
	return l
}

// post hands f to the goroutine and returns at once. After close it does nothing.
func (l *loop) post(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.queue = append(l.queue, f)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// do runs f in the goroutine and returns when it is done. It must not be
// called from the goroutine itself. After close f still runs, so that what was
// recorded can be read.
func (l *loop) do(f func()) {
	done := make(chan struct{})
	l.post(func() {
		f()
		close(done)
	})
	select {
	case <-done:
		return
	case <-l.ended:
	}
	select {
	case <-done:
	default:
		l.late.Lock()
		defer l.late.Unlock()
		f()
	}
}

// close ends the goroutine and waits for it.
func (l *loop) close() {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.quit)
	}
	l.mu.Unlock()
	<-l.ended
}

func (l *loop) run() {
	defer close(l.ended)
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	for {
		l.runPosted()
		l.runDue()
		timer.Stop()
		if d, any := l.untilNext(); any {
			timer.Reset(d)
		}
		select {
		case <-l.quit:
			timer.Stop()
			return
		case <-l.wake:
		case <-timer.C:
		}
	}
}

func (l *loop) runPosted() {
	l.mu.Lock()
	queue := l.queue
	l.queue = nil
	l.mu.Unlock()
	for _, f := range queue {
		l.call(f)
	}
}

func (l *loop) runDue() {
	for len(l.due) > 0 && !l.due[0].at.After(time.Now()) {
		a := heap.Pop(&l.due).(*alarm)
		if !a.stopped {
			l.call(a.f)
		}
	}
}

func (l *loop) call(f func()) {
	f()
	if l.settle != nil {
		l.settle()
	}
}

// untilNext is how long until the next alarm, and whether there is any. With
// none the goroutine sleeps without a timer, so that a bubble in which nothing
// can happen any more is seen to be stuck.
func (l *loop) untilNext() (time.Duration, bool) {
	for len(l.due) > 0 && l.due[0].stopped {
		heap.Pop(&l.due)
	}
	if len(l.due) == 0 {
		return 0, false
	}
	return time.Until(l.due[0].at), true
}

// after runs f when d has passed. It may only be called in the goroutine.
func (l *loop) after(d time.Duration, f func()) *alarm {
	l.asked++
	a := &alarm{at: time.Now().Add(d), order: l.asked, f: f}
	heap.Push(&l.due, a)
	return a
}

// alarm is a function that waits for its time.
type alarm struct {
	at      time.Time
	order   uint64
	f       func()
	stopped bool
}

// stop keeps the function from running; it is safe on a nil alarm.
func (a *alarm) stop() {
	if a != nil {
		a.stopped = true
	}
}

type alarms []*alarm

func (q alarms) Len() int      { return len(q) }
func (q alarms) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q alarms) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].order < q[j].order
	}
	return q[i].at.Before(q[j].at)
}
func (q *alarms) Push(x any) { *q = append(*q, x.(*alarm)) }
func (q *alarms) Pop() any {
	last := len(*q) - 1
	a := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return a
}

// feed passes values on through a channel without ever holding up the one who
// puts them in.
type feed[T any] struct {
	mu    sync.Mutex
	queue []T
	wake  chan struct{}
	quit  chan struct{}
	out   chan T
}

func newFeed[T any](quit chan struct{}) *feed[T] {
	f := &feed[T]{wake: make(chan struct{}, 1), quit: quit, out: make(chan T)}
	go f.run()
	return f
}

func (f *feed[T]) put(v T) {
	f.mu.Lock()
	f.queue = append(f.queue, v)
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

func (f *feed[T]) run() {
	defer close(f.out)
	for {
		select {
		case <-f.wake:
		case <-f.quit:
			return
		}
		f.mu.Lock()
		queue := f.queue
		f.queue = nil
		f.mu.Unlock()
		for _, v := range queue {
			select {
			case f.out <- v:
			case <-f.quit:
				return
			}
		}
	}
}
