// Package schedule runs gocron jobs that only emit events: the periodic
// self-test and the drill by the clock on the wall, and what is looked at every
// so often. A self-test that was missed while the box was dark, or while its
// clock was wrong, is found again from the last run that the state remembers.
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
	Jobs  []Job
	Zone  *time.Location
	Often []Often
}

// Often is an event that is emitted at once and then every so often.
type Often struct {
	Every time.Duration
	Fact  event.Fact
}

// Job is one thing that is done again and again.
type Job struct {
	What What
	Cron string // five fields
	Nth  int    // in these weeks of the month only, from 1; -1: in the last; zero: in all
}

// What is a kind of job.
type What string

// The jobs.
const (
	Selftest What = "self-test"
	Drill    What = "drill"
)

// Run keeps the plan until ctx ends. reset is called for, by a value on the
// channel, whenever the wall clock was set: the jobs are built anew and what
// was overdue is emitted as a catch-up.
func Run(ctx context.Context, inbox Inbox, p Plan, reset <-chan struct{}) error {
	if len(p.Jobs)+len(p.Often) == 0 {
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
	for _, j := range p.Jobs {
		_, err := s.NewJob(gocron.CronJob(j.Cron, false), gocron.NewTask(func() {
			if at := p.last(j, time.Now().Add(early)); j.falls(at.In(p.Zone)) {
				inbox.Put(j.fact(at))
			}
		}))
		if err != nil {
			return fmt.Errorf("schedule the %s %q: %w", j.What, j.Cron, err)
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

func (j Job) fact(at time.Time) event.Fact {
	if j.What == Drill {
		return event.DrillDue{Scheduled: at}
	}
	return event.SelftestDue{Scheduled: at}
}

// falls says whether a day is in the week of the month that is asked for.
func (j Job) falls(day time.Time) bool {
	switch {
	case j.Nth > 0:
		return (day.Day()-1)/7+1 == j.Nth
	case j.Nth < 0:
		return day.AddDate(0, 0, 7).Month() != day.Month()
	}
	return true
}

// catchUp emits the last time at which the self-test was due; Step drops it if
// it was done. Older than a day it is let be: the next one proves as much. A
// drill is not made up for: people were told its day.
func (p Plan) catchUp(inbox Inbox, now time.Time) {
	for _, j := range p.Jobs {
		if last := p.last(j, now); j.What == Selftest && now.Sub(last) < 24*time.Hour {
			inbox.Put(event.SelftestDue{Scheduled: last, CatchUp: true})
		}
	}
}

// last finds the latest due time before now by stepping through the day
// before it; cron lines only tell what comes next.
func (p Plan) last(j Job, now time.Time) time.Time {
	line, err := cron.ParseStandard(j.Cron)
	if err != nil {
		return time.Time{}
	}
	var last time.Time
	for at := line.Next(now.In(p.Zone).Add(-24 * time.Hour)); !at.IsZero() && !at.After(now); at = line.Next(at) {
		last = at
	}
	return last
}
