package main

import (
	"encoding/csv"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/control"
	"heliograph/firmware/event"
	"heliograph/storage/outbox"
)

// The report of a night is read back by any program that knows RFC 4180: a row
// for each delivery, with numbers in full, the route, the receipt, and when
// whoever was told heard that it was over.
func TestTheReportOfANight(t *testing.T) {
	r := newSecretRig(t)
	r.start()
	r.night()
	socket := filepath.Join(r.dir, "control.sock")
	out, errs, code := typed(t, "export", "1", "--csv", "--socket", socket)
	if code != 0 || !regexp.MustCompile(`^#1: \d+ told, \d+ cleared, 0 unreachable; \d+ delivery rows\.\n$`).MatchString(errs) {
		t.Errorf("status %d: %s", code, errs)
	}
	if strings.Count(out, "\n") != strings.Count(out, "\r\n") {
		t.Errorf("lines end in CR LF: %q", out)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) < 3 {
		t.Fatalf("%v: %s", err, out)
	}
	if got := strings.Join(rows[0], ","); got != strings.Join(csvHead, ",") {
		t.Errorf("the head is %s", got)
	}
	kinds := map[string][]string{}
	for _, row := range rows[1:] {
		if kinds[row[2]] == nil {
			kinds[row[2]] = row
		}
	}
	down, over := kinds["down"], kinds["all-clear"]
	for i, want := range map[int]string{0: "1", 3: "oncall", 4: "ada", 5: "sms", 6: adasNumber, 13: "lte0", 15: "reference "} {
		if down == nil || !strings.Contains(down[i], want) {
			t.Errorf("%s of the first word is %q, want %q", csvHead[i], down[i], want)
		}
	}
	if down[10] == "" || down[18] == "" || down[18] != over[10] {
		t.Errorf("told at %q, cleared at %q; the all-clear went at %q", down[10], down[18], over[10])
	}
	if !strings.Contains(down[20], "DOWN transit-a") || !strings.Contains(over[20], "ALL CLEAR transit-a") || over[18] != "" {
		t.Errorf("%q, %q", down, over)
	}
	var x control.Export
	out, _, _ = typed(t, "export", "1", "--json", "--socket", socket)
	if err := json.Unmarshal([]byte(out), &x); err != nil || len(x.Deliveries) != len(rows)-1 || x.Deliveries[0].Text == "" || x.Deliveries[0].Receipt == "" {
		t.Errorf("%v: %s", err, out)
	}
	if out, _, _ = typed(t, "export", "1", "--socket", socket); !strings.Contains(out, "WORDS") || !strings.Contains(out, "DOWN transit-a") {
		t.Errorf("export shows no words: %s", out)
	}
	if _, errs, code = typed(t, "export", "9", "--csv", "--socket", socket); code != 1 || !strings.Contains(errs, "nothing was sent of incident 9") {
		t.Errorf("status %d: %s", code, errs)
	}
}

// A report is opened in a spreadsheet: nothing in it is a formula there.
func TestAReportHoldsNoFormulas(t *testing.T) {
	t.Parallel()
	row := csvRow(control.Delivery{Recipient: "=cmd|'/c calc'!A1", Address: "+48600100301", Advice: "-1+1", Text: "@SUM(A1)", Subject: "+48600100301=1", Code: "CMS 21"})
	want := map[int]string{4: "'=cmd|'/c calc'!A1", 6: "+48600100301", 17: "'-1+1", 20: "'@SUM(A1)", 19: "'+48600100301=1", 16: "CMS 21"}
	for i, text := range want {
		if row[i] != text {
			t.Errorf("%s is %q, want %q", csvHead[i], row[i], text)
		}
	}
}

// The box was off for an hour, its box time was not: what was sent before keeps
// the times of that evening. What was written without a clock is not gone by.
func TestTimesOfBeforeARestart(t *testing.T) {
	t.Parallel()
	at := func(hour, minute int) time.Time { return time.Date(2026, 11, 22, hour, minute, 0, 0, time.UTC) }
	lines := []outbox.Entry{
		{Box: at(20, 0), Wall: at(21, 0), WallTrusted: true},
		{Box: at(20, 30), Wall: at(21, 30), WallTrusted: true},
		{Box: at(20, 40), Wall: time.Unix(0, 0)},
		{Box: at(20, 45), Wall: at(22, 45), WallTrusted: true},
	}
	wall := onTheWall(lines, event.Stamp{Box: at(21, 0), Wall: at(23, 1)})
	for box, want := range map[time.Time]time.Time{
		{}: {}, at(20, 10): at(21, 10), at(20, 35): at(21, 35), at(20, 42): at(21, 42), at(20, 50): at(22, 50), at(19, 0): at(21, 1),
	} {
		if got := wall(box); !got.Equal(want) {
			t.Errorf("%s of the box is %s, want %s", box.Format(time.TimeOnly), got.Format(time.TimeOnly), want.Format(time.TimeOnly))
		}
	}
}
