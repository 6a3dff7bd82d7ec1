package update

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"aead.dev/minisign"
	"golang.org/x/sys/unix"
)

// tries is how often a new system may start without proving itself.
const tries = 3

// Box is what an update is put on.
type Box struct {
	Boot  string             // where the boot partition is mounted
	Spool string             // a folder with room for one update
	Slot  string             // the one that was started: a or b
	Board string             // the recipe of this image
	Built time.Time          // when the running system was built
	Key   minisign.PublicKey // whose updates are taken

	// Writable makes the boot partition writable, and read-only again: it is so
	// for as long as something changes on it. Nil where it always is.
	Writable func(bool) error
}

// ErrRuns says that an update holds the system that runs.
var ErrRuns = errors.New("the update is what runs already")

// Remount gives Writable for a boot partition that is mounted read-only.
func Remount(path string) func(bool) error {
	return func(writable bool) error {
		flags := uintptr(unix.MS_REMOUNT | unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC)
		if !writable {
			flags |= unix.MS_RDONLY
		}
		if err := unix.Mount("", path, "", flags, ""); err != nil {
			return fmt.Errorf("mount %s anew: %w", path, err)
		}
		return nil
	}
}

// change does something that writes to the boot partition.
func (b Box) change(do func() error) error {
	if b.Writable == nil {
		return do()
	}
	if err := b.Writable(true); err != nil {
		return err
	}
	return errors.Join(do(), b.Writable(false))
}

// entry is a start that the boot loader offers: NAME.conf once it has proved
// itself, NAME+LEFT[-DONE].conf while its starts are counted.
var entry = regexp.MustCompile(`^(heliograph[-0-9a-z]*?)(?:\+(\d+)(?:-(\d+))?)?\.conf$`)

// slotOf reads which folder an entry starts from.
var slotOf = regexp.MustCompile(`(?m)^linux\s+/([ab])/linux$`)

// titleOf reads which version an entry starts.
var titleOf = regexp.MustCompile(`(?m)^title\s+Heliograph (.+)$`)

// Install takes an update in, proves it, and puts it into the slot that is not
// running. The next start tries it, three times at most; until then, and
// after a fault at any point, the box starts as it does now.
func (b Box) Install(r io.Reader) (Manifest, error) {
	if err := b.check(); err != nil {
		return Manifest{}, err
	}
	f, err := receive(r, b.Spool, b.Key)
	if err != nil {
		return Manifest{}, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var m Manifest
	err = b.change(func() error {
		m, err = b.replace(f)
		return err
	})
	return m, err
}

// replace puts a proven update into the slot that is not running.
func (b Box) replace(f io.Reader) (Manifest, error) {
	into := b.other()
	m, err := unpack(f, func(m Manifest) error {
		if err := b.admit(m); err != nil {
			return err
		}
		return b.clear(into)
	}, func(name string, r io.Reader, sum string) error { return b.write(filepath.Join(into, name), r, sum) })
	if err != nil {
		return m, err
	}
	return m, b.offer(m, into)
}

func (b Box) check() error {
	if b.Slot != "a" && b.Slot != "b" {
		return errors.New("this box was started without a boot loader that counts starts, so no update could be taken back: write the new image to its medium")
	}
	if _, err := os.Stat(filepath.Join(b.Boot, "loader", "entries")); err != nil {
		return fmt.Errorf("the boot partition cannot be read: %w", err)
	}
	return nil
}

func (b Box) other() string {
	if b.Slot == "a" {
		return "b"
	}
	return "a"
}

// admit refuses what does not belong on this box.
func (b Box) admit(m Manifest) error {
	switch {
	case m.Board != b.Board:
		return fmt.Errorf("the update is for the board %q, and this one is %q: fetch the other", m.Board, b.Board)
	case m.Built.Before(b.Built):
		return fmt.Errorf("the update is older than what runs (%s of %s, this is of %s): only newer ones are taken", m.Version, day(m.Built), day(b.Built))
	case m.Built.Equal(b.Built):
		return fmt.Errorf("%w: %s of %s", ErrRuns, m.Version, day(m.Built))
	}
	all, err := b.entries()
	for _, e := range all {
		if e.gaveUp(b) && e.name == EntryName(m.Built) {
			return fmt.Errorf("the update was tried and never got to watching: %s of %s; build one that does", m.Version, day(m.Built))
		}
	}
	return err
}

// Fallen names the version that was tried in vain before this one was taken
// again; empty if there is none.
func (b Box) Fallen() (string, error) {
	if b.check() != nil {
		return "", nil
	}
	all, err := b.entries()
	for _, e := range all {
		if e.gaveUp(b) {
			return e.title, err
		}
	}
	return "", err
}

func day(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04Z") }

// clear takes the entries of a slot away, and only then is the slot touched:
// the box must never start half a system.
func (b Box) clear(slot string) error {
	all, err := b.entries()
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.slot == slot {
			if err := os.Remove(e.path); err != nil {
				return fmt.Errorf("take the old system off the boot list: %w", err)
			}
		}
	}
	if err := b.sync(); err != nil {
		return err
	}
	return os.MkdirAll(filepath.Join(b.Boot, slot), 0o755)
}

// write puts one file of a system in its place, and reads it again.
func (b Box) write(name string, r io.Reader, sum string) error {
	path := filepath.Join(b.Boot, name)
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = io.Copy(f, r)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if got, err := sumOf(path); err != nil || got != sum {
		return fmt.Errorf("%s is not on the boot partition as it should be (%v): is the medium worn out?", name, err)
	}
	return nil
}

// offer puts the new system on the boot list, before the one that runs: the
// boot loader takes the entry whose name sorts last.
func (b Box) offer(m Manifest, slot string) error {
	text := fmt.Sprintf("title Heliograph %s\nlinux /%s/linux\ninitrd /%s/initrd\noptions %s heliograph.slot=%s\n", m.Version, slot, slot, m.Options, slot)
	name := fmt.Sprintf("%s+%d.conf", EntryName(m.Built), tries)
	if err := b.sync(); err != nil {
		return err
	}
	fresh := filepath.Join(b.Boot, "loader", "new")
	if err := os.WriteFile(fresh, []byte(text), 0o644); err != nil {
		return fmt.Errorf("put the new system on the boot list: %w", err)
	}
	if err := b.sync(); err != nil {
		return err
	}
	if err := os.Rename(fresh, filepath.Join(b.Boot, "loader", "entries", name)); err != nil {
		return fmt.Errorf("put the new system on the boot list: %w", err)
	}
	return b.sync()
}

// EntryName is that of a system's boot entry, without what is counted: the
// newer sorts after the older.
func EntryName(built time.Time) string { return fmt.Sprintf("heliograph-%012d", built.Unix()) }

// sync waits until the boot partition is on its medium.
func (b Box) sync() error {
	d, err := os.Open(b.Boot)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := unix.Syncfs(int(d.Fd())); err != nil {
		return fmt.Errorf("sync the boot partition: %w", err)
	}
	return nil
}

type listed struct {
	path, name, slot, title string
	left                    int // starts that are left; -1: it has proved itself
}

// gaveUp says that the boot loader tried this system in vain and took the one
// that runs now.
func (e listed) gaveUp(b Box) bool { return e.left == 0 && e.slot == b.other() }

func (b Box) entries() ([]listed, error) {
	folder := filepath.Join(b.Boot, "loader", "entries")
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read the boot list: %w", err)
	}
	var all []listed
	for _, f := range files {
		m := entry.FindStringSubmatch(f.Name())
		if m == nil {
			continue
		}
		e := listed{path: filepath.Join(folder, f.Name()), name: m[1], left: -1}
		if m[2] != "" {
			e.left, _ = strconv.Atoi(m[2])
		}
		text, err := os.ReadFile(e.path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the boot list: %w", err)
		}
		if s := slotOf.FindStringSubmatch(string(text)); s != nil {
			e.slot = s[1]
		}
		if s := titleOf.FindStringSubmatch(string(text)); s != nil {
			e.title = s[1]
		}
		all = append(all, e)
	}
	return all, nil
}

// OnTrial says that the running system has not proved itself yet.
func (b Box) OnTrial() (bool, error) {
	if b.check() != nil {
		return false, nil
	}
	all, err := b.entries()
	for _, e := range all {
		if e.slot == b.Slot && e.left >= 0 {
			return true, err
		}
	}
	return false, err
}

// Proved ends the counting: the running system starts from now on.
func (b Box) Proved() error {
	if err := b.check(); err != nil {
		return err
	}
	return b.change(func() error {
		all, err := b.entries()
		if err != nil {
			return err
		}
		for _, e := range all {
			if e.slot != b.Slot || e.left < 0 {
				continue
			}
			if err := os.Rename(e.path, filepath.Join(filepath.Dir(e.path), e.name+".conf")); err != nil {
				return fmt.Errorf("say that this system is good: %w", err)
			}
		}
		return b.sync()
	})
}

// Key reads a public key as minisign writes it.
func Key(text []byte) (minisign.PublicKey, error) {
	var k minisign.PublicKey
	if err := k.UnmarshalText([]byte(strings.TrimSpace(string(text)))); err != nil {
		return k, fmt.Errorf("read the key that updates are signed with: %w", err)
	}
	return k, nil
}
