package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/drivers/modem/emulator"
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

var killSeed = flag.Uint64("kill-seed", 0, "the seed of the instants at which the appliance is killed; 0 draws one")

// massacre is a run of many orders during which the appliance is killed again
// and again.
type massacre struct {
	*night
	t      *testing.T
	people []string
	rnd    *rand.Rand

	mu    sync.Mutex
	owed  []string // words of orders that were answered: they are committed
	maybe []string // words of orders that a kill cut short
}

// TestKilledAtFiftyInstants orders a hundred texts of the real binary, which
// is killed at 50 random instants while it carries them, and compares what the
// SMSC took with what the store knows.
func TestKilledAtFiftyInstants(t *testing.T) {
	if _, err := os.Stat("/dev/ptmx"); err != nil {
		t.Skipf("needs pseudo terminals: %v", err)
	}
	t.Parallel()
	kills, seed := 50, *killSeed
	if testing.Short() {
		kills = 10
	}
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("%d kills, -kill-seed=%d", kills, seed)
	m := &massacre{
		t: t, rnd: rand.New(rand.NewPCG(seed, 0)),
		night: &night{scale: 1, keep: t.TempDir(), say: func(string, ...any) {}},
	}
	defer m.tidy()
	if err := m.prepare(); err != nil {
		t.Fatal(err)
	}
	m.configure()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	m.run(ctx, kills)
	m.child.stop()
	m.weigh()
}

// configure puts five people on call who are called at once.
func (m *massacre) configure() {
	var people, names []string
	for i := range 5 {
		number := fmt.Sprintf("+4860010030%d", i)
		m.people = append(m.people, number)
		people = append(people, fmt.Sprintf("  - {name: p%d, sms: %q}\n", i, number))
		names = append(names, fmt.Sprintf("p%d", i))
	}
	text := fmt.Sprintf(`site: waw-12
data: %[1]s/data
modems:
  - {name: lte0, port: %[1]s/modem, number: "%[2]s", pin: {file: %[1]s/sim.pin}, limits: {sms: 10000/day}}
uplinks:
  - {name: transit-a, probes: [{tcp: "%[3]s"}]}
people:
%[4]soncall:
  - {who: [%[5]s], after: 0s}
limits: {recipient: 1000/hour}
selftest: off
control: {socket: %[6]s}
`, m.dir, boxNumber, m.targets[0].at, strings.Join(people, ""), strings.Join(names, ", "), m.socket())
	if err := os.WriteFile(filepath.Join(m.dir, "heliograph.yaml"), []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
	m.network.SubmitDelay(100 * time.Millisecond)
	m.network.ReportDelay(150 * time.Millisecond)
}

// orders is how many incidents are opened: five texts each.
const orders = 20

// run kills the appliance at random instants after its start, and gives the
// next order each time that a share of the kills is done.
func (m *massacre) run(ctx context.Context, kills int) {
	given := make(chan struct{}, orders)
	var ordering sync.WaitGroup
	ordering.Go(func() { m.order(ctx, given) })
	began := time.Now()
	for i := range kills {
		for range orders*(i+1)/kills - orders*i/kills {
			given <- struct{}{}
		}
		m.life(ctx)
	}
	m.t.Logf("the kills took %s", time.Since(began).Round(time.Millisecond))
	close(given)
	if err := errors.Join(m.start(), m.fit(ctx)); err != nil {
		m.t.Fatal(err)
	}
	ordering.Wait()
	if err := m.until(ctx, "the outbox did not run empty", func() bool {
		s, err := m.status(ctx)
		return err == nil && s.Queue["pending"]+s.Queue["sending"] == 0
	}); err != nil {
		m.t.Fatal(err)
	}
}

// life is one start and one kill. Half of the kills come at any instant of
// the first second, mostly before the modem is ready; the others while it sends.
func (m *massacre) life(ctx context.Context) {
	early := m.rnd.IntN(2) == 0
	delay := time.Duration(m.rnd.IntN(300)) * time.Millisecond
	if early {
		delay = time.Duration(m.rnd.IntN(1000)) * time.Millisecond
	}
	if err := m.start(); err != nil {
		m.t.Fatal(err)
	}
	if !early {
		if err := m.fit(ctx); err != nil {
			m.t.Fatal(err)
		}
	}
	<-time.After(delay)
	m.child.kill()
}

// order opens incidents until so many orders were answered.
func (m *massacre) order(ctx context.Context, given <-chan struct{}) {
	tries := 0
	for range given {
		for answered := false; !answered; {
			tries++
			word := fmt.Sprintf("case%dx", tries)
			a, err := m.client.Order(ctx, "OPEN platform "+word)
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
	if err := m.sound(); err != nil {
		m.t.Errorf("the store is not sound: %v", err)
	}
	rows := m.rows()
	if len(m.owed) != orders {
		m.t.Errorf("%d orders were answered, want %d", len(m.owed), orders)
	}
	took := map[string][]emulator.Submission{}
	for _, s := range m.network.Submitted() {
		took[s.To] = append(took[s.To], s)
	}
	counts := map[outbox.Status]int{}
	weighed := 0
	for _, word := range append(append([]string{}, m.owed...), m.maybe...) {
		for _, number := range m.people {
			row, known := find(rows, number, word)
			said := saidOf(took[number], word)
			weighed += len(said)
			if !known {
				if strings.Contains(strings.Join(m.owed, " ")+" ", word+" ") {
					m.t.Errorf("lost: %s to %s was ordered and answered, and there is no such delivery", word, number)
				}
				if len(said) > 0 {
					m.t.Errorf("said and not remembered: %v", said)
				}
				continue
			}
			counts[row.Status]++
			m.one(row, said)
		}
	}
	if n := len(m.network.Submitted()); n != weighed {
		m.t.Errorf("the SMSC took %d texts, %d of them belong to an order", n, weighed)
	}
	log, err := os.ReadFile(filepath.Join(m.dir, "appliance.log"))
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Logf("%d orders owed, %d cut short; %d texts taken; %d were in flight at a kill; deliveries: %v",
		len(m.owed), len(m.maybe), weighed, strings.Count(string(log), "the box stopped while sending"), counts)
}

// one holds a delivery against what the SMSC took of it.
func (m *massacre) one(row ordered, said []emulator.Submission) {
	plain, marked := 0, 0
	for _, s := range said {
		if strings.HasSuffix(s.Body, "(again)") {
			marked++
		} else {
			plain++
		}
	}
	if plain > 1 || marked > 1 {
		m.t.Errorf("delivery %d was taken %d times unmarked and %d times marked", row.ID, plain, marked)
	}
	switch {
	case row.Status == outbox.Sent || row.Status == outbox.Delivered:
		if plain+marked == 0 {
			m.t.Errorf("lost: delivery %d is %s, and the SMSC never took it: %s", row.ID, row.Status, row.text)
		}
	case row.Status == outbox.Unsure && (row.Queue && row.Again || marked == 1):
		// It may have arrived; its marked repeat is to come, or was taken.
	default:
		m.t.Errorf("lost: delivery %d is %s (%s) and will not go again; the SMSC took it %d times", row.ID, row.Status, row.Code, plain+marked)
	}
}

func (m *massacre) rows() []ordered {
	var all []ordered
	s, err := storage.Open(storage.Options{Dir: filepath.Join(m.dir, "data")})
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
			all = append(all, ordered{d, n.Text(d.Variant, d.Language)})
		}
		return nil
	})
	if err := errors.Join(err, s.Close()); err != nil {
		m.t.Fatal(err)
	}
	return all
}

func find(rows []ordered, number, word string) (ordered, bool) {
	for _, r := range rows {
		if r.Address == number && strings.Contains(r.text, word) {
			return r, true
		}
	}
	return ordered{}, false
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
