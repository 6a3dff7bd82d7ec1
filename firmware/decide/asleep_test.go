package decide

import (
	"testing"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
)

// night is a desk whose subscribers are let sleep for another four hours, with
// an incident that was opened by hand.
func night(t *testing.T) *desk {
	d := newDesk(t, Approve{}).crowd()
	d.rules.Audience.Groups = nil
	d.rules.Subscribers.After = 30 * time.Second // after SCOPE
	d.rules.Subscribers.Quiet = audience.Quiet{From: clockOf(start.Add(-time.Hour)), To: clockOf(start.Add(4 * time.Hour))}
	d.order("open billing card payments fail")
	d.order("scope 1 waw")
	d.wait(time.Minute)
	d.sleeps("in the quiet")
	return d
}

func clockOf(at time.Time) audience.Clock {
	at = at.UTC()
	return audience.Clock{Hour: at.Hour(), Minute: at.Minute()}
}

func (d *desk) sleeps(when string) {
	d.t.Helper()
	if got := d.outside(); len(got) != 0 {
		d.t.Fatalf("%s: %q", when, got)
	}
}

func (d *desk) awakes(when string) {
	d.t.Helper()
	if got := d.outside(); len(got) != 1 || got[0] != "opened subscribers" {
		d.t.Fatalf("%s: %q", when, got)
	}
}

// TestTheMorningIsThatOfTheClock: when the clock is set, the end of the quiet
// is computed anew, and while no clock can be trusted it stays as it was.
func TestTheMorningIsThatOfTheClock(t *testing.T) {
	t.Parallel()
	d := night(t)
	d.ahead = 2 * time.Hour
	d.take(event.ClockSet{})
	d.sleeps("two hours nearer")
	d.wait(time.Hour + 58*time.Minute)
	d.sleeps("before the morning")
	d.wait(time.Minute)
	d.awakes("in the morning")

	d = night(t)
	d.ahead = 5 * time.Hour
	d.take(event.ClockSet{})
	d.awakes("it was morning already")

	d = night(t)
	d.ahead = -30 * time.Minute
	d.take(event.ClockSet{})
	d.wait(4 * time.Hour)
	d.sleeps("the night is longer")
	d.wait(30 * time.Minute)
	d.awakes("after the longer night")

	d = night(t)
	d.dark = true
	d.take(event.Booted{Version: "test"})
	d.take(event.ClockSet{})
	d.wait(3 * time.Hour)
	d.sleeps("without a clock")
	d.wait(time.Hour)
	d.awakes("without a clock, after its length")
}

// TestAReloadMovesTheMorning: the rules in force say until when people sleep.
func TestAReloadMovesTheMorning(t *testing.T) {
	t.Parallel()
	d := night(t)
	d.rules.Subscribers = &Subscribers{Quiet: audience.Quiet{From: clockOf(start.Add(-time.Hour)), To: clockOf(start.Add(time.Hour))}}
	d.take(event.Reloaded{})
	d.wait(58 * time.Minute)
	d.sleeps("within the shorter night")
	d.wait(time.Minute)
	d.awakes("after the shorter night")

	d = night(t)
	d.rules.Subscribers = &Subscribers{Quiet: audience.Quiet{From: clockOf(start.Add(-time.Hour)), To: clockOf(start.Add(4 * time.Hour)), Except: []string{"opened"}}}
	d.take(event.Reloaded{})
	d.awakes("the quiet lets it through now")

	d = night(t)
	d.rules.Subscribers = &Subscribers{}
	d.take(event.Reloaded{})
	d.awakes("without a quiet")
}

// TestHoldOutlastsTheMorning, and the end of what nobody heard of is no news.
func TestHoldOutlastsTheMorning(t *testing.T) {
	t.Parallel()
	d := night(t)
	d.order("hold 1")
	d.wait(5 * time.Hour)
	d.sleeps("on hold")
	d.order("go 1")
	d.awakes("after GO")

	d = night(t)
	d.order("hold 1")
	d.order("clear 1")
	d.take(event.Cleared{Incident: 1})
	d.wait(5 * time.Hour)
	d.sleeps("over before anybody was told")
	if c, ok := d.s.Case(1); ok && c.Live() {
		t.Errorf("it is open still: %+v", c)
	}
}
