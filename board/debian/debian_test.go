package debian

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"heliograph/drivers/backhaul/pppd"
)

// needs skips a test for want of a program.
func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("needs %s: it is not installed", program)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestUnitsAreHardened(t *testing.T) {
	t.Parallel()
	needs(t, "systemd-analyze")
	for _, unit := range []string{"heliograph.service", "heliograph-ppp@.service"} {
		out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--no-pager", "./"+unit).Output()
		if err != nil {
			t.Skip("needs systemd-analyze with --offline, of systemd 250 or newer: ", err)
		}
		told := regexp.MustCompile(`Overall exposure level for heliograph[a-z@-]*\.service: ([0-9.]+)`).FindSubmatch(out)
		if told == nil {
			t.Fatalf("systemd-analyze gives no level: %s", out)
		}
		if level, err := strconv.ParseFloat(string(told[1]), 64); err != nil || level >= 2.5 {
			t.Errorf("the unit's exposure is %s; it has to be under 2.5 (systemd-analyze security --offline=true %s)", told[1], unit)
		}
	}
}

// The socket of a call is where drivers/backhaul/pppd looks for it, and not in
// a folder that goes with the appliance.
func TestCallsAreTakenWhereTheyAreMade(t *testing.T) {
	t.Parallel()
	socket, service := read(t, "heliograph-ppp@.socket"), read(t, "heliograph-ppp@.service")
	for text, lines := range map[string][]string{
		socket:  {"ListenStream=" + pppd.SocketPath("%i"), "SocketGroup=heliograph", "SocketMode=0660", "WantedBy=sockets.target"},
		service: {"ExecStart=/usr/bin/heliograph ppp %i -c /etc/heliograph/heliograph.yaml", "StartLimitIntervalSec=0"},
	} {
		for _, l := range lines {
			if !strings.Contains(text, "\n"+l+"\n") {
				t.Errorf("the unit has no line %s", l)
			}
		}
	}
}

func TestTheUnitStartsWhatThePackageInstalls(t *testing.T) {
	t.Parallel()
	unit, list := read(t, "heliograph.service"), read(t, "nfpm.yaml")
	for key, want := range map[string]string{
		"ExecStart": "/usr/bin/heliograph run -c /etc/heliograph/heliograph.yaml", "User": "heliograph", "Type": "notify", "WatchdogSec": "60s", "Restart": "always",
	} {
		if !strings.Contains(unit, "\n"+key+"="+want+"\n") {
			t.Errorf("the unit has no line %s=%s", key, want)
		}
	}
	for _, path := range []string{"/usr/bin/heliograph", "/etc/heliograph/heliograph.yaml", "/usr/lib/systemd/system/heliograph.service"} {
		if !strings.Contains(list, "dst: "+path+",") {
			t.Errorf("the package does not install %s", path)
		}
	}
}

func TestWhatThePackageTakesFromHereIsHere(t *testing.T) {
	t.Parallel()
	taken := []string{"nfpm.yaml"}
	for _, m := range regexp.MustCompile(`board/debian/([a-z.@-]+)`).FindAllStringSubmatch(read(t, "nfpm.yaml"), -1) {
		taken = append(taken, m[1])
		if _, err := os.Stat(m[1]); errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the package takes board/debian/%s, and there is none", m[1])
		}
	}
	files, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f, ".go") && !slices.Contains(taken, f) {
			t.Errorf("the package leaves board/debian/%s out", f)
		}
	}
}

func TestMaintainerScriptsAreShell(t *testing.T) {
	t.Parallel()
	needs(t, "sh")
	for _, script := range []string{"postinst", "prerm", "postrm"} {
		if out, err := exec.Command("sh", "-n", script).CombinedOutput(); err != nil {
			t.Errorf("%s: %s", script, out)
		}
		if text := read(t, script); !strings.HasPrefix(text, "#!/bin/sh\n") || !strings.Contains(text, "\nset -e\n") {
			t.Errorf("%s does not stop at the first thing that fails", script)
		}
	}
}

// systemd starts units and makes users by these files: what it cannot read it
// leaves out, with a line in a log that nobody looks at.
func TestTheUserHasTheGroupsOfItsDevices(t *testing.T) {
	t.Parallel()
	needs(t, "systemd-sysusers")
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs("heliograph.sysusers")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-sysusers", "--root="+root, here).CombinedOutput(); err != nil {
		if os.Getuid() != 0 {
			t.Skipf("needs root: %s", out)
		}
		t.Fatalf("systemd-sysusers: %s", out)
	}
	groups := read(t, filepath.Join(root, "etc/group"))
	for _, g := range []string{"dialout", "netdev", "gpio"} {
		if !regexp.MustCompile(`(?m)^` + g + `:.*:heliograph$`).MatchString(groups) {
			t.Errorf("heliograph is not in %s:\n%s", g, groups)
		}
	}
}

// Labels that are not there, and keys written wrong, make udev drop a rule in
// silence.
func TestRulesAreWholeAndKeepModemManagerOff(t *testing.T) {
	t.Parallel()
	rules := read(t, "heliograph.rules")
	pair := regexp.MustCompile(`^[A-Z_]+(\{[.A-Za-z_]+\})?(==|!=|\+=|=)"[^"]*"$`)
	for i, line := range strings.Split(rules, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		for _, p := range strings.Split(line, ", ") {
			if !pair.MatchString(p) {
				t.Errorf("line %d: %q is not KEY==\"value\"", i+1, p)
			}
		}
	}
	for _, m := range regexp.MustCompile(`GOTO="([a-z_]+)"`).FindAllStringSubmatch(rules, -1) {
		if !strings.Contains(rules, `LABEL="`+m[1]+`"`) {
			t.Errorf("a rule goes to %s, which is nowhere", m[1])
		}
	}
	off, named := strings.Index(rules, `ENV{ID_MM_DEVICE_IGNORE}="1"`), strings.Index(rules, `SYMLINK+="heliograph/at heliograph/at-$id"`)
	if modem := strings.Index(rules, `LABEL="heliograph_modem"`); off < modem || named < off {
		t.Error("a known modem is given its name before ModemManager is kept off, or not at all")
	}
}
