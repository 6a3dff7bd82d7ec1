package main

import (
	"bytes"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"heliograph/firmware/command"
	"heliograph/firmware/config"
)

// crowded is a configuration that makes the card as full as it gets: the
// longest name of a site, two modems.
var crowded = config.Config{Site: "krakow-pop12", Language: "en", Modems: []config.Modem{
	{Name: "lte0", Number: "+48600100200"}, {Name: "lte1", Number: "+393351234567"},
}}

func TestAUsageIsFoldedAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ usage, want string }{
		{"ACK 7/ACK", "ACK [7]"},
		{"STATUS/STATUS 7", "STATUS [7]"},
		{"SAY 7 splicing has begun", "SAY 7 splicing has begun"},
		{"ETR 7 06:30/ETR 7 +2h/ETR 7 23 Nov 06:30/ETR 7 ?/ETR 06:30", "ETR 7 06:30 | +2h | 23 Nov 06:30 | ?/ETR 06:30"},
		{"APPROVE 4F7/APPROVE 4F7 MAIL ONLY/APPROVE 4F7 SMS ONLY", "APPROVE 4F7 [MAIL ONLY | SMS ONLY]"},
		{"LTE AUTO/LTE ON/LTE OFF", "LTE AUTO | ON | OFF"},
		{"TEST/TEST MODEM/TEST ALL", "TEST [MODEM | ALL]"},
		{"MAINT START transit-a 2h/MAINT START transit-a 2h new optics/MAINT END/MAINT END 7/MAINT END transit-a",
			"MAINT START transit-a 2h [new optics]/MAINT END [7 | transit-a]"},
		{"HELP/HELP SAY/?", "HELP [SAY]/?"},
		{"WHO", "WHO"},
	} {
		if got := strings.Join(forms(strings.Split(c.usage, "/")), "/"); got != c.want {
			t.Errorf("%s\nis folded to %s\nwant         %s", c.usage, got, c.want)
		}
	}
}

// unfolded writes a form out again.
func unfolded(form string) []string {
	base, optional, _ := strings.Cut(strings.TrimSuffix(form, "]"), " [")
	either := strings.Split(base, " | ")
	first := strings.Fields(either[0])
	head := strings.Join(first[:len(first)-1], " ")
	list := either[:1:1]
	for _, e := range either[1:] {
		list = append(list, head+" "+e)
	}
	for _, o := range strings.Split(optional, " | ") {
		if o != "" {
			list = append(list, either[0]+" "+o)
		}
	}
	return list
}

// TestTheCardHoldsTheWholeVocabulary in each language: every verb with every
// way to write it, what it does, who may and with which proof; and what the
// card says can be written is understood.
func TestTheCardHoldsTheWholeVocabulary(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "pl", "it"} {
		c := cardOf(crowded, lang)
		if len(c.Rows) != len(command.Table()) {
			t.Fatalf("%s: %d rows of %d", lang, len(c.Rows), len(command.Table()))
		}
		for i, e := range command.Table() {
			row := c.Rows[i]
			var all []string
			for _, f := range row.Forms {
				all = append(all, unfolded(f)...)
			}
			for _, u := range e.Usage {
				if !slices.Contains(all, u) {
					t.Errorf("%s: %s can be written %q, and the card has %q", lang, e.Verb, u, row.Forms)
				}
			}
			for _, u := range all {
				if k, err := command.Parse(u, command.Air); err != nil || k.Verb != e.Verb {
					t.Errorf("%s: the card says %q, which is understood as %s: %v", lang, u, k.Verb, err)
				}
			}
			if row.What == "" || row.Who == "" || row.Proof == "" {
				t.Errorf("%s: %s: %+v", lang, e.Verb, row)
			}
		}
		for proof, name := range c.W.Named {
			if !slices.ContainsFunc(c.W.Proven, func(p [2]string) bool { return p[0] == name && p[1] != "" }) {
				t.Errorf("%s: the proof %q (%s) is not explained", lang, name, proof)
			}
		}
	}
}

// TestTheCardIsWholeInItself: it fetches nothing and runs nothing.
func TestTheCardIsWholeInItself(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "pl", "it"} {
		page := sheetOf(t, cardOf(crowded, lang))
		for _, no := range []string{"<script", "http:", "https:", "url(", "@import", "<img", "<link", "javascript"} {
			if strings.Contains(page, no) {
				t.Errorf("%s: it has %s", lang, no)
			}
		}
		for _, want := range []string{"<html lang=\"" + lang + "\">", "@page { size: A4;", "krakow-pop12", "+48 600 100 200", "+393 351 234 567", "lte0", "MAINT END [7 | transit-a]"} {
			if !strings.Contains(html.UnescapeString(page), want) {
				t.Errorf("%s: it lacks %s", lang, want)
			}
		}
	}
}

func sheetOf(t *testing.T, c card) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.print(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheCardOfAConfigurationAndWithoutOne(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heliograph.yaml")
	text := strings.Replace(smallest, "\nmodems:", "\nlanguage: pl\nmodems:", 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args  []string
		lang  string
		lines int // to write on
	}{
		{nil, "en", 3}, {[]string{"--language=it"}, "it", 3}, {[]string{"-c", path}, "pl", 1}, {[]string{"-c", path, "--language", "en"}, "en", 1},
	} {
		out, errs, code := typed(t, append([]string{"card"}, c.args...)...)
		if code != 0 || errs != "" || !strings.Contains(out, "<html lang=\""+c.lang+"\">") || strings.Count(out, `class="blank"`) != c.lines {
			t.Errorf("%v: status %d, %s, %d lines to write on\n%.300s", c.args, code, errs, strings.Count(out, `class="blank"`), out)
		}
		if named := strings.Contains(out, "<h1>waw-12</h1>"); named != (c.lines == 1) {
			t.Errorf("%v: the site's name on it: %t", c.args, named)
		}
	}
	if out, errs, code := typed(t, "card", "-c", filepath.Join(t.TempDir(), "none")); code != 1 || out != "" || !strings.Contains(errs, "read the configuration") {
		t.Errorf("without a file: status %d, %s%s", code, out, errs)
	}
}

// TestTheCardIsOneSheet prints it as a browser does, once as it is and once
// with 6 mm less of paper: another machine has other letters.
func TestTheCardIsOneSheet(t *testing.T) {
	t.Parallel()
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("needs chromium: it is not in the path")
	}
	full, blank := crowded, config.Config{}
	for name, page := range map[string]string{
		"en": sheetOf(t, cardOf(full, "en")), "pl": sheetOf(t, cardOf(full, "pl")), "it": sheetOf(t, cardOf(full, "it")), "blank": sheetOf(t, cardOf(blank, "pl")),
	} {
		less := strings.Replace(page, "@page { size: A4; margin: 7mm", "@page { size: A4; margin: 10mm", 1)
		if less == page {
			t.Fatal("the margins of the sheet are not where this test looks for them")
		}
		if n := sheets(t, browser, less); n != 1 {
			t.Errorf("%s: %d sheets", name, n)
		}
	}
	if n := sheets(t, browser, strings.Replace(sheetOf(t, cardOf(full, "en")), "font: 8.4pt", "font: 12pt", 1)); n < 2 {
		t.Errorf("in large letters it is %d sheets: the count is wrong", n)
	}
}

var sheet = regexp.MustCompile(`/Type\s*/Page\b`)

// sheets counts the sheets of paper that a page is printed on.
func sheets(t *testing.T, browser, page string) int {
	t.Helper()
	dir, err := os.MkdirTemp("", "card")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) }) // the browser's last processes may still write there
	from, to := filepath.Join(dir, "card.html"), filepath.Join(dir, "card.pdf")
	if err := os.WriteFile(from, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--user-data-dir="+filepath.Join(dir, "profile"),
		"--no-pdf-header-footer", "--print-to-pdf="+to, "file://"+from)
	cmd.Env = append(os.Environ(), "HOME="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pdf, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return len(sheet.FindAll(pdf, -1))
}
