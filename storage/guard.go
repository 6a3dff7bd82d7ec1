package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// faultLimit faults in a row set the file aside at the next Open.
const faultLimit = 3

// Broken is a store that cannot be trusted: a panic of the library or a read
// fault of the mapped file. The store must be closed and opened again.
type Broken struct {
	Reason string
	Stack  string // where it happened, for the log; empty if there was no panic
}

func (b *Broken) Error() string {
	return "the store is damaged: " + b.Reason
}

// Guard runs f. A panic, or a fault of the mapped file (a truncated file opens
// well and faults on reading later), becomes a *Broken and is counted on disk:
// the third in a row makes the next Open set the file aside. A process that is
// killed counts nothing.
func (s *Store) Guard(f func() error) error {
	err := guard(f)
	b := (*Broken)(nil)
	if !errors.As(err, &b) {
		return err
	}
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	if s.broken != nil {
		return err
	}
	s.broken, s.faults = b, true
	if err := s.countFault(b.Reason); err != nil {
		s.opt.Log("count a fault of the store: " + err.Error())
	}
	return err
}

// guard turns a panic in f into a *Broken.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = &Broken{Reason: fmt.Sprint(r), Stack: string(debug.Stack())}
		}
	}()
	return f()
}

func (s *Store) fault() *Broken {
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	return s.broken
}

// Sound forgets earlier faults. The engine calls it after it has run in peace
// for a while; it writes only if there was a fault.
func (s *Store) Sound() error {
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	if !s.faults || s.broken != nil {
		return nil
	}
	if err := clearFaults(s.opt.Dir); err != nil {
		return err
	}
	s.faults = false
	return nil
}

// countFault makes one more fault durable. A full disk gives up its ballast
// for that: without the count the box would fail for ever.
func (s *Store) countFault(reason string) error {
	n, _, err := readFaults(s.opt.Dir)
	if err != nil {
		return err
	}
	err = writeFaults(s.opt.Dir, n+1, reason)
	if IsFull(err) {
		if err := s.DropBallast(); err != nil {
			return err
		}
		err = writeFaults(s.opt.Dir, n+1, reason)
	}
	return err
}

// readFaults reads the count and the last reason; no file means none.
func readFaults(dir string) (int, string, error) {
	b, err := os.ReadFile(filepath.Join(dir, faultsName))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", fmt.Errorf("read the count of faults: %w", err)
	}
	count, reason, _ := strings.Cut(string(b), "\n")
	n, err := strconv.Atoi(strings.TrimSpace(count))
	if err != nil {
		return 0, "", nil // a count cut short by a power cut counts as none
	}
	return n, strings.TrimSpace(reason), nil
}

func writeFaults(dir string, n int, reason string) error {
	path := filepath.Join(dir, faultsName)
	if err := writeDurably(path+".new", fmt.Appendf(nil, "%d\n%s\n", n, reason)); err != nil {
		os.Remove(path + ".new")
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncDir(dir)
}

func clearFaults(dir string) error {
	if err := removeIfThere(filepath.Join(dir, faultsName)); err != nil {
		return err
	}
	return syncDir(dir)
}

func writeDurably(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Aside tells of a file that was set aside.
type Aside struct {
	Path   string    `json:"path"` // where the file is now
	Reason string    `json:"why"`  // one line
	At     time.Time `json:"at"`   // when, by Options.Now
}

// setAside renames the file to a name that is free, begins a fresh one that
// remembers it, and forgets the faults.
func (s *Store) setAside(reason string) error {
	at := s.opt.Now().UTC()
	to, err := freeName(s.path(fileName) + ".broken-" + at.Format(stamp))
	if err != nil {
		return err
	}
	err = os.Rename(s.path(fileName), to)
	if errors.Is(err, fs.ErrNotExist) {
		return clearFaults(s.opt.Dir)
	}
	if err != nil {
		return fmt.Errorf("set the broken store aside: %w", err)
	}
	s.opt.Log(fmt.Sprintf("the store could not be trusted (%s); it is kept as %s and a fresh one is begun", reason, to))
	if err := s.begin(&Aside{Path: to, Reason: reason, At: at}); err != nil {
		return err
	}
	s.faults = false
	return clearFaults(s.opt.Dir)
}

// stamp is the form of time in file names, always UTC.
const stamp = "20060102T150405Z"

// freeName returns the name, or the name with a number if it is taken. The
// folder's lock keeps it free.
func freeName(name string) (string, error) {
	for n := 1; ; n++ {
		try := name
		if n > 1 {
			try = fmt.Sprintf("%s-%d", name, n)
		}
		if _, err := os.Lstat(try); errors.Is(err, fs.ErrNotExist) {
			return try, nil
		} else if err != nil {
			return "", err
		}
	}
}
