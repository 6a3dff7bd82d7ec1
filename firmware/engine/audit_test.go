package engine

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/firmware/event"
	"heliograph/storage"
	"heliograph/storage/audit"
	"heliograph/storage/outbox"
)

// penned is an engine whose effects a test carries out itself.
func penned(t *testing.T) (e *Engine, do func(...event.Effect), dir string) {
	t.Helper()
	t.Parallel()
	dir = t.TempDir()
	store, err := storage.Open(storage.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	at := time.Date(2026, 11, 22, 4, 2, 0, 0, time.UTC)
	e, err = New(Options{
		Store: store, Keep: time.Hour, Same: func(a, b string) bool { return a == b }, Log: func(string, string) {},
		Wall: func() time.Time { return at }, Chance: func() uint64 { return 7 },
	})
	if err != nil {
		t.Fatal(err)
	}
	return e, func(effects ...event.Effect) {
		t.Helper()
		err := store.Update(func(tx *bbolt.Tx) error {
			turn := e.newTurn()
			turn.tx = tx
			for _, eff := range effects {
				if err := turn.apply(nil, eff); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}, dir
}

// head is what the next fact is told of the audit log.
func head(t *testing.T, e *Engine) (is string) {
	t.Helper()
	err := e.opt.Store.View(func(tx *bbolt.Tx) error {
		turn := e.newTurn()
		turn.tx = tx
		is = turn.head()
		return audit.Verify(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	return is
}

func TestWhatPeopleOrderStandsInTheAuditLog(t *testing.T) {
	e, do, _ := penned(t)
	if is := head(t, e); is != "" {
		t.Errorf("the head is %s before anything was ordered", is)
	}
	do(event.Audit{By: "ada", From: "+48600100201", Way: "text", Order: "ACK 7", Proof: "none needed", Effect: "#7 is ada's"})
	first := head(t, e)
	do(
		event.Audit{By: "bob", From: "+48600100202", Way: "text", Order: "ERASE +48600100300", Proof: "call-back code", Effect: "48600100300 is forgotten"},
		event.Audit{By: "uid 1000", Way: "socket", Order: "SAY 7 call us: +48 600 100-400 until 23.11.2026 06:30", Proof: "socket", Effect: "said to 4 people"},
	)
	var all []audit.Entry
	err := e.opt.Store.View(func(tx *bbolt.Tx) (err error) {
		all, err = audit.Entries(tx, 1, 9)
		return err
	})
	if err != nil || len(all) != 3 {
		t.Fatalf("%d entries, %v", len(all), err)
	}
	if all[0].Hash.Short() != first || all[2].Hash.Short() != head(t, e) || first == head(t, e) {
		t.Errorf("the heads were %s and %s", first, head(t, e))
	}
	now := e.Now()
	for i, want := range []audit.Entry{
		{By: "ada", From: "…201", Way: "text", Order: "ACK 7", Proof: "none needed", Effect: "#7 is ada's"},
		{By: "bob", From: "…202", Way: "text", Order: "ERASE …300", Proof: "call-back code", Effect: "…300 is forgotten"},
		{By: "uid 1000", Way: "socket", Order: "SAY 7 call us: …400 until 23.11.2026 06:30", Proof: "socket", Effect: "said to 4 people"},
	} {
		got := all[i]
		if now.Box.Sub(got.Box) > time.Minute || got.Wall != now.Wall || got.Trusted {
			t.Errorf("entry %d is of %s, %s, %t", i+1, got.Box, got.Wall, got.Trusted)
		}
		want.Number, want.Box, want.Wall, want.Previous, want.Hash = got.Number, got.Box, got.Wall, got.Previous, got.Hash
		if got != want {
			t.Errorf("entry %d is\n  %+v\nwant\n  %+v", i+1, got, want)
		}
	}
}

func TestNumbersAreMaskedAndNothingElse(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"+48600100201":                       "…201",
		"48600100201":                        "…201",
		"600100201":                          "…201",
		"+48 600 100 201, +39 (0)6 1234":     "…201, …234",
		"1234567":                            "…567",
		"4711 or 123456":                     "4711 or 123456",
		"SAY 7 8 of 10 by 06:30, 23.11.2026": "SAY 7 8 of 10 by 06:30, 23.11.2026",
		"ETR 7 +2h":                          "ETR 7 +2h",
		"two people: ada, bob":               "two people: ada, bob",
		"AS64500 192.0.2.1 2001:db8::1":      "AS64500 192.0.2.1 2001:db8::1",
		"ACME":                               "ACME",
	} {
		if got := masked(words); got != want {
			t.Errorf("%q becomes %q, want %q", words, got, want)
		}
	}
}

// TestANumberThatIsErasedIsGoneFromTheFile once it is written anew; until then
// a free page may hold it.
func TestANumberThatIsErasedIsGoneFromTheFile(t *testing.T) {
	e, do, dir := penned(t)
	const number = "+48600100300"
	do(
		event.Publish{Notice: event.Notice{ID: 1, Kind: event.Down, Audience: "oncall", Texts: map[event.Variant]map[string]string{"": {"en": "down"}},
			To: []event.Recipient{{Name: "eve", Channel: "sms", Address: number}}}},
		event.Note{What: "told", Text: "eve was told at " + number},
	)
	if e.scrubs() {
		t.Error("the file is to be written anew before anything was erased")
	}
	do(event.Erase{Number: number}, event.Audit{By: "ada", Way: "text", Order: "ERASE " + number})
	err := e.opt.Store.View(func(tx *bbolt.Tx) error {
		row, err := outbox.Row(tx, 1)
		if !outbox.IsErased(row.Address) || row.Status != outbox.Superseded {
			t.Errorf("the row is %+v", row)
		}
		lines, _ := outbox.Timeline(tx, 0)
		want := "a number was erased: 1 deliveries, 1 of them not sent yet, 0 ledger rows, 1 lines of timelines, 0 unfinished texts"
		if len(lines) != 2 || lines[0].Text != "eve was told at "+row.Address || lines[1].Text != want {
			t.Errorf("the log book is %+v", lines)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !e.scrubs() {
		t.Error("nobody remembers to write the file anew")
	}
	e.compact()
	if e.scrubs() {
		t.Error("the file is to be written anew for ever")
	}
	file, err := os.ReadFile(filepath.Join(dir, "heliograph.db"))
	if err != nil || bytes.Contains(file, []byte("600100300")) {
		t.Errorf("the file still holds the number (%v)", err)
	}
	if is := head(t, e); is == "" {
		t.Error("the audit log is gone")
	}
}

// TestOldAuditEntriesGoAtTheUpkeep and the chain holds.
func TestOldAuditEntriesGoAtTheUpkeep(t *testing.T) {
	e, do, _ := penned(t)
	do(event.Audit{By: "ada", Order: "ACK 1"}, event.Audit{By: "ada", Order: "ACK 2"})
	was := head(t, e)
	err := e.opt.Store.Update(func(tx *bbolt.Tx) error {
		turn := e.newTurn()
		turn.tx, turn.at.Box = tx, turn.at.Box.Add(2*time.Hour)
		e.tidied = e.tidied.Add(-2 * time.Hour)
		return turn.upkeep()
	})
	if err != nil {
		t.Fatal(err)
	}
	err = e.opt.Store.View(func(tx *bbolt.Tx) error {
		if all, _ := audit.Entries(tx, 1, 9); len(all) != 1 || all[0].Order != "ACK 2" || audit.Anchor(tx).Number != 1 {
			t.Errorf("left are %+v", all)
		}
		return nil
	})
	if is := head(t, e); err != nil || is != was {
		t.Errorf("the head was %s and is %s (%v)", was, is, err)
	}
}
