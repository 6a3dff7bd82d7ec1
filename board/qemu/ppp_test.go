package qemu

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var nights = flag.Int("nights", 0, "play so many nights with a backhaul over PPP, as `make ppp-test` does")

// perNight is how long a night may last; a mail whose answer was lost goes again
// after two minutes of it.
const perNight = 8 * time.Minute

var ended = regexp.MustCompile(`--- (PASS|FAIL|SKIP): TestNightsOverPPP|panic: |is refused, what was there`)

const overPPP = `site: waw-12
modems:
  - {name: lte0, port: /dev/modem-at, number: "` + boxNumber + `", pin: {file: /etc/heliograph/sim.pin}}
backhaul:
  - {name: cell, modem: lte0, via: ppp, port: /dev/modem-data, apn: internet, check: "http://check.example.net/generate_204", idle: 5s}
uplinks:
  - name: transit-a
    interface: up0
    gateway: 192.0.2.1
    every: 1s
    probes: [{icmp: 198.51.100.9}]
    down: {after: 3}
    up: {after: 3, hold: 3s}
    flap: {changes: 100}
people:
  - {name: ada, sms: "` + adaNumber + `", mail: ada@noc.example, role: operator}
oncall:
  - {who: [ada], after: 0s}
channels:
  mail: {from: "NOC waw-12 <noc@example.org>", smtp: {server: "mail.example.net:587", auth: none}}
selftest: off
`

// TestNightsOverPPP boots the image with the story of board/qemu/ppp beside it:
// the carrier and the Internet are in the guest, in a network of their own, and
// the modem is emulated there. What the box runs is the image's, to the byte.
func TestNightsOverPPP(t *testing.T) {
	if *nights == 0 {
		t.Skip("needs -nights N, as `make ppp-test` gives it: it takes minutes")
	}
	m := newMachine(t, map[string]string{"heliograph.yaml": overPPP, "network": "up0 192.0.2.2/24 via 192.0.2.1\ndns 203.0.113.53\n", "sim.pin": "1234\n"})
	m.direct = true
	m.initrd = beforeInit(m)
	m.kind.options += fmt.Sprintf(" rdinit=/ppp.test rounds=%d", *nights)
	m.on()
	said := m.follow(time.Duration(*nights+1) * perNight)
	switch {
	case strings.Contains(said, "--- SKIP: TestNightsOverPPP"):
		t.Skip("the guest lacks a part")
	case !strings.Contains(said, "--- PASS: TestNightsOverPPP"):
		t.Fatalf("it did not end well\n%s", said)
	}
	m.off()
	for _, part := range []string{"the appliance", "the dialler of cell"} {
		if m.says(part + " does not stop") {
			t.Errorf("%s had to be killed", part)
		}
	}
}

// follow repeats what the story says, until it ends.
func (m *machine) follow(longest time.Duration) string {
	m.t.Helper()
	for told, end := 0, time.Now().Add(longest); time.Now().Before(end); m.after(time.Second) {
		said := m.console.text()
		for _, line := range strings.SplitAfter(said[told:], "\n") {
			if strings.Contains(line, "story_test.go:") || strings.HasPrefix(line, "ppp: ") {
				m.t.Log(strings.TrimSpace(line))
			}
		}
		if told = len(said); ended.MatchString(said) {
			return said
		}
	}
	m.t.Fatalf("the story does not end\n%s", m.console.text())
	return ""
}

// beforeInit is the image's root with the story, and the module for its wires.
func beforeInit(m *machine) string {
	m.t.Helper()
	root, err := os.ReadFile(beside("initrd"))
	if err != nil {
		m.t.Skipf("needs the image: %v", err)
	}
	wires, _ := filepath.Glob(beside("debian/lib/modules/*/kernel/drivers/net/veth.ko"))
	if len(wires) != 1 {
		m.t.Skip("needs Debian's kernel package beside the image, for veth")
	}
	b := bytes.NewBuffer(root)
	pad := func() { b.Write(make([]byte, -b.Len()&3)) } // of the whole: the kernel looks at places that four divides
	pad()
	for i, f := range []struct{ name, from string }{{"ppp.test", beside("ppp.test")}, {"lib/modules/veth.ko", wires[0]}, {"TRAILER!!!", os.DevNull}} {
		data, err := os.ReadFile(f.from)
		if err != nil {
			m.t.Skipf("needs the story (make ppp-test): %v", err)
		}
		fmt.Fprintf(b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00", i+1, 0o100755, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(f.name)+1, 0, f.name)
		pad()
		b.Write(data)
		pad()
	}
	if err := os.WriteFile(m.path("initrd"), b.Bytes(), 0o600); err != nil {
		m.t.Fatal(err)
	}
	return m.path("initrd")
}
