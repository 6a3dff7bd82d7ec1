// Package kv keeps values that are remembered one at a time under a name: the
// engine's state, box time, a modem's concatenation reference.
package kv

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

var bucket = []byte("kv")

// Buckets names the buckets that must exist.
func Buckets() []string { return []string{string(bucket)} }

// Put remembers a value until the next Put of the same name.
func Put(tx *bbolt.Tx, name string, value []byte) error {
	if err := tx.Bucket(bucket).Put([]byte(name), value); err != nil {
		return fmt.Errorf("remember %s: %w", name, err)
	}
	return nil
}

// Get returns a copy of the value; nil means that nothing is remembered.
func Get(tx *bbolt.Tx, name string) []byte {
	return bytes.Clone(tx.Bucket(bucket).Get([]byte(name)))
}

// Delete forgets a value.
func Delete(tx *bbolt.Tx, name string) error {
	if err := tx.Bucket(bucket).Delete([]byte(name)); err != nil {
		return fmt.Errorf("forget %s: %w", name, err)
	}
	return nil
}

// Names lists the remembered names that begin with a prefix, in order.
func Names(tx *bbolt.Tx, prefix string) []string {
	var names []string
	c := tx.Bucket(bucket).Cursor()
	for k, _ := c.Seek([]byte(prefix)); k != nil && bytes.HasPrefix(k, []byte(prefix)); k, _ = c.Next() {
		names = append(names, string(k))
	}
	return names
}

// PutTime remembers an instant to the nanosecond; the zero time is forgotten.
func PutTime(tx *bbolt.Tx, name string, t time.Time) error {
	if t.IsZero() {
		return Delete(tx, name)
	}
	return Put(tx, name, binary.BigEndian.AppendUint64(nil, uint64(t.UnixNano())))
}

// GetTime returns an instant in UTC; the zero time means that none is
// remembered.
func GetTime(tx *bbolt.Tx, name string) (time.Time, error) {
	v := tx.Bucket(bucket).Get([]byte(name))
	if v == nil {
		return time.Time{}, nil
	}
	if len(v) != 8 {
		return time.Time{}, fmt.Errorf("read the instant %s: %d bytes are no time", name, len(v))
	}
	return time.Unix(0, int64(binary.BigEndian.Uint64(v))).UTC(), nil
}
