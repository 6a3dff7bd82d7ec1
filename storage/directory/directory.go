package directory

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
)

// Everybody is the scope that chooses all subscribers.
const Everybody = "*"

// ErrNone says that there is no list, or not the version that was asked for.
var ErrNone = errors.New("there is no list of subscribers: `heliograph directory import` takes one")

// Damaged is a file that cannot be trusted.
type Damaged struct{ Reason string }

func (e *Damaged) Error() string {
	return "the list of subscribers is damaged (" + e.Reason + "): import it again"
}

// Directory is one version, open for reading. Its methods may be called from
// any goroutine.
type Directory struct {
	db      *bbolt.DB
	version Version
	shared  []byte
}

// Open opens a version; an empty id is the newest that can be read, so that a
// damaged list leaves the one before it. ErrNone says that it is not there.
func Open(dir, id string) (*Directory, error) {
	if id != "" && !isID(id) {
		return nil, fmt.Errorf("%q is no version of the list of subscribers", id)
	}
	d, err := openFile(filepath.Join(dir, fileName))
	switch {
	case err == nil && (id == "" || d.version.ID == id):
		d.version = seen(dir, d.version)
		return d, nil
	case err == nil:
		d.Close()
	case id == "":
		return openEarlier(dir, err)
	}
	if d, err = openFile(earlier(dir, id)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("version %s: %w", id, ErrNone)
	}
	return d, err
}

// openEarlier opens the newest of the earlier versions.
func openEarlier(dir string, err error) (*Directory, error) {
	var best *Directory
	for _, id := range earlierIDs(dir) {
		d, e := openFile(earlier(dir, id))
		if e != nil {
			continue
		}
		if best != nil && best.version.Taken.After(d.version.Taken) {
			best, d = d, best
		}
		if best != nil {
			best.Close()
		}
		best = d
	}
	switch {
	case best != nil:
		return best, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNone
	}
	return nil, err
}

// Newest is the version that Open would open without a name.
func Newest(dir string) (Version, error) {
	d, err := Open(dir, "")
	if err != nil {
		return Version{}, err
	}
	return d.Version(), d.Close()
}

// Versions are all that can be opened, the newest first.
func Versions(dir string) []Version {
	var all []Version
	if v, err := peek(filepath.Join(dir, fileName)); err == nil {
		all = append(all, seen(dir, v))
	}
	for _, id := range earlierIDs(dir) {
		if v, err := peek(earlier(dir, id)); err == nil && !slices.ContainsFunc(all, func(o Version) bool { return o.ID == v.ID }) {
			all = append(all, v)
		}
	}
	if len(all) > 1 {
		slices.SortStableFunc(all[1:], func(a, b Version) int { return b.Taken.Compare(a.Taken) })
	}
	return all
}

// seen has the date and the source of the last time that the version was read.
func seen(dir string, v Version) Version {
	if r, err := readReport(dir); err == nil && r.Version.ID == v.ID {
		return r.Version
	}
	return v
}

func peek(path string) (Version, error) {
	d, err := openFile(path)
	if err != nil {
		return Version{}, err
	}
	return d.version, d.Close()
}

func openFile(path string) (*Directory, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open the list of subscribers: %w", err)
	}
	d := &Directory{}
	err = guard(func() error {
		d.db, err = bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
		if err != nil {
			if errors.Is(err, fs.ErrPermission) {
				return fmt.Errorf("open the list of subscribers: %w", err)
			}
			return &Damaged{Reason: err.Error()}
		}
		return d.db.View(func(tx *bbolt.Tx) error { return d.start(tx, info.Size()) })
	})
	if err != nil {
		if d.db != nil {
			d.db.Close()
		}
		return nil, err
	}
	return d, nil
}

// start checks what a start can check, and reads what is kept in memory.
func (d *Directory) start(tx *bbolt.Tx, size int64) error {
	if size < tx.Size() {
		return &Damaged{Reason: fmt.Sprintf("it is cut short: %d bytes of %d", size, tx.Size())}
	}
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		return &Damaged{Reason: "it has no version"}
	}
	if s := meta.Get(schemaKey); len(s) != 1 || s[0] != schema {
		return &Damaged{Reason: "it was written by another version of heliograph"}
	}
	if err := json.Unmarshal(meta.Get(versionKey), &d.version); err != nil {
		return &Damaged{Reason: "its version cannot be read"}
	}
	d.shared = slices.Clone(meta.Get(sharedKey))
	return nil
}

// guard turns a panic, or a fault of the mapped file, into an error.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = &Damaged{Reason: fmt.Sprint(r)}
		}
	}()
	return f()
}

// Close ends the use of this version.
func (d *Directory) Close() error { return d.db.Close() }

// Verify reads the whole list and compares it with its name: a page that the
// disk lost may look like an empty one.
func (d *Directory) Verify() error {
	defer d.relax()
	err := guard(func() error { return d.db.View(d.verify) })
	if err != nil {
		return fmt.Errorf("check the list of subscribers: %w", err)
	}
	return nil
}

func (d *Directory) verify(tx *bbolt.Tx) error {
	sum, count, entries := begin(), 0, uint64(0)
	if rows := tx.Bucket(rowsBucket); rows != nil {
		rows.ForEach(func(_, row []byte) error {
			count++
			sum.add(row)
			return nil
		})
	}
	if index := tx.Bucket(indexBucket); index != nil {
		index.ForEach(func(_, value []byte) error {
			n, _ := binary.Uvarint(value)
			entries += n
			return nil
		})
	}
	meant := tx.Bucket(metaBucket).Get(entriesKey)
	if sum.id() != d.version.ID || len(meant) != 8 || binary.BigEndian.Uint64(meant) != entries {
		return &Damaged{Reason: fmt.Sprintf("%d of %d subscribers can be read, and they are not those that it had", count, d.version.Count)}
	}
	return nil
}

// relax gives back the memory that the pages of the file take in this process
// once many were read: they stay in the kernel's cache as long as nobody needs
// the room.
func (d *Directory) relax() {
	_ = d.db.View(func(tx *bbolt.Tx) error { // meanwhile the mapping stands
		syscall.Syscall(syscall.SYS_MADVISE, d.db.Info().Data, uintptr(tx.Size()), syscall.MADV_DONTNEED) // without it nothing is wrong
		return nil
	})
}

// Version says which list it is.
func (d *Directory) Version() Version { return d.version }

// read runs f on the rows and the index, which are nil in an empty list.
func (d *Directory) read(f func(v *view) error) error {
	err := guard(func() error {
		return d.db.View(func(tx *bbolt.Tx) error {
			rows, index := tx.Bucket(rowsBucket), tx.Bucket(indexBucket)
			if rows == nil || index == nil {
				return nil
			}
			return f(&view{rows: rows, index: index, shared: d.shared, count: d.version.Count})
		})
	})
	if err != nil {
		return fmt.Errorf("read the list of subscribers: %w", err)
	}
	return nil
}

// view is one reading transaction.
type view struct {
	rows, index *bbolt.Bucket
	shared      []byte
	count       int
}

func (v *view) row(id uint32) (Subscriber, error) {
	row := v.rows.Get(binary.BigEndian.AppendUint32(nil, id))
	if row == nil {
		return Subscriber{}, &Damaged{Reason: fmt.Sprintf("row %d is missing", id)}
	}
	return decode(row)
}

// mostAlike is how many subscribers ByNumber returns.
const mostAlike = 50

// ByNumber are the subscribers who have a telephone number, in the order of
// the list: 50 at most, for a number that more have is nobody's own.
func (d *Directory) ByNumber(e164 string) ([]Subscriber, error) {
	return d.by(phone, e164, mostAlike)
}

// ByCode is the subscriber with a code, in whatever case; the first in the list
// if several have it.
func (d *Directory) ByCode(text string) (Subscriber, bool, error) {
	found, err := d.by(code, lower(text), 1)
	if err != nil || len(found) == 0 {
		return Subscriber{}, false, err
	}
	return found[0], true, nil
}

// NumbersOf are all telephone numbers of a subscriber, whatever they agreed to
// and whoever else has them: those of each line under the same code, or, of
// somebody without a code, with one of the same mail addresses.
func (d *Directory) NumbersOf(s Subscriber) ([]string, error) {
	numbers := slices.Clone(s.Phones)
	var all []Subscriber
	var err error
	if s.Code != "" {
		all, err = d.by(code, lower(s.Code), mostAlike)
	} else {
		for _, m := range s.Mails {
			some, e := d.by(address, lower(m), mostAlike)
			all, err = append(all, some...), errors.Join(err, e)
		}
	}
	for _, one := range all {
		numbers = append(numbers, one.Phones...)
	}
	slices.Sort(numbers)
	return slices.Compact(numbers), err
}

func (d *Directory) by(k kind, term string, most int) ([]Subscriber, error) {
	var found []Subscriber
	err := d.read(func(v *view) error {
		w := startWalk(v.index, k, term, 0)
		for ; !w.ended && len(found) < most; w.next() {
			s, err := v.row(w.id)
			if err != nil {
				return err
			}
			found = append(found, s)
		}
		return w.err()
	})
	return found, err
}

func (w *walk) err() error {
	if w.bad {
		return &Damaged{Reason: "its index cannot be read"}
	}
	return nil
}
