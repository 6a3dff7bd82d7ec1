package config

import (
	"strings"
	"testing"
)

// Where the list of subscribers comes from.
func TestSourcesOfSubscribers(t *testing.T) {
	t.Parallel()
	const secret = "{file: /etc/heliograph/webhook.secret}"
	for text, want := range map[string]Directory{
		"ozmap: {url: https://isp.example:9994, token: " + secret + "}":                 {Kind: "ozmap", URL: "https://isp.example:9994", Token: Secret{"x"}},
		"splynx: {url: https://bss.example, key: a1b2, secret: " + secret + "}":         {Kind: "splynx", URL: "https://bss.example", Key: "a1b2", Secret: Secret{"x"}, Auth: "signature"},
		"splynx: {url: https://b.example, key: a, auth: basic, secret: " + secret + "}": {Kind: "splynx", URL: "https://b.example", Key: "a", Secret: Secret{"x"}, Auth: "basic"},
	} {
		if got := mustParse(t, small+"subscribers: {from: {"+text+"}}\n").Subscribers.From; got != want {
			t.Errorf("%s\nis read as %+v", text, got)
		}
	}
	for text, want := range map[string]string{
		"ozmap: {url: http://isp.example:9994, token: " + secret + "}": "is not a web address",
		"ozmap: {url: https://isp.example:9994}":                       "token is missing",
		"splynx: {url: https://bss.example, secret: " + secret + "}":   "key is missing",
		"splynx: {url: https://bss.example, key: a}":                   "secret is missing",
	} {
		_, faults := Parse(where, []byte(small+"subscribers: {from: {"+text+"}}\n"), secrets(), environment)
		if err := faults.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nis told: %v\nwant: %s", text, err, want)
		}
	}
}
