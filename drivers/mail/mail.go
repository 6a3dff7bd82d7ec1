package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"slices"
	"strings"
	"time"

	"heliograph/drivers/delivery"
)

const (
	connecting = 10 * time.Second // to reach the server
	silence    = 30 * time.Second // for one answer; only the mail's own may take all that is left
	parting    = 3 * time.Second  // for the answer to QUIT, which matters to nobody
	idle       = 15 * time.Second // how long a connection waits for the mail that Job.More promised
	attempt    = 2 * time.Minute
)

// Options say through whom and in whose name mails go.
type Options struct {
	Server string // host:port; on port 465 TLS begins at once, on any other by STARTTLS
	User   string // the account; empty with "none"
	Auth   string // "plain", "login", "cram-md5", "xoauth2" or "none"
	Secret string // the password, or the JSON of xoauth2 (see the package)
	From   string // the mailbox that mails come from, such as "NOC <noc@example.org>"

	// Private are addresses that the others of a group must not see: those of
	// people. Partners' addresses stand in To, since the others of a group may
	// know them and the ticket desks behind them sort by To.
	Private []string

	// Dial reaches the server and the token's URL; it resolves names itself.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	TLS     *tls.Config   // nil: the system's roots
	Timeout time.Duration // for one attempt as a whole, a new token included; zero is two minutes
}

func (o Options) check() error {
	host, port, err := net.SplitHostPort(o.Server)
	switch {
	case err != nil || host == "" || port == "":
		return fmt.Errorf("server %q is not host:port: write it as in smtp.example.org:587", o.Server)
	case !slices.Contains([]string{"plain", "login", "cram-md5", "xoauth2", "none"}, o.Auth):
		return fmt.Errorf("auth %q is not known: write plain, login, cram-md5, xoauth2 or none", o.Auth)
	case o.Auth != "none" && (o.User == "" || o.Secret == ""):
		return fmt.Errorf("auth %s needs a user and a secret", o.Auth)
	case strings.ContainsFunc(o.User, control):
		return errors.New("the user holds a character that cannot be typed: write it again")
	case o.Dial == nil:
		return errors.New("no way to dial is given")
	case o.Timeout < 0:
		return fmt.Errorf("a timeout of %s is already over", o.Timeout)
	}
	return nil
}

// Mailer submits mails, one at a time.
type Mailer struct {
	o    Options
	host string
	from *mail.Address
	tls  *tls.Config

	// turn holds one token; who has it owns everything below.
	turn  chan struct{}
	kept  *session // a connection that waits for the mail after the last one
	timer *time.Timer
	grant grant
	token token
}

// New checks the options; it sends nothing.
func New(o Options) (*Mailer, error) {
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	from, err := address(o.From)
	if err != nil {
		return nil, fmt.Errorf("mail: from %q: %w", o.From, err)
	}
	if o.Timeout == 0 {
		o.Timeout = attempt
	}
	m := &Mailer{o: o, from: from, tls: &tls.Config{}, turn: make(chan struct{}, 1)}
	if o.TLS != nil {
		m.tls = o.TLS.Clone()
	}
	m.host, _, _ = net.SplitHostPort(o.Server) // checked above
	m.tls.ServerName = m.host
	if m.tls.ClientSessionCache == nil { // a handshake that is resumed saves the server's certificates: some 4 kB
		m.tls.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	}
	if o.Auth == "xoauth2" {
		if m.grant, err = readGrant(o.Secret); err != nil {
			return nil, fmt.Errorf("mail: the secret of xoauth2: %w", err)
		}
	}
	return m, nil
}

// Send submits one mail. Its receipt has a part for each address that the
// server took. While some of a group must wait, the others are remembered by
// Job.Took and the send is to be repeated.
func (m *Mailer) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	l, err := m.write(j)
	if err != nil {
		return delivery.Receipt{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, m.o.Timeout)
	defer cancel()
	if err := m.begin(ctx); err != nil {
		return delivery.Receipt{}, err
	}
	defer m.end()
	for {
		s, used, err := m.open(ctx)
		if err != nil {
			return delivery.Receipt{}, err
		}
		r, err := s.deliver(j, l)
		m.leave(s, j.More && err == nil)
		if used && len(l.done) == len(j.Taken) && faulty(err) {
			continue // it was closed while it waited; a new one tells more
		}
		return r, err
	}
}

// Check logs in and leaves: the self-test that disturbs nobody.
func (m *Mailer) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.o.Timeout)
	defer cancel()
	if err := m.begin(ctx); err != nil {
		return err
	}
	defer m.end()
	m.part()
	s, _, err := m.open(ctx)
	if err != nil {
		return err
	}
	defer s.quit()
	r, err := s.ask("NOOP")
	switch {
	case err != nil:
		return s.lost("asking for nothing", err)
	case !r.yes():
		return s.judge(greeting, r)
	}
	return nil
}

// Close parts from the server if a connection was kept.
func (m *Mailer) Close() error {
	m.turn <- struct{}{}
	defer m.end()
	m.part()
	return nil
}

func (m *Mailer) begin(ctx context.Context) error {
	select {
	case m.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &delivery.Error{Fate: delivery.Retry, Worker: true, Err: fmt.Errorf("waiting for the mail before it: %w", ctx.Err())}
	}
}

func (m *Mailer) end() { <-m.turn }

// open gives the kept connection, or a new one that is logged in.
func (m *Mailer) open(ctx context.Context) (s *session, used bool, err error) {
	if s := m.kept; s != nil {
		m.kept = nil
		m.timer.Stop()
		s.under(ctx)
		return s, true, nil
	}
	s, err = m.login(ctx)
	return s, false, err
}

// leave parts from the server, or keeps the connection for a while.
func (m *Mailer) leave(s *session, keep bool) {
	if !keep || !s.release() {
		s.quit()
		return
	}
	m.kept = s
	m.timer = time.AfterFunc(idle, func() {
		m.turn <- struct{}{}
		defer m.end()
		if m.kept == s {
			m.part()
		}
	})
}

func (m *Mailer) part() {
	if m.kept == nil {
		return
	}
	m.timer.Stop()
	m.kept.under(context.Background())
	m.kept.quit()
	m.kept = nil
}

// faulty tells whether the connection was the trouble and not the mail.
func faulty(err error) bool {
	var e *delivery.Error
	return errors.As(err, &e) && e.Fate == delivery.Retry && e.Worker
}
