package statuspage

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"heliograph/drivers/delivery"
)

const (
	toConnect = 10 * time.Second
	idle      = 10 * time.Second
	largest   = 2 << 20 // bytes of an answer that are read
	calm      = time.Minute
)

// wire makes requests, one at a time and no faster than allowed.
type wire struct {
	client *http.Client
	base   string
	token  string
	gap    time.Duration // between two requests
	next   time.Time     // no request before this
	held   bool          // the page said so
	path   string        // what the kept connection goes by
}

func newWire(o Options, gap time.Duration) *wire {
	conf := &tls.Config{}
	if o.TLS != nil {
		conf = o.TLS.Clone()
	}
	// A resumed session saves the certificates, most of the bytes of a short exchange.
	if conf.ClientSessionCache == nil {
		conf.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	}
	only1 := new(http.Protocols)
	only1.SetHTTP1(true)
	return &wire{base: o.Base, token: o.Token, gap: gap, client: &http.Client{
		Transport: &http.Transport{
			DialContext:         within(o.Dial),
			TLSClientConfig:     conf,
			TLSHandshakeTimeout: toConnect,
			IdleConnTimeout:     idle,
			Protocols:           only1,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func within(dial func(ctx context.Context, network, address string) (net.Conn, error)) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, toConnect)
		defer cancel()
		return dial(ctx, network, address)
	}
}

func (w *wire) hangUp() { w.client.CloseIdleConnections() }

// by drops a connection that was kept on another path.
func (w *wire) by(path string) {
	if path != w.path {
		w.hangUp()
	}
	w.path = path
}

// refusal is a request that did not end well.
type refusal struct {
	delivery.Error
	status int  // of HTTP; zero: no answer
	doubt  bool // it may have been carried out all the same
	said   string
}

// sent is a body that knows whether the transport has had all of it.
type sent struct {
	text bytes.Reader
	all  atomic.Bool
}

func (s *sent) Read(b []byte) (int, error) {
	n, err := s.text.Read(b)
	if s.text.Len() == 0 {
		s.all.Store(true)
	}
	return n, err
}

func (s *sent) from(text []byte) io.ReadCloser {
	s.text.Reset(text)
	s.all.Store(false)
	return io.NopCloser(s)
}

// ask makes one request and reads the answer into out. A nil in is a GET.
func (w *wire) ask(ctx context.Context, method, path string, in, out any) *refusal {
	if no := w.pace(ctx); no != nil {
		return no
	}
	req, body, err := w.request(ctx, method, path, in)
	if err != nil {
		return &refusal{Error: delivery.Error{Fate: delivery.Never, Err: err}}
	}
	writes := method != http.MethodGet
	res, err := w.client.Do(req)
	if err != nil {
		return lost(err, writes && body.all.Load())
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, largest+1))
	if err == nil && len(text) > largest {
		err = fmt.Errorf("the answer is longer than %d bytes", largest)
	}
	if no := w.judge(res, text, writes); no != nil {
		return no
	}
	if err == nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		return lost(fmt.Errorf("reading the answer: %w", err), writes)
	}
	return nil
}

func (w *wire) request(ctx context.Context, method, path string, in any) (*http.Request, *sent, error) {
	req, err := http.NewRequestWithContext(ctx, method, w.base+path, nil)
	if err != nil {
		return nil, nil, err
	}
	body := new(sent)
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, nil, err
		}
		req.Body, req.ContentLength = body.from(text), int64(len(text))
		// For a kept connection that turns out to be closed before a byte went.
		req.GetBody = func() (io.ReadCloser, error) { return body.from(text), nil }
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "OAuth "+w.token)
	req.Header.Set("User-Agent", "heliograph")
	return req, body, nil
}

// lost is an exchange that broke: before all was written nothing can have
// happened, afterwards it may have.
func lost(err error, written bool) *refusal {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // the address is known, and the error is read by people
	}
	no := &refusal{Error: delivery.Error{Fate: delivery.Retry, Worker: true, Err: err}, doubt: written}
	if written {
		no.Fate, no.Worker = delivery.Unsure, false
	}
	var bad *tls.CertificateVerificationError
	if errors.As(err, &bad) {
		no.Advice = "something between answers in the page's place, or the box's clock is wrong"
	}
	return no
}

// pace waits for the next request's time, or returns at once when there is no
// time for it: after the page asked for calm, and when ctx ends before.
func (w *wire) pace(ctx context.Context) *refusal {
	wait := time.Until(w.next)
	if end, ok := ctx.Deadline(); wait > 0 && (w.held || ok && time.Until(end) < wait) {
		return &refusal{Error: delivery.Error{Fate: delivery.Retry, After: wait, Err: errors.New("the page takes so many requests a minute, and they are used up")}}
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return lost(ctx.Err(), false)
	}
	w.next, w.held = time.Now().Add(w.gap), false
	return nil
}

// judge reads an answer's status.
func (w *wire) judge(res *http.Response, text []byte, writes bool) *refusal {
	code := res.StatusCode
	speaks := strings.Contains(res.Header.Get("Content-Type"), "json")
	no := &refusal{status: code, doubt: writes && (code >= 500 || !speaks && code < 300)}
	no.Code = "HTTP " + strconv.Itoa(code)
	no.said = w.excerpt(text, speaks)
	no.Err = errors.New(no.said)
	switch {
	case code >= 200 && code < 300 && speaks:
		return nil
	case code == 420 || code == 429 || code == 503:
		no.Fate, no.After = delivery.Retry, after(res.Header.Get("Retry-After"), calm)
		w.next, w.held = time.Now().Add(no.After), true
	case code < 400 || code < 500 && !speaks || code == http.StatusNetworkAuthenticationRequired:
		no.Fate, no.Worker = delivery.Retry, true
		no.Err = fmt.Errorf("something between answered: %s", strings.TrimSpace(no.said+" "+elsewhere(res)))
	case code >= 500:
		no.Fate, no.After = delivery.Retry, after(res.Header.Get("Retry-After"), 0)
	case code == 401 || code == 403:
		no.Fate, no.Worker = delivery.Retry, true
		no.Advice = "the page refuses the token: make a new API key in its console and put it into the token's file"
	case code == 404:
		no.Fate, no.Worker = delivery.Retry, true
		no.Advice = "there is no such page for this token: compare the page's id with its console"
	default:
		no.Fate, no.Advice = delivery.Never, "the page did not take this text: post it by hand"
	}
	return no
}

// after reads Retry-After, in seconds or as a date (RFC 9110 §10.2.3).
func after(value string, otherwise time.Duration) time.Duration {
	if n, err := strconv.Atoi(value); err == nil && n >= 0 {
		return min(time.Duration(n)*time.Second, time.Hour)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(time.Until(at).Round(time.Second), 0), time.Hour)
	}
	return otherwise
}

func elsewhere(res *http.Response) string {
	if to, err := res.Location(); err == nil {
		return "(it points to " + to.Host + ")"
	}
	return ""
}

// excerpt is what an answer says, in one short line: the API's error, which is
// a word or a list, or the beginning of whatever else it is.
func (w *wire) excerpt(text []byte, speaks bool) string {
	var e struct{ Error, Message any }
	said := string(text[:min(len(text), 400)])
	if speaks && json.Unmarshal(text, &e) == nil {
		for _, v := range []any{e.Error, e.Message} {
			if v != nil {
				said = fmt.Sprint(v)
				break
			}
		}
	}
	said = strings.Join(strings.Fields(strings.ReplaceAll(said, w.token, "…")), " ")
	return strings.ToValidUTF8(said[:min(len(said), 160)], "")
}
