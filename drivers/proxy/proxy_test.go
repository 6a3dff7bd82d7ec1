package proxy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// desk is a proxy on loopback, a webmail behind it, and what was logged.
type desk struct {
	*Proxy
	webmail *httptest.Server
	addr    map[string]string // of names; others have a public one

	mu     sync.Mutex
	lines  []string
	dialed []string
}

func (d *desk) said() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.lines, "\n")
}

func start(t *testing.T, spoil func(*Options)) *desk {
	t.Helper()
	d := &desk{addr: map[string]string{}}
	d.webmail = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/endless" {
			for r.Context().Err() == nil {
				w.Write(make([]byte, 4096))
				w.(http.Flusher).Flush()
			}
		}
		io.WriteString(w, "inbox")
	}))
	d.webmail.Config.ErrorLog = log.New(io.Discard, "", 0) // what breaks here is meant to
	d.webmail.StartTLS()
	t.Cleanup(d.webmail.Close)
	hash, err := bcrypt.GenerateFromPassword([]byte("open sesame"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{
		Address: netip.MustParseAddrPort("127.0.0.1:0"), Certificate: d.webmail.TLS.Certificates[0],
		Users: "# duty desk\nada:" + string(hash) + "\nbob:" + string(hash) + "\n", Hosts: []string{"example.com", "*.Webmail.example"},
		Lookup: func(_ context.Context, host string) ([]netip.Addr, error) {
			if a := d.addr[host]; a != "" {
				return []netip.Addr{netip.MustParseAddr(a)}, nil
			}
			return []netip.Addr{netip.MustParseAddr("203.0.113.10")}, nil
		},
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			d.mu.Lock()
			d.dialed = append(d.dialed, address)
			d.mu.Unlock()
			var dialer net.Dialer
			return dialer.DialContext(ctx, network, d.webmail.Listener.Addr().String())
		},
		Log: func(line string) { d.mu.Lock(); d.lines = append(d.lines, line); d.mu.Unlock() },
	}
	if spoil != nil {
		spoil(&o)
	}
	if d.Proxy, err = New(o); err != nil {
		t.Fatal(err)
	}
	if err := d.Open("incident #7"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func (d *desk) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(d.webmail.Certificate())
	return pool
}

// browser is net/http's own client behind the proxy.
func (d *desk) browser(t *testing.T, user, password string) *http.Client {
	tr := &http.Transport{
		Proxy:           http.ProxyURL(&url.URL{Scheme: "https", User: url.UserPassword(user, password), Host: d.Address().String()}),
		TLSClientConfig: &tls.Config{RootCAs: d.roots()},
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func read(res *http.Response, err error) (string, error) {
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return string(text), err
}

// Ada reads her mail; the all-clear closes the door.
func TestAnIncidentLong(t *testing.T) {
	t.Parallel()
	d := start(t, nil)
	ada := d.browser(t, "ada", "open sesame")
	if got, err := read(ada.Get("https://example.com/")); err != nil || got != "inbox" {
		t.Fatalf("%q, %v", got, err)
	}
	d.mu.Lock()
	if len(d.dialed) != 1 || d.dialed[0] != "203.0.113.10:443" {
		t.Errorf("connected to %q", d.dialed)
	}
	d.mu.Unlock()
	res, err := ada.Get("https://example.com/endless")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if _, err := io.Copy(io.Discard, res.Body); err == nil {
		t.Error("the tunnel lives on")
	}
	if _, err := net.DialTimeout("tcp", d.Address().String(), 10*time.Second); err == nil {
		t.Error("somebody listens still")
	}
	if used := d.Used(); used["ada"] < 4096 || used["bob"] != 0 {
		t.Errorf("used: %v", used)
	}
	for _, want := range []string{"open at 127.0.0.1:", "incident #7", "ada: example.com: ", "the proxy was closed", "proxy: closed"} {
		if !strings.Contains(d.said(), want) {
			t.Errorf("not logged: %q in\n%s", want, d.said())
		}
	}
	if err := d.Open("incident #8"); err != nil {
		t.Fatal(err)
	}
	if got, err := read(d.browser(t, "ada", "open sesame").Get("https://example.com/")); err != nil || got != "inbox" {
		t.Errorf("the next incident: %q, %v", got, err)
	}
}

// Nobody else, nowhere else.
func TestWhoAndWhereto(t *testing.T) {
	t.Parallel()
	d := start(t, nil)
	for host, addr := range map[string]string{
		"a.webmail.example": "10.0.0.1", "b.webmail.example": "127.0.0.1", "c.webmail.example": "169.254.169.254", "d.webmail.example": "fd00::1",
		"e.webmail.example": "::ffff:192.168.1.1", "f.webmail.example": "64:ff9b::a00:1", "g.webmail.example": "100.64.0.1", "h.webmail.example": "::1",
	} {
		d.addr[host] = addr
	}
	for _, c := range []struct{ user, password, address, says string }{
		{"ada", "open sesame", "https://example.com:8443/", "Forbidden"},
		{"ada", "open sesame", "https://example.org/", "Forbidden"},
		{"ada", "open sesame", "https://webmail.example/", "Forbidden"},
		{"ada", "open sesame", "https://203.0.113.10/", "Forbidden"},
		{"ada", "open sesame", "https://a.webmail.example/", "Forbidden"},
		{"ada", "open sesame", "https://b.webmail.example/", "Forbidden"},
		{"ada", "open sesame", "https://c.webmail.example/", "Forbidden"},
		{"ada", "open sesame", "https://d.webmail.example/", "Forbidden"},
		{"ada", "open sesame", "https://e.webmail.example/", "Forbidden"},
		{"ada", "open sesame", "https://f.webmail.example/", "Forbidden"},
		{"ada", "open sesame", "https://g.webmail.example/", "Forbidden"},
		{"ada", "open sesame", "https://h.webmail.example/", "Forbidden"},
		{"ada", "guess", "https://example.com/", "Proxy Authentication Required"},
		{"eve", "open sesame", "https://example.com/", "Proxy Authentication Required"},
	} {
		if got, err := read(d.browser(t, c.user, c.password).Get(c.address)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s to %s: %q, %v", c.user, c.address, got, err)
		}
	}
	if got, err := read(d.browser(t, "ada", "open sesame").Get("http://example.com/")); err != nil || !strings.Contains(got, "only https://") {
		t.Errorf("without TLS: %q, %v", got, err)
	}
	if len(d.dialed) != 0 {
		t.Errorf("connected to %q", d.dialed)
	}
	if s := d.said(); strings.Contains(s, "guess") || strings.Contains(s, "sesame") || !strings.Contains(s, `"eve" from 127.0.0.1`) {
		t.Errorf("logged:\n%s", s)
	}
}

// Ada uses her bytes up; Bob has his own.
func TestLimit(t *testing.T) {
	t.Parallel()
	d := start(t, func(o *Options) { o.Limit = 200_000 })
	ada := d.browser(t, "ada", "open sesame")
	if got, err := read(ada.Get("https://example.com/endless")); err == nil || len(got) > 200_000 {
		t.Errorf("%d bytes came, %v", len(got), err)
	}
	if got, err := read(ada.Get("https://example.com/")); err == nil || !strings.Contains(err.Error(), "Too Many Requests") {
		t.Errorf("afterwards: %q, %v", got, err)
	}
	if got, err := read(d.browser(t, "bob", "open sesame").Get("https://example.com/")); err != nil || got != "inbox" {
		t.Errorf("bob: %q, %v", got, err)
	}
	if used := d.Used(); used["ada"] != 200_000 || !strings.Contains(d.said(), "used up") {
		t.Errorf("used: %v\n%s", used, d.said())
	}
}

// The other side refuses, or the name is not known.
func TestTroubleOutside(t *testing.T) {
	t.Parallel()
	d := start(t, func(o *Options) {
		o.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no route to host") }
	})
	if got, err := read(d.browser(t, "ada", "open sesame").Get("https://example.com/")); err == nil || !strings.Contains(err.Error(), "Bad Gateway") {
		t.Errorf("%q, %v", got, err)
	}
	if !strings.Contains(d.said(), "no route to host") {
		t.Errorf("logged:\n%s", d.said())
	}
}

// A tunnel in which nothing moves is closed.
func TestIdle(t *testing.T) {
	t.Parallel()
	ended := make(chan string, 100)
	d := start(t, func(o *Options) {
		o.Idle = 50 * time.Millisecond
		o.Log = func(line string) { ended <- line }
	})
	conn, err := tls.Dial("tcp", d.Address().String(), &tls.Config{RootCAs: d.roots()})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nProxy-Authorization: Basic "+
		base64.StdEncoding.EncodeToString([]byte("ada:open sesame"))+"\r\n\r\n")
	if got, err := io.ReadAll(conn); err != nil || string(got) != "HTTP/1.1 200 Connection established\r\n\r\n" {
		t.Errorf("%q, %v", got, err)
	}
	for line := range ended {
		if strings.Contains(line, "nothing moved in it") {
			break
		}
	}
}

// Curl comes through, too.
func TestCurl(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("needs curl: ", err)
	}
	d := start(t, nil)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d.webmail.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	get := func(who, address string) (string, error) {
		out, err := exec.CommandContext(t.Context(), curl, "-sS", "--noproxy", "", "--proxy", "https://"+d.Address().String(), "--proxy-cacert", ca, "--cacert", ca, "--proxy-user", who, address).CombinedOutput()
		return string(out), err
	}
	if got, err := get("ada:open sesame", "https://example.com/"); err != nil || got != "inbox" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := get("ada:wrong", "https://example.com/"); err == nil || !strings.Contains(got, "407") {
		t.Errorf("a wrong password: %q, %v", got, err)
	}
	if got, err := get("ada:open sesame", "https://example.org/"); err == nil || !strings.Contains(got, "403") {
		t.Errorf("another host: %q, %v", got, err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	good := start(t, nil).o
	for says, spoil := range map[string]func(*Options){
		"one address":     func(o *Options) { o.Address = netip.MustParseAddrPort("0.0.0.0:3128") },
		"a certificate":   func(o *Options) { o.Certificate = tls.Certificate{} },
		"at least one":    func(o *Options) { o.Hosts = nil },
		"without port":    func(o *Options) { o.Hosts = []string{"10.0.0.1"} },
		"such as mail":    func(o *Options) { o.Hosts = []string{"*"} },
		"line 1 is not":   func(o *Options) { o.Users = "ada:$apr1$x$y" },
		"nobody is named": func(o *Options) { o.Users = "# none\n" },
		"names ada again": func(o *Options) { o.Users += "\n" + o.Users },
		"negative":        func(o *Options) { o.Limit = -1 },
		"a Lookup":        func(o *Options) { o.Lookup = nil },
	} {
		o := good
		spoil(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want %q, got %v", says, err)
		}
	}
}
