package modem

import (
	"context"
	"slices"
)

// errand is what somebody else has the session do with the wire: a step of a
// call or of a service code. Between two of them the wire is free for texts.
type errand struct {
	do      func(*session) error
	patient bool       // it comes after the texts that wait; others come before them
	done    chan error // room for one answer
}

// borrow has the session run an errand at its next turn and waits for the end
// of it. A context that ends takes back what has not begun.
func (m *Modem) borrow(ctx context.Context, patient bool, do func(*session) error) error {
	e := &errand{do: do, patient: patient, done: make(chan error, 1)}
	m.mu.Lock()
	if !m.open {
		m.mu.Unlock()
		return m.unfit()
	}
	m.errands = append(m.errands, e)
	m.mu.Unlock()
	m.poke()
	select {
	case err := <-e.done:
		return err
	case <-ctx.Done():
	}
	if m.takeBack(e) {
		return context.Cause(ctx)
	}
	return <-e.done
}

func (m *Modem) takeBack(e *errand) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.Index(m.errands, e)
	if i >= 0 {
		m.errands = slices.Delete(m.errands, i, i+1)
	}
	return i >= 0
}

// errand runs the next one, if any.
func (s *session) errand(patient bool) bool {
	s.m.mu.Lock()
	i := slices.IndexFunc(s.m.errands, func(e *errand) bool { return e.patient == patient })
	if i < 0 || !s.up {
		s.m.mu.Unlock()
		return false
	}
	e := s.m.errands[i]
	s.m.errands = slices.Delete(s.m.errands, i, i+1)
	s.m.mu.Unlock()
	e.done <- e.do(s)
	return true
}

// turnAway answers errands that found the door closed.
func (m *Modem) turnAway(all []*errand) {
	for _, e := range all {
		e.done <- m.unfit()
	}
}

// turns is a lock that a context may give up waiting for.
type turns chan struct{}

func (t turns) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	default:
	}
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t turns) give() { <-t }
