package https_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https"
	"heliograph/drivers/webhook/webhooktest"
)

const (
	at     = "https://" + webhooktest.Host + "/hooks/4f9c2e71aa"
	secret = "tok-1234"
)

// echo answers what it was asked.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.Path, body)
}

func start(t *testing.T, o https.Options) (*https.Client, *webhooktest.Line) {
	t.Helper()
	line := webhooktest.NewLine(http.HandlerFunc(echo))
	t.Cleanup(line.Close)
	if o.Dial == nil {
		o.Dial = line.Dial
	}
	if o.TLS == nil {
		o.TLS = line.TLS()
	}
	o.Whom, o.Secrets = "the service", append(https.Hidden(at), secret, "")
	c := https.New(o)
	t.Cleanup(c.HangUp)
	return c, line
}

func post() https.Request {
	return https.Request{Method: http.MethodPost, URL: at, Body: []byte(`{}`), Header: map[string]string{"Authorization": "Bearer " + secret}}
}

// discreet fails the test if an error tells a secret, the address included.
func discreet(t *testing.T, e *delivery.Error) {
	t.Helper()
	for _, s := range []string{secret, "/hooks/", "4f9c2e71aa"} {
		if strings.Contains(e.Error()+e.Advice, s) {
			t.Errorf("a secret is told: %v; %s", e, e.Advice)
		}
	}
}

func TestStatusesHaveFates(t *testing.T) {
	t.Parallel()
	soon := time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat)
	for _, c := range []struct {
		name    string
		trouble webhooktest.Trouble
		silent  bool // it does not speak the API
		want    string
	}{
		{"patience, in seconds", webhooktest.Status(429, "slow", "Retry-After: 7"), false, "retry HTTP 429: slow after 7s"},
		{"patience, without a time", webhooktest.Status(420, ""), false, "retry HTTP 420 after 1m0s"},
		{"patience, for a century", webhooktest.Status(503, "later", "Retry-After: 9999999999"), false, "retry HTTP 503: later after 1h0m0s"},
		{"patience, for longer than numbers go", webhooktest.Status(503, "later", "Retry-After: 99999999999999999999999"), false, "retry HTTP 503: later after 1h0m0s"},
		{"patience, until yesterday", webhooktest.Status(503, "later", "Retry-After: Fri, 20 Nov 2020 08:00:00 GMT"), false, "retry HTTP 503: later"},
		{"patience, in words", webhooktest.Status(503, "later", "Retry-After: soon"), false, "retry HTTP 503: later after 1m0s"},
		{"patience, less than none", webhooktest.Status(503, "later", "Retry-After: -5"), false, "retry HTTP 503: later after 1m0s"},
		{"ill", webhooktest.Status(500, "ouch", "Retry-After: 3"), false, "retry HTTP 500: ouch after 3s"},
		{"ill, says a proxy", webhooktest.BadGateway, true, "retry HTTP 502: <html><h1>502 Bad Gateway</h1></html>"},
		{"too slow", webhooktest.Status(408, "hurry"), true, "retry HTTP 408: hurry"},
		{"account", webhooktest.Status(401, "bad token "+secret), false, "retry HTTP 401: bad token …, worker: renew it"},
		{"address", webhooktest.Status(404, "no /hooks/4f9c2e71aa here"), false, "never HTTP 404: no … here: post it by hand"},
		{"message", webhooktest.Status(422, ""), false, "never HTTP 422: Unprocessable Entity: post it by hand"},
		{"somebody else's no", webhooktest.Status(403, "blocked"), true, "retry HTTP 403: something between answered: blocked, worker"},
		{"portal", webhooktest.Portal, true, "retry HTTP 200: something between answered: <!DOCTYPE html> <html><body>Your data volume is used up.</body></html>, worker"},
		{"portal, by its status", webhooktest.Status(511, "log in"), false, "retry HTTP 511: something between answered: log in, worker"},
		{"redirect", webhooktest.Redirect, false, "retry HTTP 302: something between answered: (it points to login.carrier.example), worker"},
		{"redirect to nowhere", webhooktest.Status(302, "", "Location: http://%zz/"+secret), false, "retry HTTP 302: something between answered: , worker"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client, line := start(t, https.Options{Advice: map[int]string{401: "renew it", 0: "post it by hand"}})
			line.Next(c.trouble)
			a, no := client.Ask(t.Context(), post())
			if no != nil {
				t.Fatal(no)
			}
			e := a.Judge(!c.silent, a.Said())
			discreet(t, e)
			if got := words(e); got != strings.Replace(c.want, "420 after", "420:  after", 1) {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
	client, line := start(t, https.Options{})
	line.Next(webhooktest.Status(503, "", "Retry-After: "+soon))
	if a, no := client.Ask(t.Context(), post()); no != nil || a.After(0) < time.Minute || a.After(0) > 90*time.Second {
		t.Errorf("until a date: %v, %v", a, no)
	}
}

func words(e *delivery.Error) string {
	s := e.Error()
	if e.After > 0 {
		s += " after " + e.After.String()
	}
	if e.Worker {
		s += ", worker"
	}
	if e.Advice != "" {
		s += ": " + e.Advice
	}
	return s
}

// What is in doubt is what was written whole and changes something.
func TestDoubt(t *testing.T) {
	t.Parallel()
	get, put := post(), post()
	get.Method, get.Body = http.MethodGet, nil
	put.Harmless = true
	for _, c := range []struct {
		name string
		r    https.Request
		want string
	}{{"post", post(), "unsure: no answer came: EOF"}, {"get", get, "retry: EOF, worker"}, {"what may be repeated", put, "retry: EOF, worker"}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client, line := start(t, https.Options{})
			line.Next(webhooktest.LostAnswer, webhooktest.LostAnswer) // the transport repeats a GET by itself
			for line.Left() > 0 {
				if _, no := client.Ask(t.Context(), c.r); no == nil || words(no) != c.want {
					t.Errorf("%v, want %s", no, c.want)
				}
			}
		})
	}
}

// brief is a connection that breaks after so many bytes were written inside it.
type brief struct {
	net.Conn
	left int
}

func (b *brief) Write(p []byte) (int, error) {
	n := min(len(p), b.left)
	n, err := b.Conn.Write(p[:n])
	if b.left -= n; b.left == 0 && err == nil {
		err = errors.New("the radio is gone")
	}
	return n, err
}

// A long request that breaks in its middle did not happen.
func TestHalfARequest(t *testing.T) {
	t.Parallel()
	var line *webhooktest.Line
	client, line := start(t, https.Options{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := line.Dial(ctx, network, address)
		return &brief{c, 40_000}, err
	}})
	r := post()
	r.Body = make([]byte, 1<<20)
	if _, no := client.Ask(t.Context(), r); no == nil || no.Fate != delivery.Retry || !no.Worker || !strings.Contains(no.Error(), "the radio is gone") {
		t.Errorf("half a request: %v", no)
	}
}

// One whose answer nobody waited for may have.
func TestAWaitThatIsGivenUp(t *testing.T) {
	t.Parallel()
	client, line := start(t, https.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	line.Next(func(w http.ResponseWriter, r *http.Request, serve http.Handler) {
		io.Copy(io.Discard, r.Body)
		cancel()
		webhooktest.Silence(w, r, serve)
	})
	if _, no := client.Ask(ctx, post()); no == nil || no.Fate != delivery.Unsure || !errors.Is(no, context.Canceled) {
		t.Errorf("a wait that was given up: %v", no)
	}
}

func TestNoWayThere(t *testing.T) {
	t.Parallel()
	client, line := start(t, https.Options{})
	line.Cut(true)
	_, no := client.Ask(t.Context(), post())
	for _, e := range []*delivery.Error{no, client.Greet(t.Context(), at)} {
		if e == nil || words(e) != "retry: no route to host, worker" {
			t.Errorf("%v", e)
		}
	}
	line.Cut(false)
	if e := client.Greet(t.Context(), at); e != nil {
		t.Errorf("mended: %v", e)
	}
	stranger, _ := start(t, https.Options{Dial: line.Dial, TLS: &tls.Config{ServerName: "elsewhere.example"}})
	_, no = stranger.Ask(t.Context(), post())
	for _, e := range []*delivery.Error{no, stranger.Greet(t.Context(), at)} {
		if e == nil || e.Fate != delivery.Retry || !e.Worker || !strings.Contains(e.Advice, "in place of the service") {
			t.Errorf("%v", e)
		}
	}
	for _, address := range []string{"http://a.example/", "https://u:p@a.example/", "https://", "https://a.example/%zz"} {
		if _, ok := https.Secure(address); ok {
			t.Errorf("%s is taken", address)
		}
	}
}

// What the other side sends is bounded, and so is what people read of it.
func TestALongTongue(t *testing.T) {
	t.Parallel()
	client, line := start(t, https.Options{Longest: 1000})
	ask := func(trouble webhooktest.Trouble) (*https.Answer, *delivery.Error) {
		line.Next(trouble)
		return client.Ask(t.Context(), post())
	}
	a, no := ask(webhooktest.Status(200, strings.Repeat("ż ", 5000)))
	if no != nil || len(a.Text) != 1000 || a.Torn == nil || len(a.Said()) > 160 {
		t.Errorf("a body: %v, %v", a, no)
	}
	if e := a.Unread(a.Torn); words(e) != "unsure: reading the answer: it is longer than 1000 bytes" {
		t.Errorf("%v", e)
	}
	if a, no = ask(webhooktest.Status(200, strings.Repeat("x", 1000))); no != nil || a.Torn != nil {
		t.Errorf("as long as it may be: %v, %v", a.Torn, no)
	}
	if a, no = ask(webhooktest.CutShort); no != nil || a.Torn == nil || string(a.Text) != "POST /hooks/" {
		t.Errorf("half: %v, %v", a, no)
	}
	if a, no = ask(webhooktest.Status(500, strings.Repeat(" ", 100)+strings.Repeat("x", 50)+secret+"\n"+secret)); no != nil || a.Said() != strings.Repeat("x", 50)+"… …" {
		t.Errorf("a secret where it is cut: %q, %v", a.Said(), no)
	}
	if _, no = ask(webhooktest.Status(200, "", "X: "+strings.Repeat("x", 1<<20))); no == nil || no.Fate != delivery.Unsure {
		t.Errorf("headers without end: %v", no)
	}
	_, no = ask(func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		c, _, _ := http.NewResponseController(w).Hijack()
		fmt.Fprintf(c, "HTTP/1.1 %s %s\r\n\r\n", secret, strings.Repeat("x", 4000))
		c.Close()
	})
	if no == nil || len(no.Error()) > 400 {
		t.Fatalf("no HTTP: %v", no)
	}
	discreet(t, no)
}

// A connection is kept until somebody hangs up or goes another way.
func TestConnections(t *testing.T) {
	t.Parallel()
	client, line := start(t, https.Options{})
	var dials []int64
	for _, path := range []string{"cell", "cell", "primary", "hang up", "primary"} {
		if path == "hang up" {
			client.HangUp()
			continue
		}
		client.By(path)
		a, no := client.Ask(t.Context(), post())
		if no != nil || a.Said() != "POST … {}" {
			t.Fatalf("%v, %v", a, no)
		}
		dials = append(dials, line.Dials.Load())
	}
	if !slices.Equal(dials, []int64{1, 1, 2, 3}) {
		t.Errorf("connections at each request: %v", dials)
	}
}

// The bytes of a handshake without ML-KEM, which main asks for on metered
// paths: some kilobyte less each way, resumed or not.
func TestFrugalHandshakes(t *testing.T) {
	t.Parallel()
	type cost struct{ out, in int64 }
	weigh := func(curves ...tls.CurveID) (costs []cost) {
		line := webhooktest.NewLine(http.HandlerFunc(echo))
		t.Cleanup(line.Close)
		conf := line.TLS()
		conf.CurvePreferences = curves
		client := https.New(https.Options{Dial: line.Dial, TLS: conf})
		for range 2 {
			if _, no := client.Ask(t.Context(), post()); no != nil {
				t.Fatal(no)
			}
			client.HangUp()
			costs = append(costs, cost{line.In.Swap(0), line.Out.Swap(0)})
		}
		return costs
	}
	usual, frugal := weigh(), weigh(https.Frugal().CurvePreferences...)
	for i, what := range []string{"first", "resumed"} {
		t.Logf("%s: %d bytes out and %d in; with ML-KEM %d and %d", what, frugal[i].out, frugal[i].in, usual[i].out, usual[i].in)
		if usual[i].out-frugal[i].out < 1000 || usual[i].in-frugal[i].in < 1000 {
			t.Errorf("%s: it saves %d bytes out and %d in", what, usual[i].out-frugal[i].out, usual[i].in-frugal[i].in)
		}
	}
}

// A server that knows nothing but P-256 is reached all the same.
func TestFrugalWithAnOldServer(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(echo))
	server.TLS = &tls.Config{CurvePreferences: []tls.CurveID{tls.CurveP256}}
	server.StartTLS()
	t.Cleanup(server.Close)
	conf := https.Frugal()
	conf.RootCAs = x509.NewCertPool()
	conf.RootCAs.AddCert(server.Certificate())
	client := https.New(https.Options{Dial: new(net.Dialer).DialContext, TLS: conf})
	t.Cleanup(client.HangUp)
	if a, no := client.Ask(t.Context(), https.Request{Method: http.MethodGet, URL: server.URL}); no != nil || a.Code != http.StatusOK {
		t.Errorf("%v, %v", a, no)
	}
}
