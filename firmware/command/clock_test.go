package command

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func TestAClockIsResolvedToTheNextSuchInstant(t *testing.T) {
	t.Parallel()
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		now  string // UTC
		want string // UTC; empty: it cannot be
	}{
		{"06:30", "2026-11-22 04:00", "2026-11-22 05:30"},
		{"06:30", "2026-11-22 05:30", "2026-11-23 05:30"}, // now is not after now
		{"06:30", "2026-11-22 09:00", "2026-11-23 05:30"},
		{"06:30Z", "2026-11-22 06:00", "2026-11-22 06:30"},
		{"06:30Z", "2026-11-22 07:00", "2026-11-23 06:30"},
		{"00:10", "2026-11-22 22:50", "2026-11-22 23:10"}, // ten to midnight on the wall
		{"00:30Z", "2026-11-22 23:30", "2026-11-23 00:30"},
		{"tomorrow 06:30", "2026-11-22 02:00", "2026-11-23 05:30"},
		{"tomorrow 06:30", "2026-11-22 23:30", "2026-11-24 05:30"}, // it is the 23rd in Warsaw
		{"tomorrow 06:30Z", "2026-11-22 23:30", "2026-11-23 06:30"},
		{"tomorrow 06:30", "2026-12-31 10:00", "2027-01-01 05:30"},
		{"+2h", "2026-11-22 04:00", "2026-11-22 06:00"},
		{"in 90 min", "2026-11-22 04:00", "2026-11-22 05:30"},
		{"23 Nov 06:30", "2026-11-22 04:00", "2026-11-23 05:30"},
		{"22.11 06:30", "2026-11-22 09:00", "2027-11-22 05:30"},
		{"29 Feb 06:30", "2026-11-22 04:00", "2028-02-29 05:30"},
		{"29 Feb 06:30", "2096-03-01 04:00", "2104-02-29 05:30"}, // 2100 has none
		{"31 Feb 06:30", "2026-11-22 04:00", ""},
		{"31.11 06:30", "2026-11-22 04:00", ""},
		{"?", "2026-11-22 04:00", ""},
		// 29 March 2026, 02:00 to 03:00 is left out; 25 October 2026, it comes twice.
		{"02:30", "2026-03-29 00:10", ""},
		{"29.03 02:30", "2026-03-28 12:00", "2027-03-29 00:30"},
		{"tomorrow 02:30", "2026-03-28 12:00", ""},
		{"03:30", "2026-03-29 00:10", "2026-03-29 01:30"},
		{"02:30", "2026-10-25 00:10", "2026-10-25 00:30"},
		{"02:30", "2026-10-25 00:40", "2026-10-25 01:30"},
		{"02:30", "2026-10-25 01:40", "2026-10-26 01:30"},
		{"25.10 02:30", "2026-10-24 12:00", "2026-10-25 00:30"},
	} {
		now, err := time.Parse("2006-01-02 15:04", c.now)
		if err != nil {
			t.Fatal(err)
		}
		cmd, err := Parse("etr "+c.text, Air)
		if err != nil {
			t.Fatalf("%q: %v", c.text, err)
		}
		got, ok := cmd.At.Resolve(now, warsaw)
		switch {
		case ok != (c.want != ""):
			t.Errorf("%s at %sZ: %v, %v; want %q", c.text, c.now, got, ok, c.want)
		case ok && got.UTC().Format("2006-01-02 15:04") != c.want:
			t.Errorf("%s at %sZ is %sZ; want %sZ", c.text, c.now, got.UTC().Format("2006-01-02 15:04"), c.want)
		}
	}
	if _, ok := (Clock{}).Resolve(time.Unix(0, 0), warsaw); ok {
		t.Error("a clock that is not set has a time")
	}
	if at, ok := (Clock{Hour: 6, Set: true}).Resolve(time.Unix(0, 0), nil); !ok || at.UTC().Hour() != 6 {
		t.Errorf("without a zone it is UTC: %v, %v", at, ok)
	}
}
