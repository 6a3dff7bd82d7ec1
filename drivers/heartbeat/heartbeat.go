// Package heartbeat tells a dead man's switch outside that the box is alive,
// and over which path it said so. When no beat comes, that service alerts a
// human. A beat is one GET, as healthchecks and its likes take it; the path
// stands in the User-Agent, which they list with every beat, and in the
// address where {path} stands in it.
package heartbeat

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"heliograph/drivers/https"
)

// Options say where the switch is.
type Options struct {
	URL     string        // begins with https://; {path} in it is replaced
	Site    string        // the box's name, for the service's list
	Timeout time.Duration // for one beat; zero is 20 s
	TLS     *tls.Config   // nil: the system's roots
}

const usualTimeout = 20 * time.Second

// Kind is what a beat says; services without Start and Fail take Alive only.
type Kind string

// The kinds of a beat, as they are appended to the address.
const (
	Alive Kind = ""
	Start Kind = "/start"
	Fail  Kind = "/fail"
)

// Dial connects to host:port over a path, and resolves the name by itself.
type Dial = https.Dial

// Why a beat was not heard.
var (
	Unreachable = errors.New("the dead man's switch cannot be reached")
	Impostor    = errors.New("something between answered in the dead man's switch's place")
	Unknown     = errors.New("the dead man's switch does not know this address: compare heartbeat.url with its page")
	Refused     = errors.New("the dead man's switch did not take the beat")
)

// Switch is one dead man's switch. It may be used by several goroutines.
type Switch struct{ o Options }

// New checks the options; it connects to nothing.
func New(o Options) (*Switch, error) {
	_, ok := https.Secure(o.URL)
	switch {
	case !ok:
		return nil, errors.New("heartbeat: url: give an address that begins with https:// and holds no password")
	case o.Timeout < 0:
		return nil, errors.New("heartbeat: timeout must not be negative")
	case strings.ContainsFunc(o.Site, func(r rune) bool { return r < ' ' || r > '~' }):
		return nil, errors.New("heartbeat: site: give plain letters")
	case o.Timeout == 0:
		o.Timeout = usualTimeout
	}
	o.TLS = https.Resuming(o.TLS)
	return &Switch{o}, nil
}

// Beat says one thing over one path, whose name is a plain word such as
// primary or cell. It opens a connection and leaves none behind. An error is
// one of the named ones.
func (s *Switch) Beat(ctx context.Context, path string, dial Dial, kind Kind) error {
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	at, err := s.address(path, kind)
	if err != nil {
		return err
	}
	client := https.New(https.Options{Dial: dial, TLS: s.o.TLS, Whom: "the switch", Secrets: append(https.Hidden(at), https.Hidden(s.o.URL)...)})
	defer client.HangUp()
	a, no := client.Ask(ctx, https.Request{Method: http.MethodGet, URL: at,
		Header: map[string]string{"User-Agent": strings.TrimSpace("heliograph "+s.o.Site) + " (" + path + ")"}})
	if no != nil {
		return fmt.Errorf("%w: %w", named(no), no.Err)
	}
	return judge(a)
}

func (s *Switch) address(path string, kind Kind) (string, error) {
	at, err := url.Parse(strings.ReplaceAll(s.o.URL, "{path}", url.QueryEscape(path)))
	if err != nil {
		return "", Unknown
	}
	if kind != Alive {
		at = at.JoinPath(string(kind))
	}
	return at.String(), nil
}

func named(err error) error {
	var bad *tls.CertificateVerificationError
	if errors.As(err, &bad) {
		return Impostor
	}
	return Unreachable
}

func judge(a *https.Answer) error {
	said := fmt.Sprintf("HTTP %d %s", a.Code, a.Said())
	switch {
	case a.Code == http.StatusNotFound || a.Code == http.StatusGone || strings.Contains(said, "OK (not found)"):
		return fmt.Errorf("%w: %s", Unknown, said) // healthchecks says 200 and "OK (not found)"
	case a.Code >= 400 || strings.Contains(said, "OK (rate limited)"):
		return fmt.Errorf("%w: %s", Refused, said)
	case a.Code >= 300 || a.Page():
		return fmt.Errorf("%w: %s", Impostor, said)
	}
	return nil
}
