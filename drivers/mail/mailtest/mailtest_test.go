package mailtest_test

import (
	"net"
	"net/smtp"
	"strings"
	"testing"

	"heliograph/drivers/mail/mailtest"
)

// The standard library's client, which shares no code with the driver, gets
// through on a real port, and is refused where it should be.
func TestAnotherClient(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Options{})
	s.Set(func(f *mailtest.Faults) { f.Rcpt = map[string][]string{"b@two.example": {"550 5.1.1 unknown"}} })
	address := s.Listen(t, false).String()
	plain := smtp.PlainAuth("", mailtest.User, mailtest.Password, mailtest.Host)
	for name, c := range map[string]struct {
		auth  smtp.Auth
		to    string
		clear bool
		want  string
	}{
		"PLAIN":            {plain, "a@one.example", false, ""},
		"CRAM-MD5":         {smtp.CRAMMD5Auth(mailtest.User, mailtest.Password), "a@one.example", false, ""},
		"wrong password":   {smtp.PlainAuth("", mailtest.User, "wrong", mailtest.Host), "a@one.example", false, "535"},
		"nobody there":     {plain, "b@two.example", false, "550"},
		"no login":         {nil, "a@one.example", false, "530"},
		"nothing but SMTP": {nil, "a@one.example", true, "530"},
	} {
		err := submit(t, s, address, c.auth, c.to, !c.clear)
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	got := s.Taken()
	if len(got) != 2 || got[0].To[0] != "a@one.example" || got[0].Message(t).Header.Get("Subject") != "x" {
		t.Errorf("taken: %+v", got)
	}
	s.Done(t)
}

func submit(t *testing.T, s *mailtest.Server, address string, auth smtp.Auth, to string, inside bool) error {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	c, err := smtp.NewClient(conn, mailtest.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if inside {
		config := s.TLS()
		config.ServerName = mailtest.Host
		if err := c.StartTLS(config); err != nil {
			t.Fatal(err)
		}
	}
	if auth != nil {
		if err := c.Auth(auth); err != nil {
			return err
		}
	}
	if err := c.Mail(mailtest.User); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte("Subject: x\r\n\r\n.\r\n")); err != nil {
		return err
	}
	return w.Close()
}
