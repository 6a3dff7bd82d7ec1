package engine_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/firmware/decide"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/storage/outbox"
)

// inPool runs a test with several workers, fit from the start.
func inPool(t *testing.T, workers []engine.Worker, f func(b *box)) {
	inBoxWith(t, func(o *engine.Options) {
		o.Workers = workers
		for _, w := range workers {
			o.Rules.Carriers = append(o.Rules.Carriers, decide.Carrier{Name: w.Name, Channel: w.Channel})
		}
	}, func(b *box) {
		for _, w := range workers {
			b.tell(event.WorkerChanged{Worker: w.Name, Channel: w.Channel, Fit: true, State: "ready"})
		}
		f(b)
	})
}

func modems(n int) (all []engine.Worker) {
	for i := range n {
		all = append(all, engine.Worker{Name: fmt.Sprintf("lte%d", i), Channel: "sms"})
	}
	return all
}

// mass puts a notice to so many subscribers in the outbox.
func (b *box) mass(id uint64, count int) {
	b.t.Helper()
	defer func() {
		if err := b.Remember(context.Background(), "mass", []byte{1}); err != nil {
			b.t.Error(err)
		}
	}()
	err := b.disk.Store.Update(func(tx *bbolt.Tx) error {
		n := outbox.Notice{ID: id, Kind: "maintenance", Class: uint8(event.Subscriber), Texts: outbox.Texts{outbox.Direct: {"en": "work tonight"}}, Queued: b.Now().Box}
		if err := outbox.PutNotice(tx, n); err != nil {
			return err
		}
		var to []outbox.Recipient
		for i := range count {
			to = append(to, outbox.Recipient{Channel: "sms", Address: fmt.Sprintf("+48700%06d", i), Language: "en"})
		}
		_, err := outbox.Address(tx, id, to, b.Now().Box)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// network takes every text after 50 ms.
type network struct {
	mu    sync.Mutex
	box   *box
	texts map[string]int // by worker
	last  time.Time
}

func (n *network) Hand(c event.Claim) {
	go func() {
		<-time.After(50 * time.Millisecond)
		n.mu.Lock()
		n.texts[c.Row.Worker]++
		n.last = time.Now()
		n.mu.Unlock()
		n.box.Put(event.Outcome{Row: c.Row, Ending: took(1)})
	}()
}

// Two modems carry bulk at 1.9 times one's rate or better.
func TestTwoModemsCarryTwiceAsMuch(t *testing.T) {
	const texts = 1000
	var lasted [4]time.Duration
	t.Run("measured", func(t *testing.T) {
		for _, count := range []int{1, 2, 3} {
			t.Run(fmt.Sprint(count), func(t *testing.T) {
				inPool(t, modems(count), func(b *box) {
					n := &network{box: b, texts: map[string]int{}}
					b.off()
					b.through = n
					b.on()
					for _, w := range modems(count) {
						b.tell(event.WorkerChanged{Worker: w.Name, Channel: w.Channel, Fit: true, State: "ready"})
					}
					began := time.Now()
					b.mass(1<<32, texts)
					b.pass(time.Minute)
					n.mu.Lock()
					defer n.mu.Unlock()
					lasted[count] = n.last.Sub(began)
					for w, carried := range n.texts {
						if carried < texts/count || carried > texts/count+1 {
							t.Errorf("%s carried %d of %d texts", w, carried, texts)
						}
					}
				})
			})
		}
	})
	if ratio := float64(lasted[1]) / float64(lasted[2]); ratio < 1.9 {
		t.Errorf("two modems carry %.2f times what one does (%s, %s)", ratio, lasted[1], lasted[2])
	}
	t.Logf("%d texts of 50 ms: one modem %s, two %s (%.2f times), three %s (%.2f times)", texts,
		lasted[1], lasted[2], float64(lasted[1])/float64(lasted[2]), lasted[3], float64(lasted[1])/float64(lasted[3]))
}

func TestWorkersTakeTurns(t *testing.T) {
	inPool(t, modems(3), func(b *box) {
		var order []string
		for n := range 6 {
			b.mass(uint64(1<<32+n), 1)
			c := b.handed(n + 1)
			order = append(order, c.Row.Worker)
			if c.More {
				t.Errorf("another text is announced behind the only one")
			}
			b.ends(c, took(n))
		}
		if got := fmt.Sprint(order); got != "[lte0 lte1 lte2 lte0 lte1 lte2]" {
			t.Errorf("six texts went by %s", got)
		}
	})
}

func TestTheDriverHearsThatAnotherTextFollows(t *testing.T) {
	inPool(t, modems(1), func(b *box) {
		b.mass(1<<32, 2)
		first := b.handed(1)
		b.ends(first, took(1))
		second := b.handed(2)
		if !first.More || second.More {
			t.Errorf("of two texts the first says %t, the second %t", first.More, second.More)
		}
	})
}

// A worker that refuses for its own reasons does not take the alarm again
// while a sound one is nearly free.
func TestASoundWorkerIsWaitedFor(t *testing.T) {
	inPool(t, modems(2), func(b *box) {
		b.mass(1<<32, 1)
		b.order("OPEN platform x")
		bulk, alarm := b.said()[0], b.handed(2)
		b.ends(alarm, event.Ending{Fate: event.RetryLater, Device: true, Code: "CMS 50"})
		b.pass(20 * time.Second)
		b.handed(2) // lte1 has rested, and leaves it
		b.ends(bulk, took(1))
		if c := b.handed(3); c.Row.Worker != bulk.Row.Worker || c.Row.Delivery != alarm.Row.Delivery || c.Row.Tries != 1 {
			t.Errorf("the alarm went by %s as try %d", c.Row.Worker, c.Row.Tries)
		}
	})
}

// Without another worker, one text that is always refused holds nothing up.
func TestARefusedTextHoldsUpNobody(t *testing.T) {
	inPool(t, modems(1), func(b *box) {
		b.order("OPEN platform x")
		b.mass(1<<32, 1)
		alarm := b.handed(1)
		b.ends(alarm, event.Ending{Fate: event.RetryLater, Device: true, Code: "CMS 8"})
		b.pass(time.Second)
		c := b.handed(2)
		if c.Row.Class != event.Subscriber {
			t.Fatalf("after the rest %s went", c.Text)
		}
		b.ends(c, took(1))
		b.pass(time.Second)
		if c := b.handed(3); c.Row.Delivery != alarm.Row.Delivery {
			t.Errorf("then %s went", c.Text)
		}
	})
}
