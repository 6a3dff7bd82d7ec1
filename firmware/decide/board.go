package decide

import (
	"slices"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// Signals are what the box shows on its lines.
type Signals struct {
	Up             bool // all that is watched is up
	Incident       bool // an incident is open
	Unacknowledged bool // and nobody has it
	Modem          bool // a modem cannot send
	Alone          bool // nobody could be told of an incident
}

// aloneAfter is how long after the first word was due somebody must have been
// reached: a modem that resets itself is back within two minutes.
const aloneAfter = 3 * time.Minute

// Signals says what the lines show in a state at an instant of box time.
func (r Rules) Signals(s State, now time.Time) Signals {
	live := s.real()
	x := Signals{Up: len(r.Subjects) > 0, Incident: len(live) > 0}
	for _, rule := range r.Subjects {
		x.Up = x.Up && s.Subjects[rule.Name].Current(rule).Condition == event.IsUp
	}
	for _, c := range live {
		x.Unacknowledged = x.Unacknowledged || c.Ack == nil
		x.Alone = x.Alone || s.Muted == nil && c.alone(now)
	}
	for _, c := range r.Carriers {
		x.Modem = x.Modem || c.Channel == event.SMS && !s.Workers[c.Name].Fit
	}
	return x
}

// alone says that an incident's first word reached nobody.
func (c Case) alone(now time.Time) bool {
	return c.Ack == nil && c.Called && !c.CalledAt.IsZero() && len(c.Heard) == 0 && due(c.CalledAt.Add(aloneAfter), now)
}

// heard keeps for whom the network took a word of an incident. A text of
// unknown fate does not count: the siren is for when nobody may know.
func (st *step) heard(f event.Outcome) {
	c, ok := st.s.Case(f.Incident)
	if !ok || f.Audience != audience.OnCall || f.Kind == event.Rings {
		return
	}
	known := slices.Contains(c.Heard, f.Recipient.Address)
	switch f.Fate {
	case event.Taken, event.Delivered:
		if known {
			return
		}
		c.Heard = append(c.Heard[:len(c.Heard):len(c.Heard)], f.Recipient.Address)
	case event.Undelivered, event.Never:
		if !known {
			return
		}
		c.Heard = slices.DeleteFunc(slices.Clone(c.Heard), func(a string) bool { return a == f.Recipient.Address })
	default:
		return
	}
	st.s.put(c)
}

// restarted keeps why the box was not running, for STATUS and the log book.
func (st *step) restarted(f event.Restarted) {
	st.s.Restarted = f.Cause
	st.note(0, "restarted", "why it was not running before: %s%s", f.Cause, led("; ", f.Detail))
}

// acted writes down what the box did to mend itself, also into the timelines
// of what is open: there it is looked for afterwards.
func (st *step) acted(f event.Acted) {
	st.note(0, "recovery", "%s: %s", f.Worker, f.Text)
	for _, c := range st.s.live() {
		st.note(c.Number, "recovery", "%s: %s", f.Worker, f.Text)
	}
}

// pressedAgain is how soon after a press another one counts: who leans on the
// button does not spend the SIM.
const pressedAgain = 10 * time.Second

// pressed is a person at the box, who cannot be asked who they are: what goes
// out goes to the people on call, and nothing is told here.
func (st *step) pressed(f event.Pressed) {
	if !st.s.Pressed.IsZero() && st.at.Box.Sub(st.s.Pressed) < pressedAgain {
		return
	}
	st.s.Pressed = st.at.Box
	if !f.Held {
		st.note(0, "button", "pressed: a self-test begins")
		st.test("")
		return
	}
	to := st.spoken(st.oncall().First())
	st.note(0, "button", "held: STATUS goes to %s", names(to))
	n := event.Notice{Audience: audience.OnCall, Kind: event.Reply, Class: event.Operators, To: to, Texts: map[event.Variant]map[string]string{event.Direct: {}}}
	for _, lang := range languages(to) {
		n.Texts[event.Direct][lang] = st.rules.Wording.Status(lang, st.rules.Site, st.board(), st.at)
	}
	st.send(n)
}

// outage is a time without the site's power.
type outage struct {
	Lost   event.Stamp `json:"lost"`
	Back   event.Stamp `json:"back"`             // zero: not yet
	Notice uint64      `json:"notice,omitempty"` // what told of it
	Dark   bool        `json:"dark,omitempty"`   // the box itself went off meanwhile
}

const (
	powerHolds  = 30 * time.Second // power that comes back must hold so long before it is told
	powerUnsure = 3 * time.Minute  // so long a box that was off waits for a clock that tells for how long
)

// sitePower takes in what the power-fail input says. Power that comes and goes
// is one outage: one text when it goes, one when it stays.
func (st *step) sitePower(f event.SitePower) {
	p := st.s.Power
	switch {
	case f.Lost && p == nil:
		st.note(0, "power", "the site's power is lost")
		id := st.publish(event.Notice{Audience: audience.OnCall, Kind: event.PowerLost, Class: event.FirstWord, To: st.oncall().First()}, st.facts(nil), nil)
		st.s.Power = &outage{Lost: plainly(st.at), Notice: id}
	case f.Lost && !p.Back.Box.IsZero():
		st.note(0, "power", "the site's power is lost again")
		again := *p
		again.Back = event.Stamp{}
		st.s.Power = &again
	case !f.Lost && p != nil && p.Back.Box.IsZero():
		st.note(0, "power", "the site's power is back")
		back := *p
		back.Back = plainly(st.at)
		st.s.Power = &back
	}
}

// plainly is a stamp without its chance, as it is remembered.
func plainly(s event.Stamp) event.Stamp {
	s.Nonce = 0
	return s
}

// darkSince remembers of an outage that the box went off in it.
func (st *step) darkSince() {
	if st.s.Power != nil {
		off := *st.s.Power
		off.Dark, off.Back = true, event.Stamp{} // the input tells anew
		st.s.Power = &off
	}
}

// reclock moves what happened in this run along with box time, and gives it
// the wall time that a trusted clock would have shown.
func (st *step) reclock(f event.ClockSet) {
	st.s.Booted = st.reclocked(st.s.Booted, f.Ahead)
	if p := st.s.Power; p != nil && !p.Back.Box.IsZero() {
		moved := *p
		moved.Back = st.reclocked(p.Back, f.Ahead)
		st.s.Power = &moved
	}
}

func (st *step) reclocked(s event.Stamp, ahead time.Duration) event.Stamp {
	s.Box = s.Box.Add(ahead)
	if st.at.Trusted {
		s.Wall, s.Trusted = st.at.Wall.Add(s.Box.Sub(st.at.Box)), true
	}
	return s
}

// powerBack tells, once it holds, that the site has power again and for how
// long it had none.
func (st *step) powerBack() {
	p := st.s.Power
	if p == nil || !due(p.told(st.at.Trusted), st.at.Box) {
		return
	}
	st.s.Power = nil
	st.emit(event.Withdraw{Notices: []uint64{p.Notice}}) // old news, if it never went out
	f := st.facts(nil)
	f.Verdict = event.Verdict{Condition: event.IsUp, Since: p.Back.Box, SinceWall: p.Back.Wall, Trusted: p.Back.Trusted}
	f.Opened = p.lost()
	st.publish(event.Notice{Audience: audience.OnCall, Kind: event.PowerBack, Class: event.Operators, To: st.oncall().First()}, f, nil)
	st.note(0, "power", "told that it is back%s", led(", it was gone for ", lasted(f)))
}

func lasted(f notice.Facts) string {
	if f.Opened.Box.IsZero() {
		return ""
	}
	return notice.Length("en", f.Verdict.Since.Sub(f.Opened.Box))
}

// told is when the end of an outage may be told, in box time; zero: not yet
// known.
func (p *outage) told(trusted bool) time.Time {
	switch {
	case p.Back.Box.IsZero():
		return time.Time{}
	case p.Dark && !trusted:
		return p.Back.Box.Add(powerUnsure)
	}
	return p.Back.Box.Add(powerHolds)
}

// lost is when an outage began, on the box time of its end: while the box was
// off only the clock on the wall went on. It is zero where that is not known.
func (p *outage) lost() event.Stamp {
	switch {
	case !p.Dark:
		return p.Lost
	case !p.Lost.Trusted || !p.Back.Trusted:
		return event.Stamp{}
	}
	lost := p.Lost
	lost.Box = p.Back.Box.Add(-p.Back.Wall.Sub(p.Lost.Wall))
	return lost
}
