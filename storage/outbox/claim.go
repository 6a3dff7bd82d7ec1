package outbox

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// Worker is who asks for a delivery to carry.
type Worker struct {
	Name    string // such as lte0
	Channel string // such as sms

	// Parts tells how many parts of the limits a delivery takes; one if nil.
	Parts func(d Delivery, text string) int

	// From and Below bound the classes that it carries now: those from From on,
	// and, unless Below is zero, only those more urgent than Below.
	From, Below uint8

	// Short, unless zero, is the class from which on only deliveries of a
	// single part go.
	Short uint8

	// Own says that it carries now only what no other worker may.
	Own bool

	// Newest says that the channel shows a state, as a page does: of what waits
	// for one address and incident only the newest goes.
	Newest bool
}

func (w Worker) carries(class uint8) bool {
	return class >= w.From && (w.Below == 0 || class < w.Below)
}

// leaves says that a row is for another worker, or that others may carry it
// while this one carries its own only.
func (w Worker) leaves(d Delivery) bool {
	return d.Pinned != w.Name && (d.Pinned != "" || w.Own)
}

func (w Worker) tooLong(class uint8, parts int) bool {
	return w.Short != 0 && class >= w.Short && parts > 1
}

// Claimed is what a claim did.
type Claimed struct {
	Delivery *Delivery // what the worker shall send, with status sending; nil if nothing is ready
	Text     string    // in the delivery's language

	// Ended lists the rows that the claim met and closed for good: expired, or
	// larger than a limit will ever allow (their Code says which). An unsure row
	// that expires stays unsure and gets no repeat.
	Ended []Delivery

	// Next is when this worker could claim if nothing but time changes; zero
	// means never. It counts limits, which Wake does not know.
	Next time.Time

	// More says that the claim stopped after looking at many rows that could
	// not go: claim again soon, between other events.
	More bool

	// Stopped, if set, says that a limit of this worker itself was in the way
	// of something that could have gone.
	Stopped *Stop
}

// Stop is a limit of a worker that is used up.
type Stop struct {
	Limit Limit
	Class uint8     // the most urgent class that has to wait
	Free  time.Time // when the first of that class can go
}

// Codes that the outbox itself gives to a row that it closes.
const (
	CodeExpired = "expired"  // its time ran out before it could be sent
	CodeTooBig  = "too long" // it has more parts than a limit allows in any window
)

// ErrBusy says that a worker which has a delivery in flight asked for another.
var ErrBusy = errors.New("the worker has a delivery in flight")

// A claim looks at no more than lookAt rows that cannot go, and past no more
// than lookPast that only this worker cannot carry now: another may. It tidies
// tidyABit rows first, about 2 ms of work.
const lookAt, lookPast, tidyABit = 256, 32, 64

// Claim gives a worker the most urgent due delivery of its channel: class,
// then due, then number. Rows that may not go now are moved out of the way in
// the same transaction (superseded, ended, put behind what blocks them, or due
// when their limit frees), so that no later claim meets them again.
func Claim(tx *bbolt.Tx, w Worker, now time.Time, limits []Limit) (Claimed, error) {
	for _, l := range limits {
		if err := l.check(); err != nil {
			return Claimed{}, err
		}
	}
	if w.Name == "" || w.Channel == "" {
		return Claimed{}, errors.New("claim: a worker needs a name and a channel")
	}
	if has(tx, bFlight, key(w.Name)) {
		return Claimed{}, fmt.Errorf("claim for %s: %w", w.Name, ErrBusy)
	}
	if _, err := Tidy(tx, now, tidyABit); err != nil {
		return Claimed{}, err
	}
	c := claim{tx: tx, w: w, now: utc(now), limits: limits}
	if err := c.run(); err != nil {
		return Claimed{}, fmt.Errorf("claim for %s: %w", w.Name, err)
	}
	return c.out, nil
}

type claim struct {
	tx     *bbolt.Tx
	w      Worker
	now    time.Time
	limits []Limit
	out    Claimed
	past   int // rows looked past

	// What was moved out of the way behind a row looked past may have brought
	// back another before it.
	behind bool
}

// met is what became of a row that a claim met.
type met int

const (
	away   met = iota // it is out of the way: look at the next
	taken             // it is claimed
	passed            // another worker may carry it: it stays where it is
	full              // nothing of its class can go for this worker now
)

func (c *claim) run() error {
	from := key(c.w.Channel, c.w.From)
	for looked := 0; ; looked++ {
		if looked == lookAt {
			c.out.More = true
			return nil
		}
		k, v := c.head(from)
		if k == nil || !c.w.carries(k[0]) {
			c.out.More = c.behind
			return nil
		}
		class, due, notice, id := k[0], instant(k[1:9]), number(v), last8(k)
		if due.After(c.now) {
			c.wake(due)
			if from = c.beyond(class); from == nil {
				return nil
			}
			continue
		}
		at := append(key(c.w.Channel), k...)
		m, err := c.meet(notice, id)
		if m == passed && err == nil {
			from = append(at, 0)
			m, err = c.within(notice, due, id)
		}
		switch {
		case err != nil || m == taken:
			return err
		case m == full:
			if from = c.beyond(class); from == nil {
				return nil
			}
		case m == away:
			c.behind = c.past > 0
		}
	}
}

// beyond is where the heads of the next class begin; nil after the last.
func (c *claim) beyond(class uint8) []byte {
	if class == 255 {
		return nil
	}
	return key(c.w.Channel, class+1)
}

// within looks for a row that can go behind a notice's first, which cannot.
func (c *claim) within(notice uint64, due time.Time, id uint64) (met, error) {
	prefix := key(notice, laneReady, c.w.Channel)
	for from := key(prefix, due, id+1); ; {
		k := keys(c.tx, bQueue, prefix, from, 1)
		if len(k) == 0 || instant(k[0][len(prefix):]).After(c.now) {
			return passed, nil
		}
		if m, err := c.meet(notice, last8(k[0])); err != nil || m == taken || m == full {
			return m, err
		}
		from = append(k[0], 0)
	}
}

// head is the first of the heads from a key on: its key without the channel,
// and its notice.
func (c *claim) head(from []byte) (k, v []byte) {
	prefix := key(c.w.Channel)
	k, v = c.tx.Bucket([]byte(bHeads)).Cursor().Seek(from)
	if !hasPrefix(k, prefix) {
		return nil, nil
	}
	return k[len(prefix):], v
}

func (c *claim) wake(at time.Time) {
	if c.out.Next.IsZero() || at.Before(c.out.Next) {
		c.out.Next = at
	}
}

// meet decides about the first ready row of a notice.
func (c *claim) meet(notice, id uint64) (met, error) {
	s, err := standingOf(c.tx, notice)
	if err != nil {
		return away, err
	}
	if s.Is != Open {
		return away, setHead(c.tx, notice, c.w.Channel) // withdrawn by its incident's mark: the head goes, Tidy takes the rows
	}
	d, err := Row(c.tx, id)
	if err != nil {
		return away, err
	}
	// What blocks it comes first: only after the outcome of the earlier delivery
	// is it known whether an all-clear has somebody to clear.
	by, err := c.blockedBy(d)
	if err != nil {
		return away, err
	}
	if by.ID != 0 {
		return away, requeue(c.tx, d, d.Due, by)
	}
	if !d.Expires.IsZero() && !d.Expires.After(c.now) {
		return away, c.end(d, CodeExpired)
	}
	stale, err := c.overtaken(d)
	if err == nil && !stale && c.w.Newest {
		stale, err = c.outdated(d)
	}
	if err != nil {
		return away, err
	}
	if stale || IsErased(d.Address) {
		return away, finish(c.tx, d, overtakenAs(d), c.now)
	}
	return c.weigh(d)
}

// overtakenAs is what becomes of a row that newer truth overtook: one that may
// have arrived stays so, and is cleared like one that did.
func overtakenAs(d Delivery) Status {
	if d.Status == Unsure {
		return Unsure
	}
	return Superseded
}

// end closes a row that can never go, and reports it.
func (c *claim) end(d Delivery, code string) error {
	to := Failed
	if d.Status == Unsure {
		to = Unsure
	}
	d.Code = code
	if err := finish(c.tx, d, to, c.now); err != nil {
		return err
	}
	d, err := Row(c.tx, d.ID)
	c.out.Ended = append(c.out.Ended, d)
	return err
}

// overtaken tells whether an all-clear has nobody to clear: not told, or
// cleared by another.
func (c *claim) overtaken(d Delivery) (bool, error) {
	if d.Effect != Clears || d.Incident == 0 {
		return false, nil
	}
	t, _, err := toldOf(c.tx, d)
	return !t.IsTold() || t.Cleared && t.ClearedBy != d.ID, err
}

// outdated tells whether something newer waits for the same address in the
// same incident.
func (c *claim) outdated(d Delivery) (bool, error) {
	if d.Incident == 0 {
		return false, nil
	}
	prefix, own := key(d.Channel, d.Address, d.Incident), targetKey(d)
	cur := c.tx.Bucket([]byte(bTargets)).Cursor()
	for k, v := cur.Seek(own); hasPrefix(k, prefix); k, v = cur.Next() {
		if bytes.Equal(k, own) {
			continue
		}
		s, err := standingOf(c.tx, number(v))
		if err != nil || s.Is == Open {
			return err == nil, err
		}
	}
	return false, nil
}

// blockedBy finds what a row must wait for: another one being sent to the same
// address, by any worker, or the one before it in the same incident, as long
// as that one is still to be sent. A held or withdrawn notice blocks nobody,
// and neither does a less urgent row: a person on call who is also in a list
// of subscribers must not wait for the list.
func (c *claim) blockedBy(d Delivery) (blocker, error) {
	if v := get(c.tx, bBusy, key(d.Channel, d.Address)); v != nil {
		busy, err := Row(c.tx, number(v))
		return blocker{ID: busy.ID, Notice: busy.Notice}, err
	}
	if d.Incident == 0 || c.w.Newest {
		return blocker{}, nil
	}
	prefix := key(d.Channel, d.Address, d.Incident)
	cur := c.tx.Bucket([]byte(bTargets)).Cursor()
	cur.Seek(targetKey(d))
	for k, v := cur.Prev(); hasPrefix(k, prefix); k, v = cur.Prev() {
		s, err := standingOf(c.tx, number(v))
		if err != nil {
			return blocker{}, err
		}
		if s.Is == Open && s.Class <= d.Class {
			return blocker{ID: last8(k), Notice: number(v)}, nil
		}
	}
	return blocker{}, nil
}

// weigh holds a row against what the worker may carry and the limits, and
// takes it if all allow.
func (c *claim) weigh(d Delivery) (met, error) {
	if c.w.leaves(d) {
		return c.pass(), nil
	}
	text, err := textOf(c.tx, d)
	if err != nil {
		return away, err
	}
	parts := 1
	if c.w.Parts != nil {
		parts = max(c.w.Parts(d, text), 1)
	}
	if c.w.tooLong(d.Class, parts-len(d.Parts)) {
		return c.pass(), nil
	}
	var free time.Time // when the last of the recipient's limits in its way frees
	own := away        // what this worker's own limits say
	for _, l := range c.limits {
		if parts > l.allowed(d.Class) {
			return away, c.end(d, CodeTooBig)
		}
		left, at := l.room(c.tx, l.subject(c.w.Name, d), d.Class, parts, c.now)
		switch {
		case left >= parts:
		case l.Scope == PerWorker:
			own = c.stopped(l, d.Class, left, at)
		case at.After(free):
			free = at
		}
	}
	switch {
	case !free.IsZero():
		return away, requeue(c.tx, d, free, blocker{})
	case own != away:
		return own, nil
	}
	return taken, c.take(d, text, parts)
}

// pass leaves a row where it is, for another worker or a better time, as long
// as there is patience for more of its kind.
func (c *claim) pass() met {
	if c.past++; c.past > lookPast {
		return full
	}
	return passed
}

// stopped answers a limit of the worker's own that has too little left.
func (c *claim) stopped(l Limit, class uint8, left int, free time.Time) met {
	c.wake(free)
	if c.out.Stopped == nil {
		c.out.Stopped = &Stop{Limit: l, Class: class, Free: free}
	}
	if left <= 0 {
		return full
	}
	return c.pass()
}

// take makes the row the worker's.
func (c *claim) take(d Delivery, text string, parts int) error {
	was := d
	if err := dequeue(c.tx, &d); err != nil {
		return err
	}
	if err := setHead(c.tx, d.Notice, d.Channel); err != nil {
		return err
	}
	for _, l := range c.limits {
		spent, err := l.count(c.tx, l.subject(c.w.Name, d), parts, c.now)
		if err != nil {
			return err
		}
		d.Spent = append(d.Spent, spent)
	}
	d.Status, d.Worker, d.Changed, d.Claimed = Sending, c.w.Name, c.now, c.now
	d.Tries++
	d.Attempt++
	if err := put(c.tx, bFlight, key(d.Worker), key(d.ID)); err != nil {
		return err
	}
	if err := put(c.tx, bBusy, key(d.Channel, d.Address), key(d.ID)); err != nil {
		return err
	}
	c.out.Delivery, c.out.Text = &d, text
	return change(c.tx, was, d)
}

// Wake returns the earliest instant at which a delivery of these channels is
// due; zero means never. It may lie in the past while a worker is busy or at
// its limit: then Claimed.Next is what to wait for.
func Wake(tx *bbolt.Tx, channels ...string) time.Time {
	c := claim{tx: tx}
	for _, channel := range channels {
		c.w.Channel = channel
		for class := 0; class < 256; class++ {
			k, _ := c.head(key(channel, uint8(class)))
			if k == nil {
				break
			}
			class = int(k[0])
			c.wake(instant(k[1:9]))
		}
	}
	return c.out.Next
}

// Urgent returns the most urgent class of which a channel has something due by
// now, and since when. If nothing is due, it is what will be due first; the
// time is zero if nothing is queued.
func Urgent(tx *bbolt.Tx, channel string, now time.Time) (class uint8, at time.Time) {
	c := claim{tx: tx, w: Worker{Channel: channel}}
	for next := 0; next < 256; next++ {
		k, _ := c.head(key(channel, uint8(next)))
		if k == nil {
			break
		}
		next = int(k[0])
		if due := instant(k[1:9]); at.IsZero() || due.Before(at) {
			class, at = k[0], due
		}
		if !at.After(now) {
			break
		}
	}
	return class, at
}

// InFlight lists the deliveries that are being sent. At a start their outcome
// is unknown.
func InFlight(tx *bbolt.Tx) ([]Delivery, error) {
	var all []Delivery
	for _, k := range keys(tx, bFlight, nil, nil, 1<<30) {
		d, err := Row(tx, number(get(tx, bFlight, k)))
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// textOf is what a delivery says: its notice's variant in its language, or in
// the first language there is.
func textOf(tx *bbolt.Tx, d Delivery) (string, error) {
	n, err := NoticeOf(tx, d.Notice)
	if err != nil {
		return "", err
	}
	return n.Text(d.Variant, d.Channel, d.Language), nil
}

// Text returns a variant as a channel says it in a language, or in the first
// language there is in order of their codes: a text in the wrong language is
// better than none. Texts of a channel's own stand under "CHANNEL:LANGUAGE",
// the others under their language alone.
func (n Notice) Text(variant, channel, language string) string {
	all := n.Texts[variant]
	for _, own := range []string{channel + ":", ""} {
		if text, ok := all[own+language]; ok {
			return text
		}
		best := ""
		for l := range all {
			rest, ok := strings.CutPrefix(l, own)
			if ok && !strings.Contains(rest, ":") && (best == "" || l < best) {
				best = l
			}
		}
		if best != "" {
			return all[best]
		}
	}
	return ""
}
