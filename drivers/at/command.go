package at

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Priority orders commands that wait for the wire; lower goes first.
type Priority int

// The four lanes, most urgent first.
const (
	Urgent  Priority = iota // acknowledge, hang up
	Message                 // send and fetch texts
	Control                 // bring-up and changes
	Polling                 // signal, registration, memory
)

// Command is one command line and what may answer it.
type Command struct {
	Text     string   // without "AT" and CR, such as "+CMGS=31"
	Prefixes []string // names that its info lines begin with, such as "+CMGS"; nil takes the name in Text
	Free     bool     // lines without such a name belong to the answer too: ATI, +CGSN, the PDUs of +CMGL
	Need     bool     // an OK without any info line is another client's OK; ErrForeign
	Numeric  bool     // accept 0 and 4 for OK and ERROR, as after ATV0 (V.250 §6.2.6)
	Knock    bool     // a bare AT sent until somebody answers: silence does not make the wire dirty
	Secret   bool     // Text holds a secret; the trace shows its name only
	Brisk    bool     // need not wait out the gap after a clean answer

	Payload      string        // written with Ctrl-Z once the modem prompts for it (27.005 §3.5.1); empty for none
	PromptWithin time.Duration // how long the prompt may take; zero is 10 s

	Timeout  time.Duration // how long the result may take, counted from the last write; zero is 5 s
	Priority Priority

	// Late, if set, hears the answer of this command should it come after the
	// command was given up: an info line, or "+CMS ERROR: n". It is called in
	// order with the URCs and must not call the wire.
	Late func(line string)
}

// Answer is what the modem printed for one command.
type Answer struct {
	Lines  []string // info lines in order, without the final result
	Final  string   // the final result, such as "OK"; empty if none came
	Echoed bool     // the modem repeated the command: echo is on
	Sent   bool     // the payload and its Ctrl-Z were handed to the port: the modem may act on them
}

// First is the first info line, or "".
func (a Answer) First() string {
	if len(a.Lines) == 0 {
		return ""
	}
	return a.Lines[0]
}

// Refusal is a final result other than OK.
type Refusal struct {
	Kind string // "CMS", "CME", or "" for any other
	Code int    // the number after "+CMS ERROR:" or "+CME ERROR:"; -1 if the modem gave words or nothing
	Text string // the line as printed
}

func (r *Refusal) Error() string { return "modem answered " + r.Text }

var (
	// ErrClosed is in every error of a wire that is closed; the reason is wrapped beside it.
	ErrClosed = errors.New("wire closed")
	// ErrUnresponsive says that two resyncs failed: nobody answers who can be recognised.
	ErrUnresponsive = errors.New("modem does not answer")
	// ErrWriteStuck says that the port took no bytes for the write limit.
	ErrWriteStuck = errors.New("port takes no bytes")
	// ErrTimeout says that the final result, or the prompt, did not come in time.
	ErrTimeout = errors.New("no answer in time")
	// ErrForeign says that an OK came without the answer it should end: somebody else uses the port.
	ErrForeign = errors.New("an answer to somebody else: is another program using the port?")
	// ErrText says that a command or payload holds a byte that would end it early.
	ErrText = errors.New("command holds CR, LF, Ctrl-Z or ESC")
)

const (
	defaultTimeout = 5 * time.Second
	defaultPrompt  = 10 * time.Second
	ctrlZ          = "\x1a"
	escape         = "\x1b"
)

// check fills in the defaults and refuses what would break the dialogue.
func (c *Command) check() error {
	if strings.ContainsAny(c.Text, "\r\n"+ctrlZ+escape) || strings.ContainsAny(c.Payload, "\r\n"+ctrlZ+escape) {
		return fmt.Errorf("AT%s: %w", c.name(), ErrText)
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.PromptWithin == 0 {
		c.PromptWithin = defaultPrompt
	}
	if c.Prefixes == nil && c.name() != "" && !(c.sets() && isURC(c.name())) {
		c.Prefixes = []string{c.name()}
	}
	return nil
}

// name is the command without its parameters: "+CMGS" of "+CMGS=31".
func (c *Command) name() string {
	if i := strings.IndexAny(c.Text, "=?"); i >= 0 {
		return c.Text[:i]
	}
	return c.Text
}

// sets says whether the command only changes something: a line with its name
// that arrives meanwhile is then an unsolicited one.
func (c *Command) sets() bool {
	return strings.Contains(c.Text, "=") && !strings.HasSuffix(c.Text, "=?")
}

// shown is the command as the trace may show it.
func (c *Command) shown() string {
	if c.Secret {
		return "AT" + c.name() + "=" + masked
	}
	return mask("AT" + c.Text)
}

// request is a command on its way through the owner.
type request struct {
	ctx   context.Context
	cmd   Command
	reply chan result // room for one, so the owner never waits
}

type result struct {
	answer Answer
	err    error
}

// refusal reads a final result that is not OK.
func refusal(line string) *Refusal {
	for _, kind := range []string{"CMS", "CME"} {
		if rest, ok := strings.CutPrefix(line, "+"+kind+" ERROR:"); ok {
			code, err := strconv.Atoi(strings.TrimSpace(rest))
			if err != nil {
				code = -1
			}
			return &Refusal{Kind: kind, Code: code, Text: line}
		}
	}
	return &Refusal{Code: -1, Text: line}
}
