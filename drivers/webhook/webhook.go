// Package webhook tells a program of somebody's own about an incident: one
// POST of JSON, signed.
//
// The body is a delivery.Case as that type describes it; news that are of no
// incident have an empty key and only kind, title, text and now. The headers:
//
//	Content-Type: application/json
//	Idempotency-Key: waw-12/7/3          Case.Key and Case.Telling; the same at every repeat
//	Heliograph-Signature: t=1763697845,v1=5257a869…
//	Authorization: Bearer TOKEN          if one was given
//
// v1 is the HMAC-SHA256, in hexadecimal, of t, a dot and the body as it came,
// by the shared secret. A receiver computes it, compares in constant time,
// refuses a t that is more than five minutes off, and takes a key that it had
// before for done. It answers 2xx; what else it may answer is in judge.go.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"heliograph/drivers/delivery"
)

// Options say where to, and how it knows that it was us.
type Options struct {
	URL    string // begins with https://
	Secret string // signs each request; both sides know it
	Token  string // goes as a bearer token; empty: none

	Timeout time.Duration // for one Send; zero is 20 s

	// Dial connects to host:port and resolves the name by itself. A connection
	// that takes longer than 10 s is given up.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	TLS  *tls.Config // nil: the system's roots
}

const (
	usualTimeout   = 20 * time.Second
	toConnect      = 10 * time.Second
	shortestSecret = 8
)

func (o *Options) check() error {
	if o.Timeout == 0 {
		o.Timeout = usualTimeout
	}
	at, err := url.Parse(o.URL)
	switch {
	case err != nil || at.Scheme != "https" || at.Host == "" || at.User != nil:
		return errors.New("webhook: url: give an address that begins with https:// and holds no password; a token has its own place")
	case len(o.Secret) < shortestSecret:
		return fmt.Errorf("webhook: secret: give at least %d characters, such as `openssl rand -hex 32` prints", shortestSecret)
	case strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("webhook: token: give it without spaces or line ends")
	case o.Timeout < 0:
		return errors.New("webhook: timeout must not be negative")
	case o.Dial == nil:
		return errors.New("webhook: it needs a Dial")
	}
	return nil
}

// Hook is one receiver. It may be used by several goroutines.
type Hook struct {
	o      Options
	client *http.Client
	path   atomic.Value // string: what a kept connection goes by
}

// New checks the options; it connects to nothing.
func New(o Options) (*Hook, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	conf := &tls.Config{}
	if o.TLS != nil {
		conf = o.TLS.Clone()
	}
	// A resumed session saves the certificates, most of the bytes of a short exchange.
	if conf.ClientSessionCache == nil {
		conf.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	}
	o.TLS = conf
	h := &Hook{o: o}
	h.client = &http.Client{
		Transport:     &http.Transport{DialContext: h.dial, TLSClientConfig: conf, TLSHandshakeTimeout: toConnect, IdleConnTimeout: toConnect},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return h, nil
}

func (h *Hook) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, toConnect)
	defer cancel()
	return h.o.Dial(ctx, network, address)
}

// Close lets go of a connection that was kept for what might have followed.
func (h *Hook) Close() error {
	h.client.CloseIdleConnections()
	return nil
}

// Send posts the job's incident. The key of a repeat is that of the first
// attempt, so a doubtful one is simply sent again.
func (h *Hook) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, h.o.Timeout)
	defer cancel()
	if before := h.path.Swap(j.Path); before != nil && before != j.Path {
		h.client.CloseIdleConnections()
	}
	if !j.More {
		defer h.client.CloseIdleConnections()
	}
	body, key, err := letter(j)
	if err != nil {
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Never, Err: err}
	}
	said, err := h.post(ctx, body, key)
	return delivery.Receipt{Reference: said}, err
}

// letter is the body and the key of a job.
func letter(j delivery.Job) (body []byte, key string, err error) {
	c := delivery.Case{Kind: "news", Title: j.Subject, Text: j.Text, Scope: []delivery.Touched{}}
	key = fmt.Sprintf("news/%d", j.ID)
	if j.Case != nil {
		c, key = *j.Case, fmt.Sprintf("%s/%d", j.Case.Key, j.Case.Telling)
	}
	if body, err = json.Marshal(c); err != nil {
		return nil, "", fmt.Errorf("writing the incident as JSON: %w", err)
	}
	return body, key, nil
}

func (h *Hook) post(ctx context.Context, body []byte, key string) (string, error) {
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(w httptrace.WroteRequestInfo) {
		if w.Err == nil {
			written.Store(true)
		}
	}})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.o.URL, bytes.NewReader(body))
	if err != nil {
		return "", &delivery.Error{Fate: delivery.Never, Err: errors.New("the address cannot be used")}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "heliograph")
	req.Header.Set("Idempotency-Key", key)
	req.Header.Set("Heliograph-Signature", h.sign(time.Now().Unix(), body))
	if h.o.Token != "" {
		req.Header.Set("Authorization", "Bearer "+h.o.Token)
	}
	res, err := h.client.Do(req)
	if err != nil {
		return "", lost(err, written.Load())
	}
	defer res.Body.Close()
	// What comes after a status is only for people: a body that breaks off changes nothing.
	text, _ := io.ReadAll(io.LimitReader(res.Body, longestAnswer))
	return h.judge(res, text)
}

func (h *Hook) sign(at int64, body []byte) string {
	t := strconv.FormatInt(at, 10)
	mac := hmac.New(sha256.New, []byte(h.o.Secret))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// Check connects and shakes hands, and says nothing: the receiver's program
// does not notice. Whether it takes the secret shows at the next notice only.
func (h *Hook) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, h.o.Timeout)
	defer cancel()
	at, err := url.Parse(h.o.URL)
	if err != nil {
		return err // New has read it before
	}
	port := at.Port()
	if port == "" {
		port = "443"
	}
	raw, err := h.dial(ctx, "tcp", net.JoinHostPort(at.Hostname(), port))
	if err != nil {
		return lost(err, false)
	}
	conf := h.o.TLS.Clone()
	if conf.ServerName == "" {
		conf.ServerName = at.Hostname()
	}
	conn := tls.Client(raw, conf)
	defer conn.Close()
	if err := conn.HandshakeContext(ctx); err != nil {
		return lost(err, false)
	}
	return nil
}
