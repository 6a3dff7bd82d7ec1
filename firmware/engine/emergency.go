package engine

import "time"

type emergency struct {
	retryAt time.Time
}

func (m *emergency) on() bool { return !m.retryAt.IsZero() }

func (m *emergency) due(e *Engine) bool { return e.clock.until(m.retryAt) <= 0 }

func (m *emergency) take(e *Engine, batch []letter, hands Hands) {}

func (e *Engine) full(batch []letter, hands Hands, err error) error { return err }
