// Package ozmap reads from OZmap (API v2) who hangs on which box, and gives
// the clients that an incident hits the tag that the provider's chatbot asks
// for, until the all-clear.
//
// OZmap knows where a client's fibre ends, not how the client is reached: its
// clients have a code, a name and tags. Phones and mails are taken where an
// installation has added them; else they come from another list, by the code.
//
// Writing an object's tags replaces them all. So they are read a moment before
// and written with ours added or taken out. What is going to be tagged is
// remembered first, and only what is remembered is ever untagged.
package ozmap

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https"
)

// Options say which OZmap, by which key, over which net.
type Options struct {
	URL   string // https address, port included: https://isp.ozmap.com.br:9994
	Token string // an API key, as OZmap shows it to its user

	Tag string // its name, whatever its capitals; empty is Massive Outage
	On  string // what carries it: "clients", which is what a chatbot looks at, or "boxes"; empty is clients

	// Covers maps the configuration's words (uplinks, services, regions) to what
	// hangs on them in OZmap: names of regions, projects and boxes, codes of
	// clients. A word that is not here stands for itself.
	Covers map[string][]string

	Rate    float64       // requests a second; zero is 5
	Rows    int           // of a page that is read; zero is 100, OZmap's own
	Most    int           // objects that are read or tagged; more of them are refused; zero is 500,000 and 20,000
	Answer  time.Duration // for one answer; zero is 30 s
	Timeout time.Duration // for one Send or Check; zero is 10 min, in which some 2,500 clients are tagged
	Pause   time.Duration // before a request that came to nothing is made again; zero is 2 s, and twice as long each time

	// Dial connects to host:port and resolves the name by itself. A connection
	// that takes longer than 10 s is given up.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	TLS  *tls.Config // nil: the system's roots

	Memory Memory // for Send and Tagged; who only reads subscribers needs none
}

// Memory keeps what must survive a restart. Store returns after the commit; a
// key that was never stored is nil without an error, and a nil value forgets.
type Memory interface {
	Load(key string) ([]byte, error)
	Store(key string, value []byte) error
}

const (
	usualTag     = "Massive Outage"
	usualRate    = 5
	usualRows    = 100
	usualTimeout = 10 * time.Minute
	usualAnswer  = 30 * time.Second
	usualPause   = 2 * time.Second
	mostRead     = 500_000
	mostTagged   = 20_000
)

func (o *Options) check() error {
	o.URL = strings.TrimSuffix(strings.TrimSuffix(o.URL, "/"), "/api/v2")
	o.Tag, o.On = cmp.Or(strings.TrimSpace(o.Tag), usualTag), cmp.Or(o.On, "clients")
	o.Rate, o.Rows = cmp.Or(o.Rate, usualRate), cmp.Or(o.Rows, usualRows)
	o.Timeout, o.Pause = cmp.Or(o.Timeout, usualTimeout), cmp.Or(o.Pause, usualPause)
	o.Answer = cmp.Or(o.Answer, usualAnswer)
	_, ok := https.Secure(o.URL)
	switch {
	case !ok:
		return errors.New("ozmap: url: give an address that begins with https://, such as https://isp.ozmap.com.br:9994")
	case o.Token == "" || strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("ozmap: token: give an API key, without spaces or line ends")
	case o.On != "clients" && o.On != "boxes":
		return errors.New("ozmap: on: the tag goes on clients or on boxes")
	case o.Rate < 0 || o.Rows < 0 || o.Most < 0 || o.Timeout < 0 || o.Pause < 0 || o.Answer < 0:
		return errors.New("ozmap: rate, rows, most, answer, timeout and pause must not be negative")
	case o.Dial == nil:
		return errors.New("ozmap: it needs a Dial")
	}
	return nil
}

// Map is one OZmap. It may be used by several goroutines; one Send, Tagged or
// Check goes at a time, and Each beside them.
type Map struct {
	o    Options
	wire *wire
	turn chan struct{} // whoever holds its one token owns wire and book
	book *book         // nil until it was read
}

// New checks the options; it connects to nothing.
func New(o Options) (*Map, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return &Map{o: o, wire: newWire(o), turn: make(chan struct{}, 1)}, nil
}

// Close lets go of a connection that was kept for what might have followed.
func (m *Map) Close() error {
	m.wire.HangUp()
	return nil
}

// enter waits for the turn and reads the book. What it returns gives the turn
// back and closes the connection unless more follows at once.
func (m *Map) enter(ctx context.Context, path string) (leave func(more bool), err error) {
	select {
	case m.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, &delivery.Error{Fate: delivery.Retry, Worker: true, Err: fmt.Errorf("waiting for the connection to OZmap: %w", ctx.Err())}
	}
	leave = func(more bool) {
		if !more {
			m.wire.HangUp()
		}
		<-m.turn
	}
	if m.book == nil {
		if m.book, err = readBook(m.o.Memory); err != nil {
			leave(false)
			return nil, &delivery.Error{Fate: delivery.Retry, Worker: true, Err: err}
		}
	}
	m.wire.By(path)
	return leave, nil
}

// Check proves that the key opens the clients and the tags. It changes
// nothing: a tag that is not there is made when it is needed.
func (m *Map) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.o.Timeout)
	defer cancel()
	leave, err := m.enter(ctx, "")
	if err != nil {
		return err
	}
	defer leave(false)
	for _, route := range []string{clients, tags} {
		if _, no := get[thing](ctx, m.wire, route, ask{limit: 1, selects: "name"}, 1); no != nil {
			return &no.Error
		}
	}
	return nil
}
