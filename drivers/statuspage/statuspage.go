// Package statuspage shows incidents and planned work on a page at Atlassian
// Statuspage (REST API v1): an incident is created, each telling updates it,
// the all-clear resolves it and sets its components back.
//
// The API has nothing that makes a request safe to repeat. So every incident
// carries its key and the number of its last telling in metadata, a mark is
// remembered before anything is written, and whoever finds the mark looks on
// the page before it writes again.
package statuspage

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https"
)

// Options say which page, by which token, over which net.
type Options struct {
	Page  string // the page's id, as in the address of its console
	Token string // an API key; it may write to all pages of its user

	// Components maps the configuration's words (uplinks, services, regions) to
	// the page's component ids. What is hit and not named here is not shown.
	Components map[string]string

	Drills bool // the page is for tests: drills are shown on it

	Base    string        // https address of the API; empty is https://api.statuspage.io/v1
	Rate    float64       // requests a second; zero is 1, which is what Atlassian allows
	Timeout time.Duration // for one Send with all its requests; zero is 45 s

	// Dial connects to host:port and resolves the name by itself. A connection
	// that takes longer than 10 s is given up.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	TLS  *tls.Config // nil: the system's roots

	Memory Memory
}

// Memory keeps what must survive a restart. Store returns after the commit; a
// key that was never stored is nil without an error.
type Memory interface {
	Load(key string) ([]byte, error)
	Store(key string, value []byte) error
}

const (
	atlassian    = "https://api.statuspage.io/v1"
	usualTimeout = 45 * time.Second
)

func (o *Options) check() error {
	if o.Base == "" {
		o.Base = atlassian
	}
	if o.Rate == 0 {
		o.Rate = 1
	}
	if o.Timeout == 0 {
		o.Timeout = usualTimeout
	}
	o.Base = strings.TrimSuffix(o.Base, "/")
	_, ok := https.Secure(o.Base)
	switch {
	case o.Page == "" || url.PathEscape(o.Page) != o.Page:
		return errors.New("statuspage: page: give the page's id, such as kctbh9vrtdwd")
	case o.Token == "" || strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("statuspage: token: give an API key, without spaces or line ends")
	case !ok:
		return errors.New("statuspage: base: give an address that begins with https://")
	case o.Rate < 0 || o.Timeout < 0:
		return errors.New("statuspage: rate and timeout must not be negative")
	case o.Dial == nil || o.Memory == nil:
		return errors.New("statuspage: it needs a Dial and a Memory")
	}
	return nil
}

// Page is one status page. It may be used by several goroutines; one Send or
// Check goes at a time.
type Page struct {
	o    Options
	wire *wire
	turn chan struct{} // whoever holds its one token owns wire and book
	book *book         // nil until it was read
}

// New checks the options; it connects to nothing.
func New(o Options) (*Page, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	gap := time.Duration(float64(time.Second) / o.Rate)
	return &Page{o: o, wire: newWire(o, gap), turn: make(chan struct{}, 1)}, nil
}

// Close lets go of a connection that was kept for what might have followed.
func (p *Page) Close() error {
	p.wire.HangUp()
	return nil
}

// Send brings the page to what the job's incident says. The receipt's
// reference is the page's incident id and its short link, or the reason why
// nothing had to be done.
func (p *Page) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	if j.Case == nil {
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Never, Err: errors.New("a status page shows incidents, and this is about none")}
	}
	if j.Case.Drill && !p.o.Drills {
		return delivery.Receipt{Reference: "a drill is not shown on a public page"}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, p.o.Timeout)
	defer cancel()
	leave, err := p.enter(ctx, j.Path)
	if err != nil {
		return delivery.Receipt{}, err
	}
	defer leave(j.More)
	t := telling{page: p, job: j, c: j.Case, at: p.book.entry(j.Case.Key)}
	reference, no := t.tell(ctx)
	if no != nil {
		return delivery.Receipt{}, &no.Error
	}
	return delivery.Receipt{Reference: reference}, nil
}

// enter waits for the turn and reads the book. What it returns gives the turn
// back; unless more follows at once, the connection is closed.
func (p *Page) enter(ctx context.Context, path string) (leave func(more bool), err error) {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, &delivery.Error{Fate: delivery.Retry, Worker: true, Err: fmt.Errorf("waiting for the page's connection: %w", ctx.Err())}
	}
	leave = func(more bool) {
		if !more {
			p.wire.HangUp()
		}
		<-p.turn
	}
	if p.book == nil {
		if p.book, err = readBook(p.o.Memory, p.o.Page); err != nil {
			leave(false)
			return nil, &delivery.Error{Fate: delivery.Retry, Worker: true, Err: err}
		}
	}
	p.wire.By(path)
	return leave, nil
}
