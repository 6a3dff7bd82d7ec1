package engine

import (
	"slices"
	"time"

	"heliograph/firmware/event"
	"heliograph/firmware/notice"
	"heliograph/storage/outbox"
)

// letter finishes what goes out over the Internet: with the path it takes, and
// with what its reader was told before.
func (t *turn) letter(c event.Claim, d outbox.Delivery) (event.Claim, error) {
	past, err := outbox.Earlier(t.tx, d)
	if err != nil {
		return c, err
	}
	var said []notice.Said
	for _, p := range past {
		at := t.then(p.At)
		said = append(said, notice.Said{Wall: at.Wall, Trusted: at.Trusted, Text: p.Text})
	}
	if d.Again {
		c.Text = notice.AgainLetter(c.Text)
	}
	c.Text = notice.Compose(c.Text, said, t.then(d.Queued), t.at)
	c.Row.Path = t.rules.Path(t.state, c.Row.Class)
	c.Follows = len(past) > 0
	return c, outbox.Via(t.tx, d.ID, c.Row.Path)
}

// then is an instant of box time on the clock of now.
func (t *turn) then(box time.Time) event.Stamp {
	return event.Stamp{Box: box, Wall: t.at.Wall.Add(box.Sub(t.at.Box)), Trusted: t.at.Trusted}
}

// online tells Step when something begins or ceases to wait for a path to the
// Internet, which is what the backhaul is leased for.
func (t *turn) online() error {
	waits := event.OnlineWaits{Class: ^event.Class(0)}
	for _, w := range t.workers {
		if !t.rules.Online(w.Name) {
			continue
		}
		if row, flies := t.carried(w.Name); flies {
			waits.Is, waits.Class = true, min(waits.Class, row.Class)
			if row.Path != event.Primary {
				waits.Over = row.Path
			}
		}
		if !t.state.Workers[w.Name].Fit {
			continue // no path would help it
		}
		class, at := outbox.Urgent(t.tx, w.Channel, t.at.Box)
		if due(at, t.at.Box) {
			waits.Is, waits.Class = true, min(waits.Class, event.Class(class))
		} else {
			t.readyAt(at)
		}
	}
	if !waits.Is {
		waits.Class = 0
	}
	if waits != t.state.Waits() {
		if err := t.decide(waits); err != nil {
			return err
		}
		t.claimAgain()
	}
	return nil
}

// claimAgain has another turn follow at once if the step just made said
// something: the claims of this turn are made.
func (t *turn) claimAgain() {
	if slices.ContainsFunc(t.effects, func(e event.Effect) bool { _, is := e.(event.Publish); return is }) {
		t.readyAt(t.at.Box)
	}
}

// carried is what a worker has in hand after this turn.
func (t *turn) carried(worker string) (event.Row, bool) {
	for _, c := range t.claims {
		if c.Row.Worker == worker {
			return c.Row, true
		}
	}
	if _, busy := t.busy[worker]; !busy {
		return event.Row{}, false
	}
	row, ok := t.e.carries[worker]
	return row, ok
}

// orphans ends what is queued for a channel that the configuration has no
// longer: nothing would ever carry it, and its incident would never be
// archived.
func (t *turn) orphans() error {
	for _, channel := range event.Channels {
		if slices.ContainsFunc(t.workers, func(w Worker) bool { return w.Channel == channel }) {
			continue
		}
		for range orphansAtOnce {
			got, err := outbox.Claim(t.tx, outbox.Worker{Name: "nobody", Channel: channel}, t.at.Box, nil)
			if err != nil {
				return err
			}
			for _, d := range got.Ended {
				if err := t.ended(d); err != nil {
					return err
				}
			}
			if got.Delivery == nil {
				t.readyAt(got.Next)
				break
			}
			end := event.Ending{Fate: event.Never, Code: channel + " is not in the configuration any more"}
			if err := t.decide(event.Outcome{Row: rowOf(*got.Delivery), Ending: end}); err != nil {
				return err
			}
			t.readyAt(t.at.Box)
		}
	}
	return nil
}

// orphansAtOnce bounds what one commit ends; the rest goes with the next.
const orphansAtOnce = 100
