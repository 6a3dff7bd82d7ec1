package emulator

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// ttys serves a port over pseudo terminals: one at a time, a new one each
// time the port comes back. The modem's loop owns it.
type ttys struct {
	link string // a symbolic link that always leads to the tty; empty for none
	now  *tty   // nil while the port is gone
}

// ServePTY offers the port as a tty and says where. The tty is raw, may be
// opened and closed as often as one likes, and is gone while the modem's port
// has vanished; Return brings a new one, which Path tells.
func (m *Modem) ServePTY() (path string, err error) { return m.serve("") }

// ServePTYAt is ServePTY with a symbolic link that leads to the tty and is
// renewed when the port comes back, as udev does it under /dev/serial/by-id.
func (m *Modem) ServePTYAt(link string) (path string, err error) { return m.serve(link) }

// ServeSecondPTYAt is ServePTYAt for the modem's other AT port: the one that
// data is dialled on, say.
func (m *Modem) ServeSecondPTYAt(link string) (path string, err error) {
	m.loop.do(func() { m.on(m.ports[1], func() { path, err = m.offer(link) }) })
	return path, err
}

func (m *Modem) serve(link string) (path string, err error) {
	m.loop.do(func() { path, err = m.offer(link) })
	return path, err
}

func (m *Modem) offer(link string) (path string, err error) {
	if m.ttys != nil || m.link != nil {
		return "", errors.New("serve a tty: the port is already open or served")
	}
	m.ttys = &ttys{link: link}
	if err := m.ttys.plug(m); err != nil {
		m.ttys = nil
		return "", err
	}
	return m.ttys.place(), nil
}

// Path is where the tty is at the moment: the link if there is one; empty
// while the port is gone.
func (m *Modem) Path() string {
	var path string
	m.loop.do(func() { path = m.ttys.place() })
	return path
}

// plug makes a new tty and leads the link to it.
func (t *ttys) plug(m *Modem) error {
	if t == nil || t.now != nil || m.gone {
		return nil
	}
	y, err := newTTY(m)
	if err != nil {
		return err
	}
	if err := lead(t.link, y.path); err != nil {
		y.drop(errClosed)
		return err
	}
	t.now, m.link = y, y
	if m.port != m.ports[0] {
		return nil // the events tell of the first one
	}
	path := t.place()
	m.net.loop.post(func() { m.net.tell(Event{Kind: "port", Path: path, Number: m.Number()}) })
	return nil
}

// place is where a host finds the tty: the link if there is one.
func (t *ttys) place() string {
	switch {
	case t == nil || t.now == nil:
		return ""
	case t.link != "":
		return t.link
	}
	return t.now.path
}

// lead points a symbolic link at a path, in one step.
func lead(link, path string) error {
	if link == "" {
		return nil
	}
	next := filepath.Join(filepath.Dir(link), "."+filepath.Base(link)+".new")
	_ = os.Remove(next)
	if err := os.Symlink(path, next); err != nil {
		return fmt.Errorf("link the tty: %w", err)
	}
	if err := os.Rename(next, link); err != nil {
		return fmt.Errorf("link the tty: %w", err)
	}
	return nil
}

// unplug forgets the tty, which Modem.unplug has dropped, and takes the link away.
func (t *ttys) unplug() {
	if t == nil || t.now == nil {
		return
	}
	if m := t.now.m; t == m.ports[0].ttys {
		m.net.loop.post(func() { m.net.tell(Event{Kind: "gone", Number: m.Number()}) })
	}
	t.now = nil
	if t.link != "" {
		_ = os.Remove(t.link)
	}
}

// tty is one pseudo terminal. Its slave is kept open here, so that it stays raw
// and alive while no host has it open; a watch on the slave's node tells when
// hosts come and go.
type tty struct {
	m      *Modem
	path   string
	master *os.File
	slave  *os.File
	watch  *os.File
	work   sync.WaitGroup

	mu      sync.Mutex
	cond    *sync.Cond
	out     [][]byte
	size    int
	unread  int
	hosts   int  // how many have the slave open
	spoken  bool // somebody wrote since the last one left, whether the watch has told of him or not
	stalled bool
	err     error
}

func newTTY(m *Modem) (*tty, error) {
	t := &tty{m: m, stalled: m.wire.stalled}
	t.cond = sync.NewCond(&t.mu)
	if err := t.open(); err != nil {
		t.closeFiles()
		return nil, fmt.Errorf("make a tty: %w", err)
	}
	t.work.Go(t.read)
	t.work.Go(t.write)
	t.work.Go(t.observe)
	return t, nil
}

func (t *tty) open() error {
	master, slave, err := pty.Open()
	if err != nil {
		return err
	}
	t.slave, t.path = slave, slave.Name()
	t.master, err = pollable(master)
	if err != nil {
		return err
	}
	if err := raw(int(slave.Fd())); err != nil {
		return err
	}
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return fmt.Errorf("watch the tty: %w", err)
	}
	t.watch = os.NewFile(uintptr(fd), "inotify")
	if _, err := unix.InotifyAddWatch(fd, t.path, unix.IN_OPEN|unix.IN_CLOSE); err != nil {
		return fmt.Errorf("watch the tty: %w", err)
	}
	return nil
}

// pollable gives the master again as a file whose Close wakes its readers; as
// it comes, closing it would not hang up before the running read ends.
func pollable(master *os.File) (*os.File, error) {
	defer master.Close()
	fd, err := unix.FcntlInt(master.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), master.Name()), nil
}

// raw sets the line discipline to pass every byte and to echo none.
func raw(fd int) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(fd, unix.TCSETS, t)
}

func (t *tty) closeFiles() {
	for _, f := range []*os.File{t.master, t.slave, t.watch} {
		if f != nil {
			f.Close()
		}
	}
}

// read passes on what hosts write.
func (t *tty) read() {
	b := make([]byte, 4096)
	for {
		n, err := t.master.Read(b)
		if n > 0 {
			piece := append([]byte(nil), b[:n]...)
			if !t.take(n) {
				return
			}
			t.m.loop.post(func() { t.m.receive(t, piece) })
		}
		if err != nil {
			return
		}
	}
}

// take counts n bytes from the host and waits while the modem's buffer is full.
func (t *tty) take(n int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.spoken = true
	for t.err == nil && (t.stalled || t.unread >= inputLimit) {
		t.cond.Wait()
	}
	t.unread += n
	return t.err == nil
}

// write sends what the modem says.
func (t *tty) write() {
	for {
		b := t.next()
		if b == nil {
			return
		}
		if _, err := t.master.Write(b); err != nil {
			return
		}
	}
}

func (t *tty) next() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.out) == 0 && t.err == nil {
		t.cond.Wait()
	}
	if t.err != nil {
		return nil
	}
	b := t.out[0]
	t.out = t.out[1:]
	t.size -= len(b)
	return b
}

// observe counts the hosts. When the last one has gone, however it ended, what
// it did not read is thrown away and its claim to the tty is lifted, as a real
// tty does on its last close.
func (t *tty) observe() {
	b := make([]byte, 4096)
	for {
		n, err := t.watch.Read(b)
		if err != nil {
			return
		}
		t.tally(b, n)
	}
}

// tally counts n bytes of events and those that have come meanwhile: a host
// whose words were heard has its opening among them, and must not be taken for
// gone because an earlier one is.
func (t *tty) tally(b []byte, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for n > 0 {
		opened, closed := count(b[:n])
		t.hosts = max(0, t.hosts+opened-closed)
		n = t.pending(b)
	}
	if t.hosts == 0 {
		t.out, t.size, t.spoken = nil, 0, false
		t.reset()
		t.m.loop.post(t.left)
	}
}

// left ends a call for data when DTR has fallen, and nobody has raised it since.
func (t *tty) left() {
	t.mu.Lock()
	gone := t.hosts == 0 && !t.spoken
	t.mu.Unlock()
	if gone {
		t.m.terminalGone(t)
	}
}

// pending reads the events that wait, without waiting itself.
func (t *tty) pending(b []byte) int {
	n := 0
	c, err := t.watch.SyscallConn()
	if err != nil {
		return 0 // closed meanwhile
	}
	_ = c.Control(func(fd uintptr) { n, _ = unix.Read(int(fd), b) })
	return max(n, 0)
}

// count reads inotify's events: a fixed part of 16 octets and a name.
func count(b []byte) (opened, closed int) {
	for len(b) >= unix.SizeofInotifyEvent {
		mask, length := binary.NativeEndian.Uint32(b[4:]), int(binary.NativeEndian.Uint32(b[12:]))
		if mask&unix.IN_OPEN != 0 {
			opened++
		}
		if mask&unix.IN_CLOSE != 0 {
			closed++
		}
		b = b[min(len(b), unix.SizeofInotifyEvent+length):]
	}
	return opened, closed
}

func (t *tty) reset() {
	c, err := t.slave.SyscallConn()
	if err != nil {
		return // closed meanwhile
	}
	_ = c.Control(func(fd uintptr) {
		_ = unix.IoctlSetInt(int(fd), unix.TCFLSH, unix.TCIFLUSH)
		_ = unix.IoctlSetInt(int(fd), unix.TIOCNXCL, 0)
		_ = raw(int(fd))
	})
}

// send queues a burst; without a host it is lost.
func (t *tty) send(b []byte) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil || t.hosts == 0 && !t.spoken {
		return 0
	}
	if t.size+len(b) > outputLimit {
		return len(b)
	}
	t.out = append(t.out, b)
	t.size += len(b)
	t.cond.Broadcast()
	return 0
}

func (t *tty) consumed(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.unread = max(0, t.unread-n) // some may have come from an earlier host
	t.cond.Broadcast()
}

func (t *tty) stall(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stalled = on
	t.cond.Broadcast()
}

// drop hangs up and waits until the tty's goroutines have ended.
func (t *tty) drop(err error) {
	t.mu.Lock()
	t.err = err
	t.cond.Broadcast()
	t.mu.Unlock()
	t.closeFiles()
	t.work.Wait()
}
