package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestTheTableIsOfTheLibraryInGoMod shows a library that has become newer.
func TestTheTableIsOfTheLibraryInGoMod(t *testing.T) {
	t.Parallel()
	files, err := generate(version())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("..", "..", "firmware", "number", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("firmware/number/%s is not of %s %s: run go run ./scripts/numbers in the folder of the repository, and see what changed", name, library, version())
		}
	}
}

// TestWhatTheProductCannotReadIsRefused: a newer library may use expressions
// that firmware/number has no words for.
func TestWhatTheProductCannotReadIsRefused(t *testing.T) {
	t.Parallel()
	for _, expression := range []string{"0*", "0+?", "0??", "^0", "0(", `0\b`} {
		if got, err := prefixOf(expression, false); err == nil {
			t.Errorf("%s is written as %s", expression, got)
		}
	}
	for _, expression := range []string{"0$1", "(", "[1-9]\\b"} {
		if _, err := languageOf(expression, everyLength); err == nil {
			t.Errorf("%s is taken for the numbers of a plan", expression)
		}
	}
	endless, err := languageOf(`[1-9]\d*`, everyLength)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newForest().add([]language{endless}); err == nil {
		t.Error("numbers without end are taken for a plan")
	}
}
