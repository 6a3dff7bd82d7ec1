package site

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/site/sitetest"
	"heliograph/drivers/webhook/webhooktest"
)

type memory map[string][]byte

func (m memory) Load(key string) ([]byte, error)      { return m[key], nil }
func (m memory) Store(key string, value []byte) error { m[key] = value; return nil }

func at(clock string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", clock)
	if err != nil {
		panic(err)
	}
	return t
}

func warsaw() *time.Location { return time.FixedZone("CET", 3600) }

// down is the telling of an incident that hits a region.
func down(number, telling int, now string) delivery.Job {
	j := delivery.Job{ID: uint64(number*10 + telling), Path: "cell", Follows: telling > 1, Case: &delivery.Case{
		Key: fmt.Sprintf("waw-12/%d", number), Telling: telling, Site: "waw-12", Number: number, Kind: "down", Phase: delivery.Identified, Impact: delivery.Major,
		Title: "No connection to the Internet in Warszawa", Text: "We have lost one of our lines and work on it with the carrier.",
		Opened: at(now), Now: at(now), Scope: []delivery.Touched{{Name: "Warszawa", State: "major_outage"}},
	}}
	return j
}

func over(j delivery.Job, now string) delivery.Job {
	c := *j.Case
	c.Kind, c.Phase, c.Telling, c.Text, c.Now, c.Resolved = "all-clear", delivery.Resolved, c.Telling+1, "The line is back.", at(now), at(now)
	c.Scope = []delivery.Touched{{Name: "Warszawa", State: "operational"}}
	j.Case, j.Follows = &c, true
	return j
}

func start(t *testing.T) (*Site, *webhooktest.Line, *sitetest.Folder, Options) {
	t.Helper()
	folder := &sitetest.Folder{User: "noc", Secret: "s3cret"}
	line := webhooktest.NewLine(folder.Handler())
	t.Cleanup(line.Close)
	o := Options{
		Title: "Example Net", URL: "https://status.example.net", Zone: warsaw(), Parts: []string{"Warszawa", "Łódź"},
		Put: Put{URL: "https://" + webhooktest.Host + "/status", User: "noc", Secret: "s3cret"}, Dial: line.Dial, TLS: line.TLS(), Memory: memory{},
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s, line, folder, o
}

func fateOf(t *testing.T, err error) *delivery.Error {
	t.Helper()
	var e *delivery.Error
	if !errors.As(err, &e) {
		t.Fatalf("want a fate, got %v", err)
	}
	if strings.Contains(e.Error()+e.Advice, "s3cret") {
		t.Errorf("a secret is told: %v", e)
	}
	return e
}

func second(_ delivery.Receipt, err error) error { return err }

func contains(t *testing.T, name, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q:\n%s", name, w, text)
		}
	}
}

// An incident opens, a late old telling comes, it closes.
func TestAnIncidentOnThePage(t *testing.T) {
	t.Parallel()
	s, line, folder, _ := start(t)
	if err := s.Check(t.Context()); err != nil || folder.Puts() != 0 {
		t.Fatalf("check: %v", err)
	}
	line.In.Store(0)
	got, err := s.Send(t.Context(), down(7, 2, "2026-11-21 04:02"))
	if err != nil || folder.Puts() != 5 {
		t.Fatalf("%+v, %v; %d files", got, err, folder.Puts())
	}
	t.Logf("opened: %s, %d bytes out", got.Reference, line.In.Swap(0))
	contains(t, "index.html", folder.File("index.html"), `class="banner bad"><strong>Outage</strong>`, "As of 2026-11-21 04:02 UTC (05:02 CET)",
		"No connection to the Internet in Warszawa", `<a href="warszawa.html">Warszawa</a><span>down</span>`, `Łódź</a><span>works</span>`, "being worked on")
	contains(t, "łódź.html", folder.File("łódź.html"), "Everything works", "Nothing happened.")
	contains(t, "status.json", folder.File("status.json"), `"indicator":"major"`)

	if _, err := s.Send(t.Context(), down(7, 1, "2026-11-21 04:01")); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(folder.File("index.html"), "04:01") {
		t.Error("an old telling came late and is shown")
	}
	before := folder.Puts()
	line.In.Store(0)
	if got, err = s.Send(t.Context(), over(down(7, 2, "2026-11-21 04:02"), "2026-11-21 05:17")); err != nil {
		t.Fatal(err)
	}
	t.Logf("closed: %s, %d bytes out", got.Reference, line.In.Load())
	if n := folder.Puts() - before; n != 4 {
		t.Errorf("%d files were put; the other region's page did not change", n)
	}
	contains(t, "index.html", folder.File("index.html"), `class="banner ok"><strong>Everything works</strong>`, "2026-11-21 04:02 UTC (05:02 CET) – 2026-11-21 05:17 UTC (06:17 CET), 1 h 15 min",
		"The line is back.", "We have lost one of our lines", "resolved")
	if strings.Contains(folder.File("index.html"), "<script") {
		t.Error("the page holds a script")
	}
}

// The line drops in the middle; everything is put again, and nothing twice.
func TestPutAgain(t *testing.T) {
	t.Parallel()
	s, line, folder, o := start(t)
	line.Next(nil, nil, webhooktest.LostAnswer, webhooktest.LostAnswer)
	if e := fateOf(t, second(s.Send(t.Context(), down(7, 1, "2026-11-21 04:02")))); e.Fate != delivery.Retry || !e.Worker {
		t.Fatalf("%+v", e)
	}
	s, err := New(o) // and the box restarts
	if err != nil {
		t.Fatal(err)
	}
	again := down(7, 1, "2026-11-21 04:02")
	again.Follows = true
	for line.Left() > 0 {
		s.Send(t.Context(), again)
	}
	if got, err := s.Send(t.Context(), again); err != nil || folder.File("index.html") == "" {
		t.Errorf("%+v, %v", got, err)
	}
	before := folder.Puts()
	if got, err := s.Send(t.Context(), again); err != nil || folder.Puts() != before || !strings.HasPrefix(got.Reference, "0 files") {
		t.Errorf("nothing changed: %+v, %v, %d files were put", got, err, folder.Puts()-before)
	}
}

func TestFates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		trouble webhooktest.Trouble
		worker  bool
		after   time.Duration
		says    string
	}{
		{"busy", webhooktest.Status(503, "", "Retry-After: 9"), false, 9 * time.Second, "busy"},
		{"portal", webhooktest.Portal, true, 0, "something between answered"},
		{"redirect", webhooktest.Redirect, true, 0, "something between answered"},
		{"proxy", webhooktest.BadGateway, false, 0, "502"},
		{"password", webhooktest.Status(401, "no s3cret"), true, 0, "refuses the user"},
		{"no PUT there", webhooktest.Status(405, ""), true, 0, "PUT is allowed"},
		{"line", webhooktest.LostAnswer, true, 0, "putting "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, line, _, _ := start(t)
			line.Next(c.trouble, c.trouble) // the transport repeats a PUT on its own once
			e := fateOf(t, second(s.Send(t.Context(), down(7, 1, "2026-11-21 04:02"))))
			if e.Fate != delivery.Retry || e.Worker != c.worker || e.After != c.after || !strings.Contains(e.Error()+e.Advice, c.says) {
				t.Errorf("fate %v, worker %v, after %v: %v; %s", e.Fate, e.Worker, e.After, e, e.Advice)
			}
		})
	}
	s, _, folder, _ := start(t)
	drill := down(7, 1, "2026-11-21 04:02")
	drill.Case.Drill = true
	if got, err := s.Send(t.Context(), drill); err != nil || folder.Puts() != 0 {
		t.Errorf("a drill: %+v, %v", got, err)
	}
	if e := fateOf(t, second(s.Send(t.Context(), delivery.Job{}))); e.Fate != delivery.Never {
		t.Errorf("about nothing: %v", e)
	}
}

// busy is a bad fortnight: sixty incidents closed, three open, one planned.
func busy() []delivery.Case {
	b := new(book)
	for n := 1; n <= 60; n++ {
		now := at("2026-11-08 00:00").Add(time.Duration(n) * 5 * time.Hour)
		j := down(n, 1, now.Format("2006-01-02 15:04"))
		for k := range 9 {
			j.Case.Timeline = append(j.Case.Timeline, delivery.Line{At: now, Text: fmt.Sprintf("Line %d: %s", k, strings.Repeat("the carrier looks for the fault ", 5))})
		}
		b.add(*over(j, now.Add(70*time.Minute).Format("2006-01-02 15:04")).Case, 14)
	}
	for n := 61; n <= 63; n++ {
		b.add(*down(n, 1, "2026-11-21 04:02").Case, 14)
	}
	plan := down(64, 1, "2026-11-21 04:10")
	plan.Case.Phase, plan.Case.From, plan.Case.Until, plan.Case.Title = delivery.Scheduled, at("2026-11-24 23:30"), at("2026-11-25 02:00"), "Fibre works in Łódź"
	b.add(*plan.Case, 14)
	return b.Cases
}

func TestABadFortnightFits(t *testing.T) {
	t.Parallel()
	cases := busy()
	if len(cases) != 54 {
		t.Errorf("%d incidents are kept: want 50 closed and 4", len(cases))
	}
	for _, language := range []string{"en", "pl", "it"} {
		o := Options{Title: "Example Net", URL: "https://status.example.net/", Language: language, Zone: warsaw(), Parts: []string{"Warszawa", "Łódź"}, Days: 14}
		files, err := o.render(cases)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f.name, ".html") && len(f.text) > largestPage {
				t.Errorf("%s in %s has %d bytes", f.name, language, len(f.text))
			}
		}
		contains(t, language, string(files[len(files)-1].text), "Fibre works in Łódź", "2026-11-24 23:30 UTC (2026-11-25 00:30 CET)")
	}
}

// Incidents of fifteen days ago go, by the time that was told.
func TestOldOnesGo(t *testing.T) {
	t.Parallel()
	b := new(book)
	b.add(*over(down(1, 1, "2026-11-01 04:00"), "2026-11-01 05:00").Case, 14)
	b.add(*down(2, 1, "2026-11-02 04:00").Case, 14)
	b.add(*down(3, 1, "2026-11-16 04:00").Case, 14)
	if len(b.Cases) != 2 || b.Cases[0].Number != 3 || b.Cases[1].Number != 2 {
		t.Errorf("kept: %+v", b.Cases)
	}
}

// Every language has every word, and says what people wrote as they wrote it.
func TestWords(t *testing.T) {
	t.Parallel()
	for language, w := range words {
		for key := range words["en"] {
			if w[key] == "" {
				t.Errorf("%s lacks %q", language, key)
			}
		}
		if len(w) != len(words["en"]) {
			t.Errorf("%s has other words than en", language)
		}
	}
	hostile := down(7, 1, "2026-11-21 04:02")
	hostile.Case.Text = `<script>alert("x")</script> & <b>`
	o := Options{Title: "A & B <net>", URL: "https://status.example.net/", Language: "en", Zone: time.UTC, Days: 14}
	files, err := o.render([]delivery.Case{*hostile.Case})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.kind != "application/json" && strings.Contains(string(f.text), "<script>") {
			t.Errorf("%s carries a script", f.name)
		}
	}
}

// The feed and the summary are read back by readers that are not ours.
func TestFeeds(t *testing.T) {
	t.Parallel()
	o := Options{Title: "Example Net", URL: "https://status.example.net/", Language: "en", Zone: warsaw(), Parts: []string{"Warszawa"}, Days: 14}
	cases := busy()
	text, err := o.feed(cases)
	if err != nil {
		t.Fatal(err)
	}
	var feed struct {
		XMLName xml.Name
		ID      string `xml:"id"`
		Entry   []struct {
			ID      string    `xml:"id"`
			Updated time.Time `xml:"updated"`
			Content string    `xml:"content"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(text, &feed); err != nil || feed.XMLName.Space != "http://www.w3.org/2005/Atom" || len(feed.Entry) != mostEntries {
		t.Fatalf("%v: %s", err, text)
	}
	ids := map[string]bool{}
	for _, e := range feed.Entry {
		ids[e.ID] = true
		if e.Updated.IsZero() || e.Content == "" || !strings.HasPrefix(e.ID, "tag:status.example.net,2026:waw-12-") {
			t.Errorf("entry %+v", e)
		}
	}
	if len(ids) != mostEntries {
		t.Error("two entries have one id")
	}
	var s struct {
		Status     struct{ Indicator, Description string }
		Incidents  []map[string]any
		Planned    []map[string]any `json:"scheduled_maintenances"`
		Components []map[string]any
	}
	if text, err = o.summary(cases); err != nil || json.Unmarshal(text, &s) != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if s.Status.Indicator != "major" || len(s.Incidents) != 3 || len(s.Planned) != 1 || s.Components[0]["status"] != "major_outage" {
		t.Errorf("summary: %s", text)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	_, _, _, good := start(t)
	for says, spoil := range map[string]func(*Options){
		"title":                func(o *Options) { o.Title = "" },
		"speaks en, pl and it": func(o *Options) { o.Language = "de" },
		"neither letters":      func(o *Options) { o.Parts = []string{"---"} },
		"would both be":        func(o *Options) { o.Parts = []string{"North 1", "north-1"} },
		"in one way":           func(o *Options) { o.SFTP.Server = "h:22" },
		"https://":             func(o *Options) { o.Put.URL = "http://a.example/" },
		"put.secret":           func(o *Options) { o.Put.Secret = "" },
		"with its port":        func(o *Options) { o.Put, o.SFTP = Put{}, SFTP{Server: "h"} },
		"without a passphrase": func(o *Options) { o.Put, o.SFTP = Put{}, SFTP{Server: "h:22", User: "u", Folder: "/", Key: "x"} },
		"a Dial and a Memory":  func(o *Options) { o.Memory = nil },
		"at which people see":  func(o *Options) { o.URL = "status" },
	} {
		o := good
		o.Parts = nil
		spoil(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want %q, got %v", says, err)
		}
	}
	for _, given := range []string{"", "MD5:aa", "SHA256:short", "@revoked h ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPinnedKeyPinnedKeyPinnedKeyPinnedKeyPinne"} {
		if _, err := pin(given); err == nil {
			t.Errorf("host_key %q is taken", given)
		}
	}
}
