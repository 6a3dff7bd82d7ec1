package rehearsal

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/config"
	"heliograph/firmware/rehearsal/isp"
	"heliograph/firmware/rehearsal/screen"
	"heliograph/firmware/rehearsal/story"
)

// sleeper is an appliance that does nothing: what surrounds it is tried here.
func sleeper(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "appliance")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexec sleep 1000\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func world(t *testing.T) *World {
	t.Helper()
	if _, err := os.Stat("/dev/ptmx"); err != nil {
		t.Skipf("needs pseudo terminals: %v", err)
	}
	w, err := New(Standard(sleeper(t), 20, ""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(w.Dir()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("its folder is left: %v", err)
		}
	})
	return w
}

// TestTheConfigurationIsTheUsersWithThisWorldsPlaces reads what the appliance
// is given.
func TestTheConfigurationIsTheUsersWithThisWorldsPlaces(t *testing.T) {
	t.Parallel()
	w := world(t)
	text, err := os.ReadFile(w.file())
	if err != nil {
		t.Fatal(err)
	}
	c, err := w.parse(string(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if c.Modems[0].Port != filepath.Join(w.Dir(), "lte0") || c.Control.Socket != w.socket() || c.Data != w.Data() || c.Modems[0].Number != BoxNumber {
		t.Errorf("modem %+v, socket %s, data %s", c.Modems[0], c.Control.Socket, c.Data)
	}
	for i, u := range c.Uplinks {
		if u.Interface != "" || u.Gateway.IsValid() || len(u.Probes) != 3 || u.Down != w.config.Uplinks[i].Down {
			t.Errorf("over loopback: %+v", u)
		}
		for _, p := range u.Probes {
			if !strings.Contains(p.String(), "127.0.0.1:") {
				t.Errorf("it probes %s", p)
			}
		}
	}
	if len(c.Backhaul) != 0 || c.Channels.Mail.From != "" || len(c.Partners) != 0 {
		t.Errorf("over loopback there is nobody outside: backhaul %v, mail %q, partners %v", c.Backhaul, c.Channels.Mail.From, c.Partners)
	}
	if len(c.People) != 2 || c.People[0].SMS != AdaNumber || c.OnCall[1].After != 5*time.Minute {
		t.Errorf("people %+v, on call %+v", c.People, c.OnCall)
	}
}

// TestEveryActIsDoneAndUndone plays each verb on a world without namespaces.
func TestEveryActIsDoneAndUndone(t *testing.T) {
	t.Parallel()
	w := world(t)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	do := func(a screen.Act) string {
		t.Helper()
		said, err := w.Do(t.Context(), a)
		if err != nil {
			t.Errorf("%+v: %v", a, err)
		}
		return said
	}
	for _, v := range []screen.Verb{screen.Cut, screen.BlackHole, screen.Loss, screen.OneTarget} {
		a := screen.Act{Verb: v, Uplink: "transit-b"}
		on := do(a)
		if f := w.Look().Uplinks[1].Faults; len(f) != 1 || f[0] != string(v) || len(w.Look().Uplinks[0].Faults) != 0 {
			t.Errorf("%s: faults %v", v, f)
		}
		if off := do(a); off == on || len(w.Look().Uplinks[1].Faults) != 0 {
			t.Errorf("%s again: %q, then %q", v, on, off)
		}
	}
	do(screen.Act{Verb: screen.Cut, Uplink: "transit-a"})
	do(screen.Act{Verb: screen.OneTarget, Uplink: "transit-b"})
	do(screen.Act{Verb: screen.Mend})
	for _, u := range w.Look().Uplinks {
		if len(u.Faults) != 0 {
			t.Errorf("after mending, %s: %v", u.Name, u.Faults)
		}
	}
	for _, v := range []screen.Verb{screen.Hang, screen.Unplug, screen.Fill, screen.Refuse} {
		do(screen.Act{Verb: v})
		if got := w.Look().Modem.Fault; got != string(v) {
			t.Errorf("%s: the modem's fault is %q", v, got)
		}
		if do(screen.Act{Verb: v}); w.Look().Modem.Fault != "" {
			t.Errorf("%s does not end", v)
		}
	}
	for _, v := range []screen.Verb{screen.Gateway, screen.OwnPort, screen.FullDisk, screen.NoCarrier, screen.Portal} {
		if _, err := w.Do(t.Context(), screen.Act{Verb: v, Uplink: "transit-a"}); err == nil || !strings.Contains(err.Error(), "namespaces") {
			t.Errorf("%s over loopback: %v", v, err)
		}
	}
}

// TestThePlugIsPulledAndPutBack: the appliance is dead meanwhile, whatever a
// supervisor would do.
func TestThePlugIsPulledAndPutBack(t *testing.T) {
	t.Parallel()
	w := world(t)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	if b := w.Look().Box; !b.Power || !b.Running || b.Starts != 1 {
		t.Errorf("started: %+v", b)
	}
	if _, err := w.Do(t.Context(), screen.Act{Verb: screen.Plug}); err != nil {
		t.Fatal(err)
	}
	if b := w.Look().Box; b.Power || b.Running {
		t.Errorf("without power: %+v", b)
	}
	if _, err := w.Do(t.Context(), screen.Act{Verb: screen.Kill}); err == nil || !strings.Contains(err.Error(), "put its plug back") {
		t.Errorf("killed without power: %v", err)
	}
	if _, err := w.Do(t.Context(), screen.Act{Verb: screen.Plug}); err != nil {
		t.Fatal(err)
	}
	if b := w.Look().Box; !b.Power || !b.Running || b.Starts != 2 {
		t.Errorf("with power again: %+v", b)
	}
}

// TestTextsStandOnThePhones, both ways.
func TestTextsStandOnThePhones(t *testing.T) {
	t.Parallel()
	w := world(t)
	if _, err := w.Do(t.Context(), screen.Act{Verb: screen.Say, Phone: "bob", Text: "ack"}); err != nil {
		t.Fatal(err)
	}
	phone := w.Look().Phones[1]
	if phone.Name != "bob" || len(phone.Texts) != 1 || !phone.Texts[0].Mine || phone.Texts[0].Body != "ack" {
		t.Errorf("bob's phone: %+v", phone)
	}
	if w.number("ada") != AdaNumber || w.number("+48600999999") != "+48600999999" {
		t.Error("a name is its number, and a number itself")
	}
}

func TestSecretsStayOffTheScreen(t *testing.T) {
	t.Parallel()
	w := &World{}
	for line, want := range map[string]string{
		`> AT+CPIN="1234"`: "> AT+CPIN=***", `> AT+CLCK="SC",0,"1234"`: "> AT+CLCK=***", "> AT+CMGS=24": "> AT+CMGS=24",
	} {
		if w.overhear(0, line); w.seen.lines[0] != want {
			t.Errorf("%s is shown as %s", line, w.seen.lines[0])
		}
	}
	w.overhear(0, "< +CREG: 0,1")
	if w.overhear(0, "< OK"); w.seen.lines[0] != "< +CREG: 0,1" {
		t.Errorf("OK hides what was said: %s", w.seen.lines[0])
	}
}

func TestPlanOf(t *testing.T) {
	t.Parallel()
	c, faults := config.Parse("/x.yaml", []byte(strings.ReplaceAll(Rack, ", pin: {file: DIR/sim.pin}", "")+
		"services:\n  - {name: gw, probes: [{tcp: \"198.51.100.7:2775\"}]}\n  - {name: billing, manual: true}\n"), os.DirFS("/"), nil)
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	p := planOf(c, true)
	if len(p.Uplinks) != 2 || len(p.Uplinks[0].Targets) != 4 || p.Uplinks[0].Targets[3].String() != "tcp 198.51.100.7:2775" {
		t.Errorf("with places a service stands behind the first uplink: %+v", p)
	}
	if u := p.Uplinks[1]; u.Gateway != netip.MustParseAddr("192.0.2.129") || u.Targets[2] != (isp.Target{Kind: "http", Addr: netip.MustParseAddrPort("203.0.113.80:80"), Status: 204}) {
		t.Errorf("transit-b: %+v", u)
	}
	if p := planOf(c, false); len(p.Uplinks) != 3 || p.Uplinks[2].Name != "gw" {
		t.Errorf("over loopback a service is a line of its own: %+v", p)
	}
	c.Uplinks[0].Probes[0] = config.Probe{Kind: "http", URL: "https://example.org/"}
	if err := rehearsable(c); err == nil || !strings.Contains(err.Error(), "uplink transit-a: the probe http https://example.org/ cannot be rehearsed") {
		t.Errorf("a web site by name: %v", err)
	}
}

// TestWhichStoriesCanBePlayed tells why the others cannot.
func TestWhichStoriesCanBePlayed(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"at 01:00 transit-a fails":              "",
		"at 01:00 refuse ada never":             "",
		"at 01:00 refuse ada CMS 38":            `line 3: after "refuse" come the pauses`,
		`at 01:00 bulk 3 "work"`:                "line 3: there is no directory of subscribers",
		"at 01:00 spent cell 80":                "line 3: what goes over the Internet",
		"expect 01:00 ada mail over cell \"x\"": "line 3: what goes over the Internet",
		"at 01:00 hang lte0":                    `line 3: after "hang" come the pauses`,
		"at 00:00 transit-a fails":              "line 3: what goes on while the box starts",
		"at 01:00 transit-a fails\nat 01:05 transit-a passes\nat 30:00 transit-a fails": "line 4: transit-a changes again before",
		"at 01:00 transit-a loses half\nat 30:00 transit-a passes":                      "line 3: what works badly is weighed over a minute",
		"expect 01:00 ada \"x\"": "",
	} {
		s, err := story.Parse("x", "site: waw-12\n---\n"+line+"\n")
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := Playable(s); err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s\ngot  %q\nwant %q", line, got, want)
		}
	}
}

func TestWhatIsComparedOfAText(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		"waw-12: Nothing open. lte0 Heliograph Mobile LTE home -71 dBm, queue 0. Up: a.": "waw-12: Nothing open. lte0, queue 0. Up: a.",
		"now 3/3 lost: gateway. eth0 ok gw no answer to ARP or ping.":                    "now 3/3 lost: gateway. eth0 ok gw no answer.",
	} {
		if g := seenFrom(got); g != want {
			t.Errorf("%q, want %q", g, want)
		}
	}
	if g := gist("waw-12 #1 DOWN transit-a 00:01Z, 3/3 lost"); g != "waw-12 #1 DOWN transit-a" {
		t.Errorf("gist %q", g)
	}
}
