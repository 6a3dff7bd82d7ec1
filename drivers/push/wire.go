package push

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https"
)

const (
	longestAnswer = 1 << 20 // bytes that are read; a channel's last hour may be long
	longestWait   = time.Hour
)

// question is one request to a service, and how it is answered.
type question struct {
	method, url string
	header      map[string]string
	body        any    // as JSON; nil: none
	plain       string // the whole of a good answer that is not JSON
}

// advice is of what a service refuses for its account's sake.
func advice(s service) map[int]string {
	return map[int]string{
		http.StatusUnauthorized: s.renew(), http.StatusForbidden: s.renew(), http.StatusNotFound: s.renew(),
		0: "the service does not take this message: " + s.renew(),
	}
}

// ask makes a request and returns its good answer.
func (p *Pusher) ask(ctx context.Context, q question) ([]byte, error) {
	r := https.Request{Method: q.method, URL: q.url, Header: q.header}
	if q.body != nil {
		var err error
		if r.Body, err = json.Marshal(q.body); err != nil {
			return nil, &delivery.Error{Fate: delivery.Never, Err: err}
		}
	}
	a, no := p.client.Ask(ctx, r)
	if no != nil {
		return nil, no
	}
	speaks := a.JSON()
	switch {
	case a.Code < 200 || a.Code >= 300 || !speaks && (q.plain == "" || strings.TrimSpace(string(a.Text)) != q.plain):
		return nil, p.judge(a, speaks || q.plain != "")
	case a.Torn != nil || q.plain == "" && !json.Valid(a.Text):
		return nil, a.Unread(errors.New("its answer broke off"))
	}
	return a.Text, nil
}

// judge is the fate of an answer that is not good. Services tell in the body
// what is wrong, and some of them how long to wait.
func (p *Pusher) judge(a *https.Answer, speaks bool) error {
	var e struct {
		Error, Description, Message string
		Millis                      int64 `json:"retry_after_ms"` // Matrix
		Parameters                  struct {
			After int64 `json:"retry_after"` // Telegram
		}
	}
	said := a.Said()
	if a.JSON() && json.Unmarshal(a.Text, &e) == nil && e.Error+e.Description+e.Message != "" {
		said = p.client.Line(e.Error + e.Description + e.Message)
	}
	no := a.Judge(speaks, said)
	wait := upTo(e.Millis, time.Millisecond) + upTo(e.Parameters.After, time.Second)
	if a.Busy() && wait > 0 {
		no.After = min(wait, longestWait)
	}
	return no
}

// upTo is so many units, from none to the longest wait.
func upTo(n int64, unit time.Duration) time.Duration {
	return time.Duration(min(max(n, 0), int64(longestWait/unit))) * unit
}
