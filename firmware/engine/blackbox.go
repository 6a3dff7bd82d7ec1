package engine

import (
	"context"

	"go.etcd.io/bbolt"

	"heliograph/firmware/event"
	"heliograph/firmware/incident"
	"heliograph/storage"
	"heliograph/storage/outbox"
)

// frozen is a black box on its way to the disk. It is no part of any decision,
// so it has a commit of its own, after the turn that it came with: one that
// finds no room costs nobody else anything.
type frozen struct {
	event.Ticked
	incident int
	box      []byte
}

// KeepBlackBox keeps what was frozen for an incident, which goes when the
// incident is pruned. It returns after the commit; ErrDiskFull means that it
// may be tried again when there is room.
func (e *Engine) KeepBlackBox(ctx context.Context, incident int, box []byte) error {
	return e.Take(ctx, frozen{incident: incident, box: box})
}

// apart takes the black boxes out of a batch.
func apart(all []letter) (batch, boxes []letter) {
	for _, l := range all {
		if _, ok := l.fact.(frozen); ok {
			boxes = append(boxes, l)
			continue
		}
		batch = append(batch, l)
	}
	return batch, boxes
}

// keep writes black boxes. While the ballast is in use they wait: what room
// there is belongs to alarms.
func (e *Engine) keep(boxes []letter) error {
	for _, l := range boxes {
		if e.spent || e.emergency.on() {
			l.tell(ErrDiskFull)
			continue
		}
		f := l.fact.(frozen)
		err := e.opt.Store.Update(func(tx *bbolt.Tx) error { return outbox.PutBlackBox(tx, f.incident, f.box) })
		if storage.IsFull(err) {
			err = ErrDiskFull
		}
		l.tell(err)
		if isBroken(err) {
			return err
		}
	}
	return nil
}

// mark says which incidents have changed their phase since it was last asked,
// those included that did so while the disk was full.
func (e *Engine) mark() {
	if e.opt.Marked == nil {
		return
	}
	now := make(map[int]incident.Phase, len(e.marked))
	for _, c := range e.State().Incidents {
		if now[c.Number] = c.Phase; e.marked[c.Number] != c.Phase {
			e.opt.Marked(c.Number, c.Phase)
		}
	}
	for number := range e.marked {
		if now[number] == "" {
			e.opt.Marked(number, incident.Closed)
		}
	}
	e.marked = now
}
