package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"heliograph/drivers/modem/emulator"
)

type emulateCmd struct {
	Persona string        `default:"quectel" placeholder:"NAME" help:"The make of the modem (${default}): ${personas}."`
	Number  string        `default:"+48600100200" placeholder:"NUMBER" help:"The number of the SIM (${default})."`
	PIN     string        `placeholder:"PIN" help:"Lock the SIM with this PIN."`
	Script  string        `placeholder:"FILE" help:"Play this script beside the modem, or instead of it."`
	Link    string        `placeholder:"PATH" help:"A symbolic link that always leads to the tty, as /dev/serial/by-id does."`
	Control string        `placeholder:"PATH" help:"A unix socket that takes orders and tells what happens."`
	JSON    bool          `name:"json" help:"Print what happens as lines of JSON."`
	Latency time.Duration `help:"How long an answer takes, from the end of the command line."`
	Submit  time.Duration `default:"1s" help:"How long the network takes to accept a text."`
	Deliver time.Duration `default:"500ms" help:"How long a text takes to the phone."`
	Report  time.Duration `default:"1s" help:"How long a status report takes."`
}

func (emulateCmd) Help() string {
	return "It prints the name of its terminal device, which a configuration may take as the port of a modem. " +
		"Then texts, calls and faults are ordered on standard input; `help` lists the orders. No text leaves this machine."
}

// Run is a modem until it is interrupted; orders come on standard input: help
// lists them.
func (c *emulateCmd) Run(ctx context.Context, out io.Writer) error {
	persona, ok := emulator.PersonaByName(c.Persona)
	if !ok {
		return fmt.Errorf("there is no make %q; there are %s", c.Persona, strings.Join(emulator.Personas(), ", "))
	}
	return emulator.Run(ctx, emulator.ProgramOptions{
		Modem: emulator.Options{Number: c.Number, PIN: c.PIN, Latency: c.Latency, Persona: persona},
		Link:  c.Link, Control: c.Control, Orders: os.Stdin, JSON: c.JSON, Script: c.Script,
		SubmitDelay: c.Submit, DeliverDelay: c.Deliver, ReportDelay: c.Report,
	}, out)
}
