package screen

import (
	"fmt"
	"strings"
	"unicode"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// cell is one column of one row. The second column of a wide rune has no text.
type cell struct {
	text string
	ink  ink
}

// sheet is paper of a fixed size. Nothing that is put on it can leave it.
type sheet struct {
	w, h  int
	cells []cell
}

func newSheet(w, h int) *sheet {
	w, h = max(w, 0), max(h, 0)
	s := &sheet{w: w, h: h, cells: make([]cell, w*h)}
	for i := range s.cells {
		s.cells[i].text = " "
	}
	return s
}

// put writes words from column x of row y on, and returns the column behind
// them. What does not fit is left out.
func (s *sheet) put(x, y int, k ink, words string) int {
	for _, r := range harmless(words) {
		w := columns(string(r))
		if w == 0 {
			s.combine(x, y, r)
			continue
		}
		if y >= 0 && y < s.h && x >= 0 && x+w <= s.w {
			s.set(x, y, cell{string(r), k})
			if w == 2 {
				s.cells[y*s.w+x+1] = cell{"", k}
			}
		}
		x += w
	}
	return x
}

// set puts one cell down. Half a wide rune never stays behind.
func (s *sheet) set(x, y int, c cell) {
	at := y*s.w + x
	if s.cells[at].text == "" && x > 0 {
		s.cells[at-1].text = " "
	}
	if wide := columns(s.cells[at].text) == 2; wide && x+1 < s.w {
		s.cells[at+1].text = " "
	}
	s.cells[at] = c
}

// combine adds an accent to the letter before it. One is enough: towers of
// them would reach into the rows above.
func (s *sheet) combine(x, y int, r rune) {
	if x < 1 || x > s.w || y < 0 || y >= s.h {
		return
	}
	if c := &s.cells[y*s.w+x-1]; len([]rune(c.text)) == 1 && c.text != " " {
		c.text += string(r)
	}
}

// paste lays rows of another sheet on this one, from row first on.
func (s *sheet) paste(x, y, h int, from *sheet, first int) {
	for row := range min(h, from.h-first) {
		if y+row >= s.h || first+row < 0 {
			continue
		}
		copy(s.cells[(y+row)*s.w+x:(y+row)*s.w+s.w], from.cells[(first+row)*from.w:(first+row+1)*from.w])
	}
}

// frame draws a rounded border with a title into a rectangle.
func (s *sheet) frame(r rect, k ink, title []span, end string) {
	if r.w < 4 || r.h < 2 {
		return
	}
	s.put(r.x, r.y, k, "╭"+strings.Repeat("─", r.w-2)+"╮")
	for y := r.y + 1; y < r.y+r.h-1; y++ {
		s.put(r.x, y, k, "│")
		s.put(r.x+r.w-1, y, k, "│")
	}
	s.put(r.x, r.y+r.h-1, k, "╰"+strings.Repeat("─", r.w-2)+"╯")
	room := r.w - 4
	if n := columns(end); end != "" && n+4 < room {
		s.put(r.x+r.w-3-n, r.y, k, " "+end+" ")
		room -= n + 3
	}
	if len(title) == 0 {
		return
	}
	for len(title) > 1 && length(title) > room-1 {
		title = title[:len(title)-1]
	}
	title = clip(title, room-1)
	x := s.put(r.x+2, r.y, k, " ")
	for _, p := range title {
		x = s.put(x, r.y, p.ink, p.text)
	}
	s.put(x, r.y, k, " ")
}

// runs calls yield for each stretch of one ink in a row.
func (s *sheet) runs(y int, yield func(x, w int, k ink, words string)) {
	row := s.cells[y*s.w : (y+1)*s.w]
	for x := 0; x < len(row); {
		var words strings.Builder
		end := x
		for end < len(row) && row[end].ink == row[x].ink {
			words.WriteString(row[end].text)
			end++
		}
		yield(x, end-x, row[x].ink, words.String())
		x = end
	}
}

// row is one row as a terminal takes it, in the colours of a palette.
func (s *sheet) row(y int, p *palette) string {
	var out strings.Builder
	s.runs(y, func(_, _ int, k ink, words string) {
		if p == nil {
			out.WriteString(words)
			return
		}
		style := p[k].style()
		out.WriteString(style.Styled(words))
	})
	return out.String()
}

func (s *sheet) rows(p *palette) []string {
	list := make([]string, s.h)
	for y := range list {
		list[y] = s.row(y, p)
	}
	return list
}

// columns is how many columns words take on a terminal.
func columns(words string) int {
	if len(words) == 1 || len(words) == 3 && words >= "─" && words < "■" {
		return 1 // most of what is drawn is letters and lines
	}
	return ansi.StringWidth(words)
}

// harmless makes what strangers wrote fit to be shown: a control character
// becomes its picture, and what would reorder, join or hide others is left out.
func harmless(words string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x20:
			return 0x2400 + r
		case r == 0x7f:
			return '␡'
		case r >= 0x80 && r < 0xa0, r == unicode.ReplacementChar:
			return '�'
		case r >= 0x1f3fb && r <= 0x1f3ff, r >= 0xfe00 && r <= 0xfe0f: // skin tones, variants
			return -1
		case r >= 0x1f1e6 && r <= 0x1f1ff: // flags are pairs of letters
			return 'A' + r - 0x1f1e6
		case unicode.In(r, unicode.Zl, unicode.Zp, unicode.Zs):
			return ' '
		case unicode.In(r, unicode.Cf, unicode.Me, unicode.Co):
			return -1
		}
		return r
	}, words)
}

// span is words of one ink; a line is some of them.
type span struct {
	ink  ink
	text string
}

func length(line []span) int {
	n := 0
	for _, p := range line {
		n += columns(harmless(p.text))
	}
	return n
}

// clip cuts a line to n columns and says so with an ellipsis.
func clip(line []span, n int) []span {
	if n < 1 {
		return nil
	}
	if length(line) <= n {
		return line
	}
	var out []span
	for _, p := range line {
		words := harmless(p.text)
		if w := columns(words); w <= n-1 {
			out, n = append(out, p), n-w
			continue
		}
		return append(out, span{p.ink, cut(words, n-1) + "…"})
	}
	return out
}

// cut returns the beginning of words that takes at most n columns.
func cut(words string, n int) string {
	for i, r := range words {
		if n -= columns(string(r)); n < 0 {
			return words[:i]
		}
	}
	return words
}

// wrap breaks words into lines of at most n columns, at spaces where it can.
func wrap(words string, n int) []string {
	var lines []string
	for _, part := range strings.Split(strings.ReplaceAll(words, "\r\n", "\n"), "\n") {
		lines = append(lines, wrapLine(harmless(part), max(n, 2))...)
	}
	return lines
}

func wrapLine(words string, n int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(words) {
		for {
			if line == "" && columns(word) <= n {
				line = word
				break
			}
			if line != "" && columns(line)+1+columns(word) <= n {
				line += " " + word
				break
			}
			if line != "" {
				lines, line = append(lines, line), ""
				continue
			}
			head := cut(word, n)
			lines, word = append(lines, head), word[len(head):]
		}
	}
	return append(lines, line)
}

// rect is a place on a sheet.
type rect struct{ x, y, w, h int }

func (r rect) inner() rect { return rect{r.x + 2, r.y + 1, max(r.w-4, 0), max(r.h-2, 0)} }

// page collects lines and becomes a sheet of their number.
type page struct {
	w     int
	lines [][]span
}

func (p *page) add(line ...span) { p.lines = append(p.lines, clip(line, p.w)) }

func (p *page) addf(k ink, format string, args ...any) { p.add(span{k, fmt.Sprintf(format, args...)}) }

// para adds words under a head that stays to their left.
func (p *page) para(head []span, k ink, words string) {
	at := length(head)
	if at > p.w*2/3 {
		p.add(head...)
		head, at = nil, 2
	}
	for i, words := range wrap(words, p.w-at) {
		if i > 0 || head == nil {
			head = []span{{plain, strings.Repeat(" ", at)}}
		}
		p.add(append(append([]span{}, head...), span{k, words})...)
	}
}

func (p *page) sheet() *sheet {
	s := newSheet(p.w, len(p.lines))
	for y, line := range p.lines {
		x := 0
		for _, part := range line {
			x = s.put(x, y, part.ink, part.text)
		}
	}
	return s
}

// style is how a terminal shows a colour.
func (c colour) style() uv.Style {
	st := uv.Style{Fg: tint(c.fg), Bg: tint(c.bg)}
	if c.bold {
		st.Attrs |= uv.AttrBold
	}
	return st
}
