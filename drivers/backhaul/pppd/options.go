package pppd

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// Options of a call.
type Options struct {
	Program string // pppd; empty is /usr/sbin/pppd
	Device  string // the modem's data port, such as /dev/serial/by-id/…-if03-port0; required
	Speed   int    // baud; zero is 115200. USB ports take any

	APN            string // access point; empty leaves the modem's own
	CID            int    // context; zero is 1
	Number         string // what is dialled; empty is *99***CID#
	User, Password string // of the access point; empty says "guest", for modems that ask all the same
	IPv4Only       bool   // else the context is asked for both families, and for IPv4 if that is refused

	Interface string // name of the network interface, 15 octets at most; required
	MTU       int    // octets; zero is 1400
	NoEcho    bool   // send no LCP echoes: a few modems never answer them, and the call is lost after 30 s

	Log func(string) // what happens, in sentences, and the lines of pppd; nil for none
}

func (o Options) check() error {
	switch {
	case o.Device == "" || !strings.HasPrefix(o.Device, "/"):
		return errors.New("a call needs the path of the modem's data port")
	case o.Interface == "" || len(o.Interface) > 15 || strings.ContainsAny(o.Interface, "/ \t\"\\"):
		return fmt.Errorf("%q is no name for a network interface", o.Interface)
	case o.CID < 1 || o.CID > 15:
		return fmt.Errorf("context %d is not from 1 to 15", o.CID)
	case o.MTU < 576 || o.MTU > 1500: // RFC 791 §3.1, and what modems carry
		return fmt.Errorf("an MTU of %d is not from 576 to 1500", o.MTU)
	case strings.Trim(o.Number, "0123456789*#+") != "":
		return fmt.Errorf("%q is no number to dial", o.Number)
	case speeds[o.Speed] == 0:
		return fmt.Errorf("a port has no speed of %d baud", o.Speed)
	}
	for name, text := range map[string]string{"apn": o.APN, "user": o.User, "password": o.Password, "device": o.Device} {
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7F }) || name == "apn" && strings.ContainsAny(text, `",;`) {
			return fmt.Errorf("the %s holds a character that cannot be sent", name)
		}
	}
	return nil
}

// filled is with the defaults.
func (o Options) filled() Options {
	o.Program = cmp.Or(o.Program, "/usr/sbin/pppd")
	o.Speed = cmp.Or(o.Speed, 115200)
	o.CID = cmp.Or(o.CID, 1)
	o.Number = cmp.Or(o.Number, fmt.Sprintf("*99***%d#", o.CID))
	o.MTU = cmp.Or(o.MTU, 1400)
	if o.User == "" && o.Password == "" {
		o.User, o.Password = "guest", "guest"
	}
	if o.Log == nil {
		o.Log = func(string) {}
	}
	return o
}

// InterfaceName is the network interface of the backhaul called name: its
// beginning, as the kernel takes 15 octets.
func InterfaceName(name string) string {
	const room = 15 - len("ppp-")
	return "ppp-" + strings.Map(plain, name)[:min(len(strings.Map(plain, name)), room)]
}

func plain(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
		return r
	}
	return -1
}

// file is what pppd is told. It goes through a pipe: the password stands in no
// command line and on no disk.
func (o Options) file(carrier bool) string {
	var b strings.Builder
	line := func(words ...string) { b.WriteString(strings.Join(words, " ") + "\n") }
	line("nodetach", "logfd", "1", "noauth", "hide-password", "nopersist")
	line("ifname", o.Interface)
	line("user", quoted(o.User), "password", quoted(o.Password))
	// Routes and resolv.conf are not pppd's: Debian's scripts for ip-up would write both.
	line("nodefaultroute", "noipdefault", "usepeerdns", "ip-up-script", "/nonexistent", "ip-down-script", "/nonexistent")
	line("ipcp-accept-local", "ipcp-accept-remote")
	if o.IPv4Only {
		line("noipv6")
	} else {
		line("+ipv6", "ipv6cp-accept-local")
	}
	// No compression of headers or packets: modems announce more than they can.
	line("asyncmap", "0", "novj", "noccp", "mtu", fmt.Sprint(o.MTU))
	if o.NoEcho {
		line("lcp-echo-interval", "0")
	} else {
		line("lcp-echo-interval", "10", "lcp-echo-failure", "3", "lcp-echo-adaptive")
	}
	// Debian's /etc/ppp/options asks for both; who has no such wires, or no
	// /var/lock, as on the image, would not get far.
	line("nocrtscts", "nolock")
	// With "modem" pppd waits for the carrier's line before it starts, which a
	// port without that wire never raises; with "local" it misses the line's fall.
	line(map[bool]string{true: "modem", false: "local"}[carrier])
	return b.String()
}

// quoted is a word of an options file (pppd(8), OPTIONS FILES).
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
