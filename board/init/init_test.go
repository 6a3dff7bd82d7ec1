package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// shelf is a box with nothing on its data partition, and a medium with files in
// its folder. The appliance's own check is stood in for by judge.
func shelf(t *testing.T, judge func(stage string) error, files map[string]string) (*intake, string) {
	in := &intake{data: t.TempDir(), check: judge, better: make(chan struct{}, 1)}
	from := t.TempDir()
	if err := os.Mkdir(in.settled(), 0o700); err != nil {
		t.Fatal(err)
	}
	lay(t, from, files)
	return in, from
}

func lay(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o777); err != nil {
			t.Fatal(err)
		}
	}
}

// lying lists a folder's files with what is in them.
func lying(t *testing.T, dir string) string {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range all {
		text, _ := os.ReadFile(filepath.Join(dir, e.Name()))
		fmt.Fprintf(&b, "%s=%s ", e.Name(), strings.TrimSpace(string(text)))
	}
	return strings.TrimSpace(b.String())
}

// brood are the children of all tests: whoever collects takes all there are.
var brood = sync.OnceValue(newChildren)

func here(do func() error) error { return do() }

func good(string) error { return nil }

// TestTakeIn moves a configuration as at the first start, with keys for ssh:
// what is for people stays.
func TestTakeIn(t *testing.T) {
	ada := public(t, "ada")
	in, from := shelf(t, good, map[string]string{
		"heliograph.yaml": "site: waw-12\n", "sim.pin": "1234\n", "README.txt": "put it here\n", "authorized_keys": ada + "\r\n",
		"configuration.refused.txt": "of another day", "heliograph.update": "an update",
	})
	if err := in.configure(from, here); err != nil {
		t.Error(err)
	}
	if got, want := lying(t, in.settled()), "authorized_keys="+ada+" heliograph.yaml=site: waw-12 sim.pin=1234"; got != want {
		t.Errorf("in force is %s, want %s", got, want)
	}
	for _, name := range []string{"sim.pin", "authorized_keys"} {
		if s, err := os.Stat(filepath.Join(in.settled(), name)); err != nil || s.Mode() != 0o600 {
			t.Errorf("%s has mode %v, %v; want 0600", name, s.Mode(), err)
		}
	}
	if got, want := lying(t, from), "README.txt=put it here heliograph.update=an update"; got != want {
		t.Errorf("left on the medium is %s, want %s", got, want)
	}
	select {
	case <-in.better:
	default:
		t.Error("the supervisor was not told")
	}
}

// TestABadConfigurationIsRefusedWhole: what works stays in force, and a text
// beside the bad one says why. Mended, it is taken, and the text goes.
func TestABadConfigurationIsRefusedWhole(t *testing.T) {
	var seen string
	in, from := shelf(t, nil, map[string]string{"heliograph.yaml": "site: new", "token": "t0"})
	in.check = func(stage string) error {
		seen = lying(t, filepath.Join(stage, "heliograph"))
		if strings.Contains(seen, "site: new") {
			return errors.New("line 1: modems: none")
		}
		return nil
	}
	lay(t, in.settled(), map[string]string{"heliograph.yaml": "site: old", "sim.pin": "1234", "heliograph.db": "the store"})
	if err := in.configure(from, here); err == nil || !strings.Contains(err.Error(), "line 1: modems: none") {
		t.Errorf("it is told %v", err)
	}
	if want := "heliograph.db=the store heliograph.yaml=site: new sim.pin=1234 token=t0"; seen != want {
		t.Errorf("checked was %s, want the new files over the old: %s", seen, want)
	}
	if got, want := lying(t, in.settled()), "heliograph.db=the store heliograph.yaml=site: old sim.pin=1234"; got != want {
		t.Errorf("in force is %s, want what was: %s", got, want)
	}
	why, err := os.ReadFile(filepath.Join(from, badText))
	if err != nil || !strings.Contains(string(why), "line 1: modems: none\r\n") {
		t.Errorf("the text beside it says %q, %v", why, err)
	}
	lay(t, from, map[string]string{"heliograph.yaml": "site: mended"})
	if err := in.configure(from, here); err != nil {
		t.Error(err)
	}
	if got, want := lying(t, in.settled()), "heliograph.db=the store heliograph.yaml=site: mended sim.pin=1234 token=t0"; got != want {
		t.Errorf("in force is %s, want %s", got, want)
	}
	if got := lying(t, from); got != "" {
		t.Errorf("left on the medium is %s", got)
	}
	if got := lying(t, in.data); got != "heliograph=" {
		t.Errorf("left in the data partition is %s", got)
	}
}

// TestWhatIsNoConfigurationIsRefused before it fills the data partition, or
// takes the box off its network.
func TestWhatIsNoConfigurationIsRefused(t *testing.T) {
	many := map[string]string{}
	for i := range most + 1 {
		many[fmt.Sprintf("f%d", i)] = "x"
	}
	for want, files := range map[string]map[string]string{
		"there are 65 files; at most 64":                       many,
		"film.mp4: it has more than 1048576 octets":            {"film.mp4": strings.Repeat("x", largest+1)},
		`network: "eth0": write PORT ADDRESS/BITS via GATEWAY`: {"network": "eth0\n"},
		"network: dns router.example: this is no address":      {"network": "eth0 dhcp\ndns router.example\n"},
		"authorized_keys:2: the key is not whole":              {"authorized_keys": "# who may\nssh-ed25519 AAAA! ada\n"},
	} {
		in, from := shelf(t, good, files)
		if err := in.configure(from, here); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it is told %v, want %s", err, want)
		}
		if got := lying(t, in.settled()); got != "" {
			t.Errorf("in force is %s", got)
		}
	}
}

// TestTakeInKeepsWhatIsNotMoved has a data folder that takes no file of one
// name: all stays on the boot partition.
func TestTakeInKeepsWhatIsNotMoved(t *testing.T) {
	in, from := shelf(t, good, map[string]string{"heliograph.yaml": "x", "token": "x"})
	if err := os.Mkdir(filepath.Join(in.settled(), "token"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := in.configure(from, here); err == nil || !strings.Contains(err.Error(), "token is the name of a folder") {
		t.Errorf("moving onto a folder is told %v", err)
	}
	for _, name := range []string{"heliograph.yaml", "token"} {
		if _, err := os.Stat(filepath.Join(from, name)); err != nil {
			t.Errorf("what was not moved is gone: %v", err)
		}
	}
	if got := lying(t, in.settled()); got != "token=" {
		t.Errorf("in force is %s", got)
	}
}

// TestProgramsAreWaitedFor, with what they say, beside others that end.
func TestProgramsAreWaitedFor(t *testing.T) {
	kids := brood()
	for range 20 {
		if _, _, err := kids.start([]string{"/bin/true"}, &syscall.ProcAttr{}); err != nil {
			t.Skipf("needs /bin/true: %v", err)
		}
	}
	for argv, want := range map[string]string{"echo yes": "yes\n 0", "echo no; exit 3": "no\n 3"} {
		said, exit, err := kids.output("", "/bin/sh", "-c", argv)
		if got := fmt.Sprintf("%s %d", said, exit); got != want || err != nil {
			t.Errorf("%s: %q, %v; want %q", argv, got, err, want)
		}
	}
	if _, _, err := kids.output("", "/bin/sh", "-c", "kill -9 $$"); err == nil || err.Error() != "killed" {
		t.Errorf("one that is killed: %v", err)
	}
	if _, _, err := kids.output("", "/none"); err == nil {
		t.Error("a program that is not there was started")
	}
}

// TestTheKernelTellsOfSticks: of partitions on USB, not of other disks.
func TestTheKernelTellsOfSticks(t *testing.T) {
	plugged := make(chan string, 1)
	k := kernel{plugged: plugged}
	for _, said := range []string{
		"add@/devices/pci0000:00/0000:00:02.0/virtio1/block/vda/vda1\x00ACTION=add\x00DEVPATH=/devices/pci0000:00/0000:00:02.0/virtio1/block/vda/vda1\x00SUBSYSTEM=block\x00DEVNAME=vda1\x00",
		"remove@/devices/pci0000:00/0000:00:03.0/usb1/1-2/1-2:1.0/host0/block/sda\x00DEVPATH=/devices/pci0000:00/0000:00:03.0/usb1/1-2/1-2:1.0/host0/block/sda\x00SUBSYSTEM=block\x00DEVNAME=sda\x00",
		"add@/devices/pci0000:00/0000:00:03.0/usb1/1-2/1-2:1.0/host0/block/sda/sda1\x00DEVPATH=/devices/pci0000:00/0000:00:03.0/usb1/1-2/1-2:1.0/host0/block/sda/sda1\x00SUBSYSTEM=block\x00DEVNAME=sda1\x00",
		"add@/devices/pci0000:00/0000:00:03.0/usb1/1-2/1-2:1.0/host0/block/sdb\x00DEVPATH=/devices/pci0000:00/0000:00:03.0/usb1/1-2/1-2:1.0/host0/block/sdb\x00SUBSYSTEM=block\x00DEVNAME=sdb\x00",
	} {
		k.hear(said) // the second stick finds the row full, and nothing hangs
	}
	if got := <-plugged; got != "sda1" {
		t.Errorf("a stick is %s, want sda1", got)
	}
	if len(plugged) > 0 {
		t.Errorf("one more: %s", <-plugged)
	}
}

// TestALease is what a server says of addresses, and what is to be made of it.
func TestALease(t *testing.T) {
	ack := func(with ...dhcpv4.Modifier) *dhcpv4.DHCPv4 {
		m, err := dhcpv4.New(append([]dhcpv4.Modifier{dhcpv4.WithMessageType(dhcpv4.MessageTypeAck)}, with...)...)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	ip := func(s string) net.IP { return net.ParseIP(s).To4() }
	whole := ack(dhcpv4.WithYourIP(ip("192.0.2.9")), dhcpv4.WithNetmask(net.CIDRMask(24, 32)), dhcpv4.WithRouter(ip("192.0.2.1"), ip("192.0.2.254")),
		dhcpv4.WithDNS(ip("9.9.9.9"), ip("149.112.112.112")), dhcpv4.WithLeaseTime(600))
	got, err := termsOf(whole)
	if err != nil || fmt.Sprintf("%s via %s, %v, %s, %s", got.address.String(), got.gateway, got.servers, got.length, got.renew) !=
		"192.0.2.9/24 via 192.0.2.1, [9.9.9.9 149.112.112.112], 10m0s, 5m0s" {
		t.Errorf("it is %+v, %v", got, err)
	}
	bare, err := termsOf(ack(dhcpv4.WithYourIP(ip("192.0.2.9")), dhcpv4.WithNetmask(net.CIDRMask(24, 32))))
	if err != nil || bare.gateway != nil || bare.length != usualLease || bare.renew != usualLease/2 {
		t.Errorf("without gateway and length it is %+v, %v", bare, err)
	}
	mad, err := termsOf(ack(dhcpv4.WithYourIP(ip("192.0.2.9")), dhcpv4.WithNetmask(net.CIDRMask(24, 32)), dhcpv4.WithLeaseTime(0)))
	if err != nil || mad.renew != shortestAsk {
		t.Errorf("a lease of nothing is asked for again after %s, %v", mad.renew, err)
	}
	if _, err := termsOf(ack(dhcpv4.WithNetmask(net.CIDRMask(24, 32)))); err == nil {
		t.Error("an answer without an address was taken")
	}
}

// TestWhoAnswersForNames: those that people named come first.
func TestWhoAnswersForNames(t *testing.T) {
	l := newLAN()
	l.file = filepath.Join(t.TempDir(), "resolv.conf")
	for _, said := range []struct {
		who     string
		servers []string
		want    string
	}{
		{"eth0", []string{"192.0.2.1"}, "nameserver 192.0.2.1\n"},
		{"", []string{"9.9.9.9"}, "nameserver 9.9.9.9\nnameserver 192.0.2.1\n"},
		{"eth0", nil, "nameserver 9.9.9.9\n"},
	} {
		err := l.resolve(said.who, said.servers)
		if got, _ := os.ReadFile(l.file); string(got) != said.want || err != nil {
			t.Errorf("%q, %v; want %q", got, err, said.want)
		}
	}
}

// TestDataPartition fills a disk of 2 GiB behind a boot partition of 320 MiB,
// and refuses one that has no room.
func TestDataPartition(t *testing.T) {
	s := make([]byte, sector)
	binary.LittleEndian.PutUint32(s[446+8:], 2048)
	binary.LittleEndian.PutUint32(s[446+12:], 320*2048+1)
	if err := enterData(s, 2<<30); err != nil {
		t.Fatal(err)
	}
	start, length := binary.LittleEndian.Uint32(s[dataEntry+8:]), binary.LittleEndian.Uint32(s[dataEntry+12:])
	if start != 322*2048 || start+length != 2<<30/sector {
		t.Errorf("the partition has %d sectors from %d", length, start)
	}
	if err := enterData(make([]byte, sector), 16*mib); err == nil || !strings.Contains(err.Error(), "16 MiB are left") {
		t.Errorf("a disk that is full is told %v", err)
	}
}

// TestWhichBackhaulsAreDialled: those over PPP, whatever else is in the file.
func TestWhichBackhaulsAreDialled(t *testing.T) {
	names, err := dialled([]byte("site: waw-12\nmodems: [{name: lte0}]\nbackhaul:\n  - {name: cell, via: ppp, port: /dev/ttyUSB2}\n  - {name: wan, via: netdev}\n  - name: second\n    via: ppp\nsite2: 0123\n"))
	if got := strings.Join(names, " "); got != "cell second" || err != nil {
		t.Errorf("dialled are %q, %v; want cell and second", got, err)
	}
	if names, err := dialled([]byte("backhaul: [{name: cell")); err == nil || len(names) != 0 {
		t.Errorf("half a file gives %q, %v", names, err)
	}
	if names, err := dialled([]byte("backhaul: none\n")); err == nil || len(names) != 0 {
		t.Errorf("a word in place of a list gives %q, %v", names, err)
	}
}

// TestADiallerIsKeptAndStopped like the appliance: it is started again when it
// dies, and hears when the box goes.
func TestADiallerIsKeptAndStopped(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(dir+"/ready", 0o600); err != nil {
		t.Fatal(err)
	}
	script := "echo >> " + dir + "/starts; trap 'echo > " + dir + "/asked; exit' TERM; test $(wc -l < " + dir + "/starts) -gt 1 || exit 3; echo > " + dir + "/ready; while :; do sleep 0.05; done"
	s := supervisor{what: "the dialler of cell", argv: []string{"/bin/sh", "-c", script}, kids: brood()}
	orders, ended := make(chan os.Signal, 1), make(chan int, 1)
	go func() { ended <- s.run(orders, nil) }()
	if _, err := os.ReadFile(dir + "/ready"); err != nil { // it waits until somebody writes
		t.Fatal(err)
	}
	orders <- syscall.SIGTERM
	<-ended
	if _, err := os.Stat(dir + "/asked"); err != nil {
		t.Errorf("it was not asked to stop: %v", err)
	}
}

func TestPartitionNames(t *testing.T) {
	for disk, want := range map[string]string{"/dev/sda": "/dev/sda2", "/dev/vda": "/dev/vda2", "/dev/mmcblk0": "/dev/mmcblk0p2", "/dev/nvme0n1": "/dev/nvme0n1p2"} {
		if got := partition(disk, 2); got != want {
			t.Errorf("partition 2 of %s is %s, want %s", disk, got, want)
		}
	}
}

func TestNetworkLines(t *testing.T) {
	w, err := wiredOf(strings.Fields("eth0 192.0.2.2/24 via 192.0.2.1"))
	if err != nil || w.name != "eth0" || w.address.String() != "192.0.2.2/24" || w.gateway.String() != "192.0.2.1" {
		t.Errorf("a whole line is %+v, %v", w, err)
	}
	if w, err := wiredOf(strings.Fields("eth1 dhcp")); err != nil || w.name != "eth1" || !w.dhcp {
		t.Errorf("a line with dhcp is %+v, %v", w, err)
	}
	for line, want := range map[string]string{
		"eth0":                           "write PORT ADDRESS/BITS via GATEWAY",
		"eth0 192.0.2.2":                 "192.0.2.2 is no ADDRESS/BITS",
		"eth0 192.0.2.2/24 via router":   "router is no address",
		"eth0 192.0.2.2/24 by 192.0.2.1": "write PORT ADDRESS/BITS via GATEWAY",
		"eth0 dhcp via 192.0.2.1":        "dhcp is no ADDRESS/BITS",
	} {
		if _, err := wiredOf(strings.Fields(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is told %v, want %q", line, err, want)
		}
	}
}
