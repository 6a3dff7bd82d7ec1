package main

import (
	"cmp"
	"slices"
	"strings"

	"heliograph/firmware/audience"
	"heliograph/firmware/config"
	"heliograph/firmware/decide"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
)

// alarms are the kinds of trouble that people outside hear of; that the box
// itself is blind is nobody's business but the house's.
var alarms = []event.Kind{event.Down, event.Opened}

// groupsOf lists the audiences that are told over the channels of a
// configuration besides the people on call.
func groupsOf(c config.Config) []audience.Group {
	groups := []audience.Group{
		{Name: audience.Staff, To: staffOf(c)},
		{Name: audience.Room, To: roomOf(c)},
		{Name: audience.Machine, To: machinesOf(c)},
		{Name: audience.Pocket, To: pocketsOf(c)},
		{Name: audience.Map, To: mapOf(c), Only: alarms},
		{Name: audience.Page, To: pageOf(c), Only: append([]event.Kind{event.Degraded, event.Unstable}, alarms...)},
	}
	for _, p := range c.Partners {
		groups = append(groups, audience.Group{Name: audience.Partner + p.Name, To: partnerOf(c, p), Hears: p.Hears, After: p.After, Cap: p.Cap, Only: alarms})
	}
	for _, u := range c.Uplinks {
		if u.Carrier.Mail != "" && c.Channels.Mail.From != "" {
			groups = append(groups, audience.Group{
				Name: audience.Carrier + u.Carrier.Name, Only: []event.Kind{event.Down}, Beyond: true,
				To: []event.Recipient{{Name: u.Carrier.Name, Channel: event.Mail, Address: u.Carrier.Mail, Language: "en"}},
			})
		}
	}
	groups = slices.DeleteFunc(groups, func(g audience.Group) bool { return len(g.To) == 0 })
	for i := range groups {
		groups[i].Class = audience.ClassOf(groups[i].Name)
	}
	return groups
}

// staffOf are the people of the escalation who have a mail address.
func staffOf(c config.Config) []event.Recipient {
	if c.Channels.Mail.From == "" {
		return nil
	}
	var to []event.Recipient
	for _, p := range c.People {
		called := slices.ContainsFunc(c.OnCall, func(s config.Step) bool { return slices.Contains(c.Callable(s.Who), p.Name) })
		if p.Mail != "" && (called || p.SMS == "") {
			to = append(to, event.Recipient{Name: p.Name, Channel: event.Mail, Address: p.Mail, Language: p.Language})
		}
	}
	return to
}

func roomOf(c config.Config) []event.Recipient {
	if s := c.Channels.Slack; s.Channel != "" || s.Webhook.Given() {
		return []event.Recipient{{Name: "slack", Channel: event.Slack, Address: cmp.Or(s.Channel, "war-room"), Language: c.Language}}
	}
	return nil
}

func machinesOf(c config.Config) []event.Recipient {
	var to []event.Recipient
	for _, w := range c.Channels.Webhook {
		to = append(to, event.Recipient{Name: w.Name, Channel: event.Webhook, Address: w.Name, Language: c.Language})
	}
	return to
}

func pocketsOf(c config.Config) []event.Recipient {
	var to []event.Recipient
	for _, p := range c.Channels.Push {
		to = append(to, event.Recipient{Name: p.Name, Channel: event.Push, Address: p.Name, Language: c.Language})
	}
	return to
}

func pageOf(c config.Config) []event.Recipient {
	var to []event.Recipient
	if p := c.Channels.Statuspage; p.Page != "" {
		to = append(to, event.Recipient{Name: "status page", Channel: event.Statuspage, Address: p.Page, Language: c.Language})
	}
	if s := c.Channels.Site; s.Given() {
		to = append(to, event.Recipient{Name: "site", Channel: event.Site, Address: "site", Language: c.Language})
	}
	return to
}

// partnerOf is a partner's mail, one to all of its addresses, and a text to
// each of its telephones.
func partnerOf(c config.Config, p config.Partner) []event.Recipient {
	var to []event.Recipient
	if len(p.Mail) > 0 && c.Channels.Mail.From != "" {
		to = append(to, event.Recipient{Name: p.Name, Channel: event.Mail, Address: strings.Join(p.Mail, ","), Language: p.Language})
	}
	for _, number := range p.SMS {
		to = append(to, event.Recipient{Name: p.Name, Channel: event.SMS, Address: number, Language: p.Language})
	}
	return to
}

// placesOf is what letters and audiences know of each uplink.
func placesOf(c config.Config) map[string]decide.Place {
	places := map[string]decide.Place{}
	for _, u := range c.Uplinks {
		p := decide.Place{Serves: u.Serves, Carrier: notice.Carrier{Name: u.Carrier.Name, ASN: u.Carrier.ASN, Circuit: u.Carrier.Circuit, Account: u.Carrier.Account}}
		if u.Gateway.IsValid() {
			p.Peers.Theirs = u.Gateway.String()
		}
		if u.Source.IsValid() {
			p.Peers.Ours = u.Source.String()
		}
		places[u.Name] = p
	}
	for _, s := range c.Services {
		if len(s.Serves) > 0 {
			places[s.Name] = decide.Place{Serves: s.Serves}
		}
	}
	return places
}

// privateOf are the names that nobody outside needs to read: people, uplinks,
// interfaces and carriers.
func privateOf(c config.Config) []string {
	var all []string
	for _, p := range c.People {
		all = append(all, p.Name)
	}
	for _, u := range c.Uplinks {
		all = append(all, u.Name, u.Interface, u.Carrier.Name)
	}
	for _, m := range c.Modems {
		all = append(all, m.Name)
	}
	for _, b := range c.Backhaul {
		all = append(all, b.Name)
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// online are the workers that need the Internet: a worker for each channel
// that has an account, which also names the channel. An account for drills is
// one.
func online(c config.Config) []string {
	c.Channels.Statuspage.Page = cmp.Or(c.Channels.Statuspage.Page, c.Drill.Statuspage.Page)
	if s := c.Drill.Slack; s.Channel != "" || s.Webhook.Given() {
		c.Channels.Slack = s
	}
	return earnest(c)
}

// earnest are those of them that something real goes by.
func earnest(c config.Config) []string {
	ch := c.Channels
	has := []struct {
		channel string
		is      bool
	}{
		{event.Mail, ch.Mail.From != ""},
		{event.Statuspage, ch.Statuspage.Page != ""},
		{event.Slack, ch.Slack.Channel != "" || ch.Slack.Webhook.Given()},
		{event.Push, len(ch.Push) > 0},
		{event.Webhook, len(ch.Webhook) > 0},
		{event.Site, ch.Site.Given()},
		{event.OZmap, ch.OZmap.URL != "" && ch.OZmap.Write},
	}
	var names []string
	for _, h := range has {
		if h.is {
			names = append(names, h.channel)
		}
	}
	return names
}

// states says that a channel shows how things are: of what waits, the newest
// is enough.
func states(channel string) bool {
	return channel == event.Statuspage || channel == event.Site || channel == event.OZmap
}
