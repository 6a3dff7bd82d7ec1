package pace_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https/pace"
)

// play keeps the pace through answers and says when each request was made.
func play(t *testing.T, ctx context.Context, p *pace.Pace, began time.Time, answers ...*delivery.Error) (at []time.Duration, last *delivery.Error) {
	t.Helper()
	last = p.Keep(ctx, func() *delivery.Error {
		at = append(at, time.Since(began))
		no := answers[0]
		answers = answers[1:]
		return no
	})
	if len(answers) > 0 {
		t.Errorf("%d answers were not asked for", len(answers))
	}
	return at, last
}

var options = pace.Options{Rate: 5, Tries: 4, Pause: time.Second, Wait: 5 * time.Minute}

func refused(after time.Duration) *delivery.Error {
	return &delivery.Error{Fate: delivery.Retry, After: after, Err: errors.New("later")}
}

func TestFiveASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, began := pace.New(options), time.Now()
		for n := range 6 {
			at, no := play(t, t.Context(), p, began, nil)
			if want := time.Duration(n) * 200 * time.Millisecond; no != nil || at[0] != want {
				t.Errorf("request %d at %v, %v; want %v", n, at, no, want)
			}
		}
	})
}

func TestRefusalsForNow(t *testing.T) {
	bad := refused(0)
	for name, c := range map[string]struct {
		answers []*delivery.Error
		want    []time.Duration
		last    *delivery.Error
	}{
		"it comes back":             {[]*delivery.Error{bad, bad, bad, nil}, []time.Duration{0, 1e9, 3e9, 7e9}, nil},
		"it is out of tries":        {[]*delivery.Error{bad, bad, bad, bad}, []time.Duration{0, 1e9, 3e9, 7e9}, bad},
		"it waits as long as asked": {[]*delivery.Error{refused(30 * time.Second), nil}, []time.Duration{0, 30e9}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				at, last := play(t, t.Context(), pace.New(options), time.Now(), c.answers...)
				if len(at) != len(c.want) || at[len(at)-1] != c.want[len(at)-1] || last != c.last {
					t.Errorf("asked at %v, then %v; want %v", at, last, c.want)
				}
			})
		})
	}
}

func TestWhatNoPatienceMends(t *testing.T) {
	for name, no := range map[string]*delivery.Error{
		"a wait that is too long": refused(time.Hour),
		"a human's business":      {Fate: delivery.Retry, Worker: true, Advice: "renew the token"},
		"for good":                {Fate: delivery.Never},
		"in doubt":                {Fate: delivery.Unsure},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if at, last := play(t, t.Context(), pace.New(options), time.Now(), no); len(at) != 1 || last != no {
					t.Errorf("asked at %v, then %v", at, last)
				}
			})
		})
	}
}

func TestTheCallersTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, began := pace.New(options), time.Now()
		short, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		bad := refused(0)
		if at, last := play(t, short, p, began, bad); len(at) != 1 || last != bad || time.Since(began) != 0 {
			t.Errorf("no time for a pause: asked at %v, then %v", at, last)
		}
		gone, end := context.WithCancel(t.Context())
		end()
		if _, last := play(t, gone, p, began); last == nil || last.Fate != delivery.Retry || !last.Worker {
			t.Errorf("given up: %v", last)
		}
	})
}
