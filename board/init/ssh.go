package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	yaml "github.com/goccy/go-yaml"
	"golang.org/x/sys/unix"
)

// door is the ssh of the box. It is open while there is an authorized_keys with
// a key in it, and only on the wired ports of the file network: each has a
// listener of its own that is bound to that device, so that the kernel hands it
// nothing that came in elsewhere, whatever addresses there are. Dropbear is
// started for each connection, and does all the talking. The loop of run owns
// what has no lock.
type door struct {
	kids    *children
	lan     *lan
	keys    string        // the file authorized_keys in force
	config  string        // the appliance's configuration: it names the backhauls
	own     string        // the folder of the box's own key
	home    string        // of root
	root    string        // where programs get their names; the root of the box
	devices string        // /sys/class/net
	argv    []string      // of the server; it speaks on its standard input
	port    int           // of TCP
	renewed chan struct{} // hears that there is a new configuration

	open  map[string]*entrance
	ready bool   // the box has its own key, and programs their names
	whose string // the box's own key, for people
	told  string

	mu     sync.Mutex
	guests map[string]int // connections by address
}

// entrance is where one port is listened on.
type entrance struct {
	listener net.Listener
	index    string // the device's number: another device may get its name
}

const (
	lookAgain  = 10 * time.Second
	mostGuests = 24
	mostOfOne  = 6 // connections of one address
	ownKey     = "host_ed25519"
	server     = "/usr/sbin/dropbear"
	keymaker   = "/usr/bin/dropbearkey"
)

func newDoor(kids *children, lan *lan, data string) *door {
	own := filepath.Join(data, "ssh")
	return &door{
		kids: kids, lan: lan, keys: filepath.Join(data, store, "authorized_keys"), config: configuration, own: own, home: "/root", root: "/",
		devices: "/sys/class/net", argv: serving(filepath.Join(own, ownKey)), port: 22, renewed: make(chan struct{}, 1),
		open: map[string]*entrance{}, guests: map[string]int{},
	}
}

// serving is the server's command line: for one connection (-i), without
// passwords (-s -g) and forwarding (-j -k). A peer that is gone is noticed after
// some minutes (-K), and a session that nobody uses ends after an hour (-I).
func serving(hostKey string) []string {
	return []string{server, "-i", "-m", "-s", "-g", "-j", "-k", "-K", "60", "-I", "3600", "-r", hostKey}
}

// run keeps the door as the configuration asks for it. It never returns.
func (d *door) run() {
	for tick := time.Tick(lookAgain); ; {
		d.look()
		select {
		case <-d.renewed:
		case <-tick:
		}
	}
}

// renew has it look now.
func (d *door) renew() {
	select {
	case d.renewed <- struct{}{}:
	default:
	}
}

// look opens and closes. What cannot be read changes nothing: at the start the
// door is closed.
func (d *door) look() {
	text, err := os.ReadFile(d.keys)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	keys, fault := keysOf(string(text))
	if err = errors.Join(err, fault); err != nil {
		how := "is closed"
		if len(d.open) > 0 {
			how = "stays open as it was"
		}
		d.tell("ssh %s: %v", how, err)
		return
	}
	if len(keys) == 0 {
		d.shut()
		d.tell("ssh is closed: nobody has left a key for it")
		return
	}
	if err := errors.Join(d.prepare(), d.admit(keys)); err != nil {
		d.shut()
		d.tell("ssh is closed: %v", err)
		return
	}
	ports, why := d.wired()
	why = append(why, d.follow(ports)...)
	d.tell("%s", d.state(keys, why))
}

func (d *door) tell(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); text != d.told {
		say("%s", text)
		d.told = text
	}
}

// state says who may come in, and where.
func (d *door) state(keys []key, why []string) string {
	ports := []string{}
	for name := range d.open {
		ports = append(ports, name)
	}
	slices.Sort(ports)
	where := "is open on " + strings.Join(ports, ", ")
	if len(ports) == 0 {
		where = "is open on no port"
	}
	who := fmt.Sprintf("%d keys", len(keys))
	if len(keys) == 1 {
		who = "one key"
	}
	text := fmt.Sprintf("ssh %s for %s: %v; the box's own key is %s", where, who, keys, d.whose)
	for _, w := range why {
		text += "; " + w
	}
	return text
}

// shut ends it for all who are not in yet.
func (d *door) shut() {
	d.follow(nil)
	tell(drop(filepath.Join(d.home, ".ssh"), "authorized_keys"))
}

// admit writes the keys to where dropbear looks for them, in memory.
func (d *door) admit(keys []key) error {
	var text strings.Builder
	for _, k := range keys {
		text.WriteString(k.line() + "\n")
	}
	dir := filepath.Join(d.home, ".ssh")
	at := filepath.Join(dir, "authorized_keys")
	if old, err := os.ReadFile(at); err == nil && string(old) == text.String() {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(at+".new", []byte(text.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(at+".new", at)
}

// wired are the ports of the file network, by their devices' numbers, without
// those that lead to a carrier; why says which are left out.
func (d *door) wired() (ports map[string]string, why []string) {
	cellular, err := backhauls(d.config)
	if err != nil {
		return nil, []string{err.Error()}
	}
	ports = map[string]string{}
	for _, name := range d.lan.names() {
		index, err := os.ReadFile(filepath.Join(d.devices, name, "ifindex"))
		if err != nil {
			continue // it is not there yet
		}
		if reason := d.carrier(name, cellular); reason != "" {
			why = append(why, fmt.Sprintf("not on %s: %s", name, reason))
			continue
		}
		ports[name] = strings.TrimSpace(string(index))
	}
	return ports, why
}

// modems are the drivers of what modems, and phones, show as a network card.
var modems = []string{"cdc_ether", "cdc_ncm", "cdc_mbim", "huawei_cdc_ncm", "qmi_wwan", "rndis_host", "sierra_net", "hso", "mhi_net", "ipheth"}

// carrier says why a port is, or may be, on a carrier's side.
func (d *door) carrier(name string, cellular []string) string {
	if slices.Contains(cellular, name) {
		return "it is a backhaul"
	}
	for _, prefix := range []string{"ppp", "wwan", "wwp", "rmnet"} {
		if strings.HasPrefix(name, prefix) {
			return "its name is that of a modem's port"
		}
	}
	driver, _ := os.Readlink(filepath.Join(d.devices, name, "device", "driver"))
	if slices.Contains(modems, filepath.Base(driver)) {
		return "its driver, " + filepath.Base(driver) + ", is that of a modem's port"
	}
	return ""
}

// backhauls are the devices that a configuration names as backhauls. Of one
// that cannot be read nothing is known, and that is an error.
func backhauls(configuration string) (devices []string, err error) {
	text, err := os.ReadFile(configuration)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var c struct {
		Backhaul []struct{ Interface string }
	}
	if err := errors.Join(err, yaml.Unmarshal(text, &c)); err != nil {
		return nil, fmt.Errorf("which ports are backhauls is not known: %w", err)
	}
	for _, b := range c.Backhaul {
		if b.Interface != "" {
			devices = append(devices, b.Interface)
		}
	}
	return devices, nil
}

// follow listens on these ports and no others.
func (d *door) follow(ports map[string]string) (why []string) {
	for name, e := range d.open {
		if ports[name] != e.index {
			e.listener.Close()
			delete(d.open, name)
		}
	}
	for name, index := range ports {
		if d.open[name] != nil {
			continue
		}
		l, err := listenOn(name, d.port)
		if err != nil {
			why = append(why, err.Error())
			continue
		}
		d.open[name] = &entrance{l, index}
		go d.serve(l)
	}
	slices.Sort(why)
	return why
}

// listenOn listens on one device. Connections inherit that they belong to it:
// their answers leave by no other one.
func listenOn(device string, port int) (net.Listener, error) {
	c := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		var err error
		fault := raw.Control(func(fd uintptr) { err = unix.BindToDevice(int(fd), device) })
		return errors.Join(fault, os.NewSyscallError("bind to "+device, err))
	}}
	return c.Listen(context.Background(), "tcp", fmt.Sprintf(":%d", port))
}

// serve lets in who comes, until the listener is closed.
func (d *door) serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // too many open files, say: somebody will go
			time.Sleep(shortest)
			continue
		}
		if err := d.receive(c.(*net.TCPConn)); err != nil {
			say("ssh: %v: %v", c.RemoteAddr(), err)
		}
		c.Close() // the server has it
	}
}

// receive starts a server for a connection.
func (d *door) receive(c *net.TCPConn) error {
	from := c.RemoteAddr().(*net.TCPAddr).IP.String()
	if !d.enter(from) {
		return errors.New("turned away: there are too many connections")
	}
	f, err := c.File()
	if err != nil {
		d.leave(from)
		return err
	}
	defer f.Close()
	_, ended, err := d.kids.start(d.argv, &syscall.ProcAttr{
		Dir: "/", Env: environment, Files: []uintptr{f.Fd(), f.Fd(), 2}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		d.leave(from)
		return fmt.Errorf("start %s: %w", d.argv[0], err)
	}
	go func() {
		<-ended
		d.leave(from)
	}()
	return nil
}

func (d *door) enter(from string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := 0
	for _, n := range d.guests {
		all += n
	}
	if all >= mostGuests || d.guests[from] >= mostOfOne {
		return false
	}
	d.guests[from]++
	return true
}

func (d *door) leave(from string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.guests[from]--; d.guests[from] == 0 {
		delete(d.guests, from)
	}
}

// prepare makes what a login needs, when one is asked for the first time.
func (d *door) prepare() error {
	if d.ready {
		return nil
	}
	if err := d.makeKey(); err != nil {
		return fmt.Errorf("the box's own key: %w", err)
	}
	if err := furnish(d.root); err != nil {
		return fmt.Errorf("prepare the shell: %w", err)
	}
	tell(hearServer(filepath.Join(d.root, "dev/log")))
	d.ready = true
	return nil
}

// makeKey makes the box's own key, once in its life, and reads which it is.
func (d *door) makeKey() error {
	at := filepath.Join(d.own, ownKey)
	if _, err := os.Stat(at); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(d.own, 0o700); err != nil {
			return err
		}
		if err := drop(d.own, ownKey+".new"); err != nil {
			return err
		}
		if said, exit, err := d.kids.output("", keymaker, "-t", "ed25519", "-f", at+".new"); err != nil || exit != 0 {
			return fmt.Errorf("dropbearkey ended with %d (%v): %s", exit, err, lastLine(said))
		}
		if err := errors.Join(flush(at+".new"), os.Rename(at+".new", at), syncDir(d.own)); err != nil {
			return err
		}
	}
	said, exit, err := d.kids.output("", keymaker, "-y", "-f", at)
	if err != nil || exit != 0 {
		return fmt.Errorf("dropbearkey ended with %d (%v): %s; remove %s, and a new one is made", exit, err, lastLine(said), at)
	}
	d.whose = fingerprintOf(said)
	return nil
}

// fingerprintOf finds a public key in what dropbearkey says.
func fingerprintOf(said string) string {
	for s := bufio.NewScanner(strings.NewReader(said)); s.Scan(); {
		if strings.HasPrefix(s.Text(), "ssh-ed25519 ") {
			if k, err := keyOf(s.Text()); err == nil {
				return k.fingerprint()
			}
		}
	}
	return "not known"
}

// hearServer passes on what the server tells the system's log, who came in with
// which key above all. For one connection dropbear knows no other way to say it.
func hearServer(socket string) error {
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("what the ssh server says is not heard: %w", err)
	}
	go func() {
		for said := make([]byte, 2048); ; {
			n, err := c.Read(said)
			if err != nil {
				return
			}
			if text, ok := serverSays(string(said[:n])); ok {
				say("ssh: %s", text)
			}
		}
	}()
	return nil
}

// serverSays takes dropbear's own words out of a line for the system's log:
// "<37>Nov 22 06:09:44 dropbear[120]: words".
func serverSays(line string) (words string, ok bool) {
	head, words, ok := strings.Cut(line, "]: ")
	return strings.TrimSpace(strings.Map(printable, words)), ok && strings.Contains(head, " dropbear[")
}
