// Package site keeps a small status page of the operator's own on a host
// outside: index.html, a page for each region, an Atom feed, and status.json
// in the shape of Statuspage's summary, which many readers know. All of it is
// made of the incidents that were told to it, and put there as files by SFTP
// or HTTP PUT; so a repeat changes nothing.
package site

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"heliograph/drivers/delivery"
)

// Options say what the page shows and where it is put.
type Options struct {
	Title    string         // the operator's name, above everything
	URL      string         // where people see it: the folder's address
	Language string         // en, pl or it; empty is en
	Zone     *time.Location // in which times are shown beside UTC; nil: UTC only
	Parts    []string       // regions and services that it lists, in this order, in the words of Case.Scope
	Days     int            // closed incidents are shown so long; zero is 14

	Put  Put  // either this
	SFTP SFTP // or that

	Timeout time.Duration // for one Send; zero is 60 s

	// Dial connects to host:port and resolves the name by itself. A connection
	// that takes longer than 10 s is given up.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	TLS  *tls.Config // for Put; nil: the system's roots

	Memory Memory
}

// Put is a folder that takes files by HTTP PUT.
type Put struct {
	URL    string // begins with https://
	User   string
	Secret string // the user's password, or a bearer token if there is no user
}

// SFTP is a folder on an SSH server.
type SFTP struct {
	Server  string // host:port
	User    string
	Key     string // private key in PEM form, without a passphrase
	HostKey string // "SHA256:…", or a line of known_hosts
	Folder  string
}

// Memory keeps what must survive a restart. Store returns after the commit; a
// key that was never stored is nil without an error.
type Memory interface {
	Load(key string) ([]byte, error)
	Store(key string, value []byte) error
}

const (
	usualTimeout = time.Minute
	usualDays    = 14
)

func (o *Options) check() error {
	if o.Timeout == 0 {
		o.Timeout = usualTimeout
	}
	if o.Days == 0 {
		o.Days = usualDays
	}
	if o.Language == "" {
		o.Language = "en"
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	o.URL = strings.TrimSuffix(o.URL, "/") + "/"
	at, err := url.Parse(o.URL)
	_, spoken := words[o.Language]
	switch {
	case o.Title == "":
		return errors.New("site: title: give the operator's name")
	case err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http":
		return errors.New("site: url: give the address at which people see the page")
	case !spoken:
		return fmt.Errorf("site: language %s: it speaks en, pl and it", o.Language)
	case o.Timeout < 0 || o.Days < 0:
		return errors.New("site: timeout and days must not be negative")
	case (o.Put.URL == "") == (o.SFTP.Server == ""):
		return errors.New("site: it is put somewhere in one way: by put or by sftp")
	case o.Dial == nil || o.Memory == nil:
		return errors.New("site: it needs a Dial and a Memory")
	}
	return o.clash()
}

// clash finds two parts that would be the same file.
func (o *Options) clash() error {
	seen := map[string]string{"index": "the page itself"}
	for _, part := range o.Parts {
		if slug(part) == "" {
			return fmt.Errorf("site: %q has neither letters nor digits for the name of its page: rename it", part)
		}
		if before, ok := seen[slug(part)]; ok {
			return fmt.Errorf("site: %s and %s would both be %s.html: rename one", before, part, slug(part))
		}
		seen[slug(part)] = part
	}
	return nil
}

// host takes files, all of them over one connection.
type host interface {
	put(ctx context.Context, files []file) error
	check(ctx context.Context) error
}

// file is one file of the site.
type file struct {
	name, kind string
	text       []byte
}

func (f file) sum() string {
	s := sha256.Sum256(f.text)
	return hex.EncodeToString(s[:8])
}

// Site is one status page. It may be used by several goroutines; one Send goes
// at a time.
type Site struct {
	o    Options
	host host
	turn chan struct{} // whoever holds its one token owns the memory
}

// New checks the options; it connects to nothing.
func New(o Options) (*Site, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	open := openSFTP
	if o.Put.URL != "" {
		open = openPut
	}
	h, err := open(o)
	if err != nil {
		return nil, fmt.Errorf("site: %w", err)
	}
	return &Site{o: o, host: h, turn: make(chan struct{}, 1)}, nil
}

// Send remembers the job's incident and puts what changed by it. Everything is
// put when an incident opens, and when it is doubtful what is there.
func (s *Site) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	switch {
	case j.Case == nil:
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Never, Err: errors.New("a status page shows incidents, and this is about none")}
	case j.Case.Drill:
		return delivery.Receipt{Reference: "a drill is not shown on a public page"}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Retry, Worker: true, Err: fmt.Errorf("waiting for the page's turn: %w", ctx.Err())}
	}
	said, err := s.show(ctx, j)
	if err != nil {
		var e *delivery.Error
		if !errors.As(err, &e) {
			err = &delivery.Error{Fate: delivery.Retry, Worker: true, Err: err}
		}
		return delivery.Receipt{}, err
	}
	return delivery.Receipt{Reference: said}, nil
}

func (s *Site) show(ctx context.Context, j delivery.Job) (string, error) {
	b, err := s.load()
	if err != nil {
		return "", err
	}
	b.add(*j.Case, s.o.Days)
	files, err := s.o.render(b.Cases)
	if err != nil {
		return "", &delivery.Error{Fate: delivery.Never, Err: err}
	}
	all := j.Doubtful || !j.Follows || b.Tried
	var changed []file
	for _, f := range files {
		if all || b.There[f.name] != f.sum() {
			changed = append(changed, f)
		}
	}
	b.Tried = true // from here on it is doubtful what is there
	if err := s.store(b); err != nil {
		return "", err
	}
	if err := s.host.put(ctx, changed); err != nil {
		return "", err
	}
	b.Tried, b.There = false, map[string]string{}
	size := 0
	for _, f := range files {
		b.There[f.name] = f.sum()
	}
	for _, f := range changed {
		size += len(f.text)
	}
	return fmt.Sprintf("%d files, %d bytes", len(changed), size), s.store(b)
}

// Check connects, proves who we are, and changes nothing.
func (s *Site) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	return s.host.check(ctx)
}

const bookName = "site"

func (s *Site) load() (*book, error) {
	b := new(book)
	text, err := s.o.Memory.Load(bookName)
	if err != nil {
		return nil, fmt.Errorf("reading what the page shows: %w", err)
	}
	if json.Unmarshal(text, b) != nil {
		b = new(book) // nothing yet, or broken: it begins anew with what is told now
	}
	return b, nil
}

func (s *Site) store(b *book) error {
	text, err := json.Marshal(b)
	if err == nil {
		err = s.o.Memory.Store(bookName, text)
	}
	if err != nil {
		return fmt.Errorf("remembering what the page shows: %w", err)
	}
	return nil
}
