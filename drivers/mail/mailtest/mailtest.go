// Package mailtest is a submission server for tests and rehearsals:
// emersion/go-smtp with an account and the faults that real servers have. For
// tests it brings a certificate authority and a token service of its own. It
// runs in memory, so also in a synctest bubble, and on listeners.
package mailtest

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/mail"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// The account that the server knows, and the name it goes by.
const (
	Host     = "mail.example.net"
	Tokens   = "tokens.example.net"
	User     = "noc@example.org"
	Password = "correct horse"
)

// T is what the server needs of a test. It is not T, because the
// rehearsal, which is part of the product, has this server too.
type T interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// Options are what the server is like from the start.
type Options struct {
	Certificate   string   // for whom it is: empty is Host; "expired" is Host's of last year
	NoTLS         bool     // STARTTLS is not offered, and the login is offered in the clear
	Mechanisms    []string // of AUTH; nil is PLAIN LOGIN CRAM-MD5 XOAUTH2
	MaxRecipients int      // of one mail; the others are told 452 4.5.3
	MaxBytes      int64    // of one mail
	UTF8          bool     // SMTPUTF8 is offered
	Single        bool     // PIPELINING is not offered; on port 465 only
	Rewrite       bool     // a Message-ID of its own replaces that of the mail, as Outlook does
}

// Faults are what goes wrong, set while the server runs. Answers are used up
// one by one; an empty one is a plain yes.
type Faults struct {
	Silent bool          // it takes the connection and says nothing
	Banner string        // said in place of the greeting; then it hangs up
	Drip   time.Duration // between any two bytes it says

	Login, Mail, Data []string // "451 4.7.1 try later"
	Rcpt              map[string][]string
	Drop              int // so many mails are taken and then the line is dropped without a word
	HangUp            int // so many times the line is dropped after a mail's answer, as idle timers do; on port 465 only
}

// Mail is one that the server took.
type Mail struct {
	From string
	To   []string
	UTF8 bool
	Raw  []byte
}

// Message reads the mail.
func (m Mail) Message(t T) *mail.Message {
	t.Helper()
	msg, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		t.Fatalf("the mail cannot be read: %v\n%s", err, m.Raw)
	}
	return msg
}

// Server is a mail provider.
type Server struct {
	o      Options
	ca     *authority
	server [2]*smtp.Server // STARTTLS, and TLS at once
	queue  [2]*queue
	tokens *tokens

	mu      sync.Mutex
	f       Faults
	taken   []Mail
	heard   bytes.Buffer
	calls   int
	in, out int64
}

// New runs a server with a certificate that the caller brings, until Close. It
// has no token service, and XOAUTH2 admits nobody.
func New(o Options, certificate tls.Certificate) *Server {
	s := &Server{o: o, tokens: &tokens{}}
	for i := range s.server {
		s.queue[i] = newQueue()
		s.server[i] = s.serve(certificate, i == 1)
	}
	return s
}

// Start runs a server until the test ends.
func Start(t T, o Options) *Server {
	t.Helper()
	ca := newAuthority(t)
	name, until := Host, time.Now().Add(24*time.Hour)
	switch o.Certificate {
	case "":
	case "expired":
		until = time.Now().Add(-24 * time.Hour)
	default:
		name = o.Certificate
	}
	s := New(o, ca.issue(t, name, until))
	s.ca = ca
	s.tokens = startTokens(t, s)
	t.Cleanup(s.Close)
	return s
}

func (s *Server) serve(certificate tls.Certificate, implicit bool) *smtp.Server {
	x := smtp.NewServer(smtp.BackendFunc(s.session))
	x.Domain, x.ErrorLog = Host, log.New(io.Discard, "", 0)
	x.MaxRecipients, x.MaxMessageBytes, x.EnableSMTPUTF8 = s.o.MaxRecipients, s.o.MaxBytes, s.o.UTF8
	x.AllowInsecureAuth = implicit || s.o.NoTLS // the library does not see through the wrapping of port 465
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	if !implicit && !s.o.NoTLS {
		x.TLSConfig = config
	}
	go x.Serve(s.listener(s.queue[index(implicit)], config, implicit))
	return x
}

func index(implicit bool) int {
	if implicit {
		return 1
	}
	return 0
}

// Close ends all connections; listeners of Serve are closed by who opened them.
func (s *Server) Close() {
	for i := range s.server {
		s.server[i].Close()
		s.queue[i].Close()
	}
	s.tokens.close()
}

// Dial connects in memory: to the server, its port 465 and its tokens' URL.
// Other names are not found.
func (s *Server) Dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	switch {
	case err != nil:
		return nil, err
	case host == Host && port == "465":
		return s.queue[1].dial(ctx)
	case host == Host:
		return s.queue[0].dial(ctx)
	case host == Tokens:
		return s.tokens.queue.dial(ctx)
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

// Listen opens a port on loopback, with TLS at once or by STARTTLS.
func (s *Server) Listen(t T, implicit bool) net.Addr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go s.Serve(l, implicit)
	return l.Addr()
}

// Serve takes calls on a listener until it is closed, with TLS at once or by
// STARTTLS.
func (s *Server) Serve(l net.Listener, implicit bool) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		s.queue[index(implicit)].give(c)
	}
}

// TLS trusts the server's authority and no other.
func (s *Server) TLS() *tls.Config { return &tls.Config{RootCAs: s.ca.pool} }

// Set changes the faults.
func (s *Server) Set(change func(*Faults)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.f)
}

// Taken are the mails that the server answers for, oldest first.
func (s *Server) Taken() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.taken...)
}

// Calls counts connections.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Heard is all that came over the wire, as somebody who listens there reads it.
func (s *Server) Heard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard.String()
}

// Bytes counts what came and went, TLS included, TCP not.
func (s *Server) Bytes() (in, out int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.in, s.out
}

// Done complains of answers that nobody asked for.
func (s *Server) Done(t T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	left := append(append(append([]string(nil), s.f.Login...), s.f.Mail...), s.f.Data...)
	for to, answers := range s.f.Rcpt {
		for _, a := range answers {
			left = append(left, to+": "+a)
		}
	}
	if len(left) > 0 || s.f.Drop > 0 {
		t.Errorf("the server was never asked for %q (drops left: %d)", left, s.f.Drop)
	}
}

// next uses up an answer; nil is yes.
func (s *Server) next(list func(*Faults) *[]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := list(&s.f)
	if len(*l) == 0 {
		return nil
	}
	said := (*l)[0]
	*l = (*l)[1:]
	return answer(said)
}

// answer reads "451 4.7.1 try later".
func answer(said string) error {
	if said == "" {
		return nil
	}
	e := &smtp.SMTPError{EnhancedCode: smtp.NoEnhancedCode}
	code, rest, _ := strings.Cut(said, " ")
	fmt.Sscan(code, &e.Code)
	e.Message = rest
	var c smtp.EnhancedCode
	if n, _ := fmt.Sscanf(rest, "%d.%d.%d", &c[0], &c[1], &c[2]); n == 3 {
		e.EnhancedCode = c
		_, e.Message, _ = strings.Cut(rest, " ")
	}
	return e
}
