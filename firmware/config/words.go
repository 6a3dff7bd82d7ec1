package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// units are how lengths of time are cut, for reading and for writing.
var units = []struct {
	length       time.Duration
	short, words string
}{
	{24 * time.Hour, "d", "days"},
	{time.Hour, "h", "h"},
	{time.Minute, "m", "min"},
	{time.Second, "s", "s"},
	{time.Millisecond, "ms", "ms"},
}

// written is a length of time as the file would have it: 1h30m.
func written(d time.Duration) string {
	var b strings.Builder
	for _, u := range units {
		if n := d / u.length; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.short)
			d -= n * u.length
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}

// length is a length of time in words: 1 h 30 min.
func length(d time.Duration) string {
	if d > time.Second && d < time.Minute && d%time.Second != 0 {
		return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s"
	}
	var parts []string
	for _, u := range units {
		n := d / u.length
		if n == 0 {
			continue
		}
		d -= n * u.length
		word := u.words
		if n == 1 && word == "days" {
			word = "day"
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, word))
	}
	if len(parts) == 0 {
		return "0 s"
	}
	return strings.Join(parts, " ")
}

// listed joins words: a, b and c.
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// counted is a number with its noun: 1 round, 10 rounds.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// percent is a share as it is written: 20%.
func percent(share float64) string { return strconv.FormatFloat(share*100, 'f', -1, 64) + "%" }
