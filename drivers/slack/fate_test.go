package slack_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"heliograph/drivers/delivery"
	"heliograph/drivers/slack"
	"heliograph/drivers/slack/slacktest"
)

const json = "application/json"

func refuses(word string) slacktest.Fault {
	return slacktest.Fault{Status: 200, Type: json, Body: `{"ok":false,"error":"` + word + `"}`}
}

// TestFates gives the first telling every answer that is not a yes, and then
// tries again: there must be one thread, whatever happened before.
func TestFates(t *testing.T) {
	retryAfter := http.Header{"Retry-After": {"30"}}
	const gateway = "<html><title>502 Bad Gateway</title></html>"
	done := refuses("internal_error")
	done.Commit = true
	for name, c := range map[string]struct {
		fault              slacktest.Fault
		want, says, advice string
	}{
		"ratelimited":           {slacktest.Fault{Status: 429, Header: retryAfter, Type: json, Body: `{"ok":false,"error":"ratelimited"}`}, "retry after 30s", "ratelimited", ""},
		"ratelimited, how long": {refuses("rate_limited"), "retry after 30s", "rate_limited", ""},
		"unavailable":           {slacktest.Fault{Status: 503, Header: retryAfter, Body: gateway}, "retry after 30s", "503", ""},
		"gateway, done":         {slacktest.Fault{Status: 502, Body: gateway, Commit: true}, "retry", "502 Bad Gateway", ""},
		"internal error, done":  {done, "retry", "internal_error", ""},
		"invalid_auth":          {refuses("invalid_auth"), "retry, worker", "invalid_auth", "new bot token"},
		"token_revoked":         {refuses("token_revoked"), "retry, worker", "token_revoked", "new bot token"},
		"missing_scope":         {slacktest.Fault{Status: 200, Type: json, Body: `{"ok":false,"error":"missing_scope","needed":"chat:write"}`}, "retry, worker", "the app lacks chat:write", "missing scope"},
		"not_in_channel":        {refuses("not_in_channel"), "retry after 1m0s", "not_in_channel", "/invite"},
		"channel_not_found":     {refuses("channel_not_found"), "retry after 1m0s", "channel_not_found", "channel's id"},
		"is_archived":           {refuses("is_archived"), "never", "is_archived", "archived"},
		"msg_too_long":          {refuses("msg_too_long"), "never", "msg_too_long", "by hand"},
		"restricted_action":     {refuses("restricted_action"), "never", "restricted_action", "admin"},
		"restricted further":    {refuses("restricted_action_read_only_channel"), "never", "read_only", "admin"},
		"a new word":            {refuses("moon_is_full"), "retry", "moon_is_full", ""},
		"captive portal":        {slacktest.Fault{Status: 200, Body: "<html>Your data is used up " + token}, "retry, worker", "something between answered: <html>Your data is used up …", ""},
		"some other JSON":       {slacktest.Fault{Status: 200, Type: json, Body: `{"hello":1}`}, "retry, worker", "something between answered", ""},
		"JSON without a stamp":  {slacktest.Fault{Status: 200, Type: json, Body: `{"ok":true}`}, "retry, worker", "a message without a time stamp", ""},
		"redirect":              {slacktest.Fault{Status: 302, Header: http.Header{"Location": {"https://portal.example/x"}}}, "retry, worker", "(it points to portal.example)", ""},
		"half an answer":        {slacktest.Fault{Torn: true, Commit: true}, "unsure", "reading the answer", ""},
		"no answer":             {slacktest.Fault{Cut: true}, "unsure", "EOF", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			c.fault.On = "chat.postMessage"
			r.slack.Fail(c.fault)
			j := incident(1, delivery.Identified, "Down.")
			_, err := r.driver.Send(t.Context(), j)
			r.expect("the fate", r.fate(err), c.want)
			var e *delivery.Error
			if errors.As(err, &e); !strings.Contains(err.Error(), c.says) || !strings.Contains(e.Advice, c.advice) || (c.advice == "") != (e.Advice == "") {
				t.Errorf("%q with advice %q, want %q and %q", err, e.Advice, c.says, c.advice)
			}
			if e.After > 0 && c.advice == "" {
				r.requests()
				r.expect("too soon", strings.Split(r.send(j), " after")[0], "retry")
				r.expect("which asks nobody", r.requests(), "")
			}
			r.restart()
			r.took(j)
			r.expect("the channel", r.shows(), "*IDENTIFIED*"+since+" / Down. (pinned)")
		})
	}
}

// TestWhoMayNotLook: an app without channels:history tells all the same, but
// repeats nothing that is in doubt.
func TestWhoMayNotLook(t *testing.T) {
	r := newRig(t)
	blind := refuses("missing_scope")
	blind.On = "conversations.history"
	r.slack.Fail(blind, slacktest.Fault{On: "chat.postMessage", Commit: true, Cut: true}, blind)
	r.expect("without an answer", r.send(incident(1, delivery.Identified, "Down.")), "unsure")
	r.expect("in doubt", r.send(incident(1, delivery.Identified, "Down.")), "retry, worker")
	r.took(incident(1, delivery.Identified, "Down."))
	r.expect("the channel", r.shows(), "*IDENTIFIED*"+since+" / Down. (pinned)")
}

func TestNoWayThere(t *testing.T) {
	for name, spoil := range map[string]func(*slack.Options){
		"no connection": func(o *slack.Options) {
			o.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no route to host") }
		},
		"somebody else's name": func(o *slack.Options) { o.TLS = &tls.Config{RootCAs: x509.NewCertPool()} },
		"the webhook's way":    func(o *slack.Options) { o.Webhook, o.Token, o.Base, o.TLS = o.Base+hook, "", "", nil },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			spoil(&r.o)
			r.restart()
			r.expect("the fate", r.send(incident(1, delivery.Identified, "Down.")), "retry, worker")
			r.expect("nothing arrived", r.requests(), "")
		})
	}
}

// The webhook's address is its secret, and an error page likes to quote it.
func TestAPageThatQuotesTheWebhook(t *testing.T) {
	r := newRig(t)
	r.o.Webhook, r.o.Token, r.o.Channel = strings.TrimSuffix(r.o.Base, "/api")+hook, "", ""
	r.restart()
	r.slack.Fail(slacktest.Fault{On: "webhook", Status: 404, Body: "Cannot POST " + hook})
	_, err := r.driver.Send(t.Context(), incident(1, delivery.Identified, "Down."))
	r.expect("the fate", r.fate(err), "retry, worker")
	r.expect("the error", err.Error(), "retry HTTP 404: something between answered: Cannot POST …")
}

func TestTheCheckDisturbsNobody(t *testing.T) {
	r := newRig(t)
	check := func() string {
		if err := r.driver.Check(t.Context()); err != nil {
			r.fate(err)
			return err.Error()
		}
		return "ok"
	}
	r.expect("the check", check()+": "+r.requests(), "ok: auth.test")
	r.o.Channel = "noc-war-room"
	r.restart()
	r.expect("a name is found once", check()+": "+r.requests(), "ok: auth.test, users.conversations")
	r.restart()
	r.expect("and remembered", check()+": "+r.requests(), "ok: auth.test")
	r.o.Channel = "elsewhere"
	r.restart()
	r.expect("a channel that is not there", check(), "retry channel_not_found: the app is in no channel of the name elsewhere")
	r.slack.Scopes = "chat:write"
	r.expect("scopes", check(), "retry missing_scope: the app lacks pins:write, channels:history")
	r.o.Token = "xoxb-other-secret"
	r.restart()
	r.expect("a token", check(), "retry invalid_auth: auth.test was refused")
	r.expect("the channel", r.shows(), "")
}

func TestLongTexts(t *testing.T) {
	r := newRig(t)
	r.took(incident(1, delivery.Identified, strings.Repeat("ż<", 30_000)))
	r.took(incident(2, delivery.Monitoring, strings.Repeat("&", 60_000)))
	for n, m := range r.slack.Messages(room) {
		if len(m.Text) > 36_000 || n == 1 && len(m.Text) < 34_000 || !strings.HasSuffix(m.Text, "…") || strings.Contains(m.Text, "&…") {
			t.Errorf("message %d has %d bytes and ends in %q", n, len(m.Text), m.Text[len(m.Text)-20:])
		}
	}
}

func TestOptions(t *testing.T) {
	dial := new(net.Dialer).DialContext
	good := slack.Options{Token: "xoxb-1", Channel: "C1", Dial: dial, Memory: &memory{}}
	for want, spoil := range map[string]func(*slack.Options){
		"<nil>": func(*slack.Options) {},
		"slack: give a token, or instead of it a webhook":                  func(o *slack.Options) { o.Webhook = "https://hooks.slack.com/x" },
		"slack: channel: give its id, such as C0123456789, or its name":    func(o *slack.Options) { o.Channel = "" },
		"slack: token: give a bot token, without spaces or line ends":      func(o *slack.Options) { o.Token = "a\n" },
		"slack: base and webhook: give addresses that begin with https://": func(o *slack.Options) { o.Base = "http://a" },
		"slack: timeout must not be negative":                              func(o *slack.Options) { o.Timeout = -1 },
		"slack: it needs a Dial and a Memory":                              func(o *slack.Options) { o.Dial = nil },
	} {
		o := good
		spoil(&o)
		if _, err := slack.New(o); fmt.Sprint(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestBytes weighs what an outage costs on the air, TLS included: the first
// exchange carries the certificates, later ones resume its session.
func TestBytes(t *testing.T) {
	r := newRig(t)
	text := strings.Repeat("3/3 lost beyond gw: upstream. eth0 ok gw ok. ", 6)
	total := int64(0)
	for n, what := range []struct {
		name  string
		phase delivery.Phase
	}{{"open", delivery.Identified}, {"update", delivery.Monitoring}, {"resolve", delivery.Resolved}} {
		before := r.bytes()
		r.took(incident(n+1, what.phase, text))
		r.driver.Close()
		cost := r.bytes() - before
		total += cost
		t.Logf("%s: %d bytes in %s", what.name, cost, r.requests())
	}
	if total > 22_000 {
		t.Errorf("an outage costs %d bytes", total)
	}
}
