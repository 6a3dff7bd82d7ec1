// Package webhooktest is the other side of a webhook, and a line with troubles
// to any HTTP server: what goes wrong between a box and a service goes wrong
// alike for all of them.
package webhooktest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"

	"heliograph/drivers/https/fault"
)

// Host is a name that the line's certificate is good for.
const Host = "example.com"

// Line is a TLS server with a certificate of its own in front of a service.
type Line struct {
	server  *httptest.Server
	service http.Handler

	mu       sync.Mutex
	troubles []Trouble // of the requests to come, one each; nil is none
	dead     bool

	In, Out atomic.Int64 // bytes on the wire to and from the server, TLS included
	Dials   atomic.Int64
}

// Trouble is what happens to one request. To serve is to let it through.
type Trouble func(w http.ResponseWriter, r *http.Request, serve http.Handler)

// NewLine starts it. Close ends it.
func NewLine(service http.Handler) *Line {
	l := &Line{service: service}
	l.server = httptest.NewUnstartedServer(http.HandlerFunc(l.answer))
	l.server.Config.ErrorLog = log.New(io.Discard, "", 0) // what breaks here is meant to
	l.server.StartTLS()
	return l
}

// Close ends the server and all its connections.
func (l *Line) Close() {
	l.server.CloseClientConnections()
	l.server.Close()
}

// Next gives troubles to the requests to come.
func (l *Line) Next(t ...Trouble) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.troubles = append(l.troubles, t...)
}

// Left is how many troubles have not happened yet.
func (l *Line) Left() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.troubles)
}

// Cut makes every new connection fail, until it is mended.
func (l *Line) Cut(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = cut
}

func (l *Line) answer(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	var t Trouble
	if len(l.troubles) > 0 {
		t, l.troubles = l.troubles[0], l.troubles[1:]
	}
	l.mu.Unlock()
	if t == nil {
		l.service.ServeHTTP(w, r)
		return
	}
	t(w, r, l.service)
}

// TLS trusts the line's certificate and no other.
func (l *Line) TLS() *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(l.server.Certificate())
	return &tls.Config{RootCAs: pool}
}

// Dial leads every address to the server.
func (l *Line) Dial(ctx context.Context, network, _ string) (net.Conn, error) {
	l.Dials.Add(1)
	l.mu.Lock()
	dead := l.dead
	l.mu.Unlock()
	if dead {
		return nil, errors.New("no route to host")
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, l.server.Listener.Addr().String())
	if err != nil {
		return nil, err
	}
	return &counted{conn, l}, nil
}

type counted struct {
	net.Conn
	l *Line
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.l.Out.Add(int64(n))
	return n, err
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.l.In.Add(int64(n))
	return n, err
}

// The troubles that every service has.
var (
	LostAnswer = only(fault.Fault{Commit: true, Cut: true})
	CutShort   = only(fault.Fault{Short: true})
	Portal     = Status(http.StatusOK, "<!DOCTYPE html>\n<html><body>Your data volume is used up.</body></html>", "Content-Type: text/html; charset=utf-8")
	Redirect   = Status(http.StatusFound, "", "Location: https://login.carrier.example/")
	BadGateway = Status(http.StatusBadGateway, "<html><h1>502 Bad Gateway</h1></html>")
)

func only(f fault.Fault) Trouble {
	return func(w http.ResponseWriter, r *http.Request, serve http.Handler) {
		f.Serve(w, func(w http.ResponseWriter) { serve.ServeHTTP(w, r) })
	}
}

// Status answers with a status, headers ("Retry-After: 7") and a body, and the
// service knows nothing of it.
func Status(code int, body string, headers ...string) Trouble {
	f := fault.Fault{Status: code, Body: body, Header: http.Header{}}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		f.Header.Set(name, value)
	}
	return only(f)
}

// Silence takes the request and answers nothing until the caller gives up.
func Silence(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
	io.Copy(io.Discard, r.Body) // a server watches for the caller's end only when it has read all
	<-r.Context().Done()
}
