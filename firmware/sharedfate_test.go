package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/drivers/resolve"
	"heliograph/drivers/resolve/resolvetest"
	"heliograph/firmware/config"
	"heliograph/firmware/decide"
	"heliograph/firmware/event"
	"heliograph/firmware/fate"
)

// fatedConfig needs a bit of everything; every line stands once.
const fatedConfig = `site: waw-12
data: DIR/data
prefixes: [192.0.2.0/24]
modems:
  - {name: lte0, port: DIR/lte0}
backhaul:
  - {name: cell, via: interface, interface: wwan0, check: "https://check.example.net/204"}
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 203.0.113.1
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}, {dns: {name: example.com, server: 192.0.2.53}}]
people:
  - {name: ada, sms: "+48601234501", mail: ada@example.org}
  - {name: bob, sms: "+48601234502", mail: bob@Example.org}
oncall:
  - {who: [ada, bob], after: 0s}
  - {who: [ada, bob], every: 30m}
channels:
  mail: {from: noc@example.org, smtp: {server: "smtp.example.org:587", auth: none}}
  push: [{name: duty, url: "ntfy://push.example.net/noc"}]
heartbeat: {url: "https://hc.example.org/ping/abc"}
clock: {ntp: [192.0.2.123]}
control: {socket: DIR/control.sock}
`

// inside is the world as it is where much lies in 192.0.2.0/24; outside is how
// it should be.
const (
	inside = `
		smtp.example.org. CNAME mx.example.org.
		mx.example.org. A 192.0.2.25
		example.org. MX 10 mx.example.org.
		example.org. NS ns1.example.org.
		ns1.example.org. A 192.0.2.53
		hc.example.org. A 198.51.100.7
		push.example.net. A 10.0.0.9
	`
	outside = `
		smtp.example.org. A 9.9.9.25
		example.org. MX 10 mx.example.net.
		mx.example.net. A 9.9.9.26
		example.org. NS ns1.example.org.
		example.org. NS ns.example.net.
		ns1.example.org. A 192.0.2.53
		ns.example.net. A 9.9.9.53
		hc.example.org. A 9.9.9.7
		push.example.net. A 9.9.9.9
		check.example.net. A 9.9.9.10
	`
)

// fewRoutes is a box with a default and a partner's network behind eth0.
func fewRoutes() ([]resolve.Route, error) {
	return []resolve.Route{
		{To: netip.MustParsePrefix("0.0.0.0/0"), Interface: "eth0"}, {To: netip.MustParsePrefix("203.0.113.0/30"), Interface: "eth0", Direct: true},
		{To: netip.MustParsePrefix("198.51.100.0/24"), Interface: "eth0"},
	}, nil
}

func served(t *testing.T, records string) (*resolvetest.Server, looking) {
	t.Helper()
	s := resolvetest.New(t, records)
	return s, looking{ask: inquire(resolve.Options{Dial: s.Dial}), routes: fewRoutes}
}

func fatedFile(t *testing.T, changes ...string) (path string, c config.Config) {
	t.Helper()
	dir := t.TempDir()
	path = filepath.Join(dir, "heliograph.yaml")
	text := strings.ReplaceAll(strings.NewReplacer(changes...).Replace(fatedConfig), "DIR", dir)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := readConfig(path, 1)
	if err != nil {
		t.Fatal(err)
	}
	return path, c
}

// checkedFate is what check says of shared fate.
func checkedFate(t *testing.T, path string, l looking, offline bool) (said string) {
	t.Helper()
	var out bytes.Buffer
	c := checkCmd{configFlag: configFlag{Config: path}, Offline: offline}
	if err := c.report(t.Context(), &out, l); err != nil {
		t.Fatalf("check refuses: %v", err)
	}
	if !strings.HasPrefix(out.String(), "ok: ") {
		t.Errorf("check does not begin with ok:\n%s", &out)
	}
	_, said, _ = strings.Cut(out.String(), "\nShared fate:\n")
	said, _, _ = strings.Cut(said, "\n\n")
	return strings.TrimSpace(said)
}

func TestCheckSaysWhatSharesTheFateOfTheNetwork(t *testing.T) {
	t.Parallel()
	path, _ := fatedFile(t)
	s, network := served(t, inside)
	want := `- mail relay smtp.example.org, another name of mx.example.org, is 192.0.2.25, in your own prefix 192.0.2.0/24: it fails with your network; use a relay outside
 - push duty push.example.net is 10.0.0.9, and that is private: no backhaul leads there; use one that is hosted outside
 - heartbeat hc.example.org is 198.51.100.7, by the route to 198.51.100.0/24 over transit-a only: it fails with your network, and nobody hears that the box is cut off; use a service outside
 - check page of cell check.example.net does not resolve: there is no such name, or it has no address; mend its zone, or correct it here
 - time server is 192.0.2.123, in your own prefix 192.0.2.0/24: it gives no time in an outage; name one outside too
 - name server of a probe of transit-a is 192.0.2.53, in your own prefix 192.0.2.0/24: it answers while the outside is gone; ask a server outside
 - the name servers of example.org (ns1.example.org) are all in your network (in your own prefix 192.0.2.0/24): nobody finds smtp.example.org when it is cut off; have one more outside
 - mail for ada and bob goes to mx.example.org, in your network (in your own prefix 192.0.2.0/24): they cannot read it over that network in an outage; texts reach them, an address outside would too`
	if got := checkedFate(t, path, network, false); got != want {
		t.Errorf("check says\n%s\nwant\n%s", got, want)
	}

	before := s.Asked("smtp.example.org")
	if got := checkedFate(t, path, network, true); got != "" || s.Asked("smtp.example.org") != before {
		t.Errorf("offline, check says\n%s\nand has asked %d times", got, s.Asked("smtp.example.org")-before)
	}

	path, _ = fatedFile(t, "ntp: [192.0.2.123]", "ntp: [9.9.9.123]", "server: 192.0.2.53", "server: 9.9.9.53")
	s.Know(t, outside)
	if got, want := checkedFate(t, path, network, false), "- none: smtp.example.org, push.example.net, hc.example.org, check.example.net would be reached without your own network"; got != want {
		t.Errorf("check says\n%s\nwant\n%s", got, want)
	}
}

func TestCheckWithoutANetworkSaysThatItCouldNotLook(t *testing.T) {
	t.Parallel()
	path, _ := fatedFile(t, "prefixes: [192.0.2.0/24]\n", "", "ntp: [192.0.2.123]", "ntp: [203.0.113.2]")
	s, network := served(t, inside)
	s.Refuse(true)
	want := `- time server is 203.0.113.2, on the network of transit-a, 203.0.113.0/30: it gives no time in an outage; name one outside too
 - could not look: no name server has an address for smtp.example.org, push.example.net, hc.example.org, check.example.net; run it again where the network works
 - only the networks and routes of this box were compared; name those that you announce, as in prefixes: [192.0.2.0/24]`
	if got := checkedFate(t, path, network, false); got != want {
		t.Errorf("check says\n%s\nwant\n%s", got, want)
	}
	s.Refuse(false)
	s.Know(t, "") // a portal, a resolver of its own without a network: it denies everything
	if got := checkedFate(t, path, network, false); got != want {
		t.Errorf("where everything is denied check says\n%s\nwant\n%s", got, want)
	}
}

// TestCheckNamesWhatNobodyAnsweredFor: one zone is dead, the others are not.
func TestCheckNamesWhatNobodyAnsweredFor(t *testing.T) {
	t.Parallel()
	path, _ := fatedFile(t, "ntp: [192.0.2.123]", "ntp: [9.9.9.123]", "server: 192.0.2.53", "server: 9.9.9.53")
	_, network := served(t, outside)
	ask := network.ask
	network.ask = func(ctx context.Context, n fate.Needs, within time.Duration) fate.Answers {
		a := ask(ctx, n, within)
		delete(a.Hosts, "hc.example.org")
		return a
	}
	if got, want := checkedFate(t, path, network, false), "- heartbeat hc.example.org: no name server answered for it; run it again"; got != want {
		t.Errorf("check says\n%s\nwant\n%s", got, want)
	}
}

func TestABoxThatNeedsNoNamesAsksNobody(t *testing.T) {
	t.Parallel()
	network := looking{routes: fewRoutes, ask: inquire(resolve.Options{Dial: func(_ context.Context, _, server string) (net.Conn, error) {
		t.Errorf("%s is asked", server)
		return nil, os.ErrPermission
	}})}
	channels, _, _ := strings.Cut(fatedConfig, "channels:")
	path, _ := fatedFile(t, fatedConfig, strings.NewReplacer(`, check: "https://check.example.net/204"`, "", "192.0.2.53", "9.9.9.53").Replace(channels)+"control: {socket: DIR/control.sock}\n")
	if got := checkedFate(t, path, network, false); got != "" {
		t.Errorf("check says %s", got)
	}
}

func TestWherePushesGo(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"ntfy://user:password@push.example.org/noc": "push.example.org", "telegram://TOKEN@telegram?chats=1": "api.telegram.org",
		"discord://TOKEN@1234": "discord.com", "pushover://shoutrrr:TOKEN@USER/": "api.pushover.net", "gotify://push.example.org:8443/TOKEN": "push.example.org", "::": "",
	} {
		if got := pushHost(address); got != want {
			t.Errorf("%s leads to %q, want %q", address, got, want)
		}
	}
}

// seer answers as it is told, and remembers when it was asked.
type seer struct {
	mu      sync.Mutex
	answers fate.Answers
	began   time.Time
	asked   []string
}

func (s *seer) ask(context.Context, fate.Needs, time.Duration) fate.Answers {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, time.Since(s.began).String())
	return s.answers
}

func (s *seer) sees(relay string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = fate.Answers{}
	if relay != "" {
		s.answers.Hosts = map[string]fate.Answer{"smtp.example.org": {Addresses: []netip.Addr{netip.MustParseAddr(relay)}}}
	}
}

var relayed = config.Config{
	Prefixes: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Modems: []config.Modem{{Name: "lte0"}},
	Uplinks:  []config.Uplink{{Name: "transit-a", Interface: "eth0", Carrier: config.Carrier{Name: "Orange Polska S.A."}}},
	Channels: config.Channels{Mail: config.Mail{From: "noc@example.org", SMTP: config.SMTP{Server: "smtp.example.org:587"}}},
}

const relayInside = "shared fate: mail relay in your network"

// TestTheBoxLooksAgainEveryWeekAndSoonerWhenThereIsReason lives through three
// weeks: the relay lies inside, the network fails, the relay is moved.
func TestTheBoxLooksAgainEveryWeekAndSoonerWhenThereIsReason(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a, _, stop := onDisk(t, dir)
		var log bytes.Buffer
		a.log = slog.New(slog.NewTextHandler(&log, nil))
		s := &seer{began: time.Now()}
		a.looking = looking{ask: s.ask, routes: fewRoutes}
		ctx, end := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { a.keepFate(ctx, needsOf(relayed), relayed) })
		said := func(after time.Duration, want ...string) {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			if got := a.warned(); !slices.Equal(got, want) {
				t.Errorf("after %s: STATUS says %q, want %q", time.Since(s.began), got, want)
			}
			if got := a.engine.State().Faults; !slices.Equal(got, want) {
				t.Errorf("after %s: the self-test says %q, want %q", time.Since(s.began), got, want)
			}
		}
		s.sees("192.0.2.25")
		said(time.Minute)
		said(2*time.Minute, relayInside)
		s.sees("") // the network is down: what was seen stays true
		said(24*time.Hour, relayInside)
		s.sees("9.9.9.9") // it is back, and the relay has moved
		said(time.Hour)
		said(15 * 24 * time.Hour)
		if got, want := strings.Join(s.asked, " "), "2m0s 24h2m0s 25h2m0s 193h2m0s 361h2m0s"; got != want {
			t.Errorf("it looked at %s, want %s", got, want)
		}
		if n := strings.Count(log.String(), "use a relay outside"); n != 1 {
			t.Errorf("what to do stands in the log %d times:\n%s", n, &log)
		}
		end()
		running.Wait()
		stop()
	})
}

// TestABoxThatStartsInAnOutageStillKnows: what was learned before is told at
// once, and a carrier whose modem is not registered yet is remembered.
func TestABoxThatStartsInAnOutageStillKnows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	life := func(sees, operator string, story func(a *appliance)) {
		synctest.Test(t, func(t *testing.T) {
			a, _, stop := onDisk(t, dir)
			if err := a.engine.Reload(t.Context(), decide.Rules{}, nil); err != nil {
				t.Fatal(err)
			}
			if operator != "" {
				a.engine.Put(event.WorkerChanged{Worker: "lte0", Channel: "sms", Fit: true, State: "ready", Operator: operator})
			}
			s := &seer{}
			s.sees(sees)
			a.looking = looking{ask: s.ask, routes: fewRoutes}
			ctx, end := context.WithCancel(t.Context())
			var running sync.WaitGroup
			running.Go(func() { a.keepFate(ctx, needsOf(relayed), relayed) })
			story(a)
			end()
			running.Wait()
			stop()
		})
	}
	both := []string{relayInside + ", lte0 and transit-a both Orange PL"}
	life("192.0.2.25", "Orange PL", func(a *appliance) {
		time.Sleep(3 * time.Minute)
		if got := a.warned(); !slices.Equal(got, both) {
			t.Errorf("after the first look: %q", got)
		}
	})
	life("", "", func(a *appliance) {
		for _, after := range []time.Duration{time.Second, time.Hour} {
			time.Sleep(after)
			if got := a.warned(); !slices.Equal(got, both) {
				t.Errorf("in the outage, after %s: %q", after, got)
			}
		}
	})
}

// TestOnlyWhatChangesIsWritten: the disk is left alone by looks that show
// nothing new, and by what is no longer needed.
func TestOnlyWhatChangesIsWritten(t *testing.T) {
	t.Parallel()
	n := needsOf(relayed)
	before := fate.Answers{Hosts: map[string]fate.Answer{"smtp.example.org": {Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.25")}}}}
	if got := learned(n, fate.Answers{}, before); !reflect.DeepEqual(got, before) {
		t.Errorf("no answer teaches %+v", got)
	}
	denied := fate.Answers{Hosts: map[string]fate.Answer{"smtp.example.org": {}}}
	if got := learned(n, denied, before); !reflect.DeepEqual(got, before) {
		t.Errorf("a network that denies everything teaches %+v", got)
	}
	more := fate.Answers{Hosts: map[string]fate.Answer{"gone.example.org": {Addresses: before.Hosts["smtp.example.org"].Addresses}}}
	if got := learned(n, more, before); fmt.Sprint(got.Hosts) != fmt.Sprint(before.Hosts) {
		t.Errorf("what is needed no longer is kept: %+v", got)
	}
}
