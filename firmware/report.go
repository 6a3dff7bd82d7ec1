package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/firmware/control"
	"heliograph/firmware/event"
	"heliograph/firmware/notice"
	"heliograph/storage/outbox"
)

func (b *box) Report(_ context.Context, number int, before uint64, limit int) ([]control.Delivery, error) {
	var list []control.Delivery
	err := b.store.View(func(tx *bbolt.Tx) error {
		wall, err := b.wall(tx)
		if err != nil {
			return err
		}
		list, err = report(tx, outbox.Filter{Incident: number, Before: before, Limit: limit}, wall)
		return err
	})
	return list, err
}

// wall puts box time on the clock on the wall.
func (b *box) wall(tx *bbolt.Tx) (func(time.Time) time.Time, error) {
	lines, err := outbox.Timeline(tx, 0)
	return onTheWall(lines, b.engine.Now()), err
}

// onTheWall puts box time on the clock on the wall, by what the box's own
// timeline last said before with a clock that could be trusted: box time stands
// still while the box is off. What came before all of that goes by the clock of
// now.
func onTheWall(lines []outbox.Entry, now event.Stamp) func(time.Time) time.Time {
	known := slices.DeleteFunc(slices.Clone(lines), func(e outbox.Entry) bool { return !e.WallTrusted })
	return func(at time.Time) time.Time {
		if at.IsZero() {
			return at
		}
		box, wall := now.Box, now.Wall
		after, _ := slices.BinarySearchFunc(known, at, func(e outbox.Entry, at time.Time) int {
			if e.Box.After(at) {
				return 1
			}
			return -1
		})
		if after > 0 {
			box, wall = known[after-1].Box, known[after-1].Wall
		}
		return wall.Add(at.Sub(box)).UTC().Truncate(time.Second)
	}
}

// report lists deliveries with what was said, what came back, and when their
// addresses heard that it was over.
func report(tx *bbolt.Tx, f outbox.Filter, wall func(time.Time) time.Time) ([]control.Delivery, error) {
	list := []control.Delivery{}
	rows, err := outbox.Rows(tx, f)
	if err != nil {
		return list, err
	}
	notices := map[uint64]outbox.Notice{}
	for _, row := range rows {
		n, known := notices[row.Notice]
		if !known {
			if n, err = outbox.NoticeOf(tx, row.Notice); err != nil {
				n = outbox.Notice{} // it is pruned: its words are gone
			}
			notices[row.Notice] = n
		}
		d := deliveryOf(row)
		d.Audience, d.Language, d.Path, d.Tells = row.Audience, row.Language, row.Path, row.Effect == outbox.Tells
		d.Queued, d.Sent, d.Receipt = wall(row.Queued), wall(row.Claimed), receiptOf(row)
		if !row.Claimed.IsZero() && row.Status != outbox.Sending {
			d.Answered = wall(row.Changed)
		}
		d.Subject, d.Text = saidIn(n.Text(row.Variant, row.Channel, row.Language))
		if d.Cleared, err = clearedAt(tx, row, wall); err != nil {
			return list, err
		}
		list = append(list, d)
	}
	return list, nil
}

// saidIn is what a delivery says, and a letter's subject.
func saidIn(text string) (subject, words string) {
	var l notice.Letter
	if strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &l) == nil && l.Text != "" {
		return l.Subject, l.Text
	}
	return "", text
}

// clearedAt is when the address of a delivery that told was told that it is over.
func clearedAt(tx *bbolt.Tx, d outbox.Delivery, wall func(time.Time) time.Time) (time.Time, error) {
	if d.Effect != outbox.Tells || !d.Status.Told() {
		return time.Time{}, nil
	}
	t, err := outbox.ToldTo(tx, d)
	if err != nil || !t.Cleared || t.ClearedBy == 0 {
		return time.Time{}, err
	}
	by, err := outbox.Row(tx, t.ClearedBy)
	if err != nil {
		return time.Time{}, nil // it is pruned
	}
	return wall(by.Claimed), nil
}

// receiptOf is what came back, in words.
func receiptOf(d outbox.Delivery) string {
	words := map[outbox.Status]string{
		outbox.Sent: "taken", outbox.Delivered: "delivered", outbox.Failed: "failed", outbox.Unsure: "no answer: it may have arrived",
		outbox.Superseded: "overtaken before it was sent",
	}[d.Status]
	var refs []string
	for _, p := range d.Parts {
		ref := fmt.Sprintf("part %d of %d", p.Number, p.Of)
		if p.Ref >= 0 {
			ref += fmt.Sprintf(", reference %d", p.Ref)
		}
		if p.Report != "" {
			ref += ", " + string(p.Report)
		}
		refs = append(refs, ref)
	}
	return joined("; ", append([]string{words}, refs...)...)
}

// csvHead are the columns of a report.
var csvHead = []string{
	"incident", "delivery", "kind", "audience", "recipient", "channel", "address", "language", "status", "queued", "sent", "answered", "tries", "worker", "path",
	"receipt", "code", "advice", "cleared", "subject", "text",
}

func csvRow(d control.Delivery) []string {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	row := []string{
		fmt.Sprint(d.Incident), fmt.Sprint(d.ID), d.Kind, d.Audience, d.Recipient, d.Channel, d.Address, d.Language, d.Status, at(d.Queued), at(d.Sent), at(d.Answered),
		fmt.Sprint(d.Tries), d.Worker, d.Path, d.Receipt, d.Code, d.Advice, at(d.Cleared), d.Subject, d.Text,
	}
	for i, value := range row {
		row[i] = inert(value)
	}
	return row
}

// inert keeps a spreadsheet from taking a value for a formula: codes come from
// lists, and words from people and other systems. A telephone number stays.
func inert(value string) string {
	formula := value != "" && strings.ContainsRune("=+-@\t\r", rune(value[0]))
	if !formula || value[0] == '+' && strings.Trim(value[1:], "0123456789") == "" {
		return value
	}
	return "'" + value
}

// csv prints who was told what, when and by which route, the oldest first; the
// sum goes aside.
func (c *exportCmd) csv(ctx context.Context, out io.Writer, errs besides) error {
	const page = 5000
	var list []control.Delivery
	for before := uint64(0); ; {
		var some []control.Delivery
		if _, err := control.Dial(c.Socket).Get(ctx, fmt.Sprintf("/v1/incidents/%d/deliveries?before=%d&limit=%d", c.Number, before, page), &some); err != nil {
			return err
		}
		list = append(list, some...)
		if len(some) < page {
			break
		}
		before = some[len(some)-1].ID
	}
	if len(list) == 0 {
		return fmt.Errorf("nothing was sent of incident %d, or it is too long ago: `heliograph incidents` lists those there are", c.Number)
	}
	w := csv.NewWriter(out)
	w.UseCRLF = true // RFC 4180 §2
	w.Write(csvHead) // the writer keeps its first error
	for _, d := range slices.Backward(list) {
		w.Write(csvRow(d))
	}
	w.Flush()
	fmt.Fprintf(errs, "#%d: %s; %s.\n", c.Number, sumOf(list), counted(len(list), "delivery row"))
	return w.Error()
}

// sumOf counts addresses: told, cleared, and those that nothing reached.
func sumOf(list []control.Delivery) string {
	type fared struct{ told, cleared, failed bool }
	all := map[string]fared{}
	for _, d := range list {
		if !d.Tells {
			continue
		}
		key := d.Channel + " " + d.Address
		f := all[key]
		f.told = f.told || outbox.Status(d.Status).Told()
		f.cleared = f.cleared || !d.Cleared.IsZero()
		f.failed = f.failed || d.Status == string(outbox.Failed)
		all[key] = f
	}
	told, cleared, unreachable := 0, 0, 0
	for _, f := range all {
		switch {
		case f.told:
			told++
		case f.failed:
			unreachable++
		}
		if f.cleared {
			cleared++
		}
	}
	return fmt.Sprintf("%d told, %d cleared, %d unreachable", told, cleared, unreachable)
}

// spokenOf prints what each delivery said, once for all who were told the same.
func spokenOf(out io.Writer, list []control.Delivery) {
	table(out, "KIND\tBY\tTO\tWORDS", func(row func(...any)) {
		seen := map[string]bool{}
		for _, d := range slices.Backward(list) {
			text, _, _ := strings.Cut(d.Text, "\n")
			text = joined(": ", d.Subject, text)
			if d.Text == "" || seen[d.Kind+d.Channel+text] {
				continue
			}
			seen[d.Kind+d.Channel+text] = true
			to := slices.DeleteFunc(slices.Clone(list), func(x control.Delivery) bool {
				return x.Kind != d.Kind || x.Channel != d.Channel || x.Text != d.Text
			})
			who := cmp.Or(d.Recipient, d.Address)
			if len(to) > 1 {
				who += fmt.Sprintf(" +%d", len(to)-1)
			}
			row(d.Kind, d.Channel, who, text)
		}
	})
}
