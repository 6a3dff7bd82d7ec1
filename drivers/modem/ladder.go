package modem

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"heliograph/drivers/at"
)

// rung is a step of recovery. The gentlest come first, each once in a window;
// calling the modem again (ESC, AT) and opening the port anew are the wire's
// and Run's own and happen every time.
type rung int

const (
	onGround   rung = iota
	otherPort       // the other AT port, if there is one
	bringItUp       // everything that a bring-up sets
	radioCycle      // the radio off and on
	resetIt         // the maker's restart
	replug          // Options.Replug
	cutPower        // Options.Power
	restartBox      // Options.Restart
	atTop
)

func (r rung) String() string {
	return [...]string{"nothing", "the other port", "bringing it up again", "the radio off and on", "a restart of the modem", "taking it off the USB bus and back", "its power off and on", "a restart of the box", "nothing is left"}[r]
}

// climb is where the ladder stands. It is remembered before a step is taken,
// so that a crash or a restart does not begin at the bottom.
type climb struct {
	Rung  rung
	At    time.Time // when it was taken
	Round int       // how often the top was reached
}

const (
	ladderName  = "ladder"
	enough      = 3 // signs of one kind before a step is taken
	firstWindow = 15 * time.Minute
	lastWindow  = 6 * time.Hour
	soundFor    = 30 * time.Minute // so long without a sign, and the ladder is left
)

// window is how long a round of the ladder lasts at least.
func (c climb) window() time.Duration { return min(firstWindow<<min(c.Round, 5), lastWindow) }

// next is the step after this one, of those that there are.
func (c climb) next(now time.Time, can func(rung) bool) (climb, bool) {
	since := now.Sub(c.At).Abs() // a clock that was set must not lock the ladder for ever
	switch {
	case c.Rung != onGround && since > soundFor && since > c.window():
		round := c.Round
		if c.Rung < atTop {
			round = 0
		}
		c = climb{Round: round}
	case c.Rung == atTop:
		return c, false
	}
	for r := c.Rung + 1; r < atTop; r++ {
		if can(r) {
			return climb{r, now, c.Round}, true
		}
	}
	return climb{atTop, now, c.Round + 1}, true
}

func (m memo) ladder() (c climb) {
	if b, err := m.Load(ladderName); err == nil {
		_ = json.Unmarshal(b, &c) // one that cannot be read is the ground
	}
	return c
}

// sign counts evidence that the modem itself is sick, and says whether there
// is enough of it for a step.
func (m *Modem) sign(kind string) bool {
	if m.signs == nil {
		m.signs = map[string]int{}
	}
	m.signs[kind]++
	if m.signs[kind] < enough {
		return false
	}
	m.signs[kind] = 0
	return true
}

// well forgets evidence: what it spoke of works.
func (m *Modem) well(kind string) {
	delete(m.signs, kind)
	if kind == "silence" {
		m.silentSince = time.Time{}
	}
}

// step takes the next rung, if there is one in this window. Causes of the
// network (denied, no coverage, barred, no credit) are not evidence: cycling
// the radio makes those worse.
func (m *Modem) step(evidence string, can func(rung) bool) (rung, bool) {
	c, ok := m.memo.ladder().next(time.Now(), can)
	if !ok {
		return atTop, false
	}
	if err := m.memo.keepJSON(ladderName, c); err != nil {
		m.opts.Log("modem " + m.opts.Name + ": a step of recovery is not taken, because that cannot be remembered: " + err.Error())
		return atTop, false
	}
	if c.Rung == atTop {
		m.witnessed(fmt.Sprintf("every step of recovery was taken and it is still sick (%s); the next round is in %s", evidence, c.window()))
		return atTop, false
	}
	m.witnessed(fmt.Sprintf("recovery: %s, because %s", c.Rung, evidence))
	return c.Rung, true
}

// witnessed tells of a step of recovery, and keeps it in the dialogue that a
// black box freezes.
func (m *Modem) witnessed(words string) {
	m.opts.Log("modem " + m.opts.Name + ": " + words)
	m.opts.Trace(string(at.Note) + " " + m.tape.add(at.Note, words))
	m.opts.Acted(words)
}

// outside says whether a step that is taken from outside the modem can be.
func (m *Modem) outside(r rung) bool { return m.lever(r) != nil }

func (m *Modem) lever(r rung) func(context.Context) error {
	switch r {
	case replug:
		return m.opts.Replug
	case cutPower:
		return m.opts.Power
	case restartBox:
		return m.opts.Restart
	}
	return nil
}

// pull takes a step from outside.
func (m *Modem) pull(ctx context.Context, r rung) {
	if err := m.lever(r)(ctx); err != nil {
		m.witnessed(r.String() + " was not possible: " + err.Error())
	}
}

// sick takes a step with a modem that talks.
func (s *session) sick(kind, evidence string) error {
	if !s.m.sign(kind) {
		return nil
	}
	if h := s.m.Health().State; h == Denied || h == Registering || h == NoService || h == NoTexts {
		return nil
	}
	r, ok := s.m.step(evidence, func(r rung) bool {
		return r == bringItUp || r == radioCycle || r == resetIt || s.m.outside(r)
	})
	if !ok {
		return nil
	}
	s.closeDoor()
	s.m.change(func(h *Health) {
		h.Fit, h.State, h.Why = false, Starting, "recovery: "+r.String()+", because "+evidence
	})
	switch r {
	case radioCycle:
		return s.cycleRadio()
	case resetIt:
		return s.reset()
	case cutPower:
		// One that is writing to its flash when the power goes may not come back (27.007 §8.2: minimum functionality).
		_, _ = s.tell("+CFUN=0", 15*time.Second)
		s.m.pull(s.ctx, r)
		return nil
	case replug, restartBox:
		s.m.pull(s.ctx, r)
		return nil
	}
	s.m.note(func(f *facts) { f.restart = true })
	return nil
}

// cycleRadio lets the modem choose a network again and switches its radio off
// for five seconds.
func (s *session) cycleRadio() error {
	for _, c := range []struct {
		text  string
		limit time.Duration
		pause time.Duration
	}{{"+COPS=0", 180 * time.Second, 0}, {"+CFUN=4", time.Minute, 5 * time.Second}, {"+CFUN=1", time.Minute, 0}} {
		if _, err := s.tell(c.text, c.limit); err != nil {
			return err
		}
		s.m.sleep(s.ctx, c.pause)
	}
	s.m.note(func(f *facts) { f.restart = true })
	return nil
}

// bootPause is how long a modem is left alone that said OK to a restart and
// whose port stays.
const bootPause = 10 * time.Second

// reset restarts the modem by its maker's command, else by the standard's.
// Some answer and go, some go without an answer, and some come back with
// another port.
func (s *session) reset() error {
	for _, text := range preferred([]string{anyReset}, s.persona.Reset) {
		ok, err := s.tell(text, 15*time.Second)
		if err != nil {
			return err
		}
		if ok {
			break
		}
	}
	s.m.note(func(f *facts) { f.restart, f.settle = true, time.Now().Add(bootPause) })
	return nil
}

// patience is how long a silent modem, or one whose port is gone, is left
// alone: some hang for minutes over one text and then say that it went.
const patience = 5 * time.Minute

// silent takes a step with a modem whose port opens and that does not answer:
// another port, a restart command on trust, its power.
func (m *Modem) silent(ctx context.Context) {
	if m.silentSince.IsZero() {
		m.silentSince = time.Now()
	}
	if !m.sign("silence") {
		return
	}
	if time.Since(m.silentSince) < patience && (m.opts.Other == nil || m.memo.ladder().Rung >= otherPort) {
		return
	}
	r, ok := m.step("it does not answer", func(r rung) bool {
		return r == otherPort && m.opts.Other != nil || r == resetIt || m.outside(r)
	})
	switch {
	case !ok:
	case r == otherPort:
		m.elsewhere = !m.elsewhere
	case r == resetIt:
		m.blindReset(ctx)
	default:
		m.pull(ctx, r)
	}
}

// gone takes a step with a modem whose port has left the system for longer
// than a restart of it takes. The box is restarted only for one that was there
// in this run: a modem that somebody took out must not make it restart.
func (m *Modem) gone(ctx context.Context) {
	if m.goneSince.IsZero() {
		m.goneSince = time.Now()
	}
	if time.Since(m.goneSince) < patience {
		return
	}
	m.goneSince = time.Now() // what was done has as long to help
	if r, ok := m.step("its port is gone", func(r rung) bool { return m.outside(r) && (r != restartBox || m.seen) }); ok {
		m.pull(ctx, r)
	}
}

// blindReset writes the restart command to a modem that may still hear.
func (m *Modem) blindReset(ctx context.Context) {
	port, err := m.openPort()
	if err != nil {
		return
	}
	wire := at.New(port, at.Options{Trace: func(d at.Direction, line string) { m.opts.Trace(string(d) + " " + m.tape.add(d, line)) }})
	defer wire.Close()
	wire.Escape()
	text := anyReset
	if p, ok := m.memo.recall(); ok && p.Reset != "" {
		text = p.Reset
	}
	_, _ = wire.Do(ctx, at.Command{Text: text, Numeric: true, Knock: true, Timeout: 5 * time.Second, Priority: at.Control}) // silence is what was expected
}
