package command

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is how many characters of a text are read: a chain of some twenty
// parts is no order.
const longest = 3000

// clean gives the lines of a text that are its sender's own: without quotes
// of ours, without what a phone signs with, each with single spaces.
func clean(text string) (lines []string, no *Refusal) {
	switch {
	case utf8.RuneCountInString(text) > longest:
		return nil, refuse(tooLong).offer("ACK 7", "STATUS", "HELP")
	case !utf8.ValidString(text):
		return nil, refuse(garbled).offer("ACK 7", "STATUS", "HELP")
	}
	plain := strings.Map(normal, strings.ReplaceAll(text, "\r\n", "\n"))
	if strings.ContainsRune(plain, utf8.RuneError) {
		return nil, refuse(garbled).offer("ACK 7", "STATUS", "HELP")
	}
	quoted := false
	for line := range strings.SplitSeq(plain, "\n") {
		line = strings.Join(strings.Fields(line), " ")
		switch {
		case line == "":
			continue
		case strings.HasPrefix(line, ">"):
			quoted = true
			continue
		case len(lines) > 0 && signature(line):
			return lines, nil
		}
		lines = append(lines, line)
	}
	switch {
	case len(lines) == 0 && quoted:
		return nil, refuse(echo).offer("ACK 7", "STATUS", "HELP")
	case len(lines) == 0:
		return nil, refuse(empty).offer("ACK 7", "STATUS", "HELP")
	}
	return lines, nil
}

// normal writes the look-alikes that phones put into a text as what was
// meant, drops what nobody sees, and marks control characters.
func normal(r rune) rune {
	switch {
	case r == '\n', r == '\r', r == '\v', r == '\f', r == 0x85, r == 0x2028, r == 0x2029:
		return '\n'
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsControl(r):
		return utf8.RuneError
	case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r):
		return -1
	case r >= 0xff01 && r <= 0xff5e: // full-width forms of ASCII
		return r - 0xfee0
	}
	return r
}

// signs are how lines begin that phones and mailers write by themselves;
// wrote is how the line ends that stands above a quotation.
var (
	signs = []string{"sent from", "sent with", "sent via", "get outlook", "wyslano z", "wyslane z", "inviato da", "inviato con", "--"}
	wrote = []string{"wrote:", "napisal:", "napisala:", "napisal(a):", "pisze:", "ha scritto:"}
)

func signature(line string) bool {
	line = strings.ToLower(fold(line))
	begins := func(s string) bool { return strings.HasPrefix(line, s) }
	ends := func(s string) bool { return strings.HasSuffix(line, s) }
	return slices.ContainsFunc(signs, begins) || slices.ContainsFunc(wrote, ends)
}

// unmarked writes the letters of Polish and Italian without their marks.
var unmarked = strings.NewReplacer(
	"Ą", "A", "Ć", "C", "Ę", "E", "Ł", "L", "Ń", "N", "Ó", "O", "Ś", "S", "Ź", "Z", "Ż", "Z",
	"À", "A", "Á", "A", "È", "E", "É", "E", "Ì", "I", "Í", "I", "Ò", "O", "Ù", "U", "Ú", "U",
)

// fold is a word in capitals and without marks, also where a phone sends the
// mark as a character of its own.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, strings.ToUpper(s))
	return unmarked.Replace(s)
}

// key is a word as the aliases are written: folded, letters only. It is empty
// for a word with anything but letters inside.
func key(word string) string {
	word = fold(strings.TrimFunc(word, func(r rune) bool { return !worded(r) }))
	word = strings.NewReplacer("-", "", ".", "", "'", "", "’", "", "‑", "", "–", "").Replace(word)
	if strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) {
		return ""
	}
	return word
}

// worded says that a character may carry meaning in a word.
func worded(r rune) bool { return unicode.In(r, unicode.L, unicode.Mn, unicode.Nd) }

// blank says that nothing in a text has a meaning: signs and emoji only.
func blank(s string) bool { return !strings.ContainsFunc(s, worded) }

// word cuts the first word off.
func word(s string) (first, rest string) {
	first, rest, _ = strings.Cut(s, " ")
	return first, rest
}

// separators stand between a verb, a number and the words after it.
const separators = ",.:;!/=-–—)(*\"'“”„‘’«»…"

// lead takes off the separators in front of words: "7: splicing",
// "7 - splicing"; one that belongs to a word ("-71 dBm") stays.
func lead(s string) string {
	s = strings.TrimLeft(s, separators)
	for {
		s = strings.TrimLeft(s, " ")
		first, rest := word(s)
		if first == "" || strings.Trim(first, separators) != "" {
			return s
		}
		s = rest
	}
}

// bare is a name without the signs around it.
func bare(name string) string { return strings.Trim(name, separators+"?<>[]{}&") }
