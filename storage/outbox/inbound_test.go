package outbox_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/storage/outbox"
)

func TestAnInboundMessageIsSeenOnceIn48Hours(t *testing.T) {
	k := newDesk(t)
	seen := func() (was bool) {
		t.Helper()
		k.Do(func(tx *bbolt.Tx) (err error) {
			was, err = outbox.SeenInbound(tx, []byte{0, 1, 2, 0}, k.now)
			return err
		})
		return was
	}
	if seen() {
		t.Fatal("seen before it came")
	}
	k.Reopen()
	k.pass(48*time.Hour - 1)
	k.tidy()
	if !seen() {
		t.Fatal("forgotten within 48 hours")
	}
	k.pass(1)
	if seen() {
		t.Fatal("remembered after 48 hours")
	}
	k.tidy() // what was kept for the first must not forget the second
	if !seen() {
		t.Fatal("forgotten at once")
	}
	k.pass(48 * time.Hour)
	k.tidy()
	if n := k.size("seen") + k.size("old"); n != 0 {
		t.Fatalf("%d rows are left", n)
	}
}

// in keeps a part of a text and returns the whole when it is complete.
func (k *desk) in(key string, seq, total int, text string) (whole string) {
	k.t.Helper()
	k.Do(func(tx *bbolt.Tx) error {
		w, complete, err := outbox.PutPart(tx, outbox.InPart{Key: key, Seq: seq, Total: total, Text: text, At: k.now})
		if complete != (w != "") {
			return fmt.Errorf("complete is %t for %q", complete, w)
		}
		whole = w
		return err
	})
	return whole
}

func TestPartsOfAnInboundTextAreJoinedInAnyOrder(t *testing.T) {
	k := newDesk(t)
	for _, step := range []struct {
		key  string
		seq  int
		text string
		want string
	}{
		{"ada/7", 3, "three", ""},
		{"ada/7", 1, "one ", ""},
		{"bob/7", 2, "zwei ", ""},
		{"ada/7", 1, "one ", ""}, // read twice
		{"ada/7", 2, "two ", "one two three"},
		{"bob/7", 3, "drei", ""},
		{"bob/7", 1, "eins ", "eins zwei drei"},
	} {
		if got := k.in(step.key, step.seq, 3, step.text); got != step.want {
			t.Fatalf("part %d of %s gave %q, want %q", step.seq, step.key, got, step.want)
		}
		k.pass(time.Second)
	}
	if n := k.size("inbound"); n != 0 {
		t.Fatalf("%d unfinished texts are left", n)
	}
}

func TestAReusedReferenceBeginsANewText(t *testing.T) {
	k := newDesk(t)
	k.in("ada/7", 1, 2, "old ")
	k.pass(31 * time.Minute)
	k.in("ada/7", 1, 2, "new ")
	if got := k.in("ada/7", 2, 2, "text"); got != "new text" {
		t.Fatalf("joined %q", got)
	}
}

func TestAPartThatNeverCameIsNamed(t *testing.T) {
	k := newDesk(t)
	k.in("ada/7", 1, 3, "ETR ")
	k.in("ada/7", 3, 3, " 06:30")
	stale := func() (all []outbox.Stale) {
		t.Helper()
		k.Do(func(tx *bbolt.Tx) (err error) {
			all, err = outbox.StaleParts(tx, k.now, 10)
			return err
		})
		return all
	}
	k.pass(24*time.Hour - 1)
	if got := stale(); got != nil {
		t.Fatalf("handed out too soon: %+v", got)
	}
	k.pass(1)
	if got := stale(); len(got) != 1 || got[0].Text != "ETR [part 2 missing] 06:30" || got[0].Key != "ada/7" {
		t.Fatalf("handed out %+v", got)
	}
	if got := stale(); got != nil {
		t.Fatalf("handed out twice: %+v", got)
	}
}

func TestTimelineAndArchiveArePruned(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Effect: outbox.Tells})
	k.address(1, "ada", "bob", "carl", "dora", "eve")
	k.sent(3)
	k.expect("lte0", "bob: down")
	k.outcome("lte0", outbox.Failed)
	k.expect("lte0", "carl: down")
	k.retry("lte0", time.Minute, true)
	k.expect("lte1", "dora: down")
	k.withdraw(1)
	k.Do(func(tx *bbolt.Tx) error {
		for _, e := range []outbox.Entry{{Box: k.now, What: "opened", Text: "transit-a is down"}, {Box: k.now.Add(1), Wall: t0, WallTrusted: true, What: "sent", Delivery: 1}} {
			if err := outbox.Append(tx, 7, e); err != nil {
				return err
			}
		}
		if err := outbox.Append(tx, 0, outbox.Entry{Box: k.now, What: "started"}); err != nil {
			return err
		}
		if err := outbox.PutIncident(tx, outbox.Incident{ID: 8, Blob: []byte("open")}); err != nil {
			return err
		}
		if err := outbox.PutIncident(tx, outbox.Incident{ID: 7, Blob: []byte("open")}); err != nil {
			return err
		}
		return outbox.PutIncident(tx, outbox.Incident{ID: 7, Closed: t0.Add(time.Hour), Blob: []byte("closed")})
	})
	k.look(func(tx *bbolt.Tx) error {
		lines, err := outbox.Timeline(tx, 7)
		if err != nil || len(lines) != 2 || lines[0].Text != "transit-a is down" || !lines[1].Wall.Equal(t0) || lines[1].Delivery != 1 {
			t.Errorf("the timeline is %+v (%v)", lines, err)
		}
		ins, err := outbox.Incidents(tx, 0, 10)
		if err != nil || len(ins) != 2 || ins[0].ID != 8 || !ins[0].Closed.IsZero() || !bytes.Equal(ins[1].Blob, []byte("closed")) {
			t.Errorf("the incidents are %+v (%v)", ins, err)
		}
		if ins, err := outbox.Incidents(tx, 8, 10); err != nil || len(ins) != 1 || ins[0].ID != 7 {
			t.Errorf("the incidents before 8 are %+v (%v)", ins, err)
		}
		return nil
	})
	prune := func(before time.Time) {
		t.Helper()
		for n := 1; n > 0; {
			k.Do(func(tx *bbolt.Tx) (err error) {
				n, err = outbox.Prune(tx, before, 2)
				return err
			})
		}
	}
	prune(t0)
	if n := k.size("deliveries"); n != 5 {
		t.Fatalf("%d deliveries are left of an incident that is still young", n)
	}
	prune(t0.Add(2 * time.Hour))
	for _, bucket := range outbox.Buckets() {
		want := map[string]int{"incidents": 1, "old": 2}[bucket] // incident 8; two dates of references long gone
		if n := k.size(bucket); n != want {
			t.Errorf("%d rows are left in %s, want %d", n, bucket, want)
		}
	}
	k.pass(9 * 24 * time.Hour)
	k.tidy()
	if n := k.size("old"); n != 0 {
		t.Errorf("%d dates are left", n)
	}
}

func TestLooseNoticesArePrunedWithAge(t *testing.T) {
	k := newDesk(t)
	for i, at := range []time.Duration{0, time.Hour, 2 * time.Hour} {
		k.Do(func(tx *bbolt.Tx) error {
			n := outbox.Notice{ID: uint64(i + 1), Kind: "answer", Queued: t0.Add(at), Texts: outbox.Texts{outbox.Direct: {"en": "ok"}}}
			if err := outbox.PutNotice(tx, n); err != nil {
				return err
			}
			_, err := outbox.Address(tx, n.ID, []outbox.Recipient{sms(fmt.Sprint("p", i))}, t0)
			return err
		})
	}
	k.expect("lte0", "p0: ok")
	k.outcome("lte0", outbox.Sent)
	k.Do(func(tx *bbolt.Tx) error {
		_, err := outbox.Prune(tx, t0.Add(90*time.Minute), 100)
		return err
	})
	k.expectCounts("pending 2") // the second is old, but not sent yet
}
