package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"heliograph/firmware/config"
)

// What a carrier's calendar names by its circuit, and one's own by a name, is
// planned work; what the carrier calls it stays in the house, and what is not
// settled is not planned.
func TestPlannedWorkIsListed(t *testing.T) {
	t.Parallel()
	events, err := os.ReadFile("calendar/testdata/maintenance.ics")
	if err != nil {
		t.Fatal(err)
	}
	c, faults := config.Parse("/etc/heliograph.yaml", []byte(`
site: waw-12
timezone: Europe/Warsaw
modems: [{name: lte0, port: /dev/none}]
uplinks:
  - {name: transit-a, probes: [icmp: 9.9.9.9], serves: [waw], carrier: {name: Transit, asn: 64500, circuit: ABC-123}}
  - {name: transit-b, probes: [icmp: 9.9.9.9]}
people: [{name: ada, sms: "+48600100201"}]
maintenance:
  calendar: {file: /etc/maintenance.ics}
  tell: {subscribers: [], partners: [24h]}
  windows:
    - {name: spring, regions: [waw], from: "2027-03-28 01:00", to: "2027-03-28 04:00", text: {en: new optics}}
`), fstest.MapFS{"etc/maintenance.ics": {Data: events}}, func(string) (string, bool) { return "", false })
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range planningOf(c).Listed(time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 12, 10, 0, 0, 0, 0, time.UTC)) {
		got = append(got, fmt.Sprintf("%s on %s %s, %s to %s, told %v, over %v, outside %q", l.Name, l.Subjects, l.Regions, l.From.Format("2 Jan 15:04"), l.To.Format("2 Jan 15:04"), l.Tell["partners"], l.Over, l.Text["en"]))
		if _, told := l.Tell["subscribers"]; told {
			t.Errorf("%s is told to subscribers", l.Name)
		}
	}
	want := []string{
		"spring on [] [waw], 28 Mar 00:00 to 28 Mar 02:00, told [24h0m0s], over false, outside \"new optics\"", // the night is an hour shorter
		"weekly@example.org 20261020T010000Z on [transit-b] [], 20 Oct 01:00 to 20 Oct 02:00, told [24h0m0s], over false, outside \"\"",
		"weekly@example.org 20261027T020000Z on [transit-b] [], 27 Oct 02:00 to 27 Oct 03:00, told [24h0m0s], over false, outside \"\"",
		"done-7@transit.example on [transit-a] [], 1 Nov 01:00 to 1 Nov 03:00, told [24h0m0s], over true, outside \"\"",
		"maint-42@transit.example on [transit-a] [], 1 Dec 01:00 to 1 Dec 06:00, told [24h0m0s], over false, outside \"\"",
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}
