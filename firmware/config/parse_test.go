package config

import (
	"flag"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

var update = flag.Bool("update", false, "write the golden files anew")

const where = "/etc/heliograph/heliograph.yaml"

// secrets are the files that the example and the reference point to.
func secrets() fstest.MapFS {
	files := fstest.MapFS{
		"etc/heliograph/texts/down.pl.txt": {Data: []byte("{{.Site}} nie działa\n"), Mode: 0o644},
		"etc/heliograph/oncall.ics":        {Data: []byte(twoEvents), Mode: 0o644},
	}
	for name, content := range map[string]string{
		"sim.pin": "1234\n", "pin": "1234\n", "ada.totp": "JBSWY3DPEHPK3PXP\n", "mail.json": `{"refresh_token":"x"}`,
		"statuspage.token": "sp\n", "slack.token": "xoxb\n", "metrics.token": "m\n", "intake.token": "0123456789abcdef\n", "proxy.users": "noc:hash\n", "apn.password": "x\n", "webhook.secret": "x\n", "webhook.token": "x\n", "site.key": "PEM\n", "tls.crt": "PEM", "tls.key": "PEM",
	} {
		files["etc/heliograph/"+name] = &fstest.MapFile{Data: []byte(content), Mode: 0o640}
	}
	return files
}

func environment(name string) (string, bool) {
	value, ok := map[string]string{"ADA_TOTP": "JBSWY3DPEHPK3PXP"}[name]
	return value, ok
}

func mustRead(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func mustParse(t *testing.T, text string) Config {
	t.Helper()
	c, faults := Parse(where, []byte(text), secrets(), environment)
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

// meaning is a configuration without the places its keys stand at.
func meaning(c Config) Config {
	c.lines, c.absent = nil, nil
	return c
}

// golden compares what a person reads with the text that was agreed on.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile("testdata/"+name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := mustRead(t, name); got != want {
		t.Errorf("testdata/%s differs; got:\n%s", name, got)
	}
}

// small is the least that a file must say.
const small = `site: waw-12
modems: [{name: lte0, port: /dev/serial/by-id/modem}]
uplinks: [{name: transit-a, interface: eth0, gateway: 192.0.2.1, probes: [icmp: 9.9.9.9, icmp: 1.1.1.1, tcp: "8.8.8.8:443"]}]
people: [{name: ada, sms: "+48600100201"}, {name: bob, sms: "+48600100202"}]
`

func TestTheExampleIsUnderstoodWhole(t *testing.T) {
	t.Parallel()
	c := mustParse(t, mustRead(t, "example.yaml"))
	u := c.Uplinks[0]
	for what, pair := range map[string][2]any{
		"site":        {c.Site, "waw-12"},
		"timezone":    {c.Timezone.String(), "Europe/Warsaw"},
		"country":     {c.Country, "PL"},
		"pin":         {c.Modems[0].PIN.Reveal(), "1234"},
		"sms limit":   {c.Modems[0].Limits, ModemLimits{SMS: Rate{3000, Day}, Reserve: 0.1}},
		"kept":        {c.Modems[0].Limits.Kept(), 300},
		"budget":      {c.Backhaul[0].Budget, Budget{500e6, Month, 0.2}},
		"gateway":     {u.Gateway.String(), "192.0.2.1"},
		"carrier":     {u.Carrier, Carrier{Name: "Example Transit", ASN: 64500}},
		"serves":      {u.Serves, []string{"waw", "lodz"}},
		"down":        {u.Down, Down{10, 2}},
		"DOWN after":  {length(u.DownIn()), "20 s"},
		"in doubt":    {length(u.Doubt), "1 s"},
		"manual":      {c.Services[1].Manual, true},
		"steps":       {len(c.OnCall), 3},
		"reminder":    {c.OnCall[2].Every.String(), "30m0s"},
		"also":        {c.People[0].Also, "+48600100209"},
		"bob's role":  {c.People[1].Role, Operator},
		"mail server": {c.Channels.Mail.SMTP.Server, "smtp.gmail.com:587"},
		"components":  {c.Channels.Statuspage.Components, map[string]string{"waw": "c0mp0nent"}},
		"partner":     {c.Partners[0].Language, "pl"},
		"subscribers": {c.Subscribers.From.Path, "/data/heliograph/subscribers.csv"},
		"quiet":       {c.Subscribers.Quiet.To, ClockTime{6, 0}},
		"selftest":    {c.Selftest.Every.Cron, "30 6 * * 1"},
		"metrics":     {c.Control.Metrics.Address.String(), "127.0.0.1:9477"},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s is %v, want %v", what, pair[0], pair[1])
		}
	}
}

func TestFourKeysAreEnough(t *testing.T) {
	t.Parallel()
	c := mustParse(t, small)
	want := []Step{{Who: []string{"ada", "bob"}}, {Who: []string{"ada", "bob"}, After: defaults.Reminder, Every: defaults.Reminder}}
	if !reflect.DeepEqual(c.OnCall, want) {
		t.Errorf("on call without oncall: %v", c.OnCall)
	}
	if c.Country != "PL" || c.Modems[0].Country != "PL" {
		t.Errorf("the country comes from the first person's number: %q, %q", c.Country, c.Modems[0].Country)
	}
	if !reflect.DeepEqual(c.Selftest.Tell, []string{"ada", "bob"}) {
		t.Errorf("the self-test goes to %v", c.Selftest.Tell)
	}
}

// Each line of the reference that is marked as a default is left out in turn:
// nothing may change.
func TestTheReferenceTellsTheDefaults(t *testing.T) {
	t.Parallel()
	text := mustRead(t, "reference.yaml")
	whole := meaning(mustParse(t, text))
	lines := strings.SplitAfter(text, "\n")
	marked := 0
	for i, line := range lines {
		if !strings.Contains(line, "# (default)") {
			continue
		}
		marked++
		without := strings.Join(slices.Concat(lines[:i], lines[i+1:]), "")
		c, faults := Parse(where, []byte(without), secrets(), environment)
		if err := faults.Err(); err != nil {
			t.Errorf("without line %d, %s: %v", i+1, strings.TrimSpace(line), err)
		} else if !reflect.DeepEqual(meaning(c), whole) {
			t.Errorf("line %d does not tell the default: %s", i+1, strings.TrimSpace(line))
		}
	}
	if marked < 50 {
		t.Errorf("only %d lines are marked as defaults", marked)
	}
}

// A key that can be written and is not in the reference is a key that nobody
// finds.
func TestTheReferenceNamesEveryKey(t *testing.T) {
	t.Parallel()
	text := mustRead(t, "reference.yaml")
	r := newReader(where, secrets(), environment)
	if _, faults := r.parse([]byte(text)); len(faults) > 0 {
		t.Fatal(faults)
	}
	written := map[string]bool{}
	for key := range r.places {
		written[plain(key)] = true
	}
	elsewhere := regexp.MustCompile(`\.(file|env)$|^texts\.|^intake\.token|^subscribers\.from\.|^services\[\]\.probes|^channels\.(site\.put|slack\.webhook)|^drill\.slack\.webhook`) // told in comments, or as for uplinks
	for _, key := range slices.Sorted(maps.Keys(r.known)) {
		last := key[strings.LastIndexByte(key, '.')+1:]
		if !written[key] && !(elsewhere.MatchString(key) && strings.Contains(text, last)) {
			t.Errorf("reference.yaml does not show %s", key)
		}
	}
}

func TestAByteOrderMarkAndWindowsLineEndsDoNoHarm(t *testing.T) {
	t.Parallel()
	plain := meaning(mustParse(t, small))
	for _, text := range []string{"\ufeff" + small, strings.ReplaceAll(small, "\n", "\r\n"), "---\n" + small + "...\n"} {
		if !reflect.DeepEqual(meaning(mustParse(t, text)), plain) {
			t.Errorf("%q is read differently", text[:8])
		}
	}
}

func TestWordingComesFromTheFolderAndTheFile(t *testing.T) {
	t.Parallel()
	c := mustParse(t, mustRead(t, "reference.yaml"))
	if got := c.Texts.Templates["down"]["pl"]; got != "{{.Site}} nie działa" {
		t.Errorf("from the folder: %q", got)
	}
	if got := c.Texts.Templates["selftest"]["en"]; got != "{{.Site}} is well" {
		t.Errorf("from the file: %q", got)
	}
}

func TestScaledDividesTheTimetableAndNothingElse(t *testing.T) {
	t.Parallel()
	c := mustParse(t, mustRead(t, "example.yaml"))
	before := meaning(mustParse(t, mustRead(t, "example.yaml")))
	s := c.Scaled(10)
	u := s.Uplinks[0]
	for what, pair := range map[string][2]any{
		"every":     {u.Every.String(), "200ms"},
		"doubt":     {u.Doubt.String(), "100ms"},
		"timeout":   {u.Timeout.String(), "250ms"},
		"hold":      {u.Up.Hold.String(), "6s"},
		"window":    {u.Degraded.Over.String(), "6s"},
		"latency":   {u.Degraded.Latency.String(), "400ms"},
		"calm":      {u.Flap.Calm.String(), "1m0s"},
		"service":   {s.Services[0].Every.String(), "1s"},
		"bob":       {s.OnCall[1].After.String(), "30s"},
		"reminder":  {s.OnCall[2].Every.String(), "3m0s"},
		"partner":   {s.Partners[0].After.String(), "1m30s"},
		"limits":    {s.Modems[0].Limits, c.Modems[0].Limits},
		"rounds":    {u.Down, c.Uplinks[0].Down},
		"retention": {s.Retention, c.Retention},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s is %v, want %v", what, pair[0], pair[1])
		}
	}
	if !reflect.DeepEqual(meaning(c), before) {
		t.Error("the configuration itself has changed")
	}
}
