package mail_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"heliograph/drivers/delivery"
	"heliograph/drivers/mail/mailtest"
)

// work is planned work as a partner is told of it.
func work(revision int, status string) *delivery.Case {
	at := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	return &delivery.Case{
		Key: "waw-12/9/20261101T090000Z", Site: "waw-12", Number: 9, Kind: "maintenance", Phase: delivery.Scheduled, Impact: delivery.ByWork,
		Title: "transit-a: prace planowe", Text: "Dear colleagues,\n\nwe have planned work, new optics; świeży kabel na całej długości trasy od Warszawy do Łodzi i z powrotem.",
		From: at, Until: at.Add(4 * time.Hour), Now: at.Add(-7 * 24 * time.Hour), Scope: []delivery.Touched{{Name: "transit-a"}, {Name: "branch-1"}},
		Work: &delivery.Work{Revision: revision, Status: status, Impact: "OUTAGE", Account: "wholesale"},
	}
}

// attachment is the calendar of a mail, with its content type.
func attachment(t *testing.T, raw []byte) (data []byte, kind string, params map[string]string) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_, p, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, p["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatalf("no calendar in the mail: %v", err)
		}
		kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		if kind != "text/calendar" {
			continue
		}
		if part.FileName() != "maintenance.ics" || part.Header.Get("Content-Transfer-Encoding") != "base64" {
			t.Errorf("the part is %v", part.Header)
		}
		data, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
		if err != nil {
			t.Fatal(err)
		}
		return data, kind, params
	}
}

func property(e *ics.VEvent, name string) string {
	p := e.GetProperty(ics.ComponentProperty(name))
	if p == nil {
		return ""
	}
	return p.Value
}

// A partner's mail about planned work has it as a calendar's event: the same
// one from the announcement to the end, with a number that rises.
func TestPlannedWorkIsACalendarsEvent(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	m := box(t, s, nil)
	uid := ""
	for i, c := range []struct{ status, method, is string }{
		{"CONFIRMED", "PUBLISH", "CONFIRMED"}, {"IN-PROCESS", "PUBLISH", "CONFIRMED"}, {"COMPLETED", "PUBLISH", "CONFIRMED"}, {"CANCELLED", "CANCEL", "CANCELLED"},
	} {
		j := job()
		j.Case = work(i, c.status)
		sent(t, m, j)
		got := s.Taken()
		data, _, params := attachment(t, got[len(got)-1].Raw)
		if params["method"] != c.method || params["charset"] != "UTF-8" {
			t.Errorf("%s: the part says %v", c.status, params)
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(string(data), "\r\n"), "\r\n") {
			if len(line) > 75 || strings.Contains(line, "\n") {
				t.Errorf("%s: %d octets in a line: %q", c.status, len(line), line)
			}
		}
		cal, err := ics.ParseCalendar(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%v:\n%s", err, data)
		}
		e := cal.Events()[0]
		if uid == "" {
			uid = e.Id()
		}
		from, _ := e.GetStartAt()
		to, _ := e.GetEndAt()
		objects := ""
		for _, p := range e.GetProperties("X-MAINTNOTE-OBJECT-ID") {
			objects += p.Value + " "
		}
		if e.Id() != uid || !strings.HasSuffix(uid, "@example.org") || !from.Equal(j.Case.From) || !to.Equal(j.Case.Until) || objects != "transit-a branch-1 " {
			t.Errorf("%s: %s from %s to %s on %s", c.status, e.Id(), from, to, objects)
		}
		for name, want := range map[string]string{
			"SEQUENCE": string(rune('0' + i)), "STATUS": c.is, "SUMMARY": "transit-a: prace planowe", "DTSTAMP": "20261124T000000Z",
			"X-MAINTNOTE-PROVIDER": "example.org", "X-MAINTNOTE-ACCOUNT": "wholesale", "X-MAINTNOTE-MAINTENANCE-ID": "waw-12-9",
			"X-MAINTNOTE-IMPACT": "OUTAGE", "X-MAINTNOTE-STATUS": c.status,
		} {
			if got := property(e, name); got != want {
				t.Errorf("%s: %s is %q, want %q", c.status, name, got, want)
			}
		}
		if text := property(e, "DESCRIPTION"); !strings.Contains(text, "new optics; świeży kabel") {
			t.Errorf("described as %q", text)
		}
	}
	s.Done(t)
}

// An outage is no event of a calendar.
func TestAnOutageHasNoCalendar(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	j := job()
	j.Case = work(1, "CONFIRMED")
	j.Case.Work, j.Case.From = nil, time.Time{}
	sent(t, box(t, s, nil), j)
	if raw := string(s.Taken()[0].Raw); strings.Contains(raw, "calendar") || strings.Contains(raw, "multipart") {
		t.Errorf("the mail:\n%s", raw)
	}
	s.Done(t)
}
