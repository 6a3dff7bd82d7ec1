package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"heliograph/drivers/delivery"
)

// session is one connection to the server. Greeting, TLS and login are
// go-mail's; the mail itself is not, because its answers are needed one by one,
// and with them the instant at which the last byte has left.
type session struct {
	m    *Mailer
	wire *wire
	c    *smtp.Client
	end  time.Time   // of the attempt
	stop func() bool // lets go of the attempt's context
}

// wire bounds what is read from a server, whatever stands in for it.
type wire struct {
	net.Conn
	left int
}

const mostRead = 512 << 10 // bytes in one attempt; a long group's answers are 10 kB, a handshake 6 kB

func (w *wire) Read(p []byte) (int, error) {
	if w.left <= 0 {
		return 0, errors.New("it answers without end")
	}
	n, err := w.Conn.Read(p)
	w.left -= n
	return n, err
}

// login connects and logs in. A token that was good once and is refused is
// renewed once: the provider may end it before its time.
func (m *Mailer) login(ctx context.Context) (*session, error) {
	cached := m.token.good()
	s, err := m.try(ctx)
	var e *delivery.Error
	if cached && errors.As(err, &e) && strings.HasPrefix(e.Code, "535") {
		m.token = token{}
		return m.try(ctx)
	}
	return s, err
}

func (m *Mailer) try(ctx context.Context) (*session, error) {
	if err := m.renew(ctx); err != nil { // before the server is kept waiting
		return nil, err
	}
	conn, err := m.dial(ctx)
	if err != nil {
		return nil, m.unreachable(err)
	}
	s := &session{m: m, wire: &wire{Conn: conn}}
	s.under(ctx)
	if err = s.greet(ctx); err == nil {
		err = s.authenticate()
	}
	if err != nil {
		s.drop()
		return nil, err
	}
	return s, nil
}

func (m *Mailer) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connecting)
	defer cancel()
	return m.o.Dial(ctx, "tcp", m.o.Server)
}

// under puts the session under an attempt's deadline.
func (s *session) under(ctx context.Context) {
	s.end, _ = ctx.Deadline()
	s.wire.left = mostRead
	s.stop = context.AfterFunc(ctx, func() { s.wire.Close() })
	s.pace(silence)
}

// release takes it from under the deadline; false: the deadline was first.
func (s *session) release() bool { return s.stop() }

// pace gives the next step its time, never more than the attempt has left.
func (s *session) pace(d time.Duration) {
	by := time.Now().Add(d)
	if !s.end.IsZero() && s.end.Before(by) {
		by = s.end
	}
	s.wire.SetDeadline(by) // a closed connection tells so at the next read
}

func (s *session) drop() {
	s.stop()
	s.wire.Close()
}

func (s *session) quit() {
	s.pace(parting)
	s.put("QUIT")
	if s.flush() == nil {
		s.c.Text.ReadResponse(0) // whatever it says, the mail has its fate
	}
	s.drop()
}

// greet reads the banner and goes inside TLS.
func (s *session) greet(ctx context.Context) error {
	var conn net.Conn = s.wire
	implicit := strings.HasSuffix(s.m.o.Server, ":465")
	if implicit {
		inside := tls.Client(s.wire, s.m.tls)
		if err := inside.HandshakeContext(ctx); err != nil {
			return s.lost("starting TLS", err)
		}
		conn = inside
	}
	c, err := smtp.NewClient(conn, s.m.host)
	if err != nil {
		return s.lost("reading its greeting", err)
	}
	s.c = c
	s.pace(silence)
	if err := c.Hello(s.m.domain()); err != nil {
		return s.lost("greeting it", err)
	}
	if implicit {
		return nil
	}
	return s.startTLS()
}

func (s *session) startTLS() error {
	if ok, _ := s.c.Extension("STARTTLS"); !ok {
		return &delivery.Error{Fate: delivery.Retry, Worker: true, Err: fmt.Errorf("%s offers no TLS: nothing was sent", s.m.o.Server),
			Advice: "use port 465 if the provider has it; else something between takes TLS away"}
	}
	s.pace(silence)
	if err := s.c.StartTLS(s.m.tls); err != nil {
		return s.lost("starting TLS", err)
	}
	return nil
}

func (s *session) authenticate() error {
	o := s.m.o
	if o.Auth == "none" {
		return nil
	}
	name := strings.ToUpper(o.Auth)
	_, list := s.c.Extension("AUTH")
	if !slices.Contains(strings.Fields(strings.ToUpper(list)), name) {
		return &delivery.Error{Fate: delivery.Retry, Worker: true, Err: fmt.Errorf("%s offers no login by %s", o.Server, name),
			Advice: "set auth to one that the server offers: " + s.m.hide(printable(list))}
	}
	s.pace(silence)
	if err := s.c.Auth(s.m.auth()); err != nil {
		return s.refusedLogin(err)
	}
	return nil
}

func (m *Mailer) auth() smtp.Auth {
	switch o := m.o; o.Auth {
	case "plain":
		return smtp.PlainAuth("", o.User, o.Secret, m.host, false)
	case "login":
		return smtp.LoginAuth(o.User, o.Secret, m.host, false)
	case "cram-md5":
		return smtp.CRAMMD5Auth(o.User, o.Secret)
	}
	return smtp.XOAuth2Auth(m.o.User, m.token.value)
}

// reply is what a server says to one command.
type reply struct {
	code int
	text string
}

func (r reply) yes() bool { return r.code/100 == 2 }

func (s *session) put(line string) { s.c.Text.W.WriteString(line + "\r\n") } // its error is the flush's

func (s *session) flush() error { return s.c.Text.W.Flush() }

func (s *session) hear(d time.Duration) (reply, error) {
	s.pace(d)
	code, text, err := s.c.Text.ReadResponse(0)
	return reply{code, text}, err
}

func (s *session) ask(line string) (reply, error) {
	s.pace(silence)
	s.put(line)
	if err := s.flush(); err != nil {
		return reply{}, err
	}
	return s.hear(silence)
}

// hand gives a dot-stuffed mail to a server that has said 354. An error says
// that not all of it has left: the server cannot have seen its end.
func (s *session) hand(data []byte) error {
	s.pace(silence)
	w := s.c.Text.DotWriter()
	if _, err := w.Write(data); err != nil {
		return err
	}
	return w.Close()
}
