package directory

import (
	"bytes"
	"encoding/binary"

	"go.etcd.io/bbolt"
)

// An entry of the index is a kind, a term and a subscriber's number. Those of
// one term stand together in blocks: the key is kind, term, 0 and the first
// number, the value their count and then the distances from one to the next.
type kind byte

const (
	region       kind = 'r'
	municipality kind = 'm'
	box          kind = 'b'
	uplink       kind = 'u'
	line         kind = 'l'
	tag          kind = 't'
	phone        kind = 'p'
	address      kind = 'a'
	code         kind = 'c'
)

// scopes are the kinds by which subscribers are chosen, as people call them.
var scopes = []struct {
	kind kind
	name string
}{{region, "region"}, {municipality, "municipality"}, {box, "box"}, {uplink, "uplink"}, {line, "line"}, {tag, "tag"}}

const blockOf = 512 // subscribers of a term

// entry is a record of the sorter.
func entry(buf []byte, k kind, term string, id uint32) []byte {
	return binary.BigEndian.AppendUint32(termKey(buf, k, term), id)
}

func termKey(buf []byte, k kind, term string) []byte {
	buf = append(buf[:0], byte(k))
	buf = append(buf, term...)
	return append(buf, 0)
}

// named are the values by which a subscriber is chosen.
func (s *Subscriber) named(each func(k kind, name string)) {
	for i, v := range []string{s.Region, s.Municipality, s.Box, s.Uplink, s.Line} {
		if v != "" {
			each(scopes[i].kind, v)
		}
	}
	for _, t := range s.Tags {
		each(tag, t)
	}
}

// terms are all the entries of a subscriber.
func (s *Subscriber) terms(each func(k kind, term string)) {
	s.named(func(k kind, name string) { each(k, fold(name)) })
	for _, p := range s.Phones {
		each(phone, p)
	}
	for _, m := range s.Mails {
		each(address, lower(m))
	}
	if s.Code != "" {
		each(code, lower(s.Code))
	}
}

// block is being filled by the entries as they come in order.
type block struct {
	key   []byte // of its first entry
	last  uint32
	count int
	diffs []byte
}

// takes tells whether an entry goes into this block.
func (b *block) takes(record []byte) bool {
	n := len(record) - 4
	return b.count < blockOf && len(b.key) == len(record) && bytes.Equal(b.key[:n], record[:n])
}

func (b *block) add(record []byte) {
	id := binary.BigEndian.Uint32(record[len(record)-4:])
	switch {
	case b.count == 0:
		b.key = append(b.key[:0], record...)
	case id == b.last: // a subscriber whose two tags differ in case only
		return
	default:
		b.diffs = binary.AppendUvarint(b.diffs, uint64(id-b.last))
	}
	b.last = id
	b.count++
}

func (b *block) value() []byte {
	return append(binary.AppendUvarint(nil, uint64(b.count)), b.diffs...)
}

// walk goes through the subscribers of one term, in order.
type walk struct {
	cursor *bbolt.Cursor
	prefix []byte
	id     uint32
	left   int      // of this block, after id
	diffs  []byte   // good until the transaction ends
	ids    []uint32 // after id, of a walk without a cursor
	ended  bool
	bad    bool
}

// startWalk stands on the first one from a number on.
func startWalk(b *bbolt.Bucket, k kind, term string, from uint32) *walk {
	w := &walk{cursor: b.Cursor(), prefix: termKey(nil, k, term)}
	want := binary.BigEndian.AppendUint32(bytes.Clone(w.prefix), from)
	key, value := w.cursor.Seek(want)
	if !bytes.Equal(key, want) {
		// It may stand in the block before the one that begins behind it.
		back := w.cursor.Prev
		if key == nil {
			back = w.cursor.Last
		}
		before, v := back()
		if bytes.HasPrefix(before, w.prefix) && len(before) == len(want) {
			key, value = before, v
		} else {
			key, value = w.cursor.Seek(want)
		}
	}
	for w.open(key, value); !w.ended && w.id < from; {
		w.next()
	}
	return w
}

// open stands on the first of a block.
func (w *walk) open(key, value []byte) {
	if !bytes.HasPrefix(key, w.prefix) || len(key) != len(w.prefix)+4 {
		w.ended = true
		return
	}
	n, used := binary.Uvarint(value)
	if used <= 0 || n == 0 || n > blockOf {
		w.bad, w.ended = true, true
		return
	}
	w.id, w.left, w.diffs = binary.BigEndian.Uint32(key[len(key)-4:]), int(n)-1, value[used:]
}

func (w *walk) next() {
	if w.cursor == nil {
		if w.ended = len(w.ids) == 0; !w.ended {
			w.id, w.ids = w.ids[0], w.ids[1:]
		}
		return
	}
	if w.left == 0 {
		w.open(w.cursor.Next())
		return
	}
	d, used := binary.Uvarint(w.diffs)
	if used <= 0 {
		w.bad, w.ended = true, true
		return
	}
	w.id, w.left, w.diffs = w.id+uint32(d), w.left-1, w.diffs[used:]
}
