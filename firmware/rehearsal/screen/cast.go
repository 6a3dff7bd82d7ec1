package screen

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Cast writes what a screen shows as an asciicast v2, the format of asciinema:
// a header, then a line for each change with its time in seconds.
// https://docs.asciinema.org/manual/asciicast/v2/
type Cast struct {
	out   io.Writer
	title string
	begun time.Time
	w, h  int
	rows  []string
	last  time.Duration
	err   error
}

// header is the first line of a recording.
type header struct {
	Version   int    `json:"version"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
	Timestamp int64  `json:"timestamp"`
	Title     string `json:"title,omitempty"`
}

// NewCast begins a recording at an instant. Nothing is written before the
// first frame, which tells the size.
func NewCast(out io.Writer, title string, begun time.Time) *Cast {
	return &Cast{out: out, title: title, begun: begun}
}

// Draw records a view as a screen of this size would show it at an instant,
// for a rehearsal that nobody watches.
func (c *Cast) Draw(v View, width, height int, now time.Time) {
	c.frame(draw(v, stance{uplink: 1}, width, height).rows(&dark), width, height, now)
}

// Err is the first error of writing; after it nothing more was written.
func (c *Cast) Err() error { return c.err }

// frame writes the rows that changed.
func (c *Cast) frame(rows []string, w, h int, now time.Time) {
	if slices.Equal(rows, c.rows) && w == c.w && h == c.h {
		return
	}
	var out strings.Builder
	switch {
	case c.rows == nil:
		c.write(header{Version: 2, Width: w, Height: h, Timestamp: c.begun.Unix(), Title: c.title})
		out.WriteString("\x1b[?25l\x1b[2J")
	case w != c.w || h != c.h:
		c.event("r", fmt.Sprintf("%dx%d", w, h), now)
		out.WriteString("\x1b[2J")
		c.rows = nil
	}
	for y, row := range rows {
		if y >= len(c.rows) || c.rows[y] != row {
			fmt.Fprintf(&out, "\x1b[%d;1H%s\x1b[0m", y+1, row)
		}
	}
	c.event("o", out.String(), now)
	c.rows, c.w, c.h = rows, w, h
}

// End gives the player's terminal its cursor back below the last frame.
func (c *Cast) End(now time.Time) {
	if c.rows != nil {
		c.event("o", fmt.Sprintf("\x1b[%d;1H\x1b[?25h\r\n", c.h), now)
	}
}

// event writes a line. Times never go back.
func (c *Cast) event(code, data string, now time.Time) {
	c.last = max(c.last, now.Sub(c.begun))
	c.write([]any{json.Number(fmt.Sprintf("%.6f", c.last.Seconds())), code, data})
}

func (c *Cast) write(line any) {
	if c.err != nil {
		return
	}
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(line); err != nil {
		c.err = fmt.Errorf("the recording could not be written and ends here: %w", err)
	}
}
