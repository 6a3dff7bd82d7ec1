package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https"
)

const (
	largest = 2 << 20 // bytes of an answer that are read
	calm    = 30 * time.Second
)

// wire makes requests, one at a time.
type wire struct {
	*https.Client
	base    string
	token   string
	webhook string
	next    time.Time // no request before this: Slack said so
}

func newWire(o Options) *wire {
	return &wire{base: o.Base, token: o.Token, webhook: o.Webhook, Client: https.New(https.Options{
		Dial: o.Dial, TLS: o.TLS, Whom: "Slack", Secrets: append(https.Hidden(o.Webhook), o.Token), Longest: largest, Calm: calm,
	})}
}

// refusal is a request that did not end well.
type refusal struct {
	delivery.Error
	word  string // Slack's own
	doubt bool   // it may have been carried out all the same
}

func broken(e *delivery.Error) *refusal {
	return &refusal{Error: *e, doubt: e.Fate == delivery.Unsure}
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
	a, no := w.exchange(ctx, how, address, in)
	if no != nil {
		return nil, no
	}
	var says struct {
		OK     *bool
		Error  string
		Needed string
	}
	err := json.Unmarshal(a.Text, &says)
	if err == nil && says.OK == nil {
		return nil, between(a, in != nil)
	}
	if err == nil && !*says.OK {
		return nil, w.refused(a, method, says.Error, says.Needed)
	}
	if err == nil {
		err = json.Unmarshal(a.Text, out)
	}
	if err != nil {
		return nil, broken(a.Unread(err))
	}
	return a.Header, nil
}

// exchange makes one request; what it returns without a refusal is status 200
// and JSON, or from the webhook anything.
func (w *wire) exchange(ctx context.Context, how, address string, in any) (*https.Answer, *refusal) {
	if wait := time.Until(w.next); wait > 0 {
		return nil, &refusal{Error: delivery.Error{Fate: delivery.Retry, After: wait, Err: errors.New("the workspace asked for calm until then")}}
	}
	r := https.Request{Method: how, URL: address, Header: map[string]string{}}
	if in != nil {
		var err error
		if r.Body, err = compact(in); err != nil {
			return nil, &refusal{Error: delivery.Error{Fate: delivery.Never, Err: errors.New("the request cannot be worded")}}
		}
		r.Header["Content-Type"] = "application/json; charset=utf-8"
	}
	if w.token != "" {
		r.Header["Authorization"] = "Bearer " + w.token
	}
	a, no := w.Ask(ctx, r)
	if no != nil {
		return nil, broken(no)
	}
	if no := w.judge(a, how == http.MethodPost); no != nil {
		return nil, no
	}
	if a.Torn != nil {
		return nil, broken(a.Unread(a.Torn))
	}
	return a, nil
}

// compact is JSON in which &amp; and &lt; are not escaped a second time.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// judge reads an answer's status; nil is a good one.
func (w *wire) judge(a *https.Answer, writes bool) *refusal {
	if a.Code == http.StatusOK && (w.webhook != "" || a.JSON()) {
		return nil
	}
	no := &refusal{Error: *a.Judge(false, a.Said()), doubt: writes && (a.Code >= 500 || a.Code < 300), word: word(a.Text)}
	switch {
	case a.Busy():
		w.next = time.Now().Add(no.After)
	case no.word != "" && (w.webhook != "" || a.Code >= 400 && a.Code < 500):
		return w.refused(a, "the request", no.word, "")
	case a.Code == http.StatusNetworkAuthenticationRequired:
		no.doubt = false
	}
	return no
}

// between is an answer that Slack would not give.
func between(a *https.Answer, doubt bool) *refusal {
	return &refusal{doubt: doubt, Error: *a.Between(a.Said())}
}

// refused is Slack's no, whose fate stands in a table.
func (w *wire) refused(a *https.Answer, method, word, needed string) *refusal {
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
		no.After = a.After(calm)
		w.next = time.Now().Add(no.After)
	}
	if v.mend {
		no.After = time.Minute
	}
	return no
}

// single is an error as Slack gives it, in a webhook's answer or in JSON.
var single = regexp.MustCompile(`^[a-z][a-z_]{2,60}$`)

func word(text []byte) string {
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
