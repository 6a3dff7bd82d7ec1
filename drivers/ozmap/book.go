package ozmap

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// book is what is remembered of the tag: who carries it for which incident.
type book struct {
	memory Memory
	empty  bool // nothing was ever remembered
	Cases  []*entry
}

// entry is one incident.
type entry struct {
	Key     string   `json:"key"`
	Telling int      `json:"telling,omitempty"` // the last that the map has for certain
	Names   []string `json:"names,omitempty"`   // what it covered then, in the configuration's words
	Over    bool     `json:"over,omitempty"`
	Pieces  int      `json:"pieces,omitempty"` // under which the carriers are kept

	held []string        // the carriers' ids, in pieces
	set  map[string]bool // the same
}

const (
	cover      = "tagged"
	piece      = 500 // carriers that are kept under one key: a page more rewrites one piece
	closedKept = 16
)

func readBook(m Memory) (*book, error) {
	b := &book{memory: m, empty: true}
	if m == nil {
		return b, nil
	}
	text, err := m.Load(cover)
	if err != nil {
		return nil, fmt.Errorf("reading what is remembered of tags: %w", err)
	}
	if len(text) > 0 && json.Unmarshal(text, &b.Cases) != nil {
		b.Cases = nil
		return b, nil
	}
	b.empty = len(text) == 0
	for _, e := range b.Cases {
		if err := e.load(m); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (e *entry) load(m Memory) error {
	e.set = map[string]bool{}
	for n := range e.Pieces {
		text, err := m.Load(e.piece(n))
		if err != nil {
			return fmt.Errorf("reading who was tagged: %w", err)
		}
		for id := range strings.FieldsSeq(string(text)) {
			e.held, e.set[id] = append(e.held, id), true
		}
	}
	return nil
}

func (e *entry) piece(n int) string { return fmt.Sprintf("%s/%s/%d", cover, e.Key, n) }

func (b *book) entry(key string) *entry {
	if i := slices.IndexFunc(b.Cases, func(e *entry) bool { return e.Key == key }); i >= 0 {
		return b.Cases[i]
	}
	return &entry{Key: key, set: map[string]bool{}}
}

// others tells whether another open incident of ours holds an object.
func (b *book) others(e *entry, id string) bool {
	return slices.ContainsFunc(b.Cases, func(x *entry) bool { return x != e && !x.Over && x.set[id] })
}

// ours tells whether an object carries the tag through us.
func (b *book) ours(id string) bool { return b.others(nil, id) }

// hold remembers more carriers, before they are tagged.
func (b *book) hold(e *entry, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	from := len(e.held) / piece
	for _, id := range ids {
		e.held, e.set[id] = append(e.held, id), true
	}
	return b.write(e, from)
}

// write keeps the pieces from one on, and then the cover that counts them.
func (b *book) write(e *entry, from int) error {
	n := from
	for ids := range slices.Chunk(e.held[min(from*piece, len(e.held)):], piece) {
		if err := b.store(e.piece(n), []byte(strings.Join(ids, "\n"))); err != nil {
			return err
		}
		n++
	}
	was := e.Pieces
	e.Pieces = n
	if err := b.keep(e); err != nil {
		return err
	}
	for ; n < was; n++ {
		if err := b.store(e.piece(n), nil); err != nil {
			return err
		}
	}
	return nil
}

// release forgets carriers; all of them if gone is nil.
func (b *book) release(e *entry, gone map[string]bool) error {
	e.held = slices.DeleteFunc(e.held, func(id string) bool { return gone == nil || gone[id] })
	maps.DeleteFunc(e.set, func(id string, _ bool) bool { return gone == nil || gone[id] })
	return b.write(e, 0)
}

// keep remembers an entry. The oldest closed ones make room.
func (b *book) keep(e *entry) error {
	b.Cases = append(slices.DeleteFunc(b.Cases, func(x *entry) bool { return x.Key == e.Key }), e)
	closed := 0
	for _, e := range slices.Backward(b.Cases) {
		if e.Over {
			closed++
		}
		if e.Over && closed > closedKept {
			b.Cases = slices.DeleteFunc(b.Cases, func(x *entry) bool { return x == e })
			break
		}
	}
	b.empty = false
	text, err := json.Marshal(b.Cases)
	if err != nil {
		return err
	}
	return b.store(cover, text)
}

func (b *book) store(key string, value []byte) error {
	if b.memory == nil {
		return errors.New("it has no memory: nothing is tagged that could not be untagged")
	}
	if err := b.memory.Store(key, value); err != nil {
		return fmt.Errorf("remembering who is tagged: %w", err)
	}
	return nil
}
