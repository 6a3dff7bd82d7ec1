package audit

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// Break is where a chain does not hold.
type Break struct {
	Number uint64 // the first entry that does not fit; 0 if it has none
	How    string
}

func (b *Break) Error() string {
	if b.Number == 0 {
		return "the audit log is broken: " + b.How
	}
	return fmt.Sprintf("the audit log is broken at entry %d: %s", b.Number, b.How)
}

// Chain verifies entries one after another, in the order of their numbers.
// Its errors are of type *Break.
type Chain struct{ last Head }

// After begins a chain at its anchor.
func After(anchor Head) *Chain { return &Chain{anchor} }

// Last is the entry that was taken last.
func (c *Chain) Last() Head { return c.last }

// Next takes the next entry.
func (c *Chain) Next(e Entry) error {
	switch want := c.last.Number + 1; {
	case e.Number > want:
		return missing(want, e.Number-1)
	case e.Number < want:
		return &Break{want, fmt.Sprintf("entry %d is in its place: they are out of order", e.Number)}
	case sum(e.body()) != e.Hash:
		return &Break{want, "it was edited: its hash does not fit what it says"}
	case e.Previous != c.last.Hash:
		return &Break{want, fmt.Sprintf("it does not follow entry %d: one of the two was edited or replaced", want-1)}
	}
	c.last = Head{e.Number, e.Hash}
	return nil
}

// End compares the last entry with the head that is known.
func (c *Chain) End(head Head) error {
	switch {
	case c.last == head:
		return nil
	case c.last.Number < head.Number:
		b := missing(c.last.Number+1, head.Number)
		b.How += ": the end was cut off"
		return b
	case c.last.Number > head.Number:
		return &Break{head.Number + 1, "it stands behind the head that is noted: it was added by another hand"}
	}
	return &Break{head.Number, "its hash is not that of the head that is noted"}
}

func missing(from, to uint64) *Break {
	if from == to {
		return &Break{from, "it is missing"}
	}
	return &Break{from, fmt.Sprintf("entries %d to %d are missing", from, to)}
}

// Ends reads the last entry that was pruned and the newest one, as they are
// noted beside the entries. Where one cannot be read it is a *Break.
func Ends(tx *bbolt.Tx) (anchor, head Head, err error) {
	anchor, head = Anchor(tx), headOf(tx)
	if k, _ := tx.Bucket(entries).Cursor().First(); k != nil {
		if _, ok := end(tx, headKey); !ok {
			return anchor, head, &Break{How: "the head that is noted is missing, or cannot be read"}
		}
	}
	if _, ok := end(tx, anchorKey); !ok && tx.Bucket(ends).Get(anchorKey) != nil {
		return anchor, head, &Break{How: "the anchor, the last entry that was pruned, cannot be read"}
	}
	return anchor, head, nil
}

// Verify reads the whole chain and returns a *Break for the first entry that
// does not fit, and how: edited, missing, out of order, or cut off at the end.
func Verify(tx *bbolt.Tx) error {
	anchor, head, err := Ends(tx)
	if err != nil {
		return err
	}
	chain := After(anchor)
	c := tx.Bucket(entries).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		e, err := decode(k, v)
		if err == nil {
			err = chain.Next(e)
		}
		if err != nil {
			return err
		}
	}
	return chain.End(head)
}
