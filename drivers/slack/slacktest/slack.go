// Package slacktest is a workspace at Slack as far as its Web API and its
// incoming webhooks show it, with the faults that a test orders.
package slacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"heliograph/drivers/https/fault"
)

// Fault is what goes wrong with one request.
type Fault = fault.Fault

// Slack is an http.Handler that serves /api/METHOD and /services/…, the
// webhook. Set its fields before its first request.
type Slack struct {
	Token   string
	Scopes  string           // what auth.test's header names; empty: no header
	Webhook string           // the path of the webhook, such as /services/T0/B0/x
	Now     func() time.Time // nil: time.Now
	Paced   bool             // more than one message a second in a channel is refused with 429
	Unique  bool             // a second message with the same client_msg_id is not posted
	Rows    int              // of a page at most; zero: as asked for

	fault.Menu // what goes wrong, by method: "chat.postMessage", "webhook"

	mu       sync.Mutex
	channels []*channel
	log      []string
}

type channel struct {
	id, name string
	member   bool
	archived bool
	messages []*Message // oldest first, replies among them
	pins     []string
	last     time.Time // of the last message
	micros   int64     // of the last time stamp
}

// Message is a message as the API shows it.
type Message struct {
	Type      string    `json:"type"`
	Subtype   string    `json:"subtype,omitempty"`
	TS        string    `json:"ts"`
	Thread    string    `json:"thread_ts,omitempty"`
	Bot       string    `json:"bot_id"`
	Text      string    `json:"text"`
	Client    string    `json:"client_msg_id,omitempty"`
	Edited    *Edited   `json:"edited,omitempty"`
	Metadata  *Metadata `json:"metadata,omitempty"`
	Broadcast bool      `json:"-"`
	Replies   int       `json:"reply_count,omitempty"`
}

// Edited is when a message was changed.
type Edited struct {
	User string `json:"user"`
	TS   string `json:"ts"`
}

// Metadata is what an app hangs on its messages.
type Metadata struct {
	Type    string         `json:"event_type"`
	Payload map[string]any `json:"event_payload"`
}

// AddChannel makes a channel; the bot is in it unless it is told otherwise.
func (s *Slack) AddChannel(id, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels = append(s.channels, &channel{id: id, name: name, member: true})
}

// Leave takes the bot out of a channel.
func (s *Slack) Leave(id string) { s.change(id, func(c *channel) { c.member = false }) }

// Archive closes a channel.
func (s *Slack) Archive(id string) { s.change(id, func(c *channel) { c.archived = true }) }

// Delete takes a message away, as somebody in the channel would.
func (s *Slack) Delete(id, ts string) {
	s.change(id, func(c *channel) {
		c.messages = slices.DeleteFunc(c.messages, func(m *Message) bool { return m.TS == ts })
		c.pins = slices.DeleteFunc(c.pins, func(p string) bool { return p == ts })
	})
}

// Chat posts what somebody else says.
func (s *Slack) Chat(id, text string) {
	s.change(id, func(c *channel) {
		c.messages = append(c.messages, &Message{Type: "message", TS: s.stamp(c), Text: text})
	})
}

func (s *Slack) change(id string, do func(*channel)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do(s.channel(id))
}

// Messages are copies of all messages of a channel, the oldest first.
func (s *Slack) Messages(id string) []Message {
	var all []Message
	s.change(id, func(c *channel) {
		for _, m := range c.messages {
			all = append(all, *m)
		}
	})
	return all
}

// Pins are the time stamps of what is pinned.
func (s *Slack) Pins(id string) []string {
	var pins []string
	s.change(id, func(c *channel) { pins = slices.Clone(c.pins) })
	return pins
}

// Requests are the methods called since the last call.
func (s *Slack) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := s.log
	s.log = nil
	return log
}

// channel finds one by id or name.
func (s *Slack) channel(id string) *channel {
	id = strings.TrimPrefix(id, "#")
	if i := slices.IndexFunc(s.channels, func(c *channel) bool { return c.id == id || c.name == id }); i >= 0 {
		return s.channels[i]
	}
	return nil
}

func (s *Slack) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// stamp is a time stamp that no message of the channel has: seconds and six
// decimals, rising.
func (s *Slack) stamp(c *channel) string {
	c.micros = max(s.now().UnixMicro(), c.micros+1)
	return fmt.Sprintf("%d.%06d", c.micros/1e6, c.micros%1e6)
}

// ServeHTTP answers as Slack would, but for the faults that were ordered.
func (s *Slack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	if r.URL.Path == s.Webhook {
		method = "webhook"
	}
	s.log = append(s.log, method)
	s.Serve(w, method, func(w http.ResponseWriter) {
		a := s.answer(method, r)
		a.write(w)
	})
}

// answer is what goes back; a status of zero is 200.
type answer struct {
	status int
	header http.Header
	body   any    // shown as JSON
	plain  string // a webhook's, instead
}

func (a *answer) text() []byte {
	if a.plain != "" {
		return []byte(a.plain)
	}
	text, err := json.Marshal(a.body)
	if err != nil {
		panic(err)
	}
	return text
}

func (a *answer) write(w http.ResponseWriter) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", a.kind())
	w.WriteHeader(max(a.status, http.StatusOK))
	w.Write(a.text())
}

func (a *answer) kind() string {
	if a.plain != "" {
		return "text/html"
	}
	return "application/json; charset=utf-8"
}

func yes(body map[string]any) answer {
	body["ok"] = true
	return answer{body: body}
}

func no(word string) answer { return answer{body: map[string]any{"ok": false, "error": word}} }

func slowDown(body any, plain string) answer {
	return answer{status: http.StatusTooManyRequests, header: http.Header{"Retry-After": {"1"}}, body: body, plain: plain}
}

func (s *Slack) answer(method string, r *http.Request) answer {
	if method == "webhook" {
		return s.webhook(r)
	}
	args, err := read(r)
	if err != nil {
		return no("invalid_json")
	}
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case !bearer && args.text("token") == "":
		return no("not_authed")
	case token != s.Token && args.text("token") != s.Token:
		return no("invalid_auth")
	}
	methods := map[string]func(arguments) answer{
		"auth.test": s.authTest, "users.conversations": s.list, "conversations.list": s.list,
		"conversations.history": s.history, "conversations.replies": s.replies,
		"chat.postMessage": s.post, "chat.update": s.update, "chat.getPermalink": s.permalink,
		"pins.add": s.pin, "pins.remove": s.unpin,
	}
	do, ok := methods[method]
	if !ok {
		return no("unknown_method")
	}
	return do(args)
}

func (s *Slack) authTest(arguments) answer {
	a := yes(map[string]any{"url": "https://example.slack.com/", "team": "Example", "user": "heliograph", "team_id": "T0123", "user_id": "U0123", "bot_id": "B0123"})
	if s.Scopes != "" {
		a.header = http.Header{"X-Oauth-Scopes": {s.Scopes}}
	}
	return a
}
