// Package engine is the loop and the only pen: facts in, one decision each,
// one commit for all that waited, and only then anything said aloud.
//
// Decision and claim are one fsync: the commit that keeps a notice also gives
// it to an idle worker; the commit that keeps an outcome also gives that
// worker its next delivery. Group commit is ours, because bbolt's Batch waits
// 10 ms for company that a fibre cut does not send.
package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/firmware/decide"
	"heliograph/firmware/event"
	"heliograph/firmware/incident"
	"heliograph/storage"
	"heliograph/storage/outbox"
)

// Worker is a device or account that carries deliveries of one channel.
type Worker struct {
	Name    string
	Channel string
	Limits  []outbox.Limit
	Newest  bool // its channel shows a state: of what waits for one address and incident only the newest goes
}

// Hands carry claimed deliveries; Hand never blocks.
type Hands interface{ Hand(event.Claim) }

// Store is what the engine asks of a storage.Store.
type Store interface {
	Update(func(*bbolt.Tx) error) error
	View(func(*bbolt.Tx) error) error
	SetAside() (*storage.Aside, error)
	Sound() error
	HasBallast() bool
	DropBallast() error
	RestoreBallast() error
	Slack() (free, size int64, err error)
	Relax() error
	Compact() error
}

// Options of an engine.
type Options struct {
	Store   Store
	Rules   decide.Rules
	Workers []Worker
	Version string
	Floor   time.Time               // no clock is believed before this: the day of the build
	Parts   func(text string) int   // how many parts a text costs
	Same    func(a, b string) bool  // whether two numbers are one
	Log     func(what, text string) // what an operator may want to read in the journal
	Keep    time.Duration           // how long closed incidents are kept
	Chance  func() uint64           // for jitter; random if nil
	Wall    func() time.Time        // the clock on the wall; the system's if nil

	// Lists of subscribers; nil if there are none.
	Lists Lists

	// Outside hears of the effects that somebody else carries out, a Lease or a
	// Prove, once they are committed. It must not block; nil if nobody does.
	Outside func(event.Effect)

	// Marked hears of every change of an incident's phase, after its texts are
	// handed out; Closed is one that left the state. It must not block.
	Marked func(number int, is incident.Phase)
}

// Engine decides and remembers.
type Engine struct {
	opt     Options
	inbox   *inbox
	clock   *Clock
	stopped chan struct{}

	// state is what was decided and committed last; others only look at it.
	state atomic.Pointer[decide.State]
	rules atomic.Pointer[decide.Rules]

	// All below belongs to the goroutine of Run.
	durable   []byte               // state as it is on disk
	seen      event.Stamp          // the last stamp on disk, from the run before
	woken     bool                 // box time has been moved forward in this run
	busy      map[string]time.Time // workers with a delivery in flight, and the box time since when
	carries   map[string]event.Row // what the busy ones carry
	used      map[string]uint64    // when each worker had its last claim, counted in claims
	handed    uint64               // claims so far
	ready     time.Time            // box time at which the outbox next has something for an idle worker
	expanding []uint64             // notices whose ledger is not wholly expanded
	tidied    time.Time            // box time of the last upkeep
	untidy    bool                 // rows of withdrawn notices are left to be closed
	touched   int                  // commits of a mass notice since pages were given back
	stopping  bool                 // the turn under way is the last
	resting   bool                 // no more claims: the appliance is about to stop
	rested    chan struct{}        // closed when resting and nothing is in flight
	holds     []string             // versions of the list of subscribers that are kept
	workers   []Worker             // those that the configuration in force has
	spent     bool                 // the disk was full, and the ballast is not back
	emergency emergency
	marked    map[int]incident.Phase // as Marked was told last
}

var errStopped = errors.New("the appliance is stopping")

// upkeepEvery is the pace of tidying, which is also the one commit an hour
// that an idle box makes: it keeps box time.
const upkeepEvery = time.Hour

// New reads what is on disk and is ready to Run.
func New(opt Options) (*Engine, error) {
	e := &Engine{
		opt: opt, workers: opt.Workers, inbox: newInbox(), stopped: make(chan struct{}),
		busy: map[string]time.Time{}, carries: map[string]event.Row{}, used: map[string]uint64{}, rested: make(chan struct{}),
	}
	e.rules.Store(&opt.Rules)
	var s decide.State
	err := opt.Store.View(func(tx *bbolt.Tx) error {
		var err error
		s, e.durable, e.seen, err = load(tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the state: %w", err)
	}
	e.state.Store(&s)
	e.marked = map[int]incident.Phase{}
	for _, c := range s.Incidents {
		e.marked[c.Number] = c.Phase
	}
	if opt.Chance == nil {
		e.opt.Chance = rand.Uint64
	}
	if opt.Wall == nil {
		e.opt.Wall = time.Now
	}
	e.clock = newClock(e.seen.Box, opt.Floor, e.opt.Chance, e.opt.Wall)
	e.tidied = e.seen.Box
	return e, nil
}

// State is what was decided last. Nobody may change what it points to.
func (e *Engine) State() decide.State { return *e.state.Load() }

// Rules are those in force.
func (e *Engine) Rules() decide.Rules { return *e.rules.Load() }

// Now is the time on both clocks.
func (e *Engine) Now() event.Stamp { return e.clock.Stamp() }

// InDoubt says that a subject's next rounds decide something.
func (e *Engine) InDoubt(subject string) bool {
	s, r := e.State(), e.Rules()
	for _, rule := range r.Subjects {
		if rule.Name == subject {
			return s.Subjects[subject].InDoubt(rule)
		}
	}
	return false
}

// Run decides until ctx ends. A *storage.Broken error means that the store
// must be opened anew.
func (e *Engine) Run(ctx context.Context, hands Hands) error {
	defer close(e.stopped)
	if err := e.boot(hands); err != nil {
		return err
	}
	e.mark()
	for e.wait(ctx) {
		if err := e.live(e.inbox.take(256), hands); err != nil {
			return err
		}
	}
	// What the workers said while they stopped is kept, and the time.
	e.stopping = true
	if e.emergency.on() {
		e.emergency.retryAt = e.clock.Stamp().Box
	}
	return e.live(e.inbox.take(1<<20), hands)
}

// live takes a turn and, when all that is urgent is said, what black boxes
// came with it.
func (e *Engine) live(all []letter, hands Hands) error {
	batch, boxes := apart(all)
	if err := e.turn(batch, hands); err != nil {
		return err
	}
	e.mark()
	return e.keep(boxes)
}

// wait returns when there is something to do; false at the end.
func (e *Engine) wait(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	next := e.next()
	if !e.inbox.empty() || (!next.IsZero() && e.clock.until(next) <= 0) {
		return true
	}
	timer := time.NewTimer(e.clock.until(next))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-e.inbox.wake:
		return true
	case <-timer.C:
		return true
	}
}

// next is the earliest instant of box time at which there is something to do.
func (e *Engine) next() time.Time {
	next := e.tidied.Add(upkeepEvery)
	if e.emergency.on() {
		next = e.emergency.retryAt // upkeep writes too: it waits, however long it is overdue
	}
	for _, at := range []time.Time{e.State().Wake(), e.claimAt(), e.emergency.retryAt, e.wordAt()} {
		if !at.IsZero() && at.Before(next) {
			next = at
		}
	}
	if (len(e.expanding) > 0 || e.untidy) && !e.emergency.on() {
		return e.clock.Stamp().Box
	}
	return next
}

// claimAt is when an idle and fit worker next has something to carry.
func (e *Engine) claimAt() time.Time {
	if e.ready.IsZero() || e.resting || e.emergency.on() || !e.anyIdle() {
		return time.Time{}
	}
	return e.ready
}

func (e *Engine) anyIdle() bool {
	s := e.State()
	return slices.ContainsFunc(e.workers, func(w Worker) bool { return idle(w, s, e.busy) })
}

func idle(w Worker, s decide.State, busy map[string]time.Time) bool {
	_, at := busy[w.Name]
	return !at && s.Workers[w.Name].Fit
}

// encode is the durable part of the state as it goes to disk.
func encode(s decide.State) ([]byte, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write the state: %w", err)
	}
	return b, nil
}

// turn takes a batch of letters through decision, commit and hand-out.
func (e *Engine) turn(batch []letter, hands Hands) error {
	switch {
	case e.emergency.on() && e.clock.until(e.emergency.retryAt) > 0:
		e.improvise(batch)
		e.handUnsaved(hands)
		return nil
	case e.emergency.flying > 0:
		// Its row does not exist yet; written now, it would be sent twice.
		// Nothing more is said until it has its end and the commit was tried.
		e.emergency.retryAt = e.clock.Stamp().Box.Add(time.Second)
		e.improvise(batch)
		return nil
	case e.emergency.on():
		batch = append(e.emergency.held, batch...)
		e.emergency.held = nil
	case e.dry(batch):
		return nil
	}
	t := e.newTurn()
	err := e.opt.Store.Update(func(tx *bbolt.Tx) error { return t.write(tx, batch) })
	var bad *rejected
	switch {
	case err == nil:
		e.adopt(t, batch, hands)
		return nil
	case storage.IsFull(err):
		return e.full(batch, hands, err)
	case errors.As(err, &bad) && !isBroken(err):
		return e.oneByOne(batch, hands, err)
	}
	for _, l := range batch {
		l.tell(err)
	}
	return err
}

// oneByOne finds the fact that cannot be carried out, drops it and goes on.
func (e *Engine) oneByOne(batch []letter, hands Hands, err error) error {
	if len(batch) == 1 {
		e.opt.Log("rejected", fmt.Sprintf("%T could not be carried out: %v", batch[0].fact, err))
		batch[0].tell(err)
		return e.withoutOutcome(batch[0].fact, hands)
	}
	for _, l := range batch {
		if err := e.turn([]letter{l}, hands); err != nil {
			return err
		}
	}
	return nil
}

// withoutOutcome takes an attempt whose outcome had to be dropped as unsure: its
// worker must not wait for another outcome for ever.
func (e *Engine) withoutOutcome(dropped event.Fact, hands Hands) error {
	o, ok := dropped.(event.Outcome)
	if !ok || o.Fate == event.Unsure {
		return nil
	}
	o.Ending = event.Ending{Fate: event.Unsure, Code: "its outcome could not be entered"}
	return e.turn([]letter{{fact: o}}, hands)
}

func isBroken(err error) bool {
	var b *storage.Broken
	return errors.As(err, &b)
}

// dry decides without a transaction. When nothing durable follows, which is
// the case of almost every probe round, nothing is written.
func (e *Engine) dry(batch []letter) bool {
	if len(e.expanding) > 0 || e.untidy || e.claimDue() || e.upkeepDue() || e.stopping {
		return false
	}
	t := e.newTurn()
	for _, l := range batch {
		switch f := l.fact.(type) {
		case Pulse:
		case event.WorkerChanged:
			if t.state.Workers[f.Worker].Fit != f.Fit {
				return false // others may carry more now, or less
			}
			if t.step(f); len(t.effects) > 0 {
				return false
			}
		case event.Probed, event.ListDue, event.ListRead, event.TagsDue, event.Tagged:
			if t.step(f); !t.aside() {
				return false
			}
		default:
			return false
		}
	}
	if len(batch) == 0 {
		if t.step(event.Ticked{}); len(t.effects) > 0 {
			return false
		}
	}
	b, err := encode(t.state)
	if err != nil || !bytes.Equal(b, e.durable) {
		return false
	}
	e.state.Store(&t.state)
	e.carryOut(t)
	for _, l := range batch {
		l.tell(nil)
	}
	// A worker that became fit may have something to carry at once.
	return !e.claimDue()
}

func (e *Engine) claimDue() bool {
	at := e.claimAt()
	return !at.IsZero() && e.clock.until(at) <= 0
}

func (e *Engine) upkeepDue() bool { return e.clock.until(e.tidied.Add(upkeepEvery)) <= 0 }

func (l letter) tell(err error) {
	if l.done != nil {
		l.done <- err
	}
}

// adopt makes what was committed true in memory, then says it aloud.
func (e *Engine) adopt(t *turn, batch []letter, hands Hands) {
	e.state.Store(&t.state)
	e.durable, e.ready, e.expanding, e.untidy = t.durable, t.ready, t.expanding, t.untidy
	e.workers, e.resting, e.holds = t.workers, t.resting, t.holds
	if t.reloaded != nil {
		e.rules.Store(t.reloaded)
	}
	e.reclock(t)
	if t.upkept {
		e.upkept(t.at.Box)
	}
	for _, worker := range t.freed {
		delete(e.busy, worker)
		delete(e.carries, worker)
	}
	e.recovered()
	for _, eff := range t.outside {
		if e.opt.Outside != nil {
			e.opt.Outside(eff)
		}
	}
	for _, c := range t.claims {
		e.hand(c, hands)
	}
	e.restIfIdle()
	e.relax(t.archived)
	for _, n := range t.notes {
		e.opt.Log(n.What, line(n))
	}
	for _, a := range t.answers {
		a.to <- a.Answer
	}
	for _, l := range batch {
		l.tell(nil)
	}
}

// aside takes what only has something read elsewhere out of the effects, and
// says that nothing else followed: for that nothing need be written.
func (t *turn) aside() bool {
	for _, eff := range t.effects {
		switch eff.(type) {
		case event.Sync, event.Find:
			t.outside = append(t.outside, eff)
		default:
			return false
		}
	}
	return true
}

// carryOut has somebody else do what is theirs to do.
func (e *Engine) carryOut(t *turn) {
	for _, eff := range t.outside {
		if e.opt.Outside != nil {
			e.opt.Outside(eff)
		}
	}
}

// relaxEvery is how many commits of a mass notice may leave pages
// of the file in memory.
const relaxEvery = 4

// relax keeps a mass notice from filling the memory with pages of the file. An
// incident that closes has had its whole ledger counted.
func (e *Engine) relax(closed bool) {
	mass := len(e.expanding) > 0 || e.untidy
	if mass || closed {
		e.touched++
	}
	switch {
	case mass && e.touched%relaxEvery == 0, !mass && e.touched > 0, e.handed%1000 == 999:
	default:
		return
	}
	if !mass {
		e.touched = 0
	}
	if err := e.opt.Store.Relax(); err != nil {
		e.opt.Log("store", err.Error())
	}
}

// hand gives a claim to its worker.
func (e *Engine) hand(c event.Claim, hands Hands) {
	e.handed++
	e.used[c.Row.Worker] = e.handed
	e.busy[c.Row.Worker] = e.clock.Stamp().Box
	e.carries[c.Row.Worker] = c.Row
	hands.Hand(c)
}

// reclock takes over what a turn learnt of the clock.
func (e *Engine) reclock(t *turn) {
	e.woken = t.woken
	e.clock.set(t.at.Trusted, t.ahead)
}

// upkept begins the next hour of box time. A whole hour of this run in peace
// clears the store of the faults that were counted against it.
func (e *Engine) upkept(at time.Time) {
	e.tidied = at
	if time.Since(e.clock.began) >= upkeepEvery {
		if err := e.opt.Store.Sound(); err != nil {
			e.opt.Log("store", "its earlier faults cannot be forgotten yet: "+err.Error())
		}
	}
	if e.spent {
		e.refill()
	}
	e.compact()
}

// worthCompacting is the size under which free pages are let be: they are used
// again.
const worthCompacting = 8 << 20

// compact writes the file anew when half of it is free, or a number was erased
// whose bytes may stand in a free page, and nothing is open: nobody must wait
// for it in an outage.
func (e *Engine) compact() {
	free, size, err := e.opt.Store.Slack()
	scrub := e.scrubs()
	if err != nil || !scrub && (size < worthCompacting || free < size/2) || slices.ContainsFunc(e.State().Incidents, func(c decide.Case) bool { return c.Work == nil || c.Work.Begun }) {
		return
	}
	if err := e.opt.Store.Compact(); err != nil {
		e.opt.Log("store", "it could not be made smaller: "+err.Error())
		return
	}
	if scrub {
		e.scrubbed()
		return
	}
	e.opt.Log("store", fmt.Sprintf("made smaller: %d MB were free", free>>20))
}

// restIfIdle tells Rest when nothing is being sent.
func (e *Engine) restIfIdle() {
	if !e.resting || len(e.busy) > 0 {
		return
	}
	select {
	case <-e.rested:
	default:
		close(e.rested)
	}
}

// recovered ends an emergency: all that was owed is written.
func (e *Engine) recovered() {
	if !e.emergency.on() {
		return
	}
	// Words that no worker has yet are in the queue now, like any other.
	e.emergency = emergency{}
	e.opt.Log("disk full", "what was owed is written")
	e.refill()
}

// refill lays the ballast down again after the disk was full. Only then is
// that trouble over.
func (e *Engine) refill() {
	if err := e.opt.Store.RestoreBallast(); err != nil {
		e.opt.Log("disk full", "the ballast cannot be laid down again yet: "+err.Error())
		return
	}
	e.spent = false
	e.Put(event.Unwell{What: "Disk full", Over: true})
}

func line(n event.Note) string {
	if n.Incident == 0 {
		return n.Text
	}
	return fmt.Sprintf("#%d %s", n.Incident, n.Text)
}
