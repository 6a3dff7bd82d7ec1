// Package screen is the screen of a rehearsal: it draws a View, takes keys and
// turns them into Acts. It knows the rehearsal only as a World.
package screen

import (
	"context"
	"fmt"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Options say what a screen does beside showing the world.
type Options struct {
	Cast  io.Writer // where the recording goes, as it happens; nil: none is made
	Title string    // of the recording
}

// Run shows a world until the player quits or ctx ends; both are no error. The
// terminal is as it was before, whatever happened. An act that is under way
// then has its context cancelled and is not waited for.
func Run(ctx context.Context, w World, in io.Reader, out io.Writer, o Options) error {
	acts, cancel := context.WithCancel(ctx)
	defer cancel()
	m := newModel(acts, w)
	var cast *Cast
	if o.Cast != nil {
		cast = NewCast(o.Cast, o.Title, time.Now())
		m.cast = func(rows []string, w, h int) { cast.frame(rows, w, h, time.Now()) }
	}
	p := tea.NewProgram(m, tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler())
	go func() { // acts also ends when Run returns
		<-acts.Done()
		p.Quit()
	}()
	if _, err := p.Run(); err != nil {
		return fmt.Errorf("show the rehearsal: %w", err)
	}
	if m.broken != nil || cast == nil {
		return m.broken
	}
	cast.End(time.Now())
	return cast.Err()
}
