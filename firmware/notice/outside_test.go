package notice

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/event"
)

// outsideCases are what subscribers hear of one outage, and of a disturbance
// that somebody opened by hand.
func outsideCases() []Facts {
	down, up := judged(event.IsDown, event.PlaceUpstream, 0), judged(event.IsUp, "", 68*time.Minute)
	etr := night.Add(150 * time.Minute)
	return []Facts{
		{Kind: event.Down, Opened: stamp(0), Verdict: down, Now: stamp(5 * time.Minute)},
		{Kind: event.Down, Opened: stamp(0), Verdict: down, Now: stamp(5 * time.Minute), ETR: etr},
		{Kind: event.Down, Opened: stamp(-26 * time.Hour), Verdict: judged(event.IsDown, "", -26*time.Hour), Now: stamp(0), ETR: etr.Add(24 * time.Hour)},
		{Kind: event.Opened, Opened: stamp(0), Now: stamp(5 * time.Minute), Title: "television has no picture"},
		{Kind: event.Update, Opened: stamp(0), Verdict: down, Now: stamp(time.Hour), Title: "splicing has begun, two hours."},
		{Kind: event.Update, Opened: stamp(0), Verdict: down, Now: stamp(time.Hour), ETR: etr, Promised: true},
		{Kind: event.Update, Opened: stamp(0), Verdict: down, Now: stamp(time.Hour), Promised: true},
		{Kind: event.Reopened, Opened: stamp(-time.Hour), Verdict: down, Now: stamp(time.Minute), ETR: etr},
		{Kind: event.AllClear, Opened: stamp(0), Verdict: up, Was: down, Now: stamp(69 * time.Minute)},
		{Kind: event.Cancelled, Opened: stamp(0), Now: stamp(28 * time.Minute)},
		{Kind: event.Unwatched, Opened: stamp(0), Verdict: down, Now: stamp(28 * time.Minute)},
		{Kind: event.Dismissed, Opened: stamp(0), Verdict: down, Now: stamp(28 * time.Minute)},
	}
}

// sparse are the ways in which less is known: no clock, no regions, nobody to call.
func sparse(f Facts) map[string]Facts {
	f.Site, f.Incident, f.Brand, f.Zone, f.CallBack, f.Regions = "waw-12", 7, "Example Net", warsaw, "+48221234567", []string{"Łódź", "Kutno"}
	dark, bare := f, f
	dark.Now.Trusted, dark.Opened.Trusted, dark.Verdict.Trusted = false, false, false
	bare.Regions, bare.CallBack, bare.Brand = nil, "", ""
	return map[string]Facts{"1 all": f, "2 no clock": dark, "3 bare": bare}
}

// The golden file is what subscribers read on their telephones: kind,
// language, septets, text.
func TestEveryTextToSubscribers(t *testing.T) {
	var got strings.Builder
	for _, f := range outsideCases() {
		cases := sparse(f)
		for _, name := range []string{"1 all", "2 no clock", "3 bare"} {
			for _, lang := range Languages() {
				text, cut := Wording{}.Short(Subscriber, lang, cases[name])
				n, gsm := Septets(text)
				if !gsm || n > segment || cut > 0 || strings.ContainsAny(text, "{}#") || strings.Contains(text, "waw-12 ") || strings.Contains(text, "  ") {
					t.Errorf("%s %s, %s: %d septets, %d cut: %s", f.Kind, lang, name, n, cut, text)
				}
				fmt.Fprintf(&got, "%-10s %s %3d %s\n", f.Kind, lang, n, text)
			}
		}
	}
	compare(t, "testdata/subscribers.golden", got.String())
}

// Mails to subscribers have the same life, on the reader's own clock, and no
// number of ours.
func TestEveryMailToSubscribers(t *testing.T) {
	var got strings.Builder
	for _, lang := range Languages() {
		subjects := map[string]bool{}
		for _, f := range outsideCases() {
			f := sparse(f)["1 all"]
			f.First = event.Down
			l := written(t, Wording{}.Letter(Subscriber, lang, f))
			subjects[l.Subject] = true
			if strings.Contains(l.Subject+l.Text, "waw-12") || strings.Contains(l.Subject+l.Text, "#7") || strings.Contains(l.Text, "UTC") {
				t.Errorf("%s %s: %s\n%s", f.Kind, lang, l.Subject, l.Text)
			}
			fmt.Fprintf(&got, "=== %s %s\nSubject: %s\n\n%s\n\n", f.Kind, lang, l.Subject, l.Text)
		}
		if len(subjects) != 1 {
			t.Errorf("%s: a thread has one subject: %v", lang, subjects)
		}
	}
	compare(t, "testdata/letter-subscribers.golden", got.String())
}

// A follow-up mail holds what was said before; the next text has no need to.
func TestAFollowUpToSubscribersQuotes(t *testing.T) {
	f := sparse(outsideCases()[0])["1 all"]
	first := Wording{}.Letter(Subscriber, "en", f)
	over := sparse(outsideCases()[8])["1 all"]
	mail := written(t, Compose(Wording{}.Letter(Subscriber, "en", over), []Said{{Wall: night.Add(5 * time.Minute), Trusted: true, Text: first}}, over.Now, over.Now))
	for _, want := range []string{"have been working again since 22 Nov 2024 06:10.", "On 22 Nov 2024 04:07 UTC we wrote:\n> ", "> Connections to the Internet in Łódź, Kutno have been partly interrupted since 22 Nov 2024 05:02."} {
		if !strings.Contains(mail.Text, want) {
			t.Errorf("%q is missing: %s", want, mail.Text)
		}
	}
}

func TestWhatDoesNotFitATextGoesInOrder(t *testing.T) {
	f := sparse(Facts{Kind: event.Update, Opened: stamp(0), Now: stamp(time.Hour), Title: strings.Repeat("splicing goes on at the bridge, ", 6), ETR: night.Add(3 * time.Hour)})["1 all"]
	f.Regions = []string{"Województwo łódzkie", "Kutno", "Piotrków Trybunalski"}
	text, cut := Wording{}.Short(Subscriber, "en", f)
	want := "Example Net: still disturbed in Wojewodztwo lodzkie, Kutno, Piotrkow Trybunalski since 05:02, should be over by 08:02. Splicing goes on at. Call +48221234567"
	if cut == 0 || text != want {
		t.Errorf("%d cut\nwant %s\n got %s", cut, want, text)
	}
}

func TestLeftover(t *testing.T) {
	for text, want := range map[string]string{
		"splicing has begun, two hours": "", "what a night?? 100%!": "", "XX and todo, Xxx, AXXXB": "",
		"about &^KLIENT": "&^", "until ??? or so": "???", "Dear {{.Name}}": "{{", "}} left": "}}", "at <no value>": "<no value>", "ends XX:XX or XXX": "XX:XX", "ends xx:xx": "xx:xx", "until ${eta}": "${", "in ____ hours": "____", "<% name %>": "<%", "a__b": "", "5 % < 6 %": "", "(TODO: when)": "TODO", "XXXX": "XXXX",
	} {
		if got := Leftover(text); got != want {
			t.Errorf("%s: want %q, got %q", text, want, got)
		}
	}
}

// Own words of the owner's, for each sort of readers and way.
func TestTheOwnersWordsForThoseOutside(t *testing.T) {
	w, err := New(nil,
		Own{Subscriber, event.SMS, event.Down, "pl", "{{.Brand}}: nie działa{{with .Where}}, {{.}},{{end}} {{.Since}}"},
		Own{Subscriber, event.Mail, event.Down, "en", "Dear customer,\n\n\nno Internet {{.Since}}.\n{{with .Expect}}{{.}}.{{end}}\n\nYours, {{.Brand}}"},
		Own{Partner, event.SMS, event.Update, "en", "{{.Brand}} {{.Reference}}: {{.Subject}}{{with .State}} {{.}}{{end}}{{with .News}}: {{.}}{{end}}"},
		Own{Public, "", event.Down, "en", "We work on it {{.Since}}."},
	)
	if err != nil {
		t.Fatal(err)
	}
	f := sparse(outsideCases()[1])["1 all"]
	f.Scope = []string{"transit-a", "other-customer"}
	if got, want := w.Outside("pl", f), "Example Net: nie dziala, Lódz, Kutno, od 05:02"; Transliterate(got) != Transliterate(want) && got != want {
		t.Errorf("want %s, got %s", want, got)
	}
	if got, want := written(t, w.Letter(Subscriber, "en", f)).Text, "Dear customer,\n\nno Internet since 22 Nov 2024 05:02.\nExpected to be over on 22 Nov 2024 at 07:32.\n\nYours, Example Net"; got != want {
		t.Errorf("want %s\n got %s", want, got)
	}
	if got := written(t, w.Letter(Public, "en", f)).Text; got != "We work on it since 22 Nov 2024 04:02 UTC (05:02 CET)." {
		t.Errorf("the page reads %s", got)
	}
	f.Kind, f.Title = event.Reminder, ""
	if got, _ := w.Short(Partner, "en", f); got != "Example Net waw-12 #7: transit-a down" {
		t.Errorf("what is not for partners is an update to them: %s", got)
	}
	if got := w.Outside("en", f); got != (Wording{}).Outside("en", f) {
		t.Errorf("another language changed: %s", got)
	}
}

func TestTheOwnersWordsAreRefusedByDay(t *testing.T) {
	for text, why := range map[string]string{
		"no Internet in {{.Where}}":                                    "{{.Where}} may be empty: write {{with .Where}}",
		"{{.Brand}} {{with .Where}}x{{else}}{{.Where}}{{end}}":         "{{.Where}} may be empty",
		"{{if .Where}}{{.Where}} {{.Expect}}{{end}}":                   "{{.Expect}} may be empty",
		"#{{.Number}} {{.Since}}":                                      "there is no field .Number for these readers; there are: .At, .Brand,",
		"{{.Subject}} is down":                                         "no field .Subject",
		"{{.Brand}} {{if .News}}{{.By}}{{end}}":                        "no field .By",
		"{{.Brand}}: &^REGION {{.Since}}":                              `leaves "&^" in the text`,
		"{{.Brand}}: ??? {{.Since}}":                                   `leaves "???" in the text`,
		"{{.Brand}} {{with .Where}}TODO{{end}}":                        `leaves "TODO" in the text`,
		"{{.Brand":                                                     "unclosed action",
		"{{define \"x\"}}{{end}}{{.Brand}}":                            "one template",
		"{{range .Where}}x{{end}}":                                     "is not possible",
		"{{if and .Where .At}}{{.Where}} {{.At}}{{end}} {{printf .X}}": "no field .X",
		"  ": "must not be empty",
	} {
		_, err := New(nil, Own{Subscriber, event.SMS, event.Down, "en", text})
		if err == nil || !strings.Contains(err.Error(), "wording subscribers/sms/down/en: ") || !strings.Contains(err.Error(), why) {
			t.Errorf("%s\nwant %s\n got %v", text, why, err)
		}
	}
	for _, o := range []Own{
		{Staff, event.Mail, event.Down, "en", "x"}, {Public, event.SMS, event.Down, "en", "x"}, {Partner, "slack", event.Down, "en", "x"},
		{Subscriber, event.SMS, event.AckedBy, "en", "x"}, {Subscriber, event.SMS, event.Down, "de", "x"},
	} {
		if _, err := New(nil, o); err == nil || !strings.Contains(err.Error(), o.name()) {
			t.Errorf("%s is taken: %v", o.name(), err)
		}
	}
}

// Nothing of the inside reaches those outside: not in the built-in words, not
// in an owner's that print every field there is.
func TestNoInnerNameReachesThoseOutside(t *testing.T) {
	greedy := func(to Reader, channel string, kind event.Kind) Own {
		var b strings.Builder
		for name := range allowed[to] {
			fmt.Fprintf(&b, "{{with .%s}}{{.}}; {{end}}", name)
		}
		return Own{to, channel, kind, "en", "{{.Brand}} " + b.String()}
	}
	words := []string{"", "uplink-x is cut", "child-x is cut", "colleague-x is on site", "Carrier-X Transit says 2 h", "INC-4711 is open", "see #4711", "ticket 88123", "eth0 is dead", "call +48601202303"}
	for _, w := range []Wording{{}, owned(t, greedy)} {
		for _, f := range append(letterCases(), outsideCases()...) {
			for _, title := range words {
				f := poisoned(f)
				f.Title, f.Brand = title, "Example Net"
				for _, lang := range Languages() {
					text, _ := w.Short(Subscriber, lang, f)
					letter := written(t, w.Letter(Subscriber, lang, f))
					for _, s := range []string{text, letter.Subject + letter.Text} {
						for _, name := range append(slices.DeleteFunc(slices.Clone(bitter), func(s string) bool { return s == "600100777" }), "4711", "88123", "waw-12", "#7") {
							if strings.Contains(strings.ToLower(s), name) {
								t.Fatalf("%s in %s tells subscribers %q: %s", f.Kind, lang, name, s)
							}
						}
					}
					partner, _ := w.Short(Partner, lang, f)
					mail := written(t, w.Letter(Partner, lang, f)).Text
					for _, name := range []string{"child-x", "other-x", "person-x", "holder-x", "iface-x", "modem-x", "carrier-x", "account-x", "INC-4711", "#4711", "88123"} {
						if strings.Contains(strings.ToLower(partner+mail), strings.ToLower(name)) && name != "carrier-x" {
							t.Fatalf("%s in %s tells a partner %q: %s\n%s", f.Kind, lang, name, partner, mail)
						}
					}
				}
			}
		}
	}
}

func owned(t *testing.T, make func(Reader, string, event.Kind) Own) Wording {
	var all []Own
	for to, channels := range map[Reader][]string{Subscriber: {event.SMS, event.Mail}, Partner: {event.SMS, event.Mail}, Public: {""}} {
		for _, kind := range OutsideKinds(to) {
			for _, channel := range channels {
				all = append(all, make(to, channel, kind))
			}
		}
	}
	w, err := New(nil, all...)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// The code to answer with is in every plan, however much there is to say; the
// list's date as long as it fits.
func TestAPlanFitsOneText(t *testing.T) {
	x := Plan{
		What: "tell", Mails: 41, Texts: 412, Parts: 1, Takes: 22 * time.Minute, Workers: []string{"lte0"}, Cost: "8.24 EUR", Code: "4F7",
		Where: []string{"lodz", "waw"}, Taken: night.Add(-4 * 24 * time.Hour), List: "20241118T060000Z-1",
	}
	long := x
	long.Where, long.Workers, long.Two, long.Texts, long.Takes = []string{"wojewodztwo-lodzkie", "wojewodztwo-mazowieckie", "krakow", "kutno"}, []string{"lte0", "lte1"}, true, 104812, 96*time.Hour
	all := x
	all.Where = []string{event.Everybody}
	sends, vast := x, long
	sends.Sends, vast.Sends, vast.Two = night.Add(10*time.Minute), night.Add(10*time.Minute), false
	var got strings.Builder
	for _, p := range []Plan{x, long, all, sends, vast, {What: "say", Mails: 3, Texts: 40, Parts: 2, Code: "0A1"}} {
		for _, lang := range Languages() {
			text := Wording{}.Text(lang, Facts{Site: "waw-12", Incident: 7, Kind: event.Asking, Scope: []string{"transit-a"}, Now: stamp(0), Plan: p})
			n, _ := Septets(text)
			if n > segment || !strings.HasSuffix(text, ". APPROVE "+p.Code+" / DENY") {
				t.Errorf("%d: %s", n, text)
			}
			fmt.Fprintf(&got, "%s %3d %s\n", lang, n, text)
		}
	}
	compare(t, "testdata/plans.golden", got.String())
	dark := Wording{}.Text("en", Facts{Site: "waw-12", Incident: 7, Kind: event.Asking, Scope: []string{"transit-a"}, Now: event.Stamp{Box: night}, Plan: sends})
	if !strings.Contains(dark, "goes in 10 min unless denied. APPROVE 4F7 / DENY") {
		t.Errorf("without a clock: %s", dark)
	}
	if want := "tell 41 by mail, 412 by SMS in lodz, waw, list of 18 Nov, 22 min on lte0, 8.24 EUR, reserve kept; the list of 18 Nov 2024 04:02Z is version 20241118T060000Z-1"; x.Words() != want {
		t.Errorf("want %s\n got %s", want, x.Words())
	}
}

// Places that another system reports are names that no person has read: what is
// left over in them, tickets, addresses and numbers reach no subscriber.
func TestPlacesThatAnotherSystemNames(t *testing.T) {
	t.Parallel()
	w, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	f := Facts{Site: "waw-12", Incident: 7, Kind: event.Opened, First: event.Opened, Brand: "Example Net", Regions: []string{
		"Vicenza", "OLT-3", "zone ???", "TT 88123", "INC-4711", "eth0 port", "10.0.0.1", "call +48700123456", "{{.Name}}", "XXX",
	}}
	for name, text := range map[string]string{
		"text": w.Outside("en", f), "mail": w.Letter(Subscriber, "en", f), "page": w.Letter(Public, "en", f),
	} {
		if !strings.Contains(text, "Vicenza, OLT-3") || strings.Contains(text, "OLT-3, ") {
			t.Errorf("the %s says %s", name, text)
		}
		for _, inner := range []string{"???", "88123", "4711", "eth0", "10.0", "+48700", "{{", "XXX"} {
			if strings.Contains(text, inner) {
				t.Errorf("the %s says %q: %s", name, inner, text)
			}
		}
	}
}

// A telephone number is kept from subscribers however it is written, and so is
// what marks of no width take apart.
func TestWhatIsHiddenInWords(t *testing.T) {
	t.Parallel()
	w, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{
		"call +48700123456", "call +48\u202d700123456", "call +48 700 123 456", "call +48 (700) 123-456", "see e\u200bth0", "seen at INC\u2060-4711", "back at ?\u200b??", "to\u00adTAL &\u200d^",
	} {
		f := Facts{Site: "waw-12", Incident: 7, Kind: event.Update, First: event.Opened, Brand: "Example Net", Title: words}
		if text := w.Outside("en", f); strings.Contains(text, "700") || strings.Contains(text, "eth0") || strings.Contains(text, "4711") || strings.Contains(text, "??") || strings.Contains(text, "&^") {
			t.Errorf("subscribers read %q", text)
		}
		if Withheld(Subscriber, f) == "" {
			t.Errorf("nobody is told that %q was withheld", words)
		}
	}
	f := Facts{Site: "waw-12", Incident: 7, Kind: event.Update, First: event.Opened, Brand: "Example Net", Title: "half of the 1 200 lines are back, +30 an hour"}
	if text := w.Outside("en", f); !strings.Contains(text, "+30 an hour") {
		t.Errorf("subscribers read %q", text)
	}
}
