package outbox_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"heliograph/storage/outbox"
	"heliograph/storage/storagetest"
)

// Numbers as people write them: the desk puts +48 before a name.
const ada, bob, eve = "600100123", "600100124", "600100125"

// sameNumber compares numbers with and without their country.
func sameNumber(a, b string) bool {
	bare := func(s string) string { return strings.TrimPrefix(strings.TrimPrefix(s, "+"), "48") }
	return bare(a) == bare(b)
}

func (k *desk) erase(name string) (done outbox.Erased) {
	k.t.Helper()
	k.Do(func(tx *bbolt.Tx) (err error) {
		done, err = outbox.Erase(tx, "+48"+name, sameNumber, 7, k.now)
		return err
	})
	k.look(func(tx *bbolt.Tx) error { return nowhere(tx, name) })
	k.look(sound)
	return done
}

func sound(tx *bbolt.Tx) error {
	for _, fault := range outbox.Check(tx) {
		return fault
	}
	return nil
}

// nowhere looks for a number in every byte of the outbox's buckets, also as
// JSON writes bytes and as a PDU writes digits.
func nowhere(tx *bbolt.Tx, name string) error {
	return tx.ForEach(func(bucket []byte, b *bbolt.Bucket) error {
		return b.ForEach(func(k, v []byte) error {
			for _, raw := range slices.Concat([][]byte{k, v}, unpacked(v)) {
				if bytes.Contains(raw, []byte(name)) || bytes.Contains(raw, []byte("8406100021F3")) && name == ada {
					return fmt.Errorf("%s still holds it: %q = %q", bucket, k, v)
				}
			}
			return nil
		})
	})
}

// unpacked finds what base64 hides.
func unpacked(v []byte) (found [][]byte) {
	for _, word := range bytes.FieldsFunc(v, func(r rune) bool { return r == '"' }) {
		if b, err := base64.StdEncoding.DecodeString(string(word)); err == nil {
			found = append(found, b)
		}
	}
	return found
}

// TestANumberIsErasedFromEverything that the outbox keeps of a person: what
// was sent, what waits, what may go again, the ledger, limits, reports, parts,
// and sentences.
func TestANumberIsErasedFromEverything(t *testing.T) {
	k := newDesk(t)
	k.limits = []outbox.Limit{{Key: "a person", Scope: outbox.PerRecipient, Max: 10, Window: time.Hour}}
	k.notice(outbox.Notice{ID: 1, Kind: "down", Effect: outbox.Tells})
	k.address(1, ada, bob)
	k.expect("lte0", ada+": down")
	k.outcome("lte0", outbox.Sent, outbox.Part{Number: 1, Of: 1, Ref: 12, At: k.now})
	k.expect("lte0", bob+": down")
	k.outcome("lte0", outbox.Sent)
	k.notice(outbox.Notice{ID: 2, Kind: "update", FromLedger: true, Except: []string{"+48" + ada}})
	k.expand(2)
	k.notice(outbox.Notice{ID: 3, Kind: "reminder"})
	k.address(3, ada)
	k.notice(outbox.Notice{ID: 4, Kind: "again"})
	k.address(4, eve, ada)
	k.in("lte0|+48"+ada+"|3|2", 1, 2, "one")
	k.in("lte0|+48"+bob+"|3|2", 1, 2, "one")
	k.Do(func(tx *bbolt.Tx) error {
		return outbox.KeepReport(tx, outbox.Report{Worker: "lte0", Ref: 99, Address: "48" + ada, At: k.now, Outcome: outbox.Delivered})
	})
	k.Do(func(tx *bbolt.Tx) error {
		return outbox.KeepReport(tx, outbox.Report{Worker: "lte0", Ref: 98, Address: ada, At: k.now, Outcome: outbox.Delivered})
	})
	for _, text := range []string{
		"told +48" + ada + ", then +48" + bob, "a message could not be read: 0791840600000000040B918406100021F30000626011", "called 4711 and 20261122",
	} {
		k.Do(func(tx *bbolt.Tx) error {
			return outbox.Append(tx, 7, outbox.Entry{Box: k.now, What: "told", Text: text, Recipient: "+48" + ada})
		})
	}

	done := k.erase(ada)
	if done.Deliveries != 3 || done.Closed != 2 || done.Told != 1 || done.Parts != 1 || done.Lines != 3 {
		t.Errorf("%+v", done)
	}
	if first := k.row(1); !outbox.IsErased(first.Address) || first.Status != outbox.Sent || len(first.Address) != len("erased-3fa9") {
		t.Errorf("what was sent is now %+v", first)
	}
	k.expectCounts("pending 2, sent 2, superseded 2")
	k.look(func(tx *bbolt.Tx) error {
		lines, err := outbox.Timeline(tx, 7)
		mark := k.row(1).Address
		for i, want := range []string{"told " + mark + ", then +48" + bob, "a message could not be read: " + mark, "called 4711 and 20261122"} {
			if lines[i].Text != want || lines[i].Recipient != mark {
				t.Errorf("line %d is %q, want %q", i, lines[i].Text, want)
			}
		}
		return err
	})
	if got := k.in("lte0|+48"+bob+"|3|2", 2, 2, "two"); got != "onetwo" {
		t.Errorf("another's text is %q", got)
	}
}

// TestNothingMoreGoesToSomebodyErased: neither what waits, nor what is being
// sent and fails, nor the all-clear.
func TestNothingMoreGoesToSomebodyErased(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Effect: outbox.Tells})
	k.address(1, ada, bob, eve)
	k.expect("lte0", ada+": down")
	k.retry("lte0", 2*time.Minute, true) // it may have arrived: it would go again
	k.expect("lte0", bob+": down")
	k.outcome("lte0", outbox.Sent)
	if done := k.erase(ada); done.Closed != 1 || done.Told != 1 {
		t.Errorf("%+v", done)
	}
	k.expectCounts("pending 1, unsure 1, sent 1")
	k.expect("lte0", eve+": down")
	k.erase(eve) // while it is being sent
	if d := k.held("lte0"); !outbox.IsErased(d.Address) {
		t.Errorf("in flight is %+v", d)
	}
	k.retry("lte0", time.Minute, false)
	k.pass(time.Hour)
	k.expect("lte0", "")
	k.expectCounts("unsure 1, sent 1, superseded 1")

	k.notice(outbox.Notice{ID: 2, Kind: "clear", Effect: outbox.Clears, FromLedger: true})
	if n := k.expand(2); n != 1 {
		t.Errorf("the all-clear goes to %d", n)
	}
	k.expect("lte0", bob+": clear to-told")
	k.outcome("lte0", outbox.Sent)
	k.expect("lte0", "")
	k.look(func(tx *bbolt.Tx) error {
		if n := outbox.OpenOfIncident(tx, 7); n != 0 {
			return fmt.Errorf("%d are open", n)
		}
		return nil
	})
}

// TestWhatIsSentWhileItIsErasedEndsAsItEnds and its report comes to nothing.
func TestWhatIsSentWhileItIsErasedEndsAsItEnds(t *testing.T) {
	k := newDesk(t)
	k.limits = []outbox.Limit{{Key: "a person", Scope: outbox.PerRecipient, Max: 10, Window: time.Hour}}
	k.notice(outbox.Notice{ID: 1, Kind: "down", Effect: outbox.Tells})
	k.address(1, ada)
	k.expect("lte0", ada+": down")
	k.erase(ada)
	d := k.outcome("lte0", outbox.Sent, outbox.Part{Number: 1, Of: 1, Ref: 12, At: k.now})
	if d.Status != outbox.Sent {
		t.Errorf("it is %s", d.Status)
	}
	k.look(func(tx *bbolt.Tx) error {
		_, ok, err := outbox.MatchReport(tx, outbox.Report{Worker: "lte0", Ref: 12, Address: "+48" + ada, At: k.now}, time.Hour, sameNumber)
		if ok {
			t.Error("a report finds somebody erased")
		}
		return err
	})
	k.expect("lte0", "")
}

// TestAMassNoticeHalfWritten goes on where it was, without the one erased at
// whom it stood.
func TestAMassNoticeHalfWritten(t *testing.T) {
	k := newDesk(t)
	names := []string{"600100121", "600100122", ada, bob, eve}
	k.notice(outbox.Notice{ID: 1, Kind: "down", Effect: outbox.Tells})
	k.address(1, names...)
	for _, name := range names {
		k.expect("lte0", name+": down")
		k.outcome("lte0", outbox.Sent)
	}
	k.notice(outbox.Notice{ID: 2, Kind: "update", FromLedger: true})
	k.Do(func(tx *bbolt.Tx) error { _, _, err := outbox.ExpandLedger(tx, 2, 3, nil); return err })
	k.erase(ada)
	k.expand(2)
	for _, name := range []string{"600100121", "600100122", bob, eve} {
		k.expect("lte0", name+": update to-told")
		k.outcome("lte0", outbox.Sent)
	}
	k.expect("lte0", "")

	k.notice(outbox.Notice{ID: 3, Kind: "third", FromLedger: true})
	k.Do(func(tx *bbolt.Tx) error { _, _, err := outbox.ExpandLedger(tx, 3, 1, nil); return err })
	k.erase("600100121") // the first
	k.expand(3)
	for _, name := range []string{"600100122", bob, eve} {
		k.expect("lte0", name+": third to-told")
		k.outcome("lte0", outbox.Sent)
	}
	k.expect("lte0", "")
}

// TestTwoErasedAreTwoMarks also when one of them comes back and goes again.
func TestTwoErasedAreTwoMarks(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Effect: outbox.Tells})
	k.address(1, ada, bob)
	one, two := k.erase(ada), k.erase(bob)
	k.notice(outbox.Notice{ID: 2, Kind: "down", Effect: outbox.Tells})
	k.address(2, ada)
	three := k.erase(ada) // the same salt gives the same mark: it is taken
	marks := slices.Concat(one.Marks, two.Marks, three.Marks)
	if slices.Sort(marks); len(slices.Compact(marks)) != 3 {
		t.Errorf("marks %v, %v, %v", one.Marks, two.Marks, three.Marks)
	}
	if len(k.ledger()) == 0 || strings.Count(k.ledger(), ",") != 2 {
		t.Errorf("the ledger is %s", k.ledger())
	}
	k.Do(func(tx *bbolt.Tx) error {
		if _, err := outbox.Erase(tx, "ACME", sameNumber, 7, k.now); err == nil {
			t.Error("something without digits was erased")
		}
		return nil
	})
}

// TestErasedAtAnyTime: whatever was done before, nothing of the number is left
// and the outbox is sound; whatever is done after, nothing goes to a mark.
func TestErasedAtAnyTime(t *testing.T) {
	t.Parallel()
	root, names := fastDir(t), []string{ada, bob, eve}
	ends := []outbox.Status{outbox.Sent, outbox.Delivered, outbox.Unsure, outbox.Failed}
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(root, "")
		if err != nil {
			rt.Fatal(err)
		}
		k := &desk{Store: storagetest.OpenIn(t, dir), t: t, now: t0}
		k.limits = []outbox.Limit{{Key: "a person", Scope: outbox.PerRecipient, Max: 50, Window: time.Hour}}
		id, gone := uint64(0), ""
		rt.Repeat(map[string]func(*rapid.T){
			"notice": func(rt *rapid.T) {
				id++
				k.notice(outbox.Notice{ID: id, Kind: "down", Class: rapid.Uint8Range(0, 2).Draw(rt, "class"),
					Effect: rapid.SampledFrom([]outbox.Effect{outbox.Tells, outbox.Neither}).Draw(rt, "effect"), FromLedger: true,
					Except: []string{"+48" + eve}})
				k.address(id, slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == gone })...)
			},
			"expand": func(rt *rapid.T) {
				if id > 0 {
					k.Do(func(tx *bbolt.Tx) error { _, _, err := outbox.ExpandLedger(tx, id, 2, nil); return err })
				}
			},
			"claim": func(rt *rapid.T) {
				for _, w := range []string{"lte0", "lte1"} {
					if k.flying(w) == 0 {
						if said := k.claim(w); gone != "" && strings.HasPrefix(said, gone) {
							rt.Errorf("%s claims %q", w, said)
						}
						if d := k.flying(w); d != 0 && outbox.IsErased(k.row(d).Address) {
							rt.Errorf("%s claims %+v", w, k.row(d))
						}
					}
				}
			},
			"outcome": func(rt *rapid.T) {
				if d := k.flying("lte0"); d != 0 {
					k.close(d, rapid.SampledFrom(ends).Draw(rt, "end"))
				}
			},
			"retry": func(rt *rapid.T) {
				if k.flying("lte1") != 0 {
					k.retry("lte1", time.Duration(rapid.IntRange(0, 5).Draw(rt, "minutes"))*time.Minute, rapid.Bool().Draw(rt, "again"))
				}
			},
			"withdraw": func(rt *rapid.T) { k.withdraw(id) },
			"tidy":     func(rt *rapid.T) { k.pass(time.Minute); k.tidy() },
			"erase": func(rt *rapid.T) {
				gone = rapid.SampledFrom(names).Draw(rt, "whose")
				k.erase(gone)
			},
		})
		if gone != "" {
			k.erase(gone)
		}
	})
}

// flying is what a worker has in flight; zero: nothing.
func (k *desk) flying(worker string) (id uint64) {
	k.look(func(tx *bbolt.Tx) error {
		all, err := outbox.InFlight(tx)
		for _, d := range all {
			if d.Worker == worker {
				id = d.ID
			}
		}
		return err
	})
	return id
}
