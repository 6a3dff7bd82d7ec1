package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// pages are the two man pages, dated so that nothing depends on the day.
func pages() map[string]string {
	app := parserFor().Model
	return map[string]string{"heliograph.1": commandPage(app, "2026-01-02"), "heliograph.yaml.5": configPage(app, "2026-01-02")}
}

// shownPage is a man page as a very wide terminal shows it, where no word is
// parted.
func shownPage(t *testing.T, name, page string) string {
	t.Helper()
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("needs groff: apt-get install groff")
	}
	cmd := exec.Command(groff, "-man", "-ww", "-Tascii", "-P-c", "-rLL=2000n")
	cmd.Stdin = strings.NewReader(page)
	var warnings strings.Builder
	cmd.Stderr = &warnings
	out, err := cmd.Output()
	if err != nil || warnings.Len() > 0 {
		t.Errorf("groff about %s: %v\n%s", name, err, &warnings)
	}
	return regexp.MustCompile(".\x08").ReplaceAllString(string(out), "")
}

// flat puts words one blank apart, as if the terminal were wide.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestManPagesPassTheLinter(t *testing.T) {
	t.Parallel()
	mandoc, err := exec.LookPath("mandoc")
	if err != nil {
		t.Skip("needs mandoc: apt-get install mandoc")
	}
	for name, page := range pages() {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(mandoc, "-Tlint", "-Wall", file).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("mandoc about %s: %v\n%s", name, err, out)
		}
	}
}

// TestManPageTellsAll: what --help tells is in heliograph(1), each command
// with its own words.
func TestManPageTellsAll(t *testing.T) {
	t.Parallel()
	page := flat(shownPage(t, "heliograph.1", pages()["heliograph.1"]))
	want := func(words string) {
		if words = strings.NewReplacer("`", "", "…", "...").Replace(flat(words)); !strings.Contains(page, words) {
			t.Errorf("heliograph(1) does not say: %s", words)
		}
	}
	app := parserFor().Model
	want(about)
	for _, leaf := range app.Leaves(true) {
		want(leaf.Name)
		want(leaf.Help)
		want(leaf.Detail)
	}
	for _, v := range shown(app) {
		want(v.Help)
		if v.Flag != nil {
			want("--" + v.Name)
		}
		if v.Default != "" && !strings.Contains(v.Help, v.Default) {
			want("Default: " + v.Default + ".")
		}
	}
	for _, s := range statuses {
		want(s.code + " " + s.means)
	}
	for _, e := range examples {
		want(e.line)
	}
	want("HELIOGRAPH_SOCKET Stands in for --socket.")
	for _, hidden := range []string{"Divide every configured duration, for rehearsals."} {
		if strings.Contains(page, hidden) {
			t.Errorf("heliograph(1) shows what is hidden: %s", hidden)
		}
	}
}

// TestManPageOfTheConfiguration: each key of the reference is in
// heliograph.yaml(5), and each comment, word for word.
func TestManPageOfTheConfiguration(t *testing.T) {
	t.Parallel()
	page := flat(shownPage(t, "heliograph.yaml.5", pages()["heliograph.yaml.5"]))
	comments := 0
	for line := range strings.Lines(reference) {
		_, comment, ok := strings.Cut(line, "# ")
		if !ok {
			continue
		}
		comments++
		comment = strings.ReplaceAll(flat(strings.TrimPrefix(comment, "(default)")), "…", "...")
		if comment != "" && !strings.Contains(strings.ToLower(page), strings.ToLower(comment)) {
			t.Errorf("heliograph.yaml(5) does not say: %s", comment)
		}
	}
	_, keys := readReference(reference)
	var top []string
	for _, k := range keys {
		if len(k.path) == 1 {
			top = append(top, k.path[0])
		} else if !strings.Contains(page, " "+strings.Join(k.path[1:], ".")) {
			t.Errorf("heliograph.yaml(5) does not show %v", k.path)
		}
	}
	if want := regexp.MustCompile(`(?m)^[a-z]+:`).FindAllString(reference, -1); len(want) != len(top) || comments < 100 {
		t.Errorf("%d comments; of the sections %v it shows %v", comments, want, top)
	}
}

// TestReadReference: a list's second entry adds to the first what is new.
func TestReadReference(t *testing.T) {
	t.Parallel()
	head, keys := readReference(`# All keys.

oncall:                     # who
  - who: [ada]
    after: 0s               # (default)
  - every: 30m              # again,
                            # and again
    after: 30m              # (default) or "so"
name: "a: # b"              # quoted
`)
	var got []string
	for _, k := range keys {
		got = append(got, strings.Join(k.path, ".")+"|"+k.value+"|"+k.meaning)
	}
	want := []string{"oncall||who", "oncall.who|[ada]|", `oncall.after|0s|(default); or "so"`, "oncall.every|30m|again, and again", `name|"a: # b"|quoted`}
	if !slices.Equal(got, want) || !slices.Equal(head, []string{"All keys."}) {
		t.Errorf("head %q, keys\n%s\nwant\n%s", head, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestRoffStandsForItself: no word of ours is taken for a request of roff.
func TestRoffStandsForItself(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		".TH is a macro":      "\\&.TH is a macro\n",
		"'tis so":             "\\(aqtis so\n",
		"run `a -b` off-hand": "run \\fBa \\-b\\fR off-hand\n",
		`a \ and ł … b`:       "a \\e and \\[u0142] ... b\n",
		"":                    "",
	} {
		r := &roff{}
		if r.text(in); r.String() != want {
			t.Errorf("%q becomes %q, want %q", in, r.String(), want)
		}
	}
}

func TestManPrintsThePages(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{"man": ".TH HELIOGRAPH 1 ", "man heliograph": ".TH HELIOGRAPH 1 ", "man config": ".TH HELIOGRAPH.YAML 5 "} {
		if out, errs, code := typed(t, strings.Fields(line)...); code != 0 || !strings.HasPrefix(out, want) || errs != "" {
			t.Errorf("%s: status %d, %s%.40s", line, code, errs, out)
		}
	}
	if _, errs, code := typed(t, "man", "woman"); code != 2 || !strings.Contains(errs, `must be one of "heliograph","config"`) {
		t.Errorf("man woman: status %d, %s", code, errs)
	}
}

var aSentence = regexp.MustCompile(`^[A-Z].*[^.]\.$`)

// TestHelpIsInSentences: each command, flag and argument has a help that
// begins and ends as a sentence does, and nothing is wider than 80 columns.
func TestHelpIsInSentences(t *testing.T) {
	t.Parallel()
	app := parserFor().Model
	say := func(what, help string) {
		if !aSentence.MatchString(help) {
			t.Errorf("the help of %s is no sentence: %q", what, help)
		}
	}
	grouped := func(n *kong.Node) bool {
		return n.Group != nil && slices.ContainsFunc(groups, func(g kong.Group) bool { return g.Key == n.Group.Key })
	}
	lines := []string{"--help"}
	say("heliograph", app.Help)
	say("--help", app.HelpFlag.Help)
	for _, leaf := range app.Leaves(false) {
		say(leaf.Name, leaf.Help)
		if lines = append(lines, leaf.Name+" --help"); !grouped(leaf) {
			t.Errorf("%s stands under no heading", leaf.Name)
		}
		for _, v := range append(slices.Clone(leaf.Positional), valuesOf(leaf.Flags)...) {
			say(leaf.Name+" "+v.Summary(), v.Help)
		}
	}
	for _, line := range lines {
		out, _, _ := typed(t, strings.Fields(line)...)
		for row := range strings.Lines(out) {
			if n := width(strings.TrimSuffix(row, "\n")); n > 80 {
				t.Errorf("%s has %d columns in: %s", line, n, row)
			}
		}
	}
}

func valuesOf(flags []*kong.Flag) []*kong.Value {
	var list []*kong.Value
	for _, f := range flags {
		list = append(list, f.Value)
	}
	return list
}

// TestALostNewcomer: who types nothing, or a wrong word, hears what to do next
// in two lines.
func TestALostNewcomer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, want string }{
		{"", "heliograph: say what to do: `heliograph rehearse` shows a night on this machine,\n" +
			"`heliograph status` asks the running box, `heliograph --help` lists the rest.\n"},
		{"statsu", "heliograph: there is no command statsu, did you mean \"status\"?\n`heliograph --help` lists all commands.\n"},
		{"help", "heliograph: there is no command help\n`heliograph --help` lists all commands.\n"},
		{"queue --bad", "heliograph: unknown flag --bad\n`heliograph queue --help` says what it takes.\n"},
		{"modem", "heliograph: missing flags: --port=TTY\n`heliograph modem --help` says what it takes.\n"},
	} {
		out, errs, code := typed(t, strings.Fields(c.line)...)
		for row := range strings.Lines(errs) {
			if n := width(strings.TrimSuffix(row, "\n")); n > 80 {
				t.Errorf("%q: %d columns in: %s", c.line, n, row)
			}
		}
		if code != 2 || out != "" || errs != c.want {
			t.Errorf("%q: status %d, printed %q\n%s\nwant\n%s", c.line, code, out, errs, c.want)
		}
	}
}

// TestReadmeSaysTheSame: what the README shows of the command line exists, is
// read without a fault, and nothing is left out.
func TestReadmeSaysTheSame(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(b)
	if !strings.Contains(flat(readme), about) {
		t.Errorf("the README does not begin with what --help says: %s", about)
	}
	if !strings.Contains(readme, indented(smallest)) {
		t.Errorf("the README does not show the configuration of heliograph.yaml(5):\n%s", smallest)
	}
	if n := strings.Count(readme, "\n"); n > 410 {
		t.Errorf("the README has %d lines; at most 410", n)
	}
	for _, line := range append(commandLines(readme), exampleLines()...) {
		line = strings.TrimSuffix(strings.TrimSpace(line), " --help")
		if line == "heliograph" {
			continue
		}
		parser := parserFor(kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) { t.Errorf("%q ends the program", line) }))
		if _, err := parser.Parse(strings.Fields(line)[1:]); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	for _, leaf := range parserFor().Model.Leaves(true) {
		if !regexp.MustCompile(`heliograph ` + leaf.Name + `\b`).MatchString(readme) {
			t.Errorf("the README does not show heliograph %s", leaf.Name)
		}
	}
	for _, m := range regexp.MustCompile("`heliograph ([a-z]+)").FindAllStringSubmatch(readme, -1) {
		if !slices.ContainsFunc(parserFor().Model.Leaves(true), func(n *kong.Node) bool { return n.Name == m[1] }) {
			t.Errorf("the README speaks of heliograph %s, which there is not", m[1])
		}
	}
}

func indented(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n    ") + "\n"
}

// commandLines are the lines of the README that a reader may paste, without
// sudo, comment, and what they are piped into.
func commandLines(readme string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`(?m)^    (?:sudo )?(heliograph [^#|>\n]*)`).FindAllStringSubmatch(readme, -1) {
		list = append(list, m[1])
	}
	return list
}

func exampleLines() []string {
	var list []string
	for _, e := range examples {
		list = append(list, e.line)
	}
	return list
}
