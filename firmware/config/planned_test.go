package config

import (
	"slices"
	"strings"
	"testing"
)

// Planned work that nobody reads is not announced, and wakes people: a calendar
// that does not say what is planned is warned of.
func TestACalendarOfPlannedWorkThatSaysNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, want string }{
		{"gone.ics", "gone.ics cannot be read: file does not exist: what stands in it alone is not announced, and its probes page people; mend it, then: systemctl reload heliograph"},
		{"pin", "pin it does not begin with BEGIN:VCALENDAR: it is no iCalendar file: what stands in it alone is not announced, and its probes page people; mend it, then: systemctl reload heliograph"},
	} {
		conf, faults := Parse(where, []byte(calm+"maintenance: {calendar: {file: "+c.file+"}}\n"), secrets(), environment)
		if err := faults.Err(); err != nil {
			t.Fatal(err)
		}
		if all := Warnings(conf); !slices.ContainsFunc(all, func(w string) bool {
			return strings.HasPrefix(w, "maintenance.calendar.file (line ") && strings.HasSuffix(w, "): "+c.want)
		}) {
			t.Errorf("%s:\ngot:  %s\nwant: %s", c.file, strings.Join(all, "\n"), c.want)
		}
	}
}
