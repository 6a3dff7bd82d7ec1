package backhaul

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"sync"
	"syscall"
	"time"

	"heliograph/drivers/backhaul/pppd"
)

// PPPOptions of a call over PPP.
type PPPOptions struct {
	// Socket of the unit that dials:
	// pppd.SocketPath("cell"). A connection to it is a call.
	Socket    string
	Commander Commander // asked why a call was refused; nil asks nobody
}

// PPP is a link by Debian's pppd, which runs as root in a unit of its own
// (drivers/backhaul/pppd).
type PPP struct {
	o    PPPOptions
	call *call // nil while there is none
}

// NewPPP makes the link; nothing is opened before Up.
func NewPPP(o PPPOptions) (*PPP, error) {
	if o.Socket == "" {
		return nil, errors.New("a PPP link needs the socket of its unit")
	}
	return &PPP{o: o}, nil
}

// Up dials.
func (p *PPP) Up(ctx context.Context) (Connection, error) {
	began := time.Now()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", p.o.Socket)
	if err != nil {
		return Connection{}, unitTrouble(p.o.Socket, err)
	}
	c := &call{conn: conn.(*net.UnixConn), up: make(chan pppd.Event, 1), lost: make(chan error, 1), over: make(chan struct{})}
	go c.listen()
	p.call = c
	select {
	case e := <-c.up:
		return c.connection(e, time.Since(began)), nil
	case err := <-c.lost:
		p.call = nil
		conn.Close()
		return Connection{}, p.why(ctx, trouble(err))
	case <-ctx.Done():
		return Connection{}, errors.Join(ctx.Err(), p.Down(context.WithoutCancel(ctx)))
	}
}

// unitTrouble is a unit that does not take the call.
func unitTrouble(socket string, err error) *Trouble {
	t := &Trouble{Kind: Broken, Cause: "the unit that dials does not take calls", Err: err}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		t.Advice = "systemctl enable --now heliograph-ppp@NAME.socket, with the name of the backhaul"
	case errors.Is(err, fs.ErrPermission):
		t.Advice = "the appliance has to be in the group of " + socket
	}
	return t
}

// why adds what the modem knows of a refused call.
func (p *PPP) why(ctx context.Context, t *Trouble) error {
	if t.Kind != Refused {
		return t
	}
	return explained(ctx, p.o.Commander, t)
}

// Down hangs up and waits until the unit has put the modem back.
func (p *PPP) Down(ctx context.Context) error {
	c := p.call
	if c == nil {
		return nil
	}
	p.call = nil
	defer c.conn.Close()
	c.hangUp()
	ctx, done := context.WithTimeout(ctx, downLimit)
	defer done()
	select {
	case <-c.over:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("hang up: the unit that dials does not end: %w", ctx.Err())
	}
}

// call is one connection to the unit.
type call struct {
	conn *net.UnixConn
	up   chan pppd.Event
	lost chan error    // the end, once; nothing if we hung up
	over chan struct{} // closed when the unit has closed

	mu    sync.Mutex
	asked bool // we hung up
}

// hangUp closes our half; the unit goes on telling until it is done.
func (c *call) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = true
	_ = c.conn.CloseWrite() // if that fails the unit is gone already
}

// listen reads what the unit tells, until it closes.
func (c *call) listen() {
	defer close(c.over)
	defer close(c.lost)
	events := json.NewDecoder(io.LimitReader(c.conn, 1<<20))
	last := &Trouble{Kind: Refused, Cause: "the unit that dials ended without a word", Advice: "journalctl -u 'heliograph-ppp@*' has its words"}
	for {
		var e pppd.Event
		if err := events.Decode(&e); err != nil {
			break
		}
		switch e.Event {
		case "up":
			select {
			case c.up <- e:
			default: // a second one is not of the protocol
			}
		case "down":
			last = &Trouble{Kind: kindOf(e.Kind), Cause: e.Cause, Advice: e.Advice}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.asked {
		c.lost <- last
	}
}

// kindOf reads the kind of an end; one that is unknown, from another version
// of the unit, is a refusal.
func kindOf(kind string) Kind {
	switch k := Kind(kind); k {
	case Gone, Silent, Denied, Lost, Broken:
		return k
	}
	return Refused
}

func (c *call) connection(e pppd.Event, took time.Duration) Connection {
	return Connection{Interface: e.Interface, Addresses: e.Addresses, DNS: e.DNS, MTU: e.MTU, Took: took, Lost: c.lost}
}
