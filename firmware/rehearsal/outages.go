package rehearsal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"heliograph/firmware/rehearsal/isp"
)

// held is what the appliance and its kernel hold.
type held struct {
	isp.Kernel
	descriptors int
	goroutines  int
	resident    int // kB
	heap        int // kB
}

func (h held) String() string {
	return fmt.Sprintf("%d routing rules, %d routes, %d guards of %d rules, %d descriptors, %d goroutines, %d kB resident, heap %d kB",
		h.Rules, h.Routes, h.Guards, h.Fences, h.descriptors, h.goroutines, h.resident, h.heap)
}

// grown says what of it is more than before. Memory breathes with the
// collector: what is lost at each outage shows over eight of them.
func (h held) grown(from held) string {
	var all []string
	for what, n := range map[string]int{
		"routing rules": h.Rules - from.Rules, "routes": h.Routes - from.Routes, "guards": h.Guards - from.Guards, "their rules": h.Fences - from.Fences,
		"descriptors": h.descriptors - from.descriptors, "goroutines": h.goroutines - from.goroutines, "kB resident": h.resident - from.resident - breath,
	} {
		if n > 0 {
			all = append(all, fmt.Sprintf("%d %s more", n, what))
		}
	}
	return strings.Join(all, ", ")
}

const (
	breath = 6 << 10 // kB
	warm   = 2       // outages after which all is in use that will be
)

// settles is how long what ends by itself may take to end: idle connections,
// and routes that the kernel forgets.
const settles = 20 * time.Second

// Outages lives through so many outages of all uplinks in a row, each told
// over the cellular connection and cleared, and weighs what the appliance
// holds afterwards.
func Outages(ctx context.Context, o Options, count int) Report {
	// One after the other, and none is damped, nor what people hear of them.
	o.Config = strings.ReplaceAll(o.Config, "degraded: {", "flap: {changes: 100}\n    degraded: {") + "limits: {recipient: 1000/hour}\n"
	n := &night{}
	var err error
	if n.World, err = New(o); err != nil {
		n.report.conclude(nil, err)
		return n.report
	}
	err = n.outages(ctx, count)
	n.report.conclude(n.World, err)
	if err := n.Close(); err != nil && n.report.Fault == "" {
		n.report.OK, n.report.Fault = false, "it left something behind: "+err.Error()
	}
	return n.report
}

func (n *night) outages(ctx context.Context, count int) error {
	if n.out == nil {
		return errors.New("without namespaces there is no cellular connection")
	}
	if err := n.calm(ctx); err != nil {
		return err
	}
	var before held
	for i := range count {
		if err := n.outage(ctx); err != nil {
			return fmt.Errorf("outage %d: %w", i+1, err)
		}
		if i+1 == min(warm, count) {
			var err error
			if before, err = n.rested(ctx, nil); err != nil {
				return err
			}
			n.note("box", "after %d outages: %s", i+1, before)
		}
	}
	after, err := n.rested(ctx, &before)
	if err != nil {
		return err
	}
	more := after.grown(before)
	n.report.promise(fmt.Sprintf("%d outages in a row leave nothing behind.", count), more == "", "after %d: %s; after %d: %s %s", min(warm, count), before, count, after, more)
	mails := n.mails(AdaMail, "", "ALL CLEAR")
	n.report.promise("The last is told and cleared as the first.", n.closedEach(2*count), "%d mails of all-clears to ada", mails)
	return nil
}

// outage cuts all uplinks, waits until the world was told over the air, mends
// them and waits until everybody is cleared.
func (n *night) outage(ctx context.Context) error {
	cut := time.Now()
	for _, u := range []string{"transit-a", "transit-b"} {
		if err := n.network.Break(u, isp.Cut); err != nil {
			return err
		}
	}
	if err := n.dialled(ctx, cut); err != nil {
		return err
	}
	if err := n.Until(ctx, "not both uplinks were found down", func() bool {
		s, err := n.Status(ctx)
		return err == nil && len(s.Incidents) == 2 && s.Queue["pending"]+s.Queue["sending"] == 0
	}); err != nil {
		return err
	}
	if err := n.network.MendAll(); err != nil {
		return err
	}
	return n.Until(ctx, "the incidents were not archived", func() bool {
		s, err := n.Status(ctx)
		return err == nil && len(s.Incidents) == 0 && s.Queue["pending"]+s.Queue["sending"] == 0 && !s.Backhauls[0].Up
	})
}

// closedEach says that ada has an all-clear of every incident, and that page
// and war room have nothing open.
func (n *night) closedEach(incidents int) bool {
	for i := range incidents {
		if n.mails(AdaMail, fmt.Sprintf("#%d]", i+1), "ALL CLEAR") != 1 {
			return false
		}
	}
	for _, e := range n.out.Page() {
		if !e.Over() {
			return false
		}
	}
	for _, t := range n.out.Room() {
		if !t.Over() {
			return false
		}
	}
	return true
}

// rested looks at the appliance when it rests; with something to compare, it
// waits for what ends by itself.
func (n *night) rested(ctx context.Context, before *held) (held, error) {
	patience, cancel := context.WithTimeout(ctx, settles)
	defer cancel()
	for {
		h, err := n.holds(ctx)
		if err != nil || before != nil && h.grown(*before) == "" || !pause(patience, 500*time.Millisecond) {
			return h, err
		}
	}
}

func (n *night) holds(ctx context.Context) (h held, err error) {
	n.mu.Lock()
	c := n.child
	n.mu.Unlock()
	if c == nil {
		return h, errors.New("the appliance does not run")
	}
	pid := c.cmd.Process.Pid
	if h.Kernel, err = isp.KernelOf(pid); err != nil {
		return h, err
	}
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return h, err
	}
	h.descriptors = len(open)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return h, err
	}
	h.resident = figure(string(status), "VmRSS:")
	var metrics bytes.Buffer
	if _, err := n.client.Copy(ctx, "/metrics", &metrics); err != nil {
		return h, err
	}
	h.goroutines = figure(metrics.String(), "go_goroutines")
	h.heap = figure(metrics.String(), "go_memstats_heap_alloc_bytes") >> 10
	return h, nil
}

// figure finds a whole number by the word before it.
func figure(text, name string) int {
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == name {
			f, _ := strconv.ParseFloat(words[1], 64)
			return int(f)
		}
	}
	return 0
}
