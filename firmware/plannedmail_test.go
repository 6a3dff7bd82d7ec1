package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/mail"
	"heliograph/drivers/mail/mailtest"
	"heliograph/firmware/calendar"
)

// Planned work goes the whole way: from the configuration by the engine and the
// mail account to a partner's server, and out of the mail's calendar with the
// reader that this box has for the calendars of others. What was called off
// stands in no calendar.
func TestPlannedWorkStandsInAPartnersCalendar(t *testing.T) {
	t.Parallel()
	st := readStory(t, "testdata/planned-mail.story")
	dir := t.TempDir()
	var mails []delivery.Job
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, st, dir)
		s.play()
		mails = s.world.mails
	})
	server := mailtest.Start(t, mailtest.Options{})
	m, err := mail.New(mail.Options{Server: mailtest.Host + ":587", User: mailtest.User, Auth: "plain", Secret: mailtest.Password, From: "noc@example.org", Dial: server.Dial, TLS: server.TLS()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	var got []string
	for _, j := range mails {
		if j.To = "noc@partner.example"; j.Case == nil {
			t.Fatalf("a mail of nothing: %q", j.Subject)
		}
		if _, err := m.Send(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range server.Taken() {
		got = append(got, inCalendar(t, x))
	}
	want := []string{
		"2000-01-01 11:00 to 12:00 transit-a: planned work, over: false; UID 1 SEQUENCE 0 STATUS CONFIRMED X-MAINTNOTE-STATUS CONFIRMED",
		"2000-01-01 11:00 to 12:30 transit-a: planned work, over: false; UID 1 SEQUENCE 1 STATUS CONFIRMED X-MAINTNOTE-STATUS CONFIRMED",
		"2000-01-02 11:00 to 12:00 transit-a: planned work, over: false; UID 2 SEQUENCE 0 STATUS CONFIRMED X-MAINTNOTE-STATUS CONFIRMED",
		"nothing; UID 2 SEQUENCE 1 STATUS CANCELLED X-MAINTNOTE-STATUS CANCELLED",
		"2000-01-01 11:00 to 12:30 transit-a: planned work, over: false; UID 1 SEQUENCE 2 STATUS CONFIRMED X-MAINTNOTE-STATUS IN-PROCESS",
		"2000-01-01 11:00 to 12:30 transit-a: planned work, over: false; UID 1 SEQUENCE 3 STATUS CONFIRMED X-MAINTNOTE-STATUS IN-PROCESS",
		"2000-01-01 11:00 to 12:30 transit-a: planned work, over: true; UID 1 SEQUENCE 4 STATUS CONFIRMED X-MAINTNOTE-STATUS COMPLETED",
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
	server.Done(t)
}

// inCalendar is what a calendar says once a mail's attachment is in it.
func inCalendar(t *testing.T, m mailtest.Mail) string {
	t.Helper()
	msg := m.Message(t)
	_, p, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(msg.Body, p["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatalf("no calendar in %q: %v", msg.Header.Get("Subject"), err)
		}
		if part.FileName() != "maintenance.ics" {
			continue
		}
		data, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
		if err != nil {
			t.Fatal(err)
		}
		read, err := calendar.Read(data, time.UTC, nil)
		if err != nil {
			t.Fatalf("%v:\n%s", err, data)
		}
		var b strings.Builder
		seen := "nothing;"
		for _, w := range read.Works(time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC), time.Date(2000, 2, 1, 0, 0, 0, 0, time.UTC)) {
			if !slices.Contains(w.Objects, "transit-a") {
				t.Errorf("the event is about %q", w.Objects)
			}
			seen = fmt.Sprintf("%s to %s %s, over: %t;", w.From.Format("2006-01-02 15:04"), w.To.Format("15:04"), w.Summary, w.Over)
		}
		b.WriteString(seen)
		for line := range bytes.Lines(data) {
			for _, name := range []string{"UID", "SEQUENCE", "STATUS", "X-MAINTNOTE-STATUS"} {
				if rest, is := bytes.CutPrefix(bytes.TrimSpace(line), []byte(name+":")); is {
					who, _, _ := strings.Cut(strings.TrimPrefix(string(rest), "waw-12-"), "-2000")
					fmt.Fprintf(&b, " %s %s", name, who)
				}
			}
		}
		return b.String()
	}
}
