package outbox_test

import (
	"slices"
	"time"

	"heliograph/storage/outbox"
)

// The model is the outbox as one would explain it: a list of rows that is
// searched from the start at every claim. It has no index, no lane and no
// worklist, so it can be wrong about rules only.
type model struct {
	now     time.Time
	notices map[uint64]outbox.Notice
	marks   map[int]uint64
	rows    []outbox.Delivery // row i has the number i+1
	ledger  map[place]*memory
}

type place struct {
	incident int
	address  string
}

// memory is what one address of one incident knows.
type memory struct {
	name      string
	telling   []uint64
	before    []uint64
	waiting   uint64
	cleared   bool
	clearedBy uint64
}

func (m *model) standing(notice uint64) outbox.Standing {
	n := m.notices[notice]
	if n.Incident > 0 && notice <= m.marks[n.Incident] {
		return outbox.Withdrawn
	}
	return n.Standing
}

// settle supersedes what is withdrawn, as Tidy does when it is let.
func (m *model) settle() {
	for i := range m.rows {
		d := &m.rows[i]
		if !d.Queue || m.standing(d.Notice) != outbox.Withdrawn {
			continue
		}
		if d.Status == outbox.Unsure {
			d.Queue, d.Again = false, false
			continue
		}
		m.change(d, outbox.Superseded, false)
	}
}

func (m *model) change(d *outbox.Delivery, to outbox.Status, queue bool) {
	was := d.Status
	d.Status, d.Queue = to, queue
	if !queue && to != outbox.Sending {
		d.Again = false
	}
	k := m.ledger[place{d.Incident, d.Address}]
	if k == nil || was == to {
		return
	}
	switch d.Effect {
	case outbox.Tells:
		k.told(d, was)
	case outbox.Clears:
		if was == outbox.Sending && to.Told() {
			k.cleared, k.clearedBy = true, d.ID
			if k.waiting < d.ID {
				k.waiting = 0
			}
		}
		if to == outbox.Failed && k.clearedBy == d.ID {
			k.cleared, k.clearedBy = false, 0
			k.telling, k.before = slices.Concat(k.before, k.telling), nil
		}
	}
}

func (k *memory) told(d *outbox.Delivery, was outbox.Status) {
	if d.Status.Told() && !was.Told() {
		if k.cleared {
			k.cleared, k.before, k.telling = false, slices.Concat(k.before, k.telling), nil
		}
		k.telling = append(k.telling, d.ID)
	}
	if was.Told() && !d.Status.Told() {
		not := func(id uint64) bool { return id == d.ID }
		k.telling, k.before = slices.DeleteFunc(k.telling, not), slices.DeleteFunc(k.before, not)
		if len(k.telling) == 0 && k.clearedBy != 0 {
			k.cleared = true
		}
	}
	if d.Status == outbox.Pending {
		k.waiting = max(k.waiting, d.ID)
	} else if d.Status != outbox.Superseded && k.waiting == d.ID {
		k.waiting = 0
	}
}

func (m *model) add(notice uint64, address, name, variant string, due time.Time) {
	n := m.notices[notice]
	if m.standing(notice) == outbox.Withdrawn {
		return
	}
	for _, d := range m.rows {
		if d.Queue && d.Notice == notice && d.Address == address {
			return
		}
	}
	d := outbox.Delivery{ID: uint64(len(m.rows) + 1), Notice: notice, Incident: n.Incident, Class: n.Class, Effect: n.Effect,
		Variant: variant, Recipient: name, Channel: "sms", Address: address, Status: outbox.Pending, Due: due, Expires: n.Expires, Queue: true}
	m.rows = append(m.rows, d)
	if n.Effect == outbox.Tells && n.Incident > 0 {
		at := place{n.Incident, address}
		if m.ledger[at] == nil {
			m.ledger[at] = &memory{}
		}
		m.ledger[at].name, m.ledger[at].waiting = name, d.ID
	}
}

func (m *model) expand(notice uint64) {
	n := m.notices[notice]
	for _, address := range addresses {
		k := m.ledger[place{n.Incident, address}]
		if k == nil {
			continue
		}
		switch {
		case k.cleared && n.Texts[outbox.ToCleared] != nil:
			m.add(notice, address, k.name, outbox.ToCleared, n.Queued)
		case !k.cleared && len(k.telling) > 0 && n.Texts[outbox.ToTold] != nil:
			m.add(notice, address, k.name, outbox.ToTold, n.Queued)
		case !k.cleared && len(k.telling) == 0 && k.waiting != 0 && n.Texts[outbox.ToWaiting] != nil:
			m.add(notice, address, k.name, outbox.ToWaiting, n.Queued)
		}
	}
}

// blocked tells whether a row must wait for another.
func (m *model) blocked(d outbox.Delivery) bool {
	return slices.ContainsFunc(m.rows, func(e outbox.Delivery) bool {
		return e.Address == d.Address && (e.Status == outbox.Sending ||
			e.ID < d.ID && e.Incident == d.Incident && e.Incident > 0 && e.Queue && e.Class <= d.Class && m.standing(e.Notice) == outbox.Open)
	})
}

// claim ends and supersedes what it meets and returns the row that goes, 0 for none.
func (m *model) claim(worker string) uint64 {
	for {
		i := m.best()
		if i < 0 {
			return 0
		}
		d := &m.rows[i]
		k := m.ledger[place{d.Incident, d.Address}]
		switch {
		case !d.Expires.After(m.now) && !d.Expires.IsZero():
			if d.Status == outbox.Unsure {
				d.Queue, d.Again = false, false
			} else {
				m.change(d, outbox.Failed, false)
			}
		case d.Effect == outbox.Clears && d.Incident > 0 && (k == nil || len(k.telling) == 0 || k.cleared && k.clearedBy != d.ID):
			m.change(d, outbox.Superseded, false)
		default:
			again := d.Again
			m.change(d, outbox.Sending, false)
			d.Again, d.Worker = again, worker
			d.Tries++
			return d.ID
		}
	}
}

// best is the most urgent row that is due, open and not blocked; -1 for none.
func (m *model) best() int {
	best := -1
	for i, d := range m.rows {
		if !d.Queue || m.standing(d.Notice) != outbox.Open || d.Due.After(m.now) || m.blocked(d) {
			continue
		}
		if best < 0 || d.Class < m.rows[best].Class || d.Class == m.rows[best].Class && d.Due.Before(m.rows[best].Due) {
			best = i
		}
	}
	return best
}
