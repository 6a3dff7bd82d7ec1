package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Board is what the box itself has besides modems and ports. GPIO lines are
// written as in gpiochip0/17, with " low" behind where the line is active
// when it is low; empty is none.
type Board struct {
	Watchdog  string // device; empty: none is fed
	Reboot    bool   // recovery of the only modem may restart the box
	LEDs      LEDs
	Relay     string // active while an incident lasts that nobody could be told of
	Button    string
	PowerFail string // active while the site is without power
}

// LEDs are lines that show how it stands.
type LEDs struct {
	Up             string // all that is watched is up
	Incident       string // an incident is open
	Unacknowledged string // and nobody has it
	Modem          string // a modem cannot send
}

// Clock is how the box comes by the time.
type Clock struct {
	NTP []netip.AddrPort // time servers; none: the box asks nobody
	Set bool             // the box sets its own clock; otherwise somebody else does
}

func (r *reader) board(v value) Board {
	var b Board
	r.mapping(v, fields{
		"watchdog": func(v value) { b.Watchdog = r.filePath(v) },
		"reboot":   func(v value) { b.Reboot = r.yes(v) },
		"leds": func(v value) {
			r.mapping(v, fields{
				"up":             func(v value) { b.LEDs.Up = r.gpio(v) },
				"incident":       func(v value) { b.LEDs.Incident = r.gpio(v) },
				"unacknowledged": func(v value) { b.LEDs.Unacknowledged = r.gpio(v) },
				"modem":          func(v value) { b.LEDs.Modem = r.gpio(v) },
			})
		},
		"relay":      func(v value) { b.Relay = r.gpio(v) },
		"button":     func(v value) { b.Button = r.gpio(v) },
		"power_fail": func(v value) { b.PowerFail = r.gpio(v) },
	})
	return b
}

func (r *reader) clock(v value) Clock {
	var c Clock
	r.mapping(v, fields{
		"ntp": func(v value) { r.list(v, func(v value) { c.NTP = append(c.NTP, r.addrPort(v, 123)) }) },
		"set": func(v value) { c.Set = r.yes(v) },
	})
	return c
}

// line is one GPIO line that the file names.
type line struct{ key, at string }

// lines of a configuration, in the order of the reference.
func linesOf(c Config) []line {
	var all []line
	for i, m := range c.Modems {
		all = append(all, line{at("modems", i, "power.gpio"), m.Power.GPIO})
	}
	b := c.Board
	all = append(all,
		line{"board.leds.up", b.LEDs.Up}, line{"board.leds.incident", b.LEDs.Incident},
		line{"board.leds.unacknowledged", b.LEDs.Unacknowledged}, line{"board.leds.modem", b.LEDs.Modem},
		line{"board.relay", b.Relay}, line{"board.button", b.Button}, line{"board.power_fail", b.PowerFail})
	return slices.DeleteFunc(all, func(l line) bool { return l.at == "" })
}

// checkLines sees that a line has one use: two would cut a modem's power to
// show that an incident is open.
func (r *reader) checkLines(c Config) {
	seen := map[string]string{}
	for _, l := range linesOf(c) {
		name := strings.TrimSuffix(l.at, " low")
		if first, twice := seen[name]; twice {
			r.faultAt(l.key, fmt.Sprintf("%s is the line of %s too (line %d)", name, first, r.placeOf(first).line), "give each its own line")
			continue
		}
		seen[name] = l.key
	}
}

// board says what the box does besides texting.
func (p *plan) board(c Config) {
	b := c.Board
	for _, l := range []struct{ at, does string }{
		{b.Watchdog, "%s is fed while the engine makes progress; if it hangs, the box restarts."},
		{b.LEDs.Up, "%s is lit while all that is watched is up."},
		{b.LEDs.Incident, "%s is lit while an incident is open."},
		{b.LEDs.Unacknowledged, "%s is lit while nobody has acknowledged one."},
		{b.LEDs.Modem, "%s is lit while a modem cannot send."},
		{b.Relay, "%s is active while an incident lasts that nobody could be told of."},
		{b.Button, "%s is a button: pressed, it sends the self-test text; held for 3 s, STATUS to the people on call."},
		{b.PowerFail, "%s tells that the site's power is lost: a text goes out then, and one when it is back."},
	} {
		if l.at != "" {
			p.line(l.does, l.at)
		}
	}
	if b.Reboot {
		p.line("When nothing else mends a modem the box restarts itself, once in 6 h at most.")
	}
	if len(c.Clock.NTP) > 0 {
		var servers []string
		for _, s := range c.Clock.NTP {
			servers = append(servers, hostIfUsual(s, 123))
		}
		p.line("The time is asked of %s over an uplink that works.", listed(servers))
	}
	if c.Clock.Set {
		p.line("It sets its own clock.")
	}
}

// clock warns of a clock that nobody sets well.
func (w *warner) clock() {
	if n := len(w.c.Clock.NTP); n == 1 {
		w.say("clock.ntp", "one time server alone cannot be contradicted: add a second one, better a third")
	}
	if w.c.Clock.Set && len(w.c.Clock.NTP) == 0 {
		w.say("clock.set", "the box may set its clock and has only the mobile network to ask; add ntp: [162.159.200.1, 194.29.130.252]")
	}
}
