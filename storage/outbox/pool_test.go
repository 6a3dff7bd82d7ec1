package outbox_test

import (
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/storage/outbox"
)

// claims lets a worker with a ration claim.
func (k *desk) claims(w outbox.Worker) (string, outbox.Claimed) {
	k.t.Helper()
	var c outbox.Claimed
	w.Channel, w.Parts = "sms", k.parts
	k.Do(func(tx *bbolt.Tx) (err error) {
		c, err = outbox.Claim(tx, w, k.now, k.limits)
		return err
	})
	if c.Delivery == nil {
		return "", c
	}
	return c.Delivery.Recipient[len("person:"):] + ": " + c.Text, c
}

func (k *desk) rationed(w outbox.Worker, want string) {
	k.t.Helper()
	if got, _ := k.claims(w); got != want {
		k.t.Fatalf("%+v claims %q, want %q", w, got, want)
	}
}

func TestAWorkerCarriesTheClassesOfItsRation(t *testing.T) {
	k := newDesk(t)
	for i, class := range []uint8{0, 1, 4} {
		id := uint64(i + 1)
		k.notice(outbox.Notice{ID: id, Incident: i + 1, Kind: "word", Class: class})
		k.address(id, string('a'+rune(i)), string('p'+rune(i)))
	}
	k.rationed(outbox.Worker{Name: "lte0", From: 3}, "c: word")
	k.rationed(outbox.Worker{Name: "lte1", Below: 1}, "a: word")
	k.rationed(outbox.Worker{Name: "lte2", From: 1, Below: 3}, "b: word")
	k.rationed(outbox.Worker{Name: "lte3", From: 2, Below: 4}, "")
}

func TestLongTextsWaitForTheirTimeAndHoldUpNobody(t *testing.T) {
	k := newDesk(t)
	k.parts = func(d outbox.Delivery, text string) int {
		if d.Address == "+48long" || d.Address == "+48ada" {
			return 3
		}
		return 1
	}
	k.notice(outbox.Notice{ID: 1, Kind: "mass", Class: 4})
	k.address(1, "long", "short")
	short := outbox.Worker{Name: "lte0", Short: 3}
	k.rationed(short, "short: mass")
	k.outcome("lte0", outbox.Sent)
	k.rationed(short, "")
	k.notice(outbox.Notice{ID: 2, Kind: "down", Class: 0})
	k.address(2, "ada")
	k.rationed(short, "ada: down") // the rule begins at class 3
	k.rationed(outbox.Worker{Name: "lte1"}, "long: mass")
}

func TestTheRestOfALongTextMayBeShort(t *testing.T) {
	k := newDesk(t)
	k.parts = func(outbox.Delivery, string) int { return 2 }
	k.notice(outbox.Notice{ID: 1, Kind: "mass", Class: 4})
	k.address(1, "a")
	k.expect("lte0", "a: mass")
	k.Do(func(tx *bbolt.Tx) error { return outbox.PartTaken(tx, 1, part(1, 2, 7, k.now)) })
	k.retry("lte0", 0, false)
	k.rationed(outbox.Worker{Name: "lte0", Short: 3}, "a: mass")
}

func TestOneWorkersLimitLeavesTheRowsToTheOthers(t *testing.T) {
	k := newDesk(t)
	k.limits = []outbox.Limit{{Key: "sim", Scope: outbox.PerWorker, Max: 3, Window: time.Hour}}
	k.parts = func(d outbox.Delivery, _ string) int {
		if d.Address == "+48b" {
			return 2
		}
		return 1
	}
	k.notice(outbox.Notice{ID: 1, Kind: "mass", Class: 4})
	for _, name := range []string{"z", "y", "b", "c"} {
		k.address(1, name)
	}
	k.expect("lte0", "z: mass")
	k.outcome("lte0", outbox.Sent)
	k.expect("lte0", "y: mass")
	k.outcome("lte0", outbox.Sent)
	got, c := k.claims(outbox.Worker{Name: "lte0"})
	if got != "c: mass" || c.Stopped == nil || c.Stopped.Class != 4 || c.Stopped.Limit.Key != "sim" || !c.Stopped.Free.After(t0.Add(time.Hour)) {
		t.Fatalf("past the text of two parts it claims %q and was stopped by %+v", got, c.Stopped)
	}
	k.expect("lte1", "b: mass") // at once: the row was not moved
}

func TestAClaimLooksPastFewRowsOnly(t *testing.T) {
	k := newDesk(t)
	k.parts = func(outbox.Delivery, string) int { return 2 }
	k.notice(outbox.Notice{ID: 1, Kind: "mass", Class: 4})
	var names []string
	for i := range 500 {
		names = append(names, string(rune('a'+i/26%26))+string(rune('a'+i%26))+string(rune('a'+i/676)))
	}
	k.address(1, names...)
	looked := 0
	k.parts = func(outbox.Delivery, string) int { looked++; return 2 }
	k.rationed(outbox.Worker{Name: "lte0", Short: 3}, "")
	if looked > 40 {
		t.Fatalf("the claim looked at %d of 500 rows that are too long", looked)
	}
}

// A text that proves one modem goes by no other, and holds up nobody; one of
// last resort may carry it while the rest is for others.
func TestWhatIsForOneWorkerWaitsForIt(t *testing.T) {
	k := newDesk(t)
	k.notice(outbox.Notice{ID: 1, Kind: "loop", Class: 5})
	k.Do(func(tx *bbolt.Tx) error {
		_, err := outbox.Address(tx, 1, []outbox.Recipient{{Name: "person:self", Channel: "sms", Address: "+48self", Language: "en", Only: "lte1"}}, k.now)
		return err
	})
	k.notice(outbox.Notice{ID: 2, Kind: "word", Class: 5})
	k.address(2, "ada")
	k.rationed(outbox.Worker{Name: "lte0"}, "ada: word")
	k.notice(outbox.Notice{ID: 3, Kind: "word", Class: 1})
	k.address(3, "bob")
	k.rationed(outbox.Worker{Name: "lte2"}, "bob: word")
	k.notice(outbox.Notice{ID: 4, Kind: "word", Class: 1})
	k.address(4, "cyd")
	k.rationed(outbox.Worker{Name: "lte3", Own: true}, "")
	k.rationed(outbox.Worker{Name: "lte1", Own: true}, "self: loop")
}
