package outbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// erasedPrefix begins what stands in the place of an address that was erased.
const erasedPrefix = "erased-"

// IsErased tells whether an address was erased: nothing can be sent to it.
func IsErased(address string) bool { return strings.HasPrefix(address, erasedPrefix) }

// Erased counts what an Erase changed.
type Erased struct {
	Deliveries int      // rows that have a mark now
	Closed     int      // of these, those that were still to be sent
	Told       int      // rows of the ledger
	Lines      int      // lines of timelines
	Parts      int      // texts that came in and were not whole
	Marks      []string // what stands in the place of the number, in each form it was kept in
}

func (e Erased) String() string {
	return fmt.Sprintf("%d deliveries, %d of them not sent yet, %d ledger rows, %d lines of timelines, %d unfinished texts",
		e.Deliveries, e.Closed, e.Told, e.Lines, e.Parts)
}

// Erase takes a person's number out of all that the outbox keeps: deliveries,
// the ledger, what limits counted, reports and parts of texts that wait, and
// the sentences of timelines. A salted mark, such as erased-3fa9, stands in
// its place, so that a timeline still tells one person from another; the salt
// is not kept, so nobody finds the number by trying all there are. What waits
// to be sent to the number is closed: a pending delivery is superseded, an
// unsure one is not repeated. One that is being sent ends as it ends, and is
// not tried again. No later notice goes to a mark.
//
// An address is kept without blanks, so only rows that hold the number's last
// six digits are read; equal decides about those.
//
// It does not reach the texts of notices and the title of an incident, which
// hold a number only if somebody wrote it there; names; the hashes of messages
// that came in, which go after 48 hours; black boxes, which hold masked
// numbers unless the configuration asks for whole ones, and go with their
// incident; the audit log, which holds three digits; free pages of the file,
// until it is written anew; backups, and files that were set aside.
func Erase(tx *bbolt.Tx, whose string, equal func(a, b string) bool, salt uint64, now time.Time) (Erased, error) {
	e := eraser{tx: tx, whose: whose, equal: equal, salt: salt, now: utc(now), marks: map[string]string{}}
	if e.tail = tailOf(whose); e.tail == "" {
		return Erased{}, fmt.Errorf("erase %q: it has no digits", whose)
	}
	for _, do := range []func() error{e.find, e.close, e.rename, e.ledger, e.notices, e.counted, e.reports, e.inbound, e.timelines} {
		if err := do(); err != nil {
			return Erased{}, fmt.Errorf("erase a number: %w", err)
		}
	}
	for _, m := range e.marks {
		e.done.Marks = append(e.done.Marks, m)
	}
	slices.Sort(e.done.Marks)
	return e.done, nil
}

type eraser struct {
	tx    *bbolt.Tx
	whose string
	equal func(a, b string) bool
	salt  uint64
	now   time.Time
	tail  string // the digits that every form of the number ends in
	rows  []uint64
	taken map[string]bool   // marks of others
	marks map[string]string // address as it was kept -> its mark
	done  Erased
}

// tailOf is the last six digits of a number, or all of fewer.
func tailOf(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
	return digits[max(0, len(digits)-6):]
}

func (e *eraser) same(address string) bool {
	return strings.Contains(address, e.tail) && e.equal(address, e.whose)
}

// mark is what stands in the place of an address. Two people must not share
// one: a ledger has a row for each.
func (e *eraser) mark(address string) string {
	if m := e.marks[address]; m != "" {
		return m
	}
	m := ""
	for n := 0; m == "" || e.taken[m]; n++ {
		digest := sha256.Sum256(append(binary.BigEndian.AppendUint64(nil, e.salt+uint64(n)), address...))
		m = erasedPrefix + hex.EncodeToString(digest[:])[:min(4+n, 64)]
	}
	e.marks[address], e.taken[m] = m, true
	return m
}

// find reads the rows that hold the number, and the marks there are.
func (e *eraser) find() error {
	e.taken = map[string]bool{}
	c := e.tx.Bucket([]byte(bRows)).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if !bytes.Contains(v, []byte(e.tail)) && !bytes.Contains(v, []byte(erasedPrefix)) {
			continue
		}
		d, err := Row(e.tx, number(k))
		switch {
		case err != nil:
			return err
		case IsErased(d.Address):
			e.taken[d.Address] = true
		case e.same(d.Address):
			e.rows = append(e.rows, d.ID)
		}
	}
	return nil
}

// close ends what is still to be sent, under the address that its indexes know.
func (e *eraser) close() error {
	for _, id := range e.rows {
		d, err := Row(e.tx, id)
		if err != nil {
			return err
		}
		if !d.Queue {
			continue
		}
		if err := finish(e.tx, d, overtakenAs(d), e.now); err != nil {
			return err
		}
		e.done.Closed++
	}
	return nil
}

func (e *eraser) rename() error {
	for _, id := range e.rows {
		d, err := Row(e.tx, id)
		if err != nil {
			return err
		}
		was := d.Address
		d.Address, d.Recipient = e.mark(was), e.scrub(d.Recipient)
		d.Code, d.Advice = e.scrub(d.Code), e.scrub(d.Advice)
		d.Spent = slices.DeleteFunc(d.Spent, func(s Spent) bool { return bytes.Contains(s.Counter, []byte(was)) })
		if d.Status == Sending {
			if err := del(e.tx, bBusy, key(d.Channel, was)); err != nil {
				return err
			}
			if err := put(e.tx, bBusy, key(d.Channel, d.Address), key(id)); err != nil {
				return err
			}
		}
		if err := saveRow(e.tx, d); err != nil {
			return err
		}
		e.done.Deliveries++
	}
	return nil
}

func (e *eraser) ledger() error {
	for _, k := range e.holding(bLedger) {
		channel, rest := upTo(k[8:])
		address, _ := upTo(rest)
		if !e.same(address) {
			continue
		}
		t := Told{Incident: int(number(k)), Channel: channel}
		if _, err := getJSON(e.tx, bLedger, k, &t); err != nil {
			return err
		}
		t.Address, t.Recipient = e.mark(address), e.scrub(t.Recipient)
		if err := del(e.tx, bLedger, k); err != nil {
			return err
		}
		if err := saveTold(e.tx, t); err != nil {
			return err
		}
		e.done.Told++
	}
	return nil
}

// holding lists the keys of a bucket in which the number's last digits stand.
func (e *eraser) holding(bucket string) [][]byte {
	var found [][]byte
	c := e.tx.Bucket([]byte(bucket)).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		if bytes.Contains(k, []byte(e.tail)) {
			found = append(found, bytes.Clone(k))
		}
	}
	return found
}

// notices takes the number out of whom a notice leaves out, and of how far it
// is expanded.
func (e *eraser) notices() error {
	for _, k := range keys(e.tx, bNotices, nil, nil, 1<<30) {
		var n Notice // as it is stored: without its incident's mark
		if _, err := getJSON(e.tx, bNotices, k, &n); err != nil {
			return err
		}
		changed := false
		for i, address := range n.Except {
			if e.same(address) {
				n.Except[i], changed = e.mark(address), true
			}
		}
		if e.reached(n.Cursor) {
			n.Cursor, changed = e.before(n), true
		}
		if !changed {
			continue
		}
		if err := putJSON(e.tx, bNotices, k, n); err != nil {
			return err
		}
	}
	return nil
}

// reached tells whether a cursor of ExpandLedger stands at the number.
func (e *eraser) reached(cursor []byte) bool {
	if !bytes.Contains(cursor, []byte(e.tail)) || len(cursor) < 8 {
		return false
	}
	_, rest := upTo(cursor[8:])
	address, _ := upTo(rest)
	return e.same(address)
}

// before is where the cursor of a notice goes back to: the row before, which
// it has passed as well.
func (e *eraser) before(n Notice) []byte {
	if n.Expanded {
		return nil
	}
	var last []byte
	c := e.tx.Bucket([]byte(bLedger)).Cursor()
	for k, _ := c.Seek(key(n.Incident)); hasPrefix(k, key(n.Incident)) && bytes.Compare(k, n.Cursor) < 0; k, _ = c.Next() {
		last = k
	}
	return bytes.Clone(last)
}

// counted forgets what limits counted for the number.
func (e *eraser) counted() error {
	cut := map[string]bool{}
	for _, k := range e.holding(bUsed) {
		_, rest := upTo(k)
		scope, rest := upTo(rest)
		if Scope(scope) != PerRecipient {
			continue
		}
		_, rest = upTo(rest)
		if address, _ := upTo(rest); !e.same(address) {
			continue
		}
		cut[string(k)] = true
		if err := del(e.tx, bUsed, k); err != nil {
			return err
		}
	}
	for _, k := range e.holding(bOld) {
		if bucket, rest := upTo(k[8:]); bucket != bUsed || !cut[string(rest)] {
			continue
		}
		if err := del(e.tx, bOld, k); err != nil {
			return err
		}
	}
	return nil
}

// reports forgets the reports that wait for their reference.
func (e *eraser) reports() error {
	for _, k := range keys(e.tx, bReports, nil, nil, 1<<30) {
		var r Report
		if _, err := getJSON(e.tx, bReports, k, &r); err != nil {
			return err
		}
		if !e.same(r.Address) {
			continue
		}
		if err := del(e.tx, bReports, k); err != nil {
			return err
		}
	}
	return nil
}

// inbound drops the texts from the number that are not whole: its parts share
// a key in which the sender stands.
func (e *eraser) inbound() error {
	for _, k := range e.holding(bInbound) {
		name, _ := upTo(k)
		if e.scrub(name) == name {
			continue
		}
		if err := del(e.tx, bInbound, k); err != nil {
			return err
		}
		e.done.Parts++
	}
	return nil
}

func (e *eraser) timelines() error {
	for _, k := range keys(e.tx, bTimeline, nil, nil, 1<<30) {
		v := get(e.tx, bTimeline, k)
		if !bytes.Contains(v, []byte(e.tail)) && !pdus.Match(v) {
			continue
		}
		var was Entry
		if _, err := getJSON(e.tx, bTimeline, k, &was); err != nil {
			return err
		}
		is := was
		is.Text, is.Recipient, is.Proof = e.scrub(was.Text), e.scrub(was.Recipient), e.scrub(was.Proof)
		if is == was {
			continue
		}
		if err := putJSON(e.tx, bTimeline, k, is); err != nil {
			return err
		}
		e.done.Lines++
	}
	return nil
}

// Where a number can stand in a sentence: in digits, or within the hex of a
// message that could not be read.
var (
	digits = regexp.MustCompile(`\+?[0-9]{3,}`)
	pdus   = regexp.MustCompile(`(?:[0-9A-Fa-f]{2}){8,}`)
)

// scrub puts the mark into a sentence, in the place of the number and of each
// message that has it in its head.
func (e *eraser) scrub(words string) string {
	words = digits.ReplaceAllStringFunc(words, func(n string) string {
		if e.same(n) {
			return e.mark(e.whose)
		}
		return n
	})
	return pdus.ReplaceAllStringFunc(words, func(p string) string {
		if strings.Contains(swapped(p), e.tail) {
			return e.mark(e.whose)
		}
		return p
	})
}

// swapped reads hex as semi-octets: the digits of an address stand in pairs,
// the second one first (23.040 §9.1.2.3).
func swapped(pdu string) string {
	b := []byte(pdu)
	for i := 0; i+1 < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return string(b)
}
