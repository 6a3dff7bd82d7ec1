package storage

import (
	"errors"
	"fmt"
	"os"

	"go.etcd.io/bbolt"
)

// Slack tells how many bytes of the file are free and how many there are in
// all. Compact is worth its time when half of a large file is free.
func (s *Store) Slack() (free, size int64, err error) {
	err = s.use(func(db *bbolt.DB) error {
		stats := db.Stats()
		free = int64(stats.FreePageN+stats.PendingPageN) * int64(db.Info().PageSize)
		return db.View(func(tx *bbolt.Tx) error {
			size = tx.Size()
			return nil
		})
	})
	return free, size, err
}

// Compact writes the store anew without its free pages and goes on with the
// new file. It waits for transactions under way and holds back new ones. If it
// fails the old file stays in use.
func (s *Store) Compact() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.db == nil || s.fault() != nil {
		return errors.New("compact the store: it is closed or damaged")
	}
	if err := s.Guard(s.copyCompact); err != nil {
		return errors.Join(fmt.Errorf("compact the store: %w", err), removeIfThere(s.path(newName)))
	}
	return s.swap()
}

// copyCompact writes the new file beside the old one and checks it.
func (s *Store) copyCompact() error {
	if err := removeIfThere(s.path(newName)); err != nil {
		return err
	}
	to, err := bbolt.Open(s.path(newName), 0o600, &bbolt.Options{NoSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return err
	}
	err = bbolt.Compact(to, s.db, 1<<20)
	if err == nil {
		err = to.Sync()
	}
	if err := errors.Join(err, to.Close()); err != nil {
		return err
	}
	return Check(s.path(newName))
}

// swap closes the old file and opens the new one in its place. A crash between
// any two steps leaves one whole store under the right name.
func (s *Store) swap() error {
	if err := s.abandon(true); err != nil {
		return fmt.Errorf("compact the store: %w", err)
	}
	err := os.Rename(s.path(newName), s.path(fileName))
	if err == nil {
		err = syncDir(s.opt.Dir)
	}
	return errors.Join(err, s.openTrusted())
}
