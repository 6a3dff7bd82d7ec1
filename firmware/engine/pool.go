package engine

import (
	"cmp"
	"slices"
	"time"

	"heliograph/firmware/decide"
	"heliograph/firmware/event"
	"heliograph/storage/outbox"
)

// claim gives every idle and fit worker its next delivery.
func (t *turn) claim() error {
	t.ready = time.Time{}
	if t.resting {
		return nil
	}
	for _, w := range t.inTurn() {
		q := t.rules.Ration(t.state, w.Name, t.busy, t.at.Box)
		t.readyAt(q.Until)
		if q.Nothing {
			continue
		}
		if err := t.claimFor(w, q); err != nil {
			return err
		}
	}
	for i := range t.claims {
		t.claims[i].More = t.follows(t.claims[i])
	}
	return nil
}

// inTurn lists the idle workers in the order in which they choose: the best
// first, and among equals the one whose last delivery is the longest ago.
func (t *turn) inTurn() []Worker {
	ready := slices.DeleteFunc(slices.Clone(t.workers), func(w Worker) bool { return !idle(w, t.state, t.busy) })
	slices.SortStableFunc(ready, func(a, b Worker) int {
		return cmp.Or(t.rules.Compare(t.state, a.Name, b.Name, t.at.Box), cmp.Compare(t.e.used[a.Name], t.e.used[b.Name]))
	})
	return ready
}

// readyAt notes an instant at which there may be something to claim.
func (t *turn) readyAt(at time.Time) {
	if !at.IsZero() && (t.ready.IsZero() || at.Before(t.ready)) {
		t.ready = at
	}
}

func (t *turn) claimFor(w Worker, q decide.Ration) error {
	got, err := outbox.Claim(t.tx, outbox.Worker{
		Name: w.Name, Channel: w.Channel, Parts: t.parts, From: uint8(q.From), Below: uint8(q.Below), Short: uint8(q.Short), Newest: w.Newest, Own: q.Own,
	}, t.at.Box, w.Limits)
	if err != nil {
		return err
	}
	for _, d := range got.Ended {
		if err := t.ended(d); err != nil {
			return err
		}
	}
	if err := t.stopped(w, got.Stopped); err != nil {
		return err
	}
	switch {
	case got.Delivery != nil:
		t.busy[w.Name] = t.at.Box
		c := claimOf(*got.Delivery, got.Text, t.at.Box)
		if t.rules.Online(w.Name) {
			if c, err = t.letter(c, *got.Delivery); err != nil {
				return err
			}
		}
		t.claims = append(t.claims, c)
	case got.More || len(got.Ended) > 0:
		t.readyAt(t.at.Box) // rows were closed: what follows from that may be ready now
	default:
		t.readyAt(got.Next)
	}
	return nil
}

// stopped tells Step once of a limit that is used up. What it has to say about
// it may go by another worker at once.
func (t *turn) stopped(w Worker, s *outbox.Stop) error {
	if s == nil {
		return nil
	}
	f := event.Limited{Worker: w.Name, Max: s.Limit.Max, Reserve: s.Limit.Reserve, Window: s.Limit.Window, Class: event.Class(s.Class), Free: s.Free}
	if t.state.Stopped(w.Name) == f {
		return nil
	}
	t.readyAt(t.at.Box)
	return t.decide(f)
}

// follows says whether another text waits for the worker of a claim, so that
// its link may be kept up.
func (t *turn) follows(c event.Claim) bool {
	return t.state.Calm(c.Row.Worker) && due(outbox.Wake(t.tx, c.Row.Recipient.Channel), t.at.Box)
}
