package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"

	"heliograph/firmware/control"
	"heliograph/storage"
	"heliograph/storage/audit"
)

type auditCmd struct {
	client
	From  uint64 `placeholder:"N" help:"Print from entry N on, instead of the newest."`
	Limit int    `default:"50" help:"Print at most so many; all are verified."`
	Head  string `placeholder:"HEX" help:"Say whether this head, as a weekly text had it, still stands in the chain."`
	File  string `placeholder:"FILE" help:"Read the store of a stopped appliance, or a backup, instead of asking the running one."`
}

func (auditCmd) Help() string {
	return "Each entry holds the hash of the one before it. The hash of the newest, the head, rides in the weekly text: " +
		"compare it with one that you kept, and you know that nothing before it was changed since, not even by somebody who wrote the whole log anew:\n\n" +
		"\theliograph audit --head 3fa91c02\n\n" +
		"The status is 1 when the chain is broken, or the head does not stand in it."
}

func (c *auditCmd) Run(ctx context.Context, out io.Writer) error {
	wanted, err := readHead(c.Head)
	if err != nil {
		return err
	}
	r := &audited{from: c.From, limit: max(c.Limit, 0), wanted: wanted}
	if c.File != "" {
		err = lookAt(c.File, r)
	} else {
		socket := control.Dial(c.Socket)
		err = r.read(func(from uint64) (a control.Audit, err error) {
			_, err = socket.Get(ctx, fmt.Sprintf("/v1/audit?from=%d&limit=%d", from, auditPage), &a)
			return a, err
		})
	}
	if err != nil {
		return err
	}
	if c.JSON {
		err = r.asJSON(out)
	} else {
		r.asTable(out)
	}
	if err == nil && !r.sound() {
		return refused
	}
	return err
}

// readHead takes the eight hex digits of a weekly text, or more of them.
func readHead(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" {
		return "", nil
	}
	if len(s) < 8 || len(s) > 64 || strings.Trim(s, "0123456789abcdef") != "" {
		return "", fmt.Errorf("%q is no head: write the eight digits that end the weekly text, such as: heliograph audit --head 3fa91c02", s)
	}
	return s, nil
}

// lookAt reads the log of a file that no appliance has open.
func lookAt(path string, r *audited) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "heliograph.db")
	}
	err := storage.Look(path, func(tx *bbolt.Tx) error {
		if !audit.There(tx) {
			return errors.New("it was written by a version that kept no audit log")
		}
		return r.read(func(from uint64) (control.Audit, error) { return auditPageOf(tx, from, auditPage), nil })
	})
	if err != nil {
		return fmt.Errorf("read the audit log of %s: %w", path, err)
	}
	return nil
}

// auditPage is how many entries are asked for at a time.
const auditPage = 1000

// audited is what came of reading a whole log.
type audited struct {
	from   uint64
	limit  int
	wanted string // a head to find

	shown  []control.AuditEntry
	anchor control.AuditHead
	head   audit.Head // the last entry that fits
	first  uint64     // the first there is; 0: none
	stands *control.AuditEntry
	fault  string
}

// read verifies all entries from the anchor on, and remembers those to show. An
// error is one of reading; a chain that is broken is a fault.
func (r *audited) read(page func(from uint64) (control.Audit, error)) error {
	var chain *audit.Chain
	for from := uint64(1); ; {
		p, err := page(from)
		if err != nil {
			return err
		}
		if chain == nil {
			anchor, err := headOf(p.Anchor)
			if err != nil {
				return err
			}
			chain, r.anchor = audit.After(anchor), p.Anchor
		}
		if done := r.take(chain, p); done {
			return nil
		}
		from = chain.Last().Number + 1
	}
}

// take verifies a page, and tells whether it was the last one.
func (r *audited) take(chain *audit.Chain, p control.Audit) (done bool) {
	defer func() { r.head = chain.Last() }()
	for _, e := range p.Entries {
		r.show(e)
		entry, err := entryOf(e)
		if err == nil {
			err = chain.Next(entry)
		}
		if err != nil {
			r.fault = err.Error()
			return true
		}
		if r.wanted != "" && strings.HasPrefix(e.Hash, r.wanted) {
			r.stands = &e
		}
	}
	if p.Fault != "" {
		r.fault = p.Fault
		return true
	}
	if len(p.Entries) == auditPage {
		return false
	}
	head, err := headOf(p.Head)
	if err == nil {
		err = chain.End(head)
	}
	if err != nil {
		r.fault = err.Error()
	}
	return true
}

// show remembers an entry as far as it was asked for: from a number on, or the
// newest.
func (r *audited) show(e control.AuditEntry) {
	if r.first == 0 {
		r.first = e.Number
	}
	switch {
	case r.from == 0:
		if r.shown = append(r.shown, e); len(r.shown) > r.limit {
			r.shown = r.shown[1:]
		}
	case e.Number >= r.from && len(r.shown) < r.limit:
		r.shown = append(r.shown, e)
	}
}

func (r *audited) sound() bool { return r.fault == "" && (r.wanted == "" || r.found()) }

// found tells whether the head that was asked for stands in the chain; the
// entry that was pruned last is known by its hash.
func (r *audited) found() bool {
	return r.stands != nil || r.anchor.Number > 0 && strings.HasPrefix(r.anchor.Hash, r.wanted)
}

func (r *audited) asTable(out io.Writer) {
	table(out, "ENTRY\tWHEN\tBY\tFROM\tWAY\tORDER\tPROOF\tEFFECT\tHASH", func(row func(...any)) {
		for _, e := range r.shown {
			when := clockText(e.Wall)
			if !e.Trusted {
				when += "?" // the clock was not to be believed
			}
			row(e.Number, when, e.By, e.From, e.Way, e.Order, e.Proof, e.Effect, e.Hash[:min(8, len(e.Hash))])
		}
	})
	fmt.Fprintln(out, plain(r.verdict()))
	if r.wanted != "" {
		fmt.Fprintln(out, r.standing())
	}
}

// verdict says whether the chain holds.
func (r *audited) verdict() string {
	switch {
	case r.fault != "" && r.head.Number > r.anchor.Number:
		return fmt.Sprintf("%s; what stands up to entry %s fits; a backup may have the rest: heliograph audit --file BACKUP", r.fault, grouped(r.head.Number))
	case r.fault != "":
		return r.fault + "; a backup may have it: heliograph audit --file BACKUP"
	case r.head.Number == 0:
		return "chain sound: no entries yet"
	}
	count := r.head.Number - r.anchor.Number
	text := fmt.Sprintf("chain sound: %s %s, head %s", grouped(count), map[bool]string{true: "entry", false: "entries"}[count == 1], r.head.Hash.Short())
	if r.anchor.Number > 0 {
		text += fmt.Sprintf("; the %s before are past their retention", grouped(r.anchor.Number))
	}
	return text
}

// standing says what is known of the head that was asked for.
func (r *audited) standing() string {
	switch {
	case r.stands != nil:
		after := r.head.Number - r.stands.Number
		text := fmt.Sprintf("head %s stands in the chain: it is entry %s, of %s", r.wanted, grouped(r.stands.Number), clockText(r.stands.Wall))
		if after == 0 {
			return text + ", the newest"
		}
		return text + fmt.Sprintf("; %s came after it", grouped(after))
	case r.found():
		return fmt.Sprintf("head %s stands in the chain: it is entry %s, past its retention", r.wanted, grouped(r.anchor.Number))
	case r.fault != "":
		return fmt.Sprintf("head %s was not found before the break", r.wanted)
	case r.anchor.Number > 0:
		return fmt.Sprintf("head %s does not stand in the chain: it is older than entry %s, of another box, or the log was written anew since", r.wanted, grouped(r.first))
	}
	return fmt.Sprintf("head %s does not stand in the chain: it is of another box, or the log was written anew since", r.wanted)
}

func (r *audited) asJSON(out io.Writer) error {
	type kept struct {
		Head   string `json:"head"`
		Stands bool   `json:"stands"`
	}
	v := struct {
		Sound   bool                 `json:"sound"` // the chain
		Fault   string               `json:"fault,omitempty"`
		Anchor  control.AuditHead    `json:"anchor"`
		Head    control.AuditHead    `json:"head"` // the last entry that fits
		Kept    *kept                `json:"kept,omitempty"`
		Entries []control.AuditEntry `json:"entries"`
	}{Sound: r.fault == "", Fault: r.fault, Anchor: r.anchor, Head: wireHead(r.head), Entries: append([]control.AuditEntry{}, r.shown...)}
	if r.wanted != "" {
		v.Kept = &kept{r.wanted, r.found()}
	}
	return json.NewEncoder(out).Encode(v)
}

// grouped writes a number with commas: 1,204.
func grouped(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Audit reads a page of the log for the socket.
func (b *box) Audit(_ context.Context, from uint64, limit int) (a control.Audit, err error) {
	err = b.store.View(func(tx *bbolt.Tx) error {
		a = auditPageOf(tx, from, limit)
		return nil
	})
	return a, err
}

func auditPageOf(tx *bbolt.Tx, from uint64, limit int) control.Audit {
	anchor, head, broken := audit.Ends(tx)
	a := control.Audit{Anchor: wireHead(anchor), Head: wireHead(head), Entries: []control.AuditEntry{}}
	read := func() ([]audit.Entry, error) { return audit.Entries(tx, from, limit) }
	if from == 0 {
		read = func() ([]audit.Entry, error) { return audit.Tail(tx, limit) }
	}
	list, err := read()
	for _, e := range list {
		a.Entries = append(a.Entries, control.AuditEntry{
			Number: e.Number, Box: e.Box, Wall: e.Wall, Trusted: e.Trusted, By: e.By, From: e.From, Way: e.Way,
			Order: e.Order, Proof: e.Proof, Effect: e.Effect, Previous: e.Previous.String(), Hash: e.Hash.String(),
		})
	}
	if broken = errors.Join(err, broken); broken != nil {
		a.Fault = strings.ReplaceAll(broken.Error(), "\n", "; ")
	}
	return a
}

func wireHead(h audit.Head) control.AuditHead {
	return control.AuditHead{Number: h.Number, Hash: h.Hash.String()}
}

func headOf(h control.AuditHead) (audit.Head, error) {
	hash, err := audit.ReadHash(h.Hash)
	return audit.Head{Number: h.Number, Hash: hash}, err
}

// entryOf takes an entry as it came over the socket for the one that was
// hashed: nothing else would verify.
func entryOf(e control.AuditEntry) (audit.Entry, error) {
	previous, err := audit.ReadHash(e.Previous)
	hash, wrong := audit.ReadHash(e.Hash)
	return audit.Entry{
		Number: e.Number, Box: e.Box, Wall: e.Wall, Trusted: e.Trusted, By: e.By, From: e.From, Way: e.Way,
		Order: e.Order, Proof: e.Proof, Effect: e.Effect, Previous: previous, Hash: hash,
	}, errors.Join(err, wrong)
}
