// Package slack tells a war room at Slack of incidents: a thread for each,
// whose pinned head is edited at every telling, with what is new as replies.
// The all-clear is a reply that the channel sees too; then the head says
// RESOLVED and is unpinned.
//
// A message is known again by its metadata: the incident's key and the number
// of the telling. A mark is remembered before a message goes, and whoever
// finds the mark looks in the channel before posting again. An incoming webhook
// can carry the texts too, but nothing can be looked up, edited or threaded.
package slack

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https"
)

// Options say which channel, by which token, over which net.
type Options struct {
	Token   string // a bot's token, xoxb-…, with chat:write, pins:write, channels:history and channels:read (groups:… for a private channel)
	Channel string // its id, C0123456789, or its name; a Job's To, if set, goes before it
	Webhook string // instead of Token and Channel: the secret address of an incoming webhook

	Base    string        // https address of the API; empty is https://slack.com/api
	Timeout time.Duration // for one Send with all its requests; zero is 45 s

	// Dial connects to host:port and resolves the name by itself. A connection
	// that takes longer than 10 s is given up.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	TLS  *tls.Config // nil: the system's roots

	Memory Memory
}

// Memory keeps what must survive a restart. Store returns after the commit; a
// key that was never stored is nil without an error.
type Memory interface {
	Load(key string) ([]byte, error)
	Store(key string, value []byte) error
}

const (
	slackAPI     = "https://slack.com/api"
	usualTimeout = 45 * time.Second
)

func (o *Options) check() error {
	if o.Base == "" {
		o.Base = slackAPI
	}
	if o.Timeout == 0 {
		o.Timeout = usualTimeout
	}
	o.Base, o.Channel = strings.TrimSuffix(o.Base, "/"), strings.TrimPrefix(o.Channel, "#")
	_, apiOK := https.Secure(o.Base)
	_, hookOK := https.Secure(o.Webhook)
	switch {
	case (o.Token == "") == (o.Webhook == ""):
		return errors.New("slack: give a token, or instead of it a webhook")
	case o.Webhook == "" && o.Channel == "":
		return errors.New("slack: channel: give its id, such as C0123456789, or its name")
	case strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("slack: token: give a bot token, without spaces or line ends")
	case !apiOK || o.Webhook != "" && !hookOK:
		return errors.New("slack: base and webhook: give addresses that begin with https://")
	case o.Timeout < 0:
		return errors.New("slack: timeout must not be negative")
	case o.Dial == nil || o.Memory == nil:
		return errors.New("slack: it needs a Dial and a Memory")
	}
	return nil
}

// isID tells a channel's id from its name, which has no capitals.
var isID = regexp.MustCompile(`^[CDG][A-Z0-9]{6,}$`)

// Room is a war room, or several by the same bot. It may be used by several
// goroutines; one Send or Check goes at a time.
type Room struct {
	o     Options
	wire  *wire
	turn  chan struct{}    // whoever holds its one token owns wire and books
	books map[string]*book // by channel
}

// New checks the options; it connects to nothing.
func New(o Options) (*Room, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return &Room{o: o, wire: newWire(o), turn: make(chan struct{}, 1), books: map[string]*book{}}, nil
}

// Close lets go of a connection that was kept for what might have followed.
func (r *Room) Close() error {
	r.wire.HangUp()
	return nil
}

// Send tells the channel. The receipt's reference is the message's time stamp,
// which is its id, or the reason why nothing had to be said; what failed beside
// the message itself, such as a pin, stands behind it.
func (r *Room) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, r.o.Timeout)
	defer cancel()
	leave, err := r.enter(ctx, j.Path)
	if err != nil {
		return delivery.Receipt{}, err
	}
	defer leave(j.More)
	name := r.o.Channel
	if j.To != "" && r.o.Webhook == "" {
		name = strings.TrimPrefix(j.To, "#")
	}
	b, err := r.book(name)
	if err != nil {
		return delivery.Receipt{}, &delivery.Error{Fate: delivery.Retry, Worker: true, Err: err}
	}
	reference, no := r.tell(ctx, j, b)
	if no != nil {
		return delivery.Receipt{}, &no.Error
	}
	return delivery.Receipt{Reference: reference}, nil
}

func (r *Room) tell(ctx context.Context, j delivery.Job, b *book) (string, *refusal) {
	t := telling{room: r, job: j, c: j.Case, book: b}
	if t.c == nil {
		// About no incident: it is one message, known again by the outbox's number.
		t.c = &delivery.Case{Key: fmt.Sprintf("notice/%d", j.ID), Telling: 1, Title: j.Subject, Text: j.Text}
		t.alone = true
	}
	t.at = b.thread(t.c.Key)
	if r.o.Webhook != "" {
		return t.hook(ctx)
	}
	return t.tell(ctx)
}

// enter waits for the turn. What it returns gives the turn back; unless more
// follows at once, the connection is closed.
func (r *Room) enter(ctx context.Context, path string) (leave func(more bool), err error) {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, &delivery.Error{Fate: delivery.Retry, Worker: true, Err: fmt.Errorf("waiting for the channel's connection: %w", ctx.Err())}
	}
	r.wire.By(path)
	return func(more bool) {
		if !more {
			r.wire.HangUp()
		}
		<-r.turn
	}, nil
}

func (r *Room) book(channel string) (*book, error) {
	if b := r.books[channel]; b != nil {
		return b, nil
	}
	b, err := readBook(r.o.Memory, channel)
	if err == nil {
		r.books[channel] = b
	}
	return b, err
}
