package storage

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"heliograph/storage/audit"
	"heliograph/storage/kv"
	"heliograph/storage/outbox"
)

var (
	metaBucket = []byte("meta")
	schemaKey  = []byte("schema")
	asideKey   = []byte("aside")
)

// steps lead from one schema to the next: steps[n] makes version n+1 of
// version n, in one transaction. A step is never changed once released.
var steps = []func(*bbolt.Tx) error{firstSchema, blackBoxes, auditLog}

// Schema is the version that this program writes.
var Schema = len(steps)

func firstSchema(tx *bbolt.Tx) error {
	for _, name := range append(outbox.Buckets(), kv.Buckets()...) {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return fmt.Errorf("make the bucket %s: %w", name, err)
		}
	}
	return nil
}

// blackBoxes is schema 2: incidents have black boxes.
func blackBoxes(tx *bbolt.Tx) error {
	if _, err := tx.CreateBucketIfNotExists([]byte(outbox.BlackBoxBucket)); err != nil {
		return fmt.Errorf("make the bucket %s: %w", outbox.BlackBoxBucket, err)
	}
	return nil
}

// auditLog is schema 3: who ordered what is kept in a chain.
func auditLog(tx *bbolt.Tx) error {
	for _, name := range audit.Buckets() {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return fmt.Errorf("make the bucket %s: %w", name, err)
		}
	}
	return nil
}

// buckets are those of the newest schema.
func buckets() []string { return slices.Concat(outbox.Buckets(), kv.Buckets(), audit.Buckets()) }

// Newer says that a file was written by a later version of the program.
type Newer struct {
	Path          string
	Schema, Known int
}

func (e *Newer) Error() string {
	return fmt.Sprintf("%s was written by a newer version of heliograph (schema %d, this one knows %d): install the newer version again, or restore a backup from this one", e.Path, e.Schema, e.Known)
}

// version reads the schema version; zero is a file without any.
func version(tx *bbolt.Tx) (int, error) {
	b := tx.Bucket(metaBucket)
	if b == nil {
		if name, _ := tx.Cursor().First(); name != nil {
			return 0, &Broken{Reason: "it is not a store of heliograph: it has no version"}
		}
		return 0, nil
	}
	v := b.Get(schemaKey)
	if len(v) != 8 {
		return 0, &Broken{Reason: "its version cannot be read"}
	}
	return int(binary.BigEndian.Uint64(v)), nil
}

// migrate brings a file to the newest schema, one transaction a step.
func migrate(db *bbolt.DB, steps []func(*bbolt.Tx) error) error {
	for {
		done := false
		err := db.View(func(tx *bbolt.Tx) error {
			v, err := version(tx)
			done = v == len(steps)
			if v > len(steps) {
				return &Newer{Path: db.Path(), Schema: v, Known: len(steps)}
			}
			return err
		})
		if err != nil || done {
			return err
		}
		if err := db.Update(func(tx *bbolt.Tx) error { return step(tx, steps) }); err != nil {
			return err
		}
	}
}

func step(tx *bbolt.Tx, steps []func(*bbolt.Tx) error) error {
	v, err := version(tx)
	if err != nil {
		return err
	}
	if err := steps[v](tx); err != nil {
		return fmt.Errorf("bring the store from schema %d to %d: %w", v, v+1, err)
	}
	b, err := tx.CreateBucketIfNotExists(metaBucket)
	if err != nil {
		return err
	}
	return b.Put(schemaKey, binary.BigEndian.AppendUint64(nil, uint64(v+1)))
}

// soundEnough is the quick check of a start: it reads the version, the file's
// size against its highest page and the root page of each bucket. All pages
// are read by Check only.
func (s *Store) soundEnough(tx *bbolt.Tx) error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < tx.Size() {
		return &Broken{Reason: fmt.Sprintf("it is cut short: %d bytes of %d", info.Size(), tx.Size())}
	}
	v, err := version(tx)
	if err != nil || v != len(steps) {
		return err
	}
	for _, name := range buckets() {
		b := tx.Bucket([]byte(name))
		if b == nil {
			return &Broken{Reason: "its bucket " + name + " is missing"}
		}
		b.Cursor().First()
	}
	return nil
}

// SetAside tells of the file that was set aside when this one was begun, and
// false if there was none or ForgetAside was called.
func SetAside(tx *bbolt.Tx) (Aside, bool, error) {
	v := tx.Bucket(metaBucket).Get(asideKey)
	if v == nil {
		return Aside{}, false, nil
	}
	var a Aside
	if err := json.Unmarshal(v, &a); err != nil {
		return Aside{}, false, fmt.Errorf("read what was set aside: %w", err)
	}
	return a, true, nil
}

// ForgetAside is called in the transaction that puts the notice about it.
func ForgetAside(tx *bbolt.Tx) error {
	return tx.Bucket(metaBucket).Delete(asideKey)
}

func putAside(tx *bbolt.Tx, a Aside) error {
	v, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return tx.Bucket(metaBucket).Put(asideKey, v)
}

// SetAside tells of the file that was set aside when this store was begun; nil
// if there was none, or it was forgotten by ForgetAside. It survives a restart
// so that a kill before the telling loses nothing.
func (s *Store) SetAside() (*Aside, error) {
	var found *Aside
	err := s.View(func(tx *bbolt.Tx) error {
		a, ok, err := SetAside(tx)
		if ok {
			found = &a
		}
		return err
	})
	return found, err
}
