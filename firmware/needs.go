package main

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"heliograph/firmware/config"
	"heliograph/firmware/event"
	"heliograph/firmware/fate"
)

// namesOf are the hosts that have to be looked up, each once.
func namesOf(n fate.Needs) []string {
	var names []string
	for _, h := range n.Hosts {
		if _, err := netip.ParseAddr(h.Name); err != nil && !slices.Contains(names, h.Name) {
			names = append(names, h.Name)
		}
	}
	return names
}

// needsOf is all that a configuration depends on outside.
func needsOf(c config.Config) fate.Needs {
	n := fate.Needs{Hosts: hostsOf(c), Inboxes: inboxesOf(c)}
	for _, u := range c.Uplinks {
		n.Lines = append(n.Lines, fate.Line{Name: u.Name, Carrier: u.Carrier.Name, ASN: u.Carrier.ASN})
	}
	for _, m := range c.Modems {
		sim := fate.SIM{Modem: m.Name}
		if i := slices.IndexFunc(c.Backhaul, func(b config.Backhaul) bool { return b.Modem == m.Name }); i >= 0 {
			sim.Backhaul = c.Backhaul[i].Name
		}
		n.SIMs = append(n.SIMs, sim)
	}
	return n
}

func hostsOf(c config.Config) []fate.Host {
	var all []fate.Host
	need := func(use fate.Use, what, host string) {
		host = strings.ToLower(strings.TrimSuffix(host, "."))
		if h := (fate.Host{Name: host, What: what, Use: use}); host != "" && !slices.Contains(all, h) {
			all = append(all, h)
		}
	}
	ch := c.Channels
	need(fate.Relay, "mail relay", hostIn(ch.Mail.SMTP.Server))
	if ch.Statuspage.Page != "" {
		need(fate.Page, "status page API", "api.statuspage.io")
	}
	need(fate.Page, "page server", hostAt(ch.Site.Put.URL))
	need(fate.Page, "page server", hostIn(ch.Site.SFTP.Server))
	need(fate.Read, "status page", hostAt(ch.Site.URL))
	if ch.Slack.Channel != "" {
		need(fate.Chat, "war room", "slack.com")
	}
	need(fate.Chat, "war room", hostAt(ch.Slack.Webhook.Reveal()))
	for _, p := range ch.Push {
		need(fate.Chat, "push "+p.Name, pushHost(p.URL.Reveal()))
	}
	for _, w := range ch.Webhook {
		need(fate.Hook, "webhook "+w.Name, hostAt(w.URL))
	}
	need(fate.Beat, "heartbeat", hostAt(c.Heartbeat.URL))
	for _, name := range c.Proxy.Hosts {
		if !strings.Contains(name, "*") {
			need(fate.Desk, "proxied host", name)
		}
	}
	for _, b := range c.Backhaul {
		need(fate.Proof, "check page of "+b.Name, hostAt(b.Check))
	}
	for _, server := range c.Clock.NTP {
		need(fate.Clock, "time server", server.Addr().String())
	}
	for _, u := range c.Uplinks {
		for _, p := range u.Probes {
			if p.Kind == event.DNS {
				need(fate.Asked, "name server of a probe of "+u.Name, p.Target.Addr().String())
			}
		}
	}
	return all
}

// inboxesOf are the domains of those on call whom the box writes mail, in the
// order of the people.
func inboxesOf(c config.Config) []fate.Inbox {
	if c.Channels.Mail.From == "" {
		return nil
	}
	var all []fate.Inbox
	for _, p := range c.People {
		_, domain, found := strings.Cut(p.Mail, "@")
		if !found || !slices.ContainsFunc(c.OnCall, func(s config.Step) bool { return slices.Contains(s.Who, p.Name) }) {
			continue
		}
		domain = strings.ToLower(strings.TrimSuffix(domain, "."))
		i := slices.IndexFunc(all, func(x fate.Inbox) bool { return x.Domain == domain })
		if i < 0 {
			i, all = len(all), append(all, fate.Inbox{Domain: domain})
		}
		all[i].People = append(all[i].People, p.Name)
	}
	return all
}

// hostIn is the host of HOST:PORT, hostAt that of a web address.
func hostIn(server string) string {
	host, _, err := net.SplitHostPort(server)
	if err != nil {
		return ""
	}
	return host
}

func hostAt(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// pushHost is where a push address leads: some services have a host of their
// own, and something else stands in its place.
func pushHost(address string) string {
	scheme, _, _ := strings.Cut(address, ":")
	if host, ok := map[string]string{"telegram": "api.telegram.org", "discord": "discord.com", "pushover": "api.pushover.net"}[scheme]; ok {
		return host
	}
	return hostAt(address)
}
