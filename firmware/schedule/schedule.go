// Package schedule runs gocron jobs that only emit events: the periodic
// self-test by the clock on the wall, and what is looked at every so often. A
// self-test that was missed while the box was dark, or while its clock was
// wrong, is found again from the last run that the state remembers.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/robfig/cron/v3"

	"heliograph/firmware/event"
)

// Inbox is where the events go.
type Inbox interface{ Put(event.Fact) }

// Plan is what is to be done when.
type Plan struct {
	Selftest string // five cron fields; empty: never
	Zone     *time.Location
	Often    []Often
}

// Often is an event that is emitted at once and then every so often.
type Often struct {
	Every time.Duration
	Fact  event.Fact
}

// Run keeps the plan until ctx ends. reset is called for, by a value on the
// channel, whenever the wall clock was set: the jobs are built anew and what
// was overdue is emitted as a catch-up.
func Run(ctx context.Context, inbox Inbox, p Plan, reset <-chan struct{}) error {
	if p.Selftest == "" && len(p.Often) == 0 {
		<-ctx.Done()
		return nil
	}
	for {
		s, err := p.start(inbox)
		if err != nil {
			return err
		}
		p.catchUp(inbox, time.Now())
		select {
		case <-ctx.Done():
			return s.Shutdown()
		case <-reset:
			if err := s.Shutdown(); err != nil {
				return fmt.Errorf("stop the schedule: %w", err)
			}
		}
	}
}

func (p Plan) start(inbox Inbox) (gocron.Scheduler, error) {
	s, err := gocron.NewScheduler(gocron.WithLocation(p.Zone))
	if err != nil {
		return nil, fmt.Errorf("start the schedule: %w", err)
	}
	if err := p.add(s, inbox); err != nil {
		return nil, errors.Join(err, s.Shutdown())
	}
	s.Start()
	return s, nil
}

// add enters the jobs.
func (p Plan) add(s gocron.Scheduler, inbox Inbox) error {
	if p.Selftest != "" {
		_, err := s.NewJob(gocron.CronJob(p.Selftest, false), gocron.NewTask(func() {
			inbox.Put(event.SelftestDue{Scheduled: p.last(time.Now().Add(early))})
		}))
		if err != nil {
			return fmt.Errorf("schedule the self-test %q: %w", p.Selftest, err)
		}
	}
	for _, o := range p.Often {
		_, err := s.NewJob(gocron.DurationJob(o.Every), gocron.NewTask(func() { inbox.Put(o.Fact) }), gocron.WithStartAt(gocron.WithStartImmediately()))
		if err != nil {
			return fmt.Errorf("schedule what is due every %s: %w", o.Every, err)
		}
	}
	return nil
}

// early is how much before its minute, by the wall clock, a job may start: its
// timer runs on the monotonic clock, which NTP does not slew alike.
const early = 30 * time.Second

// catchUp emits the last time at which the self-test was due; Step drops it if
// it was done. Older than a day it is let be: the next one proves as much.
func (p Plan) catchUp(inbox Inbox, now time.Time) {
	if p.Selftest == "" {
		return
	}
	if last := p.last(now); now.Sub(last) < 24*time.Hour {
		inbox.Put(event.SelftestDue{Scheduled: last, CatchUp: true})
	}
}

// last finds the latest due time before now by stepping through the day
// before it; cron lines only tell what comes next.
func (p Plan) last(now time.Time) time.Time {
	line, err := cron.ParseStandard(p.Selftest)
	if err != nil {
		return time.Time{}
	}
	var last time.Time
	for at := line.Next(now.In(p.Zone).Add(-24 * time.Hour)); !at.IsZero() && !at.After(now); at = line.Next(at) {
		last = at
	}
	return last
}
