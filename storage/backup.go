package storage

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
)

// Backup writes the whole store as it was at one commit, while it is in use,
// and returns how many bytes.
func (s *Store) Backup(w io.Writer) (int64, error) {
	var n int64
	err := s.View(func(tx *bbolt.Tx) error {
		var err error
		n, err = tx.WriteTo(w)
		return err
	})
	if err != nil {
		return n, fmt.Errorf("back up the store: %w", err)
	}
	return n, nil
}

// Restore puts a backup in the place of a folder's store, which nothing may
// have open. The whole backup is read and checked first. The old store is kept
// beside it under the name that is returned; empty if there was none. When root
// restores, all is left to the owner of the folder.
func Restore(dir string, r io.Reader, now time.Time) (kept string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the data folder: %w", err)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	temp := filepath.Join(dir, newName)
	defer os.Remove(temp)
	if err := errors.Join(receive(temp, r), handOver(dir, lock.Name(), temp)); err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	if err := Check(temp); err != nil {
		return "", fmt.Errorf("restore: the backup is not whole, nothing was changed: %w", err)
	}
	kept, err = replace(dir, temp, now)
	if err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	return kept, clearFaults(dir)
}

func receive(path string, r io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// handOver gives files that root made to the owner of their folder: the
// service runs as another user and could not open them.
func handOver(dir string, files ...string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	for _, f := range files {
		err = errors.Join(err, os.Lchown(f, int(owner.Uid), int(owner.Gid)))
	}
	return err
}

// replace keeps the old file under a second name and then renames the new one
// over the first, so that at no instant there is no store.
func replace(dir, temp string, now time.Time) (string, error) {
	path := filepath.Join(dir, fileName)
	kept, err := freeName(path + ".before-restore-" + now.UTC().Format(stamp))
	if err != nil {
		return "", err
	}
	err = os.Link(path, kept)
	if errors.Is(err, fs.ErrNotExist) {
		kept, err = "", nil
	} else if err != nil { // a file system without links
		err = os.Rename(path, kept)
	}
	if err != nil {
		return "", err
	}
	if err := os.Rename(temp, path); err != nil {
		return "", err
	}
	return kept, syncDir(dir)
}
