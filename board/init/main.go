// Command init is the first process of a board's image. It makes the box a
// place in which the appliance can live, starts it, starts it again when it
// dies, and stops it in order. It takes no orders but the kernel's: SIGTERM and
// the power button switch the box off, SIGINT (ctrl-alt-del) starts it anew.
// There is no shell, and nobody can log in, unless the configuration brought a
// key for ssh.
//
// What fails on the way is told on the console and in the kernel's log, and
// the next step is tried all the same: a box that watches with half of its
// parts is better than one that stands still.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	if os.Getpid() != 1 {
		fmt.Fprintln(os.Stderr, "init: this is the first process of the image; on Debian install the package instead")
		os.Exit(1)
	}
	mountKernel()
	say("starting at %s of uptime, from slot %q", uptime(), told("heliograph.slot"))
	kids, plugged := newChildren(), make(chan string, 16)
	tell(loadModules(plugged))
	disk, err := findDisk(told("heliograph.disk"), 40*time.Second) // a disk on USB, or a slow machine: without it nothing is remembered
	tell(err)
	tell(mountData(kids, disk))
	tell(mountBoot(kids, disk))
	in := &intake{kids: kids, own: disk, data: "/data", lan: newLAN(), check: kids.try, better: make(chan struct{}, 1)}
	tell(in.boot())
	tell(in.lan.connect(filepath.Join(in.settled(), "network")))
	orders := make(chan os.Signal, 4)
	signal.Notify(orders, unix.SIGTERM, unix.SIGINT)
	unix.Reboot(unix.LINUX_REBOOT_CMD_CAD_OFF) // ctrl-alt-del becomes SIGINT
	go powerButton(orders)
	go in.run(plugged)
	d := diallers{kids: kids, running: map[string]chan os.Signal{}}
	d.look()
	ssh := newDoor(kids, in.lan, in.data)
	go ssh.run()
	renewed := func() { d.look(); ssh.renew() }
	s := supervisor{what: "the appliance", argv: []string{appliance, "run", "-c", configuration}, kids: kids, renewed: renewed}
	how := s.run(orders, in.better)
	d.stop() // after the appliance, which hangs up in order
	in.rest()
	leave(how)
}

const (
	appliance     = "/usr/bin/heliograph"
	store         = "heliograph" // the folder of the data partition with the configuration and the store
	configuration = "/data/" + store + "/heliograph.yaml"
)

var environment = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/data", "GOMEMLIMIT=64MiB", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"}

// mountKernel mounts what the kernel offers, and puts the standard streams on
// the console.
func mountKernel() {
	for _, m := range []struct{ kind, at, options string }{
		{"devtmpfs", "/dev", "mode=0755"}, {"devpts", "/dev/pts", "mode=0620,ptmxmode=0666"}, {"proc", "/proc", ""}, {"sysfs", "/sys", ""},
		{"tmpfs", "/run", "mode=0755,size=32m"}, {"tmpfs", "/tmp", "mode=1777,size=32m"},
	} {
		os.MkdirAll(m.at, 0o755)
		if err := unix.Mount(m.kind, m.at, m.kind, unix.MS_NOSUID, m.options); err != nil && err != unix.EBUSY {
			tell(fmt.Errorf("mount %s: %w", m.at, err))
		}
	}
	for _, dir := range []string{"/run/lock", "/run/heliograph"} {
		tell(os.MkdirAll(dir, 0o750))
	}
	tell(unix.Sethostname([]byte("heliograph")))
}

// say writes a line to the console. It is written at one go, so that the
// appliance's own lines do not come between.
func say(format string, args ...any) {
	fmt.Fprint(os.Stderr, "init: "+fmt.Sprintf(format, args...)+"\n")
}

func tell(err error) {
	if err != nil {
		say("%v", err)
	}
}

// uptime is how long the kernel has run.
func uptime() time.Duration {
	var t unix.Timespec
	unix.ClockGettime(unix.CLOCK_BOOTTIME, &t)
	return time.Duration(t.Nano()).Round(time.Millisecond)
}

// told is what the kernel's command line says of a thing: heliograph.disk is
// the signature of the disk that the box was started from, heliograph.slot the
// system on it.
func told(of string) string {
	line, err := os.ReadFile("/proc/cmdline")
	tell(err)
	for _, word := range strings.Fields(string(line)) {
		if key, value, _ := strings.Cut(word, "="); key == of {
			return value
		}
	}
	return ""
}

// leave ends everything and switches the box off, or starts it anew.
func leave(how int) {
	unix.Kill(-1, unix.SIGKILL)
	unix.Sync()
	for _, at := range []string{"/boot", "/data"} {
		if err := unix.Unmount(at, 0); err != nil && err != unix.EINVAL {
			say("unmount %s: %v", at, err)
		}
	}
	unix.Sync()
	tell(unix.Reboot(how))
	select {} // the first process may not end
}
