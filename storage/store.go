package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// The files of a data folder.
const (
	fileName    = "heliograph.db"
	lockName    = "heliograph.lock"
	faultsName  = "heliograph.db.faults"
	newName     = "heliograph.db.new"
	ballastName = "ballast"
)

// Options say where the store is.
type Options struct {
	Dir string           // the data folder; made with mode 0700 if it is missing
	Now func() time.Time // names a file that is set aside; time.Now if nil
	Log func(string)     // one line for the operator's log; may be nil
}

func (o *Options) check() error {
	if o.Dir == "" {
		return errors.New("open the store: no data folder was given")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = func(string) {}
	}
	return nil
}

// Store is the open file. Its methods may be called from any goroutine.
type Store struct {
	opt  Options
	lock *os.File

	mu     sync.RWMutex // held for reading by transactions, for writing while the file is swapped or closed
	db     *bbolt.DB
	file   *os.File // bbolt's own handle: it is closed here when bbolt itself cannot be trusted to
	closed bool

	faultMu sync.Mutex
	broken  *Broken // the fault that ended this store's use; later calls return it again
	faults  bool    // whether a count of faults is on disk
}

// Open locks the data folder and opens its store, which it makes if there is
// none. A file that cannot be trusted is renamed, never deleted, and a fresh
// one is begun; SetAside then tells about it. A file from a newer version of
// the program, a folder in use and a disk that refuses are errors.
func Open(opt Options) (*Store, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(opt.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	lock, err := lockFolder(opt.Dir)
	if err != nil {
		return nil, err
	}
	s := &Store{opt: opt, lock: lock}
	if err := s.start(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) path(name string) string { return filepath.Join(s.opt.Dir, name) }

// start opens the file of a folder that is locked.
func (s *Store) start() error {
	if err := removeIfThere(s.path(newName)); err != nil {
		return err
	}
	count, reason, err := readFaults(s.opt.Dir)
	if err != nil {
		return err
	}
	s.faults = count > 0
	if count >= faultLimit {
		if err := s.setAside(fmt.Sprintf("it failed %d times in a row while running, last: %s", count, reason)); err != nil {
			return err
		}
	}
	err = s.openTrusted()
	if b := (*Broken)(nil); errors.As(err, &b) {
		if err := s.setAside(b.Reason); err != nil {
			return err
		}
		err = s.openTrusted()
	}
	if err != nil {
		return err
	}
	if err := s.RestoreBallast(); err != nil {
		s.opt.Log(err.Error())
	}
	return nil
}

// openTrusted opens the file, makes it if it is missing, checks it and brings
// its schema up to date. A file that cannot be trusted is a *Broken.
func (s *Store) openTrusted() error {
	switch info, err := os.Lstat(s.path(fileName)); {
	case errors.Is(err, fs.ErrNotExist):
		if err := s.begin(nil); err != nil {
			return err
		}
	case err != nil:
		return fmt.Errorf("look at the store: %w", err)
	case info.Mode().IsRegular() && info.Size() == 0 && s.HasBallast():
		// A store was here: a file without a byte has lost them, and bbolt would
		// take it for new.
		return &Broken{Reason: "it is empty"}
	}
	err := guard(func() error { return s.openChecked() })
	if err != nil {
		b := (*Broken)(nil)
		s.abandon(!errors.As(err, &b))
	}
	return err
}

func (s *Store) openChecked() error {
	if err := s.openFile(fileName); err != nil {
		return err
	}
	if err := s.db.View(s.soundEnough); err != nil {
		return err
	}
	return migrate(s.db, steps)
}

// openFile opens one file of the folder with bbolt. The free list is kept on
// disk: rebuilding it would read every page at the next start.
func (s *Store) openFile(name string) error {
	db, err := bbolt.Open(s.path(name), 0o600, &bbolt.Options{
		Timeout:      time.Second,
		FreelistType: bbolt.FreelistMapType,
		OpenFile: func(p string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(p, flag, mode)
			s.file = f
			return f, err
		},
	})
	s.db = db
	return distrust(s.path(name), err)
}

// distrust tells apart what bbolt says about a file from what the machine
// says about its disk. Only the first makes a file broken.
func distrust(path string, err error) error {
	var no syscall.Errno
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%s is open in another program: close that program and start again", path)
	case errors.As(err, &no) && no != syscall.EIO:
		return fmt.Errorf("open %s: %w", path, err)
	}
	return &Broken{Reason: err.Error()}
}

// begin makes a fresh file under another name and puts it in place whole, so
// that a power cut leaves either no store or a complete one.
func (s *Store) begin(aside *Aside) error {
	err := s.openFile(newName)
	if err == nil {
		err = migrate(s.db, steps)
	}
	if err == nil && aside != nil {
		err = s.db.Update(func(tx *bbolt.Tx) error { return putAside(tx, *aside) })
	}
	s.abandon(true)
	if err == nil {
		err = os.Rename(s.path(newName), s.path(fileName))
	}
	if err == nil {
		err = syncDir(s.opt.Dir)
	}
	if err != nil {
		os.Remove(s.path(newName))
		return fmt.Errorf("begin a store in %s: %w", s.opt.Dir, err)
	}
	return nil
}

// abandon lets go of the file. bbolt may hold its own locks after a panic and
// would wait for them for ever, so it closes only a store that is trusted.
func (s *Store) abandon(trusted bool) error {
	var err error
	if s.db != nil && trusted {
		err = s.db.Close()
	} else if s.file != nil {
		// The mapping that stays behind would keep the file's lock.
		err = errors.Join(syscall.Flock(int(s.file.Fd()), syscall.LOCK_UN), s.file.Close())
	}
	s.db, s.file = nil, nil
	return err
}

// Close ends the use of the store and unlocks the folder. It waits for
// transactions under way.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return errors.Join(s.abandon(s.fault() == nil), s.lock.Close())
}

// Update runs f in the one writing transaction and commits it, or undoes all
// of it if f returns an error. A panic or a read fault becomes a *Broken. One
// transaction must not be opened inside another.
func (s *Store) Update(f func(*bbolt.Tx) error) error {
	return s.use(func(db *bbolt.DB) error { return db.Update(f) })
}

// View runs f on the last committed state. A panic or a read fault becomes a
// *Broken.
func (s *Store) View(f func(*bbolt.Tx) error) error {
	return s.use(func(db *bbolt.DB) error { return db.View(f) })
}

func (s *Store) use(f func(*bbolt.DB) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed || s.db == nil {
		return errors.New("the store is closed")
	}
	if b := s.fault(); b != nil {
		return b
	}
	return s.Guard(func() error { return f(s.db) })
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a leftover: %w", err)
	}
	return nil
}

// syncDir makes a rename in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
