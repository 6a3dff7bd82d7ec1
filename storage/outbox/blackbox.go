package outbox

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"
)

// How many black boxes are kept: of one incident, which may open many times,
// and in all, so that a year of small incidents does not fill the disk.
const (
	boxesEach  = 8
	boxesBytes = 32 << 20
)

// PutBlackBox adds what was frozen for an incident. The first of an incident
// and its newest stay; beyond the bound for all, those of the oldest incidents
// go.
func PutBlackBox(tx *bbolt.Tx, incident int, frozen []byte) error {
	if incident < 1 || len(frozen) == 0 {
		return fmt.Errorf("put a black box of %d bytes for incident %d: incidents are numbered from 1, and no box is empty", len(frozen), incident)
	}
	n, err := tx.Bucket([]byte(bBoxes)).NextSequence()
	if err != nil {
		return fmt.Errorf("put a black box for incident %d: %w", incident, err)
	}
	k := key(incident, n)
	if err := put(tx, bBoxes, k, frozen); err != nil {
		return err
	}
	all := keys(tx, bBoxes, key(incident), nil, 1<<30)
	for i := 1; i <= len(all)-boxesEach; i++ {
		if err := del(tx, bBoxes, all[i]); err != nil {
			return err
		}
	}
	return boundBoxes(tx, k)
}

// boundBoxes deletes the oldest, but never the one just put.
func boundBoxes(tx *bbolt.Tx, newest []byte) error {
	size := 0
	c := tx.Bucket([]byte(bBoxes)).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		size += len(v)
	}
	for size > boxesBytes {
		k := first(tx, bBoxes, nil)
		if bytes.Equal(k, newest) {
			return nil
		}
		size -= len(get(tx, bBoxes, k))
		if err := del(tx, bBoxes, k); err != nil {
			return err
		}
	}
	return nil
}

// BlackBoxes reads the black boxes of an incident in the order they were put.
func BlackBoxes(tx *bbolt.Tx, incident int) [][]byte {
	var all [][]byte
	for _, k := range keys(tx, bBoxes, key(incident), nil, 1<<30) {
		all = append(all, bytes.Clone(get(tx, bBoxes, k)))
	}
	return all
}

// HasBlackBox tells whether an incident has any.
func HasBlackBox(tx *bbolt.Tx, incident int) bool { return first(tx, bBoxes, key(incident)) != nil }
