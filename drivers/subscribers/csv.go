package subscribers

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

const (
	longestLine  = 64 << 10 // bytes of a line, and of a row that goes over several
	mostLines    = 10       // of one row
	mostColumns  = 500
	betweenLooks = 1000 // rows from one look at the context to the next
)

// charsets are the encodings besides UTF-8.
var charsets = map[string]*charmap.Charmap{"windows-1250": charmap.Windows1250, "windows-1252": charmap.Windows1252}

// Heading is how the columns of a list were understood.
type Heading struct {
	Used   []string // as in "phone from Telefon"
	Unused []string // columns
}

// CSV reads a list whose first line names its columns, separated by commas,
// semicolons, tabs or bars, and quoted where need be. Encoding is empty for
// UTF-8, "windows-1250" or "windows-1252". It reads row by row; a row that
// cannot be read is noted, and the next one is taken.
func CSV(ctx context.Context, r io.Reader, encoding string, o Options) (Heading, error) {
	if err := o.check(); err != nil {
		return Heading{}, err
	}
	in := bufio.NewReaderSize(r, longestLine)
	if set := charsets[encoding]; set != nil {
		in = bufio.NewReaderSize(set.NewDecoder().Reader(r), longestLine)
	} else if encoding != "" {
		return Heading{}, fmt.Errorf("the encoding %q is not known: utf-8, windows-1250 or windows-1252", encoding)
	}
	c := &sheet{o: o, lines: lines{in: in}, encoding: encoding}
	if err := c.begin(); err != nil {
		return Heading{}, err
	}
	return c.heading(), c.rows(ctx)
}

// sheet is a CSV that is being read.
type sheet struct {
	o        Options
	lines    lines
	encoding string
	comma    byte
	columns  []string
	to       [len(fields)][]int // the columns of each field

	foreign error // about the first row that is not UTF-8
	proper  bool  // there was one that is, and that needs it
}

// lines are those of the file, with their numbers.
type lines struct {
	in   *bufio.Reader
	back []physical // were read too far; the next one first
	n    int        // of the line that was given last
}

type physical struct {
	text string
	err  error // nil or errLong
}

var errLong = fmt.Errorf("is longer than %d bytes: a quote may be missing at its end", longestLine)

// next gives a line without its end. One that is too long is errLong, and the
// one after it follows.
func (l *lines) next() (string, error) {
	if len(l.back) > 0 {
		line := l.back[0]
		l.back = l.back[1:]
		l.n++
		return line.text, line.err
	}
	b, err := l.in.ReadSlice('\n')
	long := err == bufio.ErrBufferFull
	for err == bufio.ErrBufferFull {
		_, err = l.in.ReadSlice('\n')
	}
	switch {
	case err != nil && err != io.EOF:
		return "", err
	case err == io.EOF && len(b) == 0:
		return "", io.EOF
	}
	l.n++
	if long {
		return "", errLong
	}
	return string(bytes.TrimRight(b, "\r\n")), nil
}

// putBack gives lines again.
func (l *lines) putBack(again []physical) {
	l.back = append(again, l.back...)
	l.n -= len(again)
}

// begin reads the names of the columns.
func (c *sheet) begin() error {
	head, err := c.lines.next()
	head = strings.TrimPrefix(head, "\ufeff")
	if sep, ok := strings.CutPrefix(head, "sep="); ok && len(sep) == 1 && err == nil { // Excel's own word
		head, err = c.lines.next()
	}
	switch {
	case err == io.EOF || err == nil && strings.TrimSpace(head) == "":
		return errors.New("line 1: names the columns, and is empty: write them there, as in code,name,phone,region")
	case err == errLong:
		return fmt.Errorf("line 1: %w", err)
	case err != nil:
		return err
	case strings.HasPrefix(head, "\xff\xfe") || strings.HasPrefix(head, "\xfe\xff"):
		return errors.New("the file is UTF-16: save it as CSV in UTF-8")
	case strings.HasPrefix(head, "PK\x03\x04"):
		return errors.New("the file is a workbook, not a CSV: save it as CSV in UTF-8")
	case strings.ContainsFunc(head, func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' }):
		return errors.New("line 1: is no text: the file must be a CSV whose first line names the columns")
	case !c.readable(head):
		return fmt.Errorf("line 1: %w", c.misread(head))
	case strings.Contains(head, "\r"):
		return errors.New("line 1: has line ends of old Macs: save the file as CSV in UTF-8")
	}
	return c.choose(head)
}

// choose takes the separator with which most of the columns make sense.
func (c *sheet) choose(head string) error {
	most := -1
	for _, comma := range []byte(",;\t|") {
		columns, ok := parse(head, comma)
		if !ok || len(columns) > mostColumns {
			continue
		}
		known := 0
		for _, name := range columns {
			if _, _, ok := usual(name); ok || c.named(name) {
				known++
			}
		}
		if n := known*mostColumns + len(columns); n > most {
			most, c.comma, c.columns = n, comma, columns
		}
	}
	if most < 0 || strings.Count(head, `"`)%2 != 0 {
		return errors.New("line 1: the names of the columns cannot be read: a quote may be missing")
	}
	return c.place()
}

func (c *sheet) named(column string) bool {
	for _, names := range c.o.Columns {
		if slices.ContainsFunc(names, func(n string) bool { return same(n, column) }) {
			return true
		}
	}
	return false
}

func same(a, b string) bool { return strings.EqualFold(plainly(a), plainly(b)) }

// place finds the columns of each field.
func (c *sheet) place() error {
	for i, name := range c.columns {
		c.columns[i] = plainly(name)
	}
	taken := map[int]bool{}
	var to [len(fields)][]int
	for i, f := range fields {
		for _, name := range c.o.Columns[f.name] {
			at := slices.IndexFunc(c.columns, func(column string) bool { return same(name, column) })
			if at < 0 {
				return fmt.Errorf("line 1: there is no column %q for %s: the columns are %s", name, f.name, strings.Join(c.columns, ", "))
			}
			to[i] = append(to[i], at)
			taken[at] = true
		}
	}
	c.to = c.o.assign(c.columns, taken, usual)
	for i := range to {
		c.to[i] = append(to[i], c.to[i]...)
	}
	if len(c.to[phoneField])+len(c.to[mailField]) == 0 {
		return fmt.Errorf("line 1: no column holds numbers or mail addresses: name it, as in columns: {phone: %q}; the columns are %s", c.columns[0], strings.Join(c.columns, ", "))
	}
	return nil
}

func (c *sheet) heading() Heading {
	var h Heading
	used := map[int]bool{}
	for i, f := range fields {
		var from []string
		for _, at := range c.to[i] {
			used[at] = true
			from = append(from, c.columns[at])
		}
		if from != nil {
			h.Used = append(h.Used, f.name+" from "+strings.Join(from, " and "))
		}
	}
	for at, name := range c.columns {
		if !used[at] && name != "" {
			h.Unused = append(h.Unused, name)
		}
	}
	return h
}

// rows reads all that follow.
func (c *sheet) rows(ctx context.Context) error {
	for n := 0; ; n++ {
		if n%betweenLooks == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		values, at, err := c.row()
		var bad *Note
		switch {
		case err == io.EOF:
			if c.foreign != nil && !c.proper {
				return c.foreign // not some bad rows: another encoding
			}
			return nil
		case errors.As(err, &bad):
			c.o.Note(*bad)
		case err != nil:
			return fmt.Errorf("line %d: %w", at, err)
		case values != nil:
			if err := c.give(at, values); err != nil {
				return err
			}
		}
	}
}

// Error lets a note be what reading a row comes to.
func (n *Note) Error() string { return n.String() }

// row reads the next one; an empty line is none.
func (c *sheet) row() (values []string, at int, err error) {
	whole, err := c.lines.next()
	at = c.lines.n
	switch {
	case err == errLong:
		return nil, at, &Note{Line: at, Text: err.Error()}
	case err != nil:
		return nil, at, err
	case strings.Trim(whole, " \t;,|\"") == "":
		return nil, at, nil
	}
	var more []physical
	for {
		values, ok := parse(whole, c.comma)
		if ok {
			return values, at, c.check(whole, values, at)
		}
		var next physical
		if next.err = io.EOF; values == nil && len(more) < mostLines && len(whole) < longestLine {
			next.text, next.err = c.lines.next()
		}
		switch next.err {
		case nil, errLong:
			more = append(more, next)
			whole += "\n" + next.text
		case io.EOF:
		default:
			return nil, at, next.err
		}
		if next.err != nil {
			c.lines.putBack(more)
			return nil, at, &Note{Line: at, Text: "a quote opens and does not end as it should: a value with a quote in it is written \"so \"\"here\"\"\""}
		}
	}
}

// check judges a row by what all of it must be.
func (c *sheet) check(whole string, values []string, at int) error {
	if !c.readable(whole) {
		err := c.misread(whole)
		if c.foreign == nil {
			c.foreign = fmt.Errorf("line %d: %w", at, err)
		}
		return &Note{Line: at, Text: err.Error()}
	}
	for len(values) > len(c.columns) && strings.TrimSpace(values[len(values)-1]) == "" {
		values = values[:len(values)-1]
	}
	if len(values) > len(c.columns) {
		return &Note{Line: at, Text: fmt.Sprintf("has %d values for %d columns: one that holds a %s must stand in quotes", len(values), len(c.columns), comma(c.comma))}
	}
	return nil
}

func comma(c byte) string {
	if c == '\t' {
		return "tab"
	}
	return string(c)
}

// readable is whether a text is in the encoding that it should be in.
func (c *sheet) readable(text string) bool {
	if strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return true
	}
	ok := utf8.ValidString(text) && (c.encoding == "" || !strings.ContainsRune(text, utf8.RuneError))
	c.proper = c.proper || ok
	return ok
}

// misread says what a text would be in other encodings.
func (c *sheet) misread(text string) error {
	word := text
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;\t|\"\n", r) }) {
		if !utf8.ValidString(w) || strings.ContainsRune(w, utf8.RuneError) {
			word = w
			break
		}
	}
	if c.encoding != "" {
		return fmt.Errorf("%q is not %s: save the file as CSV in UTF-8, and leave encoding out", clip(word), c.encoding)
	}
	as := func(set *charmap.Charmap) string {
		s, _ := set.NewDecoder().String(word) // every byte is some letter
		return clip(s)
	}
	return fmt.Errorf("is not UTF-8: if %q is right write encoding: windows-1250 in the configuration, if %q is right windows-1252; or save the file as CSV in UTF-8",
		as(charmap.Windows1250), as(charmap.Windows1252))
}

// give understands a row.
func (c *sheet) give(at int, values []string) error {
	var r raw
	for i := range fields {
		for _, column := range c.to[i] {
			if column < len(values) {
				r[i] = append(r[i], cell{c.columns[column], values[column]})
			}
		}
	}
	return c.o.read(at, &r)
}

// parse splits a row (RFC 4180 §2; a quote in a value that does not begin with
// one is a quote). It is not ok while a quote is open; if the row can be none
// whatever follows, there are values all the same.
func parse(text string, comma byte) (values []string, ok bool) {
	values = []string{}
	for {
		text = strings.TrimLeft(text, " ")
		quoted, isQuoted := strings.CutPrefix(text, `"`)
		if !isQuoted {
			end := strings.IndexByte(text, comma)
			if end < 0 {
				return append(values, text), true
			}
			values, text = append(values, text[:end]), text[end+1:]
			continue
		}
		value, rest, closed := unquote(quoted)
		if !closed {
			return nil, false
		}
		values = append(values, value)
		rest = strings.TrimLeft(rest, " ")
		switch {
		case rest == "":
			return values, true
		case rest[0] != comma:
			return values, false
		}
		text = rest[1:]
	}
}

func unquote(text string) (value, rest string, closed bool) {
	var b strings.Builder
	for {
		end := strings.IndexByte(text, '"')
		if end < 0 {
			return "", "", false
		}
		b.WriteString(text[:end])
		text = text[end+1:]
		if !strings.HasPrefix(text, `"`) {
			return b.String(), text, true
		}
		b.WriteByte('"')
		text = text[1:]
	}
}
