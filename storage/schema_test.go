package storage

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
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
