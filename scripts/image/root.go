package main

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// tree is the root in memory: what lies at which path, without a leading slash.
type tree map[string]node

// node is a folder, a file with its bytes, or a link with its target in them.
type node struct {
	mode uint32 // as cpio has it: type and permissions
	data []byte
}

const folder, file, program, link = 0o040755, 0o100644, 0o100755, 0o120777

func (t tree) add(name string, mode uint32, data []byte) {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if _, ok := t[dir]; !ok {
			t[dir] = node{folder, nil}
		}
	}
	t[name] = node{mode, data}
}

// root gathers what a board runs.
func (r recipe) root(debian string, b board) (tree, error) {
	t := tree{}
	for _, dir := range []string{"boot", "data", "dev", "etc/ppp/peers", "proc", "root", "run", "sys", "tmp", "var"} {
		t.add(dir, folder, nil)
	}
	for from, to := range map[string]string{
		"var/lock": "/run/lock", "var/run": "/run", "etc/resolv.conf": "/run/resolv.conf", "etc/mtab": "/proc/mounts",
		"etc/ppp/resolv.conf": "/run/ppp-resolv.conf", "etc/heliograph": "/data/heliograph",
		"var/lib/heliograph": "/data/heliograph", // where the store is unless the configuration says otherwise: it must not be in memory
	} {
		t.add(from, link, []byte(to))
	}
	about, err := r.about(b)
	if err != nil {
		return nil, err
	}
	t.add("usr/share/heliograph/image.json", file, about)
	t.add("etc/passwd", file, []byte("root:*:0:0:root:/root:/bin/sh\n")) // no password; no shell either, until somebody brings a key for ssh
	t.add("etc/group", file, []byte("root:x:0:\n"))
	t.add("etc/ppp/options", file, nil)
	for from, to := range map[string]string{r.init: "init", r.binary: "usr/bin/heliograph"} {
		data, err := os.ReadFile(from)
		if err != nil {
			return nil, err
		}
		t.add(to, program, data)
	}
	certificates, err := authorities(debian)
	if err != nil {
		return nil, err
	}
	t.add("etc/ssl/certs/ca-certificates.crt", file, certificates)
	if data, err := os.ReadFile(filepath.Join(debian, "etc/mke2fs.conf")); err == nil {
		t.add("etc/mke2fs.conf", file, data)
	}
	for _, name := range programs {
		if err := t.addProgram(debian, name); err != nil {
			return nil, err
		}
	}
	return t, t.addModules(debian)
}

// authorities are the certificates that mail and web servers are judged by.
func authorities(debian string) ([]byte, error) {
	found, err := filepath.Glob(filepath.Join(debian, "usr/share/ca-certificates/mozilla/*.crt"))
	if err != nil || len(found) == 0 {
		return nil, errors.New("the package ca-certificates holds no certificates")
	}
	var all []byte
	for _, name := range found {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(append(all, bytes.TrimSpace(data)...), '\n')
	}
	return all, nil
}

// addProgram takes a program, what starts it, and all libraries it links.
func (t tree) addProgram(debian, name string) error {
	data, err := os.ReadFile(filepath.Join(debian, name))
	if err != nil {
		return err
	}
	t.add(name, program, data)
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		loader := make([]byte, p.Filesz)
		if _, err := p.ReadAt(loader, 0); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := t.addLoader(debian, strings.Trim(string(loader), "\x00/")); err != nil {
			return err
		}
	}
	needs, err := f.ImportedLibraries()
	for _, library := range needs {
		if err := t.addLibrary(debian, library); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return err
}

func (t tree) addLoader(debian, name string) error {
	if _, ok := t[name]; ok {
		return nil
	}
	data, err := readLinked(debian, name)
	if err != nil {
		return err
	}
	t.add(name, program, data)
	return nil
}

// addLibrary puts a library into /usr/lib, where the loader looks by itself.
func (t tree) addLibrary(debian, name string) error {
	if strings.HasPrefix(name, "ld-linux") {
		return nil
	}
	if _, ok := t["usr/lib/"+name]; ok {
		return nil
	}
	for _, dir := range []string{"lib", "usr/lib"} {
		found, _ := filepath.Glob(filepath.Join(debian, dir, "*-linux-gnu*", name))
		if len(found) == 0 {
			continue
		}
		inside, _ := filepath.Rel(debian, found[0])
		if err := t.addProgram(debian, inside); err != nil {
			return err
		}
		t["usr/lib/"+name] = t[inside]
		delete(t, inside)
		return nil
	}
	return fmt.Errorf("needs %s, which no package of boards.go holds", name)
}

// readLinked reads a file of the tree, following links as the board would.
func readLinked(debian, name string) ([]byte, error) {
	at := filepath.Join(debian, name)
	if to, err := os.Readlink(at); err == nil {
		if filepath.IsAbs(to) {
			return readLinked(debian, to)
		}
		return readLinked(debian, filepath.Join(filepath.Dir(name), to))
	}
	return os.ReadFile(at)
}

// addModules takes the modules of the list with all that they need, and writes
// two lists for the box: which modules belong to which device ("alias PATTERN
// MODULE", "always MODULE"), and what each needs ("needs MODULE OTHERS").
func (t tree) addModules(debian string) error {
	found := map[string]string{}
	top := filepath.Join(debian, "lib/modules")
	err := filepath.WalkDir(top, func(at string, d fs.DirEntry, err error) error {
		if name, ok := strings.CutSuffix(d.Name(), ".ko"); ok && err == nil {
			found[plain(name)] = at
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return errors.New("the kernel's package holds no plain modules: newer kernels compress them")
	}
	var index strings.Builder
	for _, name := range modules {
		if err := t.addModule(found, plain(name), &index); err != nil {
			return err
		}
	}
	for _, name := range always {
		fmt.Fprintf(&index, "always %s\n", plain(name))
	}
	t.add("lib/modules/index", file, []byte(index.String()))
	return nil
}

// plain is a module's name as the kernel says it.
func plain(name string) string { return strings.ReplaceAll(name, "-", "_") }

func (t tree) addModule(found map[string]string, name string, index *strings.Builder) error {
	at, ok := found[name]
	to := "lib/modules/" + name + ".ko"
	if _, done := t[to]; !ok || done {
		return nil
	}
	data, err := os.ReadFile(at)
	if err != nil {
		return err
	}
	t.add(to, file, data)
	needs, aliases, err := modinfo(data)
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	for _, other := range needs {
		if err := t.addModule(found, plain(other), index); err != nil {
			return err
		}
		fmt.Fprintf(index, "needs %s %s\n", name, plain(other))
	}
	for _, a := range aliases {
		fmt.Fprintf(index, "alias %s %s\n", a, name)
	}
	return nil
}

// modinfo reads which modules one asks for, softly or not, and which devices it
// serves: the lines "depends=a,b", "softdep=pre: a b" and "alias=PATTERN".
func modinfo(module []byte) (needs, aliases []string, err error) {
	f, err := elf.NewFile(bytes.NewReader(module))
	if err != nil {
		return nil, nil, err
	}
	section := f.Section(".modinfo")
	if section == nil {
		return nil, nil, errors.New("no .modinfo: this is not a module")
	}
	info, err := section.Data()
	for line := range strings.SplitSeq(string(info), "\x00") {
		key, value, _ := strings.Cut(line, "=")
		switch {
		case key == "depends" && value != "":
			needs = append(needs, strings.Split(value, ",")...)
		case key == "softdep" && strings.HasPrefix(value, "pre: "):
			needs = append(needs, strings.Fields(value)[1:]...)
		case key == "alias" && strings.Contains(value, ":") && !strings.Contains(value, " "):
			aliases = append(aliases, value)
		}
	}
	return needs, aliases, err
}
