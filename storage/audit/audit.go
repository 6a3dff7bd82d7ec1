// Package audit keeps who ordered what, with which proof, and what came of it:
// an append-only chain of entries in the store's file. Each entry holds the
// hash of the one before it, so that nobody can edit, drop or swap one without
// changing all that follow; whoever noted the hash of the newest entry, the
// head, finds even a chain that was written anew.
//
// The hash of an entry is the SHA-256 of its body, and what is stored is the
// body and the hash. A body is a row of fields, each after its length in four
// bytes, big end first:
//
//	"heliograph audit 1"
//	number                8 bytes
//	box time, wall time   12 bytes each: seconds since 1970, then nanoseconds
//	trust in the latter   1 byte, 0 or 1
//	by, from, way, order, proof, effect   UTF-8
//	hash of the entry before   32 bytes; zeros in entry 1
//
// Old entries may be pruned from the beginning, never from the middle. The
// anchor, number and hash of the last one pruned, is what the rest then hangs
// on.
package audit

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// The buckets came with schema 3.
var (
	entries = []byte("audit")     // number -> body, hash
	ends    = []byte("auditends") // anchor, head -> number, hash

	anchorKey, headKey = []byte("anchor"), []byte("head")
)

// Buckets names the buckets that must exist.
func Buckets() []string { return []string{string(entries), string(ends)} }

// There tells whether a file has an audit log: older versions kept none.
func There(tx *bbolt.Tx) bool { return tx.Bucket(entries) != nil && tx.Bucket(ends) != nil }

// Hash is that of an entry.
type Hash [32]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Short is what people compare: the first eight hex digits.
func (h Hash) Short() string { return h.String()[:8] }

// ReadHash reads the 64 hex digits of a hash.
func ReadHash(s string) (h Hash, err error) {
	b, err := hex.DecodeString(s)
	if err == nil && len(b) != len(h) {
		err = fmt.Errorf("it has %d bytes of %d", len(b), len(h))
	}
	if err != nil {
		return h, fmt.Errorf("read the hash %q: %w", s, err)
	}
	copy(h[:], b)
	return h, nil
}

// Entry is one line of the log. It holds no code and no whole number.
type Entry struct {
	Number   uint64 // from 1
	Box      time.Time
	Wall     time.Time
	Trusted  bool   // the wall time is known to be right
	By       string // a person's name, or "uid 1000"
	From     string // where it came from: three digits of a number
	Way      string // text, call, socket, box
	Order    string // the command as it was understood
	Proof    string // "none needed", "call-back code", "TOTP", "socket", "two people: ada, bob", "failed: …"
	Effect   string // a sentence
	Previous Hash
	Hash     Hash
}

// Head is an end of the chain: an entry's number and hash. Number 0 is the
// nothing before the first.
type Head struct {
	Number uint64
	Hash   Hash
}

// Append adds an entry and returns it with its number and hashes; those that it
// was given are not read. A chain that is broken does not keep the box from
// going on with it: Verify names the break.
func Append(tx *bbolt.Tx, e Entry) (Entry, error) {
	last := headOf(tx)
	e.Number, e.Previous = last.Number+1, last.Hash
	for tx.Bucket(entries).Get(numbered(e.Number)) != nil {
		e.Number++ // what is there is evidence
	}
	e.Box, e.Wall = utc(e.Box), utc(e.Wall)
	for _, s := range []*string{&e.By, &e.From, &e.Way, &e.Order, &e.Proof, &e.Effect} {
		*s = strings.ToValidUTF8(*s, "\uFFFD") // JSON would change it, and the hash not fit
	}
	body := e.body()
	e.Hash = sum(body)
	b := tx.Bucket(entries)
	b.FillPercent = 0.9 // written in key order
	if err := b.Put(numbered(e.Number), append(body, e.Hash[:]...)); err != nil {
		return Entry{}, fmt.Errorf("append to the audit log: %w", err)
	}
	if err := putEnd(tx, headKey, Head{e.Number, e.Hash}); err != nil {
		return Entry{}, fmt.Errorf("append to the audit log: %w", err)
	}
	return e, nil
}

// Newest is the head of the chain; number 0 without entries.
func Newest(tx *bbolt.Tx) Head { return headOf(tx) }

// Anchor is the last entry that was pruned; number 0 if none was.
func Anchor(tx *bbolt.Tx) Head {
	h, _ := end(tx, anchorKey)
	return h
}

// headOf is what the next entry follows: the head that is noted, or, where
// that cannot be read, the last entry there is.
func headOf(tx *bbolt.Tx) Head {
	if h, ok := end(tx, headKey); ok {
		return h
	}
	h := Anchor(tx)
	if k, v := tx.Bucket(entries).Cursor().Last(); len(k) == 8 && len(v) >= len(h.Hash) {
		h.Number = binary.BigEndian.Uint64(k)
		copy(h.Hash[:], v[len(v)-len(h.Hash):])
	}
	return h
}

func end(tx *bbolt.Tx, name []byte) (h Head, ok bool) {
	v := tx.Bucket(ends).Get(name)
	if len(v) != 8+len(h.Hash) {
		return h, false
	}
	h.Number = binary.BigEndian.Uint64(v)
	copy(h.Hash[:], v[8:])
	return h, true
}

func putEnd(tx *bbolt.Tx, name []byte, h Head) error {
	return tx.Bucket(ends).Put(name, append(numbered(h.Number), h.Hash[:]...))
}

// Entries reads at most max entries from a number on. Where one cannot be read
// it returns those before it, and a *Break.
func Entries(tx *bbolt.Tx, from uint64, max int) ([]Entry, error) {
	var all []Entry
	c := tx.Bucket(entries).Cursor()
	for k, v := c.Seek(numbered(from)); k != nil && len(all) < max; k, v = c.Next() {
		e, err := decode(k, v)
		if err != nil {
			return all, err
		}
		all = append(all, e)
	}
	return all, nil
}

// Tail reads the newest entries, at most max, the oldest of them first.
func Tail(tx *bbolt.Tx, max int) ([]Entry, error) {
	from, n := uint64(0), 0
	c := tx.Bucket(entries).Cursor()
	for k, _ := c.Last(); len(k) == 8 && n < max; k, _ = c.Prev() {
		from = binary.BigEndian.Uint64(k)
		n++
	}
	return Entries(tx, from, max)
}

// Prune deletes entries of before an instant of box time from the beginning,
// at most max, and tells how many. The newest stays.
func Prune(tx *bbolt.Tx, before time.Time, max int) (int, error) {
	n, last := 0, headOf(tx).Number
	for n < max {
		k, v := tx.Bucket(entries).Cursor().First()
		e, err := decode(k, v)
		if k == nil || err != nil || e.Number >= last || !e.Box.Before(before) {
			return n, nil // what cannot be read is for Verify to name
		}
		if err := tx.Bucket(entries).Delete(bytes.Clone(k)); err != nil {
			return n, fmt.Errorf("prune the audit log: %w", err)
		}
		if err := putEnd(tx, anchorKey, Head{e.Number, e.Hash}); err != nil {
			return n, fmt.Errorf("prune the audit log: %w", err)
		}
		n++
	}
	return n, nil
}

func numbered(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// utc strips an instant to what is stored.
func utc(t time.Time) time.Time { return t.Round(0).UTC() }
