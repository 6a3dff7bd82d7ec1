package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"heliograph/drivers/probe/probetest"
)

// webmail is example.com on the Internet, at port 443, and the dead man's
// switch as well: it keeps what the beats say of their path.
type webmail struct {
	cert tls.Certificate
	pem  []byte

	mu    sync.Mutex
	beats []string
}

func (w *webmail) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/ping" {
		fmt.Fprint(out, "two new mails")
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.beats = append(w.beats, r.UserAgent())
	fmt.Fprint(out, "OK")
}

func (w *webmail) beat() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.beats[:min(1, len(w.beats))], "")
}

// browse is what a browser sees that goes through the box.
func (w *webmail) browse(user, at string) string {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(w.pem)
	box := &url.URL{Scheme: "https", Host: "127.0.0.1:3128", User: url.UserPassword(user, "lamp")}
	way := &http.Transport{Proxy: http.ProxyURL(box), TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: way}).Get(at)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// newWebmail builds the Internet behind eth0, and teaches this process its name
// and its authority.
func newWebmail(t *testing.T, dir string) *webmail {
	t.Helper()
	place := probetest.New(t)
	place.Wire("eth0")
	probetest.Address(t, "eth0", "192.0.2.2/24")
	probetest.Default(t, "192.0.2.1", "eth0")
	w := &webmail{}
	var l net.Listener
	var err error
	place.Do(func() {
		probetest.Address(t, "eth0", "192.0.2.1/24")
		probetest.Address(t, "lo", "203.0.113.9/32")
		l, err = net.Listen("tcp", "203.0.113.9:443")
	})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(w)
	s.Listener.Close()
	s.Listener = l
	s.StartTLS()
	t.Cleanup(s.Close)
	w.cert = s.TLS.Certificates[0]
	w.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.cert.Certificate[0]})
	write(t, dir, "ca.pem", w.pem)
	t.Setenv("SSL_CERT_FILE", filepath.Join(dir, "ca.pem"))
	write(t, dir, "hosts", []byte("203.0.113.9 example.com\n"))
	if err := syscall.Mount(filepath.Join(dir, "hosts"), "/etc/hosts", "", syscall.MS_BIND, ""); err != nil {
		t.Skipf("needs an /etc/hosts to mount over: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount("/etc/hosts", syscall.MNT_DETACH) })
	return w
}

func write(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// The duty desk's browser reaches webmail through the box while an incident is
// open or by order, and at no other time; and the dead man's switch hears of
// the box, and by which path.
func TestTheDutyDeskAndTheDeadMansSwitch(t *testing.T) {
	if !probetest.Enter(t) {
		return
	}
	dir := t.TempDir()
	mail := newWebmail(t, dir)
	r := newRigHere(t)
	key, err := x509.MarshalPKCS8PrivateKey(mail.cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte("lamp"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "box.crt", mail.pem)
	write(t, dir, "box.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	write(t, dir, "users", []byte("ada:"+string(hash)+"\n"))
	r.write("selftest: off\n", strings.ReplaceAll(`selftest: off
heartbeat: {url: "https://example.com/ping", every: 10m}
proxy: {address: "127.0.0.1:3128", tls: {cert: HERE/box.crt, key: HERE/box.key}, users: {file: HERE/users}, hosts: [example.com]}
`, "HERE", dir))
	r.start()
	r.until("the dead man's switch has heard of it", func() bool { return mail.beat() == "heliograph waw-12 (primary)" })

	browse := func(user, at string) string { return mail.browse(user, at) }
	const inbox, shut = "https://example.com/inbox", "connection refused"
	sees := func(want string) {
		t.Helper()
		r.until("the browser sees "+want, func() bool { return strings.Contains(browse("ada", inbox), want) })
	}
	orders := func(words string) {
		t.Helper()
		if a, err := r.client.Order(t.Context(), words); err != nil || !a.OK {
			t.Fatalf("%s: %+v %v", words, a, err)
		}
	}
	sees(shut)
	orders("open billing cards fail")
	sees("two new mails")
	for _, no := range []struct{ user, at, want string }{
		{"eve", inbox, "Proxy Authentication Required"}, {"ada", "https://elsewhere.example/", "Forbidden"}, {"ada", "https://example.com:8443/", "Forbidden"},
	} {
		if got := browse(no.user, no.at); !strings.Contains(got, no.want) {
			t.Errorf("%s at %s sees %q, want %s", no.user, no.at, got, no.want)
		}
	}
	orders("clear 1")
	sees(shut)
	orders("proxy on")
	sees("two new mails")
	orders("open billing cards fail again")
	orders("proxy off")
	sees(shut)
	orders("proxy auto")
	sees("two new mails")
}
