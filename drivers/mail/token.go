package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"heliograph/drivers/delivery"
)

// grant is the secret of xoauth2; its shape is in the package's words.
type grant struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	RefreshToken string `json:"refresh_token"`
	TokenURL     string `json:"token_url"`
	Tenant       string `json:"tenant"`
	Scope        string `json:"scope"`
}

const (
	googleTokens    = "https://oauth2.googleapis.com/token"
	microsoftTokens = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
	microsoftScope  = "https://outlook.office365.com/.default" // of client credentials: all that the admin allowed
)

// readGrant never quotes what it reads.
func readGrant(secret string) (grant, error) {
	var g grant
	if err := json.Unmarshal([]byte(secret), &g); err != nil {
		return g, errors.New("it is no JSON object with client_id, client_secret and refresh_token")
	}
	if g.TokenURL == "" {
		g.TokenURL = googleTokens
		if g.Tenant != "" {
			g.TokenURL = microsoftTokens
		}
	}
	if g.RefreshToken == "" && g.Scope == "" && g.Tenant != "" {
		g.Scope = microsoftScope
	}
	g.TokenURL = strings.ReplaceAll(g.TokenURL, "{tenant}", url.PathEscape(g.Tenant))
	at, err := url.Parse(g.TokenURL)
	switch {
	case g.ClientID == "":
		return g, errors.New("client_id is missing")
	case g.RefreshToken == "" && (g.ClientSecret == "" || g.Scope == ""):
		return g, errors.New("refresh_token is missing; without one it needs client_secret, and a tenant or a scope")
	case err != nil || at.Scheme != "https" || at.Host == "":
		return g, errors.New("token_url is not an https address")
	}
	return g, nil
}

// token is what xoauth2 shows in place of a password.
type token struct {
	value string
	ends  time.Time
}

// good leaves time to use it.
func (t token) good() bool { return t.value != "" && time.Until(t.ends) > time.Minute }

// renew fetches a token if there is no good one.
func (m *Mailer) renew(ctx context.Context) error {
	if m.o.Auth != "xoauth2" || m.token.good() {
		return nil
	}
	t, err := m.fetch(context.WithValue(ctx, oauth2.HTTPClient, m.client(ctx)))
	if err != nil {
		return m.noToken(err)
	}
	if t.Expiry.IsZero() { // RFC 6749 §5.1 lets it out; an hour is what both providers give
		t.Expiry = time.Now().Add(time.Hour)
	}
	m.token = token{t.AccessToken, t.Expiry}
	if t.RefreshToken != "" {
		m.grant.RefreshToken = t.RefreshToken
	}
	return nil
}

func (m *Mailer) fetch(ctx context.Context) (*oauth2.Token, error) {
	g := m.grant
	if g.RefreshToken == "" {
		c := clientcredentials.Config{ClientID: g.ClientID, ClientSecret: g.ClientSecret, TokenURL: g.TokenURL, Scopes: strings.Fields(g.Scope), AuthStyle: oauth2.AuthStyleInParams}
		return c.Token(ctx)
	}
	c := oauth2.Config{ClientID: g.ClientID, ClientSecret: g.ClientSecret, Endpoint: oauth2.Endpoint{TokenURL: g.TokenURL, AuthStyle: oauth2.AuthStyleInParams}}
	return c.TokenSource(ctx, &oauth2.Token{RefreshToken: g.RefreshToken}).Token()
}

// client takes the mail's own way for one request: no proxy, no redirect that
// would carry the secret on, and a connection that ends with the attempt.
func (m *Mailer) client(ctx context.Context) *http.Client {
	dial := func(_ context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, connecting)
		defer cancel()
		return m.o.Dial(ctx, network, address)
	}
	config := m.tls.Clone()
	config.ServerName = "" // the URL's
	return &http.Client{
		Timeout:       silence,
		Transport:     &http.Transport{DialContext: dial, TLSClientConfig: config, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// noToken gives the fate of a mail that has no token: never the mail's fault.
func (m *Mailer) noToken(err error) error {
	e := &delivery.Error{Fate: delivery.Retry, Worker: true}
	var no *oauth2.RetrieveError
	var path *url.Error
	switch {
	case errors.As(err, &no):
		m.refusedToken(e, no)
	case errors.As(err, &path):
		e.Err = fmt.Errorf("renewing the token: %w", m.masked(path.Err))
		e.Advice = m.diagnose(path.Err)
	case strings.Contains(err.Error(), "cannot fetch token"): // it broke off in the answer
		e.Err = fmt.Errorf("renewing the token: %w", m.masked(err))
	default: // a yes that is no JSON, as a login page gives
		e.Err = errors.New("renewing the token: something between answered")
		e.Advice = betweenTokens
	}
	return e
}

const betweenTokens = "what answered is not the provider's token service: look whether the path has a login page, or correct token_url"

func (m *Mailer) refusedToken(e *delivery.Error, no *oauth2.RetrieveError) {
	code := no.Response.StatusCode
	e.Code = strconv.Itoa(code)
	switch said := m.hide(printable(no.ErrorCode + " " + no.ErrorDescription)); {
	case no.ErrorCode != "" && code < 500 && code != http.StatusTooManyRequests:
		e.Err = fmt.Errorf("renewing the token: the provider said %s", said)
		e.Advice = "give the box a new refresh token or client secret: the provider refuses this one"
	case code == http.StatusTooManyRequests || code >= 500:
		e.Err = fmt.Errorf("renewing the token: the provider answered %d", code)
		e.After = retryAfter(no.Response.Header.Get("Retry-After"))
	default:
		e.Err = fmt.Errorf("renewing the token: something between answered %d", code)
		e.Advice = betweenTokens
	}
}

// retryAfter reads seconds or a date (RFC 9110 §10.2.3), at most an hour.
func retryAfter(s string) time.Duration {
	d := time.Duration(0)
	if n, err := strconv.Atoi(s); err == nil {
		d = time.Duration(min(n, 3600)) * time.Second
	} else if at, err := http.ParseTime(s); err == nil {
		d = time.Until(at)
	}
	return max(0, min(d, time.Hour))
}
