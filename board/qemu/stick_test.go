package qemu

import (
	"os"
	"strings"
	"testing"
)

// stick is a USB stick with a FAT file system on the whole of it.
type stick struct {
	m     *machine
	name  string
	image string
}

// stick makes one, with files in its folder heliograph: name and path here.
func (m *machine) stick(name string, files map[string]string) stick {
	m.t.Helper()
	s := stick{m: m, name: name, image: m.path(name + ".stick")}
	if err := os.WriteFile(s.image, nil, 0o600); err != nil {
		m.t.Fatal(err)
	}
	if err := os.Truncate(s.image, 128<<20); err != nil {
		m.t.Fatal(err)
	}
	m.tool("mformat", "-i", s.image, "-F", "-v", "STICK", "::")
	m.tool("mmd", "-i", s.image, "::heliograph")
	for to, from := range files {
		m.tool("mcopy", "-i", s.image, from, "::/heliograph/"+to)
	}
	return s
}

// plug plugs it in.
func (s stick) plug() {
	s.m.t.Helper()
	s.m.qmp.order("blockdev-add", map[string]any{"driver": "raw", "node-name": s.name, "file": map[string]any{"driver": "file", "filename": s.image}})
	s.m.qmp.order("device_add", map[string]any{"driver": "usb-storage", "id": s.name + "-dev", "drive": s.name, "bus": "usb.0", "removable": true})
}

// pull waits until the box says that it may be pulled, and pulls it.
func (s stick) pull() {
	s.m.t.Helper()
	s.m.wait("the stick "+s.name+" may be pulled", func() bool { return s.m.says("may be pulled") })
	s.m.console.begin()
	gone := s.m.qmp.heard("DEVICE_DELETED")
	s.m.qmp.order("device_del", map[string]any{"id": s.name + "-dev"})
	s.m.wait("it is pulled", func() bool { return s.m.qmp.heard("DEVICE_DELETED") > gone })
	s.m.qmp.order("blockdev-del", map[string]any{"node-name": s.name})
}

// says reads what the box wrote onto it.
func (s stick) says(name string) string { return readFAT(s.image, "heliograph/"+name) }

// file writes a text that is to go onto a stick, and returns where.
func (m *machine) file(name, text string) string {
	m.t.Helper()
	if err := os.WriteFile(m.path(name), []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
	return m.path(name)
}

// TestAStickAndDHCPAtTheFirstStart: a box with nothing on its boot partition
// waits, and takes in the configuration of a stick. It asks the network for its
// address, and asks again before the lease ends. Later configurations come by
// the boot partition only, and bad ones are refused with a text.
func TestAStickAndDHCPAtTheFirstStart(t *testing.T) {
	needsBoard(t, "mdir", "mtype", "mformat")
	m := newMachine(t, nil)
	m.direct = true
	ada := m.sms.Phone(adaNumber)
	s := m.stick("first", map[string]string{
		"heliograph.yaml": m.file("yaml", configuration), "network": m.file("net", "eth0 dhcp\n"), "sim.pin": m.file("pin", "1234\n"),
	})
	m.on()
	m.wait("it has nothing to live by", func() bool { return m.says("it is started again in 4s") })
	s.plug()
	await(m, "watching: the first probe is answered", m.host.first)
	s.pull()
	if list := readFAT(s.image, "heliograph/"); strings.Contains(list, "yaml") || strings.Contains(list, "pin") {
		t.Errorf("the configuration is still on the stick:\n%s", list)
	}
	given := m.host.leases.Load()
	m.wait("the lease is renewed, twice", func() bool { return m.host.leases.Load() >= given+2 })
	if err := ada.Send(boxNumber, "status"); err != nil {
		t.Fatal(err)
	}
	m.text(ada, `Nothing open`)

	second := m.stick("second", map[string]string{"heliograph.yaml": m.file("other", "site: elsewhere\n")})
	second.plug()
	second.pull()
	if said := second.says("configuration.refused.txt"); !strings.Contains(said, "this box has a configuration") {
		t.Errorf("a second configuration on a stick is told %q", said)
	}
	m.off()

	m.bring("heliograph.yaml", strings.Replace(configuration, "gateway: 192.0.2.1", "gateway: router", 1))
	m.on()
	m.wait("the new configuration is refused", func() bool { return m.says("is refused, what was there stays in force") })
	m.wait("it watches as before", func() bool { return m.says("the appliance is started") })
	if err := ada.Send(boxNumber, "status"); err != nil {
		t.Fatal(err)
	}
	m.text(ada, `Nothing open`)
	m.off()
	said := m.found("heliograph/configuration.refused.txt")
	t.Log(said)
	if !strings.Contains(said, "gateway") || !strings.Contains(said, "router") {
		t.Errorf("a bad configuration on the boot partition is told %q", said)
	}
	if t.Failed() {
		t.Log(m.console.text())
	}
}
