package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/firmware/decide"
	"heliograph/firmware/event"
	"heliograph/firmware/incident"
	"heliograph/firmware/notice"
	"heliograph/storage"
	"heliograph/storage/audit"
	"heliograph/storage/kv"
	"heliograph/storage/outbox"
)

// turn is one decision in the making, from the state that was committed last:
// a commit that fails leaves nothing behind, and the same letters make the
// same turn again.
type turn struct {
	e     *Engine
	tx    *bbolt.Tx // nil while it is tried dry
	at    event.Stamp
	rules decide.Rules
	state decide.State

	effects   []event.Effect // of the step just made, in a dry run of all
	durable   []byte
	ready     time.Time
	expanding []uint64
	freed     []string // workers whose delivery has its outcome
	busy      map[string]time.Time
	claims    []event.Claim
	outside   []event.Effect // for somebody else to carry out
	notes     []event.Note
	answers   []answered
	upkept    bool
	idle      bool // no fact waits: there is time to tidy
	untidy    bool
	archived  bool // an incident has closed

	// What the engine takes over with the rest, once it is committed.
	reloaded *decide.Rules // nil: the rules are those in force
	workers  []Worker
	resting  bool
	holds    []string      // versions of the list that are needed
	woken    bool          // the first trusted clock of this run was seen
	ahead    time.Duration // how far box time moves forward
}

type answered struct {
	event.Answer
	to chan<- event.Answer
}

func (e *Engine) newTurn() *turn {
	t := &turn{
		e: e, at: e.clock.Stamp(), rules: e.Rules(), state: e.State(), expanding: slices.Clone(e.expanding), busy: maps.Clone(e.busy),
		holds: e.holds, workers: e.workers, resting: e.resting, woken: e.woken,
	}
	return t
}

// names under which the engine remembers.
const (
	kvState = "state"
	kvClock = "clock"
)

// onDisk is the clock as each commit leaves it.
type onDisk struct {
	Box     time.Time `json:"box"`
	Wall    time.Time `json:"wall"`
	Trusted bool      `json:"trusted"`
}

// load reads the state and the clock of the run before.
func load(tx *bbolt.Tx) (s decide.State, raw []byte, seen event.Stamp, err error) {
	if raw = kv.Get(tx, kvState); raw != nil {
		if err := json.Unmarshal(raw, &s); err != nil {
			return s, nil, seen, unreadable("state", err)
		}
	}
	var c onDisk
	if b := kv.Get(tx, kvClock); b != nil {
		if err := json.Unmarshal(b, &c); err != nil {
			return s, nil, seen, unreadable("clock", err)
		}
	}
	return s, bytes.Clone(raw), event.Stamp{Box: c.Box, Wall: c.Wall, Trusted: c.Trusted}, nil
}

// unreadable is a fault of the file, which the next start may find as well: the
// store counts it, and sets the file aside at the third time.
func unreadable(what string, err error) error {
	return &storage.Broken{Reason: fmt.Sprintf("the %s in it is not readable: %v", what, err)}
}

// rejected is a fact that could not be carried out. It costs that fact alone.
type rejected struct{ error }

func (r *rejected) Unwrap() error { return r.error }

// write does the whole turn within one transaction.
func (t *turn) write(tx *bbolt.Tx, batch []letter) error {
	t.tx, t.idle = tx, len(batch) == 0
	if err := t.repay(&t.e.emergency); err != nil {
		return err
	}
	for _, l := range batch {
		if err := t.take(l.fact); err != nil {
			return &rejected{err}
		}
	}
	if due(t.state.Wake(), t.at.Box) {
		if err := t.decide(event.Ticked{}); err != nil {
			return err
		}
	}
	for _, do := range []func() error{t.upkeep, t.expand, t.claim, t.orphans, t.clear, t.online, t.save} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

func due(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }

// step asks the rules. A fault in them must cost one fact, not the watch: it
// is noted and the state stays as it was.
func (t *turn) step(f event.Fact) {
	defer func() {
		if p := recover(); p != nil {
			t.effects = []event.Effect{event.Note{What: "fault", Text: fmt.Sprintf("the decision about %T failed and was left out: %v at %s", f, p, firstFrame())}}
		}
	}()
	ev := event.Event{Stamp: t.at, Fact: f}
	if t.tx != nil {
		ev.Queue, ev.Audit = t.queue(), t.head()
	}
	state, effects := t.rules.Step(t.state, ev)
	t.state, t.effects = state, effects
}

// firstFrame finds where a fault came from, in few words.
func firstFrame() string {
	for _, l := range bytes.Split(debug.Stack(), []byte("\n")) {
		if bytes.Contains(l, []byte("/firmware/")) && !bytes.Contains(l, []byte("/engine/")) {
			return string(bytes.TrimSpace(l))
		}
	}
	return "an unknown place"
}

// decide steps and carries out what follows.
func (t *turn) decide(f event.Fact) error { return t.decideFor(f, f) }

// decideFor does so on behalf of the letter that a fact came in.
func (t *turn) decideFor(cause, f event.Fact) error {
	t.step(f)
	for _, eff := range t.effects {
		if err := t.apply(cause, eff); err != nil {
			return fmt.Errorf("carry out %T: %w", eff, err)
		}
	}
	return nil
}

func (t *turn) apply(cause event.Fact, eff event.Effect) error {
	switch eff := eff.(type) {
	case event.Publish:
		return t.publish(eff.Notice)
	case event.Withdraw:
		return t.withdraw(eff)
	case event.Close:
		return t.close(cause, eff)
	case event.Retry:
		_, err := outbox.Retry(t.tx, eff.Delivery, eff.At, eff.Again, eff.Uncount, eff.Code, eff.Advice, t.at.Box)
		return err
	case event.Note:
		return t.note(eff)
	case event.OptOut:
		return t.optOut(eff)
	case event.Stand:
		return t.stand(eff)
	case event.Scoped:
		return t.scoped(eff)
	case event.Fetch:
		return t.fetch(cause, eff)
	case event.Lease, event.Prove, event.Reboot, event.Inspect, event.Sync, event.Find:
		t.outside = append(t.outside, eff)
	case event.Archive:
		t.archived = true
		if err := t.unscope(""); err != nil {
			return err
		}
		return outbox.PutIncident(t.tx, outbox.Incident{ID: eff.Incident, Closed: t.at.Box, Blob: eff.Record})
	case event.Audit:
		return t.audit(eff)
	case event.Erase:
		return t.erase(eff.Number)
	case event.Answer:
		switch o := cause.(type) {
		case order:
			t.answers = append(t.answers, answered{eff, o.answer})
		case alarm:
			t.answers = append(t.answers, answered{eff, o.answer})
		}
	}
	return nil
}

func (t *turn) note(n event.Note) error {
	t.notes = append(t.notes, n)
	return outbox.Append(t.tx, n.Incident, outbox.Entry{Box: t.at.Box, Wall: t.at.Wall, WallTrusted: t.at.Trusted, What: n.What, Text: n.Text})
}

func (t *turn) publish(n event.Notice) error {
	row := outbox.Notice{
		ID: n.ID, Incident: n.Incident, Kind: string(n.Kind), Audience: n.Audience, Class: uint8(n.Class), Effect: outbox.Effect(n.Mark),
		Texts: texts(n.Texts), Standing: outbox.Standing(n.Standing), Queued: t.at.Box, Expires: n.Expires,
		FromLedger: n.Ledger, Except: n.Except, Due: n.Due,
	}
	if n.Mass != nil {
		row.Directory, row.Scope, row.Only, row.Part = n.Mass.Version, n.Mass.Scope, n.Mass.Only, n.Mass.Part
		// Which round it is stands in the row: rules may change before it ends. In
		// the second, those who went before others know of it.
		row.Rest = t.rules.Subscribers == nil || len(t.rules.Subscribers.First) == 0
		t.expanding = append(t.expanding, n.ID)
	}
	if n.Ledger {
		row.Audience, row.But = n.Only, n.But
		t.expanding = append(t.expanding, n.ID)
	}
	if err := outbox.PutNotice(t.tx, row); err != nil {
		return err
	}
	if len(n.To) == 0 {
		return nil
	}
	_, err := outbox.Address(t.tx, n.ID, recipients(n.To), later(n.Due, t.at.Box))
	return err
}

func texts(from map[event.Variant]map[string]string) outbox.Texts {
	to := outbox.Texts{}
	for variant, byLanguage := range from {
		to[string(variant)] = byLanguage
	}
	return to
}

// alsoMark tells a person's second number from the first in a row's name.
const alsoMark = " (second number)"

func recipients(from []event.Recipient) []outbox.Recipient {
	var to []outbox.Recipient
	for _, r := range from {
		name := r.Name
		if r.Also {
			name += alsoMark
		}
		to = append(to, outbox.Recipient{Name: name, Channel: r.Channel, Address: r.Address, Language: r.Language, Only: r.Only, Due: r.Due})
	}
	return to
}

func (t *turn) withdraw(w event.Withdraw) error {
	if w.Incident > 0 {
		return outbox.Withdraw(t.tx, w.Incident, w.UpTo)
	}
	for _, id := range w.Notices {
		if err := outbox.SetStanding(t.tx, id, outbox.Withdrawn); err != nil {
			return err
		}
	}
	return nil
}

// expand writes the next chunk of one notice; an urgent fact waits for one
// chunk at most, and what goes to those on a ledger for none of the list's.
func (t *turn) expand() error {
	for len(t.expanding) > 0 {
		i, n, err := t.nextExpansion()
		if err != nil {
			return err
		}
		var done bool
		var wrote int
		if n.Directory != "" {
			done, wrote, err = t.expandMass(n)
		} else {
			done, wrote, err = outbox.ExpandLedgerTo(t.tx, n.ID, chunk, nil, t.silenced(n))
		}
		if err != nil {
			return err
		}
		if done {
			t.expanding = slices.Delete(t.expanding, i, i+1)
		}
		if !done || wrote >= chunk/2 {
			break
		}
	}
	return t.hold()
}

// nextExpansion is the oldest notice to a ledger, or else to the list.
func (t *turn) nextExpansion() (i int, n outbox.Notice, err error) {
	for i, id := range t.expanding {
		n, err := outbox.NoticeOf(t.tx, id)
		if err != nil || n.Directory == "" {
			return i, n, err
		}
	}
	n, err = outbox.NoticeOf(t.tx, t.expanding[0])
	return 0, n, err
}

// chunk is the most deliveries that one commit writes for a mass notice.
const chunk = 1000

// clear finds the resolved incidents whose last all-clear has its outcome.
func (t *turn) clear() error {
	for _, c := range t.state.Incidents {
		if c.Phase != incident.Resolved || outbox.OpenOfIncident(t.tx, c.Number) > 0 || t.expands(c.Number) {
			continue
		}
		if err := t.decide(event.Cleared{Incident: c.Number}); err != nil {
			return err
		}
		t.claimAgain()
	}
	return nil
}

func (t *turn) expands(number int) bool {
	return slices.ContainsFunc(t.expanding, func(id uint64) bool {
		n, err := outbox.NoticeOf(t.tx, id)
		return err == nil && n.Incident == number
	})
}

func (t *turn) parts(d outbox.Delivery, text string) int { return t.e.opt.Parts(text) }

// ended tells Step of a row that the outbox closed by itself, so that the
// escalation goes on.
func (t *turn) ended(d outbox.Delivery) error {
	return t.decide(event.Outcome{Row: rowOf(d), Ending: event.Ending{Fate: event.Expired, Code: d.Code}})
}

func claimOf(d outbox.Delivery, text string, now time.Time) event.Claim {
	c := event.Claim{Row: rowOf(d), Text: text}
	if d.Again && d.Channel == event.SMS {
		c.Text = notice.Again(text)
	}
	if !d.Expires.IsZero() {
		c.Validity = d.Expires.Sub(now)
	}
	for _, p := range d.Parts {
		c.Taken = append(c.Taken, event.Part{Number: p.Number, Of: p.Of, Chain: p.Chain, Reference: p.Ref, At: p.At})
	}
	return c
}

func rowOf(d outbox.Delivery) event.Row {
	name, also := bytes.CutSuffix([]byte(d.Recipient), []byte(alsoMark))
	return event.Row{
		Delivery: d.ID, Notice: d.Notice, Incident: d.Incident, Audience: d.Audience, Kind: event.Kind(d.Kind), Class: event.Class(d.Class),
		Recipient: event.Recipient{Name: string(name), Channel: d.Channel, Address: d.Address, Language: d.Language, Also: also},
		Worker:    d.Worker, Tries: d.Tries, Again: d.Again, Queued: d.Queued, Expires: d.Expires, Parts: len(d.Parts),
	}
}

// queue counts the outbox for answers and self-tests.
func (t *turn) queue() event.Queue {
	var q event.Queue
	for _, c := range outbox.Counts(t.tx) {
		switch c.Status {
		case outbox.Pending, outbox.Sending:
			q.Waiting += c.N
		case outbox.Unsure:
			q.Unsure += c.N
		case outbox.Failed:
			q.Failed += c.N
		}
	}
	return q
}

// pruneAtOnce bounds how many old rows one commit deletes; what is left goes
// in the next, and urgent facts between them.
const pruneAtOnce = 2000

// tidyBusy and tidyIdle bound how many rows one turn tidies: an incident whose
// mass notice is withdrawn cannot close before the last of them is.
const tidyBusy, tidyIdle = 100, 1000

// upkeep tidies, a little at every turn, and thoroughly once an hour: it drops
// what is too old, and reads texts of which a part never came as they are.
func (t *turn) upkeep() error {
	most := tidyBusy
	if t.idle {
		most = tidyIdle
	}
	tidied, err := outbox.Tidy(t.tx, t.at.Box, most)
	if t.untidy = tidied >= most; err != nil || !t.e.upkeepDue() {
		return err
	}
	pruned, err := outbox.Prune(t.tx, t.at.Box.Add(-t.e.opt.Keep), pruneAtOnce)
	if err != nil {
		return err
	}
	dropped, err := audit.Prune(t.tx, t.at.Box.Add(-t.e.opt.Keep), pruneAtOnce)
	if err != nil {
		return err
	}
	t.upkept = max(pruned, dropped) < pruneAtOnce
	stale, err := outbox.StaleParts(t.tx, t.at.Box, 100)
	if err != nil {
		return err
	}
	for _, s := range stale {
		if err := t.decide(unfinished(s)); err != nil {
			return err
		}
	}
	return nil
}

// save keeps the state and both clocks.
func (t *turn) save() error {
	var err error
	if t.durable, err = encode(t.state); err != nil {
		return err
	}
	if err := kv.Put(t.tx, kvState, t.durable); err != nil {
		return err
	}
	clock, err := json.Marshal(onDisk{Box: t.at.Box, Wall: t.at.Wall, Trusted: t.at.Trusted})
	if err != nil {
		return err
	}
	return kv.Put(t.tx, kvClock, clock)
}
