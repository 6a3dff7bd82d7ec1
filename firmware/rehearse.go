package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"heliograph/firmware/rehearsal"
	"heliograph/firmware/rehearsal/isp"
	"heliograph/firmware/rehearsal/screen"
	"heliograph/firmware/rehearsal/story"
)

type rehearseCmd struct {
	Once     bool    `help:"Live through one night unattended, also on a terminal."`
	Story    string  `placeholder:"NAME" help:"Play a story unattended: one that --story=list names, or a file of your own."`
	Outages  int     `placeholder:"N" help:"Live unattended through so many outages of both uplinks in a row, and weigh what the appliance holds afterwards."`
	JSON     bool    `name:"json" help:"Print what happened as JSON; implies --once."`
	Scale    float64 `default:"20" help:"Divide every configured duration by this; the clock is never faked."`
	Cast     string  `placeholder:"FILE" help:"Record the screen in asciinema's format; unattended as well."`
	Still    string  `placeholder:"FILE" help:"Save a picture of the screen as SVG, from the moment when somebody has acknowledged; unattended only."`
	Keep     string  `placeholder:"FOLDER" help:"Keep configuration, store and the appliance's log in this folder."`
	Loopback bool    `help:"Use loopback addresses even where network namespaces can be had; a fault has no place then."`
}

// longest is how long an unattended rehearsal may take at the usual scale, and
// accordingly at a smaller one, before it is given up as failed.
const longest = 60 * time.Second

func (c *rehearseCmd) longest() time.Duration {
	return time.Duration(float64(longest) * max(1, 20/c.Scale) * float64(max(1, c.Outages)))
}

func (c *rehearseCmd) Run(ctx context.Context, out io.Writer) error {
	if c.Scale < 1 {
		return errors.New("--scale divides durations: give it 1 or more")
	}
	if c.Story == "list" {
		return listStories(out)
	}
	// A terminal that is closed is a way to quit as well.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	// Only a command line of its own can be run again in namespaces.
	if out == io.Writer(os.Stdout) && !c.Loopback && !isp.Inside() {
		code, err := isp.Enter(ctx, os.Args[1:]...)
		if err == nil {
			return ended(code)
		}
		if !errors.Is(err, isp.ErrRefused) {
			return err
		}
		fmt.Fprintf(os.Stderr, "%v\nThe rehearsal uses loopback addresses instead: the story is the same, but a fault has no place.\n\n", err)
	}
	if c.Story == "" && c.Outages == 0 && !c.Once && !c.JSON && onTerminal(out) {
		return c.play(ctx, out)
	}
	return c.unattended(ctx, out)
}

// ended passes on how the rehearsal in its own namespaces ended, which has
// said why.
func ended(code int) error {
	if code != 0 {
		return refused
	}
	return nil
}

func onTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && term.IsTerminal(int(os.Stdin.Fd()))
}

func (c *rehearseCmd) options() (rehearsal.Options, error) {
	self, err := os.Executable()
	return rehearsal.Standard(self, c.Scale, c.Keep), err
}

// unattended lives through the standard night or a story and reports.
func (c *rehearseCmd) unattended(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, c.longest())
	defer cancel()
	o, err := c.options()
	if err != nil {
		return err
	}
	if !c.JSON {
		o.Hear = func(l screen.Line) { fmt.Fprintln(out, plain(rehearsal.Told(l))) }
	}
	film, err := c.film()
	if err != nil {
		return err
	}
	o.Show = film.show
	report, err := c.live(ctx, out, o)
	if err := errors.Join(err, film.close()); err != nil {
		return err
	}
	if err := c.print(out, report); err != nil {
		return err
	}
	if !report.OK {
		return refused
	}
	return nil
}

func (c *rehearseCmd) live(ctx context.Context, out io.Writer, o rehearsal.Options) (rehearsal.Report, error) {
	if c.Story != "" {
		s, err := storyOf(c.Story)
		if err != nil {
			return rehearsal.Report{}, err
		}
		return rehearsal.Play(ctx, o, s), nil
	}
	if !c.JSON {
		fmt.Fprintf(out, "A night at waw-12. Configured durations are divided by %g; the clock is not touched.\n"+
			"The network, the modem and the phones are emulated; the appliance is the real binary in a process of its own.\n\n", c.Scale)
	}
	if c.Outages > 0 {
		return rehearsal.Outages(ctx, o, c.Outages), nil
	}
	return rehearsal.Night(ctx, o), nil
}

func (c *rehearseCmd) print(out io.Writer, r rehearsal.Report) error {
	if !c.JSON {
		r.Print(out)
		return nil
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// play gives the rehearsal to whoever sits at the terminal.
func (c *rehearseCmd) play(ctx context.Context, out io.Writer) error {
	o, err := c.options()
	if err != nil {
		return err
	}
	var s screen.Options
	if c.Cast != "" {
		f, err := os.Create(c.Cast)
		if err != nil {
			return fmt.Errorf("record the screen: %w", err)
		}
		defer f.Close()
		s.Cast = f
	}
	o.Supervise = true
	w, err := rehearsal.New(o)
	if err != nil {
		return err
	}
	err = w.Start()
	if err == nil {
		err = screen.Run(ctx, w, os.Stdin, out, s)
	}
	return errors.Join(err, w.Close())
}

// The stories that the tests play in exact time.
//
//go:embed testdata/*.story
var stories embed.FS

// storyOf finds a story by its name, which may leave out that it is of commands
// or of the good case, or reads a file.
func storyOf(name string) (story.Story, error) {
	if strings.HasSuffix(name, ".story") {
		return rehearsal.Read(name)
	}
	names := storyNames()
	for _, full := range []string{name, "cmd-" + name, name + "-ok"} {
		if slices.Contains(names, full) {
			name = full
			break
		}
	}
	text, err := stories.ReadFile("testdata/" + name + ".story")
	if err != nil {
		return story.Story{}, fmt.Errorf("there is no story %q: `heliograph rehearse --story=list` lists them; one of your own ends with .story", name)
	}
	return story.Parse(name, string(text))
}

// storyNames are all stories in the binary.
func storyNames() []string {
	var names []string
	files, _ := stories.ReadDir("testdata")
	for _, f := range files {
		names = append(names, strings.TrimSuffix(path.Base(f.Name()), ".story"))
	}
	return names
}

func listStories(out io.Writer) error {
	for _, name := range storyNames() {
		s, err := storyOf(name)
		if err != nil {
			return err
		}
		about := s.About
		if err := rehearsal.Playable(s); err != nil {
			about += "\n" + strings.Repeat(" ", 22) + "(tests only: " + err.Error() + ")"
		}
		if _, err := fmt.Fprintf(out, "%-20s  %s\n", name, about); err != nil {
			return err
		}
	}
	return nil
}
