package slack

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
	"regexp"
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
	calm      = 30 * time.Second
)

// wire makes requests, one at a time.
type wire struct {
	client  *http.Client
	base    string
	token   string
	webhook string
	next    time.Time // no request before this: Slack said so
	path    string    // what the kept connection goes by
}

func newWire(o Options) *wire {
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
	return &wire{base: o.Base, token: o.Token, webhook: o.Webhook, client: &http.Client{
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
	word  string // Slack's own
	doubt bool   // it may have been carried out all the same
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

// read calls a method that changes nothing.
func (w *wire) read(ctx context.Context, method string, args url.Values, out any) (http.Header, *refusal) {
	return w.ask(ctx, method, nil, args, out)
}

// write calls a method that changes something.
func (w *wire) write(ctx context.Context, method string, in, out any) *refusal {
	_, no := w.ask(ctx, method, in, nil, out)
	return no
}

// ask calls a method of the Web API. Slack answers nearly everything with
// status 200 and says in the body whether it is ok.
func (w *wire) ask(ctx context.Context, method string, in any, args url.Values, out any) (http.Header, *refusal) {
	address, how := w.base+"/"+method, http.MethodPost
	if in == nil {
		address, how = address+"?"+args.Encode(), http.MethodGet
	}
	res, text, no := w.exchange(ctx, how, address, in)
	if no != nil {
		return nil, no
	}
	var a struct {
		OK     *bool
		Error  string
		Needed string
	}
	err := json.Unmarshal(text, &a)
	if err == nil && a.OK == nil {
		return nil, w.between(res, text, in != nil)
	}
	if err == nil && !*a.OK {
		return nil, w.refused(res, method, a.Error, a.Needed)
	}
	if err == nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		return nil, lost(fmt.Errorf("reading the answer: %w", err), in != nil)
	}
	return res.Header, nil
}

// exchange makes one request; what it returns without a refusal is status 200
// and JSON, or from the webhook anything.
func (w *wire) exchange(ctx context.Context, how, address string, in any) (*http.Response, []byte, *refusal) {
	if wait := time.Until(w.next); wait > 0 {
		return nil, nil, &refusal{Error: delivery.Error{Fate: delivery.Retry, After: wait, Err: errors.New("the workspace asked for calm until then")}}
	}
	req, body, err := w.request(ctx, how, address, in)
	if err != nil {
		return nil, nil, &refusal{Error: delivery.Error{Fate: delivery.Never, Err: errors.New("the request cannot be worded")}}
	}
	writes := how == http.MethodPost
	res, err := w.client.Do(req)
	if err != nil {
		return nil, nil, lost(err, writes && body.all.Load())
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, largest+1))
	if err == nil && len(text) > largest {
		err = fmt.Errorf("the answer is longer than %d bytes", largest)
	}
	if no := w.judge(res, text, writes); no != nil {
		return nil, nil, no
	}
	if err != nil {
		return nil, nil, lost(fmt.Errorf("reading the answer: %w", err), writes)
	}
	return res, text, nil
}

func (w *wire) request(ctx context.Context, how, address string, in any) (*http.Request, *sent, error) {
	req, err := http.NewRequestWithContext(ctx, how, address, nil)
	if err != nil {
		return nil, nil, err
	}
	body := new(sent)
	if in != nil {
		text, err := compact(in)
		if err != nil {
			return nil, nil, err
		}
		req.Body, req.ContentLength = body.from(text), int64(len(text))
		// For a kept connection that turns out to be closed before a byte went.
		req.GetBody = func() (io.ReadCloser, error) { return body.from(text), nil }
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if w.token != "" {
		req.Header.Set("Authorization", "Bearer "+w.token)
	}
	req.Header.Set("User-Agent", "heliograph")
	return req, body, nil
}

// compact is JSON in which &amp; and &lt; are not escaped a second time.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
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
		no.Advice = "something between answers in Slack's place, or the box's clock is wrong"
	}
	return no
}

// judge reads an answer's status.
func (w *wire) judge(res *http.Response, text []byte, writes bool) *refusal {
	code := res.StatusCode
	no := &refusal{doubt: writes && code >= 500, word: w.word(text)}
	no.Fate, no.Code, no.Err = delivery.Retry, "HTTP "+strconv.Itoa(code), errors.New(w.excerpt(text))
	switch {
	case code == http.StatusOK && (w.webhook != "" || strings.Contains(res.Header.Get("Content-Type"), "json")):
		return nil
	case code == 420 || code == 429 || code == 503:
		no.After = after(res.Header.Get("Retry-After"), calm)
		w.next = time.Now().Add(no.After)
	case w.webhook != "" && no.word != "":
		return w.refused(res, "webhook", no.word, "")
	case code == http.StatusNetworkAuthenticationRequired:
		return w.between(res, text, false)
	case code >= 500:
		no.After = after(res.Header.Get("Retry-After"), 0)
	case no.word != "" && code >= 400:
		return w.refused(res, "webhook", no.word, "")
	default:
		return w.between(res, text, writes && code < 300)
	}
	return no
}

// between is an answer that Slack would not give.
func (w *wire) between(res *http.Response, text []byte, doubt bool) *refusal {
	return &refusal{doubt: doubt, Error: delivery.Error{Fate: delivery.Retry, Worker: true, Code: "HTTP " + strconv.Itoa(res.StatusCode),
		Err: fmt.Errorf("something between answered: %s", strings.TrimSpace(w.excerpt(text)+" "+elsewhere(res)))}}
}

// refused is Slack's no, whose fate stands in a table.
func (w *wire) refused(res *http.Response, method, word, needed string) *refusal {
	v, known := fates[word]
	if !known {
		v = verdict{fate: delivery.Retry}
		if strings.HasPrefix(word, "restricted_action") {
			v = fates["restricted_action"]
		}
	}
	no := &refusal{word: word, doubt: v.doubt}
	no.Fate, no.Worker, no.Advice, no.Code = v.fate, v.worker, v.advice, word
	no.Err = fmt.Errorf("%s was refused", method)
	if needed != "" {
		no.Err = fmt.Errorf("%s was refused: the app lacks %s", method, needed)
	}
	if v.calm {
		no.After = after(res.Header.Get("Retry-After"), calm)
		w.next = time.Now().Add(no.After)
	}
	if v.mend {
		no.After = time.Minute
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

// single is an error as Slack gives it, in a webhook's answer or in JSON.
var single = regexp.MustCompile(`^[a-z][a-z_]{2,60}$`)

func (w *wire) word(text []byte) string {
	var a struct{ Error string }
	said := strings.TrimSpace(string(text[:min(len(text), 1000)]))
	if json.Unmarshal(text, &a) == nil {
		said = a.Error
	}
	if single.MatchString(said) {
		return said
	}
	return ""
}

// excerpt is the beginning of an answer, in one short line without secrets.
func (w *wire) excerpt(text []byte) string {
	said := string(text[:min(len(text), 1000)])
	for _, secret := range []string{w.webhook, w.token} {
		if secret != "" {
			said = strings.ReplaceAll(said, secret, "…")
		}
	}
	said = strings.Join(strings.Fields(said), " ")
	return strings.ToValidUTF8(said[:min(len(said), 160)], "")
}
