package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
func mountData(kids *children, disk string) error {
	err := prepareData(kids, disk)
	if err == nil {
		err = unix.Mount(partition(disk, 2), "/data", "ext4", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOATIME, "errors=remount-ro")
	}
	if err != nil {
		err = fmt.Errorf("the data partition: %w; the box works from memory, and forgets at the next start", err)
		return errors.Join(err, unix.Mount("tmpfs", "/data", "tmpfs", unix.MS_NOSUID, "mode=0755,size=50%"))
	}
	return os.MkdirAll("/data/"+store, 0o700)
}

func prepareData(kids *children, disk string) error {
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
		return repair(kids, part)
	case begun:
	default:
		if err := addData(disk, s); err != nil {
			return err
		}
	}
	say("the first start: making the data partition")
	if out, exit, err := kids.output("", "/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-m", "1", "-L", "heliograph", part); err != nil || exit != 0 {
		return fmt.Errorf("mke2fs ended with %d (%v): %s", exit, err, out)
	}
	if err := flush(part); err != nil {
		return err
	}
	return mark(disk, s, made)
}

// repair checks the file system as its journal asks for it. What a check by
// itself cannot mend is mended by a thorough one.
func repair(kids *children, part string) error {
	for _, how := range []string{"-p", "-y"} {
		out, exit, err := kids.output("", "/sbin/e2fsck", how, part)
		if exit != 0 || err != nil {
			say("e2fsck %s ended with %d (%v): %s", how, exit, err, lastLine(out))
		}
		if exit < 4 && err == nil { // 1 and 2: mended
			return nil
		}
	}
	return nil // mounting tells whether it is of use
}

// mountBoot mounts the boot partition for reading, after what a plug pulled
// while it was written to left behind is mended: room that nobody owns would
// be lost for updates.
func mountBoot(kids *children, disk string) error {
	if disk == "" {
		return nil
	}
	part := partition(disk, 1)
	if out, exit, err := kids.output("", "/sbin/fsck.fat", "-a", part); exit != 0 || err != nil {
		say("fsck.fat ended with %d (%v): %s", exit, err, lastLine(out))
	}
	if err := unix.Mount(part, "/boot", "vfat", mediumFlags|unix.MS_RDONLY, mediumOptions); err != nil {
		return fmt.Errorf("the boot partition: %w", err)
	}
	return nil
}

func lastLine(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
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
