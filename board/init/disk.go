package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// The table of partitions is the one that DOS had: four entries of 16 bytes at
// 446, the disk's signature at 440. The second entry is the data partition's.
// Its type says how far the box got with it at its first start.
const (
	sector      = 512
	mib         = 1 << 20
	dataEntry   = 446 + 16
	begun, made = 0xda, 0x83
)

// findDisk waits for the disk with a signature and returns its device.
func findDisk(id string, wait time.Duration) (string, error) {
	if id == "" {
		return "", errors.New("the kernel's command line has no heliograph.disk=: the boot entry is not this image's")
	}
	for deadline := time.Now().Add(wait); ; time.Sleep(50 * time.Millisecond) {
		all, _ := filepath.Glob("/sys/block/*")
		for _, at := range all {
			dev := "/dev/" + filepath.Base(at)
			if s, err := firstSector(dev); err == nil && fmt.Sprintf("%08x", binary.LittleEndian.Uint32(s[440:])) == id {
				return dev, nil
			}
		}
		if time.Now().After(deadline) {
			return "", fmt.Errorf("no disk with the signature %s came within %s: nothing will be remembered over a restart", id, wait)
		}
	}
}

func firstSector(dev string) ([]byte, error) {
	f, err := os.Open(dev)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := make([]byte, sector)
	_, err = io.ReadFull(f, s)
	if err == nil && (s[510] != 0x55 || s[511] != 0xaa) {
		err = errors.New("no table of partitions")
	}
	return s, err
}

// partition is the device of a disk's partition: sda2, but mmcblk0p2.
func partition(disk string, n int) string {
	if last := disk[len(disk)-1]; last >= '0' && last <= '9' {
		return fmt.Sprintf("%sp%d", disk, n)
	}
	return fmt.Sprintf("%s%d", disk, n)
}

// mountData mounts the data partition on /data, and makes it first where the
// box starts for the first time, or was unplugged while it did.
func mountData(disk string) error {
	err := prepareData(disk)
	if err == nil {
		err = unix.Mount(partition(disk, 2), "/data", "ext4", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOATIME, "errors=remount-ro")
	}
	if err != nil {
		err = fmt.Errorf("the data partition: %w; the box works from memory, and forgets at the next start", err)
		return errors.Join(err, unix.Mount("tmpfs", "/data", "tmpfs", unix.MS_NOSUID, "mode=0755,size=50%"))
	}
	return os.MkdirAll("/data/heliograph", 0o700)
}

func prepareData(disk string) error {
	if disk == "" {
		return errors.New("there is no disk")
	}
	s, err := firstSector(disk)
	if err != nil {
		return err
	}
	part := partition(disk, 2)
	switch s[dataEntry+4] {
	case made:
		return repair(part)
	case begun:
	default:
		if err := addData(disk, s); err != nil {
			return err
		}
	}
	say("the first start: making the data partition")
	if out, err := exec.Command("/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-m", "1", "-L", "heliograph", part).CombinedOutput(); err != nil {
		return fmt.Errorf("mke2fs: %w: %s", err, out)
	}
	if err := flush(part); err != nil {
		return err
	}
	return mark(disk, s, made)
}

// repair checks the file system as its journal asks for it. What a check by
// itself cannot mend is mended by a thorough one.
func repair(part string) error {
	for _, how := range []string{"-p", "-y"} {
		out, err := exec.Command("/sbin/e2fsck", how, part).CombinedOutput()
		var exit *exec.ExitError
		if err == nil || errors.As(err, &exit) && exit.ExitCode() < 4 { // 1 and 2: mended
			if err != nil {
				say("e2fsck %s: %s", how, lastLine(out))
			}
			return nil
		}
		say("e2fsck %s: %v: %s", how, err, lastLine(out))
	}
	return nil // mounting tells whether it is of use
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// addData gives the data partition all that lies behind the boot partition.
func addData(disk string, s []byte) error {
	f, err := os.OpenFile(disk, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if err := enterData(s, size); err != nil {
		return fmt.Errorf("%s: %w", disk, err)
	}
	if err := mark(disk, s, begun); err != nil {
		return err
	}
	return reread(f, partition(disk, 2))
}

// enterData writes the data partition's place on a disk of that many bytes
// into the table.
func enterData(s []byte, size int64) error {
	const align = mib / sector
	boot, e := s[446:462], s[dataEntry:dataEntry+16]
	end := int64(binary.LittleEndian.Uint32(boot[8:])) + int64(binary.LittleEndian.Uint32(boot[12:]))
	start := (end + align - 1) / align * align
	length := min(size/sector-start, 1<<32-1)
	if length < 32*align {
		return fmt.Errorf("%d MiB are left behind the boot partition: at least 32 are needed", max(0, length/align))
	}
	copy(e[1:4], "\xfe\xff\xff")
	copy(e[5:8], "\xfe\xff\xff")
	binary.LittleEndian.PutUint32(e[8:], uint32(start))
	binary.LittleEndian.PutUint32(e[12:], uint32(length))
	return nil
}

// mark writes the table with the data partition's type to the disk itself.
func mark(disk string, s []byte, kind byte) error {
	s[dataEntry+4] = kind
	f, err := os.OpenFile(disk, os.O_WRONLY|os.O_SYNC, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt(s, 0)
	return errors.Join(err, f.Sync())
}

// reread has the kernel read the table, and waits for the new device.
func reread(disk *os.File, part string) error {
	if err := unix.IoctlSetInt(int(disk.Fd()), unix.BLKRRPART, 0); err != nil {
		return fmt.Errorf("read the table of partitions again: %w", err)
	}
	for range 100 {
		if _, err := os.Stat(part); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("%s did not appear", part)
}

func flush(dev string) error {
	f, err := os.OpenFile(dev, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// takeIn moves what lies in the boot partition's folder heliograph to
// /data/heliograph. A file is on the data partition, whole and synced, before
// it goes from the boot partition: a plug pulled in between costs nothing.
func takeIn(disk string) error {
	if disk == "" {
		return nil
	}
	if err := unix.Mount(partition(disk, 1), "/boot", "vfat", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC|unix.MS_SYNCHRONOUS, "umask=0077"); err != nil {
		return fmt.Errorf("the boot partition: %w", err)
	}
	defer func() { tell(unix.Unmount("/boot", 0)) }()
	return moveAll("/boot/heliograph", "/data/heliograph")
}

// left are files that stay where they are.
var left = []string{"README.txt"}

func moveAll(from, to string) error {
	list, err := os.ReadDir(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var moved []string
	for _, e := range list {
		if !e.Type().IsRegular() || slices.Contains(left, e.Name()) {
			continue
		}
		if e.Name() == "authorized_keys" {
			err = errors.Join(err, errors.New("refused: this image has no ssh; authorized_keys is left where it is"))
			continue
		}
		if fault := put(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); fault != nil {
			err = errors.Join(err, fmt.Errorf("take in %s: %w", e.Name(), fault))
			continue
		}
		moved = append(moved, e.Name())
	}
	if len(moved) == 0 {
		return err
	}
	say("taken in from the boot partition: %s", strings.Join(moved, ", "))
	if fault := syncDir(to); fault != nil {
		return errors.Join(err, fault)
	}
	for _, name := range moved {
		err = errors.Join(err, os.Remove(filepath.Join(from, name)))
	}
	return err
}

func put(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
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
