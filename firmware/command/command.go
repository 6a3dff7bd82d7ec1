// Package command turns an operator's text into a command or a helpful
// refusal. It forgives case, spaces, punctuation and a slip of the thumb; it
// never guesses at an order that changes something. It is pure.
package command

import (
	"slices"
	"strconv"
	"strings"
)

// Source is where a text came from; it decides how a refusal is worded.
type Source int

// Sources. A listed number is a filter, not a proof: anybody can write a
// sender into a text, so the caller asks a proof for what Need says.
const (
	Air   Source = iota // an operator's phone
	Local               // the box's own command line
)

// Refusal is a text that is not carried out; it tells the sender why, in one
// line that fits a text.
type Refusal struct {
	Why  string
	Word string // set when the text begins with a word that is none of ours
}

func (r *Refusal) Error() string { return r.Say("en") }

// Say is the refusal in a language; English for one that it does not know.
func (r *Refusal) Say(string) string { return r.Why }

type rule struct {
	verb    Verb
	aliases []string
	air     bool     // may come by text
	number  need     // an incident's number
	scope   bool     // the first word after the verb
	text    bool     // the rest is wanted
	oneOf   []string // likewise, and it is one of these
	usage   string
}

type need int

const (
	none need = iota
	may
	must
)

// The aliases are what people type in Polish and Italian, and the short forms.
var rules = []rule{
	{verb: Ack, aliases: []string{"ACK", "ACKNOWLEDGE", "OK", "POTWIERDZAM", "PRZYJMUJE", "PRESO"}, air: true, number: may, usage: "ACK 7"},
	{verb: Status, aliases: []string{"STATUS", "STAT", "STAN", "STATO"}, air: true, number: may, usage: "STATUS"},
	{verb: Help, aliases: []string{"HELP", "POMOC", "AIUTO", "?"}, air: true, usage: "HELP"},
	{verb: Open, aliases: []string{"OPEN"}, scope: true, text: true, usage: "OPEN billing card payments fail"},
	{verb: Cancel, aliases: []string{"CANCEL"}, number: must, usage: "CANCEL 7"},
	{verb: Clear, aliases: []string{"CLEAR"}, number: must, usage: "CLEAR 7"},
	{verb: Say, aliases: []string{"SAY"}, number: must, text: true, usage: "SAY 7 splicing has begun"},
	{verb: Test, aliases: []string{"SELFTEST", "TEST"}, usage: "TEST"},
	{verb: LTE, aliases: []string{"LTE", "BACKHAUL"}, oneOf: []string{"on", "off", "auto"}, usage: "LTE AUTO"},
	{verb: Proxy, aliases: []string{"PROXY"}, oneOf: []string{"on", "off", "auto"}, usage: "PROXY AUTO"},
}

// Parse reads one text. The error, if any, is a *Refusal.
func Parse(text string, from Source) (Command, error) {
	word, rest := cut(text)
	if word == "" {
		return Command{}, refuse("Nothing in your text. Send ACK 7, STATUS or HELP.")
	}
	r, ok := find(word)
	if !ok {
		return Command{}, unknown(word, from)
	}
	return r.read(rest)
}

func (r rule) read(rest string) (Command, error) {
	c := Command{Verb: r.verb}
	if r.number != none {
		n, after, ok := number(rest)
		switch {
		case ok:
			c.Number, rest = n, after
		case r.number == must:
			return c, refuse(string(r.verb) + " needs an incident's number, such as: " + r.usage)
		case r.verb == Ack && startsWithDigit(rest):
			return c, refuse("No such number. Send " + r.usage)
		}
	}
	if r.scope {
		var one string
		one, rest = scope(rest)
		if c.Scope = []string{one}; one == "" {
			return c, refuse(string(r.verb) + " needs what it is about, such as: " + r.usage)
		}
	}
	if r.text {
		if c.Text = strings.TrimSpace(rest); c.Text == "" {
			return c, refuse(string(r.verb) + " needs a text, such as: " + r.usage)
		}
	}
	if len(r.oneOf) > 0 {
		c.Word = strings.ToLower(strings.Trim(rest, " .!"))
		if !slices.Contains(r.oneOf, c.Word) {
			return c, refuse(string(r.verb) + " is one of: " + string(r.verb) + " " + strings.ToUpper(strings.Join(r.oneOf, ", "+string(r.verb)+" ")))
		}
	}
	return c, nil
}

func find(word string) (rule, bool) {
	for _, r := range rules {
		if slices.Contains(r.aliases, word) {
			return r, true
		}
	}
	// ACK7 and ACK#7 without a space are the commonest slips at night.
	if bare := strings.TrimRight(word, "0123456789#"); bare != word {
		return find(bare)
	}
	return rule{}, false
}

// cut takes the first word, upper case and without the punctuation that
// phones add; digits glued to a verb stay with the rest.
func cut(text string) (word, rest string) {
	text = strings.TrimSpace(text)
	end := strings.IndexFunc(text, func(c rune) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == ',' || c == ':' })
	if end < 0 {
		end = len(text)
	}
	word, rest = text[:end], text[end:]
	if i := strings.IndexAny(word, "0123456789#"); i > 0 {
		word, rest = word[:i], word[i:]+rest
	}
	if word != "?" {
		word = strings.Trim(word, ".,;:!?\"'()*")
	}
	return strings.ToUpper(word), strings.TrimLeft(rest, " ,:\n\t\r")
}

func number(rest string) (n int, after string, ok bool) {
	rest = strings.TrimLeft(rest, " #.:,-")
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(rest[:end])
	if err != nil || n == 0 || n > 1_000_000 {
		return 0, rest, false
	}
	return n, strings.TrimLeft(rest[end:], " .,:"), true
}

func startsWithDigit(rest string) bool {
	rest = strings.TrimLeft(rest, " #")
	return rest != "" && rest[0] >= '0' && rest[0] <= '9'
}

func scope(rest string) (word, after string) {
	word, after, _ = strings.Cut(strings.TrimSpace(rest), " ")
	return strings.Trim(word, ",:;"), after
}

func unknown(word string, from Source) error {
	shown := []rune(word)
	if len(shown) > 20 {
		shown = append(shown[:20], '.', '.')
	}
	if near := nearest(word, from); near != "" {
		return refuse("Not understood: " + string(shown) + ". Did you mean " + near + "?")
	}
	if from == Local {
		return refuse("Not understood: " + string(shown) + ". Known: ACK, STATUS, OPEN, SAY, CLEAR, CANCEL, SELFTEST, LTE, PROXY, HELP.")
	}
	return &Refusal{Why: "Not understood: " + string(shown) + ". Send ACK 7, STATUS or HELP.", Word: string(shown)}
}

// nearest finds the verb one slip away: a letter more, less, other or swapped.
func nearest(word string, from Source) string {
	for _, r := range rules {
		for _, a := range r.aliases {
			if (from == Local || r.air) && len(a) > 2 && slip(word, a) {
				return r.usage
			}
		}
	}
	return ""
}

func slip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 0:
		if i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:] {
			return true
		}
		return i < len(a) && a[i+1:] == b[i+1:]
	case 1:
		return a[i:] == b[i+1:]
	}
	return false
}

func refuse(why string) error { return &Refusal{Why: why} }
