package engine

import (
	"sync"
	"time"

	"heliograph/firmware/event"
)

// Clock tells box time and wall time. Box time is the last value on disk plus
// the monotonic clock: it never goes back, whatever happens to the wall clock.
type Clock struct {
	mu      sync.Mutex
	began   time.Time // with its monotonic reading
	base    time.Time // box time when it began
	trusted bool
	nonce   func() uint64
}

// newClock continues box time from the disk. A box that never ran begins with
// the wall clock, or with floor where that is older: a clock without a battery
// starts in 1970.
func newClock(onDisk, floor time.Time, nonce func() uint64) *Clock {
	began := time.Now()
	base := onDisk
	if base.IsZero() {
		base = began.Round(0)
	}
	if base.Before(floor) {
		base = floor
	}
	return &Clock{began: began, base: base.UTC(), nonce: nonce}
}

// Stamp is now on both clocks.
func (c *Clock) Stamp() event.Stamp {
	c.mu.Lock()
	defer c.mu.Unlock()
	return event.Stamp{
		Box: c.base.Add(time.Since(c.began)), Wall: time.Now().Round(0).UTC(), Trusted: c.trusted, Nonce: c.nonce(),
	}
}

// until is how long it is to an instant of box time.
func (c *Clock) until(box time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return box.Sub(c.base.Add(time.Since(c.began)))
}

func (c *Clock) trust(is bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trusted = is
}

// wakeUp moves box time forward by the time the box was dark, once per boot,
// when a trusted clock tells how long that was: seen is the last stamp on
// disk. Alarms that expired in the dark are not sent afterwards.
func (c *Clock) wakeUp(seen event.Stamp) (dark time.Duration) {
	now := c.Stamp()
	if !seen.Trusted || !now.Trusted {
		return 0
	}
	dark = now.Wall.Sub(seen.Wall) - now.Box.Sub(seen.Box)
	if dark < time.Second {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base = c.base.Add(dark)
	return dark
}
