package number

import "strings"

// An edge of states, from its lowest bit: the ten digits that it takes, last
// of its state, whether a number may end behind it, and where its state
// begins. States[0] is an edge that takes nothing, for what has no way on.
const last, final, target = 1 << 10, 1 << 11, 12

// accepts is whether the digits are a whole number of the plan that begins at
// a root: a walk, one step a digit.
func accepts(root uint16, digits string) bool {
	at, ended := uint32(root), false
	for i := range len(digits) {
		digit := uint32(1) << (digits[i] - '0')
		for states[at]&digit == 0 {
			if states[at]&last != 0 {
				return false
			}
			at++
		}
		ended = states[at]&final != 0
		at = states[at] >> target
	}
	return ended
}

// A part is what the angle brackets of a pattern held.
type part struct {
	from, to int
	found    bool
}

// match reads a pattern from the start of digits and returns where it ended.
// A pattern is a regular expression cut down to what prefixes need: a digit,
// "." for any, [12] for one of them, (a|b) for the first that leads to a
// match, <a|b> for the same and its part is kept, ? for what may be missing,
// $ for the end.
func match(pattern, digits string) (end int, kept part, ok bool) {
	r := reading{digits: digits}
	ok = r.any(pattern, 0, func(at int) bool { end = at; return true })
	return end, r.kept, ok
}

type reading struct {
	digits string
	kept   part
}

// any tries the alternatives of a pattern in their order; then is what has to
// follow.
func (r *reading) any(pattern string, at int, then func(at int) bool) bool {
	for {
		n := until(pattern, '|')
		if r.all(pattern[:n], at, then) {
			return true
		}
		if n == len(pattern) {
			return false
		}
		pattern = pattern[n+1:]
	}
}

// all reads the items of one alternative, one after the other.
func (r *reading) all(pattern string, at int, then func(at int) bool) bool {
	if pattern == "" {
		return then(at)
	}
	n := item(pattern)
	rest, optional := strings.CutPrefix(pattern[n:], "?")
	if n == 1 && !optional { // most patterns are a few digits
		switch c := pattern[0]; {
		case c == '$':
			return at == len(r.digits) && r.all(rest, at, then)
		default:
			return at < len(r.digits) && (c == '.' || c == r.digits[at]) && r.all(rest, at+1, then)
		}
	}
	next := func(at int) bool { return r.all(rest, at, then) }
	return r.one(pattern[:n], at, next) || optional && next(at)
}

func (r *reading) one(item string, at int, next func(at int) bool) bool {
	inner := item[min(1, len(item)-1):max(1, len(item)-1)]
	switch item[0] {
	case '(':
		return r.any(inner, at, next)
	case '<':
		return r.any(inner, at, func(end int) bool {
			was := r.kept
			r.kept = part{at, end, true}
			if next(end) {
				return true
			}
			r.kept = was
			return false
		})
	case '[':
		return at < len(r.digits) && strings.IndexByte(inner, r.digits[at]) >= 0 && next(at+1)
	}
	return at < len(r.digits) && (item[0] == '.' || item[0] == r.digits[at]) && next(at+1)
}

// item is the length of the first item of a pattern.
func item(pattern string) int {
	switch pattern[0] {
	case '(':
		return 2 + until(pattern[1:], ')')
	case '<':
		return 2 + until(pattern[1:], '>')
	case '[':
		return 2 + until(pattern[1:], ']')
	}
	return 1
}

// until is where a byte stands outside of brackets; at the end if nowhere.
func until(pattern string, want byte) int {
	depth := 0
	for i := range len(pattern) {
		switch c := pattern[i]; {
		case depth == 0 && c == want:
			return i
		case c == '(' || c == '<' || c == '[':
			depth++
		case c == ')' || c == '>' || c == ']':
			depth--
		}
	}
	return len(pattern)
}
