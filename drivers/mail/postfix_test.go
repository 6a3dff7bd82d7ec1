package mail_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"heliograph/drivers/delivery"
	"heliograph/drivers/mail"
	"heliograph/drivers/mail/mailtest"
)

const mainCf = `compatibility_level = 3.6
queue_directory = DIR/queue
data_directory = DIR/data
maillog_file = /dev/stdout
myhostname = mail.example.net
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
default_transport = error:this server sends nothing on
relay_transport = error:this server sends nothing on
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = partner.example
virtual_mailbox_base = DIR/mail
virtual_mailbox_maps = inline:{noc@partner.example=noc/, a@partner.example=a/, b@partner.example=b/, c@partner.example=c/, wait@partner.example=wait/}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
message_size_limit = 20000
virtual_mailbox_limit = 0
smtpd_recipient_limit = 3
smtpd_tls_cert_file = DIR/cert.pem
smtpd_tls_key_file = DIR/key.pem
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = cyrus
smtpd_sasl_path = smtpd
smtpd_sasl_local_domain = example.org
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{{wait@partner.example = 450 4.2.0 Greylisted}}, permit_sasl_authenticated, reject_unauth_destination
`

const masterCf = `127.0.0.1:STARTTLS inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
127.0.0.1:IMPLICIT inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`

const smtpdConf = `pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: DIR/sasldb2
mech_list: PLAIN LOGIN CRAM-MD5
`

// postfix is Debian's, in a folder and a process namespace of its own.
type postfix struct {
	dir    string
	ports  map[string]string // the box's name for a server to the port on loopback
	log    *bufio.Scanner
	tls    *tls.Config
	weight atomic.Int64
}

func startPostfix(t *testing.T) *postfix {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root: postfix's master starts as root only")
	}
	for _, program := range []string{"/usr/sbin/postfix", "/usr/sbin/saslpasswd2"} {
		if _, err := os.Stat(program); err != nil {
			t.Skipf("needs %s: install postfix, sasl2-bin and libsasl2-modules", program)
		}
	}
	dir, err := os.MkdirTemp("", "postfix")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &postfix{dir: dir, ports: map[string]string{starttls: freePort(t), implicit: freePort(t)}}
	p.furnish(t)
	p.start(t)
	return p
}

// freePort is one that nobody has at the moment.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func (p *postfix) furnish(t *testing.T) {
	t.Helper()
	certificate, key, trust := mailtest.Issue(t, mailtest.Host)
	p.tls = &tls.Config{RootCAs: trust}
	for name, owner := range map[string]int{"": 0, "sasl": 0, "queue": 0, "data": -1, "mail": 65534} {
		path := filepath.Join(p.dir, name)
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
		if owner > 0 {
			if err := os.Chown(path, owner, owner); err != nil {
				t.Fatal(err)
			}
		}
	}
	fill := strings.NewReplacer("DIR", p.dir, "STARTTLS", p.ports[starttls], "IMPLICIT", p.ports[implicit])
	for name, text := range map[string]string{
		"main.cf": fill.Replace(mainCf), "master.cf": fill.Replace(masterCf), "sasl/smtpd.conf": fill.Replace(smtpdConf), "cert.pem": string(certificate), "key.pem": string(key),
	} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run(t, "", "chown", "postfix", filepath.Join(p.dir, "data"))
	run(t, mailtest.Password, "/usr/sbin/saslpasswd2", "-p", "-c", "-f", filepath.Join(p.dir, "sasldb2"), "-u", "example.org", "noc")
	run(t, "", "chmod", "644", filepath.Join(p.dir, "sasldb2"))
}

func run(t *testing.T, in, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = strings.NewReader(in)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// start runs postfix as the first process of a namespace: when that ends,
// however it ends, nothing of it is left behind.
func (p *postfix) start(t *testing.T) {
	t.Helper()
	cmd := exec.Command("/usr/sbin/postfix", "-c", p.dir, "start-fg")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Skipf("needs a process namespace of its own: %v", err)
	}
	w.Close()
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		for t.Failed() && p.log.Scan() {
			t.Log(p.log.Text())
		}
		r.Close()
	})
	p.log = bufio.NewScanner(r)
	p.await(t, "daemon started")
}

// await reads postfix's log up to a line with these words.
func (p *postfix) await(t *testing.T, words string) {
	t.Helper()
	var seen []string
	for p.log.Scan() {
		seen = append(seen, p.log.Text())
		if strings.Contains(p.log.Text(), words) {
			return
		}
	}
	t.Fatalf("postfix ended and never said %q:\n%s", words, strings.Join(seen, "\n"))
}

func (p *postfix) box(t *testing.T, change func(*mail.Options)) *mail.Mailer {
	t.Helper()
	o := mail.Options{Server: starttls, User: mailtest.User, Auth: "plain", Secret: mailtest.Password, From: "NOC Example <noc@example.org>", TLS: p.tls}
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		var d net.Dialer
		c, err := d.DialContext(ctx, network, "127.0.0.1:"+p.ports[address])
		if err != nil {
			return nil, err
		}
		return scale{c, &p.weight, new(atomic.Int64)}, nil
	}
	if change != nil {
		change(&o)
	}
	m, err := mail.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// mails are those in a mailbox once postfix has put n of them there.
func (p *postfix) mails(t *testing.T, box string, n int) []mailtest.Mail {
	t.Helper()
	for {
		files, err := filepath.Glob(filepath.Join(p.dir, "mail", box, "new", "*"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) < n {
			p.await(t, "status=sent (delivered to maildir)")
			continue
		}
		var list []mailtest.Mail
		for _, name := range files {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, mailtest.Mail{Raw: raw})
		}
		return list
	}
}

// A night with Debian's postfix in the provider's place.
func TestPostfix(t *testing.T) {
	t.Parallel()
	p := startPostfix(t)
	j := job()
	for i, auth := range []string{"plain", "login", "cram-md5"} {
		for k, server := range []string{starttls, implicit} {
			m := p.box(t, func(o *mail.Options) { o.Auth, o.Server = auth, server })
			if err := m.Check(context.Background()); err != nil {
				t.Errorf("%s %s: the self-test: %v", server, auth, err)
			}
			j.ID, j.Follows = uint64(2*i+k), i+k > 0
			before := p.weight.Load()
			r := sent(t, m, j)
			t.Logf("%s %s: %s; %d bytes", server, auth, r.Reference, p.weight.Load()-before)
		}
	}
	ids := map[string]string{}
	for _, got := range p.mails(t, "noc", 6) {
		if body(t, got) != j.Text {
			t.Errorf("the text came as %q", body(t, got))
		}
		ids[header(t, got, "Message-Id")] = header(t, got, "In-Reply-To")
	}
	roots := 0
	for _, parent := range ids {
		if _, ok := ids[parent]; !ok {
			roots++
		}
	}
	if len(ids) != 6 || roots != 1 {
		t.Errorf("the six mails are no thread: %v", ids)
	}

	t.Run("a group", p.group)
	for name, c := range map[string]struct {
		change func(*mail.Options)
		to     string
		text   string
		fate   string
	}{
		"wrong password":       {func(o *mail.Options) { o.Secret = "wrong" }, j.To, "", "retry worker 535 5.7.8"},
		"no login, to outside": {func(o *mail.Options) { o.Auth = "none" }, "a@elsewhere.example", "", "retry worker 554 5.7.1"},
		"nobody there":         {nil, "nobody@partner.example", "", "never 550 5.1.1"},
		"greylisted":           {nil, "wait@partner.example", "", "retry 450 4.2.0"},
		"too big":              {nil, j.To, strings.Repeat("0123456789 ", 2000), "never 552 5.3.4"},
	} {
		t.Run(name, func(t *testing.T) {
			j := job()
			j.To, j.Text = c.to, c.text
			if e := failed(t, p.box(t, c.change), j); told(e) != c.fate {
				t.Errorf("%v, want %s", e, c.fate)
			}
		})
	}
}

// group has six addresses at a server that takes three at once: one waits, one
// does not exist.
func (p *postfix) group(t *testing.T) {
	j := job()
	j.ID, j.Thread = 100, "group"
	j.To = "a@partner.example,wait@partner.example,nobody@partner.example,b@partner.example,c@partner.example,noc@partner.example"
	var took []delivery.Part
	j.Took = func(p delivery.Part) error {
		took = append(took, p)
		return nil
	}
	r, err := p.box(t, nil).Send(context.Background(), j)
	if e := fate(t, r, err); told(e) != "retry 450 4.2.0" || numbers(took) != "1/6 4/6 5/6 6/6" || fmt.Sprint(len(r.Refused)) != "1" {
		t.Fatalf("%v; taken by %s, refused %v", e, numbers(took), r.Refused)
	}
	var first string
	for _, name := range []string{"a", "b", "c"} {
		got := p.mails(t, name, 1)
		id := header(t, got[0], "Message-Id")
		if first = strings.TrimSpace(first + " " + id); !strings.HasSuffix(first, id) || strings.Count(first, id) != len(strings.Fields(first)) {
			t.Errorf("Message-IDs %s", first)
		}
	}
}
