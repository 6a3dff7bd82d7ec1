package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"heliograph/drivers/modem/emulator"
	"heliograph/firmware/control"
	"heliograph/storage"
)

// The numbers of the night. Carol is a subscriber whom nothing of this
// concerns: her phone must stay silent.
const (
	boxNumber   = "+48600100200"
	adaNumber   = "+48600100201"
	bobNumber   = "+48600100202"
	carolNumber = "+48600100203"
)

// night is one rehearsal: the appliance as a child process with nothing faked
// on its side, a modem on a real tty with a network and phones behind it, and
// targets on loopback that close and open.
type night struct {
	scale float64
	keep  string
	say   func(format string, args ...any)

	dir       string
	network   *emulator.Network
	modem     *emulator.Modem
	targets   []*target
	child     *child
	client    *control.Client
	began     time.Time
	starts    int           // of the appliance that got ready
	escalated time.Duration // from the restart to the next person's text

	mu     sync.Mutex
	report report
}

// live lives through the night and returns what it saw.
func (n *night) live(ctx context.Context) report {
	n.began = time.Now()
	n.report.Scale = n.scale
	err := n.prepare()
	if err == nil {
		err = n.story(ctx)
	}
	n.tidy()
	if err != nil {
		n.report.Fault = err.Error()
	}
	n.report.OK = err == nil
	for _, p := range n.report.Promises {
		n.report.OK = n.report.OK && p.Held
	}
	n.report.Seconds = time.Since(n.began).Seconds()
	return n.report
}

// prepare builds the world around the appliance.
func (n *night) prepare() error {
	var err error
	if n.dir = n.keep; n.dir == "" {
		if n.dir, err = os.MkdirTemp("", "heliograph-rehearsal-"); err != nil {
			return err
		}
	} else if err = os.MkdirAll(n.dir, 0o700); err != nil {
		return err
	}
	n.network = emulator.NewNetwork()
	n.network.SubmitDelay(300 * time.Millisecond)
	if n.modem, err = emulator.New(emulator.Options{Network: n.network, Number: boxNumber, PIN: "1234"}); err != nil {
		return err
	}
	if _, err = n.modem.ServePTYAt(filepath.Join(n.dir, "modem")); err != nil {
		return err
	}
	for range 3 {
		t, err := newTarget()
		if err != nil {
			return err
		}
		n.targets = append(n.targets, t)
	}
	for _, p := range []struct{ name, number string }{{"ada", adaNumber}, {"bob", bobNumber}, {"carol", carolNumber}} {
		go n.follow(p.name, n.network.Phone(p.number))
	}
	n.client = control.Dial(n.socket())
	return n.configure()
}

func (n *night) socket() string { return filepath.Join(n.dir, "control.sock") }

// configure writes the configuration that an ISP of this size would have.
func (n *night) configure() error {
	pin := filepath.Join(n.dir, "sim.pin")
	if err := os.WriteFile(pin, []byte("1234\n"), 0o600); err != nil {
		return err
	}
	text := fmt.Sprintf(`site: waw-12
data: %[1]s/data
modems:
  - {name: lte0, port: %[1]s/modem, number: "%[2]s", pin: {file: %[3]s}}
uplinks:
  - name: transit-a
    every: 2s
    probes: [{tcp: "%[4]s"}, {tcp: "%[5]s"}, {http: {url: "http://%[6]s/", expect: 204}}]
    down: {after: 10, quorum: 2}
    up: {after: 10, hold: 60s}
people:
  - {name: ada, sms: "%[7]s"}
  - {name: bob, sms: "%[8]s"}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: {every: "Mon 06:30", tell: [ada]}
control: {socket: %[9]s}
`, n.dir, boxNumber, pin, n.targets[0].at, n.targets[1].at, n.targets[2].at, adaNumber, bobNumber, n.socket())
	return os.WriteFile(filepath.Join(n.dir, "heliograph.yaml"), []byte(text), 0o600)
}

// tidy leaves nothing behind.
func (n *night) tidy() {
	if n.child != nil {
		n.child.kill()
	}
	for _, t := range n.targets {
		t.cut()
	}
	if n.modem != nil {
		n.modem.Close()
	}
	if n.network != nil {
		n.network.Close()
	}
	if n.keep == "" && n.dir != "" {
		os.RemoveAll(n.dir)
	}
}

// note puts a step in the timeline.
func (n *night) note(who, format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := happened{At: time.Since(n.began).Seconds(), Who: who, What: fmt.Sprintf(format, args...)}
	n.report.Steps = append(n.report.Steps, h)
	n.say("%6.2f s  %-9s %s", h.At, h.Who, h.What)
}

func (n *night) measure(since time.Time, what string) {
	n.report.Measured = append(n.report.Measured, measured{what, time.Since(since).Seconds()})
}

func (n *night) promise(text string, held bool, seen string, args ...any) {
	n.report.Promises = append(n.report.Promises, promise{text, fmt.Sprintf(seen, args...), held})
}

// follow prints what arrives on a phone.
func (n *night) follow(name string, p *emulator.Phone) {
	for t := range p.Arrived() {
		n.note(name, "< %s", t.Body)
	}
}

// text waits until a phone has a text with all of these words in it.
func (n *night) text(ctx context.Context, number string, words ...string) error {
	return n.until(ctx, fmt.Sprintf("no text to %s with %q", number, words), func() bool { return n.has(number, words...) })
}

func (n *night) has(number string, words ...string) bool { return n.count(number, words...) > 0 }

func (n *night) count(number string, words ...string) int {
	found := 0
	for _, t := range n.network.Phone(number).Texts() {
		all := true
		for _, w := range words {
			all = all && strings.Contains(t.Body, w)
		}
		if all {
			found++
		}
	}
	return found
}

// until waits for a condition of the world outside this process.
func (n *night) until(ctx context.Context, failure string, is func() bool) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-ctx.Done():
			return errors.New(failure + n.lastWords())
		case <-tick.C:
		}
	}
	return nil
}

// lastWords quotes the end of the appliance's log, for a failure.
func (n *night) lastWords() string {
	b, err := os.ReadFile(filepath.Join(n.dir, "appliance.log"))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return "; the appliance's last words:\n" + strings.Join(lines[max(0, len(lines)-8):], "\n")
}

// start runs the appliance, and ready waits until it can do its work.
func (n *night) start() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	n.child, err = startChild(self, filepath.Join(n.dir, "appliance.log"),
		"run", "-c", filepath.Join(n.dir, "heliograph.yaml"), fmt.Sprintf("--scale=%g", n.scale))
	return err
}

func (n *night) status(ctx context.Context) (control.Status, error) {
	var s control.Status
	_, err := n.client.Get(ctx, "/v1/status", &s)
	return s, err
}

func (n *night) ready(ctx context.Context, condition string) error {
	if err := n.fit(ctx); err != nil {
		return err
	}
	return n.until(ctx, "the appliance did not get ready", func() bool {
		s, err := n.status(ctx)
		return err == nil && len(s.Workers) > 0 && s.Workers[0].Fit && len(s.Subjects) > 0 && s.Subjects[0].Condition == condition
	})
}

// fit waits until the appliance can send, whatever the uplink does.
func (n *night) fit(ctx context.Context) error {
	err := n.until(ctx, "the modem did not get ready", func() bool {
		s, err := n.status(ctx)
		return err == nil && len(s.Workers) > 0 && s.Workers[0].Fit
	})
	if err == nil {
		n.starts++
	}
	return err
}

func (n *night) cut() {
	for _, t := range n.targets {
		t.cut()
	}
}

func (n *night) mend() error {
	for _, t := range n.targets {
		if err := t.open(); err != nil {
			return err
		}
	}
	return nil
}

// sound checks the store of the stopped appliance, page by page and row by
// row.
func (n *night) sound() error { return storage.Check(filepath.Join(n.dir, "data", "heliograph.db")) }

// child is the appliance as a process of its own.
type child struct {
	cmd  *exec.Cmd
	log  *os.File
	done chan struct{}
}

func startChild(path, log string, args ...string) (*child, error) {
	f, err := os.OpenFile(log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.Command(path, args...), log: f, done: make(chan struct{})}
	c.cmd.Stdout, c.cmd.Stderr = f, f
	// The appliance must not outlive a rehearsal that is killed itself.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.cmd.Start(); err != nil {
		f.Close()
		return nil, fmt.Errorf("start the appliance: %w", err)
	}
	go func() {
		defer close(c.done)
		c.cmd.Wait()
		f.Close()
	}()
	return c, nil
}

// kill is kill -9.
func (c *child) kill() {
	c.cmd.Process.Kill()
	<-c.done
}

// stop is what a supervisor does.
func (c *child) stop() {
	c.cmd.Process.Signal(syscall.SIGTERM)
	<-c.done
}

// target answers a TCP connection, and HTTP with 204, until it is cut.
type target struct {
	at       string
	listener net.Listener
}

func newTarget() (*target, error) {
	t := &target{at: "127.0.0.1:0"}
	return t, t.open()
}

func (t *target) open() error {
	if t.listener != nil {
		return nil
	}
	l, err := net.Listen("tcp", t.at)
	if err != nil {
		return fmt.Errorf("open a target on loopback: %w", err)
	}
	t.listener, t.at = l, l.Addr().String()
	go answer(l)
	return nil
}

func answer(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			c.SetDeadline(time.Now().Add(2 * time.Second))
			buf := make([]byte, 1024)
			if n, err := c.Read(buf); err == nil && n > 0 {
				fmt.Fprint(c, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
			}
		}()
	}
}

func (t *target) cut() {
	if t.listener != nil {
		t.listener.Close()
		t.listener = nil
	}
}
