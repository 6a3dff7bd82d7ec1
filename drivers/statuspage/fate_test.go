package statuspage_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/statuspage"
	"heliograph/drivers/statuspage/statuspagetest"
)

const page502 = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"

// TestFates gives the first telling every answer that is not a yes, and then
// tries again: there must be one incident, whatever happened before.
func TestFates(t *testing.T) {
	retryAfter := http.Header{"Retry-After": {"30"}}
	const json = "application/json"
	for name, c := range map[string]struct {
		fault      statuspagetest.Fault
		want, says string
		gone       bool // for good: it is not tried again
		waits      bool
	}{
		"calm, please":        {statuspagetest.Fault{Status: 420, Header: retryAfter, Type: json, Body: `{"error":"Enhance your calm"}`}, "retry after 30s", "Enhance your calm", false, true},
		"too many":            {statuspagetest.Fault{Status: 429, Header: retryAfter, Type: json, Body: `{"error":"Too many"}`}, "retry after 30s", "Too many", false, true},
		"too many, not how":   {statuspagetest.Fault{Status: 429, Body: "slow down"}, "retry after 1m0s", "slow down", false, true},
		"unavailable":         {statuspagetest.Fault{Status: 503, Header: retryAfter, Body: page502}, "retry after 30s", "503", false, true},
		"gateway, not done":   {statuspagetest.Fault{Status: 502, Body: page502}, "retry", "502 Bad Gateway", false, false},
		"gateway, done":       {statuspagetest.Fault{Status: 502, Body: page502, Commit: true}, "retry", "502 Bad Gateway", false, false},
		"token":               {statuspagetest.Fault{Status: 401, Type: json, Body: `{"error":"Could not authenticate"}`}, "retry, worker", "Could not authenticate", false, false},
		"forbidden":           {statuspagetest.Fault{Status: 403, Type: json, Body: `{"message":"forbidden"}`}, "retry, worker", "forbidden", false, false},
		"no such page":        {statuspagetest.Fault{Status: 404, Type: json, Body: `{"error":"Not found"}`}, "retry, worker", "Not found", false, false},
		"this text":           {statuspagetest.Fault{Status: 422, Type: json, Body: `{"error":["Name is too long","Body is"]}`}, "never", "Name is too long", true, false},
		"captive portal":      {statuspagetest.Fault{Status: 200, Body: "<html>Your data is used up " + token + "</html>"}, "retry, worker", "something between answered: <html>Your data is used up …", false, false},
		"captive portal, 511": {statuspagetest.Fault{Status: 511, Body: "log in"}, "retry, worker", "something between answered: log in", false, false},
		"redirect":            {statuspagetest.Fault{Status: 302, Header: http.Header{"Location": {"https://portal.example/" + token}}}, "retry, worker", "(it points to portal.example)", false, false},
		"some other JSON":     {statuspagetest.Fault{Status: 200, Type: json, Body: `{}`}, "retry, worker", "an incident without an id", false, false},
		"wrong content, done": {statuspagetest.Fault{Status: 201, Commit: true, Body: "ok"}, "retry, worker", "something between answered: ok", false, false},
		"half an answer":      {statuspagetest.Fault{Torn: true, Commit: true}, "unsure", "reading the answer", false, false},
		"no answer":           {statuspagetest.Fault{Cut: true}, "unsure", "EOF", false, false},
		"no answer, done":     {statuspagetest.Fault{Cut: true, Commit: true}, "unsure", "EOF", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.driver.Check(t.Context())
			c.fault.On = "POST"
			r.page.Fail(c.fault)
			j := incident(1, delivery.Identified, "Down.")
			_, err := r.driver.Send(t.Context(), j)
			r.expect("the fate", r.fate(err), c.want)
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error says %q, not %q", err, c.says)
			}
			if c.gone {
				return
			}
			if c.waits {
				r.page.Requests()
				r.expect("too soon", strings.Split(r.send(j), " after")[0], "retry")
				r.expect("which asks nobody", r.requests(), "")
				r.restart()
			}
			r.took(j)
			r.expect("the page", r.shows(), `No connection: identified "Down." | north operational, south operational`)
		})
	}
}

func TestNoWayThere(t *testing.T) {
	for name, c := range map[string]struct {
		dial func(context.Context, string, string) (net.Conn, error)
		conf *tls.Config
		says string
	}{
		"no connection":        {func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no route to host") }, nil, "no route to host"},
		"somebody else's name": {nil, &tls.Config{RootCAs: x509.NewCertPool()}, "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			if c.dial != nil {
				r.o.Dial = c.dial
			}
			if c.conf != nil {
				r.o.TLS = c.conf
			}
			r.restart()
			_, err := r.driver.Send(t.Context(), incident(1, delivery.Identified, "Down."))
			if r.fate(err) != "retry, worker" || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
			r.expect("nothing arrived", r.requests(), "")
		})
	}
}

func TestWhatIsNotForAPage(t *testing.T) {
	r := newRig(t)
	r.expect("about no incident", r.send(delivery.Job{Text: "Low credit."}), "never")
	j := incident(1, delivery.Identified, "Down.")
	j.Case.Drill = true
	r.expect("a drill", r.took(j), "a drill is not shown on a public page")
	r.expect("nothing arrived", r.requests(), "")
}

func TestLongTexts(t *testing.T) {
	r := newRig(t)
	j := incident(1, delivery.Identified, strings.Repeat("ż", 30_000))
	j.Case.Title = strings.Repeat("ó", 300)
	r.took(j)
	i := r.page.Incidents()[0]
	if len([]rune(i.Name)) != 255 || len([]rune(i.Updates[0].Body)) != 25_000 {
		t.Errorf("a name of %d and a body of %d characters", len([]rune(i.Name)), len([]rune(i.Updates[0].Body)))
	}
}

func TestOptions(t *testing.T) {
	dial := new(net.Dialer).DialContext
	good := statuspage.Options{Page: "p", Token: "t", Dial: dial, Memory: &memory{}}
	for want, spoil := range map[string]func(*statuspage.Options){
		"<nil>": func(*statuspage.Options) {},
		"statuspage: page: give the page's id, such as kctbh9vrtdwd":      func(o *statuspage.Options) { o.Page = "a/b" },
		"statuspage: token: give an API key, without spaces or line ends": func(o *statuspage.Options) { o.Token = "a\n" },
		"statuspage: base: give an address that begins with https://":     func(o *statuspage.Options) { o.Base = "http://a" },
		"statuspage: rate and timeout must not be negative":               func(o *statuspage.Options) { o.Rate = -1 },
		"statuspage: it needs a Dial and a Memory":                        func(o *statuspage.Options) { o.Memory = nil },
	} {
		o := good
		spoil(&o)
		if _, err := statuspage.New(o); fmt.Sprint(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// piped is a listener whose connections are made in memory, for a bubble.
type piped struct{ conns chan net.Conn }

func (p piped) Accept() (net.Conn, error) {
	c, ok := <-p.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p piped) Close() error   { close(p.conns); return nil }
func (p piped) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func (p piped) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	p.conns <- there
	return here, nil
}

func TestOneRequestASecond(t *testing.T) {
	cert := httptest.NewTLSServer(nil) // for its certificate, which is for example.com
	defer cert.Close()
	roots := x509.NewCertPool()
	roots.AddCert(cert.Certificate())
	synctest.Test(t, func(t *testing.T) {
		page := &statuspagetest.Page{ID: "p", Token: token, PerMinute: 4}
		l := piped{make(chan net.Conn)}
		server := &http.Server{Handler: page, TLSConfig: &tls.Config{Certificates: cert.TLS.Certificates}}
		go server.ServeTLS(l, "", "")
		// The bubble's clock begins in 2000, before the certificate: its reader is given today's.
		conf := &tls.Config{RootCAs: roots, Time: func() time.Time { return cert.Certificate().NotBefore.Add(time.Hour) }}
		driver, err := statuspage.New(statuspage.Options{Page: "p", Token: token, Base: "https://example.com/v1", TLS: conf, Dial: l.dial, Memory: &memory{}})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		send := func(ctx context.Context, n int) string {
			if _, err := driver.Send(ctx, of(n, 1, delivery.Identified, "Down.")); err != nil {
				return fmt.Sprintf("%v: %v", time.Since(began), err)
			}
			return time.Since(began).String()
		}
		const used = "the page takes so many requests a minute, and they are used up"
		expect := func(got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		expect(send(t.Context(), 1), "1s") // two requests: it looks first
		expect(send(t.Context(), 2), "2s")
		short, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		expect(send(short, 3), "2s: retry: "+used)
		expect(send(t.Context(), 3), "3s")
		expect(send(t.Context(), 4), "4s: retry HTTP 420: Enhance your calm")
		time.Sleep(29 * time.Second)
		expect(send(t.Context(), 4), "33s: retry: "+used)
		time.Sleep(28 * time.Second)
		expect(send(t.Context(), 4), "1m1s")
		if got := len(page.Incidents()); got != 4 {
			t.Errorf("%d incidents", got)
		}
		driver.Close()
		server.Close()
	})
}

// TestBytes weighs what an outage costs on the air, TLS included: the first
// exchange carries the certificates, later ones resume its session.
func TestBytes(t *testing.T) {
	r := newRig(t)
	text := strings.Repeat("Connections in the north are interrupted. ", 6)
	jobs := []delivery.Job{
		incident(1, delivery.Identified, text, down("waw")), incident(2, delivery.Monitoring, text, slow("waw")), incident(3, delivery.Resolved, text),
	}
	total := int64(0)
	for n, what := range []string{"open", "update", "resolve"} {
		before := r.bytes()
		r.took(jobs[n])
		r.driver.Close()
		cost := r.bytes() - before
		total += cost
		t.Logf("%s: %d bytes in %s", what, cost, r.requests())
	}
	if total > 20_000 {
		t.Errorf("an outage costs %d bytes", total)
	}
}
