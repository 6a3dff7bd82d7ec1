// Package splynx reads from Splynx (API 2.0) who the subscribers are, how they
// are reached, and on which router and sector their lines hang. It writes
// nothing there.
package splynx

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"

	"heliograph/drivers/https"
)

// Options say which Splynx, by which key, over which net.
type Options struct {
	URL         string // https address: https://bss.isp.example
	Key, Secret string // of an API key that may view customers, internet services, locations, partners, routers and sectors

	// Auth is how the key is proved. "signature", which empty is too, signs each
	// request. "basic" needs a key with unsecure access. "token" logs in first;
	// its tokens are bound to the box's address, and renewed when it changes.
	Auth string

	Statuses []string // of customers that are read; empty is active
	Language string   // the additional field that holds a customer's language; empty is language

	Rate   float64       // requests a second; zero is 5
	Rows   int           // of a page; zero is 200
	Most   int           // rows of a list; more of them are refused; zero is 500,000
	Answer time.Duration // for one answer; zero is 30 s
	Pause  time.Duration // before a request that came to nothing is made again; zero is 2 s, and twice as long each time

	// Dial connects to host:port and resolves the name by itself. A connection
	// that takes longer than 10 s is given up.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	TLS  *tls.Config // nil: the system's roots

	// Memory keeps the last nonce: Splynx takes each once, and rising ones only.
	Memory Memory
	Now    func() time.Time // nil: time.Now
}

// Memory keeps what must survive a restart. Store returns after the commit; a
// key that was never stored is nil without an error.
type Memory interface {
	Load(key string) ([]byte, error)
	Store(key string, value []byte) error
}

const (
	usualRate   = 5
	usualRows   = 200
	usualMost   = 500_000
	usualAnswer = 30 * time.Second
	usualPause  = 2 * time.Second
)

func (o *Options) check() error {
	o.URL = strings.TrimSuffix(strings.TrimSuffix(o.URL, "/"), "/api/2.0")
	o.Auth, o.Language = cmp.Or(o.Auth, "signature"), cmp.Or(o.Language, "language")
	o.Rate, o.Rows, o.Most = cmp.Or(o.Rate, usualRate), cmp.Or(o.Rows, usualRows), cmp.Or(o.Most, usualMost)
	o.Answer, o.Pause = cmp.Or(o.Answer, usualAnswer), cmp.Or(o.Pause, usualPause)
	if len(o.Statuses) == 0 {
		o.Statuses = []string{"active"}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	blank := func(s string) bool {
		return s == "" || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
	}
	_, ok := https.Secure(o.URL)
	switch {
	case !ok:
		return errors.New("splynx: url: give an address that begins with https://, such as https://bss.isp.example")
	case blank(o.Key) || blank(o.Secret):
		return errors.New("splynx: key, secret: give those of an API key, without spaces or line ends")
	case o.Auth != "signature" && o.Auth != "basic" && o.Auth != "token":
		return errors.New("splynx: auth: it is signature, basic or token")
	case o.Rate < 0 || o.Rows < 0 || o.Most < 0 || o.Answer < 0 || o.Pause < 0:
		return errors.New("splynx: rate, rows, most, answer and pause must not be negative")
	case o.Dial == nil || o.Memory == nil:
		return errors.New("splynx: it needs a Dial and a Memory")
	}
	return nil
}

// Splynx is one of them. It may be used by several goroutines.
type Splynx struct {
	o     Options
	nonce *counter
}

// New checks the options; it connects to nothing.
func New(o Options) (*Splynx, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return &Splynx{o: o, nonce: &counter{memory: o.Memory, now: o.Now}}, nil
}

// Check proves that the key opens what Each reads. It changes nothing.
func (s *Splynx) Check(ctx context.Context) error {
	w := newWire(s.o, s.nonce)
	defer w.HangUp()
	for _, list := range []string{customers, services, locations, partners, routers, sectors} {
		var rows []row
		if no := w.get(ctx, list, after(0, 1), &rows); no != nil {
			return &no.Error
		}
	}
	return nil
}
