package qemu

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// The box of the test of ssh has, beside the port that it watches, one in the
// LAN, a backhaul that somebody else keeps, and a USB modem that shows itself as
// a network card. QEMU carries TCP from this machine to each of the three.
const (
	wires = network + "eth1 10.0.2.15/24\neth2 10.0.3.15/24\nusb0 10.0.4.15/24\n"

	withBackhaul = configuration + "backhaul:\n  - {name: cell, via: interface, interface: eth2, gateway: 10.0.3.2}\n"
)

// road is a port of the box with a TCP port of this machine that leads to its
// port 22, and one that leads to 2200.
type road struct{ ssh, other string }

// roads puts these ports into the box, and returns the roads to them.
func (m *machine) roads(devices ...string) (all []road) {
	m.t.Helper()
	for i, device := range devices {
		r := road{m.free(), m.free()}
		all = append(all, r)
		net := fmt.Sprintf("10.0.%d.", i+2)
		m.parts = append(m.parts, "-netdev", fmt.Sprintf("user,id=road%d,net=%s0/24,restrict=on,hostfwd=tcp:%s-%s15:22,hostfwd=tcp:%s-%s15:2200", i, net, r.ssh, net, r.other, net),
			"-device", fmt.Sprintf("%s,netdev=road%d", device, i))
	}
	return all
}

// free is a port of this machine that nobody listens on.
func (m *machine) free() string {
	m.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		m.t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// person has a key for ssh.
type person struct {
	key ssh.Signer
	pub string // as it stands in authorized_keys
}

func newPerson(t *testing.T, name string) person {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return person{key, strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey()))) + " " + name}
}

const slowLogin = 60 * time.Second // without hardware help

// login is one try. The box's key is returned, too. It is asked for as OpenSSH
// does: dropbear 2022.83 offers RSA as well when it has no such key, and gives
// up on a client that prefers it (its issue 219).
func login(at string, how ...ssh.AuthMethod) (c *ssh.Client, host string, err error) {
	c, err = ssh.Dial("tcp", at, &ssh.ClientConfig{
		User: "root", Auth: how, Timeout: slowLogin, HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			host = ssh.FingerprintSHA256(key)
			return nil
		},
	})
	return c, host, err
}

// says runs a command on the box.
func says(t *testing.T, c *ssh.Client, command string) string {
	t.Helper()
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.CombinedOutput(command)
	if err != nil {
		t.Errorf("%s: %v\n%s", command, err, out)
	}
	return strings.TrimSpace(string(out))
}

// heard is what a TCP port of the box says by itself. Where nobody listens, it
// is nothing: QEMU takes the connection, and ends it when the box refuses it.
func heard(t *testing.T, at string) string {
	t.Helper()
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 64)
	n, _ := io.ReadAtLeast(c, said, 4)
	return strings.TrimSpace(string(said[:n]))
}

// TestSSH asks for ssh with a key, at the second start of a box: before, and
// after the key was taken away, there is nobody. Strangers and passwords are
// refused, and on a carrier's side nobody answers.
func TestSSH(t *testing.T) {
	needsBoard(t)
	m := newMachine(t, map[string]string{"heliograph.yaml": withBackhaul, "network": wires, "sim.pin": "1234\n"})
	m.direct = true
	roads := m.roads("virtio-net-pci", "virtio-net-pci", "usb-net")
	lan, backhaul, modem := roads[0], roads[1], roads[2]
	ada, bob, eve := newPerson(t, "ada@noc"), newPerson(t, "bob@noc"), newPerson(t, "eve")

	m.on()
	await(m, "watching: the first probe is answered", m.host.first)
	m.wait("it says that ssh is closed", func() bool { return m.says("ssh is closed: nobody has left a key") })
	if said := heard(t, lan.ssh); said != "" {
		t.Errorf("without a key the box says %q", said)
	}
	m.off()

	m.bring("authorized_keys", "# the night shift\r\n"+ada.pub+"\r\n"+`command="echo no more than this",no-pty `+bob.pub+"\r\n")
	m.on()
	m.wait("ssh is open", func() bool { return m.says("ssh is open on eth0, eth1 for 2 keys: ") })
	m.wait("not on the modem", func() bool { return m.says("not on usb0: its driver, cdc_ether") })
	c, host, err := login(lan.ssh, ssh.PublicKeys(ada.key))
	if err != nil {
		t.Fatalf("with her key ada is told %v\n%s", err, m.console.text())
	}
	t.Logf("%6.1f s  ada is in", m.since())
	if !m.says("the box's own key is " + host) {
		t.Errorf("the box shows the key %s, and the console does not say so", host)
	}
	m.inside(c)
	m.strangers(lan.ssh, eve)
	m.limited(lan.ssh, bob)
	for name, r := range map[string]road{"the backhaul": backhaul, "the modem": modem} {
		if said := heard(t, r.ssh); said != "" {
			t.Errorf("on %s the box says %q", name, said)
		}
	}
	m.leads(c, modem.other)
	c.Close()
	m.off()

	m.bring("authorized_keys", "# nobody\r\n")
	m.on()
	m.wait("ssh is closed again", func() bool { return m.says("ssh is closed: nobody has left a key") })
	m.wait("it runs", func() bool { return m.says("the appliance is started") })
	if said := heard(t, lan.ssh); said != "" {
		t.Errorf("after the keys were taken away the box says %q", said)
	}
	m.off()
	if t.Failed() {
		t.Log(m.console.text())
	}
}

// inside is what somebody finds who came in: a shell, the appliance, and no
// forwarding.
func (m *machine) inside(c *ssh.Client) {
	m.t.Helper()
	wantAll(m.t, says(m.t, c, "id; cat /etc/heliograph/network; ls -l /data/ssh /root/.ssh; heliograph status"),
		"uid=0(root)", "eth1 10.0.2.15/24", "-rw-------", "host_ed25519", "transit-a")
	if said := says(m.t, c, "ls /bin/sh /sbin/reboot && busybox true && echo whole"); !strings.Contains(said, "whole") {
		m.t.Errorf("the shell says %s", said)
	}
	m.terminal(c)
	if l, err := c.Listen("tcp", "127.0.0.1:2201"); err == nil {
		l.Close()
		m.t.Error("the box forwards ports of its own")
	}
	var refused *ssh.OpenChannelError
	if far, err := c.Dial("tcp", "127.0.0.1:22"); err == nil {
		far.Close()
		m.t.Error("the box forwards connections")
	} else if !errors.As(err, &refused) || refused.Reason != ssh.Prohibited {
		m.t.Errorf("who wants a connection forwarded is told %v", err)
	}
}

// limited has a key that may run one command only.
func (m *machine) limited(at string, bob person) {
	m.t.Helper()
	if c, _, err := login(at, ssh.PublicKeys(bob.key)); err != nil {
		m.t.Errorf("with his key bob is told %v", err)
	} else {
		if said := says(m.t, c, "cat /etc/heliograph/sim.pin"); said != "no more than this" {
			m.t.Errorf("bob, who may run one command, is told %q", said)
		}
		c.Close()
	}
}

// terminal types into a shell.
func (m *machine) terminal(c *ssh.Client) {
	m.t.Helper()
	s, err := c.NewSession()
	if err != nil {
		m.t.Fatal(err)
	}
	defer s.Close()
	if err := s.RequestPty("xterm", 24, 80, nil); err != nil {
		m.t.Errorf("a terminal: %v", err)
	}
	s.Stdin = strings.NewReader("tty; echo $0 $HOME\nexit\n")
	var said strings.Builder
	s.Stdout = &said
	if err := s.Shell(); err != nil {
		m.t.Fatal(err)
	}
	s.Wait()
	wantAll(m.t, said.String(), "/dev/pts/0", "-sh /root")
}

// strangers are refused, whatever they try.
func (m *machine) strangers(at string, eve person) {
	m.t.Helper()
	asked := 0
	for what, how := range map[string]ssh.AuthMethod{
		"a stranger's key": ssh.PublicKeys(eve.key), "an empty password": ssh.Password(""), "a password": ssh.Password("heliograph"),
		"answers": ssh.KeyboardInteractive(func(string, string, []string, []bool) ([]string, error) { asked++; return []string{"root"}, nil }),
	} {
		c, _, err := login(at, how)
		if err == nil {
			c.Close()
			m.t.Errorf("with %s somebody came in", what)
		} else if !strings.Contains(err.Error(), "unable to authenticate") {
			m.t.Errorf("%s is told %v", what, err)
		}
		m.t.Logf("%6.1f s  with %s: %v", m.since(), what, err)
		if err != nil && strings.Contains(err.Error(), "attempted methods [none password") {
			m.t.Errorf("the box offers passwords: %v", err)
		}
	}
	if asked > 0 {
		m.t.Error("the box asks questions")
	}
}

// leads shows that a road leads to the box: somebody else who listens there, on
// another port, is heard.
func (m *machine) leads(c *ssh.Client, at string) {
	m.t.Helper()
	s, err := c.NewSession()
	if err != nil {
		m.t.Fatal(err)
	}
	defer s.Close()
	if err := s.Start("echo anybody | nc -l -p 2200"); err != nil {
		m.t.Fatal(err)
	}
	m.wait("the road to the modem's port leads to the box", func() bool { return heard(m.t, at) == "anybody" })
}

func wantAll(t *testing.T, said string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(said, w) {
			t.Errorf("want %q in\n%s", w, said)
		}
	}
}
