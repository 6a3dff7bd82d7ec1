// Package qemu boots the board's image in QEMU and plays with it: a modem on
// USB, a network at its port, a plug that is pulled. All of it is tests.
package qemu

import (
	"strings"
	"testing"
	"time"
)

const network = "eth0 192.0.2.2/24 via 192.0.2.1\ndns 198.51.100.53\n"

const configuration = `site: waw-12
modems:
  - {name: lte0, port: /dev/ttyUSB0, number: "` + boxNumber + `", pin: {file: /etc/heliograph/sim.pin}}
uplinks:
  - name: transit-a
    interface: eth0
    gateway: 192.0.2.1
    every: 1s
    probes: [{icmp: 198.51.100.9}, {tcp: "198.51.100.1:443"}]
    down: {after: 3}
    up: {after: 3, hold: 3s}
people:
  - {name: ada, sms: "` + adaNumber + `", role: operator}
oncall:
  - {who: [ada], after: 0s}
selftest: off
`

// TestBoot is a short night of a box that starts for the first time: it takes
// in its configuration, watches, tells of a cut, is answered, clears, and is
// switched off in order.
func TestBoot(t *testing.T) {
	m := newMachine(t, map[string]string{"heliograph.yaml": configuration, "network": network, "sim.pin": "1234\n"})
	ada := m.sms.Phone(adaNumber)
	m.on()
	await(m, "watching: the first probe is answered", m.host.first)
	watching := time.Since(m.started)
	if err := ada.Send(boxNumber, "status"); err != nil {
		t.Fatal(err)
	}
	m.text(ada, `transit-a`)

	m.host.gone.Store(true)
	t.Logf("%6.1f s  the host side goes away", m.since())
	m.text(ada, `^waw-12 #1 DOWN transit-a`)
	if err := ada.Send(boxNumber, "ack 1"); err != nil {
		t.Fatal(err)
	}
	m.text(ada, `^waw-12 #1 yours`)
	m.host.gone.Store(false)
	t.Logf("%6.1f s  the host side is back", m.since())
	m.text(ada, `^waw-12 #1 ALL CLEAR transit-a`)

	m.off()
	said := m.console.text()
	for _, want := range []string{"making the data partition", "taken in from /boot/heliograph: heliograph.yaml, network, sim.pin"} {
		if !strings.Contains(said, want) {
			t.Errorf("the console did not say %q", want)
		}
	}
	if t.Failed() {
		t.Log(said)
	}
	t.Logf("power-on to watching: %.1f s (%s, %s)", watching.Seconds(), *arch, *accel)
}
