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
	wall    func() time.Time
}

// newClock continues box time from the disk. A box that never ran begins with
// the wall clock, or with floor where that is older: a clock without a battery
// starts in 1970.
func newClock(onDisk, floor time.Time, nonce func() uint64, wall func() time.Time) *Clock {
	began := time.Now()
	base := onDisk
	if base.IsZero() {
		base = wall().Round(0)
	}
	if base.Before(floor) {
		base = floor
	}
	return &Clock{began: began, base: base.UTC(), nonce: nonce, wall: wall}
}

// Stamp is now on both clocks.
func (c *Clock) Stamp() event.Stamp {
	c.mu.Lock()
	defer c.mu.Unlock()
	return event.Stamp{
		Box: c.base.Add(time.Since(c.began)), Wall: c.wall().Round(0).UTC(), Trusted: c.trusted, Nonce: c.nonce(),
	}
}

// until is how long it is to an instant of box time.
func (c *Clock) until(box time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return box.Sub(c.base.Add(time.Since(c.began)))
}

// set says whether the wall clock may be believed, and moves box time forward.
func (c *Clock) set(trusted bool, ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trusted = trusted
	c.base = c.base.Add(ahead)
}

// longestDark is the longest time that a box is believed to have been off. A
// clock that says more is taken for a wrong one, whoever trusts it: moved
// forward by ten years, everything that waits would have expired.
const longestDark = 366 * 24 * time.Hour

// darkness is how long the box was off, as two trusted clocks tell: seen is
// the last stamp on disk. Without their trust, or for less than a second, it
// is zero.
func darkness(seen, now event.Stamp) time.Duration {
	if !seen.Trusted || !now.Trusted {
		return 0
	}
	dark := now.Wall.Sub(seen.Wall) - now.Box.Sub(seen.Box)
	if dark < time.Second || dark > longestDark {
		return 0
	}
	return dark
}
