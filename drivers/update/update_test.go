package update

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"
)

var (
	first  = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	second = first.Add(24 * time.Hour)
)

// rack is a box that runs from slot a, as the image was written.
func rack(t *testing.T) (Box, minisign.PrivateKey) {
	t.Helper()
	public, private, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := Box{Boot: t.TempDir(), Spool: t.TempDir(), Slot: "a", Board: "arm64", Built: first, Key: public}
	for name, text := range map[string]string{
		"a/linux": "old kernel", "a/initrd": "old root",
		"loader/entries/heliograph-001793491200+3.conf": "title Heliograph\nlinux /a/linux\ninitrd /a/initrd\n",
		"loader/entries/other.conf":                     "title memtest\n",
	} {
		path := filepath.Join(b.Boot, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return b, private
}

func packed(t *testing.T, m Manifest, key minisign.PrivateKey) []byte {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{"linux": "new kernel " + m.Version, "initrd": strings.Repeat("new root ", 5000)} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := Pack(&out, m, folder, key); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (b Box) list(t *testing.T) string {
	t.Helper()
	all, err := b.entries()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range all {
		names = append(names, filepath.Base(e.path)+" "+e.slot)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

var newer = Manifest{Board: "arm64", Version: "2.0", Built: second, Options: "console=ttyAMA0"}

// TestAnUpdateIsTriedAndProvesItself, and the next one goes into the other slot.
func TestAnUpdateIsTriedAndProvesItself(t *testing.T) {
	t.Parallel()
	b, key := rack(t)
	if err := b.Proved(); err != nil {
		t.Fatal(err)
	}
	m, err := b.Install(bytes.NewReader(packed(t, newer, key)))
	if err != nil || m.Version != "2.0" {
		t.Fatalf("%+v, %v", m, err)
	}
	if got, want := b.list(t), "heliograph-001793491200.conf a, heliograph-001793577600+3.conf b"; got != want {
		t.Errorf("the boot list is\n%s\nwant\n%s", got, want)
	}
	text, err := os.ReadFile(filepath.Join(b.Boot, "loader/entries/heliograph-001793577600+3.conf"))
	if want := "title Heliograph 2.0\nlinux /b/linux\ninitrd /b/initrd\noptions console=ttyAMA0 heliograph.slot=b\n"; err != nil || string(text) != want {
		t.Errorf("the entry says %q (%v)", text, err)
	}
	if old, _ := os.ReadFile(filepath.Join(b.Boot, "a/linux")); string(old) != "old kernel" {
		t.Errorf("the running system was touched: %q", old)
	}

	// The boot loader counts a start, and it is good.
	entries := filepath.Join(b.Boot, "loader/entries")
	if err := os.Rename(filepath.Join(entries, "heliograph-001793577600+3.conf"), filepath.Join(entries, "heliograph-001793577600+2-1.conf")); err != nil {
		t.Fatal(err)
	}
	now := b
	now.Slot, now.Built = "b", second
	if trial, err := now.OnTrial(); err != nil || !trial {
		t.Errorf("on trial: %t, %v", trial, err)
	}
	if err := now.Proved(); err != nil {
		t.Fatal(err)
	}
	if trial, _ := now.OnTrial(); trial || now.list(t) != "heliograph-001793491200.conf a, heliograph-001793577600.conf b" {
		t.Errorf("it proved itself, and the boot list is %s", now.list(t))
	}
	third := newer
	third.Built, third.Version = second.Add(time.Hour), "3.0"
	if _, err := now.Install(bytes.NewReader(packed(t, third, key))); err != nil {
		t.Fatal(err)
	}
	if got, want := now.list(t), "heliograph-001793577600.conf b, heliograph-001793581200+3.conf a"; got != want {
		t.Errorf("the boot list is\n%s\nwant\n%s", got, want)
	}
	if left, _ := os.ReadDir(b.Spool); len(left) > 0 {
		t.Errorf("%s is left in the spool", left[0].Name())
	}
}

// TestBadUpdatesAreRefused, each with what is wrong with it, and nothing on the
// boot partition changes.
func TestBadUpdatesAreRefused(t *testing.T) {
	t.Parallel()
	b, key := rack(t)
	_, stranger, _ := minisign.GenerateKey(rand.Reader)
	good := packed(t, newer, key)
	changed := bytes.Clone(good)
	changed[len(changed)/2] ^= 1
	older, same, foreign := newer, newer, newer
	older.Built, same.Built, foreign.Board = first.Add(-time.Hour), first, "amd64"
	head := bytes.IndexByte(good, '\n') + 1
	unsigned := append(bytes.Clone(good[:head]), "no\nsignature\nis\nhere\n"...)
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"something else", "this is no update of heliograph", []byte("PK\x03\x04 a zip")},
		{"nothing", "this is no update of heliograph", nil},
		{"no end of a line", "this is no update of heliograph", bytes.Repeat([]byte("heliograph update 1 "), 500)},
		{"no size", "the update says that it has \"x\" octets", []byte("heliograph update 1 x\n")},
		{"too large", "the update says that it has \"999999999999\" octets", []byte("heliograph update 1 999999999999\n")},
		{"unsigned", "the update is not signed", unsigned},
		{"cut in its head", "the update is cut short in its head", good[:head+10]},
		{"cut short", "the update is cut short:", good[:len(good)-100]},
		{"changed on its way", "the update's signature is not that of this box's key", changed},
		{"of a stranger", "the update's signature is not that of this box's key", packed(t, newer, stranger)},
		{"older", "the update is older than what runs (2.0 of 31 Oct 2026 23:00Z, this is of 1 Nov 2026 00:00Z)", packed(t, older, key)},
		{"the same", "the update is what runs already", packed(t, same, key)},
		{"of another board", `the update is for the board "amd64", and this one is "arm64"`, packed(t, foreign, key)},
	} {
		before := b.list(t)
		_, err := b.Install(bytes.NewReader(c.file))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s:\ngot  %v\nwant %s", c.name, err, c.want)
		}
		if _, err := os.Stat(filepath.Join(b.Boot, "b")); !errors.Is(err, os.ErrNotExist) || b.list(t) != before {
			t.Errorf("%s: the boot partition was touched: %s", c.name, b.list(t))
		}
	}
	if left, _ := os.ReadDir(b.Spool); len(left) > 0 {
		t.Errorf("%s is left in the spool", left[0].Name())
	}
	b.Slot = ""
	if _, err := b.Install(bytes.NewReader(good)); err == nil || !strings.Contains(err.Error(), "write the new image to its medium") {
		t.Errorf("on a box without an image: %v", err)
	}
}

// TestAnUpdateThatFailedIsNotTriedAgain: the boot loader went back to the old
// system, which names the other one, and refuses to take it a second time.
func TestAnUpdateThatFailedIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	b, key := rack(t)
	good := packed(t, newer, key)
	if _, err := b.Install(bytes.NewReader(good)); err != nil {
		t.Fatal(err)
	}
	if fallen, err := b.Fallen(); err != nil || fallen != "" {
		t.Errorf("before its first start %q has failed, %v", fallen, err)
	}
	entries := filepath.Join(b.Boot, "loader/entries")
	if err := os.Rename(filepath.Join(entries, "heliograph-001793577600+3.conf"), filepath.Join(entries, "heliograph-001793577600+0-3.conf")); err != nil {
		t.Fatal(err)
	}
	if fallen, err := b.Fallen(); err != nil || fallen != "2.0" {
		t.Errorf("what has failed is %q, %v", fallen, err)
	}
	if _, err := b.Install(bytes.NewReader(good)); err == nil || !strings.HasPrefix(err.Error(), "the update was tried and never got to watching: 2.0") {
		t.Errorf("a second try is told %v", err)
	}
	third := newer
	third.Built, third.Version = second.Add(time.Hour), "3.0"
	if _, err := b.Install(bytes.NewReader(packed(t, third, key))); err != nil {
		t.Fatal(err)
	}
	if fallen, err := b.Fallen(); err != nil || fallen != "" {
		t.Errorf("with a newer one in its place %q has failed, %v", fallen, err)
	}
}

// TestTheBootPartitionIsWritableForMomentsOnly: while an update is written, or
// proves itself; not while one is refused for its signature.
func TestTheBootPartitionIsWritableForMomentsOnly(t *testing.T) {
	t.Parallel()
	b, key := rack(t)
	var said []bool
	b.Writable = func(on bool) error {
		said = append(said, on)
		return nil
	}
	_, stranger, _ := minisign.GenerateKey(rand.Reader)
	if _, err := b.Install(bytes.NewReader(packed(t, newer, stranger))); err == nil || len(said) > 0 {
		t.Errorf("a stranger's update: %v, %v", err, said)
	}
	if _, err := b.Install(bytes.NewReader(packed(t, newer, key))); err != nil || !slices.Equal(said, []bool{true, false}) {
		t.Errorf("an update: %v, %v", err, said)
	}
	if err := b.Proved(); err != nil || !slices.Equal(said, []bool{true, false, true, false}) {
		t.Errorf("a proof: %v, %v", err, said)
	}
	b.Writable = func(bool) error { return errors.New("the medium is locked") }
	if _, err := b.Install(bytes.NewReader(packed(t, newer, key))); err == nil || err.Error() != "the medium is locked" {
		t.Errorf("on a locked medium: %v", err)
	}
}

// TestThePlugIsPulledDuringAnUpdate: whatever was written by then, the box
// starts the system that it ran, or the new one whole.
func TestThePlugIsPulledDuringAnUpdate(t *testing.T) {
	t.Parallel()
	b, key := rack(t)
	if err := b.Proved(); err != nil {
		t.Fatal(err)
	}
	good := packed(t, newer, key)
	for _, at := range []int{0, 1, 100, 300, len(good) / 2, len(good) - 1} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			if _, err := b.Install(io.MultiReader(bytes.NewReader(good[:at]), broken{})); err == nil {
				t.Fatal("it was taken")
			}
			if got := b.list(t); got != "heliograph-001793491200.conf a" {
				t.Errorf("the boot list is %s", got)
			}
		})
	}
	// In the middle of writing the slot: the disk is full. Its entry is gone by then.
	if err := os.MkdirAll(filepath.Join(b.Boot, "b", "initrd"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Install(bytes.NewReader(good)); err == nil || !strings.HasPrefix(err.Error(), "write b/initrd") {
		t.Errorf("a slot that cannot be written: %v", err)
	}
	if got := b.list(t); got != "heliograph-001793491200.conf a" {
		t.Errorf("the boot list is %s", got)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the line went dead") }

func FuzzHead(f *testing.F) {
	f.Add([]byte("heliograph update 1 100\nuntrusted comment: x\nRUQ=\ntrusted comment: y\nabc=\nrest"))
	f.Add([]byte("heliograph update 1 -5\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		public, _, _ := minisign.GenerateKey(bytes.NewReader(make([]byte, 128)))
		tmp := t.TempDir()
		if out, err := receive(bytes.NewReader(b), tmp, public); err == nil {
			out.Close()
			t.Errorf("it was taken: %q", b)
		}
		if left, _ := os.ReadDir(tmp); len(left) > 0 {
			t.Error("something is left")
		}
	})
}
