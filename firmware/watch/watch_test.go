package watch_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/firmware/event"
	"heliograph/firmware/watch"
)

// inbox keeps the rounds and when they came.
type inbox struct {
	mu     sync.Mutex
	began  time.Time
	rounds []string
	last   map[string]event.Probed
	doubt  bool
}

func (b *inbox) Put(f event.Fact) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := f.(event.Probed)
	b.rounds = append(b.rounds, fmt.Sprintf("%s %g", p.Subject, time.Since(b.began).Seconds()))
	b.last[p.Subject] = p
}

func (b *inbox) InDoubt(string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.doubt
}

func (b *inbox) judge(doubt bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.doubt = doubt
}

// take gives the rounds since the last call, in a line.
func (b *inbox) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := strings.Join(b.rounds, ", ")
	b.rounds = nil
	return s
}

// during is a timetable in a bubble; story is told while it runs, and what
// runs after the end is found by the bubble itself.
func during(t *testing.T, subjects []watch.Subject, story func(in *inbox, w *watch.Watch, at func(seconds float64))) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := &inbox{began: time.Now(), last: map[string]event.Probed{}}
		w := watch.New(in, subjects)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); w.Run(ctx) }()
		story(in, w, func(seconds float64) {
			time.Sleep(time.Until(in.began.Add(time.Duration(seconds * float64(time.Second)))))
			synctest.Wait()
		})
		stop()
		<-done
		in.take()
		time.Sleep(time.Hour)
		if late := in.take(); late != "" {
			t.Errorf("after the end: %s", late)
		}
	})
}

func expect(t *testing.T, in *inbox, want string) {
	t.Helper()
	if got := in.take(); got != want {
		t.Errorf("rounds\n %s\nwant\n %s", got, want)
	}
}

// after is a probe that passes when it has waited.
func after(d time.Duration) watch.Probe {
	return watch.Probe{Name: "icmp 9.9.9.9", Kind: event.ICMP, Try: func(ctx context.Context) event.Result {
		select {
		case <-time.After(d):
			return event.Result{OK: true, RTT: d}
		case <-ctx.Done():
			return event.Result{Seen: "no answer"}
		}
	}}
}

func transit(probes ...watch.Probe) watch.Subject {
	return watch.Subject{Name: "a", Interface: "eth0", Every: 2 * time.Second, Doubt: 500 * time.Millisecond, Timeout: 1800 * time.Millisecond, Probes: probes}
}

func TestRoundsAtTheirPace(t *testing.T) {
	during(t, []watch.Subject{transit(after(0))}, func(in *inbox, w *watch.Watch, at func(float64)) {
		at(6.6)
		expect(t, in, "a 0, a 2, a 4, a 6")
		in.judge(true) // by now the next round is settled
		at(9)
		expect(t, in, "a 8, a 8.5, a 9")
		in.judge(false)
		at(11.6)
		expect(t, in, "a 11")
	})
}

func TestADoubtfulRoundIsFollowedSoon(t *testing.T) {
	during(t, []watch.Subject{transit(after(0))}, func(in *inbox, w *watch.Watch, at func(float64)) {
		at(2.1) // this round put the verdict in doubt
		in.judge(true)
		at(3.1)
		expect(t, in, "a 0, a 2, a 2.5, a 3")
	})
}

func TestSlowAnswersDoNotStretchTheTimetable(t *testing.T) {
	during(t, []watch.Subject{transit(after(1700*time.Millisecond), after(0))}, func(in *inbox, w *watch.Watch, at func(float64)) {
		at(6)
		expect(t, in, "a 1.7, a 3.7, a 5.7")
	})
}

func TestNoAnswerAtAllCostsOneTimeOut(t *testing.T) {
	during(t, []watch.Subject{transit(after(time.Hour), after(time.Hour))}, func(in *inbox, w *watch.Watch, at func(float64)) {
		in.judge(true)
		at(4)
		expect(t, in, "a 1.8, a 3.6") // in doubt: the next round begins at once
		if r := in.last["a"].Results; len(r) != 2 || r[0].OK || r[0].Seen != "no answer" || r[0].Probe != "icmp 9.9.9.9" || r[0].Kind != event.ICMP {
			t.Errorf("results %+v", r)
		}
	})
}

func TestALinkThatChangesIsLookedAtAtOnce(t *testing.T) {
	b := watch.Subject{Name: "b", Interface: "eth1", Every: 2 * time.Second, Doubt: 2 * time.Second, Timeout: time.Second, Probes: []watch.Probe{after(0)}}
	during(t, []watch.Subject{transit(after(0)), b}, func(in *inbox, w *watch.Watch, at func(float64)) {
		at(0)
		in.take()
		at(0.3) // before the look at the doubt
		w.LinkChanged("eth0")
		at(1.5) // after it
		w.LinkChanged("eth0")
		at(1.6)
		w.LinkChanged("eth1")
		w.LinkChanged("wlan0") // nobody's
		at(3.7)
		expect(t, in, "a 0.3, a 1.5, b 1.6, a 3.5, b 3.6")
	})
}

func TestManyChangesDuringARoundAreOneMoreRound(t *testing.T) {
	during(t, []watch.Subject{transit(after(time.Second))}, func(in *inbox, w *watch.Watch, at func(float64)) {
		at(0.2)
		for range 9 {
			w.LinkChanged("eth0")
		}
		at(3.9)
		expect(t, in, "a 1, a 2")
		at(4.1)
		expect(t, in, "a 4")
	})
}

func TestAStormOfChangesMakesNoStormOfRounds(t *testing.T) {
	during(t, []watch.Subject{transit(after(0))}, func(in *inbox, w *watch.Watch, at func(float64)) {
		for n := range 500 { // every 10 ms for 5 s
			at(float64(n) / 100)
			w.LinkChanged("eth0")
		}
		expect(t, in, "a 0, a 0, a 0.5, a 1, a 1.5, a 2, a 2.5, a 3, a 3.5, a 4, a 4.5")
	})
}

func TestAProbeThatCrashesHasFailedHere(t *testing.T) {
	crash := watch.Probe{Name: "dns example.com", Kind: event.DNS, Try: func(context.Context) event.Result { panic("nil map") }}
	during(t, []watch.Subject{transit(crash, after(time.Millisecond))}, func(in *inbox, w *watch.Watch, at func(float64)) {
		at(2.1)
		expect(t, in, "a 0.001, a 2.001")
		want := []event.Result{
			{Probe: "dns example.com", Kind: event.DNS, Local: true, Seen: "the probe crashed: nil map"},
			{Probe: "icmp 9.9.9.9", Kind: event.ICMP, OK: true, RTT: time.Millisecond},
		}
		if got := in.last["a"].Results; !slices.Equal(got, want) {
			t.Errorf("results\n %+v\nwant\n %+v", got, want)
		}
	})
}

func TestTheEndCutsProbesShortAndSaysNothing(t *testing.T) {
	during(t, []watch.Subject{transit(after(time.Second))}, func(in *inbox, w *watch.Watch, at func(float64)) {
		at(0.5)
		w.LinkChanged("eth0") // asked for, and never made
		expect(t, in, "")
	})
}
