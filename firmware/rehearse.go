package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

type rehearseCmd struct {
	Once  bool    `help:"Live through one night unattended; the only way there is for now."`
	JSON  bool    `name:"json" help:"Print what happened as JSON."`
	Scale float64 `default:"20" help:"Divide every configured duration by this; the clock is never faked."`
	Keep  string  `placeholder:"FOLDER" help:"Keep configuration, store and the appliance's log in this folder."`
}

// longest is how long a rehearsal may take before it is given up as failed.
const longest = 60 * time.Second

func (c *rehearseCmd) Run(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	n := &night{scale: c.Scale, keep: c.Keep, say: func(string, ...any) {}}
	if !c.JSON {
		n.say = func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	}
	report := n.live(ctx)
	if c.JSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(report); err != nil {
			return err
		}
	} else {
		report.print(out)
	}
	if !report.OK {
		return refused
	}
	return nil
}

// report is what a rehearsal measured and saw.
type report struct {
	OK       bool       `json:"ok"`
	Seconds  float64    `json:"seconds"`
	Scale    float64    `json:"scale"`
	Steps    []happened `json:"steps"`
	Measured []measured `json:"measured"`
	Promises []promise  `json:"promises"`
	Fault    string     `json:"fault,omitempty"`
}

type happened struct {
	At   float64 `json:"at"` // seconds since the start
	Who  string  `json:"who"`
	What string  `json:"what"`
}

type measured struct {
	What    string  `json:"what"`
	Seconds float64 `json:"seconds"`
}

type promise struct {
	Text string `json:"promise"`
	Seen string `json:"seen"`
	Held bool   `json:"held"`
}

func (r report) print(out io.Writer) {
	fmt.Fprintln(out, "\nMeasured:")
	for _, m := range r.Measured {
		fmt.Fprintf(out, "  %8.3f s  %s\n", m.Seconds, m.What)
	}
	fmt.Fprintln(out, "\nPromises:")
	for _, p := range r.Promises {
		mark := "held  "
		if !p.Held {
			mark = "BROKEN"
		}
		fmt.Fprintf(out, "  %s  %s\n          %s\n", mark, p.Text, p.Seen)
	}
	if r.Fault != "" {
		fmt.Fprintf(out, "\nThe rehearsal could not go on: %s\n", strings.TrimSpace(r.Fault))
	}
	verdict := "Every promise it saw held."
	if !r.OK {
		verdict = "NOT all promises held."
	}
	fmt.Fprintf(out, "\n%s %.1f s in all.\n", verdict, r.Seconds)
}
