package engine

import (
	"fmt"

	"heliograph/firmware/audience"
	"heliograph/firmware/event"
	"heliograph/storage/outbox"
)

const (
	fetchLines = 12 // more do not fit a text
	fetchDead  = 8
)

// fetch reads for the rules what only the store knows, and lets them decide
// within the same commit what follows.
func (t *turn) fetch(cause event.Fact, f event.Fetch) error {
	found := event.Fetched{Fetch: f}
	var err error
	switch f.What {
	case event.FetchLog:
		found.Lines, err = t.lastLines(f.Incident)
	case event.FetchDead:
		found.Dead, err = t.dead()
	case event.FetchTold:
		found.Told, err = t.toldOf()
	case event.FetchSum:
		found.Sum, err = t.sumOf(f.Incident)
	case event.FetchRow:
		err = t.row(&found)
	case event.FetchMass:
		t.massOf(&found)
	case event.FetchLine:
		t.lineOf(&found)
	}
	if err != nil {
		return fmt.Errorf("look up the %s: %w", f.What, err)
	}
	return t.decideFor(cause, found)
}

func (t *turn) lastLines(incident int) ([]event.Line, error) {
	all, err := outbox.Timeline(t.tx, incident)
	if err != nil {
		return nil, err
	}
	var lines []event.Line
	for _, l := range all[max(0, len(all)-fetchLines):] {
		lines = append(lines, event.Line{Box: l.Box, Wall: l.Wall, Trusted: l.WallTrusted, What: l.What, Text: l.Text})
	}
	return lines, nil
}

func (t *turn) dead() ([]event.Dead, error) {
	rows, err := outbox.Rows(t.tx, outbox.Filter{Status: []outbox.Status{outbox.Failed}, Limit: fetchDead})
	var list []event.Dead
	for _, d := range rows {
		r := rowOf(d)
		list = append(list, event.Dead{ID: d.ID, Incident: d.Incident, Kind: r.Kind, Recipient: r.Recipient.Name, Code: d.Code})
	}
	return list, err
}

// toldOf counts, for each open incident, the addresses that its ledger holds
// as told.
func (t *turn) toldOf() (map[int]int, error) {
	counts := map[int]int{}
	for _, c := range t.state.Incidents {
		ledger, err := outbox.Ledger(t.tx, c.Number)
		if err != nil {
			return nil, err
		}
		for _, told := range ledger {
			if told.IsTold() {
				counts[c.Number]++
			}
		}
	}
	return counts, nil
}

// sumOf counts, of those outside, who was told of an incident and what became
// of it.
func (t *turn) sumOf(incident int) (event.Sum, error) {
	told, cleared, unreachable, err := outbox.Tally(t.tx, incident, audience.IsMass)
	return event.Sum{Told: told, Cleared: cleared, Unreachable: unreachable}, err
}

func (t *turn) row(found *event.Fetched) error {
	d, err := outbox.Row(t.tx, found.Delivery)
	if err != nil {
		return nil // there is no such delivery: the answer says so
	}
	n, err := outbox.NoticeOf(t.tx, d.Notice)
	if err != nil {
		return nil // its notice is pruned
	}
	r := rowOf(d)
	found.Row, found.Is, found.Text = &r, event.Status(d.Status), n.Text(d.Variant, d.Channel, d.Language)
	return nil
}

// stand opens, holds or withdraws notices. One that is pruned, or withdrawn
// already, is let be.
func (t *turn) stand(s event.Stand) error {
	for _, id := range s.Notices {
		n, err := outbox.NoticeOf(t.tx, id)
		if err != nil || n.Standing == outbox.Withdrawn {
			continue
		}
		if err := outbox.SetStanding(t.tx, id, outbox.Standing(s.Standing)); err != nil {
			return err
		}
	}
	return nil
}
