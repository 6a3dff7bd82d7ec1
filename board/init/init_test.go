package main

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTakeIn moves a configuration as at the first start: what is asked for and
// not there is refused, what is for people stays.
func TestTakeIn(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		"heliograph.yaml": "site: waw-12\n", "sim.pin": "1234\n", "README.txt": "put it here\n", "authorized_keys": "ssh-ed25519 AAAA ada\n",
	} {
		if err := os.WriteFile(filepath.Join(from, name), []byte(text), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	err := moveAll(from, to)
	if err == nil || !strings.Contains(err.Error(), "refused: this image has no ssh") {
		t.Errorf("a key for ssh is told %v", err)
	}
	for name, text := range map[string]string{"heliograph.yaml": "site: waw-12\n", "sim.pin": "1234\n"} {
		got, err := os.ReadFile(filepath.Join(to, name))
		if err != nil || string(got) != text {
			t.Errorf("%s is %q, %v; want %q", name, got, err, text)
		}
		if s, err := os.Stat(filepath.Join(to, name)); err != nil || s.Mode() != 0o600 {
			t.Errorf("%s has mode %v, %v; want 0600", name, s.Mode(), err)
		}
	}
	rest, err := filepath.Glob(from + "/*")
	if err != nil || len(rest) != 2 || filepath.Base(rest[0]) != "README.txt" || filepath.Base(rest[1]) != "authorized_keys" {
		t.Errorf("left on the boot partition: %v, %v", rest, err)
	}
}

// TestTakeInKeepsWhatIsNotMoved has a data folder that takes no file of one
// name: that file stays on the boot partition, the other one moves.
func TestTakeInKeepsWhatIsNotMoved(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	for _, name := range []string{"heliograph.yaml", "network"} {
		if err := os.WriteFile(filepath.Join(from, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(to, "network"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := moveAll(from, to); err == nil || !strings.Contains(err.Error(), "take in network") {
		t.Errorf("moving onto a folder is told %v", err)
	}
	if _, err := os.Stat(filepath.Join(from, "network")); err != nil {
		t.Errorf("what was not moved is gone: %v", err)
	}
	if _, err := os.Stat(filepath.Join(from, "heliograph.yaml")); !os.IsNotExist(err) {
		t.Errorf("what was moved is still there: %v", err)
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
	for line, want := range map[string]string{
		"eth0":                           "write PORT ADDRESS/BITS via GATEWAY",
		"eth0 192.0.2.2":                 "192.0.2.2 is no ADDRESS/BITS",
		"eth0 192.0.2.2/24 via router":   "router is no address",
		"eth0 192.0.2.2/24 by 192.0.2.1": "write PORT ADDRESS/BITS via GATEWAY",
		"eth0 dhcp":                      "this image has no DHCP yet",
	} {
		if _, err := wiredOf(strings.Fields(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is told %v, want %q", line, err, want)
		}
	}
}
