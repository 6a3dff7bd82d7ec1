package emulator

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Script is a dialogue, or faults in time, read by ParseScript.
type Script struct {
	name  string
	steps []step
}

// step is one statement: it is carried out by do, and a mirror of it, for those
// who play the host, can be read from the rest.
type step struct {
	line int
	text string // as written
	do   func(p *Playing) error

	expects []byte        // the bytes that it waits for, when they are known
	sends   []byte        // the bytes that it sends
	waits   time.Duration // how long it does nothing
}

// scriptLimit bounds what repeat can make of a script.
const scriptLimit = 100_000

// statement is one word of the language.
type statement struct {
	form string // for error messages
	read func(rest string) (step, error)
}

func statements() map[string]statement {
	return map[string]statement{
		"take":   {"take over", word("over", (*Playing).takeOver)},
		"hand":   {"hand back", word("back", (*Playing).handBack)},
		"expect": {`expect /PATTERN/ [within 10s], or expect "BYTES" [within 10s]`, readExpect},
		"send":   {`send "BYTES" [split N] [cut K pause 300ms]`, readSend},
		"wait":   {"wait 2s", readWait},
		"urc":    {`urc "LINE" ["LINE"…]`, readURC},
		"random": {`random SEED COUNT 100ms..2s "LINE" ["LINE"…]`, readRandom},
		"drop":   {"drop [eio|eof|zero|silent] [for 12s]", readDrop},
		"return": {"return", word("", func(p *Playing) error { return p.m.Return() })},
		"clock":  {"clock +2h30m, or clock 1980-01-06T00:00:12Z", readClock},
		"do":     {"do ORDER…, as `heliograph emulate` takes them", readDo},
	}
}

// ParseScript reads a script. The error names every fault as name:line, and
// what would be right.
func ParseScript(name, text string) (*Script, error) {
	r := scriptReader{name: name, lines: strings.Split(text, "\n")}
	s := &Script{name: name, steps: r.block(false)}
	if err := errors.Join(r.faults...); err != nil {
		return nil, err
	}
	if len(s.steps) == 0 {
		return nil, fmt.Errorf("%s:1: the script says nothing; write for example: expect /^AT\\r/", name)
	}
	return s, nil
}

type scriptReader struct {
	name   string
	lines  []string
	at     int
	faults []error
	size   int
}

func (r *scriptReader) fault(line int, format string, a ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s:%d: %s", r.name, line, fmt.Sprintf(format, a...)))
}

// block reads statements up to the end of the text, or of the repetition they are in.
func (r *scriptReader) block(nested bool) []step {
	var all []step
	begun := r.at
	for r.at < len(r.lines) {
		r.at++
		number, text := r.at, strings.TrimSpace(strings.TrimSuffix(r.lines[r.at-1], "\r"))
		name, rest, _ := strings.Cut(text, " ")
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
		case name == "end":
			if nested {
				return all
			}
			r.fault(number, "end without a repeat; write: repeat N before what is to come again")
		case name == "repeat":
			all = append(all, r.repeat(number, rest)...)
		default:
			all = append(all, r.statement(number, text)...)
		}
	}
	if nested {
		r.fault(begun, "repeat without an end; write: end, on a line of its own")
	}
	return all
}

func (r *scriptReader) repeat(line int, rest string) []step {
	n, err := strconv.Atoi(strings.TrimSpace(rest))
	if err != nil || n < 1 {
		r.fault(line, "repeat %q is not a number of times; write: repeat 20", rest)
		n = 1
	}
	body := r.block(true)
	if r.size += n * len(body); r.size > scriptLimit || n > scriptLimit {
		r.fault(line, "repeat makes more than %d statements; repeat less often", scriptLimit)
		return nil
	}
	return slices.Repeat(body, n)
}

func (r *scriptReader) statement(line int, text string) []step {
	read, rest, form := r.find(text)
	if read == nil {
		name, _, _ := strings.Cut(text, " ")
		r.fault(line, "there is no statement %q; there are >>, <<, [2s], repeat, end, %s", name, strings.Join(slices.Sorted(maps.Keys(statements())), ", "))
		return nil
	}
	s, err := read(rest)
	if err != nil {
		r.fault(line, "%v; write: %s", err, form)
		return nil
	}
	s.line, s.text = line, text
	return []step{s}
}

func (r *scriptReader) find(text string) (read func(string) (step, error), rest, form string) {
	switch {
	case strings.HasPrefix(text, ">>"):
		return readHost, strings.TrimPrefix(text[2:], " "), ">> AT+CSQ"
	case strings.HasPrefix(text, "<<"):
		return readModem, strings.TrimPrefix(text[2:], " "), "<< +CSQ: 20,99"
	case strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]"):
		return readWait, text[1 : len(text)-1], "[2s]"
	}
	name, rest, _ := strings.Cut(text, " ")
	s := statements()[name]
	return s.read, strings.TrimSpace(rest), s.form
}

// word is a statement with one fixed word behind it, or none.
func word(want string, do func(p *Playing) error) func(string) (step, error) {
	return func(rest string) (step, error) {
		if rest != want {
			return step{}, fmt.Errorf("%q does not belong here", rest)
		}
		return step{do: do}, nil
	}
}

// unescaped reads Go's escapes in a text without quotes.
func unescaped(s string) ([]byte, error) {
	var out []byte
	for s != "" {
		r, wide, rest, err := strconv.UnquoteChar(s, 0)
		if err != nil {
			return nil, fmt.Errorf("the escape at %q cannot be read", s)
		}
		if wide {
			out = utf8.AppendRune(out, r)
		} else {
			out = append(out, byte(r))
		}
		s = rest
	}
	return out, nil
}

// readHost is >>: a line from the host. A carriage return ends it, unless it
// ends with Ctrl-Z or ESC itself.
func readHost(rest string) (step, error) {
	b, err := unescaped(rest)
	if err != nil {
		return step{}, err
	}
	if n := len(b); n == 0 || b[n-1] != 0x1A && b[n-1] != 0x1B {
		b = append(b, '\r')
	}
	return expectBytes(b, 0), nil
}

// readModem is <<: a line from the modem, framed as V.250 has it.
func readModem(rest string) (step, error) {
	b, err := unescaped(rest)
	if err != nil {
		return step{}, err
	}
	b = slices.Concat([]byte("\r\n"), b, []byte("\r\n"))
	return step{sends: b, do: func(p *Playing) error { return p.send(b, 0) }}, nil
}

func expectBytes(b []byte, within time.Duration) step {
	re := regexp.MustCompile(quoteBytes(b))
	return step{expects: b, do: func(p *Playing) error { return p.expect(re, within) }}
}

// quoteBytes is a pattern for exactly these bytes. Patterns are matched against
// the bytes as if each were a character of its own.
func quoteBytes(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		s.WriteString(regexp.QuoteMeta(string(rune(c))))
	}
	return s.String()
}

func readExpect(rest string) (step, error) {
	var within time.Duration
	if i := strings.LastIndex(rest, " within "); i >= 0 {
		d, err := time.ParseDuration(rest[i+len(" within "):])
		if err != nil || d <= 0 {
			return step{}, fmt.Errorf("%q is not a time", rest[i+len(" within "):])
		}
		rest, within = rest[:i], d
	}
	switch {
	case len(rest) > 2 && rest[0] == '"':
		b, tail, err := quoted(rest)
		if err != nil || tail != "" || len(b) == 0 {
			return step{}, fmt.Errorf("expect %s cannot be read", rest)
		}
		return expectBytes(b, within), nil
	case len(rest) > 2 && rest[0] == '/' && rest[len(rest)-1] == '/':
		re, err := regexp.Compile("(?s:" + rest[1:len(rest)-1] + ")")
		if err != nil {
			return step{}, fmt.Errorf("the pattern cannot be read: %w", err)
		}
		return step{do: func(p *Playing) error { return p.expect(re, within) }}, nil
	}
	return step{}, fmt.Errorf("expect %s is neither a pattern between slashes nor bytes between quotes", rest)
}

// quoted takes a text in double quotes off the front, with Go's escapes.
func quoted(s string) (b []byte, rest string, err error) {
	q, err := strconv.QuotedPrefix(s)
	if err != nil || q[0] != '"' {
		return nil, s, fmt.Errorf("%q does not begin with a text in double quotes", s)
	}
	text, err := strconv.Unquote(q)
	return []byte(text), strings.TrimSpace(s[len(q):]), err
}

func readSend(rest string) (step, error) {
	b, rest, err := quoted(rest)
	if err != nil {
		return step{}, err
	}
	words := strings.Fields(rest)
	split, cut, pause := 0, 0, time.Duration(0)
	for len(words) >= 2 {
		switch n, err := strconv.Atoi(words[1]); {
		case words[0] == "pause":
			if pause, err = time.ParseDuration(words[1]); err != nil || pause < 0 {
				return step{}, fmt.Errorf("%q is not a time", words[1])
			}
		case err != nil || n < 1 || words[0] == "cut" && n >= len(b):
			return step{}, fmt.Errorf("%q is not a number of bytes inside the text", words[1])
		case words[0] == "split":
			split = n
		case words[0] == "cut":
			cut = n
		default:
			return step{}, fmt.Errorf("%q does not belong here", words[0])
		}
		words = words[2:]
	}
	if len(words) > 0 {
		return step{}, fmt.Errorf("%q does not belong here", words[0])
	}
	s := step{sends: b, do: func(p *Playing) error { return p.send(b, split) }}
	if cut > 0 {
		s.waits = pause
		s.do = func(p *Playing) error { return p.sendCut(b, cut, pause, split) }
	}
	return s, nil
}

func readWait(rest string) (step, error) {
	d, err := time.ParseDuration(strings.ReplaceAll(rest, " ", ""))
	if err != nil || d < 0 {
		return step{}, fmt.Errorf("%q is not a time", rest)
	}
	return step{waits: d, do: func(p *Playing) error { return p.pause(d) }}, nil
}

// lines reads one text in quotes after the other.
func quotedLines(rest string) ([]string, error) {
	var all []string
	for rest != "" {
		b, tail, err := quoted(rest)
		if err != nil {
			return nil, err
		}
		all, rest = append(all, string(b)), tail
	}
	if len(all) == 0 {
		return nil, errors.New("the line is missing")
	}
	return all, nil
}

func readURC(rest string) (step, error) {
	lines, err := quotedLines(rest)
	return step{do: func(p *Playing) error {
		p.m.Unsolicited(lines...)
		return nil
	}}, err
}

func readRandom(rest string) (step, error) {
	words := strings.SplitN(rest, " ", 4)
	if len(words) < 4 {
		return step{}, errors.New("random needs more")
	}
	seed, wrongSeed := strconv.ParseUint(words[0], 10, 64)
	count, wrongCount := strconv.Atoi(words[1])
	low, high, isRange := strings.Cut(words[2], "..")
	from, wrongFrom := time.ParseDuration(low)
	to, wrongTo := time.ParseDuration(high)
	if err := errors.Join(wrongSeed, wrongCount, wrongFrom, wrongTo); err != nil || !isRange || count < 1 || from < 0 || to < from || to == 0 {
		return step{}, fmt.Errorf("%q is not a seed, a count and two times", strings.Join(words[:3], " "))
	}
	lines, err := quotedLines(words[3])
	return step{do: func(p *Playing) error {
		p.m.chatterAtRandom(seed, count, from, to, lines)
		return nil
	}}, err
}

func readDrop(rest string) (step, error) {
	how, back := "eio", time.Duration(0)
	words := strings.Fields(rest)
	if len(words) > 0 && words[0] != "for" {
		how, words = words[0], words[1:]
	}
	if len(words) == 2 && words[0] == "for" {
		d, err := time.ParseDuration(words[1])
		if err != nil || d <= 0 {
			return step{}, fmt.Errorf("%q is not a time", words[1])
		}
		back, words = d, nil
	}
	if len(words) > 0 || !slices.Contains([]string{"eio", "eof", "zero", "silent"}, how) {
		return step{}, fmt.Errorf("%q does not belong here", rest)
	}
	return step{do: func(p *Playing) error { return p.drop(how, back) }}, nil
}

func readClock(rest string) (step, error) {
	if t, err := time.Parse(time.RFC3339, rest); err == nil {
		return step{do: func(p *Playing) error {
			p.m.SetClock(time.Until(t))
			return nil
		}}, nil
	}
	d, err := time.ParseDuration(strings.TrimPrefix(rest, "+"))
	if err != nil {
		return step{}, fmt.Errorf("%q is neither a time nor a length", rest)
	}
	return step{do: func(p *Playing) error {
		p.m.SetClock(d)
		return nil
	}}, nil
}

func readDo(rest string) (step, error) {
	words, _, err := orderWords(rest)
	if err != nil {
		return step{}, err
	}
	name := strings.ToLower(words[0])
	o, known := orders()[name]
	switch {
	case !known:
		return step{}, fmt.Errorf("there is no order %q", words[0])
	case len(words)-1 < o.need:
		return step{}, fmt.Errorf("%s needs more: %s %s", name, name, o.form)
	}
	return step{do: func(p *Playing) error {
		_, _, err := (&program{net: p.m.net, modem: p.m}).order(words)
		return err
	}}, nil
}
