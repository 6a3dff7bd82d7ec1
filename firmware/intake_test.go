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
	"net/netip"
	"strings"
	"testing"

	"heliograph/firmware/config"
)

// Another system on the LAN reports an outage: ada is woken, a repeat does
// nothing, and the end that it reports is the all-clear. Without the token, and
// without TLS, nothing is said.
func TestAnotherSystemReportsAnOutage(t *testing.T) {
	r := newRig(t)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	public := certify(t, r.dir)
	write(t, r.dir, "token", []byte("0123456789abcdef\n"))
	r.write("selftest: off\n", strings.NewReplacer("HERE", r.dir, "ADDRESS", address).Replace(`selftest: off
services: [{name: sms-gateway, manual: true}]
intake: {address: "ADDRESS", tls: {cert: HERE/box.crt, key: HERE/box.key}, senders: [{name: adtran, token: {file: HERE/token}}]}
`))
	r.start()
	r.until("the address is known to be taken", func() bool {
		return strings.Contains(strings.Join(r.status().Warnings, "\n"), "outages are not taken in on "+address)
	})
	free.Close()
	r.until("it listens", func() bool { return len(r.status().Warnings) == 0 })

	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(public)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	t.Cleanup(client.CloseIdleConnections)
	report := func(token, body string) string {
		req, err := http.NewRequestWithContext(t.Context(), "POST", "https://"+address+"/v1/incidents", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		got, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(resp.StatusCode, " ", strings.TrimSpace(string(got)))
	}
	const token = "0123456789abcdef"
	for _, c := range []struct{ token, body, want string }{
		{"wrong", `{"id": "x"}`, `401 {"error":"a token is needed: Authorization: Bearer …"}`},
		{token, `{"id": "gw-1", "service": "sms-gateway", "title": "no MT from operator 2", "severity": "major"}`, `200 {"incident":1,"text":"opened as #1"}`},
		{token, `{"id": "gw-1", "service": "sms-gateway", "title": "no MT from operator 2", "severity": "major"}`, `200 {"incident":1,"text":"#1 is as it was"}`},
		{token, `{"id": "gw-2", "service": "sms-gatway"}`, `409 {"error":"\"sms-gatway\" is no uplink or service of this box: those are sms-gateway, transit-a"}`},
	} {
		if got := report(c.token, c.body); got != c.want {
			t.Errorf("%s\nis answered %s\nwant        %s", c.body, got, c.want)
		}
	}
	r.got("+48600100201", "by webhook adtran: major: no MT from operator 2. Reply ACK 1")
	if got := report(token, `{"id": "gw-1", "status": "resolved"}`); got != `200 {"incident":1,"text":"#1 is resolved; those who were told hear of it"}` {
		t.Errorf("its end is answered %s", got)
	}
	r.got("+48600100201", "#1 ALL CLEAR sms-gateway")
	if resp, err := http.Get("http://" + address + "/v1/incidents"); err == nil && resp.StatusCode != http.StatusBadRequest {
		t.Errorf("without TLS it answers %d", resp.StatusCode)
	}
}

// certify puts a certificate for loopback in a folder, and returns it.
func certify(t *testing.T, dir string) []byte {
	t.Helper()
	own := httptest.NewTLSServer(nil) // for its certificate
	cert := own.TLS.Certificates[0]
	own.Close()
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})
	write(t, dir, "box.crt", public)
	write(t, dir, "box.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	return public
}

// An address of a cellular connection is never listened on.
func TestTheIntakeIsNeverCellular(t *testing.T) {
	t.Parallel()
	at := netip.MustParseAddr("127.0.0.1")
	if err := onLAN(at, nil); err != nil {
		t.Error(err)
	}
	if err := onLAN(at, []config.Backhaul{{Name: "cell", Interface: "lo"}}); err == nil || !strings.Contains(err.Error(), "name the one on the LAN") {
		t.Errorf("the address of a backhaul's own interface: %v", err)
	}
}
