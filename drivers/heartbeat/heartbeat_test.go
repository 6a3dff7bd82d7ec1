package heartbeat

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"heliograph/drivers/webhook/webhooktest"
)

// page is a switch that lists what it heard.
type page struct {
	mu    sync.Mutex
	heard []string
}

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = append(p.heard, r.Method+" "+r.URL.RequestURI()+" by "+r.UserAgent())
	io.WriteString(w, "OK")
}

func start(t *testing.T, address string) (*Switch, *webhooktest.Line, *page) {
	t.Helper()
	p := new(page)
	line := webhooktest.NewLine(p)
	t.Cleanup(line.Close)
	s, err := New(Options{URL: "https://" + webhooktest.Host + address, Site: "waw-12", TLS: line.TLS()})
	if err != nil {
		t.Fatal(err)
	}
	return s, line, p
}

// The box beats over both paths and tells which; a job of its own begins and
// fails.
func TestBeats(t *testing.T) {
	t.Parallel()
	s, line, p := start(t, "/ping/abc?via={path}")
	for _, b := range []struct {
		path string
		kind Kind
	}{{"primary", Alive}, {"cell", Alive}, {"cell", Start}, {"cell", Fail}} {
		if err := s.Beat(t.Context(), b.path, line.Dial, b.kind); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"GET /ping/abc?via=primary by heliograph waw-12 (primary)", "GET /ping/abc?via=cell by heliograph waw-12 (cell)",
		"GET /ping/abc/start?via=cell by heliograph waw-12 (cell)", "GET /ping/abc/fail?via=cell by heliograph waw-12 (cell)",
	}
	if !slices.Equal(p.heard, want) {
		t.Errorf("heard %q", p.heard)
	}
	t.Logf("one beat: %d bytes out, %d in", line.In.Load()/4, line.Out.Load()/4)
}

func TestUnheardBeats(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		trouble webhooktest.Trouble
		want    error
	}{
		{"404", webhooktest.Status(404, "not found"), Unknown},
		{"healthchecks knows no such check", webhooktest.Status(200, "OK (not found)"), Unknown},
		{"too often", webhooktest.Status(429, ""), Refused},
		{"too often, politely", webhooktest.Status(200, "OK (rate limited)"), Refused},
		{"portal", webhooktest.Portal, Impostor},
		{"redirect", webhooktest.Redirect, Impostor},
		{"a page that quotes the address", webhooktest.Status(400, "Cannot GET /ping/abc"), Refused},
		{"proxy", webhooktest.BadGateway, Refused},
		{"no answer", webhooktest.LostAnswer, Unreachable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, line, _ := start(t, "/ping/abc")
			line.Next(c.trouble)
			err := s.Beat(t.Context(), "cell", line.Dial, Alive)
			if !errors.Is(err, c.want) || strings.Contains(err.Error(), "/ping/abc") {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	s, line, _ := start(t, "/ping/abc")
	line.Cut(true)
	if err := s.Beat(t.Context(), "cell", line.Dial, Alive); !errors.Is(err, Unreachable) {
		t.Errorf("cut: %v", err)
	}
	line.Cut(false)
	s.o.URL = "https://other.example/ping/abc"
	if err := s.Beat(t.Context(), "cell", line.Dial, Alive); !errors.Is(err, Impostor) {
		t.Errorf("another's certificate: %v", err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {URL: "http://a.example/x"}, {URL: "https://u:p@a.example/"}, {URL: "https://a.example/", Timeout: -1}, {URL: "https://a.example/", Site: "a\nb"}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}
