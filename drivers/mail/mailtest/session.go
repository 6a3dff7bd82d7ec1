package mailtest

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// session is one connection as go-smtp sees it.
type session struct {
	s      *Server
	c      *smtp.Conn
	logged bool
	mail   Mail
}

func (s *Server) session(c *smtp.Conn) (smtp.Session, error) { return &session{s: s, c: c}, nil }

func (x *session) Reset()        { x.mail = Mail{} }
func (x *session) Logout() error { return nil }

// AuthMechanisms is what AUTH is offered with.
func (x *session) AuthMechanisms() []string {
	if x.s.o.Mechanisms != nil {
		return x.s.o.Mechanisms
	}
	return []string{"PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"}
}

// Auth answers 535 as Gmail does, whatever the way.
func (x *session) Auth(mechanism string) (sasl.Server, error) {
	if !slices.Contains(x.AuthMechanisms(), mechanism) {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	if err := x.s.next(func(f *Faults) *[]string { return &f.Login }); err != nil {
		return nil, err
	}
	switch mechanism {
	case "PLAIN":
		return sasl.NewPlainServer(func(_, user, password string) error { return x.admit(user == User && password == Password) }), nil
	case "LOGIN":
		return &login{x: x}, nil
	case "CRAM-MD5":
		return &cram{x: x}, nil
	}
	return &xoauth2{x: x}, nil
}

func (x *session) admit(ok bool) error {
	if !ok {
		return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "Username and Password not accepted"}
	}
	x.logged = true
	return nil
}

// login asks for the user, then for the password, as Microsoft's servers do.
type login struct {
	x     *session
	asked int
	user  string
}

func (a *login) Next(response []byte) ([]byte, bool, error) {
	a.asked++
	switch a.asked {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		a.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, a.x.admit(a.user == User && string(response) == Password)
}

// cram is RFC 2195.
type cram struct {
	x    *session
	sent bool
}

func (a *cram) Next(response []byte) ([]byte, bool, error) {
	const challenge = "<1896.697170952@mail.example.net>"
	if !a.sent {
		a.sent = true
		return []byte(challenge), false, nil
	}
	sum := hmac.New(md5.New, []byte(Password))
	sum.Write([]byte(challenge))
	return nil, true, a.x.admit(string(response) == User+" "+hex.EncodeToString(sum.Sum(nil)))
}

// xoauth2 is Google's: a no is told in JSON first, then waits for an empty
// line, then is 535.
type xoauth2 struct {
	x    *session
	told bool
}

func (a *xoauth2) Next(response []byte) ([]byte, bool, error) {
	if a.told {
		return nil, false, a.x.admit(false)
	}
	if string(response) == "user="+User+"\x01auth=Bearer "+a.x.s.tokens.valid()+"\x01\x01" {
		return nil, true, a.x.admit(true)
	}
	a.told = true
	return []byte(`{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}`), false, nil
}

func (x *session) Mail(from string, o *smtp.MailOptions) error {
	if !x.logged && len(x.AuthMechanisms()) > 0 {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication Required"}
	}
	if err := x.s.next(func(f *Faults) *[]string { return &f.Mail }); err != nil {
		return err
	}
	x.mail = Mail{From: from, UTF8: o.UTF8}
	return nil
}

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	err := x.s.next(func(f *Faults) *[]string {
		list := f.Rcpt[to]
		if len(list) > 0 {
			f.Rcpt[to] = list[1:]
		}
		return &list
	})
	if err != nil {
		return err
	}
	x.mail.To = append(x.mail.To, to)
	return nil
}

var messageID = regexp.MustCompile(`(?mi)^Message-ID:.*$`)

func (x *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := x.s.next(func(f *Faults) *[]string { return &f.Data }); err != nil {
		return err
	}
	x.mail.Raw = raw
	n := x.s.take(x.mail)
	if x.s.counted(func(f *Faults) *int { return &f.Drop }) {
		x.c.Conn().Close()
		return errors.New("dropped")
	}
	return &smtp.SMTPError{Code: 250, EnhancedCode: smtp.EnhancedCode{2, 0, 0}, Message: fmt.Sprintf("OK queued as %d", n)}
}

func (s *Server) take(m Mail) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.o.Rewrite {
		m.Raw = messageID.ReplaceAll(m.Raw, fmt.Appendf(nil, "Message-ID: <%d@%s>\r", len(s.taken), strings.ToUpper(Host)))
	}
	s.taken = append(s.taken, m)
	return len(s.taken)
}

// counted uses one of a number of faults.
func (s *Server) counted(which func(*Faults) *int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := which(&s.f)
	if *n == 0 {
		return false
	}
	*n--
	return true
}
