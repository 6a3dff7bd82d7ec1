package blackbox

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// Record is one frozen memory. Its times are those of the wall clock as it
// stood when it was frozen, reckoned back from there.
type Record struct {
	Moment  string    `json:"moment"` // why it was frozen: opened, reopened, resolved or closed; now is not on disk
	Frozen  time.Time `json:"frozen"`
	Trusted bool      `json:"clock_trusted"`
	Note    string    `json:"note,omitempty"` // why something is missing
	Lines   []Line    `json:"lines"`
	Samples []Sample  `json:"samples"`
}

// Freeze copies what came after an instant; the zero instant is all there is.
func (r *Recorder) Freeze(moment string, since time.Time) Record {
	now := time.Now()
	rec := Record{Moment: moment, Frozen: now, Lines: r.lines(since), Samples: r.samples(since, now)}
	rec.settle(now)
	return rec
}

// settle turns instants that count by the monotonic clock into wall time.
func (r *Record) settle(now time.Time) {
	wall := now.Round(0).UTC()
	at := func(t time.Time) time.Time { return wall.Add(t.Sub(now)).Truncate(time.Millisecond) }
	for i := range r.Lines {
		r.Lines[i].At = at(r.Lines[i].At)
	}
	for i := range r.Samples {
		r.Samples[i].At = at(r.Samples[i].At)
	}
	r.Frozen = wall.Truncate(time.Millisecond)
}

// Empty is the record of a moment of which nothing was kept.
func Empty(moment, why string) Record {
	return Record{Moment: moment, Frozen: time.Now().UTC().Truncate(time.Millisecond), Note: why, Lines: []Line{}, Samples: []Sample{}}
}

// Bounds of what goes to disk and comes from there.
const (
	packed   = 256 << 10
	unpacked = 64 << 20
	longest  = 200 // bytes of what a probe saw
)

// short cuts words that are longer than anybody reads.
func short(s string) string {
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "…"
}

// Pack writes a record as gzip'ed JSON of at most 256 KiB. What is oldest is
// left out until it fits, and the note says so.
func (r Record) Pack() ([]byte, error) { return r.pack(packed) }

func (r Record) pack(most int) ([]byte, error) {
	all := len(r.Lines) + len(r.Samples)
	for {
		b, err := r.squeeze()
		if err != nil || len(b) <= most {
			return b, err
		}
		left := len(r.Lines) + len(r.Samples)
		if left == 0 {
			return nil, fmt.Errorf("pack a black box: %d bytes with nothing in it", len(b))
		}
		r = r.newest(left * 3 / 4)
		r.Note = fmt.Sprintf("the oldest %d of %d entries are left out: a black box has at most %d KiB", all-len(r.Lines)-len(r.Samples), all, most>>10)
	}
}

// newest drops the oldest entries until n are left.
func (r Record) newest(n int) Record {
	for len(r.Lines)+len(r.Samples) > n {
		if len(r.Samples) == 0 || len(r.Lines) > 0 && r.Lines[0].At.Before(r.Samples[0].At) {
			r.Lines = r.Lines[1:]
			continue
		}
		r.Samples = r.Samples[1:]
	}
	return r
}

func (r Record) squeeze() ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(r); err != nil {
		return nil, fmt.Errorf("pack a black box: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack a black box: %w", err)
	}
	return b.Bytes(), nil
}

// Unpack reads what Pack wrote.
func Unpack(b []byte) (Record, error) {
	var r Record
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err == nil {
		err = json.NewDecoder(io.LimitReader(z, unpacked)).Decode(&r)
	}
	if err != nil {
		return Record{}, fmt.Errorf("read a black box: %w", err)
	}
	return r, nil
}
