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
	c.Text = notice.Compose(c.Text, said, t.then(d.Queued), t.at)
	c.Row.Path = t.rules.Path(t.state, c.Row.Class)
	c.Follows = len(past) > 0
	return c, nil
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
		class, at := outbox.Urgent(t.tx, w.Channel)
		if due(at, t.at.Box) {
			waits.Is, waits.Class = true, min(waits.Class, event.Class(class))
		} else {
			t.readyAt(at)
		}
		if since, busy := t.busy[w.Name]; busy && !since.IsZero() {
			waits.Is = true
		}
	}
	if !waits.Is {
		waits.Class = 0
	}
	if slices.ContainsFunc(t.workers, func(w Worker) bool { return t.rules.Online(w.Name) }) && waits != t.state.Waits() {
		if err := t.decide(waits); err != nil {
			return err
		}
		if slices.ContainsFunc(t.effects, func(e event.Effect) bool { _, is := e.(event.Publish); return is }) {
			t.readyAt(t.at.Box) // the claims of this turn are made
		}
	}
	return nil
}
