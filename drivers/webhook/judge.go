package webhook

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"heliograph/drivers/delivery"
)

const (
	longestAnswer = 16 << 10 // bytes that are read
	longestSaid   = 120
	calm          = time.Minute // after an answer that asks for patience and names no time
)

// lost is an exchange that broke: before all was written nothing can have
// happened, afterwards it may have.
func lost(err error, written bool) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // its text holds the address, in which there may be a secret
	}
	if written {
		return &delivery.Error{Fate: delivery.Unsure, Err: fmt.Errorf("no answer came: %w", err)}
	}
	e := &delivery.Error{Fate: delivery.Retry, Worker: true, Err: err}
	var bad *tls.CertificateVerificationError
	if errors.As(err, &bad) {
		e.Advice = "something between answers in the webhook's place, its certificate is out of date, or the box's clock is wrong"
	}
	return e
}

// judge reads an answer; what it returns first is for the timeline.
func (h *Hook) judge(res *http.Response, text []byte) (string, error) {
	code := res.StatusCode
	said := h.excerpt(text)
	e := &delivery.Error{Fate: delivery.Retry, Code: "HTTP " + strconv.Itoa(code), Err: errors.New(said)}
	switch {
	case code >= 200 && code < 300 && !page(text):
		return strings.TrimSpace(strconv.Itoa(code) + " " + said), nil
	case code < 400: // a web page in place of an answer, or a way to one
		e.Worker, e.Err = true, fmt.Errorf("something between answered: %s", strings.TrimSpace(said+elsewhere(res)))
		e.Advice = "it answers with a web page or points elsewhere: compare the address with the receiver's"
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		e.Worker, e.Advice = true, "the receiver refuses the signature or the token: put the same secret and token on both sides, and look at its clock"
	case code == http.StatusNotFound || code == http.StatusMethodNotAllowed || code == http.StatusGone:
		e.Worker, e.Advice = true, "nothing takes webhooks at that address: compare it with the receiver's"
	case code == 420 || code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		e.After = after(res.Header.Get("Retry-After"))
	case code == http.StatusRequestTimeout || code == http.StatusConflict || code == http.StatusTooEarly || code >= 500:
		// 409 is how receivers answer while an earlier request of the same key is still at work.
	default:
		e.Fate, e.Advice = delivery.Never, "the receiver does not take this message: read its log"
	}
	return "", e
}

// page tells whether an answer is a web page, whatever it calls itself: PHP
// calls every answer text/html, an empty one too.
func page(text []byte) bool {
	return strings.HasPrefix(http.DetectContentType(text), "text/html")
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

// excerpt is the beginning of an answer in one line, without our secrets.
func (h *Hook) excerpt(text []byte) string {
	said := strings.ToValidUTF8(string(text[:min(len(text), 4*longestSaid)]), "")
	for _, secret := range []string{h.o.Secret, h.o.Token} {
		if secret != "" {
			said = strings.ReplaceAll(said, secret, "…")
		}
	}
	said = strings.Join(strings.Fields(said), " ")
	return strings.ToValidUTF8(said[:min(len(said), longestSaid)], "")
}
