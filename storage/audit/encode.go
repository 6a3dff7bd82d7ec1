package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// form begins every body, so that a hash of something else is none of ours.
const form = "heliograph audit 1"

func sum(body []byte) Hash { return sha256.Sum256(body) }

// body is what an entry's hash is of.
func (e Entry) body() []byte {
	trusted := []byte{0}
	if e.Trusted {
		trusted[0] = 1
	}
	var b []byte
	for _, field := range [][]byte{
		[]byte(form), numbered(e.Number), instant(e.Box), instant(e.Wall), trusted,
		[]byte(e.By), []byte(e.From), []byte(e.Way), []byte(e.Order), []byte(e.Proof), []byte(e.Effect), e.Previous[:],
	} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(field)))
		b = append(b, field...)
	}
	return b
}

func instant(t time.Time) []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(t.Unix()))
	return binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond()))
}

// decode reads an entry as it is stored; what is not of the form is a *Break.
func decode(k, v []byte) (Entry, error) {
	if len(k) != 8 {
		return Entry{}, &Break{How: fmt.Sprintf("an entry stands under %x, which is no number", k)}
	}
	number := binary.BigEndian.Uint64(k)
	var e Entry
	if len(v) < len(e.Hash) {
		return Entry{}, &Break{number, "it is cut short: it was edited"}
	}
	body := v[:len(v)-len(e.Hash)]
	copy(e.Hash[:], v[len(body):])
	if err := e.read(body); err != nil {
		return Entry{}, &Break{number, "it cannot be read, so it was edited: " + err.Error()}
	}
	if e.Number != number {
		return Entry{}, &Break{number, fmt.Sprintf("entry %d is in its place: they are out of order", e.Number)}
	}
	return e, nil
}

func (e *Entry) read(body []byte) error {
	r := reader{rest: body}
	r.want(string(r.field()) == form, "it is of another form")
	e.Number = binary.BigEndian.Uint64(r.sized(8))
	e.Box, e.Wall = r.instant(), r.instant()
	trusted := r.sized(1)[0]
	r.want(trusted <= 1, "its trust in the clock is neither yes nor no")
	e.Trusted = trusted == 1
	for _, s := range []*string{&e.By, &e.From, &e.Way, &e.Order, &e.Proof, &e.Effect} {
		*s = string(r.field())
		r.want(utf8.ValidString(*s), "a text in it is not UTF-8")
	}
	copy(e.Previous[:], r.sized(len(e.Previous)))
	r.want(len(r.rest) == 0, "it is too long")
	return r.err
}

// reader takes a body apart; after the first fault it gives zeros.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) want(ok bool, otherwise string) {
	if !ok && r.err == nil {
		r.err = errors.New(otherwise)
	}
}

func (r *reader) field() []byte {
	if len(r.rest) < 4 || uint64(binary.BigEndian.Uint32(r.rest)) > uint64(len(r.rest)-4) {
		r.want(false, "a field in it is cut short")
		r.rest = nil
		return nil
	}
	n := binary.BigEndian.Uint32(r.rest)
	field := r.rest[4 : 4+n]
	r.rest = r.rest[4+n:]
	return field
}

// sized is a field that has its length by the form.
func (r *reader) sized(n int) []byte {
	field := r.field()
	if len(field) != n {
		r.want(false, "a field in it has a wrong length")
		return make([]byte, n)
	}
	return field
}

func (r *reader) instant() time.Time {
	b := r.sized(12)
	return time.Unix(int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint32(b[8:]))).UTC()
}
