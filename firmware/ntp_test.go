package main

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/firmware/config"
	"heliograph/firmware/decide"
	"heliograph/firmware/event"
	"heliograph/firmware/reach"
)

// says is a time that a source tells: that of our clock and so much ahead.
func (s *sundial) says(ahead time.Duration, source string) {
	s.trust.Heard(s.read().wall.Add(ahead), source)
}

// corrected sets the clock as it should be, and says by how much.
func (s *sundial) corrected(want time.Duration) {
	s.t.Helper()
	by, why := s.trust.Correction()
	if by != want || (by != 0) != (why != "") {
		s.t.Errorf("the clock should be set by %s (%s), want %s", by, why, want)
	}
	s.set(by)
	s.pass(time.Second)
}

const year = 365 * 24 * time.Hour

func TestTimeServersAreEnough(t *testing.T) {
	at(t, "2026-11-21 04:02:00", func(s *sundial) {
		s.trust.Asked(3 * time.Second)
		s.pass(time.Second)
		s.expect("1 s: true, time servers agree")
		s.corrected(3 * time.Second)
		s.expect("2 s: true, the clock was set by 3s")
		s.corrected(0)
	})
}

func TestAClockThatIsYearsOffIsSetByTimeServers(t *testing.T) {
	for shows, off := range map[string]time.Duration{"1976-12-03 04:02:00": -50 * year, "2036-11-18 04:02:00": 10 * year} {
		t.Run(shows, func(t *testing.T) {
			at(t, shows, func(s *sundial) {
				s.trust.Asked(-off)
				s.pass(time.Minute)
				s.corrected(-off) // nothing bears such a clock out
				s.mu.Lock()
				last := s.said[len(s.said)-1]
				s.said = nil
				s.mu.Unlock()
				if !strings.Contains(last, "true, time servers agree") {
					t.Errorf("told %s", last)
				}
			})
		})
	}
}

// TestTimeServersAloneDoNotMoveATrustedClock by more than two minutes, in
// either direction: an hour is what a wrong daylight saving makes.
func TestTimeServersAloneDoNotMoveATrustedClock(t *testing.T) {
	for _, ahead := range []time.Duration{time.Hour, -time.Hour, 10 * year} {
		t.Run(ahead.String(), func(t *testing.T) {
			at(t, "2026-11-21 04:02:00", func(s *sundial) {
				s.network(0)
				s.pass(time.Second)
				s.expect("1 s: true, " + agrees)
				s.trust.Asked(ahead)
				s.pass(time.Second)
				s.expect("2 s: false, time servers and the mobile network (NITZ) differ by " + ahead.Abs().String())
				s.corrected(0)
				s.says(0, scts) // an operator's text comes in: now they are two
				s.pass(time.Second)
				s.expect("4 s: true, the mobile network's time (NITZ and SCTS) agrees")
				s.corrected(0)
			})
		})
	}
}

// TestARogueCellIsOverruled by time servers, and never sets a clock.
func TestARogueCellIsOverruled(t *testing.T) {
	at(t, "2026-11-21 04:02:00", func(s *sundial) {
		s.network(10 * year)
		s.pass(time.Second)
		s.corrected(0)
		s.trust.Asked(0)
		s.pass(time.Second)
		s.expect("3 s: true, time servers agree")
		s.corrected(0)
	})
}

func TestTheMobileNetworkMovesAClockForwardOnlyAndNotByOneWord(t *testing.T) {
	at(t, "2026-11-05 00:00:00", func(s *sundial) {
		s.network(16 * 24 * time.Hour)
		s.says(15*24*time.Hour, scts) // it was a day on its way
		s.corrected(0)
		s.says(16*24*time.Hour-time.Minute, scts)
		s.corrected(16 * 24 * time.Hour)
		s.pass(time.Second)
		s.expect("2 s: true, the mobile network's time (NITZ) agrees")
		s.set(2 * time.Hour)
		s.pass(time.Second)
		s.expect("4 s: false, the mobile network's time (NITZ) differs by -2h0m0s")
		s.corrected(0) // backward it is left to time servers or a person
	})
}

func TestAnOldTextSaysNothing(t *testing.T) {
	at(t, "2026-11-21 04:02:00", func(s *sundial) {
		s.says(-time.Hour, scts)
		s.pass(time.Minute)
		s.expect()
		s.says(-time.Minute, scts)
		s.pass(time.Second)
		s.expect("61 s: true, the mobile network's time (SCTS) agrees")
	})
}

func TestMostServersDecide(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for _, c := range []struct {
		what  string
		said  []time.Duration
		asked int
		want  time.Duration
		ok    bool
	}{
		{"nobody answers", nil, 1, 0, false},
		{"the only one", []time.Duration{5 * s}, 1, 5 * s, true},
		{"one of two", []time.Duration{5 * s}, 2, 0, false},
		{"two alike", []time.Duration{5 * s, 5*s + 1}, 2, 5*s + 1, true},
		{"two that differ", []time.Duration{5 * s, time.Hour}, 2, 0, false},
		{"a liar among three", []time.Duration{10 * year, 5 * s, 4500 * time.Millisecond}, 3, 5 * s, true},
		{"two against two", []time.Duration{0, 1, time.Hour, time.Hour + 1}, 4, 0, false},
		{"three against two", []time.Duration{0, 1, 2, time.Hour, time.Hour + 1}, 5, 1, true},
	} {
		if got, ok := consensus(c.said, c.asked); ok != c.ok || got != c.want {
			t.Errorf("%s: %s, %t; want %s, %t", c.what, got, ok, c.want, c.ok)
		}
	}
}

// rack is a world of time servers behind uplinks.
type rack struct {
	mu    sync.Mutex
	asked []string
	dead  map[string]bool // uplink over which nobody answers
	set   []time.Duration
}

func (r *rack) timing(clock *sundial) asking {
	return asking{
		ask: func(_ context.Context, server netip.AddrPort, over config.Uplink) (time.Duration, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.asked = append(r.asked, over.Name+" "+server.Addr().String())
			if r.dead[over.Name] {
				return 0, errors.New("no answer")
			}
			return time.Since(clock.read().wall.Round(0)), nil
		},
		set: func(to time.Time) error {
			by := to.Sub(clock.read().wall)
			clock.set(by)
			r.mu.Lock()
			defer r.mu.Unlock()
			r.set = append(r.set, by.Round(time.Second))
			return nil
		},
	}
}

// TestServersThatDoNotAnswerAreAskedSoonerAndThenSeldom: a day without an
// answer is not a day of questions, and one that fails after many that did not
// is asked again soon.
func TestServersThatDoNotAnswerAreAskedSoonerAndThenSeldom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, _, stop := onDisk(t, dir)
		rule := reach.Rule{Name: "a", Every: time.Second, DownAfter: 3, UpAfter: 3, Quorum: 1}.Filled()
		if err := a.engine.Reload(t.Context(), decide.Rules{Subjects: []reach.Rule{rule}}, nil); err != nil {
			t.Fatal(err)
		}
		probed := func(seconds int) {
			for range seconds {
				a.engine.Put(event.Probed{Subject: "a", Results: []event.Result{{Kind: event.ICMP, OK: true}}})
				time.Sleep(time.Second)
			}
		}
		probed(10)
		a.clock = newClockTrust(floor, func(bool, string) {})
		began := time.Now()
		var asked []string
		a.timing.ask = func(context.Context, netip.AddrPort, config.Uplink) (time.Duration, error) {
			at := time.Since(began)
			asked = append(asked, at.String())
			if at == 112*time.Second {
				return 0, nil
			}
			return 0, errors.New("no answer")
		}
		ctx, end := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			a.keepClock(ctx, config.Clock{NTP: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:123")}}, []config.Uplink{{Name: "a"}})
		})
		probed(20 * 60)
		end()
		running.Wait()
		if got := strings.Join(asked, " "); got != "0s 16s 48s 1m52s 18m56s 19m12s 19m44s" {
			t.Errorf("asked at %s", got)
		}
		stop()
	})
}

// TestTheTimeIsAskedOverAnUplinkThatWorks: one is down, one swallows what is
// not a probe, and the third leads to the servers.
func TestTheTimeIsAskedOverAnUplinkThatWorks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, _, stop := onDisk(t, dir)
		s := &sundial{t: t, began: time.Now(), off: -50 * year}
		s.trust = newClockTrust(time.Now().AddDate(-1, 0, 0), s.tell)
		s.trust.kept, s.trust.read = s.keeps, s.read
		r := &rack{dead: map[string]bool{"b": true}}
		a.clock, a.timing = s.trust, r.timing(s)
		var rules decide.Rules
		var uplinks []config.Uplink
		for _, name := range []string{"a", "b", "c"} {
			rules.Subjects = append(rules.Subjects, reach.Rule{Name: name, Every: time.Second, DownAfter: 3, UpAfter: 3, Quorum: 1}.Filled())
			uplinks = append(uplinks, config.Uplink{Name: name})
		}
		if err := a.engine.Reload(t.Context(), rules, nil); err != nil {
			t.Fatal(err)
		}
		ctx, end := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			servers := []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:123"), netip.MustParseAddrPort("192.0.2.2:123")}
			a.keepClock(ctx, config.Clock{NTP: servers, Set: true}, uplinks)
		})
		for range 60 {
			for _, name := range []string{"a", "b", "c"} {
				a.engine.Put(event.Probed{Subject: name, Results: []event.Result{{Kind: event.ICMP, OK: name != "a"}}})
			}
			time.Sleep(time.Second)
		}
		end()
		running.Wait()
		if got := strings.Join(r.asked, ", "); got != "b 192.0.2.1, b 192.0.2.2, c 192.0.2.1, c 192.0.2.2" {
			t.Errorf("asked %s", got)
		}
		// First from the disk, where box time began with the machine's clock; then nothing is left to set.
		if len(r.set) != 1 || (r.set[0]-50*year).Abs() > time.Minute {
			t.Errorf("the clock was set by %v", r.set)
		}
		stop()
	})
}
