package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// clockTrust decides whether the system clock may be believed: when the kernel
// says that something keeps it (NTP), or when it agrees within two minutes
// with what the mobile network says. One source alone is never enough for a
// clock that may have started in 1970 (a rogue cell can send any time).
type clockTrust struct {
	floor time.Time // no time before the build is believed
	tell  func(trusted bool, why string)

	mu      sync.Mutex
	network time.Duration // how far the network's time is ahead of ours
	source  string        // "NITZ", "SCTS"; empty: nothing heard yet
	heard   time.Time
}

// agreement is how far two clocks may differ and still bear each other out.
const agreement = 2 * time.Minute

// heardFor is how long a word of the network about the time counts.
const heardFor = 24 * time.Hour

// Heard takes a time that the mobile network told.
func (c *clockTrust) Heard(t time.Time, source string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	c.network, c.source, c.heard = t.Sub(now), source, now
}

// Run watches the clock until ctx ends, and tells of trust won and lost and of
// steps.
func (c *clockTrust) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	trusted, last := false, time.Now()
	for {
		now := time.Now()
		step := now.Round(0).Sub(last.Round(0)) - now.Sub(last)
		last = now
		is, why := c.judge(now)
		switch {
		case is != trusted:
			trusted = is
			c.tell(is, why)
		case step.Abs() > time.Second:
			c.tell(is, fmt.Sprintf("the clock was set by %s", step.Round(time.Second)))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (c *clockTrust) judge(now time.Time) (trusted bool, why string) {
	if now.Before(c.floor) || now.After(c.floor.AddDate(20, 0, 0)) {
		return false, "the clock shows " + now.UTC().Format(time.DateOnly) + ", which cannot be"
	}
	if kernelSynchronised() {
		return true, "the kernel's clock is synchronised"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.source == "" || now.Sub(c.heard) > heardFor:
		return false, "nothing bears the clock out"
	case c.network.Abs() > agreement:
		return false, fmt.Sprintf("the mobile network's time (%s) differs by %s", c.source, c.network.Round(time.Second))
	}
	return true, "the mobile network's time (" + c.source + ") agrees"
}

// kernelSynchronised asks the kernel whether a time service keeps its clock
// (adjtimex(2), STA_UNSYNC).
func kernelSynchronised() bool {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	return err == nil && state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0
}
