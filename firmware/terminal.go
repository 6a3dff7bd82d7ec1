package main

import (
	"os"

	"golang.org/x/term"
)

// colours are used on a terminal only, and not where the user asked for none
// (no-color.org).
var colours = term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == ""

// paint wraps a word in an ANSI colour; the escapes are hidden from the width
// of table columns by tabwriter's own escape.
func paint(code, word string) string {
	if !colours {
		return word
	}
	return "\xff\x1b[" + code + "m\xff" + word + "\xff\x1b[0m\xff"
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

func bold(word string) string {
	if !colours {
		return word
	}
	return "\x1b[1m" + word + "\x1b[0m"
}
