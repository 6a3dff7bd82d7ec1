package rehearsal

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"slices"
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
// the ports, files and addresses of this world. It is written as JSON, which
// is YAML too, and in which no number loses its plus.
func (w *World) outfit(text string) error {
	if err := rehearsable(w.config); err != nil {
		return err
	}
	var doc map[string]any
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	doc["data"], doc["control"] = w.Data(), map[string]any{"socket": w.socket()}
	for i, m := range listOf(doc, "modems") {
		m["port"] = w.port(w.config.Modems[i].Name)
	}
	if !w.network.Places() {
		w.unplace(doc)
	}
	switch {
	case w.out == nil:
		unonline(doc)
	case w.o.Reconnect:
		w.reconnect(doc)
	}
	if s, ok := doc["subscribers"].(map[string]any); ok && s["from"] != nil {
		s["from"] = map[string]any{"csv": w.list()}
	}
	out, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	return os.WriteFile(w.file(), append(out, '\n'), 0o600)
}

// unplace takes ports and gateways away and leads probes to loopback.
func (w *World) unplace(doc map[string]any) {
	probes := map[any][]any{}
	for _, u := range w.network.Plan().Uplinks {
		for _, t := range u.Targets {
			probes[u.Name] = append(probes[u.Name], probeOf(t))
		}
	}
	for _, u := range slices.Concat(listOf(doc, "uplinks"), listOf(doc, "services")) {
		for _, key := range []string{"interface", "gateway", "source", "mark"} {
			delete(u, key)
		}
		if p := probes[u["name"]]; p != nil {
			u["probes"] = p
		}
	}
}

func probeOf(t isp.Target) map[string]any {
	switch t.Kind {
	case "dns":
		return map[string]any{"dns": map[string]any{"name": t.Name, "server": t.Addr.String()}}
	case "http":
		return map[string]any{"http": map[string]any{"url": "http://" + t.Addr.String() + "/", "expect": t.Status}}
	}
	return map[string]any{"tcp": t.Addr.String()}
}

// listOf is a list of maps under a key.
func listOf(doc map[string]any, key string) []map[string]any {
	var all []map[string]any
	items, _ := doc[key].([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			all = append(all, m)
		}
	}
	return all
}
