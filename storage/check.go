package storage

import (
	"errors"
	"fmt"
	"os"
	"time"

	"go.etcd.io/bbolt"

	"heliograph/storage/outbox"
)

// Check reads a whole file that nothing has open and returns all its faults:
// those of its pages, of its schema and of the outbox's rows.
func Check(path string) error {
	return guard(func() error {
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("check a store: %w", err)
		}
		db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, PreLoadFreelist: true, Timeout: time.Second})
		if err != nil {
			return distrust(path, err)
		}
		err = db.View(func(tx *bbolt.Tx) error {
			if info.Size() < tx.Size() {
				return &Broken{Reason: fmt.Sprintf("it is cut short: %d bytes of %d", info.Size(), tx.Size())}
			}
			return checkAll(tx)
		})
		return errors.Join(err, db.Close())
	})
}

// Look reads a file that no appliance has open, such as that of a stopped one,
// or a backup; it changes nothing in it. Of a schema older than this program's
// a bucket may be missing.
func Look(path string, f func(*bbolt.Tx) error) error {
	return guard(func() error {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
		if err != nil {
			return distrust(path, err)
		}
		err = db.View(func(tx *bbolt.Tx) error {
			if info.Size() < tx.Size() {
				return &Broken{Reason: fmt.Sprintf("it is cut short: %d bytes of %d", info.Size(), tx.Size())}
			}
			v, err := version(tx)
			switch {
			case err != nil:
				return err
			case v > len(steps):
				return &Newer{Path: path, Schema: v, Known: len(steps)}
			}
			return f(tx)
		})
		return errors.Join(err, db.Close())
	})
}

// Check reads the whole open store and returns all its faults. Nothing may
// write while it reads.
func (s *Store) Check() error { return s.View(checkAll) }

func checkAll(tx *bbolt.Tx) error {
	v, err := version(tx)
	if err != nil {
		return err
	}
	if v > len(steps) {
		return &Newer{Path: "the file", Schema: v, Known: len(steps)}
	}
	if v < 1 {
		return &Broken{Reason: "it has no version"}
	}
	// bbolt checks in a goroutine of its own, in which a read fault would end the
	// process. Reading all rows here first meets such a fault where it is caught.
	if err := readAll(tx); err != nil {
		return err
	}
	var faults []error
	for err := range tx.Check() {
		faults = append(faults, err)
	}
	if v == len(steps) && len(faults) == 0 {
		faults = outbox.Check(tx)
	}
	if len(faults) > 20 {
		faults = append(faults[:20], fmt.Errorf("and %d more", len(faults)-20))
	}
	return errors.Join(faults...)
}

func readAll(tx *bbolt.Tx) error {
	rows := 0
	return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
		return b.ForEach(func(k, v []byte) error {
			if rows++; v == nil {
				return fmt.Errorf("the bucket %q holds another bucket %q", name, k)
			}
			return nil
		})
	})
}
