package main

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"time"

	"heliograph/drivers/board"
	"heliograph/drivers/probe"
	"heliograph/firmware/config"
	"heliograph/firmware/event"
)

// asking is how time servers are reached: over which uplinks, and how. Tests
// have servers of their own.
type asking struct {
	ask func(ctx context.Context, server netip.AddrPort, over config.Uplink) (ahead time.Duration, err error)
	set func(time.Time) error
}

var overUplinks = asking{
	ask: func(ctx context.Context, server netip.AddrPort, over config.Uplink) (time.Duration, error) {
		bound := probe.Binding{Interface: over.Interface, Source: over.Source, Mark: over.Mark}
		return board.AskTime(ctx, server, func(ctx context.Context, network, address string) (net.Conn, error) {
			return bound.Dial(ctx, network, address)
		})
	},
	set: board.SetClock,
}

const (
	askAgain  = 1024 * time.Second // from question to question, as time services ask (RFC 5905 §7.2: poll exponent 10)
	askSooner = 16 * time.Second   // after one that nobody answered, and twice as long after each further one
	lookAtIt  = time.Minute        // from look to look at what the mobile network says
)

// keepClock asks time servers over an uplink that works, and sets the clock
// where it may, until ctx ends.
func (a *appliance) keepClock(ctx context.Context, c config.Clock, uplinks []config.Uplink) {
	if c.Set {
		a.fromDisk()
	}
	sooner, due := askSooner, time.Now()
	for ctx.Err() == nil {
		if len(c.NTP) > 0 && time.Until(due) <= 0 {
			if ahead, ok := a.askTime(ctx, c.NTP, uplinks); ok {
				a.clock.Asked(ahead)
				sooner, due = askSooner, time.Now().Add(askAgain)
			} else {
				sooner, due = min(2*sooner, askAgain), time.Now().Add(sooner)
			}
		}
		if c.Set {
			a.correct()
		}
		wait := lookAtIt
		if until := time.Until(due); until > 0 {
			wait = min(wait, until)
		}
		rest(ctx, wait)
	}
}

// fromDisk starts a clock that was without power from the last time that was
// remembered: too early, but the right year.
func (a *appliance) fromDisk() {
	last := a.engine.Now().Box
	if now := a.clock.read().wall; now.Before(last.Add(-time.Minute)) {
		a.setClock(last, "it starts from the last time on disk")
	}
}

func (a *appliance) correct() {
	if by, why := a.clock.Correction(); by != 0 {
		a.setClock(a.clock.read().wall.Add(by), why)
	}
}

func (a *appliance) setClock(to time.Time, why string) {
	if err := a.timing.set(to); err != nil {
		a.warn("clock", err.Error())
		return
	}
	a.warn("clock", "")
	a.log.Info("the clock is set", "to", to.UTC().Format(time.RFC3339), "why", why)
}

// askTime asks all servers over the first uplink that works and leads to
// enough of them.
func (a *appliance) askTime(ctx context.Context, servers []netip.AddrPort, uplinks []config.Uplink) (ahead time.Duration, ok bool) {
	s, r := a.engine.State(), a.engine.Rules()
	for _, rule := range r.Subjects {
		i := slices.IndexFunc(uplinks, func(u config.Uplink) bool { return u.Name == rule.Name })
		if i < 0 || s.Subjects[rule.Name].Current(rule).Condition != event.IsUp {
			continue
		}
		var said []time.Duration
		for _, server := range servers {
			if one, err := a.timing.ask(ctx, server, uplinks[i]); err == nil {
				said = append(said, one)
			} else {
				a.log.Debug("a time server does not help", "uplink", rule.Name, "why", err)
			}
		}
		if ahead, ok := consensus(said, len(servers)); ok {
			return ahead, true
		}
	}
	return 0, false
}

// together is how far time servers may lie apart and still say alike.
const together = time.Second

// consensus is what most of the servers say. Where there are several, two at
// least must say alike, and more than say anything else: one may lie.
func consensus(said []time.Duration, asked int) (ahead time.Duration, ok bool) {
	said = slices.Sorted(slices.Values(said))
	var best []time.Duration
	tied := false
	for i := range said {
		j := i
		for j < len(said) && said[j]-said[i] <= together {
			j++
		}
		switch group := said[i:j]; {
		case len(group) > len(best):
			best, tied = group, false
		case len(group) == len(best) && group[0]-best[len(best)-1] > together:
			tied = true
		}
	}
	if len(best) == 0 || tied || asked > 1 && len(best) < 2 {
		return 0, false
	}
	return best[len(best)/2], true
}
