package emulator

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// ProgramOptions say how `heliograph emulate` runs.
type ProgramOptions struct {
	// Modem is the modem to emulate. Its Network is made here unless it is
	// given; a missing Number becomes +48600100200.
	Modem Options
	// Link is a symbolic link that leads to the tty and survives its renewal; empty for none.
	Link string
	// Control is the path of a unix socket that takes orders and tells events; empty for none.
	Control string
	// Orders are read line by line, usually from standard input; nil for none.
	// Their end does not end the program.
	Orders io.Reader
	// JSON makes every line out an object: {"event": …}.
	JSON bool
	// SubmitDelay, DeliverDelay and ReportDelay are the Network's, see there.
	SubmitDelay, DeliverDelay, ReportDelay time.Duration
	// Script is the path of a script that starts with the modem; empty for none.
	Script string
}

// notice is one line out.
type notice struct {
	Event
	ID      any      `json:"id,omitempty"`      // "order": as the order had it
	Error   string   `json:"error,omitempty"`   // "order": why it was not carried out
	Answer  any      `json:"answer,omitempty"`  // "order": what was asked for
	Written []string `json:"written,omitempty"` // "order": the same in words
}

// Run emulates a modem on a tty until ctx ends: it tells where the tty is,
// then what happens, one line each, and takes orders. It returns nil when ctx
// ended it.
func Run(ctx context.Context, o ProgramOptions, out io.Writer) error {
	p := &program{o: o, mouths: map[*mouth]bool{}}
	if err := p.open(); err != nil {
		return err
	}
	defer p.close()
	listener, err := p.listen(ctx)
	if err != nil {
		return err
	}
	if listener != nil {
		defer listener.Close()
	}
	own := p.mouth(out)
	defer p.shut(own)
	if o.Orders != nil {
		go p.obey(o.Orders, own)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-p.events:
			p.say(notice{Event: e})
		}
	}
}

// program is one run.
type program struct {
	o       ProgramOptions
	net     *Network
	ownsNet bool
	modem   *Modem
	events  <-chan Event

	mu     sync.Mutex
	mouths map[*mouth]bool
}

// mouth is one who listens: the program's output or a connection. Each has a
// goroutine and a queue of its own, so that a slow one holds up nobody else.
type mouth struct {
	lines *feed[string]
	quit  chan struct{}
}

func (p *program) mouth(w io.Writer) *mouth {
	quit := make(chan struct{})
	m := &mouth{lines: newFeed[string](quit), quit: quit}
	go func() {
		for line := range m.lines.out {
			if c, connected := w.(net.Conn); connected {
				_ = c.SetWriteDeadline(time.Now().Add(time.Second))
			}
			if _, err := fmt.Fprintln(w, line); err != nil {
				p.shut(m)
				return
			}
		}
	}()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mouths[m] = true
	return m
}

// shut ends a mouth.
func (p *program) shut(m *mouth) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mouths[m] {
		delete(p.mouths, m)
		close(m.quit)
	}
}

func (p *program) open() error {
	o := p.o.Modem
	if o.Network == nil {
		o.Network, p.ownsNet = NewNetwork(), true
	}
	p.net = o.Network
	p.events = p.net.Events()
	fillText(&o.Number, "+48600100200")
	p.net.SubmitDelay(p.o.SubmitDelay)
	p.net.DeliverDelay(p.o.DeliverDelay)
	p.net.ReportDelay(p.o.ReportDelay)
	m, err := New(o)
	if err != nil {
		p.closeNet()
		return err
	}
	p.modem = m
	if _, err := m.ServePTYAt(p.o.Link); err != nil {
		p.close()
		return fmt.Errorf("emulate a modem: %w", err)
	}
	if p.o.Script == "" {
		return nil
	}
	if err := p.play(args{p.o.Script}); err != nil {
		p.close()
		return err
	}
	return nil
}

func (p *program) close() {
	p.modem.Close()
	p.closeNet()
}

func (p *program) closeNet() {
	if p.ownsNet {
		p.net.Close()
	}
}

// listen opens the control socket. A socket that an earlier run left is
// replaced; anything else under that name is left alone.
func (p *program) listen(ctx context.Context) (net.Listener, error) {
	if p.o.Control == "" {
		return nil, nil
	}
	if i, err := os.Lstat(p.o.Control); err == nil && i.Mode().Type() == os.ModeSocket {
		_ = os.Remove(p.o.Control)
	}
	l, err := net.Listen("unix", p.o.Control)
	if err != nil {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(ctx, c)
		}
	}()
	return l, nil
}

// serve is one connection: it takes orders and hears every event.
func (p *program) serve(ctx context.Context, c net.Conn) {
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	defer c.Close()
	m := p.mouth(c)
	defer p.shut(m)
	p.tell(m, p.port())
	p.obey(c, m)
}

// obey carries out orders and answers each where it came from.
func (p *program) obey(orders io.Reader, m *mouth) {
	s := bufio.NewScanner(orders)
	for s.Scan() {
		line := strings.TrimSpace(s.Text())
		if line == "" {
			continue
		}
		n := notice{Event: Event{At: time.Now(), Kind: "order"}}
		words, id, err := orderWords(line)
		n.ID = id
		if err == nil {
			n.Answer, n.Written, err = p.order(words)
		}
		if err != nil {
			n.Error = err.Error()
		}
		p.tell(m, n)
	}
}

// say tells everybody.
func (p *program) say(n notice) {
	p.mu.Lock()
	all := slices.Collect(maps.Keys(p.mouths))
	p.mu.Unlock()
	for _, m := range all {
		p.tell(m, n)
	}
}

// tell says one line to one.
func (p *program) tell(m *mouth, n notice) {
	line := n.words()
	if p.o.JSON {
		b, err := json.Marshal(n)
		if err != nil {
			b = fmt.Appendf(nil, `{"event":"order","error":%q}`, err)
		}
		line = string(b)
	}
	m.lines.put(line)
}

// port tells where the port is now, to those who come late.
func (p *program) port() notice {
	e := Event{At: time.Now(), Kind: "port", Path: p.modem.Path(), Number: p.modem.Number()}
	if e.Path == "" {
		e.Kind = "gone"
	}
	return notice{Event: e}
}

// words is the line for people.
func (n notice) words() string {
	at := n.At.UTC().Format("15:04:05Z ")
	switch n.Kind {
	case "port":
		return fmt.Sprintf("%smodem %s on %s", at, n.Number, n.Path)
	case "gone":
		return at + "the port is gone"
	case "order":
		return n.orderWords()
	case "submitted":
		s := n.Submitted
		return fmt.Sprintf("%s%s -> %s taken by the SMSC as %d, part %d of %d", at, s.From, s.To, s.Reference, s.Part, s.Of)
	case "arrived":
		return fmt.Sprintf("%s%s received from %s: %s", at, n.Phone, n.Text.From, n.Text.Body)
	case "reported":
		return fmt.Sprintf("%sreport on %d to %s: status %#02x", at, n.Submitted.Reference, n.Submitted.To, *n.Status)
	case "script":
		if n.Error != "" {
			return at + "the script failed: " + n.Error
		}
		return at + "the script " + n.Path + " has ended"
	case "call":
		if n.Call.Direction == "out" {
			return fmt.Sprintf("%scall to %s: %s, it rang %s", at, n.Call.To, n.Call.Ended, n.Call.Rang)
		}
		return fmt.Sprintf("%scall from %s: %s after %d rings", at, n.Call.From, n.Call.Ended, n.Call.Rings)
	}
	return at + n.Kind
}

func (n notice) orderWords() string {
	if n.Error != "" {
		return "error: " + n.Error
	}
	return strings.Join(append(n.Written, "ok"), "\n")
}

// orderWords takes an order apart: words, with quotes around those that hold
// spaces; or an object {"order": "text", "args": ["+48…", "body"], "id": …}.
func orderWords(line string) (words []string, id any, err error) {
	if strings.HasPrefix(line, "{") {
		var o struct {
			Order string   `json:"order"`
			Args  []string `json:"args"`
			ID    any      `json:"id"`
		}
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			return nil, nil, fmt.Errorf("read the order: %w", err)
		}
		return append([]string{o.Order}, o.Args...), o.ID, nil
	}
	words = quotedFields(line)
	if len(words) == 0 {
		return nil, nil, errors.New("the order is empty; `help` lists them")
	}
	return words, nil, nil
}

// quotedFields splits at spaces outside double quotes; the quotes go.
func quotedFields(s string) []string {
	var words []string
	var word strings.Builder
	quoted, started := false, false
	for _, r := range s {
		switch {
		case r == '"':
			quoted, started = !quoted, true
		case r == ' ' && !quoted:
			if started {
				words = append(words, word.String())
			}
			word.Reset()
			started = false
		default:
			word.WriteRune(r)
			started = true
		}
	}
	if started {
		words = append(words, word.String())
	}
	return words
}
