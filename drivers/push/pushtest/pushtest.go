// Package pushtest is ntfy, Telegram, Matrix and Mattermost as far as a
// message needs them: what they ask for, how they refuse, and what each takes
// for a repeat.
package pushtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// What each service asks for.
const (
	NtfyToken     = "tk_ntfytoken"
	TelegramToken = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
	MatrixToken   = "syt_matrixtoken"
	Hook          = "hookkey1"
	BotToken      = "mattermosttoken"
)

// Shown is a message as people see it.
type Shown struct {
	Target, Title, Text string
	Priority            int
	Silent              bool
}

// Services are all four, told apart by their paths.
type Services struct {
	mu    sync.Mutex
	shown []Shown
	seen  map[string]string // what a repeat is known by -> the id that was given
	posts map[string]any    // Mattermost's, by id
}

// Shown lists what people see.
func (s *Services) Shown() []Shown {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Shown(nil), s.shown...)
}

func (s *Services) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", s.ntfy)
	mux.HandleFunc("GET /v1/health", say(200, `{"healthy":true}`))
	mux.HandleFunc("/bot"+TelegramToken+"/{method}", s.telegram)
	mux.HandleFunc("/_matrix/client/v3/", s.matrix)
	mux.HandleFunc("POST /hooks/{key}", s.hook)
	mux.HandleFunc("/api/v4/", s.mattermost)
	mux.ServeHTTP(w, r)
}

func say(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

// keep shows a message unless it is a repeat, and returns its id.
func (s *Services) keep(repeat string, m Shown) string {
	if id, ok := s.seen[repeat]; ok && repeat != "" {
		return id
	}
	if s.seen == nil {
		s.seen, s.posts = map[string]string{}, map[string]any{}
	}
	s.shown = append(s.shown, m)
	id := fmt.Sprintf("%d", 100+len(s.shown))
	s.seen[repeat] = id
	return id
}

func (s *Services) ntfy(w http.ResponseWriter, r *http.Request) {
	var m struct {
		Topic, Title, Message string
		Priority              int
	}
	switch {
	case r.Header.Get("Authorization") != "Bearer "+NtfyToken:
		say(403, `{"code":40301,"http":403,"error":"forbidden"}`)(w, r)
	case json.NewDecoder(r.Body).Decode(&m) != nil || m.Topic == "" || m.Priority < 0 || m.Priority > 5:
		say(400, `{"code":40024,"http":400,"error":"invalid request: request body must be valid JSON"}`)(w, r)
	default:
		id := s.keep(r.Header.Get("X-Sequence-ID"), Shown{Target: m.Topic, Title: m.Title, Text: m.Message, Priority: m.Priority})
		say(200, fmt.Sprintf(`{"id":%q,"time":1700540523,"event":"message","topic":%q}`, id, m.Topic))(w, r)
	}
}

func (s *Services) telegram(w http.ResponseWriter, r *http.Request) {
	var m struct {
		Chat   string `json:"chat_id"`
		Text   string
		Silent bool `json:"disable_notification"`
	}
	switch {
	case r.PathValue("method") == "getMe":
		say(200, `{"ok":true,"result":{"id":110201543,"is_bot":true}}`)(w, r)
	case json.NewDecoder(r.Body).Decode(&m) != nil || m.Text == "" || len(m.Text) > 4096:
		say(400, `{"ok":false,"error_code":400,"description":"Bad Request: message text is empty"}`)(w, r)
	case m.Chat == "@gone":
		say(400, `{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}`)(w, r)
	default:
		say(200, fmt.Sprintf(`{"ok":true,"result":{"message_id":%s}}`, s.keep("", Shown{Target: m.Chat, Text: m.Text, Silent: m.Silent})))(w, r)
	}
}

func (s *Services) matrix(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/_matrix/client/v3/"), "/")
	var m struct{ MsgType, Body string }
	switch {
	case r.Header.Get("Authorization") != "Bearer "+MatrixToken:
		say(401, `{"errcode":"M_UNKNOWN_TOKEN","error":"Invalid access token passed."}`)(w, r)
	case parts[0] == "account":
		say(200, `{"user_id":"@noc:example.com"}`)(w, r)
	case len(parts) == 3 && parts[0] == "directory" && parts[2] == "#noc:example.com":
		say(200, `{"room_id":"!abc:example.com","servers":["example.com"]}`)(w, r)
	case len(parts) != 5 || r.Method != http.MethodPut || parts[3] != "m.room.message" || json.NewDecoder(r.Body).Decode(&m) != nil:
		say(404, `{"errcode":"M_UNRECOGNIZED","error":"Unrecognized request"}`)(w, r)
	case parts[1] != "!abc:example.com":
		say(403, `{"errcode":"M_FORBIDDEN","error":"User not in room"}`)(w, r)
	default:
		say(200, fmt.Sprintf(`{"event_id":"$%s"}`, s.keep(parts[4], Shown{Target: parts[1], Text: m.Body})))(w, r)
	}
}

func (s *Services) hook(w http.ResponseWriter, r *http.Request) {
	var m struct{ Text, Channel string }
	switch {
	case r.PathValue("key") != Hook:
		say(400, `{"id":"web.incoming_webhook.invalid.app_error","message":"Invalid webhook.","status_code":400}`)(w, r)
	case json.NewDecoder(r.Body).Decode(&m) != nil || m.Text == "":
		say(400, `{"id":"web.incoming_webhook.text.app_error","message":"No text specified.","status_code":400}`)(w, r)
	default:
		s.keep("", Shown{Target: m.Channel, Text: m.Text})
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprint(w, "ok")
	}
}

func (s *Services) mattermost(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/v4/system/ping" {
		say(200, `{"status":"OK"}`)(w, r)
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+BotToken {
		say(401, `{"id":"api.context.session_expired.app_error","message":"Invalid or expired session, please login again.","status_code":401}`)(w, r)
		return
	}
	switch strings.TrimPrefix(r.URL.Path, "/api/v4/") {
	case "users/me":
		say(200, `{"id":"bot","username":"heliograph"}`)(w, r)
	case "channels/ch4nnel/posts":
		list, _ := json.Marshal(map[string]any{"order": []string{}, "posts": s.posts})
		say(200, string(list))(w, r)
	case "posts":
		var m struct {
			Channel string `json:"channel_id"`
			Message string
			Props   map[string]any
		}
		if json.NewDecoder(r.Body).Decode(&m) != nil || m.Channel != "ch4nnel" {
			say(403, `{"id":"api.context.permissions.app_error","message":"You do not have the appropriate permissions.","status_code":403}`)(w, r)
			return
		}
		// The cache of pending ids ends after 30 s: a repeat that comes later is a second post.
		id := s.keep("", Shown{Target: m.Channel, Text: m.Message})
		s.posts[id] = map[string]any{"id": id, "message": m.Message, "props": m.Props}
		say(201, fmt.Sprintf(`{"id":%q,"create_at":1700540523000}`, id))(w, r)
	default:
		say(404, `{"id":"api.context.404.app_error","message":"Sorry, we could not find the page.","status_code":404}`)(w, r)
	}
}
