package splynx

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"heliograph/drivers/delivery"
)

// counter hands out nonces: the time in hundredths of a second, and always more
// than the last, also across restarts and when the clock went back.
type counter struct {
	memory Memory
	now    func() time.Time

	mu      sync.Mutex
	read    bool
	last    int64
	granted int64 // no higher one is handed out before it is remembered
}

const (
	nonces = "nonce"
	ahead  = 6000 // nonces that are remembered at once: a minute's worth
)

func (c *counter) next(unit time.Duration) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.read {
		text, err := c.memory.Load(nonces)
		if err != nil {
			return "", fmt.Errorf("reading the last nonce: %w", err)
		}
		c.last, _ = strconv.ParseInt(string(text), 10, 64) // what is broken counts from the clock
		c.granted, c.read = c.last, true
	}
	n := max(c.last+1, c.now().UnixMilli()/unit.Milliseconds())
	if n > c.granted {
		if err := c.memory.Store(nonces, strconv.AppendInt(nil, n+ahead, 10)); err != nil {
			return "", fmt.Errorf("remembering the nonce: %w", err)
		}
		c.granted = n + ahead
	}
	c.last = n
	return strconv.FormatInt(n, 10), nil
}

// sign is what Splynx compares: HMAC-SHA256 of nonce and key, in capitals.
func (w *wire) sign(nonce string) string {
	mac := hmac.New(sha256.New, []byte(w.o.Secret))
	mac.Write([]byte(nonce + w.o.Key))
	return strings.ToUpper(hex.EncodeToString(mac.Sum(nil)))
}

// prove is the Authorization of the next request.
func (w *wire) prove(ctx context.Context) (string, *refusal) {
	switch w.o.Auth {
	case "basic":
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(w.o.Key+":"+w.o.Secret)), nil
	case "token":
		if no := w.login(ctx); no != nil {
			return "", no
		}
		return "Splynx-EA (access_token=" + w.token.Access + ")", nil
	}
	nonce, err := w.nonce.next(10 * time.Millisecond)
	if err != nil {
		return "", forgetful(err)
	}
	q := url.Values{"key": {w.o.Key}, "nonce": {nonce}, "signature": {w.sign(nonce)}}
	return "Splynx-EA (" + q.Encode() + ")", nil
}

func forgetful(err error) *refusal {
	return &refusal{Error: delivery.Error{Fate: delivery.Retry, Worker: true, Advice: "see to the box's disk", Err: err}}
}

// token is what a log-in gives, for half an hour.
type token struct {
	Access  string `json:"access_token"`
	Until   whole  `json:"access_token_expiration"`
	Refresh string `json:"refresh_token"`
	Renewed whole  `json:"refresh_token_expiration"`
}

func (t *token) odd() string {
	if t.Access == "" {
		return "a log-in without a token"
	}
	return ""
}

const early = time.Minute // before a token ends, it is renewed

// login has a token that lasts: the one there is, or renewed, or a new one.
func (w *wire) login(ctx context.Context) *refusal {
	soon := whole(w.o.Now().Add(early).Unix())
	if w.token.Access != "" && w.token.Until > soon {
		return nil
	}
	if old := w.token; old.Refresh != "" && old.Renewed > soon {
		w.token = token{}
		no := w.once(ctx, http.MethodGet, tokens+"/"+url.PathEscape(old.Refresh), "", nil, &w.token)
		if no == nil || no.status == 0 || no.status >= 500 {
			return no
		}
	}
	w.token = token{}
	nonce, err := w.nonce.next(time.Second)
	if err != nil {
		return forgetful(err)
	}
	body, _ := json.Marshal(map[string]string{"auth_type": "api_key", "key": w.o.Key, "nonce": nonce, "signature": w.sign(nonce)}) // of strings
	return w.once(ctx, http.MethodPost, tokens, "", body, &w.token)
}

// stale are the refusals that a new log-in mends.
var stale = map[string]bool{
	"EXPIRED_ACCESS_TOKEN": true, "EMPTY_ACCESS_TOKEN": true, "TOKEN_BANNED": true, "IP_CHANGED": true, "USER_AGENT_CHANGED": true,
	"EXPIRED_REFRESH_TOKEN": true,
}
