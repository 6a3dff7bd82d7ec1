package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/firmware/rehearsal/story"
	"heliograph/storage/outbox"
)

// crowdStory is an uplink that a list hangs on; %s is who is on it.
const crowdStory = `# A crowd is told while the power fails.
site: waw-12
brand: Example Net
modems: [{name: lte0, port: /dev/modem, limits: {sms: 50000/day}}]
uplinks:
  - name: transit-a
    gateway: 192.0.2.1
    interface: eth0
    serves: [waw, lodz, krakow]
    every: 20s
    probes: [{icmp: 9.9.9.9}, {tcp: "1.1.1.1:443"}]
    down: {after: 2}
    up: {after: 1, hold: 1s}
people:
  - {name: ada, sms: "+48600100201", role: approver}
oncall:
  - {who: [ada]}
silence: off
subscribers:
  from: {csv: /var/lib/list.csv}
  after: 1m
  quiet: off
selftest: off
---
at 00:00 list %s
at 01:00 transit-a fails
`

// crash is a stage whose power fails in the middle of texts.
type crash struct {
	*stage
	dead chan struct{} // closed by the cut
	cuts int
}

// crashing plays a crowd's first minutes: the outage is open, acknowledged and
// approved, and the texts begin.
func crashing(t *testing.T, list string, tale func(c *crash)) {
	t.Helper()
	st, err := story.Parse("crowd", fmt.Sprintf(crowdStory, list))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		c := &crash{stage: newStage(t, st, dir)}
		c.world.cut = func() {
			c.store.Close() // nothing of this life is written any more
			close(c.dead)
		}
		acts := st.Happenings()
		c.enlist(acts[0])
		c.power()
		c.wait(acts[1].At)
		c.act(acts[1])
		c.wait(3 * time.Minute)
		c.order("ack 1")
		c.wait(5 * time.Minute)
		c.order("approve")
		tale(c)
		c.stop()
		c.all.Wait()
	})
}

func (c *crash) order(words string) {
	c.t.Helper()
	a, err := c.engine.Order(c.t.Context(), "root", words)
	if err != nil || !a.OK {
		c.t.Fatalf("%s: %q, %v", words, a.Text, err)
	}
	synctest.Wait()
}

// cutAfter lets the power fail so many instants later: odd ones are before the
// network hears of a text, even ones after it took it. It returns when the
// power is back.
func (c *crash) cutAfter(instants int) {
	c.t.Helper()
	c.world.mu.Lock()
	c.dead = make(chan struct{})
	c.world.cutAt = c.world.attempts + instants
	c.world.mu.Unlock()
	<-c.dead
	c.cuts++
	c.stop()
	c.all.Wait()
	c.power()
}

// crowd are the texts to the list by number, those that begin with some words.
func (c *crash) crowd(words string) map[string]int {
	c.world.mu.Lock()
	defer c.world.mu.Unlock()
	got := map[string]int{}
	for _, x := range c.world.sent {
		if c.list.ever[x.to].Crowd && strings.Contains(x.text, words) {
			got[x.to]++
		}
	}
	return got
}

// unsure are the numbers whose text was in flight when the power failed.
func (c *crash) unsure(kind string) map[string]bool {
	c.t.Helper()
	all := map[string]bool{}
	err := c.store.View(func(tx *bbolt.Tx) error {
		rows, err := outbox.Rows(tx, outbox.Filter{Status: []outbox.Status{outbox.Unsure}, Limit: 10_000})
		for _, d := range rows {
			if d.Kind == kind && d.Audience == "subscribers" {
				all[d.Address] = true
			}
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return all
}

// once sees that everybody got a text once, but for those in flight at a cut,
// who may have got it and get it no second time.
func (c *crash) once(words, kind string, who map[string]bool) {
	c.t.Helper()
	got, doubt := c.crowd(words), c.unsure(kind)
	if len(doubt) > c.cuts {
		c.t.Errorf("%d texts of %s are in doubt after %d cuts", len(doubt), kind, c.cuts)
	}
	for number := range who {
		if n := got[number]; n > 1 || n == 0 && !doubt[number] {
			c.t.Errorf("%s got %d texts with %q, in doubt: %t", number, n, words, doubt[number])
		}
	}
	for number := range got {
		if !who[number] {
			c.t.Errorf("%s got a text with %q", number, words)
		}
	}
}

// TestThePowerFailsWhileACrowdIsTold kills the box at instants that a seed
// draws, while 4,812 subscribers are told.
func TestThePowerFailsWhileACrowdIsTold(t *testing.T) {
	t.Parallel()
	crashing(t, "waw:1604 lodz:1604 krakow:1604", func(c *crash) {
		chance := rand.New(rand.NewPCG(8, 4812))
		for range 24 {
			c.cutAfter(1 + chance.IntN(380))
		}
		for before := -1; len(c.crowd("no Internet")) != before; {
			before = len(c.crowd("no Internet"))
			time.Sleep(20 * time.Minute)
			synctest.Wait()
		}
		all := map[string]bool{}
		for number := range c.list.ever {
			all[number] = true
		}
		if len(all) != 4812 {
			t.Fatalf("the list has %d subscribers", len(all))
		}
		c.once("no Internet", "down", all)
		t.Logf("%d told, %d in doubt after %d cuts", len(c.crowd("no Internet")), len(c.unsure("down")), c.cuts)
	})
}

// TestThePowerFailsAboutAMend mends the line after some forty texts, and kills
// the box around it: who was told is cleared, and nobody else hears anything.
func TestThePowerFailsAboutAMend(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			crashing(t, "waw:200", func(c *crash) {
				chance := rand.New(rand.NewPCG(8, seed))
				c.cutAfter(1 + chance.IntN(80))
				for len(c.crowd("no Internet")) < 40 {
					time.Sleep(2 * time.Second)
					synctest.Wait()
				}
				c.world.break_("transit-a", []string{"passes"})
				c.cutAfter(1 + chance.IntN(100))
				time.Sleep(20 * time.Minute)
				synctest.Wait()
				told := map[string]bool{}
				for number := range c.crowd("no Internet") {
					told[number] = true
				}
				for number := range c.unsure("down") {
					told[number] = true
				}
				if len(told) > 120 {
					t.Errorf("%d of 200 were told: the rest was not withdrawn", len(told))
				}
				c.once("no Internet", "down", told)
				c.once("works again", "all-clear", told)
				t.Logf("%d told, %d cleared", len(c.crowd("no Internet")), len(c.crowd("works again")))
			})
		})
	}
}
