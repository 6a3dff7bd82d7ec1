package main

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vishvananda/netlink"
)

// plan is what the file network says:
//
//	eth0 192.0.2.2/24 via 192.0.2.1
//	eth1 dhcp
//	dns 9.9.9.9
type plan struct {
	ports   []wired
	servers []string
}

// wired is what one line says of a port.
type wired struct {
	name    string
	dhcp    bool // its address and gateway are asked for
	address *netlink.Addr
	gateway net.IP // nil: none
}

func planOf(text string) (plan, error) {
	var p plan
	var err error
	for line := range strings.Lines(text) {
		line, _, _ := strings.Cut(line, "#")
		switch words := strings.Fields(line); {
		case len(words) == 0:
		case words[0] == "dns":
			for _, w := range words[1:] {
				if _, fault := netip.ParseAddr(w); fault != nil {
					err = errors.Join(err, fmt.Errorf("network: dns %s: this is no address", w))
				}
				p.servers = append(p.servers, w)
			}
		default:
			w, fault := wiredOf(words)
			err = errors.Join(err, fault)
			p.ports = append(p.ports, w)
		}
	}
	return p, err
}

func wiredOf(words []string) (wired, error) {
	line, w := strings.Join(words, " "), wired{name: words[0]}
	if len(words) == 2 && words[1] == "dhcp" {
		w.dhcp = true
		return w, nil
	}
	if len(words) != 2 && (len(words) != 4 || words[2] != "via") {
		return w, fmt.Errorf("network: %q: write PORT ADDRESS/BITS via GATEWAY, or PORT dhcp", line)
	}
	var err error
	if w.address, err = netlink.ParseAddr(words[1]); err != nil {
		return w, fmt.Errorf("network: %q: %s is no ADDRESS/BITS", line, words[1])
	}
	if len(words) == 4 {
		if w.gateway = net.ParseIP(words[3]); w.gateway == nil {
			return w, fmt.Errorf("network: %q: %s is no address", line, words[3])
		}
	}
	return w, nil
}

// lan is the box's wired side, and who answers for names.
type lan struct {
	file string // resolv.conf

	mu      sync.Mutex
	ports   map[string]bool     // those that are looked after
	servers map[string][]string // by who said so: a port, or "" for the file network
}

func newLAN() *lan {
	return &lan{file: "/run/resolv.conf", ports: map[string]bool{}, servers: map[string][]string{}}
}

// connect gives the box its addresses. A port that is not there is waited for
// in the background.
func (l *lan) connect(path string) error {
	lo, err := netlink.LinkByName("lo")
	if err == nil {
		err = netlink.LinkSetUp(lo)
	}
	text, fault := os.ReadFile(path)
	if fault != nil {
		return errors.Join(err, fmt.Errorf("%w: no port gets an address", fault))
	}
	p, fault := planOf(string(text))
	err = errors.Join(err, fault, l.resolve("", p.servers))
	for _, w := range p.ports {
		l.mu.Lock()
		known := l.ports[w.name]
		l.ports[w.name] = true
		l.mu.Unlock()
		switch {
		case known:
		case w.dhcp:
			go l.lease(w.name)
		case w.address != nil && w.up() != nil:
			go w.wait()
		}
	}
	return err
}

// names are the ports that are looked after.
func (l *lan) names() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.ports))
}

// resolve writes which servers answer for names: those of the file network
// first, then what the networks themselves say.
func (l *lan) resolve(who string, servers []string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.servers[who] = servers
	var text strings.Builder
	for _, who := range slices.Sorted(maps.Keys(l.servers)) {
		for _, s := range l.servers[who] {
			fmt.Fprintf(&text, "nameserver %s\n", s)
		}
	}
	if err := os.WriteFile(l.file+".new", []byte(text.String()), 0o644); err != nil {
		return err
	}
	return os.Rename(l.file+".new", l.file)
}

func (w wired) wait() {
	for w.up() != nil {
		time.Sleep(500 * time.Millisecond)
	}
	say("%s came late and is up", w.name)
}

func (w wired) up() error {
	link, err := netlink.LinkByName(w.name)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return err
	}
	if err := netlink.AddrReplace(link, w.address); err != nil {
		return err
	}
	if w.gateway == nil {
		return nil
	}
	return netlink.RouteReplace(&netlink.Route{LinkIndex: link.Attrs().Index, Gw: w.gateway})
}
