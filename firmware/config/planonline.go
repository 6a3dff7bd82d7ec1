package config

import (
	"fmt"
	"strings"
)

// groups says who hears besides the people on call, and over what.
func (p *plan) groups(c Config) {
	mail := c.Channels.Mail.From != ""
	var staff []string
	for _, who := range c.People {
		if who.Mail != "" {
			staff = append(staff, who.Name)
		}
	}
	switch {
	case len(staff) > 0 && mail:
		p.line("%s also %s a mail when it opens, changes and ends.", listed(staff), map[bool]string{true: "gets", false: "get"}[len(staff) == 1])
	case len(staff) > 0:
		p.line("%s %s a mail address, but channels.mail has no account: no mail goes out.", listed(staff), map[bool]string{true: "has", false: "have"}[len(staff) == 1])
	}
	for _, partner := range c.Partners {
		p.partner(partner, mail)
	}
	for _, u := range c.Uplinks {
		if u.Carrier.Mail != "" && mail {
			p.line("When %s is down and the fault lies beyond this site, %s gets a ticket by mail at %s.", u.Name, u.Carrier.Name, u.Carrier.Mail)
		}
	}
}

func (p *plan) partner(x Partner, mail bool) {
	var by []string
	if len(x.Mail) > 0 && mail {
		by = append(by, "by mail to "+listed(x.Mail))
	}
	if len(x.SMS) > 0 {
		by = append(by, "by text to "+listed(x.SMS))
	}
	if by == nil {
		p.line("Partner %s cannot be told: channels.mail has no account.", x.Name)
		return
	}
	when := "at once"
	if x.After > 0 {
		when = "after " + length(x.After)
	}
	p.line("Partner %s is told %s of %s, %s; at most %s an hour of one incident.", x.Name, when, listed(x.Hears), strings.Join(by, " and "), counted(x.Cap, "update"))
}

// internet says what goes over the Internet, and how it gets there.
func (p *plan) internet(c Config) {
	ch := c.Channels
	if ch.Mail.From != "" {
		p.line("Mail is sent as %s by %s.", ch.Mail.From, ch.Mail.SMTP.Server)
	}
	if ch.Statuspage.Page != "" {
		p.line("Status page %s shows each incident, with %s.", ch.Statuspage.Page, counted(len(ch.Statuspage.Components), "component"))
	}
	if s := ch.Slack; s.Channel != "" {
		p.line("Slack channel %s has a thread for each incident.", s.Channel)
	} else if s.Webhook.Given() {
		p.line("A Slack webhook is told of each incident.")
	}
	for _, x := range ch.Push {
		p.line("%s is pushed each incident.", x.Name)
	}
	for _, w := range ch.Webhook {
		p.line("%s gets each incident as signed JSON at %s.", w.Name, w.URL)
	}
	if s := ch.Site; s.Given() {
		p.line("The page %s is written to %s.", s.URL, s.Put.URL+s.SFTP.Server)
	}
	p.tagging(ch.OZmap)
	for _, b := range c.Backhaul {
		p.line("%s", b.words())
	}
	if len(c.Backhaul) == 0 && (ch.Mail.From != "" || ch.Statuspage.Page != "" || ch.Slack.Channel != "") {
		p.line("There is no backhaul: what needs the Internet waits until an uplink is back.")
	}
	if h := c.Heartbeat; h.URL != "" {
		p.line("A sign of life goes to %s every %s.", h.URL, length(h.Every))
	}
	if x := c.Proxy; x.Address.IsValid() {
		p.line("In an incident, browsers reach %s through https://%s, %s for each user.", listed(x.Hosts), x.Address, volume(x.Limit))
	}
	p.intake(c.Intake)
}

func (p *plan) intake(in Intake) {
	if !in.Address.IsValid() {
		return
	}
	var names []string
	for _, s := range in.Senders {
		names = append(names, s.Name)
	}
	p.line("Outages are taken in from %s at https://%s.", listed(names), in.Address)
}

func (b Backhaul) words() string {
	how := map[string]string{"ppp": "is dialled over " + b.Modem, "netdev": "is connected by " + b.Modem, "interface": "uses " + b.Interface}[b.Via]
	text := fmt.Sprintf("When no uplink carries them, they go by %s: it %s, hangs up after %s", b.Name, how, length(b.Idle))
	if b.Budget.Bytes == 0 {
		return text + ", and has no limit."
	}
	per := map[Period]string{Hour: "an hour", Day: "a day", Month: "in 30 days"}[b.Budget.Per]
	return fmt.Sprintf("%s, and carries at most %s %s, %s of it kept for operators and all-clears.", text, volume(b.Budget.Bytes), per, percent(b.Budget.Reserve))
}

// volume writes an amount of data in units of a thousand.
func volume(n int64) string {
	for _, u := range []struct {
		size int64
		name string
	}{{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}} {
		if n >= u.size && n%u.size == 0 {
			return fmt.Sprintf("%d %s", n/u.size, u.name)
		}
	}
	return fmt.Sprintf("%d kB", n/1000)
}
