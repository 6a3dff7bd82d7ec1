package mail_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/mail"
	"heliograph/drivers/mail/mailtest"
)

func withToken(o *mail.Options) { o.Auth, o.Secret = "xoauth2", mailtest.Secret }

// A token is fetched once, used until it ends, and then renewed.
func TestTokenIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mailtest.Start(t, mailtest.Options{})
		m := box(t, s, withToken)
		for range 3 {
			sent(t, m, job())
		}
		asked := s.Asked()
		if len(asked) != 1 || asked[0].Encode() != "client_id=box&client_secret=client%27s+own&grant_type=refresh_token&refresh_token=refresh-1" {
			t.Fatalf("the service was asked %v", asked)
		}
		time.Sleep(59 * time.Minute)
		sent(t, m, job())
		if len(s.Asked()) != 2 || len(s.Taken()) != 4 {
			t.Errorf("asked %d times, %d mails", len(s.Asked()), len(s.Taken()))
		}
	})
}

// The provider ends a token early: it is renewed, once, and the mail goes. One
// that is refused when new is the account's trouble.
func TestTokenEndsEarly(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	m := box(t, s, withToken)
	sent(t, m, job())
	s.Void()
	sent(t, m, job())
	if len(s.Asked()) != 2 || s.Calls() != 3 || len(s.Taken()) != 2 {
		t.Errorf("asked %d times, %d calls, %d mails", len(s.Asked()), s.Calls(), len(s.Taken()))
	}
	s.Void()
	s.Instead(func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token": "of another account", "expires_in": 3599, "refresh_token": "refresh-2"}`)
	})
	e := failed(t, m, job())
	if told(e) != "retry worker 535 5.7.8" || len(s.Asked()) != 3 || strings.Contains(e.Error(), "another account") {
		t.Errorf("%v, asked %d times", e, len(s.Asked()))
	}
	sent(t, m, job())
	if got := s.Asked()[3].Get("refresh_token"); got != "refresh-2" {
		t.Errorf("the refresh token that the provider gave last is not used: %s", got)
	}
}

// Microsoft's way for programs: no refresh token, the client's own right.
func TestClientCredentials(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	m := box(t, s, func(o *mail.Options) {
		o.Auth, o.Secret = "xoauth2", `{"client_id": "box", "client_secret": "client's own", "tenant": "contoso", "token_url": "https://`+mailtest.Tokens+`/{tenant}/token"}`
	})
	sent(t, m, job())
	if got := s.Asked()[0].Encode(); got != "client_id=box&client_secret=client%27s+own&grant_type=client_credentials&scope=https%3A%2F%2Foutlook.office365.com%2F.default" {
		t.Errorf("the service was asked %s", got)
	}
}

// The token's URL follows from the provider where it is not given.
func TestTokenURL(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	for secret, want := range map[string]string{
		`{"client_id": "a", "refresh_token": "r"}`:                                                               "oauth2.googleapis.com:443",
		`{"client_id": "a", "client_secret": "b", "tenant": "contoso"}`:                                          "login.microsoftonline.com:443",
		`{"client_id": "a", "refresh_token": "r", "token_url": "https://login.example.org:8443/t", "type": "x"}`: "login.example.org:8443",
	} {
		var dialled string
		m := box(t, s, func(o *mail.Options) {
			o.Auth, o.Secret = "xoauth2", secret
			o.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
				dialled = address
				return nil, &net.DNSError{Err: "no such host", Name: address, IsNotFound: true}
			}
		})
		if e := failed(t, m, job()); told(e) != "retry worker" || dialled != want {
			t.Errorf("dialled %s, want %s: %v", dialled, want, e)
		}
	}
}

// What a token service answers instead of a token, and what that means. No
// mail is lost by it, and none is tried without.
func TestNoToken(t *testing.T) {
	t.Parallel()
	as := func(code int, kind, body string, headers ...string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", kind)
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(code)
			fmt.Fprint(w, body)
		}
	}
	const html = "text/html; charset=utf-8"
	for name, c := range map[string]struct {
		answer             func(http.ResponseWriter)
		fate, says, advice string
	}{
		"revoked":             {as(400, "application/json", `{"error": "invalid_grant", "error_description": "Token has been expired or revoked."}`), "retry worker 400", "invalid_grant Token has been expired", "new refresh token"},
		"client unknown":      {as(401, "application/json", `{"error": "invalid_client"}`), "retry worker 401", "invalid_client", "new refresh token"},
		"busy, with seconds":  {as(429, html, "<html>", "Retry-After", "120"), "retry worker 429 after 2m0s", "answered 429", ""},
		"busy, without":       {as(429, "application/json", `{"error": "slow_down"}`), "retry worker 429", "answered 429", ""},
		"ill":                 {as(503, html, "<html>", "Retry-After", "999999"), "retry worker 503 after 1h0m0s", "answered 503", ""},
		"login page":          {as(200, html, "<html>Welcome to the hotel"), "retry worker", "something between", "login page"},
		"login page in plain": {as(200, "text/plain", "Welcome to the hotel"), "retry worker", "something between", "login page"},
		"redirect":            {as(302, html, "", "Location", "https://"+mailtest.Tokens+"/login"), "retry worker 302", "something between", "login page"},
		"truncated":           {as(200, "application/json", `{"access_token": "acc`), "retry worker", "something between", "login page"},
		"empty":               {as(200, "application/json", `{}`), "retry worker", "something between", "login page"},
		"broken off": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, `{"access_token"`)
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, "retry worker", "renewing the token", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, mailtest.Options{})
			s.Instead(c.answer)
			m := box(t, s, withToken)
			e := failed(t, m, job())
			if told(e) != c.fate || !strings.Contains(e.Error(), c.says) || !strings.Contains(e.Advice, c.advice) || (c.advice == "") != (e.Advice == "") {
				t.Errorf("%s: %v, advice %q", told(e), e, e.Advice)
			}
			if len(s.Asked()) != 1 || s.Calls() != 0 {
				t.Errorf("asked %d times, %d calls to the server", len(s.Asked()), s.Calls())
			}
			for _, secret := range []string{"client's own", "refresh-1"} {
				if strings.Contains(fmt.Sprint(e, e.Advice), secret) {
					t.Errorf("%q is told: %v", secret, e)
				}
			}
			sent(t, m, job()) // and the next one finds the service well
		})
	}
}

// A server that repeats what it was shown does not put it in the timeline.
func TestSecretsAreNotRepeated(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	s.Set(func(f *mailtest.Faults) {
		f.Login = []string{"535 5.7.8 bad password correct horse (AG5vY0BleGFtcGxlLm9yZwBjb3JyZWN0IGhvcnNl)"}
	})
	e := failed(t, box(t, s, nil), job())
	if e.Fate != delivery.Retry || !strings.HasSuffix(e.Error(), "bad password (secret) ((secret))") {
		t.Errorf("%v", e)
	}
}
