package outbox

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"
)

// glances is how many rows of a ledger are looked at for each that may be
// read: a row that a notice has nothing to say to costs a twentieth.
const glances = 20

// ledgerOf reads rows after a notice's cursor that it may have something to
// say to, at most max of them, and how far it came. The people on call stand
// in one ledger with all subscribers, and must not wait until each of those is
// read.
func ledgerOf(tx *bbolt.Tx, n Notice, max int) (rows []Told, last []byte, ended bool, err error) {
	prefix, from := key(n.Incident), append(bytes.Clone(n.Cursor), 0)
	if len(n.Cursor) == 0 {
		from = prefix
	}
	concerns := n.concerns()
	c := tx.Bucket([]byte(bLedger)).Cursor()
	last = bytes.Clone(n.Cursor)
	looked := 0
	for k, v := c.Seek(from); hasPrefix(k, prefix); k, v = c.Next() {
		if looked == glances*max || len(rows) == max {
			return rows, last, false, nil
		}
		looked++
		last = append(last[:0], k...)
		if !concerns(v) {
			continue
		}
		t := Told{Incident: n.Incident}
		if err := json.Unmarshal(v, &t); err != nil {
			return nil, nil, false, fmt.Errorf("ledger of incident %d: %w", n.Incident, err)
		}
		var rest []byte
		t.Channel, rest = upTo(k[8:])
		t.Address, _ = upTo(rest)
		rows = append(rows, t)
	}
	return rows, last, true, nil
}

// concerns tells from a row as it is stored whether it can be one that a
// notice has something to say to: it is of its audience, and told or cleared
// if the notice has no words for those who wait.
func (n Notice) concerns() func(row []byte) bool {
	audience, err := json.Marshal(n.Audience)
	if err != nil || n.Audience == "" {
		audience = nil
	} else {
		audience = append([]byte(`"au":`), audience[:len(audience)-1]...) // with any part of it
	}
	waiting := n.Texts[ToWaiting] != nil
	return func(row []byte) bool {
		return bytes.Contains(row, audience) && (waiting || bytes.Contains(row, []byte(`"t":[`)) || bytes.Contains(row, []byte(`"c":true`)))
	}
}
