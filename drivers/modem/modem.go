package modem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"heliograph/drivers/at"
	"heliograph/drivers/delivery"
)

// Modem is one modem. Its methods may be called from any goroutine.
type Modem struct {
	opts Options
	memo memo
	tape tape

	telling sync.Mutex // held while a change of health is told
	told    Health     // the last told; guarded by telling and mu both for writing

	mu        sync.Mutex
	health    Health
	lostAt    time.Time   // when registration went that was told as there; zero if it is there
	open      bool        // a session takes texts
	jobs      []*job      // waiting for the wire, in order
	asks      []*asked    // waiting for a description or a command
	errands   []*errand   // waiting for the wire: steps of calls and of service codes
	calling   *call       // the call out that is on; nil for none
	asking    *inquiry    // the service code that waits for its answer; nil for none
	awaited   chan string // the result of the text on the wire, should it come astray; nil while none is
	misled    bool        // it will: another's error has ended the text's command
	closed    bool        // Run has ended
	facts     facts
	doubt     doubt
	caught    suspicions
	reference netTime
	lastRef   int           // of the latest text that was taken
	wake      chan struct{} // holds one token while there is something to do
	line      turns         // held by the one who calls
	inquiry   turns         // held by the one who asks by a service code
	past      past

	// refused counts, per code, the different numbers that failed with it
	// since the last text that was taken. Only the session touches it.
	refused map[string]map[string]bool

	// Run's goroutine alone touches these.
	signs       map[string]int // evidence that the modem is sick, by kind
	silentSince time.Time      // nobody has answered since; zero if somebody does
	goneSince   time.Time      // its port is not there since; zero if it is
	seen        bool           // the port was open once in this run
	elsewhere   bool           // the other port is in use
	chain       chain
}

// job is a text that waits for its turn; reply has room for one answer.
type job struct {
	ctx   context.Context
	job   delivery.Job
	reply chan sent
}

type sent struct {
	receipt delivery.Receipt
	err     error
}

// asked is somebody who wants a description, or a command carried out.
type asked struct {
	reply   chan Description
	command string
	answer  chan answered
}

// facts are what the wire said unasked and the session has still to act upon.
type facts struct {
	restart bool      // the modem or its SIM started anew: bring up again
	check   bool      // it may have: compare what it knows with what was set
	settle  time.Time // when the last sign of either was heard
	hangup  bool      // a call was noted
	look    bool      // ask how texts could travel
	sweep   bool      // list the store: something may have come without notice
	slots   []place   // stored texts that were announced
	cs      registration
	ps      registration
	eps     registration
	five    registration

	ways        attachment // how texts could travel, where only packets are registered
	vendor      string
	failedSince time.Time // a text failed for want of a way
	noCentre    bool      // a text was refused because the SIM names no service centre
	newCard     time.Time // another SIM was found then; zero if never
}

// place is where a text is stored.
type place struct {
	memory string
	index  int
	report bool // it was announced as a status report
}

// New checks the options. Nothing is opened before Run.
func New(o Options) (*Modem, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	m := &Modem{opts: o, memo: memo{o.Memory}, wake: make(chan struct{}, 1), line: make(turns, 1), inquiry: make(turns, 1), refused: map[string]map[string]bool{}}
	m.tape.veil.numbers = o.TraceNumbers
	m.health, m.lastRef = Health{State: Starting, Why: "not opened yet"}, -1
	return m, nil
}

func (o *Options) check() error {
	switch {
	case o.Open == nil:
		return errors.New("modem: Open is missing: nothing to open")
	case o.Inbox == nil:
		return errors.New("modem: Inbox is missing: nobody to tell")
	case o.PIN != "" && (len(o.PIN) < 4 || len(o.PIN) > 8 || strings.Trim(o.PIN, "0123456789") != ""):
		return errors.New("modem: the PIN must be four to eight digits")
	}
	if o.PIN != "" && o.Memory == nil {
		return errors.New("modem: a PIN needs a Memory: an attempt is remembered before it is made")
	}
	if o.SMSC != "" {
		if _, err := destination(o.SMSC); err != nil {
			return fmt.Errorf("modem: service centre: %w", err)
		}
	}
	if o.MinTries == 0 {
		o.MinTries = 2
	}
	if o.Memory == nil {
		o.Memory = &forgetful{}
	}
	if o.Trace == nil {
		o.Trace = func(string) {}
	}
	if o.Log == nil {
		o.Log = func(string) {}
	}
	if o.Acted == nil {
		o.Acted = func(string) {}
	}
	if o.Late == nil {
		o.Late = func(uint64, delivery.Part) {}
	}
	return nil
}

const (
	look       = 250 * time.Millisecond // between two looks for a port that is not there
	firstPause = 250 * time.Millisecond
	lastPause  = 30 * time.Second
	steady     = time.Minute // a session that lasted this long was a good one
)

// errNoPort is in the error of a session whose port could not be opened.
var errNoPort = errors.New("opening the port")

// Run opens the port, brings the modem up, watches it, and opens it again
// after it was lost, until ctx ends. It returns ctx's error.
func (m *Modem) Run(ctx context.Context) error {
	m.setClosed(false)
	defer m.setClosed(true)
	pause := firstPause
	for ctx.Err() == nil {
		began := time.Now()
		err := m.session(ctx)
		m.shut(err)
		if errors.Is(err, errNoPort) {
			if errors.Is(err, ErrGone) {
				m.gone(ctx)
			}
			m.sleep(ctx, look) // looking costs nothing, and a port that comes back is used at once
			continue
		}
		if errors.Is(err, at.ErrUnresponsive) || errors.Is(err, at.ErrWriteStuck) {
			m.silent(ctx)
		}
		if time.Since(began) > steady {
			pause = firstPause
		}
		m.sleep(ctx, pause)
		pause = min(2*pause, lastPause)
	}
	m.shut(ctx.Err())
	return ctx.Err()
}

func (m *Modem) setClosed(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = on
}

// stopped says that nobody runs the modem any more.
func (m *Modem) stopped() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.closed
}

// session is the life of one opened port.
func (m *Modem) session(ctx context.Context) error {
	port, err := m.openPort()
	if err != nil {
		return fmt.Errorf("%w: %w", errNoPort, err)
	}
	m.seen, m.goneSince = true, time.Time{}
	s := newSession(ctx, m, port)
	defer s.end()
	return s.run()
}

// openPort opens the port in use.
func (m *Modem) openPort() (io.ReadWriteCloser, error) {
	if m.elsewhere {
		return m.opts.Other()
	}
	return m.opts.Open()
}

// newSession puts a wire on an open port.
func newSession(ctx context.Context, m *Modem, port io.ReadWriteCloser) *session {
	s := &session{m: m, garbled: map[int]int{}}
	s.ctx, s.stop = context.WithCancelCause(ctx)
	m.mu.Lock()
	m.facts = facts{noCentre: m.facts.noCentre} // a port that comes back brings no centre
	m.mu.Unlock()
	s.wire = at.New(port, at.Options{
		Heard: s.heard,
		Trace: func(d at.Direction, line string) { m.opts.Trace(string(d) + " " + m.tape.add(d, line)) },
	})
	return s
}

// shut answers everybody who waits: the session is over.
func (m *Modem) shut(why error) {
	m.mu.Lock()
	jobs, asks, errands := m.jobs, m.asks, m.errands
	m.jobs, m.asks, m.errands, m.open = nil, nil, nil, false
	m.mu.Unlock()
	m.change(func(h *Health) { lost(h, why) })
	for _, j := range jobs {
		j.reply <- sent{err: m.unfit()}
	}
	for _, a := range asks {
		a.dismiss(m.opts.Name)
	}
	m.turnAway(errands)
}

// lost words why there is no session.
func lost(h *Health, why error) {
	h.Fit, h.State, h.Signal, h.Registration, h.Access = false, PortLost, 0, "", ""
	h.Why, h.Advice = "the port is gone", "check the modem's power and USB cable"
	if why != nil {
		h.Why = why.Error()
	}
	if errors.Is(why, at.ErrUnresponsive) || errors.Is(why, at.ErrWriteStuck) {
		h.State = Silent
		h.Advice = "the port is there but nobody answers: is it the AT port, and is no other program using it?"
	}
	if errors.Is(why, context.Canceled) {
		h.State, h.Why, h.Advice = PortLost, "stopped", ""
	}
}

// Send carries one text to one number and waits its turn. The error, if any,
// is a *delivery.Error; a receipt beside an error holds the parts that were
// taken before it.
func (m *Modem) Send(ctx context.Context, d delivery.Job) (delivery.Receipt, error) {
	j := &job{ctx: ctx, job: d, reply: make(chan sent, 1)}
	m.mu.Lock()
	if !m.open || !m.health.Fit {
		m.mu.Unlock()
		return delivery.Receipt{}, m.unfit()
	}
	m.jobs = append(m.jobs, j)
	m.mu.Unlock()
	m.poke()
	select {
	case s := <-j.reply:
		return s.receipt, s.err
	case <-ctx.Done():
	}
	if m.withdraw(j) {
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Retry, Worker: true, Err: fmt.Errorf("sending: %w", context.Cause(ctx))}
	}
	s := <-j.reply // it has begun, and ends with the context
	return s.receipt, s.err
}

// withdraw takes a job back that has not begun.
func (m *Modem) withdraw(j *job) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, have := range m.jobs {
		if have == j {
			m.jobs = append(m.jobs[:i], m.jobs[i+1:]...)
			return true
		}
	}
	return false
}

// unfit is the answer to a text that cannot go now for this modem's own reasons.
func (m *Modem) unfit() *delivery.Error {
	h := m.Health()
	after := 10 * time.Second
	if h.State == PINNeeded || h.State == PINWrong || h.State == PUKNeeded || h.State == Denied {
		after = time.Minute
	}
	return &delivery.Error{Fate: delivery.Retry, After: after, Worker: true, Advice: h.Advice, Err: fmt.Errorf("modem %s: %s: %s", m.opts.Name, h.State, h.Why)}
}

// Health is how the modem is now.
func (m *Modem) Health() Health {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.health
}

// change alters the health and tells if that made a difference. It may come
// from the session and from what the wire hears: the last told must be the
// last true.
func (m *Modem) change(f func(*Health)) {
	m.telling.Lock()
	defer m.telling.Unlock()
	m.mu.Lock()
	f(&m.health)
	now := m.health
	if now.State != Registering && now.State != Denied && now.State != NoService {
		m.lostAt = time.Time{}
	}
	held := !m.lostAt.IsZero() && time.Since(m.lostAt) < flapping && m.told.State == Ready
	m.mu.Unlock()
	if !held {
		m.tell(now)
	}
}

// note changes the facts and wakes the session.
func (m *Modem) note(f func(*facts)) {
	m.mu.Lock()
	f(&m.facts)
	m.mu.Unlock()
	m.poke()
}

func (m *Modem) poke() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// sleep waits, but not beyond ctx.
func (m *Modem) sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
