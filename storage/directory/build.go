package directory

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

var (
	metaBucket  = []byte("meta")
	rowsBucket  = []byte("rows")
	indexBucket = []byte("index")

	versionKey = []byte("version")
	schemaKey  = []byte("schema")
	sharedKey  = []byte("shared")  // bit n: another subscriber has an address of number n, too
	entriesKey = []byte("entries") // of the index
)

const (
	schema    = 1
	batch     = 2000 // entries in key order per commit
	mostNotes = 10_000
)

// Note is what is to be said of one row of a source.
type Note struct {
	Line  int    `json:"line"` // of a file, or the number of an entry; zero: of the whole
	Text  string `json:"text"` // what is wrong and what would be right
	Taken bool   `json:"taken,omitempty"`
}

// Builder takes a new list. Nobody sees anything of it before Finish.
type Builder struct {
	dir, source string
	lock        *os.File
	rows, index sorter
	buf         []byte
	refused     int
	with        With
	notes       []Note
	force       bool
}

// Create begins a list in a data folder. Only one is built at a time.
func Create(dir, source string) (*Builder, error) {
	lock, err := lockImports(dir)
	if err != nil {
		return nil, err
	}
	b := &Builder{dir: dir, source: source, lock: lock, rows: sorter{dir: dir}, index: sorter{dir: dir}}
	if err := errors.Join(sweep(dir), roomy(dir)); err != nil {
		b.Abandon()
		return nil, fmt.Errorf("begin a list of subscribers: %w", err)
	}
	return b, nil
}

// Force takes a list that has shrunk, too: somebody was asked.
func (b *Builder) Force() { b.force = true }

// Add takes a subscriber; the error says what is wrong with this one, if it is
// an *Unfit, and otherwise that no more can be taken.
func (b *Builder) Add(s Subscriber) error {
	s, err := s.tidy()
	if err != nil {
		return &Unfit{err}
	}
	b.with.count(&s)
	b.buf = append(append(b.buf[:0], s.Code...), 0) // in the order of their codes
	b.buf = s.encode(b.buf)
	if err := b.rows.add(b.buf); err != nil {
		return fmt.Errorf("keep the list of subscribers: %w", err)
	}
	return nil
}

// Unfit says that a subscriber cannot be taken, and why.
type Unfit struct{ Err error }

func (e *Unfit) Error() string { return e.Err.Error() }
func (e *Unfit) Unwrap() error { return e.Err }

// Refuse counts a row of the source that is not taken.
func (b *Builder) Refuse(line int, why string) {
	b.refused++
	b.note(Note{Line: line, Text: why})
}

// Remark keeps what is to be said of a row that is taken all the same.
func (b *Builder) Remark(line int, text string) { b.note(Note{Line: line, Text: text, Taken: true}) }

func (b *Builder) note(n Note) {
	if len(b.notes) < mostNotes {
		n.Text = n.Text[:min(len(n.Text), 2*longestText)]
		b.notes = append(b.notes, n)
	}
}

// Notes are the first 10,000 of what was refused and remarked.
func (b *Builder) Notes() []Note { return b.notes }

// Abandon forgets the list. It does nothing after Finish.
func (b *Builder) Abandon() {
	if b.lock == nil {
		return
	}
	b.rows.drop()
	b.index.drop()
	os.Remove(filepath.Join(b.dir, newName))
	unlockImports(b.lock)
	b.lock = nil
}

// Shrunk says that a new list has less than half of the subscribers of the one
// in use, or none; or less than half of those with a number, a region …, as
// when a source calls a column by another name. Force takes it.
type Shrunk struct {
	Now, Before int
	What        string // "with a number"; empty: subscribers at all
}

func (e *Shrunk) Error() string {
	if e.Now == 0 && e.What == "" {
		return "the new list is empty, and was not taken: if nobody is to be told any more, `heliograph directory import --force`"
	}
	return fmt.Sprintf("the new list has %d of %d %s, and was not taken: if that is right, `heliograph directory import --force`", e.Now, e.Before, strings.TrimSpace("subscribers "+e.What))
}

// Finish puts the list in the place of the one in use. If it is the same, only
// the date is new. A list that has shrunk by more than half is a *Shrunk. In
// any case the builder is done.
func (b *Builder) Finish(now time.Time) (Version, error) {
	defer b.Abandon()
	if b.lock == nil {
		return Version{}, errors.New("this list of subscribers was finished before")
	}
	v, err := b.version(now)
	if err != nil {
		return Version{}, fmt.Errorf("sort the list of subscribers: %w", err)
	}
	before, err := Newest(b.dir)
	if err != nil && !errors.Is(err, ErrNone) {
		return Version{}, err
	}
	switch shrunk := v.shrunk(before); {
	case b.force:
	case v.Count == 0:
		return Version{}, &Shrunk{Before: before.Count}
	case shrunk != nil:
		return Version{}, shrunk
	}
	if v.ID != before.ID || !sane(b.dir, v.ID) {
		err = guard(func() error { return b.build(v) })
		if err == nil {
			err = publish(b.dir)
		}
	}
	if err == nil {
		err = settle(b.dir, report{Version: v, Notes: b.notes}, before.ID)
	}
	if err != nil {
		return Version{}, fmt.Errorf("build the list of subscribers: %w", err)
	}
	return v, nil
}

// version reads the sorted rows once for their name.
func (b *Builder) version(now time.Time) (Version, error) {
	v := Version{Taken: now.UTC().Truncate(time.Second), Source: b.source, Refused: b.refused, With: b.with}
	sum := begin()
	err := b.each(func(id uint32, row []byte) error {
		v.Count++
		sum.add(row)
		return nil
	})
	v.ID = sum.id()
	return v, err
}

// content is the hash that names a list.
type content struct{ hash.Hash }

func begin() content {
	c := content{sha256.New()}
	fmt.Fprintf(c, "directory %d\n", schema)
	return c
}

func (c content) add(row []byte) {
	var head [4]byte
	binary.BigEndian.PutUint32(head[:], uint32(len(row)))
	c.Write(head[:])
	c.Write(row) // a hash takes everything
}

func (c content) id() string { return hex.EncodeToString(c.Sum(nil)[:6]) }

// each gives the rows with their numbers; a row that is there twice, once.
func (b *Builder) each(f func(id uint32, row []byte) error) error {
	id := uint32(0)
	var last []byte
	return b.rows.each(func(record []byte) error {
		if bytes.Equal(record, last) {
			return nil
		}
		if id == math.MaxUint32 {
			return errors.New("there are too many subscribers")
		}
		last = append(last[:0], record...)
		id++
		return f(id, record[bytes.IndexByte(record, 0)+1:])
	})
}

// build writes the whole file aside.
func (b *Builder) build(v Version) error {
	db, err := bbolt.Open(filepath.Join(b.dir, newName), 0o600, &bbolt.Options{NoSync: true, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return err
	}
	err = b.fill(db, v)
	if err == nil {
		err = db.Sync()
	}
	return errors.Join(err, db.Close())
}

func (b *Builder) fill(db *bbolt.DB, v Version) error {
	rows := &pen{db: db, dir: b.dir, bucket: rowsBucket}
	err := b.each(func(id uint32, row []byte) error {
		s, err := decode(row)
		if err != nil {
			return err
		}
		if err := b.enter(id, &s); err != nil {
			return err
		}
		return rows.put(binary.BigEndian.AppendUint32(nil, id), row)
	})
	if err == nil {
		err = rows.flush()
	}
	b.rows.drop()
	if err != nil {
		return err
	}
	shared := make([]byte, v.Count/8+1)
	entries, err := b.fillIndex(db, shared)
	if err != nil {
		return err
	}
	about, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return db.Update(func(tx *bbolt.Tx) error {
		meta, err := tx.CreateBucket(metaBucket)
		if err != nil {
			return err
		}
		return errors.Join(meta.Put(schemaKey, []byte{schema}), meta.Put(versionKey, about), meta.Put(sharedKey, shared),
			meta.Put(entriesKey, binary.BigEndian.AppendUint64(nil, entries)))
	})
}

func (b *Builder) enter(id uint32, s *Subscriber) error {
	var err error
	s.terms(func(k kind, term string) {
		b.buf = entry(b.buf, k, term, id)
		err = errors.Join(err, b.index.add(b.buf))
	})
	return err
}

// fillIndex writes the blocks in order, marks who shares an address, and counts.
func (b *Builder) fillIndex(db *bbolt.DB, shared []byte) (entries uint64, err error) {
	blocks := &pen{db: db, dir: b.dir, bucket: indexBucket}
	var open block
	var last []byte
	flush := func() error {
		if open.count == 0 {
			return nil
		}
		entries += uint64(open.count)
		err := blocks.put(bytes.Clone(open.key), open.value())
		open = block{key: open.key, diffs: open.diffs[:0]}
		return err
	}
	err = b.index.each(func(record []byte) error {
		n := len(record) - 4
		if k := kind(record[0]); (k == phone || k == address) && len(last) == len(record) && bytes.Equal(last[:n], record[:n]) {
			mark(shared, last[n:])
			mark(shared, record[n:])
		}
		last = append(last[:0], record...)
		if !open.takes(record) {
			if err := flush(); err != nil {
				return err
			}
		}
		open.add(record)
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err == nil {
		err = blocks.flush()
	}
	return entries, err
}

func mark(bits, id []byte) {
	n := binary.BigEndian.Uint32(id)
	bits[n/8] |= 1 << (n % 8)
}

func marked(bits []byte, id uint32) bool {
	return int(id/8) < len(bits) && bits[id/8]&(1<<(id%8)) != 0
}

// pen writes one bucket, in key order and by batches: at random, the same
// takes many times as long.
type pen struct {
	db           *bbolt.DB
	dir          string
	bucket       []byte
	keys, values [][]byte
}

func (p *pen) put(key, value []byte) error {
	p.keys, p.values = append(p.keys, key), append(p.values, bytes.Clone(value))
	if len(p.keys) < batch {
		return nil
	}
	return p.flush()
}

func (p *pen) flush() error {
	if err := roomy(p.dir); err != nil {
		return err
	}
	err := p.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(p.bucket)
		if err != nil {
			return err
		}
		b.FillPercent = 1 // nothing is ever put between
		for i, key := range p.keys {
			if err := b.Put(key, p.values[i]); err != nil {
				return err
			}
		}
		return nil
	})
	p.keys, p.values = p.keys[:0], p.values[:0]
	return err
}
