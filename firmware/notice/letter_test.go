package notice

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/event"
)

var readers = []Reader{Staff, Partner, CarrierNOC, Public, Room, Machine, Pocket}

// warsaw is CET without asking the machine for its zones.
var warsaw = time.FixedZone("CET", 3600)

// reported is a case with all that letters may say besides.
func reported(f Facts) Facts {
	f.Site, f.Incident, f.Key, f.Telling, f.Zone = "waw-12", 7, "waw-12/7", 2, warsaw
	f.Regions = []string{"waw", "lodz"}
	f.Carrier = Carrier{Name: "Example Transit", ASN: 64500, Circuit: "ABC-123", Account: "99887"}
	f.OwnASN, f.Peers, f.CallBack = 64510, Peers{Ours: "192.0.2.2", Theirs: "192.0.2.1"}, "+48600100299"
	f.Board.Subjects = []Line{{"transit-a", f.Verdict}, {"transit-b", judged(event.IsUp, "", 0)}}
	return f
}

// letterCases are every kind once, as decide hands it over.
func letterCases() []Facts {
	down := judged(event.IsDown, event.PlaceUpstream, 0)
	down.Evidence.Failing = []string{"icmp 9.9.9.9: no answer in 1.8 s", "tcp 1.1.1.1:443: no answer in 1.8 s"}
	flaps := judged(event.IsDown, event.PlaceUpstream, 40*time.Minute)
	flaps.Changes, flaps.Unstable = 7, night
	up := judged(event.IsUp, "", 68*time.Minute)
	up.Evidence = event.Evidence{Link: "eth0 ok", Gateway: "gw ok"}
	a, both := []string{"transit-a"}, []string{"transit-a", "branch-1"}
	about := []Facts{
		{Kind: event.Down, Scope: a, Verdict: down, Now: stamp(20 * time.Second)},
		{Kind: event.Degraded, Scope: a, Verdict: judged(event.IsDegraded, event.PlaceUpstream, 0), Now: stamp(time.Minute), Others: []string{"transit-b"}, Unasked: true},
		{Kind: event.Unwelled, Scope: a, Verdict: judged(event.IsUnknown, event.PlaceBox, 0), Now: stamp(30 * time.Second), Title: "no probe results for 30s"},
		{Kind: event.Opened, Scope: []string{"billing"}, Opened: stamp(0), Now: stamp(0), By: "ada", Title: "card payments fail"},
		{Kind: event.Update, Scope: both, Opened: stamp(0), Verdict: down, Now: stamp(time.Hour), Title: "splicing has begun, two hours.", By: "ada", First: event.Down, ETR: night.Add(150 * time.Minute)},
		{Kind: event.Unstable, Scope: a, Opened: stamp(0), Verdict: flaps, Now: stamp(41 * time.Minute), First: event.Down, Acked: "ada"},
		{Kind: event.Reminder, Scope: a, Opened: stamp(0), Verdict: down, Now: stamp(68 * time.Minute)},
		{Kind: event.Reopened, Scope: a, Opened: stamp(-time.Hour), Verdict: down, Now: stamp(time.Minute), First: event.Down},
		{Kind: event.AckedBy, Scope: a, Verdict: down, Now: stamp(time.Minute), By: "ada", Acked: "ada"},
		{Kind: event.AllClear, Scope: a, Opened: stamp(0), Verdict: up, Was: down, Now: stamp(69 * time.Minute), Acked: "ada", First: event.Down},
		{Kind: event.Cancelled, Scope: []string{"billing"}, Opened: stamp(0), Now: stamp(28 * time.Minute), By: "ada", First: event.Opened},
		{Kind: event.Unwatched, Scope: a, Opened: stamp(0), Verdict: down, Now: stamp(28 * time.Minute), First: event.Down},
		{Kind: event.Dismissed, Scope: a, Opened: stamp(0), Verdict: down, Now: stamp(28 * time.Minute), First: event.Down, By: "bob", Acked: "ada"},
	}
	begins := night.Add(9 * 24 * time.Hour).Truncate(time.Hour)
	work := Work{From: begins, To: begins.Add(4 * time.Hour), Text: map[string]string{"": "PWIC-8812 splice ring 3", "en": "new optics", "pl": "nowa optyka", "it": "ottiche nuove"}, Revision: 2, Impact: "OUTAGE", Account: "partner:wholesale"}
	for i, kind := range event.Works() {
		w := work
		w.Begun = kind != event.Maintenance && kind != event.Moved && kind != event.CalledOff
		at := stamp(time.Duration(i) * time.Minute)
		if w.Begun {
			at = stamp(begins.Sub(night) + time.Duration(i)*time.Minute)
		}
		about = append(about, Facts{Kind: kind, Scope: a, Opened: stamp(0), First: event.Maintenance, Now: at, Work: w})
	}
	for i, f := range about {
		about[i] = reported(f)
	}
	lte := Modem{Name: "lte0", Fit: true, State: "ready", Operator: "T-Mobile", Network: "LTE home", Signal: "-71 dBm"}
	lines := []Line{{"transit-a", down}, {"transit-b", up}}
	return append(about,
		Facts{Kind: event.Selftest, Site: "waw-12", Now: stamp(0), Board: Board{Subjects: lines, Modems: []Modem{lte}, LastSend: night.Add(-6 * time.Hour), Queue: 2}},
		Facts{Kind: event.BoxNews, Site: "waw-12", Now: stamp(0), Title: "the store was broken and was set aside, starting with an empty one"},
		Facts{Kind: event.PowerLost, Site: "waw-12", Now: stamp(0)},
		Facts{Kind: event.PowerBack, Site: "waw-12", Opened: stamp(0), Verdict: event.Verdict{Condition: event.IsUp, Since: night.Add(12 * time.Minute), SinceWall: night.Add(12 * time.Minute), Trusted: true}, Now: stamp(13 * time.Minute)},
		Facts{Kind: event.Reply, Site: "waw-12", Now: stamp(0), Title: "On its way to those who were told."},
	)
}

// written reads a letter back.
func written(t *testing.T, text string) Letter {
	t.Helper()
	var l Letter
	if err := json.Unmarshal([]byte(text), &l); err != nil || l.Text == "" || l.Subject == "" {
		t.Fatalf("is no letter (%v): %s", err, text)
	}
	return l
}

// page shows a letter as people compare it.
func page(title string, l Letter) string {
	s := fmt.Sprintf("=== %s\nSubject: %s\n\n%s\n", title, l.Subject, l.Text)
	if l.Case != nil {
		c := *l.Case
		c.Text = "" // it is the letter's own
		b, _ := json.Marshal(c)
		s += "\nCase: " + string(b) + "\n"
	}
	return s + "\n"
}

// The golden files are what people read, one for each reader.
func TestEveryLetterInEnglish(t *testing.T) {
	for _, to := range readers {
		var got strings.Builder
		for _, f := range letterCases() {
			got.WriteString(page(string(f.Kind), written(t, Wording{}.Letter(to, "en", f))))
		}
		compare(t, "testdata/letter-"+string(to)+".golden", got.String())
	}
}

// The other two languages in one table: kind, reader, and the letter's
// paragraphs on one line.
func TestEveryLetterInOtherLanguages(t *testing.T) {
	for _, lang := range []string{"pl", "it"} {
		var got strings.Builder
		for _, f := range letterCases() {
			for _, to := range readers {
				l := written(t, Wording{}.Letter(to, lang, f))
				fmt.Fprintf(&got, "%-10s %-7s %s | %s\n", f.Kind, to, l.Subject, strings.ReplaceAll(strings.ReplaceAll(l.Text, "\n\n", " ¶ "), "\n", " / "))
			}
		}
		compare(t, "testdata/letters-"+lang+".golden", got.String())
	}
}

// No sentence may be missing in a language, and every kind that one has, the
// others have too.
func TestLettersAreWholeInEveryLanguage(t *testing.T) {
	english := reflect.ValueOf(englishLetters)
	for _, lang := range Languages() {
		l := reflect.ValueOf(*writing(lang))
		for i := range l.NumField() {
			name := l.Type().Field(i).Name
			if l.Field(i).IsZero() {
				t.Errorf("%s: %s is missing", lang, name)
			}
			if l.Field(i).Kind() != reflect.Map {
				continue
			}
			for _, k := range english.Field(i).MapKeys() {
				if v := l.Field(i).MapIndex(k); !v.IsValid() || v.String() == "" {
					t.Errorf("%s: %s of %s is missing", lang, name, k)
				}
			}
			if l.Field(i).Len() != english.Field(i).Len() {
				t.Errorf("%s: %s has others than in English", lang, name)
			}
		}
	}
}

// Every reader gets a letter in every language, with a clock and without, of
// all that is known and of next to nothing.
func TestEveryLetterIsSound(t *testing.T) {
	for _, f := range letterCases() {
		dark := f
		dark.Now.Trusted, dark.Opened.Trusted, dark.Verdict.Trusted = false, false, false
		drill := f
		drill.Drill, drill.Critical, drill.Zone = true, true, nil
		bare := Facts{Site: "waw-12", Incident: f.Incident, Kind: f.Kind, Now: f.Now, By: "ada", Title: "a sentence"}
		for _, lang := range append(Languages(), "de") {
			for _, to := range append(readers, "nobody") {
				for name, f := range map[string]Facts{"full": f, "dark": dark, "drill": drill, "bare": bare} {
					l := written(t, Wording{}.Letter(to, lang, f))
					if (l.Case != nil) != (f.Incident > 0) {
						t.Errorf("%s %s %s %s: has a case: %v", f.Kind, to, lang, name, l.Case != nil)
					}
					if name == "dark" && strings.Contains(l.Text, "UTC") && f.ETR.IsZero() && !f.Work.Given() {
						t.Errorf("%s %s %s names a time though no clock can be trusted: %s", f.Kind, to, lang, l.Text)
					}
					if name == "drill" && !strings.HasPrefix(l.Text, writing(lang).drillLine) || strings.ContainsAny(l.Text, "{}") {
						t.Errorf("%s %s %s %s: %s", f.Kind, to, lang, name, l.Text)
					}
				}
			}
		}
	}
}

// poisoned is a case in which everything that is not for the public has a name
// that is easy to find.
func poisoned(f Facts) Facts {
	f = reported(f)
	f.Scope, f.Others = []string{"uplink-x", "child-x"}, []string{"other-x"}
	f.By, f.Acked, f.CallBack, f.Private = "person-x", "holder-x", "+48600100777", []string{"colleague-x"}
	f.Carrier = Carrier{Name: "Carrier-X Transit", ASN: 64777, Circuit: "circuit-x", Account: "account-x"}
	f.OwnASN, f.Peers = 64778, Peers{Ours: "192.0.2.77", Theirs: "2001:db8::77"}
	f.Verdict.Evidence.Link, f.Verdict.Evidence.Gateway = "iface-x no carrier", "gw no answer"
	f.Verdict.Evidence.Failing = []string{"icmp 198.51.100.77: no answer in 1.8 s"}
	f.Board = Board{
		Subjects: []Line{{"watched-x", f.Verdict}}, Modems: []Modem{{Name: "modem-x", Operator: "network-x"}},
		Open: []Item{{Number: 8, Scope: []string{"open-x"}, By: "keeper-x"}}, Faults: []string{"fault-x"},
	}
	return f
}

// bitter is what the public must not read, in lower case. The last ones only
// stand in an operator's words.
var bitter = []string{
	"-x", "64777", "64778", "192.0.2.77", "2001:db8", "198.51.100.77", "600100777",
	"203.0.113.9", "as64500", "eth0", "duty@", "601202303",
}

func TestThePublicReadsNoInnerName(t *testing.T) {
	words := []string{"", "uplink-x", "Child-X is cut", "ask person-x", "colleague-x is on site", "holder-x: splicing", "Carrier-X Transit says 2 h",
		"circuit-x", "to 203.0.113.9:443", "prefix (2001:db8:9::/48)", "AS64500 withdrew", "eth0 is dead", "write to duty@noc.example", "call +48601202303",
		"modem-x", "iface-x", "open-x", "keeper-x", "other-x", "watched-x"}
	for _, f := range letterCases() {
		for _, title := range words {
			f := poisoned(f)
			f.Title = title
			for _, lang := range Languages() {
				for _, regions := range [][]string{nil, {"waw"}} {
					f.Regions = regions
					letter := strings.ToLower(Wording{}.Letter(Public, lang, f))
					for _, name := range bitter {
						if strings.Contains(letter, name) {
							t.Fatalf("%s in %s tells the public %q: %s", f.Kind, lang, name, letter)
						}
					}
				}
			}
		}
	}
}

// What an operator says in plain words reaches the public as it was said.
func TestThePublicReadsAnOperatorsWords(t *testing.T) {
	f := poisoned(letterCases()[4])
	for _, words := range []string{"splicing has begun, two hours", "back by 06:30:00", "the uplink is cut"} {
		f.Title = words
		if l := written(t, Wording{}.Letter(Public, "en", f)); !strings.HasPrefix(l.Text, capital(words)+".") {
			t.Errorf("%q is not said: %s", words, l.Text)
		}
	}
}

// A partner hears of what it hears of, and of nobody else's trouble.
func TestAPartnerReadsOfItsOwnOnly(t *testing.T) {
	for _, f := range letterCases() {
		for _, title := range []string{"", "other-x is down as well", "modem-x sends", "iface-x is dead"} {
			f := poisoned(f)
			f.Title = title
			letter := Wording{}.Letter(Partner, "en", f)
			for _, name := range []string{"child-x", "other-x", "iface-x", "modem-x", "network-x", "watched-x", "open-x", "keeper-x", "person-x", "holder-x", "198.51.100.77", "fault-x"} {
				if strings.Contains(letter, name) {
					t.Errorf("%s tells a partner %q: %s", f.Kind, name, letter)
				}
			}
		}
	}
}

// A placeholder that somebody left in the configuration stops the sentence it
// stands in, not the letter; a line break makes no header.
func TestLetterWithAPlaceholder(t *testing.T) {
	f := letterCases()[0]
	f.Regions, f.Scope = []string{"&^REGION", "waw"}, []string{"transit-a\r\nBcc: all@example.org"}
	public := written(t, Wording{}.Letter(Public, "en", f))
	if strings.Contains(public.Subject+public.Text, "&^") || !strings.Contains(public.Text, "in waw have been partly interrupted") {
		t.Errorf("%+v", public)
	}
	if staff := written(t, Wording{}.Letter(Staff, "en", f)); staff.Subject != "[waw-12 #7] No connection: transit-a Bcc: all@example.org" {
		t.Errorf("%q", staff.Subject)
	}
	f.Scope = []string{"{{.Name}}"}
	partner := written(t, Wording{}.Letter(Partner, "en", f))
	want := Letter{Subject: "[waw-12 #7] Trouble", Text: "There is news of our incident waw-12 #7. We write again when there is more."}
	if partner.Subject != want.Subject || partner.Text != want.Text || partner.Case.Title != "Trouble" {
		t.Errorf("want %+v, got %+v", want, partner)
	}
	f.Kind = "newer"
	if staff := written(t, Wording{}.Letter(Staff, "en", f)); staff.Text != (Wording{}).Text("en", f.tidied()) {
		t.Errorf("a kind that is not known is not said as a text: %s", staff.Text)
	}
}

// Mail programs keep a thread together by its subject, and pages an incident
// by its title: neither changes with the news.
func TestSubjectAndTitleStayTheSame(t *testing.T) {
	for _, to := range readers {
		seen := map[string]bool{}
		for _, f := range letterCases() {
			if f.Scope == nil || f.Scope[0] != "transit-a" {
				continue
			}
			f.First = event.Degraded
			l := written(t, Wording{}.Letter(to, "it", f))
			seen[l.Subject+" / "+l.Case.Title] = true
		}
		if len(seen) != 1 {
			t.Errorf("%s: %v", to, seen)
		}
	}
}
