// Package push sends an incident's headline to ntfy, Telegram, Matrix,
// Mattermost and some more, at addresses written as shoutrrr writes them:
//
//	ntfy://[USER:PASSWORD@]ntfy.sh/TOPIC[?priority=high&tags=warning]   or ntfy://:tk_TOKEN@…
//	telegram://TOKEN@telegram?chats=-100123456,@channel[&notification=no]
//	matrix://:ACCESSTOKEN@matrix.example.org/?rooms=!id:example.org,alias:example.org
//	mattermost://[NAME@]chat.example.org/WEBHOOK[/CHANNEL]              an incoming webhook
//	mattermost://:BOTTOKEN@chat.example.org/?channel=CHANNELID          ours: a bot, which can look before it repeats
//	discord://TOKEN@WEBHOOKID                   gotify://push.example.org/TOKEN
//	pushover://shoutrrr:TOKEN@USER/[?devices=…]  rocketchat://[NAME@]chat.example.org/TOKENA/TOKENB[/CHANNEL]
//	googlechat://chat.googleapis.com/v1/spaces/…/messages?key=…&token=…
//	opsgenie://api.opsgenie.com/KEY
//
// It is not shoutrrr itself: that opens its connections by http.DefaultClient
// or by clients of its own that cannot be led over a backhaul, gives back no
// identifiers, and would be a tenth of the binary.
//
// A repeat is harmless with ntfy (the sequence id of the first attempt
// replaces it) and Matrix (its transaction id); a Mattermost bot looks. The
// others may show a doubtful one twice.
package push

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/https"
)

// Options say where to.
type Options struct {
	URL     string        // as the package's page says; TLS always
	Timeout time.Duration // for one Send to all its targets; zero is 30 s

	// Dial connects to host:port and resolves the name by itself. A connection
	// that takes longer than 10 s is given up.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	TLS  *tls.Config // nil: the system's roots
}

const usualTimeout = 30 * time.Second

func (o *Options) check() (service, error) {
	if o.Timeout == 0 {
		o.Timeout = usualTimeout
	}
	if o.Timeout < 0 || o.Dial == nil {
		return nil, errors.New("push: it needs a Dial, and a timeout that is not negative")
	}
	at, err := url.Parse(o.URL)
	if err != nil {
		return nil, errors.New("push: url: it is not an address") // the parser's error would show what is in it
	}
	if at.Host == "" {
		return nil, errors.New("push: url: it names no host, as in ntfy://ntfy.sh/TOPIC")
	}
	for key, values := range at.Query() {
		switch k := strings.ToLower(key); {
		case k == "disabletls" && !no(values[0]), k == "disabletlsverification" && !no(values[0]), k == "scheme" && values[0] != "https":
			return nil, fmt.Errorf("push: url: %s: it goes by TLS only, with a certificate that is proven", key)
		}
	}
	open, ok := services[at.Scheme]
	if !ok {
		known := strings.Join(slices.Sorted(maps.Keys(services)), ", ")
		return nil, fmt.Errorf("push: url: %s: this box knows %s; reach others through a webhook, or through ntfy", at.Scheme, known)
	}
	s, err := open(at)
	if err != nil {
		return nil, fmt.Errorf("push: url: %w", err)
	}
	return s, nil
}

// no reads a switch as shoutrrr writes it.
func no(v string) bool {
	return slices.Contains([]string{"no", "false", "0", "n"}, strings.ToLower(v))
}

// Pusher is one address. It may be used by several goroutines.
type Pusher struct {
	o       Options
	service service
	client  *https.Client
}

// New checks the options; it connects to nothing.
func New(o Options) (*Pusher, error) {
	s, err := o.check()
	if err != nil {
		return nil, err
	}
	return &Pusher{o, s, https.New(https.Options{
		Dial: o.Dial, TLS: o.TLS, Whom: "the service", Secrets: s.secrets(), Longest: longestAnswer, Advice: advice(s),
	})}, nil
}

// Close lets go of a connection that was kept for what might have followed.
func (p *Pusher) Close() error {
	p.client.HangUp()
	return nil
}

// message is what is said, for any service.
type message struct {
	title, text string
	priority    int    // 1 to 5, as ntfy counts: 3 is usual, 5 wakes people
	over        bool   // it is good news
	key         string // letters and digits; the same at a repeat, and at no other message
	doubtful    bool
}

func read(j delivery.Job) message {
	m := message{title: j.Subject, text: j.Text, priority: 3, doubtful: j.Doubtful}
	sum := sha256.New()
	fmt.Fprintf(sum, "%d\n%s\n", j.ID, j.Thread)
	if c := j.Case; c != nil {
		fmt.Fprintf(sum, "%s\n%d\n", c.Key, c.Telling)
		m.over = c.Phase.Over()
		m.priority = urgency(c)
	}
	m.key = hex.EncodeToString(sum.Sum(nil)[:12])
	return m
}

// urgency is how loud a telling may be: what hits people wakes people, and
// nothing that mends, or is a drill, does.
func urgency(c *delivery.Case) int {
	switch {
	case c.Drill, c.Phase != delivery.Identified:
		return 3
	case c.Impact == delivery.Major, c.Impact == delivery.Critical:
		return 5
	case c.Impact == delivery.Minor:
		return 4
	}
	return 3
}

// whole is a message without a title of its own.
func (m message) whole() string {
	return strings.TrimSpace(m.title + "\n" + m.text)
}

// Send tells every target of the address. Each is a part, numbered from 1 as
// it stands there; those that took it in an earlier attempt are left out.
func (p *Pusher) Send(ctx context.Context, j delivery.Job) (delivery.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, p.o.Timeout)
	defer cancel()
	p.client.By(j.Path)
	if !j.More {
		defer p.client.HangUp()
	}
	t := telling{p: p, j: j, m: read(j), targets: p.service.targets()}
	for i, target := range t.targets {
		t.tell(ctx, i, target)
	}
	return t.end()
}

// telling is one Send on its way through the targets: a dead one does not
// keep the news from the others.
type telling struct {
	p       *Pusher
	j       delivery.Job
	m       message
	targets []string
	got     delivery.Receipt
	trouble *delivery.Error // the one that decides: doubt counts more than a refusal for now
	refused *delivery.Error
}

func (t *telling) tell(ctx context.Context, i int, target string) {
	if k := slices.IndexFunc(t.j.Taken, func(p delivery.Part) bool { return p.Number == i+1 }); k >= 0 {
		t.got.Parts = append(t.got.Parts, t.j.Taken[k])
		return
	}
	said, err := t.p.tell(ctx, target, t.m)
	part := delivery.Part{Number: i + 1, Of: len(t.targets), At: time.Now()}
	if err == nil && t.j.Took != nil && len(t.targets) > 1 {
		if err = t.j.Took(part); err != nil {
			err = &delivery.Error{Fate: delivery.Unsure, Err: fmt.Errorf("it was taken, and that cannot be remembered: %w", err)}
		}
	}
	var e *delivery.Error
	switch {
	case err == nil:
		t.got.Parts, t.got.Reference = append(t.got.Parts, part), said
	case errors.As(err, &e) && e.Fate == delivery.Never:
		t.refused = e
		t.got.Refused = append(t.got.Refused, delivery.Refusal{To: target, Code: e.Code, Advice: e.Advice})
	case t.trouble == nil || e.Fate == delivery.Unsure:
		t.trouble = e
	}
}

func (t *telling) end() (delivery.Receipt, error) {
	switch {
	case t.trouble != nil:
		return delivery.Receipt{}, t.trouble
	case len(t.got.Parts) == 0:
		return delivery.Receipt{}, t.refused
	}
	return t.got, nil
}

// tell says a message to one target and returns what the service calls it.
func (p *Pusher) tell(ctx context.Context, target string, m message) (string, error) {
	if s, ok := p.service.(looker); ok && m.doubtful {
		body, err := p.ask(ctx, s.look())
		if err != nil {
			return "", err
		}
		if id := s.find(body, m.key); id != "" {
			return id, nil
		}
	}
	if s, ok := p.service.(resolver); ok {
		var err error
		if target, err = s.resolve(target, func(q question) ([]byte, error) { return p.ask(ctx, q) }); err != nil {
			return "", err
		}
	}
	body, err := p.ask(ctx, p.service.say(target, m))
	if err != nil {
		return "", err
	}
	return p.service.taken(body), nil
}

// Check asks the service whether it is well and knows us, and disturbs nobody.
func (p *Pusher) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.o.Timeout)
	defer cancel()
	defer p.client.HangUp()
	_, err := p.ask(ctx, p.service.health())
	return err
}
