package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// fetch downloads the packages that are not here yet, and unpacks them all
// into one tree. It returns the tree.
func (r recipe) fetch(b board) (string, error) {
	debs := r.file("debs")
	if err := os.MkdirAll(debs, 0o755); err != nil {
		return "", err
	}
	if missing := r.missing(b); len(missing) > 0 {
		if err := r.download(b, missing); err != nil {
			return "", err
		}
	}
	tree := r.file("debian")
	if err := os.RemoveAll(tree); err != nil {
		return "", err
	}
	all, err := filepath.Glob(filepath.Join(debs, "*.deb"))
	if err != nil {
		return "", err
	}
	slices.Sort(all)
	for _, deb := range all {
		if err := r.run("dpkg-deb", "-x", deb, tree); err != nil {
			return "", err
		}
	}
	return tree, r.manifest(all)
}

// missing names the packages of which no file is here.
func (r recipe) missing(b board) []string {
	var list []string
	for _, p := range packages {
		if found, _ := filepath.Glob(r.file("debs/" + p + "_*.deb")); len(found) == 0 {
			list = append(list, p)
		}
	}
	if found, _ := filepath.Glob(r.file("debs/linux-image-*.deb")); len(found) == 0 {
		list = append(list, b.kernel)
	}
	return list
}

// download runs apt with state of its own, for the board's architecture.
func (r recipe) download(b board, list []string) error {
	apt, err := filepath.Abs(r.file("apt"))
	if err != nil {
		return err
	}
	for _, dir := range []string{"state/lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(apt, dir), 0o755); err != nil {
			return err
		}
	}
	own := []string{
		"-o", "Dir::State=" + apt + "/state", "-o", "Dir::State::status=/dev/null", "-o", "Dir::Cache=" + apt + "/cache",
		"-o", "APT::Architecture=" + r.arch, "-o", "APT::Architectures=" + r.arch, "-o", "APT::Sandbox::User=", "-o", "Acquire::Languages=none", "-q",
	}
	fmt.Printf("image: downloading %d packages for %s\n", len(list), r.arch)
	if err := r.run("apt-get", append(own, "update")...); err != nil {
		return err
	}
	if i := slices.Index(list, b.kernel); i >= 0 {
		if list[i], err = newestKernel(own, b.kernel); err != nil {
			return err
		}
	}
	c := exec.Command("apt-get", slices.Concat(own, []string{"download"}, list)...)
	c.Dir = r.file("debs")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get download: %w\n%s", err, out)
	}
	return nil
}

var depends = regexp.MustCompile(`Depends: (linux-image-\S+)`)

// newestKernel asks which kernel a package that only names one stands for.
func newestKernel(own []string, name string) (string, error) {
	out, err := exec.Command("apt-cache", slices.Concat(own, []string{"depends", name})...).Output()
	if err != nil {
		return "", fmt.Errorf("apt-cache depends %s: %w", name, err)
	}
	found := depends.FindSubmatch(out)
	if found == nil {
		return "", fmt.Errorf("apt-cache depends %s names no kernel:\n%s", name, out)
	}
	return strings.Split(string(found[1]), ":")[0], nil
}

// manifest writes which packages an image was made of: with them, and the same
// source, it can be made again.
func (r recipe) manifest(debs []string) error {
	var names []string
	for _, deb := range debs {
		names = append(names, filepath.Base(deb))
	}
	return os.WriteFile(r.file("packages.txt"), []byte(strings.Join(names, "\n")+"\n"), 0o644)
}

func kernelOf(debian string) (string, error) {
	found, err := filepath.Glob(filepath.Join(debian, "boot/vmlinuz-*"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("the packages hold %d kernels, want one: empty the folder debs beside %s", len(found), debian)
	}
	return found[0], nil
}
