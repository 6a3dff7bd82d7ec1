package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// applets are the programs of busybox that a person finds who logs in. They get
// their names when a login is asked for: until then the image has no shell.
const applets = `sh ash [ awk base64 basename cat chmod chown clear cmp cp cut date dd df diff dirname dmesg du echo env expr false find free
	grep gunzip gzip head hexdump hostname id ifconfig ip kill killall less ln logger ls lsmod md5sum microcom mkdir more mount mv nc netstat
	nslookup od pidof ping ping6 printf ps pwd readlink realpath rm rmdir route sed seq sha256sum sleep sort stat strings stty sync sysctl tail
	tar tee telnet test time timeout top touch tr traceroute true tty umount uname uniq uptime vi watch wc wget which xargs zcat`

// scripts ask the first process to stop in order; busybox's own would have it
// switch off where it is to start anew.
var scripts = map[string]string{
	"reboot":   "#!/bin/sh\nexec kill -INT 1\n",
	"poweroff": "#!/bin/sh\nexec kill -TERM 1\n",
}

// furnish gives the programs of busybox their names. What has a name already
// keeps it.
func furnish(root string) error {
	var all error
	for name := range strings.FieldsSeq(applets) {
		if err := os.Symlink("busybox", filepath.Join(root, "bin", name)); !errors.Is(err, fs.ErrExist) {
			all = errors.Join(all, err)
		}
	}
	for name, text := range scripts {
		all = errors.Join(all, os.WriteFile(filepath.Join(root, "sbin", name), []byte(text), 0o755))
	}
	return errors.Join(all, os.WriteFile(filepath.Join(root, "etc", "shells"), []byte("/bin/sh\n"), 0o644))
}
