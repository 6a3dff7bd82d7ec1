package rehearsal

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/modem/emulator"
	"heliograph/firmware/control"
	"heliograph/firmware/rehearsal/screen"
)

// seen is what was last heard of the appliance.
type seen struct {
	status    control.Status
	answers   bool // it answered when last asked
	incidents map[int]screen.Incident
	lines     []string // the newest line on each modem's wire
	outside   arrived
}

// lookEvery is the pace of asking the appliance.
const lookEvery = 120 * time.Millisecond

// watch asks the appliance again and again, for the screen.
func (w *World) watch(ctx context.Context) {
	for pause(ctx, lookEvery) {
		w.mu.Lock()
		runs := w.child != nil
		w.mu.Unlock()
		s, err := control.Status{}, context.Canceled
		if runs {
			s, err = w.Status(ctx)
		}
		w.mu.Lock()
		w.seen.answers = err == nil
		if err == nil {
			w.seen.status = s
		}
		w.mu.Unlock()
		if err == nil {
			w.followIncidents(ctx, s)
			w.followBackhaul(s)
		}
		w.hark()
	}
}

// followIncidents keeps the timelines of the open incidents, and of those that
// have just ended.
func (w *World) followIncidents(ctx context.Context, s control.Status) {
	open := map[int]bool{}
	for _, o := range s.Incidents {
		open[o.Number] = true
		in := screen.Incident{
			Number: o.Number, Subject: strings.Join(o.Scope, ", "), Phase: o.Phase, Owner: o.AckedBy,
			Since: o.Opened.Sub(w.began), Timeline: w.timeline(ctx, o.Number),
		}
		w.keep(in)
	}
	w.mu.Lock()
	var ended []screen.Incident
	for _, in := range w.seen.incidents {
		if !open[in.Number] && in.Phase != closed {
			ended = append(ended, in)
		}
	}
	w.mu.Unlock()
	for _, in := range ended {
		in.Phase, in.Timeline = closed, w.timeline(ctx, in.Number)
		w.keep(in)
	}
}

const closed = "closed"

func (w *World) keep(in screen.Incident) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen.incidents == nil {
		w.seen.incidents = map[int]screen.Incident{}
	}
	if in.Timeline == nil {
		in.Timeline = w.seen.incidents[in.Number].Timeline
	}
	w.seen.incidents[in.Number] = in
}

func (w *World) timeline(ctx context.Context, number int) []screen.Line {
	var entries []control.Entry
	if _, err := w.client.Get(ctx, "/v1/incidents/"+strconv.Itoa(number)+"/timeline", &entries); err != nil {
		return nil
	}
	var lines []screen.Line
	for _, e := range entries {
		lines = append(lines, screen.Line{At: e.Wall.Sub(w.began), Who: e.What, What: e.Text})
	}
	return lines
}

// Look tells how everything is now.
func (w *World) Look() screen.View {
	phones := w.phones()
	disk := w.disk()
	state := make([]emulator.State, 0, 1)
	if len(w.modems) > 0 {
		state = append(state, w.modems[0].State())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	v := screen.View{
		Site: w.config.Site, Elapsed: w.Elapsed(), Scale: w.scale, Places: w.network.Places(),
		Box:     screen.Box{Power: w.power, Running: w.child != nil, Watching: w.seen.answers, Starts: w.starts, Disk: disk},
		Uplinks: w.uplinks(), Phones: phones, Log: slices.Clone(w.log),
	}
	v.Air, v.Outside = w.air(), w.outsideNow()
	for _, status := range []string{"pending", "sending", "unsure", "sent", "delivered", "failed", "superseded"} {
		v.Queue = append(v.Queue, screen.Count{Status: status, N: w.seen.status.Queue[status]})
	}
	for _, in := range w.seen.incidents {
		v.Incidents = append(v.Incidents, in)
	}
	slices.SortFunc(v.Incidents, func(a, b screen.Incident) int {
		if (a.Phase == closed) != (b.Phase == closed) {
			if a.Phase == closed {
				return 1
			}
			return -1
		}
		return b.Number - a.Number
	})
	if len(state) > 0 {
		v.Modem = w.modem(state[0])
	}
	return v
}

// uplinks joins what the box judges with what the player broke. The caller
// holds the lock.
func (w *World) uplinks() []screen.Uplink {
	var all []screen.Uplink
	for _, u := range w.network.Plan().Uplinks {
		s := screen.Uplink{Name: u.Name, Interface: u.Interface, Condition: "unknown"}
		if u.Gateway.IsValid() {
			s.Gateway = u.Gateway.String()
		}
		for _, have := range w.seen.status.Subjects {
			if have.Name == u.Name && w.seen.answers {
				s.Condition, s.Place, s.Evidence = have.Condition, have.Place, have.Evidence
			}
		}
		for _, c := range w.config.Uplinks {
			if c.Name != u.Name {
				continue
			}
			for _, p := range c.Probes {
				s.Targets = append(s.Targets, screen.Target{Name: p.String(), OK: !strings.Contains(s.Evidence, p.String()) && s.Condition != "unknown"})
			}
		}
		for _, f := range w.network.Broken(u.Name) {
			s.Faults = append(s.Faults, string(f))
		}
		if w.broken[screen.Act{Verb: screen.OneTarget, Uplink: u.Name}] {
			s.Faults = append(s.Faults, string(screen.OneTarget))
		}
		all = append(all, s)
	}
	return all
}

// modem tells how the first modem is and what the box believes of it. The
// caller holds the lock.
func (w *World) modem(is emulator.State) screen.Modem {
	m := screen.Modem{Name: w.config.Modems[0].Name, Make: is.Make, State: "not asked", Bars: 4}
	if len(w.seen.lines) > 0 {
		m.Line = w.seen.lines[0]
	}
	for _, have := range w.seen.status.Workers {
		if have.Name != m.Name {
			continue
		}
		m.Fit, m.State, m.Why = have.Fit && w.seen.answers, have.State, have.Why
		m.Bars = bars(have.Signal)
	}
	for _, v := range []screen.Verb{screen.Hang, screen.Unplug, screen.Fill, screen.Refuse} {
		if w.broken[screen.Act{Verb: v}] {
			m.Fault = string(v)
		}
	}
	return m
}

// bars turns a signal such as "-95 dBm" (RSRP on LTE) into what a phone shows.
func bars(signal string) int {
	dbm, err := strconv.Atoi(strings.TrimSuffix(signal, " dBm"))
	if err != nil {
		return 0
	}
	return min(max((dbm+125)/10+1, 1), 5)
}

func (w *World) phones() []screen.Phone {
	var all []screen.Phone
	for _, p := range w.o.Named {
		phone := screen.Phone{Name: p[0], Number: p[1]}
		for _, t := range w.mobile.Phone(p[1]).Texts() {
			phone.Texts = append(phone.Texts, screen.Text{At: t.At.Sub(w.began), Body: t.Body})
		}
		w.mu.Lock()
		phone.Texts = append(phone.Texts, w.mine[p[1]]...)
		w.mu.Unlock()
		slices.SortStableFunc(phone.Texts, func(a, b screen.Text) int { return int(a.At - b.At) })
		all = append(all, phone)
	}
	return all
}

func (w *World) disk() string {
	if _, err := os.Stat(w.filler()); err == nil {
		return "full"
	}
	return ""
}

func (w *World) filler() string { return filepath.Join(w.Data(), "filler") }

// secret is what stands on the wire and on no screen.
var secret = regexp.MustCompile(`(\+CPIN=|\+CLCK=|\+CPWD=).*`)

// overhear keeps the newest line on a modem's wire.
func (w *World) overhear(modem int, line string) {
	if line == "< OK" {
		return // it says nothing that the line before it does not
	}
	line = secret.ReplaceAllString(line, "$1***")
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.seen.lines) <= modem {
		w.seen.lines = append(w.seen.lines, "")
	}
	w.seen.lines[modem] = line
}
