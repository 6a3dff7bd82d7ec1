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
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options say where the switch is.
type Options struct {
	URL     string        // begins with https://; {path} in it is replaced
	Site    string        // the box's name, for the service's list
	Timeout time.Duration // for one beat; zero is 20 s
	TLS     *tls.Config   // nil: the system's roots
}

const (
	usualTimeout = 20 * time.Second
	toConnect    = 10 * time.Second
)

// Kind is what a beat says; services without Start and Fail take Alive only.
type Kind string

// The kinds of a beat, as they are appended to the address.
const (
	Alive Kind = ""
	Start Kind = "/start"
	Fail  Kind = "/fail"
)

// Dial connects to host:port over a path, and resolves the name by itself.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

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
	at, err := url.Parse(o.URL)
	switch {
	case err != nil || at.Scheme != "https" || at.Host == "" || at.User != nil:
		return nil, errors.New("heartbeat: url: give an address that begins with https:// and holds no password")
	case o.Timeout < 0:
		return nil, errors.New("heartbeat: timeout must not be negative")
	case strings.ContainsFunc(o.Site, func(r rune) bool { return r < ' ' || r > '~' }):
		return nil, errors.New("heartbeat: site: give plain letters")
	case o.Timeout == 0:
		o.Timeout = usualTimeout
	}
	conf := &tls.Config{}
	if o.TLS != nil {
		conf = o.TLS.Clone()
	}
	// A resumed session saves the certificates, most of the bytes of a beat.
	if conf.ClientSessionCache == nil {
		conf.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	}
	o.TLS = conf
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
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return Unknown
	}
	req.Header.Set("User-Agent", strings.TrimSpace("heliograph "+s.o.Site)+" ("+path+")")
	client := &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				ctx, cancel := context.WithTimeout(ctx, toConnect)
				defer cancel()
				return dial(ctx, network, address)
			},
			TLSClientConfig: s.o.TLS, TLSHandshakeTimeout: toConnect, DisableKeepAlives: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", named(err), bare(err))
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, 512)) // the status says it; the text is for people
	return judge(res.StatusCode, text)
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

// bare takes the address from an error: it is all the secret there is.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func named(err error) error {
	var bad *tls.CertificateVerificationError
	if errors.As(err, &bad) {
		return Impostor
	}
	return Unreachable
}

func judge(code int, text []byte) error {
	said := strings.Join(strings.Fields(strings.ToValidUTF8(string(text), "")), " ")
	said = fmt.Sprintf("HTTP %d %.80s", code, said)
	page := strings.HasPrefix(http.DetectContentType(text), "text/html")
	switch {
	case code == http.StatusNotFound || code == http.StatusGone || strings.Contains(said, "OK (not found)"):
		return fmt.Errorf("%w: %s", Unknown, said) // healthchecks says 200 and "OK (not found)"
	case code >= 400 || strings.Contains(said, "OK (rate limited)"):
		return fmt.Errorf("%w: %s", Refused, said)
	case code >= 300 || page:
		return fmt.Errorf("%w: %s", Impostor, said)
	}
	return nil
}
