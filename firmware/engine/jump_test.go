package engine_test

import (
	"sync/atomic"
	"testing"
	"time"

	"heliograph/firmware/engine"
	"heliograph/storage/outbox"
)

// TestAClockThatIsYearsOffExpiresNothing though everybody trusts it: an alarm
// waits for the modem while the box goes off and on, and its clock jumps.
func TestAClockThatIsYearsOffExpiresNothing(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for what, jump := range map[string]time.Duration{
		"fifty years back": -50 * year, "ten years ahead": 10 * year, "an hour ahead, as in spring": time.Hour, "an hour back, as in autumn": -time.Hour,
	} {
		t.Run(what, func(t *testing.T) {
			var ahead atomic.Int64
			wall := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
			inBoxWith(t, func(o *engine.Options) { o.Wall = wall }, func(b *box) {
				b.Trust(true, "a test")
				b.order("OPEN platform x")
				b.handed(0)
				ahead.Store(int64(jump))
				b.Trust(true, "a test")
				b.pass(time.Minute)
				before := b.Now().Box
				b.off()
				ahead.Store(int64(2 * jump))
				b.on()
				b.Trust(true, "a test")
				b.tell()
				moved := b.Now().Box.Sub(before)
				if moved < 0 || moved > time.Hour+time.Minute {
					t.Errorf("box time moved by %s", moved)
				}
				b.fit()
				c := b.handed(1)
				b.is(c, outbox.Sending)
				b.ends(c, took(1))
				b.handed(1) // and nothing else fires
			})
		})
	}
}
