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
// before for done. It answers 2xx; what becomes of other answers is told by
// drivers/https.
package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https"
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
	shortestSecret = 8
)

func (o *Options) check() error {
	if o.Timeout == 0 {
		o.Timeout = usualTimeout
	}
	_, ok := https.Secure(o.URL)
	switch {
	case !ok:
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
	client *https.Client
}

const (
	proof   = "the receiver refuses the signature or the token: put the same secret and token on both sides, and look at its clock"
	nowhere = "nothing takes webhooks at that address: compare it with the receiver's"
)

var advice = map[int]string{
	http.StatusUnauthorized: proof, http.StatusForbidden: proof,
	http.StatusNotFound: nowhere, http.StatusMethodNotAllowed: nowhere, http.StatusGone: nowhere,
	0: "the receiver does not take this message: read its log",
}

// New checks the options; it connects to nothing.
func New(o Options) (*Hook, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	secrets := append(https.Hidden(o.URL), o.Secret, o.Token)
	return &Hook{o, https.New(https.Options{Dial: o.Dial, TLS: o.TLS, Whom: "the webhook", Secrets: secrets, Advice: advice})}, nil
}

// Close lets go of a connection that was kept for what might have followed.
func (h *Hook) Close() error {
	h.client.HangUp()
	return nil
}

// Send posts the job's incident. The key of a repeat is that of the first
// attempt, so a doubtful one is simply sent again.
func (h *Hook) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, h.o.Timeout)
	defer cancel()
	h.client.By(j.Path)
	if !j.More {
		defer h.client.HangUp()
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
	header := map[string]string{"Idempotency-Key": key, "Heliograph-Signature": h.sign(time.Now().Unix(), body)}
	if h.o.Token != "" {
		header["Authorization"] = "Bearer " + h.o.Token
	}
	a, no := h.client.Ask(ctx, https.Request{Method: http.MethodPost, URL: h.o.URL, Header: header, Body: body})
	if no != nil {
		return "", no
	}
	// What comes after a status is only for people: a body that breaks off changes nothing.
	said := a.Said()
	switch {
	case a.Code >= 200 && a.Code < 300 && !a.Page():
		return strings.TrimSpace(strconv.Itoa(a.Code) + " " + said), nil
	case a.Code < 400:
		no = a.Between(said)
		no.Advice = "it answers with a web page or points elsewhere: compare the address with the receiver's"
	default:
		no = a.Judge(true, said)
		if a.Code == http.StatusConflict { // how receivers answer while an earlier request of the same key is still at work
			no.Fate, no.Advice = delivery.Retry, ""
		}
	}
	return "", no
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
	if no := h.client.Greet(ctx, h.o.URL); no != nil {
		return no
	}
	return nil
}
