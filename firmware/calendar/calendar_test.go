package calendar_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // a machine without time zone files tests the same

	"pgregory.net/rapid"

	"heliograph/firmware/calendar"
)

var warsaw = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		panic(err)
	}
	return zone
}()

var people = []calendar.Person{
	{Name: "ada", Mail: "ada@noc.example"}, {Name: "bob", Mail: "bob@noc.example"}, {Name: "cyd"}, {Name: "lucja"}, {Name: "anna-maria"}, {Name: "anna"},
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func day(text string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, text, warsaw)
	if err != nil {
		panic(err)
	}
	return t
}

// told is shifts in lines: "ada Mon 2026-10-05 09:00 CEST - Mon 2026-10-12 09:00 CEST".
func told(shifts []calendar.Shift) string {
	var b strings.Builder
	for _, s := range shifts {
		const form = "Mon 2006-01-02 15:04 MST"
		fmt.Fprintf(&b, "%s %s - %s\n", s.Who, s.From.In(warsaw).Format(form), s.To.In(warsaw).Format(form))
	}
	return b.String()
}

func TestWhatCalendarsExport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, from, to, shifts, strangers, problems string }{
		{"google.ics", "2026-10-19", "2027-01-01", `bob Mon 2026-10-12 09:00 CEST - Mon 2026-10-19 09:00 CEST
ada Mon 2026-10-19 09:00 CEST - Mon 2026-10-26 09:00 CET
bob Mon 2026-10-26 09:00 CET - Mon 2026-11-02 09:00 CET
ada Mon 2026-11-02 09:00 CET - Mon 2026-11-09 09:00 CET
bob Tue 2026-11-10 12:00 CET - Mon 2026-11-16 09:00 CET
ada Mon 2026-11-16 09:00 CET - Mon 2026-11-23 09:00 CET
lucja Tue 2026-11-24 00:00 CET - Thu 2026-11-26 00:00 CET
bob Tue 2026-11-24 00:00 CET - Thu 2026-11-26 00:00 CET
bob Mon 2026-12-07 09:00 CET - Mon 2026-12-14 09:00 CET
ada Mon 2026-12-14 09:00 CET - Mon 2026-12-21 09:00 CET
ada Mon 2026-12-28 09:00 CET - Mon 2027-01-04 09:00 CET
`, "Change of the UPS Tue 2026-12-01 13:00 CET - Tue 2026-12-01 14:00 CET\n", ""},
		{"outlook.ics", "2026-10-01", "2027-01-01", `bob Mon 2026-10-19 17:00 CEST - Tue 2026-10-20 08:00 CEST
bob Tue 2026-10-20 17:00 CEST - Wed 2026-10-21 08:00 CEST
bob Fri 2026-10-23 17:00 CEST - Sat 2026-10-24 08:00 CEST
cyd Sat 2026-10-24 00:00 CEST - Mon 2026-10-26 00:00 CET
bob Mon 2026-10-26 17:00 CET - Tue 2026-10-27 08:00 CET
bob Tue 2026-10-27 17:00 CET - Wed 2026-10-28 08:00 CET
bob Wed 2026-10-28 17:00 CET - Thu 2026-10-29 08:00 CET
bob Thu 2026-10-29 17:00 CET - Fri 2026-10-30 08:00 CET
bob Fri 2026-10-30 17:00 CET - Sat 2026-10-31 08:00 CET
`, "", ""},
		{"outlook-bare.ics", "2027-03-01", "2027-04-10", `ada Fri 2027-03-26 17:00 CET - Mon 2027-03-29 08:00 CEST
bob Tue 2027-03-30 09:00 CEST - Wed 2027-03-31 11:00 CEST
cyd Fri 2027-04-02 09:00 CEST - Fri 2027-04-02 10:00 CEST
ada Sat 2027-04-03 09:00 CEST - Sat 2027-04-03 10:00 CEST
bob Tue 2027-04-06 11:00 CEST - Tue 2027-04-06 11:30 CEST
`, "", `the time zone "Middle-earth Standard Time" is not known: its times are read as those of Europe/Warsaw
"bob without a beginning" has no beginning (DTSTART): left out
"cyd backwards": it lasts from 5 April 2027 09:00 to 5 April 2027 08:00: left out
"bob every hour" repeats by a rule that is not understood (FREQ=HOURLY: duty does not change every hour): only the first one counts
`},
		{"pagerduty.ics", "2026-11-01", "2026-12-01", `ada Mon 2026-11-02 09:00 CET - Mon 2026-11-09 09:00 CET
bob Mon 2026-11-09 09:00 CET - Mon 2026-11-16 09:00 CET
`, "On Call - Zoe Nowak - NOC Mon 2026-11-16 09:00 CET - Mon 2026-11-23 09:00 CET\n", ""},
	} {
		cal, err := calendar.Read(file(t, c.file), warsaw, people)
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		if got := told(cal.Shifts(day(c.from), day(c.to))); got != c.shifts {
			t.Errorf("%s: the shifts are\n%swant\n%s", c.file, got, c.shifts)
		}
		if got := told(cal.Strangers(day(c.from), day(c.to))); got != c.strangers {
			t.Errorf("%s: the strangers are\n%swant\n%s", c.file, got, c.strangers)
		}
		if got := lines(cal.Problems); got != c.problems {
			t.Errorf("%s: the problems are\n%swant\n%s", c.file, got, c.problems)
		}
	}
}

func lines(all []string) string {
	var b strings.Builder
	for _, s := range all {
		b.WriteString(s + "\n")
	}
	return b.String()
}

// of is a calendar of these lines in one event; BEGIN:VEVENT between others
// begins the next.
func of(event string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + strings.ReplaceAll(strings.TrimSpace(event), "\n", "\r\n") + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
}

func TestHowAnEventComesAgain(t *testing.T) {
	t.Parallel()
	const weekly = "UID:a\nSUMMARY:ada\nDTSTART;TZID=Europe/Warsaw:20270322T090000\nDTEND;TZID=Europe/Warsaw:20270329T090000\n"
	for _, c := range []struct{ what, event, from, to, want string }{
		{"the clocks go forward in it: a week ends on Monday 09:00", weekly + "RRULE:FREQ=WEEKLY", "2028-03-22", "2028-03-28",
			"ada Mon 2028-03-20 09:00 CET - Mon 2028-03-27 09:00 CEST, ada Mon 2028-03-27 09:00 CEST - Mon 2028-04-03 09:00 CEST"},
		{"the wall shows 02:00 twice", "SUMMARY:ada\nDTSTART;TZID=Europe/Warsaw:20271001T020000\nDURATION:PT1H30M\nRRULE:FREQ=DAILY", "2027-10-31", "2027-11-01",
			"ada Sun 2027-10-31 02:00 CEST - Sun 2027-10-31 03:30 CET"},
		{"the wall leaves 02:30 out", "SUMMARY:ada\nDTSTART;TZID=Europe/Warsaw:20270301T023000\nDURATION:PT1H\nRRULE:FREQ=DAILY", "2027-03-28", "2027-03-29",
			"ada Sun 2027-03-28 03:30 CEST - Sun 2027-03-28 04:30 CEST"},
		{"whole days when the clocks change", "SUMMARY:ada\nDTSTART;VALUE=DATE:20270321\nDURATION:P1W\nRRULE:FREQ=WEEKLY", "2027-03-28", "2027-03-30",
			"ada Sun 2027-03-28 00:00 CET - Sun 2027-04-04 00:00 CEST"},
		{"a day without an end is one day", "SUMMARY:ada\nDTSTART;VALUE=DATE:20280229\nRRULE:FREQ=YEARLY", "2027-01-01", "2033-01-01",
			"ada Tue 2028-02-29 00:00 CET - Wed 2028-03-01 00:00 CET, ada Sun 2032-02-29 00:00 CET - Mon 2032-03-01 00:00 CET"},
		{"the last Friday of the month", "SUMMARY:ada\nDTSTART:20270326T170000\nDTEND:20270329T080000\nRRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", "2027-01-01", "2028-01-01",
			"ada Fri 2027-03-26 17:00 CET - Mon 2027-03-29 08:00 CEST, ada Fri 2027-04-30 17:00 CEST - Mon 2027-05-03 08:00 CEST, ada Fri 2027-05-28 17:00 CEST - Mon 2027-05-31 08:00 CEST"},
		{"until a day, and that day too", weekly + "RRULE:FREQ=WEEKLY;UNTIL=20270405", "2027-03-30", "2028-01-01",
			"ada Mon 2027-03-29 09:00 CEST - Mon 2027-04-05 09:00 CEST, ada Mon 2027-04-05 09:00 CEST - Mon 2027-04-12 09:00 CEST"},
		{"except on dates that are days", weekly + "RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;VALUE=DATE:20270329", "2027-03-30", "2028-01-01",
			"ada Mon 2027-04-05 09:00 CEST - Mon 2027-04-12 09:00 CEST"},
		{"except by Greenwich", weekly + "RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE:20270329T070000Z,20270405T070000Z", "2027-03-01", "2028-01-01",
			"ada Mon 2027-03-22 09:00 CET - Mon 2027-03-29 09:00 CEST"},
		{"on dates that are named", weekly + "RDATE;TZID=Europe/Warsaw:20270510T090000\nRDATE;VALUE=PERIOD:20270601T070000Z/P1D", "2027-05-01", "2028-01-01",
			"ada Mon 2027-05-10 09:00 CEST - Mon 2027-05-17 09:00 CEST, ada Tue 2027-06-01 09:00 CEST - Tue 2027-06-08 09:00 CEST"},
		{"a beginning that its rule leaves out", "SUMMARY:ada\nDTSTART:20270323T090000\nDTEND:20270323T100000\nRRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=2", "2027-03-01", "2028-01-01",
			"ada Tue 2027-03-23 09:00 CET - Tue 2027-03-23 10:00 CET, ada Fri 2027-03-26 09:00 CET - Fri 2027-03-26 10:00 CET, ada Fri 2027-04-02 09:00 CEST - Fri 2027-04-02 10:00 CEST"},
		{"of two states the newer counts", weekly + "SEQUENCE:2\nEND:VEVENT\nBEGIN:VEVENT\n" + strings.Replace(weekly, "ada", "bob", 1) + "SEQUENCE:10", "2027-03-01", "2028-01-01",
			"bob Mon 2027-03-22 09:00 CET - Mon 2027-03-29 09:00 CEST"},
		{"a cancelled series", weekly + "RRULE:FREQ=WEEKLY\nSTATUS:CANCELLED", "2027-03-01", "2028-01-01", ""},
		{"an exception whose series is not in the file", weekly + "RECURRENCE-ID:20270301T080000Z", "2027-03-01", "2028-01-01",
			"ada Mon 2027-03-22 09:00 CET - Mon 2027-03-29 09:00 CEST"},
	} {
		cal, err := calendar.Read(of(c.event), warsaw, people)
		got := strings.ReplaceAll(strings.TrimSpace(told(cal.Shifts(day(c.from), day(c.to)))), "\n", ", ")
		if err != nil || got != c.want || cal.Problems != nil {
			t.Errorf("%s:\n got %s\nwant %s\n%v %q", c.what, got, c.want, err, cal.Problems)
		}
	}
}

func TestWhomAnEventNames(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]string{
		"SUMMARY:ada":                     "ada",
		"SUMMARY:ADA":                     "ada",
		"SUMMARY:On call (ada).":          "ada",
		"SUMMARY:On-call: bob/ada":        "bob ada",
		"SUMMARY:ada-primary":             "ada",
		"SUMMARY:Anna-Maria":              "anna-maria",
		"SUMMARY:Anna, not Maria":         "anna",
		"SUMMARY:Adam, Canada, bobsleigh": "",
		"SUMMARY:ŁUCJA Nowak":             "lucja",
		"SUMMARY:ask bob@noc.example":     "bob",
		"SUMMARY:bob@elsewhere.example":   "",
		"SUMMARY:":                        "",
		"summary:cyd":                     "cyd",
		"SUMMARY:x\nATTENDEE:mailto:ada@noc.example\nATTENDEE:MAILTO:BOB@noc.example":  "ada bob",
		"SUMMARY:x\nATTENDEE;PARTSTAT=DECLINED:mailto:ada@noc.example":                 "",
		"SUMMARY:x\nATTENDEE;CN=Cyd Jones:mailto:c@elsewhere.example":                  "cyd",
		"SUMMARY:x\nATTENDEE;EMAIL=ada@noc.example:urn:uuid:1":                         "ada",
		"SUMMARY:x\nORGANIZER;CN=\"Bob: NOC\":mailto:noc@noc.example":                  "bob",
		"SUMMARY:x\nATTENDEE:mailto:ada@noc.example\nORGANIZER:mailto:bob@noc.example": "ada",
		"SUMMARY:cyd\nATTENDEE:mailto:ada@noc.example":                                 "cyd",
	} {
		cal, err := calendar.Read(of(event+"\nDTSTART:20270101T000000Z\nDURATION:PT1H"), warsaw, people)
		if got := strings.Join(cal.People(), " "); err != nil || got != want {
			t.Errorf("%q names %q, want %q (%v)", event, got, want, err)
		}
	}
}

// zoned is an event in a zone that the file itself defines.
func zoned(parts string) []byte {
	return []byte(strings.ReplaceAll("BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Home\n"+parts+"END:VTIMEZONE\nBEGIN:VEVENT\nSUMMARY:ada\n"+
		"DTSTART;TZID=Home:20270115T090000\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;INTERVAL=6;COUNT=2\nEND:VEVENT\nEND:VCALENDAR\n", "\n", "\r\n"))
}

func TestZonesThatAFileDefines(t *testing.T) {
	t.Parallel()
	half := func(name, since, to, rule string) string {
		return "BEGIN:" + name + "\nDTSTART:" + since + "\nTZOFFSETFROM:+0000\nTZOFFSETTO:" + to + "\n" + rule + "END:" + name + "\n"
	}
	const march, october = "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\n", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\n"
	for _, c := range []struct{ what, parts, want, problem string }{
		{"two halves", half("STANDARD", "19701025T030000", "+0100", october) + half("DAYLIGHT", "19700329T020000", "+0200", march), "08:00 07:00", ""},
		{"west of Greenwich", half("STANDARD", "20071104T020000", "-0500", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\n") + half("DAYLIGHT", "20070311T020000", "-0400", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\n"), "14:00 13:00", ""},
		{"south of the equator", half("STANDARD", "20080406T030000", "+1000", "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU\n") + half("DAYLIGHT", "20081005T020000", "+1100", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU\n"), "22:00 23:00", ""},
		{"an old rule and a newer one", half("DAYLIGHT", "19700329T020000", "+0300", march) + half("STANDARD", "19701025T030000", "+0100", october) + half("DAYLIGHT", "19960331T020000", "+0200", march), "08:00 07:00", ""},
		{"one half only", half("STANDARD", "19700101T000000", "+0530", ""), "03:30 03:30", ""},
		{"summer time was given up", half("DAYLIGHT", "20100328T020000", "+0400", "") + half("STANDARD", "20110327T020000", "+0300", ""), "06:00 06:00", ""},
		{"no half", "", "08:00 07:00", "is not known"},
		{"half a rule", half("STANDARD", "20261025T030000", "+0400", "") + half("DAYLIGHT", "20270328T020000", "+0500", ""), "08:00 07:00", "is not known"},
		{"no offset", half("STANDARD", "19701025T030000", "one", october), "08:00 07:00", "is not known"},
	} {
		cal, err := calendar.Read(zoned(c.parts), warsaw, people)
		var got []string
		for _, s := range cal.Shifts(day("2027-01-01"), day("2028-01-01")) {
			got = append(got, s.From.UTC().Format("15:04"))
		}
		if all := strings.Join(got, " "); err != nil || all != c.want || strings.Contains(lines(cal.Problems), "is not known") != (c.problem != "") {
			t.Errorf("%s: begins at %q by Greenwich, want %q (%v, %q)", c.what, all, c.want, err, cal.Problems)
		}
	}
}

// An instance that was moved and then cancelled, and one of an event without
// UID, which is nobody's exception.
func TestStatesOfAnEvent(t *testing.T) {
	t.Parallel()
	const weekly = "DTSTART:20261102T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3\n"
	const moved = "RECURRENCE-ID:20261109T080000Z\nDTSTART:20261109T200000\nDURATION:PT1H\n"
	const next = "END:VEVENT\nBEGIN:VEVENT\n"
	for want, event := range map[string]string{
		"2 Nov 09:00, 9 Nov 20:00, 16 Nov 09:00":              "UID:a\nSUMMARY:ada\n" + weekly + next + "UID:a\nSUMMARY:ada\n" + moved,
		"2 Nov 09:00, 16 Nov 09:00":                           "UID:a\nSUMMARY:ada\n" + weekly + next + "UID:a\nSUMMARY:ada\nSEQUENCE:1\n" + moved + next + "UID:a\nSEQUENCE:2\nSTATUS:CANCELLED\n" + moved,
		"2 Nov 09:00, 9 Nov 09:00, 9 Nov 20:00, 16 Nov 09:00": "SUMMARY:ada\n" + weekly + next + "SUMMARY:ada\n" + moved,
	} {
		cal, err := calendar.Read(of(event), warsaw, people)
		var got []string
		for _, s := range cal.Shifts(day("2026-11-01"), day("2026-12-01")) {
			got = append(got, s.From.In(warsaw).Format("2 Jan 15:04"))
		}
		if all := strings.Join(got, ", "); err != nil || all != want {
			t.Errorf("got %s, want %s (%v)", all, want, err)
		}
	}
}

func TestWhatIsNoCalendar(t *testing.T) {
	t.Parallel()
	whole := string(file(t, "google.ics"))
	for want, data := range map[string]string{
		"it is empty": " \r\n",
		"it does not begin with BEGIN:VCALENDAR: it is no iCalendar file": "<!DOCTYPE html><title>Sign in</title>",
		"it does not end with END:VCALENDAR: a part is missing":           whole[:len(whole)/2],
		"its parts are nested too deeply":                                 "BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:VEVENT\n", 100_000) + "END:VCALENDAR",
		"it is larger than 4 MB":                                          strings.Repeat("x", calendar.Heaviest+1),
		"it cannot be read as iCalendar: ":                                "BEGIN:VCALENDAR\nBEGIN:VEVENT\nno colon here\nEND:VEVENT\nEND:VCALENDAR",
	} {
		_, err := calendar.Read([]byte(data), warsaw, people)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for name, data := range map[string]string{"a mark of UTF-8 before it": "\ufeff" + whole, "bare line feeds": strings.ReplaceAll(whole, "\r\n", "\n"), "lines after it": whole + "\r\n\r\n"} {
		if cal, err := calendar.Read([]byte(data), warsaw, people); err != nil || len(cal.People()) != 3 {
			t.Errorf("%s: %v, %q", name, err, cal.People())
		}
	}
}

// However a time is cut, its pieces have the shifts that the whole has.
func TestAPieceOfTimeHasTheShiftsThatTouchIt(t *testing.T) {
	t.Parallel()
	var all []calendar.Calendar
	for _, name := range []string{"google.ics", "outlook.ics", "pagerduty.ics"} {
		cal, err := calendar.Read(file(t, name), warsaw, people)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, cal)
	}
	first, last := day("2026-09-01"), day("2028-07-01")
	rapid.Check(t, func(t *rapid.T) {
		cal := rapid.SampledFrom(all).Draw(t, "calendar")
		from := first.Add(time.Duration(rapid.IntRange(0, 480*24*60).Draw(t, "from")) * time.Minute)
		to := from.Add(time.Duration(rapid.IntRange(1, 90*24*60).Draw(t, "length")) * time.Minute)
		want := slices.DeleteFunc(cal.Shifts(first, last), func(s calendar.Shift) bool { return !s.To.After(from) || !s.From.Before(to) })
		if got := cal.Shifts(from, to); len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("from %s to %s\n%swant\n%s", from, to, told(got), told(want))
		}
	})
}

// Whatever a file says, it is read, and what it says of a year are shifts of
// people we know, in order, that touch that year.
func FuzzRead(f *testing.F) {
	names, err := filepath.Glob("testdata/*.ics")
	if err != nil || len(names) < 4 {
		f.Fatalf("the calendars are %q, %v", names, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	for _, rule := range []string{"FREQ=DAILY;INTERVAL=7;BYDAY=TU", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYDAY=+5MO;BYSETPOS=-1", "FREQ=WEEKLY;WKST=SU;INTERVAL=1000;COUNT=99999"} {
		f.Add(string(of("UID:a\nSUMMARY:ada\nDTSTART:20261102T090000\nDURATION:P1D\nRRULE:" + rule)))
	}
	f.Add(string(zoned("BEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETTO:-1359\nRRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=1MO\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T235900\nTZOFFSETTO:+1400\nRRULE:FREQ=YEARLY;BYMONTH=12;BYDAY=4SA\nEND:DAYLIGHT\n")))
	from, to := day("2026-11-01"), day("2027-11-01")
	f.Fuzz(func(t *testing.T, text string) {
		cal, err := calendar.Read([]byte(text), warsaw, people)
		if err != nil {
			return
		}
		var before time.Time
		for _, s := range cal.Shifts(from, to) {
			known := slices.ContainsFunc(people, func(p calendar.Person) bool { return p.Name == s.Who })
			if !known || !s.To.After(from) || !s.From.Before(to) || s.From.Before(before) {
				t.Fatalf("%+v after %s", s, before)
			}
			before = s.From
		}
	})
}
