package webhook

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/webhook/webhooktest"
)

const secret, token = "s3cret-of-both", "tok-1234"

func start(t *testing.T) (*Hook, *webhooktest.Line, *webhooktest.Receiver) {
	t.Helper()
	receiver := &webhooktest.Receiver{Secret: secret, Token: token}
	line := webhooktest.NewLine(receiver)
	t.Cleanup(line.Close)
	h, err := New(Options{URL: "https://" + webhooktest.Host + "/hooks/noc", Secret: secret, Token: token, Dial: line.Dial, TLS: line.TLS()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h, line, receiver
}

func down(telling int) delivery.Job {
	return delivery.Job{ID: 40, Path: "cell", Subject: "[waw-12 #7] No connection: transit-a", Text: "No connection since 04:02 UTC.", Case: &delivery.Case{
		Key: "waw-12/7", Telling: telling, Site: "waw-12", Number: 7, Kind: "down", Phase: delivery.Identified, Impact: delivery.Major,
		Title: "transit-a: no connection", Text: "No connection since 04:02 UTC.",
		Opened: time.Date(2026, 11, 21, 4, 2, 0, 0, time.UTC), Scope: []delivery.Touched{{Name: "waw", State: "major_outage"}},
	}}
}

func fateOf(t *testing.T, err error) *delivery.Error {
	t.Helper()
	var e *delivery.Error
	if !errors.As(err, &e) {
		t.Fatalf("want a fate, got %v", err)
	}
	if s := e.Error() + e.Advice; strings.Contains(s, secret) || strings.Contains(s, token) || strings.Contains(s, "/hooks/") {
		t.Errorf("a secret is told: %s", s)
	}
	return e
}

// An incident opens and is told twice; an answer is lost in between.
func TestAReceiverHearsEachTellingOnce(t *testing.T) {
	t.Parallel()
	h, line, receiver := start(t)
	got, err := h.Send(t.Context(), down(1))
	if err != nil || got.Reference != "200 taken" {
		t.Fatalf("first telling: %+v, %v", got, err)
	}
	line.Next(webhooktest.LostAnswer)
	if e := fateOf(t, second(h.Send(t.Context(), down(2)))); e.Fate != delivery.Unsure {
		t.Fatalf("an answer that never came: %v", e)
	}
	again := down(2)
	again.Doubtful = true
	if got, err = h.Send(t.Context(), again); err != nil || got.Reference != "200 had it" {
		t.Fatalf("the repeat: %+v, %v", got, err)
	}
	took := receiver.Took()
	if len(took) != 2 || took[0].Key != "waw-12/7/1" || took[1].Key != "waw-12/7/2" {
		t.Fatalf("acted upon: %+v", took)
	}
	c := took[0].Case
	if c["phase"] != "identified" || c["opened"] != "2026-11-21T04:02:00Z" || c["scope"].([]any)[0].(map[string]any)["name"] != "waw" {
		t.Errorf("the incident arrived as %v", c)
	}
}

func second(_ delivery.Receipt, err error) error { return err }

func TestNewsOfNoIncident(t *testing.T) {
	t.Parallel()
	h, _, receiver := start(t)
	if _, err := h.Send(t.Context(), delivery.Job{ID: 41, Subject: "waw-12: self-test failed", Text: "No credit."}); err != nil {
		t.Fatal(err)
	}
	took := receiver.Took()
	if len(took) != 1 || took[0].Key != "news/41" || took[0].Case["title"] != "waw-12: self-test failed" || took[0].Case["key"] != "" {
		t.Errorf("acted upon: %+v", took)
	}
}

// Every trouble of the line has its fate, and afterwards the telling arrives.
func TestFates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		trouble webhooktest.Trouble
		fate    delivery.Fate
		worker  bool
		after   time.Duration
		says    string
	}{
		{"429 with a time", webhooktest.Status(429, "slow", "Retry-After: 7"), delivery.Retry, false, 7 * time.Second, "slow"},
		{"429 without", webhooktest.Status(429, ""), delivery.Retry, false, time.Minute, ""},
		{"503", webhooktest.Status(503, "later"), delivery.Retry, false, time.Minute, "later"},
		{"502 of a proxy", webhooktest.BadGateway, delivery.Retry, false, 0, "502 Bad Gateway"},
		{"the first is still at work", webhooktest.Status(409, "in progress"), delivery.Retry, false, 0, "in progress"},
		{"captive portal", webhooktest.Portal, delivery.Retry, true, 0, "something between answered"},
		{"redirect", webhooktest.Redirect, delivery.Retry, true, 0, "login.carrier.example"},
		{"token", webhooktest.Status(401, "bad token "+token), delivery.Retry, true, 0, "the same secret"},
		{"signature", webhooktest.Status(403, ""), delivery.Retry, true, 0, "the same secret"},
		{"a page that quotes the address", webhooktest.Status(404, "Cannot POST /hooks/noc"), delivery.Retry, true, 0, "Cannot POST …"},
		{"log in first", webhooktest.Status(511, "log in"), delivery.Retry, true, 0, "something between answered: log in"},
		{"gone", webhooktest.Status(410, ""), delivery.Retry, true, 0, "compare it"},
		{"this message", webhooktest.Status(422, "no"), delivery.Never, false, 0, "read its log"},
		{"no answer", webhooktest.LostAnswer, delivery.Unsure, false, 0, "no answer came"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, line, receiver := start(t)
			line.Next(c.trouble)
			e := fateOf(t, second(h.Send(t.Context(), down(1))))
			if e.Fate != c.fate || e.Worker != c.worker || e.After != c.after || !strings.Contains(e.Error()+e.Advice, c.says) {
				t.Errorf("fate %v, worker %v, after %v: %v; %s", e.Fate, e.Worker, e.After, e, e.Advice)
			}
			if _, err := h.Send(t.Context(), down(1)); err != nil || len(receiver.Took()) != 1 {
				t.Errorf("afterwards: %v, %v", err, receiver.Took())
			}
		})
	}
}

// An answer that breaks off after its status is an answer.
func TestAnAnswerThatBreaksOff(t *testing.T) {
	t.Parallel()
	h, line, receiver := start(t)
	line.Next(webhooktest.CutShort)
	if got, err := h.Send(t.Context(), down(1)); err != nil || !strings.HasPrefix(got.Reference, "200 ta") || len(receiver.Took()) != 1 {
		t.Errorf("%+v, %v, %v", got, err, receiver.Took())
	}
}

func TestTheLineIsTheWorkersTrouble(t *testing.T) {
	t.Parallel()
	h, line, _ := start(t)
	line.Cut(true)
	if e := fateOf(t, second(h.Send(t.Context(), down(1)))); e.Fate != delivery.Retry || !e.Worker {
		t.Errorf("cut: %+v", e)
	}
	if e := fateOf(t, h.Check(t.Context())); !e.Worker {
		t.Errorf("check: %+v", e)
	}
	line.Cut(false)
	if err := h.Check(t.Context()); err != nil {
		t.Errorf("mended: %v", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	line.Next(func(w http.ResponseWriter, r *http.Request, serve http.Handler) {
		cancel()
		webhooktest.Silence(w, r, serve)
	})
	if e := fateOf(t, second(h.Send(ctx, down(1)))); e.Fate != delivery.Unsure {
		t.Errorf("given up while waiting: %v", e)
	}
}

// Somebody with a certificate that is not trusted answers in its place.
func TestAnImpostor(t *testing.T) {
	t.Parallel()
	_, line, receiver := start(t)
	h, err := New(Options{URL: "https://hooks.noc.example/hooks/noc", Secret: secret, Dial: line.Dial, TLS: line.TLS()})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{second(h.Send(t.Context(), down(1))), h.Check(t.Context())} {
		if e := fateOf(t, err); e.Fate != delivery.Retry || !e.Worker || !strings.Contains(e.Advice, "clock") {
			t.Errorf("%+v", e)
		}
	}
	if len(receiver.Took()) != 0 {
		t.Error("it was told")
	}
}

// Within a burst the connection is kept; at its end, or on another path, not.
func TestConnections(t *testing.T) {
	t.Parallel()
	h, line, _ := start(t)
	for i, c := range []struct {
		path  string
		more  bool
		dials int64
	}{{"cell", true, 1}, {"cell", true, 1}, {"primary", true, 2}, {"primary", false, 2}, {"primary", false, 3}} {
		j := down(i)
		j.Path, j.More = c.path, c.more
		if _, err := h.Send(t.Context(), j); err != nil || line.Dials.Load() != c.dials {
			t.Errorf("telling %d: %v, %d connections, want %d", i, err, line.Dials.Load(), c.dials)
		}
	}
	t.Logf("5 tellings over 3 connections: %d bytes out, %d in", line.In.Load(), line.Out.Load())
}

// The signature is what openssl computes, too.
func TestOpensslAgrees(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("needs openssl: ", err)
	}
	h, _, _ := start(t)
	c := exec.Command(openssl, "dgst", "-sha256", "-hmac", secret)
	c.Stdin = strings.NewReader(`1763697845.{"key":"waw-12/7"}`)
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(out))
	if got := h.sign(1763697845, []byte(`{"key":"waw-12/7"}`)); got != "t=1763697845,v1="+fields[len(fields)-1] {
		t.Errorf("we say %s, openssl %s", got, out)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	good := Options{URL: "https://a.example/x", Secret: secret, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, nil }}
	for says, spoil := range map[string]func(*Options){
		"https://":   func(o *Options) { o.URL = "http://a.example/x" },
		"password":   func(o *Options) { o.URL = "https://u:p@a.example/x" },
		"at least 8": func(o *Options) { o.Secret = "short" },
		"line ends":  func(o *Options) { o.Token = "abc\n" },
		"negative":   func(o *Options) { o.Timeout = -1 },
		"Dial":       func(o *Options) { o.Dial = nil },
	} {
		o := good
		spoil(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want %q, got %v", says, err)
		}
	}
	if _, err := New(good); err != nil {
		t.Errorf("a good one: %v", err)
	}
}
