// Package command turns an operator's text into a command or a helpful
// refusal. It forgives case, spaces, punctuation, quotes and signatures; a
// slip of the thumb it points out and never obeys, save in ACK, which at night
// must do in any form. It asks for no proof: the caller does, by Need. One
// text is one order: its first line counts, but words to pass on (SAY, OPEN)
// may run over several. It is pure.
package command

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Source is where a text came from; it decides how a refusal is worded.
type Source int

// Sources. A listed number is a filter, not a proof: anybody can write a
// sender into a text, so the caller asks for the proof that Need names.
const (
	Air   Source = iota // an operator's phone
	Local               // the box's own command line
)

// Parse reads one text. The error, if any, is a *Refusal.
func Parse(text string, from Source) (Command, error) {
	lines, no := clean(text)
	if no == nil {
		var c Command
		if c, no = first(lines); no == nil {
			c.Order = c.order()
			return c, nil
		}
		if c, ok := onBox(lines[0]); ok && from == Local {
			c.Order = c.order()
			return c, nil
		}
	}
	no.from = from
	return Command{}, no
}

// onBox reads a yes or a no that names no plan, or its incident: whoever sits at
// the box has had no code.
func onBox(line string) (Command, bool) {
	verb, rest, ok := cut(line)
	if !ok || verb != Approve && verb != Deny {
		return Command{}, false
	}
	code := ""
	if n, after, ok := number(rest); ok {
		code, rest = strconv.Itoa(n), after
	}
	c := Command{Verb: verb}
	p := &phrase{rest: "000 " + rest}
	no := p.plan(&c)
	c.Code = code
	return c, no == nil && blank(p.rest)
}

// first reads the first line that is no text of ours come back.
func first(lines []string) (c Command, no *Refusal) {
	for i, line := range lines {
		if c, no = read(line, lines[i+1:]); no == nil || no.why != echo {
			break
		}
	}
	return c, no
}

// read reads a line; more are those that may belong to its words.
func read(line string, more []string) (Command, *Refusal) {
	line = strings.TrimLeft(line, " "+separators)
	switch {
	case strings.Trim(line, separators+"? ") == "" && strings.Contains(line, "?"):
		return Command{Verb: Help}, nil
	case blank(line):
		return Command{}, refuse(wordless).offer("ACK 7", "STATUS", "HELP")
	}
	line = strings.TrimLeftFunc(line, func(r rune) bool { return !worded(r) && r != '#' && r != '+' })
	if !strings.ContainsFunc(line, unicode.IsLetter) {
		return figures(line)
	}
	if verb, rest, ok := cut(line); ok {
		return phrase{rest: rest, more: more}.command(verb)
	}
	if slices.Contains(moreWords, key(line)) {
		return Command{Verb: Help, Word: More}, nil
	}
	if c, no, ok := numberFirst(line); ok {
		return c, no
	}
	if c, no, ok := sited(line, more); ok {
		return c, no
	}
	return Command{}, unknown(line)
}

// figures reads a line without a letter: a code, or a number that somebody
// forgot to say more about.
func figures(line string) (Command, *Refusal) {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, line)
	if len(digits) >= 4 && len(digits) <= 8 && strings.Trim(line, "0123456789 -.!") == "" {
		return Command{Verb: Code, Code: digits}, nil
	}
	n, _, _ := number(line)
	return Command{}, refuse(justNumber, clip(line)).offer(example(Ack, n), "STATUS", "HELP")
}

// cut takes the verb off a line: two words that are one alias, a word, or the
// letters in front of a number ("ACK7", "ack#7", "ETR+2h").
func cut(line string) (verb Verb, rest string, ok bool) {
	one, rest := word(line)
	if two, after := word(rest); two != "" {
		if v, ok := named(key(one) + " " + key(two)); ok {
			return v, after, true
		}
	}
	if v, ok := named(key(one)); ok {
		return v, rest, true
	}
	head, rest := run(line, func(r rune) bool { return unicode.In(r, unicode.L, unicode.Mn) })
	if v, ok := named(key(head)); ok {
		return v, strings.TrimLeft(rest, "?"), true
	}
	return "", line, false
}

// numberFirst reads "#7 ack" and "7 say splicing has begun".
func numberFirst(line string) (Command, *Refusal, bool) {
	n, rest, ok := number(line)
	if !ok {
		return Command{}, nil, false
	}
	verb, rest, ok := cut(rest)
	if _, _, again := number(rest); !ok || again || !strings.Contains(example(verb, 0), " 7") && verb != Status {
		return Command{}, nil, false
	}
	c, no := phrase{rest: strconv.Itoa(n) + " " + rest, strict: true}.command(verb)
	return c, no, true
}

// sited reads an order behind the name of the site, as our own texts begin
// ("waw-12 ack 7"), and tells one from a text of ours that came back.
func sited(line string, more []string) (Command, *Refusal, bool) {
	site, rest := word(line)
	named, colon := strings.CutSuffix(site, ":")
	numbered := strings.HasPrefix(rest, "#")
	name := len(named) <= 12 && strings.Trim(named, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
	if !name || !colon && !numbered && !strings.ContainsAny(named, "0123456789-_") {
		return Command{}, nil, false
	}
	if numbered {
		if c, no, ok := numberFirst(rest); ok && no == nil {
			return c, nil, true
		}
		n, _, _ := number(rest)
		return Command{}, refuse(echo).offer(example(Ack, n), "STATUS", "HELP"), true
	}
	if verb, after, ok := cut(rest); ok {
		c, no := phrase{rest: after, more: more, strict: true}.command(verb)
		return c, no, true
	}
	if colon {
		return Command{}, refuse(echo).offer("ACK 7", "STATUS", "HELP"), true
	}
	if _, slipped := nearest(key(firstOf(rest))); slipped {
		return Command{}, unknown(rest), true
	}
	return Command{}, nil, false
}

func firstOf(s string) string {
	one, _ := word(s)
	return one
}

// unknown refuses a line that begins with no verb, and points out a slip. The
// order is offered as it would be with the right verb, unless it has words to
// pass on or a number in it that somebody may look at.
func unknown(line string) *Refusal {
	one, rest := word(line)
	shown := clip(strings.ToUpper(strings.Trim(one, separators+"?")))
	letters, glued := run(one, func(r rune) bool { return unicode.In(r, unicode.L, unicode.Mn) })
	verb, ok := nearest(key(one))
	if !ok && glued != "" {
		verb, ok = nearest(key(letters))
		rest = strings.TrimSpace(glued + " " + rest)
	}
	if !ok {
		r := refuse(strange, shown).offer("ACK 7", "STATUS", "HELP")
		r.Word = shown
		return r
	}
	n, _, _ := number(rest)
	offer := example(verb, n)
	if c, no := (phrase{rest: rest, strict: true}).command(verb); no == nil && c.Text == "" && c.Phone == "" && len(c.Scope) == 0 && len(c.order()) <= 40 {
		offer = c.order()
	}
	return refuse(slipped, shown).offer(offer)
}

// clip shortens what is shown of a sender's word.
func clip(s string) string {
	if r := []rune(s); len(r) > 20 {
		return string(r[:20]) + ".."
	}
	return s
}

// numberWords may stand before an incident's number, folded.
var numberWords = []string{"NO", "NR", "N", "NUM", "NUMBER", "NUMER", "NUMERO", "INC", "INCIDENT", "INCYDENT", "INCYDENTU", "INCIDENTE"}

// number reads an incident's number at the head of a text, with what is left
// behind it. A number that goes on ("06:30", "2h", "7.5") is none.
func number(s string) (n int, rest string, ok bool) {
	s = lead(s)
	if first, after := word(s); after != "" {
		for _, w := range numberWords {
			if strings.TrimRight(fold(first), ".:") == w {
				s = lead(after)
				break
			}
		}
	}
	digits, rest := run(strings.TrimPrefix(strings.TrimPrefix(s, "№"), "#"), unicode.IsDigit)
	n, err := strconv.Atoi(digits)
	if err != nil || n == 0 || n >= 1_000_000 || goesOn(rest) {
		return 0, s, false
	}
	return n, lead(rest), true
}

// goesOn says that what stands right behind a number belongs to it.
func goesOn(rest string) bool {
	r := []rune(rest + "  ")
	joined := strings.ContainsRune(".:,/-", r[0]) && unicode.IsDigit(r[1])
	return unicode.In(r[0], unicode.L, unicode.N, unicode.Mn) || joined && r[0] != ',' && r[0] != '/'
}
