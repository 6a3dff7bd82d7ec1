package outside_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/smtp"
	"strings"
	"testing"

	"heliograph/firmware/rehearsal/outside"
)

// open is an Internet on loopback: where each host is to be found.
func open(t *testing.T) (*outside.Internet, map[string]string, *tls.Config) {
	t.Helper()
	i, err := outside.Open(map[string]string{outside.Component: "waw"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Close)
	at := map[string]string{}
	for _, h := range i.Hosts() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		at[h.Name] = l.Addr().String()
		go h.Serve(l)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(i.Trust()) {
		t.Fatal("the authority's certificate cannot be read")
	}
	return i, at, &tls.Config{RootCAs: roots}
}

// TestAMailIsShownAsAReaderSeesIt sends one with the standard library's client,
// which trusts the rehearsal's authority and no other.
func TestAMailIsShownAsAReaderSeesIt(t *testing.T) {
	t.Parallel()
	i, at, trust := open(t)
	c, err := smtp.Dial(at[outside.MailHost])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	trust.ServerName = outside.MailHost
	steps := []func() error{
		func() error { return c.StartTLS(trust) },
		func() error { return c.Auth(smtp.PlainAuth("", outside.User, outside.Password, "127.0.0.1")) },
		func() error { return c.Mail(outside.User) },
		func() error { return c.Rcpt("ada@noc.example") },
	}
	for n, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", n, err)
		}
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "Subject: =?utf-8?q?awaria_=C5=82=C4=85cza?=\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nnie dzia=C5=82a\r\n")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if m := i.Mails(); len(m) != 1 || m[0].Subject != "awaria łącza" || m[0].Body != "nie działa\n" || len(m[0].To) != 1 || m[0].To[0] != "ada@noc.example" {
		t.Errorf("the mailbox shows %+v", m)
	}
}

// TestPageAndRoomFollow tells both by their own API, and reads them again.
func TestPageAndRoomFollow(t *testing.T) {
	t.Parallel()
	i, at, trust := open(t)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: trust, DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
		host, _, _ := net.SplitHostPort(address)
		return (&net.Dialer{}).DialContext(ctx, "tcp", at[host])
	}}}
	ask := func(method, url, token, body string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", token)
		r.Header.Set("Content-Type", "application/json")
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if answer.StatusCode >= 300 {
			t.Errorf("%s %s: %s", method, url, answer.Status)
		}
	}
	page, token := "https://"+outside.PageHost+"/v1/pages/"+outside.PageID+"/incidents", "OAuth "+outside.PageToken
	ask("GET", outside.CheckPage, "", "")
	ask("POST", page, token, `{"incident": {"name": "north", "status": "identified", "components": {"internet": "major_outage"}}}`)
	ask("POST", "https://"+outside.ChatHost+"/api/chat.postMessage", "Bearer "+outside.ChatToken, `{"channel": "`+outside.Room+`", "text": "*IDENTIFIED* north\nsince 04:02"}`)
	if e := i.Page(); len(e) != 1 || e[0].Title != "north" || e[0].Phase != "identified" || e[0].Over() || i.Component(outside.Component) != "major_outage" {
		t.Errorf("the page shows %+v", e)
	}
	if r := i.Room(); len(r) != 1 || r[0].Head != "IDENTIFIED north" || r[0].Over() || r[0].Pinned {
		t.Errorf("the room shows %+v", r)
	}
	ask("PATCH", page+"/inc001", token, `{"incident": {"status": "resolved", "components": {"internet": "operational"}}}`)
	if e := i.Page(); !e[0].Over() || i.Component(outside.Component) != "operational" {
		t.Errorf("the page shows %+v at the end", e)
	}
}
