package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"heliograph/firmware/rehearsal/screen"
)

// The size of a recording and of a still: a terminal's usual one, and one in
// which every pane has room.
const (
	castWidth, castHeight   = 100, 30
	stillWidth, stillHeight = 120, 36
)

// film keeps what an unattended rehearsal looked like.
type film struct {
	file  *os.File // of the recording; nil: none
	cast  *screen.Cast
	path  string       // of the still; "": none
	still *screen.View // the best moment so far
	best  int
}

func (c *rehearseCmd) film() (*film, error) {
	f := &film{path: c.Still}
	if c.Cast == "" {
		return f, nil
	}
	var err error
	if f.file, err = os.Create(c.Cast); err != nil {
		return nil, fmt.Errorf("record the screen: %w", err)
	}
	f.cast = screen.NewCast(f.file, "heliograph rehearse", time.Now())
	return f, nil
}

// show is shown how all is, several times a second.
func (f *film) show(v screen.View) {
	if f.cast != nil {
		f.cast.Draw(v, castWidth, castHeight, time.Now())
	}
	if n := worth(v); f.path != "" && n >= f.best {
		f.best, f.still = n, &v
	}
}

// worth says how much a moment tells of the product: what is broken is judged
// so, somebody has it, and others know.
func worth(v screen.View) int {
	n := 0
	if v.Box.Watching && slices.ContainsFunc(v.Incidents, func(i screen.Incident) bool { return i.Owner != "" && i.Phase != "closed" }) {
		n++
	}
	for _, u := range v.Uplinks {
		if n > 0 && u.Condition == "down" && len(u.Faults) > 0 {
			n++
		}
	}
	return n
}

func (f *film) close() error {
	var err error
	if f.cast != nil {
		f.cast.End(time.Now())
		err = errors.Join(f.cast.Err(), f.file.Close())
	}
	if f.still != nil {
		err = errors.Join(err, os.WriteFile(f.path, screen.SVG(*f.still, stillWidth, stillHeight), 0o644))
	}
	if err != nil {
		return fmt.Errorf("keep what the screen looked like: %w", err)
	}
	return nil
}
