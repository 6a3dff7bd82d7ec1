package outbox_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/storage/outbox"
)

// boxes are the black boxes of an incident, by their first letter.
func (k *desk) boxes(incident int) string {
	var letters []byte
	k.look(func(tx *bbolt.Tx) error {
		for _, b := range outbox.BlackBoxes(tx, incident) {
			letters = append(letters, b[0])
		}
		if has := outbox.HasBlackBox(tx, incident); has != (len(letters) > 0) {
			return fmt.Errorf("incident %d has a black box: %t", incident, has)
		}
		return nil
	})
	return string(letters)
}

func (k *desk) freeze(incident int, letters string, size int) {
	for _, letter := range []byte(letters) {
		k.Do(func(tx *bbolt.Tx) error { return outbox.PutBlackBox(tx, incident, bytes.Repeat([]byte{letter}, size)) })
	}
}

// TestHowManyBlackBoxesAreKept: an incident that opened again and again keeps
// its first and its newest.
func TestHowManyBlackBoxesAreKept(t *testing.T) {
	k := newDesk(t)
	k.freeze(7, "ab", 100)
	k.freeze(8, "x", 100)
	k.freeze(7, "cdefghijkl", 100)
	if got := k.boxes(7); got != "afghijkl" {
		t.Errorf("of twelve there are %q", got)
	}
	if got := k.boxes(8) + k.boxes(6) + k.boxes(9); got != "x" {
		t.Errorf("the others have %q", got)
	}
	for _, frozen := range [][]byte{nil, {}} {
		if err := k.Update(func(tx *bbolt.Tx) error { return outbox.PutBlackBox(tx, 9, frozen) }); err == nil {
			t.Error("an empty black box was taken")
		}
	}
	if err := k.Update(func(tx *bbolt.Tx) error { return outbox.PutBlackBox(tx, 0, []byte("x")) }); err == nil {
		t.Error("a black box of no incident was taken")
	}
}

// TestAYearOfIncidentsDoesNotFillTheDisk: the oldest go, never the newest.
func TestAYearOfIncidentsDoesNotFillTheDisk(t *testing.T) {
	k := newDesk(t)
	for n := 1; n <= 35; n++ {
		k.freeze(n, "a", 1<<20)
	}
	kept := ""
	for n := 1; n <= 35; n++ {
		kept += strings.Repeat("x", len(k.boxes(n))) + " "
	}
	if want := strings.Repeat(" ", 3) + strings.Repeat("x ", 32); kept != want {
		t.Errorf("kept %q", kept)
	}
	k.freeze(1, "z", 40<<20)
	if k.boxes(1) != "z" {
		t.Error("the newest is gone")
	}
}

// TestBlackBoxesGoWithTheirIncident after retention.
func TestBlackBoxesGoWithTheirIncident(t *testing.T) {
	k := newDesk(t)
	k.freeze(7, "abc", 100)
	k.freeze(8, "x", 100)
	k.Do(func(tx *bbolt.Tx) error {
		if err := outbox.PutIncident(tx, outbox.Incident{ID: 8, Closed: t0.Add(time.Hour), Blob: []byte("{}")}); err != nil {
			return err
		}
		return outbox.PutIncident(tx, outbox.Incident{ID: 7, Closed: t0, Blob: []byte("{}")})
	})
	for n := 1; n > 0; {
		k.Do(func(tx *bbolt.Tx) (err error) {
			n, err = outbox.Prune(tx, t0.Add(time.Minute), 2)
			return err
		})
	}
	if got := k.boxes(7); got != "" {
		t.Errorf("of the old incident there is %q", got)
	}
	if got := k.boxes(8); got != "x" {
		t.Errorf("of the young incident there is %q", got)
	}
}
