package site

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
	"unicode"

	"heliograph/drivers/delivery"
)

//go:embed page.html
var pageText string

var pageForm = template.Must(template.New("page").Parse(pageText))

// largestPage keeps a page quick on a phone with one bar of signal.
const largestPage = 30_000

// view is a page as page.html draws it.
type view struct {
	Lang, Title, Part, Banner, Color, AsOf, Past string
	W                                            map[string]string
	Parts                                        []row
	Open, Plans, Closed                          []card
}

type row struct{ Name, File, Word, Color string }

type card struct {
	ID, Title, Phase, Color, When, Where, Ends string
	Lines                                      []line
}

type line struct{ At, Text string }

// measure is how much of the past a page has room for.
type measure struct{ closed, lines int }

var measures = []measure{{50, 20}, {30, 8}, {15, 4}, {8, 2}, {3, 1}, {0, 1}}

// render makes all files of the site. The page itself comes last, so that
// whoever follows a link from it finds what it leads to.
func (o *Options) render(cases []delivery.Case) ([]file, error) {
	var files []file
	for _, part := range o.Parts {
		of := slices.DeleteFunc(slices.Clone(cases), func(c delivery.Case) bool { return !hits(c, part) })
		text, err := o.page(part, of)
		if err != nil {
			return nil, err
		}
		files = append(files, file{slug(part) + ".html", "text/html; charset=utf-8", text})
	}
	feed, err := o.feed(cases)
	if err != nil {
		return nil, fmt.Errorf("writing the feed: %w", err)
	}
	summary, err := o.summary(cases)
	if err != nil {
		return nil, fmt.Errorf("writing status.json: %w", err)
	}
	index, err := o.page("", cases)
	return append(files,
		file{"feed.atom", "application/atom+xml", feed},
		file{"status.json", "application/json", summary},
		file{"index.html", "text/html; charset=utf-8", index}), err
}

// page draws the page of a part, or of all for none.
func (o *Options) page(part string, cases []delivery.Case) ([]byte, error) {
	var out bytes.Buffer
	for _, m := range measures {
		out.Reset()
		if err := pageForm.Execute(&out, o.view(part, cases, m)); err != nil {
			return nil, fmt.Errorf("drawing the page: %w", err)
		}
		if out.Len() <= largestPage {
			break
		}
	}
	return out.Bytes(), nil
}

func (o *Options) view(part string, cases []delivery.Case, m measure) view {
	w := words[o.Language]
	v := view{Lang: o.Language, Title: o.Title, Part: part, AsOf: o.stamp(asOf(cases)), Past: fmt.Sprintf(w["past"], o.Days), W: w}
	v.Banner, v.Color = o.banner(cases)
	names := o.named(cases)
	if part != "" {
		names = nil
	}
	for _, name := range names {
		state := stateOf(name, cases)
		r := row{Name: name, Word: w[state], Color: colors[state]}
		if slices.Contains(o.Parts, name) {
			r.File = slug(name) + ".html"
		}
		v.Parts = append(v.Parts, r)
	}
	for _, c := range cases {
		switch {
		case c.Phase.Over() && len(v.Closed) < m.closed:
			v.Closed = append(v.Closed, o.card(c, min(m.lines, 2)))
		case c.Phase.Over():
		case c.Phase == delivery.Scheduled:
			v.Plans = append(v.Plans, o.card(c, m.lines))
		default:
			v.Open = append(v.Open, o.card(c, m.lines))
		}
	}
	return v
}

// named are the parts that are always listed, and others while they are hit.
func (o *Options) named(cases []delivery.Case) []string {
	names := slices.Clone(o.Parts)
	for _, c := range cases {
		for _, t := range c.Scope {
			if !slices.Contains(names, t.Name) && stateOf(t.Name, cases) != "operational" {
				names = append(names, t.Name)
			}
		}
	}
	return names
}

var colors = map[string]string{
	"operational": "ok", "under_maintenance": "plan", "degraded_performance": "warn", "partial_outage": "warn", "major_outage": "bad",
	"none": "ok", "minor": "warn", "major": "bad", "critical": "bad", "maintenance": "plan",
}

func (o *Options) banner(cases []delivery.Case) (said, color string) {
	state := string(overall(cases))
	if state == "none" && slices.ContainsFunc(cases, func(c delivery.Case) bool { return c.Phase == delivery.InProgress }) {
		state = "maintenance"
	}
	return words[o.Language][state], colors[state]
}

func (o *Options) card(c delivery.Case, most int) card {
	w := words[o.Language]
	k := card{ID: slug(c.Key), Title: c.Title, Phase: w[string(c.Phase)], Color: colors[string(c.Impact)], When: o.span(c)}
	switch {
	case c.Phase.Over():
		k.Color = "ok"
	case c.Phase == delivery.Scheduled || c.Phase == delivery.InProgress:
		k.Color = "plan"
	case k.Color == "" || c.Impact == delivery.NoImpact:
		k.Color = "warn"
	}
	var where []string
	for _, t := range c.Scope {
		where = append(where, t.Name)
	}
	k.Where = strings.Join(where, ", ")
	if !c.Phase.Over() && !c.ETR.IsZero() {
		k.Ends = w["expected"] + ": " + o.stamp(c.ETR)
	}
	k.Lines = append(k.Lines, line{o.stamp(c.Now), c.Text})
	for _, l := range slices.Backward(c.Timeline) {
		if len(k.Lines) < most {
			k.Lines = append(k.Lines, line{o.stamp(l.At), l.Text})
		}
	}
	return k
}

// span is when it was: its window, from when to when, or since when.
func (o *Options) span(c delivery.Case) string {
	w := words[o.Language]
	from, to := c.Opened, c.Resolved
	if !c.From.IsZero() {
		from, to = c.From, c.Until
	}
	switch {
	case from.IsZero() && to.IsZero():
		return w["undated"]
	case to.IsZero():
		return w["since"] + " " + o.stamp(from)
	case from.IsZero():
		return o.stamp(to)
	}
	return o.stamp(from) + " – " + o.stamp(to) + ", " + length(to.Sub(from))
}

// stamp is a time in UTC and in the page's zone; empty if it is not known.
func (o *Options) stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	s := t.UTC().Format("2006-01-02 15:04") + " UTC"
	here := t.In(o.Zone)
	if _, offset := here.Zone(); offset == 0 {
		return s
	}
	if here.Format(time.DateOnly) != t.UTC().Format(time.DateOnly) {
		return s + here.Format(" (2006-01-02 15:04 MST)")
	}
	return s + here.Format(" (15:04 MST)")
}

func length(d time.Duration) string {
	d = d.Round(time.Minute)
	h, m := int(d.Hours()), int(d.Minutes())%60
	if h == 0 {
		return fmt.Sprintf("%d min", m)
	}
	return fmt.Sprintf("%d h %d min", h, m)
}

// slug is a name as a file and an address: letters, digits, hyphens.
func slug(name string) string {
	s := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return '-'
	}, name)
	return strings.Trim(s, "-")
}

// cut shortens a text to n bytes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n-len("…")], "") + "…"
}
