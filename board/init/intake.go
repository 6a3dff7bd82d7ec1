package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// intake takes in what people bring on the boot partition or on a USB stick, in
// its folder heliograph: a configuration and its secrets, or an update. What it
// answers stands in a text file beside it, for the eyes of whoever brought it.
type intake struct {
	kids   *children
	own    string // the disk that the box was started from
	data   string // the data partition's folder
	lan    *lan
	check  func(stage string) error // judges the configuration in a data partition
	better chan struct{}            // hears that there is a new configuration

	busy sync.Mutex // held while a medium is in use
}

const (
	bundle      = "heliograph.update" // as `make image` calls it
	takenText   = "update.taken.txt"
	refusedText = "update.refused.txt"
	badText     = "configuration.refused.txt"

	mediumFlags   = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	mediumOptions = "umask=0077"

	most, largest = 64, 1 << 20 // files of a configuration, and octets of one
)

// left are files that stay where they are.
var left = []string{"README.txt", bundle, takenText, refusedText, badText}

// settled is where the configuration lies that is in force.
func (in *intake) settled() string { return filepath.Join(in.data, store) }

// boot takes in the configuration on the boot partition.
func (in *intake) boot() error {
	if in.own == "" {
		return nil
	}
	return in.configure("/boot/heliograph", onBoot)
}

// run installs the update on the boot partition, and then serves every stick
// that comes.
func (in *intake) run(plugged <-chan string) {
	in.busy.Lock()
	tell(in.update("/boot/heliograph", onBoot, true))
	in.busy.Unlock()
	whole := "" // a disk that was served: it may have a partition that is the same once more
	for name := range plugged {
		if whole != "" && name != whole && strings.HasPrefix(name, whole) {
			continue
		}
		if in.own != "" && strings.HasPrefix("/dev/"+name, in.own) {
			continue
		}
		in.busy.Lock()
		if whole = ""; in.stick("/dev/" + name) {
			whole = name
		}
		in.busy.Unlock()
	}
}

// rest waits until no medium is in use; a box that is switched off does not
// wait long.
func (in *intake) rest() {
	for range 50 {
		if in.busy.TryLock() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// stick looks through a disk or a partition on USB. It returns false for one
// without a file system that can be read, such as a disk with partitions.
func (in *intake) stick(dev string) bool {
	const at = "/run/stick"
	tell(os.MkdirAll(at, 0o700))
	if !mountStick(dev, at) {
		return false
	}
	defer func() {
		if err := unix.Unmount(at, 0); err != nil {
			say("unmount the stick: %v", err)
			return
		}
		say("the stick %s may be pulled", dev)
	}()
	from := filepath.Join(at, "heliograph")
	if _, err := os.Stat(from); err != nil {
		say("the stick %s has no folder heliograph", dev)
		return true
	}
	say("a stick: %s", dev)
	writable := func(do func() error) error { return do() }
	if _, err := os.Stat(filepath.Join(in.settled(), "heliograph.yaml")); errors.Is(err, os.ErrNotExist) {
		tell(in.configure(from, writable))
	} else if list, _ := brought(from); len(list) > 0 {
		tell(answer(from, badText, "this box has a configuration: a new one goes into the folder heliograph of its boot partition\n"))
	}
	tell(in.update(from, writable, false))
	return true
}

func mountStick(dev, at string) bool {
	for _, kind := range []string{"vfat", "exfat"} {
		if unix.Mount(dev, at, kind, mediumFlags|unix.MS_SILENT, mediumOptions) == nil {
			return true
		}
	}
	return false
}

// onBoot makes the boot partition writable for as long as something is done.
// The appliance does the same; the lock keeps one from the other's feet.
func onBoot(do func() error) error {
	lock, err := os.Open("/boot")
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return fmt.Errorf("lock the boot partition: %w", err)
	}
	if err := unix.Mount("", "/boot", "", mediumFlags|unix.MS_REMOUNT, ""); err != nil {
		return fmt.Errorf("make the boot partition writable: %w", err)
	}
	return errors.Join(do(), unix.Mount("", "/boot", "", mediumFlags|unix.MS_REMOUNT|unix.MS_RDONLY, ""))
}

// update has the appliance install an update, as `heliograph update` does.
func (in *intake) update(from string, writable func(func() error) error, remove bool) error {
	file := filepath.Join(from, bundle)
	if _, err := os.Stat(file); err != nil {
		return nil
	}
	say("an update: %s", file)
	awaitSocket()
	said, exit, err := in.kids.output("", appliance, "update", file)
	if err != nil {
		said += err.Error() + "\n"
	}
	say("update: %s", strings.TrimSpace(said))
	return writable(func() error {
		if exit != 0 || err != nil {
			return errors.Join(drop(from, takenText), answer(from, refusedText, said))
		}
		fault := errors.Join(drop(from, refusedText), answer(from, takenText, said))
		if remove { // on a stick it may be for other boxes too
			fault = errors.Join(fault, drop(from, bundle))
		}
		return fault
	})
}

// awaitSocket waits until the appliance hears orders, for a while.
func awaitSocket() {
	for range 60 {
		if _, err := os.Stat("/run/heliograph/control.sock"); err == nil {
			return
		}
		time.Sleep(time.Second)
	}
}

// answer writes a text for people, with the ends of lines that all their
// machines know.
func answer(dir, name, text string) error {
	text = time.Now().UTC().Format("2006-01-02 15:04Z") + ", by this box's clock\n\n" + text
	return os.WriteFile(filepath.Join(dir, name), []byte(strings.ReplaceAll(text, "\n", "\r\n")), 0o600)
}

func drop(dir, name string) error {
	if err := os.Remove(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// configure moves a configuration into the data partition, whole or not at
// all: it must be one that the appliance takes. A file is there, synced, before
// it goes from where it was: a plug pulled in between costs nothing.
func (in *intake) configure(from string, writable func(func() error) error) error {
	list, fault := brought(from)
	if len(list) == 0 {
		return fault
	}
	stage := filepath.Join(in.data, "trying")
	err := in.arrange(from, list, filepath.Join(stage, store))
	if err == nil {
		err = in.judge(stage)
	}
	if err == nil {
		err = settle(filepath.Join(stage, store), list, in.settled())
	}
	os.RemoveAll(stage)
	if err != nil {
		return errors.Join(fault, fmt.Errorf("the configuration in %s is refused, what was there stays in force: %w", from, err), writable(func() error {
			return answer(from, badText, err.Error()+"\n\nNothing of it was taken. Mend it, and start the box again or plug the stick in again.\n")
		}))
	}
	say("taken in from %s: %s", from, strings.Join(list, ", "))
	if in.lan != nil {
		tell(in.lan.connect(filepath.Join(in.settled(), "network")))
	}
	select {
	case in.better <- struct{}{}:
	default:
	}
	return errors.Join(fault, writable(func() error { return clearOut(from, list) }))
}

// brought lists the files of a configuration in a folder.
func brought(from string) (list []string, err error) {
	all, err := os.ReadDir(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	for _, e := range all {
		switch {
		case !e.Type().IsRegular() || slices.Contains(left, e.Name()) || strings.HasPrefix(e.Name(), "."):
		default:
			list = append(list, e.Name())
		}
	}
	return list, err
}

// arrange lays out what would be in force: the files that are, and over them
// the new ones.
func (in *intake) arrange(from string, list []string, stage string) error {
	if len(list) > most {
		return fmt.Errorf("there are %d files; at most %d belong to a configuration", len(list), most)
	}
	if err := errors.Join(os.RemoveAll(filepath.Dir(stage)), os.MkdirAll(stage, 0o700)); err != nil {
		return err
	}
	old, err := os.ReadDir(in.settled())
	if err != nil {
		return err
	}
	for _, e := range old {
		if e.IsDir() && slices.Contains(list, e.Name()) {
			return fmt.Errorf("%s is the name of a folder in the data partition", e.Name())
		}
		if e.Type().IsRegular() {
			err = errors.Join(err, os.Link(filepath.Join(in.settled(), e.Name()), filepath.Join(stage, e.Name())))
		}
	}
	for _, name := range list {
		if fault := put(filepath.Join(from, name), filepath.Join(stage, name)); fault != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", name, fault))
		}
	}
	return err
}

// judge says what is wrong with the configuration in a data partition.
func (in *intake) judge(stage string) error {
	files := filepath.Join(stage, store)
	if text, err := os.ReadFile(filepath.Join(files, "network")); err == nil {
		if _, err := planOf(string(text)); err != nil {
			return err
		}
	}
	if text, err := os.ReadFile(filepath.Join(files, "authorized_keys")); err == nil {
		if _, err := keysOf(string(text)); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(files, "heliograph.yaml")); errors.Is(err, os.ErrNotExist) {
		return nil // secrets may come first
	}
	return in.check(stage)
}

// try has the appliance check a configuration. For that it sees the box with
// another data partition, on which that configuration is the one in force.
func (c *children) try(stage string) error {
	const root = "/run/try"
	err := os.MkdirAll(root, 0o700)
	if err == nil {
		err = unix.Mount("/", root, "", unix.MS_BIND, "")
	}
	if err != nil {
		return fmt.Errorf("prepare the check: %w", err)
	}
	defer func() { tell(unix.Unmount(root, 0)) }()
	if err := unix.Mount(stage, root+"/data", "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("prepare the check: %w", err)
	}
	defer func() { tell(unix.Unmount(root+"/data", 0)) }()
	said, exit, err := c.output(root, appliance, "check", "--offline", "-c", configuration)
	if err != nil {
		return fmt.Errorf("heliograph check: %w", err)
	}
	if exit != 0 {
		return errors.New(strings.TrimSpace(said))
	}
	return nil
}

// settle moves files to where they are in force.
func settle(stage string, list []string, to string) error {
	for _, name := range list {
		if err := os.Rename(filepath.Join(stage, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return syncDir(to)
}

func clearOut(from string, list []string) error {
	err := drop(from, badText)
	for _, name := range list {
		err = errors.Join(err, os.Remove(filepath.Join(from, name)))
	}
	return err
}

// put copies a file, whole and synced, for root's eyes only.
func put(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, largest+1))
	if err != nil {
		return err
	}
	if len(data) > largest {
		return fmt.Errorf("it has more than %d octets: it does not belong to a configuration", largest)
	}
	f, err := os.OpenFile(to+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(to+".new", to)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
