package storage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// lockPatience is how long a start waits for a predecessor that is just
// ending, as after a restart by the service manager.
const lockPatience = 2 * time.Second

// lockFolder takes the folder's lock, a file of its own: the store itself is
// renamed when it is set aside, restored or compacted, and a lock on it would
// go with the old file. The lock ends with the process that holds it.
func lockFolder(dir string) (*os.File, error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	begun := time.Now()
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f, sign(f)
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, fmt.Errorf("lock the data folder: %w", err)
		}
		if time.Since(begun) >= lockPatience {
			f.Close()
			return nil, &InUse{Dir: dir, Holder: holder(path)}
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// InUse says that another process has the data folder.
type InUse struct {
	Dir    string
	Holder string // such as "process 812 (/usr/bin/heliograph)"
}

func (e *InUse) Error() string {
	return fmt.Sprintf("the data folder %s is in use by %s: stop that one first, or name another folder", e.Dir, e.Holder)
}

// sign writes who holds the lock, for the next one's error. A disk too full
// for it must not stop the appliance, so a failure here is no error.
func sign(f *os.File) error {
	f.Truncate(0)
	f.WriteAt(fmt.Appendf(nil, "process %d (%s)\n", os.Getpid(), os.Args[0]), 0)
	return nil
}

func holder(path string) string {
	b, err := os.ReadFile(path)
	who := strings.TrimSpace(string(b))
	if err != nil || who == "" {
		return "another process"
	}
	return who
}
