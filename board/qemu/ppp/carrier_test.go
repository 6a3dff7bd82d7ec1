package ppp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"heliograph/drivers/probe/probetest"
)

// carrier answers calls for data with a pppd of its own, in the place where
// the Internet is.
type carrier struct {
	t     *testing.T
	place probetest.Place
	calls chan *call // each as it begins
}

// call is one of them. Its times are zero until they come.
type call struct {
	began time.Time // the modem said that somebody dials
	up    chan time.Time
	over  chan struct{} // closed when its pppd has ended
	pppd  *os.Process
	io.Writer
	io.Reader
}

// dialled makes a call.
func (c *carrier) dialled() (io.ReadWriteCloser, error) {
	x := &call{began: time.Now(), up: make(chan time.Time, 1), over: make(chan struct{})}
	cmd := exec.Command("/usr/sbin/pppd", "notty", "nodetach", "noauth", "local", "nodefaultroute", "noipv6", "novj", "noccp",
		"ifname", "carrier0", "logfd", "2", "ip-up-script", "/nonexistent", "ip-down-script", "/nonexistent",
		"10.64.64.64:10.64.3.7", "ms-dns", nameServer)
	var err error
	if x.Writer, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	r, w, err := os.Pipe() // not cmd's own: Wait closes those before they are read to their end
	if err != nil {
		return nil, err
	}
	said, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	x.Reader, cmd.Stdout = r, w
	c.place.Do(func() { err = cmd.Start() })
	w.Close()
	if err != nil {
		return nil, err
	}
	x.pppd = cmd.Process
	c.calls <- x
	go x.follow(said, cmd)
	return x, nil
}

// follow hears pppd until it ends.
func (x *call) follow(said io.Reader, cmd *exec.Cmd) {
	for s := bufio.NewScanner(said); s.Scan(); {
		fmt.Println("carrier:", s.Text()) // beside the box's own words, on the console
		if strings.HasPrefix(s.Text(), "remote IP address") {
			x.up <- time.Now()
		}
	}
	_ = cmd.Wait()
	close(x.over)
}

// Close is the modem's end of it: it hung up.
func (x *call) Close() error {
	err := x.Writer.(io.Closer).Close()
	x.pppd.Signal(syscall.SIGTERM) // it may have ended already
	return errors.Join(err, x.Reader.(io.Closer).Close())
}

// lose ends the call from the carrier's side: with LCP's farewell by SIGTERM,
// without a word by SIGKILL.
func (x *call) lose(t *testing.T, how syscall.Signal) {
	t.Helper()
	must(t, x.pppd.Signal(how))
	next(t, "the carrier's pppd ends", x.over)
}
