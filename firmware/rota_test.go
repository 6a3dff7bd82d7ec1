package main

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"heliograph/firmware/audience"
	"heliograph/firmware/config"
	"heliograph/firmware/event"
)

// turned is a site with a rota in turns, and one by a calendar.
const turned = `site: waw-12
timezone: Europe/Warsaw
modems: [{name: lte0, port: /dev/serial/by-id/modem}]
uplinks: [{name: transit-a, interface: eth0, gateway: 192.0.2.1, probes: [icmp: 9.9.9.9, icmp: 1.1.1.1]}]
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202", mail: bob@noc.example}
  - {name: cyd, sms: "+48600100203"}
rota:
  - name: duty
    turns: [ada, bob, cyd]
    from: 2026-11-02
    layers:
      - {days: [Sat, Sun], turns: [cyd, ada], handover: "Sat 09:00", from: 2026-11-07}
    overrides:
      - {who: bob, from: "2026-12-24 09:00", to: "2026-12-27 09:00"}
  - {name: second, calendar: {file: /etc/heliograph/oncall.ics}}
oncall:
  - {who: [duty]}
  - {who: [second], after: 5m}
  - {who: [ada], every: 30m}
`

var events = strings.ReplaceAll(`BEGIN:VCALENDAR
BEGIN:VEVENT
SUMMARY:ada
DTSTART;TZID=Europe/Warsaw:20261102T090000
DTEND;TZID=Europe/Warsaw:20261109T080000
RRULE:FREQ=WEEKLY
END:VEVENT
BEGIN:VEVENT
SUMMARY:Cyd helps
DTSTART;VALUE=DATE:20261125
END:VEVENT
BEGIN:VEVENT
SUMMARY:Piotr Nowak
DTSTART;VALUE=DATE:20261201
END:VEVENT
END:VCALENDAR
`, "\n", "\r\n")

func turnedSite(t *testing.T) config.Config {
	t.Helper()
	files := fstest.MapFS{"etc/heliograph/oncall.ics": {Data: []byte(events), Mode: fs.FileMode(0o644)}}
	c, faults := config.Parse("/etc/heliograph/heliograph.yaml", []byte(turned), files, nil)
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

// On Sunday 22 November 2026 at 06:00 in Warsaw.
var thatSunday = time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)

func TestCheckSaysWhoHasDuty(t *testing.T) {
	t.Parallel()
	c := turnedSite(t)
	want := []string{
		"duty: cyd now, ada from Mon 23 Nov 2026 09:00, bob from Mon 30 Nov 2026 09:00, cyd from Sat 5 Dec 2026 09:00, ada from Sat 12 Dec 2026 09:00",
		"second: ada now, nobody from Mon 23 Nov 2026 08:00, ada from Mon 23 Nov 2026 09:00, ada and cyd from Wed 25 Nov 2026 00:00, ada from Thu 26 Nov 2026 00:00",
	}
	if got := onDuty(c, thatSunday); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	want = []string{
		"rota[1] (line 17): nobody has second from Mon 23 Nov 2026 08:00 to Mon 23 Nov 09:00; Mon 30 Nov 2026 08:00 to Mon 30 Nov 09:00; Mon 7 Dec 2026 08:00 to Mon 7 Dec 09:00; and 5 more times until 17 January; all of second are told then",
		"rota[1] (line 17): two share second: ada and cyd from Wed 25 Nov 2026 00:00 to Thu 26 Nov 00:00; both are told",
		`rota[1] (line 17): events of the calendar that name nobody in people: "Piotr Nowak" from Tue 1 Dec 2026 00:00 to Wed 2 Dec 00:00`,
	}
	if got := oddDuty(c, thatSunday); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestARotasPeopleAreTextedAndMailed(t *testing.T) {
	t.Parallel()
	c := turnedSite(t)
	rules, err := rulesOf(c)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"2026-11-23 08:59": "cyd", "2026-11-23 09:00": "ada", "2026-12-25 12:00": "bob", "2027-03-29 08:59": "cyd", "2027-03-29 09:00": "ada",
	} {
		wall, err := time.ParseInLocation("2006-01-02 15:04", at, c.Timezone)
		if err != nil {
			t.Fatal(err)
		}
		first := rules.Audience.OnDuty(wall, true, nil).First()
		if len(first) != 1 || first[0].Name != want {
			t.Errorf("at %s the first are %+v, want %s", at, first, want)
		}
	}
	c.Channels.Mail.From = "noc@noc.example"
	if staff := staffOf(c); len(staff) != 1 || staff[0].Address != "bob@noc.example" || staff[0].Channel != event.Mail {
		t.Errorf("mails go to %+v", staff)
	}
}

// What is kept of a calendar gives the same answers as the calendar.
func TestAnAlmanacAnswersLikeItsCalendar(t *testing.T) {
	t.Parallel()
	c := turnedSite(t)
	kept := &almanac{events: c.Rotas[1].Calendar.Events}
	for _, days := range []int{0, 1, 30, 400, 2, -900, 5, 4000} {
		from := thatSunday.AddDate(0, 0, days)
		for _, span := range []int{1, 35, 366} {
			to := from.AddDate(0, 0, span)
			var want []audience.Shift
			for _, s := range c.Rotas[1].Calendar.Events.Shifts(from, to) {
				want = append(want, audience.Shift(s))
			}
			if got := kept.shifts(from, to); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%d days from %s on: got\n%v\nwant\n%v", span, from, got, want)
			}
		}
	}
}
