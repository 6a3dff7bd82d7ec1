package push

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"heliograph/drivers/delivery"
)

const (
	longestAnswer = 1 << 20 // bytes that are read; a channel's last hour may be long
	longestSaid   = 120
	calm          = time.Minute // after an answer that asks for patience and names no time
)

// question is one request to a service, and how it is answered.
type question struct {
	method, url string
	header      map[string]string
	body        any    // as JSON; nil: none
	plain       string // the whole of a good answer that is not JSON
}

// ask makes a request and returns its good answer.
func (p *Pusher) ask(ctx context.Context, q question) ([]byte, error) {
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(w httptrace.WroteRequestInfo) {
		if w.Err == nil {
			written.Store(q.method != http.MethodGet)
		}
	}})
	req, err := q.request(ctx)
	if err != nil {
		return nil, &delivery.Error{Fate: delivery.Never, Err: err}
	}
	res, err := p.client.Do(req)
	if err != nil {
		return nil, lost(err, written.Load())
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, longestAnswer))
	if no := p.judge(res, text, q); no != nil {
		return nil, no
	}
	if err != nil || q.plain == "" && !json.Valid(text) {
		return nil, lost(errors.New("its answer broke off"), q.method != http.MethodGet)
	}
	return text, nil
}

func (q question) request(ctx context.Context) (*http.Request, error) {
	var body io.Reader
	if q.body != nil {
		text, err := json.Marshal(q.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, q.method, q.url, body)
	if err != nil {
		return nil, errors.New("the address cannot be used")
	}
	for name, value := range q.header {
		req.Header.Set(name, value)
	}
	if q.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("User-Agent", "heliograph")
	return req, nil
}

// lost is an exchange that broke: before all was written nothing can have
// happened, afterwards it may have.
func lost(err error, written bool) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // its text holds the address, in which there may be a token
	}
	if written {
		return &delivery.Error{Fate: delivery.Unsure, Err: fmt.Errorf("no answer came: %w", err)}
	}
	e := &delivery.Error{Fate: delivery.Retry, Worker: true, Err: err}
	var bad *tls.CertificateVerificationError
	if errors.As(err, &bad) {
		e.Advice = "something between answers in the service's place, or the box's clock is wrong"
	}
	return e
}

// judge reads an answer's status; nil is a good one.
func (p *Pusher) judge(res *http.Response, text []byte, q question) error {
	code := res.StatusCode
	speaks := strings.Contains(res.Header.Get("Content-Type"), "json")
	said, wait := p.excerpt(text, speaks)
	e := &delivery.Error{Fate: delivery.Retry, Code: "HTTP " + strconv.Itoa(code), Err: errors.New(said)}
	switch {
	case code >= 200 && code < 300 && (speaks || q.plain != "" && strings.TrimSpace(string(text)) == q.plain):
		return nil
	case code < 400:
		e.Worker, e.Err = true, fmt.Errorf("something between answered: %s", strings.TrimSpace(said+elsewhere(res)))
	case code == 420 || code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		e.After = after(res.Header.Get("Retry-After"))
		if wait > 0 {
			e.After = wait
		}
	case code >= 500 || code == http.StatusRequestTimeout:
	case !speaks && q.plain == "":
		e.Worker, e.Err = true, fmt.Errorf("something between answered: %s", said)
	case code == http.StatusUnauthorized || code == http.StatusForbidden || code == http.StatusNotFound:
		e.Worker, e.Advice = true, p.service.renew()
	default:
		e.Fate, e.Advice = delivery.Never, "the service does not take this message: "+p.service.renew()
	}
	return e
}

// after reads Retry-After, in seconds or as a date (RFC 9110 §10.2.3).
func after(value string) time.Duration {
	if n, err := strconv.Atoi(value); err == nil && n >= 0 {
		return min(time.Duration(n)*time.Second, time.Hour)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(time.Until(at).Round(time.Second), 0), time.Hour)
	}
	return calm
}

func elsewhere(res *http.Response) string {
	if to, err := res.Location(); err == nil {
		return " (it points to " + to.Host + ")"
	}
	return ""
}

// excerpt is what an answer says in one line, without our secrets, and how
// long it asks us to wait.
func (p *Pusher) excerpt(text []byte, speaks bool) (said string, wait time.Duration) {
	var e struct {
		Error, Description, Message string
		Millis                      int64 `json:"retry_after_ms"` // Matrix
		Parameters                  struct {
			After int64 `json:"retry_after"` // Telegram
		}
	}
	said = strings.ToValidUTF8(string(text[:min(len(text), 4*longestSaid)]), "")
	if speaks && json.Unmarshal(text, &e) == nil && e.Error+e.Description+e.Message != "" {
		said = e.Error + e.Description + e.Message
	}
	for _, secret := range p.service.secrets() {
		if secret != "" {
			said = strings.ReplaceAll(said, secret, "…")
		}
	}
	said = strings.Join(strings.Fields(said), " ")
	wait = time.Duration(e.Millis)*time.Millisecond + time.Duration(e.Parameters.After)*time.Second
	return strings.ToValidUTF8(said[:min(len(said), longestSaid)], ""), min(max(wait, 0), time.Hour)
}
