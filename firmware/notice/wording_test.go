package notice

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/event"
)

var (
	night = time.Date(2024, 11, 22, 4, 2, 0, 0, time.UTC)
	seen  = event.Evidence{Lost: 3, Of: 3, Link: "eth0 ok", Gateway: "gw ok", Loss: 0.23, Latency: 412 * time.Millisecond}
)

func stamp(after time.Duration) event.Stamp {
	return event.Stamp{Box: night.Add(after), Wall: night.Add(after), Trusted: true}
}

func judged(c event.Condition, p event.Place, after time.Duration) event.Verdict {
	s := stamp(after)
	return event.Verdict{Condition: c, Place: p, Since: s.Box, SinceWall: s.Wall, Trusted: true, Evidence: seen}
}

// cases are every kind once, and the shapes that differ from it.
func cases() []Facts {
	down := judged(event.IsDown, event.PlaceUpstream, 0)
	port := judged(event.IsDown, event.PlacePort, 0)
	port.Evidence.Link, port.Evidence.Gateway = "eth0 no carrier", "gw no answer"
	flaps := judged(event.IsDown, event.PlaceUpstream, 40*time.Minute)
	flaps.Changes, flaps.Unstable = 7, night
	names := judged(event.IsDegraded, event.PlaceNames, 0)
	a := []string{"transit-a"}
	dark := event.Stamp{Box: night.Add(4 * time.Minute)}
	blind := down
	blind.Trusted = false
	lte := Modem{Name: "lte0", Fit: true, State: "ready", Operator: "T-Mobile", Network: "LTE home", Signal: "-71 dBm"}
	both := []Line{{"transit-a", judged(event.IsUp, "", 0)}, {"transit-b", judged(event.IsUp, "", 0)}}
	cut := []Line{{"transit-a", down}, both[1]}
	return []Facts{
		{Kind: event.Down, Scope: a, Verdict: down, Now: stamp(20 * time.Second)},
		{Kind: event.Down, Scope: a, Verdict: port, Now: stamp(20 * time.Second), Others: []string{"transit-b"}},
		{Kind: event.Down, Scope: a, Verdict: down, Now: stamp(30 * time.Hour), Unasked: true},
		{Kind: event.Down, Scope: a, Verdict: blind, Now: dark},
		{Kind: event.Degraded, Scope: a, Verdict: judged(event.IsDegraded, event.PlaceUpstream, 0), Now: stamp(time.Minute)},
		{Kind: event.Degraded, Scope: a, Verdict: names, Now: stamp(time.Minute)},
		{Kind: event.Unwelled, Scope: []string{"transit-a"}, Verdict: judged(event.IsUnknown, event.PlaceBox, 0), Now: stamp(30 * time.Second), Title: "no probe results for 30s"},
		{Kind: event.Opened, Scope: []string{"billing"}, Opened: stamp(0), Now: stamp(0), By: "ada", Title: "card payments fail"},
		{Kind: event.Update, Scope: a, Opened: stamp(0), Verdict: port, Now: stamp(time.Hour)},
		{Kind: event.Update, Scope: []string{"transit-a", "branch-1"}, Opened: stamp(0), Verdict: down, Now: stamp(time.Hour), Title: "splicing has begun, two hours."},
		{Kind: event.Update, Scope: a, Opened: event.Stamp{Box: night.Add(-time.Hour)}, Verdict: down, Now: dark, ETR: dark.Wall.Add(2 * time.Hour), Promised: true},
		{Kind: event.Unstable, Scope: a, Verdict: flaps, Now: stamp(41 * time.Minute)},
		{Kind: event.Reminder, Scope: a, Opened: stamp(0), Verdict: down, Now: stamp(68 * time.Minute)},
		{Kind: event.Reopened, Scope: a, Opened: stamp(-time.Hour), Verdict: down, Now: stamp(time.Minute)},
		{Kind: event.AckedBy, Scope: a, Verdict: down, Now: stamp(time.Minute), By: "ada"},
		{Kind: event.AllClear, Scope: a, Opened: stamp(0), Verdict: judged(event.IsUp, "", 68*time.Minute), Was: down, Now: stamp(69 * time.Minute)},
		{Kind: event.AllClear, Scope: []string{"billing"}, Opened: stamp(-30 * time.Hour), Now: stamp(0), Others: []string{"transit-b"}},
		{Kind: event.AllClear, Scope: a, Opened: event.Stamp{Box: night.Add(-time.Hour)}, Verdict: event.Verdict{Condition: event.IsUp, Since: night}, Was: judged(event.IsDegraded, "", 0), Now: dark},
		{Kind: event.Cancelled, Scope: []string{"billing"}, Opened: stamp(0), Now: stamp(28 * time.Minute), By: "ada"},
		{Kind: event.Unwatched, Scope: a, Opened: stamp(0), Verdict: down, Now: stamp(28 * time.Minute)},
		{Kind: event.Dismissed, Scope: a, Opened: stamp(0), Verdict: down, Now: stamp(28 * time.Minute), By: "ada"},
		{Kind: event.Reply, Title: "yours. Quiet till all-clear."},
		{Kind: event.Selftest, Now: stamp(0), Board: Board{Subjects: both, Modems: []Modem{lte}, LastSend: night.Add(-6 * time.Hour)}},
		{Kind: event.Selftest, Now: stamp(0), Board: Board{Subjects: cut, Modems: []Modem{lte, {Name: "lte1", State: "port lost"}}, Queue: 12, Dead: 2}},
		{Kind: event.BoxNews, Now: stamp(0), Title: "the store was broken and was set aside, starting with an empty one"},
		{Kind: event.PowerLost, Now: stamp(0)},
		{Kind: event.PowerLost, Now: dark},
		{Kind: event.PowerBack, Opened: stamp(0), Verdict: event.Verdict{Condition: event.IsUp, Since: night.Add(12 * time.Minute), SinceWall: night.Add(12 * time.Minute), Trusted: true}, Now: stamp(13 * time.Minute)},
		{Kind: event.PowerBack, Now: dark},
	}
}

// The golden file is what people read: kind, language, septets, text.
func TestEveryKindInEveryLanguage(t *testing.T) {
	var got strings.Builder
	var w Wording
	for _, f := range cases() {
		f.Site = "waw-12"
		if f.Kind != event.Selftest && f.Kind != event.BoxNews && f.Kind != event.PowerLost && f.Kind != event.PowerBack {
			f.Incident = 7
		}
		for _, lang := range Languages() {
			text := w.Text(lang, f)
			n, gsm := Septets(text)
			if !gsm || n > segment {
				t.Errorf("%s %s: %d septets, GSM-7 %v: %s", f.Kind, lang, n, gsm, text)
			}
			fmt.Fprintf(&got, "%-9s %s %3d %s\n", f.Kind, lang, n, text)
		}
	}
	compare(t, "testdata/texts.golden", got.String())
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wanted, gotten := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(wanted), len(gotten)) {
		var a, b string
		if i < len(wanted) {
			a = wanted[i]
		}
		if i < len(gotten) {
			b = gotten[i]
		}
		if a != b {
			t.Errorf("%s:%d\nwant %s\n got %s", file, i+1, a, b)
		}
	}
}

func TestEveryAnswerInEveryLanguage(t *testing.T) {
	var got strings.Builder
	var w Wording
	wall := time.Date(2026, 11, 21, 4, 2, 0, 0, time.UTC)
	now := event.Stamp{Box: wall, Wall: wall, Trusted: true}
	items := []Item{{Number: 7, Scope: []string{"transit-a"}, By: "ada"}, {Number: 8, Scope: []string{"billing", "portal"}}}
	for _, a := range []Answer{
		Yours, YoursAlready, YoursAll, TheirsBefore, NothingToAck, WhichToAck, NoSuch, Over, Unknown, NotAllowed, NoSubject, NeedsText, Done, Failed, CodeFor, CodeWrong, TOTPWrong, NoClock, Locked, Muted, MutedNow, Unmuted, UnmutedNow, NotMuted, MaintOn, MaintOff, NoMaint, WorkPlanned, WorkEnded, WorkOff, HeldNow, GoesOn, OnItsWay, AfterQuiet, Without, WithoutYes, HeldBack, ClearOnItsWay, ClosedFailing, CancelOnItsWay, OpenedNow, WaitsForYes, WhenThen, ScopeSet, NoRegion, Linked, PassedOn, NobodyLeft, NotResent, ResentNow, Erased, StillListed, ForSubscribers, LeftIn, Approved, NeedsSecond, NoPlan, Denied, DeniedSay, DeniedOnce, AsksOthers, NobodyElse, NoPerson, NoRota, Swapped, NotOnDuty, NoBackhaul, LinkOn, LinkOff, LinkAuto, NoProxy, ProxyOn, ProxyOff, ProxyAuto, PromisePassed, StillYours, TestBegun, NothingToTest, NoCredit, HeldAll, GoesOnAll, WhichPlan,
	} {
		for _, lang := range Languages() {
			text := w.Answer(lang, a, Reply{
				Site: "waw-12", Number: 7, Other: 8, By: "ada", Word: "SAY", Order: "SAY 7 splicing has begun", Role: "approver", Until: Until(lang, now.Box.Add(time.Hour), now), Count: 41,
				List: []string{"lodz", "waw"}, Groups: []string{"subscribers", "partner:wholesale"}, Items: items,
			})
			n, gsm := Septets(text)
			if !gsm || n > segment || !strings.HasPrefix(text, "waw-12 ") || strings.ContainsAny(text, "{}") {
				t.Errorf("%s %s: %d septets: %s", a, lang, n, text)
			}
			fmt.Fprintf(&got, "%-14s %s %3d %s\n", a, lang, n, text)
		}
	}
	compare(t, "testdata/answers.golden", got.String())
}

// Every word of a role is in one of two texts, whatever the site is called.
func TestHelpNamesEveryWordOfARole(t *testing.T) {
	few, many := strings.Fields("STATUS LOG WHO QUEUE SIG"), strings.Fields("ACK STATUS SAY ETR NACK APPROVE DENY HOLD GO CLEAR CANCEL OPEN SCOPE LINK LOG WHO QUEUE SIG BALANCE MUTE UNMUTE MAINT TAKE SWAP RESEND TEST DRILL LTE PROXY REBOOT ERASE")
	for _, lang := range Languages() {
		for _, words := range [][]string{few, many} {
			for _, site := range []string{"w", "waw-12", "warszawa-poludnie-wschod-12"} {
				one, two := Wording{}.Help(lang, site, words, false), Wording{}.Help(lang, site, words, true)
				for _, text := range []string{one, two} {
					if n, gsm := Septets(text); !gsm || n > segment {
						t.Errorf("%s: %d septets: %s", lang, n, text)
					}
				}
				all := strings.FieldsFunc(one+" "+two, func(r rune) bool { return r < 'A' || r > 'Z' })
				for _, w := range words {
					if !slices.Contains(all, w) {
						t.Errorf("%s: %s is in neither:\n%s\n%s", lang, w, one, two)
					}
				}
				if more := strings.Contains(one, "HELP MORE"); more != (one != two) {
					t.Errorf("%s: offers more: %t:\n%s\n%s", lang, more, one, two)
				}
			}
		}
	}
}

func TestStatusSaysWhatIsWrongFirst(t *testing.T) {
	lte := Modem{Name: "lte0", Fit: true, Operator: "T-Mobile", Network: "LTE home", Signal: "-71 dBm"}
	down, up := judged(event.IsDown, event.PlaceUpstream, 0), judged(event.IsUp, "", 0)
	board := Board{
		Subjects: []Line{{"transit-b", up}, {"transit-a", down}, {"sms-gateway", event.Verdict{}}},
		Open:     []Item{{Number: 7, Scope: []string{"transit-a"}, By: "ada"}},
		Modems:   []Modem{lte, {Name: "lte1", State: "port lost"}},
		Queue:    3,
	}
	quiet := Board{Subjects: []Line{{"transit-a", up}, {"transit-b", up}}, Modems: []Modem{lte}}
	var w Wording
	for _, c := range []struct {
		lang string
		b    Board
		want string
	}{
		{"en", board, "waw-12: transit-a DOWN 04:02Z, sms-gateway unknown. Open #7 transit-a (ada). lte1 port lost, lte0 T-Mobile LTE home -71 dBm, queue 3. Up: transit-b."},
		{"pl", board, "waw-12: transit-a AWARIA 04:02Z, sms-gateway stan nieznany. Otwarte #7 transit-a (ada). lte1 port lost, lte0 T-Mobile LTE home -71 dBm, kolejka 3"},
		{"it", quiet, "waw-12: Niente di aperto. lte0 T-Mobile LTE home -71 dBm, coda 0. Ok: transit-a, transit-b."},
		{"de", quiet, "waw-12: Nothing open. lte0 T-Mobile LTE home -71 dBm, queue 0. Up: transit-a, transit-b."},
	} {
		if got := w.Status(c.lang, "waw-12", c.b, stamp(time.Minute)); got != c.want {
			t.Errorf("%s\nwant %s\n got %s", c.lang, c.want, got)
		}
	}
}

func TestOverride(t *testing.T) {
	f := Facts{Site: "waw-12", Incident: 7, Kind: event.Down, Scope: []string{"transit-a"}, Verdict: judged(event.IsDown, event.PlaceUpstream, 0), Now: stamp(0)}
	w, err := New(map[event.Kind]map[string]string{event.Down: {"pl": `LEŻY {{.Subject}} {{.At}}, {{.Place}}`}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.Text("pl", f), "waw-12 #7 LEZY transit-a 04:02Z, u dostawcy"; got != want {
		t.Errorf("want %s, got %s", want, got)
	}
	if got, want := w.Text("en", f), (Wording{}).Text("en", f); got != want {
		t.Errorf("another language changed: %s", got)
	}
}

// An owner's template that cannot be relied on at night is refused by day,
// each with its name and reason.
func TestOverrideRefused(t *testing.T) {
	for text, reason := range map[string]string{
		`DOWN {{.Subject`:          "unclosed action",
		`DOWN {{.Subjct}} {{.At}}`: "no field .Subjct; there are: .Subject,",
		`DOWN {{.Subject}} {{.At}} {{if eq .Place "x"}}{{.Nope}}{{end}}`:            "no field .Nope",
		`DOWN {{.Subject}} {{.At}} {{$.Nope}}`:                                      "no field .Nope",
		`DOWN {{.Subject}} {{.At.Year}}`:                                            "no field .At.Year",
		`DOWN {{.Subject}} {{.At}} &^KLIENT`:                                        `placeholder "&^"`,
		`DOWN {{.Subject}} {{.At}} <no value>`:                                      `placeholder "<no value>"`,
		`DOWN {{.Subject}}`:                                                         "must have {{.At}} in the first 60",
		`DOWN {{.At}}`:                                                              "must have {{.Subject}} in the first 60",
		`Dear customer, we are sorry to have to tell you that {{.Subject}} {{.At}}`: "in the first 60",
		`{{define "x"}}{{end}}DOWN {{.Subject}} {{.At}}`:                            "one template",
		`{{range .Subject}}x{{end}} {{.Subject}} {{.At}}`:                           "is not possible",
		` `: "must not be empty",
	} {
		_, err := New(map[event.Kind]map[string]string{event.Down: {"pl": text}})
		if err == nil || !strings.Contains(err.Error(), "wording down/pl: ") || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s\nwant %s\n got %v", text, reason, err)
		}
	}
	_, err := New(map[event.Kind]map[string]string{"dwon": {"en": "x"}, event.Down: {"de": "x", "en": "{{.X}}"}})
	for _, name := range []string{"dwon/en", "down/de", "down/en"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}

// A long word of an operator gives way to what comes after it; long names are
// shortened in their middle, and only as far as needed.
func TestLongFacts(t *testing.T) {
	f := Facts{
		Site: "warszawa-centrum-serwerownia-12", Incident: 7, Kind: event.Opened, Scope: []string{"uplink-frankfurt-am-main-a"},
		Opened: stamp(0), Now: stamp(0), By: "ada", Title: strings.Repeat("card payments fail, ", 10),
	}
	want := "warszawa..ownia-12 #7 OPENED uplink-f..m-main-a 04:02Z by ada: card payments fail, card payments fail, card payments fail, card payments fail. Reply ACK 7"
	if got := (Wording{}).Text("en", f); got != want {
		t.Errorf("\nwant %s\n got %s", want, got)
	}
}
