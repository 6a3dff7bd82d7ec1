package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"heliograph/firmware/blackbox"
	"heliograph/firmware/command"
	"heliograph/firmware/control"
	"heliograph/firmware/event"
	"heliograph/firmware/incident"
)

var golden = flag.Bool("golden", false, "write testdata/clients anew, to be read before it is committed")

// painting is a box of which everything is known: what commands print of it
// is in testdata/clients.
type painting struct {
	orders chan string
	pages  int   // of a backup
	broken error // how the backup ends
	empty  bool  // nothing has happened yet
}

var cutAt = time.Date(2026, 11, 21, 4, 2, 7, 0, time.UTC)

func (p *painting) Status(context.Context) (control.Status, error) {
	s := control.Status{Site: "waw-12", Version: "v1.2.3", Now: cutAt.Add(time.Hour), Trusted: !p.empty, Started: cutAt.Add(-48 * time.Hour)}
	if p.empty {
		return s, nil
	}
	s.Subjects = []control.Subject{
		{Name: "transit-a", Condition: "down", Place: "upstream", Since: cutAt, Evidence: "icmp 9.9.9.9: no answer in 1.8 s; gw ok", Loss: 1},
		{Name: "transit-b", Condition: "up", Since: cutAt.Add(-time.Hour), Loss: 0.004, LatencyMS: 12.6, Unstable: true},
		{Name: "billing", Service: true, Condition: "unknown"},
	}
	s.Workers = []control.Worker{
		{Name: "lte0", Channel: "sms", Fit: true, State: "ready", Operator: "Example", Signal: "-71 dBm", Network: "LTE home"},
		{Name: "lte1", Channel: "sms", State: "wrong PIN", Why: "the SIM refused it", Advice: "check the PIN in the configuration"},
		{Name: "mail", Channel: "mail", Fit: true, State: "ready"},
		{Name: "slack", Channel: "slack", State: "not usable", Why: "the token is missing"},
	}
	s.Backhauls = []control.Backhaul{
		{Name: "cell", Up: true, State: "up", RTTMS: 38, Used: 12_400_000, Limit: 500_000_000, Tested: "up after 3.1 s, 38 ms, 9 kB, mail ok 1.9 s"},
	}
	s.Incidents = []control.Open{
		{Number: 6, Phase: "resolved", Kind: "opened", Scope: []string{"billing"}, Title: "card payments fail", Opened: cutAt.Add(-time.Hour), AckedBy: "ada"},
		{Number: 7, Phase: "open", Kind: "down", Scope: []string{"transit-a", "lodz"}, Opened: cutAt},
	}
	s.Queue = control.Queue{"pending": 2, "sent": 1, "delivered": 40, "failed": 1}
	s.Warnings = []string{"metrics are not served on 192.0.2.1:9477: address already in use"}
	return s, nil
}

func (p *painting) Incidents(_ context.Context, limit int) ([]json.RawMessage, error) {
	stamp := event.Stamp{Box: cutAt, Wall: cutAt, Trusted: true}
	later := event.Stamp{Box: cutAt.Add(time.Hour), Wall: cutAt.Add(time.Hour), Trusted: true}
	down := incident.Watched(7, "transit-a", event.Down, event.Verdict{Condition: event.IsDown, Place: event.PlaceUpstream, SinceWall: cutAt.Add(-20 * time.Second)}, stamp)
	done, _ := incident.Ordered(6, "billing", "card payments fail", "ada", stamp).Acknowledge("bob", stamp)
	list := []json.RawMessage{}
	for _, i := range []incident.Incident{down, done.Resolve(event.AllClear, later)} {
		raw, err := json.Marshal(i)
		if err != nil {
			return nil, err
		}
		list = append(list, raw)
	}
	if p.empty {
		list = list[:0]
	}
	return list[:min(limit, len(list))], nil
}

func (p *painting) Update(_ context.Context, r io.Reader) (control.Answer, error) {
	text, err := io.ReadAll(r)
	return control.Answer{OK: string(text) == "good", Text: "it says " + string(text)}, err
}

func (p *painting) Timeline(context.Context, int) ([]control.Entry, error) { return nil, nil }

func (p *painting) Report(ctx context.Context, n int, before uint64, _ int) ([]control.Delivery, error) {
	if before > 0 {
		return nil, nil
	}
	x, err := p.Export(ctx, n)
	return x.Deliveries, err
}

func (p *painting) Export(ctx context.Context, n int) (control.Export, error) {
	if n != 7 || p.empty {
		return control.Export{}, fmt.Errorf("incident %d: %w; `heliograph incidents` lists those there are", n, control.NotFound)
	}
	list, err := p.Incidents(ctx, 1)
	if err != nil {
		return control.Export{}, err
	}
	lines, _ := p.Log(ctx, 9)
	rows, _ := p.Queue(ctx, "", 9)
	box, err := json.Marshal(blackbox.Record{
		Moment: "opened", Frozen: cutAt.Add(time.Second), Trusted: true,
		Lines:   []blackbox.Line{{At: cutAt.Add(time.Millisecond), Modem: "lte0", Dir: "<", Text: "+CMTI: \"\x1b[2J\",1"}},
		Samples: []blackbox.Sample{{At: cutAt, Subject: "transit-a", Probe: "icmp 9.9.9.9", Seen: "no answer in 1.8 s"}},
	})
	if err != nil {
		return control.Export{}, err
	}
	return control.Export{BlackBox: []json.RawMessage{box}, Incident: list[0], Timeline: lines, Deliveries: rows, Ledger: []control.Told{
		{Recipient: "ada", Channel: "sms", Address: "+48600100201", Language: "pl", Text: "waw-12 #7 AWARIA transit-a 04:02Z", Told: true},
		{Recipient: "bob", Channel: "sms", Address: "+48600100202", Language: "en", Told: true, Cleared: true, Text: "waw-12 #7 ALL CLEAR"},
	}}, nil
}

func (p *painting) Log(_ context.Context, limit int) ([]control.Entry, error) {
	lines := []control.Entry{
		{Box: cutAt, Wall: cutAt, What: "started", Text: "heliograph v1.2.3 started"},
		{Box: cutAt, Wall: cutAt.Add(20*time.Second + 1500*time.Microsecond), Trusted: true, What: "opened", Text: "transit-a is down"},
		// What a stranger sends must not steer the terminal of who reads it.
		{Box: cutAt, Wall: cutAt.Add(time.Minute), Trusted: true, What: "stranger", Text: "+48123 says: \x1b[2J\x1b]0;owned\x07 zażółć\nheliograph stopped \u202eevil"},
	}
	if p.empty {
		return []control.Entry{}, nil
	}
	return lines[max(0, len(lines)-limit):], nil
}

func (p *painting) Audit(context.Context, uint64, int) (control.Audit, error) {
	return control.Audit{}, errors.New("the log of a painting is in audit_test.go")
}

func (p *painting) Queue(_ context.Context, status string, limit int) ([]control.Delivery, error) {
	rows := []control.Delivery{
		{ID: 12, Incident: 7, Kind: "down", Recipient: "ada", Channel: "sms", Address: "+48600100201", Status: "delivered", Queued: cutAt, Tries: 1, Worker: "lte0"},
		{ID: 13, Incident: 7, Kind: "down", Recipient: "bob", Channel: "sms", Address: "+48600100202", Status: "failed", Queued: cutAt, Tries: 3, Worker: "lte0", Code: "CMS 1", Advice: "the number is not in use: check it"},
		{ID: 14, Kind: "selftest", Recipient: "ada", Channel: "sms", Address: "+48600100201", Status: "pending", Queued: cutAt, Due: cutAt},
	}
	list := []control.Delivery{}
	for _, r := range rows[:min(limit, len(rows))] {
		if !p.empty && (status == "" || r.Status == status) {
			list = append(list, r)
		}
	}
	return list, nil
}

func (p *painting) Order(_ context.Context, by, text string) (control.Answer, error) {
	p.orders <- text
	if text == "ACK 99" {
		return control.Answer{Text: "There is no incident #99."}, nil
	}
	return control.Answer{OK: true, Text: "done: " + text}, nil
}

func (p *painting) Backup(_ context.Context, w io.Writer) error {
	for range p.pages {
		if _, err := w.Write(make([]byte, 4096)); err != nil {
			return err
		}
	}
	return p.broken
}

func (p *painting) Healthy(context.Context) error { return nil }

// hang puts a box behind a real socket.
func hang(t *testing.T, p *painting) (socket string) {
	t.Helper()
	p.orders = make(chan string, 9)
	return serve(t, p)
}

// serve answers for a box on a socket.
func serve(t *testing.T, p control.Box) (socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "control.sock")
	l, err := control.Listen(socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- control.Serve(ctx, l, control.Handler(p, http.NotFoundHandler())) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return socket
}

// exited is how help ends a test's program.
type exited int

// typed is what a command prints, and its exit status.
func typed(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	defer func() {
		if p := recover(); p != nil {
			x, ok := p.(exited)
			if !ok {
				panic(p)
			}
			out, errs, code = o.String(), e.String(), int(x)
		}
	}()
	code = obey(t.Context(), args, &o, &e, kong.Exit(func(code int) { panic(exited(code)) }))
	return o.String(), e.String(), code
}

func TestTables(t *testing.T) {
	t.Parallel()
	night, morning := hang(t, &painting{}), hang(t, &painting{empty: true})
	for _, c := range []struct{ name, socket, line string }{
		{"status", night, "status"},
		{"status-empty", morning, "status"},
		{"incidents", night, "incidents"},
		{"incidents-1", night, "incidents --limit 1"},
		{"incidents-empty", morning, "incidents"},
		{"queue", night, "queue"},
		{"queue-failed", night, "queue --status=failed"},
		{"queue-empty", morning, "queue"},
		{"log", night, "log"},
		{"log-1", night, "log --limit=1"},
		{"export", night, "export 7"},
		{"export-blackbox", night, "export 7 --blackbox"},
	} {
		out, errs, code := typed(t, append(strings.Fields(c.line), "--socket", c.socket)...)
		if code != 0 || errs != "" {
			t.Errorf("%s: status %d, %s", c.name, code, errs)
		}
		compare(t, filepath.Join("testdata", "clients", c.name+".txt"), out)
		if strings.ContainsAny(out, "\x1b\x07\u202e") {
			t.Errorf("%s has colours, or worse, in %q", c.name, out)
		}
	}
}

// TestColoursHaveNoWidth: on a terminal the columns stand as they do on paper.
func TestColoursHaveNoWidth(t *testing.T) {
	t.Parallel()
	draw := func(i ink) string {
		var b bytes.Buffer
		table(&b, "UPLINK\tSTATE\tSINCE", func(row func(...any)) {
			row("łódź", i.colour("down", "down"), "now")
			row("b", i.colour("up, unstable", "up"), "now")
			row("c", i.colour("unknown", ""), "")
		})
		return b.String()
	}
	const want = "UPLINK  STATE         SINCE\n" +
		"łódź    down          now\n" +
		"b       up, unstable  now\n" +
		"c       unknown       -\n\n"
	if got := draw(false); got != want {
		t.Errorf("on paper:\n%s", got)
	}
	coloured := draw(true)
	if !strings.Contains(coloured, "\x1b[31mdown\x1b[0m          now") {
		t.Errorf("down is not red:\n%q", coloured)
	}
	if got := escapes.ReplaceAllString(coloured, ""); got != want {
		t.Errorf("on a terminal:\n%s", got)
	}
}

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *golden {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nwant\n%s", path, got, want)
	}
}

// TestForMachines: --json gives one document that machines can read, whatever
// there is.
func TestForMachines(t *testing.T) {
	t.Parallel()
	for _, p := range []*painting{{}, {empty: true}} {
		socket := hang(t, p)
		for _, line := range []string{"status", "incidents", "queue", "log", "export 7", "ack 7", "selftest"} {
			if p.empty && strings.HasPrefix(line, "export") {
				continue
			}
			out, errs, code := typed(t, append(strings.Fields(line), "--json", "--socket", socket)...)
			if code != 0 || !json.Valid([]byte(out)) || !strings.HasSuffix(out, "\n") {
				t.Errorf("%s --json: status %d, %s%s", line, code, out, errs)
			}
		}
	}
	out, _, code := typed(t, "ack", "99", "--json", "--socket", hang(t, &painting{}))
	if code != 1 || out != `{"ok":false,"text":"There is no incident #99."}`+"\n" {
		t.Errorf("a refusal: status %d, %s", code, out)
	}
}

func TestOrders(t *testing.T) {
	t.Parallel()
	p := &painting{}
	socket := hang(t, p)
	for _, c := range []struct {
		args string
		want string
	}{
		{"ack", "ACK"},
		{"ack 7", "ACK 7"},
		{"open billing card payments fail", "OPEN billing card payments fail"},
		{"say 7 fibre found", "SAY 7 fibre found"},
		{"clear 7", "CLEAR 7"},
		{"cancel 7", "CANCEL 7"},
		{"text etr 7 06:30", "etr 7 06:30"},
		{"text ada ack 7", "ada ack 7"},
		{"etr 7 tomorrow 06:30", "ETR 7 tomorrow 06:30"},
		{"approve", "APPROVE"},
		{"approve 7 --only mail", "APPROVE 7 MAIL ONLY"},
		{"deny 4F7", "DENY 4F7"},
		{"hold", "HOLD"},
		{"go 7", "GO 7"},
		{"mute", "MUTE"},
		{"mute 90m", "MUTE 90min"},
		{"unmute", "UNMUTE"},
		{"maint start transit-a,transit-b 2h new optics", "MAINT START transit-a,transit-b 2h new optics"},
		{"maint end", "MAINT END"},
		{"who", "WHO"},
		{"resend 120", "RESEND 120"},
		{"selftest", "SELFTEST"},
	} {
		out, errs, code := typed(t, append(strings.Fields(c.args), "--socket", socket)...)
		if _, err := command.Parse(strings.TrimPrefix(c.want, "ada "), command.Local); err != nil {
			t.Errorf("%s orders what is not understood: %v", c.args, err)
		}
		if order := <-p.orders; order != c.want || out != "done: "+c.want+"\n" || code != 0 {
			t.Errorf("%s: ordered %q, printed %q %q, status %d", c.args, order, out, errs, code)
		}
	}
	out, errs, code := typed(t, "ack", "99", "--socket", socket)
	if out != "There is no incident #99.\n" || errs != "" || code != 1 {
		t.Errorf("refused: %q %q, status %d", out, errs, code)
	}
	if out, errs, code = typed(t, "open", "card payments", "fail", "--socket", socket); out != "" || code != 1 ||
		!strings.HasPrefix(errs, `heliograph: "card payments" is not one word`) {
		t.Errorf("a scope of two words: %q %q, status %d", out, errs, code)
	}
	if out, errs, code = typed(t, "export", "8", "--socket", socket); out != "" || code != 1 ||
		errs != "heliograph: incident 8: no such thing; `heliograph incidents` lists those there are\n" {
		t.Errorf("nothing to export: %q %q, status %d", out, errs, code)
	}
}

func TestBackups(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		box    *painting
		code   int
		errs   string
		length int64 // of the file; -1: none is left
	}{
		{"whole", &painting{pages: 300}, 0, "", 300 * 4096},
		{"refused", &painting{broken: errors.New("read the store: it is broken")}, 1, "heliograph: back up: read the store: it is broken\n", -1},
		{"broken off", &painting{pages: 300, broken: errors.New("torn")}, 1, "heliograph: back up: the appliance broke off in the middle; its log says why\n", -1},
	} {
		file := filepath.Join(t.TempDir(), "backup.db")
		out, errs, code := typed(t, "backup", file, "--socket", hang(t, c.box))
		if code != c.code || errs != c.errs {
			t.Errorf("%s: status %d, %q %q", c.name, code, out, errs)
		}
		info, err := os.Stat(file)
		switch {
		case c.length < 0 && !os.IsNotExist(err):
			t.Errorf("%s: half a backup is left", c.name)
		case c.length >= 0 && (err != nil || info.Size() != c.length || info.Mode().Perm() != 0o600):
			t.Errorf("%s: %v, %v", c.name, info, err)
		}
	}
	file := filepath.Join(t.TempDir(), "there")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := typed(t, "backup", file, "--socket", hang(t, &painting{})); code != 1 || !strings.Contains(errs, "file exists") {
		t.Errorf("over a file: status %d, %s", code, errs)
	}
	if b, _ := os.ReadFile(file); string(b) != "precious" {
		t.Errorf("the file that was there is now %q", b)
	}
}

// TestHelp: every command tells what it does and what its flags are.
func TestHelp(t *testing.T) {
	t.Parallel()
	parser := parserFor()
	top, _, code := typed(t, "--help")
	if code != 0 {
		t.Fatalf("--help ends with %d", code)
	}
	for _, leaf := range parser.Model.Leaves(false) {
		if !strings.Contains(top, "\n  "+leaf.Name) || leaf.Help == "" {
			t.Errorf("--help does not tell of %s:\n%s", leaf.Name, top)
		}
		out, _, code := typed(t, leaf.Name, "--help")
		out = strings.Join(strings.Fields(out), " ") // as if the terminal were wide
		if code != 0 || !strings.Contains(out, leaf.Help) {
			t.Errorf("%s --help ends with %d:\n%s", leaf.Name, code, out)
		}
		for _, f := range leaf.Flags {
			if f.Hidden == strings.Contains(out, "--"+f.Name) || f.Help == "" && !f.Hidden {
				t.Errorf("%s --help and --%s (hidden: %t):\n%s", leaf.Name, f.Name, f.Hidden, out)
			}
		}
		for _, a := range leaf.Positional {
			if a.Help == "" || !strings.Contains(out, a.Help) {
				t.Errorf("%s --help does not tell of <%s>:\n%s", leaf.Name, a.Name, out)
			}
		}
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, want string }{
		{"stauts", `there is no command stauts, did you mean "status"?`},
		{"", "say what to do"},
		{"ack seven", "[<number>]: expected a valid 64 bit int but got \"seven\""},
		{"queue --status=lost", `--status must be one of "","pending","sending","unsure","sent","delivered","failed","superseded" but got "lost"`},
		{"export", `expected "<number>"`},
		{"status --colour", "unknown flag --colour"},
		{"modem", "missing flags: --port=TTY"},
	} {
		_, errs, code := typed(t, strings.Fields(c.line)...)
		if code == 0 || !strings.Contains(errs, c.want) {
			t.Errorf("%q: status %d, %s\nwant %s", c.line, code, errs, c.want)
		}
	}
	missing := filepath.Join(t.TempDir(), "none.sock")
	if _, errs, code := typed(t, "status", "--socket", missing); code != 1 || !strings.HasPrefix(errs, "heliograph: no appliance runs here: there is no socket "+missing) {
		t.Errorf("without an appliance: status %d, %s", code, errs)
	}
}
