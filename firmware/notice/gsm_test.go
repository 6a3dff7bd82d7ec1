package notice

import (
	"strings"
	"testing"
	"time"

	"github.com/warthog618/sms/encoding/gsm7"
	"pgregory.net/rapid"

	"heliograph/firmware/event"
)

func TestTransliterate(t *testing.T) {
	for in, want := range map[string]string{
		"Zażółć gęślą jaźń":                 "Zazolc gesla jazn",
		"ZAŻÓŁĆ GĘŚLĄ JAŹŃ":                 "ZAZOLC GESLA JAZN",
		"perché più città è così, là":       "perché più città è così, là",
		"È PIÙ CITTÀ":                       "E PIU CITTA",
		"Größe, Ärger, Ångström":            "Größe, Ärger, Ångström",
		"“quoted” — ‘so’ … 5 × 2":           `"quoted" - 'so' ... 5 x 2`,
		"Київ, Харків":                      "Kiyiv, Harkiv",
		"e\u0301te\u0301":                   "ete",
		"a\tb\r\n  c ":                      "a b c",
		"[€] {x} ~ | \\ ^":                  "[€] {x} ~ | \\ ^",
		"\u200bzero\u200d width \U0001F525": "zero width ?",
	} {
		if got := Transliterate(in); got != want {
			t.Errorf("%q: want %q, got %q", in, want, got)
		}
	}
}

func TestSeptets(t *testing.T) {
	for in, want := range map[string]int{"": 0, "abc": 3, "[€]": 6, "più": 3, "@_": 2} {
		if n, gsm := Septets(in); n != want || !gsm {
			t.Errorf("%q: want %d, got %d %v", in, want, n, gsm)
		}
	}
	if _, gsm := Septets("ł"); gsm {
		t.Error("ł is not in the alphabet")
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		septets  int
		in, want string
	}{
		{160, "one. two", "one. two"},
		{20, "one clause, another one", "one clause, another"},
		{18, "one long clause, another", "one long clause"},
		{16, "a clause that ends. Then", "a clause that"},
		{10, "abcdefghijklmnop", "abcdefghij"},
		{20, "up again after (04:02Z-05:10Z)", "up again after"},
		{3, "[[[", "["},
		{0, "x", ""},
	} {
		if got := Fit(c.in, c.septets); got != c.want {
			t.Errorf("%d %q: want %q, got %q", c.septets, c.in, c.want, got)
		}
	}
}

func TestAgain(t *testing.T) {
	long := strings.Repeat("word ", 40)
	for in, most := range map[string]int{"short": 13, long[:159]: segment, long: 2 * chained, "short (again)": 13} {
		got := Again(in)
		n, gsm := Septets(got)
		if !gsm || n > most || !strings.HasSuffix(got, " (again)") || strings.Count(got, "(again)") != 1 {
			t.Errorf("%q: %d septets: %q", in, n, got)
		}
	}
}

func TestClock(t *testing.T) {
	dark := event.Stamp{Box: night.Add(4 * time.Minute)}
	for _, c := range []struct {
		lang    string
		at, now event.Stamp
		want    string
	}{
		{"en", stamp(0), stamp(time.Hour), "04:02Z"},
		{"en", stamp(0), stamp(20 * time.Hour), "22 Nov 04:02Z"},
		{"pl", stamp(0), stamp(20 * time.Hour), "22 lis 04:02Z"},
		{"en", stamp(0), dark, "for 4 min"},
		{"it", event.Stamp{Box: night}, stamp(68 * time.Minute), "da 1 h 8 min"},
		{"en", dark, dark, "now"},
	} {
		if got := Clock(c.lang, c.at, c.now); got != c.want {
			t.Errorf("want %s, got %s", c.want, got)
		}
	}
}

func TestLength(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 45 * time.Second: "45 s", 4*time.Minute + 59*time.Second: "4 min", time.Hour: "1 h",
		68 * time.Minute: "1 h 8 min", 51 * time.Hour: "2 d 3 h", 48*time.Hour + time.Minute: "2 d",
	} {
		if got := Length("en", d); got != want {
			t.Errorf("%s: want %s, got %s", d, want, got)
		}
	}
	for n, want := range map[int]string{1: "1 zmiana", 2: "2 zmiany", 5: "5 zmian", 12: "12 zmian", 22: "22 zmiany", 112: "112 zmian"} {
		if got := polishChanges(n); got != want {
			t.Errorf("want %s, got %s", want, got)
		}
	}
}

// Whatever the facts and whatever template was accepted: one segment, in the
// alphabet that the modem's encoder takes, what matters in front.
func TestAnyTextFits(t *testing.T) {
	kinds := []event.Kind{
		event.Down, event.Degraded, event.Unwelled, event.Opened, event.Update, event.Unstable, event.Reminder, event.Reopened,
		event.AckedBy, event.AllClear, event.Cancelled, event.Unwatched, event.Dismissed, event.Reply, event.Selftest, event.BoxNews, event.PowerLost,
		event.PowerBack,
	}
	pieces := []string{"{{.Subject}} ", "{{.At}} ", "{{.Since}} ", "{{.By}} ", "{{.Title}} ", "słowo ", "{{.Cause}}, ", "{{.Tail}}", "[{{.Lasted}}] ", "{{.Span}}"}
	rapid.Check(t, func(t *rapid.T) {
		word := func(name string) string { return rapid.StringN(1, 60, -1).Draw(t, name) }
		name := func(label string) string { return rapid.StringMatching(`[a-z][a-z0-9ł_.-]{0,60}`).Draw(t, label) }
		f := Facts{
			Site: name("site"), Incident: rapid.IntRange(1, 99999).Draw(t, "incident"), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
			Scope: []string{name("subject")}, Title: word("title"), By: name("by"), Others: []string{word("other")},
			Opened: anyStamp(t, "opened"), Now: anyStamp(t, "now"), Unasked: rapid.Bool().Draw(t, "unasked"),
		}
		f.Verdict = event.Verdict{
			Condition: rapid.SampledFrom([]event.Condition{"", event.IsUp, event.IsDown, event.IsDegraded, event.IsUnknown}).Draw(t, "condition"),
			Place:     rapid.SampledFrom([]event.Place{"", event.PlaceNames, event.PlaceUpstream}).Draw(t, "place"),
			Evidence:  event.Evidence{Lost: 1, Of: 2, Link: word("link"), Gateway: word("gateway"), Loss: 0.5},
		}
		f.Board = Board{Modems: []Modem{{Name: name("modem"), State: word("state")}}, Faults: []string{word("fault")}}
		lang := rapid.SampledFrom(Languages()).Draw(t, "language")
		owner := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 6).Draw(t, "template"), "")
		w, err := New(map[event.Kind]map[string]string{f.Kind: {lang: owner}})
		if err != nil {
			w = Wording{}
		}
		text := w.Text(lang, f)
		n, gsm := Septets(text)
		if !gsm || n > segment {
			t.Fatalf("%d septets, GSM-7 %v: %s", n, gsm, text)
		}
		if packed, err := gsm7.Encode([]byte(text)); err != nil || len(packed) != n {
			t.Fatalf("the encoder says %d septets and %v, not %d: %q", len(packed), err, n, text)
		}
		head := text[:within(text, key)]
		for _, must := range mustHave(lang, f) {
			if !strings.Contains(head, must) {
				t.Fatalf("%q is not in front: %s", must, text)
			}
		}
	})
}

// mustHave is computed from the facts alone, with names as short as they may get.
func mustHave(lang string, f Facts) []string {
	head := func(s string) string { return Transliterate(s)[:min(3, len(Transliterate(s)))] }
	number := " #" + string(Transliterate(view(lang, f).Number))
	list := []string{head(f.Site), number}
	switch f.Kind {
	case event.Reply, event.Selftest, event.BoxNews:
		return list
	case event.PowerLost, event.PowerBack:
		return append(list, Transliterate(Clock(lang, f.at(), f.Now)))
	case event.AckedBy:
		return append(list, head(f.Scope[0]), head(f.By))
	}
	return append(list, head(f.Scope[0]), Transliterate(Clock(lang, f.at(), f.Now)))
}

func anyStamp(t *rapid.T, name string) event.Stamp {
	at := night.Add(time.Duration(rapid.Int64Range(0, int64(400*24*time.Hour)).Draw(t, name)))
	return event.Stamp{Box: at, Wall: at, Trusted: rapid.Bool().Draw(t, name+" trusted")}
}
