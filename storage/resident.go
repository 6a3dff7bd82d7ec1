package storage

import (
	"fmt"
	"syscall"

	"go.etcd.io/bbolt"
)

// Relax gives back the memory that the pages of the file take in this process.
// After a mass notice that is most of the file. The kernel keeps the pages in
// its cache as long as nobody needs the room, so what is read again costs
// little.
func (s *Store) Relax() error {
	return s.use(func(db *bbolt.DB) error {
		return db.View(func(tx *bbolt.Tx) error { // meanwhile the mapping does not move
			_, _, no := syscall.Syscall(syscall.SYS_MADVISE, db.Info().Data, uintptr(tx.Size()), syscall.MADV_DONTNEED)
			if no != 0 {
				return fmt.Errorf("give back the pages of the store: %w", no)
			}
			return nil
		})
	})
}
