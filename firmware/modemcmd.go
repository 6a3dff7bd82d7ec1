package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"heliograph/drivers/modem"
	"heliograph/drivers/modem/serialport"
)

type modemCmd struct {
	Port  string `short:"p" required:"" placeholder:"TTY" help:"The modem's AT port, such as /dev/serial/by-id/usb-…-if02-port0."`
	JSON  bool   `name:"json" help:"Print JSON for machines."`
	Trace bool   `help:"Print every line of the dialogue too."`
}

func (modemCmd) Help() string {
	return "No PIN is sent and no text is touched. One port, one program: stop the appliance first, and ModemManager if it runs."
}

// Run asks a modem what it can do. No PIN is sent and no text is touched: a
// first look must cost nothing.
func (c *modemCmd) Run(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	o := modem.Options{Name: "modem", Open: func() (io.ReadWriteCloser, error) { return serialport.Open(c.Port) }}
	if c.Trace {
		o.Trace = func(s string) { fmt.Fprintln(out, s) }
	}
	d, err := modem.Probe(ctx, o)
	if err != nil {
		return fmt.Errorf("%w\nwith --trace you see the dialogue; another program may use the port (ModemManager: systemctl stop ModemManager), or it may not be the AT port: try the modem's others", err)
	}
	if c.JSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(d)
	}
	describe(out, d)
	return nil
}

func describe(out io.Writer, d modem.Description) {
	line := func(name, value string) {
		if value = strings.TrimSpace(value); value != "" {
			fmt.Fprintf(out, "%-14s %s\n", name, value)
		}
	}
	line("modem", d.Maker+" "+d.Model+" "+d.Firmware)
	line("IMEI", d.IMEI)
	line("SIM", d.ICCID)
	line("state", fmt.Sprintf("%s %s", d.State, d.Why))
	line("what to do", d.Advice)
	line("network", strings.TrimSpace(d.Operator+" "+join(d.Access, d.Registration)))
	line("signal", dBm(d.Signal))
	line("service centre", d.SMSC)
	line("tells of texts", d.Notices)
	line("stored texts", fmt.Sprintf("%d of %d in %s", d.Used, d.Total, d.Storage))
	if d.Tries >= 0 {
		line("PIN tries left", fmt.Sprint(d.Tries))
	}
	if !d.Clock.IsZero() {
		line("its clock", clockText(d.Clock))
	}
	for _, r := range d.Refused {
		line("refused", r)
	}
	for _, w := range d.Warnings {
		line("look at", w)
	}
	fmt.Fprintln(out, "\nWhat it said:")
	for _, q := range slices.Sorted(maps.Keys(d.Said)) {
		fmt.Fprintf(out, "  %-12s %s\n", q, strings.ReplaceAll(d.Said[q], "\n", "\n               "))
	}
	if d.Fit {
		fmt.Fprintln(out, "\nIt can send texts.")
	} else {
		fmt.Fprintln(out, "\nIt cannot send texts yet.")
	}
}
