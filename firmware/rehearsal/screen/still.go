package screen

import (
	"fmt"
	"html"
	"strings"
)

// Still is a view as a screen of this size shows it, without colours: height
// rows of width columns each.
func Still(v View, width, height int) string {
	return strings.Join(draw(v, stance{uplink: 1}, width, height).rows(nil), "\n") + "\n"
}

// The measures of a picture, in pixels: a column, a row, the margin, the font.
const cellWidth, cellHeight, margin, fontSize = 8.43, 16, 16, 14

// The colours of paper and of words that have none of their own.
const paper, pencil = "#10151c", "#d5dce4"

// SVG is a view as a picture with real text, in the colours of a dark terminal.
func SVG(v View, width, height int) []byte {
	s := draw(v, stance{uplink: 1}, width, height)
	w, h := float64(width)*cellWidth+2*margin, height*cellHeight+2*margin
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" width="%.0f" height="%d" xml:space="preserve" role="img" aria-label="the screen of heliograph rehearse">`+"\n", w, h, w, h)
	out.WriteString("<style>text{font:" + fmt.Sprint(fontSize) + "px ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,\"Liberation Mono\",monospace;white-space:pre}.b{font-weight:bold}</style>\n")
	fmt.Fprintf(&out, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", paper)
	for y := range s.h {
		s.runs(y, func(x, w int, k ink, words string) { run(&out, x, y, w, dark[k], words) })
	}
	out.WriteString("</svg>\n")
	return []byte(out.String())
}

// run draws a stretch of one ink. The length is given so that columns stay
// aligned in every font.
func run(out *strings.Builder, x, y, w int, c colour, words string) {
	left, top := margin+float64(x)*cellWidth, margin+y*cellHeight
	if c.bg != "" {
		fmt.Fprintf(out, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", left, top, float64(w)*cellWidth, cellHeight, c.bg)
	}
	trimmed := strings.TrimLeft(words, " ")
	left += float64(len(words)-len(trimmed)) * cellWidth
	if trimmed = strings.TrimRight(trimmed, " "); trimmed == "" {
		return
	}
	class := ""
	if c.fg == "" {
		c.fg = pencil
	}
	if c.bold {
		class = ` class="b"`
	}
	fmt.Fprintf(out, `<text%s x="%.1f" y="%d" fill="%s" textLength="%.1f" lengthAdjust="spacingAndGlyphs">%s</text>`+"\n",
		class, left, top+fontSize-1, c.fg, float64(columns(trimmed))*cellWidth, html.EscapeString(trimmed))
}
