package main

import (
	"io"
	"os"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// ink paints words, or leaves them as they are.
type ink bool

// inkFor has colours on a terminal only, and not where the user asked for none
// (no-color.org).
func inkFor(out io.Writer) ink {
	f, ok := out.(*os.File)
	return ink(ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "")
}

// painted is a word with colours in it; all others are made plain.
type painted string

func (i ink) paint(code, word string) painted {
	word = plain(word)
	if !i {
		return painted(word)
	}
	return painted("\x1b[" + code + "m" + word + "\x1b[0m")
}

// colour paints a state: green works, yellow works badly, red does not work.
func (i ink) colour(word, condition string) painted {
	switch condition {
	case "up":
		return i.paint("32", word)
	case "degraded":
		return i.paint("33", word)
	case "down":
		return i.paint("31", word)
	}
	return i.paint("2", word)
}

func (i ink) bold(word string) painted { return i.paint("1", word) }

// plain takes out what could steer a terminal: the texts of strangers are
// shown in tables and log books.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
}

var escapes = regexp.MustCompile("\x1b\\[[0-9]*m")

// width is how many columns a word takes on a terminal.
func width(word string) int { return utf8.RuneCountInString(escapes.ReplaceAllString(word, "")) }
