package mail_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/mail"
	"heliograph/drivers/mail/mailtest"
)

// What a server says no to, when, and what becomes of the mail.
func TestRefusals(t *testing.T) {
	t.Parallel()
	login := func(f *mailtest.Faults, said string) { f.Login = []string{said} }
	from := func(f *mailtest.Faults, said string) { f.Mail = []string{said} }
	to := func(f *mailtest.Faults, said string) { f.Rcpt = map[string][]string{"noc@partner.example": {said}} }
	data := func(f *mailtest.Faults, said string) { f.Data = []string{said} }
	for _, c := range []struct {
		at           func(*mailtest.Faults, string)
		said         string
		fate, advice string
	}{
		{login, "535 5.7.8 Username and Password not accepted", "retry worker 535 5.7.8", "renew the secret"},
		{login, "534 5.7.9 Application-specific password required", "retry worker 534 5.7.9", "app password"},
		{login, "454 4.7.0 Too many login attempts, please try again later", "retry worker 454 4.7.0 after 15m0s", "pause"},
		{login, "454 4.7.0 Temporary authentication failure", "retry worker 454 4.7.0", ""},
		{login, "550 5.7.30 Basic authentication is not supported for Client Submission", "retry worker 550 5.7.30", "xoauth2"},
		{login, "535 5.7.139 Authentication unsuccessful, basic authentication is disabled", "retry worker 535 5.7.139", "xoauth2"},
		{login, "421 4.7.0 Temporary system problem", "retry worker 421 4.7.0", ""},
		{from, "530 5.7.0 Must issue a STARTTLS command first", "retry worker 530 5.7.0", "login first"},
		{from, "421 4.3.2 shutting down", "retry worker 421 4.3.2", ""},
		{from, "451 4.7.1 try again", "retry worker 451 4.7.1", ""},
		{from, "550 5.7.60 SMTP; Client does not have permissions to send as this sender", "retry worker 550 5.7.60", "correct from"},
		{from, "550 5.4.5 Daily user sending limit exceeded", "retry worker 550 5.4.5 after 1h0m0s", "another account"},
		{from, "552 5.3.4 Message too big", "never 552 5.3.4", "say less"},
		{from, "553 5.1.8 sender", "retry worker 553 5.1.8", "check from"},
		{to, "450 4.2.0 Greylisted", "retry 450 4.2.0", ""},
		{to, "451 4.7.1 Greylisting in action, please come back later", "retry 451 4.7.1", ""},
		{to, "452 4.5.3 Too many recipients", "retry 452 4.5.3", ""},
		{to, "421 4.4.2 timeout", "retry worker 421 4.4.2", ""},
		{to, "550 5.1.1 The email account that you tried to reach does not exist", "never 550 5.1.1", "correct the address"},
		{to, "552 5.2.2 The email account is over quota", "never 552 5.2.2", "another way"},
		{to, "554 5.7.1 Relay access denied", "retry worker 554 5.7.1", "user and secret"},
		{to, "550 no", "never 550", "check the address"},
		{to, "999 what", "retry worker 999", "does not speak SMTP"},
		{data, "451 4.3.0 queue file write error", "retry worker 451 4.3.0", ""},
		{data, "451 4.7.1 greylisted after all", "retry 451 4.7.1", ""},
		{data, "452 4.3.1 Insufficient system storage", "retry worker 452 4.3.1", ""},
		{data, "552 5.2.3 Message too large", "never 552 5.2.3", "say less"},
		{data, "550 5.4.5 Daily user sending limit exceeded", "retry worker 550 5.4.5 after 1h0m0s", "another account"},
		{data, "554 5.7.1 spam", "never 554 5.7.1", "policy"},
		{data, "554 5.6.0 no", "never 554 5.6.0", ""},
	} {
		t.Run(c.said, func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, mailtest.Options{})
			s.Set(func(f *mailtest.Faults) { c.at(f, c.said) })
			e := failed(t, box(t, s, nil), job())
			if told(e) != c.fate || !strings.Contains(e.Advice, c.advice) || (c.advice == "") != (e.Advice == "") {
				t.Errorf("%s: %q, advice %q", told(e), e, e.Advice)
			}
			if len(s.Taken()) != 0 {
				t.Error("the mail was taken")
			}
			s.Done(t)
		})
	}
}

// Without TLS nothing is said that somebody could want.
func TestNoDowngrade(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{NoTLS: true})
	for _, auth := range []string{"plain", "login", "none"} {
		e := failed(t, box(t, s, func(o *mail.Options) { o.Auth = auth }), job())
		if told(e) != "retry worker" || !strings.Contains(e.Error(), "offers no TLS") || !strings.Contains(e.Advice, "465") {
			t.Errorf("%s: %v, %s", auth, e, e.Advice)
		}
	}
	for _, word := range []string{"AUTH", "MAIL", "RCPT", "transit-a"} {
		if strings.Contains(s.Heard(), word) {
			t.Errorf("%s was said in the clear: %q", word, s.Heard())
		}
	}
}

// A certificate for somebody else, of last year, or by nobody known ends the
// talk before the login.
func TestCertificates(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]mailtest.Options{"another name": {Certificate: "mail.example.com"}, "expired": {Certificate: "expired"}, "unknown authority": {}} {
		for _, server := range []string{starttls, implicit} {
			t.Run(name+" "+server, func(t *testing.T) {
				t.Parallel()
				s := mailtest.Start(t, o)
				m := box(t, s, func(o *mail.Options) {
					if o.Server = server; name == "unknown authority" {
						o.TLS = mailtest.Start(t, mailtest.Options{}).TLS()
					}
				})
				e := failed(t, m, job())
				if told(e) != "retry worker" || !strings.Contains(e.Advice, "certificate") {
					t.Errorf("%s: %v, advice %q", told(e), e, e.Advice)
				}
			})
		}
	}
}

// Somebody else answers, or nobody does, or not for long.
func TestThePathIsTheTrouble(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		server string
		faults mailtest.Faults
		fate   string
		says   string
		advice string
	}{
		{"greeted with 421", starttls, mailtest.Faults{Banner: "421 4.3.2 Service not available"}, "retry worker 421 4.3.2", "Service not available", ""},
		{"greeted with 554", starttls, mailtest.Faults{Banner: "554 5.7.1 your address is on a list"}, "retry worker 554 5.7.1", "on a list", "ask the provider"},
		{"a login page", starttls, mailtest.Faults{Banner: "HTTP/1.1 302 Found\r\nLocation: http://login.example/"}, "retry worker", "HTTP/1.1 302 Found", "login page"},
		{"a login page where TLS should be", implicit, mailtest.Faults{Banner: "HTTP/1.1 400 Bad Request"}, "retry worker", "starting TLS", "login page"},
		{"a greeting without end", starttls, mailtest.Faults{Banner: strings.Repeat("220 ", 1<<18)}, "retry worker", "answers without end", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, mailtest.Options{})
			s.Set(func(f *mailtest.Faults) { *f = c.faults })
			e := failed(t, box(t, s, func(o *mail.Options) { o.Server = c.server }), job())
			if told(e) != c.fate || !strings.Contains(e.Error(), c.says) || !strings.Contains(e.Advice, c.advice) || (c.advice == "") != (e.Advice == "") {
				t.Errorf("%s: %v, advice %q", told(e), e, e.Advice)
			}
		})
	}
}

// flimsy is a link that goes when something longer than a command is sent
// after EHLO, STARTTLS and the ClientHello.
type flimsy struct {
	net.Conn
	writes int
}

func (f *flimsy) Write(p []byte) (int, error) {
	if f.writes++; f.writes > 3 && len(p) > 1000 {
		f.Conn.Close()
		return 0, errors.New("the carrier is lost")
	}
	return f.Conn.Write(p)
}

// The link goes while the mail is handed over, before its end has left: it has
// certainly not arrived, and may go again.
func TestCutInTheMail(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	calls := 0
	m := box(t, s, func(o *mail.Options) {
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := s.Dial(ctx, network, address)
			if calls++; calls == 1 {
				c = &flimsy{Conn: c}
			}
			return c, err
		}
	})
	j := job()
	j.Text = strings.Repeat("transit-a is down. ", 100)
	if e := failed(t, m, j); told(e) != "retry worker" || !strings.HasSuffix(e.Error(), "handing over the mail: the carrier is lost") || len(s.Taken()) != 0 {
		t.Errorf("%v, %d mails", e, len(s.Taken()))
	}
	sent(t, m, j)
	if len(s.Taken()) != 1 {
		t.Errorf("%d mails", len(s.Taken()))
	}
}

// The name of the server is not found, or its port is closed.
func TestNoWay(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	e := failed(t, box(t, s, func(o *mail.Options) { o.Server = "smtp.example.invalid:587" }), job())
	if told(e) != "retry worker" || !strings.Contains(e.Advice, "smtp.example.invalid is not found") {
		t.Errorf("%v, advice %q", e, e.Advice)
	}
	refused := errors.New("connection refused")
	e = failed(t, box(t, s, func(o *mail.Options) {
		o.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, refused }
	}), job())
	if told(e) != "retry worker" || !errors.Is(e, refused) {
		t.Errorf("%v", e)
	}
}

// The server takes the mail and the line drops before it says so: nobody
// knows. The second copy has the same Message-ID.
func TestAnswerIsLost(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	s.Set(func(f *mailtest.Faults) { f.Drop = 1 })
	m := box(t, s, nil)
	if e := failed(t, m, job()); told(e) != "unsure" || !strings.Contains(e.Error(), "did not answer") {
		t.Errorf("%v", e)
	}
	again := job()
	again.Doubtful = true
	sent(t, m, again)
	got := s.Taken()
	if a, b := header(t, got[0], "Message-Id"), header(t, got[1], "Message-Id"); a != b || a == "" {
		t.Errorf("Message-IDs %s, %s", a, b)
	}
	s.Done(t)
}

// A server that is silent or slow costs an attempt its time and no more. The
// clock is the bubble's.
func TestSlow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults mailtest.Faults
		took   time.Duration
	}{
		"silent":             {mailtest.Faults{Silent: true}, 30 * time.Second},
		"a byte in a second": {mailtest.Faults{Drip: time.Second}, time.Minute}, // half a greeting passes for one (bufio), half a second answer does not
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := mailtest.Start(t, mailtest.Options{})
				s.Set(func(f *mailtest.Faults) { *f = c.faults })
				began := time.Now()
				e := failed(t, box(t, s, nil), job())
				if took := time.Since(began); told(e) != "retry worker" || took != c.took {
					t.Errorf("after %s: %v", took, e)
				}
			})
		})
	}
}

// The whole attempt has an end too, however lively the server drips.
func TestWholeAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mailtest.Start(t, mailtest.Options{})
		s.Set(func(f *mailtest.Faults) { f.Drip = 10 * time.Millisecond }) // 23 s for all that it has to say
		m := box(t, s, func(o *mail.Options) { o.Timeout = 20 * time.Second })
		began := time.Now()
		if e, took := failed(t, m, job()), time.Since(began); e.Fate != delivery.Retry || !e.Worker || took != 20*time.Second {
			t.Errorf("after %s: %v", took, e)
		}
		sent(t, box(t, s, nil), job())
	})
}

// Whoever asked is told at once when the box shuts down.
func TestCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mailtest.Start(t, mailtest.Options{})
		s.Set(func(f *mailtest.Faults) { f.Silent = true })
		m := box(t, s, nil)
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(3*time.Second, cancel)
		began := time.Now()
		r, err := m.Send(ctx, job())
		if e := fate(t, r, err); told(e) != "retry worker" || time.Since(began) != 3*time.Second {
			t.Errorf("after %s: %v", time.Since(began), e)
		}
	})
}

// Mails that follow one another share a connection; it closes by itself, and
// one that was closed by the server costs a call and no mail.
func TestBurst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mailtest.Start(t, mailtest.Options{})
		m := box(t, s, func(o *mail.Options) { o.Server = implicit })
		j := job()
		j.More = true
		for i := range 5 {
			j.ID = uint64(i)
			sent(t, m, j)
		}
		if s.Calls() != 1 {
			t.Errorf("%d calls for five mails", s.Calls())
		}
		time.Sleep(16 * time.Second)
		if !m.Idle() {
			t.Error("the connection is still open")
		}
		s.Set(func(f *mailtest.Faults) { f.HangUp = 1 })
		sent(t, m, j)
		sent(t, m, j)
		if s.Calls() != 3 || len(s.Taken()) != 7 {
			t.Errorf("%d calls, %d mails", s.Calls(), len(s.Taken()))
		}
		s.Done(t)
	})
}

// A group is one mail. Each address has an answer of its own; those that must
// wait go again, alone, under the same Message-ID.
func TestGroup(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	s.Set(func(f *mailtest.Faults) {
		f.Rcpt = map[string][]string{"b@two.example": {"451 4.7.1 greylisted", ""}, "c@three.example": {"550 5.1.1 unknown", "550 5.1.1 unknown"}}
	})
	m := box(t, s, nil)
	j := job()
	j.To = "a@one.example, b@two.example,c@three.example , nobody,d@four.example"
	var took []delivery.Part
	j.Took = func(p delivery.Part) error {
		took = append(took, p)
		return nil
	}
	r, err := m.Send(context.Background(), j)
	if e := fate(t, r, err); told(e) != "retry 451 4.7.1" || numbers(took) != "1/5 5/5" {
		t.Fatalf("%v; taken by %s", e, numbers(took))
	}
	j.Taken = took
	r = sent(t, m, j)
	if numbers(r.Parts) != "1/5 5/5 2/5" {
		t.Errorf("the receipt has %s", numbers(r.Parts))
	}
	if got := fmt.Sprint(r.Refused); got != "[{nobody  correct the address: it is not one that a mail can go to} {c@three.example 550 5.1.1 there is no such mailbox: correct the address}]" {
		t.Errorf("refused: %s", got)
	}
	got := s.Taken()
	if len(got) != 2 || strings.Join(got[0].To, " ") != "a@one.example d@four.example" || strings.Join(got[1].To, " ") != "b@two.example" {
		t.Fatalf("mails %+v", got)
	}
	if header(t, got[0], "Message-Id") != header(t, got[1], "Message-Id") || header(t, got[0], "To") != header(t, got[1], "To") {
		t.Error("the two are not the same mail")
	}
	s.Done(t)
}

func numbers(parts []delivery.Part) string {
	var list []string
	for _, p := range parts {
		list = append(list, fmt.Sprintf("%d/%d", p.Number, p.Of))
	}
	return strings.Join(list, " ")
}

// One address at which the server itself stumbles holds up none of the others,
// and its tries are counted: the account has just been seen to work.
func TestGroupStumbles(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	s.Set(func(f *mailtest.Faults) {
		f.Rcpt = map[string][]string{"a@one.example": {"451 4.3.5 Server configuration error"}}
	})
	j := job()
	j.To = "a@one.example,b@two.example"
	if e := failed(t, box(t, s, nil), j); told(e) != "retry 451 4.3.5" || len(s.Taken()) != 1 {
		t.Errorf("%v, %d mails", e, len(s.Taken()))
	}
}

// Nobody in a group can be reached: the first refusal is told.
func TestGroupRefused(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	s.Set(func(f *mailtest.Faults) {
		f.Rcpt = map[string][]string{"a@one.example": {"550 5.1.1 unknown"}, "b@two.example": {"552 5.2.2 full"}}
	})
	j := job()
	j.To = "a@one.example,b@two.example"
	if e := failed(t, box(t, s, nil), j); told(e) != "never 550 5.1.1" {
		t.Errorf("%v", e)
	}
	s.Done(t)
}

// What was taken is remembered before anything else goes; if it cannot be,
// nothing else goes.
func TestMemoryFails(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{MaxRecipients: 1})
	j := job()
	j.To = "a@one.example,b@two.example"
	j.Took = func(delivery.Part) error { return errors.New("disk full") }
	if e := failed(t, box(t, s, nil), j); told(e) != "unsure" || len(s.Taken()) != 1 {
		t.Errorf("%v, %d mails", e, len(s.Taken()))
	}
}

// A server that takes ten at once gets a group of 25 in three rounds, on one
// connection, with or without pipelining.
func TestLongGroup(t *testing.T) {
	t.Parallel()
	for _, single := range []bool{false, true} {
		s := mailtest.Start(t, mailtest.Options{MaxRecipients: 10, Single: single})
		m := box(t, s, func(o *mail.Options) { o.Server = implicit })
		j, took := job(), 0
		j.Took = func(delivery.Part) error { took++; return nil }
		var to []string
		for i := range 25 {
			to = append(to, fmt.Sprintf("noc%d@partner.example", i))
		}
		j.To = strings.Join(to, ",")
		r := sent(t, m, j)
		var reached []string
		for _, mail := range s.Taken() {
			reached = append(reached, mail.To...)
		}
		if len(r.Parts) != 25 || !slices.Equal(reached, to) || s.Calls() != 1 || took != 20 {
			t.Errorf("%d parts, %d calls, %d remembered, reached %v", len(r.Parts), s.Calls(), took, reached)
		}
	}
}

// Partners see who else was told; people's own addresses are nobody's business.
func TestWhoSeesWhom(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	m := box(t, s, func(o *mail.Options) { o.Private = []string{"ada@home.example", "bob@home.example"} })
	for to, want := range map[string]string{
		"a@one.example,b@two.example":       "<a@one.example>, <b@two.example>",
		"a@one.example,Ada@home.example":    "<a@one.example>",
		"ada@home.example,bob@home.example": "undisclosed-recipients:;",
		"ada@home.example":                  "<ada@home.example>",
	} {
		j := job()
		j.To = to
		sent(t, m, j)
		got := s.Taken()
		last := got[len(got)-1]
		if header(t, last, "To") != want || len(last.To) != strings.Count(to, ",")+1 {
			t.Errorf("to %s: To: %s, sent to %v", to, header(t, last, "To"), last.To)
		}
		if want == "<a@one.example>" && strings.Contains(strings.ToLower(string(last.Raw)), "home.example") {
			t.Errorf("the mail names a private address:\n%s", last.Raw)
		}
	}
}

// An address beyond ASCII goes where the server can take it, and is refused
// with a reason where not.
func TestBeyondASCII(t *testing.T) {
	t.Parallel()
	j := job()
	j.To = "łukasz@partner.example"
	s := mailtest.Start(t, mailtest.Options{UTF8: true})
	sent(t, box(t, s, nil), j)
	sent(t, box(t, s, nil), job())
	if got := s.Taken(); got[0].To[0] != j.To || !got[0].UTF8 || got[1].UTF8 {
		t.Errorf("%+v", got)
	}
	if e := failed(t, box(t, mailtest.Start(t, mailtest.Options{}), nil), j); told(e) != "never" || !strings.Contains(e.Advice, "plain letters") {
		t.Errorf("%v", e)
	}
}

// The server that offers another login than the configured says which.
func TestOtherLogin(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{Mechanisms: []string{"LOGIN", "XOAUTH2"}})
	m := box(t, s, nil)
	var e *delivery.Error
	if err := m.Check(context.Background()); !errors.As(err, &e) || told(e) != "retry worker" || !strings.Contains(e.Advice, "LOGIN XOAUTH2") {
		t.Errorf("%v", err)
	}
}
