package schedule_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata"

	"heliograph/firmware/event"
	"heliograph/firmware/schedule"
)

// inbox keeps what was due and when it came, by the clock of Warsaw.
type inbox struct {
	mu   sync.Mutex
	zone *time.Location
	list []string
}

func (b *inbox) Put(f event.Fact) {
	b.mu.Lock()
	defer b.mu.Unlock()
	const clock = "Mon 02 Jan 15:04:05 -0700"
	switch due := f.(type) {
	case event.DrillDue:
		b.list = append(b.list, "drill "+due.Scheduled.In(b.zone).Format(clock))
	case event.SelftestDue:
		s := due.Scheduled.In(b.zone).Format(clock)
		if due.CatchUp {
			s += fmt.Sprintf(", caught up at %s", time.Now().In(b.zone).Format("Mon 15:04"))
		}
		b.list = append(b.list, s)
	}
}

func (b *inbox) expect(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Equal(b.list, want) {
		t.Errorf("due\n %s\nwant\n %s", strings.Join(b.list, "\n "), strings.Join(want, "\n "))
	}
	b.list = nil
}

// week is a schedule in a bubble that begins on a day of the year 2000.
type week struct {
	t     *testing.T
	in    *inbox
	zone  *time.Location
	reset chan struct{}
	stop  func()
}

// on runs a story from an instant on; goroutines that outlive the schedule
// are found by the bubble itself.
func on(t *testing.T, cron, from string, story func(w *week)) {
	t.Helper()
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		w := &week{t: t, in: &inbox{zone: zone}, zone: zone, reset: make(chan struct{}, 1)}
		w.sleep(from)
		w.start(jobs(cron)...)
		story(w)
		w.stop()
		w.in.expect(t)
		time.Sleep(60 * 24 * time.Hour)
		w.in.expect(t)
	})
}

// jobs is the self-test by a cron line; empty: none.
func jobs(cron string) []schedule.Job {
	if cron == "" {
		return nil
	}
	return []schedule.Job{{What: schedule.Selftest, Cron: cron}}
}

func (w *week) start(jobs ...schedule.Job) {
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error)
	go func() { ended <- schedule.Run(ctx, w.in, schedule.Plan{Jobs: jobs, Zone: w.zone}, w.reset) }()
	synctest.Wait()
	w.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("stop: %v", err)
		}
	}
}

// sleep passes the time until the clock of Warsaw shows it.
func (w *week) sleep(until string) {
	w.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", until, w.zone)
	if err != nil {
		w.t.Fatal(err)
	}
	time.Sleep(time.Until(at))
	synctest.Wait()
}

const mondays = "30 6 * * 1"

// TestEveryMonday: 27 March 2000 is the first Monday of summer time, 30
// October that of winter time. People live by the clock on the wall.
func TestEveryMonday(t *testing.T) {
	on(t, mondays, "2000-03-15 12:00", func(w *week) {
		w.sleep("2000-04-04 12:00")
		w.in.expect(t, "Mon 20 Mar 06:30:00 +0100", "Mon 27 Mar 06:30:00 +0200", "Mon 03 Apr 06:30:00 +0200")
	})
}

func TestEveryMondayIntoTheWinter(t *testing.T) {
	on(t, mondays, "2000-10-20 12:00", func(w *week) {
		w.sleep("2000-10-30 06:29")
		w.in.expect(t, "Mon 23 Oct 06:30:00 +0200")
		w.sleep("2000-10-30 06:30")
		w.in.expect(t, "Mon 30 Oct 06:30:00 +0100")
	})
}

func TestWhatWasMissedInTheDarkIsCaughtUp(t *testing.T) {
	on(t, mondays, "2000-03-20 11:00", func(w *week) {
		w.in.expect(t, "Mon 20 Mar 06:30:00 +0100, caught up at Mon 11:00")
		w.sleep("2000-03-27 06:31")
		w.in.expect(t, "Mon 27 Mar 06:30:00 +0200")
	})
}

func TestWhatWasMissedForADayIsLetBe(t *testing.T) {
	on(t, mondays, "2000-03-21 06:31", func(w *week) {
		w.in.expect(t)
		w.sleep("2000-03-26 12:00")
	})
}

// TestTheClockWasSet: the jobs are built anew, and the state that remembers
// the last run decides whether what is told again was missed.
func TestTheClockWasSet(t *testing.T) {
	on(t, mondays, "2000-03-15 12:00", func(w *week) {
		w.sleep("2000-03-20 07:00")
		w.in.expect(t, "Mon 20 Mar 06:30:00 +0100")
		w.reset <- struct{}{}
		w.in.expect(t, "Mon 20 Mar 06:30:00 +0100, caught up at Mon 07:00")
		w.sleep("2000-03-22 07:00")
		w.reset <- struct{}{}
		w.in.expect(t)
		w.sleep("2000-03-27 07:00")
		w.in.expect(t, "Mon 27 Mar 06:30:00 +0200") // once: the jobs of before are gone
	})
}

func TestWithoutASelftest(t *testing.T) {
	on(t, "", "2000-03-15 12:00", func(w *week) { w.sleep("2000-04-15 12:00") })
}

func TestALineThatIsNoCronLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := &inbox{zone: time.UTC}
		err := schedule.Run(t.Context(), in, schedule.Plan{Jobs: jobs("every Monday"), Zone: time.UTC}, nil)
		if err == nil || !strings.Contains(err.Error(), `schedule the self-test "every Monday"`) {
			t.Errorf("error %v", err)
		}
		in.expect(t)
	})
}

// TestADrillOfTheMonth: in March 2000 the first Tuesday is the 7th and the last
// the 28th, in April the 4th and the 25th. What was missed is not made up for.
func TestADrillOfTheMonth(t *testing.T) {
	for nth, want := range map[int][]string{
		1:  {"drill Tue 07 Mar 10:00:00 +0100", "drill Tue 04 Apr 10:00:00 +0200"},
		-1: {"drill Tue 28 Mar 10:00:00 +0200", "drill Tue 25 Apr 10:00:00 +0200"},
	} {
		t.Run(fmt.Sprint(nth), func(t *testing.T) {
			on(t, "", "2000-02-29 10:30", func(w *week) {
				w.stop()
				w.start(schedule.Job{What: schedule.Drill, Cron: "0 10 * * 2", Nth: nth}, schedule.Job{What: schedule.Selftest, Cron: "0 9 1 1 *"})
				w.sleep("2000-04-30 12:00")
				w.in.expect(t, want...)
			})
		})
	}
}
