package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/drivers/modem/emulator"
	"heliograph/firmware/control"
	"heliograph/firmware/event"
	"heliograph/firmware/rehearsal"
	"heliograph/storage"
	"heliograph/storage/outbox"
)

// asAppliance makes the test binary be the appliance: tests start it as a
// process of its own without building it a second time.
const asAppliance = "HELIOGRAPH_TEST_APPLIANCE"

func TestMain(m *testing.M) {
	if os.Getenv(asAppliance) != "" && len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-test.") {
		main()
		return
	}
	os.Setenv(asAppliance, "1")
	os.Exit(m.Run())
}

var (
	killSeed = flag.Uint64("kill-seed", 0, "the seed of the instants at which the appliance is killed; 0 draws one")
	killRun  = flag.Int("kills", 0, "kill the appliance so often in one run, as `make kills` does; 0 makes two short runs side by side")
	killKeep = flag.String("kill-keep", "", "a new folder in which store and log are kept")
)

// massacre is a run of many orders and texts during which the appliance is
// killed again and again.
type massacre struct {
	*rehearsal.World
	t      *testing.T
	kills  int
	people []string
	rnd    *rand.Rand

	mu    sync.Mutex
	owed  []string // words of orders that were answered: they are committed
	maybe []string // words of orders that a kill cut short
	asked []string // words that the people texted to the box
}

// TestKilledAtFiftyInstants orders texts of the real binary and texts it words
// to answer, while it is killed at random instants and status reports come in,
// and compares what the SMSC took with what the store knows. Two runs side by
// side are killed 25 times each.
func TestKilledAtFiftyInstants(t *testing.T) {
	if _, err := os.Stat("/dev/ptmx"); err != nil {
		t.Skipf("needs pseudo terminals: %v", err)
	}
	seed := *killSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	runs, kills := 2, 25
	switch {
	case *killRun > 0:
		runs, kills = 1, *killRun
	case testing.Short():
		kills = 5
	}
	t.Logf("%d runs of %d kills, -kill-seed=%d", runs, kills, seed)
	for i := range runs {
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			t.Parallel()
			keep := t.TempDir()
			if *killKeep != "" {
				keep = filepath.Join(*killKeep, fmt.Sprint(i+1))
			}
			massacred(t, keep, kills, rand.New(rand.NewPCG(seed, uint64(i))))
		})
	}
}

func massacred(t *testing.T, keep string, kills int, rnd *rand.Rand) {
	m := &massacre{t: t, kills: kills, rnd: rnd}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	m.World, err = rehearsal.New(rehearsal.Options{
		Binary: self, Config: m.configuration(), Scale: 1, Keep: keep, PIN: "1234", Submit: 100 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	m.Mobile().ReportDelay(150 * time.Millisecond)
	m.Mobile().Retry(time.Second) // of texts to a modem that nobody emptied
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute+3*time.Second*time.Duration(kills))
	defer cancel()
	m.run(ctx)
	m.Halt()
	m.weigh()
}

// configuration puts five people on call who are called at once.
func (m *massacre) configuration() string {
	var people, names []string
	for i := range 5 {
		number := fmt.Sprintf("+4860010030%d", i)
		m.people = append(m.people, number)
		people = append(people, fmt.Sprintf("  - {name: p%d, sms: %q}\n", i, number))
		names = append(names, fmt.Sprintf("p%d", i))
	}
	return fmt.Sprintf(`site: waw-12
modems:
  - {name: lte0, port: /dev/modem, number: "%s", pin: {file: DIR/sim.pin}, limits: {sms: 10000/day}}
uplinks:
  - {name: transit-a, probes: [{tcp: "192.0.2.1:443"}]}
people:
%soncall:
  - {who: [%s], after: 0s}
limits: {recipient: 1000/hour}
selftest: off
`, rehearsal.BoxNumber, strings.Join(people, ""), strings.Join(names, ", "))
}

// orders is how many incidents are opened, with five texts each; so many words
// are texted to the box too, with one answer each.
func (m *massacre) orders() int { return m.kills / 4 }

// run kills the appliance at random instants after its start, and gives the
// next order and the next text each time that a share of the kills is done.
func (m *massacre) run(ctx context.Context) {
	orders := m.orders()
	given := make(chan struct{}, orders)
	var ordering sync.WaitGroup
	ordering.Go(func() { m.order(ctx, given) })
	began := time.Now()
	for i := range m.kills {
		for n := range orders*(i+1)/m.kills - orders*i/m.kills {
			given <- struct{}{}
			m.ask(orders*i/m.kills + n)
		}
		m.life(ctx)
	}
	m.t.Logf("the kills took %s", time.Since(began).Round(time.Millisecond))
	close(given)
	if err := errors.Join(m.Start(), m.Fit(ctx)); err != nil {
		m.t.Fatal(err)
	}
	ordering.Wait()
	if err := m.Until(ctx, "not every text was answered, or the outbox did not run empty", func() bool { return m.calm(ctx) }); err != nil {
		m.t.Fatal(err)
	}
}

// calm says that every word texted to the box has an answer and nothing waits.
// `make kills` also waits the two minutes after which what is unsure goes again.
func (m *massacre) calm(ctx context.Context) bool {
	var rows []control.Delivery
	if _, err := m.Client().Get(ctx, "/v1/queue?limit=10000", &rows); err != nil {
		return false
	}
	answers := 0
	for _, r := range rows {
		if r.Kind == string(event.Reply) {
			answers++
		} else if *killRun > 0 && r.Status == string(outbox.Unsure) {
			return false
		}
		if r.Status == string(outbox.Pending) || r.Status == string(outbox.Sending) {
			return false
		}
	}
	return answers >= len(m.asked)
}

// ask texts a word that the box does not know, so that the answer repeats it;
// every third text is so long that it comes in two parts.
func (m *massacre) ask(n int) {
	word := "XQ" + strings.Map(func(digit rune) rune { return digit - '0' + 'A' }, fmt.Sprintf("%03d", n)) + "XQ"
	body := word + " please"
	if n%3 == 0 {
		body = word + strings.Repeat(" and so on", 20)
	}
	m.asked = append(m.asked, word)
	if err := m.Mobile().Phone(m.people[n%len(m.people)]).Send(rehearsal.BoxNumber, body); err != nil {
		m.t.Fatal(err)
	}
}

// life is one start and one kill. Half of the kills come while it starts, the
// others while it sends.
func (m *massacre) life(ctx context.Context) {
	early := m.rnd.IntN(2) == 0
	delay := time.Duration(m.rnd.IntN(300)) * time.Millisecond
	if early {
		delay = time.Duration(m.rnd.IntN(700)) * time.Millisecond
	}
	if err := m.Start(); err != nil {
		m.t.Fatal(err)
	}
	if !early {
		if err := m.Fit(ctx); err != nil {
			m.t.Fatal(err)
		}
	}
	<-time.After(delay)
	m.Crash()
}

// order opens incidents until so many orders were answered.
func (m *massacre) order(ctx context.Context, given <-chan struct{}) {
	tries := 0
	for range given {
		for answered := false; !answered; {
			tries++
			word := fmt.Sprintf("case%dx", tries)
			a, err := m.Client().Order(ctx, "OPEN platform "+word)
			m.mu.Lock()
			switch {
			case err == nil && a.OK:
				m.owed, answered = append(m.owed, word), true
			case err == nil:
				m.t.Errorf("the order was refused: %s", a.Text)
				answered = true
			case !strings.Contains(err.Error(), "heliograph run"): // it was running, and may have committed
				m.maybe = append(m.maybe, word)
			}
			m.mu.Unlock()
			select {
			case <-ctx.Done():
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
}

// ordered is what the store knows of one text.
type ordered struct {
	outbox.Delivery
	text string
}

// weigh accounts for every text that is owed and for every text that was said.
func (m *massacre) weigh() {
	if err := m.Sound(); err != nil {
		m.t.Errorf("the store is not sound: %v", err)
	}
	rows := m.rows()
	if len(m.owed) != m.orders() {
		m.t.Errorf("%d orders were answered, want %d", len(m.owed), m.orders())
	}
	took := map[string][]emulator.Submission{}
	for _, s := range m.Mobile().Submitted() {
		took[s.To] = append(took[s.To], s)
	}
	b := &balance{t: m.t, counts: map[outbox.Status]int{}}
	for _, word := range append(append([]string{}, m.owed...), m.maybe...) {
		for _, number := range m.people {
			b.order(rows, word, number, saidOf(took[number], word), slices.Contains(m.owed, word))
		}
	}
	for i, word := range m.asked {
		b.answer(rows, word, saidOf(took[m.people[i%len(m.people)]], word))
	}
	if n := len(m.Mobile().Submitted()); n != b.weighed {
		m.t.Errorf("the SMSC took %d texts, %d of them belong to an order or an answer", n, b.weighed)
	}
	if b.twice > m.kills {
		m.t.Errorf("%d texts were taken once more than needed in %d kills: more than the one in flight at each", b.twice, m.kills)
	}
	log, err := m.Journal()
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Logf("%d orders owed, %d cut short; %d words texted to the box; %d texts taken, %d of them repeats and marked; "+
		"%d were in flight at a kill; deliveries: %v",
		len(m.owed), len(m.maybe), len(m.asked), b.weighed, b.twice, strings.Count(string(log), "the box stopped while sending"), b.counts)
}

// balance is what the store knows against what the SMSC took.
type balance struct {
	t       *testing.T
	counts  map[outbox.Status]int
	weighed int // texts that belong to a delivery
	twice   int // texts that are a repeat
}

// order accounts for the text that an order owes to one number.
func (b *balance) order(rows []ordered, word, number string, said []emulator.Submission, owed bool) {
	b.weighed += len(said)
	switch found := find(rows, number, word); {
	case len(found) == 1:
		b.counts[found[0].Status]++
		b.one(found[0], said)
	case len(found) > 1:
		b.t.Errorf("%s to %s has %d deliveries", word, number, len(found))
	case owed:
		b.t.Errorf("lost: %s to %s was ordered and answered, and there is no such delivery", word, number)
	case len(said) > 0:
		b.t.Errorf("said and not remembered: %v", said)
	}
}

// answer accounts for the one answer to a text: it shows that the text was
// obeyed once, however often it was read.
func (b *balance) answer(rows []ordered, word string, said []emulator.Submission) {
	b.weighed += len(said)
	found := find(rows, "", word)
	if len(found) != 1 {
		b.t.Errorf("the text %q was acted on %d times", word, len(found))
		return
	}
	switch row := found[0]; {
	case len(said) > 1:
		b.t.Errorf("the answer to %q was taken %d times", word, len(said))
	case len(said) == 0 && row.Status != outbox.Unsure:
		b.t.Errorf("lost: the answer to %q is %s, and the SMSC never took it", word, row.Status)
	}
	b.counts[found[0].Status]++
}

// one holds a delivery against what the SMSC took of it.
func (b *balance) one(row ordered, said []emulator.Submission) {
	plain, marked := 0, 0
	for _, s := range said {
		if strings.HasSuffix(s.Body, "(again)") {
			marked++
		} else {
			plain++
		}
	}
	if plain > 1 || plain+marked > row.Tries {
		b.t.Errorf("delivery %d was taken %d times unmarked and %d times marked, in %d tries", row.ID, plain, marked, row.Tries)
	}
	b.twice += max(0, plain+marked-1)
	switch {
	case row.Status == outbox.Sent || row.Status == outbox.Delivered:
		if plain+marked == 0 {
			b.t.Errorf("lost: delivery %d is %s, and the SMSC never took it: %s", row.ID, row.Status, row.text)
		}
	case row.Status == outbox.Unsure && (row.Queue && row.Again || marked > 0):
		// It may have arrived; its marked repeat is to come, or was taken.
	default:
		b.t.Errorf("lost: delivery %d is %s (%s) and will not go again; the SMSC took it %d times", row.ID, row.Status, row.Code, plain+marked)
	}
}

func (m *massacre) rows() []ordered {
	var all []ordered
	s, err := storage.Open(storage.Options{Dir: filepath.Join(m.Dir(), "data")})
	if err != nil {
		m.t.Fatal(err)
	}
	err = s.View(func(tx *bbolt.Tx) error {
		rows, err := outbox.Rows(tx, outbox.Filter{Limit: 1 << 20})
		if err != nil {
			return err
		}
		for _, d := range rows {
			n, err := outbox.NoticeOf(tx, d.Notice)
			if err != nil {
				return err
			}
			all = append(all, ordered{d, n.Text(d.Variant, d.Channel, d.Language)})
		}
		return nil
	})
	if err := errors.Join(err, s.Close()); err != nil {
		m.t.Fatal(err)
	}
	return all
}

// find picks the deliveries with a word in their text, to one number if it is
// given.
func find(rows []ordered, number, word string) []ordered {
	var found []ordered
	for _, r := range rows {
		if (number == "" || r.Address == number) && strings.Contains(r.text, word) {
			found = append(found, r)
		}
	}
	return found
}

func saidOf(all []emulator.Submission, word string) []emulator.Submission {
	var said []emulator.Submission
	for _, s := range all {
		if strings.Contains(s.Body, word) {
			said = append(said, s)
		}
	}
	return said
}
