package directory_test

import (
	"errors"
	"strings"
	"testing"

	"heliograph/storage/directory"
)

// A source calls a column by another name from one day to the next: all
// subscribers are there, and nobody could be told.
func TestAListThatLostItsNumbersIsNotTakenUnasked(t *testing.T) {
	t.Parallel()
	for what, lose := range map[string]func(s *directory.Subscriber){
		"with a number":       func(s *directory.Subscriber) { s.Phones = nil },
		"with a mail address": func(s *directory.Subscriber) { s.Mails = nil },
		"with a region":       func(s *directory.Subscriber) { s.Region = "" },
		"with a box":          func(s *directory.Subscriber) { s.Box = "" },
		"with a line":         func(s *directory.Subscriber) { s.Line = "" },
	} {
		dir := t.TempDir()
		list := generated(1000)
		build(t, dir, list...)
		b, err := directory.Create(dir, "test")
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			lose(&s)
			if s.Code == "" {
				t.Fatal("somebody has no code")
			}
			if err := b.Add(s); err != nil {
				t.Fatal(err)
			}
		}
		var shrunk *directory.Shrunk
		if _, err := b.Finish(noon); !errors.As(err, &shrunk) || !strings.Contains(err.Error(), "the new list has 0 of ") || !strings.Contains(err.Error(), " subscribers "+what+", and was not taken") {
			t.Errorf("a list without any %s: %v", what, err)
		}
		if v, err := directory.Newest(dir); err != nil || v.With.Regions != 1000 {
			t.Errorf("in use is %+v (%v)", v, err)
		}
	}
}
