package outbox_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"heliograph/storage"
	"heliograph/storage/outbox"
)

var addresses = []string{"+481", "+482", "+483", "+484"}

// pair is the outbox and its model, side by side.
type pair struct {
	t   *rapid.T
	dir string
	s   *storage.Store
	m   model
}

func TestTheOutboxIsItsModel(t *testing.T) {
	t.Parallel()
	root := fastDir(t)
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(root, "")
		if err != nil {
			rt.Fatal(err)
		}
		p := &pair{t: rt, dir: dir, m: model{now: t0, notices: map[uint64]outbox.Notice{}, marks: map[int]uint64{}, ledger: map[place]*memory{}}}
		p.open()
		defer p.end()
		rt.Repeat(map[string]func(*rapid.T){
			"notice":   p.notice,
			"address":  p.address,
			"follow":   p.follow,
			"claim":    p.claim,
			"claim2":   p.claim,
			"close":    p.close,
			"retry":    p.retry,
			"report":   p.report,
			"withdraw": p.withdraw,
			"stand":    p.stand,
			"pass":     p.pass,
			"undone":   p.undone,
			"reopen":   func(*rapid.T) { p.reopen() },
			"":         func(*rapid.T) { p.compare() },
		})
	})
}

// fastDir is a folder in memory where the machine has one: the model commits
// many thousand times, and what it proves does not hang on a disk.
func fastDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "outbox")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func (p *pair) open() {
	s, err := storage.Open(storage.Options{Dir: p.dir})
	if err != nil {
		p.t.Fatal(err)
	}
	p.s = s
}

func (p *pair) reopen() {
	if err := p.s.Close(); err != nil {
		p.t.Fatal(err)
	}
	if err := storage.Check(filepath.Join(p.dir, "heliograph.db")); err != nil {
		p.t.Fatal(err)
	}
	p.open()
}

func (p *pair) end() {
	p.s.Close()
	if err := storage.Check(filepath.Join(p.dir, "heliograph.db")); err != nil {
		p.t.Error(err)
	}
	os.RemoveAll(p.dir)
}

func (p *pair) do(f func(tx *bbolt.Tx) error) {
	if err := p.s.Update(f); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pair) notice(t *rapid.T) {
	n := outbox.Notice{
		ID:       uint64(len(p.m.notices) + 1),
		Incident: rapid.IntRange(0, 2).Draw(t, "incident"),
		Class:    rapid.Uint8Range(0, 2).Draw(t, "class"),
		Effect:   rapid.SampledFrom([]outbox.Effect{outbox.Tells, outbox.Tells, outbox.Neither}).Draw(t, "effect"),
		Standing: rapid.SampledFrom([]outbox.Standing{outbox.Open, outbox.Open, outbox.Held}).Draw(t, "standing"),
		Texts:    outbox.Texts{outbox.Direct: {"en": "x"}},
		Queued:   p.m.now,
	}
	if rapid.Bool().Draw(t, "expires") {
		n.Expires = p.m.now.Add(30 * time.Minute)
	}
	p.put(n)
}

func (p *pair) put(n outbox.Notice) {
	p.do(func(tx *bbolt.Tx) error { return outbox.PutNotice(tx, n) })
	p.m.notices[n.ID] = n
}

func (p *pair) anyNotice(t *rapid.T, fits func(outbox.Notice) bool) uint64 {
	var ids []uint64
	for id, n := range p.m.notices {
		if fits(n) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		t.Skip("no such notice")
	}
	slices.Sort(ids)
	return rapid.SampledFrom(ids).Draw(t, "notice")
}

func (p *pair) address(t *rapid.T) {
	id := p.anyNotice(t, func(n outbox.Notice) bool { return !n.FromLedger })
	due := p.m.now.Add(time.Duration(rapid.IntRange(0, 10).Draw(t, "due")) * time.Minute)
	var to []outbox.Recipient
	for _, a := range rapid.SliceOfNDistinct(rapid.SampledFrom(addresses), 1, 4, rapid.ID[string]).Draw(t, "to") {
		to = append(to, outbox.Recipient{Name: "n" + a, Channel: "sms", Address: a})
		p.m.add(id, a, "n"+a, outbox.Direct, due)
	}
	p.do(func(tx *bbolt.Tx) error {
		_, err := outbox.Address(tx, id, to, due)
		return err
	})
}

func (p *pair) follow(t *rapid.T) {
	n := outbox.Notice{
		ID:         uint64(len(p.m.notices) + 1),
		Incident:   rapid.IntRange(1, 2).Draw(t, "incident"),
		Class:      rapid.Uint8Range(0, 2).Draw(t, "class"),
		Effect:     rapid.SampledFrom([]outbox.Effect{outbox.Tells, outbox.Clears}).Draw(t, "effect"),
		Standing:   outbox.Open,
		Texts:      outbox.Texts{outbox.ToTold: {"en": "x"}},
		Queued:     p.m.now,
		FromLedger: true,
	}
	if n.Effect == outbox.Tells {
		n.Texts[outbox.ToCleared], n.Texts[outbox.ToWaiting] = map[string]string{"en": "y"}, map[string]string{"en": "z"}
	}
	p.put(n)
	p.m.expand(n.ID)
	chunk := rapid.IntRange(1, 5).Draw(t, "chunk")
	for done := false; !done; {
		p.do(func(tx *bbolt.Tx) (err error) {
			done, _, err = outbox.ExpandLedger(tx, n.ID, chunk, nil)
			return err
		})
	}
}

func (p *pair) claim(t *rapid.T) {
	worker := rapid.SampledFrom([]string{"lte0", "lte1"}).Draw(t, "worker")
	if slices.ContainsFunc(p.m.rows, func(d outbox.Delivery) bool { return d.Status == outbox.Sending && d.Worker == worker }) {
		t.Skip("busy")
	}
	want := p.m.claim(worker)
	var got uint64
	p.do(func(tx *bbolt.Tx) error {
		c, err := outbox.Claim(tx, outbox.Worker{Name: worker, Channel: "sms"}, p.m.now, nil)
		if c.Delivery != nil {
			got = c.Delivery.ID
		}
		return err
	})
	if got != want {
		t.Fatalf("%s claims delivery %d, the model %d", worker, got, want)
	}
}

func (p *pair) anyRow(t *rapid.T, fits func(outbox.Delivery) bool) *outbox.Delivery {
	var at []int
	for i, d := range p.m.rows {
		if fits(d) {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		t.Skip("no such row")
	}
	return &p.m.rows[rapid.SampledFrom(at).Draw(t, "row")]
}

func (p *pair) close(t *rapid.T) {
	d := p.anyRow(t, func(d outbox.Delivery) bool { return d.Status == outbox.Sending })
	to := rapid.SampledFrom([]outbox.Status{outbox.Sent, outbox.Sent, outbox.Delivered, outbox.Unsure, outbox.Failed}).Draw(t, "to")
	p.settleRow(d, to)
}

// report is what comes back later about a row that was sent or is unsure.
func (p *pair) report(t *rapid.T) {
	d := p.anyRow(t, func(d outbox.Delivery) bool { return d.Status == outbox.Sent || d.Status == outbox.Unsure })
	p.settleRow(d, rapid.SampledFrom([]outbox.Status{outbox.Delivered, outbox.Failed}).Draw(t, "to"))
}

func (p *pair) settleRow(d *outbox.Delivery, to outbox.Status) {
	p.do(func(tx *bbolt.Tx) error {
		_, err := outbox.Close(tx, d.ID, to, p.m.now, "", "", nil)
		return err
	})
	p.m.change(d, to, false)
}

func (p *pair) retry(t *rapid.T) {
	d := p.anyRow(t, func(d outbox.Delivery) bool { return d.Status == outbox.Sending })
	again, uncount := rapid.Bool().Draw(t, "again"), rapid.Bool().Draw(t, "uncount")
	due := p.m.now.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "due")) * time.Minute)
	p.do(func(tx *bbolt.Tx) error {
		_, err := outbox.Retry(tx, d.ID, due, again, uncount, "", "", p.m.now)
		return err
	})
	d.Due = due
	if uncount {
		d.Tries--
	}
	if d.Again = d.Again || again; d.Again {
		p.m.change(d, outbox.Unsure, true)
	} else {
		p.m.change(d, outbox.Pending, true)
	}
}

func (p *pair) withdraw(t *rapid.T) {
	incident := rapid.IntRange(1, 2).Draw(t, "incident")
	upTo := uint64(rapid.IntRange(0, len(p.m.notices)).Draw(t, "up to"))
	p.do(func(tx *bbolt.Tx) error { return outbox.Withdraw(tx, incident, upTo) })
	p.m.marks[incident] = max(p.m.marks[incident], upTo)
}

func (p *pair) stand(t *rapid.T) {
	id := p.anyNotice(t, func(n outbox.Notice) bool { return p.m.standing(n.ID) != outbox.Withdrawn })
	to := rapid.SampledFrom([]outbox.Standing{outbox.Open, outbox.Open, outbox.Held, outbox.Held, outbox.Withdrawn}).Draw(t, "to")
	p.do(func(tx *bbolt.Tx) error { return outbox.SetStanding(tx, id, to) })
	n := p.m.notices[id]
	n.Standing = to
	p.m.notices[id] = n
}

func (p *pair) pass(t *rapid.T) {
	p.m.now = p.m.now.Add(time.Duration(rapid.IntRange(1, 8).Draw(t, "minutes")) * time.Minute)
}

// undone claims and withdraws in a transaction that does not commit.
func (p *pair) undone(t *rapid.T) {
	err := p.s.Update(func(tx *bbolt.Tx) error {
		if err := outbox.Withdraw(tx, 1, 1<<40); err != nil {
			return err
		}
		outbox.Claim(tx, outbox.Worker{Name: "lte0", Channel: "sms"}, p.m.now.Add(time.Hour), nil)
		return errSeen
	})
	if err != errSeen {
		t.Fatal(err)
	}
}

// errSeen undoes what compare tidied: the story goes on with the work undone,
// and nothing is written for the look.
var errSeen = errors.New("seen")

// compare tidies and holds every row, counter and ledger row against the model.
func (p *pair) compare() {
	p.m.settle()
	err := p.s.Update(func(tx *bbolt.Tx) error {
		for n := 1; n > 0; {
			var err error
			if n, err = outbox.Tidy(tx, p.m.now, 2); err != nil {
				return err
			}
		}
		if faults := outbox.Check(tx); len(faults) > 0 {
			return fmt.Errorf("check: %v", faults)
		}
		return cmp.Or(p.compareRows(tx), errSeen)
	})
	if err != errSeen {
		p.t.Fatal(err)
	}
}

func (p *pair) compareRows(tx *bbolt.Tx) error {
	counts := map[outbox.Status]int{}
	flying := map[string]uint64{}
	for _, want := range p.m.rows {
		got, err := outbox.Row(tx, want.ID)
		if err != nil {
			return err
		}
		if a, b := gist(got), gist(want); a != b {
			return fmt.Errorf("delivery %d is %s, the model says %s", want.ID, a, b)
		}
		counts[want.Status]++
		if want.Status == outbox.Sending {
			if flying[want.Worker] != 0 {
				return fmt.Errorf("%s carries two", want.Worker)
			}
			flying[want.Worker] = want.ID
		}
	}
	for _, c := range outbox.Counts(tx) {
		counts[c.Status] -= c.N
	}
	for s, n := range counts {
		if n != 0 {
			return fmt.Errorf("the counter of %s is %d too low", s, n)
		}
	}
	if all, err := outbox.InFlight(tx); err != nil || len(all) != len(flying) {
		return fmt.Errorf("in flight are %v, the model says %v (%w)", all, slices.Collect(maps.Keys(flying)), err)
	}
	return p.compareLedger(tx)
}

func gist(d outbox.Delivery) string {
	return fmt.Sprint(d.Status, " notice ", d.Notice, " to ", d.Address, d.Variant, " due ", d.Due.Sub(t0), " tries ", d.Tries, " by ", d.Worker, " again ", d.Again, " queued ", d.Queue)
}

func (p *pair) compareLedger(tx *bbolt.Tx) error {
	seen := 0
	for incident := 1; incident <= 2; incident++ {
		rows, err := outbox.Ledger(tx, incident)
		if err != nil {
			return err
		}
		for _, r := range rows {
			seen++
			k := p.m.ledger[place{incident, r.Address}]
			if k == nil || !slices.Equal(k.telling, r.Telling) || !slices.Equal(k.before, r.Before) || k.cleared != r.Cleared || k.waiting != r.Waiting || k.name != r.Recipient {
				return fmt.Errorf("incident %d knows of %s: %+v, the model says %+v", incident, r.Address, r, k)
			}
		}
	}
	if seen != len(p.m.ledger) {
		return fmt.Errorf("the ledger has %d rows, the model %d", seen, len(p.m.ledger))
	}
	return nil
}
