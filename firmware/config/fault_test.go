package config

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// trouble are files that a secret can be pointed to by mistake.
func trouble() fstest.MapFS {
	files := secrets()
	maps.Copy(files, fstest.MapFS{
		"etc/heliograph/open.pin":    {Data: []byte("1234"), Mode: 0o644},
		"etc/heliograph/letters.pin": {Data: []byte("secret"), Mode: 0o600},
		"etc/heliograph/empty.pin":   {Data: []byte(" \n"), Mode: 0o600},
		"etc/heliograph/large.pin":   {Data: make([]byte, heaviest+1), Mode: 0o600},
	})
	return files
}

// mistake is one change to a sound file and what must be said about it.
type mistake struct{ old, new, faults string }

var unescape = strings.NewReplacer(`\n`, "\n", `\t`, "\t")

// mistakes reads testdata/faults.txt: "- old", "+ new", "! fault" …
func mistakes(t testing.TB) []mistake {
	text, err := os.ReadFile("testdata/faults.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []mistake
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "- "):
			all = append(all, mistake{old: line[2:]})
		case strings.HasPrefix(line, "+"):
			all[len(all)-1].new = strings.TrimPrefix(line[1:], " ")
		case strings.HasPrefix(line, "! "):
			all[len(all)-1].faults += line[2:] + "\n"
		}
	}
	return all
}

func (m mistake) in(base string) string {
	return strings.Replace(base, unescape.Replace(m.old), unescape.Replace(m.new), 1)
}

func TestEveryMistakeIsNamedWithItsPlaceAndItsCure(t *testing.T) {
	t.Parallel()
	base := mustRead(t, "base.yaml")
	mustParse(t, base)
	all := mistakes(t)
	if len(all) < 60 {
		t.Errorf("only %d mistakes are told apart", len(all))
	}
	for i, m := range all {
		text := m.in(base)
		if text == base {
			t.Errorf("%q is not in base.yaml", m.old)
			continue
		}
		_, faults := Parse("/etc/heliograph/h.yaml", []byte(text), trouble(), environment)
		got := strings.ReplaceAll(faults.Error(), "/etc/heliograph/h.yaml:", "") + "\n"
		all[i].faults = got
		if got != m.faults && !*update {
			t.Errorf("- %s\n+ %s\ngot:\n%swant:\n%s", m.old, m.new, got, m.faults)
		}
	}
	if *update {
		rewrite(t, all)
	}
}

func rewrite(t *testing.T, all []mistake) {
	var b strings.Builder
	b.WriteString("# Each change to base.yaml, as a diff of one place, and the faults that it must be answered with.\n")
	for _, m := range all {
		fmt.Fprintf(&b, "\n- %s\n%s\n", m.old, strings.TrimSpace("+ "+m.new))
		for line := range strings.Lines(m.faults) {
			b.WriteString("! " + line)
		}
	}
	if err := os.WriteFile("testdata/faults.txt", []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

const tenMistakes = `site: waw 12
timezone: Europe/Warszawa
modems:
  - name: lte0
    port: /dev/serial/by-id/modem
    pin: 1234
    limits: {sms: many}
uplinks:
  - name: transit-a
    interfaces: eth0
    every: 2
    probes: [icmp: 9.9.9.9]
    down: {quorum: 3}
people:
  - {name: ada, sms: +48600100201}
oncall:
  - {who: [eve]}
selftest: {every: never}
`

func TestTenMistakesAreReportedAtOnceInTheOrderOfTheirLines(t *testing.T) {
	t.Parallel()
	_, faults := Parse("h.yaml", []byte(tenMistakes), secrets(), environment)
	want := []string{
		`h.yaml:1:7: site: "waw 12" cannot begin every text: use 1 to 12 letters, digits, - and _`,
		`h.yaml:2:11: timezone: "Europe/Warszawa" is not a timezone that this box knows: write it as in Europe/Warsaw or UTC`,
		`h.yaml:6:10: modems[0].pin: the secret itself stands in the configuration: ` + neverHere,
		`h.yaml:7:19: modems[0].limits.sms: many is not a rate: write a count and a period, as in 20/hour, 3000/day or 50000/month`,
		`h.yaml:10:5: uplinks[0].interfaces: is not a key that can stand here: did you mean interface?`,
		`h.yaml:11:12: uplinks[0].every: 2 has no unit: write 2s for seconds or 2m for minutes`,
		`h.yaml:13:20: uplinks[0].down.quorum: wants 3 probes to pass, but there is only 1: write a number from 1 to 1`,
		`h.yaml:15:22: people[0].sms: +48600100201 is not quoted, YAML would eat the plus: write "+48600100201"`,
		`h.yaml:17:12: oncall[0].who[0]: "eve" is not a person in people: there are ada`,
		`h.yaml:18:19: selftest.every: "never" has no time of day like 06:30: ` + scheduleWant,
	}
	if got := strings.Split(faults.Error(), "\n"); !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", faults.Error(), strings.Join(want, "\n"))
	}
}

// A broken bracket in one section does not hide what is wrong in the others.
func TestABrokenSectionDoesNotHideTheRest(t *testing.T) {
	t.Parallel()
	text := strings.Replace(mustRead(t, "base.yaml"), "[ada], after: 0s}", "[ada, after: 0s}", 1)
	text = strings.Replace(text, `sms: "+48600100202"`, `sms: 600100202`, 1)
	_, faults := Parse("h.yaml", []byte(text), secrets(), environment)
	var lines []int
	for _, f := range faults {
		lines = append(lines, f.Line)
	}
	if want := []int{23, 25}; !slices.Equal(lines, want) {
		t.Errorf("faults in lines %v, want %v:\n%v", lines, want, faults)
	}
}

func TestASecretIsNeverShown(t *testing.T) {
	t.Parallel()
	c := mustParse(t, mustRead(t, "example.yaml"))
	text := strings.Replace(mustRead(t, "example.yaml"), "{file: /etc/heliograph/sim.pin}", "4711", 1)
	_, faults := Parse(where, []byte(text), secrets(), environment)
	all := []string{Plan(c), faults.Error()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q"} {
		all = append(all, fmt.Sprintf(verb, c), fmt.Sprintf(verb, c.Modems[0].PIN))
	}
	asJSON, err := json.Marshal(c.Modems)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range append(all, string(asJSON)) {
		for _, secret := range []string{"1234", "4711", "JBSWY3DP", "refresh_token", "xoxb", "ntfy://"} {
			if strings.Contains(strings.ReplaceAll(shown, "abcd1234", ""), secret) {
				t.Errorf("%s is shown in %s", secret, shown)
			}
		}
	}
}

// Channels are not carried out yet: a box without their tokens still watches.
func TestASecretThatIsNotNeededYetIsMissedAloudButNotFatally(t *testing.T) {
	t.Parallel()
	files := secrets()
	delete(files, "etc/heliograph/slack.token")
	c, faults := Parse(where, []byte(mustRead(t, "example.yaml")), files, environment)
	if faults != nil {
		t.Fatal(faults)
	}
	want := "channels.slack.token.file (line 60): there is no file /etc/heliograph/slack.token; not needed yet"
	if all := Warnings(c); !slices.Contains(all, want) {
		t.Errorf("warnings are %q", all)
	}
	delete(files, "etc/heliograph/sim.pin")
	if _, faults = Parse(where, []byte(mustRead(t, "example.yaml")), files, environment); len(faults) != 1 {
		t.Errorf("a PIN that is missing must be refused: %v", faults)
	}
}

func TestAFileOfAnotherUserIsAFaultWithItsReason(t *testing.T) {
	t.Parallel()
	text := strings.Replace(small, "port:", "pin: {file: /etc/heliograph/pin}, port:", 1)
	_, faults := Parse(where, []byte(text), locked{}, environment)
	want := where + ":2:35: modems[0].pin.file: the file /etc/heliograph/pin cannot be looked at: permission denied: let the user that runs heliograph read it"
	if faults.Error() != want {
		t.Errorf("got  %v\nwant %s", faults, want)
	}
}

type locked struct{}

func (locked) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

func TestAHostileFileIsRefusedQuicklyAndBriefly(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"too large":      strings.Repeat("#", largest+1),
		"brackets":       "a: " + strings.Repeat("[", 100_000),
		"dashes":         strings.Repeat("- ", 100_000),
		"many keys":      strings.Repeat("x: 1\n", 2_000),
		"many lines":     strings.Repeat("x: 1\n", 20_000),
		"many sections":  strings.Repeat("x: [\n", 9_000),
		"a long key":     strings.Repeat("k", 100_000) + ": 1\n",
		"a long value":   "site: " + strings.Repeat("k", 100_000) + "\n",
		"many people":    small + "oncall: [{who: [" + strings.Repeat("eve, ", 900) + "]}]\n",
		"a long list":    small + "oncall: [{who: [" + strings.Repeat("eve, ", 2000) + "]}]\n",
		"zero bytes":     strings.Repeat("\x00", 1000),
		"not text":       strings.Repeat("\xff\xfe", 1000),
		"an empty file":  "",
		"a single word":  "hello",
		"a list":         "- site: waw-12\n",
		"comments alone": "# nothing\n",
	} {
		_, faults := Parse("h.yaml", []byte(text), nil, nil)
		if len(faults) == 0 || len(faults) > most+1 || len(faults.Error()) > 64<<10 {
			t.Errorf("%s: %d faults in %d bytes", name, len(faults), len(faults.Error()))
		}
	}
}
