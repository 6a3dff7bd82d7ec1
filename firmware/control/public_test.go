package control_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"heliograph/firmware/control"
)

var gauges = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "heliograph_up 1\n") })

// TestWhatMonitoringMaySee: metrics and health, with the token where there is
// one, and nothing of the rest of the API.
func TestWhatMonitoringMaySee(t *testing.T) {
	t.Parallel()
	const needed = `{"error":"a token is needed: Authorization: Bearer …"}`
	for _, c := range []struct {
		token, header, path string
		code                int
		want                string
	}{
		{"", "", "/metrics", 200, "heliograph_up 1"},
		{"", "", "/healthz", 200, "ok"},
		{"", "", "/v1/status", 404, "404 page not found"},
		{"", "", "/v1/orders", 404, "404 page not found"},
		{"s3cret", "Bearer s3cret", "/metrics", 200, "heliograph_up 1"},
		{"s3cret", "Bearer s3cret", "/v1/queue", 404, "404 page not found"},
		{"s3cret", "", "/metrics", 401, needed},
		{"s3cret", "", "/healthz", 401, needed},
		{"s3cret", "", "/v1/status", 401, needed}, // not even what exists is told
		{"s3cret", "Bearer s3creT", "/metrics", 401, needed},
		{"s3cret", "Bearer s3cret ", "/metrics", 401, needed},
		{"s3cret", "Bearer ", "/metrics", 401, needed},
		{"s3cret", "Basic s3cret", "/metrics", 401, needed},
		{"s3cret", "s3cret", "/metrics", 401, needed},
	} {
		r := httptest.NewRequest("GET", c.path, nil)
		r.Header.Set("Authorization", c.header)
		w := httptest.NewRecorder()
		control.Public(&box{}, gauges, c.token).ServeHTTP(w, r)
		if got := strings.TrimSpace(w.Body.String()); w.Code != c.code || got != c.want {
			t.Errorf("token %q, %q, %s: %d %s\nwant %d %s", c.token, c.header, c.path, w.Code, got, c.code, c.want)
		}
		if asks := w.Header().Get("WWW-Authenticate") == "Bearer"; asks != (c.code == 401) {
			t.Errorf("%d asks for a token: %t", w.Code, asks)
		}
	}
}

// certificate makes a key and a certificate for loopback.
func certificate(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, secret.Public(), secret)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return written(t, "cert.pem", "CERTIFICATE", der), written(t, "key.pem", "PRIVATE KEY", private), pool
}

func written(t *testing.T, name, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOnTheLANItIsTLS(t *testing.T) {
	t.Parallel()
	cert, key, pool := certificate(t)
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := control.Secure(plain, cert, key)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- control.Serve(ctx, l, control.Public(&box{healthy: errors.New("no modem can send")}, gauges, "s3cret"))
	}()
	ask := func(c *tls.Config, scheme string) (*http.Response, error) {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: c, DisableKeepAlives: true}}
		r, err := http.NewRequest("GET", scheme+"://"+plain.Addr().String()+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer s3cret")
		return client.Do(r)
	}
	res, err := ask(&tls.Config{RootCAs: pool}, "https")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if res.StatusCode != 503 || string(body) != "no modem can send\n" {
		t.Errorf("%d %q", res.StatusCode, body)
	}
	if _, err := ask(&tls.Config{RootCAs: pool, MaxVersion: tls.VersionTLS11}, "https"); err == nil {
		t.Error("it speaks TLS 1.1")
	}
	if res, err := ask(nil, "http"); err == nil && res.StatusCode != 400 {
		t.Errorf("without TLS it answers %d", res.StatusCode)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestACertificateThatIsNotThere(t *testing.T) {
	t.Parallel()
	_, key, _ := certificate(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := control.Secure(l, filepath.Join(t.TempDir(), "none.pem"), key); err == nil || !strings.HasPrefix(err.Error(), "read the certificate: ") {
		t.Errorf("error %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the address is still taken: %v", err)
	}
}
