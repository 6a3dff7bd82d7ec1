package https

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/delivery"
)

const (
	longestSaid    = 160 // bytes of what somebody says that people read
	longestTrouble = 300 // of what a connection's error says: names and addresses stand before the reason
	longestWait    = time.Hour
)

// Answer is what somebody answered.
type Answer struct {
	Code   int
	Header http.Header
	Text   []byte
	Torn   error // why Text is not the whole body; nil: it is

	client    *Client
	harmless  bool
	elsewhere string
}

// JSON tells whether the answer calls itself so.
func (a *Answer) JSON() bool { return strings.Contains(a.Header.Get("Content-Type"), "json") }

// Page tells whether the answer is a web page, whatever it calls itself: PHP
// calls every answer text/html, an empty one too.
func (a *Answer) Page() bool { return strings.HasPrefix(http.DetectContentType(a.Text), "text/html") }

// Said is the answer's beginning in one short line, without secrets.
func (a *Answer) Said() string { return a.client.Line(string(a.Text)) }

// Busy asks for patience. 420 is Twitter's, and some others'.
func (a *Answer) Busy() bool {
	return a.Code == 420 || a.Code == http.StatusTooManyRequests || a.Code == http.StatusServiceUnavailable
}

// After is how long the answer asks for patience, an hour at most.
func (a *Answer) After(otherwise time.Duration) time.Duration {
	value := a.Header.Get("Retry-After")
	if n, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(n, uint64(longestWait/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(time.Until(at).Round(time.Second), 0), longestWait)
	}
	return otherwise
}

// Judge is the fate, by its status, of an answer that is not good. It speaks
// if it is of the API's kind; said is what it says to people.
func (a *Answer) Judge(speaks bool, said string) *delivery.Error {
	e := &delivery.Error{Fate: delivery.Retry, Code: "HTTP " + strconv.Itoa(a.Code), Err: errors.New(cmp.Or(said, http.StatusText(a.Code)))}
	advice, ours := a.client.o.Advice[a.Code]
	switch {
	case a.Busy():
		e.After = a.After(a.client.o.Calm)
	case a.Code == http.StatusRequestTimeout || a.Code == http.StatusTooEarly || a.Code >= 500 && a.Code != http.StatusNetworkAuthenticationRequired:
		e.After = a.After(0)
	case a.Code < 400 || a.Code >= 500 || !speaks:
		return a.Between(said)
	case ours:
		e.Worker, e.Advice = true, advice
	default:
		e.Fate, e.Advice = delivery.Never, a.client.o.Advice[0]
	}
	return e
}

// Between is an answer that the service would not give.
func (a *Answer) Between(said string) *delivery.Error {
	return &delivery.Error{Fate: delivery.Retry, Worker: true, Code: "HTTP " + strconv.Itoa(a.Code),
		Err: fmt.Errorf("something between answered: %s", strings.TrimSpace(said+a.elsewhere))}
}

// Unread is an answer that says yes by its status and cannot be understood.
func (a *Answer) Unread(err error) *delivery.Error {
	return a.client.lost("reading the answer: ", err, !a.harmless)
}

// lost is an exchange that broke: before all was written nothing can have
// happened, afterwards it may have.
func (c *Client) lost(what string, err error, written bool) *delivery.Error {
	text := c.line(err.Error(), longestTrouble) // it may quote what the other side sent
	e := &delivery.Error{Fate: delivery.Retry, Worker: true, Err: &trouble{what + text, err}}
	if written {
		e.Fate, e.Worker = delivery.Unsure, false
	}
	var bad *tls.CertificateVerificationError
	if errors.As(err, &bad) {
		e.Advice = "something between answers in place of " + c.o.Whom + ", its certificate is out of date, or the box's clock is wrong"
	}
	return e
}

// trouble is an error in words that may be shown.
type trouble struct {
	text string
	err  error
}

func (t *trouble) Error() string { return t.text }
func (t *trouble) Unwrap() error { return t.err }

// Line makes one short line of what somebody says, without secrets.
func (c *Client) Line(said string) string { return c.line(said, longestSaid) }

func (c *Client) line(said string, longest int) string {
	for _, secret := range c.o.Secrets {
		if secret != "" {
			said = strings.ReplaceAll(said, secret, "…")
		}
	}
	said = strings.Join(strings.Fields(strings.ToValidUTF8(said, "")), " ")
	return strings.ToValidUTF8(said[:min(len(said), longest)], "")
}

// Hidden are the parts of an address that is itself a secret, for
// Options.Secrets: an error page likes to quote it.
func Hidden(address string) []string {
	at, err := url.Parse(address)
	if err != nil {
		return []string{address}
	}
	parts := strings.FieldsFunc(at.Path+"/"+at.RawQuery, func(r rune) bool { return strings.ContainsRune("/=&", r) })
	all := append([]string{address, at.RequestURI(), at.EscapedPath(), at.Path}, parts...)
	return slices.DeleteFunc(all, func(part string) bool { return len(part) < shortestHidden })
}

const shortestHidden = 8 // shorter parts, such as /ping, are words
