package notice

import (
	"strings"
	"unicode"
)

// leftovers are what stands where somebody meant to write something else.
var leftovers = []string{"&^", "{{", "}}", "<no value>", "???", "${", "<%", "____", "XX:XX", "xx:xx"}

// Leftover finds in words that are to go outside what was left there to be
// filled in: &^, {{, ???, <no value>, ${, <%, ____, XX:XX, XXX or TODO. It is empty when the words
// are whole.
func Leftover(text string) string {
	text = line(text)
	for _, mark := range leftovers {
		if strings.Contains(text, mark) {
			return mark
		}
	}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if word == "TODO" || len(word) >= 3 && strings.Trim(word, "X") == "" {
			return word
		}
	}
	return ""
}

// Withheld is what in an operator's words keeps them from being said to a
// reader outside: a name of the inside, a ticket's number, a leftover. It is
// empty when they are said, or when there are none.
func Withheld(to Reader, f Facts) string {
	if !to.outside() || f.Title == "" {
		return ""
	}
	if mark := Leftover(f.Title); mark != "" {
		return mark
	}
	f = f.tidied()
	return draft{letters: writing(""), t: tongue(""), to: to, f: f}.bars(f.Title)
}

// bars finds in words what this reader must not meet.
func (d draft) bars(words string) string {
	for _, name := range d.inner() {
		if mentions(words, name) {
			return name
		}
	}
	if number := ticket.FindString(words); number != "" {
		return number
	}
	if d.to.everybody() {
		return tells(words)
	}
	return ""
}
