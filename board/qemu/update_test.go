package qemu

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"

	"heliograph/drivers/update"
)

// works is what makes images and updates for a test, signed with a key of its
// own.
type works struct {
	t       *testing.T
	dir     string
	private minisign.PrivateKey
	key     string // the file that the recipe reads
}

const password = "a key for one test"

func newWorks(t *testing.T) *works {
	t.Helper()
	w := &works{t: t, dir: t.TempDir()}
	w.key = filepath.Join(w.dir, "key")
	var err error
	if _, w.private, err = minisign.GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	text, err := minisign.EncryptKey(password, w.private)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.key, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// built is when version 1.0 was.
var built = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// system builds a version as `make image` does, of the binaries and packages
// that are there. It returns its folder.
func (w *works) system(version string, built time.Time) string {
	w.t.Helper()
	begun, out := time.Now(), filepath.Join(w.dir, version)
	debs, err := filepath.Abs(beside("debs"))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(out, *arch), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Symlink(debs, filepath.Join(out, *arch, "debs")); err != nil {
		w.t.Fatal(err)
	}
	c := exec.Command("go", "run", "../../scripts/image", "-arch", *arch, "-binary", "../../build/heliograph-linux-"+*arch, "-init", "../../build/init-linux-"+*arch,
		"-out", out, "-epoch", fmt.Sprint(built.Unix()), "-version", version, "-key", w.key)
	c.Env = append(os.Environ(), "UPDATE_PASSWORD="+password)
	if said, err := c.CombinedOutput(); err != nil {
		w.t.Fatalf("build the image %s: %v\n%s", version, err, said)
	}
	w.t.Logf("version %s is built in %.0f s", version, time.Since(begun).Seconds())
	return filepath.Join(out, *arch)
}

// pack makes another update of a system that was built.
func (w *works) pack(folder string, m update.Manifest, key minisign.PrivateKey) string {
	w.t.Helper()
	to := filepath.Join(w.dir, m.Version+".update")
	f, err := os.Create(to)
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	if err := update.Pack(f, m, folder, key); err != nil {
		w.t.Fatal(err)
	}
	return to
}

// changed writes another form of an update's bytes.
func (w *works) changed(from, name string, how func([]byte) []byte) string {
	w.t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		w.t.Fatal(err)
	}
	to := filepath.Join(w.dir, name)
	if err := os.WriteFile(to, how(data), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return to
}

// options are the kernel's in an image of the recipe; more words may follow.
func (k kind) with(more string) string { return k.options + " panic=1 " + more }

// unsigned takes the signature's place with lines that are none.
func unsigned(b []byte) []byte {
	lines := bytes.SplitN(b, []byte("\n"), 6)
	return bytes.Join([][]byte{lines[0], []byte("no"), []byte("signature"), []byte("is"), []byte("here"), lines[5]}, []byte("\n"))
}

// TestUpdates is the life of a box through four of them.
func TestUpdates(t *testing.T) {
	needsBoard(t, "mformat", "mtype", "mdir", "go", "zstd", "dpkg-deb")
	needs(t)
	w := newWorks(t)
	one, two := w.system("1.0", built), w.system("2.0", built.Add(time.Hour))
	m := machineFrom(t, filepath.Join(one, "heliograph.img"), map[string]string{"heliograph.yaml": configuration, "network": network, "sim.pin": "1234\n"})
	m.on()
	m.wait("1.0 has proved itself", func() bool { return m.says("this version has proved itself") })
	w.refuses(m, two)
	m.takes(filepath.Join(two, "heliograph.update"))
	m.fallsBack(w.pack(two, update.Manifest{Board: *arch, Version: "3.0", Built: built.Add(3 * time.Hour), Options: m.kind.with("rdinit=/none")}, w.private))
}

// refuses brings bad updates on sticks: each is refused with its reason, and
// the box goes on watching.
func (w *works) refuses(m *machine, two string) {
	good := filepath.Join(two, "heliograph.update")
	_, stranger, _ := minisign.GenerateKey(rand.Reader)
	pack := func(version, board string, at time.Duration, key minisign.PrivateKey) string {
		return w.pack(two, update.Manifest{Board: board, Version: version, Built: built.Add(at), Options: m.kind.with("")}, key)
	}
	for i, bad := range []struct{ what, file, want string }{
		{"unsigned", w.changed(good, "unsigned", unsigned), "the update is not signed"},
		{"truncated", w.changed(good, "short", func(b []byte) []byte { return b[:len(b)/2] }), "the update is cut short"},
		{"of a stranger", pack("2.0-stranger", *arch, 2*time.Hour, stranger), "the update's signature is not that of this box's key"},
		{"older", pack("0.9", *arch, -time.Hour, w.private), "the update is older than what runs"},
		{"for another board", pack("2.0-other", "toaster", 2*time.Hour, w.private), `the update is for the board "toaster"`},
	} {
		s := m.stick(fmt.Sprintf("bad%d", i), map[string]string{"heliograph.update": bad.file})
		s.plug()
		s.pull()
		said := s.says("update.refused.txt")
		m.t.Logf("%s: %s", bad.what, strings.TrimSpace(said))
		if !strings.Contains(said, bad.want) || strings.Contains(s.says("update.taken.txt"), "installed") {
			m.t.Errorf("%s: it is told %q, want %q", bad.what, said, bad.want)
		}
	}
	if m.qmp.heard("RESET") > 0 {
		m.t.Fatal("the box started anew for a bad update")
	}
	m.ask(`Nothing open`)
}

// takes brings a good one: the box starts it, it proves itself, and a stick
// that stays in does no harm.
func (m *machine) takes(good string) {
	s := m.stick("good", map[string]string{"heliograph.update": good})
	s.plug()
	m.wait("2.0 is installed", func() bool { return m.says("2.0 is installed") })
	m.wait("the box starts anew", func() bool { return m.qmp.heard("RESET") == 1 })
	m.console.begin()
	m.wait("2.0 has proved itself", func() bool { return m.says(`from slot "b"`) && m.says("this version has proved itself") })
	s.pull()
	if said := s.says("update.taken.txt"); !strings.Contains(said, "the update is what runs already: 2.0") {
		m.t.Errorf("a stick that stayed in is told %q", said)
	}
	m.ask(`Restarted .*: update`)
	m.off()
}

// fallsBack brings one on the boot partition whose kernel finds nothing to
// start: the boot loader gives it up after three starts, and the one before
// runs again and says so.
func (m *machine) fallsBack(dud string) {
	m.bringFile("heliograph.update", dud)
	m.on()
	m.wait("3.0 is installed", func() bool { return m.says("3.0 is installed") })
	m.wait("the box starts anew, four times", func() bool { return m.qmp.heard("RESET") == 4 })
	m.console.begin()
	m.wait("2.0 runs again, and says why", func() bool { return m.says(`from slot "b"`) && m.says("the update to 3.0 never got to watching") })
	m.ask(`3\.0 never got to watching`)
	m.off()
	if list := m.found("loader/entries/"); !strings.Contains(list, "+0-3") {
		m.t.Errorf("the boot list is\n%s", list)
	}
	if said := m.found("heliograph/update.taken.txt"); !strings.Contains(said, "3.0 is installed") {
		m.t.Errorf("the text on the boot partition says %q", said)
	}
}

// TestThePlugIsPulledInAnUpdate again and again on one box, each time at a
// random instant between the stick and the new version's own start: the box
// starts one of the two versions, and watches. At the end it still has room
// for an update, and takes one.
func TestThePlugIsPulledInAnUpdate(t *testing.T) {
	needsPlugs(t)
	needs(t)
	w, rnd := newWorks(t), chance(t)
	one, two := w.system("1.0", built), w.system("2.0", built.Add(time.Hour))
	m := machineFrom(t, filepath.Join(one, "heliograph.img"), map[string]string{"heliograph.yaml": configuration, "network": network, "sim.pin": "1234\n"})
	m.onLossyDisk()
	bundle := func(n int) stick {
		version := fmt.Sprintf("2.%d", n)
		file := w.pack(two, update.Manifest{Board: *arch, Version: version, Built: built.Add(time.Duration(1+n) * time.Hour), Options: m.kind.with("")}, w.private)
		defer os.Remove(file)
		return m.stick("stick"+version, map[string]string{"heliograph.update": file})
	}
	pulls := (*plugs + 3) / 4
	for n := range pulls {
		s := bundle(n)
		m.on()
		m.watches()
		s.plug()
		m.wait("an update begins", func() bool { return m.says("init: an update: /run/stick") })
		wait := time.Duration(rnd.Int64N(int64(40 * time.Second)))
		m.after(wait)
		t.Logf("pull %2d in an update, %.1f s after it began; %s", n+1, wait.Seconds(), m.last(`is installed|proved itself|from slot|an update: `))
		m.kill()
	}
	s := bundle(pulls)
	m.on()
	m.watches()
	s.plug()
	m.wait("the last one is installed", func() bool { return m.says(fmt.Sprintf("2.%d is installed", pulls)) })
	m.wait("the box starts anew", func() bool { return m.qmp.heard("RESET") == 1 })
	m.console.begin()
	m.watches()
	m.wait("it has proved itself", func() bool { return m.says("this version has proved itself") })
	m.off()
	t.Logf("the boot partition at the end:%s", m.found("loader/entries/"))
}

// watches waits until the box watches, and tells from which slot.
func (m *machine) watches() {
	m.t.Helper()
	m.wait("the appliance is started", func() bool { return m.says("the appliance is started") })
	m.ask(`Up: transit-a`)
	m.t.Logf("          %s", m.last(`from slot "[ab]"`))
}

// last is the last line of the console that matches.
func (m *machine) last(like string) string {
	found := ""
	for line := range strings.Lines(m.console.text()) {
		if ok, _ := regexp.MatchString(like, line); ok {
			found = strings.TrimSpace(line)
		}
	}
	return found
}
