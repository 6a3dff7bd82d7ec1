package main

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// kernel loads modules as devices ask for them. Its loop owns all that is in it.
type kernel struct {
	aliases [][2]string // a pattern of devices, and the module that serves them
	needs   map[string][]string
	loaded  map[string]bool
	plugged chan<- string // the names of disks and partitions on USB, as they come
}

const moduleFolder = "/lib/modules/"

// loadModules loads what no device asks for, and then, for as long as the box
// runs, what the kernel tells of devices: those that are there are told again.
func loadModules(plugged chan<- string) error {
	k, always, err := readIndex(moduleFolder + "index")
	if err != nil {
		return err
	}
	k.plugged = plugged
	events, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return os.NewSyscallError("socket for the kernel's events", err)
	}
	unix.SetsockoptInt(events, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 8*mib) // thousands come at once
	if err := unix.Bind(events, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: 1}); err != nil {
		return os.NewSyscallError("bind to the kernel's events", err)
	}
	for _, name := range always {
		k.load(name)
	}
	go k.listen(events)
	return tellAgain("/sys/devices")
}

// readIndex reads what the image's builder wrote of the modules.
func readIndex(file string) (k *kernel, always []string, err error) {
	text, err := os.ReadFile(file)
	k = &kernel{needs: map[string][]string{}, loaded: map[string]bool{}}
	for line := range strings.Lines(string(text)) {
		switch w := strings.Fields(line); w[0] {
		case "alias":
			k.aliases = append(k.aliases, [2]string{w[1], w[2]})
		case "needs":
			k.needs[w[1]] = append(k.needs[w[1]], w[2])
		case "always":
			always = append(always, w[1])
		}
	}
	return k, always, err
}

// tellAgain has the kernel announce the devices that are there already.
func tellAgain(top string) error {
	return filepath.WalkDir(top, func(at string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "modalias" {
			os.WriteFile(filepath.Join(filepath.Dir(at), "uevent"), []byte("add"), 0)
		}
		return nil // a device may go while we look
	})
}

// listen reads the kernel's announcements: words that end with a zero byte, of
// which MODALIAS=… says what kind of device came.
func (k *kernel) listen(events int) {
	buf := make([]byte, 64<<10)
	for {
		n, err := unix.Read(events, buf)
		if err == unix.EINTR || err == unix.ENOBUFS {
			continue
		}
		if err != nil {
			say("the kernel's events: %v; devices that come later find no driver", err)
			return
		}
		k.hear(string(buf[:n]))
	}
}

func (k *kernel) hear(event string) {
	if !strings.HasPrefix(event, "add@") {
		return
	}
	says := map[string]string{}
	for word := range strings.SplitSeq(event, "\x00") {
		if key, value, ok := strings.Cut(word, "="); ok {
			says[key] = value
		}
	}
	if kind := says["MODALIAS"]; kind != "" {
		k.serve(kind)
	}
	if says["SUBSYSTEM"] == "block" && strings.Contains(says["DEVPATH"], "/usb") {
		select {
		case k.plugged <- says["DEVNAME"]:
		default:
			say("%s is one stick too many at once: plug it in again", says["DEVNAME"])
		}
	}
}

// serve loads all modules that say they serve this kind of device.
func (k *kernel) serve(kind string) {
	for _, a := range k.aliases {
		if ok, err := path.Match(a[0], kind); ok && err == nil {
			k.load(a[1])
		}
	}
}

// load loads a module after those that it needs. One that refuses is no fault:
// it may be built in, or miss its hardware.
func (k *kernel) load(name string) {
	if k.loaded[name] {
		return
	}
	k.loaded[name] = true
	for _, other := range k.needs[name] {
		k.load(other)
	}
	f, err := os.Open(moduleFolder + name + ".ko")
	if err != nil {
		return // built into this kernel
	}
	defer f.Close()
	unix.FinitModule(int(f.Fd()), "", 0)
}
