package outbox_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/storage/outbox"
	"heliograph/storage/storagetest"
)

// night is the story that the power cuts interrupt, one commit a line.
func night() []func(tx *bbolt.Tx) error {
	lte0, lte1 := outbox.Worker{Name: "lte0", Channel: "sms"}, outbox.Worker{Name: "lte1", Channel: "sms"}
	at := func(minutes int) time.Time { return t0.Add(time.Duration(minutes) * time.Minute) }
	texts := outbox.Texts{outbox.Direct: {"en": "down"}, outbox.ToTold: {"en": "more"}, outbox.ToCleared: {"en": "again"}, outbox.ToWaiting: {"en": "down"}}
	notice := func(n outbox.Notice) func(tx *bbolt.Tx) error {
		n.Incident, n.Texts, n.Queued = 7, texts, t0
		return func(tx *bbolt.Tx) error { return outbox.PutNotice(tx, n) }
	}
	address := func(id uint64, names ...string) func(tx *bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			var to []outbox.Recipient
			for _, name := range names {
				to = append(to, sms(name))
			}
			_, err := outbox.Address(tx, id, to, t0)
			return err
		}
	}
	claim := func(w outbox.Worker, minutes int) func(tx *bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			c, err := outbox.Claim(tx, w, at(minutes), nil)
			if err == nil && c.Delivery == nil {
				return fmt.Errorf("%s has nothing to do at minute %d", w.Name, minutes)
			}
			return err
		}
	}
	ends := func(id uint64, to outbox.Status) func(tx *bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			_, err := outbox.Close(tx, id, to, at(1), "", "", []outbox.Part{{Number: 1, Of: 1, Ref: int(id), At: at(1)}})
			return err
		}
	}
	expand := func(id uint64) func(tx *bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			_, _, err := outbox.ExpandLedger(tx, id, 2, nil)
			return err
		}
	}
	return []func(tx *bbolt.Tx) error{
		notice(outbox.Notice{ID: 1, Kind: "down", Effect: outbox.Tells}),
		address(1, "ada", "bob"),
		address(1, "carl", "dora"),
		claim(lte0, 0),
		claim(lte1, 0),
		ends(1, outbox.Sent),
		claim(lte0, 1),
		func(tx *bbolt.Tx) error {
			_, err := outbox.Retry(tx, 2, at(2), true, false, "timeout", "", at(1))
			return err
		},
		func(tx *bbolt.Tx) error { return outbox.Withdraw(tx, 7, 1) },
		notice(outbox.Notice{ID: 2, Kind: "clear", Effect: outbox.Clears, FromLedger: true}),
		expand(2),
		claim(lte1, 2),
		expand(2),
		expand(2),
		ends(3, outbox.Failed),
		ends(5, outbox.Sent),
		func(tx *bbolt.Tx) error { return outbox.Withdraw(tx, 7, 2) },
		notice(outbox.Notice{ID: 3, Kind: "again", Effect: outbox.Tells, FromLedger: true}),
		expand(3),
		expand(3),
		claim(lte0, 3),
		func(tx *bbolt.Tx) error {
			_, err := outbox.Tidy(tx, at(3), 100)
			return err
		},
	}
}

// TestThePowerIsCutBetweenEveryTwoCommits takes the file as it is on the disk
// after each commit, once whole and once with the last commit torn, and starts
// again from it.
func TestThePowerIsCutBetweenEveryTwoCommits(t *testing.T) {
	t.Parallel()
	live := storagetest.OpenIn(t, fastDir(t))
	before := portrait(t, live)
	for i, commit := range night() {
		var page int
		live.Do(func(tx *bbolt.Tx) error {
			page = tx.ID() % 2 // where this commit's meta page goes
			return commit(tx)
		})
		after := portrait(t, live)
		b, err := os.ReadFile(live.Path())
		if err != nil {
			t.Fatal(err)
		}
		startFrom(t, b, after, fmt.Sprintf("after commit %d", i+1))
		clear(b[page*os.Getpagesize():][:os.Getpagesize()])
		startFrom(t, b, before, fmt.Sprintf("with commit %d torn", i+1))
		before = after
	}
}

// startFrom opens a copy of a file, expects a state, and lets the box do what it
// does after a start: what was in flight is unsure and goes again, marked, and
// all that waits is sent.
func startFrom(t *testing.T, file []byte, want, when string) {
	t.Helper()
	dir := fastDir(t)
	if err := os.WriteFile(filepath.Join(dir, "heliograph.db"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	s := storagetest.OpenIn(t, dir)
	if a, err := s.SetAside(); a != nil || err != nil {
		t.Fatalf("%s the file was set aside: %+v (%v)", when, a, err)
	}
	if got := portrait(t, s); got != want {
		t.Fatalf("%s the box knows\n%s\nwant\n%s", when, got, want)
	}
	now := t0.Add(time.Hour)
	flying := map[uint64]bool{}
	s.Do(func(tx *bbolt.Tx) error {
		all, err := outbox.InFlight(tx)
		for _, d := range all {
			flying[d.ID] = true
			if _, err := outbox.Retry(tx, d.ID, now, true, false, "", "", now); err != nil {
				return err
			}
		}
		return err
	})
	sent := map[uint64]bool{}
	for more := true; more; {
		s.Do(func(tx *bbolt.Tx) error {
			c, err := outbox.Claim(tx, outbox.Worker{Name: "lte0", Channel: "sms"}, now, nil)
			if more = c.Delivery != nil; !more || err != nil {
				return err
			}
			if d := c.Delivery; sent[d.ID] || flying[d.ID] && !d.Again {
				t.Errorf("%s delivery %d goes twice unmarked", when, d.ID)
			}
			sent[c.Delivery.ID] = true
			_, err = outbox.Close(tx, c.Delivery.ID, outbox.Sent, now, "", "", nil)
			return err
		})
	}
	s.Do(func(tx *bbolt.Tx) error {
		if n := outbox.OpenOfIncident(tx, 7); n != 0 {
			return fmt.Errorf("%s %d deliveries are never sent", when, n)
		}
		return nil
	})
}

// portrait is all that the outbox knows about the story, as text.
func portrait(t *testing.T, s *storagetest.Store) (text string) {
	t.Helper()
	err := s.View(func(tx *bbolt.Tx) error {
		rows, err := outbox.Rows(tx, outbox.Filter{})
		if err != nil {
			return err
		}
		told, err := outbox.Ledger(tx, 7)
		if err != nil {
			return err
		}
		notices, err := outbox.Notices(tx, 7)
		if err != nil {
			return err
		}
		b, err := json.MarshalIndent(map[string]any{"rows": rows, "told": told, "notices": notices, "counts": outbox.Counts(tx)}, "", " ")
		text = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}
