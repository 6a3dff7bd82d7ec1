package subscribers_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/drivers/https/fault"
	"heliograph/drivers/subscribers"
	"heliograph/drivers/subscribers/subscriberstest"
	"heliograph/drivers/webhook/webhooktest"
)

const first = "https://" + webhooktest.Host + "/clients"

// clients are items as a billing system writes them.
func clients(n int) []any {
	var all []any
	for i := range n {
		all = append(all, map[string]any{
			"id": 1000 + i, "name": fmt.Sprintf("Client %d", i), "region": map[string]any{"id": 3, "name": "waw"}, "active": true,
			"contacts": []any{map[string]any{"kind": "tel", "number": fmt.Sprintf("600%06d", i)}, map[string]any{"kind": "fax"}},
			"email":    fmt.Sprintf("c%d@example.org", i), "tags": []string{"vip"},
		})
	}
	return all
}

var phoneDeepDown = map[string][]string{"phone": {"/contacts/*/number"}, "code": {"id"}}

// fetch reads from a stand-in over a line of its own.
func fetch(t *testing.T, b *subscriberstest.BSS, change func(*subscribers.Listing)) (list, error) {
	t.Helper()
	line := webhooktest.NewLine(b)
	defer line.Close()
	l := subscribers.Listing{URL: first, Token: "tok-1234", Items: "/data/rows", Next: "/paging/next", Dial: line.Dial, TLS: line.TLS()}
	if b.Authorization == "" {
		b.Authorization = "Bearer tok-1234"
	}
	if b.Linked {
		l.Items, l.Next = "", ""
	}
	if change != nil {
		change(&l)
	}
	var got list
	o := got.options()
	o.Columns = phoneDeepDown
	err := subscribers.HTTP(t.Context(), l, o)
	if left := b.Unused(); len(left) > 0 {
		t.Errorf("these faults met nothing: %v", left)
	}
	return got, err
}

func TestAListIsReadPageByPage(t *testing.T) {
	t.Parallel()
	for _, linked := range []bool{false, true} {
		b := &subscriberstest.BSS{Items: clients(25), PerPage: 10, Linked: linked}
		got, err := fetch(t, b, nil)
		if err != nil || len(got.subs) != 25 || len(got.notes) != 0 {
			t.Fatalf("linked %v: %d came, %q, %v", linked, len(got.subs), got.notes, err)
		}
		want := subscribers.Subscriber{Code: "1024", Name: "Client 24", Phones: []string{"+48600000024"}, Mails: []string{"c24@example.org"}, Region: "waw", Tags: []string{"vip"}}
		if !reflect.DeepEqual(got.subs[24], want) || got.lines[24] != 25 {
			t.Errorf("the last is %+v", got.subs[24])
		}
		if asked := b.Asked(); !slices.Equal(asked, []string{"/clients", "/clients?page=2", "/clients?page=3"}) {
			t.Errorf("asked for %v", asked)
		}
	}
}

func TestAPasswordInsteadOfAToken(t *testing.T) {
	t.Parallel()
	b := &subscriberstest.BSS{Items: clients(1), PerPage: 10, Authorization: "Basic bm9jOnBhc3M="}
	got, err := fetch(t, b, func(l *subscribers.Listing) { l.Token, l.User, l.Secret = "", "noc", "pass" })
	if err != nil || len(got.subs) != 1 {
		t.Errorf("%d came (%v)", len(got.subs), err)
	}
}

func TestItemsThatAreNoSubscribers(t *testing.T) {
	t.Parallel()
	items := []any{map[string]any{"id": 1, "email": "a@example.org"}, "two", nil, map[string]any{"id": 4, "contacts": []any{map[string]any{"number": 5}}}, map[string]any{"other": true}}
	got, err := fetch(t, &subscriberstest.BSS{Items: items, PerPage: 10}, nil)
	if err != nil || !slices.Equal(got.lines, []int{1}) {
		t.Fatalf("taken are %v (%v)", got.lines, err)
	}
	want := []string{`2 refused is no subscriber: "\"two\""`, `3 refused is no subscriber: "null"`, `4 refused /contacts/*/number: "5" is no number of nine digits`, `5 refused has neither code`}
	for i := range want {
		if i >= len(got.notes) || !strings.HasPrefix(got.notes[i], want[i]) {
			t.Errorf("noted are %q", got.notes)
		}
	}
}

func TestWhatGoesWrongForGood(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		b      *subscriberstest.BSS
		change func(*subscribers.Listing)
		fault  fault.Fault
	}{
		"the token or password is refused: put a new one in its file":      {b: &subscriberstest.BSS{Authorization: "Bearer other"}},
		"there is no list at this address":                                 {change: func(l *subscribers.Listing) { l.URL += "/old" }},
		"what it has at /data is no list: see subscribers.from.http.items": {change: func(l *subscribers.Listing) { l.Items = "/data" }},
		"what it has at /nothing/here is no list":                          {change: func(l *subscribers.Listing) { l.Items = "/nothing/here" }},
		"what it has at /data is no address":                               {change: func(l *subscribers.Listing) { l.Next = "/data" }},
		"only pages of example.com are read":                               {b: &subscriberstest.BSS{Elsewhere: "https://evil.example", PerPage: 2}},
		"page 3 of the list of subscribers leads back to an earlier one":   {b: &subscriberstest.BSS{Circle: true, PerPage: 2}},
		"ask for smaller pages, as in ?limit=500":                          {fault: fault.Fault{Status: 200, Type: "application/json", Body: "[" + strings.Repeat(" ", 5<<20)}},
		"subscribers: url: write a whole address":                          {change: func(l *subscribers.Listing) { l.URL = "http://example.com/clients" }},
		"subscribers: items and next begin with a slash, as in /data/rows": {change: func(l *subscribers.Listing) { l.Items = "data" }},
		"the account may not read subscribers: ask for that right":         {fault: fault.Fault{Status: 403, Type: "application/json", Body: `{"message":"no"}`}},
	} {
		b := c.b
		if b == nil {
			b = &subscriberstest.BSS{}
		}
		if b.PerPage == 0 {
			b.PerPage = 10
		}
		b.Items = clients(4)
		if c.fault.Status != 0 {
			b.Fail(c.fault)
		}
		_, err := fetch(t, b, c.change)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "tok-1234") {
			t.Errorf("want %s\n is %v", want, err)
		}
	}
}

func TestAPageThatDoesNotComeIsAskedForAgain(t *testing.T) {
	t.Parallel()
	portal := fault.Fault{On: "/clients?page=2", Status: 200, Body: "<!DOCTYPE html><html><body>Your data volume is used up.</body></html>"}
	for name, c := range map[string]struct {
		faults []fault.Fault
		took   time.Duration
		want   string // of the error; empty: the whole list came
	}{
		"an error page":             {[]fault.Fault{{On: "/clients?page=2", Status: 502, Body: "<h1>502 Bad Gateway</h1>"}}, 5 * time.Second, ""},
		"patience, in seconds":      {[]fault.Fault{{On: "/clients?page=2", Status: 429, Header: http.Header{"Retry-After": {"90"}}}}, 90 * time.Second, ""},
		"patience, of no length":    {[]fault.Fault{{On: "/clients?page=2", Status: 429}}, time.Minute, ""},
		"a connection that breaks":  {[]fault.Fault{{On: "/clients?page=2", Cut: true}, {On: "/clients?page=2", Short: true}}, 5 * time.Second, ""}, // the first is the transport's: it asks again at once on a connection that was kept
		"half an answer":            {[]fault.Fault{{On: "/clients?page=3", Torn: true}, {On: "/clients?page=3", Torn: true}, {On: "/clients?page=3", Torn: true}}, 15 * time.Second, ""},
		"a portal for a while":      {[]fault.Fault{portal, portal}, 10 * time.Second, ""},
		"a portal for good":         {[]fault.Fault{portal, portal, portal, portal}, 15 * time.Second, "page 2 of the list of subscribers: retry HTTP 200: something between answered"},
		"a redirect to a login":     {[]fault.Fault{{On: "/clients", Status: 302, Header: http.Header{"Location": {"https://login.example/"}}}}, 5 * time.Second, ""},
		"a server that is out long": {[]fault.Fault{{Status: 503}, {Status: 503}, {Status: 503}, {Status: 503}}, 3 * time.Minute, "page 1 of the list of subscribers: retry HTTP 503"},
	} {
		t.Run(name, func(t *testing.T) {
			cert := certificate(t)
			synctest.Test(t, func(t *testing.T) {
				b := &subscriberstest.BSS{Items: clients(25), PerPage: 10}
				b.Fail(c.faults...)
				l, end := inMemory(b, cert)
				defer end()
				var got list
				o := got.options()
				o.Columns = phoneDeepDown
				began := time.Now()
				err := subscribers.HTTP(t.Context(), l, o)
				if took := time.Since(began); took.Round(time.Second) != c.took {
					t.Errorf("it took %v, not %v", took, c.took)
				}
				switch {
				case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
					t.Errorf("told is %v\nwant %s", err, c.want)
				case c.want == "" && (err != nil || len(got.subs) != 25):
					t.Errorf("%d came: %v", len(got.subs), err)
				}
				if left := b.Unused(); len(left) > 0 {
					t.Errorf("these faults met nothing: %v", left)
				}
			})
		})
	}
}

func TestAnImportThatIsGivenUpWaitsNoLonger(t *testing.T) {
	t.Parallel()
	cert := certificate(t)
	synctest.Test(t, func(t *testing.T) {
		b := &subscriberstest.BSS{Items: clients(5), PerPage: 2}
		b.Fail(fault.Fault{On: "/clients?page=2", Status: 503, Header: http.Header{"Retry-After": {"3000"}}})
		l, end := inMemory(b, cert)
		defer end()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		began := time.Now()
		var got list
		err := subscribers.HTTP(ctx, l, got.options())
		if err == nil || !strings.Contains(err.Error(), "page 2 of the list of subscribers: retry HTTP 503") || time.Since(began) != 20*time.Second {
			t.Errorf("after %v it is told %v", time.Since(began), err)
		}
	})
}

// certificate is a server's that is good for example.com.
func certificate(t *testing.T) *httptest.Server {
	s := httptest.NewTLSServer(nil)
	t.Cleanup(s.Close)
	return s
}

// inMemory serves a stand-in to a bubble, in which a socket would stop the
// clock.
func inMemory(b *subscriberstest.BSS, cert *httptest.Server) (subscribers.Listing, func()) {
	b.Authorization = "Bearer tok-1234"
	conns := piped{make(chan net.Conn)}
	server := &http.Server{Handler: b, TLSConfig: &tls.Config{Certificates: cert.TLS.Certificates}, ErrorLog: log.New(io.Discard, "", 0)}
	go server.ServeTLS(conns, "", "")
	roots := x509.NewCertPool()
	roots.AddCert(cert.Certificate())
	// The bubble's clock begins before the certificate: its reader is given today's.
	conf := &tls.Config{RootCAs: roots, Time: func() time.Time { return cert.Certificate().NotBefore.Add(time.Hour) }}
	return subscribers.Listing{URL: first, Token: "tok-1234", Items: "/data/rows", Next: "/paging/next", Dial: conns.dial, TLS: conf}, func() { server.Close() }
}

// piped is a listener whose connections are made in memory.
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
