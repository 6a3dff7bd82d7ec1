package board

import (
	"context"
	"sync"
	"time"
)

// lookAgain is how often a line is read without an edge: the kernel drops
// edges when too many come at once.
const lookAgain = 10 * time.Second

// Watch tells a line's level, and each other one that has held for so long.
// It returns when ctx ends or the line can be read no more.
func Watch(ctx context.Context, in Input, hold time.Duration, told func(active bool)) error {
	level, err := in.Active()
	if err != nil {
		return err
	}
	told(level)
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	settled := time.NewTimer(hold)
	defer settled.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-in.Changed():
			settled.Reset(hold)
		case <-again.C:
			now, err := in.Active()
			if err != nil {
				return err
			}
			if now != level {
				settled.Reset(hold)
			}
		case <-settled.C:
			now, err := in.Active()
			if err != nil {
				return err
			}
			if now != level {
				level = now
				told(level)
			}
		}
	}
}

const (
	// Bounce is how long a contact must hold to count.
	Bounce = 30 * time.Millisecond
	// HeldFor is how long a button is held down to mean the other thing.
	HeldFor = 3 * time.Second
)

// Button tells short presses from long ones. A button that is down when the
// box starts says nothing until it was let go.
type Button struct {
	Short func() // when it is let go
	Held  func() // when it was down for HeldFor, still down

	mu    sync.Mutex
	known bool // it was seen released
	down  *time.Timer
}

// Level takes the button's state as Watch tells it.
func (b *Button) Level(pressed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case pressed && b.known && b.down == nil:
		b.down = time.AfterFunc(HeldFor, b.Held)
	case !pressed:
		b.known = true
		if b.down != nil && b.down.Stop() {
			b.Short()
		}
		b.down = nil
	}
}
