package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// clockTrust decides whether the system clock may be believed: when the kernel
// says that something keeps it, or when it agrees within two minutes with what
// time servers or the mobile network say and the other does not contradict.
// One source alone is never enough for a clock that may have started in 1970
// (a rogue cell can send any time), and what the network and its service
// centre say alike no time server overrules.
type clockTrust struct {
	floor time.Time // no time before the build is believed
	tell  func(trusted bool, why string)
	kept  func() bool    // the kernel says that a time service keeps its clock
	read  func() reading // the clocks of this machine

	mu    sync.Mutex
	words map[witness]word
}

// witness is somebody who tells the time and whom no other stands behind: what
// the modem's clock shows comes from the cell.
type witness int

const (
	servers witness = iota // of time, over an uplink
	cell                   // NITZ, and the modem's clock that it set
	centre                 // the time stamps of texts that came in
)

// scts is the source of a time stamp of the service centre.
const scts = "SCTS"

// word is what a witness said last.
type word struct {
	told   time.Time
	source string // "NITZ", "CCLK", "SCTS", "NTP"
	heard  time.Duration
}

// ahead is how far a word is ahead of the clock; fresh is false for one that
// is too old to say anything.
func (w word) ahead(now reading) (by time.Duration, fresh bool) {
	age := now.run - w.heard
	return w.told.Add(age).Sub(now.wall), !w.told.IsZero() && age <= heardFor
}

// reading is what the machine's two clocks show at one instant.
type reading struct {
	wall time.Time
	run  time.Duration // on the monotonic clock, since the start
}

func newClockTrust(floor time.Time, tell func(trusted bool, why string)) *clockTrust {
	began := time.Now()
	return &clockTrust{
		floor: floor, tell: tell, kept: kernelSynchronised, words: map[witness]word{},
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

// Heard takes a time that the mobile network told. The time stamp of a text
// that was long on its way tells nothing: it counts if the cell or our clock
// bears it out.
func (c *clockTrust) Heard(t time.Time, source string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, who := c.read(), cell
	w := word{t, source, now.run}
	if source == scts {
		who = centre
		ours, _ := w.ahead(now)
		theirs, fresh := c.words[cell].ahead(now)
		if ours.Abs() > agreement && (!fresh || (ours-theirs).Abs() > agreement) {
			return
		}
	}
	c.words[who] = w
}

// Asked takes what time servers told: how far they are ahead of our clock.
func (c *clockTrust) Asked(ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.read()
	c.words[servers] = word{now.wall.Add(ahead), "NTP", now.run}
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

// possible says whether an instant can be now.
func (c *clockTrust) possible(t time.Time) bool {
	return !t.Before(c.floor) && !t.After(c.floor.AddDate(20, 0, 0))
}

// judge compares with what the witnesses would say now: their word and the
// time that has run since, so that a step of our clock shows.
func (c *clockTrust) judge(now reading) (trusted bool, why string) {
	if !c.possible(now.wall) {
		return false, "the clock shows " + now.wall.UTC().Format(time.DateOnly) + ", which cannot be"
	}
	if c.kept() {
		return true, "the kernel's clock is synchronised"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.hear(now)
	switch {
	case v.asked && v.apart && v.mobile && v.agrees(v.cell): // it is our clock that both of the mobile network bear out
		return true, "the mobile network's time (" + v.source + " and SCTS) agrees"
	case v.asked && v.apart && (v.mobile || v.agrees(v.cell)):
		return false, fmt.Sprintf("time servers and the mobile network (%s) differ by %s", v.source, (v.ntp - v.cell).Abs().Round(time.Second))
	case v.asked && !v.agrees(v.ntp):
		return false, "time servers differ by " + v.ntp.Round(time.Second).String()
	case v.asked:
		return true, "time servers agree"
	case !v.told:
		return false, "nothing bears the clock out"
	case !v.agrees(v.cell):
		return false, fmt.Sprintf("the mobile network's time (%s) differs by %s", v.source, v.cell.Round(time.Second))
	}
	return true, "the mobile network's time (" + v.source + ") agrees"
}

// views is what the witnesses say now, as they are ahead of our clock.
type views struct {
	asked  bool // there is a word of time servers
	ntp    time.Duration
	told   bool // there is one of the mobile network
	cell   time.Duration
	source string // of it
	mobile bool   // cell and service centre say alike
	apart  bool   // time servers and mobile network do not
}

func (views) agrees(ahead time.Duration) bool { return ahead.Abs() <= agreement }

func (c *clockTrust) hear(now reading) (v views) {
	v.ntp, v.asked = c.words[servers].ahead(now)
	v.cell, v.told = c.words[cell].ahead(now)
	v.source = c.words[cell].source
	stamp, stamped := c.words[centre].ahead(now)
	v.mobile = v.told && stamped && v.agrees(v.cell-stamp)
	if !v.told && stamped {
		v.cell, v.told, v.source = stamp, true, scts
	}
	v.apart = v.asked && v.told && !v.agrees(v.ntp-v.cell)
	return v
}

// slight is how far a clock may be off and is left alone.
const slight = 500 * time.Millisecond

// Correction is by how much our clock should be set, and on whose word; zero
// if it should be left alone. Time servers alone never move a clock that the
// mobile network bears out by more than two minutes; the mobile network moves
// it forward only, and only if cell and service centre say alike.
func (c *clockTrust) Correction() (by time.Duration, why string) {
	now := c.read()
	if c.kept() {
		return 0, ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.hear(now)
	switch {
	case v.asked && v.apart && (v.mobile || c.possible(now.wall) && v.agrees(v.cell)):
		return 0, ""
	case v.asked && v.ntp.Abs() > slight && c.possible(now.wall.Add(v.ntp)):
		return v.ntp, "time servers say so"
	case !v.asked && v.mobile && v.cell > agreement && c.possible(now.wall.Add(v.cell)):
		return v.cell, "the mobile network (" + v.source + " and SCTS) says so"
	}
	return 0, ""
}

// kernelSynchronised asks the kernel whether a time service keeps its clock
// (adjtimex(2), STA_UNSYNC).
func kernelSynchronised() bool {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	return err == nil && state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0
}
