package pppd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
)

const (
	negotiation = 40 * time.Second // LCP, authentication and IPCP, each with its retransmissions (RFC 1661 §4.6)
	farewell    = 8 * time.Second  // LCP terminate, sent twice, three seconds each
)

// Serve carries out one call for the caller at the other end of conn, and
// closes conn. It returns when nothing is left of the call: nil if the caller,
// or the end of ctx, ended it, else why it ended. It never logs a password.
func Serve(ctx context.Context, conn net.Conn, o Options) error {
	defer conn.Close()
	s := session{o: o.filled(), out: json.NewEncoder(conn), conn: conn, began: time.Now()}
	ctx, hangUp := context.WithCancelCause(ctx)
	defer hangUp(nil)
	go func() {
		_, _ = io.Copy(io.Discard, conn) // a caller says nothing: it closes
		hangUp(errAsked)
	}()
	err := s.call(ctx)
	if ctx.Err() != nil {
		err = errAsked
	}
	e := endOf(err)
	s.o.Log(e.Error())
	s.tell(e.event())
	if e.Kind == Asked {
		return nil
	}
	return e
}

// session is one call.
type session struct {
	o       Options
	conn    net.Conn
	out     *json.Encoder
	began   time.Time
	dialled time.Duration
}

// tell writes an event; a caller that does not read is a caller that has gone.
func (s *session) tell(e Event) {
	_ = s.conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
	_ = s.out.Encode(e)
}

// call dials, runs pppd, and hangs up.
func (s *session) call(ctx context.Context) error {
	if err := s.o.check(); err != nil {
		return &end{Kind: Broken, Cause: "the call cannot be made", Advice: "heliograph check says what is wrong", err: err}
	}
	if _, err := os.Stat(s.o.Program); err != nil { // before a call is paid for
		return &end{Kind: Broken, Cause: "pppd is not there", Advice: "apt install ppp", err: err}
	}
	s.tell(Event{Event: "dialling"})
	port, err := openPort(s.o.Device, s.o.Speed)
	if err != nil {
		return err
	}
	defer func() {
		if err := port.hangUp(); err != nil {
			s.o.Log(err.Error())
		}
	}()
	m := modem{port: port, log: s.o.Log}
	if err := m.dial(ctx, s.o); err != nil {
		return err
	}
	s.dialled = time.Since(s.began)
	return s.run(ctx, port.carrier())
}

// run is pppd from its start to its end.
func (s *session) run(ctx context.Context, carrier bool) error {
	p, err := start(s.o.Program, s.o.Device, s.o.file(carrier))
	if err != nil {
		return exited(err, false, "")
	}
	var f facts
	up, asked := false, ctx.Done()
	look, limit, kill := time.NewTicker(50*time.Millisecond), time.NewTimer(negotiation), time.NewTimer(time.Hour)
	defer look.Stop()
	defer limit.Stop()
	defer kill.Stop()
	end := func() {
		look.Stop()
		limit.Stop()
		p.signal(syscall.SIGTERM)
		kill.Reset(farewell)
	}
	for {
		select {
		case line, more := <-p.lines:
			if !more {
				return s.left(ctx, <-p.left, up, &f)
			}
			s.o.Log("pppd: " + line)
			f.hear(line, time.Now())
		case <-look.C:
			s.look(&f)
		case <-limit.C:
			f.last = fmt.Sprintf("no address in %s", negotiation)
			end()
			continue
		case <-asked:
			asked = nil
			end()
			continue
		case <-kill.C:
			p.signal(syscall.SIGKILL)
		}
		if !up && asked != nil && f.up(time.Now()) {
			up = true
			look.Stop()
			limit.Stop()
			s.look(&f)
			s.up(&f)
		}
	}
}

func (s *session) up(f *facts) {
	e := f.event(s.o.Interface)
	e.Dialled, e.Took = s.dialled.Seconds(), time.Since(s.began).Seconds()
	s.tell(e)
}

// left is pppd's end in words. A port that is not there any more was pulled,
// whatever pppd makes of it.
func (s *session) left(ctx context.Context, err error, up bool, f *facts) error {
	if ctx.Err() != nil {
		return errAsked
	}
	e := exited(err, up, f.last)
	if _, gone := os.Stat(s.o.Device); errors.Is(gone, os.ErrNotExist) {
		e.Kind, e.Cause, e.Advice = Gone, "the modem's data port went away", "check that the modem is plugged in"
	}
	if e.Exit == 5 && !up {
		e.Kind, e.Cause = Refused, "the network gave no connection"
	}
	return e
}

// look asks the kernel for what pppd does not say.
func (s *session) look(f *facts) {
	link, err := netlink.LinkByName(s.o.Interface)
	if err != nil {
		return // not yet
	}
	f.mtu = link.Attrs().MTU
	if s.o.IPv4Only {
		return
	}
	addrs, err := netlink.AddrList(link, netlink.FAMILY_V6)
	if err != nil {
		return
	}
	f.global = nil
	for _, a := range addrs {
		ip, ok := netip.AddrFromSlice(a.IP)
		ones, _ := a.Mask.Size()
		if ok && ip.IsGlobalUnicast() {
			f.global = append(f.global, netip.PrefixFrom(ip, ones))
		}
	}
}

// process is pppd while it runs.
type process struct {
	cmd   *exec.Cmd
	rest  []byte      // said and not yet a line
	lines chan string // closed at its end
	left  chan error  // how it ended
}

// start runs pppd with its options in a pipe.
func start(program, device, options string) (*process, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	// A pipe holds 64 KiB, so this does not wait for a reader.
	_, err = w.WriteString(options)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	// Not /dev/fd: that is a link which only udev makes.
	p := &process{cmd: exec.Command(program, device, "file", "/proc/self/fd/3"), lines: make(chan string), left: make(chan error, 1)}
	p.cmd.ExtraFiles = []*os.File{r}
	p.cmd.Stdout = p
	p.cmd.Stderr = p                                                     // the same, so that one goroutine writes both
	p.cmd.WaitDelay = time.Second                                        // for what pppd started and left behind
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} // no call without somebody to end it
	begun := make(chan error)
	go p.live(begun)
	if err := <-begun; err != nil {
		return nil, err
	}
	return p, nil
}

// live is on a thread of its own: pppd gets its signal when the thread that
// started it ends.
func (p *process) live(begun chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	begun <- err
	if err != nil {
		return
	}
	err = p.cmd.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	p.left <- err
	close(p.lines)
}

// Write takes what pppd says and passes whole lines on.
func (p *process) Write(b []byte) (int, error) {
	p.rest = append(p.rest, b...)
	for {
		line, rest, whole := bytes.Cut(p.rest, []byte("\n"))
		if !whole {
			break
		}
		p.rest = rest
		p.lines <- string(bytes.TrimSpace(line))
	}
	if len(p.rest) > 4096 {
		p.rest = nil
	}
	return len(b), nil
}

func (p *process) signal(s os.Signal) { _ = p.cmd.Process.Signal(s) }
