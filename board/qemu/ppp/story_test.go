package ppp

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"heliograph/drivers/modem/emulator"
)

const boxNumber, adaNumber = "+48600100200", "+48600100201"

// TestNightsOverPPP: the line is cut, the box dials out, and the carrier is
// lost in the middle of the mail that says so: the box dials anew, and the mail
// arrives; twice where nobody could know, with the same Message-ID, so that
// readers see one. The line comes back, and nothing is left of the call.
func TestNightsOverPPP(t *testing.T) {
	if os.Getenv(guest) == "" {
		t.Skip("needs to be beside a box in a guest of QEMU: make ppp-test")
	}
	until(t, "the image's first process has prepared the box", func() bool { _, err := os.Stat("/run/heliograph"); return err == nil })
	load(t, "/lib/modules/veth.ko")
	n := &nights{T: t, world: newWorld(t)}
	n.carrier = &carrier{t: t, place: n.world.place, calls: make(chan *call, 9)}
	network := emulator.NewNetwork()
	m, err := emulator.New(emulator.Options{Network: network, Number: boxNumber, PIN: "1234", Carrier: n.carrier.dialled})
	must(t, err)
	_, err = m.ServePTYAt("/dev/modem-at")
	must(t, err)
	_, err = m.ServeSecondPTYAt("/dev/modem-data")
	must(t, err)
	n.ada = network.Phone(adaNumber)
	until(t, "the box is at rest", func() bool {
		must(t, n.ada.Send(boxNumber, "status"))
		select {
		case text := <-n.ada.Arrived():
			t.Logf("ada: %s", text.Body)
			return strings.Contains(text.Body, "Nothing open")
		case <-time.After(10 * time.Second):
			return false
		}
	})
	before := traces(t)
	defer func() {
		if t.Failed() {
			t.Logf("on the box was at first\n%s\nand is now\n%s", before, traces(t))
		}
	}()
	rounds, _ := strconv.Atoi(os.Getenv("rounds")) // from the kernel's command line
	for i := range rounds {
		how := losses[i%len(losses)]
		t.Logf("night %d: the carrier is lost %s, by %v", i+1, how.when, how.by)
		n.night(how.when, how.by)
		until(t, "nothing is left of the calls", func() bool { return traces(t) == before })
	}
}

var losses = []struct {
	when instant
	by   syscall.Signal
}{
	{begun, syscall.SIGTERM}, {taken, syscall.SIGKILL}, {envelope, syscall.SIGTERM}, {begun, syscall.SIGKILL}, {envelope, syscall.SIGKILL},
}

type nights struct {
	*testing.T
	world   *world
	carrier *carrier
	ada     *emulator.Phone
}

func (n *nights) night(when instant, by syscall.Signal) {
	n.Helper()
	n.world.post.lose(when)
	n.world.cut(n.T)
	first := n.dialled()
	next(n.T, "the mail comes to where the carrier is lost", n.world.post.reach)
	n.Logf("  the mail is under way %.1f s after ATD", time.Since(first.began).Seconds())
	first.lose(n.T, by)
	lost := time.Now()
	n.world.post.lost <- struct{}{}
	second := n.dialled()
	n.Logf("  dialled anew %.1f s after the carrier was lost", second.began.Sub(lost).Seconds())

	mail := next(n.T, "the mail arrives", n.world.post.letter)
	n.Logf("  %q arrives %.1f s after the carrier was lost", mail.subject, mail.at.Sub(lost).Seconds())
	if when == taken {
		again := next(n.T, "the mail arrives again, as nobody knew", n.world.post.letter)
		n.Logf("  %q arrives again %.1f s after the carrier was lost", again.subject, again.at.Sub(lost).Seconds())
		if again.id != mail.id || mail.id == "" {
			n.Errorf("the repeat is %s, and the mail was %s", again.id, mail.id)
		}
	}

	n.world.restore(n.T)
	for text := ""; !strings.Contains(text, "ALL CLEAR"); {
		text = next(n.T, "the all-clear comes", n.ada.Arrived()).Body
		n.Logf("  ada: %s", text)
	}
	cleared := next(n.T, "the all-clear arrives by mail", n.world.post.letter)
	if cleared.id == mail.id || !strings.Contains(cleared.text, "restored") && !strings.Contains(strings.ToLower(cleared.text), "clear") {
		n.Errorf("in place of the all-clear came %s:\n%s", cleared.id, cleared.text)
	}
	next(n.T, "the box hangs up", second.over)
	if len(n.carrier.calls) > 0 || len(n.world.post.letter) > 0 {
		n.Errorf("there were %d more calls and %d more mails", len(n.carrier.calls), len(n.world.post.letter))
	}
}

// dialled waits for a call until bytes go through it, and says how long each
// part took.
func (n *nights) dialled() *call {
	n.Helper()
	for len(n.world.first) > 0 {
		<-n.world.first
	}
	c := next(n.T, "the box dials", n.carrier.calls)
	up := next(n.T, "pppd is up", c.up)
	first := next(n.T, "the first byte comes through", n.world.first)
	n.Logf("  ATD to the first byte of the page that proves the way: %.2f s; of that pppd's own: %.2f s", first.Sub(c.began).Seconds(), up.Sub(c.began).Seconds())
	return c
}
