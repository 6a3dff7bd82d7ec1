package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"heliograph/drivers/modem/emulator"
)

// crowds has the real binary tell subscribers of an outage: 4,812 and 100,000,
// out of lists of as many.
func crowds(ctx context.Context, b *bench) error {
	for _, n := range []int{4812, many} {
		if err := b.crowd(ctx, n); err != nil {
			return fmt.Errorf("%d subscribers: %w", n, err)
		}
	}
	return b.twoModems(ctx)
}

// hall is an appliance with a list of subscribers on a rig.
type hall struct {
	*appliance
	rig  *rig
	size int
	list string
}

// newHall writes a configuration and a list of so many subscribers. Further
// modems may be named.
func (b *bench) newHall(r *rig, size int, more string) (*hall, error) {
	a, err := b.appliance(r, 1, "  - {name: transit-a, every: 1h, serves: [waw], probes: [{tcp: \"127.0.0.1:1\"}], down: {after: 1000}}\n")
	if err != nil {
		return nil, err
	}
	h := &hall{appliance: a, rig: r, size: size, list: filepath.Join(r.dir, "list.csv")}
	text, err := os.ReadFile(a.config)
	if err != nil {
		return nil, err
	}
	conf := strings.Replace(string(text), "/day}}]", "/day}}"+more+"]", 1) +
		fmt.Sprintf("subscribers: {from: {csv: %s}, every: 168h, after: 0s, approve: {over: 20}, quiet: off}\n", h.list)
	conf = strings.Replace(conf, "{name: p0,", "{name: p0, role: approver,", 1)
	if err := os.WriteFile(a.config, []byte(conf), 0o600); err != nil {
		return nil, err
	}
	return h, h.write()
}

// write makes the list: everybody in one region, twelve to a box, every fifth
// with a mail address as well.
func (h *hall) write() error {
	f, err := os.Create(h.list)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "code,name,phone,mail,language,region,municipality,box,uplink,line")
	for n := range h.size {
		mail := ""
		if n%5 == 0 {
			mail = fmt.Sprintf("k%d@example.org", n)
		}
		fmt.Fprintf(w, "K%06d,Jan Kowalski %d,+48700%06d,%s,%s,waw,Warszawa-%d,BOX-%d,transit-a,PPPOE-%d\n", n, n, n, mail, []string{"pl", "en", "it", ""}[n%4], n%40, n/12, n)
	}
	return w.Flush()
}

// take imports the list as its own process, before the appliance reads it
// anew, and gives its time and memory.
func (h *hall) take(ctx context.Context) (took time.Duration, megabytes float64, err error) {
	if err := os.MkdirAll(h.data, 0o700); err != nil {
		return 0, 0, err
	}
	c := exec.CommandContext(ctx, h.binary, "directory", "import", "-c", h.config, h.list)
	began := time.Now()
	out, err := c.CombinedOutput()
	took = time.Since(began)
	if err != nil {
		return took, 0, fmt.Errorf("import: %w: %s", err, out)
	}
	return took, float64(c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024, nil
}

// orders gives an order that must be taken.
func (h *hall) orders(ctx context.Context, words string) error {
	a, err := h.client.Order(ctx, words)
	if err != nil || !a.OK {
		return fmt.Errorf("%s: %s %w", words, a.Text, err)
	}
	return nil
}

var asked = regexp.MustCompile(`APPROVE ([0-9A-F]{3})`)

// approves says yes with the code that the approver was texted.
func (h *hall) approves(ctx context.Context) error {
	code := ""
	err := until(ctx, 30*time.Second, "nobody was asked", func() bool {
		for _, t := range h.rig.net.Phone(person(0)).Texts() {
			if m := asked.FindStringSubmatch(t.Body); m != nil {
				code = m[1]
			}
		}
		return code != ""
	})
	if err != nil {
		return err
	}
	return h.orders(ctx, "p0 APPROVE "+code)
}

func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// crowd plans, approves, tells, and clears after a few were told.
func (b *bench) crowd(ctx context.Context, size int) error {
	r, err := b.newRig(0, false, true)
	if err != nil {
		return err
	}
	defer r.close()
	h, err := b.newHall(r, size, "")
	if err != nil {
		return err
	}
	took, memory, err := h.take(ctx)
	if err != nil {
		return err
	}
	if err := h.start(ctx); err != nil {
		return err
	}
	defer h.kill()
	name := grouped(size) + " subscribers: "
	b.put(name+"import of a CSV", took.Seconds(), "s", "< 10", 10)
	b.put(name+"resident memory of the import, at most", memory, "MB", "< 64", 64)
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	if err := b.announce(ctx, h, name); err != nil {
		return err
	}
	if err := b.again(ctx, h, name); err != nil {
		return err
	}
	return b.mended(ctx, h, name)
}

// announce opens an incident in the region, says yes to the plan, and opens
// others while the deliveries are written.
func (b *bench) announce(ctx context.Context, h *hall, name string) error {
	r := h.rig
	began := time.Now()
	if err := h.orders(ctx, "OPEN waw the fibre is cut"); err != nil {
		return err
	}
	b.put(name+"an order to open, counted and planned, to its answer", ms(time.Since(began)), "ms", "", 0)
	if err := until(ctx, 10*time.Second, "nobody was asked", func() bool { return len(r.net.Submitted()) >= 2 }); err != nil {
		return err
	}
	b.put(name+"to the text that asks for a yes", ms(time.Since(began)), "ms", "", 0)
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	r.tap.forget()
	began = time.Now()
	if err := h.approves(ctx); err != nil {
		return err
	}
	b.put(name+"a yes to its commit", ms(time.Since(began)), "ms", "", 0)
	at, err := r.tap.next(ctx)
	if err != nil {
		return err
	}
	b.put(name+"a yes to the first AT+CMGS", ms(at.Sub(began)), "ms", "", 0)
	var urgent []float64
	for {
		rows, err := h.rows(ctx)
		if err != nil {
			return err
		}
		if rows >= h.size {
			break
		}
		took, err := b.urgent(ctx, h.appliance, r)
		if err != nil {
			return err
		}
		urgent = append(urgent, took)
	}
	written := time.Since(began)
	limit := 5.0
	b.put(name+"a yes to all deliveries written", written.Seconds(), "s", "< 5", limit)
	b.note("%d urgent incidents were opened meanwhile", len(urgent))
	if len(urgent) > 0 {
		b.put(name+"an urgent order meanwhile, to its text taken, median", median(urgent), "ms", "", 0)
		b.note("longest: %s ms", number(maxOf(urgent)))
	}
	return b.sending(ctx, h, name)
}

// sending opens incidents while subscribers are texted.
func (b *bench) sending(ctx context.Context, h *hall, name string) error {
	var urgent []float64
	for range 10 {
		took, err := b.urgent(ctx, h.appliance, h.rig)
		if err != nil {
			return err
		}
		urgent = append(urgent, took)
	}
	b.put(name+"the same while they are sent, median of 10", median(urgent), "ms", "", 0)
	b.note("longest: %s ms", number(maxOf(urgent)))
	b.put(name+"resident memory then", h.memory("VmRSS"), "MB", "< 64", 64)
	b.note("of its own: %s MB", number(h.memory("RssAnon")))
	return nil
}

func maxOf(all []float64) (most float64) {
	for _, v := range all {
		most = max(most, v)
	}
	return most
}

// again kills it in the middle and starts it anew.
func (b *bench) again(ctx context.Context, h *hall, name string) error {
	h.kill()
	if err := pause(ctx, 500*time.Millisecond); err != nil {
		return err
	}
	r := h.rig
	r.tap.forget()
	began := time.Now()
	if err := h.exec(); err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	at, err := r.tap.next(wait)
	if err != nil {
		return fmt.Errorf("%w: %s", err, tail(h.log))
	}
	b.put(name+"killed and restarted while they wait: exec to AT+CMGS", at.Sub(began).Seconds(), "s", "< 1", 1)
	return nil
}

// mended ends the outage: what is unsent is withdrawn, and those who were told
// are cleared, and nobody else.
func (b *bench) mended(ctx context.Context, h *hall, name string) error {
	r := h.rig
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	r.tap.forget()
	began := time.Now()
	if err := h.orders(ctx, "CLEAR 1"); err != nil {
		return err
	}
	b.put(name+"an order to clear, to its commit", ms(time.Since(began)), "ms", "", 0)
	var last, waits int
	err := until(ctx, 5*time.Minute, "the all-clears did not go", func() bool {
		s, err := h.status(ctx)
		waits = s.Queue["pending"] + s.Queue["sending"]
		last = s.Queue["superseded"]
		return err == nil && waits == 0
	})
	if err != nil {
		return fmt.Errorf("%w: %d wait: %s", err, waits, tail(h.log))
	}
	b.put(name+"an order to clear, to nothing waiting", time.Since(began).Seconds(), "s", "", 0)
	all, lacks := map[string]bool{}, map[string]bool{} // whoever the kill cut off may have the all-clear alone
	for _, s := range r.net.Submitted() {
		if strings.HasPrefix(s.To, "+48700") {
			lacks[s.To], all[s.To] = !all[s.To] && s.At.Before(began), true
		}
	}
	once := 0
	for _, lacking := range lacks {
		if lacking {
			once++
		}
	}
	if err := pause(ctx, time.Second); err != nil { // it is closed
		return err
	}
	b.note("%s of %s were told, %d of them not cleared; %s were withdrawn", grouped(len(all)), grouped(h.size), once, grouped(last))
	b.put(name+"resident memory then", h.memory("VmRSS"), "MB", "< 64", 64)
	b.note("of its own: %s MB", number(h.memory("RssAnon")))
	return nil
}

// twoModems sends at 50 ms a text by one modem and by two.
func (b *bench) twoModems(ctx context.Context) error {
	const texts = 300
	rate := map[int]float64{}
	for _, modems := range []int{1, 2} {
		r, err := b.newRig(50*time.Millisecond, false, false)
		if err != nil {
			return err
		}
		more := ""
		if modems == 2 {
			second := filepath.Join(r.dir, "modem2")
			m, err := emulator.New(emulator.Options{Network: r.net, Number: "+48600100299"})
			if err != nil {
				return err
			}
			defer m.Close()
			if _, err := m.ServePTYAt(second); err != nil {
				return err
			}
			more = fmt.Sprintf(", {name: lte1, port: %s, number: \"+48600100299\", limits: {sms: 1000000/day}}", second)
		}
		if rate[modems], err = b.rate(ctx, r, more, texts); err != nil {
			return err
		}
		r.close()
	}
	b.put(fmt.Sprintf("one modem of 50 ms, %d texts to subscribers", texts), rate[1], "a second", "", 0)
	b.put("two modems of 50 ms, likewise", rate[2], "a second", "", 0)
	b.note("%s times one", number(rate[2]/rate[1]))
	return nil
}

func (b *bench) rate(ctx context.Context, r *rig, more string, texts int) (float64, error) {
	h, err := b.newHall(r, 4812, more)
	if err != nil {
		return 0, err
	}
	if _, _, err := h.take(ctx); err != nil {
		return 0, err
	}
	if err := h.start(ctx); err != nil {
		return 0, err
	}
	defer h.kill()
	if err := pause(ctx, 3*time.Second); err != nil { // the second modem is ready, too
		return 0, err
	}
	if err := h.orders(ctx, "OPEN waw the fibre is cut"); err != nil {
		return 0, err
	}
	if err := h.approves(ctx); err != nil {
		return 0, err
	}
	if err := until(ctx, 2*time.Minute, "the texts did not go", func() bool { return len(r.net.Submitted()) >= texts+50 }); err != nil {
		return 0, err
	}
	all := r.net.Submitted()
	return float64(texts) / all[49+texts].At.Sub(all[49].At).Seconds(), nil
}
