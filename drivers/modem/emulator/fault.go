package emulator

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Fault is something that goes wrong with one command. Faults wait in a queue;
// a command meets the first that matches it.
type Fault struct {
	// On is the beginning of the command, with or without AT ("+CMGS",
	// "AT+CPIN=", "E0"), "AT" for the bare line, or a pattern between slashes.
	On string
	// Skip lets so many matching commands pass first.
	Skip int
	// Times is how many commands it strikes: 0 means one, a negative number all.
	Times int

	// Before are lines sent before the answer; for AT+CMGS after the PDU.
	Before []string
	// Between are lines sent between the information and the final result.
	Between []string
	// Twice gives the whole answer two times over.
	Twice bool
	// OtherPort gives the answer on the modem's second port.
	OtherPort bool
	// Spread draws the information lines out over this time, with Between in their middle.
	Spread time.Duration
	// Reboot restarts the modem by itself instead of an answer; for AT+CMGS
	// when the SMSC has the text, unless AtOnce is set.
	Reboot bool
	// Interject are lines sent between the prompt and the PDU.
	Interject []string
	// Delay passes before the answer.
	Delay time.Duration
	// Late frees the line at once: the answer comes after Delay in the middle
	// of whatever runs then.
	Late bool
	// Lines replace the information lines.
	Lines []string
	// Answer replaces the final result, for example "+CMS ERROR: 38". The
	// command is not carried out, unless Commit is set.
	Answer string
	// Raw is sent instead of the whole answer, as it is.
	Raw []byte
	// Swallow means no answer ever. The command is not carried out, unless
	// Commit is set. The modem takes further commands.
	Swallow bool
	// Commit carries the command out although the answer says otherwise.
	Commit bool
	// AtOnce strikes AT+CMGS instead of the prompt, not after the PDU.
	AtOnce bool
	// SplitEvery cuts the answer into reads of at most so many bytes.
	SplitEvery int

	// NoPrompt leaves the prompt out; the modem waits for the PDU all the same.
	NoPrompt bool
	// LatePrompt passes before the prompt.
	LatePrompt time.Duration
	// PromptForm is sent instead of CR LF '>' space.
	PromptForm string
	// PromptPause passes before the last byte of the prompt.
	PromptPause time.Duration
	// ReportFirst keeps +CMGS back until the status report for this text has
	// been shown to the host, ten seconds at most.
	ReportFirst bool

	// Drop is the moment at which the port vanishes.
	Drop Moment
	// CommitThenDrop lets the SMSC take the text and then drops the port
	// before +CMGS is said.
	CommitThenDrop bool
	// DropFor is how long a dropped port is gone; 0 means until Return.
	DropFor time.Duration

	pattern *regexp.Regexp
}

// Moment is when a Fault drops the port.
type Moment int

// The moments of a drop. The last two are for AT+CMGS.
const (
	DropNever    Moment = iota
	DropAtOnce          // when the command has been read
	DropMidPDU          // after ten digits of the PDU
	DropAfterPDU        // after Ctrl-Z, before the SMSC hears of it
)

func (f *Fault) check() error {
	if f.On == "" {
		return errors.New("fault: On is empty: name the beginning of the command, for example +CMGS")
	}
	if len(f.On) > 1 && strings.HasPrefix(f.On, "/") && strings.HasSuffix(f.On, "/") {
		p, err := regexp.Compile(f.On[1 : len(f.On)-1])
		if err != nil {
			return fmt.Errorf("fault: read the pattern in On: %w", err)
		}
		f.pattern = p
	}
	return nil
}

func (f *Fault) matches(text string) bool {
	if f.pattern != nil {
		return f.pattern.MatchString(text)
	}
	on, text := strings.ToUpper(f.On), strings.ToUpper(text)
	if on == "AT" {
		return text == ""
	}
	return text != "" && strings.HasPrefix(text, strings.TrimPrefix(on, "AT"))
}

// fault takes the first fault that this command meets off the queue.
func (m *Modem) fault(text string) *Fault {
	for i, f := range m.faults {
		if !f.matches(text) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times == 0 || f.Times == 1 {
			m.faults = append(m.faults[:i:i], m.faults[i+1:]...)
		} else {
			f.Times--
		}
		return f
	}
	return nil
}

// perform carries out one command, in the shadow of a fault if there is one.
func (m *Modem) perform(c command, f *Fault) {
	if f == nil {
		m.done(m.carryOut(c, nil))
		return
	}
	if f.Drop == DropAtOnce {
		m.drop(f)
		return
	}
	if f.Reboot && (c.name != "+CMGS" || f.AtOnce) {
		m.release()
		m.boot()
		return
	}
	if c.name == "+CMGS" && c.form == set && !f.AtOnce {
		m.done(m.carryOut(c, f))
		return
	}
	for _, line := range f.Before {
		m.urc(line)
	}
	if f.CommitThenDrop {
		m.carryOut(c, f)
		m.drop(f)
		return
	}
	m.struck(f, func() answer { return m.carryOut(c, f) })
}

// struck gives the faulty answer of a command; honest carries it out.
func (m *Modem) struck(f *Fault, honest func() answer) {
	if f.Late {
		m.release()
		p := m.port
		m.after(f.Delay, func() { m.on(p, func() { m.stray(f, honest) }) })
		return
	}
	m.wait(f.Delay, func() {
		m.wire.split = f.SplitEvery
		a, real := f.answer(honest)
		switch {
		case f.Swallow:
			m.release()
		case f.Raw != nil:
			m.wire.out = append(m.wire.out, f.Raw...)
			m.release()
		case f.Between != nil || f.Twice || f.OtherPort || f.Spread > 0:
			m.twist(f, a)
		case real:
			m.done(a)
		default:
			m.inform(a.lines)
			m.finish(a.final)
		}
	})
}

// twist gives an answer with something in it, twice, elsewhere or slowly.
func (m *Modem) twist(f *Fault, a answer) {
	switch {
	case a.later:
	case f.Spread > 0:
		m.spread(f, a, 0)
	case f.OtherPort:
		m.on(m.ports[1], func() {
			m.inform(a.lines)
			m.result(a.final)
		})
		m.release()
	case f.Twice:
		m.inform(a.lines)
		m.result(a.final)
		m.inform(a.lines)
		m.finish(a.final)
	default:
		m.inform(a.lines)
		m.urcs(single(f.Between))
		m.done(answer{final: a.final})
	}
}

// spread gives the information lines from the i-th on, two at a time: a text
// and its header.
func (m *Modem) spread(f *Fault, a answer, i int) {
	steps := (len(a.lines) + 1) / 2
	if i == steps {
		m.done(answer{final: a.final})
		return
	}
	m.inform(a.lines[2*i : min(2*i+2, len(a.lines))])
	if i == steps/2 {
		m.urcs(single(f.Between))
	}
	m.wait(f.Spread/time.Duration(steps), func() { m.spread(f, a, i+1) })
}

// answer is what the fault makes of the honest answer, which is asked for only
// if the command is to be carried out.
func (f *Fault) answer(honest func() answer) (a answer, real bool) {
	replaced := f.Answer != "" || f.Swallow || f.Raw != nil
	if !replaced || f.Commit {
		a = honest()
	}
	if f.Lines != nil {
		a.lines = f.Lines
	}
	if f.Answer == "" {
		return a, true
	}
	if !f.Commit {
		a.lines = f.Lines
	}
	a.final = f.Answer
	return a, false
}

// stray says an answer that nobody waits for any more.
func (m *Modem) stray(f *Fault, honest func() answer) {
	a, _ := f.answer(honest)
	switch {
	case f.Swallow || a.later:
	case f.Raw != nil:
		m.wire.out = append(m.wire.out, f.Raw...)
	default:
		m.say(a.lines)
		m.say([]string{a.final})
	}
}

// drop makes the port vanish, for DropFor if that is set.
func (m *Modem) drop(f *Fault) {
	m.vanish()
	if f.DropFor > 0 {
		m.after(f.DropFor, func() { _ = m.comeBack() })
	}
}
