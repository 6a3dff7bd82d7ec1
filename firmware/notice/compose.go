package notice

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"heliograph/firmware/event"
)

const (
	late      = 15 * time.Minute // from when on a letter says that it is late
	longest   = 20_000           // bytes of a mail with all it quotes
	lineLimit = 500              // bytes of one line of a timeline
)

// Said is something this address was told before.
type Said struct {
	Wall    time.Time
	Trusted bool
	Text    string // a Letter's JSON
}

// Compose finishes a letter as it goes out: what was said before, the oldest
// first in earlier, is quoted in a mail, newest first, and makes the timeline
// of its Case; a letter that was queued more than 15 minutes ago says so first.
// What is no letter comes back as it is.
func Compose(letter string, earlier []Said, queued, now event.Stamp) string {
	k, ok := opened(letter)
	if !ok {
		return letter
	}
	l := writing(k.Lang)
	if notice := l.belated(k.Lang, queued, now); notice != "" {
		gap := "\n\n"
		if k.To == Pocket {
			gap = " "
		}
		k.Text = notice + gap + k.Text
		if k.Case != nil {
			k.Case.Text = notice + gap + k.Case.Text
		}
	}
	earlier = ordered(earlier)
	if k.Case != nil {
		k.Case.Timeline = timeline(earlier)
	}
	if mail(k.To) {
		k.Text = l.quoting(k.Text, earlier)
	}
	return k.JSON()
}

func opened(letter string) (kept, bool) {
	var k kept
	if err := json.Unmarshal([]byte(letter), &k); err != nil || k.Text == "" {
		return kept{}, false
	}
	return k, true
}

// mail says whether a reader gets mail, where the thread is quoted.
func mail(to Reader) bool {
	return to == Staff || to == Partner || to == CarrierNOC || to == Subscriber
}

// belated is what a late letter says first; box time tells how late it is.
func (l *letters) belated(lang string, queued, now event.Stamp) string {
	age := now.Box.Sub(queued.Box)
	switch {
	case age <= late:
		return ""
	case !timed(queued, now):
		return fill(l.delayedLong, "length", Length(lang, age))
	case sameDay(queued.Wall, now.Wall):
		return fill(l.delayed, "when", queued.Wall.UTC().Format("15:04")+" UTC")
	}
	return fill(l.delayed, "when", l.dated("{date} {clock}", queued.Wall, nil, false))
}

// ordered is the oldest first: by the clock if all were told by one, else as
// they were handed over.
func ordered(earlier []Said) []Said {
	earlier = slices.Clone(earlier)
	if !slices.ContainsFunc(earlier, func(s Said) bool { return !s.Trusted }) {
		slices.SortStableFunc(earlier, func(a, b Said) int { return a.Wall.Compare(b.Wall) })
	}
	return earlier
}

// quoting puts what was said before below, newest first, until it is too much.
func (l *letters) quoting(text string, earlier []Said) string {
	for i, s := range slices.Backward(earlier) {
		k, ok := opened(s.Text)
		if !ok {
			continue
		}
		head := l.earlier
		if s.Trusted {
			head = l.dated(l.wrote, s.Wall, nil, false)
		}
		quote := "\n\n" + head + "\n" + quoted(own(k.Text))
		room := longest - len(text) - len(quote)
		if i > 0 {
			room -= len("\n\n" + l.omitted)
		}
		if room < 0 {
			return text + "\n\n" + l.omitted
		}
		text += quote
	}
	return text
}

// own is a letter without what it quotes itself.
func own(text string) string {
	list := strings.Split(text, "\n")
	at := slices.IndexFunc(list, func(s string) bool { return strings.HasPrefix(s, "> ") })
	if at < 0 {
		return text
	}
	return strings.TrimRight(strings.Join(list[:max(at-1, 0)], "\n"), "\n") // the line before says who wrote
}

func quoted(text string) string {
	list := strings.Split(text, "\n")
	for i, s := range list {
		list[i] = strings.TrimRight("> "+s, " ")
	}
	return strings.Join(list, "\n")
}

// timeline is a line for each that was said, the oldest first. The oldest go
// when it is too much.
func timeline(earlier []Said) []Past {
	var lines []Past
	size := 0
	for _, s := range slices.Backward(earlier) {
		k, ok := opened(s.Text)
		if !ok {
			continue
		}
		text := shorten(line(own(k.Text)), lineLimit)
		if size += len(text); size > longest {
			break
		}
		past := Past{Text: text}
		if s.Trusted {
			past.At = utc(s.Wall)
		}
		lines = append(lines, past)
	}
	slices.Reverse(lines)
	return lines
}

// shorten cuts at a word, and says so.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	s = strings.ToValidUTF8(s[:limit-len("…")], "")
	if at := strings.LastIndexByte(s, ' '); at > limit/2 {
		s = s[:at]
	}
	return s + "…"
}

// AgainLetter marks a letter that may have arrived before, as Again marks a
// text. Pages and rooms are looked at before they are told twice, so theirs
// stay as they are.
func AgainLetter(letter string) string {
	k, ok := opened(letter)
	if !ok || !mail(k.To) && k.To != Pocket {
		return letter
	}
	k.Text = "(again) " + k.Text
	return k.JSON()
}
