package site

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https"
)

// putter puts files by HTTP.
type putter struct {
	o      Options
	client *https.Client
}

const (
	refused = "the host refuses the user or the secret: renew it there, and put the new one into its file"
	nowhere = "the host does not take files at put.url: look whether the folder is there and PUT is allowed"
)

func openPut(o Options) (host, error) {
	o.Put.URL = strings.TrimSuffix(o.Put.URL, "/") + "/"
	if _, ok := https.Secure(o.Put.URL); !ok {
		return nil, errors.New("put.url: give an address that begins with https:// and holds no password")
	}
	if o.Put.Secret == "" || strings.ContainsAny(o.Put.Secret, "\r\n") {
		return nil, errors.New("put.secret: give the user's password, or a bearer token, in one line")
	}
	return &putter{o, https.New(https.Options{
		Dial: o.Dial, TLS: o.TLS, Whom: "the host", Secrets: []string{o.Put.Secret},
		Advice: map[int]string{http.StatusUnauthorized: refused, http.StatusForbidden: refused, 0: nowhere},
	})}, nil
}

func (p *putter) put(ctx context.Context, files []file) error {
	defer p.client.HangUp()
	for _, f := range files {
		a, err := p.ask(ctx, http.MethodPut, f)
		if err != nil {
			return err
		}
		if a.Code != http.StatusCreated && a.Code != http.StatusNoContent && (a.Code != http.StatusOK || a.Page()) {
			return judgePut(a, f.name)
		}
	}
	return nil
}

// check asks for the page as whoever puts it: a server that knows us may say
// that it is not there yet, or that it does not know how to say so.
func (p *putter) check(ctx context.Context) error {
	defer p.client.HangUp()
	a, err := p.ask(ctx, http.MethodHead, file{name: "index.html"})
	if err != nil || a.Code == http.StatusOK || a.Code == http.StatusNotFound || a.Code == http.StatusMethodNotAllowed {
		return err
	}
	return judgePut(a, "index.html")
}

func (p *putter) ask(ctx context.Context, method string, f file) (*https.Answer, error) {
	r := https.Request{Method: method, URL: p.o.Put.URL + url.PathEscape(f.name), Harmless: true, Body: f.text,
		Header: map[string]string{"Authorization": "Bearer " + p.o.Put.Secret}}
	if f.kind != "" {
		r.Header["Content-Type"] = f.kind
	}
	if p.o.Put.User != "" {
		r.Header["Authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte(p.o.Put.User+":"+p.o.Put.Secret))
	}
	a, no := p.client.Ask(ctx, r)
	if no != nil {
		no.Err = fmt.Errorf("putting %s: %w", f.name, no.Err)
		return nil, no
	}
	return a, nil
}

// judgePut: what a host refuses is its own trouble, never one file's.
func judgePut(a *https.Answer, name string) error {
	no := a.Judge(true, a.Said())
	if a.Busy() {
		no.Err = errors.New("the host is busy")
	}
	if no.Fate == delivery.Never {
		no.Fate, no.Worker = delivery.Retry, true
	}
	no.Err = fmt.Errorf("putting %s: %w", name, no.Err)
	return no
}
