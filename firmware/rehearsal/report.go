package rehearsal

import (
	"fmt"
	"io"
	"strings"
	"time"

	"heliograph/firmware/rehearsal/screen"
)

// Report is what a rehearsal measured and saw.
type Report struct {
	OK       bool       `json:"ok"`
	Story    string     `json:"story,omitempty"`
	Network  string     `json:"network"` // namespaces or loopback
	Seconds  float64    `json:"seconds"`
	Scale    float64    `json:"scale"`
	Steps    []Step     `json:"steps"`
	Measured []Measured `json:"measured,omitempty"`
	Air      []Air      `json:"air,omitempty"` // what went over the cellular connection
	Promises []Promise  `json:"promises,omitempty"`
	Fault    string     `json:"fault,omitempty"`
}

// Step is one thing that happened.
type Step struct {
	At   float64 `json:"at"` // seconds since the start
	Who  string  `json:"who"`
	What string  `json:"what"`
}

// Measured is a time that was taken.
type Measured struct {
	What    string  `json:"what"`
	Seconds float64 `json:"seconds"`
}

// Air is what one kind of channel has cost on the air.
type Air struct {
	What  string `json:"what"`
	Bytes uint64 `json:"bytes"` // both ways, from the IP header on
}

// Promise is one of the product's promises, and what was seen of it.
type Promise struct {
	Text string `json:"promise"`
	Seen string `json:"seen"`
	Held bool   `json:"held"`
}

func (r *Report) measure(since time.Time, what string) {
	r.Measured = append(r.Measured, Measured{what, time.Since(since).Seconds()})
}

func (r *Report) promise(text string, held bool, seen string, args ...any) {
	r.Promises = append(r.Promises, Promise{text, fmt.Sprintf(seen, args...), held})
}

// conclude fills in what is known at the end.
func (r *Report) conclude(w *World, err error) {
	r.OK = err == nil
	if err != nil {
		r.Fault = strings.TrimSpace(err.Error())
	}
	for _, p := range r.Promises {
		r.OK = r.OK && p.Held
	}
	if w == nil {
		return
	}
	r.Network, r.Scale, r.Seconds = "loopback", w.scale, w.Elapsed().Seconds()
	if w.network.Places() {
		r.Network = "namespaces"
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.log {
		r.Steps = append(r.Steps, Step{l.At.Seconds(), l.Who, l.What})
	}
}

// Print writes times, promises and the verdict for people.
func (r Report) Print(out io.Writer) {
	if len(r.Measured) > 0 {
		fmt.Fprintln(out, "\nMeasured:")
	}
	for _, m := range r.Measured {
		fmt.Fprintf(out, "  %8.3f s  %s\n", m.Seconds, m.What)
	}
	if len(r.Air) > 0 {
		fmt.Fprintln(out, "\nOn the air, both ways, IP and TLS included:")
	}
	for _, a := range r.Air {
		fmt.Fprintf(out, "  %8.1f kB %s\n", float64(a.Bytes)/1000, a.What)
	}
	if len(r.Promises) > 0 {
		fmt.Fprintln(out, "\nPromises:")
	}
	for _, p := range r.Promises {
		mark := "held  "
		if !p.Held {
			mark = "BROKEN"
		}
		fmt.Fprintf(out, "  %s  %s\n          %s\n", mark, p.Text, p.Seen)
	}
	if r.Fault != "" {
		fmt.Fprintf(out, "\nThe rehearsal could not go on: %s\n", r.Fault)
	}
	verdict := "Every promise it saw held."
	if !r.OK {
		verdict = "NOT all promises held."
	}
	fmt.Fprintf(out, "\n%s %.1f s in all.\n", verdict, r.Seconds)
}

// Told writes a line of the log as it happens.
func Told(l screen.Line) string {
	return fmt.Sprintf("%6.2f s  %-10s %s", l.At.Seconds(), l.Who, l.What)
}
