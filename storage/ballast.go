package storage

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// ballastSize bytes are kept in reserve on the disk, and ballastMargin more
// must be free before they are taken: the store itself comes first.
const ballastSize, ballastMargin = 1 << 20, 2 << 20

// IsFull tells whether an error says that the disk or a quota is full.
func IsFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// DropBallast frees the reserve of a full disk. It is no error if the reserve
// is already gone.
func (s *Store) DropBallast() error {
	return removeIfThere(s.path(ballastName))
}

// HasBallast tells whether the reserve is in place.
func (s *Store) HasBallast() bool {
	info, err := os.Lstat(s.path(ballastName))
	return err == nil && info.Size() == ballastSize
}

// RestoreBallast makes the reserve if it is missing and there is room. Too
// little room is an error for the log; the store works without.
func (s *Store) RestoreBallast() error {
	if s.HasBallast() {
		return nil
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(s.opt.Dir, &disk); err != nil {
		return fmt.Errorf("look at the disk: %w", err)
	}
	if free := uint64(disk.Bavail) * uint64(disk.Bsize); free < ballastSize+ballastMargin {
		return fmt.Errorf("no reserve is kept on the disk of %s: %d kB are free, %d are wanted", s.opt.Dir, free>>10, (ballastSize+ballastMargin)>>10)
	}
	// Chance bytes take their room also where the file system compresses.
	b := make([]byte, ballastSize)
	rand.Read(b)
	if err := writeDurably(s.path(ballastName), b); err != nil {
		return errors.Join(fmt.Errorf("keep a reserve on the disk: %w", err), s.DropBallast())
	}
	return syncDir(s.opt.Dir)
}
