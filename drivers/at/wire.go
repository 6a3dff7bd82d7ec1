package at

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"time"
)

// Direction is the way a traced line went.
type Direction string

// Directions of traced lines.
const (
	Out  Direction = ">"
	In   Direction = "<"
	Note Direction = "!" // what the wire itself did: gave up, resynced, closed
)

// Probe is a command whose answer cannot be mistaken for another's.
type Probe struct {
	Text  string                 // without AT, such as "+CGSN"
	Match func(line string) bool // recognises the answer
}

// Options of a wire. The zero value works.
type Options struct {
	// Heard consumes the unsolicited codes, in order, on a goroutine of its
	// own. It may be slow; it must not call the wire.
	Heard func(URC)

	// Trace sees every line and write with secrets masked, on the owner's
	// goroutine: it must be quick.
	Trace func(Direction, string)

	Probe      Probe         // how to resync; zero is AT+CGSN answered by 14 to 17 digits
	Gap        time.Duration // least time between a final result and the next command; zero is 20 ms
	WriteLimit time.Duration // how long one write may take; zero is 5 s
	Room       int           // how many unsolicited codes may wait; zero is 256
}

// Counts are of things that should be rare.
type Counts struct {
	Unknown  int // lines nobody asked for and nobody knows
	Stray    int // final results with no command running
	Overlong int // lines over 4 KiB, dropped
	Dropped  int // unsolicited codes of the forgettable kind, dropped
	Resyncs  int // times the wire had to be made clean
}

// Wire is one AT port.
type Wire struct {
	port io.ReadWriteCloser
	opts Options

	requests chan *request
	cancels  chan *request
	control  chan func() // runs on the owner
	stop     chan error
	chunks   chan []byte
	failed   chan error
	out      chan []byte
	written  chan error
	done     chan struct{} // closed when the wire is
	quiet    chan struct{} // closed when the consumer has heard the last code
	toHear   chan URC
	err      error // why it closed; set before done is

	own owner
}

// owner is what the one goroutine that owns the wire keeps; nobody else
// touches it.
type owner struct {
	lex       tokenizer
	waiting   []*request
	running   *running
	resync    resync
	queue     queue
	partial   *URC      // a code whose second line is still to come
	ready     time.Time // no command before this
	writing   time.Time // when the running write is given up; zero if none runs
	unwritten []byte    // what waits for the running write
	givenAt   time.Time // when
	given     *Command  // the last command given up that wants to hear a late answer
	swallow   bool      // the next line, if a final result, ends a late answer
	counts    Counts
	closing   error
	lastGood  bool // the last command ended with its own answer
}

// running is the command on the wire.
type running struct {
	*request
	answer   Answer
	deadline time.Time
	wants    bool   // waits for the prompt
	echo     string // what of the command line may still come back as echo
}

// New takes over a port that is open. Close it by Close only.
func New(port io.ReadWriteCloser, o Options) *Wire {
	o.fill()
	w := &Wire{
		port: port, opts: o,
		requests: make(chan *request), cancels: make(chan *request), control: make(chan func()),
		stop: make(chan error), chunks: make(chan []byte), failed: make(chan error, 1),
		out: make(chan []byte, 1), written: make(chan error, 1),
		done: make(chan struct{}), quiet: make(chan struct{}), toHear: make(chan URC),
	}
	w.own.queue.room = o.Room
	go w.read()
	go w.write()
	go w.hear()
	go w.loop()
	return w
}

func (o *Options) fill() {
	if o.Heard == nil {
		o.Heard = func(URC) {}
	}
	if o.Trace == nil {
		o.Trace = func(Direction, string) {}
	}
	if o.Probe.Match == nil {
		o.Probe = Probe{Text: "+CGSN", Match: looksLikeIMEI}
	}
	if o.Gap == 0 {
		o.Gap = 20 * time.Millisecond
	}
	if o.WriteLimit == 0 {
		o.WriteLimit = 5 * time.Second
	}
	if o.Room == 0 {
		o.Room = 256
	}
}

// looksLikeIMEI knows a serial number (27.007 §5.4) by its shape, until the
// owner of the wire knows this modem's own.
func looksLikeIMEI(line string) bool {
	line = strings.Trim(strings.TrimPrefix(line, "+CGSN:"), ` "`)
	return len(line) >= 14 && len(line) <= 17 && strings.Trim(line, "0123456789") == ""
}

// Do carries out one command. The answer is what came, even with an error:
// Answer.Sent tells whether the payload may have had its effect. A context
// that ends stops the waiting, not the modem.
func (w *Wire) Do(ctx context.Context, c Command) (Answer, error) {
	if err := c.check(); err != nil {
		return Answer{}, err
	}
	r := &request{ctx: ctx, cmd: c, reply: make(chan result, 1)}
	select {
	case w.requests <- r:
	case <-w.done:
		return Answer{}, w.err
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("AT%s: %w", c.name(), ctx.Err())
	}
	select {
	case res := <-r.reply:
		return res.answer, res.err
	case <-ctx.Done():
	}
	select {
	case w.cancels <- r:
	case <-w.done:
	}
	res := <-r.reply
	return res.answer, res.err
}

// Escape writes ESC and CR, which end a forgotten message prompt (27.005
// §3.5.1), and forgets what was half read. It waits for no answer.
func (w *Wire) Escape() {
	w.onOwner(func() {
		w.own.lex.reset()
		w.put(escape+"\r", "ESC")
		w.own.ready = time.Now().Add(100 * time.Millisecond)
	})
}

// SetProbe says how to recognise this modem, once that is known.
func (w *Wire) SetProbe(p Probe) { w.onOwner(func() { w.opts.Probe = p }) }

// Counts of this wire since it was opened.
func (w *Wire) Counts() (c Counts) {
	w.onOwner(func() {
		c = w.own.counts
		c.Overlong, c.Dropped = w.own.lex.overlong, w.own.queue.dropped
	})
	return c
}

// onOwner runs f on the owner and waits for it. On a closed wire f does not run.
func (w *Wire) onOwner(f func()) {
	ran := make(chan struct{})
	select {
	case w.control <- func() { f(); close(ran) }:
		<-ran
	case <-w.done:
	}
}

// Closed is closed when the wire is.
func (w *Wire) Closed() <-chan struct{} { return w.done }

// Err says why the wire closed, or nil while it is open.
func (w *Wire) Err() error {
	select {
	case <-w.done:
		return w.err
	default:
		return nil
	}
}

// Close closes the port and answers everybody who waits. It returns when the
// last unsolicited code has been heard.
func (w *Wire) Close() error {
	select {
	case w.stop <- errors.New("closed by its owner"):
	case <-w.done:
	}
	<-w.done
	<-w.quiet
	return nil
}

// loop is the owner.
func (w *Wire) loop() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for w.own.closing == nil {
		w.next()
		timer.Reset(time.Until(w.wake()))
		w.wait(timer.C)
	}
	w.shut()
}

// wait lets one thing happen.
func (w *Wire) wait(beat <-chan time.Time) {
	chunks, hear, first := w.chunks, w.toHear, URC{}
	if w.own.queue.full() {
		chunks = nil
	}
	if len(w.own.queue.items) == 0 {
		hear = nil
	} else {
		first = w.own.queue.items[0]
	}
	select {
	case r := <-w.requests:
		w.enter(r)
	case r := <-w.cancels:
		w.cancel(r)
	case f := <-w.control:
		f()
	case b := <-chunks:
		w.take(b)
	case hear <- first:
		w.own.queue.items = w.own.queue.items[1:]
	case err := <-w.written:
		w.wrote(err)
	case err := <-w.failed:
		w.close(fmt.Errorf("port lost: %w", err))
	case err := <-w.stop:
		w.close(err)
	case <-beat:
		w.expire(time.Now())
	}
}

// enter lines a command up behind those of the same or a more urgent lane.
func (w *Wire) enter(r *request) {
	q := w.own.waiting
	at := sort.Search(len(q), func(i int) bool { return q[i].cmd.Priority > r.cmd.Priority })
	w.own.waiting = append(q[:at], append([]*request{r}, q[at:]...)...)
}

// cancel ends the waiting of a caller whose context ended.
func (w *Wire) cancel(r *request) {
	if w.own.running != nil && w.own.running.request == r {
		w.giveUp(context.Cause(r.ctx))
		return
	}
	for i, have := range w.own.waiting {
		if have == r {
			w.own.waiting = append(w.own.waiting[:i], w.own.waiting[i+1:]...)
			r.reply <- result{err: fmt.Errorf("AT%s: %w", r.cmd.name(), context.Cause(r.ctx))}
			return
		}
	}
}

// next starts the most urgent command if the wire is free for it.
func (w *Wire) next() {
	o := &w.own
	if o.running != nil || o.resync.stage != clean || !o.writing.IsZero() || len(o.waiting) == 0 {
		return
	}
	r := o.waiting[0]
	if time.Now().Before(o.ready) && !(r.cmd.Brisk && o.lastGood) {
		return
	}
	o.waiting = o.waiting[1:]
	w.start(r)
}

func (w *Wire) start(r *request) {
	line := "AT" + r.cmd.Text
	w.own.running = &running{request: r, echo: line, wants: r.cmd.Payload != "", deadline: time.Now().Add(r.cmd.Timeout)}
	if r.cmd.Payload != "" {
		w.own.running.deadline = time.Now().Add(r.cmd.PromptWithin)
	}
	w.own.lex.prompt, w.own.lex.numeric = r.cmd.Payload != "", r.cmd.Numeric
	w.put(line+"\r", r.cmd.shown())
}

// put hands bytes to the writer; the owner never blocks on a port.
func (w *Wire) put(s, shown string) {
	w.opts.Trace(Out, shown)
	w.own.unwritten = append(w.own.unwritten, []byte(s)...)
	w.flush()
}

// flush starts the next write when the last one is done: a prompt may come
// before the port says that it took the command.
func (w *Wire) flush() {
	if !w.own.writing.IsZero() || len(w.own.unwritten) == 0 {
		return
	}
	w.own.writing = time.Now().Add(w.opts.WriteLimit)
	w.out <- w.own.unwritten
	w.own.unwritten = nil
}

func (w *Wire) wrote(err error) {
	w.own.writing = time.Time{}
	if err != nil {
		w.close(fmt.Errorf("port lost while writing: %w", err))
		return
	}
	w.flush()
}

// wake is the next instant at which time alone matters.
func (w *Wire) wake() time.Time {
	o := &w.own
	at := time.Now().Add(time.Hour)
	sooner := func(t time.Time) {
		if !t.IsZero() && t.Before(at) {
			at = t
		}
	}
	sooner(o.writing)
	sooner(o.resync.at)
	if o.running != nil {
		sooner(o.running.deadline)
	} else if len(o.waiting) > 0 && o.resync.stage == clean && o.writing.IsZero() {
		sooner(o.ready)
	}
	return at
}

// expire does what is due.
func (w *Wire) expire(now time.Time) {
	o := &w.own
	if !o.writing.IsZero() && !now.Before(o.writing) {
		w.close(ErrWriteStuck)
		return
	}
	if o.running != nil && !now.Before(o.running.deadline) {
		w.giveUp(ErrTimeout)
	}
	if !o.resync.at.IsZero() && !now.Before(o.resync.at) {
		w.resyncDue()
	}
}

// finish answers the running command.
func (w *Wire) finish(err error) {
	r := w.own.running
	w.own.running = nil
	w.own.lex.prompt, w.own.lex.numeric = false, false
	w.own.ready = time.Now().Add(w.opts.Gap)
	w.own.lastGood = err == nil
	if err != nil {
		err = fmt.Errorf("AT%s: %w", r.cmd.name(), err)
	}
	r.reply <- result{r.answer, err}
}

// giveUp leaves the running command unanswered and the wire dirty.
func (w *Wire) giveUp(err error) {
	cmd := w.own.running.cmd
	if cmd.Late != nil {
		w.own.given, w.own.givenAt = &cmd, time.Now()
	}
	w.opts.Trace(Note, "gave up "+cmd.shown()+": "+err.Error())
	if cmd.Knock {
		w.unstick()
	} else {
		w.own.resync.begin(cmd.Payload != "" || w.own.lex.stuck())
	}
	w.finish(err)
}

// unstick ends a prompt that nobody asked for.
func (w *Wire) unstick() {
	if w.own.lex.stuck() {
		w.own.lex.reset()
		w.put(escape+"\r", "ESC")
	}
}

// close marks the wire as closing; the loop ends after this turn.
func (w *Wire) close(err error) {
	if w.own.closing == nil {
		w.own.closing = err
	}
}

// shut closes the port and answers everybody.
func (w *Wire) shut() {
	w.opts.Trace(Note, "closed: "+w.own.closing.Error())
	w.err = fmt.Errorf("%w: %w", ErrClosed, w.own.closing)
	w.port.Close()
	if w.own.running != nil {
		w.finish(w.err)
	}
	for _, r := range w.own.waiting {
		r.reply <- result{err: fmt.Errorf("AT%s: %w", r.cmd.name(), w.err)}
	}
	close(w.out)
	close(w.done)
	for _, u := range w.own.queue.items {
		w.toHear <- u
	}
	close(w.toHear)
}

// read passes on what the port gives until it fails.
func (w *Wire) read() {
	buf := make([]byte, 4096)
	for empty := 0; ; {
		n, err := w.port.Read(buf)
		if n > 0 {
			empty = 0
			select {
			case w.chunks <- append([]byte(nil), buf[:n]...):
			case <-w.done:
				return
			}
		}
		if empty++; err == nil && n == 0 && empty > 100 {
			err = io.ErrNoProgress
		}
		if err != nil {
			w.failed <- err
			return
		}
	}
}

// write is the only place that may block on a port that takes nothing.
func (w *Wire) write() {
	for b := range w.out {
		_, err := w.port.Write(b)
		w.written <- err
	}
}

// hear calls the consumer, one code at a time.
func (w *Wire) hear() {
	defer close(w.quiet)
	for u := range w.toHear {
		if u.late != nil {
			u.late(u.Line)
			continue
		}
		w.opts.Heard(u)
	}
}
