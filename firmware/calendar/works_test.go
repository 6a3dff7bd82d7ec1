package calendar_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/calendar"
)

// A carrier's note, an event of one's own that comes again, and what must not
// be taken for settled work.
func TestPlannedWorkInACalendar(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/maintenance.ics")
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	c, err := calendar.Read(data, zone, nil)
	if err != nil || len(c.Problems) > 0 {
		t.Fatal(err, c.Problems)
	}
	var got []string
	for _, w := range c.Works(time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 10, 0, 0, 0, 0, time.UTC)) {
		s := fmt.Sprintf("%s: %s to %s %q %s", w.Name, w.From.Format("2 Jan 15:04"), w.To.Format("2 Jan 15:04"), w.Summary, w.Impact)
		for flag, is := range map[string]bool{" over": w.Over, " tentative": w.Tentative} {
			if is {
				s += flag
			}
		}
		got = append(got, s+" "+strings.Join(w.Objects, "|"))
	}
	want := []string{
		// 03:00 in Warsaw, before and after the clocks go back.
		`weekly@example.org 20261020T010000Z: 20 Oct 01:00 to 20 Oct 02:00 "Router updates transit-b" ` + ` Router|updates|transit-b`,
		`weekly@example.org 20261027T020000Z: 27 Oct 02:00 to 27 Oct 03:00 "Router updates transit-b" ` + ` Router|updates|transit-b`,
		`done-7@transit.example: 1 Nov 01:00 to 1 Nov 03:00 "Card swap" DEGRADED over ABC-123|Card|swap`,
		`maint-42@transit.example: 1 Dec 01:00 to 1 Dec 06:00 "Fibre splice works" OUTAGE ABC-123|XYZ-9|Fibre|splice|works`,
		`maybe@transit.example: 5 Dec 01:00 to 5 Dec 02:00 "Perhaps" REDUCED-REDUNDANCY tentative ABC-123|Perhaps`,
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}
