package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// public is a new ed25519 key, as it stands in a file that ends in .pub.
func public(t *testing.T, whose string) string {
	t.Helper()
	key, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return asLine(t, key) + " " + whose
}

func asLine(t *testing.T, key any) string {
	t.Helper()
	k, err := ssh.NewPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(k)))
}

// TestKeysAreRead as golang.org/x/crypto/ssh reads them, and written so that
// dropbear finds one space between words, whatever the editor was.
func TestKeysAreRead(t *testing.T) {
	t.Parallel()
	wide, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ada, bob, eve := public(t, "ada@noc"), asLine(t, &wide.PublicKey), asLine(t, &curve.PublicKey)
	text := "\ufeff" + ada + "\r\n\r\n  # the night shift\r\n\t" + bob + "\r\nRESTRICT,command=\"heliograph status, \\\"all\\\"\"  \t" + strings.Replace(eve, " ", "\t", 1) + "  eve  of the NOC"
	keys, err := keysOf(text)
	if err != nil || len(keys) != 3 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	for i, want := range []string{ada, bob, `RESTRICT,command="heliograph status, \"all\"" ` + eve + " eve  of the NOC"} {
		if got := keys[i].line(); got != want {
			t.Errorf("key %d is written\n%s, want\n%s", i+1, got, want)
		}
		theirs, whose, options, _, err := ssh.ParseAuthorizedKey([]byte(keys[i].line()))
		if err != nil || ssh.FingerprintSHA256(theirs) != keys[i].fingerprint() || whose != keys[i].whose || strings.Join(options, ",") != keys[i].options {
			t.Errorf("key %d: another reader finds %v %q %q, %v", i+1, options, whose, ssh.FingerprintSHA256(theirs), err)
		}
	}
	if got := fmt.Sprint(keys[0]); got != keys[0].fingerprint()+" (ada@noc)" || strings.Contains(got, "AAAA") {
		t.Errorf("a log says %s", got)
	}
	for _, none := range []string{"", "\r\n", "# nobody\n\n"} {
		if keys, err := keysOf(none); len(keys) != 0 || err != nil {
			t.Errorf("%q has the keys %v, %v", none, keys, err)
		}
	}
}

// TestBadKeysAreRefused, each with its line and what to do.
func TestBadKeysAreRefused(t *testing.T) {
	t.Parallel()
	good := public(t, "ada")
	narrow := "ssh-rsa " + coded("ssh-rsa", "\x01\x00\x01", "\x00\xf0"+strings.Repeat("x", 127))
	for line, want := range map[string]string{
		`from="192.0.2.0/24" ` + good:                  `the option "from=\"192.0.2.0/24\"" is not known`,
		`no-pty,expiry-time="20270101" ` + good:        `the option "expiry-time=\"20270101\"" is not known`,
		`command=ls ` + good:                           `the option "command=ls" is not known`,
		`no-pty="x" ` + good:                           `the option "no-pty=\"x\"" is not known`,
		`,no-pty ` + good:                              `the option "" is not known`,
		"-----BEGIN OPENSSH PRIVATE KEY-----":          "this is a private key",
		"ssh-ed25519":                                  "the key is not whole",
		good[:40]:                                      "the key is",
		"ssh-rsa " + strings.Fields(good)[1]:           "the key is no ssh-rsa",
		"ssh-ed25519 " + coded("ssh-ed25519", "short"): "has 32 octets, this one 5",
		narrow: "an RSA key of 1024 bits is too short",
		"ssh-dss " + coded("ssh-dss", "p", "q", "g", "y"):                      `"ssh-dss" is no key`,
		"no-pty ssh-dss " + coded("ssh-dss", "p", "q", "g", "y"):               `"ssh-dss" is no key`,
		"ssh-ed25519-cert-v01@openssh.com " + coded("ssh-ed25519-cert", "x"):   "is no key that can be used",
		"the keys of the night shift":                                          `"the" is no key`,
		good + strings.Repeat("x", longestLine):                                "more than 4096 characters",
		"ssh-ed25519 " + coded("ssh-ed25519", strings.Repeat("k", 32), "more"): "the key is no ssh-ed25519, or not whole",
	} {
		_, err := keysOf("# who may\n" + good + "\n" + line + "\n")
		if err == nil || !strings.HasPrefix(err.Error(), "authorized_keys:3: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s is told %v, want %q", line, err, want)
		}
	}
	_, err := keysOf("x\n" + good + "\ny\n")
	if err == nil || !strings.Contains(err.Error(), "authorized_keys:1: ") || !strings.Contains(err.Error(), "authorized_keys:3: ") {
		t.Errorf("two bad lines are told %v", err)
	}
}

// coded is a key of these fields.
func coded(parts ...string) string {
	var b []byte
	for _, p := range parts {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(p))), p...)
	}
	return base64.StdEncoding.EncodeToString(b)
}

func FuzzKeys(f *testing.F) {
	f.Add("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPVJnHHUX5pDmXlCnVsB3NQ0sUq6uVjOJSTTcNCBTtVF ada\r\n")
	f.Add("restrict,command=\"a\\\"b, c\" ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB")
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := keysOf(text)
		if err != nil {
			return
		}
		for _, k := range keys {
			again, err := keysOf(k.line())
			if err != nil || len(again) != 1 || again[0].fingerprint() != k.fingerprint() || again[0].options != k.options {
				t.Errorf("%q is written %q, which is read as %v, %v", text, k.line(), again, err)
			}
		}
	})
}

// TestTheServersOrders are what keeps passwords and forwarding out.
func TestTheServersOrders(t *testing.T) {
	t.Parallel()
	if got, want := strings.Join(serving("/data/ssh/host_ed25519"), " "),
		"/usr/sbin/dropbear -i -m -s -g -j -k -K 60 -I 3600 -r /data/ssh/host_ed25519"; got != want {
		t.Errorf("it is started as %s, want %s", got, want)
	}
}

// hallway is a door of a box with these wired ports, each with its driver.
func hallway(t *testing.T, ports map[string]string) *door {
	t.Helper()
	dir := t.TempDir()
	d := &door{
		lan: newLAN(), keys: filepath.Join(dir, "authorized_keys"), config: filepath.Join(dir, "heliograph.yaml"), home: filepath.Join(dir, "root"),
		devices: filepath.Join(dir, "net"), ready: true, whose: "SHA256:own", open: map[string]*entrance{}, guests: map[string]int{},
	}
	n := 0
	for name, driver := range ports {
		n++
		d.lan.ports[name] = true
		at := filepath.Join(d.devices, name, "device")
		if err := os.MkdirAll(at, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("../drivers/"+driver, filepath.Join(at, "driver")); err != nil {
			t.Fatal(err)
		}
		lay(t, filepath.Join(d.devices, name), map[string]string{"ifindex": fmt.Sprintln(n)})
	}
	return d
}

// TestNothingOnTheCarriersSide: not on a backhaul, whatever its driver; not on
// what a modem shows as a network card, whatever its name.
func TestNothingOnTheCarriersSide(t *testing.T) {
	t.Parallel()
	d := hallway(t, map[string]string{"eth0": "igb", "eth1": "r8152", "eth2": "igb", "usb0": "rndis_host", "eth3": "cdc_ether", "wwan0": "none", "ppp0": "none", "eth4": "virtio_net"})
	d.lan.ports["eth9"] = true // not there yet
	lay(t, filepath.Dir(d.config), map[string]string{"heliograph.yaml": "backhaul:\n  - {name: cell, via: interface, interface: eth2}\n  - {name: lte, via: ppp, port: /dev/ttyUSB1}\n"})
	ports, why := d.wired()
	if len(ports) != 3 || ports["eth0"] == "" || ports["eth1"] == "" || ports["eth4"] == "" {
		t.Errorf("the wired ports are %v", ports)
	}
	want := "not on eth2: it is a backhaul\nnot on eth3: its driver, cdc_ether, is that of a modem's port\nnot on ppp0: its name is that of a modem's port\n" +
		"not on usb0: its driver, rndis_host, is that of a modem's port\nnot on wwan0: its name is that of a modem's port"
	if got := strings.Join(why, "\n"); got != want {
		t.Errorf("left out are\n%s, want\n%s", got, want)
	}
	lay(t, filepath.Dir(d.config), map[string]string{"heliograph.yaml": "backhaul: [{name: cell"})
	if ports, why := d.wired(); len(ports) != 0 || len(why) != 1 || !strings.Contains(why[0], "which ports are backhauls is not known") {
		t.Errorf("with half a configuration it is open on %v: %v", ports, why)
	}
}

// TestTheDoor is opened by a key, on the port it is to be on; it stays as it is
// when the file is bad; and an empty file closes it. A program that says what it
// hears stands in for the server.
func TestTheDoor(t *testing.T) {
	t.Parallel()
	d := hallway(t, map[string]string{"lo": "none"})
	d.kids, d.argv = brood(), []string{"/bin/cat"}
	if _, err := os.Stat(d.argv[0]); err != nil {
		t.Skipf("needs /bin/cat: %v", err)
	}
	bring := func(text string) {
		t.Helper()
		lay(t, filepath.Dir(d.keys), map[string]string{"authorized_keys": text})
		d.look()
	}
	inForce := func() string {
		text, _ := os.ReadFile(filepath.Join(d.home, ".ssh", "authorized_keys"))
		return string(text)
	}
	if d.look(); len(d.open) != 0 || !strings.Contains(d.told, "ssh is closed: nobody has left a key") {
		t.Errorf("without a key it is open on %v: %s", d.open, d.told)
	}
	ada := public(t, "ada")
	bring("\r\n" + ada + "\r\n")
	if inForce() != ada+"\n" {
		t.Errorf("in force is %q", inForce())
	}
	k, err := keyOf(ada)
	if want := fmt.Sprintf("ssh is open on lo for one key: [%s (ada)]; the box's own key is SHA256:own", k.fingerprint()); err != nil || d.told != want {
		t.Fatalf("it says %s, want %s (%v)", d.told, want, err)
	}
	first := d.open["lo"].listener
	to := fmt.Sprintf("127.0.0.1:%d", first.Addr().(*net.TCPAddr).Port)
	if got := echo(t, to, "hello"); got != "hello" {
		t.Errorf("the server says %q", got)
	}

	bring("ssh-ed25519 mistyped ada\n")
	if inForce() != ada+"\n" || d.open["lo"] == nil || !strings.Contains(d.told, "ssh stays open as it was: authorized_keys:1: ") {
		t.Errorf("after a bad file in force is %q: %s", inForce(), d.told)
	}
	lay(t, filepath.Join(d.devices, "lo"), map[string]string{"ifindex": "77\n"})
	bring(ada)
	if d.open["lo"] == nil || d.open["lo"].listener == first {
		t.Error("another device of the same name has the listener of the one before")
	}
	second := d.open["lo"].listener.Addr().(*net.TCPAddr).Port

	bring("# nobody\r\n")
	if inForce() != "" || len(d.open) != 0 || !strings.Contains(d.told, "ssh is closed") {
		t.Errorf("with an empty file in force is %q, open %v: %s", inForce(), d.open, d.told)
	}
	if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", second)); err == nil {
		c.Close()
		t.Error("somebody still answers")
	}
}

// echo says something and hears what comes back, to the end.
func echo(t *testing.T, to, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(c)
	if err != nil {
		t.Error(err)
	}
	return string(said)
}

// TestOneGuestDoesNotTakeAllSeats: who holds connections open is turned away in
// time, and there is an end to all of them.
func TestOneGuestDoesNotTakeAllSeats(t *testing.T) {
	t.Parallel()
	d := hallway(t, nil)
	for i := range 2 * mostOfOne {
		if in := d.enter("192.0.2.66"); in != (i < mostOfOne) {
			t.Errorf("connection %d of one address: %v", i+1, in)
		}
	}
	d.leave("192.0.2.66")
	if !d.enter("192.0.2.66") {
		t.Error("a seat that was left stays taken")
	}
	for i := range mostGuests {
		if in := d.enter(fmt.Sprintf("192.0.2.%d", 100+i)); in != (i < mostGuests-mostOfOne) {
			t.Errorf("connection %d of others: %v", i+1, in)
		}
	}
}

// TestAShellIsFurnished once somebody may use it; what has its name keeps it.
func TestAShellIsFurnished(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, dir := range []string{"bin", "sbin", "etc"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	lay(t, filepath.Join(root, "bin"), map[string]string{"ip": "another"})
	for range 2 {
		if err := furnish(root); err != nil {
			t.Fatal(err)
		}
	}
	if to, err := os.Readlink(filepath.Join(root, "bin/sh")); to != "busybox" || err != nil {
		t.Errorf("sh is %q, %v", to, err)
	}
	if text, err := os.ReadFile(filepath.Join(root, "bin/ip")); string(text) != "another" || err != nil {
		t.Errorf("ip is %q, %v", text, err)
	}
	if got := lying(t, filepath.Join(root, "sbin")); !strings.Contains(got, "reboot=#!/bin/sh\nexec kill -INT 1") {
		t.Errorf("there is %s", got)
	}
}

func TestTheBoxsOwnKey(t *testing.T) {
	t.Parallel()
	own := public(t, "root@heliograph")
	k, err := keyOf(own)
	if err != nil {
		t.Fatal(err)
	}
	if got := fingerprintOf("Public key portion is:\n" + own + "\nFingerprint: SHA256:x\n"); got != k.fingerprint() {
		t.Errorf("it is %s, want %s", got, k.fingerprint())
	}
	if got := fingerprintOf("Failed reading"); got != "not known" {
		t.Errorf("of nothing it is %s", got)
	}
}

// TestTheServerIsHeard, and nobody else who speaks to the system's log.
func TestTheServerIsHeard(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"<37>Nov 22 06:09:44 dropbear[120]: Pubkey auth succeeded for 'root' from 192.0.2.7:4\n": "Pubkey auth succeeded for 'root' from 192.0.2.7:4",
		"<38>Nov 22 06:09:44 dropbear[120]: Bad name '\x1b[2J\ninit: all is well'\x00":           "Bad name '[2Jinit: all is well'",
		"<30>Nov 22 06:09:44 pppd[99]: dropbear[1]: LCP":                                         "",
		"dropbear": "",
	} {
		got, ok := serverSays(line)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q is heard as %q, %v", line, got, ok)
		}
	}
}
