package engine

import (
	"context"
	"sync"

	"heliograph/firmware/event"
)

// letter is a fact on its way to the loop; done, if set, hears when it is
// committed.
type letter struct {
	fact event.Fact
	done chan<- error
}

// inbox collects facts for the one goroutine that decides. Everything that
// waits shares the next commit.
type inbox struct {
	mu      sync.Mutex
	letters []letter
	wake    chan struct{}
}

func newInbox() *inbox { return &inbox{wake: make(chan struct{}, 1)} }

func (b *inbox) put(l letter) {
	b.mu.Lock()
	b.letters = append(b.letters, l)
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// take empties the inbox, at most so many letters at a time: a flood must not
// make one commit endless.
func (b *inbox) take(most int) []letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(len(b.letters), most)
	batch := b.letters[:n:n]
	if b.letters = b.letters[n:]; len(b.letters) == 0 {
		b.letters = nil
	}
	return batch
}

func (b *inbox) empty() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.letters) == 0
}

// Put hands a fact to the engine. It never blocks.
func (e *Engine) Put(f event.Fact) { e.inbox.put(letter{fact: f}) }

// Take hands a fact to the engine and returns after it is committed.
func (e *Engine) Take(ctx context.Context, f event.Fact) error {
	done := make(chan error, 1)
	e.inbox.put(letter{fact: f, done: done})
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-e.stopped:
		return errStopped
	}
}
