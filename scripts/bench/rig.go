package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"heliograph/drivers/modem/emulator"
)

const boxNumber = "+48600100200"

// number of the nth person on call.
func person(n int) string { return fmt.Sprintf("+48600%06d", 200000+n) }

// rig is an emulated modem on a tty, with a network behind it.
type rig struct {
	dir   string
	port  string
	net   *emulator.Network
	modem *emulator.Modem
	tap   *tap // nil: the tty is the emulator's own
}

// newRig makes a modem whose network takes so long to accept a text. Status
// reports are off unless asked for: fetching one is the modem's own time. With
// tapped the commands on the line are timed.
func (b *bench) newRig(takes time.Duration, reports, tapped bool) (*rig, error) {
	dir, err := os.MkdirTemp(b.dir, "")
	if err != nil {
		return nil, err
	}
	r := &rig{dir: dir, port: filepath.Join(dir, "modem"), net: emulator.NewNetwork()}
	r.net.SubmitDelay(takes)
	r.net.Reports(reports)
	if r.modem, err = emulator.New(emulator.Options{Network: r.net, Number: boxNumber}); err != nil {
		return nil, err
	}
	if !tapped {
		_, err = r.modem.ServePTYAt(r.port)
		return r, err
	}
	line, err := r.modem.Open()
	if err != nil {
		return nil, err
	}
	r.tap, err = newTap(r.port, line)
	return r, err
}

func (r *rig) close() {
	r.modem.Close()
	r.net.Close()
	if r.tap != nil {
		r.tap.close()
	}
	os.RemoveAll(r.dir)
}

// tap is a tty between the host and the modem that tells when AT+CMGS comes.
type tap struct {
	master, slave *os.File
	sends         chan time.Time // the read in which AT+CMGS came
}

func newTap(link string, modem io.ReadWriteCloser) (*tap, error) {
	master, slave, err := pty.Open()
	if err != nil {
		return nil, err
	}
	if _, err := term.MakeRaw(int(slave.Fd())); err != nil {
		return nil, err
	}
	t := &tap{master: master, slave: slave, sends: make(chan time.Time, 1<<16)}
	go t.listen(modem)
	go io.Copy(master, modem)
	return t, os.Symlink(slave.Name(), link)
}

func (t *tap) listen(modem io.Writer) {
	buf, tail := make([]byte, 4096), []byte{}
	mark := []byte("AT+CMGS=")
	for {
		n, err := t.master.Read(buf)
		if err != nil {
			return
		}
		at := time.Now()
		tail = append(tail, buf[:n]...)
		if bytes.Contains(tail, mark) {
			t.sends <- at
			tail = tail[:0]
		}
		tail = tail[max(0, len(tail)-len(mark)+1):]
		if _, err := modem.Write(buf[:n]); err != nil {
			return
		}
	}
}

// next waits for the next AT+CMGS.
func (t *tap) next(ctx context.Context) (time.Time, error) {
	select {
	case at := <-t.sends:
		return at, nil
	case <-ctx.Done():
		return time.Time{}, errors.New("no AT+CMGS came")
	}
}

// forget drops what was seen so far.
func (t *tap) forget() {
	for len(t.sends) > 0 {
		<-t.sends
	}
}

func (t *tap) close() { t.slave.Close(); t.master.Close() }

// process is a program under measurement.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	log  string
}

func run(log, path string, args ...string) (*process, error) {
	f, err := os.OpenFile(log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(path, args...), done: make(chan struct{}), log: log}
	p.cmd.Stdout, p.cmd.Stderr = f, f
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		f.Close()
		return nil, err
	}
	go func() {
		defer close(p.done)
		p.cmd.Wait()
		f.Close()
	}()
	return p, nil
}

// kill is kill -9 of the program and of what it started.
func (p *process) kill() {
	if p == nil {
		return
	}
	syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
}

// until polls a condition outside this process.
func until(ctx context.Context, most time.Duration, what string, is func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for !is() {
		if err := pause(ctx, 2*time.Millisecond); err != nil {
			return errors.New(what)
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// bare sends n texts with nothing but the dialogue itself and returns the
// milliseconds from one to the next: the own time of modem, tty and network.
func (b *bench) bare(takes time.Duration, n int) (float64, error) {
	r, err := b.newRig(takes, false, false)
	if err != nil {
		return 0, err
	}
	defer r.close()
	port, err := os.OpenFile(r.port, os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return 0, err
	}
	defer port.Close()
	for _, line := range []string{"ATE0\r", "AT+CMGF=0\r"} {
		if err := say(port, line, "OK\r\n"); err != nil {
			return 0, err
		}
	}
	for range n {
		// A text of one word to +48600200000, 3GPP TS 23.040 §9.2.2.2.
		const pdu = "0001000B918406020000F0000004F4F29C0E"
		if err := errors.Join(say(port, fmt.Sprintf("AT+CMGS=%d\r", len(pdu)/2-1), "> "), say(port, pdu+"\x1a", "OK\r\n")); err != nil {
			return 0, err
		}
	}
	all := r.net.Submitted()
	if len(all) != n {
		return 0, fmt.Errorf("the modem took %d of %d texts", len(all), n)
	}
	return ms(all[n-1].At.Sub(all[0].At)) / float64(n-1), nil
}

// say writes words and reads until their answer ends as it must.
func say(port io.ReadWriter, words, end string) error {
	if _, err := io.WriteString(port, words); err != nil {
		return err
	}
	var got []byte
	buf := make([]byte, 512)
	for !bytes.HasSuffix(got, []byte(end)) {
		n, err := port.Read(buf)
		if err != nil {
			return err
		}
		if got = append(got, buf[:n]...); bytes.Contains(got, []byte("ERROR")) {
			return fmt.Errorf("the modem answers %q", got)
		}
	}
	return nil
}
