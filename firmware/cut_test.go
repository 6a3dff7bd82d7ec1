package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

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

// The nights that are cut. A story is lived through once in peace, to count its
// instants: before and after every commit, before and after every hand-out,
// before the network hears of a text and after it took it. Then it is lived
// through once for each of them, with the power cut there.
var cutNights = []struct {
	file    string
	reports bool          // whether the network sends status reports
	dark    time.Duration // how long the power stays away
	again   int           // 1: the power is cut a second time, one to nine instants later
}{
	{"testdata/night.story", true, 0, 0},
	{"testdata/night.story", false, 3 * time.Minute, 1},
	{"testdata/cut/storm.story", true, 0, 0},
	{"testdata/cut/storm.story", false, 0, 1},
}

func TestThePowerIsCutBetweenEveryTwoEffects(t *testing.T) {
	t.Parallel()
	for _, n := range cutNights {
		name := fmt.Sprintf("%s reports %t dark %s again %d", strings.TrimSuffix(filepath.Base(n.file), ".story"), n.reports, n.dark, n.again)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			night := readStory(t, n.file)
			calm := &saboteur{}
			perform(t, night, calm, n.reports, n.dark)
			if len(calm.instants) < 30 {
				t.Fatalf("only %d instants were seen: %q", len(calm.instants), calm.instants)
			}
			t.Logf("%d instants", len(calm.instants))
			for i, what := range calm.instants {
				t.Run(fmt.Sprintf("%d %s", i+1, what), func(t *testing.T) {
					t.Parallel()
					s := &saboteur{cutAt: i + 1, again: n.again * (1 + i%9)}
					perform(t, night, s, n.reports, n.dark)
					if s.cuts < 1 {
						t.Error("the power was never cut: the night was another one than in the calm run")
					}
				})
			}
		})
	}
}

var errCut = errors.New("the power is cut")

// saboteur counts the instants between two effects and cuts the power at one
// of them. Once it is cut, nothing of that life gets out any more.
type saboteur struct {
	cutAt int // counts from 1; zero: never
	again int // and once more so many instants later; zero: not

	mu       sync.Mutex
	instants []string
	cuts     int
	dead     chan struct{} // closed by the cut
	off      bool
}

// instant says whether the power is off.
func (s *saboteur) instant(what string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.off {
		return true
	}
	if s.instants = append(s.instants, what); len(s.instants) == s.cutAt || s.again > 0 && len(s.instants) == s.cutAt+s.again {
		s.off = true
		s.cuts++
		close(s.dead)
	}
	return s.off
}

// lives says whether the power is on, without counting.
func (s *saboteur) lives() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.off
}

func (s *saboteur) on() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off, s.dead = false, make(chan struct{})
}

// cutStore is the store with the instants around its commits.
type cutStore struct {
	*storage.Store
	saboteur *saboteur
}

func (c cutStore) Update(f func(*bbolt.Tx) error) error {
	if c.saboteur.instant("before a commit") {
		return errCut
	}
	if err := c.Store.Update(f); err != nil {
		return err
	}
	if c.saboteur.instant("after a commit, before its claims are handed out") {
		return errCut
	}
	return nil
}

// cutHands are the hands with the instants around a hand-out.
type cutHands struct {
	engine.Hands
	saboteur *saboteur
}

func (c cutHands) Hand(claim event.Claim) {
	if c.saboteur.instant("before a hand-out") {
		return
	}
	c.Hands.Hand(claim)
	c.saboteur.instant("after a hand-out")
}

// theatre is the box, which may die, between a world and phones, which do not.
type theatre struct {
	t        *testing.T
	story    story.Story
	dir      string
	config   config.Config
	people   map[string]string
	world    *world
	saboteur *saboteur
	reports  bool
	dark     time.Duration

	mu     sync.Mutex
	taken  []taking
	mr     int
	asked  int            // texts to the box
	modem  []event.Fact   // what the modem holds until the box has committed it
	came   chan struct{}  // there is something in the modem
	flying map[uint64]int // at how many cuts each delivery was being sent

	store  *storage.Store
	engine *engine.Engine
	stop   context.CancelFunc
	all    *sync.WaitGroup
	log    []string
}

// taking is one text that the network took.
type taking struct {
	at   time.Duration
	id   uint64
	to   string
	text string
}

func (x taking) again() bool { return strings.HasSuffix(x.text, " (again)") }

func (x taking) String() string {
	return fmt.Sprintf("%s to %s: %q (delivery %d)", story.Stamp(x.at), x.to, x.text, x.id)
}

// perform lives through a story and holds the promises over what the phones
// got.
func perform(t *testing.T, night story.Story, s *saboteur, reports bool, dark time.Duration) {
	dir := fastDir(t)
	synctest.Test(t, func(t *testing.T) {
		p := newTheatre(t, night, dir, s)
		p.reports, p.dark = reports, dark
		p.play()
		p.weigh()
		if t.Failed() {
			t.Log("what happened:\n" + strings.Join(p.log, "\n"))
		}
	})
}

func newTheatre(t *testing.T, night story.Story, dir string, s *saboteur) *theatre {
	t.Helper()
	c, faults := config.Parse("/story.yaml", []byte(night.Configs[0]), fstest.MapFS{}, func(string) (string, bool) { return "", false })
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	p := &theatre{
		t: t, story: night, dir: dir, config: c, people: map[string]string{}, saboteur: s,
		came: make(chan struct{}, 1), flying: map[uint64]int{},
		world: &world{fails: map[string]string{}, refuse: map[string]*delivery.Error{}, began: time.Now()},
	}
	for _, x := range c.People {
		p.people[x.Name] = x.SMS
	}
	return p
}

// fastDir is a folder in memory where there is one: a cut of this kind loses
// what was not written, not what was not synced.
func fastDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "heliograph-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func (p *theatre) now() time.Duration { return time.Since(p.world.began) }

func (p *theatre) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.log = append(p.log, fmt.Sprintf("%8s ", story.Stamp(p.now()))+fmt.Sprintf(format, args...))
}

// power switches the box on.
func (p *theatre) power() {
	p.saboteur.on()
	var err error
	if p.store, err = openStore(p.dir); err != nil {
		p.t.Fatal(err)
	}
	rules, err := rulesOf(p.config)
	if err != nil {
		p.t.Fatal(err)
	}
	p.engine, err = engine.New(engine.Options{
		Store: cutStore{p.store, p.saboteur}, Rules: rules, Workers: workersOf(p.config), Version: "test", Parts: modem.Parts,
		Same: func(a, b string) bool { return a == b }, Keep: p.config.Retention, Chance: func() uint64 { return 0 },
		Log: func(what, text string) { p.note("%s: %s", what, text) },
	})
	if err != nil {
		p.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	p.stop, p.all = stop, &sync.WaitGroup{}
	eng, desk := p.engine, dispatch.New(p.engine)
	p.all.Go(func() {
		if err := eng.Run(ctx, cutHands{desk, p.saboteur}); err != nil && !errors.Is(err, errCut) {
			p.t.Error(err)
		}
	})
	p.all.Go(func() { desk.Work(ctx, "lte0", p) })
	synctest.Wait()
	eng.Put(event.WorkerChanged{Worker: "lte0", Channel: "sms", Fit: true, State: "ready"})
	eng.Trust(true, "a story")
	p.all.Go(func() { p.offer(ctx, eng) })
	p.watch(ctx)
}

func (p *theatre) watch(ctx context.Context) {
	var subjects []watch.Subject
	for _, sub := range subjectsOf(p.config) {
		for i, probe := range sub.Probes {
			sub.Probes[i].Try = func(context.Context) event.Result { return p.world.probe(sub.Name, probe.Kind) }
		}
		subjects = append(subjects, sub)
	}
	w := watch.New(p.engine, subjects)
	p.all.Go(func() { w.Run(ctx) })
}

// crash takes away everything but the file.
func (p *theatre) crash() {
	p.stop()
	p.all.Wait()
	err := p.store.View(func(tx *bbolt.Tx) error {
		flying, err := outbox.InFlight(tx)
		for _, d := range flying {
			p.flying[d.ID]++
		}
		return err
	})
	if err := errors.Join(err, p.store.Close()); err != nil {
		p.t.Fatal(err)
	}
	p.note("POWER CUT %s, with %v in flight", p.saboteur.instants[len(p.saboteur.instants)-1], p.flying)
	time.Sleep(p.dark)
	p.power()
}

// offer brings what the modem holds to the box; what is not committed stays in
// the modem.
func (p *theatre) offer(ctx context.Context, eng *engine.Engine) {
	for {
		p.mu.Lock()
		var next event.Fact
		if len(p.modem) > 0 {
			next = p.modem[0]
		}
		p.mu.Unlock()
		if next != nil {
			if eng.Take(ctx, next) != nil {
				select {
				case <-ctx.Done():
					return
				case <-time.After(10 * time.Second): // as the driver does
				}
				continue
			}
			p.mu.Lock()
			p.modem = p.modem[1:]
			p.mu.Unlock()
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-p.came:
		}
	}
}

func (p *theatre) arrive(f event.Fact) {
	p.mu.Lock()
	p.modem = append(p.modem, f)
	p.mu.Unlock()
	select {
	case p.came <- struct{}{}:
	default:
	}
}

// Send is the modem and its network: two seconds a text. Once the modem has
// it, a power cut of the box does not hold it up.
func (p *theatre) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	lost := &delivery.Error{Fate: delivery.Unsure, Err: errCut}
	if p.saboteur.instant("before the network hears of a text") {
		return delivery.Receipt{}, lost
	}
	time.Sleep(2 * time.Second)
	p.world.mu.Lock()
	refusal := p.world.refuse[j.To]
	p.world.mu.Unlock()
	part := delivery.Part{Number: 1, Of: 1}
	if refusal == nil || refusal.Fate == delivery.Unsure {
		part.Reference = p.take(j)
	}
	if p.saboteur.instant("after the network's answer, before the box knows it") {
		return delivery.Receipt{}, lost
	}
	if refusal != nil {
		return delivery.Receipt{}, refusal
	}
	part.At = time.Now()
	return delivery.Receipt{Parts: []delivery.Part{part}}, nil
}

func (p *theatre) take(j delivery.Job) int {
	p.mu.Lock()
	p.mr++
	mr := p.mr % 256
	p.taken = append(p.taken, taking{p.now(), j.ID, j.To, j.Text})
	p.mu.Unlock()
	p.note("the network takes delivery %d to %s: %s", j.ID, j.To, j.Text)
	if p.reports {
		report := event.Reported{Worker: "lte0", Hash: fmt.Sprint("report ", p.mr), Reference: mr, To: j.To, Delivered: true, At: time.Now()}
		time.AfterFunc(time.Second, func() { p.arrive(report) })
	}
	return mr
}

// play does what the story says and lets the night end.
func (p *theatre) play() {
	p.power()
	for _, l := range p.story.Happenings() {
		p.until(l.At)
		p.act(l)
	}
	// What is owed to phones that refused comes within minutes, and so does a
	// repeat that should not come at all.
	for end := p.now() + time.Hour; p.now() < end && (len(p.engine.State().Incidents) > 0 || p.now() < p.last()+4*time.Minute); {
		p.until(p.now() + time.Minute)
	}
	if n := len(p.engine.State().Incidents); n > 0 {
		p.t.Errorf("%d incidents are still open", n)
	}
	p.stop()
	p.all.Wait()
}

// last is when the network took the latest text, or the story's last act.
func (p *theatre) last() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.story.Length()
	if n := len(p.taken); n > 0 {
		at = max(at, p.taken[n-1].at)
	}
	return at
}

// until lets time pass, through a power cut if there is one.
func (p *theatre) until(at time.Duration) {
	for {
		select {
		case <-p.saboteur.dead:
			p.crash()
			continue
		case <-time.After(at - p.now()):
		}
		synctest.Wait()
		if p.saboteur.lives() {
			return
		}
	}
}

func (p *theatre) act(l story.Line) {
	switch l.Verb {
	case "text":
		from := p.people[l.Who]
		p.mu.Lock()
		heard := slices.ContainsFunc(p.taken, func(x taking) bool { return x.to == from })
		p.mu.Unlock()
		if !heard {
			return // nobody answers what did not arrive
		}
		p.asked++
		p.arrive(event.Received{Worker: "lte0", Hash: fmt.Sprint(l.Number), From: from, Text: l.Quoted, Sent: time.Now()})
	case "refuse":
		p.world.answer(p.people[l.Who], refusing(strings.Join(l.Words, " ")))
	case "deliver":
		p.world.answer(p.people[l.Who], nil)
	default:
		p.world.break_(l.Who, l.Words)
	}
}

// weigh holds the promises over what the phones got and what the box knows.
func (p *theatre) weigh() {
	rows := p.rows()
	p.nothingIsLeft(rows)
	p.nothingTwice()
	p.clearedAsTold(rows)
}

// rows reads the outbox of the box, which has stopped, and checks its file.
func (p *theatre) rows() map[uint64]outbox.Delivery {
	rows := map[uint64]outbox.Delivery{}
	err := p.store.View(func(tx *bbolt.Tx) error {
		all, err := outbox.Rows(tx, outbox.Filter{Limit: 1 << 20})
		for _, d := range all {
			rows[d.ID] = d
		}
		return err
	})
	if err := errors.Join(err, p.store.Close()); err != nil {
		p.t.Fatal(err)
	}
	if err := storage.Check(filepath.Join(p.dir, "heliograph.db")); err != nil {
		p.t.Errorf("the store is not sound: %v", err)
	}
	return rows
}

// nothingIsLeft: the outbox is empty of what should have gone, and every text
// to the box has its one answer.
func (p *theatre) nothingIsLeft(rows map[uint64]outbox.Delivery) {
	answers := 0
	for _, d := range rows {
		if d.Kind == string(event.Reply) {
			answers++
		}
		if !d.Final() {
			p.t.Errorf("delivery %d (%s to %s) is %s at the end", d.ID, d.Kind, d.Recipient, d.Status)
		}
	}
	if answers != p.asked {
		p.t.Errorf("%d texts to the box have %d answers", p.asked, answers)
	}
	for _, x := range p.taken {
		if _, ok := rows[x.id]; !ok {
			p.t.Errorf("the box does not remember having said: %s", x)
		}
	}
}

// nothingTwice: a text comes again only if it was being sent at a cut, marked,
// and once more for each further cut at which it was being sent.
func (p *theatre) nothingTwice() {
	said := map[string]int{}
	for _, x := range p.taken {
		if x.again() && p.flying[x.id] == 0 {
			p.t.Errorf("it came marked as a repeat, and was not in flight at a cut: %s", x)
		}
		key := x.to + " " + x.text
		if said[key]++; said[key] > 1 && (!x.again() || said[key] > p.flying[x.id]) {
			p.t.Errorf("it came %d times, and was in flight at %d cuts: %s", said[key], p.flying[x.id], x)
		}
	}
}

// clearedAsTold: everybody who heard of the outage hears that it is over, and
// nobody else; ada heard of it.
func (p *theatre) clearedAsTold(rows map[uint64]outbox.Delivery) {
	ada := false
	type person struct {
		told, doubt bool
		clears      []uint64 // deliveries since the last telling
	}
	all := map[string]*person{}
	of := func(address string) *person {
		if all[address] == nil {
			all[address] = &person{}
		}
		return all[address]
	}
	for _, d := range rows {
		if d.Effect == outbox.Tells && d.Status == outbox.Unsure {
			of(d.Address).doubt = true
		}
	}
	for _, x := range p.taken {
		d, who := rows[x.id], of(x.to)
		switch {
		case d.Effect == outbox.Tells:
			who.told, who.clears = true, nil
			// An update that overtook the repeat says that it is down as well.
			ada = ada || strings.HasPrefix(d.Recipient, "ada") && slices.Contains([]string{"down", "update", "reopened"}, d.Kind)
		case d.Effect != outbox.Clears:
		case !who.told && !who.doubt:
			p.t.Errorf("it went to somebody who was never told: %s", x)
		case !slices.Contains(who.clears, x.id):
			who.clears = append(who.clears, x.id)
		}
	}
	for address, who := range all {
		if who.told && len(who.clears) != 1 {
			p.t.Errorf("%s was told, and got %d all-clears since", address, len(who.clears))
		}
	}
	if !ada {
		p.t.Error("ada never heard of the outage")
	}
}
