package story

import (
	"strings"
	"testing"
	"time"
)

const night = `# A fibre is cut.
site: waw-12
---
at 01:00 transit-a loses gateway
expect 01:22 ada "waw-12 #1 DOWN … Reply ACK 1"
at 1:00:30 text ada "ack 1"
at 00:10 order "open billing card payments fail"
at 00:20 refuse bob CMS 38
at 00:30 dark 10m
at 00:40 congest
---
`

func TestANightIsRead(t *testing.T) {
	t.Parallel()
	s, err := Parse("night", night)
	if err != nil {
		t.Fatal(err)
	}
	if s.About != "A fibre is cut." || len(s.Configs) != 2 || !strings.Contains(s.Configs[0], "site: waw-12") {
		t.Errorf("head: %q, %d configurations", s.About, len(s.Configs))
	}
	if got := s.Length(); got != time.Hour+30*time.Second {
		t.Errorf("it lasts %v", got)
	}
	var told []string
	for _, l := range s.Happenings() {
		told = append(told, strings.Join([]string{Stamp(l.At), l.Verb, l.Who, strings.Join(l.Words, " "), l.Quoted}, "|"))
	}
	want := []string{
		"00:10|order|||open billing card payments fail", "00:20|refuse|bob|CMS 38|", "00:30|dark|10m||", "00:40|congest|||",
		"01:00||transit-a|loses gateway|", "1:00:30|text|ada||ack 1",
	}
	if strings.Join(told, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
	if e := s.Expected(); len(e) != 1 || e[0].Who != "ada" || !Like("waw-12 #1 DOWN transit-a. Reply ACK 1", e[0].Quoted) {
		t.Errorf("expected %+v", e)
	}
}

// TestWhatAStoryCannotSay is told with the place and what would be right.
func TestWhatAStoryCannotSay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, want string }{
		{`at 01:00 transit-a explodes`, "night:3: \"transit-a explodes\": a story knows text, spoof,"},
		{`at 01:00 text ada`, "night:3: text: what is said stands in quotes"},
		{`at 01:00 ring`, "night:3: ring: of whom or what? Write it like: ring ada"},
		{`expect 01:00 ada`, "night:3: \"expect 01:00 ada\" expects nothing: write it like: expect 01:22 ada"},
		{`expect 01:00 "DOWN"`, "night:3: \"expect 01:00 \\\"DOWN\\\"\" is not understood"},
	} {
		if _, err := Parse("night", "site: waw-12\n---\n"+c.line+"\n"); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s:\ngot  %v\nwant %s", c.line, err, c.want)
		}
	}
	if _, err := Parse("night", "at 01:00 transit-a fails\n"); err == nil || !strings.Contains(err.Error(), "begins with a configuration and a line ---") {
		t.Errorf("without a configuration: %v", err)
	}
	_, err := Parse("night", "site: waw-12\n---\nat 01:00 transit-a fails\nat one transit-a passes\n")
	if err == nil || !strings.HasPrefix(err.Error(), `night:4: "at one transit-a passes" is no line of a story`) {
		t.Errorf("a time in words: %v", err)
	}
}

func TestLike(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		got, want string
		is        bool
	}{
		{"a b c", "a b c", true}, {"a b c", "a … c", true}, {"a b c", "…", true}, {"a b c", "a …", true}, {"a b c", "… c", true},
		{"a b c", "b …", false}, {"a b c", "a b", false}, {"a b c", "a … d", false}, {"", "", true}, {"a", "", false},
	} {
		if Like(c.got, c.want) != c.is {
			t.Errorf("%q like %q: %t", c.got, c.want, !c.is)
		}
	}
}

func TestTimeless(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		"ALL CLEAR transit-a up 00:06Z, was down 5 min (00:01Z-00:06Z).": "ALL CLEAR transit-a up …, was down ….",
		"ALL CLEAR transit-a up now, was down 0 s.":                      "ALL CLEAR transit-a up …, was down ….",
		"STILL DOWN transit-a since 00:01Z (30 min), nobody has it":      "STILL DOWN transit-a … (…), nobody has it",
		"STILL DOWN transit-a for 3 s (3 s), nobody has it":              "STILL DOWN transit-a … (…), nobody has it",
		"DOWN transit-a for 1 h 12 min, 3/3 lost":                        "DOWN transit-a …, 3/3 lost",
		"waw-12 #1 DOWN transit-a 04:02Z, 2/2 lost: upstream.":           "waw-12 #1 DOWN transit-a …, 2/2 lost: upstream.",
		"UPDATE billing since 21 Nov 04:02Z: the bank is on it":          "UPDATE billing …: the bank is on it",
	} {
		if g := Timeless(got); g != want {
			t.Errorf("%q: %q, want %q", got, g, want)
		}
	}
}

// TestCodesAreReadOffPhones as their owners read them: the newest counts, in
// every language, and who only pretends to have a number reads none.
func TestCodesAreReadOffPhones(t *testing.T) {
	t.Parallel()
	phones := Phones{Texts: func(who string) []string {
		return map[string][]string{
			"ada": {"waw-12 code 1111 carries out: CLEAR 1.", "waw-12 kod 2222 wykona: CLEAR 1.", "waw-12 #1 yours."},
			"bob": {"waw-12 il codice 3333 esegue: GO 1.", "waw-12 #1 transit-a: tell 3 by SMS. APPROVE 4F7 / DENY"},
		}[who]
	}}
	for text, want := range map[string]string{
		"{code}": "2222", "{code bob}": "3333", "approve {plan bob} mail only": "approve 4F7 mail only", "ack 1": "ack 1",
	} {
		if got, err := phones.Fill(text, "ada"); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"{plan}", "{code dan}", "{totp}"} {
		if _, err := phones.Fill(text, "ada"); err == nil {
			t.Errorf("%s is filled though ada has no such code", text)
		}
	}
	if _, err := Parse("night", "site: waw-12\n---\nat 01:00 spoof ada \"{code}\"\n"); err == nil || !strings.Contains(err.Error(), "reads no code") {
		t.Errorf("a faker who reads: %v", err)
	}
	if s, err := Parse("night", "# About.\n# exact: it has to.\nsite: waw-12\n---\n"); err != nil || s.Exact != "it has to." || s.About != "About." {
		t.Errorf("%q %q %v", s.About, s.Exact, err)
	}
}
