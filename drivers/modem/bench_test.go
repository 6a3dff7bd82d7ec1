package modem_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/modem"
	"heliograph/drivers/modem/emulator"
)

const (
	ours = "+48600100200"
	ada  = "+48501200777"
	bob  = "+48501200888"
)

// bench is a modem on an emulated network, in a bubble of its own time.
type bench struct {
	t   *testing.T
	net *emulator.Network
	emu *emulator.Modem
	m   *modem.Modem
	in  *inbox
	mem *memory
	opt modem.Options

	stop  context.CancelFunc
	ended chan struct{}
	trace lines
	log   lines
	lates chan late
	opens atomic.Int64 // how often the port was opened
}

type late struct {
	job  uint64
	part delivery.Part
}

// lines is a list that two goroutines may use.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) add(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, s)
}

func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.all, "\n")
}

// count says how many lines hold this.
func (l *lines) count(part string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.all {
		if strings.Contains(s, part) {
			n++
		}
	}
	return n
}

// memory is a data folder that survives the modem.
type memory struct {
	mu     sync.Mutex
	values map[string][]byte
	broken error
	stored func(name string)
}

func (m *memory) Load(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[name], nil
}

func (m *memory) Store(name string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return m.broken
	}
	m.values[name] = value
	if value == nil {
		delete(m.values, name)
	}
	if m.stored != nil {
		m.stored(name)
	}
	return nil
}

func (m *memory) names() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for name := range m.values {
		out = append(out, name)
	}
	return out
}

// inbox records what the modem tells.
type inbox struct {
	mu       sync.Mutex
	messages []modem.Message
	reports  []modem.Report
	calls    []string
	healths  []modem.Health
	times    []string
	refuse   error // answer to everything, as if the disk were full
}

func (i *inbox) Message(_ context.Context, m modem.Message) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.refuse == nil {
		i.messages = append(i.messages, m)
	}
	return i.refuse
}

func (i *inbox) Report(_ context.Context, r modem.Report) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.refuse == nil {
		i.reports = append(i.reports, r)
	}
	return i.refuse
}

func (i *inbox) Call(_ context.Context, number string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.refuse == nil {
		i.calls = append(i.calls, number)
	}
	return i.refuse
}

func (i *inbox) Health(h modem.Health) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.healths = append(i.healths, h)
}

func (i *inbox) NetworkTime(t time.Time, source string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.times = append(i.times, source+" "+t.UTC().Format(time.RFC3339))
}

// healthTold, timesTold and texts are what was told so far.
func (i *inbox) healthTold() []modem.Health {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]modem.Health(nil), i.healths...)
}

func (i *inbox) timesTold() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]string(nil), i.times...)
}

func (i *inbox) forgetTimes() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.times = nil
}

func (i *inbox) texts() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.messages)
}

func (i *inbox) set(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.refuse = err
}

// told lists what came in, one line each.
func (i *inbox) told() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	var out []string
	for _, m := range i.messages {
		s := fmt.Sprintf("text %s %q", m.From, m.Text)
		if m.Total > 0 {
			s += fmt.Sprintf(" %d/%d", m.Seq, m.Total)
		}
		if m.Reason != "" {
			s = "unreadable"
		}
		out = append(out, s)
	}
	for _, r := range i.reports {
		out = append(out, fmt.Sprintf("report %d %s %s", r.Reference, r.To, r.Outcome))
	}
	for _, c := range i.calls {
		out = append(out, "call "+c)
	}
	return strings.Join(out, "\n")
}

// story runs a test in a bubble, with the modem up unless prepare says otherwise.
func story(t *testing.T, eo emulator.Options, prepare func(*bench), tell func(*bench)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 21, 4, 2, 0, 0, time.UTC))) // a bubble begins in 2000
		b := &bench{t: t, net: emulator.NewNetwork(), in: &inbox{}, mem: &memory{values: map[string][]byte{}}, lates: make(chan late, 16)}
		defer b.net.Close()
		eo.Network, eo.Number = b.net, ours
		emu, err := emulator.New(eo)
		if err != nil {
			t.Fatal(err)
		}
		b.emu = emu
		defer emu.Close()
		b.opt = modem.Options{
			Name: "lte0", Memory: b.mem, Inbox: b.in, Country: 48, Trace: b.trace.add, Log: b.log.add,
			Open: func() (io.ReadWriteCloser, error) { b.opens.Add(1); return emu.Open() },
			Late: func(id uint64, p delivery.Part) { b.lates <- late{id, p} },
		}
		if prepare != nil {
			prepare(b)
		}
		b.start()
		defer func() { b.stop(); <-b.ended }()
		tell(b)
		if t.Failed() {
			t.Logf("log:\n%s", b.log.text())
			t.Logf("trace:\n%s", b.trace.text())
		}
	})
}

// start makes the modem and runs it.
func (b *bench) start() {
	m, err := modem.New(b.opt)
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	b.m, b.stop, b.ended = m, cancel, make(chan struct{})
	go func() {
		defer close(b.ended)
		m.Run(ctx)
	}()
}

// restart stops the driver and starts it anew with the same memory.
func (b *bench) restart() {
	b.stop()
	<-b.ended
	b.start()
}

// pass lets time go by until everybody sleeps again.
func (b *bench) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// ready waits for the modem to be fit.
func (b *bench) ready() {
	b.t.Helper()
	for range 600 {
		if b.m.Health().Fit {
			synctest.Wait()
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	h := b.m.Health()
	b.t.Fatalf("the modem is not fit after a minute: %s, %s\n%s", h.State, h.Why, b.trace.text())
}

// send sends and gives the error as one.
func (b *bench) send(to, text string) (delivery.Receipt, *delivery.Error) {
	return b.job(delivery.Job{ID: 1, To: to, Text: text, Validity: 4 * time.Hour})
}

func (b *bench) job(j delivery.Job) (delivery.Receipt, *delivery.Error) {
	r, err := b.m.Send(context.Background(), j)
	var e *delivery.Error
	if err != nil && !errors.As(err, &e) {
		b.t.Fatalf("the error is no *delivery.Error: %v", err)
	}
	return r, e
}

func (b *bench) fault(f emulator.Fault) {
	b.t.Helper()
	if err := b.emu.Fault(f); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) want(what, got, want string) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}
