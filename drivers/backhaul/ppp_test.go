package backhaul_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"heliograph/drivers/backhaul"
)

// unit plays the other end of a socket: for each call what it says, then it
// waits for the caller to hang up, or for the word to end the call itself.
type unit struct {
	path  string
	cut   chan string // ends the call with this last line
	asked chan struct{}
}

func newUnit(t *testing.T, says ...string) *unit {
	t.Helper()
	u := &unit{path: filepath.Join(t.TempDir(), "s"), cut: make(chan string), asked: make(chan struct{}, len(says))}
	l, err := net.Listen("unix", u.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for _, words := range says {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			u.take(conn, words)
		}
	}()
	return u
}

func (u *unit) take(conn net.Conn, words string) {
	defer conn.Close()
	fmt.Fprint(conn, words)
	if strings.Contains(words, `"down"`) {
		return
	}
	gone := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, bufio.NewReader(conn))
		close(gone)
	}()
	select {
	case <-gone:
		fmt.Fprintln(conn, `{"event":"down","kind":"asked","cause":"hung up"}`)
		u.asked <- struct{}{}
	case last := <-u.cut:
		fmt.Fprintln(conn, last)
	}
}

const (
	dialling = `{"event":"dialling"}` + "\n"
	isUp     = dialling + `{"event":"up","interface":"ppp-cell","addresses":["10.64.3.7/32","2001:db8::7/64"],"peer":"10.64.64.64","dns":["9.9.9.9"],"mtu":1400,"took":2.1,"new":"unknown"}` + "\n"
)

func ppp(t *testing.T, u *unit, c backhaul.Commander) *backhaul.PPP {
	t.Helper()
	p, err := backhaul.NewPPP(backhaul.PPPOptions{Socket: u.path, Commander: c})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestACallOverTheUnit(t *testing.T) {
	t.Parallel()
	u := newUnit(t, isUp, isUp)
	p := ppp(t, u, nil)
	for range 2 {
		c, err := p.Up(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(c.Addresses, c.DNS) != "[10.64.3.7/32 2001:db8::7/64] [9.9.9.9]" || c.Interface != "ppp-cell" || c.MTU != 1400 || c.Took <= 0 || len(c.Gateways) > 0 {
			t.Errorf("connection: %+v", c)
		}
		if err := p.Down(t.Context()); err != nil {
			t.Error(err)
		}
		<-u.asked
		if err, told := <-c.Lost; told {
			t.Errorf("a call that we ended was lost: %v", err)
		}
	}
	if err := p.Down(t.Context()); err != nil {
		t.Errorf("down without a call: %v", err)
	}
}

func TestACallThatIsLost(t *testing.T) {
	t.Parallel()
	u := newUnit(t, isUp, isUp)
	p := ppp(t, u, nil)
	for _, c := range []struct{ last, says string }{
		{`{"event":"down","kind":"lost","cause":"the modem hung up","exit":16}`, "the modem hung up"},
		{"garbage", "the unit that dials ended without a word"},
	} {
		conn, err := p.Up(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		u.cut <- c.last
		if err := <-conn.Lost; err == nil || err.Error() != c.says {
			t.Errorf("lost: %v", err)
		}
		if err := p.Down(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// clerk answers +CEER.
type clerk string

func (c clerk) Command(_ context.Context, cmd string) ([]string, error) {
	if cmd != "+CEER" {
		return nil, errors.New("ERROR")
	}
	return []string{string(c)}, nil
}

func TestARefusalComesWithTheModemsReason(t *testing.T) {
	t.Parallel()
	u := newUnit(t, dialling+`{"event":"down","kind":"refused","cause":"the call was refused: NO CARRIER"}`+"\n")
	_, err := ppp(t, u, clerk(`+CEER: "SM","Missing or unknown APN"`)).Up(t.Context())
	var trouble *backhaul.Trouble
	if !errors.As(err, &trouble) || trouble.Kind != backhaul.Denied || trouble.Cause != "the call was refused: NO CARRIER (SM,Missing or unknown APN)" || !strings.Contains(trouble.Advice, "apn:") {
		t.Errorf("%#v", trouble)
	}
}

func TestAUnitThatIsNotThere(t *testing.T) {
	t.Parallel()
	_, err := ppp(t, &unit{path: filepath.Join(t.TempDir(), "s")}, nil).Up(t.Context())
	var trouble *backhaul.Trouble
	if !errors.As(err, &trouble) || trouble.Kind != backhaul.Broken || !strings.Contains(trouble.Advice, "heliograph-ppp@") {
		t.Errorf("%#v", err)
	}
}

func TestACallThatIsGivenUpIsHungUp(t *testing.T) {
	t.Parallel()
	u := newUnit(t, dialling)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	p := ppp(t, u, nil)
	go func() {
		_, err := p.Up(ctx)
		ended <- err
	}()
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Up ended with %v", err)
	}
}
