package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"heliograph/drivers/board"
	"heliograph/firmware/config"
	"heliograph/firmware/decide"
	"heliograph/firmware/event"
)

// lines are the box's wires: what tests put a made-up box in the place of.
type lines struct {
	output  func(line string) (board.Output, error)
	input   func(line string) (board.Input, error)
	restart func(context.Context) error
}

var thisBox = lines{
	output: func(text string) (board.Output, error) {
		line, err := board.ParseLine(text)
		if err != nil {
			return nil, err
		}
		return line.Output()
	},
	input: func(text string) (board.Input, error) {
		line, err := board.ParseLine(text)
		if err != nil {
			return nil, err
		}
		return line.Input()
	},
	restart: board.Restart,
}

// runLines shows how it stands on the box's outputs and listens to its inputs
// until ctx ends.
func (a *appliance) runLines(ctx context.Context, c config.Board) {
	var all sync.WaitGroup
	if outs := outputsOf(c); len(outs) > 0 {
		all.Go(func() { a.show(ctx, outs) })
	}
	if c.Button != "" {
		button := board.Button{
			Short: func() { a.engine.Put(event.Pressed{}) },
			Held:  func() { a.engine.Put(event.Pressed{Held: true}) },
		}
		all.Go(func() { a.listen(ctx, "button", c.Button, board.Bounce, button.Level) })
	}
	if c.PowerFail != "" {
		all.Go(func() {
			a.listen(ctx, "power_fail", c.PowerFail, flicker, func(lost bool) { a.engine.Put(event.SitePower{Lost: lost}) })
		})
	}
	all.Wait()
}

// flicker is how long power must be gone to count: shorter, and every power
// supply carries it.
const flicker = 300 * time.Millisecond

// listen tells of an input line until ctx ends. One that cannot be had, or
// fails, is a warning for so long, and is tried again.
func (a *appliance) listen(ctx context.Context, name, line string, hold time.Duration, told func(bool)) {
	defer a.warn(name, "") // the next configuration may have no such line
	for ctx.Err() == nil {
		in, err := a.lines.input(line)
		if err == nil {
			a.warn(name, "")
			err = errors.Join(board.Watch(ctx, in, hold, told), in.Close())
		}
		if err != nil && ctx.Err() == nil {
			a.warn(name, "board."+name+": "+err.Error())
			rest(ctx, tryLine)
		}
	}
}

// tryLine is how long until a line that failed is tried again.
const tryLine = 30 * time.Second

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// out is a line and what it shows.
type out struct {
	key, line string
	shows     func(decide.Signals) bool
}

func outputsOf(c config.Board) []out {
	var all []out
	for _, o := range []out{
		{"leds.up", c.LEDs.Up, func(s decide.Signals) bool { return s.Up }},
		{"leds.incident", c.LEDs.Incident, func(s decide.Signals) bool { return s.Incident }},
		{"leds.unacknowledged", c.LEDs.Unacknowledged, func(s decide.Signals) bool { return s.Unacknowledged }},
		{"leds.modem", c.LEDs.Modem, func(s decide.Signals) bool { return s.Modem }},
		{"relay", c.Relay, func(s decide.Signals) bool { return s.Alone }},
	} {
		if o.line != "" {
			all = append(all, o)
		}
	}
	return all
}

// showEvery is the pace of the outputs: what a person sees as at once.
const showEvery = 250 * time.Millisecond

// show keeps the outputs as the state has them, and makes them inactive at the
// end: a box that is off must not look like one that is well.
func (a *appliance) show(ctx context.Context, outs []out) {
	taken := map[string]board.Output{}
	shown := map[string]bool{}
	tried := map[string]time.Time{}
	tick := time.NewTicker(showEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		s := a.engine.Rules().Signals(a.engine.State(), a.engine.Now().Box)
		for _, o := range outs {
			if taken[o.key] == nil && time.Since(tried[o.key]) < tryLine {
				continue
			}
			tried[o.key] = time.Now()
			a.set(o, o.shows(s), taken, shown)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	for _, o := range outs {
		a.warn(o.key, "") // the next configuration may have no such line
	}
	for key, line := range taken {
		if err := errors.Join(line.Set(false), line.Close()); err != nil {
			a.log.Warn("a line stays as it was", "line", key, "why", err)
		}
	}
}

// set makes one output what it should be, if it is not.
func (a *appliance) set(o out, want bool, taken map[string]board.Output, shown map[string]bool) {
	line, is := taken[o.key], shown[o.key]
	if line != nil && is == want {
		return
	}
	var err error
	if line == nil {
		if line, err = a.lines.output(o.line); err != nil {
			a.warn(o.key, "board."+o.key+": "+err.Error())
			return
		}
		taken[o.key] = line
	}
	if err = line.Set(want); err != nil {
		a.warn(o.key, "board."+o.key+": "+err.Error())
		line.Close()
		delete(taken, o.key)
		return
	}
	shown[o.key] = want
	a.warn(o.key, "")
}
