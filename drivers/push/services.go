package push

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"heliograph/drivers/delivery"
)

// service is how one kind of address is spoken to.
type service interface {
	targets() []string
	say(target string, m message) question
	taken(answer []byte) string // what the service calls the message
	health() question
	renew() string // what the operator compares or renews when we are refused
	secrets() []string
}

// looker is a service that shows what it has.
type looker interface {
	look() question
	find(answer []byte, key string) string // empty: it is not there
}

// resolver is a service whose targets have another name on the wire.
type resolver interface {
	resolve(target string, ask func(question) ([]byte, error)) (string, error)
}

var services = map[string]func(*url.URL) (service, error){
	"ntfy": openNtfy, "telegram": openTelegram, "matrix": openMatrix, "mattermost": openMattermost,
	"discord": openDiscord, "gotify": openGotify, "pushover": openPushover, "rocketchat": openRocketchat, "googlechat": openGooglechat, "opsgenie": openOpsgenie,
}

// param is a parameter by any of its names, in any case, as shoutrrr reads it.
func param(at *url.URL, names ...string) string {
	for key, values := range at.Query() {
		for _, name := range names {
			if strings.EqualFold(key, name) {
				return values[0]
			}
		}
	}
	return ""
}

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

func bearer(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token}
}

// cut shortens a text to n bytes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n-len("…")], "") + "…"
}

func field(answer []byte, name string) string {
	var all map[string]any
	if json.Unmarshal(answer, &all) != nil {
		return ""
	}
	s, _ := all[name].(string)
	return s
}

// ntfy (docs.ntfy.sh/publish): a message is at most 4096 bytes; servers before
// 2.16 do not know the sequence id and show a repeat twice.
type ntfy struct {
	base, topic, user, password string
	priority                    int // zero: by the incident
	tags                        []string
}

var priorities = map[string]int{"min": 1, "low": 2, "default": 3, "high": 4, "max": 5, "urgent": 5, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "": 0}

func openNtfy(at *url.URL) (service, error) {
	s := &ntfy{base: "https://" + at.Host, topic: strings.Trim(at.Path, "/"), tags: list(param(at, "tags"))}
	s.user = at.User.Username()
	s.password, _ = at.User.Password()
	var known bool
	s.priority, known = priorities[strings.ToLower(param(at, "priority"))]
	switch {
	case s.topic == "" || strings.Contains(s.topic, "/"):
		return nil, errors.New("ntfy needs one topic, as in ntfy://ntfy.sh/TOPIC")
	case !known:
		return nil, errors.New("priority is one of min, low, default, high, max")
	}
	return s, nil
}

func (s *ntfy) targets() []string { return []string{s.topic} }
func (s *ntfy) secrets() []string { return []string{s.password} }
func (s *ntfy) renew() string {
	return "look whether the topic may still be written to, and by which user or token"
}
func (s *ntfy) taken(answer []byte) string { return field(answer, "id") }

func (s *ntfy) header() map[string]string {
	switch {
	case s.user == "" && s.password == "":
		return map[string]string{}
	case s.user == "" && strings.HasPrefix(s.password, "tk_"):
		return bearer(s.password)
	}
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(s.user, s.password)
	return map[string]string{"Authorization": r.Header.Get("Authorization")}
}

func (s *ntfy) say(topic string, m message) question {
	header := s.header()
	header["X-Sequence-ID"] = m.key
	priority, tags := s.priority, s.tags
	if priority == 0 {
		priority = m.priority
	}
	if len(tags) == 0 {
		tags = []string{map[bool]string{true: "white_check_mark", false: "warning"}[m.over]}
	}
	return question{method: http.MethodPost, url: s.base + "/", header: header, body: map[string]any{
		"topic": topic, "title": cut(m.title, 250), "message": cut(m.text, 3800), "priority": priority, "tags": tags,
	}}
}

func (s *ntfy) health() question {
	return question{method: http.MethodGet, url: s.base + "/v1/health"}
}

// telegram (core.telegram.org/bots/api#sendmessage): at most 4096 characters.
type telegram struct {
	token  string
	chats  []string
	silent bool
}

func openTelegram(at *url.URL) (service, error) {
	password, _ := at.User.Password()
	s := &telegram{token: at.User.Username() + ":" + password, chats: list(param(at, "chats", "channels")), silent: no(param(at, "notification"))}
	if n, err := strconv.Atoi(at.User.Username()); err != nil || n <= 0 || password == "" || url.PathEscape(password) != password {
		return nil, errors.New("telegram needs the bot's token, as in telegram://110201543:AAHdqTcv…@telegram?chats=…")
	}
	if len(s.chats) == 0 {
		return nil, errors.New("telegram needs chats=: numbers, or @names of channels")
	}
	return s, nil
}

func (s *telegram) targets() []string { return s.chats }
func (s *telegram) secrets() []string { return []string{s.token} }
func (s *telegram) renew() string {
	return "look whether the bot's token is good (ask @BotFather) and the bot is still in the chat"
}
func (s *telegram) url(method string) string {
	return "https://api.telegram.org/bot" + s.token + "/" + method
}

func (s *telegram) say(chat string, m message) question {
	return question{method: http.MethodPost, url: s.url("sendMessage"), body: map[string]any{
		"chat_id": chat, "text": cut(m.whole(), 4000), "disable_notification": s.silent, "link_preview_options": map[string]bool{"is_disabled": true},
	}}
}

func (s *telegram) taken(answer []byte) string {
	var a struct {
		Result struct {
			ID int64 `json:"message_id"`
		}
	}
	if json.Unmarshal(answer, &a) != nil || a.Result.ID == 0 {
		return ""
	}
	return strconv.FormatInt(a.Result.ID, 10)
}

func (s *telegram) health() question {
	return question{method: http.MethodGet, url: s.url("getMe")}
}

// matrix (client-server API v1.11, §10.9 sending events): the transaction id
// makes a repeat the same event. Rooms are not encrypted.
type matrix struct {
	base, token string
	rooms       []string

	mu    sync.Mutex
	known map[string]string // room ids by alias
}

func openMatrix(at *url.URL) (service, error) {
	s := &matrix{base: "https://" + at.Host + "/_matrix/client/v3", known: map[string]string{}}
	s.token, _ = at.User.Password()
	if at.User.Username() != "" || s.token == "" {
		return nil, errors.New("matrix needs an access token and no user, as in matrix://:TOKEN@matrix.example.org/?rooms=…; a login would make a new device each time")
	}
	for _, room := range list(param(at, "rooms", "room")) {
		if room[0] != '!' && room[0] != '#' {
			room = "#" + room
		}
		s.rooms = append(s.rooms, room)
	}
	if len(s.rooms) == 0 {
		return nil, errors.New("matrix needs rooms=, as in !id:example.org or alias:example.org")
	}
	return s, nil
}

func (s *matrix) targets() []string { return s.rooms }
func (s *matrix) secrets() []string { return []string{s.token} }
func (s *matrix) renew() string {
	return "look whether the access token is good and its user is in the room"
}
func (s *matrix) taken(answer []byte) string { return field(answer, "event_id") }

func (s *matrix) say(room string, m message) question {
	return question{method: http.MethodPut, header: bearer(s.token),
		url:  s.base + "/rooms/" + url.PathEscape(room) + "/send/m.room.message/" + m.key,
		body: map[string]string{"msgtype": "m.text", "body": cut(m.whole(), 30_000)}}
}

// resolve finds the id of a room by its alias, once.
func (s *matrix) resolve(room string, ask func(question) ([]byte, error)) (string, error) {
	s.mu.Lock()
	id := s.known[room]
	s.mu.Unlock()
	if id != "" || room[0] == '!' {
		return cmp.Or(id, room), nil
	}
	answer, err := ask(question{method: http.MethodGet, header: bearer(s.token), url: s.base + "/directory/room/" + url.PathEscape(room)})
	if err != nil {
		return "", err
	}
	if id = field(answer, "room_id"); id == "" {
		return "", &delivery.Error{Fate: delivery.Retry, Worker: true, Err: errors.New("something between answered: a room without an id")}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[room] = id
	return id, nil
}

func (s *matrix) health() question {
	return question{method: http.MethodGet, header: bearer(s.token), url: s.base + "/account/whoami"}
}

// webhook is Mattermost's incoming webhook; it answers "ok" and nothing else.
type webhook struct{ base, token, channel, name string }

// bot is Mattermost's API (api.mattermost.com, create a post): for half a
// minute it takes a pending_post_id for the same post, and afterwards the
// channel is looked through. A post is at most 16383 characters.
type bot struct{ base, token, channel string }

func openMattermost(at *url.URL) (service, error) {
	base := "https://" + at.Host
	if token, ok := at.User.Password(); ok {
		s := &bot{base + "/api/v4", token, param(at, "channel")}
		if token == "" || s.channel == "" || url.PathEscape(s.channel) != s.channel {
			return nil, errors.New("mattermost needs the channel's id for a bot, as in mattermost://:TOKEN@chat.example.org/?channel=ID")
		}
		return s, nil
	}
	token, channel, _ := strings.Cut(strings.Trim(at.Path, "/"), "/")
	if token == "" {
		return nil, errors.New("mattermost needs the webhook's key, as in mattermost://chat.example.org/KEY")
	}
	return &webhook{base, token, channel, at.User.Username()}, nil
}

func (s *webhook) targets() []string   { return []string{s.channel} }
func (s *webhook) secrets() []string   { return []string{s.token} }
func (s *webhook) taken([]byte) string { return "" }
func (s *webhook) renew() string {
	return "look whether the incoming webhook still exists and may post to its channel"
}

func (s *webhook) say(channel string, m message) question {
	body := map[string]string{"text": cut("**"+m.title+"**\n"+m.text, 16_000)}
	if channel != "" {
		body["channel"] = channel
	}
	if s.name != "" {
		body["username"] = s.name
	}
	return question{method: http.MethodPost, url: s.base + "/hooks/" + url.PathEscape(s.token), body: body, plain: "ok"}
}

func (s *webhook) health() question {
	return question{method: http.MethodGet, url: s.base + "/api/v4/system/ping"}
}

func (s *bot) targets() []string { return []string{s.channel} }
func (s *bot) secrets() []string { return []string{s.token} }
func (s *bot) renew() string {
	return "look whether the bot's token is good and the bot is a member of the channel"
}
func (s *bot) taken(answer []byte) string { return field(answer, "id") }

func (s *bot) say(channel string, m message) question {
	body := map[string]any{
		"channel_id": channel, "message": cut("**"+m.title+"**\n"+m.text, 16_000), "pending_post_id": m.key, "props": map[string]string{"heliograph": m.key},
	}
	if m.priority == 5 {
		body["metadata"] = map[string]any{"priority": map[string]any{"priority": "urgent"}}
	}
	return question{method: http.MethodPost, url: s.base + "/posts", header: bearer(s.token), body: body}
}

func (s *bot) look() question {
	since := strconv.FormatInt(time.Now().Add(-time.Hour).UnixMilli(), 10)
	return question{method: http.MethodGet, header: bearer(s.token), url: s.base + "/channels/" + s.channel + "/posts?since=" + since}
}

func (s *bot) find(answer []byte, key string) string {
	var a struct {
		Posts map[string]struct {
			Props map[string]any
		}
	}
	if json.Unmarshal(answer, &a) != nil {
		return ""
	}
	for id, post := range a.Posts {
		if post.Props["heliograph"] == key {
			return id
		}
	}
	return ""
}

func (s *bot) health() question {
	return question{method: http.MethodGet, header: bearer(s.token), url: s.base + "/users/me"}
}
