package blackbox

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Summary says in a sentence what is in the records of an incident.
func Summary(all []Record) string {
	lines, samples := 0, 0
	var from, to time.Time
	for _, r := range all {
		lines, samples = lines+len(r.Lines), samples+len(r.Samples)
		for _, e := range r.entries() {
			if from.IsZero() || e.at.Before(from) {
				from = e.at
			}
			if e.at.After(to) {
				to = e.at
			}
		}
	}
	text := fmt.Sprintf("%s with the modems, %s of probes", counted(lines, "line"), counted(samples, "sample"))
	if from.IsZero() {
		return text
	}
	return fmt.Sprintf("%s, %s to %s", text, from.Format(clock), to.Format(clock))
}

const clock = "2006-01-02 15:04:05Z"

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Print writes records as one timeline, in the order they were frozen, which
// no clock that was set meanwhile can disorder. plain takes out of a text what
// could steer a terminal.
func Print(out io.Writer, all []Record, plain func(string) string) {
	wide := 0
	for _, r := range all {
		for _, e := range r.entries() {
			wide = max(wide, len(e.who))
		}
	}
	for _, r := range all {
		mark := " "
		if !r.Trusted {
			mark = "?" // the clock was not to be believed
		}
		for _, e := range r.entries() {
			fmt.Fprintf(out, "%s%s  %-*s  %s\n", e.at.Format("2006-01-02 15:04:05.000Z"), mark, wide, e.who, plain(e.text))
		}
		fmt.Fprintf(out, "%s%s  -- %s\n", r.Frozen.UTC().Format("2006-01-02 15:04:05.000Z"), mark, plain(r.end()))
	}
}

// end is the last line of a record.
func (r Record) end() string {
	words := r.Moment + ": " + counted(len(r.Lines), "line") + ", " + counted(len(r.Samples), "sample")
	if r.Note != "" {
		words += "; " + r.Note
	}
	return words
}

// entry is a line or a sample in the merged timeline.
type entry struct {
	at        time.Time
	who, text string
}

// entries merges lines and samples, each of which are in order.
func (r Record) entries() []entry {
	all := make([]entry, 0, len(r.Lines)+len(r.Samples))
	lines, samples := r.Lines, r.Samples
	for len(lines)+len(samples) > 0 {
		if len(samples) == 0 || len(lines) > 0 && !samples[0].At.Before(lines[0].At) {
			all = append(all, entry{lines[0].At.UTC(), lines[0].Modem, lines[0].Dir + " " + lines[0].Text})
			lines = lines[1:]
			continue
		}
		all = append(all, entry{samples[0].At.UTC(), samples[0].Subject, samples[0].String()})
		samples = samples[1:]
	}
	return all
}

// String is a sample in words.
func (s Sample) String() string {
	words := []string{"ok    " + s.Probe}
	if !s.OK {
		words[0] = "FAILS " + s.Probe
	}
	if s.Local {
		words = append(words, "on this box")
	}
	if s.Seen != "" {
		words = append(words, s.Seen)
	}
	if s.OK && s.MS > 0 {
		words = append(words, fmt.Sprintf("%.1f ms", s.MS))
	}
	return strings.Join(words, ": ")
}
