package push

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// simple is a service that takes one message by one request and says nothing
// of it afterwards: a doubtful one may be shown twice.
type simple struct {
	target string
	hidden []string
	ask    func(m message) question
	id     string // the field of the answer that names the message
	advice string
	well   question // tells whether the service is well, and disturbs nobody
}

func (s *simple) targets() []string                { return []string{s.target} }
func (s *simple) secrets() []string                { return s.hidden }
func (s *simple) renew() string                    { return s.advice }
func (s *simple) taken(answer []byte) string       { return field(answer, s.id) }
func (s *simple) say(_ string, m message) question { return s.ask(m) }
func (s *simple) health() question                 { return s.well }
func post(to string, body any) question {
	return question{method: http.MethodPost, url: to, body: body}
}
func get(from string, header map[string]string) question {
	return question{method: http.MethodGet, url: from, header: header}
}

// parts are the pieces of an address's path.
func parts(at *url.URL) []string {
	return strings.FieldsFunc(at.Path, func(r rune) bool { return r == '/' })
}

// openDiscord: a webhook (discord.com/developers/docs/resources/webhook); with
// wait=true it answers with the message. At most 2000 characters.
func openDiscord(at *url.URL) (service, error) {
	token, id := at.User.Username(), at.Host
	if token == "" || id == "" {
		return nil, errors.New("discord needs the webhook's token and id, as in discord://TOKEN@ID")
	}
	hook := "https://discord.com/api/webhooks/" + url.PathEscape(id) + "/" + url.PathEscape(token)
	return &simple{
		target: id, hidden: []string{token}, id: "id", advice: "look whether the webhook still exists",
		ask: func(m message) question {
			return post(hook+"?wait=true", map[string]any{"content": cut("**"+m.title+"**\n"+m.text, 1900), "allowed_mentions": map[string][]string{"parse": {}}})
		},
		well: get(hook, nil),
	}, nil
}

// openGotify (gotify.net/api-docs): priorities go from 0 to 10.
func openGotify(at *url.URL) (service, error) {
	p := parts(at)
	if len(p) == 0 {
		return nil, errors.New("gotify needs the application's token, as in gotify://push.example.org/TOKEN")
	}
	token := p[len(p)-1]
	base := "https://" + strings.Join(append([]string{at.Host}, p[:len(p)-1]...), "/")
	key := map[string]string{"X-Gotify-Key": token}
	return &simple{
		target: at.Host, hidden: []string{token}, id: "id", advice: "look whether the application's token is good",
		ask: func(m message) question {
			q := post(base+"/message", map[string]any{"title": m.title, "message": m.text, "priority": 2 * m.priority})
			q.header = key
			return q
		},
		well: get(base+"/health", nil),
	}, nil
}

// openPushover (pushover.net/api): 1024 characters; priority 1 breaks through
// quiet hours, 2 would ask for an answer, which is what ACK is for.
func openPushover(at *url.URL) (service, error) {
	token, _ := at.User.Password()
	user := at.Host
	if token == "" || user == "" {
		return nil, errors.New("pushover needs the application's token and the user's key, as in pushover://shoutrrr:TOKEN@USER/?devices=NAME")
	}
	const base = "https://api.pushover.net/1"
	return &simple{
		target: user, hidden: []string{token, user}, id: "request", advice: "look whether the application's token and the user's key are good",
		ask: func(m message) question {
			body := map[string]any{"token": token, "user": user, "title": cut(m.title, 250), "message": cut(m.text, 1000), "priority": max(min(m.priority-4, 1), 0)}
			if devices := param(at, "devices"); devices != "" {
				body["device"] = devices
			}
			return post(base+"/messages.json", body)
		},
		well: get(base+"/sounds.json?token="+url.QueryEscape(token), nil),
	}, nil
}

// openRocketchat: an incoming webhook with its two tokens.
func openRocketchat(at *url.URL) (service, error) {
	p := parts(at)
	if len(p) < 2 {
		return nil, errors.New("rocketchat needs both tokens of the webhook, as in rocketchat://NAME@chat.example.org/TOKENA/TOKENB/CHANNEL")
	}
	base := "https://" + at.Host
	return &simple{
		target: at.Host, hidden: p[:2], advice: "look whether the incoming webhook still exists",
		ask: func(m message) question {
			body := map[string]string{"text": cut("*"+m.title+"*\n"+m.text, 5000)}
			if len(p) > 2 {
				body["channel"] = "#" + strings.TrimLeft(p[2], "#@")
			}
			if name := at.User.Username(); name != "" {
				body["alias"] = name
			}
			return post(base+"/hooks/"+url.PathEscape(p[0])+"/"+url.PathEscape(p[1]), body)
		},
		well: get(base+"/api/info", nil),
	}, nil
}

// openGooglechat: a space's incoming webhook.
func openGooglechat(at *url.URL) (service, error) {
	key, token := param(at, "key"), param(at, "token")
	if key == "" || token == "" || !strings.HasPrefix(at.Path, "/v1/spaces/") {
		return nil, errors.New("googlechat needs the webhook's whole address, as in googlechat://chat.googleapis.com/v1/spaces/SPACE/messages?key=…&token=…")
	}
	hook := "https://" + at.Host + at.EscapedPath() + "?" + url.Values{"key": {key}, "token": {token}}.Encode()
	return &simple{
		target: at.Host, hidden: []string{key, token}, id: "name", advice: "look whether the webhook of the space still exists",
		ask: func(m message) question {
			return post(hook, map[string]string{"text": cut("*"+m.title+"*\n"+m.text, 4000)})
		},
		well: get("https://"+at.Host+"/$discovery/rest?version=v1&fields=id", nil),
	}, nil
}

// openOpsgenie (docs.opsgenie.com, alert API): the alias makes a repeat the
// same alert.
func openOpsgenie(at *url.URL) (service, error) {
	p := parts(at)
	if len(p) != 1 {
		return nil, errors.New("opsgenie needs the API key, as in opsgenie://api.opsgenie.com/KEY")
	}
	header := map[string]string{"Authorization": "GenieKey " + p[0]}
	base := "https://" + at.Host + "/v2"
	return &simple{
		target: at.Host, hidden: p, id: "requestId", advice: "look whether the API key is good and may make alerts",
		ask: func(m message) question {
			q := post(base+"/alerts", map[string]any{"message": cut(m.title, 130), "description": cut(m.text, 15_000), "alias": m.key, "priority": "P" + string(rune('0'+6-m.priority))})
			q.header = header
			return q
		},
		well: get(base+"/alerts/count", header),
	}, nil
}
