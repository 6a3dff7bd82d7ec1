package rehearsal

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"heliograph/drivers/modem/emulator"
	"heliograph/firmware/control"
	"heliograph/firmware/rehearsal/isp"
	"heliograph/firmware/rehearsal/screen"
)

// The numbers of the night. Carol is a subscriber whom nothing of this
// concerns: her phone must stay silent.
const (
	BoxNumber   = "+48600100200"
	AdaNumber   = "+48600100201"
	BobNumber   = "+48600100202"
	CarolNumber = "+48600100203"
)

// creditCode is what the SIMs are asked by; each text takes two hundredths.
const creditCode = "*101#"

// Where they read their mail.
const (
	AdaMail = "ada@noc.example"
	BobMail = "bob@noc.example"
)

// Rack is the configuration that an ISP of this size would have. The addresses
// are those kept for documentation.
const Rack = `site: waw-12
modems:
  - {name: lte0, port: /dev/modem, number: "` + BoxNumber + `", pin: {file: DIR/sim.pin}, credit: {ussd: "` + creditCode + `", match: '([0-9.]+) EUR', expiry: 'until ([0-9.]+)', low: 5.00}}
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    serves: [waw]
    every: 2s
    probes: [{icmp: 198.51.100.9}, {tcp: "198.51.100.1:443"}, {dns: {name: example.com, server: 198.51.100.53}}]
    down: {after: 10, quorum: 2}
    up: {after: 10, hold: 60s}
    degraded: {loss: 20%, latency: 400ms, over: 60s}
  - name: transit-b
    interface: eth1
    gateway: 192.0.2.129
    serves: [waw]
    every: 2s
    probes: [{icmp: 203.0.113.9}, {tcp: "203.0.113.1:443"}, {http: {url: "http://203.0.113.80/", expect: 204}}]
    down: {after: 10, quorum: 2}
    up: {after: 10, hold: 60s}
    degraded: {loss: 20%, latency: 400ms, over: 60s}
people:
  - {name: ada, sms: "` + AdaNumber + `", mail: ` + AdaMail + `}
  - {name: bob, sms: "` + BobNumber + `", mail: ` + BobMail + `}
oncall:
  - {who: [ada], after: 0s}
  - {who: [bob], after: 5m}
  - {who: [ada, bob], every: 30m}
selftest: {every: "Mon 06:30", tell: [ada]}
`

// People are the phones of the rack's configuration.
var People = [][2]string{{"ada", AdaNumber}, {"bob", BobNumber}, {"carol", CarolNumber}}

// Standard are the options of the standard rehearsal.
func Standard(binary string, scale float64, keep string) Options {
	return Options{Binary: binary, Config: Rack + Online, Scale: scale, Keep: keep, Submit: 300 * time.Millisecond, PIN: "1234", Named: People}
}

// night is the standard night, unattended.
type night struct {
	*World
	report    Report
	escalated time.Duration // from the restart to the next person's text

	before []isp.Flow // on the air while an uplink was left
	heard  string     // the box's word about its own connection, when it came up
	open   bool       // #1 was as before after a stranger had ordered its all-clear
	called bool       // somebody at the carrier got through to a program on the box
}

// Night lives through the standard night: a fibre is cut, the appliance is
// killed while the first text is on its way, the second uplink flaps, the
// appliance is killed again and the fibre mended while it is dead; and at the
// end everybody who was told is cleared.
func Night(ctx context.Context, o Options) Report {
	n := &night{}
	var err error
	if n.World, err = New(o); err == nil {
		err = n.live(ctx)
		n.report.conclude(n.World, err)
		if err := n.Close(); err != nil && n.report.Fault == "" {
			n.report.OK, n.report.Fault = false, "it left something behind: "+err.Error()
		}
		return n.report
	}
	n.report.conclude(nil, err)
	return n.report
}

func (n *night) live(ctx context.Context) error {
	for _, act := range []func(context.Context) error{n.calm, n.cable, n.crash, n.acked, n.dark, n.stray, n.flapping, n.faked, n.again, n.mended, n.silence} {
		if err := act(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (n *night) calm(ctx context.Context) error {
	began := time.Now()
	if err := n.Start(); err != nil {
		return err
	}
	if err := n.Watching(ctx); err != nil {
		return err
	}
	n.report.measure(began, "start to watching, with SIM unlocked and modem registered")
	n.note("box", "started; both uplinks are up, the modem is registered")
	return nil
}

// cable cuts the fibre and waits until the network took the first text: the
// modem has not told the box yet.
func (n *night) cable(ctx context.Context) error {
	// The network takes the text and the phone has it; the modem's answer is slow.
	if err := n.modems[0].Fault(emulator.Fault{On: "+CMGS", Delay: 2 * time.Second}); err != nil {
		return err
	}
	cut := time.Now()
	n.note("saboteur", "cuts the fibre behind transit-a")
	if err := n.network.Break("transit-a", isp.Cut); err != nil {
		return err
	}
	if err := n.Text(ctx, AdaNumber, "DOWN", "transit-a"); err != nil {
		return err
	}
	n.report.measure(cut, "cut to the text on ada's phone (DOWN takes 10 rounds)")
	return nil
}

func (n *night) crash(ctx context.Context) error {
	n.Crash()
	n.note("saboteur", "kill -9, while the box waits for the modem's answer")
	restart := time.Now()
	if err := n.Start(); err != nil {
		return err
	}
	if err := n.Fit(ctx); err != nil {
		return err
	}
	// The box cannot know whether ada has it. So it does not wait for her: the
	// next person hears at once.
	if err := n.Text(ctx, BobNumber, "DOWN", "transit-a"); err != nil {
		return err
	}
	n.escalated = time.Since(restart)
	n.report.measure(restart, "restart to the text on bob's phone, because ada's was unsure")
	n.note("box", "is up again and does not know whether ada's text went: it told bob at once")
	return nil
}

func (n *night) acked(ctx context.Context) error {
	sent := time.Now()
	if _, err := n.say(screen.Act{Phone: "ada", Text: "ack 1"}); err != nil {
		return err
	}
	if err := n.Text(ctx, AdaNumber, "#1", "yours"); err != nil {
		return err
	}
	n.report.measure(sent, "ACK to its answer on ada's phone")
	return n.Text(ctx, BobNumber, "ada has it")
}

// dark cuts the second uplink while the first is still down: what is said over
// the Internet has the box's own connection left.
func (n *night) dark(ctx context.Context) error {
	n.before = n.network.Flows()
	cut := time.Now()
	n.note("saboteur", "cuts the fibre behind transit-b too: no uplink is left")
	if err := n.network.Break("transit-b", isp.Cut); err != nil {
		return err
	}
	if err := n.dialled(ctx, cut); err != nil {
		return err
	}
	if err := n.Text(ctx, AdaNumber, "#2", "DOWN transit-b"); err != nil {
		return err
	}
	for _, t := range n.mobile.Phone(AdaNumber).Texts() {
		if strings.Contains(t.Body, "DOWN transit-b") { // it may have come while the box dialled
			n.report.Measured = append(n.report.Measured, Measured{"no uplink left to the text on ada's phone", t.At.Sub(cut).Seconds()})
			break
		}
	}
	if _, err := n.say(screen.Act{Phone: "ada", Text: "ack 2"}); err != nil {
		return err
	}
	if err := n.Text(ctx, AdaNumber, "#2", "yours"); err != nil {
		return err
	}
	return n.spread(ctx, cut)
}

// flapping lets the second uplink come and go while the first is still down:
// each time for too short to be calm again.
func (n *night) flapping(ctx context.Context) error {
	n.note("saboteur", "lets transit-b flap: light and dark, three times")
	for i := range 3 {
		if i > 0 {
			if err := n.network.Break("transit-b", isp.Cut); err != nil {
				return err
			}
		}
		if !pause(ctx, n.rounds(12)) {
			return ctx.Err()
		}
		if err := n.network.Mend("transit-b", isp.Cut); err != nil {
			return err
		}
		if !pause(ctx, n.rounds(12)) {
			return ctx.Err()
		}
	}
	return nil
}

// rounds is the time of so many rounds of probes.
func (n *night) rounds(count int) time.Duration {
	return time.Duration(float64(count) * float64(n.config.Uplinks[0].Every) / n.scale)
}

// faked has a stranger end the incident with ada's number.
func (n *night) faked(ctx context.Context) error {
	if _, err := n.spoof(screen.Act{Phone: "ada", Text: "clear 1"}); err != nil {
		return err
	}
	if err := n.Text(ctx, AdaNumber, "code", "CLEAR 1"); err != nil {
		return err
	}
	s, err := n.Status(ctx)
	if err != nil {
		return err
	}
	n.open = slices.ContainsFunc(s.Incidents, func(i control.Open) bool { return i.Number == 1 && i.Phase != "resolved" })
	return nil
}

// again kills the box a second time, when nothing is on its way, and mends the
// fibre while it is dead.
func (n *night) again(ctx context.Context) error {
	err := n.Until(ctx, "the box did not finish what it was saying", func() bool {
		s, err := n.Status(ctx)
		return err == nil && s.Queue["sending"] == 0
	})
	if err != nil {
		return err
	}
	n.Crash()
	n.note("saboteur", "kill -9 again, and the fibre is mended while the box is dead")
	return n.network.MendAll()
}

func (n *night) mended(ctx context.Context) error {
	restart := time.Now()
	if err := n.Start(); err != nil {
		return err
	}
	if err := n.Fit(ctx); err != nil {
		return err
	}
	for _, number := range []string{AdaNumber, BobNumber} {
		if err := n.Text(ctx, number, "#1", "ALL CLEAR"); err != nil {
			return err
		}
	}
	n.report.measure(restart, "restart to the last all-clear (UP takes 10 good rounds and 60 s of calm)")
	return n.Until(ctx, "the incidents were not archived", func() bool {
		s, err := n.Status(ctx)
		return err == nil && len(s.Incidents) == 0
	})
}

// silence weighs the promises on what the phones hold.
func (n *night) silence(context.Context) error {
	n.Halt()
	n.note("box", "stopped; the store is checked page by page")
	sound := "sound"
	if err := n.Sound(); err != nil {
		sound = err.Error()
	}
	r := &n.report
	r.promise("1 Nothing is lost: what was decided survives kill -9.", n.Has(AdaNumber, "DOWN") > 0 && n.Has(BobNumber, "DOWN") > 0 && sound == "sound",
		"two kills; ada and bob were told; the store's check says: %s", sound)
	doubled := n.twice(AdaNumber) + n.twice(BobNumber)
	r.promise("2 Nothing is repeated without need.", doubled == 0,
		"%d texts came twice; ada's ACK settled the one that was in flight at the kill", doubled)
	r.promise("3 Everyone told is cleared, and nobody else.", n.cleared() && n.Has(CarolNumber) == 0,
		"all-clears of #1: ada %d, bob %d; of #2: ada %d, bob %d, as they were told; texts to carol, whom nothing concerned: %d",
		n.Has(AdaNumber, "#1", "ALL CLEAR"), n.Has(BobNumber, "#1", "ALL CLEAR"),
		n.Has(AdaNumber, "#2", "ALL CLEAR"), n.Has(BobNumber, "#2", "ALL CLEAR"), n.Has(CarolNumber))
	turn := time.Duration(float64(5*time.Minute) / n.scale)
	r.promise("4 An unsure text to a person on call escalates at once.", n.escalated > 0 && n.escalated < turn,
		"bob was told %.1f s after the restart; his turn would have been %.1f s after the cut", n.escalated.Seconds(), turn.Seconds())
	r.promise("7 Nobody gets in with somebody else's number.", n.open && n.Has(AdaNumber, "code") == 1 && n.Has(BobNumber, "code") == 0,
		"a stranger with ada's number ordered the all-clear: ada's phone got the code for it (%d), he saw nothing, and #1 was open as before: %t", n.Has(AdaNumber, "code"), n.open)
	n.promiseOnline()
	third := n.Has(AdaNumber, "#3") + n.Has(BobNumber, "#3")
	r.promise("5 It works from wherever it starts, and a line that flaps is one incident.", third == 0 && n.starts == 3,
		"%d starts: in an empty folder, during the outage, and after the mend; two uplinks failed four times, and texts of a third incident: %d", n.starts, third)
	return n.nothingLeft()
}

// cleared says that each incident was cleared once for those who heard of it.
func (n *night) cleared() bool {
	for _, incident := range []string{"#1", "#2"} {
		for _, number := range []string{AdaNumber, BobNumber} {
			want := min(n.Has(number, incident, "DOWN"), 1)
			if n.Has(number, incident, "ALL CLEAR") != want {
				return false
			}
		}
	}
	return true
}

// twice counts texts that came more than once.
func (n *night) twice(number string) int {
	return n.mobile.Phone(number).Duplicates()
}

// nothingLeft looks for files that the appliance forgot.
func (n *night) nothingLeft() error {
	entries, err := os.ReadDir(n.Data())
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch e.Name() {
		case "heliograph.db", "heliograph.lock", "ballast":
		default:
			return fmt.Errorf("the appliance left %s in its folder", e.Name())
		}
	}
	return nil
}
