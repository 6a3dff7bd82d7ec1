package modem

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"heliograph/drivers/at"
)

// session is the modem while its port is open. One goroutine, Run's, owns it
// and the wire; what the wire hears unasked comes on the wire's consumer
// goroutine, which touches calls and the Modem's facts only.
type session struct {
	m    *Modem
	wire *at.Wire
	ctx  context.Context
	stop context.CancelCauseFunc

	persona  Persona
	silenced bool      // it was asked for calls of a box that was killed
	tried    bool      // the quick bring-up was tried on this port
	ill      string    // the code by which the last text showed a sick modem; empty if none did
	noList   bool      // the store could not be listed
	crowded  bool      // the store is nearly full
	reports  bool      // there is a memory of reports, SR
	local    bool      // the clock was told to show local time
	more     string    // the setting of +CMMS in force; empty for none
	lastEnd  time.Time // when the latest text was done with
	store    string    // memory that incoming texts go to: "ME" or "SM"
	stores   []string  // memories that can receive
	reading  string    // the memory that is read: the store, or another for a while
	shelf    []record  // found in a list and still to be kept, one step each
	unkept   []error   // what went wrong with those that were on the shelf
	cnmi     string    // the setting the modem took; empty for polling
	chores   []chore   // what is still to do of this round
	due      time.Time // when the next round begins
	rounds   int
	up       bool // bring-up is complete
	blocked  *trouble
	refusal  []string    // bring-up steps that were refused
	held     []letter    // came without a stored copy and could not be handed over yet; guarded by the Modem
	foreign  int         // answers to somebody else; guarded by the Modem
	parrot   bool        // it goes on repeating commands although told not to
	garbled  map[int]int // how often the text in a slot came cut short
	sentLast bool        // the last turn was a text

	abort context.CancelCauseFunc // ends the text on the wire; guarded by the Modem
	calls ringing                 // touched by the consumer only
}

// chore is one step of the regular round; between two a text may go.
type chore func() error

// trouble stops a bring-up until something changes: it is told, and looked at
// again after a while.
type trouble struct {
	state       State
	why, advice string
	again       time.Duration
}

func (t *trouble) Error() string { return string(t.state) + ": " + t.why }

const (
	round     = time.Minute
	readBack  = 5 // rounds between two looks at the settings
	clockRead = 30
	settled   = 2 * time.Second // no sign of a restart for this long
)

var errRestarted = errors.New("the modem restarted")

// end closes the wire; the consumer has heard everything when it returns.
func (s *session) end() {
	s.stop(errClosed)
	s.wire.Close()
}

// run brings the modem up and serves until the wire closes.
func (s *session) run() error {
	stop := context.AfterFunc(s.ctx, s.m.poke)
	defer stop()
	go func() {
		<-s.wire.Closed()
		s.m.poke()
	}()
	if err := s.attach(); err != nil {
		return err
	}
	s.m.note(func(f *facts) { f.restart = true })
	for {
		if err := s.over(); err != nil {
			s.letGo()
			return err
		}
		worked, err := s.turn()
		if err != nil && s.fatal(err) {
			return err
		}
		if err != nil {
			s.m.opts.Log("modem " + s.m.opts.Name + ": " + err.Error())
		}
		if !worked {
			s.rest()
		}
	}
}

// over says why the session must end.
func (s *session) over() error {
	if err := s.wire.Err(); err != nil {
		return err
	}
	return s.ctx.Err()
}

func (s *session) fatal(err error) bool {
	return err != nil && (errors.Is(err, at.ErrClosed) || s.ctx.Err() != nil)
}

// rest waits for something to do.
func (s *session) rest() {
	until := s.due
	s.m.mu.Lock()
	if told := s.m.lostAt.Add(flapping); told.After(time.Now()) && told.Before(until) {
		until = told
	}
	if s.m.facts.restart || s.m.facts.check {
		until = s.m.facts.settle.Add(settled)
	}
	s.m.mu.Unlock()
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.m.wake:
	}
}

// turn does the most urgent thing there is to do, if any: bring the modem up
// if it must be, hang up, fetch what was announced, send. The regular round
// comes when there is nothing else, and one step of it between two texts, so
// that a long queue does not hide how the modem is.
func (s *session) turn() (worked bool, err error) {
	if s.restarting() {
		return s.again()
	}
	if s.up {
		if hangup, slot := s.pending(); hangup {
			return true, s.hangUp()
		} else if slot != nil {
			return true, s.fetch(*slot)
		}
	}
	if s.errand(false) {
		return true, nil
	}
	if s.sentLast {
		s.sentLast = false
		if worked, err := s.routine(); worked {
			return true, err
		}
	}
	if j := s.job(); j != nil {
		s.sentLast = true
		s.keepLink(j.job.More)
		done := s.send(j)
		s.lastEnd = time.Now()
		var unread error
		if done.err == nil {
			unread = s.readFirst()
		}
		j.reply <- done
		if unread != nil {
			return true, unread
		}
		if s.ill != "" {
			evidence := "texts are refused with " + s.ill
			s.ill = ""
			return true, s.sick("text", evidence)
		}
		return true, nil
	}
	if s.errand(true) {
		return true, nil
	}
	if a := s.question(); a != nil {
		s.serve(a)
		return true, nil
	}
	return s.routine()
}

// restarting says whether the modem must be brought up before anything else.
// A hint that it might is looked into when it has been quiet for a while.
func (s *session) restarting() bool {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	f := &s.m.facts
	if f.check && time.Since(f.settle) >= settled {
		f.check = false
		if s.up {
			s.chores = append([]chore{s.compare}, s.chores...)
		} else {
			f.restart = true
		}
	}
	return f.restart
}

// again brings the modem up, once it has been quiet for a while after a
// restart.
func (s *session) again() (bool, error) {
	s.m.mu.Lock()
	if time.Since(s.m.facts.settle) < settled {
		s.m.mu.Unlock()
		return false, nil
	}
	s.m.facts.restart, s.m.facts.check = false, false
	s.m.mu.Unlock()
	s.closeDoor()
	err := s.bringUp()
	var t *trouble
	switch {
	case err == nil:
		s.m.well("bring-up")
		s.m.well("silence")
		return true, nil
	case errors.As(err, &t):
		s.block(t)
	case !s.fatal(err):
		t = &trouble{state: Silent, why: "bring-up: " + err.Error(), again: 10 * time.Second}
		s.block(t)
	default:
		return true, err
	}
	if t.state == SIMTrouble && !strings.HasPrefix(t.why, "the modem is locked") || t.state == Silent {
		return true, s.sick("bring-up", t.why)
	}
	return true, nil
}

// block tells of a trouble and plans the next look.
func (s *session) block(t *trouble) {
	if s.blocked == nil || *s.blocked != *t {
		s.m.opts.Log("modem " + s.m.opts.Name + ": " + t.Error())
	}
	s.blocked, s.up = t, false
	s.m.past.is(false)
	s.due = time.Now().Add(t.again)
	s.m.change(func(h *Health) { h.Fit, h.State, h.Why, h.Advice = false, t.state, t.why, t.advice })
}

// closeDoor sends away the texts that wait: the modem is not ready for them.
func (s *session) closeDoor() {
	s.m.mu.Lock()
	jobs, errands := s.m.jobs, s.m.errands
	s.m.jobs, s.m.errands, s.m.open = nil, nil, false
	s.m.mu.Unlock()
	if s.up {
		s.m.change(func(h *Health) {
			h.Fit, h.State, h.Why, h.Advice = false, Starting, "the modem is being brought up", ""
		})
	}
	for _, j := range jobs {
		j.reply <- sent{err: s.m.unfit()}
	}
	s.m.turnAway(errands)
}

// pending takes what the wire asked for.
func (s *session) pending() (hangup bool, slot *place) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	f := &s.m.facts
	hangup, f.hangup = f.hangup, false
	if !hangup && len(f.slots) > 0 {
		slot, f.slots = &f.slots[0], f.slots[1:]
	}
	if !hangup && slot == nil && f.sweep {
		f.sweep = false
		s.chores = append([]chore{s.sweep}, s.chores...)
	}
	if f.look {
		f.look = false
		s.chores = append([]chore{s.askWays}, s.chores...)
	}
	return hangup, slot
}

// readFirst reads a text that came during the one just sent before that one's
// sender hears of it: the sender's next text is chosen when it does, and an
// order's answer may be more urgent. One text only, and no reports: a receipt
// that is not remembered yet would be sent again after a crash.
func (s *session) readFirst() error {
	s.m.mu.Lock()
	f := &s.m.facts
	i := slices.IndexFunc(f.slots, func(p place) bool { return !p.report })
	if i < 0 || f.restart {
		s.m.mu.Unlock()
		return nil
	}
	p := f.slots[i]
	f.slots = slices.Delete(f.slots, i, i+1)
	s.m.mu.Unlock()
	return s.fetch(p)
}

func (s *session) job() *job {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if len(s.m.jobs) == 0 || !s.up {
		return nil
	}
	j := s.m.jobs[0]
	s.m.jobs = s.m.jobs[1:]
	return j
}

func (s *session) question() *asked {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if len(s.m.asks) == 0 {
		return nil
	}
	a := s.m.asks[0]
	s.m.asks = s.m.asks[1:]
	return a
}

// routine keeps the next text that was found in a list, does the next chore of
// the round, or begins a round that is due.
func (s *session) routine() (bool, error) {
	s.lasting()
	if s.up {
		if worked, err := s.unshelve(); worked {
			return true, err
		}
	}
	if len(s.chores) > 0 {
		c := s.chores[0]
		s.chores = s.chores[1:]
		return true, c()
	}
	if time.Now().Before(s.due) {
		return false, nil
	}
	if !s.up {
		s.due = time.Now().Add(round)
		s.m.note(func(f *facts) { f.restart = true })
		return true, nil
	}
	s.due = time.Now().Add(round)
	s.rounds++
	s.chores = []chore{s.askCard, s.askRegistration, s.askCentre, s.askWays, s.askSignal, s.askRoom, s.sweep, s.endBurst}
	if s.rounds%readBack == 0 || s.rounds == 1 {
		s.chores = append(s.chores, s.compare, s.others)
	}
	if s.rounds%clockRead == 0 {
		s.chores = append(s.chores, s.askClock)
	}
	return true, nil
}

// ask does a command; what the wire closed over is an error, and so is a refusal.
func (s *session) ask(c at.Command) (at.Answer, error) {
	a, err := s.wire.Do(s.ctx, c)
	if errors.Is(err, at.ErrForeign) {
		s.m.mu.Lock()
		s.foreign++
		s.m.mu.Unlock()
	}
	if a.Echoed && s.up && !s.parrot {
		// Echo was switched off: the modem has forgotten its settings.
		s.m.suspect(func(c *suspicions) { c.echoes++ })
		s.m.note(func(f *facts) { f.restart = true })
	}
	s.noteRefusal(err)
	return a, err
}

// certain are questions that every modem answers: an OK without an answer is
// then somebody else's.
var certain = map[string]bool{"+CREG?": true, "+CPMS?": true, "+CSQ": true}

// get asks a question and gives its info lines; nil if the modem refused.
func (s *session) get(text string, p at.Priority, limit time.Duration) ([]string, error) {
	a, err := s.ask(at.Command{Text: text, Priority: p, Timeout: limit, Need: certain[text]})
	if err != nil && s.fatal(err) {
		return nil, err
	}
	return a.Lines, nil
}

// tell changes a setting; a modem that refuses is noted, not an error.
func (s *session) tell(text string, limit time.Duration) (ok bool, err error) {
	_, err = s.ask(at.Command{Text: text, Priority: at.Control, Timeout: limit})
	if err == nil {
		return true, nil
	}
	if s.fatal(err) {
		return false, err
	}
	s.refusal = append(s.refusal, fmt.Sprintf("AT%s: %s", text, reason(err)))
	return false, nil
}

// oneOf tries settings until the modem takes one.
func (s *session) oneOf(texts ...string) (taken string, err error) {
	for _, text := range texts {
		ok, err := s.tell(text, 10*time.Second)
		if ok || err != nil {
			return text, err
		}
	}
	return "", nil
}

// reason is a wire's error in few words.
func reason(err error) string {
	var r *at.Refusal
	if errors.As(err, &r) {
		return strings.TrimSpace(r.Text)
	}
	return err.Error()
}
