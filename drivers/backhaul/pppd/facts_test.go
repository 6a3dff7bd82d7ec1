package pppd

import (
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestWhenALinkIsAsCompleteAsItWillBe(t *testing.T) {
	t.Parallel()
	v4 := []string{"local  IP address 10.0.0.2", "remote IP address 10.64.64.64"}
	dns := []string{"primary   DNS address 9.9.9.9", "secondary DNS address 149.112.112.112"}
	ll := []string{"local  LL address fe80::1", "remote LL address fe80::2"}
	prefix := []netip.Prefix{netip.MustParsePrefix("2001:db8::2/64")}
	for _, c := range []struct {
		name   string
		lines  []string
		global []netip.Prefix
		at     time.Duration // when it is up; -1 never
	}{
		{"nothing", nil, nil, -1},
		{"IPv4 with both servers", append(v4, dns...), nil, 0},
		{"IPv4 without servers", v4, nil, brief},
		{"both families", append(append(ll, v4...), dns...), prefix, 0},
		{"both, and no router yet", append(append(ll, v4...), dns...), nil, routers},
		{"IPv6 alone", ll, prefix, other},
		{"IPv6 alone, and no router", ll, nil, -1},
	} {
		start := time.Date(2026, 11, 22, 4, 2, 0, 0, time.UTC)
		f := facts{global: c.global}
		for _, l := range c.lines {
			f.hear(l, start)
		}
		for _, after := range []time.Duration{0, brief - 1, brief, routers - 1, routers, other - 1, other, time.Minute} {
			if got, want := f.up(start.Add(after)), c.at >= 0 && after >= c.at; got != want {
				t.Errorf("%s, after %s: up is %v", c.name, after, got)
			}
		}
	}
}

func TestServersThatAreNone(t *testing.T) {
	t.Parallel()
	var f facts
	for _, l := range []string{"primary   DNS address 10.11.12.13", "secondary DNS address 0.0.0.0", "primary DNS address 9.9.9.9", "secondary DNS address 9.9.9.9"} {
		f.hear(l, time.Now())
	}
	if got := fmt.Sprint(f.dns); got != "[9.9.9.9]" {
		t.Errorf("servers: %s", got)
	}
}

func TestWhatPppdSaysLastIsToldUnlessItIsATrifle(t *testing.T) {
	t.Parallel()
	var f facts
	for _, l := range []string{"LCP: timeout sending Config-Requests", "Failed to create /etc/ppp/resolv.conf: Read-only file system", "Connection terminated."} {
		f.hear(l, time.Now())
	}
	if f.last != "LCP: timeout sending Config-Requests" {
		t.Errorf("it kept %q", f.last)
	}
}

// TestASlowBoxIsNotUpWithoutItsServers: pppd's lines came 200 ms apart, and a
// call that went up between two of them had no name server.
func TestASlowBoxIsNotUpWithoutItsServers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lines []string
		last  time.Duration // after the last line, until it is up
	}{
		{[]string{"local  IP address 10.64.3.7", "remote IP address 10.64.64.64", "primary   DNS address 203.0.113.53", "secondary DNS address 203.0.113.53"}, 0},
		{[]string{"local  IP address 10.64.3.7", "remote IP address 10.64.64.64", "primary   DNS address 203.0.113.53"}, brief},
		{[]string{"local  IP address 10.64.3.7"}, brief}, // a carrier that names none
	} {
		var f facts
		now := time.Now()
		for i, l := range c.lines {
			now = now.Add(400 * time.Millisecond)
			if i > 0 && f.up(now) {
				t.Errorf("it is up before %q", l)
			}
			f.hear(l, now)
		}
		if c.last > 0 && f.up(now.Add(c.last-1)) || !f.up(now.Add(c.last)) {
			t.Errorf("with %d lines it is not up %s after the last", len(c.lines), c.last)
		}
	}
}

func TestExitsInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code       int
		up         bool
		kind, says string
	}{
		{0, true, Lost, "the other side ended the connection"},
		{4, false, Broken, "the kernel has no PPP"},
		{10, false, Refused, "the network gave no connection"},
		{10, true, Lost, "the network gave no connection"},
		{15, true, Lost, "the other side stopped answering"},
		{16, false, Refused, "the modem hung up"},
		{19, false, Denied, "the carrier refused user and password"},
		{77, true, Broken, "pppd ended with exit status 77"},
	} {
		var err error
		if c.code != 0 {
			err = exec.Command("sh", "-c", fmt.Sprint("exit ", c.code)).Run()
		}
		if e := exited(err, c.up, ""); e.Kind != c.kind || e.Error() != c.says || e.Exit != c.code {
			t.Errorf("%d, up %v: %+v", c.code, c.up, e)
		}
	}
	if e := exited(errors.New("exec format error"), false, ""); e.Kind != Broken || e.Advice == "" {
		t.Errorf("a pppd that does not run: %+v", e)
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	t.Parallel()
	good := Options{Device: "/dev/ttyUSB3", Interface: "ppp-cell", APN: "internet"}
	for says, change := range map[string]func(*Options){
		"":                                   func(*Options) {},
		"path of the modem's data port":      func(o *Options) { o.Device = "ttyUSB3" },
		"no name for a network interface":    func(o *Options) { o.Interface = "ppp-a-long-name-" },
		"the apn holds a character":          func(o *Options) { o.APN = `internet",1` },
		"the password holds a character":     func(o *Options) { o.Password = "a\nlocal" },
		"no number to dial":                  func(o *Options) { o.Number = "*99#;+CFUN=0" },
		"an MTU of 9000 is not from 576":     func(o *Options) { o.MTU = 9000 },
		"a port has no speed of 115201 baud": func(o *Options) { o.Speed = 115201 },
	} {
		o := good
		change(&o)
		err := o.filled().check()
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("wanted %q, got %v", says, err)
		}
	}
}

func TestAWordOfAnOptionsFileEndsWhereItShould(t *testing.T) {
	t.Parallel()
	o := Options{User: `a "b" \c`, Password: "x"}.filled()
	if want := `user "a \"b\" \\c" password "x"`; !strings.Contains(o.file(true), want) {
		t.Errorf("want %s in\n%s", want, o.file(true))
	}
}

func TestNamesOfInterfaces(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"cell": "ppp-cell", "second carrier!": "ppp-secondcarri", "": "ppp-"} {
		if got := InterfaceName(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}
