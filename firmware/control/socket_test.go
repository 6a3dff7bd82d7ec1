package control_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"heliograph/firmware/control"
)

// box is an appliance that does as the test says.
type box struct {
	mu      sync.Mutex
	orders  []string
	limits  []int
	healthy error
	backup  func(io.Writer) error
	entered chan struct{} // told when Status is asked for
	release chan struct{} // Status answers after this

	answered atomic.Bool
}

func (b *box) Status(context.Context) (control.Status, error) {
	if b.entered != nil {
		b.entered <- struct{}{}
		<-b.release
		b.answered.Store(true)
	}
	return control.Status{Site: "waw-12"}, nil
}

func (b *box) limit(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limits = append(b.limits, n)
}

func (b *box) Incidents(_ context.Context, limit int) ([]json.RawMessage, error) {
	b.limit(limit)
	return []json.RawMessage{[]byte(`{"number":7}`)}, nil
}

func (b *box) Report(context.Context, int, uint64, int) ([]control.Delivery, error) { return nil, nil }

func (b *box) Export(_ context.Context, n int) (control.Export, error) {
	if n != 7 {
		return control.Export{}, fmt.Errorf("incident %d: %w", n, control.NotFound)
	}
	return control.Export{Incident: []byte(`{"number":7}`)}, nil
}

func (b *box) Timeline(_ context.Context, n int) ([]control.Entry, error) {
	return []control.Entry{{What: "told", Text: fmt.Sprintf("of %d", n)}}, nil
}

func (b *box) Update(_ context.Context, r io.Reader) (control.Answer, error) {
	n, err := io.Copy(io.Discard, r)
	return control.Answer{OK: err == nil, Text: fmt.Sprintf("%d octets", n)}, nil
}

func (b *box) Log(_ context.Context, limit int) ([]control.Entry, error) {
	b.limit(limit)
	return nil, errors.New("read the store: it is broken")
}

func (b *box) Audit(_ context.Context, from uint64, limit int) (control.Audit, error) {
	b.limit(limit)
	return control.Audit{Head: control.AuditHead{Number: from}, Entries: []control.AuditEntry{}}, nil
}

func (b *box) Queue(_ context.Context, status string, limit int) ([]control.Delivery, error) {
	b.limit(limit)
	return []control.Delivery{{ID: 1, Status: status}}, nil
}

func (b *box) Order(_ context.Context, by, text string) (control.Answer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.orders = append(b.orders, by+": "+text)
	return control.Answer{OK: text != "ACK 99", Text: "said " + text}, nil
}

func (b *box) Backup(_ context.Context, w io.Writer) error { return b.backup(w) }

func (b *box) Healthy(context.Context) error { return b.healthy }

// served is a box behind a real socket; stop returns when Serve has.
func served(t *testing.T, b *box) (c *control.Client, path string, stop func()) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "run", "control.sock")
	l, err := control.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- control.Serve(ctx, l, control.Handler(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "heliograph_up 1\n") })))
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(stop)
	return control.Dial(path), path, stop
}

// get is a bare request, for what the client would not send or show.
func get(t *testing.T, path, method, target, body string) (int, string) {
	t.Helper()
	tr := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}}
	defer tr.CloseIdleConnections()
	req, err := http.NewRequest(method, "http://heliograph"+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, strings.TrimSpace(string(b))
}

func TestTheSocketIsForRootAndItsGroup(t *testing.T) {
	t.Parallel()
	_, path, stop := served(t, &box{})
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o660 || info.Mode().Type() != fs.ModeSocket {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	if dir, err := os.Stat(filepath.Dir(path)); err != nil || dir.Mode().Perm()&0o007 != 0 {
		t.Errorf("its folder: %v, error %v", dir.Mode(), err)
	}
	stop()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the end the socket is still there: %v", err)
	}
}

func TestTheKernelSaysWhoGaveAnOrder(t *testing.T) {
	t.Parallel()
	me := fmt.Sprintf("uid %d", os.Getuid())
	if u, err := user.LookupId(fmt.Sprint(os.Getuid())); err == nil {
		me = u.Username
	}
	b := &box{}
	c, _, _ := served(t, b)
	a, err := c.Order(t.Context(), "ACK 7")
	if err != nil || a != (control.Answer{OK: true, Text: "said ACK 7"}) {
		t.Fatalf("answer %+v, error %v", a, err)
	}
	if a, err = c.Order(t.Context(), "ACK 99"); err != nil || a.OK {
		t.Errorf("a refusal is an answer: %+v, error %v", a, err)
	}
	if got := strings.Join(b.orders, ", "); got != me+": ACK 7, "+me+": ACK 99" {
		t.Errorf("orders: %s; I am %s", got, me)
	}
}

// TestWhoeverHasThePlace is promised by Listen: the dead are replaced, the
// living and the strange are not.
func TestWhoeverHasThePlace(t *testing.T) {
	t.Parallel()
	b := &box{}
	_, live, _ := served(t, b)
	if _, err := control.Listen(live); err == nil || !strings.HasSuffix(err.Error(), "is in use: another heliograph runs; stop it first") {
		t.Errorf("a live socket: %v", err)
	}
	if code, _ := get(t, live, "GET", "/healthz", ""); code != http.StatusOK {
		t.Errorf("after that the first one answers %d", code)
	}

	dead := filepath.Join(t.TempDir(), "dead.sock")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: dead, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false) // as after kill -9
	l.Close()
	next, err := control.Listen(dead)
	if err != nil {
		t.Fatalf("a socket that a dead process left: %v", err)
	}
	next.Close()

	file := filepath.Join(t.TempDir(), "heliograph.yaml")
	if err := os.WriteFile(file, []byte("site: waw-12\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := control.Listen(file); err == nil || !strings.Contains(err.Error(), "a file of another kind is there") {
		t.Errorf("a file that is no socket: %v", err)
	}
	if kept, _ := os.ReadFile(file); string(kept) != "site: waw-12\n" {
		t.Errorf("the file is now %q", kept)
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	b := &box{}
	_, path, _ := served(t, b)
	for _, c := range []struct {
		method, target, body string
		code                 int
		want                 string
	}{
		{"GET", "/v1/incidents", "", 200, `[{"number":7}]`},
		{"GET", "/v1/incidents/7", "", 200, `{"incident":{"number":7},"timeline":null,"ledger":null,"deliveries":null}`},
		{"GET", "/v1/incidents/8", "", 404, `{"error":"incident 8: no such thing"}`},
		{"GET", "/v1/incidents/7/timeline", "", 200, `[{"box":"0001-01-01T00:00:00Z","wall":"0001-01-01T00:00:00Z","clock_trusted":false,"what":"told","text":"of 7"}]`},
		{"GET", "/v1/incidents/x/timeline", "", 400, `{"error":"an incident is a number, such as 7"}`},
		{"GET", "/v1/incidents/seven", "", 400, `{"error":"an incident is a number, such as 7"}`},
		{"GET", "/v1/audit?from=7", "", 200, `{"anchor":{"number":0,"hash":""},"head":{"number":7,"hash":""},"entries":[]}`},
		{"GET", "/v1/audit?from=-7", "", 400, `{"error":"from is the number of an entry, such as 7"}`},
		{"GET", "/v1/log", "", 500, `{"error":"read the store: it is broken"}`},
		{"GET", "/v1/nothing", "", 404, "404 page not found"},
		{"GET", "/", "", 404, "404 page not found"},
		{"DELETE", "/v1/queue", "", 405, "Method Not Allowed"},
		{"GET", "/v1/orders", "", 405, "Method Not Allowed"},
		{"POST", "/v1/orders", "ack 7", 400, `{"error":"read the order: invalid character 'a' looking for beginning of value"}`},
		{"POST", "/v1/orders", `{"text":"` + strings.Repeat("x", 5000) + `"}`, 413, `{"error":"the order is too long: at most 4096 bytes are read; shorten it"}`},
		{"POST", "/v1/orders", `{"text":"` + strings.Repeat("x", 4000) + `"}`, 200, `{"ok":true,"text":"said ` + strings.Repeat("x", 4000) + `"}`},
		{"GET", "/metrics", "", 200, "heliograph_up 1"},
		{"GET", "/healthz", "", 200, "ok"},
	} {
		if code, got := get(t, path, c.method, c.target, c.body); code != c.code || got != c.want {
			t.Errorf("%s %s: %d %s\nwant %d %s", c.method, c.target, code, got, c.code, c.want)
		}
	}
	if len(b.orders) != 1 {
		t.Errorf("%d orders reached the box", len(b.orders))
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	b := &box{}
	_, path, _ := served(t, b)
	for _, q := range []string{"", "?limit=7", "?limit=0", "?limit=-1", "?limit=many", "?limit=10000", "?limit=999999"} {
		get(t, path, "GET", "/v1/incidents"+q, "")
	}
	if got := fmt.Sprint(b.limits); got != "[100 7 100 100 100 10000 10000]" {
		t.Errorf("limits: %s", got)
	}
	if _, got := get(t, path, "GET", "/v1/queue?status=failed&limit=5", ""); !strings.Contains(got, `"status":"failed"`) {
		t.Errorf("the queue: %s", got)
	}
}

func TestUnwell(t *testing.T) {
	t.Parallel()
	_, path, _ := served(t, &box{healthy: errors.New("no modem can send: see `heliograph status`")})
	if code, got := get(t, path, "GET", "/healthz", ""); code != 503 || got != "no modem can send: see `heliograph status`" {
		t.Errorf("%d %s", code, got)
	}
}

// TestTheEndWaitsForAnswers: who asked before the stop hears the answer, and
// Serve returns only then, because the store is closed after it.
func TestTheEndWaitsForAnswers(t *testing.T) {
	t.Parallel()
	b := &box{entered: make(chan struct{}), release: make(chan struct{})}
	c, path, stop := served(t, b)
	type answer struct {
		site string
		err  error
	}
	heard := make(chan answer, 1)
	go func() {
		var s control.Status
		_, err := c.Get(context.Background(), "/v1/status", &s)
		heard <- answer{s.Site, err}
	}()
	<-b.entered
	owed := make(chan bool)
	go func() { stop(); owed <- !b.answered.Load() }()
	for _, err := net.Dial("unix", path); err == nil; _, err = net.Dial("unix", path) {
		runtime.Gosched() // until nobody new is let in
	}
	b.release <- struct{}{}
	if a := <-heard; a.err != nil || a.site != "waw-12" {
		t.Errorf("heard %+v", a)
	}
	if <-owed {
		t.Error("it had stopped while an answer was owed")
	}
}
