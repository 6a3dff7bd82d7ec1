package outbox

import (
	"bytes"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"
)

// Check compares the rows with their indexes, both ways, and the counters with
// a recount, and returns a sentence for each fault. It reads everything.
func Check(tx *bbolt.Tx) []error {
	c := checker{tx: tx, status: map[string]int{}, open: map[int]int{}}
	c.each(bNotices, c.notice)
	c.each(bRows, c.row)
	c.each(bQueue, c.queued)
	c.each(bHeads, c.headed)
	c.each(bHeadOf, c.headOf)
	c.each(bBlocked, c.blocked)
	c.each(bTargets, c.target)
	c.each(bBusy, c.busy)
	c.each(bFlight, c.flight)
	c.each(bFailed, c.failed)
	c.each(bByNotice, c.byNotice)
	c.each(bLedger, c.told)
	c.each(bRefs, c.ref)
	c.counters()
	return c.faults
}

type checker struct {
	tx     *bbolt.Tx
	faults []error
	status map[string]int
	open   map[int]int
}

func (c *checker) say(format string, args ...any) {
	c.faults = append(c.faults, fmt.Errorf(format, args...))
}

// want notes a fault unless ok.
func (c *checker) want(ok bool, format string, args ...any) {
	if !ok {
		c.say(format, args...)
	}
}

func (c *checker) each(bucket string, check func(k, v []byte)) {
	cur := c.tx.Bucket([]byte(bucket)).Cursor()
	for k, v := cur.First(); k != nil; k, v = cur.Next() {
		check(k, v)
	}
}

// rowOf reads the row that an index entry names.
func (c *checker) rowOf(id uint64, where string) (Delivery, bool) {
	d, err := Row(c.tx, id)
	if err != nil {
		c.say("%s names a delivery that cannot be read: %w", where, err)
	}
	return d, err == nil
}

func (c *checker) notice(k, _ []byte) {
	id := number(k)
	n, err := NoticeOf(c.tx, id)
	if err != nil {
		c.say("%w", err)
		return
	}
	s, err := standingOf(c.tx, id)
	c.want(err == nil && s.Class == n.Class && s.Incident == n.Incident && s.Is == n.Standing, "notice %d: its standing row differs: %+v", id, s)
	c.want(has(c.tx, bOf, key(n.Incident, id)), "notice %d is not listed in incident %d", id, n.Incident)
	err = eachChannel(c.tx, id, func(channel string) error {
		c.want(s.Is != Open || has(c.tx, bHeadOf, key(id, channel)), "notice %d has ready rows for %s and no head", id, channel)
		return nil
	})
	c.want(err == nil, "notice %d: %w", id, err)
}

func (c *checker) row(k, _ []byte) {
	d, ok := c.rowOf(number(k), "the list of deliveries")
	if !ok {
		return
	}
	c.status[string(statusKey(d.Status, d.Class))]++
	if !d.Final() {
		c.open[d.Incident]++
	}
	id := d.ID
	c.want(slices.Contains(Statuses, d.Status), "delivery %d has the status %q", id, d.Status)
	c.want(has(c.tx, bNotices, key(d.Notice)), "delivery %d: its notice %d is gone", id, d.Notice)
	c.want(has(c.tx, bByNotice, key(d.Notice, id)), "delivery %d is not listed in notice %d", id, d.Notice)
	c.want(has(c.tx, bQueue, queueKey(d)) == d.Queue, "delivery %d (%s): whether it is in the queue differs from its row", id, d.Status)
	c.want(has(c.tx, bTargets, targetKey(d)) == d.Queue, "delivery %d (%s): whether it is a target differs from its row", id, d.Status)
	c.want(!d.Queue || d.Status == Pending || d.Status == Unsure && d.Again, "delivery %d is %s and in the queue", id, d.Status)
	c.want(d.Queue || d.Status != Pending, "delivery %d is pending and not in the queue", id)
	c.want(d.Blocker == 0 || has(c.tx, bBlocked, blockedKey(d)), "delivery %d waits for %d and would not be woken", id, d.Blocker)
	c.want((d.Status == Failed) == has(c.tx, bFailed, key(id)), "delivery %d is %s: the dead-letter list differs", id, d.Status)
	if d.Status == Sending {
		c.want(bytes.Equal(get(c.tx, bFlight, key(d.Worker)), key(id)), "delivery %d is being sent by %s, which carries another", id, d.Worker)
		c.want(bytes.Equal(get(c.tx, bBusy, key(d.Channel, d.Address)), key(id)), "delivery %d is being sent and its address is not busy with it", id)
	}
	c.ledgered(d)
}

// ledgered checks that the ledger has a delivery if and only if it told.
func (c *checker) ledgered(d Delivery) {
	if d.Effect != Tells || d.Incident == 0 {
		return
	}
	t, ok, err := toldOf(c.tx, d)
	if err != nil || !ok {
		c.say("delivery %d: no ledger row (%v)", d.ID, err)
		return
	}
	in := slices.Contains(t.Telling, d.ID) || slices.Contains(t.Before, d.ID)
	c.want(in == d.Status.Told(), "delivery %d is %s and the ledger says that it told: %t", d.ID, d.Status, in)
}

func (c *checker) queued(k, _ []byte) {
	if d, ok := c.rowOf(last8(k), "the queue"); ok {
		c.want(d.Queue && bytes.Equal(k, queueKey(d)), "the queue has delivery %d in a wrong place", d.ID)
	}
}

func (c *checker) headed(k, v []byte) {
	channel, rest := upTo(k)
	c.want(bytes.Equal(get(c.tx, bHeadOf, key(number(v), channel)), rest[1:]), "a head of notice %d for %s is not its own", number(v), channel)
}

func (c *checker) headOf(k, v []byte) {
	notice := number(k)
	channel, _ := upTo(k[8:])
	s, err := standingOf(c.tx, notice)
	if err != nil {
		c.say("a head: %w", err)
		return
	}
	c.want(bytes.Equal(get(c.tx, bHeads, key(channel, s.Class, v)), key(notice)), "the head of notice %d for %s is missing", notice, channel)
	prefix := key(notice, laneReady, channel)
	ready := first(c.tx, bQueue, prefix)
	c.want(ready != nil && bytes.Equal(ready[len(prefix):], v), "the head of notice %d for %s is not its first ready row", notice, channel)
}

func (c *checker) blocked(k, _ []byte) {
	d, ok := c.rowOf(last8(k), "the blocked list")
	if !ok {
		return
	}
	c.want(d.Queue && bytes.Equal(k, blockedKey(d)), "the blocked list has delivery %d in a wrong place", d.ID)
	if by, ok := c.rowOf(number(k[8:]), "the blocked list"); ok {
		c.want(!by.Final(), "delivery %d waits for %d, which is %s", d.ID, by.ID, by.Status)
	}
}

func (c *checker) target(k, v []byte) {
	if d, ok := c.rowOf(last8(k), "the targets"); ok {
		c.want(d.Queue && bytes.Equal(k, targetKey(d)) && number(v) == d.Notice, "the targets have delivery %d in a wrong place", d.ID)
	}
}

func (c *checker) busy(k, v []byte) {
	if d, ok := c.rowOf(number(v), "the busy addresses"); ok {
		c.want(d.Status == Sending && bytes.Equal(k, key(d.Channel, d.Address)), "an address is busy with delivery %d, which is %s", d.ID, d.Status)
	}
}

func (c *checker) flight(k, v []byte) {
	if d, ok := c.rowOf(number(v), "the deliveries in flight"); ok {
		c.want(d.Status == Sending && bytes.Equal(k, key(d.Worker)), "worker %q carries delivery %d, which is %s with %s", k, d.ID, d.Status, d.Worker)
	}
}

func (c *checker) failed(k, _ []byte) {
	if d, ok := c.rowOf(number(k), "the dead-letter list"); ok {
		c.want(d.Status == Failed, "the dead-letter list has delivery %d, which is %s", d.ID, d.Status)
	}
}

func (c *checker) byNotice(k, _ []byte) {
	if d, ok := c.rowOf(last8(k), "a notice's list"); ok {
		c.want(d.Notice == number(k), "notice %d lists delivery %d of notice %d", number(k), d.ID, d.Notice)
	}
}

func (c *checker) told(k, _ []byte) {
	var t Told
	if _, err := getJSON(c.tx, bLedger, k, &t); err != nil {
		c.say("%w", err)
		return
	}
	for _, id := range slices.Concat(t.Telling, t.Before) {
		if d, ok := c.rowOf(id, "the ledger"); ok {
			c.want(d.Effect == Tells && d.Status.Told() && bytes.Equal(k, toldKey(d)), "the ledger says that delivery %d told; it is %s", id, d.Status)
		}
	}
}

func (c *checker) ref(k, _ []byte) {
	if d, ok := c.rowOf(number(k[len(k)-16:]), "the references"); ok {
		c.want(slices.ContainsFunc(d.Parts, func(p Part) bool { return bytes.Equal(k, refKey(d.ID, p)) }), "a reference names a part that delivery %d does not have", d.ID)
	}
}

// counters compares the counters with the recount.
func (c *checker) counters() {
	for incident, n := range c.open {
		c.status[string(key(countOpen, incident))] = n
	}
	c.each(bCounts, func(k, v []byte) {
		c.want(int(number(v)) == c.status[string(k)], "the counter %q is %d, the recount %d", k, number(v), c.status[string(k)])
		delete(c.status, string(k))
	})
	for k, n := range c.status {
		c.want(n == 0, "the counter %q is missing, the recount is %d", k, n)
	}
}
