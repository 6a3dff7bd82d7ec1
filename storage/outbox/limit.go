package outbox

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// Scope says what a limit counts for.
type Scope string

// The scopes of a limit.
const (
	PerWorker    Scope = "worker"    // a device or account
	PerRecipient Scope = "recipient" // a channel and address
)

// Limit is how many parts may go in a window of box time. It is counted when a
// delivery is claimed and never exceeded.
type Limit struct {
	Key          string // names the limit; what was counted stays with the name when the numbers change
	Scope        Scope
	Max          int           // parts in any window
	Window       time.Duration // at least a minute; counted in 24 steps of at least a minute, on the safe side
	Reserve      int           // so many of Max only the most urgent may use
	ReserveClass uint8         // classes up to this one may
}

func (l Limit) check() error {
	if l.Key == "" || l.Max < 1 || l.Window < time.Minute || l.Reserve < 0 || l.Reserve > l.Max {
		return fmt.Errorf("limit %q: it needs a name, a number of parts, a window of a minute or more and a reserve within the number", l.Key)
	}
	if l.Scope != PerWorker && l.Scope != PerRecipient {
		return errors.New("limit " + l.Key + ": it counts for a worker or a recipient")
	}
	return nil
}

func (l Limit) step() time.Duration { return max(l.Window/24, time.Minute) }

func (l Limit) allowed(class uint8) int {
	if class <= l.ReserveClass {
		return l.Max
	}
	return l.Max - l.Reserve
}

// subject is the key of what a limit counts for, without the time.
func (l Limit) subject(worker string, d Delivery) []byte {
	if l.Scope == PerWorker {
		return key(l.Key, string(l.Scope), worker)
	}
	return key(l.Key, string(l.Scope), d.Channel, d.Address)
}

// Spent is what a claim counted: it is given back if nothing was sent.
type Spent struct {
	Counter []byte `json:"c"`
	Parts   int    `json:"p"`
}

// use is what was counted in one step of a window.
type use struct {
	begun time.Time
	parts int
}

// uses reads what was counted for a subject in the window that ends now. A
// step counts while any of it lies in the window.
func (l Limit) uses(tx *bbolt.Tx, subject []byte, now time.Time) []use {
	var all []use
	from := key(subject, now.Add(-l.Window-l.step()))
	c := tx.Bucket([]byte(bUsed)).Cursor()
	for k, v := c.Seek(from); hasPrefix(k, subject); k, v = c.Next() {
		begun := instant(k[len(k)-8:])
		if begun.Add(l.step() + l.Window).After(now) {
			all = append(all, use{begun: begun, parts: int(number(v))})
		}
	}
	return all
}

// room tells how many parts a class may still send now, and when there will be
// room for so many; the zero time means now, or never.
func (l Limit) room(tx *bbolt.Tx, subject []byte, class uint8, parts int, now time.Time) (left int, free time.Time) {
	left = l.allowed(class)
	uses := l.uses(tx, subject, now)
	for _, u := range uses {
		left -= u.parts
	}
	then := left
	for _, u := range uses {
		if then >= parts {
			break
		}
		then += u.parts
		free = u.begun.Add(l.step() + l.Window)
	}
	return left, free
}

// count enters parts into the step that now lies in.
func (l Limit) count(tx *bbolt.Tx, subject []byte, parts int, now time.Time) (Spent, error) {
	begun := now.Truncate(l.step())
	k := key(subject, begun)
	have := 0
	if v := get(tx, bUsed, k); v != nil {
		have = int(number(v))
	} else if err := later(tx, begun.Add(l.step()+l.Window), bUsed, k); err != nil {
		return Spent{}, err
	}
	err := put(tx, bUsed, k, binary.BigEndian.AppendUint64(nil, uint64(have+parts)))
	return Spent{Counter: k, Parts: parts}, err
}

// giveBack undoes what a claim counted, unless the step is tidied away.
func giveBack(tx *bbolt.Tx, spent []Spent) error {
	for _, s := range spent {
		v := get(tx, bUsed, s.Counter)
		if v == nil {
			continue
		}
		left := max(int(number(v))-s.Parts, 0)
		if err := put(tx, bUsed, s.Counter, binary.BigEndian.AppendUint64(nil, uint64(left))); err != nil {
			return err
		}
	}
	return nil
}
