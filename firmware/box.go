package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/firmware/blackbox"
	"heliograph/firmware/control"
	"heliograph/firmware/decide"
	"heliograph/firmware/engine"
	"heliograph/firmware/event"
	"heliograph/storage"
	"heliograph/storage/outbox"
)

// box answers the control socket: it reads the state, the store and the
// engine, and changes nothing but by orders.
type box struct {
	engine   *engine.Engine
	store    *storage.Store
	version  string
	warnings func() []string
	log      *slog.Logger
	freezer  *freezer
	updater  *updater
}

func (b *box) Status(context.Context) (control.Status, error) {
	now, s, r := b.engine.Now(), b.engine.State(), b.engine.Rules()
	st := control.Status{
		Site: r.Site, Version: b.version, Now: now.Wall, Trusted: now.Trusted, Started: s.Booted.Wall, Restart: string(s.Restarted),
		Warnings: slices.Concat(b.warnings(), r.Ailments(s, now)), Queue: control.Queue{},
		Subjects: []control.Subject{}, Workers: []control.Worker{}, Incidents: []control.Open{},
	}
	for _, rule := range r.Subjects {
		v := s.Subjects[rule.Name].Current(rule)
		st.Subjects = append(st.Subjects, control.Subject{
			Name: rule.Name, Service: rule.Service, Condition: string(v.Condition), Place: string(v.Place), Since: v.SinceWall,
			Evidence: seen(v.Evidence), Loss: v.Evidence.Loss, LatencyMS: float64(v.Evidence.Latency.Microseconds()) / 1000,
			Unstable: !v.Unstable.IsZero(),
		})
	}
	for _, w := range s.Workers {
		st.Workers = append(st.Workers, control.Worker{
			Name: w.Worker, Channel: w.Channel, Fit: w.Fit, State: w.State, Why: w.Why, Advice: w.Advice, Operator: w.Operator, Signal: w.Signal, Network: w.Network,
		})
	}
	if !b.store.HasBallast() {
		st.Warnings = append(st.Warnings, "the disk is full or nearly so: the reserve that is kept for that is gone; make room in the data folder")
	}
	slices.SortFunc(st.Workers, func(a, b control.Worker) int { return cmp.Compare(a.Name, b.Name) })
	for _, b := range r.Backhauls {
		st.Backhauls = append(st.Backhauls, backhaulOf(s, b.Name))
	}
	for _, c := range s.Incidents {
		st.Incidents = append(st.Incidents, openOf(c))
	}
	return st, b.store.View(func(tx *bbolt.Tx) error {
		for _, c := range outbox.Counts(tx) {
			st.Queue[string(c.Status)] += c.N
		}
		return nil
	})
}

func backhaulOf(s decide.State, name string) control.Backhaul {
	l, spent := s.Link(name)
	b := control.Backhaul{
		Name: name, Up: l.Up, State: cmp.Or(l.State, "down"), Why: l.Why, Advice: l.Advice, RTTMS: float64(l.RTT.Microseconds()) / 1000,
		Used: spent.Used, Limit: spent.Limit,
	}
	if t, ok := s.Tested[name]; ok {
		b.Tested = t.Words()
	}
	return b
}

// seen is what a verdict rests on, in words: what fails first.
func seen(e event.Evidence) string {
	words := slices.Clone(e.Failing)
	for _, w := range []string{e.Link, e.Gateway} {
		if w != "" {
			words = append(words, w)
		}
	}
	return strings.Join(words, "; ")
}

func openOf(c decide.Case) control.Open {
	o := control.Open{
		Number: c.Number, Phase: string(c.Phase), Kind: string(c.Kind), Scope: c.Scope, Title: c.Title,
		Opened: c.Opened.Wall, Place: string(c.Verdict.Place),
	}
	if c.Ack != nil {
		o.AckedBy = c.Ack.By
	}
	return o
}

func (b *box) Incidents(_ context.Context, limit int) ([]json.RawMessage, error) {
	list := []json.RawMessage{}
	for _, c := range slices.Backward(b.engine.State().Incidents) {
		raw, err := json.Marshal(c.Incident)
		if err != nil {
			return nil, err
		}
		list = append(list, raw)
	}
	err := b.store.View(func(tx *bbolt.Tx) error {
		archived, err := outbox.Incidents(tx, 0, limit)
		for _, in := range archived {
			list = append(list, in.Blob)
		}
		return err
	})
	return list[:min(len(list), limit)], err
}

func (b *box) Export(_ context.Context, number int) (control.Export, error) {
	x := control.Export{Ledger: []control.Told{}, Deliveries: []control.Delivery{}, BlackBox: []json.RawMessage{}}
	open := false
	if c, ok := b.engine.State().Case(number); ok {
		raw, err := json.Marshal(c.Incident)
		if err != nil {
			return x, err
		}
		x.Incident, open = raw, true
	}
	var boxes []blackbox.Record
	err := b.store.View(func(tx *bbolt.Tx) error {
		boxes = frozen(tx, number)
		wall, err := b.wall(tx)
		if err != nil {
			return err
		}
		return export(tx, number, &x, wall)
	})
	if open {
		boxes = append(boxes, b.freezer.now(number))
	}
	for _, r := range boxes {
		raw, err := json.Marshal(r)
		if err != nil {
			return x, err
		}
		x.BlackBox = append(x.BlackBox, raw)
	}
	if err == nil && x.Incident == nil {
		return x, fmt.Errorf("incident %d: %w; `heliograph incidents` lists those there are", number, control.NotFound)
	}
	return x, err
}

func export(tx *bbolt.Tx, number int, x *control.Export, wall func(time.Time) time.Time) error {
	if x.Incident == nil {
		in, ok, err := outbox.IncidentOf(tx, number)
		if err != nil || !ok {
			return err
		}
		x.Incident = in.Blob
	}
	lines, err := outbox.Timeline(tx, number)
	if err != nil {
		return err
	}
	x.Timeline = entries(lines)
	rows, err := outbox.Ledger(tx, number)
	if err != nil {
		return err
	}
	for _, t := range rows {
		x.Ledger = append(x.Ledger, toldOf(tx, t))
	}
	x.Deliveries, err = report(tx, outbox.Filter{Incident: number, Limit: 10_000}, wall)
	return err
}

func (b *box) Timeline(_ context.Context, number int) ([]control.Entry, error) {
	list := []control.Entry{}
	err := b.store.View(func(tx *bbolt.Tx) error {
		lines, err := outbox.Timeline(tx, number)
		list = entries(lines)
		return err
	})
	return list, err
}

func entries(from []outbox.Entry) []control.Entry {
	to := []control.Entry{}
	for _, e := range from {
		to = append(to, control.Entry{Box: e.Box, Wall: e.Wall, Trusted: e.WallTrusted, What: e.What, Text: e.Text})
	}
	return to
}

func toldOf(tx *bbolt.Tx, t outbox.Told) control.Told {
	row := control.Told{Recipient: t.Recipient, Channel: t.Channel, Address: t.Address, Language: t.Language, Told: t.IsTold(), Cleared: t.Cleared}
	if n, err := outbox.NoticeOf(tx, t.Notice); err == nil {
		row.Text = n.Text(t.Variant, t.Channel, t.In)
	}
	return row
}

func deliveryOf(d outbox.Delivery) control.Delivery {
	return control.Delivery{
		ID: d.ID, Incident: d.Incident, Kind: d.Kind, Recipient: d.Recipient, Channel: d.Channel, Address: d.Address, Status: string(d.Status),
		Queued: d.Queued, Due: d.Due, Tries: d.Tries, Worker: d.Worker, Code: d.Code, Advice: d.Advice,
	}
}

func (b *box) Log(_ context.Context, limit int) ([]control.Entry, error) {
	var list []control.Entry
	err := b.store.View(func(tx *bbolt.Tx) error {
		lines, err := outbox.Timeline(tx, 0)
		list = entries(lines[max(0, len(lines)-limit):])
		return err
	})
	return list, err
}

func (b *box) Queue(_ context.Context, status string, limit int) ([]control.Delivery, error) {
	f := outbox.Filter{Limit: limit}
	if status != "" {
		if !slices.Contains(outbox.Statuses, outbox.Status(status)) {
			return nil, fmt.Errorf("status %q: %w; the statuses are %v", status, control.NotFound, outbox.Statuses)
		}
		f.Status = []outbox.Status{outbox.Status(status)}
	}
	list := []control.Delivery{}
	err := b.store.View(func(tx *bbolt.Tx) error {
		rows, err := outbox.Rows(tx, f)
		for _, d := range rows {
			list = append(list, deliveryOf(d))
		}
		return err
	})
	return list, err
}

func (b *box) Order(ctx context.Context, by, text string) (control.Answer, error) {
	a, err := b.engine.Order(ctx, by, text)
	return control.Answer{OK: a.OK, Text: a.Text}, err
}

func (b *box) Backup(_ context.Context, w io.Writer) error {
	_, err := b.store.Backup(w)
	if err != nil {
		b.log.Error("a backup broke off", "why", err)
	}
	return err
}

func (b *box) Update(_ context.Context, r io.Reader) (control.Answer, error) {
	return b.updater.take(r)
}

// patience is how long the engine may take to look up before the box calls
// itself unwell: a disk that hangs shows here first.
const patience = 5 * time.Second

func (b *box) Healthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := b.engine.Take(ctx, engine.Pulse{}); err != nil {
		return errors.New("the engine does not decide: " + err.Error())
	}
	for _, w := range b.engine.State().Workers {
		if w.Fit {
			return nil
		}
	}
	return errors.New("no modem can send: see `heliograph status`")
}

var _ control.Box = (*box)(nil)
