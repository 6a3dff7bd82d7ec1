package notice

import (
	"fmt"
	"strings"
	"time"

	"heliograph/firmware/event"
)

// Digest is many changes in one text.
type Digest struct {
	Changes        int // zero: none came any more
	Since          event.Stamp
	Down, Open, Up []string  // how it is now: down, otherwise open, and up of what has changed
	Next           time.Time // box time of the next text; zero: the storm is over
}

// digestWords are how a language says the parts of a Digest.
type digestWords struct {
	none, now, open, up, next, in, usual string
}

// digest tells a storm: "14 changes since 04:10Z, now DOWN: transit-a,
// sms-gateway; up: transit-b. Next text 05:10Z." What is up goes first where
// the text is too long, then names.
func (t *language) digest(lang string, d Digest, now event.Stamp, room int) string {
	for _, most := range []int{8, 5, 3, 2, 1} {
		text := t.digested(lang, d, now, most, most > 1)
		if n, _ := Septets(Transliterate(text)); n <= room {
			return text
		}
	}
	return t.digested(lang, d, now, 0, false)
}

func (t *language) digested(lang string, d Digest, now event.Stamp, most int, up bool) string {
	w := t.storm
	head := w.none
	if d.Changes > 0 {
		head = t.changes(d.Changes)
	}
	var states []string
	say := func(word string, names []string) {
		if len(names) > 0 {
			states = append(states, word+": "+few(names, most))
		}
	}
	say(strings.ToUpper(t.conditions[event.IsDown]), d.Down)
	say(w.open, d.Open)
	if up {
		say(w.up, d.Up)
	}
	head += " " + since(lang, d.Since, now)
	if len(states) > 0 {
		head += ", " + w.now + " " + strings.Join(states, "; ")
	}
	return head + ". " + t.nextText(lang, d.Next, now)
}

func (t *language) nextText(lang string, next time.Time, now event.Stamp) string {
	switch {
	case next.IsZero():
		return t.storm.usual
	case !now.Trusted:
		return t.storm.next + " " + t.storm.in + " " + Length(lang, next.Sub(now.Box)) + "."
	}
	at := event.Stamp{Box: next, Wall: now.Wall.Add(next.Sub(now.Box)), Trusted: true}
	return t.storm.next + " " + Clock(lang, at, now) + "."
}

// few names the first of a list and counts the rest.
func few(names []string, most int) string {
	var list []string
	for _, n := range names[:min(most, len(names))] {
		list = append(list, clip(n, 24))
	}
	text := strings.Join(list, ", ")
	if rest := len(names) - len(list); rest > 0 {
		text = strings.TrimSpace(text + fmt.Sprintf(" +%d", rest))
	}
	return text
}
