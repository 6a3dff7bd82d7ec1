// Package https is what the channels that speak HTTP have in common: one
// request at a time over a connection that somebody else dials, and the fate of
// what came of it.
//
// An exchange that broke before its request was handed over whole is the
// path's trouble: delivery.Retry with Worker. One that broke afterwards is
// delivery.Unsure, unless the request changes nothing. An answer has the fate
// of its status (RFC 9110 §15), where the driver has nothing better to say:
//
//	420, 429, 503          Retry, not before Retry-After (§10.2.3)
//	2xx or 4xx that is no answer of the API, 3xx, 511
//	                       Retry, Worker: something between answered (RFC 6585 §6)
//	408, 425, other 5xx    Retry
//	a 4xx that the driver has advice for
//	                       Retry, Worker: the account's or the address's trouble
//	any other 4xx          Never: it is this message
//
// It is always TLS and HTTP/1.1, without proxy, cookies and redirects; long answers come gzipped. No
// error holds the request's address or a secret; each is one short line.
package https

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"heliograph/drivers/delivery"
)

const (
	ToConnect     = 10 * time.Second // for a connection, and again for its handshake
	idle          = 10 * time.Second // how long a connection waits for what may follow
	longestHeader = 64 << 10         // bytes of an answer's headers
	usualAnswer   = 16 << 10
	usualCalm     = time.Minute
)

// Dial connects to host:port and resolves the name by itself.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Options say how somebody is reached.
type Options struct {
	Dial    Dial        // a connection that takes longer than ToConnect is given up
	TLS     *tls.Config // nil: the system's roots
	Whom    string      // who is spoken to, as people read it: "the webhook"
	Secrets []string    // what must not stand in an error; empty ones are no harm
	Longest int         // bytes of an answer's body that are read; zero is 16 kB

	Calm   time.Duration  // after an answer that asks for patience and names no time; zero is a minute
	Advice map[int]string // what to do about a status of 4xx; that of 0 is for a message that is not taken
}

// Client speaks with one service. It may be used by several goroutines.
type Client struct {
	o         Options
	tls       *tls.Config
	transport *http.Transport

	mu   sync.Mutex
	path string // what the kept connection goes by
}

// Resuming is a copy of conf, which may be nil, that remembers sessions: a
// resumed one saves the certificates, most of the bytes of a short exchange.
func Resuming(conf *tls.Config) *tls.Config {
	if conf == nil {
		conf = &tls.Config{}
	}
	conf = conf.Clone()
	if conf.ClientSessionCache == nil {
		conf.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	}
	return conf
}

// Frugal is TLS with the system's roots for a path whose bytes and seconds
// cost money, without ML-KEM: its keys weigh 1.2 kB out and 1.1 kB in at each
// handshake, resumed ones too. What they are for, that nobody reads in decades
// what is recorded today, matters little for notices, which are told to
// everyone the same day. The curves are those that any server knows.
func Frugal() *tls.Config {
	return &tls.Config{CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384}}
}

// New connects to nothing.
func New(o Options) *Client {
	if o.Longest == 0 {
		o.Longest = usualAnswer
	}
	if o.Calm == 0 {
		o.Calm = usualCalm
	}
	c := &Client{o: o, tls: Resuming(o.TLS)}
	only1 := new(http.Protocols)
	only1.SetHTTP1(true)
	c.transport = &http.Transport{
		DialContext: c.dial, TLSClientConfig: c.tls, TLSHandshakeTimeout: ToConnect, IdleConnTimeout: idle, Protocols: only1,
		MaxResponseHeaderBytes: longestHeader,
	}
	return c
}

func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, ToConnect)
	defer cancel()
	return c.o.Dial(ctx, network, address)
}

// HangUp lets go of a connection that was kept for what might have followed.
func (c *Client) HangUp() { c.transport.CloseIdleConnections() }

// By hangs up if the kept connection goes by another path than this one.
func (c *Client) By(path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if path != c.path {
		c.HangUp()
	}
	c.path = path
}

// Request is what is asked. A body is JSON unless Header says otherwise.
type Request struct {
	Method, URL string // the address begins with https://
	Header      map[string]string
	Body        []byte // nil: none
	Harmless    bool   // it may be carried out twice, as those of GET and HEAD may
}

// Secure reads an address; false is one that does not begin with https://, or
// holds a password.
func Secure(address string) (*url.URL, bool) {
	at, err := url.Parse(address)
	return at, err == nil && at.Scheme == "https" && at.Host != "" && at.User == nil
}

// Ask makes a request and reads the answer, whatever its status is.
func (c *Client) Ask(ctx context.Context, r Request) (*Answer, *delivery.Error) {
	r.Harmless = r.Harmless || r.Method == http.MethodGet || r.Method == http.MethodHead
	var written atomic.Bool
	req, err := r.under(ctx, &written)
	if err != nil {
		return nil, &delivery.Error{Fate: delivery.Never, Err: errors.New("the address cannot be used")}
	}
	// Not an http.Client: that would put the address into its errors.
	res, err := c.transport.RoundTrip(req)
	if err != nil {
		if written.Load() && !r.Harmless {
			return nil, c.lost("no answer came: ", err, true)
		}
		return nil, c.lost("", err, false)
	}
	defer res.Body.Close()
	a := &Answer{Code: res.StatusCode, Header: res.Header, client: c, harmless: r.Harmless}
	if to, err := res.Location(); err == nil {
		a.elsewhere = " (it points to " + to.Host + ")"
	}
	a.Text, a.Torn = io.ReadAll(io.LimitReader(res.Body, int64(c.o.Longest)+1))
	if len(a.Text) > c.o.Longest {
		a.Text, a.Torn = a.Text[:c.o.Longest], fmt.Errorf("it is longer than %d bytes", c.o.Longest)
	}
	return a, nil
}

// under words the request for the transport, which says when it has all of it:
// before its last bytes leave. The body is of a type that the transport knows
// to be at hand, else its headers would go in a packet of their own.
func (r Request) under(ctx context.Context, written *atomic.Bool) (*http.Request, error) {
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(w httptrace.WroteRequestInfo) {
		if w.Err == nil {
			written.Store(true)
		}
	}})
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "heliograph")
	if r.Body != nil {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(r.Body)), int64(len(r.Body))
		// The transport repeats what it could not write to a kept connection that
		// was closed meanwhile; and, though it was written, what has a key.
		req.GetBody = func() (io.ReadCloser, error) {
			if r.Header["Idempotency-Key"] == "" {
				written.Store(false)
			}
			return io.NopCloser(bytes.NewReader(r.Body)), nil
		}
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range r.Header {
		req.Header.Set(name, value)
	}
	return req, nil
}

// Greet connects, shakes hands and says nothing: whoever is at the address
// does not notice.
func (c *Client) Greet(ctx context.Context, address string) *delivery.Error {
	at, ok := Secure(address)
	if !ok {
		return &delivery.Error{Fate: delivery.Never, Err: errors.New("the address cannot be used")}
	}
	port := at.Port()
	if port == "" {
		port = "443"
	}
	raw, err := c.dial(ctx, "tcp", net.JoinHostPort(at.Hostname(), port))
	if err != nil {
		return c.lost("", err, false)
	}
	defer raw.Close()
	conf := c.tls.Clone()
	if conf.ServerName == "" {
		conf.ServerName = at.Hostname()
	}
	ctx, cancel := context.WithTimeout(ctx, ToConnect)
	defer cancel()
	if err := tls.Client(raw, conf).HandshakeContext(ctx); err != nil {
		return c.lost("", err, false)
	}
	return nil
}
