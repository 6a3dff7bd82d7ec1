package config

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestThePlanSaysWhatTheConfigurationImplies(t *testing.T) {
	t.Parallel()
	golden(t, "plan-example.txt", Plan(mustParse(t, mustRead(t, "example.yaml"))))
	golden(t, "plan-reference.txt", Plan(mustParse(t, mustRead(t, "reference.yaml"))))
	golden(t, "plan-small.txt", Plan(mustParse(t, small+"selftest: off\n")))
}

func TestTheModemOfLastResortIsCalledSo(t *testing.T) {
	t.Parallel()
	c := mustParse(t, strings.Replace(calm, "  - {name: lte0, port: /dev/serial/by-id/modem}", "  - {name: lte0, port: /dev/serial/by-id/modem}\n  - {name: lte1, port: /dev/serial/by-id/modem1, fallback: true}", 1))
	if c.Modems[0].Fallback || !c.Modems[1].Fallback {
		t.Errorf("the modems were read as %+v", c.Modems)
	}
	if words := "\n  lte1 carries texts only when no other modem can.\n"; strings.Count(Plan(c), words) != 1 {
		t.Errorf("the plan lacks %q:\n%s", words, Plan(c))
	}
	if all := Warnings(c); all != nil {
		t.Errorf("a second SIM is warned of: %q", all)
	}
}

func TestWhatThisBuildDoesNotCarryOutIsNamedByLine(t *testing.T) {
	t.Parallel()
	golden(t, "unbuilt.txt", strings.Join(Unbuilt(mustParse(t, mustRead(t, "example.yaml"))), "\n")+"\n")
	if all := Unbuilt(mustParse(t, small)); all != nil {
		t.Errorf("nothing of this waits to be built: %q", all)
	}
}

func TestThePlanTellsOfNumbersInTheBlackBox(t *testing.T) {
	t.Parallel()
	const told = "The black box of an incident shows telephone numbers in full.\n"
	if got := Plan(mustParse(t, calm)); strings.Contains(got, told) {
		t.Errorf("the plan without it:\n%s", got)
	}
	if got := Plan(mustParse(t, calm+"blackbox: {numbers: true}\n")); !strings.Contains(got, told) {
		t.Errorf("the plan with it:\n%s", got)
	}
}

// calm is a file that nothing can be said against.
const calm = `site: waw-12
modems:
  - {name: lte0, port: /dev/serial/by-id/modem}
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, tcp: "8.8.8.8:443"]
people:
  - {name: ada, sms: "+48601234501"}
  - {name: bob, sms: "+48601234502"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
`

func TestWarningsNameWhatWasProbablyNotMeant(t *testing.T) {
	t.Parallel()
	if all := Warnings(mustParse(t, calm)); all != nil {
		t.Fatalf("a sound file is warned of: %q", all)
	}
	for _, c := range []struct{ old, new, want string }{
		{"    gateway", "    down: {after: 5}\n    gateway", "uplinks[0].down (line 7): transit-a is called down after 10 s, routing may need 20 s to find another way; after: 10 would wait for that"},
		{"    gateway", "    down: {quorum: 3}\n    gateway", "uplinks[0].down.quorum (line 7): all 3 probes of transit-a must pass, so one target's failure calls it down; 2 would do"},
		{"    gateway", "    timeout: 3s\n    gateway", "uplinks[0].timeout (line 7): a probe of transit-a may take 3 s, longer than from round to round (2 s): a bad round then delays the next"},
		{`, icmp: 1.1.1.1, tcp: "8.8.8.8:443"`, "", "uplinks[0].probes (line 8): transit-a has one probe only: when that target fails, transit-a is called down; add a second one elsewhere"},
		{`icmp: 1.1.1.1, tcp: "8.8.8.8:443"`, `tcp: "9.9.9.9:53"`, "uplinks[0].probes (line 8): all probes of transit-a go to 9.9.9.9: when it fails, transit-a is called down; add another target"},
		{"icmp: 1.1.1.1", "icmp: 192.0.2.1", "uplinks[0].probes[1] (line 8): goes to the gateway of transit-a, so it proves nothing beyond it; the gateway is watched anyway"},
		{"    gateway: 192.0.2.1\n", "", "uplinks[0] (line 5): transit-a has no gateway, so a text cannot say whether the fault lies before or behind it; add gateway: ADDRESS"},
		{"    interface: eth0\n", "", "uplinks[0] (line 5): transit-a has no interface, so its probes follow the main routing table and may leave by another uplink; add interface: NAME"},
		{`sms: "+48601234501"`, "mail: ada@noc.example", "oncall[0].who (line 13): ada has no number and cannot be texted; add sms: to ada in people"},
		{"[ada], after: 0s", "[ada], after: 3m", "oncall (line 12): nobody is told at once: the first text goes out 3 min after an incident opens"},
		{"  - {who: [ada, bob], every: 30m}\n", "", "oncall (line 12): nobody is reminded while an incident lasts; add a step with every: 30m"},
		{`sms: "+48601234502"`, `sms: "+48601234502", role: viewer`, "people[1].role (line 11): bob is on call and may not acknowledge as a viewer; write role: operator"},
		{"oncall:", "  - {name: eve, sms: \"+48601234503\"}\noncall:", "people[2] (line 12): eve is in no step of oncall and will not be told of an incident"},
		{"+48601234502", "+48600100202", "people[1].sms (line 11): +48600100202 looks like the example's number; write your own"},
		{`sms: "+48601234501"`, `sms: "+48601234501", also: "+48600100209"`, "people[0].also (line 10): +48600100209 looks like the example's number; write your own"},
		{"/dev/serial/by-id/modem", "/dev/ttyUSB2", "modems[0].port (line 3): /dev/ttyUSB2 may be another port after a reset; use its link in /dev/serial/by-id or by-path"},
		{"by-id/modem", "by-id/modem, pin: {file: pin}", "modems[0].pin (line 3): a PIN can lock the SIM out for good after a few wrong tries; in a locked rack it is safer to switch the SIM's PIN off"},
		{"by-id/modem", "by-id/modem, pin: {file: pin}, min_tries: 1", "modems[0].min_tries (line 3): the last try may be spent: if the PIN is wrong, the SIM locks and only its PUK opens it; write 2 or more"},
		{"by-id/modem", "by-id/modem, fallback: true", "modems (line 2): every modem is a fallback, so each carries texts like any other; leave fallback out at the one that should carry them"},
		{"by-id/modem", "by-id/modem, limits: {sms: 50/day}", "modems[0].limits (line 3): lte0 may send 50/day, about 50 a day; a night with 5 incidents and 2 people to tell needs about 60"},
		{"uplinks:", "limits: {recipient: 3/hour}\nuplinks:", "limits.recipient (line 4): 3/hour to one number is less than one outage needs (about 6): later texts would wait"},
		{"uplinks:", "selftest: off\nuplinks:", "selftest (line 4): the box never proves that it still works: a dead SIM is found on the night it is needed; write selftest: {every: \"Mon 09:00\"}"},
		{"uplinks:", "services: [{name: sms, probes: [icmp: 9.9.9.9], every: 1s}]\nuplinks:", "services[0].down (line 4): sms is called down after 6 s, routing may need 20 s to find another way; after: 20 would wait for that"},
	} {
		text := strings.Replace(calm, c.old, c.new, 1)
		if text == calm {
			t.Errorf("%q is not in the file", c.old)
		}
		if all := Warnings(mustParse(t, text)); !slices.Contains(all, c.want) {
			t.Errorf("%q: warnings are\n%s\nwithout\n%s", c.new, strings.Join(all, "\n"), c.want)
		}
	}
}

func TestNobodyToTextIsTheFirstThingToSay(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer(`sms: "+48601234501"`, "mail: ada@noc.example", `sms: "+48601234502"`, "mail: bob@noc.example").Replace(calm)
	want := "oncall (line 12): nobody on call can be texted: an outage will be noticed and not told; add sms: to a person and the name to oncall"
	if all := Warnings(mustParse(t, text)); !slices.Contains(all, want) {
		t.Errorf("warnings are %q", all)
	}
}

func TestNumbersAreComparedWhole(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ number, country, want string }{
		{"+48600100201", "", "+48600100201"},
		{"+48 600 100 201", "PL", "+48600100201"},
		{"+48 (600) 100-201", "IT", "+48600100201"},
		{"0048600100201", "PL", "+48600100201"},
		{"0048600100201", "", "+48600100201"},
		{"48600100201", "PL", "+48600100201"},
		{"600100201", "PL", "+48600100201"},
		{"600 100 201", "", ""},
		{"600100201", "IT", "+39600100201"},
		{"347 123 4567", "IT", "+393471234567"},
		{"100201", "PL", ""},
		{"71234", "PL", ""},
		{"112", "PL", ""},
		{"", "PL", ""},
		{"+", "PL", ""},
		{"Orange", "PL", ""},
		{"600100201x", "PL", ""},
		{"ADA600100201", "PL", ""},
		{"+48600100201;ext=5", "PL", ""},
		{"++48600100201", "PL", ""},
		{"٦٠٠١٠٠٢٠١", "PL", ""},
		{"+486001002016001002016", "PL", ""},
	} {
		got, ok := E164(c.number, c.country)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("E164(%q, %q) = %q, %v; want %q", c.number, c.country, got, ok, c.want)
		}
	}
}

func TestLengthsOfTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		want  time.Duration
		words string
	}{
		{"400ms", 400 * time.Millisecond, "400 ms"},
		{"10s", 10 * time.Second, "10 s"},
		{"1800ms", 1800 * time.Millisecond, "1.8 s"},
		{"1.5s", 1500 * time.Millisecond, "1.5 s"},
		{"5m", 5 * time.Minute, "5 min"},
		{"2h", 2 * time.Hour, "2 h"},
		{"1h30m", 90 * time.Minute, "1 h 30 min"},
		{"90s", 90 * time.Second, "1 min 30 s"},
		{"1d", 24 * time.Hour, "1 day"},
		{"90d", 90 * 24 * time.Hour, "90 days"},
		{"1d12h", 36 * time.Hour, "1 day 12 h"},
		{"0s", 0, "0 s"},
	} {
		got, err := Duration(c.text)
		if err != nil || got != c.want || length(got) != c.words {
			t.Errorf("%s is %v, %q, %v", c.text, got, length(got), err)
		}
		if back, err := Duration(written(got)); err != nil || back != got {
			t.Errorf("%s is written back as %s", c.text, written(got))
		}
	}
	for _, bad := range []string{"", "5", "s", "-5s", "5 s", "5S", "1y", "1w", "5us", "1e3s", "+5s", "3h2d", "36501d", "99999999999999999999h"} {
		if d, err := Duration(bad); err == nil {
			t.Errorf("%q is read as %v", bad, d)
		}
	}
}

func TestSchedules(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"Mon 06:30":        {"30 6 * * 1", "every Monday 06:30"},
		"sunday 23:05":     {"5 23 * * 0", "every Sunday 23:05"},
		"06:30":            {"30 6 * * *", "every day 06:30"},
		"30 6 * * 1":       {"30 6 * * 1", "by the cron line 30 6 * * 1"},
		"*/15 8-18 * * *":  {"*/15 8-18 * * *", "by the cron line */15 8-18 * * *"},
		"0 6 1,15 JAN MON": {"0 6 1,15 jan mon", "by the cron line 0 6 1,15 JAN MON"},
	} {
		cron, err := cronOf(text)
		if words := (Schedule{Text: text}).Words(); err != nil || cron != want[0] || words != want[1] {
			t.Errorf("%s is %q, %q, %v", text, cron, words, err)
		}
	}
	for _, bad := range []string{"", "Mon", "Mon 24:00", "60 6 * * 1", "0 6 0 * 1", "0 6 * 13 1", "0 6 * * 7", "0 6 * * 5-1", "*/0 6 * * 1", "a b c d e", "0 6 * * mon,", "@weekly"} {
		if cron, err := cronOf(bad); err == nil {
			t.Errorf("%q is read as %q", bad, cron)
		}
	}
}

func FuzzConfig(f *testing.F) {
	base := mustRead(f, "base.yaml")
	for _, name := range []string{"example.yaml", "reference.yaml", "base.yaml"} {
		f.Add(mustRead(f, name))
	}
	for _, m := range mistakes(f) {
		f.Add(m.in(base))
	}
	for _, odd := range []string{tenMistakes, "a: [[[[", "? a\n: b\n", "%YAML 1.2\n---\na: 1\n", "a: |\n  x\n", "a: &x\nb: *x\n", "<<: {a: 1}\n", "\t", "a:\n\t- b", "!!map {a: 1}", "\x00"} {
		f.Add(odd)
	}
	files := secrets()
	f.Fuzz(func(t *testing.T, text string) {
		c, faults := Parse(where, []byte(text), files, environment)
		if len(faults) > most+1 || len(faults.Error()) > 128<<10 {
			t.Fatalf("%d faults in %d bytes", len(faults), len(faults.Error()))
		}
		for i, fault := range faults {
			if fault.Problem == "" || strings.Contains(fault.Error(), "\n") || i > 0 && i < most && fault.Line < faults[i-1].Line {
				t.Fatalf("fault %d: %q after line %d", i, fault.Error(), faults[max(0, i-1)].Line)
			}
		}
		if faults == nil {
			_ = Plan(c) + strings.Join(Warnings(c), "") + strings.Join(Unbuilt(c), "")
			if c.Site == "" || len(c.Uplinks) == 0 || len(c.Modems) == 0 || len(c.People) == 0 {
				t.Fatal("accepted without what must be there")
			}
		}
	})
}
