package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"heliograph/drivers/delivery"
	"heliograph/drivers/modem"
	"heliograph/firmware/config"
	"heliograph/firmware/dispatch"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/firmware/rehearsal/story"
	"heliograph/firmware/watch"
	"heliograph/storage"
	"heliograph/storage/outbox"
)

// TestStories plays the stories in exact time; firmware/rehearsal/story tells
// what may stand in them.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.story")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".story"), func(t *testing.T) {
			t.Parallel()
			st := readStory(t, f)
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) { newStage(t, st, dir).play() })
		})
	}
}

func readStory(t *testing.T, path string) story.Story {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	st, err := story.Parse(path, string(text))
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// stage is the appliance between fake targets and a fake network: engine,
// store, watch and dispatch are the real ones.
type stage struct {
	t      *testing.T
	story  story.Story
	dir    string
	config config.Config
	began  time.Time
	world  *world

	store  *storage.Store
	engine *engine.Engine
	stop   context.CancelFunc
	all    *sync.WaitGroup
	people map[string]string
	bulk   int     // subscribers so far
	list   *roster // who hangs on the network, as stories tell of them

	trust     *clockTrust
	ahead     atomic.Int64 // nanoseconds by which the clock on the wall jumped
	unpowered bool         // what the power-fail input says
}

// world is everything outside the box.
type world struct {
	mu     sync.Mutex
	began  time.Time
	fails  map[string]string // subject -> what fails, see failing
	tries  map[string]int
	refuse map[string]*delivery.Error
	ails   map[string]string // modem -> what ails it: "congest", "bar", "hang"
	dead   map[string]bool   // paths that carry nothing
	shown  map[string]string // what a look at the box shows, if not that all is well
	modems []config.Modem
	inbox  interface{ Put(event.Fact) }
	sent   []sentText
	mails  []delivery.Job // that were taken
	mr     int
	// cutAt is the count of attempts at which the power goes: odd counts before
	// the network hears of the text, even ones after it took it.
	cutAt, attempts int
	cut             func()
}

type sentText struct {
	at   time.Duration
	to   string
	text string
	how  string // of what went over the Internet: its channel and path
}

func newStage(t *testing.T, st story.Story, dir string) *stage {
	w := &world{dead: map[string]bool{}, fails: map[string]string{}, tries: map[string]int{}, refuse: map[string]*delivery.Error{}, ails: map[string]string{}, shown: map[string]string{}, began: time.Now()}
	s := &stage{t: t, story: st, dir: dir, began: time.Now(), world: w, people: map[string]string{}, list: &roster{}}
	s.config = s.parse(st.Configs[0])
	s.trust = newClockTrust(time.Now(), func(trusted bool, why string) { s.engine.Trust(trusted, why) })
	s.trust.kept, s.trust.read = func() bool { return false }, s.clocks
	for _, p := range s.config.People {
		s.people[p.Name] = p.SMS
		if p.Also != "" {
			s.people[p.Name+"-also"] = p.Also
		}
	}
	return s
}

func (s *stage) parse(text string) config.Config {
	s.t.Helper()
	c, faults := config.Parse("/story.yaml", []byte(text), fstest.MapFS{}, func(name string) (string, bool) { return "JBSWY3DPEHPK3PXP", name == "TOTP" })
	if err := faults.Err(); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// power switches the box on.
func (s *stage) power() {
	var err error
	s.store, err = openStore(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	rules, err := rulesOf(s.config)
	if err != nil {
		s.t.Fatal(err)
	}
	versions := &lists{dir: s.dir}
	k := &dialler{world: s.world, channels: online(s.config)}
	s.world.modems = s.config.Modems
	s.engine, err = engine.New(engine.Options{
		Store: s.store, Rules: rules, Workers: workersOf(s.config), Version: "test", Parts: modem.Parts, Chance: func() uint64 { return 0 },
		Same: func(a, b string) bool { return a == b }, Outside: k.carry, Log: func(what, text string) { s.t.Log(s.now(), what+":", text) }, Keep: s.config.Retention, Wall: func() time.Time { return s.clocks().wall }, Lists: versions,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	k.engine, s.world.inbox = s.engine, s.engine
	ctx, stop := context.WithCancel(context.Background())
	s.stop, s.all = stop, &sync.WaitGroup{}
	desk := dispatch.New(s.engine)
	eng, store := s.engine, s.store
	s.all.Go(func() {
		if err := eng.Run(ctx, desk); err != nil && !isClosed(err) {
			s.t.Error(err)
		}
		store.Close()
		versions.Close()
	})
	for i, m := range s.config.Modems {
		s.all.Go(func() { desk.Work(ctx, m.Name, line{s.world, m.Name, time.Duration(i+1) * time.Millisecond}) })
	}
	for i, m := range ringers(s.config) {
		s.all.Go(func() { desk.Work(ctx, ringer(m.Name), bell{s.world, time.Duration(5+i) * time.Millisecond}) })
	}
	for i, channel := range online(s.config) {
		s.all.Go(func() { desk.Work(ctx, channel, letterbox{s.world, channel, time.Duration(10+i) * time.Millisecond}) })
	}
	synctest.Wait() // a claim for a worker that is not there yet would be a fault of it
	for _, m := range s.config.Modems {
		s.engine.Put(event.WorkerChanged{Worker: m.Name, Channel: "sms", Fit: true, State: "ready"})
	}
	for _, m := range ringers(s.config) {
		s.engine.Put(event.WorkerChanged{Worker: ringer(m.Name), Channel: event.Ring, Fit: true, State: "ready"})
	}
	for _, channel := range online(s.config) {
		s.engine.Put(event.WorkerChanged{Worker: channel, Channel: channel, Fit: true, State: "ready"})
	}
	s.believe()
	if s.config.Board.PowerFail != "" {
		s.engine.Put(event.SitePower{Lost: s.unpowered})
	}
	s.watch(ctx)
}

// clocks are the two of the machine; only the one on the wall can jump.
func (s *stage) clocks() reading {
	return reading{wall: time.Now().Round(0).Add(time.Duration(s.ahead.Load())), run: s.now()}
}

// believe lets the appliance judge its clock beside the mobile network's time,
// which is right.
func (s *stage) believe() {
	s.trust.Heard(time.Now(), "NITZ")
	is, why := s.trust.judge(s.clocks())
	s.engine.Trust(is, why)
}

// jump sets the clock on the wall by so much.
func (s *stage) jump(by string) {
	s.t.Helper()
	years, isYears := strings.CutSuffix(by, "y")
	d, err := time.ParseDuration(by)
	if isYears {
		var n int
		n, err = strconv.Atoi(years)
		d = time.Duration(n) * 365 * 24 * time.Hour
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.ahead.Add(int64(d))
	s.believe()
}

// shows holds the outputs against a list of those that are active.
func (s *stage) shows(want string, l story.Line) {
	x := s.engine.Rules().Signals(s.engine.State(), s.engine.Now().Box)
	var active []string
	for _, o := range []struct {
		name string
		is   bool
	}{{"up", x.Up}, {"incident", x.Incident}, {"unacknowledged", x.Unacknowledged}, {"modem", x.Modem}, {"relay", x.Alone}} {
		if o.is {
			active = append(active, o.name)
		}
	}
	if got := cmp.Or(strings.Join(active, " "), "nothing"); got != want {
		s.t.Errorf("line %d: at %s the box shows %s, want %s", l.Number, story.Stamp(l.At), got, want)
	}
}

// openStore opens a store in a bubble. A process that another test starts at
// this very moment holds a copy of every open file until it is another program,
// and so the lock of a store that was just closed; its time is not the
// bubble's, so it is waited for outside.
func openStore(dir string) (*storage.Store, error) {
	for try := 0; ; try++ {
		s, err := storage.Open(storage.Options{Dir: dir})
		if busy := (*storage.InUse)(nil); !errors.As(err, &busy) || try == 1000 {
			return s, err
		}
		unix.Poll(nil, 2)
	}
}

func (s *stage) watch(ctx context.Context) {
	var subjects []watch.Subject
	for _, sub := range subjectsOf(s.config) {
		for i, p := range sub.Probes {
			sub.Probes[i].Try = func(context.Context) event.Result { return s.world.probe(sub.Name, p.Kind) }
		}
		subjects = append(subjects, sub)
	}
	s.all.Go(func() { watch.New(s.engine, subjects).Run(ctx) })
}

// cutPower is kill -9: the store is closed under the engine, so that nothing
// more can be written, and everything in memory is gone.
func (s *stage) cutPower() {
	s.store.Close()
	s.stop()
	s.all.Wait()
}

func isClosed(err error) bool {
	return errors.Is(err, fs.ErrClosed) || strings.Contains(err.Error(), "closed")
}

func (w *world) probe(subject string, kind event.ProbeKind) event.Result {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.failing(subject, kind) {
		return event.Result{OK: true, RTT: 10 * time.Millisecond}
	}
	if kind == event.Link {
		return event.Result{Seen: "no carrier", Local: true}
	}
	return event.Result{Seen: "no answer"}
}

// failing says which probes fail when this or that is broken.
func (w *world) failing(subject string, kind event.ProbeKind) bool {
	switch w.fails[subject] {
	case "link":
		return true
	case "gateway":
		return kind != event.Link
	case "targets":
		return kind != event.Link && kind != event.Gateway
	case "half": // every second answer of every target
		w.tries[subject+string(kind)]++
		return kind != event.Link && kind != event.Gateway && w.tries[subject+string(kind)]%2 == 0
	case "names":
		return kind == event.DNS
	case "ping": // one target of several
		return kind == event.ICMP
	}
	return false
}

// line is a modem's way into the world. All that it answers comes so long
// after the full second, each modem at another place: what two modems and a
// probe said in one instant, the engine would hear in any order.
type line struct {
	*world
	modem string
	past  time.Duration
}

// until is how long it takes from now to the first such place at which d has
// passed.
func (l line) until(d time.Duration) time.Duration {
	now := time.Since(l.began)
	full := (now + d - l.past + time.Second - 1).Truncate(time.Second)
	return full + l.past - now
}

// Send is a modem: what ails it, or the network's answer.
func (l line) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	took, e := 2*time.Second, (*delivery.Error)(nil)
	switch l.ailing() {
	case "congest":
		e = &delivery.Error{Fate: delivery.Retry, Code: "CMS 42", Congested: true}
	case "bar":
		e = &delivery.Error{Fate: delivery.Retry, Code: "CMS 50", Worker: true}
	case "hang":
		took, e = 180*time.Second, &delivery.Error{Fate: delivery.Unsure, Code: "no answer in 180 s"}
	default:
		return l.carry(ctx, j)
	}
	select {
	case <-ctx.Done():
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Unsure, Err: ctx.Err()}
	case <-time.After(l.until(took)):
		return delivery.Receipt{}, e
	}
}

func (l line) ailing() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ails[l.modem]
}

func (w *world) ail(modem, what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ails[modem] = what
}

// carry is the mobile network: two seconds a text.
func (l line) carry(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	w := l.world
	w.step()
	select {
	case <-ctx.Done():
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Unsure, Err: ctx.Err()}
	case <-time.After(l.until(2 * time.Second)):
	}
	w.mu.Lock()
	refusal := w.refuse[j.To]
	if machine := w.machine(l.modem, j); !machine && (refusal == nil || refusal.Fate == delivery.Unsure) {
		w.sent = append(w.sent, sentText{at: time.Since(w.began), to: j.To, text: j.Text})
	}
	w.mr++
	part := delivery.Part{Number: 1, Of: 1, Reference: w.mr % 256, At: time.Now()}
	w.mu.Unlock()
	w.step()
	if refusal != nil {
		return delivery.Receipt{}, refusal
	}
	return delivery.Receipt{Parts: []delivery.Part{part}}, nil
}

// step counts an instant at which the power may go.
func (w *world) step() {
	w.mu.Lock()
	w.attempts++
	cut := w.cutAt > 0 && w.attempts == w.cutAt
	w.mu.Unlock()
	if cut {
		w.cut()
	}
}

func (s *stage) now() time.Duration { return time.Since(s.began) }

// play does what the story says, instant by instant, and weighs what was said.
func (s *stage) play() {
	acts := s.story.Happenings()
	for len(acts) > 0 && acts[0].At == 0 && (acts[0].Verb == "list" || acts[0].Verb == "subscriber") {
		s.enlist(acts[0]) // before the box is switched on
		acts = acts[1:]
	}
	s.power()
	for _, l := range acts {
		s.wait(l.At)
		s.act(l)
	}
	s.wait(s.story.Length() + 5*time.Minute)
	s.stop()
	s.all.Wait()
	s.weigh()
	if err := storage.Check(filepath.Join(s.dir, "heliograph.db")); err != nil {
		s.t.Errorf("the store is not sound: %v", err)
	}
}

// wait lets the time of the bubble pass.
func (s *stage) wait(until time.Duration) {
	<-time.After(until - s.now())
	synctest.Wait()
}

func (s *stage) act(l story.Line) {
	how := strings.Join(l.Words, " ")
	switch l.Verb {
	case "text", "spoof": // one and the same on the wire: that is the point
		s.send(l)
	case "order":
		a, err := s.engine.Order(context.Background(), "root", l.Quoted)
		s.t.Log(s.now(), "answer:", a.Text, err)
	case "modem":
		s.engine.Put(event.WorkerChanged{Worker: l.Who, Channel: "sms", Fit: how == "ready", State: how, Advice: "check its cable"})
	case "ring":
		s.engine.Put(event.Rang{Worker: "lte0", From: s.number(l.Who)})
	case "path":
		s.world.kill(l.Who, how == "dead")
	case "selftest", "inspect":
		s.proves(l, how)
	case "spent":
		s.spend(l.Who, how)
	case "refuse":
		s.world.answer(s.number(l.Who), refusing(how))
	case "lose":
		s.world.answer(s.number(l.Who), &delivery.Error{Fate: delivery.Unsure, Code: "no answer in 180 s"})
	case "deliver":
		s.world.answer(s.number(l.Who), nil)
	case "congest", "bar", "hang", "free":
		for _, m := range s.config.Modems {
			if l.Who == "" || l.Who == m.Name {
				s.world.ail(m.Name, l.Verb)
			}
		}
	case "bulk":
		s.mass(l)
	case "list", "subscriber", "tags":
		s.enlist(l)
	case "kill", "dark":
		s.cutPower()
		if l.Verb == "dark" {
			s.unpowered = false // it goes on again when there is power
			d, err := time.ParseDuration(l.Who)
			if err != nil {
				s.t.Fatal(err)
			}
			<-time.After(d)
		}
		s.power()
	case "reload":
		s.reload()
	case "power":
		s.unpowered = l.Who == "fails"
		s.engine.Put(event.SitePower{Lost: s.unpowered})
	case "press", "hold":
		s.engine.Put(event.Pressed{Held: l.Verb == "hold"})
	case "clock":
		s.jump(l.Who)
	case "shows":
		s.shows(strings.Join(append([]string{l.Who}, l.Words...), " "), l)
	default:
		s.world.break_(l.Who, l.Words)
	}
}

// number is a person's, or that of a stranger as it stands.
func (s *stage) number(who string) string {
	if n, known := s.people[who]; known {
		return n
	}
	return who
}

// refusing is how the network refuses a text.
func refusing(how string) *delivery.Error {
	if how == "never" {
		return &delivery.Error{Fate: delivery.Never, Code: "CMS 1", Advice: "no such number"}
	}
	return &delivery.Error{Fate: delivery.Retry, Code: how}
}

// mass puts a text to subscribers in the outbox, as a notice to a directory
// will be.
func (s *stage) mass(l story.Line) {
	var to []outbox.Recipient
	count, err := strconv.Atoi(l.Who)
	for range count {
		s.bulk++
		to = append(to, outbox.Recipient{Channel: "sms", Address: fmt.Sprintf("+48700%06d", s.bulk), Language: "en"})
	}
	now := s.engine.Now().Box
	id := uint64(1<<32 + s.bulk)
	err = errors.Join(err, s.store.Update(func(tx *bbolt.Tx) error {
		n := outbox.Notice{ID: id, Kind: "maintenance", Class: uint8(event.Subscriber), Texts: outbox.Texts{outbox.Direct: {"en": l.Quoted}}, Queued: now, Expires: now.Add(24 * time.Hour)}
		if err := outbox.PutNotice(tx, n); err != nil {
			return err
		}
		_, err := outbox.Address(tx, id, to, now)
		return err
	}), s.engine.Remember(context.Background(), "mass", []byte(l.Quoted)))
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) reload() {
	s.story.Configs = s.story.Configs[1:]
	s.config = s.parse(s.story.Configs[0])
	rules, err := rulesOf(s.config)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.engine.Reload(context.Background(), rules, workersOf(s.config)); err != nil {
		s.t.Fatal(err)
	}
}

func (w *world) answer(number string, e *delivery.Error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refuse[number] = e
}

func (w *world) break_(subject string, how []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch strings.Join(how, " ") {
	case "passes":
		delete(w.fails, subject)
	case "fails":
		w.fails[subject] = "targets"
	default:
		w.fails[subject] = how[len(how)-1]
	}
}

// weigh holds what was said against what was expected, in order.
func (s *stage) weigh() {
	names := map[string]string{}
	for name, number := range s.people {
		names[number] = name
	}
	for _, p := range s.config.People {
		names[p.Mail] = p.Name
	}
	maps.Copy(names, s.list.mails)
	for _, p := range s.config.Partners {
		names[strings.Join(p.Mail, ",")] = p.Name
	}
	var got, want []string
	for _, x := range s.list.crowds(s.world.sent) {
		who := names[x.to]
		if who == "" {
			who = x.to
		}
		got = append(got, fmt.Sprintf("%s %s%s %q", story.Stamp(x.at), who, x.how, x.text))
	}
	for _, l := range s.story.Expected() {
		how := strings.Join(l.Words, " ")
		if how != "" {
			how = " " + how
		}
		want = append(want, fmt.Sprintf("%s %s%s %q", story.Stamp(l.At), l.Who, how, l.Quoted))
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || !story.Like(got[i], want[i]) {
			s.t.Errorf("the texts differ at number %d\n got:\n  %s\n want:\n  %s", i+1, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
			return
		}
	}
}
