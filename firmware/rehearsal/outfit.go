package rehearsal

import (
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strconv"

	yaml "github.com/goccy/go-yaml"

	"heliograph/firmware/config"
	"heliograph/firmware/event"
	"heliograph/firmware/rehearsal/isp"
)

// planOf is the network that a configuration speaks of. What services are
// probed at stands in the same world; where a fault has no place it is an
// uplink of its own, so that a cut of another does not touch it.
func planOf(c config.Config, places bool) isp.Plan {
	var p isp.Plan
	for _, u := range c.Uplinks {
		p.Uplinks = append(p.Uplinks, isp.Uplink{Name: u.Name, Interface: u.Interface, Gateway: u.Gateway, Source: u.Source, Targets: targetsOf(u.Probes)})
	}
	for _, s := range c.Services {
		switch {
		case s.Manual:
		case places:
			p.Uplinks[0].Targets = append(p.Uplinks[0].Targets, targetsOf(s.Probes)...)
		default:
			p.Uplinks = append(p.Uplinks, isp.Uplink{Name: s.Name, Targets: targetsOf(s.Probes)})
		}
	}
	return p
}

func targetsOf(probes []config.Probe) []isp.Target {
	var all []isp.Target
	for _, p := range probes {
		t := isp.Target{Kind: string(p.Kind), Addr: p.Target, Name: p.Name, Status: p.Expect}
		switch p.Kind {
		case event.ICMP:
			t.Addr = netip.AddrPortFrom(p.Addr, 0)
		case event.HTTP:
			t.Addr = hostOf(p.URL)
		}
		all = append(all, t)
	}
	return all
}

// hostOf is the address in a URL; a name cannot be rehearsed.
func hostOf(raw string) netip.AddrPort {
	u, err := url.Parse(raw)
	if err != nil {
		return netip.AddrPort{}
	}
	addr, err := netip.ParseAddr(u.Hostname())
	if err != nil || u.Scheme != "http" {
		return netip.AddrPort{}
	}
	port := 80
	if u.Port() != "" {
		port, _ = strconv.Atoi(u.Port())
	}
	return netip.AddrPortFrom(addr, uint16(port))
}

// rehearsable says what of a configuration cannot be put on this machine.
func rehearsable(c config.Config) error {
	for _, u := range c.Uplinks {
		for _, p := range u.Probes {
			if p.Kind == event.HTTP && !hostOf(p.URL).IsValid() {
				return fmt.Errorf("uplink %s: the probe %s cannot be rehearsed: only http:// with an address in it can", u.Name, p)
			}
		}
	}
	return nil
}

// outfit writes the configuration that the appliance gets: the user's, with
// the ports, files and addresses of this world.
func (w *World) outfit(text string) error {
	if err := rehearsable(w.config); err != nil {
		return err
	}
	var doc yaml.MapSlice
	if err := yaml.UnmarshalWithOptions([]byte(text), &doc, yaml.UseOrderedMap()); err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	doc = with(doc, "data", w.Data())
	doc = with(doc, "control", yaml.MapSlice{{Key: "socket", Value: w.socket()}})
	for i, m := range listOf(doc, "modems") {
		put(doc, "modems", i, with(m, "port", w.port(w.config.Modems[i].Name)))
	}
	if !w.network.Places() {
		w.unplace(doc)
	}
	out, err := yaml.Marshal(doc)
	if err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	return os.WriteFile(w.file(), out, 0o600)
}

// unplace takes ports and gateways away and leads probes to loopback.
func (w *World) unplace(doc yaml.MapSlice) {
	probes := map[string][]any{}
	for _, u := range w.network.Plan().Uplinks {
		for _, t := range u.Targets {
			probes[u.Name] = append(probes[u.Name], probeOf(t))
		}
	}
	for _, section := range []string{"uplinks", "services"} {
		for i, u := range listOf(doc, section) {
			name, _ := value(u, "name").(string)
			for _, key := range []string{"interface", "gateway", "source", "mark"} {
				u = without(u, key)
			}
			if p := probes[name]; p != nil {
				u = with(u, "probes", p)
			}
			put(doc, section, i, u)
		}
	}
}

func probeOf(t isp.Target) yaml.MapSlice {
	switch t.Kind {
	case "dns":
		return yaml.MapSlice{{Key: "dns", Value: yaml.MapSlice{{Key: "name", Value: t.Name}, {Key: "server", Value: t.Addr.String()}}}}
	case "http":
		return yaml.MapSlice{{Key: "http", Value: yaml.MapSlice{{Key: "url", Value: "http://" + t.Addr.String() + "/"}, {Key: "expect", Value: t.Status}}}}
	}
	return yaml.MapSlice{{Key: "tcp", Value: t.Addr.String()}}
}

// with sets a key of a YAML map.
func with(m yaml.MapSlice, key string, v any) yaml.MapSlice {
	return append(without(m, key), yaml.MapItem{Key: key, Value: v})
}

func without(m yaml.MapSlice, key string) yaml.MapSlice {
	var left yaml.MapSlice
	for _, item := range m {
		if item.Key != key {
			left = append(left, item)
		}
	}
	return left
}

func value(m yaml.MapSlice, key string) any {
	for _, item := range m {
		if item.Key == key {
			return item.Value
		}
	}
	return nil
}

// listOf is a list of maps under a key.
func listOf(doc yaml.MapSlice, key string) []yaml.MapSlice {
	var all []yaml.MapSlice
	items, _ := value(doc, key).([]any)
	for _, item := range items {
		m, _ := item.(yaml.MapSlice)
		all = append(all, m)
	}
	return all
}

// put replaces one map of a list in place.
func put(doc yaml.MapSlice, key string, i int, m yaml.MapSlice) {
	value(doc, key).([]any)[i] = m
}
