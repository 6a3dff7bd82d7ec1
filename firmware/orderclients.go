package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// aboutOne is an incident that may be left out where there is only one, or
// where all are meant.
type aboutOne struct {
	client
	Number int `arg:"" optional:"" help:"The incident's number; without it all that are open."`
}

func (c *aboutOne) about(ctx context.Context, out io.Writer, verb string) error {
	if c.Number == 0 {
		return c.order(ctx, out, verb)
	}
	return c.order(ctx, out, verb, strconv.Itoa(c.Number))
}

// aboutPlan is a plan that waits.
type aboutPlan struct {
	client
	Plan string `arg:"" optional:"" help:"The plan: its incident's number, or the code that was texted. Without it the only one that waits."`
}

type approveCmd struct {
	aboutPlan
	Only string `enum:"mail,sms," default:"" placeholder:"CHANNEL" help:"Approve this channel alone: mail or sms."`
}

func (approveCmd) Help() string {
	return "A notice to many outside waits for a yes; `heliograph status` says whether one does. A reboot, and a notice to very many, take two people: " +
		"write in whose name you say it, as in\n\n\theliograph text bob approve"
}

func (c *approveCmd) Run(ctx context.Context, out io.Writer) error {
	words := slices.DeleteFunc([]string{"APPROVE", c.Plan, strings.ToUpper(c.Only)}, func(w string) bool { return w == "" })
	if c.Only != "" {
		words = append(words, "ONLY")
	}
	return c.order(ctx, out, words...)
}

type denyCmd struct{ aboutPlan }

func (c *denyCmd) Run(ctx context.Context, out io.Writer) error {
	return c.order(ctx, out, strings.TrimSpace("DENY "+c.Plan))
}

type etrCmd struct {
	client
	Number int      `arg:"" help:"The incident's number."`
	When   []string `arg:"" help:"When it is expected to end: 06:30, +2h, tomorrow 06:30, or ? if nobody knows."`
}

func (c *etrCmd) Run(ctx context.Context, out io.Writer) error {
	return c.order(ctx, out, slices.Concat([]string{"ETR", strconv.Itoa(c.Number)}, c.When)...)
}

func (etrCmd) Help() string {
	return "Those who were told hear it, and when the time has passed, whoever has the incident is asked for news. A plain time of day is the site's; 06:30Z is UTC. Such as:\n\n\theliograph etr 7 +2h"
}

type muteCmd struct {
	client
	For time.Duration `arg:"" optional:"" help:"For so long, 24h at most; without it an hour."`
}

func (c *muteCmd) Run(ctx context.Context, out io.Writer) error {
	if c.For < 0 {
		return fmt.Errorf("mute for how long? Write it like: heliograph mute 2h")
	}
	if c.For == 0 {
		return c.order(ctx, out, "MUTE")
	}
	return c.order(ctx, out, "MUTE", minutes(c.For))
}

func (muteCmd) Help() string {
	return "The box watches, decides and records, and sends to nobody but whoever asks it something. What is still true when it ends goes out then."
}

// minutes is a length as orders have it.
func minutes(d time.Duration) string { return strconv.Itoa(int((d+time.Minute-1)/time.Minute)) + "min" }

type unmuteCmd struct{ client }

func (c *unmuteCmd) Run(ctx context.Context, out io.Writer) error { return c.order(ctx, out, "UNMUTE") }

type maintCmd struct {
	client
	What  string   `arg:"" enum:"start,plan,extend,end" help:"Start or end it now, plan it for later, or extend what is planned."`
	Names string   `arg:"" optional:"" help:"Uplinks, services or, to plan, regions, with commas between; the number of what is planned; to end: without it all."`
	Rest  []string `arg:"" optional:"" help:"To plan: when it begins; for how long, without it an hour; and what is done."`
}

func (maintCmd) Help() string {
	return "What fails of these wakes nobody until the time is over; what is still down then is told. What is planned is told before, as maintenance.tell has it, and its end to the same. Such as:\n\n\theliograph maint start transit-a 2h new optics\n\theliograph maint plan transit-a,waw 1 Dec 01:00 4h new optics\n\theliograph maint extend 9 2h"
}

func (c *maintCmd) Run(ctx context.Context, out io.Writer) error {
	words := slices.Concat([]string{"MAINT", strings.ToUpper(c.What), c.Names}, c.Rest)
	return c.order(ctx, out, slices.DeleteFunc(words, func(w string) bool { return w == "" })...)
}

type holdCmd struct{ aboutOne }

func (c *holdCmd) Run(ctx context.Context, out io.Writer) error { return c.about(ctx, out, "HOLD") }

type goCmd struct{ aboutOne }

func (c *goCmd) Run(ctx context.Context, out io.Writer) error { return c.about(ctx, out, "GO") }

type whoCmd struct{ client }

func (c *whoCmd) Run(ctx context.Context, out io.Writer) error { return c.order(ctx, out, "WHO") }

type resendCmd struct {
	client
	Delivery uint64 "arg:\"\" help:\"The number that `heliograph queue --status failed` shows.\""
}

func (c *resendCmd) Run(ctx context.Context, out io.Writer) error {
	return c.order(ctx, out, "RESEND", strconv.FormatUint(c.Delivery, 10))
}
