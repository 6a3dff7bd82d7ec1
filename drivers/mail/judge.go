package mail

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"regexp"
	"strings"
	"time"

	"heliograph/drivers/delivery"
)

// stage is how far the talk with the server was when it said no.
type stage int

const (
	greeting  stage = 1 << iota // until TLS is up, and NOOP
	login                       // AUTH
	sender                      // MAIL
	recipient                   // RCPT
	content                     // DATA, and the answer to the mail itself
	anywhere  = greeting | login | sender | recipient | content
)

// rule says what becomes of a mail after a no. The first that fits counts.
type rule struct {
	at      stage
	code    string // the reply code begins so
	status  string // or the enhanced status begins so (RFC 3463); both, if both are given
	says    string // and the text contains this, whatever its case
	fate    delivery.Fate
	account bool // it is the account's or the server's trouble, not this mail's
	after   time.Duration
	advice  string
}

// The texts are those of Google's, Microsoft's and postfix's replies as they
// publish them; without a text the rule is RFC 5321 §4.2, RFC 3463 §3 or
// RFC 4954 §6.
var rules = []rule{
	{at: login, says: "application-specific password", fate: delivery.Retry, account: true, advice: "make an app password at the provider and put it in the secret"},
	{at: login, status: "5.7.9", fate: delivery.Retry, account: true, advice: "make an app password at the provider and put it in the secret"},
	{at: anywhere, says: "basic authentication", fate: delivery.Retry, account: true, advice: "the provider takes no passwords any more: set auth: xoauth2"},
	{at: anywhere, says: "smtpclientauthentication is disabled", fate: delivery.Retry, account: true, advice: "allow authenticated SMTP for the account at the provider"},
	{at: anywhere, says: "too many login", fate: delivery.Retry, account: true, after: 15 * time.Minute, advice: "the provider wants a pause between logins: look who else uses the account"},
	{at: login, code: "535", fate: delivery.Retry, account: true, advice: "the provider refuses the login: renew the secret, and check the user"},
	{at: login, code: "4", fate: delivery.Retry, account: true},
	{at: login, code: "5", fate: delivery.Retry, account: true, advice: "the provider refuses the login: check auth, user and secret"},
	{at: anywhere, code: "421", fate: delivery.Retry, account: true},
	{at: greeting, code: "5", fate: delivery.Retry, account: true, advice: "the server does not serve this line: ask the provider, or use another path"},
	{at: greeting, fate: delivery.Retry, account: true},

	{at: anywhere, code: "530", fate: delivery.Retry, account: true, advice: "the server wants a login first: set auth, user and secret"},
	{at: anywhere, status: "5.4.5", fate: delivery.Retry, account: true, after: time.Hour, advice: "the account's limit of mails per day is reached: use another account"},
	{at: anywhere, says: "submissionquotaexceeded", fate: delivery.Retry, account: true, after: time.Hour, advice: "the account's limit of mails per day is reached: use another account"},
	{at: anywhere, status: "5.7.60", fate: delivery.Retry, account: true, advice: "the account may not send as this from: correct from, or allow it at the provider"},
	{at: anywhere, says: "sendasdenied", fate: delivery.Retry, account: true, advice: "the account may not send as this from: correct from, or allow it at the provider"},
	{at: anywhere, code: "552", status: "5.2.3", fate: delivery.Never, advice: "the mail is too big for the server: say less"},
	{at: anywhere, code: "552", status: "5.3.4", fate: delivery.Never, advice: "the mail is too big for the server: say less"},
	{at: content | sender, code: "552", fate: delivery.Never, advice: "the mail is too big for the server, or the mailbox is full"},

	{at: recipient, code: "5", says: "relay", fate: delivery.Retry, account: true, advice: "the server passes nothing on for this account: check auth, user and secret"},
	{at: recipient, code: "5", says: "sender address rejected", fate: delivery.Retry, account: true, advice: "the account may not send as this from: correct from, or allow it at the provider"},
	{at: recipient, code: "5", status: "5.1", fate: delivery.Never, advice: "there is no such mailbox: correct the address"},
	{at: recipient, code: "5", status: "5.2", fate: delivery.Never, advice: "the mailbox takes nothing: reach them another way"},
	{at: recipient, code: "550", fate: delivery.Never, advice: "the mailbox is refused: check the address"},

	{at: content, code: "5", status: "5.7", fate: delivery.Never, advice: "the server's policy refuses the mail: ask the provider why"},
	{at: anywhere, code: "4", status: "4.3", fate: delivery.Retry, account: true},
	{at: sender, code: "4", fate: delivery.Retry, account: true},
	{at: sender, code: "5", fate: delivery.Retry, account: true, advice: "the server refuses the sender: check from and the account"},
	{at: anywhere, code: "4", fate: delivery.Retry},
	{at: anywhere, code: "5", fate: delivery.Never},
}

func (r rule) fits(at stage, code, status, text string) bool {
	return r.at&at != 0 && strings.HasPrefix(code, r.code) && strings.Contains(text, r.says) &&
		(r.status == "" || status == r.status || strings.HasPrefix(status, r.status+"."))
}

// judge gives the fate of a mail that got a no.
func (s *session) judge(at stage, said reply) *delivery.Error {
	return s.m.judge(at, said)
}

func (m *Mailer) judge(at stage, said reply) *delivery.Error {
	code, status, text := fmt.Sprint(said.code), status(said), printable(said.text)
	e := &delivery.Error{Fate: delivery.Retry, Worker: true, Code: strings.TrimSpace(code + " " + status)}
	e.Err = fmt.Errorf("%s said: %s", m.o.Server, m.hide(text))
	for _, r := range rules {
		if r.fits(at, code, status, strings.ToLower(text)) {
			e.Fate, e.Worker, e.After, e.Advice = r.fate, r.account, r.after, r.advice
			return e
		}
	}
	e.Advice = between // neither yes nor no
	return e
}

const between = "what answered does not speak SMTP: look whether the path has a login page, or the port is another service's"

var enhanced = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

// status is the enhanced code that a text begins with (RFC 2034).
func status(r reply) string { return enhanced.FindString(r.text) }

// printable makes one short line of what somebody else wrote.
func printable(s string) string {
	line := []rune(oneLine(s))
	if len(line) > 200 {
		line = append(line[:200], '…')
	}
	return string(line)
}

// hide strikes out secrets that an answer repeats.
func (m *Mailer) hide(s string) string {
	o := m.o
	for _, secret := range []string{o.Secret, m.token.value, m.grant.ClientSecret, m.grant.RefreshToken} {
		if len(secret) < 4 { // too short to be told from words
			continue
		}
		plain := "\x00" + o.User + "\x00" + secret
		bearer := "user=" + o.User + "\x01auth=Bearer " + secret + "\x01\x01"
		for _, form := range []string{secret, b64(secret), b64(plain), b64(bearer)} {
			s = strings.ReplaceAll(s, form, "(secret)")
		}
	}
	return s
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// masked is an error in words that are short and hold no secret.
func (m *Mailer) masked(err error) error { return errors.New(m.hide(printable(err.Error()))) }

// unreachable is the path's trouble.
func (m *Mailer) unreachable(err error) error {
	e := &delivery.Error{Fate: delivery.Retry, Worker: true, Err: fmt.Errorf("reaching %s: %w", m.o.Server, err)}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		e.Advice = "the name " + m.host + " is not found: check server"
	}
	return e
}

// lost is a talk that ended before the mail had wholly left.
func (s *session) lost(doing string, err error) error {
	var no *textproto.Error
	if errors.As(err, &no) {
		return s.judge(greeting, reply{no.Code, no.Msg})
	}
	e := &delivery.Error{Fate: delivery.Retry, Worker: true, Err: fmt.Errorf("%s, %s: %w", s.m.o.Server, doing, s.m.masked(err))}
	e.Advice = s.m.diagnose(err)
	return e
}

// diagnose tells what a person can do about a talk that failed.
func (m *Mailer) diagnose(err error) string {
	var certificate *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	var strange textproto.ProtocolError
	switch {
	case errors.As(err, &certificate):
		return "the certificate is not one for " + m.host + " today: check the box's clock and server; something between may answer"
	case errors.As(err, &plain), errors.As(err, &strange):
		return between
	}
	return ""
}

// refusedLogin tells a no from a line that broke. Whatever else is odd about a
// login is the account's trouble too.
func (s *session) refusedLogin(err error) error {
	var no *textproto.Error
	if errors.As(err, &no) {
		return s.judge(login, reply{no.Code, no.Msg})
	}
	return s.lost("logging in", err)
}
