package site

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"

	"heliograph/drivers/delivery"
)

// keyPair makes a key; private in PEM form, public as a line.
func keyPair(t *testing.T) (private, public string) {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	line, err := ssh.NewPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block)), strings.TrimSpace(string(ssh.MarshalAuthorizedKey(line)))
}

// pipe makes a program's two ends one connection: sshd -i serves one caller
// on its standard input, so no port is opened and nothing is left behind.
type pipe struct {
	net.Conn
	done func()
	once sync.Once
}

func (p *pipe) Close() error {
	err := p.Conn.Close()
	p.once.Do(p.done)
	return err
}

// openssh is the real server with a configuration of its own.
type openssh struct {
	folder, hostKey, fingerprint string
	dial                         func(ctx context.Context, network, address string) (net.Conn, error)
	options                      SFTP
	log                          journal
}

// journal is what sshd says.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func startOpenSSH(t *testing.T) *openssh {
	t.Helper()
	sshd, err := exec.LookPath("sshd")
	if err != nil {
		if sshd = "/usr/sbin/sshd"; !there(sshd) {
			t.Skip("needs OpenSSH's server: sshd is not installed (Debian: openssh-server)")
		}
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if me.Uid == "0" && !there("/run/sshd") {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil { // where sshd, as root, locks its unprivileged half in
			t.Skip("needs /run/sshd, which sshd wants as root: ", err)
		}
		t.Cleanup(func() { os.Remove("/run/sshd") })
	}
	dir := t.TempDir()
	s := &openssh{folder: filepath.Join(dir, "www")}
	private, public := keyPair(t)
	mine, allowed := keyPair(t)
	// A second host key, of a kind that comes first: the pin must be found behind it.
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", filepath.Join(dir, "ecdsa")).CombinedOutput(); err != nil {
		t.Skipf("needs ssh-keygen: %v %s", err, out)
	}
	for name, text := range map[string]string{
		"host": private, "authorized": allowed,
		"config": fmt.Sprintf("HostKey %[1]s/ecdsa\nHostKey %[1]s/host\nAuthorizedKeysFile %[1]s/authorized\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n", dir),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(s.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(public))
	if err != nil {
		t.Fatal(err)
	}
	s.hostKey, s.fingerprint = "web.example.org "+public, ssh.FingerprintSHA256(key)
	s.options = SFTP{Server: "web.example.org:22", User: me.Username, Key: mine, HostKey: s.hostKey, Folder: s.folder}
	s.dial = func(context.Context, string, string) (net.Conn, error) {
		return serveOnce(sshd, filepath.Join(dir, "config"), &s.log)
	}
	return s
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// serveOnce joins a caller to one sshd over loopback.
func serveOnce(sshd, config string, log io.Writer) (net.Conn, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return nil, err
	}
	far, err := l.Accept()
	if err != nil {
		return nil, err
	}
	defer far.Close()
	f, err := far.(*net.TCPConn).File()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	cmd := exec.Command(sshd, "-i", "-e", "-f", config)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = f, f, log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &pipe{Conn: near, done: func() { cmd.Wait() }}, nil
}

func (s *openssh) site(t *testing.T, spoil func(*SFTP)) *Site {
	t.Helper()
	o := s.options
	if spoil != nil {
		spoil(&o)
	}
	site, err := New(Options{Title: "Example Net", URL: "https://status.example.net", Parts: []string{"Warszawa"}, SFTP: o, Dial: s.dial, Memory: memory{}})
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func TestOpenSSH(t *testing.T) {
	t.Parallel()
	s := startOpenSSH(t)
	if err := s.site(t, nil).Check(t.Context()); err != nil && strings.Contains(s.log.String(), "account is locked") {
		t.Skipf("needs a user who may log in: sshd calls the account of %s locked", s.options.User)
	}
	t.Run("troubles", func(t *testing.T) { troubles(t, s) })
	t.Run("an incident", func(t *testing.T) { anIncident(t, s) })
}

// It takes an incident and its end, pinned by its line and by its fingerprint.
func anIncident(t *testing.T, s *openssh) {
	for name, spoil := range map[string]func(*SFTP){"line of known_hosts": nil, "fingerprint": func(o *SFTP) { o.HostKey = s.fingerprint }} {
		site := s.site(t, spoil)
		if err := site.Check(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, c := range []struct {
			job  delivery.Job
			says string
		}{{down(7, 1, "2026-11-21 04:02"), "being worked on"}, {over(down(7, 1, "2026-11-21 04:02"), "2026-11-21 05:17"), "The line is back."}} {
			if _, err := site.Send(t.Context(), c.job); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			text, err := os.ReadFile(filepath.Join(s.folder, "index.html"))
			if err != nil {
				t.Fatal(err)
			}
			contains(t, name, string(text), c.says)
		}
	}
	left, err := os.ReadDir(s.folder)
	if err != nil || len(left) != 4 {
		t.Errorf("the folder holds %v, %v", left, err)
	}
}

// What goes wrong with a host is said with what to do.
func troubles(t *testing.T, s *openssh) {
	stranger, otherLine := keyPair(t)
	other, _, _, _, err := ssh.ParseAuthorizedKey([]byte(otherLine))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil func(*SFTP)
		says  string
	}{
		"another host":             {func(o *SFTP) { o.HostKey = "web.example.org " + otherLine }, "somebody answers in the host's place"},
		"another host's, in short": {func(o *SFTP) { o.HostKey = ssh.FingerprintSHA256(other) }, "somebody answers in the host's place"},
		"a key it does not know":   {func(o *SFTP) { o.Key = stranger }, "authorized_keys"},
		"no such folder":           {func(o *SFTP) { o.Folder += "/gone" }, "make the folder"},
	} {
		site := s.site(t, c.spoil)
		for _, err := range []error{second(site.Send(t.Context(), down(7, 1, "2026-11-21 04:02"))), site.Check(t.Context())} {
			if e := fateOf(t, err); e.Fate != delivery.Retry || !e.Worker || !strings.Contains(e.Advice, c.says) {
				t.Errorf("%s: %v; %s", name, e, e.Advice)
			}
		}
	}
	if there(filepath.Join(s.folder, "index.html")) {
		t.Error("something was put")
	}
}

// A host that says nothing is given up when the time is over.
func TestASilentHost(t *testing.T) {
	t.Parallel()
	private, public := keyPair(t)
	far := make(chan net.Conn, 1)
	ctx, cancel := context.WithCancel(t.Context())
	site, err := New(Options{Title: "Example Net", URL: "https://status.example.net", Memory: memory{},
		SFTP: SFTP{Server: "web.example.org:22", User: "noc", Key: private, HostKey: public, Folder: "/www"},
		Dial: func(context.Context, string, string) (net.Conn, error) {
			a, b := net.Pipe()
			far <- b
			return a, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		b := (<-far)
		b.Read(make([]byte, 1)) // it has said who it is, and waits
		cancel()
	}()
	if e := fateOf(t, second(site.Send(ctx, down(7, 1, "2026-11-21 04:02")))); e.Fate != delivery.Retry || !e.Worker {
		t.Errorf("%+v", e)
	}
}
