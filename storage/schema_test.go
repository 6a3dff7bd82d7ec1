package storage

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"heliograph/storage/audit"
	"heliograph/storage/outbox"
)

func TestSchemaStepsRunInOrderOnceEach(t *testing.T) {
	t.Parallel()
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "a.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var ran []string
	step := func(name string, err error) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			ran = append(ran, name)
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
			return err
		}
	}
	if err := migrate(db, []func(*bbolt.Tx) error{step("one", nil)}); err != nil {
		t.Fatal(err)
	}
	refuse := errors.New("no room")
	err = migrate(db, []func(*bbolt.Tx) error{step("one", nil), step("two", nil), step("three", refuse)})
	if !errors.Is(err, refuse) || !strings.Contains(err.Error(), "from schema 2 to 3") {
		t.Fatalf("a failing step says %v", err)
	}
	if err := migrate(db, []func(*bbolt.Tx) error{step("one", nil), step("two", nil), step("three", nil)}); err != nil {
		t.Fatalf("the step that failed left something behind: %v", err)
	}
	if got := strings.Join(ran, " "); got != "one two three three" {
		t.Fatalf("ran %s", got)
	}
	err = migrate(db, []func(*bbolt.Tx) error{step("one", nil)})
	if n := (*Newer)(nil); !errors.As(err, &n) || n.Schema != 3 || n.Known != 1 {
		t.Fatalf("an older program says %v", err)
	}
}

// TestAFileOfSchema1IsBroughtForward: what it holds stays, incidents can have
// black boxes, and orders are logged.
func TestAFileOfSchema1IsBroughtForward(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := bbolt.Open(filepath.Join(dir, fileName), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = migrate(db, steps[:1])
	if err == nil {
		err = db.Update(func(tx *bbolt.Tx) error {
			return errors.Join(tx.DeleteBucket([]byte(outbox.BlackBoxBucket)), outbox.Append(tx, 7, outbox.Entry{What: "opened"}))
		})
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	s, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Update(func(tx *bbolt.Tx) error {
		_, err := audit.Append(tx, audit.Entry{By: "ada", Order: "ACK 7"})
		return errors.Join(err, outbox.PutBlackBox(tx, 7, []byte("frozen")))
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(func(tx *bbolt.Tx) error {
		lines, err := outbox.Timeline(tx, 7)
		if len(lines) != 1 || len(outbox.BlackBoxes(tx, 7)) != 1 {
			t.Errorf("%d lines and %d black boxes", len(lines), len(outbox.BlackBoxes(tx, 7)))
		}
		if v, _ := version(tx); v != 3 {
			t.Errorf("the file has schema %d", v)
		}
		return err
	})
	if aside, e := s.SetAside(); err != nil || e != nil || aside != nil {
		t.Errorf("%v, %v, set aside %v", err, e, aside)
	}
}
