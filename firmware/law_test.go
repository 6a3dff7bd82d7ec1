package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// A clause says what the product code of some rooms may import. What a room
// is for is told in doc.go; here is who may know whom.
type clause struct {
	law   string   // the sentence that a broken import is told
	rooms []string // folders; DIR/… is every folder below DIR
	std   []string // standard packages; nil is all of them, save those for tests
	ours  []string // rooms; DIR/… as above
	libs  []string // modules or packages, with all below them
}

// plainStd are the standard packages without a clock, a disk, a network or a
// second goroutine: the same arguments give the same results.
var plainStd = []string{
	"bytes", "cmp", "encoding/json", "errors", "fmt", "io", "io/fs", "maps", "math", "math/bits", "net/netip", "net/url", "path", "reflect",
	"regexp", "slices", "strconv", "strings", "text/template", "text/template/parse", "time", "unicode", "unicode/utf8",
}

const pure = "pure rooms import event, std value packages and pure libraries only, and one another only through decide"

var laws = []clause{
	{law: pure, rooms: []string{"firmware/event"}, std: plainStd},
	{law: pure, rooms: []string{"firmware/reach", "firmware/incident", "firmware/audience", "firmware/command"}, std: plainStd, ours: []string{"firmware/event"}},
	{law: pure, rooms: []string{"firmware/notice"}, std: plainStd, ours: []string{"firmware/event"}, libs: []string{"github.com/warthog618/sms/encoding"}},
	{law: "number reads numbers by its table and needs std value packages only", rooms: []string{"firmware/number"}, std: plainStd},
	{law: "calendar reads iCalendar files by its libraries and needs std value packages besides", rooms: []string{"firmware/calendar"}, std: plainStd,
		libs: []string{"github.com/arran4/golang-ical", "github.com/teambition/rrule-go"}},
	{law: pure, rooms: []string{"firmware/config"}, std: append([]string{"encoding/base32"}, plainStd...), ours: []string{"firmware/event", "firmware/number", "firmware/calendar"},
		libs: []string{"github.com/goccy/go-yaml"}},
	{law: "fate is told what names lead to, and needs std value packages only", rooms: []string{"firmware/fate"}, std: plainStd},
	// A digest is as pure as a sum: it keeps codes from standing in the state.
	{law: "decide is pure and composes the pure rooms", rooms: []string{"firmware/decide"}, std: append([]string{"crypto/sha256", "encoding/hex"}, plainStd...),
		ours: []string{"firmware/event", "firmware/reach", "firmware/incident", "firmware/audience", "firmware/notice", "firmware/command"}},

	// Of audience the engine asks Judge when the disk is full and it speaks
	// unremembered, for then no Step is taken; of incident, the name of the
	// phase after which it may archive. The type of a transaction is bbolt's.
	{law: "the engine imports decide, what decide is made of, and storage", rooms: []string{"firmware/engine"},
		ours: []string{"firmware/decide", "firmware/event", "firmware/notice", "firmware/audience", "firmware/incident", "storage", "storage/kv", "storage/outbox", "storage/audit", "storage/directory"},
		libs: []string{"go.etcd.io/bbolt"}},

	{law: "watch imports event only", rooms: []string{"firmware/watch"}, ours: []string{"firmware/event"}},
	{law: "blackbox imports event only", rooms: []string{"firmware/blackbox"}, ours: []string{"firmware/event"}},
	{law: "schedule imports event and its clockwork only", rooms: []string{"firmware/schedule"}, ours: []string{"firmware/event"},
		libs: []string{"github.com/go-co-op/gocron/v2", "github.com/robfig/cron/v3"}},
	{law: "control imports event only; x/sys tells it who is at the other end", rooms: []string{"firmware/control"}, ours: []string{"firmware/event"},
		libs: []string{"golang.org/x/sys/unix"}},
	{law: "dispatch imports event and drivers/delivery only", rooms: []string{"firmware/dispatch"}, ours: []string{"firmware/event", "drivers/delivery"}},

	{law: "the screen draws a View and imports no room", rooms: []string{"firmware/rehearsal/screen"},
		libs: []string{"charm.land/bubbletea/v2", "charm.land/lipgloss/v2", "github.com/charmbracelet"}},

	{law: "isp makes networks of namespaces and imports no room", rooms: []string{"firmware/rehearsal/isp"},
		libs: []string{"github.com/vishvananda/netlink", "github.com/vishvananda/netns", "golang.org/x/sys/unix", "github.com/miekg/dns",
			"github.com/insomniacslk/dhcp", "github.com/google/nftables"}},

	{law: "main is the wiring diagram: it imports everything but what only tests use", rooms: []string{"firmware"},
		ours: []string{"firmware/…", "drivers/…", "storage/…"}, libs: []string{""}},

	{law: "rehearsal drives the real binary from outside: its socket, its modem's tty, its network", rooms: []string{"firmware/rehearsal"},
		ours: []string{"firmware/config", "firmware/control", "firmware/event", "firmware/rehearsal/…", "drivers/modem/emulator", "storage"},
		libs: []string{"github.com/goccy/go-yaml"}},
	{law: "outside is the Internet of a rehearsal: the stand-ins of what the channels speak to", rooms: []string{"firmware/rehearsal/outside"},
		ours: []string{"drivers/mail/mailtest", "drivers/statuspage/statuspagetest", "drivers/slack/slacktest", "drivers/ozmap/ozmaptest"}},
	{law: "a story is a value: it is read without a clock, a disk or a network", rooms: []string{"firmware/rehearsal/story"}, std: plainStd},

	{law: "delivery, which all drivers share, is std only", rooms: []string{"drivers/delivery"}},
	{law: "drivers import std, their libraries and drivers/delivery", rooms: []string{"drivers/at"}, ours: []string{"drivers/delivery"},
		libs: []string{"github.com/warthog618/modem/info"}},
	{law: "drivers import std, their libraries and drivers/delivery; drivers/modem also drivers/at", rooms: []string{"drivers/modem"},
		ours: []string{"drivers/delivery", "drivers/at"}, libs: []string{"github.com/warthog618/sms"}},
	{law: "serialport opens ttys and knows nothing of what is said on them", rooms: []string{"drivers/modem/serialport"}, libs: []string{"go.bug.st/serial"}},
	{law: "the emulator shares no code with the driver that it tries: both could be wrong alike", rooms: []string{"drivers/modem/emulator"},
		libs: []string{"github.com/warthog618/sms", "github.com/creack/pty", "golang.org/x/sys/unix"}},
	{law: "drivers import std, their libraries and drivers/delivery", rooms: []string{"drivers/probe"}, ours: []string{"drivers/delivery"},
		libs: []string{"github.com/prometheus-community/pro-bing", "github.com/miekg/dns", "github.com/vishvananda/netlink", "golang.org/x/sys/unix"}},
	{law: "drivers import std, their libraries and drivers/delivery", rooms: []string{"drivers/board"},
		libs: []string{"github.com/warthog618/go-gpiocdev", "github.com/beevik/ntp", "golang.org/x/sys/unix"}},
	{law: "drivers import std, their libraries and drivers/delivery", rooms: []string{"drivers/route"}, ours: []string{"drivers/delivery"},
		libs: []string{"github.com/vishvananda/netlink", "golang.org/x/sys/unix"}},

	{law: "drivers import std, their libraries and drivers/delivery", rooms: []string{"drivers/resolve"},
		libs: []string{"github.com/vishvananda/netlink", "golang.org/x/sys/unix"}},

	{law: "backhaul brings links up and changes no route: that is the business of backhaul/path", rooms: []string{"drivers/backhaul"},
		ours: []string{"drivers/backhaul/pppd"}, libs: []string{"github.com/vishvananda/netlink", "github.com/insomniacslk/dhcp", "golang.org/x/sys/unix"}},
	{law: "pppd is the end of a call that runs as root: it knows a tty, a program and who called", rooms: []string{"drivers/backhaul/pppd"},
		libs: []string{"github.com/vishvananda/netlink", "golang.org/x/sys/unix"}},
	{law: "path is told of a link and asks nobody who made it", rooms: []string{"drivers/backhaul/path"},
		libs: []string{"github.com/vishvananda/netlink", "github.com/google/nftables", "golang.org/x/sys/unix"}},

	{law: "drivers import std, their libraries and drivers/delivery", rooms: []string{"drivers/update"},
		libs: []string{"aead.dev/minisign", "golang.org/x/sys/unix"}},

	{law: "drivers import std, their libraries and drivers/delivery", rooms: []string{"drivers/mail"}, ours: []string{"drivers/delivery"},
		libs: []string{"github.com/wneessen/go-mail", "golang.org/x/oauth2", "github.com/arran4/golang-ical"}},

	{law: "https is std, and gives what it meets the fates of drivers/delivery", rooms: []string{"drivers/https"}, ours: []string{"drivers/delivery"}},
	{law: "channels import std, drivers/delivery and drivers/https; what they remember is handed to them", rooms: []string{"drivers/statuspage", "drivers/slack"},
		ours: []string{"drivers/delivery", "drivers/https"}},
	{law: "drivers import std, their libraries, drivers/delivery and drivers/https", rooms: []string{"drivers/webhook", "drivers/push"},
		ours: []string{"drivers/delivery", "drivers/https"}},
	{law: "drivers import std, their libraries, drivers/delivery and drivers/https", rooms: []string{"drivers/site"}, ours: []string{"drivers/delivery", "drivers/https"},
		libs: []string{"github.com/pkg/sftp", "golang.org/x/crypto/ssh"}},
	{law: "pace is std, and knows the fates of drivers/delivery", rooms: []string{"drivers/https/pace"}, ours: []string{"drivers/delivery"}},
	{law: "sources of subscribers import std, drivers/delivery and drivers/https; what they read, main carries to the directory",
		rooms: []string{"drivers/ozmap", "drivers/splynx"}, ours: []string{"drivers/delivery", "drivers/https", "drivers/https/pace"}},
	{law: "a heartbeat is no delivery: it is std and drivers/https", rooms: []string{"drivers/heartbeat"}, ours: []string{"drivers/https"}},
	{law: "the proxy is std, and bcrypt for its users", rooms: []string{"drivers/proxy"}, libs: []string{"golang.org/x/crypto/bcrypt"}},

	{law: "the directory is std and bbolt, and knows nothing of the store beside it", rooms: []string{"storage/directory"}, libs: []string{"go.etcd.io/bbolt"}},
	{law: "readers of subscribers import std, x/text, drivers/delivery and drivers/https; who normalises a number is handed to them", rooms: []string{"drivers/subscribers"},
		ours: []string{"drivers/delivery", "drivers/https"}, libs: []string{"golang.org/x/text"}},
	{law: "the stand-in of a system that lists subscribers shares no code with the driver that it tries", rooms: []string{"drivers/subscribers/subscriberstest"}, std: anything,
		ours: []string{"drivers/https/fault"}},
	{law: "storage imports std and bbolt only", rooms: []string{"storage", "storage/kv", "storage/outbox", "storage/audit"}, ours: []string{"storage/…"}, libs: []string{"go.etcd.io/bbolt"}},

	{law: "the bench drives the built binary, and writes to its store while it is stopped", rooms: []string{"scripts/bench"},
		ours: []string{"firmware/control", "drivers/modem/emulator", "storage", "storage/outbox"},
		libs: []string{"github.com/creack/pty", "golang.org/x/term", "go.etcd.io/bbolt"}},

	{law: "the image is built from packages and binaries; drivers/update packs it", rooms: []string{"scripts/image"}, ours: []string{"drivers/update"},
		libs: []string{"aead.dev/minisign"}},
	{law: "the table of numbers is written from the library that knows them", rooms: []string{"scripts/numbers"},
		libs: []string{"github.com/nyaruka/phonenumbers"}},
	{law: "the first process knows the kernel, and the appliance only by its name", rooms: []string{"board/init"},
		libs: []string{"github.com/goccy/go-yaml", "github.com/vishvananda/netlink", "github.com/insomniacslk/dhcp", "golang.org/x/sys/unix"}},

	// What tests lean on lives next door to what it stands in for.
	{law: "attest plays a script to drivers/at and needs std only", rooms: []string{"drivers/at/attest"}, std: anything},
	{law: "probetest makes networks and imports no room", rooms: []string{"drivers/probe/probetest"}, std: anything,
		libs: []string{"github.com/vishvananda/netlink", "github.com/vishvananda/netns", "golang.org/x/sys/unix"}},
	{law: "mailtest shares no code with the driver that it tries; the product has it, so it does without package testing", rooms: []string{"drivers/mail/mailtest"}, std: anything,
		libs: []string{"github.com/emersion/go-smtp", "github.com/emersion/go-sasl"}},
	{law: "the stand-ins of a page and a chat share no code with the drivers that they try", rooms: []string{"drivers/statuspage/statuspagetest", "drivers/slack/slacktest"},
		std: anything, ours: []string{"drivers/https/fault"}},
	{law: "the stand-ins of sources share no code with the drivers that they try", rooms: []string{"drivers/ozmap/ozmaptest", "drivers/splynx/splynxtest"},
		std: anything, ours: []string{"drivers/https/fault"}},
	{law: "fault is the menu that stand-ins share, and shares no code with the drivers", rooms: []string{"drivers/https/fault"}, std: anything},
	{law: "webhooktest and its line share no code with the drivers that they try", rooms: []string{"drivers/webhook/webhooktest"}, std: anything,
		ours: []string{"drivers/https/fault"}},
	{law: "pushtest shares no code with the driver that it tries", rooms: []string{"drivers/push/pushtest"}, std: anything},
	{law: "sitetest shares no code with the driver that it tries", rooms: []string{"drivers/site/sitetest"}, std: anything,
		libs: []string{"github.com/pkg/sftp", "golang.org/x/crypto/ssh"}},
	{law: "resolvetest is a name server and shares no code with the driver that asks it", rooms: []string{"drivers/resolve/resolvetest"}, std: anything,
		libs: []string{"github.com/miekg/dns"}},
	{law: "storagetest opens storage and checks it at the end", rooms: []string{"storage/storagetest"}, std: anything,
		ours: []string{"storage"}, libs: []string{"go.etcd.io/bbolt"}},
}

// anything is every standard package, those for tests included.
var anything = []string{"*"}

// forTests are the rooms and modules that no product code imports.
var forTests = []string{"drivers/at/attest", "drivers/probe/probetest", "drivers/webhook/webhooktest", "drivers/push/pushtest", "drivers/site/sitetest", "drivers/resolve/resolvetest", "storage/storagetest", "pgregory.net/rapid"}

const (
	longestFile     = 600
	longestFunction = 60 // lines of tables are not counted
)

// long are the functions that are longer, each with its reason: a switch that
// is one state machine, or a story that is told in one breath.
var long = map[string]string{
	"storage/outbox/inbound_test.go TestTimelineAndArchiveArePruned": "one year of a store, told in one breath",
}

// bubbled are the test files whose sleeps run in a synctest bubble that
// another file of their folder opens.
var bubbled = []string{"drivers/modem/bringup_test.go", "drivers/modem/send_test.go"}

// ticking are the functions of package time that read or wait for the clock.
var ticking = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// TestLaw holds the house to its law of imports and its measures.
func TestLaw(t *testing.T) {
	if faults := law(os.DirFS("..")); len(faults) > 0 {
		t.Errorf("the law of the house is broken:\n%s", strings.Join(faults, "\n"))
	}
}

// TestLawNotices breaks the law in made-up rooms and reads what is said.
func TestLawNotices(t *testing.T) {
	const asleep = "package at\n\nimport (\n\t\"testing\"\n\t\"time\"\n%s)\n\nfunc TestX(t *testing.T) { time.Sleep(1) }\n"
	long := func(line string) string {
		return "package reach\n\nfunc f() {\n\t_ = []int{\n" + strings.Repeat(line, 70) + "\t}\n}\n"
	}
	for _, c := range []struct{ name, src, want string }{
		{"firmware/reach/a.go", `package reach; import "os"`, `firmware/reach may not import "os": ` + pure},
		{"firmware/reach/a.go", `package reach; import "sync"`, `firmware/reach may not import "sync": ` + pure},
		{"firmware/reach/a.go", `package reach; import "math/rand/v2"`, `firmware/reach may not import "math/rand/v2": ` + pure},
		{"firmware/reach/a.go", `package reach; import "heliograph/firmware/event"`, ``},
		{"firmware/reach/a.go", `package reach; import "heliograph/firmware/notice"`, `firmware/reach may not import "heliograph/firmware/notice": ` + pure},
		{"firmware/notice/a.go", `package notice; import "github.com/warthog618/sms/encoding/gsm7"`, ``},
		{"firmware/notice/a.go", `package notice; import "github.com/warthog618/modem/at"`, `firmware/notice may not import "github.com/warthog618/modem/at": ` + pure},
		{"firmware/decide/a.go", `package decide; import "heliograph/storage/outbox"`,
			`firmware/decide may not import "heliograph/storage/outbox": decide is pure and composes the pure rooms`},
		{"firmware/watch/a.go", `package watch; import "heliograph/drivers/probe"`, `firmware/watch may not import "heliograph/drivers/probe": watch imports event only`},
		{"firmware/dispatch/a.go", `package dispatch; import "heliograph/drivers/modem"`,
			`firmware/dispatch may not import "heliograph/drivers/modem": dispatch imports event and drivers/delivery only`},
		{"drivers/modem/a.go", `package modem; import "heliograph/drivers/at"`, ``},
		{"drivers/modem/a.go", `package modem; import "heliograph/firmware/event"`,
			`drivers/modem may not import "heliograph/firmware/event": drivers import std, their libraries and drivers/delivery; drivers/modem also drivers/at`},
		{"drivers/modem/emulator/a.go", `package emulator; import "heliograph/drivers/at"`,
			`drivers/modem/emulator may not import "heliograph/drivers/at": the emulator shares no code with the driver that it tries: both could be wrong alike`},
		{"storage/outbox/a.go", `package outbox; import "heliograph/firmware/event"`, `storage/outbox may not import "heliograph/firmware/event": storage imports std and bbolt only`},
		{"storage/a.go", `package storage; import "go.etcd.io/bbolt/errors"`, ``},
		{"storage/a.go", `package storage; import "go.etcd.io/bboltx"`, `storage may not import "go.etcd.io/bboltx": storage imports std and bbolt only`},
		{"storage/a.go", `package storage; import "testing"`, `storage may not import "testing": storage imports std and bbolt only`},
		{"firmware/a.go", `package main; import "heliograph/drivers/modem/emulator"`, ``},
		{"firmware/a.go", `package main; import "heliograph/storage/storagetest"`,
			`firmware may not import "heliograph/storage/storagetest": main is the wiring diagram: it imports everything but what only tests use`},
		{"firmware/a.go", `package main; import "testing/iotest"`,
			`firmware may not import "testing/iotest": main is the wiring diagram: it imports everything but what only tests use`},
		{"firmware/a_test.go", `package main; import "heliograph/storage/storagetest"`, ``},
		{"firmware/utils/a.go", `package utils`, `firmware/utils is a room without a law: give it a clause in firmware/law_test.go`},

		{"firmware/reach/a.go", "package reach\nimport \"time\"\nvar t = time.Now()", `firmware/reach/a.go:3 calls time.Now in a pure room: time is an argument there`},
		{"firmware/reach/a.go", "package reach\nimport \"fmt\"\nfunc f() { fmt.Println() }", `firmware/reach/a.go:3 calls fmt.Println in a pure room: what it has to say, it returns`},
		{"firmware/reach/a.go", "package reach\nfunc f() { go f() }", `firmware/reach/a.go:2 starts a goroutine in a pure room`},
		{"firmware/watch/a.go", "package watch\nimport \"time\"\nfunc f() { go time.Now() }", ``},
		{"drivers/at/a.go", "package at\nfunc init() {}", `drivers/at/a.go:2 has an init function: what a package needs is passed to it`},
		{"drivers/at/a_test.go", fmt.Sprintf(asleep, ""),
			`drivers/at/a_test.go:8 sleeps outside of a synctest bubble: a test waits for what it waits for, never for a length of time`},
		{"drivers/at/a_test.go", fmt.Sprintf(asleep, "\t\"testing/synctest\"\n"), ``},
		{"firmware/reach/a.go", long("\t\t1,\n"), ``},
		{"firmware/reach/a.go", strings.ReplaceAll(long("\tf()\n"), "_ = []int", ""),
			`firmware/reach/a.go:3: f has 74 lines: a function has at most 60, tables not counted`},
		{"firmware/reach/a.go", "package reach\n" + strings.Repeat("\n", 600), `firmware/reach/a.go has 601 lines: a file has at most 600`},
	} {
		got := strings.Join(law(fstest.MapFS{c.name: {Data: []byte(c.src)}}), "\n")
		if got != c.want {
			t.Errorf("%s with\n%s\nis told:\n  %s\nwant:\n  %s", c.name, c.src, got, c.want)
		}
	}
}

// TestTheBinaryIsWithoutWhatOnlyWritesItsTables keeps out by their names the
// libraries that made the binary too large to be sent over a modem.
func TestTheBinaryIsWithoutWhatOnlyWritesItsTables(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("needs go: it is not in the path")
	}
	list, err := exec.Command(tool, "list", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("go list -deps: %v", err)
	}
	linked := strings.Fields(string(list))
	if !slices.Contains(linked, "heliograph/firmware/number") {
		t.Fatal("go list -deps does not know firmware/number")
	}
	for _, name := range linked {
		for _, heavy := range []string{"github.com/nyaruka/phonenumbers", "google.golang.org/protobuf", "golang.org/x/text/language/display"} {
			if name == heavy || strings.HasPrefix(name, heavy+"/") {
				t.Errorf("the binary has %s: go list -deps ./firmware shows what brought it", name)
			}
		}
	}
}

// law returns a sentence for everything that breaks it in a tree.
func law(tree fs.FS) []string {
	var faults []string
	kept := map[string]bool{}
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || name == "build"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		faults = append(faults, readPage(name, src, kept)...)
		return nil
	})
	if err != nil {
		faults = append(faults, err.Error())
	}
	for name := range long {
		if _, err := fs.Stat(tree, strings.Fields(name)[0]); err == nil && !kept[name] {
			faults = append(faults, name+" is no longer too long: strike it from the list in firmware/law_test.go")
		}
	}
	slices.Sort(faults)
	return faults
}

// readPage judges one file; kept remembers which exceptions were of use.
func readPage(name string, src []byte, kept map[string]bool) []string {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, src, parser.SkipObjectResolution)
	if err != nil {
		return []string{err.Error()}
	}
	p := page{set: set, name: name, test: strings.HasSuffix(name, "_test.go"), file: file}
	if n := bytes.Count(src, []byte("\n")); n > longestFile {
		p.say("%s has %d lines: a file has at most %d", name, n, longestFile)
	}
	p.measure(kept)
	if p.test {
		p.sleeps()
		return p.faults
	}
	room := path.Dir(name)
	p.faults = append(p.faults, imports(room, p.imported())...)
	if c, ok := clauseOf(room); ok && slices.Equal(c.std, plainStd) {
		p.purity()
	}
	return p.faults
}

// page is one file under the law.
type page struct {
	set    *token.FileSet
	name   string
	test   bool
	file   *ast.File
	faults []string
}

func (p *page) say(format string, args ...any) {
	p.faults = append(p.faults, fmt.Sprintf(format, args...))
}

func (p *page) line(at token.Pos) int { return p.set.Position(at).Line }

func (p *page) imported() []string {
	var list []string
	for _, spec := range p.file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value) // the parser has accepted it
		list = append(list, name)
	}
	return list
}

// measure finds functions that are too long, and init functions.
func (p *page) measure(kept map[string]bool) {
	for _, decl := range p.file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if f.Name.Name == "init" && f.Recv == nil {
			p.say("%s:%d has an init function: what a package needs is passed to it", p.name, p.line(f.Pos()))
		}
		n, key := p.lines(f), p.name+" "+f.Name.Name
		if n <= longestFunction {
			continue
		}
		if kept[key] = long[key] != ""; !kept[key] {
			p.say("%s:%d: %s has %d lines: a function has at most %d, tables not counted", p.name, p.line(f.Pos()), f.Name.Name, n, longestFunction)
		}
	}
}

// lines counts the lines of a function, without those of tables in it.
func (p *page) lines(f *ast.FuncDecl) int {
	n := p.line(f.End()) - p.line(f.Pos()) + 1
	ast.Inspect(f, func(at ast.Node) bool {
		table, ok := at.(*ast.CompositeLit)
		if !ok {
			return true
		}
		switch table.Type.(type) {
		case *ast.ArrayType, *ast.MapType:
			n -= p.line(table.End()) - p.line(table.Pos())
			return false
		}
		return true
	})
	return n
}

// sleeps finds tests that wait for the real clock.
func (p *page) sleeps() {
	if slices.Contains(p.imported(), "testing/synctest") || slices.Contains(bubbled, p.name) {
		return
	}
	for _, call := range p.selected("time", "Sleep") {
		p.say("%s:%d sleeps outside of a synctest bubble: a test waits for what it waits for, never for a length of time", p.name, call)
	}
}

// purity finds in a pure room what imports do not show.
func (p *page) purity() {
	for _, f := range ticking {
		for _, at := range p.selected("time", f) {
			p.say("%s:%d calls time.%s in a pure room: time is an argument there", p.name, at, f)
		}
	}
	for _, f := range []string{"Print", "Printf", "Println"} {
		for _, at := range p.selected("fmt", f) {
			p.say("%s:%d calls fmt.%s in a pure room: what it has to say, it returns", p.name, at, f)
		}
	}
	ast.Inspect(p.file, func(at ast.Node) bool {
		if g, ok := at.(*ast.GoStmt); ok {
			p.say("%s:%d starts a goroutine in a pure room", p.name, p.line(g.Pos()))
		}
		return true
	})
}

// selected returns the lines that name PACKAGE.NAME.
func (p *page) selected(pack, name string) []int {
	var found []int
	ast.Inspect(p.file, func(at ast.Node) bool {
		if s, ok := at.(*ast.SelectorExpr); ok && s.Sel.Name == name {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == pack {
				found = append(found, p.line(s.Pos()))
			}
		}
		return true
	})
	return found
}

// imports returns a sentence for each import that a room may not have.
func imports(room string, list []string) []string {
	c, ok := clauseOf(room)
	if !ok {
		return []string{fmt.Sprintf("%s is a room without a law: give it a clause in firmware/law_test.go", room)}
	}
	var faults []string
	for _, name := range list {
		if !c.allows(name) {
			faults = append(faults, fmt.Sprintf("%s may not import %q: %s", room, name, c.law))
		}
	}
	return faults
}

func clauseOf(room string) (clause, bool) {
	i := slices.IndexFunc(laws, func(c clause) bool { return slices.Contains(c.rooms, room) })
	if i < 0 {
		return clause{}, false
	}
	return laws[i], true
}

func (c clause) allows(name string) bool {
	within := func(dir string) bool { return dir == "" || name == dir || strings.HasPrefix(name, dir+"/") }
	first, _, _ := strings.Cut(name, "/")
	switch ours, ok := strings.CutPrefix(name, "heliograph/"); {
	case ok:
		return !slices.Contains(forTests, ours) && slices.ContainsFunc(c.ours, func(room string) bool {
			dir, all := strings.CutSuffix(room, "/…")
			return ours == dir || all && strings.HasPrefix(ours, dir+"/")
		})
	case strings.Contains(first, "."):
		return !slices.ContainsFunc(forTests, within) && slices.ContainsFunc(c.libs, within)
	case slices.Equal(c.std, anything):
		return true
	case first == "testing":
		return false
	}
	return c.std == nil || slices.Contains(c.std, name)
}
