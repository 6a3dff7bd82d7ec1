package qemu

import (
	"bufio"
	"cmp"
	"errors"
	"flag"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"heliograph/drivers/modem/emulator"
)

var (
	arch  = flag.String("arch", "arm64", "the image's architecture: arm64 or amd64")
	accel = flag.String("accel", "tcg", "QEMU's accelerator: tcg, or kvm for amd64 where it works")
	board = flag.Bool("board", false, "try the watchdog, updates and the network, as `make board-test` does")
)

// kind is what QEMU needs to know of an architecture. There is no QEMU for
// the whole family: each is a program of its own.
type kind struct {
	qemu, bios string
	options    string // of the kernel, where it is started without the image's own boot entry
	args       []string
}

const options = " quiet loglevel=4 net.ifnames=0 heliograph.disk=48454c49"

var kinds = map[string]kind{
	"arm64": {"qemu-system-aarch64", "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd", "console=ttyAMA0" + options, []string{"-M", "virt", "-cpu", "cortex-a53"}},
	"amd64": {"qemu-system-x86_64", "/usr/share/ovmf/OVMF.fd", "console=ttyS0" + options, []string{"-M", "q35", "-cpu", "max"}},
}

// image is the disk image that `make image` built.
func image() string { return beside("heliograph.img") }

func beside(name string) string { return filepath.Join("../../build/image", *arch, name) }

// needs skips a test where a part is missing.
func needs(t *testing.T) kind {
	k, ok := kinds[*arch]
	if !ok {
		t.Fatalf("-arch %s: want arm64 or amd64", *arch)
	}
	for _, tool := range []string{k.qemu, "mcopy", "cp"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s: %v", tool, err)
		}
	}
	for _, file := range []string{k.bios, image()} {
		if _, err := os.Stat(file); err != nil {
			t.Skipf("needs the UEFI firmware and the image (make image ARCH=%s): %v", *arch, err)
		}
	}
	return k
}

// needsBoard skips one of the long tests.
func needsBoard(t *testing.T, tools ...string) {
	if !*board {
		t.Skip("needs -board, as `make board-test` gives it: it takes minutes")
	}
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s: %v", tool, err)
		}
	}
}

// machine is a board in QEMU: a disk of its own with the image on it, a modem
// on USB, a host at its network port, and what its console said.
type machine struct {
	t     *testing.T
	kind  kind
	dir   string
	drive []string // how QEMU reaches the disk; the file itself unless a test puts something between
	host  *host
	modem *emulator.Modem
	sms   *emulator.Network

	// Where a test puts a cache between QEMU and the disk that is lost with the
	// power, this starts it.
	cache  func() *exec.Cmd
	cached *exec.Cmd
	// direct has QEMU start the kernel by itself, which saves the time of the
	// firmware. It is the image's kernel with the image's root.
	direct bool
	initrd string   // its root, where that is not the image's as it is
	parts  []string // more of the board, in QEMU's words

	cmd     *exec.Cmd
	qmp     *qmp
	ended   chan struct{}
	started time.Time
	serving sync.WaitGroup
	console console
}

const boxNumber, adaNumber = "+48600100200", "+48600100201"

// newMachine puts the image on a disk, with the files on its boot partition.
func newMachine(t *testing.T, files map[string]string) *machine {
	t.Helper()
	return machineFrom(t, image(), files)
}

func machineFrom(t *testing.T, image string, files map[string]string) *machine {
	m := &machine{t: t, kind: needs(t), dir: t.TempDir(), host: newHost(), sms: emulator.NewNetwork()}
	t.Cleanup(m.sms.Close)
	var err error
	m.modem, err = emulator.New(emulator.Options{Network: m.sms, Number: boxNumber, PIN: "1234"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.modem.Close() })
	disk := m.path("disk.img")
	m.tool("cp", "--sparse=always", image, disk)
	if err := os.Truncate(disk, 640<<20); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		m.bring(name, text)
	}
	m.drive = []string{"-drive", "if=none,id=disk,format=raw,file=" + disk}
	return m
}

// bring puts a text into the intake folder of the boot partition, while the box
// is off.
func (m *machine) bring(name, text string) {
	m.t.Helper()
	if err := os.WriteFile(m.path(name), []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
	m.bringFile(name, m.path(name))
}

func (m *machine) bringFile(name, from string) {
	m.t.Helper()
	m.tool("mcopy", "-o", "-i", m.path("disk.img")+"@@1M", from, "::/heliograph/"+name)
}

// found reads a file of the boot partition, while the box is off.
func (m *machine) found(name string) string { return readFAT(m.path("disk.img")+"@@1M", name) }

// readFAT reads a file, or a folder's list, of a FAT file system; what is not
// there is told in mtools' words.
func readFAT(image, name string) string {
	tool := "mtype"
	if strings.HasSuffix(name, "/") {
		tool = "mdir"
	}
	out, _ := exec.Command(tool, "-i", image, "::/"+name).CombinedOutput()
	return string(out)
}

func (m *machine) path(name string) string { return filepath.Join(m.dir, name) }

func (m *machine) tool(name string, args ...string) {
	m.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		m.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// on switches the box on.
func (m *machine) on() {
	m.t.Helper()
	modem, wire := m.listen("modem"), m.listen("net")
	os.Remove(m.path("qmp"))
	args := append(slices.Clone(m.kind.args),
		"-accel", *accel, "-smp", "2", "-m", "512", "-nographic", "-monitor", "none", "-serial", "stdio",
		"-device", "virtio-blk-pci,drive=disk",
		"-device", "qemu-xhci,id=usb", "-chardev", "socket,id=modem,path="+m.path("modem"), "-device", "usb-serial,chardev=modem",
		"-netdev", "stream,id=net,addr.type=unix,addr.path="+m.path("net"), "-device", "virtio-net-pci,netdev=net,mac=02:00:00:00:00:02",
		"-qmp", "unix:"+m.path("qmp")+",server=on,wait=off",
	)
	if m.cache != nil {
		m.cached = m.cache()
	}
	if m.direct {
		args = append(args, "-kernel", beside("linux"), "-initrd", cmp.Or(m.initrd, beside("initrd")), "-append", m.kind.options)
	} else {
		args = append(args, "-bios", m.kind.bios)
	}
	m.cmd = exec.Command(m.kind.qemu, slices.Concat(args, m.drive, m.parts)...)
	out, err := m.cmd.StdoutPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	m.cmd.Stderr = m.cmd.Stdout
	m.console.begin()
	m.started, m.ended = time.Now(), make(chan struct{})
	if err := m.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(m.kill)
	ended := m.ended
	go func() {
		m.console.read(out)
		m.cmd.Wait()
		modem.Close()
		wire.Close()
		close(ended)
	}()
	m.serving.Go(func() { m.serve(modem, m.carry) })
	m.serving.Go(func() { m.serve(wire, m.host.serve) })
	m.qmp = dialQMP(m)
}

func (m *machine) listen(name string) net.Listener {
	os.Remove(m.path(name))
	l, err := net.Listen("unix", m.path(name))
	if err != nil {
		m.t.Fatal(err)
	}
	return l
}

// serve serves the one connection that a boot makes.
func (m *machine) serve(l net.Listener, with func(net.Conn) error) {
	c, err := l.Accept()
	if err != nil {
		return // QEMU ended before it connected
	}
	if err := with(c); err != nil && !errors.Is(err, net.ErrClosed) {
		m.console.add("host: " + err.Error())
	}
}

// carry joins the modem and the USB stick, until QEMU ends.
func (m *machine) carry(c net.Conn) error {
	port, err := m.modem.Open()
	if err != nil {
		return err
	}
	var back sync.WaitGroup
	back.Go(func() { io.Copy(c, port) })
	io.Copy(port, c)
	c.Close()
	port.Close()
	back.Wait()
	return nil
}

// kill ends the machine like a pulled plug does.
func (m *machine) kill() {
	if m.cached != nil {
		m.cached.Process.Kill()
	}
	m.cmd.Process.Kill()
	if m.cached != nil {
		m.cached.Wait()
	}
	<-m.ended
	m.serving.Wait()
}

// off presses the power button, and waits until the box has switched itself
// off. QEMU's press is a tenth of a second long, and a loaded guest may miss
// it: like a person, it presses again, and says so.
func (m *machine) off() {
	m.t.Helper()
	for press := range 5 {
		m.qmp.order("system_powerdown", nil)
		select {
		case <-m.ended:
			m.t.Logf("%6.1f s  switched off by press %d of the power button", m.since(), press+1)
			return
		case <-time.After(patience):
		}
	}
	m.t.Fatalf("the power button did not switch the box off\n%s", m.console.text())
}

// patience is how long a person waits for a box to switch off: longer than the
// box takes to stop in order.
const patience = 30 * time.Second

// await waits for something and says how long it took since the machine was
// switched on. When the machine ends first, or it takes far too long, the
// console is shown.
func await[T any](m *machine, what string, from <-chan T) T {
	m.t.Helper()
	var none T
	select {
	case got := <-from:
		m.t.Logf("%6.1f s  %s", m.since(), what)
		return got
	case <-m.ended:
		m.t.Fatalf("the machine ended before this: %s\n%s", what, m.console.text())
	case <-time.After(longest):
		m.t.Fatalf("this did not come within %s: %s\n%s", longest, what, m.console.text())
	}
	return none
}

// wait waits until something is so.
func (m *machine) wait(what string, yes func() bool) {
	m.t.Helper()
	if !eventually(yes) {
		m.t.Fatalf("this did not come within %s: %s\n%s", longest, what, m.console.text())
	}
	m.t.Logf("%6.1f s  %s", m.since(), what)
}

// after lets the box run for a while.
func (m *machine) after(d time.Duration) {
	m.t.Helper()
	select {
	case <-time.After(d):
	case <-m.ended:
		m.t.Fatalf("the machine ended by itself\n%s", m.console.text())
	}
}

// since is how long ago the box was switched on, in seconds.
func (m *machine) since() float64 { return time.Since(m.started).Seconds() }

// says tells whether the console has a line with these words.
func (m *machine) says(words string) bool { return strings.Contains(m.console.text(), words) }

// longest is how long a loaded machine without hardware help may take for any
// one step; most take a few seconds.
const longest = 4 * time.Minute

// text waits for a text that matches.
func (m *machine) text(p *emulator.Phone, like string) emulator.Text {
	m.t.Helper()
	r := regexp.MustCompile(like)
	for {
		got := await(m, "a text came", p.Arrived())
		m.t.Logf("          %s", got.Body)
		if r.MatchString(got.Body) {
			return got
		}
	}
}

// ask asks the box how it is.
func (m *machine) ask(like string) {
	m.t.Helper()
	ada := m.sms.Phone(adaNumber)
	if err := ada.Send(boxNumber, "status"); err != nil {
		m.t.Fatal(err)
	}
	m.text(ada, like)
}

// console is what the box said on its serial port.
type console struct {
	mu    sync.Mutex
	lines []string
}

var colours = regexp.MustCompile(`\x1b\[[0-9;=?]*[A-Za-z]`)

func (c *console) read(from io.Reader) {
	for s := bufio.NewScanner(from); s.Scan(); {
		c.add(colours.ReplaceAllString(s.Text(), ""))
	}
}

func (c *console) add(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, strings.TrimSpace(line))
}

// begin forgets what was said at earlier boots.
func (c *console) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = nil
}

func (c *console) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.lines, "\n")
}
