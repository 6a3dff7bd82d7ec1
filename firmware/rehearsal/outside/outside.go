// Package outside is the Internet as far as a rehearsal needs it: a mail
// provider, a status page and a chat, which are the doubles that the drivers
// are tried with, and a page that shows whether a connection works. Their
// certificates come from an authority that is made for the rehearsal.
package outside

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"heliograph/drivers/mail/mailtest"
	"heliograph/drivers/slack/slacktest"
	"heliograph/drivers/statuspage/statuspagetest"
)

// The hosts. Page and chat have the names that the drivers know.
const (
	MailHost  = "smtp.noc.example"
	PageHost  = "api.statuspage.io"
	ChatHost  = "slack.com"
	CheckHost = "check.noc.example"

	MailServer = MailHost + ":587"
	CheckPage  = "http://" + CheckHost + "/"
)

// The accounts.
const (
	User      = mailtest.User
	Password  = mailtest.Password
	PageID    = "kctbh9vrtdwd"
	PageToken = "rehearsal-page-token"
	ChatToken = "xoxb-rehearsal"
	Room      = "C0WARROOM"
	Component = "internet"
)

// Internet is all of it. Its methods may be called from any goroutine.
type Internet struct {
	authority *authority
	mail      *mailtest.Server
	page      *statuspagetest.Page
	chat      *slacktest.Slack
	atlas     *atlas
	web       []*http.Server
	hosts     []Host
}

// Host is one server with its name and address.
type Host struct {
	Name  string
	Kind  string // mail, page, chat, map or check
	Addr  netip.AddrPort
	Serve func(net.Listener)
}

// Open makes the servers; they serve where their Host is given a listener.
// Components are those of the page, by their ids.
func Open(components map[string]string) (*Internet, error) {
	ca, err := newAuthority()
	if err != nil {
		return nil, fmt.Errorf("make a certificate authority: %w", err)
	}
	certificate, err := ca.issue(MailHost, PageHost, ChatHost, MapHost)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	i := &Internet{
		authority: ca,
		mail:      mailtest.New(mailtest.Options{}, certificate),
		page:      &statuspagetest.Page{ID: PageID, Token: PageToken, PerMinute: 60},
		chat:      &slacktest.Slack{Token: ChatToken},
		atlas:     newAtlas(),
	}
	for _, id := range slices.Sorted(maps.Keys(components)) {
		i.page.AddComponent(id, components[id])
	}
	i.chat.AddChannel(Room, "war-room")
	i.hosts = []Host{
		{MailHost, "mail", netip.MustParseAddrPort("203.0.113.25:587"), func(l net.Listener) { i.mail.Serve(l, false) }},
		{PageHost, "page", netip.MustParseAddrPort("203.0.113.44:443"), i.site(i.page, &certificate)},
		{ChatHost, "chat", netip.MustParseAddrPort("203.0.113.45:443"), i.site(i.chat, &certificate)},
		{MapHost, "map", netip.MustParseAddrPort("203.0.113.47:9994"), i.site(i.atlas, &certificate)},
		{CheckHost, "check", netip.MustParseAddrPort("203.0.113.46:80"), i.site(http.HandlerFunc(nothing), nil)},
	}
	return i, nil
}

// nothing is what a page that shows whether a connection works answers.
func nothing(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

// site is a web server, with TLS if there is a certificate.
func (i *Internet) site(h http.Handler, certificate *tls.Certificate) func(net.Listener) {
	web := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	i.web = append(i.web, web)
	if certificate == nil {
		return func(l net.Listener) { _ = web.Serve(l) }
	}
	web.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}}
	return func(l net.Listener) { _ = web.ServeTLS(l, "", "") }
}

// Hosts are the servers.
func (i *Internet) Hosts() []Host { return i.hosts }

// Trust is the authority's certificate in PEM.
func (i *Internet) Trust() []byte { return i.authority.pem() }

// Close ends all connections.
func (i *Internet) Close() {
	i.mail.Close()
	for _, w := range i.web {
		_ = w.Close()
	}
}

// Mail is one in the provider's hands, as far as a mailbox shows it.
type Mail struct {
	To      []string
	Subject string
	Body    string
}

// Mails are all that the provider took, the oldest first.
func (i *Internet) Mails() []Mail {
	var all []Mail
	for _, m := range i.mail.Taken() {
		all = append(all, opened(m))
	}
	return all
}

// Entry is an incident on the page.
type Entry struct {
	Title, Phase, Said string
	Updates            int
}

// Over says that it is closed.
func (e Entry) Over() bool { return e.Phase == "resolved" || e.Phase == "completed" }

// Page lists the incidents on the page, the oldest first.
func (i *Internet) Page() []Entry {
	var all []Entry
	for _, x := range i.page.Incidents() {
		e := Entry{Title: x.Name, Phase: x.Status, Updates: len(x.Updates)}
		if len(x.Updates) > 0 {
			e.Said = x.Updates[0].Body
		}
		all = append(all, e)
	}
	return all
}

// Component is what a component of the page shows, such as operational.
func (i *Internet) Component(id string) string { return i.page.State(id) }

// Thread is the talk about one incident in the war room.
type Thread struct {
	Head    string // its first line, without marks
	Replies int
	Pinned  bool
}

// Over says that the head tells of the end.
func (t Thread) Over() bool { return strings.HasPrefix(t.Head, "RESOLVED") }

// Room lists the threads of the war room, the oldest first.
func (i *Internet) Room() []Thread {
	var all []Thread
	pins := i.chat.Pins(Room)
	for _, m := range i.chat.Messages(Room) {
		if m.Thread != "" && m.Thread != m.TS {
			continue
		}
		head, _, _ := strings.Cut(m.Text, "\n")
		all = append(all, Thread{Head: strings.ReplaceAll(head, "*", ""), Replies: m.Replies, Pinned: slices.Contains(pins, m.TS)})
	}
	return all
}
