package audit_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"heliograph/storage/audit"
	"heliograph/storage/storagetest"
)

var t0 = time.Date(2026, 11, 22, 4, 2, 0, 123456789, time.UTC)

// night is what people ordered in a night, in the order of time.
func night(n int) []audit.Entry {
	var all []audit.Entry
	for i := range n {
		e := audit.Entry{
			Box: t0.Add(time.Duration(i) * time.Minute), Wall: t0.Add(time.Duration(i)*time.Minute + time.Second), Trusted: i%3 > 0,
			By: []string{"ada", "bob", "uid 1000"}[i%3], From: "…123", Way: "text", Order: fmt.Sprintf("SAY %d splicing has begun", i+1),
			Proof: []string{"none needed", "call-back code", "socket"}[i%3], Effect: "said to 4 people, łódź included",
		}
		all = append(all, e)
	}
	return all
}

// logged is a store with so many entries.
func logged(t testing.TB, n int) *storagetest.Store {
	t.Helper()
	s := storagetest.Open(t)
	s.Do(func(tx *bbolt.Tx) error { return enter(tx, night(n)...) })
	return s
}

func enter(tx *bbolt.Tx, list ...audit.Entry) error {
	for _, e := range list {
		if _, err := audit.Append(tx, e); err != nil {
			return err
		}
	}
	return nil
}

func verify(t testing.TB, s *storagetest.Store) string {
	t.Helper()
	return said(t, s.View(audit.Verify))
}

// said is what a Verify said; empty: the chain is sound.
func said(t testing.TB, err error) string {
	t.Helper()
	var b *audit.Break
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &b):
		t.Fatalf("%v is no *Break", err)
	}
	return err.Error()
}

func TestWhatWasEnteredIsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	s := logged(t, 5)
	s.Reopen()
	err := s.View(func(tx *bbolt.Tx) error {
		all, err := audit.Entries(tx, 1, 100)
		if err != nil || len(all) != 5 {
			return fmt.Errorf("%d entries, %v", len(all), err)
		}
		var before audit.Hash
		for i, want := range night(5) {
			want.Number, want.Previous, want.Hash = uint64(i+1), before, all[i].Hash
			if all[i] != want {
				t.Errorf("entry %d is\n  %+v\nwant\n  %+v", i+1, all[i], want)
			}
			before = all[i].Hash
		}
		if head := audit.Newest(tx); head != (audit.Head{Number: 5, Hash: before}) || head.Hash.Short() != before.String()[:8] {
			t.Errorf("the head is %+v", head)
		}
		some, err := audit.Entries(tx, 3, 2)
		if len(some) != 2 || some[0] != all[2] || some[1] != all[3] {
			t.Errorf("two from 3 on are %+v", some)
		}
		if tail, _ := audit.Tail(tx, 2); !slices.Equal(tail, all[3:]) {
			t.Errorf("the last two are %+v", tail)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := verify(t, s); got != "" {
		t.Error(got)
	}
}

func TestAnEmptyLogIsSound(t *testing.T) {
	t.Parallel()
	s := logged(t, 0)
	if got := verify(t, s); got != "" {
		t.Error(got)
	}
	err := s.View(func(tx *bbolt.Tx) error {
		if h := audit.Newest(tx); h != (audit.Head{}) {
			t.Errorf("its head is %+v", h)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTheFormIsAsItIsWrittenDown builds the first entry by the words of the
// package's comment alone: a form that changes would break all chains there
// are.
func TestTheFormIsAsItIsWrittenDown(t *testing.T) {
	t.Parallel()
	body := "" +
		"\x00\x00\x00\x12heliograph audit 1" +
		"\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x01" +
		"\x00\x00\x00\x0c\x00\x00\x00\x00\x6b\x03\x9d\xe8\x00\x00\x00\x05" + // 1795399144 s, 5 ns
		"\x00\x00\x00\x0c\x00\x00\x00\x00\x6b\x03\x9d\xe9\x00\x00\x00\x00" +
		"\x00\x00\x00\x01\x01" +
		"\x00\x00\x00\x03ada" + "\x00\x00\x00\x06…123" + "\x00\x00\x00\x04text" +
		"\x00\x00\x00\x05ACK 7" + "\x00\x00\x00\x0bnone needed" + "\x00\x00\x00\x0b#7 is ada's" +
		"\x00\x00\x00\x20" + strings.Repeat("\x00", 32)
	want := sha256.Sum256([]byte(body))
	s := storagetest.Open(t)
	s.Do(func(tx *bbolt.Tx) error {
		e, err := audit.Append(tx, audit.Entry{
			Box: time.Unix(0x6b039de8, 5), Wall: time.Unix(0x6b039de9, 0), Trusted: true,
			By: "ada", From: "…123", Way: "text", Order: "ACK 7", Proof: "none needed", Effect: "#7 is ada's",
		})
		if e.Hash != want {
			t.Errorf("hash %s, want %x", e.Hash, want)
		}
		if v := tx.Bucket([]byte("audit")).Get(binary.BigEndian.AppendUint64(nil, 1)); string(v) != body+string(want[:]) {
			t.Errorf("stored as %q", v)
		}
		return err
	})
}

// TestEveryKindOfBreakIsNamed: who tampers with the file is told apart.
func TestEveryKindOfBreakIsNamed(t *testing.T) {
	t.Parallel()
	key := func(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
	for _, c := range []struct {
		name string
		do   func(b, ends *bbolt.Bucket)
		want string
	}{
		{"a word is changed", func(b, _ *bbolt.Bucket) {
			b.Put(key(3), bytes.Replace(b.Get(key(3)), []byte("bob"), []byte("eve"), 1))
			b.Put(key(3), bytes.Replace(b.Get(key(3)), []byte("uid 1000"), []byte("uid 1001"), 1))
		}, "the audit log is broken at entry 3: it was edited: its hash does not fit what it says"},
		{"one is dropped", func(b, _ *bbolt.Bucket) { b.Delete(key(3)) }, "the audit log is broken at entry 3: it is missing"},
		{"three are dropped", func(b, _ *bbolt.Bucket) { b.Delete(key(2)); b.Delete(key(3)); b.Delete(key(4)) },
			"the audit log is broken at entry 2: entries 2 to 4 are missing"},
		{"the first is dropped", func(b, _ *bbolt.Bucket) { b.Delete(key(1)) }, "the audit log is broken at entry 1: it is missing"},
		{"two are swapped", func(b, _ *bbolt.Bucket) {
			two, four := bytes.Clone(b.Get(key(2))), bytes.Clone(b.Get(key(4)))
			b.Put(key(2), four)
			b.Put(key(4), two)
		}, "the audit log is broken at entry 2: entry 4 is in its place: they are out of order"},
		{"the newest is dropped", func(b, _ *bbolt.Bucket) { b.Delete(key(6)) }, "the audit log is broken at entry 6: it is missing: the end was cut off"},
		{"all are dropped", func(b, _ *bbolt.Bucket) {
			for n := uint64(1); n <= 6; n++ {
				b.Delete(key(n))
			}
		}, "the audit log is broken at entry 1: entries 1 to 6 are missing: the end was cut off"},
		{"one is cut short", func(b, _ *bbolt.Bucket) { b.Put(key(5), b.Get(key(5))[:20]) }, "the audit log is broken at entry 5: it is cut short: it was edited"},
		{"one is of another form", func(b, _ *bbolt.Bucket) { b.Put(key(5), bytes.Repeat([]byte{7}, 90)) },
			"the audit log is broken at entry 5: it cannot be read, so it was edited: a field in it is cut short"},
		{"something else is put in", func(b, _ *bbolt.Bucket) { b.Put([]byte("zz"), []byte("?")) },
			"the audit log is broken: an entry stands under 7a7a, which is no number"},
		{"the newest is put in twice", func(b, _ *bbolt.Bucket) { b.Put(key(7), b.Get(key(6))) },
			"the audit log is broken at entry 7: entry 6 is in its place: they are out of order"},
		{"the head is forgotten", func(_, ends *bbolt.Bucket) { ends.Delete([]byte("head")) },
			"the audit log is broken: the head that is noted is missing, or cannot be read"},
		{"an anchor is put in", func(_, ends *bbolt.Bucket) { ends.Put([]byte("anchor"), []byte("?")) },
			"the audit log is broken: the anchor, the last entry that was pruned, cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := logged(t, 6)
			s.Do(func(tx *bbolt.Tx) error {
				c.do(tx.Bucket([]byte("audit")), tx.Bucket([]byte("auditends")))
				return nil
			})
			if got := verify(t, s); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// forge writes a chain that is sound in itself from what was in it, one order
// changed.
func forge(tx *bbolt.Tx, change int) error {
	all, err := audit.Entries(tx, 1, 100)
	if err != nil {
		return err
	}
	for _, name := range audit.Buckets() {
		if err := errors.Join(tx.DeleteBucket([]byte(name))); err != nil {
			return err
		}
		if _, err := tx.CreateBucket([]byte(name)); err != nil {
			return err
		}
	}
	all[change].Order = "CLEAR 7"
	return enter(tx, all...)
}

// TestAChainWrittenAnewIsSoundAndHasAnotherHead: that is why the head rides in
// the weekly text.
func TestAChainWrittenAnewIsSoundAndHasAnotherHead(t *testing.T) {
	t.Parallel()
	s := logged(t, 6)
	head := func() (h audit.Head) {
		s.View(func(tx *bbolt.Tx) error { h = audit.Newest(tx); return nil })
		return h
	}
	was := head()
	s.Do(func(tx *bbolt.Tx) error { return forge(tx, 2) })
	if got := verify(t, s); got != "" {
		t.Error(got)
	}
	if is := head(); is.Number != was.Number || is.Hash == was.Hash {
		t.Errorf("the head was %+v and is %+v", was, is)
	}
}

// TestAnEntryThatWasReplacedWithItsHash: the next one gives it away.
func TestAnEntryThatWasReplacedWithItsHash(t *testing.T) {
	t.Parallel()
	s, other := logged(t, 6), storagetest.Open(t)
	other.Do(func(tx *bbolt.Tx) error {
		list := night(6)
		list[3].Order = "CLEAR 7"
		return enter(tx, list...)
	})
	key := binary.BigEndian.AppendUint64(nil, 4)
	var forged []byte
	other.Do(func(tx *bbolt.Tx) error { forged = bytes.Clone(tx.Bucket([]byte("audit")).Get(key)); return nil })
	s.Do(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("audit")).Put(key, forged) })
	want := "the audit log is broken at entry 5: it does not follow entry 4: one of the two was edited or replaced"
	if got := verify(t, s); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// row is a stored entry.
type row struct{ k, v []byte }

// TestAnySingleChangeOfAnyStoredByteIsFound also drops, swaps, doubles and cuts.
func TestAnySingleChangeOfAnyStoredByteIsFound(t *testing.T) {
	t.Parallel()
	s := logged(t, 9)
	var rows []row
	s.Do(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("audit")).ForEach(func(k, v []byte) error {
			rows = append(rows, row{bytes.Clone(k), bytes.Clone(v)})
			return nil
		})
	})
	undo := errors.New("undo")
	found := func(t *rapid.T, what string, mutate func(b *bbolt.Bucket)) {
		err := s.Update(func(tx *bbolt.Tx) error {
			mutate(tx.Bucket([]byte("audit")))
			if err := audit.Verify(tx); err == nil {
				t.Errorf("%s: nothing was found", what)
			} else if b := (*audit.Break)(nil); !errors.As(err, &b) {
				t.Errorf("%s: %v", what, err)
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SampledFrom(rows).Draw(t, "entry")
		other := rapid.SampledFrom(rows).Filter(func(o row) bool { return !bytes.Equal(o.k, r.k) }).Draw(t, "another")
		flip := rapid.ByteRange(1, 255).Draw(t, "by")
		at := rapid.IntRange(0, len(r.v)-1).Draw(t, "at")
		found(t, "a byte of the value", func(b *bbolt.Bucket) {
			v := bytes.Clone(r.v)
			v[at] ^= flip
			b.Put(r.k, v)
		})
		found(t, "a byte of the key", func(b *bbolt.Bucket) {
			k := bytes.Clone(r.k)
			k[at%len(k)] ^= flip
			b.Delete(r.k)
			b.Put(k, r.v)
		})
		found(t, "dropped", func(b *bbolt.Bucket) { b.Delete(r.k) })
		found(t, "swapped", func(b *bbolt.Bucket) { b.Put(r.k, other.v); b.Put(other.k, r.v) })
		found(t, "cut", func(b *bbolt.Bucket) { b.Put(r.k, r.v[:at]) })
		found(t, "made longer", func(b *bbolt.Bucket) { b.Put(r.k, append(bytes.Clone(r.v), flip)) })
		found(t, "a byte taken out", func(b *bbolt.Bucket) { b.Put(r.k, slices.Delete(bytes.Clone(r.v), at, at+1)) })
	})
	if got := verify(t, s); got != "" {
		t.Errorf("what was undone is left: %s", got)
	}
}

// TestEveryByteOfAnEntry leaves none to chance: each bit of each byte of one
// entry and of the head and the anchor.
func TestEveryByteOfAnEntry(t *testing.T) {
	t.Parallel()
	s := logged(t, 4)
	s.Do(func(tx *bbolt.Tx) error { _, err := audit.Prune(tx, t0.Add(90*time.Second), 100); return err })
	if got := verify(t, s); got != "" {
		t.Fatal(got)
	}
	s.Do(func(tx *bbolt.Tx) error {
		for _, at := range []struct {
			bucket string
			key    []byte
		}{{"audit", binary.BigEndian.AppendUint64(nil, 3)}, {"auditends", []byte("head")}, {"auditends", []byte("anchor")}} {
			b := tx.Bucket([]byte(at.bucket))
			was := bytes.Clone(b.Get(at.key))
			for i := range was {
				for bit := range 8 {
					is := bytes.Clone(was)
					is[i] ^= 1 << bit
					b.Put(at.key, is)
					if audit.Verify(tx) == nil {
						t.Errorf("byte %d of %s %x: bit %d can be changed", i, at.bucket, at.key, bit)
					}
				}
			}
			b.Put(at.key, was)
		}
		return nil
	})
	if got := verify(t, s); got != "" {
		t.Fatal(got)
	}
}

// TestOldEntriesArePrunedFromTheBeginning and the rest holds on to the anchor.
func TestOldEntriesArePrunedFromTheBeginning(t *testing.T) {
	t.Parallel()
	s := logged(t, 10)
	prune := func(before time.Time, max int) (n int) {
		s.Do(func(tx *bbolt.Tx) (err error) { n, err = audit.Prune(tx, before, max); return err })
		if got := verify(t, s); got != "" {
			t.Error(got)
		}
		return n
	}
	if n := prune(t0, 100); n != 0 {
		t.Errorf("%d went that were not old", n)
	}
	if n := prune(t0.Add(5*time.Minute), 3); n != 3 {
		t.Errorf("%d went of the three that were asked for", n)
	}
	if n := prune(t0.Add(5*time.Minute), 100); n != 2 {
		t.Errorf("%d went of the two that were left", n)
	}
	s.Reopen()
	s.Do(func(tx *bbolt.Tx) error {
		all, err := audit.Entries(tx, 0, 100)
		if len(all) != 5 || all[0].Number != 6 || audit.Anchor(tx).Number != 5 || audit.Anchor(tx).Hash != all[0].Previous {
			t.Errorf("%d entries from %d on, anchor %+v", len(all), all[0].Number, audit.Anchor(tx))
		}
		return err
	})
	if n := prune(t0.Add(time.Hour), 100); n != 4 {
		t.Errorf("%d went: the newest stays", n)
	}
	s.Do(func(tx *bbolt.Tx) error { return enter(tx, night(1)...) })
	if got := verify(t, s); got != "" {
		t.Error(got)
	}
	// From the middle nothing goes unseen, and the anchor cannot be moved up.
	s.Do(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("audit")).Delete(binary.BigEndian.AppendUint64(nil, 10))
	})
	if got := verify(t, s); got != "the audit log is broken at entry 10: it is missing" {
		t.Error(got)
	}
}

// TestABrokenChainGoesOn: an order is not refused because somebody edited the
// file; the break stays where it is.
func TestABrokenChainGoesOn(t *testing.T) {
	t.Parallel()
	for _, harm := range []func(b, ends *bbolt.Bucket){
		func(b, _ *bbolt.Bucket) { b.Delete(binary.BigEndian.AppendUint64(nil, 3)) },
		func(_, ends *bbolt.Bucket) { ends.Delete([]byte("head")); ends.Put([]byte("anchor"), nil) },
		func(b, ends *bbolt.Bucket) { b.Put(binary.BigEndian.AppendUint64(nil, 4), nil) },
		func(b, ends *bbolt.Bucket) {
			b.Put(bytes.Repeat([]byte{255}, 8), []byte("?"))
			ends.Delete([]byte("head"))
		},
	} {
		s := logged(t, 4)
		s.Do(func(tx *bbolt.Tx) error {
			harm(tx.Bucket([]byte("audit")), tx.Bucket([]byte("auditends")))
			return enter(tx, night(2)...)
		})
		got := verify(t, s)
		if got == "" {
			t.Error("the break is not seen any more")
		}
		s.Do(func(tx *bbolt.Tx) error {
			n := 0
			err := tx.Bucket([]byte("audit")).ForEach(func(k, v []byte) error {
				if strings.Contains(string(v), "SAY 1 ") || strings.Contains(string(v), "SAY 2 ") {
					n++
				}
				return nil
			})
			if n != 4 {
				t.Errorf("%d of the two first orders and two new ones are there (%s)", n, got)
			}
			return err
		})
	}
}

// TestACommitThatFailsLeavesNothing: entry and what it tells of are one.
func TestACommitThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	s := logged(t, 2)
	cut := errors.New("power cut")
	err := s.Update(func(tx *bbolt.Tx) error { return errors.Join(enter(tx, night(3)...), cut) })
	if !errors.Is(err, cut) {
		t.Fatal(err)
	}
	s.Reopen()
	err = s.View(func(tx *bbolt.Tx) error {
		if h := audit.Newest(tx); h.Number != 2 {
			t.Errorf("the head is %d", h.Number)
		}
		return audit.Verify(tx)
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWordsThatAreNoUTF8AreMadeSo(t *testing.T) {
	t.Parallel()
	s := storagetest.Open(t)
	s.Do(func(tx *bbolt.Tx) error { return enter(tx, audit.Entry{Order: "SAY 7 \xff\xfe"}) })
	s.Do(func(tx *bbolt.Tx) error {
		all, err := audit.Entries(tx, 1, 1)
		if len(all) != 1 || all[0].Order != "SAY 7 \uFFFD" {
			t.Errorf("%+v", all)
		}
		return err
	})
	if got := verify(t, s); got != "" {
		t.Error(got)
	}
}

// TestALongLogIsVerifiedWhole: a hundred thousand entries, which is years of a
// busy box.
func TestALongLogIsVerifiedWhole(t *testing.T) {
	t.Parallel()
	s := storagetest.Open(t)
	list := night(100)
	for range 20 {
		s.Do(func(tx *bbolt.Tx) error {
			for range 50 {
				if err := enter(tx, list...); err != nil {
					return err
				}
			}
			return nil
		})
	}
	begun := time.Now()
	if got := verify(t, s); got != "" {
		t.Error(got)
	}
	t.Logf("100,000 entries in %s", time.Since(begun).Round(time.Millisecond))
	s.View(func(tx *bbolt.Tx) error {
		if n := audit.Newest(tx).Number; n != 100_000 {
			t.Errorf("the head is %d", n)
		}
		return nil
	})
}
