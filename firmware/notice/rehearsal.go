package notice

import (
	"fmt"
	"strings"
	"time"

	"heliograph/firmware/event"
)

// Rehearsal is how a drill went. Lengths are from its start; zero: it did not
// come to that.
type Rehearsal struct {
	Text, Link, Clear time.Duration // the first text was taken, the cellular connection was up, the first all-clear was taken
	Acks              []Acked
	Channels          []Took
	Silent, Unreached []string // who got a text and sent no ACK, and who got none
}

// Acked is one person's ACK.
type Acked struct {
	By    string
	After time.Duration
}

// Took is when the first word went out over a channel.
type Took struct {
	Channel string
	After   time.Duration
}

// rehearsalWords are how a language says the parts of a Rehearsal.
type rehearsalWords struct {
	first, took       string
	mail, page, room  string
	link, clear, none string
	silent, unreached string
}

// times tell how a drill went: "first text 4.0 s, ada ACK 1 min 12 s, mail
// 3.1 s, page 2.0 s, all-clear 10 min. Not reached: bob."
func (t *language) times(lang string, r Rehearsal) string {
	w := t.rehearsal
	list := []string{w.first + " " + t.passed(r.Text)}
	for _, a := range r.Acks {
		list = append(list, fmt.Sprintf(w.took, clip(a.By, 12), t.passed(a.After)))
	}
	for _, c := range r.Channels {
		list = append(list, map[string]string{event.Mail: w.mail, event.Statuspage: w.page, event.Slack: w.room}[c.Channel]+" "+t.passed(c.After))
	}
	if r.Link > 0 {
		list = append(list, w.link+" "+t.passed(r.Link))
	}
	clear := w.none
	if r.Clear > 0 {
		clear = Length(lang, r.Clear)
	}
	text := strings.Join(append(list, w.clear+" "+clear), ", ") + "."
	if len(r.Unreached) > 0 {
		text += " " + w.unreached + ": " + strings.Join(r.Unreached, ", ") + "."
	}
	if len(r.Silent) > 0 {
		text += " " + w.silent + ": " + strings.Join(r.Silent, ", ") + "."
	}
	return text
}

// Words tell it in English, for the timeline.
func (r Rehearsal) Words() string { return english.times("en", r) }

// passed is a length to the second, and below ten of them to the tenth.
func (t *language) passed(d time.Duration) string {
	switch {
	case d == 0:
		return t.rehearsal.none
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	}
	return two(d, time.Minute, "min", time.Second, "s")
}
