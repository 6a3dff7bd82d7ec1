package main

import (
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/alecthomas/kong"
)

type manCmd struct {
	Page string `arg:"" optional:"" enum:"heliograph,config" default:"heliograph" help:"Which page: heliograph for heliograph(1), config for heliograph.yaml(5)."`
}

func (manCmd) Help() string {
	return "The page is in the language of man(1); to read it at once:\n\n\theliograph man | man -l -\n\theliograph man config | man -l -"
}

// Run prints a page made from what this program knows of itself.
func (c *manCmd) Run(out io.Writer, k *kong.Kong) error {
	page := commandPage(k.Model, buildDate())
	if c.Page == "config" {
		page = configPage(k.Model, buildDate())
	}
	_, err := io.WriteString(out, page)
	return err
}

// buildDate is the day of the commit that this program was built from, or else
// of the file that it is in.
func buildDate() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if day, _, ok := strings.Cut(s.Value, "T"); ok && s.Key == "vcs.time" {
				return day
			}
		}
	}
	name, err := os.Executable()
	if err != nil {
		return ""
	}
	file, err := os.Stat(name)
	if err != nil {
		return ""
	}
	return file.ModTime().UTC().Format(time.DateOnly)
}

// roff writes a page in the man macros, see groff_man(7).
type roff struct{ strings.Builder }

// pageWidth keeps the lines of the source short, as mandoc asks.
const pageWidth = 78

func newPage(title, section, date string) *roff {
	r := &roff{}
	fmt.Fprintf(r, ".TH %s %s \"%s\" \"heliograph %s\" \"Heliograph\"\n", title, section, date, version)
	r.line(`.\" Made by heliograph from its own commands: it is not meant to be changed by hand.`)
	return r
}

func (r *roff) line(s string) { r.WriteString(s + "\n") }

func (r *roff) section(title string)    { r.line(".SH " + strings.ToUpper(escape(title))) }
func (r *roff) subsection(title string) { r.line(".SS " + escape(title)) }

// text writes words that are filled to the width of the reader's terminal;
// what stands between backquotes becomes bold.
func (r *roff) text(s string) {
	r.fill(prose(s))
}

// item writes a term, which is roff already, and what it means.
func (r *roff) item(term, meaning string) {
	r.line(".TP\n" + term)
	r.text(meaning)
}

// example writes lines as they are.
func (r *roff) example(lines ...string) {
	r.line(".PP\n.RS 4\n.EX")
	for _, l := range lines {
		r.line(guard(escape(l)))
	}
	r.line(".EE\n.RE")
}

// fill breaks roff at its blanks; a break there means nothing to the reader.
func (r *roff) fill(s string) {
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && len(line)+1+len(word) > pageWidth {
			r.line(guard(line))
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	if line != "" {
		r.line(guard(line))
	}
}

// guard keeps a line from being taken for a macro.
func guard(line string) string {
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		return `\&` + line
	}
	return line
}

var letters = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "~", `\(ti`, "^", `\(ha`, "…", "...")

// escape makes words stand for themselves, to be copied letter by letter.
func escape(s string) string {
	var b strings.Builder
	for _, c := range letters.Replace(s) {
		if c > unicode.MaxASCII {
			fmt.Fprintf(&b, `\[u%04X]`, c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func bold(s string) string   { return `\fB` + escape(s) + `\fR` }
func italic(s string) string { return `\fI` + escape(s) + `\fR` }

// prose is escape for sentences: backquotes become bold.
func prose(s string) string {
	var b strings.Builder
	for i, part := range strings.Split(s, "`") {
		if i%2 == 1 {
			b.WriteString(bold(part))
		} else {
			b.WriteString(strings.ReplaceAll(escape(part), `\-`, "-"))
		}
	}
	return b.String()
}

// examples are lines that can be pasted, for heliograph(1); a test reads each
// of them as the command line would.
var examples = []struct{ line, does string }{
	{"heliograph rehearse", "See a whole night on this machine; nothing real is touched."},
	{"heliograph modem -p /dev/ttyUSB2", "Ask a modem what it can do. No PIN is sent and no text is touched."},
	{"heliograph check -c heliograph.yaml", "Hear every fault of a configuration at once, or the plan it implies."},
	{"heliograph queue --status failed", "See the texts that could not be delivered: the dead letters."},
	{"heliograph ack 7", "Tell all others on call that incident 7 is yours."},
	{"heliograph say 7 splicing has begun, two hours", "Send news to those who were told of incident 7."},
	{"heliograph export 7 --json", "Take all that is known of incident 7 to another program."},
}

// commandPage is heliograph(1).
func commandPage(app *kong.Application, date string) string {
	r := newPage("HELIOGRAPH", "1", date)
	r.section("Name")
	r.line(`heliograph \- out-of-band alerting for networks`)
	r.section("Synopsis")
	r.line(`.B heliograph
.I command
[\fIflag\fR ...]
[\fIargument\fR ...]`)
	r.section("Description")
	r.text(app.Help)
	r.line(".PP")
	r.text("The appliance is `heliograph run`. The commands under \"" + title("ask") + "\" and \"" + title("order") +
		"\" speak to it over a unix socket; they need root or membership of the group heliograph.")
	common := commonFlags(app)
	r.section("Commands")
	for _, g := range groups {
		r.subsection(title(g.Key))
		for _, leaf := range app.Leaves(true) {
			if leaf.Group != nil && leaf.Group.Key == g.Key {
				r.command(leaf, common)
			}
		}
	}
	r.section("Common flags")
	r.flag(app.HelpFlag)
	for _, f := range common {
		r.flag(f)
	}
	r.surroundings(app)
	return r.String()
}

// surroundings are what a command line meets: its statuses, environment and
// files, and how it looks in use.
func (r *roff) surroundings(app *kong.Application) {
	r.section("Exit status")
	for _, s := range statuses {
		r.item(bold(s.code), s.means)
	}
	r.section("Environment")
	named := map[string]bool{}
	for _, v := range shown(app) {
		for _, env := range v.Tag.Envs {
			if !named[env] {
				r.item(bold(env), "Stands in for `--"+v.Name+"`.")
			}
			named[env] = true
		}
	}
	r.item(bold("NO_COLOR"), "If it is set to anything, tables have no colours; they have none outside of a terminal either.")
	r.section("Files")
	var run runCmd
	var status statusCmd
	r.item(italic(defaultOf(&run, "Config")), "The configuration, see heliograph.yaml(5).")
	r.item(italic(defaultOf(&status, "Socket")), "Where the appliance listens to the command line.")
	r.item(italic("/var/lib/heliograph"), "The store: one file with all that is pending and all that was said; `data` in the configuration moves it.")
	r.section("Examples")
	for i, e := range examples {
		if i > 0 {
			r.line(".PP")
		}
		r.text(e.does)
		r.example(e.line)
	}
	r.section("See also")
	r.line(".BR heliograph.yaml (5),\n.BR systemctl (1)")
}

// title is the heading of a group without its colon.
func title(key string) string {
	i := slices.IndexFunc(groups, func(g kong.Group) bool { return g.Key == key })
	return strings.TrimSuffix(groups[i].Title, ":")
}

// shown are all flags and arguments that are shown.
func shown(app *kong.Application) []*kong.Value {
	var all []*kong.Value
	for _, leaf := range app.Leaves(true) {
		for _, f := range leaf.Flags {
			if !f.Hidden {
				all = append(all, f.Value)
			}
		}
		all = append(all, leaf.Positional...)
	}
	return all
}

// commonFlags are those which more than two commands have, with the same words.
func commonFlags(app *kong.Application) []*kong.Flag {
	seen := map[string]int{}
	var common []*kong.Flag
	for _, v := range shown(app) {
		if v.Flag == nil {
			continue
		}
		if key := v.Name + v.Help; seen[key] < 3 {
			if seen[key]++; seen[key] == 3 {
				common = append(common, v.Flag)
			}
		}
	}
	return common
}

// command writes what a command does, and the flags that are its own.
func (r *roff) command(leaf *kong.Node, common []*kong.Flag) {
	r.item(bold(leaf.Name)+synopsis(leaf), leaf.Help)
	if leaf.Detail != "" {
		r.detail(leaf.Detail)
	}
	var also []string
	own := &roff{}
	for _, a := range leaf.Positional {
		own.item(italic(a.Name), words(a))
	}
	for _, f := range leaf.Flags {
		switch {
		case f.Hidden:
		case slices.ContainsFunc(common, func(c *kong.Flag) bool { return c.Name == f.Name && c.Help == f.Help }):
			also = append(also, "`--"+f.Name+"`")
		default:
			own.flag(f)
		}
	}
	if own.Len() > 0 {
		r.WriteString(".RS\n" + own.String() + ".RE\n")
	}
	if len(also) > 0 {
		r.line(".IP")
		r.text("Common flags: " + strings.Join(also, ", ") + ".")
	}
}

// synopsis are the arguments of a command, and the flags without which it does
// not go.
func synopsis(leaf *kong.Node) string {
	s := ""
	for _, f := range leaf.Flags {
		if f.Required {
			s += " " + bold("--"+f.Name) + "=" + italic(kindOf(f.Value))
		}
	}
	for _, a := range leaf.Positional {
		name := italic(a.Name)
		if a.IsCumulative() {
			name += " ..."
		}
		if !a.Required {
			name = "[" + name + "]"
		}
		s += " " + name
	}
	return s
}

// detail writes what a command's Help returns: paragraphs, and indented lines
// that stand as they are.
func (r *roff) detail(s string) {
	for _, part := range strings.Split(s, "\n\n") {
		r.line(".IP")
		if !strings.HasPrefix(part, "\t") {
			r.text(part)
			continue
		}
		r.line(".EX")
		for l := range strings.Lines(part) {
			r.line(guard(escape(strings.TrimSpace(l))))
		}
		r.line(".EE")
	}
}

func (r *roff) flag(f *kong.Flag) {
	term := bold("--" + f.Name)
	if f.Short != 0 {
		term = bold("-"+string(f.Short)) + ", " + term
	}
	if !f.IsBool() {
		term += "=" + italic(kindOf(f.Value))
	}
	r.item(term, words(f.Value))
}

// words are the help of a flag or an argument, with all that --help shows of
// it in other places.
func words(v *kong.Value) string {
	s := v.Help
	if slices.ContainsFunc(v.EnumSlice(), func(w string) bool { return !strings.Contains(v.Help, w) }) {
		s += " One of: " + strings.Join(v.EnumSlice(), ", ") + "."
	}
	if v.Default != "" && !kong.HasInterpolatedVar(v.OrigHelp, "default") {
		s += " Default: " + v.Default + "."
	}
	return s
}

// kindOf names what a flag takes.
func kindOf(v *kong.Value) string {
	switch {
	case v.Tag.PlaceHolder != "":
		return v.Tag.PlaceHolder
	case v.Target.Type().PkgPath() == "time":
		return "DURATION"
	case v.Target.CanInt(), v.Target.CanFloat():
		return "NUMBER"
	}
	return "TEXT"
}

// defaultOf is the default of a field of a command, as its tag has it.
func defaultOf(command any, field string) string {
	f, _ := reflect.TypeOf(command).Elem().FieldByName(field)
	return f.Tag.Get("default")
}
