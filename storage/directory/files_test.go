package directory_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"heliograph/storage/directory"
	"heliograph/storage/storagetest"
)

// More than fits into memory goes through sorted runs on disk; everybody
// arrives, once and in order.
func TestAListLargerThanItsMemory(t *testing.T) {
	t.Parallel()
	const many = 21_000
	dir, list := t.TempDir(), generated(many)
	slices.SortFunc(list, func(a, b directory.Subscriber) int { return strings.Compare(a.Code[4:]+a.Code, b.Code[4:]+b.Code) }) // in no order
	build(t, dir, append(list, list[:5000]...)...)
	d := open(t, dir, "")
	all := chosen(t, d, 1000, "*")
	if len(all) != many || d.Version().Count != many {
		t.Fatalf("%d of %d are there, and the version counts %d", len(all), many, d.Version().Count)
	}
	for i, s := range all {
		if s.Code != fmt.Sprintf("K%06d", i) {
			t.Fatalf("%s stands at place %d", s.Code, i)
		}
	}
	if n := len(chosen(t, d, 1000, "śląskie")); n != many/3 {
		t.Errorf("a region of %d has %d", many/3, n)
	}
	if s, err := d.ByNumber("+48600020999"); err != nil || !slices.Equal(codes(s), []string{"K020999"}) {
		t.Errorf("the last number is %v's (%v)", codes(s), err)
	}
}

// An import puts its list in place while a notice is read from the old one.
func TestWhoReadsKeepsWhatTheyRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := build(t, dir, generated(300)...)
	d := open(t, dir, "")
	subs, at, err := d.Select([]string{"*"}, nil, 100)
	if err != nil || len(subs) != 100 {
		t.Fatal(len(subs), err)
	}
	for n := range 3 { // the file that is read has lost its name by now
		build(t, dir, generated(10+n)...)
	}
	if _, err := directory.Open(dir, first.ID); !errors.Is(err, directory.ErrNone) {
		t.Fatalf("the test needs the file to be gone (%v)", err)
	}
	rest, _, err := d.Select([]string{"*"}, at, 1000)
	if err != nil || len(rest) != 200 || d.Version() != first {
		t.Errorf("%d follow, in %+v (%v)", len(rest), d.Version(), err)
	}
}

// The plug is pulled between any two steps of putting a list in place.
func TestThePlugIsPulledWhileAListIsPutInPlace(t *testing.T) {
	t.Parallel()
	old, fresh := t.TempDir(), t.TempDir()
	first := build(t, old, generated(100)...)
	second := build(t, fresh, generated(120)...)
	copyTo := func(from, to string) func(dir string) error {
		return func(dir string) error {
			b, err := os.ReadFile(from)
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, to), b, 0o600)
		}
	}
	file := func(dir, name string) string { return filepath.Join(dir, name) }
	steps := []func(dir string) error{
		copyTo(file(fresh, "directory.db"), "directory.db.new"),
		func(dir string) error {
			return os.Link(file(dir, "directory.db"), file(dir, "directory.db."+first.ID))
		},
		func(dir string) error { return os.Rename(file(dir, "directory.db.new"), file(dir, "directory.db")) },
		copyTo(file(fresh, "directory.json"), "directory.json.new"),
	}
	for cut := range len(steps) + 1 {
		dir := t.TempDir()
		for _, step := range append([]func(string) error{copyTo(file(old, "directory.db"), "directory.db"), copyTo(file(old, "directory.json"), "directory.json")}, steps[:cut]...) {
			if err := step(dir); err != nil {
				t.Fatal(err)
			}
		}
		want := first
		if cut >= 3 {
			want = second
		}
		if v, err := directory.Newest(dir); err != nil || v != want {
			t.Errorf("after step %d: %+v is in use, want %+v (%v)", cut, v, want, err)
		}
		if d, err := directory.Open(dir, first.ID); err != nil {
			t.Errorf("after step %d the version of a plan is gone: %v", cut, err)
		} else {
			d.Close()
		}
		if v := build(t, dir, generated(120)...); v.ID != second.ID {
			t.Errorf("after step %d: imported is %s", cut, v.ID)
		}
		if all := directory.Versions(dir); len(all) != 2 || all[0].ID != second.ID || all[1].ID != first.ID {
			t.Errorf("after step %d and an import: %+v", cut, all)
		}
	}
}

// The store's room is not taken by a list.
func TestANearlyFullDiskTakesNoList(t *testing.T) {
	storagetest.SmallDisk(t, func(dir string) {
		if err := os.WriteFile(filepath.Join(dir, "heliograph.db"), make([]byte, 1<<20), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := directory.Create(dir, "test")
		if err == nil || !strings.Contains(err.Error(), "is nearly full") || !strings.Contains(err.Error(), "import again") {
			t.Errorf("told is %v", err)
		}
	})
}

// While an import ends, the process starts another program: until that has
// taken the place of its copy, the copy has the lock's file open.
func TestAProgramThatIsBeingStartedHoldsNoImportBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b, err := directory.Create(dir, "test")
	if err != nil {
		t.Fatal(err)
	}
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("needs /proc: %v", err)
	}
	copied := -1
	for _, f := range open {
		if name, err := os.Readlink("/proc/self/fd/" + f.Name()); err == nil && name == filepath.Join(dir, "directory.lock") {
			fd, err := strconv.Atoi(f.Name())
			if err == nil {
				copied, err = syscall.Dup(fd) // as a fork does
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if copied < 0 {
		t.Fatal("the import has no lock")
	}
	defer syscall.Close(copied)
	if _, err := directory.Create(dir, "test"); err == nil || !strings.Contains(err.Error(), "another import is under way") {
		t.Errorf("a second import is told %v", err)
	}
	b.Abandon()
	if b, err = directory.Create(dir, "test"); err != nil {
		t.Fatalf("the next import: %v", err)
	}
	b.Abandon()
}

// What root imports is the service's, whose folder it is.
func TestWhatRootImportsIsTheServices(t *testing.T) {
	t.Parallel()
	const service = 64999
	dir := t.TempDir()
	if err := os.Chown(dir, service, service); err != nil {
		t.Skipf("needs root: %v", err)
	}
	v := build(t, dir, generated(20)...)
	build(t, dir, generated(21)...)
	if err := directory.Hold(dir, v.ID); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 5 {
		t.Fatalf("the folder holds %v (%v)", files, err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if is := info.Sys().(*syscall.Stat_t); is.Uid != service || is.Gid != service {
			t.Errorf("%s is of %d:%d, want %d", f.Name(), is.Uid, is.Gid, service)
		}
	}
}
