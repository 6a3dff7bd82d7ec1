package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"heliograph/drivers/delivery"
)

// letter is a mail as it goes, and who it is for.
type letter struct {
	from    string
	to      []string // as they stand in Job.To; empty where an address cannot be used
	data    []byte
	intl    bool // an address needs SMTPUTF8 (RFC 6531)
	refused []delivery.Refusal
	done    []delivery.Part // those that took it, now or earlier
}

// open lists who has yet to take it, by index.
func (l *letter) open() []int {
	var list []int
	for i, a := range l.to {
		if a != "" && !slices.ContainsFunc(l.done, func(p delivery.Part) bool { return p.Number == i+1 }) {
			list = append(list, i)
		}
	}
	return list
}

func (l *letter) taken(i int) delivery.Part {
	p := delivery.Part{Number: i + 1, Of: len(l.to), At: time.Now()}
	l.done = append(l.done, p)
	return p
}

func (m *Mailer) write(j delivery.Job) (*letter, error) {
	l := &letter{from: m.from.Address, intl: !ascii(m.from.Address), done: slices.Clone(j.Taken)}
	var to []*mail.Address
	for s := range strings.SplitSeq(j.To, ",") {
		a, err := address(s)
		if err != nil {
			l.to = append(l.to, "")
			l.refused = append(l.refused, delivery.Refusal{To: strings.TrimSpace(s), Advice: badAddress})
			continue
		}
		l.to = append(l.to, a.Address)
		l.intl = l.intl || !ascii(a.Address)
		to = append(to, a)
	}
	if len(to) == 0 {
		return nil, &delivery.Error{Fate: delivery.Never, Advice: badAddress, Err: fmt.Errorf("%q has no mail address", j.To)}
	}
	var out bytes.Buffer
	msg := m.message(j, to)
	if err := m.attach(msg, j.Case); err != nil {
		return nil, &delivery.Error{Fate: delivery.Never, Err: fmt.Errorf("writing the calendar: %w", err)}
	}
	if _, err := msg.WriteTo(&out); err != nil {
		return nil, &delivery.Error{Fate: delivery.Never, Err: fmt.Errorf("writing the mail: %w", err)}
	}
	l.data = out.Bytes()
	return l, nil
}

const badAddress = "correct the address: it is not one that a mail can go to"

// message has the headers of an automatic notice (RFC 3834), none of which a
// job can add to: go-mail encodes what it is given, and lines are made one.
func (m *Mailer) message(j delivery.Job, to []*mail.Address) *gomail.Msg {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(m.from)
	m.addressed(msg, to)
	subject := oneLine(j.Subject)
	if j.Follows && !strings.HasPrefix(strings.ToLower(subject), "re:") {
		subject = "Re: " + subject
	}
	msg.Subject(subject)
	msg.SetDateWithValue(time.Now().UTC())
	m.thread(msg, j)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All") // Exchange knows RFC 3834 by this name only (MS-OXCMAIL)
	msg.SetBodyString(gomail.TypeTextPlain, strings.ToValidUTF8(j.Text, "\uFFFD")+"\n")
	return msg
}

func (m *Mailer) addressed(msg *gomail.Msg, to []*mail.Address) {
	seen := to
	if len(to) > 1 {
		seen = slices.DeleteFunc(slices.Clone(to), func(a *mail.Address) bool {
			return slices.ContainsFunc(m.o.Private, func(p string) bool { return strings.EqualFold(p, a.Address) })
		})
	}
	if len(seen) == 0 {
		msg.SetGenHeader("To", "undisclosed-recipients:;")
		return
	}
	msg.ToMailAddress(seen...)
}

// thread gives the mail its place. The Message-ID of a thread's first mail
// follows from the thread's name, so every later one can point to it without a
// memory. All of them refer to a mail that never was, too: servers that put a
// Message-ID of their own in place of ours (Outlook, SES) leave References.
func (m *Mailer) thread(msg *gomail.Msg, j delivery.Job) {
	own := m.id("delivery", strconv.FormatUint(j.ID, 10), j.Thread, j.To)
	if j.Thread == "" {
		msg.SetMessageIDWithValue(own)
		return
	}
	first, stem := m.id("first", j.Thread), "<"+m.id("thread", j.Thread)+">"
	if !j.Follows {
		msg.SetMessageIDWithValue(first)
		msg.SetGenHeader("References", stem)
		return
	}
	msg.SetMessageIDWithValue(own)
	msg.SetGenHeader("In-Reply-To", "<"+first+">")
	msg.SetGenHeader("References", stem+" <"+first+">")
}

// id is the same for the same words, and says nothing of them.
func (m *Mailer) id(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(append(words, m.from.Address), "\x00")))
	return hex.EncodeToString(sum[:12]) + "@" + m.domain()
}

// domain is the sender's, which also greets the server.
func (m *Mailer) domain() string {
	d := m.from.Address[strings.LastIndex(m.from.Address, "@")+1:]
	if !ascii(d) || strings.HasPrefix(d, "[") {
		return "heliograph.invalid"
	}
	return d
}

// address reads one mailbox and refuses what could end a line or a bracket.
func address(s string) (*mail.Address, error) {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	if err != nil {
		return nil, errors.New("is not a mail address: write it as in noc@example.org")
	}
	if strings.ContainsFunc(s, control) || strings.ContainsFunc(a.Address, control) || strings.ContainsAny(a.Address, "<> ") {
		return nil, errors.New("holds a character that no mail address has")
	}
	return a, nil
}

// oneLine makes every run of spaces and line breaks one space.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if control(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

func control(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}
