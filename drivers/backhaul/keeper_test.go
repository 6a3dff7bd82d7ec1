package backhaul

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// stick is a link whose calls take three seconds and end as they are told.
type stick struct {
	mu      sync.Mutex
	trouble *Trouble // of the next calls; nil connects
	stuck   bool     // calls end only with their context
	lost    chan error
	dials   []time.Duration // when, since start
	start   time.Time
	up      bool
}

func (s *stick) Up(ctx context.Context) (Connection, error) {
	s.mu.Lock()
	if s.up {
		panic("dialled while up")
	}
	s.dials = append(s.dials, time.Since(s.start).Round(time.Second))
	call := 3 * time.Second
	if s.stuck {
		call = time.Hour
	}
	s.mu.Unlock()
	if err := rest(ctx, call); err != nil {
		return Connection{}, err
	}
	return s.answer()
}

func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *stick) answer() (Connection, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trouble != nil {
		return Connection{}, s.trouble
	}
	s.up, s.lost = true, make(chan error, 1)
	return Connection{Interface: "ppp-cell", Lost: s.lost}, nil
}

func (s *stick) Down(context.Context) error {
	time.Sleep(time.Second)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.up {
		close(s.lost)
	}
	s.up = false
	return nil
}

// lose is a connection that goes by itself.
func (s *stick) lose(cause string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost <- &Trouble{Kind: Lost, Cause: cause}
}

// fails is how calls end from now on; nil connects.
func (s *stick) fails(t *Trouble) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = t
}

func (s *stick) dialled() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.dials)
}

// night runs a keeper of the stick in a bubble; said is what it told, with times.
type night struct {
	*stick
	*Keeper
	said []string
	last Status
}

func (n *night) told() (Status, []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.last, slices.Clone(n.said)
}

func (n *night) now() Status {
	s, _ := n.told()
	return s
}

func during(t *testing.T, f func(n *night)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := &night{stick: &stick{start: time.Now()}}
		k, err := New(Options{Link: n.stick, Idle: 2 * time.Minute, Limit: 5 * time.Minute, Chance: func() float64 { return 0.5 }, Changed: func(s Status) {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.said, n.last = append(n.said, fmt.Sprintf("%s %s", time.Since(n.start).Round(time.Second), s.State)), s
		}})
		if err != nil {
			t.Fatal(err)
		}
		n.Keeper = k
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- k.Run(ctx) }()
		f(n)
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
		if n.up {
			t.Error("the link is still up after Run has ended")
		}
	})
}

func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (n *night) expect(t *testing.T, want ...string) {
	t.Helper()
	if _, said := n.told(); !slices.Equal(said, want) {
		t.Errorf("it told\n  %q\nwant\n  %q", said, want)
	}
}

func TestItDialsWhenWantedAndHangsUpAfterTheLastUserHasGone(t *testing.T) {
	t.Parallel()
	during(t, func(n *night) {
		after(time.Minute) // from boot: nobody wants it, nothing happens
		n.Want(true)
		after(10 * time.Minute)
		n.Want(false)
		after(time.Minute)
		n.Want(true) // within the idle time: nothing is dialled twice
		after(5 * time.Minute)
		n.Want(false)
		after(3 * time.Minute)
		n.expect(t, "1m0s dialling", "1m3s up", "19m0s hanging up", "19m1s down")
	})
}

func TestTheTenthTimeIsAsTheFirst(t *testing.T) {
	t.Parallel()
	during(t, func(n *night) {
		for range 10 {
			_, before := n.told()
			n.Want(true)
			after(time.Minute)
			n.Want(false)
			after(9 * time.Minute)
			if last, said := n.told(); len(said) != len(before)+4 || last.State != Resting {
				t.Fatalf("it told %q", said)
			}
		}
		if len(n.dialled()) != 10 {
			t.Errorf("it dialled %d times", len(n.dialled()))
		}
	})
}

func TestRefusalsAreFurtherAndFurtherApart(t *testing.T) {
	t.Parallel()
	during(t, func(n *night) {
		n.fails(&Trouble{Kind: Refused, Cause: "the network refused the call: NO CARRIER"})
		n.Want(true)
		after(2 * time.Hour)
		want := []time.Duration{0, 8 * time.Second, 26 * time.Second, 89 * time.Second, 212 * time.Second, 515 * time.Second, 1118 * time.Second,
			2921 * time.Second, 4724 * time.Second, 6527 * time.Second}
		if !slices.Equal(n.dialled(), want) {
			t.Errorf("it dialled at %v, want %v", n.dialled(), want)
		}
		if n.now().State != Waiting || n.now().Tries != 10 || n.now().Cause != "the network refused the call: NO CARRIER" || n.now().Again.IsZero() {
			t.Errorf("its last word is %+v", n.now())
		}
	})
}

func TestAnotherWishIsNoReasonToPressTheNetwork(t *testing.T) {
	t.Parallel()
	during(t, func(n *night) {
		n.fails(&Trouble{Kind: Denied, Cause: "not subscribed"})
		n.Want(true)
		after(time.Minute)
		n.Want(false)
		after(time.Minute)
		n.Want(true)
		after(27 * time.Minute)
		if len(n.dialled()) != 1 {
			t.Errorf("it dialled at %v", n.dialled())
		}
		after(2 * time.Minute)
		if len(n.dialled()) != 2 {
			t.Errorf("half an hour later it had dialled at %v", n.dialled())
		}
	})
}

func TestASickNetworkIsGivenTime(t *testing.T) {
	t.Parallel()
	during(t, func(n *night) {
		n.fails(&Trouble{Kind: Congested, Cause: "no room"})
		n.Want(true)
		after(4 * time.Minute)
		if want := []time.Duration{0, 63 * time.Second, 186 * time.Second}; !slices.Equal(n.dialled(), want) {
			t.Errorf("it dialled at %v, want %v", n.dialled(), want)
		}
	})
}

func TestAPulledStickIsDialledAgainAsSoonAsItIsBack(t *testing.T) {
	t.Parallel()
	during(t, func(n *night) {
		n.Want(true)
		after(10 * time.Minute)
		n.fails(&Trouble{Kind: Gone, Cause: "the port is gone"})
		n.lose("the modem hung up")
		after(15 * time.Minute) // the ladder is for networks: looking for a port gets no slower
		if n.now().Kind != Gone || n.now().Cause != "the port is gone" {
			t.Errorf("meanwhile: %+v", n.now())
		}
		n.fails(nil)
		after(10 * time.Second)
		if n.now().State != Up || n.now().Cause != "" || n.now().Took != 3*time.Second || n.now().Connection.Took != 3*time.Second {
			t.Errorf("ten seconds after it came back: %+v", n.now())
		}
	})
}

func TestALostCallIsDialledAgainAtOnceIfItHadHeld(t *testing.T) {
	t.Parallel()
	during(t, func(n *night) {
		n.Want(true)
		after(5 * time.Minute)
		n.lose("the carrier was lost")
		after(2 * time.Second)
		if n.now().State != Dialling || n.now().Cause != "the carrier was lost" {
			t.Errorf("two seconds later: %+v", n.now())
		}
		after(3 * time.Second) // up again, and lost in no time
		n.lose("the carrier was lost")
		after(3 * time.Second)
		if n.now().State != Waiting {
			t.Errorf("after a call that held for a second: %+v", n.now())
		}
		n.expect(t, "0s dialling", "3s up", "5m0s hanging up", "5m1s dialling", "5m4s up", "5m5s hanging up", "5m6s waiting")
	})
}

func TestACallThatNobodyWantsAnyMoreIsGivenUp(t *testing.T) {
	t.Parallel()
	during(t, func(n *night) {
		n.stuck = true
		n.Want(true)
		after(10 * time.Second)
		n.Want(false)
		after(5 * time.Minute)
		n.expect(t, "0s dialling", "2m10s hanging up", "2m10s down")
	})
}

func TestEndingInTheMiddleOfACall(t *testing.T) {
	t.Parallel()
	during(t, func(n *night) {
		n.Want(true)
		after(time.Second) // during checks the rest
	})
}

func TestTriesAreSpread(t *testing.T) {
	t.Parallel()
	if low, high := pause(Refused, 3, 0), pause(Refused, 3, 1); low != 48*time.Second || high != 72*time.Second {
		t.Errorf("a minute is spread from %s to %s", low, high)
	}
}

func TestTheModemsOwnAccountMakesARefusalClear(t *testing.T) {
	t.Parallel()
	no := &Trouble{Kind: Refused, Cause: "the network refused the call: NO CARRIER"}
	for _, c := range []struct {
		ceer, cause string
		kind        Kind
	}{
		{"", "the network refused the call: NO CARRIER", Refused},
		{`+CEER: "SM","Requested service option not subscribed"`, "the network refused the call: NO CARRIER (SM,Requested service option not subscribed)", Denied},
		{"+CEER: 33", "the network refused the call: NO CARRIER (requested service option not subscribed)", Denied},
		{"+CEER: 2,26", "the network refused the call: NO CARRIER (insufficient resources)", Congested},
		{"+CEER: Network failure", "the network refused the call: NO CARRIER (Network failure)", Congested},
		{"+CEER: No cause information available", "the network refused the call: NO CARRIER", Refused},
	} {
		if got := explain(no, c.ceer); got.Cause != c.cause || got.Kind != c.kind {
			t.Errorf("%q: %s, %s", c.ceer, got.Kind, got.Cause)
		}
	}
}
