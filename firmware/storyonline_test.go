package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/firmware/event"
)

// letterbox is a channel's way into the world: a second, over the path that the
// claim named.
type letterbox struct {
	*world
	channel string
	past    time.Duration // as of a line
}

func (a letterbox) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	if j.Path == "" || j.Text == "" {
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Never, Code: fmt.Sprintf("a letter without a path or a word: %+v", j)}
	}
	took := line{world: a.world, past: a.past}.until(time.Second)
	if a.isDead(j.Path) {
		took += 10 * time.Second
	}
	select {
	case <-ctx.Done():
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Unsure, Err: ctx.Err()}
	case <-time.After(took):
	}
	if a.isDead(j.Path) {
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Retry, Worker: true, Code: "no connection in 10 s"}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	who, what := a.channel, j.Subject
	if a.channel == event.Mail {
		who = j.To
	} else if j.Case != nil {
		what = string(j.Case.Phase) + ": " + j.Case.Title
	}
	if strings.HasPrefix(j.To, "drill:") {
		who = j.To // a test target
	}
	refusal := a.refuse[a.channel]
	if refusal == nil || refusal.Fate == delivery.Unsure {
		how := " over " + j.Path
		if a.channel == event.Mail {
			how = " mail" + how
			a.mails = append(a.mails, j)
		}
		if j.Doubtful {
			how += " again"
		}
		a.sent = append(a.sent, sentText{at: time.Since(a.began), to: who, text: what, how: how})
	}
	if refusal != nil {
		return delivery.Receipt{}, refusal
	}
	return delivery.Receipt{Reference: "250 taken"}, nil
}

func (w *world) isDead(path string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dead[path]
}

func (w *world) kill(path string, is bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead[path] = is
}

const (
	dials = 4 * time.Second // how long a backhaul takes to come up, or to fail
	idles = 2 * time.Minute // and how long it stays up after the last user has gone
)

// dialler keeps the backhauls, as far as a story goes: it dials for
// whoever is wanted, tries again every half minute, and hangs up after a while.
type dialler struct {
	*world
	engine interface{ Put(event.Fact) }
	wanted string // under the world's mutex, as all of it
	up     string
	order  int

	channels []string // that prove themselves
}

func (k *dialler) carry(e event.Effect) {
	switch e := e.(type) {
	case event.Lease:
		k.lease(e)
	case event.Reboot:
		k.mu.Lock()
		defer k.mu.Unlock()
		k.sent = append(k.sent, sentText{at: time.Since(k.began), to: "board", text: "restarts, by order of " + e.By})
	case event.Inspect:
		k.inspect(e)
	case event.Prove:
		p := event.Proved{Backhaul: e.Backhaul, Took: dials, RTT: 38 * time.Millisecond, Bytes: 9000}
		for _, channel := range k.channels {
			c := event.Checked{Name: channel, Took: time.Second}
			if k.refuses(channel) {
				c.Why = "the login was refused"
			}
			p.Channels = append(p.Channels, c)
		}
		time.AfterFunc(2*time.Second+20*time.Millisecond, func() { k.engine.Put(p) })
	}
}

func (w *world) refuses(channel string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.refuse[channel] != nil
}

func (k *dialler) lease(l event.Lease) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.order++
	k.wanted = l.Backhaul
	switch {
	case l.Backhaul == "" && k.up != "":
		time.AfterFunc(idles, k.unless(k.order, k.hangUp))
	case l.Backhaul != "" && k.up != l.Backhaul:
		k.hangUp()
		time.AfterFunc(dials, k.unless(k.order, k.dial))
	}
}

// unless does something, unless another order came meanwhile.
func (k *dialler) unless(order int, do func()) func() {
	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.order == order {
			do()
		}
	}
}

func (k *dialler) hangUp() {
	if k.up != "" {
		k.engine.Put(event.Linked{Backhaul: k.up, State: "down"})
		k.up = ""
	}
}

func (k *dialler) dial() {
	if k.dead[k.wanted] {
		k.engine.Put(event.Linked{Backhaul: k.wanted, State: "waiting", Why: "the network refused the call", Advice: "look at the SIM", Failed: true})
		time.AfterFunc(30*time.Second, k.unless(k.order, k.dial))
		return
	}
	k.up = k.wanted
	k.engine.Put(event.Linked{Backhaul: k.up, Up: true, State: "up", Took: dials, RTT: 38 * time.Millisecond})
}

// spend uses up a share of a backhaul's budget.
func (s *stage) spend(backhaul, percent string) {
	n, err := strconv.Atoi(percent)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, b := range s.config.Backhaul {
		if b.Name == backhaul {
			kept := float64(n) >= 100*(1-b.Budget.Reserve)
			s.engine.Put(event.Spent{Backhaul: b.Name, Used: b.Budget.Bytes * int64(n) / 100, Limit: b.Budget.Bytes, Percent: n, Kept: kept, Out: n >= 100})
		}
	}
}
