package main

import (
	"context"
	"net/netip"

	"heliograph/drivers/probe"
	"heliograph/drivers/route"
	"heliograph/firmware/config"
	"heliograph/firmware/event"
	"heliograph/firmware/watch"
)

// subjectsOf makes the probe timetable of a configuration.
func subjectsOf(c config.Config) []watch.Subject {
	var subjects []watch.Subject
	for _, u := range c.Uplinks {
		bound := probe.Binding{Interface: u.Interface, Source: u.Source, Mark: u.Mark}
		s := subjectOf(u.Name, u.Watch, bound)
		s.Interface = u.Interface
		if u.Gateway.IsValid() {
			s.Probes = append(s.Probes, watched("gateway", event.Gateway, probe.Gateway(u.Gateway, bound)))
		}
		if u.Interface != "" {
			s.Probes = append(s.Probes, watched("link", event.Link, probe.Link(u.Interface)))
		}
		subjects = append(subjects, s)
	}
	for _, s := range c.Services {
		if !s.Manual {
			subjects = append(subjects, subjectOf(s.Name, s.Watch, probe.Binding{}))
		}
	}
	return subjects
}

func subjectOf(name string, w config.Watch, bound probe.Binding) watch.Subject {
	s := watch.Subject{Name: name, Every: w.Every, Doubt: w.Doubt, Timeout: w.Timeout}
	for _, p := range w.Probes {
		s.Probes = append(s.Probes, watched(p.String(), p.Kind, checkOf(p, bound)))
	}
	return s
}

func checkOf(p config.Probe, bound probe.Binding) probe.Check {
	switch p.Kind {
	case event.TCP:
		return probe.TCP(p.Target.String(), bound)
	case event.DNS:
		return probe.DNS(p.Name, p.Target.String(), bound)
	case event.HTTP:
		return probe.HTTP(p.URL, p.Expect, p.Body, bound)
	}
	return probe.ICMP(p.Addr.String(), bound)
}

func watched(name string, kind event.ProbeKind, c probe.Check) watch.Probe {
	return watch.Probe{Name: name, Kind: kind, Try: func(ctx context.Context) event.Result {
		r := c.Run(ctx)
		return event.Result{OK: r.OK, RTT: r.RTT, Seen: r.Seen, Local: r.Fault == probe.Local}
	}}
}

// interfacesOf lists the ports that uplinks hang on, each once.
func interfacesOf(c config.Config) []string {
	seen := map[string]bool{}
	var list []string
	for _, u := range c.Uplinks {
		if u.Interface != "" && !seen[u.Interface] {
			seen[u.Interface] = true
			list = append(list, u.Interface)
		}
	}
	return list
}

// routesOf plans a routing table for each uplink with a gateway.
func routesOf(c config.Config) (route.Plan, error) {
	var uplinks []route.Uplink
	for _, u := range c.Uplinks {
		gateway := netip.Addr{}
		if u.Interface != "" {
			gateway = u.Gateway
		}
		uplinks = append(uplinks, route.Uplink{Name: u.Name, Interface: u.Interface, Gateway: gateway, Source: u.Source, Mark: u.Mark})
	}
	return route.For(uplinks)
}
