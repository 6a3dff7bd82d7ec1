package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// The files of a data folder; see doc.go.
const (
	fileName   = "directory.db"
	newName    = "directory.db.new"
	runName    = "directory.run-*"
	reportName = "directory.json"
	heldName   = "directory.held"
	lockName   = "directory.lock"
)

// spare is what an import leaves free on the disk: the store comes first.
const spare = 8 << 20

// roomy is an error if the disk is nearly full.
func roomy(dir string) error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return fmt.Errorf("look at the disk: %w", err)
	}
	if free := uint64(disk.Bavail) * uint64(disk.Bsize); free < spare {
		return fmt.Errorf("the disk of %s is nearly full: %d kB are free, and %d are left to what must be remembered; delete something and import again", dir, free>>10, spare>>10)
	}
	return nil
}

// lockImports holds back a second import for as long as the file is open.
func lockImports(dir string) (*os.File, error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("begin a list of subscribers: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errors.New("another import is under way: wait for its end")
	}
	if err == nil {
		err = handOver(dir, path)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("begin a list of subscribers: %w", err)
	}
	return f, nil
}

// unlockImports ends the lock, and does not leave that to the close: a process
// that is being started at this instant has a copy of the file until it is
// another program, and would hold the next import back.
func unlockImports(f *os.File) {
	_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
	f.Close()
}

// sweep removes what an import left that was killed.
func sweep(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, runName))
	if err != nil {
		return err
	}
	for _, path := range append(left, filepath.Join(dir, newName)) {
		if e := os.Remove(path); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

func earlier(dir, id string) string { return filepath.Join(dir, fileName+"."+id) }

// isID keeps what is no version's name out of paths.
func isID(id string) bool { return len(id) == 12 && strings.Trim(id, "0123456789abcdef") == "" }

func isCurrent(dir, id string) bool {
	v, err := peek(filepath.Join(dir, fileName))
	return err == nil && v.ID == id
}

// sane is whether the newest file is this version, and whole.
func sane(dir, id string) bool {
	d, err := openFile(filepath.Join(dir, fileName))
	if err != nil {
		return false
	}
	defer d.Close()
	return d.version.ID == id && d.Verify() == nil
}

// publish puts the new file in place. The one before keeps a name of its own,
// so that at no instant a version is missing.
func publish(dir string) error {
	path, temp := filepath.Join(dir, fileName), filepath.Join(dir, newName)
	if err := handOver(dir, temp); err != nil {
		return err
	}
	if v, err := peek(path); err == nil {
		if err := os.Link(path, earlier(dir, v.ID)); err != nil && !errors.Is(err, fs.ErrExist) {
			if err := os.Rename(path, earlier(dir, v.ID)); err != nil { // a file system without links
				return err
			}
		}
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return syncDir(dir)
}

// report is what is known of the newest version besides its rows.
type report struct {
	Version Version `json:"version"`
	Before  string  `json:"before,omitempty"` // the version before it
	Notes   []Note  `json:"notes,omitempty"`
}

// settle remembers when the newest version was seen, and removes those that
// nobody needs.
func settle(dir string, r report, before string) error {
	last, err := readReport(dir)
	switch r.Before = before; {
	case before != r.Version.ID || err != nil:
	case last.Version.ID == before:
		r.Before = last.Before
	default: // the power went before the report on the newest was written
		r.Before = last.Version.ID
	}
	about, err := json.Marshal(r)
	if err == nil {
		err = writeWhole(dir, reportName, about)
	}
	if err != nil {
		return err
	}
	return whileAlone(dir, func() error { return prune(dir) })
}

func readReport(dir string) (report, error) {
	var r report
	b, err := os.ReadFile(filepath.Join(dir, reportName))
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	return r, err
}

// Notes are what was refused and remarked in the newest version, the first
// 10,000 of them.
func Notes(dir string) ([]Note, error) {
	r, err := readReport(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what was refused: %w", err)
	}
	return r.Notes, nil
}

// Hold names all versions that are still needed: those of plans that wait and
// of notices that are being expanded. They stay until the next call leaves
// them out. A version that is not there is an error; the others are held.
func Hold(dir string, ids ...string) error {
	err := whileAlone(dir, func() error {
		was, err := os.ReadFile(filepath.Join(dir, heldName))
		if want := strings.Join(ids, "\n"); err != nil && len(ids) > 0 || string(was) != want {
			if err := writeWhole(dir, heldName, []byte(want)); err != nil {
				return err
			}
		}
		for _, id := range ids {
			if !isID(id) || !isCurrent(dir, id) && !there(earlier(dir, id)) {
				return fmt.Errorf("version %s of the list of subscribers is gone", id)
			}
		}
		return prune(dir)
	})
	if err != nil {
		return fmt.Errorf("hold the list of subscribers: %w", err)
	}
	return nil
}

func there(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// prune removes earlier versions that are neither the last one nor held.
func prune(dir string) error {
	r, err := readReport(dir)
	if err != nil {
		return nil // which was the last one is not known: all stay
	}
	held, err := os.ReadFile(filepath.Join(dir, heldName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	keep := append(strings.Fields(string(held)), r.Before, r.Version.ID)
	for _, id := range earlierIDs(dir) {
		if slices.Contains(keep, id) && !isCurrent(dir, id) {
			continue
		}
		if err := os.Remove(earlier(dir, id)); err != nil {
			return err
		}
	}
	return nil
}

// earlierIDs lists the versions that have a name of their own.
func earlierIDs(dir string) []string {
	files, err := filepath.Glob(filepath.Join(dir, fileName+".*"))
	if err != nil {
		return nil
	}
	var ids []string
	for _, f := range files {
		if id := filepath.Ext(f)[1:]; isID(id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// whileAlone runs f while no other process holds or removes versions: the
// folder itself is the lock, for a moment.
func whileAlone(dir string, f func() error) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	for {
		if err = syscall.Flock(int(d.Fd()), syscall.LOCK_EX); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return err
	}
	return f()
}

// writeWhole replaces a small file at once.
func writeWhole(dir, name string, b []byte) error {
	path := filepath.Join(dir, name)
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = handOver(dir, path+".new")
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		os.Remove(path + ".new")
		return err
	}
	return syncDir(dir)
}

// handOver gives a file that root made to the owner of the folder: the service
// runs as another user and could not open it.
func handOver(dir, path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		return os.Lchown(path, int(owner.Uid), int(owner.Gid))
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
