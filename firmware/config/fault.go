package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong with a file, in words for whoever edits it.
type Fault struct {
	File    string
	Line    int    // from 1; zero: the file as a whole
	Column  int    // from 1
	Key     string // dotted path: uplinks[0].probes[2].dns; may be empty
	Problem string // what is wrong
	Want    string // what would be right
}

// Error is "FILE:LINE:COLUMN: KEY: PROBLEM: WANT".
func (f Fault) Error() string {
	where := f.File
	if f.Line > 0 {
		where = fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
	}
	parts := []string{where}
	for _, part := range []string{f.Key, f.Problem, f.Want} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// Faults are all the faults of a file, in the order of its lines.
type Faults []Fault

// Error is one fault a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// Err is the faults as an error, nil if there are none.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// most is how many faults are reported: nobody mends more in one go, and the
// report of a hostile file stays small.
const most = 100

// sorted orders faults by line and column, drops doubles and keeps the first
// hundred, with a last line that says how many more there are.
func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	f = slices.Compact(f)
	if len(f) <= most {
		return f
	}
	rest := Fault{File: f[0].File, Problem: fmt.Sprintf("and %d more faults", len(f)-most), Want: "mend these first"}
	return append(f[:most:most], rest)
}

// shown is a value as a fault quotes it: one line, not too long.
func shown(s string) string {
	const longest = 60
	runes := []rune(strings.ToValidUTF8(s, "?"))
	if len(runes) > longest {
		return fmt.Sprintf("%q", string(runes[:longest])+"…")
	}
	return fmt.Sprintf("%q", string(runes))
}
