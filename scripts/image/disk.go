package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"heliograph/drivers/update"
)

// pack writes the root as the kernel unpacks it: cpio in the "newc" form
// (Documentation/driver-api/early-userspace/buffer-format), compressed.
func (r recipe) pack(t tree) error {
	var b bytes.Buffer
	for i, name := range slices.Sorted(maps.Keys(t)) {
		n := t[name]
		links := 1
		if n.mode == folder {
			links = 2
		}
		r.entry(&b, i+1, n.mode, links, name, n.data)
	}
	r.entry(&b, 0, 0, 1, "TRAILER!!!", nil)
	if err := os.WriteFile(r.file("initrd.cpio"), b.Bytes(), 0o644); err != nil {
		return err
	}
	return r.run("zstd", "-q", "-f", "-9", "-T2", r.file("initrd.cpio"), "-o", r.file("initrd"))
}

func (r recipe) entry(b *bytes.Buffer, inode int, mode uint32, links int, name string, data []byte) {
	pad := func() { b.Write(make([]byte, -b.Len()&3)) }
	fmt.Fprintf(b, "070701%08x%08x%08x%08x%08x%08x%08x", inode, mode, 0, 0, links, r.stamp.Unix(), len(data))
	fmt.Fprintf(b, "%08x%08x%08x%08x%08x%08x", 0, 0, 0, 0, len(name)+1, 0)
	b.WriteString(name + "\x00")
	pad()
	b.Write(data)
	pad()
}

// The disk: a table of partitions as PCs have had since DOS, which UEFI and the
// Raspberry Pi read alike and to which a box can add a partition by writing
// sixteen bytes; then the boot partition. The rest is the data partition's, and
// its place in the table is empty until the box has made it.
const (
	sector    = 512
	mib       = 1 << 20
	bootStart = 1 * mib
	bootSize  = 320 * mib // two systems side by side, and one that is being written
	signature = 0x48454c49
	volume    = "48454c49"
)

// disk makes the image for boards that start by UEFI.
func (r recipe) disk(debian string, b board) error {
	loader := filepath.Join(debian, "usr/lib/systemd/boot/efi", b.loader)
	entry := fmt.Sprintf("title Heliograph %s\nlinux /a/linux\ninitrd /a/initrd\noptions %s heliograph.slot=a\n", r.version, b.options())
	return r.image("heliograph.img", 0xef, []placed{
		{"EFI/BOOT/" + b.efi, loader, ""},
		{"loader/loader.conf", "", "timeout 0\neditor no\ndefault heliograph*\n"},
		{"loader/entries/" + update.EntryName(r.stamp) + "+3.conf", "", entry},
		{"a/linux", r.file("linux"), ""},
		{"a/initrd", r.file("initrd"), ""},
		{"heliograph/README.txt", "", intake},
	})
}

// options are the kernel's. A kernel that panics starts again by itself.
func (b board) options() string {
	return fmt.Sprintf("%s panic=10 quiet loglevel=4 net.ifnames=0 heliograph.disk=%08x", b.console, signature)
}

const intake = `This folder takes in what you bring; a USB stick (FAT or exFAT) with a folder
of the same name does, too. Answers stand in text files beside what you brought.

A configuration: heliograph.yaml, the secrets it names as /etc/heliograph/NAME,
and a file "network" that says how the box is connected. It is checked when the
box starts. A good one moves into the box's data partition; a bad one stays here,
and what was in force stays in force. From a stick only the first one is taken.

network, one line for each port and server:
  eth0 192.0.2.2/24 via 192.0.2.1
  eth1 dhcp
  dns 9.9.9.9

Login by ssh, as root, on the wired ports: the file authorized_keys, with the
public keys of those who may, one a line. An empty one takes that away again.

An update: the file heliograph.update. From a stick it is taken as soon as that
is plugged in, from here at the next start.
`

// placed is a file in a boot partition: a copy of one, or a text.
type placed struct{ to, from, text string }

// image writes a disk with a boot partition of the given type, and compresses it.
func (r recipe) image(name string, kind byte, files []placed) error {
	boot := r.file("boot.fat")
	if err := r.format(boot, files); err != nil {
		return err
	}
	out, err := os.Create(r.file(name))
	if err != nil {
		return err
	}
	defer out.Close()
	if _, err := out.Write(table(kind)); err != nil {
		return err
	}
	in, err := os.Open(boot)
	if err != nil {
		return err
	}
	defer in.Close()
	if _, err := out.Seek(bootStart, io.SeekStart); err != nil {
		return err
	}
	if err := sparse(out, in); err != nil {
		return err
	}
	if err := out.Truncate(bootStart + bootSize + mib); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	return r.run("zstd", "-q", "-f", "-3", "-T1", r.file(name), "-o", r.file(name+".zst"))
}

// table is the first sector.
func table(kind byte) []byte {
	s := make([]byte, sector)
	binary.LittleEndian.PutUint32(s[440:], signature)
	e := s[446:]
	e[0], e[4] = 0x80, kind
	copy(e[1:4], "\xfe\xff\xff") // no cylinders, heads and sectors: see the sector numbers
	copy(e[5:8], "\xfe\xff\xff")
	binary.LittleEndian.PutUint32(e[8:], bootStart/sector)
	binary.LittleEndian.PutUint32(e[12:], bootSize/sector)
	s[510], s[511] = 0x55, 0xaa
	return s
}

// sparse copies and leaves out what is zero.
func sparse(to io.WriteSeeker, from io.Reader) error {
	block, zero := make([]byte, mib), make([]byte, mib)
	for {
		n, err := io.ReadFull(from, block)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return err
		}
		if n == 0 {
			return nil
		}
		if bytes.Equal(block[:n], zero[:n]) {
			_, err = to.Seek(int64(n), io.SeekCurrent)
		} else {
			_, err = to.Write(block[:n])
		}
		if err != nil {
			return err
		}
	}
}

// format makes a FAT file system with files in it; mtools need no mount.
func (r recipe) format(at string, files []placed) error {
	if err := os.RemoveAll(at); err != nil {
		return err
	}
	if err := r.run("mformat", "-C", "-i", at, "-F", "-T", fmt.Sprint(bootSize/sector), "-h", "64", "-s", "32", "-N", volume, "-v", "HELIOGRAPH", "::"); err != nil {
		return err
	}
	stage := r.file("stage")
	made := map[string]bool{".": true}
	for _, f := range files {
		for _, dir := range above(f.to) {
			if !made[dir] {
				made[dir] = true
				if err := r.run("mmd", "-i", at, "::"+dir); err != nil {
					return err
				}
			}
		}
		from := f.from
		if from == "" {
			from = stage
			if err := os.WriteFile(stage, []byte(f.text), 0o644); err != nil {
				return err
			}
		}
		if err := r.run("mcopy", "-o", "-i", at, from, "::"+f.to); err != nil {
			return err
		}
	}
	return nil
}

// above are the folders that a path lies in, the outermost first.
func above(name string) []string {
	var dirs []string
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		dirs = append([]string{dir}, dirs...)
	}
	return dirs
}

// piDisk makes the image for a Raspberry Pi 3, 4 or 5: its firmware is not
// Debian's to give and comes from the builder; it reads config.txt and starts
// the kernel by itself, without a boot loader.
func (r recipe) piDisk(debian string) error {
	files, err := firmware(r.pi)
	if err != nil {
		return err
	}
	files = append(files,
		placed{"config.txt", "", "arm_64bit=1\nenable_uart=1\nkernel=a/linux\ninitramfs a/initrd followkernel\n"},
		placed{"cmdline.txt", "", board{console: "console=tty1 console=serial0,115200"}.options() + "\n"},
		placed{"a/linux", r.file("linux"), ""},
		placed{"a/initrd", r.file("initrd"), ""},
		placed{"heliograph/README.txt", "", intake},
	)
	trees, err := filepath.Glob(filepath.Join(debian, "usr/lib/linux-image-*/broadcom/bcm2*-rpi-*.dtb"))
	if err != nil || len(trees) == 0 {
		return fmt.Errorf("the kernel's package holds no device trees for a Raspberry Pi (%v)", err)
	}
	for _, at := range trees {
		files = append(files, placed{filepath.Base(at), at, ""})
	}
	fmt.Println("image: the Raspberry Pi image is not booted here: try it on your board")
	return r.image("heliograph-pi.img", 0x0c, files)
}

// firmware lists what a Pi's first stages need, and says what is missing.
func firmware(dir string) ([]placed, error) {
	var files []placed
	for _, pattern := range []string{"bootcode.bin", "start*.elf", "fixup*.dat", "overlays/*.dtbo"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("%s has no %s: name the folder boot of the Raspberry Pi firmware", dir, pattern)
		}
		for _, at := range found {
			to, err := filepath.Rel(dir, at)
			if err != nil {
				return nil, err
			}
			files = append(files, placed{strings.ReplaceAll(to, string(filepath.Separator), "/"), at, ""})
		}
	}
	return files, nil
}
