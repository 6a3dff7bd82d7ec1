package config

import (
	"slices"
	"time"
)

// Scaled is the configuration with its timetable run faster by a factor, for
// rehearsals: intervals, thresholds, hold, damping and escalation are divided.
// What belongs to the network or to money is not: latency limits, the limits'
// periods, retention. Probes keep up to a quarter of a second to answer, or
// two rounds: with fewer rounds no window would ever be half full. Where two
// rounds are too short for an answer no shares of lost ones are weighed.
func (c Config) Scaled(by float64) Config {
	if by <= 0 {
		return c
	}
	cut := func(d time.Duration) time.Duration { return time.Duration(float64(d) / by) }
	c.Uplinks = slices.Clone(c.Uplinks)
	for i := range c.Uplinks {
		c.Uplinks[i].Watch = c.Uplinks[i].scaled(cut)
	}
	c.Services = slices.Clone(c.Services)
	for i := range c.Services {
		c.Services[i].Watch = c.Services[i].scaled(cut)
	}
	c.OnCall = slices.Clone(c.OnCall)
	for i, s := range c.OnCall {
		c.OnCall[i].After, c.OnCall[i].Every = cut(s.After), cut(s.Every)
	}
	c.Silence, c.Drill.For = cut(c.Silence), cut(c.Drill.For)
	c.Partners = slices.Clone(c.Partners)
	for i, p := range c.Partners {
		c.Partners[i].After = cut(p.After)
	}
	c.Backhaul = slices.Clone(c.Backhaul)
	for i, b := range c.Backhaul {
		c.Backhaul[i].Idle = cut(b.Idle)
	}
	c.Subscribers.Every, c.Subscribers.After = cut(c.Subscribers.Every), cut(c.Subscribers.After)
	c.Subscribers.Approve.Wait = cut(c.Subscribers.Approve.Wait)
	c.Channels.OZmap.Every = cut(c.Channels.OZmap.Every)
	c.Heartbeat.Every = cut(c.Heartbeat.Every)
	return c
}

func (w Watch) scaled(cut func(time.Duration) time.Duration) Watch {
	w.Every, w.Doubt = cut(w.Every), cut(w.Doubt)
	w.Timeout = max(cut(w.Timeout), min(w.Timeout, 250*time.Millisecond, max(2*w.Every, prompt)))
	w.Degraded.Off = w.Degraded.Off || w.Timeout > 2*w.Every
	w.Up.Hold = cut(w.Up.Hold)
	w.Degraded.Over = cut(w.Degraded.Over)
	w.Flap.Over, w.Flap.Calm = cut(w.Flap.Over), cut(w.Flap.Calm)
	return w
}

// prompt is the least time that a probe has to answer on a busy machine.
const prompt = 50 * time.Millisecond
