package main

import (
	"context"
	"time"

	"heliograph/drivers/modem/emulator"
)

// story is the standard night: cut, kill -9 while the first text is being
// sent, restart, ACK, kill -9 again, mend, all-clear.
func (n *night) story(ctx context.Context) error {
	n.say("A night at waw-12. Configured durations are divided by %g; the clock is not touched.", n.scale)
	n.say("The modem, the network and the phones are emulated; the appliance is the real binary in a process of its own.\n")
	for _, act := range []func(context.Context) error{n.calm, n.cable, n.crash, n.acked, n.again, n.mended, n.silence} {
		if err := act(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (n *night) calm(ctx context.Context) error {
	began := time.Now()
	if err := n.start(); err != nil {
		return err
	}
	if err := n.ready(ctx, "up"); err != nil {
		return err
	}
	n.measure(began, "start to watching, with SIM unlocked and modem registered")
	n.note("box", "started; transit-a is up, the modem is registered")
	return nil
}

// cable cuts the fibre and waits until the network took the first text: the
// modem has not told the box yet.
func (n *night) cable(ctx context.Context) error {
	// The network takes the text and the phone has it; the modem's answer is slow.
	if err := n.modem.Fault(emulator.Fault{On: "+CMGS", Delay: 2 * time.Second}); err != nil {
		return err
	}
	cut := time.Now()
	n.cut()
	n.note("saboteur", "cuts the fibre behind transit-a")
	if err := n.text(ctx, adaNumber, "DOWN", "transit-a"); err != nil {
		return err
	}
	n.measure(cut, "cut to the text on ada's phone (DOWN takes 10 rounds)")
	return nil
}

func (n *night) crash(ctx context.Context) error {
	n.child.kill()
	n.note("saboteur", "kill -9, while the box waits for the modem's answer")
	restart := time.Now()
	if err := n.start(); err != nil {
		return err
	}
	if err := n.fit(ctx); err != nil {
		return err
	}
	// The box cannot know whether ada has it. So it does not wait for her: the
	// next person hears at once.
	if err := n.text(ctx, bobNumber, "DOWN", "transit-a"); err != nil {
		return err
	}
	n.escalated = time.Since(restart)
	n.measure(restart, "restart to the text on bob's phone, because ada's was unsure")
	n.note("box", "is up again and does not know whether ada's text went: it told bob at once")
	return nil
}

func (n *night) acked(ctx context.Context) error {
	sent := time.Now()
	n.note("ada", "> ack 1")
	if err := n.network.Phone(adaNumber).Send(boxNumber, "ack 1"); err != nil {
		return err
	}
	if err := n.text(ctx, adaNumber, "#1", "yours"); err != nil {
		return err
	}
	n.measure(sent, "ACK to its answer on ada's phone")
	return n.text(ctx, bobNumber, "ada has it")
}

// again kills the box a second time, when all is quiet, and mends the fibre
// while it is dead.
func (n *night) again(ctx context.Context) error {
	if err := n.until(ctx, "the box did not finish what it was saying", func() bool {
		s, err := n.status(ctx)
		return err == nil && s.Queue["sending"]+s.Queue["pending"] == 0
	}); err != nil {
		return err
	}
	n.child.kill()
	n.note("saboteur", "kill -9 again, and the fibre is mended while the box is dead")
	return n.mend()
}

func (n *night) mended(ctx context.Context) error {
	restart := time.Now()
	if err := n.start(); err != nil {
		return err
	}
	if err := n.fit(ctx); err != nil {
		return err
	}
	for _, number := range []string{adaNumber, bobNumber} {
		if err := n.text(ctx, number, "#1", "ALL CLEAR"); err != nil {
			return err
		}
	}
	n.measure(restart, "restart to the last all-clear (UP takes 10 good rounds and 60 s of calm)")
	return n.until(ctx, "incident 1 was not archived", func() bool {
		s, err := n.status(ctx)
		return err == nil && len(s.Incidents) == 0
	})
}

// silence weighs the promises on what the phones hold.
func (n *night) silence(context.Context) error {
	n.child.stop()
	n.note("box", "stopped; the store is checked page by page")
	sound := n.sound()
	n.promise("1 Nothing is lost: what was decided survives kill -9.", n.has(adaNumber, "DOWN") && n.has(bobNumber, "DOWN") && sound == nil,
		"two kills; ada and bob were told; the store's check says: %s", orFine(sound))
	doubled := n.count(adaNumber, "DOWN") - 1 + n.count(bobNumber, "DOWN") - 1
	n.promise("2 Nothing is repeated without need.", doubled == 0,
		"%d texts came twice; ada's ACK settled the one that was in flight at the kill", doubled)
	clears := n.count(adaNumber, "ALL CLEAR") == 1 && n.count(bobNumber, "ALL CLEAR") == 1
	n.promise("3 Everyone told is cleared, and nobody else.", clears && len(n.network.Phone(carolNumber).Texts()) == 0,
		"all-clears: ada %d, bob %d; texts to carol, who was not told: %d",
		n.count(adaNumber, "ALL CLEAR"), n.count(bobNumber, "ALL CLEAR"), len(n.network.Phone(carolNumber).Texts()))
	turn := time.Duration(float64(5*time.Minute) / n.scale)
	n.promise("4 An unsure text to a person on call escalates at once.", n.escalated > 0 && n.escalated < turn,
		"bob was told %.1f s after the restart; his turn would have been %.1f s after the cut", n.escalated.Seconds(), turn.Seconds())
	second := n.count(adaNumber, "#2") + n.count(bobNumber, "#2")
	n.promise("5 It works from wherever it starts.", second == 0 && n.starts == 3,
		"%d starts: in an empty folder, during the outage, and after the mend; it stayed one incident (%d texts of a second)", n.starts, second)
	return nil
}

func orFine(err error) string {
	if err == nil {
		return "sound"
	}
	return err.Error()
}
