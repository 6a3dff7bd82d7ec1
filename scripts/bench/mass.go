package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/storage"
	"heliograph/storage/outbox"
)

// many is how many deliveries are expanded.
const many = 100_000

// mass has the real binary expand an update to 100,000 people who were told.
// There are no subscribers in this build: an incident is opened by order, and
// while the appliance is stopped its ledger gets 100,000 more rows.
func mass(ctx context.Context, b *bench) error {
	r, err := b.newRig(0, false, true)
	if err != nil {
		return err
	}
	defer r.close()
	a, err := b.appliance(r, 1, "")
	if err != nil {
		return err
	}
	defer a.kill()
	if err := a.opened(ctx, r); err != nil {
		return err
	}
	if err := tell(a.data); err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	if err := a.start(ctx); err != nil {
		return err
	}
	if err := b.expand(ctx, a, r); err != nil {
		return err
	}
	a.kill()
	if err := pause(ctx, 500*time.Millisecond); err != nil { // what it wrote last is off the line
		return err
	}
	return b.restart(ctx, a, r)
}

// opened opens incident 1 and stops the appliance, so that its ledger can be
// written to.
func (a *appliance) opened(ctx context.Context, r *rig) error {
	if err := a.start(ctx); err != nil {
		return err
	}
	if err := a.order(ctx, 1); err != nil {
		return err
	}
	if err := until(ctx, 10*time.Second, "the first texts did not go", func() bool { return len(r.net.Submitted()) == a.people }); err != nil {
		return err
	}
	err := pause(ctx, 500*time.Millisecond) // its outcome is written
	a.kill()
	return err
}

// tell enters 100,000 people who were told of incident 1, by 1,000 in a commit.
func tell(dir string) error {
	return subscribers(dir, many, func(tx *bbolt.Tx, n int) error {
		for range n {
			c, err := outbox.Claim(tx, outbox.Worker{Name: "bench", Channel: "sms"}, time.Now().UTC(), nil)
			if err != nil || c.Delivery == nil {
				return fmt.Errorf("nothing to claim: %w", err)
			}
			if _, err := outbox.Close(tx, c.Delivery.ID, outbox.Sent, time.Now().UTC(), "", "", nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// subscribers writes deliveries of incident 1, by at most 1,000 in a commit;
// then may do something with those just written.
func subscribers(dir string, total int, then func(tx *bbolt.Tx, n int) error) error {
	s, err := storage.Open(storage.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer s.Close()
	const notice = 1 << 40 // far above those the appliance will give
	now := time.Now().UTC()
	err = s.Update(func(tx *bbolt.Tx) error {
		return outbox.PutNotice(tx, outbox.Notice{ID: notice, Incident: 1, Kind: "down", Audience: "subscribers", Class: 4, Effect: outbox.Tells, Queued: now, Due: now,
			Texts: outbox.Texts{outbox.Direct: {"en": strings.Repeat("x", 150)}}})
	})
	for from := 0; from < total && err == nil; from += 1000 {
		err = s.Update(func(tx *bbolt.Tx) error {
			to := make([]outbox.Recipient, min(1000, total-from))
			for i := range to {
				to[i] = outbox.Recipient{Name: fmt.Sprintf("subscriber:%06d", from+i), Channel: "sms", Address: fmt.Sprintf("+48700%06d", from+i), Language: "en"}
			}
			if _, err := outbox.Address(tx, notice, to, now); err != nil {
				return err
			}
			return then(tx, len(to))
		})
	}
	return err
}

// expand orders the update, and urgent texts while it is written.
func (b *bench) expand(ctx context.Context, a *appliance, r *rig) error {
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	began := time.Now()
	if answer, err := a.client.Order(ctx, "SAY 1 splicing has begun"); err != nil || !answer.OK {
		return fmt.Errorf("SAY: %s %w", answer.Text, err)
	}
	var urgent []float64
	for {
		rows, err := a.rows(ctx)
		if err != nil {
			return err
		}
		if rows >= 2*many+1 {
			break
		}
		took, err := b.urgent(ctx, a, r)
		if err != nil {
			return err
		}
		urgent = append(urgent, took)
	}
	took := time.Since(began)
	b.put("an update to 100,000 people: SAY to all deliveries written", took.Seconds(), "s", "< 5", 5)
	b.note("with %d urgent incidents opened meanwhile", len(urgent))
	b.put("urgent order meanwhile, to its text taken, median", median(urgent), "ms", "", 0)
	if len(urgent) > 0 {
		b.note("longest: %s ms; one chunk of 1,000 rows and one text may come first", number(slices.Max(urgent)))
	}
	b.put("resident memory then", a.memory("VmRSS"), "MB", "< 64", 64)
	b.note("of its own: %s MB; the rest are pages of the binary and of a file with 200,000 rows", number(a.memory("RssAnon")))
	return nil
}

// urgent opens an incident and waits until the SMSC has its text.
func (b *bench) urgent(ctx context.Context, a *appliance, r *rig) (float64, error) {
	began := time.Now()
	if err := a.order(ctx, 1); err != nil {
		return 0, err
	}
	word := fmt.Sprintf("case%dx", a.orders)
	err := until(ctx, 30*time.Second, "the urgent text did not go", func() bool {
		for _, t := range r.net.Phone(person(0)).Texts() {
			if strings.Contains(t.Body, word) {
				return true
			}
		}
		return false
	})
	return ms(time.Since(began)), err
}

// restart starts the appliance with the deliveries pending.
func (b *bench) restart(ctx context.Context, a *appliance, r *rig) error {
	r.tap.forget()
	began := time.Now()
	if err := a.exec(); err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	at, err := r.tap.next(wait)
	if err != nil {
		return fmt.Errorf("%w: %s", err, tail(a.log))
	}
	b.put("killed and restarted with them pending: exec to AT+CMGS", at.Sub(began).Seconds(), "s", "< 1", 1)
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	b.put("resident memory then", a.memory("VmRSS"), "MB", "< 64", 64)
	b.note("of its own, not pages of files: %s MB", number(a.memory("RssAnon")))
	return nil
}
