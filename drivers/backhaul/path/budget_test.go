package path_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"heliograph/drivers/backhaul/path"
)

func budget(t rapid.TB, l path.Limit, kept []byte) *path.Budget {
	t.Helper()
	b, err := path.NewBudget(l, kept)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// reborn is the budget after the box has started again.
func reborn(t rapid.TB, l path.Limit, b *path.Budget) *path.Budget {
	t.Helper()
	kept, err := b.Kept()
	if err != nil {
		t.Fatal(err)
	}
	return budget(t, l, kept)
}

func day(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestAMonthOfABudget(t *testing.T) {
	t.Parallel()
	l := path.Limit{Bytes: 500e6, Reserve: 20}
	b := budget(t, l, nil)
	for _, step := range []struct {
		at       string
		mega     uint64
		says     string
		may, res bool
	}{
		{"2026-11-01 04:02", 100, "", true, true},
		{"2026-11-03 04:02", 200, "data budget: 50 % used, 300.0 MB of 500.0 MB this month", true, true},
		{"2026-11-03 04:10", 1, "", true, true},
		{"2026-11-09 00:00", 100, "data budget: 80 % used, 401.0 MB of 500.0 MB this month", false, true},
		{"2026-11-30 23:59", 99, "data budget: 100 % used, 500.0 MB of 500.0 MB this month; deliveries over the backhaul wait until the next month", false, false},
		{"2026-11-30 23:59", 7, "", false, false},
		{"2026-12-01 00:00", 1, "", true, true},
		{"2026-12-02 00:00", 450, "data budget: 80 % used, 451.0 MB of 500.0 MB this month", false, true},
	} {
		b = reborn(t, l, b)
		said := ""
		if w := b.Add(step.mega*1e6, day(step.at), true); w != nil {
			said = w.Words
		}
		if said != step.says || b.May(false) != step.may || b.May(true) != step.res {
			t.Errorf("%s: %q, may %v, reserve may %v; wanted %q, %v, %v", step.at, said, b.May(false), b.May(true), step.says, step.may, step.res)
		}
	}
	if b.Total() != 958e6 {
		t.Errorf("ever: %d", b.Total())
	}
}

func TestAClockThatIsNotTrustedEndsNoMonth(t *testing.T) {
	t.Parallel()
	l := path.Limit{Bytes: 1000}
	b := budget(t, l, nil)
	b.Add(400, day("1970-01-01 00:00"), false) // before any clock was known: of the first month that is
	b.Add(200, day("2026-11-30 23:00"), true)
	b.Add(100, day("2036-01-01 00:00"), false)
	if b.Used() != 700 {
		t.Errorf("used %d, wanted 700", b.Used())
	}
	b.Add(50, day("2026-12-01 01:00"), true)
	if b.Used() != 150 { // the hundred may have been December's
		t.Errorf("used %d in December, wanted 150", b.Used())
	}
}

func TestAMonthThatBeginsOnTheFifteenthAndADay(t *testing.T) {
	t.Parallel()
	b := budget(t, path.Limit{Bytes: 1000, First: 15}, nil)
	b.Add(10, day("2026-11-14 23:59"), true)
	b.Add(20, day("2026-11-15 00:00"), true)
	b.Add(30, day("2026-12-14 23:59"), true)
	if b.Used() != 50 {
		t.Errorf("used %d since the fifteenth, wanted 50", b.Used())
	}
	d := budget(t, path.Limit{Bytes: 1000, Daily: true}, nil)
	d.Add(10, day("2026-11-14 23:59"), true)
	d.Add(20, day("2026-11-15 00:00"), true)
	if d.Used() != 20 {
		t.Errorf("used %d today, wanted 20", d.Used())
	}
}

func TestAClockThatWasWrongForAWhileDoesNotHoldTheNextMonthsBack(t *testing.T) {
	t.Parallel()
	b := budget(t, path.Limit{Bytes: 1000}, nil)
	b.Add(10, day("2026-11-10 00:00"), true)
	b.Add(20, day("2036-01-01 00:00"), true)
	b.Add(40, day("2026-11-10 00:05"), true)
	if b.Used() != 70 {
		t.Errorf("used %d in November, wanted 70", b.Used())
	}
	b.Add(80, day("2026-12-10 00:00"), true)
	b.Add(160, day("2027-01-10 00:00"), true)
	if b.Used() != 160 {
		t.Errorf("used %d in January, wanted 160", b.Used())
	}
}

func TestWhatIsUsedWhileTheClockIsBehindCountsWhenItIsRight(t *testing.T) {
	t.Parallel()
	b := budget(t, path.Limit{Bytes: 1000}, nil)
	b.Add(10, day("2026-11-30 00:00"), true)
	b.Add(20, day("2026-01-01 00:00"), true) // really December
	b.Add(40, day("2026-12-02 00:00"), true)
	if b.Used() != 60 {
		t.Errorf("used %d in December, wanted 60", b.Used())
	}
}

func TestCountersThatBeginAgain(t *testing.T) {
	t.Parallel()
	var m path.Meter
	for _, c := range []struct {
		index           int
		in, out         uint64
		usedIn, usedOut uint64
	}{
		{3, 5000, 7000, 0, 0}, // before us
		{3, 5100, 7010, 100, 10},
		{3, 40, 30, 40, 30}, // the driver started again
		{4, 50, 60, 50, 60}, // pulled, and back
		{4, 50, 60, 0, 0},
	} {
		if in, out := m.Read(c.index, c.in, c.out); in != c.usedIn || out != c.usedOut {
			t.Errorf("%+v: %d in, %d out", c, in, out)
		}
	}
}

func TestLimitsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for _, l := range []path.Limit{{First: 29}, {Reserve: 101}, {Reserve: -1}} {
		if _, err := path.NewBudget(l, nil); err == nil {
			t.Errorf("%+v was taken", l)
		}
	}
	if _, err := path.NewBudget(path.Limit{}, []byte("{")); err == nil {
		t.Error("half a record was taken for a new SIM")
	}
}

// Whatever the counters do, whatever the clock says meanwhile and however
// often the box starts again: what was used this month is counted, and once.
func TestNothingUsedIsForgottenOrCountedTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := path.Limit{Bytes: 1 << 20, Reserve: 20}
		b := budget(t, l, nil)
		var meter path.Meter
		index, in, out := 3, uint64(rapid.IntRange(0, 9999).Draw(t, "before us")), uint64(0)
		meter.Read(index, in, out)
		now, wrong := day("2026-01-10 12:00"), true // nobody can tell a first statement that is wrong
		truly := map[string]uint64{}                // by the month it really was
		ever, said := uint64(0), map[string]int{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			clock, trusted := now, true
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0:
				index, in, out = index+1, 0, 0 // pulled, and back
			case 1:
				in, out = 0, 0 // the driver started again
				meter.Read(index, 0, 0)
			case 2:
				b = reborn(t, l, b)
			case 3:
				now = now.AddDate(0, 0, rapid.IntRange(1, 40).Draw(t, "days pass"))
				clock = now
			case 4:
				clock, trusted = now.AddDate(0, rapid.IntRange(-900, 900).Draw(t, "untrusted, months off"), 0), false
			case 5: // a trusted clock is wrong, by more than a month and not twice in a row
				if off := rapid.IntRange(2, 200).Draw(t, "trusted, months off"); !wrong {
					clock = now.AddDate(0, off*(1-2*rapid.IntRange(0, 1).Draw(t, "back")), 0)
				}
			}
			if trusted {
				wrong = !clock.Equal(now)
			}
			used := uint64(rapid.IntRange(0, 200_000).Draw(t, "used"))
			in, out = in+used/3, out+used-used/3
			gotIn, gotOut := meter.Read(index, in, out)
			if gotIn+gotOut != used {
				t.Fatalf("the meter says %d of %d", gotIn+gotOut, used)
			}
			truly[now.Format("2006-01")] += used
			ever += used
			w := b.Add(gotIn+gotOut, clock, trusted)
			if w != nil && trusted && !wrong {
				month := now.Format("2006-01")
				if w.Percent <= said[month] {
					t.Fatalf("said %d %% after %d %%", w.Percent, said[month])
				}
				said[month] = w.Percent
			}
			if b.Total() != ever || b.Used() > ever {
				t.Fatalf("ever %d, this month %d; wanted %d", b.Total(), b.Used(), ever)
			}
			if trusted && !wrong && b.Used() < truly[now.Format("2006-01")] {
				t.Fatalf("%s: counted %d, used %d", now, b.Used(), truly[now.Format("2006-01")])
			}
		}
	})
}

// With a clock that is never wrong the count is exact.
func TestARightClockCountsExactly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := path.Limit{Bytes: 1 << 20, Daily: rapid.Bool().Draw(t, "daily")}
		b, now, today, used := budget(t, l, nil), day("2026-01-10 12:00"), "", uint64(0)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "hours")) * time.Hour)
			form := "2006-01"
			if l.Daily {
				form = "2006-01-02"
			}
			if now.Format(form) != today {
				today, used = now.Format(form), 0
			}
			n := uint64(rapid.IntRange(0, 100_000).Draw(t, "used"))
			used += n
			b.Add(n, now, true)
			if b = reborn(t, l, b); b.Used() != used {
				t.Fatalf("%s: counted %d, used %d", now, b.Used(), used)
			}
		}
	})
}
