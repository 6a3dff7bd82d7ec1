package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"heliograph/firmware/control"
)

// carrier is a program that carries texts: ours, or one beside it.
type carrier struct {
	name, path string
	make       func(b *bench, c carrier, r *rig) (sender, error)
}

// sender is a carrier on a rig.
type sender interface {
	// start runs it and returns when it can send.
	start(ctx context.Context) error
	// order hands n texts in, each with a word of its own; it returns when the
	// program has them.
	order(ctx context.Context, n int) error
	kill()
}

// crowd is how many people one order of ours reaches.
const crowd = 100

// appliance is our binary with its configuration.
type appliance struct {
	*process
	binary, config string
	data, log      string
	port           string
	client         *control.Client
	people         int
	orders         int
}

func newAppliance(b *bench, _ carrier, r *rig) (sender, error) { return b.appliance(r, 1, "") }

// appliance writes a configuration with so many people on call. uplinks is
// YAML; empty for one whose target refuses, which decides nothing.
func (b *bench) appliance(r *rig, people int, uplinks string) (*appliance, error) {
	a := &appliance{
		binary: b.binary, config: filepath.Join(r.dir, "heliograph.yaml"), data: filepath.Join(r.dir, "data"),
		log: filepath.Join(r.dir, "log"), port: r.port, client: control.Dial(filepath.Join(r.dir, "sock")),
	}
	if uplinks == "" {
		uplinks = "  - {name: transit-a, every: 1h, probes: [{tcp: \"127.0.0.1:1\"}], down: {after: 1000}}\n"
	}
	return a, a.configure(people, uplinks, filepath.Join(r.dir, "sock"))
}

func (a *appliance) configure(people int, uplinks, socket string) error {
	a.people = people
	var list strings.Builder
	var names []string
	for i := range people {
		fmt.Fprintf(&list, "  - {name: p%d, sms: %q}\n", i, person(i))
		names = append(names, fmt.Sprintf("p%d", i))
	}
	return os.WriteFile(a.config, fmt.Appendf(nil, `site: waw-12
data: %s
modems: [{name: lte0, port: %s, number: %q, limits: {sms: 1000000/day}}]
uplinks:
%speople:
%soncall: [{who: [%s], after: 0s}]
limits: {recipient: 10000/hour}
selftest: off
control: {socket: %s}
`, a.data, a.port, boxNumber, uplinks, list.String(), strings.Join(names, ", "), socket), 0o600)
}

func (a *appliance) exec() (err error) {
	a.process, err = run(a.log, a.binary, "run", "-c", a.config)
	return err
}

func (a *appliance) start(ctx context.Context) error {
	if err := a.exec(); err != nil {
		return err
	}
	return a.fit(ctx)
}

func (a *appliance) fit(ctx context.Context) error {
	return until(ctx, 60*time.Second, "the appliance's modem did not get ready: "+tail(a.log), func() bool {
		s, err := a.status(ctx)
		return err == nil && len(s.Workers) > 0 && s.Workers[0].Fit
	})
}

func (a *appliance) status(ctx context.Context) (control.Status, error) {
	var s control.Status
	_, err := a.client.Get(ctx, "/v1/status", &s)
	return s, err
}

func (a *appliance) order(ctx context.Context, n int) error {
	for range (n + a.people - 1) / a.people {
		a.orders++
		answer, err := a.client.Order(ctx, fmt.Sprintf("OPEN platform case%dx", a.orders))
		if err != nil {
			return err
		}
		if !answer.OK {
			return fmt.Errorf("the order was refused: %s", answer.Text)
		}
	}
	return nil
}

func (a *appliance) kill() {
	if a.process != nil {
		a.process.kill()
	}
}

// commits reads how many transactions the store's file has seen from its two
// meta pages (bbolt: page header 16 octets, then magic, version, page size and
// flags of 4, root of 16, free list and page count of 8 each, then the number).
func (a *appliance) commits() uint64 {
	f, err := os.Open(filepath.Join(a.data, "heliograph.db"))
	if err != nil {
		return 0
	}
	defer f.Close()
	last, b := uint64(0), make([]byte, 8)
	for page := range int64(2) {
		if _, err := f.ReadAt(b, page*int64(os.Getpagesize())+16+16+16+16); err == nil {
			last = max(last, binary.NativeEndian.Uint64(b))
		}
	}
	return last
}

// tail is the end of a log, for a failure.
func tail(log string) string {
	b, err := os.ReadFile(log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return "\n" + strings.Join(lines[max(0, len(lines)-6):], "\n")
}

// memory reads VmRSS or VmHWM of a process, in MB.
func (p *process) memory(key string) float64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	for line := range strings.Lines(string(b)) {
		var kB float64
		if rest, ok := strings.CutPrefix(line, key+":"); ok {
			fmt.Sscan(rest, &kB)
			return kB / 1024
		}
	}
	return 0
}

// cpu is the processor time that a process has used: utime and stime of
// proc(5), in hundredths of a second.
func (p *process) cpu() time.Duration {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	var user, system int
	fmt.Sscan(f[11], &user)
	fmt.Sscan(f[12], &system)
	return time.Duration(user+system) * 10 * time.Millisecond
}
