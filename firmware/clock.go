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
	kept  func() bool    // the kernel says that a time service keeps its clock
	read  func() reading // the clocks of this machine

	mu      sync.Mutex
	network time.Time // what the network said last; zero: nothing yet
	source  string    // "NITZ", "CCLK", "SCTS"
	heard   time.Duration
}

// reading is what the machine's two clocks show at one instant.
type reading struct {
	wall time.Time
	run  time.Duration // on the monotonic clock, since the start
}

func newClockTrust(floor time.Time, tell func(trusted bool, why string)) *clockTrust {
	began := time.Now()
	return &clockTrust{
		floor: floor, tell: tell, kept: kernelSynchronised,
		read: func() reading {
			now := time.Now()
			return reading{wall: now.Round(0), run: now.Sub(began)}
		},
	}
}

// agreement is how far two clocks may differ and still bear each other out.
const agreement = 2 * time.Minute

// heardFor is how long a word of the network about the time counts.
const heardFor = 24 * time.Hour

// Heard takes a time that the mobile network told.
func (c *clockTrust) Heard(t time.Time, source string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.network, c.source, c.heard = t, source, c.read().run
}

// Run watches the clock until ctx ends, and tells of trust won and lost and of
// steps.
func (c *clockTrust) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	trusted, last := false, c.read()
	for {
		now := c.read()
		step := now.wall.Sub(last.wall) - (now.run - last.run)
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

// judge compares with what the network would say now: its word and the time
// that has run since, so that a step of our clock shows.
func (c *clockTrust) judge(now reading) (trusted bool, why string) {
	if now.wall.Before(c.floor) || now.wall.After(c.floor.AddDate(20, 0, 0)) {
		return false, "the clock shows " + now.wall.UTC().Format(time.DateOnly) + ", which cannot be"
	}
	if c.kept() {
		return true, "the kernel's clock is synchronised"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	age := now.run - c.heard
	ahead := c.network.Add(age).Sub(now.wall)
	switch {
	case c.network.IsZero() || age > heardFor:
		return false, "nothing bears the clock out"
	case ahead.Abs() > agreement:
		return false, fmt.Sprintf("the mobile network's time (%s) differs by %s", c.source, ahead.Round(time.Second))
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
