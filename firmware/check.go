package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"heliograph/drivers/route"
	"heliograph/firmware/config"
	"heliograph/firmware/event"
)

type checkCmd struct {
	configFlag
	Offline bool `help:"Look up no names: say nothing of what shares the fate of your network."`
}

func (checkCmd) Help() string {
	return "It opens no modem and tells nobody. It looks up the names of what the box needs, to see whether that hangs on your own network: " +
		"8 seconds at most, and never a reason to refuse. Every fault is named at once, with line, column and what would be right."
}

// Run prints the plan that a configuration implies, and what a person should
// look at; or every fault of it.
func (c *checkCmd) Run(ctx context.Context, out io.Writer) error {
	return c.report(ctx, out, overMainTable)
}

func (c *checkCmd) report(ctx context.Context, out io.Writer, network looking) error {
	conf, err := readConfig(c.Config, 1)
	if err != nil {
		return err
	}
	if _, err := rulesOf(conf); err != nil {
		return err
	}
	fmt.Fprintf(out, "ok: %s\n\n%s", c.Config, config.Plan(conf))
	now := time.Now()
	section(out, "On duty", onDuty(conf, now))
	whoMayWhat(out, conf)
	section(out, "Look at these", slices.Concat(config.Warnings(conf), oddDuty(conf, now), oddRoles(conf), onThisBox(conf)))
	if !c.Offline {
		section(out, "Shared fate", network.report(ctx, conf))
	}
	section(out, "Not carried out by this build", config.Unbuilt(conf))
	return nil
}

func section(out io.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s:\n", title)
	for _, l := range lines {
		fmt.Fprintln(out, " -", l)
	}
}

// onThisBox says what the configuration asks for and this process may not do.
func onThisBox(c config.Config) []string {
	var lines []string
	plan, err := routesOf(c)
	if err != nil {
		lines = append(lines, err.Error())
	}
	if len(plan.Tables) > 0 && !route.Allowed() {
		lines = append(lines, "this user may not keep a routing table for each uplink: probes follow the main table; grant CAP_NET_ADMIN (heliograph.service of the package does)")
	}
	for _, channel := range online(c) {
		x, err := accountOf(channel, c, (&ways{}).dial(event.Primary), secured(event.Primary), driverMemory{})
		if err != nil {
			lines = append(lines, "channels."+channel+" cannot be used: "+err.Error())
			continue
		}
		x.Close()
	}
	return append(lines, aboutSubscribers(c)...)
}
