package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func needTools(t *testing.T) {
	for _, tool := range []string{"mformat", "mcopy", "mmd", "zstd"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s: %v", tool, err)
		}
	}
}

// mock is a recipe in a folder of its own, with a kernel that is none.
func mock(t *testing.T) recipe {
	r := recipe{arch: "arm64", folder: t.TempDir(), stamp: time.Unix(1_700_000_000, 0).UTC()}
	write(t, r.file("linux"), "a kernel")
	write(t, r.file("debian/usr/lib/systemd/boot/efi/systemd-bootaa64.efi"), "a loader")
	write(t, r.file("debian/usr/lib/linux-image-6.1/broadcom/bcm2711-rpi-4-b.dtb"), "a tree")
	return r
}

func write(t *testing.T, at, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestSameBytes builds an image twice, in two folders, of files with different
// times of their own.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	needTools(t)
	var images [2][]byte
	for i := range images {
		r := mock(t)
		old := time.Unix(int64(i)*86400, 0)
		if err := os.Chtimes(r.file("linux"), old, old); err != nil {
			t.Fatal(err)
		}
		root := tree{}
		for _, name := range []string{"usr/bin/b", "usr/bin/a", "init"} {
			root.add(name, program, []byte(name))
		}
		root.add("etc/link", link, []byte("/run/there"))
		if err := r.pack(root); err != nil {
			t.Fatal(err)
		}
		if err := r.disk(r.file("debian"), boards["arm64"]); err != nil {
			t.Fatal(err)
		}
		var err error
		if images[i], err = os.ReadFile(r.file("heliograph.img.zst")); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(images[0], images[1]) {
		t.Error("the same inputs gave two different images")
	}
}

// TestPi makes the image for a Raspberry Pi of a folder that has what its
// firmware has, and names what is missing from one that has not.
func TestPi(t *testing.T) {
	t.Parallel()
	needTools(t)
	r := mock(t)
	write(t, r.file("initrd"), "a root")
	r.pi = t.TempDir()
	for _, name := range []string{"bootcode.bin", "start4.elf", "fixup4.dat", "overlays/vc4.dtbo"} {
		if err := r.piDisk(r.file("debian")); err == nil || !strings.Contains(err.Error(), "name the folder boot of the Raspberry Pi firmware") {
			t.Errorf("without %s it is told %v", name, err)
		}
		write(t, filepath.Join(r.pi, name), name)
	}
	if err := r.piDisk(r.file("debian")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"a/linux": "a kernel", "a/initrd": "a root", "bootcode.bin": "bootcode.bin", "overlays/vc4.dtbo": "overlays/vc4.dtbo",
		"bcm2711-rpi-4-b.dtb": "a tree", "config.txt": "kernel=a/linux", "cmdline.txt": "heliograph.disk=48454c49", "heliograph/README.txt": "heliograph.yaml",
	} {
		got, err := exec.Command("mtype", "-i", r.file("heliograph-pi.img")+"@@1M", "::/"+name).CombinedOutput()
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%s is %q, %v; want %q in it", name, got, err, want)
		}
	}
	if at := filepath.Join(r.pi, "start4.elf"); age(t, at) > time.Hour {
		t.Errorf("the builder's own %s has another time now", at)
	}
}

func age(t *testing.T, at string) time.Duration {
	t.Helper()
	s, err := os.Stat(at)
	if err != nil {
		t.Fatal(err)
	}
	return time.Since(s.ModTime())
}
