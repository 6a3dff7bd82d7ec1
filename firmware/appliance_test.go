package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"heliograph/drivers/modem/emulator"
	"heliograph/firmware/control"
)

// rig is an appliance in this process, with two emulated modems on real ttys
// and a target on loopback.
type rig struct {
	t       *testing.T
	dir     string
	net     *emulator.Network
	modems  [2]*emulator.Modem
	target  *target
	client  *control.Client
	log     *logBook
	reload  chan os.Signal
	stopped chan error
	stop    context.CancelFunc
}

// logBook keeps what the appliance logs.
type logBook struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.Write(p)
}

func (l *logBook) count(words string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.lines.String(), words)
}

// tail is what was logged since the last time that words were.
func (l *logBook) tail(words string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.lines.String()
	return s[max(0, strings.LastIndex(s, words)):]
}

// usualConfig is changed by stories; every line stands once.
const usualConfig = `site: waw-12
data: DIR/data
modems:
  - {name: lte0, port: DIR/lte0, number: "+48600100210"}
  - {name: lte1, port: DIR/lte1, number: "+48600100211"}
uplinks:
  - {name: transit-a, every: 2s, probes: [{tcp: "TARGET"}]}
people:
  - {name: ada, sms: "+48600100201"}
  - {name: bob, sms: "+48600100202"}
oncall:
  - {who: [ada], after: 0s}
selftest: off
control: {socket: DIR/control.sock}
`

func newRig(t *testing.T) *rig { return newLockedRig(t, "") }

// newLockedRig has SIMs that ask for a PIN.
func newLockedRig(t *testing.T, pin string) *rig {
	t.Helper()
	if _, err := os.Stat("/dev/ptmx"); err != nil {
		t.Skipf("needs pseudo terminals: %v", err)
	}
	t.Parallel()
	return rigOf(t, pin)
}

// newRigHere is one in a test that is alone in its process.
func newRigHere(t *testing.T) *rig {
	t.Helper()
	if _, err := os.Stat("/dev/ptmx"); err != nil {
		t.Skipf("needs pseudo terminals: %v", err)
	}
	return rigOf(t, "")
}

func rigOf(t *testing.T, pin string) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), net: emulator.NewNetwork(), log: &logBook{}, reload: make(chan os.Signal), stopped: make(chan error, 1)}
	t.Cleanup(r.net.Close)
	for i := range r.modems {
		m, err := emulator.New(emulator.Options{Network: r.net, Number: fmt.Sprintf("+4860010021%d", i), PIN: pin})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		if _, err := m.ServePTYAt(filepath.Join(r.dir, fmt.Sprintf("lte%d", i))); err != nil {
			t.Fatal(err)
		}
		r.modems[i] = m
	}
	var err error
	if r.target, err = newTarget(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.target.cut)
	r.client = control.Dial(filepath.Join(r.dir, "control.sock"))
	return r
}

// write puts the usual configuration in the file, with some of it replaced.
func (r *rig) write(changes ...string) {
	r.t.Helper()
	text := strings.NewReplacer("DIR", r.dir, "TARGET", r.target.at).Replace(strings.NewReplacer(changes...).Replace(usualConfig))
	if err := os.WriteFile(r.path(), []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) path() string { return filepath.Join(r.dir, "heliograph.yaml") }

// start runs the appliance until the test ends, or stop.
func (r *rig) start() {
	r.t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() { r.stopped <- run(ctx, r.path(), 1, r.reload, slog.New(slog.NewTextHandler(r.log, nil))) }()
	r.stop = sync.OnceFunc(func() {
		cancel(errors.New("terminated signal received")) // as signal.NotifyContext says it
		if err := <-r.stopped; err != nil {
			r.t.Errorf("the appliance ended: %v", err)
		}
	})
	r.t.Cleanup(r.stop)
	r.until("both modems are fit", func() bool { return r.state("lte0") == "fit" && r.state("lte1") == "fit" })
}

// until waits for something outside of this goroutine.
func (r *rig) until(what string, is func() bool) {
	r.t.Helper()
	tick, give := time.NewTicker(5*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case err := <-r.stopped:
			r.stopped <- err
			r.t.Fatalf("waiting until %s: the appliance ended: %v", what, err)
		case <-give:
			r.t.Fatalf("waiting until %s; the log:\n%s", what, r.log.tail("worker"))
		}
	}
}

func (r *rig) status() control.Status {
	var s control.Status
	if _, err := r.client.Get(r.t.Context(), "/v1/status", &s); err != nil {
		return control.Status{}
	}
	return s
}

// state is fit, unfit or unknown.
func (r *rig) state(modem string) string {
	for _, w := range r.status().Workers {
		if w.Name == modem {
			return map[bool]string{true: "fit", false: "unfit"}[w.Fit]
		}
	}
	return "unknown"
}

// hangup is SIGHUP; it returns when the appliance has said what it makes of it.
func (r *rig) hangup(want string) {
	r.t.Helper()
	before := r.log.count(want)
	r.reload <- syscall.SIGHUP
	r.until("the log says "+want, func() bool { return r.log.count(want) > before })
}

const (
	inForce = "the new configuration is in force"
	refusal = "the new configuration is refused; the last good one stays in force"
)

// brought is how often the box brought a modem up, which begins so.
func (r *rig) brought(i int) int {
	n := 0
	for _, line := range r.modems[i].State().Commands {
		if strings.Contains(line, "E0V1Q0") {
			n++
		}
	}
	return n
}

// hears orders an incident by hand and waits until a phone has the text.
func (r *rig) hears(number, scope string) {
	r.t.Helper()
	a, err := r.client.Order(r.t.Context(), "OPEN "+scope+" test")
	if err != nil || !a.OK {
		r.t.Fatalf("open: %+v, %v", a, err)
	}
	r.until(number+" hears of "+scope, func() bool {
		for _, text := range r.net.Phone(number).Texts() {
			if strings.Contains(text.Body, scope) {
				return true
			}
		}
		return false
	})
}

func TestAReloadTouchesWhatChanged(t *testing.T) {
	r := newRig(t)
	r.write()
	r.start()
	first, second := r.brought(0), r.brought(1)
	if first == 0 || second == 0 {
		t.Fatalf("brought up %d and %d times", first, second)
	}

	r.write(`number: "+48600100210"}`, `number: "+48600100210", min_tries: 3}`, "who: [ada]", "who: [bob]",
		`number: "+48600100211"}`, `number: "+48600100211", limits: {sms: 100/day}}`) // which is no change of the device
	r.hangup(inForce)
	r.until("lte0 is brought up anew", func() bool { return r.brought(0) > first && r.state("lte0") == "fit" })
	r.hears("+48600100202", "billing") // bob is on call now
	if n := len(r.net.Phone("+48600100201").Texts()); n != 0 {
		t.Errorf("ada has %d texts", n)
	}

	r.write(`  - {name: lte0, port: DIR/lte0, number: "+48600100210"}`+"\n", "")
	r.hangup(inForce)
	r.until("nobody misses lte0", func() bool { return r.state("lte0") == "unknown" })
	r.hears("+48600100201", "portal")
	if got := r.brought(1); got != second {
		t.Errorf("lte1, which stayed the same, was brought up %d times, %d before", got, second)
	}
	r.stop()
	if _, err := os.Stat(filepath.Join(r.dir, "control.sock")); !os.IsNotExist(err) {
		t.Errorf("after the stop the socket is there: %v", err)
	}
}

func TestABadFileChangesNothing(t *testing.T) {
	r := newRig(t)
	r.write()
	r.start()
	first := r.brought(0)
	for _, c := range []struct{ old, new, why string }{
		{"every: 2s", "every: never", r.path() + ":7:30: uplinks[0].every"},
		{"DIR/data", "DIR/other", "data, control.socket and board.watchdog cannot change while the appliance runs: restart it for them"},
		{"DIR/control.sock", "DIR/other.sock", "data, control.socket and board.watchdog cannot change while the appliance runs: restart it for them"},
		{"DIR/lte0", "DIR/lte0\n  -", r.path() + ":"},
	} {
		r.write(c.old, c.new, "waw-12", "krk-1", "who: [ada]", "who: [bob]")
		r.hangup(refusal)
		if why := r.log.tail(refusal); !strings.Contains(why, c.why) {
			t.Errorf("with %q it says %s\nwant %s", c.new, why, c.why)
		}
	}
	if err := os.Remove(r.path()); err != nil {
		t.Fatal(err)
	}
	r.hangup(refusal)
	if why := r.log.tail(refusal); !strings.Contains(why, "no such file or directory") {
		t.Errorf("without the file it says %s", why)
	}
	if notes := strings.Join(r.status().Warnings, "\n"); !strings.Contains(notes, "refused at the last reload") {
		t.Errorf("status is silent about the refusal: %q", notes)
	}
	if site := r.status().Site; site != "waw-12" {
		t.Errorf("the site is %q", site)
	}
	r.hears("+48600100201", "billing")
	if got := r.brought(0); got != first {
		t.Errorf("lte0 was brought up %d times, %d before", got, first)
	}
	r.write("waw-12", "krk-1")
	r.hangup(inForce)
	if notes := r.status().Warnings; len(notes) > 0 {
		t.Errorf("after a good file status still notes %q", notes)
	}
	if site := r.status().Site; site != "krk-1" {
		t.Errorf("after a good file the site is %q", site)
	}
}

// TestMetricsWaitForTheirAddress: what holds it is told, and forgotten when it
// is free.
func TestMetricsWaitForTheirAddress(t *testing.T) {
	r := newRig(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	r.write("control.sock}", "control.sock, metrics: "+address+"}")
	r.start()
	warning := "metrics are not served on " + address + ": listen tcp " + address + ": bind: address already in use"
	r.until("the address is known to be taken", func() bool { return strings.Contains(strings.Join(r.status().Warnings, "\n"), warning) })
	taken.Close()
	token := filepath.Join(r.dir, "token")
	if err := os.WriteFile(token, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.write("control.sock}", "control.sock, metrics: {address: "+address+", token: {file: "+token+"}}}")
	r.hangup(inForce)
	r.until("the warning is gone", func() bool { return len(r.status().Warnings) == 0 })
	r.until("metrics are served", func() bool { return strings.Contains(scrape(t, address), `heliograph_worker_fit{name="lte0"} 1`) })
	got := scrape(t, address)
	if !strings.Contains(got, `heliograph_deliveries{status="pending"} 0`) {
		t.Errorf("metrics:\n%s", got)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	if _, err := parser.TextToMetricFamilies(strings.NewReader(got)); err != nil {
		t.Errorf("Prometheus cannot read them: %v\n%s", err, got)
	}
}

func scrape(t *testing.T, address string) string {
	r, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer s3cret")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return string(b)
}

// TestEveryFaultIsNamed is what a person sees who writes three things wrong.
func TestEveryFaultIsNamed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heliograph.yaml")
	text := strings.NewReplacer("every: 2s", "every: never", "who: [ada]", "who: [eve]", "site:", "sit:", "TARGET", "127.0.0.1:9", "DIR", "/data").Replace(usualConfig)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := readConfig(path, 1)
	if err == nil {
		t.Fatal("it was accepted")
	}
	lines := strings.Split(err.Error(), "\n")
	for i, want := range []string{":1:1: sit: is not a key", ":7:30: uplinks[0].every: ", ":12:12: oncall[0].who[0]: "} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], path+want) {
			t.Errorf("fault %d is not %s%s…:\n%s", i, path, want, err)
		}
	}
	missing := filepath.Join(t.TempDir(), "none.yaml")
	if _, err := readConfig(missing, 1); err == nil || err.Error() != "read the configuration: open "+missing+": no such file or directory; name it with -c FILE" {
		t.Errorf("without a file: %v", err)
	}
}

// TestAStopFinishesWhatIsBeingSent: the network takes two seconds, and the
// stop comes in the middle of them.
func TestAStopFinishesWhatIsBeingSent(t *testing.T) {
	r := newRig(t)
	r.net.SubmitDelay(2 * time.Second)
	r.write()
	r.start()
	if a, err := r.client.Order(t.Context(), "OPEN billing test"); err != nil || !a.OK {
		t.Fatalf("open: %+v, %v", a, err)
	}
	r.until("a text is with a modem", func() bool { return r.status().Queue["sending"] > 0 })
	r.stop()
	if n := len(r.net.Submitted()); n != 1 {
		t.Errorf("the network took %d texts", n)
	}
	if told, unsure := r.log.count("what=told"), r.log.count("what=unsure"); told != 1 || unsure != 0 {
		t.Errorf("told %d, unsure %d:\n%s", told, unsure, r.log.tail("calling"))
	}
}

// TestABrokenStoreAndABadFile: the store breaks while the file on disk is a
// bad one. The box goes on with what was in force, starts fresh, and says so.
func TestABrokenStoreAndABadFile(t *testing.T) {
	r := newRig(t)
	r.write()
	r.start()
	if err := os.WriteFile(r.path(), []byte("site: [half an edit"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.shred(filepath.Join(r.dir, "data", "heliograph.db"))
	r.client.Order(t.Context(), "OPEN billing test") // whatever it answers: it makes the box write
	r.until("ada hears that the memory broke", func() bool {
		for _, text := range r.net.Phone("+48600100201").Texts() {
			if strings.Contains(text.Body, "memory was broken") {
				return true
			}
		}
		return false
	})
	kept, err := filepath.Glob(filepath.Join(r.dir, "data", "*"))
	if err != nil || len(kept) < 2 {
		t.Errorf("the broken file is not kept: %v, %v", kept, err)
	}
	if site := r.status().Site; site != "waw-12" {
		t.Errorf("the site is %q", site)
	}
}

// shred writes over every page of a store but its two meta pages.
func (r *rig) shred(path string) {
	r.t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		r.t.Fatal(err)
	}
	meta := int64(2 * os.Getpagesize())
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xff}, int(info.Size()-meta)), meta); err != nil {
		r.t.Fatal(err)
	}
}
