package mail_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/mail"
	"heliograph/drivers/mail/mailtest"
)

const (
	starttls = mailtest.Host + ":587"
	implicit = mailtest.Host + ":465"
)

// box is the appliance's end: an account by PLAIN on 587, unless changed.
func box(t testing.TB, s *mailtest.Server, change func(*mail.Options)) *mail.Mailer {
	t.Helper()
	o := mail.Options{Server: starttls, User: mailtest.User, Auth: "plain", Secret: mailtest.Password, From: "NOC Example <noc@example.org>", Dial: s.Dial, TLS: s.TLS()}
	if change != nil {
		change(&o)
	}
	m, err := mail.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func job() delivery.Job {
	return delivery.Job{ID: 41, To: "noc@partner.example", Subject: "waw-12 #7 transit-a: no connection", Text: "Down since 04:02Z.\n.\nŁącze przerwane.", Thread: "waw-12/7"}
}

func sent(t testing.TB, m *mail.Mailer, j delivery.Job) delivery.Receipt {
	t.Helper()
	r, err := m.Send(context.Background(), j)
	if err != nil {
		t.Fatalf("the mail was not taken: %v", err)
	}
	return r
}

// failed sends a mail that is not taken, and gives its fate.
func failed(t testing.TB, m *mail.Mailer, j delivery.Job) *delivery.Error {
	t.Helper()
	r, err := m.Send(context.Background(), j)
	return fate(t, r, err)
}

func fate(t testing.TB, r delivery.Receipt, err error) *delivery.Error {
	t.Helper()
	var e *delivery.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %+v, %v; want a fate", r, err)
	}
	if strings.Contains(fmt.Sprint(e, e.Advice), mailtest.Password) {
		t.Errorf("the password is told: %v", e)
	}
	return e
}

// told is a fate in one line: "retry worker 450 4.2.0".
func told(e *delivery.Error) string {
	words := []string{e.Fate.String()}
	if e.Worker {
		words = append(words, "worker")
	}
	if e.Code != "" {
		words = append(words, e.Code)
	}
	if e.After > 0 {
		words = append(words, "after "+e.After.String())
	}
	return strings.Join(words, " ")
}

func body(t testing.TB, m mailtest.Mail) string {
	t.Helper()
	text, err := io.ReadAll(quotedprintable.NewReader(m.Message(t).Body))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimRight(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
}

func header(t testing.TB, m mailtest.Mail, name string) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(m.Message(t).Header.Get(name))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every way in that the configuration names works on both ports, and the
// account's secret is never on the wire in the clear.
func TestEveryLogin(t *testing.T) {
	t.Parallel()
	for _, server := range []string{starttls, implicit} {
		for _, auth := range []string{"plain", "login", "cram-md5", "xoauth2", "none"} {
			t.Run(server+" "+auth, func(t *testing.T) {
				o := mailtest.Options{}
				if auth == "none" {
					o.Mechanisms = []string{}
				}
				s := mailtest.Start(t, o)
				m := box(t, s, func(o *mail.Options) {
					o.Server, o.Auth = server, auth
					if auth == "xoauth2" {
						o.Secret = mailtest.Secret
					}
				})
				if err := m.Check(context.Background()); err != nil {
					t.Fatalf("the self-test: %v", err)
				}
				r := sent(t, m, job())
				if len(r.Parts) != 1 || r.Parts[0].Number != 1 || r.Parts[0].Of != 1 || r.Parts[0].At.IsZero() || r.Reference != "250 2.0.0 OK queued as 1" {
					t.Errorf("the receipt is %+v", r)
				}
				got := s.Taken()[0]
				if got.From != "noc@example.org" || strings.Join(got.To, " ") != "noc@partner.example" || body(t, got) != job().Text {
					t.Errorf("from %s to %v:\n%s", got.From, got.To, body(t, got))
				}
				for _, secret := range []string{"AUTH ", "MAIL", "Down since", "access-1"} {
					if strings.Contains(s.Heard(), secret) {
						t.Errorf("%q was readable on the wire", secret)
					}
				}
			})
		}
	}
}

// A mail says who it is from, that nobody wrote it, and in which alphabet.
func TestHeaders(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	m := box(t, s, nil)
	j := job()
	j.Subject = "waw-12 #7 łącze transit-a: brak połączenia z operatorem nadrzędnym od 04:02Z"
	sent(t, m, j)
	got := s.Taken()[0]
	for name, want := range map[string]string{
		"From": `"NOC Example" <noc@example.org>`, "To": "<noc@partner.example>", "Subject": j.Subject, "Auto-Submitted": "auto-generated",
		"Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "quoted-printable", "X-Auto-Response-Suppress": "All", "Mime-Version": "1.0",
		"User-Agent": "", "X-Mailer": "",
	} {
		if h := header(t, got, name); h != want {
			t.Errorf("%s: %q, want %q", name, h, want)
		}
	}
	at, err := got.Message(t).Header.Date()
	if err != nil || time.Since(at).Abs() > time.Hour || !strings.HasSuffix(header(t, got, "Date"), "+0000") {
		t.Errorf("Date: %s", header(t, got, "Date"))
	}
	for _, line := range strings.Split(string(got.Raw), "\r\n") {
		if len(line) > 78 || strings.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("not a line of an old server's: %q", line)
		}
	}
}

// The first mail of a thread, its repeats and its followers find together
// without anybody's memory.
func TestThread(t *testing.T) {
	t.Parallel()
	for _, rewrite := range []bool{false, true} {
		t.Run(fmt.Sprint("Message-ID replaced: ", rewrite), func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, mailtest.Options{Rewrite: rewrite})
			first, again, later, last, other := job(), job(), job(), job(), job()
			later.ID, later.Follows = 57, true
			last.ID, last.Follows, last.Subject = 93, true, "Re: "+last.Subject
			other.ID, other.Thread = 42, "waw-12/8"
			again.Doubtful = true
			var id, references, subjects []string
			for _, j := range []delivery.Job{first, again, later, last, other} {
				m := box(t, s, nil) // a box that was started anew each time
				sent(t, m, j)
				mails := s.Taken()
				id = append(id, header(t, mails[len(mails)-1], "Message-Id"))
				references = append(references, header(t, mails[len(mails)-1], "References"))
				subjects = append(subjects, header(t, mails[len(mails)-1], "Subject"))
				if j.Follows && !strings.HasSuffix(references[len(references)-1], " "+header(t, mails[len(mails)-1], "In-Reply-To")) {
					t.Errorf("In-Reply-To %s is not the last of References %s", header(t, mails[len(mails)-1], "In-Reply-To"), references[len(references)-1])
				}
			}
			if !rewrite && (id[0] != id[1] || id[2] == id[0] || id[3] == id[2] || id[4] == id[0] || references[2] != references[0]+" "+id[0]) {
				t.Errorf("Message-IDs %q, references %q", id, references)
			}
			if references[0] == "" || !strings.HasPrefix(references[2], references[0]) || references[3] != references[2] || references[4] == references[0] {
				t.Errorf("references %q", references)
			}
			if subjects[0] != job().Subject || subjects[2] != "Re: "+job().Subject || subjects[3] != subjects[2] {
				t.Errorf("subjects %q", subjects)
			}
		})
	}
}

// A later delivery, and one to somebody else, is not taken for a repeat.
func TestOnlyARepeatHasTheSameID(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	m := box(t, s, nil)
	for _, id := range []uint64{1, 1, 2} {
		j := job()
		j.ID, j.Thread = id, ""
		sent(t, m, j)
	}
	got := s.Taken()
	if a, b, c := header(t, got[0], "Message-Id"), header(t, got[1], "Message-Id"), header(t, got[2], "Message-Id"); a != b || b == c {
		t.Errorf("Message-IDs %s %s %s", a, b, c)
	}
}

// Nobody's words make a header, a recipient or a command.
func TestInjection(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	m := box(t, s, nil)
	j := job()
	j.Subject, j.Thread = "down\r\nBcc: eve@example.com\r\n\r\nbody\u2028x", "t\r\nBcc: eve@example.com"
	j.Text = "one\r\n.\r\nMAIL FROM:<eve@example.com>\r\n..two\n\n"
	sent(t, m, j)
	got := s.Taken()[0]
	if h := got.Message(t).Header; len(got.To) != 1 || h.Get("Bcc") != "" || header(t, got, "Subject") != "down Bcc: eve@example.com body x" {
		t.Errorf("to %v, headers %v", got.To, h)
	}
	if want := "one\n.\nMAIL FROM:<eve@example.com>\n..two"; body(t, got) != want {
		t.Errorf("the text is %q, want %q", body(t, got), want)
	}
	for _, to := range []string{"a@b.example\r\nRCPT TO:<eve@example.com>", "\"a\r\nb\"@b.example", "\"a>b\"@b.example", "\"a b\"@b.example", "nobody", ""} {
		j.To = to
		if e := failed(t, m, j); e.Fate != delivery.Never || e.Advice == "" {
			t.Errorf("to %q: %v", to, e)
		}
	}
	for _, from := range []string{"a@b.example\r\nX: y", "noc", ""} {
		if _, err := mail.New(mail.Options{Server: starttls, Auth: "none", From: from, Dial: s.Dial}); err == nil {
			t.Errorf("from %q is accepted", from)
		}
	}
}

// What is wrong with the options is said before the first mail.
func TestOptions(t *testing.T) {
	t.Parallel()
	dial := (&net.Dialer{}).DialContext
	good := mail.Options{Server: starttls, User: "u", Auth: "plain", Secret: "s3cr3t!", From: "noc@example.org", Dial: dial}
	for want, change := range map[string]func(*mail.Options){
		"is not host:port":          func(o *mail.Options) { o.Server = "smtp.example.org" },
		`auth "oauth" is not known`: func(o *mail.Options) { o.Auth = "oauth" },
		"needs a user and a secret": func(o *mail.Options) { o.Secret = "" },
		"cannot be typed":           func(o *mail.Options) { o.User = "u\x01auth=x" },
		"no way to dial":            func(o *mail.Options) { o.Dial = nil },
		"already over":              func(o *mail.Options) { o.Timeout = -1 },
		"it is no JSON object":      func(o *mail.Options) { o.Auth = "xoauth2" },
		"client_id is missing":      func(o *mail.Options) { o.Auth, o.Secret = "xoauth2", `{"refresh_token": "s3cr3t!"}` },
		"refresh_token is missing":  func(o *mail.Options) { o.Auth, o.Secret = "xoauth2", `{"client_id": "s3cr3t!"}` },
		"is not an https address": func(o *mail.Options) {
			o.Auth, o.Secret = "xoauth2", `{"client_id": "a", "refresh_token": "s3cr3t!", "token_url": "http://s3cr3t!"}`
		},
		"mail: from \"noc\": is not a": func(o *mail.Options) { o.From = "noc" },
	} {
		o := good
		change(&o)
		if _, err := mail.New(o); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cr3t!") {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if _, err := mail.New(good); err != nil {
		t.Error(err)
	}
}
