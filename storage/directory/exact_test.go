package directory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"heliograph/storage/directory"
)

// A system that knows whom it cut off names them by code or by line. A name
// that begins so is nothing else, and those whom nobody knows are left out.
func TestThoseWhoAreNamedOneByOne(t *testing.T) {
	dir := t.TempDir()
	build(t, dir, generated(seed001)...)
	d := open(t, dir, "")
	var scope, want []string
	for n := 3; n < seed001; n += 11 {
		scope = append(scope, "code:"+strings.ToLower(fmt.Sprintf(" K%06d", n)))
		want = append(want, fmt.Sprintf("K%06d", n))
	}
	scope = append(scope, "line:pppoe-4", "line:PPPOE-5", "code:nobody", "line:nowhere", "box:1")
	want = append([]string{"K000003", "K000004", "K000005"}, want[1:]...)
	for _, by := range []int{1000, 7} {
		if got := codes(chosen(t, d, by, scope...)); !slices.Equal(got, want) {
			t.Errorf("by %d: %d are chosen, want %d: %v", by, len(got), len(want), got)
		}
	}
	c, err := d.Count(scope)
	if err != nil || c.Subscribers != len(want) {
		t.Errorf("%d are counted, want %d; %v", c.Subscribers, len(want), err)
	}
	both := codes(chosen(t, d, 5, append(scope, "box-0")...))
	if want := 12 + len(want) - 3; len(both) != want || !slices.IsSorted(both) || both[0] != "K000000" {
		t.Errorf("with a box of twelve, three of whom are named, %d are chosen, want %d: %v", len(both), want, both)
	}
	if n := chosen(t, d, 5, "PPPOE-4"); len(n) != 1 {
		t.Errorf("a line's bare name chooses %v, want the one", n)
	}
}

// An address that two of those named share is told once.
func TestAnAddressOfTwoWhoAreNamed(t *testing.T) {
	dir := t.TempDir()
	both := []string{"+48600100201"}
	build(t, dir, directory.Subscriber{Code: "A", Phones: both}, directory.Subscriber{Code: "B", Phones: both}, directory.Subscriber{Code: "C", Phones: both})
	if got := codes(chosen(t, open(t, dir, ""), 5, "code:b", "code:c")); !slices.Equal(got, []string{"B"}) {
		t.Errorf("%v are told, want B, who is the first of the two", got)
	}
}

// BenchmarkExact chooses 5,000 of 100,000 by their codes.
func BenchmarkExact(b *testing.B) {
	dir := b.TempDir()
	build(b, dir, generated(100_000)...)
	d := open(b, dir, "")
	var scope []string
	for n := 0; n < 100_000; n += 20 {
		scope = append(scope, fmt.Sprintf("code:K%06d", n))
	}
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			if c, err := d.Count(scope); err != nil || c.Subscribers != 5000 {
				b.Fatal(c.Subscribers, err)
			}
		}
	})
	b.Run("select-1000", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := d.Select(scope, nil, 1000); err != nil {
				b.Fatal(err)
			}
		}
	})
}
