package command

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// longestFor is the most that a length may be: who means more has slipped.
const longestFor = 31 * 24 * time.Hour

// units are the names of lengths, folded: English, Polish, Italian; the
// longest first.
var units = []struct {
	is    time.Duration
	names []string
}{
	{24 * time.Hour, strings.Fields("D DAY DAYS DZIEN DNI DOBA DOBY GIORNO GIORNI GG")},
	{time.Hour, strings.Fields("H HR HRS HOUR HOURS GODZ GODZINA GODZINE GODZINY GODZIN ORA ORE")},
	{time.Minute, strings.Fields("M MIN MINS MINUTE MINUTES MINUTA MINUTY MINUT MINUTO MINUTI")},
}

// duration reads a length at the head of a folded text: "2h", "90 min",
// "1h30", "1.5 h", "2 godz 30 min". A number without a unit is none.
func duration(s string) (d time.Duration, rest string, ok bool) {
	rest, from := s, 0
	for {
		n, after, is, found := amount(strings.TrimLeft(rest, " "), from)
		if !found {
			break
		}
		d, rest, from = d+n, after, is+1
		if minutes, after, found := minutesBehind(rest); found && units[is].is == time.Hour {
			d, rest, from = d+minutes, after, len(units)
		}
	}
	if d <= 0 || d > longestFor {
		return 0, s, false
	}
	return d, strings.TrimLeft(rest, " "), true
}

// amount reads one number and its unit, which is not longer than units[from].
func amount(s string, from int) (d time.Duration, rest string, is int, ok bool) {
	digits, rest := run(s, unicode.IsDigit)
	tenths, after := "0", rest
	if rest != "" && (rest[0] == '.' || rest[0] == ',') {
		if t, r := run(rest[1:], unicode.IsDigit); len(t) == 1 {
			tenths, after = t, r
		}
	}
	name, rest := run(strings.TrimLeft(after, " "), unicode.IsLetter)
	n, err := strconv.Atoi(digits)
	for i := from; i < len(units) && err == nil && n < 100_000; i++ {
		if slices.Contains(units[i].names, name) {
			part, _ := strconv.Atoi(tenths)
			whole := time.Duration(n)*units[i].is + time.Duration(part)*units[i].is/10
			return whole, strings.TrimPrefix(rest, "."), i, whole%time.Minute == 0
		}
	}
	return 0, s, 0, false
}

// minutesBehind reads the 30 of "1h30".
func minutesBehind(s string) (d time.Duration, rest string, ok bool) {
	digits, rest := run(s, unicode.IsDigit)
	n, err := strconv.Atoi(digits)
	if err != nil || len(digits) != 2 || n > 59 || rest != "" && rest[0] != ' ' && !strings.HasPrefix(rest, "M") {
		return 0, s, false
	}
	if name, after := run(rest, unicode.IsLetter); name != "" {
		if !slices.Contains(units[2].names, name) {
			return 0, s, false
		}
		rest = after
	}
	return time.Duration(n) * time.Minute, rest, true
}

// run cuts the characters off that are of a kind. Of digits only those of
// ASCII are any.
func run(s string, of func(rune) bool) (head, rest string) {
	end := strings.IndexFunc(s, func(r rune) bool { return !of(r) || r > '9' && unicode.IsDigit(r) })
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:]
}

// length is the form that is read as the same length: "2h", "1h30m", "45m".
func length(d time.Duration) string {
	h, m := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case h == 0:
		return strconv.Itoa(m) + "m"
	case m == 0:
		return strconv.Itoa(h) + "h"
	}
	return strconv.Itoa(h) + "h" + strconv.Itoa(m) + "m"
}

// skip takes off a word of a folded text that may stand in front.
func skip(s string, words []string) string {
	if first, rest := word(s); slices.Contains(words, strings.TrimRight(first, ".:")) {
		return strings.TrimLeft(rest, " ")
	}
	return s
}
