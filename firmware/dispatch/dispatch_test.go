package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/firmware/dispatch"
	"heliograph/firmware/event"
)

// inbox keeps what the desk says. A commit takes a second, or fails.
type inbox struct {
	mu    sync.Mutex
	facts []event.Fact
	disk  error
}

func (b *inbox) Put(f event.Fact) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.facts = append(b.facts, f)
}

func (b *inbox) Take(ctx context.Context, f event.Fact) error {
	b.Put(f)
	select {
	case <-time.After(time.Second):
		return b.disk
	case <-ctx.Done():
		return ctx.Err()
	}
}

// said is every fact in a word or two.
func (b *inbox) said() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []string
	for _, f := range b.facts {
		switch f := f.(type) {
		case event.Outcome:
			s := fmt.Sprintf("%d %s", f.Delivery, f.Fate)
			for _, more := range []string{f.Ref, f.Code} {
				if more != "" {
					s += " " + more
				}
			}
			if f.Device {
				s += " (uncounted)"
			}
			if f.Congested {
				s += " (congested)"
			}
			list = append(list, s)
		case event.PartTaken:
			list = append(list, fmt.Sprintf("%d part %d of %d", f.Delivery, f.Part.Number, f.Part.Of))
		}
	}
	return list
}

// driver is a Sender that does as told.
type driver func(context.Context, delivery.Job) (delivery.Receipt, error)

func (d driver) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) { return d(ctx, j) }

func claim(id uint64, worker string) event.Claim {
	return event.Claim{Row: event.Row{Delivery: id, Worker: worker, Recipient: event.Recipient{Address: "+48600100201"}}, Text: "DOWN", Validity: time.Hour}
}

// desk runs a story in a bubble; work starts a worker and returns its stop,
// which waits for the end.
func desk(t *testing.T, story func(d *dispatch.Desk, in *inbox, work func(name string, s driver) (stop func()))) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := &inbox{}
		d := dispatch.New(in)
		story(d, in, func(name string, s driver) func() {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { defer close(done); d.Work(ctx, name, s) }()
			synctest.Wait()
			return func() { cancel(); <-done }
		})
	})
}

func expect(t *testing.T, in *inbox, want ...string) {
	t.Helper()
	synctest.Wait()
	if got := in.said(); !slices.Equal(got, want) {
		t.Errorf("said\n %q\nwant\n %q", got, want)
	}
}

func took(refs ...int) driver {
	return func(context.Context, delivery.Job) (delivery.Receipt, error) {
		var r delivery.Receipt
		for i, ref := range refs {
			r.Parts = append(r.Parts, delivery.Part{Number: i + 1, Of: len(refs), Reference: ref})
		}
		return r, nil
	}
}

func TestAClaimIsCarried(t *testing.T) {
	desk(t, func(d *dispatch.Desk, in *inbox, work func(string, driver) func()) {
		var got delivery.Job
		stop := work("lte0", func(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
			got = j
			return took(17, 18)(ctx, j)
		})
		c := claim(1, "lte0")
		c.More = true
		c.Taken = []event.Part{{Number: 1, Of: 3, Chain: 9, Reference: 16}}
		d.Hand(c)
		expect(t, in, "1 taken 17+18")
		if got.ID != 1 || got.To != "+48600100201" || got.Text != "DOWN" || got.Validity != time.Hour || !got.More || len(got.Taken) != 1 || got.Taken[0].Chain != 9 {
			t.Errorf("the driver was given %+v", got)
		}
		if o := in.facts[0].(event.Outcome); len(o.Ending.Parts) != 2 || o.Ending.Parts[1].Reference != 18 {
			t.Errorf("the parts taken are %+v", o.Ending.Parts)
		}
		stop()
		expect(t, in, "1 taken 17+18")
	})
}

func TestFates(t *testing.T) {
	desk(t, func(d *dispatch.Desk, in *inbox, work func(string, driver) func()) {
		errs := []error{
			&delivery.Error{Fate: delivery.Retry, Code: "CMS 38", After: time.Minute, Advice: "wait"},
			&delivery.Error{Fate: delivery.Retry, Code: "CMS 331", Worker: true},
			&delivery.Error{Fate: delivery.Never, Err: errors.New("not a number")},
			fmt.Errorf("wrapped: %w", &delivery.Error{Fate: delivery.Unsure, Code: "no answer in 180 s"}),
			&delivery.Error{Code: "a fate that nobody knows"},
			errors.New("a driver that breaks its word"),
			&delivery.Error{Fate: delivery.Retry, Code: "CMS 42", Congested: true},
		}
		stop := work("lte0", func(_ context.Context, j delivery.Job) (delivery.Receipt, error) {
			return delivery.Receipt{}, errs[j.ID]
		})
		for id := range errs {
			d.Hand(claim(uint64(id), "lte0"))
			synctest.Wait()
		}
		stop()
		expect(t, in, "0 retry CMS 38", "1 retry CMS 331 (uncounted)", "2 never not a number", "3 unsure no answer in 180 s",
			"4 unsure a fate that nobody knows", "5 unsure a driver that breaks its word", "6 retry CMS 42 (congested)")
		if o := in.facts[0].(event.Outcome); o.After != time.Minute || o.Advice != "wait" {
			t.Errorf("the retry lost its words: %+v", o.Ending)
		}
	})
}

func TestAPanicIsUnsureAndTheNextOneGoes(t *testing.T) {
	desk(t, func(d *dispatch.Desk, in *inbox, work func(string, driver) func()) {
		stop := work("lte0", func(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
			if j.ID == 1 {
				panic("index out of range")
			}
			return took(5)(ctx, j)
		})
		d.Hand(claim(1, "lte0"))
		synctest.Wait()
		d.Hand(claim(2, "lte0"))
		expect(t, in, "1 unsure driver fault: index out of range", "2 taken 5")
		stop()
	})
}

func TestNobodyToCarryIt(t *testing.T) {
	desk(t, func(d *dispatch.Desk, in *inbox, work func(string, driver) func()) {
		d.Hand(claim(1, "lte9"))
		stop := work("lte0", took(1))
		stop()
		d.Hand(claim(2, "lte0"))
		expect(t, in, "1 retry no such worker (uncounted)", "2 retry no such worker (uncounted)")
	})
}

// slow announces each send and waits for the end of ctx or a go.
type slow struct{ begun, finish chan struct{} }

func newSlow() slow { return slow{make(chan struct{}, 9), make(chan struct{})} }

func (s slow) send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	s.begun <- struct{}{}
	select {
	case <-s.finish:
		return took(3)(ctx, j)
	case <-ctx.Done():
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Unsure, Code: "cut short"}
	}
}

func TestStoppedInTheMiddleOfASend(t *testing.T) {
	desk(t, func(d *dispatch.Desk, in *inbox, work func(string, driver) func()) {
		s := newSlow()
		stop := work("lte0", s.send)
		d.Hand(claim(1, "lte0"))
		<-s.begun
		d.Hand(claim(2, "lte0")) // it would be next
		stop()
		expect(t, in, "1 unsure cut short", "2 retry the worker was stopped (uncounted)")
		if len(s.begun) > 0 {
			t.Error("a send was begun after the end")
		}
	})
}

// TestTwoWorkersAreReplaced is a reload: the old ones finish what they have,
// the new ones carry what comes, and nothing is lost or carried twice.
func TestTwoWorkersAreReplaced(t *testing.T) {
	desk(t, func(d *dispatch.Desk, in *inbox, work func(string, driver) func()) {
		s := newSlow()
		stop0, stop1 := work("lte0", s.send), work("lte1", s.send)
		d.Hand(claim(1, "lte0"))
		d.Hand(claim(2, "lte1"))
		<-s.begun
		<-s.begun
		stop0()
		expect(t, in, "1 unsure cut short")
		again := work("lte0", took(8))
		d.Hand(claim(3, "lte0"))
		expect(t, in, "1 unsure cut short", "3 taken 8")
		// lte1 is replaced while it still sends: the old one ends its own.
		next := work("lte1", took(9))
		d.Hand(claim(4, "lte1"))
		expect(t, in, "1 unsure cut short", "3 taken 8", "4 taken 9")
		stop1()
		d.Hand(claim(5, "lte1")) // the old one's end leaves the new one in its place
		expect(t, in, "1 unsure cut short", "3 taken 8", "4 taken 9", "2 unsure cut short", "5 taken 9")
		again()
		next()
	})
}

// TestStopAndHandAtOnce: whoever wins, there is one outcome for each claim.
func TestStopAndHandAtOnce(t *testing.T) {
	desk(t, func(d *dispatch.Desk, in *inbox, work func(string, driver) func()) {
		for id := range uint64(200) {
			stop := work("lte0", took(1))
			handed := make(chan struct{})
			go func() { defer close(handed); d.Hand(claim(id, "lte0")) }()
			stop()
			<-handed
		}
		count := map[uint64]int{}
		for _, f := range in.facts {
			count[f.(event.Outcome).Delivery]++
		}
		for id := range uint64(200) {
			if count[id] != 1 {
				t.Fatalf("claim %d has %d outcomes", id, count[id])
			}
		}
	})
}

// twoParts sends two parts as the modem driver does.
func twoParts(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	for n := 1; n <= 2; n++ {
		if err := j.Took(delivery.Part{Number: n, Of: 2, Reference: 40 + n}); err != nil {
			return delivery.Receipt{}, &delivery.Error{Fate: delivery.Unsure, Code: "the part could not be remembered", Err: err}
		}
	}
	return took(41, 42)(ctx, j)
}

func TestAPartIsRememberedBeforeTheNextGoes(t *testing.T) {
	desk(t, func(d *dispatch.Desk, in *inbox, work func(string, driver) func()) {
		stop := work("lte0", twoParts)
		began := time.Now()
		d.Hand(claim(1, "lte0"))
		expect(t, in, "1 part 1 of 2")
		time.Sleep(time.Second)
		expect(t, in, "1 part 1 of 2", "1 part 2 of 2")
		time.Sleep(time.Second)
		expect(t, in, "1 part 1 of 2", "1 part 2 of 2", "1 taken 41+42")
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("two commits took %s", took)
		}
		stop()
	})
}

func TestAPartThatCannotBeRememberedEndsTheSend(t *testing.T) {
	desk(t, func(d *dispatch.Desk, in *inbox, work func(string, driver) func()) {
		in.disk = errors.New("no space left on device")
		stop := work("lte0", twoParts)
		d.Hand(claim(1, "lte0"))
		time.Sleep(time.Second)
		expect(t, in, "1 part 1 of 2", "1 unsure the part could not be remembered")
		stop()
	})
}

// A letter is given to its driver with its subject, its thread and its
// incident; who refused it among a group is told.
func TestALetterIsCarried(t *testing.T) {
	desk(t, func(d *dispatch.Desk, in *inbox, work func(string, driver) func()) {
		var got delivery.Job
		stop := work("mail", func(_ context.Context, j delivery.Job) (delivery.Receipt, error) {
			got = j
			return delivery.Receipt{Reference: "250 ok", Refused: []delivery.Refusal{{To: "old@partner.example", Code: "550 5.1.1"}}}, nil
		})
		defer stop()
		c := claim(1, "mail")
		c.Row.Path, c.Row.Again, c.Follows = "cell", true, true
		c.Row.Recipient.Address = "noc@partner.example,old@partner.example"
		c.Text = `{"subject":"[waw-12 #7] No connection","text":"It is down.","case":{"key":"waw-12/7","number":7,"phase":"identified"},"to":"partner"}`
		d.Hand(c)
		expect(t, in, "1 taken 250 ok")
		want := delivery.Job{ID: 1, Subject: "[waw-12 #7] No connection", Text: "It is down.", Path: "cell", Thread: "waw-12/7/" + got.To}
		if got.Subject != want.Subject || got.Text != want.Text || got.Path != want.Path || got.Thread != want.Thread || !got.Doubtful || !got.Follows {
			t.Errorf("the driver was given %+v", got)
		}
		if got.Case == nil || got.Case.Number != 7 || got.Case.Phase != delivery.Identified {
			t.Errorf("the incident is %+v", got.Case)
		}
		if o := in.facts[0].(event.Outcome); o.Advice != "old@partner.example refused it: 550 5.1.1" {
			t.Errorf("of who refused it is told %q", o.Advice)
		}
		c.Text = "not a letter"
		d.Hand(c)
		synctest.Wait()
		if o := in.facts[1].(event.Outcome); o.Fate != event.Never {
			t.Errorf("what is no letter ends as %+v", o.Ending)
		}
	})
}
