package main

import (
	"os"
	"regexp"
	"unicode/utf8"

	"golang.org/x/term"
)

// colours are used on a terminal only, and not where the user asked for none
// (no-color.org).
var colours = term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == ""

func paint(code, word string) string {
	if !colours {
		return word
	}
	return "\x1b[" + code + "m" + word + "\x1b[0m"
}

// colour paints a state: green works, yellow works badly, red does not work.
func colour(word, condition string) string {
	switch condition {
	case "up":
		return paint("32", word)
	case "degraded":
		return paint("33", word)
	case "down":
		return paint("31", word)
	}
	return paint("2", word)
}

func bold(word string) string { return paint("1", word) }

var escapes = regexp.MustCompile("\x1b\\[[0-9]*m")

// width is how many columns a word takes on a terminal.
func width(word string) int { return utf8.RuneCountInString(escapes.ReplaceAllString(word, "")) }
