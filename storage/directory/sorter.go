package directory

import (
	"bufio"
	"bytes"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

const (
	runSize   = 2 << 20  // bytes that are sorted in memory before they go to disk
	runBuffer = 64 << 10 // of each sorted run while all are read together
	longest   = 1 << 20  // bytes of one record
)

// sorter sorts records that may be more than fit into memory: sorted runs go
// to files without a name, and are merged when all are there.
type sorter struct {
	dir   string
	arena []byte
	at    []span
	runs  []*os.File
}

type span struct{ from, to uint32 }

func (s *sorter) add(record []byte) error {
	if len(s.arena)+len(record) > runSize && len(s.at) > 0 {
		if err := s.spill(); err != nil {
			return err
		}
	}
	from := uint32(len(s.arena))
	s.arena = append(s.arena, record...)
	s.at = append(s.at, span{from, uint32(len(s.arena))})
	return nil
}

func (s *sorter) sort() {
	slices.SortFunc(s.at, func(a, b span) int { return bytes.Compare(s.arena[a.from:a.to], s.arena[b.from:b.to]) })
}

// spill writes what is in memory to a run.
func (s *sorter) spill() error {
	if err := roomy(s.dir); err != nil {
		return err
	}
	s.sort()
	f, err := os.CreateTemp(s.dir, runName)
	if err != nil {
		return err
	}
	s.runs = append(s.runs, f)
	if err := os.Remove(f.Name()); err != nil { // a crash leaves nothing behind
		return err
	}
	w := bufio.NewWriterSize(f, runBuffer)
	var head []byte
	for _, r := range s.at {
		head = binary.AppendUvarint(head[:0], uint64(r.to-r.from))
		w.Write(head)
		w.Write(s.arena[r.from:r.to]) // Flush tells of what went wrong
	}
	s.arena, s.at = s.arena[:0], s.at[:0]
	return w.Flush()
}

// each gives all records in order. It may be called several times; a record is
// good until f returns.
func (s *sorter) each(f func(record []byte) error) error {
	s.sort()
	merged := &merge{}
	for _, file := range s.runs {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		merged.streams = append(merged.streams, &stream{r: bufio.NewReaderSize(file, runBuffer)})
	}
	merged.streams = append(merged.streams, &stream{arena: s.arena, at: s.at})
	var err error
	merged.streams = slices.DeleteFunc(merged.streams, func(t *stream) bool {
		end := t.next()
		if end != io.EOF {
			err = errors.Join(err, end)
		}
		return end != nil
	})
	heap.Init(merged)
	for err == nil && len(merged.streams) > 0 {
		first := merged.streams[0]
		if err = f(first.record); err != nil {
			break
		}
		switch err = first.next(); err {
		case nil:
			heap.Fix(merged, 0)
		case io.EOF:
			heap.Pop(merged)
			err = nil
		}
	}
	return err
}

// drop forgets everything.
func (s *sorter) drop() {
	for _, f := range s.runs {
		f.Close()
	}
	*s = sorter{dir: s.dir}
}

// stream is one sorted run, on disk or in memory.
type stream struct {
	r      *bufio.Reader // nil: in memory
	arena  []byte
	at     []span
	record []byte
}

func (t *stream) next() error {
	if t.r == nil {
		if len(t.at) == 0 {
			return io.EOF
		}
		t.record, t.at = t.arena[t.at[0].from:t.at[0].to], t.at[1:]
		return nil
	}
	n, err := binary.ReadUvarint(t.r)
	if err != nil {
		return err
	}
	if n > longest {
		return fmt.Errorf("a sorted run is damaged: a record of %d bytes", n)
	}
	t.record = slices.Grow(t.record[:0], int(n))[:n]
	if _, err = io.ReadFull(t.r, t.record); err != nil {
		return fmt.Errorf("read a sorted run: %w", io.ErrUnexpectedEOF)
	}
	return nil
}

type merge struct{ streams []*stream }

func (m *merge) Len() int { return len(m.streams) }
func (m *merge) Less(i, j int) bool {
	return bytes.Compare(m.streams[i].record, m.streams[j].record) < 0
}
func (m *merge) Swap(i, j int) { m.streams[i], m.streams[j] = m.streams[j], m.streams[i] }
func (m *merge) Push(x any)    { m.streams = append(m.streams, x.(*stream)) }
func (m *merge) Pop() any {
	last := m.streams[len(m.streams)-1]
	m.streams = m.streams[:len(m.streams)-1]
	return last
}
