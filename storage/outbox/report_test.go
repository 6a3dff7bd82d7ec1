package outbox_test

import (
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/storage/outbox"
)

func same(a, b string) bool { return a == b }

func part(number, of, ref int, at time.Time) outbox.Part {
	return outbox.Part{Number: number, Of: of, Ref: ref, At: at}
}

// report matches a report within a day and applies it; it returns the row, or
// false if nothing matched and the report is kept.
func (k *desk) report(ref int, address string, o outbox.Status) (d outbox.Delivery, ok bool) {
	k.t.Helper()
	r := outbox.Report{Worker: "lte0", Ref: ref, Address: address, At: k.now, Outcome: o, Code: "SC 65"}
	k.Do(func(tx *bbolt.Tx) error {
		m, found, err := outbox.MatchReport(tx, r, 24*time.Hour, same)
		if err != nil {
			return err
		}
		if ok = found; !found {
			return outbox.KeepReport(tx, r)
		}
		d, err = outbox.ApplyReport(tx, m, r, k.now)
		return err
	})
	return d, ok
}

// sent claims and closes the next text as sent with one reference.
func (k *desk) sent(ref int) outbox.Delivery {
	k.t.Helper()
	if k.claim("lte0") == "" {
		k.t.Fatal("nothing to send")
	}
	return k.outcome("lte0", outbox.Sent, part(1, 1, ref, k.now))
}

func TestAReportSettlesADelivery(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Effect: outbox.Tells})
	k.address(1, "ada", "bob")
	k.sent(17)
	k.sent(18)
	k.expectLedger("ada told, bob told")
	k.Reopen()
	if d, ok := k.report(17, "+48ada", outbox.Delivered); !ok || d.Status != outbox.Delivered || d.Recipient != "person:ada" {
		t.Fatalf("the report made %+v", d)
	}
	if d, ok := k.report(18, "+48bob", outbox.Failed); !ok || d.Status != outbox.Failed || d.Code != "SC 65" {
		t.Fatalf("the report made %+v", d)
	}
	k.expectLedger("ada told, bob missed")
	if d, _ := k.report(17, "+48ada", outbox.Failed); d.Status != outbox.Delivered {
		t.Fatalf("a second report made %+v", d)
	}
}

func TestReferencesAreReused(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "old"})
	k.address(1, "ada", "bob")
	k.sent(5)
	k.pass(time.Minute)
	k.sent(5)
	k.pass(time.Minute)
	k.notice(outbox.Notice{ID: 2, Kind: "new"})
	k.address(2, "ada")
	k.sent(5)
	for _, c := range []struct {
		address string
		want    uint64
	}{{"+48ada", 3}, {"+48bob", 2}} { // the newest with that number
		if d, ok := k.report(5, c.address, outbox.Delivered); !ok || d.ID != c.want {
			t.Errorf("the report from %s settled delivery %d, want %d", c.address, d.ID, c.want)
		}
	}
	if d, ok := k.report(5, "+48carl", outbox.Delivered); ok {
		t.Errorf("a report from nobody settled %+v", d)
	}
	k.pass(25 * time.Hour)
	if d, ok := k.report(5, "+48bob", outbox.Failed); ok {
		t.Errorf("a report after the window settled %+v", d)
	}
}

func TestAReportThatOvertakesItsReference(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down"})
	k.address(1, "ada", "bob")
	k.expect("lte0", "ada: down")
	if _, ok := k.report(9, "+48ada", outbox.Delivered); ok {
		t.Fatal("matched before there was a reference")
	}
	k.pass(time.Second)
	d := k.outcome("lte0", outbox.Sent, part(1, 1, 9, k.now))
	early := func(id uint64) (d outbox.Delivery) {
		t.Helper()
		k.Do(func(tx *bbolt.Tx) (err error) {
			d, err = outbox.EarlyReports(tx, id, same, k.now)
			return err
		})
		return d
	}
	if d := early(d.ID); d.Status != outbox.Delivered {
		t.Fatalf("the kept report made %+v", d)
	}
	k.report(10, "+48bob", outbox.Delivered)
	k.pass(11 * time.Minute)
	if d := early(k.sent(10).ID); d.Status != outbox.Sent {
		t.Fatalf("a report kept for eleven minutes made %+v", d)
	}
	k.tidy()
	if n := k.size("reports"); n != 0 {
		t.Fatalf("%d old reports are left", n)
	}
}

func TestDeliveredOnlyWhenAllPartsAre(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Effect: outbox.Tells})
	k.address(1, "ada", "bob")
	k.expect("lte0", "ada: down")
	id := k.held("lte0").ID
	k.Do(func(tx *bbolt.Tx) error { return outbox.PartTaken(tx, id, part(1, 2, 40, k.now)) })
	k.Reopen()
	if d, ok := k.report(40, "+48ada", outbox.Delivered); !ok || d.Status != outbox.Sending {
		t.Fatalf("a report on the first part while the second goes made %+v", d)
	}
	if d := k.outcome("lte0", outbox.Sent, part(1, 2, 40, k.now), part(2, 2, 41, k.now)); d.Status != outbox.Sent || len(d.Parts) != 2 {
		t.Fatalf("closed as %+v", d)
	}
	if d, _ := k.report(41, "+48ada", outbox.Delivered); d.Status != outbox.Delivered {
		t.Fatalf("with both parts reported it is %+v", d)
	}
	k.expect("lte0", "bob: down")
	k.outcome("lte0", outbox.Sent, part(1, 2, 50, k.now), part(2, 2, 51, k.now))
	k.report(50, "+48bob", outbox.Delivered)
	if d, _ := k.report(51, "+48bob", outbox.Failed); d.Status != outbox.Failed {
		t.Fatalf("with one part refused it is %+v", d)
	}
}

func TestTakenPartsAreKeptForTheNextTry(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down"})
	k.address(1, "ada")
	k.expect("lte0", "ada: down")
	k.Do(func(tx *bbolt.Tx) error {
		return outbox.PartTaken(tx, 1, outbox.Part{Number: 1, Of: 2, Chain: 200, Ref: 7, At: k.now})
	})
	k.retry("lte0", 0, false)
	k.expect("lte1", "ada: down")
	if d := k.held("lte1"); len(d.Parts) != 1 || d.Parts[0].Chain != 200 || d.Parts[0].Worker != "lte0" {
		t.Fatalf("the next try knows the parts %+v", d.Parts)
	}
}

func TestAReportFromThatNumberSettlesAnUnsureText(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Effect: outbox.Tells})
	k.address(1, "ada")
	k.expect("lte0", "ada: down")
	k.retry("lte0", 2*time.Minute, true)
	var id uint64
	find := func(address string, after time.Duration) (ok bool) {
		k.look(func(tx *bbolt.Tx) (err error) {
			r := outbox.Report{Worker: "lte0", Ref: 99, Address: address, At: k.now.Add(after)}
			id, ok, err = outbox.MatchUnsure(tx, r, time.Time{}, time.Hour, same)
			return err
		})
		return ok
	}
	if find("+48bob", 0) || find("+48ada", 2*time.Hour) {
		t.Fatal("an unsure text was settled by another number, or too late")
	}
	if !find("+48ada", time.Minute) {
		t.Fatal("the unsure text was not found")
	}
	if d := k.close(id, outbox.Delivered); d.Status != outbox.Delivered || d.Queue {
		t.Fatalf("settled as %+v", d)
	}
	k.pass(time.Hour)
	k.expect("lte0", "")
	if find("+48ada", 0) {
		t.Fatal("a settled text is still in doubt")
	}
}

func TestASecondReportOnAPartChangesNothing(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down"})
	k.address(1, "ada")
	k.expect("lte0", "ada: down")
	k.outcome("lte0", outbox.Sent, part(1, 2, 50, k.now), part(2, 2, 51, k.now))
	k.report(50, "+48ada", outbox.Delivered)
	if d, _ := k.report(50, "+48ada", outbox.Failed); d.Status != outbox.Sent {
		t.Fatalf("a second report made %+v", d)
	}
	if d, _ := k.report(51, "+48ada", outbox.Delivered); d.Status != outbox.Delivered {
		t.Fatalf("with both parts reported it is %+v", d)
	}
}

func TestTheTimeStampTellsUnsureTextsApart(t *testing.T) {
	k := newDesk(t)
	for i, kind := range []string{"down", "update"} {
		k.notice(outbox.Notice{ID: uint64(i + 1), Incident: i + 1, Kind: kind, Effect: outbox.Tells})
		k.address(uint64(i+1), "ada")
	}
	k.expect("lte0", "ada: down") // from 04:02
	k.pass(3 * time.Minute)
	k.outcome("lte0", outbox.Unsure)
	k.pass(10 * time.Minute)
	k.expect("lte0", "ada: update") // from 04:15
	k.pass(3 * time.Minute)
	k.outcome("lte0", outbox.Unsure)
	find := func(taken time.Time) (id uint64) {
		k.look(func(tx *bbolt.Tx) (err error) {
			id, _, err = outbox.MatchUnsure(tx, outbox.Report{Worker: "lte0", Ref: 9, Address: "+48ada", At: k.now}, taken, time.Hour, same)
			return err
		})
		return id
	}
	for _, c := range []struct {
		what  string
		taken time.Time
		want  uint64
	}{
		{"taken in the first minute", t0.Add(40 * time.Second), 1},
		{"taken after the box had given it up", t0.Add(6 * time.Minute), 1},
		{"taken while the second went", t0.Add(14 * time.Minute), 2},
		{"by a clock that is two seconds behind", t0.Add(13*time.Minute - 2*time.Second), 2},
		{"taken before either", t0.Add(-time.Hour), 0},
		{"without a time", time.Time{}, 0},
	} {
		if got := find(c.taken); got != c.want {
			t.Errorf("%s: it is about text %d, want %d", c.what, got, c.want)
		}
	}
}
