package slacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// arguments are a request's, from JSON, a form or the query alike.
type arguments map[string]any

func read(r *http.Request) (arguments, error) {
	args := arguments{}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return args, json.NewDecoder(r.Body).Decode(&args)
	}
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	for key, values := range r.Form {
		args[key] = values[0]
	}
	return args, nil
}

func (a arguments) text(key string) string {
	if s, ok := a[key].(string); ok {
		return s
	}
	return ""
}

func (a arguments) yes(key string) bool { return a[key] == true || a[key] == "true" || a[key] == "1" }

// metadata is an object, or in a form its JSON.
func (a arguments) metadata() (*Metadata, bool) {
	v, ok := a["metadata"]
	if !ok {
		return nil, true
	}
	raw, isText := v.(string)
	if !isText {
		b, _ := json.Marshal(v) // it came from JSON
		raw = string(b)
	}
	m := new(Metadata)
	return m, json.Unmarshal([]byte(raw), m) == nil && m.Type != "" && m.Payload != nil
}

// limit is how many rows a page has.
func (s *Slack) limit(a arguments) int {
	n, err := strconv.Atoi(fmt.Sprint(a["limit"]))
	if err != nil || n < 1 {
		n = 100
	}
	if s.Rows > 0 {
		n = min(n, s.Rows)
	}
	return n
}

// page cuts a list at the cursor, which is a number in disguise.
func page[T any](s *Slack, a arguments, key string, all []T) answer {
	from := 0
	if c := a.text("cursor"); c != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(c, "next:"))
		if err != nil || n > len(all) {
			return no("invalid_cursor")
		}
		from = n
	}
	to, next := min(from+s.limit(a), len(all)), ""
	if to < len(all) {
		next = fmt.Sprintf("next:%d", to)
	}
	return yes(map[string]any{key: append([]T{}, all[from:to]...), "has_more": next != "", "response_metadata": map[string]any{"next_cursor": next}})
}

func (s *Slack) list(a arguments) answer {
	if a.text("types") == "private_channel" {
		return answer{body: map[string]any{"ok": false, "error": "missing_scope", "needed": "groups:read", "provided": "channels:read"}}
	}
	var all []map[string]any
	for _, c := range s.channels {
		if c.member && !c.archived {
			all = append(all, map[string]any{"id": c.id, "name": c.name, "is_channel": true, "is_private": false, "is_archived": c.archived})
		}
	}
	return page(s, a, "channels", all)
}

// readable finds the channel of a request, which must name it by its id.
func (s *Slack) readable(a arguments) (*channel, string) {
	c := s.channel(a.text("channel"))
	switch {
	case c == nil || c.id != a.text("channel"):
		return nil, "channel_not_found"
	case !c.member:
		return nil, "not_in_channel"
	}
	return c, ""
}

func (s *Slack) history(a arguments) answer {
	c, word := s.readable(a)
	if word != "" {
		return no(word)
	}
	var all []*Message
	for _, m := range slices.Backward(c.messages) {
		if m.Thread == "" || m.Thread == m.TS || m.Broadcast {
			all = append(all, show(m, a))
		}
	}
	return page(s, a, "messages", all)
}

func (s *Slack) replies(a arguments) answer {
	c, word := s.readable(a)
	if word != "" {
		return no(word)
	}
	root := c.message(a.text("ts"))
	if root == nil {
		return no("thread_not_found")
	}
	all := []*Message{show(root, a)}
	for _, m := range c.messages {
		if m.Thread == root.TS && m != root && m.TS > a.text("oldest") {
			all = append(all, show(m, a))
		}
	}
	return page(s, a, "messages", all)
}

// show leaves metadata out unless it is asked for.
func show(m *Message, a arguments) *Message {
	c := *m
	if !a.yes("include_all_metadata") {
		c.Metadata = nil
	}
	return &c
}

func (c *channel) message(ts string) *Message {
	if i := slices.IndexFunc(c.messages, func(m *Message) bool { return m.TS == ts }); i >= 0 {
		return c.messages[i]
	}
	return nil
}

// writable is a channel that takes messages.
func (s *Slack) writable(a arguments) (*channel, string) {
	c := s.channel(a.text("channel"))
	switch {
	case c == nil:
		return nil, "channel_not_found"
	case c.archived:
		return nil, "is_archived"
	case !c.member:
		return nil, "not_in_channel"
	case a.text("text") == "":
		return nil, "no_text"
	case len([]rune(a.text("text"))) > 40_000:
		return nil, "msg_too_long"
	}
	return c, ""
}

func (s *Slack) post(a arguments) answer {
	c, word := s.writable(a)
	meta, ok := a.metadata()
	switch {
	case word != "":
		return no(word)
	case !ok:
		return no("invalid_metadata_format")
	case s.Paced && s.now().Sub(c.last) < time.Second:
		return slowDown(map[string]any{"ok": false, "error": "ratelimited"}, "")
	}
	client := a.text("client_msg_id")
	for _, m := range c.messages {
		if s.Unique && client != "" && m.Client == client {
			return yes(map[string]any{"channel": c.id, "ts": m.TS, "message": m})
		}
	}
	m := &Message{Type: "message", Subtype: "bot_message", Bot: "B0123", Text: a.text("text"), Client: client, Metadata: meta}
	if thread := a.text("thread_ts"); thread != "" {
		root := c.message(thread)
		if root == nil || root.Thread != "" && root.Thread != root.TS {
			return no("thread_not_found")
		}
		root.Thread = root.TS
		root.Replies++
		m.Thread, m.Broadcast = thread, a.yes("reply_broadcast")
		if m.Broadcast {
			m.Subtype = "thread_broadcast"
		}
	}
	m.TS, c.last = s.stamp(c), s.now()
	c.messages = append(c.messages, m)
	return yes(map[string]any{"channel": c.id, "ts": m.TS, "message": m})
}

func (s *Slack) update(a arguments) answer {
	c, word := s.writable(a)
	meta, ok := a.metadata()
	switch {
	case word != "":
		return no(word)
	case c.id != a.text("channel"):
		return no("channel_not_found")
	case !ok:
		return no("invalid_metadata_format")
	}
	m := c.message(a.text("ts"))
	if m == nil {
		return no("message_not_found")
	}
	m.Text, m.Edited = a.text("text"), &Edited{User: "U0123", TS: s.stamp(c)}
	if meta != nil {
		m.Metadata = meta
	}
	return yes(map[string]any{"channel": c.id, "ts": m.TS, "text": m.Text, "message": m})
}

func (s *Slack) permalink(a arguments) answer {
	c, word := s.readable(a)
	if word != "" || c.message(a.text("message_ts")) == nil {
		return no("message_not_found")
	}
	link := "https://example.slack.com/archives/" + c.id + "/p" + strings.Replace(a.text("message_ts"), ".", "", 1)
	return yes(map[string]any{"channel": c.id, "permalink": link})
}

func (s *Slack) pin(a arguments) answer {
	c, word := s.readable(a)
	ts := a.text("timestamp")
	switch {
	case word != "":
		return no(word)
	case c.message(ts) == nil:
		return no("message_not_found")
	case slices.Contains(c.pins, ts):
		return no("already_pinned")
	}
	c.pins = append(c.pins, ts)
	return yes(map[string]any{})
}

func (s *Slack) unpin(a arguments) answer {
	c, word := s.readable(a)
	ts := a.text("timestamp")
	switch {
	case word != "":
		return no(word)
	case !slices.Contains(c.pins, ts):
		return no("no_pin")
	}
	c.pins = slices.DeleteFunc(c.pins, func(p string) bool { return p == ts })
	return yes(map[string]any{})
}

// webhook posts into the first channel.
func (s *Slack) webhook(r *http.Request) answer {
	var body struct{ Text string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return answer{status: http.StatusBadRequest, plain: "invalid_payload"}
	}
	c := s.channels[0]
	switch {
	case body.Text == "":
		return answer{status: http.StatusBadRequest, plain: "no_text"}
	case c.archived:
		return answer{status: http.StatusGone, plain: "channel_is_archived"}
	case s.Paced && s.now().Sub(c.last) < time.Second:
		return slowDown(nil, "rate_limited")
	}
	c.last = s.now()
	c.messages = append(c.messages, &Message{Type: "message", Subtype: "bot_message", Bot: "B0123", Text: body.Text, TS: s.stamp(c)})
	return answer{plain: "ok"}
}
