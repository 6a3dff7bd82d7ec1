package emulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// stage stages a case that must be there.
func (b *bench) stage(number int, variant ...string) {
	b.t.Helper()
	if err := Stage(b.modem, number, variant...); err != nil {
		b.t.Fatal(err)
	}
}

// has wants to have heard this, among other things.
func (b *bench) has(want ...string) string {
	b.t.Helper()
	got := b.take()
	for _, w := range want {
		if !strings.Contains(got, w) {
			b.t.Fatalf("heard %q, want %q in it", got, w)
		}
	}
	return got
}

// again opens the port that came back.
func (b *bench) again() *host {
	b.t.Helper()
	h := attachHost(b.t, b.modem.Pipe())
	b.t.Cleanup(func() { h.port.Close(); <-h.ended })
	return h
}

func TestEveryCaseIsOnTheWireAsTheGuideHasIt(t *testing.T) {
	t.Parallel()
	for _, c := range Cases() {
		t.Run(fmt.Sprintf("%02d %s", c.Number, c.Name), func(t *testing.T) {
			play := caseStories[c.Number]
			if play == nil {
				t.Fatalf("case %d has no story", c.Number)
			}
			story(t, Options{}, play)
		})
	}
}

func TestTheCatalogueIsWholeAndEveryVariantCanBeStaged(t *testing.T) {
	t.Parallel()
	var numbers []int
	for _, c := range Cases() {
		numbers = append(numbers, c.Number)
		if c.Name == "" || c.What == "" || len(c.Variants) == 0 {
			t.Errorf("case %d does not say what it is", c.Number)
		}
		for _, v := range c.Variants {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, Options{})
				b.stage(c.Number, v)
				time.Sleep(10 * time.Minute)
				b.port.Close() // a port that is silent does not end by itself
			})
		}
	}
	var want []int
	for n := 1; n <= 55; n++ {
		if n < 39 || n > 41 {
			want = append(want, n)
		}
	}
	if !slices.Equal(numbers, want) {
		t.Errorf("the catalogue holds %v, want %v", numbers, want)
	}
}
