package statuspage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https"
)

const largest = 2 << 20 // bytes of an answer that are read

// wire makes requests, one at a time and no faster than allowed.
type wire struct {
	*https.Client
	base  string
	token string
	gap   time.Duration // between two requests
	next  time.Time     // no request before this
	held  bool          // the page said so
}

const renew = "the page refuses the token: make a new API key in its console and put it into the token's file"

var advice = map[int]string{
	http.StatusUnauthorized: renew, http.StatusForbidden: renew,
	http.StatusNotFound: "there is no such page for this token: compare the page's id with its console",
	0:                   "the page did not take this text: post it by hand",
}

func newWire(o Options, gap time.Duration) *wire {
	return &wire{base: o.Base, token: o.Token, gap: gap, Client: https.New(https.Options{
		Dial: o.Dial, TLS: o.TLS, Whom: "the page", Secrets: []string{o.Token}, Longest: largest, Advice: advice,
	})}
}

// refusal is a request that did not end well.
type refusal struct {
	delivery.Error
	status int  // of HTTP; zero: no answer
	doubt  bool // it may have been carried out all the same
	said   string
}

func broken(e *delivery.Error) *refusal {
	return &refusal{Error: *e, doubt: e.Fate == delivery.Unsure}
}

// ask makes one request and reads the answer into out. A nil in is a GET.
func (w *wire) ask(ctx context.Context, method, path string, in, out any) *refusal {
	if no := w.pace(ctx); no != nil {
		return no
	}
	r := https.Request{Method: method, URL: w.base + path, Header: map[string]string{"Authorization": "OAuth " + w.token}}
	if in != nil {
		var err error
		if r.Body, err = json.Marshal(in); err != nil {
			return &refusal{Error: delivery.Error{Fate: delivery.Never, Err: err}}
		}
	}
	a, no := w.Ask(ctx, r)
	if no != nil {
		return broken(no)
	}
	if no := w.judge(a, method != http.MethodGet); no != nil {
		return no
	}
	err := a.Torn
	if err == nil {
		err = json.Unmarshal(a.Text, out)
	}
	if err != nil {
		return broken(a.Unread(err))
	}
	return nil
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
		return &refusal{Error: delivery.Error{Fate: delivery.Retry, Worker: true, Err: ctx.Err()}}
	}
	w.next, w.held = time.Now().Add(w.gap), false
	return nil
}

// judge is nil for an answer that is good.
func (w *wire) judge(a *https.Answer, writes bool) *refusal {
	speaks := a.JSON()
	if a.Code >= 200 && a.Code < 300 && speaks {
		return nil
	}
	said := w.excerpt(a)
	no := &refusal{Error: *a.Judge(speaks, said), status: a.Code, said: said, doubt: writes && (a.Code >= 500 || !speaks && a.Code < 300)}
	if a.Busy() {
		w.next, w.held = time.Now().Add(no.After), true
	}
	return no
}

// excerpt is what an answer says, in one short line: the API's error, which is
// a word or a list, or the beginning of whatever else it is.
func (w *wire) excerpt(a *https.Answer) string {
	var e struct{ Error, Message any }
	if a.JSON() && json.Unmarshal(a.Text, &e) == nil {
		for _, v := range []any{e.Error, e.Message} {
			if v != nil {
				return w.Line(fmt.Sprint(v))
			}
		}
	}
	return a.Said()
}
