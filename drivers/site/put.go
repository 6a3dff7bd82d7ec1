package site

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/delivery"
)

const calm = time.Minute // after an answer that asks for patience and names no time

// putter puts files by HTTP.
type putter struct {
	o      Options
	client *http.Client
}

func openPut(o Options) (host, error) {
	o.Put.URL = strings.TrimSuffix(o.Put.URL, "/") + "/"
	at, err := url.Parse(o.Put.URL)
	switch {
	case err != nil || at.Scheme != "https" || at.Host == "" || at.User != nil:
		return nil, errors.New("put.url: give an address that begins with https:// and holds no password")
	case o.Put.Secret == "" || strings.ContainsAny(o.Put.Secret, "\r\n"):
		return nil, errors.New("put.secret: give the user's password, or a bearer token, in one line")
	}
	dial := o.Dial
	return &putter{o, &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				ctx, cancel := context.WithTimeout(ctx, toConnect)
				defer cancel()
				return dial(ctx, network, address)
			},
			TLSClientConfig: o.TLS, TLSHandshakeTimeout: toConnect, IdleConnTimeout: toConnect,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func (p *putter) put(ctx context.Context, files []file) error {
	defer p.client.CloseIdleConnections()
	for _, f := range files {
		code, text, err := p.ask(ctx, http.MethodPut, f)
		if err != nil {
			return err
		}
		if code != http.StatusCreated && code != http.StatusNoContent && (code != http.StatusOK || html(text)) {
			return p.judge(code, text, f.name)
		}
	}
	return nil
}

// check asks for the page as whoever puts it: a server that knows us may say
// that it is not there yet, or that it does not know how to say so.
func (p *putter) check(ctx context.Context) error {
	defer p.client.CloseIdleConnections()
	code, text, err := p.ask(ctx, http.MethodHead, file{name: "index.html"})
	if err != nil || code == http.StatusOK || code == http.StatusNotFound || code == http.StatusMethodNotAllowed {
		return err
	}
	return p.judge(code, text, "index.html")
}

func (p *putter) ask(ctx context.Context, method string, f file) (code int, text []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, p.o.Put.URL+url.PathEscape(f.name), bytes.NewReader(f.text))
	if err != nil {
		return 0, nil, &delivery.Error{Fate: delivery.Never, Err: errors.New("the address cannot be used")}
	}
	if f.kind != "" {
		req.Header.Set("Content-Type", f.kind)
	}
	req.Header.Set("User-Agent", "heliograph")
	if p.o.Put.User != "" {
		req.SetBasicAuth(p.o.Put.User, p.o.Put.Secret)
	} else {
		req.Header.Set("Authorization", "Bearer "+p.o.Put.Secret)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return 0, nil, lost("putting "+f.name, err)
	}
	defer res.Body.Close()
	text, _ = io.ReadAll(io.LimitReader(res.Body, 4096)) // it is for people; the status has said it all
	if res.StatusCode == 420 || res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusServiceUnavailable {
		return 0, nil, &delivery.Error{Fate: delivery.Retry, After: later(res.Header.Get("Retry-After")), Code: fmt.Sprintf("HTTP %d", res.StatusCode), Err: errors.New("the host is busy")}
	}
	return res.StatusCode, text, nil
}

// lost is a connection's trouble. The same files can be put again, so it does
// not matter whether they arrived.
func lost(what string, err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	e := &delivery.Error{Fate: delivery.Retry, Worker: true, Err: fmt.Errorf("%s: %w", what, err)}
	var bad *tls.CertificateVerificationError
	if errors.As(err, &bad) {
		e.Advice = "something between answers in the host's place, or the box's clock is wrong"
	}
	return e
}

func (p *putter) judge(code int, text []byte, name string) error {
	said := strings.Join(strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(string(text), ""), p.o.Put.Secret, "…")), " ")
	e := &delivery.Error{Fate: delivery.Retry, Worker: true, Code: fmt.Sprintf("HTTP %d", code), Err: fmt.Errorf("putting %s: %s", name, cut(said, 120))}
	switch {
	case code < 400:
		e.Err = fmt.Errorf("something between answered: %s", cut(said, 120))
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		e.Advice = "the host refuses the user or the secret: renew it there, and put the new one into its file"
	case code >= 500:
		e.Worker = false
	default:
		e.Advice = "the host does not take files at put.url: look whether the folder is there and PUT is allowed"
	}
	return e
}

func html(text []byte) bool { return strings.HasPrefix(http.DetectContentType(text), "text/html") }

// later reads Retry-After, in seconds or as a date (RFC 9110 §10.2.3).
func later(value string) time.Duration {
	if n, err := strconv.Atoi(value); err == nil && n >= 0 {
		return min(time.Duration(n)*time.Second, time.Hour)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(time.Until(at).Round(time.Second), 0), time.Hour)
	}
	return calm
}
