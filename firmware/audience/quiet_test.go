package audience_test

import (
	"testing"
	"time"

	"heliograph/firmware/audience"
)

func TestWhenQuietEnds(t *testing.T) {
	t.Parallel()
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	night := audience.Quiet{From: audience.Clock{Hour: 21}, To: audience.Clock{Hour: 6}}
	noon := audience.Quiet{From: audience.Clock{Hour: 12}, To: audience.Clock{Hour: 13, Minute: 30}}
	for _, c := range []struct {
		quiet    audience.Quiet
		at, want string // on the wall of Warsaw, with its offset
	}{
		{night, "2026-11-22T20:59:59+01:00", ""},
		{night, "2026-11-22T21:00:00+01:00", "2026-11-23T06:00:00+01:00"},
		{night, "2026-11-23T05:59:59+01:00", "2026-11-23T06:00:00+01:00"},
		{night, "2026-11-23T06:00:00+01:00", ""},
		{night, "2027-03-27T23:00:00+01:00", "2027-03-28T06:00:00+02:00"}, // an hour shorter
		{night, "2026-10-24T23:00:00+02:00", "2026-10-25T06:00:00+01:00"}, // an hour longer
		{noon, "2026-11-22T12:30:00+01:00", "2026-11-22T13:30:00+01:00"},
		{noon, "2026-11-22T13:30:00+01:00", ""},
		{audience.Quiet{}, "2026-11-22T02:00:00+01:00", ""},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if end := c.quiet.Ends(at, warsaw); !end.IsZero() {
			got = end.In(warsaw).Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("at %s quiet ends %q, want %q", c.at, got, c.want)
		}
	}
}
