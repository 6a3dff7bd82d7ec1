package main

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"heliograph/firmware/command"
	"heliograph/firmware/config"
)

type cardCmd struct {
	Config   string `short:"c" placeholder:"FILE" help:"The configuration file, for the site's name, the box's numbers and the language; without it there are lines to write on."`
	Language string `enum:",en,pl,it" default:"" placeholder:"LANG" help:"The language: en, pl or it."`
}

func (cardCmd) Help() string {
	return "It is HTML for one sheet of A4 in black and white, with nothing in it that is fetched from elsewhere:\n\n" +
		"\theliograph card -c /etc/heliograph/heliograph.yaml > card.html\n\n" +
		"Open it in a browser and print it. Print it again after an update."
}

func (c *cardCmd) Run(out io.Writer) error {
	var conf config.Config
	if c.Config != "" {
		var err error
		if conf, err = readConfig(c.Config, 1); err != nil {
			return err
		}
	}
	return cardOf(conf, cmp.Or(c.Language, conf.Language, "en")).print(out)
}

//go:embed card.html
var cardPage string

// card is what the sheet shows.
type card struct {
	Lang    string
	Site    string // empty: a line to write on
	Numbers []cardNumber
	Rows    []cardRow
	W       cardWords
	Made    string
}

// cardNumber is what people text to; without a number there is a line.
type cardNumber struct{ Name, Number string }

type cardRow struct {
	First bool // what is needed at night, in larger letters
	Forms []string
	What  string
	Who   string
	Proof string
}

// firstRows are the verbs of a night: the table has the commonest first.
const firstRows = 4

// cardOf makes the card from the vocabulary, so that it cannot promise a verb
// that there is not.
func cardOf(conf config.Config, lang string) card {
	w := cardIn[lang]
	c := card{Lang: lang, Site: conf.Site, W: w, Made: fmt.Sprintf(w.Made, version)}
	for _, m := range conf.Modems {
		c.Numbers = append(c.Numbers, cardNumber{Name: m.Name, Number: spaced(m.Number)})
	}
	if len(c.Numbers) == 0 {
		c.Numbers = make([]cardNumber, 2)
	}
	if len(c.Numbers) == 1 {
		c.Numbers[0].Name = ""
	}
	for i, e := range command.Table() {
		row := cardRow{First: i < firstRows, Forms: forms(e.Usage), What: capital(e.What[lang]), Who: w.Roles[e.Role], Proof: w.Named[e.Proof]}
		if e.Subscriber && e.Verb != command.Help {
			row.Who = w.Subscriber
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

func (c card) print(out io.Writer) error {
	page, err := template.New("card").Parse(cardPage)
	if err != nil {
		return err
	}
	return page.Execute(out, c)
}

// spaced writes a number for the eye: +48 600 100 200.
func spaced(number string) string {
	digits, plus := strings.CutPrefix(number, "+")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + " " + digits[i:]
	}
	if plus {
		return "+" + digits
	}
	return digits
}

// capital lets a sentence begin with one.
func capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[n:]
}

// forms folds the ways to write a verb: "TEST", "TEST MAIL", "TEST ALL" become
// "TEST [MAIL | ALL]", and "LTE AUTO", "LTE ON" become "LTE AUTO | ON". What
// does not fold with the first stands beside it.
func forms(usage []string) []string {
	if len(usage) == 0 {
		return nil
	}
	base := strings.Fields(usage[0])
	head, last := strings.Join(base[:len(base)-1], " "), base[len(base)-1]
	var instead, more, rest []string
	optional := false
	for _, u := range usage[1:] {
		tail, longer := strings.CutPrefix(u, usage[0]+" ")
		other, same := strings.CutPrefix(u, head+" ")
		switch {
		case longer:
			more = append(more, tail)
		case head != "" && u == head:
			optional = true
		case head != "" && same:
			instead = append(instead, other)
		default:
			rest = append(rest, u)
		}
	}
	last = strings.Join(append([]string{last}, instead...), " | ")
	if optional {
		last = "[" + last + "]"
	}
	form := strings.TrimSpace(head + " " + last)
	if len(more) > 0 {
		form += " [" + strings.Join(more, " | ") + "]"
	}
	return slices.Concat([]string{form}, forms(rest))
}
