package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"maps"
	"slices"

	"heliograph/drivers/delivery"
	"heliograph/drivers/slack"
	"heliograph/drivers/statuspage"
	"heliograph/firmware/audience"
	"heliograph/firmware/config"
	"heliograph/firmware/decide"
	"heliograph/firmware/event"
	"heliograph/firmware/schedule"
)

// jobsOf is what a configuration wants done again and again.
func jobsOf(c config.Config) schedule.Plan {
	p := schedule.Plan{Zone: c.Timezone}
	if !c.Selftest.Off {
		p.Jobs = append(p.Jobs, schedule.Job{What: schedule.Selftest, Cron: c.Selftest.Every.Cron})
	}
	if every := c.Drill.Every; every.Cron != "" {
		p.Jobs = append(p.Jobs, schedule.Job{What: schedule.Drill, Cron: every.Cron, Nth: every.Nth})
	}
	return p
}

// drillOf takes the rehearsal out of a configuration. Its targets have names
// of their own: words for them never go where real ones do.
func drillOf(c config.Config) decide.Drill {
	d := decide.Drill{Tell: c.Drill.Tell, For: c.Drill.For, Backhaul: c.Drill.Backhaul}
	if s := c.Drill.Slack; s.Channel != "" || s.Webhook.Given() {
		d.Groups = append(d.Groups, audience.Group{Name: audience.Room + ":drill", To: []event.Recipient{{Name: "slack (test)", Channel: event.Slack, Address: testRoom(s), Language: c.Language}}})
	}
	if p := c.Drill.Statuspage; p.Page != "" {
		d.Groups = append(d.Groups, audience.Group{Name: audience.Page + ":drill", To: []event.Recipient{{Name: "status page (test)", Channel: event.Statuspage, Address: testPage(p), Language: c.Language}}})
		d.Regions = slices.Sorted(maps.Keys(p.Components))
	}
	for i := range d.Groups {
		d.Groups[i].Class = audience.ClassOf(d.Groups[i].Name)
	}
	return d
}

// testRoom and testPage are the addresses of the test targets, which no real
// target can have.
func testRoom(s config.Slack) string { return "drill:" + cmp.Or(s.Channel, "room") }

func testPage(s config.Statuspage) string { return "drill:" + s.Page }

// tested is a channel's account with a second one for drills. Either may be
// missing.
type tested struct {
	real, test account
	address    string // of the second one
}

// withTest adds the account for drills to a channel's own, if there is one.
func withTest(channel string, c config.Config, dial dialer, conf *tls.Config, memory driverMemory, real account) account {
	memory.name += " drill"
	var test account
	var err error
	address := ""
	switch p, s := c.Drill.Statuspage, c.Drill.Slack; {
	case channel == event.Statuspage && p.Page != "":
		address = testPage(p)
		test, err = statuspage.New(statuspage.Options{Page: p.Page, Token: p.Token.Reveal(), Components: p.Components, Drills: true, Dial: dial, TLS: conf, Memory: memory})
	case channel == event.Slack && (s.Channel != "" || s.Webhook.Given()):
		address = testRoom(s)
		test, err = slack.New(slack.Options{Channel: s.Channel, Token: s.Token.Reveal(), Webhook: s.Webhook.Reveal(), Dial: dial, TLS: conf, Memory: memory})
	default:
		return real
	}
	if err != nil {
		test = unusable{err}
	}
	return tested{real, test, address}
}

// unusable is an account for drills that does not work: the real one does all
// the same.
type unusable struct{ why error }

func (u unusable) Send(context.Context, delivery.Job) (delivery.Receipt, error) {
	return delivery.Receipt{}, &delivery.Error{Fate: delivery.Never, Code: u.why.Error(), Err: u.why}
}
func (u unusable) Check(context.Context) error { return u.why }
func (unusable) Close() error                  { return nil }

func (t tested) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	x := t.real
	if j.To == t.address {
		x = t.test
	}
	if x == nil {
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Never, Code: j.To + " is not in the configuration any more"}
	}
	return x.Send(ctx, j)
}

// Check checks both.
func (t tested) Check(ctx context.Context) error {
	return t.each(func(x account) error { return x.Check(ctx) })
}

func (t tested) Close() error { return t.each(account.Close) }

func (t tested) each(do func(account) error) error {
	var faults []error
	for _, x := range []account{t.real, t.test} {
		if x != nil {
			faults = append(faults, do(x))
		}
	}
	return errors.Join(faults...)
}

type drillCmd struct {
	client
	What string `arg:"" optional:"" enum:"start,end" default:"start" help:"Write end to end it."`
}

func (drillCmd) Help() string {
	return "All texts are marked DRILL. It ends by itself, and its times come at the end."
}

func (c *drillCmd) Run(ctx context.Context, out io.Writer) error {
	if c.What == "end" {
		return c.order(ctx, out, "DRILL", "END")
	}
	return c.order(ctx, out, "DRILL")
}

// quietOf is a time of day in which what can wait does.
func quietOf(h config.Hours) audience.Quiet {
	return audience.Quiet{From: audience.Clock(h.From), To: audience.Clock(h.To)}
}
