package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
)

// connect gives the box its addresses, as the file network says:
//
//	eth0 192.0.2.2/24 via 192.0.2.1
//	dns 9.9.9.9
//
// A port that is not there is waited for in the background.
func connect(path string) error {
	lo, err := netlink.LinkByName("lo")
	if err == nil {
		err = netlink.LinkSetUp(lo)
	}
	text, fault := os.ReadFile(path)
	if fault != nil {
		return errors.Join(err, fmt.Errorf("%w: no port gets an address", fault))
	}
	var servers []string
	for line := range strings.Lines(string(text)) {
		line, _, _ := strings.Cut(line, "#")
		switch words := strings.Fields(line); {
		case len(words) == 0:
		case words[0] == "dns":
			for _, w := range words[1:] {
				servers = append(servers, "nameserver "+w+"\n")
			}
		default:
			err = errors.Join(err, port(words))
		}
	}
	return errors.Join(err, os.WriteFile("/run/resolv.conf", []byte(strings.Join(servers, "")), 0o644))
}

// wired is what one line says of a port.
type wired struct {
	name    string
	address *netlink.Addr
	gateway net.IP // nil: none
}

func port(words []string) error {
	w, err := wiredOf(words)
	if err != nil {
		return err
	}
	if w.up() != nil {
		go w.wait()
	}
	return nil
}

func wiredOf(words []string) (wired, error) {
	line := strings.Join(words, " ")
	if len(words) != 2 && (len(words) != 4 || words[2] != "via") {
		return wired{}, fmt.Errorf("network: %q: write PORT ADDRESS/BITS via GATEWAY", line)
	}
	w := wired{name: words[0]}
	if words[1] == "dhcp" {
		return w, fmt.Errorf("network: %q: this image has no DHCP yet: give %s an address", line, w.name)
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
