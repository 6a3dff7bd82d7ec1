package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// sundial is a box whose wall clock can be set; its monotonic clock is the
// bubble's. said is what clockTrust told, with the second it told it.
type sundial struct {
	t     *testing.T
	began time.Time
	trust *clockTrust

	mu   sync.Mutex
	off  time.Duration // how far the wall clock is from the bubble's
	kept bool          // the kernel says that its clock is kept
	said []string
}

var floor = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// at runs a story on a box whose clock shows an instant at the start.
func at(t *testing.T, shows string, story func(s *sundial)) {
	t.Helper()
	t.Parallel()
	wall, err := time.Parse(time.DateTime, shows)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s := &sundial{t: t, began: time.Now(), off: time.Until(wall)}
		s.trust = newClockTrust(floor, s.tell)
		s.trust.kept, s.trust.read = s.keeps, s.read
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.trust.Run(ctx) }()
		synctest.Wait()
		story(s)
		stop()
		<-done
		s.expect()
	})
}

func (s *sundial) tell(trusted bool, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = append(s.said, fmt.Sprintf("%g s: %t, %s", time.Since(s.began).Seconds(), trusted, why))
}

func (s *sundial) keeps() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept
}

func (s *sundial) read() reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	return reading{wall: time.Now().Round(0).Add(s.off), run: time.Since(s.began)}
}

func (s *sundial) set(by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off += by
}

func (s *sundial) ntp(keeps bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = keeps
}

// pass lets the box live on, and a little more, so that what is due is done.
func (s *sundial) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// network says its time: that of our clock and so much ahead.
func (s *sundial) network(ahead time.Duration) { s.says(ahead, "NITZ") }

func (s *sundial) expect(want ...string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.said, want) {
		s.t.Errorf("told\n %s\nwant\n %s", strings.Join(s.said, "\n "), strings.Join(want, "\n "))
	}
	s.said = nil
}

const agrees = "the mobile network's time (NITZ) agrees"

func TestNothingBearsTheClockOut(t *testing.T) {
	at(t, "2026-11-21 04:02:00", func(s *sundial) { s.pass(time.Hour) }) // it begins without trust: no news
}

func TestTheKernelsClockIsKept(t *testing.T) {
	at(t, "2026-11-21 04:02:00", func(s *sundial) {
		s.pass(10 * time.Second)
		s.ntp(true)
		s.pass(time.Minute)
		s.expect("11 s: true, the kernel's clock is synchronised")
		s.ntp(false)
		s.pass(time.Minute)
		s.expect("71 s: false, nothing bears the clock out")
	})
}

func TestTheNetworkAgreesWithinTwoMinutes(t *testing.T) {
	for _, ahead := range []time.Duration{0, 2 * time.Minute, -2 * time.Minute} {
		t.Run(ahead.String(), func(t *testing.T) {
			at(t, "2026-11-21 04:02:00", func(s *sundial) {
				s.network(ahead)
				s.pass(time.Second)
				s.expect("1 s: true, " + agrees)
			})
		})
	}
	for _, ahead := range []time.Duration{2*time.Minute + time.Second, -2*time.Minute - time.Second, 26 * 365 * 24 * time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			at(t, "2026-11-21 04:02:00", func(s *sundial) {
				s.network(ahead)
				s.pass(time.Hour)
			})
		})
	}
}

// TestBeforeTheBuild: a clock that shows 1970 is wrong, whoever agrees.
func TestBeforeTheBuild(t *testing.T) {
	at(t, "1970-01-01 00:00:09", func(s *sundial) {
		s.ntp(true)
		s.network(0)
		s.pass(time.Minute)
		s.expect()
		s.set(floor.AddDate(0, 0, 20).Sub(s.read().wall))
		s.pass(time.Second)
		s.expect("61 s: true, the kernel's clock is synchronised")
		s.set(30 * 365 * 24 * time.Hour)
		s.pass(time.Second)
		s.expect("62 s: false, the clock shows 2056-11-13, which cannot be")
	})
}

func TestAWordOfTheNetworkCountsForADay(t *testing.T) {
	at(t, "2026-11-21 04:02:00", func(s *sundial) {
		s.network(0)
		s.pass(24 * time.Hour)
		s.expect("1 s: true, " + agrees)
		s.pass(2 * time.Second)
		s.expect("86401 s: false, nothing bears the clock out")
		s.network(time.Second)
		s.pass(2 * time.Second)
		s.expect("86403 s: true, " + agrees)
	})
}

// TestAStepIsToldOnce, and slewing is not a step.
func TestAStepIsToldOnce(t *testing.T) {
	at(t, "2026-11-21 04:02:00", func(s *sundial) {
		s.ntp(true)
		s.pass(time.Second)
		s.expect("1 s: true, the kernel's clock is synchronised")
		s.set(-2 * time.Hour)
		s.pass(time.Minute)
		s.expect("2 s: true, the clock was set by -2h0m0s")
		for range 60 {
			s.set(500 * time.Millisecond)
			s.pass(time.Second)
		}
		s.expect()
		s.set(90 * time.Second)
		s.pass(time.Minute)
		s.expect("122 s: true, the clock was set by 1m30s")
	})
}

// TestAStepAwayFromTheNetworksTime: what the network said runs on, so a clock
// that somebody set wrong is no longer borne out by it.
func TestAStepAwayFromTheNetworksTime(t *testing.T) {
	at(t, "2026-11-21 04:02:00", func(s *sundial) {
		s.network(0)
		s.pass(time.Hour)
		s.expect("1 s: true, " + agrees)
		s.set(-2 * time.Hour)
		s.pass(time.Minute)
		s.expect("3601 s: false, the mobile network's time (NITZ) differs by 2h0m0s")
		s.set(2 * time.Hour)
		s.pass(time.Minute)
		s.expect("3661 s: true, " + agrees)
	})
}
