package engine

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
	"heliograph/storage/outbox"
)

// emergency is life without a pen: the disk is full, and the ballast is gone.
// Then people on call are told all the same, unremembered and marked so, and
// everything else waits (promise 1). Decisions go on in memory; what they
// would have written is owed, in order, to the first commit that succeeds.
type emergency struct {
	retryAt time.Time // box time of the next try to commit; zero: no emergency
	held    []letter  // outcomes of remembered deliveries, which only the store can settle
	owed    []owing   // effects to be written, in order
	say     []word    // words to people on call that no worker has now
	said    []saying  // words that went out, or may have
	flying  int       // words that are with a worker now
}

// word is an unremembered text.
type word struct {
	event.Claim
	due time.Time // box time; a refusal or a doubt may have moved it
}

// owing is an effect that is decided and not written.
type owing struct {
	at    event.Stamp
	cause event.Fact
	eff   event.Effect
}

// saying is how an unremembered word ended.
type saying struct {
	row event.Row
	end event.Ending
}

// Pauses between tries to commit: short at first, because somebody may be
// making room.
const commitAgain = 10 * time.Second

// unsaved marks what the box may not remember having said.
const unsaved = " (unsaved)"

// ErrDiskFull is what asks for something to be remembered are told meanwhile.
var ErrDiskFull = errors.New("the disk is full: nothing can be remembered; make room in the data folder")

func (m *emergency) on() bool { return !m.retryAt.IsZero() }

// full answers a commit that found no room: the ballast goes first, and when
// that is spent the emergency begins.
func (e *Engine) full(batch []letter, hands Hands, cause error) error {
	e.spent = true
	if e.opt.Store.HasBallast() {
		if err := e.opt.Store.DropBallast(); err == nil {
			e.opt.Log("disk full", "the ballast is dropped; make room in the data folder")
			e.Put(event.Unwell{What: "Disk full: its reserve is in use. Make room."})
			return e.turn(batch, hands)
		}
	}
	if !e.emergency.on() {
		e.opt.Log("disk full", "nothing can be remembered; people on call are told all the same: "+cause.Error())
	}
	e.emergency.retryAt = e.clock.Stamp().Box.Add(commitAgain)
	e.improvise(batch)
	e.handUnsaved(hands)
	return nil
}

// improvise decides in memory.
func (e *Engine) improvise(batch []letter) {
	for _, l := range batch {
		e.improviseOne(l)
	}
	if due(e.State().Wake(), e.clock.Stamp().Box) {
		e.inMemory(event.Ticked{}, event.Ticked{})
	}
	e.restIfIdle()
}

func (e *Engine) improviseOne(l letter) {
	switch f := l.fact.(type) {
	case event.Outcome:
		delete(e.busy, f.Row.Worker)
		if f.Delivery == 0 {
			e.emergency.flying--
			e.saidUnsaved(f)
			return
		}
		e.emergency.held = append(e.emergency.held, l)
		return
	case event.Probed, event.WorkerChanged, event.Rang, event.Unwell, event.SelftestDue, event.Inspected, event.Linked, event.Spent, event.Proved, event.Needs:
		e.inMemory(f, f)
	case trust:
		t := e.newTurn()
		f = t.trust(f)
		e.reclock(t)
		e.inMemory(f, f.ClockSet)
	case order:
		e.inMemory(f, f.Ordered)
	case event.Booted:
		e.inMemory(f, f)
	case rest:
		e.resting = true
	case Pulse, event.PartTaken:
		// A part that cannot be remembered may go twice: better than not at all.
	default:
		l.tell(ErrDiskFull) // the modem keeps its copy and offers it again
		return
	}
	l.tell(nil)
}

// inMemory steps, keeps the state in memory and owes the effects; words to
// people on call are said.
func (e *Engine) inMemory(cause, f event.Fact) {
	t := e.newTurn()
	t.step(f)
	e.state.Store(&t.state)
	for _, eff := range t.effects {
		switch eff := eff.(type) {
		case event.Answer:
			if o, ok := cause.(order); ok {
				o.answer <- eff
			}
			continue
		case event.Publish:
			e.sayUnsaved(eff.Notice, t.at)
		case event.Note:
			e.opt.Log(eff.What, line(eff))
		}
		e.emergency.owed = append(e.emergency.owed, owing{t.at, cause, eff})
	}
}

func (e *Engine) sayUnsaved(n event.Notice, at event.Stamp) {
	if n.Audience != audience.OnCall {
		return
	}
	for _, to := range n.To {
		text := notice.Fit(n.Texts[event.Direct][to.Language], 160-len(unsaved)) + unsaved
		row := event.Row{Notice: n.ID, Incident: n.Incident, Audience: n.Audience, Kind: n.Kind, Class: n.Class, Recipient: to,
			Tries: 1, Queued: at.Box, Expires: n.Expires}
		e.emergency.say = append(e.emergency.say, word{event.Claim{Row: row, Text: text}, at.Box})
	}
}

// handUnsaved gives the waiting words to idle workers, in their order.
func (e *Engine) handUnsaved(hands Hands) {
	now := e.clock.Stamp().Box
	for _, w := range e.newTurn().unsavedHands() {
		i := slices.IndexFunc(e.emergency.say, func(s word) bool { return s.Row.Recipient.Channel == w.Channel && due(s.due, now) })
		if i < 0 || e.resting {
			continue
		}
		c := e.emergency.say[i].Claim
		e.emergency.say = slices.Delete(e.emergency.say, i, i+1)
		c.Row.Worker, c.Validity = w.Name, c.Row.Expires.Sub(now)
		e.emergency.flying++
		e.hand(c, hands)
	}
}

// unsavedHands are the modems that may carry a word: those of last resort only
// while none of the others is fit. What is not a text is not said unsaved.
func (t *turn) unsavedHands() []Worker {
	texts := func(w Worker) bool { return !t.rules.Online(w.Name) }
	primary := slices.ContainsFunc(t.workers, func(w Worker) bool {
		return texts(w) && !t.rules.Fallback(w.Name) && t.state.Workers[w.Name].Fit
	})
	return slices.DeleteFunc(t.inTurn(), func(w Worker) bool { return !texts(w) || primary && t.rules.Fallback(w.Name) })
}

// wordAt is when a worker can next be given a word; zero: not while things
// stand as they do.
func (e *Engine) wordAt() (at time.Time) {
	if e.resting || len(e.newTurn().unsavedHands()) == 0 {
		return at
	}
	for _, s := range e.emergency.say {
		if at.IsZero() || s.due.Before(at) {
			at = s.due
		}
	}
	return at
}

// unsavedTries bounds how often an unremembered word is tried.
const unsavedTries = 5

// saidUnsaved takes the end of an unremembered word. One that was refused for
// now or may have arrived goes again at its time; one that failed moves the
// escalation on.
func (e *Engine) saidUnsaved(f event.Outcome) {
	t := e.newTurn()
	t.step(f)
	e.state.Store(&t.state)
	for _, eff := range t.effects {
		switch eff := eff.(type) {
		case event.Close, event.Retry:
			continue // there is no row yet
		case event.Publish:
			e.sayUnsaved(eff.Notice, t.at)
		case event.Note:
			e.opt.Log(eff.What, line(eff))
		}
		e.emergency.owed = append(e.emergency.owed, owing{t.at, f, eff})
	}
	v := audience.Judge(f.Row, f.Ending, t.at)
	if v.Status != "" || f.Tries >= unsavedTries {
		e.emergency.said = append(e.emergency.said, saying{f.Row, f.Ending})
		return
	}
	again := f.Row
	again.Tries, again.Again = f.Tries+1, v.Again
	e.emergency.say = append(e.emergency.say, word{event.Claim{Row: again, Text: e.unsavedText(again)}, v.RetryAt})
}

// unsavedText finds the words of a notice that is only owed.
func (e *Engine) unsavedText(row event.Row) string {
	mark := unsaved
	if row.Again {
		mark = " (again)" + unsaved
	}
	for _, o := range e.emergency.owed {
		if p, ok := o.eff.(event.Publish); ok && p.Notice.ID == row.Notice {
			return notice.Fit(p.Notice.Texts[event.Direct][row.Recipient.Language], 160-len(mark)) + mark
		}
	}
	return fmt.Sprintf("#%d %s%s", row.Incident, row.Kind, mark)
}

// repay writes what is owed, and enters what was said meanwhile as sent.
func (t *turn) repay(m *emergency) error {
	now := t.at
	for _, o := range m.owed {
		t.at = o.at
		if err := t.apply(o.cause, o.eff); err != nil {
			return fmt.Errorf("write what was owed: %w", err)
		}
	}
	t.at, t.notes = now, nil // the journal has these notes from when they were made
	for _, s := range m.said {
		if err := t.enter(s.row, s.end, outbox.Status(audience.Judge(s.row, s.end, t.at).Status)); err != nil {
			return err
		}
	}
	for _, s := range m.say {
		if !s.Row.Again {
			continue // nobody heard it yet: its row waits in the queue like any other
		}
		// It may have arrived. Left in the queue it would go again unmarked.
		if err := t.enter(s.Row, event.Ending{Fate: event.Unsure}, outbox.Unsure); err != nil {
			return err
		}
	}
	return nil
}

// enter finds the row of an unremembered word and gives it its end.
func (t *turn) enter(row event.Row, end event.Ending, status outbox.Status) error {
	rows, err := outbox.Rows(t.tx, outbox.Filter{Notice: row.Notice, Limit: 1000})
	if err != nil {
		return err
	}
	if status == "" && end.Fate == event.Unsure {
		status = outbox.Unsure
	}
	for _, d := range rows {
		if d.Address != row.Recipient.Address || d.Status != outbox.Pending || status == "" {
			continue // without a status it was never taken: it stays in the queue
		}
		var parts []outbox.Part
		for _, p := range end.Parts {
			parts = append(parts, outbox.Part{Number: p.Number, Of: p.Of, Chain: p.Chain, Ref: p.Reference, At: t.at.Box})
		}
		return outbox.Record(t.tx, d.ID, row.Worker, status, t.at.Box, end.Code, end.Advice, parts)
	}
	return nil
}
