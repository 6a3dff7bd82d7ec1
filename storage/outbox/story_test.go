package outbox_test

import (
	"errors"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/storage/outbox"
)

func TestMostUrgentGoesFirst(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "subscribers", Class: 5})
	k.notice(outbox.Notice{ID: 2, Kind: "later", Class: 1})
	k.notice(outbox.Notice{ID: 3, Kind: "down", Class: 1})
	k.address(1, "carl", "dora")
	k.addressAt(t0.Add(5*time.Minute), 2, "bob")
	k.address(3, "ada")

	k.expect("lte0", "ada: down")
	k.expect("lte1", "carl: subscribers")
	k.outcome("lte0", outbox.Sent)
	k.pass(5 * time.Minute)
	k.expect("lte0", "bob: later")
	k.outcome("lte0", outbox.Sent)
	k.expect("lte0", "dora: subscribers")
	k.outcome("lte0", outbox.Sent)
	k.expect("lte0", "")
	k.expectCounts("sending 1, sent 3")
}

func TestEarliestDueOfOneClassGoesFirst(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "first", Class: 1})
	k.notice(outbox.Notice{ID: 2, Kind: "second", Class: 1})
	k.addressAt(t0.Add(2*time.Minute), 1, "ada")
	k.addressAt(t0.Add(1*time.Minute), 2, "bob")
	k.expect("lte0", "")
	if want := t0.Add(time.Minute); !k.next.Equal(want) {
		t.Fatalf("the worker may claim next at %v, want %v", k.next, want)
	}
	k.look(func(tx *bbolt.Tx) error {
		if got, want := outbox.Wake(tx, "mail", "sms"), t0.Add(time.Minute); !got.Equal(want) {
			t.Errorf("Wake is %v, want %v", got, want)
		}
		if got := outbox.Wake(tx, "mail"); !got.IsZero() {
			t.Errorf("nothing waits for mail, and Wake is %v", got)
		}
		return nil
	})
	k.pass(3 * time.Minute)
	k.expect("lte0", "bob: second")
}

func TestAWorkerCarriesOneAtATime(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down"})
	k.address(1, "ada", "bob")
	k.expect("lte0", "ada: down")
	err := k.Update(func(tx *bbolt.Tx) error {
		_, err := outbox.Claim(tx, outbox.Worker{Name: "lte0", Channel: "sms"}, k.now, nil)
		return err
	})
	if !errors.Is(err, outbox.ErrBusy) {
		t.Fatalf("a second claim says %v", err)
	}
	k.Reopen()
	if d := k.held("lte0"); d.Recipient != "person:ada" || d.Tries != 1 {
		t.Fatalf("after the restart lte0 had %+v in flight", d)
	}
}

func TestHeldNoticeWaitsForItsApproval(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "mass", Class: 5, Standing: outbox.Held})
	k.address(1, "ada", "bob")
	k.notice(outbox.Notice{ID: 2, Kind: "approve?", Class: 5})
	k.address(2, "ada")
	k.expect("lte0", "ada: approve?") // not behind the text that waits for the answer
	k.outcome("lte0", outbox.Sent)
	k.expect("lte0", "")
	stand := func(to outbox.Standing) {
		t.Helper()
		k.Do(func(tx *bbolt.Tx) error { return outbox.SetStanding(tx, 1, to) })
	}
	stand(outbox.Open)
	k.expect("lte0", "ada: mass")
	stand(outbox.Held)
	k.expect("lte1", "")
	stand(outbox.Open)
	k.expect("lte1", "bob: mass")
	stand(outbox.Withdrawn)
	if err := k.Update(func(tx *bbolt.Tx) error { return outbox.SetStanding(tx, 1, outbox.Open) }); err == nil {
		t.Fatal("a withdrawn notice was opened again")
	}
}

func TestHoldingANoticeFreesWhoWaitedBehindIt(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Class: 1})
	k.notice(outbox.Notice{ID: 2, Kind: "update", Class: 1})
	k.addressAt(t0.Add(time.Hour), 1, "ada")
	k.address(2, "ada")
	k.expect("lte0", "")
	k.Do(func(tx *bbolt.Tx) error { return outbox.SetStanding(tx, 1, outbox.Held) })
	k.expect("lte0", "ada: update")
}

func TestOneRecipientHearsInOrder(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Class: 1})
	k.notice(outbox.Notice{ID: 2, Kind: "update", Class: 1})
	k.notice(outbox.Notice{ID: 3, Kind: "other", Class: 1, Incident: 8})
	k.address(1, "ada")
	k.address(2, "ada", "bob")
	k.address(3, "ada")

	k.expect("lte0", "ada: down")
	k.expect("lte1", "bob: update") // the row behind a blocked one goes
	k.outcome("lte1", outbox.Sent)
	k.expect("lte1", "") // ada's number is busy, for the other incident too
	k.retry("lte0", 2*time.Minute, false)
	k.expect("lte1", "ada: other") // no longer busy, and not of the incident
	k.outcome("lte1", outbox.Sent)
	k.expect("lte1", "")
	k.pass(2 * time.Minute)
	k.expect("lte1", "ada: down")
	k.outcome("lte1", outbox.Failed)
	k.expect("lte1", "ada: update") // a dead row blocks no more
}

func TestNobodyOnCallWaitsForAMassNotice(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "subscribers", Class: 5})
	k.notice(outbox.Notice{ID: 2, Kind: "down", Class: 1})
	k.address(1, "carl", "ada")
	k.address(2, "ada")
	k.expect("lte0", "ada: down")
}

func TestWithdrawnNewsIsNotSent(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Class: 1, Effect: outbox.Tells})
	k.address(1, "ada", "bob", "carl", "dora")
	k.expect("lte0", "ada: down")
	k.outcome("lte0", outbox.Sent)
	k.expect("lte0", "bob: down")
	k.expect("lte1", "carl: down")
	unsure := k.retry("lte1", 2*time.Minute, true)
	if unsure.Status != outbox.Unsure || !unsure.Again {
		t.Fatalf("a text without an answer is %+v", unsure)
	}
	k.withdraw(1)
	k.pass(3 * time.Minute)
	k.expect("lte1", "") // neither dora's text nor carl's repeat
	k.tidy()
	k.expectLedger("ada told, bob told, carl told, dora waiting")
	k.expectCounts("sending 1, unsure 1, sent 1, superseded 1")
	if d := k.row(unsure.ID); d.Status != outbox.Unsure || d.Queue {
		t.Fatalf("carl's text is %+v", d)
	}
	k.look(func(tx *bbolt.Tx) error {
		if n := outbox.OpenOfIncident(tx, 7); n != 1 {
			t.Errorf("%d deliveries are open, want bob's", n)
		}
		return nil
	})
}

func TestWithdrawingFreesWhoWaitedBehindOldNews(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Class: 1})
	k.notice(outbox.Notice{ID: 2, Kind: "update", Class: 1})
	k.addressAt(t0.Add(time.Hour), 1, "ada")
	k.address(2, "ada")
	k.expect("lte0", "")
	k.withdraw(1)
	k.expect("lte0", "ada: update")
}

func TestAllClearGoesToExactlyThoseWhoWereTold(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Class: 1, Effect: outbox.Tells})
	k.address(1, "ada", "bob", "carl", "dora")
	k.expect("lte0", "ada: down")
	k.outcome("lte0", outbox.Sent)
	k.expect("lte0", "bob: down")
	k.outcome("lte0", outbox.Failed)
	k.expect("lte0", "carl: down")

	k.withdraw(1)
	k.notice(outbox.Notice{ID: 2, Kind: "clear", Class: 1, Effect: outbox.Clears, FromLedger: true,
		Texts: outbox.Texts{outbox.ToTold: {"en": "up again"}}})
	if n := k.expand(2); n != 2 {
		t.Fatalf("%d all-clears were written, want ada's and carl's", n)
	}
	k.expect("lte1", "ada: up again")
	k.outcome("lte1", outbox.Sent)
	k.expect("lte1", "") // carl's waits for the outcome of the first, with the other worker
	k.outcome("lte0", outbox.Failed)
	k.expect("lte1", "") // he was not told: nothing to clear
	k.expectLedger("ada cleared, bob missed, carl missed, dora waiting")
	k.expectCounts("sent 2, failed 2, superseded 2")
}

func TestDownAgainBeforeAllAreCleared(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Class: 1, Effect: outbox.Tells})
	k.address(1, "ada", "bob", "carl")
	for _, name := range []string{"ada", "bob"} {
		k.expect("lte0", name+": down")
		k.outcome("lte0", outbox.Sent)
	}
	k.withdraw(1)
	k.notice(outbox.Notice{ID: 2, Kind: "clear", Class: 1, Effect: outbox.Clears, FromLedger: true})
	k.expand(2)
	k.expect("lte0", "ada: clear to-told")
	cleared := k.outcome("lte0", outbox.Sent)
	k.tidy()
	k.expectLedger("ada cleared, bob told, carl waiting")

	k.withdraw(2)
	k.notice(outbox.Notice{ID: 3, Kind: "again", Class: 1, Effect: outbox.Tells, FromLedger: true})
	if n := k.expand(3); n != 3 {
		t.Fatalf("%d texts were written, want three", n)
	}
	k.expect("lte0", "ada: again to-cleared")
	k.outcome("lte0", outbox.Sent)
	k.close(cleared.ID, outbox.Delivered) // the old all-clear's report must not clear her again
	k.expect("lte0", "bob: again to-told")
	k.outcome("lte0", outbox.Sent)
	k.expect("lte0", "carl: again to-waiting")
	k.outcome("lte0", outbox.Sent)
	k.expectLedger("ada told, bob told, carl told")
}

func TestAnAllClearThatDidNotArriveClearedNobody(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Effect: outbox.Tells})
	k.address(1, "ada")
	k.expect("lte0", "ada: down")
	k.outcome("lte0", outbox.Sent)
	k.notice(outbox.Notice{ID: 2, Kind: "clear", Effect: outbox.Clears, FromLedger: true})
	k.expand(2)
	k.expect("lte0", "ada: clear to-told")
	d := k.outcome("lte0", outbox.Sent)
	k.expectLedger("ada cleared")
	k.close(d.ID, outbox.Failed)
	k.expectLedger("ada told")
}

func TestAFollowUpKeepsToItsAudience(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Class: 1, Effect: outbox.Tells, Audience: "oncall"})
	k.notice(outbox.Notice{ID: 2, Kind: "down", Class: 3, Effect: outbox.Tells, Audience: "partners"})
	k.address(1, "ada")
	k.address(2, "zenit")
	k.notice(outbox.Notice{ID: 3, Kind: "update", Class: 3, Effect: outbox.Tells, Audience: "partners", FromLedger: true})
	if n := k.expand(3); n != 1 {
		t.Fatalf("%d updates were written, want one for zenit", n)
	}
}

func TestAFollowUpLeavesOutAddresses(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Class: 1, Effect: outbox.Tells})
	k.address(1, "ada", "bob")
	k.notice(outbox.Notice{ID: 2, Kind: "update", Class: 1, Effect: outbox.Tells, FromLedger: true, Except: []string{"+48ada"}})
	if n := k.expand(2); n != 1 {
		t.Fatalf("%d updates were written, want bob's", n)
	}
}

func TestARecipientMayStandForAnotherAudience(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Class: 1, Effect: outbox.Tells, Audience: "oncall"})
	zenit := sms("zenit")
	zenit.Audience = "partners"
	k.Do(func(tx *bbolt.Tx) error {
		_, err := outbox.Address(tx, 1, []outbox.Recipient{sms("ada"), zenit}, k.now)
		return err
	})
	k.notice(outbox.Notice{ID: 2, Kind: "update", Class: 3, Effect: outbox.Tells, Audience: "partners", FromLedger: true})
	if n := k.expand(2); n != 1 {
		t.Fatalf("%d updates were written, want zenit's", n)
	}
	k.look(func(tx *bbolt.Tx) error {
		rows, err := outbox.Rows(tx, outbox.Filter{Notice: 2})
		if err != nil || len(rows) != 1 || rows[0].Recipient != "person:zenit" || rows[0].Audience != "partners" {
			t.Errorf("the update is %+v (%v)", rows, err)
		}
		return nil
	})
}

func TestExpiredTextsAreTold(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Effect: outbox.Tells, Expires: t0.Add(time.Hour)})
	k.address(1, "ada", "bob")
	k.expect("lte0", "ada: down")
	k.retry("lte0", 2*time.Minute, true)
	k.pass(time.Hour)
	k.expect("lte0", "")
	if len(k.ended) != 2 || k.ended[0].Recipient != "person:bob" || k.ended[0].Status != outbox.Failed || k.ended[0].Code != outbox.CodeExpired {
		t.Fatalf("the claim ended %+v", k.ended)
	}
	if d := k.ended[1]; d.Recipient != "person:ada" || d.Status != outbox.Unsure || d.Queue {
		t.Fatalf("ada's text, which may have arrived, is %+v", d)
	}
	k.expectLedger("ada told, bob missed")
}

func TestARepeatIsMarkedAndStaysMarked(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Effect: outbox.Tells})
	k.address(1, "ada")
	k.expect("lte0", "ada: down")
	k.retry("lte0", 0, true)
	k.expect("lte0", "ada: down")
	if d := k.held("lte0"); !d.Again || d.Tries != 2 || d.Status != outbox.Sending {
		t.Fatalf("the repeat is %+v", d)
	}
	d := k.retry("lte0", 0, false) // refused for now: the first may still have arrived
	if d.Status != outbox.Unsure || !d.Again {
		t.Fatalf("after a refused repeat the row is %+v", d)
	}
	k.expectLedger("ada told")
}

func TestUnlawfulChangesNameBothStatuses(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down"})
	k.address(1, "ada")
	for _, c := range []struct {
		do   func(tx *bbolt.Tx) error
		want string
	}{
		{func(tx *bbolt.Tx) error { _, err := outbox.Close(tx, 1, outbox.Sent, t0, "", "", nil); return err }, "delivery 1 is pending and cannot become sent"},
		{func(tx *bbolt.Tx) error {
			_, err := outbox.Retry(tx, 1, t0, false, false, "", "", t0)
			return err
		}, "delivery 1 is pending and cannot become pending again"},
		{func(tx *bbolt.Tx) error { return outbox.PartTaken(tx, 1, outbox.Part{Number: 1, Of: 2}) }, "delivery 1 is pending: it takes no parts"},
		{func(tx *bbolt.Tx) error { _, err := outbox.Close(tx, 9, outbox.Sent, t0, "", "", nil); return err }, "there is no delivery 9"},
		{func(tx *bbolt.Tx) error { return outbox.PutNotice(tx, outbox.Notice{ID: 2, Effect: "none"}) }, `put notice 2: there is no effect "none"`},
		{func(tx *bbolt.Tx) error { return outbox.PutNotice(tx, outbox.Notice{ID: 2, Standing: "shut"}) }, `put notice 2: there is no standing "shut"`},
		{func(tx *bbolt.Tx) error { return outbox.PutNotice(tx, outbox.Notice{ID: 1}) }, "put notice 1: there is one with this number"},
	} {
		if err := k.Update(c.do); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

func TestTheSameAddressIsNotAskedTwice(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down"})
	k.address(1, "ada")
	k.address(1, "ada", "bob")
	k.expectCounts("pending 2")
}

func TestListsAndPages(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down"})
	k.notice(outbox.Notice{ID: 2, Kind: "other", Incident: 8})
	k.address(1, "ada", "bob", "carl")
	k.address(2, "dora")
	k.expect("lte0", "ada: down")
	k.outcome("lte0", outbox.Failed)
	names := func(f outbox.Filter) (got string) {
		k.look(func(tx *bbolt.Tx) error {
			rows, err := outbox.Rows(tx, f)
			for _, d := range rows {
				got += d.Recipient[len("person:"):] + " "
			}
			return err
		})
		return got
	}
	for _, c := range []struct {
		f    outbox.Filter
		want string
	}{
		{outbox.Filter{}, "dora carl bob ada "},
		{outbox.Filter{Limit: 2}, "dora carl "},
		{outbox.Filter{Limit: 2, Before: 3}, "bob ada "},
		{outbox.Filter{Incident: 7}, "carl bob ada "},
		{outbox.Filter{Incident: 8}, "dora "},
		{outbox.Filter{Notice: 1, Limit: 1}, "carl "},
		{outbox.Filter{Status: []outbox.Status{outbox.Failed}}, "ada "},
		{outbox.Filter{Status: []outbox.Status{outbox.Pending}, Incident: 7}, "carl bob "},
		{outbox.Filter{Channel: "mail"}, ""},
	} {
		if got := names(c.f); got != c.want {
			t.Errorf("%+v lists %q, want %q", c.f, got, c.want)
		}
	}
}

func TestASendingThatTheFullDiskForgotIsEnteredLater(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Class: 1, Effect: outbox.Tells})
	k.notice(outbox.Notice{ID: 2, Kind: "update", Class: 1})
	k.address(1, "ada", "bob")
	k.address(2, "bob")
	record := func(id uint64, to outbox.Status) error {
		return k.Update(func(tx *bbolt.Tx) error {
			return outbox.Record(tx, id, "lte0", to, k.now, "", "", nil)
		})
	}
	k.expect("lte1", "ada: down")
	if err := record(1, outbox.Sent); err == nil {
		t.Fatal("a delivery in flight was entered as sent by another")
	}
	k.expect("lte0", "bob: down")
	k.retry("lte0", time.Hour, false)
	k.expect("lte0", "") // bob's update waits behind his first text
	if err := record(2, outbox.Sent); err != nil {
		t.Fatal(err)
	}
	k.expectLedger("ada told, bob told")
	k.expect("lte0", "bob: update")
}

func TestNobodyIsClearedTwice(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Effect: outbox.Tells})
	k.address(1, "ada")
	k.expect("lte0", "ada: down")
	k.outcome("lte0", outbox.Sent)
	for id := uint64(2); id <= 3; id++ {
		k.notice(outbox.Notice{ID: id, Kind: "clear", Effect: outbox.Clears, FromLedger: true})
		k.expand(id)
	}
	k.expect("lte0", "ada: clear to-told")
	k.retry("lte0", time.Minute, true)
	k.expect("lte0", "") // cleared, perhaps; the second waits for the repeat
	k.pass(time.Minute)
	k.expect("lte0", "ada: clear to-told")
	k.outcome("lte0", outbox.Sent)
	k.expect("lte0", "")
	k.expectCounts("sent 2, superseded 1")
}

func TestAClearThatFailedLateLeavesThePersonTold(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "down", Effect: outbox.Tells})
	k.address(1, "ada")
	k.expect("lte0", "ada: down")
	k.outcome("lte0", outbox.Sent)
	k.notice(outbox.Notice{ID: 2, Kind: "clear", Effect: outbox.Clears, FromLedger: true})
	k.expand(2)
	k.expect("lte0", "ada: clear to-told")
	clear := k.outcome("lte0", outbox.Sent)
	k.notice(outbox.Notice{ID: 3, Kind: "again", Effect: outbox.Tells, FromLedger: true})
	k.expand(3)
	k.expect("lte0", "ada: again to-cleared")
	again := k.outcome("lte0", outbox.Sent)
	k.close(clear.ID, outbox.Failed)
	k.close(again.ID, outbox.Failed)
	k.expectLedger("ada told") // by the first text, which nothing took back
}
