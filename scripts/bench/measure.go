package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/drivers/modem/emulator"
)

// sizes weighs what `make build` made.
func sizes(_ context.Context, b *bench) error {
	all, err := filepath.Glob(filepath.Join(filepath.Dir(b.binary), "heliograph-linux-*"))
	if err != nil {
		return err
	}
	for _, path := range all {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		budget := "" // field boxes are ARM
		if strings.Contains(filepath.Base(path), "-arm") {
			budget = "< 25"
		}
		b.put("binary "+strings.TrimPrefix(filepath.Base(path), "heliograph-"), float64(info.Size())/1e6, "MB", budget, 25)
	}
	return nil
}

// starts executes the appliance five times on a store that it knows, after a
// first time on an empty folder.
func starts(ctx context.Context, b *bench) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	probed := make(chan time.Time, 1<<10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			probed <- time.Now()
			c.Close()
		}
	}()
	r, err := b.newRig(0, false, false)
	if err != nil {
		return err
	}
	defer r.close()
	a, err := b.appliance(r, 1, fmt.Sprintf("  - {name: transit-a, every: 1h, probes: [{tcp: %q}]}\n", l.Addr()))
	if err != nil {
		return err
	}
	var probe, fit []float64
	for range 6 {
		began := time.Now()
		if err := a.exec(); err != nil {
			return err
		}
		select {
		case at := <-probed:
			probe = append(probe, ms(at.Sub(began)))
		case <-time.After(20 * time.Second):
			return fmt.Errorf("no probe came: %s", tail(a.log))
		}
		if err := a.fit(ctx); err != nil {
			return err
		}
		fit = append(fit, ms(time.Since(began)))
		a.kill()
	}
	b.put("exec to the first probe, median of 5", median(probe[1:]), "ms", "< 300", 300)
	b.put("exec to a modem that can send, as it was left, median of 5", median(fit[1:]), "ms", "", 0)
	b.note("first time, unknown modem: %s ms", number(fit[0]))
	return nil
}

// events hands one text in while nothing else happens, again and again, and
// times the first byte of AT+CMGS at the modem's end. Ours is timed from the
// moment before the order's bytes go to the socket; the others from the moment
// before the file is moved into their folder, at a random phase of their polling.
func events(ctx context.Context, b *bench) error {
	limit := ms(syncTime(b.dir)) + 10
	ours := 0.0
	for _, c := range b.carriers {
		tries := 20
		if c.name != us {
			tries = 6
		}
		times, err := b.eventTimes(ctx, c, tries)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		what := fmt.Sprintf("idle: order to the first byte of AT+CMGS, median of %d", tries)
		if c.name == us {
			ours = median(times)
			b.put(what, ours, "ms", fmt.Sprintf("one fdatasync and 10 ms: %s", number(limit)), limit)
			continue
		}
		b.beside(c.name, what, median(times), "ms", ours)
	}
	b.figures = append(b.figures, figure{What: "one fdatasync of 4 KiB on this file system", By: "disk", Value: limit - 10, Unit: "ms"})
	return nil
}

func (b *bench) eventTimes(ctx context.Context, c carrier, tries int) ([]float64, error) {
	r, err := b.newRig(0, false, true)
	if err != nil {
		return nil, err
	}
	defer r.close()
	s, err := c.make(b, c, r)
	if err != nil {
		return nil, err
	}
	defer s.kill()
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	if err := pause(ctx, 3*time.Second); err != nil { // what follows bring-up is over
		return nil, err
	}
	var times []float64
	for range tries {
		if err := pause(ctx, 400*time.Millisecond+rand.N(time.Second)); err != nil {
			return nil, err
		}
		r.tap.forget()
		wait, cancel := context.WithTimeout(ctx, 60*time.Second)
		began := time.Now()
		err := s.order(ctx, 1)
		at, late := r.tap.next(wait)
		cancel()
		if err != nil || late != nil {
			return nil, fmt.Errorf("%w, %w", err, late)
		}
		times = append(times, ms(at.Sub(began)))
	}
	return times, nil
}

// texts sends many texts and takes from the time of each what a loop without
// any program around it takes on the same modem.
func texts(ctx context.Context, b *bench) error {
	for _, takes := range []time.Duration{0, 5 * time.Millisecond, 50 * time.Millisecond} {
		var ours float64
		own, err := b.bare(takes, 200)
		if err != nil {
			return err
		}
		b.figures = append(b.figures, figure{What: fmt.Sprintf("a text's own time, %s modem", takes), By: "bare loop", Value: own, Unit: "ms", Note: "modem, tty and network without a program"})
		for _, c := range b.carriers {
			n := map[string]int{us: b.texts, "smsd": 40, "gammu-smsd": 12}[c.name]
			if c.name == us && takes > 20*time.Millisecond {
				n = min(n, 300) // a thousand would take a minute and tell no more
			}
			per, commits, err := b.bulk(ctx, c, takes, n, false)
			if err != nil {
				return fmt.Errorf("%s at %s: %w", c.name, takes, err)
			}
			b.bulkFigures(c, takes, n, own, per, commits, &ours)
		}
	}
	per, _, err := b.bulk(ctx, b.carriers[0], 0, min(300, b.texts), true)
	if err != nil {
		return err
	}
	b.put("texts a second, 0 ms modem, each with its status report", 1000/per, "texts/s", "", 0)
	return nil
}

func (b *bench) bulkFigures(c carrier, takes time.Duration, n int, own, per, commits float64, ours *float64) {
	rate := fmt.Sprintf("texts a second, %s modem, %d texts", takes, n)
	added := fmt.Sprintf("time added per text, %s modem, %d texts", takes, n)
	if c.name != us {
		if takes == 0 {
			b.figures = append(b.figures, figure{What: rate, By: c.name, Value: 1000 / per, Unit: "texts/s", Note: "it syncs nothing; ours sends " + number(per / *ours) + " times as many"})
		}
		b.beside(c.name, added, per-own, "ms", *ours-own)
		return
	}
	*ours = per
	if takes == 0 {
		f := figure{What: rate, By: us, Value: 1000 / per, Unit: "texts/s", Budget: "> 500", Note: fmt.Sprintf("%s commits a text, two fdatasyncs each", number(commits))}
		met := f.Value >= 500
		f.Met = &met
		b.figures = append(b.figures, f)
	}
	b.put(added, per-own, "ms", "< 2", 2)
	if takes == 50*time.Millisecond {
		b.put("the same in per cent of the modem's own time", (per-own)/own*100, "%", "< 5", 5)
	}
}

// bulk has n texts sent and returns the milliseconds from one to the next, and
// commits for each.
func (b *bench) bulk(ctx context.Context, c carrier, takes time.Duration, n int, reports bool) (per, commits float64, err error) {
	r, err := b.newRig(takes, reports, false)
	if err != nil {
		return 0, 0, err
	}
	defer r.close()
	s, err := c.make(b, c, r)
	if err != nil {
		return 0, 0, err
	}
	a, own := s.(*appliance)
	if own {
		if a, err = b.appliance(r, min(crowd, n), ""); err != nil {
			return 0, 0, err
		}
		s = a
	}
	defer s.kill()
	if err := s.start(ctx); err != nil {
		return 0, 0, err
	}
	if err := pause(ctx, 2*time.Second); err != nil {
		return 0, 0, err
	}
	before := uint64(0)
	if own {
		before = a.commits()
	}
	if err := s.order(ctx, n); err != nil {
		return 0, 0, err
	}
	if err := until(ctx, time.Minute+time.Duration(n)*200*time.Millisecond, "not all texts were sent", func() bool {
		pause(ctx, 40*time.Millisecond)
		return len(r.net.Submitted()) >= n
	}); err != nil {
		return 0, 0, err
	}
	all := r.net.Submitted()
	per = ms(all[n-1].At.Sub(all[0].At)) / float64(n-1)
	if own {
		commits = float64(a.commits()-before) / float64(n)
	}
	return per, commits, nil
}

// inbound texts STATUS to the box, idle and while texts wait for a slow
// network. It is obeyed when its answer is in the outbox.
func inbound(ctx context.Context, b *bench) error {
	_, idle, err := b.answers(ctx, 0, 10)
	if err != nil {
		return err
	}
	b.put("idle: the text comes, to the answer on the phone", median(idle), "ms", "", 0)
	acted, busy, err := b.answers(ctx, time.Second, 5)
	if err != nil {
		return err
	}
	b.put("100 texts of 1 s wait: the text comes, to the order obeyed", slices.Max(acted), "ms", "one text first: 1000, and 100", 1100)
	b.note("the longest of %d, median %s", len(acted), number(median(acted)))
	b.put("the same, to the answer on the phone, its own 1 s included", median(busy), "ms", "", 0)
	return nil
}

func (b *bench) answers(ctx context.Context, takes time.Duration, n int) (acted, times []float64, err error) {
	r, err := b.newRig(takes, false, false)
	if err != nil {
		return nil, nil, err
	}
	defer r.close()
	a, err := b.appliance(r, n, "")
	if err != nil {
		return nil, nil, err
	}
	defer a.kill()
	if takes > 0 {
		r.net.SubmitDelay(0)
		if err := a.wait(ctx, r, 100); err != nil {
			return nil, nil, err
		}
		r.net.SubmitDelay(takes)
	}
	if err := a.start(ctx); err != nil {
		return nil, nil, err
	}
	if err := pause(ctx, 3*time.Second); err != nil {
		return nil, nil, err
	}
	for i := range n {
		phone := r.net.Phone(person(i))
		if err := pause(ctx, rand.N(500*time.Millisecond)); err != nil {
			return nil, nil, err
		}
		rows, err := a.rows(ctx)
		if err != nil {
			return nil, nil, err
		}
		began := time.Now()
		if err := phone.Send(boxNumber, "status"); err != nil {
			return nil, nil, err
		}
		if err := until(ctx, 30*time.Second, "it was not obeyed", func() bool {
			now, err := a.rows(ctx)
			return err == nil && now > rows
		}); err != nil {
			return nil, nil, err
		}
		acted = append(acted, ms(time.Since(began)))
		if err := until(ctx, 30*time.Second, "no answer came", func() bool { return answered(phone) }); err != nil {
			return nil, nil, fmt.Errorf("%w: %s", err, tail(a.log))
		}
		times = append(times, ms(time.Since(began)))
	}
	return acted, times, nil
}

// wait opens incident 1 and leaves n texts to subscribers waiting.
func (a *appliance) wait(ctx context.Context, r *rig, n int) error {
	if err := a.opened(ctx, r); err != nil {
		return err
	}
	return subscribers(a.data, n, func(*bbolt.Tx, int) error { return nil })
}

// rows counts the deliveries in the outbox.
func (a *appliance) rows(ctx context.Context) (int, error) {
	s, err := a.status(ctx)
	n := 0
	for _, count := range s.Queue {
		n += count
	}
	return n, err
}

func answered(p *emulator.Phone) bool {
	for _, t := range p.Texts() {
		if strings.HasPrefix(t.Body, "waw-12: ") { // an alarm has a number after the site
			return true
		}
	}
	return false
}

// ports pulls the port in the middle of many texts and puts it back after 3 s.
func ports(ctx context.Context, b *bench) error {
	ours := 0.0
	for _, c := range b.carriers {
		back, err := b.portBack(ctx, c)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		const what = "the port is back after 3 s, to the next text taken"
		switch {
		case c.name == us:
			ours = back
			b.put(what, back, "s", "< 1", 1)
		case back == 0:
			b.figures = append(b.figures, figure{What: what, By: c.name, Value: patience.Seconds(), Unit: "s", Note: "never within this time"})
		default:
			b.beside(c.name, what, back, "s", ours)
		}
	}
	return nil
}

// patience is how long a program may take to send again.
const patience = 40 * time.Second

func (b *bench) portBack(ctx context.Context, c carrier) (float64, error) {
	r, err := b.newRig(50*time.Millisecond, false, false)
	if err != nil {
		return 0, err
	}
	defer r.close()
	s, err := c.make(b, c, r)
	if err != nil {
		return 0, err
	}
	if c.name == us {
		if s, err = b.appliance(r, crowd, ""); err != nil {
			return 0, err
		}
	}
	defer s.kill()
	if err := s.start(ctx); err != nil {
		return 0, err
	}
	if err := s.order(ctx, crowd); err != nil {
		return 0, err
	}
	taken := func() int { return len(r.net.Submitted()) }
	if err := until(ctx, time.Minute, "it sends nothing", func() bool { return taken() >= 3 }); err != nil {
		return 0, err
	}
	r.modem.Vanish()
	if err := pause(ctx, 3*time.Second); err != nil {
		return 0, err
	}
	before := taken()
	if err := r.modem.Return(); err != nil {
		return 0, err
	}
	began := time.Now()
	if until(ctx, patience, "", func() bool { return taken() > before }) != nil {
		return 0, ctx.Err()
	}
	return time.Since(began).Seconds(), nil
}

// kills kills each program at random instants while it sends, and counts what
// came twice unmarked and what never came.
func kills(ctx context.Context, b *bench) error {
	for _, c := range b.carriers {
		if err := b.killed(ctx, c); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

func (b *bench) killed(ctx context.Context, c carrier) error {
	r, err := b.newRig(100*time.Millisecond, false, false)
	if err != nil {
		return err
	}
	defer r.close()
	s, err := c.make(b, c, r)
	if err != nil {
		return err
	}
	if c.name == us {
		if s, err = b.appliance(r, crowd, ""); err != nil {
			return err
		}
	}
	defer s.kill()
	n := 4 * b.kills
	for i := range b.kills {
		if err := s.start(ctx); err != nil {
			return err
		}
		if i == 0 {
			if err := s.order(ctx, n); err != nil {
				return err
			}
		}
		before := len(r.net.Submitted())
		if err := until(ctx, time.Minute, "it sends nothing after a kill: "+tail(filepath.Join(r.dir, "log")), func() bool { return len(r.net.Submitted()) > before }); err != nil {
			return err
		}
		pause(ctx, rand.N(300*time.Millisecond))
		s.kill()
	}
	seen, unmarked, marked := map[string]int{}, 0, 0
	for _, t := range r.net.Submitted() {
		key := t.To + strings.TrimSuffix(t.Body, " (again)")
		if seen[key]++; seen[key] == 1 {
			continue
		}
		if strings.HasSuffix(t.Body, "(again)") {
			marked++
		} else {
			unmarked++
		}
	}
	f := figure{What: fmt.Sprintf("texts that came twice unmarked in %d kills", b.kills), By: c.name, Value: float64(unmarked), Unit: "texts"}
	if c.name == us {
		met := unmarked == 0
		f.Budget, f.Met, f.Note = "0", &met, "`make kills` counts what is lost as well"
	}
	b.figures = append(b.figures, f)
	return nil
}

// idle watches a box to which nothing happens.
func idle(ctx context.Context, b *bench) error {
	var lines strings.Builder
	for i := range 3 {
		var at []string
		for range 3 {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			defer l.Close()
			go answer(l)
			at = append(at, l.Addr().String())
		}
		fmt.Fprintf(&lines, "  - {name: uplink-%d, every: 2s, probes: [{tcp: %q}, {tcp: %q}, {http: {url: \"http://%s/\", expect: 204}}]}\n", i, at[0], at[1], at[2])
	}
	r, err := b.newRig(0, true, false)
	if err != nil {
		return err
	}
	defer r.close()
	a, err := b.appliance(r, 2, lines.String())
	if err != nil {
		return err
	}
	defer a.kill()
	if err := a.start(ctx); err != nil {
		return err
	}
	if err := pause(ctx, 10*time.Second); err != nil { // what follows bring-up is over
		return err
	}
	cpu, commits, began := a.cpu(), a.commits(), time.Now()
	if err := pause(ctx, b.idle); err != nil {
		return err
	}
	took := time.Since(began)
	b.put(fmt.Sprintf("idle for %s: processor", took.Round(time.Second)), 100*float64(a.cpu()-cpu)/float64(took), "% core", "< 1", 1)
	b.put("idle: resident memory at the end", a.memory("VmRSS"), "MB", "< 25", 25)
	b.note("most since the start: %s MB; of its own, not pages of the binary: %s MB", number(a.memory("VmHWM")), number(a.memory("RssAnon")))
	b.put("idle: commits in that time", float64(a.commits()-commits), "commits", "one an hour", 1)
	return nil
}

// answer is a target that is up: it takes connections, and answers HTTP.
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
