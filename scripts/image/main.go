// Command image builds the disk image of a board: a UEFI boot partition with
// systemd-boot, a kernel, and a small root that lives in memory. The data
// partition is made by the box itself at its first boot.
//
// It takes the kernel and all that is not ours from Debian's packages, which
// it downloads with an apt of its own beside the system's: no root is needed,
// and nothing is installed. It needs Debian 12 or later with apt, dpkg, mtools,
// dosfstools and zstd. The same packages and binaries give the same bytes.
package main

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// recipe is what one image is made of.
type recipe struct {
	arch    string    // as Debian names it: arm64 or amd64
	binary  string    // the appliance
	init    string    // the first process
	folder  string    // where all is written; packages are kept in it from run to run
	version string    // for people
	key     string    // the file of the private key that updates are signed with; empty: the image takes none
	pi      string    // the Raspberry Pi firmware's boot folder; empty: no Pi image
	stamp   time.Time // the time that all files have
}

// heaviest is the size of a compressed image that goes over a modem at a pinch.
const heaviest = 80_000_000

func main() {
	var r recipe
	var epoch int64
	flag.StringVar(&r.arch, "arch", "arm64", "arm64 or amd64")
	flag.StringVar(&r.binary, "binary", "", "the appliance's `FILE`")
	flag.StringVar(&r.init, "init", "", "the `FILE` of the first process, made from board/init")
	flag.StringVar(&r.folder, "out", "", "the `FOLDER` to build in")
	flag.StringVar(&r.version, "version", "unreleased", "the version, for people")
	flag.StringVar(&r.key, "key", "", "minisign's private key `FILE`: the image takes updates signed with it, and this build is made one; its password is in UPDATE_PASSWORD")
	flag.StringVar(&r.pi, "pi", "", "also make an image for a Raspberry Pi with the firmware in this `FOLDER`")
	flag.Int64Var(&epoch, "epoch", 0, "the time of all files, in `SECONDS` since 1970")
	flag.Parse()
	r.stamp = time.Unix(epoch, 0).UTC()
	if err := r.build(); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func (r recipe) build() error {
	b, ok := boards[r.arch]
	if !ok || r.binary == "" || r.init == "" || r.folder == "" {
		return errors.New("name -arch arm64 or amd64, -binary, -init and -out; `make image` does it")
	}
	if err := r.tools(); err != nil {
		return err
	}
	debian, err := r.fetch(b)
	if err != nil {
		return err
	}
	kernel, err := kernelOf(debian)
	if err != nil {
		return err
	}
	if err := copyFile(kernel, r.file("linux")); err != nil {
		return err
	}
	root, err := r.root(debian, b)
	if err != nil {
		return err
	}
	if err := r.pack(root); err != nil {
		return err
	}
	if err := r.disk(debian, b); err != nil {
		return err
	}
	if err := r.update(b); err != nil {
		return err
	}
	if r.pi != "" {
		if err := r.piDisk(debian); err != nil {
			return err
		}
	}
	return r.weigh()
}

// file is a product's place.
func (r recipe) file(name string) string { return filepath.Join(r.folder, r.arch, name) }

// tools says what is to be installed before anything is begun.
func (r recipe) tools() error {
	var missing []string
	for tool, in := range map[string]string{
		"apt-get": "apt", "dpkg-deb": "dpkg", "mformat": "mtools", "mcopy": "mtools", "zstd": "zstd",
	} {
		if _, err := exec.LookPath(tool); err != nil {
			missing = append(missing, in)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("this needs Debian's %s: apt-get install mtools zstd", strings.Join(missing, ", "))
	}
	return os.MkdirAll(r.file(""), 0o755)
}

// weigh prints what was made, and refuses what is too heavy.
func (r recipe) weigh() error {
	for _, name := range []string{"linux", "initrd", "heliograph.img", "heliograph.img.zst", "heliograph.update", "heliograph-pi.img.zst"} {
		f, err := os.Open(r.file(name))
		if err != nil {
			continue // it was not asked for
		}
		h := sha256.New()
		size, err := io.Copy(h, f)
		f.Close()
		if err != nil {
			return err
		}
		fmt.Printf("%-42s %7.1f MB  %.16x\n", r.file(name), float64(size)/1e6, h.Sum(nil))
		if size > heaviest && strings.HasSuffix(name, ".zst") {
			return fmt.Errorf("%s has %d bytes; at most %d go over a modem at a pinch", name, size, heaviest)
		}
	}
	return nil
}

// run runs a tool of the machine, with the time that files are to have.
func (r recipe) run(name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", r.stamp.Unix()), "TZ=UTC", "LC_ALL=C", "MTOOLS_SKIP_CHECK=1")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}
